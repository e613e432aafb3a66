/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing rows. Statements are prepared once; rows with the same key are replaced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/engine/overflow.h"
#include "stats/store/reasons.h"
#include "stats/store/schema.h"
#include "stats/store/store_live.h"

#define NS_PER_DAY 86400000000000

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

static struct cl_query *statement(struct cl_store *s, enum cl_statement which)
{
	if (s->error[0] != '\0')
		return NULL;
	if (s->statement[which] == NULL)
		s->statement[which] = cl_query_keep(s, texts[which]);
	return cl_query_ready(s->statement[which]) ? s->statement[which] : NULL;
}

/* Binds whole numbers from the first parameter on. */
static void bind_all(struct cl_query *st, const int64_t *v, int n)
{
	for (int i = 0; i < n; i++)
		cl_query_bind_i64(st, i + 1, v[i]);
}

/* The source and its files ---------------------------------------------------- */

void cl_store_source(struct cl_store *s, const struct cl_source_row *r)
{
	struct cl_query *st = statement(s, CL_ST_SOURCE);
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
	bind_all(st, v, (int)(sizeof v / sizeof *v));
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
	struct cl_query *st = statement(s, CL_ST_FILE);

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
	struct cl_query *st = statement(s, CL_ST_LEDGER);

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

static void bind_addr(struct cl_query *st, int at, const struct cl_addr *a)
{
	bool v4 = cl_addr_is_v4(a);

	cl_query_bind_blob(st, at, a->b + (v4 ? 12 : 0), v4 ? 4 : 16);
}

/* Services -------------------------------------------------------------------- */

/* Makes room for element `at`; what is new is zero. False: the store has failed. */
static bool reach(struct cl_store *s, void **table, size_t *room, size_t at, size_t size)
{
	if (at < *room)
		return true;
	size_t more = (at + 1) * 2;
	uint8_t *grown = realloc(*table, more * size);

	if (grown == NULL) {
		cl_store_fail(s, CL_ENOMEM);
		return false;
	}
	memset(grown + *room * size, 0, (more - *room) * size);
	*table = grown;
	*room = more;
	return true;
}

/* Rows of services that a database may have, over all its sources; a hostile one cannot ask for more memory.
 */
#define SERVICE_ROWS_MAX ((int64_t)1 << 24)

/* Both ways between the engine's numbers and the store's rows, which SQLite numbers from 1. */
static void map_service(struct cl_store *s, uint32_t number, int64_t service_id)
{
	void *ids = s->service_id, *numbers = s->service_number;
	bool ok = service_id > 0 && service_id <= SERVICE_ROWS_MAX &&
		  reach(s, &ids, &s->services, number, sizeof *s->service_id);

	s->service_id = ids;
	ok = ok && reach(s, &numbers, &s->service_rows, (size_t)service_id, sizeof *s->service_number);
	s->service_number = numbers;
	if (!ok) {
		cl_store_fail(s, CL_ELIMIT);
		return;
	}
	s->service_id[number] = service_id;
	s->service_number[service_id] = number + 1;
}

uint32_t cl_store_number_of(const struct cl_store *s, int64_t service_id)
{
	if (service_id <= 0 || (uint64_t)service_id >= s->service_rows || s->service_number[service_id] == 0)
		return CL_INDEX_NONE;
	return s->service_number[service_id] - 1;
}

static const char *kind_of(uint32_t number)
{
	static const char *const kinds[CL_SERVICE_FIRST] = { "all",	"all",	"all udp",
							     "all tcp", "rest", "rest" };

	return number < CL_SERVICE_FIRST ? kinds[number] : "server";
}

static void bind_service(struct cl_query *st, uint32_t number, const struct cl_service_name *service,
			 char *text)
{
	cl_query_bind_text(st, 1, cl_proto_names[service->proto]);
	cl_query_bind_text(st, 2, kind_of(number));
	cl_query_bind_null(st, 4);
	if (number < CL_SERVICE_FIRST)
		return;
	cl_addr_format(&service->addr, text);
	bind_addr(st, 4, &service->addr);
}

/* Its row, if it has one. */
static bool find_service(struct cl_store *s, uint32_t number, const struct cl_service_name *name)
{
	struct cl_query *find = statement(s, CL_ST_SERVICE_ID);
	char text[CL_ADDR_STRLEN];

	if (find == NULL)
		return false;
	bind_service(find, number, name, text);
	bool found = cl_query_row(find);
	if (found)
		map_service(s, number, cl_query_i64(find, 0));
	cl_query_again(find);
	return found;
}

static struct cl_service_name name_of(const struct cl_service *service)
{
	return (struct cl_service_name){ service->addr, (uint8_t)service->proto, true };
}

bool cl_store_find_service(struct cl_store *s, uint32_t number, const struct cl_service *service)
{
	struct cl_service_name name = name_of(service);

	return cl_live_name(s, number, &name) && find_service(s, number, &name);
}

static void add_service(struct cl_store *s, uint32_t number, const struct cl_service_name *name)
{
	struct cl_query *add = statement(s, CL_ST_SERVICE);
	char text[CL_ADDR_STRLEN];

	if (add == NULL)
		return;
	bind_service(add, number, name, text);
	if (number >= CL_SERVICE_FIRST)
		cl_query_bind_text(add, 3, text);
	else
		cl_query_bind_null(add, 3);
	cl_query_run(add);
	if (!find_service(s, number, name))
		cl_store_fail_sqlite(s);
	cl_live_fresh(s, number);
}

void cl_store_service(struct cl_store *s, uint32_t number, const struct cl_service *service)
{
	struct cl_service_name name = name_of(service);

	if (!cl_live_name(s, number, &name))
		return;
	if (!cl_store_waits(s))
		add_service(s, number, &name);
	else if (!s->live->begun)
		(void)find_service(s, number, &name); /* rows are read back that have it */
}

int64_t cl_store_service_id(const struct cl_store *s, uint32_t number)
{
	return number < s->services ? s->service_id[number] : 0;
}

int64_t cl_store_service_row(struct cl_store *s, uint32_t number)
{
	struct cl_live *l = s->live;

	if (cl_store_waits(s))
		return CL_SERVICE_ROW(number);
	if (l != NULL && cl_store_service_id(s, number) == 0 && number < l->services &&
	    l->service[number].named)
		add_service(s, number, &l->service[number]);
	return cl_store_service_id(s, number);
}

/* Steps and days -------------------------------------------------------------- */

/* A tally that could not hold all is no figure. */
static void check_whole(struct cl_store *s, const struct cl_tally *t)
{
	if (t->lost || t->codes.lost)
		cl_store_fail(s, CL_ENOMEM);
}

/* The distribution to the response's last packet, over UDP and TCP. */
static const struct cl_hist *step_delta(struct cl_store *s, const struct cl_tally *t, struct cl_hist *sum)
{
	if (t->delta[CL_DELTA_TCP_LAST].n == 0)
		return &t->delta[CL_DELTA_LAST];
	if (!cl_hist_merge(sum, &t->delta[CL_DELTA_LAST]) ||
	    !cl_hist_merge(sum, &t->delta[CL_DELTA_TCP_LAST]))
		cl_store_fail(s, CL_ENOMEM);
	return sum;
}

static void fill_step(struct cl_store *s, struct cl_step *step, const struct cl_tally *t)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999 };
	struct cl_hist sum = { .n = 0 };
	const struct cl_hist *h = step_delta(s, t, &sum);

	step->requests = (uint64_t)t->n[CL_C_REQUESTS];
	step->responses = (uint64_t)t->n[CL_C_RESPONSES];
	step->matched = (uint64_t)t->n[CL_C_MATCHED];
	step->delta_n = h->n;
	if (h->n > 0) {
		step->min_ns = h->min;
		cl_hist_quantiles(h, quantiles, 4, step->quantile_ns);
		step->max_ns = h->max;
		step->sum_ns = h->sum;
	}
	cl_hist_free(&sum);
}

