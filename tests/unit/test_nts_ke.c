/* SPDX-License-Identifier: BSD-2-Clause */
/* NTS-KE records and the rules of RFC 8915 sec. 4, as octets out of the TLS records. */
#include "dissect/tls/nts_ke.h"
#include "tests/unit/vectors.h"

#define NTPV4	 "8001 0002 0000 "
#define AEAD_15	 "8004 0002 000f "
#define COOKIE	 "0005 0004 aabbccdd "
#define COOKIES	 COOKIE COOKIE COOKIE COOKIE COOKIE COOKIE COOKIE COOKIE
#define END	 "8000 0000"
#define REQUEST	 NTPV4 AEAD_15 END
#define RESPONSE NTPV4 AEAD_15 COOKIES END

struct ke_rig {
	struct cl_ledger ledger;
	struct cl_limits limits;
	struct cl_detail *detail;
	struct cl_frame frame;
	struct cl_event ev;
	struct cl_pkt p;
	struct cl_nts_ke *ke;
	struct detail_text text;
};

static struct ke_rig *ke_open(void)
{
	struct ke_rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->detail = cl_detail_new();
	r->ke = cl_nts_ke_new();
	assert_true(r->detail != NULL && r->ke != NULL);
	return r;
}

static void ke_close(struct ke_rig *r)
{
	raised_note(&r->ledger);
	cl_nts_ke_free(r->ke);
	cl_detail_free(r->detail);
	free(r);
}

static void ke_feed(struct ke_rig *r, unsigned direction, const uint8_t *octets, size_t n)
{
	static const struct cl_protocol below = { "tls", "TLS" };
	uint8_t *exact = malloc(n > 0 ? n : 1);

	assert_non_null(exact);
	memcpy(exact, octets, n);
	cl_detail_clear(r->detail);
	r->p.ev = &r->ev;
	r->p.frame = &r->frame;
	r->p.ledger = &r->ledger;
	r->p.limits = &r->limits;
	r->p.detail = r->detail;
	cl_pkt_layer(&r->p, &below);
	cl_nts_ke_take(r->ke, &r->p, direction, (struct cl_span){ exact, (uint32_t)n });
	detail_take(&r->text, &r->frame, r->detail);
	free(exact);
}

static void ke_hex(struct ke_rig *r, unsigned direction, const char *hex)
{
	static uint8_t octets[FRAME_ROOM];

	ke_feed(r, direction, octets, unhex(hex, octets));
}

static void ke_shows(const struct ke_rig *r, const char *line)
{
	if (!detail_has(&r->text, line))
		fail_msg("no %s in\n%s", line, r->text.text);
}

static uint64_t anomalies(const struct ke_rig *r)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		n += r->ledger.anomaly[i];
	return n;
}

static void a_good_exchange(void **state)
{
	struct ke_rig *r = ke_open();

	(void)state;
	ke_hex(r, 0, REQUEST);
	assert_string_equal(r->text.text, "tls\nnts-ke\nnts-ke.response=0\n"
					  "{\nnts-ke.record.critical_bit=1\nnts-ke.record.type=1\n"
					  "nts-ke.record.body_length=2\nnts-ke.record.next_proto=0\n}\n"
					  "{\nnts-ke.record.critical_bit=1\nnts-ke.record.type=4\n"
					  "nts-ke.record.body_length=2\nnts-ke.record.aead_algo=15\n}\n"
					  "{\nnts-ke.record.critical_bit=1\nnts-ke.record.type=0\n"
					  "nts-ke.record.body_length=0\n}\n");
	ke_hex(r, 1, RESPONSE);
	ke_shows(r, "nts-ke.response=1");
	ke_shows(r, "nts-ke.record.cookie=aabbccdd");
	ke_shows(r, "nts-ke.cookies=8");
	assert_int_equal(anomalies(r), 0);
	ke_close(r);
}

