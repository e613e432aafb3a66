/* SPDX-License-Identifier: BSD-2-Clause */
/* NOTIFY, answers and transfers: which server had which serial number of a zone when, and how large it was.
 */
#include "stats/engine/zones.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/event.h"
#include "dissect/hash.h"
#include "stats/engine/zones_state.h"

#define NONE	   UINT32_MAX
#define NS_PER_DAY INT64_C(86400000000000)
#define KEY_OCTETS offsetof(struct cl_zone_row, notified_ns)

_Static_assert(KEY_OCTETS == 24 && sizeof(struct cl_zone_row) == 24 + 9 * 8, "a row without holes");

/* Tables ---------------------------------------------------------------------- */

static bool tables_ready(struct cl_zone_tables *t)
{
	if (t->ready)
		return true;
	t->ready = cl_arena_init(&t->zones, sizeof(struct cl_zone), CL_ZONES_MAX) &&
		   cl_arena_init(&t->rows, sizeof(struct cl_zone_row), CL_ZONE_ROWS_MAX) &&
		   cl_index_init(&t->by_name) && cl_index_init(&t->by_key);
	return t->ready;
}

static void tables_free(struct cl_zone_tables *t)
{
	cl_arena_free(&t->zones);
	cl_arena_free(&t->rows);
	cl_index_free(&t->by_name);
	cl_index_free(&t->by_key);
	*t = (struct cl_zone_tables){ .ready = false };
}

struct cl_zones *cl_zones_new(uint64_t seed)
{
	struct cl_zones *z = calloc(1, sizeof *z);

	if (z != NULL)
		z->seed = seed;
	return z;
}

void cl_zones_free(struct cl_zones *z)
{
	if (z == NULL)
		return;
	tables_free(&z->tables);
	cl_stored_clear(&z->stored);
	free(z);
}

const bool *cl_zones_answers(const struct cl_zones *z)
{
	return &z->answers;
}

struct name {
	const uint8_t *wire;
	uint8_t octets;
};

static bool same_name(const void *records, uint32_t number, const void *key)
{
	const struct cl_zone *zone = (const struct cl_zone *)records + number;
	const struct name *n = key;

	return zone->octets == n->octets && memcmp(zone->wire, n->wire, n->octets) == 0;
}

static uint32_t find_zone(const struct cl_zones *z, const uint8_t *wire, uint8_t octets)
{
	const struct name n = { wire, octets };

	return z->tables.ready ? cl_index_find(&z->tables.by_name, cl_hash(wire, octets, z->seed), same_name,
					       z->tables.zones.base, &n)
			       : NONE;
}

/* A new record, found by `hash`; its number. NONE: there is no room, or no memory. */
static uint32_t add(struct cl_zones *z, struct cl_arena *records, struct cl_index *index, uint64_t hash)
{
	const uint32_t number = (uint32_t)records->count;

	if (number == records->limit) {
		z->lost++;
		return NONE;
	}
	if (cl_arena_add(records) == NULL || !cl_index_add(index, hash, number)) {
		records->count = number;
		z->failed = true;
		return NONE;
	}
	return number;
}

uint32_t cl_zones_zone(struct cl_zones *z, const uint8_t *wire, uint8_t octets)
{
	uint32_t number = find_zone(z, wire, octets);

	if (number != NONE)
		return number;
	if (!tables_ready(&z->tables)) {
		z->failed = true;
		return NONE;
	}
	number = add(z, &z->tables.zones, &z->tables.by_name, cl_hash(wire, octets, z->seed));
	if (number == NONE)
		return NONE;
	struct cl_zone *zone = cl_zone_at(z, number);
	zone->notified_ns = CL_ZONE_NEVER;
	zone->octets = octets;
	memcpy(zone->wire, wire, octets);
	return number;
}

static bool same_key(const void *records, uint32_t number, const void *key)
{
	return memcmp((const struct cl_zone_row *)records + number, key, KEY_OCTETS) == 0;
}

