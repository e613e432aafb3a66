/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/daily.h"
#include "cli/log.h"
#include "cli/memory.h"
#include "cli/userfile/signatures.h"
#include "cli/view/view.h"
#include "cli/write/timefmt.h"

#define NS_PER_S 1000000000

/* Configuration --------------------------------------------------------------- */

uint64_t cl_random_seed(void)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		cl_warn("random numbers",
			"not to be had; hash tables are not protected against chosen addresses");
	return seed;
}

/* --server's addresses, sorted as the options hold them, joined by commas. NULL when memory is short. */
static char *join_servers(const struct cl_options *o)
{
	char *text = calloc(o->nservers + 1, CL_ADDR_STRLEN + 1);
	size_t at = 0;

	for (size_t i = 0; text != NULL && i < o->nservers; i++) {
		if (i > 0)
			text[at++] = ',';
		at += cl_addr_format(&o->servers[i], text + at);
	}
	return text;
}

/* Ports with commas between. NULL when memory is short. */
static char *join_ports(const uint16_t *ports, size_t n)
{
	char *text = calloc(n + 1, sizeof "65535,");
	size_t at = 0;

	for (size_t i = 0; text != NULL && i < n; i++)
		at += (size_t)sprintf(text + at, "%s%u", i > 0 ? "," : "", ports[i]);
	return text;
}

/* What nobody asked for is not collected. A database is for all views. */
static void config_of(const struct cl_options *o, const struct cl_needs *needs, struct cl_store_config *c)
{
	bool series = needs->series || o->output != NULL, clients = needs->clients || o->output != NULL;

	*c = (struct cl_store_config){ .engine = { .pairing = o->pairing,
						   .timeout_ns = o->timeout_ns,
						   .step_ns = (int64_t)o->step_s * NS_PER_S,
						   .windows = clients ? (uint32_t)o->nwindows : 0,
						   .seed = cl_random_seed(),
						   .series = series,
						   .gaps = needs->gaps,
						   .networks = needs->networks,
						   .codes = needs->codes,
						   .days = needs->days,
						   .count_only = !clients } };
	c->only = o->only;
	struct cl_memory_plan plan = cl_memory_plan(o->max_memory);

	c->engine.memory = plan.engine;
	c->cache = plan.cache;
	for (size_t i = 0; i < c->engine.windows; i++)
		c->engine.window_ns[i] = (int64_t)o->windows_s[i] * NS_PER_S;
}

static bool refuse(const char *path, const char *option, const char *has)
{
	cl_error(path, "was written with %s %s; ask for that or leave %s out", option,
		 has[0] != '\0' ? has : "(none)", option);
	return false;
}

static bool refuse_only(const char *path, enum cl_only has, enum cl_only asked)
{
	static const char *const names[] = { [CL_ONLY_ALL] = "neither --inner nor --outer",
					     [CL_ONLY_INNER] = "--inner",
					     [CL_ONLY_OUTER] = "--outer" };

	cl_error(path, "was written with %s; ask for that or leave %s out", names[has], names[asked]);
	return false;
}

static bool same_windows(const struct cl_engine_config *c, const struct cl_options *o)
{
	bool same = c->windows == o->nwindows;

	for (uint32_t i = 0; same && i < c->windows; i++)
		same = c->window_ns[i] == (int64_t)o->windows_s[i] * NS_PER_S;
	return same;
}

static void windows_text(const struct cl_engine_config *c, char *out, size_t size)
{
	size_t at = 0;

	for (uint32_t i = 0; i < c->windows && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%lld", i > 0 ? "," : "",
				       (long long)(c->window_ns[i] / NS_PER_S));
}

/* Whether the database was written with these ports. */
static bool same_ports(const char *path, const char *option, const char *has, const uint16_t *ports, size_t n)
{
	char *asked = join_ports(ports, n);
	bool same = asked != NULL && strcmp(asked, has) == 0;

	free(asked);
	return same || refuse(path, option, has);
}

