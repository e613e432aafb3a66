/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/icmpquote.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/exchange/sent.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

#define MS INT64_C(1000000)

const int64_t cl_quote_edges_ns[CL_QUOTE_CLASSES] = { 0,	 1 * MS,    5 * MS,    20 * MS,
						      50 * MS,	 100 * MS,  200 * MS,  500 * MS,
						      1000 * MS, 2000 * MS, 5000 * MS, 10000 * MS };

#define TYPES 9u

/* What is known of a client. */
struct client {
	struct cl_addr addr;
	int64_t first_error_ns; /* if `drew` > 0 */
	int64_t trip_ns;	/* shortest, if `closed` > 0 */
	uint32_t requests, responses;
	uint32_t after;	 /* requests after its first error */
	uint32_t drew;	 /* responses that an error quoted */
	uint32_t closed; /* of these, to a port that the client itself said was closed */
	bool ran_out;	 /* is in a network's count */
};

_Static_assert(sizeof(struct client) <= 64, "a cache line for each client");

struct table {
	struct cl_arena rows;
	struct cl_index by_addr;
};

struct cl_icmpquote {
	struct cl_icmpquote_config config;
	struct cl_sent *sent;
	struct cl_quote_kind *kind[TYPES][256];
	struct table clients, networks;
	struct cl_quote_closed closed;
	struct cl_quote_error *slowest;	  /* a heap, the one that gives way in front */
	struct cl_quote_error *unmatched; /* a ring */
	size_t slow;
	uint64_t errors;
	uint64_t no_match; /* that were put into the ring */
	uint64_t not_counted;
	struct cl_quote_losses losses;
	int64_t last_ns;
	bool failed;
};

/* Making and freeing ---------------------------------------------------------- */

static bool make_table(struct table *t, size_t record, size_t most)
{
	return cl_index_init(&t->by_addr) && cl_arena_init(&t->rows, record, most);
}

struct cl_icmpquote *cl_icmpquote_new(const struct cl_icmpquote_config *config)
{
	struct cl_icmpquote *q = calloc(1, sizeof *q);

	if (q == NULL)
		return NULL;
	q->config = *config;
	q->last_ns = INT64_MIN;
	q->sent = cl_sent_new(config->messages, config->seed);
	q->slowest = calloc(config->list + 1, sizeof *q->slowest);
	q->unmatched = calloc(config->list + 1, sizeof *q->unmatched);
	if (q->sent == NULL || q->slowest == NULL || q->unmatched == NULL ||
	    !make_table(&q->clients, sizeof(struct client), CL_QUOTE_CLIENTS_MAX) ||
	    !make_table(&q->networks, sizeof(struct cl_quote_network), CL_QUOTE_NETWORKS_MAX)) {
		cl_icmpquote_free(q);
		return NULL;
	}
	return q;
}

static void free_table(struct table *t)
{
	if (t->rows.base != NULL)
		cl_arena_free(&t->rows);
	cl_index_free(&t->by_addr);
}

void cl_icmpquote_free(struct cl_icmpquote *q)
{
	if (q == NULL)
		return;
	for (unsigned t = 0; t < TYPES; t++)
		for (unsigned c = 0; c < 256; c++)
			if (q->kind[t][c] != NULL) {
				cl_hist_free(&q->kind[t][c]->round_trip);
				cl_hist_free(&q->kind[t][c]->delta);
				free(q->kind[t][c]);
			}
	cl_hist_free(&q->closed.wait);
	free_table(&q->clients);
	free_table(&q->networks);
	cl_sent_free(q->sent);
	free(q->slowest);
	free(q->unmatched);
	free(q);
}

/* Tables ---------------------------------------------------------------------- */

static bool is_client(const void *records, uint32_t number, const void *addr)
{
	return memcmp(&((const struct client *)records)[number].addr, addr, sizeof(struct cl_addr)) == 0;
}

static bool is_network(const void *records, uint32_t number, const void *addr)
{
	return memcmp(&((const struct cl_quote_network *)records)[number].addr, addr,
		      sizeof(struct cl_addr)) == 0;
}

