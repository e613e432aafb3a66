/* SPDX-License-Identifier: BSD-2-Clause */
/* software: which NTP software the clients run, and who is no client. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/userfile/signatures.h"
#include "cli/view/software_days.h"
#include "cli/view/view.h"

static double part(uint64_t n, uint64_t of)
{
	return of > 0 ? (double)n / (double)of : 0;
}

/* JSON ------------------------------------------------------------------------ */

static void json_families(struct cl_json *j, const char *key, uint64_t v4, uint64_t v6)
{
	cl_json_object(j, key);
	cl_json_u64(j, "ipv4", v4);
	cl_json_u64(j, "ipv6", v6);
	cl_json_u64(j, "total", v4 + v6);
	cl_json_end(j);
}

static void json_group(struct cl_json *j, const struct cl_software_group *g,
		       const struct cl_software_totals *totals)
{
	cl_json_object(j, NULL);
	cl_json_str(j, "software", g->name);
	cl_json_str(j, "versions", g->versions);
	cl_json_bool(j, "ambiguous", g->ambiguous);
	cl_json_bool(j, "unknown", g->unknown);
	cl_json_str(j, "signature", g->signature[0] != '\0' ? g->signature : NULL);
	json_families(j, "clients", g->clients4, g->clients6);
	cl_json_double(j, "share", part(g->clients4 + g->clients6, totals->clients));
	cl_json_u64(j, "requests", g->requests);
	cl_json_object(j, "confidence");
	for (unsigned i = CL_SIG_CONFIDENCES; i-- > 0;)
		cl_json_u64(j, cl_sig_confidences[i], g->confidence[i]);
	cl_json_end(j);
	cl_json_end(j);
}

static void json_apart(struct cl_json *j, const struct cl_software_apart *a)
{
	cl_json_object(j, NULL);
	cl_json_str(j, "name", a->name);
	cl_json_str(j, "kind", cl_sig_kinds[a->kind]);
	cl_json_str(j, "confidence", cl_sig_confidences[a->confidence]);
	json_families(j, "sources", a->sources4, a->sources - a->sources4);
	cl_json_u64(j, "packets", a->packets);
	if (a->unweighed) {
		static const char *const keys[] = { "octets", "answers", "answer_octets", "amplification",
						    "peak",   "first",	 "last" };

		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			cl_json_null(j, keys[i]);
	} else {
		cl_json_u64(j, "octets", a->octets);
		cl_json_u64(j, "answers", a->answers);
		cl_json_u64(j, "answer_octets", a->answered_octets);
		cl_json_double(j, "amplification", part(a->answered_octets, a->octets));
		cl_json_u64(j, "peak", a->peak);
		cl_json_time(j, "first", a->first_ns);
		cl_json_time(j, "last", a->last_ns);
	}
	cl_json_end(j);
}

static void json_server(struct cl_session *s, struct cl_json *j, const struct cl_addr *server)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(server, text);
	cl_json_object(j, NULL);
	cl_json_str(j, "server", text);
	cl_json_str(j, "name", cl_names_find(s->names, server));
	cl_json_rows(j, "software");
}

static void json_servers(struct cl_session *s, struct cl_json *j)
{
	const struct cl_software_share *share, *before = NULL;

	for (size_t i = 0; (share = cl_software_share(s->kept, i)) != NULL; before = share, i++) {
		if (before == NULL || cl_addr_cmp(&before->server, &share->server) != 0) {
			if (before != NULL) {
				cl_json_end(j);
				cl_json_end(j);
			}
			json_server(s, j, &share->server);
		}
		cl_json_object(j, NULL);
		cl_json_str(j, "software", share->group->name);
		cl_json_str(j, "versions", share->group->versions);
		cl_json_u64(j, "clients", share->clients);
		cl_json_u64(j, "requests", share->requests);
		cl_json_end(j);
	}
	if (before != NULL) {
		cl_json_end(j);
		cl_json_end(j);
	}
}

static void json_client(struct cl_session *s, struct cl_json *j, const struct cl_software_client *c,
			uint64_t requests)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(&c->addr, text);
	cl_json_object(j, NULL);
	cl_json_str(j, "client", text);
	cl_json_str(j, "label", cl_labels_find(s->labels, &c->addr));
	cl_json_u64(j, "requests", c->requests);
	cl_json_double(j, "share", part(c->requests, requests));
	cl_json_str(j, "software", c->group->name);
	cl_json_str(j, "versions", c->versions);
	cl_json_str(j, "confidence", cl_sig_confidences[c->confidence]);
	cl_json_u64(j, "voted", c->voted);
	cl_json_str(j, "signature", c->signature[0] != '\0' ? c->signature : NULL);
	cl_json_end(j);
}

