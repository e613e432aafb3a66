/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/schema.h"

#include <stddef.h>

#include "stats/store/schema_text.h"

/* Numbers of client_count that are partly estimated. */
#define APPROXIMATION_TABLE                                                                                  \
	"CREATE TABLE approximation(source_id INTEGER NOT NULL REFERENCES source, period "                   \
	"TEXT NOT NULL, day INTEGER NOT NULL, service_id INTEGER NOT NULL REFERENCES service, requests "     \
	"INTEGER NOT NULL, ipv4 INTEGER NOT NULL, ipv6 INTEGER NOT NULL, error REAL, window_error REAL, "    \
	"PRIMARY KEY(source_id, period, day, service_id)) WITHOUT ROWID"

/* ICMP errors by step. */
#define ICMP_STEP_TABLE                                                                                      \
	"CREATE TABLE icmp_step(source_id INTEGER NOT NULL REFERENCES source, t INTEGER NOT "                \
	"NULL, proto TEXT NOT NULL, server BLOB NOT NULL CHECK(length(server) IN (0, 4, 16)), family "       \
	"INTEGER NOT NULL, type INTEGER NOT NULL, code INTEGER NOT NULL, errors INTEGER NOT NULL, PRIMARY "  \
	"KEY(source_id, t, proto, server, family, type, code)) WITHOUT ROWID"

/* What happened to servers, and how far that was looked at. */
#define SERVER_EVENT_TABLES                                                                                  \
	"CREATE TABLE server_event(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT NULL, "     \
	"service_id INTEGER NOT NULL REFERENCES service, kind TEXT NOT NULL, t_ns INTEGER NOT NULL, "        \
	"until_ns INTEGER, before INTEGER, after INTEGER, n INTEGER, total INTEGER, PRIMARY KEY(source_id, " \
	"day, service_id, kind, t_ns)) WITHOUT ROWID",                                                       \
		"CREATE TABLE server_event_day(source_id INTEGER NOT NULL REFERENCES source, "               \
		"day INTEGER NOT NULL, service_id INTEGER NOT NULL REFERENCES service, left_out INTEGER "    \
		"NOT NULL, mixed INTEGER NOT NULL, unsettled INTEGER NOT NULL, unwatched INTEGER NOT NULL, " \
		"PRIMARY KEY(source_id, day, service_id)) WITHOUT ROWID"

/* Messages by their octets, and DNS responses by QTYPE and RCODE. */
#define MESSAGE_TABLES                                                                                       \
	"CREATE TABLE day_size(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT "               \
	"NULL, service_id INTEGER NOT NULL REFERENCES service, kind TEXT NOT NULL, bin INTEGER NOT NULL, n " \
	"INTEGER NOT NULL, PRIMARY KEY(source_id, day, service_id, kind, bin)) WITHOUT ROWID",               \
		"CREATE TABLE day_qtype_rcode(source_id INTEGER NOT NULL REFERENCES source, "                \
		"day INTEGER NOT NULL, service_id INTEGER NOT NULL REFERENCES service, qtype INTEGER NOT "   \
		"NULL, rcode INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(source_id, day, service_id, " \
		"qtype, rcode)) WITHOUT ROWID"

/* Serial numbers of zones by server; and since when a source's are followed. */
#define ZONE_TABLES                                                                                          \
	"CREATE TABLE zone_serial(source_id INTEGER NOT NULL REFERENCES source, zone TEXT NOT NULL, serial " \
	"INTEGER NOT NULL, addr BLOB NOT NULL CHECK(length(addr) IN (4, 16)), day INTEGER NOT NULL, "        \
	"notified_ns INTEGER, sent_ns INTEGER, answered_ns INTEGER, transfer_ns INTEGER, transfers INTEGER " \
	"NOT NULL, octets INTEGER, octets_most INTEGER, unfinished INTEGER NOT NULL, PRIMARY "               \
	"KEY(source_id, zone, serial, addr)) WITHOUT ROWID",                                                 \
		"CREATE TABLE zone_watch(source_id INTEGER PRIMARY KEY REFERENCES source, since_ns "         \
		"INTEGER, lost INTEGER NOT NULL)"

