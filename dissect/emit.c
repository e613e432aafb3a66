/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/emit.h"

static bool is_server(const struct cl_limits *l, const struct cl_addr *a)
{
	for (size_t i = 0; i < l->server_count; i++)
		if (memcmp(l->servers[i].b, a->b, sizeof a->b) == 0)
			return true;
	return false;
}

/* Whether it came in a tunnel, or did not, as was asked for. What is quoted says so by its own header. */
static bool is_where_wanted(const struct cl_pkt *p)
{
	bool inner = p->tunnels != 0 || (p->flags & CL_LF_TUNNELLED) != 0;

	return p->limits->only == CL_ONLY_ALL || inner == (p->limits->only == CL_ONLY_INNER);
}

bool cl_emit_wanted(const struct cl_pkt *p)
{
	const struct cl_event *ev = p->ev;
	bool either = ev->role == CL_ROLE_APART || (ev->kind == CL_EV_NTP && ev->u.ntp.mode == 1);

	if (!is_where_wanted(p))
		return false;
	if (p->limits->servers == NULL)
		return true;
	if (ev->kind == CL_EV_ICMP) {
		bool response = (ev->u.icmp.bits & CL_ICMP_RESPONSE) != 0;

		return is_server(p->limits, response ? &ev->u.icmp.src : &ev->u.icmp.dst);
	}
	if (p->limits->asked && ev->kind == CL_EV_NTP)
		either = true;
	if ((ev->role == CL_ROLE_REQUEST || either) && is_server(p->limits, &ev->dst))
		return true;
	return (ev->role == CL_ROLE_RESPONSE || either) && is_server(p->limits, &ev->src);
}

bool cl_pkt_wanted(const struct cl_pkt *p)
{
	return is_where_wanted(p) && (p->limits->servers == NULL || is_server(p->limits, &p->ev->src) ||
				      is_server(p->limits, &p->ev->dst));
}

void cl_emit_more(struct cl_pkt *p)
{
	const struct cl_addr src = p->ev->src, dst = p->ev->dst;
	const uint16_t sport = p->ev->sport, dport = p->ev->dport;
	struct cl_note before;

	if (p->note != NULL)
		cl_note_again(&before, p->note); /* the room is not to be read once given on */
	if (++p->ev == p->ev_end)
		cl_pkt_room(p);
	if (p->note != NULL)
		cl_pkt_note_more(p, &before);
	p->ev->src = src;
	p->ev->dst = dst;
	p->ev->sport = sport;
	p->ev->dport = dport;
}

enum cl_next cl_pkt_icmp_error(struct cl_pkt *p)
{
	const struct cl_addr src = p->ev->src, dst = p->ev->dst;
	const uint16_t sport = p->ev->sport, dport = p->ev->dport;

	p->ev->u.icmp = p->quote;
	p->ev->u.icmp.src = src;
	p->ev->u.icmp.dst = dst;
	p->ev->src = p->sender;
	p->ev->dst = p->asked;
	p->ev->sport = p->ev->dport = 0;
	p->ev->role = CL_ROLE_APART;
	p->fate = cl_emit(p, CL_EV_ICMP);
	if (p->note != NULL)
		cl_pkt_note(p);
	p->ev->src = src; /* the quote's decoding goes on */
	p->ev->dst = dst;
	p->ev->sport = sport;
	p->ev->dport = dport;
	return CL_NEXT_DONE;
}
