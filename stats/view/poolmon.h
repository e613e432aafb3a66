/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_POOLMON_H
#define CL_STATS_POOLMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/view/poolscore.h"

/*
 * The rounds of the NTP Pool's monitors, as a capture at the server has them. A round is a monitor's requests
 * to a server that follow each other within 30 s: three of them, 2 s behind each answer or 5 s behind each
 * request that got none. The score is replayed from them by stats/view/poolscore.h. What a monitor got is not
 * seen: an answer within 3 s is taken as received, the offset that it computed as the one below.
 */

#define CL_POOL_ROUND_NS   INT64_C(30000000000) /* a longer silence ends a round */
#define CL_POOL_TIMEOUT_NS INT64_C(3000000000)	/* monitors wait no longer */
#define CL_POOL_ACTIVE_NS  INT64_C(1200000000000)

enum cl_poolmon_verdict {
	CL_POOL_GOOD,		/* all requests answered in time, step +1 */
	CL_POOL_PARTLY,		/* step +1, but requests are missing, or without an answer */
	CL_POOL_OFFSET,		/* the server's clock costs points */
	CL_POOL_STRATUM,	/* 8 or more */
	CL_POOL_UNFIT,		/* not synchronized, or a kiss code but these: */
	CL_POOL_KISS,		/* RATE, RSTR, DENY, or stratum 0 without a code */
	CL_POOL_LATE,		/* answered, later than monitors wait */
	CL_POOL_NOT_ANSWERED,	/* requests came; the server was silent */
	CL_POOL_NOT_SEEN,	/* due, or logged, and no request came: lost before the capture */
	CL_POOL_LOST_ON_RETURN, /* answered; the log says that nothing was received */
	CL_POOL_VERDICTS
};

/* What the pool's log says of a round. */
struct cl_poolmon_row {
	int64_t time_ns;
	double offset_s, step, score; /* offset_s: NaN if there is none */
	uint32_t monitor;	      /* number of cl_poolmon_monitor's call; UINT32_MAX: of all together */
	bool failed;		      /* it has an error, or a step of -5 */
	char error[48];
};

struct cl_poolmon_round {
	struct cl_addr server, monitor;
	int64_t time_ns;   /* of its first request; if none was seen, when it was due or logged */
	int64_t last_ns;   /* of its last request */
	uint32_t requests; /* seen */
	uint32_t missing;  /* fewer than usual, and no reason for it in the answers */
	uint32_t answered; /* within 3 s */
	uint32_t late;	   /* answered later */
	int64_t delta_ns;  /* of the fastest answer; -1: none */
	bool timed;	   /* theta_ns and bound_ns are known: of the answer of least bound */
	int64_t theta_ns;  /* server's clock less the capture's, */
	int64_t bound_ns;  /* wrong by at most this */
	uint64_t frame;	   /* of its first request; 0: none */
	uint32_t file;
	uint8_t reply, verdict, stratum; /* enum cl_pool_reply, cl_poolmon_verdict */
	uint32_t kiss;			 /* code of a kiss-o'-death, else 0 */
	struct cl_pool_step step;
	double score_min, score_max; /* behind it: from all that the score may have been at the first */
	uint32_t icmp;		     /* ICMP errors about its answers; of the first: */
	uint8_t icmp_family, icmp_type, icmp_code;
	struct cl_addr icmp_sender;
	const struct cl_poolmon_row *row; /* of the log; NULL: none */
};

/* A monitor's rounds of a server; `round` is in the order of time. */
struct cl_poolmon_pair {
	struct cl_addr server, monitor;
	const char *name; /* the monitor's; borrowed, may be NULL */
	const struct cl_poolmon_round *round;
	size_t rounds;
	size_t seen; /* rounds with a request */
	uint64_t requests, answered, late, missing, icmp;
	unsigned usual;		   /* requests of most rounds; 0: none */
	int64_t period_ns;	   /* median from round to round; 0: fewer than 4 rounds */
	int64_t early_ns, late_ns; /* its first and last tenth */
	bool regular;		   /* three gaps of four fit the period: missing rounds are inferred */
	int64_t silent_ns;	   /* from its last round to the end of the capture */
	uint64_t verdict[CL_POOL_VERDICTS];
};

