/* SPDX-License-Identifier: BSD-2-Clause */
/* IP, UDP, TCP, NTP and DNS messages. libnet lays out the headers and computes the checksums. */
#include "forge.h"

#include <arpa/inet.h>
#include <libnet.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t client_mac[6] = { 0x02, 0, 0, 0, 0, 0x0c };
static const uint8_t server_mac[6] = { 0x02, 0, 0, 0, 0, 0x05 };

/* LIBNET_NONE opens no socket: no device and no privilege is needed to build packets. */
static libnet_t *open_libnet(void)
{
	char why[LIBNET_ERRBUF_SIZE];
	libnet_t *l = libnet_init(LIBNET_NONE, NULL, why);

	if (l == NULL)
		fg_die("libnet", why);
	return l;
}

static void must(libnet_t *l, libnet_ptag_t tag)
{
	if (tag == -1)
		fg_die("libnet", libnet_geterror(l));
}

static int is_ip6(const struct fg_flow *w)
{
	return strchr(w->client, ':') != NULL;
}

static void build_ip6(libnet_t *l, const char *from, const char *to, uint8_t proto, uint16_t len)
{
	struct libnet_in6_addr src, dst;

	if (inet_pton(AF_INET6, from, &src) != 1 || inet_pton(AF_INET6, to, &dst) != 1)
		fg_die(from, "bad address");
	must(l, libnet_build_ipv6(0, 0, len, proto, 64, src, dst, NULL, 0, l, 0));
}

static void build_ip4(libnet_t *l, const char *from, const char *to, uint8_t proto, uint16_t len)
{
	uint32_t src, dst;

	if (inet_pton(AF_INET, from, &src) != 1 || inet_pton(AF_INET, to, &dst) != 1)
		fg_die(from, "bad address");
	must(l, libnet_build_ipv4((uint16_t)(20 + len), 0, 1, 0, 64, proto, 0, src, dst, NULL, 0, l, 0));
}

/* UDP, or TCP if `t` is not NULL. */
static void build(struct fg_buf *out, const struct fg_flow *w, enum fg_dir d, const struct fg_tcp *t,
		  const struct fg_buf *payload, int ether)
{
	const int ask = d == FG_ASK, six = is_ip6(w);
	const char *from = ask ? w->client : w->server, *to = ask ? w->server : w->client;
	const uint16_t sport = ask ? w->cport : w->sport, dport = ask ? w->sport : w->cport;
	const uint16_t len = (uint16_t)((t != NULL ? 20 : 8) + payload->len);
	const uint8_t proto = t != NULL ? IPPROTO_TCP : IPPROTO_UDP;
	const uint8_t *octets = payload->len > 0 ? payload->at : NULL;
	libnet_t *l = open_libnet();
	uint8_t *packet = NULL;
	uint32_t n = 0;

	if (t != NULL)
		must(l, libnet_build_tcp(sport, dport, t->seq, t->ack, (uint8_t)t->flags, 65535, 0, 0, len,
					 octets, (uint32_t)payload->len, l, 0));
	else
		must(l, libnet_build_udp(sport, dport, len, 0, payload->at, (uint32_t)payload->len, l, 0));
	if (six)
		build_ip6(l, from, to, proto, len);
	else
		build_ip4(l, from, to, proto, len);
	if (ether)
		must(l, libnet_build_ethernet(ask ? server_mac : client_mac, ask ? client_mac : server_mac,
					      six ? ETHERTYPE_IPV6 : ETHERTYPE_IP, NULL, 0, l, 0));
	must(l, libnet_pblock_coalesce(l, &packet, &n));
	out->len = 0;
	fg_bytes(out, packet, n);
	free(packet);
	libnet_destroy(l);
}

void fg_ip(struct fg_buf *out, const struct fg_flow *w, enum fg_dir d, const struct fg_buf *payload)
{
	build(out, w, d, NULL, payload, 0);
}

void fg_ether(struct fg_buf *out, const struct fg_flow *w, enum fg_dir d, const struct fg_buf *payload)
{
	build(out, w, d, NULL, payload, 1);
}

void fg_send(struct fg_file *f, int64_t t, const struct fg_flow *w, enum fg_dir d,
	     const struct fg_buf *payload)
{
	struct fg_buf frame;

	fg_ether(&frame, w, d, payload);
	fg_write(f, t, &frame);
}

void fg_send_tcp(struct fg_file *f, int64_t t, const struct fg_flow *w, enum fg_dir d,
		 const struct fg_tcp *header, const struct fg_buf *payload)
{
	struct fg_buf frame;

	build(&frame, w, d, header, payload, 1);
	fg_write(f, t, &frame);
}

