/* SPDX-License-Identifier: BSD-2-Clause */
/* pool: a server before and after it joined. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/view/pool_view.h"

#define NS_PER_S INT64_C(1000000000)
/* Rows of the ramp in tables for people. */
#define ROWS 24u

static const char *const phase_keys[CL_RAMP_PHASES] = { "before", "watched", "joined" };
static const char *const phase_words[CL_RAMP_PHASES] = { "before the first monitor",
							 "monitors, no stranger yet", "with strangers" };

/* Servers that a monitor asked. */
static bool is_joining(const struct cl_ramp *r)
{
	return r->first_probe_ns != INT64_MIN;
}

static int64_t phase_length(const struct cl_ramp *r, unsigned phase, int64_t first_ns, int64_t last_ns)
{
	const int64_t begin[] = { first_ns, r->first_probe_ns, r->first_stranger_ns };
	int64_t end = last_ns;

	if (phase == CL_RAMP_JOINED && r->first_stranger_ns == INT64_MIN)
		return 0;
	if (phase == CL_RAMP_BEFORE)
		end = r->first_probe_ns;
	else if (phase == CL_RAMP_WATCHED && r->first_stranger_ns != INT64_MIN)
		end = r->first_stranger_ns;
	return end > begin[phase] ? end - begin[phase] : 0;
}

static double per_second(uint64_t n, int64_t ns)
{
	return ns > 0 ? (double)n * 1e9 / (double)ns : NAN;
}

/* JSON ---------------------------------------------------------------------------------- */

static void json_first(struct cl_json *j, const char *key, const char *who, int64_t ns,
		       const struct cl_addr *addr)
{
	char text[CL_ADDR_STRLEN];

	cl_json_object(j, key);
	if (ns == INT64_MIN) {
		cl_json_null(j, "t");
		cl_json_null(j, who);
	} else {
		cl_json_time(j, "t", ns);
		cl_addr_format(addr, text);
		cl_json_str(j, who, text);
	}
	cl_json_end(j);
}

static void json_control(struct cl_json *j, const struct cl_ramp_count *n)
{
	static const char *const keys[] = { "mode6", "mode7" };

	for (unsigned i = 0; i < 2; i++) {
		cl_json_object(j, keys[i]);
		cl_json_u64(j, "requests", n->control_requests[i]);
		cl_json_u64(j, "answers", n->control_answers[i]);
		cl_json_u64(j, "bytes_in", n->control_bytes_in[i]);
		cl_json_u64(j, "bytes_out", n->control_bytes_out[i]);
		cl_json_double(j, "amplification", cl_ratio(n->control_bytes_out[i], n->control_bytes_in[i]));
		cl_json_end(j);
	}
}

static void json_phase(struct cl_json *j, const struct cl_ramp *r, unsigned phase, int64_t length)
{
	const struct cl_ramp_count *n = &r->phase[phase];

	cl_json_object(j, phase_keys[phase]);
	cl_json_seconds(j, "length_s", length);
	cl_json_u64(j, "requests", n->requests);
	cl_json_double(j, "requests_per_s", per_second(n->requests, length));
	cl_json_u64(j, "answered", n->answered);
	cl_json_double(j, "answered_share", cl_ratio(n->answered, n->requests));
	cl_json_u64(j, "kod", n->kiss);
	cl_json_u64(j, "clients", n->clients);
	cl_json_u64(j, "bytes_in", n->bytes_in);
	cl_json_u64(j, "bytes_out", n->bytes_out);
	cl_json_delta(j, "delta_s", &n->delta);
	json_control(j, n);
	cl_json_end(j);
}

