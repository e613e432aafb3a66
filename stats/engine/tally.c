/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/tally.h"

#include <stdlib.h>
#include <string.h>

#define CODE_REST 65535u

const char *const cl_code_kind_names[CL_CODE_KINDS] = { "version", "mode", "qtype", "rcode", "poll", "port" };

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
	if (c->count >= CL_CODES_MAX && code != CODE_REST) {
		cl_codes_add(c, kind, CODE_REST, n);
		return;
	}
	struct cl_code *row = add_row(c, key);
	if (row != NULL)
		row->n = n;
	else
		c->lost = true;
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
	memset(t->version_mode, 0, sizeof t->version_mode);
}

void cl_tally_free(struct cl_tally *t)
{
	for (unsigned i = 0; i < CL_DELTAS; i++)
		cl_hist_free(&t->delta[i]);
	free(t->codes.row);
	t->codes = (struct cl_codes){ .row = NULL };
}
