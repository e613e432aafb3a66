/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/tally.h"

#include <stdlib.h>
#include <string.h>

const char *const cl_code_kind_names[CL_CODE_KINDS] = {
	"version",	  "mode",   "qtype",	"rcode", "poll",    "port", "opcode",	     "query_flags",
	"response_flags", "broken", "udp_size", "ecs",	 "stratum", "auth", "response_auth",
};

/* How many codes of a kind there may be; with the answers, what a service is charged for (services.c). */
static const uint16_t limits[CL_CODE_KINDS] = {
	[CL_CODE_VERSION] = 8,	[CL_CODE_MODE] = 8,	    [CL_CODE_QTYPE] = 192,
	[CL_CODE_RCODE] = 64,	[CL_CODE_POLL] = 24,	    [CL_CODE_PORT] = 4,
	[CL_CODE_OPCODE] = 16,	[CL_CODE_QUERY_FLAGS] = 32, [CL_CODE_RESPONSE_FLAGS] = 32,
	[CL_CODE_BROKEN] = 2,	[CL_CODE_UDP_SIZE] = 64,    [CL_CODE_ECS] = 64,
	[CL_CODE_STRATUM] = 64, [CL_CODE_AUTH] = 8,	    [CL_CODE_AUTH_RESPONSE] = 8,
};

static struct cl_code *add_row(struct cl_codes *c, uint32_t key)
{
	if (c->count == c->room) {
		uint32_t room = c->room == 0 ? 8 : c->room * 2;
		struct cl_code *row = realloc(c->row, room * sizeof *row);
		if (row == NULL)
			return NULL;
		c->row = row;
		c->room = room;
	}
	c->row[c->count] = (struct cl_code){ .key = key };
	return &c->row[c->count++];
}

void cl_codes_add(struct cl_codes *c, enum cl_code_kind kind, uint32_t code, uint64_t n)
{
	uint32_t key = (uint32_t)kind << 16 | code;

	for (uint32_t i = 0; i < c->count; i++)
		if (c->row[i].key == key) {
			c->row[i].n += n;
			return;
		}
	if (c->of[kind] >= limits[kind] && code != CL_CODE_REST) {
		cl_codes_add(c, kind, CL_CODE_REST, n);
		return;
	}
	struct cl_code *row = add_row(c, key);
	if (row != NULL) {
		row->n = n;
		c->of[kind]++;
	} else {
		c->lost = true;
	}
}

bool cl_answers_add(struct cl_answers *a, uint32_t qtype, uint32_t rcode, uint64_t n)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->row[i].qtype == qtype && a->row[i].rcode == rcode) {
			a->row[i].n += n;
			return true;
		}
	if (a->count >= CL_ANSWERS_MAX && qtype != CL_ANSWER_REST)
		return cl_answers_add(a, CL_ANSWER_REST, rcode, n);
	if (a->count >= 2 * CL_ANSWERS_MAX && rcode != CL_ANSWER_REST)
		return cl_answers_add(a, CL_ANSWER_REST, CL_ANSWER_REST, n);
	if (a->count == a->room) {
		uint32_t room = a->room == 0 ? 8 : a->room * 2;
		struct cl_answer *row = realloc(a->row, room * sizeof *row);

		if (row == NULL)
			return false;
		a->row = row;
		a->room = room;
	}
	a->row[a->count++] = (struct cl_answer){ qtype, rcode, n };
	return true;
}

/* Adds each part of what so many messages showed. */
static void fold_query(struct cl_tally *t, uint64_t key, uint64_t n)
{
	struct cl_codes *c = &t->codes;
	uint32_t family = CL_TRAIT(key, ECS_FAMILY), source = CL_TRAIT(key, ECS_SOURCE);

	if (CL_TRAIT(key, QUESTION) != 0)
		cl_codes_add(c, CL_CODE_QTYPE, CL_TRAIT(key, QTYPE), n);
	cl_codes_add(c, CL_CODE_OPCODE, CL_TRAIT(key, OPCODE), n);
	cl_codes_add(c, CL_CODE_QUERY_FLAGS, CL_TRAIT(key, FLAGS) << 4, n);
	if (CL_TRAIT(key, EDNS) != 0)
		cl_codes_add(c, CL_CODE_UDP_SIZE, CL_TRAIT(key, UDP_SIZE), n);
	if (family != 0)
		cl_codes_add(c, CL_CODE_ECS,
			     family == 1   ? source
			     : family == 2 ? CL_ECS_V6 + source
					   : CL_ECS_OTHER,
			     n);
	if (CL_TRAIT(key, BROKEN) != 0)
		cl_codes_add(c, CL_CODE_BROKEN, 0, n);
}

static void fold_response(struct cl_tally *t, uint64_t key, uint64_t n)
{
	uint32_t qtype = CL_TRAIT(key, QUESTION) != 0 ? CL_TRAIT(key, QTYPE) : CL_ANSWER_NONE;

	if (CL_TRAIT(key, FURTHER) == 0) {
		cl_codes_add(&t->codes, CL_CODE_RCODE, CL_TRAIT(key, RCODE), n);
		cl_codes_add(&t->codes, CL_CODE_RESPONSE_FLAGS, CL_TRAIT(key, FLAGS) << 4, n);
	}
	if (CL_TRAIT(key, BROKEN) != 0)
		cl_codes_add(&t->codes, CL_CODE_BROKEN, 1, n);
	else
		t->lost |= !cl_answers_add(&t->answers, qtype, CL_TRAIT(key, RCODE), n);
}