/* A database was written with one set of these options; it takes no other. */
static bool agrees(const char *path, const struct cl_store_config *c, const struct cl_options *o,
		   bool writing)
{
	char text[CL_WINDOWS_MAX * 24];

	if ((o->given & CL_OPT_FILTER) != 0 && strcmp(c->filter, o->filter) != 0)
		return refuse(path, "-f", c->filter);
	if ((o->given & CL_OPT_PAIRING) != 0 && c->engine.pairing != o->pairing)
		return refuse(path, "--pairing",
			      c->engine.pairing == CL_PAIRING_WIRESHARK ? "wireshark" : "standard");
	snprintf(text, sizeof text, "%.9g", (double)c->engine.timeout_ns / NS_PER_S);
	if ((o->given & CL_OPT_TIMEOUT) != 0 && c->engine.timeout_ns != o->timeout_ns)
		return refuse(path, "--timeout", text);
	snprintf(text, sizeof text, "%lld", (long long)(c->engine.step_ns / NS_PER_S));
	if ((o->given & CL_OPT_STEP) != 0 && c->engine.step_ns != (int64_t)o->step_s * NS_PER_S)
		return refuse(path, "--step", text);
	windows_text(&c->engine, text, sizeof text);
	if ((o->given & CL_OPT_WINDOW) != 0 && !same_windows(&c->engine, o))
		return refuse(path, "--window", text);
	if ((o->given & CL_OPT_DNS_PORT) != 0 &&
	    !same_ports(path, "--dns-port", c->dns_ports, o->dns_ports, o->ndns_ports))
		return false;
	if ((o->given & CL_OPT_NTP_PORT) != 0 &&
	    !same_ports(path, "--ntp-port", c->ntp_ports, o->ntp_ports, o->nntp_ports))
		return false;
	if ((o->given & (CL_OPT_INNER | CL_OPT_OUTER)) != 0 && c->only != o->only)
		return refuse_only(path, c->only, o->only);
	if (writing && (o->given & CL_OPT_SERVER) != 0) {
		char *servers = join_servers(o);
		bool same = servers != NULL && strcmp(c->servers, servers) == 0;

		free(servers);
		if (!same)
			return refuse(path, "--server", c->servers);
	}
	return true;
}

/* Single messages ------------------------------------------------------------- */

/* What the view keeps of exchanges. False: memory is short. */
static bool begin_view(struct cl_session *s)
{
	if (s->needs.exchanges == 0)
		return true;
	errno = ENOMEM;
	s->kept = s->view->begin(s);
	if (s->kept == NULL && errno != 0)
		cl_error("memory", "not enough to begin");
	return s->kept != NULL;
}

void cl_session_exchange(void *session, const struct cl_exchange *x)
{
	struct cl_session *s = session;

	if (s->keeps)
		cl_store_exchange(s->store, x);
	if (s->kept != NULL && (s->needs.exchanges & CL_X_BIT(x->kind)) != 0)
		s->view->take(s->kept, x);
	if (s->daily != NULL)
		cl_daily_take(s->daily, x);
}

/* From a database that keeps them. */
static bool replay(struct cl_session *s)
{
	const struct cl_options *o = s->options;
	const struct cl_exchange_filter f = { .kinds = s->needs.exchanges,
					      .from_ns =
						      (o->given & CL_OPT_FROM) != 0 ? o->from_ns : INT64_MIN,
					      .to_ns = (o->given & CL_OPT_TO) != 0 ? o->to_ns : INT64_MAX,
					      .servers = o->servers,
					      .server_count = o->nservers,
					      .asked = s->needs.asked };

	if (s->needs.exchanges == 0 || !cl_store_keeps_exchanges(s->store))
		return true;
	return begin_view(s) && cl_store_exchanges_each(s->store, &f, cl_session_exchange, s);
}

const char *cl_session_file(const struct cl_session *s, uint32_t file)
{
	return cl_store_file_path(s->store, s->database ? file : (int64_t)file + 1);
}

/* Captures into a database ---------------------------------------------------- */

bool cl_session_duplicate(struct cl_session *s, const char *path)
{
	const char **more = realloc(s->duplicates, (s->duplicate_count + 1) * sizeof *more);

	if (more == NULL)
		return false;
	s->duplicates = more;
	s->duplicates[s->duplicate_count++] = path;
	return true;
}

/* Whether a capture that does not begin behind the store's end was read before. */
static bool known(struct cl_session *s, const char *path)
{
	struct cl_input_file file;
	char before[512];

	if (!cl_file_hash(path, &file) || !cl_store_knows_file(s->store, file.hash, before, sizeof before))
		return false;
	cl_warn(path, "was read before, as %s: nothing changed", before);
	return true;
}

