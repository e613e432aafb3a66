/* SPDX-License-Identifier: BSD-2-Clause */
/* peaks: the minutes with most requests, and who asked in them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/userfile/signatures.h"
#include "cli/view/view.h"
#include "stats/view/peaks.h"

#define NS_PER_MIN INT64_C(60000000000)
/* What asks less often than this was not seen before, only because the capture is short: 2^10 s. */
#define WARMUP_NS INT64_C(1024000000000)
#define KINDS	  8u /* kinds of software that are named */
#define KIND_LEN  160u

struct kept {
	struct cl_peaks *peaks;
	struct cl_software *software;
};

/* Software of a peak's clients. */
struct kind {
	const char *name; /* borrowed */
	uint64_t clients, requests;
};

static void end(void *state)
{
	struct kept *k = state;

	cl_peaks_free(k->peaks);
	cl_software_free(k->software);
	free(k);
}

static void *begin(const struct cl_session *s)
{
	const struct cl_peaks_config config = { .seed = s->config.engine.seed,
						.most = s->options->top < 1000 ? s->options->top : 1000,
						.times = s->options->times };
	struct kept *k = calloc(1, sizeof *k);

	if (k == NULL)
		return NULL;
	k->peaks = cl_peaks_new(&config);
	k->software = cl_signatures_begin(s);
	if (k->peaks != NULL && k->software != NULL)
		return k;
	end(k);
	return NULL;
}

static void take(void *state, const struct cl_exchange *x)
{
	struct kept *k = state;

	cl_peaks_take(k->peaks, x);
	cl_software_take(k->software, x);
}

static const struct cl_peak_server *const *count(struct cl_session *s, size_t *n)
{
	const struct kept *k = s->kept;
	int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;

	cl_view_span(s, &first_ns, &last_ns);
	const struct cl_peak_server *const *list = cl_peaks_count(k->peaks, first_ns, last_ns, n);
	if (list == NULL)
		cl_store_fail(s->store, CL_ENOMEM);
	return list;
}

static bool has_warmed(const struct cl_peak *p)
{
	return p->before_ns >= WARMUP_NS;
}

/* Software -------------------------------------------------------------------------------- */

