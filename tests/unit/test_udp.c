/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/packet.h"
#include "tests/unit/vectors.h"

/* RFC 1071 the slow way: octets are the digits of one large number, taken modulo 65535 digit by digit. */
static uint32_t slow_sum(uint32_t sum, const uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum = (sum + (i % 2 == 0 ? 256u : 1u) * octets[i]) % 65535u;
	return sum;
}

static void the_slow_sum_is_that_of_rfc1071(void **state)
{
	static const uint8_t example[8] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(slow_sum(0, example, 8), 0xddf2); /* RFC 1071 sec. 3 */
}

/* A datagram of version 4 or 6 with random addresses and payload. */
struct datagram {
	uint8_t octets[40 + 8 + 2048 + 16];
	size_t ip, n; /* octets before UDP, and in all */
	unsigned version;
};

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void make(struct datagram *d, unsigned version, size_t payload, uint64_t *seed)
{
	for (size_t i = 0; i < sizeof(d->octets); i++)
		d->octets[i] = (uint8_t)next_random(seed);
	d->version = version;
	d->ip = version == 4 ? 20 : 40;
	d->n = d->ip + 8 + payload;
	if (version == 4) {
		d->octets[0] = 0x45;
		put16(d->octets + 2, (uint32_t)d->n);
		put16(d->octets + 6, 0);
		d->octets[9] = 17;
	} else {
		d->octets[0] = 0x60;
		put16(d->octets + 4, (uint32_t)(payload + 8));
		d->octets[6] = 17;
	}
	put16(d->octets + d->ip + 2, 53);
	put16(d->octets + d->ip + 4, (uint32_t)(payload + 8));
	put16(d->octets + d->ip + 6, 0);
}

/* RFC 768; RFC 8200 sec. 8.1: addresses, protocol, length. */
static uint32_t pseudo_sum(const struct datagram *d)
{
	size_t at = d->version == 4 ? 12 : 8, n = d->version == 4 ? 8 : 32;
	uint8_t rest[4] = { 0, 17, d->octets[d->ip + 4], d->octets[d->ip + 5] };

	return slow_sum(slow_sum(0, d->octets + at, n), rest, 4);
}

static uint32_t good_checksum(const struct datagram *d)
{
	return 65535u - slow_sum(pseudo_sum(d), d->octets + d->ip, d->n - d->ip);
}

/* The state of its checksum when `kept` octets were captured. */
static enum cl_checksum checksum_of(const struct datagram *d, size_t kept)
{
	uint8_t *exact = malloc(kept);
	struct cl_ledger ledger = { .reasons = 0 };
	struct cl_event ev = { .kind = 0 };
	struct cl_pkt p = { .ev = &ev, .ledger = &ledger };

	memcpy(exact, d->octets, kept);
	p.cur = cl_cur_make(exact, (uint32_t)kept, (uint32_t)d->n);
	assert_int_equal(d->version == 4 ? cl_ip4(&p) : cl_ip6(&p), CL_NEXT_IP_PROTO);
	assert_int_equal(cl_ip_proto(&p), CL_NEXT_UDP);
	assert_int_equal(cl_udp(&p), CL_NEXT_DNS);
	enum cl_checksum sum = cl_udp_checksum(&p);
	free(exact);
	return sum;
}

static void checksums_stand_as_an_independent_sum_says(void **state)
{
	uint64_t seed = 1;
	struct datagram d;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		unsigned version = round % 2 == 0 ? 4 : 6;
		uint8_t *sum = d.octets + (version == 4 ? 20 : 40) + 6;

		make(&d, version, round < 64 ? round : next_random(&seed) % 1400, &seed);
		assert_int_equal(checksum_of(&d, d.n), CL_SUM_NONE);
		uint32_t good = good_checksum(&d);
		put16(sum, good);
		assert_int_equal(checksum_of(&d, d.n), CL_SUM_GOOD);
		if (d.n > d.ip + 8)
			assert_int_equal(checksum_of(&d, d.n - 1), CL_SUM_UNCHECKED);
		assert_int_equal(checksum_of(&d, d.ip + 8), d.n == d.ip + 8 ? CL_SUM_GOOD : CL_SUM_UNCHECKED);
		put16(sum, 0);
		uint32_t pseudo = pseudo_sum(&d);
		if (pseudo == good || pseudo == 0)
			continue;
		put16(sum, pseudo);
		assert_int_equal(checksum_of(&d, d.n), CL_SUM_PARTIAL);
		uint32_t bad = good ^ 1u << round % 16;
		put16(sum, bad);
		if (bad != 0 && bad != pseudo && bad % 65535 != good % 65535)
			assert_int_equal(checksum_of(&d, d.n), CL_SUM_BAD);
	}
}

