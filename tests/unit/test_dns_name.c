/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/dns/name.h"

#include "tests/unit/vectors.h"

/* A message that is nothing but names: offsets count from its first octet. */
struct message {
	uint8_t octets[0x4000 + 16];
	uint32_t n;
};

/* Reads and skips the name at `at` of a heap copy of just the message's size; false if it is refused. */
static enum cl_err read_at(const struct message *m, uint32_t at, struct cl_dns_name *name, uint32_t *end)
{
	volatile uint32_t n =
		m->n > 0 ? m->n : 1; /* else gcc knows too few octets, and warns of dead paths */
	uint8_t *exact = malloc(n);

	memcpy(exact, m->octets, m->n);
	struct cl_cur c = cl_cur_make(exact, m->n, m->n);
	cl_cur_skip(&c, at);
	bool read = cl_dns_name_read(&c, name);
	assert_int_equal(read, c.err == CL_OK);
	*end = c.pos;
	struct cl_cur hashed = cl_cur_make(exact, m->n, m->n);
	uint64_t hash = 0;
	cl_cur_skip(&hashed, at);
	assert_int_equal(cl_dns_name_hash(&hashed, 5, &hash), read);
	assert_int_equal(hashed.err, c.err);
	assert_int_equal(hashed.pos, c.pos);
	assert_int_equal(cl_cur_left(&hashed), cl_cur_left(&c));
	if (read) /* of what it expands to, in lower case */
		assert_true(hash == cl_dns_name_mix((struct cl_span){ name->wire, name->len }, 5));
	free(exact);
	return c.err;
}

static enum cl_err skip_at(const struct message *m, uint32_t at, uint32_t *end)
{
	struct cl_cur c = cl_cur_make(m->octets, m->n, m->n);

	cl_cur_skip(&c, at);
	cl_dns_name_skip(&c);
	*end = c.pos;
	return c.err;
}

/* RFC 1035 sec. 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92. */
static void the_example_of_rfc1035(void **state)
{
	static const struct {
		uint32_t at, end;
		const char *wire;
	} names[] = {
		{ 20, 32, "0166 03697369 0461727061 00" },
		{ 40, 46, "03666f6f 0166 03697369 0461727061 00" },
		{ 64, 66, "0461727061 00" },
		{ 92, 93, "00" },
	};
	struct message m = { .n = 93 };

	(void)state;
	unhex("0146 03495349 0441525041 00", m.octets + 20);
	unhex("03464f4f c014", m.octets + 40);
	unhex("c01a", m.octets + 64);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct cl_dns_name name;
		uint8_t wire[64];
		uint32_t end;
		size_t n = unhex(names[i].wire, wire);

		assert_int_equal(read_at(&m, names[i].at, &name, &end), CL_OK);
		assert_int_equal(end, names[i].end);
		assert_int_equal(name.len, n);
		assert_memory_equal(name.wire, wire, n);
		assert_int_equal(skip_at(&m, names[i].at, &end), CL_OK);
		assert_int_equal(end, names[i].end);
	}
}

static const struct {
	const char *what, *message;
	uint32_t at;
	enum cl_err read, skip;
} bad[] = {
	{ "pointer to itself", "0000 c002", 2, CL_EMALF, CL_OK },
	{ "pointer to its second octet", "0000 c003", 2, CL_EMALF, CL_OK },
	{ "forward pointer", "0000 c004 0161 00", 2, CL_EMALF, CL_OK },
	{ "pointer past the end", "0000 ffff", 2, CL_EMALF, CL_OK },
	{ "two pointers in a loop", "0000 c004 c002", 4, CL_EMALF, CL_OK },
	{ "two pointers in a loop below us", "0000 c006 0000 c002 c002", 8, CL_EMALF, CL_OK },
	{ "down, then up again", "0000 c004 0000 c002", 6, CL_EMALF, CL_OK },
	{ "label, then back to it", "0000 0161 c002", 2, CL_EMALF, CL_OK },
	{ "into a name that runs back into us", "0000 0161 0162 c002", 6, CL_EMALF, CL_OK },
	{ "pointer to a pointer that points up", "0000 c006 c002 00", 4, CL_EMALF, CL_OK },
	{ "label of 64", "0000 40 00", 2, CL_EMALF, CL_EMALF },
	{ "label type 10", "0000 80 00", 2, CL_EMALF, CL_EMALF },
	{ "label of 191", "0000 bf 00", 2, CL_EMALF, CL_EMALF },
	{ "no root", "0000 0161", 2, CL_EMALF, CL_EMALF },
	{ "label past the end", "0000 0261", 2, CL_EMALF, CL_EMALF },
	{ "half a pointer", "0000 c0", 2, CL_EMALF, CL_EMALF },
	{ "nothing", "0000", 2, CL_EMALF, CL_EMALF },
	{ "pointer at the start", "c000", 0, CL_EMALF, CL_OK },
	{ "pointer to a label that is none", "0000 80 c002", 3, CL_EMALF, CL_OK },
};

