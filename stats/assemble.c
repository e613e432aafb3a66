/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/assemble.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/notepool.h"

#define BACKWARDS_NS 100000000
#define FIRST_ROOM   1024u /* a power of two */
#define NOBODY	     UINT64_MAX

/* An exchange that waits, for its response or behind one that does. */
struct entry {
	struct cl_event request, response;
	struct cl_note *request_note, *response_note; /* of the pool; NULL: no such message */
	int64_t deadline_ns;			      /* of one that waits */
	int64_t delta_ns, delta_first_ns;
	uint64_t hash;
	uint64_t next; /* in its list; NOBODY: the last */
	uint8_t kind, fortune;
	bool has_request, has_response;
	bool waits, listed;
	bool interleaved, guessed;
};

/* Entries `head` to `tail` - 1, each at its number modulo `room`. */
struct cl_assembly {
	struct entry *entry;
	uint64_t *list; /* `room` lists of entries by hash */
	uint64_t head, tail, room;
	struct cl_note_pool pool;
	size_t octets;
	int64_t timeout_ns, now_ns;
	uint64_t seed, told, given_up;
	cl_exchange_fn fn;
	void *ctx;
};

static struct entry *at(struct cl_assembly *a, uint64_t number)
{
	return &a->entry[number & (a->room - 1)];
}

/* Lists ----------------------------------------------------------------------- */

static void enlist(struct cl_assembly *a, uint64_t number)
{
	struct entry *e = at(a, number);
	uint64_t *list = &a->list[e->hash & (a->room - 1)];

	e->next = *list;
	*list = number;
	e->listed = true;
}

static void delist(struct cl_assembly *a, uint64_t number)
{
	struct entry *e = at(a, number);
	uint64_t *link = &a->list[e->hash & (a->room - 1)];

	if (!e->listed)
		return;
	while (*link != number)
		link = &at(a, *link)->next;
	*link = e->next;
	e->listed = false;
}

static bool grow(struct cl_assembly *a)
{
	uint64_t room = a->room == 0 ? FIRST_ROOM : 2 * a->room;
	struct entry *entry = malloc(room * sizeof *entry);
	uint64_t *list = malloc(room * sizeof *list);

	if (entry == NULL || list == NULL) {
		free(entry);
		free(list);
		return false;
	}
	for (uint64_t n = a->head; n < a->tail; n++)
		entry[n & (room - 1)] = *at(a, n);
	free(a->entry);
	free(a->list);
	a->entry = entry;
	a->list = list;
	a->room = room;
	memset(list, 0xff, room * sizeof *list);
	for (uint64_t n = a->head; n < a->tail; n++)
		if (at(a, n)->listed)
			enlist(a, n);
	return true;
}

/* Requests are found by their client and time; by their frame too where the engine knows it, which it does
 * not of those before this run. */
static uint64_t request_hash(const struct cl_assembly *a, const struct cl_addr *client, uint16_t port,
			     int64_t time_ns)
{
	return (cl_addr_hash(client, a->seed) ^ port ^ (uint64_t)time_ns) * 0x9e3779b97f4a7c15u >> 20;
}

/* A response that nobody asked for, by its flow and what its request would say. */
static uint64_t lone_hash(const struct cl_assembly *a, const struct cl_event *response)
{
	const struct cl_event *r = response;
	uint64_t key = r->kind == CL_EV_DNS ? r->u.dns.id : r->u.ntp.org;

	return ((cl_addr_hash(&r->dst, a->seed) ^ key) + r->dport) * 0xd6e8feb86659fd93u >> 20;
}

/* Telling --------------------------------------------------------------------- */

static void tell(struct cl_assembly *a, struct entry *e)
{
	struct cl_exchange x = { .number = ++a->told,
				 .kind = (enum cl_exchange_kind)e->kind,
				 .fortune = (enum cl_fortune)e->fortune,
				 .interleaved = e->interleaved,
				 .guessed = e->guessed,
				 .delta_ns = e->delta_ns,
				 .delta_first_ns = e->delta_first_ns };

	if (e->has_request)
		x.request = (struct cl_message){ &e->request, e->request_note };
	if (e->has_response)
		x.response = (struct cl_message){ &e->response, e->response_note };
	a->fn(a->ctx, &x);
}

