/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_VENDORS_H
#define CL_CLI_VENDORS_H

#include <stdint.h>

/* Blocks of MAC addresses that a file may name at most. */
#define CL_VENDORS_MAX 1000000

/* Who was assigned which MAC addresses. Opaque. */
struct cl_vendors;

/**
 * Reads a list of IEEE (oui.txt, oui.csv, mam.csv, oui36.csv) or of Wireshark (manuf): blocks of 24, 28 and
 * 36 bits. Lines that name no block are passed over; of a block that stands twice the first is taken. NULL
 * after one line on standard error, also where no line names a block. Free with cl_vendors_free.
 */
struct cl_vendors *cl_vendors_load(const char *path);

/* Who has the longest block that holds the address of 48 bits, owned by `v` (which may be NULL), or NULL. */
const char *cl_vendors_find(const struct cl_vendors *v, uint64_t mac);

/* NULL is accepted. */
void cl_vendors_free(struct cl_vendors *v);

#endif
