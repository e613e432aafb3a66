/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_DIGITS_H
#define CL_CLI_DIGITS_H

#include <stdint.h>
#include <string.h>

#include "dissect/span.h"

/* Numbers as digits, written at `p`, where the caller has seen to room; each gives the place behind. Most of
 * what dissect prints are short numbers: two digits are copied at a time, and nothing is written twice. */

/* The most that one of these writes; cl_digits_bytes takes three times its octets. */
#define CL_DIGITS_MAX 24u

/* 00 to 99; 00 to ff. */
extern const char cl_digits_decimal[2 * 100 + 1], cl_digits_hex[2 * 256 + 1];

char *cl_digits_u64_long(char *p, uint64_t v);

static inline char *cl_digits_two(char *p, uint32_t v)
{
	memcpy(p, cl_digits_decimal + 2 * (size_t)v, 2);
	return p + 2;
}

static inline char *cl_digits_u64(char *p, uint64_t v)
{
	if (v < 10) {
		*p = (char)('0' + v);
		return p + 1;
	}
	if (v < 100)
		return cl_digits_two(p, (uint32_t)v);
	if (v < 10000) {
		uint32_t high = (uint32_t)v / 100;

		p = high < 10 ? cl_digits_u64(p, high) : cl_digits_two(p, high);
		return cl_digits_two(p, (uint32_t)v % 100);
	}
	return cl_digits_u64_long(p, v);
}

/* With zeros in front, nine digits: v below 1e9. */
static inline char *cl_digits_nine(char *p, uint32_t v)
{
	uint32_t high = v / 10000, low = v % 10000; /* five and four */

	*p++ = (char)('0' + high / 10000);
	high %= 10000;
	p = cl_digits_two(p, high / 100);
	p = cl_digits_two(p, high % 100);
	p = cl_digits_two(p, low / 100);
	return cl_digits_two(p, low % 100);
}

/* Nanoseconds as seconds: exact, without zeros at the end. */
char *cl_digits_seconds_long(char *p, int64_t ns);

static inline char *cl_digits_seconds(char *p, int64_t ns)
{
	if (ns != 0)
		return cl_digits_seconds_long(p, ns);
	*p = '0';
	return p + 1;
}

/* Of 0 to 255, for dotted addresses. */
static inline char *cl_digits_octet(char *p, uint32_t v)
{
	if (v >= 100) {
		*p++ = (char)('0' + v / 100);
		return cl_digits_two(p, v % 100);
	}
	if (v >= 10)
		return cl_digits_two(p, v);
	*p = (char)('0' + v);
	return p + 1;
}

static inline char *cl_digits_ip4(char *p, uint32_t v)
{
	p = cl_digits_octet(p, v >> 24);
	*p++ = '.';
	p = cl_digits_octet(p, v >> 16 & 255);
	*p++ = '.';
	p = cl_digits_octet(p, v >> 8 & 255);
	*p++ = '.';
	return cl_digits_octet(p, v & 255);
}

static inline char *cl_digits_hex2(char *p, uint32_t octet)
{
	memcpy(p, cl_digits_hex + 2 * (size_t)octet, 2);
	return p + 2;
}

/* Lower case, without 0x, so many digits (1 to 16) at least. */
static inline char *cl_digits_hexadecimal(char *p, uint64_t v, unsigned digits)
{
	unsigned needed = (unsigned)(67 - __builtin_clzll(v | 1)) / 4;

	if (needed > digits)
		digits = needed;
	if (digits % 2 != 0) {
		digits--;
		*p++ = cl_digits_hex[2 * (v >> 4 * digits & 15) + 1];
	}
	while (digits > 0) {
		digits -= 2;
		p = cl_digits_hex2(p, (uint32_t)(v >> 4 * digits & 255));
	}
	return p;
}

/* Octets as lower-case hexadecimal. */
static inline char *cl_digits_bytes(char *p, struct cl_span s)
{
	for (uint32_t i = 0; i < s.len; i++)
		p = cl_digits_hex2(p, s.ptr[i]);
	return p;
}

/* The same with something between two. */
static inline char *cl_digits_parted(char *p, struct cl_span s, char between)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (i > 0)
			*p++ = between;
		p = cl_digits_hex2(p, s.ptr[i]);
	}
	return p;
}

#endif
