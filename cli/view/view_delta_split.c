/* SPDX-License-Identifier: BSD-2-Clause */
/* delta --split: what is behind delta times. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/view/delta.h"
#include "dissect/ledger.h"

#define SPLITS_TABLES (CL_SPLIT_BIT(CL_SPLIT_TABLES) - 1)
#define NS_PER_S      1e9

static const char *const split_names[CL_SPLIT_TABLES] = { "family", "auth",    "mode", "length",
							  "tunnel", "pairing", "kod" };
static const char *const protos[CL_SPLIT_PROTOS] = { "ntp", "dns" };

/* Values in words ------------------------------------------------------------- */

#define VALUE_STRLEN 32

static const char *auth_name(uint32_t v)
{
	static const char *const names[CL_NTP_AUTHS] = { "plain", "mac", "crypto-nak", "autokey", "nts" };

	return v < CL_NTP_AUTHS ? names[v] : "others";
}

static const char *tunnel_name(uint32_t v)
{
	uint32_t fact = CL_FACT_TUNNEL_6IN4 + v - 1;

	if (v == 0)
		return "none";
	return fact < CL_FACTS ? cl_fact_names[fact] + strlen("tunnel_") : "others";
}

static const char *pairing_name(uint32_t v)
{
	static const char *const names[] = { "basic", "interleaved", "guessed" };

	return v < sizeof names / sizeof *names ? names[v] : "others";
}

static void value_name(enum cl_split split, enum cl_split_proto proto, uint32_t v, char out[VALUE_STRLEN])
{
	bool dns = proto == CL_SPLIT_DNS;
	const char *name = "others";

	if (v != CL_SPLIT_OTHERS && split == CL_SPLIT_LENGTH) {
		if (dns)
			snprintf(out, VALUE_STRLEN, "%u-%u", v <= 32 ? 0 : v / 2 + 1, v);
		else
			snprintf(out, VALUE_STRLEN, "%u", v);
		return;
	}
	if (v != CL_SPLIT_OTHERS && split == CL_SPLIT_MODE && !dns) {
		snprintf(out, VALUE_STRLEN, "%u/%u", v / 16, v % 16);
		return;
	}
	if (v != CL_SPLIT_OTHERS && split == CL_SPLIT_FAMILY)
		name = v == 4 ? "ipv4" : "ipv6";
	else if (v != CL_SPLIT_OTHERS && split == CL_SPLIT_MODE)
		name = v == 0 ? "udp" : "tcp";
	else if (split == CL_SPLIT_AUTH)
		name = auth_name(v);
	else if (split == CL_SPLIT_TUNNEL)
		name = tunnel_name(v);
	else if (split == CL_SPLIT_PAIRING)
		name = pairing_name(v);
	else if (split == CL_SPLIT_KOD)
		name = v == 0 ? "no" : "yes";
	snprintf(out, VALUE_STRLEN, "%s", name);
}

/* What was kept ---------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	const struct cl_split_row *const *x = a, *const *y = b;

	return ((*x)->value > (*y)->value) - ((*x)->value < (*y)->value);
}

typedef void row_fn(void *ctx, enum cl_split split, enum cl_split_proto proto, const char *value,
		    const struct cl_hist *delta);

static void each_row(const struct cl_deltasplit *d, row_fn *fn, void *ctx)
{
	for (unsigned s = 0; s < CL_SPLIT_TABLES; s++) {
		for (unsigned p = 0; p < CL_SPLIT_PROTOS; p++) {
			const struct cl_split_table *t = &d->table[p][s];
			const struct cl_split_row *rows[CL_SPLIT_VALUES_MAX + 1];

			for (size_t i = 0; i < t->rows; i++)
				rows[i] = &t->row[i];
			qsort(rows, t->rows, sizeof *rows, by_value);
			for (size_t i = 0; i < t->rows; i++) {
				char value[VALUE_STRLEN];

				value_name((enum cl_split)s, (enum cl_split_proto)p, rows[i]->value, value);
				fn(ctx, (enum cl_split)s, (enum cl_split_proto)p, value, &rows[i]->delta);
			}
		}
	}
}

static int by_addr(const void *a, const void *b)
{
	const struct cl_split_server *const *x = a, *const *y = b;

	return cl_addr_cmp(&(*x)->addr, &(*y)->addr);
}

typedef void split_server_fn(void *ctx, const struct cl_split_server *v);

static void each_server(const struct cl_deltasplit *d, split_server_fn *fn, void *ctx)
{
	const struct cl_split_server *servers[CL_SPLIT_SERVERS_MAX];

	for (size_t i = 0; i < d->servers; i++)
		servers[i] = d->server[i];
	qsort(servers, d->servers, sizeof *servers, by_addr);
	for (size_t i = 0; i < d->servers; i++)
		fn(ctx, servers[i]);
}

static bool asked(const struct cl_session *s, enum cl_split split)
{
	return (s->options->split & CL_SPLIT_BIT(split)) != 0;
}

/* Figures of a distribution ---------------------------------------------------- */

