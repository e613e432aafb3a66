/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/poolramp.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

#define NONE INT64_MIN

struct client {
	struct cl_addr addr;
	uint32_t server;
	uint8_t phases; /* in which it asked: bits */
	uint8_t who;
	int64_t step; /* of its last request */
};

struct cl_ramps {
	struct cl_ramp *server[CL_RAMP_SERVERS_MAX]; /* in the order in which they came, then sorted */
	size_t servers;
	struct cl_arena clients;
	bool has_clients;
	struct cl_index by_client;
	uint64_t seed;
	int64_t step_ns;
	cl_ramp_who_fn *who;
	const void *ctx;
	struct cl_ramp_losses losses;
};

struct cl_ramps *cl_ramps_new(uint64_t seed, int64_t step_ns, cl_ramp_who_fn *who, const void *ctx)
{
	struct cl_ramps *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	*r = (struct cl_ramps){ .seed = seed, .step_ns = step_ns, .who = who, .ctx = ctx };
	r->has_clients = cl_arena_init(&r->clients, sizeof(struct client), CL_RAMP_CLIENTS_MAX);
	if (r->has_clients && cl_index_init(&r->by_client))
		return r;
	cl_ramps_free(r);
	return NULL;
}

void cl_ramps_free(struct cl_ramps *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->servers; i++) {
		for (unsigned k = 0; k < CL_RAMP_PHASES; k++)
			cl_hist_free(&r->server[i]->phase[k].delta);
		free(r->server[i]->step);
		free(r->server[i]);
	}
	if (r->has_clients)
		cl_arena_free(&r->clients);
	cl_index_free(&r->by_client);
	free(r);
}

static struct cl_ramp *server_of(struct cl_ramps *r, const struct cl_addr *addr, uint32_t *number)
{
	for (size_t i = 0; i < r->servers; i++)
		if (memcmp(&r->server[i]->server, addr, sizeof *addr) == 0) {
			*number = (uint32_t)i;
			return r->server[i];
		}
	struct cl_ramp *one = r->servers < CL_RAMP_SERVERS_MAX ? calloc(1, sizeof *one) : NULL;
	if (one == NULL) {
		r->losses.servers++;
		return NULL;
	}
	one->server = *addr;
	one->first_probe_ns = one->first_stranger_ns = NONE;
	*number = (uint32_t)r->servers;
	r->server[r->servers++] = one;
	return one;
}

struct key {
	struct cl_addr addr;
	uint32_t server;
};

static bool client_is(const void *records, uint32_t number, const void *key)
{
	const struct client *c = cl_arena_at(records, number);
	const struct key *k = key;

	return c->server == k->server && memcmp(&c->addr, &k->addr, sizeof k->addr) == 0;
}

/* The client, made if it is not there; NULL if there is no room. */
static struct client *client_of(struct cl_ramps *r, const struct cl_addr *addr, uint32_t server)
{
	const struct key key = { *addr, server };
	uint64_t hash = cl_mix(cl_addr_hash(addr, r->seed), server);
	uint32_t at = cl_index_find(&r->by_client, hash, client_is, &r->clients, &key);

	if (at != CL_INDEX_NONE)
		return cl_arena_at(&r->clients, at);
	struct client *c = cl_arena_add(&r->clients);
	if (c == NULL || !cl_index_add(&r->by_client, hash, (uint32_t)r->clients.count - 1)) {
		r->losses.clients++;
		return NULL;
	}
	c->addr = *addr;
	c->server = server;
	c->who = (uint8_t)r->who(r->ctx, addr);
	c->step = NONE;
	return c;
}

/* The step of a time, made with those before it; NULL if there is no room, or it lies before the first. */
static struct cl_ramp_step *step_of(struct cl_ramp *s, int64_t number)
{
	if (s->steps == 0)
		s->step_number = number;
	int64_t at = number - s->step_number;

	if (at < 0 || at >= (int64_t)CL_RAMP_STEPS_MAX)
		return NULL;
	if ((size_t)at >= s->step_room) {
		size_t room = 2 * (size_t)at + 64;

		room = room < CL_RAMP_STEPS_MAX ? room : CL_RAMP_STEPS_MAX;
		struct cl_ramp_step *more = realloc(s->step, room * sizeof *more);

		if (more == NULL)
			return NULL;
		memset(more + s->step_room, 0, (room - s->step_room) * sizeof *more);
		s->step = more;
		s->step_room = room;
	}
	if ((size_t)at >= s->steps)
		s->steps = (size_t)at + 1;
	return &s->step[at];
}

