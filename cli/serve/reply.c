/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/serve/reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/serve/metrics.h"
#include "cli/serve/months.h"
#include "cli/serve/page.h"
#include "cli/view/view.h"

static const struct {
	const char *path;
	enum cl_reply_kind kind;
	const char *type;
	bool fixed;
} paths[] = {
	{ "/", CL_REPLY_PAGE, "text/html; charset=utf-8", false },
	{ "/page.css", CL_REPLY_STYLE, "text/css; charset=utf-8", true },
	{ "/icon.svg", CL_REPLY_ICON, "image/svg+xml", true },
	{ "/healthz", CL_REPLY_HEALTH, "text/plain; charset=utf-8", false },
	{ "/metrics", CL_REPLY_METRICS, "text/plain; version=0.0.4; charset=utf-8", false },
	{ "/api/", CL_REPLY_LIST, "application/json", true },
	{ "/api", CL_REPLY_LIST, "application/json", true },
};

#define PATHS (sizeof paths / sizeof *paths)

static const struct cl_view *const views[] = {
#define X(name) &cl_view_##name,
#include "cli/view/views.def"
#undef X
};

#define VIEWS (sizeof views / sizeof *views)

bool cl_reply_find(const char *path, struct cl_reply *a)
{
	static const char api[] = "/api/";

	*a = (struct cl_reply){ .kind = CL_REPLY_VIEW };
	for (size_t i = 0; i < PATHS; i++) {
		if (strcmp(path, paths[i].path) == 0) {
			a->kind = paths[i].kind;
			return true;
		}
	}
	if (strncmp(path, api, sizeof api - 1) != 0)
		return false;
	for (size_t i = 0; i < VIEWS && a->view == NULL; i++)
		if (strcmp(path + sizeof api - 1, views[i]->name) == 0)
			a->view = views[i];
	return a->view != NULL;
}

bool cl_reply_ask(struct cl_reply *a, const char *name, const char *value)
{
	struct cl_reply_parameter *p = &a->parameter[a->parameters];

	if (a->parameters == CL_REPLY_PARAMETERS || strlen(name) > CL_REPLY_VALUE ||
	    strlen(value) > CL_REPLY_VALUE)
		return false;
	*p = (struct cl_reply_parameter){ strdup(name), strdup(value) };
	a->parameters++;
	return p->name != NULL && p->value != NULL;
}

void cl_reply_free(struct cl_reply *a)
{
	for (size_t i = 0; i < a->parameters; i++) {
		free(a->parameter[i].name);
		free(a->parameter[i].value);
	}
	*a = (struct cl_reply){ .kind = CL_REPLY_PAGE };
}

bool cl_reply_is_fixed(const struct cl_reply *a)
{
	for (size_t i = 0; i < PATHS; i++)
		if (paths[i].kind == a->kind)
			return paths[i].fixed;
	return false;
}

bool cl_reply_is_heavy(const struct cl_reply *a)
{
	return a->kind == CL_REPLY_VIEW && a->view->needs.exchanges != 0;
}

const char *cl_reply_type(const struct cl_reply *a)
{
	if (a->kind == CL_REPLY_METRICS && a->open)
		return "application/openmetrics-text; version=1.0.0; charset=utf-8";
	for (size_t i = 0; i < PATHS; i++)
		if (paths[i].kind == a->kind)
			return paths[i].type;
	return "application/json";
}

/* What is there --------------------------------------------------------------------- */

