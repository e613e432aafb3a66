/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/tools/samevalue.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

bool is_stamp(const char *p)
{
	return strncmp(p, "{\"seconds\": ", 12) == 0;
}

static bool is_type(const char *type, const char *prefix)
{
	return type != NULL && strncmp(type, prefix, strlen(prefix)) == 0;
}

static bool parse_number(const char *s, int64_t *v)
{
	char *end;
	int base = strncasecmp(s, "0x", 2) == 0 ? 16 : 10;

	if (strcasecmp(s, "true") == 0 || strcasecmp(s, "false") == 0) {
		*v = tolower((unsigned char)*s) == 't';
		return true;
	}
	*v = *s == '-' ? (int64_t)strtoll(s, &end, base) : (int64_t)strtoull(s, &end, base);
	return end != s && *end == '\0';
}

static bool same_address(int family, const char *a, const char *b)
{
	unsigned char x[16] = { 0 }, y[16] = { 0 };

	return inet_pton(family, a, x) == 1 && inet_pton(family, b, y) == 1 && memcmp(x, y, 16) == 0;
}

/* Octets: with and without colons, in any case. */
static bool same_octets(const char *a, const char *b)
{
	if (strcmp(b, "<MISSING>") == 0 || strcmp(b, "<none>") == 0)
		return *a == '\0';
	for (;; a++, b++) {
		while (*a == ':')
			a++;
		while (*b == ':')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

/* Nanoseconds of a decimal number of seconds. */
static bool parse_seconds(const char *s, int64_t *ns)
{
	bool negative = *s == '-';
	int64_t scale = 100000000;
	char *end;
	int64_t v = strtoll(s + negative, &end, 10) * 1000000000;

	if (end == s + negative)
		return false;
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++, scale /= 10)
			v += scale * (*end - '0');
	*ns = negative ? -v : v;
	return *end == '\0';
}

/* "2026-06-01T12:00:00.5Z" or "Jun  1, 2026 12:00:00.500000000 UTC". */
static bool parse_time(const char *s, int64_t *ns)
{
	struct tm tm = { .tm_year = 0 };
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t fraction = 0;

	if (end == NULL)
		end = strptime(s, "%b %d, %Y %H:%M:%S", &tm);
	if (end == NULL)
		return false;
	if (*end == '.') {
		int64_t scale = 100000000;

		for (end++; isdigit((unsigned char)*end); end++, scale /= 10)
			fraction += scale * (*end - '0');
	}
	*ns = (int64_t)timegm(&tm) * 1000000000 + fraction;
	return true;
}

/* A raw stamp of NTP as tshark shows it: the highest bit tells the era, whatever the time of the packet. */
static bool stamp_time(const char *stamp, int64_t *ns)
{
	unsigned long long seconds, fraction;

	if (sscanf(stamp, "{\"seconds\": %llu, \"fraction\": %llu", &seconds, &fraction) != 2)
		return false;
	*ns = (int64_t)(seconds + (seconds < 0x80000000 ? 0x100000000 : 0) - 2208988800u) * 1000000000 +
	      (int64_t)(fraction * 1000000000 >> 32);
	return seconds != 0 || fraction != 0;
}

/* tshark computes in floating point: the last place may differ. */
static bool same_time(const char *ours, const char *theirs)
{
	int64_t a, b;

	if (is_stamp(ours) && !stamp_time(ours, &a))
		return strcmp(theirs, "NULL") == 0;
	return (is_stamp(ours) || parse_time(ours, &a)) && parse_time(theirs, &b) && a - b <= 1 && b - a <= 1;
}

static bool same_real(const char *a, const char *b)
{
	double x = strtod(a, NULL), y = strtod(b, NULL), size = fabs(x) > fabs(y) ? fabs(x) : fabs(y);

	return fabs(x - y) <= size * 1e-5 || fabs(x - y) < 5e-7;
}

/* One octet of a text with escapes: \DDD in decimal (RFC 1035 sec. 5.1) and \X; where `c`, those of C. */
static unsigned next_octet(const char **p, bool c)
{
	static const char named[] = "a\ab\bf\fn\nr\rt\tv\v";
	const char *s = *p;
	const unsigned base = c ? 8 : 10;

	if (*s == '\\' && isdigit((unsigned char)s[1]) && isdigit((unsigned char)s[2]) &&
	    isdigit((unsigned char)s[3])) {
		*p = s + 4;
		return (((unsigned)s[1] - '0') * base * base + ((unsigned)s[2] - '0') * base +
			((unsigned)s[3] - '0')) &
		       255;
	}
	const bool escaped = *s == '\\' && s[1] != '\0';
	s += escaped;
	*p = s + 1;
	for (size_t i = 0; c && escaped && i + 1 < sizeof(named); i += 2)
		if (*s == named[i])
			return (unsigned char)named[i + 1];
	return (unsigned char)*s;
}

/* tshark shows one U+FFFD for one or several octets that are no UTF-8: runs of what is no ASCII are passed.
 */
static void pass_run(const char **ours, const char **theirs)
{
	const char *next = *ours;

	while (*next != '\0' && next_octet(&next, false) >= 0x80)
		*ours = next;
	while ((unsigned char)**theirs >= 0x80)
		++*theirs;
}

/* Names: ours in presentation form, theirs as it came or with escapes of its own; the point at the end. */
static bool same_name(const char *ours, const char *theirs, bool escapes)
{
	while (*ours != '\0' && *theirs != '\0') {
		unsigned octet = next_octet(&ours, false);

		if (octet >= 0x80 && (unsigned char)*theirs >= 0x80)
			pass_run(&ours, &theirs);
		else if (octet != (escapes ? next_octet(&theirs, true) : (unsigned char)*theirs++))
			return false;
	}
	return *theirs == '\0' && (*ours == '\0' || strcmp(ours, ".") == 0);
}

static bool same_text(const char *a, const char *b)
{
	if (strcmp(b, "<Root>") == 0)
		return strcmp(a, ".") == 0 || strcmp(a, b) == 0;
	return strcmp(a, b) == 0 || same_name(a, b, false) || same_name(a, b, true);
}

bool same_value(const char *type, const char *ours, const char *theirs)
{
	int64_t a, b;

	if (is_type(type, "FT_NONE") || is_type(type, "FT_PROTOCOL"))
		return true;
	if (is_type(type, "FT_ABSOLUTE_TIME"))
		return same_time(ours, theirs);
	if (is_type(type, "FT_IPv4"))
		return same_address(AF_INET, ours, theirs);
	if (is_type(type, "FT_IPv6"))
		return same_address(AF_INET6, ours, theirs);
	if (is_type(type, "FT_BYTES") || is_type(type, "FT_UINT_BYTES") || is_type(type, "FT_ETHER") ||
	    is_type(type, "FT_EUI64"))
		return same_octets(ours, theirs);
	if (is_type(type, "FT_RELATIVE_TIME"))
		return parse_seconds(ours, &a) && parse_seconds(theirs, &b) && a - b <= 1 && b - a <= 1;
	if (is_type(type, "FT_DOUBLE") || is_type(type, "FT_FLOAT"))
		return same_real(ours, theirs);
	if (is_type(type, "FT_STRING") || is_type(type, "FT_UINT_STRING"))
		return same_text(ours, theirs);
	return parse_number(ours, &a) && parse_number(theirs, &b) ? a == b : strcmp(ours, theirs) == 0;
}
