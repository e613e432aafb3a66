/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_LEAN_H
#define CL_DISSECT_NTP_LEAN_H

/* The NTP header (RFC 5905 sec. 7.3) and what a message is to its client: in line for dissect/path.c. */

#include "dissect/emit.h"
#include "dissect/ntp/show.h"

enum cl_ntp_mode {
	CL_NTP_RESERVED = 0, /* version 1 has no mode: the ports tell the roles (RFC 1059) */
	CL_NTP_SYMMETRIC_ACTIVE = 1,
	CL_NTP_SYMMETRIC_PASSIVE = 2,
	CL_NTP_CLIENT = 3,
	CL_NTP_SERVER = 4,
	CL_NTP_BROADCAST = 5,
	CL_NTP_CONTROL = 6, /* RFC 9327 sec. 2: header of 12 octets */
	CL_NTP_PRIVATE = 7  /* ntp_request.h: header of 8 octets */
};

/* Takes the header of a mode that is not of timekeeping. */
struct cl_cur cl_ntp_take_private(struct cl_pkt *p, struct cl_cur c, struct cl_ntp *ntp);

/* Tells a note what the event does not have of a header of 48 octets. */
void cl_ntp_note_header(struct cl_note *n, const void *header);

/* Tells a note of a message of mode 6 or 7, at which the cursor stands. */
void cl_ntp_note_private(struct cl_note *n, struct cl_cur c, unsigned mode);

/* Reads what follows the header, and tells a note of it. */
struct cl_ntp_tail cl_ntp_note_tail(struct cl_note *n, struct cl_cur *c, unsigned version, uint64_t seed);

/* Takes what follows the header. */
struct cl_cur cl_ntp_take_tail(struct cl_pkt *p, struct cl_cur c, struct cl_ntp *ntp);

static inline enum cl_role cl_ntp_role(unsigned mode, unsigned version, const struct cl_event *ev)
{
	static const uint8_t roles[8] = { [CL_NTP_RESERVED] = CL_ROLE_APART,
					  [CL_NTP_SYMMETRIC_ACTIVE] = CL_ROLE_REQUEST,
					  [CL_NTP_SYMMETRIC_PASSIVE] = CL_ROLE_RESPONSE,
					  [CL_NTP_CLIENT] = CL_ROLE_REQUEST,
					  [CL_NTP_SERVER] = CL_ROLE_RESPONSE,
					  [CL_NTP_BROADCAST] = CL_ROLE_APART,
					  [CL_NTP_CONTROL] = CL_ROLE_APART,
					  [CL_NTP_PRIVATE] = CL_ROLE_APART };

	if (cl_rare(mode == CL_NTP_RESERVED) && version == 1)
		return ev->sport == CL_PORT_NTP ? CL_ROLE_RESPONSE : CL_ROLE_REQUEST;
	return (enum cl_role)roles[mode];
}

static inline __attribute__((always_inline)) enum cl_next cl_ntp_take(struct cl_pkt *p, struct cl_cur *c,
								      const bool detail, const bool notes)
{
	struct cl_event *const ev = p->ev;
	struct cl_ntp *const ntp = &ev->u.ntp;

	if (detail) {
		cl_pkt_layer(p, &cl_ntp_protocol);
		cl_ntp_show(p, *c);
	}
	if (notes)
		p->note->length = cl_cur_left(c);
	const uint32_t length = cl_cur_left(c);
	const uint8_t first = cl_cur_peek(c), version = first >> 3 & 7, mode = first & 7;
	ntp->uid = 0;
	ntp->version = version;
	ntp->mode = mode;
	ntp->flags = 0;
	ntp->leap = first >> 6;
	ntp->length = length < UINT16_MAX ? (uint16_t)length : UINT16_MAX;
	if (cl_rare(mode > CL_NTP_BROADCAST)) {
		*c = cl_ntp_take_private(p, *c, ntp);
		if (c->err != CL_OK)
			return cl_pkt_failed_by(p, c, CL_ANOM_NTP_TOO_SHORT);
	} else {
		/* behind poll: precision, root delay and dispersion, reference identifier and time */
		CL_HEAD(48) *h = cl_cur_head(c, sizeof *h, "\1\1\1\25\10\10\10");
		if (cl_rare(h == NULL))
			return cl_pkt_failed_by(p, c, CL_ANOM_NTP_TOO_SHORT);
		ntp->org = CL_HEAD_U64(h, 24);
		ntp->rec = CL_HEAD_U64(h, 32);
		ntp->xmt = CL_HEAD_U64(h, 40);
		ntp->stratum = CL_HEAD_U8(h, 1);
		ntp->poll = CL_HEAD_U8(h, 2);
		ntp->root_delay = CL_HEAD_U32(h, 4);
		ntp->root_dispersion = CL_HEAD_U32(h, 8);
		ntp->refid = CL_HEAD_U32(h, 12);
		if (cl_rare(CL_HEAD_U8(h, 1) == 0) &&
		    (mode == CL_NTP_SERVER || mode == CL_NTP_SYMMETRIC_PASSIVE))
			ntp->flags = CL_NTP_KOD;
		if (notes)
			cl_ntp_note_header(p->note, h);
		if (cl_rare(cl_cur_left(c) > 0))
			*c = cl_ntp_take_tail(p, *c, ntp);
	}
	ev->role = (uint8_t)cl_ntp_role(mode, version, ev);
	return cl_pkt_message(p, CL_EV_NTP);
}

#endif
