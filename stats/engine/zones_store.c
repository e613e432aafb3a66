/* SPDX-License-Identifier: BSD-2-Clause */
/* Serial numbers of zones in the store: written whole, and read back to go on. */
#include <string.h>

#include "stats/engine/zones_state.h"
#include "stats/exchange/dnsname.h"
#include "stats/store/store.h"

#define NS_PER_DAY INT64_C(86400000000000)

static int64_t day_of(int64_t ns)
{
	return ns / NS_PER_DAY - (ns % NS_PER_DAY < 0);
}

/* Writing --------------------------------------------------------------------- */

/* What was forgotten and comes again finds its row: the first times hold. */
#define LEAST(column)                                                                                        \
	column " = min(coalesce(" column ", excluded." column "), coalesce(excluded." column ", " column     \
	       ")), "

static const char insert[] =
	"INSERT INTO zone_serial VALUES(?1, ?2, ?3, ?4, ?5, nullif(?6, ?14), nullif(?7, ?14), nullif(?8, "
	"?14), nullif(?9, ?14), ?10, nullif(?11, 0), nullif(?12, 0), ?13) ON CONFLICT DO UPDATE SET " LEAST(
		"day") LEAST("notified_ns") LEAST("sent_ns") LEAST("answered_ns") LEAST("transfer_ns")
		LEAST("octets") "octets_most = max(coalesce(octets_most, excluded.octets_most), "
				"coalesce(excluded.octets_most, octets_most)), transfers = max(transfers, "
				"excluded.transfers), "
				"unfinished = excluded.unfinished";

static void bind_row(struct cl_query *q, const struct cl_zones *z, const struct cl_zone_row *row)
{
	const struct cl_zone *zone = cl_zone_at(z, row->zone);
	const bool v4 = cl_addr_is_v4(&row->server);
	char name[CL_NAME_TEXT];

	(void)cl_name_text(zone->wire, zone->octets, name);
	cl_query_bind_text(q, 2, name);
	cl_query_bind_i64(q, 3, row->serial);
	cl_query_bind_blob(q, 4, row->server.b + (v4 ? 12 : 0), v4 ? 4 : 16);
	cl_query_bind_i64(q, 5, day_of(cl_zone_row_first(row)));
	cl_query_bind_i64(q, 6, row->notified_ns);
	cl_query_bind_i64(q, 7, row->sent_ns);
	cl_query_bind_i64(q, 8, row->answered_ns);
	cl_query_bind_i64(q, 9, row->transfer_ns);
	cl_query_bind_i64(q, 10, (int64_t)row->transfers);
	cl_query_bind_i64(q, 11, (int64_t)row->octets);
	cl_query_bind_i64(q, 12, (int64_t)row->octets_most);
	cl_query_bind_i64(q, 13, (int64_t)(row->unfinished + row->open));
	cl_query_bind_i64(q, 14, CL_ZONE_NEVER);
}

/* Rows of a file's days alone: the file of a month has what began in it, or went on. */
static void write_rows(struct cl_zones *z, struct cl_store *store)
{
	struct cl_query *q = cl_query_new(store, insert);

	cl_stored_begin(&z->stored, store);
	for (uint32_t i = 0; z->tables.ready && i < z->tables.rows.count; i++) {
		const struct cl_zone_row *row = cl_zone_row_at(z, i);

		if (cl_zone_row_first(row) == CL_ZONE_NEVER ||
		    day_of(cl_zone_row_last(row)) < cl_store_first_day(store) ||
		    !cl_stored_due(&z->stored, i, row, sizeof *row))
			continue;
		bind_row(q, z, row);
		cl_query_run(q);
	}
	cl_query_free(q);
}

static void write_watch(const struct cl_zones *z, struct cl_store *store)
{
	struct cl_query *q =
		cl_query_new(store, "INSERT OR REPLACE INTO zone_watch VALUES(?1, iif(?2, ?3, NULL), ?4)");

	cl_query_bind_i64(q, 2, z->late);
	cl_query_bind_i64(q, 3, z->since_ns);
	cl_query_bind_i64(q, 4, (int64_t)z->lost);
	cl_query_run(q);
	cl_query_free(q);
}

