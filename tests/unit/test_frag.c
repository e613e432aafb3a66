/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragments of IPv4 (RFC 791) and IPv6 (RFC 8200 sec. 4.5), forged here octet by octet. */
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

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

/* The checksum is 0 over IPv4, and right over IPv6 (RFC 8200 sec. 8.1; addresses as in `wrap`). */
static uint32_t sum_words(uint32_t sum, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum = (sum + (i % 2 == 0 ? 256u : 1u) * at[i]) % 65535u;
	return sum;
}

static const uint8_t addresses6[32] = { 0x20, 1, 0xd, 0xb8, [15] = 1, 0x20, 1, 0xd, 0xb8, [31] = 2 };
static const uint8_t addresses4[8] = { 192, 0, 2, 1, 198, 51, 100, 1 };

static void set_checksum(struct datagram *d)
{
	uint32_t sum = sum_words(0, d->version == 4 ? addresses4 : addresses6, d->version == 4 ? 8 : 32);

	put16(d->octets + 6, 0);
	sum = sum_words(sum + 17 + d->n, d->octets, d->n);
	put16(d->octets + 6, 65535u - sum);
}

static struct datagram *make(unsigned version, uint32_t n)
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

static size_t link_header(uint8_t *out, const struct datagram *d)
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

static size_t wrap(uint8_t *out, const struct datagram *d, const struct piece *s)
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

static void feed_frame(struct rig *r, const struct datagram *d, const uint8_t *frame, size_t cap, size_t n,
		       int64_t time_ns, uint16_t flags)
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

static void send_at(struct rig *r, const struct datagram *d, struct piece s, int64_t time_ns, uint16_t flags)
{
	static uint8_t frame[70000];
	size_t n = wrap(frame, d, &s);

	feed_frame(r, d, frame, n, n, time_ns, flags);
}

static void send(struct rig *r, const struct datagram *d, struct piece s)
{
	send_at(r, d, s, (int64_t)(r->frames + 1) * 1000, 0);
}

static void open_rig(struct rig *r)
{
	rig_open(r, NULL, 0);
	r->waits = true;
}

static uint64_t fate(const struct rig *r, enum cl_fate f)
{
	return cl_dissector_ledger(r->d)->fate[f];
}

static uint64_t fact(const struct rig *r, enum cl_fact f)
{
	return cl_dissector_ledger(r->d)->fact[f];
}

static uint64_t anomaly(const struct rig *r, enum cl_anomaly a)
{
	return cl_dissector_ledger(r->d)->anomaly[a];
}

static void assert_facts(const struct rig *r, uint64_t packets, uint64_t datagrams, uint64_t whole,
			 uint64_t incomplete)
{
	assert_int_equal(fact(r, CL_FACT_FRAGMENT_PACKETS), packets);
	assert_int_equal(fact(r, CL_FACT_FRAGMENT_DATAGRAMS), datagrams);
	assert_int_equal(fact(r, CL_FACT_FRAGMENT_REASSEMBLED), whole);
	assert_int_equal(fact(r, CL_FACT_FRAGMENT_INCOMPLETE), incomplete);
}

/* The k-th order of n things (factorial number system). */
static void nth_order(unsigned k, unsigned n, unsigned *out)
{
	unsigned left[8];

	for (unsigned i = 0; i < n; i++)
		left[i] = i;
	for (unsigned i = 0; i < n; i++) {
		unsigned f = 1;

		for (unsigned j = 2; j < n - i; j++)
			f *= j;
		unsigned at = k / f % (n - i);
		out[i] = left[at];
		memmove(left + at, left + at + 1, (n - i - at - 1) * sizeof(*left));
	}
}

static void every_order_gives_the_message(void **state)
{
	static const struct piece pieces[5] = { { 0, 16, true, 0 },
						{ 16, 24, true, 0 },
						{ 24, 64, true, 0 },
						{ 64, 72, true, 0 },
						{ 72, 75, false, 0 } };

	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (unsigned k = 0; k < 120; k++) {
			const struct datagram *d = make(version, 75);
			unsigned order[5];
			struct rig r;

			open_rig(&r);
			nth_order(k, 5, order);
			for (unsigned i = 0; i < 5; i++) {
				assert_int_equal(r.events, 0);
				send(&r, d, pieces[order[i]]);
			}
			assert_int_equal(r.events, 1);
			assert_int_equal(r.last.u.dns.id, 0xbeef);
			assert_int_equal(r.last.time_ns, 5000);
			assert_int_equal(r.last.u.dns.first_ns, 1000);
			assert_int_equal(r.last.frame_no, 5);
			assert_int_equal(r.last.wire_len, 75 + 5 * (version == 4 ? 20 : 48));
			assert_int_equal(fate(&r, CL_FATE_COUNTED), 5);
			assert_facts(&r, 5, 1, 1, 0);
			rig_finish(&r);
			rig_close(&r);
		}
}

