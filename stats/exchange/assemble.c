/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/assemble.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/exchange/packed.h"
#include "stats/table/hugemem.h"

#define BACKWARDS_NS 100000000
#define FIRST_LISTS  256u /* a power of two */

/* An exchange that waits, for its response or behind one that does. What it holds stands behind it. */
struct entry {
	struct entry *newer;	  /* the next in the order of first messages */
	struct entry *next;	  /* in its list */
	struct entry **link;	  /* what points at it there */
	struct cl_packed *second; /* a block of its own; NULL: there is one message */
	int64_t deadline_ns;	  /* of one that waits */
	int64_t delta_ns, delta_first_ns;
	uint32_t hash;
	uint16_t octets, second_octets; /* of the blocks */
	uint8_t kind, fortune;
	bool lone; /* `first` is a response */
	bool waits, listed;
	bool interleaved, guessed;
	struct cl_packed first;
};
#define HEAD offsetof(struct entry, first)

struct cl_assembly {
	struct entry *oldest, *newest;
	struct entry **list; /* `lists` of them, by hash: the newest of each in front */
	size_t count, lists;
	struct cl_block_pool pool;
	size_t octets;
	int64_t timeout_ns, now_ns;
	uint64_t seed, told, given_up;
	unsigned kinds;
	cl_exchange_fn fn;
	void *ctx;
	struct cl_note request_note, response_note;	  /* of the exchange that is being told */
	_Alignas(16) unsigned char packed[CL_PACKED_MAX]; /* a message that has no block yet */
};

/* Lists ----------------------------------------------------------------------- */

static struct entry **list_of(const struct cl_assembly *a, uint32_t hash)
{
	return &a->list[hash & (a->lists - 1)];
}

static void enlist(struct cl_assembly *a, struct entry *e)
{
	struct entry **list = list_of(a, e->hash);

	e->next = *list;
	e->link = list;
	if (e->next != NULL)
		e->next->link = &e->next;
	*list = e;
	e->listed = true;
}

static void delist(struct entry *e)
{
	if (!e->listed)
		return;
	*e->link = e->next;
	if (e->next != NULL)
		e->next->link = e->link;
	e->listed = false;
}

/* As many lists as there are entries. False: memory is short. */
static bool grow(struct cl_assembly *a)
{
	size_t lists = a->lists == 0 ? FIRST_LISTS : 2 * a->lists;
	struct entry **list = cl_huge_alloc(lists * sizeof(struct entry *));

	if (list == NULL)
		return false;
	cl_huge_free(a->list, a->lists * sizeof(struct entry *));
	a->list = list;
	a->lists = lists;
	for (struct entry *e = a->oldest; e != NULL; e = e->newer)
		if (e->listed)
			enlist(a, e);
	return true;
}

/* Requests are found by their client and time; by their frame too where the engine knows it, which it does
 * not of those before this run (0): a capture may give one client's requests all the same time. */
static uint32_t request_hash(const struct cl_assembly *a, const struct cl_addr *client, uint16_t port,
			     int64_t time_ns, uint64_t frame)
{
	return (uint32_t)(((cl_addr_hash(client, a->seed) ^ port ^ (uint64_t)time_ns) + frame) *
				  0x9e3779b97f4a7c15u >>
			  32);
}

/* A response that nobody asked for, by its flow and what its request would say. */
static uint32_t lone_hash(const struct cl_assembly *a, const struct cl_event *response)
{
	const struct cl_event *r = response;
	uint64_t key = r->kind == CL_EV_DNS ? r->u.dns.id : r->u.ntp.org;

	uint64_t server = cl_addr_hash(&r->src, ~a->seed) + r->sport;

	return (uint32_t)(((cl_addr_hash(&r->dst, a->seed) ^ key) + r->dport + server) *
				  0xd6e8feb86659fd93u >>
			  32);
}

static bool is_addr(const struct cl_addr *a, const struct cl_addr *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
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
	const struct cl_packed *request = e->lone ? e->second : &e->first;
	const struct cl_packed *response = e->lone ? &e->first : e->second;

	if (request != NULL)
		x.request = cl_unpack(request, &a->request_note);
	if (response != NULL)
		x.response = cl_unpack(response, &a->response_note);
	a->fn(a->ctx, &x);
}

