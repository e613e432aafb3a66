/* SPDX-License-Identifier: BSD-2-Clause */
/* The command `top`: a live screen of what a database is told. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/plot/plot.h"
#include "cli/session.h"
#include "cli/top/listen.h"
#include "cli/top/screen.h"
#include "cli/top/top.h"
#include "cli/write/timefmt.h"

#define NS_PER_S INT64_C(1000000000)

static struct {
	int64_t interval_ns;
	bool once;
	const char *interfaces; /* NULL: a database is named */
} top = { .interval_ns = 2 * NS_PER_S };

static const char *set_interval(void *kept, const char *value)
{
	int64_t ns;

	(void)kept;
	if (!cl_seconds_parse(value, &ns) || ns < NS_PER_S / 10 || ns > 3600 * NS_PER_S)
		return "needs seconds from 0.1 to 3600";
	top.interval_ns = ns;
	return NULL;
}

static const char *set_once(void *kept, const char *value)
{
	(void)kept;
	(void)value;
	top.once = true;
	return NULL;
}

static const char *set_interface(void *kept, const char *value)
{
	(void)kept;
	top.interfaces = value;
	return value[0] != '\0' ? NULL : "needs an interface";
}

static const struct cl_own_option own[] = {
	{ 'i', "interface", "IFACE", "listen there, without a database that stays", set_interface },
	{ 0, "interval", "SECONDS", "how often the database is read again (2)", set_interval },
	{ 0, "once", NULL, "write it once, as text, and end", set_once },
};

static int write_once(struct cl_top *t, const struct cl_options *o)
{
	struct cl_term term = cl_term_of(stdout);
	const struct cl_top_form form = { .columns = term.width < 100 ? term.width : 100,
					  .rows = o->top > CL_TOP_ROWS ? CL_TOP_ROWS : o->top,
					  .utf8 = term.utf8,
					  .color = term.color };

	cl_top_read(t);
	if (!t->read) {
		cl_error(t->path, "%s", t->error);
		return CL_EXIT_FAILED;
	}
	cl_top_draw(stdout, t, &form);
	return CL_EXIT_OK;
}

static void draw(const struct cl_top *t)
{
	struct cl_term term = cl_term_of(stdout);
	struct cl_top_form form = {
		.rows = CL_TOP_ROWS, .utf8 = term.utf8, .color = term.color, .keys = true
	};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return;
	cl_screen_size(&form.columns, &form.lines);
	cl_top_draw(out, t, &form);
	if (fclose(out) == 0)
		cl_screen_draw(text);
	free(text);
}

/* False: it is to end. */
static bool obey(struct cl_top *t, char key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return false;
	case ' ':
	case 'p':
		t->paused = !t->paused;
		return true;
	case 'r':
		t->modified_ns = 0;
		cl_top_read(t);
		return true;
	default:
		return true;
	}
}

static void run_screen(struct cl_top *t)
{
	for (bool on = true; on;) {
		char key = 0;

		draw(t);
		switch (cl_screen_wait((int)(top.interval_ns / 1000000), &key)) {
		case CL_SCREEN_TIME:
			if (!t->paused)
				cl_top_read(t);
			break;
		case CL_SCREEN_KEY:
			on = obey(t, key);
			break;
		case CL_SCREEN_SIZE:
			break;
		case CL_SCREEN_END:
			on = false;
			break;
		}
	}
}

static int watch(struct cl_top *t, const struct cl_options *o)
{
	if (top.once)
		return write_once(t, o);
	cl_top_read(t);
	if (!t->read) {
		cl_error(t->path, "%s", t->error);
		return CL_EXIT_FAILED;
	}
	if (!cl_screen_enter())
		return write_once(t, o);
	run_screen(t);
	cl_screen_leave();
	return CL_EXIT_OK;
}

/* What a database holds in its first seconds, or why there is none. */
#define FIRST_TRIES 100

/* Waits for the first commit of the capture. False: it ended, and has said why. */
static bool wait_for_database(struct cl_top *t, struct cl_listen *l)
{
	for (int i = 0; i < FIRST_TRIES && cl_listen_runs(l); i++) {
		cl_top_read(t);
		if (t->read)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
	if (cl_listen_runs(l))
		cl_error(top.interfaces, "its capture wrote nothing within ten seconds");
	return false;
}

static int watch_interfaces(struct cl_top *t, const struct cl_options *o)
{
	struct cl_listen l;
	int status = CL_EXIT_FAILED;

	if (!cl_listen_start(&l, top.interfaces))
		return CL_EXIT_FAILED;
	t->path = l.database;
	t->title = top.interfaces;
	bool ready = wait_for_database(t, &l);
	if (ready && top.once) /* something has to come first */
		nanosleep(&(struct timespec){ top.interval_ns / NS_PER_S, top.interval_ns % NS_PER_S }, NULL);
	if (ready)
		status = watch(t, o);
	cl_listen_end(&l);
	return status;
}

static int run(const struct cl_command *c, const struct cl_options *o)
{
	struct cl_top *t = calloc(1, sizeof *t);
	struct cl_names *names = NULL;
	struct cl_labels *labels = NULL;
	int status = CL_EXIT_FAILED;

	(void)c;
	if (o->ninputs != (top.interfaces == NULL))
		cl_error("top", "needs one database, or -i with an interface");
	else if (t == NULL)
		cl_error("memory", "not enough for the screen");
	else if ((o->names == NULL || (names = cl_names_load(o->names)) != NULL) &&
		 (o->labels == NULL || (labels = cl_labels_load(o->labels)) != NULL)) {
		t->names = names;
		t->labels = labels;
		t->rate[CL_RECENT_NTP] = t->rate[CL_RECENT_DNS] = NAN;
		t->path = o->inputs[0];
		status = top.interfaces != NULL ? watch_interfaces(t, o) : watch(t, o);
		cl_top_free(t);
	}
	cl_names_free(names);
	cl_labels_free(labels);
	free(t);
	return status;
}

const struct cl_command cl_command_top = {
	.name = "top",
	.summary = "a live screen of rates, clients, answers' times and losses",
	.usage = "[OPTION...] DB | -i IFACE",
	.example = "  clientele top live.db\n"
		   "  clientele top -i eth0\n"
		   "  clientele top --once --names hosts live.db\n",
	.takes = CL_OPTS_COMMON | CL_OPT_NAMES | CL_OPT_LABELS | CL_OPT_TOP,
	.run = run,
	.own = own,
	.nown = sizeof own / sizeof *own,
	.inputless = true,
};
