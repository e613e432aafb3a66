/* SPDX-License-Identifier: BSD-2-Clause */
/* QUIC Initial packets: what is read of them, and what their connections are counted as. */
#include "dissect/tls/keys.h"
#include "tests/unit/tls_vectors.h"
#include "tests/unit/vectors.h"

static uint8_t payload[2000];

static void feed(struct rig *r, uint16_t sport, uint16_t dport, const char *hex)
{
	size_t n = unhex(hex, payload);

	assert_int_equal(rig_udp(r, sport, dport, payload, n), CL_FATE_OTHER);
}

static uint64_t fact(const struct rig *r, enum cl_fact id)
{
	return cl_dissector_ledger(r->d)->fact[id];
}

static void initial_packets_are_opened(void **state)
{
	static const struct {
		const char *packet, *shows[3];
	} rows[] = {
		{ QUIC_A2,
		  { "quic.dcid=8394c8f03e515708", "tls.handshake.extensions_server_name=example.com",
		    "tls.handshake.random="
		    "ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c" } },
		{ QUIC_DOH,
		  { "tls.handshake.extensions_server_name=dns.google", "tls.handshake.extensions_alpn_str=h3",
		    "tls.connection_kind=doh" } },
		{ QUIC_DOQ_V2,
		  { "quic.version=1798521807", "tls.handshake.extensions_alpn_str=doq",
		    "tls.connection_kind=doq" } },
		{ QUIC_PART,
		  { "tls.handshake.extensions_server_name=dns.example",
		    "tls.handshake.extensions_alpn_str=doq", "tls.connection_kind=doq" } },
		{ QUIC_FAR,
		  { "quic.version=1", "tls.handshake.extensions_server_name=dns.google",
		    "tls.connection_kind=doh" } },
		{ QUIC_TOKEN,
		  { "quic.scil=0", "tls.handshake.extensions_alpn_str=doq", "tls.connection_kind=doq" } },
	};

	(void)state;
	if (!cl_tls_can_open())
		return left_out("built without libcrypto");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_open_detail(&r);
		feed(&r, 50000, 443, rows[i].packet);
		for (size_t j = 0; j < 3; j++)
			assert_shows(&r, rows[i].shows[j]);
		assert_null(strchr(r.text->text, '!'));
		rig_close(&r);
	}
}

static void connections_are_counted_once(void **state)
{
	bool opened = cl_tls_can_open();

	(void)state;
	for (int depth = 0; depth < 2; depth++) {
		struct rig r;

		open_at(&r, depth != 0);
		feed(&r, 50000, 853, QUIC_TOKEN);
		feed(&r, 50000, 853, QUIC_TOKEN); /* retransmitted */
		feed(&r, 853, 50000, QUIC_TOKEN); /* the server's way */
		assert_int_equal(fact(&r, CL_FACT_DOQ_CONNECTIONS), 1);
		feed(&r, 50001, 853, QUIC_A2); /* by port, whatever it offers */
		assert_int_equal(fact(&r, CL_FACT_DOQ_CONNECTIONS), 2);
		feed(&r, 50002, 443, QUIC_DOQ_V2);
		assert_int_equal(fact(&r, CL_FACT_DOQ_CONNECTIONS), 2 + opened);
		feed(&r, 50003, 443, QUIC_DOH);
		feed(&r, 50004, 443, QUIC_A2); /* neither */
		assert_int_equal(fact(&r, CL_FACT_DOH_CONNECTIONS), opened);
		assert_int_equal(fact(&r, CL_FACT_DOQ_CONNECTIONS), 2 + opened);
		feed(&r, 50005, 853, "40010203040506070809"); /* a short header */
		feed(&r, 50006, 853, "80010203040506070809"); /* a long one of an unknown version */
		assert_int_equal(fact(&r, CL_FACT_DOQ_CONNECTIONS), 2 + opened);
		rig_close(&r);
	}
}

/* An octet changed anywhere, or the packet cut: it does not open, and nothing is read past its end. */
static void damage_does_no_harm(void **state)
{
	static const char *const packets[] = { QUIC_DOH, QUIC_TOKEN };

	(void)state;
	if (raised_file() != NULL)
		return;
	for (size_t i = 0; i < COUNT(packets); i++) {
		size_t n = unhex(packets[i], payload);
		struct rig r;

		rig_open_detail(&r);
		for (size_t at = 0; at < n; at++)
			for (unsigned bit = 0; bit < 9; bit++) {
				uint8_t saved = payload[at];

				if (bit < 8)
					payload[at] = (uint8_t)(saved ^ 1u << bit);
				rig_udp(&r, 50000, 853, payload, bit == 8 ? at : n);
				if (bit < 8 &&
				    at > 20) /* the header's own octets are all under the seal too */
					assert_null(strstr(r.text->text, "tls.handshake"));
				payload[at] = saved;
			}
		for (size_t kept = 0; kept < n; kept++)
			rig_udp_cut(&r, 50000, 853, payload, n, kept);
		rig_close(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initial_packets_are_opened),
		cmocka_unit_test(connections_are_counted_once),
		cmocka_unit_test(damage_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