/* Brings the octets near that telling an exchange reads. */
__attribute__((always_inline)) static inline void look_ahead(const struct entry *e)
{
	__builtin_prefetch(e);
	__builtin_prefetch((const char *)e + 64);
	__builtin_prefetch((const char *)e + 128);
	__builtin_prefetch((const char *)e + 192);
}

static void tell_oldest(struct cl_assembly *a)
{
	struct entry *e = a->oldest;

	look_ahead(e->newer);
	delist(e);
	tell(a, e);
	a->oldest = e->newer;
	if (a->oldest == NULL)
		a->newest = NULL;
	else if (a->oldest->second != NULL)
		__builtin_prefetch(a->oldest->second);
	a->count--;
	if (e->second != NULL)
		cl_block_give(&a->pool, e->second, e->second_octets);
	cl_block_give(&a->pool, e, e->octets);
}

/* Tells what waits no longer. */
static void pass(struct cl_assembly *a, int64_t now_ns)
{
	if (now_ns > a->now_ns)
		a->now_ns = now_ns;
	while (a->oldest != NULL && (!a->oldest->waits || a->oldest->deadline_ns < a->now_ns))
		tell_oldest(a);
}

/* Entries --------------------------------------------------------------------- */

/* Makes room at the cost of the oldest, should what waits take too much. */
static void limit(struct cl_assembly *a)
{
	while (a->oldest != NULL && a->pool.octets + a->count * sizeof *a->list > a->octets) {
		struct entry *e = a->oldest;

		if (e->waits && e->second == NULL && !e->lone) {
			e->fortune = CL_FORTUNE_GIVEN_UP;
			a->given_up++;
		}
		tell_oldest(a);
	}
}

/* A new entry, the newest, with its first message. NULL when memory is short. */
static struct entry *add(struct cl_assembly *a, const struct cl_message *m, bool lone)
{
	limit(a);
	size_t size = cl_pack(a->packed, m), octets = HEAD + size;
	struct entry *e = a->count < a->lists || grow(a) ? cl_block_take(&a->pool, octets) : NULL;

	if (e == NULL) {
		a->given_up++;
		return NULL;
	}
	memset(e, 0, HEAD);
	memcpy(&e->first, a->packed, size);
	e->octets = (uint16_t)octets;
	e->lone = lone;
	if (a->newest != NULL)
		a->newest->newer = e;
	else
		a->oldest = e;
	a->newest = e;
	a->count++;
	return e;
}

/* False: memory is short. */
static bool add_second(struct cl_assembly *a, struct entry *e, const struct cl_message *m)
{
	size_t size = cl_pack(a->packed, m);
	struct cl_packed *p = cl_block_take(&a->pool, size);

	if (p == NULL)
		return false;
	memcpy(p, a->packed, size);
	e->second = p;
	e->second_octets = (uint16_t)size;
	return true;
}

static enum cl_exchange_kind kind_of(const struct cl_event *ev)
{
	if (ev->kind == CL_EV_ICMP)
		return CL_X_ICMP;
	if (ev->kind == CL_EV_CONN)
		return CL_X_CONN;
	if (ev->kind == CL_EV_PART)
		return CL_X_PART;
	if (ev->kind == CL_EV_DNS)
		return CL_X_DNS;
	return ev->role == CL_ROLE_APART ? CL_X_CONTROL : CL_X_NTP;
}

static void take_alone(struct cl_assembly *a, const struct cl_message *m)
{
	struct cl_exchange x = { .kind = kind_of(m->event), .fortune = CL_FORTUNE_ALONE, .request = *m };

	if (a->oldest == NULL) { /* nothing is before it */
		x.number = ++a->told;
		a->fn(a->ctx, &x);
		return;
	}
	struct entry *e = add(a, m, false);
	if (e == NULL)
		return;
	e->kind = (uint8_t)x.kind;
	e->fortune = CL_FORTUNE_ALONE;
}

/* Whether a response that waits is of this request, which it came before. */
static bool is_backwards(const struct entry *e, uint32_t hash, const struct cl_event *q)
{
	const struct cl_event *r = &e->first.event;

	return e->hash == hash && e->lone && e->second == NULL && e->fortune == CL_FORTUNE_BOGUS &&
	       r->kind == q->kind && is_addr(&r->src, &q->dst) && is_addr(&r->dst, &q->src) &&
	       r->sport == q->dport && r->dport == q->sport && q->time_ns - r->time_ns <= BACKWARDS_NS;
}

