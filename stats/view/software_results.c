/* SPDX-License-Identifier: BSD-2-Clause */
/* What all clients and sources together were found to be. */
#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/view/software_state.h"

#define GROUPS_MAX ((size_t)1 << 20)
#define SHARES_MAX ((size_t)1 << 20)

/* A group's clients at one server; found by its first two members. */
struct share {
	uint32_t server, group;
	uint64_t clients, requests;
};

void cl_soft_free_results(struct cl_software *s)
{
	cl_arena_free(&s->results);
	cl_arena_free(&s->groups);
	cl_arena_free(&s->shares);
	cl_index_free(&s->by_group);
	cl_index_free(&s->by_share);
	free(s->servers_asked);
	free(s->group_order);
	free(s->share_order);
	free(s->apart_order);
	free(s->top);
}

/* Groups ---------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_group(const void *records, uint32_t number, const void *key)
{
	const struct cl_soft_group *g = cl_arena_at(records, number);
	const struct cl_soft_verdict *v = key;

	return strcmp(g->name, v->name) == 0 && same_text(g->shown.versions, v->versions);
}

static bool same_share(const void *records, uint32_t number, const void *key)
{
	return memcmp(cl_arena_at(records, number), key, offsetof(struct share, clients)) == 0;
}

/* A group's number; CL_INDEX_NONE: there is no room. */
static uint32_t group_of(struct cl_software *s, const struct cl_soft_client *c,
			 const struct cl_soft_verdict *v)
{
	uint64_t hash = cl_hash(v->name, strlen(v->name), s->seed);

	if (v->versions != NULL)
		hash = cl_hash(v->versions, strlen(v->versions), hash);
	uint32_t number = cl_index_find(&s->by_group, hash, same_group, &s->groups, v);
	if (number != CL_INDEX_NONE)
		return number;
	number = (uint32_t)s->groups.count;
	struct cl_soft_group *g = cl_arena_add(&s->groups);
	if (g == NULL)
		return CL_INDEX_NONE;
	memcpy(g->name, v->name, sizeof g->name);
	cl_soft_signature(s, c, g->signature);
	g->shown = (struct cl_software_group){ .name = g->name,
					       .versions = v->versions,
					       .signature = g->signature,
					       .ambiguous = v->ambiguous,
					       .unknown = v->unknown,
					       .kind = v->kind };
	if (cl_index_add(&s->by_group, hash, number))
		return number;
	s->groups.count--;
	return CL_INDEX_NONE;
}

static bool count_client(struct cl_software *s, size_t i)
{
	const struct cl_soft_client *c = cl_arena_at(&s->clients, i);
	struct cl_soft_result *r = cl_arena_add(&s->results);
	struct cl_soft_verdict v;

	if (r == NULL)
		return false;
	cl_soft_vote(s, c, s->servers_asked[i] > 1, &v);
	*r = (struct cl_soft_result){ .group = group_of(s, c, &v), .confidence = v.confidence };
	if (r->group == CL_INDEX_NONE)
		return false;
	struct cl_software_group *g = &((struct cl_soft_group *)cl_arena_at(&s->groups, r->group))->shown;
	const bool v4 = cl_addr_is_v4(&c->addr);
	g->clients4 += v4;
	g->clients6 += !v4;
	g->requests += c->requests;
	g->confidence[v.confidence]++;
	if (g->kind != CL_SIG_CLIENT) {
		s->totals.requests -= c->requests;
		return true;
	}
	s->totals.clients4 += v4;
	s->totals.clients6 += !v4;
	s->totals.clients++;
	return true;
}

static bool count_share(struct cl_software *s, const struct cl_soft_pair *p)
{
	const struct cl_soft_result *r = cl_arena_at(&s->results, p->client);
	const struct share key = { .server = p->server, .group = r->group };
	const uint64_t hash = cl_mix((uint64_t)p->server << 32 | r->group, s->seed);
	uint32_t number = cl_index_find(&s->by_share, hash, same_share, &s->shares, &key);

	if (number == CL_INDEX_NONE) {
		number = (uint32_t)s->shares.count;
		struct share *new = cl_arena_add(&s->shares);

		if (new == NULL || !cl_index_add(&s->by_share, hash, number))
			return false;
		*new = key;
	}
	struct share *share = cl_arena_at(&s->shares, number);
	share->clients++;
	share->requests += p->requests;
	return true;
}

/* Order ----------------------------------------------------------------------- */

static int by_number(uint64_t a, uint64_t b) /* most first */
{
	return (a < b) - (a > b);
}

static uint64_t clients_of(const struct cl_software_group *g)
{
	return g->clients4 + g->clients6;
}

static int compare_name(const struct cl_software_group *a, const struct cl_software_group *b)
{
	int c = strcmp(a->name, b->name);

	if (c != 0)
		return c;
	return strcmp(a->versions != NULL ? a->versions : "", b->versions != NULL ? b->versions : "");
}

static int compare_groups(const void *a, const void *b)
{
	const struct cl_software_group *x = *(const struct cl_software_group *const *)a,
				       *y = *(const struct cl_software_group *const *)b;
	int c = by_number(clients_of(x), clients_of(y));

	if (c == 0)
		c = by_number(x->requests, y->requests);
	return c != 0 ? c : compare_name(x, y);
}

