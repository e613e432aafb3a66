/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing rows of the source, of its files and of clients. */
#include <stdio.h>

#include "stats/engine/overflow.h"
#include "stats/store/reasons.h"
#include "stats/store/schema.h"
#include "stats/store/store_live.h"

#define NS_PER_DAY 86400000000000

/* The source and its files ---------------------------------------------------- */

void cl_store_source(struct cl_store *s, const struct cl_source_row *r)
{
	struct cl_query *st = cl_store_statement(s, CL_ST_SOURCE);
	const int64_t v[] = { s->source_id,
			      r->first_ns,
			      r->last_ns,
			      (int64_t)r->packets,
			      (int64_t)r->bytes,
			      (int64_t)r->out_of_order,
			      (int64_t)r->dropped_kernel,
			      (int64_t)r->dropped_interface,
			      (int64_t)r->mdns,
			      (int64_t)r->llmnr,
			      (int64_t)r->losses.clients,
			      (int64_t)r->losses.services,
			      (int64_t)r->losses.open_requests,
			      (int64_t)r->losses.gaps,
			      (int64_t)r->losses.icmp };

	if (st == NULL)
		return;
	cl_query_bind_all(st, v, (int)(sizeof v / sizeof *v));
	if (r->packets == 0) {
		cl_query_bind_null(st, 2);
		cl_query_bind_null(st, 3);
	}
	cl_query_run(st);
}

bool cl_store_source_get(struct cl_store *s, struct cl_source_row *r)
{
	struct cl_query *q = cl_query_new(
		s,
		"SELECT first_ns, last_ns, packets, bytes, out_of_order, dropped_kernel, dropped_interface, "
		"mdns, llmnr, lost_clients, lost_services, lost_open_requests, lost_gaps, lost_icmp FROM "
		"source "
		"WHERE source_id = ?1");
	bool found = cl_query_row(q) && !cl_query_null(q, 1);

	if (found)
		*r = (struct cl_source_row){ .first_ns = cl_query_ns(q, 0),
					     .last_ns = cl_query_ns(q, 1),
					     .packets = cl_query_u64(q, 2),
					     .bytes = cl_query_u64(q, 3),
					     .out_of_order = cl_query_u64(q, 4),
					     .dropped_kernel = cl_query_u64(q, 5),
					     .dropped_interface = cl_query_u64(q, 6),
					     .mdns = cl_query_u64(q, 7),
					     .llmnr = cl_query_u64(q, 8),
					     .losses = { cl_query_u64(q, 9), cl_query_u64(q, 10),
							 cl_query_u64(q, 11), cl_query_u64(q, 12),
							 cl_query_u64(q, 13) } };
	cl_query_free(q);
	return found;
}

/* Octets of a hash, the same on every machine: most significant first. */
static void hash_octets(const uint64_t hash[2], uint8_t out[16])
{
	for (unsigned i = 0; i < 16; i++)
		out[i] = (uint8_t)(hash[i / 8] >> (56 - i % 8 * 8));
}

static void bind_hash(struct cl_query *st, int at, const uint64_t hash[2])
{
	uint8_t octets[16];

	hash_octets(hash, octets);
	cl_query_bind_blob(st, at, octets, sizeof octets);
}

void cl_store_file(struct cl_store *s, const struct cl_file_row *r)
{
	struct cl_query *st = cl_store_statement(s, CL_ST_FILE);

	if (st == NULL)
		return;
	cl_query_bind_i64(st, 1, s->source_id);
	cl_query_bind_text(st, 2, r->path);
	cl_query_bind_null(st, 3);
	if (s->path != NULL && !r->live)
		bind_hash(st, 3, r->hash);
	cl_query_bind_i64(st, 4, (int64_t)r->packets);
	cl_query_bind_i64(st, 5, (int64_t)r->bytes);
	for (int at = 6; at <= 7; at++)
		cl_query_bind_null(st, at);
	if (r->packets > 0) {
		cl_query_bind_i64(st, 6, r->first_ns);
		cl_query_bind_i64(st, 7, r->last_ns);
	}
	cl_query_bind_i64(st, 8, (int64_t)r->out_of_order);
	cl_query_bind_i64(st, 9, r->damaged);
	cl_query_bind_text(st, 10, r->error);
	cl_query_bind_null(st, 11);
	if (r->number > 0)
		cl_query_bind_i64(st, 11, r->number);
	cl_query_run(st);
}

