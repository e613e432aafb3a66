/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "cli/view/approx.h"
#include "cli/view/summary.h"

#define NS_PER_S 1000000000

const char *const cl_report_proto[CL_PROTOS] = { "NTP", "DNS" };
const char *const cl_report_captured_words[3] = { "none", "part", "whole" };

void cl_report_sql(struct cl_report *r, const char *sql)
{
	struct cl_query *q = cl_query_new(r->s->store, sql);

	cl_query_run(q);
	cl_query_free(q);
}

int64_t cl_report_day_ns(const struct cl_report *r, size_t day)
{
	return (r->o->day_from + (int64_t)day) * 86400 * NS_PER_S;
}

void cl_report_day_cells(const struct cl_report *r, struct cl_doc_table *t, size_t day)
{
	if (day >= r->days) { /* damaged */
		cl_doc_null(t);
		cl_doc_null(t);
		return;
	}
	cl_doc_time(t, cl_report_day_ns(r, day));
	cl_doc_text(t, cl_report_captured_words[r->day[day].captured]);
}

struct cl_doc_plot *cl_report_plot_days(const struct cl_report *r, const struct cl_doc_table *t,
					const char *title, const char *proto)
{
	return cl_doc_plot(r->d, t,
			   &(struct cl_doc_plot_of){ .title = title,
						     .x_label = "day",
						     .after_s = 86400,
						     .where = proto != NULL ? 2 : -1,
						     .is = proto });
}

void cl_report_share(struct cl_doc_table *t, struct cl_query *q, int column, int of)
{
	cl_doc_share(t, cl_report_part((double)cl_query_i64(q, column), (double)cl_query_i64(q, of)));
}

uint64_t cl_report_days_without(struct cl_report *r, enum cl_proto proto, const char *table)
{
	char sql[512];

	snprintf(sql, sizeof sql,
		 "SELECT count(*) FROM dates AS d WHERE EXISTS (SELECT 1 FROM day JOIN total "
		 "USING(service_id) "
		 "WHERE day.source_id = d.source_id AND day.day = d.day AND proto = ?2 AND requests > 0) AND "
		 "NOT "
		 "EXISTS (SELECT 1 FROM %s AS k WHERE k.source_id = d.source_id AND k.day = d.day)",
		 table);
	struct cl_query *q = cl_query_new(r->s->store, sql);
	cl_query_bind_text(q, 2, cl_proto_names[proto]);
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;
	cl_query_free(q);
	return n;
}

void cl_report_client(const struct cl_report *r, const struct cl_addr *a, char out[CL_REPORT_CLIENT_STRLEN])
{
	struct cl_prefix p = cl_prefix_of(a, cl_addr_is_v4(a) ? 24 : 48);

	if (!r->o->no_addresses) {
		cl_addr_format(a, out);
		return;
	}
	size_t len = cl_addr_format(&p.addr, out);
	snprintf(out + len, CL_REPORT_CLIENT_STRLEN - len, "/%u", p.len);
}

/* Subjects -------------------------------------------------------------------- */

static bool add_subject(struct cl_report *r, const struct cl_report_subject *u)
{
	struct cl_report_subject *more = realloc(r->subject, (r->subjects + 1) * sizeof *more);

	if (more == NULL) {
		cl_store_fail(r->s->store, CL_ENOMEM);
		return false;
	}
	r->subject = more;
	r->subject[r->subjects++] = *u;
	return true;
}

/* Rows service_id, addr and all counters. */
static void read_subjects(struct cl_report *r, const char *sql, enum cl_proto proto, bool all)
{
	struct cl_query *q = cl_query_new(r->s->store, sql);

	cl_query_bind_text(q, 2, cl_proto_names[proto]);
	while (cl_query_row(q)) {
		struct cl_report_subject u = { .service_id = cl_query_i64(q, 0),
					       .proto = proto,
					       .all = all,
					       .place = CL_POPULATION_NONE };
		char text[CL_ADDR_STRLEN];
		int64_t any = 0;

		u.has_address = cl_query_addr(q, 1, &u.addr);
		snprintf(u.name, sizeof u.name, "%s",
			 all		 ? "all"
			 : u.has_address ? cl_session_name(r->s, &u.addr, text)
					 : "others");
		for (int i = 0; i < (int)CL_COUNTERS; i++) {
			u.n[i] = cl_summary_count(cl_query_i64(q, 2 + i));
			any |= u.n[i];
		}
		if (any != 0 && !add_subject(r, &u))
			break;
	}
	cl_query_free(q);
}