static int write_list(FILE *out)
{
	struct cl_json *j = cl_json_new(out);

	if (j == NULL)
		return CL_EXIT_FAILED;
	cl_json_object(j, NULL);
	cl_json_str(j, "version", PACKAGE_VERSION);
	cl_json_rows(j, "views");
	for (size_t i = 0; i < VIEWS; i++) {
		char path[64];

		snprintf(path, sizeof path, "/api/%s", views[i]->name);
		cl_json_object(j, NULL);
		cl_json_str(j, "path", path);
		cl_json_str(j, "view", views[i]->name);
		cl_json_str(j, "summary", views[i]->summary);
		cl_json_bool(j, "single_messages", views[i]->needs.exchanges != 0);
		cl_json_array(j, "parameters");
		cl_json_str(j, NULL, "from");
		cl_json_str(j, NULL, "to");
		cl_json_str(j, NULL, "server");
		if ((views[i]->takes & CL_OPT_TOP) != 0)
			cl_json_str(j, NULL, "top");
		cl_json_end(j);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
	return cl_json_close(j) == 0 ? CL_EXIT_OK : CL_EXIT_FAILED;
}

static int write_health(const char *path, FILE *out)
{
	struct cl_store_config config;
	char err[CL_STORE_ERRLEN];
	struct cl_store *s = cl_store_read(path, &config, err);

	if (s == NULL) {
		cl_error(path, "%s", err);
		return CL_EXIT_FAILED;
	}
	cl_store_close(s);
	fputs("ok\n", out);
	return CL_EXIT_OK;
}

static int refuse_parameter(const char *name)
{
	cl_error(name, "is no parameter here; /api/ lists them");
	return CL_EXIT_ASKED;
}

static int write_metrics(const struct cl_reply *a, const struct cl_options *o, FILE *out)
{
	const struct cl_metrics_ask ask = {
		.path = o->inputs[0], .servers = o->servers, .nservers = o->nservers, .open = a->open
	};

	return cl_metrics_write(out, &ask) ? CL_EXIT_OK : CL_EXIT_FAILED;
}

/* Views -------------------------------------------------------------------------------- */

/* Room for the view's name, --format, -q, --names, --labels, the parameters, "--", the database and NULL. */
#define ARGUMENTS (8 + CL_REPLY_PARAMETERS)

struct arguments {
	char *at[ARGUMENTS];
	int n;
};

static bool add_argument(struct arguments *a, const char *option, const char *value)
{
	size_t size = strlen(option) + strlen(value) + 1;
	char *text = malloc(size);

	if (text == NULL)
		return false;
	snprintf(text, size, "%s%s", option, value);
	a->at[a->n++] = text;
	return true;
}

/* As the user would have typed it. What was asked for can only be the value of an option. */
static int arguments_of(const struct cl_reply *a, const struct cl_options *o, struct arguments *to)
{
	static const char *const known[][2] = {
		{ "from", "--from=" }, { "to", "--to=" }, { "server", "--server=" }, { "top", "--top=" }
	};
	bool ok = add_argument(to, a->view->name, "") && add_argument(to, "--format=json", "") &&
		  add_argument(to, "-q", "");

	if (o->names != NULL)
		ok = ok && add_argument(to, "--names=", o->names);
	if (o->labels != NULL)
		ok = ok && add_argument(to, "--labels=", o->labels);
	for (size_t i = 0; ok && i < a->parameters; i++) {
		size_t k = 0;

		while (k < 4 && strcmp(known[k][0], a->parameter[i].name) != 0)
			k++;
		if (k == 4 || (k == 3 && (a->view->takes & CL_OPT_TOP) == 0))
			return refuse_parameter(a->parameter[i].name);
		ok = add_argument(to, known[k][1], a->parameter[i].value);
	}
	ok = ok && add_argument(to, "--", "") && add_argument(to, o->inputs[0], "");
	return ok ? CL_EXIT_OK : CL_EXIT_FAILED;
}

/* A database alone is served, whatever lies at the path by now. */
static bool is_database(const char *path)
{
	struct cl_store_config config;
	char err[CL_STORE_ERRLEN];
	struct cl_store *s = cl_store_read(path, &config, err);

	if (s == NULL)
		cl_error(path, "%s", err);
	cl_store_close(s);
	return s != NULL;
}

static int write_view(const struct cl_reply *a, const struct cl_options *o)
{
	struct arguments arguments = { .n = 0 };
	struct cl_command command = { .name = a->view->name, .takes = CL_OPTS_VIEW | a->view->takes };
	struct cl_options options = { .inputs = NULL };
	int status = arguments_of(a, o, &arguments);

	if (status == CL_EXIT_OK) {
		status = cl_options_parse(&command, arguments.n, arguments.at, &options);
		if (status != CL_GO_ON)
			status = CL_EXIT_ASKED;
		else if (is_database(o->inputs[0]))
			status = cl_view_run(a->view, &options);
		else
			status = CL_EXIT_FAILED;
		cl_options_free(&options);
	}
	for (int i = 0; i < arguments.n; i++)
		free(arguments.at[i]);
	return status;
}

/* -------------------------------------------------------------------------------------- */

static int write_kind(const struct cl_reply *a, const struct cl_options *o)
{
	if (a->parameters > 0 && a->kind != CL_REPLY_VIEW && a->kind != CL_REPLY_PAGE)
		return refuse_parameter(a->parameter[0].name);
	switch (a->kind) {
	case CL_REPLY_PAGE:
		return cl_page_write(stdout, a, o);
	case CL_REPLY_STYLE:
		cl_page_style(stdout);
		return CL_EXIT_OK;
	case CL_REPLY_ICON:
		cl_page_icon(stdout);
		return CL_EXIT_OK;
	case CL_REPLY_HEALTH:
		return write_health(o->inputs[0], stdout);
	case CL_REPLY_METRICS:
		return write_metrics(a, o, stdout);
	case CL_REPLY_LIST:
		return write_list(stdout);
	case CL_REPLY_VIEW:
		break;
	}
	return write_view(a, o);
}

int cl_reply_write(const struct cl_reply *a, const struct cl_options *o)
{
	struct cl_options now = *o;
	char path[CL_MONTHS_PATH];
	const char *input = cl_months_newest(o->inputs[0], path);

	now.inputs = &input;
	int status = write_kind(a, &now);

	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	if (status != CL_EXIT_FAILED)
		cl_error("answer", "%s", strerror(errno));
	return CL_EXIT_FAILED;
}
