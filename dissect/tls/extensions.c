/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS extensions (RFC 8446 sec. 4.2, RFC 6066, and as each row says). */
#include "dissect/tls/handshake.h"

#define F CL_TLS_F

struct cl_cur cl_tls_vector(struct cl_tls_walk *w, struct cl_cur *c, unsigned width, const struct cl_field *f)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < width; i++)
		n = n << 8 | cl_cur_u8(c);
	if (c->err == CL_OK)
		cl_put_uint(w->d, f, n);
	return cl_cur_sub(c, n);
}

struct cl_span cl_tls_opaque(struct cl_tls_walk *w, struct cl_cur *c, unsigned width,
			     const struct cl_field *f, const struct cl_field *v)
{
	struct cl_cur body = cl_tls_vector(w, c, width, f);
	struct cl_span s = cl_cur_take(&body, cl_cur_left(&body));

	if (s.len > 0)
		cl_put_bytes(w->d, v, s);
	return s;
}

void cl_tls_end(struct cl_tls_walk *w, const struct cl_cur *c)
{
	if (c->err == CL_EMALF || cl_cur_left(c) > 0)
		w->bad = true;
}

void cl_tls_signature(struct cl_tls_walk *w, uint16_t scheme)
{
	cl_put_uint(w->d, F(SIGNATURE_ALG), scheme);
	cl_put_uint(w->d, F(SIGNATURE_HASH), scheme >> 8);
	cl_put_uint(w->d, F(SIGNATURE_SIG), scheme & 0xff);
}

void cl_tls_signatures(struct cl_tls_walk *w, struct cl_cur *c)
{
	struct cl_cur list = cl_tls_vector(w, c, 2, F(SIGNATURES_LENGTH));

	while (list.err == CL_OK && cl_cur_left(&list) > 0) {
		uint16_t scheme = cl_cur_u16(&list);

		if (list.err == CL_OK)
			cl_tls_signature(w, scheme);
	}
	cl_tls_end(w, &list);
}

/* A list of numbers of `width` octets each, put as `f`; `ja`: the fingerprint's list, or -1. */
static void put_numbers(struct cl_tls_walk *w, struct cl_cur list, unsigned width, const struct cl_field *f,
			int ja)
{
	while (list.err == CL_OK && cl_cur_left(&list) > 0) {
		uint16_t v = width == 1 ? cl_cur_u8(&list) : cl_cur_u16(&list);

		if (list.err != CL_OK)
			break;
		cl_put_uint(w->d, f, v);
		if (ja >= 0 && !cl_tls_is_grease(v))
			cl_tls_ja_add(w, (unsigned)ja, v);
	}
	cl_tls_end(w, &list);
}

static void server_name(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (cl_cur_left(c) == 0) /* a server's answer */
		return;
	struct cl_cur list = cl_tls_vector(w, c, 2, F(SNI_LIST_LENGTH));

	while (list.err == CL_OK && cl_cur_left(&list) > 0) {
		uint8_t type = cl_cur_u8(&list);

		if (list.err == CL_OK)
			cl_put_uint(w->d, F(SNI_TYPE), type);
		struct cl_span name = cl_tls_opaque(w, &list, 2, F(SNI_LENGTH), F(SNI));
		if (type == 0 && w->said->sni.ptr == NULL)
			w->said->sni = name;
	}
	cl_tls_end(w, &list);
}

static void max_fragment(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint8_t v = cl_cur_u8(c);

	if (c->err == CL_OK)
		cl_put_uint(w->d, F(MAX_FRAGMENT), v);
}

static void status_request(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (cl_cur_left(c) == 0)
		return;
	uint8_t type = cl_cur_u8(c);
	if (c->err == CL_OK)
		cl_put_uint(w->d, F(STATUS_TYPE), type);
	if (w->type == CL_TLS_CERTIFICATE) {
		cl_tls_vector(w, c, 3, F(OCSP_LENGTH));
		return;
	}
	if (type != 1) {
		cl_cur_skip(c, cl_cur_left(c));
		return;
	}
	cl_tls_vector(w, c, 2, F(STATUS_IDS));
	cl_tls_vector(w, c, 2, F(STATUS_EXTS));
}

