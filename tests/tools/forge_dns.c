/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS: which answer belongs to which query, and what a query or answer counts as. */
#include "forge.h"

#include <stdio.h>

enum { A = 1, MX = 15, AAAA = 28 };

/* One message. Client k is 198.51.100.k, port 50000 + k; the server is 192.0.2.53. */
struct dns_step {
	int64_t at; /* milliseconds after FG_T0 */
	unsigned client;
	enum fg_dir dir;
	unsigned id;
	const char *qname; /* NULL: no question */
	unsigned qtype;
	unsigned rcode;	  /* all 12 bits; above 15 an OPT record carries the high ones */
	unsigned options; /* OPT_ bits */
};

enum { OPT_PLAIN = 1, OPT_DO = 2, OPT_ECS = 4, OPT_COOKIE = 8, TC = 16 };

static void option(struct fg_buf *b, unsigned code, const void *data, size_t n)
{
	fg_u16(b, code);
	fg_u16(b, (unsigned)n);
	fg_bytes(b, data, n);
}

static void options(struct fg_buf *b, unsigned which)
{
	static const uint8_t subnet[] = { 0, 1, 24, 0, 203, 0, 113 };	       /* RFC 7871 section 6 */
	static const uint8_t cookie[] = { 17, 34, 51, 68, 85, 102, 119, 136 }; /* RFC 7873 section 4 */

	b->len = 0;
	if (which & OPT_ECS)
		option(b, 8, subnet, sizeof(subnet));
	if (which & OPT_COOKIE)
		option(b, 10, cookie, sizeof(cookie));
}

static void send_step(struct fg_file *f, const struct dns_step *s)
{
	struct fg_dns d = { .id = s->id, .flags = FG_RD, .qname = s->qname, .qtype = s->qtype };
	struct fg_buf opt, b;
	char client[32];

	snprintf(client, sizeof(client), "198.51.100.%u", s->client);
	if (s->dir == FG_ANSWER)
		d.flags |= FG_QR | (s->rcode & 15) | (s->options & TC ? FG_TC : 0);
	d.addresses = s->dir == FG_ANSWER && s->rcode == 0 && s->qtype == A;
	d.edns = (s->options & ~(unsigned)TC) != 0 || s->rcode > 15;
	d.ext_rcode = s->rcode >> 4;
	d.opt_flags = s->options & OPT_DO ? FG_DO : 0;
	options(&opt, s->options);
	d.options = &opt;
	fg_dns(&b, &d);
	fg_send(f, FG_MS(s->at), &(struct fg_flow){ client, "192.0.2.53", (uint16_t)(50000 + s->client), 53 },
		s->dir, &b);
}

static void dns_steps(const char *path, const struct dns_step *steps, size_t n)
{
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	for (size_t i = 0; i < n; i++)
		send_step(f, &steps[i]);
	fg_close(f);
}

#define DNS_FORGE(name, steps)                                                                               \
	static void name(const char *path)                                                                   \
	{                                                                                                    \
		dns_steps(path, steps, sizeof(steps) / sizeof((steps)[0]));                                  \
	}

#define ASK    FG_ASK
#define ANSWER FG_ANSWER

static const struct dns_step match[] = {
	{ .at = 0, 1, ASK, 1, "a.example", A },
	{ .at = 10, 1, ANSWER, 1, "b.example", A },    /* other name */
	{ .at = 20, 1, ANSWER, 1, "a.example", AAAA }, /* other type */
	{ .at = 30, 1, ANSWER, 2, "a.example", A },    /* other ID */
	{ .at = 40, 1, ANSWER, 1, "a.example", A },
	{ .at = 1000, 2, ASK, 7, "MiXeD.eXample", A },
	{ .at = 1050, 2, ANSWER, 7, "mixed.EXAMPLE", A },
	{ .at = 2000, 3, ASK, 8, "refused.example", A },
	{ .at = 2060, 3, ANSWER, 8, NULL, 0, 5 }, /* no question: ID and ports decide */
};

static const struct dns_step retransmit[] = {
	{ .at = 0, 1, ASK, 1, "a.example", A },
	{ .at = 1000, 1, ASK, 1, "a.example", A },
	{ .at = 1200, 1, ANSWER, 1, "a.example", A },
	{ .at = 1300, 1, ANSWER, 1, "a.example", A },
};

/* One socket, two questions at once with the same ID: the answers come in the other order. */
static const struct dns_step same_id[] = {
	{ .at = 0, 1, ASK, 9, "a.example", A },
	{ .at = 1, 1, ASK, 9, "a.example", AAAA },
	{ .at = 20, 1, ANSWER, 9, "a.example", AAAA },
	{ .at = 30, 1, ANSWER, 9, "a.example", A },
};

static const struct dns_step late[] = {
	{ .at = 0, 1, ASK, 1, "a.example", A },
	{ .at = 12000, 1, ANSWER, 1, "a.example", A },
	{ .at = 20000, 2, ASK, 2, "a.example", A },
	{ .at = 30000, 2, ANSWER, 2, "a.example", A }, /* exactly the timeout */
};

static const struct dns_step duplicate[] = {
	{ .at = 0, 1, ASK, 1, "a.example", A },
	{ .at = 20, 1, ANSWER, 1, "a.example", A },
	{ .at = 25, 1, ANSWER, 1, "a.example", A },
};

static const struct dns_step backwards[] = {
	{ .at = 950, 1, ANSWER, 1, "a.example", A },
	{ .at = 1000, 1, ASK, 1, "a.example", A },
	{ .at = 30000, 2, ASK, 2, "a.example", A },
	{ .at = 30020, 2, ANSWER, 2, "a.example", A },
};

