/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP (RFC 9293). */
#include "dissect/tcp.h"

#include <stdlib.h>

struct cl_streams {
	int nothing;
};

struct cl_streams *cl_streams_new(void)
{
	return calloc(1, sizeof(struct cl_streams));
}

void cl_streams_free(struct cl_streams *s)
{
	free(s);
}

void cl_streams_finish(struct cl_streams *s, struct cl_ledger *l)
{
	(void)s;
	(void)l;
}

enum cl_next cl_tcp(struct cl_pkt *p)
{
	uint16_t sport = cl_cur_u16(&p->cur), dport = cl_cur_u16(&p->cur);

	if (p->cur.err != CL_OK)
		return cl_pkt_failed(p, &p->cur);
	if (cl_pkt_quoted(p)) {
		(void)cl_icmp_quote(p, sport, dport, 6);
		return cl_pkt_fate(p, CL_FATE_OTHER);
	}
	if (cl_tcp_is_dns(p->limits, sport, dport))
		return cl_pkt_undecoded(p, CL_UND_DNS_TCP, 0);
	return cl_pkt_fate(p, CL_FATE_OTHER);
}
