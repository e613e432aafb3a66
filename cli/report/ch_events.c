/* SPDX-License-Identifier: BSD-2-Clause */
/* What happened to servers, as their answers show it. */
#include <inttypes.h>
#include <string.h>

#include "cli/report/report.h"
#include "cli/view/refidtext.h"
#include "stats/engine/watch.h"

#define LISTED	  100 /* events at most; the others are in the sums */
#define LISTED_OF 10  /* of a kind and server, the first */
#define NS_PER_S  INT64_C(1000000000)

struct row {
	enum cl_server_event_kind kind;
	int64_t t_ns, until_ns, before, after, n, total; /* CL_WATCH_NULL: null */
	int64_t with; /* silence before it, or servers whose clocks moved with it */
	int64_t service_id;
	const char *sensor, *server;
	enum cl_proto proto;
};

/* Files of months and runs that went on have an event twice: as it stood, and as it ended. */
#define EVENTS                                                                                               \
	"SELECT e.kind AS kind, e.t_ns AS t_ns, max(e.until_ns) AS until_ns, max(e.before) AS before, "      \
	"max(e.after) AS after, max(e.n) AS n, max(e.total) AS total, sensor, e.service_id AS service_id "   \
	"FROM server_event AS e JOIN source USING(source_id) JOIN chosen USING(service_id) JOIN span ON "    \
	"e.day BETWEEN day_from AND day_to GROUP BY sensor, e.service_id, e.kind, e.t_ns"

/* The event's own value where no words are needed. */
static bool kind_of(const char *name, enum cl_server_event_kind *kind)
{
	for (unsigned i = 0; name != NULL && i < CL_SERVER_EVENT_KINDS; i++)
		if (strcmp(name, cl_server_event_names[i]) == 0) {
			*kind = (enum cl_server_event_kind)i;
			return true;
		}
	return false;
}

static const struct cl_report_subject *subject_of(const struct cl_report *r, int64_t service_id)
{
	for (size_t i = 0; i < r->subjects; i++)
		if (!r->subject[i].all && r->subject[i].service_id == service_id)
			return &r->subject[i];
	return NULL;
}

static int64_t value(struct cl_query *q, int column)
{
	return cl_query_null(q, column) ? CL_WATCH_NULL : cl_query_i64(q, column);
}

/* Words ----------------------------------------------------------------------- */

static const char *seconds_text(int64_t ns, char text[CL_TIME_STRLEN])
{
	cl_duration_format(text, ns);
	return text;
}

/* Codes of clocks are named; what else has letters is an address too. */
static const char *refid_text(int64_t refid, char text[CL_REFIDTEXT_LEN])
{
	char means[CL_REFIDMEANS_LEN];
	bool clock = cl_refidtext_means(NULL, (uint32_t)refid, 4, 1, means);

	cl_refidtext_format((uint32_t)refid, 4, clock ? 1 : 2, text);
	return text;
}

static void say_unsynchronised(const struct row *x, char *out, size_t size)
{
	char code[CL_REFIDTEXT_LEN];
	const char *why = "";

	if (x->after != CL_WATCH_NULL)
		cl_refidtext_format((uint32_t)x->after, 4, 0, code);
	if (x->after == 0x494e4954)
		why = x->with > 0 ? " after a silence: restarted" : " (INIT): started";
	else if (x->after == 0x53544550)
		why = " (STEP): its clock was set";
	else if (x->with > 0)
		why = " after a silence: restarted, perhaps";
	if (x->n == CL_WATCH_NULL)
		snprintf(out, size, "answers that it is not synchronised%s", why);
	else
		snprintf(out, size, "%" PRId64 " answers in a row that it is not synchronised%s", x->n, why);
}

static void say_step(const struct row *x, char *out, size_t size)
{
	char moved[CL_TIME_STRLEN];
	int64_t by = 0;

	if (__builtin_sub_overflow(x->after, x->before, &by) || by == INT64_MIN)
		by = 0;
	seconds_text(by < 0 ? -by : by, moved);
	if (x->with > 1)
		snprintf(out, size,
			 "clock %s %s, with %" PRId64 " other server%s: that of the capture, perhaps", moved,
			 by < 0 ? "back" : "ahead", x->with - 1, x->with == 2 ? "" : "s");
	else
		snprintf(out, size, "clock %s %s, or that of the capture the other way", moved,
			 by < 0 ? "back" : "ahead");
}

