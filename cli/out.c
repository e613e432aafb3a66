/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/text.h"
#include "cli/timefmt.h"
#include "dissect/addr.h"

#define NS_PER_S INT64_C(1000000000)
#define DAY_S	 INT64_C(86400)
#define DATE_LEN 10 /* 2026-11-23 */
#define ROOM_MIN 65536u

void cl_out_free(struct cl_out *o)
{
	free(o->at);
	*o = (struct cl_out){ .at = NULL };
}

char *cl_out_room_slow(struct cl_out *o, size_t n)
{
	size_t room = o->room < ROOM_MIN ? ROOM_MIN : o->room;
	char *larger;

	while (room - o->used < n && room <= SIZE_MAX / 2)
		room *= 2;
	larger = room - o->used >= n ? realloc(o->at, room) : NULL;
	if (larger == NULL) {
		o->failed = true;
		return NULL;
	}
	o->at = larger;
	o->room = room;
	return o->at + o->used;
}

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
			    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

void cl_out_padded(struct cl_out *o, uint64_t v, unsigned digits)
{
	char text[20], *p = text + sizeof(text), *end = p;

	for (; v >= 100; v /= 100) {
		p -= 2;
		memcpy(p, pairs + 2 * (v % 100), 2);
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, pairs + 2 * v, 2);
	} else {
		*--p = (char)('0' + v);
	}
	while (end - p < (int)digits && p > text)
		*--p = '0';
	cl_out_octets(o, p, (size_t)(end - p));
}

void cl_out_u64(struct cl_out *o, uint64_t v)
{
	if (v < 10)
		cl_out_char(o, (char)('0' + v));
	else
		cl_out_padded(o, v, 1);
}

/* The magnitude, also of INT64_MIN. */
static uint64_t magnitude(int64_t v)
{
	return v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v;
}

void cl_out_i64(struct cl_out *o, int64_t v)
{
	if (v < 0)
		cl_out_char(o, '-');
	cl_out_u64(o, magnitude(v));
}

static const char hex_digits[] = "0123456789abcdef";

void cl_out_hex(struct cl_out *o, uint64_t v, unsigned digits)
{
	char text[16], *p = text + sizeof(text), *end = p;

	do {
		*--p = hex_digits[v & 15];
		v >>= 4;
	} while (v != 0);
	while (end - p < (int)digits && p > text)
		*--p = '0';
	cl_out_octets(o, p, (size_t)(end - p));
}

void cl_out_bytes(struct cl_out *o, struct cl_span s, char between)
{
	size_t each = between != 0 ? 3 : 2;
	char *p = cl_out_room(o, each * s.len), *from = p;

	if (p == NULL)
		return;
	for (uint32_t i = 0; i < s.len; i++) {
		if (between != 0 && i > 0)
			*p++ = between;
		*p++ = hex_digits[s.ptr[i] >> 4];
		*p++ = hex_digits[s.ptr[i] & 15];
	}
	o->used += (size_t)(p - from);
}

/* The digits of a fraction of 2^32 parts: at most 32, exact. */
static void put_fraction(struct cl_out *o, uint32_t parts)
{
	uint64_t rest = parts;

	cl_out_char(o, '.');
	do {
		rest *= 10;
		cl_out_char(o, (char)('0' + (rest >> 32)));
		rest &= UINT32_MAX;
	} while (rest != 0);
}

void cl_out_real(struct cl_out *o, double v)
{
	double abs = v < 0 ? -v : v, scaled;
	uint32_t whole, parts;
	char text[40];

	if (!isfinite(v)) {
		cl_out_str(o, "null");
		return;
	}
	if (abs < 4294967296.0) {
		whole = (uint32_t)abs;
		scaled = (abs - whole) * 4294967296.0;
		parts = (uint32_t)scaled;
		if ((double)parts == scaled) {
			if (v < 0)
				cl_out_char(o, '-');
			cl_out_u64(o, whole);
			if (parts > 0)
				put_fraction(o, parts);
			return;
		}
	}
	snprintf(text, sizeof(text), "%.17g", v);
	cl_out_str(o, text);
}

void cl_out_seconds(struct cl_out *o, int64_t ns)
{
	uint64_t v = magnitude(ns), fraction = v % NS_PER_S;
	unsigned digits = 9;

	if (ns < 0)
		cl_out_char(o, '-');
	cl_out_u64(o, v / NS_PER_S);
	if (fraction == 0)
		return;
	for (; fraction % 10 == 0; digits--)
		fraction /= 10;
	cl_out_char(o, '.');
	cl_out_padded(o, fraction, digits);
}