/* Of a database that does not keep single messages. */
static void json_nothing(struct cl_json *j)
{
	static const char *const keys[] = { "clients", "requests", "given_up", "servers_given_up",
					    "unasked", "software", "apart",    "servers",
					    "top" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		cl_json_null(j, keys[i]);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	const struct cl_software_group *g;
	const struct cl_software_apart *a;
	struct cl_software_totals totals;
	struct cl_software_client c;

	if (s->kept == NULL) {
		if (cl_software_days_kept(s))
			cl_software_days_json(s, j);
		else
			json_nothing(j);
		return;
	}
	cl_software_totals(s->kept, &totals);
	json_families(j, "clients", totals.clients4, totals.clients6);
	cl_json_u64(j, "requests", totals.requests);
	cl_json_u64(j, "given_up", totals.given_up + s->given_up);
	cl_json_u64(j, "servers_given_up", totals.pairs_given_up);
	cl_json_u64(j, "unasked", totals.unasked);
	cl_json_array(j, "software");
	for (size_t i = 0; (g = cl_software_group(s->kept, i)) != NULL; i++)
		json_group(j, g, &totals);
	cl_json_end(j);
	cl_json_array(j, "apart");
	for (size_t i = 0; (a = cl_software_apart(s->kept, i)) != NULL; i++)
		json_apart(j, a);
	cl_json_end(j);
	cl_json_array(j, "servers");
	json_servers(s, j);
	cl_json_end(j);
	cl_json_array(j, "top");
	for (size_t i = 0; cl_software_top(s->kept, s->options->top, i, &c); i++)
		json_client(s, j, &c, totals.requests);
	cl_json_end(j);
}

/* Tables ---------------------------------------------------------------------- */

static bool csv(const struct cl_session *s)
{
	return s->options->format == CL_FORMAT_CSV;
}

/* The name with its versions, as people read it, in so many columns; in CSV they have a cell each. */
static void cell_software(struct cl_session *s, struct cl_tables *t, const char *name, const char *versions,
			  size_t width)
{
	char text[256];

	if (csv(s)) {
		cl_cell_text(t, name);
		cl_cell_text(t, versions);
		return;
	}
	snprintf(text, sizeof text, versions != NULL ? "%s, %s" : "%s", name, versions);
	if (strlen(text) > width)
		memcpy(text + width - 3, "...", sizeof "...");
	cl_cell_text(t, text);
}

static void table_groups(struct cl_session *s, struct cl_tables *t, const struct cl_software_totals *totals)
{
	static const struct cl_column columns[] = {
		{ "Software", "software", CL_COL_TEXT }, { "Clients", "clients", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },	 { "IPv4", "ipv4", CL_COL_COUNT },
		{ "IPv6", "ipv6", CL_COL_COUNT },	 { "Requests", "requests", CL_COL_COUNT },
		{ "High", "high", CL_COL_COUNT },	 { "Medium", "medium", CL_COL_COUNT },
		{ "Low", "low", CL_COL_COUNT },
	};
	static const struct cl_column all[] = {
		{ "", "software", CL_COL_TEXT },   { "", "versions", CL_COL_TEXT },
		{ "", "clients", CL_COL_COUNT },   { "", "share", CL_COL_SHARE },
		{ "", "ipv4", CL_COL_COUNT },	   { "", "ipv6", CL_COL_COUNT },
		{ "", "requests", CL_COL_COUNT },  { "", "high", CL_COL_COUNT },
		{ "", "medium", CL_COL_COUNT },	   { "", "low", CL_COL_COUNT },
		{ "", "ambiguous", CL_COL_COUNT }, { "", "unknown", CL_COL_COUNT },
		{ "", "signature", CL_COL_TEXT },
	};
	const struct cl_software_group *g;

	if (csv(s))
		cl_table_begin(t, NULL, all, sizeof all / sizeof *all);
	else
		cl_table_begin(t, "Software of NTP clients", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, "No NTP clients in this capture.");
	for (size_t i = 0; (g = cl_software_group(s->kept, i)) != NULL; i++) {
		cell_software(s, t, g->name, g->versions, 44);
		cl_cell_count(t, g->clients4 + g->clients6);
		cl_cell_share(t, part(g->clients4 + g->clients6, totals->clients));
		cl_cell_count(t, g->clients4);
		cl_cell_count(t, g->clients6);
		cl_cell_count(t, g->requests);
		for (unsigned k = CL_SIG_CONFIDENCES; k-- > 0;)
			cl_cell_count(t, g->confidence[k]);
		if (csv(s)) {
			cl_cell_count(t, g->ambiguous);
			cl_cell_count(t, g->unknown);
			cl_cell_text(t, g->signature[0] != '\0' ? g->signature : NULL);
		}
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "A guess from the wire: header fields, transmit stamps, ports, type of service and "
			  "gaps of each client's last 16 requests. High, Medium, Low: how many clients are "
			  "named with which confidence.");
	cl_tables_note(t,
		       "\"or\": nothing decides between them. \"and\": one address runs several, or stands "
		       "for several hosts.");
}

/* Whether it is nothing but unknown, and has a signature to show. */
static bool shows_signature(const struct cl_software_group *g)
{
	return g->unknown && strncmp(g->name, "unknown:", strlen("unknown:")) == 0 && g->signature[0] != '\0';
}

static void table_unknown(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Unknown", "software", CL_COL_TEXT },
		{ "Signature", "signature", CL_COL_TEXT },
		{ "Clients", "clients", CL_COL_COUNT },
	};
	const struct cl_software_group *g;
	bool any = false;

	for (size_t i = 0; (g = cl_software_group(s->kept, i)) != NULL; i++)
		any = any || shows_signature(g);
	if (!any || csv(s))
		return;
	cl_table_begin(t, "No signature fits", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; (g = cl_software_group(s->kept, i)) != NULL; i++) {
		if (!shows_signature(g))
			continue;
		cl_cell_text(t, g->name);
		cl_cell_text(t, g->signature);
		cl_cell_count(t, g->clients4 + g->clients6);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Name one with --signatures; clientele(1) has the signature string, "
			  "docs/signatures.md the file.");
}

