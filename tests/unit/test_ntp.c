/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vectors.h"

#define IP4(total, length, ports) "4500" total "00010000 40110000 c0000201 c6336401 " ports length "0000 "
#define TO			  "c001 007b "
#define FROM			  "007b c001 "
#define STAMPS                                                                                               \
	"00000010 00000020 4e494354 e000000000000001 e100000000000002 e200000000000003 e300000000000004 "
#define UID    "0104 0024 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define COOKIE "0204 0024 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define AUTH   "0404 0028 0010 0010 000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f"
#define RAW    CL_LINKTYPE_RAW

static const struct vector vectors[] = {
	{ "request",
	  IP4("004c", "0038", TO) "230006ec" STAMPS,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 24, 2 } } },
	{ "response",
	  IP4("004c", "0038", FROM) "24010ce9" STAMPS,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 24, 2 } } },
	{ "MAC",
	  IP4("0060", "004c", TO) "230006ec" STAMPS "00000014 000102030405060708090a0b0c0d0e0f",
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 24, 2 } } },
	{ "crypto-NAK",
	  IP4("0050", "003c", FROM) "24010ce9" STAMPS "00000000",
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 24, 2 } } },
	{ "NTS",
	  IP4("0098", "0084", TO) "230006ec" STAMPS UID AUTH,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 24, 2 }, { 78, 2 }, { 114, 2 } } },
	{ "mode 6",
	  IP4("0028", "0014", TO) "16020001 00000000 00000000",
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 24, 2 } } },
	{ "mode 7",
	  IP4("0024", "0010", TO) "1700032a 00000000",
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 24, 2 } } },
};

static void vectors_cut_flipped_and_lied(void **state)
{
	(void)state;
	check_vectors(vectors, COUNT(vectors));
}

static void header_fields_are_where_rfc5905_has_them(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	assert_int_equal(rig_hex(&r, RAW, vectors[1].frame), CL_FATE_COUNTED);
	const struct cl_ntp *ntp = &r.last.u.ntp;
	assert_int_equal(r.last.kind, CL_EV_NTP);
	assert_int_equal(ntp->version, 4);
	assert_int_equal(ntp->mode, 4);
	assert_int_equal(ntp->stratum, 1);
	assert_int_equal(ntp->poll, 12);
	assert_true(ntp->org == 0xe100000000000002u);
	assert_true(ntp->rec == 0xe200000000000003u);
	assert_true(ntp->xmt == 0xe300000000000004u);
	assert_int_equal(ntp->flags, 0);
	assert_int_equal(r.last.sport, 123);
	assert_int_equal(r.last.dport, 49153);
	assert_int_equal(r.last.wire_len, 76);
	assert_int_equal(r.last.frame_no, 1);
	assert_int_equal(r.last.time_ns, 5000000000);
	rig_close(&r);
}

/* 48 octets with the given first ones. */
static void header(uint8_t out[48], unsigned version, unsigned mode, uint8_t stratum)
{
	memset(out, 0, 48);
	out[0] = (uint8_t)(3u << 6 | version << 3 | mode);
	out[1] = stratum;
	memset(out + 40, 0xe3, 8);
}

/* clientele(1), "Request / response". */
static enum cl_role role_expected(unsigned version, unsigned mode, uint16_t sport)
{
	if (mode == 3 || mode == 1)
		return CL_ROLE_REQUEST;
	if (mode == 4 || mode == 2)
		return CL_ROLE_RESPONSE;
	if (mode == 0 && version == 1)
		return sport == 123 ? CL_ROLE_RESPONSE : CL_ROLE_REQUEST;
	return CL_ROLE_APART;
}

static void roles_by_mode_version_and_port(void **state)
{
	static const uint16_t ports[][2] = { { 50000, 123 }, { 123, 50000 }, { 123, 123 } };
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (unsigned i = 0; i < 8 * 8 * 3; i++) {
		unsigned version = i % 8, mode = i / 8 % 8;
		const uint16_t *port = ports[i / 64];
		uint8_t h[48];

		header(h, version, mode, 2);
		assert_int_equal(rig_udp(&r, port[0], port[1], h, 48), CL_FATE_COUNTED);
		assert_int_equal(r.last.kind, CL_EV_NTP);
		assert_int_equal(r.last.u.ntp.version, version);
		assert_int_equal(r.last.u.ntp.mode, mode);
		assert_int_equal(r.last.role, role_expected(version, mode, port[0]));
		assert_int_equal(r.last.u.ntp.flags, 0);
	}
	rig_close(&r);
}

static void stratum_0_is_a_kiss_in_modes_4_and_2(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (unsigned mode = 0; mode < 8; mode++)
		for (uint8_t stratum = 0; stratum < 2; stratum++) {
			uint8_t h[48];
			bool kiss = stratum == 0 && (mode == 4 || mode == 2);

			header(h, 4, mode, stratum);
			rig_udp(&r, 123, 50000, h, 48);
			assert_int_equal(r.last.u.ntp.flags, kiss ? CL_NTP_KOD : 0);
		}
	rig_close(&r);
}

