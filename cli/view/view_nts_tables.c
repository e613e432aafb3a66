/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "cli/view/nts_view.h"

#define COLUMNS(c) c, sizeof c / sizeof *c

static void list_counts(struct cl_tables *t, const struct cl_nts_totals *all)
{
	const struct cl_nts_count *n = &all->n;

	cl_list_begin(t, "Network Time Security");
	cl_list_count(t, "NTP requests", "requests", n->requests);
	cl_list_count(t, "  with NTS", "nts", n->nts);
	cl_list_share(t, "  share", "nts_share", cl_nts_part(n->nts, n->requests));
	cl_list_count(t, "clients", "clients", all->clients);
	cl_list_count(t, "  with NTS", "nts_clients", all->nts_clients);
	cl_list_share(t, "  share", "nts_clients_share", cl_nts_part(all->nts_clients, all->clients));
	cl_list_count(t, "NTS requests answered", "answered", n->answered);
	cl_list_count(t, "  not answered", "unanswered", n->unanswered);
	cl_list_count(t, "  refused: NTSN kisses", "naks", n->naks);
	cl_list_count(t, "  answered without NTS", "plain_answers", n->plain_answers);
	cl_list_count(t, "  answers longer than requests", "larger", n->larger);
	cl_list_count(t, "identifier in the answer", "echoed", n->echoed);
	cl_list_count(t, "  not in the answer", "not_echoed", n->not_echoed);
	cl_list_count(t, "  in responses to nothing seen", "unknown_echo", n->unknown_echo);
	cl_list_end(t);
}

static void list_cookies(struct cl_tables *t, const struct cl_nts_totals *all)
{
	const struct cl_nts_count *n = &all->n;

	cl_list_begin(t, "Cookies");
	cl_list_count(t, "different ones sent", "cookies", n->cookies);
	cl_list_count(t, "  sent again by the same client", "reused", n->reused);
	cl_list_count(t, "  clients that did so", "reusing_clients", all->reusing_clients);
	cl_list_count(t, "  sent by another address", "moved", n->moved);
	cl_list_count(t, "  the same packet again", "copies", n->copies);
	cl_list_count(t, "asked for by answered requests", "asked", n->asked);
	cl_list_count(t, "  fit into the answers, at most", "fit", n->fit);
	cl_list_count(t, "  answers with room for as many", "full", n->full);
	cl_list_count(t, "  for fewer", "fewer", n->fewer);
	cl_list_count(t, "  for more", "more", n->more);
	cl_list_count(t, "answers with one in the clear", "clear_cookies", n->clear_cookies);
	cl_list_end(t);
	cl_tables_note(t,
		       "Cookies in answers are encrypted: how many are there is not seen, only their room.");
	cl_tables_note(t, "A client that sends one again can be followed from network to network.");
}

static void list_lost(struct cl_tables *t, const struct cl_nts_count *n)
{
	cl_list_begin(t, "Answers as clients tell by placeholders");
	cl_list_count(t, "lost", "lost", n->lost);
	cl_list_count(t, "  of these, seen here on their way", "lost_back", n->lost_back);
	cl_list_count(t, "seen here, and arrived", "arrived", n->arrived);
	cl_list_count(t, "seen here, and not told", "untold", n->untold);
	cl_list_end(t);
	cl_tables_note(t, "A client asks for as many cookies more as it lacks answers: its own count, which "
			  "is wrong where several clients have one address, or a server gave fewer cookies "
			  "than asked for.");
}

static const char *name_of(struct cl_session *s, const struct cl_addr *a, char text[CL_ADDR_STRLEN])
{
	return cl_session_name(s, a, text);
}

static void table_servers(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	  { "Requests", "requests", CL_COL_COUNT },
		{ "NTS", "nts", CL_COL_COUNT },		  { "Share", "share", CL_COL_SHARE },
		{ "Clients", "clients", CL_COL_COUNT },	  { "NTS", "nts_clients", CL_COL_COUNT },
		{ "Answered", "answered", CL_COL_COUNT }, { "NTSN", "naks", CL_COL_COUNT },
	};
	size_t n;
	const struct cl_nts_server *server = cl_nts_servers(s->kept, &n);
	char text[CL_ADDR_STRLEN];

	cl_table_begin(t, "Servers", COLUMNS(columns));
	cl_table_empty(t, "No NTP.");
	for (size_t i = 0; i < n && i < s->options->top; i++, server++) {
		cl_cell_text(t, name_of(s, &server->addr, text));
		cl_cell_count(t, server->n.requests);
		cl_cell_count(t, server->n.nts);
		cl_cell_share(t, cl_nts_part(server->n.nts, server->n.requests));
		cl_cell_count(t, server->clients);
		cl_cell_count(t, server->nts_clients);
		cl_cell_count(t, server->n.answered);
		cl_cell_count(t, server->n.naks);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_view_more(t, n > s->options->top ? n - s->options->top : 0, "servers");
}