/* Rows: what each type shows. */
static void every_type_is_shown(void **state)
{
	static const struct {
		uint16_t type;
		const char *request, *response, *shows;
	} rows[] = {
		{ 0, REQUEST, RESPONSE, "nts-ke.record.type=0" },
		{ 1, "8001 0004 0000 8001 " AEAD_15 END, RESPONSE, "nts-ke.record.next_proto=0" },
		{ 2, REQUEST, "8002 0002 0001 " END, "nts-ke.record.error=1" },
		{ 3, REQUEST, NTPV4 AEAD_15 COOKIES "8003 0002 0007 " END, "nts-ke.record.warning=7" },
		{ 4, NTPV4 "0004 0004 001e 000f " END, NTPV4 "0004 0002 001e " COOKIES END,
		  "nts-ke.record.aead_algo=30" },
		{ 5, REQUEST, RESPONSE, "nts-ke.record.cookie=aabbccdd" },
		{ 6, REQUEST, NTPV4 AEAD_15 COOKIES "8006 000b 6e74702e6578616d706c65 " END,
		  "nts-ke.record.server=ntp.example" },
		{ 7, REQUEST, NTPV4 AEAD_15 COOKIES "0007 0002 04d2 " END, "nts-ke.record.port=1234" },
		{ 1024, NTPV4 "8004 0002 001e 0400 0000 " END, NTPV4 "8004 0002 001e 0400 0000 " COOKIES END,
		  "nts-ke.record.type=1024" },
		{ 16385, "8001 0004 0000 8001 " AEAD_15 "4001 0005 64726166 74" END,
		  NTPV4 AEAD_15 COOKIES "4001 0005 64726166 74" END, "nts-ke.record.text=draft" },
	};
	const uint16_t *types;

	(void)state;
	assert_int_equal(cl_nts_ke_types(&types), COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ke_rig *r = ke_open();

		assert_int_equal(rows[i].type, types[i]);
		assert_true(i == 0 || types[i - 1] < types[i]);
		ke_hex(r, 0, rows[i].request);
		ke_hex(r, 1, rows[i].response);
		ke_shows(r, rows[i].shows);
		assert_int_equal(anomalies(r), rows[i].type == 3); /* no warning is defined */
		ke_close(r);
	}
	assert_string_equal(cl_nts_ke_aead_name(15), "AEAD_AES_SIV_CMAC_256");
	for (uint64_t id = 1; id <= 33; id++)
		assert_non_null(cl_nts_ke_aead_name(id));
	assert_null(cl_nts_ke_aead_name(0));
	assert_null(cl_nts_ke_aead_name(34));
}

