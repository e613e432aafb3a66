/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/reach.h"

#include <stdlib.h>
#include <string.h>

#include "stats/table/intern.h"

#define RING 8u /* responses of a pair that later messages may still speak of */

struct sent {
	int64_t time_ns;
	uint32_t xmt, rec; /* mixed to 32 bits */
	uint16_t size, port;
	bool judged, is_nts;
};

struct pair_key {
	struct cl_addr client, server;
};

struct pair {
	struct pair_key key;
	struct sent ring[RING]; /* the newest at `next` - 1 */
	uint64_t next;
	int64_t nts_ns; /* of the last NTS request, if nts_seen */
	uint32_t count[CL_REACHES];
	uint8_t placeholders;
	bool nts_seen;
};

struct cl_reached {
	struct cl_intern pairs;
	struct cl_reach_size size[CL_REACH_SIZES_MAX + 1];
	size_t sizes;
	struct cl_reach_count all;
	uint64_t not_kept;
};

struct cl_reached *cl_reached_new(size_t pairs, uint64_t seed)
{
	struct cl_reached *r = calloc(1, sizeof *r);

	if (r != NULL && cl_intern_init(&r->pairs, sizeof(struct pair), sizeof(struct pair_key), pairs, seed))
		return r;
	cl_reached_free(r);
	return NULL;
}

void cl_reached_free(struct cl_reached *r)
{
	if (r == NULL)
		return;
	cl_intern_free(&r->pairs);
	free(r);
}

