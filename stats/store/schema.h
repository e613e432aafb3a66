/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SCHEMA_H
#define CL_STATS_SCHEMA_H

/* PRAGMA application_id of our databases ("CLNT") and PRAGMA user_version of this schema. */
#define CL_APPLICATION_ID 0x434c4e54
#define CL_SCHEMA_VERSION 5

/* Statements that make all tables; then those that make the views. docs/schema.md says what they mean. */
extern const char *const cl_schema_tables[];
extern const char *const cl_schema_views[];

/* Tables of a file that are virtual ones in memory (store_steps.c, store_days.c). */
extern const char *const cl_schema_counts[];

/* Tables of steps with an index, for a store in memory that has not enough of it. */
extern const char *const cl_schema_steps[];

/* An index for a store in memory, where a view asks for one service after the other. */
extern const char *const cl_schema_by_service;

/**
 * What converting (store_migrate.c) has to do to what a database of version n holds, by n; NULL: nothing.
 * Tables, columns and indexes that are missing it adds by itself, and it makes all views anew: only what
 * changes or fills a table stands here. Versions before this one come first, one after the other.
 */
extern const char *const *const cl_schema_steps_from[CL_SCHEMA_VERSION];

/* Views of exchanges (schema_exchange.c). */
extern const char *const cl_schema_exchange_views[];

/* Tables and views of tunnels (schema_tunnel.c); of schema 4. */
extern const char *const cl_schema_tunnels[];
extern const char *const cl_schema_tunnel_views[];

/* What a client's row in client_month becomes when a day's row is added (after ON CONFLICT DO UPDATE SET). */
#define CL_SCHEMA_MONTH_ADD                                                                                  \
	"requests = requests + excluded.requests, responses = responses + excluded.responses, bytes = "      \
	"bytes "                                                                                             \
	"+ excluded.bytes, first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, "             \
	"excluded.last_ns), via = via | excluded.via"

/* The table of clients over all days: a view in a file, a virtual table in memory. */
extern const char *const cl_schema_client_total;

/* The views that are asked by this program, made anew for each connection: those of a file may say anything.
 */
extern const char *const cl_schema_own_views[];

#endif
