/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_UNPACK_H
#define CL_CAPTURE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CL_UNPACK_MAGIC 6u /* octets of the longest magic */

enum cl_unpack_status {
	CL_UNPACK_MORE, /* goes on with more input, or more room */
	CL_UNPACK_END,	/* a member (frame, stream) is complete; another may follow */
	CL_UNPACK_DAMAGED,
	CL_UNPACK_NO_MEMORY
};

/* Where a step reads and writes; it moves both on by what it used. */
struct cl_unpack_io {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
	bool last; /* nothing comes after `in` */
};

/* One way of compression, around the library that knows it. */
struct cl_unpack {
	const char *name;
	uint8_t magic_len, magic[CL_UNPACK_MAGIC];
	bool skippable;	     /* members may be skippable frames: RFC 8878, sec. 3.1.2 */
	void *(*open)(void); /* NULL if memory is short. No function: this build lacks the library */
	enum cl_unpack_status (*step)(void *state, struct cl_unpack_io *io);
	void (*reset)(void *state); /* for the next member */
	void (*close)(void *state);
};

extern const struct cl_unpack cl_unpack_gzip, cl_unpack_zstd, cl_unpack_xz, cl_unpack_lz4;

/* What begins with these octets; NULL: nothing that is known to be compressed. */
const struct cl_unpack *cl_unpack_find(const uint8_t *head, size_t n);

/* Whether a further member may begin with this octet. */
bool cl_unpack_follows(const struct cl_unpack *u, uint8_t first);

#endif
