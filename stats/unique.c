/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients are brought together service by service (a number of 4 octets each), then the addresses of one
 * service are sorted: IPv4 as 8 octets with the client's number, IPv6 by its first half where only networks
 * are counted. So the memory is that of the largest service, and rows come in the order of the table's key.
 */
#include "stats/unique.h"

#include <stdlib.h>

#include "stats/engine_state.h"
#include "stats/sortkeys.h"

/* A client's number, or a pair's with this bit. */
#define REF_PAIR 0x80000000u

_Static_assert(offsetof(struct cl_pair, seen) == 0, "a pair begins with what was seen");

/* What a number stands for. */
struct subject {
	const struct cl_addr *addr;
	struct cl_seen *seen;
	uint32_t *flags;
};

static struct subject subject_of(const struct cl_clients *c, uint32_t ref)
{
	if ((ref & REF_PAIR) != 0) {
		struct cl_pair *pair = cl_pair_at(c, ref & ~REF_PAIR);

		return (struct subject){ &cl_client_at(c, pair->client)->addr, &pair->seen, &pair->flags };
	}
	struct cl_client *client = cl_client_at(c, ref);
	return (struct subject){ &client->addr, &client->seen, &client->flags };
}

__attribute__((always_inline)) static inline void prefetch(const struct cl_clients *c, uint32_t ref)
{
	const void *record =
		(ref & REF_PAIR) != 0 ? (const void *)cl_pair_at(c, ref & ~REF_PAIR) : cl_client_at(c, ref);

	__builtin_prefetch(record, 1);
}

/* Addresses of one group, sorted ---------------------------------------------- */

struct sorted {
	uint64_t *v4;		/* address << 32 | ref */
	uint64_t *hi;		/* of IPv6 */
	struct cl_sort_key *v6; /* where rows are wanted; else not there */
	size_t n4, n6;
	uint32_t room; /* of each */
};

static bool sorted_init(struct sorted *a, uint32_t room, bool rows)
{
	*a = (struct sorted){ .room = room };
	a->v4 = malloc(((size_t)room + 1) * sizeof *a->v4);
	a->hi = malloc(((size_t)room + 1) * sizeof *a->hi);
	if (rows)
		a->v6 = malloc(((size_t)room + 1) * sizeof *a->v6);
	return a->v4 != NULL && a->hi != NULL && (!rows || a->v6 != NULL);
}

static void sorted_free(struct sorted *a)
{
	free(a->v4);
	free(a->hi);
	free(a->v6);
}

static void sorted_add(struct sorted *a, const struct cl_addr *addr, uint32_t ref)
{
	struct cl_sort_key key = cl_sort_key_of(addr, 0, ref);

	if (cl_addr_is_v4(addr))
		a->v4[a->n4++] = key.lo << 32 | ref;
	else if (a->v6 != NULL)
		a->v6[a->n6++] = key;
	else
		a->hi[a->n6++] = key.hi;
}

/* The last 8 bits of IPv4 addresses and the second halves of IPv6 ones matter to the order of rows alone. */
static bool sorted_sort(struct sorted *a)
{
	if (!cl_sort_u64(a->v4, a->n4, a->v6 != NULL ? 32 : 40))
		return false;
	if (a->v6 == NULL)
		return cl_sort_u64(a->hi, a->n6, 0);
	if (!cl_sort_keys(a->v6, a->n6))
		return false;
	for (size_t i = 0; i < a->n6; i++)
		a->hi[i] = a->v6[i].hi;
	return true;
}

static void store_unique(struct cl_engine *e, const struct sorted *a, enum cl_period period,
			 int64_t start_day, uint32_t service)
{
	struct cl_unique u = { .ipv4 = 0 };

	cl_unique_v4(&u, a->v4, a->n4);
	cl_unique_v6(&u, a->hi, a->n6);
	cl_periods_name(e, service);
	cl_store_unique(e->store, period, start_day, service, &u);
}

/* Rows ------------------------------------------------------------------------ */

/* How far ahead records are asked for. */
#define AHEAD 8u

