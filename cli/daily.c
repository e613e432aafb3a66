/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/daily.h"

#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/userfile/signatures.h"
#include "cli/userfile/suffixfile.h"
#include "cli/view/view.h"
#include "stats/view/namesday.h"
#include "stats/view/software.h"

#define NS_PER_DAY INT64_C(86400000000000)

struct cl_daily {
	struct cl_store *store; /* borrowed */
	uint64_t seed;
	bool keeps_software, keeps_names;
	struct cl_signatures *signatures;
	struct cl_suffixes *suffixes;
	struct cl_software *software; /* of the day that is open */
	struct cl_names_day names;
	bool open;
	int64_t day;
};

/* Whether the store keeps it; from now on if it is `asked` for. */
static bool keeps(struct cl_store *s, const char *key, bool asked)
{
	struct cl_query *q = cl_query_new(s, "SELECT 1 FROM meta WHERE key = ?2");
	bool kept;

	cl_query_bind_text(q, 2, key);
	kept = cl_query_row(q);
	cl_query_free(q);
	if (kept || !asked)
		return kept;
	q = cl_query_new(s, "INSERT INTO meta VALUES(?2, 'day')");
	cl_query_bind_text(q, 2, key);
	cl_query_run(q);
	cl_query_free(q);
	return true;
}

bool cl_daily_new(struct cl_session *s, struct cl_daily **out)
{
	const struct cl_options *o = s->options;
	bool software = keeps(s->store, "keep_software", o->keep_software);
	bool names = keeps(s->store, "keep_names", o->keep_names);

	*out = NULL;
	if (!software && !names)
		return true;
	struct cl_daily *d = calloc(1, sizeof *d);
	if (d == NULL) {
		cl_error("memory", "not enough to begin");
		return false;
	}
	*d = (struct cl_daily){ .store = s->store,
				.seed = s->config.engine.seed,
				.keeps_software = software,
				.keeps_names = names };
	*out = d;
	if (software && (d->signatures = cl_signatures_load(o->signatures)) == NULL)
		return false;
	return !names || o->suffixes == NULL || (d->suffixes = cl_suffixfile_read(o->suffixes)) != NULL;
}

unsigned cl_daily_kinds(const struct cl_daily *d)
{
	return (d->keeps_software ? CL_SOFTWARE_KINDS : 0u) | (d->keeps_names ? CL_X_BIT(CL_X_DNS) : 0u);
}

/* Software --------------------------------------------------------------------- */

/* Of a day that is written in parts, the finding of the one with more requests. */
#define ADD_CLIENT                                                                                           \
	"INSERT INTO client_software_day VALUES(?1, ?2, ?3, (SELECT software_id FROM software WHERE name = " \
	"?4 AND kind = ?5), ?6, ?7) ON CONFLICT DO UPDATE SET software_id = CASE WHEN excluded.requests > "  \
	"requests THEN excluded.software_id ELSE software_id END, confidence = CASE WHEN excluded.requests " \
	"> requests THEN excluded.confidence ELSE confidence END, requests = requests + excluded.requests"

static void bind_addr(struct cl_query *q, int at, const struct cl_addr *a)
{
	bool v4 = cl_addr_is_v4(a);

	cl_query_bind_blob(q, at, a->b + (v4 ? 12 : 0), v4 ? 4 : 16);
}

static void write_software(struct cl_daily *d)
{
	struct cl_query *name = cl_query_new(d->store, "INSERT OR IGNORE INTO software(name, kind) "
						       "VALUES(?2, ?3)");
	struct cl_query *add = cl_query_new(d->store, ADD_CLIENT);
	struct cl_software_totals t;
	struct cl_software_client c;
	const struct cl_software_group *before = NULL;

	cl_software_totals(d->software, &t);
	cl_query_bind_i64(add, 2, d->day);
	for (size_t i = 0; cl_software_top(d->software, SIZE_MAX, i, &c); i++) { /* of all kinds */
		if (c.group != before) { /* named already, as a rule */
			cl_query_bind_text(name, 2, c.group->name);
			cl_query_bind_text(name, 3, cl_sig_kinds[c.group->kind]);
			cl_query_run(name);
			before = c.group;
		}
		bind_addr(add, 3, &c.addr);
		cl_query_bind_text(add, 4, c.group->name);
		cl_query_bind_text(add, 5, cl_sig_kinds[c.group->kind]);
		cl_query_bind_i64(add, 6, (int64_t)c.requests);
		cl_query_bind_i64(add, 7, c.confidence);
		cl_query_run(add);
	}
	if (t.given_up > 0)
		cl_warn("--keep software", "%llu requests of clients found no room",
			(unsigned long long)t.given_up);
	cl_query_free(name);
	cl_query_free(add);
}

/* Names ------------------------------------------------------------------------ */

