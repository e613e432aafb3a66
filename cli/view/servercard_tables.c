/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of the view `server`. */
#include <stdio.h>

#include "cli/view/servercard.h"

/* Columns that a remote's name takes in the line like ntpq's. */
#define REMOTE_WIDTH 30

static const char *const change_words[CL_CHANGES] = { "stratum", "refid", "leap", "reference old",
						      "reference set" };

/* As ntpq shows it: a code between points. */
static void refid_cell(const struct cl_statement *st, char out[CL_REFIDTEXT_LEN])
{
	char text[CL_REFIDTEXT_LEN];

	if (cl_refidtext_format(st->refid, st->mode, st->stratum, text))
		snprintf(out, CL_REFIDTEXT_LEN, ".%.4s.", text);
	else
		snprintf(out, CL_REFIDTEXT_LEN, "%s", text);
}

static bool is_csv(const struct cl_server_cards *c)
{
	return c->s->options->format == CL_FORMAT_CSV;
}

/* Programs are told whose row it is; people have it in the title. */
static void begin_table(struct cl_tables *t, const struct cl_server_cards *c, const char *title,
			const struct cl_column *columns, size_t n)
{
	cl_table_begin(t, title, columns + (is_csv(c) ? 0 : 1), n - (is_csv(c) ? 0 : 1));
}

static void cell_owner(struct cl_tables *t, const struct cl_server_cards *c, const struct cl_addr *owner)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(owner, text);
	if (is_csv(c))
		cl_cell_text(t, text);
}

static void list_slope(struct cl_tables *t, const struct cl_server_cards *c, const struct cl_said *said)
{
	char text[32];

	if (!said->has_slope)
		return;
	snprintf(text, sizeof text, is_csv(c) ? "%.3f" : "%.3f ppm", said->slope_ppm);
	cl_list_text(t, "root dispersion grows by", "root_dispersion_slope_ppm", text);
}

static void list_reference(struct cl_tables *t, const struct cl_statement *st)
{
	int64_t set, age;

	if (cl_stamp_time(st->ref, st->time_ns, &set))
		cl_list_time(t, "reference time", "reference_time", set);
	else
		cl_list_null(t, "reference time", "reference_time");
	if (cl_statement_reference_age(st, &age))
		cl_list_duration(t, "its age then", "reference_age_s", age);
}

static void list_says(struct cl_tables *t, const struct cl_server_cards *c, const struct cl_said *said)
{
	const struct cl_statement *st = &said->now;
	char text[CL_REFIDTEXT_LEN], means[CL_REFIDMEANS_LEN], poll[8];

	cl_list_time(t, "says at", "t", st->time_ns);
	cl_list_count(t, "version", "version", st->version);
	cl_list_text(t, "leap", "leap", cl_leap_text(st->leap));
	cl_list_count(t, "stratum", "stratum", st->stratum);
	refid_cell(st, text);
	cl_list_text(t, "refid", "refid", text);
	if (cl_refidtext_means(c->k->refids, st->refid, st->mode, st->stratum, means))
		cl_list_text(t, "which is", "refid_means", means);
	cl_list_duration(t, "root delay", "root_delay_s", cl_short_time(st->root_delay));
	cl_list_duration(t, "root dispersion", "root_dispersion_s", cl_short_time(st->root_dispersion));
	list_slope(t, c, said);
	cl_list_duration(t, "precision", "precision_s", cl_power_time(st->precision));
	snprintf(poll, sizeof poll, "%d", (int8_t)st->poll);
	cl_list_text(t, "poll", "poll", poll);
	list_reference(t, st);
}

static void list_kisses(struct cl_tables *t, const struct cl_said *said)
{
	for (size_t i = 0; i < CL_SAID_KISSES && said->kiss[i].n > 0; i++) {
		char label[32], key[32], code[CL_REFIDTEXT_LEN];

		cl_refidtext_format(said->kiss[i].code, 4, 0, code);
		snprintf(label, sizeof label, "kisses %s", code);
		snprintf(key, sizeof key, "kisses_%s", code);
		cl_list_count(t, label, key, said->kiss[i].n);
	}
}

