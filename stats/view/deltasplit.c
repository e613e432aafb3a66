/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/deltasplit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/exchange/ntpmath.h"

#define NS_PER_S INT64_C(1000000000)
#define SLOTS	 (sizeof((struct cl_deltasplit *)0)->slot / sizeof(uint16_t))

/* An exchange in interleaved mode whose response's time of leaving comes with the next one. */
struct cl_split_link {
	struct cl_addr client;
	uint64_t rec; /* of its response; 0: none */
	int64_t request_ns, response_ns;
	uint32_t server; /* its place among the servers */
};

struct cl_deltasplit *cl_deltasplit_new(unsigned splits)
{
	struct cl_deltasplit *d = calloc(1, sizeof *d);

	if (d != NULL)
		d->splits = splits;
	return d;
}

static void free_server(struct cl_split_server *v)
{
	cl_signed_free(&v->inside);
	cl_signed_free(&v->outside);
	cl_signed_free(&v->clock.theta);
	free(v);
}

void cl_deltasplit_free(struct cl_deltasplit *d)
{
	if (d == NULL)
		return;
	for (size_t p = 0; p < CL_SPLIT_PROTOS; p++)
		for (size_t t = 0; t < CL_SPLIT_TABLES; t++)
			for (size_t i = 0; i < d->table[p][t].rows; i++)
				cl_hist_free(&d->table[p][t].row[i].delta);
	for (size_t i = 0; i < d->servers; i++)
		free_server(d->server[i]);
	free(d->link);
	free(d);
}

/* Durations with a sign -------------------------------------------------------- */

bool cl_signed_add(struct cl_signed_hist *h, int64_t ns)
{
	return ns >= 0 ? cl_hist_add(&h->above, ns) : cl_hist_add(&h->below, -ns);
}

/* The rank-th smallest; half a rank less is asked for, so that no rounding reaches the next. */
static int64_t ranked(const struct cl_hist *h, uint64_t rank)
{
	return cl_hist_quantile(h, ((double)rank - 0.5) / (double)h->n);
}

int64_t cl_signed_quantile(const struct cl_signed_hist *h, double q)
{
	uint64_t n = cl_signed_n(h), rank = (uint64_t)ceil(q * (double)n);

	if (n == 0)
		return 0;
	rank = rank < 1 ? 1 : rank > n ? n : rank;
	if (rank > h->below.n)
		return ranked(&h->above, rank - h->below.n);
	/* the smallest of what is under 0 is the largest without its sign */
	return -ranked(&h->below, h->below.n + 1 - rank);
}

void cl_signed_free(struct cl_signed_hist *h)
{
	cl_hist_free(&h->above);
	cl_hist_free(&h->below);
}

/* Tables ----------------------------------------------------------------------- */

static size_t find(const struct cl_split_table *t, uint32_t value)
{
	size_t i = 0;

	while (i < t->rows && t->row[i].value != value)
		i++;
	return i;
}

static bool add(struct cl_split_table *t, uint32_t value, int64_t delta_ns)
{
	size_t i = find(t, value);

	if (i == t->rows && t->rows >= CL_SPLIT_VALUES_MAX) {
		value = CL_SPLIT_OTHERS;
		i = find(t, value);
	}
	if (i == t->rows)
		t->row[t->rows++] = (struct cl_split_row){ .value = value };
	return cl_hist_add(&t->row[i].delta, delta_ns);
}

/* The smallest power of 2 from 32 on that n does not exceed. */
static uint32_t class_of(uint32_t n)
{
	uint32_t limit = 32;

	while (limit < n && limit < (UINT32_C(1) << 31))
		limit *= 2;
	return limit;
}

static uint32_t value_of(const struct cl_exchange *x, enum cl_split split)
{
	const struct cl_event *q = x->request.event, *r = x->response.event;
	bool dns = x->kind == CL_X_DNS;

	switch (split) {
	case CL_SPLIT_FAMILY:
		return cl_addr_is_v4(&q->src) ? 4 : 6;
	case CL_SPLIT_AUTH:
		return x->request.note->auth;
	case CL_SPLIT_MODE:
		return dns ? (q->u.dns.bits & CL_DNS_TCP) != 0 : 16u * q->u.ntp.mode + r->u.ntp.mode;
	case CL_SPLIT_LENGTH:
		return dns ? class_of(x->request.note->length) : x->request.note->length;
	case CL_SPLIT_TUNNEL:
		return x->request.note->tunnel;
	case CL_SPLIT_PAIRING:
		return x->guessed ? CL_SPLIT_GUESSED : x->interleaved ? CL_SPLIT_INTERLEAVED : CL_SPLIT_BASIC;
	case CL_SPLIT_KOD:
		return (r->u.ntp.flags & CL_NTP_KOD) != 0;
	default:
		return CL_SPLIT_OTHERS;
	}
}