/* What read --keep software and --keep names ask for. */
#define ASKED_TABLES                                                                                         \
	"CREATE TABLE software(software_id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, "    \
	"UNIQUE(name, kind))",                                                                               \
		"CREATE TABLE client_software_day(source_id INTEGER NOT NULL REFERENCES source, day "        \
		"INTEGER NOT NULL, addr BLOB NOT NULL CHECK(length(addr) IN (4, 16)), software_id INTEGER "  \
		"NOT NULL REFERENCES software, requests INTEGER NOT NULL, confidence INTEGER NOT NULL, "     \
		"PRIMARY KEY(source_id, day, addr)) WITHOUT ROWID",                                          \
		"CREATE TABLE name_day(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT NULL, " \
		"level TEXT NOT NULL, name TEXT NOT NULL, queries INTEGER NOT NULL, nxdomain INTEGER NOT "   \
		"NULL, clients INTEGER NOT NULL, sketch BLOB NOT NULL, PRIMARY KEY(source_id, day, level, "  \
		"name)) WITHOUT ROWID"

/* Of a capture that goes on: when it ran, and what its interfaces counted by step. */
#define CAPTURE_TABLES                                                                                       \
	"CREATE TABLE capture_stretch(source_id INTEGER NOT NULL REFERENCES source, from_ns "                \
	"INTEGER NOT NULL, to_ns INTEGER NOT NULL, PRIMARY KEY(source_id, from_ns)) WITHOUT ROWID",          \
		"CREATE TABLE capture_interval(source_id INTEGER NOT NULL REFERENCES source, "               \
		"t INTEGER NOT NULL, interface TEXT NOT NULL, run_ns INTEGER NOT NULL, received INTEGER "    \
		"NOT NULL, dropped_kernel INTEGER NOT NULL, dropped_interface INTEGER NOT NULL, away_ns "    \
		"INTEGER NOT NULL, clock TEXT NOT NULL, PRIMARY KEY(source_id, t, interface, run_ns)) "      \
		"WITHOUT ROWID"

/* Added by schema 2. */
#define FACT_TABLES                                                                                          \
	"CREATE TABLE fact(source_id INTEGER NOT NULL REFERENCES source, name TEXT NOT NULL, n INTEGER NOT " \
	"NULL, PRIMARY KEY(source_id, name)) WITHOUT ROWID",                                                 \
		"CREATE TABLE anomaly(source_id INTEGER NOT NULL REFERENCES source, name TEXT NOT NULL, "    \
		"n INTEGER NOT NULL, PRIMARY KEY(source_id, name)) WITHOUT ROWID"
#define ICMP_TABLES                                                                                          \
	"CREATE TABLE icmp_day(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT NULL, proto "   \
	"TEXT NOT NULL, server BLOB NOT NULL CHECK(length(server) IN (0, 4, 16)), family INTEGER NOT NULL, " \
	"type INTEGER NOT NULL, code INTEGER NOT NULL, errors INTEGER NOT NULL, responses INTEGER NOT "      \
	"NULL, from_client INTEGER NOT NULL, PRIMARY KEY(source_id, day, proto, server, family, type, "      \
	"code)) WITHOUT ROWID",                                                                              \
		"CREATE TABLE icmp_address_day(source_id INTEGER NOT NULL REFERENCES source, day INTEGER "   \
		"NOT NULL, proto TEXT NOT NULL, server BLOB NOT NULL CHECK(length(server) IN (0, 4, 16)), "  \
		"family INTEGER NOT NULL, type INTEGER NOT NULL, code INTEGER NOT NULL, role TEXT NOT "      \
		"NULL, addr BLOB NOT NULL CHECK(length(addr) IN (4, 16)), errors INTEGER NOT NULL, PRIMARY " \
		"KEY(source_id, day, proto, server, family, type, code, role, addr)) WITHOUT ROWID"
