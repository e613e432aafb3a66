/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables and views of tunnels. */
#include <stddef.h>

#include "stats/store/schema.h"
#include "stats/store/schema_text.h"

#define KEY                                                                                                  \
	"(source_id INTEGER NOT NULL REFERENCES source, day INTEGER NOT NULL, kind TEXT NOT NULL, a BLOB "   \
	"NOT NULL CHECK(length(a) IN (0, 4, 16)), b BLOB NOT NULL CHECK(length(b) IN (0, 4, 16))"
#define PRIMARY(more) ", PRIMARY KEY(source_id, day, kind, a, b" more ")) WITHOUT ROWID"

#define TYPE_SUM  " INTEGER NOT NULL"
#define TYPE_MAX  " INTEGER NOT NULL"
#define TYPE_MIN  " INTEGER"
#define TYPE_LAST " INTEGER"

const char *const cl_schema_tunnels[] = {
	"CREATE TABLE tunnel_day" KEY
	", first_ns INTEGER, last_ns INTEGER, prefixes_lost INTEGER NOT NULL, protocols_lost INTEGER NOT "
	"NULL, echoes_lost INTEGER NOT NULL, errors_lost INTEGER NOT NULL" PRIMARY(""),

	"CREATE TABLE tunnel_way_day" KEY ", way TEXT NOT NULL"
#define X(merge, name, doc) ", " #name TYPE_##merge
#include "stats/engine/tunnels.def"
#undef X
	PRIMARY(", way"),

	"CREATE TABLE tunnel_prefix_day" KEY
	", prefix BLOB NOT NULL CHECK(length(prefix) IN (4, 16)), length INTEGER NOT NULL, packets INTEGER "
	"NOT NULL, at_a INTEGER NOT NULL, at_b INTEGER NOT NULL" PRIMARY(", prefix, length"),

	"CREATE TABLE tunnel_protocol_day" KEY
	", protocol TEXT NOT NULL, packets_ab INTEGER NOT NULL, packets_ba INTEGER NOT NULL, octets_ab "
	"INTEGER NOT NULL, octets_ba INTEGER NOT NULL" PRIMARY(", protocol"),

	"CREATE TABLE tunnel_error_day" KEY
	", way TEXT NOT NULL, family INTEGER NOT NULL, type INTEGER NOT NULL, code INTEGER NOT NULL, sender "
	"BLOB NOT NULL CHECK(length(sender) IN (0, 4, 16)), errors INTEGER NOT NULL, mtu INTEGER" PRIMARY(
		", way, family, type, code, sender"),

	"CREATE TABLE state_tunnel_echo(source_id INTEGER NOT NULL, kind TEXT NOT NULL, a BLOB "
	"NOT NULL, b BLOB NOT NULL, way TEXT NOT NULL, src BLOB NOT NULL, dst BLOB NOT NULL, version INTEGER "
	"NOT NULL, rest INTEGER NOT NULL, time_ns INTEGER NOT NULL)",
	NULL
};

#define ENDS                                                                                                 \
	"SELECT sensor, date(day * 86400, 'unixepoch') AS date, kind, CASE WHEN length(a) > 0 "              \
	"THEN " CL_SQL_ADDR("a") " END AS a, CASE WHEN length(b) > 0 THEN " CL_SQL_ADDR("b") " END AS b"
#define OF_WAY(way, column) ", sum(CASE way WHEN '" way "' THEN w." column " END) AS " column "_" way
#define SOURCE		    " JOIN source USING(source_id)"

const char *const cl_schema_tunnel_views[] = {
	"CREATE VIEW tunnels_by_day AS " ENDS OF_WAY("ab", "packets") OF_WAY("ba", "packets")
		OF_WAY("ab", "bytes") OF_WAY("ba", "bytes") " FROM tunnel_way_day AS w" SOURCE
							    " GROUP BY w.source_id, day, kind, w.a, w.b",
	"CREATE VIEW tunnel_prefixes_by_day AS " ENDS
	", " CL_SQL_ADDR("prefix") " || '/' || length AS prefix, p.packets AS packets, at_a, at_b FROM "
				   "tunnel_prefix_day AS p" SOURCE,
	"CREATE VIEW tunnel_protocols_by_day AS " ENDS
	", protocol, packets_ab, packets_ba, octets_ab, octets_ba FROM tunnel_protocol_day AS p" SOURCE,
	NULL
};
