/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS records and handshakes, the key schedule of RFC 8448, and what connections are counted as. */
#include "dissect/keylog.h"
#include "dissect/tls/fields.h"
#include "dissect/tls/keys.h"
#include "dissect/tls/kind.h"
#include "tests/unit/tls_rig.h"
#include "tests/unit/tls_vectors.h"

static const struct tls_turn rfc[] = {
	{ 0, RFC_CLIENT_HELLO },    { 1, RFC_SERVER_HELLO }, { 1, RFC_SERVER_FLIGHT },
	{ 0, RFC_CLIENT_FINISHED }, { 0, RFC_CLIENT_DATA },
};
static const struct tls_turn hello13[] = {
	{ 0, CLIENT_HELLO }, { 1, RETRY }, { 0, CLIENT_HELLO }, { 1, SERVER_HELLO_13 }, { 1, ALERT },
};
static const struct tls_turn ecdhe12[] = {
	{ 0, CLIENT_HELLO }, { 1, SERVER_HELLO_12 }, { 1, FLIGHT_12 }, { 0, CLIENT_12 }, { 1, SERVER_12 },
};
static const struct tls_turn dhe12[] = {
	{ 0, CLIENT_HELLO },
	{ 1, SERVER_DHE },
	{ 0, CLIENT_DHE },
	{ 0, VERIFY },
};
static const struct tls_turn rsa12[] = {
	{ 0, CLIENT_HELLO },
	{ 1, SERVER_RSA },
	{ 0, CLIENT_RSA },
};

static const struct tls_turn npn12[] = {
	{ 0, CLIENT_HELLO },
	{ 1, SERVER_HELLO_NPN },
};

static struct cl_keylog *rfc_keys(void)
{
	struct cl_keylog *k = cl_keylog_new();

	assert_non_null(k);
	assert_int_equal(cl_keylog_add(k, RFC_KEYLOG, strlen(RFC_KEYLOG)), 4);
	assert_int_equal(cl_keylog_count(k), 1);
	return k;
}

static void key_logs_are_read(void **state)
{
	static const uint8_t other[32] = { 1 };
	struct cl_keylog *k = rfc_keys();
	uint8_t random[32];
	char line[300];

	(void)state;
	unhex("cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7", random);
	assert_int_equal(cl_keylog_find(k, CL_SECRET_CLIENT_TRAFFIC, random).len, 32);
	assert_int_equal(cl_keylog_find(k, CL_SECRET_CLIENT_TRAFFIC, random).ptr[0], 0x9e);
	assert_int_equal(cl_keylog_find(k, CL_SECRET_EXPORTER, random).len, 0);
	assert_int_equal(cl_keylog_find(k, CL_SECRET_CLIENT_TRAFFIC, other).len, 0);
	assert_int_equal(cl_keylog_find(NULL, CL_SECRET_CLIENT_TRAFFIC, other).len, 0);
	/* none of these is a secret */
	assert_int_equal(cl_keylog_add(k, "", 0), 0);
	assert_int_equal(cl_keylog_add(k, "\n\n#x\nEXPORTER_SECRET\nEXPORTER_SECRET 00 11", 43), 0);
	snprintf(line, sizeof(line), "EXPORTER_SECRET %064d %062d", 0, 0);
	assert_int_equal(cl_keylog_add(k, line, strlen(line)), 0);
	snprintf(line, sizeof(line), "EXPORTER_SECRET %064d %098d", 0, 0);
	assert_int_equal(cl_keylog_add(k, line, strlen(line)), 0);
	snprintf(line, sizeof(line), "EXPORTER_SECRET %064d %096d", 0, 0);
	assert_int_equal(cl_keylog_add(k, line, strlen(line)), 1);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "SERVER_TRAFFIC_SECRET_0 %08x%056d %064u", i * 2654435761u, 1,
			 i);
		assert_int_equal(cl_keylog_add(k, line, strlen(line)), 1);
	}
	assert_int_equal(cl_keylog_count(k), 1002);
	assert_int_equal(cl_keylog_find(k, CL_SECRET_CLIENT_HANDSHAKE, random).len, 32);
	cl_keylog_free(k);
}

