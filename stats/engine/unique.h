/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_UNIQUE_H
#define CL_STATS_UNIQUE_H

#include "stats/store/store.h"

struct cl_engine;

/* Unique clients, service by service and over all servers, when a day or a month ends. */

/* Addresses and networks of all clients of the period; where `rows`, the day's rows of clients too. */
void cl_unique_store(struct cl_engine *e, enum cl_period period, int64_t start_day, bool rows);

/* The day's rows of clients alone, those that changed since they were stored; noted (cl_checkpoints_note). */
void cl_unique_store_rows(struct cl_engine *e);

/* Addresses over all servers alone, of the whole capture. */
void cl_unique_store_addresses(struct cl_engine *e);

/* Addresses of the current UTC day, where days are not what is counted by: networks are 0. */
void cl_unique_store_date(struct cl_engine *e);

/* A month of which the current day is the only one so far has that day's figures. */
void cl_unique_store_month(struct cl_engine *e, int64_t start_day);

#endif