/* Smallest, largest, quantiles between them. */
#define POINTS 6u
static const struct point {
	const char *key, *title;
	double q;     /* as good as 0: the smallest */
	bool compact; /* in tables for people too, which have no room for all */
} points[POINTS] = { { "min", "min", 1e-18, true },	{ "p50", "p50", 0.5, true },
		     { "p90", "p90", 0.9, true },	{ "p99", "p99", 0.99, true },
		     { "p999", "p99.9", 0.999, false }, { "max", "max", 1, true } };

struct figures {
	uint64_t n;
	int64_t point_ns[POINTS];
	double mean_ns;
};

static struct figures figures_of(const struct cl_signed_hist *h)
{
	struct figures f = { .n = cl_signed_n(h) };

	for (size_t i = 0; i < POINTS; i++)
		f.point_ns[i] = cl_signed_quantile(h, points[i].q);
	if (f.n > 0)
		f.mean_ns = ((double)h->above.sum - (double)h->below.sum) / (double)f.n;
	return f;
}

static struct figures figures_of_delta(const struct cl_hist *h)
{
	const struct cl_signed_hist borrowed = { .above = *h };

	return figures_of(&borrowed);
}

/* JSON ------------------------------------------------------------------------- */

struct json_ctx {
	struct cl_session *s;
	struct cl_json *j;
};

static void json_figures(struct cl_json *j, const char *key, struct figures f)
{
	cl_json_object(j, key);
	cl_json_u64(j, "n", f.n);
	for (size_t i = 0; i < POINTS; i++) {
		if (f.n > 0)
			cl_json_seconds(j, points[i].key, f.point_ns[i]);
		else
			cl_json_null(j, points[i].key);
	}
	cl_json_double(j, "mean", f.n > 0 ? f.mean_ns / NS_PER_S : (double)NAN);
	cl_json_end(j);
}

static void json_row(void *ctx, enum cl_split split, enum cl_split_proto proto, const char *value,
		     const struct cl_hist *delta)
{
	struct json_ctx *c = ctx;

	cl_json_object(c->j, NULL);
	cl_json_str(c->j, "by", split_names[split]);
	cl_json_str(c->j, "proto", protos[proto]);
	cl_json_str(c->j, "value", value);
	json_figures(c->j, "delta_s", figures_of_delta(delta));
	cl_json_end(c->j);
}

static void json_server(struct json_ctx *c, const struct cl_split_server *v)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(&v->addr, text);
	cl_json_str(c->j, "server", text);
	cl_json_str(c->j, "name", cl_names_find(c->s->names, &v->addr));
}

static void json_inside(void *ctx, const struct cl_split_server *v)
{
	struct json_ctx *c = ctx;

	cl_json_object(c->j, NULL);
	json_server(c, v);
	cl_json_u64(c->j, "basic", v->basic);
	cl_json_u64(c->j, "interleaved", v->interleaved);
	cl_json_u64(c->j, "unlinked", v->unlinked);
	cl_json_u64(c->j, "no_stamps", v->no_stamps);
	json_figures(c->j, "inside_s", figures_of(&v->inside));
	json_figures(c->j, "outside_s", figures_of(&v->outside));
	cl_json_u64(c->j, "negative_inside", v->negative_inside);
	cl_json_u64(c->j, "negative_outside", v->negative_outside);
	cl_json_end(c->j);
}

static void json_clock(void *ctx, const struct cl_split_server *v)
{
	struct json_ctx *c = ctx;
	const struct cl_server_clock *k = &v->clock;
	struct cl_drift drift = cl_clock_drift(k);

	cl_json_object(c->j, NULL);
	json_server(c, v);
	cl_json_u64(c->j, "n", k->n);
	if (k->n > 0) {
		cl_json_seconds(c->j, "median_s", cl_clock_median(k));
		cl_json_object(c->j, "best");
		cl_json_time(c->j, "t", k->best.time_ns);
		cl_json_seconds(c->j, "theta_s", k->best.theta_ns);
		cl_json_seconds(c->j, "bound_s", k->best.bound_ns);
		cl_json_end(c->j);
	} else {
		cl_json_null(c->j, "median_s");
		cl_json_null(c->j, "best");
	}
	cl_json_double(c->j, "drift_ppm", drift.slots < 3 ? (double)NAN : drift.ppm);
	cl_json_double(c->j, "drift_error_ppm", drift.slots < 3 ? (double)NAN : drift.error);
	cl_json_u64(c->j, "drift_readings", drift.slots);
	if (drift.slots < 3)
		cl_json_null(c->j, "drift_span_s");
	else
		cl_json_seconds(c->j, "drift_span_s", drift.span_ns);
	cl_json_end(c->j);
}

