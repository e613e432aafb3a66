/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients are brought together service by service (a number of 4 octets each), then the addresses of one
 * service are sorted: IPv4 as 8 octets with the client's number, IPv6 by its first half where only networks
 * are counted. So the memory is that of the largest service, and rows come in the order of the table's key.
 * Where the budget does not hold that, the numbers of a service are divided in place, by family and then bit
 * by bit of the address, until a part is small enough; the parts come in the order of the addresses.
 */
#include "stats/engine/unique.h"
#include "dissect/inline.h"

#include <stdlib.h>

#include "stats/engine/engine_state.h"
#include "stats/table/sortkeys.h"

_Static_assert(offsetof(struct cl_pair, seen) == 0, "a pair begins with what was seen");

/* What a number stands for. */
struct subject {
	const struct cl_addr *addr;
	struct cl_seen *seen;
	uint32_t *flags;
};

static struct subject subject_of(const struct cl_clients *c, uint32_t ref)
{
	if ((ref & CL_REF_PAIR) != 0) {
		struct cl_pair *pair = cl_pair_at(c, ref & ~CL_REF_PAIR);

		return (struct subject){ &cl_client_at(c, pair->client)->addr, &pair->seen, &pair->flags };
	}
	struct cl_client *client = cl_client_at(c, ref);
	return (struct subject){ &client->addr, &client->seen, &client->flags };
}

CL_IN_LINE void prefetch(const struct cl_clients *c, uint32_t ref)
{
	const void *record = (ref & CL_REF_PAIR) != 0 ? (const void *)cl_pair_at(c, ref & ~CL_REF_PAIR)
						      : cl_client_at(c, ref);

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
	cl_sort_u64(a->v4, a->n4, a->v6 != NULL ? 32 : 40, NULL); /* the room of a part holds it */
	if (a->v6 == NULL) {
		cl_sort_u64(a->hi, a->n6, 0, NULL);
		return true;
	}
	if (!cl_sort_keys(a->v6, a->n6))
		return false;
	for (size_t i = 0; i < a->n6; i++)
		a->hi[i] = a->v6[i].hi;
	return true;
}

/* Counting -------------------------------------------------------------------- */

/* What is counted of one service, part by part, and where. */
struct count {
	struct cl_engine *e;
	enum cl_period period;
	int64_t start_day;
	uint32_t service;
	struct cl_unique unique;
	struct cl_sketch *networks; /* of clients beyond the limit; NULL: there are none */
	uint64_t last_hi;	    /* of the parts before, where ipv6 is not 0 */
	bool rows_only;		    /* nothing is counted, and rows are noted as written */
};

static struct count count_of(struct cl_engine *e, enum cl_period period, int64_t start_day, uint32_t service)
{
	return (struct count){ .e = e,
			       .period = period,
			       .start_day = start_day,
			       .service = service,
			       .networks = cl_overflow_networks(e, service, period == CL_PERIOD_MONTH) };
}

static void add_networks(const struct count *c, const struct sorted *a)
{
	for (size_t i = 0; i < a->n4; i++)
		cl_overflow_add_networks(
			c->networks, c->e,
			&(struct cl_sort_key){ .lo = (uint64_t)0xffff << 32 | a->v4[i] >> 32 });
	for (size_t i = 0; i < a->n6; i++)
		cl_overflow_add_networks(c->networks, c->e, &(struct cl_sort_key){ .hi = a->hi[i] });
}

/* A network that began in the part before is counted already. Parts never divide a /24. */
static void count_part(struct count *c, const struct sorted *a)
{
	struct cl_unique *u = &c->unique;

	if (a->n6 > 0 && u->ipv6 > 0) {
		u->v6_64 -= a->hi[0] == c->last_hi;
		u->v6_48 -= a->hi[0] >> 16 == c->last_hi >> 16;
	}
	cl_unique_v4(u, a->v4, a->n4);
	cl_unique_v6(u, a->hi, a->n6);
	c->last_hi = a->n6 > 0 ? a->hi[a->n6 - 1] : c->last_hi;
	if (c->networks != NULL)
		add_networks(c, a);
}