#define ICMP_VIEWS                                                                                           \
	"CREATE VIEW icmp_errors_by_day AS SELECT sensor, date(day * 86400, 'unixepoch') AS date, proto, "   \
	"family, type, code, sum(errors) AS errors, sum(responses) AS responses, sum(from_client) AS "       \
	"from_client, (SELECT count(DISTINCT addr) FROM icmp_address_day AS a WHERE a.source_id = "          \
	"d.source_id AND a.day = d.day AND a.proto = d.proto AND a.family = d.family AND a.type = d.type "   \
	"AND a.code = d.code AND role = 'sender') AS senders, (SELECT count(DISTINCT addr) FROM "            \
	"icmp_address_day AS a WHERE a.source_id = d.source_id AND a.day = d.day AND a.proto = d.proto "     \
	"AND a.family = d.family AND a.type = d.type AND a.code = d.code AND role = 'affected') AS "         \
	"affected_clients FROM icmp_day AS d JOIN source USING(source_id) GROUP BY d.source_id, day, "       \
	"proto, family, type, code",                                                                         \
		"CREATE VIEW icmp_errors_by_step AS SELECT sensor, "                                         \
		"strftime('%Y-%m-%dT%H:%M:%SZ', t, 'unixepoch') AS time, proto, family, type, code, "        \
		"sum(errors) AS errors FROM icmp_step JOIN source USING(source_id) GROUP BY source_id, t, "  \
		"proto, family, type, code",                                                                 \
		"CREATE VIEW fact_total AS SELECT sensor, name, n FROM fact JOIN source USING(source_id)",   \
		"CREATE VIEW anomaly_total AS SELECT sensor, name, n FROM anomaly JOIN source "              \
		"USING(source_id)"

/* Added by schema 3. */
#define MONTH_TABLE                                                                                          \
	"CREATE TABLE client_month(source_id INTEGER NOT NULL, day INTEGER NOT NULL, service_id INTEGER "    \
	"NOT NULL, addr BLOB NOT NULL CHECK(length(addr) IN (4, 16)), requests INTEGER NOT NULL, "           \
	"responses INTEGER NOT NULL, bytes INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER "    \
	"NOT NULL, via INTEGER NOT NULL, PRIMARY KEY(source_id, day, service_id, addr)) WITHOUT ROWID"
#define MONTH(day) "CAST(strftime('%s', " day " * 86400, 'unixepoch', 'start of month') AS INTEGER) / 86400"

/* Days that are over by month, and those that are not. */
#define MONTHS_SO_FAR                                                                                        \
	"(SELECT source_id, day, service_id, addr, requests, responses, bytes, first_ns, last_ns FROM "      \
	"client_month UNION ALL SELECT c.source_id, " MONTH(                                                 \
		"c.day") ", c.service_id, c.addr, c.requests, "                                              \
			 "c.responses, c.bytes, c.day * 86400000000000 + c.first_ns, c.day * "               \
			 "86400000000000 + c.last_ns "                                                       \
			 "FROM source CROSS JOIN client_day AS c ON c.source_id = source.source_id AND "     \
			 "c.day > "                                                                          \
			 "coalesce(source.closed_day, -1000000))"
#define MONTH_SUMS                                                                                           \
	"sum(requests) AS requests, sum(responses) AS responses, sum(bytes) AS bytes, min(first_ns) AS "     \
	"first_ns, max(last_ns) AS last_ns FROM " MONTHS_SO_FAR
#define CLIENT_TOTAL "VIEW client_total AS SELECT addr, service_id, " MONTH_SUMS " GROUP BY service_id, addr"

