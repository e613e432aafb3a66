/* SPDX-License-Identifier: BSD-2-Clause */
/* server: what can be known of a server from the wire, and of the servers that it asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/view/servercard.h"

const struct cl_not_visible cl_not_visible[] = {
	{ "frequency and jitter of the loop", "ntpq -c rv over the network: mode6; chronyc tracking" },
	{ "clocks attached to the server", "ntpq -c clockvar over the network: mode6" },
	{ "satellites, fix, dilution of precision", "gpsd, the receiver" },
	{ "correlation and field strength of DCF77", "the receiver, SNMP" },
	{ "temperature, load, memory", "SNMP" },
	{ "why a server was chosen or thrown out", "ntpq -c as, chronyc sources; here only its refid tells" },
	{ "a dispersion that the server keeps to itself", "ntpq -c rv ASSOC" },
	{ "servers asked by another interface or before", "a capture there; reach begins with the capture" },
};
const size_t cl_not_visible_count = sizeof cl_not_visible / sizeof *cl_not_visible;

/* What is kept of exchanges --------------------------------------------------------- */

static void end(void *state)
{
	struct cl_server_kept *k = state;

	cl_cards_free(k->cards);
	cl_refidtext_free(k->refids);
	free(k);
}

static void *begin(const struct cl_session *s)
{
	struct cl_server_kept *k = calloc(1, sizeof *k);

	if (k == NULL)
		return NULL;
	k->cards = cl_cards_new(s->config.engine.seed, s->options->servers, s->options->nservers);
	k->refids = cl_refidtext_new(s->config.engine.seed);
	if (k->cards != NULL && k->refids != NULL)
		return k;
	end(k);
	return NULL;
}

static void take(void *state, const struct cl_exchange *x)
{
	struct cl_server_kept *k = state;

	cl_cards_take(k->cards, x);
	cl_refidtext_see(k->refids, x);
}

/* Cards ----------------------------------------------------------------------------- */

static bool is_asked_for(const struct cl_options *o, const struct cl_addr *a)
{
	for (size_t i = 0; i < o->nservers; i++)
		if (cl_addr_cmp(&o->servers[i], a) == 0)
			return true;
	return o->nservers == 0;
}

/* Whom an address asks; false: nobody that is known. */
static bool read_upstreams(struct cl_server_cards *c, struct cl_server_card *card)
{
	if (c->k == NULL)
		return false;
	card->seen = cl_cards_find(c->k->cards, &card->addr);
	card->upstream = cl_cards_upstreams(c->k->cards, &card->addr, &card->upstreams);
	if (card->upstream == NULL)
		cl_store_fail(c->s->store, CL_ENOMEM);
	return card->upstreams > 0;
}

static bool read_card(struct cl_server_cards *c, struct cl_query *q, struct cl_server_card *card)
{
	*card = (struct cl_server_card){ .service_id = cl_query_i64(q, 0),
					 .requests = cl_query_i64(q, 2),
					 .responses = cl_query_i64(q, 3),
					 .matched = cl_query_i64(q, 4),
					 .unanswered = cl_query_i64(q, 5) };
	if (!cl_query_addr(q, 1, &card->addr) || !is_asked_for(c->s->options, &card->addr))
		return false;
	card->delta = cl_view_hist(c->s, "service_id = ?1 AND kind IN (0, 2)", card->service_id);
	read_upstreams(c, card);
	return true;
}

bool cl_server_shown(const struct cl_server_cards *c, const struct cl_addr *a)
{
	for (size_t i = 0; i < c->count; i++)
		if (cl_addr_cmp(&c->card[i].addr, a) == 0)
			return true;
	return false;
}

/* Addresses asked for that only ask: another address of a server. */
static void read_askers(struct cl_server_cards *c)
{
	const struct cl_options *o = c->s->options;

	for (size_t i = 0; i < o->nservers && c->count < o->top; i++) {
		struct cl_server_card card = { .addr = o->servers[i] };

		if (!cl_server_shown(c, &card.addr) && read_upstreams(c, &card))
			c->card[c->count++] = card;
		else
			free(card.upstream);
	}
}