static void tell_first(struct cl_assembly *a)
{
	struct entry *e = at(a, a->head);

	delist(a, a->head);
	tell(a, e);
	cl_note_pool_give(&a->pool, e->request_note);
	cl_note_pool_give(&a->pool, e->response_note);
	a->head++;
}

/* Tells what waits no longer. */
static void pass(struct cl_assembly *a, int64_t now_ns)
{
	if (now_ns > a->now_ns)
		a->now_ns = now_ns;
	while (a->head < a->tail) {
		const struct entry *e = at(a, a->head);

		if (e->waits && e->deadline_ns >= a->now_ns)
			break;
		tell_first(a);
	}
}

/* Entries --------------------------------------------------------------------- */

/* Makes room at the cost of the oldest, should what waits take too much. */
static void limit(struct cl_assembly *a)
{
	while (a->head < a->tail && (a->tail - a->head) * sizeof *a->entry + a->pool.octets > a->octets) {
		struct entry *e = at(a, a->head);

		if (e->waits && !e->has_response) {
			e->fortune = CL_FORTUNE_GIVEN_UP;
			a->given_up++;
		}
		tell_first(a);
	}
}

/* A new entry; its number is a->tail - 1. NULL when memory is short. */
static struct entry *add(struct cl_assembly *a)
{
	limit(a);
	if (a->tail - a->head == a->room && !grow(a)) {
		a->given_up++;
		return NULL;
	}
	struct entry *e = at(a, a->tail++);
	*e = (struct entry){ .next = NOBODY };
	return e;
}

static bool put_request(struct cl_assembly *a, struct entry *e, const struct cl_message *m)
{
	e->request = *m->event;
	e->request_note = cl_note_pool_take(&a->pool, m->note);
	e->has_request = e->request_note != NULL;
	return e->has_request;
}

static bool put_response(struct cl_assembly *a, struct entry *e, const struct cl_message *m)
{
	e->response = *m->event;
	e->response_note = cl_note_pool_take(&a->pool, m->note);
	e->has_response = e->response_note != NULL;
	return e->has_response;
}

/* One that holds nothing, because memory is short, is not told. */
static void forget_last(struct cl_assembly *a)
{
	delist(a, --a->tail);
	a->given_up++;
}

static enum cl_exchange_kind kind_of(const struct cl_event *ev)
{
	if (ev->kind == CL_EV_ICMP)
		return CL_X_ICMP;
	if (ev->kind == CL_EV_CONN)
		return CL_X_CONN;
	if (ev->kind == CL_EV_DNS)
		return CL_X_DNS;
	return ev->role == CL_ROLE_APART ? CL_X_CONTROL : CL_X_NTP;
}

static void take_alone(struct cl_assembly *a, const struct cl_message *m)
{
	struct entry *e = add(a);

	if (e == NULL)
		return;
	e->kind = (uint8_t)kind_of(m->event);
	e->fortune = CL_FORTUNE_ALONE;
	if (!put_request(a, e, m))
		forget_last(a);
}