/* Views of clients read few rows of the table `day` first: of a day, a server or a protocol that is asked
 * for, the clients are then found by their key. */
#define CLIENT_VIEWS                                                                                         \
	"CREATE VIEW clients AS SELECT sensor, date(day.day * 86400, 'unixepoch') AS date, proto, "          \
	"service.address AS server, " CL_SQL_ADDR(                                                           \
		"c.addr") " AS client, c.requests AS requests, c.responses "                                 \
			  "AS responses, c.bytes AS bytes, strftime('%Y-%m-%dT%H:%M:%SZ', c.day * 86400 + "  \
			  "c.first_ns / "                                                                    \
			  "1000000000, 'unixepoch') AS first, strftime('%Y-%m-%dT%H:%M:%SZ', c.day * 86400 " \
			  "+ c.last_ns / "                                                                   \
			  "1000000000, 'unixepoch') AS last, c.addr AS addr FROM day JOIN service "          \
			  "USING(service_id) JOIN "                                                          \
			  "source USING(source_id) CROSS JOIN client_day AS c ON c.source_id = "             \
			  "day.source_id AND c.day = "                                                       \
			  "day.day AND c.service_id = day.service_id",                                       \
		"CREATE VIEW client_month_total AS SELECT source_id, day, service_id, addr, " MONTH_SUMS     \
		" GROUP BY source_id, day, service_id, addr",                                                \
		"CREATE VIEW clients_by_month AS SELECT sensor, strftime('%Y-%m', c.day * 86400, "           \
		"'unixepoch') AS month, proto, service.address AS server, " CL_SQL_ADDR(                     \
			"c.addr") " AS client, "                                                             \
				  "c.requests AS requests, c.responses AS responses, c.bytes AS bytes, "     \
				  "strftime('%Y-%m-%dT%H:%M:%SZ', c.first_ns / 1000000000, 'unixepoch') AS " \
				  "first, "                                                                  \
				  "strftime('%Y-%m-%dT%H:%M:%SZ', c.last_ns / 1000000000, 'unixepoch') AS "  \
				  "last, c.addr AS "                                                         \
				  "addr FROM client_month_total AS c JOIN service USING(service_id) JOIN "   \
				  "source "                                                                  \
				  "USING(source_id)"
#define HISTOGRAM_VIEW                                                                                       \
	"CREATE VIEW delta_histogram AS SELECT sensor, date(d.day * 86400, 'unixepoch') AS date, proto, "    \
	"service.kind AS kind, service.address AS server, CASE d.kind WHEN 0 THEN 'udp' WHEN 1 THEN 'udp "   \
	"first' WHEN 2 THEN 'tcp' ELSE 'tcp first' END AS delta, ge_ns / 1e9 AS ge_s, lt_ns / 1e9 AS lt_s, " \
	"b.n AS n FROM day_delta AS d JOIN service USING(service_id) JOIN source USING(source_id) CROSS "    \
	"JOIN day_delta_bucket AS b ON b.source_id = d.source_id AND b.day = d.day AND b.service_id = "      \
	"d.service_id AND b.kind = d.kind"

/* Days that are over, by month, of a database that has none; its last day may go on. */
static const char *const months_of_days[] = {
	MONTH_TABLE, "ALTER TABLE source ADD COLUMN closed_day INTEGER",
	"UPDATE source SET closed_day = (SELECT value / 86400000000000 - 1 FROM state WHERE state.source_id "
	"= source.source_id AND key = 'now_ns')",
	"INSERT INTO client_month SELECT c.source_id, " MONTH(
		"c.day") ", c.service_id, c.addr, c.requests, c.responses, c.bytes, c.day * 86400000000000 + "
			 "c.first_ns, c.day * 86400000000000 + c.last_ns, c.via FROM source CROSS JOIN "
			 "client_day AS c ON c.source_id = source.source_id AND c.day <= source.closed_day "
			 "WHERE true ON CONFLICT DO UPDATE SET " CL_SCHEMA_MONTH_ADD,
	NULL
};

