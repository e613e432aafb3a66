/* SPDX-License-Identifier: BSD-2-Clause */
/* Several databases into one: source after source, table after table. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stats/store/schema.h"
#include "stats/store/store_exchange.h"
#include "stats/store/store_merge_state.h"

const struct cl_merge_table cl_merge_tables[] = {
	{ "meta", CL_MERGE_PLAN },
	{ "source", CL_MERGE_PLAN },
	{ "file", CL_MERGE_PLAN },
	{ "service", CL_MERGE_PLAN },
	{ "software", CL_MERGE_PLAN },
	{ "schema_change", CL_MERGE_COPY },
	{ "capture_interval", CL_MERGE_COPY },
	{ "capture_stretch", CL_MERGE_COPY },
	{ "ledger", CL_MERGE_COPY },
	{ "fact", CL_MERGE_COPY },
	{ "anomaly", CL_MERGE_COPY },
	{ "open_at_end", CL_MERGE_COPY },
	{ "worst", CL_MERGE_LEFT },
	{ "icmp_day", CL_MERGE_COPY },
	{ "icmp_address_day", CL_MERGE_COPY },
	{ "icmp_step", CL_MERGE_COPY },
	{ "server_event", CL_MERGE_COPY },
	{ "server_event_day", CL_MERGE_COPY },
	{ "zone_serial", CL_MERGE_COPY },
	{ "zone_watch", CL_MERGE_COPY },
	{ "tunnel_day", CL_MERGE_COPY },
	{ "tunnel_way_day", CL_MERGE_COPY },
	{ "tunnel_prefix_day", CL_MERGE_COPY },
	{ "tunnel_protocol_day", CL_MERGE_COPY },
	{ "tunnel_error_day", CL_MERGE_COPY },
	{ "day", CL_MERGE_COPY },
	{ "day_code", CL_MERGE_COPY },
	{ "day_size", CL_MERGE_COPY },
	{ "day_qtype_rcode", CL_MERGE_COPY },
	{ "client_software_day", CL_MERGE_COPY },
	{ "name_day", CL_MERGE_COPY },
	{ "day_delta", CL_MERGE_COPY },
	{ "day_delta_bucket", CL_MERGE_COPY },
	{ "step", CL_MERGE_COPY },
	{ "step_clients", CL_MERGE_COPY },
	{ "client_sketch", CL_MERGE_COPY },
	{ "client_day", CL_MERGE_CLIENTS },
	{ "client_month", CL_MERGE_CLIENTS },
	{ "client_count", CL_MERGE_COPY },
	{ "approximation", CL_MERGE_COPY },
	{ "ntp_exchange", CL_MERGE_EXCHANGE },
	{ "dns_exchange", CL_MERGE_EXCHANGE },
	{ "ntp_control", CL_MERGE_EXCHANGE },
	{ "icmp_error", CL_MERGE_EXCHANGE },
	{ "connection", CL_MERGE_EXCHANGE },
	{ "datagram_part", CL_MERGE_EXCHANGE },
	{ "client_count_all", CL_MERGE_MADE },
	{ "state", CL_MERGE_LEFT },
	{ "state_service", CL_MERGE_LEFT },
	{ "state_step", CL_MERGE_LEFT },
	{ "state_tunnel_echo", CL_MERGE_LEFT },
	{ NULL, CL_MERGE_LEFT },
};

/* Inputs ---------------------------------------------------------------------- */

/* A path as SQLite's URI of a file that is only read. To be freed with sqlite3_free; NULL: no memory. */
static char *uri_of(const char *path)
{
	sqlite3_str *uri = sqlite3_str_new(NULL);

	sqlite3_str_appendall(uri, path[0] == '/' ? "file://" : "file:");
	for (const char *p = path; *p != '\0'; p++)
		if (strchr("%?#", *p) != NULL)
			sqlite3_str_appendf(uri, "%%%02x", (unsigned)(unsigned char)*p);
		else
			sqlite3_str_appendchar(uri, 1, *p);
	sqlite3_str_appendall(uri, "?mode=ro");
	return sqlite3_str_finish(uri);
}