static void read_cards(struct cl_server_cards *c, struct cl_session *s)
{
	int64_t first_ns;

	*c = (struct cl_server_cards){ .s = s, .k = s->kept };
	c->any = cl_view_span(s, &first_ns, &c->as_of_ns);
	c->card = calloc(s->options->top, sizeof *c->card);
	if (c->card == NULL) {
		cl_store_fail(s->store, CL_ENOMEM);
		return;
	}
	struct cl_query *q = cl_query_new(
		s->store, "SELECT service_id, addr, sum(requests), sum(responses), sum(matched), "
			  "max(0, sum(requests - matched)) FROM chosen JOIN day USING(service_id) JOIN span "
			  "ON day BETWEEN day_from AND day_to WHERE proto = 'ntp' AND addr IS NOT NULL "
			  "GROUP BY service_id HAVING sum(requests) + sum(responses) > 0 "
			  "ORDER BY sum(requests) DESC, rank");
	while (c->count < s->options->top && cl_query_row(q))
		c->count += read_card(c, q, &c->card[c->count]);
	while (c->count == s->options->top && cl_query_row(q))
		c->more++;
	cl_query_free(q);
	read_askers(c);
}

static void free_cards(struct cl_server_cards *c)
{
	for (size_t i = 0; i < c->count; i++) {
		cl_hist_free(&c->card[i].delta);
		free(c->card[i].upstream);
	}
	free(c->card);
}

bool cl_server_selected(const struct cl_server_cards *c, const struct cl_server_card *card,
			const struct cl_upstream *u)
{
	const struct cl_said *said = card->seen != NULL ? &card->seen->said : NULL;

	return said != NULL && said->statements > 0 &&
	       cl_refidtext_is(c->k->refids, said->now.refid, said->now.stratum, &u->remote);
}

static const char *const change_keys[CL_CHANGES] = { "stratum", "refid", "leap", "reference_stopped",
						     "reference_moved" };

bool cl_server_change_texts(const struct cl_said_event *e, char from[CL_REFIDTEXT_LEN],
			    char to[CL_REFIDTEXT_LEN])
{
	switch (e->what) {
	case CL_CHANGE_STRATUM:
		snprintf(from, CL_REFIDTEXT_LEN, "%u", e->from);
		snprintf(to, CL_REFIDTEXT_LEN, "%u", e->to);
		return true;
	case CL_CHANGE_REFID:
		cl_refidtext_format(e->from, e->now.mode, e->from_stratum, from);
		cl_refidtext_format(e->to, e->now.mode, e->now.stratum, to);
		return true;
	case CL_CHANGE_LEAP:
		snprintf(from, CL_REFIDTEXT_LEN, "%s", cl_leap_text(e->from));
		snprintf(to, CL_REFIDTEXT_LEN, "%s", cl_leap_text(e->to));
		return true;
	default:
		return false;
	}
}

/* JSON ------------------------------------------------------------------------------ */

static void json_refid(struct cl_json *j, const struct cl_server_cards *c, const struct cl_statement *st)
{
	char text[CL_REFIDTEXT_LEN], means[CL_REFIDMEANS_LEN];

	cl_refidtext_format(st->refid, st->mode, st->stratum, text);
	cl_json_str(j, "refid", text);
	cl_json_str(j, "refid_means",
		    cl_refidtext_means(c->k->refids, st->refid, st->mode, st->stratum, means) ? means : NULL);
}

static void json_reference(struct cl_json *j, const struct cl_statement *st)
{
	int64_t set, age;

	if (cl_stamp_time(st->ref, st->time_ns, &set))
		cl_json_time(j, "reference_time", set);
	else
		cl_json_null(j, "reference_time");
	if (cl_statement_reference_age(st, &age))
		cl_json_seconds(j, "reference_age_s", age);
	else
		cl_json_null(j, "reference_age_s");
}

static void json_statement(struct cl_json *j, const struct cl_server_cards *c, const struct cl_statement *st)
{
	cl_json_time(j, "t", st->time_ns);
	cl_json_u64(j, "version", st->version);
	cl_json_u64(j, "leap", st->leap);
	cl_json_u64(j, "stratum", st->stratum);
	json_refid(j, c, st);
	cl_json_seconds(j, "root_delay_s", cl_short_time(st->root_delay));
	cl_json_seconds(j, "root_dispersion_s", cl_short_time(st->root_dispersion));
	cl_json_seconds(j, "precision_s", cl_power_time(st->precision));
	cl_json_i64(j, "poll", (int8_t)st->poll);
	json_reference(j, st);
}

static void json_slope(struct cl_json *j, bool has, double ppm)
{
	if (has)
		cl_json_double(j, "root_dispersion_slope_ppm", ppm);
	else
		cl_json_null(j, "root_dispersion_slope_ppm");
}

static void json_says(struct cl_json *j, const struct cl_server_cards *c, const struct cl_said *said)
{
	if (said->statements == 0) {
		cl_json_null(j, "says");
		return;
	}
	cl_json_object(j, "says");
	json_statement(j, c, &said->now);
	json_slope(j, said->has_slope, said->slope_ppm);
	cl_json_end(j);
}