/* The row of an address, which its row begins with; added, or NULL where there is no room. */
static void *row_of(struct cl_icmpquote *q, struct table *t, cl_index_eq *eq, const struct cl_addr *addr,
		    bool *is_new)
{
	uint64_t hash = cl_addr_hash(addr, q->config.seed);
	uint32_t number = cl_index_find(&t->by_addr, hash, eq, t->rows.base, addr);

	*is_new = number == CL_INDEX_NONE;
	if (!*is_new)
		return cl_arena_at(&t->rows, number);
	number = (uint32_t)t->rows.count;
	void *row = cl_arena_add(&t->rows);
	if (row == NULL)
		return NULL;
	if (!cl_index_add(&t->by_addr, hash, number)) {
		t->rows.count--;
		return NULL;
	}
	memcpy(row, addr, sizeof *addr);
	return row;
}

static struct client *client_of(struct cl_icmpquote *q, const struct cl_addr *addr)
{
	bool is_new;
	struct client *client = row_of(q, &q->clients, is_client, addr, &is_new);

	if (client == NULL)
		q->not_counted++;
	return client;
}

/* Place of a type in `kind`; TYPES: it is no error. */
static unsigned place_of(uint8_t family, uint8_t type)
{
	static const uint8_t types[TYPES] = { 1, 2, 3, 4, 3, 4, 5, 11, 12 };

	for (unsigned i = family == 4 ? 4 : 0; i < (family == 4 ? TYPES : 4); i++)
		if (types[i] == type)
			return i;
	return TYPES;
}

static struct cl_quote_kind *kind_of(struct cl_icmpquote *q, const struct cl_icmp *icmp)
{
	unsigned place = place_of(icmp->family, icmp->type);

	if (place == TYPES)
		return NULL;
	struct cl_quote_kind **kind = &q->kind[place][icmp->code];
	if (*kind == NULL) {
		*kind = calloc(1, sizeof **kind);
		if (*kind == NULL) {
			q->failed = true;
			return NULL;
		}
		(*kind)->family = icmp->family;
		(*kind)->type = icmp->type;
		(*kind)->code = icmp->code;
	}
	return *kind;
}

static unsigned class_of(int64_t ns)
{
	unsigned i = CL_QUOTE_CLASSES - 1;

	while (i > 0 && ns < cl_quote_edges_ns[i])
		i--;
	return i;
}

static void sample(struct cl_icmpquote *q, struct cl_hist *h, int64_t ns)
{
	if (!cl_hist_add(h, ns))
		q->failed = true;
}

/* Lists ----------------------------------------------------------------------- */

/* Whether `a` gives way before `b`: shorter, or as long and later. */
static bool gives_way(const struct cl_quote_error *a, const struct cl_quote_error *b)
{
	return a->round_trip_ns != b->round_trip_ns ? a->round_trip_ns < b->round_trip_ns
						    : a->number > b->number;
}

/* Lets `x` sink from the front of a heap to its place. */
static void sink(struct cl_quote_error *heap, size_t n, const struct cl_quote_error *x)
{
	size_t at = 0, child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && gives_way(&heap[child + 1], &heap[child]))
			child++;
		if (!gives_way(&heap[child], x))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = *x;
}

static void list_slow(struct cl_icmpquote *q, const struct cl_quote_error *x)
{
	size_t at = q->slow;

	if (q->slow == q->config.list) {
		if (q->slow > 0 && gives_way(&q->slowest[0], x))
			sink(q->slowest, q->slow, x);
		return;
	}
	q->slow++;
	for (; at > 0 && gives_way(x, &q->slowest[(at - 1) / 2]); at = (at - 1) / 2)
		q->slowest[at] = q->slowest[(at - 1) / 2];
	q->slowest[at] = *x;
}

static void list_unmatched(struct cl_icmpquote *q, const struct cl_quote_error *x)
{
	if (q->config.list > 0)
		q->unmatched[q->no_match++ % q->config.list] = *x;
}

/* Errors ---------------------------------------------------------------------- */

