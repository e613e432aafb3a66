/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of struct cl_zones, for zones.c and zones_store.c alone. */
#ifndef CL_STATS_ZONES_STATE_H
#define CL_STATS_ZONES_STATE_H

#include "stats/engine/stored.h"
#include "stats/engine/zones.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

#define CL_ZONE_NEVER INT64_MAX

struct cl_zone {
	int64_t notified_ns; /* the latest NOTIFY; CL_ZONE_NEVER: none */
	uint8_t octets, wire[255];
};

/* A serial number of a zone at a server; the first members are its key. No holes: rows are hashed. */
struct cl_zone_row {
	struct cl_addr server;
	uint32_t zone, serial;
	/* the first of each, since 1970; CL_ZONE_NEVER: none */
	int64_t notified_ns; /* the server got a NOTIFY */
	int64_t sent_ns;     /* it sent one */
	int64_t answered_ns; /* it answered with it */
	int64_t transfer_ns; /* it began an AXFR response */
	uint64_t transfers;  /* of these, seen whole: with the least and most octets */
	uint64_t octets, octets_most;
	uint64_t unfinished; /* and those that were not */
	uint64_t open;	     /* that may still become whole */
};

/* An AXFR response that has begun. */
struct cl_zone_transfer {
	int64_t begun_ns;
	uint64_t octets;
	uint32_t connection, gaps, row, serial;
	uint16_t id;
	bool odd; /* so many SOA records so far */
};

/* Records that are found by what they begin with. */
struct cl_zone_tables {
	struct cl_arena zones, rows;
	struct cl_index by_name, by_key;
	bool ready; /* made with the first record */
};

struct cl_zones {
	uint64_t seed;
	struct cl_zone_tables tables;
	struct cl_stored stored;
	struct cl_zone_transfer open[CL_ZONE_TRANSFERS_OPEN]; /* the oldest first */
	unsigned opened;
	bool answers;
	bool failed;	  /* memory was short */
	bool late;	  /* the source had packets before zones were followed */
	int64_t since_ns; /* then: up to when */
	uint64_t lost;
	int64_t now_ns; /* the latest time, if `any` */
	bool any;
	bool wrote; /* to the store: the day of the latest time then, and cl_store_undone */
	int64_t written_day;
	uint64_t undone;
};

/* The number of a zone; UINT32_MAX: there is none, and no room, which is counted. */
uint32_t cl_zones_zone(struct cl_zones *z, const uint8_t *wire, uint8_t octets);

/* The row of a server, zone and serial; UINT32_MAX the same. */
uint32_t cl_zones_row(struct cl_zones *z, const struct cl_addr *server, uint32_t zone, uint32_t serial);

static inline struct cl_zone *cl_zone_at(const struct cl_zones *z, uint32_t number)
{
	return cl_arena_at(&z->tables.zones, number);
}

static inline struct cl_zone_row *cl_zone_row_at(const struct cl_zones *z, uint32_t number)
{
	return cl_arena_at(&z->tables.rows, number);
}

/* The first and the last of a row's times. */
int64_t cl_zone_row_first(const struct cl_zone_row *row);
int64_t cl_zone_row_last(const struct cl_zone_row *row);

/* Forgets what is older than CL_ZONE_ROW_DAYS and CL_ZONE_DAYS. */
void cl_zones_forget(struct cl_zones *z);

#endif