static int compare_shares(const void *a, const void *b)
{
	const struct cl_software_share *x = a, *y = b;
	int c = cl_addr_cmp(&x->server, &y->server);

	if (c == 0)
		c = by_number(x->clients, y->clients);
	if (c == 0)
		c = by_number(x->requests, y->requests);
	return c != 0 ? c : compare_name(x->group, y->group);
}

static int compare_aparts(const void *a, const void *b)
{
	const struct cl_software_apart *x = a, *y = b;
	int c = by_number(x->packets, y->packets);

	return c != 0 ? c : strcmp(x->name, y->name);
}

static bool order_groups(struct cl_software *s)
{
	s->group_order = calloc(s->groups.count + 1, sizeof(const struct cl_software_group *));
	for (size_t i = 0; s->group_order != NULL && i < s->groups.count; i++) {
		const struct cl_soft_group *g = cl_arena_at(&s->groups, i);

		if (g->shown.kind == CL_SIG_CLIENT)
			s->group_order[s->group_count++] = &g->shown;
	}
	if (s->group_order != NULL)
		qsort(s->group_order, s->group_count, sizeof(const struct cl_software_group *),
		      compare_groups);
	return s->group_order != NULL;
}

static bool order_shares(struct cl_software *s)
{
	s->share_order = calloc(s->shares.count + 1, sizeof *s->share_order);
	for (size_t i = 0; s->share_order != NULL && i < s->shares.count; i++) {
		const struct share *share = cl_arena_at(&s->shares, i);
		const struct cl_soft_group *g = cl_arena_at(&s->groups, share->group);

		if (g->shown.kind != CL_SIG_CLIENT)
			continue;
		struct cl_software_share *to = &s->share_order[s->share_count++];
		*to = (struct cl_software_share){ .group = &g->shown,
						  .clients = share->clients,
						  .requests = share->requests };
		memcpy(&to->server, cl_arena_at(&s->servers, share->server), sizeof to->server);
	}
	if (s->share_order == NULL)
		return false;
	qsort(s->share_order, s->share_count, sizeof *s->share_order, compare_shares);
	return true;
}

/* Apart ----------------------------------------------------------------------- */

static void add_source(struct cl_software_apart *a, const struct cl_soft_source *r)
{
	if (a->packets == 0 || r->first_ns < a->first_ns)
		a->first_ns = r->first_ns;
	if (a->packets == 0 || r->last_ns > a->last_ns)
		a->last_ns = r->last_ns;
	a->sources++;
	a->sources4 += cl_addr_is_v4(&r->addr);
	a->packets += r->packets;
	a->octets += r->octets;
	a->answers += r->answers;
	a->answered_octets += r->answered_octets;
	if (r->peak > a->peak)
		a->peak = r->peak;
}

/* A name's place among what is apart, which is made if there is none. */
static struct cl_software_apart *apart_of(struct cl_software *s, const char *name, uint8_t kind,
					  uint8_t confidence)
{
	size_t i = 0;

	while (i < s->aparts && strcmp(s->apart_order[i].name, name) != 0)
		i++;
	if (i == s->aparts)
		s->apart_order[s->aparts++] =
			(struct cl_software_apart){ .name = name, .kind = kind, .confidence = confidence };
	return &s->apart_order[i];
}

/* Clients that turned out to be none: what their packets weighed was not kept. */
static void add_group(struct cl_software_apart *a, const struct cl_software_group *g)
{
	a->sources += clients_of(g);
	a->sources4 += g->clients4;
	a->packets += g->requests;
	a->unweighed = true;
}

static bool order_aparts(struct cl_software *s)
{
	s->apart_order = calloc(CL_SIG_ROWS_MAX + 1 + s->groups.count, sizeof *s->apart_order);
	if (s->apart_order == NULL)
		return false;
	for (size_t i = 0; i < s->sources.count; i++) {
		const struct cl_soft_source *r = cl_arena_at(&s->sources, i);
		const struct cl_signature *row = r->row != CL_SOFT_NO_ROW ? &s->sigs->row[r->row] : NULL;

		add_source(row != NULL ? apart_of(s, row->name, row->kind, row->confidence)
				       : apart_of(s, "unknown", CL_SIG_TOOL, CL_SIG_LOW),
			   r);
	}
	for (size_t i = 0; i < s->groups.count; i++) {
		const struct cl_software_group *g =
			&((struct cl_soft_group *)cl_arena_at(&s->groups, i))->shown;

		if (g->kind != CL_SIG_CLIENT)
			add_group(apart_of(s, g->name, g->kind, CL_SIG_LOW), g);
	}
	qsort(s->apart_order, s->aparts, sizeof *s->apart_order, compare_aparts);
	return true;
}

/* Counting -------------------------------------------------------------------- */