static void shuffle(struct piece *s, size_t n, uint64_t *seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = next_random(seed) % i;
		struct piece t = s[i - 1];

		s[i - 1] = s[j];
		s[j] = t;
	}
}

/* Cuts it at random, every piece twice: in any order one message, and all frames are its. */
static void shuffled_with_duplicates(void **state)
{
	uint64_t seed = 11;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		static struct piece s[400];
		size_t n = 0;
		const struct datagram *d =
			make(round % 2 == 0 ? 4 : 6, (uint32_t)(20 + next_random(&seed) % 3000));
		struct rig r;

		for (uint32_t from = 0; from < d->n;) {
			uint32_t to = from + 8 * (1 + (uint32_t)(next_random(&seed) % 40));

			if (to > d->n)
				to = d->n;
			s[n] = s[n + 1] = (struct piece){ from, to, to < d->n, 0 };
			n += 2;
			from = to;
		}
		if (n == 2)
			continue; /* no fragments */
		shuffle(s, n, &seed);
		open_rig(&r);
		for (size_t i = 0; i < n; i++)
			send(&r, d, s[i]);
		assert_int_equal(r.events, 1);
		assert_int_equal(fate(&r, CL_FATE_COUNTED), n);
		assert_facts(&r, n, 1, 1, 0);
		rig_finish(&r);
		rig_close(&r);
	}
}

/* The largest datagram in the smallest pieces, backwards and at random. */
static void thousands_of_pieces(void **state)
{
	static struct piece s[8200];
	uint64_t seed = 12;

	(void)state;
	for (unsigned way = 0; way < 3; way++) {
		const struct datagram *d = make(6, 65527);
		size_t n = 0;
		struct rig r;

		for (uint32_t from = 0; from < d->n; from += 8, n++)
			s[n] = (struct piece){ from, from + 8 < d->n ? from + 8 : d->n, from + 8 < d->n, 0 };
		if (way == 1)
			shuffle(s, n, &seed);
		open_rig(&r);
		for (size_t i = 0; i < n; i++)
			send(&r, d, s[way == 2 ? n - 1 - i : i]);
		assert_int_equal(r.events, 1);
		assert_int_equal(fate(&r, CL_FATE_COUNTED), n);
		rig_close(&r);
	}
}

/* What becomes of fragments by RFC 791, RFC 5722 and RFC 8200: octet by octet, with no table of pieces. */
struct model {
	bool there[128];
	uint8_t octets[128];
	uint32_t total;
	bool refused, whole;
	struct piece seen[32];
	size_t n;
};

static bool model_duplicate(const struct model *m, const struct piece *s)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->seen[i].from == s->from && m->seen[i].to == s->to && m->seen[i].change == s->change)
			return true;
	return false;
}

static void model_take(struct model *m, const struct datagram *d, const struct piece *s)
{
	uint32_t end = 0, count = 0;
	bool over = false;

	for (uint32_t i = 0; i < sizeof(m->there); i++) {
		end = m->there[i] ? i + 1 : end;
		over = over || (m->there[i] && i >= s->from && i < s->to);
	}
	if (m->total != 0 ? s->to > m->total || (!s->more && s->to != m->total) : !s->more && s->to < end)
		m->refused = true;
	if (d->version == 6 && over && !model_duplicate(m, s))
		m->refused = true;
	if (m->refused)
		return;
	m->total = s->more ? m->total : s->to;
	m->seen[m->n++] = *s;
	for (uint32_t i = s->from; i < s->to; i++) {
		if (!m->there[i])
			m->octets[i] = (uint8_t)(d->octets[i] ^ (i == s->from ? s->change : 0));
		m->there[i] = true;
	}
	for (uint32_t i = 0; i < m->total; i++)
		count += m->there[i];
	m->whole = m->total != 0 && count == m->total;
}

