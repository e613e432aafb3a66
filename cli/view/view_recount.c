/* SPDX-License-Identifier: BSD-2-Clause */
/* What no stored figure of a database answers, counted from its rows of clients in one reading. */
#include <stdlib.h>

#include "cli/view/view.h"
#include "stats/store/census.h"
#include "stats/store/recount.h"
#include "stats/store/stored_clients.h"
#include "stats/table/index.h"

struct service_count {
	int64_t service_id;
	struct cl_unique clients;
};

/* A census that is told the rows as they are read. */
struct told {
	struct cl_census *census; /* NULL: none */
	const struct cl_census_server *servers;
	cl_place_fn *place;
	void *ctx;
};

struct cl_view_recount {
	struct cl_recount *rows;
	struct service_count *services;
	size_t count;
	bool has_scope[CL_SCOPES];
	struct cl_unique scope[CL_SCOPES];
};

/* The first day of a day's month. */
#define MONTH(day) "CAST(strftime('%s', " day " * 86400, 'unixepoch', 'start of month') AS INTEGER) / 86400"

/* Months of which every day that there is was asked for; the other days asked for, and those that are not
 * over. */
static void choose_rows(struct cl_session *s)
{
	static const char *const sql[] = {
		"CREATE TEMP TABLE whole AS SELECT source_id, month AS day FROM (SELECT DISTINCT source_id, "
		"day, " MONTH("day") " AS month FROM day) JOIN span GROUP BY source_id, month HAVING min(day "
				     "BETWEEN "
				     "day_from AND day_to) = 1",
		"CREATE TEMP TABLE part AS SELECT source_id, day FROM dates JOIN source USING(source_id) "
		"WHERE "
		"(source_id, " MONTH(
			"day") ") NOT IN (SELECT source_id, day FROM whole) OR closed_day IS NULL "
			       "OR day > closed_day",
	};

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		struct cl_query *q = cl_query_new(s->store, sql[i]);

		cl_query_run(q);
		cl_query_free(q);
	}
}

static uint32_t scopes_of(bool dns, int64_t via)
{
	if (!dns)
		return 1u << CL_SCOPE_NTP;
	return 1u << CL_SCOPE_DNS | ((via & 1) != 0 ? 1u << CL_SCOPE_DNS_UDP : 0) |
	       ((via & 2) != 0 ? 1u << CL_SCOPE_DNS_TCP : 0);
}

/* The rows of a service. */
struct rows {
	struct cl_recount *to;
	bool dns;
};

/* A cl_stored_client_fn. */
static void take_row(void *ctx, const struct cl_stored_client *row)
{
	const struct rows *rows = ctx;

	cl_recount_add(rows->to,
		       &(struct cl_recounted){ row->addr, row->requests, row->first_ns, row->last_ns },
		       scopes_of(rows->dns, row->via));
}

/* Of ?2, months, then days. */
static void add_rows(struct cl_session *s, struct cl_recount *r, int64_t service_id, bool dns)
{
	static const char *const sql[] = {
		"SELECT " CL_STORED_CLIENT("0", "addr", "requests", "first_ns", "last_ns",
					   "via") " FROM whole AS p "
						  "CROSS JOIN client_month AS c ON c.source_id = p.source_id "
						  "AND c.day = p.day WHERE c.service_id = ?2",
		"SELECT " CL_STORED_CLIENT(
			"0", "addr", "requests", "c.day * 86400000000000 + first_ns",
			"c.day * 86400000000000 + last_ns",
			"via") " FROM part AS p CROSS JOIN client_day AS c ON c.source_id = "
			       "p.source_id AND c.day = p.day WHERE c.service_id = ?2",
	};
	struct rows rows = { r, dns };

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		cl_stored_clients(s->store, sql[i], service_id, 0, take_row, &rows);
}

/* Services come in the order of their numbers. */
static bool keep_count(struct cl_view_recount *v, int64_t service_id)
{
	struct service_count *more = realloc(v->services, (v->count + 1) * sizeof *more);

	if (more == NULL)
		return false;
	v->services = more;
	v->services[v->count++] = (struct service_count){ service_id, cl_recount_service(v->rows) };
	return true;
}

