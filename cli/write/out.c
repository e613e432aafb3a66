/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/write/out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/write/digits.h"
#include "cli/write/text.h"
#include "cli/write/timefmt.h"
#include "dissect/addr.h"

#define NS_PER_S INT64_C(1000000000)
#define DAY_S	 INT64_C(86400)
#define DATE_LEN 10 /* 2026-11-23; kept with the T behind it */
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

#define TEN(d)	   d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"
#define SIXTEEN(d) TEN(d) d "a" d "b" d "c" d "d" d "e" d "f"

const char cl_digits_decimal[] =
	TEN("0") TEN("1") TEN("2") TEN("3") TEN("4") TEN("5") TEN("6") TEN("7") TEN("8") TEN("9");
const char cl_digits_hex[] = SIXTEEN("0") SIXTEEN("1") SIXTEEN("2") SIXTEEN("3") SIXTEEN("4") SIXTEEN("5")
	SIXTEEN("6") SIXTEEN("7") SIXTEEN("8") SIXTEEN("9") SIXTEEN("a") SIXTEEN("b") SIXTEEN("c")
		SIXTEEN("d") SIXTEEN("e") SIXTEEN("f");

char *cl_digits_u64_long(char *p, uint64_t v)
{
	char text[20], *from = text + sizeof(text);
	size_t n;

	for (; v >= 100; v /= 100) {
		from -= 2;
		cl_digits_two(from, (uint32_t)(v % 100));
	}
	if (v >= 10) {
		from -= 2;
		cl_digits_two(from, (uint32_t)v);
	} else {
		*--from = (char)('0' + v);
	}
	n = (size_t)(text + sizeof(text) - from);
	memcpy(p, from, n);
	return p + n;
}

/* What was written up to `p` counts. */
static inline void written(struct cl_out *o, const char *p)
{
	o->used = (size_t)(p - o->at);
}

void cl_out_padded(struct cl_out *o, uint64_t v, unsigned digits)
{
	char text[20], *end = cl_digits_u64(text, v);

	for (size_t n = (size_t)(end - text); n < digits && n < sizeof(text); n++)
		cl_out_char(o, '0');
	cl_out_octets(o, text, (size_t)(end - text));
}

