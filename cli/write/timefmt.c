/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/write/timefmt.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_S  INT64_C(1000000000)
#define DAY_S	  INT64_C(86400)
#define MAX_WHOLE (INT64_MAX / NS_PER_S) /* whole seconds that fit */

/* Days from 0000-03-01 to 1970-01-01, and in 400 years of the Gregorian calendar. */
#define EPOCH_DAYS 719468
#define ERA_DAYS   146097

struct date {
	int year, month, day;
};

/* Years begin in March here: the leap day is a year's last, and five months in a row have 153 days. */
static struct date date_of_days(int64_t days)
{
	int d = (int)(days + EPOCH_DAYS); /* at least 0: int64_t nanoseconds begin in 1677 */
	int era = d / ERA_DAYS;
	int in_era = d % ERA_DAYS;
	int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / (ERA_DAYS - 1)) / 365;
	int in_year = in_era - (365 * year + year / 4 - year / 100);
	int month = (5 * in_year + 2) / 153;
	struct date out;

	out.day = in_year - (153 * month + 2) / 5 + 1;
	out.month = month < 10 ? month + 3 : month - 9;
	out.year = era * 400 + year + (out.month <= 2);
	return out;
}

static int64_t days_of_date(const struct date *d)
{
	int year = d->year - (d->month <= 2) + 400; /* one era more keeps year 0 from becoming negative */
	int month = d->month > 2 ? d->month - 3 : d->month + 9;
	int in_year = (153 * month + 2) / 5 + d->day - 1;

	return INT64_C(365) * year + year / 4 - year / 100 + year / 400 + in_year - ERA_DAYS - EPOCH_DAYS;
}

static int exact_digits(int fraction)
{
	if (fraction == 0)
		return 0;
	if (fraction % 1000000 == 0)
		return 3;
	return fraction % 1000 == 0 ? 6 : 9;
}

/* What snprintf returned, as a length: the texts of this file always fit. */
static size_t length(int n)
{
	return n < 0 ? 0 : (size_t)n;
}

/* So many digits, with zeros in front, and what stands behind them. */
static char *put_digits(char *p, int v, int n, char behind)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	p[n] = behind;
	return p + n + 1;
}

size_t cl_time_format(char out[CL_TIME_STRLEN], int64_t ns, int digits)
{
	int64_t seconds = ns / NS_PER_S;
	int fraction = (int)(ns % NS_PER_S);
	char *begin = out;
	int64_t days;
	int second;
	struct date d;

	if (fraction < 0) {
		fraction += (int)NS_PER_S;
		seconds--;
	}
	days = seconds / DAY_S;
	second = (int)(seconds % DAY_S);
	if (second < 0) {
		second += (int)DAY_S;
		days--;
	}
	d = date_of_days(days);
	out = put_digits(out, d.year, 4, '-');
	out = put_digits(out, d.month, 2, '-');
	out = put_digits(out, d.day, 2, 'T');
	out = put_digits(out, second / 3600, 2, ':');
	out = put_digits(out, second / 60 % 60, 2, ':');
	if (digits < 0)
		digits = exact_digits(fraction);
	out = put_digits(out, second % 60, 2, digits > 0 ? '.' : 'Z');
	for (int drop = digits; drop < 9; drop++)
		fraction /= 10;
	if (digits > 0)
		out = put_digits(out, fraction, digits, 'Z');
	*out = '\0';
	return (size_t)(out - begin);
}

