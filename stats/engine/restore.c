/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a capture ended, read back from the store (restore_save.c kept it): open requests, the tallies of the
 * open step and day, and from the clients' rows who was seen this month and when last. Reading the next file
 * then gives what both at once give.
 */
#include <string.h>

#include "stats/engine/restore_octets.h"

/* Times behind which nothing overflows that is added to them: a step, a window, a day. */
#define TIME_MAX_NS (INT64_MAX - 400 * CL_NS_PER_DAY)

static bool restore_now(struct cl_engine *e, int64_t *now_ns)
{
	struct cl_query *q =
		cl_query_new(e->store, "SELECT value FROM state WHERE source_id = ?1 AND key = 'now_ns'");
	bool found = cl_query_row(q);

	if (found)
		*now_ns = cl_query_i64(q, 0);
	cl_query_free(q);
	return found;
}

/* Services take the numbers they had. */
static void restore_services(struct cl_engine *e)
{
	struct cl_query *q =
		cl_query_new(e->store, "SELECT number, proto, addr FROM state_service WHERE source_id = ?1 "
				       "ORDER BY number");

	while (cl_query_row(q)) {
		struct cl_addr addr;

		if (!cl_query_addr(q, 2, &addr))
			continue;
		enum cl_proto proto = cl_query_i64(q, 1) == CL_PROTO_NTP ? CL_PROTO_NTP : CL_PROTO_DNS;
		uint32_t number = cl_services_get(&e->services, &addr, proto);
		cl_store_service(e->store, number, cl_service_at(&e->services, number));
		cl_service_at(&e->services, number)->stored = true;
	}
	cl_query_free(q);
	for (uint32_t i = 0; i < CL_SERVICE_FIRST; i++) {
		struct cl_service *s = cl_service_at(&e->services, i);

		s->stored = cl_store_find_service(e->store, i, s);
	}
}

static struct cl_service *service_of_row(struct cl_engine *e, struct cl_query *q, int column,
					 uint32_t *number)
{
	*number = cl_store_number_of(e->store, cl_query_i64(q, column));
	return *number < e->services.count ? cl_service_at(&e->services, *number) : NULL;
}

static void restore_day_counters(struct cl_engine *e)
{
	struct cl_query *q = cl_query_new(e->store, "SELECT service_id"
#define X(id, column, doc) ", " #column
#include "stats/engine/counters.def"
#undef X
						    " FROM day WHERE source_id = ?1 AND day = ?2");
	uint32_t number;

	cl_query_bind_i64(q, 2, e->day);
	while (cl_query_row(q)) {
		struct cl_service *s = service_of_row(e, q, 0, &number);

		for (int c = 0; s != NULL && c < (int)CL_COUNTERS; c++)
			s->day.n[c] = cl_query_held(q, c + 1);
	}
	cl_query_free(q);
	q = cl_query_new(e->store,
			 "SELECT service_id, kind, code, n FROM day_code WHERE source_id = ?1 AND day = ?2 "
			 "ORDER BY service_id, n DESC");
	cl_query_bind_i64(q, 2, e->day);
	while (cl_query_row(q)) {
		struct cl_service *s = service_of_row(e, q, 0, &number);
		const char *name = cl_query_text(q, 1);

		for (unsigned k = 0; s != NULL && name != NULL && k < CL_CODE_KINDS; k++)
			if (strcmp(name, cl_code_kind_names[k]) == 0)
				cl_codes_add(&s->day.codes, (enum cl_code_kind)k,
					     (uint32_t)cl_query_i64(q, 2), cl_query_u64(q, 3));
	}
	cl_query_free(q);
}

