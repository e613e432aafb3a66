/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_RECHASH_H
#define CL_CAPTURE_RECHASH_H

#include <stddef.h>
#include <stdint.h>

#include "capture/run.h"

/* 128 bits over records (time, lengths, octets), the same whatever holds them. Opaque. */
struct cl_rechash;

/* NULL when memory is short. */
struct cl_rechash *cl_rechash_new(void);
void cl_rechash_add(struct cl_rechash *h, const struct cl_run *run);

/* Over the records added so far; high half first. */
void cl_rechash_value(const struct cl_rechash *h, uint64_t value[2]);
void cl_rechash_free(struct cl_rechash *h);

#endif