bool cl_merge_attach(struct cl_merging *m, size_t input)
{
	const char *converted = m->converted[input];
	char *uri = uri_of(converted != NULL ? converted : m->merge->paths[input]);
	struct cl_query *q = cl_query_new(&m->out, "ATTACH ?1 AS input");

	cl_query_bind_text(q, 1, uri != NULL ? uri : "");
	cl_query_run(q);
	cl_query_free(q);
	sqlite3_free(uri);
	(void)cl_store_exec(&m->out, "BEGIN");
	return cl_merge_check(m, m->merge->paths[input]);
}

bool cl_merge_detach(struct cl_merging *m)
{
	return (cl_store_exec(&m->out, "COMMIT") && cl_store_exec(&m->out, "DETACH input")) ||
	       cl_merge_check(m, m->merge->out);
}

/* Sources --------------------------------------------------------------------- */

/* Software is numbered anew, in the order of sources and names. */
static bool number_software(struct cl_merging *m, const struct cl_merge_source *from)
{
	struct cl_query *q = cl_query_new(
		&m->out, "INSERT OR IGNORE INTO main.software(name, kind) SELECT name, kind FROM "
			 "input.software WHERE software_id IN (SELECT software_id FROM "
			 "input.client_software_day WHERE source_id = ?2) ORDER BY name, kind");

	cl_query_bind_i64(q, 2, from->id);
	cl_query_run(q);
	cl_query_free(q);
	return cl_store_error(&m->out) == NULL;
}

/* Numbers that the input's services, and the source's files, have in the output. */
static bool number_source(struct cl_merging *m, const struct cl_merge_source *from)
{
	static const char *const texts[] = {
		"DELETE FROM temp.service_of",
		"DELETE FROM temp.software_of",
		"DELETE FROM temp.file_of",
		"INSERT INTO temp.service_of SELECT i.service_id, s.service_id FROM input.service AS i JOIN "
		"main.service AS s ON s.proto = i.proto AND s.kind = i.kind AND s.addr IS i.addr",
		"INSERT INTO temp.software_of SELECT i.software_id, s.software_id FROM input.software AS i "
		"JOIN "
		"main.software AS s USING(name, kind)",
		NULL,
	};
	struct cl_query *q;

	if (!cl_store_exec_all(&m->out, texts))
		return false;
	q = cl_query_new(&m->out,
			 "INSERT INTO temp.file_of SELECT file_id, (SELECT coalesce(max(file_id), 0) "
			 "FROM main.file) + row_number() OVER (ORDER BY file_id) FROM input.file WHERE "
			 "source_id = ?2");
	cl_query_bind_i64(q, 2, from->id);
	cl_query_run(q);
	cl_query_free(q);
	return number_software(m, from);
}

/* Tables ---------------------------------------------------------------------- */

/* What a column of the output is made of; ?1 is the source's new number. NULL: the column as it is. */
static const char *value_of(const char *column)
{
	static const struct {
		const char *column, *value;
	} numbers[] = {
		{ "source_id", "?1" },
		{ "exchange_id", "?1 * ?3 + t.number" },
		{ "file_id", "(SELECT new FROM temp.file_of WHERE old = t.file_id)" },
		{ "file", "(SELECT new FROM temp.file_of WHERE old = t.file)" },
		{ "q_file", "(SELECT new FROM temp.file_of WHERE old = t.q_file)" },
		{ "r_file", "(SELECT new FROM temp.file_of WHERE old = t.r_file)" },
		{ "software_id", "(SELECT new FROM temp.software_of WHERE old = t.software_id)" },
		{ "service_id", "s.new" },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(column, numbers[i].column) == 0)
			return numbers[i].value;
	return NULL;
}

