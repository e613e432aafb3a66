/* SPDX-License-Identifier: BSD-2-Clause */
/* What a resolver asked because it was asked. */
#include <stdio.h>
#include <string.h>

#include "cli/view/view_dns.h"

/* Queries of clients that the table shows. */
#define SHOWN	 50u
#define QUESTION 46u

static const char *const bonds[CL_BONDS] = { [CL_BOND_TIME] = "time",
					     [CL_BOND_CHAIN] = "chain",
					     [CL_BOND_PARENT] = "parent",
					     [CL_BOND_NAME] = "name" };

static const struct cl_dnstx *tx_of(const struct cl_dns_kept *k, uint32_t i)
{
	return cl_dns_tx(&k->list, i);
}

static uint64_t bytes_of(const struct cl_dnstx *t)
{
	return (uint64_t)t->query_bytes + t->response_bytes;
}

/* JSON --------------------------------------------------------------------------- */

static void json_query(struct cl_json *j, const struct cl_dns_kept *k, uint32_t i)
{
	const struct cl_dnstx *t = tx_of(k, i);
	char text[1024], word[CL_DNS_WORD];

	cl_json_u64(j, "number", i + 1u);
	cl_json_time(j, "t", t->time_ns);
	cl_json_str(j, "transport", (t->bits & CL_TX_TCP) != 0 ? "tcp" : "udp");
	cl_addr_format(&t->client, text);
	cl_json_str(j, "client", text);
	cl_addr_format(&t->server, text);
	cl_json_str(j, "server", text);
	cl_json_str(j, "qname", cl_dns_question(k, t, text));
	cl_json_str(j, "qtype", t->name != 0 ? cl_dns_qtype_word(t->qtype, word) : NULL);
	cl_json_str(j, "rcode", cl_dns_answered(t) ? cl_dns_rcode_word(t->rcode, word) : NULL);
	if (cl_dns_has_delta(t))
		cl_json_seconds(j, "delta_s", t->delta_ns);
	else
		cl_json_null(j, "delta_s");
	cl_json_u64(j, "packets", cl_dns_packets(&k->list, t));
	cl_json_u64(j, "bytes", bytes_of(t));
}