/* What the day's row has already, of a part of it that was read before. */
static void unite_stored(struct cl_query *find, const char *level, const char *name, struct cl_hll *clients,
			 uint64_t *queries, uint64_t *nxdomain)
{
	size_t n;

	cl_query_bind_text(find, 3, level);
	cl_query_bind_text(find, 4, name);
	if (cl_query_row(find)) {
		const uint8_t *stored = cl_query_blob(find, 2, &n);

		*queries += cl_query_u64(find, 0);
		*nxdomain += cl_query_u64(find, 1);
		if (stored != NULL)
			cl_hll_take(clients, stored, n);
	}
	cl_query_again(find);
}

static void write_name(struct cl_query *find, struct cl_query *put, const struct cl_name_count *c,
		       uint8_t *room)
{
	const char *level = cl_names_levels[c->key.level];
	struct cl_hll clients = { .list = NULL };
	uint64_t queries = c->queries, nxdomain = c->nxdomain;
	char name[CL_NAME_TEXT] = "";

	if (c->key.octets > 0)
		cl_name_text(c->key.wire, c->key.octets, name);
	cl_hll_unite(&clients, &c->clients);
	unite_stored(find, level, name, &clients, &queries, &nxdomain);
	cl_query_bind_text(put, 3, level);
	cl_query_bind_text(put, 4, name);
	cl_query_bind_i64(put, 5, (int64_t)queries);
	cl_query_bind_i64(put, 6, (int64_t)nxdomain);
	cl_query_bind_i64(put, 7, (int64_t)cl_hll_estimate(&clients));
	cl_query_bind_blob(put, 8, room, cl_hll_put(&clients, room));
	cl_query_run(put);
	cl_hll_free(&clients);
}

static void write_names(struct cl_daily *d)
{
	struct cl_query *find = cl_query_new(d->store, "SELECT queries, nxdomain, sketch FROM name_day WHERE "
						       "source_id = ?1 AND day = ?2 AND level = ?3 AND name "
						       "= ?4");
	struct cl_query *put = cl_query_new(d->store, "INSERT OR REPLACE INTO name_day VALUES(?1, ?2, ?3, "
						      "?4, ?5, ?6, ?7, ?8)");
	uint8_t *room = malloc(CL_HLL_OCTETS);

	if (room == NULL)
		cl_store_fail(d->store, CL_ENOMEM);
	cl_query_bind_i64(find, 2, d->day);
	cl_query_bind_i64(put, 2, d->day);
	for (size_t i = 0; room != NULL && i < cl_namesday_count(&d->names); i++)
		write_name(find, put, cl_namesday_at(&d->names, i), room);
	if (d->names.unsketched > 0)
		cl_warn("--keep names", "clients of %llu queries found no room: their numbers are too low",
			(unsigned long long)d->names.unsketched);
	free(room);
	cl_query_free(find);
	cl_query_free(put);
}

/* Days ------------------------------------------------------------------------- */

static void close_day(struct cl_daily *d)
{
	cl_software_free(d->software);
	d->software = NULL;
	if (d->keeps_names)
		cl_namesday_free(&d->names);
	d->open = false;
}

void cl_daily_finish(struct cl_daily *d)
{
	if (!d->open)
		return;
	if (d->software != NULL)
		write_software(d);
	if (d->keeps_names)
		write_names(d);
	close_day(d);
}

static void open_day(struct cl_daily *d, int64_t day)
{
	cl_daily_finish(d);
	d->day = day;
	d->open = true;
	if (d->keeps_software && (d->software = cl_software_new(d->signatures, d->seed, NULL)) == NULL)
		cl_store_fail(d->store, CL_ENOMEM);
	if (d->keeps_names && !cl_namesday_init(&d->names, d->suffixes, d->seed))
		cl_store_fail(d->store, CL_ENOMEM);
}

void cl_daily_take(struct cl_daily *d, const struct cl_exchange *x)
{
	const struct cl_event *first = cl_exchange_first(x)->event;
	int64_t day = cl_floor_div(first->time_ns, NS_PER_DAY);

	/* those of the run before, told again because they were open, have been taken by it */
	if (first->file > INT32_MAX || (cl_daily_kinds(d) & CL_X_BIT(x->kind)) == 0)
		return;
	if (!d->open || day > d->day) /* what comes late counts where it is read */
		open_day(d, day);
	if (cl_store_error(d->store) != NULL)
		return;
	if (d->software != NULL)
		cl_software_take(d->software, x);
	if (d->keeps_names)
		cl_namesday_take(&d->names, x);
}

void cl_daily_free(struct cl_daily *d)
{
	if (d == NULL)
		return;
	if (d->open)
		close_day(d);
	cl_signatures_free(d->signatures);
	cl_suffixes_free(d->suffixes);
	free(d);
}
