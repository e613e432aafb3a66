/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_SOURCE_IMPL_H
#define CL_CAPTURE_SOURCE_IMPL_H

/* For source.c and the formats, source_*.c, alone. */

#include "capture/bytes.h"
#include "capture/run.h"
#include "capture/source.h"

struct cl_pcapng;

struct cl_source {
	/* The format: makes a run (cl_source_scout) of the records at `pos`, all in the same block. Its file
	 * is set, and last_ns to the newest. */
	void (*scout)(struct cl_source *s, struct cl_run *run, size_t max);
	struct cl_bytes *bytes;
	struct cl_pool *pool;
	struct cl_block *block;
	size_t pos;	 /* in block->data, <= block->used */
	uint64_t base;	 /* place of block->data[0] in the inflated file, modulo 2^64 */
	uint64_t number; /* of the last record */
	uint32_t file;
	bool ended, dry;
	char error[CL_ERROR_SIZE];		    /* "" if none */
	uint64_t dropped_kernel, dropped_interface; /* of the sections before */
	cl_secrets_fn secrets;			    /* NULL: nobody asks for them */
	void *secrets_ctx;

	/* pcap */
	size_t record_header; /* octets */
	uint16_t linktype;
	bool nano, old_lengths, swap;

	struct cl_pcapng *ng; /* pcapng */
	struct cl_tap *tap;   /* an interface: no `bytes`, and the blocks are the tap's */
};

static inline size_t cl_source_left(const struct cl_source *s)
{
	return s->block->used - s->pos;
}

static inline uint8_t *cl_source_at(const struct cl_source *s)
{
	return s->block->data + s->pos;
}

/* Place of the next octet in the inflated file. */
static inline uint64_t cl_source_place(const struct cl_source *s)
{
	return s->base + s->pos;
}

/* Brings at least `need` octets to cl_source_at; false if the file ends before, failed if the reader says
 * why. */
bool cl_source_more(struct cl_source *s, size_t need);

/* Passes over `n` octets; false if the file ends before. */
bool cl_source_skip(struct cl_source *s, uint64_t n);

/* Ends the source with a reason; the first one given stays. */
void cl_source_fail(struct cl_source *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The formats look at the first octets and take the source over, or say no. */
bool cl_pcap_begin(struct cl_source *s);
bool cl_pcapng_begin(struct cl_source *s);
void cl_pcapng_drops(const struct cl_pcapng *ng, uint64_t *kernel, uint64_t *interface);
void cl_pcapng_free(struct cl_pcapng *ng);

#endif
