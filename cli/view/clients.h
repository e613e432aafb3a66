/* SPDX-License-Identifier: BSD-2-Clause */
/* What the view `clients` shows, brought together once for each of its forms. */
#ifndef CL_CLI_CLIENTS_H
#define CL_CLI_CLIENTS_H

#include "cli/view/approx.h"
#include "cli/view/series.h"
#include "stats/engine/tally.h"
#include "stats/store/census.h"

/* Counts of requests by what they said; in a database that was written before they were kept: none. */
struct cl_clients_codes {
	uint64_t poll[CL_POLL_MOST + 2]; /* by exponent; the last: others */
	uint64_t port[CL_PORT_HIGH + 1]; /* by enum cl_port_class; 0: others */
	uint64_t polls, ports;		 /* sums */
};
#define CL_CLIENTS_POLL_OTHER (CL_POLL_MOST + 1)

/* A day of a server or of a protocol. */
struct cl_clients_day {
	uint32_t subject;
	int64_t day;
	uint64_t clients;
	bool known; /* of one sensor; clients of several are not added */
};

/* A server, or all servers of a protocol. */
struct cl_subject {
	int64_t service_id; /* whose series it is; 0: it has none */
	enum cl_proto proto;
	bool is_server, has_address;
	struct cl_addr addr;
	uint64_t requests;
	struct cl_unique clients;
	struct cl_approx approx; /* of these */
	uint32_t place;		 /* in the census; of all of a protocol: count + protocol */
	uint64_t one_shot;
	struct cl_clients_codes codes;
	size_t days_from, days_to; /* of the list */
};

/* A label of --labels, or a vendor: as many clients. */
struct cl_clients_name {
	const char *name; /* NULL: none, or not known */
	enum cl_proto proto;
	struct cl_census_sum sum;
};

struct cl_clients_names {
	struct cl_clients_name *row; /* most clients first */
	size_t count;
};

struct cl_clients_view {
	struct cl_session *s;
	struct cl_subject *subject; /* servers in their order, then the sums */
	size_t servers, count;
	struct cl_census_server *server; /* of the census */
	struct cl_census *census;
	uint32_t busiest[CL_PROTOS][CL_CENSUS_SERVERS]; /* subjects, most requests first */
	uint32_t slots[CL_PROTOS];
	struct cl_clients_day *day;
	size_t days;
	struct cl_clients_names labels, vendors;
	struct cl_instants instants;
	bool any; /* instants hold */
};

/* False: the store has failed. Close it in any case. */
bool cl_clients_open(struct cl_clients_view *v, struct cl_session *s);
void cl_clients_close(struct cl_clients_view *v);

/* Who asks most. */
struct cl_clients_talker {
	struct cl_addr addr;
	uint64_t requests, sum; /* sum: with all that ask more */
	double share, cumulative;
	double rate;			   /* requests a second, of those after the first; NaN: of one */
	int64_t first_ns, last_ns, gap_ns; /* gap_ns: -1 not known */
	const char *label, *software;	   /* or NULL */
};
/* Whether the gaps between requests are known: of captures, and of databases that keep transactions. */
bool cl_clients_keeps_requests(struct cl_session *s);

typedef void cl_clients_talker_fn(void *ctx, const struct cl_clients_talker *t);
void cl_clients_each_talker(struct cl_clients_view *v, cl_clients_talker_fn *fn, void *ctx);

/* A day as 2026-05-31; `out` has room for any. */
void cl_clients_date(char out[32], int64_t day);

/* The seconds that a class of intervals stands for. */
double cl_clients_interval(unsigned i);

/* A block as ADDRESS/LENGTH. */
#define CL_CLIENTS_PREFIX_STRLEN (CL_ADDR_STRLEN + 4)
void cl_clients_prefix(char out[CL_CLIENTS_PREFIX_STRLEN], const struct cl_prefix *p);

/* Clients in networks that the tables of networks had no room for. */
uint64_t cl_clients_refused(const struct cl_clients_view *v);

/* The form for people, and CSV (clients_tables.c). */
void cl_clients_tables(struct cl_session *s, struct cl_tables *t);

/* --plain and --rrd (clients_plain.c): whether one was asked for; then `*status` is set. */
bool cl_clients_plain(struct cl_session *s, int *status);

#endif
