/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS Magnitude: a data set a UTC day as ICANN exchanges them, a CBOR map (RFC 8949), from name_day. */
#include <stdlib.h>
#include <string.h>

#include "cli/export/export.h"
#include "cli/log.h"
#include "dissect/hash.h"
#include "stats/table/hll.h"

#define DOMAINS_MAX 2500u /* of a data set */
#define TAG_DATE    1004u /* RFC 8943 */

/* A domain, or all. */
struct domain {
	char *name; /* owned */
	uint64_t queries, clients;
	struct cl_hll sketch;
};

struct domains {
	struct domain *row;
	size_t n, room;
};

/* CBOR ------------------------------------------------------------------------- */

enum { CBOR_UINT = 0, CBOR_BYTES = 2, CBOR_TEXT = 3, CBOR_MAP = 5, CBOR_TAG = 6 };

/* A head in its shortest form. */
static void put_head(FILE *f, unsigned major, uint64_t v)
{
	unsigned octets = v < 24 ? 0 : v <= UINT8_MAX ? 1 : v <= UINT16_MAX ? 2 : v <= UINT32_MAX ? 4 : 8;
	unsigned info = octets == 0   ? (unsigned)v
			: octets == 1 ? 24
			: octets == 2 ? 25
			: octets == 4 ? 26
				      : 27;

	fputc((int)(major << 5 | info), f);
	for (unsigned i = octets; i-- > 0;)
		fputc((int)(v >> 8 * i & 0xff), f);
}

static void put_text(FILE *f, const char *text)
{
	size_t n = strlen(text);

	put_head(f, CBOR_TEXT, n);
	fwrite(text, 1, n, f);
}

static void put_number(FILE *f, const char *key, uint64_t v)
{
	put_text(f, key);
	put_head(f, CBOR_UINT, v);
}

static void put_sketch(FILE *f, const char *key, const struct cl_hll *h, uint8_t *room)
{
	size_t n = cl_hll_put(h, room);

	put_text(f, key);
	put_head(f, CBOR_BYTES, n);
	fwrite(room, 1, n, f);
}

/* Domains ---------------------------------------------------------------------- */

static void free_domains(struct domains *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->row[i].name);
		cl_hll_free(&d->row[i].sketch);
	}
	free(d->row);
}

/* The row of a name: the last one, or a new one. NULL when memory is short. */
static struct domain *domain_of(struct domains *d, const char *name)
{
	if (d->n > 0 && strcmp(d->row[d->n - 1].name, name) == 0)
		return &d->row[d->n - 1];
	if (d->n == d->room) {
		size_t room = d->room == 0 ? 64 : d->room * 2;
		struct domain *row = realloc(d->row, room * sizeof *row);

		if (row == NULL)
			return NULL;
		d->row = row;
		d->room = room;
	}
	struct domain *one = &d->row[d->n];
	*one = (struct domain){ .name = strdup(name) };
	if (one->name == NULL)
		return NULL;
	d->n++;
	return one;
}

/* ^[a-z][a-z0-9-]*[a-z0-9]$ */
static bool is_domain(const char *name)
{
	size_t n = strlen(name), plain = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n >= 2 && plain == n && name[0] >= 'a' && name[n - 1] != '-';
}