static enum cl_ramp_phase phase_of(const struct cl_ramp *s)
{
	if (s->first_probe_ns == NONE)
		return CL_RAMP_BEFORE;
	return s->first_stranger_ns == NONE ? CL_RAMP_WATCHED : CL_RAMP_JOINED;
}

/* Sets the first stranger: who asked before the first monitor did is none. */
static void see_stranger(struct cl_ramp *s, const struct client *c, const struct cl_event *q)
{
	if (s->first_probe_ns == NONE || s->first_stranger_ns != NONE || c->who != CL_RAMP_STRANGER ||
	    c->phases != 0)
		return;
	s->first_stranger_ns = q->time_ns;
	s->first_stranger = q->src;
}

static void count_step(struct cl_ramps *r, struct cl_ramp *s, struct client *c, const struct cl_exchange *x)
{
	const int64_t t = x->request.event->time_ns,
		      number = t / r->step_ns + (t % r->step_ns > 0); /* times are after 1970 */
	struct cl_ramp_step *step = step_of(s, number);

	if (step == NULL) {
		r->losses.steps++;
		return;
	}
	step->requests++;
	step->bytes_in += x->request.event->wire_len;
	if (x->response.event != NULL) {
		step->answered++;
		step->bytes_out += x->response.event->wire_len;
	}
	if (c == NULL)
		return;
	step->fresh += c->phases == 0;
	step->clients += c->step != number;
	c->step = number;
}

static void take_ntp(struct cl_ramps *r, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event;
	uint32_t number = 0;
	struct cl_ramp *s = server_of(r, &q->dst, &number);

	if (s == NULL)
		return;
	struct client *c = client_of(r, &q->src, number);
	if (c != NULL && c->who == CL_RAMP_MONITOR) {
		if (s->first_probe_ns == NONE) {
			s->first_probe_ns = q->time_ns;
			s->first_monitor = q->src;
		}
		return;
	}
	if (c != NULL)
		see_stranger(s, c, q);
	const enum cl_ramp_phase phase = phase_of(s);
	struct cl_ramp_count *n = &s->phase[phase];
	if (n->requests++ == 0)
		n->first_ns = q->time_ns;
	n->last_ns = q->time_ns;
	n->bytes_in += q->wire_len;
	if (x->response.event != NULL) {
		n->answered++;
		n->bytes_out += x->response.event->wire_len;
		n->kiss += (x->response.event->u.ntp.flags & CL_NTP_KOD) != 0;
	}
	if (x->fortune == CL_FORTUNE_MATCHED)
		cl_hist_add(&n->delta, x->delta_ns); /* memory short: in n, min and max alone */
	count_step(r, s, c, x);
	if (c == NULL)
		return;
	n->clients += (c->phases & 1u << phase) == 0;
	c->phases |= (uint8_t)(1u << phase);
}

static void take_control(struct cl_ramps *r, const struct cl_exchange *x)
{
	const struct cl_event *e = x->request.event;
	const struct cl_note *note = x->request.note;
	const unsigned mode = e->u.ntp.mode;
	uint32_t number = 0;

	if (mode != 6 && mode != 7)
		return;
	bool answer = (mode == 6 ? note->opcode : note->response) >> 7 != 0;
	const struct cl_addr *source = answer ? &e->dst : &e->src;
	if (r->who(r->ctx, source) != CL_RAMP_STRANGER)
		return;
	struct cl_ramp *s = server_of(r, answer ? &e->src : &e->dst, &number);
	if (s == NULL)
		return;
	struct cl_ramp_count *n = &s->phase[phase_of(s)];
	if (answer) {
		n->control_answers[mode - 6]++;
		n->control_bytes_out[mode - 6] += e->wire_len;
	} else {
		n->control_requests[mode - 6]++;
		n->control_bytes_in[mode - 6] += e->wire_len;
	}
}

void cl_ramps_take(struct cl_ramps *r, const struct cl_exchange *x)
{
	if (x->kind == CL_X_NTP && x->request.event != NULL)
		take_ntp(r, x);
	else if (x->kind == CL_X_CONTROL)
		take_control(r, x);
}

static int by_server(const void *a, const void *b)
{
	const struct cl_ramp *x = *(const struct cl_ramp *const *)a, *y = *(const struct cl_ramp *const *)b;

	return cl_addr_cmp(&x->server, &y->server);
}

const struct cl_ramp *const *cl_ramps_sorted(struct cl_ramps *r, size_t *n)
{
	*n = r->servers;
	if (r->servers > 0)
		qsort(r->server, r->servers, sizeof *r->server, by_server);
	return (const struct cl_ramp *const *)r->server;
}

struct cl_ramp_losses cl_ramps_losses(const struct cl_ramps *r)
{
	return r->losses;
}
