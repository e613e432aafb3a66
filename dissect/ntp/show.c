/* SPDX-License-Identifier: BSD-2-Clause */
/* All of an NTP message, for who asked for it. */
#include "dissect/ntp/show.h"

#include <stdlib.h>

#include "dissect/ntp/answers.h"
#include "dissect/ntp/state.h"

#define HEADER	  48u
#define DRAFT_ID  0xf5ffu
#define NO_LAYOUT 6u /* from this mode on a message has another header */

const struct cl_field cl_ntp_f_tail = { "ntp.tail", "Octets that fit no rule", CL_V_BYTES, CL_DEC, 0, NULL };

struct cl_ntp_state *cl_ntp_state_new(uint64_t seed)
{
	struct cl_ntp_state *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->refids = cl_refids_new(seed);
	s->answers = cl_ntp_answers_new();
	if (s->refids == NULL || s->answers == NULL) {
		cl_ntp_state_free(s);
		return NULL;
	}
	return s;
}

void cl_ntp_state_free(struct cl_ntp_state *s)
{
	if (s == NULL)
		return;
	cl_refids_free(s->refids);
	cl_ntp_answers_free(s->answers);
	free(s);
}

void cl_ntp_state_see(struct cl_ntp_state *s, const struct cl_addr *src, const struct cl_addr *dst)
{
	cl_refids_see(s->refids, src);
	cl_refids_see(s->refids, dst);
}

static void show_part(void *ctx, const struct cl_ntp_part *part)
{
	struct cl_ntp_show *s = ctx;
	struct cl_cur c = part->octets;

	s->last_is_complement = false;
	switch (part->kind) {
	case CL_NTP_PART_FIELD:
		cl_ntp_show_field(s, part->type, c);
		break;
	case CL_NTP_PART_MAC:
		cl_ntp_show_mac(s, c);
		break;
	case CL_NTP_PART_NAK:
		cl_ntp_show_nak(s);
		break;
	case CL_NTP_PART_BAD:
		if (s->tail.why == CL_ANOM_NTP_LONG_MAC)
			cl_ntp_show_mac(s, c);
		else
			cl_put_bytes(s->d, &cl_ntp_f_tail, cl_cur_take(&c, cl_cur_kept(&c)));
		break;
	}
}

/* Fields are told apart by what else is there, so a first walk looks and a second one shows. */
static void show_tail(struct cl_ntp_show *s)
{
	struct cl_cur c = s->start, look;

	cl_cur_skip(&c, HEADER);
	if (c.err != CL_OK)
		return;
	look = c;
	s->tail = cl_ntp_tail_read(&look, s->version);
	if (s->tail.mac && s->version > 3) { /* the last 20 or 24 octets */
		s->keyid = cl_cur_u32(&look);
		if (look.err != CL_OK)
			s->keyid = 0;
	}
	cl_ntp_tail_walk(&c, s->version, show_part, s);
	if (s->complement && (!s->last_is_complement || s->tail.mac))
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_COMPLEMENT_PLACE);
	if (look.err == CL_OK) /* what was cut off could have been anything */
		cl_ntp_check_nts(s);
}

void cl_ntp_show(struct cl_pkt *p, struct cl_cur start)
{
	struct cl_ntp_show s = { .p = p, .d = p->detail, .start = start };
	struct cl_cur c = start;
	uint8_t first = cl_cur_u8(&c);

	if (c.err != CL_OK)
		return;
	s.version = first >> 3 & 7;
	s.mode = first & 7;
	s.stratum = cl_cur_u8(&c);
	cl_ntp_show_flags(&s);
	cl_cur_skip(&c, 22);
	s.org = cl_cur_u64(&c);
	cl_cur_skip(&c, 8);
	s.xmt = cl_cur_u64(&c);
	if (s.mode == NO_LAYOUT) {
		cl_ntp_show_control(&s);
	} else if (s.mode > NO_LAYOUT) {
		cl_ntp_show_private(&s);
	} else {
		if (s.version == 5)
			cl_ntp_show_v5(&s);
		else
			cl_ntp_show_header(&s);
		show_tail(&s);
		if (s.version == 5 && s.mode == 3 && !s.draft && c.err == CL_OK &&
		    cl_cur_kept(&start) == cl_cur_left(&start))
			cl_pkt_anomaly(p, CL_ANOM_NTP5_NO_DRAFT);
	}
}