#define SOURCE_TABLE                                                                                         \
	"CREATE TABLE source(source_id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, first_ns INTEGER, "        \
	"last_ns "                                                                                           \
	"INTEGER, packets INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, out_of_order "       \
	"INTEGER NOT NULL DEFAULT 0, dropped_kernel INTEGER NOT NULL DEFAULT 0, dropped_interface INTEGER "  \
	"NOT NULL DEFAULT 0, mdns INTEGER NOT NULL DEFAULT 0, llmnr INTEGER NOT NULL DEFAULT 0, "            \
	"lost_clients INTEGER NOT NULL DEFAULT 0, lost_services INTEGER NOT NULL DEFAULT 0, "                \
	"lost_open_requests INTEGER NOT NULL DEFAULT 0, lost_gaps INTEGER NOT NULL DEFAULT 0, lost_icmp "    \
	"INTEGER NOT NULL DEFAULT 0, closed_day INTEGER)"
#define SOURCE_COLUMNS                                                                                       \
	"source_id, sensor, first_ns, last_ns, packets, bytes, out_of_order, dropped_kernel, "               \
	"dropped_interface, mdns, llmnr, lost_clients, lost_services, lost_open_requests, lost_gaps, "       \
	"lost_icmp, closed_day"

/* A sensor may have several stretches: its name was unique before. */
static const char *const stretches_of_sensors[] = {
	"CREATE TABLE source_4 AS SELECT " SOURCE_COLUMNS " FROM source",
	"DROP TABLE source",
	SOURCE_TABLE,
	"INSERT INTO source(" SOURCE_COLUMNS ") SELECT " SOURCE_COLUMNS " FROM source_4",
	"DROP TABLE source_4",
	NULL,
};

static const char *const lost_icmp[] = { "ALTER TABLE source ADD COLUMN lost_icmp INTEGER NOT NULL DEFAULT 0",
					 NULL };

const char *const *const cl_schema_steps_from[CL_SCHEMA_VERSION] = {
	[1] = lost_icmp,
	[2] = months_of_days,
	[4] = stretches_of_sensors,
};

