/* SPDX-License-Identifier: BSD-2-Clause */
/* clientele capture. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/live/capture_options.h"
#include "cli/live/interfaces.h"
#include "cli/live/service.h"
#include "cli/log.h"
#include "cli/session.h"

#define TAKES                                                                                                \
	(CL_OPTS_COMMON | CL_OPT_OUTPUT | CL_OPT_FILTER | CL_OPT_SERVER | CL_OPT_SENSOR | CL_OPT_STEP |      \
	 CL_OPT_WINDOW | CL_OPT_TIMEOUT | CL_OPT_PAIRING | CL_OPT_DNS_PORT | CL_OPT_NTP_PORT |               \
	 CL_OPT_MAX_MEMORY | CL_OPT_WORKERS | CL_OPT_INNER | CL_OPT_OUTER)

/* What can only be judged when all options are read. */
static bool check(const struct cl_capture_options *c, const struct cl_options *o)
{
	if (o->ninputs > 0)
		cl_error(o->inputs[0], "is too much: interfaces are named by -i, the database by -o");
	else if (c->ninterfaces == 0 && c->replay == NULL)
		cl_error("capture", "needs an interface: -i IFACE; --interfaces lists them");
	else if (c->ninterfaces > 0 && c->replay != NULL)
		cl_error("--replay", "does not go with -i");
	else if (c->rate > 0 && c->replay == NULL)
		cl_error("--replay-rate", "needs --replay");
	else if (o->output == NULL)
		cl_error("capture", "needs a database: -o DB");
	else if ((c->save == NULL) != (c->save_bytes == 0))
		cl_error(c->save == NULL ? "--save-bytes" : "--save", "needs %s too",
			 c->save == NULL ? "--save DIR" : "--save-bytes BYTES");
	else
		return true;
	return false;
}

static int run(const struct cl_command *command, const struct cl_options *o)
{
	struct cl_capture_options *c = command->kept;
	struct cl_options mine = *o;
	int status = CL_EXIT_FAILED;

	mine.keep_transactions = c->keep_transactions;
	if (c->list)
		status = cl_interfaces_list();
	else if (check(c, o))
		status = cl_service_run(c, &mine);
	for (size_t i = 0; i < c->ninterfaces; i++)
		free(c->interfaces[i]);
	return status;
}

const struct cl_command cl_command_capture = {
	.name = "capture",
	.summary = "count what comes in on interfaces, for months, into a database",
	.usage = "[OPTION...] -i IFACE[,IFACE...] -o DB",
	.example = "  clientele capture -i eth0 -o ntp.db\n"
		   "  clientele capture -i eth0,eth1 --keep 13months --rotate month -o d.db\n",
	.takes = TAKES,
	.run = run,
	.own = cl_capture_rows,
	.nown = CL_CAPTURE_ROWS,
	.kept = &cl_capture_kept,
	.inputless = true,
};