/* The score of a server over its monitors: the median of those with a round in the last 20 minutes. */
struct cl_poolmon_overall {
	int64_t time_ns;
	double score_min, score_max;
	uint32_t monitors;
};

/* A source that asks as monitors do. */
struct cl_poolmon_candidate {
	struct cl_addr source, server;
	uint32_t rounds, full; /* full: of three requests */
	int64_t first_ns, last_ns;
};

struct cl_poolmon_losses {
	uint64_t requests;   /* of monitors beyond CL_POOL_REQUESTS_MAX */
	uint64_t errors;     /* ICMP errors beyond CL_POOL_ERRORS_MAX */
	uint64_t candidates; /* requests of sources beyond CL_POOL_SOURCES_MAX */
	uint64_t inferred;   /* missing rounds beyond CL_POOL_INFERRED_MAX */
};

#define CL_POOL_MONITORS_MAX 4096u
#define CL_POOL_REQUESTS_MAX 4000000u
#define CL_POOL_ERRORS_MAX   100000u
#define CL_POOL_SOURCES_MAX  1000000u
#define CL_POOL_INFERRED_MAX 100000u
#define CL_POOL_ROWS_MAX     4000000u

/* Opaque. */
struct cl_poolmon;

struct cl_poolmon *cl_poolmon_new(uint64_t seed); /* NULL when memory is short */
void cl_poolmon_free(struct cl_poolmon *p);	  /* NULL is accepted */

/* Adds a monitor, before the first exchange; the name is copied and may be NULL. False: beyond the limit, or
 * memory is short. */
bool cl_poolmon_monitor(struct cl_poolmon *p, const struct cl_addr *addr, const char *name);
size_t cl_poolmon_monitors(const struct cl_poolmon *p);
/* Whether it was added. */
bool cl_poolmon_is_monitor(const struct cl_poolmon *p, const struct cl_addr *addr);

/* Adds a row of the log for every monitor of this name (NULL: of all together). 1; 0: no such monitor; -1:
 * beyond the limit, or memory is short. */
int cl_poolmon_log(struct cl_poolmon *p, const char *name, const struct cl_poolmon_row *row);

/* Takes exchanges of CL_X_NTP and CL_X_ICMP in their order. */
void cl_poolmon_take(struct cl_poolmon *p, const struct cl_exchange *x);

/* Results; once all was taken. ------------------------------------------------------- */

/**
 * Counts: the capture's first and last time; `scored`: the server that the log speaks of, NULL: the only one
 * that monitors asked. False: memory is short.
 */
bool cl_poolmon_count(struct cl_poolmon *p, int64_t first_ns, int64_t last_ns, const struct cl_addr *scored);

/* By server, then monitor. */
const struct cl_poolmon_pair *cl_poolmon_pairs(const struct cl_poolmon *p, size_t *n);
const struct cl_poolmon_candidate *cl_poolmon_candidates(const struct cl_poolmon *p, size_t *n);

/* Of the rounds of pairs `from` to `to` - 1, which are of one server: after each round. To be freed; NULL
 * when memory is short, or there is none. */
struct cl_poolmon_overall *cl_poolmon_overall(const struct cl_poolmon *p, size_t from, size_t to, size_t *n);

/* The server that the log was held against; NULL: none, or it cannot be told which. */
const struct cl_addr *cl_poolmon_scored(const struct cl_poolmon *p);

/* Rows of the log: all, within the capture's time, and of these with a round that was seen. */
struct cl_poolmon_rows {
	uint64_t rows, within, seen;
};
struct cl_poolmon_rows cl_poolmon_rows(const struct cl_poolmon *p);
/* Rows of the log for all monitors together, by time. */
const struct cl_poolmon_row *cl_poolmon_logged_overall(const struct cl_poolmon *p, size_t *n);
struct cl_poolmon_losses cl_poolmon_losses(const struct cl_poolmon *p);

#endif