void cl_out_epoch(struct cl_out *o, int64_t ns)
{
	uint64_t v = magnitude(ns);

	if (ns < 0)
		cl_out_char(o, '-');
	cl_out_u64(o, v / NS_PER_S);
	cl_out_char(o, '.');
	cl_out_padded(o, v % NS_PER_S, 9);
}

/* Time stamps of one capture are of few days: their dates are kept. */
static void put_date(struct cl_out *o, int64_t day)
{
	size_t slot = (size_t)day & 7;
	char *kept = o->date[slot].text, text[CL_TIME_STRLEN];
	int64_t midnight;

	if (kept[0] == '\0' || o->date[slot].day != day) {
		if (__builtin_mul_overflow(day, DAY_S * NS_PER_S, &midnight))
			midnight = INT64_MIN; /* which lies in the first day */
		cl_time_format(text, midnight, 0);
		memcpy(kept, text, DATE_LEN);
		kept[DATE_LEN] = '\0';
		o->date[slot].day = day;
	}
	cl_out_octets(o, kept, DATE_LEN);
}

void cl_out_time(struct cl_out *o, int64_t ns)
{
	int64_t seconds = ns / NS_PER_S - (ns % NS_PER_S < 0);
	int64_t fraction = ns % NS_PER_S + (ns % NS_PER_S < 0 ? NS_PER_S : 0);
	int64_t day = seconds / DAY_S - (seconds % DAY_S < 0);
	unsigned second = (unsigned)(seconds - day * DAY_S);
	char text[] = "T00:00:00.";

	put_date(o, day);
	memcpy(text + 1, pairs + (size_t)2 * (second / 3600), 2);
	memcpy(text + 4, pairs + (size_t)2 * (second / 60 % 60), 2);
	memcpy(text + 7, pairs + (size_t)2 * (second % 60), 2);
	cl_out_octets(o, text, 10);
	cl_out_padded(o, (uint64_t)fraction, 9);
	cl_out_char(o, 'Z');
}

void cl_out_ip4(struct cl_out *o, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		cl_out_u64(o, v >> shift & 255);
		if (shift > 0)
			cl_out_char(o, '.');
	}
}

void cl_out_ip6(struct cl_out *o, struct cl_span s)
{
	char text[CL_ADDR_STRLEN];
	struct cl_addr a;

	if (s.len != sizeof(a.b)) {
		cl_out_bytes(o, s, 0);
		return;
	}
	memcpy(a.b, s.ptr, sizeof(a.b));
	if (cl_addr_is_v4(&a))
		cl_out_str(o, "::ffff:");
	cl_out_octets(o, text, cl_addr_format(&a, text));
}

/* Text ------------------------------------------------------------------------- */

/* One character, or one octet that is none, as JSON has it; the octets used. */
static size_t put_rune(struct cl_out *o, const char *s, size_t left)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	uint32_t rune;
	size_t n = cl_text_rune(s, left, &rune);

	if (n == 0) {
		cl_out_str(o, "\\ufffd");
		return 1;
	}
	for (size_t i = 0; i + 1 < sizeof(named); i += 2) {
		if (rune == (unsigned char)named[i]) {
			cl_out_char(o, '\\');
			cl_out_char(o, named[i + 1]);
			return n;
		}
	}
	if (cl_text_unsafe(rune)) {
		cl_out_str(o, "\\u");
		cl_out_hex(o, rune & 0xffff, 4);
	} else {
		cl_out_octets(o, s, n);
	}
	return n;
}

void cl_out_json(struct cl_out *o, const char *s, size_t n)
{
	cl_out_char(o, '"');
	for (size_t i = 0; i < n;) {
		size_t plain = i;

		while (plain < n && s[plain] >= 0x20 && s[plain] < 0x7f && s[plain] != '"' &&
		       s[plain] != '\\')
			plain++;
		cl_out_octets(o, s + i, plain - i);
		i = plain;
		if (i < n)
			i += put_rune(o, s + i, n - i);
	}
	cl_out_char(o, '"');
}

void cl_out_safe(struct cl_out *o, const char *s, size_t n)
{
	size_t plain = 0;
	char *p;

	while (plain < n && s[plain] >= 0x20 && s[plain] < 0x7f)
		plain++;
	cl_out_octets(o, s, plain);
	if (plain == n)
		return;
	p = cl_out_room(o, CL_TEXT_GROWTH * (n - plain) + 1);
	if (p != NULL)
		o->used += cl_text_escape(p, s + plain, n - plain, NULL);
}
