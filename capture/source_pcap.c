/* SPDX-License-Identifier: BSD-2-Clause */
/* The classic format: draft-ietf-opsawg-pcap. */
#include <inttypes.h>

#include "capture/linktype.h"
#include "capture/octets.h"
#include "capture/source_impl.h"

#define FILE_HEADER	24u
#define RECORD_HEADER	16u
#define MODIFIED_HEADER 24u /* and an interface index, a protocol and a packet type: Alexey Kuznetsov's */

#define NS_PER_S 1000000000

static const struct magic {
	uint32_t value;
	bool nano;
	size_t record_header;
} magics[] = {
	{ 0xa1b2c3d4u, false, RECORD_HEADER },
	{ 0xa1b23c4du, true, RECORD_HEADER },
	{ 0xa1b2cd34u, false, MODIFIED_HEADER },
};

/* A record that is not wholly there: false at the end of the file. */
static bool complete(struct cl_source *s, size_t need)
{
	if (cl_source_more(s, need))
		return true;
	if (cl_source_left(s) > 0)
		cl_source_fail(s, "cut short in the middle of record %" PRIu64, s->number + 1);
	return false;
}

/* Lengths that are not as they should be; false if the record is damage. */
static bool mend_lengths(struct cl_source *s, uint32_t *cap, uint32_t *wire)
{
	if (s->old_lengths && *cap > *wire) { /* before version 2.4 some wrote them the other way round */
		uint32_t t = *cap;

		*cap = *wire;
		*wire = t;
	}
	if (*cap > CL_RECORD_MAX) {
		cl_source_fail(s,
			       "record %" PRIu64 " at octet %" PRIu64 " claims %" PRIu32
			       " octets: the file is damaged here",
			       s->number + 1, cl_source_place(s), *cap);
		return false;
	}
	if (*wire < *cap)
		*wire = *cap;
	return true;
}

static inline bool as_they_should_be(uint32_t cap, uint32_t wire)
{
	return cap <= CL_RECORD_MAX && wire >= cap;
}

/* Brings the first record of a run as a whole; false at the end or damage. */
static bool bring(struct cl_source *s, const bool swap)
{
	uint32_t cap, wire;

	if (!complete(s, s->record_header))
		return false;
	cap = cl_get32(cl_source_at(s) + 8, swap);
	wire = cl_get32(cl_source_at(s) + 12, swap);
	if (!as_they_should_be(cap, wire) && !mend_lengths(s, &cap, &wire))
		return false;
	return complete(s, s->record_header + cap);
}

static void begin_run(const struct cl_source *s, struct cl_run *run, size_t gap)
{
	run->at = cl_source_at(s) + gap;
	run->number = s->number + 1;
	run->linktype = s->linktype;
	run->dense = gap == 0;
}

/* Takes the records up to `p` over, `n` in the run. */
static void count(struct cl_source *s, struct cl_run *run, const uint8_t *p, uint32_t n)
{
	const size_t pos = (size_t)(p - s->block->data);

	run->kept += pos - s->pos - (n - run->n) * s->record_header;
	s->number += n - run->n;
	s->pos = pos;
	run->n = n;
}

/* Every packet passes here, while its octets are still in the near cache. */
static inline __attribute__((always_inline)) void walk(struct cl_source *s, struct cl_run *run, size_t max,
						       const size_t header, const bool swap)
{
	const size_t gap = header - CL_RECORD_HEAD;
	const uint64_t unit = s->nano ? 1 : 1000;
	const uint8_t *const end = s->block->data + s->block->used;
	int64_t newest = run->last_ns;
	uint8_t *p = cl_source_at(s);
	uint64_t octets = 0;
	uint32_t n = 0;

	s->dry = true;
	while ((size_t)(end - p) >= header) {
		uint32_t cap = cl_get32(p + 8, swap), wire = cl_get32(p + 12, swap);
		const int64_t time_ns =
			(int64_t)(cl_get32(p, swap) * (uint64_t)NS_PER_S + cl_get32(p + 4, swap) * unit);

		if (__builtin_expect(!as_they_should_be(cap, wire), 0)) {
			count(s, run, p, n); /* for what is said of damage */
			if (!mend_lengths(s, &cap, &wire))
				break;
		}
		if ((size_t)(end - p) - header < cap)
			break;
		if (time_ns < newest) {
			s->dry = false;
			if (n > 0)
				break;
			max = 1;
		}
		newest = time_ns;
		cl_record_put(p + gap, time_ns, cap | (uint32_t)gap << CL_RECORD_GAP_BIT, wire);
		octets += wire;
		p += header + cap;
		if (++n == max) {
			s->dry = false;
			break;
		}
	}
	count(s, run, p, n);
	run->last_ns = newest;
	run->octets = octets;
}

/* As nearly all are: little-endian. */
static void scout_usual(struct cl_source *s, struct cl_run *run, size_t max)
{
	if (!bring(s, CL_BIG_ENDIAN))
		return;
	begin_run(s, run, 0);
	walk(s, run, max, RECORD_HEADER, CL_BIG_ENDIAN);
}

static void scout_any(struct cl_source *s, struct cl_run *run, size_t max)
{
	if (!bring(s, s->swap))
		return;
	begin_run(s, run, s->record_header - CL_RECORD_HEAD);
	walk(s, run, max, s->record_header, s->swap);
}

static const struct magic *find_magic(const uint8_t *p, bool swap)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (cl_get32(p, swap) == magics[i].value)
			return &magics[i];
	return NULL;
}

bool cl_pcap_begin(struct cl_source *s)
{
	const struct magic *m = NULL;
	bool swap = false;
	const uint8_t *p;

	if (cl_source_left(s) < 4)
		return false;
	m = find_magic(cl_source_at(s), false);
	if (m == NULL) {
		swap = true;
		m = find_magic(cl_source_at(s), true);
	}
	if (m == NULL)
		return false;
	s->swap = swap;
	s->scout = swap == CL_BIG_ENDIAN && m->record_header == RECORD_HEADER ? scout_usual : scout_any;
	if (!cl_source_more(s, FILE_HEADER)) {
		cl_source_fail(s, "cut short in the middle of its header");
		return true;
	}
	p = cl_source_at(s);
	s->record_header = m->record_header;
	s->nano = m->nano;
	s->old_lengths = cl_get16(p + 4, swap) != 2 || cl_get16(p + 6, swap) < 4;
	s->linktype = cl_linktype_of_file(cl_get32(p + 20, swap));
	s->pos += FILE_HEADER;
	return true;
}
