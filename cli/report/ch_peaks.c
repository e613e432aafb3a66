/* SPDX-License-Identifier: BSD-2-Clause */
/* The busiest steps of servers, and what the database knows of who made them. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/report.h"

#define NS_PER_S    INT64_C(1000000000)
#define SERVERS	    8u	 /* that are asked most */
#define PEAKS	    3u	 /* of each */
#define APART_S	    3600 /* between two */
#define REQUESTS    20u	 /* of a step: fewer are no peak */
#define STEPS_LEAST 12u	 /* of a server that has peaks */
#define HOUR_S	    3600
#define EARLY_S	    10800 /* of a day: nearly everybody is new */
#define USUAL	    1.3	  /* times this hour of other days: no more than that is the course of the day */
#define OFTEN	    1.5	  /* times the usual requests of a client */
#define NONE_MOST   0.1	  /* of a step's requests: who has no more is not who made it */

struct step {
	int64_t t;
	uint64_t requests, matched, clients;
	bool seen, clients_known;
};

struct server {
	const struct cl_report_subject *u;
	struct step *step; /* rising */
	size_t steps, room;
	double per_client; /* requests of a client in a step, mean */
	double clients;	   /* of a captured step, mean */
};

struct peak {
	const struct server *s;
	const struct step *step;
	double times_mean, times_hour; /* not finite: not known, as all below */
	double new_share, unseen_share;
	double per_client, top_least, top_most, network;
	uint8_t network_bits;
	double answered;
};

struct peaks {
	struct cl_report *r;
	struct server server[SERVERS];
	size_t servers;
};

/* Reading --------------------------------------------------------------------- */

static struct server *server_of(struct peaks *p, int64_t service_id)
{
	for (size_t i = 0; i < p->servers; i++)
		if (p->server[i].u->service_id == service_id)
			return &p->server[i];
	return NULL;
}

static void choose_servers(struct peaks *p)
{
	const struct cl_report *r = p->r;

	while (p->servers < SERVERS) {
		const struct cl_report_subject *most = NULL;

		for (size_t i = 0; i < r->subjects; i++) {
			const struct cl_report_subject *u = &r->subject[i];

			if (!u->all && u->has_address && u->n[CL_C_REQUESTS] > 0 &&
			    (most == NULL || u->n[CL_C_REQUESTS] > most->n[CL_C_REQUESTS]) &&
			    server_of(p, u->service_id) == NULL)
				most = u;
		}
		if (most == NULL)
			return;
		p->server[p->servers++] = (struct server){ .u = most };
	}
}

static bool add_step(struct peaks *p, struct server *s, const struct step *x)
{
	if (s->steps == s->room) {
		size_t room = s->room > 0 ? s->room * 2 : 4096;
		struct step *more = realloc(s->step, room * sizeof *more);

		if (more == NULL) {
			cl_store_fail(p->r->s->store, CL_ENOMEM);
			return false;
		}
		s->step = more;
		s->room = room;
	}
	s->step[s->steps++] = *x;
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return (x->t > y->t) - (x->t < y->t);
}

/* One of each time: what several sensors have of it is added; clients of several cannot be. */
static void unite(struct server *s)
{
	size_t n = 0;

	if (s->steps > 0)
		qsort(s->step, s->steps, sizeof *s->step, by_time);
	for (size_t i = 0; i < s->steps; i++) {
		struct step *to = n > 0 ? &s->step[n - 1] : NULL, x = s->step[i];

		if (to == NULL || to->t != x.t) {
			s->step[n++] = x;
			continue;
		}
		to->requests += x.requests;
		to->matched += x.matched;
		to->clients_known = x.seen != to->seen && (x.clients_known || to->clients_known);
		to->clients += x.clients;
		to->seen |= x.seen;
	}
	s->steps = n;
}

static void find_usual(const struct cl_report *r, struct server *s)
{
	double requests = 0, clients = 0;

	for (size_t i = 0; i < s->steps; i++)
		if (s->step[i].clients_known) {
			requests += (double)s->step[i].requests;
			clients += (double)s->step[i].clients;
		}
	s->per_client = cl_report_part(requests, clients);
	s->clients = cl_report_part(clients, (double)r->captured_ns / (double)(r->step_s * NS_PER_S));
}

