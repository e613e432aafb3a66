/* SPDX-License-Identifier: BSD-2-Clause */
/* clocks: how wrong the clients' clocks are. */
#include <stdio.h>

#include "cli/view/view.h"
#include "stats/view/clocks.h"

#define NAME_WIDTH  32
#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static const char *const why_keys[CL_CLOCK_WHYS] = { "known",  "zero",	"const",      "rand63",
						     "random", "mixed", "ns_or_clock" };
static const char *const why_words[CL_CLOCK_WHYS] = {
	"with an error that is known",
	"excluded: transmit timestamp 0",
	"excluded: one value for all requests",
	"excluded: random, of 31 bits a word",
	"excluded: random, or a wrong clock seen once",
	"excluded: of no class",
	"excluded: nanoseconds, or not: nothing tells",
};
static const char *const bucket_keys[CL_CLOCK_BUCKETS] = {
	"below_1ms", "below_10ms", "below_100ms", "leap",      "below_1s",     "below_1min", "below_1h",
	"below_1d",  "weeks_1024", "year_1900",	  "year_1970", "unix_seconds", "more"
};
static const char *const bucket_words[CL_CLOCK_BUCKETS] = {
	"below 1 ms",
	"below 10 ms",
	"below 100 ms",
	"1 s +- 0.1 s (a leap second?)",
	"below 1 s",
	"below 1 minute",
	"below 1 hour",
	"below 1 day",
	"1024 weeks (GPS week number?)",
	"shows 1900 or 2036 (unset)",
	"shows 1970 (unset)",
	"seconds since 1970, not 1900",
	"more",
};
/* In the order of their sizes. */
static const enum cl_clock_bucket bucket_order[CL_CLOCK_BUCKETS] = {
	CL_CLOCK_1MS,	 CL_CLOCK_10MS, CL_CLOCK_100MS, CL_CLOCK_1S,	CL_CLOCK_LEAP,
	CL_CLOCK_MINUTE, CL_CLOCK_HOUR, CL_CLOCK_DAY,	CL_CLOCK_WEEKS, CL_CLOCK_1900,
	CL_CLOCK_1970,	 CL_CLOCK_UNIX, CL_CLOCK_MORE
};
static const char *const trend_keys[CL_CLOCK_TRENDS] = { "unknown", "close", "falls", "stays", "grows" };
static const char *const trend_words[CL_CLOCK_TRENDS] = {
	"too few requests or answers to tell",
	"below 10 ms, at first and in the end",
	"falls to half or less: they take time",
	"stays: they do not",
	"grows to double or more",
};

static void *begin(const struct cl_session *s)
{
	static const struct cl_clocks_limits limits = { .clients = (size_t)1 << 21,
							.pairs = (size_t)1 << 22,
							.estimates = (size_t)1 << 20,
							.servers = (size_t)1 << 12 };

	(void)s;
	return cl_clocks_new(&limits, cl_random_seed());
}

static void take(void *kept, const struct cl_exchange *x)
{
	cl_clocks_take(kept, x);
}

static void end(void *kept)
{
	cl_clocks_free(kept);
}

static const char *class_name(enum cl_xmt_class class)
{
	return class < CL_XMT_CLASSES ? cl_xmt_names[class] : "mixed";
}

static size_t top(const struct cl_session *s, size_t n)
{
	return n < s->options->top ? n : s->options->top;
}

static const double quantiles[] = { 1e-9, 0.1, 0.5, 0.9, 1 };
static const char *const quantile_keys[] = { "min", "p10", "p50", "p90", "max" };

/* JSON ---------------------------------------------------------------------------- */

static void json_signed(struct cl_json *j, const char *key, const struct cl_signed_hist *h)
{
	cl_json_object(j, key);
	cl_json_u64(j, "n", cl_signed_n(h));
	for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
		if (cl_signed_n(h) > 0)
			cl_json_seconds(j, quantile_keys[i], cl_signed_quantile(h, quantiles[i]));
		else
			cl_json_null(j, quantile_keys[i]);
	}
	cl_json_end(j);
}