/* Reads exactly `n` digits and moves on; -1 if there are fewer. */
static int take_digits(const char **p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static bool take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static int month_days(int year, int month)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(const char **p, struct date *d)
{
	if ((d->year = take_digits(p, 4)) < 0 || !take_char(p, '-'))
		return false;
	d->month = take_digits(p, 2);
	if (d->month < 1 || d->month > 12 || !take_char(p, '-'))
		return false;
	d->day = take_digits(p, 2);
	return d->day >= 1 && d->day <= month_days(d->year, d->month);
}

/* One to nine digits after a point, as nanoseconds. */
static bool take_fraction(const char **p, int *fraction)
{
	int n = 0, v = 0;

	for (; **p >= '0' && **p <= '9'; (*p)++) {
		if (++n > 9)
			return false;
		v = v * 10 + (**p - '0');
	}
	if (n == 0)
		return false;
	for (; n < 9; n++)
		v *= 10;
	*fraction = v;
	return true;
}

/* hh:mm:ss and perhaps a fraction. */
static bool take_clock(const char **p, int *second, int *fraction)
{
	int h, m, s;

	h = take_digits(p, 2);
	if (h < 0 || h > 23 || !take_char(p, ':'))
		return false;
	m = take_digits(p, 2);
	if (m < 0 || m > 59 || !take_char(p, ':'))
		return false;
	s = take_digits(p, 2);
	if (s < 0 || s > 59)
		return false;
	*second = h * 3600 + m * 60 + s;
	return !take_char(p, '.') || take_fraction(p, fraction);
}

/* Z, or the offset from UTC: in seconds, east positive. */
static bool take_zone(const char **p, int *offset)
{
	int sign, h, m;

	if (take_char(p, 'Z') || take_char(p, 'z'))
		return true;
	if (take_char(p, '+'))
		sign = 1;
	else if (take_char(p, '-'))
		sign = -1;
	else
		return false;
	h = take_digits(p, 2);
	if (h < 0 || h > 23 || !take_char(p, ':'))
		return false;
	m = take_digits(p, 2);
	if (m < 0 || m > 59)
		return false;
	*offset = sign * (h * 3600 + m * 60);
	return true;
}

/* Seconds and a fraction from 0 to 999999999 ns as nanoseconds, where they fit. */
static bool join(int64_t seconds, int fraction, int64_t *ns)
{
	if (seconds < -MAX_WHOLE - 1 || seconds > MAX_WHOLE)
		return false;
	if (seconds < 0) { /* towards 0 first: the product alone may not fit though the sum does */
		seconds++;
		fraction -= (int)NS_PER_S;
	}
	if (seconds == MAX_WHOLE && fraction > INT64_MAX % NS_PER_S)
		return false;
	if (seconds == -MAX_WHOLE && fraction < INT64_MIN % NS_PER_S)
		return false;
	*ns = seconds * NS_PER_S + fraction;
	return true;
}

bool cl_time_parse(const char *text, int64_t *ns)
{
	const char *p = text;
	int second = 0, fraction = 0, offset = 0;
	struct date d;

	if (!take_date(&p, &d))
		return false;
	if (*p != '\0') {
		if (!take_char(&p, 'T') && !take_char(&p, 't'))
			return false;
		if (!take_clock(&p, &second, &fraction) || !take_zone(&p, &offset) || *p != '\0')
			return false;
	}
	return join(days_of_date(&d) * DAY_S + second - offset, fraction, ns);
}

/* Units by size; a value that rounds to `limit` of one is told in the next. The last has no limit. */
static const struct {
	const char *name;
	uint64_t ns, limit;
} units[] = {
	{ "us", 1000, 1000 },	    { "ms", 1000000, 1000 },	{ "s", 1000000000, 1000 },
	{ "min", 60000000000, 60 }, { "h", 3600000000000, 24 }, { "d", 86400000000000, UINT64_MAX },
};

/* The value in the unit with three significant digits; false if it rounds to the unit's limit. */
static bool put_in_unit(char out[CL_TIME_STRLEN], const char *sign, uint64_t ns, size_t unit, int *n)
{
	const uint64_t u = units[unit].ns;
	const uint64_t hundredths = (ns + u / 200) / (u / 100);
	const uint64_t tenths = (ns + u / 20) / (u / 10);
	const uint64_t whole = (ns + u / 2) / u;
	const char *name = units[unit].name;

	if (hundredths < 1000)
		*n = snprintf(out, CL_TIME_STRLEN, "%s%u.%02u %s", sign, (unsigned)hundredths / 100,
			      (unsigned)hundredths % 100, name);
	else if (tenths < 1000 && tenths / 10 < units[unit].limit)
		*n = snprintf(out, CL_TIME_STRLEN, "%s%u.%u %s", sign, (unsigned)tenths / 10,
			      (unsigned)tenths % 10, name);
	else if (whole < units[unit].limit)
		*n = snprintf(out, CL_TIME_STRLEN, "%s%llu %s", sign, (unsigned long long)whole, name);
	else
		return false;
	return true;
}

/* The magnitude, also of INT64_MIN. */
static uint64_t magnitude(int64_t v)
{
	return v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v;
}

size_t cl_duration_format(char out[CL_TIME_STRLEN], int64_t ns)
{
	const char *sign = ns < 0 ? "-" : "";
	uint64_t v = magnitude(ns);
	size_t unit = 0;
	int n;

	if (v == 0)
		return length(snprintf(out, CL_TIME_STRLEN, "0 s"));
	if (v < 1000)
		return length(snprintf(out, CL_TIME_STRLEN, "%s%u ns", sign, (unsigned)v));
	while (!put_in_unit(out, sign, v, unit, &n))
		unit++;
	return length(n);
}

size_t cl_seconds_format(char out[CL_TIME_STRLEN], int64_t ns)
{
	uint64_t v = magnitude(ns);
	int n = snprintf(out, CL_TIME_STRLEN, "%s%llu.%09llu", ns < 0 ? "-" : "",
			 (unsigned long long)(v / 1000000000), (unsigned long long)(v % 1000000000));

	while (out[n - 1] == '0')
		n--;
	if (out[n - 1] == '.')
		n--;
	out[n] = '\0';
	return length(n);
}

bool cl_seconds_parse(const char *text, int64_t *ns)
{
	size_t digits = strspn(text, "0123456789");
	const char *p = text;
	int64_t seconds = 0;
	int fraction = 0;

	if (digits == 0 || digits > 10)
		return false;
	for (; digits > 0; digits--)
		seconds = seconds * 10 + (*p++ - '0');
	if (take_char(&p, '.') && !take_fraction(&p, &fraction))
		return false;
	return *p == '\0' && join(seconds, fraction, ns);
}
