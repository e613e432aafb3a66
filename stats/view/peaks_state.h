/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_PEAKS_STATE_H
#define CL_STATS_PEAKS_STATE_H

/* What peaks.c and peaks_count.c share; nobody else includes it. */
#include "stats/table/arena.h"
#include "stats/table/index.h"
#include "stats/view/peaks.h"

struct cl_peak_asker {
	struct cl_addr addr;
	uint32_t server;
	uint32_t requests; /* all, saturates */
	int64_t first_minute, last_minute;
	uint32_t listed; /* its place in the list of last_minute; UINT32_MAX: it found none */
};

/* What is known of every minute. */
struct cl_peak_minute {
	uint32_t requests, clients, fresh, fresh_requests;
};

struct cl_peak_state {
	struct cl_peak_server shown;
	int64_t first_minute;
	struct cl_peak_minute *minute;
	size_t minutes, minute_room;
	uint16_t *second; /* requests of each second from first_minute on, saturating */
	size_t seconds, second_room;
	struct cl_peak now; /* the minute that goes by */
	struct cl_peak *kept;
	size_t kept_count;
	size_t listed; /* in all of `kept` and `now` */
};

struct cl_peaks {
	struct cl_peaks_config config;
	struct cl_peak_state *server[CL_PEAK_SERVERS_MAX];
	const struct cl_peak_server *sorted[CL_PEAK_SERVERS_MAX];
	size_t servers;
	struct cl_arena clients;
	struct cl_index by_client;
	struct cl_peak_losses losses;
	bool counted, short_of_memory;
};

/* Ends the minute that goes by: keeps it if it is one of the highest. */
void cl_peaks_end_minute(struct cl_peaks *p, struct cl_peak_state *s);

#endif