static void tell_service(struct cl_view_recount *v, const struct told *to, int64_t service_id)
{
	uint32_t place = to->census != NULL ? to->place(to->ctx, service_id) : CL_INDEX_NONE;

	if (place != CL_INDEX_NONE)
		cl_recount_tell(v->rows, to->census, &to->servers[place], place);
}

static void read_rows(struct cl_session *s, struct cl_view_recount *v, const struct told *to, bool unique)
{
	struct cl_query *services =
		cl_query_new(s->store, "SELECT service_id, proto = 'dns' FROM chosen ORDER BY service_id");
	bool ok = true;

	while (ok && cl_query_row(services)) {
		int64_t service_id = cl_query_i64(services, 0);
		bool dns = cl_query_i64(services, 1) != 0;

		cl_recount_begin(v->rows);
		add_rows(s, v->rows, service_id, dns);
		tell_service(v, to, service_id);
		ok = !unique || keep_count(v, service_id);
	}
	if (to->census != NULL && !cl_recount_failed(v->rows))
		cl_recount_tell_clients(v->rows, to->census);
	if (!ok || cl_recount_failed(v->rows))
		cl_store_fail(s->store, CL_ENOMEM);
	cl_query_free(services);
}

static struct cl_view_recount *make_recount(struct cl_session *s, const struct told *to)
{
	struct cl_view_recount *v = calloc(1, sizeof *v);
	if (v == NULL || (v->rows = cl_recount_new(cl_random_seed())) == NULL ||
	    (to->census != NULL && !cl_recount_for_census(v->rows))) {
		if (v != NULL)
			cl_recount_free(v->rows);
		free(v);
		cl_store_fail(s->store, CL_ENOMEM);
		return NULL;
	}
	s->recount = v;
	choose_rows(s);
	read_rows(s, v, to, !cl_view_counted(s));
	return v;
}

/* The session's counts, made when they are first asked for. NULL: the store has failed. */
static struct cl_view_recount *recount_of(struct cl_session *s)
{
	return s->recount != NULL ? s->recount : make_recount(s, &(struct told){ .census = NULL });
}

void cl_view_recount_census(struct cl_session *s, struct cl_census *census,
			    const struct cl_census_server *servers, cl_place_fn *place, void *ctx)
{
	make_recount(s, &(struct told){ census, servers, place, ctx });
}

static int by_id(const void *key, const void *element)
{
	int64_t id = *(const int64_t *)key, other = ((const struct service_count *)element)->service_id;

	return (id > other) - (id < other);
}

struct cl_unique cl_view_recount_service(struct cl_session *s, int64_t service_id)
{
	struct cl_view_recount *v = recount_of(s);
	const struct service_count *found = NULL;

	if (v != NULL && v->count > 0)
		found = bsearch(&service_id, v->services, v->count, sizeof *v->services, by_id);
	return found != NULL ? found->clients : (struct cl_unique){ .ipv4 = 0 };
}

struct cl_unique cl_view_recount_scope(struct cl_session *s, enum cl_scope scope)
{
	struct cl_view_recount *v = recount_of(s);

	if (v == NULL)
		return (struct cl_unique){ .ipv4 = 0 };
	if (!v->has_scope[scope])
		v->scope[scope] = cl_recount_scope(v->rows, scope);
	v->has_scope[scope] = true;
	if (cl_recount_failed(v->rows))
		cl_store_fail(s->store, CL_ENOMEM);
	return v->scope[scope];
}

struct cl_recounted *cl_view_recount_top(struct cl_session *s, size_t n, size_t *count)
{
	struct cl_view_recount *v = recount_of(s);

	*count = 0;
	if (v == NULL)
		return NULL;
	if (n > cl_recount_addresses(v->rows))
		n = cl_recount_addresses(v->rows);
	struct cl_recounted *top = malloc((n + 1) * sizeof *top);
	if (top == NULL)
		cl_store_fail(s->store, CL_ENOMEM);
	else
		*count = cl_recount_top(v->rows, top, n);
	return top;
}

void cl_view_recount_free(struct cl_session *s)
{
	if (s->recount == NULL)
		return;
	cl_recount_free(s->recount->rows);
	free(s->recount->services);
	free(s->recount);
	s->recount = NULL;
}
