/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_DNSLEVELS_H
#define CL_STATS_DNSLEVELS_H

#include <stddef.h>
#include <stdint.h>

#include "stats/view/dnslist.h"
#include "stats/view/suffix.h"

/* Names that were asked for, put together by their last label, or by the domain that was registered. */

enum cl_dns_level_kind {
	CL_LEVEL_TOP,	     /* the last label; the root for itself */
	CL_LEVEL_SECOND,     /* the last two */
	CL_LEVEL_REGISTERED, /* a public suffix and one label more */
	CL_LEVELS
};

/* A name has fewer labels: it counts as it is. */
struct cl_dns_level {
	const uint8_t *wire; /* borrowed from the list */
	size_t length;
	uint64_t queries, nxdomain, names; /* nxdomain: responses; names: different ones */
};

/* Levels, those with most queries first; owned. `suffixes` for CL_LEVEL_REGISTERED. NULL when memory is
 * short. */
struct cl_dns_level *cl_dns_levels(const struct cl_dns_list *l, enum cl_dns_level_kind kind,
				   const struct cl_suffixes *suffixes, size_t *n);

#endif
