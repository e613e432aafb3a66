/* SPDX-License-Identifier: BSD-2-Clause */
/* What is to be merged: sources in their new order, and whether the databases fit. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/store/schema_text.h"
#include "stats/store/store_merge_state.h"

static bool refuse(struct cl_merging *m, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse(struct cl_merging *m, const char *path, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(m->result->error, sizeof m->result->error, format, args);
	va_end(args);
	m->result->path = path;
	return false;
}

bool cl_merge_check(struct cl_merging *m, const char *path)
{
	const char *error = cl_store_error(&m->out);

	return error == NULL || refuse(m, path, "%s", error);
}

/* Configuration --------------------------------------------------------------- */

/* Of all databases one value; what a database does not say is empty. */
static const struct {
	const char *key, *option;
} one_of[] = {
	{ "step_s", "--step" },
	{ "windows_s", "--window" },
	{ "timeout_ns", "a --timeout in ns of" },
	{ "pairing", "--pairing" },
	{ "filter", "-f" },
	{ "servers", "--server" },
	{ "dns_ports", "--dns-port" },
	{ "ntp_ports", "--ntp-port" },
	{ "only", "--inner, --outer:" },
};

static char *meta_text(struct cl_store *s, const char *table, const char *key)
{
	char sql[80];

	snprintf(sql, sizeof sql, "SELECT value FROM %s WHERE key = ?1", table);
	struct cl_query *q = cl_query_new(s, sql);
	cl_query_bind_text(q, 1, key);
	const char *value = cl_query_row(q) ? cl_query_text(q, 0) : NULL;
	char *copy = strdup(value != NULL ? value : "");
	cl_query_free(q);
	if (copy == NULL)
		cl_store_fail(s, CL_ENOMEM);
	return copy;
}

static const char *or_none(const char *text)
{
	return text[0] != '\0' ? text : "(none)";
}

/* Whether the input was written as the first one was, whose configuration the output has. */
static bool same_config(struct cl_merging *m, size_t input)
{
	const char *path = m->merge->paths[input];
	bool same = true;

	for (size_t i = 0; same && i < sizeof one_of / sizeof *one_of; i++) {
		char *has = meta_text(&m->out, "input.meta", one_of[i].key),
		     *first = meta_text(&m->out, "temp.config", one_of[i].key);

		if (has != NULL && first != NULL && strcmp(has, first) != 0)
			same = refuse(m, path,
				      "was written with %s %s, and %s with %s: such counts cannot be added",
				      one_of[i].option, or_none(has), m->merge->paths[0], or_none(first));
		free(has);
		free(first);
	}
	return same && cl_merge_check(m, path);
}

/* The first database's, but for what is this one's own. */
static bool take_config(struct cl_merging *m)
{
	return cl_store_exec(&m->out,
			     "INSERT INTO temp.config SELECT key, value FROM input.meta WHERE key NOT IN "
			     "('tool', 'seed', 'keep', 'merged'); INSERT INTO temp.config "
			     "VALUES('tool', '" PACKAGE_STRING "'), ('merged', 'yes')") &&
	       cl_store_exec(&m->out,
			     "INSERT INTO temp.config SELECT key, value FROM input.meta WHERE key IN "
			     "('seed', 'keep')");
}

/* Whether a list with commas has the word, which ends at a comma too. */
static bool lists(const char *list, const char *word, size_t length)
{
	for (const char *at = list; at != NULL; at = strchr(at, ',') == NULL ? NULL : strchr(at, ',') + 1)
		if (strncmp(at, word, length) == 0 && (at[length] == '\0' || at[length] == ','))
			return length > 0;
	return false;
}

/* Leaves in `all` what `more` has too; whether anything was taken out. */
static bool keep_common(char *all, const char *more)
{
	char *to = all;
	bool less = false;

	for (const char *at = all, *next; *at != '\0'; at = next) {
		size_t length = strcspn(at, ",");

		next = at + length + (at[length] == ',');
		if (!lists(more, at, length)) {
			less = true;
			continue;
		}
		if (to > all)
			*to++ = ',';
		memmove(to, at, length);
		to += length;
	}
	*to = '\0';
	return less;
}