static void table_losses(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },   { "Asked", "asked", CL_COL_COUNT },
		{ "Fit", "fit", CL_COL_COUNT },	       { "Reused", "reused", CL_COL_COUNT },
		{ "Moved", "moved", CL_COL_COUNT },    { "Lost", "lost", CL_COL_COUNT },
		{ "Seen", "lost_back", CL_COL_COUNT }, { "Arrived", "arrived", CL_COL_COUNT },
	};
	size_t n;
	const struct cl_nts_server *server = cl_nts_servers(s->kept, &n);
	char text[CL_ADDR_STRLEN];

	cl_table_begin(t, "Cookies and lost answers by server", COLUMNS(columns));
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < n && i < s->options->top && server->n.nts > 0; i++, server++) {
		cl_cell_text(t, name_of(s, &server->addr, text));
		cl_cell_count(t, server->n.asked);
		cl_cell_count(t, server->n.fit);
		cl_cell_count(t, server->n.reused);
		cl_cell_count(t, server->n.moved);
		cl_cell_count(t, server->n.lost);
		cl_cell_count(t, server->n.lost_back);
		cl_cell_count(t, server->n.arrived);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

/* Handshakes ------------------------------------------------------------------- */

static void table_handshakes(struct cl_session *s, struct cl_tables *t, const struct cl_nts_ke *k, size_t n)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	  { "Port", "port", CL_COL_NUMBER },
		{ "Conns", "connections", CL_COL_COUNT }, { "Clients", "clients", CL_COL_COUNT },
		{ "Shaken", "shaken", CL_COL_COUNT },	  { "Refused", "refused", CL_COL_COUNT },
		{ "Silent", "silent", CL_COL_COUNT },	  { "No hello", "no_hello", CL_COL_COUNT },
		{ "Cut", "cut", CL_COL_COUNT },
	};
	char text[CL_ADDR_STRLEN];

	cl_table_begin(t, "NTS-KE handshakes", COLUMNS(columns));
	cl_table_empty(t, "No connection for NTS key establishment.");
	for (size_t i = 0; i < n && i < s->options->top; i++, k++) {
		cl_cell_text(t, name_of(s, &k->addr, text));
		cl_cell_number(t, k->port);
		cl_cell_count(t, k->connections);
		cl_cell_count(t, k->clients);
		cl_cell_count(t, k->shaken);
		cl_cell_count(t, k->refused);
		cl_cell_count(t, k->silent);
		cl_cell_count(t, k->no_hello);
		cl_cell_count(t, k->cut);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Shaken: a ServerHello came; whether keys and cookies followed is encrypted.");
}

static void row_times(struct cl_tables *t, const char *server, const char *words, const struct cl_hist *h)
{
	cl_cell_text(t, server);
	cl_cell_text(t, words);
	cl_cell_count(t, h->n);
	if (h->n > 0) {
		cl_cell_duration(t, h->min);
		cl_cell_duration(t, cl_hist_quantile(h, 0.5));
		cl_cell_duration(t, cl_hist_quantile(h, 0.9));
		cl_cell_duration(t, h->max);
	}
	cl_table_row_end(t);
}

static void table_times(struct cl_session *s, struct cl_tables *t, const struct cl_nts_ke *k, size_t n)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT }, { "Time", "time", CL_COL_TEXT },
		{ "n", "n", CL_COL_COUNT },	     { "min", "min", CL_COL_DURATION },
		{ "p50", "p50", CL_COL_DURATION },   { "p90", "p90", CL_COL_DURATION },
		{ "max", "max", CL_COL_DURATION },
	};
	char text[CL_ADDR_STRLEN];

	cl_table_begin(t, "Times of handshakes", COLUMNS(columns));
	for (size_t i = 0; i < n && i < s->options->top; i++, k++) {
		const char *name = name_of(s, &k->addr, text);

		row_times(t, name, "SYN to hello", &k->setup);
		row_times(t, name, "SYN to close", &k->duration);
	}
	row_times(t, "(any)", "end to NTP", &cl_nts_totals(s->kept)->to_ntp);
	cl_table_end(t);
}

