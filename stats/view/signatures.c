/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of signatures: matching. They are read in signatures_read.c. */
#include "stats/view/signatures.h"

#include <stdlib.h>

#include "stats/view/signatures_fields.h"

const char *const cl_sig_kinds[CL_SIG_KINDS] = { "client", "tool", "scanner", "attack" };
const char *const cl_sig_confidences[CL_SIG_CONFIDENCES] = { "low", "medium", "high" };

/* The first octet but for the version means something else in mode 7. */
static void values_of(const struct cl_event *e, const struct cl_note *n, uint64_t v[CL_SIG_FIELDS])
{
	const struct cl_ntp *h = &e->u.ntp;

	v[CL_SIG_LI] = n->leap;
	v[CL_SIG_VN] = h->version;
	v[CL_SIG_MODE] = h->mode;
	v[CL_SIG_STRATUM] = h->stratum;
	v[CL_SIG_POLL] = h->poll;
	v[CL_SIG_PRECISION] = (uint8_t)n->precision;
	v[CL_SIG_ROOTDELAY] = n->root_delay;
	v[CL_SIG_ROOTDISP] = n->root_dispersion;
	v[CL_SIG_REFID] = n->refid;
	v[CL_SIG_REF] = n->ref;
	v[CL_SIG_ORG] = h->org;
	v[CL_SIG_REC] = h->rec;
	v[CL_SIG_XMT] = h->xmt;
	v[CL_SIG_KEYID] = n->key_id;
	v[CL_SIG_MAC] = n->mac_length;
	v[CL_SIG_AUTH] = n->auth;
	v[CL_SIG_OPCODE] = h->mode == 6 ? n->opcode & 0x1fu : n->opcode;
	v[CL_SIG_IMPLEMENTATION] = n->implementation;
	v[CL_SIG_ASSOCIATION] = n->association;
	v[CL_SIG_PORT] = e->sport;
	v[CL_SIG_TOS] = n->ip_tos;
	v[CL_SIG_LENGTH] = n->length;
	v[CL_SIG_FAMILY] = cl_addr_is_v4(&e->src) ? 4 : 6;
}

static bool fits(const struct cl_signature *row, const uint64_t v[CL_SIG_FIELDS])
{
	bool met = false;

	for (const struct cl_sig_term *t = row->term; t < row->term + row->terms; t++) {
		uint64_t value = v[t->field] & t->mask;

		met = met || (value >= t->low && value <= t->high) != t->negated;
		if (t->more)
			continue;
		if (!met)
			return false;
		met = false;
	}
	return true;
}

struct cl_sig_bits cl_signatures_match(const struct cl_signatures *s, const struct cl_event *e,
				       const struct cl_note *n)
{
	const bool apart = e->role == CL_ROLE_APART;
	struct cl_sig_bits bits = { { 0 } };
	uint64_t v[CL_SIG_FIELDS];

	values_of(e, n, v);
	for (size_t i = 0; i < s->rows; i++)
		if (s->row[i].apart == apart && fits(&s->row[i], v))
			cl_sig_set(&bits, i);
	return bits;
}

unsigned cl_gap_bucket(int64_t gap_ns)
{
	unsigned bucket = 0;

	/* 2^-0.5 s, then its doubles */
	for (int64_t from = 707106781; bucket < CL_GAP_BUCKETS - 1 && gap_ns >= from; from *= 2)
		bucket++;
	return bucket;
}

void cl_signatures_free(struct cl_signatures *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->rows; i++)
		free(s->row[i].text);
	free(s->row);
	free(s);
}
