/* SPDX-License-Identifier: BSD-2-Clause */
/* clients: how many, when, who they are, and who asks most. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/userfile/signatures.h"
#include "cli/view/clients.h"

#define NS_PER_S   1000000000
#define NS_PER_DAY 86400000000000

struct json_ctx {
	struct cl_clients_view *v;
	struct cl_json *j;
	struct cl_series series;
	uint32_t place; /* whose series it is */
};

typedef void json_window_fn(struct cl_json *j, const char *key, const struct cl_window_count *n);

/* Not fewer than the sensor with most, not more than all together. */
static void json_between(struct cl_json *j, const char *key, const struct cl_window_count *n)
{
	cl_json_array(j, key);
	cl_json_u64(j, NULL, n->at_least);
	cl_json_u64(j, NULL, n->at_most);
	cl_json_end(j);
}

static void json_estimated(struct cl_json *j, const char *key, const struct cl_window_count *n)
{
	cl_json_object(j, key);
	cl_json_double(j, "error", CL_WINDOW_ERROR);
	cl_json_u64(j, "low", n->low);
	cl_json_u64(j, "high", n->high);
	cl_json_end(j);
}

/* An object of the windows that are estimated, or of all that are not exact. */
static void json_inexact(struct json_ctx *c, const struct cl_step_row *row, const char *key, bool estimated,
			 json_window_fn *put)
{
	const struct cl_engine_config *config = &c->v->s->config.engine;
	bool any = false;
	char window[24];

	for (uint32_t w = 0; w < config->windows; w++) {
		const struct cl_window_count *n = &row->unique[w];

		if (n->kind == CL_WINDOW_EXACT || (estimated && n->kind != CL_WINDOW_ESTIMATED))
			continue;
		if (!any)
			cl_json_object(c->j, key);
		any = true;
		snprintf(window, sizeof window, "%lld", (long long)(config->window_ns[w] / NS_PER_S));
		put(c->j, window, n);
	}
	if (any)
		cl_json_end(c->j);
}

static void json_step(void *ctx, const struct cl_step_row *row)
{
	struct json_ctx *c = ctx;
	const struct cl_engine_config *config = &c->v->s->config.engine;
	char key[24];
	uint64_t n;

	cl_json_object(c->j, NULL);
	cl_json_time(c->j, "t", row->t * NS_PER_S);
	cl_json_u64(c->j, "requests", row->requests);
	cl_json_object(c->j, "unique");
	for (uint32_t w = 0; w < config->windows; w++) {
		snprintf(key, sizeof key, "%lld", (long long)(config->window_ns[w] / NS_PER_S));
		if (row->unique[w].kind != CL_WINDOW_UNKNOWN)
			cl_json_u64(c->j, key, row->unique[w].n);
		else
			cl_json_null(c->j, key);
	}
	cl_json_end(c->j);
	json_inexact(c, row, "estimated", true, json_estimated);
	json_inexact(c, row, "between", false, json_between);
	if (cl_census_new_in_step(c->v->census, c->place, row->t, &n))
		cl_json_u64(c->j, "new", n);
	else
		cl_json_null(c->j, "new");
	cl_json_array(c->j, "warmup");
	for (uint32_t w = 0; w < config->windows; w++)
		if (cl_is_warming_up(c->v->s, &c->v->instants, row->t, w))
			cl_json_i64(c->j, NULL, config->window_ns[w] / NS_PER_S);
	cl_json_end(c->j);
	cl_json_end(c->j);
}

static void json_unique(struct cl_json *j, const struct cl_unique *u, const struct cl_approx *a)
{
	cl_json_object(j, "clients");
	cl_json_u64(j, "ipv4", u->ipv4);
	cl_json_u64(j, "ipv6", u->ipv6);
	cl_json_u64(j, "total", u->ipv4 + u->ipv6);
	cl_json_u64(j, "v4_24", u->v4_24);
	cl_json_u64(j, "v6_64", u->v6_64);
	cl_json_u64(j, "v6_48", u->v6_48);
	cl_json_approx(j, "approximate", a);
	cl_json_end(j);
}

