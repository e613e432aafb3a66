/* SPDX-License-Identifier: BSD-2-Clause */
/* ITHI's counts of single messages: their limits, and options that are not told apart. */
#include "stats/view/ithi.h"
#include "test_cmocka.h"

static struct cl_addr client(unsigned last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[15] = (uint8_t)last;
	return a;
}

static void query(struct cl_ithi *h, unsigned last, unsigned fields, const uint16_t *codes)
{
	struct cl_event e = { .src = client(last) };
	struct cl_note n = { .fields = (uint8_t)fields };
	struct cl_exchange x = { .kind = CL_X_DNS, .request = { &e, &n } };

	e.u.dns.bits = fields > 0 ? CL_DNS_EDNS : 0;
	for (unsigned i = 0; i < fields && i < CL_NOTE_FIELDS_MAX; i++)
		n.field[i].type = codes[i];
	cl_ithi_take(h, &x);
}

/* A response to a name of one label. */
static void response(struct cl_ithi *h, unsigned last, char letter, unsigned rcode)
{
	const uint8_t wire[] = { 1, (uint8_t)letter, 0 };
	struct cl_event e = { .dst = client(last) };
	struct cl_note n = { .fields = 0 };
	struct cl_exchange x = { .kind = CL_X_DNS, .response = { &e, &n } };

	e.u.dns.rcode = (uint16_t)rcode;
	cl_note_put(&n, CL_PIECE_QNAME, wire, sizeof wire);
	cl_ithi_take(h, &x);
}

static void clients_have_a_limit(void **state)
{
	static const uint16_t cookie[] = { 10 };
	struct cl_ithi h;

	(void)state;
	assert_true(cl_ithi_init(&h, 2, 7));
	query(&h, 1, 0, NULL);
	query(&h, 2, 0, NULL);
	query(&h, 3, 1, cookie); /* no room: its options are counted, it is not */
	query(&h, 1, 1, cookie); /* known */
	query(&h, 1, 1, cookie);
	assert_int_equal(cl_ithi_clients(&h), 2);
	assert_int_equal(h.queries, 5);
	assert_int_equal(h.refused, 1);
	assert_int_equal(h.users[CL_ITHI_EDNS], 1);
	assert_int_equal(h.option_users[10], 1);
	assert_int_equal(h.option_queries[10], 3);
	cl_ithi_free(&h);
}

static void pairs_of_client_and_domain(void **state)
{
	struct cl_ithi h;

	(void)state;
	assert_true(cl_ithi_init(&h, 3, 7));
	response(&h, 1, 'a', 0);
	response(&h, 1, 'A', 0); /* the same domain */
	response(&h, 2, 'a', 0); /* another client */
	response(&h, 1, 'a', 3); /* found and missing apart */
	response(&h, 1, 'a', 2); /* neither */
	response(&h, 1, 'b', 0); /* no room */
	response(&h, 2, 'a', 0);
	assert_int_equal(h.found.first, 2);
	assert_int_equal(h.found.further, 2);
	assert_int_equal(h.missing.first, 1);
	assert_int_equal(h.missing.further, 0);
	assert_int_equal(h.refused, 1);
	cl_ithi_free(&h);
}

static void options_that_are_not_told_apart(void **state)
{
	static const uint16_t codes[] = { 63, 64, 63, 65001 };
	struct cl_ithi h;

	(void)state;
	assert_true(cl_ithi_init(&h, 0, 7));
	query(&h, 1, 4, codes);
	assert_int_equal(h.option_queries[63], 1); /* twice in a query counts once */
	assert_int_equal(h.beyond, 2);
	cl_ithi_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_have_a_limit),
		cmocka_unit_test(pairs_of_client_and_domain),
		cmocka_unit_test(options_that_are_not_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
