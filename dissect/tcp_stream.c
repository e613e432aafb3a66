/* SPDX-License-Identifier: BSD-2-Clause */
/* What a segment does to its connection (RFC 9293 sec. 3.10). */
#include "dissect/tcp_state.h"

#define FAR	  (1 << 30) /* the largest window (RFC 7323 sec. 2.3): what is farther off is another stream */
#define SYN_LATE  (1 << 20) /* octets seen before their SYN, when packets changed places */
#define SYN_DATA  (1 << 16) /* octets that a SYN can carry (RFC 7413) */
#define PARTS_MAX 512u	    /* that wait in a direction */

bool cl_tcp_may_skip(const struct cl_tcp_work *w, const struct cl_tcp_part *prev,
		     const struct cl_tcp_part *run, bool taken)
{
	const struct cl_tcp_side *side = &w->c->side[w->dir], *other = &w->c->side[1 - w->dir];

	if (prev == NULL || side->ended || !other->seen)
		return true;
	if (prev->frame == NULL && cl_tcp_end(prev) == run->seq)
		return true;
	if (side->was_acked && cl_tcp_after(side->acked, run->seq) > 0)
		return true;
	if (cl_since(w->p->frame->time_ns, run->frame->time_ns) > CL_TCP_SKIP_NS)
		return true;
	return !taken; /* a stream seen from its middle on */
}

/* `guessed`: from the answer to its SYN, which has not been seen. */
static void begin(struct cl_tcp_work *w, unsigned dir, uint32_t seq, bool guessed)
{
	struct cl_tcp_side *side = &w->c->side[dir];

	if (side->from_start && (guessed || !side->guessed))
		return;
	if (side->first == NULL || cl_tcp_after(side->first->seq, seq) > 0 || side->first->frame != NULL)
		cl_tcp_taken(&w->s->pool, side, NULL, seq);
	side->from_start = side->has_start = true;
	side->guessed = guessed;
	side->start = seq;
}

/* Whether a SYN with this first number is of the connection that is there. */
static bool is_same(const struct cl_tcp_side *side, uint32_t first)
{
	int32_t before = cl_tcp_after(side->start, first);

	if (side->has_start)
		return before == 0 || (side->guessed && before > 0 && before < SYN_DATA);
	if (side->first == NULL)
		return !side->from_start;
	int32_t d = cl_tcp_after(side->first->seq, first);
	return side->from_start ? d == 0 : d >= 0 && d < SYN_LATE;
}

static void on_syn(struct cl_tcp_work *w, const struct cl_tcp_header *h)
{
	struct cl_conn *c = w->c;
	int64_t now = w->p->frame->time_ns;
	bool answer = (h->flags & CL_TCP_ACK) != 0;

	if (!is_same(&c->side[w->dir], h->seq + 1))
		cl_conn_renew(w->s, c, w->p);
	begin(w, w->dir, h->seq + 1, false);
	if (!answer) {
		c->syn_ns = now;
		return;
	}
	c->answer_ns = now;
	if (!c->side[1 - w->dir].from_start && is_same(&c->side[1 - w->dir], h->ack))
		begin(w, 1 - w->dir, h->ack, true);
}

static void on_ack(struct cl_tcp_work *w, const struct cl_tcp_header *h)
{
	struct cl_conn *c = w->c;
	struct cl_tcp_side *other = &c->side[1 - w->dir];

	if (!other->was_acked || cl_tcp_after(h->ack, other->acked) > 0)
		other->acked = h->ack;
	other->was_acked = true;
	if (c->handshake_ns == 0 && c->syn_ns != 0 && c->answer_ns != 0 && (h->flags & CL_TCP_SYN) == 0 &&
	    w->dir == 0)
		c->handshake_ns = cl_since(w->p->frame->time_ns, c->syn_ns);
	if (!c->dns || other->first == other->last)
		return;
	w->dir = 1 - w->dir;
	w->swapped = true;
	cl_tcp_dns(w);
	w->dir = 1 - w->dir;
	w->swapped = false;
}

static enum cl_fate carried(const struct cl_tcp_work *w)
{
	if (!w->c->dns)
		return CL_FATE_OTHER;
	return cl_pkt_wanted(w->p) ? CL_FATE_COUNTED : CL_FATE_FILTERED;
}

