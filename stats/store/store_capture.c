/* SPDX-License-Identifier: BSD-2-Clause */
/* When a capture ran, and what its interfaces counted. */
#include "stats/store/store_state.h"

void cl_store_stretch(struct cl_store *s, int64_t from_ns, int64_t to_ns)
{
	struct cl_query *q = cl_query_new(s, "INSERT OR REPLACE INTO capture_stretch VALUES(?1, ?2, ?3)");

	cl_query_bind_i64(q, 2, from_ns);
	cl_query_bind_i64(q, 3, to_ns);
	cl_query_run(q);
	cl_query_free(q);
}

void cl_store_interval(struct cl_store *s, const struct cl_interval_row *r)
{
	struct cl_query *q = cl_query_new(
		s, "INSERT OR REPLACE INTO capture_interval VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

	cl_query_bind_i64(q, 2, r->end_ns / 1000000000);
	cl_query_bind_text(q, 3, r->interface);
	cl_query_bind_i64(q, 4, r->run_ns);
	cl_query_bind_i64(q, 5, (int64_t)r->received);
	cl_query_bind_i64(q, 6, (int64_t)r->dropped_kernel);
	cl_query_bind_i64(q, 7, (int64_t)r->dropped_interface);
	cl_query_bind_i64(q, 8, r->away_ns);
	cl_query_bind_text(q, 9, r->clock);
	cl_query_run(q);
	cl_query_free(q);
}