static void status_request_v2(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (cl_cur_left(c) == 0)
		return;
	struct cl_cur list = cl_tls_vector(w, c, 2, F(STATUS_LIST));

	while (list.err == CL_OK && cl_cur_left(&list) > 0) {
		uint8_t type = cl_cur_u8(&list);

		if (list.err == CL_OK)
			cl_put_uint(w->d, F(STATUS_TYPE), type);
		struct cl_cur one = cl_tls_vector(w, &list, 2, F(STATUS_LENGTH));
		cl_tls_vector(w, &one, 2, F(STATUS_IDS));
		cl_tls_vector(w, &one, 2, F(STATUS_EXTS));
		cl_tls_end(w, &one);
	}
	cl_tls_end(w, &list);
}

static void groups(struct cl_tls_walk *w, struct cl_cur *c)
{
	put_numbers(w, cl_tls_vector(w, c, 2, F(GROUPS_LENGTH)), 2, F(GROUP), 2);
}

static void formats(struct cl_tls_walk *w, struct cl_cur *c)
{
	put_numbers(w, cl_tls_vector(w, c, 1, F(FORMATS_LENGTH)), 1, F(FORMAT), 3);
}

static void heartbeat(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint8_t v = cl_cur_u8(c);

	if (c->err == CL_OK)
		cl_put_uint(w->d, F(HEARTBEAT_MODE), v);
}

static void alpn(struct cl_tls_walk *w, struct cl_cur *c)
{
	struct cl_cur list = cl_tls_vector(w, c, 2, F(ALPN_LENGTH)), whole = list;

	w->said->alpn = cl_cur_take(&whole, cl_cur_left(&whole));
	while (list.err == CL_OK && cl_cur_left(&list) > 0)
		cl_tls_opaque(w, &list, 1, F(ALPN_STR_LENGTH), F(ALPN));
	cl_tls_end(w, &list);
}

static void alps(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->type != CL_TLS_CLIENT_HELLO) {
		cl_cur_skip(c, cl_cur_left(c));
		return;
	}
	struct cl_cur list = cl_tls_vector(w, c, 2, F(ALPS_LENGTH));
	while (list.err == CL_OK && cl_cur_left(&list) > 0)
		cl_tls_opaque(w, &list, 1, F(ALPS_STR_LENGTH), F(ALPS));
	cl_tls_end(w, &list);
}

static void npn(struct cl_tls_walk *w, struct cl_cur *c)
{
	while (c->err == CL_OK && cl_cur_left(c) > 0)
		cl_tls_opaque(w, c, 1, F(NPN_STR_LENGTH), F(NPN));
}