/* A service's clients: those with records, and about how many are beyond the limit. */
static void store_unique(struct count *c)
{
	struct cl_engine *e = c->e;
	struct cl_approximation about;

	cl_periods_name(e, c->service);
	if (cl_overflow_unique(&e->overflow, c->service, c->period == CL_PERIOD_MONTH, &c->unique, &about))
		cl_store_approximation(e->store, c->period, c->start_day, c->service, &about);
	cl_store_unique(e->store, c->period, c->start_day, c->service, &c->unique);
}

/* Services from `from` on, below `to`, of which nobody has a record. */
static void store_beyond(struct cl_engine *e, enum cl_period period, int64_t start_day, uint32_t from,
			 uint32_t to)
{
	uint32_t service = from;

	while ((service = cl_overflow_next(&e->overflow, service, to, period == CL_PERIOD_MONTH)) !=
	       CL_INDEX_NONE) {
		struct count none = count_of(e, period, start_day, service);

		store_unique(&none);
	}
}

/* Rows ------------------------------------------------------------------------ */

/* How far ahead records are asked for. */
#define AHEAD 8u

struct rows {
	const struct cl_clients *clients;
	const struct sorted *sorted;
	size_t at4, at6;
	struct cl_engine *note; /* the engine that notes them; NULL: nobody does */
	uint32_t service;
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
		uint32_t ref = next_ref(r);
		struct subject s = subject_of(r->clients, ref);

		if ((*s.flags & CL_SEEN_DIRTY) == 0)
			continue;
		if (r->note == NULL || cl_checkpoints_note(r->note, ref, r->service))
			*s.flags &= ~CL_SEEN_DIRTY;
		*seen = s.seen;
		*via = (unsigned)((*s.flags & CL_SEEN_UDP) != 0) | (unsigned)((*s.flags & CL_SEEN_TCP) != 0)
									   << 1;
		return s.addr;
	}
	return NULL;
}

/* Part by part ---------------------------------------------------------------- */

/* Octets of an address while a part is sorted, with and without rows. */
#define OCTETS_ROWS  (2 * sizeof(uint64_t) + 2 * sizeof(struct cl_sort_key))
#define OCTETS_COUNT (3 * sizeof(uint64_t))

/* The least that a part may hold, whatever the budget says. */
#define PART_LEAST 4096u
_Static_assert(PART_LEAST >= 256, "a part holds a /24");

/* How many addresses of `most` are sorted at a time, beside so many numbers. */
static uint32_t part_room(const struct cl_engine *e, size_t numbers, uint32_t most, bool rows)
{
	size_t left = cl_budget_left(&e->budget, CL_BUDGET_SORT), taken = numbers * sizeof(uint32_t);
	size_t room = (left > taken ? left - taken : 0) / (rows ? OCTETS_ROWS : OCTETS_COUNT);

	if (room >= most)
		return most;
	return room > PART_LEAST ? (uint32_t)room : most < PART_LEAST ? most : PART_LEAST;
}

/* False when memory is short. */
static bool store_part(struct count *c, const uint32_t *ref, uint32_t n, struct sorted *a)
{
	const struct cl_clients *clients = &c->e->clients;

	a->n4 = a->n6 = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (i + 2 * AHEAD < n)
			prefetch(clients, ref[i + 2 * AHEAD]);
		if (i + AHEAD < n) /* a pair has come: its client is known */
			__builtin_prefetch(subject_of(clients, ref[i + AHEAD]).addr);
		sorted_add(a, subject_of(clients, ref[i]).addr, ref[i]);
	}
	if (!sorted_sort(a))
		return false;
	if (!c->rows_only)
		count_part(c, a);
	if (a->v6 != NULL) {
		struct rows rows = { .clients = clients,
				     .sorted = a,
				     .note = c->rows_only ? c->e : NULL,
				     .service = c->service };

		cl_periods_name(c->e, c->service);
		cl_store_clients(c->e->store, c->e->day, c->service,
				 &(struct cl_client_rows){ &rows, next_row });
	}
	return true;
}

