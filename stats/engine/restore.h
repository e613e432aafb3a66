/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_RESTORE_H
#define CL_STATS_RESTORE_H

#include "stats/engine/engine_state.h"

/* Writes where the capture ends (open requests, the open step), so that cl_engine_restore can go on from
 * there. */
void cl_restore_save(struct cl_engine *e);

/* Begins the engine's time at `now_ns`, with windows that reach back to `first_ns`. False when memory is
 * short. */
bool cl_engine_start(struct cl_engine *e, int64_t first_ns, int64_t now_ns);

/**
 * Keeps the clients that windows hold and that have no row of today: the rows of the days before are in
 * another file. They are kept until the day ends.
 */
void cl_restore_save_recent(struct cl_engine *e);
void cl_restore_forget_recent(struct cl_engine *e);

#endif