uint32_t cl_zones_row(struct cl_zones *z, const struct cl_addr *server, uint32_t zone, uint32_t serial)
{
	const struct cl_zone_row fresh = { .server = *server,
					   .zone = zone,
					   .serial = serial,
					   .notified_ns = CL_ZONE_NEVER,
					   .sent_ns = CL_ZONE_NEVER,
					   .answered_ns = CL_ZONE_NEVER,
					   .transfer_ns = CL_ZONE_NEVER };
	const uint64_t hash = cl_hash(&fresh, KEY_OCTETS, z->seed);
	uint32_t number = cl_index_find(&z->tables.by_key, hash, same_key, z->tables.rows.base, &fresh);

	if (number != NONE)
		return number;
	number = add(z, &z->tables.rows, &z->tables.by_key, hash);
	if (number != NONE)
		*cl_zone_row_at(z, number) = fresh;
	return number;
}

static void lower_to(int64_t *first, int64_t ns)
{
	if (ns < *first)
		*first = ns;
}

/* Notes ----------------------------------------------------------------------- */

static void take_notify(struct cl_zones *z, const struct cl_zone_note *n)
{
	const uint32_t zone = cl_zones_zone(z, n->zone, n->zone_octets);

	if (zone == NONE)
		return;
	struct cl_zone *at = cl_zone_at(z, zone);
	if (at->notified_ns == CL_ZONE_NEVER || n->time_ns > at->notified_ns)
		at->notified_ns = n->time_ns;
	z->answers = true;
	const uint32_t told = cl_zones_row(z, &n->dst, zone, n->serial),
		       telling = cl_zones_row(z, &n->src, zone, n->serial);
	if (told != NONE)
		lower_to(&cl_zone_row_at(z, told)->notified_ns, n->time_ns);
	if (telling != NONE)
		lower_to(&cl_zone_row_at(z, telling)->sent_ns, n->time_ns);
}

static void take_answer(struct cl_zones *z, const struct cl_zone_note *n)
{
	const uint32_t zone = find_zone(z, n->zone, n->zone_octets);

	if (zone == NONE || cl_zone_at(z, zone)->notified_ns == CL_ZONE_NEVER)
		return;
	const uint32_t row = cl_zones_row(z, &n->src, zone, n->serial);
	if (row != NONE)
		lower_to(&cl_zone_row_at(z, row)->answered_ns, n->time_ns);
}

/* Transfers ------------------------------------------------------------------- */

static void remove_transfer(struct cl_zones *z, unsigned i)
{
	cl_zone_row_at(z, z->open[i].row)->open--;
	z->opened--;
	memmove(&z->open[i], &z->open[i + 1], (z->opened - i) * sizeof *z->open);
}

static void give_up(struct cl_zones *z, unsigned i)
{
	cl_zone_row_at(z, z->open[i].row)->unfinished++;
	remove_transfer(z, i);
}

static void complete(struct cl_zones *z, unsigned i)
{
	struct cl_zone_row *row = cl_zone_row_at(z, z->open[i].row);
	const uint64_t octets = z->open[i].octets;

	if (row->transfers == 0 || octets < row->octets)
		row->octets = octets;
	if (octets > row->octets_most)
		row->octets_most = octets;
	row->transfers++;
	remove_transfer(z, i);
}

/* Its place among those that are open; as many as there are: it is not. */
static unsigned find_transfer(const struct cl_zones *z, const struct cl_zone_note *n)
{
	unsigned i = 0;

	while (i < z->opened && (z->open[i].connection != n->connection || z->open[i].id != n->id))
		i++;
	return i;
}

/* False: there is no room. */
static bool begin_transfer(struct cl_zones *z, const struct cl_zone_note *n)
{
	const uint32_t zone = cl_zones_zone(z, n->zone, n->zone_octets);
	const uint32_t row = zone != NONE ? cl_zones_row(z, &n->src, zone, n->serial) : NONE;

	if (row == NONE)
		return false;
	if (z->opened == CL_ZONE_TRANSFERS_OPEN)
		give_up(z, 0);
	z->open[z->opened++] = (struct cl_zone_transfer){ .begun_ns = n->time_ns,
							  .connection = n->connection,
							  .gaps = n->gaps,
							  .row = row,
							  .serial = n->serial,
							  .id = n->id };
	lower_to(&cl_zone_row_at(z, row)->transfer_ns, n->time_ns);
	cl_zone_row_at(z, row)->open++;
	return true;
}

