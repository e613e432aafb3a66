/* SPDX-License-Identifier: BSD-2-Clause */
/* summary: what was found beside messages. */
#include <stdio.h>
#include <string.h>

#include "cli/view/summary.h"

uint64_t cl_summary_fact(struct cl_session *s, const char *name)
{
	struct cl_query *q = cl_query_new(s->store, "SELECT coalesce(sum(n), 0) FROM fact WHERE name = ?1");

	cl_query_bind_text(q, 1, name);
	uint64_t n = cl_query_row(q) ? (uint64_t)cl_summary_count(cl_query_i64(q, 0)) : 0;
	cl_query_free(q);
	return n;
}

/* A fact by its object and key in the JSON form; label: of its line in tables, NULL if there is none. */
struct fact_line {
	const char *object, *key, *fact, *label;
};

static const struct fact_line fragment_lines[] = {
	{ "fragments", "packets", "fragment_packets", "IP fragments" },
	{ "fragments", "datagrams", "fragment_datagrams", "  of datagrams" },
	{ "fragments", "reassembled", "fragment_reassembled", "  put together" },
	{ "fragments", "incomplete", "fragment_incomplete", "  not whole" },
	{ "fragments", "evicted", "fragment_evicted", NULL },
};

static const struct fact_line connection_lines[] = {
	{ "connections", "nts_ke", "nts_ke_connections", "NTS key establishment" },
	{ "connections", "dot", "dot_connections", "DNS over TLS" },
	{ "connections", "doh", "doh_connections", "DNS over HTTPS" },
	{ "connections", "doq", "doq_connections", "DNS over QUIC" },
};

static const struct fact_line tcp_lines[] = {
	{ "tcp", "holes", "tcp_holes", NULL },
	{ "tcp", "given_up", "tcp_given_up", NULL },
	{ "tcp", "evicted", "tcp_evicted", NULL },
};

static const struct fact_line loss_lines[] = {
	{ "tcp", "holes", "tcp_holes", "holes in DNS over TCP that were not filled" },
	{ "tcp", "given_up", "tcp_given_up", "segments of DNS over TCP that found no room" },
	{ "tcp", "evicted", "tcp_evicted", "TCP connections forgotten for want of room" },
	{ "fragments", "evicted", "fragment_evicted", "fragmented datagrams given up for want of room" },
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static struct cl_query *tunnels_of(struct cl_session *s)
{
	return cl_query_new(s->store, "SELECT substr(name, 8) AS kind, sum(n) AS total FROM fact WHERE name "
				      "GLOB 'tunnel_*' GROUP BY name HAVING total > 0 ORDER BY total DESC, "
				      "kind");
}

static struct cl_query *anomalies_of(struct cl_session *s)
{
	return cl_query_new(s->store, "SELECT name, sum(n) AS total FROM anomaly GROUP BY name HAVING "
				      "total > 0 ORDER BY total DESC, name");
}

/* JSON ------------------------------------------------------------------------ */

static void json_facts(struct cl_session *s, struct cl_json *j, const struct fact_line *lines, size_t n)
{
	cl_json_object(j, lines[0].object);
	for (size_t i = 0; i < n; i++)
		cl_json_u64(j, lines[i].key, cl_summary_fact(s, lines[i].fact));
	cl_json_end(j);
}

static void json_tunnels(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = tunnels_of(s);

	cl_json_object(j, "tunnels");
	cl_json_object(j, "6in4");
	cl_json_u64(j, "packets", cl_summary_fact(s, "tunnel_6in4"));
	cl_json_end(j);
	while (cl_query_row(q)) {
		if (strcmp(cl_query_word(q, 0), "6in4") == 0)
			continue;
		cl_json_object(j, cl_query_word(q, 0));
		cl_json_u64(j, "packets", cl_query_u64(q, 1));
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

static void json_anomalies(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = anomalies_of(s);

	cl_json_object(j, "anomalies");
	while (cl_query_row(q))
		cl_json_u64(j, cl_query_word(q, 0), cl_query_u64(q, 1));
	cl_json_end(j);
	cl_query_free(q);
}

void cl_summary_facts_json(struct cl_session *s, struct cl_json *j)
{
	json_tunnels(s, j);
	json_facts(s, j, fragment_lines, COUNT_OF(fragment_lines));
	json_facts(s, j, connection_lines, COUNT_OF(connection_lines));
	json_facts(s, j, tcp_lines, COUNT_OF(tcp_lines));
	json_anomalies(s, j);
}

/* Tables ---------------------------------------------------------------------- */

/* A list that begins with its first line: none without. */
struct late_list {
	struct cl_tables *tables;
	const char *title;
	bool begun;
};

static void add(struct late_list *list, const char *label, const char *object, const char *key, uint64_t n)
{
	char path[96];

	if (!list->begun)
		cl_list_begin(list->tables, list->title);
	list->begun = true;
	snprintf(path, sizeof path, "%s.%s", object, key);
	cl_list_count(list->tables, label, path, n);
}

static void end(struct late_list *list)
{
	if (list->begun)
		cl_list_end(list->tables);
}

static void table_beneath(struct cl_session *s, struct cl_tables *t)
{
	struct late_list list = { .tables = t, .title = "Tunnels and fragments" };
	struct cl_query *q = tunnels_of(s);
	char label[64], object[64];

	while (cl_query_row(q)) {
		snprintf(label, sizeof label, "tunnelled: %s", cl_query_word(q, 0));
		snprintf(object, sizeof object, "tunnels.%s", cl_query_word(q, 0));
		add(&list, label, object, "packets", cl_query_u64(q, 1));
	}
	cl_query_free(q);
	if (cl_summary_fact(s, fragment_lines[0].fact) > 0)
		for (size_t i = 0; i < COUNT_OF(fragment_lines); i++)
			if (fragment_lines[i].label != NULL)
				add(&list, fragment_lines[i].label, fragment_lines[i].object,
				    fragment_lines[i].key, cl_summary_fact(s, fragment_lines[i].fact));
	end(&list);
}

static bool table_facts(struct cl_session *s, struct cl_tables *t, const char *title,
			const struct fact_line *lines, size_t n)
{
	struct late_list list = { .tables = t, .title = title };

	for (size_t i = 0; i < n; i++) {
		uint64_t count = cl_summary_fact(s, lines[i].fact);

		if (count > 0)
			add(&list, lines[i].label, lines[i].object, lines[i].key, count);
	}
	end(&list);
	return list.begun;
}

static void table_anomalies(struct cl_session *s, struct cl_tables *t)
{
	struct late_list list = { .tables = t, .title = "Anomalies" };
	struct cl_query *q = anomalies_of(s);

	while (cl_query_row(q))
		add(&list, cl_query_word(q, 0), "anomalies", cl_query_word(q, 0), cl_query_u64(q, 1));
	cl_query_free(q);
	end(&list);
	if (list.begun)
		cl_tables_note(
			t,
			"Those that counting meets; 'clientele dissect' also names those inside messages.");
}

void cl_summary_facts_tables(struct cl_session *s, struct cl_tables *t)
{
	table_beneath(s, t);
	table_facts(s, t, "Encrypted connections", connection_lines, COUNT_OF(connection_lines));
	if (table_facts(s, t, "Given up", loss_lines, COUNT_OF(loss_lines)))
		cl_tables_note(t, "Counts of messages may be too low by what these carried.");
	table_anomalies(s, t);
}