static void find_subjects(struct cl_report *r, enum cl_proto proto)
{
	read_subjects(r,
		      "SELECT CASE count(DISTINCT service_id) WHEN 1 THEN min(service_id) ELSE 0 END, NULL"
#define X(id, column, doc) ", coalesce(sum(" #column "), 0)"
#include "stats/engine/counters.def"
#undef X
		      " FROM day JOIN total USING(service_id) JOIN span ON day BETWEEN day_from AND day_to "
		      "WHERE proto = ?2",
		      proto, true);
	read_subjects(r,
		      "SELECT service_id, addr"
#define X(id, column, doc) ", coalesce(sum(" #column "), 0)"
#include "stats/engine/counters.def"
#undef X
		      " FROM day JOIN chosen USING(service_id) JOIN span ON day BETWEEN day_from AND day_to "
		      "WHERE proto = ?2 GROUP BY service_id ORDER BY sum(requests) DESC, rank",
		      proto, false);
}

/* The busiest step of a protocol: of several sensors, what they have of it is added. */
static void find_peak_of_all(struct cl_report *r, struct cl_report_subject *u)
{
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT t, sum(requests) AS n FROM total CROSS JOIN step USING(service_id) JOIN "
		"span ON t BETWEEN t_from AND t_to WHERE proto = ?2 GROUP BY t ORDER BY n DESC, t "
		"LIMIT 1");

	cl_query_bind_text(q, 2, cl_proto_names[u->proto]);
	if (cl_query_row(q)) {
		u->peak_t = cl_query_s(q, 0);
		u->peak = cl_query_u64(q, 1);
	}
	cl_query_free(q);
}

static struct cl_report_subject *server_of(struct cl_report *r, int64_t service_id)
{
	for (size_t i = 0; i < r->subjects; i++)
		if (!r->subject[i].all && r->subject[i].service_id == service_id)
			return &r->subject[i];
	return NULL;
}

/* Those of servers, in one reading: steps lie in the order of time, not by service. */
static void find_peaks_of_servers(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(
		r->s->store, "SELECT service_id, t, sum(requests) FROM step JOIN span ON t BETWEEN "
			     "t_from AND t_to GROUP BY service_id, t ORDER BY service_id, t");
	struct cl_report_subject *u = NULL;
	int64_t last = 0; /* no service's number */

	while (cl_query_row(q)) {
		if (cl_query_i64(q, 0) != last) {
			last = cl_query_i64(q, 0);
			u = server_of(r, last);
			if (u != NULL)
				u->peak_t = cl_query_i64(q, 1);
		}
		if (u != NULL && cl_query_u64(q, 2) > u->peak) {
			u->peak_t = cl_query_i64(q, 1);
			u->peak = cl_query_u64(q, 2);
		}
	}
	cl_query_free(q);
}

static void complete_subject(struct cl_report *r, struct cl_report_subject *u, uint32_t *places)
{
	struct cl_session *s = r->s;

	if (!u->all && *places < CL_POPULATION_SERVERS)
		u->place = (*places)++;
	if (u->all)
		find_peak_of_all(r, u);
	u->clients = u->all ? cl_view_unique_all(s, cl_proto_names[u->proto], 0)
			    : cl_view_unique(s, u->service_id);
	u->approx =
		u->all ? cl_approx_of_all(s, cl_proto_names[u->proto], 0) : cl_approx_of(s, u->service_id);
}

const struct cl_report_subject *cl_report_all(const struct cl_report *r, enum cl_proto proto)
{
	for (size_t i = 0; i < r->subjects; i++)
		if (r->subject[i].all && r->subject[i].proto == proto)
			return &r->subject[i];
	return NULL;
}

/* Opening --------------------------------------------------------------------- */

bool cl_report_open(struct cl_report *r)
{
	uint32_t places = 0;

	r->step_s = r->s->config.engine.step_ns / NS_PER_S;
	r->days = (size_t)(r->o->day_to - r->o->day_from + 1);
	if (!cl_report_period(r))
		return false;
	for (unsigned p = 0; p < CL_PROTOS; p++)
		find_subjects(r, (enum cl_proto)p);
	find_peaks_of_servers(r);
	for (size_t i = 0; i < r->subjects && cl_store_error(r->s->store) == NULL; i++)
		complete_subject(r, &r->subject[i], &places);
	return cl_store_error(r->s->store) == NULL && cl_report_people(r);
}

void cl_report_close(struct cl_report *r)
{
	free(r->day);
	free(r->stretch);
	free(r->subject);
	cl_population_free(r->people);
}