static void sct(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint8_t version = cl_cur_u8(c);
	struct cl_span log = cl_cur_take(c, 32);
	uint64_t ms = cl_cur_u64(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(w->d, F(SCT_VERSION), version);
	cl_put_bytes(w->d, F(SCT_LOG), log);
	if (ms < INT64_MAX / 1000000)
		cl_put_int(w->d, F(SCT_TIME), (int64_t)ms * 1000000);
	cl_tls_vector(w, c, 2, F(SCT_EXTS_LENGTH));
	uint16_t scheme = cl_cur_u16(c);
	if (c->err == CL_OK)
		cl_tls_signature(w, scheme);
	cl_tls_opaque(w, c, 2, F(SCT_SIG_LENGTH), F(SCT_SIG));
}

static void scts(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (cl_cur_left(c) == 0) /* a client's wish */
		return;
	struct cl_cur list = cl_tls_vector(w, c, 2, F(SCTS_LENGTH));

	while (list.err == CL_OK && cl_cur_left(&list) > 0) {
		struct cl_cur one = cl_tls_vector(w, &list, 2, F(SCT_LENGTH));

		sct(w, &one);
		cl_tls_end(w, &one);
	}
	cl_tls_end(w, &list);
}

static void padding(struct cl_tls_walk *w, struct cl_cur *c)
{
	cl_put_bytes(w->d, F(PADDING), cl_cur_take(c, cl_cur_left(c)));
}

/* Octets as they are, also none. */
static void any(struct cl_tls_walk *w, struct cl_cur *c)
{
	cl_put_bytes(w->d, F(EXT_DATA), cl_cur_take(c, cl_cur_left(c)));
}

static void compress(struct cl_tls_walk *w, struct cl_cur *c)
{
	put_numbers(w, cl_tls_vector(w, c, 1, F(COMPRESS_LENGTH)), 2, F(COMPRESS_ALG), -1);
}

static void size_limit(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint16_t v = cl_cur_u16(c);

	if (c->err == CL_OK)
		cl_put_uint(w->d, F(SIZE_LIMIT), v);
}

static void psk_offer(struct cl_tls_walk *w, struct cl_cur *c)
{
	struct cl_cur ids = cl_tls_vector(w, c, 2, F(PSK_IDS_LENGTH));

	while (ids.err == CL_OK && cl_cur_left(&ids) > 0) {
		cl_tls_opaque(w, &ids, 2, F(PSK_ID_LENGTH), F(PSK_ID));
		uint32_t age = cl_cur_u32(&ids);
		if (ids.err == CL_OK)
			cl_put_uint(w->d, F(PSK_AGE), age);
	}
	cl_tls_end(w, &ids);
	cl_tls_vector(w, c, 2, F(PSK_BINDERS_LENGTH));
}

static void psk(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->type == CL_TLS_CLIENT_HELLO) {
		psk_offer(w, c);
		return;
	}
	uint16_t v = cl_cur_u16(c);
	if (c->err == CL_OK)
		cl_put_uint(w->d, F(PSK_SELECTED), v);
}

static void early_data(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->type != CL_TLS_TICKET)
		return;
	uint32_t v = cl_cur_u32(c);
	if (c->err == CL_OK)
		cl_put_uint(w->d, F(EARLY_SIZE), v);
}

static void versions(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->type == CL_TLS_CLIENT_HELLO) {
		put_numbers(w, cl_tls_vector(w, c, 1, F(VERSIONS_LENGTH)), 2, F(SUPPORTED_VERSION), -1);
		return;
	}
	uint16_t v = cl_cur_u16(c);
	if (c->err != CL_OK)
		return;
	cl_put_uint(w->d, F(SUPPORTED_VERSION), v);
	w->said->version = v;
}

static void cookie(struct cl_tls_walk *w, struct cl_cur *c)
{
	cl_tls_opaque(w, c, 2, F(COOKIE_LENGTH), F(COOKIE));
}

static void psk_modes(struct cl_tls_walk *w, struct cl_cur *c)
{
	put_numbers(w, cl_tls_vector(w, c, 1, F(PSK_MODES_LENGTH)), 1, F(PSK_MODE), -1);
}

static void share(struct cl_tls_walk *w, struct cl_cur *c)
{
	uint16_t group = cl_cur_u16(c);

	if (c->err == CL_OK)
		cl_put_uint(w->d, F(SHARE_GROUP), group);
	cl_tls_opaque(w, c, 2, F(SHARE_LENGTH), F(SHARE));
}

static void key_share(struct cl_tls_walk *w, struct cl_cur *c)
{
	if (w->type == CL_TLS_CLIENT_HELLO) {
		struct cl_cur list = cl_tls_vector(w, c, 2, F(SHARES_LENGTH));

		while (list.err == CL_OK && cl_cur_left(&list) > 0)
			share(w, &list);
		cl_tls_end(w, &list);
	} else if (w->said->retry) {
		uint16_t group = cl_cur_u16(c);

		if (c->err == CL_OK)
			cl_put_uint(w->d, F(SHARE_SELECTED), group);
	} else {
		share(w, c);
	}
}

static void renegotiation(struct cl_tls_walk *w, struct cl_cur *c)
{
	cl_tls_opaque(w, c, 1, F(RENEGOTIATION_LENGTH), F(RENEGOTIATION));
}

static void nothing(struct cl_tls_walk *w, struct cl_cur *c)
{
	(void)w;
	cl_cur_skip(c, cl_cur_left(c));
}

#define SUPPORTED_VERSIONS 43u