static void count_closed(struct cl_icmpquote *q, struct client *client, const struct cl_sent_message *m,
			 int64_t error_ns)
{
	int64_t trip_ns = error_ns - m->time_ns;

	if (client != NULL) {
		if (client->closed == 0 || trip_ns < client->trip_ns)
			client->trip_ns = trip_ns;
		client->closed++;
	}
	if (m->request_frame == 0)
		return;
	sample(q, &q->closed.wait, error_ns - m->request_ns);
	q->closed.by_wait[class_of(error_ns - m->request_ns)]++;
	if (m->time_ns >= m->request_ns)
		q->closed.by_delta[class_of(m->time_ns - m->request_ns)]++;
}

static bool is_port_unreachable(const struct cl_icmp *icmp)
{
	return icmp->family == 4 ? icmp->type == 3 && icmp->code == 3 : icmp->type == 1 && icmp->code == 4;
}

static bool ran_out_of_hops(const struct cl_icmp *icmp)
{
	return icmp->type == (icmp->family == 4 ? 11 : 3) && icmp->code == 0;
}

static void add_router(struct cl_quote_network *n, const struct cl_addr *router)
{
	for (uint32_t i = 0; i < n->routers; i++)
		if (memcmp(&n->router[i], router, sizeof *router) == 0)
			return;
	if (n->routers < CL_QUOTE_ROUTERS)
		n->router[n->routers++] = *router;
	else
		n->more = true;
}

static void add_hops(struct cl_quote_network *n, uint8_t quoted, const struct cl_sent_message *m)
{
	if (m == NULL || m->ttl < quoted)
		return;
	uint8_t hops = (uint8_t)(m->ttl - quoted);
	if (!n->hops_known || hops < n->hops_min)
		n->hops_min = hops;
	if (!n->hops_known || hops > n->hops_max)
		n->hops_max = hops;
	n->hops_known = true;
}

static void count_network(struct cl_icmpquote *q, const struct cl_message *error, struct client *client,
			  const struct cl_sent_message *m)
{
	const struct cl_event *ev = error->event;
	const struct cl_addr *to = &ev->u.icmp.dst;
	uint8_t ttl = error->note != NULL ? error->note->quoted_ttl : 0;
	struct cl_prefix prefix = cl_prefix_of(to, cl_addr_is_v4(to) ? 24 : 48);
	bool is_new;
	struct cl_quote_network *n = row_of(q, &q->networks, is_network, &prefix.addr, &is_new);

	if (n == NULL) {
		q->losses.networks++;
		return;
	}
	if (is_new) {
		n->ttl_min = ttl;
		n->first_ns = ev->time_ns;
	}
	n->errors++;
	n->last_ns = ev->time_ns;
	n->ttl_min = ttl < n->ttl_min ? ttl : n->ttl_min;
	n->ttl_max = ttl > n->ttl_max ? ttl : n->ttl_max;
	if (client != NULL) {
		n->clients += !client->ran_out;
		client->ran_out = true;
	}
	add_router(n, &ev->src);
	add_hops(n, ttl, m);
}

static void count_matched(struct cl_icmpquote *q, struct cl_quote_kind *kind,
			  const struct cl_sent_found *found, struct client *client, struct cl_quote_error *x,
			  const struct cl_event *ev)
{
	struct cl_sent_message *m = found->message;
	bool again = m->drew;

	kind->count.matched++;
	kind->count.several += found->several;
	kind->count.repeated += again;
	m->drew = true;
	if (client != NULL && !again) {
		if (client->drew++ == 0)
			client->first_error_ns = ev->time_ns;
	}
	if (found->several)
		return;
	x->round_trip_ns = ev->time_ns - m->time_ns;
	x->response_frame = m->frame;
	x->response_file = m->file;
	sample(q, &kind->round_trip, x->round_trip_ns);
	if (m->request_frame != 0) {
		x->delta_ns = m->time_ns - m->request_ns;
		x->request_frame = m->request_frame;
		x->request_file = m->request_file;
		sample(q, &kind->delta, x->delta_ns);
	}
	if (!again && is_port_unreachable(&ev->u.icmp) && memcmp(&ev->src, &x->client, sizeof ev->src) == 0)
		count_closed(q, client, m, ev->time_ns);
	list_slow(q, x);
}

