/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_INFLATE_H
#define CL_CAPTURE_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "capture/block.h"
#include "capture/unpack.h"

/* Inflates on a thread of its own, some blocks ahead of its reader. Opaque. */
struct cl_inflate;

/**
 * Gives 1 to n compressed octets, or 0 at the end; called by the thread alone. Waits for them, until
 * `stop_fd` is readable, which is an end too; if that is -1, CL_INFLATE_LATER instead of waiting.
 */
typedef size_t (*cl_inflate_source)(void *ctx, uint8_t *buf, size_t n, int stop_fd);
#define CL_INFLATE_LATER SIZE_MAX

/* Octets that a block's reader has before what was inflated into it. */
#define CL_INFLATE_ROOM 4096u

/* NULL when memory, threads or descriptors are short. `ctx` and `pool` are borrowed until the close. */
struct cl_inflate *cl_inflate_open(const struct cl_unpack *how, struct cl_pool *pool,
				   cl_inflate_source source, void *ctx);

/* Gives 1 to n octets as soon as some are there; 0: the end, or damage, if cl_inflate_error says so. */
size_t cl_inflate_read(struct cl_inflate *x, uint8_t *buf, size_t n);

/**
 * Gives the block that is next, filling (block.h), its octets from CL_INFLATE_ROOM on: nothing is copied.
 * NULL: it is not full, or read in part, or there is none any more: cl_inflate_read gives what there is.
 */
struct cl_block *cl_inflate_take(struct cl_inflate *x);

/* NULL, or what was wrong; after cl_inflate_read gave 0. */
const char *cl_inflate_error(const struct cl_inflate *x);

/* Compressed octets that what was read so far came from. */
uint64_t cl_inflate_raw(const struct cl_inflate *x);

/* Ends the thread, also one that waits for input. NULL is accepted. */
void cl_inflate_close(struct cl_inflate *x);

#endif
