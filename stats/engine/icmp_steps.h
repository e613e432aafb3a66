/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ICMP_STEPS_H
#define CL_STATS_ICMP_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "stats/engine/stored.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

struct cl_store;

/* Rows at most that name a server, until they are written (a UTC day, or all of a store in memory); then as
 * many eighths that do not. */
#define CL_ICMP_STEPS_MAX 1048576u

/* All but the count is its key; padded so that the key has no holes. */
struct cl_icmp_step {
	struct cl_addr server; /* of the quoted packet; all zero: beyond the limit, together */
	int64_t t_s;	       /* end of the step, (t - step, t], in seconds since the epoch */
	uint8_t proto, family, type, code;
	uint8_t zero[4];
	uint64_t errors;
};

/* ICMP errors by step: the table icmp_step. */
struct cl_icmp_steps {
	struct cl_arena rows; /* of struct cl_icmp_step */
	struct cl_index by_key;
	bool ready;
	uint64_t rest; /* rows without a server */
	struct cl_stored stored;
};

/* False when memory is short. The budget is borrowed, NULL for none. */
bool cl_icmp_steps_init(struct cl_icmp_steps *s, struct cl_budget *budget);
void cl_icmp_steps_free(struct cl_icmp_steps *s);

/* Adds `key->errors` to the row of a key, which is changed. False: there is no room for it. */
bool cl_icmp_steps_add(struct cl_icmp_steps *s, struct cl_icmp_step *key, uint64_t seed);

/* The rows of steps that end at `t_s` or later, to go on with when all is freed: malloc'd, NULL if there are
 * none or memory is short. */
struct cl_icmp_step *cl_icmp_steps_from(const struct cl_icmp_steps *s, int64_t t_s, size_t *count);

/* Writes the rows; cl_icmp_steps_load reads those from `t_s` on back. False when there is no room. */
void cl_icmp_steps_write(struct cl_icmp_steps *s, struct cl_store *store);
bool cl_icmp_steps_load(struct cl_icmp_steps *s, struct cl_store *store, int64_t t_s, uint64_t seed);

#endif
