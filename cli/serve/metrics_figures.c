/* SPDX-License-Identifier: BSD-2-Clause */
/* Metrics: sums over all days, of servers with a label and of the others. */
#include "cli/serve/metrics_figures.h"

#include <stdio.h>
#include <string.h>

#include "cli/log.h"

#define NS_PER_S 1000000000

const char *const cl_metrics_protos[CL_METRICS_PROTOS] = { "ntp", "dns" };

static void run(struct cl_store *s, const char *sql)
{
	struct cl_query *q = cl_query_new(s, sql);

	cl_query_run(q);
	cl_query_free(q);
}

/*
 * The days of the last month, found by their keys: a scan would read a row for each server and day. Counters
 * that begin anew each month never fall in between, whatever --keep takes away.
 */
static void find_days(struct cl_store *s)
{
	run(s,
	    "CREATE TEMP TABLE month AS SELECT CAST(strftime('%s', max(last_ns) / 1000000000, 'unixepoch', "
	    "'start of month') AS INTEGER) / 86400 AS first FROM source");
	run(s,
	    "CREATE TEMP TABLE date AS WITH RECURSIVE d(source_id, day) AS (SELECT source_id, (SELECT "
	    "min(day) FROM day WHERE day.source_id = source.source_id AND day.day >= (SELECT first FROM "
	    "month)) FROM source UNION ALL SELECT source_id, (SELECT min(day) FROM day WHERE day.source_id "
	    "= d.source_id AND day.day > d.day) FROM d WHERE d.day IS NOT NULL) SELECT source_id, day FROM "
	    "d WHERE day IS NOT NULL");
}

static void sum_days(struct cl_store *s, struct cl_metrics_server *server)
{
	struct cl_query *q =
		cl_query_new(s, "SELECT 0"
#define X(id, column, doc) ", sum(" #column ")"
#include "stats/engine/counters.def"
#undef X
				" FROM date CROSS JOIN day ON day.source_id = date.source_id AND "
				"day.day = date.day AND service_id = ?2");

	cl_query_bind_i64(q, 2, server->service_id);
	if (cl_query_row(q))
		for (int i = 0; i < CL_COUNTERS; i++)
			server->n[i] = cl_query_u64(q, i + 1);
	cl_query_free(q);
}

/* Servers in the order in which the database met them: a label, once given, stays. */
static struct cl_query *ask_servers(struct cl_store *s, const char *proto, bool chosen)
{
	struct cl_query *q = cl_query_new(s, chosen ? "SELECT service_id, addr FROM service WHERE proto = ?2 "
						      "AND kind = 'server' AND addr IN (SELECT addr FROM "
						      "asked) ORDER BY service_id"
						    : "SELECT service_id, addr FROM service WHERE proto = ?2 "
						      "AND kind = 'server' ORDER BY service_id");

	cl_query_bind_text(q, 2, proto);
	return q;
}

static bool add_server(struct cl_metrics_figures *f, unsigned p, struct cl_query *q)
{
	struct cl_metrics_server *server = &f->of[p].server[f->of[p].count];
	struct cl_addr addr;

	if (f->of[p].count == CL_METRICS_SERVERS || !cl_query_addr(q, 1, &addr))
		return false;
	server->service_id = cl_query_i64(q, 0);
	server->family = cl_addr_is_v4(&addr) ? "ipv4" : "ipv6";
	cl_addr_format(&addr, server->label);
	f->of[p].count++;
	return true;
}

/* What all servers have and those with a label have not. */
static void sum_others(struct cl_metrics_figures *f, unsigned p)
{
	struct cl_metrics_server *rest = &f->of[p].server[f->of[p].count];
	bool any = false;

	*rest = f->of[p].all;
	snprintf(rest->label, sizeof rest->label, "other");
	rest->family = "other";
	for (int c = 0; c < CL_COUNTERS; c++) {
		for (size_t i = 0; i < f->of[p].count; i++)
			rest->n[c] -=
				f->of[p].server[i].n[c] < rest->n[c] ? f->of[p].server[i].n[c] : rest->n[c];
		any = any || rest->n[c] > 0;
	}
	f->of[p].others = any;
}

static void read_proto(struct cl_metrics_figures *f, unsigned p, bool chosen)
{
	struct cl_store *s = f->store;
	struct cl_query *q =
		cl_query_new(s, "SELECT service_id FROM service WHERE proto = ?2 AND kind = 'all'");

	cl_query_bind_text(q, 2, cl_metrics_protos[p]);
	f->of[p].known = cl_query_row(q);
	if (f->of[p].known)
		f->of[p].all.service_id = cl_query_i64(q, 0);
	cl_query_free(q);
	if (!f->of[p].known)
		return;
	q = ask_servers(s, cl_metrics_protos[p], chosen);
	while (cl_query_row(q) && add_server(f, p, q))
		;
	cl_query_free(q);
	sum_days(s, &f->of[p].all);
	for (size_t i = 0; i < f->of[p].count; i++)
		sum_days(s, &f->of[p].server[i]);
	sum_others(f, p);
}

static void choose(struct cl_store *s, const struct cl_metrics_ask *ask)
{
	run(s, "CREATE TEMP TABLE asked(addr BLOB PRIMARY KEY)");
	for (size_t i = 0; i < ask->nservers; i++) {
		bool v4 = cl_addr_is_v4(&ask->servers[i]);
		struct cl_query *q = cl_query_new(s, "INSERT OR IGNORE INTO asked VALUES(?2)");

		cl_query_bind_blob(q, 2, ask->servers[i].b + (v4 ? 12 : 0), v4 ? 4 : 16);
		cl_query_run(q);
		cl_query_free(q);
	}
}

static void read_source(struct cl_metrics_figures *f)
{
	struct cl_query *q = cl_query_new(f->store, "SELECT max(last_ns), count(*) FROM source");

	if (cl_query_row(q)) {
		f->any = !cl_query_null(q, 0);
		f->last_ns = f->any ? cl_query_ns(q, 0) : 0;
		f->one_source = cl_query_i64(q, 1) == 1;
	}
	cl_query_free(q);
	int64_t step_ns = f->config.engine.step_ns;
	f->step_t = (f->last_ns / step_ns - (f->last_ns % step_ns < 0)) * (step_ns / NS_PER_S);
	q = cl_query_new(f->store, "SELECT 1 FROM capture_interval LIMIT 1");
	f->intervals = cl_query_row(q);
	cl_query_free(q);
}

bool cl_metrics_read(struct cl_metrics_figures *f, const struct cl_metrics_ask *ask)
{
	char err[CL_STORE_ERRLEN];

	*f = (struct cl_metrics_figures){ .store = NULL };
	f->store = cl_store_read(ask->path, &f->config, err);
	if (f->store == NULL) {
		cl_error(ask->path, "%s", err);
		return false;
	}
	read_source(f);
	find_days(f->store);
	choose(f->store, ask);
	for (unsigned p = 0; p < CL_METRICS_PROTOS; p++)
		read_proto(f, p, ask->nservers > 0);
	return true;
}