/* The answer that was captured before its request, and told as bogus by the engine then. */
static bool joins_response(struct cl_assembly *a, const struct cl_message *m)
{
	const struct cl_event *q = m->event;
	struct cl_event key = {
		.kind = q->kind, .src = q->dst, .dst = q->src, .sport = q->dport, .dport = q->sport
	};

	if (q->kind == CL_EV_DNS)
		key.u.dns.id = q->u.dns.id;
	else
		key.u.ntp.org = q->u.ntp.xmt;
	uint32_t hash = lone_hash(a, &key);
	for (struct entry *e = a->lists > 0 ? *list_of(a, hash) : NULL; e != NULL; e = e->next) {
		if (!is_backwards(e, hash, q))
			continue;
		if (!add_second(a, e, m))
			return false;
		delist(e);
		e->fortune = CL_FORTUNE_BACKWARDS;
		e->waits = false;
		return true;
	}
	return false;
}

/* `frame`: that the engine knows it by. */
static void take_request(struct cl_assembly *a, const struct cl_message *m, uint64_t frame, bool backwards)
{
	const struct cl_event *q = m->event;

	if (backwards && joins_response(a, m))
		return;
	struct entry *e = add(a, m, false);
	if (e == NULL)
		return;
	e->kind = (uint8_t)kind_of(q);
	e->fortune = CL_FORTUNE_UNANSWERED;
	e->waits = true;
	if (__builtin_add_overflow(q->time_ns, a->timeout_ns, &e->deadline_ns))
		e->deadline_ns = INT64_MAX;
	e->hash = request_hash(a, &q->src, q->sport, q->time_ns, frame);
	enlist(a, e);
}

/* The request of this hash that a verdict speaks of, as far as it waits. */
static struct entry *request_with(struct cl_assembly *a, uint32_t hash, const struct cl_event *r,
				  int64_t time_ns, uint64_t frame_no)
{
	struct entry *found = NULL;

	for (struct entry *e = a->lists > 0 ? *list_of(a, hash) : NULL; e != NULL; e = e->next) {
		const struct cl_event *q = &e->first.event;

		if (e->hash != hash || e->lone || (frame_no != 0 && cl_req_frame(q->frame_no) != frame_no) ||
		    q->time_ns != time_ns || q->sport != r->dport || !is_addr(&q->src, &r->dst) ||
		    (q->kind == CL_EV_DNS && q->u.dns.id != r->u.dns.id))
			continue;
		found = e; /* the oldest: a list has the newest in front */
	}
	return found;
}

/* The request that a verdict speaks of: of this run, or of one before it. */
static struct entry *request_of(struct cl_assembly *a, const struct cl_event *r, const struct cl_verdict *v)
{
	uint64_t frame_no = cl_req_frame(v->request_place);
	int64_t time_ns = r->time_ns - v->delta_ns;
	uint32_t hash = request_hash(a, &r->dst, r->dport, time_ns, frame_no);
	struct entry *e = request_with(a, hash, r, time_ns, frame_no);

	if (e != NULL || frame_no == 0)
		return e;
	return request_with(a, request_hash(a, &r->dst, r->dport, time_ns, 0), r, time_ns, frame_no);
}

static void take_lone(struct cl_assembly *a, const struct cl_message *m, const struct cl_verdict *v)
{
	static const uint8_t fortunes[] = {
		[CL_OUT_MATCHED] = CL_FORTUNE_LATE, [CL_OUT_DUPLICATE] = CL_FORTUNE_DUPLICATE,
		[CL_OUT_LATE] = CL_FORTUNE_LATE,    [CL_OUT_BACKWARDS] = CL_FORTUNE_BACKWARDS,
		[CL_OUT_BOGUS] = CL_FORTUNE_BOGUS,  [CL_OUT_TRANSFER] = CL_FORTUNE_DUPLICATE
	};
	struct entry *e = add(a, m, true);

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
		enlist(a, e);
	}
}

