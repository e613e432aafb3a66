/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_WATCH_H
#define CL_STATS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/event.h"

/*
 * What happened to a server as its answers show it: the tables server_event and server_event_day of a
 * database. Several machines may answer from one address, so a value is a server's only where more than half
 * of a step's answers have it.
 */

/* Names in this order, as stored: cl_server_event_names. */
enum cl_server_event_kind {
	CL_SERVER_LEAP, /* leap indicator 0 to 2: before and after */
	CL_SERVER_STRATUM,
	CL_SERVER_REFID,
	CL_SERVER_DISTANCE,	  /* root distance: 1 above CL_WATCH_DISTANCE, else 0 */
	CL_SERVER_UNSYNCHRONISED, /* a run of such answers; after: its first reference identifier */
	CL_SERVER_TIME_STEP,	  /* receive timestamp less capture time: before and after, ns */
	CL_SERVER_SILENCE,	  /* n requests and no answer */
	CL_SERVER_SERVFAIL,	  /* n of `total` responses */
	CL_SERVER_REFUSED,
	CL_SERVER_EVENT_KINDS
};
extern const char *const cl_server_event_names[CL_SERVER_EVENT_KINDS];

#define CL_WATCH_NULL INT64_MIN

/* A row of server_event; times in nanoseconds since 1970; CL_WATCH_NULL is null. */
struct cl_server_event {
	enum cl_server_event_kind kind;
	int64_t t_ns, until_ns, before, after, n, total;
};

/* Counters of server_event_day. */
struct cl_server_event_day {
	int64_t left_out;  /* events beyond CL_WATCH_EVENTS_MAX */
	int64_t mixed;	   /* steps in which no reference identifier had more than half of the answers */
	int64_t unsettled; /* changes that did not stay for a step */
	int64_t unwatched; /* of kind `rest`: responses of servers beyond CL_WATCH_MAX */
};

#define CL_WATCH_MAX	     1024u /* servers that are watched, the first that answer; about 800 octets each */
#define CL_WATCH_EVENTS_MAX  32	   /* of a server and UTC day */
#define CL_WATCH_WORDS	     8u	   /* different states of a step that are told apart */
#define CL_WATCH_DISTANCE    (1u << 16) /* MAXDIST (RFC 5905 section 7.2): 1 s as 16.16 seconds */
#define CL_WATCH_OLD_LEFT    10 /* of a step's answers, at most one in so many may still have the old value */
#define CL_WATCH_RUN	     8	/* unsynchronised answers in a row, */
#define CL_WATCH_RUN_SHORT   3	/* or these within CL_WATCH_RUN_NS and more */
#define CL_WATCH_RUN_NS	     INT64_C(60000000000)
#define CL_WATCH_TURNS	     8 /* more of them in a step: several machines, of which some are unsynchronised */
#define CL_WATCH_STEP_NS     INT64_C(125000000) /* STEPT (RFC 5905 appendix A.1.1) */
#define CL_WATCH_STEP_LEAST  3			/* answers of a step that say where its clock stands */
#define CL_WATCH_SILENCE_NS  INT64_C(10000000000)
#define CL_WATCH_SILENCE     20.0 /* answers that should have come */
#define CL_WATCH_BURST	     20	  /* failures of a step, */
#define CL_WATCH_BURST_PART  10.0 /* one in so many of its responses, */
#define CL_WATCH_BURST_OVER  4.0  /* and so many times their share before, */
#define CL_WATCH_BURST_KNOWN 100  /* of as many responses */

/* A server's state as one word: leap, distance, stratum, reference identifier. */
struct cl_watch_word {
	uint64_t word;
	int64_t n, first_ns;
};

#define CL_WATCH_FIELDS 4u /* the first kinds of events */

/* What is known of a server beside the words: numbers alone, so that they are stored alike (watch_state.c).
 */
struct cl_watch_numbers {
	int64_t day;		 /* of the counters below */
	int64_t written, stored; /* events; whether the day has its row */
	struct cl_server_event_day counters;
	int64_t others; /* answers of the step with further words */
	int64_t value[CL_WATCH_FIELDS], next[CL_WATCH_FIELDS], next_ns[CL_WATCH_FIELDS]; /* below 0: none */
	/* unsynchronised answers in a row, and how often that began or ended in the step */
	int64_t run, run_first_ns, run_last_ns, run_refid, run_told, turns;
	/* receive timestamps less capture time, in the step; its last change; in the last step that had one
	 */
	int64_t clocks, clock_lo, clock_hi, clock_last, clock_any, jump_ns, clock_known, known_lo, known_hi;
	/* the last answer; requests and matched ones of the steps before this one; requests up to it */
	int64_t any, last_ns, asked, matched, asked_at;
	/* SERVFAIL and REFUSED: in the step, and in those before that were no burst; the burst */
	int64_t fail[2], fails[2], responses[2], burst_ns[2], burst_until_ns[2], burst[2], burst_total[2],
		burst_told[2];
};

/* A server that is watched: the words of this step and of the one before. */
struct cl_watch {
	struct cl_watch_numbers v;
	uint32_t words, hit, before; /* hit: the word of the last answer */
	struct cl_watch_word word[CL_WATCH_WORDS], last[CL_WATCH_WORDS];
};

struct cl_watches {
	uint32_t count;			      /* servers watched */
	bool on;			      /* the store keeps events */
	int64_t day, unwatched[2], stored[2]; /* by protocol: counted, and as stored last */
};

struct cl_engine;
struct cl_service;

/* Takes a response of a server; not one that is out of order. */
void cl_watch_take(struct cl_engine *e, uint32_t number, struct cl_service *s, const struct cl_event *ev);

/* A step is over that ends at t_s, in seconds since 1970, and its counts are in `part` still. */
void cl_watch_step(struct cl_engine *e, uint32_t number, int64_t t_s);
void cl_watch_steps_end(struct cl_engine *e);

/* Writes what is not over, as it stands; and days that have no row yet. */
void cl_watch_write(struct cl_engine *e);
void cl_watch_write_days(struct cl_engine *e);

/* The store has lost what was written last. */
void cl_watch_recall(struct cl_engine *e);

/* Where it stands, in `state` (watch_state.c); cl_watch_load takes octets of a row there. */
#define CL_WATCH_STATE "watch"
void cl_watch_save(struct cl_engine *e);
void cl_watch_load(struct cl_engine *e, const uint8_t *at, size_t n);

#endif
