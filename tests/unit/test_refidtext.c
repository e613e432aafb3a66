/* SPDX-License-Identifier: BSD-2-Clause */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/view/refidtext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test_cmocka.h"

/* What chronyc's ntpdata prints beside 2001:db8::2 and 2001:db8::11. */
#define HASH_2	0x2d47fd05u
#define HASH_11 0x9b37c052u

static void see(struct cl_refidtext *r, const char *client, const char *server)
{
	struct cl_event q = { .kind = CL_EV_NTP };
	const struct cl_exchange x = { .kind = CL_X_NTP, .request = { &q, NULL } };

	assert_true(cl_addr_parse(client, &q.src));
	assert_true(cl_addr_parse(server, &q.dst));
	cl_refidtext_see(r, &x);
}

static void hashes(void **state)
{
	struct cl_refidtext *r = cl_refidtext_new(5);
	char means[CL_REFIDMEANS_LEN];
	struct cl_addr server, other;

	(void)state;
	assert_true(cl_addr_parse("2001:db8::2", &server));
	assert_true(cl_addr_parse("2001:db8::11", &other));
	assert_false(cl_refidtext_is(r, HASH_2, 2, &server));
	see(r, "2001:db8::11", "2001:db8::2");
	if (!cl_refidtext_means(r, HASH_2, 4, 2, means) || strcmp(means, "2001:db8::2") != 0) {
#ifdef HAVE_LIBCRYPTO
		fail();
#else
		cl_refidtext_free(r);
		left_out("built without libcrypto: no MD5");
		return;
#endif
	}
	assert_true(cl_refidtext_means(r, HASH_11, 4, 3, means)); /* a client may be a server elsewhere */
	assert_string_equal(means, "2001:db8::11");
	assert_true(cl_refidtext_is(r, HASH_2, 2, &server));
	assert_false(cl_refidtext_is(r, HASH_2, 2, &other));
	assert_false(cl_refidtext_is(r, HASH_2, 1, &server)); /* no server's at stratum 1 */
	assert_int_equal(cl_refidtext_refused(r), 0);
	cl_refidtext_free(r);
}

static void words(void **state)
{
	struct cl_refidtext *r = cl_refidtext_new(5);
	char text[CL_REFIDTEXT_LEN], means[CL_REFIDMEANS_LEN];
	struct cl_addr server;

	(void)state;
	assert_true(cl_refidtext_format(0x50505300, 4, 1, text)); /* PPS */
	assert_string_equal(text, "PPS");
	assert_true(cl_refidtext_means(r, 0x50505300, 4, 1, means));
	assert_non_null(strstr(means, "pulse per second"));
	assert_false(cl_refidtext_format(0xffffffff, 4, 2, text));
	assert_string_equal(text, "255.255.255.255");
	assert_false(cl_refidtext_format(0xc0000201, 4, 2, text));
	assert_string_equal(text, "192.0.2.1");
	assert_false(cl_refidtext_means(r, 0xc0000201, 4, 2, means));
	assert_true(cl_addr_parse("192.0.2.1", &server));
	assert_true(cl_refidtext_is(r, 0xc0000201, 2, &server));
	assert_false(cl_refidtext_is(r, 0xc0000202, 2, &server));
	assert_true(cl_refidtext_means(r, 0x7f7f1402, 4, 1, means)); /* 127.127.20.2 */
	assert_string_equal(means, "reference clock of ntpd, driver 20");
	assert_true(cl_refidtext_format(0x52415445, 4, 0, text));
	assert_string_equal(text, "RATE");
	assert_string_equal(cl_leap_text(3), "unsync");
	cl_refidtext_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hashes), cmocka_unit_test(words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