static void random_ones_as_the_model_says(void **state)
{
	uint64_t seed = 13;
	unsigned whole = 0, refused = 0;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct datagram *d = make(round % 2 == 0 ? 4 : 6, 64);
		struct model m = { .total = 0 };
		struct rig r;

		if (d->version == 4)
			put16(d->octets + 6, 0);
		open_rig(&r);
		for (unsigned i = 0; i < 14 && !m.refused && !m.whole; i++) {
			uint32_t from = 8 * (uint32_t)(next_random(&seed) % 8);
			uint32_t to = from + 8 * (1 + (uint32_t)(next_random(&seed) % 4));
			bool odd = next_random(&seed) % 40 == 0;
			struct piece s = { from, to > 64 ? 64 : to, to < 64, 0 };

			if (odd)
				s.more = !s.more;
			if (s.from == 0 && !s.more)
				continue; /* the datagram itself */
			if (next_random(&seed) % 30 == 0 && s.from >= 24)
				s.change = 1;
			if (m.n > 0 && next_random(&seed) % 4 == 0)
				s = m.seen[next_random(&seed) % m.n];
			model_take(&m, d, &s);
			send(&r, d, s);
			assert_int_equal(fact(&r, CL_FACT_FRAGMENT_REASSEMBLED), m.whole);
			assert_int_equal(fate(&r, CL_FATE_MALFORMED) > 0 && r.events == 0,
					 m.refused || (m.whole && fate(&r, CL_FATE_COUNTED) == 0));
		}
		whole += m.whole;
		refused += m.refused;
		rig_finish(&r);
		rig_close(&r);
	}
	assert_true(whole > 1000 && refused > 1000);
}

static void ipv6_overlaps_are_refused(void **state)
{
	const struct datagram *d = make(6, 64);
	struct rig r;

	(void)state;
	open_rig(&r);
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	send(&r, d, (struct piece){ 24, 48, true, 0 });
	assert_int_equal(fate(&r, CL_FATE_MALFORMED), 2);
	assert_int_equal(anomaly(&r, CL_ANOM_FRAG_OVERLAP), 1);
	send(&r, d, (struct piece){ 32, 64, false, 0 }); /* RFC 5722 sec. 4: those to come as well */
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	assert_int_equal(fate(&r, CL_FATE_MALFORMED), 4);
	assert_int_equal(r.events, 0);
	send_at(&r, d, (struct piece){ 0, 32, true, 0 }, 61 * SECOND, 0); /* forgotten */
	send_at(&r, d, (struct piece){ 32, 64, false, 0 }, 61 * SECOND, 0);
	assert_int_equal(r.events, 1);
	assert_facts(&r, 6, 2, 1, 1);
	rig_finish(&r);
	rig_close(&r);
}

/* The identifier of the DNS message is what two fragments say differently. */
static void ipv4_overlaps_first_or_last_wins(void **state)
{
	(void)state;
	for (int last = 0; last < 2; last++) {
		struct cl_limits limits = { .hash_seed = 7, .frag_last_wins = last != 0 };
		struct datagram *d = make(4, 64);
		struct rig r;

		memset(&r, 0, sizeof(r));
		r.waits = true;
		r.d = cl_dissector_new(&limits, rig_take, &r);
		put16(d->octets + 6, 0);
		send(&r, d, (struct piece){ 0, 16, true, 0 });
		send(&r, d, (struct piece){ 8, 24, true, 0x10 });
		send(&r, d, (struct piece){ 24, 64, false, 0 });
		assert_int_equal(r.events, 1);
		assert_int_equal(r.last.u.dns.id, last ? 0xaeef : 0xbeef);
		assert_int_equal(anomaly(&r, CL_ANOM_FRAG_CONFLICT), 1);
		assert_int_equal(fate(&r, CL_FATE_COUNTED), 3);
		rig_close(&r);
	}
}

/* One fragment that is wrong in itself is refused alone; the datagram comes whole without it. */
static void one_bad_fragment_alone(void **state)
{
	static const struct {
		struct piece bad;
		enum cl_anomaly why;
	} rows[] = {
		{ { 24, 24, true, 0 }, CL_ANOM_FRAG_EMPTY },
		{ { 64, 64, false, 0 }, CL_ANOM_FRAG_EMPTY },
		{ { 0, 31, true, 0 }, CL_ANOM_FRAG_BAD_LENGTH },
		{ { 0, 20, true, 0 }, CL_ANOM_FRAG_BAD_LENGTH },
		{ { 8, 11, true, 0 }, CL_ANOM_FRAG_BAD_LENGTH },
		{ { 65528, 65528 + 24, false, 0 }, CL_ANOM_FRAG_TOO_LONG },
		{ { 65520, 65536, true, 0 }, CL_ANOM_FRAG_TOO_LONG },
	};

	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (size_t i = 0; i < COUNT(rows); i++) {
			const struct datagram *d = make(version, 64);
			struct rig r;

			open_rig(&r);
			send(&r, d, (struct piece){ 0, 32, true, 0 });
			send(&r, d, rows[i].bad);
			assert_int_equal(anomaly(&r, rows[i].why), 1);
			assert_int_equal(fate(&r, CL_FATE_MALFORMED), 1);
			send(&r, d, (struct piece){ 32, 64, false, 0 });
			assert_int_equal(r.events, 1);
			assert_int_equal(fate(&r, CL_FATE_COUNTED), 2);
			assert_facts(&r, 3, 1, 1, 0);
			rig_finish(&r);
			rig_close(&r);
		}
}