static const struct dns_step rcodes[] = {
	{ .at = 0, 1, ASK, 1, "a.example", A, 0, OPT_PLAIN },
	{ .at = 10, 1, ANSWER, 1, "a.example", A, 16 }, /* BADVERS */
	{ .at = 1000, 1, ASK, 2, "a.example", A, 0, OPT_COOKIE },
	{ .at = 1010, 1, ANSWER, 2, "a.example", A, 23 }, /* BADCOOKIE: 7 in the header alone would be YXRRSET
							   */
	{ .at = 2000, 1, ASK, 3, "none.example", MX },
	{ .at = 2010, 1, ANSWER, 3, "none.example", MX, 3 },
	{ .at = 3000, 1, ASK, 4, "a.example", A },
	{ .at = 3010, 1, ANSWER, 4, "a.example", A, 0, TC },
};

static const struct dns_step edns[] = {
	{ .at = 0, 1, ASK, 1, "a.example", A },
	{ .at = 10, 1, ANSWER, 1, "a.example", A },
	{ .at = 1000, 1, ASK, 2, "a.example", A, 0, OPT_PLAIN },
	{ .at = 1010, 1, ANSWER, 2, "a.example", A, 0, OPT_PLAIN },
	{ .at = 2000, 1, ASK, 3, "a.example", A, 0, OPT_DO },
	{ .at = 2010, 1, ANSWER, 3, "a.example", A, 0, OPT_DO },
	{ .at = 3000, 1, ASK, 4, "a.example", A, 0, OPT_ECS },
	{ .at = 3010, 1, ANSWER, 4, "a.example", A, 0, OPT_ECS },
	{ .at = 4000, 1, ASK, 5, "a.example", A, 0, OPT_COOKIE },
	{ .at = 4010, 1, ANSWER, 5, "a.example", A, 0, OPT_COOKIE },
	{ .at = 5000, 1, ASK, 6, "a.example", A, 0, OPT_DO | OPT_ECS | OPT_COOKIE },
	{ .at = 5010, 1, ANSWER, 6, "a.example", A, 0, OPT_DO | OPT_ECS | OPT_COOKIE },
};

DNS_FORGE(forge_match, match)
DNS_FORGE(forge_retransmit, retransmit)
DNS_FORGE(forge_same_id, same_id)
DNS_FORGE(forge_late, late)
DNS_FORGE(forge_duplicate, duplicate)
DNS_FORGE(forge_backwards, backwards)
DNS_FORGE(forge_rcodes, rcodes)
DNS_FORGE(forge_edns, edns)

/* Multicast DNS (RFC 6762) and LLMNR (RFC 4795) beside one exchange on port 53. */
static void forge_multicast(const char *path)
{
	static const struct fg_flow mdns4 = { "198.51.100.1", "224.0.0.251", 5353, 5353 };
	static const struct fg_flow mdns6 = { "fe80::1", "ff02::fb", 5353, 5353 };
	static const struct fg_flow llmnr = { "198.51.100.2", "224.0.0.252", 55000, 5355 };
	static const struct fg_flow direct = { "198.51.100.2", "198.51.100.3", 55000, 5355 };
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);
	struct fg_buf b;

	fg_dns(&b, &(struct fg_dns){ .qname = "printer.local", .qtype = A });
	fg_send(f, FG_MS(0), &mdns4, FG_ASK, &b);
	fg_send(f, FG_MS(1), &mdns6, FG_ASK, &b);
	fg_dns(&b, &(struct fg_dns){
			   .flags = FG_QR | 0x0400, .qname = "printer.local", .qtype = A, .addresses = 1 });
	fg_send(f, FG_MS(10), &mdns4, FG_ASK, &b);
	fg_dns(&b, &(struct fg_dns){ .id = 5, .qname = "host", .qtype = A });
	fg_send(f, FG_MS(20), &llmnr, FG_ASK, &b);
	fg_dns(&b, &(struct fg_dns){ .id = 5, .flags = FG_QR, .qname = "host", .qtype = A, .addresses = 1 });
	fg_send(f, FG_MS(30), &direct, FG_ANSWER, &b);
	fg_dns_pair(f, 100, 40, &(struct fg_flow){ "198.51.100.4", "192.0.2.53", 50004, 53 }, 6);
	fg_close(f);
}

static void forge_short(const char *path)
{
	const struct fg_flow w = { "198.51.100.1", "192.0.2.53", 50001, 53 };
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);
	struct fg_buf b;

	fg_dns_pair(f, 0, 20, &w, 1);
	fg_dns(&b, &(struct fg_dns){ .id = 2, .flags = FG_RD });
	b.len = 11;
	fg_send(f, FG_MS(1000), &w, FG_ASK, &b);
	fg_close(f);
}

const struct fg_case fg_dns_cases[] = {
	{ "dns-match.pcap", forge_match },
	{ "dns-retransmit.pcap", forge_retransmit },
	{ "dns-same-id.pcap", forge_same_id },
	{ "dns-late.pcap", forge_late },
	{ "dns-duplicate.pcap", forge_duplicate },
	{ "dns-backwards.pcap", forge_backwards },
	{ "dns-rcodes.pcap", forge_rcodes },
	{ "dns-edns.pcap", forge_edns },
	{ "dns-multicast.pcap", forge_multicast },
	{ "dns-short.pcap", forge_short },
	{ NULL, NULL },
};
