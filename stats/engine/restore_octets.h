/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a capture's end is stored as octets, shared by restore.c and restore_save.c alone. */
#ifndef CL_STATS_RESTORE_OCTETS_H
#define CL_STATS_RESTORE_OCTETS_H

#include "stats/engine/restore.h"

/* Keys of rows in `state`, which are numbered: numbers of 8 octets, little endian. */
#define CL_RESTORE_OPEN	    "open_requests"
#define CL_RESTORE_ANSWERED "answered"
#define CL_RESTORE_RECENT   "recent"

/* An open request or early response: so many numbers, then its further keys, the oldest first. */
#define CL_RESTORE_REQUEST_NUMBERS 6

/* A client of a service: its number, last time, 16 octets of the address. */
#define CL_RESTORE_RECENT_NUMBERS 4

static inline uint64_t cl_restore_number(const uint8_t *at)
{
	uint64_t v = 0;

	for (unsigned i = 8; i-- > 0;)
		v = v << 8 | at[i];
	return v;
}

/* Whether some window holds who was last seen in this cell. */
static inline bool cl_restore_in_window(const struct cl_engine *e, uint32_t cell)
{
	for (uint32_t i = 0; cell != 0 && i < e->windows.n; i++)
		if (cl_windows_covers(&e->windows, cell, i, e->moment.instant))
			return true;
	return false;
}

#endif
