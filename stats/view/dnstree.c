/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/dnstree.h"

#include <stdlib.h>
#include <string.h>

#include "stats/exchange/dnsname.h"

#define FLAG_RA 0x0080u

/* Which addresses are resolvers ---------------------------------------------------- */

static int compare_addr(const void *a, const void *b)
{
	return cl_addr_cmp(a, b);
}

static size_t place(const struct cl_addr *sorted, size_t n, const struct cl_addr *one)
{
	const struct cl_addr *at = n > 0 ? bsearch(one, sorted, n, sizeof *sorted, compare_addr) : NULL;

	return at != NULL ? (size_t)(at - sorted) : n;
}

/* Sorts and leaves each once; how many. */
static size_t unique(struct cl_addr *a, size_t n)
{
	size_t kept = 0;

	if (n > 0)
		qsort(a, n, sizeof *a, compare_addr);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || cl_addr_cmp(&a[kept - 1], &a[i]) != 0)
			a[kept++] = a[i];
	return kept;
}

/* Addresses that answered with RA, each once; owned. */
static struct cl_addr *recursive(const struct cl_dns_list *l, size_t *n)
{
	struct cl_addr *a = NULL;
	size_t used = 0, room = 0;

	for (size_t i = 0; i < l->tx.count; i++) {
		const struct cl_dnstx *t = cl_dns_tx(l, i);

		if ((t->bits & CL_TX_RESPONSE) == 0 || (t->response_flags & FLAG_RA) == 0)
			continue;
		if (used == room) {
			used = unique(a, used);
			if (2 * used >= room) {
				room = room == 0 ? 256 : 2 * room;
				struct cl_addr *more = realloc(a, room * sizeof *a);

				if (more == NULL) {
					free(a);
					return NULL;
				}
				a = more;
			}
		}
		a[used++] = t->server;
	}
	*n = unique(a, used);
	return a != NULL ? a : calloc(1, sizeof *a);
}

/* Leaves those that ask others. */
static bool keep_asking(const struct cl_dns_list *l, struct cl_addr *a, size_t *n)
{
	bool *asks = calloc(*n + 1, sizeof *asks);
	size_t kept = 0;

	if (asks == NULL)
		return false;
	for (size_t i = 0; i < l->tx.count; i++) {
		const struct cl_dnstx *t = cl_dns_tx(l, i);

		if ((t->bits & CL_TX_QUERY) != 0 && cl_addr_cmp(&t->client, &t->server) != 0)
			asks[place(a, *n, &t->client)] = true;
	}
	for (size_t i = 0; i < *n; i++)
		if (asks[i])
			a[kept++] = a[i];
	*n = kept;
	free(asks);
	return true;
}

/* Whether the addresses found are of one host. */
static bool one_host(const struct cl_dns_list *l, const struct cl_addr *a, size_t n)
{
	if (n != 2 || cl_addr_is_v4(&a[0]) == cl_addr_is_v4(&a[1]))
		return n == 1;
	for (size_t i = 0; i < l->tx.count; i++) {
		const struct cl_dnstx *t = cl_dns_tx(l, i);

		if (place(a, n, &t->client) < n && place(a, n, &t->server) < n)
			return false;
	}
	return true;
}

/* Names ----------------------------------------------------------------------------- */

/* A client's query that waits. */
struct waiting {
	uint32_t tx;
	uint32_t question; /* number of its name */
	size_t host;
	int64_t until_ns;
	uint32_t name[CL_TREE_NAMES]; /* asked for it: transactions with them */
	size_t names;
};

struct closeness {
	enum cl_dns_bond bond;
	size_t labels;
	bool type;
};

/* Whether one name is the other, above it or below it; `labels` in common. */
static bool in_line(const struct cl_dns_list *l, const struct cl_dnstx *a, const struct cl_dnstx *b,
		    size_t *labels, bool *same)
{
	uint8_t at[CL_NAME_LABELS];
	size_t na, nb;
	const uint8_t *x = cl_dns_folded_name(l, a, &na), *y = cl_dns_folded_name(l, b, &nb);

	*labels = 0;
	*same = a->name == b->name;
	if (x == NULL || y == NULL)
		return false;
	if (na == 1 || nb == 1)
		return true; /* the root */
	if (x[na - 2] != y[nb - 2])
		return false; /* their last labels differ */
	size_t in_a = cl_name_labels(x, na, at), in_b = cl_name_labels(y, nb, at);
	*labels = cl_name_common(x, na, y, nb);
	return *labels == in_a || *labels == in_b;
}

