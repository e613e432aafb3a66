/* SPDX-License-Identifier: BSD-2-Clause */
/* query: what programs that ask for the time print, from the wire. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/view/refidtext.h"
#include "cli/view/view.h"
#include "stats/view/ask.h"

/* Columns that a server's name takes beside the figures. */
#define NAME_WIDTH 30

struct kept {
	struct cl_asks *asks;
	struct cl_refidtext *refids;
};

/* The pairs that are shown: those of the clients that ask most. */
struct asked {
	struct cl_session *s;
	const struct kept *k; /* NULL: nothing is kept */
	struct cl_ask **pair;
	size_t pairs, clients;
	size_t more; /* clients beyond --top */
};

static void end(void *state)
{
	struct kept *k = state;

	cl_asks_free(k->asks);
	cl_refidtext_free(k->refids);
	free(k);
}

static void *begin(const struct cl_session *s)
{
	struct kept *k = calloc(1, sizeof *k);

	if (k == NULL)
		return NULL;
	k->asks = cl_asks_new(s->config.engine.seed);
	k->refids = cl_refidtext_new(s->config.engine.seed);
	if (k->asks != NULL && k->refids != NULL)
		return k;
	end(k);
	return NULL;
}

static void take(void *state, const struct cl_exchange *x)
{
	struct kept *k = state;

	cl_asks_take(k->asks, x);
	cl_refidtext_see(k->refids, x);
}

static bool same_client(const struct asked *a, size_t i, size_t k)
{
	return cl_addr_cmp(&a->pair[i]->client, &a->pair[k]->client) == 0;
}

static void read_asked(struct asked *a, struct cl_session *s)
{
	size_t n;

	*a = (struct asked){ .s = s, .k = s->kept };
	if (a->k == NULL)
		return;
	a->pair = cl_asks_sorted(a->k->asks, &n);
	if (a->pair == NULL)
		cl_store_fail(s->store, CL_ENOMEM);
	for (size_t i = 0; a->pair != NULL && i < n; i++) {
		bool first = i == 0 || !same_client(a, i, i - 1);

		if (first && a->clients == s->options->top) {
			if (a->more++ == 0)
				a->pairs = i;
		} else {
			a->clients += first;
		}
	}
	if (a->more == 0)
		a->pairs = n;
}

/* Words ----------------------------------------------------------------------------- */

static const char *const auth_words[CL_NTP_AUTHS] = { "none", "MAC", "crypto-NAK", "Autokey", "NTS" };
static const char *const auth_keys[CL_NTP_AUTHS] = { "none", "mac", "crypto-nak", "autokey", "nts" };
static const char *const t1_keys[] = { "capture", "transmit", "transmit_ns" };
static const char *const t1_words[] = { "cap", "xmt", "xns" };
static const char *const tap_keys[] = { NULL, "client", "server", "link", "path" };
static const char *const fortune_keys[CL_FORTUNES] = {
	[CL_FORTUNE_UNANSWERED] = "unanswered", [CL_FORTUNE_OPEN_AT_END] = "open_at_end",
	[CL_FORTUNE_GIVEN_UP] = "given_up",	[CL_FORTUNE_MATCHED] = "matched",
	[CL_FORTUNE_BACKWARDS] = "backwards",
};

#define AUTH_LEN 48

/* "MAC 2/20" is key 2 with a digest of 20 octets; what another kind answered, behind an arrow. */
static void auth_text(const struct cl_ask_auth *asked, const struct cl_ask_auth *got, char out[AUTH_LEN])
{
	char key[24] = "", answer[16] = "";

	if (asked->kind == CL_NTP_AUTH_MAC)
		snprintf(key, sizeof key, " %u/%u", asked->key_id, asked->mac_length);
	if (got != NULL && got->kind != asked->kind)
		snprintf(answer, sizeof answer, " > %s", auth_words[got->kind % CL_NTP_AUTHS]);
	snprintf(out, AUTH_LEN, "%s%s%s", auth_words[asked->kind % CL_NTP_AUTHS], key, answer);
}

/* Of a sample: how far from the truth its offset can be, but for the server's own error. */
static int64_t distance(int64_t delay_ns, int64_t dispersion_ns)
{
	return llabs(delay_ns / 2 + dispersion_ns);
}

/* JSON ------------------------------------------------------------------------------ */

static void json_auth(struct cl_json *j, const char *key, const struct cl_ask_auth *a)
{
	bool has_key = a->kind == CL_NTP_AUTH_MAC || a->kind == CL_NTP_AUTH_CRYPTO_NAK ||
		       a->kind == CL_NTP_AUTH_AUTOKEY;

	cl_json_object(j, key);
	cl_json_str(j, "kind", auth_keys[a->kind % CL_NTP_AUTHS]);
	if (has_key)
		cl_json_u64(j, "key_id", a->key_id);
	else
		cl_json_null(j, "key_id");
	cl_json_u64(j, "mac_bytes", a->mac_length);
	cl_json_end(j);
}

