/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/conversation.h"

#include <stdlib.h>

#include "dissect/hash.h"
#include "dissect/tcp.h"

#define BITS	       18u
#define CONVERSATIONS  (1u << BITS)
#define SEGMENTS_LEAST 4u
#define ROWS_MAX       (1u << 21) /* 48 MiB */
#define SLAB	       512u
#define UDP	       17u
#define TCP	       6u

/* Conversations are made by the hundred. */
struct slab {
	struct slab *next;
	struct cl_conversation conversation[SLAB];
};

struct cl_conversations {
	struct cl_conversation *index[CONVERSATIONS];
	uint64_t uses;
	struct cl_conversation *oldest, *newest; /* by age; made when one must go for the first time */
	uint32_t count, next[2];		 /* of TCP and of UDP */
	struct slab *slabs;			 /* the first `count` are in use, the newest slab's last */
	struct cl_conversation *spare;		 /* of these, one that is not: for want of memory beside it */
	struct cl_conversation **expected;	 /* the list asked for next, perhaps */
	uint32_t rows; /* room for segments of all flows, beyond SEGMENTS_LEAST of each */
};

struct cl_conversations *cl_conversations_new(void)
{
	return calloc(1, sizeof(struct cl_conversations));
}

static void empty(struct cl_conversations *t, struct cl_conversation *c)
{
	for (unsigned i = 0; i < 2 && c->flow != NULL; i++) {
		if (c->flow[i].segment_room > SEGMENTS_LEAST)
			t->rows -= c->flow[i].segment_room;
		free(c->flow[i].segment);
		c->flow[i] = (struct cl_flow){ .scale = -1 };
	}
}

void cl_conversations_free(struct cl_conversations *t)
{
	if (t == NULL)
		return;
	while (t->slabs != NULL) {
		struct slab *next = t->slabs->next;

		for (struct cl_conversation *c = t->slabs->conversation; c < t->slabs->conversation + SLAB;
		     c++)
			if (c->flow != NULL) {
				empty(t, c);
				free(c->flow);
			}
		free(t->slabs);
		t->slabs = next;
	}
	free(t);
}

static struct cl_conversation **list_of(struct cl_conversations *t, const struct cl_addr *a, uint16_t a_port,
					const struct cl_addr *b, uint16_t b_port, uint8_t proto,
					uint64_t seed)
{
	uint64_t h = cl_mix(cl_addr_hash(a, seed), a_port) + cl_mix(cl_addr_hash(b, seed), b_port) + proto;

	return &t->index[(h ^ h >> 32) & (CONVERSATIONS - 1)];
}

static void unlink_age(struct cl_conversations *t, struct cl_conversation *c)
{
	if (c->older != NULL)
		c->older->newer = c->newer;
	else
		t->oldest = c->newer;
	if (c->newer != NULL)
		c->newer->older = c->older;
	else
		t->newest = c->older;
}

static void link_newest(struct cl_conversations *t, struct cl_conversation *c)
{
	c->older = t->newest;
	c->newer = NULL;
	if (t->newest != NULL)
		t->newest->newer = c;
	else
		t->oldest = c;
	t->newest = c;
}

static int by_use(const void *a, const void *b)
{
	const struct cl_conversation *const *x = a, *const *y = b;

	return (*x)->used < (*y)->used ? -1 : (*x)->used > (*y)->used;
}

/* Links all by age. A list that is kept from the first on would cost three cache misses a packet; most inputs
 * never need it. Without memory there is none. */
static void link_all(struct cl_conversations *t)
{
	struct cl_conversation **all = malloc(t->count * sizeof *all);
	size_t n = 0;

	if (all == NULL)
		return;
	for (size_t i = 0; i < CONVERSATIONS; i++)
		for (struct cl_conversation *c = t->index[i]; c != NULL && n < t->count; c = c->same_hash)
			all[n++] = c;
	qsort(all, n, sizeof(struct cl_conversation *), by_use);
	for (size_t i = 0; i < n; i++)
		link_newest(t, all[i]);
	free(all);
}

static void use(struct cl_conversations *t, struct cl_conversation *c)
{
	c->used = ++t->uses;
	if (t->newest == NULL || t->newest == c)
		return;
	unlink_age(t, c);
	link_newest(t, c);
}

/* Takes the one idle longest out of the table, and empties it. */
static struct cl_conversation *take_oldest(struct cl_conversations *t, uint64_t seed)
{
	struct cl_conversation *c, **at;

	if (t->oldest == NULL)
		link_all(t);
	c = t->oldest;
	if (c == NULL)
		return NULL;
	at = list_of(t, &c->addr[0], c->port[0], &c->addr[1], c->port[1], c->proto, seed);
	while (*at != c)
		at = &(*at)->same_hash;
	*at = c->same_hash;
	unlink_age(t, c);
	empty(t, c);
	free(c->flow);
	c->flow = NULL;
	return c;
}

/* One that was never used. NULL: all are in use, or memory is short. */
static struct cl_conversation *fresh(struct cl_conversations *t)
{
	struct cl_conversation *c = t->spare;

	t->spare = NULL;
	if (c != NULL || t->count == CONVERSATIONS)
		return c;
	if (t->count % SLAB == 0) {
		struct slab *slab = aligned_alloc(_Alignof(struct slab), sizeof *slab);

		if (slab == NULL)
			return NULL;
		memset(slab, 0, sizeof *slab);
		slab->next = t->slabs;
		t->slabs = slab;
	}
	return &t->slabs->conversation[t->count++ % SLAB];
}

