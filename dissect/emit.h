/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_EMIT_H
#define CL_DISSECT_EMIT_H

/* How messages are given on. In line in the two decoders that end most packets. */

#include "dissect/packet.h"

/* Whether the message of p->ev is one of those asked for: of a server (a symmetric peer or one apart counts
 * on either side), in a tunnel or not. */
bool cl_emit_wanted(const struct cl_pkt *p);

/* Makes the event behind p->ev the next one, with its addresses and ports: more messages of a TCP segment. */
void cl_emit_more(struct cl_pkt *p);

/* Gives p->ev on and makes the next one ready; the fate that follows. */
static inline enum cl_fate cl_emit(struct cl_pkt *p, enum cl_event_kind kind)
{
	const struct cl_frame *f = p->frame;
	struct cl_event *ev = p->ev;

	ev->kind = (uint8_t)kind;
	if (cl_rare(p->barred != CL_FATE_COUNTED))
		return (enum cl_fate)p->barred;
	if (cl_rare(p->choosy) && !cl_emit_wanted(p))
		return CL_FATE_FILTERED;
	ev->time_ns = p->last_ns;
	ev->frame_no = f->number;
	ev->wire_len = p->wire_bytes;
	p->wire_bytes = 0;
	ev->file = f->file;
	ev->flags = f->flags & CL_FF_OUT_OF_ORDER; /* CL_EVF_OUT_OF_ORDER */
	if (cl_rare(p->connection != 0))
		cl_emit_more(p);
	else if (cl_rare((p->ev = ev + 1) == p->ev_end))
		cl_pkt_room(p);
	return CL_FATE_COUNTED;
}
_Static_assert(CL_EVF_OUT_OF_ORDER == CL_FF_OUT_OF_ORDER, "one bit for both");

/**
 * Gives p->ev on as a counted message and makes the next one ready there, with the same addresses and ports
 * if it came over TCP. Fate: counted, or filtered for one of a server that was not asked for.
 */
static inline enum cl_next cl_pkt_message(struct cl_pkt *p, enum cl_event_kind kind)
{
	if (!cl_rare(cl_pkt_quoted(p))) {
		p->fate = cl_emit(p, kind);
		p->fated = true;
	}
	return CL_NEXT_DONE;
}

#endif
