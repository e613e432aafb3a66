/* SPDX-License-Identifier: BSD-2-Clause */
/* What a connection was from its first segment to its last, for the event that tells of its end. */
#include <stdlib.h>

#include "dissect/emit.h"
#include "dissect/tcp_state.h"
#include "dissect/tls/kind.h"

#define CLIENT 0u
#define SERVER 1u

#define NAME_MAX_OCTETS 255u /* of a server name, and of an ALPN identifier (RFC 1035, RFC 7301) */
#define PORT_HTTPS	443u

static struct cl_tcp_history *begin(struct cl_tcp_work *w)
{
	struct cl_pkt *p = w->p;
	struct cl_tcp_history *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->frame = p->frame->number;
	t->file = p->frame->file;
	t->stream = p->note->stream;
	t->ip_ttl = p->note->ip_ttl;
	t->ip_tos = p->note->ip_tos;
	t->tunnel = p->note->tunnel;
	t->outer[w->dir] = p->note->outer_src;
	t->outer[1 - w->dir] = p->note->outer_dst;
	t->last_ns = p->frame->time_ns;
	return t;
}

/* The three segments of the handshake (RFC 9293 sec. 3.5). */
static void on_open(struct cl_tcp_history *t, unsigned dir, uint16_t flags, int64_t now)
{
	bool syn = (flags & CL_TCP_SYN) != 0, ack = (flags & CL_TCP_ACK) != 0;

	if (syn && !ack && dir == CLIENT && (t->state & CL_CONN_SYN) == 0) {
		t->state |= CL_CONN_SYN;
		t->syn_ns = now;
	} else if (syn && ack && dir == SERVER) {
		t->state |= CL_CONN_ANSWER;
	} else if (!syn && ack && dir == CLIENT && (flags & CL_TCP_RST) == 0 &&
		   (t->state & (CL_CONN_ANSWER | CL_CONN_OPEN)) == CL_CONN_ANSWER) {
		t->state |= CL_CONN_OPEN;
		t->open_ns = now;
	}
}

static void on_close(struct cl_tcp_history *t, unsigned dir, const struct cl_tcp_header *h, uint32_t length,
		     int64_t now)
{
	bool fin = (h->flags & CL_TCP_FIN) != 0, rst = (h->flags & CL_TCP_RST) != 0;

	if ((fin || rst) && (t->state & (CL_CONN_FIN | CL_CONN_RST)) == 0)
		t->close_ns = now;
	if (fin) {
		t->state |= CL_CONN_FIN;
		t->fin[dir] = true;
		t->end[dir] = h->seq + length + 1 + ((h->flags & CL_TCP_SYN) != 0);
	}
	if (rst) {
		t->state |= CL_CONN_RST;
		if (dir == SERVER && t->packets[SERVER] == 1 && (t->state & CL_CONN_SYN) != 0)
			t->state |= CL_CONN_REFUSED;
	}
	if ((h->flags & CL_TCP_ACK) != 0 && t->fin[1 - dir] && cl_tcp_after(h->ack, t->end[1 - dir]) >= 0)
		t->over[1 - dir] = true;
}

void cl_tcp_history_add(struct cl_tcp_work *w, const struct cl_tcp_header *h, uint32_t length)
{
	struct cl_conn *c = w->c;
	const int64_t now = w->p->frame->time_ns;

	if (w->p->barred != CL_FATE_COUNTED || c->told)
		return;
	if (c->history == NULL)
		c->history = begin(w);
	struct cl_tcp_history *t = c->history;
	if (t == NULL)
		return;
	if (w->dir == CLIENT && t->packets[CLIENT] == 0) {
		t->ip_ttl = w->p->note->ip_ttl;
		t->ip_tos = w->p->note->ip_tos;
	} else if (t->packets[CLIENT] == 0) {
		t->ip_ttl = t->ip_tos = 0;
	}
	t->last_ns = now;
	t->packets[w->dir]++;
	t->bytes[w->dir] += length;
	on_open(t, w->dir, h->flags, now);
	on_close(t, w->dir, h, length, now);
}

/* The first identifier of an ALPN list. */
static struct cl_span first_of(struct cl_span list)
{
	struct cl_cur c = cl_cur_make(list.ptr, list.len, list.len);

	return cl_cur_take(&c, cl_cur_u8(&c));
}

void cl_tcp_history_hello(struct cl_pkt *p, uint8_t kind, struct cl_span sni, struct cl_span alpn)
{
	struct cl_tcp_history *t = p->history;
	struct cl_span names[2] = { sni, first_of(alpn) };
	uint32_t octets = 0;

	t->state |= CL_CONN_HELLO;
	t->kind = kind;
	for (unsigned i = 0; i < 2; i++) {
		if (names[i].len > NAME_MAX_OCTETS)
			names[i].len = NAME_MAX_OCTETS;
		octets += names[i].len;
	}
	if (octets == 0 || t->name != NULL || !cl_streams_hold(p->streams, octets))
		return;
	t->name = malloc(octets);
	if (t->name == NULL) {
		cl_streams_release(p->streams, octets);
		return;
	}
	for (unsigned i = 0, at = 0; i < 2; at += names[i++].len) {
		if (names[i].len > 0)
			memcpy(t->name + at, names[i].ptr, names[i].len);
		t->names[i] = (uint16_t)names[i].len;
	}
}

