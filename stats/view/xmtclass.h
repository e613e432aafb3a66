/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_XMTCLASS_H
#define CL_STATS_XMTCLASS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What programs put into the transmit timestamp of a request. One packet is an observation; a class is what
 * several have in common.
 */

/* What one transmit timestamp looks like; the first that fits. 4 bits. */
enum cl_xmt_seen {
	CL_XMT_SEEN_ZERO,
	CL_XMT_SEEN_REPEAT, /* as the request before, 1 s later or the eighth time: told by whoever keeps it
			     */
	/* the time of the capture, or a clock that goes beside it; its fraction is */
	CL_XMT_SEEN_SEC,    /* 0 */
	CL_XMT_SEEN_DOUBLE, /* seconds since 1900 as an IEEE 754 double: the lowest 11 bits 0 */
	CL_XMT_SEEN_MS,	    /* of whole milliseconds */
	CL_XMT_SEEN_MS24,   /* the same but for its last octet */
	CL_XMT_SEEN_US,	    /* of whole microseconds */
	CL_XMT_SEEN_DIGITS, /* parities of the digits of twice the seconds (Net::NTP's arithmetic) */
	CL_XMT_SEEN_NS,	    /* below 10^9: perhaps nanoseconds */
	CL_XMT_SEEN_CLOCK,
	/* no time; where rand() of 31 bits stands in both words, the highest bit of both is 0: */
	CL_XMT_SEEN_RAND_BE,
	CL_XMT_SEEN_RAND_LE, /* the highest bit of the fourth octets: stored without changing their order */
	CL_XMT_SEEN_RAND_BOTH,
	CL_XMT_SEEN_RANDOM,
	CL_XMT_SEEN,
	CL_XMT_SEEN_ROOM = 16
};

enum cl_xmt_class {
	CL_XMT_ZERO,
	CL_XMT_CONST, /* one value for all requests */
	CL_XMT_SEC,
	CL_XMT_CLOCK_DOUBLE,
	CL_XMT_CLOCK_MS,
	CL_XMT_CLOCK_MS24,
	CL_XMT_CLOCK_US,
	CL_XMT_CLOCK_DIGITS,
	CL_XMT_CLOCK_NS,
	CL_XMT_CLOCK, /* any of those that are a time */
	CL_XMT_RAND63,
	CL_XMT_RANDOM, /* any that is none */
	CL_XMT_CLASSES
};

extern const char *const cl_xmt_names[CL_XMT_CLASSES];

/* Letters of the signature string. */
extern const char cl_xmt_letters[CL_XMT_CLASSES + 1];

/* Seconds that a transmit timestamp is ahead of the capture's clock (RFC 5905 sec. 6: eras wrap). */
int32_t cl_xmt_offset(uint64_t xmt, int64_t time_ns);

/* Within a day of the capture's clock. */
bool cl_xmt_near(int32_t offset);

/* `time`: it is one, by cl_xmt_near or as it goes along. Never CL_XMT_SEEN_REPEAT. */
enum cl_xmt_seen cl_xmt_look(uint64_t xmt, bool time);

#define CL_XMT_SEEN_BITS 4u

/* The last 16 transmit timestamps of a client. All zero: none. */
struct cl_xmt_watch {
	uint64_t seen;	/* enum cl_xmt_seen each, the newest in the lowest bits */
	uint32_t xmt;	/* the last, mixed to 32 bits */
	int32_t offset; /* cl_xmt_offset of the last */
	uint8_t again;	/* how often it came again without a break, to 8 */
};

/* Looks at the next; `apart`: a second or more behind the one before. One that is seen better now is
 * corrected. */
void cl_xmt_watch(struct cl_xmt_watch *w, uint64_t xmt, int64_t time_ns, bool first, bool apart);

enum cl_fit { CL_FIT_NO, CL_FIT_POSSIBLE, CL_FIT_PROVEN };

/**
 * Whether `n` observations, of which seen[k] are of kind k, are of a class: one odd one in four is
 * overlooked, none in less than four. Proven: by chance it would be less than once in a hundred.
 */
enum cl_fit cl_xmt_fit(enum cl_xmt_class class, const uint8_t seen[CL_XMT_SEEN], unsigned n);

/* The most special class that is proven; CL_XMT_CLASSES if none is. */
enum cl_xmt_class cl_xmt_vote(const uint8_t seen[CL_XMT_SEEN], unsigned n);

/* Observations that may be odd among n. */
static inline unsigned cl_odd(unsigned n)
{
	return n / 4;
}

#endif
