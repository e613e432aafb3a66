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

static inline size_t cut(struct cl_source *s, struct cl_frame *out, size_t max, const bool swap)
{
	const size_t header = s->record_header;
	const uint32_t unit = s->nano ? 1 : 1000;
	size_t n = 0;

	while (n < max) {
		struct cl_frame *f = &out[n];
		const uint8_t *p;
		uint32_t cap, wire;

		if (cl_source_left(s) < header && (n > 0 || !complete(s, header)))
			break;
		p = cl_source_at(s);
		cap = cl_get32(p + 8, swap);
		wire = cl_get32(p + 12, swap);
		if ((cap > CL_RECORD_MAX || wire < cap) && !mend_lengths(s, &cap, &wire))
			break;
		if (cl_source_left(s) - header < cap) {
			if (n > 0 || !complete(s, header + cap))
				break;
			p = cl_source_at(s);
		}
		f->time_ns = (int64_t)cl_get32(p, swap) * NS_PER_S + (int64_t)cl_get32(p + 4, swap) * unit;
		f->number = ++s->number;
		f->data = p + header;
		f->block = s->block;
		f->cap_len = cap;
		f->wire_len = wire;
		f->file = s->file;
		f->linktype = s->linktype;
		f->flags = 0;
		s->pos += header + cap;
		n++;
	}
	return n;
}

static size_t cut_ours(struct cl_source *s, struct cl_frame *out, size_t max)
{
	return cut(s, out, max, false);
}

static size_t cut_swapped(struct cl_source *s, struct cl_frame *out, size_t max)
{
	return cut(s, out, max, true);
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
	s->cut = swap ? cut_swapped : cut_ours;
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