static void json_causes(struct cl_json *j, const struct cl_dns_kept *k, const char *key,
			const struct cl_dns_cause *c, size_t n)
{
	cl_json_array(j, key);
	for (size_t i = 0; i < n; i++) {
		cl_json_object(j, NULL);
		json_query(j, k, c[i].tx);
		if (c[i].client != 0) {
			cl_json_str(j, "by", bonds[c[i].bond]);
			cl_json_bool(j, "ambiguous", c[i].ambiguous);
		}
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_cost(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dns_cause *c, size_t n)
{
	struct cl_dns_cost cost = cl_dns_tree_cost(&k->list, c, n);

	cl_json_object(j, "upstream_sum");
	cl_json_u64(j, "queries", cost.queries);
	cl_json_u64(j, "packets", cost.packets);
	cl_json_u64(j, "bytes", cost.bytes);
	cl_json_seconds(j, "delta_s", cost.ns);
	cl_json_end(j);
}

void cl_dns_tree_json(struct cl_session *s, const struct cl_dns_kept *k, struct cl_json *j)
{
	const struct cl_dns_tree *t = &k->tree;
	char text[CL_ADDR_STRLEN];

	(void)s;
	if (t->resolvers == 0) {
		cl_json_null(j, "resolver");
		return;
	}
	cl_json_object(j, "resolver");
	cl_json_array(j, "addresses");
	for (size_t i = 0; i < t->resolvers; i++) {
		cl_addr_format(&t->resolver[i], text);
		cl_json_str(j, NULL, text);
	}
	cl_json_end(j);
	cl_json_u64(j, "ambiguous", t->ambiguous);
	cl_json_u64(j, "crowded", t->crowded);
	cl_json_rows(j, "queries");
	for (size_t i = 0; i < t->clients; i++) {
		size_t n;
		const struct cl_dns_cause *c = cl_dns_tree_of(t, t->client[i], &n);

		cl_json_object(j, NULL);
		json_query(j, k, t->client[i]);
		json_cost(j, k, c, n);
		json_causes(j, k, "upstream", c, n);
		cl_json_end(j);
	}
	cl_json_end(j);
	json_causes(j, k, "background", t->cause, t->background);
	cl_json_end(j);
}

/* CSV ----------------------------------------------------------------------------- */

static void csv_query(struct cl_tables *t, const struct cl_dns_kept *k, const struct cl_dns_cause *c,
		      uint32_t i)
{
	const struct cl_dnstx *x = tx_of(k, i);
	char text[1024], word[CL_DNS_WORD];

	if (c == NULL || c->client != 0)
		cl_cell_count(t, c == NULL ? i + 1u : c->client);
	else
		cl_cell_null(t);
	cl_cell_count(t, c != NULL);
	cl_cell_count(t, i + 1u);
	cl_cell_time(t, x->time_ns);
	cl_addr_format(&x->client, text);
	cl_cell_text(t, text);
	cl_addr_format(&x->server, text);
	cl_cell_text(t, text);
	cl_cell_text(t, cl_dns_question(k, x, text));
	cl_cell_text(t, x->name != 0 ? cl_dns_qtype_word(x->qtype, word) : NULL);
	cl_cell_text(t, cl_dns_answered(x) ? cl_dns_rcode_word(x->rcode, word) : NULL);
	cl_cell_count(t, cl_dns_packets(&k->list, x));
	cl_cell_count(t, bytes_of(x));
	if (cl_dns_has_delta(x))
		cl_cell_duration(t, x->delta_ns);
	else
		cl_cell_null(t);
	if (c != NULL && c->client != 0) {
		cl_cell_text(t, bonds[c->bond]);
		cl_cell_text(t, c->ambiguous ? "yes" : "no");
	}
	cl_table_row_end(t);
}

static void csv_tree(const struct cl_dns_kept *k, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "", "for", CL_COL_COUNT },	{ "", "depth", CL_COL_COUNT },
		{ "", "number", CL_COL_COUNT }, { "", "t", CL_COL_TIME },
		{ "", "client", CL_COL_TEXT },	{ "", "server", CL_COL_TEXT },
		{ "", "qname", CL_COL_TEXT },	{ "", "qtype", CL_COL_TEXT },
		{ "", "rcode", CL_COL_TEXT },	{ "", "packets", CL_COL_COUNT },
		{ "", "bytes", CL_COL_COUNT },	{ "", "delta_s", CL_COL_DURATION },
		{ "", "by", CL_COL_TEXT },	{ "", "ambiguous", CL_COL_TEXT },
	};
	const struct cl_dns_tree *tree = &k->tree;

	cl_table_begin(t, NULL, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < tree->clients; i++) {
		size_t n;
		const struct cl_dns_cause *c = cl_dns_tree_of(tree, tree->client[i], &n);

		csv_query(t, k, NULL, tree->client[i]);
		for (size_t m = 0; m < n; m++)
			csv_query(t, k, &c[m], c[m].tx);
	}
	for (size_t i = 0; i < tree->background; i++)
		csv_query(t, k, &tree->cause[i], tree->cause[i].tx);
	cl_table_end(t);
}

/* For people ------------------------------------------------------------------------ */

/* Indented by depth: a retry over TCP stands below its UDP twin. */
static void question(const struct cl_dns_kept *k, const struct cl_dnstx *x, unsigned depth, char *out)
{
	char name[1024], word[CL_DNS_WORD];
	const char *type = x->name != 0 ? cl_dns_qtype_word(x->qtype, word) : "(no question)";
	size_t width = QUESTION - 2 * depth - strlen(type) - 1, n;

	if (cl_dns_question(k, x, name) == NULL)
		name[0] = '\0';
	n = strlen(name);
	if (n > width) {
		memmove(name + width / 2 + 2, name + n - (width - width / 2 - 2), width - width / 2 - 1);
		memcpy(name + width / 2, "..", 2);
	}
	sprintf(out, "%*s%s%s%s", (int)(2 * depth), "", name, name[0] != '\0' ? " " : "", type);
}