/* Messages by their octets, DNS responses by QTYPE and RCODE. */
static void restore_day_messages(struct cl_engine *e)
{
	struct cl_query *q =
		cl_query_new(e->store, "SELECT service_id, kind, bin, n FROM day_size WHERE source_id = ?1 "
				       "AND day = ?2");
	uint32_t number;

	cl_query_bind_i64(q, 2, e->day);
	while (cl_query_row(q)) {
		struct cl_service *s = service_of_row(e, q, 0, &number);
		const char *name = cl_query_text(q, 1);
		int64_t bin = cl_query_i64(q, 2);

		for (unsigned k = 0; s != NULL && name != NULL && k < CL_SIZE_KINDS; k++)
			if (strcmp(name, cl_size_kind_names[k]) == 0 && bin >= 0 && bin <= CL_SIZE_OPEN)
				s->day.lost |=
					!cl_sizes_add(&s->day.size[k], (uint32_t)bin, cl_query_u64(q, 3));
	}
	cl_query_free(q);
	q = cl_query_new(e->store,
			 "SELECT service_id, qtype, rcode, n FROM day_qtype_rcode WHERE source_id = ?1 AND "
			 "day = ?2 ORDER BY service_id, n DESC");
	cl_query_bind_i64(q, 2, e->day);
	while (cl_query_row(q)) {
		struct cl_service *s = service_of_row(e, q, 0, &number);

		if (s != NULL)
			s->day.lost |=
				!cl_answers_add(&s->day.answers, cl_answer_loaded(cl_query_i64(q, 1)),
						cl_answer_loaded(cl_query_i64(q, 2)), cl_query_u64(q, 3));
	}
	cl_query_free(q);
}

static void restore_day_deltas(struct cl_engine *e)
{
	struct cl_query *q =
		cl_query_new(e->store, "SELECT service_id, kind, n, min_ns, max_ns, sum_ns FROM day_delta "
				       "WHERE source_id = ?1 AND day = ?2");
	uint32_t number;

	cl_query_bind_i64(q, 2, e->day);
	while (cl_query_row(q)) {
		struct cl_service *s = service_of_row(e, q, 0, &number);
		int64_t kind = cl_query_i64(q, 1);

		if (s == NULL || kind < 0 || kind >= CL_DELTAS)
			continue;
		s->day.delta[kind].n = cl_query_u64(q, 2);
		s->day.delta[kind].min = cl_query_ns(q, 3);
		s->day.delta[kind].max = cl_query_ns(q, 4);
		s->day.delta[kind].sum = cl_query_u64(q, 5);
	}
	cl_query_free(q);
	q = cl_query_new(
		e->store,
		"SELECT service_id, kind, bucket, n FROM day_delta_bucket WHERE source_id = ?1 AND day = ?2");
	cl_query_bind_i64(q, 2, e->day);
	while (cl_query_row(q)) {
		struct cl_service *s = service_of_row(e, q, 0, &number);
		int64_t kind = cl_query_i64(q, 1);

		if (s != NULL && kind >= 0 && kind < CL_DELTAS)
			s->day.lost |= !cl_hist_load(&s->day.delta[kind], (uint32_t)cl_query_i64(q, 2),
						     cl_query_u64(q, 3));
	}
	cl_query_free(q);
}

static void restore_step_row(struct cl_tally *t, const char *kind, int64_t a, int64_t b, int64_t n)
{
	if (strcmp(kind, "counter") == 0) {
		if (a >= 0 && a < CL_COUNTERS)
			t->n[a] = n;
		return;
	}
	if (a < 0 || a >= CL_DELTAS)
		return;
	struct cl_hist *h = &t->delta[a];
	if (strcmp(kind, "sum") == 0)
		h->sum = (uint64_t)n;
	else if (strcmp(kind, "min") == 0)
		h->min = n;
	else if (strcmp(kind, "max") == 0)
		h->max = n;
	else if (strcmp(kind, "n") == 0)
		h->n = (uint64_t)n;
	else
		t->lost |= !cl_hist_load(h, (uint32_t)b, (uint64_t)n);
}