static void json_series(struct json_ctx *c, const struct cl_subject *u)
{
	bool sparse = false;

	if (u->service_id == 0) {
		cl_json_null(c->j, "series"); /* not stored for a choice of servers */
		return;
	}
	c->place = u->place;
	cl_json_rows(c->j, "series");
	if (c->v->any)
		sparse = cl_series_read(&c->series, u->service_id, json_step, c);
	cl_json_end(c->j);
	if (sparse)
		cl_json_bool(c->j, "sparse", true);
}

static void json_days(struct json_ctx *c, const struct cl_subject *u)
{
	cl_json_rows(c->j, "days");
	for (size_t i = u->days_from; i < u->days_to; i++) {
		const struct cl_clients_day *d = &c->v->day[i];
		char day[32];
		uint64_t n;
		bool known = cl_census_new_on_day(c->v->census, u->place, d->day, &n);

		cl_clients_date(day, d->day);
		cl_json_object(c->j, NULL);
		cl_json_str(c->j, "day", day);
		if (d->known)
			cl_json_u64(c->j, "clients", d->clients);
		else
			cl_json_null(c->j, "clients");
		if (known)
			cl_json_u64(c->j, "new", n);
		else
			cl_json_null(c->j, "new");
		if (known && d->known)
			cl_json_u64(c->j, "returning", d->clients > n ? d->clients - n : 0);
		else
			cl_json_null(c->j, "returning");
		cl_json_end(c->j);
	}
	cl_json_end(c->j);
}

static void json_codes(struct cl_json *j, const struct cl_subject *u)
{
	static const char *const ports[] = { "other", "same", "below_1024", "from_1024" };
	const struct cl_clients_codes *c = &u->codes;
	char key[16];

	if (u->proto == CL_PROTO_NTP && c->polls > 0) {
		cl_json_object(j, "polls");
		for (unsigned i = 0; i <= CL_CLIENTS_POLL_OTHER; i++) {
			snprintf(key, sizeof key, i == CL_CLIENTS_POLL_OTHER ? "other" : "%u", i);
			if (c->poll[i] > 0)
				cl_json_u64(j, key, c->poll[i]);
		}
		cl_json_end(j);
	} else {
		cl_json_null(j, "polls");
	}
	if (c->ports == 0) {
		cl_json_null(j, "source_ports");
		return;
	}
	cl_json_object(j, "source_ports");
	for (unsigned i = CL_PORT_SAME; i <= CL_PORT_HIGH; i++)
		cl_json_u64(j, ports[i], c->port[i]);
	if (c->port[0] > 0)
		cl_json_u64(j, ports[0], c->port[0]);
	cl_json_end(j);
}

static void json_sum(struct cl_json *j, const struct cl_census_sum *sum)
{
	cl_json_u64(j, "clients", sum->clients);
	cl_json_u64(j, "requests", sum->requests);
}