/* The same, in the words of another file of lines: nothing is read past a text's end. */
static void key_logs_cut_anywhere(void **state)
{
	(void)state;
	for (size_t n = 0; n < strlen(RFC_KEYLOG); n++) {
		struct cl_keylog *k = cl_keylog_new();
		char *exact = malloc(n + (n == 0));

		assert_non_null(exact);
		memcpy(exact, RFC_KEYLOG, n);
		assert_true(cl_keylog_add(k, exact, n) <= 4);
		free(exact);
		cl_keylog_free(k);
	}
}

static void assert_hex(const uint8_t *octets, const char *hex)
{
	uint8_t expect[64];
	size_t n = unhex(hex, expect);

	assert_memory_equal(octets, expect, n);
}

static void rfc8448_keys(void **state)
{
	struct cl_tls_key k;
	uint8_t secret[32], out[32];

	(void)state;
	if (!cl_tls_can_open())
		return left_out("built without libcrypto");
	unhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38", secret);
	assert_true(cl_tls_key_set(&k, 0x1301, (struct cl_span){ secret, 32 }));
	assert_hex(k.key, "3fce516009c21727d0f2e4e86ee403bc");
	assert_hex(k.iv, "5d313eb2671276ee13000b30");
	assert_true(cl_tls_expand((struct cl_span){ secret, 32 }, "finished", out, 32));
	assert_hex(out, "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8");
	unhex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21", secret);
	assert_true(cl_tls_key_set(&k, 0x1301, (struct cl_span){ secret, 32 }));
	assert_hex(k.key, "dbfaa693d1762c5b666af5d950258d01");
	assert_hex(k.iv, "5bd3c71b836e0b76bb73265f");
	assert_false(cl_tls_key_set(&k, 0x1302, (struct cl_span){ secret, 32 })); /* wants 48 */
	assert_false(cl_tls_key_set(&k, 0xc02f, (struct cl_span){ secret, 32 }));
}

/* RFC 8448 sec. 3, from the ClientHello to the client's data. */
static void rfc8448_records(void **state)
{
	struct cl_keylog *k = rfc_keys();
	struct tls_rig *r;

	(void)state;
	if (!cl_tls_can_open())
		return left_out("built without libcrypto");
	r = tls_play(rfc, COUNT(rfc), false, 443, k);
	tls_shows_all(r, "tls.handshake.extensions_server_name=server\n"
			 "tls.handshake.ciphersuite=4865\n"
			 "tls.handshake.extensions_key_share_key_exchange="
			 "c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f\n"
			 "tls.record.opaque_type=23\n"
			 "tls.handshake.type=8\n"
			 "tls.handshake.type=11\n"
			 "tls.handshake.certificate_length=432\n"
			 "tls.handshake.certificate_common_name=rsa\n"
			 "tls.handshake.type=15\n"
			 "tls.handshake.sig_hash_alg=2052\n"
			 "tls.handshake.type=20\n"
			 /* 50 octets of data, 00 to 31, in the last record */
			 "tls.record.length=67\n");
	assert_non_null(strstr(r->text.text, "tls.record.opaque_type=23\ntls.record.content_type=23\n"));
	assert_null(strstr(r->text.text, "tls.record.closed"));
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		assert_int_equal(r->ledger.anomaly[i], 0);
	tls_close(r);
	cl_keylog_free(k);
}