/* Each octet of the datagram and of the addresses is in the sum; the IPv4 header's other fields are not. */
static void every_octet_is_in_the_sum(void **state)
{
	uint64_t seed = 2;
	struct datagram d;

	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		make(&d, version, 33, &seed);
		put16(d.octets + d.ip + 6, good_checksum(&d));
		for (size_t i = version == 4 ? 12 : 8; i < d.n; i++) {
			if ((i >= d.ip + 2 &&
			     i < d.ip + 8)) /* ports and length decide the way, the sum itself */
				continue;
			d.octets[i] = (uint8_t)(d.octets[i] ^ 0x10);
			assert_int_equal(checksum_of(&d, d.n), CL_SUM_BAD);
			d.octets[i] = (uint8_t)(d.octets[i] ^ 0x10);
		}
		d.octets[8 - version / 6] = (uint8_t)(d.octets[8 - version / 6] ^ 0x10); /* time to live */
		assert_int_equal(checksum_of(&d, d.n), CL_SUM_GOOD);
	}
}

/* A sum of zero is sent as all ones (RFC 768). */
static void a_sum_of_zero_is_sent_as_ones(void **state)
{
	uint64_t seed = 3;
	struct datagram d;

	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		make(&d, version, 20, &seed);
		put16(d.octets + d.ip + 8, 0);
		put16(d.octets + d.ip + 8, good_checksum(&d)); /* now all words sum up to 65535 */
		assert_int_equal(slow_sum(pseudo_sum(&d), d.octets + d.ip, d.n - d.ip), 0);
		put16(d.octets + d.ip + 6, 0xffff);
		assert_int_equal(checksum_of(&d, d.n), CL_SUM_GOOD);
	}
}

/* What lies behind the datagram (RFC 768: length; link padding) is not in the sum. */
static void octets_behind_the_datagram_do_not_count(void **state)
{
	uint64_t seed = 4;
	struct datagram d;

	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		make(&d, version, 21, &seed);
		put16(d.octets + d.ip + 6, good_checksum(&d));
		d.n += 5; /* link padding */
		assert_int_equal(checksum_of(&d, d.n), CL_SUM_GOOD);
		put16(d.octets + (version == 4 ? 2 : 4), (uint32_t)(version == 4 ? d.n : d.n - d.ip));
		assert_int_equal(checksum_of(&d, d.n), CL_SUM_GOOD); /* octets of IP that UDP does not own */
	}
}

/* RFC 2675 sec. 4: a length of 0 means all of the payload, and the pseudo-header holds 32 bits of it. */
static void a_jumbogram_sums_all_of_itself(void **state)
{
	static struct {
		uint8_t octets[40 + 8 + 200000];
	} jumbo;
	const uint32_t n = sizeof(jumbo.octets) - 40;
	uint8_t length[4] = { 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n },
		proto[4] = { 0, 0, 0, 17 };
	uint64_t seed = 5;
	struct cl_ledger ledger = { .reasons = 0 };
	struct cl_event ev = { .kind = 0 };
	struct cl_pkt p = { .ev = &ev, .ledger = &ledger };

	(void)state;
	for (size_t i = 0; i < sizeof(jumbo.octets); i++)
		jumbo.octets[i] = (uint8_t)(next_random(&seed) | 0xf0); /* a sum of more than 32 bits */
	jumbo.octets[0] = 0x60;
	jumbo.octets[6] = 17;
	put16(jumbo.octets + 4, 0);
	put16(jumbo.octets + 40 + 2, 53);
	put16(jumbo.octets + 40 + 4, 0);
	put16(jumbo.octets + 40 + 6, 0);
	uint32_t sum = slow_sum(slow_sum(slow_sum(0, jumbo.octets + 8, 32), length, 4), proto, 4);
	put16(jumbo.octets + 40 + 6, 65535u - slow_sum(sum, jumbo.octets + 40, n));
	p.cur = cl_cur_make(jumbo.octets, sizeof(jumbo.octets), sizeof(jumbo.octets));
	assert_int_equal(cl_ip6(&p), CL_NEXT_IP_PROTO);
	assert_int_equal(cl_ip_proto(&p), CL_NEXT_UDP);
	assert_int_equal(cl_udp(&p), CL_NEXT_DNS);
	assert_int_equal(cl_cur_left(&p.cur), n - 8);
	assert_int_equal(cl_udp_checksum(&p), CL_SUM_GOOD);
}

