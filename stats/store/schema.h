/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SCHEMA_H
#define CL_STATS_SCHEMA_H

/* PRAGMA application_id of our databases ("CLNT") and PRAGMA user_version of this schema. */
#define CL_APPLICATION_ID 0x434c4e54
#define CL_SCHEMA_VERSION 4

/* Statements that make all tables; then those that make the views. docs/schema.md says what they mean. */
extern const char *const cl_schema_tables[];
extern const char *const cl_schema_views[];

/* Tables of a file that are virtual ones in memory (store_steps.c, store_days.c). */
extern const char *const cl_schema_counts[];

/* Tables of steps with an index, for a store in memory that has not enough of it. */
extern const char *const cl_schema_steps[];

/* An index for a store in memory, where a view asks for one service after the other. */
extern const char *const cl_schema_by_service;

/* Statements that make schema 2 of schema 1, schema 3 of schema 2, and schema 4 of schema 3 that has tables
 * and views of exchanges (store_exchange_schema.c). */
extern const char *const cl_schema_from_1[];
extern const char *const cl_schema_from_2[];
extern const char *const cl_schema_from_3[];

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

/* Tables that a database of this schema may lack: made when it is written to. */
extern const char *const cl_schema_additions[];

/* The table of clients over all days: a view in a file, a virtual table in memory. */
extern const char *const cl_schema_client_total;

#endif