static void list_card(struct cl_tables *t, const struct cl_server_cards *c, const struct cl_server_card *card)
{
	char text[CL_ADDR_STRLEN], title[512];

	snprintf(title, sizeof title, "Server %s", cl_session_name(c->s, &card->addr, text));
	cl_list_begin(t, title);
	cl_addr_format(&card->addr, text);
	cl_list_text(t, "address", "server", text);
	cl_list_count(t, "requests", "requests", (uint64_t)card->requests);
	cl_list_count(t, "answers", "responses", (uint64_t)card->responses);
	if (card->requests > 0)
		cl_list_share(t, "answered", "answered_share",
			      (double)card->matched / (double)card->requests);
	if (card->delta.n > 0) {
		cl_list_duration(t, "time to answer, p50", "delta_p50_s",
				 cl_hist_quantile(&card->delta, 0.5));
		cl_list_duration(t, "p99", "delta_p99_s", cl_hist_quantile(&card->delta, 0.99));
		cl_list_duration(t, "max", "delta_max_s", card->delta.max);
	}
	if (card->seen != NULL && card->seen->said.statements > 0)
		list_says(t, c, &card->seen->said);
	if (card->seen != NULL)
		list_kisses(t, &card->seen->said);
	cl_list_end(t);
}

/* An octal register as the number whose digits it is shown with. */
static uint64_t octal_digits(uint8_t reach)
{
	return (uint64_t)(reach >> 6) * 100 + (reach >> 3 & 7) * 10 + (reach & 7);
}

static void cell_seconds(struct cl_tables *t, bool known, int64_t ns)
{
	if (known && ns >= 0)
		cl_cell_count(t, (uint64_t)((ns + 500000000) / 1000000000));
	else
		cl_cell_null(t);
}

static void row_upstream(struct cl_tables *t, const struct cl_server_cards *c,
			 const struct cl_server_card *card, const struct cl_upstream *u)
{
	char refid[CL_REFIDTEXT_LEN];
	struct cl_filtered f;
	int64_t poll = 0;
	bool known = cl_upstream_poll(u, &poll), any = cl_clock_filter_read(&u->filter, &f);

	cell_owner(t, c, &card->addr);
	cl_cell_text(t, cl_server_selected(c, card, u) ? "*" : "");
	cl_cell_name(c->s, t, &u->remote, REMOTE_WIDTH);
	if (u->said.time_ns != 0) {
		refid_cell(&u->said, refid);
		cl_cell_text(t, refid);
		cl_cell_count(t, u->said.stratum);
	} else {
		cl_cell_null(t);
		cl_cell_null(t);
	}
	cl_cell_text(t, u->mode == 1 ? "s" : "u");
	cell_seconds(t, u->answers > 0, c->as_of_ns - u->answer_ns);
	cell_seconds(t, known, poll);
	cl_cell_count(t, octal_digits(u->reach));
	if (any) {
		cl_cell_duration(t, f.delay_ns);
		cl_cell_duration(t, f.offset_ns);
		if (f.samples > 1)
			cl_cell_duration(t, f.jitter_ns);
	}
	cl_table_row_end(t);
}

static void table_upstreams(struct cl_tables *t, const struct cl_server_cards *c,
			    const struct cl_server_card *card)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	   { "", "selected", CL_COL_TEXT },
		{ "remote", "remote", CL_COL_TEXT },	   { "refid", "refid", CL_COL_TEXT },
		{ "st", "stratum", CL_COL_COUNT },	   { "t", "type", CL_COL_TEXT },
		{ "when", "when_s", CL_COL_COUNT },	   { "poll", "poll_s", CL_COL_COUNT },
		{ "reach", "reach", CL_COL_COUNT },	   { "delay", "delay_s", CL_COL_DURATION },
		{ "offset", "offset_s", CL_COL_DURATION }, { "jitter", "jitter_s", CL_COL_DURATION },
	};
	char text[CL_ADDR_STRLEN], title[512];

	if (card->upstreams == 0)
		return;
	snprintf(title, sizeof title, "Whom %s asks", cl_session_name(c->s, &card->addr, text));
	begin_table(t, c, title, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < card->upstreams; i++)
		row_upstream(t, c, card, card->upstream[i]);
	cl_table_end(t);
	cl_tables_note(t,
		       "Rebuilt from the wire: t1 and t4 are times of the capture, so offsets are from its "
		       "clock.");
}