/* An address of up to 22 columns, or its two ends. */
static const char *party(struct cl_session *s, const struct cl_addr *a, char text[CL_ADDR_STRLEN])
{
	const char *name = cl_session_name(s, a, text);
	size_t n = strlen(name);

	if (name != text || n <= 22)
		return name;
	memmove(text + 12, text + n - 10, 11);
	memcpy(text + 10, "..", 2);
	return text;
}

static void row(struct cl_session *s, struct cl_tables *t, const struct cl_dns_kept *k,
		const struct cl_dns_cause *c, uint32_t i)
{
	const struct cl_dnstx *x = tx_of(k, i);
	unsigned depth = c == NULL ? 0 : x->twin != 0 ? 2 : 1;
	char asks[QUESTION + CL_DNS_WORD + 1024], text[CL_ADDR_STRLEN], word[CL_DNS_WORD];

	question(k, x, depth, asks);
	if (c != NULL && c->ambiguous)
		strcat(asks, " ?");
	cl_cell_text(t, asks);
	cl_cell_text(t, party(s, c == NULL ? &x->client : &x->server, text));
	cl_cell_text(t, cl_dns_answered(x) ? cl_dns_rcode_word(x->rcode, word) : NULL);
	cl_cell_count(t, cl_dns_packets(&k->list, x));
	cl_cell_count(t, bytes_of(x));
	if (cl_dns_has_delta(x))
		cl_cell_duration(t, x->delta_ns);
	cl_table_row_end(t);
}

static void sum_row(struct cl_tables *t, const struct cl_dns_kept *k, const struct cl_dns_cause *c, size_t n)
{
	struct cl_dns_cost cost = cl_dns_tree_cost(&k->list, c, n);
	char text[64];

	snprintf(text, sizeof text, "  = %zu upstream", n);
	cl_cell_text(t, text);
	cl_cell_text(t, "");
	cl_cell_text(t, "");
	cl_cell_count(t, cost.packets);
	cl_cell_count(t, cost.bytes);
	cl_cell_duration(t, cost.ns);
	cl_table_row_end(t);
}

static void notes(struct cl_tables *t, const struct cl_dns_tree *tree)
{
	char text[128];

	if (tree->clients > SHOWN) {
		snprintf(text, sizeof text, "The first %u of %zu; --format json and csv have all.", SHOWN,
			 tree->clients);
		cl_tables_note(t, text);
	}
	cl_tables_note(t, "Messages do not say what caused them: found by time and names. Bytes are of DNS "
			  "messages.");
	snprintf(text, sizeof text, "%llu belong to several as well (?), %llu to none that waited.",
		 (unsigned long long)tree->ambiguous, (unsigned long long)tree->background);
	cl_tables_note(t, text);
	if (tree->crowded > 0) {
		snprintf(text, sizeof text, "%llu client queries were passed over: more than %u waited.",
			 (unsigned long long)tree->crowded, CL_TREE_WAITING);
		cl_tables_note(t, text);
	}
}

void cl_dns_tree_tables(struct cl_session *s, const struct cl_dns_kept *k, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Question", "question", CL_COL_TEXT }, { "Client, server", "party", CL_COL_TEXT },
		{ "RCODE", "rcode", CL_COL_TEXT },	 { "Packets", "packets", CL_COL_COUNT },
		{ "Bytes", "bytes", CL_COL_COUNT },	 { "Answer", "delta_s", CL_COL_DURATION },
	};
	const struct cl_dns_tree *tree = &k->tree;

	if (tree->resolvers == 0)
		return;
	if (s->options->format == CL_FORMAT_CSV) {
		csv_tree(k, t);
		return;
	}
	cl_table_begin(t, "What the resolver asked for each query", columns,
		       sizeof columns / sizeof *columns);
	for (size_t i = 0; i < tree->clients && i < SHOWN; i++) {
		size_t n;
		const struct cl_dns_cause *c = cl_dns_tree_of(tree, tree->client[i], &n);

		row(s, t, k, NULL, tree->client[i]);
		for (size_t m = 0; m < n; m++)
			row(s, t, k, &c[m], c[m].tx);
		if (n > 0)
			sum_row(t, k, c, n);
	}
	cl_table_end(t);
	notes(t, tree);
}
