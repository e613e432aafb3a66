/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP (RFC 768). */
#include "dissect/udp.h"
#include "dissect/checksum.h"
#include "dissect/conversation.h"
#include "dissect/tcp.h"
#include "dissect/tls/quic.h"

#define UDP_PROTO 17u
#define ILLEGAL	  4u /* cl_checksum_status_name */

static const struct cl_protocol udp = { "udp", "User Datagram Protocol" };

static const struct cl_header_row rows[] = {
	{ { "udp.srcport", "Source Port", CL_V_UINT, CL_DEC, 0, NULL }, 0, 2, 0 },
	{ { "udp.dstport", "Destination Port", CL_V_UINT, CL_DEC, 0, NULL }, 2, 2, 0 },
	{ { "udp.length", "Length", CL_V_UINT, CL_DEC, 0, NULL }, 4, 2, 0 },
	{ { "udp.checksum", "Checksum", CL_V_UINT, CL_HEX16, 0, NULL }, 6, 2, 0 },
};

static const struct cl_field status = { "udp.checksum.status", "Checksum Status",      CL_V_UINT, CL_DEC,
					CL_FD_GENERATED,       cl_checksum_status_name };
static const struct cl_field calculated = {
	"udp.checksum_calculated", "Calculated Checksum", CL_V_UINT, CL_HEX16, CL_FD_GENERATED, NULL
};
static const struct cl_field offloaded = { "udp.checksum.offloaded",
					   "Checksum left to the sender's hardware",
					   CL_V_BOOL,
					   CL_DEC,
					   CL_FD_GENERATED,
					   NULL };

static void put_checksum(struct cl_pkt *p)
{
	enum cl_checksum sum = cl_udp_checksum(p);
	struct cl_cur whole = p->cur;

	if (cl_pkt_quoted(p) && sum != CL_SUM_NONE) /* routers change what they quote */
		sum = CL_SUM_UNCHECKED;
	whole.pos = p->udp_at;
	if (sum == CL_SUM_GOOD)
		cl_put_uint(p->detail, &calculated, p->udp_sum);
	else if (sum != CL_SUM_NONE && sum != CL_SUM_UNCHECKED)
		cl_put_uint(p->detail, &calculated,
			    cl_checksum_l4_right(p, whole, p->udp_length, UDP_PROTO, p->udp_sum));
	bool illegal = sum == CL_SUM_NONE && p->ip_version == 6 && !cl_pkt_quoted(p);
	cl_put_uint(p->detail, &status, illegal ? ILLEGAL : cl_checksum_status(sum));
	if (sum == CL_SUM_PARTIAL)
		cl_put_uint(p->detail, &offloaded, 1);
	if (sum == CL_SUM_BAD && (p->flags & CL_LF_REASSEMBLED) == 0)
		cl_pkt_anomaly(p, CL_ANOM_UDP_BAD_CHECKSUM);
}

void cl_udp_put(struct cl_pkt *p, struct cl_cur header)
{
	struct cl_conversations *t = cl_streams_conversations(p->streams);
	struct cl_cur c = header;
	uint16_t sport = cl_cur_u16(&c), dport = cl_cur_u16(&c);

	if (t != NULL)
		cl_conversation_expect(t, p, UDP_PROTO, sport, dport);
	cl_pkt_layer(p, &udp);
	CL_PUT_HEADER(p->detail, header, rows);
}

void cl_udp_put_sum(struct cl_pkt *p)
{
	put_checksum(p);
	cl_conversation_udp(p);
}

/* Fragments of different datagrams, or forged ones (RFC 4963, RFC 7739): the checksum tells, and then no
 * message in them counts. */
bool cl_udp_is_spoilt(struct cl_pkt *p)
{
	if (cl_udp_checksum(p) != CL_SUM_BAD)
		return false;
	cl_pkt_malformed(p, CL_ANOM_FRAG_BAD_CHECKSUM);
	if (!cl_pkt_quoted(p))
		p->barred = CL_FATE_MALFORMED;
	return p->detail == NULL;
}

enum cl_next cl_udp_other(struct cl_pkt *p, enum cl_next next)
{
	const uint16_t sport = p->ev->sport, dport = p->ev->dport;

	if (cl_pkt_quoted(p)) {
		cl_cur_narrow(&p->cur, p->udp_length - CL_UDP_HEADER);
		return cl_icmp_quote(p, sport, dport, UDP_PROTO) ? next : CL_NEXT_DONE;
	}
	if (!cl_quic_port(sport, dport)) {
		cl_put_info(p->detail, "%u > %u, %u octets", sport, dport, p->udp_length - CL_UDP_HEADER);
		return cl_pkt_fate(p, CL_FATE_OTHER);
	}
	cl_cur_narrow(&p->cur, p->udp_length - CL_UDP_HEADER);
	return p->cur.err == CL_OK ? CL_NEXT_QUIC : cl_pkt_failed_by(p, &p->cur, CL_ANOM_UDP_BAD_LENGTH);
}

enum cl_checksum cl_udp_checksum(const struct cl_pkt *p)
{
	struct cl_cur c = p->cur;

	c.pos = p->udp_at;
	return cl_checksum_l4(p, c, p->udp_length, UDP_PROTO, p->udp_sum);
}
