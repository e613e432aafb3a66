/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragments that overlap, end twice, are tiny, nested, cut, wrong or alone. */
#include "tests/unit/frag_rig.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv6_overlaps_are_refused),
		cmocka_unit_test(ipv4_overlaps_first_or_last_wins),
		cmocka_unit_test(one_bad_fragment_alone),
		cmocka_unit_test(the_longest_datagram),
		cmocka_unit_test(two_ends_are_refused),
		cmocka_unit_test(atomic_ones_stand_alone),
		cmocka_unit_test(a_wrong_checksum_spoils_it),
		cmocka_unit_test(tiny_first_fragments),
		cmocka_unit_test(nested_fragment_headers),
		cmocka_unit_test(cut_fragments),
		cmocka_unit_test(each_octet_of_an_overlap_is_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