/* An array, or null of what was not asked for or is not kept. */
static bool begin_array(struct cl_session *s, struct cl_json *j, const char *key, bool is_asked)
{
	if (is_asked && s->kept != NULL)
		cl_json_array(j, key);
	else
		cl_json_null(j, key);
	return is_asked && s->kept != NULL;
}

void cl_delta_split_json(struct cl_session *s, struct cl_json *j)
{
	struct json_ctx c = { .s = s, .j = j };
	const struct cl_deltasplit *d = s->kept;

	if (s->options->split == 0)
		return;
	if (begin_array(s, j, "splits", (s->options->split & SPLITS_TABLES) != 0)) {
		each_row(d, json_row, &c);
		cl_json_end(j);
	}
	if (begin_array(s, j, "inside", asked(s, CL_SPLIT_INSIDE))) {
		each_server(d, json_inside, &c);
		cl_json_end(j);
	}
	if (begin_array(s, j, "clock", asked(s, CL_SPLIT_CLOCK))) {
		each_server(d, json_clock, &c);
		cl_json_end(j);
	}
	if (d != NULL && d->other_servers > 0)
		cl_json_u64(j, "other_servers", d->other_servers);
}

/* Tables ----------------------------------------------------------------------- */

struct table_ctx {
	struct cl_session *s;
	struct cl_tables *t;
};

/* A line for people has no room for all that CSV has. */
static bool is_csv(const struct cl_session *s)
{
	return s->options->format == CL_FORMAT_CSV;
}

#define FIGURE_COLUMNS (POINTS + 2)

/* Puts the columns of a distribution behind `n` others; how many they are now. */
static size_t add_columns(const struct cl_session *s, struct cl_column *columns, size_t n)
{
	columns[n++] = (struct cl_column){ "n", "n", CL_COL_COUNT };
	for (size_t i = 0; i < POINTS; i++)
		if (is_csv(s) || points[i].compact)
			columns[n++] = (struct cl_column){ points[i].title, points[i].key, CL_COL_DURATION };
	if (is_csv(s))
		columns[n++] = (struct cl_column){ "mean", "mean", CL_COL_DURATION };
	return n;
}

static void cells(const struct table_ctx *c, struct figures f)
{
	cl_cell_count(c->t, f.n);
	for (size_t i = 0; f.n > 0 && i < POINTS; i++)
		if (is_csv(c->s) || points[i].compact)
			cl_cell_duration(c->t, f.point_ns[i]);
	if (f.n > 0 && is_csv(c->s))
		cl_cell_duration(c->t, (int64_t)f.mean_ns);
}

static void table_row(void *ctx, enum cl_split split, enum cl_split_proto proto, const char *value,
		      const struct cl_hist *delta)
{
	struct table_ctx *c = ctx;

	cl_cell_text(c->t, split_names[split]);
	cl_cell_text(c->t, protos[proto]);
	cl_cell_text(c->t, value);
	cells(c, figures_of_delta(delta));
	cl_table_row_end(c->t);
}

static void table_counts(void *ctx, const struct cl_split_server *v)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_session_name(c->s, &v->addr, text));
	cl_cell_count(c->t, v->basic);
	cl_cell_count(c->t, v->interleaved);
	cl_cell_count(c->t, v->unlinked);
	cl_cell_count(c->t, v->no_stamps);
	cl_cell_count(c->t, v->negative_inside);
	cl_cell_count(c->t, v->negative_outside);
	cl_table_row_end(c->t);
}

static void table_inside(void *ctx, const struct cl_split_server *v)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	for (unsigned outside = 0; outside < 2; outside++) {
		cl_cell_text(c->t, cl_session_name(c->s, &v->addr, text));
		cl_cell_text(c->t, outside ? "outside" : "inside");
		cells(c, figures_of(outside ? &v->outside : &v->inside));
		cl_table_row_end(c->t);
	}
}

static void clock_cells(const struct table_ctx *c, const struct cl_server_clock *k)
{
	cl_cell_count(c->t, k->n);
	if (k->n > 0) {
		cl_cell_duration(c->t, cl_clock_median(k));
		cl_cell_duration(c->t, k->best.theta_ns);
		cl_cell_duration(c->t, k->best.bound_ns);
		return;
	}
	for (unsigned i = 0; i < 3; i++)
		cl_cell_null(c->t);
}

