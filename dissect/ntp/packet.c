/* SPDX-License-Identifier: BSD-2-Clause */
/* The NTP header (RFC 5905 sec. 7.3) and what a message is to its client. */
#include "dissect/packet.h"
#include "dissect/hash.h"
#include "dissect/ntp/show.h"
#include "dissect/ntp/tail.h"

#define NTP_PORT 123u

enum {
	MODE_RESERVED = 0,
	MODE_SYMMETRIC_ACTIVE = 1,
	MODE_SYMMETRIC_PASSIVE = 2,
	MODE_CLIENT = 3,
	MODE_SERVER = 4,
	MODE_BROADCAST = 5,
	MODE_CONTROL = 6, /* RFC 9327 sec. 2: header of 12 octets */
	MODE_PRIVATE = 7  /* ntp_request.h: header of 8 octets */
};

static enum cl_role role_of(const struct cl_ntp *ntp, const struct cl_event *ev)
{
	switch (ntp->mode) {
	case MODE_SYMMETRIC_ACTIVE:
	case MODE_CLIENT:
		return CL_ROLE_REQUEST;
	case MODE_SYMMETRIC_PASSIVE:
	case MODE_SERVER:
		return CL_ROLE_RESPONSE;
	case MODE_RESERVED: /* version 1 has no mode: the ports tell the roles (RFC 1059) */
		if (ntp->version != 1)
			return CL_ROLE_APART;
		if (ev->sport == NTP_PORT)
			return CL_ROLE_RESPONSE;
		return CL_ROLE_REQUEST;
	default:
		return CL_ROLE_APART;
	}
}

static void read_tail(struct cl_pkt *p, struct cl_ntp *ntp)
{
	struct cl_ntp_tail t = cl_ntp_tail_read(&p->cur, ntp->version);

	if (t.mac)
		ntp->flags |= CL_NTP_MAC;
	if (t.nts_auth || (t.nts_cookie && t.uid.ptr != NULL))
		ntp->flags |= CL_NTP_NTS;
	if (t.bad) {
		ntp->flags |= CL_NTP_BAD_TAIL;
		cl_pkt_anomaly(p, t.why);
	}
	if (t.uid.ptr != NULL) {
		ntp->flags |= CL_NTP_UID;
		ntp->uid = cl_hash(t.uid.ptr, t.uid.len, p->limits->hash_seed);
	}
}

static inline void read_header(struct cl_pkt *p, struct cl_ntp *ntp)
{
	struct cl_cur *c = &p->cur;

	ntp->stratum = cl_cur_u8(c);
	ntp->poll = cl_cur_u8(c);
	cl_cur_skip(c, 1 + 4 + 4 + 4 +
			       8); /* precision, root delay and dispersion, reference identifier and time */
	ntp->org = cl_cur_u64(c);
	ntp->rec = cl_cur_u64(c);
	ntp->xmt = cl_cur_u64(c);
}

enum cl_next cl_ntp_message(struct cl_pkt *p)
{
	struct cl_ntp *ntp = &p->ev->u.ntp;
	/* in the lean pass no copy: it would wait for the stores before it */
	const struct cl_cur start = p->detail != NULL ? p->cur : cl_cur_make(NULL, 0, 0);
	uint8_t first = cl_cur_u8(&p->cur);

	*ntp = (struct cl_ntp){ .version = first >> 3 & 7, .mode = first & 7 };
	cl_pkt_layer(p, &cl_ntp_protocol);
	if (ntp->mode == MODE_CONTROL)
		cl_cur_skip(&p->cur, 12 - 1);
	else if (ntp->mode == MODE_PRIVATE)
		cl_cur_skip(&p->cur, 8 - 1);
	else
		read_header(p, ntp);
	if (p->detail != NULL)
		cl_ntp_show(p, start);
	if (p->cur.err != CL_OK)
		return cl_pkt_failed_by(p, &p->cur, CL_ANOM_NTP_TOO_SHORT);
	p->ev->role = (uint8_t)role_of(ntp, p->ev);
	if (ntp->stratum == 0 && (ntp->mode == MODE_SERVER || ntp->mode == MODE_SYMMETRIC_PASSIVE))
		ntp->flags |= CL_NTP_KOD;
	if (ntp->mode <= MODE_BROADCAST && cl_cur_left(&p->cur) > 0)
		read_tail(p, ntp);
	return cl_pkt_message(p, CL_EV_NTP);
}
