/* SPDX-License-Identifier: BSD-2-Clause */
/* export: a database, or captures, into files that other programs take. */
#include "cli/export/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/options_rows.h"
#include "cli/view/view.h"
#include "cli/write/timefmt.h"

#define NS_PER_DAY INT64_C(86400000000000)

static const struct cl_export_format *const formats[] = { &cl_export_rssac002, &cl_export_dsc,
							  &cl_export_dsc_json, &cl_export_magnitude,
							  &cl_export_ithi };
static const char *const format_names[] = { "rssac002", "dsc", "dsc-json", "magnitude", "ithi", NULL };

static struct {
	const struct cl_export_format *format;
	const char *dir, *service, *role;
	char zone[256];
	bool partial, one_day;
	int64_t day;
} asked = { .role = "authoritative", .zone = "." };

/* Options --------------------------------------------------------------------- */

static const char *set_to(void *kept, const char *value)
{
	int i = cl_option_choice(value, format_names);

	(void)kept;
	if (i < 0)
		return "needs rssac002, dsc, dsc-json, magnitude or ithi";
	asked.format = formats[i];
	return NULL;
}

static const char *set_dir(void *kept, const char *value)
{
	(void)kept;
	asked.dir = value;
	return *value != '\0' ? NULL : "needs the path of a folder";
}

/* A domain name, as it goes into names of files too. */
static const char *set_service(void *kept, const char *value)
{
	size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

	(void)kept;
	asked.service = value;
	return n > 0 && n <= 253 && value[n] == '\0' && value[0] != '.'
		       ? NULL
		       : "needs a name such as b.root-servers.net";
}

static const char *set_zone(void *kept, const char *value)
{
	size_t n = strlen(value), i;

	(void)kept;
	for (i = 0; i < n && n < sizeof asked.zone; i++) {
		bool upper = value[i] >= 'A' && value[i] <= 'Z';

		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789.-_/", value[i] | (upper ? 0x20 : 0)) == NULL)
			break;
		asked.zone[i] = (char)(value[i] | (upper ? 0x20 : 0));
	}
	if (n == 0 || i < n || (n > 1 && value[0] == '.'))
		return "needs a zone such as example.com, or . for the root";
	asked.zone[n > 1 && value[n - 1] == '.' ? n - 1 : n] = '\0';
	return NULL;
}

static const char *set_role(void *kept, const char *value)
{
	static const char *const roles[] = { "root", "recursive", "authoritative", NULL };
	int i = cl_option_choice(value, roles);

	(void)kept;
	if (i < 0)
		return "needs root, recursive or authoritative";
	asked.role = roles[i];
	return NULL;
}

static const char *set_partial(void *kept, const char *value)
{
	(void)kept;
	(void)value;
	asked.partial = true;
	return NULL;
}

static const char *set_day(void *kept, const char *value)
{
	int64_t ns;

	(void)kept;
	if (strlen(value) != sizeof "2026-05-01" - 1 || !cl_time_parse(value, &ns))
		return "needs a date such as 2026-05-01";
	asked.day = cl_floor_div(ns, NS_PER_DAY);
	asked.one_day = true;
	return NULL;
}

static const struct cl_own_option own[] = {
	{ 0, "to", "FORMAT", "rssac002, dsc, dsc-json, magnitude or ithi", set_to },
	{ 'o', "output", "DIR", "the folder that the files go to", set_dir },
	{ 0, "service", "NAME", "of the service, such as b.root-servers.net", set_service },
	{ 0, "zone", "NAME", "RSSAC002: of load-time and zone-size (the root)", set_zone },
	{ 0, "role", "ROLE", "ITHI: root, recursive or authoritative (default)", set_role },
	{ 0, "day", "DATE", "this UTC day alone", set_day },
	{ 0, "partial", NULL, "days too that were not captured whole", set_partial },
};

/* Files ----------------------------------------------------------------------- */