static void say_event(const struct row *x, char *out, size_t size)
{
	char a[CL_REFIDTEXT_LEN], b[CL_REFIDTEXT_LEN], span[CL_TIME_STRLEN];

	switch (x->kind) {
	case CL_SERVER_LEAP:
		snprintf(out, size, "leap indicator %s, now %s", cl_leap_text((unsigned)x->before),
			 cl_leap_text((unsigned)x->after));
		break;
	case CL_SERVER_STRATUM:
		snprintf(out, size, "stratum %" PRId64 ", now %" PRId64, x->before, x->after);
		break;
	case CL_SERVER_REFID:
		snprintf(out, size, "refid %s, now %s", refid_text(x->before, a), refid_text(x->after, b));
		break;
	case CL_SERVER_DISTANCE:
		snprintf(out, size,
			 x->after == 0 ? "root distance 1 s or less again" : "root distance above 1 s");
		break;
	case CL_SERVER_UNSYNCHRONISED:
		say_unsynchronised(x, out, size);
		break;
	case CL_SERVER_TIME_STEP:
		say_step(x, out, size);
		break;
	case CL_SERVER_SILENCE:
		if (x->until_ns == CL_WATCH_NULL)
			snprintf(out, size, "%" PRId64 " requests and no answer up to the end", x->n);
		else
			snprintf(out, size, "%" PRId64 " requests in %s and no answer", x->n,
				 seconds_text(x->until_ns - x->t_ns, span));
		break;
	case CL_SERVER_SERVFAIL:
	case CL_SERVER_REFUSED:
		snprintf(out, size, "%" PRId64 " of %" PRId64 " responses %s", x->n, x->total,
			 x->kind == CL_SERVER_SERVFAIL ? "SERVFAIL" : "REFUSED");
		break;
	case CL_SERVER_EVENT_KINDS:
		break;
	}
}

/* Tables ---------------------------------------------------------------------- */

static const struct cl_column event_columns[] = {
	{ "Time", "t", CL_COL_TIME },	   { "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT }, { "What", "what", CL_COL_TEXT },
	{ "Until", "until", CL_COL_TIME }, { "Sensor", "sensor", CL_COL_TEXT },
};

static const struct cl_column value_columns[] = {
	{ "Time", "t", CL_COL_TIME },
	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Kind", "kind", CL_COL_TEXT },
	{ "Before", "before", CL_COL_TEXT },
	{ "After", "after", CL_COL_TEXT },
	{ "Lasted", "lasted_s", CL_COL_DURATION },
	{ "Messages", "n", CL_COL_COUNT },
	{ "Of", "total", CL_COL_COUNT },
};

/* Whole seconds are what people compare; the values have the length to the nanosecond. */
static void time_cell(struct cl_doc_table *t, int64_t ns)
{
	if (ns == CL_WATCH_NULL)
		cl_doc_null(t);
	else
		cl_doc_time(t, cl_floor_div(ns, NS_PER_S) * NS_PER_S);
}

static void count_cell(struct cl_doc_table *t, int64_t n)
{
	if (n == CL_WATCH_NULL || n < 0)
		cl_doc_null(t);
	else
		cl_doc_count(t, (uint64_t)n);
}

/* Times to the second with a sign, identifiers as text, else numbers. */
static void value_cell(struct cl_doc_table *t, const struct row *x, int64_t v)
{
	char text[CL_TIME_STRLEN];

	if (v == CL_WATCH_NULL)
		cl_doc_null(t);
	else if (x->kind == CL_SERVER_REFID)
		cl_doc_text(t, refid_text(v, text));
	else if (x->kind == CL_SERVER_UNSYNCHRONISED)
		cl_doc_text(t, (cl_refidtext_format((uint32_t)v, 4, 0, text), text));
	else if (x->kind == CL_SERVER_TIME_STEP)
		cl_doc_text(t, (cl_seconds_format(text, v), text));
	else
		cl_doc_text(t, (snprintf(text, sizeof text, "%" PRId64, v), text));
}

static bool read_row(struct cl_report *r, struct cl_query *q, struct row *x)
{
	const struct cl_report_subject *u = subject_of(r, cl_query_i64(q, 8));

	if (!kind_of(cl_query_text(q, 0), &x->kind) || u == NULL)
		return false;
	x->t_ns = cl_query_ns(q, 1);
	x->until_ns = cl_query_null(q, 2) ? CL_WATCH_NULL : cl_query_ns(q, 2);
	x->before = value(q, 3);
	x->after = value(q, 4);
	x->n = value(q, 5);
	x->total = value(q, 6);
	x->sensor = cl_query_word(q, 7);
	x->service_id = cl_query_i64(q, 8);
	x->with = cl_query_i64(q, 9);
	x->server = u->name;
	x->proto = u->proto;
	return true;
}

/* Changes are listed after what kept clients from the time, where not all find room; `with`: of an
 * unsynchronised run a silence that ended a minute before at most, of a moved clock how many moved so. */
static struct cl_query *ask_events(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(
		r->s->store,
		"WITH e AS (" EVENTS "), n AS (SELECT *, row_number() OVER (PARTITION BY service_id, sensor, "
		"kind ORDER BY t_ns) AS number FROM e) SELECT * FROM (SELECT kind, t_ns, until_ns, before, "
		"after, n, total, sensor, service_id, CASE kind WHEN 'unsynchronised' THEN (SELECT count(*) "
		"FROM e AS s WHERE s.kind = 'silence' AND s.service_id = n.service_id AND s.sensor = "
		"n.sensor "
		"AND n.t_ns - s.until_ns BETWEEN 0 AND 60000000000) WHEN 'time_step' THEN (SELECT "
		"count(DISTINCT s.service_id) FROM e AS s WHERE s.kind = 'time_step' AND s.sensor = n.sensor "
		"AND abs(s.t_ns - n.t_ns) <= ?3 AND abs(s.after - s.before - n.after + n.before) < "
		"125000000) "
		"ELSE 0 END FROM n WHERE number <= ?4 ORDER BY kind IN ('leap', 'stratum', 'refid', "
		"'root_distance'), t_ns, kind, service_id, sensor LIMIT ?2) ORDER BY t_ns, kind, service_id, "
		"sensor");

	cl_query_bind_i64(q, 2, LISTED);
	cl_query_bind_i64(q, 3, r->step_s * NS_PER_S);
	cl_query_bind_i64(q, 4, LISTED_OF);
	return q;
}

static size_t table_events(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "events", "Events", event_columns, 6, CL_DOC_SHOWN);
	struct cl_doc_table *v =
		cl_doc_table(r->d, "values", "Values of events", value_columns, 9, CL_DOC_FOLDED);
	struct cl_query *q = ask_events(r);
	struct row x;

	cl_doc_table_sparse(t, 1u << 4 | 1u << 5);
	cl_doc_table_sparse(v, 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8);
	while (cl_query_row(q)) {
		char words[160] = "";

		if (!read_row(r, q, &x))
			continue;
		say_event(&x, words, sizeof words);
		time_cell(t, x.t_ns);
		cl_doc_text(t, x.server);
		cl_doc_text(t, cl_report_proto[x.proto]);
		cl_doc_text(t, words);
		time_cell(t, x.until_ns);
		cl_doc_text(t, r->sensors > 1 ? x.sensor : NULL);
		time_cell(v, x.t_ns);
		cl_doc_text(v, x.server);
		cl_doc_text(v, cl_report_proto[x.proto]);
		cl_doc_text(v, cl_server_event_names[x.kind]);
		value_cell(v, &x, x.before);
		value_cell(v, &x, x.after);
		if (x.until_ns == CL_WATCH_NULL)
			cl_doc_null(v);
		else
			cl_doc_duration(v, x.until_ns - x.t_ns);
		count_cell(v, x.n);
		count_cell(v, x.total);
	}
	cl_query_free(q);
	return cl_doc_rows(t);
}