static void table_events(struct cl_tables *t, const struct cl_server_cards *c, const struct cl_addr *server,
			 const struct cl_card *seen)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "Time", "t", CL_COL_TIME },
		{ "Change", "what", CL_COL_TEXT },
		{ "From", "from", CL_COL_TEXT },
		{ "To", "to", CL_COL_TEXT },
		{ "Ref age", "reference_age_s", CL_COL_DURATION },
		{ "Root disp", "root_dispersion_s", CL_COL_DURATION },
	};
	char text[CL_ADDR_STRLEN], title[512];

	if (seen == NULL || seen->said.events == 0)
		return;
	snprintf(title, sizeof title, "Changes of what %s says", cl_session_name(c->s, server, text));
	begin_table(t, c, title, columns, sizeof columns / sizeof *columns);
	for (const struct cl_said_event *e = cl_cards_event(c->k->cards, seen->said.first_event); e != NULL;
	     e = cl_cards_event(c->k->cards, e->next)) {
		char from[CL_REFIDTEXT_LEN], to[CL_REFIDTEXT_LEN];
		bool texts = cl_server_change_texts(e, from, to);

		cell_owner(t, c, server);
		cl_cell_time(t, e->time_ns);
		cl_cell_text(t, change_words[e->what]);
		cl_cell_text(t, texts ? from : NULL);
		cl_cell_text(t, texts ? to : NULL);
		if (e->reference_age_ns >= 0)
			cl_cell_duration(t, e->reference_age_ns);
		else
			cl_cell_null(t);
		cl_cell_duration(t, cl_short_time(e->now.root_dispersion));
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void tables_of_card(struct cl_tables *t, const struct cl_server_cards *c,
			   const struct cl_server_card *card)
{
	list_card(t, c, card);
	if (c->k == NULL)
		return;
	table_upstreams(t, c, card);
	table_events(t, c, &card->addr, card->seen);
	for (size_t i = 0; i < card->upstreams; i++) {
		const struct cl_addr *remote = &card->upstream[i]->remote;

		if (!cl_server_shown(c, remote))
			table_events(t, c, remote, cl_cards_find(c->k->cards, remote));
	}
}

static void table_left_out(struct cl_tables *t, const struct cl_server_cards *c)
{
	struct cl_cards_limits l = cl_cards_left_out(c->k->cards);

	if (l.servers + l.associations + l.events == 0)
		return;
	cl_list_begin(t, "For want of room");
	cl_list_count(t, "exchanges of servers left out", "servers", l.servers);
	cl_list_count(t, "associations forgotten or left out", "associations", l.associations);
	cl_list_count(t, "changes left out", "changes", l.events);
	cl_list_end(t);
}

void cl_server_tables(const struct cl_server_cards *c, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Not visible from the wire", "what", CL_COL_TEXT },
		{ "Where it is", "where", CL_COL_TEXT },
	};

	for (size_t i = 0; i < c->count; i++)
		tables_of_card(t, c, &c->card[i]);
	if (c->k != NULL)
		table_left_out(t, c);
	else
		cl_tables_note(t, "This database does not keep single messages: what servers say and whom "
				  "they ask needs the captures, or --keep transactions.");
	cl_table_begin(t, NULL, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < cl_not_visible_count; i++) {
		cl_cell_text(t, cl_not_visible[i].what);
		cl_cell_text(t, cl_not_visible[i].where);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}
