/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/ntpmath.h"

#include <math.h>

#define NS_PER_S   INT64_C(1000000000)
#define UNIX_EPOCH INT64_C(2208988800) /* seconds from 1900 */
#define PHI_PPM	   15		       /* a clock's drift at most (RFC 5905 sec. 7.2) */
#define POWER_MAX  17
/* Samples older than this count with their dispersion: ntpd's Allan intercept, 2^11 s. */
#define OLD_NS (2048 * NS_PER_S)

/* Times --------------------------------------------------------------------------- */

static bool join(uint32_t seconds_1900, int64_t fraction_ns, int64_t near_ns, int64_t *ns)
{
	int64_t near = near_ns / NS_PER_S - (near_ns % NS_PER_S < 0) + UNIX_EPOCH;
	int64_t ahead = (int32_t)(seconds_1900 - (uint32_t)near);
	int64_t whole;

	return !__builtin_mul_overflow(near + ahead - UNIX_EPOCH, NS_PER_S, &whole) &&
	       !__builtin_add_overflow(whole, fraction_ns, ns);
}

bool cl_stamp_time(uint64_t stamp, int64_t near_ns, int64_t *ns)
{
	int64_t t;

	if (stamp == 0 ||
	    !join((uint32_t)(stamp >> 32), (int64_t)((stamp & UINT32_MAX) * NS_PER_S >> 32), near_ns, &t))
		return false;
	*ns = t;
	return true;
}

bool cl_stamp_nearest(uint64_t stamp, int64_t near_ns, int64_t *ns)
{
	uint64_t fraction = ((stamp & UINT32_MAX) * (uint64_t)NS_PER_S + (UINT64_C(1) << 31)) >> 32;
	int64_t t;

	if (stamp == 0 || !join((uint32_t)(stamp >> 32), (int64_t)fraction, near_ns, &t))
		return false;
	*ns = t;
	return true;
}

bool cl_stamp_time_of_nanoseconds(uint64_t stamp, int64_t near_ns, int64_t *ns)
{
	int64_t t;

	if (stamp == 0 || (stamp & UINT32_MAX) >= (uint64_t)NS_PER_S ||
	    !join((uint32_t)(stamp >> 32), (int64_t)(stamp & UINT32_MAX), near_ns, &t))
		return false;
	*ns = t;
	return true;
}

int64_t cl_short_time(uint32_t value)
{
	return (int64_t)((uint64_t)value * NS_PER_S >> 16);
}

int64_t cl_power_time(int log2_s)
{
	return llround(ldexp((double)NS_PER_S, log2_s < POWER_MAX ? log2_s : POWER_MAX));
}

/* The four timestamps --------------------------------------------------------------- */

int64_t cl_onwire_offset(const struct cl_onwire *w)
{
	return ((w->t2 - w->t1) + (w->t3 - w->t4)) / 2;
}

int64_t cl_onwire_delay(const struct cl_onwire *w)
{
	return (w->t4 - w->t1) - (w->t3 - w->t2);
}

static int64_t drift(int64_t ns)
{
	return ns > 0 ? ns / 1000000 * PHI_PPM + ns % 1000000 * PHI_PPM / 1000000 : 0;
}

int64_t cl_onwire_dispersion(const struct cl_onwire *w, int8_t precision)
{
	return cl_power_time(precision) + drift(w->t4 - w->t1);
}

/* The clock filter ------------------------------------------------------------------ */

static void shift(struct cl_clock_filter *f, const struct cl_filter_sample *one)
{
	int64_t more = f->count > 0 ? drift(one->time_ns - f->updated_ns) : 0;

	for (unsigned i = 0; i < f->count; i++) {
		int64_t *d = &f->stage[i].dispersion_ns;

		*d = *d + more < CL_DISPERSION_MAX ? *d + more : CL_DISPERSION_MAX;
	}
	f->stage[f->next] = *one;
	f->next = (f->next + 1) % CL_FILTER_STAGES;
	f->count += f->count < CL_FILTER_STAGES;
	f->updated_ns = one->time_ns;
}

void cl_clock_filter_add(struct cl_clock_filter *f, const struct cl_filter_sample *one)
{
	shift(f, one);
}

void cl_clock_filter_empty(struct cl_clock_filter *f, int64_t time_ns)
{
	const struct cl_filter_sample none = { .time_ns = time_ns, .dispersion_ns = CL_DISPERSION_MAX };

	shift(f, &none);
}

static int64_t distance(const struct cl_clock_filter *f, const struct cl_filter_sample *s)
{
	if (s->dispersion_ns >= CL_DISPERSION_MAX)
		return INT64_MAX;
	return f->updated_ns - s->time_ns > OLD_NS ? s->delay_ns + s->dispersion_ns : s->delay_ns;
}

/* The stages by their distance, of equals the later first; how many they are. */
static unsigned by_distance(const struct cl_clock_filter *f, const struct cl_filter_sample *order[])
{
	for (unsigned n = 0; n < f->count; n++) {
		const struct cl_filter_sample *s =
			&f->stage[(f->next + CL_FILTER_STAGES - 1 - n) % CL_FILTER_STAGES];
		unsigned at = n;

		for (; at > 0 && distance(f, order[at - 1]) > distance(f, s); at--)
			order[at] = order[at - 1];
		order[at] = s;
	}
	return f->count;
}

bool cl_clock_filter_read(const struct cl_clock_filter *f, struct cl_filtered *out)
{
	const struct cl_filter_sample *order[CL_FILTER_STAGES];
	unsigned count = by_distance(f, order);
	double squares = 0;
	int64_t dispersion = 0;

	*out = (struct cl_filtered){ .samples = 0 };
	for (unsigned i = CL_FILTER_STAGES; i-- > 0;)
		dispersion = (dispersion + (i < count ? order[i]->dispersion_ns : CL_DISPERSION_MAX)) / 2;
	out->dispersion_ns = dispersion;
	for (unsigned i = 0; i < count && distance(f, order[i]) < INT64_MAX; i++) {
		double apart = (double)(order[i]->offset_ns - order[0]->offset_ns);

		squares += apart * apart;
		out->samples++;
	}
	if (out->samples == 0)
		return false;
	out->offset_ns = order[0]->offset_ns;
	out->delay_ns = order[0]->delay_ns;
	out->time_ns = order[0]->time_ns;
	out->own_dispersion_ns = order[0]->dispersion_ns;
	if (out->samples > 1)
		out->jitter_ns = llround(sqrt(squares / (out->samples - 1)));
	return true;
}