static void read_rows(struct peaks *p, const char *sql, bool clients)
{
	struct cl_query *q = cl_query_new(p->r->s->store, sql);
	bool ok = true;

	if (clients)
		cl_query_bind_i64(q, 2, p->r->step_s);
	while (ok && cl_query_row(q)) {
		struct server *s = server_of(p, cl_query_i64(q, 0));
		struct step x = { .t = cl_query_i64(q, 1), .seen = !clients, .clients_known = clients };

		if (clients) {
			x.clients = cl_query_u64(q, 2);
		} else {
			x.requests = cl_query_u64(q, 2);
			x.matched = cl_query_u64(q, 3);
		}
		if (s != NULL)
			ok = add_step(p, s, &x);
	}
	cl_query_free(q);
}

static void read_steps(struct peaks *p)
{
	read_rows(p,
		  "SELECT service_id, t, requests, matched FROM step JOIN span ON t BETWEEN t_from AND t_to "
		  "WHERE requests > 0",
		  false);
	/* a row of clients follows a row of its step, or is of another sensor's */
	read_rows(p,
		  "SELECT service_id, t, sum(clients) FROM step_clients JOIN span ON t BETWEEN t_from AND "
		  "t_to WHERE window_s = ?2 GROUP BY t, service_id HAVING count(*) = 1",
		  true);
	for (size_t i = 0; i < p->servers; i++) {
		unite(&p->server[i]);
		find_usual(p->r, &p->server[i]);
	}
}

/* What a peak is made of ------------------------------------------------------ */

/* Requests of a step in the mean, at this hour of the other days that were captured then. */
static double mean_of_hour(const struct cl_report *r, const struct server *s, int64_t t)
{
	int64_t day = cl_floor_div(t - 1, 86400), hour = (t - 1 - day * 86400) / HOUR_S;
	double sum = 0, days = 0;
	size_t k = 0;

	if (r->step_s > HOUR_S || HOUR_S % r->step_s != 0)
		return (double)NAN;
	for (int64_t d = r->o->day_from; d <= r->o->day_to; d++) {
		int64_t begin = d * 86400 + hour * HOUR_S, end = begin + HOUR_S;

		if (d == day || cl_report_captured_ns(r, begin * NS_PER_S, end * NS_PER_S) <
					(HOUR_S - r->step_s) * NS_PER_S)
			continue;
		days++;
		while (k < s->steps && s->step[k].t <= begin)
			k++;
		for (; k < s->steps && s->step[k].t <= end; k++)
			sum += (double)s->step[k].requests;
	}
	return days > 0 ? sum / (days * HOUR_S / (double)r->step_s) : (double)NAN;
}

/* Clients of a day (c), and of these who may have asked in the step (s). What those sent that came and went
 * in it is known; of the others, the day's requests are the most that it can be. */
#define OF_DAY                                                                                               \
	"c AS (SELECT addr, min(c.first_ns) AS f, max(c.last_ns) AS l, sum(c.requests) AS n FROM source "    \
	"CROSS JOIN client_day AS c ON c.source_id = source.source_id AND c.day = ?2 AND c.service_id = ?3 " \
	"AND c.requests > 0 GROUP BY addr), s AS (SELECT * FROM c WHERE l > ?4 AND f <= ?5)"

static struct cl_query *ask(struct cl_report *r, const struct peak *p, const char *sql)
{
	struct cl_query *q = cl_query_new(r->s->store, sql);
	int64_t day = cl_floor_div(p->step->t - 1, 86400), end_ns = (p->step->t - day * 86400) * NS_PER_S;

	cl_query_bind_i64(q, 2, day);
	cl_query_bind_i64(q, 3, p->s->u->service_id);
	cl_query_bind_i64(q, 4, end_ns - r->step_s * NS_PER_S);
	cl_query_bind_i64(q, 5, end_ns);
	return q;
}

static double at_most_1(double v)
{
	return v > 1 ? 1 : v;
}

/* Whether all of a day, from 0, was captured. */
static bool is_whole(const struct cl_report *r, int64_t day)
{
	int64_t begin = day * 86400 * NS_PER_S, end = begin + 86400 * NS_PER_S;

	return cl_report_captured_ns(r, begin, end) >= 86400 * NS_PER_S / 100 * 99;
}