static void json_said(struct cl_json *j, const struct asked *a, const struct cl_statement *st)
{
	char text[CL_REFIDTEXT_LEN], means[CL_REFIDMEANS_LEN];

	cl_json_u64(j, "version", st->version);
	cl_json_u64(j, "stratum", st->stratum);
	cl_json_str(j, "leap", cl_leap_text(st->leap));
	cl_refidtext_format(st->refid, st->mode, st->stratum, text);
	cl_json_str(j, "refid", text);
	cl_json_str(j, "refid_means",
		    cl_refidtext_means(a->k->refids, st->refid, st->mode, st->stratum, means) ? means : NULL);
	cl_json_seconds(j, "root_delay_s", cl_short_time(st->root_delay));
	cl_json_seconds(j, "root_dispersion_s", cl_short_time(st->root_dispersion));
	cl_json_seconds(j, "precision_s", cl_power_time(st->precision));
}

static void json_seconds_or_null(struct cl_json *j, const char *key, bool known, int64_t ns)
{
	if (known)
		cl_json_seconds(j, key, ns);
	else
		cl_json_null(j, key);
}

static void json_times(struct cl_json *j, const struct cl_sample *s)
{
	const bool full = s->timed && s->tap != CL_TAP_SERVER;

	cl_json_str(j, "t1", s->timed ? t1_keys[s->t1] : NULL);
	cl_json_str(j, "t4", full ? "capture" : NULL);
	json_seconds_or_null(j, "offset_s", s->timed, s->offset_ns);
	json_seconds_or_null(j, "delay_s", full, s->delay_ns);
	json_seconds_or_null(j, "dispersion_s", full, s->dispersion_ns);
	json_seconds_or_null(j, "distance_s", full, distance(s->delay_ns, s->dispersion_ns));
	json_seconds_or_null(j, "capture_offset_s", full, s->wire_offset_ns);
	json_seconds_or_null(j, "capture_delay_s", full, s->wire_delay_ns);
	json_seconds_or_null(j, "client_clock_s", s->has_clock, s->clock_ns);
}

static void json_frame(struct cl_json *j, const struct asked *a, const char *frame_key, const char *file_key,
		       bool known, uint64_t frame, uint32_t file)
{
	if (known)
		cl_json_u64(j, frame_key, frame);
	else
		cl_json_null(j, frame_key);
	cl_json_str(j, file_key, known ? cl_session_file(a->s, file) : NULL);
}

static void json_sample(struct cl_json *j, const struct asked *a, const struct cl_sample *s)
{
	cl_json_object(j, NULL);
	cl_json_time(j, "t", s->time_ns);
	cl_json_str(j, "fortune", fortune_keys[s->fortune % CL_FORTUNES]);
	cl_json_bool(j, "good", s->good);
	json_times(j, s);
	json_auth(j, "request_auth", &s->request);
	if (s->answered) {
		json_auth(j, "response_auth", &s->response);
		json_said(j, a, &s->said);
	} else {
		cl_json_null(j, "response_auth");
	}
	json_frame(j, a, "request_frame", "request_file", true, s->request_frame, s->request_file);
	json_frame(j, a, "response_frame", "response_file", s->answered, s->response_frame, s->response_file);
	cl_json_end(j);
}

static void json_best(struct cl_json *j, const struct cl_ask *p)
{
	struct cl_filtered f;

	if (!cl_clock_filter_read(&p->filter, &f)) {
		cl_json_null(j, "best");
		return;
	}
	cl_json_object(j, "best");
	cl_json_time(j, "t", f.time_ns);
	cl_json_seconds(j, "offset_s", f.offset_ns);
	cl_json_seconds(j, "delay_s", f.delay_ns);
	cl_json_seconds(j, "dispersion_s", f.own_dispersion_ns);
	cl_json_seconds(j, "distance_s", distance(f.delay_ns, f.own_dispersion_ns));
	json_seconds_or_null(j, "jitter_s", f.samples > 1, f.jitter_ns);
	cl_json_u64(j, "of", f.samples);
	cl_json_end(j);
}