static void write_step(struct cl_store *s, const struct cl_step *step)
{
	struct cl_query *st = statement(s, CL_ST_STEP), *clients = statement(s, CL_ST_STEP_CLIENTS);
	int64_t service_id = cl_store_service_row(s, step->service);

	if (st == NULL || clients == NULL)
		return;
	bind_all(st,
		 (const int64_t[]){ s->source_id, step->t, service_id, (int64_t)step->requests,
				    (int64_t)step->responses, (int64_t)step->matched, (int64_t)step->delta_n,
				    step->min_ns, step->quantile_ns[0], step->quantile_ns[1],
				    step->quantile_ns[2], step->quantile_ns[3], step->max_ns,
				    (int64_t)step->sum_ns },
		 14);
	for (int i = 8; i <= 14 && step->delta_n == 0; i++)
		cl_query_bind_null(st, i);
	cl_query_run(st);
	for (uint32_t i = 0; i < s->config.engine.windows; i++) {
		bind_all(clients,
			 (const int64_t[]){ s->source_id, step->t, service_id,
					    s->config.engine.window_ns[i] / 1000000000, step->unique[i] },
			 5);
		cl_query_run(clients);
	}
}

/* To tables, which are named as the virtual ones and take their place: a store with a limit is a file. */
static void move_steps(struct cl_store *s)
{
	if (!cl_store_exec_all(s, cl_schema_steps))
		return;
	for (size_t i = 0; i < s->steps.rows.count; i++)
		write_step(s, cl_arena_at(&s->steps.rows, i));
	cl_steps_free(&s->steps);
	s->steps.moved = true;
}