static void restore_step(struct cl_engine *e)
{
	struct cl_query *q =
		cl_query_new(e->store, "SELECT number, kind, a, b, n FROM state_step WHERE source_id = ?1");

	while (cl_query_row(q)) {
		uint32_t number = (uint32_t)cl_query_i64(q, 0);
		const char *kind = cl_query_text(q, 1);

		if (number >= e->services.count || kind == NULL)
			continue;
		cl_services_wake(&e->services, number);
		restore_step_row(&cl_service_at(&e->services, number)->part, kind, cl_query_i64(q, 2),
				 cl_query_i64(q, 3), cl_query_held(q, 4));
	}
	cl_query_free(q);
}

/* A client's record for a service: its own line, or that of a pair. */
static struct cl_seen *seen_of(struct cl_engine *e, const struct cl_addr *addr, uint32_t number,
			       uint32_t **flags, struct cl_client **owner)
{
	uint64_t hash = cl_clients_hash(&e->clients, addr);
	struct cl_client *client = cl_clients_get(&e->clients, addr, hash, number);

	if (client == NULL)
		return NULL;
	*owner = client;
	if (client->seen.service == number) {
		*flags = &client->flags;
		return &client->seen;
	}
	if (client->seen.service != CL_SERVICE_MANY &&
	    !cl_clients_split(&e->clients, client,
			      cl_service_at(&e->services, client->seen.service)->proto == CL_PROTO_DNS))
		return NULL;
	struct cl_pair *pair = cl_pairs_get(&e->clients, cl_client_number(&e->clients, client), number);
	if (pair == NULL)
		return NULL;
	*flags = &pair->flags;
	return &pair->seen;
}

/* A row of client_day, or of client_month, as the queries below give it. */
struct client_row {
	bool today, this_month;
	uint32_t number;
	struct cl_addr addr;
	struct cl_seen seen; /* requests, responses, bytes, first and last */
	unsigned via;
};

static uint32_t scopes_of(enum cl_proto proto, unsigned via, bool today, bool this_month)
{
	uint32_t scopes = 0, flags = 0;

	if (proto == CL_PROTO_NTP)
		scopes = 1u << CL_SCOPE_NTP;
	else
		scopes = 1u << CL_SCOPE_DNS | (via & 1u) << CL_SCOPE_DNS_UDP |
			 (via >> 1 & 1u) << CL_SCOPE_DNS_TCP;
	if (today)
		flags |= scopes * CL_CLIENT_DAY(0);
	if (this_month)
		flags |= scopes * CL_CLIENT_MONTH(0);
	return flags;
}

/* Of a client of several services: the cell over all servers of a protocol. */
static void restore_all_cell(struct cl_client *client, enum cl_proto proto, uint32_t cell)
{
	uint32_t *all = proto == CL_PROTO_DNS ? &client->cell_dns : &client->seen.cell;

	if (client->seen.service == CL_SERVICE_MANY && cell > *all)
		*all = cell;
}

/* Whether a row of a month before matters still: a window holds its client. */
static bool in_a_window(const struct cl_engine *e, const struct client_row *r)
{
	return cl_restore_in_window(e, cl_windows_at(&e->windows, r->seen.last_ns).cell);
}

/* The table holds fewer clients than it did. */
static void restore_beyond(struct cl_engine *e, const struct client_row *r, struct cl_client *owner,
			   enum cl_proto proto)
{
	struct cl_overflow_row row = { .addr = &r->addr,
				       .service = r->number,
				       .scopes = scopes_of(proto, r->via, true, false) / CL_CLIENT_DAY(0),
				       .cell = cl_windows_at(&e->windows, r->seen.last_ns).cell,
				       .requests = r->seen.requests,
				       .today = r->today,
				       .this_month = r->this_month,
				       .client = owner };

	if (owner != NULL) {
		owner->flags |= scopes_of(proto, r->via, r->today, r->this_month);
		restore_all_cell(owner, proto, row.cell);
	}
	cl_overflow_restored(e, &row);
}