static void cell_octets(struct cl_tables *t, const char *octets, uint8_t length, bool csv)
{
	const uint8_t room = csv ? CL_NTS_NAME_MAX : 36; /* of a table's width */
	char text[CL_NTS_NAME_MAX + 1];

	if (length > room)
		length = room;
	memcpy(text, octets, length);
	text[length] = '\0';
	cl_cell_text(t, length > 0 ? text : NULL);
}

static void table_names(struct cl_session *s, struct cl_tables *t, const struct cl_nts_ke *k, size_t n)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "SNI", "sni", CL_COL_TEXT },
		{ "ALPN", "alpn", CL_COL_TEXT },
		{ "Conns", "connections", CL_COL_COUNT },
	};
	const bool csv = s->options->format == CL_FORMAT_CSV;
	size_t names;
	const struct cl_nts_name *name = cl_nts_names(s->kept, &names);
	char text[CL_ADDR_STRLEN];

	cl_table_begin(t, "Names asked for", COLUMNS(columns));
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < n && i < s->options->top; i++)
		for (size_t l = 0; l < names; l++) {
			if (name[l].ke != k[i].number)
				continue;
			cl_cell_text(t, name_of(s, &k[i].addr, text));
			cell_octets(t, name[l].sni, name[l].sni_length, csv);
			cell_octets(t, name[l].alpn,
				    name[l].alpn_length < 12 || csv ? name[l].alpn_length : 12, csv);
			cl_cell_count(t, name[l].connections);
			cl_table_row_end(t);
		}
	cl_table_end(t);
}

static void handshakes(struct cl_session *s, struct cl_tables *t)
{
	const struct cl_nts_totals *all = cl_nts_totals(s->kept);
	size_t n;
	const struct cl_nts_ke *k = cl_nts_ke(s->kept, &n);

	table_handshakes(s, t, k, n);
	cl_list_begin(t, "Handshakes and NTP");
	cl_list_count(t, "clients with a handshake", "ke_clients", all->ke_clients);
	cl_list_count(t, "handshakes before NTS requests", "ke_followed", all->ke_followed);
	cl_list_count(t, "NTS clients without one before", "nts_without_ke", all->nts_without);
	cl_list_end(t);
	if (n == 0)
		return;
	table_times(s, t, k, n);
	table_names(s, t, k, n);
}

/* All NTP ---------------------------------------------------------------------- */

static void cells_kind(struct cl_tables *t, const struct cl_nts_kind *k)
{
	cl_cell_count(t, k->requests);
	cl_cell_count(t, k->clients);
	cl_cell_count(t, k->answered);
	cl_cell_count(t, k->unanswered);
	cl_cell_count(t, k->alike);
	cl_cell_count(t, k->crypto_naks);
}

static void table_authentication(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Requests", "auth", CL_COL_TEXT },	       { "Key", "key_id", CL_COL_TEXT },
		{ "Digest", "digest_bytes", CL_COL_TEXT },     { "Count", "requests", CL_COL_COUNT },
		{ "Clients", "clients", CL_COL_COUNT },	       { "Answered", "answered", CL_COL_COUNT },
		{ "Unanswered", "unanswered", CL_COL_COUNT },  { "Alike", "alike", CL_COL_COUNT },
		{ "Crypto-NAK", "crypto_naks", CL_COL_COUNT },
	};
	size_t n;
	const struct cl_nts_key *key = cl_nts_keys(s->kept, &n);

	cl_table_begin(t, "How requests are authenticated", COLUMNS(columns));
	for (size_t i = 0; i < CL_NTP_AUTHS; i++) {
		cl_cell_text(t, cl_nts_auth_names[i]);
		cl_cell_text(t, NULL);
		cl_cell_text(t, NULL);
		cells_kind(t, &cl_nts_totals(s->kept)->kind[i]);
		cl_table_row_end(t);
	}
	for (size_t i = 0; i < n && i < s->options->top; i++, key++) {
		char id[16], digest[16];

		snprintf(id, sizeof id, "%lu", (unsigned long)key->key_id);
		snprintf(digest, sizeof digest, "%u", (unsigned)key->digest);
		cl_cell_text(t, cl_nts_auth_names[key->auth]);
		cl_cell_text(t, key->other ? "others" : key->auth == CL_NTP_AUTH_MAC ? id : NULL);
		cl_cell_text(t, key->other ? NULL : digest);
		cells_kind(t, &key->n);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Alike: answered in the same way. Whether a digest is right is not seen: keys are "
			  "secret.");
}

