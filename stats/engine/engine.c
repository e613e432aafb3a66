/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine, and its hot loop. Hashes are computed before (cl_match_prepare, by the thread that dissects);
 * then events go through stages a block at a time: the lines of the indexes of a block far ahead are asked
 * for, then the clients' records of a nearer one, and the block at hand is counted, in the order of time. So
 * each line has come when its turn comes, and nothing here allocates per packet but the growth of tables.
 */
#include "stats/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "stats/engine/engine_state.h"
#include "stats/engine/restore.h"

/* Of the memory, in 64ths, where clients are counted apart. */
#define ASKERS_SHARE 20u

#define BLOCK 16u /* events that go through a stage together */

/* How many blocks ahead of counting each stage runs. */
enum { PAIR = 1, CLIENT = 2, INDEX = 3, AHEAD = 4 };

/* What the stages before know of the events of so many blocks. */
struct ahead {
	struct work work[AHEAD][BLOCK];
	uint64_t pair_hash[AHEAD][BLOCK]; /* 0: none is to be looked for */
};

struct cl_engine *cl_engine_new(const struct cl_engine_config *config, struct cl_store *store)
{
	struct cl_engine *e = calloc(1, sizeof *e);

	if (e == NULL)
		return NULL;
	e->config = *config;
	e->store = store;
	e->icmp.seed = config->seed;
	e->icmp.step_s = config->series ? config->step_ns / CL_NS_PER_S : 0;
	e->watches.on = config->by_day && config->series;
	size_t apart = config->count_only ? config->memory / 64 * ASKERS_SHARE : 0;
	cl_budget_init(&e->budget, config->memory - apart);
	cl_overflow_init(&e->overflow, &e->budget);
	e->icmp.budget = &e->budget;
	if (!cl_clients_init(&e->clients, config->seed) ||
	    !cl_matcher_init(&e->matcher, config->pairing, config->timeout_ns, config->seed) ||
	    (config->gaps && !cl_gaps_init(&e->gaps)) ||
	    (config->count_only && (e->askers = cl_askers_new(config->seed, apart)) == NULL)) {
		cl_engine_free(e);
		return NULL;
	}
	cl_clients_limit(&e->clients, &e->budget);
	cl_openreq_limit(&e->matcher.open, &e->budget);
	cl_gaps_limit(&e->gaps, &e->budget);
	return e;
}

void cl_engine_free(struct cl_engine *e)
{
	if (e == NULL)
		return;
	cl_clients_free(&e->clients);
	cl_askers_free(e->askers);
	free(e->pairs_by_client);
	cl_matcher_free(&e->matcher);
	cl_services_free(&e->services);
	cl_gaps_free(&e->gaps);
	cl_icmp_clear(&e->icmp);
	cl_overflow_free(&e->overflow);
	free(e->checkpoints.row);
	free(e);
}

uint64_t cl_engine_apart(const struct cl_engine *e, enum cl_event_kind kind)
{
	return e->apart[kind];
}

struct cl_engine_losses cl_engine_losses(const struct cl_engine *e)
{
	return (struct cl_engine_losses){ e->clients.refused + (e->askers != NULL ? e->askers->refused : 0),
					  e->services.refused + e->services.moved, e->matcher.open.dropped,
					  e->gaps.refused, e->icmp.refused };
}

size_t cl_engine_clients(const struct cl_engine *e)
{
	return e->clients.records.count + (e->askers != NULL ? cl_addrset_count(&e->askers->set) : 0);
}

/* Time ------------------------------------------------------------------------ */

/* Instants are numbered with 32 bits: before they run out, they are counted anew. */
static void set_rebase(struct cl_engine *e)
{
	int64_t last;

	if (__builtin_mul_overflow(e->windows.base + (INT32_MAX >> 1) / (int64_t)e->windows.phases,
				   e->config.step_ns, &last))
		last = INT64_MAX;
	e->rebase_ns = last;
}

