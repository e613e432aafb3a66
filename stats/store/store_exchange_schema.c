/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of exchanges: columns from the members of events and notes. */
#include <stddef.h>

#include "stats/store/schema.h"
#include "stats/store/store_exchange.h"

/* A member's type as a column's. */
#define TYPE_OF(type)                                                                                        \
	_Generic(*(type *)0, struct cl_addr                                                                  \
		 : CL_COLUMN_ADDR, int64_t                                                                   \
		 : CL_COLUMN_64, uint64_t                                                                    \
		 : CL_COLUMN_64, uint32_t                                                                    \
		 : CL_COLUMN_U32, uint16_t                                                                   \
		 : CL_COLUMN_U16, uint8_t                                                                    \
		 : CL_COLUMN_U8, int8_t                                                                      \
		 : CL_COLUMN_I8)

const struct cl_column cl_event_columns[] = {
#define X(group, type, member, column, doc)                                                                  \
	{ #column, offsetof(struct cl_event, member), CL_GROUP_##group, TYPE_OF(type) },
#include "stats/store/event.def"
#undef X
};
const size_t cl_event_column_count = sizeof cl_event_columns / sizeof *cl_event_columns;

const struct cl_column cl_note_columns[] = {
#define X(group, type, name, doc) { #name, offsetof(struct cl_note, name), CL_GROUP_##group, TYPE_OF(type) },
#include "dissect/note.def"
#undef X
};
const size_t cl_note_column_count = sizeof cl_note_columns / sizeof *cl_note_columns;

/* A member that is in no column is forgotten: what the columns hold fills the structs but for padding. */
#define SIZE(type) +sizeof(type)
#define NONE(type)
enum {
#define IN_EVENT			    SIZE
#define IN_EVENT_NTP			    NONE
#define IN_EVENT_DNS			    NONE
#define IN_EVENT_ICMP			    NONE
#define X(group, type, member, column, doc) IN_##group(type)
	event_octets = 0
#include "stats/store/event.def"
	,
#undef IN_EVENT
#undef IN_EVENT_NTP
#define IN_EVENT     NONE
#define IN_EVENT_NTP SIZE
	ntp_octets = 0
#include "stats/store/event.def"
	,
#undef IN_EVENT_NTP
#undef IN_EVENT_DNS
#define IN_EVENT_NTP NONE
#define IN_EVENT_DNS SIZE
	dns_octets = 0
#include "stats/store/event.def"
	,
#undef IN_EVENT_DNS
#undef IN_EVENT_ICMP
#define IN_EVENT_DNS  NONE
#define IN_EVENT_ICMP SIZE
	icmp_octets = 0
#include "stats/store/event.def"
#undef X
};
/* Members for counting alone, which notes have too. */
#define NTP_LEAN	    (sizeof(uint8_t) + sizeof(uint16_t) + 3 * sizeof(uint32_t))
#define DNS_LEAN	    (3 * sizeof(uint16_t) + 2 * sizeof(uint8_t))
#define FILLS(octets, size) ((octets) <= (size) && (size) - (octets) < 8)
_Static_assert(event_octets + 1 == offsetof(struct cl_event, u), "all but `reserved` has a column");
_Static_assert(FILLS(ntp_octets + NTP_LEAN, sizeof(struct cl_ntp)), "each member has a column");
_Static_assert(FILLS(dns_octets + DNS_LEAN, sizeof(struct cl_dns)), "each member has a column");
_Static_assert(FILLS(icmp_octets, sizeof(struct cl_icmp)), "each member has a column");

const struct cl_piece_column cl_piece_columns[CL_PIECES] = {
	[CL_PIECE_QNAME] = { "qname", CL_GROUP_DNS },	   [CL_PIECE_COOKIE] = { "cookie", CL_GROUP_DNS },
	[CL_PIECE_NSID] = { "nsid", CL_GROUP_DNS },	   [CL_PIECE_EDE] = { "ede_text", CL_GROUP_DNS },
	[CL_PIECE_CONTROL] = { "data", CL_GROUP_CONTROL }, [CL_PIECE_UID] = { "uid", CL_GROUP_NTP },
	[CL_PIECE_QUOTE] = { "quote", CL_GROUP_ICMP },	   [CL_PIECE_SNI] = { "sni", CL_GROUP_CONN },
	[CL_PIECE_ALPN] = { "alpn", CL_GROUP_CONN },
};

#define ALL_HAVE (1u << CL_GROUP_EVENT | 1u << CL_GROUP_ANY)
#define NTP_HAS	 (ALL_HAVE | 1u << CL_GROUP_EVENT_NTP | 1u << CL_GROUP_NTP)
#define DNS_HAS	 (ALL_HAVE | 1u << CL_GROUP_EVENT_DNS | 1u << CL_GROUP_DNS)
#define ICMP_HAS (ALL_HAVE | 1u << CL_GROUP_EVENT_ICMP | 1u << CL_GROUP_ICMP)

const struct cl_exchange_table cl_exchange_tables[CL_X_KINDS] = {
	[CL_X_NTP] = { "ntp_exchange", NTP_HAS, true, false },
	[CL_X_DNS] = { "dns_exchange", DNS_HAS, true, true },
	[CL_X_CONTROL] = { "ntp_control", NTP_HAS | 1u << CL_GROUP_CONTROL, false, false },
	[CL_X_ICMP] = { "icmp_error", ICMP_HAS, false, false },
	[CL_X_CONN] = { "connection", ALL_HAVE | 1u << CL_GROUP_CONN, false, false },
	[CL_X_PART] = { "datagram_part", ALL_HAVE | 1u << CL_GROUP_EVENT_DNS, false, false },
};

/* Columns --------------------------------------------------------------------- */

static void put_columns(sqlite3_str *text, enum cl_exchange_kind kind, const char *prefix,
			const struct cl_column *column, size_t n, bool types)
{
	for (size_t i = 0; i < n; i++)
		if (cl_exchange_has(kind, column[i].group))
			sqlite3_str_appendf(text, ", %s%s%s", prefix, column[i].name,
					    !types			       ? ""
					    : column[i].type == CL_COLUMN_ADDR ? " BLOB"
									       : " INTEGER");
}

static void put_message(sqlite3_str *text, enum cl_exchange_kind kind, const char *prefix, bool types)
{
	put_columns(text, kind, prefix, cl_event_columns, cl_event_column_count, types);
	put_columns(text, kind, prefix, cl_note_columns, cl_note_column_count, types);
	sqlite3_str_appendf(text, ", %sfield_list%s", prefix, types ? " BLOB" : "");
	for (unsigned i = 0; i < CL_PIECES; i++)
		if (cl_exchange_has(kind, cl_piece_columns[i].group))
			sqlite3_str_appendf(text, ", %s%s%s", prefix, cl_piece_columns[i].name,
					    types ? " BLOB" : "");
}

char *cl_exchange_column_list(enum cl_exchange_kind kind, bool types)
{
	const struct cl_exchange_table *t = &cl_exchange_tables[kind];
	sqlite3_str *text = sqlite3_str_new(NULL);

	sqlite3_str_appendall(text, types ? "exchange_id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL "
					    "REFERENCES source, number INTEGER NOT NULL"
					  : "exchange_id, source_id, number");
	if (t->pair)
		sqlite3_str_appendall(text,
				      types ? ", fortune INTEGER NOT NULL, interleaved INTEGER NOT NULL, "
					      "guessed INTEGER NOT NULL, delta_ns INTEGER NOT NULL, "
					      "delta_first_ns INTEGER NOT NULL"
					    : ", fortune, interleaved, guessed, delta_ns, delta_first_ns");
	if (t->named)
		sqlite3_str_appendall(text, types ? ", name TEXT" : ", name");
	put_message(text, kind, t->pair ? "q_" : "", types);
	if (t->pair)
		put_message(text, kind, "r_", types);
	return sqlite3_str_finish(text);
}

int cl_exchange_column_number(enum cl_exchange_kind kind)
{
	const struct cl_exchange_table *t = &cl_exchange_tables[kind];
	int n = 1; /* field_list */

	for (size_t i = 0; i < cl_event_column_count; i++)
		n += cl_exchange_has(kind, cl_event_columns[i].group);
	for (size_t i = 0; i < cl_note_column_count; i++)
		n += cl_exchange_has(kind, cl_note_columns[i].group);
	for (unsigned i = 0; i < CL_PIECES; i++)
		n += cl_exchange_has(kind, cl_piece_columns[i].group);
	return 3 + (t->pair ? 5 + 2 * n : n) + t->named;
}

static bool make_table(struct cl_store *s, enum cl_exchange_kind kind)
{
	const struct cl_exchange_table *t = &cl_exchange_tables[kind];
	char *columns = cl_exchange_column_list(kind, true);
	sqlite3_str *text = sqlite3_str_new(NULL);

	sqlite3_str_appendf(text, "CREATE TABLE %s(%s); CREATE INDEX %s_time ON %s(%s)", t->name, columns,
			    t->name, t->name, t->pair ? "coalesce(q_time_ns, r_time_ns)" : "time_ns");
	if (t->pair)
		sqlite3_str_appendf(text,
				    "; CREATE INDEX %s_open ON %s(source_id, number) WHERE fortune = %d",
				    t->name, t->name, CL_FORTUNE_OPEN_AT_END);
	char *sql = sqlite3_str_finish(text);

	if (sql == NULL || columns == NULL)
		cl_store_fail(s, CL_ENOMEM);
	bool ok = s->error[0] == '\0' && cl_store_exec(s, sql);
	sqlite3_free(columns);
	sqlite3_free(sql);
	return ok;
}

bool cl_exchange_schema(struct cl_store *s)
{
	for (unsigned kind = 0; kind < CL_X_KINDS; kind++)
		if (!make_table(s, (enum cl_exchange_kind)kind))
			return false;
	return true;
}