/* A further message of a response that is there, which has come where the last one has. */
static void take_transfer(struct cl_assembly *a, struct entry *e, const struct cl_event *ev,
			  const struct cl_verdict *v)
{
	e->deadline_ns = ev->time_ns + a->timeout_ns;
	if (!v->ended)
		return;
	if (e->second != NULL) {
		e->second->event.time_ns = ev->time_ns;
		e->second->event.frame_no = ev->frame_no;
		e->second->event.file = ev->file;
	}
	e->delta_ns = v->delta_ns;
	e->waits = false;
	delist(e);
}

static void take_response(struct cl_assembly *a, const struct cl_message *m, const struct cl_verdict *v)
{
	struct entry *e = v->outcome == CL_OUT_MATCHED || v->outcome == CL_OUT_TRANSFER
				  ? request_of(a, m->event, v)
				  : NULL;

	if (v->outcome == CL_OUT_TRANSFER) {
		if (e != NULL)
			take_transfer(a, e, m->event, v);
		return;
	}
	if (e == NULL || e->second != NULL || !add_second(a, e, m)) {
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
	delist(e);
}

void cl_assembly_take(void *assembly, const struct cl_tapped *t)
{
	struct cl_assembly *a = assembly;
	struct cl_message m = { t->event, t->note };

	pass(a, t->event->time_ns);
	if ((a->kinds & CL_X_BIT(kind_of(t->event))) == 0)
		return;
	if (t->verdict != NULL)
		take_response(a, &m, t->verdict);
	else if (t->event->role == CL_ROLE_REQUEST && t->event->kind != CL_EV_PART)
		take_request(a, &m, cl_req_frame(t->event->frame_no), t->backwards);
	else
		take_alone(a, &m);
	pass(a, t->event->time_ns);
}

/* Entry of an exchange whose fortune is known. */
static void resume_told(struct cl_assembly *a, const struct cl_exchange *x)
{
	bool lone = x->request.event == NULL;
	struct entry *e = add(a, lone ? &x->response : &x->request, lone);

	if (e == NULL)
		return;
	e->kind = (uint8_t)x->kind;
	e->fortune = (uint8_t)x->fortune;
	e->interleaved = x->interleaved;
	e->guessed = x->guessed;
	e->delta_ns = x->delta_ns;
	e->delta_first_ns = x->delta_first_ns;
	if (!lone && x->response.event != NULL && !add_second(a, e, &x->response)) {
		e->fortune = CL_FORTUNE_GIVEN_UP; /* nobody is told of a response that is not there */
		a->given_up++;
	}
}

void cl_assembly_resume(void *assembly, const struct cl_exchange *x)
{
	struct cl_assembly *a = assembly;

	if (x->fortune == CL_FORTUNE_OPEN_AT_END)
		take_request(a, &x->request, 0, false);
	else if (x->fortune == CL_FORTUNE_BOGUS && x->request.event == NULL) /* it may be the next packet */
		take_lone(a, &x->response, &(struct cl_verdict){ .outcome = CL_OUT_BOGUS });
	else
		resume_told(a, x);
}

void cl_assembly_finish(struct cl_assembly *a, int64_t end_ns)
{
	for (; a->oldest != NULL; tell_oldest(a)) {
		struct entry *e = a->oldest;

		if (e->waits && e->fortune == CL_FORTUNE_UNANSWERED && e->deadline_ns > end_ns)
			e->fortune = CL_FORTUNE_OPEN_AT_END;
	}
}

void cl_assembly_so_far(struct cl_assembly *a, int64_t end_ns)
{
	uint64_t told = a->told;

	for (struct entry *e = a->oldest; e != NULL; e = e->newer) {
		uint8_t fortune = e->fortune;

		if (e->newer != NULL)
			look_ahead(e->newer);
		if (e->waits && fortune == CL_FORTUNE_UNANSWERED && e->deadline_ns > end_ns)
			e->fortune = CL_FORTUNE_OPEN_AT_END;
		tell(a, e);
		e->fortune = fortune;
	}
	a->told = told;
}

void cl_assembly_want(struct cl_assembly *a, unsigned kinds)
{
	a->kinds = kinds;
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
	a->kinds = ~0u;
	a->fn = fn;
	a->ctx = ctx;
	return a;
}

void cl_assembly_free(struct cl_assembly *a)
{
	if (a == NULL)
		return;
	cl_block_pool_free(&a->pool);
	cl_huge_free(a->list, a->lists * sizeof(struct entry *));
	free(a);
}
