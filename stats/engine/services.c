/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/services.h"

#include <stdlib.h>

#include "dissect/hash.h"

const char *const cl_proto_names[CL_PROTOS] = { "ntp", "dns" };

struct service_key {
	const struct cl_addr *addr;
	enum cl_proto proto;
};

static bool same(const void *records, uint32_t number, const void *key)
{
	struct cl_service *const *row = records;
	const struct service_key *k = key;

	return number >= CL_SERVICE_FIRST && row[number]->proto == k->proto &&
	       memcmp(row[number]->addr.b, k->addr->b, sizeof k->addr->b) == 0;
}

static uint64_t service_hash(const struct cl_services *s, const struct service_key *k)
{
	return cl_hash(k->addr->b, sizeof k->addr->b, s->seed + k->proto);
}

/* What a service takes but for its distributions: with its codes and answers, and its places
 * in the tables of the engine and of the store. */
static size_t octets_of(const struct cl_services *s, enum cl_proto proto)
{
	const struct cl_windows *w = s->windows;
	size_t sketch = s->sketches ? CL_HLL_HELD_MAX(CL_SKETCH_BITS) : 0;
	size_t codes = (size_t)3 * (proto == CL_PROTO_DNS ? 256u : 40u) * sizeof(struct cl_code);

	return sizeof(struct cl_service) + (size_t)w->n * (w->ring + 2) * sizeof(int32_t) + codes + sketch +
	       128;
}

/* CL_INDEX_NONE when memory is short. */
static uint32_t add(struct cl_services *s, const struct cl_addr *addr, enum cl_proto proto)
{
	if (s->count == s->room) {
		uint32_t room = s->room == 0 ? 16 : s->room * 2;
		struct cl_service **row = realloc(s->row, room * sizeof *row);

		if (row == NULL)
			return CL_INDEX_NONE;
		s->row = row;
		uint32_t *live =
			realloc(s->live, room * sizeof *live); /* so that waking one needs no memory */

		if (live == NULL)
			return CL_INDEX_NONE;
		s->live = live;
		s->room = room;
	}
	struct cl_service *service = calloc(1, sizeof *service);
	if (service == NULL || !cl_window_ring_init(s->windows, &service->windows)) {
		free(service);
		return CL_INDEX_NONE;
	}
	if (addr != NULL)
		service->addr = *addr;
	service->proto = proto;
	service->sketch.bits = CL_SKETCH_BITS;
	service->sketch.fine = CL_SKETCH_FINE;
	s->row[s->count] = service;
	return s->count++;
}

bool cl_services_init(struct cl_services *s, const struct cl_windows *windows, uint64_t seed, bool sketches)
{
	*s = (struct cl_services){ .seed = seed, .windows = windows, .sketches = sketches };
	bool ok = cl_index_init(&s->by_addr);
	for (unsigned i = 0; ok && i < CL_SERVICE_FIRST; i++)
		ok = add(s, NULL,
			 i == CL_SERVICE_ALL_NTP || i == CL_SERVICE_REST_NTP ? CL_PROTO_NTP : CL_PROTO_DNS) !=
		     CL_INDEX_NONE;
	if (!ok)
		cl_services_free(s);
	return ok;
}

void cl_services_free(struct cl_services *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		cl_tally_free(&s->row[i]->step);
		cl_tally_free(&s->row[i]->part);
		cl_tally_free(&s->row[i]->day);
		cl_window_ring_free(&s->row[i]->windows);
		free(s->row[i]->watch);
		cl_hll_free(&s->row[i]->sketch);
		free(s->row[i]);
	}
	free(s->row);
	free(s->live);
	cl_index_free(&s->by_addr);
	*s = (struct cl_services){ .row = NULL };
}