static struct cl_conversation *make(struct cl_conversations *t, uint64_t seed, uint8_t proto)
{
	struct cl_conversation *c = fresh(t);

	if (c == NULL)
		c = take_oldest(t, seed);
	if (c == NULL || proto != TCP)
		return c;
	c->flow = calloc(2, sizeof *c->flow);
	if (c->flow != NULL)
		return c;
	t->spare = c;
	return NULL;
}

void cl_conversation_renew(struct cl_conversations *t, struct cl_conversation *c, const struct cl_pkt *p)
{
	empty(t, c);
	c->number = t->next[c->proto == UDP]++;
	c->first_ns = c->last_ns = p->frame->time_ns;
	c->packets = 0;
	c->completeness = 0;
	c->renewed = false;
	c->closing = c->fast_open = false;
	c->syn_ns = c->rtt_ns = 0;
}

/* A larger room for a flow's segments; false: not for this one. */
static bool grow(struct cl_conversations *t, struct cl_flow *f)
{
	uint16_t before = f->segment_room, room = before == 0 ? SEGMENTS_LEAST : (uint16_t)(before * 2);
	uint32_t rows = t->rows - (before > SEGMENTS_LEAST ? before : 0) + (before > 0 ? room : 0);

	if (before == CL_FLOW_SEGMENTS || (before > 0 && rows > ROWS_MAX))
		return false;
	struct cl_flow_segment *grown = realloc(f->segment, room * sizeof *grown);
	if (grown == NULL)
		return false;
	f->segment = grown;
	f->segment_room = room;
	t->rows = rows;
	return true;
}

void cl_flow_add(struct cl_conversations *t, struct cl_flow *f, const struct cl_flow_segment *one)
{
	if (f->segments == f->segment_room && !grow(t, f)) {
		if (f->segment_room == 0)
			return;
		memmove(f->segment, f->segment + 1, (f->segment_room - 1u) * sizeof *f->segment);
		f->segments--;
	}
	f->segment[f->segments++] = *one;
}

void cl_conversation_expect(struct cl_conversations *t, const struct cl_pkt *p, uint8_t proto, uint16_t sport,
			    uint16_t dport)
{
	t->expected = list_of(t, &p->ev->src, sport, &p->ev->dst, dport, proto, p->limits->hash_seed);
	__builtin_prefetch(t->expected);
}

static bool is_side(const struct cl_conversation *c, unsigned i, const struct cl_addr *a, uint16_t port)
{
	return c->port[i] == port && memcmp(c->addr[i].b, a->b, sizeof a->b) == 0;
}

struct cl_conversation *cl_conversation_find(struct cl_conversations *t, const struct cl_pkt *p,
					     uint8_t proto, unsigned *dir)
{
	const struct cl_event *ev = p->ev;
	uint64_t seed = p->limits->hash_seed;
	struct cl_conversation *c, **list = list_of(t, &ev->src, ev->sport, &ev->dst, ev->dport, proto, seed);

	for (c = *list; c != NULL; c = c->same_hash) {
		if (c->proto != proto)
			continue;
		if (is_side(c, 0, &ev->src, ev->sport) && is_side(c, 1, &ev->dst, ev->dport))
			*dir = 0;
		else if (is_side(c, 1, &ev->src, ev->sport) && is_side(c, 0, &ev->dst, ev->dport))
			*dir = 1;
		else
			continue;
		use(t, c);
		return c;
	}
	c = make(t, seed, proto);
	if (c == NULL)
		return NULL;
	c->proto = proto;
	c->addr[0] = ev->src;
	c->addr[1] = ev->dst;
	c->port[0] = ev->sport;
	c->port[1] = ev->dport;
	cl_conversation_renew(t, c, p);
	c->used = ++t->uses;
	if (t->newest != NULL)
		link_newest(t, c);
	c->same_hash = *list;
	*list = c;
	*dir = 0;
	return c;
}

static const struct cl_field udp_stream = { "udp.stream", "Stream index",  CL_V_UINT,
					    CL_DEC,	  CL_FD_GENERATED, NULL },
			     udp_relative = { "udp.time_relative", "Time since first frame",
					      CL_V_DURATION,	   CL_DEC,
					      CL_FD_GENERATED,	   NULL },
			     udp_delta = { "udp.time_delta", "Time since previous frame",
					   CL_V_DURATION,    CL_DEC,
					   CL_FD_GENERATED,  NULL };

void cl_conversation_udp(struct cl_pkt *p)
{
	struct cl_conversations *t = cl_streams_conversations(p->streams);
	struct cl_conversation *c;
	unsigned dir;

	if (t == NULL)
		return;
	c = cl_conversation_find(t, p, UDP, &dir);
	if (c == NULL)
		return;
	if (p->note != NULL)
		p->note->stream = c->number;
	if (p->detail == NULL)
		return;
	cl_put_uint(p->detail, &udp_stream, c->number);
	if (cl_pkt_quoted(p))
		return;
	cl_put_int(p->detail, &udp_relative, cl_since(p->frame->time_ns, c->first_ns));
	cl_put_int(p->detail, &udp_delta, cl_since(p->frame->time_ns, c->last_ns));
	c->last_ns = p->frame->time_ns;
}
