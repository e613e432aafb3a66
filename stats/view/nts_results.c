/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "stats/view/nts_state.h"

/* More comes first. */
static int falling(uint64_t x, uint64_t y)
{
	return (x < y) - (x > y);
}

static int rising(uint64_t x, uint64_t y)
{
	return (x > y) - (x < y);
}

/* Of signs, the first that is not 0. */
static int first_of(int a, int b)
{
	return a != 0 ? a : b;
}

static int by_nts(const void *a, const void *b)
{
	const struct cl_nts_server *p = a, *q = b;
	int c = first_of(falling(p->n.nts, q->n.nts), falling(p->n.requests, q->n.requests));

	return first_of(c, cl_addr_cmp(&p->addr, &q->addr));
}

static int by_key(const void *a, const void *b)
{
	const struct cl_nts_key *p = a, *q = b;
	int c = first_of(rising(p->auth, q->auth), rising(p->other, q->other));

	c = first_of(c, falling(p->n.requests, q->n.requests));
	return first_of(first_of(c, rising(p->key_id, q->key_id)), rising(p->digest, q->digest));
}

static int by_length(const void *a, const void *b)
{
	const struct cl_nts_length *p = a, *q = b;

	return first_of(first_of(rising(p->auth, q->auth), rising(p->other, q->other)),
			rising(p->length, q->length));
}

static int by_field(const void *a, const void *b)
{
	const struct cl_nts_field *p = a, *q = b;
	int c = first_of(rising(p->response, q->response), rising(p->other, q->other));

	return first_of(first_of(c, rising(p->type, q->type)), rising(p->length, q->length));
}

static int by_connections(const void *a, const void *b)
{
	const struct cl_nts_ke *p = a, *q = b;
	int c = first_of(falling(p->connections, q->connections), cl_addr_cmp(&p->addr, &q->addr));

	return first_of(c, rising(p->port, q->port));
}

static int by_name(const void *a, const void *b)
{
	const struct cl_nts_name *p = a, *q = b;
	int c = first_of(rising(p->ke, q->ke), falling(p->connections, q->connections));

	c = first_of(c, memcmp(p->sni, q->sni, sizeof p->sni));
	return first_of(c, memcmp(p->alpn, q->alpn, sizeof p->alpn));
}

/* Answers that no request followed are untold; then nothing is looked up by key any more. */
static void settle(struct cl_nts *n)
{
	if (n->settled)
		return;
	n->settled = true;
	for (size_t i = 0; i < cl_keyed_count(&n->pairs); i++) {
		const struct nts_pair *p = cl_keyed_at(&n->pairs, i);
		struct cl_nts_server *s = cl_keyed_at(&n->servers, p->server);

		if (p->fate != NTS_SEEN)
			continue;
		s->n.untold++;
		n->all.n.untold++;
	}
}

static void *sorted(struct cl_nts *n, struct cl_keyed *k, size_t *count,
		    int (*compare)(const void *a, const void *b))
{
	settle(n);
	*count = cl_keyed_count(k);
	if (*count > 0)
		qsort(k->arena.base, *count, k->arena.record, compare);
	return k->arena.base;
}

const struct cl_nts_totals *cl_nts_totals(struct cl_nts *n)
{
	settle(n);
	return &n->all;
}

struct cl_nts_refused cl_nts_refused(const struct cl_nts *n)
{
	return n->refused;
}

const struct cl_nts_server *cl_nts_servers(struct cl_nts *n, size_t *count)
{
	return sorted(n, &n->servers, count, by_nts);
}

const struct cl_nts_key *cl_nts_keys(struct cl_nts *n, size_t *count)
{
	return sorted(n, &n->keys, count, by_key);
}

const struct cl_nts_length *cl_nts_lengths(struct cl_nts *n, size_t *count)
{
	return sorted(n, &n->lengths, count, by_length);
}

const struct cl_nts_field *cl_nts_fields(struct cl_nts *n, size_t *count)
{
	return sorted(n, &n->fields, count, by_field);
}

const struct cl_nts_ke *cl_nts_ke(struct cl_nts *n, size_t *count)
{
	return sorted(n, &n->ke, count, by_connections);
}

const struct cl_nts_name *cl_nts_names(struct cl_nts *n, size_t *count)
{
	return sorted(n, &n->names, count, by_name);
}