/* It ends with the SOA record that it began with: the second one (RFC 5936 sec. 2.2). */
static void take_transfer(struct cl_zones *z, const struct cl_zone_note *n)
{
	unsigned i = find_transfer(z, n);
	const bool ends = (n->bits & CL_ZONE_ENDS) != 0;

	if (i == z->opened && (ends || (n->bits & CL_ZONE_BEGINS) == 0 || !begin_transfer(z, n)))
		return;
	if (i == CL_ZONE_TRANSFERS_OPEN) /* the oldest gave way */
		i--;
	struct cl_zone_transfer *t = &z->open[i];
	if (ends || n->gaps != t->gaps) {
		give_up(z, i);
		return;
	}
	t->octets += n->octets;
	t->odd ^= (n->transfer & CL_DNS_XFR_ODD) != 0;
	if ((n->transfer & CL_DNS_XFR_LAST) != 0 && n->soa_last == t->serial && !t->odd)
		complete(z, i);
}

void cl_zones_note(void *zones, const struct cl_zone_note *n)
{
	struct cl_zones *z = zones;

	if (!z->any || n->time_ns > z->now_ns)
		z->now_ns = n->time_ns;
	z->any = true;
	if (n->what == CL_ZONE_NOTIFY)
		take_notify(z, n);
	else if (n->what == CL_ZONE_ANSWER)
		take_answer(z, n);
	else
		take_transfer(z, n);
}

/* Forgetting ------------------------------------------------------------------ */

int64_t cl_zone_row_first(const struct cl_zone_row *row)
{
	int64_t first = row->notified_ns;

	lower_to(&first, row->sent_ns);
	lower_to(&first, row->answered_ns);
	lower_to(&first, row->transfer_ns);
	return first;
}

int64_t cl_zone_row_last(const struct cl_zone_row *row)
{
	const int64_t times[] = { row->notified_ns, row->sent_ns, row->answered_ns, row->transfer_ns };
	int64_t last = INT64_MIN;

	for (unsigned i = 0; i < sizeof times / sizeof *times; i++)
		if (times[i] != CL_ZONE_NEVER && times[i] > last)
			last = times[i];
	return last;
}

/* Whether a time is so many days ago. Captures can hold any times. */
static bool is_old(const struct cl_zones *z, int64_t ns, int64_t days)
{
	int64_t age;

	return __builtin_sub_overflow(z->now_ns, ns, &age) ? z->now_ns > ns : age > days * NS_PER_DAY;
}

static void keep_zones(struct cl_zones *z, const struct cl_zone_tables *old)
{
	for (uint32_t i = 0; i < old->zones.count; i++) {
		const struct cl_zone *zone = cl_arena_at(&old->zones, i);

		if (zone->notified_ns == CL_ZONE_NEVER || is_old(z, zone->notified_ns, CL_ZONE_DAYS))
			continue;
		const uint32_t number = cl_zones_zone(z, zone->wire, zone->octets);
		if (number == NONE)
			continue;
		cl_zone_at(z, number)->notified_ns = zone->notified_ns;
		z->answers = true;
	}
}

static void keep_rows(struct cl_zones *z, const struct cl_zone_tables *old)
{
	for (uint32_t i = 0; i < old->rows.count; i++) {
		const struct cl_zone_row *row = cl_arena_at(&old->rows, i);
		const struct cl_zone *zone = cl_arena_at(&old->zones, row->zone);

		if (is_old(z, cl_zone_row_last(row), CL_ZONE_ROW_DAYS))
			continue;
		const uint32_t zone_number = cl_zones_zone(z, zone->wire, zone->octets);
		const uint32_t number =
			zone_number != NONE ? cl_zones_row(z, &row->server, zone_number, row->serial) : NONE;
		if (number == NONE)
			continue;
		*cl_zone_row_at(z, number) = *row;
		cl_zone_row_at(z, number)->zone = zone_number;
	}
}

void cl_zones_forget(struct cl_zones *z)
{
	struct cl_zone_tables old = z->tables;

	while (z->opened > 0 && is_old(z, z->open[0].begun_ns, 1))
		give_up(z, 0);
	if (!old.ready || z->opened > 0) /* transfers know their rows by number */
		return;
	z->tables = (struct cl_zone_tables){ .ready = false };
	if (!tables_ready(&z->tables)) {
		tables_free(&z->tables);
		z->tables = old;
		return;
	}
	cl_stored_clear(&z->stored);
	z->answers = false;
	keep_zones(z, &old);
	keep_rows(z, &old);
	tables_free(&old);
}
