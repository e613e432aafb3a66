/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP and ICMPv6 errors about NTP and DNS: each type, from the client and from a router, whole and cut. */
#include "forge.h"

#include <string.h>

static const struct fg_flow ntp4 = { "198.51.100.1", "192.0.2.1", 40001, 123 };
static const struct fg_flow ntp6 = { "2001:db8:1::1", "2001:db8::123", 40001, 123 };
static const struct fg_flow dns4 = { "198.51.100.2", "192.0.2.53", 50001, 53 };
static const struct fg_flow dns6 = { "2001:db8:2::2", "2001:db8::53", 50001, 53 };
static const struct fg_flow web4 = { "198.51.100.2", "192.0.2.80", 50001, 80 };

/* Who sends an error to the server; ports do not matter. */
static const struct fg_flow router4 = { "203.0.113.9", "192.0.2.1", 1, 1 };
static const struct fg_flow router6 = { "2001:db8:99::9", "2001:db8::123", 1, 1 };
static const struct fg_flow endpoints4 = { "203.0.113.1", "203.0.113.2", 1, 1 };

/* The Internet checksum of octets that follow a sum (RFC 1071). */
static unsigned checksum(const uint8_t *at, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)at[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* An IP packet of the client to the server of `w` that carries `body` as protocol `proto`. */
static void carry(struct fg_buf *out, const struct fg_flow *w, unsigned proto, const struct fg_buf *body)
{
	const struct fg_buf nothing = { .len = 0 };
	struct fg_buf whole;

	fg_ip(&whole, w, FG_ASK, &nothing);
	const int v4 = whole.at[0] >> 4 == 4;
	out->len = 0;
	fg_bytes(out, whole.at, v4 ? 20 : 40);
	fg_bytes(out, body->at, body->len);
	if (v4) {
		fg_set16(out, 2, (unsigned)out->len);
		out->at[9] = (uint8_t)proto;
		fg_ip4_checksum(out, 0);
	} else {
		fg_set16(out, 4, (unsigned)body->len);
		out->at[6] = (uint8_t)proto;
	}
}

struct error {
	unsigned type, code;
	uint32_t rest;
	size_t quoted;	   /* octets of the quote; 0: all */
	unsigned extended; /* octets that the quote is padded to (RFC 4884), with an extension behind */
};

static void error_packet(struct fg_buf *out, const struct fg_flow *from, const struct error *e,
			 const struct fg_buf *quote)
{
	struct fg_buf body = { .len = 0 };
	size_t n = e->quoted && e->quoted < quote->len ? e->quoted : quote->len;

	fg_u8(&body, e->type);
	fg_u8(&body, e->code);
	fg_u16(&body, 0);
	fg_u32(&body, e->rest);
	fg_bytes(&body, quote->at, n);
	if (e->extended) { /* an MPLS stack (RFC 4950): label 100, bottom, time to live 1 */
		fg_zeros(&body, e->extended - n);
		size_t at = body.len;
		fg_u16(&body, 0x2000);
		fg_u16(&body, 0);
		fg_u16(&body, 8);
		fg_u16(&body, 0x0101);
		fg_u32(&body, 100 << 12 | 1 << 8 | 1);
		fg_set16(&body, at + 2, checksum(body.at + at, body.len - at, 0));
	}
	const int v4 = quote->at[0] >> 4 == 4;
	carry(out, from, v4 ? 1 : 58, &body);
	const size_t head = v4 ? 20 : 40;
	uint32_t pseudo = 0;
	if (!v4) {
		pseudo = 58 + (uint32_t)body.len;
		for (size_t i = 8; i < 40; i += 2)
			pseudo += (uint32_t)out->at[i] << 8 | out->at[i + 1];
	}
	fg_set16(out, head + 2, checksum(out->at + head, out->len - head, pseudo));
}

static void ntp_packet(struct fg_buf *out, const struct fg_flow *w, enum fg_dir d, int64_t ms)
{
	struct fg_buf b;

	if (d == FG_ASK)
		fg_ntp_ask(&b, ms);
	else
		fg_ntp_answer(&b, ms, ms + 1);
	fg_ip(out, w, d, &b);
}

static void dns_packet(struct fg_buf *out, const struct fg_flow *w, enum fg_dir d, unsigned id)
{
	struct fg_buf b;

	fg_dns(&b, &(struct fg_dns){ .id = id,
				     .flags = FG_RD | (d == FG_ANSWER ? FG_QR : 0),
				     .qname = "www.example.org",
				     .qtype = 1,
				     .addresses = d == FG_ANSWER });
	fg_ip(out, w, d, &b);
}

/* Each type that is an error, about an NTP response, from the client; the exchange before it. */
static void forge_types(const char *path)
{
	static const struct error errors4[] = {
		{ 3, 0, 0, 0, 0 },	    { 3, 1, 0, 0, 0 },	{ 3, 3, 0, 0, 0 },
		{ 3, 4, 1280, 0, 0 },	    { 3, 13, 0, 0, 0 }, { 4, 0, 0, 0, 0 },
		{ 5, 1, 0xc00002fe, 0, 0 }, { 11, 0, 0, 0, 0 }, { 11, 1, 0, 0, 0 },
		{ 12, 0, 20u << 24, 0, 0 },
	};
	static const struct error errors6[] = {
		{ 1, 0, 0, 0, 0 },    { 1, 1, 0, 0, 0 }, { 1, 3, 0, 0, 0 }, { 1, 4, 0, 0, 0 },
		{ 2, 0, 1280, 0, 0 }, { 3, 0, 0, 0, 0 }, { 3, 1, 0, 0, 0 }, { 4, 1, 40, 0, 0 },
	};
	struct fg_file *f = fg_create(path, FG_RAW, 0, 262144);
	struct fg_buf quote, b;
	int64_t ms = 1000;

	for (size_t i = 0; i < sizeof(errors4) / sizeof(*errors4); i++, ms += 1000) {
		ntp_packet(&b, &ntp4, FG_ASK, ms);
		fg_write(f, FG_MS(ms), &b);
		ntp_packet(&quote, &ntp4, FG_ANSWER, ms);
		fg_write(f, FG_MS(ms + 1), &quote);
		error_packet(&b, &ntp4, &errors4[i], &quote);
		fg_write(f, FG_MS(ms + 2), &b);
	}
	for (size_t i = 0; i < sizeof(errors6) / sizeof(*errors6); i++, ms += 1000) {
		ntp_packet(&b, &ntp6, FG_ASK, ms);
		fg_write(f, FG_MS(ms), &b);
		ntp_packet(&quote, &ntp6, FG_ANSWER, ms);
		fg_write(f, FG_MS(ms + 1), &quote);
		error_packet(&b, &ntp6, &errors6[i], &quote);
		fg_write(f, FG_MS(ms + 2), &b);
	}
	fg_close(f);
}

/* What is quoted: see icmp-quotes.md. */
static void forge_quotes(const char *path)
{
	static const struct error port4 = { 3, 3, 0, 0, 0 }, least4 = { 3, 3, 0, 28, 0 },
				  less4 = { 3, 3, 0, 24, 0 }, ttl4 = { 11, 0, 32u << 16, 0, 128 },
				  port6 = { 1, 4, 0, 0, 0 }, ttl6 = { 3, 0, 16u << 24, 0, 128 };
	struct fg_file *f = fg_create(path, FG_RAW, 0, 262144);
	struct fg_buf quote, b, inner;
	int64_t ms = 0;

#define WRITE(packet) fg_write(f, FG_MS(ms += 1000), packet)
	ntp_packet(&quote, &ntp4, FG_ANSWER, 1);
	error_packet(&b, &ntp4, &least4, &quote); /* 1: header and eight octets */
	WRITE(&b);
	error_packet(&b, &ntp4, &less4, &quote); /* 2: not the ports' length and checksum: nothing to count */
	WRITE(&b);
	error_packet(&b, &router4, &ttl4, &quote); /* 3: a router, with an extension */
	WRITE(&b);
	ntp_packet(&quote, &ntp6, FG_ANSWER, 1);
	error_packet(&b, &router6, &ttl6, &quote); /* 4 */
	WRITE(&b);
	dns_packet(&quote, &dns4, FG_ANSWER, 7);
	error_packet(&b, &dns4, &port4, &quote); /* 5 */
	WRITE(&b);
	dns_packet(&quote, &dns6, FG_ANSWER, 7);
	error_packet(&b, &dns6, &port6, &quote); /* 6 */
	WRITE(&b);
	dns_packet(&quote, &dns4, FG_ASK, 8);
	error_packet(&b, &router4, &port4, &quote); /* 7: about a query */
	WRITE(&b);
	dns_packet(&quote, &web4, FG_ANSWER, 8); /* 8: of another service */
	error_packet(&b, &router4, &port4, &quote);
	WRITE(&b);
	dns_packet(&inner, &dns6, FG_ANSWER, 9); /* 9: about a tunnel's packet with a DNS response in it */
	carry(&quote, &endpoints4, 41, &inner);
	error_packet(&b, &router4, &port4, &quote);
	WRITE(&b);
	error_packet(&inner, &dns6, &port6, &inner); /* 10: itself in a tunnel, unlike what it quotes */
	carry(&b, &endpoints4, 41, &inner);
	WRITE(&b);
	error_packet(&quote, &dns4, &port4, &quote); /* 11: about an error */
	error_packet(&b, &router4, &port4, &quote);
	WRITE(&b);
	ntp_packet(&quote, &ntp4, FG_ANSWER, 1);
	error_packet(&b, &ntp4, &port4,
		     &quote); /* 12, 13: cut by the snap length before and behind the ports */
	fg_write_lengths(f, FG_MS(ms += 1000), &b, 50, (uint32_t)b.len);
	fg_write_lengths(f, FG_MS(ms += 1000), &b, 60, (uint32_t)b.len);
#undef WRITE
	fg_close(f);
}

const struct fg_case fg_icmp_cases[] = {
	{ "icmp-types.pcap", forge_types },
	{ "icmp-quotes.pcap", forge_quotes },
	{ NULL, NULL },
};
