/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragments of IPv4 (RFC 791) and IPv6 (RFC 8200 sec. 4.5): one DNS exchange for each way in which its answer
 * is cut. */
#include "forge.h"

#include <stdbool.h>
#include <string.h>

enum { ETH = 14 };

static const struct fg_flow dns4 = { "198.51.100.2", "192.0.2.53", 50001, 53 };
static const struct fg_flow dns6 = { "2001:db8:2::2", "2001:db8::53", 50001, 53 };

/* What one file is made with. */
struct cut {
	struct fg_file *f;
	const struct fg_flow *w;
	bool v6;
	struct fg_buf whole; /* the answer's frame */
	unsigned id, vlan, next, spoil;
	int64_t ms;
};

static size_t header(const struct cut *c)
{
	return ETH + (c->v6 ? 40 : 20);
}

static unsigned length(const struct cut *c)
{
	return (unsigned)(c->whole.len - header(c));
}

/* Asks, and makes the answer ready. */
static void ask(struct cut *c, unsigned id)
{
	struct fg_dns d = { .id = id, .flags = FG_RD, .qname = "cut.example", .qtype = 1 };
	struct fg_buf b;

	c->id = id;
	c->ms = 1000 * (int64_t)id;
	c->vlan = c->spoil = 0;
	fg_dns(&b, &d);
	fg_send(c->f, FG_MS(c->ms), c->w, FG_ASK, &b);
	d.flags |= FG_QR;
	d.addresses = 20;
	fg_dns(&b, &d);
	fg_ether(&c->whole, c->w, FG_ANSWER, &b);
	c->next = c->v6 ? c->whole.at[ETH + 6] : 0;
}

/* Sends the octets [from, to) of what the IP header carries; what lies behind its end is zero. */
static void piece(struct cut *c, unsigned from, unsigned to, bool more)
{
	struct fg_buf b = { .len = 0 }, tag = { .len = 0 };
	unsigned n = to - from;

	fg_bytes(&b, c->whole.at, header(c));
	if (c->v6) {
		fg_set16(&b, ETH + 4, n + 8);
		b.at[ETH + 6] = 44;
		fg_u8(&b, c->next);
		fg_u8(&b, 0);
		fg_u16(&b, from | (more ? 1 : 0));
		fg_u32(&b, c->id);
	} else {
		fg_set16(&b, ETH + 2, n + 20);
		fg_set16(&b, ETH + 4, c->id);
		fg_set16(&b, ETH + 6, from / 8 | (more ? 0x2000u : 0));
		fg_ip4_checksum(&b, ETH);
	}
	if (to <= length(c))
		fg_bytes(&b, c->whole.at + header(c) + from, n);
	else
		fg_zeros(&b, n);
	b.at[b.len - 1] = (uint8_t)(b.at[b.len - 1] ^ c->spoil);
	if (c->vlan != 0) {
		fg_u16(&tag, 0x8100);
		fg_u16(&tag, c->vlan);
		fg_insert(&b, 12, &tag);
	}
	c->ms += 10;
	fg_write(c->f, FG_MS(c->ms), &b);
}

static void in_every_order(struct cut *c)
{
	ask(c, 1);
	piece(c, 0, 160, true);
	piece(c, 160, length(c), false);
	ask(c, 2);
	piece(c, 160, length(c), false);
	piece(c, 0, 160, true);
	ask(c, 3); /* and one of them twice */
	piece(c, 80, 160, true);
	piece(c, 0, 80, true);
	piece(c, 80, 160, true);
	piece(c, 160, length(c), false);
}

static void bad_ones(struct cut *c)
{
	ask(c, 5); /* the last never comes */
	piece(c, 0, 160, true);
	ask(c, 6); /* not the last, and no multiple of 8: it alone is refused */
	piece(c, 0, 159, true);
	piece(c, 0, 160, true);
	piece(c, 160, length(c), false);
	ask(c, 7); /* fragments of two networks */
	c->vlan = 10;
	piece(c, 0, 160, true);
	c->vlan = 20;
	piece(c, 160, length(c), false);
	ask(c, 8); /* teardrop: the last one ends within the first */
	piece(c, 0, 160, true);
	piece(c, 80, 104, false);
	piece(c, 160, length(c), false);
	ask(c, 9); /* ping of death: over 65,535 octets */
	piece(c, 0, 160, true);
	piece(c, 65528, 65552, false);
	piece(c, 160, length(c), false);
	ask(c, 10); /* one octet is another datagram's: the checksum is wrong */
	piece(c, 0, 160, true);
	c->spoil = 1;
	piece(c, 160, length(c), false);
}

static void too_late(struct cut *c)
{
	ask(c, 20);
	piece(c, 0, 160, true);
	c->ms += 60001;
	piece(c, 160, length(c), false);
}

static void overlap(struct cut *c)
{
	ask(c, 4);
	piece(c, 0, 160, true);
	piece(c, 80, 240, true);
	piece(c, 240, length(c), false);
}

static void forge_frag4(const char *path)
{
	struct cut c = {
		fg_create(path, FG_ETHERNET, FG_NANO, 262144), &dns4, false, { .len = 0 }, 0, 0, 0, 0, 0
	};

	in_every_order(&c);
	overlap(&c);
	bad_ones(&c);
	too_late(&c);
	fg_close(c.f);
}

static void forge_frag6(const char *path)
{
	struct cut c = {
		fg_create(path, FG_ETHERNET, FG_NANO, 262144), &dns6, true, { .len = 0 }, 0, 0, 0, 0, 0
	};

	in_every_order(&c);
	overlap(&c);
	bad_ones(&c);
	ask(&c, 11); /* atomic, and another with its identification waits */
	piece(&c, 160, length(&c), false);
	piece(&c, 0, length(&c), false);
	ask(&c, 12); /* options that go on in the second fragment (RFC 7112) */
	c.next = 60;
	c.whole.at[header(&c)] = 17;
	c.whole.at[header(&c) + 1] = 1;
	piece(&c, 0, 8, true);
	too_late(&c);
	fg_close(c.f);
}

const struct fg_case fg_frag_cases[] = {
	{ "frag4.pcap", forge_frag4 },
	{ "frag6.pcap", forge_frag6 },
	{ NULL, NULL },
};