static bool count_all(struct cl_software *s)
{
	if (!cl_arena_init(&s->results, sizeof(struct cl_soft_result), s->clients.count + 1) ||
	    !cl_arena_init(&s->groups, sizeof(struct cl_soft_group), GROUPS_MAX) ||
	    !cl_arena_init(&s->shares, sizeof(struct share), SHARES_MAX) || !cl_index_init(&s->by_group) ||
	    !cl_index_init(&s->by_share))
		return false;
	s->servers_asked = calloc(s->clients.count + 1, 1);
	if (s->servers_asked == NULL)
		return false;
	for (size_t i = 0; i < s->pairs.count; i++) {
		uint8_t *asked =
			&s->servers_asked[((struct cl_soft_pair *)cl_arena_at(&s->pairs, i))->client];

		*asked = *asked < 2 ? (uint8_t)(*asked + 1) : *asked;
	}
	for (size_t i = 0; i < s->clients.count; i++)
		if (!count_client(s, i))
			return false;
	for (size_t i = 0; i < s->pairs.count; i++)
		if (!count_share(s, cl_arena_at(&s->pairs, i)))
			return false;
	return true;
}

/* Once. False: memory was too short for it, and there are no results. */
static bool counted(struct cl_software *s)
{
	if (!s->counted) {
		s->counted = true;
		if (!count_all(s) || !order_groups(s) || !order_shares(s) || !order_aparts(s)) {
			s->groups.count = s->group_count = s->share_count = s->aparts = 0;
			s->totals.given_up += s->totals.requests;
		}
	}
	return s->group_order != NULL && s->apart_order != NULL;
}

const struct cl_software_group *cl_software_group(struct cl_software *s, size_t i)
{
	return counted(s) && i < s->group_count ? s->group_order[i] : NULL;
}

const struct cl_software_share *cl_software_share(struct cl_software *s, size_t i)
{
	return counted(s) && i < s->share_count ? &s->share_order[i] : NULL;
}

const struct cl_software_apart *cl_software_apart(struct cl_software *s, size_t i)
{
	return counted(s) && i < s->aparts ? &s->apart_order[i] : NULL;
}

void cl_software_totals(struct cl_software *s, struct cl_software_totals *t)
{
	counted(s);
	*t = s->totals;
}

const char *cl_software_of(struct cl_software *s, const struct cl_addr *client)
{
	uint32_t number = cl_soft_find(s, client);

	if (number == CL_INDEX_NONE || !counted(s) || s->groups.count == 0)
		return NULL;
	const struct cl_soft_result *r = cl_arena_at(&s->results, number);
	return ((struct cl_soft_group *)cl_arena_at(&s->groups, r->group))->name;
}

/* Those who ask most ---------------------------------------------------------- */

/* Whether a client comes behind another in the list. */
static bool behind(const struct cl_software *s, uint32_t a, uint32_t b)
{
	const struct cl_soft_client *x = cl_arena_at(&s->clients, a), *y = cl_arena_at(&s->clients, b);

	return x->requests != y->requests ? x->requests < y->requests : cl_addr_cmp(&x->addr, &y->addr) > 0;
}

/* A heap whose root comes last of all. */
static void sift(const struct cl_software *s, uint32_t *heap, size_t n, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		child += child + 1 < n && behind(s, heap[child + 1], heap[child]);
		if (!behind(s, heap[child], heap[at]))
			return;
		uint32_t swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
	}
}

static bool select_top(struct cl_software *s, size_t n)
{
	const size_t clients = s->clients.count;

	free(s->top);
	s->top_asked = n;
	s->top_count = n < clients ? n : clients;
	s->top = malloc((s->top_count + 1) * sizeof *s->top);
	if (s->top == NULL)
		return false;
	for (size_t i = 0; i < s->top_count; i++)
		s->top[i] = (uint32_t)i;
	for (size_t i = s->top_count / 2; i-- > 0;)
		sift(s, s->top, s->top_count, i);
	for (size_t i = s->top_count; s->top_count > 0 && i < clients; i++) {
		if (behind(s, (uint32_t)i, s->top[0]))
			continue;
		s->top[0] = (uint32_t)i;
		sift(s, s->top, s->top_count, 0);
	}
	for (size_t left = s->top_count; left > 1; left--) { /* the last goes to the end */
		uint32_t last = s->top[0];

		s->top[0] = s->top[left - 1];
		s->top[left - 1] = last;
		sift(s, s->top, left - 1, 0);
	}
	return true;
}

bool cl_software_top(struct cl_software *s, size_t n, size_t i, struct cl_software_client *out)
{
	if (!counted(s) || s->groups.count == 0 || (s->top_asked != n && !select_top(s, n)) ||
	    s->top == NULL || i >= s->top_count)
		return false;
	const struct cl_soft_client *c = cl_arena_at(&s->clients, s->top[i]);
	const struct cl_soft_result *r = cl_arena_at(&s->results, s->top[i]);
	const struct cl_soft_group *g = cl_arena_at(&s->groups, r->group);
	*out = (struct cl_software_client){ .addr = c->addr,
					    .group = &g->shown,
					    .versions = g->shown.versions,
					    .requests = c->requests,
					    .confidence = r->confidence,
					    .voted = (uint8_t)cl_soft_voted(c) };
	cl_soft_signature(s, c, out->signature);
	return true;
}
