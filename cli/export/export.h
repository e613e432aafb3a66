/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_EXPORT_H
#define CL_CLI_EXPORT_H

#include <stdio.h>

#include "cli/session.h"

#define CL_EXPORT_PATH 4096

/* Databases into the files of other programs: one file a format, which takes its days from the store. */
struct cl_export {
	struct cl_session *session;
	const char *dir;     /* -o */
	const char *service; /* --service; NULL: none */
	const char *zone;    /* --zone: lower case, without its last dot; "." is the root */
	const char *role;    /* --role: root, recursive or authoritative */
	bool partial;	     /* --partial: days too that were not captured whole */
	bool one_day;	     /* --day: `day` alone */
	int64_t day;
	int status;
	unsigned files; /* written so far */
	char path[CL_EXPORT_PATH], unfinished[CL_EXPORT_PATH + 8];
};

/* How a format is written: false after a line on standard error. */
struct cl_export_format {
	const char *name;
	bool (*run)(struct cl_export *e);
	bool service; /* needs --service */
};

extern const struct cl_export_format cl_export_rssac002;
extern const struct cl_export_format cl_export_dsc, cl_export_dsc_json;
extern const struct cl_export_format cl_export_magnitude, cl_export_ithi;

/* Begins a file of the folder, whose folders are made; it has a name of its own until it ends whole. NULL
 * after a line on standard error. */
FILE *cl_export_begin(struct cl_export *e, const char *name);

/* Ends the file begun last. False after a line on standard error. */
bool cl_export_end(struct cl_export *e, FILE *f);

/* The UTC days that have DNS messages of the servers asked for, and whether all of one was captured. */
struct cl_export_day {
	int64_t day;
	bool whole;
	char date[16]; /* 2026-05-01 */
};

/* Calls `fn` with each day to export; days that were not captured whole are told by a line, and left out
 * without --partial. False: `fn` did, or the store has failed. */
bool cl_export_days(struct cl_export *e, bool (*fn)(struct cl_export *e, const struct cl_export_day *d));

#endif