/* What only NTP has. */
#define OF_NTP                                                                                               \
	(CL_SPLIT_BIT(CL_SPLIT_AUTH) | CL_SPLIT_BIT(CL_SPLIT_PAIRING) | CL_SPLIT_BIT(CL_SPLIT_KOD) |         \
	 CL_SPLIT_BIT(CL_SPLIT_INSIDE) | CL_SPLIT_BIT(CL_SPLIT_CLOCK))

static void split(struct cl_deltasplit *d, const struct cl_exchange *x, unsigned splits)
{
	enum cl_split_proto proto = x->kind == CL_X_DNS ? CL_SPLIT_DNS : CL_SPLIT_NTP;

	for (unsigned s = 0; s < CL_SPLIT_TABLES; s++)
		if ((splits & CL_SPLIT_BIT(s)) != 0 &&
		    !add(&d->table[proto][s], value_of(x, (enum cl_split)s), x->delta_ns))
			d->short_of_memory = true;
}

/* Stamps ----------------------------------------------------------------------- */

/* The server of an exchange; NULL: there are too many, or memory is short. */
static struct cl_split_server *server_of(struct cl_deltasplit *d, const struct cl_addr *addr, uint32_t *place)
{
	uint32_t at = (uint32_t)cl_addr_hash(addr, 0) % SLOTS;

	for (; d->slot[at] != 0; at = (at + 1) % SLOTS) {
		*place = d->slot[at] - 1u;
		if (memcmp(&d->server[*place]->addr, addr, sizeof *addr) == 0)
			return d->server[*place];
	}
	struct cl_split_server *v = d->servers < CL_SPLIT_SERVERS_MAX ? calloc(1, sizeof *v) : NULL;
	if (v == NULL) {
		d->other_servers++;
		return NULL;
	}
	v->addr = *addr;
	*place = (uint32_t)d->servers;
	d->slot[at] = (uint16_t)(d->servers + 1);
	return d->server[d->servers++] = v;
}

static bool better(const struct cl_reading *a, const struct cl_reading *b)
{
	return !b->is_set || a->bound_ns < b->bound_ns;
}

/* Makes slots twice as long. */
static void halve(struct cl_server_clock *c)
{
	for (size_t i = 0; i < CL_CLOCK_SLOTS; i++) {
		struct cl_reading from = c->slot[i];

		c->slot[i].is_set = false;
		if (from.is_set && better(&from, &c->slot[i / 2]))
			c->slot[i / 2] = from;
	}
	c->slot_ns *= 2;
}

/* Whether the histograms had memory for it. */
static bool read_clock(struct cl_server_clock *c, const struct cl_reading *r)
{
	if (c->n++ == 0) {
		c->first = *r;
		c->slot_ns = NS_PER_S;
	}
	if (better(r, &c->best))
		c->best = *r;
	if (c->n == 1 || r->time_ns > c->last_ns)
		c->last_ns = r->time_ns;
	int64_t since = r->time_ns > c->first.time_ns ? r->time_ns - c->first.time_ns : 0;
	while (since / c->slot_ns >= (int64_t)CL_CLOCK_SLOTS)
		halve(c);
	struct cl_reading *slot = &c->slot[since / c->slot_ns];
	if (better(r, slot))
		*slot = *r;
	return cl_signed_add(&c->theta, r->theta_ns - c->first.theta_ns);
}

/* Takes an exchange of which T1 (request) and T4 (response) are the capture's, T2 and T3 the server's. */
static void take_stamps(struct cl_deltasplit *d, struct cl_split_server *v, int64_t request_ns,
			int64_t response_ns, uint64_t rec, uint64_t xmt)
{
	int64_t t2, t3;
	bool kept = true;

	if (!cl_stamp_nearest(rec, request_ns, &t2) || !cl_stamp_nearest(xmt, response_ns, &t3))
		return;

	int64_t inside = t3 - t2, outside = response_ns - request_ns - inside;

	if ((d->splits & CL_SPLIT_BIT(CL_SPLIT_INSIDE)) != 0) {
		v->negative_inside += inside < 0;
		v->negative_outside += outside < 0;
		kept = cl_signed_add(&v->inside, inside) && cl_signed_add(&v->outside, outside);
	}
	if ((d->splits & CL_SPLIT_BIT(CL_SPLIT_CLOCK)) != 0 && inside >= 0 && outside >= 0) {
		struct cl_reading r = { .time_ns = response_ns,
					.theta_ns = (t2 - request_ns + t3 - response_ns) / 2,
					.bound_ns = outside / 2,
					.is_set = true };

		kept = read_clock(&v->clock, &r) && kept;
	}
	d->short_of_memory |= !kept;
}

/* Interleaved mode ------------------------------------------------------------- */

