/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_REPLY_H
#define CL_CLI_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/options.h"

/* What `clientele serve` says at each path, apart from how it is carried. */

struct cl_view;

enum cl_reply_kind {
	CL_REPLY_PAGE,	  /* / */
	CL_REPLY_STYLE,	  /* /page.css */
	CL_REPLY_ICON,	  /* /icon.svg */
	CL_REPLY_HEALTH,  /* /healthz */
	CL_REPLY_METRICS, /* /metrics */
	CL_REPLY_LIST,	  /* /api/ */
	CL_REPLY_VIEW	  /* /api/VIEW */
};

/* Parameters of a question at most, and octets of a value. */
#define CL_REPLY_PARAMETERS 8u
#define CL_REPLY_VALUE	    4096u

struct cl_reply_parameter {
	char *name, *value; /* owned */
};

struct cl_reply {
	enum cl_reply_kind kind;
	const struct cl_view *view; /* of CL_REPLY_VIEW */
	bool open;		    /* metrics: OpenMetrics */
	struct cl_reply_parameter parameter[CL_REPLY_PARAMETERS];
	size_t parameters;
};

/* Exit status beside those of a view: the question was wrong. */
#define CL_EXIT_ASKED 64

/* Finds what is at a path. False: nothing. */
bool cl_reply_find(const char *path, struct cl_reply *a);

/* Adds a parameter; texts are copied. False: too many, too long, or memory is short. */
bool cl_reply_ask(struct cl_reply *a, const char *name, const char *value);
void cl_reply_free(struct cl_reply *a);

/* Whether it says the same at any time, so that no database is asked. */
bool cl_reply_is_fixed(const struct cl_reply *a);

/* Whether it may take long: it is drawn from single messages. */
bool cl_reply_is_heavy(const struct cl_reply *a);

const char *cl_reply_type(const struct cl_reply *a);

/**
 * Writes the answer to standard output, flushed. `o` is what serve was started with: the database, --server,
 * --names and --labels. CL_EXIT_OK, CL_EXIT_PARTIAL, CL_EXIT_FAILED or CL_EXIT_ASKED, the last two after a
 * line on standard error.
 */
int cl_reply_write(const struct cl_reply *a, const struct cl_options *o);

#endif
