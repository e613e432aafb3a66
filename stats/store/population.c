/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/population.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"

struct client {
	struct cl_addr addr;
	uint64_t known;	  /* servers that it has asked so far */
	uint64_t servers; /* in the days */
	uint64_t requests[CL_PROTOS], busiest;
	int64_t first_ns, last_ns;
	uint32_t day[CL_PROTOS]; /* the last that it is counted on, from 1; 0: none */
	bool seen[CL_PROTOS], before[CL_PROTOS], abusive[CL_PROTOS];
	uint32_t abusive_day[CL_PROTOS], first_day[CL_PROTOS];
};

/* A client's number plus 1 (0: free), and its hash: others' slots are passed without a look at the client. */
struct slot {
	uint32_t number, hash;
};

struct cl_population {
	uint64_t seed;
	size_t days;
	struct cl_population_count *proto;  /* [day][protocol] */
	struct cl_population_count *server; /* [day][server] */
	struct client *client;
	size_t count, room;
	struct slot *slot; /* open addressing, at most half full */
	size_t mask;
	bool failed;
};

#define ROOM_FIRST   ((size_t)1 << 12)
#define CLIENTS_MOST (UINT32_MAX / 4) /* slots are found by 32 bits of hash */

struct cl_population *cl_population_new(uint64_t seed, size_t days)
{
	struct cl_population *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->seed = seed;
	p->days = days;
	p->room = ROOM_FIRST;
	p->mask = ROOM_FIRST * 2 - 1;
	p->proto = calloc(days * CL_PROTOS + 1, sizeof *p->proto);
	p->server = calloc(days * CL_POPULATION_SERVERS + 1, sizeof *p->server);
	p->client = malloc(p->room * sizeof *p->client);
	p->slot = calloc(p->mask + 1, sizeof *p->slot);
	if (p->proto != NULL && p->server != NULL && p->client != NULL && p->slot != NULL)
		return p;
	cl_population_free(p);
	return NULL;
}

void cl_population_free(struct cl_population *p)
{
	if (p == NULL)
		return;
	free(p->proto);
	free(p->server);
	free(p->client);
	free(p->slot);
	free(p);
}

bool cl_population_failed(const struct cl_population *p)
{
	return p->failed;
}

/* The address' slot, or the free one where it belongs. */
static struct slot *find(const struct cl_population *p, const struct cl_addr *addr, uint32_t hash)
{
	size_t at = hash & p->mask;

	while (p->slot[at].number != 0 &&
	       (p->slot[at].hash != hash ||
		memcmp(&p->client[p->slot[at].number - 1].addr, addr, sizeof *addr) != 0))
		at = (at + 1) & p->mask;
	return &p->slot[at];
}

/* Twice the slots. */
static bool grow_slots(struct cl_population *p)
{
	size_t mask = p->mask * 2 + 1;
	struct slot *slot = calloc(mask + 1, sizeof *slot);

	if (slot == NULL)
		return false;
	for (size_t i = 0; i <= p->mask; i++) {
		size_t at = p->slot[i].hash & mask;

		if (p->slot[i].number == 0)
			continue;
		while (slot[at].number != 0)
			at = (at + 1) & mask;
		slot[at] = p->slot[i];
	}
	free(p->slot);
	p->slot = slot;
	p->mask = mask;
	return true;
}

static bool grow(struct cl_population *p)
{
	struct client *more = p->room < CLIENTS_MOST ? realloc(p->client, p->room * 2 * sizeof *more) : NULL;

	if (more == NULL)
		return false;
	p->client = more;
	if (!grow_slots(p))
		return false;
	p->room *= 2;
	return true;
}

/* NULL when memory is short. */
static struct client *client_of(struct cl_population *p, const struct cl_addr *addr)
{
	uint32_t hash = (uint32_t)cl_addr_hash(addr, p->seed);
	struct slot *slot = find(p, addr, hash);

