/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 and IPv6 headers: options, extension headers, padding, lengths that lie, checksums, cuts. */
#include "forge.h"

#include <string.h>

enum { ETH = 14, IP4 = ETH + 20, IP6 = ETH + 40 }; /* where the network and the UDP header begin */

static const struct fg_flow ntp4 = { "198.51.100.1", "192.0.2.1", 40001, 123 };
static const struct fg_flow ntp6 = { "2001:db8:1::1", "2001:db8::123", 40001, 123 };
static const struct fg_flow dns4 = { "198.51.100.2", "192.0.2.53", 50001, 53 };
static const struct fg_flow dns6 = { "2001:db8:2::2", "2001:db8::53", 50001, 53 };

static struct fg_file *create(const char *path)
{
	return fg_create(path, FG_ETHERNET, FG_NANO, 262144);
}

static void ntp_frame(struct fg_buf *frame, const struct fg_flow *w, enum fg_dir d, int64_t asked, int64_t ms)
{
	struct fg_buf b;

	if (d == FG_ASK)
		fg_ntp_ask(&b, asked);
	else
		fg_ntp_answer(&b, asked, ms);
	fg_ether(frame, w, d, &b);
}

/* IPv4 options. -------------------------------------------------------------------------- */

static void add_options(struct fg_buf *frame, const uint8_t *opt, size_t n)
{
	struct fg_buf o = { .len = 0 };

	fg_bytes(&o, opt, n);
	fg_insert(frame, IP4, &o);
	frame->at[ETH] = (uint8_t)(0x40 | (5 + n / 4));
	fg_set16(frame, ETH + 2, (unsigned)(frame->len - ETH));
	fg_ip4_checksum(frame, ETH);
}

static void forge_options(const char *path)
{
	static const uint8_t router_alert[4] = { 148, 4, 0, 0 };
	static const uint8_t stamps[12] = { 68, 12, 5, 0 };
	static const uint8_t route[40] = { 7, 39, 4 };
	static const uint8_t nops[8] = { 1, 1, 1, 1, 1, 1, 1, 0 };
	static const struct {
		const uint8_t *opt;
		size_t n;
	} rows[] = { { router_alert, 4 }, { nops, 8 }, { stamps, 12 }, { route, 40 } };
	struct fg_file *f = create(path);
	struct fg_buf frame;

	for (unsigned i = 0; i < 4; i++) {
		const int64_t ms = 1000 * (int64_t)i;

		ntp_frame(&frame, &ntp4, FG_ASK, ms + 1, 0);
		add_options(&frame, rows[i].opt, rows[i].n);
		fg_write(f, FG_MS(ms), &frame);
		ntp_frame(&frame, &ntp4, FG_ANSWER, ms + 1, ms + 5);
		if (i % 2)
			add_options(&frame, rows[i].opt, rows[i].n);
		fg_write(f, FG_MS(ms + 10), &frame);
	}
	fg_close(f);
}

/* IPv6 extension headers (RFC 8200 section 4). ------------------------------------------- */

enum { HOP = 0, ROUTING = 43, AH = 51, DESTINATION = 60, MOBILITY = 135, HIP = 139, SHIM6 = 140, UDP = 17 };

/* One header of `units` times 8 octets, 12 + 4 * units for AH, followed by `next`. */
static void one_header(struct fg_buf *b, unsigned type, unsigned next, unsigned units)
{
	fg_u8(b, next);
	if (type == AH) { /* RFC 4302 section 2: length in 4-octet words less 2 */
		fg_u8(b, 3 + units - 2);
		fg_u16(b, 0);
		fg_u32(b, 0x100);
		fg_u32(b, 1);
		fg_fill(b, (size_t)units * 4, 3);
		return;
	}
	fg_u8(b, units - 1);
	if (type == HOP || type == DESTINATION) { /* PadN over the whole */
		fg_u8(b, 1);
		fg_u8(b, units * 8 - 4);
		fg_zeros(b, (size_t)units * 8 - 4);
	} else if (type == ROUTING) { /* type 4, no segment left */
		fg_u8(b, 4);
		fg_zeros(b, (size_t)units * 8 - 3);
	} else {
		fg_zeros(b, (size_t)units * 8 - 2);
	}
}

static void add_headers(struct fg_buf *frame, const unsigned *types, size_t n, unsigned units)
{
	struct fg_buf chain = { .len = 0 };

	for (size_t i = 0; i < n; i++)
		one_header(&chain, types[i], i + 1 < n ? types[i + 1] : UDP, units);
	fg_insert(frame, IP6, &chain);
	frame->at[ETH + 6] = (uint8_t)types[0];
	fg_set16(frame, ETH + 4, (unsigned)(frame->len - IP6));
}

struct chain {
	unsigned n, types[5], units;
};

