/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hot loop. Hashes are computed before (cl_engine_prepare, by the thread that dissects); then one loop
 * runs its stages at a distance: it asks for the lines of the indexes of an event far ahead, finds the
 * client's record of one nearer and asks for that, and counts the event at hand, in the order of time. So
 * each line has come when its turn comes, and nothing here allocates per packet but the growth of tables.
 */
#include "stats/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "stats/engine/engine_state.h"
#include "stats/engine/restore.h"

/* How far ahead the stages run, in events; powers of two. */
#define FIRST 48u
#define FAR   32u
#define NEAR  16u
#define SOON  8u
#define NEXT  4u

/* What the stages before know of an event. */
struct work {
	const struct cl_prepared *prepared; /* borrowed */
	uint32_t client_guess;
	uint32_t service;
	uint64_t pair_hash; /* 0: none is to be looked for */
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
	cl_budget_init(&e->budget, config->memory);
	cl_overflow_init(&e->overflow, &e->budget);
	e->icmp.budget = &e->budget;
	if (!cl_clients_init(&e->clients, config->seed) ||
	    !cl_matcher_init(&e->matcher, config->pairing, config->timeout_ns, config->seed) ||
	    (config->gaps && !cl_gaps_init(&e->gaps))) {
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
	return (struct cl_engine_losses){ e->clients.refused, e->services.refused + e->services.moved,
					  e->matcher.open.dropped, e->gaps.refused, e->icmp.refused };
}

size_t cl_engine_clients(const struct cl_engine *e)
{
	return e->clients.records.count;
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
	if (!cl_services_init(&e->services, &e->windows, e->config.seed))
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
	cl_store_month(e->store, cl_month_begin(e->day), INT64_MAX);
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

/* Counting -------------------------------------------------------------------- */

/* Where an event counts: in its step, which is added to the day when it ends; out of order in the day alone.
 */
static inline struct cl_tally *tally_of(struct cl_service *s, const struct cl_event *ev)
{
	return (ev->flags & CL_EVF_OUT_OF_ORDER) == 0 ? &s->step : &s->day;
}

static inline void add_delta(struct cl_engine *e, struct cl_tally *t, uint32_t service,
			     enum cl_delta_kind kind, int64_t ns)
{
	if (!cl_services_delta(&e->services, service, &t->delta[kind], kind, ns))
		cl_store_fail(e->store, CL_ENOMEM);
}

static bool less(const struct cl_worst *a, const struct cl_worst *b)
{
	if (a->delta_ns != b->delta_ns)
		return a->delta_ns < b->delta_ns;
	return a->time_ns != b->time_ns ? a->time_ns > b->time_ns : a->response_frame > b->response_frame;
}

/* Keeps the longest exchanges in a heap with the shortest of them in front. */
static void note_worst(struct cl_engine *e, const struct cl_worst *w)
{
	struct cl_worst *heap = e->worst;
	size_t at;

	if (e->worst_count < CL_WORST_MAX) {
		for (at = e->worst_count++; at > 0 && less(w, &heap[(at - 1) / 2]); at = (at - 1) / 2)
			heap[at] = heap[(at - 1) / 2];
		heap[at] = *w;
		return;
	}
	if (!less(&heap[0], w))
		return;
	for (at = 0;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < CL_WORST_MAX && less(&heap[child + 1], &heap[child]))
			child++;
		if (child >= CL_WORST_MAX || !less(&heap[child], w))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = *w;
}

static inline bool is_tcp(const struct cl_event *ev)
{
	return ev->kind == CL_EV_DNS && (ev->u.dns.bits & CL_DNS_TCP) != 0;
}

/* The time to the end of a response. */
static inline void count_delta(struct cl_engine *e, struct cl_tally *t, uint32_t service,
			       const struct cl_event *ev, const struct cl_verdict *v)
{
	add_delta(e, t, service, is_tcp(ev) ? CL_DELTA_TCP_LAST : CL_DELTA_LAST, v->delta_ns);
	t->n[CL_C_OVER_1MS] += v->delta_ns > 1000000;
	t->n[CL_C_OVER_10MS] += v->delta_ns > 10000000;
	t->n[CL_C_OVER_100MS] += v->delta_ns > 100000000;
	if (e->worst_count < CL_WORST_MAX || v->delta_ns >= e->worst[0].delta_ns) {
		struct cl_worst w = { .time_ns = ev->time_ns,
				      .delta_ns = v->delta_ns,
				      .client = ev->dst,
				      .server = ev->src,
				      .request_frame = cl_req_frame(v->request_place),
				      .response_frame = ev->frame_no,
				      .request_file = cl_req_file(v->request_place),
				      .response_file = ev->file,
				      .service = service };
		note_worst(e, &w);
	}
}

static inline void count_matched(struct cl_engine *e, struct cl_tally *t, uint32_t service,
				 const struct cl_event *ev, const struct cl_verdict *v)
{
	t->n[CL_C_MATCHED]++;
	t->n[CL_C_GUESSED] += v->guessed;
	t->n[CL_C_INTERLEAVED] += v->interleaved;
	if (ev->kind == CL_EV_DNS)
		add_delta(e, t, service, is_tcp(ev) ? CL_DELTA_TCP_FIRST : CL_DELTA_FIRST, v->delta_first_ns);
	if (!v->more)
		count_delta(e, t, service, ev, v);
}

/* The class of a request's source port, if it is counted. */
static inline uint32_t port_class(const struct cl_engine *e, const struct cl_event *ev)
{
	if (!e->config.codes)
		return 0;
	return ev->sport == ev->dport ? CL_PORT_SAME : ev->sport < 1024 ? CL_PORT_LOW : CL_PORT_HIGH;
}

static inline void count_dns(struct cl_engine *e, uint32_t service, struct cl_tally *t,
			     const struct cl_event *ev)
{
	const struct cl_dns *dns = &ev->u.dns;
	bool tcp = (dns->bits & CL_DNS_TCP) != 0;

	if (ev->role == CL_ROLE_RESPONSE) {
		cl_services_trait(&e->services, service, cl_trait_response(dns, false));
		t->n[CL_C_TCP_RESPONSES] += tcp;
		t->n[CL_C_TRUNCATED] += !tcp && (dns->bits & CL_DNS_TC) != 0;
		return;
	}
	cl_services_trait(&e->services, service, cl_trait_query(dns, port_class(e, ev)));
	t->n[CL_C_TCP_REQUESTS] += tcp;
	t->n[CL_C_EDNS] += (dns->bits & CL_DNS_EDNS) != 0;
	t->n[CL_C_DNSSEC_OK] += (dns->bits & CL_DNS_DO) != 0;
	t->n[CL_C_ECS] += (dns->bits & CL_DNS_ECS) != 0;
	t->n[CL_C_COOKIE] += (dns->bits & CL_DNS_COOKIE) != 0;
}

static inline void count_outcome(struct cl_engine *e, uint32_t service, const struct cl_event *ev,
				 const struct cl_verdict *v)
{
	static const enum cl_counter counters[] = {
		[CL_OUT_DUPLICATE] = CL_C_DUPLICATES,
		[CL_OUT_LATE] = CL_C_LATE,
		[CL_OUT_BACKWARDS] = CL_C_BACKWARDS,
		[CL_OUT_BOGUS] = CL_C_BOGUS,
	};
	struct cl_tally *t = tally_of(cl_service_at(&e->services, service), ev);

	t->n[CL_C_RESPONSE_BYTES] += ev->wire_len;
	if (v->outcome == CL_OUT_TRANSFER) {
		if (v->ended)
			count_delta(e, t, service, ev, v);
		cl_services_trait(&e->services, service, cl_trait_response(&ev->u.dns, true));
		return;
	}
	t->n[CL_C_RESPONSES]++;
	if (ev->kind == CL_EV_DNS)
		count_dns(e, service, t, ev);
	if (v->outcome == CL_OUT_MATCHED)
		count_matched(e, t, service, ev, v);
	else
		t->n[counters[v->outcome]]++;
}

static inline void count_ntp(struct cl_tally *t, const struct cl_event *ev)
{
	const struct cl_ntp *ntp = &ev->u.ntp;
	bool request = ev->role == CL_ROLE_REQUEST;

	t->version_mode[(ntp->version << 3 | ntp->mode) & 63]++;
	t->n[CL_C_KOD] += (ntp->flags & CL_NTP_KOD) != 0;
	t->n[CL_C_MAC] += ((ntp->flags & CL_NTP_MAC) != 0) & request;
	t->n[CL_C_NTS] += ((ntp->flags & CL_NTP_NTS) != 0) & request;
}

/* What databases have of each message: its octets, and of NTP what else it shows. */
static inline void count_message(struct cl_engine *e, uint32_t service, const struct cl_event *ev)
{
	bool response = ev->role == CL_ROLE_RESPONSE;

	if (ev->kind == CL_EV_DNS) {
		const struct cl_dns *dns = &ev->u.dns;
		unsigned tcp = (dns->bits & CL_DNS_TCP) != 0 ? CL_SIZE_TCP_QUERY : CL_SIZE_UDP_QUERY;

		if ((dns->bits & CL_DNS_BROKEN) == 0)
			cl_services_size(&e->services, service, (enum cl_size_kind)(tcp + response),
					 dns->length);
		return;
	}
	cl_services_size(&e->services, service, (enum cl_size_kind)(CL_SIZE_UDP_QUERY + response),
			 ev->u.ntp.length);
	cl_services_trait(&e->services, service,
			  response ? cl_trait_ntp_response(&ev->u.ntp)
				   : cl_trait_ntp_request(&ev->u.ntp, port_class(e, ev)));
}

/* Clients --------------------------------------------------------------------- */

static uint32_t transport_flag(const struct cl_event *ev)
{
	return ev->kind == CL_EV_DNS && (ev->u.dns.bits & CL_DNS_TCP) != 0 ? CL_SEEN_TCP : CL_SEEN_UDP;
}

static uint32_t scope_flags(const struct cl_event *ev)
{
	if (ev->kind == CL_EV_NTP)
		return CL_CLIENT_DAY(CL_SCOPE_NTP) | CL_CLIENT_MONTH(CL_SCOPE_NTP) |
		       CL_CLIENT_DATE(CL_SCOPE_NTP);
	enum cl_scope transport = (ev->u.dns.bits & CL_DNS_TCP) != 0 ? CL_SCOPE_DNS_TCP : CL_SCOPE_DNS_UDP;
	return CL_CLIENT_DAY(CL_SCOPE_DNS) | CL_CLIENT_MONTH(CL_SCOPE_DNS) | CL_CLIENT_DATE(CL_SCOPE_DNS) |
	       CL_CLIENT_DAY(transport) | CL_CLIENT_MONTH(transport);
}

static inline void note_request(struct cl_seen *seen, uint32_t *flags, const struct cl_event *ev)
{
	bool first = (*flags & CL_SEEN_TODAY) == 0;

	*flags |= CL_SEEN_TODAY | CL_SEEN_MONTH | CL_SEEN_DIRTY | CL_SEEN_DATE | transport_flag(ev);
	seen->requests++;
	seen->bytes += ev->wire_len;
	if (first || ev->time_ns < seen->first_ns)
		seen->first_ns = ev->time_ns;
	if (first || ev->time_ns > seen->last_ns)
		seen->last_ns = ev->time_ns;
}

static inline void count_windows(struct cl_engine *e, uint32_t service, uint32_t *cell)
{
	struct cl_service *s = cl_service_at(&e->services, service);

	if (*cell == e->moment.cell || !e->config.series)
		return;
	cl_services_wake(&e->services, service);
	cl_windows_count(&e->windows, &s->windows, &e->moment, cell);
}

/* A client of one service is one line: its cell is that of the service and that over all servers. */
static inline void request_of_one(struct cl_engine *e, struct cl_client *client, const struct cl_event *ev,
				  uint32_t service, enum cl_service_number all)
{
	note_request(&client->seen, &client->flags, ev);
	if ((ev->flags & CL_EVF_OUT_OF_ORDER) != 0 || !e->config.series)
		return;
	uint32_t cell = client->seen.cell;
	count_windows(e, all, &cell);
	count_windows(e, service, &client->seen.cell);
}

static void request_of_many(struct cl_engine *e, struct cl_client *client, const struct cl_event *ev,
			    uint32_t service, enum cl_service_number all)
{
	struct cl_pair *pair = cl_pairs_get(&e->clients, cl_client_number(&e->clients, client), service);

	if (ev->time_ns > client->seen.last_ns)
		client->seen.last_ns = ev->time_ns;
	if ((ev->flags & CL_EVF_OUT_OF_ORDER) == 0)
		count_windows(e, all, all == CL_SERVICE_ALL_DNS ? &client->cell_dns : &client->seen.cell);
	if (pair == NULL) {
		cl_overflow_pair(e, client, ev, service);
		return;
	}
	note_request(&pair->seen, &pair->flags, ev);
	if ((ev->flags & CL_EVF_OUT_OF_ORDER) == 0)
		count_windows(e, service, &pair->seen.cell);
}

static void count_gap(struct cl_engine *e, const struct cl_client *client, const struct cl_event *ev)
{
	bool known = (client->flags & CL_CLIENT_MONTH_ALL) != 0;

	if (known && (ev->flags & CL_EVF_OUT_OF_ORDER) == 0 && ev->time_ns >= client->seen.last_ns)
		cl_gaps_add(&e->gaps, cl_client_number(&e->clients, client),
			    ev->time_ns - client->seen.last_ns);
}

/* The client that was found ahead, if it is the right one. */
static inline struct cl_client *guessed(const struct cl_engine *e, const struct cl_addr *addr,
					const struct work *w)
{
	if (w->client_guess == CL_INDEX_NONE)
		return NULL;
	struct cl_client *client = cl_client_at(&e->clients, w->client_guess);
	return memcmp(client->addr.b, addr->b, sizeof addr->b) == 0 ? client : NULL;
}

static inline void client_request(struct cl_engine *e, const struct cl_event *ev, const struct work *w)
{
	struct cl_client *client = guessed(e, &ev->src, w);

	if (client == NULL)
		client = cl_clients_get(&e->clients, &ev->src, w->prepared->client_hash, w->service);
	enum cl_service_number all = ev->kind == CL_EV_NTP ? CL_SERVICE_ALL_NTP : CL_SERVICE_ALL_DNS;

	if (client == NULL) {
		cl_overflow_client(e, ev, w->service);
		return;
	}
	if (e->config.count_only) {
		client->flags |= scope_flags(ev);
		return;
	}
	if (e->config.gaps)
		count_gap(e, client, ev);
	client->flags |= scope_flags(ev);
	if (client->seen.service == w->service) {
		request_of_one(e, client, ev, w->service, all);
		return;
	}
	if (client->seen.service != CL_SERVICE_MANY) {
		bool dns = cl_service_at(&e->services, client->seen.service)->proto == CL_PROTO_DNS;

		if (!cl_clients_split(&e->clients, client, dns)) {
			cl_overflow_pair(e, client, ev, w->service);
			return;
		}
	}
	request_of_many(e, client, ev, w->service, all);
}

/* A response counts for its client only if that has asked on the same day: one that has not has no row of
 * that day, in which the count could outlive the end of a file. */
static inline void client_response(struct cl_engine *e, const struct cl_event *ev, const struct work *w)
{
	if (e->config.count_only)
		return;
	const struct cl_client *found = guessed(e, &ev->dst, w);
	uint32_t number = found != NULL ? w->client_guess
					: cl_clients_find(&e->clients, &ev->dst, w->prepared->client_hash);

	if (number == CL_INDEX_NONE)
		return;
	struct cl_client *client = cl_client_at(&e->clients, number);
	if (client->seen.service == w->service) {
		if ((client->flags & CL_SEEN_TODAY) == 0)
			return;
		client->seen.responses++;
		client->flags |= CL_SEEN_DIRTY;
	} else if (client->seen.service == CL_SERVICE_MANY) {
		struct cl_pair *pair = cl_pairs_find(&e->clients, number, w->service);

		if (pair != NULL && (pair->flags & CL_SEEN_TODAY) != 0) {
			pair->seen.responses++;
			pair->flags |= CL_SEEN_DIRTY;
		}
	}
}

/* Events ---------------------------------------------------------------------- */

__attribute__((noinline)) static void tap(const struct cl_engine *e, const struct cl_event *ev,
					  const struct cl_verdict *v, bool backwards)
{
	struct cl_tapped t = { ev, e->note, v, backwards };

	e->tap(e->tap_ctx, &t);
}

static inline void take_response(struct cl_engine *e, const struct cl_event *ev, const struct work *w,
				 const struct cl_verdict *v)
{
	if (e->tap != NULL)
		tap(e, ev, v, false);
	count_outcome(e, w->service, ev, v);
	if (v->outcome != CL_OUT_TRANSFER)
		client_response(e, ev, w);
}

static inline void take_request(struct cl_engine *e, const struct cl_event *ev, const struct work *w)
{
	struct cl_tally *t = tally_of(cl_service_at(&e->services, w->service), ev);

	t->n[CL_C_REQUESTS]++;
	t->n[CL_C_REQUEST_BYTES] += ev->wire_len;
	bool backwards = match_request(&e->matcher, ev, &w->prepared->keys, w->service, e->now_ns);
	if (backwards) {
		t->n[CL_C_BOGUS]--;
		t->n[CL_C_BACKWARDS]++;
	}
	if (e->tap != NULL)
		tap(e, ev, NULL, backwards);
	client_request(e, ev, w);
}

/* A mode 1 packet that answers another one: its roles are turned around. */
__attribute__((noinline)) static bool take_symmetric(struct cl_engine *e, const struct cl_event *ev)
{
	struct cl_verdict v = { .outcome = CL_OUT_BOGUS };

	if (!cl_match_symmetric(&e->matcher, ev, e->now_ns, &v))
		return false;
	struct cl_event response = *ev;
	struct cl_prepared p = { .client_hash = cl_clients_hash(&e->clients, &ev->dst) };
	struct work w = { .prepared = &p,
			  .client_guess = CL_INDEX_NONE,
			  .service = cl_services_get(&e->services, &ev->src, CL_PROTO_NTP) };
	response.role = CL_ROLE_RESPONSE;
	cl_services_wake(&e->services, w.service);
	if (e->config.codes)
		count_message(e, w.service, &response);
	count_ntp(tally_of(cl_service_at(&e->services, w.service), ev), &response);
	take_response(e, &response, &w, &v);
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

static void take(struct cl_engine *e, const struct cl_event *ev, const struct work *w)
{
	if (ev->kind == CL_EV_NTP && ev->u.ntp.mode == 1 && take_symmetric(e, ev))
		return;
	struct cl_service *s = cl_service_at(&e->services, w->service);
	struct cl_tally *t = tally_of(s, ev);
	if (!s->live)
		cl_services_wake(&e->services, w->service);
	if (ev->kind == CL_EV_NTP)
		count_ntp(t, ev);
	else if (ev->role == CL_ROLE_REQUEST)
		count_dns(e, w->service, t, ev);
	if (e->config.codes && ev->role != CL_ROLE_APART)
		count_message(e, w->service, ev);
	if (ev->role == CL_ROLE_REQUEST) {
		take_request(e, ev, w);
	} else if (ev->role == CL_ROLE_RESPONSE) {
		struct cl_verdict v;

		match_response(&e->matcher, ev, &w->prepared->keys, w->service, e->now_ns, &v);
		take_response(e, ev, w, &v);
		if (e->watches.on && (ev->flags & CL_EVF_OUT_OF_ORDER) == 0)
			cl_watch_take(e, w->service, s, ev);
	} else {
		t->n[CL_C_APART]++;
		if (e->tap != NULL)
			tap(e, ev, NULL, false);
	}
}

static inline bool is_counted(const struct cl_event *ev)
{
	return ev->kind == CL_EV_NTP || ev->kind == CL_EV_DNS;
}

void cl_engine_prepare(const struct cl_key_rule *r, const struct cl_event *evs, size_t n,
		       struct cl_prepared *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct cl_event *ev = &evs[i];

		if (!is_counted(ev)) {
			out[i] = (struct cl_prepared){ .client_hash = 0 };
			continue;
		}
		uint64_t src = cl_addr_hash(&ev->src, r->seed), dst = cl_addr_hash(&ev->dst, r->seed);
		bool response = ev->role == CL_ROLE_RESPONSE;
		uint64_t own = pick(response, dst, src);
		out[i].client_hash = own & -(uint64_t)(!response | !r->requests_only);
		out[i].keys = keys_of(r, ev, own, pick(response, src, dst));
	}
}

/* What another thread wrote. In line always, like all that only prefetches: a compiler sees no effect in such
 * a function and calls it never. */
__attribute__((always_inline)) static inline void look_first(const struct cl_event *ev,
							     const struct cl_prepared *p)
{
	__builtin_prefetch(ev);
	__builtin_prefetch((const char *)ev + 64);
	__builtin_prefetch(p);
}

/* The lines of the indexes. */
__attribute__((always_inline)) static inline void look_far(const struct cl_engine *e,
							   const struct cl_prepared *p)
{
	cl_index_prefetch(&e->clients.by_addr, p->client_hash);
	cl_openreq_prefetch(&e->matcher.open, p->keys.key);
	cl_openreq_prefetch(&e->matcher.open, p->keys.second); /* 0 is a line that is always near */
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

/* The client's record, and the server. */
static inline void look_near(struct cl_engine *e, const struct cl_event *ev, const struct cl_prepared *p,
			     struct work *w)
{
	w->client_guess = CL_INDEX_NONE;
	if (!is_counted(ev))
		return;
	w->prepared = p;
	w->client_guess = cl_index_guess(&e->clients.by_addr, p->client_hash);
	if (w->client_guess != CL_INDEX_NONE)
		__builtin_prefetch(cl_client_at(&e->clients, w->client_guess), 1);
	w->service = service_of(e, server_of(ev), ev->kind == CL_EV_NTP ? CL_PROTO_NTP : CL_PROTO_DNS);
}

/* The line of the pairs' index, if the client is known as one of several services. */
__attribute__((always_inline)) static inline void look_soon(const struct cl_engine *e, struct work *w)
{
	w->pair_hash = 0;
	if (w->client_guess == CL_INDEX_NONE)
		return;
	bool many = cl_client_at(&e->clients, w->client_guess)->seen.service == CL_SERVICE_MANY;
	w->pair_hash = cl_pair_hash(&e->clients, w->client_guess, w->service) & -(uint64_t)many;
	cl_index_prefetch(&e->clients.by_pair, w->pair_hash); /* 0: a line that is always near */
}

/* The pair's record. */
__attribute__((always_inline)) static inline void look_next(const struct cl_engine *e, const struct work *w)
{
	if (w->pair_hash == 0)
		return;
	uint32_t pair = cl_index_guess(&e->clients.by_pair, w->pair_hash);
	if (pair != CL_INDEX_NONE)
		__builtin_prefetch(cl_pair_at(&e->clients, pair), 1);
}

/* A new month moves the clients' records. */
static void forget_guesses(struct work *w)
{
	for (unsigned i = 0; i < NEAR; i++)
		w[i].client_guess = CL_INDEX_NONE;
}

static void count_apart(struct cl_engine *e, const struct cl_event *ev)
{
	e->apart[ev->kind]++;
	if (e->tap != NULL && (ev->kind == CL_EV_ICMP || ev->kind == CL_EV_CONN || ev->kind == CL_EV_PART))
		tap(e, ev, NULL, false);
	if (ev->kind == CL_EV_ICMP && !cl_icmp_count(&e->icmp, ev))
		cl_store_fail(e->store, CL_ENOMEM);
}

static inline void count_one(struct cl_engine *e, const struct cl_event *ev, struct work *ring, size_t i)
{
	if ((ev->flags & CL_EVF_OUT_OF_ORDER) == 0 && ev->time_ns > e->now_ns && turn_to(e, ev->time_ns))
		forget_guesses(ring);
	if (is_counted(ev))
		take(e, ev, &ring[i % NEAR]);
	else
		count_apart(e, ev);
}

void cl_engine_tap(struct cl_engine *e, cl_tap_fn fn, void *ctx)
{
	e->tap = fn;
	e->tap_ctx = ctx;
}

void cl_engine_feed(struct cl_engine *e, const struct cl_event *evs, const struct cl_prepared *prepared,
		    const struct cl_note *notes, size_t n)
{
	struct work ring[NEAR];

	for (unsigned i = 0; i < NEAR; i++)
		ring[i] = (struct work){ .client_guess = CL_INDEX_NONE };
	if (n > 0 && !e->started && !cl_engine_start(e, evs[0].time_ns, evs[0].time_ns)) {
		cl_store_fail(e->store, CL_ENOMEM);
		return;
	}
	for (size_t i = 0; i < n && i < FIRST; i++)
		look_first(&evs[i], &prepared[i]);
	for (size_t i = 0; i < n && i < FAR; i++)
		look_far(e, &prepared[i]);
	for (size_t i = 0; i < n && i < NEAR; i++)
		look_near(e, &evs[i], &prepared[i], &ring[i]);
	for (size_t i = 0; i < n; i++) {
		look_soon(e, &ring[(i + SOON) % NEAR]);
		look_next(e, &ring[(i + NEXT) % NEAR]);
		if (e->tap != NULL)
			e->note = &notes[i];
		count_one(e, &evs[i], ring, i);
		if (i + NEAR < n)
			look_near(e, &evs[i + NEAR], &prepared[i + NEAR], &ring[i % NEAR]);
		if (i + FIRST < n)
			look_first(&evs[i + FIRST], &prepared[i + FIRST]);
		if (i + FAR < n)
			look_far(e, &prepared[i + FAR]);
		if (i % FAR == FAR - 1)
			cl_openreq_expire(&e->matcher.open, e->now_ns);
	}
	cl_openreq_expire(&e->matcher.open, e->now_ns);
}

void cl_engine_finish(struct cl_engine *e)
{
	if (e->started)
		cl_periods_flush(e);
}