static void restore_client(struct cl_engine *e, const struct client_row *r)
{
	struct cl_client *owner = NULL;
	uint32_t *flags;

	if (!r->this_month && !in_a_window(e, r))
		return;
	struct cl_seen *seen = seen_of(e, &r->addr, r->number, &flags, &owner);
	enum cl_proto proto = cl_service_at(&e->services, r->number)->proto;

	if (seen == NULL) {
		restore_beyond(e, r, owner, proto);
		return;
	}
	uint32_t cell = cl_windows_at(&e->windows, r->seen.last_ns).cell;
	if (cell > seen->cell)
		seen->cell = cell;
	restore_all_cell(owner, proto, cell);
	if (seen->last_ns < r->seen.last_ns)
		seen->last_ns = r->seen.last_ns;
	owner->flags |= scopes_of(proto, r->via, r->today, r->this_month);
	if (r->this_month)
		*flags |= CL_SEEN_MONTH;
	if (!r->today)
		return;
	*flags |= CL_SEEN_TODAY | ((r->via & 1u) != 0 ? CL_SEEN_UDP : 0) |
		  ((r->via & 2u) != 0 ? CL_SEEN_TCP : 0);
	seen->requests = r->seen.requests;
	seen->responses = r->seen.responses;
	seen->bytes = r->seen.bytes;
	seen->first_ns = r->seen.first_ns;
	seen->last_ns = r->seen.last_ns;
}

/* Takes rows of number, address, requests, responses, bytes, first, last (since `begin_ns`) and via. */
static void restore_rows(struct cl_engine *e, struct cl_query *q, int64_t begin_ns, bool today,
			 bool this_month)
{
	while (cl_query_row(q)) {
		struct client_row r = { .today = today,
					.this_month = this_month,
					.number = cl_store_number_of(e->store, cl_query_i64(q, 0)),
					.via = (unsigned)cl_query_i64(q, 7) };

		if (r.number >= e->services.count || !cl_query_addr(q, 1, &r.addr))
			continue;
		r.seen = (struct cl_seen){ .requests = (uint32_t)cl_query_i64(q, 2),
					   .responses = (uint32_t)cl_query_i64(q, 3),
					   .bytes = cl_query_u64(q, 4) };
		if (__builtin_add_overflow(begin_ns, cl_query_i64(q, 5), &r.seen.first_ns) ||
		    __builtin_add_overflow(begin_ns, cl_query_i64(q, 6), &r.seen.last_ns) ||
		    r.seen.last_ns > e->now_ns || r.seen.first_ns > r.seen.last_ns)
			continue; /* damaged */
		restore_client(e, &r);
	}
}

#define CLIENT_COLUMNS "SELECT service_id, addr, requests, responses, bytes, first_ns, last_ns, via FROM "

static void restore_day_rows(struct cl_engine *e, int64_t day, bool this_month)
{
	struct cl_query *q =
		cl_query_new(e->store, CLIENT_COLUMNS "client_day WHERE source_id = ?1 AND day = ?2");

	cl_query_bind_i64(q, 2, day);
	restore_rows(e, q, day * CL_NS_PER_DAY, day == e->day, this_month);
	cl_query_free(q);
}

/* Of the open month's days that are over there is one row for each client; days before it are read if a
 * window reaches so far. */
static void restore_clients(struct cl_engine *e, int64_t reach_ns)
{
	int64_t begin = cl_month_begin(e->day);
	struct cl_query *q =
		cl_query_new(e->store, CLIENT_COLUMNS "client_month WHERE source_id = ?1 AND day = ?2");

	for (int64_t day = cl_day_of(reach_ns); day < begin; day++)
		restore_day_rows(e, day, false);
	cl_query_bind_i64(q, 2, begin);
	restore_rows(e, q, 0, false, true);
	cl_query_free(q);
	restore_day_rows(e, e->day, true);
}