static void json_addr(struct cl_session *s, struct cl_json *j, const char *key, const struct cl_addr *a)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(a, text);
	cl_json_str(j, key, text);
	cl_json_str(j, "name", cl_names_find(s->names, a));
}

static void json_counts(struct cl_json *j, const struct cl_clock_totals *t)
{
	cl_json_object(j, "classes");
	for (unsigned i = 0; i <= CL_XMT_CLASSES; i++)
		cl_json_u64(j, class_name((enum cl_xmt_class)i), t->class[i]);
	cl_json_end(j);
	cl_json_object(j, "excluded");
	for (unsigned i = CL_CLOCK_KNOWN + 1; i < CL_CLOCK_WHYS; i++)
		cl_json_u64(j, why_keys[i], t->why[i]);
	cl_json_end(j);
	json_signed(j, "error_s", &t->error);
	cl_json_rows(j, "errors");
	for (size_t i = 0; i < CL_CLOCK_BUCKETS; i++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "error", bucket_keys[bucket_order[i]]);
		cl_json_u64(j, "ahead", t->ahead[bucket_order[i]]);
		cl_json_u64(j, "behind", t->behind[bucket_order[i]]);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_object(j, "trend");
	for (unsigned i = 0; i < CL_CLOCK_TRENDS; i++)
		cl_json_u64(j, trend_keys[i], t->trend[i]);
	cl_json_end(j);
}

