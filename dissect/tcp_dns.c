/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DNS messages in a TCP stream: a 2-octet length before each (RFC 1035 sec. 4.2.2), split and packed as the
 * sender likes (RFC 7766 sec. 8). Where the stream has a hole, or was seen only from its middle on, messages
 * are found again by their looks.
 */
#include "dissect/dns/plausible.h"
#include "dissect/tcp_state.h"

#define LENGTH	   2u
#define HEADER	   12u
#define SEARCH_MAX 4096u /* offsets and records looked at for one segment */
#define PASSES	   64u	 /* places at which messages are found again, for one segment */
#define PARTS_LEFT 64u	 /* parts kept before the last that was taken */

static const struct cl_protocol segments = { "tcp.segments", "Reassembled TCP Segments" };

static const struct cl_field
	f_segment = { "tcp.segment", "Segment", CL_V_UINT, CL_DEC, 0, NULL },
	f_count = { "tcp.segment.count", "Segment count", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL },
	f_length = { "tcp.reassembled.length",
		     "Reassembled TCP length",
		     CL_V_UINT,
		     CL_DEC,
		     CL_FD_GENERATED,
		     NULL },
	f_data = { "tcp.reassembled.data", "Reassembled TCP Data", CL_V_BYTES, 0, CL_FD_GENERATED, NULL },
	f_pdu = { "tcp.pdu.size", "PDU Size", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL },
	f_segment_data = { "tcp.segment_data", "TCP segment data", CL_V_BYTES, 0, 0, NULL };

/* The fates of messages in a frame: the best holds. */
static unsigned rank(enum cl_fate f)
{
	static const uint8_t ranks[CL_FATES] = { [CL_FATE_COUNTED] = 5,
						 [CL_FATE_FILTERED] = 4,
						 [CL_FATE_TRUNCATED] = 3,
						 [CL_FATE_MALFORMED] = 2,
						 [CL_FATE_INCOMPLETE] = 1 };
	return ranks[f];
}

static void swap_ends(struct cl_pkt *p)
{
	struct cl_event *ev = p->ev;
	struct cl_addr a = ev->src;
	uint16_t port = ev->sport;

	ev->src = ev->dst;
	ev->dst = a;
	ev->sport = ev->dport;
	ev->dport = port;
	if (p->note == NULL)
		return;
	a = p->note->outer_src;
	p->note->outer_src = p->note->outer_dst;
	p->note->outer_dst = a;
}

/* What an IP header says beside addresses. */
static void note_ip(struct cl_pkt *p, uint8_t ttl, uint8_t tos)
{
	if (p->note == NULL)
		return;
	p->note->ip_ttl = ttl;
	p->note->ip_tos = tos;
}

/* The frames that the next n octets came in share the fate of this one, and tell their octets with it. */
static unsigned add_frames(struct cl_tcp_work *w, const struct cl_tcp_part *part, uint32_t n)
{
	const struct cl_tcp_frame *last = NULL;
	unsigned frames = 0;

	w->p->first_ns = part->frame->time_ns;
	w->p->wire_bytes = 0;
	for (uint32_t got = 0; got < n; got += part->len, part = got < n ? part->next : part) {
		struct cl_tcp_frame *f = part->frame;

		if (f->time_ns < w->p->first_ns)
			w->p->first_ns = f->time_ns;
		if (f != last)
			frames++;
		last = f;
		w->p->wire_bytes += f->wire_bytes;
		f->wire_bytes = 0;
		if (!f->done && f != w->now)
			w->p->held += f->frames;
		f->done = true;
	}
	return frames;
}

/* A cursor over the message behind its length: in place, or put in a row. */
static bool message_at(struct cl_tcp_work *w, const struct cl_tcp_part *part, uint32_t length,
		       struct cl_cur *out)
{
	uint8_t *line;

	if (part->len >= LENGTH + length && (part->block == NULL || w->p->detail == NULL)) {
		*out = cl_cur_make(part->octets, part->kept, part->len);
		cl_cur_skip(out, LENGTH);
		cl_cur_narrow(out, length);
		return true;
	}
	line = cl_streams_line(w->s, LENGTH + length);
	if (line == NULL)
		return false;
	uint32_t kept = cl_tcp_gather(part, line, LENGTH + length);
	*out = cl_cur_make(line, kept, LENGTH + length);
	if (w->p->detail != NULL) {
		struct cl_span s = cl_detail_keep(w->p->detail, line, kept);

		if (s.ptr == NULL)
			return false;
		*out = cl_cur_make(s.ptr, kept, LENGTH + length);
	}
	cl_cur_skip(out, LENGTH);
	return true;
}

