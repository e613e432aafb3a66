/* SPDX-License-Identifier: BSD-2-Clause */
/* server: what can be known of a server from the wire, and of the servers that it asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/refidtext.h"
#include "cli/view.h"
#include "stats/cards.h"

/* Columns that a remote's name takes in the line like ntpq's. */
#define REMOTE_WIDTH 30

static const struct {
	const char *what, *where;
} not_visible[] = {
	{ "frequency and jitter of the loop", "ntpq -c rv over the network: mode6; chronyc tracking" },
	{ "clocks attached to the server", "ntpq -c clockvar over the network: mode6" },
	{ "satellites, fix, dilution of precision", "gpsd, the receiver" },
	{ "correlation and field strength of DCF77", "the receiver, SNMP" },
	{ "temperature, load, memory", "SNMP" },
	{ "why a server was chosen or thrown out", "ntpq -c as, chronyc sources; here only its refid tells" },
	{ "a dispersion that the server keeps to itself", "ntpq -c rv ASSOC" },
	{ "servers asked by another interface or before", "a capture there; reach begins with the capture" },
};
#define NOT_VISIBLE (sizeof not_visible / sizeof *not_visible)

struct kept {
	struct cl_cards *cards;
	struct cl_refidtext *refids;
};

/* A server's sums, of the store. */
struct card {
	struct cl_addr addr;
	int64_t service_id;
	int64_t requests, responses, matched, unanswered;
	struct cl_hist delta;
	const struct cl_card *seen; /* NULL: nothing is kept */
	const struct cl_upstream **upstream;
	size_t upstreams;
};

struct cards {
	struct cl_session *s;
	const struct kept *k; /* NULL: nothing is kept */
	struct card *card;
	size_t count;
	bool any;
	int64_t as_of_ns;
};

/* What is kept of exchanges --------------------------------------------------------- */

static void end(void *state)
{
	struct kept *k = state;

	cl_cards_free(k->cards);
	cl_refidtext_free(k->refids);
	free(k);
}

