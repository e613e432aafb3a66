/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_ANSWER_H
#define CL_CLI_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/options.h"

/* What `clientele serve` says at each path, apart from how it is carried. */

struct cl_view;

enum cl_answer_kind {
	CL_ANSWER_PAGE,	   /* / */
	CL_ANSWER_STYLE,   /* /page.css */
	CL_ANSWER_ICON,	   /* /icon.svg */
	CL_ANSWER_HEALTH,  /* /healthz */
	CL_ANSWER_METRICS, /* /metrics */
	CL_ANSWER_LIST,	   /* /api/ */
	CL_ANSWER_VIEW	   /* /api/VIEW */
};

/* Parameters of a question at most, and octets of a value. */
#define CL_ANSWER_PARAMETERS 8u
#define CL_ANSWER_VALUE	     4096u

struct cl_answer_parameter {
	char *name, *value; /* owned */
};

struct cl_answer {
	enum cl_answer_kind kind;
	const struct cl_view *view; /* of CL_ANSWER_VIEW */
	bool open;		    /* metrics: OpenMetrics */
	struct cl_answer_parameter parameter[CL_ANSWER_PARAMETERS];
	size_t parameters;
};

/* Exit status beside those of a view: the question was wrong. */
#define CL_EXIT_ASKED 64

/* Finds what is at a path. False: nothing. */
bool cl_answer_find(const char *path, struct cl_answer *a);

/* Adds a parameter; texts are copied. False: too many, too long, or memory is short. */
bool cl_answer_ask(struct cl_answer *a, const char *name, const char *value);
void cl_answer_free(struct cl_answer *a);

/* Whether it says the same at any time, so that no database is asked. */
bool cl_answer_is_fixed(const struct cl_answer *a);

/* Whether it may take long: it is drawn from single messages. */
bool cl_answer_is_heavy(const struct cl_answer *a);

const char *cl_answer_type(const struct cl_answer *a);

/**
 * Writes the answer to standard output, flushed. `o` is what serve was started with: the database, --server,
 * --names and --labels. CL_EXIT_OK, CL_EXIT_PARTIAL, CL_EXIT_FAILED or CL_EXIT_ASKED, the last two after a
 * line on standard error.
 */
int cl_answer_write(const struct cl_answer *a, const struct cl_options *o);

#endif
