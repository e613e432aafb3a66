/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/view/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/log.h"
#include "cli/view/approx.h"
#include "cli/view/missed.h"

#define NS_PER_S   1000000000
#define NS_PER_DAY 86400000000000

static int64_t ceil_div(int64_t a, int64_t b)
{
	return a / b + (a % b > 0);
}

/* What to show ---------------------------------------------------------------- */

static void run(struct cl_session *s, const char *sql)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	cl_query_run(q);
	cl_query_free(q);
}

static void choose_servers(struct cl_session *s)
{
	run(s, "CREATE TEMP TABLE wanted(addr BLOB PRIMARY KEY)");
	for (size_t i = 0; s->database && i < s->options->nservers; i++) {
		const struct cl_addr *a = &s->options->servers[i];
		struct cl_query *q = cl_query_new(s->store, "INSERT INTO wanted VALUES(?1)");
		bool v4 = cl_addr_is_v4(a);

		cl_query_bind_blob(q, 1, a->b + (v4 ? 12 : 0), v4 ? 4 : 16);
		cl_query_run(q);
		cl_query_free(q);
	}
	run(s, "CREATE TEMP TABLE chosen AS SELECT service_id, row_number() OVER (ORDER BY proto DESC, "
	       "length(addr), addr) "
	       "AS rank, proto, address, addr FROM service WHERE kind IN ('server', 'rest') AND "
	       "(NOT EXISTS (SELECT 1 FROM wanted) OR addr IN (SELECT addr FROM wanted))");
	run(s, "CREATE UNIQUE INDEX temp.chosen_id ON chosen(service_id)");
	run(s, "CREATE TEMP TABLE total AS SELECT service_id, proto FROM service WHERE kind = 'all' AND NOT "
	       "EXISTS "
	       "(SELECT 1 FROM wanted) UNION ALL SELECT service_id, proto FROM chosen WHERE EXISTS (SELECT 1 "
	       "FROM wanted)");
}

/* Counts of a database are by UTC day, series by step; of captures the frames were chosen already. */
static void choose_span(struct cl_session *s)
{
	const struct cl_options *o = s->options;
	bool from = s->database && (o->given & CL_OPT_FROM) != 0,
	     to = s->database && (o->given & CL_OPT_TO) != 0;
	struct cl_query *q;

	run(s, "CREATE TEMP TABLE span(day_from INTEGER, day_to INTEGER, t_from INTEGER, t_to INTEGER)");
	q = cl_query_new(s->store, "INSERT INTO span VALUES(?1, ?2, ?3, ?4)");
	cl_query_bind_i64(q, 1, from ? cl_floor_div(o->from_ns, NS_PER_DAY) : INT64_MIN);
	cl_query_bind_i64(q, 2, to ? ceil_div(o->to_ns, NS_PER_DAY) - 1 : INT64_MAX);
	cl_query_bind_i64(q, 3, from ? cl_floor_div(o->from_ns, NS_PER_S) + 1 : INT64_MIN);
	cl_query_bind_i64(q, 4, to ? ceil_div(o->to_ns, NS_PER_S) : INT64_MAX);
	cl_query_run(q);
	cl_query_free(q);
	run(s, "CREATE TEMP TABLE dates AS SELECT DISTINCT source_id, day FROM day JOIN span ON day BETWEEN "
	       "day_from AND day_to");
	run(s, "CREATE TEMP TABLE ending AS SELECT source_id FROM source JOIN span ON last_ns BETWEEN "
	       "day_from * 86400000000000 AND day_to * 86400000000000 + 86399999999999");
	if ((from && o->from_ns % NS_PER_DAY != 0) || (to && o->to_ns % NS_PER_DAY != 0))
		cl_warn("--from, --to",
			"a database counts by UTC day: totals and unique clients are of whole "
			"days; series, and what is made of single messages, of the time asked "
			"for");
}

/* Stored unique clients over all sources: of a merged database its own, else those of the only source. */
static void choose_counts(struct cl_session *s)
{
	if (s->database) {
		struct cl_query *q = cl_query_new(s->store, "SELECT 1 FROM client_count_all");

		s->merged = cl_query_row(q);
		cl_query_free(q);
	}
	run(s, s->merged ? "CREATE TEMP VIEW stored AS SELECT * FROM client_count_all"
			 : "CREATE TEMP VIEW stored AS SELECT c.* FROM source CROSS JOIN client_count AS c "
			   "USING(source_id) WHERE (SELECT count(*) FROM source) = 1");
}

