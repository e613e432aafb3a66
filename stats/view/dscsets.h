/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_DSCSETS_H
#define CL_STATS_DSCSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"

/*
 * The data sets of DSC's default configuration, as far as single messages give them: counts by two values.
 * Where DSC is known to count wrong, these count right: response codes have 12 bits, an IDN is one in any
 * label, what is malformed is in client_subnet2 alone, and there counted.
 */

enum cl_dsc_set {
	CL_DSC_QTYPE,
	CL_DSC_RCODE,
	CL_DSC_OPCODE,
	CL_DSC_RCODE_VS_REPLYLEN,
	CL_DSC_CLIENT_SUBNET,
	CL_DSC_QTYPE_VS_QNAMELEN,
	CL_DSC_QTYPE_VS_TLD,
	CL_DSC_CERTAIN_QNAMES_VS_QTYPE,
	CL_DSC_CLIENT_SUBNET2,
	CL_DSC_CLIENT_ADDR_VS_RCODE,
	CL_DSC_CHAOS_TYPES_AND_NAMES,
	CL_DSC_IDN_QNAME,
	CL_DSC_EDNS_VERSION,
	CL_DSC_EDNS_BUFSIZ,
	CL_DSC_DO_BIT,
	CL_DSC_RD_BIT,
	CL_DSC_IDN_VS_TLD,
	CL_DSC_IPV6_RSN_ABUSERS,
	CL_DSC_TRANSPORT_VS_QTYPE,
	CL_DSC_CLIENT_PORT_RANGE,
	CL_DSC_SETS
};

struct cl_dsc_set_row {
	const char *name, *first, *second; /* and the names of its dimensions */
	uint32_t most;			   /* cells of each first value; 0: all */
};
extern const struct cl_dsc_set_row cl_dsc_sets[CL_DSC_SETS];

#define CL_DSC_CELLS_MAX (1u << 20) /* of an interval */

struct cl_dsc_cell {
	uint64_t n; /* 0: a free place */
	uint64_t hash;
	uint32_t at;		/* of its values in the text */
	uint16_t first, second; /* octets of each */
	uint8_t set;
};

/* What an interval counted. */
struct cl_dsc_interval {
	struct cl_dsc_cell *cell;
	size_t room, used; /* room: a power of two */
	char *text;
	size_t text_used, text_room;
	uint64_t seed;
	uint64_t refused; /* counts that found no room */
};

void cl_dsc_init(struct cl_dsc_interval *d, uint64_t seed);
void cl_dsc_free(struct cl_dsc_interval *d);

/* Counts a DNS message; its role says whether it is a query. */
void cl_dsc_take(struct cl_dsc_interval *d, const struct cl_message *m);

/* Of a set: `out` (as many as d->used at most) gets its cells by first value, then count, most first, of
 * equals by second value. How many. */
size_t cl_dsc_cells(const struct cl_dsc_interval *d, enum cl_dsc_set set, const struct cl_dsc_cell **out);

static inline const char *cl_dsc_first(const struct cl_dsc_interval *d, const struct cl_dsc_cell *c)
{
	return d->text + c->at;
}

static inline const char *cl_dsc_second(const struct cl_dsc_interval *d, const struct cl_dsc_cell *c)
{
	return d->text + c->at + c->first;
}

#endif