/* The header's size by mode: RFC 5905 48, mode 6 12 (RFC 9327), mode 7 8. */
static void short_messages_are_malformed_and_cut_ones_truncated(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (unsigned mode = 0; mode < 8; mode++) {
		size_t need = mode == 6 ? 12 : mode == 7 ? 8 : 48;
		uint8_t h[48];

		header(h, 4, mode, 2);
		for (size_t n = 0; n <= 48; n++) {
			assert_int_equal(rig_udp(&r, 50000, 123, h, n),
					 n < need ? CL_FATE_MALFORMED : CL_FATE_COUNTED);
			assert_int_equal(rig_udp_cut(&r, 50000, 123, h, 48, n),
					 n < need && n < 48 ? CL_FATE_TRUNCATED : CL_FATE_COUNTED);
		}
		assert_int_equal(rig_udp_cut(&r, 50000, 123, h, need - 1, need - 2), CL_FATE_MALFORMED);
	}
	rig_close(&r);
}

/* What follows a control message is no tail of a header. */
static void modes_6_and_7_have_no_tail(void **state)
{
	uint8_t h[48 + 20] = { 0 };
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (unsigned mode = 6; mode <= 7; mode++) {
		header(h, 4, mode, 2);
		assert_int_equal(rig_udp(&r, 50000, 123, h, sizeof(h)), CL_FATE_COUNTED);
		assert_int_equal(r.last.u.ntp.flags, 0);
	}
	rig_close(&r);
}

static void flags_and_identifier_of_the_tail(void **state)
{
	uint8_t frame[256], other[256];
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	rig_hex(&r, RAW, vectors[2].frame);
	assert_int_equal(r.last.u.ntp.flags, CL_NTP_MAC);
	rig_hex(&r, RAW, vectors[3].frame);
	assert_int_equal(r.last.u.ntp.flags, CL_NTP_NAK);
	rig_hex(&r, RAW, vectors[4].frame);
	assert_int_equal(r.last.u.ntp.flags, CL_NTP_NTS | CL_NTP_UID);
	uint64_t uid = r.last.u.ntp.uid;
	size_t n = unhex(vectors[4].frame, frame);
	for (size_t i = 0; i < 32; i++) { /* each of its 32 octets makes another identifier */
		memcpy(other, frame, n);
		other[80 + i] = (uint8_t)(other[80 + i] ^ 1);
		rig_feed(&r, RAW, other, n, n);
		assert_true(r.last.u.ntp.uid != uid);
	}
	memcpy(other, frame, n);
	other[28 + 47] = 0x55; /* the transmit stamp is not in it */
	other[n - 1] = 0x55;
	rig_feed(&r, RAW, other, n, n);
	assert_true(r.last.u.ntp.uid == uid);
	rig_close(&r);
}

/* RFC 8915 sec. 5: field 0x0404, or 0x0204 beside 0x0104. */
static void what_makes_a_request_nts(void **state)
{
	static const struct {
		const char *tail;
		uint8_t flags;
	} tails[] = { { UID, CL_NTP_UID },
		      { COOKIE, 0 },
		      { UID COOKIE, CL_NTP_UID | CL_NTP_NTS },
		      { COOKIE UID, CL_NTP_UID | CL_NTP_NTS },
		      { AUTH, CL_NTP_NTS },
		      { UID COOKIE AUTH, CL_NTP_UID | CL_NTP_NTS },
		      { COOKIE COOKIE, 0 } };
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(tails); i++) {
		uint8_t m[256];

		header(m, 4, 3, 0);
		size_t n = 48 + unhex(tails[i].tail, m + 48);
		assert_int_equal(rig_udp(&r, 50000, 123, m, n), CL_FATE_COUNTED);
		assert_int_equal(r.last.u.ntp.flags, tails[i].flags);
	}
	rig_close(&r);
}

/* Only messages of the servers named are ours; a mode 1 or mode 6 packet belongs to either side. */
static const struct {
	unsigned mode;
	bool to_server, from_server; /* whether it is kept */
} filters[] = { { 3, true, false }, { 4, false, true }, { 1, true, true }, { 6, true, true } };

static void other_servers_are_filtered(void **state)
{
	static const uint8_t server_octets[4] = { 198, 51, 100, 1 };
	static const uint8_t other_octets[4] = { 203, 0, 113, 9 };
	struct cl_addr servers[2] = { cl_addr_from_v4(other_octets), cl_addr_from_v4(server_octets) };

	(void)state;
	for (size_t i = 0; i < COUNT(filters); i++) {
		uint8_t h[48], frame[128], swap[4];
		struct rig r;

		header(h, 4, filters[i].mode, 2);
		size_t n = wrap_udp(frame, 123, 123, h, 48);
		rig_open(&r, servers, 2);
		assert_int_equal(rig_feed(&r, RAW, frame, n, n),
				 filters[i].to_server ? CL_FATE_COUNTED : CL_FATE_FILTERED);
		memcpy(swap, frame + 12, 4);
		memcpy(frame + 12, frame + 16, 4);
		memcpy(frame + 16, swap, 4);
		assert_int_equal(rig_feed(&r, RAW, frame, n, n),
				 filters[i].from_server ? CL_FATE_COUNTED : CL_FATE_FILTERED);
		rig_close(&r);
		rig_open(&r, servers, 1);
		assert_int_equal(rig_feed(&r, RAW, frame, n, n), CL_FATE_FILTERED);
		rig_close(&r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(header_fields_are_where_rfc5905_has_them),
		cmocka_unit_test(roles_by_mode_version_and_port),
		cmocka_unit_test(stratum_0_is_a_kiss_in_modes_4_and_2),
		cmocka_unit_test(short_messages_are_malformed_and_cut_ones_truncated),
		cmocka_unit_test(modes_6_and_7_have_no_tail),
		cmocka_unit_test(flags_and_identifier_of_the_tail),
		cmocka_unit_test(what_makes_a_request_nts),
		cmocka_unit_test(other_servers_are_filtered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
