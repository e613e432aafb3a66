/* SPDX-License-Identifier: BSD-2-Clause */
/* The same two exchanges under every link layer: NTP over IPv4 and DNS over IPv6. */
#include "forge.h"

#include <stddef.h>

/* Writes the link header of packet `i`; `proto` is the EtherType of what follows. */
typedef void header_fn(struct fg_buf *b, unsigned i, unsigned proto);

enum { PACKETS = 4 };

static const struct fg_flow ntp4 = { "198.51.100.1", "192.0.2.1", 40001, 123 };
static const struct fg_flow ntp6 = { "2001:db8:1::1", "2001:db8::123", 40001, 123 };
static const struct fg_flow dns4 = { "198.51.100.2", "192.0.2.53", 50001, 53 };
static const struct fg_flow dns6 = { "2001:db8:2::2", "2001:db8::53", 50001, 53 };

/* Packets 0 and 1: NTP, 0.25 s apart; 2 and 3: DNS, 0.125 s apart. */
static void payload(struct fg_buf *b, unsigned i)
{
	if (i == 0)
		fg_ntp_ask(b, 1);
	else if (i == 1)
		fg_ntp_answer(b, 1, 250);
	else
		fg_dns(b, &(struct fg_dns){ .id = 1,
					    .flags = i == 2 ? FG_RD : FG_QR | FG_RD,
					    .qname = "www.example",
					    .qtype = 1,
					    .addresses = i == 3 });
}

static int64_t when(unsigned i)
{
	static const int64_t ms[PACKETS] = { 0, 250, 1000, 1125 };

	return FG_MS(ms[i]);
}

static void put(struct fg_file *f, int64_t t, const struct fg_flow *const flows[2], unsigned i,
		header_fn *header)
{
	const unsigned proto = flows[i / 2]->client[4] == ':' ? 0x86dd : 0x0800;
	struct fg_buf message, ip, frame = { .len = 0 };

	payload(&message, i);
	fg_ip(&ip, flows[i / 2], i % 2 ? FG_ANSWER : FG_ASK, &message);
	if (header != NULL)
		header(&frame, i, proto);
	fg_bytes(&frame, ip.at, ip.len);
	fg_write(f, t, &frame);
}

static void exchanges(const char *path, enum fg_linktype link, unsigned flags, const struct fg_flow *first,
		      const struct fg_flow *second, header_fn *header)
{
	const struct fg_flow *const flows[2] = { first, second };
	struct fg_file *f = fg_create(path, link, FG_NANO | flags, 262144);

	for (unsigned i = 0; i < PACKETS; i++)
		put(f, when(i), flows, i, header);
	fg_close(f);
}

static void macs(struct fg_buf *b)
{
	static const uint8_t both[12] = { 2, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 12 };

	fg_bytes(b, both, sizeof(both));
}

static void ethernet(struct fg_buf *b, unsigned i, unsigned proto)
{
	(void)i;
	macs(b);
	fg_u16(b, proto);
}

/* Tag stacks; the request of an exchange and its answer carry different VLANs. */
static const struct {
	unsigned n, tpid[4], vid[4];
} stacks[] = {
	{ 1, { 0x8100 }, { 100 } },
	{ 1, { 0x8100 }, { 0xe000 } }, /* priority 7, VLAN 0 */
	{ 2, { 0x88a8, 0x8100 }, { 200, 100 } },
	{ 2, { 0x8100, 0x8100 }, { 200, 100 } },
	{ 3, { 0x88a8, 0x8100, 0x8100 }, { 300, 200, 100 } },
	{ 1, { 0x9100 }, { 100 } },
	{ 2, { 0x9100, 0x8100 }, { 200, 100 } },
	{ 4, { 0x88a8, 0x88a8, 0x8100, 0x8100 }, { 400, 300, 200, 100 } },
};

enum { STACKS = sizeof(stacks) / sizeof(stacks[0]) };

static void tagged(struct fg_buf *b, unsigned i, unsigned proto)
{
	const unsigned s = i / PACKETS;

	macs(b);
	for (unsigned k = 0; k < stacks[s].n; k++) {
		fg_u16(b, stacks[s].tpid[k]);
		fg_u16(b, stacks[s].vid[k] + i % 2);
	}
	fg_u16(b, proto);
}

static void tagged_exchange(struct fg_file *f, unsigned s)
{
	const struct fg_flow ntp = { ntp4.client, ntp4.server, (uint16_t)(ntp4.cport + s), 123 };
	const struct fg_flow dns = { dns6.client, dns6.server, (uint16_t)(dns6.cport + s), 53 };
	struct fg_buf message, ip, frame;

	for (unsigned i = 0; i < PACKETS; i++) {
		frame.len = 0;
		payload(&message, i);
		fg_ip(&ip, i < 2 ? &ntp : &dns, i % 2 ? FG_ANSWER : FG_ASK, &message);
		tagged(&frame, s * PACKETS + i, i < 2 ? 0x0800 : 0x86dd);
		fg_bytes(&frame, ip.at, ip.len);
		fg_write(f, FG_S(10 * s) + when(i), &frame);
	}
}

static void forge_vlan(const char *path)
{
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	for (unsigned s = 0; s < STACKS; s++)
		tagged_exchange(f, s);
	fg_close(f);
}