bool cl_store_knows_file(struct cl_store *s, const uint64_t hash[2], char *path, size_t size)
{
	struct cl_query *q = cl_query_new(s, "SELECT path FROM file WHERE hash = ?2 AND source_id = ?1");

	uint8_t octets[16];

	hash_octets(hash, octets);
	cl_query_bind_blob(q, 2, octets, sizeof octets);
	bool known = cl_query_row(q);
	if (known)
		snprintf(path, size, "%s", cl_query_word(q, 0));
	cl_query_free(q);
	return known;
}

static void ledger_row(struct cl_store *s, const char *fate, const char *reason, uint64_t packets)
{
	struct cl_query *st = cl_store_statement(s, CL_ST_LEDGER);

	if (st == NULL)
		return;
	cl_query_bind_i64(st, 1, s->source_id);
	cl_query_bind_text(st, 2, fate);
	cl_query_bind_text(st, 3, reason);
	cl_query_bind_i64(st, 4, (int64_t)packets);
	cl_query_run(st);
}

/* Adds to rows of `fact` or `anomaly`. */
static void add_named(struct cl_query *q, const char *name, uint64_t n)
{
	if (n == 0)
		return;
	cl_query_bind_text(q, 2, name);
	cl_query_bind_i64(q, 3, (int64_t)n);
	cl_query_run(q);
}

static void write_facts(struct cl_store *s, const struct cl_ledger *l)
{
	struct cl_query *q =
		cl_query_new(s, "INSERT INTO fact VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET n = n + ?3");

	for (unsigned i = 0; i < CL_FACTS; i++)
		add_named(q, cl_fact_names[i], l->fact[i]);
	cl_query_free(q);
	q = cl_query_new(s, "INSERT INTO anomaly VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET n = n + ?3");
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		add_named(q, cl_anomalies[i].name, l->anomaly[i]);
	cl_query_free(q);
}

void cl_store_ledger(struct cl_store *s, const struct cl_ledger *l)
{
	char reason[CL_REASON_LEN];

	for (unsigned i = 0; i < CL_FATES; i++)
		if (i != CL_FATE_UNDECODED)
			ledger_row(s, cl_fate_names[i], "", l->fate[i]);
	for (size_t i = 0; i < l->reasons; i++) {
		cl_undecoded_text(&l->undecoded[i], reason);
		ledger_row(s, cl_fate_names[CL_FATE_UNDECODED], reason, l->undecoded[i].packets);
	}
	write_facts(s, l);
}

/* Clients --------------------------------------------------------------------- */

/* One statement for all of them: the table's cursor stays where the last row went. */
void cl_store_clients(struct cl_store *s, int64_t day, uint32_t number, const struct cl_client_rows *rows)
{
	if (cl_store_waits(s)) {
		cl_backlog_clients(&s->live->backlog, day, number, rows);
		return;
	}
	struct cl_query *st = cl_store_statement(s, CL_ST_CLIENT);
	if (st == NULL)
		return;
	cl_query_bind_all(st, (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number) }, 3);
	s->rows = rows;
	s->rows_midnight_ns = day * NS_PER_DAY;
	cl_query_run(st);
	s->rows = NULL;
}

static const char *const period_names[] = { "day", "month", "all" };

void cl_store_unique(struct cl_store *s, enum cl_period period, int64_t start_day, uint32_t number,
		     const struct cl_unique *u)
{
	struct cl_query *st = cl_store_statement(s, CL_ST_UNIQUE);

	if (st == NULL)
		return;
	cl_query_bind_all(st,
			  (const int64_t[]){ s->source_id, 0, start_day, cl_store_service_row(s, number),
					     (int64_t)u->ipv4, (int64_t)u->ipv6, (int64_t)u->v4_24,
					     (int64_t)u->v6_64, (int64_t)u->v6_48 },
			  9);
	cl_query_bind_text(st, 2, period_names[period]);
	cl_query_run(st);
}