static void count_unmatched(struct cl_icmpquote *q, struct cl_quote_kind *kind,
			    const struct cl_sent_found *found, const struct cl_quote_error *x)
{
	if (x->about_request) {
		kind->count.about_request++;
		kind->count.request_seen += found->message != NULL;
		return;
	}
	kind->count.altered += found->ports_agree;
	list_unmatched(q, x);
}

static void take_error(struct cl_icmpquote *q, const struct cl_exchange *x)
{
	const struct cl_message *error = &x->request;
	const struct cl_event *ev = error->event;
	const struct cl_icmp *icmp = &ev->u.icmp;
	struct cl_quote_kind *kind = kind_of(q, icmp);
	bool response = (icmp->bits & CL_ICMP_RESPONSE) != 0;
	struct cl_quote_error entry = { .number = ++q->errors,
					.time_ns = ev->time_ns,
					.round_trip_ns = -1,
					.delta_ns = -1,
					.frame = ev->frame_no,
					.file = ev->file,
					.sender = ev->src,
					.client = response ? icmp->dst : icmp->src,
					.server = response ? icmp->src : icmp->dst,
					.family = icmp->family,
					.type = icmp->type,
					.code = icmp->code,
					.about_request = !response };

	if (kind == NULL)
		return;
	struct cl_sent_found found = cl_sent_find(q->sent, error);
	bool matched = response && found.message != NULL;
	struct client *client = matched ? client_of(q, &icmp->dst) : NULL;
	kind->count.errors++;
	q->losses.searches += found.gave_up;
	if (matched)
		count_matched(q, kind, &found, client, &entry, ev);
	else
		count_unmatched(q, kind, &found, &entry);
	if (ran_out_of_hops(icmp))
		count_network(q, error, client, found.message);
}

/* Exchanges ------------------------------------------------------------------- */

/* The client's row: an error that is told later finds its requests and responses counted. */
static void count_client(struct cl_icmpquote *q, const struct cl_exchange *x)
{
	struct client *client = client_of(q, cl_exchange_client(x));

	if (client == NULL)
		return;
	if (x->request.event != NULL) {
		client->requests += client->requests < UINT32_MAX;
		client->after += client->drew > 0 && x->request.event->time_ns > client->first_error_ns;
	}
	if (x->response.event != NULL)
		client->responses += client->responses < UINT32_MAX;
}

void cl_icmpquote_take(void *ctx, const struct cl_exchange *x)
{
	struct cl_icmpquote *q = ctx;
	int64_t first_ns = cl_exchange_first(x)->event->time_ns;

	if (first_ns > q->last_ns)
		q->last_ns = first_ns;
	if (x->kind == CL_X_ICMP) {
		take_error(q, x);
		return;
	}
	if (x->kind == CL_X_CONN)
		return;
	cl_sent_add(q->sent, x);
	if (x->kind == CL_X_CONTROL)
		return;
	count_client(q, x);
	if (x->fortune == CL_FORTUNE_MATCHED)
		q->closed.exchanges[class_of(x->response.event->time_ns - x->request.event->time_ns)]++;
}

/* Results --------------------------------------------------------------------- */

bool cl_icmpquote_failed(const struct cl_icmpquote *q)
{
	return q->failed;
}

static void add_count(struct cl_quote_count *to, const struct cl_quote_count *c)
{
	to->errors += c->errors;
	to->matched += c->matched;
	to->several += c->several;
	to->repeated += c->repeated;
	to->altered += c->altered;
	to->about_request += c->about_request;
	to->request_seen += c->request_seen;
}

struct cl_quote_count cl_icmpquote_count(const struct cl_icmpquote *q, uint8_t family)
{
	struct cl_quote_count sum = { .errors = 0 };

	for (unsigned t = 0; t < TYPES; t++)
		for (unsigned c = 0; c < 256; c++)
			if (q->kind[t][c] != NULL && q->kind[t][c]->family == family)
				add_count(&sum, &q->kind[t][c]->count);
	return sum;
}

