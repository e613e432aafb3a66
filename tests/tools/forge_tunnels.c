/* SPDX-License-Identifier: BSD-2-Clause */
/* An NTP and a DNS exchange in each kind of tunnel, and below link layers that carry others. */
#include "forge.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

enum { PACKETS = 4 };
enum { FOUR = 4, SIX = 6, MIXED = 0 }; /* what a kind can carry: NTP over IPv4 and DNS over IPv6 if both */

/* Of documentation (RFC 7042 sec. 2.1.2). */
static const uint8_t macs[12] = { 0, 0, 0x5e, 0, 0x53, 5, 0, 0, 0x5e, 0, 0x53, 12 };

static unsigned ethertype(const struct fg_buf *ip)
{
	return ip->at[0] >> 4 == 4 ? 0x0800 : 0x86dd;
}

static void prepend(struct fg_buf *b, const struct fg_buf *header)
{
	fg_insert(b, 0, header);
}

static void ethernet(struct fg_buf *b, unsigned type)
{
	struct fg_buf h = { .len = 0 };

	fg_bytes(&h, macs, sizeof(macs));
	fg_u16(&h, type);
	prepend(b, &h);
}

static void outer4(struct fg_buf *b, unsigned proto)
{
	struct fg_buf h = { .len = 0 };

	fg_u16(&h, 0x4500);
	fg_u16(&h, (unsigned)b->len + 20);
	fg_u32(&h, 0x00070000);
	fg_u8(&h, 64);
	fg_u8(&h, proto);
	fg_u16(&h, 0);
	fg_u32(&h, 0xcb007101); /* 203.0.113.1, 203.0.113.2 */
	fg_u32(&h, 0xcb007102);
	fg_ip4_checksum(&h, 0);
	prepend(b, &h);
}

static void outer6(struct fg_buf *b, unsigned next)
{
	struct fg_buf h = { .len = 0 };
	uint8_t address[16];

	fg_u32(&h, 0x60000000);
	fg_u16(&h, (unsigned)b->len);
	fg_u8(&h, next);
	fg_u8(&h, 64);
	inet_pton(AF_INET6, "2001:db8:ff::1", address);
	fg_bytes(&h, address, 16);
	inet_pton(AF_INET6, "2001:db8:ff::2", address);
	fg_bytes(&h, address, 16);
	prepend(b, &h);
}

/* Without checksum, as most of these go. */
static void outer_udp(struct fg_buf *b, unsigned sport, unsigned dport)
{
	struct fg_buf h = { .len = 0 };

	fg_u16(&h, sport);
	fg_u16(&h, dport);
	fg_u16(&h, (unsigned)b->len + 8);
	fg_u16(&h, 0);
	prepend(b, &h);
	outer4(b, 17);
}

static void six_in_four(struct fg_buf *b, unsigned i)
{
	(void)i;
	outer4(b, 41);
}

static void four_in_four(struct fg_buf *b, unsigned i)
{
	(void)i;
	outer4(b, 4);
}

static void four_in_six(struct fg_buf *b, unsigned i)
{
	(void)i;
	outer6(b, 4);
}

static void six_in_six(struct fg_buf *b, unsigned i)
{
	(void)i;
	outer6(b, 41);
}

/* A GRE header of these flags, with the fields they announce. */
static void gre(struct fg_buf *b, unsigned flags, unsigned proto, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	fg_u16(&h, flags);
	fg_u16(&h, proto);
	if ((flags & 0x8000) != 0)
		fg_u32(&h, 0);
	if ((flags & 0x2000) != 0)
		fg_u32(&h, 0x00123401);
	if ((flags & 0x1000) != 0)
		fg_u32(&h, i);
	prepend(b, &h);
	if ((flags & 0x8000) != 0) {
		uint32_t sum = 0;

		for (size_t k = 0; k < b->len; k++)
			sum += k % 2 == 0 ? (uint32_t)b->at[k] << 8 : b->at[k];
		while (sum >> 16 != 0)
			sum = (sum & 0xffff) + (sum >> 16);
		fg_set16(b, 4, ~sum & 0xffff);
	}
	outer4(b, 47);
}

static void gre_plain(struct fg_buf *b, unsigned i)
{
	gre(b, 0, ethertype(b), i);
}

static void gre_full(struct fg_buf *b, unsigned i)
{
	gre(b, 0xb000, ethertype(b), i);
}

static void nvgre(struct fg_buf *b, unsigned i)
{
	ethernet(b, ethertype(b));
	gre(b, 0x2000, 0x6558, i);
}

static void erspan1(struct fg_buf *b, unsigned i)
{
	ethernet(b, ethertype(b));
	gre(b, 0, 0x88be, i);
}

static void erspan2(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	ethernet(b, ethertype(b));
	fg_u16(&h, 0x1064); /* VLAN 100 */
	fg_u16(&h, 0x1801); /* session 1 */
	fg_u32(&h, 5);
	prepend(b, &h);
	gre(b, 0x1000, 0x88be, i);
}

