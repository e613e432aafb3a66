/* SPDX-License-Identifier: BSD-2-Clause */
/* The LZ4 frame format, version 1.6. */
#include "capture/unpack.h"

#ifdef HAVE_LZ4
#include <lz4frame.h>

static void *lz4_open(void)
{
	LZ4F_dctx *z = NULL;

	return LZ4F_isError(LZ4F_createDecompressionContext(&z, LZ4F_VERSION)) ? NULL : z;
}

static void lz4_reset(void *state)
{
	LZ4F_resetDecompressionContext(state);
}

static enum cl_unpack_status lz4_step(void *state, struct cl_unpack_io *io)
{
	size_t in = io->in_len, out = io->out_len,
	       rc = LZ4F_decompress(state, io->out, &out, io->in, &in, NULL);

	io->in += in;
	io->in_len -= in;
	io->out += out;
	io->out_len -= out;
	if (LZ4F_isError(rc))
		return CL_UNPACK_DAMAGED;
	return rc == 0 ? CL_UNPACK_END : CL_UNPACK_MORE;
}

static void lz4_close(void *state)
{
	LZ4F_freeDecompressionContext(state);
}

#define FUNCTIONS .open = lz4_open, .step = lz4_step, .reset = lz4_reset, .close = lz4_close
#else
#define FUNCTIONS .open = NULL
#endif

const struct cl_unpack cl_unpack_lz4 = {
	.name = "lz4", .magic_len = 4, .magic = { 0x04, 0x22, 0x4d, 0x18 }, .skippable = true, FUNCTIONS
};
