/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/namesday.h"

#include <string.h>

const char *const cl_names_levels[CL_NAMES_LEVELS] = { "all", "top", "second", "registered" };

#define RCODE_NXDOMAIN 3u

bool cl_namesday_init(struct cl_names_day *d, const struct cl_suffixes *suffixes, uint64_t seed)
{
	*d = (struct cl_names_day){ .suffixes = suffixes, .seed = seed };
	return cl_keyed_init(&d->names, sizeof(struct cl_name_count), sizeof(struct cl_name_key),
			     (size_t)CL_NAMES_LEVELS * (CL_NAMEDAY_MAX + 1), seed);
}

void cl_namesday_free(struct cl_names_day *d)
{
	for (size_t i = 0; i < cl_namesday_count(d); i++)
		cl_hll_free(&((struct cl_name_count *)cl_keyed_at(&d->names, i))->clients);
	cl_keyed_free(&d->names);
}

/* A level's row of a name; that of all beyond the limit where there is no room. NULL: memory is short. */
static struct cl_name_count *row_of(struct cl_names_day *d, enum cl_names_level level, const uint8_t *wire,
				    size_t octets)
{
	struct cl_name_key key = { .level = (uint8_t)level, .octets = (uint8_t)octets };
	bool fresh;

	if (octets > 0)
		memcpy(key.wire, wire, octets);
	struct cl_name_count *row = cl_keyed_find(&d->names, &key);
	if (row != NULL)
		return row;
	if (octets > 0 && d->of[level] >= CL_NAMEDAY_MAX)
		return row_of(d, level, NULL, 0);
	row = cl_keyed_get(&d->names, &key, &fresh);
	d->of[level] += row != NULL && octets > 0;
	return row;
}

/* Counts a query (of a client) or a response with NXDOMAIN. */
static void count(struct cl_names_day *d, enum cl_names_level level, const uint8_t *wire, size_t octets,
		  const struct cl_addr *client, bool nxdomain)
{
	struct cl_name_count *row = row_of(d, level, wire, octets);

	if (row == NULL) {
		d->unsketched += client != NULL;
		return;
	}
	row->nxdomain += nxdomain;
	if (client == NULL)
		return;
	row->queries++;
	size_t before = cl_hll_held(&row->clients);
	if (d->held >= CL_NAMES_SKETCHES && row->clients.all == NULL)
		d->unsketched++;
	else if (!cl_hll_add(&row->clients, cl_hll_client(client)))
		d->unsketched++;
	d->held += cl_hll_held(&row->clients) - before;
}

static void take_message(struct cl_names_day *d, const struct cl_message *m, bool query)
{
	uint8_t wire[CL_NAME_OCTETS], at[CL_NAME_LABELS];
	bool nxdomain = !query && m->event->u.dns.rcode == RCODE_NXDOMAIN;
	size_t n;
	const uint8_t *name = cl_note_piece(m->note, CL_PIECE_QNAME, &n);

	if (name == NULL || n > sizeof wire || (!query && !nxdomain))
		return;
	const struct cl_addr *client = query ? &m->event->src : NULL;
	cl_name_fold(name, n, wire);
	size_t labels = cl_name_labels(wire, n, at);
	size_t top = labels >= 1 ? at[labels - 1] : n - 1, second = labels >= 2 ? at[labels - 2] : top;

	count(d, CL_NAMES_ALL, NULL, 0, client, nxdomain);
	count(d, CL_NAMES_TOP, wire + top, n - top, client, nxdomain);
	count(d, CL_NAMES_SECOND, wire + second, n - second, client, nxdomain);
	if (d->suffixes == NULL)
		return;
	size_t registered = cl_suffixes_domain(d->suffixes, wire, n);
	count(d, CL_NAMES_REGISTERED, wire + registered, n - registered, client, nxdomain);
}

void cl_namesday_take(struct cl_names_day *d, const struct cl_exchange *x)
{
	if (x->kind != CL_X_DNS)
		return;
	if (x->request.event != NULL)
		take_message(d, &x->request, true);
	if (x->response.event != NULL)
		take_message(d, &x->response, false);
}