static void json_estimates(struct cl_session *s, struct cl_json *j, const struct cl_clock_totals *t)
{
	size_t n;
	const struct cl_clock_estimate *e = cl_clocks_estimates(s->kept, &n);

	cl_json_object(j, "measured");
	cl_json_u64(j, "pairs", t->estimates);
	cl_json_u64(j, "samples", t->samples);
	cl_json_u64(j, "implausible", t->implausible);
	json_signed(j, "offset_s", &t->offset);
	cl_json_delta(j, "offset_abs_s", &t->offset_abs);
	cl_json_delta(j, "delay_s", &t->delay);
	cl_json_rows(j, "worst");
	for (size_t i = 0; i < top(s, n); i++) {
		struct cl_filtered f;

		if (!cl_clock_filter_read(&e[i].filter, &f))
			continue;
		cl_json_object(j, NULL);
		json_addr(s, j, "client", &e[i].client);
		cl_json_str(j, "label", cl_labels_find(s->labels, &e[i].client));
		char text[CL_ADDR_STRLEN];
		cl_addr_format(&e[i].server, text);
		cl_json_str(j, "server", text);
		cl_json_u64(j, "samples", e[i].samples);
		cl_json_time(j, "t", f.time_ns);
		cl_json_seconds(j, "offset_s", f.offset_ns);
		cl_json_seconds(j, "delay_s", f.delay_ns);
		if (f.samples > 1)
			cl_json_seconds(j, "jitter_s", f.jitter_ns);
		else
			cl_json_null(j, "jitter_s");
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
}

static void json_servers(struct cl_session *s, struct cl_json *j)
{
	size_t n;
	const struct cl_clock_server *const *list = cl_clocks_servers(s->kept, &n);

	cl_json_rows(j, "servers");
	for (size_t i = 0; i < n; i++) {
		cl_json_object(j, NULL);
		json_addr(s, j, "server", &list[i]->addr);
		cl_json_u64(j, "clients", list[i]->clients);
		cl_json_u64(j, "known", list[i]->known);
		cl_json_u64(j, "ahead", list[i]->ahead);
		cl_json_u64(j, "behind", list[i]->behind);
		json_signed(j, "error_s", &list[i]->error);
		cl_json_u64(j, "measured", list[i]->clients_measured);
		json_signed(j, "offset_s", &list[i]->offset);
		cl_json_delta(j, "delay_s", &list[i]->delay);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_worst(struct cl_session *s, struct cl_json *j)
{
	size_t n;
	const struct cl_clock_client *const *list = cl_clocks_worst(s->kept, &n);

	cl_json_rows(j, "worst");
	for (size_t i = 0; i < top(s, n); i++) {
		const struct cl_clock_client *c = list[i];

		cl_json_object(j, NULL);
		json_addr(s, j, "client", &c->addr);
		cl_json_str(j, "label", cl_labels_find(s->labels, &c->addr));
		cl_json_str(j, "class", class_name(c->class));
		cl_json_u64(j, "requests", c->requests);
		cl_json_seconds(j, "error_s", c->error_ns);
		cl_json_str(j, "bucket", bucket_keys[c->bucket]);
		cl_json_str(j, "trend", trend_keys[c->trend]);
		if (c->trend != CL_CLOCK_UNTOLD) {
			cl_json_seconds(j, "first_s", c->at_first_ns);
			cl_json_seconds(j, "last_s", c->in_the_end_ns);
		} else {
			cl_json_null(j, "first_s");
			cl_json_null(j, "last_s");
		}
		cl_json_end(j);
	}
	cl_json_end(j);
}

/* NULL: nothing is kept, or memory is short, which is said at the end. */
static const struct cl_clock_totals *totals_of(struct cl_session *s)
{
	const struct cl_clock_totals *t = s->kept != NULL ? cl_clocks_totals(s->kept) : NULL;

	if (s->kept != NULL && t == NULL)
		cl_store_fail(s->store, CL_ENOMEM);
	return t;
}

static void json(struct cl_session *s, struct cl_json *j)
{
	static const char *const keys[] = { "clients",	"requests", "known",   "not_kept", "pairs_not_kept",
					    "classes",	"excluded", "error_s", "errors",   "trend",
					    "measured", "servers",  "worst" };
	const struct cl_clock_totals *t = totals_of(s);

	if (t == NULL) {
		for (size_t i = 0; i < COUNT_OF(keys); i++)
			cl_json_null(j, keys[i]);
		return;
	}
	cl_json_u64(j, "clients", t->clients);
	cl_json_u64(j, "requests", t->requests);
	cl_json_u64(j, "known", t->why[CL_CLOCK_KNOWN]);
	cl_json_u64(j, "not_kept", t->not_kept);
	cl_json_u64(j, "pairs_not_kept", t->pairs_not_kept);
	json_counts(j, t);
	json_estimates(s, j, t);
	json_servers(s, j);
	json_worst(s, j);
}

/* Tables -------------------------------------------------------------------------- */

static void cells_signed(struct cl_tables *t, const struct cl_signed_hist *h)
{
	for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
		if (cl_signed_n(h) > 0)
			cl_cell_duration(t, cl_signed_quantile(h, quantiles[i]));
		else
			cl_cell_null(t);
	}
}

static void row_share(struct cl_tables *t, const char *words, uint64_t n, uint64_t of)
{
	cl_cell_text(t, words);
	cl_cell_count(t, n);
	if (of > 0)
		cl_cell_share(t, (double)n / (double)of);
	cl_table_row_end(t);
}

static void table_classes(struct cl_tables *t, const struct cl_clock_totals *v)
{
	static const struct cl_column of_class[] = {
		{ "Transmit timestamps", "class", CL_COL_TEXT },
		{ "Clients", "clients", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
	};
	static const struct cl_column of_why[] = {
		{ "Clients", "known", CL_COL_TEXT },
		{ "Count", "clients", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
	};

	cl_table_begin(t, "What clients send", of_class, COUNT_OF(of_class));
	for (unsigned i = 0; i <= CL_XMT_CLASSES; i++)
		if (v->class[i] > 0)
			row_share(t, class_name((enum cl_xmt_class)i), v->class[i], v -> clients);
	cl_table_end(t);
	cl_table_begin(t, "Whose clock is seen", of_why, COUNT_OF(of_why));
	for (unsigned i = 0; i < CL_CLOCK_WHYS; i++)
		row_share(t, why_words[i], v->why[i], v->clients);
	cl_table_end(t);
}

static void table_errors(struct cl_tables *t, const struct cl_clock_totals *v)
{
	static const struct cl_column columns[] = {
		{ "Error", "error", CL_COL_TEXT },    { "Clients", "clients", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },   { "Ahead", "ahead", CL_COL_COUNT },
		{ "Behind", "behind", CL_COL_COUNT },
	};

	cl_table_begin(t, "Errors of clocks, one way", columns, COUNT_OF(columns));
	for (size_t i = 0; i < CL_CLOCK_BUCKETS; i++) {
		const uint64_t ahead = v->ahead[bucket_order[i]], behind = v->behind[bucket_order[i]];

		cl_cell_text(t, bucket_words[bucket_order[i]]);
		cl_cell_count(t, ahead + behind);
		if (v->why[CL_CLOCK_KNOWN] > 0)
			cl_cell_share(t, (double)(ahead + behind) / (double)v->why[CL_CLOCK_KNOWN]);
		else
			cl_cell_null(t);
		cl_cell_count(t, ahead);
		cl_cell_count(t, behind);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Transmit timestamp less the capture's time, the median of a client's last 16: its "
			  "error less the");
	cl_tables_note(t, "way of the request, from the clock of the capture, whose own error is in all of "
			  "them.");
}

static void table_trends(struct cl_tables *t, const struct cl_clock_totals *v)
{
	static const struct cl_column columns[] = {
		{ "Error over the polls", "trend", CL_COL_TEXT },
		{ "Clients", "clients", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
	};

	cl_table_begin(t, "Who takes time", columns, COUNT_OF(columns));
	for (unsigned i = CL_CLOCK_TRENDS; i-- > 0;)
		row_share(t, trend_words[i], v->trend[i], v->clients);
	cl_table_end(t);
}

static void row_hist(struct cl_tables *t, const char *words, const struct cl_hist *h)
{
	cl_cell_text(t, words);
	cl_cell_count(t, h->n);
	if (h->n > 0) {
		cl_cell_duration(t, h->min);
		for (size_t i = 1; i + 1 < COUNT_OF(quantiles); i++)
			cl_cell_duration(t, cl_hist_quantile(h, quantiles[i]));
		cl_cell_duration(t, h->max);
	}
	cl_table_row_end(t);
}

static void table_measured(struct cl_session *s, struct cl_tables *t, const struct cl_clock_totals *v)
{
	static const struct cl_column columns[] = {
		{ "As the clients measured", "value", CL_COL_TEXT },
		{ "n", "n", CL_COL_COUNT },
		{ "min", "min", CL_COL_DURATION },
		{ "p10", "p10", CL_COL_DURATION },
		{ "p50", "p50", CL_COL_DURATION },
		{ "p90", "p90", CL_COL_DURATION },
		{ "max", "max", CL_COL_DURATION },
	};
	static const struct cl_column worst[] = {
		{ "Client", "client", CL_COL_TEXT },	{ "Server", "server", CL_COL_TEXT },
		{ "Samples", "samples", CL_COL_COUNT }, { "Offset", "offset", CL_COL_DURATION },
		{ "Delay", "delay", CL_COL_DURATION },	{ "Jitter", "jitter", CL_COL_DURATION },
	};
	size_t n;
	const struct cl_clock_estimate *e = cl_clocks_estimates(s->kept, &n);

	cl_table_begin(t, "Both ways, of clients that send back what they got", columns, COUNT_OF(columns));
	cl_cell_text(t, "offset from the server");
	cl_cell_count(t, cl_signed_n(&v->offset));
	cells_signed(t, &v->offset);
	cl_table_row_end(t);
	row_hist(t, "the same without sign", &v->offset_abs);
	row_hist(t, "round trip", &v->delay);
	cl_table_end(t);
	if (v->implausible > 0) {
		cl_list_begin(t, NULL);
		cl_list_count(t, "echoes whose times are not in order", "implausible", v->implausible);
		cl_list_end(t);
	}
	if (n == 0)
		return;
	cl_table_begin(t, "Greatest offsets", worst, COUNT_OF(worst));
	for (size_t i = 0; i < top(s, n); i++) {
		struct cl_filtered f;

		if (!cl_clock_filter_read(&e[i].filter, &f))
			continue;
		cl_cell_client(s, t, &e[i].client, 26);
		cl_cell_name(s, t, &e[i].server, 26);
		cl_cell_count(t, e[i].samples);
		cl_cell_duration(t, f.offset_ns);
		cl_cell_duration(t, f.delay_ns);
		if (f.samples > 1)
			cl_cell_duration(t, f.jitter_ns);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_servers(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	   { "Clients", "clients", CL_COL_COUNT },
		{ "Known", "known", CL_COL_COUNT },	   { "Ahead", "ahead", CL_COL_COUNT },
		{ "Behind", "behind", CL_COL_COUNT },	   { "p50", "error_p50", CL_COL_DURATION },
		{ "Measured", "measured", CL_COL_COUNT },  { "Offset", "offset_p50", CL_COL_DURATION },
		{ "Delay", "delay_p50", CL_COL_DURATION },
	};
	size_t n;
	const struct cl_clock_server *const *list = cl_clocks_servers(s->kept, &n);

	cl_table_begin(t, "By server", columns, COUNT_OF(columns));
	for (size_t i = 0; i < n; i++) {
		const struct cl_clock_server *v = list[i];

		cl_cell_name(s, t, &v->addr, NAME_WIDTH);
		cl_cell_count(t, v->clients);
		cl_cell_count(t, v->known);
		cl_cell_count(t, v->ahead);
		cl_cell_count(t, v->behind);
		if (v->known > 0)
			cl_cell_duration(t, cl_signed_quantile(&v->error, 0.5));
		else
			cl_cell_null(t);
		cl_cell_count(t, v->clients_measured);
		if (v->clients_measured > 0) {
			cl_cell_duration(t, cl_signed_quantile(&v->offset, 0.5));
			cl_cell_duration(t, cl_hist_quantile(&v->delay, 0.5));
		}
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t,
		       "Ahead, behind: by 10 ms or more. Offset, delay: medians of what clients measured.");
}

static void table_worst(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Client", "client", CL_COL_TEXT },	  { "Class", "class", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT }, { "Error", "error", CL_COL_DURATION },
		{ "Trend", "trend", CL_COL_TEXT },	  { "First", "first", CL_COL_DURATION },
		{ "Last", "last", CL_COL_DURATION },
	};
	size_t n;
	const struct cl_clock_client *const *list = cl_clocks_worst(s->kept, &n);

	cl_table_begin(t, "Worst clocks", columns, COUNT_OF(columns));
	for (size_t i = 0; i < top(s, n); i++) {
		const struct cl_clock_client *c = list[i];

		cl_cell_client(s, t, &c->addr, NAME_WIDTH);
		cl_cell_text(t, class_name(c->class));
		cl_cell_count(t, c->requests);
		cl_cell_duration(t, c->error_ns);
		cl_cell_text(t, trend_keys[c->trend]);
		if (c->trend != CL_CLOCK_UNTOLD) {
			cl_cell_duration(t, c->at_first_ns);
			cl_cell_duration(t, c->in_the_end_ns);
		}
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	const struct cl_clock_totals *v = totals_of(s);

	if (s->kept == NULL)
		cl_view_not_kept(t);
	if (v == NULL)
		return;
	cl_list_begin(t, "Clients' clocks");
	cl_list_count(t, "clients", "clients", v->clients);
	cl_list_count(t, "requests", "requests", v->requests);
	if (v->not_kept + v->pairs_not_kept > 0) {
		cl_list_count(t, "requests beyond the limit of clients", "not_kept", v->not_kept);
		cl_list_count(t, "exchanges beyond the limit of pairs", "pairs_not_kept", v->pairs_not_kept);
	}
	cl_list_end(t);
	table_classes(t, v);
	table_errors(t, v);
	table_trends(t, v);
	table_measured(s, t, v);
	table_servers(s, t);
	table_worst(s, t);
}

const struct cl_view cl_view_clocks = {
	.name = "clocks",
	.summary = "how wrong the clients' clocks are",
	.example = "  clientele clocks --top 20 monday.pcap\n",
	.takes = CL_OPT_TOP,
	.needs = { .exchanges = CL_X_BIT(CL_X_NTP) },
	.begin = begin,
	.take = take,
	.end = end,
	.json = json,
	.tables = tables,
};
