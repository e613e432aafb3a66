/* SPDX-License-Identifier: BSD-2-Clause */
/* clientele capture --interfaces. */
#include "cli/live/interfaces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capture/interfaces.h"
#include "cli/log.h"
#include "cli/session.h"
#include "cli/write/writer.h"

static void join(char *out, size_t size, const char *const *names, size_t n)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s", i > 0 ? ", " : "", names[i]);
}

static void put_row(void *tables, const struct cl_interface *i)
{
	struct cl_tables *t = tables;
	char text[256];

	cl_cell_text(t, i->name);
	cl_cell_text(t, i->up ? "up" : "down");
	join(text, sizeof text, i->link, i->links);
	cl_cell_text(t, i->links > 0 ? text : NULL);
	join(text, sizeof text, i->clock, i->clocks);
	cl_cell_text(t, i->clocks > 0 ? text : "host");
	cl_cell_text(t, i->description);
	cl_table_row_end(t);
}

int cl_interfaces_list(void)
{
	static const struct cl_column columns[] = {
		{ "Interface", "interface", CL_COL_TEXT },     { "State", "state", CL_COL_TEXT },
		{ "Link type", "link_type", CL_COL_TEXT },     { "Time stamps", "time_stamps", CL_COL_TEXT },
		{ "Description", "description", CL_COL_TEXT },
	};
	struct cl_tables *t = cl_tables_new(stdout, CL_FORMAT_TABLE);
	char err[512];

	if (t == NULL) {
		cl_error("memory", "not enough to begin");
		return CL_EXIT_FAILED;
	}
	cl_table_begin(t, "Interfaces", columns, sizeof columns / sizeof *columns);
	if (!cl_interfaces_each(put_row, t, err, sizeof err)) {
		cl_error("--interfaces", "%s", err);
		cl_tables_drop(t);
		return CL_EXIT_FAILED;
	}
	cl_table_end(t);
	cl_tables_note(t, "Without a link type: it is down, or this user may not open it.");
	if (cl_tables_close(t) == 0)
		return CL_EXIT_OK;
	cl_error("standard output", "%s", strerror(errno));
	return CL_EXIT_FAILED;
}

struct names {
	char *out;
	size_t at, size;
};

static void put_name(void *ctx, const struct cl_interface *i)
{
	struct names *n = ctx;

	if (n->at + strlen(i->name) + 2 < n->size)
		n->at += (size_t)sprintf(n->out + n->at, "%s%s", n->at > 0 ? "," : "", i->name);
}

void cl_interfaces_names(char *out, size_t size)
{
	struct names n = { .out = out, .size = size };
	char err[512];

	out[0] = '\0';
	(void)cl_interfaces_each(put_name, &n, err, sizeof err);
}
