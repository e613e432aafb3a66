/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_REFID_H
#define CL_DISSECT_NTP_REFID_H

#include <stddef.h>

#include "dissect/addr.h"
#include "dissect/attr.h"

/* What a reference identifier is (RFC 5905 sec. 7.3, RFC 9748; ntpd and chronyd for their own). */
enum cl_refid_kind {
	CL_REFID_NONE,		   /* 0 */
	CL_REFID_CLOCK,		   /* stratum 1: a clock's code */
	CL_REFID_KISS,		   /* stratum 0 of modes 4 and 2: a kiss code (RFC 5905 sec. 7.4) */
	CL_REFID_STATE,		   /* stratum 0 or 16 otherwise: what a client is at, such as INIT */
	CL_REFID_UPSTREAM,	   /* an IPv4 address, or a hash that looks like one */
	CL_REFID_HASH,		   /* the hash of an IPv6 address: no IPv4 address of a host */
	CL_REFID_IPV6,		   /* the hash of an IPv6 address that was seen */
	CL_REFID_LOOPBACK,	   /* 127.0.0.1 */
	CL_REFID_REFCLOCK,	   /* ntpd: 127.127.t.u */
	CL_REFID_CHRONY_LOCAL,	   /* chronyd: 127.127.1.1 */
	CL_REFID_CHRONY_SMOOTHING, /* chronyd: 127.127.1.255 */
	CL_REFID_SMEAR,		   /* ntpd: 254.x.y.z, the leap smear's offset in 22 bits of fraction */
	CL_REFID_OTHER		   /* a code that is no text */
};

/* IPv6 addresses seen, by the first four octets of their MD5 (RFC 5905 sec. 7.3). Opaque, bounded: those
 * beyond CL_REFID_ADDRESSES are not taken. */
#define CL_REFID_ADDRESSES 16384u
struct cl_refids;
struct cl_refids *cl_refids_new(uint64_t seed);
void cl_refids_free(struct cl_refids *r);
void cl_refids_see(struct cl_refids *r, const struct cl_addr *a);
/* The address first seen of those with this identifier, owned by `r`; NULL if there is none. */
const struct cl_addr *cl_refids_find(const struct cl_refids *r, uint32_t refid);
/* How many addresses were not taken. */
uint64_t cl_refids_refused(const struct cl_refids *r);

/* The kind, with `r` NULL without regard to addresses seen. */
enum cl_refid_kind cl_refid_kind(uint32_t refid, unsigned mode, unsigned stratum, const struct cl_refids *r);

/* What a code of a clock or a kiss code stands for, by its four octets; NULL if it is not known. */
const char *cl_refid_clock(uint32_t refid);
const char *cl_refid_kiss(uint32_t refid);

/* Puts kind and meaning; a code's letters (at most 4, and a NUL) come back in `code`. */
enum cl_refid_kind cl_refid_put(struct cl_detail *d, uint32_t refid, unsigned mode, unsigned stratum,
				const struct cl_refids *r, char code[5]);

/* The tables, for tests. */
extern const struct cl_name cl_refid_clocks[], cl_refid_kisses[];
extern const size_t cl_refid_clock_count, cl_refid_kiss_count;

#endif