/* Puts the clients that windows still hold into them. */
static void resume_pair(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct cl_engine *e = ctx;

	(void)flags;
	if (seen->cell == 0)
		return;
	cl_services_wake(&e->services, seen->service);
	cl_windows_resume(&e->windows, &cl_service_at(&e->services, seen->service)->windows, seen->cell,
			  e->moment.instant);
	if (seen->cell == e->moment.cell)
		cl_engine_sketch(e, seen->service, &client->addr);
}

static void resume_all(struct cl_engine *e, uint32_t all, uint32_t cell)
{
	if (cell == 0)
		return;
	cl_services_wake(&e->services, all);
	cl_windows_resume(&e->windows, &cl_service_at(&e->services, all)->windows, cell, e->moment.instant);
}

static void resume_windows(struct cl_engine *e)
{
	cl_clients_each(&e->clients, resume_pair, e);
	for (size_t i = 0; i < e->clients.records.count; i++) {
		const struct cl_client *c = cl_client_at(&e->clients, i);

		if (c->seen.service == CL_SERVICE_MANY) {
			resume_all(e, CL_SERVICE_ALL_NTP, c->seen.cell);
			resume_all(e, CL_SERVICE_ALL_DNS, c->cell_dns);
		} else {
			bool dns = cl_service_at(&e->services, c->seen.service)->proto == CL_PROTO_DNS;

			resume_all(e, dns ? CL_SERVICE_ALL_DNS : CL_SERVICE_ALL_NTP, c->seen.cell);
		}
	}
}

/* Sketches of the open cell: of clients beyond the limit there is nothing else. What is damaged is left out.
 */
static void restore_sketches(struct cl_engine *e)
{
	struct cl_query *q =
		cl_query_new(e->store, "SELECT service_id, sketch FROM client_sketch WHERE source_id = ?1 "
				       "AND t = ?2");
	uint32_t number;

	cl_query_bind_i64(q, 2, e->moment.until_ns / CL_NS_PER_S);
	while (cl_query_row(q)) {
		struct cl_service *s = service_of_row(e, q, 0, &number);
		size_t n;
		const uint8_t *packed = cl_query_blob(q, 1, &n);

		if (s == NULL || packed == NULL)
			continue;
		cl_services_wake(&e->services, number);
		if (!cl_hll_unpack(&s->sketch, packed, n))
			cl_hll_clear(&s->sketch);
	}
	cl_query_free(q);
}

/* Calls `take` with the octets stored under a key. */
typedef void octets_fn(struct cl_engine *e, const uint8_t *at, size_t n);

static void restore_octets(struct cl_engine *e, const char *key, octets_fn *take)
{
	struct cl_query *q =
		cl_query_new(e->store, "SELECT value FROM state WHERE source_id = ?1 AND key GLOB ?2 || '.*' "
				       "ORDER BY key");

	cl_query_bind_text(q, 2, key);
	while (cl_query_row(q)) {
		size_t n;
		const uint8_t *at = cl_query_blob(q, 0, &n);

		if (at != NULL)
			take(e, at, n);
	}
	cl_query_free(q);
}

/* Whether a request of the store can be one: of a service that there is, and not of a time to come. */
static bool is_request(const struct cl_engine *e, int64_t time_ns, int64_t since_ns, uint64_t service)
{
	int64_t age;

	return service < e->services.count && time_ns <= e->now_ns && since_ns <= e->now_ns &&
	       !__builtin_sub_overflow(e->now_ns, time_ns, &age) &&
	       !__builtin_sub_overflow(e->now_ns, since_ns, &age) && age < 400 * CL_NS_PER_DAY;
}