/* A message of more frames than this one: which they were. */
static void put_segments(struct cl_tcp_work *w, const struct cl_tcp_part *part, struct cl_cur message,
			 uint32_t n)
{
	const struct cl_tcp_frame *last = NULL;
	unsigned frames = 0;

	cl_pkt_layer(w->p, &segments);
	for (uint32_t got = 0; got < n; got += part->len, part = part->next) {
		if (part->frame != last) {
			cl_put_uint(w->p->detail, &f_segment, part->frame->number);
			frames++;
		}
		last = part->frame;
	}
	cl_put_uint(w->p->detail, &f_count, frames);
	cl_put_uint(w->p->detail, &f_length, n);
	message.pos = 0; /* behind the length */
	uint32_t kept = cl_cur_kept(&message);
	cl_put_bytes(w->p->detail, &f_data, cl_cur_take(&message, kept));
}

/* When the last octet of a message came that lies in `n` octets from `part` on: in this frame, or before it
 * if another told that what is missing will not come. */
static int64_t last_of(const struct cl_tcp_work *w, const struct cl_tcp_part *part, uint32_t n)
{
	int64_t last = INT64_MIN;

	for (uint32_t got = 0; got < n; got += part->len, part = part->next) {
		if (part->frame == w->now)
			return w->p->frame->time_ns;
		if (part->frame->time_ns > last)
			last = part->frame->time_ns;
	}
	return last;
}

static void decode(struct cl_tcp_work *w, const struct cl_tcp_part *part, uint32_t length)
{
	struct cl_pkt *p = w->p;
	const struct cl_cur whole = p->cur;
	const uint8_t flags = p->flags;
	const bool fated = p->fated;
	const enum cl_fate fate = p->fate;
	const uint32_t held = p->held;
	const uint8_t ttl = p->note != NULL ? p->note->ip_ttl : 0,
		      tos = p->note != NULL ? p->note->ip_tos : 0;

	if (!message_at(w, part, length, &p->cur)) {
		p->cur = whole;
		return;
	}
	if (add_frames(w, part, LENGTH + length) > 1) {
		p->flags |= CL_LF_REASSEMBLED;
		if (p->detail != NULL)
			put_segments(w, part, p->cur, LENGTH + length);
	}
	p->connection = w->c->number;
	p->gaps = w->c->side[w->dir].gaps;
	p->last_ns = last_of(w, part, LENGTH + length);
	if (w->swapped) {
		swap_ends(p);
		note_ip(p, 0, 0);
	}
	cl_dns_message(p);
	p->last_ns = p->frame->time_ns;
	if (w->swapped) { /* none of it came in this frame, whose own fate is to come */
		swap_ends(p);
		note_ip(p, ttl, tos);
		p->ledger->fate[p->fate] += p->held - held;
		p->held = held;
		p->fated = fated;
		p->fate = fate;
	} else if (fated && rank(fate) > rank(p->fate)) {
		p->fate = fate;
	}
	p->flags = flags;
	p->cur = whole;
}

/* A message too short for its header: malformed, if nothing better is in its frames. */
static void too_short(struct cl_tcp_work *w, const struct cl_tcp_part *part, uint32_t length)
{
	cl_pkt_anomaly(w->p, length == 0 ? CL_ANOM_TCP_DNS_EMPTY : CL_ANOM_TCP_DNS_SHORT);
	for (uint32_t got = 0; got < LENGTH + length; got += part->len, part = part->next)
		part->frame->fate = CL_FATE_MALFORMED;
}

/* The octets of a part whose rest the capture has cut off go by; where the next message begins is not known.
 */
static void pass_cut(struct cl_tcp_work *w, struct cl_tcp_part *taken)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	uint32_t n = 0;

	for (const struct cl_tcp_part *p = taken->next;; p = p->next) {
		n += p->len;
		p->frame->fate = CL_FATE_TRUNCATED;
		if (p->kept < p->len)
			break;
	}
	cl_tcp_consume(&w->s->pool, side, taken, n);
	taken->synced = false;
}

/* Counts a message that does not follow the one that was taken before it: something is missing between. */
static void count_gap(struct cl_tcp_side *side, uint32_t from, uint32_t octets)
{
	side->gaps += side->has_next && side->next != from;
	side->next = from + octets;
	side->has_next = true;
}