bool cl_engine_start(struct cl_engine *e, int64_t first_ns, int64_t now_ns)
{
	cl_windows_init(&e->windows, e->config.step_ns, e->config.window_ns, e->config.windows, first_ns);
	bool sketches = e->config.by_day && e->config.series && e->config.windows > 0 &&
			!cl_store_is_memory(e->store);

	if (!cl_services_init(&e->services, &e->windows, e->config.seed, sketches))
		return false;
	e->services.budget = &e->budget;
	e->moment = cl_windows_at(&e->windows, now_ns);
	set_rebase(e);
	e->day = cl_day_of(now_ns);
	e->date = e->day;
	e->day_end_ns = e->config.by_day || e->config.days ? (e->day + 1) * CL_NS_PER_DAY : INT64_MAX;
	e->now_ns = now_ns;
	e->quiet_until_ns = INT64_MIN;
	e->started = true;
	cl_store_month(e->store, cl_month_begin(e->day), INT64_MAX, INT64_MAX);
	return true;
}

/* Until then nothing ends as time goes on. */
static void set_quiet(struct cl_engine *e)
{
	e->quiet_until_ns = e->moment.until_ns < e->day_end_ns - 1 ? e->moment.until_ns : e->day_end_ns - 1;
	if (e->quiet_until_ns > e->rebase_ns)
		e->quiet_until_ns = e->rebase_ns;
	if (e->quiet_until_ns > cl_openreq_sweep_due(&e->matcher.open))
		e->quiet_until_ns = cl_openreq_sweep_due(&e->matcher.open);
}

/* Moves on to a time. Returns whether records may have moved. */
static bool turn_to(struct cl_engine *e, int64_t time_ns)
{
	if (time_ns <= e->quiet_until_ns) { /* the common case: same cell, same day */
		e->now_ns = time_ns;
		return false;
	}
	bool new_day = time_ns >= e->day_end_ns;

	if (time_ns > cl_openreq_sweep_due(&e->matcher.open))
		cl_openreq_sweep(&e->matcher.open, e->now_ns, time_ns);
	if (time_ns > e->rebase_ns) {
		cl_periods_rebase(e, time_ns);
		set_rebase(e);
	}
	if (time_ns > e->moment.until_ns) {
		struct cl_moment m = cl_windows_at(&e->windows, time_ns);
		cl_periods_pass(e, &m);
	}
	if (new_day)
		cl_periods_new_day(e, time_ns);
	e->now_ns = time_ns;
	set_quiet(e);
	return new_day;
}

void cl_engine_time(struct cl_engine *e, int64_t time_ns)
{
	if (!e->started && !cl_engine_start(e, time_ns, time_ns)) {
		cl_store_fail(e->store, CL_ENOMEM);
		return;
	}
	if (time_ns > e->now_ns)
		turn_to(e, time_ns);
}

/* Events ---------------------------------------------------------------------- */

__attribute__((noinline)) static void tap(const struct cl_engine *e, const struct cl_event *ev,
					  const struct cl_verdict *v, bool backwards)
{
	struct cl_tapped t = { ev, e->note, v, backwards };

	e->tap(e->tap_ctx, &t);
}

CL_IN_LINE void take_response(struct cl_engine *e, struct cl_tally *t, const struct cl_event *ev,
			      uint64_t hash, struct work w, const struct cl_verdict *v, bool dns, bool lean)
{
	if (!lean && e->tap != NULL)
		tap(e, ev, v, false);
	count_outcome(e, t, w.service, ev, v, dns);
	if (!lean && !e->config.count_only && (!dns || v->outcome != CL_OUT_TRANSFER))
		client_response(e, ev, hash, w);
}