static bool bit_of(const struct cl_addr *a, unsigned bit)
{
	return (a->b[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

#define ADDR_BITS 128u

/* The first bit from `bit` on in which the addresses differ. */
static unsigned differing_bit(const struct cl_clients *c, const uint32_t *ref, uint32_t n, unsigned bit)
{
	const struct cl_addr *first = subject_of(c, ref[0]).addr;
	struct cl_addr differ = { { 0 } };

	for (uint32_t i = 1; i < n; i++)
		for (unsigned k = 0; k < sizeof differ.b; k++)
			differ.b[k] |= subject_of(c, ref[i]).addr->b[k] ^ first->b[k];
	while (bit < ADDR_BITS && !bit_of(&differ, bit))
		bit++;
	return bit;
}

/* Whether a number goes to the front: by a bit of its address, or as IPv4. */
#define BY_FAMILY ADDR_BITS
static bool goes_first(const struct cl_addr *a, unsigned by)
{
	return by == BY_FAMILY ? cl_addr_is_v4(a) : !bit_of(a, by);
}

static uint32_t divide(const struct cl_clients *c, uint32_t *ref, uint32_t n, unsigned by)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < n; i++)
		if (goes_first(subject_of(c, ref[i]).addr, by)) {
			uint32_t swap = ref[i];

			ref[i] = ref[first];
			ref[first++] = swap;
		}
	return first;
}

/* Addresses of one family, which differ from `bit` on alone: no deeper than there are bits. */
static bool store_family(struct count *c, uint32_t *ref, uint32_t n, struct sorted *a, unsigned bit)
{
	while (n > a->room) {
		bit = differing_bit(&c->e->clients, ref, n, bit);
		if (bit == ADDR_BITS)
			break; /* none: each is there once */
		uint32_t zeros = divide(&c->e->clients, ref, n, bit++);
		if (!store_family(c, ref, zeros, a, bit))
			return false;
		ref += zeros;
		n -= zeros;
	}
	return n <= a->room && (n == 0 || store_part(c, ref, n, a));
}

/* Counts and stores the clients of a service. False when memory is short. */
static bool store_refs(struct count *c, uint32_t *ref, uint32_t n, struct sorted *a)
{
	bool ok;

	if (n <= a->room) {
		ok = store_part(c, ref, n, a);
	} else {
		uint32_t v4 = divide(&c->e->clients, ref, n, BY_FAMILY);

		ok = store_family(c, ref, v4, a, 0) && store_family(c, ref + v4, n - v4, a, 0);
	}
	if (ok && !c->rows_only)
		store_unique(c);
	return ok;
}

/* Service by service ---------------------------------------------------------- */

/* Numbers of the pairs that carry a flag, in the order of their services. */
struct groups {
	uint32_t *ref;
	uint32_t *end; /* by service: behind its last number; while they are filled, behind the last so far */
	uint32_t services, largest, count;
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
		ref = CL_REF_PAIR | (uint32_t)((const struct cl_pair *)(const void *)seen -
					       (const struct cl_pair *)(const void *)g->clients->pairs.base);
	g->ref[g->end[seen->service]++] = ref;
}

static bool groups_init(struct groups *g, struct cl_engine *e, uint32_t flag)
{
	*g = (struct groups){ .services = e->services.count, .flag = flag, .clients = &e->clients };
	g->end = calloc((size_t)g->services + 1, sizeof *g->end);
	if (g->end == NULL)
		return false;
	cl_clients_each(&e->clients, count_pair, g);
	for (uint32_t i = 0; i < g->services; i++) {
		uint32_t count = g->end[i];

		g->largest = count > g->largest ? count : g->largest;
		g->end[i] = g->count;
		g->count += count;
	}
	g->ref = malloc(((size_t)g->count + 1) * sizeof *g->ref);
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

static bool store_services(struct cl_engine *e, enum cl_period period, int64_t start_day, uint32_t flag,
			   bool rows)
{
	struct groups g;
	struct sorted a = { .v4 = NULL };
	bool ok = groups_init(&g, e, flag) && sorted_init(&a, part_room(e, g.count, g.largest, rows), rows);

	for (uint32_t i = 0, from = 0; ok && i < g.services; from = g.end[i++])
		if (from != g.end[i]) {
			struct count c = count_of(e, period, start_day, i);

			c.rows_only = flag == CL_SEEN_DIRTY;
			ok = store_refs(&c, g.ref + from, g.end[i] - from, &a);
		}
	sorted_free(&a);
	groups_free(&g);
	return ok;
}

/* Over all servers ------------------------------------------------------------ */

/* All at once, without a number for each. */
static bool store_scope_whole(struct count *c, uint32_t bit, struct sorted *a)
{
	a->n4 = a->n6 = 0;
	for (size_t i = 0; i < c->e->clients.records.count; i++) {
		const struct cl_client *client = cl_client_at(&c->e->clients, i);

		if ((client->flags & bit) != 0)
			sorted_add(a, &client->addr, 0);
	}
	if (!sorted_sort(a))
		return false;
	count_part(c, a);
	store_unique(c);
	return true;
}

static bool store_scope_in_parts(struct count *c, uint32_t bit, uint32_t count, struct sorted *a)
{
	uint32_t *ref = malloc(count * sizeof *ref), n = 0;

	for (size_t i = 0; ref != NULL && i < c->e->clients.records.count; i++)
		if ((cl_client_at(&c->e->clients, i)->flags & bit) != 0)
			ref[n++] = (uint32_t)i;
	bool ok = ref != NULL && store_refs(c, ref, n, a);
	free(ref);
	return ok;
}

static bool store_scope(struct cl_engine *e, enum cl_period period, int64_t start_day, unsigned scope)
{
	uint32_t bit = period == CL_PERIOD_MONTH ? CL_CLIENT_MONTH(scope) : CL_CLIENT_DAY(scope), count = 0;
	struct sorted a = { .v4 = NULL };
	struct count c = count_of(e, period, start_day, scope);

	for (size_t i = 0; i < e->clients.records.count; i++)
		count += (cl_client_at(&e->clients, i)->flags & bit) != 0;
	if (count == 0)
		return true;
	uint32_t room = part_room(e, 0, count, false);
	if (room < count)
		room = part_room(e, count, count, false);
	bool ok = sorted_init(&a, room, false) &&
		  (room < count ? store_scope_in_parts(&c, bit, count, &a) : store_scope_whole(&c, bit, &a));
	sorted_free(&a);
	return ok;
}

void cl_unique_store(struct cl_engine *e, enum cl_period period, int64_t start_day, bool rows)
{
	bool ok = store_services(e, period, start_day,
				 period == CL_PERIOD_MONTH ? CL_SEEN_MONTH : CL_SEEN_TODAY, rows);

	if (ok)
		store_beyond(e, period, start_day, CL_SCOPES, UINT32_MAX);
	for (unsigned scope = 0; scope < CL_SCOPES; scope++)
		ok = ok && store_scope(e, period, start_day, scope);
	if (ok)
		store_beyond(e, period, start_day, 0, CL_SCOPES);
	else
		cl_store_fail(e->store, CL_ENOMEM);
}

void cl_unique_store_rows(struct cl_engine *e)
{
	if (!store_services(e, CL_PERIOD_DAY, e->day, CL_SEEN_DIRTY, true))
		cl_store_fail(e->store, CL_ENOMEM);
}

static void count_records(const struct cl_engine *e, struct cl_unique u[CL_SCOPES])
{
	for (size_t i = 0; i < e->clients.records.count; i++) {
		const struct cl_client *client = cl_client_at(&e->clients, i);
		bool v4 = cl_addr_is_v4(&client->addr);

		for (unsigned scope = 0; scope < CL_SCOPES; scope++) {
			bool in = (client->flags & CL_CLIENT_DAY(scope)) != 0;

			u[scope].ipv4 += in && v4;
			u[scope].ipv6 += in && !v4;
		}
	}
}

/* Clients that were counted beside the engine, with those few that it has records of: symmetric peers. */
static void take_askers(struct cl_engine *e, struct cl_unique u[CL_SCOPES])
{
	struct cl_askers *a = e->askers;

	for (size_t i = 0; i < e->clients.records.count; i++) {
		const struct cl_client *client = cl_client_at(&e->clients, i);
		struct cl_overflow_row beyond = { .addr = &client->addr,
						  .service = client->seen.service,
						  .scopes = 1u << CL_SCOPE_NTP,
						  .requests = 1,
						  .today = true };

		if (!cl_askers_add(a, &client->addr, cl_clients_hash(&e->clients, &client->addr),
				   beyond.scopes))
			cl_overflow_restored(e, &beyond);
	}
	for (unsigned scope = 0; scope < CL_SCOPES; scope++)
		u[scope] = (struct cl_unique){ .ipv4 = a->ipv4[scope], .ipv6 = a->ipv6[scope] };
}

void cl_unique_store_addresses(struct cl_engine *e)
{
	struct cl_unique u[CL_SCOPES] = { { .ipv4 = 0 } };

	if (e->askers != NULL)
		take_askers(e, u);
	else
		count_records(e, u);
	for (unsigned scope = 0; scope < CL_SCOPES; scope++) {
		struct count c = count_of(e, CL_PERIOD_ALL, e->day, scope);

		c.unique = u[scope];
		store_unique(&c);
	}
	(void)cl_overflow_next(&e->overflow, 0, 0, false); /* all are said */
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
	if (c.today == c.month && !c.scopes_differ && !e->overflow.any)
		cl_store_unique_copy(e->store, e->day, start_day);
	else
		cl_unique_store(e, CL_PERIOD_MONTH, start_day, false);
}

/* Days beside the whole capture ------------------------------------------------ */

static void count_date(struct cl_unique *u, const struct cl_addr *a)
{
	u->ipv4 += cl_addr_is_v4(a);
	u->ipv6 += !cl_addr_is_v4(a);
}

/* Unique clients by number of the service. */
static void date_of_pair(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct cl_unique *of = ctx;

	if ((*flags & CL_SEEN_DATE) != 0)
		count_date(&of[seen->service], &client->addr);
	*flags &= ~CL_SEEN_DATE;
}

static void date_of_client(struct cl_unique *of, struct cl_client *client)
{
	if ((client->flags & CL_CLIENT_DATE(CL_SCOPE_NTP)) != 0)
		count_date(&of[CL_SERVICE_ALL_NTP], &client->addr);
	if ((client->flags & CL_CLIENT_DATE(CL_SCOPE_DNS)) != 0)
		count_date(&of[CL_SERVICE_ALL_DNS], &client->addr);
	client->flags &= ~CL_CLIENT_DATE_ALL;
}

void cl_unique_store_date(struct cl_engine *e)
{
	struct cl_unique *of = calloc(e->services.count, sizeof *of);

	if (of == NULL) {
		cl_store_fail(e->store, CL_ENOMEM);
		return;
	}
	cl_clients_each(&e->clients, date_of_pair, of);
	for (size_t i = 0; i < e->clients.records.count; i++)
		date_of_client(of, cl_client_at(&e->clients, i));
	for (uint32_t i = 0; i < e->services.count; i++)
		if (of[i].ipv4 + of[i].ipv6 > 0) {
			cl_periods_name(e, i);
			cl_store_unique(e->store, CL_PERIOD_DAY, e->date, i, &of[i]);
		}
	free(of);
}