/* Linux cooked, version 1: packet type, ARPHRD_ETHER, address length and 8 octets, protocol. */
static void sll(struct fg_buf *b, unsigned i, unsigned proto)
{
	static const uint8_t mac[8] = { 2, 0, 0, 0, 0, 12, 0, 0 };

	fg_u16(b, i % 2 ? 4 : 0);
	fg_u16(b, 1);
	fg_u16(b, 6);
	fg_bytes(b, mac, sizeof(mac));
	fg_u16(b, proto);
}

/* Version 2: protocol, reserved, interface index, ARPHRD, packet type, address. */
static void sll2(struct fg_buf *b, unsigned i, unsigned proto)
{
	static const uint8_t mac[8] = { 2, 0, 0, 0, 0, 12, 0, 0 };

	fg_u16(b, proto);
	fg_u16(b, 0);
	fg_u32(b, 3);
	fg_u16(b, 1);
	fg_u8(b, i % 2 ? 4 : 0);
	fg_u8(b, 6);
	fg_bytes(b, mac, sizeof(mac));
}

/* Cooked frames keep the VLAN tag behind the protocol field. */
static void sll_vlan(struct fg_buf *b, unsigned i, unsigned proto)
{
	sll(b, i, 0x8100);
	fg_u16(b, 100);
	fg_u16(b, proto);
}

/* The address family in the byte order of the host; AF_INET6 differs by system: 24, 28, 30. */
static unsigned family(unsigned i, unsigned proto)
{
	if (proto == 0x0800)
		return 2;
	return i == 2 ? 24 : 30;
}

static void null_little(struct fg_buf *b, unsigned i, unsigned proto)
{
	fg_u32(b, family(i, proto) << 24);
}

static void null_big(struct fg_buf *b, unsigned i, unsigned proto)
{
	fg_u32(b, i == 3 ? 28 : family(i, proto));
}

/* LINKTYPE_PPP: with address and control octets, and without. */
static void ppp(struct fg_buf *b, unsigned i, unsigned proto)
{
	if (i % 2 == 0)
		fg_u16(b, 0xff03);
	fg_u16(b, proto == 0x0800 ? 0x0021 : 0x0057);
}

static void ppp_hdlc(struct fg_buf *b, unsigned i, unsigned proto)
{
	(void)i;
	fg_u16(b, 0xff03);
	fg_u16(b, proto == 0x0800 ? 0x0021 : 0x0057);
}

static void forge_ethernet(const char *path)
{
	exchanges(path, FG_ETHERNET, 0, &ntp4, &dns6, ethernet);
}

static void forge_big_endian(const char *path)
{
	exchanges(path, FG_ETHERNET, FG_BIG, &ntp4, &dns6, ethernet);
}

static void forge_sll(const char *path)
{
	exchanges(path, FG_SLL, 0, &ntp4, &dns6, sll);
}

static void forge_sll_vlan(const char *path)
{
	exchanges(path, FG_SLL, 0, &ntp4, &dns6, sll_vlan);
}

static void forge_sll2(const char *path)
{
	exchanges(path, FG_SLL2, 0, &ntp4, &dns6, sll2);
}

static void forge_raw(const char *path)
{
	exchanges(path, FG_RAW, 0, &ntp4, &dns6, NULL);
}

static void forge_ipv4(const char *path)
{
	exchanges(path, FG_IPV4, 0, &ntp4, &dns4, NULL);
}

static void forge_ipv6(const char *path)
{
	exchanges(path, FG_IPV6, 0, &ntp6, &dns6, NULL);
}

static void forge_null_little(const char *path)
{
	exchanges(path, FG_NULL, 0, &ntp4, &dns6, null_little);
}

static void forge_null_big(const char *path)
{
	exchanges(path, FG_NULL, FG_BIG, &ntp4, &dns6, null_big);
}

static void forge_loop(const char *path)
{
	exchanges(path, FG_LOOP, 0, &ntp4, &dns6, null_big); /* always in network order */
}

static void forge_ppp(const char *path)
{
	exchanges(path, FG_PPP, 0, &ntp4, &dns6, ppp);
}

static void forge_ppp_hdlc(const char *path)
{
	exchanges(path, FG_PPP_HDLC, 0, &ntp4, &dns6, ppp_hdlc);
}

static void forge_unknown(const char *path)
{
	exchanges(path, FG_USER0, 0, &ntp4, &dns6, ethernet);
}

const struct fg_case fg_link_cases[] = {
	{ "link-ethernet.pcap", forge_ethernet }, { "link-ethernet-be.pcap", forge_big_endian },
	{ "link-vlan.pcap", forge_vlan },	  { "link-sll.pcap", forge_sll },
	{ "link-sll-vlan.pcap", forge_sll_vlan }, { "link-sll2.pcap", forge_sll2 },
	{ "link-raw.pcap", forge_raw },		  { "link-ipv4.pcap", forge_ipv4 },
	{ "link-ipv6.pcap", forge_ipv6 },	  { "link-null-le.pcap", forge_null_little },
	{ "link-null-be.pcap", forge_null_big },  { "link-loop.pcap", forge_loop },
	{ "link-ppp.pcap", forge_ppp },		  { "link-ppp-hdlc.pcap", forge_ppp_hdlc },
	{ "link-unknown.pcap", forge_unknown },	  { NULL, NULL },
};