static void bind_real(struct cl_query *q, int at, double v)
{
	char text[32];

	snprintf(text, sizeof text, "%.6f", v);
	cl_query_bind_text(q, at, text); /* the column makes it a number */
}

void cl_store_approximation(struct cl_store *s, enum cl_period period, int64_t start_day, uint32_t number,
			    const struct cl_approximation *a)
{
	struct cl_query *q =
		cl_query_new(s, "INSERT OR REPLACE INTO approximation VALUES(?1, ?2, ?3, ?4, ?5, "
				"?6, ?7, ?8, ?9)");

	cl_query_bind_text(q, 2, period_names[period]);
	cl_query_bind_i64(q, 3, start_day);
	cl_query_bind_i64(q, 4, cl_store_service_row(s, number));
	cl_query_bind_i64(q, 5, (int64_t)a->requests);
	cl_query_bind_i64(q, 6, (int64_t)a->ipv4);
	cl_query_bind_i64(q, 7, (int64_t)a->ipv6);
	if (a->estimated) { /* else null */
		bind_real(q, 8, CL_SKETCH_ERROR);
		bind_real(q, 9, CL_RECENT_ERROR);
	}
	cl_query_run(q);
	cl_query_free(q);
}

void cl_store_unique_copy(struct cl_store *s, int64_t day, int64_t month_day)
{
	struct cl_query *q = cl_query_new(
		s, "INSERT OR REPLACE INTO client_count SELECT source_id, 'month', ?3, service_id, "
		   "ipv4, ipv6, v4_24, v6_64, v6_48 FROM client_count WHERE source_id = ?1 AND "
		   "period = 'day' AND day = ?2");

	cl_query_bind_i64(q, 2, day);
	cl_query_bind_i64(q, 3, month_day);
	cl_query_run(q);
	cl_query_free(q);
}

void cl_store_unique_date(struct cl_store *s, int64_t day)
{
	struct cl_query *q = cl_query_new(
		s, "INSERT OR REPLACE INTO client_count SELECT source_id, 'day', ?2, service_id, "
		   "ipv4, ipv6, v4_24, v6_64, v6_48 FROM client_count WHERE source_id = ?1 AND "
		   "period = 'all'");

	cl_query_bind_i64(q, 2, day);
	cl_query_run(q);
	cl_query_free(q);
}

void cl_store_month_add(struct cl_store *s, int64_t day, int64_t month_day)
{
	struct cl_query *q = cl_query_new(
		s,
		"INSERT INTO client_month SELECT source_id, ?3, service_id, addr, requests, responses, "
		"bytes, "
		"day * 86400000000000 + first_ns, day * 86400000000000 + last_ns, via FROM client_day WHERE "
		"source_id = ?1 AND day = ?2 AND NOT EXISTS (SELECT 1 FROM source WHERE source_id = ?1 AND "
		"closed_day >= ?2) ON CONFLICT DO UPDATE SET " CL_SCHEMA_MONTH_ADD);

	cl_query_bind_i64(q, 2, day);
	cl_query_bind_i64(q, 3, month_day);
	cl_query_run(q);
	cl_query_free(q);
	q = cl_query_new(s, "UPDATE source SET closed_day = ?2 WHERE source_id = ?1");
	cl_query_bind_i64(q, 2, day);
	cl_query_run(q);
	cl_query_free(q);
}

void cl_store_open_at_end(struct cl_store *s, uint32_t number, uint64_t requests)
{
	struct cl_query *st = cl_store_statement(s, CL_ST_OPEN);

	if (st == NULL)
		return;
	cl_query_bind_all(
		st, (const int64_t[]){ s->source_id, cl_store_service_row(s, number), (int64_t)requests }, 3);
	cl_query_run(st);
}
