/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_POOLMON_STATE_H
#define CL_STATS_POOLMON_STATE_H

/* What poolmon.c and poolround.c share; nobody else includes it. */
#include "stats/table/arena.h"
#include "stats/table/index.h"
#include "stats/view/poolmon.h"

/* A monitor; after the first exchange by address. */
struct cl_poolmon_listed {
	struct cl_addr addr;
	char *name;	/* NULL: none */
	uint32_t named; /* number of the name that rows of the log have; UINT32_MAX: none */
};

/* A request of a monitor. */
struct cl_poolmon_request {
	struct cl_addr server, monitor;
	int64_t time_ns, delta_ns; /* delta_ns: -1: not answered */
	int64_t theta_ns, bound_ns;
	uint64_t number, frame;
	uint32_t file, refid;
	uint16_t port;
	uint8_t stratum, leap;
	bool timed, kiss;
};

/* An ICMP error about an answer to a monitor. */
struct cl_poolmon_error {
	struct cl_addr server, monitor, sender;
	int64_t time_ns;
	uint16_t port;
	uint8_t family, type, code;
};

struct cl_poolmon_source {
	struct cl_poolmon_candidate shown;
	uint32_t in_round;
	bool alike, answered; /* answered: its last request */
};

struct cl_poolmon {
	struct cl_poolmon_listed *listed;
	size_t monitors, monitor_room;
	char **name; /* of monitors, each once */
	size_t names, name_room;
	bool sorted;
	struct cl_poolmon_row *row;
	size_t rows, row_room;
	struct cl_poolmon_rows row_counts;
	struct cl_arena requests, errors, sources;
	bool has_arenas;
	struct cl_index by_source;
	uint64_t seed;
	struct cl_poolmon_losses losses;

	/* results */
	struct cl_addr scored;
	bool has_scored;
	struct cl_poolmon_round *round;
	size_t rounds, round_room;
	struct cl_poolmon_pair *pair;
	size_t pairs, pair_room;
	struct cl_poolmon_candidate *candidate;
	size_t candidates;
};

/* The monitor of this address, NULL if it is none. */
const struct cl_poolmon_listed *cl_poolmon_find(const struct cl_poolmon *p, const struct cl_addr *addr);

/* Sorts the monitors, once they are all there. */
void cl_poolmon_sort(struct cl_poolmon *p);

/* Room for one more of `size` octets each; false when memory is short. */
bool cl_poolmon_grow(void **array, size_t used, size_t *room, size_t size);

#endif
