/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_STATE_H
#define CL_DISSECT_NTP_STATE_H

#include "dissect/addr.h"
#include "dissect/ntp/recent.h"
#include "dissect/ntp/refid.h"

/* What is remembered from packet to packet where all is decoded. Owned by the dissector. */
struct cl_ntp_answers;
struct cl_ntp_state {
	struct cl_refids *refids;
	struct cl_ntp_answers *answers; /* of mode 6, that wait for their other parts */
	struct cl_ntp_recent recent;
};

/* NULL when memory is short. `seed`: of hashes, so that no peer can make them collide. */
struct cl_ntp_state *cl_ntp_state_new(uint64_t seed);
void cl_ntp_state_free(struct cl_ntp_state *s);

/* Addresses of an IPv6 packet: reference identifiers may be theirs. */
void cl_ntp_state_see(struct cl_ntp_state *s, const struct cl_addr *src, const struct cl_addr *dst);

#endif
