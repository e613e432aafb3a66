/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/rechash.h"

#include <string.h>
#include <xxhash.h>

#define PIECE 4096u /* octets that small records are gathered to: the library likes large pieces */
#define CUT   64u

/* An XXH3 state needs more than malloc's alignment, so the library makes it. */
struct cl_rechash;

static XXH3_state_t *state(struct cl_rechash *h)
{
	return (XXH3_state_t *)(void *)h;
}

struct cl_rechash *cl_rechash_new(void)
{
	XXH3_state_t *s = XXH3_createState();

	if (s != NULL)
		XXH3_128bits_reset(s);
	return (struct cl_rechash *)(void *)s;
}

struct piece {
	size_t n;
	uint8_t octets[PIECE];
};

static void flush(struct cl_rechash *h, struct piece *piece)
{
	XXH3_128bits_update(state(h), piece->octets, piece->n);
	piece->n = 0;
}

static void add_frame(struct cl_rechash *h, struct piece *piece, const struct cl_frame *f)
{
	if (PIECE - piece->n < CL_RECORD_HEAD)
		flush(h, piece);
	cl_record_put(piece->octets + piece->n, f->time_ns, f->cap_len, f->wire_len);
	piece->n += CL_RECORD_HEAD;
	if (PIECE - piece->n < f->cap_len) {
		flush(h, piece);
		XXH3_128bits_update(state(h), f->data, f->cap_len);
	} else {
		memcpy(piece->octets + piece->n, f->data, f->cap_len);
		piece->n += f->cap_len;
	}
}

static void add_sparse(struct cl_rechash *h, struct cl_run run)
{
	struct cl_frame frames[CUT];
	struct piece piece;
	size_t n;

	piece.n = 0;
	while ((n = cl_run_cut(&run, frames, CUT)) > 0)
		for (size_t i = 0; i < n; i++)
			add_frame(h, &piece, &frames[i]);
	flush(h, &piece);
}

void cl_rechash_add(struct cl_rechash *h, const struct cl_run *run)
{
	if (run->dense)
		XXH3_128bits_update(state(h), run->at, CL_RECORD_HEAD * (size_t)run->n + run->kept);
	else
		add_sparse(h, *run);
}

void cl_rechash_value(const struct cl_rechash *h, uint64_t value[2])
{
	XXH128_hash_t v = XXH3_128bits_digest((const XXH3_state_t *)(const void *)h);

	value[0] = v.high64;
	value[1] = v.low64;
}

void cl_rechash_free(struct cl_rechash *h)
{
	if (h != NULL)
		XXH3_freeState(state(h));
}
