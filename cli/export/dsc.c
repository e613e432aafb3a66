/* SPDX-License-Identifier: BSD-2-Clause */
/* DSC: a file a minute with the data sets of its default configuration, as XML or JSON, from single messages.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/export/export.h"
#include "cli/log.h"
#include "cli/view/view.h"
#include "stats/view/dscsets.h"

#define NS_PER_S INT64_C(1000000000)
#define MINUTE	 60
#define OPEN_MAX 64u /* minutes that may get responses still */

struct minute {
	int64_t stop_s; /* a multiple of 60 */
	struct cl_dsc_interval cells;
};

struct writing {
	struct cl_export *e;
	bool json, failed;
	const char *folder;	   /* of the sensor, with a slash; "" if there is one alone */
	int64_t first_ns, last_ns; /* of the source */
	int64_t wait_ns;	   /* how long behind its request a response may come */
	struct minute open[OPEN_MAX];
	size_t opens; /* in the order of time */
	uint64_t refused, late;
};

/* Values ---------------------------------------------------------------------- */

static bool is_plain(const char *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)v[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '_' || c == ':' || c == '-'))
			return false;
	}
	return true;
}

/* RFC 4648 sec. 4. */
static void put_base64(FILE *f, const char *v, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = (uint32_t)(unsigned char)v[i] << 16;

		if (i + 1 < n)
			three |= (uint32_t)(unsigned char)v[i + 1] << 8;
		if (i + 2 < n)
			three |= (unsigned char)v[i + 2];
		fputc(digits[three >> 18], f);
		fputc(digits[three >> 12 & 63], f);
		fputc(i + 1 < n ? digits[three >> 6 & 63] : '=', f);
		fputc(i + 2 < n ? digits[three & 63] : '=', f);
	}
}

/* A value between quotes, and what says that it is not plain. */
static void put_value(const struct writing *w, FILE *f, const char *v, size_t n)
{
	if (is_plain(v, n)) {
		fwrite(v, 1, n, f);
		fputc('"', f);
		return;
	}
	put_base64(f, v, n);
	fputs(w->json ? "\", \"base64\": true" : "\" base64=\"1\"", f);
}

static void put_cell(const struct writing *w, FILE *f, const char *name, const char *v, size_t n,
		     uint64_t count, bool first)
{
	if (w->json)
		fprintf(f, "%s\n          { \"val\": \"", first ? "" : ",");
	else
		fprintf(f, "      <%s val=\"", name);
	put_value(w, f, v, n);
	fprintf(f, w->json ? ", \"count\": %llu }" : " count=\"%llu\"/>\n", (unsigned long long)count);
}

/* Arrays ---------------------------------------------------------------------- */

/* Cells of one first value, most first; those beyond the set's limit as how many and how much. */
static void put_group(const struct writing *w, FILE *f, const struct minute *m,
		      const struct cl_dsc_set_row *set, const struct cl_dsc_cell *const *cell, size_t n,
		      bool first)
{
	const struct cl_dsc_interval *d = &m->cells;
	size_t shown = set->most != 0 && n > set->most ? set->most : n;
	uint64_t rest = 0;

	if (w->json)
		fprintf(f, "%s\n      {\n        \"%s\": \"", first ? "" : ",", set->first);
	else
		fprintf(f, "    <%s val=\"", set->first);
	put_value(w, f, cl_dsc_first(d, cell[0]), cell[0]->first);
	if (w->json)
		fprintf(f, ",\n        \"%s\": [", set->second);
	else
		fputs(">\n", f);
	for (size_t i = 0; i < n; i++)
		if (i < shown)
			put_cell(w, f, set->second, cl_dsc_second(d, cell[i]), cell[i]->second, cell[i]->n,
				 i == 0);
		else
			rest += cell[i]->n;
	if (shown < n) {
		put_cell(w, f, set->second, "-:SKIPPED:-", 11, n - shown, false);
		put_cell(w, f, set->second, "-:SKIPPED_SUM:-", 15, rest, false);
	}
	if (w->json)
		fputs("\n        ]\n      }", f);
	else
		fprintf(f, "    </%s>\n", set->first);
}

