/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS handshake messages (RFC 8446 sec. 4, RFC 5246 sec. 7.4, RFC 8422 sec. 5). */
#include "dissect/tls/handshake.h"

#include "dissect/format.h"
#include "dissect/tls/keys.h"

#define F CL_TLS_F

/* Fingerprints --------------------------------------------------------------- */

void cl_tls_ja_add(struct cl_tls_walk *w, unsigned i, uint16_t v)
{
	if (w->ja == NULL || w->ja->list[i].used + 8 > sizeof w->ja->list[i].text)
		return;
	w->ja->list[i].used += (unsigned)cl_format(w->ja->list[i].text + w->ja->list[i].used, 8, "%s%u",
						   w->ja->list[i].used > 0 ? "-" : "", v);
}

static void put_digest(struct cl_tls_walk *w, const struct cl_field *f, const char *text, size_t n)
{
	uint8_t md5[16];
	char hex[33];

	if (!cl_tls_md5(text, n, md5))
		return;
	for (unsigned i = 0; i < 16; i++)
		(void)cl_format(hex + (size_t)2 * i, 3, "%02x", md5[i]);
	cl_put_string(w->d, f, hex);
}

static void put_ja3(struct cl_tls_walk *w)
{
	const struct cl_tls_ja *ja = w->ja;
	char text[5000];
	bool client = w->type == CL_TLS_CLIENT_HELLO;
	size_t n;

	if (client)
		n = cl_format(text, sizeof text, "%u,%s,%s,%s,%s", ja->version, ja->list[0].text,
			      ja->list[1].text, ja->list[2].text, ja->list[3].text);
	else
		n = cl_format(text, sizeof text, "%u,%s,%s", ja->version, ja->list[0].text, ja->list[1].text);
	cl_put_string(w->d, client ? F(JA3_FULL) : F(JA3S_FULL), text);
	put_digest(w, client ? F(JA3) : F(JA3S), text, n);
}

/* Hellos --------------------------------------------------------------------- */

/* SHA-256 of "HelloRetryRequest". */
static const uint8_t retry_random[32] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
					  0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
					  0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c };

/* Version, random and session identifier, alike in both. */
static void hello_start(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint16_t version = cl_cur_u16(c);
	struct cl_span random = cl_cur_take(c, 32);

	if (c->err != CL_OK)
		return;
	w->said->version = version;
	w->said->random = random;
	w->said->retry =
		w->type == CL_TLS_SERVER_HELLO && memcmp(random.ptr, retry_random, sizeof retry_random) == 0;
	if (w->ja != NULL)
		w->ja->version = version;
	cl_put_uint(w->d, F(VERSION), version);
	cl_put_bytes(w->d, F(RANDOM), random);
}

/* Up to TLS 1.2 the first four octets of the random were the time (RFC 5246 sec. 7.4.1.2). */
static void put_random_time(struct cl_tls_walk *w)
{
	struct cl_cur r = cl_cur_make(w->said->random.ptr, 32, 32);
	uint32_t seconds = cl_cur_u32(&r);

	cl_put_int(w->d, F(RANDOM_TIME), (int64_t)seconds * 1000000000);
	cl_put_bytes(w->d, F(RANDOM_BYTES), cl_cur_take(&r, 28));
}

static void suites(struct cl_tls_walk *w, struct cl_cur *c)
{
	struct cl_cur list = cl_tls_vector(w, c, 2, F(SUITES_LENGTH));

	cl_put_group(w->d, F(SUITES), "(%u)", cl_cur_left(&list) / 2);
	while (list.err == CL_OK && cl_cur_left(&list) > 0) {
		uint16_t v = cl_cur_u16(&list);

		if (list.err != CL_OK)
			break;
		cl_put_uint(w->d, F(SUITE), v);
		if (!cl_tls_is_grease(v))
			cl_tls_ja_add(w, 0, v);
	}
	cl_put_end(w->d);
	cl_tls_end(w, &list);
}

static void client_hello(struct cl_tls_walk *w, struct cl_cur *c)
{
	hello_start(w, c);
	if (c->err == CL_OK && w->d != NULL && w->version != CL_TLS_1_3)
		put_random_time(w);
	cl_tls_opaque(w, c, 1, F(SESSION_ID_LENGTH), F(SESSION_ID));
	if (w->d != NULL)
		suites(w, c);
	else
		cl_cur_skip(c, cl_cur_u16(c));
	struct cl_cur list = cl_tls_vector(w, c, 1, F(METHODS_LENGTH));
	while (w->d != NULL && cl_cur_left(&list) > 0)
		cl_put_uint(w->d, F(METHOD), cl_cur_u8(&list));
	if (cl_cur_left(c) > 0)
		cl_tls_extensions(w, c);
	if (w->ja != NULL && c->err == CL_OK)
		put_ja3(w);
}

