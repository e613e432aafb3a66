/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_TUNNEL_FINDINGS_H
#define CL_CLI_TUNNEL_FINDINGS_H

#include <stdint.h>

#include "dissect/addr.h"
#include "stats/engine/tunnels.h"

/* A tunnel as the view shows it: sums over the days asked for. */
struct cl_tunnel_shown {
	int64_t number; /* from 1, the one with most packets first */
	char kind[16];
	bool others; /* those beyond the limit, together: no ends */
	struct cl_addr a, b;
	bool timed;
	int64_t first_ns, last_ns;
	int64_t prefixes_lost, protocols_lost, echoes_lost, errors_lost;
	struct cl_tunnel_way way[CL_TUNNEL_WAYS];
};

/* "up": packets both ways; "half-open": one way only; "no packets": only ICMP errors about it. */
const char *cl_tunnel_state(const struct cl_tunnel_shown *t);

/* What is worth saying, `finding` for programs and `text` with its numbers for people; A and B are its ends.
 */
typedef void cl_finding_fn(void *ctx, const char *finding, const char *text);

/* What a tunnel's own figures say. */
void cl_tunnel_findings(const struct cl_tunnel_shown *t, cl_finding_fn *fn, void *ctx);

/* A row of errors about it. */
struct cl_tunnel_error_shown {
	unsigned way, family, type, code;
	struct cl_addr sender;
	int64_t errors, mtu; /* mtu: -1 if they say none */
};
void cl_tunnel_error_finding(const struct cl_tunnel_shown *t, const struct cl_tunnel_error_shown *e,
			     cl_finding_fn *fn, void *ctx);

#endif
