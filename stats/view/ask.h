/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ASK_H
#define CL_STATS_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/exchange/fourtimes.h"
#include "stats/exchange/ntpmath.h"
#include "stats/exchange/said.h"

/*
 * What programs that ask for the time print (ntpdate -q, ntpdig, sntp), from the wire: each request of a
 * client to a server with the offset and delay that its answer gave.
 */

/* Where the first of the four times is from. */
enum cl_t1 {
	CL_T1_CAPTURE,	   /* the request's time in the capture */
	CL_T1_TRANSMIT,	   /* its transmit timestamp: it agrees with the capture's clock */
	CL_T1_TRANSMIT_NS, /* the same, of a client that puts nanoseconds into the fraction */
};

/* Where the capture was taken, as times to live tell. */
enum cl_vantage {
	CL_TAP_UNKNOWN,
	CL_TAP_CLIENT, /* the request has passed no router, the answer has */
	CL_TAP_SERVER, /* the other way round */
	CL_TAP_LINK,   /* neither has: both are there */
	CL_TAP_PATH    /* both have */
};

struct cl_ask_auth {
	uint8_t kind; /* enum cl_ntp_auth */
	uint16_t mac_length;
	uint32_t key_id;
};

struct cl_sample {
	int64_t time_ns; /* of the request */
	uint64_t request_frame, response_frame;
	uint32_t request_file, response_file;
	uint8_t fortune; /* enum cl_fortune */
	uint8_t t1, tap;
	bool answered, timed; /* timed: the offset below is known */
	bool good;	      /* and a client would take it: fit, authenticated as asked for */
	bool has_clock;
	struct cl_ask_auth request, response;
	struct cl_statement said; /* if answered */
	int64_t offset_ns; /* server's clock less the client's; tap at the server: less its way there */
	int64_t delay_ns;  /* not for a tap at the server */
	int64_t dispersion_ns;
	int64_t wire_offset_ns, wire_delay_ns; /* the same with both times of the capture */
	int64_t clock_ns; /* if has_clock: transmit timestamp less the request's time in the capture */
	uint32_t next;	  /* of the same pair, plus 1; 0: none */
};

struct cl_ask {
	struct cl_addr client, server;
	uint64_t requests, answers, kept;
	int64_t first_ns;
	uint32_t first, last; /* samples, plus 1; 0: none */
	uint64_t of_client;   /* requests of the client to all servers; set by cl_asks_sorted */
	struct cl_times_before before;
	struct cl_clock_filter filter;
	struct cl_statement said; /* of the last answer */
	struct cl_ask_auth request, response;
	uint8_t tap;
};

#define CL_ASKS_MAX    4096u   /* pairs of client and server */
#define CL_SAMPLES_MAX 262144u /* of all */
#define CL_SAMPLES_OF  1024u   /* of one pair: the first */

/* Opaque. */
struct cl_asks;

struct cl_asks *cl_asks_new(uint64_t seed); /* NULL when memory is short */
void cl_asks_free(struct cl_asks *a);	    /* NULL is accepted */

/* Takes an exchange of CL_X_NTP; what has no request is nobody's. */
void cl_asks_take(struct cl_asks *a, const struct cl_exchange *x);

/* All pairs: clients by their requests, then their address; pairs of a client by server. How many they are.
 * The array is to be freed; NULL if memory is short. */
struct cl_ask **cl_asks_sorted(struct cl_asks *a, size_t *n);

/* Sample by number plus 1; NULL for 0. */
const struct cl_sample *cl_asks_sample(const struct cl_asks *a, uint32_t number);

struct cl_asks_limits {
	uint64_t pairs;	  /* requests of pairs beyond CL_ASKS_MAX */
	uint64_t samples; /* counted, filtered, not kept */
};

struct cl_asks_limits cl_asks_left_out(const struct cl_asks *a);

#endif