static void find_clients(struct cl_report *r, struct peak *p)
{
	double requests = (double)p->step->requests, clients = (double)p->step->clients;
	struct cl_query *q = ask(
		r, p,
		"WITH " OF_DAY ", k AS (SELECT *, f > ?4 AND l <= ?5 AS only FROM s) SELECT count(*) FILTER "
		"(WHERE f > ?4), count(*) FILTER (WHERE f > ?4 AND NOT EXISTS (SELECT 1 FROM source CROSS "
		"JOIN client_day AS b ON b.source_id = source.source_id AND b.day = ?2 - 1 AND b.service_id "
		"= "
		"?3 AND b.addr = k.addr AND b.requests > 0)), coalesce(max(n) FILTER (WHERE only), 0), "
		"coalesce(sum(n) FILTER (WHERE only), 0), count(*) FILTER (WHERE only), coalesce(max(n) "
		"FILTER (WHERE NOT only), 0) FROM k");

	if (cl_query_row(q)) {
		double least = (double)cl_query_i64(q, 2), rest = requests - (double)cl_query_i64(q, 3),
		       most = (double)cl_query_i64(q, 5);

		if (p->step->clients_known) {
			double others = clients - (double)cl_query_i64(q, 4);

			p->new_share = cl_report_part((double)cl_query_i64(q, 0), clients);
			if (is_whole(r, cl_floor_div(p->step->t - 1, 86400) - 1))
				p->unseen_share = cl_report_part((double)cl_query_i64(q, 1), clients);
			p->per_client = cl_report_part(requests, clients);
			rest -= others > 1 ? others - 1 : 0; /* each has sent one at least */
		}
		most = most < rest ? most : rest;
		p->top_least = least / requests;
		p->top_most = at_most_1((most > least ? most : least) / requests);
	}
	cl_query_free(q);
}

/* The network with most of those who came first that day. */
static void find_network(struct cl_report *r, struct peak *p)
{
	struct cl_query *q =
		ask(r, p,
		    "WITH " OF_DAY ", g AS (SELECT length(addr) AS octets, count(*) AS n FROM s WHERE f > ?4 "
		    "GROUP BY substr(addr, 1, CASE length(addr) WHEN 4 THEN 3 ELSE 6 END), "
		    "length(addr)) SELECT octets, n, (SELECT sum(n) FROM g) FROM g ORDER BY n "
		    "DESC, octets LIMIT 1");

	if (cl_query_row(q) && cl_query_i64(q, 2) > 0) {
		p->network = (double)cl_query_i64(q, 1) / (double)cl_query_i64(q, 2);
		p->network_bits = cl_query_i64(q, 0) == 4 ? 24 : 48;
	}
	cl_query_free(q);
}

static struct peak explain(struct cl_report *r, const struct server *s, const struct step *step)
{
	double rate = (double)step->requests / (double)r->step_s, unknown = (double)NAN;
	const struct cl_report_subject *u = s->u;
	struct peak p = { .s = s,
			  .step = step,
			  .new_share = unknown,
			  .unseen_share = unknown,
			  .per_client = unknown,
			  .top_least = unknown,
			  .top_most = unknown,
			  .network = unknown,
			  .answered = unknown };

	p.times_mean = cl_report_part(
		rate, cl_report_part((double)u->n[CL_C_REQUESTS], (double)r->captured_ns / 1e9));
	p.times_hour = cl_report_part((double)step->requests, mean_of_hour(r, s, step->t));
	if (u->n[CL_C_RESPONSES] > 0)
		p.answered = at_most_1((double)step->matched / (double)step->requests);
	if (r->people_short || u->approx.any)
		return p; /* rows of clients are missing */
	find_clients(r, &p);
	find_network(r, &p);
	return p;
}

/* Words ----------------------------------------------------------------------- */

struct words {
	char at[384];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(w->at + w->used, sizeof w->at - w->used, format, args);
	va_end(args);
	if (n > 0)
		w->used = w->used + (size_t)n < sizeof w->at ? w->used + (size_t)n : sizeof w->at - 1;
}

static void times(struct words *w, double v)
{
	add(w, v < 10 ? "%.1f times" : "%.0f times", v);
}

static double percent(double share)
{
	return share * 100;
}

static void say_new(struct words *w, const struct peak *p)
{
	bool unseen = isfinite(p->unseen_share);

	add(w, "%.0f %% of its clients had not been seen that day%s",
	    percent(unseen ? p->unseen_share : p->new_share), unseen ? " nor the day before" : "");
}

static void say_many_new(struct words *w, const struct peak *p)
{
	say_new(w, p);
	if (p->network >= 0.5 && p->step->clients > 1)
		add(w, ", and %.0f %% of the new ones are in one /%u", percent(p->network), p->network_bits);
	else if (p->top_most <= NONE_MOST)
		add(w, ": many new clients, no single one");
	else
		add(w, ": many new clients");
}

