/* SPDX-License-Identifier: BSD-2-Clause */
/* All of a TCP header (RFC 9293 sec. 3.1), beside what its conversation says. */
#include "dissect/checksum.h"
#include "dissect/tcp_state.h"

#define TCP	   6u
#define MIN_HEADER 20u

#define FIELD(id, name, label, type, base, flags)                                                            \
	static const struct cl_field id = { name, label, type, base, flags, NULL }

FIELD(f_sport, "tcp.srcport", "Source Port", CL_V_UINT, CL_DEC, 0);
FIELD(f_dport, "tcp.dstport", "Destination Port", CL_V_UINT, CL_DEC, 0);
FIELD(f_port, "tcp.port", NULL, CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_stream, "tcp.stream", "Stream index", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_completeness, "tcp.completeness", "Conversation completeness", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_len, "tcp.len", "TCP Segment Len", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_seq, "tcp.seq", "Sequence Number", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_seq_raw, "tcp.seq_raw", "Sequence Number (raw)", CL_V_UINT, CL_DEC, 0);
FIELD(f_next, "tcp.nxtseq", "Next Sequence Number", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_ack, "tcp.ack", "Acknowledgment Number", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_ack_raw, "tcp.ack_raw", "Acknowledgment number (raw)", CL_V_UINT, CL_DEC, 0);
FIELD(f_header, "tcp.hdr_len", "Header Length", CL_V_UINT, CL_DEC, 0);
FIELD(f_flags_text, "tcp.flags.str", "TCP Flags", CL_V_TEXT, 0, CL_FD_GENERATED);
FIELD(f_window, "tcp.window_size", "Calculated window size", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_scale, "tcp.window_size_scalefactor", "Window size scaling factor", CL_V_INT, CL_DEC,
      CL_FD_GENERATED);
FIELD(f_right, "tcp.checksum_calculated", "Calculated Checksum", CL_V_UINT, CL_HEX16, CL_FD_GENERATED);
static const struct cl_field f_status = { "tcp.checksum.status", "Checksum Status",	 CL_V_UINT, CL_DEC,
					  CL_FD_GENERATED,	 cl_checksum_status_name };
FIELD(f_offloaded, "tcp.checksum.offloaded", "Checksum left to the sender's hardware", CL_V_BOOL, 0,
      CL_FD_GENERATED);
FIELD(f_options, "tcp.options", "TCP Options", CL_V_BYTES, 0, 0);
FIELD(f_relative, "tcp.time_relative", "Time since first frame in this TCP stream", CL_V_DURATION, 0,
      CL_FD_GENERATED);
FIELD(f_delta, "tcp.time_delta", "Time since previous frame in this TCP stream", CL_V_DURATION, 0,
      CL_FD_GENERATED);
FIELD(f_payload, "tcp.payload", "TCP payload", CL_V_BYTES, 0, 0);
FIELD(f_reset_cause, "tcp.reset_cause", "Reset cause", CL_V_TEXT, 0, 0);
FIELD(f_syn, "tcp.connection.syn", "Connection establish request (SYN)", CL_V_NONE, 0, 0);
FIELD(f_synack, "tcp.connection.synack", "Connection establish acknowledge (SYN+ACK)", CL_V_NONE, 0, 0);
FIELD(f_fin, "tcp.connection.fin", "Connection finish (FIN)", CL_V_NONE, 0, 0);
FIELD(f_rst, "tcp.connection.rst", "Connection reset (RST)", CL_V_NONE, 0, 0);
FIELD(f_active, "tcp.connection.fin_active", "This frame initiates the connection closing", CL_V_NONE, 0, 0);
FIELD(f_passive, "tcp.connection.fin_passive", "This frame undergoes the connection closing", CL_V_NONE, 0,
      0);

FIELD(f_ack_unset, "tcp.ack.nonzero", "The acknowledgment number is not zero while the ACK flag is not set",
      CL_V_NONE, 0, 0);
FIELD(f_tfo_syn, "tcp.analysis.tfo_syn", "TCP SYN with TFO Cookie", CL_V_NONE, 0, CL_FD_GENERATED);
FIELD(f_tfo_ack, "tcp.analysis.tfo_ack", "TCP SYN-ACK accepting TFO data", CL_V_NONE, 0, CL_FD_GENERATED);
FIELD(f_tfo_ignored, "tcp.analysis.tfo_ignored", "TCP SYN-ACK ignoring TFO data", CL_V_NONE, 0,
      CL_FD_GENERATED);