/* What all of them keep beside counts. */
static bool unite_keep(struct cl_merging *m, size_t input, char *all, char *more)
{
	bool first =
		strcmp(all, more) != 0 && lists(more, "transactions", 12) && !lists(all, "transactions", 12);
	bool less = keep_common(all, more);

	if (m->result->less == NULL && (first || less))
		m->result->less = m->merge->paths[less ? input : 0];
	struct cl_query *q = cl_query_new(&m->out, "UPDATE temp.config SET value = ?1 WHERE key = 'keep'");
	cl_query_bind_text(q, 1, all);
	cl_query_run(q);
	cl_query_free(q);
	return cl_store_exec(&m->out, "DELETE FROM temp.config WHERE key = 'keep' AND value = ''");
}

/* The smallest of the seeds too, and what any of them keeps by day: the same whichever comes first. */
static bool unite_config(struct cl_merging *m, size_t input)
{
	char *all = meta_text(&m->out, "temp.config", "keep"),
	     *more = meta_text(&m->out, "input.meta", "keep");
	bool ok = all != NULL && more != NULL && unite_keep(m, input, all, more);

	free(all);
	free(more);
	return ok &&
	       cl_store_exec(&m->out,
			     "INSERT OR IGNORE INTO temp.config SELECT key, value FROM input.meta WHERE key "
			     "GLOB 'keep_*'; UPDATE temp.config SET value = min(value, (SELECT value FROM "
			     "input.meta WHERE key = 'seed')) WHERE key = 'seed'");
}

static bool config_of(struct cl_merging *m, size_t input)
{
	return input == 0 ? take_config(m) : same_config(m, input) && unite_config(m, input);
}

/* Sources --------------------------------------------------------------------- */

static bool add_source(struct cl_merging *m, size_t input, struct cl_query *q)
{
	struct cl_merge_source *more = realloc(m->source, (m->count + 1) * sizeof *more);

	if (more == NULL)
		return false;
	m->source = more;
	m->source[m->count++] = (struct cl_merge_source){
		.input = input,
		.id = cl_query_i64(q, 0),
		.sensor = strdup(cl_query_word(q, 1)),
		.empty = cl_query_null(q, 2),
		.first_ns = cl_query_i64(q, 2),
		.last_ns = cl_query_i64(q, 3),
		.identity = strdup(cl_query_word(q, 4)),
		.paths = strdup(cl_query_word(q, 5)),
	};
	const struct cl_merge_source *added = &m->source[m->count - 1];
	return added->sensor != NULL && added->identity != NULL && added->paths != NULL;
}

/* A source is what it was counted from: packets by fate, files by their hashes, up to which instant. */
static bool read_sources(struct cl_merging *m, size_t input)
{
	struct cl_query *q = cl_query_new(
		&m->out,
		"SELECT source_id, sensor, first_ns, last_ns, json_array(sensor, first_ns, last_ns, packets, "
		"bytes, out_of_order, dropped_kernel, dropped_interface, mdns, llmnr, lost_clients, "
		"lost_services, lost_open_requests, lost_gaps, lost_icmp, closed_day, (SELECT "
		"json_group_array(json_array(fate, reason, packets)) FROM (SELECT * FROM input.ledger WHERE "
		"ledger.source_id = source.source_id ORDER BY fate, reason)), (SELECT "
		"json_group_array(coalesce(hex(hash), '')) FROM (SELECT hash FROM input.file WHERE "
		"file.source_id = source.source_id ORDER BY file_id)), (SELECT "
		"json_group_array(json_array(version, until_ns)) FROM (SELECT * FROM input.schema_change AS "
		"c "
		"WHERE c.source_id = source.source_id ORDER BY version))), (SELECT json_group_array(path) "
		"FROM "
		"(SELECT path FROM input.file WHERE file.source_id = source.source_id ORDER BY file_id)) "
		"FROM "
		"input.source ORDER BY source_id");
	bool ok = true;

	while (ok && cl_query_row(q))
		ok = add_source(m, input, q);
	cl_query_free(q);
	if (!ok)
		cl_store_fail(&m->out, CL_ENOMEM);
	return cl_merge_check(m, m->merge->paths[input]);
}

