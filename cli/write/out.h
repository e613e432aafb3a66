/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_OUT_H
#define CL_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dissect/span.h"

/* Octets to be written: grows, and never calls the system but for memory. Zeroed is empty. */
struct cl_out {
	char *at; /* owned */
	size_t used, room;
	bool failed; /* memory was short: something is missing */
	struct {
		int64_t day; /* since 1970; of `text`, if that is not empty */
		char text[12];
	} date[8]; /* those written last, by the day's lowest bits */
};

void cl_out_free(struct cl_out *o);

/* Room for n octets at the end, or NULL; the caller writes them and adds what it wrote to `used`. */
char *cl_out_room_slow(struct cl_out *o, size_t n);
static inline char *cl_out_room(struct cl_out *o, size_t n)
{
	return __builtin_expect(n <= o->room - o->used, 1) ? o->at + o->used : cl_out_room_slow(o, n);
}

static inline void cl_out_octets(struct cl_out *o, const char *s, size_t n)
{
	char *p = cl_out_room(o, n);

	if (p != NULL && n > 0) {
		memcpy(p, s, n);
		o->used += n;
	}
}

static inline void cl_out_char(struct cl_out *o, char c)
{
	char *p = cl_out_room(o, 1);

	if (p != NULL) {
		*p = c;
		o->used++;
	}
}

/* A string as it is: our own words. */
static inline void cl_out_str(struct cl_out *o, const char *s)
{
	cl_out_octets(o, s, strlen(s));
}

void cl_out_u64(struct cl_out *o, uint64_t v);
void cl_out_i64(struct cl_out *o, int64_t v);

/* Decimal with zeros in front, `digits` (at most 20) of them in all at least. */
void cl_out_padded(struct cl_out *o, uint64_t v, unsigned digits);

/* Hexadecimal of so many digits (1 to 16) at least, lower case, without 0x. */
void cl_out_hex(struct cl_out *o, uint64_t v, unsigned digits);

/* Octets as lower-case hexadecimal; `between` (0: nothing) stands between two. */
void cl_out_bytes(struct cl_out *o, struct cl_span s, char between);

/* A real number as JSON has it: exact where 32 binary places hold it, else 17 digits; null if not finite. */
void cl_out_real(struct cl_out *o, double v);

/* Nanoseconds as seconds: exact, without zeros at the end. */
void cl_out_seconds(struct cl_out *o, int64_t ns);

/* Nanoseconds since 1970 as seconds with nine places. */
void cl_out_epoch(struct cl_out *o, int64_t ns);

/* Nanoseconds since 1970 as RFC 3339 in UTC, with nine places. */
void cl_out_time(struct cl_out *o, int64_t ns);

/* IPv4 in host byte order; IPv6 of 16 octets, by RFC 5952. */
void cl_out_ip4(struct cl_out *o, uint32_t v);
void cl_out_ip6(struct cl_out *o, struct cl_span s);

/* A JSON string, quoted: what is not UTF-8 as U+FFFD, what a terminal would obey as \uNNNN. */
void cl_out_json(struct cl_out *o, const char *s, size_t n);

/* For a terminal: what it would obey, and what is not UTF-8, as \xNN. */
void cl_out_safe(struct cl_out *o, const char *s, size_t n);

#endif
