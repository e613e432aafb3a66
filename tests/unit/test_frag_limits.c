/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragments that wait: for how long, within which memory, and which go first. */
#include "tests/unit/frag_rig.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_never_comes_whole_is_incomplete),
		cmocka_unit_test(time_out),
		cmocka_unit_test(after_the_end),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(too_large_for_the_memory),
		cmocka_unit_test(datagrams_are_bounded_exactly),
		cmocka_unit_test(evicted_by_what_is_in_it),
		cmocka_unit_test(evicted_while_it_is_dissected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