struct named {
	const char *name;
	uint32_t requests;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static int by_clients(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;

	if (x->clients != y->clients)
		return x->clients < y->clients ? 1 : -1;
	if (x->requests != y->requests)
		return x->requests < y->requests ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* The kinds of a peak, by clients; to be freed. */
static struct kind *kinds_of(struct cl_session *s, const struct cl_peak *p, size_t *n)
{
	const struct kept *k = s->kept;
	struct named *list = malloc((p->listed + 1) * sizeof *list);
	struct kind *kind = malloc((p->listed + 1) * sizeof *kind);

	*n = 0;
	if (list == NULL || kind == NULL) {
		cl_store_fail(s->store, CL_ENOMEM);
		free(list);
		free(kind);
		return NULL;
	}
	for (size_t i = 0; i < p->listed; i++) {
		const char *name = cl_software_of(k->software, cl_peaks_client(k->peaks, p->list[i].client));

		list[i] = (struct named){ name != NULL ? name : "no client", p->list[i].requests };
	}
	qsort(list, p->listed, sizeof *list, by_name);
	for (size_t i = 0; i < p->listed; i++) {
		if (i == 0 || by_name(&list[i - 1], &list[i]) != 0)
			kind[(*n)++] = (struct kind){ list[i].name, 0, 0 };
		kind[*n - 1].clients++;
		kind[*n - 1].requests += list[i].requests;
	}
	free(list);
	qsort(kind, *n, sizeof *kind, by_clients);
	return kind;
}

/* What brought most of a peak -------------------------------------------------------------- */

/* The part of the requests beyond the usual that new clients brought; NaN where that says nothing. */
static double new_share(const struct cl_peak_server *v, const struct cl_peak *p)
{
	double more = (double)p->requests - v->usual,
	       fresh = (double)p->fresh.requests - v->usual_fresh_requests;

	return p->cut || !has_warmed(p) ? NAN : fmin(1, fmax(0, fresh / more));
}

static const char *cause_of(const struct cl_peak_server *v, const struct cl_peak *p)
{
	const uint64_t half = p->requests / 2;

	if (p->client.requests > half)
		return "one_client";
	if (p->network.requests > half && p->network.clients > 1)
		return "one_network";
	if (isnan(new_share(v, p)))
		return NULL;
	if (p->one_shot.requests > half)
		return "one_shot";
	return new_share(v, p) > 0.5 ? "new" : "returning";
}

static const char *cause_words(const char *cause)
{
	static const char *const words[][2] = { { "one_client", "one client" },
						{ "one_network", "one network" },
						{ "one_shot", "one-shot clients" },
						{ "new", "new clients" },
						{ "returning", "returning clients" } };

	for (size_t i = 0; cause != NULL && i < sizeof words / sizeof *words; i++)
		if (strcmp(cause, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

/* JSON -------------------------------------------------------------------------------------- */

static void json_part(struct cl_json *j, const char *key, const struct cl_peak_part *p)
{
	cl_json_object(j, key);
	cl_json_u64(j, "clients", p->clients);
	cl_json_u64(j, "requests", p->requests);
	cl_json_end(j);
}

static void json_most(struct cl_json *j, const char *key, const struct cl_peak_most *m, uint64_t requests)
{
	char text[CL_ADDR_STRLEN], prefix[CL_ADDR_STRLEN + 8];

	if (m->requests == 0) {
		cl_json_null(j, key);
		return;
	}
	cl_addr_format(&m->addr, text);
	snprintf(prefix, sizeof prefix, m->len > 0 ? "%s/%u" : "%s", text, m->len);
	cl_json_object(j, key);
	cl_json_str(j, "address", prefix);
	cl_json_u64(j, "clients", m->clients);
	cl_json_u64(j, "requests", m->requests);
	cl_json_double(j, "share", cl_ratio(m->requests, requests));
	cl_json_end(j);
}

static void json_kinds(struct cl_session *s, struct cl_json *j, const struct cl_peak *p)
{
	size_t n;
	struct kind *kind = kinds_of(s, p, &n);

	cl_json_array(j, "software");
	for (size_t i = 0; i < n; i++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "software", kind[i].name);
		cl_json_u64(j, "clients", kind[i].clients);
		cl_json_u64(j, "requests", kind[i].requests);
		cl_json_end(j);
	}
	cl_json_end(j);
	free(kind);
}

static void json_seconds(struct cl_json *j, const struct cl_peak *p)
{
	cl_json_array(j, "seconds");
	for (size_t i = 0; i < 60; i++)
		cl_json_u64(j, NULL, p->second[i]);
	cl_json_end(j);
}

static void json_recurs(struct cl_json *j, const struct cl_peak_again *a)
{
	if (a->period_s == 0) {
		cl_json_null(j, "recurs");
		return;
	}
	cl_json_object(j, "recurs");
	cl_json_u64(j, "period_s", a->period_s);
	cl_json_u64(j, "of", a->of);
	cl_json_u64(j, "found", a->found);
	cl_json_end(j);
}

static void json_peak(struct cl_session *s, struct cl_json *j, const struct cl_peak_server *v,
		      const struct cl_peak *p)
{
	cl_json_object(j, NULL);
	cl_json_time(j, "t", p->minute * NS_PER_MIN);
	cl_json_u64(j, "requests", p->requests);
	cl_json_u64(j, "answered", p->answered);
	cl_json_u64(j, "kod", p->kiss);
	cl_json_u64(j, "clients", p->clients);
	cl_json_bool(j, "cut", p->cut);
	cl_json_str(j, "cause", cause_of(v, p));
	cl_json_double(j, "new_share", new_share(v, p));
	json_part(j, "new", &p->fresh);
	json_part(j, "one_shot", &p->one_shot);
	json_part(j, "returning", &p->returning);
	cl_json_bool(j, "warmup", !has_warmed(p));
	cl_json_seconds(j, "before_s", p->before_ns);
	cl_json_seconds(j, "behind_s", p->behind_ns);
	cl_json_double(j, "requests_per_client", cl_ratio(p->requests, p->clients));
	json_most(j, "network", &p->network, p->requests);
	json_most(j, "client", &p->client, p->requests);
	cl_json_object(j, "ports");
	cl_json_u64(j, "123", p->ports[CL_PEAK_PORT_NTP]);
	cl_json_u64(j, "below_1024", p->ports[CL_PEAK_PORT_LOW]);
	cl_json_u64(j, "others", p->ports[CL_PEAK_PORT_HIGH]);
	cl_json_end(j);
	cl_json_object(j, "run");
	cl_json_time(j, "first", p->run_first * NS_PER_MIN);
	cl_json_u64(j, "minutes", (uint64_t)(p->run_last - p->run_first + 1));
	cl_json_u64(j, "requests", p->run_requests);
	cl_json_end(j);
	json_recurs(j, &p->again);
	json_seconds(j, p);
	json_kinds(s, j, p);
	cl_json_end(j);
}

static void json_server(struct cl_session *s, struct cl_json *j, const struct cl_peak_server *v)
{
	char text[CL_ADDR_STRLEN];

	cl_json_object(j, NULL);
	cl_addr_format(&v->server, text);
	cl_json_str(j, "server", text);
	cl_json_str(j, "name", cl_names_find(s->names, &v->server));
	cl_json_u64(j, "requests", v->requests);
	cl_json_u64(j, "minutes", v->minutes);
	cl_json_double(j, "usual_requests", v->usual);
	cl_json_double(j, "usual_clients", v->usual_clients);
	cl_json_double(j, "usual_new", v->usual_fresh);
	cl_json_double(j, "threshold", v->threshold);
	cl_json_u64(j, "above", v->above);
	if (v->shortest != NULL) {
		cl_json_u64(j, "period_s", v->shortest->period_s);
		cl_json_double(j, "period_strength", v->shortest->strength);
	} else {
		cl_json_null(j, "period_s");
		cl_json_null(j, "period_strength");
	}
	cl_json_array(j, "periods");
	for (size_t i = 0; i < v->periods; i++) {
		cl_json_object(j, NULL);
		cl_json_u64(j, "period_s", v->period[i].period_s);
		cl_json_u64(j, "cycles", v->period[i].cycles);
		cl_json_double(j, "strength", v->period[i].strength);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_rows(j, "peaks");
	for (size_t i = 0; i < v->peaks; i++)
		json_peak(s, j, v, &v->peak[i]);
	cl_json_end(j);
	cl_json_end(j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	const struct kept *k = s->kept;
	size_t n;

	cl_json_u64(j, "times", s->options->times);
	if (k == NULL) {
		cl_json_null(j, "servers");
		cl_json_null(j, "given_up");
		return;
	}
	const struct cl_peak_server *const *v = count(s, &n);
	const struct cl_peak_losses lost = cl_peaks_losses(k->peaks);
	cl_json_array(j, "servers");
	for (size_t i = 0; v != NULL && i < n; i++)
		json_server(s, j, v[i]);
	cl_json_end(j);
	cl_json_object(j, "given_up");
	cl_json_u64(j, "servers", lost.servers);
	cl_json_u64(j, "clients", lost.clients);
	cl_json_u64(j, "minutes", lost.minutes);
	cl_json_u64(j, "listed", lost.listed);
	cl_json_u64(j, "late", lost.late);
	cl_json_end(j);
}

/* Tables -------------------------------------------------------------------------------------- */

static bool for_people(const struct cl_session *s)
{
	return s->options->format == CL_FORMAT_TABLE;
}

static void cell_server(struct cl_session *s, struct cl_tables *t, const struct cl_peak_server *v)
{
	if (!for_people(s))
		cl_cell_name(s, t, &v->server, 64);
}

/* Figures that say nothing while all clients are new. */
static void cell_warmed(struct cl_tables *t, const struct cl_peak *p, uint64_t n)
{
	if (has_warmed(p))
		cl_cell_count(t, n);
	else
		cl_cell_null(t);
}

static void table_peaks(struct cl_session *s, struct cl_tables *t, const struct cl_peak_server *v)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	  { "Minute", "t", CL_COL_TIME },
		{ "Requests", "requests", CL_COL_COUNT }, { "Answ", "answered", CL_COL_SHARE },
		{ "Clients", "clients", CL_COL_COUNT },	  { "New", "new", CL_COL_COUNT },
		{ "One-shot", "one_shot", CL_COL_COUNT }, { "Back", "returning", CL_COL_COUNT },
		{ "Min", "run_minutes", CL_COL_COUNT },	  { "Brought by", "cause", CL_COL_TEXT },
	};
	const size_t skip = for_people(s) ? 1 : 0;
	char text[CL_ADDR_STRLEN], title[640];

	snprintf(title, sizeof title, "Peak minutes of %s", cl_session_name(s, &v->server, text));
	cl_table_begin(t, title, columns + skip, sizeof columns / sizeof *columns - skip);
	for (size_t i = 0; i < v->peaks; i++) {
		const struct cl_peak *p = &v->peak[i];
		const char *cause = cause_of(v, p);

		cell_server(s, t, v);
		cl_cell_time(t, p->minute * NS_PER_MIN);
		cl_cell_count(t, p->requests);
		cl_cell_share(t, cl_ratio(p->answered, p->requests));
		cl_cell_count(t, p->clients);
		cell_warmed(t, p, p->fresh.clients);
		cell_warmed(t, p, p->one_shot.clients);
		cell_warmed(t, p, p->returning.clients);
		cl_cell_count(t, (uint64_t)(p->run_last - p->run_first + 1));
		cl_cell_text(t, for_people(s) ? cause_words(cause) : cause);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_where(struct cl_session *s, struct cl_tables *t, const struct cl_peak_server *v)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "Minute", "t", CL_COL_TIME },
		{ "Top network", "network", CL_COL_TEXT },
		{ "Share", "network_share", CL_COL_SHARE },
		{ "Top client", "client_share", CL_COL_SHARE },
		{ "Each", "requests_per_client", CL_COL_NUMBER },
		{ "Port 123", "port_123", CL_COL_SHARE },
		{ "Top 1 s", "busiest_second", CL_COL_COUNT },
		{ "Again", "recurs", CL_COL_TEXT },
	};
	const size_t skip = for_people(s) ? 1 : 0;

	cl_table_begin(t, "Where from, and when", columns + skip, sizeof columns / sizeof *columns - skip);
	for (size_t i = 0; i < v->peaks; i++) {
		const struct cl_peak *p = &v->peak[i];
		char text[CL_ADDR_STRLEN], prefix[CL_ADDR_STRLEN + 8], again[48] = "";
		uint32_t most = 0;

		for (size_t k = 0; k < 60; k++)
			most = p->second[k] > most ? p->second[k] : most;
		cl_addr_format(&p->network.addr, text);
		snprintf(prefix, sizeof prefix, "%s/%u", text, p->network.len);
		if (p->again.period_s > 0)
			snprintf(again, sizeof again, "%u min: %u of %u", p->again.period_s / 60,
				 p->again.found, p->again.of);
		cell_server(s, t, v);
		cl_cell_time(t, p->minute * NS_PER_MIN);
		cl_cell_text(t, p->network.requests > 0 ? prefix : NULL);
		cl_cell_share(t, cl_ratio(p->network.requests, p->requests));
		cl_cell_share(t, cl_ratio(p->client.requests, p->requests));
		cl_cell_number(t, round(cl_ratio(p->requests, p->clients) * 10) / 10);
		cl_cell_share(t, cl_ratio(p->ports[CL_PEAK_PORT_NTP], p->requests));
		cl_cell_count(t, most);
		cl_cell_text(t, again[0] != '\0' ? again : NULL);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void rows_of_software(struct cl_session *s, struct cl_tables *t, const struct cl_peak_server *v,
			     const struct cl_peak *p)
{
	size_t n;
	struct kind *kind = kinds_of(s, p, &n);

	for (size_t i = 0; i < n && (i < KINDS || !for_people(s)); i++) {
		char name[KIND_LEN];

		snprintf(name, sizeof name, for_people(s) && strlen(kind[i].name) > 40 ? "%.37s..." : "%s",
			 kind[i].name);
		cell_server(s, t, v);
		cl_cell_time(t, p->minute * NS_PER_MIN);
		cl_cell_text(t, name);
		cl_cell_count(t, kind[i].clients);
		cl_cell_count(t, kind[i].requests);
		cl_cell_share(t, cl_ratio(kind[i].requests, p->requests));
		cl_table_row_end(t);
	}
	free(kind);
}

static void table_software(struct cl_session *s, struct cl_tables *t, const struct cl_peak_server *v)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	  { "Minute", "t", CL_COL_TIME },
		{ "Software", "software", CL_COL_TEXT },  { "Clients", "clients", CL_COL_COUNT },
		{ "Requests", "requests", CL_COL_COUNT }, { "Share", "share", CL_COL_SHARE },
	};
	const size_t skip = for_people(s) ? 1 : 0;

	cl_table_begin(t, "Their software", columns + skip, sizeof columns / sizeof *columns - skip);
	for (size_t i = 0; i < v->peaks; i++)
		rows_of_software(s, t, v, &v->peak[i]);
	cl_table_end(t);
}

static void list_server(struct cl_session *s, struct cl_tables *t, const struct cl_peak_server *v)
{
	char text[CL_ADDR_STRLEN], title[640], words[64];

	snprintf(title, sizeof title, "Requests to %s", cl_session_name(s, &v->server, text));
	cl_list_begin(t, title);
	cl_list_count(t, "minutes from its first request to its last", "minutes", v->minutes);
	snprintf(words, sizeof words, "%.1f of %.1f clients, %.1f new", v->usual, v->usual_clients,
		 v->usual_fresh);
	cl_list_text(t, "requests of a usual minute (medians)", "usual", words);
	snprintf(words, sizeof words, "%.1f", v->threshold);
	cl_list_text(t, "a peak has more than", "threshold", words);
	cl_list_count(t, "minutes that have", "above", v->above);
	if (v->shortest != NULL) {
		snprintf(words, sizeof words, "%u s, strength %.2f", v->shortest->period_s,
			 v->shortest->strength);
		cl_list_text(t, "requests have a period", "period", words);
	} else {
		cl_list_null(t, "requests have a period", "period");
	}
	cl_list_end(t);
}

static void list_losses(struct cl_tables *t, const struct cl_peak_losses *l)
{
	if (l->servers + l->clients + l->minutes + l->listed + l->late == 0)
		return;
	cl_list_begin(t, "Given up for lack of room");
	cl_list_count(t, "requests to servers beyond 64", "given_up.servers", l->servers);
	cl_list_count(t, "requests of clients beyond 4194304", "given_up.clients", l->clients);
	cl_list_count(t, "requests beyond 262144 minutes", "given_up.minutes", l->minutes);
	cl_list_count(t, "clients of minutes, beyond 4194304", "given_up.listed", l->listed);
	cl_list_count(t, "requests of a minute that was over", "given_up.late", l->late);
	cl_list_end(t);
}

static void notes(struct cl_tables *t)
{
	cl_tables_note(t, "The highest minute of each run of peaks (Min: its minutes). New: not seen before "
			  "at this server");
	cl_tables_note(t, "in this capture; not told in its first 1024 s. One-shot: new, and not seen in "
			  "another minute.");
	cl_tables_note(t, "Each: requests per client. Again: of so many minutes at this distance, so many "
			  "are peaks as well.");
	cl_tables_note(t, "Behind one IPv4 address may be many clients.");
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	const struct kept *k = s->kept;
	bool any = false;
	size_t n;

	if (k == NULL) {
		cl_view_not_kept(t);
		return;
	}
	const struct cl_peak_server *const *v = count(s, &n);
	const struct cl_peak_losses lost = cl_peaks_losses(k->peaks);
	for (size_t i = 0; v != NULL && i < n; i++) {
		list_server(s, t, v[i]);
		if (v[i]->peaks == 0)
			continue;
		any = true;
		table_peaks(s, t, v[i]);
		table_where(s, t, v[i]);
		table_software(s, t, v[i]);
	}
	if (any)
		notes(t);
	list_losses(t, &lost);
}

const struct cl_view cl_view_peaks = {
	.name = "peaks",
	.summary = "minutes with most requests: who asked, and whether they recur",
	.example = "  clientele peaks --top 5 --times 3 april.pcap\n",
	.takes = CL_OPT_TOP | CL_OPT_TIMES | CL_OPT_SIGNATURES,
	.needs = { .exchanges = CL_SOFTWARE_KINDS },
	.begin = begin,
	.take = take,
	.end = end,
	.json = json,
	.tables = tables,
};