static void begin_array(const struct writing *w, FILE *f, const struct cl_dsc_set_row *set, int64_t start_s,
			int64_t stop_s, bool first)
{
	if (w->json) {
		fprintf(f,
			"%s\n{\n  \"name\": \"%s\",\n  \"start_time\": %lld,\n  \"stop_time\": %lld,\n"
			"  \"dimensions\": [ \"%s\", \"%s\" ],\n  \"data\": [",
			first ? "" : ",", set->name, (long long)start_s, (long long)stop_s, set->first,
			set->second);
		return;
	}
	fprintf(f,
		"<array name=\"%s\" dimensions=\"2\" start_time=\"%lld\" stop_time=\"%lld\">\n"
		"  <dimension number=\"1\" type=\"%s\"/>\n  <dimension number=\"2\" type=\"%s\"/>\n  "
		"<data>\n",
		set->name, (long long)start_s, (long long)stop_s, set->first, set->second);
}

static bool same_first(const struct cl_dsc_interval *d, const struct cl_dsc_cell *a,
		       const struct cl_dsc_cell *b)
{
	return a->first == b->first && memcmp(cl_dsc_first(d, a), cl_dsc_first(d, b), a->first) == 0;
}

static void put_array(const struct writing *w, FILE *f, const struct minute *m, enum cl_dsc_set which,
		      const struct cl_dsc_cell **cell, int64_t start_s, int64_t stop_s)
{
	const struct cl_dsc_set_row *set = &cl_dsc_sets[which];
	size_t n = cl_dsc_cells(&m->cells, which, cell), end;

	begin_array(w, f, set, start_s, stop_s, which == 0);
	for (size_t at = 0; at < n; at = end) {
		for (end = at + 1; end < n && same_first(&m->cells, cell[at], cell[end]); end++)
			;
		put_group(w, f, m, set, cell + at, end - at, at == 0);
	}
	fputs(w->json ? "\n  ]\n}" : "  </data>\n</array>\n", f);
}

/* Minutes --------------------------------------------------------------------- */

/* The first minute begins with the second of the first packet, and the last one ends with the last. */
static void write_minute(struct writing *w, const struct minute *m)
{
	int64_t start = m->stop_s - MINUTE, stop = m->stop_s;
	int64_t first_s = cl_floor_div(w->first_ns, NS_PER_S), last_s = cl_floor_div(w->last_ns, NS_PER_S);
	const struct cl_dsc_cell **cell = malloc((m->cells.used + 1) * sizeof *cell);
	char name[CL_EXPORT_PATH];

	if (start < first_s)
		start = first_s;
	if (stop > last_s)
		stop = last_s;
	snprintf(name, sizeof name, "%s%lld.dscdata.%s", w->folder, (long long)stop,
		 w->json ? "json" : "xml");
	FILE *f = cell != NULL ? cl_export_begin(w->e, name) : NULL;
	if (f == NULL) {
		w->failed = true;
		free(cell);
		return;
	}
	fputs(w->json ? "[" : "<dscdata>\n", f);
	for (unsigned i = 0; i < CL_DSC_SETS; i++)
		put_array(w, f, m, (enum cl_dsc_set)i, cell, start, stop);
	fputs(w->json ? "\n]\n" : "</dscdata>\n", f);
	free(cell);
	w->failed |= !cl_export_end(w->e, f);
	w->refused += m->cells.refused;
}

static void close_first(struct writing *w)
{
	if (!w->failed)
		write_minute(w, &w->open[0]);
	cl_dsc_free(&w->open[0].cells);
	w->opens--;
	memmove(w->open, w->open + 1, w->opens * sizeof *w->open);
}

/* The minute of a time, opened if need be; NULL: it is closed. */
static struct minute *minute_of(struct writing *w, int64_t time_ns)
{
	int64_t stop = (cl_floor_div(time_ns, NS_PER_S * MINUTE) + 1) * MINUTE;
	size_t at = w->opens;

