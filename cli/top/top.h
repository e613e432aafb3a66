/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_TOP_H
#define CL_CLI_TOP_H

#include <stdio.h>

#include "cli/options.h"
#include "cli/serve/recent.h"
#include "cli/userfile/labels.h"
#include "cli/userfile/names.h"

/* What the live screen shows, read from a database, and its drawing. */

/* Rows of servers and of clients at most. */
#define CL_TOP_ROWS 100u

/* Clients of a day above which they are not sorted for the screen. */
#define CL_TOP_CLIENTS 3000000

struct cl_top_server {
	struct cl_addr addr;
	enum cl_recent_proto proto;
	uint64_t requests, matched, delta_n;
	int64_t p50_ns, p99_ns;
	uint64_t clients; /* in the first window */
};

struct cl_top_talker {
	struct cl_addr addr;
	enum cl_recent_proto proto;
	uint64_t requests;
};

struct cl_top {
	const char *path;  /* borrowed */
	const char *title; /* what is watched, in place of the file's name; NULL: that. Borrowed */
	const struct cl_names *names;
	const struct cl_labels *labels;
	struct cl_recent r;	     /* its store is closed between readings */
	bool read;		     /* something was */
	char error[CL_STORE_ERRLEN]; /* of the last reading; empty: none */
	char sensor[64];
	int64_t modified_ns; /* of what was read */
	size_t servers, talkers;
	struct cl_top_server server[CL_TOP_ROWS];
	struct cl_top_talker talker[CL_TOP_ROWS];
	bool too_many;				 /* clients, to be sorted */
	int64_t talkers_ns, talkers_took_ns;	 /* when they were sorted, and how long it took */
	uint64_t day_requests[CL_RECENT_PROTOS]; /* of the last day */
	uint64_t total[CL_RECENT_PROTOS];	 /* requests of this day and the one before, and when */
	int64_t total_ns, total_day;
	double rate[CL_RECENT_PROTOS]; /* requests a second since the writing before; NAN: not known */
	bool paused;
};

/* Reads the database again, if it was written since. What cannot be read stays as it was, with `error`. */
void cl_top_read(struct cl_top *t);
void cl_top_free(struct cl_top *t);

struct cl_top_form {
	unsigned columns, lines; /* lines 0: as many as there are */
	unsigned rows;		 /* of servers and of clients at most */
	bool utf8, color;
	bool keys; /* the line of keys */
};

/* Draws the screen as lines of text. */
void cl_top_draw(FILE *out, const struct cl_top *t, const struct cl_top_form *form);

#endif