/* Breaches: the one anomaly that comes of each. */
static const struct {
	const char *name, *request, *response;
	enum cl_anomaly id;
} breaches[] = {
	{ "end of message with a body", NTPV4 AEAD_15 "8000 0001 00", NULL, CL_ANOM_NTS_KE_BAD_BODY },
	{ "odd list", "8001 0003 0000 00" AEAD_15 END, NULL, CL_ANOM_NTS_KE_BAD_BODY },
	{ "error of four octets", REQUEST, "8002 0004 00010000" END, CL_ANOM_NTS_KE_BAD_BODY },
	{ "port of one octet", REQUEST, NTPV4 AEAD_15 COOKIES "0007 0001 01" END, CL_ANOM_NTS_KE_BAD_BODY },
	{ "exporter context with a body", NTPV4 AEAD_15 "0400 0001 00" END, NULL, CL_ANOM_NTS_KE_BAD_BODY },
	{ "end of message not critical", NTPV4 AEAD_15 "0000 0000", NULL, CL_ANOM_NTS_KE_NOT_CRITICAL },
	{ "next protocol not critical", "0001 0002 0000 " AEAD_15 END, NULL, CL_ANOM_NTS_KE_NOT_CRITICAL },
	{ "error not critical", REQUEST, "0002 0002 0001 " END, CL_ANOM_NTS_KE_NOT_CRITICAL },
	{ "cookie critical", REQUEST, NTPV4 AEAD_15 "8005 0004 aabbccdd" COOKIES END,
	  CL_ANOM_NTS_KE_CRITICAL },
	{ "server critical in a request", NTPV4 AEAD_15 "8006 0001 61" END, NULL, CL_ANOM_NTS_KE_CRITICAL },
	{ "port critical in a request", NTPV4 AEAD_15 "8007 0002 007b" END, NULL, CL_ANOM_NTS_KE_CRITICAL },
	{ "exporter context critical", NTPV4 AEAD_15 "8400 0000" END, NULL, CL_ANOM_NTS_KE_CRITICAL },
	{ "unknown and critical", NTPV4 AEAD_15 "8fff 0000" END, NULL, CL_ANOM_NTS_KE_UNKNOWN_CRITICAL },
	{ "after the end", REQUEST "4002 0000", NULL, CL_ANOM_NTS_KE_AFTER_END },
	{ "two protocol records", NTPV4 NTPV4 AEAD_15 END, NULL, CL_ANOM_NTS_KE_REPEATED },
	{ "two AEAD records", NTPV4 AEAD_15 AEAD_15 END, NULL, CL_ANOM_NTS_KE_REPEATED },
	{ "two servers", REQUEST, NTPV4 AEAD_15 COOKIES "0006 0001 61 0006 0001 61" END,
	  CL_ANOM_NTS_KE_REPEATED },
	{ "cookie in a request", NTPV4 AEAD_15 COOKIE END, NULL, CL_ANOM_NTS_KE_SERVER_RECORD },
	{ "error in a request", NTPV4 AEAD_15 "8002 0002 0001" END, NULL, CL_ANOM_NTS_KE_SERVER_RECORD },
	{ "request without protocol", AEAD_15 END, NULL, CL_ANOM_NTS_KE_NO_PROTOCOL },
	{ "response without protocol", REQUEST, AEAD_15 COOKIES END, CL_ANOM_NTS_KE_NO_PROTOCOL },
	{ "request of no protocol", "8001 0000" AEAD_15 END, NULL, CL_ANOM_NTS_KE_EMPTY_OFFER },
	{ "request of no algorithm", NTPV4 "8004 0000" END, NULL, CL_ANOM_NTS_KE_EMPTY_OFFER },
	{ "request without AEAD", NTPV4 END, NULL, CL_ANOM_NTS_KE_NO_AEAD },
	{ "response without AEAD", REQUEST, NTPV4 COOKIES END, CL_ANOM_NTS_KE_NO_AEAD },
	{ "two algorithms agreed", NTPV4 "8004 0004 000f 001e" END, NTPV4 "8004 0004 000f 001e" COOKIES END,
	  CL_ANOM_NTS_KE_MANY_AEADS },
	{ "algorithm not offered", REQUEST, NTPV4 "8004 0002 001e" COOKIES END, CL_ANOM_NTS_KE_NOT_OFFERED },
	{ "protocol not offered", REQUEST, "8001 0004 0000 8001" AEAD_15 COOKIES END,
	  CL_ANOM_NTS_KE_NOT_OFFERED },
	{ "no cookie", REQUEST, NTPV4 AEAD_15 END, CL_ANOM_NTS_KE_NO_COOKIE },
	{ "seven cookies", REQUEST, NTPV4 AEAD_15 COOKIE COOKIE COOKIE COOKIE COOKIE COOKIE COOKIE END,
	  CL_ANOM_NTS_KE_FEW_COOKIES },
	{ "server with a space", REQUEST, NTPV4 AEAD_15 COOKIES "0006 0003 612062" END,
	  CL_ANOM_NTS_KE_BAD_SERVER },
	{ "server with a zone", REQUEST, NTPV4 AEAD_15 COOKIES "0006 0006 666538302531" END,
	  CL_ANOM_NTS_KE_BAD_SERVER },
	{ "no server at all", REQUEST, NTPV4 AEAD_15 COOKIES "0006 0000" END, CL_ANOM_NTS_KE_BAD_SERVER },
	{ "a warning", REQUEST, NTPV4 AEAD_15 COOKIES "8003 0002 0000" END, CL_ANOM_NTS_KE_UNKNOWN_WARNING },
};

