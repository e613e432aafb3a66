/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the days asked for were captured, and how much of each. */
#include <stdlib.h>

#include "cli/report/report.h"

#define NS_PER_S   INT64_C(1000000000)
#define NS_PER_DAY (86400 * NS_PER_S)

/* A day is whole if less than a hundredth of it is missing. */
#define MISSING_MOST (NS_PER_DAY / 100)

/* Adds a stretch behind the others, or to the last one if no more than a step lies between. */
static bool add_stretch(struct cl_report *r, int64_t from_ns, int64_t to_ns)
{
	struct cl_report_stretch *last = r->stretches > 0 ? &r->stretch[r->stretches - 1] : NULL;

	if (last != NULL && from_ns - last->to_ns <= r->step_s * NS_PER_S) {
		if (to_ns > last->to_ns)
			last->to_ns = to_ns;
		return true;
	}
	struct cl_report_stretch *more = realloc(r->stretch, (r->stretches + 1) * sizeof *more);
	if (more == NULL) {
		cl_store_fail(r->s->store, CL_ENOMEM);
		return false;
	}
	r->stretch = more;
	r->stretch[r->stretches++] = (struct cl_report_stretch){ from_ns, to_ns };
	return true;
}

static bool has_table(struct cl_report *r, const char *name)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT 1 FROM sqlite_master WHERE name = ?2");

	cl_query_bind_text(q, 2, name);
	bool has = cl_query_row(q);
	cl_query_free(q);
	return has;
}

/* What a file holds, or a live capture has written of its time; of a sensor that says neither, all of its
 * time. */
#define STRETCHES                                                                                            \
	"SELECT first_ns AS a, last_ns AS b FROM file WHERE first_ns IS NOT NULL UNION ALL SELECT "          \
	"first_ns, "                                                                                         \
	"last_ns FROM source WHERE first_ns IS NOT NULL AND source_id NOT IN (SELECT source_id FROM file "   \
	"WHERE first_ns IS NOT NULL)"
#define STRETCHES_LIVE                                                                                       \
	STRETCHES                                                                                            \
		" AND source_id NOT IN (SELECT source_id FROM capture_interval) UNION ALL SELECT (t - ?2) "  \
		"* 1000000000, t * 1000000000 FROM capture_interval"

static bool read_stretches(struct cl_report *r)
{
	bool live = has_table(r, "capture_interval"), ok = true;
	struct cl_query *q = cl_query_new(r->s->store, live ? STRETCHES_LIVE " ORDER BY a, b"
							    : STRETCHES " ORDER BY a, b");

	if (live)
		cl_query_bind_i64(q, 2, r->step_s);
	while (ok && cl_query_row(q))
		ok = add_stretch(r, cl_query_i64(q, 0), cl_query_i64(q, 1));
	cl_query_free(q);
	return ok;
}

static void measure_day(struct cl_report *r, size_t day)
{
	int64_t begin = cl_report_day_ns(r, day), end = begin + NS_PER_DAY;
	struct cl_report_day *d = &r->day[day];
	bool any = false;

	for (size_t i = 0; i < r->stretches; i++) {
		const struct cl_report_stretch *s = &r->stretch[i];
		int64_t from = s->from_ns > begin ? s->from_ns : begin, to = s->to_ns < end ? s->to_ns : end;

		if (from > to || from == end)
			continue;
		any = true;
		d->captured_ns += to - from;
	}
	d->captured = !any					    ? CL_REPORT_NONE
		      : NS_PER_DAY - d->captured_ns <= MISSING_MOST ? CL_REPORT_WHOLE
								    : CL_REPORT_PART;
	r->captured_ns += d->captured_ns;
}

/* Tells plots what was not captured, but for the ends of whole days. */
static void shade(struct cl_report *r)
{
	int64_t at = cl_report_day_ns(r, 0), end = cl_report_day_ns(r, r->days);

	for (size_t i = 0; i <= r->stretches && at < end; i++) {
		int64_t from = i < r->stretches ? r->stretch[i].from_ns : end;

		if (from > end)
			from = end;
		if (from - at > MISSING_MOST)
			cl_doc_shade(r->d, (double)at / 1e9, (double)from / 1e9, "not captured");
		if (i < r->stretches && r->stretch[i].to_ns > at)
			at = r->stretch[i].to_ns;
	}
}

static void count_sources(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT count(*) FROM source");

	r->sources = cl_query_row(q) ? cl_query_i64(q, 0) : 0;
	cl_query_free(q);
}

bool cl_report_period(struct cl_report *r)
{
	r->day = calloc(r->days + 1, sizeof *r->day);
	if (r->day == NULL) {
		cl_store_fail(r->s->store, CL_ENOMEM);
		return false;
	}
	count_sources(r);
	if (!read_stretches(r))
		return false;
	for (size_t i = 0; i < r->days; i++)
		measure_day(r, i);
	shade(r);
	return cl_store_error(r->s->store) == NULL;
}
