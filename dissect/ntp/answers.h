/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_ANSWERS_H
#define CL_DISSECT_NTP_ANSWERS_H

#include <stdbool.h>

#include "dissect/addr.h"
#include "dissect/span.h"

#define CL_NTP_ANSWERS	    64u /* that wait at a time; the one that waited longest goes first */
#define CL_NTP_ANSWER_PARTS 256u
#define CL_NTP_ANSWER_WAIT  INT64_C(60000000000) /* nanoseconds since its last part */

/* Answers of mode 6 in several packets (RFC 9327 sec. 2), in pieces. Opaque, bounded. */
struct cl_ntp_answers;
struct cl_ntp_answers *cl_ntp_answers_new(void);
void cl_ntp_answers_free(struct cl_ntp_answers *a);

/* What tells answers apart. */
struct cl_ntp_answer_key {
	struct cl_addr src, dst;
	uint16_t sport, dport, sequence, association, opcode;
};

enum cl_ntp_join {
	CL_NTP_JOIN_WAITS,
	CL_NTP_JOIN_WHOLE,
	CL_NTP_JOIN_GIVEN_UP, /* memory or a bound */
};

/**
 * Takes a part: `more` says that others stand behind it. When all are there, `whole` is the data, which stays
 * until the next call. `differs`: it overlaps another part with other octets; the first one holds.
 */
enum cl_ntp_join cl_ntp_answers_add(struct cl_ntp_answers *a, const struct cl_ntp_answer_key *key,
				    int64_t time_ns, uint16_t offset, struct cl_span part, bool more,
				    struct cl_span *whole, bool *differs);

/* Answers given up so far: too old, too many, too large. */
uint64_t cl_ntp_answers_lost(const struct cl_ntp_answers *a);

#endif
