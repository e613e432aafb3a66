/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SAID_H
#define CL_STATS_SAID_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/table/arena.h"

/*
 * What a server says of itself in its answers (RFC 5905 sec. 7.3), and when that changed. Of answers to
 * requests that were seen; a second answer to one, and an answer to nothing, are nobody's word.
 */

enum cl_change {
	CL_CHANGE_STRATUM,
	CL_CHANGE_REFID,
	CL_CHANGE_LEAP,
	CL_CHANGE_REFERENCE_STOPPED, /* the reference timestamp grows old */
	CL_CHANGE_REFERENCE_MOVED,   /* and is set again */
	CL_CHANGES
};

/* The header fields of the last answer, as they stand in it. */
struct cl_statement {
	int64_t time_ns; /* of the answer, by the capture */
	uint64_t ref, xmt;
	uint32_t root_delay, root_dispersion, refid;
	uint8_t version, mode, stratum, leap, poll;
	int8_t precision;
};

/* A change, with what stood in the first answer that showed it. */
struct cl_said_event {
	int64_t time_ns;
	enum cl_change what;
	uint32_t from, to;    /* stratum, refid or leap, before and behind */
	uint8_t from_stratum; /* tells what `from` is, if a refid */
	struct cl_statement now;
	int64_t reference_age_ns; /* of a reference that moved: what the old one had reached; -1: not known */
	bool has_slope;
	double slope_ppm; /* of the root dispersion since the reference was set */
	uint32_t next;	  /* of the same server, plus 1; 0: none */
};

#define CL_SAID_EVENTS_MAX 65536u /* of all servers */
#define CL_SAID_EVENTS_OF  256u	  /* of one */
#define CL_SAID_KISSES	   8u	  /* different codes of one */

/* The events of many servers. */
struct cl_said_log {
	struct cl_arena events;
	uint64_t left_out; /* for want of room */
};

bool cl_said_log_init(struct cl_said_log *l); /* false: memory is short */
void cl_said_log_free(struct cl_said_log *l);

/* All zero: nothing said. */
struct cl_said {
	uint64_t answers;    /* kisses included */
	uint64_t version[8]; /* of these, by version */
	struct {
		uint32_t code;
		uint64_t n;
	} kiss[CL_SAID_KISSES];
	uint64_t kisses;
	int64_t first_ns;	 /* of the first statement */
	uint64_t statements;	 /* answers that are no kiss-o'-death */
	struct cl_statement now; /* if statements > 0 */
	/* since the reference timestamp is what it is */
	int64_t since_ns, longest_step_ns; /* longest_step_ns: between two reference timestamps; 0: none */
	uint32_t since_dispersion;
	bool stopped, has_slope;
	double slope_ppm; /* of the root dispersion, over the last stretch of 16 s or more without a new
			     reference */
	uint32_t first_event, last_event, events; /* numbers plus 1; 0: none */
};

/* Takes an answer. Those that are older than what was said last count, and change nothing. */
void cl_said_take(struct cl_said *s, struct cl_said_log *l, const struct cl_message *answer);

/* Age of the reference timestamp when the statement was sent, by the server's own clock. False: it has none.
 */
bool cl_statement_reference_age(const struct cl_statement *st, int64_t *ns);

/* Whether stratum 0 comes with a kiss code: letters, and none that says only what the server is at (INIT,
 * STEP). */
bool cl_is_kiss(uint8_t stratum, uint32_t refid);

/* Whether a client may take time from it: a stratum of 1 to 15, leap not 3, root distance below 16 s. */
bool cl_statement_is_fit(const struct cl_statement *st);

struct cl_statement cl_statement_of(const struct cl_message *answer);

#endif