static void erspan3(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	ethernet(b, ethertype(b));
	fg_u16(&h, 0x2064);
	fg_u16(&h, 0x0001);
	fg_u32(&h, 1000 + i);
	fg_u16(&h, 0);
	fg_u16(&h, i % 2 ? 0x8001 : 0x8000); /* with a subheader or without */
	if (i % 2)
		fg_u64(&h, 0x0400000100000000);
	prepend(b, &h);
	gre(b, 0x1000, 0x22eb, i);
}

static void pptp(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	fg_u16(&h, i % 2 ? 0x3081 : 0x3001);
	fg_u16(&h, 0x880b);
	fg_u16(&h, (unsigned)b->len + 4);
	fg_u16(&h, 17); /* call */
	fg_u32(&h, i);
	if (i % 2)
		fg_u32(&h, i);
	fg_u16(&h, 0xff03);
	fg_u16(&h, b->at[0] >> 4 == 4 ? 0x0021 : 0x0057);
	prepend(b, &h);
	outer4(b, 47);
}

/* RFC 4380: answers come with where the question came from, and some with an authentication header. */
static void teredo(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	if (i == 3) {
		fg_u16(&h, 1);
		fg_u16(&h, 0);
		fg_u64(&h, 0x0102030405060708);
		fg_u8(&h, 0);
	}
	if (i % 2) {
		fg_u16(&h, 0);
		fg_u16(&h, 50000 ^ 0xffff);
		fg_u32(&h, 0xcb007101 ^ 0xffffffff);
	}
	prepend(b, &h);
	if (i % 2)
		outer_udp(b, 3544, 50000);
	else
		outer_udp(b, 50000, 3544);
}

static void vxlan(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	ethernet(b, ethertype(b));
	fg_u32(&h, 0x08000000);
	fg_u32(&h, 4242 << 8);
	prepend(b, &h);
	outer_udp(b, 49152 + i, 4789);
}

static void vxlan_gpe(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	fg_u32(&h, 0x0c000000 | (b->at[0] >> 4 == 4 ? 1 : 2));
	fg_u32(&h, 4242 << 8);
	prepend(b, &h);
	outer_udp(b, 49152 + i, 4790);
}

static void geneve(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };
	const unsigned type = ethertype(b);

	if (i % 2) { /* an Ethernet frame, and an option of 8 octets */
		ethernet(b, type);
		fg_u32(&h, 0x03006558);
		fg_u32(&h, 4242 << 8);
		fg_u32(&h, 0x01028002);
		fg_u64(&h, 0x1122334455667788);
	} else {
		fg_u32(&h, type);
		fg_u32(&h, 4242 << 8);
	}
	prepend(b, &h);
	outer_udp(b, 49152 + i, 6081);
}

static void l2tp(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	fg_u16(&h, i % 2 ? 0x4802 : 0x0002);
	if (i % 2)
		fg_u16(&h, (unsigned)b->len + 14);
	fg_u16(&h, 10);
	fg_u16(&h, 11);
	if (i % 2)
		fg_u32(&h, i << 16);
	if (i % 2 == 0)
		fg_u16(&h, 0xff03);
	fg_u16(&h, b->at[0] >> 4 == 4 ? 0x0021 : 0x0057);
	prepend(b, &h);
	outer_udp(b, 1701, 1701);
}

static void mpls(struct fg_buf *b, unsigned labels)
{
	struct fg_buf h = { .len = 0 };

	for (unsigned k = 1; k <= labels; k++)
		fg_u32(&h, (16000 + k) << 12 | (k == labels ? 0x100u : 0) | 60);
	prepend(b, &h);
}

static void mpls_in_udp(struct fg_buf *b, unsigned i)
{
	mpls(b, 1 + i % 2);
	outer_udp(b, 49152 + i, 6635);
}

/* Three deep: IPv6 in IPv4 in GRE. */
static void nested(struct fg_buf *b, unsigned i)
{
	outer4(b, 41);
	gre(b, 0, 0x0800, i);
}

/* Link layers: up to and with the EtherType of the frame. */
static void link_mpls(struct fg_buf *b, unsigned i)
{
	mpls(b, 1 + i % 3);
	ethernet(b, 0x8847);
}

static void link_pseudowire(struct fg_buf *b, unsigned i)
{
	struct fg_buf word = { .len = 0 };

	ethernet(b, ethertype(b));
	fg_u32(&word, i);
	prepend(b, &word);
	mpls(b, 2);
	ethernet(b, 0x8847);
}

static void link_pppoe(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	(void)i;
	fg_u16(&h, 0x1100);
	fg_u16(&h, 0x556a);
	fg_u16(&h, (unsigned)b->len + 2);
	fg_u16(&h, b->at[0] >> 4 == 4 ? 0x0021 : 0x0057);
	prepend(b, &h);
	ethernet(b, 0x8864);
}

static void link_snap(struct fg_buf *b, unsigned i)
{
	struct fg_buf h = { .len = 0 };

	(void)i;
	fg_u16(&h, 0xaaaa);
	fg_u32(&h, 0x03000000);
	fg_u16(&h, ethertype(b));
	prepend(b, &h);
	ethernet(b, (unsigned)b->len);
}

