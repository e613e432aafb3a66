/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/xmtclass.h"

#include "dissect/hash.h"

#define NTP_EPOCH 2208988800u /* of 1970, in seconds since 1900 */
#define NS_PER_S  1000000000
#define DAY_S	  86400
/* as many in a row are no accident, however close */
#define AGAIN_MOST 8u

const char *const cl_xmt_names[CL_XMT_CLASSES] = { "zero",     "const",	     "sec",	 "clock-double",
						   "clock-ms", "clock-ms24", "clock-us", "clock-digits",
						   "clock-ns", "clock",	     "rand63",	 "random" };
const char cl_xmt_letters[CL_XMT_CLASSES + 1] = "ZKSDMAUPNCBR";

int32_t cl_xmt_offset(uint64_t xmt, int64_t time_ns)
{
	uint32_t captured = (uint32_t)(uint64_t)(time_ns / NS_PER_S) + NTP_EPOCH;

	return (int32_t)((uint32_t)(xmt >> 32) - captured);
}

bool cl_xmt_near(int32_t offset)
{
	return offset > -DAY_S && offset < DAY_S;
}

/* A fraction of 2^-32 s that stands for a whole number of units, rounded down or to the nearest. */
static bool whole(uint32_t fraction, uint64_t units, uint32_t mask)
{
	uint64_t n = (fraction * units + UINT32_MAX) >> 32;

	for (uint64_t k = n > 0 ? n - 1 : 0; k <= n; k++) {
		uint64_t down = (k << 32) / units, near = ((k << 32) + units / 2) / units;

		if ((fraction & mask) == (down & mask) || (fraction & mask) == (near & mask))
			return true;
	}
	return false;
}

/* Net::NTP makes bits of the decimal digits of twice the seconds: the first ten. */
static bool digits(uint32_t seconds, uint32_t fraction)
{
	uint64_t twice = (uint64_t)seconds * 2;
	uint32_t bits = 0;

	if (twice < 1000000000u || twice > 9999999999u)
		return false;
	for (unsigned i = 0; i < 10; i++, twice /= 10)
		bits |= (uint32_t)(twice & 1) << i;
	return fraction >> 22 == bits;
}

static enum cl_xmt_seen look_at_time(uint64_t xmt)
{
	const uint32_t fraction = (uint32_t)xmt;

	if (fraction == 0)
		return CL_XMT_SEEN_SEC;
	if ((fraction & 0x7ff) == 0)
		return CL_XMT_SEEN_DOUBLE;
	if (whole(fraction, 1000, UINT32_MAX))
		return CL_XMT_SEEN_MS;
	if (whole(fraction, 1000, 0xffffff00))
		return CL_XMT_SEEN_MS24;
	if (whole(fraction, 1000000, UINT32_MAX))
		return CL_XMT_SEEN_US;
	if (digits((uint32_t)(xmt >> 32), fraction))
		return CL_XMT_SEEN_DIGITS;
	return fraction < NS_PER_S ? CL_XMT_SEEN_NS : CL_XMT_SEEN_CLOCK;
}

enum cl_xmt_seen cl_xmt_look(uint64_t xmt, bool time)
{
	bool be = (xmt & 0x8000000080000000) == 0, le = (xmt & 0x0000008000000080) == 0;

	if (xmt == 0)
		return CL_XMT_SEEN_ZERO;
	if (time)
		return look_at_time(xmt);
	if (be && le)
		return CL_XMT_SEEN_RAND_BOTH;
	return be ? CL_XMT_SEEN_RAND_BE : le ? CL_XMT_SEEN_RAND_LE : CL_XMT_SEEN_RANDOM;
}

/* One after another ------------------------------------------------------------ */

static bool is_random(enum cl_xmt_seen seen)
{
	return seen >= CL_XMT_SEEN_RAND_BE;
}

/* What the timestamp before looked like is seen better now. */
static void correct_last(struct cl_xmt_watch *w, enum cl_xmt_seen seen)
{
	w->seen = (w->seen & ~UINT64_C(15)) | (uint64_t)seen;
}

