/* SPDX-License-Identifier: BSD-2-Clause */
/* The statements that write rows: prepared once; rows with the same key are replaced. */
#include "stats/store/store_state.h"

static const char *const texts[CL_STATEMENTS] = {
	[CL_ST_SOURCE] =
		"UPDATE source SET first_ns = ?2, last_ns = ?3, packets = ?4, bytes = ?5, out_of_order = ?6, "
		"dropped_kernel = ?7, dropped_interface = ?8, mdns = ?9, llmnr = ?10, lost_clients = ?11, "
		"lost_services = ?12, lost_open_requests = ?13, lost_gaps = ?14, lost_icmp = ?15 WHERE "
		"source_id = ?1",
	[CL_ST_FILE] =
		"INSERT OR REPLACE INTO file(source_id, path, hash, packets, bytes, first_ns, last_ns, "
		"out_of_order, damaged, error, file_id) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
		"?10, ?11)",
	[CL_ST_LEDGER] =
		"INSERT INTO ledger VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET packets = packets + ?4",
	[CL_ST_SERVICE] =
		"INSERT INTO service(proto, kind, address, addr) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS "
		"(SELECT 1 FROM service WHERE proto = ?1 AND kind = ?2 AND addr IS ?4)",
	[CL_ST_SERVICE_ID] = "SELECT service_id FROM service WHERE proto = ?1 AND kind = ?2 AND addr IS ?4",
	[CL_ST_STEP] = "INSERT OR REPLACE INTO step VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
		       "?12, ?13, ?14)",
	[CL_ST_STEP_CLIENTS] = "INSERT OR REPLACE INTO step_clients VALUES(?1, ?2, ?3, ?4, ?5)",
	[CL_ST_SKETCH] = "INSERT OR REPLACE INTO client_sketch VALUES(?1, ?2, ?3, ?4)",
	[CL_ST_DAY] = "INSERT OR REPLACE INTO day(source_id, day, service_id"
#define X(id, column, doc) ", " #column
#include "stats/engine/counters.def"
#undef X
		      ") VALUES(?, ?, ?"
#define X(id, column, doc) ", ?"
#include "stats/engine/counters.def"
#undef X
		      ")",
	[CL_ST_DAY_CODE] = "INSERT OR REPLACE INTO day_code VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[CL_ST_DAY_DELTA] = "INSERT OR REPLACE INTO day_delta VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[CL_ST_DAY_BUCKET] = "INSERT OR REPLACE INTO day_delta_bucket VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[CL_ST_DAY_SIZE] = "INSERT OR REPLACE INTO day_size VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[CL_ST_DAY_ANSWER] = "INSERT OR REPLACE INTO day_qtype_rcode VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[CL_ST_CLIENT] = "INSERT OR REPLACE INTO client_day SELECT ?1, ?2, ?3, addr, requests, responses, "
			 "bytes, first_ns, last_ns, via FROM client_rows",
	[CL_ST_UNIQUE] = "INSERT OR REPLACE INTO client_count VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[CL_ST_WORST] = "INSERT INTO worst VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[CL_ST_OPEN] = "INSERT OR REPLACE INTO open_at_end VALUES(?1, ?2, ?3)",
};

struct cl_query *cl_store_statement(struct cl_store *s, enum cl_statement which)
{
	if (s->error[0] != '\0')
		return NULL;
	if (s->statement[which] == NULL)
		s->statement[which] = cl_query_keep(s, texts[which]);
	return cl_query_ready(s->statement[which]) ? s->statement[which] : NULL;
}

void cl_query_bind_all(struct cl_query *st, const int64_t *v, int n)
{
	for (int i = 0; i < n; i++)
		cl_query_bind_i64(st, i + 1, v[i]);
}

void cl_query_bind_addr(struct cl_query *st, int at, const struct cl_addr *a)
{
	bool v4 = cl_addr_is_v4(a);

	cl_query_bind_blob(st, at, a->b + (v4 ? 12 : 0), v4 ? 4 : 16);
}