/* 65,535 octets of payload fit beside no header of IPv4, and 65,527 behind a fragment header. */
static void the_longest_datagram(void **state)
{
	(void)state;
	for (unsigned over = 0; over < 2; over++) {
		const struct datagram *d = make(4, 65515 + over);
		struct rig r;

		open_rig(&r);
		send(&r, d, (struct piece){ 0, 65512, true, 0 });
		send(&r, d, (struct piece){ 65512, 65515 + over, false, 0 });
		assert_int_equal(r.events, 1 - over);
		assert_int_equal(anomaly(&r, CL_ANOM_FRAG_TOO_LONG), over);
		rig_finish(&r);
		rig_close(&r);
	}
}

static void two_ends_are_refused(void **state)
{
	static const struct piece rows[][2] = {
		{ { 32, 64, false, 0 }, { 40, 56, false, 0 } }, /* two last ones */
		{ { 32, 64, false, 0 }, { 64, 72, true, 0 } },	/* behind the last */
		{ { 40, 56, true, 0 }, { 32, 48, false, 0 } },	/* the last before another */
		{ { 32, 61, false, 0 }, { 56, 64, true, 0 } },	/* an octet or more over the end */
	};

	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (size_t i = 0; i < COUNT(rows); i++) {
			const struct datagram *d = make(version, 80);
			struct rig r;

			open_rig(&r);
			send(&r, d, rows[i][0]);
			send(&r, d, rows[i][1]);
			assert_int_equal(anomaly(&r, CL_ANOM_FRAG_TWO_ENDS), 1);
			assert_int_equal(fate(&r, CL_FATE_MALFORMED), 2);
			send(&r, d, (struct piece){ 0, 32, true, 0 });
			assert_int_equal(fate(&r, CL_FATE_MALFORMED), 3);
			assert_int_equal(r.events, 0);
			rig_finish(&r);
			assert_facts(&r, 3, 1, 0, 1);
			rig_close(&r);
		}
}

static void what_never_comes_whole_is_incomplete(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		const struct datagram *d = make(version, 64);
		struct rig r;

		open_rig(&r);
		send(&r, d, (struct piece){ 24, 64, false, 0 }); /* the first is missing */
		send(&r, d, (struct piece){ 8, 16, true, 0 });
		assert_facts(&r, 2, 1, 0, 0);
		rig_finish(&r);
		assert_int_equal(fate(&r, CL_FATE_INCOMPLETE), 2);
		assert_facts(&r, 2, 1, 0, 1);
		rig_close(&r);
	}
}

/* RFC 8200 sec. 4.5: 60 s from the first arrival on, by the packets' own time. */
static void time_out(void **state)
{
	static const struct {
		int64_t second, third;
		size_t events;
	} rows[] = {
		{ 30, 60, 1 },	 { 30, 61, 0 }, { 61, 62, 0 }, { -59, -59, 1 }, /* out of order */
		{ -61, -61, 0 },						/* the clock stepped back */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct datagram *d = make(6, 64);
		struct rig r;

		open_rig(&r);
		send_at(&r, d, (struct piece){ 0, 16, true, 0 }, 100 * SECOND, 0);
		send_at(&r, d, (struct piece){ 16, 32, true, 0 }, (100 + rows[i].second) * SECOND, 0);
		send_at(&r, d, (struct piece){ 32, 64, false, 0 }, (100 + rows[i].third) * SECOND, 0);
		assert_int_equal(r.events, rows[i].events);
		rig_finish(&r);
		assert_int_equal(fate(&r, CL_FATE_INCOMPLETE), rows[i].events ? 0 : 3);
		rig_close(&r);
	}
}