const char *const cl_schema_tables[] = {
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID",

	SOURCE_TABLE,

	"CREATE TABLE file(file_id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source, path "
	"TEXT NOT NULL, "
	"hash BLOB, packets INTEGER NOT NULL, bytes INTEGER NOT NULL, first_ns INTEGER, last_ns INTEGER, "
	"out_of_order INTEGER NOT NULL, damaged INTEGER NOT NULL, error TEXT)",
	"CREATE INDEX file_hash ON file(hash)",

	"CREATE TABLE ledger(source_id INTEGER NOT NULL REFERENCES source, fate TEXT NOT NULL, reason TEXT "
	"NOT NULL, "
	"packets INTEGER NOT NULL, PRIMARY KEY(source_id, fate, reason)) WITHOUT ROWID",

	"CREATE TABLE service(service_id INTEGER PRIMARY KEY, proto TEXT NOT NULL, kind TEXT NOT NULL, "
	"address TEXT, "
	"addr BLOB CHECK(addr IS NULL OR length(addr) IN (4, 16)), UNIQUE(proto, kind, addr))",

	"CREATE TABLE client_day(source_id INTEGER NOT NULL, day INTEGER NOT NULL, service_id INTEGER NOT "
	"NULL, "
	"addr BLOB NOT NULL CHECK(length(addr) IN (4, 16)), requests INTEGER NOT NULL, responses INTEGER NOT "
	"NULL, "
	"bytes INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, via INTEGER NOT NULL, "
	"PRIMARY KEY(source_id, day, service_id, addr)) WITHOUT ROWID",

	"CREATE TABLE client_count(source_id INTEGER NOT NULL REFERENCES source, period TEXT NOT NULL, day "
	"INTEGER NOT "
	"NULL, service_id INTEGER NOT NULL REFERENCES service, ipv4 INTEGER NOT NULL, ipv6 INTEGER NOT NULL, "
	"v4_24 INTEGER NOT NULL, v6_64 INTEGER NOT NULL, v6_48 INTEGER NOT NULL, "
	"PRIMARY KEY(source_id, period, day, service_id)) WITHOUT ROWID",

	"CREATE TABLE open_at_end(source_id INTEGER NOT NULL REFERENCES source, service_id INTEGER NOT NULL "
	"REFERENCES "
	"service, requests INTEGER NOT NULL, PRIMARY KEY(source_id, service_id)) WITHOUT ROWID",

	/* The slowest exchanges: names single packets, so of a capture read now, or with transactions kept.
	 */
	"CREATE TABLE worst(source_id INTEGER NOT NULL REFERENCES source, service_id INTEGER NOT NULL "
	"REFERENCES service, "
	"delta_ns INTEGER NOT NULL, time_ns INTEGER NOT NULL, client BLOB NOT NULL, server BLOB NOT NULL, "
	"request_file INTEGER NOT NULL, request_frame INTEGER NOT NULL, response_file INTEGER NOT NULL, "
	"response_frame INTEGER NOT NULL)",

	/* Where a source's capture ends; for going on, not for reading. */
	"CREATE TABLE state(source_id INTEGER NOT NULL, key TEXT NOT NULL, value, PRIMARY KEY(source_id, "
	"key)) WITHOUT "
	"ROWID",
	"CREATE TABLE state_service(source_id INTEGER NOT NULL, number INTEGER NOT NULL, proto INTEGER NOT "
	"NULL, addr BLOB "
	"NOT NULL, PRIMARY KEY(source_id, number)) WITHOUT ROWID",
	"CREATE TABLE state_step(source_id INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, a "
	"INTEGER NOT "
	"NULL, b INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(source_id, number, kind, a, b)) WITHOUT "
	"ROWID",

	FACT_TABLES, ICMP_TABLES, MONTH_TABLE, APPROXIMATION_TABLE, ICMP_STEP_TABLE, CAPTURE_TABLES,
	ASKED_TABLES, ZONE_TABLES, SERVER_EVENT_TABLES,

	/* Unique clients over all sources, of a database that was merged. */
	"CREATE TABLE client_count_all(period TEXT NOT NULL, day INTEGER NOT NULL, service_id INTEGER NOT "
	"NULL "
	"REFERENCES service, ipv4 INTEGER NOT NULL, ipv6 INTEGER NOT NULL, v4_24 INTEGER NOT NULL, v6_64 "
	"INTEGER NOT NULL, v6_48 INTEGER NOT NULL, PRIMARY KEY(period, day, service_id)) WITHOUT ROWID",

	/* Up to when a source was counted by an older schema, which knew less. */
	"CREATE TABLE schema_change(source_id INTEGER NOT NULL REFERENCES source, version INTEGER NOT NULL, "
	"until_ns INTEGER, PRIMARY KEY(source_id, version)) WITHOUT ROWID",

	NULL
};

#define STEP_TABLES                                                                                          \
	"CREATE TABLE step(source_id INTEGER NOT NULL REFERENCES source, t INTEGER NOT NULL, service_id "    \
	"INTEGER NOT NULL "                                                                                  \
	"REFERENCES service, requests INTEGER NOT NULL, responses INTEGER NOT NULL, matched INTEGER NOT "    \
	"NULL, "                                                                                             \
	"delta_n INTEGER NOT NULL, min_ns INTEGER, p50_ns INTEGER, p90_ns INTEGER, p99_ns INTEGER, p999_ns " \
	"INTEGER, "                                                                                          \
	"max_ns INTEGER, sum_ns INTEGER, PRIMARY KEY(source_id, t, service_id)) WITHOUT ROWID",              \
		"CREATE TABLE step_clients(source_id INTEGER NOT NULL REFERENCES source, t INTEGER NOT "     \
		"NULL, "                                                                                     \
		"service_id INTEGER "                                                                        \
		"NOT NULL REFERENCES service, window_s INTEGER NOT NULL, clients INTEGER NOT NULL, "         \
		"PRIMARY KEY(source_id, t, service_id, window_s)) WITHOUT ROWID"