static struct closeness closeness(const struct cl_dns_list *l, const struct waiting *w,
				  const struct cl_dnstx *u)
{
	const struct cl_dnstx *c = cl_dns_tx(l, w->tx);
	struct closeness got = { .type = c->qtype == u->qtype };
	size_t labels, remembered = w->names < CL_TREE_NAMES ? w->names : CL_TREE_NAMES;
	bool same;

	if (in_line(l, c, u, &got.labels, &same)) {
		got.bond = same ? CL_BOND_NAME : CL_BOND_PARENT;
		return got;
	}
	for (size_t i = 0; i < remembered; i++)
		if (in_line(l, cl_dns_tx(l, w->name[i]), u, &labels, &same) && labels > 0) {
			got.bond = CL_BOND_CHAIN;
			got.labels = labels > got.labels ? labels : got.labels;
		}
	return got;
}

static int compare_closeness(const struct closeness *a, const struct closeness *b)
{
	if (a->bond != b->bond)
		return a->bond > b->bond ? 1 : -1;
	if (a->labels != b->labels)
		return a->labels > b->labels ? 1 : -1;
	return (int)a->type - (int)b->type;
}

/* Causes ------------------------------------------------------------------------------ */

struct making {
	struct cl_dns_tree *tree;
	const struct cl_dns_list *list;
	struct waiting *waiting; /* the oldest first */
	size_t waits;
	bool one; /* all addresses are one host */
};

static size_t host_of(const struct making *m, const struct cl_addr *a)
{
	size_t at = place(m->tree->resolver, m->tree->resolvers, a);

	return at < m->tree->resolvers && m->one ? 0 : at;
}

/* Those that have their answer wait no longer. */
static void expire(struct making *m, int64_t now_ns)
{
	size_t kept = 0;

	while (kept < m->waits && m->waiting[kept].until_ns >= now_ns)
		kept++;
	for (size_t i = kept; i < m->waits; i++)
		if (m->waiting[i].until_ns >= now_ns)
			m->waiting[kept++] = m->waiting[i];
	m->waits = kept;
}

static void wait_for(struct making *m, uint32_t tx, size_t host)
{
	const struct cl_dnstx *t = cl_dns_tx(m->list, tx);
	bool answered = (t->bits & CL_TX_RESPONSE) != 0;

	m->tree->client[m->tree->clients++] = tx;
	if (m->waits == CL_TREE_WAITING) {
		m->tree->crowded++;
		memmove(m->waiting, m->waiting + 1, --m->waits * sizeof *m->waiting);
	}
	m->waiting[m->waits++] =
		(struct waiting){ .tx = tx,
				  .question = t->name,
				  .host = host,
				  .until_ns = answered ? t->end_ns : t->query_ns + m->list->timeout_ns };
}

/* The query of a client that an upstream one is for; NULL: none waits. */
static struct waiting *cause_of(struct making *m, const struct cl_dnstx *u, size_t host,
				struct cl_dns_cause *c)
{
	struct waiting *best = NULL;
	struct closeness of_best = { .bond = CL_BOND_TIME };
	bool named = false; /* one asks for the very name: no other can be as close */

	for (size_t i = 0; i < m->waits && u->name != 0 && !named; i++)
		named = m->waiting[i].question == u->name && m->waiting[i].host == host;
	for (size_t i = 0; i < m->waits; i++) {
		struct waiting *w = &m->waiting[i];

		if (w->host != host || (named && w->question != u->name))
			continue;
		struct closeness one = closeness(m->list, w, u);
		int order = best == NULL ? 1 : compare_closeness(&one, &of_best);

		if (order > 0) {
			best = w;
			of_best = one;
		}
		c->ambiguous = order > 0 ? false : order == 0 || c->ambiguous;
	}
	c->bond = (uint8_t)of_best.bond;
	return best;
}

static void add_upstream(struct making *m, uint32_t tx, size_t host)
{
	const struct cl_dnstx *u = cl_dns_tx(m->list, tx);
	struct cl_dns_cause *c = &m->tree->cause[m->tree->causes++];

	*c = (struct cl_dns_cause){ .tx = tx };
	struct waiting *w = cause_of(m, u, host, c);
	if (w == NULL) {
		m->tree->background++;
		return;
	}
	c->client = w->tx + 1;
	m->tree->ambiguous += c->ambiguous;
	w->name[w->names++ % CL_TREE_NAMES] = tx;
}