/* A level's rows of a day, those of several sources united. */
static bool read_level(struct cl_export *e, int64_t day, const char *level, struct domains *out)
{
	struct cl_query *q =
		cl_query_new(e->session->store, "SELECT name, queries, sketch FROM name_day WHERE "
						"day = ?2 AND level = ?3 ORDER BY name");
	bool all = strcmp(level, "all") == 0, ok = true;

	cl_query_bind_i64(q, 2, day);
	cl_query_bind_text(q, 3, level);
	while (ok && cl_query_row(q)) {
		size_t n;
		const uint8_t *sketch = cl_query_blob(q, 2, &n);
		const char *name = cl_query_text(q, 0);

		if (name == NULL || (!all && !is_domain(name)))
			continue;
		struct domain *one = domain_of(out, name);
		ok = one != NULL;
		if (!ok)
			break;
		one->queries += cl_query_u64(q, 1);
		if (sketch == NULL || !cl_hll_take(&one->sketch, sketch, n))
			cl_warn(name, "has a damaged sketch of its clients, which is left out");
	}
	cl_query_free(q);
	for (size_t i = 0; i < out->n; i++)
		out->row[i].clients = cl_hll_estimate(&out->row[i].sketch);
	if (!ok)
		cl_error("memory", "not enough for the names of a day");
	return ok;
}

static int by_clients(const void *a, const void *b)
{
	const struct domain *x = a, *y = b;

	if (x->clients != y->clients)
		return x->clients < y->clients ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Of the same day and figures always the same: version 8 of RFC 9562. */
static void put_id(FILE *f, const char *date, const struct domain *all, uint8_t *room)
{
	size_t n = cl_hll_put(&all->sketch, room);
	uint64_t a = cl_hash(date, strlen(date), all->queries), b = cl_hash(room, n, 0);
	char text[40];

	snprintf(text, sizeof text, "%08x-%04x-8%03x-%04x-%012llx", (uint32_t)(a >> 32),
		 (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff), (unsigned)(0x8000 | (b >> 48 & 0x3fff)),
		 (unsigned long long)(b & 0xffffffffffff));
	put_text(f, "id");
	put_text(f, text);
}

static void put_day(FILE *f, const struct cl_export_day *d, const struct domain *all,
		    const struct domains *top, uint8_t *room)
{
	size_t n = top->n < DOMAINS_MAX ? top->n : DOMAINS_MAX;

	put_head(f, CBOR_MAP, 8);
	put_number(f, "version", 1);
	put_id(f, d->date, all, room);
	put_text(f, "generator");
	put_text(f, "clientele");
	put_text(f, "date");
	put_head(f, CBOR_TAG, TAG_DATE);
	put_text(f, d->date);
	put_sketch(f, "all_clients_hll", &all->sketch, room);
	put_number(f, "all_clients_count", all->clients);
	put_number(f, "all_queries_count", all->queries);
	put_text(f, "domains");
	put_head(f, CBOR_MAP, n);
	for (size_t i = 0; i < n; i++) {
		put_text(f, top->row[i].name);
		put_head(f, CBOR_MAP, 3);
		put_sketch(f, "clients_hll", &top->row[i].sketch, room);
		put_number(f, "clients_count", top->row[i].clients);
		put_number(f, "queries_count", top->row[i].queries);
	}
}

static bool write_day(struct cl_export *e, const struct cl_export_day *d)
{
	struct domains all = { .row = NULL }, top = { .row = NULL };
	uint8_t *room = malloc(CL_HLL_OCTETS);
	bool ok = room != NULL && read_level(e, d->day, "all", &all) && read_level(e, d->day, "top", &top);

	if (ok && all.n == 0) {
		cl_warn(d->date, "names were not counted: they are with read --keep names");
	} else if (ok) {
		char name[64];

		if (top.n > 1)
			qsort(top.row, top.n, sizeof *top.row, by_clients);
		snprintf(name, sizeof name, "%s-magnitude.cbor", d->date);
		FILE *f = cl_export_begin(e, name);
		if (f != NULL)
			put_day(f, d, &all.row[0], &top, room);
		ok = f != NULL && cl_export_end(e, f);
	}
	free_domains(&all);
	free_domains(&top);
	free(room);
	return ok;
}

static bool run(struct cl_export *e)
{
	if (e->session->options->nservers > 0)
		cl_warn("--server", "names of a database are of all its servers");
	return cl_export_days(e, write_day);
}

const struct cl_export_format cl_export_magnitude = { .name = "magnitude", .run = run };