void cl_store_step(struct cl_store *s, uint32_t number, int64_t t_s, const struct cl_tally *t,
		   const uint32_t *unique)
{
	/* room for all windows behind the step */
	union {
		struct cl_step step;
		uint8_t octets[CL_STEP_SIZE(CL_WINDOWS_MAX)];
	} u = { .step = { .t = t_s, .service = number } };

	check_whole(s, t);
	fill_step(s, &u.step, t);
	for (uint32_t i = 0; i < s->config.engine.windows; i++)
		u.step.unique[i] = unique[i];
	if (s->path == NULL && !s->steps.moved && cl_steps_full(s))
		move_steps(s);
	if (s->path == NULL && !s->steps.moved)
		cl_steps_keep(s, &u.step);
	else
		write_step(s, &u.step);
}

void cl_store_sketch(struct cl_store *s, uint32_t number, int64_t t_s, const struct cl_hll *clients)
{
	struct cl_query *st = statement(s, CL_ST_SKETCH);
	uint8_t packed[CL_HLL_PACKED];

	if (st == NULL)
		return;
	bind_all(st, (const int64_t[]){ s->source_id, t_s, cl_store_service_row(s, number) }, 3);
	cl_query_bind_blob(st, 4, packed, cl_hll_pack(clients, packed));
	cl_query_run(st);
}

static void day_deltas(struct cl_store *s, int64_t day, uint32_t number, const struct cl_tally *t)
{
	struct cl_query *total = statement(s, CL_ST_DAY_DELTA), *bucket = statement(s, CL_ST_DAY_BUCKET);

	if (total == NULL || bucket == NULL)
		return;
	for (unsigned k = 0; k < CL_DELTAS; k++) {
		const struct cl_hist *h = &t->delta[k];

		if (h->n == 0)
			continue;
		bind_all(total,
			 (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number), k,
					    (int64_t)h->n, h->min, h->max, (int64_t)h->sum },
			 8);
		cl_query_run(total);
		for (uint32_t b = h->lo; b < h->hi; b++) {
			if (h->bucket[b - h->lo] == 0)
				continue;
			bind_all(bucket,
				 (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number), k, b,
						    cl_hist_floor(b), cl_hist_floor(b + 1),
						    (int64_t)h->bucket[b - h->lo] },
				 8);
			cl_query_run(bucket);
		}
	}
}