static void each_breach_has_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(breaches); i++) {
		struct ke_rig *r = ke_open();

		ke_hex(r, 0, breaches[i].request);
		if (breaches[i].response != NULL)
			ke_hex(r, 1, breaches[i].response);
		if (r->ledger.anomaly[breaches[i].id] != 1 || anomalies(r) != 1)
			fail_msg("%s:\n%s", breaches[i].name, r->text.text);
		ke_close(r);
	}
}

/* What is no breach: nothing is agreed, an error, unknown and not critical. */
static void good_answers(void **state)
{
	static const char *const good[] = {
		"8001 0000 " END,			  /* none of the protocols */
		NTPV4 "8004 0000 " END,			  /* none of the algorithms */
		"8002 0002 0000 " END,			  /* an error alone */
		NTPV4 AEAD_15 COOKIES "4fff 0001 00" END, /* private, not critical */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct ke_rig *r = ke_open();

		ke_hex(r, 0, REQUEST);
		ke_hex(r, 1, good[i]);
		if (anomalies(r) != 0)
			fail_msg("%s:\n%s", good[i], r->text.text);
		ke_close(r);
	}
}

/* However records of TLS cut the message, the same is read. */
static void any_split_gives_the_same(void **state)
{
	static uint8_t octets[200];
	size_t n = unhex(RESPONSE, octets);

	(void)state;
	for (size_t step = 1; step <= n; step++) {
		struct ke_rig *r = ke_open();

		ke_hex(r, 0, REQUEST);
		for (size_t at = 0; at < n; at += step)
			ke_feed(r, 1, octets + at, n - at < step ? n - at : step);
		ke_shows(r, "nts-ke.cookies=8");
		assert_int_equal(anomalies(r), 0);
		ke_close(r);
	}
}

static void cookies_are_estimated(void **state)
{
	(void)state;
	assert_int_equal(cl_nts_ke_estimate(848), 8); /* chronyd 4.3: eight of 100 */
	assert_int_equal(cl_nts_ke_estimate(16 + 3 * 104), 3);
	assert_int_equal(cl_nts_ke_estimate(16), 0);
	assert_int_equal(cl_nts_ke_estimate(0), 0);
	assert_int_equal(cl_nts_ke_estimate(52), 0); /* a Finished */
	assert_int_equal(cl_nts_ke_estimate(65535), 0);
}

static void damage_does_no_harm(void **state)
{
	static uint8_t octets[400];

	(void)state;
	if (raised_file() != NULL)
		return;
	for (size_t i = 0; i < COUNT(breaches); i++) {
		unsigned direction = breaches[i].response != NULL;
		size_t n = unhex(direction != 0 ? breaches[i].response : breaches[i].request, octets);

		for (size_t at = 0; at < n; at++)
			for (unsigned change = 0; change < 11; change++) {
				struct ke_rig *r = ke_open();
				uint8_t saved = octets[at];

				ke_hex(r, 0, REQUEST);
				if (change < 8)
					octets[at] = (uint8_t)(saved ^ 1u << change);
				else if (change < 10)
					octets[at] = (uint8_t)(saved + (change == 8 ? 1u : 255u));
				ke_feed(r, direction, octets, change == 10 ? at : n);
				ke_feed(r, direction, octets, n);
				octets[at] = saved;
				ke_close(r);
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_exchange),	    cmocka_unit_test(every_type_is_shown),
		cmocka_unit_test(each_breach_has_a_name),   cmocka_unit_test(good_answers),
		cmocka_unit_test(any_split_gives_the_same), cmocka_unit_test(cookies_are_estimated),
		cmocka_unit_test(damage_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