static enum cl_xmt_seen look_at_next(struct cl_xmt_watch *w, uint64_t xmt, int64_t time_ns, bool first,
				     bool apart)
{
	const int32_t offset = cl_xmt_offset(xmt, time_ns),
		      moved = (int32_t)((uint32_t)offset - (uint32_t)w->offset);
	const uint32_t mixed = (uint32_t)(cl_mix(xmt, 1) >> 32);

	if (first || w->xmt != mixed)
		w->again = 0;
	else if (w->again < AGAIN_MOST)
		w->again++;
	/* a clock that is wrong, but goes */
	const bool goes = !first && w->again == 0 && moved >= -2 && moved <= 2 && xmt != 0;

	w->xmt = mixed;
	w->offset = offset;
	if (w->again > 0 && xmt != 0 && (apart || w->again >= AGAIN_MOST)) {
		correct_last(w, CL_XMT_SEEN_REPEAT);
		return CL_XMT_SEEN_REPEAT;
	}
	if (goes && is_random((enum cl_xmt_seen)(w->seen & 15u)))
		correct_last(w, CL_XMT_SEEN_CLOCK);
	return cl_xmt_look(xmt, goes || cl_xmt_near(offset));
}

void cl_xmt_watch(struct cl_xmt_watch *w, uint64_t xmt, int64_t time_ns, bool first, bool apart)
{
	const enum cl_xmt_seen seen = look_at_next(w, xmt, time_ns, first, apart);

	w->seen = w->seen << CL_XMT_SEEN_BITS | (uint64_t)seen;
}

/* Classes ---------------------------------------------------------------------- */

#define BIT(seen) (1u << CL_XMT_SEEN_##seen)
#define FINE	  (BIT(SEC) | BIT(MS))
#define TIMES	  (FINE | BIT(DOUBLE) | BIT(MS24) | BIT(US) | BIT(DIGITS) | BIT(NS) | BIT(CLOCK))

/* Observations that a class may show, and how many there must be that chance does not show as well. */
static const struct {
	uint32_t shows;
	uint8_t needs;
} classes[CL_XMT_CLASSES] = {
	[CL_XMT_ZERO] = { BIT(ZERO), 1 },
	[CL_XMT_CONST] = { BIT(REPEAT), 2 },
	[CL_XMT_SEC] = { BIT(SEC), 1 },
	[CL_XMT_CLOCK_DOUBLE] = { BIT(SEC) | BIT(DOUBLE), 1 }, /* 1 in 2048 */
	[CL_XMT_CLOCK_MS] = { FINE, 1 },
	[CL_XMT_CLOCK_MS24] = { FINE | BIT(MS24), 1 },		/* 1 in 16777 */
	[CL_XMT_CLOCK_US] = { FINE | BIT(US), 1 },		/* 1 in 2147 */
	[CL_XMT_CLOCK_DIGITS] = { BIT(DIGITS), 1 },		/* 1 in 1024 */
	[CL_XMT_CLOCK_NS] = { BIT(SEC) | BIT(NS), 4 },		/* 0.233 each */
	[CL_XMT_CLOCK] = { TIMES, 1 },				/* 1 in 24855 */
	[CL_XMT_RAND63] = { BIT(RAND_BOTH) | BIT(RAND_LE), 4 }, /* 0.25 each, and as much for the other */
	[CL_XMT_RANDOM] = { BIT(RAND_BOTH) | BIT(RAND_LE) | BIT(RAND_BE) | BIT(RANDOM), 1 },
};

static enum cl_fit fit(uint32_t shows, unsigned needs, const uint8_t seen[CL_XMT_SEEN], unsigned n)
{
	unsigned hits = 0;

	for (unsigned k = 0; k < CL_XMT_SEEN; k++)
		if ((shows >> k & 1) != 0)
			hits += seen[k];
	if (hits == 0 || 2 * hits < needs || n - hits > cl_odd(n))
		return CL_FIT_NO;
	return hits >= needs ? CL_FIT_PROVEN : CL_FIT_POSSIBLE;
}

enum cl_fit cl_xmt_fit(enum cl_xmt_class class, const uint8_t seen[CL_XMT_SEEN], unsigned n)
{
	enum cl_fit one = fit(classes[class].shows, classes[class].needs, seen, n), other;

	if (class != CL_XMT_RAND63)
		return one;
	other = fit(BIT(RAND_BOTH) | BIT(RAND_BE), classes[class].needs, seen, n);
	return one > other ? one : other;
}

enum cl_xmt_class cl_xmt_vote(const uint8_t seen[CL_XMT_SEEN], unsigned n)
{
	unsigned class = 0;

	while (class < CL_XMT_CLASSES && cl_xmt_fit((enum cl_xmt_class) class, seen, n) != CL_FIT_PROVEN)
		class ++;
	return (enum cl_xmt_class) class;
}
