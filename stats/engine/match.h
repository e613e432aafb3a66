/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_MATCH_H
#define CL_STATS_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/event.h"
#include "stats/engine/openreq.h"

enum cl_pairing {
	CL_PAIRING_STANDARD,  /* clientele(1), DEFINITIONS */
	CL_PAIRING_WIRESHARK, /* NTP: the latest request of the conversation, as Wireshark's ntp.delta_time
				 has it */
};

/* What became of a response. */
enum cl_outcome {
	CL_OUT_MATCHED,
	CL_OUT_DUPLICATE,
	CL_OUT_LATE,
	CL_OUT_BACKWARDS, /* found behind it at once; most are found when their request comes */
	CL_OUT_BOGUS,
	CL_OUT_TRANSFER /* a further message of a zone transfer: belongs to a response before it */
};

struct cl_verdict {
	enum cl_outcome outcome;
	bool interleaved, guessed; /* by which rule it matched */
	bool more;		   /* matched, and the response is not whole: delta_ns comes with its end */
	bool ended;		   /* of CL_OUT_TRANSFER: the end, with delta_ns of its response */
	int64_t delta_ns, delta_first_ns; /* matched and late */
	uint64_t request_place;		  /* cl_req_place */
};

/* Pairs requests with responses. Its memory is bounded by cl_openreq's limits. */
struct cl_matcher {
	struct cl_openreq open;
	enum cl_pairing pairing;
	int64_t timeout_ns, horizon_ns; /* as the rules have them; `open` may keep requests longer */
	uint64_t seed;
	uint64_t gave_up;     /* searches that met their budget among requests with one key */
	uint32_t interleaved; /* not 0: answers were interleaved of late, so second keys will be looked up */
};

/* Hashes of an event, computed a batch ahead so that the tables' lines are near when they are needed. */
struct cl_keys {
	uint64_t flow; /* client and server with their ports, as its role has them */
	uint64_t key;  /* what its request or response is found by first */
};

bool cl_matcher_init(struct cl_matcher *m, enum cl_pairing pairing, int64_t timeout_ns, uint64_t seed);
void cl_matcher_free(struct cl_matcher *m);

/* How keys are made: a copy for each thread, since the matcher's own lines change all the time. */
struct cl_key_rule {
	uint64_t seed;
	enum cl_pairing pairing;
	bool requests_only; /* the client of a response will not be looked up */
};

/* Hashes of an event, computed before it is counted. */
struct cl_prepared {
	uint64_t
		client_hash; /* cl_addr_hash of the client's address with the rule's seed; 0: not looked up */
	struct cl_keys keys;
};

/* Computes the hashes of events; for any thread. */
void cl_match_prepare(const struct cl_key_rule *r, const struct cl_event *evs, size_t n,
		      struct cl_prepared *out);

/**
 * Opens a request at packet time `now_ns`. True: a response that came up to 0.1 s before it, and was called
 * bogus then, was its answer (backwards).
 */
bool cl_match_request(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
		      uint32_t service, int64_t now_ns);

/* Whether an open request is a query of which a zone transfer has begun: it is answered. */
bool cl_match_is_answered(const struct cl_req *req);

/* Whether a mode 1 packet answers an open mode 1 request of the other side; then fills *v. */
bool cl_match_symmetric(struct cl_matcher *m, const struct cl_event *ev, int64_t now_ns,
			struct cl_verdict *v);

/* Finds the request of a response. */
struct cl_verdict cl_match_response(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
				    uint32_t service, int64_t now_ns);

#endif