/* The statement that copies a table's rows of source ?2. To be freed with sqlite3_free. */
static char *copy_sql(struct cl_merging *m, const char *table, enum cl_merge_how how)
{
	struct cl_query *q = cl_query_new(&m->out, "SELECT name, pk, cid + 1 FROM pragma_table_info(?1)");
	sqlite3_str *into = sqlite3_str_new(NULL), *values = sqlite3_str_new(NULL),
		    *order = sqlite3_str_new(NULL);
	bool services = false;

	cl_query_bind_text(q, 1, table);
	for (const char *comma = ""; cl_query_row(q); comma = ", ") {
		const char *column = cl_query_text(q, 0), *value = value_of(column);

		services |= strcmp(column, "service_id") == 0;
		if (cl_query_i64(q, 1) > 0)
			sqlite3_str_appendf(order, "%s%d", comma, (int)cl_query_i64(q, 2));
		sqlite3_str_appendf(into, "%s\"%w\"", comma, column);
		if (value != NULL)
			sqlite3_str_appendf(values, "%s%s", comma, value);
		else
			sqlite3_str_appendf(values, "%st.\"%w\"", comma, column);
	}
	cl_query_free(q);
	char *columns = sqlite3_str_finish(into), *selected = sqlite3_str_finish(values),
	     *key = sqlite3_str_finish(order);
	char *sql = sqlite3_mprintf(
		how == CL_MERGE_CLIENTS ? "INSERT INTO main.\"%w\"(%s) SELECT %s FROM temp.walk AS w CROSS "
					  "JOIN temp.service_of AS s "
					  "ON s.old = w.service_id CROSS JOIN input.\"%w\" AS t ON "
					  "t.source_id = ?2 AND t.day = w.day "
					  "AND t.service_id = w.service_id"
		: services ? "INSERT INTO main.\"%w\"(%s) SELECT %s FROM input.\"%w\" AS t CROSS JOIN "
			     "temp.service_of AS s ON s.old = t.service_id WHERE t.source_id = ?2 ORDER BY %s"
			   : "INSERT INTO main.\"%w\"(%s) SELECT %s FROM input.\"%w\" AS t WHERE t.source_id "
			     "= ?2",
		table, columns != NULL ? columns : "", selected != NULL ? selected : "", table,
		key != NULL ? key : "1");
	sqlite3_free(columns);
	sqlite3_free(selected);
	sqlite3_free(key);
	if (sql == NULL)
		cl_store_fail(&m->out, CL_ENOMEM);
	return sql;
}

/* Days and services of a table of clients, in the order that the output has them in. */
static bool make_walk(struct cl_merging *m, const char *table, int64_t source)
{
	char *sql =
		sqlite3_mprintf("DELETE FROM temp.walk; INSERT INTO temp.walk SELECT day, service_id FROM "
				"(SELECT DISTINCT day, service_id FROM input.\"%w\" WHERE source_id = %lld) "
				"JOIN temp.service_of ON old = service_id ORDER BY day, new",
				table, (long long)source);

	if (sql == NULL)
		cl_store_fail(&m->out, CL_ENOMEM);
	bool ok = sql != NULL && cl_store_exec(&m->out, sql);
	sqlite3_free(sql);
	return ok;
}

static bool copy_table(struct cl_merging *m, const struct cl_merge_source *from, int64_t to,
		       const struct cl_merge_table *table)
{
	char *sql = copy_sql(m, table->name, table->how);

	if (sql == NULL || (table->how == CL_MERGE_CLIENTS && !make_walk(m, table->name, from->id))) {
		sqlite3_free(sql);
		return false;
	}
	struct cl_query *q = cl_query_new(&m->out, sql);
	cl_query_bind_i64(q, 1, to);
	cl_query_bind_i64(q, 2, from->id);
	cl_query_bind_i64(q, 3, CL_EXCHANGES_PER_SOURCE);
	cl_query_run(q);
	cl_query_free(q);
	sqlite3_free(sql);
	return cl_store_error(&m->out) == NULL;
}

static bool is_copied(const struct cl_merging *m, enum cl_merge_how how)
{
	return how == CL_MERGE_COPY || how == CL_MERGE_CLIENTS || (how == CL_MERGE_EXCHANGE && m->exchanges);
}

/* Whether the source is what it was when it was looked at: a capture that goes on may have written. */
static bool is_unchanged(struct cl_merging *m, const struct cl_merge_source *from)
{
	struct cl_query *q =
		cl_query_new(&m->out, "SELECT 1 FROM input.source WHERE source_id = ?2 AND first_ns "
				      "IS ?3 AND last_ns IS ?4");

	cl_query_bind_i64(q, 2, from->id);
	if (!from->empty) {
		cl_query_bind_i64(q, 3, from->first_ns);
		cl_query_bind_i64(q, 4, from->last_ns);
	}
	bool same = cl_query_row(q);
	cl_query_free(q);
	if (!same && cl_store_error(&m->out) == NULL) {
		m->result->path = m->merge->paths[from->input];
		snprintf(m->result->error, sizeof m->result->error,
			 "was written to while it was merged; merge again");
	}
	return same;
}

/* A database of this schema, from before a release, may lack a table. */
static bool has_table(struct cl_merging *m, const char *table)
{
	struct cl_query *q = cl_query_new(&m->out, "SELECT 1 FROM input.sqlite_master WHERE name = ?2");

	cl_query_bind_text(q, 2, table);
	bool found = cl_query_row(q);
	cl_query_free(q);
	return found;
}

