/* SPDX-License-Identifier: BSD-2-Clause */
/* What a view was drawn from: files, times and the ledger of their packets. */
#include <stdio.h>
#include <string.h>

#include "cli/view/missed.h"
#include "cli/view/view.h"
#include "cli/write/text.h"

static void json_files(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = cl_query_new(
		s->store, "SELECT path, packets, bytes, first_ns, last_ns, damaged, error FROM file "
			  "ORDER BY file_id");

	cl_json_array(j, "files");
	while (cl_query_row(q)) {
		cl_json_object(j, NULL);
		cl_json_str(j, "path", cl_query_text(q, 0));
		cl_json_u64(j, "packets", cl_query_u64(q, 1));
		cl_json_u64(j, "bytes", cl_query_u64(q, 2));
		if (cl_query_null(q, 3)) {
			cl_json_null(j, "first");
			cl_json_null(j, "last");
		} else {
			cl_json_time(j, "first", cl_query_ns(q, 3));
			cl_json_time(j, "last", cl_query_ns(q, 4));
		}
		cl_json_bool(j, "damaged", cl_query_i64(q, 5) != 0);
		cl_json_str(j, "error", cl_query_text(q, 6));
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

/* The sums over all sources. */
static struct cl_query *source_query(struct cl_session *s)
{
	return cl_query_new(
		s->store,
		"SELECT min(first_ns), max(last_ns), sum(packets), sum(bytes), sum(out_of_order), "
		"sum(dropped_kernel), sum(dropped_interface), sum(mdns), sum(llmnr), sum(lost_clients), "
		"sum(lost_services), sum(lost_open_requests), sum(lost_gaps), sum(lost_icmp) FROM source");
}

static uint64_t fate_of(struct cl_session *s, const char *fate)
{
	struct cl_query *q = cl_query_new(s->store, "SELECT sum(packets) FROM ledger WHERE fate = ?1");
	uint64_t n;

	cl_query_bind_text(q, 1, fate);
	n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;
	cl_query_free(q);
	return n;
}

static struct cl_query *undecoded_query(struct cl_session *s)
{
	return cl_query_new(
		s->store,
		"SELECT reason, sum(packets) AS n FROM ledger WHERE fate = 'undecoded' GROUP BY reason "
		"HAVING n > 0 ORDER BY n DESC, reason");
}

static void json_undecoded(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = undecoded_query(s);

	cl_json_array(j, "undecoded");
	while (cl_query_row(q)) {
		cl_json_object(j, NULL);
		cl_json_str(j, "reason", cl_query_text(q, 0));
		cl_json_u64(j, "packets", cl_query_u64(q, 1));
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

static void json_apart(struct cl_session *s, struct cl_query *q, struct cl_json *j)
{
	cl_missed_json(s, j);
	cl_json_object(j, "apart");
	cl_json_u64(j, "mdns", cl_query_u64(q, 7));
	cl_json_u64(j, "llmnr", cl_query_u64(q, 8));
	cl_json_end(j);
	cl_json_object(j, "lost");
	cl_json_u64(j, "clients", cl_query_u64(q, 9));
	cl_json_u64(j, "servers", cl_query_u64(q, 10));
	cl_json_u64(j, "open_requests", cl_query_u64(q, 11));
	cl_json_u64(j, "gaps", cl_query_u64(q, 12));
	cl_json_u64(j, "icmp", cl_query_u64(q, 13));
	cl_json_end(j);
}

void cl_input_json(struct cl_session *s, struct cl_json *j)
{
	static const char *const fates[] = { "malformed", "truncated", "incomplete" };
	struct cl_query *q = source_query(s);

	cl_json_object(j, "input");
	json_files(s, j);
	if (cl_query_row(q)) {
		cl_json_u64(j, "packets", cl_query_u64(q, 2));
		cl_json_u64(j, "bytes", cl_query_u64(q, 3));
		if (cl_query_null(q, 0)) {
			cl_json_null(j, "first");
			cl_json_null(j, "last");
		} else {
			cl_json_time(j, "first", cl_query_ns(q, 0));
			cl_json_time(j, "last", cl_query_ns(q, 1));
		}
		cl_json_u64(j, "counted", fate_of(s, "counted"));
		cl_json_u64(j, "other", fate_of(s, "other"));
		cl_json_u64(j, "filtered", fate_of(s, "filtered"));
		json_undecoded(s, j);
		for (unsigned i = 0; i < sizeof fates / sizeof *fates; i++)
			cl_json_u64(j, fates[i], fate_of(s, fates[i]));
		cl_json_u64(j, "out_of_order", cl_query_u64(q, 4));
		json_apart(s, q, j);
	}
	cl_query_free(q);
	cl_json_array(j, "duplicate_files");
	for (size_t i = 0; i < s->duplicate_count; i++)
		cl_json_str(j, NULL, s->duplicates[i]);
	cl_json_end(j);
	cl_json_end(j);
}

/* For people ------------------------------------------------------------------ */

static void table_files(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "File", "path", CL_COL_TEXT },    { "Packets", "packets", CL_COL_COUNT },
		{ "Bytes", "bytes", CL_COL_COUNT }, { "First", "first", CL_COL_TIME },
		{ "Last", "last", CL_COL_TIME },
	};
	struct cl_query *q = cl_query_new(
		s->store, "SELECT path, sum(packets), sum(bytes), min(first_ns) / 1000000000 * "
			  "1000000000, max(last_ns) / 1000000000 * 1000000000 FROM file GROUP BY "
			  "iif(path GLOB 'live:*', path, file_id) ORDER BY min(file_id)");

	cl_table_begin(t, "Input", columns, sizeof columns / sizeof *columns);
	while (cl_query_row(q)) {
		cl_cell_text(t, cl_query_text(q, 0));
		cl_cell_count(t, cl_query_u64(q, 1));
		cl_cell_count(t, cl_query_u64(q, 2));
		if (!cl_query_null(q, 3)) {
			cl_cell_time(t, cl_query_ns(q, 3));
			cl_cell_time(t, cl_query_ns(q, 4));
		}
		cl_table_row_end(t);
	}
	cl_query_free(q);
	cl_table_end(t);
	q = cl_query_new(s->store, "SELECT path, error FROM file WHERE error IS NOT NULL ORDER BY file_id");
	while (cl_query_row(q)) {
		char note[512], safe[CL_TEXT_GROWTH * sizeof note + 1];

		snprintf(note, sizeof note, "%s: %s", cl_query_word(q, 0), cl_query_word(q, 1));
		safe[cl_text_escape(safe, note, strlen(note), NULL)] = '\0';
		cl_tables_note(t, safe);
	}
	cl_query_free(q);
}

static void ledger_line(struct cl_session *s, struct cl_tables *t, const char *fate, const char *label,
			bool always)
{
	uint64_t n = fate_of(s, fate);

	if (always || n > 0)
		cl_list_count(t, label, fate, n);
}

static void table_undecoded(struct cl_session *s, struct cl_tables *t)
{
	struct cl_query *q = undecoded_query(s);
	char label[128];

	while (cl_query_row(q)) {
		snprintf(label, sizeof label, "not decoded: %s", cl_query_word(q, 0));
		cl_list_count(t, label, "undecoded", cl_query_u64(q, 1));
	}
	cl_query_free(q);
}

static void table_losses(struct cl_session *s, struct cl_query *q, struct cl_tables *t)
{
	static const struct {
		const char *label, *key;
		int column;
	} rows[] = {
		{ "out of order (in totals, not in series)", "out_of_order", 4 },
		{ "multicast DNS messages (apart)", "mdns", 7 },
		{ "LLMNR messages (apart)", "llmnr", 8 },
		{ "requests of clients beyond the table's limit", "lost_clients", 9 },
		{ "messages of servers beyond the table's limit", "lost_servers", 10 },
		{ "open requests given up for lack of room", "lost_open_requests", 11 },
		{ "addresses of ICMP errors beyond the table's limit", "lost_icmp", 13 },
	};

	const struct cl_missed_drops dropped = cl_missed_drops(s);

	if (dropped.kernel > 0)
		cl_list_count(t, "dropped by the kernel", "dropped_kernel", dropped.kernel);
	if (dropped.interface > 0)
		cl_list_count(t, "dropped by the interface", "dropped_interface", dropped.interface);
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		if (cl_query_u64(q, rows[i].column) > 0)
			cl_list_count(t, rows[i].label, rows[i].key, cl_query_u64(q, rows[i].column));
}

bool cl_input_tables(struct cl_session *s, struct cl_tables *t)
{
	struct cl_query *q = source_query(s);

	table_files(s, t);
	cl_list_begin(t, "Packets");
	if (cl_query_row(q)) {
		cl_list_count(t, "read", "packets", cl_query_u64(q, 2));
		ledger_line(s, t, "counted", "counted (NTP and DNS)", true);
		ledger_line(s, t, "other", "other traffic", true);
		ledger_line(s, t, "filtered", "filtered", false);
		table_undecoded(s, t);
		ledger_line(s, t, "truncated", "cut by the snapshot length", false);
		ledger_line(s, t, "malformed", "malformed", false);
		ledger_line(s, t, "incomplete", "incomplete", false);
		table_losses(s, q, t);
	}
	cl_list_end(t);
	cl_query_free(q);
	cl_missed_say(s, t);
	if (fate_of(s, "counted") > 0)
		return true;
	cl_tables_say(t, fate_of(s, "filtered") > 0 ? "No NTP or DNS in what the filters let pass."
						    : "No NTP or DNS in this capture.");
	return false;
}