/* One stored period that holds all days asked for and no others. */
static void choose_counted(struct cl_session *s)
{
	run(s,
	    "CREATE TEMP TABLE counted AS SELECT period, day FROM (SELECT DISTINCT period, day FROM stored) "
	    "AS c "
	    "WHERE (period = 'all' OR (period = 'day' AND 1 = (SELECT count(DISTINCT day) FROM dates) AND "
	    "day = "
	    "(SELECT max(day) FROM dates)) OR (period = 'month' AND NOT EXISTS (SELECT 1 FROM (SELECT "
	    "DISTINCT "
	    "day FROM day) AS d JOIN span WHERE (d.day NOT BETWEEN day_from AND day_to) = (strftime('%Y-%m', "
	    "d.day * 86400, 'unixepoch') = strftime('%Y-%m', c.day * 86400, 'unixepoch'))))) ORDER BY period "
	    "LIMIT 1");
}

bool cl_view_prepare(struct cl_session *s)
{
	choose_servers(s);
	choose_span(s);
	choose_counts(s);
	choose_counted(s);
	cl_approx_prepare(s);
	cl_missed_prepare(s);
	return cl_store_error(s->store) == NULL;
}

bool cl_view_span(struct cl_session *s, int64_t *first_ns, int64_t *last_ns)
{
	struct cl_query *q = cl_query_new(s->store, "SELECT min(first_ns), max(last_ns) FROM source");
	bool found = cl_query_row(q) && !cl_query_null(q, 0);
	const struct cl_options *o = s->options;

	if (found) {
		*first_ns = cl_query_ns(q, 0);
		*last_ns = cl_query_ns(q, 1);
	}
	cl_query_free(q);
	if (found && (o->given & CL_OPT_FROM) != 0 && o->from_ns > *first_ns)
		*first_ns = o->from_ns;
	if (found && (o->given & CL_OPT_TO) != 0 && o->to_ns - 1 < *last_ns)
		*last_ns = o->to_ns - 1;
	return found && *first_ns <= *last_ns;
}

/* Distributions --------------------------------------------------------------- */

struct cl_hist cl_view_hist(struct cl_session *s, const char *where, int64_t parameter)
{
	struct cl_hist h = { .n = 0 };
	char sql[1024];

	snprintf(sql, sizeof sql,
		 "SELECT sum(n), min(min_ns), max(max_ns), sum(sum_ns) FROM dates CROSS JOIN day_delta AS d "
		 "ON d.source_id = dates.source_id AND d.day = dates.day WHERE %s",
		 where);
	struct cl_query *q = cl_query_new(s->store, sql);
	cl_query_bind_i64(q, 1, parameter);
	if (cl_query_row(q) && !cl_query_null(q, 0)) {
		h.n = cl_query_u64(q, 0);
		h.min = cl_query_ns(q, 1);
		h.max = cl_query_ns(q, 2);
		h.sum = cl_query_u64(q, 3);
	}
	cl_query_free(q);
	snprintf(sql, sizeof sql,
		 "SELECT bucket, sum(n) FROM dates CROSS JOIN day_delta_bucket AS d ON d.source_id = "
		 "dates.source_id AND d.day = dates.day WHERE %s GROUP BY bucket",
		 where);
	q = cl_query_new(s->store, sql);
	cl_query_bind_i64(q, 1, parameter);
	while (cl_query_row(q))
		if (!cl_hist_load(&h, (uint32_t)cl_query_i64(q, 0), cl_query_u64(q, 1)))
			cl_store_fail(s->store, CL_ENOMEM);
	cl_query_free(q);
	return h;
}

