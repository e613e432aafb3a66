/* SPDX-License-Identifier: BSD-2-Clause */
/* mode6: what is read over the network by NTP's control messages, who reads it, and what it amplifies. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/view/mode6_view.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

const char *const cl_mode6_kind_names[CL_MODE6_KINDS] = { "system", "peer", "clock" };

static const char *const mode6_names[32] = {
	[1] = "readstat",      [2] = "readvar",	   [3] = "writevar",   [4] = "readclock",  [5] = "writeclock",
	[6] = "settrap",       [7] = "asyncmsg",   [8] = "configure",  [9] = "saveconfig", [10] = "read_mru",
	[11] = "read_ordlist", [12] = "req_nonce", [31] = "unsettrap",
};
static const char *const mode7_names[] = {
	"peer_list",	 "peer_list_sum",    "peer_info",   "peer_stats",     "sys_info",     "sys_stats",
	"io_stats",	 "mem_stats",	     "loop_info",   "timer_stats",    "config",	      "unconfig",
	"set_sys_flag",	 "clr_sys_flag",     "monitor",	    "nomonitor",      "get_restrict", "resaddflags",
	"ressubflags",	 "unrestrict",	     "mon_getlist", "reset_stats",    "reset_peer",   "reread_keys",
	"do_dirty_hack", "dont_dirty_hack",  "trustkey",    "untrustkey",     "authinfo",     "traps",
	"add_trap",	 "clr_trap",	     "request_key", "control_key",    "get_ctlstats", "get_leapinfo",
	"get_clockinfo", "set_clkfudge",     "get_kernel",  "get_clkbuginfo", NULL,	      "set_precision",
	"mon_getlist_1", "hostname_associd", "if_stats",    "if_reload",
};
static const char *const error_names[8] = { "unspecified", "authentication", "format", "opcode",
					    "association", "variable",	     "value",  "prohibited" };

const char *cl_mode6_operation_name(unsigned mode, unsigned opcode, char text[8])
{
	const char *name = NULL;

	if (mode == 6)
		name = mode6_names[opcode & 31u];
	else if (opcode < COUNT(mode7_names))
		name = mode7_names[opcode];
	if (name != NULL)
		return name;
	snprintf(text, 8, "%u", opcode);
	return text;
}

const char *cl_mode6_source_kind(const struct cl_mode6_source *source)
{
	if ((source->asked & CL_MODE6_ASKED_MONLIST) != 0)
		return "monlist";
	if (source->asked == CL_MODE6_ASKED_VERSION)
		return "version scan";
	if (source->asked == CL_MODE6_ASKED_MRU)
		return "mrulist";
	if (source->asked == 0)
		return "not asked";
	return "queries";
}

static int compare_addr(const void *a, const void *b)
{
	return cl_addr_cmp(a, b);
}

bool cl_mode6_is_stranger(const struct cl_session *s, const struct cl_addr *a)
{
	const struct cl_options *o = s->options;

	if (o->nservers > 0 && bsearch(a, o->servers, o->nservers, sizeof *o->servers, compare_addr) != NULL)
		return false;
	return cl_labels_find(s->labels, a) == NULL;
}

struct cl_mode6_count cl_mode6_both(const struct cl_mode6_count *a, const struct cl_mode6_count *b)
{
	return (struct cl_mode6_count){ .requests = a->requests + b->requests,
					.octets = a->octets + b->octets,
					.responses = a->responses + b->responses,
					.answered_octets = a->answered_octets + b->answered_octets,
					.errors = a->errors + b->errors,
					.most_octets = a->most_octets > b->most_octets ? a->most_octets
										       : b->most_octets };
}

struct cl_mode6_strangers cl_mode6_strangers(struct cl_session *s)
{
	struct cl_mode6_strangers sum = { 0 };
	size_t n;
	const struct cl_mode6_source *source = cl_mode6_sources(s->kept, &n);

	for (size_t i = 0; i < n; i++) {
		const struct cl_mode6_count one = cl_mode6_both(&source[i].mode6, &source[i].mode7);

		if (one.requests == 0 || !cl_mode6_is_stranger(s, &source[i].addr))
			continue;
		sum.sources++;
		sum.n = cl_mode6_both(&sum.n, &one);
	}
	return sum;
}

double cl_mode6_amplification(const struct cl_mode6_count *n)
{
	return n->octets > 0 ? (double)n->answered_octets / (double)n->octets : NAN;
}

static void *begin(const struct cl_session *s)
{
	(void)s;
	return cl_mode6_new(cl_random_seed());
}

static void take(void *kept, const struct cl_exchange *x)
{
	cl_mode6_take(kept, x);
}

static void end(void *kept)
{
	cl_mode6_free(kept);
}

/* JSON ------------------------------------------------------------------------ */