static void say_often(struct words *w, const struct peak *p)
{
	add(w, "%.1f requests of each client, ", p->per_client);
	times(w, p->per_client / p->s->per_client);
	add(w, " as many as usual");
	if (p->top_most <= NONE_MOST)
		add(w, ", no single one");
	else if (p->top_most >= 0.5)
		add(w, "; whether one client sent most of them is not known");
}

static void say_more(struct words *w, const struct peak *p, double fresh)
{
	times(w, (double)p->step->clients / p->s->clients);
	add(w, " as many clients as usual, ");
	times(w, p->per_client / p->s->per_client);
	add(w, " as many requests of each; %.0f %% of them had not been seen %s", percent(fresh),
	    isfinite(p->unseen_share) ? "that day nor the day before" : "that day");
}

/* The first that fits. */
static void say_cause(struct words *w, const struct peak *p)
{
	bool early = (p->step->t - 1) % 86400 < EARLY_S;
	double fresh = isfinite(p->unseen_share) ? p->unseen_share : early ? (double)NAN : p->new_share;

	add(w, ": ");
	if (p->times_mean < USUAL) {
		add(w, "hardly a peak");
	} else if (p->times_hour < USUAL) {
		add(w, "the course of the day");
	} else if (p->top_least >= 0.5) {
		add(w, "one client sent %.0f %% of the requests, and asked at no other time that day",
		    percent(p->top_least));
	} else if (fresh >= 0.5) {
		say_many_new(w, p);
	} else if (p->per_client / p->s->per_client >= OFTEN) {
		say_often(w, p);
	} else if (isfinite(fresh)) {
		say_more(w, p, fresh);
	} else {
		add(w, "who asked is not known");
	}
}

/* What happened to the server meanwhile. */
static void say_events(struct cl_report *r, struct words *w, const struct peak *p)
{
	struct cl_query *q =
		cl_query_new(r->s->store, "SELECT 1 FROM sqlite_master WHERE name = 'server_event'");
	bool known = cl_query_row(q);

	cl_query_free(q);
	if (!known)
		return;
	q = cl_query_new(
		r->s->store,
		"SELECT DISTINCT CASE kind WHEN 'silence' THEN 'it was silent' WHEN "
		"'unsynchronised' THEN 'it was not synchronised' WHEN 'servfail' THEN 'many SERVFAIL' "
		"WHEN 'refused' THEN 'many REFUSED' END FROM server_event WHERE service_id = ?2 AND day "
		"BETWEEN ?3 / 86400000000000 - 1 AND ?4 / 86400000000000 AND t_ns < ?4 AND "
		"coalesce(until_ns, ?4) > ?3 AND kind IN ('silence', 'unsynchronised', 'servfail', "
		"'refused') ORDER BY 1");
	cl_query_bind_i64(q, 2, p->s->u->service_id);
	cl_query_bind_i64(q, 3, (p->step->t - r->step_s) * NS_PER_S);
	cl_query_bind_i64(q, 4, p->step->t * NS_PER_S);
	while (cl_query_row(q))
		add(w, "; %s", cl_query_word(q, 0));
	cl_query_free(q);
}

static void say_peak(struct cl_report *r, struct words *w, const struct peak *p)
{
	const int64_t *n = p->s->u->n;
	double answered = cl_report_part((double)n[CL_C_MATCHED], (double)n[CL_C_REQUESTS]);

	times(w, p->times_mean);
	add(w, " the mean");
	if (isfinite(p->times_hour)) {
		add(w, ", ");
		times(w, p->times_hour);
		add(w, " this hour of other days");
	}
	say_cause(w, p);
	if (isfinite(p->answered) && fabs(p->answered - answered) >= 0.1)
		add(w, "; %.0f %% answered, %.0f %% in all", percent(p->answered), percent(answered));
	say_events(r, w, p);
}

/* Tables ---------------------------------------------------------------------- */

static const struct cl_column peak_columns[] = {
	{ "Step ends", "t", CL_COL_TIME },	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },	{ "Rate/s", "rate", CL_COL_NUMBER },
	{ "What it was", "what", CL_COL_TEXT },
};