static void row_apart(struct cl_session *s, struct cl_tables *t, const struct cl_software_apart *a)
{
	cl_cell_text(t, a->name);
	cl_cell_text(t, cl_sig_kinds[a->kind]);
	cl_cell_count(t, a->sources);
	cl_cell_count(t, a->packets);
	if (!a->unweighed) {
		char factor[32];

		cl_cell_count(t, a->octets);
		cl_cell_count(t, a->answers);
		cl_cell_count(t, a->answered_octets);
		snprintf(factor, sizeof factor, csv(s) ? "%.10g" : "%.1f",
			 part(a->answered_octets, a->octets));
		cl_cell_text(t, factor);
		cl_cell_count(t, a->peak);
	}
	if (!a->unweighed && csv(s)) {
		cl_cell_time(t, a->first_ns);
		cl_cell_time(t, a->last_ns);
	}
	cl_table_row_end(t);
}

static void table_apart(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "What", "name", CL_COL_TEXT },
		{ "Kind", "kind", CL_COL_TEXT },
		{ "Sources", "sources", CL_COL_COUNT },
		{ "Packets", "packets", CL_COL_COUNT },
		{ "Octets", "octets", CL_COL_COUNT },
		{ "Answers", "answers", CL_COL_COUNT },
		{ "Octets", "answer_octets", CL_COL_COUNT },
		{ "Factor", "amplification", CL_COL_TEXT },
		{ "Peak/s", "peak", CL_COL_COUNT },
		{ "", "first", CL_COL_TIME },
		{ "", "last", CL_COL_TIME },
	};
	const struct cl_software_apart *a;

	cl_table_begin(t, "Not clients: scanners, attacks and tools", columns,
		       sizeof columns / sizeof *columns - (csv(s) ? 0 : 2));
	cl_table_empty(t, NULL);
	for (size_t i = 0; (a = cl_software_apart(s->kept, i)) != NULL; i++)
		row_apart(s, t, a);
	cl_table_end(t);
	cl_tables_note(
		t,
		"Octets of UDP's payload; Factor: answered ones by asked ones. The source of an attack is "
		"mostly its victim: the address is forged. Peak/s: packets of one source within a second.");
}