struct rows {
	const struct cl_clients *clients;
	const struct sorted *sorted;
	size_t at4, at6;
};

/* The next number in the order of the addresses' octets; IPv4 before an IPv6 address that begins with it. */
static uint32_t next_ref(struct rows *r)
{
	const struct sorted *a = r->sorted;

	if (r->at6 == a->n6 || (r->at4 < a->n4 && a->v4[r->at4] >> 32 <= a->v6[r->at6].hi >> 32)) {
		if (r->at4 + AHEAD < a->n4)
			prefetch(r->clients, (uint32_t)a->v4[r->at4 + AHEAD]);
		return (uint32_t)a->v4[r->at4++];
	}
	if (r->at6 + AHEAD < a->n6)
		prefetch(r->clients, a->v6[r->at6 + AHEAD].ref);
	return a->v6[r->at6++].ref;
}

/* Rows that are in the store already, as they are, are left out. */
static const struct cl_addr *next_row(void *ctx, const struct cl_seen **seen, unsigned *via)
{
	struct rows *r = ctx;

	while (r->at4 < r->sorted->n4 || r->at6 < r->sorted->n6) {
		struct subject s = subject_of(r->clients, next_ref(r));

		if ((*s.flags & CL_SEEN_DIRTY) == 0)
			continue;
		*s.flags &= ~CL_SEEN_DIRTY;
		*seen = s.seen;
		*via = (unsigned)((*s.flags & CL_SEEN_UDP) != 0) | (unsigned)((*s.flags & CL_SEEN_TCP) != 0)
									   << 1;
		return s.addr;
	}
	return NULL;
}

/* Service by service ---------------------------------------------------------- */

/* Numbers of the pairs that carry a flag, in the order of their services. */
struct groups {
	uint32_t *ref;
	uint32_t *end; /* by service: behind its last number; while they are filled, behind the last so far */
	uint32_t services, largest;
	uint32_t flag;
	const struct cl_clients *clients;
};

static void count_pair(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct groups *g = ctx;

	(void)client;
	g->end[seen->service] += (*flags & g->flag) != 0;
}

static void place_pair(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct groups *g = ctx;
	uint32_t ref = cl_client_number(g->clients, client);

	if ((*flags & g->flag) == 0)
		return;
	if (seen != &client->seen)
		ref = REF_PAIR | (uint32_t)((const struct cl_pair *)(const void *)seen -
					    (const struct cl_pair *)(const void *)g->clients->pairs.base);
	g->ref[g->end[seen->service]++] = ref;
}

static bool groups_init(struct groups *g, struct cl_engine *e, uint32_t flag)
{
	uint32_t sum = 0;

	*g = (struct groups){ .services = e->services.count, .flag = flag, .clients = &e->clients };
	g->end = calloc((size_t)g->services + 1, sizeof *g->end);
	if (g->end == NULL)
		return false;
	cl_clients_each(&e->clients, count_pair, g);
	for (uint32_t i = 0; i < g->services; i++) {
		uint32_t count = g->end[i];

		g->largest = count > g->largest ? count : g->largest;
		g->end[i] = sum;
		sum += count;
	}
	g->ref = malloc(((size_t)sum + 1) * sizeof *g->ref);
	if (g->ref == NULL)
		return false;
	cl_clients_each(&e->clients, place_pair, g);
	return true;
}

static void groups_free(struct groups *g)
{
	free(g->ref);
	free(g->end);
}

/* False when memory is short. */
static bool store_group(struct cl_engine *e, const struct groups *g, uint32_t service, struct sorted *a,
			enum cl_period period, int64_t start_day)
{
	uint32_t from = service == 0 ? 0 : g->end[service - 1];

	if (from == g->end[service])
		return true;
	a->n4 = a->n6 = 0;
	for (uint32_t i = from; i < g->end[service]; i++)
		sorted_add(a, subject_of(g->clients, g->ref[i]).addr, g->ref[i]);
	if (!sorted_sort(a))
		return false;
	store_unique(e, a, period, start_day, service);
	if (a->v6 != NULL) {
		struct rows rows = { .clients = g->clients, .sorted = a };

		cl_store_clients(e->store, e->day, service, &(struct cl_client_rows){ &rows, next_row });
	}
	return true;
}

