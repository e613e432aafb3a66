/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/addr.h"

#include <arpa/inet.h>
#include <string.h>

#define V4_OFFSET 12 /* octets before the IPv4 address in its IPv6 form */
#define GROUPS	  8  /* of 16 bits in an IPv6 address */

static const uint8_t v4_head[V4_OFFSET] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct cl_addr cl_addr_from_v4(const uint8_t octets[4])
{
	struct cl_addr a;

	memcpy(a.b, v4_head, V4_OFFSET);
	memcpy(a.b + V4_OFFSET, octets, 4);
	return a;
}

bool cl_addr_is_v4(const struct cl_addr *a)
{
	return memcmp(a->b, v4_head, V4_OFFSET) == 0;
}

int cl_addr_cmp(const struct cl_addr *a, const struct cl_addr *b)
{
	int by_family = (int)cl_addr_is_v4(b) - (int)cl_addr_is_v4(a);

	return by_family != 0 ? by_family : memcmp(a->b, b->b, sizeof(a->b));
}

static char *put_decimal(char *p, unsigned v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

static char *put_hex(char *p, unsigned v)
{
	static const char digits[] = "0123456789abcdef";
	bool started = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned d = v >> shift & 0xf;

		started = started || d != 0 || shift == 0;
		if (started)
			*p++ = digits[d];
	}
	return p;
}

/* Where the longest run of two or more zero groups starts, the first of equals; `*len` is its length or 0. */
static int longest_zeros(const unsigned g[GROUPS], int *len)
{
	int best = GROUPS;

	*len = 0;
	for (int i = 0; i < GROUPS; i++) {
		int n = 0;

		while (i + n < GROUPS && g[i + n] == 0)
			n++;
		if (n >= 2 && n > *len) {
			best = i;
			*len = n;
		}
	}
	return best;
}

static char *put_v6(char *p, const struct cl_addr *a)
{
	unsigned g[GROUPS];
	int zeros, len;

	for (int i = 0; i < GROUPS; i++)
		g[i] = (unsigned)a->b[2 * i] << 8 | a->b[2 * i + 1];
	zeros = longest_zeros(g, &len);
	for (int i = 0; i < GROUPS; i++) {
		if (i == zeros) {
			*p++ = ':';
			*p++ = ':';
			i += len - 1;
			continue;
		}
		if (i > 0 && i != zeros + len)
			*p++ = ':';
		p = put_hex(p, g[i]);
	}
	return p;
}

size_t cl_addr_format(const struct cl_addr *a, char out[CL_ADDR_STRLEN])
{
	char *p = out;

	if (cl_addr_is_v4(a)) {
		for (int i = 0; i < 4; i++) {
			if (i > 0)
				*p++ = '.';
			p = put_decimal(p, a->b[V4_OFFSET + i]);
		}
	} else {
		p = put_v6(p, a);
	}
	*p = '\0';
	return (size_t)(p - out);
}

bool cl_addr_parse(const char *text, struct cl_addr *out)
{
	struct cl_addr a;
	uint8_t octets[4];

	if (inet_pton(AF_INET, text, octets) == 1)
		a = cl_addr_from_v4(octets);
	else if (inet_pton(AF_INET6, text, a.b) != 1)
		return false;
	*out = a;
	return true;
}

/* A decimal number of at most three digits without leading zeros, up to `max`; -1 if it is none. */
static int parse_len(const char *text, int max)
{
	size_t n = strspn(text, "0123456789");
	int v = 0;

	if (n == 0 || n > 3 || text[n] != '\0' || (n > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (text[i] - '0');
	return v <= max ? v : -1;
}

bool cl_prefix_parse(const char *text, struct cl_prefix *out)
{
	const char *slash = strchr(text, '/');
	size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char copy[CL_ADDR_STRLEN];
	struct cl_addr a;
	bool v4, dotted;
	int len;

	if (n >= sizeof(copy))
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (!cl_addr_parse(copy, &a))
		return false;
	v4 = cl_addr_is_v4(&a);
	dotted = strchr(copy, ':') == NULL;
	len = dotted ? 32 : 128;
	if (slash != NULL)
		len = parse_len(slash + 1, len);
	if (v4 && !dotted)
		len -= 96;
	if (len < 0)
		return false;
	*out = cl_prefix_of(&a, (uint8_t)len);
	return true;
}

struct cl_prefix cl_prefix_of(const struct cl_addr *a, uint8_t len)
{
	struct cl_prefix p = { *a, len };
	size_t bits = len + (cl_addr_is_v4(a) ? 8u * V4_OFFSET : 0u);

	for (size_t i = 0; i < sizeof(p.addr.b); i++) {
		size_t kept = bits > 8 * i ? bits - 8 * i : 0;

		if (kept < 8)
			p.addr.b[i] &= (uint8_t)(0xff00u >> kept);
	}
	return p;
}
