/* SPDX-License-Identifier: BSD-2-Clause */
/* report: the statistics of a month, or of some days, as a page. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "capture/input.h"
#include "cli/commands.h"
#include "cli/log.h"
#include "cli/report/report.h"
#include "stats/store/merge.h"

#define NS_PER_DAY INT64_C(86400000000000)

/* Days that a report may span: ten years. */
#define DAYS_MOST 3653

static struct cl_report_options kept;

/* Options --------------------------------------------------------------------- */

/* Reads YYYY-MM-DD. */
static bool parse_day(const char *text, int64_t *day)
{
	int64_t ns;

	if (strlen(text) != 10 || !cl_time_parse(text, &ns))
		return false;
	*day = cl_floor_div(ns, NS_PER_DAY);
	return true;
}

static const char *set_month(void *to, const char *value)
{
	struct cl_report_options *o = to;
	char text[16];
	int year = 0, month = 0, used = 0;

	if (strlen(value) != 7 || sscanf(value, "%4d-%2d%n", &year, &month, &used) != 2 || used != 7)
		return "needs a month as YYYY-MM";
	snprintf(text, sizeof text, "%04d-%02d-01", year % 10000, month % 100);
	if (!parse_day(text, &o->day_from))
		return "needs a month as YYYY-MM";
	snprintf(text, sizeof text, "%04d-%02d-01", (month == 12 ? year + 1 : year) % 10000, month % 12 + 1);
	if (!parse_day(text, &o->day_to))
		return "needs a month as YYYY-MM";
	o->day_to--;
	o->month = true;
	o->period = value;
	return NULL;
}

static const char *set_day(void *to, const char *value)
{
	struct cl_report_options *o = to;

	if (!parse_day(value, &o->day_from))
		return "needs a day as YYYY-MM-DD";
	o->day_to = o->day_from;
	o->day = true;
	o->period = value;
	return NULL;
}

static const char *set_from(void *to, const char *value)
{
	struct cl_report_options *o = to;

	o->from = true;
	return parse_day(value, &o->day_from) ? NULL : "needs a day as YYYY-MM-DD";
}

static const char *set_to(void *to, const char *value)
{
	struct cl_report_options *o = to;

	o->to = true;
	return parse_day(value, &o->day_to) ? NULL : "needs a day as YYYY-MM-DD";
}

static const char *set_output(void *to, const char *value)
{
	struct cl_report_options *o = to;

	o->output = value;
	return *value != '\0' ? NULL : "needs the path of a file";
}

static const char *const forms[] = { "text", "html", "json", "csv", NULL };

static const char *set_form(void *to, const char *value)
{
	struct cl_report_options *o = to;

	for (size_t i = 0; forms[i] != NULL; i++)
		if (strcmp(value, forms[i]) == 0) {
			o->form = forms[i];
			return NULL;
		}
	return "needs text, html, json or csv";
}

static const char *set_geo(void *to, const char *value)
{
	struct cl_report_options *o = to;

	if (o->geos == CL_GEO_FILES_MAX)
		return "takes at most 16 files";
	o->geo[o->geos++] = value;
	return NULL;
}

static const char *set_no_geo(void *to, const char *value)
{
	(void)value;
	((struct cl_report_options *)to)->no_geo = true;
	return NULL;
}

static const char *set_no_addresses(void *to, const char *value)
{
	(void)value;
	((struct cl_report_options *)to)->no_addresses = true;
	return NULL;
}

static const struct cl_own_option own[] = {
	{ 0, "month", "YYYY-MM", "the report of this month", set_month },
	{ 0, "day", "YYYY-MM-DD", "the report of this day", set_day },
	{ 0, "from", "YYYY-MM-DD", "the report of the days from this one on", set_from },
	{ 0, "to", "YYYY-MM-DD", "to this one, which is in it", set_to },
	{ 'o', "output", "FILE", "write it there (standard output)", set_output },
	{ 0, "format", "FORMAT", "text, html, json or csv (by FILE's ending)", set_form },
	{ 0, "geo", "FILE", "where clients are: MaxMind DB or PREFIX LABEL", set_geo },
	{ 0, "no-geo", NULL, "not where clients are", set_no_geo },
	{ 0, "no-addresses", NULL, "no address of a client: its /24 or /48", set_no_addresses },
};

