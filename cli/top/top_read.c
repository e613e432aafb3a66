/* SPDX-License-Identifier: BSD-2-Clause */
/* top: its figures, from the database. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/serve/months.h"
#include "cli/top/top.h"

#define NS_PER_S INT64_C(1000000000)
#define DAY_S	 86400
#define HOUR_S	 3600

/* Sorting a day's clients takes at most this part of the time. */
#define SORT_SHARE 20

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* When the file or its log was written last; 0: it is not there. */
static int64_t modified_ns(const char *path)
{
	char log[4096];
	struct stat st;
	int64_t ns = 0;

	snprintf(log, sizeof log, "%s-wal", path);
	for (int i = 0; i < 2; i++)
		if (stat(i == 0 ? path : log, &st) == 0 &&
		    (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec > ns)
			ns = (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
	return ns;
}

static enum cl_recent_proto proto_of(struct cl_query *q, int column)
{
	return strcmp(cl_query_word(q, column), "dns") == 0 ? CL_RECENT_DNS : CL_RECENT_NTP;
}

/* Of the last step that is over, or of the first while it is not. */
static void read_servers(struct cl_top *t)
{
	int64_t at = t->r.n > 0 ? t->r.step[t->r.n - 1].t : t->r.now.t,
		window_s = t->r.config.engine.windows > 0 ? t->r.config.engine.window_ns[0] / NS_PER_S : 0;
	struct cl_query *q = cl_query_new(
		t->r.store,
		"SELECT proto, addr, step.requests, step.matched, delta_n, p50_ns, p99_ns, clients "
		"FROM source CROSS JOIN step ON step.source_id = source.source_id AND step.t = ?2 JOIN "
		"service ON service.service_id = step.service_id AND kind = 'server' LEFT JOIN "
		"step_clients AS c ON c.source_id = step.source_id AND c.t = step.t AND c.service_id = "
		"step.service_id AND window_s = ?3 ORDER BY step.requests DESC, proto DESC, addr LIMIT "
		"?4");

	cl_query_bind_i64(q, 2, at);
	cl_query_bind_i64(q, 3, window_s);
	cl_query_bind_i64(q, 4, CL_TOP_ROWS);
	for (t->servers = 0; t->servers < CL_TOP_ROWS && cl_query_row(q);) {
		struct cl_top_server *s = &t->server[t->servers];

		*s = (struct cl_top_server){ .proto = proto_of(q, 0),
					     .requests = cl_query_u64(q, 2),
					     .matched = cl_query_u64(q, 3),
					     .delta_n = cl_query_u64(q, 4),
					     .p50_ns = cl_query_ns(q, 5),
					     .p99_ns = cl_query_ns(q, 6),
					     .clients = cl_query_u64(q, 7) };
		t->servers += cl_query_addr(q, 1, &s->addr);
	}
	cl_query_free(q);
}

/* How many clients the last day has, at least. */
static uint64_t clients_of_day(struct cl_top *t, int64_t day)
{
	struct cl_query *q = cl_query_new(
		t->r.store, "SELECT sum(ipv4 + ipv6) FROM source CROSS JOIN client_count AS c ON "
			    "c.source_id = source.source_id AND period = 'day' AND day = ?2 JOIN service "
			    "USING(service_id) WHERE kind = 'all'");

	cl_query_bind_i64(q, 2, day);
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;
	cl_query_free(q);
	return n;
}

static void read_talkers(struct cl_top *t, int64_t day)
{
	int64_t begun_ns = clock_ns();

	if (t->talkers_ns != 0 && begun_ns - t->talkers_ns < SORT_SHARE * t->talkers_took_ns)
		return;
	t->talkers = 0;
	t->too_many = clients_of_day(t, day) > CL_TOP_CLIENTS;
	if (t->too_many)
		return;
	struct cl_query *q = cl_query_new(
		t->r.store, "SELECT proto, c.addr, sum(requests) AS n FROM source CROSS JOIN client_day "
			    "AS c ON c.source_id = source.source_id AND day = ?2 JOIN service "
			    "USING(service_id) GROUP BY proto, c.addr ORDER BY n DESC, proto DESC, "
			    "c.addr LIMIT ?3");
	cl_query_bind_i64(q, 2, day);
	cl_query_bind_i64(q, 3, CL_TOP_ROWS);
	while (t->talkers < CL_TOP_ROWS && cl_query_row(q)) {
		struct cl_top_talker *c = &t->talker[t->talkers];

		*c = (struct cl_top_talker){ .proto = proto_of(q, 0), .requests = cl_query_u64(q, 2) };
		t->talkers += cl_query_addr(q, 1, &c->addr);
	}
	cl_query_free(q);
	t->talkers_ns = clock_ns();
	t->talkers_took_ns = t->talkers_ns - begun_ns;
}

static void read_day(struct cl_top *t, int64_t day)
{
	struct cl_query *q = cl_query_new(
		t->r.store, "SELECT sum(requests), sum(CASE WHEN day = ?3 THEN requests END) FROM source "
			    "CROSS JOIN day ON day.source_id = source.source_id AND day >= ?3 - 1 AND "
			    "service_id = ?2");
	double passed = (double)(t->r.last_ns - t->total_ns) / 1e9;

	for (int p = 0; p < CL_RECENT_PROTOS; p++) {
		uint64_t total = 0, before = t->total[p];

		cl_query_again(q);
		cl_query_bind_i64(q, 2, t->r.has[p] ? t->r.service_id[p] : 0);
		cl_query_bind_i64(q, 3, day);
		if (cl_query_row(q)) {
			total = cl_query_u64(q, 0);
			t->day_requests[p] = cl_query_u64(q, 1);
		}
		t->rate[p] = NAN;
		if (t->total_ns != 0 && t->total_day == day && passed > 0 && total >= before)
			t->rate[p] = (double)(total - before) / passed;
		t->total[p] = total;
	}
	t->total_ns = t->r.last_ns;
	t->total_day = day;
	cl_query_free(q);
}

static void read_sensor(struct cl_top *t)
{
	struct cl_query *q = cl_query_new(t->r.store, "SELECT sensor, count(*) FROM source");

	t->sensor[0] = '\0';
	if (cl_query_row(q) && cl_query_i64(q, 1) == 1)
		snprintf(t->sensor, sizeof t->sensor, "%s", cl_query_word(q, 0));
	else if (cl_query_i64(q, 1) > 1)
		snprintf(t->sensor, sizeof t->sensor, "%lld sensors", (long long)cl_query_i64(q, 1));
	cl_query_free(q);
}

/* Into a copy, which takes the old one's place when it is whole. */
static bool read_all(struct cl_top *t, const char *path, struct cl_recent *r)
{
	if (!cl_recent_open(r, path, NULL, t->error))
		return false;
	int64_t last_t = cl_recent_last(r), day = r->last_ns / NS_PER_S / DAY_S;
	struct cl_recent before = t->r;

	if (!cl_recent_read(r, last_t - (HOUR_S > r->step_s ? HOUR_S : r->step_s), last_t)) {
		snprintf(t->error, sizeof t->error, "%s", cl_store_error(r->store));
		return false;
	}
	t->r = *r;
	read_sensor(t);
	if (t->r.any) {
		read_servers(t);
		read_day(t, day);
		read_talkers(t, day);
	}
	if (cl_store_error(r->store) != NULL)
		snprintf(t->error, sizeof t->error, "%s", cl_store_error(r->store));
	free(before.step);
	cl_store_close(t->r.store);
	t->r.store = NULL;
	return true;
}

void cl_top_read(struct cl_top *t)
{
	char newest[CL_MONTHS_PATH];
	const char *path = cl_months_newest(t->path, newest);
	int64_t at = modified_ns(path);
	struct cl_recent r;

	if (t->read && t->error[0] == '\0' && at == t->modified_ns)
		return;
	t->error[0] = '\0';
	if (!read_all(t, path, &r)) {
		cl_recent_close(&r);
		return;
	}
	t->read = true;
	t->modified_ns = at;
}

void cl_top_free(struct cl_top *t)
{
	free(t->r.step);
	t->r.step = NULL;
}