static int compare_i64(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* By sensor and time; equal ones in an order that the inputs' does not change. */
static int by_place(const void *a, const void *b)
{
	const struct cl_merge_source *x = a, *y = b;
	int c = strcmp(x->sensor, y->sensor);

	c = c != 0 ? c : (int)y->empty - (int)x->empty;
	c = c != 0 ? c : compare_i64(x->first_ns, y->first_ns);
	c = c != 0 ? c : compare_i64(x->last_ns, y->last_ns);
	c = c != 0 ? c : strcmp(x->identity, y->identity);
	c = c != 0 ? c : strcmp(x->paths, y->paths);
	return c != 0 ? c : (x->input > y->input) - (x->input < y->input);
}

static void free_source(struct cl_merge_source *s)
{
	free(s->sensor);
	free(s->identity);
	free(s->paths);
}

static bool overlap(struct cl_merging *m, const struct cl_merge_source *a, const struct cl_merge_source *b)
{
	struct cl_query *q = cl_query_new(&m->out, "SELECT " CL_SQL_TIME("?1") ", " CL_SQL_TIME("?2"));

	cl_query_bind_i64(q, 1, b->first_ns);
	cl_query_bind_i64(q, 2, a->last_ns);
	if (cl_query_row(q))
		(void)refuse(
			m, m->merge->paths[b->input],
			"sensor %s begins at %s, before it ends in %s, at %s: what one sensor captured is "
			"merged once; read --sensor names them apart",
			b->sensor, cl_query_text(q, 0), m->merge->paths[a->input], cl_query_text(q, 1));
	cl_query_free(q);
	return false;
}

/* Sources that are there twice fall out; such as overlap are refused. */
static bool sort_out(struct cl_merging *m)
{
	size_t kept = 0;

	if (m->count > 1)
		qsort(m->source, m->count, sizeof *m->source, by_place);
	for (size_t i = 0; i < m->count; i++) {
		struct cl_merge_source *s = &m->source[i], *before = kept > 0 ? &m->source[kept - 1] : NULL;
		bool follows = before != NULL && strcmp(before->sensor, s->sensor) == 0;

		if (follows && strcmp(before->identity, s->identity) == 0) {
			m->result->repeated++;
			free_source(s);
			*s = (struct cl_merge_source){ .input = 0 };
			continue;
		}
		if (follows && !before->empty && s->first_ns < before->last_ns)
			return overlap(m, before, s);
		m->result->sensors += !follows;
		m->source[kept] = *s;
		if (kept++ != i)
			*s = (struct cl_merge_source){ .input = 0 };
	}
	m->result->sources = m->count = kept;
	return true;
}

/* Names of all inputs, which get their numbers when all are known. */
static bool read_names(struct cl_merging *m, size_t input)
{
	(void)cl_store_exec(&m->out,
			    "INSERT OR IGNORE INTO temp.all_service SELECT proto, kind, "
			    "coalesce(length(addr), 0), coalesce(addr, x''), address FROM input.service; "
			    "INSERT OR IGNORE INTO temp.all_software SELECT name, kind FROM input.software");
	return cl_merge_check(m, m->merge->paths[input]);
}

/* In one transaction, however many inputs there were: the file is the same to the octet. */
static bool write_plan(struct cl_merging *m)
{
	static const char *const texts[] = {
		"BEGIN",
		"INSERT INTO main.service SELECT NULL, proto, kind, address, CASE WHEN octets > 0 THEN addr "
		"END "
		"FROM temp.all_service ORDER BY proto, kind, octets, addr",
		"INSERT INTO main.software SELECT NULL, name, kind FROM temp.all_software ORDER BY name, "
		"kind",
		"INSERT INTO main.meta SELECT * FROM temp.config ORDER BY key",
		"COMMIT",
		NULL,
	};

	return cl_store_exec_all(&m->out, texts) || cl_merge_check(m, m->merge->out);
}

bool cl_merge_plan(struct cl_merging *m)
{
	bool ok = cl_store_exec(&m->out,
				"CREATE TEMP TABLE all_service(proto, kind, octets, addr, address, "
				"PRIMARY KEY(proto, kind, octets, addr)) WITHOUT ROWID; CREATE TEMP "
				"TABLE all_software(name, kind, PRIMARY KEY(name, kind)) WITHOUT ROWID; "
				"CREATE TEMP TABLE config(key PRIMARY KEY, value)");

	for (size_t i = 0; ok && i < m->merge->count; i++)
		ok = cl_merge_attach(m, i) && config_of(m, i) && read_sources(m, i) && read_names(m, i) &&
		     cl_merge_detach(m);
	ok = ok && sort_out(m) && write_plan(m);
	char *keep = ok ? meta_text(&m->out, "temp.config", "keep") : NULL;
	m->exchanges = keep != NULL && lists(keep, "transactions", strlen("transactions"));
	free(keep);
	return ok;
}

void cl_merge_plan_free(struct cl_merging *m)
{
	for (size_t i = 0; i < m->count; i++)
		free_source(&m->source[i]);
	free(m->source);
}