/* The days, if they were all said. */
static bool judge_period(struct cl_report_options *o)
{
	static char period[32];

	if (o->from != o->to || o->month + o->day + o->from != 1) {
		cl_error("report", "needs one of --month YYYY-MM, --day YYYY-MM-DD, or --from and --to");
		return false;
	}
	if (o->from) {
		if (o->day_from > o->day_to) {
			cl_error("--to", "needs a day that is not before that of --from");
			return false;
		}
		if (o->day_to - o->day_from >= DAYS_MOST) {
			cl_error("--to", "is more than ten years after --from");
			return false;
		}
		char from[CL_TIME_STRLEN], to[CL_TIME_STRLEN];

		cl_time_format(from, o->day_from * NS_PER_DAY, 0);
		cl_time_format(to, o->day_to * NS_PER_DAY, 0);
		snprintf(period, sizeof period, "%.10s to %.10s", from, to);
		o->period = period;
	}
	return true;
}

static const char *form_of(const struct cl_report_options *o)
{
	static const struct {
		const char *ending, *form;
	} endings[] = { { ".html", "html" }, { ".htm", "html" }, { ".json", "json" }, { ".csv", "csv" } };
	const char *dot = o->output != NULL ? strrchr(o->output, '.') : NULL;

	if (o->form != NULL)
		return o->form;
	for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof *endings; i++)
		if (strcasecmp(dot, endings[i].ending) == 0)
			return endings[i].form;
	return "text";
}

/* Writing --------------------------------------------------------------------- */

static bool write_json(const struct cl_report *r, FILE *out)
{
	struct cl_json *j = cl_json_new(out);

	if (j == NULL)
		return false;
	cl_json_object(j, NULL);
	cl_json_str(j, "view", "report");
	cl_json_str(j, "version", PACKAGE_VERSION);
	cl_input_json(r->s, j);
	cl_json_str(j, "period", r->o->period);
	cl_doc_write_json(r->d, j);
	cl_json_end(j);
	return cl_json_close(j) == 0;
}

/* False: errno says why. */
static bool write_form(const struct cl_report *r, const char *form, FILE *out)
{
	errno = ENOMEM;
	if (strcmp(form, "json") == 0)
		return write_json(r, out);
	if (strcmp(form, "csv") == 0)
		return cl_doc_write_csv(r->d, out) && fflush(out) == 0;
	if (strcmp(form, "html") == 0)
		return cl_doc_write_html(r->d, out) && fflush(out) == 0;
	return cl_doc_write_text(r->d, out) && fflush(out) == 0;
}

static int write_report(const struct cl_report *r)
{
	const char *path = r->o->output;
	FILE *out = path != NULL ? fopen(path, "w") : stdout;
	bool ok = out != NULL && write_form(r, form_of(r->o), out) && ferror(out) == 0;

	if (path != NULL && out != NULL && fclose(out) != 0)
		ok = false;
	if (!ok) {
		if (path != NULL || errno != EPIPE)
			cl_error(path != NULL ? path : "standard output", "%s", strerror(errno));
		if (path != NULL && out != NULL)
			remove(path);
	}
	return ok ? r->s->status : CL_EXIT_FAILED;
}

/* Making ---------------------------------------------------------------------- */

static void head(struct cl_report *r)
{
	char title[128], below[256];

	snprintf(title, sizeof title, "NTP and DNS clients, %s", r->o->period);
	snprintf(below, sizeof below, "%zu day%s, %lld sensor%s. Times and days are UTC.", r->days,
		 r->days == 1 ? "" : "s", (long long)r->sensors, r->sensors == 1 ? "" : "s");
	cl_doc_title(r->d, title, below);
}

static int make(struct cl_report *r)
{
	static void (*const chapters[])(struct cl_report *) = {
#define X(name) cl_report_##name,
#include "cli/report/chapters.def"
#undef X
	};

	cl_progress_begin(&r->progress, !r->s->options->no_progress && !r->s->options->quiet);
	bool ok = cl_report_open(r);
	if (ok) {
		head(r);
		for (size_t i = 0; i < sizeof chapters / sizeof *chapters; i++)
			chapters[i](r);
	}
	cl_progress_end(&r->progress);
	if (cl_store_error(r->s->store) != NULL) {
		cl_error(r->s->options->inputs[0], "%s", cl_store_error(r->s->store));
		return CL_EXIT_FAILED;
	}
	if (!ok || cl_doc_failed(r->d)) {
		cl_error("memory", "not enough for the report");
		return CL_EXIT_FAILED;
	}
	return write_report(r);
}