static void keys_are_updated(void **state)
{
	struct cl_keylog *k = rfc_keys();
	struct tls_rig *r;

	(void)state;
	if (!cl_tls_can_open())
		return left_out("built without libcrypto");
	r = tls_play(rfc, COUNT(rfc), false, 443, k);
	r->all = false;
	tls_hex(r, 1, SERVER_MORE);
	tls_shows_all(r, "tls.handshake.session_ticket_lifetime_hint=30\n"
			 "tls.handshake.session_ticket_age_add=4208372421\n"
			 "tls.handshake.session_ticket_nonce=0000\n"
			 "tls.handshake.session_ticket=2c035d\n"
			 "tls.early_data.max_early_data_size=1024\n"
			 "tls.handshake.certificate_request_context=09\n"
			 "tls.handshake.sig_hash_alg=2052\n"
			 "tls.handshake.certificate=3000\n"
			 "tls.handshake.ocsp_response_len=4\n"
			 "tls.handshake.extension.type=17513\n");
	assert_null(strchr(r->text.text, '!'));
	tls_hex(r, 0, KEY_UPDATE);
	tls_shows_all(r, "tls.handshake.type=24\ntls.handshake.key_update.request_update=1\n");
	tls_hex(r, 0, AFTER_UPDATE);
	tls_shows_all(r, "tls.alert_message.desc=0\ntls.record.content_type=23\n");
	assert_null(strstr(r->text.text, "tls.record.closed"));
	assert_int_equal(r->ledger.anomaly[CL_ANOM_TLS_BAD_SEAL], 0);
	tls_close(r);
	cl_keylog_free(k);
}

static void without_secrets_records_stay_closed(void **state)
{
	struct tls_rig *r = tls_play(rfc, COUNT(rfc), false, 443, NULL);

	(void)state;
	tls_shows(r, "tls.record.length=674");
	tls_shows(r, cl_tls_can_open() ? "tls.record.closed=no secret for it"
				       : "tls.record.closed=built without libcrypto");
	assert_null(strstr(r->text.text, "tls.handshake.type=11\n"));
	tls_close(r);
}

/* However segments cut the stream, the same is read. */
static void any_split_gives_the_same(void **state)
{
	static uint8_t stream[4000];
	struct cl_keylog *k = rfc_keys();
	struct tls_rig *whole = tls_play(rfc, COUNT(rfc), false, 443, k);
	uint32_t attrs = 0;
	size_t n;

	(void)state;
	for (const char *at = whole->text.text; (at = strstr(at, "tls.")) != NULL; at++)
		attrs++;
	n = unhex(RFC_SERVER_HELLO, stream);
	n += unhex(RFC_SERVER_FLIGHT, stream + n);
	for (size_t cut = 1; cut < n; cut += 7) {
		struct tls_rig *r = tls_open(false, 443, k);
		uint32_t got = 0;

		r->all = true;
		tls_hex(r, 0, RFC_CLIENT_HELLO);
		tls_feed(r, 1, stream, cut);
		tls_feed(r, 1, stream + cut, n - cut);
		tls_hex(r, 0, RFC_CLIENT_FINISHED);
		tls_hex(r, 0, RFC_CLIENT_DATA);
		for (const char *at = r->text.text; (at = strstr(at, "tls.")) != NULL; at++)
			got++;
		assert_int_equal(got, attrs);
		tls_close(r);
	}
	tls_close(whole);
	cl_keylog_free(k);
}

/* A handshake message in records of a few octets each, also in the lean pass. */
static void messages_in_many_records(void **state)
{
	static uint8_t record[300], piece[16] = { 22, 3, 1, 0, 0 };

	(void)state;
	for (int lean = 0; lean < 2; lean++)
		for (size_t step = 1; step <= 9; step += 4) {
			struct tls_rig *r = tls_open(lean != 0, 4460, NULL);
			size_t n = unhex(RFC_CLIENT_HELLO, record);

			for (size_t at = 5; at < n; at += step) {
				size_t len = n - at < step ? n - at : step;

				piece[4] = (uint8_t)len;
				memcpy(piece + 5, record + at, len);
				tls_feed(r, 0, piece, 5 + len);
			}
			assert_int_equal(r->ledger.fact[CL_FACT_NTS_KE_CONNECTIONS], 1);
			assert_int_equal(r->ledger.anomaly[CL_ANOM_NTS_KE_NO_ALPN], 1);
			if (lean == 0)
				tls_shows(r, "tls.handshake.extensions_server_name=server");
			tls_close(r);
		}
}