static void json_distribution(struct cl_json *j, const struct cl_census_proto *p)
{
	unsigned most = 0;

	for (unsigned i = 0; i < CL_CENSUS_CLASSES; i++)
		most = p->class[i].clients > 0 ? i + 1 : most;
	cl_json_rows(j, "requests_per_client");
	for (unsigned i = 0; i < most; i++) {
		cl_json_object(j, NULL);
		cl_json_u64(j, "from", cl_census_class_from(i));
		cl_json_u64(j, "to", cl_census_class_from(i + 1) - 1);
		json_sum(j, &p->class[i]);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_object(j, "concentration");
	cl_json_double(j, "gini", p->all.clients > 0 ? p->gini : NAN);
	cl_json_array(j, "top");
	for (unsigned i = 0; i < CL_CENSUS_RANKS; i++) {
		cl_json_object(j, NULL);
		cl_json_u64(j, "clients", cl_census_ranks[i]);
		cl_json_u64(j, "requests", p->rank_requests[i]);
		cl_json_double(j, "share", (double)p->rank_requests[i] / (double)p->all.requests);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
}

static void json_intervals(struct cl_json *j, const struct cl_census_proto *p)
{
	cl_json_rows(j, "intervals");
	for (unsigned i = 0; i < CL_CENSUS_INTERVALS; i++) {
		if (p->interval[i] == 0)
			continue;
		cl_json_object(j, NULL);
		cl_json_double(j, "interval_s", cl_clients_interval(i));
		cl_json_u64(j, "clients", p->interval[i]);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_kinds(struct cl_json *j, const struct cl_census_proto *p)
{
	cl_json_object(j, "address_kinds");
	for (unsigned i = 0; i < CL_CENSUS_KINDS; i++) {
		if (p->kind[i].clients == 0)
			continue;
		cl_json_object(j, i == CL_CENSUS_IPV4 ? "ipv4" : cl_addr_kind_names[i]);
		json_sum(j, &p->kind[i]);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_address(struct cl_json *j, const char *key, const struct cl_subject *u)
{
	char text[CL_ADDR_STRLEN];

	if (u->has_address)
		cl_addr_format(&u->addr, text);
	cl_json_str(j, key, u->has_address ? text : NULL);
}

/* The rows that `u`, the sum over the servers of a protocol, has and a server has not. */
static void json_census(struct json_ctx *c, const struct cl_subject *u)
{
	const struct cl_clients_view *v = c->v;
	const struct cl_census_proto *p = cl_census_proto(v->census, u->proto);

	json_distribution(c->j, p);
	json_intervals(c->j, p);
	json_kinds(c->j, p);
	cl_json_rows(c->j, "overlap");
	for (uint32_t a = 0; a < v->slots[u->proto]; a++)
		for (uint32_t b = a + 1; b < v->slots[u->proto]; b++) {
			cl_json_object(c->j, NULL);
			json_address(c->j, "a", &v->subject[v->busiest[u->proto][a]]);
			json_address(c->j, "b", &v->subject[v->busiest[u->proto][b]]);
			cl_json_u64(c->j, "clients_a", p->common[a][a]);
			cl_json_u64(c->j, "clients_b", p->common[b][b]);
			cl_json_u64(c->j, "clients", p->common[a][b]);
			cl_json_end(c->j);
		}
	cl_json_end(c->j);
	if (v->s->labels == NULL) {
		cl_json_null(c->j, "labels");
		return;
	}
	cl_json_rows(c->j, "labels");
	for (size_t i = 0; i < v->labels.count; i++) {
		if (v->labels.row[i].proto != u->proto)
			continue;
		cl_json_object(c->j, NULL);
		cl_json_str(c->j, "label", v->labels.row[i].name);
		json_sum(c->j, &v->labels.row[i].sum);
		cl_json_end(c->j);
	}
	cl_json_end(c->j);
}

static void json_subject(struct json_ctx *c, const struct cl_subject *u)
{
	cl_json_object(c->j, NULL);
	if (u->is_server) {
		json_address(c->j, "server", u);
		cl_json_str(c->j, "name", u->has_address ? cl_names_find(c->v->s->names, &u->addr) : NULL);
	}
	cl_json_str(c->j, "proto", cl_proto_names[u->proto]);
	cl_json_u64(c->j, "requests", u->requests);
	json_unique(c->j, &u->clients, &u->approx);
	cl_json_u64(c->j, "one_shot", u->one_shot);
	json_codes(c->j, u);
	if (!u->is_server)
		json_census(c, u);
	json_days(c, u);
	json_series(c, u);
	cl_json_end(c->j);
}

static void json_networks(struct json_ctx *c)
{
	static const char *const keys[CL_CENSUS_LENGTHS] = { "v4_24", "v6_48", "v6_64" };

	cl_json_object(c->j, "networks");
	for (unsigned i = 0; i < CL_CENSUS_LENGTHS; i++) {
		size_t n = c->v->s->options->top;
		struct cl_census_network *top =
			cl_census_networks(c->v->census, (enum cl_census_length)i, &n);

		cl_json_rows(c->j, keys[i]);
		for (size_t k = 0; top != NULL && k < n; k++) {
			char text[CL_CLIENTS_PREFIX_STRLEN];

			cl_clients_prefix(text, &top[k].prefix);
			cl_json_object(c->j, NULL);
			cl_json_str(c->j, "prefix", text);
			cl_json_str(c->j, "label", cl_labels_find(c->v->s->labels, &top[k].prefix.addr));
			json_sum(c->j, &top[k].sum);
			cl_json_end(c->j);
		}
		cl_json_end(c->j);
		free(top);
	}
	cl_json_u64(c->j, "refused", cl_clients_refused(c->v));
	cl_json_end(c->j);
	if (c->v->s->vendors == NULL) {
		cl_json_null(c->j, "vendors");
		return;
	}
	cl_json_rows(c->j, "vendors");
	for (size_t i = 0; i < c->v->vendors.count && i < c->v->s->options->top; i++) {
		cl_json_object(c->j, NULL);
		cl_json_str(c->j, "vendor", c->v->vendors.row[i].name);
		json_sum(c->j, &c->v->vendors.row[i].sum);
		cl_json_end(c->j);
	}
	cl_json_end(c->j);
}

static void json_talker(void *ctx, const struct cl_clients_talker *t)
{
	struct json_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_addr_format(&t->addr, text);
	cl_json_object(c->j, NULL);
	cl_json_str(c->j, "client", text);
	cl_json_str(c->j, "label", t->label);
	cl_json_u64(c->j, "requests", t->requests);
	cl_json_double(c->j, "share", t->share);
	cl_json_double(c->j, "cumulative_share", t->cumulative);
	cl_json_double(c->j, "rate", t->rate);
	cl_json_time(c->j, "first", t->first_ns);
	cl_json_time(c->j, "last", t->last_ns);
	if (t->gap_ns >= 0)
		cl_json_seconds(c->j, "interval_s", t->gap_ns);
	else
		cl_json_null(c->j, "interval_s");
	cl_json_str(c->j, "software", t->software);
	cl_json_end(c->j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	struct cl_clients_view v;
	struct json_ctx c = { .v = &v, .j = j };

	if (cl_clients_open(&v, s)) {
		cl_series_open(&c.series, s, &v.instants, CL_SERIES_CLIENTS);
		cl_json_i64(j, "step", s->config.engine.step_ns / NS_PER_S);
		cl_json_array(j, "windows");
		for (uint32_t w = 0; w < s->config.engine.windows; w++)
			cl_json_i64(j, NULL, s->config.engine.window_ns[w] / NS_PER_S);
		cl_json_end(j);
		cl_json_array(j, "servers");
		for (size_t i = 0; i < v.servers; i++)
			json_subject(&c, &v.subject[i]);
		cl_json_end(j);
		cl_json_array(j, "all");
		for (size_t i = v.servers; i < v.count; i++)
			json_subject(&c, &v.subject[i]);
		cl_json_end(j);
		cl_json_array(j, "top");
		cl_clients_each_talker(&v, json_talker, &c);
		cl_json_end(j);
		json_networks(&c);
		cl_series_close(&c.series);
	}
	cl_clients_close(&v);
}

/* Looking at each request costs what counting does, several times. */
static void ask(const struct cl_options *o, struct cl_needs *needs)
{
	if (o->software)
		needs->exchanges = CL_SOFTWARE_KINDS;
}

const struct cl_view cl_view_clients = {
	.name = "clients",
	.summary = "unique clients in trailing windows, by server, and who asks most",
	.example = "  clientele clients --window 300,1200 monday.pcap\n"
		   "  clientele clients --format csv may.db\n"
		   "  clientele clients --plain 300 may.db\n",
	.takes =
		CL_OPT_TOP | CL_OPT_VENDORS | CL_OPT_PLAIN | CL_OPT_RRD | CL_OPT_SOFTWARE | CL_OPT_SIGNATURES,
	.needs = { .series = true,
		   .clients = true,
		   .networks = true,
		   .gaps = true,
		   .codes = true,
		   .days = true },
	.ask = ask,
	.begin = cl_signatures_begin,
	.take = cl_signatures_take,
	.end = cl_signatures_end,
	.alone = cl_clients_plain,
	.json = json,
	.tables = cl_clients_tables
};