static void table_clock(void *ctx, const struct cl_split_server *v)
{
	struct table_ctx *c = ctx;
	struct cl_drift drift = cl_clock_drift(&v->clock);
	bool known = drift.slots >= 3;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_session_name(c->s, &v->addr, text));
	clock_cells(c, &v->clock);
	cl_cell_number(c->t, known ? drift.ppm : (double)NAN);
	cl_cell_number(c->t, known ? drift.error : (double)NAN);
	cl_cell_count(c->t, drift.slots);
	if (known)
		cl_cell_duration(c->t, drift.span_ns);
	else
		cl_cell_null(c->t);
	if (is_csv(c->s) && v->clock.n > 0)
		cl_cell_time(c->t, v->clock.best.time_ns);
	cl_table_row_end(c->t);
}

static void tables_inside(struct table_ctx *c)
{
	static const struct cl_column counts[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "Basic", "basic", CL_COL_COUNT },
		{ "Interleaved", "interleaved", CL_COL_COUNT },
		{ "Unlinked", "unlinked", CL_COL_COUNT },
		{ "No stamps", "no_stamps", CL_COL_COUNT },
		{ "Inside <0", "negative_inside", CL_COL_COUNT },
		{ "Outside <0", "negative_outside", CL_COL_COUNT },
	};
	struct cl_column parts[2 + FIGURE_COLUMNS] = { { "Server", "server", CL_COL_TEXT },
						       { "", "where", CL_COL_TEXT } };
	const struct cl_deltasplit *d = c->s->kept;

	cl_table_begin(c->t, "Inside the server, and the rest of delta", parts, add_columns(c->s, parts, 2));
	each_server(d, table_inside, c);
	cl_table_end(c->t);
	cl_table_begin(c->t, "Exchanges by what their stamps say", counts, sizeof counts / sizeof *counts);
	each_server(d, table_counts, c);
	cl_table_end(c->t);
	cl_tables_note(
		c->t,
		"Inside: the server's transmit stamp minus its receive stamp. Outside: the rest of delta: "
		"network and firewalls between the tap and the server, queues, its kernel. On which side of "
		"a firewall the tap is cannot be seen. Below 0: a clock was set, stamps are rough, or one "
		"was taken behind the tap, as network cards do. Unlinked: the next response, which says when "
		"this one left, was not seen. No stamps: kiss-o'-death, guessed, or a stamp of 0.");
}

static void tables_clock(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "n", "n", CL_COL_COUNT },
		{ "Median", "median_s", CL_COL_DURATION },
		{ "Best", "best_theta_s", CL_COL_DURATION },
		{ "+/-", "best_bound_s", CL_COL_DURATION },
		{ "Drift ppm", "drift_ppm", CL_COL_NUMBER },
		{ "+/- ppm", "drift_error_ppm", CL_COL_NUMBER },
		{ "of", "drift_readings", CL_COL_COUNT },
		{ "Span", "drift_span_s", CL_COL_DURATION },
		{ "At", "best_t", CL_COL_TIME },
	};

	cl_table_begin(c->t, "Server's clock minus the capture's clock", columns,
		       sizeof columns / sizeof *columns - (is_csv(c->s) ? 0 : 1));
	each_server(c->s->kept, table_clock, c);
	cl_table_end(c->t);
	cl_tables_note(
		c->t,
		"Best: the exchange with the shortest time outside; +/- is half of it, a hard bound. Drift: "
		"a straight line through the best of each stretch, with its standard error. Which of the two "
		"clocks is right, and on which side of a firewall the tap is, cannot be seen.");
}

void cl_delta_split_tables(struct cl_session *s, struct cl_tables *t)
{
	struct cl_column columns[3 + FIGURE_COLUMNS] = { { "By", "by", CL_COL_TEXT },
							 { "", "proto", CL_COL_TEXT },
							 { "Value", "value", CL_COL_TEXT } };
	struct table_ctx c = { .s = s, .t = t };
	const struct cl_deltasplit *d = s->kept;
	char note[128];

	if (s->options->split == 0)
		return;
	if (d == NULL) {
		cl_tables_note(t, "--split looks at single exchanges, which this database does not keep: ask "
				  "the captures.");
		return;
	}
	if ((s->options->split & SPLITS_TABLES) != 0) {
		cl_table_begin(t, "Delta of all servers by what exchanges have in common", columns,
			       add_columns(s, columns, 3));
		each_row(d, table_row, &c);
		cl_table_end(t);
	}
	if (asked(s, CL_SPLIT_INSIDE))
		tables_inside(&c);
	if (asked(s, CL_SPLIT_CLOCK))
		tables_clock(&c);
	if (d->other_servers > 0) {
		snprintf(note, sizeof note, "Not looked into: %llu exchanges of servers beyond the first %u.",
			 (unsigned long long)d->other_servers, CL_SPLIT_SERVERS_MAX);
		cl_tables_note(t, note);
	}
}