static void json_addr(struct cl_session *s, struct cl_json *j, const char *key, const struct cl_addr *a)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(a, text);
	cl_json_str(j, key, text);
	cl_json_str(j, "name", cl_names_find(s->names, a));
}

static void json_count(struct cl_json *j, const struct cl_mode6_count *n)
{
	cl_json_u64(j, "requests", n->requests);
	cl_json_u64(j, "octets", n->octets);
	cl_json_u64(j, "responses", n->responses);
	cl_json_u64(j, "answered_octets", n->answered_octets);
	cl_json_double(j, "amplification", cl_mode6_amplification(n));
	cl_json_u64(j, "most_octets", n->most_octets);
	cl_json_u64(j, "errors", n->errors);
}

static void json_totals(struct cl_session *s, struct cl_json *j)
{
	const struct cl_mode6_totals *all = cl_mode6_totals(s->kept);
	const struct cl_mode6_strangers strangers = cl_mode6_strangers(s);

	cl_json_object(j, "mode6");
	json_count(j, &all->mode6);
	cl_json_end(j);
	cl_json_object(j, "mode7");
	json_count(j, &all->mode7);
	cl_json_end(j);
	cl_json_object(j, "errors");
	for (size_t i = 0; i < COUNT(error_names); i++)
		cl_json_u64(j, error_names[i], all->error[i]);
	cl_json_end(j);
	cl_json_object(j, "strangers");
	cl_json_u64(j, "sources", strangers.sources);
	json_count(j, &strangers.n);
	cl_json_end(j);
	cl_json_object(j, "answers");
	cl_json_u64(j, "whole", all->messages);
	cl_json_u64(j, "fragments", all->fragments);
	cl_json_u64(j, "incomplete", all->incomplete);
	cl_json_u64(j, "duplicates", all->duplicates);
	cl_json_end(j);
}

static void json_operation(struct cl_json *j, unsigned mode, unsigned opcode, const struct cl_mode6_count *n)
{
	char text[8];

	cl_json_u64(j, "mode", mode);
	cl_json_u64(j, "opcode", opcode);
	cl_json_str(j, "operation", cl_mode6_operation_name(mode, opcode, text));
	json_count(j, n);
}

static void json_asked(void *json, const struct cl_mode6_asked *one)
{
	struct cl_json *j = json;

	cl_json_object(j, NULL);
	json_operation(j, one->mode, one->opcode, &one->n);
	cl_json_end(j);
}

