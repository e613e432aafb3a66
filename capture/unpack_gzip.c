/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip (RFC 1952), through ISA-L where configure found it, else through zlib. */
#include "capture/unpack.h"

#include <stdlib.h>

#define STEP_MOST (1u << 30)

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>

static void gzip_reset(void *state)
{
	struct inflate_state *z = state;

	isal_inflate_reset(z);
	z->crc_flag = ISAL_GZIP;
}

static void *gzip_open(void)
{
	/* zeroed: damaged data can make the library look into tables that it has not filled */
	struct inflate_state *z = calloc(1, sizeof(*z));

	if (z != NULL) {
		isal_inflate_init(z);
		gzip_reset(z);
	}
	return z;
}

static enum cl_unpack_status gzip_step(void *state, struct cl_unpack_io *io)
{
	struct inflate_state *z = state;
	uint32_t in = (uint32_t)least(io->in_len, STEP_MOST), out = (uint32_t)least(io->out_len, STEP_MOST);
	int rc;

	z->next_in = (uint8_t *)(uintptr_t)io->in; /* the library only reads it */
	z->avail_in = in;
	z->next_out = io->out;
	z->avail_out = out;
	rc = isal_inflate(z);
	io->in += in - z->avail_in;
	io->in_len -= in - z->avail_in;
	io->out += out - z->avail_out;
	io->out_len -= out - z->avail_out;
	if (rc < ISAL_DECOMP_OK)
		return CL_UNPACK_DAMAGED;
	return z->block_state == ISAL_BLOCK_FINISH ? CL_UNPACK_END : CL_UNPACK_MORE;
}

static void gzip_close(void *state)
{
	free(state);
}

#else
#include <zlib.h>

static void *gzip_open(void)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z != NULL && inflateInit2(z, 15 + 16) == Z_OK)
		return z;
	free(z);
	return NULL;
}

static void gzip_reset(void *state)
{
	inflateReset(state);
}

static enum cl_unpack_status gzip_step(void *state, struct cl_unpack_io *io)
{
	z_stream *z = state;
	uInt in = (uInt)least(io->in_len, STEP_MOST), out = (uInt)least(io->out_len, STEP_MOST);
	int rc;

	z->next_in = (Bytef *)(uintptr_t)io->in; /* the library only reads it */
	z->avail_in = in;
	z->next_out = io->out;
	z->avail_out = out;
	rc = inflate(z, Z_NO_FLUSH);
	io->in += in - z->avail_in;
	io->in_len -= in - z->avail_in;
	io->out += out - z->avail_out;
	io->out_len -= out - z->avail_out;
	if (rc == Z_STREAM_END)
		return CL_UNPACK_END;
	if (rc == Z_MEM_ERROR)
		return CL_UNPACK_NO_MEMORY;
	return rc == Z_OK || rc == Z_BUF_ERROR ? CL_UNPACK_MORE : CL_UNPACK_DAMAGED;
}

static void gzip_close(void *state)
{
	inflateEnd(state);
	free(state);
}
#endif

const struct cl_unpack cl_unpack_gzip = { "gzip",    2,		{ 0x1f, 0x8b }, false,
					  gzip_open, gzip_step, gzip_reset,	gzip_close };
