/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ZONES_H
#define CL_STATS_ZONES_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/zonenote.h"

struct cl_store;

/* What a run keeps; what goes beyond is counted in zone_watch.lost. */
#define CL_ZONES_MAX	       4096u /* zones that were told of by NOTIFY, or transferred */
#define CL_ZONE_ROWS_MAX       524288u
#define CL_ZONE_TRANSFERS_OPEN 256u /* transfers at once; beyond, the oldest counts as not seen whole */

/* Rows of a capture that goes on are forgotten after so many days, zones that nothing was told of after so
 * many. */
#define CL_ZONE_ROW_DAYS 8
#define CL_ZONE_DAYS	 30

/* Serial numbers of zones, by server: the table zone_serial (docs/schema.md). Opaque. One thread at a time.
 */
struct cl_zones;

/* NULL when memory is short. */
struct cl_zones *cl_zones_new(uint64_t seed);
void cl_zones_free(struct cl_zones *z);

/* Takes a note: a cl_zone_fn. */
void cl_zones_note(void *zones, const struct cl_zone_note *note);

/* Whether answers are wanted: of zones that a NOTIFY told of. Lasts as long as the zones. */
const bool *cl_zones_answers(const struct cl_zones *z);

/* Reads back what may go on. False when memory is short. */
bool cl_zones_load(struct cl_zones *z, struct cl_store *store);

/* Writes all rows. False when memory was short: rows are missing. */
bool cl_zones_write(struct cl_zones *z, struct cl_store *store);

#endif