/* A late duplicate begins nothing; other octets under the same identification do. */
static void after_the_end(void **state)
{
	struct datagram *d = make(4, 64);
	struct rig r;

	(void)state;
	open_rig(&r);
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	assert_int_equal(r.events, 1);
	assert_int_equal(fate(&r, CL_FATE_COUNTED), 3);
	put16(d->octets + 8, 0xcafe);
	set_checksum(d);
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	assert_int_equal(r.events, 2);
	assert_int_equal(r.last.u.dns.id, 0xcafe);
	assert_facts(&r, 5, 2, 2, 0);
	rig_finish(&r);
	rig_close(&r);
}

/* RFC 6946: an atomic fragment has nothing to do with others of its identification. */
static void atomic_ones_stand_alone(void **state)
{
	const struct datagram *d = make(6, 64);
	struct rig r;

	(void)state;
	open_rig(&r);
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	send(&r, d, (struct piece){ 0, 64, false, 0 });
	assert_int_equal(r.events, 1);
	assert_int_equal(fate(&r, CL_FATE_COUNTED), 1);
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	assert_int_equal(r.events, 2);
	assert_int_equal(fate(&r, CL_FATE_COUNTED), 3);
	rig_close(&r);
}

/* RFC 4963, RFC 7739: fragments of two datagrams; only a checksum tells. */
static void a_wrong_checksum_spoils_it(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (int detail = 0; detail < 2; detail++) {
			const struct datagram *d = make(version, 64);
			struct rig r;

			if (detail)
				rig_open_detail(&r);
			else
				rig_open(&r, NULL, 0);
			r.waits = true;
			send(&r, d, (struct piece){ 0, 32, true, 0 });
			send(&r, d, (struct piece){ 32, 64, false, 1 });
			assert_int_equal(r.events, 0);
			assert_int_equal(fate(&r, CL_FATE_MALFORMED), 2);
			assert_int_equal(anomaly(&r, CL_ANOM_FRAG_BAD_CHECKSUM), 1);
			assert_facts(&r, 2, 1, 1, 0);
			if (detail)
				assert_shows(&r, "udp.checksum.status=0");
			rig_finish(&r);
			rig_close(&r);
		}
}

static void keys_hold_what_they_must(void **state)
{
	struct datagram *d = make(4, 64);
	struct rig r;

	(void)state;
	open_rig(&r);
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	d->id++;
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	d->id--;
	d->next = 6;
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	d->next = 17;
	d->vlan = 7;
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	d->vlan = 8;
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	assert_int_equal(r.events, 0);
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	assert_int_equal(r.events, 1);
	d->vlan = 7;
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	assert_int_equal(r.events, 2);
	rig_finish(&r);
	assert_facts(&r, 7, 5, 2, 3);
	rig_close(&r);
}

/* RFC 8200 sec. 4.5: the next header of the fragment at 0 counts. */
static void next_headers_may_differ(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		struct datagram *d = make(6, 64);
		struct rig r;

		open_rig(&r);
		for (unsigned i = 0; i < 2; i++) {
			d->next = (first == 0) == (i == 0) ? 17 : 59;
			send(&r, d,
			     d->next == 17 ? (struct piece){ 0, 32, true, 0 }
					   : (struct piece){ 32, 64, false, 0 });
		}
		assert_int_equal(r.events, 1);
		assert_int_equal(anomaly(&r, CL_ANOM_FRAG_NEXT_HEADER), 1);
		rig_close(&r);
	}
}

static void tiny_first_fragments(void **state)
{
	struct datagram *d = make(6, 64);
	struct rig r;

	(void)state;
	open_rig(&r);
	d->next = 60; /* destination options of 16 octets, of which 8 are there (RFC 7112) */
	d->octets[0] = 17;
	d->octets[1] = 1;
	send(&r, d, (struct piece){ 0, 8, true, 0 });
	assert_int_equal(anomaly(&r, CL_ANOM_FRAG_HEADER_CHAIN), 1);
	assert_int_equal(fate(&r, CL_FATE_MALFORMED), 1);
	d->next = 6;
	send(&r, d, (struct piece){ 0, 16, true, 0 }); /* 20 octets of TCP */
	assert_int_equal(anomaly(&r, CL_ANOM_FRAG_HEADER_CHAIN), 2);
	rig_finish(&r);
	rig_close(&r);

	d = make(4, 64);
	d->next = 6;
	open_rig(&r);
	send(&r, d, (struct piece){ 0, 8, true, 0 });	/* RFC 1858 sec. 3.1 */
	send(&r, d, (struct piece){ 8, 64, false, 0 }); /* RFC 1858 sec. 3.2.2 */
	assert_int_equal(anomaly(&r, CL_ANOM_FRAG_TINY), 2);
	d->id++;
	send(&r, d, (struct piece){ 0, 16, true, 0 }); /* the flags are in it */
	send(&r, d, (struct piece){ 16, 64, false, 0 });
	assert_int_equal(anomaly(&r, CL_ANOM_FRAG_TINY), 2);
	rig_finish(&r);
	rig_close(&r);
}