const char *const cl_schema_steps[] = { STEP_TABLES, "CREATE INDEX step_service ON step(service_id, t)",
					"CREATE INDEX step_clients_service ON step_clients(service_id, t)",
					NULL };

const char *const cl_schema_counts[] = {
	STEP_TABLES,

	"CREATE TABLE day(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT NULL, service_id "
	"INTEGER NOT NULL "
	"REFERENCES service"
#define X(id, column, doc) ", " #column " INTEGER NOT NULL"
#include "stats/engine/counters.def"
#undef X
	", PRIMARY KEY(source_id, day, service_id)) WITHOUT ROWID",

	"CREATE TABLE day_code(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT NULL, "
	"service_id INTEGER NOT "
	"NULL REFERENCES service, kind TEXT NOT NULL, code INTEGER NOT NULL, n INTEGER NOT NULL, "
	"PRIMARY KEY(source_id, day, service_id, kind, code)) WITHOUT ROWID",

	"CREATE TABLE day_delta(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT NULL, "
	"service_id INTEGER NOT "
	"NULL REFERENCES service, kind INTEGER NOT NULL, n INTEGER NOT NULL, min_ns INTEGER NOT NULL, max_ns "
	"INTEGER NOT "
	"NULL, sum_ns INTEGER NOT NULL, PRIMARY KEY(source_id, day, service_id, kind)) WITHOUT ROWID",

	"CREATE TABLE day_delta_bucket(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT NULL, "
	"service_id "
	"INTEGER NOT NULL REFERENCES service, kind INTEGER NOT NULL, bucket INTEGER NOT NULL, ge_ns INTEGER "
	"NOT NULL, "
	"lt_ns INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(source_id, day, service_id, kind, bucket)) "
	"WITHOUT ROWID",

	MESSAGE_TABLES,

	/* Clients of a part of a step, to be united with those of other sensors. */
	"CREATE TABLE client_sketch(source_id INTEGER NOT NULL REFERENCES source, t INTEGER NOT NULL, "
	"service_id INTEGER NOT NULL REFERENCES service, sketch BLOB NOT NULL, PRIMARY KEY(source_id, t, "
	"service_id)) WITHOUT ROWID",
	NULL
};

const char *const cl_schema_by_service = "CREATE INDEX client_count_service ON client_count(service_id)";

const char *const cl_schema_client_total = "CREATE " CLIENT_TOTAL;

/* Of one source its own counts are those of all. */
#define CLIENT_COUNT_OF_ALL                                                                                  \
	"(SELECT period, day, service_id, ipv4, ipv6, v4_24, v6_64, v6_48 FROM client_count_all UNION ALL "  \
	"SELECT period, day, service_id, ipv4, ipv6, v4_24, v6_64, v6_48 FROM client_count WHERE NOT "       \
	"EXISTS (SELECT 1 FROM client_count_all) AND (SELECT count(*) FROM source) = 1)"

#define MONTHS_OF_ALL                                                                                        \
	"VIEW unique_clients_of_all_by_month AS SELECT strftime('%Y-%m', day * 86400, 'unixepoch') AS "      \
	"month, proto, kind, service.address AS server, ipv4, ipv6, ipv4 + ipv6 AS total, v4_24, v6_64, "    \
	"v6_48 "                                                                                             \
	"FROM " CLIENT_COUNT_OF_ALL " JOIN service USING(service_id) WHERE period = 'month'"

