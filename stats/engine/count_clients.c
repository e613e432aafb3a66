/* SPDX-License-Identifier: BSD-2-Clause */
/* What is counted of each client: a part of hotloop.c. */
#include "stats/engine/engine_state.h"

/* What is known of a message ahead. */
struct work {
	uint32_t client; /* probably the number of its client's record, or CL_INDEX_NONE */
	uint32_t service;
	uint32_t pair; /* probably the number of the record of both, or CL_INDEX_NONE */
};

static uint32_t transport_flag(const struct cl_event *ev)
{
	return ev->kind == CL_EV_DNS && (ev->u.dns.bits & CL_DNS_TCP) != 0 ? CL_SEEN_TCP : CL_SEEN_UDP;
}

CL_IN_LINE uint32_t scope_flags(const struct cl_event *ev, bool dns)
{
	if (!dns)
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

/* Returns whether it is the first request of the cell. */
static inline bool count_windows(struct cl_engine *e, uint32_t service, uint32_t *cell)
{
	struct cl_service *s = cl_service_at(&e->services, service);

	if (*cell == e->moment.cell || !e->config.series)
		return false;
	cl_services_wake(&e->services, service);
	cl_windows_count(&e->windows, &s->windows, &e->moment, cell);
	return true;
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
	if (count_windows(e, service, &client->seen.cell))
		cl_engine_sketch(e, service, &client->addr);
}

/* The pair that was found ahead, if it is the right one. */
static inline struct cl_pair *guessed_pair(const struct cl_engine *e, uint32_t client, struct work w)
{
	if (w.pair == CL_INDEX_NONE)
		return NULL;
	struct cl_pair *pair = cl_pair_at(&e->clients, w.pair);
	return pair->client == client && pair->seen.service == w.service ? pair : NULL;
}

static void request_of_many(struct cl_engine *e, struct cl_client *client, const struct cl_event *ev,
			    struct work w, enum cl_service_number all)
{
	uint32_t number = cl_client_number(&e->clients, client), service = w.service;
	struct cl_pair *pair = guessed_pair(e, number, w);

	if (pair == NULL)
		pair = cl_pairs_get(&e->clients, number, service);

	if (ev->time_ns > client->seen.last_ns)
		client->seen.last_ns = ev->time_ns;
	if ((ev->flags & CL_EVF_OUT_OF_ORDER) == 0)
		count_windows(e, all, all == CL_SERVICE_ALL_DNS ? &client->cell_dns : &client->seen.cell);
	if (pair == NULL) {
		cl_overflow_pair(e, client, ev, service);
		return;
	}
	note_request(&pair->seen, &pair->flags, ev);
	if ((ev->flags & CL_EVF_OUT_OF_ORDER) == 0 && count_windows(e, service, &pair->seen.cell))
		cl_engine_sketch(e, service, &client->addr);
}

static void count_gap(struct cl_engine *e, const struct cl_client *client, const struct cl_event *ev)
{
	bool known = (client->flags & CL_CLIENT_MONTH_ALL) != 0;

	if (known && (ev->flags & CL_EVF_OUT_OF_ORDER) == 0 && ev->time_ns >= client->seen.last_ns)
		cl_gaps_add(&e->gaps, cl_client_number(&e->clients, client),
			    ev->time_ns - client->seen.last_ns);
}

/* The client that was found ahead, if it is the right one. */
static inline struct cl_client *guessed(const struct cl_engine *e, const struct cl_addr *addr, uint32_t guess)
{
	if (guess == CL_INDEX_NONE)
		return NULL;
	struct cl_client *client = cl_client_at(&e->clients, guess);
	return memcmp(client->addr.b, addr->b, sizeof addr->b) == 0 ? client : NULL;
}

/* The client of a request, made known if it is new; NULL (counted): there is no room. */
CL_IN_LINE struct cl_client *asking(struct cl_engine *e, const struct cl_event *ev, uint64_t hash,
				    struct work w)
{
	struct cl_client *client = guessed(e, &ev->src, w.client);

	if (client == NULL)
		client = cl_clients_get(&e->clients, &ev->src, hash, w.service);
	if (client == NULL)
		cl_overflow_client(e, ev, w.service);
	return client;
}

CL_IN_LINE void client_request(struct cl_engine *e, const struct cl_event *ev, uint64_t hash, struct work w,
			       bool dns)
{
	struct cl_client *client = asking(e, ev, hash, w);
	enum cl_service_number all = dns ? CL_SERVICE_ALL_DNS : CL_SERVICE_ALL_NTP;

	if (client == NULL)
		return;
	if (e->config.gaps)
		count_gap(e, client, ev);
	client->flags |= scope_flags(ev, dns);
	if (client->seen.service == w.service) {
		request_of_one(e, client, ev, w.service, all);
		return;
	}
	if (client->seen.service != CL_SERVICE_MANY) {
		bool of_dns = cl_service_at(&e->services, client->seen.service)->proto == CL_PROTO_DNS;

		if (!cl_clients_split(&e->clients, client, of_dns)) {
			cl_overflow_pair(e, client, ev, w.service);
			return;
		}
	}
	request_of_many(e, client, ev, w, all);
}

/* With config.count_only: a client that its askers left to the engine (cl_askers_take). */
__attribute__((noinline)) static void client_asked(struct cl_engine *e, const struct cl_event *ev,
						   uint64_t hash, struct work w, bool dns)
{
	if (dns || ev->u.ntp.mode != MODE_SYMMETRIC_ACTIVE) {
		cl_overflow_client(e, ev, w.service);
		return;
	}
	struct cl_client *client = asking(e, ev, hash, w);
	if (client != NULL)
		client->flags |= scope_flags(ev, dns);
}

/* A response counts for its client only if that has asked on the same day: one that has not has no row of
 * that day, in which the count could outlive the end of a file. */
static inline void client_response(struct cl_engine *e, const struct cl_event *ev, uint64_t hash,
				   struct work w)
{
	uint32_t number = guessed(e, &ev->dst, w.client) != NULL
				  ? w.client
				  : cl_clients_find(&e->clients, &ev->dst, hash);

	if (number == CL_INDEX_NONE)
		return;
	struct cl_client *client = cl_client_at(&e->clients, number);
	if (client->seen.service == w.service) {
		if ((client->flags & CL_SEEN_TODAY) == 0)
			return;
		client->seen.responses++;
		client->flags |= CL_SEEN_DIRTY;
	} else if (client->seen.service == CL_SERVICE_MANY) {
		struct cl_pair *pair = guessed_pair(e, number, w);

		if (pair == NULL)
			pair = cl_pairs_find(&e->clients, number, w.service);

		if (pair != NULL && (pair->flags & CL_SEEN_TODAY) != 0) {
			pair->seen.responses++;
			pair->flags |= CL_SEEN_DIRTY;
		}
	}
}
