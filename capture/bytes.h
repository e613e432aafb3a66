/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_BYTES_H
#define CL_CAPTURE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/block.h"

/* The octets of a file, inflated if it is compressed; whether it is, its first octets say. Opaque. */
struct cl_bytes;

/**
 * Opens the file at `path`, or standard input for "-"; what is compressed is inflated into blocks of `pool`,
 * borrowed until the close. NULL if it cannot be read: one line of reason in
 * `err` (of `size` octets), errno set if the system refused. The caller closes.
 */
struct cl_bytes *cl_bytes_open(const char *path, struct cl_pool *pool, char *err, size_t size);

/* The same over `n` octets at `p`, borrowed until the close. */
struct cl_bytes *cl_bytes_memory(const uint8_t *p, size_t n, struct cl_pool *pool, char *err, size_t size);

/**
 * Gives 1 to `n` octets, fewer if the file or pipe has no more at hand: ask again. 0: the end, or damage,
 * if cl_bytes_error says so. One thread at a time; `buf` is written by this call alone.
 */
size_t cl_bytes_read(struct cl_bytes *b, uint8_t *buf, size_t n);

/**
 * Gives the next block of what is inflated as a whole, its octets from CL_BYTES_ROOM on; waits for it. NULL:
 * cl_bytes_read gives what there is.
 */
struct cl_block *cl_bytes_take(struct cl_bytes *b);

/* Octets before them, to put what is left of the block before. */
#define CL_BYTES_ROOM 4096u

/* NULL, or what ended the stream before its end; owned by `b`. */
const char *cl_bytes_error(const struct cl_bytes *b);

/* Octets taken from the file so far, before inflating. */
uint64_t cl_bytes_raw(const struct cl_bytes *b);

/* Closes and frees; NULL is accepted. */
void cl_bytes_close(struct cl_bytes *b);

#endif