/* Extensions by type. `lean`: read in the lean pass too. */
static const struct {
	uint16_t type;
	bool lean;
	void (*decode)(struct cl_tls_walk *w, struct cl_cur *c);
} rows[] = {
	{ 0, true, server_name },		 /* RFC 6066 sec. 3 */
	{ 1, false, max_fragment },		 /* RFC 6066 sec. 4 */
	{ 5, false, status_request },		 /* RFC 6066 sec. 8 */
	{ 10, false, groups },			 /* RFC 8422 sec. 5.1.1 */
	{ 11, false, formats },			 /* RFC 8422 sec. 5.1.2 */
	{ 13, false, cl_tls_signatures },	 /* RFC 8446 sec. 4.2.3 */
	{ 15, false, heartbeat },		 /* RFC 6520 sec. 2 */
	{ 16, true, alpn },			 /* RFC 7301 sec. 3.1 */
	{ 17, false, status_request_v2 },	 /* RFC 6961 sec. 2.2 */
	{ 18, false, scts },			 /* RFC 6962 sec. 3.3 */
	{ 21, false, padding },			 /* RFC 7685 sec. 3 */
	{ 22, false, nothing },			 /* RFC 7366 sec. 2 */
	{ 23, false, nothing },			 /* RFC 7627 sec. 5.1 */
	{ 27, false, compress },		 /* RFC 8879 sec. 3 */
	{ 28, false, size_limit },		 /* RFC 8449 sec. 4 */
	{ 34, false, cl_tls_signatures },	 /* RFC 9345 sec. 4.1.1 */
	{ 41, false, psk },			 /* RFC 8446 sec. 4.2.11 */
	{ 42, false, early_data },		 /* RFC 8446 sec. 4.2.10 */
	{ SUPPORTED_VERSIONS, false, versions }, /* RFC 8446 sec. 4.2.1 */
	{ 44, false, cookie },			 /* RFC 8446 sec. 4.2.2 */
	{ 45, false, psk_modes },		 /* RFC 8446 sec. 4.2.9 */
	{ 50, false, cl_tls_signatures },	 /* RFC 8446 sec. 4.2.3 */
	{ 51, false, key_share },		 /* RFC 8446 sec. 4.2.8 */
	{ 57, false, nothing },			 /* RFC 9001 sec. 8.2 */
	{ 13172, false, npn },			 /* draft-agl-tls-nextprotoneg */
	{ 17513, false, alps },			 /* draft-vvv-tls-alps */
	{ 65281, false, renegotiation },	 /* RFC 5746 sec. 3.2 */
};

/* What a ServerHello that is read in the lean pass is read for. */
static bool is_choice(const struct cl_tls_walk *w, uint16_t type)
{
	return w->type == CL_TLS_SERVER_HELLO && type == SUPPORTED_VERSIONS;
}

static void extension(struct cl_tls_walk *w, uint16_t type, struct cl_cur body)
{
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].type == type) {
			if (w->d == NULL && !rows[i].lean && !is_choice(w, type))
				return;
			rows[i].decode(w, &body);
			cl_tls_end(w, &body);
			return;
		}
	any(w, &body);
}

void cl_tls_extensions(struct cl_tls_walk *w, struct cl_cur *c)
{
	struct cl_cur list = cl_tls_vector(w, c, 2, F(EXTENSIONS_LENGTH));

	while (list.err == CL_OK && cl_cur_left(&list) > 0) {
		uint16_t type = cl_cur_u16(&list), n = cl_cur_u16(&list);

		if (list.err != CL_OK)
			break;
		if (w->d != NULL) {
			const char *name = cl_tls_extension_name(type);

			cl_put_group(w->d, F(EXTENSION), "%s (len=%u)", name != NULL ? name : "unknown", n);
			cl_put_uint(w->d, F(EXT_TYPE), type);
			cl_put_uint(w->d, F(EXT_LENGTH), n);
		}
		if (w->type == CL_TLS_SERVER_HELLO || !cl_tls_is_grease(type))
			cl_tls_ja_add(w, 1, type);
		extension(w, type, cl_cur_sub(&list, n));
		if (w->d != NULL)
			cl_put_end(w->d);
	}
	cl_tls_end(w, &list);
}