/* Keeps those of the paths that are new. */
static bool sort_out_known(struct cl_session *s, const char **paths, size_t *n)
{
	struct cl_source_row source;
	size_t kept = 0;

	if (!cl_store_source_get(s->store, &source))
		return true;
	for (size_t i = 0; i < *n; i++) {
		int64_t first_ns;

		/* what is no plain capture can be looked at only once: cl_analyse refuses it */
		if (strcmp(paths[i], "-") != 0 && cl_file_kind(paths[i]) == CL_FILE_CAPTURE &&
		    cl_file_first(paths[i], &first_ns) && first_ns <= source.last_ns && known(s, paths[i])) {
			if (!cl_session_duplicate(s, paths[i]))
				return false;
			continue;
		}
		paths[kept++] = paths[i];
	}
	*n = kept;
	return true;
}

/* A database answers all views, and more than one capture: but for what would name single requests. */
static void collect_for_database(struct cl_engine_config *c)
{
	c->by_day = c->series = c->networks = c->codes = true;
	c->gaps = c->count_only = false;
}

/* False: an error was said. */
static bool open_for_writing(struct cl_session *s)
{
	const struct cl_options *o = s->options;
	char err[CL_STORE_ERRLEN];
	bool existed;

	collect_for_database(&s->config.engine);
	s->store = cl_store_write(o->output, o->sensor, &s->config, &existed, err);
	if (s->store == NULL) {
		cl_error(o->output, "%s", err);
		return false;
	}
	collect_for_database(&s->config.engine);
	s->config.engine.memory = cl_memory_plan(o->max_memory).engine;
	s->database = true;
	if (existed && !agrees(o->output, &s->config, o, true))
		return false;
	if (o->keep_transactions && !cl_store_keep_exchanges(s->store)) {
		cl_error(o->output, "was begun without --keep transactions; leave that out or begin another");
		return false;
	}
	s->keeps = cl_store_keeps_exchanges(s->store);
	if (!cl_daily_new(s, &s->daily))
		return false;
	cl_info(o->output, existed ? "goes on" : "is a new database");
	return true;
}

static int read_into_database(struct cl_session *s)
{
	const struct cl_options *o = s->options;
	size_t n = o->ninputs;

	if (!open_for_writing(s))
		return CL_EXIT_FAILED;
	const char **paths = malloc((n + 1) * sizeof *paths);
	if (paths == NULL)
		return CL_EXIT_FAILED;
	memcpy(paths, o->inputs, n * sizeof *paths);
	bool ok = sort_out_known(s, paths, &n) && (n == 0 || cl_analyse(s, paths, n));
	free(paths);
	if (!ok)
		return CL_EXIT_FAILED;
	if (cl_store_error(s->store) != NULL || !cl_store_commit(s->store)) {
		cl_error(o->output, "%s", cl_store_error(s->store));
		return CL_EXIT_FAILED;
	}
	return s->status;
}

static int read_into_memory(struct cl_session *s)
{
	s->store = cl_store_memory(&s->config);
	if (s->store == NULL) {
		cl_error("memory", "not enough for the store");
		return CL_EXIT_FAILED;
	}
	if (!begin_view(s))
		return CL_EXIT_FAILED;
	if (!cl_analyse(s, s->options->inputs, s->options->ninputs))
		return CL_EXIT_FAILED;
	if (cl_store_error(s->store) != NULL) {
		cl_error("analysis", "%s", cl_store_error(s->store));
		return CL_EXIT_FAILED;
	}
	return s->status;
}

/* Opening --------------------------------------------------------------------- */

/* What an older version did not count of the time asked for is missing, or 0. */
static void say_older(struct cl_session *s, const char *path)
{
	const struct cl_options *o = s->options;
	struct cl_query *q = cl_query_new(
		s->store, "SELECT min(version), max(until_ns) FROM schema_change WHERE until_ns >= ?2");
	char until[CL_TIME_STRLEN];

	cl_query_bind_i64(q, 2, (o->given & CL_OPT_FROM) != 0 ? o->from_ns : INT64_MIN);
	if (cl_query_row(q) && !cl_query_null(q, 0)) {
		cl_time_format(until, cl_query_ns(q, 1), 0);
		cl_warn(path,
			"was counted by an older clientele (schema %lld) up to %s: what that did not count "
			"is 0 or missing",
			(long long)cl_query_i64(q, 0), until);
	}
	cl_query_free(q);
}