static void json_sources(struct cl_session *s, struct cl_json *j)
{
	size_t n;
	const struct cl_mode6_source *source = cl_mode6_sources(s->kept, &n);

	cl_json_array(j, "sources");
	for (size_t i = 0; i < n && i < s->options->top; i++, source++) {
		const struct cl_mode6_count both = cl_mode6_both(&source->mode6, &source->mode7);

		cl_json_object(j, NULL);
		json_addr(s, j, "source", &source->addr);
		cl_json_str(j, "label", cl_labels_find(s->labels, &source->addr));
		cl_json_bool(j, "stranger", cl_mode6_is_stranger(s, &source->addr));
		cl_json_str(j, "kind", cl_mode6_source_kind(source));
		json_count(j, &both);
		cl_json_time(j, "first", source->first_ns);
		cl_json_time(j, "last", source->last_ns);
		cl_json_array(j, "operations");
		cl_mode6_asked(s->kept, &source->addr, json_asked, j);
		cl_json_end(j);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_operations(struct cl_session *s, struct cl_json *j)
{
	size_t n;
	const struct cl_mode6_operation *o = cl_mode6_operations(s->kept, &n);

	cl_json_array(j, "operations");
	for (size_t i = 0; i < n; i++, o++) {
		cl_json_object(j, NULL);
		json_addr(s, j, "server", &o->server);
		json_operation(j, o->mode, o->opcode, &o->n);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_status(struct cl_json *j, enum cl_mode6_kind kind, uint16_t status)
{
	char hex[8], words[CL_MODE6_WORDS_MAX];

	snprintf(hex, sizeof hex, "%04x", (unsigned)status);
	cl_mode6_words(kind, status, words);
	cl_json_str(j, "status", hex);
	cl_json_str(j, "words", words);
	cl_json_str(j, "clock", kind == CL_MODE6_CLOCK ? cl_mode6_clock(status) : NULL);
}

static void json_association(struct cl_json *j, const struct cl_mode6_association *a)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(&a->server, text);
	cl_json_str(j, "server", text);
	cl_json_u64(j, "associd", a->association);
	cl_json_str(j, "kind", cl_mode6_kind_names[a->kind]);
}

static void json_associations(struct cl_session *s, struct cl_json *j)
{
	size_t n, events;
	const struct cl_mode6_association *a = cl_mode6_associations(s->kept, &n);
	const struct cl_mode6_event *e = cl_mode6_events(s->kept, &events);

	cl_json_array(j, "associations");
	for (size_t i = 0; i < n; i++, a++) {
		cl_json_object(j, NULL);
		json_association(j, a);
		cl_json_str(j, "source", a->text[0] != '\0' ? a->text : NULL);
		json_status(j, a->kind, a->status);
		cl_json_u64(j, "changes", a->changes);
		cl_json_time(j, "last", a->last_ns);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_array(j, "events");
	for (size_t i = 0; i < events; i++, e++) {
		a = cl_mode6_association(s->kept, e->association);
		cl_json_object(j, NULL);
		cl_json_time(j, "t", e->time_ns);
		json_association(j, a);
		json_status(j, a->kind, e->status);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_states(struct cl_session *s, struct cl_json *j)
{
	size_t n;
	const struct cl_mode6_clock_state *c = cl_mode6_states(s->kept, &n);
	char text[CL_ADDR_STRLEN];

	cl_json_array(j, "refclock_states");
	for (size_t i = 0; i < n; i++, c++) {
		cl_addr_format(&c->server, text);
		cl_json_object(j, NULL);
		cl_json_str(j, "server", text);
		cl_json_u64(j, "associd", c->association);
		cl_json_strn(j, "state", c->name, c->name_length);
		cl_json_bool(j, "current", c->current);
		cl_json_i64(j, "duration_s", c->seconds);
		cl_json_double(j, "share", c->share >= 0 ? c->share : NAN);
		cl_json_time(j, "t", c->time_ns);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_variable(struct cl_session *s, struct cl_json *j, const struct cl_mode6_series *v)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(&v->server, text);
	cl_json_object(j, NULL);
	cl_json_str(j, "server", text);
	cl_json_u64(j, "associd", v->association);
	cl_json_str(j, "kind", cl_mode6_kind_names[v->kind]);
	cl_json_strn(j, "variable", v->name, v->name_length);
	cl_json_u64(j, "n", v->n);
	cl_json_double(j, "first", v->first);
	cl_json_double(j, "last", v->last);
	cl_json_double(j, "min", v->min);
	cl_json_double(j, "mean", v->sum / (double)v->n);
	cl_json_double(j, "max", v->max);
	cl_json_rows(j, "series");
	for (const struct cl_mode6_sample *one = cl_mode6_sample(s->kept, v->head); one != NULL;
	     one = cl_mode6_sample(s->kept, one->next)) {
		cl_json_object(j, NULL);
		cl_json_time(j, "t", one->time_ns);
		cl_json_double(j, "value", one->value);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
}

static void json_refused(const struct cl_session *s, struct cl_json *j)
{
	const struct cl_mode6_refused r = cl_mode6_refused(s->kept);

	cl_json_object(j, "given_up");
	cl_json_u64(j, "packets", r.packets);
	cl_json_u64(j, "associations", r.associations);
	cl_json_u64(j, "events", r.events);
	cl_json_u64(j, "series", r.series);
	cl_json_u64(j, "samples", r.samples);
	cl_json_u64(j, "states", r.states);
	cl_json_end(j);
}

/* Of a database that does not keep single messages. */
static void json_nothing(struct cl_json *j)
{
	static const char *const keys[] = { "mode6",   "mode7",		  "errors",	"strangers",
					    "answers", "sources",	  "operations", "associations",
					    "events",  "refclock_states", "variables",	"given_up" };

	for (size_t i = 0; i < COUNT(keys); i++)
		cl_json_null(j, keys[i]);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	size_t n;

	if (s->kept == NULL) {
		json_nothing(j);
		return;
	}
	json_totals(s, j);
	json_sources(s, j);
	json_operations(s, j);
	json_associations(s, j);
	json_states(s, j);
	const struct cl_mode6_series *v = cl_mode6_series(s->kept, &n);
	cl_json_array(j, "variables");
	for (size_t i = 0; i < n; i++)
		json_variable(s, j, &v[i]);
	cl_json_end(j);
	json_refused(s, j);
}

const struct cl_view cl_view_mode6 = {
	.name = "mode6",
	.summary = "NTP control messages: variables as series, who reads them, amplification",
	.example = "  clientele mode6 --format json monday.pcap\n",
	.takes = CL_OPT_TOP,
	.needs = { .exchanges = CL_X_BIT(CL_X_CONTROL) },
	.begin = begin,
	.take = take,
	.end = end,
	.json = json,
	.tables = cl_mode6_tables,
};