/* Takes the message behind `taken`, where one begins. False: it is not all here. */
static bool take_message(struct cl_tcp_work *w, struct cl_tcp_part *taken)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	struct cl_tcp_part *part = taken->next;
	uint8_t octets[LENGTH] = { 0 };

	if (part == NULL || part->seq != cl_tcp_end(taken) || cl_tcp_run(part, LENGTH) < LENGTH)
		return false;
	if (cl_tcp_gather(part, octets, LENGTH) < LENGTH) {
		pass_cut(w, taken);
		return false;
	}
	uint32_t length = (uint32_t)octets[0] << 8 | octets[1];
	if (cl_tcp_run(part, LENGTH + length) < LENGTH + length) {
		side->need = part->seq + LENGTH + length;
		side->has_need = true;
		return false;
	}
	count_gap(side, part->seq, LENGTH + length);
	if (length < HEADER)
		too_short(w, part, length);
	else
		decode(w, part, length);
	cl_tcp_consume(&w->s->pool, side, taken, LENGTH + length);
	return true;
}

/* Whether a message begins at `at` for sure: by its own looks or those of what follows it. */
static enum cl_plausible judge(struct cl_cur run, uint32_t at, uint32_t *budget)
{
	uint32_t length, next;

	cl_cur_skip(&run, at);
	enum cl_plausible v = cl_dns_plausible(run, &length, budget);
	if (v != CL_PLAUSIBLE_WHOLE)
		return v;
	if (cl_cur_kept(&run) == LENGTH + length)
		return CL_PLAUSIBLE_EXACT;
	cl_cur_skip(&run, LENGTH + length);
	return cl_dns_plausible(run, &next, budget) == CL_PLAUSIBLE_NOT ? CL_PLAUSIBLE_NOT
									: CL_PLAUSIBLE_EXACT;
}

/* Looks for a place where a message begins. `from` moves to where the search goes on when there is more. */
static bool find_message(struct cl_cur run, uint32_t *from, uint32_t *budget)
{
	uint32_t n = cl_cur_kept(&run), waits = UINT32_MAX, at = *from;

	for (; at<n && * budget> 0; at++, *budget -= *budget > 0) {
		enum cl_plausible v = judge(run, at, budget);

		if (v == CL_PLAUSIBLE_EXACT) {
			*from = at;
			return true;
		}
		if (v == CL_PLAUSIBLE_NOT)
			continue;
		if (waits == UINT32_MAX)
			waits = at;
		if (at == 0 || n - at < LENGTH + HEADER) /* a segment's start is a likely place */
			break;
	}
	*from = waits != UINT32_MAX ? waits : at;
	return false;
}

/* Finds messages again in octets that do not follow a message. Whether it did. */
static bool resume(struct cl_tcp_work *w, struct cl_tcp_part *prev, struct cl_tcp_part *run)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	uint32_t n = cl_tcp_run(run, w->s->side_limit), all = n, at = run->scanned;

	if (n == run->tried || w->search == 0)
		return false;
	struct cl_cur c = cl_cur_make(run->octets, run->kept, run->kept);

	if (n > run->kept) {
		uint8_t *line = cl_streams_line(w->s, n);
		if (line == NULL)
			return false;
		n = cl_tcp_gather(run, line, n);
		c = cl_cur_make(line, n, n);
	}
	bool found = find_message(c, &at, &w->search);
	run->tried = at == run->scanned ? all : 0;
	run->scanned = at;
	if (!found)
		return false;
	while (at >= run->len) {
		at -= run->len;
		run->scanned = run->len;
		prev = run;
		run = run->next;
	}
	if (at > 0) {
		if (!cl_tcp_split(&w->s->pool, side, run, at))
			return false;
		prev = run;
	} else if (prev != NULL && prev->frame == NULL && cl_tcp_end(prev) == run->seq) {
		prev->synced = true;
		return true;
	}
	return cl_tcp_taken(&w->s->pool, side, prev, at > 0 ? cl_tcp_end(prev) : run->seq) != NULL;
}

/* Where octets before have been taken too by now, both are one. */
static void join_taken(struct cl_tcp_work *w, struct cl_tcp_part *taken)
{
	struct cl_tcp_part *next = taken->next;

	while (next != NULL && next->frame == NULL && next->seq == cl_tcp_end(taken)) {
		taken->len += next->len;
		taken->synced = next->synced;
		cl_tcp_drop(&w->s->pool, &w->c->side[w->dir], taken);
		next = taken->next;
	}
}

