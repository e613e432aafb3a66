/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/units.h"

#define NS_PER_S 1000000000u

static uint64_t power10(unsigned n)
{
	uint64_t v = 1;

	while (n-- > 0)
		v *= 10;
	return v;
}

static int64_t saturate_product(int64_t a, int64_t b)
{
	int64_t v;

	if (!__builtin_mul_overflow(a, b, &v))
		return v;
	return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

struct cl_units cl_units_of(uint8_t tsresol, int64_t tsoffset)
{
	unsigned exponent = tsresol & 0x7fu;
	struct cl_units u = { .offset_ns = saturate_product(tsoffset, NS_PER_S) };

	if ((tsresol & 0x80u) != 0) {
		u.binary = true;
		u.shift = (uint8_t)exponent;
	} else if (exponent <= 9) {
		u.factor = power10(9 - exponent);
		u.plain = u.offset_ns == 0 ? (uint64_t)CL_TIME_LIMIT_NS / u.factor : 0;
	} else {
		u.divide = true;
		u.factor = exponent - 9 <= 19 ? power10(exponent - 9) : 0; /* 0: below any nanosecond */
	}
	return u;
}

/* part * 10^9 / 2^shift, part < 2^shift; the product has 94 bits at most. */
static uint64_t binary_part(uint64_t part, unsigned shift)
{
	uint64_t low = (part & 0xffffffffu) * NS_PER_S;
	uint64_t high = (part >> 32) * NS_PER_S + (low >> 32);

	if (shift < 32)
		return low >> shift;
	return shift < 96 ? high >> (shift - 32) : 0;
}

static uint64_t binary_ns(uint64_t stamp, unsigned shift)
{
	uint64_t seconds = shift < 64 ? stamp >> shift : 0;
	uint64_t part = shift < 64 ? stamp - (seconds << shift) : stamp;
	uint64_t ns;

	if (__builtin_mul_overflow(seconds, (uint64_t)NS_PER_S, &ns))
		return UINT64_MAX;
	return ns + binary_part(part, shift) < ns ? UINT64_MAX : ns + binary_part(part, shift);
}

int64_t cl_units_ns(const struct cl_units *u, uint64_t stamp)
{
	uint64_t ns;
	int64_t sum;

	if (u->binary)
		ns = binary_ns(stamp, u->shift);
	else if (u->divide)
		ns = u->factor > 0 ? stamp / u->factor : 0;
	else if (__builtin_mul_overflow(stamp, u->factor, &ns))
		ns = UINT64_MAX;
	if (ns > INT64_MAX)
		ns = INT64_MAX;
	if (__builtin_add_overflow((int64_t)ns, u->offset_ns, &sum))
		return CL_TIME_LIMIT_NS;
	if (sum > CL_TIME_LIMIT_NS)
		return CL_TIME_LIMIT_NS;
	return sum < -CL_TIME_LIMIT_NS ? -CL_TIME_LIMIT_NS : sum;
}