/* The answer that was captured before its request, and told as bogus by the engine then. */
static bool joins_response(struct cl_assembly *a, const struct cl_message *m)
{
	const struct cl_event *q = m->event;
	struct cl_event key = { .kind = q->kind, .dst = q->src, .dport = q->sport };

	if (q->kind == CL_EV_DNS)
		key.u.dns.id = q->u.dns.id;
	else
		key.u.ntp.org = q->u.ntp.xmt;
	for (uint64_t n = a->room > 0 ? a->list[lone_hash(a, &key) & (a->room - 1)] : NOBODY; n != NOBODY;
	     n = at(a, n)->next) {
		struct entry *e = at(a, n);
		const struct cl_event *r = &e->response;

		if (e->has_request || e->fortune != CL_FORTUNE_BOGUS || r->kind != q->kind ||
		    cl_addr_cmp(&r->src, &q->dst) != 0 || cl_addr_cmp(&r->dst, &q->src) != 0 ||
		    r->sport != q->dport || r->dport != q->sport || q->time_ns - r->time_ns > BACKWARDS_NS)
			continue;
		if (!put_request(a, e, m))
			return false;
		delist(a, n);
		e->fortune = CL_FORTUNE_BACKWARDS;
		e->waits = false;
		return true;
	}
	return false;
}

static void take_request(struct cl_assembly *a, const struct cl_message *m, bool backwards)
{
	const struct cl_event *q = m->event;

	if (backwards && joins_response(a, m))
		return;
	struct entry *e = add(a);
	if (e == NULL)
		return;
	e->kind = (uint8_t)kind_of(q);
	e->fortune = CL_FORTUNE_UNANSWERED;
	e->waits = true;
	if (__builtin_add_overflow(q->time_ns, a->timeout_ns, &e->deadline_ns))
		e->deadline_ns = INT64_MAX;
	e->hash = request_hash(a, &q->src, q->sport, q->time_ns);
	enlist(a, a->tail - 1);
	if (!put_request(a, e, m))
		forget_last(a);
}

/* The request that a verdict speaks of, as far as it waits. */
static struct entry *request_of(struct cl_assembly *a, const struct cl_event *r, const struct cl_verdict *v,
				uint64_t *number)
{
	uint64_t frame_no = cl_req_frame(v->request_place);
	int64_t time_ns = r->time_ns - v->delta_ns;
	uint64_t hash = request_hash(a, &r->dst, r->dport, time_ns);
	struct entry *found = NULL;

	for (uint64_t n = a->room > 0 ? a->list[hash & (a->room - 1)] : NOBODY; n != NOBODY;
	     n = at(a, n)->next) {
		struct entry *e = at(a, n);
		const struct cl_event *q = &e->request;

		if (!e->has_request || (frame_no != 0 && cl_req_frame(q->frame_no) != frame_no) ||
		    q->time_ns != time_ns || q->sport != r->dport || cl_addr_cmp(&q->src, &r->dst) != 0 ||
		    (q->kind == CL_EV_DNS && q->u.dns.id != r->u.dns.id))
			continue;
		found = e; /* the oldest: a list has the newest in front */
		*number = n;
	}
	return found;
}

static void take_lone(struct cl_assembly *a, const struct cl_message *m, const struct cl_verdict *v)
{
	static const uint8_t fortunes[] = {
		[CL_OUT_MATCHED] = CL_FORTUNE_LATE, [CL_OUT_DUPLICATE] = CL_FORTUNE_DUPLICATE,
		[CL_OUT_LATE] = CL_FORTUNE_LATE,    [CL_OUT_BACKWARDS] = CL_FORTUNE_BACKWARDS,
		[CL_OUT_BOGUS] = CL_FORTUNE_BOGUS,  [CL_OUT_TRANSFER] = CL_FORTUNE_DUPLICATE
	};
	struct entry *e = add(a);

	if (e == NULL)
		return;
	e->kind = (uint8_t)(m->event->kind == CL_EV_DNS ? CL_X_DNS : CL_X_NTP);
	e->fortune = fortunes[v->outcome];
	e->delta_ns = v->outcome == CL_OUT_LATE ? v->delta_ns : 0;
	e->delta_first_ns = v->outcome == CL_OUT_LATE ? v->delta_first_ns : 0;
	if (v->outcome == CL_OUT_BOGUS) { /* its request may still come */
		e->waits = true;
		e->deadline_ns = m->event->time_ns + BACKWARDS_NS;
		e->hash = lone_hash(a, m->event);
		enlist(a, a->tail - 1);
	}
	if (!put_response(a, e, m))
		forget_last(a);
}

