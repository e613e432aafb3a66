/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts in plain SQL, for views that the sqlite3 shell shows. */
#ifndef CL_STATS_SCHEMA_TEXT_H
#define CL_STATS_SCHEMA_TEXT_H

/* Text of an address in plain SQL (RFC 5952): hexadecimal groups without leading zeros, the longest run of
 * zero groups cut out, the first of equals; for IPv4 the four numbers. */
#define CL_SQL_HEX(column, at)	   "(instr('123456789ABCDEF', substr(hex(" column "), " at ", 1)))"
#define CL_SQL_OCTET(column, a, b) "(" CL_SQL_HEX(column, a) " * 16 + " CL_SQL_HEX(column, b) ")"
#define CL_SQL_GROUP(column, at)                                                                             \
	"coalesce(nullif(ltrim(lower(substr(hex(" column "), " at ", 4)), '0'), ''), '0')"
#define CL_SQL_CUT(text, run, length)                                                                        \
	" WHEN instr(" text ", '" run "') > 0 THEN trim(substr(" text ", 1, instr(" text ", '" run           \
	"') - 1), ':') || "                                                                                  \
	"'::' || trim(substr(" text ", instr(" text ", '" run "') + " length "), ':')"
#define CL_SQL_ADDR(column)                                                                                                                            \
	"CASE length(" column ") WHEN 4 THEN " CL_SQL_OCTET(column, "1", "2") " || '.' || " CL_SQL_OCTET(column, "3", "4") " || '.' || " CL_SQL_OCTET( \
		column, "5",                                                                                                                           \
		"6") " || '.' || " CL_SQL_OCTET(column, "7",                                                                                           \
						"8") " ELSE (SELECT CASE" CL_SQL_CUT("g",                                                              \
										     ":0:0:0:0:0:0:0:0:",                                              \
										     "17") CL_SQL_CUT("g",                                             \
												      ":0:"                                            \
												      "0:0:"                                           \
												      "0:0:"                                           \
												      "0:"                                             \
												      "0:",                                            \
												      "15") CL_SQL_CUT("g",                            \
														       ":0:0:0:0:0:0:",                \
														       "13")                           \
		CL_SQL_CUT("g", ":0:0:0:0:0:", "11") CL_SQL_CUT("g", ":0:0:0:0:", "9") CL_SQL_CUT("g", ":0:0:0:", "7") CL_SQL_CUT(                     \
			"g", ":0:0:",                                                                                                                  \
			"5") " ELSE trim(g, ':') END FROM (SELECT ':' "                                                                                \
			     "|| " CL_SQL_GROUP(                                                                                                       \
				     column,                                                                                                           \
				     "1") " || ':' "                                                                                                   \
					  "|| " CL_SQL_GROUP(column, "5") " || ':' || " CL_SQL_GROUP(column, "9") " || ':' || " CL_SQL_GROUP(          \
						  column,                                                                                              \
						  "13") " || ':' || " CL_SQL_GROUP(column,                                                             \
										   "17") " || "                                                        \
											 "':' "                                                        \
											 "||"                                                          \
											 " " CL_SQL_GROUP(column, "21") " || ':' || " CL_SQL_GROUP(    \
												 column,                                               \
												 "25") " ||"                                           \
												       " ':"                                           \
												       "' "                                            \
												       "||"                                            \
												       " " CL_SQL_GROUP(                               \
													       column,                                 \
													       "29") " || ':' AS g)) END"

/* Time in nanoseconds since 1970 as RFC 3339 with nanoseconds; rounded down before 1970 too. */
#define CL_SQL_BELOW_S(ns) "((" ns " % 1000000000 + 1000000000) % 1000000000)"
#define CL_SQL_TIME(ns)                                                                                      \
	"(strftime('%Y-%m-%dT%H:%M:%S', (" ns                                                                \
	" - " CL_SQL_BELOW_S(ns) ") / 1000000000, 'unixepoch') || printf('.%09dZ', " CL_SQL_BELOW_S(ns) "))"

#endif