	while (at > 0 && w->open[at - 1].stop_s > stop)
		at--;
	if (at > 0 && w->open[at - 1].stop_s == stop)
		return &w->open[at - 1];
	if (at == 0 && w->opens == OPEN_MAX)
		return NULL;
	if (w->opens == OPEN_MAX) {
		close_first(w);
		at--;
	}
	memmove(w->open + at + 1, w->open + at, (w->opens - at) * sizeof *w->open);
	w->open[at].stop_s = stop;
	cl_dsc_init(&w->open[at].cells, w->e->session->config.engine.seed);
	w->opens++;
	return &w->open[at];
}

static void take_message(struct writing *w, const struct cl_message *m)
{
	if (m->event == NULL ||
	    (w->e->one_day && cl_floor_div(m->event->time_ns, 86400 * NS_PER_S) != w->e->day))
		return;
	struct minute *at = minute_of(w, m->event->time_ns);
	if (at == NULL)
		w->late++;
	else
		cl_dsc_take(&at->cells, m);
}

static void take(void *ctx, const struct cl_exchange *x)
{
	struct writing *w = ctx;
	int64_t first_ns = cl_exchange_first(x)->event->time_ns;

	while (w->opens > 0 && w->open[0].stop_s * NS_PER_S + w->wait_ns < first_ns)
		close_first(w);
	take_message(w, &x->request);
	take_message(w, &x->response);
}

/* Sources --------------------------------------------------------------------- */

static bool write_source(struct cl_export *e, bool json, int64_t source_id, const char *folder,
			 int64_t first_ns, int64_t last_ns)
{
	struct writing *w = calloc(1, sizeof *w);

	if (w == NULL) {
		cl_error("memory", "not enough for DSC's data sets");
		return false;
	}
	*w = (struct writing){ .e = e,
			       .json = json,
			       .folder = folder,
			       .first_ns = first_ns,
			       .last_ns = last_ns,
			       .wait_ns = e->session->config.engine.timeout_ns + 60 * NS_PER_S };
	const struct cl_exchange_filter f = { .kinds = CL_X_BIT(CL_X_DNS),
					      .source_id = source_id,
					      .from_ns = INT64_MIN,
					      .to_ns = INT64_MAX,
					      .servers = e->session->options->servers,
					      .server_count = e->session->options->nservers };
	bool ok = cl_store_exchanges_each(e->session->store, &f, take, w);
	while (w->opens > 0)
		close_first(w);
	if (w->refused > 0 || w->late > 0)
		cl_warn(e->dir, "%llu counts and %llu messages found no room: files lack them",
			(unsigned long long)w->refused, (unsigned long long)w->late);
	ok = ok && !w->failed;
	free(w);
	return ok;
}

static bool write_all(struct cl_export *e, bool json)
{
	struct cl_query *q;
	bool ok = true;
	int64_t sources;

	if (!cl_store_keeps_exchanges(e->session->store)) {
		cl_error(e->session->options->inputs[0],
			 "does not keep single messages, which DSC's files are "
			 "made of: read the captures with --keep transactions, "
			 "or give them themselves");
		return false;
	}
	cl_warn(e->dir,
		"pcap_stats and direction_vs_ipproto are not written: they count packets, not messages");
	q = cl_query_new(e->session->store,
			 "SELECT source_id, sensor, first_ns, last_ns, count(*) OVER () FROM source WHERE "
			 "first_ns IS NOT NULL ORDER BY source_id");
	while (ok && cl_query_row(q)) {
		char folder[128] = "";

		sources = cl_query_i64(q, 4);
		if (sources > 1)
			snprintf(folder, sizeof folder, "%.100s/", cl_query_word(q, 1));
		if (strchr(cl_query_word(q, 1), '/') != NULL || folder[0] == '.') {
			cl_error(cl_query_word(q, 1), "is no name of a sensor");
			ok = false;
			break;
		}
		ok = write_source(e, json, cl_query_i64(q, 0), folder, cl_query_ns(q, 2), cl_query_ns(q, 3));
	}
	cl_query_free(q);
	return ok && cl_store_error(e->session->store) == NULL;
}

static bool run_xml(struct cl_export *e)
{
	return write_all(e, false);
}

static bool run_json(struct cl_export *e)
{
	return write_all(e, true);
}

const struct cl_export_format cl_export_dsc = { .name = "dsc", .run = run_xml };
const struct cl_export_format cl_export_dsc_json = { .name = "dsc-json", .run = run_json };