static void take_response(struct cl_assembly *a, const struct cl_message *m, const struct cl_verdict *v)
{
	uint64_t number = 0;
	struct entry *e = v->outcome == CL_OUT_MATCHED || v->outcome == CL_OUT_TRANSFER
				  ? request_of(a, m->event, v, &number)
				  : NULL;

	if (v->outcome == CL_OUT_TRANSFER) { /* of a response that is there */
		if (e != NULL && v->ended)
			e->delta_ns = v->delta_ns;
		if (e != NULL)
			e->deadline_ns = m->event->time_ns + a->timeout_ns;
		if (e != NULL && v->ended) {
			e->waits = false;
			delist(a, number);
		}
		return;
	}
	if (e == NULL || e->has_response || !put_response(a, e, m)) {
		take_lone(a, m, v);
		return;
	}
	e->fortune = CL_FORTUNE_MATCHED;
	e->interleaved = v->interleaved;
	e->guessed = v->guessed;
	e->delta_ns = v->delta_ns;
	e->delta_first_ns = v->delta_first_ns;
	if (v->more) {
		e->deadline_ns = m->event->time_ns + a->timeout_ns;
		return;
	}
	e->waits = false;
	delist(a, number);
}

void cl_assembly_take(void *assembly, const struct cl_tapped *t)
{
	struct cl_assembly *a = assembly;
	struct cl_message m = { t->event, t->note };

	pass(a, t->event->time_ns);
	if (t->verdict != NULL)
		take_response(a, &m, t->verdict);
	else if (t->event->role == CL_ROLE_REQUEST && t->event->kind != CL_EV_CONN)
		take_request(a, &m, t->backwards);
	else
		take_alone(a, &m);
	pass(a, t->event->time_ns);
}

void cl_assembly_resume(void *assembly, const struct cl_exchange *x)
{
	struct cl_assembly *a = assembly;

	if (x->fortune == CL_FORTUNE_OPEN_AT_END) {
		take_request(a, &x->request, false);
		return;
	}
	if (x->fortune == CL_FORTUNE_BOGUS &&
	    x->request.event == NULL) { /* its request may be the next packet */
		take_lone(a, &x->response, &(struct cl_verdict){ .outcome = CL_OUT_BOGUS });
		return;
	}
	struct entry *e = add(a);
	if (e == NULL)
		return;
	e->kind = (uint8_t)x->kind;
	e->fortune = (uint8_t)x->fortune;
	e->interleaved = x->interleaved;
	e->guessed = x->guessed;
	e->delta_ns = x->delta_ns;
	e->delta_first_ns = x->delta_first_ns;
	if ((x->request.event != NULL && !put_request(a, e, &x->request)) ||
	    (x->response.event != NULL && !put_response(a, e, &x->response)))
		forget_last(a);
}

void cl_assembly_finish(struct cl_assembly *a, int64_t end_ns)
{
	for (; a->head < a->tail; tell_first(a)) {
		struct entry *e = at(a, a->head);

		if (e->waits && e->fortune == CL_FORTUNE_UNANSWERED && e->deadline_ns > end_ns)
			e->fortune = CL_FORTUNE_OPEN_AT_END;
	}
}

uint64_t cl_assembly_given_up(const struct cl_assembly *a)
{
	return a->given_up;
}

struct cl_assembly *cl_assembly_new(int64_t timeout_ns, uint64_t seed, size_t octets, cl_exchange_fn fn,
				    void *ctx)
{
	struct cl_assembly *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->timeout_ns = timeout_ns;
	a->seed = seed;
	a->octets = octets;
	a->now_ns = INT64_MIN;
	a->fn = fn;
	a->ctx = ctx;
	return a;
}

void cl_assembly_free(struct cl_assembly *a)
{
	if (a == NULL)
		return;
	cl_note_pool_free(&a->pool);
	free(a->entry);
	free(a->list);
	free(a);
}
