/* SPDX-License-Identifier: BSD-2-Clause */
/* load as tables and CSV. */
#include <stdio.h>

#include "cli/view/view_load.h"

#define NAME_WIDTH  26
#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static size_t top(const struct cl_session *s, size_t n)
{
	return n < s->options->top ? n : s->options->top;
}

static void cell_share(struct cl_tables *t, uint64_t n, uint64_t of)
{
	if (of > 0)
		cl_cell_share(t, (double)n / (double)of);
	else
		cl_cell_null(t);
}

static void cell_duration(struct cl_tables *t, int64_t ns)
{
	if (ns >= 0)
		cl_cell_duration(t, ns);
	else
		cl_cell_null(t);
}

/* Kisses -------------------------------------------------------------------------- */

static void table_codes(struct cl_session *s, struct cl_tables *t, const struct load_shown *v)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "Code", "code", CL_COL_TEXT },
		{ "Kisses", "kisses", CL_COL_COUNT },
		{ "Clients", "clients", CL_COL_COUNT },
	};
	char code[9];

	cl_table_begin(t, "Kisses-o'-death", columns, COUNT_OF(columns));
	for (size_t i = 0; i < v->row_count; i++) {
		cl_cell_name(s, t, &v->row[i]->key.server, 40);
		cl_kiss_text(v->row[i]->key.code, code);
		cl_cell_text(t, code);
		cl_cell_count(t, v->row[i]->kisses);
		cl_cell_count(t, v->row[i]->clients);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_obeyed(struct cl_tables *t, const struct load_shown *v)
{
	static const struct cl_column columns[] = {
		{ "Clients after their first kiss", "obeyed", CL_COL_TEXT },
		{ "Clients", "clients", CL_COL_COUNT },
	};
	static const char *const words[CL_OBEYED_WAYS] = { "RATE: too few requests to tell",
							   "RATE: gone",
							   "RATE: honours (gaps 1.8 times or more)",
							   "RATE: slower (1.2 to 1.8)",
							   "RATE: ignores (0.8 to 1.2)",
							   "RATE: worse (less)" };

	cl_table_begin(t, "Obeyed", columns, COUNT_OF(columns));
	for (size_t i = CL_OBEYED_WAYS; i-- > 0;) {
		cl_cell_text(t, words[i]);
		cl_cell_count(t, v->obeyed[i]);
		cl_table_row_end(t);
	}
	const struct {
		const char *words;
		uint64_t n;
	} refused[] = { { "DENY, RSTR: asks an hour later", v->refused_still },
			{ "DENY, RSTR: capture ends within the hour", v->refused_untold },
			{ "DENY, RSTR: stopped", v->refused - v->refused_still - v->refused_untold } };
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		cl_cell_text(t, refused[i].words);
		cl_cell_count(t, refused[i].n);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_kissed(struct cl_session *s, struct cl_tables *t, const struct load_shown *v)
{
	static const struct cl_column columns[] = {
		{ "Client", "client", CL_COL_TEXT },
		{ "Kisses", "kisses", CL_COL_COUNT },
		{ "After RATE", "obeyed", CL_COL_TEXT },
		{ "Before", "before", CL_COL_DURATION },
		{ "After", "after", CL_COL_DURATION },
		{ "Gaps", "gaps", CL_COL_TEXT },
		{ "1 h later", "requests_an_hour_after_refusal", CL_COL_COUNT },
	};

	cl_table_begin(t, "Clients with most kisses", columns, COUNT_OF(columns));
	for (size_t i = 0; i < top(s, v->kissed_count); i++) {
		const struct cl_kissed *k = v->kissed[i];
		const struct cl_obedience o = cl_kissed_obeyed(k, v->totals->last_ns);
		const bool rated = k->rate_ns != INT64_MIN;

		cl_cell_client(s, t, &k->addr, NAME_WIDTH);
		cl_cell_count(t, k->kisses);
		cl_cell_text(t, rated ? load_obeyed_keys[o.how] : NULL);
		cell_duration(t, rated ? o.before_ns : -1);
		cell_duration(t, rated ? o.after_ns : -1);
		cl_cell_text(t, !rated ? NULL : o.of_requests ? "requests" : "polls");
		cl_cell_count(t, k->requests_an_hour_after);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Before, after: medians of the ten gaps about the first RATE, between polls "
			  "(requests less than 4 s");
	cl_tables_note(t, "behind each other are one) or, where these are too few, between requests.");
}

/* Rates --------------------------------------------------------------------------- */

static void table_thresholds(struct cl_tables *t, const struct cl_load_totals *v)
{
	static const struct cl_column columns[] = {
		{ "Clients", "threshold", CL_COL_TEXT },    { "Count", "clients", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },	    { "Requests", "requests", CL_COL_COUNT },
		{ "Share", "request_share", CL_COL_SHARE },
	};
	const struct {
		const char *words;
		const struct cl_load_group *g;
	} rows[] = { { "100 requests or more, mean below 30 s", &v->abusive },
		     { "two requests within 2 s", &v->guard },
		     { "8 requests or more, mean below 8 s", &v->average } };

	cl_table_begin(t, "Thresholds", columns, COUNT_OF(columns));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		cl_cell_text(t, rows[i].words);
		cl_cell_count(t, rows[i].g->clients);
		cell_share(t, rows[i].g->clients, v->clients);
		cl_cell_count(t, rows[i].g->requests);
		cell_share(t, rows[i].g->requests, v->requests);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_bursts(struct cl_session *s, struct cl_tables *t, const struct load_shown *v)
{
	static const struct cl_column columns[] = {
		{ "Client", "client", CL_COL_TEXT },
		{ "Time", "t", CL_COL_TIME },
		{ "Requests", "requests", CL_COL_COUNT },
		{ "Length", "length", CL_COL_DURATION },
		{ "Rate/s", "rate", CL_COL_COUNT },
		{ "Ports", "port_changes", CL_COL_SHARE },
		{ "Payload", "payload_changes", CL_COL_SHARE },
	};

	cl_list_begin(t, "Bursts (10 requests or more in 1 s)");
	cl_list_count(t, "bursts", "bursts", v->totals->bursts);
	cl_list_count(t, "requests in them", "requests", v->totals->burst_requests);
	cl_list_count(t, "clients", "clients", v->totals->burst_clients);
	if (v->totals->bursts_not_listed > 0)
		cl_list_count(t, "not listed", "not_listed", v->totals->bursts_not_listed);
	cl_list_end(t);
	if (v->bursts == 0)
		return;
	cl_table_begin(t, "Greatest bursts", columns, COUNT_OF(columns));
	for (size_t i = 0; i < top(s, v->bursts); i++) {
		const struct cl_load_burst *b = &v->burst[i];

		cl_cell_client(s, t, &b->client, NAME_WIDTH);
		cl_cell_time(t, b->first_ns);
		cl_cell_count(t, b->requests);
		cl_cell_duration(t, b->last_ns - b->first_ns);
		if (b->last_ns > b->first_ns)
			cl_cell_count(t, (uint64_t)load_burst_rate(b));
		else
			cl_cell_null(t);
		cell_share(t, b->ports, b->requests - 1);
		cell_share(t, b->payloads, b->requests - 1);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Ports, payload: requests with another source port, or other timestamps, than the "
			  "one before.");
}

static void table_minute(struct cl_tables *t, const struct cl_load_totals *v)
{
	static const struct cl_column columns[] = {
		{ "Seconds", "second", CL_COL_TEXT }, { "+0", "s0", CL_COL_COUNT },
		{ "+1", "s1", CL_COL_COUNT },	      { "+2", "s2", CL_COL_COUNT },
		{ "+3", "s3", CL_COL_COUNT },	      { "+4", "s4", CL_COL_COUNT },
		{ "+5", "s5", CL_COL_COUNT },	      { "+6", "s6", CL_COL_COUNT },
		{ "+7", "s7", CL_COL_COUNT },	      { "+8", "s8", CL_COL_COUNT },
		{ "+9", "s9", CL_COL_COUNT },
	};

	cl_table_begin(t, "Requests by second of the minute", columns, COUNT_OF(columns));
	for (unsigned ten = 0; ten < 60; ten += 10) {
		char text[8];

		snprintf(text, sizeof text, ":%02u", ten);
		cl_cell_text(t, text);
		for (unsigned one = 0; one < 10; one++)
			cl_cell_count(t, v->second[ten + one]);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	if (v->peak == 0)
		return;
	cl_list_begin(t, NULL);
	cl_list_share(t, "in the minute's first second (1.67 % if even)", "first_share",
		      (double)v->second[0] / (double)v->requests);
	cl_list_count(t, "most requests in a second", "peak", v->peak);
	cl_list_time(t, "that second", "peak_t", v->peak_ns);
	cl_list_end(t);
}

static void table_answers(struct cl_tables *t, const struct cl_load_totals *v)
{
	static const struct cl_column columns[] = {
		{ "Requests answered", "answered", CL_COL_TEXT },
		{ "Clients", "clients", CL_COL_COUNT },
		{ "Requests", "requests", CL_COL_COUNT },
	};
	static const char *const words[CL_LOAD_RATIOS] = {
		"none", "up to 30 % (chronyd's leak 2: 25 %)", "up to 50 %", "up to 90 %", "below 100 %",
		"all"
	};

	cl_table_begin(t, "Answers by client", columns, COUNT_OF(columns));
	for (size_t i = CL_LOAD_RATIOS; i-- > 0;) {
		cl_cell_text(t, words[i]);
		cl_cell_count(t, v->ratio[i].clients);
		cl_cell_count(t, v->ratio[i].requests);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_list_begin(t, NULL);
	cl_list_count(t, "clients' minutes", "minutes", v->minutes);
	cl_list_count(t, "with a request that was not answered", "short", v->minutes_short);
	cl_list_count(t, "requests in these", "short_requests", v->short_requests);
	cl_list_count(t, "answered of them", "short_answered", v->short_answered);
	cl_list_end(t);
	cl_tables_note(t, "A capture at the server: silence is the server's. Elsewhere answers may be lost, "
			  "or unseen.");
}

static void table_top(struct cl_session *s, struct cl_tables *t, const struct load_shown *v)
{
	static const struct cl_column columns[] = {
		{ "Client", "client", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
		{ "Mean gap", "mean", CL_COL_DURATION },
		{ "Least", "headway", CL_COL_DURATION },
		{ "Peak/s", "peak", CL_COL_COUNT },
		{ "Answered", "answered_share", CL_COL_SHARE },
		{ "Kisses", "kisses", CL_COL_COUNT },
	};

	cl_table_begin(t, "Clients that ask most", columns, COUNT_OF(columns));
	for (size_t i = 0; i < top(s, v->clients); i++) {
		const struct cl_load_client *c = v->client[i];

		cl_cell_client(s, t, &c->addr, NAME_WIDTH);
		cl_cell_count(t, c->requests);
		cell_share(t, c->requests, v->totals->requests);
		cell_duration(t, cl_load_mean(c));
		cell_duration(t, c->headway_ns == INT64_MAX ? -1 : c->headway_ns);
		cl_cell_count(t, c->peak);
		cell_share(t, c->answered, c->requests - c->open);
		cl_cell_count(t, c->kissed);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

/* Limits -------------------------------------------------------------------------- */

static void row_line(void *ctx, const char *line)
{
	cl_cell_text(ctx, line);
	cl_table_row_end(ctx);
}

static void table_limits(struct cl_tables *t, const struct load_shown *v)
{
	static const struct cl_column chrony[] = { { "chrony.conf", "chrony", CL_COL_TEXT } };
	static const struct cl_column nftables[] = { { "nftables", "nftables", CL_COL_TEXT } };
	const struct cl_load_limits *l = &v->limits;
	char line[80];

	cl_list_begin(t, "Limits");
	cl_list_count(t, "ordinary clients that polled twice or more", "ordinary", l->ordinary);
	cl_list_count(t, "clients that would be limited", "limited_clients", l->limited.clients);
	cl_list_count(t, "with requests", "limited_requests", l->limited.requests);
	cl_list_end(t);
	if (l->ordinary < CL_LOAD_ORDINARY)
		cl_tables_note(t, "Too few ordinary clients: interval and burst are chronyd's defaults.");
	cl_table_begin(t, NULL, chrony, 1);
	load_chrony(l, line, sizeof line);
	row_line(t, line);
	cl_table_end(t);
	cl_table_begin(t, NULL, nftables, 1);
	load_nftables(v, row_line, t);
	cl_table_end(t);
}

/* Responses that arrived ------------------------------------------------------------ */

static void cells_reach(struct cl_tables *t, const struct cl_reach_count *c)
{
	const uint64_t lost = cl_reach_lost(c), arrived = cl_reach_arrived(c);

	cl_cell_count(t, cl_reach_responses(c));
	cl_cell_count(t, arrived);
	cl_cell_count(t, lost);
	cell_share(t, lost, lost + arrived);
}

static void table_evidence(struct cl_tables *t, const struct load_shown *v)
{
	static const struct cl_column columns[] = {
		{ "Responses", "evidence", CL_COL_TEXT },
		{ "Count", "responses", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
	};
	static const char *const words[CL_REACHES] = {
		"nothing says whether they arrived",   "arrived: echoed as origin",
		"arrived: no more placeholders (NTS)", "lost: an older one is echoed",
		"lost: more placeholders (NTS)",       "not taken: ICMP error"
	};

	cl_table_begin(t, "Responses that reached their clients", columns, COUNT_OF(columns));
	for (size_t i = 1; i <= CL_REACHES; i++) {
		const size_t k = i % CL_REACHES;

		cl_cell_text(t, words[k]);
		cl_cell_count(t, v->reach.n[k]);
		cell_share(t, v->reach.n[k], cl_reach_responses(&v->reach));
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_sizes(struct cl_tables *t, const struct load_shown *v)
{
	static const struct cl_column columns[] = {
		{ "Octets", "octets", CL_COL_COUNT },
		{ "Responses", "responses", CL_COL_COUNT },
		{ "Arrived", "arrived", CL_COL_COUNT },
		{ "Lost", "lost", CL_COL_COUNT },
		{ "Lost of known", "lost_share", CL_COL_SHARE },
	};

	cl_table_begin(t, "By size of the response", columns, COUNT_OF(columns));
	for (size_t i = 0; i < v->sizes; i++) {
		if (v->size[i].octets < UINT32_MAX)
			cl_cell_count(t, v->size[i].octets);
		else
			cl_cell_null(t);
		cells_reach(t, &v->size[i].count);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_places(struct cl_session *s, struct cl_tables *t, const char *title,
			 const struct cl_reach_place *p, size_t n)
{
	static const struct cl_column columns[] = {
		{ "Address", "address", CL_COL_TEXT },		 { "Responses", "responses", CL_COL_COUNT },
		{ "Arrived", "arrived", CL_COL_COUNT },		 { "Lost", "lost", CL_COL_COUNT },
		{ "Lost of known", "lost_share", CL_COL_SHARE },
	};

	cl_table_begin(t, title, columns, COUNT_OF(columns));
	for (size_t i = 0; i < top(s, n); i++) {
		char text[CL_ADDR_STRLEN], network[CL_ADDR_STRLEN + 8];

		if (p[i].length > 0) {
			cl_addr_format(&p[i].addr, text);
			snprintf(network, sizeof network, "%s/%u", text, (unsigned)p[i].length);
			cl_cell_text(t, network);
		} else {
			cl_cell_name(s, t, &p[i].addr, 40);
		}
		cells_reach(t, &p[i].count);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_reached(struct cl_session *s, struct cl_tables *t, const struct load_shown *v)
{
	table_evidence(t, v);
	cl_tables_note(t, "Most clients send no origin timestamp: of theirs nothing is known.");
	if (v->reach_clients == 0)
		return;
	table_sizes(t, v);
	table_places(s, t, "By client", v->reach_client, v->reach_clients);
	table_places(s, t, "By network", v->reach_network, v->reach_networks);
}

void load_tables(struct cl_session *s, struct cl_tables *t)
{
	struct load_shown v;

	if (s->kept == NULL) {
		cl_view_not_kept(t);
		return;
	}
	if (!load_show(s, &v))
		return;
	cl_list_begin(t, "Load");
	cl_list_count(t, "clients", "clients", v.totals->clients);
	cl_list_count(t, "requests", "requests", v.totals->requests);
	cl_list_count(t, "answered", "answered", v.totals->answered);
	if (v.totals->not_kept > 0)
		cl_list_count(t, "requests beyond the limit of clients", "not_kept", v.totals->not_kept);
	if (v.reach_not_kept > 0)
		cl_list_count(t, "responses beyond the limit of pairs", "reach_not_kept", v.reach_not_kept);
	cl_list_end(t);
	table_top(s, t, &v);
	table_thresholds(t, v.totals);
	if (v.kisses->kisses > 0) {
		table_codes(s, t, &v);
		table_obeyed(t, &v);
		table_kissed(s, t, &v);
	}
	table_answers(t, v.totals);
	table_bursts(s, t, &v);
	table_minute(t, v.totals);
	table_reached(s, t, &v);
	table_limits(t, &v);
	load_hide(&v);
}