static void json_pair(struct cl_json *j, const struct asked *a, const struct cl_ask *p)
{
	char text[CL_ADDR_STRLEN];

	cl_json_object(j, NULL);
	cl_addr_format(&p->server, text);
	cl_json_str(j, "server", text);
	cl_json_str(j, "name", cl_names_find(a->s->names, &p->server));
	cl_json_u64(j, "requests", p->requests);
	cl_json_u64(j, "answers", p->answers);
	cl_json_str(j, "tap", tap_keys[p->tap]);
	json_best(j, p);
	cl_json_u64(j, "left_out", p->requests - p->kept);
	cl_json_rows(j, "samples");
	for (const struct cl_sample *s = cl_asks_sample(a->k->asks, p->first); s != NULL;
	     s = cl_asks_sample(a->k->asks, s->next))
		json_sample(j, a, s);
	cl_json_end(j);
	cl_json_end(j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	struct cl_asks_limits left = { .pairs = 0 };
	struct asked a;

	read_asked(&a, s);
	if (a.k == NULL) {
		cl_json_null(j, "clients");
	} else {
		left = cl_asks_left_out(a.k->asks);
		cl_json_array(j, "clients");
		for (size_t i = 0; i < a.pairs;) {
			char text[CL_ADDR_STRLEN];
			size_t first = i;

			cl_json_object(j, NULL);
			cl_addr_format(&a.pair[i]->client, text);
			cl_json_str(j, "client", text);
			cl_json_str(j, "name", cl_names_find(s->names, &a.pair[i]->client));
			cl_json_u64(j, "requests", a.pair[i]->of_client);
			cl_json_array(j, "servers");
			for (; i < a.pairs && same_client(&a, i, first); i++)
				json_pair(j, &a, a.pair[i]);
			cl_json_end(j);
			cl_json_end(j);
		}
		cl_json_end(j);
	}
	cl_json_u64(j, "more_clients", a.more);
	cl_json_object(j, "left_out");
	cl_json_u64(j, "requests_of_pairs", left.pairs);
	cl_json_u64(j, "samples", left.samples);
	cl_json_end(j);
	free(a.pair);
}

/* Tables ---------------------------------------------------------------------------- */

static void row_pair(struct cl_tables *t, const struct asked *a, const struct cl_ask *p)
{
	char text[CL_ADDR_STRLEN], auth[AUTH_LEN];
	struct cl_filtered f;
	bool best = cl_clock_filter_read(&p->filter, &f);

	if (a->s->options->format == CL_FORMAT_CSV) {
		cl_addr_format(&p->client, text);
		cl_cell_text(t, text);
	}
	cl_cell_name(a->s, t, &p->server, NAME_WIDTH);
	cl_cell_count(t, p->requests);
	cl_cell_count(t, p->answers);
	if (p->answers > 0)
		cl_cell_count(t, p->said.stratum);
	else
		cl_cell_null(t);
	if (best) {
		cl_cell_duration(t, f.offset_ns);
		cl_cell_duration(t, distance(f.delay_ns, f.own_dispersion_ns));
		cl_cell_duration(t, f.delay_ns);
	} else {
		cl_cell_null(t);
		cl_cell_null(t);
		cl_cell_null(t);
	}
	cl_cell_text(t, p->answers > 0 ? cl_leap_text(p->said.leap) : NULL);
	auth_text(&p->request, p->answers > 0 ? &p->response : NULL, auth);
	cl_cell_text(t, auth);
	cl_table_row_end(t);
}

static void table_client(struct cl_tables *t, const struct asked *a, size_t from, size_t to)
{
	static const struct cl_column columns[] = {
		{ "Client", "client", CL_COL_TEXT },	  { "Server", "server", CL_COL_TEXT },
		{ "Asked", "requests", CL_COL_COUNT },	  { "Answ", "answers", CL_COL_COUNT },
		{ "St", "stratum", CL_COL_COUNT },	  { "Offset", "offset_s", CL_COL_DURATION },
		{ "+/-", "distance_s", CL_COL_DURATION }, { "Delay", "delay_s", CL_COL_DURATION },
		{ "Leap", "leap", CL_COL_TEXT },	  { "Auth", "auth", CL_COL_TEXT },
	};
	const size_t skip = a->s->options->format == CL_FORMAT_CSV ? 0 : 1;
	char text[CL_ADDR_STRLEN], title[512];
	bool at_server = false;

	snprintf(title, sizeof title, "Asked by %s", cl_session_name(a->s, &a->pair[from]->client, text));
	cl_table_begin(t, title, columns + skip, sizeof columns / sizeof *columns - skip);
	for (size_t i = from; i < to; i++) {
		at_server = at_server || a->pair[i]->tap == CL_TAP_SERVER;
		row_pair(t, a, a->pair[i]);
	}
	cl_table_end(t);
	cl_tables_note(t, "The sample of least delay of the last eight; +/-: half its delay and its "
			  "dispersion.");
	if (at_server)
		cl_tables_note(t, "By times to live some of it was captured at the server: offsets below are "
				  "transmit stamp to arrival.");
}

static const char *fate_of(const struct cl_sample *s)
{
	if (s->answered && cl_is_kiss(s->said.stratum, s->said.refid))
		return "kiss";
	if (s->answered)
		return s->good || s->tap == CL_TAP_SERVER ? "yes" : "unfit";
	return s->fortune == CL_FORTUNE_OPEN_AT_END ? "open" : "none";
}

static void row_sample(struct cl_tables *t, const struct asked *a, const struct cl_ask *p,
		       const struct cl_sample *s)
{
	char text[CL_ADDR_STRLEN], auth[AUTH_LEN];
	const bool full = s->timed && s->tap != CL_TAP_SERVER;

	if (a->s->options->format == CL_FORMAT_CSV) {
		cl_addr_format(&p->client, text);
		cl_cell_text(t, text);
		cl_addr_format(&p->server, text);
		cl_cell_text(t, text);
	}
	cl_cell_time(t, s->time_ns);
	if (s->timed)
		cl_cell_duration(t, s->offset_ns);
	else
		cl_cell_null(t);
	if (full) {
		cl_cell_duration(t, distance(s->delay_ns, s->dispersion_ns));
		cl_cell_duration(t, s->delay_ns);
	} else {
		cl_cell_null(t);
		cl_cell_null(t);
	}
	if (s->answered)
		cl_cell_count(t, s->said.stratum);
	else
		cl_cell_null(t);
	cl_cell_text(t, s->answered ? cl_leap_text(s->said.leap) : NULL);
	cl_cell_text(t, fate_of(s));
	cl_cell_text(t, s->timed ? t1_words[s->t1] : NULL);
	auth_text(&s->request, s->answered ? &s->response : NULL, auth);
	cl_cell_text(t, auth);
	cl_table_row_end(t);
}

static void table_samples(struct cl_tables *t, const struct asked *a, const struct cl_ask *p)
{
	static const struct cl_column columns[] = {
		{ "Client", "client", CL_COL_TEXT },
		{ "Server", "server", CL_COL_TEXT },
		{ "Time", "t", CL_COL_TIME },
		{ "Offset", "offset_s", CL_COL_DURATION },
		{ "+/-", "distance_s", CL_COL_DURATION },
		{ "Delay", "delay_s", CL_COL_DURATION },
		{ "St", "stratum", CL_COL_COUNT },
		{ "Leap", "leap", CL_COL_TEXT },
		{ "Answ", "answer", CL_COL_TEXT },
		{ "t1", "t1", CL_COL_TEXT },
		{ "Auth", "auth", CL_COL_TEXT },
	};
	const size_t skip = a->s->options->format == CL_FORMAT_CSV ? 0 : 2;
	char client[CL_ADDR_STRLEN], server[CL_ADDR_STRLEN], title[1024];

	snprintf(title, sizeof title, "%s asks %s", cl_session_name(a->s, &p->client, client),
		 cl_session_name(a->s, &p->server, server));
	cl_table_begin(t, title, columns + skip, sizeof columns / sizeof *columns - skip);
	for (const struct cl_sample *s = cl_asks_sample(a->k->asks, p->first); s != NULL;
	     s = cl_asks_sample(a->k->asks, s->next))
		row_sample(t, a, p, s);
	cl_table_end(t);
}

static void table_left_out(struct cl_tables *t, const struct asked *a)
{
	struct cl_asks_limits left = cl_asks_left_out(a->k->asks);

	if (left.pairs + left.samples == 0)
		return;
	cl_list_begin(t, "For want of room");
	cl_list_count(t, "requests of pairs that are not kept", "requests_of_pairs", left.pairs);
	cl_list_count(t, "samples not listed", "samples", left.samples);
	cl_list_end(t);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	struct asked a;

	read_asked(&a, s);
	if (a.k == NULL) {
		cl_view_not_kept(t);
		return;
	}
	for (size_t i = 0, next; i < a.pairs; i = next) {
		for (next = i; next < a.pairs && same_client(&a, next, i);)
			next++;
		table_client(t, &a, i, next);
		for (size_t k = i; k < next; k++)
			table_samples(t, &a, a.pair[k]);
	}
	if (a.pairs > 0)
		cl_tables_note(t, "t1: xmt, the request's transmit timestamp (xns: of nanoseconds); cap, the "
				  "capture's, as t4.");
	cl_view_more(t, a.more, "clients");
	table_left_out(t, &a);
	free(a.pair);
}

const struct cl_view cl_view_query = {
	.name = "query",
	.summary = "what ntpdate -q and its like print: offset and delay of each answer",
	.example = "  clientele query --top 1 at-the-client.pcap\n",
	.takes = CL_OPT_TOP,
	.needs = { .exchanges = CL_X_BIT(CL_X_NTP) },
	.begin = begin,
	.take = take,
	.end = end,
	.json = json,
	.tables = tables,
};
