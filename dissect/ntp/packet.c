/* SPDX-License-Identifier: BSD-2-Clause */
/* What is rare of an NTP message in the lean pass: other modes, and what follows the header. */
#include "dissect/hash.h"
#include "dissect/ntp/lean.h"
#include "dissect/ntp/tail.h"

struct cl_cur cl_ntp_take_private(struct cl_pkt *p, struct cl_cur c, struct cl_ntp *ntp)
{
	if (p->note != NULL)
		cl_ntp_note_private(p->note, c, ntp->mode);
	cl_cur_skip(&c, 1);
	cl_cur_skip(&c, ntp->mode == CL_NTP_CONTROL ? 12 - 1 : 8 - 1);
	ntp->stratum = ntp->poll = 0;
	ntp->root_delay = ntp->root_dispersion = ntp->refid = 0;
	ntp->org = ntp->rec = ntp->xmt = 0;
	return c;
}

struct cl_cur cl_ntp_take_tail(struct cl_pkt *p, struct cl_cur c, struct cl_ntp *ntp)
{
	struct cl_ntp_tail t = p->note == NULL
				       ? cl_ntp_tail_read(&c, ntp->version)
				       : cl_ntp_note_tail(p->note, &c, ntp->version, p->limits->hash_seed);

	if (t.mac)
		ntp->flags |= CL_NTP_MAC;
	if (t.crypto_nak)
		ntp->flags |= CL_NTP_NAK;
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
	return c;
}