static void extended(const char *path, const struct chain *chains, unsigned n)
{
	struct fg_file *f = create(path);
	struct fg_buf frame;

	for (unsigned i = 0; i < n; i++) {
		const int64_t ms = 1000 * (int64_t)i;

		ntp_frame(&frame, &ntp6, FG_ASK, ms + 1, 0);
		add_headers(&frame, chains[i].types, chains[i].n, chains[i].units);
		fg_write(f, FG_MS(ms), &frame);
		ntp_frame(&frame, &ntp6, FG_ANSWER, ms + 1, ms + 5);
		if (i % 2)
			add_headers(&frame, chains[i].types, chains[i].n, chains[i].units);
		fg_write(f, FG_MS(ms + 10), &frame);
	}
	fg_close(f);
}

static void forge_extensions(const char *path)
{
	static const struct chain chains[] = {
		{ 1, { HOP }, 1 },
		{ 1, { DESTINATION }, 2 },
		{ 1, { ROUTING }, 3 },
		{ 1, { AH }, 3 },
		{ 2, { HOP, DESTINATION }, 1 },
		{ 5, { HOP, DESTINATION, ROUTING, AH, DESTINATION }, 5 },
	};

	extended(path, chains, sizeof(chains) / sizeof(chains[0]));
}

static void forge_rare_extensions(const char *path)
{
	static const struct chain chains[] = {
		{ 1, { MOBILITY }, 1 },
		{ 1, { HIP }, 5 },
		{ 1, { SHIM6 }, 1 },
		{ 3, { HOP, MOBILITY, SHIM6 }, 2 },
	};

	extended(path, chains, sizeof(chains) / sizeof(chains[0]));
}

/* Octets behind the IP packet. ----------------------------------------------------------- */

static void forge_padding(const char *path)
{
	struct fg_file *f = create(path);
	struct fg_buf frame, b;

	fg_dns(&b, &(struct fg_dns){ .id = 1, .flags = FG_RD, .qname = "", .qtype = 2 });
	fg_ether(&frame, &dns4, FG_ASK, &b); /* 59 octets */
	fg_zeros(&frame, 60 - frame.len);
	fg_write(f, FG_MS(0), &frame);
	fg_dns(&b, &(struct fg_dns){ .id = 1, .flags = FG_QR | FG_RD | 5 });
	fg_ether(&frame, &dns4, FG_ANSWER, &b); /* 54 octets: a header alone */
	fg_fill(&frame, 60 - frame.len, 1);
	fg_write(f, FG_MS(10), &frame);
	ntp_frame(&frame, &ntp4, FG_ASK, 1001, 0);
	fg_fill(&frame, 20, 2); /* as long as a MAC */
	fg_write(f, FG_MS(1000), &frame);
	ntp_frame(&frame, &ntp4, FG_ANSWER, 1001, 1005);
	fg_fill(&frame, 4, 3); /* a frame check sequence */
	fg_write(f, FG_MS(1010), &frame);
	fg_ntp_ask(&b, 2001);
	b.len = 47; /* one too short, and the octet behind must not mend it */
	fg_ether(&frame, &ntp4, FG_ASK, &b);
	fg_zeros(&frame, 1);
	fg_write(f, FG_MS(2000), &frame);
	ntp_frame(&frame, &ntp6, FG_ASK, 3001, 0);
	fg_fill(&frame, 24, 4);
	fg_write(f, FG_MS(3000), &frame);
	ntp_frame(&frame, &ntp6, FG_ANSWER, 3001, 3005);
	fg_write(f, FG_MS(3010), &frame);
	fg_close(f);
}

/* Lengths that lie. ---------------------------------------------------------------------- */

/* Sets one 16-bit field of a request and writes it; IPv4 header checksums stay right. */
static void lie(struct fg_file *f, unsigned second, const struct fg_flow *w, size_t pos, unsigned value)
{
	struct fg_buf frame;

	ntp_frame(&frame, w, FG_ASK, second * 1000 + 1, 0);
	fg_set16(&frame, pos, value);
	if (w == &ntp4 && (frame.at[ETH] & 0x0f) >= 5)
		fg_ip4_checksum(&frame, ETH);
	fg_write(f, FG_S(second), &frame);
}

/* A request of 90 octets with this total length, cut to `cap`. */
static void lie_cut(struct fg_file *f, unsigned second, unsigned total, uint32_t cap)
{
	struct fg_buf frame;

	ntp_frame(&frame, &ntp4, FG_ASK, second * 1000 + 1, 0);
	fg_set16(&frame, ETH + 2, total);
	fg_ip4_checksum(&frame, ETH);
	fg_write_lengths(f, FG_S(second), &frame, cap, (uint32_t)frame.len);
}

