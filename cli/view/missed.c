/* SPDX-License-Identifier: BSD-2-Clause */
/* What a live capture missed, and when. */
#include "cli/view/missed.h"

#include <stdio.h>

#include "cli/write/text.h"
#include "cli/write/timefmt.h"

#define NS_PER_S INT64_C(1000000000)

/* Times without a capture that a result lists. */
#define GAPS_MAX 1000 /* that are told */

static void run(struct cl_session *s, const char *sql, int64_t parameter)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	cl_query_bind_i64(q, 1, parameter);
	cl_query_run(q);
	cl_query_free(q);
}

static bool any(struct cl_session *s, const char *sql)
{
	struct cl_query *q = cl_query_new(s->store, sql);
	bool found = cl_query_row(q);

	cl_query_free(q);
	return found;
}

/* Times of `heard` are the ends of steps; `gap` is of runs of the same sensor, cut at --from and --to. */
void cl_missed_prepare(struct cl_session *s)
{
	const struct cl_options *o = s->options;

	s->live = s->database && any(s, "SELECT 1 FROM sqlite_master WHERE name = 'capture_interval'") &&
		  any(s, "SELECT 1 FROM capture_stretch LIMIT 1");
	if (!s->live)
		return;
	run(s,
	    "CREATE TEMP TABLE heard AS SELECT t, interface, clock, sensor, sum(received) AS received, "
	    "sum(c.dropped_kernel) AS kernel, sum(c.dropped_interface) AS interface_dropped, sum(away_ns) AS "
	    "away_ns FROM capture_interval AS c JOIN source USING(source_id) JOIN span ON t BETWEEN t_from "
	    "AND t_to GROUP BY source_id, t, interface, clock",
	    0);
	run(s,
	    "CREATE TEMP TABLE between_runs AS SELECT sensor, to_ns AS from_ns, next AS to_ns FROM "
	    "(SELECT source_id, to_ns, lead(from_ns) OVER (PARTITION BY source_id ORDER BY from_ns) AS "
	    "next FROM capture_stretch) JOIN source USING(source_id) WHERE next > to_ns",
	    0);
	if ((o->given & CL_OPT_FROM) != 0) {
		run(s, "DELETE FROM between_runs WHERE to_ns <= ?1", o->from_ns);
		run(s, "UPDATE between_runs SET from_ns = max(from_ns, ?1)", o->from_ns);
	}
	if ((o->given & CL_OPT_TO) != 0) {
		run(s, "DELETE FROM between_runs WHERE from_ns >= ?1", o->to_ns);
		run(s, "UPDATE between_runs SET to_ns = min(to_ns, ?1)", o->to_ns);
	}
}

/* A source's drops are those of its files and of its runs, of all times. */
struct cl_missed_drops cl_missed_drops(struct cl_session *s)
{
	struct cl_missed_drops d = { 0, 0 };
	struct cl_query *q = cl_query_new(
		s->store,
		s->live ? "SELECT sum(kernel), sum(interface) FROM (SELECT dropped_kernel AS kernel, "
			  "dropped_interface AS interface FROM source UNION ALL SELECT "
			  "-dropped_kernel, -dropped_interface FROM capture_interval UNION ALL "
			  "SELECT kernel, interface_dropped FROM heard)"
			: "SELECT sum(dropped_kernel), sum(dropped_interface) FROM source");

	if (cl_query_row(q) && cl_query_i64(q, 0) >= 0 && cl_query_i64(q, 1) >= 0) {
		d.kernel = cl_query_u64(q, 0);
		d.interface = cl_query_u64(q, 1);
	}
	cl_query_free(q);
	return d;
}

/* Of steps of live captures: begin of the first one and end of the last one for which it holds. */
struct when {
	uint64_t n; /* packets, or nanoseconds */
	int64_t from_ns, to_ns;
};

static bool get_when(struct cl_session *s, struct cl_query *q, int column, struct when *w)
{
	if (cl_query_null(q, column) || cl_query_i64(q, column) <= 0)
		return false;
	w->n = cl_query_u64(q, column);
	w->from_ns = cl_query_s_as_ns(q, column + 1) - s->config.engine.step_ns;
	w->to_ns = cl_query_s_as_ns(q, column + 2);
	return true;
}

static bool drops_when(struct cl_session *s, struct when *w)
{
	struct cl_query *q =
		cl_query_new(s->store, "SELECT sum(kernel + interface_dropped), min(t), max(t) FROM heard "
				       "WHERE kernel + interface_dropped > 0");
	bool some = cl_query_row(q) && get_when(s, q, 0, w);

	cl_query_free(q);
	return some;
}