const char *const cl_schema_own_views[] = { "CREATE TEMP " CLIENT_TOTAL, "CREATE TEMP " MONTHS_OF_ALL, NULL };

const char *const cl_schema_views[] = {
	"CREATE VIEW client_text AS SELECT source_id, day, service_id, addr, requests, responses, bytes, "
	"first_ns, last_ns, via, " CL_SQL_ADDR("addr") " AS address FROM client_day",

	CLIENT_VIEWS,

	"CREATE VIEW unique_clients_by_day AS SELECT sensor, date(day * 86400, 'unixepoch') AS date, proto, "
	"kind, "
	"service.address AS server, ipv4, ipv6, ipv4 + ipv6 AS total, v4_24, v6_64, v6_48 FROM client_count "
	"JOIN service USING(service_id) JOIN source USING(source_id) WHERE period = 'day'",

	"CREATE VIEW unique_clients_by_month AS SELECT sensor, strftime('%Y-%m', day * 86400, 'unixepoch') "
	"AS month, proto, "
	"kind, service.address AS server, ipv4, ipv6, ipv4 + ipv6 AS total, v4_24, v6_64, v6_48 FROM "
	"client_count "
	"JOIN service USING(service_id) JOIN source USING(source_id) WHERE period = 'month'",

	/* Over all sources. */
	"CREATE VIEW unique_clients_of_all_by_day AS SELECT date(day * 86400, 'unixepoch') AS date, proto, "
	"kind, service.address AS server, ipv4, ipv6, ipv4 + ipv6 AS total, v4_24, v6_64, v6_48 "
	"FROM " CLIENT_COUNT_OF_ALL " JOIN service USING(service_id) WHERE period = 'day'",

	"CREATE " MONTHS_OF_ALL,

	"CREATE VIEW unique_clients_by_step AS SELECT sensor, strftime('%Y-%m-%dT%H:%M:%SZ', t, 'unixepoch') "
	"AS time, proto, "
	"kind, service.address AS server, window_s, clients FROM step_clients "
	"JOIN service USING(service_id) JOIN source USING(source_id) WHERE t * 1000000000 <= source.last_ns",

	"CREATE VIEW requests_by_step AS SELECT sensor, strftime('%Y-%m-%dT%H:%M:%SZ', t, 'unixepoch') AS "
	"time, proto, kind, "
	"service.address AS server, requests, responses, matched, delta_n, min_ns / 1e9 AS min_s, p50_ns / "
	"1e9 AS p50_s, "
	"p90_ns / 1e9 AS p90_s, p99_ns / 1e9 AS p99_s, p999_ns / 1e9 AS p999_s, max_ns / 1e9 AS max_s, "
	"sum_ns / 1e9 / nullif(delta_n, 0) AS mean_s FROM step "
	"JOIN service USING(service_id) JOIN source USING(source_id)",

	"CREATE VIEW totals_by_day AS SELECT sensor, date(day * 86400, 'unixepoch') AS date, proto, kind, "
	"service.address AS "
	"server, requests - matched AS unanswered"
#define X(id, column, doc) ", " #column
#include "stats/engine/counters.def"
#undef X
	" FROM day JOIN service USING(service_id) JOIN source USING(source_id)",

	HISTOGRAM_VIEW,

	"CREATE VIEW server_events AS SELECT sensor, strftime('%Y-%m-%dT%H:%M:%SZ', t_ns / 1000000000, "
	"'unixepoch') AS time, proto, service.address AS server, e.kind AS kind, "
	"strftime('%Y-%m-%dT%H:%M:%SZ', until_ns / 1000000000, 'unixepoch') AS until, before, after, n, "
	"total FROM server_event AS e JOIN service USING(service_id) JOIN source USING(source_id)",

	"CREATE VIEW ledger_total AS SELECT sensor, fate, reason, ledger.packets AS packets FROM ledger "
	"JOIN source USING(source_id)",

	ICMP_VIEWS, NULL
};