static void json_ramp(struct cl_session *s, struct cl_json *j, const struct cl_ramp *r, int64_t first_ns,
		      int64_t last_ns)
{
	const int64_t step_ns = s->config.engine.step_ns;
	char text[CL_ADDR_STRLEN];

	cl_json_object(j, NULL);
	cl_addr_format(&r->server, text);
	cl_json_str(j, "server", text);
	cl_json_str(j, "name", cl_names_find(s->names, &r->server));
	json_first(j, "first_probe", "monitor", r->first_probe_ns, &r->first_monitor);
	json_first(j, "first_stranger", "client", r->first_stranger_ns, &r->first_stranger);
	for (unsigned k = 0; k < CL_RAMP_PHASES; k++)
		json_phase(j, r, k, phase_length(r, k, first_ns, last_ns));
	cl_json_rows(j, "ramp");
	for (size_t i = 0; i < r->steps; i++) {
		const struct cl_ramp_step *one = &r->step[i];

		cl_json_object(j, NULL);
		cl_json_time(j, "t", (r->step_number + (int64_t)i) * step_ns);
		cl_json_u64(j, "requests", one->requests);
		cl_json_u64(j, "answered", one->answered);
		cl_json_u64(j, "clients", one->clients);
		cl_json_u64(j, "new", one->fresh);
		cl_json_u64(j, "bytes_in", one->bytes_in);
		cl_json_u64(j, "bytes_out", one->bytes_out);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
}

void cl_pool_ramps_json(struct cl_session *s, struct cl_json *j)
{
	const struct cl_pool_kept *k = s->kept;
	int64_t first_ns = 0, last_ns = 0;
	struct cl_ramp_losses lost = { .servers = 0 };
	size_t n = 0;

	cl_json_array(j, "joining");
	if (k != NULL && cl_view_span(s, &first_ns, &last_ns)) {
		const struct cl_ramp *const *ramp = cl_ramps_sorted(k->ramps, &n);

		for (size_t i = 0; i < n; i++)
			if (is_joining(ramp[i]))
				json_ramp(s, j, ramp[i], first_ns, last_ns);
		lost = cl_ramps_losses(k->ramps);
	}
	cl_json_end(j);
	cl_json_object(j, "joining_given_up");
	cl_json_u64(j, "servers", lost.servers);
	cl_json_u64(j, "clients", lost.clients);
	cl_json_u64(j, "steps", lost.steps);
	cl_json_end(j);
}

/* Tables -------------------------------------------------------------------------------- */

static void quantile(struct cl_tables *t, const struct cl_hist *h, double q)
{
	if (h->n > 0)
		cl_cell_duration(t, cl_hist_quantile(h, q));
	else
		cl_cell_null(t);
}

static void table_phases(struct cl_session *s, struct cl_tables *t, const struct cl_ramp *r, int64_t first_ns,
			 int64_t last_ns)
{
	static const struct cl_column columns[] = {
		{ "Phase", "phase", CL_COL_TEXT },
		{ "Length", "length", CL_COL_DURATION },
		{ "Requests", "requests", CL_COL_COUNT },
		{ "/s", "per_s", CL_COL_NUMBER },
		{ "Clients", "clients", CL_COL_COUNT },
		{ "Answ", "answered", CL_COL_SHARE },
		{ "p50", "p50", CL_COL_DURATION },
		{ "p99", "p99", CL_COL_DURATION },
		{ "m6/7 in", "control_requests", CL_COL_COUNT },
		{ "out", "control_answers", CL_COL_COUNT },
	};
	char text[CL_ADDR_STRLEN], title[512];

	snprintf(title, sizeof title, "Before and after joining: %s", cl_session_name(s, &r->server, text));
	cl_table_begin(t, title, columns, sizeof columns / sizeof *columns);
	for (unsigned k = 0; k < CL_RAMP_PHASES; k++) {
		const struct cl_ramp_count *n = &r->phase[k];
		const int64_t length = phase_length(r, k, first_ns, last_ns);

		cl_cell_text(t, s->options->format == CL_FORMAT_CSV ? phase_keys[k] : phase_words[k]);
		cl_cell_duration(t, length);
		cl_cell_count(t, n->requests);
		cl_cell_number(t, round(per_second(n->requests, length) * 1000) / 1000);
		cl_cell_count(t, n->clients);
		cl_cell_share(t, cl_ratio(n->answered, n->requests));
		quantile(t, &n->delta, 0.5);
		quantile(t, &n->delta, 0.99);
		cl_cell_count(t, n->control_requests[0] + n->control_requests[1]);
		cl_cell_count(t, n->control_answers[0] + n->control_answers[1]);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void list_first(struct cl_session *s, struct cl_tables *t, const struct cl_ramp *r)
{
	char text[CL_ADDR_STRLEN];

	cl_list_begin(t, NULL);
	cl_list_time(t, "first request of a monitor", "first_probe.t", r->first_probe_ns);
	cl_list_text(t, "by", "first_probe.monitor", cl_session_name(s, &r->first_monitor, text));
	if (r->first_stranger_ns != INT64_MIN) {
		cl_list_time(t, "first stranger behind it", "first_stranger.t", r->first_stranger_ns);
		cl_list_text(t, "by", "first_stranger.client", cl_session_name(s, &r->first_stranger, text));
	} else {
		cl_list_null(t, "first stranger behind it", "first_stranger.t");
	}
	cl_list_end(t);
}

/* Steps are put together until they are few; CSV has them all. */
static void table_steps(struct cl_session *s, struct cl_tables *t, const struct cl_ramp *r)
{
	static const struct cl_column columns[] = {
		{ "Until", "t", CL_COL_TIME },
		{ "Requests", "requests", CL_COL_COUNT },
		{ "Answered", "answered", CL_COL_COUNT },
		{ "Most clients", "clients", CL_COL_COUNT },
		{ "New clients", "new", CL_COL_COUNT },
		{ "Bytes in", "bytes_in", CL_COL_COUNT },
		{ "Bytes out", "bytes_out", CL_COL_COUNT },
	};
	const size_t width =
		s->options->format == CL_FORMAT_CSV || r->steps <= ROWS ? 1 : (r->steps + ROWS - 1) / ROWS;

	cl_table_begin(t, "Ramp", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < r->steps; i += width) {
		struct cl_ramp_step sum = { .requests = 0 };
		uint64_t requests = 0, answered = 0, fresh = 0;
		size_t end = i + width < r->steps ? i + width : r->steps;

		for (size_t k = i; k < end; k++) {
			requests += r->step[k].requests;
			answered += r->step[k].answered;
			fresh += r->step[k].fresh;
			sum.bytes_in += r->step[k].bytes_in;
			sum.bytes_out += r->step[k].bytes_out;
			sum.clients = r->step[k].clients > sum.clients ? r->step[k].clients : sum.clients;
		}
		cl_cell_time(t, (r->step_number + (int64_t)end - 1) * s->config.engine.step_ns);
		cl_cell_count(t, requests);
		cl_cell_count(t, answered);
		cl_cell_count(t, sum.clients);
		cl_cell_count(t, fresh);
		cl_cell_count(t, sum.bytes_in);
		cl_cell_count(t, sum.bytes_out);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

void cl_pool_ramps_tables(struct cl_session *s, struct cl_tables *t)
{
	const struct cl_pool_kept *k = s->kept;
	int64_t first_ns = 0, last_ns = 0;
	bool any = false;
	size_t n = 0;

	if (!cl_view_span(s, &first_ns, &last_ns))
		return;
	const struct cl_ramp *const *ramp = cl_ramps_sorted(k->ramps, &n);
	for (size_t i = 0; i < n; i++) {
		if (!is_joining(ramp[i]))
			continue;
		any = true;
		table_phases(s, t, ramp[i], first_ns, last_ns);
		list_first(s, t, ramp[i]);
		table_steps(s, t, ramp[i]);
	}
	if (any) {
		cl_tables_note(t, "Requests of clients, without the monitors'. A stranger is neither monitor "
				  "nor in --labels,");
		cl_tables_note(t, "and did not ask before the first monitor did. m6/7: modes 6 and 7 of "
				  "strangers, and answers.");
	}
	const struct cl_ramp_losses lost = cl_ramps_losses(k->ramps);
	if (lost.servers + lost.clients + lost.steps == 0)
		return;
	cl_list_begin(t, "Given up for lack of room");
	cl_list_count(t, "messages of servers beyond 64", "joining_given_up.servers", lost.servers);
	cl_list_count(t, "requests of clients beyond 4194304", "joining_given_up.clients", lost.clients);
	cl_list_count(t, "requests beyond 65536 steps", "joining_given_up.steps", lost.steps);
	cl_list_end(t);
}