/* A service runs for months: once a day what is old, and safe, goes. */
static void forget_days(struct cl_zones *z, const struct cl_store *store)
{
	const bool safe = cl_store_is_live(store) && z->wrote && z->undone == cl_store_undone(store);
	const int64_t today = z->any ? day_of(z->now_ns) : 0;

	if (safe && today > z->written_day)
		cl_zones_forget(z);
	z->wrote = true;
	z->undone = cl_store_undone(store);
	z->written_day = today;
}

bool cl_zones_write(struct cl_zones *z, struct cl_store *store)
{
	forget_days(z, store);
	write_rows(z, store);
	write_watch(z, store);
	return !z->failed;
}

/* Going on -------------------------------------------------------------------- */

#define LAST "(SELECT last_ns FROM source WHERE source_id = ?1)"

/* A source that has packets and no row was counted before zones were followed. */
static void load_watch(struct cl_zones *z, struct cl_store *store)
{
	struct cl_query *q = cl_query_new(
		store, "SELECT CASE WHEN w.source_id IS NULL THEN s.last_ns ELSE w.since_ns END, lost FROM "
		       "source AS s LEFT JOIN zone_watch AS w USING(source_id) WHERE s.source_id = ?1");

	if (cl_query_row(q)) {
		z->late = !cl_query_null(q, 0);
		z->since_ns = cl_query_i64(q, 0);
		z->lost = cl_query_u64(q, 1);
	}
	cl_query_free(q);
}

static uint32_t zone_of(struct cl_zones *z, struct cl_query *q)
{
	uint8_t wire[CL_NAME_OCTETS];
	const char *text = cl_query_text(q, 0);
	const size_t octets = text != NULL ? cl_name_wire(text, wire) : 0;

	return octets > 0 ? cl_zones_zone(z, wire, (uint8_t)octets) : UINT32_MAX;
}

static void load_zones(struct cl_zones *z, struct cl_store *store)
{
	struct cl_query *q =
		cl_query_new(store, "SELECT zone, max(notified_ns) FROM zone_serial WHERE source_id = ?1 AND "
				    "notified_ns IS NOT NULL AND notified_ns >= " LAST " - ?2 GROUP BY zone");

	cl_query_bind_i64(q, 2, CL_ZONE_DAYS * NS_PER_DAY);
	while (cl_query_row(q)) {
		const uint32_t zone = zone_of(z, q);

		if (zone == UINT32_MAX)
			continue;
		cl_zone_at(z, zone)->notified_ns = cl_query_i64(q, 1);
		z->answers = true;
	}
	cl_query_free(q);
}

static int64_t time_at(struct cl_query *q, int column)
{
	return cl_query_null(q, column) ? CL_ZONE_NEVER : cl_query_i64(q, column);
}

static void load_rows(struct cl_zones *z, struct cl_store *store)
{
	struct cl_query *q = cl_query_new(
		store, "SELECT zone, serial, addr, notified_ns, sent_ns, answered_ns, transfer_ns, "
		       "transfers, octets, octets_most, unfinished FROM zone_serial WHERE source_id = "
		       "?1 AND max(coalesce(notified_ns, ?3), coalesce(sent_ns, ?3), coalesce(answered_ns, "
		       "?3), coalesce(transfer_ns, ?3)) >= " LAST " - ?2");
	struct cl_addr server;

	cl_query_bind_i64(q, 2, CL_ZONE_ROW_DAYS * NS_PER_DAY);
	cl_query_bind_i64(q, 3, INT64_MIN);
	while (cl_query_row(q)) {
		const uint32_t zone = cl_query_addr(q, 2, &server) ? zone_of(z, q) : UINT32_MAX;
		const uint32_t number = zone != UINT32_MAX
						? cl_zones_row(z, &server, zone, (uint32_t)cl_query_u64(q, 1))
						: UINT32_MAX;

		if (number == UINT32_MAX)
			continue;
		struct cl_zone_row *row = cl_zone_row_at(z, number);
		row->notified_ns = time_at(q, 3);
		row->sent_ns = time_at(q, 4);
		row->answered_ns = time_at(q, 5);
		row->transfer_ns = time_at(q, 6);
		row->transfers = cl_query_u64(q, 7);
		row->octets = cl_query_u64(q, 8);
		row->octets_most = cl_query_u64(q, 9);
		row->unfinished = cl_query_u64(q, 10);
	}
	cl_query_free(q);
}

bool cl_zones_load(struct cl_zones *z, struct cl_store *store)
{
	load_watch(z, store);
	load_zones(z, store);
	load_rows(z, store);
	return !z->failed;
}
