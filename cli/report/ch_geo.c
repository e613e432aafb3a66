/* SPDX-License-Identifier: BSD-2-Clause */
/* Where clients are, by files that the user gives. */
#include <stdlib.h>
#include <string.h>

#include "cli/report/report.h"
#include "stats/table/index.h"

/* Different places that are told apart; further ones are "others". */
#define PLACES_MOST 200000u

/* Rows of a table for people. */
#define ROWS_MOST 250u

struct place {
	char name[CL_GEO_STRLEN];
	uint64_t clients, requests;
	bool known;
};

/* Places by their name. */
struct places {
	struct place *place;
	size_t count, room;
	uint32_t *slot; /* open addressing, at most half full: numbers plus 1 */
	size_t mask;
	bool failed;
};

static uint64_t hash_of(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

static uint32_t *find(const struct places *p, const char *name)
{
	size_t at = hash_of(name) & p->mask;

	while (p->slot[at] != 0 && strcmp(p->place[p->slot[at] - 1].name, name) != 0)
		at = (at + 1) & p->mask;
	return &p->slot[at];
}

static bool grow(struct places *p)
{
	size_t room = p->room > 0 ? p->room * 2 : 256;
	struct place *place = realloc(p->place, room * sizeof *place);

	if (place == NULL)
		return false;
	p->place = place;
	uint32_t *slot = calloc(room * 2, sizeof *slot);
	if (slot == NULL)
		return false;
	free(p->slot);
	p->slot = slot;
	p->room = room;
	p->mask = room * 2 - 1;
	for (size_t i = 0; i < p->count; i++)
		*find(p, p->place[i].name) = (uint32_t)i + 1;
	return true;
}

static void add(struct places *p, const char *name, bool known, uint64_t requests)
{
	uint32_t *slot = NULL;

	if (p->count >= PLACES_MOST && *find(p, name) == 0)
		name = "others";
	if (p->count == p->room && !grow(p)) {
		p->failed = true;
		return;
	}
	slot = find(p, name);
	if (*slot == 0) {
		p->place[p->count] = (struct place){ .known = known };
		snprintf(p->place[p->count].name, CL_GEO_STRLEN, "%s", name);
		*slot = (uint32_t)++p->count;
	}
	p->place[*slot - 1].clients++;
	p->place[*slot - 1].requests += requests;
}

/* Most clients first; what is not known comes last. */
static int by_clients(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->known != y->known)
		return x->known ? -1 : 1;
	if (x->clients != y->clients)
		return x->clients < y->clients ? 1 : -1;
	if (x->requests != y->requests)
		return x->requests < y->requests ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* By protocol: a client is looked up once. */
static void find_places(struct cl_report *r, enum cl_geo_what what, struct places p[CL_PROTOS])
{
	struct cl_population_client c;
	char name[CL_GEO_STRLEN];

	for (size_t i = 0; i < cl_population_size(r->people); i++) {
		if (!cl_population_client(r->people, i, &c))
			continue;
		bool known = cl_geo_find(r->geo, what, &c.addr, name);

		for (unsigned proto = 0; proto < CL_PROTOS; proto++)
			if (c.requests[proto] > 0 && !p[proto].failed)
				add(&p[proto], known ? name : "unknown", known, c.requests[proto]);
	}
	for (unsigned proto = 0; proto < CL_PROTOS; proto++)
		if (p[proto].failed)
			cl_store_fail(r->s->store, CL_ENOMEM);
		else if (p[proto].count > 0)
			qsort(p[proto].place, p[proto].count, sizeof *p[proto].place, by_clients);
}

static const struct cl_column columns[CL_GEO_WHATS][6] = {
	{ { "Country", "place", CL_COL_TEXT },
	  { "Proto", "proto", CL_COL_TEXT },
	  { "Clients", "clients", CL_COL_COUNT },
	  { "Share", "share", CL_COL_SHARE },
	  { "Requests", "requests", CL_COL_COUNT },
	  { "Share", "requests_share", CL_COL_SHARE } },
	{ { "Network", "place", CL_COL_TEXT },
	  { "Proto", "proto", CL_COL_TEXT },
	  { "Clients", "clients", CL_COL_COUNT },
	  { "Share", "share", CL_COL_SHARE },
	  { "Requests", "requests", CL_COL_COUNT },
	  { "Share", "requests_share", CL_COL_SHARE } },
	{ { "Label", "place", CL_COL_TEXT },
	  { "Proto", "proto", CL_COL_TEXT },
	  { "Clients", "clients", CL_COL_COUNT },
	  { "Share", "share", CL_COL_SHARE },
	  { "Requests", "requests", CL_COL_COUNT },
	  { "Share", "requests_share", CL_COL_SHARE } },
};

static size_t place_rows(struct cl_doc_table *t, enum cl_proto proto, const struct places *p)
{
	double clients = 0, requests = 0;
	size_t left_out = 0;

	for (size_t i = 0; i < p->count; i++) {
		clients += (double)p->place[i].clients;
		requests += (double)p->place[i].requests;
	}
	for (size_t i = 0; i < p->count; i++) {
		const struct place *x = &p->place[i];

		if (i >= ROWS_MOST && x->known) {
			left_out++;
			continue;
		}
		cl_doc_text(t, x->name);
		cl_doc_text(t, cl_report_proto[proto]);
		cl_doc_count(t, x->clients);
		cl_doc_share(t, cl_report_part((double)x->clients, clients));
		cl_doc_count(t, x->requests);
		cl_doc_share(t, cl_report_part((double)x->requests, requests));
	}
	return left_out;
}

static void table_places(struct cl_report *r, enum cl_geo_what what)
{
	static const char *const keys[] = { "countries", "networks", "labels" }, *const titles[] = {
		"Countries", "Networks (AS)", "Labels"
	};
	struct cl_doc_table *t = cl_doc_table(r->d, keys[what], titles[what], columns[what], 6, CL_DOC_SHOWN);
	struct places p[CL_PROTOS] = { { .count = 0 } };
	size_t left_out = 0;

	for (unsigned proto = 0; proto < CL_PROTOS; proto++)
		p[proto].failed = !grow(&p[proto]);
	find_places(r, what, p);
	for (unsigned proto = 0; proto < CL_PROTOS; proto++) {
		left_out += place_rows(t, (enum cl_proto)proto, &p[proto]);
		free(p[proto].place);
		free(p[proto].slot);
	}
	if (left_out > 0)
		cl_doc_say(r->d, "And %zu more with fewer clients.", left_out);
	for (unsigned proto = 0; proto < CL_PROTOS; proto++) {
		char title[64];

		snprintf(title, sizeof title, "%s clients: %s", cl_report_proto[proto], titles[what]);
		struct cl_doc_plot *plot = cl_doc_plot(r->d, t,
						       &(struct cl_doc_plot_of){ .title = title,
										 .x = 0,
										 .where = 1,
										 .is = cl_report_proto[proto],
										 .most = 20 });
		cl_doc_panel(plot, "share of clients", CL_UNIT_SHARE, false);
		cl_doc_series(plot, "clients", CL_SHAPE_BAR, 3, CL_FOLD_SUM);
	}
}

void cl_report_geo(struct cl_report *r)
{
	const char *source;

	if (r->subjects == 0)
		return;
	cl_doc_chapter(r->d, "geo", "Where clients are");
	if (r->geo == NULL) {
		cl_doc_say(r->d, r->o->no_geo ? "Left out, as --no-geo asks."
					      : "Not known: no file says it. --geo takes databases in "
						"MaxMind's format and lines "
						"PREFIX LABEL; Debian's package tor-geoipdb is taken where "
						"it is installed.");
		return;
	}
	for (unsigned what = 0; what < CL_GEO_WHATS; what++)
		if (cl_geo_says(r->geo, (enum cl_geo_what)what))
			table_places(r, (enum cl_geo_what)what);
	for (size_t i = 0; (source = cl_geo_source(r->geo, i)) != NULL; i++)
		cl_doc_say(r->d, "Source: %s.", source);
	cl_doc_say(r->d, "Looked up in these files when the report was made, not in the time it is of. Where "
			 "an address is "
			 "registered is not where its user is.");
}
