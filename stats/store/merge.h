/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_MERGE_H
#define CL_STATS_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/store/store.h"

/**
 * Several databases into a new one (docs/adr/0051). Each source, a stretch of a sensor's capture, is taken
 * over as it is; one that several databases have is taken once, one that overlaps another of its sensor is
 * refused. Sources, services and files are numbered in an order of their own, so that the result does not
 * depend on the order of the inputs, nor on whether they were merged before.
 */
struct cl_merge {
	const char *const *paths; /* of databases of this schema or an older one */
	size_t count;
	const char *out; /* a path at which is nothing; removed if the merge fails */
	/* Told now and then how far it is (of 1); false: stop. May be NULL. */
	bool (*tick)(void *ctx, double part);
	void *ctx;
};

struct cl_merge_result {
	size_t sources;	  /* that `out` has */
	size_t sensors;	  /* of these */
	size_t repeated;  /* sources that were there before */
	const char *less; /* the first database without single messages, where others keep them; else NULL */
	const char *path; /* of an error: what it is about */
	char error[CL_STORE_ERRLEN];
};

/* False: `path` and `error` of the result say why, in one line, and there is nothing at `out`. */
bool cl_merge(const struct cl_merge *m, struct cl_merge_result *r);

/* How a table of the schema comes into a merged database. */
enum cl_merge_how {
	CL_MERGE_COPY,	   /* rows of a source, with its new number, its services' and its files' */
	CL_MERGE_CLIENTS,  /* the same of rows by day, service and address: in their new order */
	CL_MERGE_EXCHANGE, /* the same of single messages, if all databases keep them */
	CL_MERGE_PLAN,	   /* numbered anew: sources, services, files, configuration */
	CL_MERGE_MADE,	   /* counted anew over all sources */
	CL_MERGE_LEFT	   /* to go on reading: a merged database is not read into */
};
struct cl_merge_table {
	const char *name;
	enum cl_merge_how how;
};
/* All tables; the end has no name. */
extern const struct cl_merge_table cl_merge_tables[];

#endif
