/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of single messages for the sqlite3 shell; their tables: store_exchange_schema.c. */
#include <stddef.h>

#include "stats/store/schema.h"
#include "stats/store/schema_text.h"

#define FORTUNE                                                                                              \
	"CASE fortune WHEN 0 THEN 'alone' WHEN 1 THEN 'unanswered' WHEN 2 THEN 'open_at_end' WHEN 3 THEN "   \
	"'given_up' WHEN 4 THEN 'matched' WHEN 5 THEN 'backwards' WHEN 6 THEN 'duplicate' WHEN 7 THEN "      \
	"'late' WHEN 8 THEN 'bogus' END AS fortune"
#define AUTH(column)                                                                                         \
	"CASE " column " WHEN 0 THEN 'plain' WHEN 1 THEN 'mac' WHEN 2 THEN 'crypto_nak' WHEN 3 THEN "        \
	"'autokey' WHEN 4 THEN 'nts' END"
#define PATH(file)   "(SELECT path FROM file WHERE file_id = " file ")"
#define EITHER(name) "coalesce(q_" name ", r_" name ")"

/* What a pair begins with. */
#define PAIR                                                                                                 \
	"SELECT sensor, number, " CL_SQL_TIME(EITHER("time_ns")) " AS time, " CL_SQL_ADDR(                   \
		"client") " AS client, " CL_SQL_ADDR("server") " AS server, " FORTUNE                        \
							       ", CASE WHEN fortune IN (4, 5, 7) THEN "      \
							       "delta_ns / 1e9 END AS delta_s"
#define OF_PAIR(table)                                                                                       \
	", " PATH("q_file") " AS request_file, q_frame AS request_frame, " PATH(                             \
		"r_file") " AS response_file, r_frame AS response_frame FROM (SELECT *, coalesce(q_src, "    \
			  "r_dst) AS client, coalesce(q_dst, r_src) AS server FROM " table                   \
			  ") JOIN source USING(source_id)"

#define ALONE                                                                                                \
	"SELECT sensor, number, " CL_SQL_TIME("time_ns") " AS time, " CL_SQL_ADDR(                           \
		"src") " AS source, " CL_SQL_ADDR("dst") " AS destination"
#define OF_ALONE(table)	     ", " PATH("t.file") " AS path, frame FROM " table " AS t JOIN source USING(source_id)"
#define TIME_OR_NULL(column) "CASE WHEN " column " <> 0 THEN " CL_SQL_TIME(column) " END"

/* The middle of each view. */
#define AS(value, name) ", " value " AS " name
#define NTP_COLUMNS                                                                                          \
	", interleaved, guessed" AS(EITHER("version"), "version") AS(EITHER("mode"), "mode")                 \
		AS(AUTH("q_auth"), "request_auth") AS(AUTH("r_auth"), "response_auth")                       \
			AS("q_poll", "request_poll") AS("r_poll", "response_poll") AS("r_leap", "leap")      \
				AS("r_stratum", "stratum") AS("r_precision", "precision")                    \
					AS("r_root_delay / 65536.0", "root_delay_s")                         \
						AS("r_root_dispersion / 65536.0", "root_dispersion_s")       \
							AS("CASE WHEN r_refid IS NOT NULL THEN "             \
							   "printf('%08x', r_refid) END",                    \
							   "refid")
#define DNS_COLUMNS                                                                                          \
	AS("CASE WHEN fortune IN (4, 5, 7) THEN delta_first_ns / 1e9 END", "delta_first_s")                  \
	AS("CASE WHEN " EITHER("dns_bits") " & 64 THEN 'tcp' ELSE 'udp' END", "transport")                   \
	AS(EITHER("stream"), "stream")                                                                       \
	AS(EITHER("id"), "id")                                                                               \
	AS("name", "qname")                                                                                  \
	AS(EITHER("qtype"), "qtype")                                                                         \
	AS(EITHER("qclass"), "qclass")                                                                       \
	AS(EITHER("opcode"), "opcode")                                                                       \
	AS("r_rcode", "rcode")                                                                               \
	AS("r_ancount", "answers")                                                                           \
	AS("q_length", "query_bytes")                                                                        \
	AS("r_length", "response_bytes")                                                                     \
	AS("r_dns_bits >> 1 & 1", "truncated")                                                               \
	AS("q_dns_bits >> 3 & 1", "dnssec_ok")                                                               \
	AS("CASE WHEN q_dns_bits & 4 THEN q_udp_size END", "udp_"                                            \
							   "size")
#define CONTROL_COLUMNS                                                                                      \
	AS("sport", "source_port")                                                                           \
	AS("dport", "destination_port")                                                                      \
	", version, mode, opcode, response, sequence, status, association, offset, count, length, data"
#define ICMP_COLUMNS                                                                                         \
	", family, type, code" AS("CASE WHEN icmp_bits & 2 THEN 'dns' ELSE 'ntp' END", "proto")              \
		AS("icmp_bits & 1", "of_response") AS(CL_SQL_ADDR("quoted_src"), "quoted_source")            \
			AS("quoted_sport", "quoted_source_port")                                             \
				AS(CL_SQL_ADDR("quoted_dst"), "quoted_destination")                          \
					AS("quoted_dport", "quoted_destination_port") ", mtu"
#define CONNECTION_COLUMNS                                                                                   \
	AS("sport", "source_port")                                                                           \
	", port" AS("CASE service WHEN 0 THEN 'dns' WHEN 1 THEN 'dot' WHEN 2 THEN 'doh' WHEN 3 THEN "        \
		    "'nts_ke' ELSE 'other' END",                                                             \
		    "service") ", stream" AS(TIME_OR_NULL("syn_ns"),                                         \
					     "syn") AS(TIME_OR_NULL("open_ns"),                              \
						       "opened") AS(TIME_OR_NULL("close_ns"), "closed")      \
		AS("state >> 5 & 1", "refused") ", packets_up, packets_down, bytes_up, bytes_down" AS(       \
			"CASE WHEN tls_version <> 0 THEN printf('0x%04x', tls_version) END", "tls")          \
			AS("CAST(sni AS TEXT)", "server_name") AS("CAST(alpn AS TEXT)", "application")

#define PART_COLUMNS AS("sport", "source_port") AS("dport", "destination_port") ", id"

const char *const cl_schema_exchange_views[] = {
	"CREATE VIEW ntp_exchanges AS " PAIR NTP_COLUMNS OF_PAIR("ntp_exchange"),
	"CREATE VIEW dns_exchanges AS " PAIR DNS_COLUMNS OF_PAIR("dns_exchange"),
	"CREATE VIEW ntp_control_messages AS " ALONE CONTROL_COLUMNS OF_ALONE("ntp_control"),
	"CREATE VIEW icmp_errors AS " ALONE ICMP_COLUMNS OF_ALONE("icmp_error"),
	"CREATE VIEW connections AS " ALONE CONNECTION_COLUMNS OF_ALONE("connection"),
	"CREATE VIEW message_parts AS " ALONE PART_COLUMNS OF_ALONE("datagram_part"),
	NULL
};
