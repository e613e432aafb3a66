/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/dissect.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/frag.h"
#include "dissect/ntp/state.h"
#include "dissect/packet.h"
#include "dissect/tcp.h"
#include "dissect/tls/quic.h"
#include "dissect/tunnelnotes.h"

struct cl_dissector {
	struct cl_limits limits;
	cl_events_fn emit;
	void *ctx;
	cl_detail_fn show; /* NULL: nobody asked for all */
	void *show_ctx;
	struct cl_detail *detail;
	struct cl_frags *frags;
	struct cl_streams *streams;
	struct cl_ntp_state *ntp; /* NULL without detail */
	struct cl_quics *quics;
	struct cl_tunnel_notes *tunnel_notes; /* NULL: nobody asked for them */
	struct cl_zone_notes zones;
	struct cl_ledger ledger;
	struct cl_pkt pkt;	   /* the one at hand; what is the same for all is set once */
	struct cl_event_room room; /* pkt.ev is in it: where the next message goes */
};

struct cl_dissector *cl_dissector_new(const struct cl_limits *limits, cl_events_fn emit, void *ctx)
{
	struct cl_dissector *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->limits = *limits;
	d->emit = emit;
	d->ctx = ctx;
	d->frags = cl_frags_new(limits);
	d->streams = cl_streams_new(limits);
	d->quics = cl_quics_new();
	if (d->frags == NULL || d->streams == NULL || d->quics == NULL) {
		cl_dissector_free(d);
		return NULL;
	}
	d->pkt.ledger = &d->ledger;
	d->pkt.limits = &d->limits;
	d->pkt.frags = d->frags;
	d->pkt.streams = d->streams;
	d->pkt.quics = d->quics;
	d->pkt.dissector = d;
	d->pkt.choosy = limits->servers != NULL || limits->only != CL_ONLY_ALL;
	return d;
}

void cl_dissector_free(struct cl_dissector *d)
{
	if (d == NULL)
		return;
	cl_frags_free(d->frags);
	cl_streams_free(d->streams);
	cl_quics_free(d->quics);
	cl_detail_free(d->detail);
	cl_ntp_state_free(d->ntp);
	free(d->tunnel_notes);
	free(d);
}

bool cl_dissector_detail(struct cl_dissector *d, cl_detail_fn fn, void *ctx)
{
	if (d->detail == NULL)
		d->detail = cl_detail_new();
	if (d->ntp == NULL)
		d->ntp = cl_ntp_state_new(d->limits.hash_seed);
	d->show = fn;
	d->show_ctx = ctx;
	d->pkt.detail = d->detail;
	d->pkt.ntp = d->ntp;
	return d->detail != NULL && d->ntp != NULL;
}

void cl_dissector_bundle(struct cl_dissector *d)
{
	d->detail->bundled = true;
}

bool cl_dissector_tunnels(struct cl_dissector *d, cl_tunnel_fn fn, void *ctx)
{
	if (d->tunnel_notes == NULL)
		d->tunnel_notes = calloc(1, sizeof *d->tunnel_notes);
	if (d->tunnel_notes == NULL)
		return false;
	d->tunnel_notes->fn = fn;
	d->tunnel_notes->ctx = ctx;
	d->pkt.tunnel_notes = d->tunnel_notes;
	return true;
}

void cl_dissector_zones(struct cl_dissector *d, cl_zone_fn fn, void *ctx, const bool *answers)
{
	d->zones = (struct cl_zone_notes){ fn, ctx, answers };
	d->pkt.zones = &d->zones;
}

void cl_dissector_filtered(struct cl_dissector *d, size_t n)
{
	d->ledger.fate[CL_FATE_FILTERED] += n;
}

const struct cl_ledger *cl_dissector_ledger(const struct cl_dissector *d)
{
	return &d->ledger;
}

struct cl_streams *cl_dissector_streams(struct cl_dissector *d)
{
	return d->streams;
}

enum cl_next cl_pkt_fate(struct cl_pkt *p, enum cl_fate fate)
{
	if (!cl_pkt_quoted(p)) {
		p->fated = true;
		p->fate = fate;
	} else if (p->fate == CL_FATE_TRUNCATED && fate != CL_FATE_TRUNCATED) {
		p->fate = CL_FATE_OTHER; /* an error that was cut, but behind all that it had to say */
	}
	return CL_NEXT_DONE;
}

enum cl_next cl_pkt_undecoded(struct cl_pkt *p, enum cl_undecoded kind, uint32_t value)
{
	p->undecoded = kind;
	p->undecoded_value = value;
	return cl_pkt_fate(p, CL_FATE_UNDECODED);
}

void cl_pkt_anomaly(struct cl_pkt *p, enum cl_anomaly id)
{
	if (!cl_pkt_quoted(p))
		p->ledger->anomaly[id]++;
	cl_put_finding(p->detail, id);
}

enum cl_next cl_pkt_malformed(struct cl_pkt *p, enum cl_anomaly why)
{
	cl_pkt_anomaly(p, why);
	return cl_pkt_fate(p, CL_FATE_MALFORMED);
}

enum cl_next cl_pkt_failed(struct cl_pkt *p, const struct cl_cur *c)
{
	return cl_pkt_fate(p, c->err == CL_ETRUNC ? CL_FATE_TRUNCATED : CL_FATE_MALFORMED);
}

/* Gives on what is in the room; the next message goes into a new one. */
static void give_on(struct cl_dissector *d, size_t n)
{
	d->room = d->emit(d->ctx, n);
	d->pkt.ev = d->room.events;
	d->pkt.ev_end = d->room.events + d->room.count;
	d->pkt.note = d->room.notes;
}

void cl_pkt_room(struct cl_pkt *p)
{
	give_on(p->dissector, p->dissector->room.count);
}

static struct cl_note *note_beside(const struct cl_pkt *p)
{
	const struct cl_event_room *room = &p->dissector->room;

	return room->notes + (p->ev - room->events);
}

void cl_pkt_note(struct cl_pkt *p)
{
	p->note = note_beside(p);
	cl_note_clear(p->note);
}

void cl_pkt_note_more(struct cl_pkt *p, const struct cl_note *before)
{
	p->note = note_beside(p);
	cl_note_again(p->note, before);
}

void cl_pkt_show(struct cl_pkt *p)
{
	struct cl_dissector *d = p->dissector;

	p->detail->fate = p->fated			  ? p->fate
			  : p->barred == CL_FATE_FILTERED ? CL_FATE_FILTERED
							  : CL_FATE_INCOMPLETE;
	p->detail->undecoded = p->undecoded;
	p->detail->undecoded_value = p->undecoded_value;
	d->show(d->show_ctx, p->frame, p->detail);
}

static void give_rest(struct cl_dissector *d)
{
	if (d->pkt.ev > d->room.events)
		give_on(d, (size_t)(d->pkt.ev - d->room.events));
}

void cl_dissector_feed(struct cl_dissector *d, const struct cl_frame *frames, size_t n)
{
	if (d->room.count == 0)
		give_on(d, 0);
	cl_pkt_frames(&d->pkt, frames, n);
	if (d->tunnel_notes != NULL)
		cl_tunnel_notes_flush(d->tunnel_notes);
	give_rest(d);
}

void cl_dissector_finish(struct cl_dissector *d)
{
	cl_frags_finish(d->frags, &d->pkt);
	if (d->pkt.note != NULL) {
		cl_streams_tell(d->streams, &d->pkt);
		give_rest(d);
	}
	cl_streams_finish(d->streams, &d->ledger);
}
