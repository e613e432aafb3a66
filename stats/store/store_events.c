/* SPDX-License-Identifier: BSD-2-Clause */
/* Events of servers. */
#include "stats/engine/watch.h"
#include "stats/store/store_state.h"

static struct cl_query *query_of(struct cl_store *s, const char *sql, int64_t day, uint32_t number)
{
	struct cl_query *q = cl_query_new(s, sql);

	cl_query_bind_i64(q, 2, day);
	cl_query_bind_i64(q, 3, cl_store_service_row(s, number));
	return q;
}

static void bind_key(struct cl_query *q, const struct cl_server_event *x)
{
	cl_query_bind_text(q, 4, cl_server_event_names[x->kind]);
	cl_query_bind_i64(q, 5, x->t_ns);
}

static void run(struct cl_query *q)
{
	cl_query_run(q);
	cl_query_free(q);
}

void cl_store_server_event_forget(struct cl_store *s, int64_t day, uint32_t number,
				  const struct cl_server_event *x)
{
	struct cl_query *q = query_of(s,
				      "DELETE FROM server_event WHERE source_id = ?1 AND day = ?2 AND "
				      "service_id = ?3 AND kind = ?4 AND t_ns = ?5",
				      day, number);

	bind_key(q, x);
	run(q);
}

void cl_store_server_event(struct cl_store *s, int64_t day, uint32_t number, const struct cl_server_event *x)
{
	struct cl_query *q = query_of(s,
				      "INSERT OR REPLACE INTO server_event(source_id, day, service_id, kind, "
				      "t_ns, until_ns, before, after, n, total) VALUES(?1, ?2, ?3, ?4, ?5, "
				      "?6, ?7, ?8, ?9, ?10)",
				      day, number);
	const int64_t v[] = { x->until_ns, x->before, x->after, x->n, x->total };

	bind_key(q, x);
	for (int i = 0; i < 5; i++) {
		if (v[i] == CL_WATCH_NULL)
			cl_query_bind_null(q, 6 + i);
		else
			cl_query_bind_i64(q, 6 + i, v[i]);
	}
	run(q);
}

void cl_store_server_event_day(struct cl_store *s, int64_t day, uint32_t number,
			       const struct cl_server_event_day *d)
{
	struct cl_query *q = query_of(s,
				      "INSERT OR REPLACE INTO server_event_day(source_id, day, service_id, "
				      "left_out, mixed, unsettled, unwatched) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
				      "?7)",
				      day, number);

	cl_query_bind_i64(q, 4, d->left_out);
	cl_query_bind_i64(q, 5, d->mixed);
	cl_query_bind_i64(q, 6, d->unsettled);
	cl_query_bind_i64(q, 7, d->unwatched);
	run(q);
}