/* RFC 7858 sec. 3.1: the port tells, where no ALPN does. */
static void the_port_of_dot(void **state)
{
	static uint8_t record[300];
	struct tls_rig *r = tls_open(false, 853, NULL);

	(void)state;
	tls_feed(r, 0, record, unhex(RFC_CLIENT_HELLO, record));
	assert_int_equal(r->ledger.fact[CL_FACT_DOT_CONNECTIONS], 1);
	assert_int_equal(r->ledger.fact[CL_FACT_NTS_KE_CONNECTIONS], 0);
	tls_shows(r, "tls.connection_kind=dot");
	tls_close(r);
}

static void extensions_of_tls_13(void **state)
{
	struct tls_rig *r = tls_play(hello13, COUNT(hello13), false, 443, NULL);

	(void)state;
	tls_shows_all(r, "tls.handshake.extensions_server_name=dns.Quad9.net\n"
			 "tls.handshake.max_fragment_length=2\n"
			 "tls.handshake.extensions_status_request_type=1\n"
			 "tls.handshake.extensions_status_request_list_len=7\n"
			 "tls.handshake.extensions_supported_group=10794\n"
			 "tls.handshake.extensions_supported_group=29\n"
			 "tls.handshake.extensions_ec_point_format=1\n"
			 "tls.handshake.sig_hash_alg=1027\n"
			 "tls.handshake.extension.heartbeat.mode=1\n"
			 "tls.handshake.extensions_alpn_str=h2\n"
			 "tls.handshake.extensions_alpn_str=http/1.1\n"
			 "tls.handshake.extensions_padding_data=00000000\n"
			 "tls.compress_certificate.algorithm=2\n"
			 "tls.record_size_limit=16385\n"
			 "tls.handshake.sig_hash_alg=1283\n"
			 "tls.handshake.extensions.psk.identity.identity=aabb\n"
			 "tls.handshake.extensions.psk.identity.obfuscated_ticket_age=7\n"
			 "tls.handshake.extensions.psk.binders_len=33\n"
			 "tls.handshake.extensions.supported_version=14906\n"
			 "tls.handshake.extensions.cookie=c0c1\n"
			 "tls.extension.psk_ke_mode=1\n"
			 "tls.handshake.sig_hash_alg=2055\n"
			 "tls.handshake.extensions_key_share_group=29\n"
			 "tls.handshake.extensions_key_share_key_exchange=77777777\n"
			 "tls.handshake.extensions_alps_alpn_str=h2\n"
			 "tls.handshake.extensions_reneg_info_len=0\n"
			 "tls.handshake.extension.data=99\n"
			 "tls.handshake.hello_retry_request=1\n"
			 "tls.handshake.extensions_key_share_selected_group=23\n"
			 "tls.handshake.extensions.psk.identity.selected=0\n"
			 "tls.time_since_client_hello=1000000\n"
			 "tls.handshake.ja3s_full=771,4865,43-51-44\n"
			 "tls.alert_message.desc=40\n"
			 "tls.connection_kind=doh\n");
	assert_int_equal(r->ledger.fact[CL_FACT_DOH_CONNECTIONS], 1); /* once, though it says hello twice */
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		assert_int_equal(r->ledger.anomaly[i], 0);
	tls_close(r);
}