static void *begin(const struct cl_session *s)
{
	struct kept *k = calloc(1, sizeof *k);

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
	struct kept *k = state;

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
static bool read_upstreams(struct cards *c, struct card *card)
{
	if (c->k == NULL)
		return false;
	card->seen = cl_cards_find(c->k->cards, &card->addr);
	card->upstream = cl_cards_upstreams(c->k->cards, &card->addr, &card->upstreams);
	if (card->upstream == NULL)
		cl_store_fail(c->s->store, CL_ENOMEM);
	return card->upstreams > 0;
}

static bool read_card(struct cards *c, struct cl_query *q, struct card *card)
{
	*card = (struct card){ .service_id = cl_query_i64(q, 0),
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

static bool is_shown(const struct cards *c, const struct cl_addr *a)
{
	for (size_t i = 0; i < c->count; i++)
		if (cl_addr_cmp(&c->card[i].addr, a) == 0)
			return true;
	return false;
}

/* Addresses asked for that only ask: another address of a server. */
static void read_askers(struct cards *c)
{
	const struct cl_options *o = c->s->options;

	for (size_t i = 0; i < o->nservers && c->count < o->top; i++) {
		struct card card = { .addr = o->servers[i] };

		if (!is_shown(c, &card.addr) && read_upstreams(c, &card))
			c->card[c->count++] = card;
		else
			free(card.upstream);
	}
}

static void read_cards(struct cards *c, struct cl_session *s)
{
	int64_t first_ns;

	*c = (struct cards){ .s = s, .k = s->kept };
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
	cl_query_free(q);
	read_askers(c);
}

static void free_cards(struct cards *c)
{
	for (size_t i = 0; i < c->count; i++) {
		cl_hist_free(&c->card[i].delta);
		free(c->card[i].upstream);
	}
	free(c->card);
}

/* Whether the server's last answer names this upstream as its reference. */
static bool is_selected(const struct cards *c, const struct card *card, const struct cl_upstream *u)
{
	const struct cl_said *said = card->seen != NULL ? &card->seen->said : NULL;

	return said != NULL && said->statements > 0 &&
	       cl_refidtext_is(c->k->refids, said->now.refid, said->now.stratum, &u->remote);
}

static const char *const change_keys[CL_CHANGES] = { "stratum", "refid", "leap", "reference_stopped",
						     "reference_moved" };
static const char *const change_words[CL_CHANGES] = { "stratum", "refid", "leap", "reference old",
						      "reference set" };

/* The two values of a change as texts; false: it has none. */
static bool change_texts(const struct cl_said_event *e, char from[CL_REFIDTEXT_LEN],
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

static void json_refid(struct cl_json *j, const struct cards *c, const struct cl_statement *st)
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

static void json_statement(struct cl_json *j, const struct cards *c, const struct cl_statement *st)
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

static void json_says(struct cl_json *j, const struct cards *c, const struct cl_said *said)
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

static void json_event(struct cl_json *j, const struct cards *c, const struct cl_said_event *e)
{
	char from[CL_REFIDTEXT_LEN], to[CL_REFIDTEXT_LEN];
	bool texts = change_texts(e, from, to);

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

static void json_events(struct cl_json *j, const struct cards *c, const struct cl_card *seen)
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

static void json_upstream(struct cl_json *j, const struct cards *c, const struct card *card,
			  const struct cl_upstream *u)
{
	char text[CL_ADDR_STRLEN], octal[8];

	cl_json_object(j, NULL);
	cl_addr_format(&u->remote, text);
	cl_json_str(j, "remote", text);
	cl_json_str(j, "name", cl_names_find(c->s->names, &u->remote));
	cl_json_bool(j, "selected", is_selected(c, card, u));
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

static void json_seen(struct cl_json *j, const struct cards *c, const struct card *card)
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

static void json_card(struct cl_json *j, const struct cards *c, const struct card *card)
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

static void json_left_out(struct cl_json *j, const struct cards *c)
{
	struct cl_cards_limits l = { .servers = 0 };

	if (c->k != NULL)
		l = cl_cards_left_out(c->k->cards);
	cl_json_object(j, "left_out");
	cl_json_u64(j, "servers", l.servers);
	cl_json_u64(j, "associations", l.associations);
	cl_json_u64(j, "changes", l.events);
	cl_json_u64(j, "ipv6_addresses", c->k != NULL ? cl_refidtext_refused(c->k->refids) : 0);
	cl_json_end(j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	struct cards c;

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
	for (size_t i = 0; i < NOT_VISIBLE; i++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "what", not_visible[i].what);
		cl_json_str(j, "where", not_visible[i].where);
		cl_json_end(j);
	}
	cl_json_end(j);
	free_cards(&c);
}

/* Tables ---------------------------------------------------------------------------- */

/* As ntpq shows it: a code between points. */
static void refid_cell(const struct cl_statement *st, char out[CL_REFIDTEXT_LEN])
{
	char text[CL_REFIDTEXT_LEN];

	if (cl_refidtext_format(st->refid, st->mode, st->stratum, text))
		snprintf(out, CL_REFIDTEXT_LEN, ".%.4s.", text);
	else
		snprintf(out, CL_REFIDTEXT_LEN, "%s", text);
}

static bool is_csv(const struct cards *c)
{
	return c->s->options->format == CL_FORMAT_CSV;
}

/* Programs are told whose row it is; people have it in the title. */
static void begin_table(struct cl_tables *t, const struct cards *c, const char *title,
			const struct cl_column *columns, size_t n)
{
	cl_table_begin(t, title, columns + (is_csv(c) ? 0 : 1), n - (is_csv(c) ? 0 : 1));
}

static void cell_owner(struct cl_tables *t, const struct cards *c, const struct cl_addr *owner)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(owner, text);
	if (is_csv(c))
		cl_cell_text(t, text);
}

static void list_slope(struct cl_tables *t, const struct cards *c, const struct cl_said *said)
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
		cl_list_duration(t, "its age then", "reference_age", age);
}

static void list_says(struct cl_tables *t, const struct cards *c, const struct cl_said *said)
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
	cl_list_duration(t, "root delay", "root_delay", cl_short_time(st->root_delay));
	cl_list_duration(t, "root dispersion", "root_dispersion", cl_short_time(st->root_dispersion));
	list_slope(t, c, said);
	cl_list_duration(t, "precision", "precision", cl_power_time(st->precision));
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

static void list_card(struct cl_tables *t, const struct cards *c, const struct card *card)
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
		cl_list_duration(t, "time to answer, p50", "delta_p50", cl_hist_quantile(&card->delta, 0.5));
		cl_list_duration(t, "p99", "delta_p99", cl_hist_quantile(&card->delta, 0.99));
		cl_list_duration(t, "max", "delta_max", card->delta.max);
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

static void row_upstream(struct cl_tables *t, const struct cards *c, const struct card *card,
			 const struct cl_upstream *u)
{
	char refid[CL_REFIDTEXT_LEN];
	struct cl_filtered f;
	int64_t poll = 0;
	bool known = cl_upstream_poll(u, &poll), any = cl_clock_filter_read(&u->filter, &f);

	cell_owner(t, c, &card->addr);
	cl_cell_text(t, is_selected(c, card, u) ? "*" : "");
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

static void table_upstreams(struct cl_tables *t, const struct cards *c, const struct card *card)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "", "selected", CL_COL_TEXT },
		{ "remote", "remote", CL_COL_TEXT },
		{ "refid", "refid", CL_COL_TEXT },
		{ "st", "st", CL_COL_COUNT },
		{ "t", "t", CL_COL_TEXT },
		{ "when", "when", CL_COL_COUNT },
		{ "poll", "poll", CL_COL_COUNT },
		{ "reach", "reach", CL_COL_COUNT },
		{ "delay", "delay", CL_COL_DURATION },
		{ "offset", "offset", CL_COL_DURATION },
		{ "jitter", "jitter", CL_COL_DURATION },
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

static void table_events(struct cl_tables *t, const struct cards *c, const struct cl_addr *server,
			 const struct cl_card *seen)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "Time", "t", CL_COL_TIME },
		{ "Change", "what", CL_COL_TEXT },
		{ "From", "from", CL_COL_TEXT },
		{ "To", "to", CL_COL_TEXT },
		{ "Ref age", "reference_age", CL_COL_DURATION },
		{ "Root disp", "root_dispersion", CL_COL_DURATION },
	};
	char text[CL_ADDR_STRLEN], title[512];

	if (seen == NULL || seen->said.events == 0)
		return;
	snprintf(title, sizeof title, "Changes of what %s says", cl_session_name(c->s, server, text));
	begin_table(t, c, title, columns, sizeof columns / sizeof *columns);
	for (const struct cl_said_event *e = cl_cards_event(c->k->cards, seen->said.first_event); e != NULL;
	     e = cl_cards_event(c->k->cards, e->next)) {
		char from[CL_REFIDTEXT_LEN], to[CL_REFIDTEXT_LEN];
		bool texts = change_texts(e, from, to);

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

static void tables_of_card(struct cl_tables *t, const struct cards *c, const struct card *card)
{
	list_card(t, c, card);
	if (c->k == NULL)
		return;
	table_upstreams(t, c, card);
	table_events(t, c, &card->addr, card->seen);
	for (size_t i = 0; i < card->upstreams; i++) {
		const struct cl_addr *remote = &card->upstream[i]->remote;

		if (!is_shown(c, remote))
			table_events(t, c, remote, cl_cards_find(c->k->cards, remote));
	}
}

static void table_left_out(struct cl_tables *t, const struct cards *c)
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

static void tables(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Not visible from the wire", "what", CL_COL_TEXT },
		{ "Where it is", "where", CL_COL_TEXT },
	};
	struct cards c;

	read_cards(&c, s);
	for (size_t i = 0; i < c.count; i++)
		tables_of_card(t, &c, &c.card[i]);
	if (c.k != NULL)
		table_left_out(t, &c);
	else
		cl_tables_note(t, "This database does not keep single messages: what servers say and whom "
				  "they ask needs the captures, or --keep transactions.");
	cl_table_begin(t, NULL, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < NOT_VISIBLE; i++) {
		cl_cell_text(t, not_visible[i].what);
		cl_cell_text(t, not_visible[i].where);
		cl_table_row_end(t);
	}
	cl_table_end(t);
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