static const struct cl_column server_columns[] = {
	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Silences", "silences", CL_COL_COUNT },
	{ "Silent", "silent_s", CL_COL_DURATION },
	{ "Unsynchr.", "unsynchronised", CL_COL_COUNT },
	{ "Changes", "changes", CL_COL_COUNT },
	{ "Clock", "time_steps", CL_COL_COUNT },
	{ "Failures", "failures", CL_COL_COUNT },
	{ "Not kept", "left_out", CL_COL_COUNT },
	{ "Mixed steps", "mixed", CL_COL_COUNT },
	{ "Unsettled", "unsettled", CL_COL_COUNT },
};

static void table_servers(struct cl_report *r, uint64_t *events)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "servers", "Events by server", server_columns, 11, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"WITH e AS (" EVENTS "), d AS (SELECT service_id, sum(left_out) AS left_out, sum(mixed) AS "
		"mixed, sum(unsettled) AS unsettled FROM server_event_day JOIN chosen USING(service_id) JOIN "
		"span ON day BETWEEN day_from AND day_to GROUP BY service_id) SELECT service_id, count(*) "
		"FILTER (WHERE kind = 'silence'), coalesce(sum(until_ns - t_ns) FILTER (WHERE kind = "
		"'silence'), 0), count(*) FILTER (WHERE kind = 'unsynchronised'), count(*) FILTER (WHERE "
		"kind IN ('leap', 'stratum', 'refid', 'root_distance')), count(*) FILTER (WHERE kind = "
		"'time_step'), count(*) FILTER (WHERE kind IN ('servfail', 'refused')), left_out, mixed, "
		"unsettled, count(kind) FROM d JOIN chosen USING(service_id) LEFT JOIN e USING(service_id) "
		"GROUP BY service_id HAVING count(kind) + left_out + mixed + unsettled > 0 ORDER BY rank");

	cl_doc_table_sparse(t, 0x7f4);
	while (cl_query_row(q)) {
		const struct cl_report_subject *u = subject_of(r, cl_query_i64(q, 0));

		*events += cl_query_u64(q, 10);
		if (u == NULL)
			continue;
		cl_doc_text(t, u->name);
		cl_doc_text(t, cl_report_proto[u->proto]);
		cl_doc_count(t, cl_query_u64(q, 1));
		cl_doc_duration(t, cl_query_i64(q, 2));
		for (int i = 3; i <= 9; i++)
			cl_doc_count(t, cl_query_u64(q, i));
	}
	cl_query_free(q);
}