static struct cl_query *away_query(struct cl_session *s)
{
	return cl_query_new(s->store, "SELECT interface, sum(away_ns), min(t), max(t) FROM heard WHERE "
				      "away_ns > 0 GROUP BY interface ORDER BY interface");
}

static void json_span(struct cl_json *j, int64_t from_ns, int64_t to_ns)
{
	cl_json_time(j, "from", from_ns);
	cl_json_time(j, "to", to_ns);
}

#define INTERFACES                                                                                           \
	"SELECT interface, group_concat(DISTINCT nullif(clock, '')), sum(received), sum(kernel), "           \
	"sum(interface_dropped), sum(away_ns) FROM heard GROUP BY interface ORDER BY interface"
#define DROPS                                                                                                \
	"SELECT t, interface, received, kernel, interface_dropped FROM heard WHERE kernel + "                \
	"interface_dropped > 0 ORDER BY t, interface"

static void json_interfaces(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = s->live ? cl_query_new(s->store, INTERFACES) : NULL;

	cl_json_array(j, "interfaces");
	while (cl_query_row(q)) {
		cl_json_object(j, NULL);
		cl_json_str(j, "name", cl_query_text(q, 0));
		cl_json_str(j, "clock", cl_query_text(q, 1));
		cl_json_u64(j, "received", cl_query_u64(q, 2));
		cl_json_u64(j, "kernel", cl_query_u64(q, 3));
		cl_json_u64(j, "interface", cl_query_u64(q, 4));
		cl_json_seconds(j, "away_s", cl_query_ns(q, 5));
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

static bool is_summary(const struct cl_session *s)
{
	return s->view == &cl_view_summary;
}

static void json_drops(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = s->live && is_summary(s) ? cl_query_new(s->store, DROPS) : NULL;

	cl_json_array(j, "steps");
	while (cl_query_row(q)) {
		cl_json_object(j, NULL);
		json_span(j, cl_query_s_as_ns(q, 0) - s->config.engine.step_ns, cl_query_s_as_ns(q, 0));
		cl_json_str(j, "name", cl_query_text(q, 1));
		cl_json_u64(j, "received", cl_query_u64(q, 2));
		cl_json_u64(j, "kernel", cl_query_u64(q, 3));
		cl_json_u64(j, "interface", cl_query_u64(q, 4));
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

static void json_away(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = s->live ? away_query(s) : NULL;
	struct when w;

	cl_json_array(j, "away");
	while (cl_query_row(q)) {
		if (!get_when(s, q, 1, &w))
			continue;
		cl_json_object(j, NULL);
		cl_json_str(j, "interface", cl_query_text(q, 0));
		cl_json_seconds(j, "away_s", (int64_t)w.n);
		json_span(j, w.from_ns, w.to_ns);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

static struct cl_query *gaps_query(struct cl_session *s)
{
	return s->live ? cl_query_new(s->store,
				      "SELECT sensor, from_ns, to_ns FROM between_runs ORDER BY from_ns")
		       : NULL;
}

static void json_gaps(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = gaps_query(s);

	cl_json_array(j, "not_captured");
	for (int n = 0; n < GAPS_MAX && cl_query_row(q); n++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "sensor", cl_query_text(q, 0));
		json_span(j, cl_query_ns(q, 1), cl_query_ns(q, 2));
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

void cl_missed_json(struct cl_session *s, struct cl_json *j)
{
	struct cl_missed_drops d = cl_missed_drops(s);
	struct when w;

	cl_json_object(j, "dropped");
	cl_json_u64(j, "kernel", d.kernel);
	cl_json_u64(j, "interface", d.interface);
	if (s->live && drops_when(s, &w)) {
		json_span(j, w.from_ns, w.to_ns);
	} else {
		cl_json_null(j, "from");
		cl_json_null(j, "to");
	}
	json_drops(s, j);
	cl_json_end(j);
	json_interfaces(s, j);
	json_away(s, j);
	json_gaps(s, j);
}

/* For people ---------------------------------------------------------------------- */

static void say_drops(struct cl_session *s, struct cl_tables *t)
{
	char text[256], from[CL_TIME_STRLEN], to[CL_TIME_STRLEN];
	struct when w;

	if (!drops_when(s, &w))
		return;
	cl_time_format(from, w.from_ns, 0);
	cl_time_format(to, w.to_ns, 0);
	snprintf(text, sizeof text, "%llu packet%s dropped between %s and %s: counts are too low there.%s",
		 (unsigned long long)w.n, w.n == 1 ? " was" : "s were", from, to,
		 is_summary(s) ? "" : " The summary says when.");
	cl_tables_say(t, text);
}

static void say_away(struct cl_session *s, struct cl_tables *t)
{
	struct cl_query *q = away_query(s);
	char text[512], from[CL_TIME_STRLEN], to[CL_TIME_STRLEN], time[CL_TIME_STRLEN];
	struct when w;

	while (cl_query_row(q)) {
		if (!get_when(s, q, 1, &w))
			continue;
		cl_time_format(from, w.from_ns, 0);
		cl_time_format(to, w.to_ns, 0);
		cl_duration_format(time, (int64_t)w.n);
		snprintf(text, sizeof text, "%.128s was down or gone for %s between %s and %s.",
			 cl_query_word(q, 0), time, from, to);
		cl_tables_say(t, text);
	}
	cl_query_free(q);
}

static void say_gaps(struct cl_session *s, struct cl_tables *t)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT count(*), sum(to_ns - from_ns), from_ns, max(to_ns - from_ns) FROM between_runs");
	char text[384], from[CL_TIME_STRLEN], to[CL_TIME_STRLEN], all[CL_TIME_STRLEN];
	long long n = cl_query_row(q) ? cl_query_i64(q, 0) : 0;

	if (n > 0) {
		int64_t begin = cl_query_ns(q, 2), longest = cl_query_ns(q, 3);

		cl_time_format(from, begin, longest < NS_PER_S ? 3 : 0);
		cl_time_format(to, begin + longest, longest < NS_PER_S ? 3 : 0);
		cl_duration_format(all, cl_query_ns(q, 1));
		if (n == 1)
			snprintf(text, sizeof text, "Not captured from %s to %s (%s).", from, to, all);
		else
			snprintf(text, sizeof text,
				 "Not captured %lld times, %s in all; the longest time is from %s to %s.", n,
				 all, from, to);
		cl_tables_say(t, text);
	}
	cl_query_free(q);
}

void cl_missed_say(struct cl_session *s, struct cl_tables *t)
{
	if (!s->live)
		return;
	say_drops(s, t);
	say_away(s, t);
	say_gaps(s, t);
}

/* Of the summary ------------------------------------------------------------------ */

static void table_interfaces(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Interface", "interface", CL_COL_TEXT },
		{ "Clock", "clock", CL_COL_TEXT },
		{ "Received", "received", CL_COL_COUNT },
		{ "Dropped: kernel", "dropped_kernel", CL_COL_COUNT },
		{ "Dropped: interface", "dropped_interface", CL_COL_COUNT },
		{ "Down or gone", "away", CL_COL_DURATION },
	};
	struct cl_query *q = cl_query_new(s->store, INTERFACES);

	cl_table_begin(t, "Interfaces", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	cl_table_sparse(t, 1u << 1);
	while (cl_query_row(q)) {
		cl_cell_text(t, cl_query_text(q, 0));
		cl_cell_text(t, cl_query_text(q, 1));
		for (int i = 2; i < 5; i++)
			cl_cell_count(t, cl_query_u64(q, i));
		cl_cell_duration(t, cl_query_ns(q, 5));
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_query_free(q);
}

static void table_drops(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Step's end", "time", CL_COL_TIME },
		{ "Interface", "interface", CL_COL_TEXT },
		{ "Received", "received", CL_COL_COUNT },
		{ "Dropped: kernel", "dropped_kernel", CL_COL_COUNT },
		{ "Dropped: interface", "dropped_interface", CL_COL_COUNT },
	};
	struct cl_query *q = cl_query_new(s->store, DROPS);
	bool people = s->options->format == CL_FORMAT_TABLE;
	size_t rows = 0;

	cl_table_begin(t, "Dropped packets", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	for (; cl_query_row(q); rows++) {
		if (people && rows >= s->options->top)
			continue;
		cl_cell_time(t, cl_query_s_as_ns(q, 0));
		cl_cell_text(t, cl_query_text(q, 1));
		for (int i = 2; i < 5; i++)
			cl_cell_count(t, cl_query_u64(q, i));
		cl_table_row_end(t);
	}
	cl_table_end(t);
	if (people && rows > s->options->top) {
		char text[96];

		snprintf(text, sizeof text, "And %zu more steps: --format csv or json has all.",
			 rows - s->options->top);
		cl_tables_note(t, text);
	}
	cl_query_free(q);
}

void cl_missed_summary_tables(struct cl_session *s, struct cl_tables *t)
{
	if (!s->live)
		return;
	table_interfaces(s, t);
	table_drops(s, t);
}