static bool judge_inputs(const struct cl_options *o, const struct cl_report_options *own_options)
{
	for (size_t i = 0; i < o->ninputs; i++)
		if (strcmp(o->inputs[i], "-") == 0 || cl_file_kind(o->inputs[i]) == CL_FILE_CAPTURE) {
			cl_error(o->inputs[i],
				 "is no database: make one with 'clientele read -o DB FILE...'");
			return false;
		}
	if (own_options->output != NULL && cl_view_is_input(own_options->output, o)) {
		cl_error(own_options->output, "is an input: it is not overwritten");
		return false;
	}
	return true;
}

/* Several databases ------------------------------------------------------------ */

/* Merges them into one that is the report's alone, and has no name once it is open. */
static bool merge(const struct cl_options *o, char *path, size_t size)
{
	const char *folder = getenv("TMPDIR");
	struct cl_merge_result result;
	int fd;

	snprintf(path, size, "%s/clientele-report-XXXXXX",
		 folder != NULL && folder[0] != '\0' ? folder : "/tmp");
	if ((fd = mkstemp(path)) < 0) {
		cl_error(path, "%s", strerror(errno));
		return false;
	}
	close(fd);
	const struct cl_merge m = { .paths = o->inputs, .count = o->ninputs, .out = path };
	if (cl_merge(&m, &result))
		return true;
	cl_error(result.path == path || result.path == NULL ? "merging the databases" : result.path, "%s",
		 result.error);
	unlink(path);
	return false;
}

/* Opens the database, or what several are merged into. */
static int open_inputs(struct cl_session *s, struct cl_options *o, const struct cl_view *view)
{
	char path[4096];
	const char *only = path;
	bool several = o->ninputs > 1;

	if (several && !merge(o, path, sizeof path)) {
		*s = (struct cl_session){ .options = o };
		return CL_EXIT_FAILED;
	}
	struct cl_options one = *o;
	if (several) {
		one.inputs = &only;
		one.ninputs = 1;
	}
	int status = cl_session_open(s, &one, view);
	s->options = o;
	if (several)
		unlink(path);
	return status;
}

static int run(const struct cl_command *c, const struct cl_options *given)
{
	static const struct cl_view view = { .name = "report", .summary = "", .example = "" };
	struct cl_report_options *o = c->kept;
	struct cl_options options = *given;
	struct cl_session s;
	struct cl_report r = { .o = o, .s = &s };

	if (!judge_period(o) || !judge_inputs(given, o))
		return CL_EXIT_FAILED;
	options.given |= CL_OPT_FROM | CL_OPT_TO;
	options.from_ns = o->day_from * NS_PER_DAY;
	options.to_ns = (o->day_to + 1) * NS_PER_DAY;
	int status = open_inputs(&s, &options, &view);
	if (status != CL_EXIT_FAILED && !o->no_geo && !cl_geo_open(&r.geo, o->geo, o->geos))
		status = CL_EXIT_FAILED;
	r.d = cl_doc_new();
	bool ready = status != CL_EXIT_FAILED && r.d != NULL && cl_view_prepare(&s);
	if (!ready && status != CL_EXIT_FAILED)
		cl_error(options.inputs[0], "%s",
			 s.store != NULL && cl_store_error(s.store) != NULL ? cl_store_error(s.store)
									    : "out of memory");
	status = ready ? make(&r) : CL_EXIT_FAILED;
	cl_report_close(&r);
	cl_geo_close(r.geo);
	cl_doc_free(r.d);
	cl_view_recount_free(&s);
	cl_session_close(&s);
	return status;
}

const struct cl_command cl_command_report = {
	.name = "report",
	.summary = "the statistics of a month as text, a page, JSON or CSV",
	.usage = "--month YYYY-MM [OPTION...] DB...",
	.example = "  clientele report --month 2026-05 -o may.html may.db\n"
		   "  clientele report --day 2026-05-31 may.db\n",
	.takes = CL_OPTS_COMMON | CL_OPT_SERVER | CL_OPT_NAMES | CL_OPT_LABELS | CL_OPT_TOP,
	.run = run,
	.own = own,
	.nown = sizeof own / sizeof *own,
	.kept = &kept,
};
