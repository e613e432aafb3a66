/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_NAMESDAY_H
#define CL_STATS_NAMESDAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/dnsname.h"
#include "stats/exchange/exchange.h"
#include "stats/table/hll.h"
#include "stats/table/keyed.h"
#include "stats/view/suffix.h"

/* Names that a day's DNS queries asked for: how often, with what success, and by how many networks. */

enum cl_names_level {
	CL_NAMES_ALL,	     /* all queries with a question: one row */
	CL_NAMES_TOP,	     /* by last label; the root for itself */
	CL_NAMES_SECOND,     /* by the last two */
	CL_NAMES_REGISTERED, /* by public suffix and one label more; with a list alone */
	CL_NAMES_LEVELS
};

/* Names in their order, as stored. */
extern const char *const cl_names_levels[CL_NAMES_LEVELS];

#define CL_NAMEDAY_MAX	  20000u	      /* of a level; what is beyond is one */
#define CL_NAMES_SKETCHES ((size_t)128 << 20) /* octets of all sketches of the day */

struct cl_name_key {
	uint8_t level, octets;		  /* 0: names beyond the limit, and of CL_NAMES_ALL */
	uint8_t wire[CL_NAME_OCTETS + 1]; /* folded */
};

struct cl_name_count {
	struct cl_name_key key;
	uint8_t reserved[6];
	uint64_t queries, nxdomain; /* nxdomain: responses */
	struct cl_hll clients;
};

struct cl_names_day {
	struct cl_keyed names;
	const struct cl_suffixes *suffixes; /* borrowed; may be NULL */
	size_t of[CL_NAMES_LEVELS];
	size_t held;	     /* octets of sketches */
	uint64_t unsketched; /* queries whose client is in no sketch, for want of room */
	uint64_t seed;
};

/* False when memory is short; cl_namesday_free takes it all the same. */
bool cl_namesday_init(struct cl_names_day *d, const struct cl_suffixes *suffixes, uint64_t seed);
void cl_namesday_free(struct cl_names_day *d);

/* Takes a DNS exchange; others are overlooked. */
void cl_namesday_take(struct cl_names_day *d, const struct cl_exchange *x);

static inline size_t cl_namesday_count(const struct cl_names_day *d)
{
	return cl_keyed_count(&d->names);
}

static inline const struct cl_name_count *cl_namesday_at(const struct cl_names_day *d, size_t i)
{
	return cl_keyed_at(&d->names, i);
}

#endif