static bool store_services(struct cl_engine *e, enum cl_period period, int64_t start_day, bool rows)
{
	struct groups g;
	struct sorted a = { .v4 = NULL };
	bool ok = groups_init(&g, e, period == CL_PERIOD_MONTH ? CL_SEEN_MONTH : CL_SEEN_TODAY) &&
		  sorted_init(&a, g.largest, rows);

	for (uint32_t i = 0; ok && i < g.services; i++)
		ok = store_group(e, &g, i, &a, period, start_day);
	sorted_free(&a);
	groups_free(&g);
	return ok;
}

/* Over all servers ------------------------------------------------------------ */

static bool store_scope(struct cl_engine *e, enum cl_period period, int64_t start_day, unsigned scope)
{
	uint32_t bit = period == CL_PERIOD_MONTH ? CL_CLIENT_MONTH(scope) : CL_CLIENT_DAY(scope), count = 0;
	struct sorted a = { .v4 = NULL };

	for (size_t i = 0; i < e->clients.records.count; i++)
		count += (cl_client_at(&e->clients, i)->flags & bit) != 0;
	if (count == 0)
		return true;
	bool ok = sorted_init(&a, count, false);
	for (size_t i = 0; ok && i < e->clients.records.count; i++) {
		const struct cl_client *client = cl_client_at(&e->clients, i);

		if ((client->flags & bit) != 0)
			sorted_add(&a, &client->addr, 0);
	}
	ok = ok && sorted_sort(&a);
	if (ok)
		store_unique(e, &a, period, start_day, scope);
	sorted_free(&a);
	return ok;
}

void cl_unique_store(struct cl_engine *e, enum cl_period period, int64_t start_day, bool rows)
{
	bool ok = store_services(e, period, start_day, rows);

	for (unsigned scope = 0; scope < CL_SCOPES; scope++)
		ok = ok && store_scope(e, period, start_day, scope);
	if (!ok)
		cl_store_fail(e->store, CL_ENOMEM);
}

void cl_unique_store_addresses(struct cl_engine *e)
{
	struct cl_unique u[CL_SCOPES] = { { .ipv4 = 0 } };

	for (size_t i = 0; i < e->clients.records.count; i++) {
		const struct cl_client *client = cl_client_at(&e->clients, i);
		bool v4 = cl_addr_is_v4(&client->addr);

		for (unsigned scope = 0; scope < CL_SCOPES; scope++) {
			bool in = (client->flags & CL_CLIENT_DAY(scope)) != 0;

			u[scope].ipv4 += in && v4;
			u[scope].ipv6 += in && !v4;
		}
	}
	for (unsigned scope = 0; scope < CL_SCOPES; scope++) {
		cl_periods_name(e, scope);
		cl_store_unique(e->store, CL_PERIOD_ALL, e->day, scope, &u[scope]);
	}
}

/* Months ---------------------------------------------------------------------- */

struct flag_count {
	size_t today, month;
	bool scopes_differ; /* a client asked this month in a way it did not today */
};

static void count_flags(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct flag_count *c = ctx;

	(void)seen;
	c->scopes_differ |= (client->flags & CL_CLIENT_DAY_ALL) << 4 != (client->flags & CL_CLIENT_MONTH_ALL);
	c->today += (*flags & CL_SEEN_TODAY) != 0;
	c->month += (*flags & CL_SEEN_MONTH) != 0;
}

void cl_unique_store_month(struct cl_engine *e, int64_t start_day)
{
	struct flag_count c = { 0, 0, false };

	cl_clients_each(&e->clients, count_flags, &c);
	if (c.today == c.month && !c.scopes_differ)
		cl_store_unique_copy(e->store, e->day, start_day);
	else
		cl_unique_store(e, CL_PERIOD_MONTH, start_day, false);
}