void cl_json_delta(struct cl_json *j, const char *key, const struct cl_hist *h)
{
	static const struct {
		const char *key;
		double q;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };

	cl_json_object(j, key);
	cl_json_u64(j, "n", h->n);
	if (h->n == 0) {
		static const char *const keys[] = { "min", "p50", "p90", "p99", "p999", "max", "mean" };

		for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
			cl_json_null(j, keys[i]);
	} else {
		cl_json_seconds(j, "min", h->min);
		for (unsigned i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
			cl_json_seconds(j, quantiles[i].key, cl_hist_quantile(h, quantiles[i].q));
		cl_json_seconds(j, "max", h->max);
		cl_json_double(j, "mean", (double)h->sum / (double)h->n / NS_PER_S);
	}
	cl_json_end(j);
}

void cl_view_no_steps(struct cl_session *s, struct cl_tables *t, bool services)
{
	static char words[128];

	snprintf(
		words, sizeof words,
		"No multiple of the step (%lld s) lies within the captures; --step sets it as they are read.",
		(long long)(s->config.engine.step_ns / 1000000000));
	cl_table_empty(t, services ? words : NULL);
}

void cl_cell_name(struct cl_session *s, struct cl_tables *t, const struct cl_addr *a, size_t width)
{
	char text[CL_ADDR_STRLEN], cut[65];
	const char *name = cl_session_name(s, a, text);
	const size_t len = strlen(name), tail = 12;

	if (len <= width || s->options->format == CL_FORMAT_CSV) {
		cl_cell_text(t, name);
		return;
	}
	snprintf(cut, sizeof cut, "%.*s..%s", (int)(width - 2 - tail), name, name + len - tail);
	cl_cell_text(t, cut);
}

void cl_cell_client(struct cl_session *s, struct cl_tables *t, const struct cl_addr *a, size_t width)
{
	const char *label = cl_labels_find(s->labels, a);
	char text[CL_ADDR_STRLEN], both[128];
	const char *name = cl_session_name(s, a, text);

	if (label == NULL || s->options->format == CL_FORMAT_CSV || strlen(name) + 4 > width) {
		cl_cell_name(s, t, a, width);
		return;
	}
	snprintf(both, sizeof both, "%s (%.*s)", name, (int)(width - strlen(name) - 3), label);
	cl_cell_text(t, both);
}

void cl_json_client(struct cl_session *s, struct cl_json *j, const struct cl_addr *a)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(a, text);
	cl_json_str(j, "client", text);
	cl_json_str(j, "label", cl_labels_find(s->labels, a));
}

/* Unique clients -------------------------------------------------------------- */

const char *const cl_view_all_kinds[3] = { "proto = ?1 AND kind = 'all'", "proto = ?1 AND kind = 'all udp'",
					   "proto = ?1 AND kind = 'all tcp'" };

bool cl_view_counted(struct cl_session *s)
{
	struct cl_query *q = cl_query_new(s->store, "SELECT 1 FROM counted");
	bool found = cl_query_row(q);

	cl_query_free(q);
	return found;
}

/* A service that the period has no row of has no clients in it. */
static struct cl_unique stored_unique(struct cl_session *s, const char *kind_or_id, int64_t id,
				      const char *proto)
{
	struct cl_unique u = { .ipv4 = 0 };
	char sql[512];

	snprintf(sql, sizeof sql,
		 "SELECT ipv4, ipv6, v4_24, v6_64, v6_48 FROM counted CROSS JOIN stored AS c ON c.period = "
		 "counted.period AND c.day = counted.day JOIN service USING(service_id) WHERE %s",
		 kind_or_id);
	struct cl_query *q = cl_query_new(s->store, sql);
	if (proto != NULL)
		cl_query_bind_text(q, 1, proto);
	else
		cl_query_bind_i64(q, 1, id);
	if (cl_query_row(q))
		u = (struct cl_unique){ cl_query_u64(q, 0),
					cl_query_u64(q, 1),
					cl_query_u64(q, 2),
					cl_query_u64(q, 3),
					cl_query_u64(q, 4),
					false,
					false };
	cl_query_free(q);
	return u;
}

struct cl_unique cl_view_unique(struct cl_session *s, int64_t service_id)
{
	if (s->database && !cl_view_counted(s))
		return cl_view_recount_service(s, service_id);
	return stored_unique(s, "service_id = ?1", service_id, NULL);
}

struct cl_unique cl_view_unique_all(struct cl_session *s, const char *proto, int via)
{
	static const enum cl_scope scopes[] = { CL_SCOPE_DNS, CL_SCOPE_DNS_UDP, CL_SCOPE_DNS_TCP };

	if (s->database && (s->options->nservers > 0 || !cl_view_counted(s)))
		return cl_view_recount_scope(s, strcmp(proto, "dns") == 0 ? scopes[via] : CL_SCOPE_NTP);
	return stored_unique(s, cl_view_all_kinds[via], 0, proto);
}

void cl_view_not_kept(struct cl_tables *t)
{
	cl_tables_say(t, "This database does not keep single messages: ask the captures, or read them with "
			 "--keep transactions.");
}

void cl_view_more(struct cl_tables *t, size_t more, const char *of_what)
{
	char text[96];

	if (more == 0)
		return;
	snprintf(text, sizeof text, "And %zu more %s: --top says how many are shown.", more, of_what);
	cl_tables_say(t, text);
}

/* Running --------------------------------------------------------------------- */

static int finish(int failed, int status)
{
	if (failed == 0)
		return status;
	if (errno != EPIPE)
		cl_error("standard output", "%s", strerror(errno));
	return CL_EXIT_FAILED;
}

/* A result up to this size is written when it is whole, or not at all. */
static char held[1 << 20];

/* What is not whole is taken back, as far as it was not written. */
static bool whole(struct cl_session *s)
{
	if (cl_store_error(s->store) == NULL)
		return true;
	__fpurge(stdout);
	return false;
}

