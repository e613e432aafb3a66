/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_METRICS_FIGURES_H
#define CL_CLI_METRICS_FIGURES_H

#include "cli/serve/metrics.h"
#include "stats/engine/tally.h"
#include "stats/store/store.h"

enum cl_metrics_proto { CL_METRICS_NTP, CL_METRICS_DNS, CL_METRICS_PROTOS };

extern const char *const cl_metrics_protos[CL_METRICS_PROTOS];

/* A server, all of a protocol, or those without a label. */
struct cl_metrics_server {
	char label[CL_ADDR_STRLEN];
	const char *family; /* "ipv4", "ipv6", "other" */
	int64_t service_id;
	uint64_t n[CL_COUNTERS]; /* of the last month */
};

/* What metrics are made of, read once. */
struct cl_metrics_figures {
	struct cl_store *store;
	struct cl_store_config config;
	int64_t last_ns; /* of the capture; */
	bool any;	 /* it has a packet */
	int64_t step_t;	 /* end of the last step that is over */
	bool one_source; /* unique clients of several cannot be added */
	bool intervals;	 /* the ledger of interfaces is there */
	struct {
		struct cl_metrics_server all;
		bool known; /* `all` has a service */
		struct cl_metrics_server
			server[CL_METRICS_SERVERS + 1]; /* the last: others, if there are any */
		size_t count;
		bool others;
	} of[CL_METRICS_PROTOS];
};

/* Opens the database and reads what several families need. False: a line was written. */
bool cl_metrics_read(struct cl_metrics_figures *f, const struct cl_metrics_ask *ask);

#endif