void fg_ip4_checksum(struct fg_buf *b, size_t pos)
{
	const size_t len = (size_t)(b->at[pos] & 0x0f) * 4;
	uint32_t sum = 0;

	fg_set16(b, pos + 10, 0);
	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)b->at[pos + i] << 8 | b->at[pos + i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	fg_set16(b, pos + 10, ~sum & 0xffff);
}

/* RFC 5905 section 6: seconds since 1900 and a binary fraction. */
static uint64_t stamp(int64_t ms)
{
	const int64_t since1900 = (int64_t)FG_T0 + 2208988800;

	if (ms == 0)
		return 0;
	return (uint64_t)(since1900 + ms / 1000) << 32 | ((uint64_t)(ms % 1000) << 32) / 1000;
}

void fg_ntp(struct fg_buf *b, const struct fg_ntp *n)
{
	b->len = 0;
	fg_u8(b, n->version << 3 | n->mode);
	fg_u8(b, n->stratum);
	fg_u8(b, 6);	/* poll: 64 s */
	fg_u8(b, 0xe9); /* precision: 2^-23 s */
	fg_u32(b, 0);
	fg_u32(b, 0x10);
	fg_u32(b, n->refid);
	fg_u64(b, n->mode == 3 ? 0 : stamp(-5000));
	fg_u64(b, stamp(n->org));
	fg_u64(b, stamp(n->rec));
	fg_u64(b, stamp(n->xmt));
}

void fg_ntp_ask(struct fg_buf *b, int64_t ms)
{
	fg_ntp(b, &(struct fg_ntp){ .version = 4, .mode = 3, .xmt = ms });
}

void fg_ntp_answer(struct fg_buf *b, int64_t asked_ms, int64_t ms)
{
	fg_ntp(b, &(struct fg_ntp){ .version = 4,
				    .mode = 4,
				    .stratum = 1,
				    .refid = 0x47505300 /* GPS */,
				    .org = asked_ms,
				    .rec = ms,
				    .xmt = ms });
}

static void dns_name(struct fg_buf *b, const char *name)
{
	while (*name != '\0') {
		const size_t n = strcspn(name, ".");

		fg_u8(b, (unsigned)n);
		fg_bytes(b, name, n);
		name += n + (name[n] == '.');
	}
	fg_u8(b, 0);
}

void fg_dns(struct fg_buf *b, const struct fg_dns *d)
{
	b->len = 0;
	fg_u16(b, d->id);
	fg_u16(b, d->flags);
	fg_u16(b, d->qname != NULL);
	fg_u16(b, d->addresses);
	fg_u16(b, 0);
	fg_u16(b, d->edns);
	if (d->qname != NULL) {
		dns_name(b, d->qname);
		fg_u16(b, d->qtype);
		fg_u16(b, 1);
	}
	for (unsigned i = 0; i < d->addresses; i++) {
		fg_u16(b, 0xc00c); /* the name of the question */
		fg_u16(b, 1);
		fg_u16(b, 1);
		fg_u32(b, 3600);
		fg_u16(b, 4);
		fg_u32(b, 0xcb007100 + i); /* 203.0.113.0/24 */
	}
	if (!d->edns)
		return;
	fg_u8(b, 0); /* RFC 6891 section 6.1.2 */
	fg_u16(b, 41);
	fg_u16(b, 1232);
	fg_u32(b, d->ext_rcode << 24 | d->opt_flags);
	fg_u16(b, d->options != NULL ? (unsigned)d->options->len : 0);
	if (d->options != NULL)
		fg_bytes(b, d->options->at, d->options->len);
}

void fg_ntp_pair(struct fg_file *f, int64_t ms, int64_t delta_ms, const struct fg_flow *w)
{
	struct fg_buf b;

	fg_ntp_ask(&b, ms + 1);
	fg_send(f, FG_MS(ms), w, FG_ASK, &b);
	fg_ntp_answer(&b, ms + 1, ms + delta_ms);
	fg_send(f, FG_MS(ms + delta_ms), w, FG_ANSWER, &b);
}

void fg_dns_pair(struct fg_file *f, int64_t ms, int64_t delta_ms, const struct fg_flow *w, unsigned id)
{
	struct fg_buf b;

	fg_dns(&b, &(struct fg_dns){ .id = id, .flags = FG_RD, .qname = "www.example", .qtype = 1 });
	fg_send(f, FG_MS(ms), w, FG_ASK, &b);
	fg_dns(&b, &(struct fg_dns){ .id = id,
				     .flags = FG_QR | FG_RD,
				     .qname = "www.example",
				     .qtype = 1,
				     .addresses = 1 });
	fg_send(f, FG_MS(ms + delta_ms), w, FG_ANSWER, &b);
}