static void take_requests(struct cl_engine *e, const uint8_t *at, size_t n)
{
	while (n >= CL_RESTORE_REQUEST_NUMBERS * 8) {
		uint64_t what = cl_restore_number(at + 40);
		size_t aliases = what >> 16 & 0xff;
		enum cl_req_kind kind = (what & 0xff) == CL_REQ_RESPONSE ? CL_REQ_RESPONSE : CL_REQ_REQUEST;
		if (n < (CL_RESTORE_REQUEST_NUMBERS + aliases) * 8 ||
		    !is_request(e, (int64_t)cl_restore_number(at + 16), (int64_t)cl_restore_number(at + 24),
				cl_restore_number(at + 32)))
			return; /* damaged */
		struct cl_req *r = cl_openreq_add(&e->matcher.open, kind, cl_restore_number(at),
						  (int64_t)cl_restore_number(at + 16),
						  (int64_t)cl_restore_number(at + 24));

		if (r == NULL)
			return;
		r->aux = (uint32_t)cl_restore_number(at + 8);
		r->service = (uint32_t)cl_restore_number(at + 32);
		r->extra = (uint8_t)(what >> 8);
		r->connection = 0;
		r->place = 0;
		at += CL_RESTORE_REQUEST_NUMBERS * 8;
		n -= (CL_RESTORE_REQUEST_NUMBERS + aliases) * 8;
		for (; aliases > 0; aliases--, at += 8)
			cl_openreq_alias(&e->matcher.open, r, cl_restore_number(at));
	}
}

static void take_recent(struct cl_engine *e, const uint8_t *at, size_t n)
{
	for (; n >= CL_RESTORE_RECENT_NUMBERS * 8;
	     at += CL_RESTORE_RECENT_NUMBERS * 8, n -= CL_RESTORE_RECENT_NUMBERS * 8) {
		struct client_row r = { .number = (uint32_t)cl_restore_number(at) };

		r.seen.first_ns = r.seen.last_ns = (int64_t)cl_restore_number(at + 8);
		for (unsigned i = 0; i < 16; i++)
			r.addr.b[i] = (uint8_t)(cl_restore_number(at + 16 + i / 8 * 8) >> 8 * (i % 8));
		if (cl_restore_number(at) < e->services.count && r.seen.last_ns <= e->now_ns)
			restore_client(e, &r);
	}
}

static void take_marks(struct cl_engine *e, const uint8_t *at, size_t n)
{
	for (; n >= 16 && is_request(e, e->now_ns, (int64_t)cl_restore_number(at + 8), 0); at += 16, n -= 16)
		cl_openreq_mark(&e->matcher.open, (uint32_t)cl_restore_number(at),
				(uint32_t)(cl_restore_number(at) >> 32));
}

enum cl_err cl_engine_restore(struct cl_engine *e)
{
	int64_t now_ns, longest = 0;

	if (!restore_now(e, &now_ns))
		return CL_OK;
	if (now_ns > TIME_MAX_NS || now_ns < -TIME_MAX_NS)
		return CL_EMALF;
	for (uint32_t i = 0; i < e->config.windows; i++)
		longest = e->config.window_ns[i] > longest ? e->config.window_ns[i] : longest;
	int64_t reach_ns = now_ns - longest - e->config.step_ns;
	if (!cl_engine_start(e, reach_ns, now_ns))
		return CL_ENOMEM;
	restore_services(e);
	restore_day_counters(e);
	restore_day_messages(e);
	restore_day_deltas(e);
	restore_step(e);
	if (e->services.sketches)
		restore_sketches(e);
	cl_overflow_load(e);
	restore_octets(e, CL_RESTORE_RECENT, take_recent);
	restore_clients(e, reach_ns);
	e->clients.full |= e->overflow.any; /* who comes now may be among those beyond */
	e->clients.pairs_full |= e->overflow.any;
	resume_windows(e);
	if (!cl_icmp_load(&e->icmp, e->store, e->day))
		return CL_ENOMEM;
	restore_octets(e, CL_WATCH_STATE, cl_watch_load);
	restore_octets(e, CL_RESTORE_OPEN, take_requests);
	restore_octets(e, CL_RESTORE_ANSWERED, take_marks);
	return CL_OK;
}