CL_IN_LINE void take_request(struct cl_engine *e, struct cl_tally *t, const struct cl_event *ev,
			     const struct cl_prepared *p, struct work w, bool dns, bool lean)
{
	t->n[CL_C_REQUESTS]++;
	t->n[CL_C_REQUEST_BYTES] += ev->wire_len;
	bool backwards = match_request(&e->matcher, ev, &p->keys, w.service, e->now_ns, dns);
	if (backwards) {
		t->n[CL_C_BOGUS]--;
		t->n[CL_C_BACKWARDS]++;
	}
	if (!lean && e->tap != NULL)
		tap(e, ev, NULL, backwards);
	if (!lean && !e->config.count_only)
		client_request(e, ev, p->client_hash, w, dns);
	else if (p->client_hash != 0)
		client_asked(e, ev, p->client_hash, w, dns);
}

/* A mode 1 packet that answers another one: its roles are turned around. */
__attribute__((noinline)) static bool take_symmetric(struct cl_engine *e, const struct cl_event *ev)
{
	struct cl_verdict v = { .outcome = CL_OUT_BOGUS };

	if (!cl_match_symmetric(&e->matcher, ev, e->now_ns, &v))
		return false;
	struct cl_event response = *ev;
	struct work w = { .client = CL_INDEX_NONE,
			  .pair = CL_INDEX_NONE,
			  .service = cl_services_get(&e->services, &ev->src, CL_PROTO_NTP) };
	response.role = CL_ROLE_RESPONSE;
	cl_services_wake(&e->services, w.service);
	if (e->config.codes)
		count_message(e, w.service, &response);
	struct cl_tally *t = tally_of(cl_service_at(&e->services, w.service), ev);
	count_ntp(t, &response);
	take_response(e, t, &response, cl_clients_hash(&e->clients, &ev->dst), w, &v, false, false);
	return true;
}

/* The destination if `other`, else the source: chosen by arithmetic, since no processor foresees it. */
static inline const struct cl_addr *side_of(const struct cl_event *ev, bool other)
{
	size_t at = offsetof(struct cl_event, src) +
		    other * (offsetof(struct cl_event, dst) - offsetof(struct cl_event, src));

	return (const struct cl_addr *)(const void *)((const char *)ev + at);
}

static inline const struct cl_addr *server_of(const struct cl_event *ev)
{
	if (ev->role != CL_ROLE_APART)
		return side_of(ev, ev->role == CL_ROLE_REQUEST);
	if (ev->kind == CL_EV_DNS) /* neither query nor response: the side with the lower port */
		return ev->dport < ev->sport ? &ev->dst : &ev->src;
	return ev->dport == 123 ? &ev->dst : &ev->src; /* NTP modes 5 to 7: the side that holds the port */
}

CL_IN_LINE void take(struct cl_engine *e, const struct cl_event *ev, const struct cl_prepared *p,
		     struct work w, bool dns, bool lean)
{
	if (!dns && ev->u.ntp.mode == 1 && take_symmetric(e, ev))
		return;
	struct cl_service *s = cl_service_at(&e->services, w.service);
	struct cl_tally *t = tally_of(s, ev);
	if (!s->live)
		cl_services_wake(&e->services, w.service);
	if (!dns)
		count_ntp(t, ev);
	else if (ev->role == CL_ROLE_REQUEST)
		count_query(e, w.service, t, ev);
	if (!lean && e->config.codes && ev->role != CL_ROLE_APART)
		count_message(e, w.service, ev);
	if (ev->role == CL_ROLE_REQUEST) {
		take_request(e, t, ev, p, w, dns, lean);
	} else if (ev->role == CL_ROLE_RESPONSE) {
		struct cl_verdict v;

		match_response(&e->matcher, ev, &p->keys, w.service, e->now_ns, &v, dns);
		take_response(e, t, ev, p->client_hash, w, &v, dns, lean);
		if (!lean && e->watches.on && (ev->flags & CL_EVF_OUT_OF_ORDER) == 0)
			cl_watch_take(e, w.service, s, ev);
	} else {
		t->n[CL_C_APART]++;
		if (!lean && e->tap != NULL)
			tap(e, ev, NULL, false);
	}
}

static inline bool is_counted(const struct cl_event *ev)
{
	return ev->kind == CL_EV_NTP || ev->kind == CL_EV_DNS;
}