/* So much waits here that its first octets go. */
static void shrink(struct cl_tcp_work *w)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];

	while (side->waiting > 0 && (side->waiting > w->s->side_limit || side->parts > PARTS_MAX)) {
		struct cl_tcp_part *prev = NULL;

		for (struct cl_tcp_part *p = side->first; p->frame == NULL; p = p->next)
			prev = p;
		cl_tcp_drop(&w->s->pool, side, prev);
		w->p->ledger->fact[CL_FACT_TCP_GIVEN_UP] += w->c->dns;
		side->has_need = false;
	}
}

static void give_on(struct cl_tcp_work *w, uint32_t before)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];

	/* one more segment of a message that is not all here yet */
	if (w->p->detail == NULL && side->has_need && before > 0 &&
	    cl_tcp_after(side->need, cl_tcp_end(side->last)) > 0 && side->last->frame == w->now)
		return;
	if (w->c->dns)
		cl_tcp_dns(w);
	else
		cl_tcp_app(w);
}

static void on_octets(struct cl_tcp_work *w, uint32_t seq)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	struct cl_pkt *p = w->p;

	if (side->last != NULL) {
		int32_t d = cl_tcp_after(seq, cl_tcp_end(side->last));

		if (d > FAR || d < -FAR) {
			cl_tcp_clear(&w->s->pool, side);
			side->from_start = side->was_acked = side->has_need = false;
		}
	}
	bool appended = side->last != NULL && cl_tcp_end(side->last) == seq;
	struct cl_tcp_inserted in = cl_tcp_insert(&w->s->pool, side, seq, p->cur, w->now);
	if (in.differs)
		cl_pkt_anomaly(p, CL_ANOM_TCP_OVERLAP);
	if (in.fresh == 0 && !in.failed) { /* sent again */
		if (!p->fated)
			cl_pkt_fate(p, carried(w));
		return;
	}
	give_on(w, appended ? 1 : 0);
	w->now->done = p->fated;
	if (w->s->pool.allocated + (1u << 17) > w->s->pool.limit)
		cl_conn_relieve(w->s, w->c);
	bool waits = cl_tcp_keep(&w->s->pool, side, w->now);
	if (!waits && !p->fated)
		cl_pkt_fate(p, (enum cl_fate)w->now->fate);
	shrink(w);
}

/* What a RST carries is no part of the stream. */
static bool has_octets(const struct cl_tcp_work *w, const struct cl_tcp_header *h)
{
	return cl_cur_left(&w->p->cur) > 0 && (h->flags & CL_TCP_RST) == 0 && !w->c->side[w->dir].enough;
}

void cl_tcp_segment(struct cl_pkt *p, const struct cl_tcp_kind *kind, const struct cl_tcp_header *h)
{
	struct cl_streams *s = p->streams;
	struct cl_tcp_frame now = { .time_ns = p->first_ns,
				    .number = p->frame->number,
				    .wire_bytes = p->wire_bytes,
				    .frames = 1 + p->held,
				    .fate = CL_FATE_INCOMPLETE };
	struct cl_tcp_work w = { .s = s, .p = p, .now = &now };

	s->pool.ledger = p->ledger;
	w.c = cl_conn_find(s, p, kind, &w.dir);
	if (w.c == NULL) {
		cl_pkt_fate(p, CL_FATE_INCOMPLETE);
		return;
	}
	struct cl_tcp_side *side = &w.c->side[w.dir];
	if ((h->flags & CL_TCP_SYN) != 0)
		on_syn(&w, h);
	side->seen = true;
	if (p->note != NULL)
		cl_tcp_history_add(&w, h, cl_cur_left(&p->cur));
	if ((h->flags & CL_TCP_ACK) != 0)
		on_ack(&w, h);
	if ((h->flags & (CL_TCP_FIN | CL_TCP_RST)) != 0)
		side->ended = true;
	if (!w.c->dns || !has_octets(&w, h))
		cl_pkt_fate(p, carried(&w));
	if (has_octets(&w, h))
		on_octets(&w, h->seq + ((h->flags & CL_TCP_SYN) != 0));
	else if (w.c->dns && side->first != side->last)
		cl_tcp_dns(&w);
	if (p->note != NULL)
		cl_tcp_history_check(&w, h);
}
