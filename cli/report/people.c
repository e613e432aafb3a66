/* SPDX-License-Identifier: BSD-2-Clause */
/* The clients of the days, from their rows in one ordered reading. */
#include <stdlib.h>

#include "cli/log.h"
#include "cli/report/report.h"
#include "stats/store/stored_clients.h"

#define NS_PER_DAY INT64_C(86400000000000)

/* The first day of a day's month. */
#define MONTH(day) "CAST(strftime('%s', " day " * 86400, 'unixepoch', 'start of month') AS INTEGER) / 86400"

/* Servers by their service: a few, or a bisection among many. */
struct place {
	int64_t service_id;
	enum cl_proto proto;
	uint32_t at;
};

struct reading {
	struct cl_report *r;
	struct place *place;
	size_t places;
	const struct place *last; /* rows of one server follow each other */
	size_t day;		  /* that is read */
	int64_t midnight_ns;	  /* its begin */
};

static int by_id(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->service_id > y->service_id) - (x->service_id < y->service_id);
}

static bool find_places(struct reading *g)
{
	const struct cl_report *r = g->r;

	g->place = malloc((r->subjects + 1) * sizeof *g->place);
	if (g->place == NULL)
		return false;
	for (size_t i = 0; i < r->subjects; i++)
		if (!r->subject[i].all)
			g->place[g->places++] = (struct place){ r->subject[i].service_id, r->subject[i].proto,
								r->subject[i].place };
	if (g->places > 0)
		qsort(g->place, g->places, sizeof *g->place, by_id);
	return true;
}

static const struct place *place_of(struct reading *g, int64_t service_id)
{
	const struct place key = { .service_id = service_id };

	if (g->last == NULL || g->last->service_id != service_id)
		g->last = g->places > 0 ? bsearch(&key, g->place, g->places, sizeof key, by_id) : NULL;
	return g->last;
}

/* How far it is, for who watches: `day` from 0, or -1 for what lies before. */
static void tell(const struct reading *g, int day)
{
	char line[64];

	if (!g->r->progress.enabled)
		return;
	if (day < 0)
		snprintf(line, sizeof line, "clients of the time before");
	else
		snprintf(line, sizeof line, "clients of day %d of %zu", day + 1, g->r->days);
	cl_log_status(line);
}

/* Takes a row of the time before; a cl_stored_client_fn. */
static void take_before(void *ctx, const struct cl_stored_client *row)
{
	struct reading *g = ctx;
	const struct place *p = place_of(g, row->service_id);

	if (p != NULL)
		cl_population_before(g->r->people, &row->addr, p->proto, p->at);
}

#define ASKED CL_STORED_CLIENT("service_id", "addr", "1", "0", "0", "0")

/* Who was there before: months that are over, and days since. */
static void read_before(struct reading *g)
{
	static const char *const sql[] = {
		"SELECT " ASKED
		" FROM source CROSS JOIN client_month AS c ON c.source_id = source.source_id AND "
		"c.day < " MONTH("?2") " WHERE requests > 0",
		"SELECT " ASKED
		" FROM source CROSS JOIN client_day AS c ON c.source_id = source.source_id AND "
		"c.day < ?2 AND (c.day >= " MONTH("?2") " OR c.day > coalesce(closed_day, -1000000)) WHERE "
							"requests > 0",
	};

	tell(g, -1);
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		cl_stored_clients(g->r->s->store, sql[i], g->r->o->day_from, 0, take_before, g);
}

/* Takes a row of a day; a cl_stored_client_fn. */
static void take_row(void *ctx, const struct cl_stored_client *row)
{
	struct reading *g = ctx;
	const struct place *p = place_of(g, row->service_id);

	if (p != NULL)
		cl_population_add(g->r->people,
				  &(struct cl_population_row){ .addr = row->addr,
							       .proto = p->proto,
							       .server = p->at,
							       .day = g->day,
							       .requests = row->requests,
							       .first_ns = g->midnight_ns + row->first_ns,
							       .last_ns = g->midnight_ns + row->last_ns });
}

static void read_days(struct reading *g)
{
	struct cl_report *r = g->r;

	for (g->day = 0; g->day < r->days; g->day++) {
		g->midnight_ns = cl_report_day_ns(r, g->day);
		tell(g, (int)g->day);
		cl_stored_clients_of_day(r->s->store, r->o->day_from + (int64_t)g->day, take_row, g);
	}
}

static void find_known_from(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT min(day) FROM day");

	r->known_from = cl_query_row(q) && !cl_query_null(q, 0) ? cl_query_day(q, 0) : r->o->day_from;
	cl_query_free(q);
}

/* Counts all clients. Their rows are fewer than clients where --max-memory left some out, or a database no
 * longer keeps days. */
static void count_clients(struct cl_report *r)
{
	uint64_t count[CL_PROTOS] = { 0 };
	struct cl_population_client c;

	for (size_t i = 0; i < cl_population_size(r->people); i++) {
		if (!cl_population_client(r->people, i, &c))
			continue;
		*(cl_addr_is_v4(&c.addr) ? &r->clients.ipv4 : &r->clients.ipv6) += 1;
		for (unsigned p = 0; p < CL_PROTOS; p++)
			count[p] += c.requests[p] > 0;
	}
	for (unsigned p = 0; p < CL_PROTOS; p++) {
		const struct cl_report_subject *all = cl_report_all(r, (enum cl_proto)p);

		r->people_short |= all != NULL && count[p] < all->clients.ipv4 + all->clients.ipv6;
	}
}

bool cl_report_people(struct cl_report *r)
{
	struct reading g = { .r = r };

	r->people = cl_population_new(cl_random_seed(), r->days);
	if (r->people == NULL || !find_places(&g)) {
		cl_store_fail(r->s->store, CL_ENOMEM);
		return false;
	}
	find_known_from(r);
	read_before(&g);
	g.last = NULL;
	read_days(&g);
	free(g.place);
	if (cl_population_failed(r->people))
		cl_store_fail(r->s->store, CL_ENOMEM);
	else
		count_clients(r);
	return cl_store_error(r->s->store) == NULL;
}