static void handshakes_of_tls_12(void **state)
{
	struct tls_rig *r = tls_play(ecdhe12, COUNT(ecdhe12), false, 443, NULL);

	(void)state;
	tls_shows_all(r, "tls.handshake.random_time=539042339000000000\n" /* 0x20212223 */
			 "tls.sct.sct_timestamp=1581511633255000000\n"
			 "tls.sct.sct_signature=3000\n"
			 "tls.handshake.certificate_common_name=ntp.example\n"
			 "tls.handshake.server_named_curve=29\n"
			 "tls.handshake.server_point=66666666\n"
			 "tls.handshake.sig=5a5a5a\n"
			 "tls.handshake.cert_type=64\n"
			 "tls.handshake.dname_len=2\n"
			 "tls.handshake.type=14\n"
			 "tls.handshake.ocsp_response_len=2\n"
			 "tls.handshake.client_point=44444444\n"
			 "tls.handshake.session_ticket_lifetime_hint=300\n"
			 "tls.handshake.session_ticket=abcd\n");
	tls_shows(r, cl_tls_can_open() ? "tls.record.closed=only TLS 1.3 is opened"
				       : "tls.record.closed=built without libcrypto");
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		assert_int_equal(r->ledger.anomaly[i], 0);
	tls_close(r);
	r = tls_play(dhe12, COUNT(dhe12), false, 443, NULL);
	tls_shows_all(r, "tls.handshake.p=0d0e\ntls.handshake.g=02\ntls.handshake.ys=3333\n"
			 "tls.handshake.yc=44444444\ntls.handshake.client_cert_vrfy.sig=46464646\n");
	tls_close(r);
	r = tls_play(npn12, COUNT(npn12), false, 443, NULL);
	tls_shows_all(r, "tls.handshake.type=0\ntls.handshake.extensions_npn=spdy/3\n"
			 "tls.handshake.extensions_npn=http/1.1\ntls.handshake.type=5\n");
	assert_null(strchr(r->text.text, '!'));
	tls_close(r);
	r = tls_play(rsa12, COUNT(rsa12), false, 443, NULL);
	tls_shows(r, "tls.handshake.epms=45454545");
	tls_close(r);
}

/* Anomalies: what is fed after what, and the one that comes of it. */
static const struct {
	const char *name;
	uint16_t port;
	const char *first; /* the client's; NULL: none */
	unsigned dir;
	const char *then;
	enum cl_anomaly id;
} wrong[] = {
	{ "no record", 443, NULL, 0, "474554202f20485454502f312e310d0a", CL_ANOM_TLS_NO_RECORD },
	{ "empty handshake record", 443, CLIENT_HELLO, 1, "1603030000", CL_ANOM_TLS_BAD_RECORD_LENGTH },
	{ "vector", 443, NULL, 0,
	  "160301002d0100002903030000000000000000000000000000000000000000000000000000000000000000000002000000"
	  "00",
	  CL_ANOM_TLS_BAD_VECTOR },
	{ "long message", 443, CLIENT_HELLO, 0, "16030100050101000100ff", CL_ANOM_TLS_LONG_HANDSHAKE },
	{ "alert of three octets", 443, CLIENT_HELLO, 0, "1503030003022800", CL_ANOM_TLS_BAD_ALERT },
	{ "change of 2", 443, CLIENT_HELLO, 0, "140303000102", CL_ANOM_TLS_BAD_CHANGE },
	{ "port 4460 without ALPN", 4460, NULL, 0, RFC_CLIENT_HELLO, CL_ANOM_NTS_KE_NO_ALPN },
	{ "TLS 1.2 for NTS-KE", 4460, RFC_CLIENT_HELLO, 1, SERVER_HELLO_12, CL_ANOM_NTS_KE_OLD_TLS },
};

static void each_anomaly_has_a_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct tls_rig *r = tls_open(false, wrong[i].port, NULL);
		char line[100];

		if (wrong[i].first != NULL)
			tls_hex(r, 0, wrong[i].first);
		tls_hex(r, wrong[i].dir, wrong[i].then);
		snprintf(line, sizeof(line), "!%s", cl_anomalies[wrong[i].id].name);
		tls_shows(r, line);
		assert_int_equal(r->ledger.anomaly[wrong[i].id], 1);
		tls_close(r);
	}
}