static void nested_fragment_headers(void **state)
{
	struct datagram *d = make(6, 64);
	struct rig r;

	(void)state;
	open_rig(&r);
	d->next = 44;
	memcpy(d->octets, "\x11\x00\x00\x01\x00\x00\x00\x01", 8);
	put16(d->octets + 12, 40);
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	assert_int_equal(anomaly(&r, CL_ANOM_FRAG_NESTED), 1);
	assert_int_equal(fate(&r, CL_FATE_MALFORMED), 2);
	rig_finish(&r);
	rig_close(&r);
}

/* Cut by the capture: no reassembly; the first one is decoded as far as it goes. */
static void cut_fragments(void **state)
{
	static uint8_t frame[3000];
	struct datagram *d = make(4, 2000);
	struct piece first = { 0, 1480, true, 0 }, last = { 1480, 2000, false, 0 };
	struct rig r;

	(void)state;
	open_rig(&r);
	send(&r, d, last);
	size_t n = wrap(frame, d, &first);
	feed_frame(&r, d, frame, 96, n, 2000, 0);
	assert_int_equal(r.events, 1);
	assert_int_equal(r.last.u.dns.id, 0xbeef);
	assert_int_equal(fate(&r, CL_FATE_COUNTED), 1);
	assert_int_equal(fate(&r, CL_FATE_INCOMPLETE), 1);
	feed_frame(&r, d, frame, 96, n, 3000, 0); /* not twice */
	assert_int_equal(r.events, 1);
	n = wrap(frame, d, &last);
	feed_frame(&r, d, frame, 96, n, 4000, 0);
	assert_int_equal(fate(&r, CL_FATE_TRUNCATED), 2);
	send(&r, d, last);
	assert_int_equal(fate(&r, CL_FATE_INCOMPLETE), 2);
	rig_finish(&r);
	assert_facts(&r, 5, 1, 0, 1);
	rig_close(&r);
}

/* Fragments that the capture filter let in for the sake of others (CL_FF_WIDENED). */
static void filtered_as_a_whole(void **state)
{
	static const struct {
		uint16_t flags[2];
		size_t events;
	} rows[] = {
		{ { 0, CL_FF_WIDENED }, 1 },
		{ { CL_FF_WIDENED, 0 }, 1 },
		{ { CL_FF_WIDENED, CL_FF_WIDENED }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int whole = 0; whole < 2; whole++) {
			const struct datagram *d = make(4, 64);
			struct rig r;

			open_rig(&r);
			send_at(&r, d, (struct piece){ 0, 32, true, 0 }, 1, rows[i].flags[0]);
			send_at(&r, d, (struct piece){ whole ? 32 : 40, 64, false, 0 }, 2, rows[i].flags[1]);
			assert_int_equal(r.events, whole ? rows[i].events : 0);
			rig_finish(&r);
			assert_int_equal(fate(&r, CL_FATE_FILTERED), rows[i].events ? 0 : 2);
			if (rows[i].events)
				assert_facts(&r, 2, 1, (uint64_t)whole, whole == 0);
			else
				assert_facts(&r, 0, 0, 0, 0);
			rig_close(&r);
		}
}

/* The oldest is given up first, and counted; each frame keeps its fate. */
static void memory_is_bounded(void **state)
{
	struct cl_limits limits[2] = { { .hash_seed = 7, .frag_datagrams = 10 },
				       { .hash_seed = 7, .frag_bytes = 40000 } };

	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		struct datagram *d = make(4, 2000);
		struct rig r;

		memset(&r, 0, sizeof(r));
		r.waits = true;
		r.d = cl_dissector_new(&limits[i], rig_take, &r);
		for (unsigned k = 0; k < 1000; k++) {
			d->id = k;
			send(&r, d, (struct piece){ 0, 1480, true, 0 });
		}
		assert_true(fact(&r, CL_FACT_FRAGMENT_EVICTED) >= 970);
		assert_int_equal(fate(&r, CL_FATE_INCOMPLETE), fact(&r, CL_FACT_FRAGMENT_EVICTED));
		send(&r, d, (struct piece){ 1480, 2000, false, 0 }); /* the newest is still there */
		assert_int_equal(r.events, 1);
		d->id = 1;
		send(&r, d, (struct piece){ 1480, 2000, false, 0 }); /* the oldest is not */
		assert_int_equal(r.events, 1);
		rig_finish(&r);
		assert_facts(&r, 1002, 1001, 1, 1000);
		rig_close(&r);
	}
}

