/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/askers.h"

#include <stdlib.h>

#include "dissect/event.h"
#include "dissect/hash.h"
#include "dissect/inline.h"

enum { MODE_SYMMETRIC_ACTIVE = 1 };

/* Events that are looked through together: so many lines of memory are asked for at once. */
#define BATCH 64u

struct cl_askers *cl_askers_new(uint64_t seed, size_t memory)
{
	struct cl_askers *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	cl_budget_init(&a->budget, memory);
	for (unsigned i = 0; i < CL_BUDGET_PARTS; i++)
		a->budget.kept[i] = 0; /* nobody else draws on it */
	if (cl_addrset_init(&a->set, seed, &a->budget))
		return a;
	free(a);
	return NULL;
}

void cl_askers_free(struct cl_askers *a)
{
	if (a != NULL)
		cl_addrset_free(&a->set);
	free(a);
}

static void count(struct cl_askers *a, uint32_t scopes, bool v4)
{
	uint64_t *unique = v4 ? a->ipv4 : a->ipv6;

	for (unsigned scope = 0; scope < CL_SCOPES; scope++)
		unique[scope] += scopes >> scope & 1;
}

CL_IN_LINE bool add(struct cl_askers *a, const struct cl_addr *addr, const struct cl_addrset_key *key,
		    uint32_t scopes)
{
	uint8_t *marks = cl_addrset_get(&a->set, key);

	if (marks == NULL)
		return false;
	if ((scopes & ~(uint32_t)*marks) != 0) {
		count(a, scopes & ~(uint32_t)*marks, cl_addr_is_v4(addr));
		*marks |= (uint8_t)scopes;
	}
	return true;
}

bool cl_askers_add(struct cl_askers *a, const struct cl_addr *addr, uint32_t scopes)
{
	struct cl_addrset_key key = cl_addrset_key(addr, cl_addr_hash(addr, a->set.seed));

	return add(a, addr, &key, scopes);
}

static inline bool is_request(const struct cl_event *ev)
{
	return (ev->role == CL_ROLE_REQUEST) & ((ev->kind == CL_EV_NTP) | (ev->kind == CL_EV_DNS));
}

static bool take_request(struct cl_askers *a, const struct cl_event *ev, const struct cl_addrset_key *key)
{
	if (ev->kind == CL_EV_NTP && ev->u.ntp.mode == MODE_SYMMETRIC_ACTIVE)
		return false;
	if (add(a, &ev->src, key, cl_scopes_of(ev)))
		return true;
	a->refused++;
	return false;
}

static void take_batch(struct cl_askers *a, struct cl_event *evs, uint32_t n)
{
	struct cl_addrset_key key[BATCH];
	uint8_t request[BATCH];
	uint32_t requests = 0;

	for (uint32_t i = 0; i < n; i++) {
		request[requests] = (uint8_t)i;
		requests += is_request(&evs[i]);
	}
	for (uint32_t i = 0; i < requests; i++) {
		const struct cl_addr *src = &evs[request[i]].src;

		key[i] = cl_addrset_key(src, cl_addr_hash(src, a->set.seed));
		cl_addrset_prefetch(&a->set, &key[i]);
	}
	for (uint32_t i = 0; i < requests; i++)
		if (!take_request(a, &evs[request[i]], &key[i]))
			evs[request[i]].flags |= CL_EVF_CLIENT_LEFT;
}

void cl_askers_take(struct cl_askers *a, struct cl_event *evs, size_t n)
{
	for (size_t at = 0; at < n; at += BATCH)
		take_batch(a, evs + at, (uint32_t)(n - at < BATCH ? n - at : BATCH));
}