static int by_client(const void *a, const void *b)
{
	const struct cl_dns_cause *x = a, *y = b;

	if (x->client != y->client)
		return x->client < y->client ? -1 : 1;
	return (x->tx > y->tx) - (x->tx < y->tx);
}

/* Room for as many as there can be. False: memory is short. */
static bool make_room(struct making *m)
{
	size_t upstream = 0, clients = 0;

	for (size_t i = 0; i < m->list->tx.count; i++) {
		const struct cl_dnstx *t = cl_dns_tx(m->list, i);

		upstream += host_of(m, &t->client) < m->tree->resolvers;
		clients += host_of(m, &t->server) < m->tree->resolvers;
	}
	m->tree->cause = calloc(upstream + 1, sizeof *m->tree->cause);
	m->tree->client = calloc(clients + 1, sizeof *m->tree->client);
	m->waiting = calloc(CL_TREE_WAITING, sizeof *m->waiting);
	return m->tree->cause != NULL && m->tree->client != NULL && m->waiting != NULL;
}

static void go_through(struct making *m)
{
	for (size_t i = 0; i < m->list->tx.count; i++) {
		const struct cl_dnstx *t = cl_dns_tx(m->list, i);
		size_t asker = host_of(m, &t->client), asked = host_of(m, &t->server);

		if ((t->bits & CL_TX_QUERY) == 0 || asker == asked)
			continue; /* neither is a resolver, or it asks itself */
		expire(m, t->query_ns);
		if (asker < m->tree->resolvers)
			add_upstream(m, (uint32_t)i, asker);
		if (asked < m->tree->resolvers)
			wait_for(m, (uint32_t)i, asked);
	}
}

bool cl_dns_tree_make(struct cl_dns_tree *t, const struct cl_dns_list *l, const struct cl_addr *given,
		      size_t n)
{
	struct making m = { .tree = t, .list = l, .one = n > 0 };
	bool ok = true;

	*t = (struct cl_dns_tree){ .clients = 0 };
	if (n > 0) {
		t->resolver = malloc(n * sizeof *given);
		if (t->resolver != NULL)
			memcpy(t->resolver, given, n * sizeof *given);
		t->resolvers = t->resolver != NULL ? unique(t->resolver, n) : 0;
	} else {
		t->resolver = recursive(l, &t->resolvers);
		ok = t->resolver != NULL && keep_asking(l, t->resolver, &t->resolvers);
		m.one = ok && one_host(l, t->resolver, t->resolvers);
	}
	ok = ok && t->resolver != NULL;
	if (ok && t->resolvers > 0) {
		ok = make_room(&m);
		if (ok)
			go_through(&m);
		if (ok && t->causes > 0)
			qsort(t->cause, t->causes, sizeof *t->cause, by_client);
	}
	free(m.waiting);
	if (!ok)
		cl_dns_tree_free(t);
	return ok;
}

void cl_dns_tree_free(struct cl_dns_tree *t)
{
	free(t->resolver);
	free(t->cause);
	free(t->client);
	*t = (struct cl_dns_tree){ .clients = 0 };
}

/* The first cause of a client's query (number + 1), or of one behind it. */
static size_t first_of(const struct cl_dns_tree *t, uint32_t client)
{
	size_t lo = 0, hi = t->causes;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->cause[mid].client < client)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct cl_dns_cause *cl_dns_tree_of(const struct cl_dns_tree *t, uint32_t client, size_t *n)
{
	size_t from = first_of(t, client + 1), to = from;

	while (to < t->causes && t->cause[to].client == client + 1)
		to++;
	*n = to - from;
	return t->cause + from;
}

struct cl_dns_cost cl_dns_tree_cost(const struct cl_dns_list *l, const struct cl_dns_cause *c, size_t n)
{
	struct cl_dns_cost sum = { .queries = n };

	for (size_t i = 0; i < n; i++) {
		const struct cl_dnstx *t = cl_dns_tx(l, c[i].tx);

		sum.packets += cl_dns_packets(l, t);
		sum.bytes += (uint64_t)t->query_bytes + t->response_bytes;
		if (t->fortune == CL_FORTUNE_MATCHED)
			sum.ns += t->delta_ns;
	}
	return sum;
}