static void loops_and_lies_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct message m;
		struct cl_dns_name name;
		uint32_t end;

		m.n = (uint32_t)unhex(bad[i].message, m.octets);
		if (read_at(&m, bad[i].at, &name, &end) != bad[i].read)
			fail_msg("%s: read", bad[i].what);
		if (skip_at(&m, bad[i].at, &end) != bad[i].skip)
			fail_msg("%s: skipped", bad[i].what);
	}
}

static void put_label(struct message *m, unsigned length, uint8_t octet)
{
	m->octets[m->n++] = (uint8_t)length;
	memset(m->octets + m->n, octet, length);
	m->n += length;
}

/* Labels that make a name of `total` octets with its root, none longer than 63. */
static void put_name(struct message *m, unsigned total)
{
	for (unsigned left = total - 1; left > 0;) {
		unsigned label = left - 1 > 63 ? 63 : left - 1;

		if (left - 1 - label == 1) /* leave room for one label more */
			label--;
		put_label(m, label, 'a');
		left -= label + 1;
	}
}

static void names_end_at_255_octets(void **state)
{
	(void)state;
	for (unsigned total = 1; total <= 300; total++) {
		struct message m = { .n = 3 };
		struct cl_dns_name name;
		uint32_t end;

		if (total == 2)
			continue; /* no label is empty */
		put_name(&m, total);
		m.octets[m.n++] = 0;
		assert_int_equal(m.n, 3 + total);
		assert_int_equal(read_at(&m, 3, &name, &end), total <= 255 ? CL_OK : CL_EMALF);
		if (total <= 255)
			assert_int_equal(name.len, total);
		assert_int_equal(skip_at(&m, 3, &end), total <= 255 ? CL_OK : CL_EMALF);
	}
}

/* The limit holds for the name expanded, wherever its labels stand. */
static void expanded_names_end_at_255_octets(void **state)
{
	(void)state;
	for (unsigned first = 3; first <= 200; first++) {
		struct message m = { .n = 5 };
		struct cl_dns_name name;
		uint32_t end, at;

		put_name(&m, 128);
		m.octets[m.n++] = 0;
		at = m.n;
		put_name(&m, first);
		m.octets[m.n++] = 0xc0;
		m.octets[m.n++] = 5;
		assert_int_equal(read_at(&m, at, &name, &end), first - 1 + 128 <= 255 ? CL_OK : CL_EMALF);
		if (first - 1 + 128 <= 255) {
			assert_int_equal(name.len, first - 1 + 128);
			assert_int_equal(end, m.n);
		}
	}
}

static void labels_hold_63_octets(void **state)
{
	for (unsigned length = 62; length <= 64; length++) {
		struct message m = { .n = 1 };
		struct cl_dns_name name;
		uint32_t end;

		put_label(&m, length, 'x');
		m.octets[m.n++] = 0;
		assert_int_equal(read_at(&m, 1, &name, &end), length <= 63 ? CL_OK : CL_EMALF);
		assert_int_equal(skip_at(&m, 1, &end), length <= 63 ? CL_OK : CL_EMALF);
	}
	(void)state;
}

/* RFC 4343 sec. 3: A to Z alone fold, in every place of a label. */
static void letters_fold_and_nothing_else(void **state)
{
	(void)state;
	for (unsigned o = 0; o < 256; o++) {
		struct message m = { .n = 0 };
		struct cl_dns_name name;
		uint32_t end;
		uint8_t folded = (uint8_t)(o >= 65 && o <= 90 ? o + 32 : o);

		put_label(&m, 3, (uint8_t)o);
		m.octets[m.n++] = 0;
		assert_int_equal(read_at(&m, 0, &name, &end), CL_OK);
		assert_int_equal(name.wire[0], 3);
		for (unsigned i = 1; i <= 3; i++)
			assert_int_equal(name.wire[i], folded);
	}
}

static uint64_t hash_of(const uint8_t *wire, uint32_t n, uint64_t seed)
{
	return cl_dns_name_mix((struct cl_span){ wire, n }, seed);
}

