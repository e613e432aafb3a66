/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/recount.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"

struct client {
	struct cl_recounted sum;
	uint32_t service; /* the last that it was seen in */
	uint32_t scopes;
};

/* What a client asked, for a census. */
struct told {
	struct cl_asked service; /* the last that it was seen in */
	struct cl_asked asked[CL_PROTOS];
	struct cl_census_slots slots;
};

/* Rows wait for the memory that they need, so many at once; it comes while others are taken. */
#define WAITING 32

struct waiting {
	struct cl_recounted row;
	size_t at; /* its place in the table */
	uint32_t scopes;
};

struct cl_recount {
	struct waiting waiting[WAITING];
	size_t waits;
	uint64_t seed;
	struct client *clients;
	size_t used, clients_room;
	struct told *told; /* as many as clients; NULL: no census */
	uint32_t *slots;   /* open addressing, at most half full: numbers of clients plus 1; 0: free */
	size_t mask;
	struct cl_sort_key *keys; /* of the service that is read */
	size_t count, room;
	uint32_t service;
	bool failed;
};

#define ROOM_FIRST   ((size_t)1 << 12)
#define CLIENTS_MOST (UINT32_MAX / 2)

struct cl_recount *cl_recount_new(uint64_t seed)
{
	struct cl_recount *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->seed = seed;
	r->clients_room = r->room = ROOM_FIRST;
	r->mask = ROOM_FIRST - 1;
	r->clients = malloc(ROOM_FIRST * sizeof *r->clients);
	r->slots = calloc(ROOM_FIRST, sizeof *r->slots);
	r->keys = malloc(ROOM_FIRST * sizeof *r->keys);
	if (r->clients == NULL || r->slots == NULL || r->keys == NULL) {
		cl_recount_free(r);
		return NULL;
	}
	return r;
}

void cl_recount_free(struct cl_recount *r)
{
	if (r == NULL)
		return;
	free(r->clients);
	free(r->told);
	free(r->slots);
	free(r->keys);
	free(r);
}

static size_t place_of(const struct cl_recount *r, const struct cl_addr *addr)
{
	return cl_addr_hash(addr, r->seed) & r->mask;
}

/* The address' slot from its place on, or the free one where it belongs. */
static uint32_t *find(const struct cl_recount *r, const struct cl_addr *addr, size_t at)
{
	while (r->slots[at] != 0 && memcmp(&r->clients[r->slots[at] - 1].sum.addr, addr, sizeof *addr) != 0)
		at = (at + 1) & r->mask;
	return &r->slots[at];
}

static bool grow_slots(struct cl_recount *r)
{
	uint32_t *more = calloc((r->mask + 1) * 2, sizeof *more);

	if (more == NULL)
		return false;
	free(r->slots);
	r->slots = more;
	r->mask = r->mask * 2 + 1;
	for (size_t i = 0; i < r->used; i++)
		*find(r, &r->clients[i].sum.addr, place_of(r, &r->clients[i].sum.addr)) = (uint32_t)i + 1;
	return true;
}

static bool grow_clients(struct cl_recount *r)
{
	struct client *more;
	struct told *told;

	if (r->used > CLIENTS_MOST ||
	    (more = realloc(r->clients, r->clients_room * 2 * sizeof *more)) == NULL)
		return false;
	r->clients = more;
	if (r->told != NULL) {
		if ((told = realloc(r->told, r->clients_room * 2 * sizeof *told)) == NULL)
			return false;
		r->told = told;
	}
	r->clients_room *= 2;
	return true;
}

static bool grow_keys(struct cl_recount *r)
{
	struct cl_sort_key *more = realloc(r->keys, r->room * 2 * sizeof *more);

	if (more == NULL)
		return false;
	r->keys = more;
	r->room *= 2;
	return true;
}

/* Room for as many new clients as can wait: meanwhile the table stays where it is. */
static bool make_room(struct cl_recount *r)
{
	return ((r->used + WAITING) * 2 <= r->mask || grow_slots(r)) &&
	       (r->used + WAITING <= r->clients_room || grow_clients(r)) &&
	       (r->count + WAITING <= r->room || grow_keys(r));
}

static void take(struct cl_recount *r, const struct waiting *w)
{
	uint32_t *slot = find(r, &w->row.addr, w->at);

	if (*slot == 0) {
		r->clients[r->used] =
			(struct client){ .sum = { w->row.addr, 0, w->row.first_ns, w->row.last_ns } };
		if (r->told != NULL)
			r->told[r->used] = (struct told){ .slots = { { 0 } } };
		*slot = (uint32_t)++r->used;
	}
	struct client *client = &r->clients[*slot - 1];
	if (client->service != r->service) {
		client->service = r->service;
		r->keys[r->count++] = cl_sort_key_of(&w->row.addr, 0, *slot - 1);
		if (r->told != NULL)
			r->told[*slot - 1].service.requests = 0;
	}
	if (r->told != NULL)
		cl_asked_add(&r->told[*slot - 1].service,
			     &(struct cl_asked){ w->row.requests, w->row.first_ns, w->row.last_ns });
	client->scopes |= w->scopes;
	client->sum.requests += w->row.requests;
	if (w->row.first_ns < client->sum.first_ns)
		client->sum.first_ns = w->row.first_ns;
	if (w->row.last_ns > client->sum.last_ns)
		client->sum.last_ns = w->row.last_ns;
}

