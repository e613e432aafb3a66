/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams cut into fragments, fed to a dissector. */
#ifndef CL_TESTS_FRAG_RIG_H
#define CL_TESTS_FRAG_RIG_H

#include "dissect/packet.h"
#include "tests/unit/vectors.h"

#define SECOND 1000000000ll
#define PORT   53u

/* A datagram to be sent in pieces: a UDP header and a DNS query of `n` octets in all. */
struct datagram {
	uint8_t octets[66000];
	uint32_t n, id;
	unsigned version;
	uint8_t next; /* 17; other values for what is not UDP */
	uint16_t vlan;
};

static inline void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

/* The checksum is 0 over IPv4, and right over IPv6 (RFC 8200 sec. 8.1; addresses as in `wrap`). */
static inline uint32_t sum_words(uint32_t sum, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum = (sum + (i % 2 == 0 ? 256u : 1u) * at[i]) % 65535u;
	return sum;
}

static const uint8_t addresses6[32] = { 0x20, 1, 0xd, 0xb8, [15] = 1, 0x20, 1, 0xd, 0xb8, [31] = 2 };
static const uint8_t addresses4[8] = { 192, 0, 2, 1, 198, 51, 100, 1 };

static inline void set_checksum(struct datagram *d)
{
	uint32_t sum = sum_words(0, d->version == 4 ? addresses4 : addresses6, d->version == 4 ? 8 : 32);

	put16(d->octets + 6, 0);
	sum = sum_words(sum + 17 + d->n, d->octets, d->n);
	put16(d->octets + 6, 65535u - sum);
}

static inline struct datagram *make(unsigned version, uint32_t n)
{
	static struct datagram d;
	uint64_t seed = n;

	for (uint32_t i = 0; i < n; i++)
		d.octets[i] = (uint8_t)next_random(&seed);
	d.n = n;
	d.id = 0x1234;
	d.version = version;
	d.next = 17;
	d.vlan = 0;
	put16(d.octets, 40000);
	put16(d.octets + 2, PORT);
	put16(d.octets + 4, n);
	memset(d.octets + 8, 0, 12);
	put16(d.octets + 8, 0xbeef); /* DNS: a query without a question */
	set_checksum(&d);
	return &d;
}

/* Octets of the datagram in a frame. */
struct piece {
	uint32_t from, to;
	bool more;
	uint8_t change; /* turned in the first octet */
};

static inline size_t link_header(uint8_t *out, const struct datagram *d)
{
	size_t n = 0;

	if (d->vlan == 0)
		return 0;
	memset(out, 2, 12);
	n = 12;
	put16(out + n, 0x8100);
	put16(out + n + 2, d->vlan);
	put16(out + n + 4, d->version == 4 ? 0x0800 : 0x86dd);
	return n + 6;
}

static inline size_t wrap(uint8_t *out, const struct datagram *d, const struct piece *s)
{
	size_t at = link_header(out, d), n = s->to - s->from;
	uint8_t *ip = out + at;

	memset(ip, 0, 48);
	if (d->version == 4) {
		ip[0] = 0x45;
		put16(ip + 2, (uint32_t)n + 20);
		put16(ip + 4, d->id);
		put16(ip + 6, (s->more ? 0x2000u : 0) | s->from / 8);
		ip[8] = 64;
		ip[9] = d->next;
		memcpy(ip + 12, addresses4, 8);
		at += 20;
	} else {
		ip[0] = 0x60;
		put16(ip + 4, (uint32_t)n + 8);
		ip[6] = 44;
		ip[7] = 64;
		memcpy(ip + 8, addresses6, 32);
		ip[40] = d->next;
		put16(ip + 42, s->from | (s->more ? 1u : 0));
		put16(ip + 46, d->id);
		at += 48;
	}
	memcpy(out + at, d->octets + s->from, n);
	if (n > 0)
		out[at] = (uint8_t)(out[at] ^ s->change);
	return at + n;
}

static inline void feed_frame(struct rig *r, const struct datagram *d, const uint8_t *frame, size_t cap,
			      size_t n, int64_t time_ns, uint16_t flags)
{
	struct cl_frame f = { .time_ns = time_ns, .number = ++r->frames, .flags = flags };
	uint8_t *exact = malloc(cap > 0 ? cap : 1);

	assert_non_null(exact);
	memcpy(exact, frame, cap);
	f.data = exact;
	f.cap_len = (uint32_t)cap;
	f.wire_len = (uint32_t)n;
	f.linktype = d->vlan != 0 ? CL_LINKTYPE_ETHERNET : CL_LINKTYPE_RAW;
	cl_dissector_feed(r->d, &f, 1);
	free(exact);
	assert_ledger(r);
}

static inline void send_at(struct rig *r, const struct datagram *d, struct piece s, int64_t time_ns,
			   uint16_t flags)
{
	static uint8_t frame[70000];
	size_t n = wrap(frame, d, &s);

	feed_frame(r, d, frame, n, n, time_ns, flags);
}

static inline void send(struct rig *r, const struct datagram *d, struct piece s)
{
	send_at(r, d, s, (int64_t)(r->frames + 1) * 1000, 0);
}

static inline void open_rig(struct rig *r)
{
	rig_open(r, NULL, 0);
	r->waits = true;
}

static inline uint64_t fate(const struct rig *r, enum cl_fate f)
{
	return cl_dissector_ledger(r->d)->fate[f];
}

static inline uint64_t fact(const struct rig *r, enum cl_fact f)
{
	return cl_dissector_ledger(r->d)->fact[f];
}

static inline uint64_t anomaly(const struct rig *r, enum cl_anomaly a)
{
	return cl_dissector_ledger(r->d)->anomaly[a];
}

static inline void assert_facts(const struct rig *r, uint64_t packets, uint64_t datagrams, uint64_t whole,
				uint64_t incomplete)
{
	assert_int_equal(fact(r, CL_FACT_FRAGMENT_PACKETS), packets);
	assert_int_equal(fact(r, CL_FACT_FRAGMENT_DATAGRAMS), datagrams);
	assert_int_equal(fact(r, CL_FACT_FRAGMENT_REASSEMBLED), whole);
	assert_int_equal(fact(r, CL_FACT_FRAGMENT_INCOMPLETE), incomplete);
}

#endif
