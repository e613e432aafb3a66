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

/* What files hold, and when captures ran; of a source that says neither, all of its time. */
#define STRETCHES                                                                                            \
	"SELECT max(f.first_ns, s.first_ns) AS a, min(f.last_ns, s.last_ns) AS b, sensor FROM file AS f "    \
	"JOIN source AS s USING(source_id) WHERE f.first_ns IS NOT NULL AND s.first_ns IS NOT NULL UNION "   \
	"ALL SELECT from_ns, to_ns, sensor FROM capture_stretch JOIN source USING(source_id) UNION ALL "     \
	"SELECT first_ns, last_ns, sensor FROM source WHERE first_ns IS NOT NULL AND source_id NOT IN "      \
	"(SELECT source_id FROM file WHERE first_ns IS NOT NULL UNION ALL SELECT source_id FROM "            \
	"capture_stretch)"

static bool read_stretches(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(r->s->store, STRETCHES " ORDER BY a, b");
	bool ok = true;

	while (ok && cl_query_row(q))
		if (cl_query_ns(q, 0) <= cl_query_ns(q, 1)) /* else all of the file was left out */
			ok = add_stretch(r, cl_query_ns(q, 0), cl_query_ns(q, 1));
	cl_query_free(q);
	return ok;
}

/* -1: nothing; a single packet takes no time. */
static int64_t captured_of(const struct cl_report *r, int64_t begin, int64_t end)
{
	int64_t sum = -1;

	for (size_t i = 0; i < r->stretches; i++) {
		const struct cl_report_stretch *s = &r->stretch[i];
		int64_t from = s->from_ns > begin ? s->from_ns : begin, to = s->to_ns < end ? s->to_ns : end;

		if (from <= to && from < end)
			sum = (sum < 0 ? 0 : sum) + to - from;
	}
	return sum;
}

int64_t cl_report_captured_ns(const struct cl_report *r, int64_t from_ns, int64_t to_ns)
{
	return captured_of(r, from_ns, to_ns);
}

int64_t cl_report_part_s(const struct cl_report *r)
{
	static const int64_t lengths[] = { 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400 };
	int64_t span_s = (int64_t)r->days * 86400;

	if (span_s / r->step_s <= CL_PLOT_POINTS)
		return r->step_s;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		if (lengths[i] >= r->step_s && lengths[i] % r->step_s == 0 &&
		    span_s / lengths[i] <= (int64_t)CL_PLOT_POINTS)
			return lengths[i];
	return r->step_s > 86400 ? r->step_s : (86400 + r->step_s - 1) / r->step_s * r->step_s;
}

const char *cl_report_part_words(const struct cl_report *r, char out[32])
{
	int64_t s = cl_report_part_s(r);

	if (s % 3600 == 0)
		snprintf(out, 32, s == 3600 ? "hour" : "%lld hours", (long long)(s / 3600));
	else if (s % 60 == 0)
		snprintf(out, 32, "%lld minutes", (long long)(s / 60));
	else
		snprintf(out, 32, "%lld s", (long long)s);
	return out;
}

static void measure_day(struct cl_report *r, size_t day)
{
	int64_t begin = cl_report_day_ns(r, day), captured = captured_of(r, begin, begin + NS_PER_DAY);
	struct cl_report_day *d = &r->day[day];
	bool any = captured >= 0;

	d->captured_ns = any ? captured : 0;
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
			cl_doc_shade(r->d, (double)at / 1e9, (double)from / 1e9, "not captured, or in part");
		if (i < r->stretches && r->stretch[i].to_ns > at)
			at = r->stretch[i].to_ns;
	}
}

static void count_sensors(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT count(DISTINCT sensor) FROM (" STRETCHES
						       ") WHERE a <= b AND a < ?3 AND b >= ?2");

	for (size_t i = 0; i < r->days; i++) {
		cl_query_bind_i64(q, 2, cl_report_day_ns(r, i));
		cl_query_bind_i64(q, 3, cl_report_day_ns(r, i + 1));
		if (cl_query_row(q))
			r->day[i].sensors = cl_query_u64(q, 0);
		cl_query_again(q);
	}
	cl_query_free(q);
}

static void count_sources(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT count(*), count(DISTINCT sensor) FROM source");

	if (cl_query_row(q)) {
		r->sources = cl_query_i64(q, 0);
		r->sensors = cl_query_i64(q, 1);
	}
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
	count_sensors(r);
	shade(r);
	return cl_store_error(r->s->store) == NULL;
}
