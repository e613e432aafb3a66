/* SPDX-License-Identifier: BSD-2-Clause */
/* Every packet passes here: records that waited for their time become frames. */
#include "capture/run.h"

/* A run's octets have left the nearest cache since they were looked at; this far ahead they are asked for. */
#define AHEAD 768

static inline __attribute__((always_inline)) size_t cut(struct cl_run *run, struct cl_frame *out, size_t max,
							int64_t until_ns, uint64_t enough, const bool bounded)
{
	const struct cl_frame same = { .block = run->block, .file = run->file, .linktype = run->linktype };
	const uint8_t *p = run->at;
	uint64_t kept = 0;
	size_t n = 0;

	max = max < run->n ? max : run->n;
	for (; n < max; n++) {
		const int64_t time_ns = (int64_t)cl_get64(p, CL_BIG_ENDIAN);
		const uint32_t word = cl_get32(p + 8, CL_BIG_ENDIAN), cap = word & CL_RECORD_KEPT;
		struct cl_frame *f = &out[n];

		if (bounded && (time_ns > until_ns || kept + n * CL_FRAME_WEIGHT >= enough))
			break;
		__builtin_prefetch(p + AHEAD);
		f->time_ns = time_ns;
		f->number = run->number + n;
		f->data = p + CL_RECORD_HEAD;
		f->block = same.block;
		f->cap_len = cap;
		f->wire_len = cl_get32(p + 12, CL_BIG_ENDIAN);
		f->file = same.file;
		f->linktype = same.linktype;
		f->flags = 0;
		kept += cap;
		p += CL_RECORD_HEAD + cap + (word >> CL_RECORD_GAP_BIT);
	}
	run->at = p;
	run->number += n;
	run->n -= (uint32_t)n;
	run->kept -= kept;
	return n;
}

size_t cl_run_cut(struct cl_run *run, struct cl_frame *out, size_t max)
{
	return cut(run, out, max, 0, 0, false);
}

size_t cl_run_cut_until(struct cl_run *run, struct cl_frame *out, size_t max, int64_t until_ns,
			uint64_t enough)
{
	return cut(run, out, max, until_ns, enough, true);
}
