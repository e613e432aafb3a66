/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_REPORT_H
#define CL_CLI_REPORT_H

#include <math.h>

#include "cli/progress.h"
#include "cli/report/doc.h"
#include "cli/userfile/geo.h"
#include "cli/view/approx.h"
#include "cli/view/view.h"
#include "stats/engine/tally.h"
#include "stats/store/population.h"

/* Options that the report alone has (command.c). */
struct cl_report_options {
	const char *period;	  /* as it was given */
	int64_t day_from, day_to; /* UTC days since 1970, inclusive */
	bool month;		  /* --month: the days are those of one */
	bool day;		  /* --day */
	bool from, to;		  /* --from, --to */
	const char *output;	  /* NULL: standard output */
	const char *form;	  /* --format; NULL: by the file's ending */
	const char *geo[CL_GEO_FILES_MAX];
	size_t geos;
	bool no_addresses, no_geo;
};

/* How much of a day was captured. */
enum cl_report_captured { CL_REPORT_NONE, CL_REPORT_PART, CL_REPORT_WHOLE };

struct cl_report_day {
	int64_t captured_ns;
	enum cl_report_captured captured;
	uint64_t sensors; /* that have packets of it */
};

/* A stretch that was captured, by any sensor; nanoseconds since 1970. */
struct cl_report_stretch {
	int64_t from_ns, to_ns;
};

/* A server and protocol that somebody asked or that answered in the days, or all of a protocol. */
struct cl_report_subject {
	int64_t service_id; /* 0: several */
	enum cl_proto proto;
	bool all, has_address;
	struct cl_addr addr;
	char name[64]; /* for people and programs: of --names, or the address; "others"; "all" */
	int64_t n[CL_COUNTERS];
	uint32_t place; /* in the population, or CL_POPULATION_NONE */
	uint64_t peak;	/* requests of its busiest step */
	int64_t peak_t; /* the end of that, seconds since 1970 */
	struct cl_unique clients;
	struct cl_approx approx;
};

/* What the chapters are made of. */
struct cl_report {
	const struct cl_report_options *o;
	struct cl_session *s;
	struct cl_doc *d;
	size_t days;
	struct cl_report_day *day;
	struct cl_report_stretch *stretch; /* rising, apart */
	size_t stretches;
	int64_t captured_ns; /* in the days */
	int64_t step_s;
	struct cl_report_subject *subject; /* by protocol: all of it, then servers, most requests first */
	size_t subjects;
	struct cl_population *people;
	struct cl_unique clients; /* of all protocols, each once: ipv4 and ipv6 alone */
	bool people_short;	  /* rows of clients are missing: figures made of them are at least so many */
	int64_t sources, sensors; /* stretches of a sensor's capture each, and whose */
	int64_t known_from;	  /* the first day of which clients are known */
	struct cl_geo *geo;	  /* NULL: none */
	struct cl_progress progress;
};

/* Runs an SQL text; with `bind`, ?2 is it. */
void cl_report_sql(struct cl_report *r, const char *sql);

/* Brings together what several chapters need (report.c, period.c, people.c). False: the store has failed. */
bool cl_report_open(struct cl_report *r);
void cl_report_close(struct cl_report *r);
bool cl_report_period(struct cl_report *r);
bool cl_report_people(struct cl_report *r);

/* The subject that is all of a protocol, or NULL if there is nothing of it. */
const struct cl_report_subject *cl_report_all(const struct cl_report *r, enum cl_proto proto);

/* Days, those of each source counted, that have requests of a protocol and no row in a table with source_id
 * and day. */
uint64_t cl_report_days_without(struct cl_report *r, enum cl_proto proto, const char *table);

/* Words of enum cl_report_captured. */
extern const char *const cl_report_captured_words[3];

/* Nanoseconds since 1970 of a day of the report, from 0. */
int64_t cl_report_day_ns(const struct cl_report *r, size_t day);

/* "NTP", "DNS". */
extern const char *const cl_report_proto[CL_PROTOS];

/* An address of a client as it may be shown: with --no-addresses its /24 or /48. */
#define CL_REPORT_CLIENT_STRLEN (CL_ADDR_STRLEN + 4)
void cl_report_client(const struct cl_report *r, const struct cl_addr *a, char out[CL_REPORT_CLIENT_STRLEN]);

/* a / b; not finite if b is 0. */
static inline double cl_report_part(double a, double b)
{
	return b > 0 ? a / b : (double)NAN;
}

/* The length of the parts that plots over time are made of: no more of them than points of a plot. */
int64_t cl_report_part_s(const struct cl_report *r);

/* Such a length in words: "2 hours". */
const char *cl_report_part_words(const struct cl_report *r, char out[32]);

/* What was captured of the part that ends at t, seconds since 1970. */
int64_t cl_report_captured_ns(const struct cl_report *r, int64_t from_ns, int64_t to_ns);

/* A day's date cell, and what was captured of it. */
void cl_report_day_cells(const struct cl_report *r, struct cl_doc_table *t, size_t day);

/* A plot of a table by day, whose first column is the day; `proto`: of the rows whose third column says so,
 * or NULL. NULL as cl_doc_plot. */
struct cl_doc_plot *cl_report_plot_days(const struct cl_report *r, const struct cl_doc_table *t,
					const char *title, const char *proto);

/* A cell: what the one column of a question's row is of the other. */
void cl_report_share(struct cl_doc_table *t, struct cl_query *q, int column, int of);

/* Chapters, in their order. */
#define X(name) void cl_report_##name(struct cl_report *r);
#include "cli/report/chapters.def"
#undef X

#endif