static bool copy_tables(struct cl_merging *m, const struct cl_merge_source *from, int64_t to)
{
	static const struct cl_merge_table first[] = { { "source", CL_MERGE_COPY },
						       { "file", CL_MERGE_COPY } };

	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		if (!copy_table(m, from, to, &first[i]))
			return false;
	for (const struct cl_merge_table *t = cl_merge_tables; t->name != NULL; t++)
		if (is_copied(m, t->how) && has_table(m, t->name) && !copy_table(m, from, to, t))
			return false;
	return cl_store_error(&m->out) == NULL;
}

/* In one transaction: all of it is of one moment. */
static bool copy_source(struct cl_merging *m, size_t number)
{
	const struct cl_merge_source *from = &m->source[number];

	if (!cl_merge_attach(m, from->input) || !is_unchanged(m, from))
		return false;
	if (number_source(m, from) && copy_tables(m, from, (int64_t)number + 1))
		return cl_merge_detach(m);
	return cl_merge_check(m, m->merge->paths[from->input]);
}

static bool copy_sources(struct cl_merging *m)
{
	/* copying is most of the work; then clients are counted */
	const double copying = 0.8;

	for (size_t i = 0; i < m->count; i++) {
		m->done = copying * (double)i / (double)m->count;
		m->share = copying / (double)m->count;
		if (!copy_source(m, i))
			return false;
	}
	m->done = copying;
	m->share = 1 - copying;
	return true;
}

/* The output ------------------------------------------------------------------ */

/* SQLite calls it every so many instructions: not to be woken more often than a line can be drawn. */
#define TICK_INSTRUCTIONS 1000000

static int tick(void *merging)
{
	struct cl_merging *m = merging;

	return m->merge->tick(m->merge->ctx, m->done) ? 0 : 1;
}

/* Not before: a guarded database cannot go without a journal. */
static bool guard_inputs(struct cl_store *s)
{
	cl_store_guard(s->db);
	return true;
}

/* It is written once and renamed when it is whole: no journal. */
static bool open_out(struct cl_merging *m)
{
	struct cl_store *s = &m->out;

	if (sqlite3_open_v2(m->merge->out, &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI |
				    SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		cl_store_fail_sqlite(s);
	else if (m->merge->tick != NULL)
		sqlite3_progress_handler(s->db, TICK_INSTRUCTIONS, tick, m);
	(void)(cl_store_exec(
		       s, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; "
			  "BEGIN") &&
	       cl_store_make_schema(s) && guard_inputs(s) &&
	       cl_store_exec(s, "COMMIT; CREATE TEMP TABLE service_of(old INTEGER PRIMARY KEY, new INTEGER); "
				"CREATE TEMP TABLE software_of(old INTEGER PRIMARY KEY, new INTEGER); CREATE "
				"TEMP TABLE file_of(old INTEGER PRIMARY KEY, new INTEGER); CREATE TEMP TABLE "
				"walk(day INTEGER, service_id INTEGER)"));
	return cl_merge_check(m, m->merge->out);
}

/* On the disk before it takes a name that somebody trusts. */
static bool keep_out(struct cl_merging *m)
{
	int fd = open(m->merge->out, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	if (!ok) {
		snprintf(m->result->error, sizeof m->result->error, "cannot be written to the disk");
		m->result->path = m->merge->out;
	}
	return ok;
}

bool cl_merge(const struct cl_merge *merge, struct cl_merge_result *r)
{
	char *path = strdup(merge->out);
	struct cl_merging m = { .merge = merge, .result = r, .out = { .path = path } };

	*r = (struct cl_merge_result){ .sources = 0 };
	if (path == NULL)
		cl_store_fail(&m.out, CL_ENOMEM);
	bool ok = open_out(&m) && cl_merge_convert(&m) && cl_merge_plan(&m) && copy_sources(&m) &&
		  cl_merge_counts(&m);
	ok = ok && cl_merge_check(&m, merge->out);
	ok = sqlite3_close(m.out.db) == SQLITE_OK && ok && keep_out(&m);
	if (!ok)
		(void)unlink(merge->out);
	cl_merge_plan_free(&m);
	cl_merge_convert_end(&m);
	free(path);
	return ok;
}