/* Makes the folders of e->path. */
static bool make_folders(struct cl_export *e)
{
	for (char *slash = strchr(e->path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool ok = mkdir(e->path, 0777) == 0 || errno == EEXIST;
		if (!ok)
			cl_error(e->path, "%s", strerror(errno));
		*slash = '/';
		if (!ok)
			return false;
	}
	return true;
}

FILE *cl_export_begin(struct cl_export *e, const char *name)
{
	if ((size_t)snprintf(e->path, sizeof e->path, "%s/%s", e->dir, name) >= sizeof e->path) {
		cl_error(e->dir, "is too long for the name of a file");
		return NULL;
	}
	snprintf(e->unfinished, sizeof e->unfinished, "%s.part", e->path);
	if (!make_folders(e))
		return NULL;
	FILE *f = fopen(e->unfinished, "w");
	if (f == NULL)
		cl_error(e->unfinished, "%s", strerror(errno));
	return f;
}

bool cl_export_end(struct cl_export *e, FILE *f)
{
	bool ok = ferror(f) == 0 && fflush(f) == 0;
	int reason = errno;

	if (fclose(f) != 0 && ok) {
		ok = false;
		reason = errno;
	}
	if (ok && rename(e->unfinished, e->path) != 0) {
		ok = false;
		reason = errno;
	}
	if (ok) {
		cl_info(e->path, "written");
		e->files++;
		return true;
	}
	cl_error(e->path, "%s", strerror(reason));
	(void)unlink(e->unfinished);
	return false;
}

/* Days ------------------------------------------------------------------------ */

/* Sources with packets of the day, and those of them that do not have all of it: the first or last packet may
 * come up to a step after the day begins, or before it ends. */
#define SOURCES_OF_DAY                                                                                       \
	"SELECT total(1), total(first_ns > ?2 + ?4 OR last_ns < ?3 - ?4 OR (EXISTS(SELECT 1 FROM "           \
	"capture_stretch AS c WHERE c.source_id = source.source_id) AND NOT EXISTS(SELECT 1 FROM "           \
	"capture_stretch AS c WHERE c.source_id = source.source_id AND from_ns <= ?2 + ?4 AND to_ns >= ?3 "  \
	"- ?4))) FROM source WHERE first_ns < ?3 AND last_ns >= ?2"

static bool is_whole(struct cl_export *e, int64_t day)
{
	struct cl_query *q = cl_query_new(e->session->store, SOURCES_OF_DAY);
	bool whole;

	cl_query_bind_i64(q, 2, day * NS_PER_DAY);
	cl_query_bind_i64(q, 3, (day + 1) * NS_PER_DAY);
	cl_query_bind_i64(q, 4, e->session->config.engine.step_ns);
	whole = cl_query_row(q) && cl_query_i64(q, 0) > 0 && cl_query_i64(q, 1) == 0;
	cl_query_free(q);
	return whole;
}

static bool one_day(struct cl_export *e, int64_t day,
		    bool (*fn)(struct cl_export *e, const struct cl_export_day *d))
{
	struct cl_export_day d = { .day = day };
	char text[CL_TIME_STRLEN];

	if (day > INT64_MAX / NS_PER_DAY - 2 || day < INT64_MIN / NS_PER_DAY + 2)
		return true; /* damaged */
	d.whole = is_whole(e, day);
	cl_time_format(text, day * NS_PER_DAY, 0);
	snprintf(d.date, sizeof d.date, "%.10s", text);
	if (!d.whole && !e->partial) {
		cl_warn(d.date, "was not captured whole: left out; --partial takes it as it is");
		e->status = CL_EXIT_PARTIAL;
		return true;
	}
	if (!d.whole)
		cl_warn(d.date, "was not captured whole: its figures are too low");
	return fn(e, &d);
}

bool cl_export_days(struct cl_export *e, bool (*fn)(struct cl_export *e, const struct cl_export_day *d))
{
	struct cl_query *q = cl_query_new(
		e->session->store, "SELECT DISTINCT d.day FROM day AS d JOIN chosen USING(service_id) WHERE "
				   "chosen.proto = 'dns' ORDER BY d.day");
	bool ok = true;

	while (ok && cl_query_row(q))
		if (!e->one_day || cl_query_i64(q, 0) == e->day)
			ok = one_day(e, cl_query_i64(q, 0), fn);
	cl_query_free(q);
	return ok && cl_store_error(e->session->store) == NULL;
}

/* The command ----------------------------------------------------------------- */

/* What the inputs are opened for: all that a database has. */
static const struct cl_view whole_store = { .name = "export" };

/* Captures go through a database of their own, which is gone as soon as it is open. */
struct scratch {
	char dir[CL_EXPORT_PATH], db[CL_EXPORT_PATH + 8];
};

static bool scratch_make(struct scratch *s, const char *dir)
{
	snprintf(s->dir, sizeof s->dir, "%s/.export-XXXXXX", dir);
	if (strlen(s->dir) < sizeof s->dir - 1 && mkdtemp(s->dir) != NULL) {
		snprintf(s->db, sizeof s->db, "%s/db", s->dir);
		return true;
	}
	cl_error(dir, "%s", strerror(errno));
	s->dir[0] = '\0';
	return false;
}

static void scratch_remove(struct scratch *s)
{
	if (s->dir[0] == '\0')
		return;
	(void)unlink(s->db);
	(void)rmdir(s->dir);
	s->dir[0] = '\0';
}

static bool is_database(const struct cl_options *o)
{
	for (size_t i = 0; i < o->ninputs; i++)
		if (strcmp(o->inputs[i], "-") != 0 && cl_file_kind(o->inputs[i]) == CL_FILE_SQLITE)
			return true;
	return false;
}

static int export(struct cl_export *e)
{
	if (!cl_view_prepare(e->session) || !asked.format->run(e)) {
		if (cl_store_error(e->session->store) != NULL)
			cl_error(e->session->options->inputs[0], "%s", cl_store_error(e->session->store));
		return CL_EXIT_FAILED;
	}
	if (e->files == 0 && e->status == CL_EXIT_OK)
		cl_warn(e->dir, "nothing to write: no DNS messages of these servers and days");
	return e->files == 0 && e->status != CL_EXIT_OK ? CL_EXIT_FAILED : e->status;
}

static int run(const struct cl_command *c, const struct cl_options *given)
{
	struct cl_options o = *given;
	struct scratch scratch = { .dir = "" };
	struct cl_session s = { .options = NULL };
	struct cl_export e = { .session = &s,
			       .dir = asked.dir,
			       .service = asked.service,
			       .zone = asked.zone,
			       .role = asked.role,
			       .partial = asked.partial,
			       .one_day = asked.one_day,
			       .day = asked.day };

	(void)c;
	if (asked.format == NULL || asked.dir == NULL) {
		cl_error(asked.dir == NULL ? "-o" : "--to", "is missing: say clientele export --to FORMAT -o "
							    "DIR INPUT...");
		return CL_EXIT_FAILED;
	}
	if (asked.format->service && asked.service == NULL) {
		cl_error("--service", "is missing: the files name the service");
		return CL_EXIT_FAILED;
	}
	if (mkdir(asked.dir, 0777) != 0 && errno != EEXIST) {
		cl_error(asked.dir, "%s", strerror(errno));
		return CL_EXIT_FAILED;
	}
	if (!is_database(&o)) {
		if (!scratch_make(&scratch, asked.dir))
			return CL_EXIT_FAILED;
		o.output = scratch.db;
		o.keep_transactions = true;
		o.keep_names = asked.format == &cl_export_magnitude || asked.format == &cl_export_ithi;
	}
	e.status = cl_session_open(&s, &o, &whole_store);
	scratch_remove(&scratch);
	int status = e.status != CL_EXIT_FAILED ? export(&e) : e.status;
	cl_session_close(&s);
	return status;
}

const struct cl_command cl_command_export = {
	.name = "export",
	.summary = "write files of other programs: RSSAC002, DSC, DNS Magnitude, ITHI",
	.usage = "--to FORMAT -o DIR [OPTION...] INPUT...",
	.example = "  clientele export --to rssac002 --service ns.example.net -o out may.db\n"
		   "  clientele export --to dsc -o dsc monday.pcap\n",
	.takes = (CL_OPTS_VIEW & ~(CL_OPT_TO | CL_OPT_FROM | CL_OPT_FORMAT | CL_OPT_NAMES | CL_OPT_LABELS)),
	.run = run,
	.own = own,
	.nown = sizeof own / sizeof *own,
};