/* Watched: servers and days; not: responses of others, and whether days are without. */
static bool find_watched(struct cl_report *r, uint64_t *servers, uint64_t *unwatched)
{
	struct cl_query *q = cl_query_new(
		r->s->store, "SELECT count(DISTINCT service_id) FILTER (WHERE addr IS NOT NULL), "
			     "coalesce(sum(unwatched), 0) FROM server_event_day JOIN chosen "
			     "USING(service_id) JOIN span ON day BETWEEN day_from AND day_to");
	bool found = cl_query_row(q);

	*servers = found ? cl_query_u64(q, 0) : 0;
	*unwatched = found ? cl_query_u64(q, 1) : 0;
	cl_query_free(q);
	return *servers > 0;
}

static bool has_table(struct cl_report *r)
{
	struct cl_query *q =
		cl_query_new(r->s->store, "SELECT 1 FROM sqlite_master WHERE name = 'server_event_day'");
	bool found = cl_query_row(q);

	cl_query_free(q);
	return found;
}

static uint64_t days_unknown(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT count(*) FROM dates AS d WHERE EXISTS (SELECT 1 FROM day JOIN total "
		"USING(service_id) WHERE day.source_id = d.source_id AND day.day = d.day AND responses > 0) "
		"AND NOT EXISTS (SELECT 1 FROM server_event_day AS k WHERE k.source_id = d.source_id AND "
		"k.day = d.day)");
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;

	cl_query_free(q);
	return n;
}

static void say_limits(struct cl_report *r, uint64_t events, size_t listed, uint64_t unwatched)
{
	if (events > listed)
		cl_doc_say(r->d,
			   "And %" PRIu64
			   " more, in the sums above: %d of a kind and server are listed at most.",
			   events - listed, LISTED_OF);
	cl_doc_say(r->d,
		   "Seen from the wire: a silence is %d s or more without an answer, of which %d should have "
		   "come; "
		   "a change is one that stayed for a whole step of %" PRId64
		   " s; that a server was started again shows only if it was silent, or said that it was not "
		   "synchronised. Mixed steps: no reference identifier had more than half of the answers, as "
		   "where several machines are behind one address. Unsettled: changes that did not stay. Not "
		   "kept: beyond %d a day.",
		   (int)(CL_WATCH_SILENCE_NS / NS_PER_S), (int)CL_WATCH_SILENCE, r->step_s,
		   CL_WATCH_EVENTS_MAX);
	if (unwatched > 0)
		cl_doc_say(r->d,
			   "%u servers are watched, the first that answered: %" PRIu64
			   " responses were of others.",
			   CL_WATCH_MAX, unwatched);
}

void cl_report_events(struct cl_report *r)
{
	uint64_t servers, unwatched, events = 0, unknown;
	int64_t responses = 0;

	for (unsigned p = 0; p < CL_PROTOS; p++) {
		const struct cl_report_subject *all = cl_report_all(r, (enum cl_proto)p);

		responses += all != NULL ? all->n[CL_C_RESPONSES] : 0;
	}
	if (responses == 0)
		return;
	cl_doc_chapter(r->d, "server_events", "What happened to servers");
	if (!has_table(r) || !find_watched(r, &servers, &unwatched)) {
		cl_doc_say(r->d, "Not known: these days were read by a version that did not look for it.");
		return;
	}
	unknown = days_unknown(r);
	table_servers(r, &events);
	size_t listed = table_events(r);
	if (events == 0)
		cl_doc_say(r->d,
			   "Nothing was seen to happen to %" PRIu64 " server%s: no silence, no change that "
			   "stayed, no burst of failures.",
			   servers, servers == 1 ? "" : "s");
	say_limits(r, events, listed, unwatched);
	if (unknown > 0)
		cl_doc_say(r->d, "Of %" PRIu64 " day%s nothing is known: they were read by an older version.",
			   unknown, unknown == 1 ? "" : "s");
}