/* 12 octets of a DNS header in a datagram of the given length field and ports. */
static const struct {
	uint16_t sport, dport, length;
	enum cl_fate fate;
	int kind;
} datagrams[] = {
	{ 50000, 53, 20, CL_FATE_COUNTED, CL_EV_DNS },
	{ 53, 50000, 20, CL_FATE_COUNTED, CL_EV_DNS },
	{ 53, 53, 20, CL_FATE_COUNTED, CL_EV_DNS },
	{ 5353, 5353, 20, CL_FATE_COUNTED, CL_EV_MDNS },
	{ 50000, 5353, 20, CL_FATE_COUNTED, CL_EV_MDNS },
	{ 5353, 50000, 20, CL_FATE_COUNTED, CL_EV_MDNS },
	{ 50000, 5355, 20, CL_FATE_COUNTED, CL_EV_LLMNR },
	{ 5355, 50000, 20, CL_FATE_COUNTED, CL_EV_LLMNR },
	{ 5353, 53, 20, CL_FATE_COUNTED, CL_EV_DNS },
	{ 53, 5355, 20, CL_FATE_COUNTED, CL_EV_DNS },
	{ 50000, 80, 20, CL_FATE_OTHER, 0 },
	{ 50000, 54, 20, CL_FATE_OTHER, 0 },
	{ 0, 0, 20, CL_FATE_OTHER, 0 },
	{ 50000, 53, 21, CL_FATE_MALFORMED, 0 },
	{ 50000, 53, 19, CL_FATE_MALFORMED, 0 },
	{ 50000, 53, 8, CL_FATE_MALFORMED, 0 },
	{ 50000, 53, 7, CL_FATE_MALFORMED, 0 },
	{ 50000, 53, 0, CL_FATE_MALFORMED, 0 },
	{ 50000, 53, 65535, CL_FATE_MALFORMED, 0 },
	{ 50000, 123, 20, CL_FATE_MALFORMED, 0 },
	{ 50000, 5353, 19, CL_FATE_MALFORMED, 0 },
	{ 50000, 5355, 19, CL_FATE_MALFORMED, 0 },
};

static void ports_and_lengths_decide(void **state)
{
	static const uint8_t header[12] = { 0x23, 0x45, 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(datagrams); i++) {
		uint8_t frame[64];
		struct rig r;
		size_t n = wrap_udp(frame, datagrams[i].sport, datagrams[i].dport, header, 12);

		put16(frame + 24, datagrams[i].length);
		rig_open(&r, NULL, 0);
		enum cl_fate fate = rig_feed(&r, CL_LINKTYPE_RAW, frame, n, n);
		if (fate != datagrams[i].fate)
			fail_msg("%zu: %s", i, cl_fate_names[fate]);
		if (fate == CL_FATE_COUNTED)
			assert_int_equal(r.last.kind, datagrams[i].kind);
		if (r.events != 0 && r.last.kind != CL_EV_DNS)
			assert_int_equal(r.last.role, CL_ROLE_APART);
		rig_close(&r);
	}
}