static void sealed_records_that_do_not_open(void **state)
{
	struct cl_keylog *k = rfc_keys();
	static uint8_t flight[800];
	size_t n = unhex(RFC_SERVER_FLIGHT, flight);

	(void)state;
	if (!cl_tls_can_open())
		return left_out("built without libcrypto");
	struct tls_rig *r = tls_play(rfc, 2, false, 443, k);
	flight[300] ^= 1;
	tls_feed(r, 1, flight, n);
	tls_shows(r, "!tls.bad_seal");
	tls_feed(r, 1, flight, n); /* said once: nothing behind it opens */
	assert_int_equal(r->ledger.anomaly[CL_ANOM_TLS_BAD_SEAL], 1);
	tls_close(r);
	/* zeros alone in a record, sealed under the server's handshake key as its first */
	r = tls_play(rfc, 2, false, 443, k);
	tls_hex(r, 1, ZEROS_SEALED);
	tls_shows(r, "!tls.no_content");
	tls_close(r);
	cl_keylog_free(k);
}

/* After a hole nothing is opened, and records go on where a segment begins with one. */
static void holes_are_got_over(void **state)
{
	struct cl_keylog *k = rfc_keys();
	struct tls_rig *r = tls_play(rfc, 2, false, 443, k);
	static uint8_t octets[800];
	size_t n;

	(void)state;
	n = unhex(RFC_SERVER_FLIGHT, octets);
	tls_feed_gap(r, 1, octets + 100, n - 100, true);
	r->text.used = 0;
	tls_feed(r, 1, octets, n);
	tls_shows(r, "tls.record.length=674");
	tls_shows(r, cl_tls_can_open() ? "tls.record.closed=octets before it are missing"
				       : "tls.record.closed=built without libcrypto");
	assert_int_equal(r->ledger.anomaly[CL_ANOM_TLS_NO_RECORD], 0);
	tls_close(r);
	cl_keylog_free(k);
}

static struct cl_span span(const char *s, size_t n)
{
	return (struct cl_span){ (const uint8_t *)s, (uint32_t)n };
}