void cl_tcp_history_answer(struct cl_pkt *p, uint16_t version)
{
	struct cl_tcp_history *t = p->history;

	if (t->tls_version != 0)
		return;
	t->tls_version = version;
	t->hello_ns = p->frame->time_ns;
}

void cl_tcp_history_free(struct cl_streams *s, struct cl_conn *c)
{
	struct cl_tcp_history *t = c->history;

	if (t == NULL)
		return;
	if (t->name != NULL)
		cl_streams_release(s, (uint32_t)t->names[0] + t->names[1]);
	free(t->name);
	free(t);
	c->history = NULL;
}

static enum cl_conn_service service_of(const struct cl_conn *c)
{
	static const struct cl_span none = { NULL, 0 };
	static const uint8_t services[CL_TLS_KINDS] = { [CL_TLS_OTHER] = CL_CONN_OTHER,
							[CL_TLS_NTS_KE] = CL_CONN_NTS_KE,
							[CL_TLS_DOT] = CL_CONN_DOT,
							[CL_TLS_DOH] = CL_CONN_DOH,
							[CL_TLS_DOQ] = CL_CONN_OTHER };
	const struct cl_tcp_history *t = c->history;

	if (c->dns)
		return CL_CONN_DNS;
	if ((t->state & CL_CONN_HELLO) != 0)
		return (enum cl_conn_service)services[t->kind];
	return (enum cl_conn_service)services[cl_tls_kind_of(false, c->end[SERVER].port, none, none)];
}

static void fill_note(struct cl_note *n, const struct cl_conn *c, enum cl_conn_service service)
{
	const struct cl_tcp_history *t = c->history;

	cl_note_clear(n);
	n->syn_ns = t->syn_ns;
	n->open_ns = t->open_ns;
	n->hello_ns = t->hello_ns;
	n->close_ns = t->close_ns;
	n->bytes_up = t->bytes[CLIENT];
	n->bytes_down = t->bytes[SERVER];
	n->packets_up = t->packets[CLIENT];
	n->packets_down = t->packets[SERVER];
	n->outer_src = t->outer[CLIENT];
	n->outer_dst = t->outer[SERVER];
	n->stream = t->stream;
	n->port = c->end[SERVER].port;
	n->tls_version = t->tls_version;
	n->ip_ttl = t->ip_ttl;
	n->ip_tos = t->ip_tos;
	n->tunnel = t->tunnel;
	n->state = t->state;
	n->service = (uint8_t)service;
	if (t->name == NULL)
		return;
	cl_note_put(n, CL_PIECE_SNI, t->name, t->names[0]);
	cl_note_put(n, CL_PIECE_ALPN, t->name + t->names[0], t->names[1]);
}

static void fill_event(struct cl_event *ev, const struct cl_conn *c)
{
	*ev = (struct cl_event){ .time_ns = c->history->last_ns,
				 .frame_no = c->history->frame,
				 .file = c->history->file,
				 .src = c->end[CLIENT].addr,
				 .dst = c->end[SERVER].addr,
				 .sport = c->end[CLIENT].port,
				 .dport = c->end[SERVER].port,
				 .kind = CL_EV_CONN,
				 .role = CL_ROLE_APART };
}

/* Of port 443 only what is known to be ours. */
static bool is_ours(const struct cl_conn *c, enum cl_conn_service service)
{
	return service != CL_CONN_OTHER || c->end[SERVER].port != PORT_HTTPS;
}

void cl_tcp_history_tell(struct cl_pkt *p, struct cl_conn *c)
{
	if (c->history == NULL)
		return;
	const enum cl_conn_service service = service_of(c);
	const struct cl_addr src = p->ev->src, dst = p->ev->dst;
	const uint16_t sport = p->ev->sport, dport = p->ev->dport;
	struct cl_note before;

	cl_note_again(&before, p->note);
	fill_event(p->ev, c);
	if (is_ours(c, service) && (p->limits->servers == NULL || cl_emit_wanted(p))) {
		fill_note(p->note, c, service);
		cl_emit_more(p);
	}
	p->ev->src = src;
	p->ev->dst = dst;
	p->ev->sport = sport;
	p->ev->dport = dport;
	cl_pkt_note_more(p, &before);
	cl_tcp_history_free(p->streams, c);
	c->told = true;
}

void cl_tcp_history_check(struct cl_tcp_work *w, const struct cl_tcp_header *h)
{
	const struct cl_tcp_history *t = w->c->history;

	if (t != NULL && ((h->flags & CL_TCP_RST) != 0 || (t->over[CLIENT] && t->over[SERVER])))
		cl_tcp_history_tell(w->p, w->c);
}
