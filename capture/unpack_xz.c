/* SPDX-License-Identifier: BSD-2-Clause */
/* The .xz file format, version 1.2.1 (tukaani.org). */
#include "capture/unpack.h"

#ifdef HAVE_LZMA
#include <lzma.h>
#include <stdlib.h>

#define MEMORY_MOST (512ull << 20) /* xz -9 needs 65 MiB */

/* Streams that follow each other, and the padding between them, are the library's. */
static bool begin(lzma_stream *z)
{
	return lzma_stream_decoder(z, MEMORY_MOST, LZMA_CONCATENATED) == LZMA_OK;
}

static void *xz_open(void)
{
	lzma_stream *z = malloc(sizeof(*z));

	if (z == NULL)
		return NULL;
	*z = (lzma_stream)LZMA_STREAM_INIT;
	if (begin(z))
		return z;
	free(z);
	return NULL;
}

static void xz_reset(void *state)
{
	(void)begin(state);
}

static enum cl_unpack_status xz_step(void *state, struct cl_unpack_io *io)
{
	lzma_stream *z = state;
	lzma_ret rc;

	z->next_in = io->in;
	z->avail_in = io->in_len;
	z->next_out = io->out;
	z->avail_out = io->out_len;
	rc = lzma_code(z, io->last ? LZMA_FINISH : LZMA_RUN);
	io->in = z->next_in;
	io->in_len = z->avail_in;
	io->out = z->next_out;
	io->out_len = z->avail_out;
	switch (rc) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return CL_UNPACK_MORE;
	case LZMA_STREAM_END:
		return CL_UNPACK_END;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return CL_UNPACK_NO_MEMORY;
	default:
		return CL_UNPACK_DAMAGED;
	}
}

static void xz_close(void *state)
{
	lzma_end(state);
	free(state);
}

#define FUNCTIONS .open = xz_open, .step = xz_step, .reset = xz_reset, .close = xz_close
#else
#define FUNCTIONS .open = NULL
#endif

const struct cl_unpack cl_unpack_xz = { .name = "xz",
					.magic_len = 6,
					.magic = { 0xfd, '7', 'z', 'X', 'Z', 0x00 }, /* 2.1.1.1 */
					FUNCTIONS };
