/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_FILTER_H
#define CL_CAPTURE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "capture/frame.h"

/* A libpcap filter expression, compiled for each link type that occurs. Opaque. */
struct cl_filter;

/**
 * Takes a copy of `expr` and compiles it once for Ethernet to find mistakes. NULL on a wrong expression: the
 * reason is in `err` (of `size` octets, one line). Free with cl_filter_free.
 */
struct cl_filter *cl_filter_new(const char *expr, char *err, size_t size);

/* Whether the frame passes. A link type for which libpcap cannot compile the expression passes nothing. */
bool cl_filter_match(struct cl_filter *f, const struct cl_frame *frame);

/* The next link type that occurred and for which libpcap could not compile the expression, `*at` from 0 on.
 */
bool cl_filter_refused(const struct cl_filter *f, size_t *at, uint16_t *linktype);

void cl_filter_free(struct cl_filter *f);

#endif
