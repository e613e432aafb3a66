/* SPDX-License-Identifier: BSD-2-Clause */
/* When a capture ran, and what it lost then. */
#include "cli/live/timeline.h"

#include <stdlib.h>
#include <string.h>

void cl_timeline_begin(struct cl_timeline *t, int64_t step_ns)
{
	*t = (struct cl_timeline){ .step_ns = step_ns, .end_ns = INT64_MIN };
}

void cl_timeline_free(struct cl_timeline *t)
{
	free(t->row);
	t->row = NULL;
	t->rows = t->room = 0;
}

/* The end of the step in which a time lies. */
static int64_t step_end(const struct cl_timeline *t, int64_t ns)
{
	int64_t past = ns % t->step_ns;

	return ns - past + (past < 0 ? 0 : t->step_ns);
}

/* The open row of an interface; NULL: memory is short. */
static struct cl_interval_row *row_of(struct cl_timeline *t, const struct cl_origin_count *c)
{
	for (size_t i = t->rows; i-- > 0;)
		if (t->row[i].row.end_ns == t->end_ns && strcmp(t->row[i].row.interface, c->interface) == 0)
			return &t->row[i].row;
	if (t->rows == t->room) {
		size_t room = t->room == 0 ? 64 : t->room * 2;
		struct cl_timeline_row *more = realloc(t->row, room * sizeof *more);

		if (more == NULL)
			return NULL;
		t->row = more;
		t->room = room;
	}
	t->row[t->rows] = (struct cl_timeline_row){ .row = { .run_ns = t->from_ns, .end_ns = t->end_ns } };
	t->row[t->rows].row.interface = c->interface;
	return &t->row[t->rows++].row;
}

static bool add(struct cl_timeline *t, const struct cl_origin_count *now, struct cl_origin_count *before)
{
	struct cl_interval_row *r = row_of(t, now);

	if (r == NULL)
		return false;
	r->clock = now->clock;
	r->received += now->received - before->received;
	r->dropped_kernel += now->dropped_kernel - before->dropped_kernel;
	r->dropped_interface += now->dropped_interface - before->dropped_interface;
	r->away_ns += now->away_ns - before->away_ns;
	*before = *now;
	return true;
}

bool cl_timeline_read(struct cl_timeline *t, struct cl_origin *o, int64_t now_ns)
{
	bool ok = true;
	size_t n;

	cl_origin_files(o, &n);
	if (!t->begun) {
		t->begun = true;
		t->from_ns = t->to_ns = now_ns;
		t->end_ns = step_end(t, now_ns);
	}
	for (size_t i = 0; i < n; i++) {
		struct cl_origin_count c;

		cl_origin_count(o, i, &c);
		ok &= add(t, &c, &t->before[i]);
	}
	if (now_ns > t->to_ns)
		t->to_ns = now_ns;
	if (cl_timeline_due(t, now_ns))
		t->end_ns = step_end(t, now_ns);
	return ok;
}

void cl_timeline_write(const struct cl_timeline *t, struct cl_store *s)
{
	if (!t->begun)
		return;
	cl_store_stretch(s, t->from_ns, t->to_ns);
	for (size_t i = 0; i < t->rows; i++)
		cl_store_interval(s, &t->row[i].row);
}

void cl_timeline_kept(struct cl_timeline *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->rows; i++) {
		t->row[i].kept = t->row[i].row;
		if (t->row[i].row.end_ns >= t->end_ns)
			t->row[kept++] = t->row[i];
	}
	t->rows = kept;
}

void cl_timeline_other(struct cl_timeline *t)
{
	for (size_t i = 0; i < t->rows; i++) {
		struct cl_interval_row *row = &t->row[i].row, *kept = &t->row[i].kept;

		row->received -= kept->received;
		row->dropped_kernel -= kept->dropped_kernel;
		row->dropped_interface -= kept->dropped_interface;
		row->away_ns -= kept->away_ns;
		*kept = (struct cl_interval_row){ .end_ns = 0 };
	}
}
