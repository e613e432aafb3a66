/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_KISSES_H
#define CL_STATS_KISSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "stats/table/intern.h"

/* Kisses-o'-death (RFC 5905 sec. 7.4): who sent which, and whether those who got them obeyed. */

#define CL_PACE_GAPS 10u

/* The last gaps between the requests of a client, of 2^32 us at most; a ring. */
struct cl_pace_gaps {
	uint32_t us[CL_PACE_GAPS];
	uint32_t n; /* of all; the newest at n - 1 */
};

/* Requests that follow each other in less than 4 s are one poll event. */
#define CL_PACE_EVENT_NS INT64_C(4000000000)
struct cl_pace {
	struct cl_pace_gaps event;   /* from the start of a poll event to that of the next */
	struct cl_pace_gaps request; /* between requests */
};

void cl_pace_add(struct cl_pace_gaps *g, int64_t gap_ns);
/* The same, but keeps the first ten. */
void cl_pace_add_first(struct cl_pace_gaps *g, int64_t gap_ns);
/* Of the gaps that are kept, the ceil(n/2)-th smallest; -1: there are less than two. */
int64_t cl_pace_median(const struct cl_pace_gaps *g);

/* What a client made of its first RATE. */
enum cl_obeyed {
	CL_OBEYED_UNKNOWN, /* less than two gaps before or after it */
	CL_OBEYED_GONE,	   /* no request came after it, for 1.8 times the median gap before or 1024 s */
	CL_OBEYED_HONOURS, /* the median gap grew to 1.8 times or more */
	CL_OBEYED_SLOWER,  /* to more than 1.2 times */
	CL_OBEYED_IGNORES, /* 0.8 to 1.2 times */
	CL_OBEYED_WORSE,   /* less */
	CL_OBEYED_WAYS
};

/* A client that was sent a kiss. */
struct cl_kissed {
	struct cl_addr addr;
	uint64_t kisses;
	int64_t rate_ns, refused_ns;	 /* of the first RATE; of the first DENY or RSTR; INT64_MIN: none */
	struct cl_pace before, after;	 /* of the first RATE: the last ten gaps; the first ten */
	uint64_t requests_after;	 /* the first RATE */
	uint64_t requests_an_hour_after; /* the first refusal */
};

/* Between two requests of the same client. */
struct cl_gap {
	int64_t time_ns, request_ns, event_ns; /* event_ns: -1: no poll event began */
};

struct cl_obedience {
	enum cl_obeyed how;
	int64_t before_ns, after_ns; /* -1: not known */
	bool of_requests;	     /* the gaps are those between requests: there were too few poll events */
};
/* `end_ns`: of what was captured. */
struct cl_obedience cl_kissed_obeyed(const struct cl_kissed *k, int64_t end_ns);

struct cl_kiss_key {
	struct cl_addr server;
	uint32_t code, zero;
};

/* Kisses of a server with a code: the reference identifier. */
struct cl_kiss_row {
	struct cl_kiss_key key;
	uint64_t kisses, clients;
};

struct cl_kisses {
	struct cl_intern clients; /* struct cl_kissed */
	struct cl_intern rows;	  /* struct cl_kiss_row */
	struct cl_intern pairs;	  /* of clients and rows: for unique clients */
	uint64_t kisses;
	uint64_t not_kept; /* of these, those for which there was no room: in no other figure */
};

#define CL_KISS_CLIENTS_MAX (1u << 18)
#define CL_KISS_ROWS_MAX    4096u

/* False when memory is short; cl_kisses_free in any case. */
bool cl_kisses_init(struct cl_kisses *k, uint64_t seed);
void cl_kisses_free(struct cl_kisses *k);

/* A server's kiss to a client, whose gaps so far are in `pace` (NULL: not known). */
void cl_kisses_add(struct cl_kisses *k, const struct cl_addr *client, const struct cl_addr *server,
		   uint32_t code, int64_t time_ns, const struct cl_pace *pace);

/* A request of a client that was kissed, if it was; `gap` to the one before. */
void cl_kisses_request(struct cl_kisses *k, const struct cl_addr *client, const struct cl_gap *gap);

/* A code as text: 4 characters, or 8 hexadecimal digits. */
void cl_kiss_text(uint32_t code, char out[9]);

#define CL_KISS_RATE UINT32_C(0x52415445)
#define CL_KISS_DENY UINT32_C(0x44454e59)
#define CL_KISS_RSTR UINT32_C(0x52535452)
#define CL_HOUR_NS   INT64_C(3600000000000)

#endif