static uint32_t mixed(uint64_t stamp)
{
	return (uint32_t)(stamp * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static struct cl_reach_count *count_of_size(struct cl_reached *r, uint32_t octets)
{
	for (size_t i = 0; i < r->sizes; i++)
		if (r->size[i].octets == octets || r->size[i].octets == UINT32_MAX)
			return &r->size[i].count;
	r->size[r->sizes].octets = r->sizes < CL_REACH_SIZES_MAX ? octets : UINT32_MAX;
	return &r->size[r->sizes++].count;
}

static void judge(struct cl_reached *r, struct pair *p, struct sent *s, enum cl_reach how)
{
	struct cl_reach_count *size = count_of_size(r, s->size);

	s->judged = true;
	p->count[CL_REACH_UNKNOWN]--;
	p->count[how]++;
	r->all.n[CL_REACH_UNKNOWN]--;
	r->all.n[how]++;
	size->n[CL_REACH_UNKNOWN]--;
	size->n[how]++;
}

/* The k-th newest response; NULL if it is not there any more. */
static struct sent *newest(struct pair *p, unsigned k)
{
	return k < RING && k < p->next ? &p->ring[(p->next - 1 - k) % RING] : NULL;
}

/* A response came, or those after an older one did not. */
static void by_origin(struct cl_reached *r, struct pair *p, const struct cl_event *q)
{
	const uint32_t org = mixed(q->u.ntp.org);
	struct sent *s;
	unsigned k = 0;

	while ((s = newest(p, k)) != NULL && (s->time_ns >= q->time_ns || (s->xmt != org && s->rec != org)))
		k++;
	if (s == NULL)
		return;
	if (!s->judged)
		judge(r, p, s, CL_REACH_ORIGIN);
	/* Where the port is kept, another port's response is of another host behind the same address. */
	const bool keeps = s->port == q->sport;
	while (k-- > 0) {
		struct sent *later = newest(p, k);

		if (later != NULL && !later->judged && later->time_ns < q->time_ns &&
		    (!keeps || later->port == q->sport))
			judge(r, p, later, CL_REACH_LOST_ORIGIN);
	}
}

static void by_cookies(struct cl_reached *r, struct pair *p, const struct cl_message *m)
{
	const uint8_t now = m->note->placeholders, before = p->placeholders;
	struct sent *s = newest(p, 0);

	if (p->nts_seen && s != NULL && s->is_nts && !s->judged && s->time_ns < m->event->time_ns &&
	    s->time_ns >= p->nts_ns) {
		if (now > before)
			judge(r, p, s, CL_REACH_LOST_COOKIES);
		else if (now < before || now == 0)
			judge(r, p, s, CL_REACH_COOKIES);
	}
	p->nts_seen = true;
	p->nts_ns = m->event->time_ns;
	p->placeholders = now;
}

static void send(struct cl_reached *r, struct pair *p, const struct cl_message *m, uint16_t port)
{
	const struct cl_event *e = m->event;
	struct sent *s = &p->ring[p->next++ % RING];

	*s = (struct sent){ .time_ns = e->time_ns,
			    .xmt = mixed(e->u.ntp.xmt),
			    .rec = mixed(e->u.ntp.rec),
			    .size = (uint16_t)m->note->length,
			    .port = port,
			    .is_nts = m->note->auth == CL_NTP_AUTH_NTS };
	p->count[CL_REACH_UNKNOWN]++;
	r->all.n[CL_REACH_UNKNOWN]++;
	count_of_size(r, s->size)->n[CL_REACH_UNKNOWN]++;
}

static bool is_sent(const struct cl_exchange *x)
{
	return x->response.event != NULL && (x->response.event->u.ntp.flags & CL_NTP_KOD) == 0 &&
	       (x->fortune == CL_FORTUNE_MATCHED || x->fortune == CL_FORTUNE_BACKWARDS ||
		x->fortune == CL_FORTUNE_LATE);
}

static void take_ntp(struct cl_reached *r, const struct cl_exchange *x)
{
	const struct pair_key key = { *cl_exchange_client(x), *cl_exchange_server(x) };
	struct pair *p = is_sent(x) ? cl_intern_get(&r->pairs, &key, NULL) : cl_intern_find(&r->pairs, &key);

	if (p == NULL) {
		r->not_kept += is_sent(x);
		return;
	}
	if (x->request.event != NULL) {
		if (x->request.note->auth == CL_NTP_AUTH_NTS)
			by_cookies(r, p, &x->request);
		else if (x->request.event->u.ntp.org != 0)
			by_origin(r, p, x->request.event);
	}
	if (is_sent(x))
		send(r, p, &x->response, x->response.event->dport);
}

static void take_icmp(struct cl_reached *r, const struct cl_event *e)
{
	const struct cl_icmp *i = &e->u.icmp;
	const struct pair_key key = { i->dst, i->src };
	struct pair *p;
	struct sent *s;

	if ((i->bits & (CL_ICMP_RESPONSE | CL_ICMP_DNS | CL_ICMP_TCP)) != CL_ICMP_RESPONSE)
		return;
	p = cl_intern_find(&r->pairs, &key);
	for (unsigned k = 0; p != NULL && (s = newest(p, k)) != NULL; k++) {
		if (s->port == i->dport && s->time_ns <= e->time_ns) {
			if (!s->judged)
				judge(r, p, s, CL_REACH_LOST_ICMP);
			return;
		}
	}
}

void cl_reached_take(struct cl_reached *r, const struct cl_exchange *x)
{
	if (x->kind == CL_X_NTP)
		take_ntp(r, x);
	else if (x->kind == CL_X_ICMP)
		take_icmp(r, x->request.event);
}

/* Results ----------------------------------------------------------------------- */

struct cl_reach_count cl_reached_all(const struct cl_reached *r)
{
	return r->all;
}

uint64_t cl_reached_not_kept(const struct cl_reached *r)
{
	return r->not_kept;
}

static int by_octets(const void *a, const void *b)
{
	const struct cl_reach_size *p = a, *q = b;

	return (p->octets > q->octets) - (p->octets < q->octets);
}

const struct cl_reach_size *cl_reached_sizes(struct cl_reached *r, size_t *count)
{
	qsort(r->size, r->sizes, sizeof *r->size, by_octets);
	*count = r->sizes;
	return r->size;
}

static int by_place(const void *a, const void *b)
{
	const struct cl_reach_place *p = a, *q = b;

	return cl_addr_cmp(&p->addr, &q->addr);
}

static int by_lost(const void *a, const void *b)
{
	const struct cl_reach_place *p = a, *q = b;
	uint64_t x = cl_reach_lost(&p->count), y = cl_reach_lost(&q->count);

	if (x != y)
		return x < y ? 1 : -1;
	x = cl_reach_arrived(&p->count);
	y = cl_reach_arrived(&q->count);
	return x != y ? (x < y ? 1 : -1) : by_place(a, b);
}

static struct cl_reach_place place_of(const struct pair *p, bool networks)
{
	struct cl_reach_place one = { .addr = p->key.client };

	if (networks) {
		one.length = cl_addr_is_v4(&one.addr) ? 24 : 48;
		one.addr = cl_prefix_of(&one.addr, one.length).addr;
	}
	for (unsigned i = 0; i < CL_REACHES; i++)
		one.count.n[i] = p->count[i];
	return one;
}

struct cl_reach_place *cl_reached_places(const struct cl_reached *r, bool networks, size_t *count)
{
	const size_t n = cl_intern_count(&r->pairs);
	struct cl_reach_place *list = malloc((n + 1) * sizeof *list);
	size_t made = 0, kept = 0;

	*count = 0;
	if (list == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		list[i] = place_of(cl_intern_at(&r->pairs, i), networks);
	qsort(list, n, sizeof *list, by_place);
	for (size_t i = 0; i < n; i++) {
		if (made > 0 && cl_addr_cmp(&list[made - 1].addr, &list[i].addr) == 0) {
			for (unsigned k = 0; k < CL_REACHES; k++)
				list[made - 1].count.n[k] += list[i].count.n[k];
		} else {
			list[made++] = list[i];
		}
	}
	for (size_t i = 0; i < made; i++)
		if (cl_reach_arrived(&list[i].count) + cl_reach_lost(&list[i].count) > 0)
			list[kept++] = list[i];
	qsort(list, kept, sizeof *list, by_lost);
	*count = kept;
	return list;
}
