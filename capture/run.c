/* SPDX-License-Identifier: BSD-2-Clause */
/* Every packet passes here: records that waited for their time become frames. */
#include "capture/run.h"

static inline __attribute__((always_inline)) size_t cut(struct cl_run *run, struct cl_frame *out, size_t max,
							int64_t until_ns, uint64_t enough, const bool bounded)
{
	struct cl_block *const block = run->block;
	const uint32_t file = run->file;
	const uint16_t linktype = run->linktype;
	const struct cl_frame *const end = out + (max < run->n ? max : run->n);
	const uint8_t *p = run->at;
	struct cl_frame *f = out;
	uint64_t number = run->number, kept = 0;

	for (; f < end; f++) {
		const int64_t time_ns = (int64_t)cl_get64(p, CL_BIG_ENDIAN);
		const uint32_t word = cl_get32(p + 8, CL_BIG_ENDIAN), cap = word & CL_RECORD_KEPT;

		if (bounded && (time_ns > until_ns || kept >= enough))
			break;
		f->time_ns = time_ns;
		f->number = number++;
		f->data = p + CL_RECORD_HEAD;
		f->block = block;
		f->cap_len = cap;
		f->wire_len = cl_get32(p + 12, CL_BIG_ENDIAN);
		f->file = file;
		f->linktype = linktype;
		f->flags = 0;
		kept += cap + (bounded ? CL_FRAME_WEIGHT : 0);
		p += CL_RECORD_HEAD + cap + (word >> CL_RECORD_GAP_BIT);
	}
	run->at = p;
	run->number = number;
	run->n -= (uint32_t)(f - out);
	run->kept -= kept - (bounded ? (uint64_t)(f - out) * CL_FRAME_WEIGHT : 0);
	return (size_t)(f - out);
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