static void table_lengths(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Requests", "auth", CL_COL_TEXT },
		{ "Octets", "length", CL_COL_COUNT },
		{ "Count", "requests", CL_COL_COUNT },
		{ "Answered", "answered", CL_COL_COUNT },
		{ "Share", "answered_share", CL_COL_SHARE },
		{ "Unanswered", "unanswered", CL_COL_COUNT },
		{ "Larger", "larger", CL_COL_COUNT },
		{ "Told", "told", CL_COL_COUNT },
		{ "Lost", "lost", CL_COL_COUNT },
	};
	size_t n;
	const struct cl_nts_length *l = cl_nts_lengths(s->kept, &n);

	cl_table_begin(t, "Requests by length", COLUMNS(columns));
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < n; i++, l++) {
		cl_cell_text(t, cl_nts_auth_names[l->auth]);
		if (l->other)
			cl_cell_null(t);
		else
			cl_cell_count(t, l->length);
		cl_cell_count(t, l->requests);
		cl_cell_count(t, l->answered);
		cl_cell_share(t, cl_nts_part(l->answered, l->requests));
		cl_cell_count(t, l->unanswered);
		cl_cell_count(t, l->larger);
		cl_cell_count(t, l->told);
		cl_cell_count(t, l->lost);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t,
		       "Octets of the UDP payload. Told: answers that the client's next request speaks of; "
		       "Lost: it lacks them. What was lost before it came here is not seen.");
}

static void table_fields(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "In", "in", CL_COL_TEXT },	     { "Type", "type", CL_COL_TEXT },
		{ "Name", "name", CL_COL_TEXT },     { "Octets", "length", CL_COL_COUNT },
		{ "Count", "fields", CL_COL_COUNT },
	};
	size_t n;
	const struct cl_nts_field *f = cl_nts_fields(s->kept, &n);

	cl_table_begin(t, "Extension fields", COLUMNS(columns));
	cl_table_empty(t, "No extension fields.");
	for (size_t i = 0; i < n; i++, f++) {
		char type[8];

		snprintf(type, sizeof type, "0x%04x", (unsigned)f->type);
		cl_cell_text(t, f->response ? "response" : "request");
		cl_cell_text(t, f->other ? "others" : type);
		cl_cell_text(t, cl_nts_field_name(f));
		if (f->other)
			cl_cell_null(t);
		else
			cl_cell_count(t, f->length);
		cl_cell_count(t, f->fields);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void list_given_up(struct cl_session *s, struct cl_tables *t)
{
	const struct cl_nts_refused r = cl_nts_refused(s->kept);

	if (s->given_up + r.requests + r.cookies + r.names + r.connections == 0)
		return;
	cl_list_begin(t, "Given up");
	cl_list_count(t, "exchanges without room to wait", "exchanges", s->given_up);
	cl_list_count(t, "requests beyond the limits", "requests", r.requests);
	cl_list_count(t, "cookies beyond the limits", "cookies", r.cookies);
	cl_list_count(t, "names beyond the limits", "names", r.names);
	cl_list_count(t, "connections beyond the limits", "connections", r.connections);
	cl_list_end(t);
}

void cl_nts_tables(struct cl_session *s, struct cl_tables *t)
{
	if (s->kept == NULL) {
		cl_view_not_kept(t);
		return;
	}
	const struct cl_nts_totals *all = cl_nts_totals(s->kept);
	list_counts(t, all);
	table_servers(s, t);
	handshakes(s, t);
	if (all->n.nts > 0) {
		list_cookies(t, all);
		list_lost(t, &all->n);
		table_losses(s, t);
	}
	table_authentication(s, t);
	table_lengths(s, t);
	table_fields(s, t);
	list_given_up(s, t);
	cl_tables_say(t, "Not seen: which algorithms were agreed, whether anything verifies, and what is "
			 "encrypted.");
}