uint32_t cl_services_get(struct cl_services *s, const struct cl_addr *addr, enum cl_proto proto)
{
	struct service_key key = { addr, proto };
	uint64_t hash = service_hash(s, &key);
	uint32_t number = cl_index_find(&s->by_addr, hash, same, s->row, &key);

	if (number != CL_INDEX_NONE)
		return number;
	if (s->count < CL_SERVICES_MAX + CL_SERVICE_FIRST &&
	    cl_budget_take(s->budget, CL_BUDGET_SERVICES, octets_of(s, proto)))
		number = add(s, addr, proto);
	if (number != CL_INDEX_NONE && cl_index_add(&s->by_addr, hash, number))
		return number;
	s->refused++;
	return proto == CL_PROTO_NTP ? CL_SERVICE_REST_NTP : CL_SERVICE_REST_DNS;
}

/* Adds a sample to the distribution of the servers beyond the limit instead. */
static bool move(struct cl_services *s, uint32_t number, const struct cl_hist *h, enum cl_delta_kind kind,
		 int64_t ns)
{
	const struct cl_service *service = s->row[number];
	uint32_t rest = service->proto == CL_PROTO_NTP ? CL_SERVICE_REST_NTP : CL_SERVICE_REST_DNS;
	bool of_day = h == &service->day.delta[kind];

	s->moved++;
	cl_services_wake(s, rest);
	return cl_hist_add(of_day ? &s->row[rest]->day.delta[kind] : &s->row[rest]->step.delta[kind], ns);
}

/* A step's distribution is added to those of the day and of the step's part: each becomes as wide. */
static void charge(struct cl_services *s, uint32_t buckets)
{
	s->spent |= !cl_budget_take(s->budget, CL_BUDGET_SERVICES, (size_t)3 * buckets * sizeof(uint64_t));
}

bool cl_services_delta_new(struct cl_services *s, uint32_t number, struct cl_hist *h, enum cl_delta_kind kind,
			   int64_t ns)
{
	uint32_t before = h->hi - h->lo;

	if (s->spent && number >= CL_SERVICE_FIRST && !cl_hist_reaches(h, ns))
		return move(s, number, h, kind, ns);
	bool ok = cl_hist_add(h, ns);
	if (h->hi - h->lo != before)
		charge(s, h->hi - h->lo - before);
	return ok;
}

void cl_services_trait_new(struct cl_services *s, uint32_t number, uint64_t key)
{
	struct cl_tally *day = &s->row[number]->day;
	size_t more = (day->traits.slot == NULL ? CL_TRAITS_FIRST : (size_t)day->traits.mask + 1) *
		      CL_TRAITS_OCTETS;
	bool room = day->traits.slot == NULL || (day->traits.mask + 1 < CL_TRAITS_MAX && !s->spent);

	if (room && cl_budget_take(s->budget, CL_BUDGET_SERVICES, more))
		room = cl_traits_grow(&day->traits);
	if (!room)
		cl_tally_fold_traits(day);
	if (!cl_traits_add(&day->traits, key))
		cl_tally_add_trait(day, key); /* not even the first places */
}

void cl_services_size_new(struct cl_services *s, uint32_t number, enum cl_size_kind kind, uint32_t bin)
{
	struct cl_sizes *sizes = &s->row[number]->day.size[kind];
	uint32_t before = sizes->count;

	if (s->spent && number >= CL_SERVICE_FIRST) {
		number = s->row[number]->proto == CL_PROTO_NTP ? CL_SERVICE_REST_NTP : CL_SERVICE_REST_DNS;
		sizes = &s->row[number]->day.size[kind];
		s->moved++;
		cl_services_wake(s, number);
	}
	s->row[number]->day.lost |= !cl_sizes_add(sizes, bin, 1);
	if (sizes->count > before)
		s->spent |= !cl_budget_take(s->budget, CL_BUDGET_SERVICES,
					    (size_t)(sizes->count - before) * sizeof *sizes->n);
}

void cl_services_wake(struct cl_services *s, uint32_t number)
{
	struct cl_service *service = s->row[number];

	if (service->live)
		return;
	s->live[s->live_count++] = number;
	service->live = true;
}