/* Plots ----------------------------------------------------------------------- */

void cl_plots_put(struct cl_plots *p, const struct cl_plot *plot)
{
	if (p->out != NULL) {
		putc('\n', p->out);
		cl_plot_term(p->out, plot, &p->term);
	}
	if (p->svg != NULL)
		cl_svg_add(p->svg, plot);
}

/* False: errno says why. */
static bool write_svg(struct cl_svg *svg, const char *path)
{
	FILE *out = fopen(path, "w");
	bool ok;

	if (out == NULL)
		return false;
	ok = cl_svg_write(svg, out, CL_SVG_FILE);
	return fclose(out) == 0 && ok;
}

bool cl_view_is_input(const char *path, const struct cl_options *o)
{
	struct stat file, input;

	if (stat(path, &file) != 0)
		return false;
	for (size_t i = 0; i < o->ninputs; i++)
		if (stat(o->inputs[i], &input) == 0 && input.st_dev == file.st_dev &&
		    input.st_ino == file.st_ino)
			return true;
	return false;
}

/* Draws what was asked for. False: the file could not be written, and a line says why. */
static bool draw(const struct cl_view *view, struct cl_session *s)
{
	const struct cl_options *o = s->options;
	char title[256];
	bool ok = true;
	struct cl_plots p = { .out = o->plot ? stdout : NULL, .term = cl_term_of(stdout) };

	if (view->plots == NULL || (!o->plot && o->svg == NULL))
		return true;
	snprintf(title, sizeof title, "clientele %s: %s%s", view->name, o->inputs[0],
		 o->ninputs > 1 ? " and more" : "");
	if (o->svg != NULL && cl_view_is_input(o->svg, o)) {
		cl_error(o->svg, "is an input: it is not overwritten");
		return false;
	}
	if (o->svg != NULL && (p.svg = cl_svg_new(title)) == NULL) {
		cl_error("memory", "not enough for plots");
		return false;
	}
	view->plots(s, &p);
	if (p.svg != NULL && cl_store_error(s->store) == NULL && !(ok = write_svg(p.svg, o->svg)))
		cl_error(o->svg, "%s", strerror(errno));
	cl_svg_free(p.svg);
	return ok;
}

/* Formats --------------------------------------------------------------------- */

static int write_json(const struct cl_view *view, struct cl_session *s)
{
	struct cl_json *j = cl_json_new(stdout);

	if (j == NULL)
		return CL_EXIT_FAILED;
	cl_json_object(j, NULL);
	cl_json_str(j, "view", view->name);
	cl_json_str(j, "version", PACKAGE_VERSION);
	cl_input_json(s, j);
	view->json(s, j);
	cl_json_end(j);
	if (!draw(view, s)) {
		__fpurge(stdout);
		cl_json_drop(j);
		return CL_EXIT_FAILED;
	}
	if (whole(s))
		return finish(cl_json_close(j), s->status);
	cl_json_drop(j);
	return s->status;
}

static int write_tables(const struct cl_view *view, struct cl_session *s)
{
	struct cl_tables *t = cl_tables_new(stdout, s->options->format);

	if (t == NULL)
		return CL_EXIT_FAILED;
	if (s->options->format != CL_FORMAT_TABLE || cl_input_tables(s, t) || view->of_others)
		view->tables(s, t);
	if (!draw(view, s)) {
		__fpurge(stdout);
		cl_tables_drop(t);
		return CL_EXIT_FAILED;
	}
	if (whole(s))
		return finish(cl_tables_close(t), s->status);
	cl_tables_drop(t);
	return s->status;
}

static int write_view(const struct cl_view *view, struct cl_session *s)
{
	int status;

	if (view->alone != NULL && view->alone(s, &status)) {
		if (status != CL_EXIT_FAILED && whole(s))
			return finish(fflush(stdout), status);
		__fpurge(stdout);
		return status;
	}
	return s->options->format == CL_FORMAT_JSON ? write_json(view, s) : write_tables(view, s);
}

int cl_view_run(const struct cl_view *view, const struct cl_options *o)
{
	struct cl_session s;
	int status = cl_session_open(&s, o, view);
	bool silent = o->quiet && o->output != NULL;

	setvbuf(stdout, held, _IOFBF, sizeof held);
	if (status != CL_EXIT_FAILED && !silent && cl_view_prepare(&s))
		status = write_view(view, &s);
	if (status != CL_EXIT_FAILED && cl_store_error(s.store) != NULL) {
		cl_error(o->inputs[0], "%s", cl_store_error(s.store));
		status = CL_EXIT_FAILED;
	}
	cl_view_recount_free(&s);
	cl_session_close(&s);
	return status;
}