static void json_kisses(struct cl_json *j, const struct cl_said *said)
{
	cl_json_array(j, "kisses");
	for (size_t i = 0; i < CL_SAID_KISSES && said->kiss[i].n > 0; i++) {
		char code[CL_REFIDTEXT_LEN];

		cl_refidtext_format(said->kiss[i].code, 4, 0, code);
		cl_json_object(j, NULL);
		cl_json_str(j, "code", code);
		cl_json_u64(j, "count", said->kiss[i].n);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_event(struct cl_json *j, const struct cl_server_cards *c, const struct cl_said_event *e)
{
	char from[CL_REFIDTEXT_LEN], to[CL_REFIDTEXT_LEN];
	bool texts = cl_server_change_texts(e, from, to);

	cl_json_object(j, NULL);
	cl_json_time(j, "t", e->time_ns);
	cl_json_str(j, "what", change_keys[e->what]);
	cl_json_str(j, "from", texts ? from : NULL);
	cl_json_str(j, "to", texts ? to : NULL);
	cl_json_u64(j, "stratum", e->now.stratum);
	cl_json_u64(j, "leap", e->now.leap);
	json_refid(j, c, &e->now);
	if (e->reference_age_ns >= 0)
		cl_json_seconds(j, "reference_age_s", e->reference_age_ns);
	else
		cl_json_null(j, "reference_age_s");
	cl_json_seconds(j, "root_dispersion_s", cl_short_time(e->now.root_dispersion));
	json_slope(j, e->has_slope, e->slope_ppm);
	cl_json_end(j);
}

static void json_events(struct cl_json *j, const struct cl_server_cards *c, const struct cl_card *seen)
{
	const struct cl_said_event *e =
		seen != NULL ? cl_cards_event(c->k->cards, seen->said.first_event) : NULL;

	cl_json_array(j, "changes");
	for (; e != NULL; e = cl_cards_event(c->k->cards, e->next))
		json_event(j, c, e);
	cl_json_end(j);
}

static void json_filtered(struct cl_json *j, const struct cl_upstream *u)
{
	struct cl_filtered f;
	bool any = cl_clock_filter_read(&u->filter, &f);

	if (any) {
		cl_json_seconds(j, "delay_s", f.delay_ns);
		cl_json_seconds(j, "offset_s", f.offset_ns);
		cl_json_seconds(j, "dispersion_s", f.dispersion_ns);
	} else {
		cl_json_null(j, "delay_s");
		cl_json_null(j, "offset_s");
		cl_json_null(j, "dispersion_s");
	}
	if (any && f.samples > 1)
		cl_json_seconds(j, "jitter_s", f.jitter_ns);
	else
		cl_json_null(j, "jitter_s");
	if (u->samples > 0) {
		cl_json_seconds(j, "last_delay_s", u->last.delay_ns);
		cl_json_seconds(j, "last_offset_s", u->last.offset_ns);
	} else {
		cl_json_null(j, "last_delay_s");
		cl_json_null(j, "last_offset_s");
	}
	cl_json_u64(j, "filter_samples", any ? f.samples : 0);
	cl_json_u64(j, "samples", u->samples);
}

static void json_poll(struct cl_json *j, const struct cl_upstream *u)
{
	int64_t ns;

	if (cl_upstream_poll(u, &ns))
		cl_json_seconds(j, "poll_s", ns);
	else
		cl_json_null(j, "poll_s");
	cl_json_i64(j, "poll_stated", (int8_t)u->stated_poll);
	if (cl_upstream_interval(u, &ns))
		cl_json_seconds(j, "interval_s", ns);
	else
		cl_json_null(j, "interval_s");
}

static void json_upstream(struct cl_json *j, const struct cl_server_cards *c,
			  const struct cl_server_card *card, const struct cl_upstream *u)
{
	char text[CL_ADDR_STRLEN], octal[8];

	cl_json_object(j, NULL);
	cl_addr_format(&u->remote, text);
	cl_json_str(j, "remote", text);
	cl_json_str(j, "name", cl_names_find(c->s->names, &u->remote));
	cl_json_bool(j, "selected", cl_server_selected(c, card, u));
	if (u->said.time_ns != 0) {
		json_refid(j, c, &u->said);
		cl_json_u64(j, "stratum", u->said.stratum);
	} else {
		cl_json_null(j, "refid");
		cl_json_null(j, "refid_means");
		cl_json_null(j, "stratum");
	}
	cl_json_str(j, "type", u->mode == 1 ? "s" : "u");
	if (u->answers > 0)
		cl_json_seconds(j, "when_s", c->as_of_ns - u->answer_ns);
	else
		cl_json_null(j, "when_s");
	json_poll(j, u);
	snprintf(octal, sizeof octal, "%03o", u->reach);
	cl_json_str(j, "reach", octal);
	snprintf(octal, sizeof octal, "%03o", u->reach_chrony);
	cl_json_str(j, "reach_chrony", octal);
	json_filtered(j, u);
	cl_json_u64(j, "requests", u->requests);
	cl_json_u64(j, "answers", u->answers);
	cl_json_u64(j, "unanswered", u->unanswered);
	cl_json_u64(j, "kisses", u->kisses);
	json_events(j, c, cl_cards_find(c->k->cards, &u->remote));
	cl_json_end(j);
}

static void json_versions(struct cl_json *j, const struct cl_said *said)
{
	cl_json_object(j, "versions");
	for (unsigned v = 0; v < 8; v++) {
		char key[2] = { (char)('0' + v), '\0' };

		if (said->version[v] > 0)
			cl_json_u64(j, key, said->version[v]);
	}
	cl_json_end(j);
}

static void json_seen(struct cl_json *j, const struct cl_server_cards *c, const struct cl_server_card *card)
{
	static const struct cl_said silent = { .answers = 0 };
	const struct cl_said *said = card->seen != NULL ? &card->seen->said : &silent;

	json_says(j, c, said);
	json_versions(j, said);
	json_kisses(j, said);
	json_events(j, c, card->seen);
	cl_json_rows(j, "upstreams");
	for (size_t i = 0; i < card->upstreams; i++)
		json_upstream(j, c, card, card->upstream[i]);
	cl_json_end(j);
}

static void json_card(struct cl_json *j, const struct cl_server_cards *c, const struct cl_server_card *card)
{
	char text[CL_ADDR_STRLEN];

	cl_json_object(j, NULL);
	cl_addr_format(&card->addr, text);
	cl_json_str(j, "server", text);
	cl_json_str(j, "name", cl_names_find(c->s->names, &card->addr));
	cl_json_i64(j, "requests", card->requests);
	cl_json_i64(j, "responses", card->responses);
	cl_json_i64(j, "matched", card->matched);
	cl_json_i64(j, "unanswered", card->unanswered);
	if (card->requests > 0)
		cl_json_double(j, "answered_share", (double)card->matched / (double)card->requests);
	else
		cl_json_null(j, "answered_share");
	cl_json_delta(j, "delta_s", &card->delta);
	if (c->k != NULL) {
		json_seen(j, c, card);
	} else {
		static const char *const keys[] = { "says", "versions", "kisses", "changes", "upstreams" };

		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			cl_json_null(j, keys[i]);
	}
	cl_json_end(j);
}

static void json_left_out(struct cl_json *j, const struct cl_server_cards *c)
{
	struct cl_cards_limits l = { .servers = 0 };

	if (c->k != NULL)
		l = cl_cards_left_out(c->k->cards);
	cl_json_u64(j, "more_servers", c->more);
	cl_json_object(j, "left_out");
	cl_json_u64(j, "servers", l.servers);
	cl_json_u64(j, "associations", l.associations);
	cl_json_u64(j, "changes", l.events);
	cl_json_u64(j, "ipv6_addresses", c->k != NULL ? cl_refidtext_refused(c->k->refids) : 0);
	cl_json_end(j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	struct cl_server_cards c;

	read_cards(&c, s);
	if (c.any)
		cl_json_time(j, "as_of", c.as_of_ns);
	else
		cl_json_null(j, "as_of");
	cl_json_array(j, "servers");
	for (size_t i = 0; i < c.count; i++)
		json_card(j, &c, &c.card[i]);
	cl_json_end(j);
	json_left_out(j, &c);
	cl_json_array(j, "not_visible");
	for (size_t i = 0; i < cl_not_visible_count; i++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "what", cl_not_visible[i].what);
		cl_json_str(j, "where", cl_not_visible[i].where);
		cl_json_end(j);
	}
	cl_json_end(j);
	free_cards(&c);
}

/* Tables ---------------------------------------------------------------------------- */

static void tables(struct cl_session *s, struct cl_tables *t)
{
	struct cl_server_cards c;

	read_cards(&c, s);
	cl_server_tables(&c, t);
	cl_view_more(t, c.more, "servers");
	free_cards(&c);
}

const struct cl_view cl_view_server = {
	.name = "server",
	.summary = "a server's card: what it says, whom it asks, and what changed",
	.example = "  clientele server --server 192.0.2.10 monday.pcap\n",
	.takes = CL_OPT_TOP,
	.needs = { .exchanges = CL_X_BIT(CL_X_NTP), .asked = true },
	.begin = begin,
	.take = take,
	.end = end,
	.json = json,
	.tables = tables,
};
