/* SPDX-License-Identifier: BSD-2-Clause */
/* Zstandard (RFC 8878). */
#include "capture/unpack.h"

#ifdef HAVE_ZSTD
#include <zstd.h>

static void *zstd_open(void)
{
	return ZSTD_createDCtx();
}

static void zstd_reset(void *state)
{
	ZSTD_DCtx_reset(state, ZSTD_reset_session_only);
}

static enum cl_unpack_status zstd_step(void *state, struct cl_unpack_io *io)
{
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t rc = ZSTD_decompressStream(state, &out, &in);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	if (ZSTD_isError(rc))
		return CL_UNPACK_DAMAGED;
	return rc == 0 ? CL_UNPACK_END : CL_UNPACK_MORE;
}

static void zstd_close(void *state)
{
	ZSTD_freeDCtx(state);
}

#define FUNCTIONS .open = zstd_open, .step = zstd_step, .reset = zstd_reset, .close = zstd_close
#else
#define FUNCTIONS .open = NULL
#endif

const struct cl_unpack cl_unpack_zstd = { .name = "zstd",
					  .magic_len = 4,
					  .magic = { 0x28, 0xb5, 0x2f, 0xfd }, /* sec. 3.1.1 */
					  .skippable = true,
					  FUNCTIONS };
