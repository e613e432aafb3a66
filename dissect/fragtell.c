/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/fragtell.h"

#include "dissect/emit.h"

#define PROTO_UDP 17u
#define QR	  0x8000u

void cl_fragfirst_look(const struct cl_pkt *p, struct cl_span s, uint8_t proto, struct cl_fragfirst *out)
{
	struct cl_cur c = cl_cur_make(s.ptr, s.len, s.len);

	if (p->note == NULL || proto != PROTO_UDP)
		return;
	out->frame = p->frame->number;
	out->file = p->frame->file;
	out->sport = cl_cur_u16(&c);
	out->dport = cl_cur_u16(&c);
	cl_cur_skip(&c, 4);
	out->id = cl_cur_u16(&c);
	out->response = (cl_cur_u16(&c) & QR) != 0;
	out->known = c.err == CL_OK && cl_udp_service(p->limits, out->sport, out->dport) == CL_NEXT_DNS;
}

void cl_fragfirst_tell(struct cl_pkt *p, const struct cl_fragfirst *first, const struct cl_addr *src,
		       const struct cl_addr *dst, int64_t time_ns)
{
	const struct cl_event own = *p->ev;
	struct cl_note before;

	cl_note_again(&before, p->note);
	cl_note_clear(p->note);
	*p->ev = (struct cl_event){ .time_ns = time_ns,
				    .frame_no = first->frame,
				    .file = first->file,
				    .src = *src,
				    .dst = *dst,
				    .sport = first->sport,
				    .dport = first->dport,
				    .kind = CL_EV_PART,
				    .role = first->response ? CL_ROLE_RESPONSE : CL_ROLE_REQUEST,
				    .u.dns = { .id = first->id, .first_ns = time_ns } };
	if (p->limits->servers == NULL || cl_emit_wanted(p))
		cl_emit_more(p);
	*p->ev = own;
	cl_pkt_note_more(p, &before);
}
