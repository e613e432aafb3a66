/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/askers.h"

#include <stdlib.h>

#include "dissect/event.h"
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

bool cl_askers_add(struct cl_askers *a, const struct cl_addr *addr, uint64_t hash, uint32_t scopes)
{
	struct cl_addrset_key key = cl_addrset_key(addr, hash);

	return add(a, addr, &key, scopes);
}

static inline bool is_asking(const struct cl_event *ev)
{
	return (ev->role == CL_ROLE_REQUEST) &
	       ((ev->kind == CL_EV_DNS) |
		((ev->kind == CL_EV_NTP) & (ev->u.ntp.mode != MODE_SYMMETRIC_ACTIVE)));
}

static void take_batch(struct cl_askers *a, const struct cl_event *evs, struct cl_prepared *prepared,
		       uint32_t n)
{
	struct cl_addrset_key key[BATCH];
	uint8_t asking[BATCH];
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		asking[count] = (uint8_t)i;
		count += is_asking(&evs[i]);
	}
	for (uint32_t i = 0; i < count; i++) {
		key[i] = cl_addrset_key(&evs[asking[i]].src, prepared[asking[i]].client_hash);
		cl_addrset_prefetch(&a->set, &key[i]);
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct cl_event *ev = &evs[asking[i]];
		bool taken = add(a, &ev->src, &key[i], cl_scopes_of(ev));

		a->refused += !taken;
		if (taken)
			prepared[asking[i]].client_hash = 0;
	}
}

void cl_askers_take(struct cl_askers *a, const struct cl_event *evs, struct cl_prepared *prepared, size_t n)
{
	for (size_t at = 0; at < n; at += BATCH)
		take_batch(a, evs + at, prepared + at, (uint32_t)(n - at < BATCH ? n - at : BATCH));
}
