/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/recount.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"

/* A slot of the table of addresses; free if it was seen in no service. */
struct slot {
	struct cl_talker sum;
	uint32_t service; /* the last that it was seen in, from 1 */
	uint32_t scopes;
};

struct cl_recount {
	uint64_t seed;
	struct slot *slots; /* open addressing, at most half full */
	size_t mask, used;
	struct cl_sort_key *keys; /* of the service that is read */
	size_t count, room;
	uint32_t service;
	bool failed;
};

#define SLOTS_FIRST ((size_t)1 << 12)
#define KEYS_FIRST  ((size_t)1 << 12)

struct cl_recount *cl_recount_new(uint64_t seed)
{
	struct cl_recount *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->seed = seed;
	r->mask = SLOTS_FIRST - 1;
	r->room = KEYS_FIRST;
	r->slots = calloc(SLOTS_FIRST, sizeof *r->slots);
	r->keys = malloc(KEYS_FIRST * sizeof *r->keys);
	if (r->slots == NULL || r->keys == NULL) {
		cl_recount_free(r);
		return NULL;
	}
	return r;
}

void cl_recount_free(struct cl_recount *r)
{
	if (r == NULL)
		return;
	free(r->slots);
	free(r->keys);
	free(r);
}

/* The address' slot, or the free one where it belongs. */
static struct slot *find(const struct cl_recount *r, const struct cl_addr *addr)
{
	size_t at = cl_addr_hash(addr, r->seed) & r->mask;

	while (r->slots[at].service != 0 && memcmp(&r->slots[at].sum.addr, addr, sizeof *addr) != 0)
		at = (at + 1) & r->mask;
	return &r->slots[at];
}

static bool grow_slots(struct cl_recount *r)
{
	struct cl_recount more = *r;

	more.mask = r->mask * 2 + 1;
	more.slots = calloc(more.mask + 1, sizeof *more.slots);
	if (more.slots == NULL)
		return false;
	for (size_t i = 0; i <= r->mask; i++)
		if (r->slots[i].service != 0)
			*find(&more, &r->slots[i].sum.addr) = r->slots[i];
	free(r->slots);
	*r = more;
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

void cl_recount_begin(struct cl_recount *r)
{
	r->service++;
	r->count = 0;
}

void cl_recount_add(struct cl_recount *r, const struct cl_talker *row, uint32_t scopes)
{
	if ((r->used * 2 > r->mask && !grow_slots(r)) || (r->count == r->room && !grow_keys(r))) {
		r->failed = true;
		return;
	}
	struct slot *slot = find(r, &row->addr);
	if (slot->service == 0) {
		slot->sum = (struct cl_talker){ row->addr, 0, row->first_ns, row->last_ns };
		r->used++;
	}
	if (slot->service != r->service) {
		slot->service = r->service;
		r->keys[r->count++] = cl_sort_key_of(&row->addr, 0, 0);
	}
	slot->scopes |= scopes;
	slot->sum.requests += row->requests;
	if (row->first_ns < slot->sum.first_ns)
		slot->sum.first_ns = row->first_ns;
	if (row->last_ns > slot->sum.last_ns)
		slot->sum.last_ns = row->last_ns;
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
	return count_keys(r);
}

struct cl_unique cl_recount_scope(struct cl_recount *r, enum cl_scope scope)
{
	r->count = 0;
	for (size_t i = 0; i <= r->mask; i++) {
		if ((r->slots[i].scopes >> scope & 1) == 0)
			continue;
		if (r->count == r->room && !grow_keys(r)) {
			r->failed = true;
			break;
		}
		r->keys[r->count++] = cl_sort_key_of(&r->slots[i].sum.addr, 0, 0);
	}
	return count_keys(r);
}

/* Those that ask most ---------------------------------------------------------- */

static bool asks_more(const struct cl_talker *a, const struct cl_talker *b)
{
	return a->requests != b->requests ? a->requests > b->requests : cl_addr_cmp(&a->addr, &b->addr) < 0;
}

/* Lets the element at 0 of a heap sink: the one that asks least is the root. */
static void sink(struct cl_talker *heap, size_t n)
{
	struct cl_talker moved = heap[0];
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

static void rise(struct cl_talker *heap, size_t at)
{
	struct cl_talker moved = heap[at];

	for (; at > 0 && asks_more(&heap[(at - 1) / 2], &moved); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = moved;
}

static int by_requests(const void *a, const void *b)
{
	return asks_more(a, b) ? -1 : asks_more(b, a);
}

size_t cl_recount_top(struct cl_recount *r, struct cl_talker *top, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i <= r->mask && n > 0; i++) {
		const struct slot *slot = &r->slots[i];

		if (slot->service == 0)
			continue;
		if (count < n) {
			top[count] = slot->sum;
			rise(top, count++);
		} else if (asks_more(&slot->sum, &top[0])) {
			top[0] = slot->sum;
			sink(top, n);
		}
	}
	if (count > 0)
		qsort(top, count, sizeof *top, by_requests);
	return count;
}

size_t cl_recount_addresses(const struct cl_recount *r)
{
	return r->used;
}

bool cl_recount_failed(const struct cl_recount *r)
{
	return r->failed;
}