static void day_messages(struct cl_store *s, int64_t day, uint32_t number, const struct cl_tally *t)
{
	struct cl_query *size = statement(s, CL_ST_DAY_SIZE), *answer = statement(s, CL_ST_DAY_ANSWER);
	int64_t service_id = cl_store_service_row(s, number);

	if (size == NULL || answer == NULL)
		return;
	for (unsigned k = 0; k < CL_SIZE_KINDS; k++)
		for (uint32_t i = 0; i < t->size[k].count; i++) {
			if (t->size[k].n[i] == 0)
				continue;
			bind_all(size,
				 (const int64_t[]){ s->source_id, day, service_id, 0, t->size[k].lo + i,
						    (int64_t)t->size[k].n[i] },
				 6);
			cl_query_bind_text(size, 4, cl_size_kind_names[k]);
			cl_query_run(size);
		}
	for (uint32_t i = 0; i < t->answers.count; i++) {
		const struct cl_answer *a = &t->answers.row[i];

		bind_all(answer,
			 (const int64_t[]){ s->source_id, day, service_id, cl_answer_stored(a->qtype),
					    cl_answer_stored(a->rcode), (int64_t)a->n },
			 6);
		cl_query_run(answer);
	}
}

void cl_store_day(struct cl_store *s, int64_t day, uint32_t number, const struct cl_tally *t)
{
	check_whole(s, t);
	if (s->path == NULL) {
		cl_days_keep(s, day, number, t);
		return;
	}
	struct cl_query *st = statement(s, CL_ST_DAY), *code = statement(s, CL_ST_DAY_CODE);

	if (st == NULL || code == NULL)
		return;
	bind_all(st, (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number) }, 3);
	for (int i = 0; i < (int)CL_COUNTERS; i++)
		cl_query_bind_i64(st, 4 + i, t->n[i]);
	cl_query_run(st);
	for (uint32_t i = 0; i < t->codes.count; i++) {
		const struct cl_code *c = &t->codes.row[i];

		bind_all(code, (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number) }, 3);
		cl_query_bind_text(code, 4, cl_code_kind_names[c->key >> 16]);
		cl_query_bind_i64(code, 5, c->key & 0xffff);
		cl_query_bind_i64(code, 6, (int64_t)c->n);
		cl_query_run(code);
	}
	day_deltas(s, day, number, t);
	day_messages(s, day, number, t);
}

void cl_store_worst(struct cl_store *s, const struct cl_worst *w)
{
	struct cl_query *st = statement(s, CL_ST_WORST);

	if (st == NULL)
		return;
	bind_all(st,
		 (const int64_t[]){ s->source_id, cl_store_service_row(s, w->service), w->delta_ns,
				    w->time_ns, 0, 0, w->request_file, (int64_t)w->request_frame,
				    w->response_file, (int64_t)w->response_frame },
		 10);
	bind_addr(st, 5, &w->client);
	bind_addr(st, 6, &w->server);
	cl_query_run(st);
}

/* Clients --------------------------------------------------------------------- */

/* One statement for all of them: the table's cursor stays where the last row went. */
void cl_store_clients(struct cl_store *s, int64_t day, uint32_t number, const struct cl_client_rows *rows)
{
	if (cl_store_waits(s)) {
		cl_backlog_clients(&s->live->backlog, day, number, rows);
		return;
	}
	struct cl_query *st = statement(s, CL_ST_CLIENT);
	if (st == NULL)
		return;
	bind_all(st, (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number) }, 3);
	s->rows = rows;
	s->rows_midnight_ns = day * NS_PER_DAY;
	cl_query_run(st);
	s->rows = NULL;
}

static const char *const period_names[] = { "day", "month", "all" };

void cl_store_unique(struct cl_store *s, enum cl_period period, int64_t start_day, uint32_t number,
		     const struct cl_unique *u)
{
	struct cl_query *st = statement(s, CL_ST_UNIQUE);

	if (st == NULL)
		return;
	bind_all(st,
		 (const int64_t[]){ s->source_id, 0, start_day, cl_store_service_row(s, number),
				    (int64_t)u->ipv4, (int64_t)u->ipv6, (int64_t)u->v4_24, (int64_t)u->v6_64,
				    (int64_t)u->v6_48 },
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
	struct cl_query *st = statement(s, CL_ST_OPEN);

	if (st == NULL)
		return;
	bind_all(st, (const int64_t[]){ s->source_id, cl_store_service_row(s, number), (int64_t)requests },
		 3);
	cl_query_run(st);
}