/* Every octet but a letter's case counts, at every place, and so does the seed. */
static void hashes_differ_as_names_do(void **state)
{
	(void)state;
	for (uint32_t n = 2; n <= 40; n++) {
		uint8_t wire[40];

		memset(wire, 'm', sizeof(wire));
		const uint64_t hash = hash_of(wire, n, 5);
		assert_false(hash_of(wire, n, 6) == hash);
		for (uint32_t at = 0; at < n; at++)
			for (unsigned octet = 0; octet < 256; octet++) {
				uint8_t other[40];
				bool same = octet == 'm' || octet == 'M';

				memcpy(other, wire, sizeof(other));
				other[at] = (uint8_t)octet;
				assert_int_equal(hash_of(other, n, 5) == hash, same);
			}
	}
}

/* Names of all lengths, of labels of many, with any number of octets before and behind them. */
static void names_anywhere_in_a_message(void **state)
{
	(void)state;
	for (uint32_t octets = 1; octets <= 70; octets++)
		for (uint32_t label = 1; label <= 63; label = label < 8 ? label + 1 : label * 2 - 1)
			for (uint32_t behind = 0; behind <= 36; behind++)
				for (uint32_t before = 0; before <= 14; before += 1 + before / 3) {
					struct message m = { .n = before };
					struct cl_dns_name name;
					uint32_t end, left = octets - 1;

					memset(m.octets, 0xfe, 256);
					for (uint32_t n; left > 1; left -= n + 1) {
						n = left - 1 < label ? left - 1 : label;
						n -= left - 1 - n == 1; /* no room for a label of nothing */
						if (n == 0)
							break;
						put_label(&m, n, (uint8_t)(left % 5 == 0 ? 'Q' : 0));
					}
					m.octets[m.n++] = 0;
					uint32_t where = m.n;
					m.n += behind;
					assert_int_equal(read_at(&m, before, &name, &end), CL_OK);
					assert_int_equal(end, where);
					assert_int_equal(name.len, where - before);
				}
}

/* The farthest a pointer reaches is 16383. */
static void pointers_have_14_bits(void **state)
{
	(void)state;
	for (unsigned target = 0; target < 0x4000; target = target * 2 + 1) {
		static struct message m;
		struct cl_dns_name name;
		uint32_t end;

		memset(m.octets, 0x80, sizeof(m.octets)); /* no label is of this type */
		m.octets[target] = 1;
		m.octets[target + 1] = 'x';
		m.octets[target + 2] = 0;
		m.octets[0x4003] = (uint8_t)(0xc0 | target >> 8);
		m.octets[0x4004] = (uint8_t)target;
		m.n = sizeof(m.octets);
		assert_int_equal(read_at(&m, 0x4003, &name, &end), CL_OK);
		assert_int_equal(name.len, 3);
		assert_int_equal(end, 0x4005);
	}
}

/* A chain of pointers, each to the one before, is followed; cut names are truncated. */
static void chains_and_cuts(void **state)
{
	struct message m = { .n = 0 };
	struct cl_dns_name name;
	uint32_t end;

	(void)state;
	m.octets[m.n++] = 0;
	for (unsigned i = 0; i < 500; i++) {
		unsigned target = i == 0 ? 0 : m.n - 2;

		m.octets[m.n++] = (uint8_t)(0xc0 | target >> 8);
		m.octets[m.n++] = (uint8_t)target;
	}
	assert_int_equal(read_at(&m, m.n - 2, &name, &end), CL_OK);
	assert_int_equal(name.len, 1);
	assert_int_equal(end, m.n);
	for (uint32_t kept = 0; kept < 7; kept++) {
		uint8_t octets[8], *exact = malloc(kept > 0 ? kept : 1);

		unhex("0161 0162 00 c000", octets);
		memcpy(exact, octets, kept);
		for (uint32_t at = 0; at <= 5; at += 5) {
			struct cl_cur c = cl_cur_make(exact, kept, 7), s;
			bool whole = kept >= (at == 0 ? 5u : 7u);

			cl_cur_skip(&c, at);
			s = c;
			assert_int_equal(cl_dns_name_read(&c, &name), whole);
			cl_dns_name_skip(&s);
			assert_int_equal(c.err, whole ? CL_OK : CL_ETRUNC);
			assert_int_equal(s.err, whole ? CL_OK : CL_ETRUNC);
		}
		free(exact);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc1035),
		cmocka_unit_test(loops_and_lies_are_refused),
		cmocka_unit_test(names_end_at_255_octets),
		cmocka_unit_test(expanded_names_end_at_255_octets),
		cmocka_unit_test(labels_hold_63_octets),
		cmocka_unit_test(letters_fold_and_nothing_else),
		cmocka_unit_test(names_anywhere_in_a_message),
		cmocka_unit_test(pointers_have_14_bits),
		cmocka_unit_test(chains_and_cuts),
		cmocka_unit_test(hashes_differ_as_names_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