/* What was left before the last octets taken is given up when it is old, or much. */
static void expire(struct cl_tcp_work *w)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	struct cl_tcp_part *taken = NULL, *data, *p;
	unsigned parts = 0, before = 0;

	for (p = side->first; p != NULL; p = p->next, parts++)
		if (p->frame == NULL) {
			taken = p;
			before = parts;
		}
	if (taken == NULL || before == 0)
		return;
	for (data = side->first; data->frame == NULL && data != taken; data = data->next)
		;
	if (before <= PARTS_LEFT &&
	    (data == taken || cl_since(w->p->frame->time_ns, data->frame->time_ns) < CL_TCP_HOLE_NS))
		return;
	w->p->ledger->fact[CL_FACT_TCP_HOLES]++;
	while (side->first != taken)
		cl_tcp_drop(&w->s->pool, side, NULL);
	side->from_start = true;
}

/* Octets that follow no message and in which none was found for long. */
static bool is_hopeless(const struct cl_tcp_work *w, const struct cl_tcp_part *run)
{
	return run->scanned > 0 && cl_since(w->p->frame->time_ns, run->frame->time_ns) > CL_TCP_HOLE_NS;
}

/* What this frame has of a message in several of them. */
static void put_piece(struct cl_tcp_work *w, const struct cl_tcp_part *own, uint32_t from, uint32_t to)
{
	struct cl_cur c = cl_cur_make(own->octets, own->kept, own->len);

	cl_cur_skip(&c, from);
	cl_put_bytes(w->p->detail, &f_segment_data, cl_cur_take(&c, to - from));
}

/* Says which messages behind `taken` end in this frame, and what of it belongs to others, while TCP is the
 * layer. */
static void put_sizes(struct cl_tcp_work *w, const struct cl_tcp_part *taken)
{
	const struct cl_tcp_part *run = taken->next, *own = run;
	uint32_t from = 0, n = cl_tcp_run(run, w->s->side_limit), at = 0, end;
	uint8_t *line;

	if (n == 0 || run->seq != cl_tcp_end(taken) || w->swapped || w->announced)
		return;
	line = cl_streams_line(w->s, n);
	while (own != NULL && own->frame != NULL && own->frame != w->now && own->seq - run->seq == from) {
		from += own->len;
		own = own->next;
	}
	if (line == NULL || own == NULL || own->frame != w->now || own->seq - run->seq != from)
		return;
	w->announced = true;
	struct cl_cur c = cl_cur_make(line, cl_tcp_gather(run, line, n), n);
	uint32_t to = from + own->kept;
	for (; at < to && c.err == CL_OK; at = end) {
		uint32_t length = cl_cur_u16(&c);
		bool whole = c.err == CL_OK && cl_cur_kept(&c) >= length;

		end = whole ? at + LENGTH + length : to;
		cl_cur_skip(&c, length);
		if (end <= from)
			continue;
		if (at < from || end > to || !whole)
			put_piece(w, own, at > from ? at - from : 0, (end < to ? end : to) - from);
		if (whole)
			cl_put_uint(w->p->detail, &f_pdu, LENGTH + length);
	}
}

/* Takes all messages whose place is known, and finds one place more. False: there is none. */
static bool pass(struct cl_tcp_work *w)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	struct cl_tcp_part *prev = NULL, *p;
	bool taken = false;

	for (p = side->first; p != NULL; prev = p, p = p->next) {
		if (p->frame == NULL) {
			taken = true;
			side->has_need = false; /* of a message behind which others were found */
			if (w->p->detail != NULL && p->synced)
				put_sizes(w, p);
			while (p->synced && take_message(w, p))
				;
			join_taken(w, p);
			continue;
		}
		if (prev != NULL && cl_tcp_end(prev) == p->seq && (prev->frame != NULL || prev->synced))
			continue; /* within a run, or a message that is not all here */
		side->has_need = false;
		if (!cl_tcp_may_skip(w, prev, p, taken))
			continue;
		if (resume(w, prev, p))
			return true;
		if (is_hopeless(w, p)) {
			cl_tcp_drop(&w->s->pool, side, prev);
			return true;
		}
	}
	return false;
}

void cl_tcp_dns(struct cl_tcp_work *w)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];

	side->has_need = false;
	w->search = SEARCH_MAX;
	if (side->first != side->last)
		expire(w);
	for (unsigned n = 0; n < PASSES && pass(w); n++)
		;
}