/* Most packets are of few servers: the last ones are remembered by a few bits of their address. */
static inline uint32_t service_of(struct cl_engine *e, const struct cl_addr *addr, enum cl_proto proto)
{
	uint32_t *recent = &e->recent[(addr->b[15] ^ addr->b[7] ^ proto) & (CL_RECENT_SERVICES - 1)];

	if (*recent != 0) {
		const struct cl_service *s = cl_service_at(&e->services, *recent);

		if (s->proto == proto && memcmp(s->addr.b, addr->b, sizeof addr->b) == 0)
			return *recent;
	}
	*recent = cl_services_get(&e->services, addr, proto);
	if (*recent < CL_SERVICE_FIRST) {
		uint32_t rest = *recent;

		*recent = 0;
		return rest;
	}
	return *recent;
}

static void count_apart(struct cl_engine *e, const struct cl_event *ev)
{
	e->apart[ev->kind]++;
	if (e->tap != NULL && (ev->kind == CL_EV_ICMP || ev->kind == CL_EV_CONN || ev->kind == CL_EV_PART))
		tap(e, ev, NULL, false);
	if (ev->kind == CL_EV_ICMP && !cl_icmp_count(&e->icmp, ev))
		cl_store_fail(e->store, CL_ENOMEM);
}

/* Stages ---------------------------------------------------------------------- */

/* The lines of the indexes. */
CL_IN_LINE void look_index(const struct cl_engine *e, const struct cl_prepared *p, bool lean)
{
	if (!lean)
		cl_index_prefetch(&e->clients.by_addr, p->client_hash);
	cl_openreq_prefetch(&e->matcher.open, p->keys.key);
	if (e->matcher.interleaved > 0)
		cl_openreq_prefetch(&e->matcher.open, p->keys.second); /* 0 is a line that is always near */
}

/* The client's record, and the server. */
CL_IN_LINE struct work look_client(struct cl_engine *e, const struct cl_event *ev,
				   const struct cl_prepared *p, bool lean)
{
	struct work w = { .client = CL_INDEX_NONE, .pair = CL_INDEX_NONE };

	if (!is_counted(ev))
		return w;
	if (!lean)
		w.client = cl_index_guess(&e->clients.by_addr, p->client_hash);
	if (w.client != CL_INDEX_NONE)
		__builtin_prefetch(cl_client_at(&e->clients, w.client), 1);
	w.service = service_of(e, server_of(ev), ev->kind == CL_EV_NTP ? CL_PROTO_NTP : CL_PROTO_DNS);
	return w;
}

/* The line of the pairs' index, if the client is known as one of several services. */
CL_IN_LINE uint64_t look_pair(const struct cl_engine *e, struct work w)
{
	if (w.client == CL_INDEX_NONE)
		return 0;
	bool many = cl_client_at(&e->clients, w.client)->seen.service == CL_SERVICE_MANY;
	uint64_t hash = cl_pair_hash(&e->clients, w.client, w.service) & -(uint64_t)many;
	cl_index_prefetch(&e->clients.by_pair, hash); /* 0: a line that is always near */
	return hash;
}

/* The pair's record. */
CL_IN_LINE uint32_t look_record(const struct cl_engine *e, uint64_t pair_hash)
{
	if (pair_hash == 0)
		return CL_INDEX_NONE;
	uint32_t pair = cl_index_guess(&e->clients.by_pair, pair_hash);
	if (pair != CL_INDEX_NONE)
		__builtin_prefetch(cl_pair_at(&e->clients, pair), 1);
	return pair;
}

/* A new month moves the clients' records. */
static void forget_guesses(struct ahead *a)
{
	for (unsigned i = 0; i < AHEAD; i++)
		for (unsigned j = 0; j < BLOCK; j++)
			a->work[i][j].client = a->work[i][j].pair = CL_INDEX_NONE;
}