static void link_all(struct fg_buf *b, unsigned i)
{
	struct fg_buf tag = { .len = 0 };

	link_pppoe(b, i);
	fg_u16(&tag, 0x8100);
	fg_u16(&tag, 100 + i % 2);
	fg_insert(b, 12, &tag);
	mpls(b, 1);
	ethernet(b, 0x8847);
}

/* 802.11 with radiotap: time, flags (a check sequence follows), rate, channel, signal. */
static void radiotap(struct fg_buf *b, unsigned i)
{
	static const uint8_t head[] = { 0, 0, 24, 0, 0x2f, 0,  0,    0, 1,    2, 3,    4,
					5, 6, 7,  8, 0x10, 12, 0x6c, 9, 0xa0, 0, 0xba, 0 };
	struct fg_buf h = { .len = 0 }, type = { .len = 0 };
	const int up = i % 2 == 0;

	fg_u16(&type, 0xaaaa);
	fg_u32(&type, 0x03000000);
	fg_u16(&type, ethertype(b));
	prepend(b, &type);
	fg_bytes(&h, head, sizeof(head));
	fg_u16(&h, up ? 0x8801 : 0x0802); /* QoS data to the access point, data from it */
	fg_u16(&h, 0x2c00);
	fg_bytes(&h, macs, 12);
	fg_bytes(&h, macs, 6);
	fg_u16(&h, 0x1000 + (i << 12));
	if (up)
		fg_u16(&h, 0x0600);
	prepend(b, &h);
	fg_u32(b, 0x0312c6a7);
}

struct kind {
	void (*wrap)(struct fg_buf *b, unsigned i); /* around packet i of the exchange */
	unsigned carries;
};

static const struct fg_flow flows[2][2] = { /* NTP, DNS; over IPv4, IPv6 */
					    { { "198.51.100.1", "192.0.2.1", 40000, 123 },
					      { "2001:db8:1::1", "2001:db8::123", 40000, 123 } },
					    { { "198.51.100.2", "192.0.2.53", 50000, 53 },
					      { "2001:db8:2::2", "2001:db8::53", 50000, 53 } }
};

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

/* Every ten seconds a kind: NTP, 0.25 s apart; DNS, 0.125 s apart. */
static void exchange(struct fg_file *f, const struct kind *k, unsigned number, unsigned i, int ether)
{
	static const int64_t ms[PACKETS] = { 0, 250, 1000, 1125 };
	const unsigned six = k->carries == SIX || (k->carries == MIXED && i >= 2);
	struct fg_flow w = flows[i / 2][six];
	struct fg_buf message, frame;

	w.cport = (uint16_t)(w.cport + number);
	payload(&message, i);
	fg_ip(&frame, &w, i % 2 ? FG_ANSWER : FG_ASK, &message);
	k->wrap(&frame, i);
	if (ether)
		ethernet(&frame, ethertype(&frame));
	fg_write(f, FG_S(10 * number) + FG_MS(ms[i]), &frame);
}

static void exchanges(const char *path, enum fg_linktype link, const struct kind *kinds, size_t n, int ether)
{
	struct fg_file *f = fg_create(path, link, FG_NANO, 262144);

	for (unsigned number = 0; number < n; number++)
		for (unsigned i = 0; i < PACKETS; i++)
			exchange(f, &kinds[number], number, i, ether);
	fg_close(f);
}

static void forge_tunnels(const char *path)
{
	static const struct kind kinds[] = {
		{ six_in_four, SIX },	{ four_in_four, FOUR }, { four_in_six, FOUR }, { six_in_six, SIX },
		{ gre_plain, MIXED },	{ gre_full, MIXED },	{ nvgre, MIXED },      { erspan1, MIXED },
		{ erspan2, MIXED },	{ erspan3, MIXED },	{ pptp, MIXED },       { teredo, SIX },
		{ vxlan, MIXED },	{ vxlan_gpe, MIXED },	{ geneve, MIXED },     { l2tp, MIXED },
		{ mpls_in_udp, MIXED }, { nested, SIX },
	};

	exchanges(path, FG_ETHERNET, kinds, sizeof(kinds) / sizeof(kinds[0]), 1);
}

static void forge_carriers(const char *path)
{
	static const struct kind kinds[] = {
		{ link_mpls, MIXED }, { link_pseudowire, MIXED }, { link_pppoe, MIXED },
		{ link_snap, MIXED }, { link_all, MIXED },
	};

	exchanges(path, FG_ETHERNET, kinds, sizeof(kinds) / sizeof(kinds[0]), 0);
}

static void forge_radiotap(const char *path)
{
	static const struct kind kind = { radiotap, MIXED };

	exchanges(path, FG_RADIOTAP, &kind, 1, 0);
}

const struct fg_case fg_tunnel_cases[] = {
	{ "tunnels.pcap", forge_tunnels },
	{ "link-carriers.pcap", forge_carriers },
	{ "link-radiotap.pcap", forge_radiotap },
	{ NULL, NULL },
};
