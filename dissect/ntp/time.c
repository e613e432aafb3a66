/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/ntp/time.h"

#define NS_IN_S 1000000000

static int64_t floor_seconds(int64_t ns)
{
	return ns / NS_IN_S - (ns % NS_IN_S < 0);
}

static uint32_t fraction_ns(uint32_t fraction)
{
	return (uint32_t)((uint64_t)fraction * NS_IN_S >> 32);
}

bool cl_ntp_time(uint64_t stamp, int64_t pivot_ns, int64_t *ns)
{
	if (stamp == 0)
		return false;
	int64_t pivot = floor_seconds(pivot_ns) + CL_NTP_UNIX; /* since 1900 */
	uint32_t ahead = (uint32_t)(stamp >> 32) - (uint32_t)pivot;
	int64_t seconds = pivot - CL_NTP_UNIX + ahead - (ahead >> 31 != 0 ? INT64_C(1) << 32 : 0);
	int64_t whole;

	if (__builtin_mul_overflow(seconds, (int64_t)NS_IN_S, &whole))
		return false;
	return !__builtin_add_overflow(whole, (int64_t)fraction_ns((uint32_t)stamp), ns);
}

int64_t cl_ntp_difference(uint64_t a, uint64_t b)
{
	uint64_t d = a - b;
	bool negative = d >> 63 != 0;

	if (negative)
		d = -d;
	int64_t ns = (int64_t)(d >> 32) * NS_IN_S + fraction_ns((uint32_t)d);
	return negative ? -ns : ns;
}

int64_t cl_ntp_fixed_ns(uint32_t value, unsigned bits)
{
	uint64_t whole = bits < 32 ? value >> bits : 0;
	uint64_t fraction = (uint64_t)value << (32 - bits) & 0xffffffff;

	return (int64_t)(whole * NS_IN_S + fraction_ns((uint32_t)fraction));
}