static const struct cl_column value_columns[] = {
	{ "Step ends", "t", CL_COL_TIME },
	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Requests", "requests", CL_COL_COUNT },
	{ "Times the mean", "times_mean", CL_COL_NUMBER },
	{ "Times the hour", "times_hour", CL_COL_NUMBER },
	{ "Answered", "answered_share", CL_COL_SHARE },
	{ "Clients", "clients", CL_COL_COUNT },
	{ "New that day", "new_share", CL_COL_SHARE },
	{ "Nor the day before", "unseen_share", CL_COL_SHARE },
	{ "Requests a client", "per_client", CL_COL_NUMBER },
	{ "Usual", "per_client_usual", CL_COL_NUMBER },
	{ "One client, least", "top_least", CL_COL_SHARE },
	{ "At most", "top_most", CL_COL_SHARE },
	{ "New of one network", "network_share", CL_COL_SHARE },
};

static void peak_row(struct cl_report *r, struct cl_doc_table *t, struct cl_doc_table *v,
		     const struct peak *p)
{
	const struct cl_report_subject *u = p->s->u;
	struct words w = { .used = 0 };

	say_peak(r, &w, p);
	cl_doc_time(t, p->step->t * NS_PER_S);
	cl_doc_text(t, u->name);
	cl_doc_text(t, cl_report_proto[u->proto]);
	cl_doc_number(t, (double)p->step->requests / (double)r->step_s);
	cl_doc_text(t, w.at);
	cl_doc_time(v, p->step->t * NS_PER_S);
	cl_doc_text(v, u->name);
	cl_doc_text(v, cl_report_proto[u->proto]);
	cl_doc_count(v, p->step->requests);
	cl_doc_number(v, p->times_mean);
	cl_doc_number(v, p->times_hour);
	cl_doc_share(v, p->answered);
	if (p->step->clients_known)
		cl_doc_count(v, p->step->clients);
	else
		cl_doc_null(v);
	cl_doc_share(v, p->new_share);
	cl_doc_share(v, p->unseen_share);
	cl_doc_number(v, p->per_client);
	cl_doc_number(v, p->s->per_client);
	cl_doc_share(v, p->top_least);
	cl_doc_share(v, p->top_most);
	cl_doc_share(v, p->network);
}

/* The busiest step that lies apart from those before; NULL: there is none. */
static const struct step *next_peak(const struct server *s, const struct step *const *before, size_t n)
{
	const struct step *most = NULL;

	for (size_t i = 0; i < s->steps; i++) {
		const struct step *x = &s->step[i];
		bool apart = x->seen && x->requests >= REQUESTS;

		for (size_t k = 0; apart && k < n; k++)
			apart = x->t - before[k]->t >= APART_S || before[k]->t - x->t >= APART_S;
		if (apart && (most == NULL || x->requests > most->requests))
			most = x;
	}
	return most;
}

static void peaks_of(struct peaks *p, const struct server *s, struct cl_doc_table *t, struct cl_doc_table *v)
{
	const struct step *at[PEAKS];

	for (size_t n = 0; n < PEAKS && s->steps >= STEPS_LEAST; n++) {
		at[n] = next_peak(s, at, n);
		if (at[n] == NULL)
			return;
		struct peak k = explain(p->r, s, at[n]);
		if (n > 0 && k.times_mean < USUAL)
			return;
		peak_row(p->r, t, v, &k);
	}
}

void cl_report_peaks(struct cl_report *r)
{
	struct peaks p = { .r = r };

	choose_servers(&p);
	if (p.servers == 0)
		return;
	read_steps(&p);
	cl_doc_chapter(r->d, "peaks", "Peaks explained");
	struct cl_doc_table *t =
		cl_doc_table(r->d, "peaks", "Highest steps of servers", peak_columns, 5, CL_DOC_SHOWN);
	struct cl_doc_table *v =
		cl_doc_table(r->d, "values", "Values of peaks", value_columns, 15, CL_DOC_FOLDED);
	cl_doc_table_empty(t, "No step has enough requests to be called a peak.");
	for (size_t i = 0; i < p.servers; i++) {
		peaks_of(&p, &p.server[i], t, v);
		free(p.server[i].step);
	}
	cl_doc_say(
		r->d,
		"Up to %u steps with %u requests or more of each of the %u servers that are asked most, an "
		"hour apart. What a client "
		"sent "
		"in a step is known of those that asked in no other on that day; of the others, how much it "
		"can be at most. NTP versions, kisses, DNS types and response codes are kept by day: of a "
		"step they are not known, but for bursts of failures. 'clientele peaks' knows more, where "
		"single messages are kept.",
		PEAKS, REQUESTS, SERVERS);
}