static struct cl_split_link *link_of(struct cl_deltasplit *d, const struct cl_addr *client, uint64_t rec)
{
	return &d->link[cl_mix(cl_addr_hash(client, 0), rec) & (CL_SPLIT_LINKS - 1)];
}

static bool same_link(const struct cl_split_link *l, const struct cl_addr *client, uint32_t server,
		      uint64_t rec)
{
	return l->rec == rec && l->server == server && memcmp(&l->client, client, sizeof *client) == 0;
}

/* The transmit stamp of a response in interleaved mode is that of the response before it. */
static void take_interleaved(struct cl_deltasplit *d, struct cl_split_server *v, uint32_t place,
			     const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event, *r = x->response.event;
	struct cl_split_link *before, *own;

	v->unlinked++; /* until the next comes */
	if (d->link == NULL)
		d->link = calloc(CL_SPLIT_LINKS, sizeof *d->link);
	if (d->link == NULL) {
		d->short_of_memory = true;
		return;
	}
	before = link_of(d, &q->src, q->u.ntp.org);
	if (q->u.ntp.org != 0 && same_link(before, &q->src, place, q->u.ntp.org)) {
		v->unlinked--;
		v->interleaved++;
		take_stamps(d, v, before->request_ns, before->response_ns, before->rec, r->u.ntp.xmt);
		before->rec = 0;
	}
	own = link_of(d, &q->src, r->u.ntp.rec);
	*own = (struct cl_split_link){ .client = q->src,
				       .rec = r->u.ntp.rec,
				       .request_ns = q->time_ns,
				       .response_ns = r->time_ns,
				       .server = place };
}

static void look_inside(struct cl_deltasplit *d, const struct cl_exchange *x)
{
	const struct cl_ntp *q = &x->request.event->u.ntp, *r = &x->response.event->u.ntp;
	uint32_t place = 0;
	struct cl_split_server *v = server_of(d, cl_exchange_server(x), &place);

	if (v == NULL)
		return;
	if ((r->flags & CL_NTP_KOD) != 0 || x->guessed || r->rec == 0 || r->xmt == 0) {
		v->no_stamps++;
	} else if (x->interleaved) {
		take_interleaved(d, v, place, x);
	} else if (r->org != q->xmt) { /* Wireshark's pairing, or a server that does not echo */
		v->no_stamps++;
	} else {
		v->basic++;
		take_stamps(d, v, x->request.event->time_ns, x->response.event->time_ns, r->rec, r->xmt);
	}
}

void cl_deltasplit_take(void *deltasplit, const struct cl_exchange *x)
{
	struct cl_deltasplit *d = deltasplit;
	const unsigned stamps = CL_SPLIT_BIT(CL_SPLIT_INSIDE) | CL_SPLIT_BIT(CL_SPLIT_CLOCK);

	if (x->fortune != CL_FORTUNE_MATCHED || (x->kind != CL_X_NTP && x->kind != CL_X_DNS))
		return;
	split(d, x, x->kind == CL_X_DNS ? d->splits & ~OF_NTP : d->splits);
	if (x->kind == CL_X_NTP && (d->splits & stamps) != 0)
		look_inside(d, x);
}

/* Answers ---------------------------------------------------------------------- */

int64_t cl_clock_median(const struct cl_server_clock *c)
{
	return c->n > 0 ? c->first.theta_ns + cl_signed_quantile(&c->theta, 0.5) : 0;
}

struct cl_drift cl_clock_drift(const struct cl_server_clock *c)
{
	struct cl_drift drift = { .slots = 0 };
	double t = 0, theta = 0, stt = 0, stx = 0, sxx = 0;
	const struct cl_reading *last = NULL, *first = NULL;

	for (size_t i = 0; i < CL_CLOCK_SLOTS; i++) {
		if (!c->slot[i].is_set)
			continue;
		last = &c->slot[i];
		first = first != NULL ? first : last;
		drift.slots++;
		t += (double)(last->time_ns - c->first.time_ns);
		theta += (double)(last->theta_ns - c->first.theta_ns);
	}
	if (drift.slots < 3)
		return drift;
	drift.span_ns = last->time_ns - first->time_ns;
	t /= drift.slots;
	theta /= drift.slots;
	for (size_t i = 0; i < CL_CLOCK_SLOTS; i++) {
		double dt = (double)(c->slot[i].time_ns - c->first.time_ns) - t,
		       dx = (double)(c->slot[i].theta_ns - c->first.theta_ns) - theta;

		if (!c->slot[i].is_set)
			continue;
		stt += dt * dt;
		stx += dt * dx;
		sxx += dx * dx;
	}
	if (stt <= 0)
		return drift;
	double rest = sxx - stx * stx / stt;
	drift.ppm = stx / stt * 1e6;
	drift.error = sqrt((rest > 0 ? rest : 0) / (drift.slots - 2) / stt) * 1e6;
	return drift;
}
