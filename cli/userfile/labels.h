/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LABELS_H
#define CL_CLI_LABELS_H

#include "dissect/addr.h"

/* Prefixes that a file may label at most. */
#define CL_LABELS_MAX 1000000

/* Labels of address blocks from a file. Opaque. */
struct cl_labels;

/**
 * Reads lines `PREFIX LABEL`: an address or ADDRESS/LENGTH, and a label that may hold spaces; # at the start
 * of a word begins a comment. A prefix that stands twice is an error. NULL after one line on standard error,
 * with file and line. Free with cl_labels_free.
 */
struct cl_labels *cl_labels_load(const char *path);

/* The label of the longest prefix that holds the address, owned by `labels` (which may be NULL), or NULL. */
const char *cl_labels_find(const struct cl_labels *labels, const struct cl_addr *a);

/* NULL is accepted. */
void cl_labels_free(struct cl_labels *labels);

#endif