/* The stages before counting, each for its block; `at` is the first event of the one at hand. */
CL_IN_LINE void look_ahead(struct cl_engine *e, const struct cl_event *evs,
			   const struct cl_prepared *prepared, size_t n, size_t at, struct ahead *a,
			   bool lean)
{
	size_t block = at / BLOCK;

	for (size_t i = at + INDEX * BLOCK; i < n && i < at + (INDEX + 1) * BLOCK; i++)
		look_index(e, &prepared[i], lean);
	struct work *work = a->work[(block + CLIENT) % AHEAD];
	for (size_t i = at + CLIENT * BLOCK; i < n && i < at + (CLIENT + 1) * BLOCK; i++)
		work[i % BLOCK] = look_client(e, &evs[i], &prepared[i], lean);
	if (lean)
		return;
	uint64_t *hash = a->pair_hash[(block + PAIR) % AHEAD];
	work = a->work[(block + PAIR) % AHEAD];
	for (size_t i = at + PAIR * BLOCK; i < n && i < at + (PAIR + 1) * BLOCK; i++)
		hash[i % BLOCK] = look_pair(e, work[i % BLOCK]);
	hash = a->pair_hash[block % AHEAD];
	work = a->work[block % AHEAD];
	for (size_t i = at; i < n && i < at + BLOCK; i++)
		work[i % BLOCK].pair = look_record(e, hash[i % BLOCK]);
}

CL_IN_LINE void count_block(struct cl_engine *e, const struct cl_event *evs,
			    const struct cl_prepared *prepared, const struct cl_note *notes, size_t n,
			    struct ahead *a, size_t block, bool lean)
{
	for (size_t i = 0; i < n; i++) {
		const struct cl_event *ev = &evs[i];

		if ((ev->flags & CL_EVF_OUT_OF_ORDER) == 0 && ev->time_ns > e->now_ns &&
		    turn_to(e, ev->time_ns))
			forget_guesses(a);
		if (!lean && e->tap != NULL)
			e->note = &notes[i];
		struct work w = a->work[block % AHEAD][i];
		if (ev->kind == CL_EV_NTP)
			take(e, ev, &prepared[i], w, false, lean);
		else if (ev->kind == CL_EV_DNS)
			take(e, ev, &prepared[i], w, true, lean);
		else
			count_apart(e, ev);
	}
}

/* `lean`: of clients, that they asked, and nobody wants single messages or their codes. */
CL_IN_LINE void feed(struct cl_engine *e, const struct cl_event *evs, const struct cl_prepared *prepared,
		     const struct cl_note *notes, size_t n, bool lean)
{
	struct ahead a = { .pair_hash = { { 0 } } };

	for (size_t i = INDEX; i > 0; i--) /* as if blocks without an event had gone before */
		look_ahead(e, evs, prepared, n, (size_t)0 - i * BLOCK, &a, lean);
	for (size_t at = 0; at < n; at += BLOCK) {
		look_ahead(e, evs, prepared, n, at, &a, lean);
		count_block(e, evs + at, prepared + at, notes != NULL ? notes + at : NULL,
			    n - at < BLOCK ? n - at : BLOCK, &a, at / BLOCK, lean);
		if (at / BLOCK % 2 == 1)
			cl_openreq_expire(&e->matcher.open, e->now_ns);
	}
	cl_openreq_expire(&e->matcher.open, e->now_ns);
}

void cl_engine_tap(struct cl_engine *e, cl_tap_fn fn, void *ctx)
{
	e->tap = fn;
	e->tap_ctx = ctx;
}

void cl_engine_feed(struct cl_engine *e, const struct cl_event *evs, const struct cl_prepared *prepared,
		    const struct cl_note *notes, size_t n)
{
	if (n > 0 && !e->started && !cl_engine_start(e, evs[0].time_ns, evs[0].time_ns)) {
		cl_store_fail(e->store, CL_ENOMEM);
		return;
	}
	if (e->config.count_only && !e->config.codes && e->tap == NULL)
		feed(e, evs, prepared, notes, n, true);
	else
		feed(e, evs, prepared, notes, n, false);
}

void cl_engine_finish(struct cl_engine *e)
{
	if (e->started)
		cl_periods_flush(e);
}