void cl_out_u64(struct cl_out *o, uint64_t v)
{
	char *p = cl_out_room(o, CL_DIGITS_MAX);

	if (p != NULL)
		written(o, cl_digits_u64(p, v));
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

void cl_out_hex(struct cl_out *o, uint64_t v, unsigned digits)
{
	char *p = cl_out_room(o, CL_DIGITS_MAX);

	if (p != NULL)
		written(o, cl_digits_hexadecimal(p, v, digits));
}

void cl_out_bytes(struct cl_out *o, struct cl_span s, char between)
{
	char *p = cl_out_room(o, (size_t)3 * s.len);

	if (p != NULL)
		written(o, between != 0 ? cl_digits_parted(p, s, between) : cl_digits_bytes(p, s));
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

char *cl_digits_seconds_long(char *p, int64_t ns)
{
	uint64_t v = magnitude(ns), whole = v / NS_PER_S;
	uint32_t fraction = (uint32_t)(v - whole * NS_PER_S);

	if (ns < 0)
		*p++ = '-';
	p = cl_digits_u64(p, whole);
	if (fraction != 0) {
		*p++ = '.';
		p = cl_digits_nine(p, fraction);
		while (p[-1] == '0')
			p--;
	}
	return p;
}

void cl_out_seconds(struct cl_out *o, int64_t ns)
{
	char *p = cl_out_room(o, CL_DIGITS_MAX);

	if (p != NULL)
		written(o, cl_digits_seconds(p, ns));
}

void cl_out_epoch(struct cl_out *o, int64_t ns)
{
	uint64_t v = magnitude(ns), whole = v / NS_PER_S;
	char *p = cl_out_room(o, CL_DIGITS_MAX);

	if (p == NULL)
		return;
	if (ns < 0)
		*p++ = '-';
	p = cl_digits_u64(p, whole);
	*p++ = '.';
	written(o, cl_digits_nine(p, (uint32_t)(v - whole * NS_PER_S)));
}

/* Time stamps of one capture are of few days: their dates are kept. */
static const char *date_of(struct cl_out *o, int64_t day)
{
	size_t slot = (size_t)day & 7;
	char *kept = o->date[slot].text, text[CL_TIME_STRLEN];
	int64_t midnight;

	if (kept[0] == '\0' || o->date[slot].day != day) {
		if (__builtin_mul_overflow(day, DAY_S * NS_PER_S, &midnight))
			midnight = INT64_MIN; /* which lies in the first day */
		cl_time_format(text, midnight, 0);
		memcpy(kept, text, DATE_LEN);
		kept[DATE_LEN] = 'T';
		o->date[slot].day = day;
	}
	return kept;
}

void cl_out_time(struct cl_out *o, int64_t ns)
{
	int64_t seconds = ns / NS_PER_S - (ns % NS_PER_S < 0);
	uint32_t fraction = (uint32_t)((uint64_t)ns - (uint64_t)seconds * NS_PER_S);
	int64_t day = seconds / DAY_S - (seconds % DAY_S < 0);
	uint32_t second = (uint32_t)(seconds - day * DAY_S);
	char *p = cl_out_room(o, CL_TIME_STRLEN);

	if (p == NULL)
		return;
	memcpy(p, date_of(o, day), DATE_LEN + 1);
	p = cl_digits_two(p + DATE_LEN + 1, second / 3600);
	*p++ = ':';
	p = cl_digits_two(p, second / 60 % 60);
	*p++ = ':';
	p = cl_digits_two(p, second % 60);
	*p++ = '.';
	p = cl_digits_nine(p, fraction);
	*p++ = 'Z';
	written(o, p);
}

void cl_out_ip4(struct cl_out *o, uint32_t v)
{
	char *p = cl_out_room(o, CL_DIGITS_MAX);

	if (p != NULL)
		written(o, cl_digits_ip4(p, v));
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

#define EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

/* Whether one of eight octets is zero; below n (up to 128), if none has its highest bit. */
static inline bool any_zero(uint64_t v)
{
	return ((v - EACH(1)) & ~v & EACH(0x80)) != 0;
}

static inline bool any_below(uint64_t v, uint64_t n)
{
	return ((v - EACH(n)) & ~v & EACH(0x80)) != 0;
}

/* How many octets from the first on are ASCII to be shown as they are; `quoted`: in a JSON string. Eight at a
 * time, up to the eight that hold the first which is not. */
static inline size_t plain_octets(const char *s, size_t n, bool quoted)
{
	size_t i = 0;
	uint64_t v;

	for (; n - i >= sizeof(v); i += sizeof(v)) {
		memcpy(&v, s + i, sizeof(v));
		if ((v & EACH(0x80)) != 0 || any_below(v, 0x20) || any_zero(v ^ EACH(0x7f)) ||
		    (quoted && (any_zero(v ^ EACH('"')) || any_zero(v ^ EACH('\\')))))
			break;
	}
	while (i < n && s[i] >= 0x20 && s[i] < 0x7f && (!quoted || (s[i] != '"' && s[i] != '\\')))
		i++;
	return i;
}

void cl_out_json(struct cl_out *o, const char *s, size_t n)
{
	size_t i = plain_octets(s, n, true);
	char *p = cl_out_room(o, n + 2);

	if (p == NULL)
		return;
	*p++ = '"';
	if (i > 0)
		memcpy(p, s, i);
	written(o, p + i);
	while (i < n) {
		i += put_rune(o, s + i, n - i);
		size_t plain = plain_octets(s + i, n - i, true);
		cl_out_octets(o, s + i, plain);
		i += plain;
	}
	cl_out_char(o, '"');
}

void cl_out_safe(struct cl_out *o, const char *s, size_t n)
{
	size_t plain = plain_octets(s, n, false);
	char *p;

	cl_out_octets(o, s, plain);
	if (plain == n)
		return;
	p = cl_out_room(o, CL_TEXT_GROWTH * (n - plain) + 1);
	if (p != NULL)
		o->used += cl_text_escape(p, s + plain, n - plain, NULL);
}