static void find_version(struct cl_tls_walk *w, struct cl_cur c)
{
	cl_cur_skip(&c, cl_cur_u8(&c));
	cl_cur_skip(&c, 3);
	struct cl_cur list = cl_cur_sub(&c, cl_cur_u16(&c));
	while (list.err == CL_OK && cl_cur_left(&list) > 0) {
		uint16_t type = cl_cur_u16(&list), n = cl_cur_u16(&list);
		struct cl_cur body = cl_cur_sub(&list, n);

		if (type == 43)
			w->version = cl_cur_u16(&body);
	}
}

static void server_hello(struct cl_tls_walk *w, struct cl_cur *c)
{
	hello_start(w, c);
	if (c->err != CL_OK)
		return;
	w->version = w->said->version;
	find_version(w, *c);
	if (w->said->retry)
		cl_put_uint(w->d, F(RETRY), 1);
	else if (w->version != CL_TLS_1_3)
		put_random_time(w);
	cl_tls_opaque(w, c, 1, F(SESSION_ID_LENGTH), F(SESSION_ID));
	uint16_t suite = cl_cur_u16(c);
	uint8_t method = cl_cur_u8(c);
	if (c->err != CL_OK)
		return;
	w->said->suite = suite;
	cl_put_uint(w->d, F(SUITE), suite);
	cl_put_uint(w->d, F(METHOD), method);
	cl_tls_ja_add(w, 0, suite);
	if (cl_cur_left(c) > 0)
		cl_tls_extensions(w, c);
	if (w->ja != NULL && c->err == CL_OK)
		put_ja3(w);
}

/* Certificates --------------------------------------------------------------- */

static void certificate_entry(struct cl_tls_walk *w, struct cl_cur *list)
{
	struct cl_span der = cl_tls_opaque(w, list, 3, F(CERTIFICATE_LENGTH), F(CERTIFICATE));
	struct cl_span name = cl_tls_common_name(der);

	if (name.len > 0)
		cl_put_bytes(w->d, F(COMMON_NAME), name);
	if (w->version == CL_TLS_1_3)
		cl_tls_extensions(w, list);
}

static void certificate(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->version == CL_TLS_1_3)
		cl_tls_opaque(w, c, 1, F(CONTEXT_LENGTH), F(CONTEXT));
	struct cl_cur list = cl_tls_vector(w, c, 3, F(CERTIFICATES_LENGTH));

	while (list.err == CL_OK && cl_cur_left(&list) > 0)
		certificate_entry(w, &list);
	cl_tls_end(w, &list);
}

static void certificate_request(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->version == CL_TLS_1_3) {
		cl_tls_opaque(w, c, 1, F(CONTEXT_LENGTH), F(CONTEXT));
		cl_tls_extensions(w, c);
		return;
	}
	struct cl_cur types = cl_tls_vector(w, c, 1, F(CERT_TYPES));
	while (types.err == CL_OK && cl_cur_left(&types) > 0)
		cl_put_uint(w->d, F(CERT_TYPE), cl_cur_u8(&types));
	if (w->version == CL_TLS_1_2)
		cl_tls_signatures(w, c);
	struct cl_cur names = cl_tls_vector(w, c, 2, F(DNAMES_LENGTH));
	while (names.err == CL_OK && cl_cur_left(&names) > 0)
		cl_tls_vector(w, &names, 2, F(DNAME_LENGTH));
	cl_tls_end(w, &names);
}

static void certificate_verify(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->version >= CL_TLS_1_2) {
		uint16_t scheme = cl_cur_u16(c);

		if (c->err == CL_OK)
			cl_tls_signature(w, scheme);
	}
	cl_tls_opaque(w, c, 2, F(VERIFY_SIG_LENGTH), F(VERIFY_SIG));
}

static void certificate_status(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint8_t type = cl_cur_u8(c);

	if (c->err == CL_OK)
		cl_put_uint(w->d, F(STATUS_TYPE), type);
	if (type == 1)
		cl_tls_vector(w, c, 3, F(OCSP_LENGTH));
	else
		cl_cur_skip(c, cl_cur_left(c));
}

/* Keys up to TLS 1.2 --------------------------------------------------------- */

enum kex { KEX_OTHER, KEX_RSA, KEX_DHE, KEX_ECDHE };

static enum kex kex_of(uint16_t suite)
{
	const char *name = cl_tls_suite_name(suite);

	if (name == NULL)
		return KEX_OTHER;
	if (strncmp(name, "TLS_ECDHE_ECDSA", 15) == 0 || strncmp(name, "TLS_ECDHE_RSA", 13) == 0)
		return KEX_ECDHE;
	if (strncmp(name, "TLS_DHE_RSA", 11) == 0 || strncmp(name, "TLS_DHE_DSS", 11) == 0)
		return KEX_DHE;
	return strncmp(name, "TLS_RSA_WITH", 12) == 0 ? KEX_RSA : KEX_OTHER;
}