	if (slot->number != 0)
		return &p->client[slot->number - 1];
	if (p->count == p->room) {
		if (p->failed || !grow(p)) {
			p->failed = true;
			return NULL;
		}
		slot = find(p, addr, hash);
	}
	p->client[p->count] = (struct client){ .addr = *addr };
	*slot = (struct slot){ (uint32_t)++p->count, hash };
	return &p->client[p->count - 1];
}

static uint64_t bit_of(uint32_t server)
{
	return server < CL_POPULATION_SERVERS ? UINT64_C(1) << server : 0;
}

void cl_population_before(struct cl_population *p, const struct cl_addr *addr, enum cl_proto proto,
			  uint32_t server)
{
	struct client *c = client_of(p, addr);

	if (c == NULL)
		return;
	c->known |= bit_of(server);
	c->seen[proto] = c->before[proto] = true;
}

static bool is_abusive(const struct cl_population_row *row)
{
	return row->requests >= CL_POPULATION_ABUSIVE_REQUESTS &&
	       (row->last_ns - row->first_ns) / (int64_t)(row->requests - 1) < CL_POPULATION_ABUSIVE_NS;
}

static void count_day(struct cl_population *p, struct client *c, const struct cl_population_row *row)
{
	uint32_t day = (uint32_t)row->day + 1;
	struct cl_population_count *all = &p->proto[row->day * CL_PROTOS + row->proto];
	uint64_t bit = bit_of(row->server);
	bool abusive = is_abusive(row);

	if (c->day[row->proto] != day) {
		all->clients++;
		all->fresh += !c->seen[row->proto];
	}
	all->abusive += abusive && c->abusive_day[row->proto] != day;
	if (bit != 0) {
		struct cl_population_count *one = &p->server[row->day * CL_POPULATION_SERVERS + row->server];

		one->clients++;
		one->fresh += (c->known & bit) == 0;
		one->abusive += abusive;
	}
	c->day[row->proto] = day;
	if (abusive)
		c->abusive_day[row->proto] = day;
	c->abusive[row->proto] |= abusive;
}

void cl_population_add(struct cl_population *p, const struct cl_population_row *row)
{
	struct client *c = row->requests > 0 && row->day < p->days ? client_of(p, &row->addr) : NULL;

	if (c == NULL)
		return;
	count_day(p, c, row);
	bool first = c->requests[CL_PROTO_NTP] + c->requests[CL_PROTO_DNS] == 0;
	if (c->requests[row->proto] == 0)
		c->first_day[row->proto] = (uint32_t)row->day;
	c->seen[row->proto] = true;
	c->known |= bit_of(row->server);
	c->servers |= bit_of(row->server);
	c->requests[row->proto] += row->requests;
	if (row->requests > c->busiest)
		c->busiest = row->requests;
	if (first || row->first_ns < c->first_ns)
		c->first_ns = row->first_ns;
	if (first || row->last_ns > c->last_ns)
		c->last_ns = row->last_ns;
}

struct cl_population_count cl_population_proto(const struct cl_population *p, size_t day, enum cl_proto proto)
{
	return p->proto[day * CL_PROTOS + proto];
}

struct cl_population_count cl_population_server(const struct cl_population *p, size_t day, uint32_t server)
{
	return p->server[day * CL_POPULATION_SERVERS + server];
}

size_t cl_population_size(const struct cl_population *p)
{
	return p->count;
}

bool cl_population_client(const struct cl_population *p, size_t i, struct cl_population_client *out)
{
	const struct client *c = &p->client[i];

	*out = (struct cl_population_client){ .addr = c->addr,
					      .servers = c->servers,
					      .busiest = c->busiest,
					      .first_ns = c->first_ns,
					      .last_ns = c->last_ns };
	for (unsigned k = 0; k < CL_PROTOS; k++) {
		out->requests[k] = c->requests[k];
		out->first_day[k] = c->first_day[k];
		out->abusive[k] = c->abusive[k];
		out->before[k] = c->before[k];
	}
	return out->requests[CL_PROTO_NTP] + out->requests[CL_PROTO_DNS] > 0;
}
