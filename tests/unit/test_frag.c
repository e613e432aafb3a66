/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragments of IPv4 (RFC 791) and IPv6 (RFC 8200 sec. 4.5), forged here octet by octet. */
#include "tests/unit/frag_rig.h"

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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_order_gives_the_message),
		cmocka_unit_test(shuffled_with_duplicates),
		cmocka_unit_test(thousands_of_pieces),
		cmocka_unit_test(random_ones_as_the_model_says),
		cmocka_unit_test(keys_hold_what_they_must),
		cmocka_unit_test(next_headers_may_differ),
		cmocka_unit_test(filtered_as_a_whole),
		cmocka_unit_test(the_first_time_is_the_least),
		cmocka_unit_test(the_detail_lists_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
