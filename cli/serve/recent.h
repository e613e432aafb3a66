/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_RECENT_H
#define CL_CLI_RECENT_H

#include "dissect/addr.h"
#include "stats/engine/windows.h"
#include "stats/store/store.h"

/* What happened lately, step by step, as the store has it: for the page and for the live screen. */

enum cl_recent_proto { CL_RECENT_NTP, CL_RECENT_DNS, CL_RECENT_PROTOS };

/* Steps at most: a day of 10 s. */
#define CL_RECENT_STEPS 8640u

struct cl_recent_counts {
	uint64_t requests, responses, matched;
	uint64_t delta_n;
	int64_t p50_ns, p90_ns, p99_ns, max_ns; /* if delta_n > 0 */
	uint64_t unique[CL_WINDOWS_MAX];
	bool known[CL_WINDOWS_MAX]; /* of several sensors they are not */
	uint64_t icmp_errors;
};

struct cl_recent_step {
	int64_t t; /* its end, seconds since 1970 */
	struct cl_recent_counts of[CL_RECENT_PROTOS];
	uint64_t received, lost; /* at interfaces, if `ledger`; lost by the kernel and by interfaces */
};

struct cl_recent {
	struct cl_store *store;
	struct cl_store_config config;
	int64_t first_ns, last_ns; /* of all that was captured */
	bool any;		   /* there is a packet */
	bool has[CL_RECENT_PROTOS];
	int64_t service_id[CL_RECENT_PROTOS]; /* of all servers, or of the one chosen */
	bool ledger;			      /* interfaces said what they counted */
	const struct cl_addr *server;	      /* borrowed; NULL: all */
	int64_t step_s;
	struct cl_recent_step *step; /* owned */
	size_t n;
	struct cl_recent_step now; /* the step that is not over */
	double now_s;		   /* how much of it is captured; 0: nothing */
};

/* Opens a database; `server` NULL: all servers. False: `err` says why. Close it in any case. */
bool cl_recent_open(struct cl_recent *r, const char *path, const struct cl_addr *server,
		    char err[CL_STORE_ERRLEN]);

/* End of the last step that is over, seconds since 1970. */
int64_t cl_recent_last(const struct cl_recent *r);

/* Reads the steps that end in (from_t, to_t], of what was captured; the last CL_RECENT_STEPS of them. False:
 * memory is short, or cl_store_error(r->store) says why. */
bool cl_recent_read(struct cl_recent *r, int64_t from_t, int64_t to_t);

void cl_recent_close(struct cl_recent *r);

#endif