static void take_waiting(struct cl_recount *r)
{
	for (size_t i = 0; i < r->waits; i++) {
		uint32_t number = r->slots[r->waiting[i].at];

		if (number != 0)
			__builtin_prefetch(&r->clients[number - 1], 1);
		if (number != 0 && r->told != NULL)
			__builtin_prefetch(&r->told[number - 1], 1);
	}
	for (size_t i = 0; i < r->waits; i++)
		take(r, &r->waiting[i]);
	r->waits = 0;
}

void cl_recount_begin(struct cl_recount *r)
{
	take_waiting(r);
	r->service++;
	r->count = 0;
}

void cl_recount_add(struct cl_recount *r, const struct cl_recounted *row, uint32_t scopes)
{
	if (r->waits == 0 && !make_room(r)) {
		r->failed = true;
		return;
	}
	struct waiting *w = &r->waiting[r->waits++];
	*w = (struct waiting){ *row, place_of(r, &row->addr), scopes };
	__builtin_prefetch(&r->slots[w->at], 1);
	if (r->waits == WAITING)
		take_waiting(r);
}

static struct cl_unique count_keys(struct cl_recount *r)
{
	struct cl_unique u = { .ipv4 = 0 };

	if (!cl_sort_keys(r->keys, r->count))
		r->failed = true;
	for (size_t i = 0; i < r->count; i++)
		cl_unique_add(&u, &r->keys[i], i == 0 ? NULL : &r->keys[i - 1]);
	r->count = 0;
	return u;
}

struct cl_unique cl_recount_service(struct cl_recount *r)
{
	take_waiting(r);
	return count_keys(r);
}

struct cl_unique cl_recount_scope(struct cl_recount *r, enum cl_scope scope)
{
	take_waiting(r);
	r->count = 0;
	for (size_t i = 0; i < r->used && !r->failed; i++) {
		if ((r->clients[i].scopes >> scope & 1) == 0)
			continue;
		if (r->count == r->room && !grow_keys(r))
			r->failed = true;
		else
			r->keys[r->count++] = cl_sort_key_of(&r->clients[i].sum.addr, 0, 0);
	}
	return count_keys(r);
}

/* Census ----------------------------------------------------------------------- */

bool cl_recount_for_census(struct cl_recount *r)
{
	r->told = malloc(r->clients_room * sizeof *r->told);
	return r->told != NULL;
}

void cl_recount_tell(struct cl_recount *r, struct cl_census *census, const struct cl_census_server *server,
		     uint32_t place)
{
	take_waiting(r);
	for (size_t i = 0; i < r->count; i++) {
		struct told *t = &r->told[r->keys[i].ref];

		cl_census_pair(census, place, &t->service);
		cl_census_slot(&t->slots, server);
		cl_asked_add(&t->asked[server->proto], &t->service);
	}
}

void cl_recount_tell_clients(struct cl_recount *r, struct cl_census *census)
{
	take_waiting(r);
	for (size_t i = 0; i < r->used; i++)
		cl_census_client(census, &r->clients[i].sum.addr, r->told[i].asked, &r->told[i].slots);
}

/* Those that ask most ---------------------------------------------------------- */

static bool asks_more(const struct cl_recounted *a, const struct cl_recounted *b)
{
	return a->requests != b->requests ? a->requests > b->requests : cl_addr_cmp(&a->addr, &b->addr) < 0;
}

/* Lets the element at 0 of a heap sink: the one that asks least is the root. */
static void sink(struct cl_recounted *heap, size_t n)
{
	struct cl_recounted moved = heap[0];
	size_t at = 0;

	for (size_t child = 1; child < n; child = at * 2 + 1) {
		if (child + 1 < n && asks_more(&heap[child], &heap[child + 1]))
			child++;
		if (!asks_more(&moved, &heap[child]))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moved;
}

static void rise(struct cl_recounted *heap, size_t at)
{
	struct cl_recounted moved = heap[at];

	for (; at > 0 && asks_more(&heap[(at - 1) / 2], &moved); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = moved;
}

static int by_requests(const void *a, const void *b)
{
	return asks_more(a, b) ? -1 : asks_more(b, a);
}

size_t cl_recount_top(struct cl_recount *r, struct cl_recounted *top, size_t n)
{
	size_t count = 0;

	take_waiting(r);
	for (size_t i = 0; i < r->used && n > 0; i++) {
		const struct cl_recounted *sum = &r->clients[i].sum;

		if (count < n) {
			top[count] = *sum;
			rise(top, count++);
		} else if (asks_more(sum, &top[0])) {
			top[0] = *sum;
			sink(top, n);
		}
	}
	if (count > 0)
		qsort(top, count, sizeof *top, by_requests);
	return count;
}

size_t cl_recount_addresses(struct cl_recount *r)
{
	take_waiting(r);
	return r->used;
}

bool cl_recount_failed(const struct cl_recount *r)
{
	return r->failed;
}
