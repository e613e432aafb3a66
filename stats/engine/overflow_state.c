/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients beyond the limit where a capture ends: a row of `state` for each service that has some. Numbers of
 * 8 octets, little endian: service, requests of the day and of the month, instant that cells count from,
 * cells; then, if there are sketches, their registers and the cells that are not 0, each a place and a cell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/engine/engine_state.h"

#define HEAD   5u
#define CELLS  ((size_t)CL_RECENT_RANKS * CL_RECENT_REGISTERS)
#define OCTETS sizeof(((struct cl_beyond_sketches *)NULL)->set)
#define PLACED 8u /* octets of a cell with its place */

static void put(uint8_t **at, uint64_t v, unsigned octets)
{
	for (unsigned i = 0; i < octets; i++)
		*(*at)++ = (uint8_t)(v >> 8 * i);
}

static uint64_t take(const uint8_t **at, unsigned octets)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < octets; i++)
		v |= (uint64_t) * (*at)++ << 8 * i;
	return v;
}

static size_t cells_in_use(const struct cl_recent *r)
{
	size_t n = 0;

	for (size_t i = 0; i < CELLS; i++)
		n += r->cell[i / CL_RECENT_REGISTERS][i % CL_RECENT_REGISTERS] != 0;
	return n;
}

static void save_service(const struct cl_engine *e, struct cl_query *q, uint32_t service,
			 const struct cl_beyond *b)
{
	const struct cl_beyond_sketches *s = b->sketches;
	size_t cells = s != NULL ? cells_in_use(&s->recent) : 0;
	uint8_t *octets = malloc(HEAD * 8 + (s != NULL ? OCTETS : 0) + cells * PLACED), *at = octets;
	char key[32];

	if (octets == NULL) {
		cl_store_fail(e->store, CL_ENOMEM);
		return;
	}
	put(&at, service, 8);
	put(&at, b->requests[CL_BEYOND_DAY], 8);
	put(&at, b->requests[CL_BEYOND_MONTH], 8);
	put(&at, (uint64_t)e->windows.base, 8);
	put(&at, cells, 8);
	if (s != NULL)
		memcpy(at, s->set, OCTETS);
	at += s != NULL ? OCTETS : 0;
	for (size_t i = 0; cells > 0 && i < CELLS; i++) {
		uint32_t cell = s->recent.cell[i / CL_RECENT_REGISTERS][i % CL_RECENT_REGISTERS];

		if (cell == 0)
			continue;
		put(&at, i, 4);
		put(&at, cell, 4);
	}
	snprintf(key, sizeof key, "beyond.%06u", service);
	cl_query_bind_text(q, 2, key);
	cl_query_bind_blob(q, 3, octets, (size_t)(at - octets));
	cl_query_run(q);
	free(octets);
}

void cl_overflow_save(const struct cl_engine *e)
{
	struct cl_query *clear =
		cl_query_new(e->store, "DELETE FROM state WHERE source_id = ?1 AND key GLOB 'beyond.*'");
	struct cl_query *q = cl_query_new(e->store, "INSERT INTO state VALUES(?1, ?2, ?3)");

	cl_query_run(clear);
	cl_query_free(clear);
	for (uint32_t i = 0; i < e->overflow.services; i++) {
		const struct cl_beyond *b = &e->overflow.service[i];

		if (b->requests[CL_BEYOND_DAY] + b->requests[CL_BEYOND_MONTH] > 0 || b->sketches != NULL)
			save_service(e, q, i, b);
	}
	cl_query_free(q);
}

/* Instants count from another time now than when the cell was saved; 0: too long ago, or damaged. */
static uint32_t cell_now(const struct cl_windows *w, int64_t base, uint64_t cell)
{
	int64_t since, instant = (int64_t)((cell - 1) / w->phases);

	if (cell == 0 || __builtin_sub_overflow(base, w->base, &since) ||
	    __builtin_add_overflow(instant, since, &instant) || instant < 1 ||
	    instant > INT32_MAX / w->phases)
		return 0;
	return (uint32_t)(instant * w->phases + (int64_t)((cell - 1) % w->phases) + 1);
}

static void load_recent(const struct cl_engine *e, struct cl_recent *r, int64_t base, const uint8_t *at,
			size_t cells)
{
	for (; cells > 0; cells--) {
		uint64_t place = take(&at, 4);
		uint32_t cell = cell_now(&e->windows, base, take(&at, 4));

		if (place >= CELLS || cell > e->moment.cell)
			continue; /* damaged */
		size_t rank = place / CL_RECENT_REGISTERS;
		r->cell[rank][place % CL_RECENT_REGISTERS] = cell;
		if (cell > r->newest[rank])
			r->newest[rank] = cell;
	}
}

static void load_service(struct cl_engine *e, const uint8_t *at, size_t n)
{
	if (n < HEAD * 8)
		return; /* damaged */
	uint64_t service = take(&at, 8), day = take(&at, 8), month = take(&at, 8);
	int64_t base = (int64_t)take(&at, 8);
	uint64_t cells = take(&at, 8);
	bool sketches = n >= HEAD * 8 + OCTETS;

	if (service >= e->services.count || cells > CELLS ||
	    n != HEAD * 8 + (sketches ? OCTETS + cells * PLACED : 0))
		return;
	struct cl_beyond *b = cl_overflow_at(&e->overflow, (uint32_t)service, sketches);
	if (b == NULL)
		return;
	b->requests[CL_BEYOND_DAY] = day;
	b->requests[CL_BEYOND_MONTH] = month;
	e->overflow.any |= day + month > 0;
	if (!sketches || b->sketches == NULL)
		return;
	memcpy(b->sketches->set, at, OCTETS);
	load_recent(e, &b->sketches->recent, base, at + OCTETS, cells);
	cl_services_wake(&e->services, (uint32_t)service);
}

void cl_overflow_load(struct cl_engine *e)
{
	struct cl_query *q =
		cl_query_new(e->store, "SELECT value FROM state WHERE source_id = ?1 AND key GLOB "
				       "'beyond.*' ORDER BY key");

	while (cl_query_row(q)) {
		size_t n;
		const uint8_t *at = cl_query_blob(q, 0, &n);

		if (at != NULL)
			load_service(e, at, n);
	}
	cl_query_free(q);
}
