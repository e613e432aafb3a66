/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_MODE6_H
#define CL_STATS_MODE6_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/view/mode6_text.h"

/*
 * NTP control messages (mode 6, RFC 9327) and private ones (mode 7, ntpd's ntp_request.h): who asks what, how
 * much is answered, and the variables that answers tell, as series. Octets are those of UDP payloads.
 */

/* What was asked and answered; a packet of a large answer counts by itself. */
struct cl_mode6_count {
	uint64_t requests, octets;
	uint64_t responses, answered_octets;
	uint64_t errors;      /* responses that say one */
	uint64_t most_octets; /* answered between one request and the next */
	uint64_t now_octets;  /* since the last */
};

/* Of a server, by mode and operation: opcode of mode 6, request code of mode 7. */
struct cl_mode6_operation {
	struct cl_addr server;
	uint8_t mode, opcode;
	struct cl_mode6_count n;
};

/* Of a source, the same. */
struct cl_mode6_asked {
	struct cl_addr source;
	uint8_t mode, opcode;
	struct cl_mode6_count n;
};

/* What a source has asked; bits of enum. */
enum {
	CL_MODE6_ASKED_VERSION = 1, /* variables of the system */
	CL_MODE6_ASKED_MONLIST = 2, /* mode 7, codes 20 and 42: the last clients */
	CL_MODE6_ASKED_MRU = 4,	    /* mode 6, opcode 10: the same */
	CL_MODE6_ASKED_OTHER = 8
};

/* An address that asks, or is answered. It may be forged: then it is whom the answers hit. */
struct cl_mode6_source {
	struct cl_addr addr;
	uint8_t asked;
	int64_t first_ns, last_ns; /* of requests and responses */
	struct cl_mode6_count mode6, mode7;
};

/* What a status word is of: the system (association 0), a peer, or a reference clock. */
#define CL_MODE6_TEXT_MAX 63u
struct cl_mode6_association {
	struct cl_addr server;
	uint16_t association;
	uint8_t kind; /* enum cl_mode6_kind */
	uint8_t reserved;
	bool has_status;
	uint16_t status; /* the last */
	uint32_t changes;
	int64_t last_ns;
	char text[CL_MODE6_TEXT_MAX + 1]; /* srcadr of a peer, device or name of a clock; as sent */
};

/* A status word that differs from the one before, or is the first. */
struct cl_mode6_event {
	int64_t time_ns;
	uint32_t association; /* place among the associations, as they came */
	uint16_t status;
};

/* A variable. Values are as sent: milliseconds, ppm, or whatever the server counts in. */
#define CL_MODE6_NAME_MAX 44u
struct cl_mode6_series {
	struct cl_addr server;
	uint16_t association;
	uint8_t kind, name_length;
	char name[CL_MODE6_NAME_MAX]; /* no NUL; cut */
	uint64_t n;
	int64_t first_ns, last_ns;
	double first, last, min, max, sum;
	uint32_t head, tail; /* samples, 1 + their place; 0: none */
};

struct cl_mode6_sample {
	int64_t time_ns;
	double value;
	uint32_t next; /* 1 + its place; 0: the last */
};

/* A reference clock's state, as its last refclock_states has it. */
struct cl_mode6_clock_state {
	struct cl_addr server;
	uint16_t association;
	uint8_t name_length, reserved;
	char name[CL_MODE6_NAME_MAX];
	int64_t time_ns, seconds;
	double share; /* 0 to 1; negative: not said */
	bool current;
};

/* Limits; struct cl_mode6_refused counts what goes beyond. */
#define CL_MODE6_SOURCES_MAX	  (UINT32_C(1) << 20)
#define CL_MODE6_ASKED_MAX	  (UINT32_C(1) << 21)
#define CL_MODE6_OPERATIONS_MAX	  65536u
#define CL_MODE6_ASSOCIATIONS_MAX 16384u
#define CL_MODE6_EVENTS_MAX	  262144u
#define CL_MODE6_SERIES_MAX	  65536u
#define CL_MODE6_SAMPLES_MAX	  (UINT32_C(1) << 21)
#define CL_MODE6_STATES_MAX	  4096u
#define CL_MODE6_MESSAGES	  64u		       /* put together at a time; the oldest gives way */
#define CL_MODE6_MESSAGE_MAX	  16384u	       /* octets of one */
#define CL_MODE6_MESSAGE_NS	  INT64_C(10000000000) /* and its fragments within */

struct cl_mode6_refused {
	uint64_t packets; /* of sources, their operations, or servers' operations without room */
	uint64_t associations, events, series, samples, states;
};

struct cl_mode6_totals {
	struct cl_mode6_count mode6, mode7;
	uint64_t error[8];   /* of mode 6, by code (RFC 9327 sec. 3.4) */
	uint64_t messages;   /* answers with variables, whole */
	uint64_t fragments;  /* that they came in */
	uint64_t incomplete; /* answers of which fragments are missing, or cut by the snap length */
	uint64_t duplicates; /* fragments that came again */
};

/* Opaque. */
struct cl_mode6;

/* NULL when memory is short. Free with cl_mode6_free; NULL is accepted there. */
struct cl_mode6 *cl_mode6_new(uint64_t seed);
void cl_mode6_free(struct cl_mode6 *m);

/* A cl_exchange_fn: takes control messages. */
void cl_mode6_take(void *m, const struct cl_exchange *x);

/* Results, once all was taken; borrowed. ---------------------------------------------- */

const struct cl_mode6_totals *cl_mode6_totals(struct cl_mode6 *m);
struct cl_mode6_refused cl_mode6_refused(const struct cl_mode6 *m);

/* An association by the number that events say. */
const struct cl_mode6_association *cl_mode6_association(const struct cl_mode6 *m, uint32_t number);

/* As they came. */
const struct cl_mode6_association *cl_mode6_associations(const struct cl_mode6 *m, size_t *count);
const struct cl_mode6_event *cl_mode6_events(const struct cl_mode6 *m, size_t *count);
const struct cl_mode6_clock_state *cl_mode6_states(const struct cl_mode6 *m, size_t *count);

/* What a source asked, by mode and opcode: calls `fn` with each that there is, in this order. */
void cl_mode6_asked(const struct cl_mode6 *m, const struct cl_addr *source,
		    void (*fn)(void *ctx, const struct cl_mode6_asked *one), void *ctx);

/* Sorts them: sources by octets answered, then asked; operations and series by server and key. */
const struct cl_mode6_source *cl_mode6_sources(struct cl_mode6 *m, size_t *count);
const struct cl_mode6_operation *cl_mode6_operations(struct cl_mode6 *m, size_t *count);
const struct cl_mode6_series *cl_mode6_series(struct cl_mode6 *m, size_t *count);

/* The sample `place` (head of a series, or next of a sample); NULL for 0. */
const struct cl_mode6_sample *cl_mode6_sample(const struct cl_mode6 *m, uint32_t place);

#endif