/* Sums of the words, inverted: by the slow sum above, once. */
static void the_detail_says_how_it_stands(void **state)
{
	static const struct {
		unsigned version;
		int change; /* of the right sum; 2: left to the hardware; 3: none */
		const char *lines[4];
	} rows[] = {
		{ 4, 0, { "udp.checksum.status=1", "udp.srcport=49153", "udp.dstport=53", "udp.length=20" } },
		{ 4, 1, { "udp.checksum.status=0", "!udp.bad_checksum" } },
		{ 4, 2, { "udp.checksum.status=0", "udp.checksum.offloaded=1" } },
		{ 4, 3, { "udp.checksum=0", "udp.checksum.status=3" } },
		{ 6, 0, { "udp.checksum.status=1" } },
		{ 6, 1, { "udp.checksum.status=0", "!udp.bad_checksum" } },
		{ 6, 2, { "udp.checksum.status=0", "udp.checksum.offloaded=1" } },
		{ 6, 3, { "udp.checksum.status=4", "!udp.zero_checksum" } }, /* RFC 8200 sec. 8.1 */
	};
	uint64_t seed = 9;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct datagram d;
		struct rig r;

		make(&d, rows[i].version, 12, &seed);
		put16(d.octets + d.ip, 49153);
		uint32_t good = good_checksum(&d), pseudo = pseudo_sum(&d);
		uint32_t sums[4] = { good, good ^ 1, pseudo, 0 };
		put16(d.octets + d.ip + 6, sums[rows[i].change]);
		rig_open_detail(&r);
		rig_feed(&r, CL_LINKTYPE_RAW, d.octets, d.n, d.n);
		for (size_t j = 0; j < 4 && rows[i].lines[j] != NULL; j++)
			assert_shows(&r, rows[i].lines[j]);
		if (rows[i].change < 3) {
			char line[40];

			snprintf(line, sizeof(line), "udp.checksum_calculated=%u", good);
			assert_shows(&r, line);
		}
		rig_close(&r);
	}
}

/* RFC 8200 sec. 8.1: with segments left the pseudo-header holds the final destination. */
static void a_routing_header_has_the_final_destination(void **state)
{
	static const struct {
		uint8_t type, left, octets, at; /* of the header; where the final address is */
	} rows[] = { { 0, 2, 40, 24 }, { 2, 1, 24, 8 }, { 4, 1, 40, 8 }, { 0, 0, 40, 0 }, { 4, 0, 40, 0 } };
	uint64_t seed = 10;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t frame[200];
		struct datagram d;
		struct rig r;
		size_t extra = rows[i].octets;

		make(&d, 6, 12, &seed);
		memcpy(frame, d.octets, 40);
		memcpy(frame + 40 + extra, d.octets + 40, 20);
		for (size_t j = 0; j < extra; j++)
			frame[40 + j] = (uint8_t)next_random(&seed);
		put16(frame + 4, (uint32_t)(extra + 20));
		frame[6] = 43;
		frame[40] = 17;
		frame[41] = (uint8_t)(extra / 8 - 1);
		frame[42] = rows[i].type;
		frame[43] = rows[i].left;
		frame[44] = 1; /* last entry of a segment list */
		if (rows[i].at != 0)
			memcpy(d.octets + 24, frame + 40 + rows[i].at, 16);
		put16(frame + 40 + extra + 6, good_checksum(&d));
		rig_open_detail(&r);
		rig_feed(&r, CL_LINKTYPE_RAW, frame, 60 + extra, 60 + extra);
		assert_shows(&r, "udp.checksum.status=1");
		rig_close(&r);
	}
}

/* What an ICMP error quotes has its conversation's number, and neither tells nor changes its times. */
static void a_quote_leaves_the_times_alone(void **state)
{
#define DATAGRAM "0001 0000 4011 0000 c0000201 c6336401 9c401388 000a 0000 6162"
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	rig_hex(&r, CL_LINKTYPE_RAW, "4500001e " DATAGRAM);
	assert_shows(&r, "udp.time_relative=0");
	rig_hex(&r, CL_LINKTYPE_RAW,
		"4500003a 0001 0000 4001 0000 c6336401 c0000201 0303 0000 00000000 4500001e " DATAGRAM);
	assert_shows(&r, "udp.stream=0");
	assert_null(strstr(r.text->text, "udp.time_"));
	rig_hex(&r, CL_LINKTYPE_RAW, "4500001e " DATAGRAM);
	assert_shows(&r, "udp.stream=0");
	assert_shows(&r, "udp.time_relative=2");
	assert_shows(&r, "udp.time_delta=2");
	rig_close(&r);
#undef DATAGRAM
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_slow_sum_is_that_of_rfc1071),
		cmocka_unit_test(checksums_stand_as_an_independent_sum_says),
		cmocka_unit_test(every_octet_is_in_the_sum),
		cmocka_unit_test(a_sum_of_zero_is_sent_as_ones),
		cmocka_unit_test(octets_behind_the_datagram_do_not_count),
		cmocka_unit_test(a_jumbogram_sums_all_of_itself),
		cmocka_unit_test(ports_and_lengths_decide),
		cmocka_unit_test(the_detail_says_how_it_stands),
		cmocka_unit_test(a_routing_header_has_the_final_destination),
		cmocka_unit_test(a_quote_leaves_the_times_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