static void fold_trait(struct cl_tally *t, uint64_t key, uint64_t n)
{
	struct cl_codes *c = &t->codes;
	enum cl_trait_kind kind = (enum cl_trait_kind)CL_TRAIT(key, KIND);
	uint32_t poll = CL_TRAIT(key, POLL);

	if (kind == CL_TRAIT_DNS_RESPONSE) {
		fold_response(t, key, n);
		return;
	}
	if (kind == CL_TRAIT_QTYPE_ALONE) {
		cl_codes_add(c, CL_CODE_QTYPE, CL_TRAIT(key, QTYPE), n);
		return;
	}
	if (kind == CL_TRAIT_RCODE_ALONE) {
		cl_codes_add(c, CL_CODE_RCODE, CL_TRAIT(key, RCODE), n);
		return;
	}
	if (kind == CL_TRAIT_NTP_RESPONSE) {
		cl_codes_add(c, CL_CODE_STRATUM, CL_TRAIT(key, STRATUM), n);
		cl_codes_add(c, CL_CODE_AUTH_RESPONSE, CL_TRAIT(key, AUTH), n);
		return;
	}
	if (CL_TRAIT(key, PORT) != 0)
		cl_codes_add(c, CL_CODE_PORT, CL_TRAIT(key, PORT), n);
	if (kind == CL_TRAIT_DNS_QUERY) {
		fold_query(t, key, n);
		return;
	}
	cl_codes_add(c, CL_CODE_POLL, poll <= CL_POLL_MOST ? poll : CL_POLL_OTHER, n);
	cl_codes_add(c, CL_CODE_AUTH, CL_TRAIT(key, AUTH), n);
}

void cl_tally_add_trait(struct cl_tally *t, uint64_t key)
{
	fold_trait(t, key, 1);
}

static void fold_traits(struct cl_tally *t, const struct cl_traits *traits)
{
	for (uint32_t i = 0; i < traits->used; i++) {
		const struct cl_trait *trait = &traits->slot[traits->order[i]];

		fold_trait(t, trait->key, trait->n);
	}
}

void cl_tally_fold_traits(struct cl_tally *t)
{
	fold_traits(t, &t->traits);
	cl_traits_clear(&t->traits);
}

void cl_tally_fold(struct cl_tally *t)
{
	for (uint32_t i = 0; i < 64; i++) {
		if (t->version_mode[i] == 0)
			continue;
		cl_codes_add(&t->codes, CL_CODE_VERSION, i >> 3, t->version_mode[i]);
		cl_codes_add(&t->codes, CL_CODE_MODE, i & 7, t->version_mode[i]);
		t->version_mode[i] = 0;
	}
	cl_tally_fold_traits(t);
}

void cl_tally_merge(struct cl_tally *to, const struct cl_tally *from)
{
	to->lost |= from->lost;
	to->codes.lost |= from->codes.lost;
	for (unsigned i = 0; i < CL_COUNTERS; i++)
		to->n[i] = (int64_t)((uint64_t)to->n[i] + (uint64_t)from->n[i]); /* a stored one may be any */
	for (unsigned i = 0; i < CL_DELTAS; i++)
		to->lost |= !cl_hist_merge(&to->delta[i], &from->delta[i]);
	for (unsigned i = 0; i < 64; i++)
		to->version_mode[i] += from->version_mode[i];
	for (uint32_t i = 0; i < from->codes.count; i++)
		cl_codes_add(&to->codes, (enum cl_code_kind)(from->codes.row[i].key >> 16),
			     from->codes.row[i].key & 0xffff, from->codes.row[i].n);
	for (uint32_t i = 0; i < from->answers.count; i++) {
		const struct cl_answer *a = &from->answers.row[i];

		to->lost |= !cl_answers_add(&to->answers, a->qtype, a->rcode, a->n);
	}
	for (unsigned i = 0; i < CL_SIZE_KINDS; i++)
		to->lost |= !cl_sizes_merge(&to->size[i], &from->size[i]);
	fold_traits(to, &from->traits);
}

bool cl_tally_empty(const struct cl_tally *t)
{
	for (unsigned i = 0; i < CL_COUNTERS; i++)
		if (t->n[i] != 0)
			return false;
	return true;
}

void cl_tally_clear(struct cl_tally *t)
{
	memset(t->n, 0, sizeof t->n);
	for (unsigned i = 0; i < CL_DELTAS; i++)
		cl_hist_clear(&t->delta[i]);
	t->codes.count = 0;
	memset(t->codes.of, 0, sizeof t->codes.of);
	t->answers.count = 0;
	cl_traits_clear(&t->traits);
	for (unsigned i = 0; i < CL_SIZE_KINDS; i++)
		cl_sizes_clear(&t->size[i]);
	memset(t->version_mode, 0, sizeof t->version_mode);
}

void cl_tally_free(struct cl_tally *t)
{
	for (unsigned i = 0; i < CL_DELTAS; i++)
		cl_hist_free(&t->delta[i]);
	for (unsigned i = 0; i < CL_SIZE_KINDS; i++)
		cl_sizes_free(&t->size[i]);
	cl_traits_free(&t->traits);
	free(t->answers.row);
	t->answers = (struct cl_answers){ .row = NULL };
	free(t->codes.row);
	t->codes = (struct cl_codes){ .row = NULL };
}