/* A header of 60 octets in a packet of 59. */
static void lie_header(struct fg_file *f, unsigned second)
{
	struct fg_buf frame;

	ntp_frame(&frame, &ntp4, FG_ASK, second * 1000 + 1, 0);
	frame.at[ETH] = 0x4f;
	fg_set16(&frame, ETH + 2, 59);
	fg_ip4_checksum(&frame, ETH);
	fg_write(f, FG_S(second), &frame);
}

static void forge_lengths(const char *path)
{
	struct fg_file *f = create(path);

	fg_ntp_pair(f, 0, 10, &ntp4);
	lie(f, 1, &ntp4, ETH + 2, 77); /* total length: one more than is there */
	lie(f, 2, &ntp4, ETH + 2, 65535);
	lie(f, 3, &ntp4, ETH + 2, 19); /* less than a header */
	lie(f, 4, &ntp4, ETH, 0x4400); /* header of 4 words */
	lie(f, 5, &ntp4, ETH + 2, 27); /* cuts the UDP header */
	lie(f, 6, &ntp6, ETH + 4, 57); /* payload length: one more than is there */
	lie(f, 7, &ntp6, ETH + 4, 7);  /* cuts the UDP header */
	lie(f, 8, &ntp4, IP4 + 4, 7);  /* UDP length: less than a header */
	lie(f, 9, &ntp4, IP4 + 4, 57); /* more than the IP payload */
	lie(f, 10, &ntp6, IP6 + 4, 57);
	lie(f, 11, &ntp4, IP4 + 4, 55); /* leaves 47 octets of NTP */
	lie_cut(f, 12, 76, 60);		/* sound, and cut: truncated */
	lie_cut(f, 13, 77, 60);		/* cut, and longer than it was on the wire: malformed */
	lie_header(f, 14);
	fg_close(f);
}

/* The IP payload goes on behind the UDP datagram: not ours to read, not a MAC. */
static void forge_udp_rest(const char *path)
{
	struct fg_file *f = create(path);
	struct fg_buf frame;

	ntp_frame(&frame, &ntp4, FG_ASK, 1, 0);
	fg_fill(&frame, 20, 1);
	fg_set16(&frame, ETH + 2, (unsigned)(frame.len - ETH));
	fg_ip4_checksum(&frame, ETH);
	fg_write(f, FG_MS(0), &frame);
	ntp_frame(&frame, &ntp4, FG_ANSWER, 1, 5);
	fg_write(f, FG_MS(10), &frame);
	fg_close(f);
}

static void checksum_pair(struct fg_file *f, unsigned second, const struct fg_flow *w, int how)
{
	const size_t pos = (strchr(w->client, ':') != NULL ? IP6 : IP4) + 6;
	const int64_t ms = (int64_t)second * 1000;
	struct fg_buf frame;

	ntp_frame(&frame, w, FG_ASK, ms + 1, 0);
	if (how == 1)
		fg_set16(&frame, pos, (unsigned)((frame.at[pos] << 8 | frame.at[pos + 1]) ^ 0x5555));
	else if (how == 2)
		fg_set16(&frame, pos, 0);
	fg_write(f, FG_MS(ms), &frame);
	ntp_frame(&frame, w, FG_ANSWER, ms + 1, ms + 5);
	fg_write(f, FG_MS(ms + 10), &frame);
}

static void forge_checksum(const char *path)
{
	struct fg_file *f = create(path);

	for (int how = 0; how < 3; how++) { /* right, wrong, zero */
		checksum_pair(f, (unsigned)how * 2, &ntp4, how);
		checksum_pair(f, (unsigned)how * 2 + 1, &ntp6, how);
	}
	fg_close(f);
}

static void cut(const char *path, uint32_t snaplen)
{
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, snaplen);

	fg_ntp_pair(f, 0, 10, &ntp4);
	fg_ntp_pair(f, 1000, 10, &ntp6);
	if (snaplen < 90) /* cut before the question: one octet of it left would be an open matter */
		fg_dns_pair(f, 2000, 10, &dns6, 1);
	fg_close(f);
}

static void forge_snap20(const char *path)
{
	cut(path, 20);
}

static void forge_snap60(const char *path)
{
	cut(path, 60);
}

/* 90 octets keep NTP over IPv4 whole and cut it over IPv6. */
static void forge_snap90(const char *path)
{
	cut(path, 90);
}

const struct fg_case fg_ip_cases[] = {
	{ "ip4-options.pcap", forge_options },
	{ "ip6-extensions.pcap", forge_extensions },
	{ "ip6-extensions-rare.pcap", forge_rare_extensions },
	{ "ip4-padding.pcap", forge_padding },
	{ "ip-lengths-lie.pcap", forge_lengths },
	{ "ip-udp-rest.pcap", forge_udp_rest },
	{ "udp-checksum.pcap", forge_checksum },
	{ "snaplen-20.pcap", forge_snap20 },
	{ "snaplen-60.pcap", forge_snap60 },
	{ "snaplen-90.pcap", forge_snap90 },
	{ NULL, NULL },
};