static void connections_by_kind(void **state)
{
	static const struct {
		bool quic;
		uint16_t port;
		const char *alpn, *sni;
		enum cl_tls_kind kind;
	} rows[] = {
		{ false, 4460, "", "", CL_TLS_NTS_KE },
		{ false, 4430, "", "", CL_TLS_NTS_KE },
		{ false, 123, "", "", CL_TLS_NTS_KE },
		{ false, 853, "", "", CL_TLS_DOT },
		{ false, 443,
		  "\x03"
		  "dot",
		  "", CL_TLS_DOT },
		{ false, 853, "\x07ntske/1", "", CL_TLS_NTS_KE },
		{ true, 853, "", "", CL_TLS_DOQ },
		{ true, 443,
		  "\x02h3\x03"
		  "doq",
		  "", CL_TLS_DOQ },
		{ false, 443, "\x02h2", "DNS.google", CL_TLS_DOH },
		{ false, 443, "", "abc123.dns.nextdns.io", CL_TLS_DOH },
		{ true, 443, "\x02h3", "dns.google", CL_TLS_DOH },
		{ false, 443, "\x02h2", "www.google.com", CL_TLS_OTHER },
		{ false, 443, "\x02h2", "xdns.google", CL_TLS_OTHER },
		{ false, 443, "\xffh2", "", CL_TLS_OTHER },
		{ false, 443, "", "", CL_TLS_OTHER },
		{ false, 8443, "", "dns.google", CL_TLS_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(cl_tls_kind_of(rows[i].quic, rows[i].port,
						span(rows[i].alpn, strlen(rows[i].alpn)),
						span(rows[i].sni, strlen(rows[i].sni))),
				 rows[i].kind);
	for (size_t i = 1; i < cl_tls_resolver_count; i++)
		assert_true(strcmp(cl_tls_resolvers[i - 1], cl_tls_resolvers[i]) < 0);
	for (size_t i = 0; i < cl_tls_resolver_count; i++)
		assert_true(cl_tls_is_resolver(span(cl_tls_resolvers[i], strlen(cl_tls_resolvers[i]))));
}

static unsigned named(const char *(*name)(uint64_t v))
{
	unsigned n = 0;

	for (uint32_t v = 0; v < 65536; v++)
		n += !cl_tls_is_grease((uint16_t)v) && name(v) != NULL;
	return n;
}

/* A table out of order would hide some of its rows. */
static void names_are_all_found(void **state)
{
	(void)state;
	assert_int_equal(named(cl_tls_content_name), 7);
	assert_int_equal(named(cl_tls_version_name), 6);
	assert_int_equal(named(cl_tls_level_name), 2);
	assert_int_equal(named(cl_tls_alert_name), 35);
	assert_int_equal(named(cl_tls_handshake_name), 22);
	assert_int_equal(named(cl_tls_suite_name), 188);
	assert_int_equal(named(cl_tls_extension_name), 69);
	assert_int_equal(named(cl_tls_group_name), 56);
	assert_int_equal(named(cl_tls_signature_name), 38);
	assert_string_equal(cl_tls_suite_name(0x1302), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(cl_tls_suite_name(0xc02f), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
	assert_string_equal(cl_tls_suite_name(0x4a4a), "Reserved (GREASE)");
	assert_string_equal(cl_tls_alert_name(120), "no_application_protocol");
}

/* The lean pass counts what the detail counts, from the client's octets alone, and then wants no more. */
static void lean_counts_alike(void **state)
{
	static const uint16_t ports[] = { 123, 443, 853, 4430, 4460 };

	(void)state;
	for (size_t i = 0; i < COUNT(ports); i++) {
		struct tls_rig *lean = tls_play(hello13, COUNT(hello13), true, ports[i], NULL);
		struct tls_rig *deep = tls_play(hello13, COUNT(hello13), false, ports[i], NULL);

		assert_true(lean->enough[0] && lean->enough[1]);
		assert_memory_equal(lean->ledger.fact, deep->ledger.fact, sizeof(lean->ledger.fact));
		tls_close(lean);
		tls_close(deep);
	}
}

static void damage_does_no_harm(void **state)
{
	struct cl_keylog *k = rfc_keys();

	(void)state;
	tls_damage(hello13, COUNT(hello13), 443, NULL, 1);
	tls_damage(ecdhe12, COUNT(ecdhe12), 853, NULL, 1);
	tls_damage(dhe12, COUNT(dhe12), 4460, NULL, 5);
	tls_damage(rfc, COUNT(rfc), 4460, k, 7);
	cl_keylog_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_logs_are_read),
		cmocka_unit_test(key_logs_cut_anywhere),
		cmocka_unit_test(rfc8448_keys),
		cmocka_unit_test(rfc8448_records),
		cmocka_unit_test(keys_are_updated),
		cmocka_unit_test(without_secrets_records_stay_closed),
		cmocka_unit_test(any_split_gives_the_same),
		cmocka_unit_test(messages_in_many_records),
		cmocka_unit_test(the_port_of_dot),
		cmocka_unit_test(extensions_of_tls_13),
		cmocka_unit_test(handshakes_of_tls_12),
		cmocka_unit_test(each_anomaly_has_a_packet),
		cmocka_unit_test(sealed_records_that_do_not_open),
		cmocka_unit_test(holes_are_got_over),
		cmocka_unit_test(connections_by_kind),
		cmocka_unit_test(names_are_all_found),
		cmocka_unit_test(lean_counts_alike),
		cmocka_unit_test(damage_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