static int open_database(struct cl_session *s, const char *path)
{
	char err[CL_STORE_ERRLEN];

	if (s->options->ninputs > 1) {
		cl_error(path, "is a database: give it alone, or captures alone");
		return CL_EXIT_FAILED;
	}
	s->store = cl_store_read(path, &s->config, err);
	if (s->store == NULL) {
		cl_error(path, "%s", err);
		return CL_EXIT_FAILED;
	}
	s->database = true;
	if (!agrees(path, &s->config, s->options, false))
		return CL_EXIT_FAILED;
	say_older(s, path);
	if (replay(s))
		return CL_EXIT_OK;
	if (cl_store_error(s->store) != NULL)
		cl_error(path, "%s", cl_store_error(s->store));
	return CL_EXIT_FAILED;
}

static const char *database_among(const struct cl_options *o)
{
	for (size_t i = 0; i < o->ninputs; i++)
		if (strcmp(o->inputs[i], "-") != 0 && cl_file_kind(o->inputs[i]) == CL_FILE_SQLITE)
			return o->inputs[i];
	return NULL;
}

static bool load_words(struct cl_session *s)
{
	const struct cl_options *o = s->options;

	if (o->names != NULL && (s->names = cl_names_load(o->names)) == NULL)
		return false;
	if ((s->view->takes & CL_OPT_SIGNATURES) != 0 &&
	    (s->signatures = cl_signatures_load(o->signatures)) == NULL)
		return false;
	if (o->vendors != NULL && (s->vendors = cl_vendors_load(o->vendors)) == NULL)
		return false;
	return o->labels == NULL || (s->labels = cl_labels_load(o->labels)) != NULL;
}

/* Calls `open` with the configuration that the options ask for. */
static int open_configured(struct cl_session *s, int (*open)(struct cl_session *s))
{
	const struct cl_options *o = s->options;

	config_of(o, &s->needs, &s->config);
	const struct cl_store_config texts = { .filter = strdup(o->filter != NULL ? o->filter : ""),
					       .servers = join_servers(o),
					       .dns_ports = join_ports(o->dns_ports, o->ndns_ports),
					       .ntp_ports = join_ports(o->ntp_ports, o->nntp_ports) };
	s->config.filter = texts.filter;
	s->config.servers = texts.servers;
	s->config.dns_ports = texts.dns_ports;
	s->config.ntp_ports = texts.ntp_ports;
	int status = CL_EXIT_FAILED;
	if (texts.filter != NULL && texts.servers != NULL && texts.dns_ports != NULL &&
	    texts.ntp_ports != NULL)
		status = open(s);
	free(texts.filter);
	free(texts.servers);
	free(texts.dns_ports);
	free(texts.ntp_ports);
	return status;
}

int cl_session_open(struct cl_session *s, const struct cl_options *o, const struct cl_view *view)
{
	const char *database = database_among(o);

	*s = (struct cl_session){ .options = o, .view = view, .needs = view->needs };
	if (view->ask != NULL)
		view->ask(o, &s->needs);
	if (!load_words(s))
		return CL_EXIT_FAILED;
	if (database != NULL && o->output != NULL) {
		cl_error(database, "is a database; read takes captures");
		return CL_EXIT_FAILED;
	}
	if (database != NULL)
		return open_database(s, database);
	return open_configured(s, o->output != NULL ? read_into_database : read_into_memory);
}

static int open_alone(struct cl_session *s)
{
	return open_for_writing(s) ? CL_EXIT_OK : CL_EXIT_FAILED;
}

int cl_session_write(struct cl_session *s, const struct cl_options *o)
{
	*s = (struct cl_session){ .options = o };
	return open_configured(s, open_alone);
}

void cl_session_close(struct cl_session *s)
{
	if (s->kept != NULL)
		s->view->end(s->kept);
	cl_daily_free(s->daily);
	cl_store_close(s->store);
	cl_engine_free(s->engine);
	cl_names_free(s->names);
	cl_labels_free(s->labels);
	cl_signatures_free(s->signatures);
	cl_vendors_free(s->vendors);
	free(s->duplicates);
	free(s->seam);
	*s = (struct cl_session){ .options = NULL };
}

const char *cl_session_name(const struct cl_session *s, const struct cl_addr *a, char text[CL_ADDR_STRLEN])
{
	const char *name = cl_names_find(s->names, a);

	if (name != NULL)
		return name;
	cl_addr_format(a, text);
	return text;
}