/* As many as asked for, and no more. */
static void datagrams_are_bounded_exactly(void **state)
{
	struct cl_limits limits = { .hash_seed = 7, .frag_datagrams = 2 };
	struct datagram *d = make(4, 64);
	struct rig r;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.waits = true;
	r.d = cl_dissector_new(&limits, rig_take, &r);
	for (unsigned k = 0; k < 4; k++) {
		d->id = k;
		send(&r, d, (struct piece){ 0, 32, true, 0 });
		assert_int_equal(fact(&r, CL_FACT_FRAGMENT_EVICTED), k < 2 ? 0 : k - 1);
	}
	d->id = 2;
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	assert_int_equal(r.events, 1);
	rig_finish(&r);
	rig_close(&r);
}

/* The datagram that a fragment came in is given up for it: what becomes of the packet is remembered nowhere.
 */
static void evicted_by_what_is_in_it(void **state)
{
	struct cl_limits limits = { .hash_seed = 7, .frag_datagrams = 1 };
	struct datagram *d = make(4, 64);
	struct rig r;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.waits = true;
	r.d = cl_dissector_new(&limits, rig_take, &r);
	d->next = 4;
	memset(d->octets, 0, 20);
	d->octets[0] = 0x45;
	put16(d->octets + 2, 60);
	put16(d->octets + 4, 9);
	put16(d->octets + 6, 0x2000);
	d->octets[8] = 64;
	d->octets[9] = 17;
	memcpy(d->octets + 12, addresses4, 8);
	send(&r, d, (struct piece){ 0, 32, true, 0 });
	send(&r, d, (struct piece){ 32, 60, false, 0 });
	assert_int_equal(fact(&r, CL_FACT_FRAGMENT_REASSEMBLED), 1);
	assert_int_equal(fact(&r, CL_FACT_FRAGMENT_DATAGRAMS), 2);
	rig_finish(&r);
	assert_int_equal(fate(&r, CL_FATE_INCOMPLETE), 2);
	rig_close(&r);
}

/* The same when what is in it comes whole and makes a message of the packet: at some limit of memory the
 * outer one goes to make room. */
static void evicted_while_it_is_dissected(void **state)
{
	struct datagram inner = *make(4, 300), *d;
	uint8_t packet[2][200];
	struct piece halves[2] = { { 0, 152, true, 0 }, { 152, 300, false, 0 } };
	size_t sizes[2];

	(void)state;
	put16(inner.octets + 6, 0);
	for (unsigned i = 0; i < 2; i++)
		sizes[i] = wrap(packet[i], &inner, &halves[i]);
	for (size_t bytes = 400; bytes < 2400; bytes += 8) {
		struct cl_limits limits = { .hash_seed = 7, .frag_bytes = bytes };
		struct rig r;

		memset(&r, 0, sizeof(r));
		r.waits = true;
		r.d = cl_dissector_new(&limits, rig_take, &r);
		d = make(4, (uint32_t)sizes[0]);
		d->next = 4;
		memcpy(d->octets, packet[0], sizes[0]);
		send(&r, d, (struct piece){ 0, (uint32_t)sizes[0], false, 0 });
		memcpy(d->octets, packet[1], sizes[1]);
		for (uint32_t from = 0; from < sizes[1]; from += 40) { /* five */
			uint32_t left = (uint32_t)sizes[1] - from;

			send(&r, d, (struct piece){ from, from + (left < 40 ? left : 40), left > 40, 0 });
		}
		assert_true(r.events <= 1);
		assert_true(bytes < 2000 || r.events == 1);
		rig_finish(&r);
		rig_close(&r);
	}
}

/* When clocks step back the message's first time is the least of its fragments'. */
static void the_first_time_is_the_least(void **state)
{
	const struct datagram *d = make(4, 64);
	struct rig r;

	(void)state;
	open_rig(&r);
	send_at(&r, d, (struct piece){ 0, 16, true, 0 }, 5 * SECOND, 0);
	send_at(&r, d, (struct piece){ 16, 32, true, 0 }, 3 * SECOND, 0);
	send_at(&r, d, (struct piece){ 32, 64, false, 0 }, 4 * SECOND, 0);
	assert_int_equal(r.events, 1);
	assert_int_equal(r.last.u.dns.first_ns, 3 * SECOND);
	assert_int_equal(r.last.time_ns, 4 * SECOND);
	rig_finish(&r);
	rig_close(&r);
}