static void table_servers(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "Software", "software", CL_COL_TEXT },
		{ "Clients", "clients", CL_COL_COUNT },
		{ "Requests", "requests", CL_COL_COUNT },
	};
	static const struct cl_column all[] = {
		{ "", "server", CL_COL_TEXT },	  { "", "software", CL_COL_TEXT },
		{ "", "versions", CL_COL_TEXT },  { "", "clients", CL_COL_COUNT },
		{ "", "requests", CL_COL_COUNT },
	};
	const struct cl_software_share *share;
	char text[CL_ADDR_STRLEN];

	if (csv(s))
		cl_table_begin(t, NULL, all, sizeof all / sizeof *all);
	else
		cl_table_begin(t, "By server", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	for (size_t i = 0; (share = cl_software_share(s->kept, i)) != NULL; i++) {
		cl_cell_text(t, cl_session_name(s, &share->server, text));
		cell_software(s, t, share->group->name, share->group->versions, 36);
		cl_cell_count(t, share->clients);
		cl_cell_count(t, share->requests);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_top(struct cl_session *s, struct cl_tables *t, const struct cl_software_totals *totals)
{
	static const struct cl_column columns[] = {
		{ "Client", "client", CL_COL_TEXT },	  { "Label", "label", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT }, { "Share", "share", CL_COL_SHARE },
		{ "Software", "software", CL_COL_TEXT },  { "Confidence", "confidence", CL_COL_TEXT },
	};
	static const struct cl_column plain[] = {
		{ "Client", "client", CL_COL_TEXT },	     { "Requests", "requests", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },	     { "Software", "software", CL_COL_TEXT },
		{ "Confidence", "confidence", CL_COL_TEXT },
	};
	static const struct cl_column all[] = {
		{ "", "client", CL_COL_TEXT },	   { "", "label", CL_COL_TEXT },
		{ "", "requests", CL_COL_COUNT },  { "", "share", CL_COL_SHARE },
		{ "", "software", CL_COL_TEXT },   { "", "versions", CL_COL_TEXT },
		{ "", "confidence", CL_COL_TEXT }, { "", "voted", CL_COL_COUNT },
		{ "", "signature", CL_COL_TEXT },
	};
	const bool labels = s->labels != NULL || csv(s);
	struct cl_software_client c;
	char text[CL_ADDR_STRLEN];

	if (csv(s))
		cl_table_begin(t, NULL, all, sizeof all / sizeof *all);
	else if (labels)
		cl_table_begin(t, "Who asks most", columns, sizeof columns / sizeof *columns);
	else
		cl_table_begin(t, "Who asks most", plain, sizeof plain / sizeof *plain);
	cl_table_empty(t, NULL);
	for (size_t i = 0; cl_software_top(s->kept, s->options->top, i, &c); i++) {
		cl_cell_text(t, cl_session_name(s, &c.addr, text));
		if (labels)
			cl_cell_text(t, cl_labels_find(s->labels, &c.addr));
		cl_cell_count(t, c.requests);
		cl_cell_share(t, c.group->kind == CL_SIG_CLIENT ? part(c.requests, totals->requests) : NAN);
		cell_software(s, t, c.group->name, csv(s) ? c.versions : NULL, 28);
		cl_cell_text(t, cl_sig_confidences[c.confidence]);
		if (csv(s)) {
			cl_cell_count(t, c.voted);
			cl_cell_text(t, c.signature[0] != '\0' ? c.signature : NULL);
		}
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	struct cl_software_totals totals;
	char text[128];

	if (s->kept == NULL) {
		if (cl_software_days_kept(s))
			cl_software_days_tables(s, t);
		else
			cl_tables_note(t, "Software is told by single messages, which this database does not "
					  "keep: ask the captures, or read them with --keep transactions, or "
					  "of all servers by day with --keep software.");
		return;
	}
	cl_software_totals(s->kept, &totals);
	table_groups(s, t, &totals);
	table_unknown(s, t);
	table_apart(s, t);
	table_servers(s, t);
	table_top(s, t, &totals);
	if (totals.given_up + s->given_up + totals.pairs_given_up == 0)
		return;
	snprintf(text, sizeof text, "No room: %llu requests were not looked at, %llu are missing by server.",
		 (unsigned long long)(totals.given_up + s->given_up),
		 (unsigned long long)totals.pairs_given_up);
	cl_tables_say(t, text);
}

const struct cl_view cl_view_software = {
	.name = "software",
	.summary = "which NTP software the clients run, with scanners and attacks apart",
	.example = "  clientele software monday.pcap\n"
		   "  clientele software --signatures mine.tsv --top 50 monday.pcap\n",
	.takes = CL_OPT_TOP | CL_OPT_SIGNATURES,
	.needs = { .exchanges = CL_SOFTWARE_KINDS },
	.begin = cl_signatures_begin,
	.take = cl_signatures_take,
	.end = cl_signatures_end,
	.json = json,
	.tables = tables
};