const struct cl_quote_kind *cl_icmpquote_kind(const struct cl_icmpquote *q, uint8_t family, uint8_t type,
					      uint8_t code)
{
	unsigned place = place_of(family, type);

	return place < TYPES ? q->kind[place][code] : NULL;
}

static const struct client *client_at(const struct cl_icmpquote *q, size_t i)
{
	return cl_arena_at(&q->clients.rows, i);
}

const struct cl_quote_closed *cl_icmpquote_closed(struct cl_icmpquote *q)
{
	struct cl_quote_closed *c = &q->closed;

	memset(c->clients, 0, sizeof c->clients);
	memset(c->errors, 0, sizeof c->errors);
	memset(c->responses, 0, sizeof c->responses);
	for (size_t i = 0; i < q->clients.rows.count; i++) {
		const struct client *client = client_at(q, i);

		if (client->closed == 0)
			continue;
		unsigned class = class_of(client->trip_ns);
		c->clients[class]++;
		c->errors[class] += client->closed;
		c->responses[class] += client->responses;
	}
	return c;
}

struct cl_quote_clients cl_icmpquote_clients(const struct cl_icmpquote *q)
{
	struct cl_quote_clients sum = { .not_counted = q->not_counted };

	for (size_t i = 0; i < q->clients.rows.count; i++) {
		const struct client *client = client_at(q, i);
		bool never = client->drew >= client->responses;

		if (client->drew == 0)
			continue;
		sum.affected++;
		sum.last += client->first_error_ns > q->last_ns - CL_QUOTE_LAST_NS;
		sum.back += client->after > 0;
		sum.requests += client->after;
		sum.never += never;
		sum.never_back += never && client->after > 0;
	}
	return sum;
}

static int by_errors(const void *a, const void *b)
{
	const struct cl_quote_network *x = a, *y = b;

	if (x->errors != y->errors)
		return x->errors < y->errors ? 1 : -1;
	return cl_addr_cmp(&x->addr, &y->addr);
}

const struct cl_quote_network *cl_icmpquote_networks(struct cl_icmpquote *q, size_t *count)
{
	*count = q->networks.rows.count;
	if (*count > 1)
		qsort(q->networks.rows.base, *count, sizeof(struct cl_quote_network), by_errors);
	return (const struct cl_quote_network *)(const void *)q->networks.rows.base;
}

struct cl_quote_losses cl_icmpquote_losses(const struct cl_icmpquote *q)
{
	struct cl_quote_losses losses = q->losses;

	losses.messages = cl_sent_given_up(q->sent);
	return losses;
}

static int longest_first(const void *a, const void *b)
{
	const struct cl_quote_error *x = a, *y = b;

	return gives_way(x, y) ? 1 : gives_way(y, x) ? -1 : 0;
}

static int latest_first(const void *a, const void *b)
{
	const struct cl_quote_error *x = a, *y = b;

	return (x->number < y->number) - (x->number > y->number);
}

static const struct cl_quote_error *finish(const struct cl_icmpquote *q, struct cl_quote_error *list,
					   size_t count, int (*order)(const void *, const void *))
{
	qsort(list, count, sizeof *list, order);
	for (size_t i = 0; i < count; i++) {
		const struct table *t = &q->clients;
		uint32_t number = cl_index_find(&t->by_addr, cl_addr_hash(&list[i].client, q->config.seed),
						is_client, t->rows.base, &list[i].client);

		list[i].requests = number != CL_INDEX_NONE ? client_at(q, number)->requests : 0;
	}
	return list;
}

const struct cl_quote_error *cl_icmpquote_slowest(struct cl_icmpquote *q, size_t *count)
{
	*count = q->slow;
	return finish(q, q->slowest, *count, longest_first);
}

const struct cl_quote_error *cl_icmpquote_unmatched(struct cl_icmpquote *q, size_t *count)
{
	*count = q->no_match < q->config.list ? (size_t)q->no_match : q->config.list;
	return finish(q, q->unmatched, *count, latest_first);
}