/* Every octet in which two fragments differ is seen, the last one too. */
static void each_octet_of_an_overlap_is_compared(void **state)
{
	(void)state;
	for (unsigned at = 0; at < 24; at++) {
		struct datagram *d = make(4, 64);
		struct rig r;

		open_rig(&r);
		send(&r, d, (struct piece){ 0, 16, true, 0 });
		d->octets[at] ^= 1;
		send(&r, d, (struct piece){ 8, 24, true, 0 });
		assert_int_equal(anomaly(&r, CL_ANOM_FRAG_CONFLICT), at >= 8 && at < 16);
		assert_int_equal(anomaly(&r, CL_ANOM_FRAG_OVERLAP), at < 8 || at >= 16);
		rig_finish(&r);
		rig_close(&r);
	}
}

/* A datagram larger than all memory allowed. */
static void too_large_for_the_memory(void **state)
{
	struct cl_limits limits = { .hash_seed = 7, .frag_bytes = 2000 };
	struct datagram *d = make(4, 6000);
	struct rig r;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.waits = true;
	r.d = cl_dissector_new(&limits, rig_take, &r);
	for (uint32_t from = 0; from < 6000; from += 1000)
		send(&r, d, (struct piece){ from, from + 1000, from < 5000, 0 });
	assert_int_equal(r.events, 0);
	assert_int_equal(fate(&r, CL_FATE_INCOMPLETE), 6);
	rig_finish(&r);
	rig_close(&r);
}

/* The frame that completes a datagram lists its fragments, by offset. */
static void the_detail_lists_them(void **state)
{
	const struct datagram *d = make(4, 64);
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	r.waits = true;
	send(&r, d, (struct piece){ 32, 64, false, 0 });
	assert_shows(&r, "ip.frag_offset=4");
	assert_shows(&r, "ip.flags.mf=0");
	assert_false(detail_has(r.text, "udp"));
	send(&r, d, (struct piece){ 0, 16, true, 0 });
	send(&r, d, (struct piece){ 16, 32, true, 0 });
	assert_shows(&r, "ip.fragment.count=3");
	assert_shows(&r, "ip.reassembled.length=64");
	assert_shows(&r, "ip.frag_offset=2");
	assert_shows(&r, "udp.length=64");
	assert_shows(&r, "udp.checksum.status=1");
	const char *list = strstr(r.text->text, "ip.fragment=");
	assert_non_null(list);
	assert_memory_equal(list, "ip.fragment=2\nip.fragment=3\nip.fragment=1\n", 42);
	rig_close(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_order_gives_the_message),
		cmocka_unit_test(shuffled_with_duplicates),
		cmocka_unit_test(thousands_of_pieces),
		cmocka_unit_test(random_ones_as_the_model_says),
		cmocka_unit_test(ipv6_overlaps_are_refused),
		cmocka_unit_test(ipv4_overlaps_first_or_last_wins),
		cmocka_unit_test(one_bad_fragment_alone),
		cmocka_unit_test(the_longest_datagram),
		cmocka_unit_test(two_ends_are_refused),
		cmocka_unit_test(what_never_comes_whole_is_incomplete),
		cmocka_unit_test(time_out),
		cmocka_unit_test(after_the_end),
		cmocka_unit_test(atomic_ones_stand_alone),
		cmocka_unit_test(a_wrong_checksum_spoils_it),
		cmocka_unit_test(keys_hold_what_they_must),
		cmocka_unit_test(next_headers_may_differ),
		cmocka_unit_test(tiny_first_fragments),
		cmocka_unit_test(nested_fragment_headers),
		cmocka_unit_test(cut_fragments),
		cmocka_unit_test(filtered_as_a_whole),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(too_large_for_the_memory),
		cmocka_unit_test(datagrams_are_bounded_exactly),
		cmocka_unit_test(evicted_by_what_is_in_it),
		cmocka_unit_test(evicted_while_it_is_dissected),
		cmocka_unit_test(the_first_time_is_the_least),
		cmocka_unit_test(each_octet_of_an_overlap_is_compared),
		cmocka_unit_test(the_detail_lists_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