static void key_signature(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->version >= CL_TLS_1_2) {
		uint16_t scheme = cl_cur_u16(c);

		if (c->err == CL_OK)
			cl_tls_signature(w, scheme);
	}
	cl_tls_opaque(w, c, 2, F(SIG_LENGTH), F(SIG));
}

static void server_key(struct cl_tls_walk *w, struct cl_cur *c)
{
	enum kex kex = kex_of(w->suite);

	if (kex == KEX_DHE) {
		cl_tls_opaque(w, c, 2, F(P_LENGTH), F(P));
		cl_tls_opaque(w, c, 2, F(G_LENGTH), F(G));
		cl_tls_opaque(w, c, 2, F(YS_LENGTH), F(YS));
		key_signature(w, c);
	} else if (kex == KEX_ECDHE) {
		uint8_t type = cl_cur_u8(c);

		if (c->err == CL_OK)
			cl_put_uint(w->d, F(CURVE_TYPE), type);
		if (type != 3) { /* named_curve; the others are obsolete (RFC 8422 sec. 5.4) */
			cl_cur_skip(c, cl_cur_left(c));
			return;
		}
		uint16_t curve = cl_cur_u16(c);
		if (c->err == CL_OK)
			cl_put_uint(w->d, F(NAMED_CURVE), curve);
		cl_tls_opaque(w, c, 1, F(SERVER_POINT_LENGTH), F(SERVER_POINT));
		key_signature(w, c);
	} else {
		cl_cur_skip(c, cl_cur_left(c));
	}
}

static void client_key(struct cl_tls_walk *w, struct cl_cur *c)
{
	enum kex kex = kex_of(w->suite);

	if (kex == KEX_RSA)
		cl_tls_opaque(w, c, 2, F(PREMASTER_LENGTH), F(PREMASTER));
	else if (kex == KEX_DHE)
		cl_tls_opaque(w, c, 2, F(YC_LENGTH), F(YC));
	else if (kex == KEX_ECDHE)
		cl_tls_opaque(w, c, 1, F(CLIENT_POINT_LENGTH), F(CLIENT_POINT));
	else
		cl_cur_skip(c, cl_cur_left(c));
}

/* The rest ------------------------------------------------------------------- */

static void ticket(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint32_t hint = cl_cur_u32(c);

	if (c->err == CL_OK)
		cl_put_uint(w->d, F(TICKET_HINT), hint);
	if (w->version == CL_TLS_1_3) {
		uint32_t add = cl_cur_u32(c);

		if (c->err == CL_OK)
			cl_put_uint(w->d, F(TICKET_AGE_ADD), add);
		cl_tls_opaque(w, c, 1, F(TICKET_NONCE_LENGTH), F(TICKET_NONCE));
	}
	cl_tls_opaque(w, c, 2, F(TICKET_LENGTH), F(TICKET));
	if (w->version == CL_TLS_1_3)
		cl_tls_extensions(w, c);
}

static void finished(struct cl_tls_walk *w, struct cl_cur *c)
{
	cl_put_bytes(w->d, F(VERIFY_DATA), cl_cur_take(c, cl_cur_left(c)));
}

static void key_update(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint8_t v = cl_cur_u8(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(w->d, F(UPDATE), v);
	w->said->key_update = true;
}

static void empty(struct cl_tls_walk *w, struct cl_cur *c)
{
	(void)w;
	(void)c;
}

static const struct {
	uint8_t type;
	void (*decode)(struct cl_tls_walk *w, struct cl_cur *c);
} rows[] = {
	{ 0, empty }, /* HelloRequest */
	{ CL_TLS_CLIENT_HELLO, client_hello },
	{ CL_TLS_SERVER_HELLO, server_hello },
	{ CL_TLS_TICKET, ticket },
	{ 5, empty }, /* EndOfEarlyData */
	{ CL_TLS_ENCRYPTED_EXTENSIONS, cl_tls_extensions },
	{ CL_TLS_CERTIFICATE, certificate },
	{ CL_TLS_SERVER_KEY, server_key },
	{ CL_TLS_CERTIFICATE_REQUEST, certificate_request },
	{ 14, empty }, /* ServerHelloDone */
	{ CL_TLS_CERTIFICATE_VERIFY, certificate_verify },
	{ CL_TLS_CLIENT_KEY, client_key },
	{ CL_TLS_FINISHED, finished },
	{ CL_TLS_CERTIFICATE_STATUS, certificate_status },
	{ CL_TLS_KEY_UPDATE, key_update },
};

void cl_tls_message(struct cl_tls_walk *w, struct cl_cur body)
{
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].type == w->type) {
			rows[i].decode(w, &body);
			cl_tls_end(w, &body);
		}
	if (w->bad && !w->silent)
		cl_pkt_anomaly(w->p, CL_ANOM_TLS_BAD_VECTOR);
}
