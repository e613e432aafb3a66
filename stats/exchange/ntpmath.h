/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_NTPMATH_H
#define CL_STATS_NTPMATH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What NTP's four timestamps say (RFC 5905 sec. 8 and 10). Times are nanoseconds since 1970, durations
 * nanoseconds; both signed.
 */

/**
 * A raw 32.32 timestamp, in the era that puts it within 2^31 seconds of `near_ns` (RFC 5905 sec. 6), rounded
 * down. False for 0, which is "unknown", and where the time does not fit; *ns stays as it was.
 */
bool cl_stamp_time(uint64_t stamp, int64_t near_ns, int64_t *ns);

/* The same, rounded to the nearest nanosecond: where differences of two are what counts. */
bool cl_stamp_nearest(uint64_t stamp, int64_t near_ns, int64_t *ns);

/**
 * The same of a client that puts nanoseconds into the fraction (systemd-timesyncd before 256). False too if
 * the fraction is no number of nanoseconds.
 */
bool cl_stamp_time_of_nanoseconds(uint64_t stamp, int64_t near_ns, int64_t *ns);

/* Root delay and root dispersion: unsigned 16.16 seconds, rounded down. */
int64_t cl_short_time(uint32_t value);

/* 2^log2_s seconds, to the nearest nanosecond; what is beyond 2^17 s is 2^17 s (RFC 5905's longest poll). */
int64_t cl_power_time(int log2_s);

/* The two clocks' readings of an exchange: t1, t4 of who asks, t2, t3 of who answers. */
struct cl_onwire {
	int64_t t1, t2, t3, t4;
};

int64_t cl_onwire_offset(const struct cl_onwire *w); /* of the other clock from that of t1 and t4 */
int64_t cl_onwire_delay(const struct cl_onwire *w);  /* round trip less the time in between */

/* Dispersion of a sample: the answer's precision and 15 ppm of the round trip; the asker's precision is not
 * known. */
int64_t cl_onwire_dispersion(const struct cl_onwire *w, int8_t precision);

#define CL_FILTER_STAGES 8u
/* Dispersion of nothing, and of what is as bad: 16 s. */
#define CL_DISPERSION_MAX INT64_C(16000000000)

struct cl_filter_sample {
	int64_t time_ns; /* of t4 */
	int64_t offset_ns, delay_ns, dispersion_ns;
};

/* The last eight samples (RFC 5905 sec. 10, as ntpd has it). All zero: none. */
struct cl_clock_filter {
	struct cl_filter_sample stage[CL_FILTER_STAGES]; /* a ring */
	unsigned next, count;				 /* count: stages in use, empty ones too */
	int64_t updated_ns;
};

/* Shifts a sample in; or an empty one, as ntpd does with each poll of a server that cannot be reached. */
void cl_clock_filter_add(struct cl_clock_filter *f, const struct cl_filter_sample *one);
void cl_clock_filter_empty(struct cl_clock_filter *f, int64_t time_ns);

struct cl_filtered {
	unsigned samples;	     /* of the eight, those that are not empty */
	int64_t offset_ns, delay_ns; /* of the sample of least delay */
	int64_t time_ns;	     /* its */
	int64_t own_dispersion_ns;   /* its, when the last sample came */
	int64_t dispersion_ns;	     /* of all eight, halved with each place behind the best */
	int64_t jitter_ns;	     /* root of the mean square of the others' offsets from the best's; of one
					sample 0, which says nothing */
};

/* False: there is no sample. */
bool cl_clock_filter_read(const struct cl_clock_filter *f, struct cl_filtered *out);

#endif