static const struct cl_header_row flag_rows[] = {
	{ { "tcp.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL }, 0, 2, 0xfff },
	{ { NULL, "Flags", CL_V_GROUP, 0, 0, NULL }, 0, 0, 0 },
	{ { "tcp.flags.res", "Reserved", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0xe00 },
	{ { "tcp.flags.ae", "Accurate ECN", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x100 },
	{ { "tcp.flags.cwr", "Congestion Window Reduced", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x080 },
	{ { "tcp.flags.ece", "ECN-Echo", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x040 },
	{ { "tcp.flags.urg", "Urgent", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x020 },
	{ { "tcp.flags.ack", "Acknowledgment", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x010 },
	{ { "tcp.flags.push", "Push", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x008 },
	{ { "tcp.flags.reset", "Reset", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x004 },
	{ { "tcp.flags.syn", "Syn", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x002 },
	{ { "tcp.flags.fin", "Fin", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x001 },
	{ { NULL, NULL, CL_V_END, 0, 0, NULL }, 0, 0, 0 },
};

static const struct cl_header_row window_rows[] = {
	{ { "tcp.window_size_value", "Window", CL_V_UINT, CL_DEC, 0, NULL }, 0, 2, 0 },
};

static const struct cl_header_row tail_rows[] = {
	{ { "tcp.checksum", "Checksum", CL_V_UINT, CL_HEX16, 0, NULL }, 0, 2, 0 },
};

static const struct cl_header_row urgent_rows[] = {
	{ { "tcp.urgent_pointer", "Urgent Pointer", CL_V_UINT, CL_DEC, 0, NULL }, 0, 2, 0 },
};

static const struct cl_protocol tcp = { "tcp", "Transmission Control Protocol" };

/* Wireshark's bits of tcp.completeness. */
enum { SAW_SYN = 1, SAW_SYNACK = 2, SAW_ACK = 4, SAW_DATA = 8, SAW_FIN = 16, SAW_RST = 32 };

static unsigned completeness(unsigned before, bool first, uint16_t flags, uint32_t len)
{
	bool syn = (flags & (CL_TCP_SYN | CL_TCP_ACK)) == CL_TCP_SYN;

	if (first && !syn)
		return before; /* seen from its middle on */
	if ((flags & CL_TCP_RST) != 0)
		return before | SAW_RST;
	if ((flags & CL_TCP_FIN) != 0)
		before |= SAW_FIN;
	if (len > 0)
		before |= SAW_DATA;
	if (syn)
		return before | SAW_SYN;
	if ((flags & CL_TCP_ACK) == 0)
		return before;
	if ((flags & CL_TCP_SYN) != 0)
		return before | SAW_SYNACK;
	return len == 0 ? before | SAW_ACK : before;
}

static void put_flags_text(struct cl_detail *d, uint16_t flags)
{
	static const char letters[] = "RRRACEUAPRSF", dot[] = "\xc2\xb7";
	char text[sizeof letters * 2] = "";
	size_t n = 0;

	for (unsigned i = 0; i < 12; i++)
		if (((unsigned)flags >> (11 - i) & 1u) != 0) {
			text[n++] = letters[i];
		} else {
			text[n++] = dot[0];
			text[n++] = dot[1];
		}
	text[n] = '\0';
	cl_put_string(d, &f_flags_text, text);
}

static void put_checksum(struct cl_pkt *p, struct cl_cur whole)
{
	struct cl_cur at = whole;
	uint32_t length = cl_cur_left(&whole);

	cl_cur_skip(&at, 16);
	CL_PUT_HEADER(p->detail, at, tail_rows);
	uint16_t stored = cl_cur_u16(&at);
	enum cl_checksum sum =
		cl_pkt_quoted(p) ? CL_SUM_UNCHECKED : cl_checksum_l4(p, whole, length, TCP, stored);
	cl_put_uint(p->detail, &f_status, cl_checksum_status(sum));
	if (sum == CL_SUM_GOOD || sum == CL_SUM_BAD || sum == CL_SUM_PARTIAL)
		cl_put_uint(p->detail, &f_right, cl_checksum_l4_right(p, whole, length, TCP, stored));
	if (sum == CL_SUM_PARTIAL)
		cl_put_uint(p->detail, &f_offloaded, 1);
	if (sum == CL_SUM_BAD)
		cl_pkt_anomaly(p, CL_ANOM_TCP_BAD_CHECKSUM);
	CL_PUT_HEADER(p->detail, at, urgent_rows);
}

static void put_window(struct cl_pkt *p, struct cl_cur at, const struct cl_flow *sender, uint16_t flags)
{
	CL_PUT_HEADER(p->detail, at, window_rows);
	uint32_t window = cl_cur_u16(&at);

	if ((flags & CL_TCP_SYN) == 0 && sender != NULL && sender->scale > 0 && !cl_pkt_quoted(p))
		window <<= sender->scale;
	cl_put_uint(p->detail, &f_window, window);
	if ((flags & CL_TCP_SYN) == 0)
		cl_put_int(p->detail, &f_scale,
			   sender == NULL	? -1
			   : sender->scale >= 0 ? (int64_t)1 << sender->scale
						: sender->scale);
}

/* What the events of a connection are called. */
static void put_events(struct cl_pkt *p, struct cl_conversation *c, unsigned dir, uint16_t flags)
{
	struct cl_detail *d = p->detail;

	if ((flags & CL_TCP_SYN) != 0)
		cl_put_none(d, (flags & CL_TCP_ACK) != 0 ? &f_synack : &f_syn);
	if ((flags & CL_TCP_FIN) != 0) {
		cl_put_none(d, &f_fin);
		if (c != NULL)
			cl_put_none(d, c->closing && c->closer != dir ? &f_passive : &f_active);
	}
	if ((flags & CL_TCP_RST) != 0)
		cl_put_none(d, &f_rst);
	if (c == NULL || (flags & CL_TCP_FIN) == 0 || c->closing)
		return;
	c->closing = true;
	c->closer = (uint8_t)dir;
}

/* The bases of relative numbers, where this packet is the first to tell. */
static void set_bases(struct cl_flow *fwd, struct cl_flow *rev, const struct cl_tcp_header *h)
{
	if (!fwd->has_base) {
		fwd->base = h->seq - ((h->flags & CL_TCP_SYN) == 0);
		fwd->has_base = true;
	}
	if (!rev->has_base && (h->flags & CL_TCP_ACK) != 0) {
		rev->base = h->ack - 1;
		rev->has_base = true;
	}
}

static void set_scale(struct cl_flow *fwd, struct cl_flow *rev, const struct cl_tcp_header *h,
		      struct cl_cur options)
{
	if ((h->flags & CL_TCP_SYN) == 0)
		return;
	bool one_sided = rev->scale == -2;

	fwd->scale = cl_tcp_scale(options);
	if (fwd->scale == -2 || one_sided) /* both have to offer it (RFC 7323 sec. 2.2) */
		fwd->scale = rev->scale = -2;
}

static struct cl_conversation *conversation_of(struct cl_pkt *p, const struct cl_tcp_header *h, unsigned *dir)
{
	struct cl_conversations *all = cl_streams_conversations(p->streams);
	struct cl_conversation *c = all != NULL ? cl_conversation_find(all, p, TCP, dir) : NULL;

	if (c != NULL && !cl_pkt_quoted(p) && (h->flags & (CL_TCP_SYN | CL_TCP_ACK)) == CL_TCP_SYN &&
	    c->flow[*dir].has_base && c->flow[*dir].base != h->seq) {
		cl_conversation_renew(all, c, p);
		c->renewed = true;
		c->completeness = 1; /* Wireshark's: its SYN is known to be sent */
	}
	return c;
}

/* Those of a quoted segment are raw: nothing ties it to what the connection is at. */
static void put_numbers(struct cl_pkt *p, const struct cl_tcp_header *h, const struct cl_flow *fwd,
			const struct cl_flow *rev, uint32_t len)
{
	struct cl_detail *d = p->detail;
	bool acks = (h->flags & CL_TCP_ACK) != 0, quoted = cl_pkt_quoted(p),
	     relative = fwd != NULL && !quoted;
	uint32_t seq = h->seq - (relative ? fwd->base : 0);

	if (!quoted)
		cl_put_uint(d, &f_len, len);
	cl_put_uint(d, &f_seq, seq);
	cl_put_uint(d, &f_seq_raw, h->seq);
	if (!quoted)
		cl_put_uint(d, &f_next, seq + len + ((h->flags & (CL_TCP_SYN | CL_TCP_FIN)) != 0));
	cl_put_uint(d, &f_ack, acks && relative ? h->ack - rev->base : h->ack);
	cl_put_uint(d, &f_ack_raw, h->ack);
	if (!acks && h->ack != 0)
		cl_put_none(d, &f_ack_unset);
}

static void put_payload(struct cl_pkt *p, uint16_t flags)
{
	struct cl_cur c = p->cur;
	uint32_t kept = cl_cur_kept(&c);
	struct cl_span s = cl_cur_take(&c, kept);

	if (kept > 0)
		cl_put_bytes(p->detail, (flags & CL_TCP_RST) != 0 ? &f_reset_cause : &f_payload, s);
}

/* RFC 7413: a cookie asks that the SYN's octets be taken; the answer tells whether they were. */
static void put_fast_open(struct cl_detail *d, struct cl_conversation *c, const struct cl_tcp_header *h,
			  const struct cl_flow *rev, bool cookie, uint32_t len)
{
	unsigned flags = h->flags & (CL_TCP_SYN | CL_TCP_ACK);

	if (flags == CL_TCP_SYN) {
		if (cookie)
			cl_put_none(d, &f_tfo_syn);
		c->fast_open = len > 0;
	} else if (flags == (CL_TCP_SYN | CL_TCP_ACK) && c->fast_open) {
		cl_put_none(d, h->ack - rev->base > 1 ? &f_tfo_ack : &f_tfo_ignored);
	}
}

/* Flags that are of interest to those who look through connections; nearly all segments have ACK. */
static void put_info(struct cl_pkt *p, uint16_t flags, uint32_t len)
{
	static const char *const begins[] = { "", " SYN", " SYN-ACK" };
	unsigned begin = (flags & CL_TCP_SYN) == 0 ? 0 : (flags & CL_TCP_ACK) == 0 ? 1 : 2;

	cl_put_info(p->detail, "%u > %u%s%s%s, %u octets", p->ev->sport, p->ev->dport, begins[begin],
		    (flags & CL_TCP_FIN) != 0 ? " FIN" : "", (flags & CL_TCP_RST) != 0 ? " RST" : "", len);
}

void cl_tcp_number(struct cl_pkt *p, const struct cl_tcp_header *h)
{
	unsigned dir;
	struct cl_conversation *c = conversation_of(p, h, &dir);

	if (c == NULL)
		return;
	p->note->stream = c->number;
	set_bases(&c->flow[dir], &c->flow[1 - dir], h);
}

void cl_tcp_number_quoted(struct cl_pkt *p)
{
	struct cl_conversations *all = cl_streams_conversations(p->streams);
	unsigned dir;
	const struct cl_conversation *c = all != NULL ? cl_conversation_find(all, p, TCP, &dir) : NULL;

	if (c != NULL)
		p->note->stream = c->number;
}

void cl_tcp_put(struct cl_pkt *p, struct cl_cur whole, const struct cl_tcp_header *h)
{
	struct cl_detail *d = p->detail;
	struct cl_cur at = whole, options;
	unsigned dir = 0;
	uint32_t len = cl_cur_left(&p->cur);
	bool quoted = cl_pkt_quoted(p); /* what the connection is at is neither told nor changed */

	cl_pkt_layer(p, &tcp);
	cl_put_uint(d, &f_sport, p->ev->sport);
	cl_put_uint(d, &f_dport, p->ev->dport);
	cl_put_uint(d, &f_port, p->ev->sport);
	cl_put_uint(d, &f_port, p->ev->dport);
	struct cl_conversation *c = conversation_of(p, h, &dir);
	struct cl_flow *fwd = c != NULL ? &c->flow[dir] : NULL, *rev = c != NULL ? &c->flow[1 - dir] : NULL;
	if (c != NULL) {
		if (p->note != NULL)
			p->note->stream = c->number;
		cl_put_uint(d, &f_stream, c->number);
		cl_put_uint(d, &f_completeness, c->completeness);
	}
	if (c != NULL && !quoted) {
		c->completeness = (uint8_t)completeness(c->completeness, c->packets++ == 0, h->flags, len);
		set_bases(fwd, rev, h);
	}
	if (h->header < MIN_HEADER)
		return;
	put_numbers(p, h, fwd, rev, len);
	cl_put_uint(d, &f_header, h->header);
	cl_cur_skip(&at, 12);
	CL_PUT_HEADER(d, at, flag_rows);
	put_flags_text(d, h->flags);
	put_events(p, quoted ? NULL : c, dir, h->flags);
	cl_cur_skip(&at, 2);
	options = whole;
	cl_cur_skip(&options, MIN_HEADER);
	cl_cur_narrow(&options, h->header - MIN_HEADER);
	if (c != NULL && !quoted) {
		set_scale(fwd, rev, h, options);
		fwd->sacked = cl_tcp_sacked(options);
	}
	put_window(p, at, fwd, h->flags);
	put_checksum(p, whole);
	bool cookie = false;
	if (h->header > MIN_HEADER) {
		struct cl_cur o = options;

		cl_put_bytes(d, &f_options, cl_cur_take(&o, cl_cur_kept(&o)));
		cookie = cl_tcp_put_options(p, options, quoted ? NULL : rev);
	}
	if (c != NULL && !quoted)
		put_fast_open(d, c, h, rev, cookie, len);
	if (c != NULL) {
		cl_put_int(d, &f_relative, cl_since(p->frame->time_ns, c->first_ns));
		cl_put_int(d, &f_delta, cl_since(p->frame->time_ns, c->last_ns));
		c->last_ns = p->frame->time_ns;
		if (!quoted)
			cl_tcp_analyse(p, c, dir, h, len);
	}
	put_payload(p, h->flags);
	put_info(p, h->flags, len);
}
