/* SPDX-License-Identifier: BSD-2-Clause */
/* QUIC as far as a client's Initial packets, whose keys are public (RFC 9000 sec. 17.2, RFC 9001 sec. 5). */
#include "dissect/tls/quic.h"

#include <stdlib.h>

#include "dissect/addr.h"
#include "dissect/hash.h"
#include "dissect/tls/handshake.h"
#include "dissect/tls/keys.h"
#include "dissect/tls/kind.h"

#define DOQ_PORT   853u
#define HTTPS_PORT 443u

#define CID_MAX	   20u
#define SAMPLE	   16u
#define HEADER_MAX 512u	 /* of an Initial packet, with its token; longer ones stay closed */
#define PACKET_MAX 2048u /* of what is opened */
#define CRYPTO_MAX 4096u /* of the handshake's first octets */
#define FRAMES_MAX 256u	 /* frames of a packet that are looked at, padding not */

struct slot {
	uint64_t key;
	int64_t last_ns;
	bool used;
};

struct cl_quics {
	struct slot slots[CL_QUIC_SLOTS];
};

struct cl_quics *cl_quics_new(void)
{
	return calloc(1, sizeof(struct cl_quics));
}

void cl_quics_free(struct cl_quics *q)
{
	free(q);
}

bool cl_quic_port(uint16_t sport, uint16_t dport)
{
	return dport == HTTPS_PORT || dport == DOQ_PORT || sport == HTTPS_PORT || sport == DOQ_PORT;
}

static const struct cl_protocol quic_proto = { "quic", "QUIC IETF" };

static const struct cl_field f_form = { "quic.header_form", "Header Form", CL_V_UINT, CL_DEC, 0, NULL };
static const struct cl_field f_fixed = { "quic.fixed_bit", "Fixed Bit", CL_V_BOOL, 0, 0, NULL };
static const struct cl_field f_version = { "quic.version", "Version", CL_V_UINT, CL_HEX32, 0, NULL };
static const struct cl_field f_dcil = { "quic.dcil", "Destination Connection ID Length", CL_V_UINT, CL_DEC, 0,
					NULL };
static const struct cl_field f_dcid = { "quic.dcid", "Destination Connection ID", CL_V_BYTES, 0, 0, NULL };
static const struct cl_field f_scil = {
	"quic.scil", "Source Connection ID Length", CL_V_UINT, CL_DEC, 0, NULL
};
static const struct cl_field f_scid = { "quic.scid", "Source Connection ID", CL_V_BYTES, 0, 0, NULL };
/* An Initial packet. */
struct initial {
	struct cl_span dcid;
	uint32_t number_at, end; /* positions of the packet number and the packet's end */
	uint32_t version;
};

/* By version: salt (RFC 9001 sec. 5.2, RFC 9369 sec. 3.3.1), labels, and the type bits of an Initial. */
static const struct version {
	uint32_t version;
	uint8_t type;
	uint8_t salt[20];
	const char *key, *iv, *hp;
} versions[] = {
	{ 0x00000001,
	  0,
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a },
	  "quic key",
	  "quic iv",
	  "quic hp" },
	{ 0x6b3343cf,
	  1,
	  { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
	    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 },
	  "quicv2 key",
	  "quicv2 iv",
	  "quicv2 hp" },
};

static const struct version *version_of(uint32_t v)
{
	for (unsigned i = 0; i < sizeof versions / sizeof *versions; i++)
		if (versions[i].version == v)
			return &versions[i];
	return NULL;
}

/* A variable-length integer (RFC 9000 sec. 16). */
static uint64_t varint(struct cl_cur *c)
{
	uint8_t first = cl_cur_u8(c);
	uint64_t v = first & 0x3f;

	for (unsigned more = (1u << (first >> 6)) - 1; more > 0; more--)
		v = v << 8 | cl_cur_u8(c);
	return v;
}

/* A length that has to lie within what is left; the cursor fails if it does not. */
static uint32_t length(struct cl_cur *c)
{
	uint64_t n = varint(c);

	if (n > UINT32_MAX)
		c->err = CL_EMALF;
	return c->err == CL_OK ? (uint32_t)n : 0;
}

static struct cl_span connection_id(struct cl_cur *c, uint8_t *n)
{
	*n = cl_cur_u8(c);
	return cl_cur_take(c, *n);
}

/* Reads a long header up to the packet number. False: no Initial packet of a version we know. */
static bool read_initial(struct cl_pkt *p, struct cl_cur *c, struct initial *in)
{
	uint8_t first = cl_cur_u8(c), dcil, scil;
	uint32_t version = cl_cur_u32(c);
	const struct version *v = version_of(version);

	in->version = version;
	in->dcid = connection_id(c, &dcil);
	struct cl_span scid = connection_id(c, &scil);
	if (c->err != CL_OK)
		return false;
	cl_put_uint(p->detail, &f_form, 1);
	if (v != NULL)
		cl_put_uint(p->detail, &f_fixed, (first & 0x40) != 0);
	cl_put_uint(p->detail, &f_version, version);
	cl_put_uint(p->detail, &f_dcil, dcil);
	if (dcil > 0)
		cl_put_bytes(p->detail, &f_dcid, in->dcid);
	cl_put_uint(p->detail, &f_scil, scil);
	if (scil > 0)
		cl_put_bytes(p->detail, &f_scid, scid);
	if (v == NULL || (first & 0x40) == 0 || (first >> 4 & 3) != v->type || dcil > CID_MAX)
		return false;
	cl_cur_skip(c, length(c)); /* token */
	uint32_t n = length(c);
	if (c->err != CL_OK || n > cl_cur_kept(c) || n < 4 + SAMPLE)
		return false;
	in->number_at = c->pos;
	in->end = c->pos + n;
	return true;
}

struct keys {
	uint8_t key[16], iv[12], hp[16];
};

static bool make_keys(const struct initial *in, struct keys *k)
{
	const struct version *v = version_of(in->version);
	uint8_t initial[32], client[32];
	struct cl_span secret = { client, sizeof client };

	return cl_tls_extract((struct cl_span){ v->salt, sizeof v->salt }, in->dcid, initial) &&
	       cl_tls_expand((struct cl_span){ initial, sizeof initial }, "client in", client, 32) &&
	       cl_tls_expand(secret, v->key, k->key, 16) && cl_tls_expand(secret, v->iv, k->iv, 12) &&
	       cl_tls_expand(secret, v->hp, k->hp, 16);
}

/* Opens the packet that begins at the cursor; the number of octets inside, 0: it does not open. */
static uint32_t open_initial(struct cl_cur c, const struct initial *in, uint8_t *out)
{
	struct cl_cur at = c;
	struct keys k;
	uint8_t header[HEADER_MAX], mask[16];
	uint32_t before = in->number_at - c.pos;

	cl_cur_skip(&at, before + 4);
	struct cl_span sample = cl_cur_take(&at, SAMPLE);
	if (before + 4 > HEADER_MAX || in->end - c.pos > PACKET_MAX || at.err != CL_OK ||
	    !make_keys(in, &k) || !cl_tls_aes128(k.hp, sample.ptr, mask))
		return 0;
	cl_cur_copy(&c, header, before + 4);
	header[0] ^= mask[0] & 0x0f;
	uint32_t number_len = (header[0] & 3u) + 1;
	for (uint32_t i = 0; i < number_len; i++) {
		header[before + i] ^= mask[1 + i];
		k.iv[12 - number_len + i] ^= header[before + i];
	}
	c.pos = in->number_at + number_len;
	struct cl_span sealed = cl_cur_take(&c, in->end - c.pos);
	if (c.err != CL_OK ||
	    !cl_tls_aes128_gcm(k.key, k.iv, (struct cl_span){ header, before + number_len }, sealed, out))
		return 0;
	return sealed.len - CL_TLS_TAG;
}

/* The first octets of the handshake, put together from frames in any order. */
struct crypto {
	uint8_t octets[CRYPTO_MAX];
	bool have[CRYPTO_MAX];
};

static void add_crypto(struct crypto *k, struct cl_cur *c)
{
	uint64_t offset = varint(c);
	struct cl_cur body = cl_cur_sub(c, length(c));

	for (; body.err == CL_OK && cl_cur_left(&body) > 0 && offset < CRYPTO_MAX; offset++) {
		k->octets[offset] = cl_cur_u8(&body);
		k->have[offset] = true;
	}
}

/* Frames of an Initial packet (RFC 9000 sec. 17.2.2): what is not CRYPTO, PADDING or PING ends it. */
static void read_frames(struct crypto *k, struct cl_cur c)
{
	for (unsigned i = 0; i < FRAMES_MAX && c.err == CL_OK && cl_cur_left(&c) > 0; i++) {
		uint8_t type = cl_cur_u8(&c);

		if (type == 6)
			add_crypto(k, &c);
		else if (type == 0)
			while (cl_cur_left(&c) > 0 && cl_cur_peek(&c) == 0)
				cl_cur_skip(&c, 1);
		else if (type != 1)
			return;
	}
}

/* As much of the ClientHello as is in the packet: its end may be in the next. */
static void read_hello(struct cl_pkt *p, const struct crypto *k, struct cl_tls_said *said)
{
	struct cl_tls_walk w = { .p = p, .d = p->detail, .said = said, .type = CL_TLS_CLIENT_HELLO };
	uint32_t n = 0, size;

	w.version = CL_TLS_1_3;
	while (n < CRYPTO_MAX && k->have[n])
		n++;
	struct cl_cur c = cl_cur_make(k->octets, n, n);
	if (p->detail != NULL) {
		struct cl_span kept = cl_detail_keep(p->detail, k->octets, n);

		c = cl_cur_make(kept.ptr, kept.len, kept.len);
	}
	uint8_t type = cl_cur_u8(&c);
	size = (uint32_t)cl_cur_u8(&c) << 16;
	size |= cl_cur_u16(&c);
	if (c.err != CL_OK || type != CL_TLS_CLIENT_HELLO)
		return;
	c.len = c.pos + size;
	if (c.end > c.len)
		c.end = c.len;
	if (p->detail != NULL) {
		cl_pkt_layer(p, &cl_tls_proto);
		cl_put_group(p->detail, CL_TLS_F(HANDSHAKE), "Client Hello");
		cl_put_uint(p->detail, CL_TLS_F(TYPE), type);
		cl_put_uint(p->detail, CL_TLS_F(LENGTH), size);
	}
	cl_tls_message(&w, c);
	if (p->detail != NULL)
		cl_put_end(p->detail);
}

/* A connection seen for the first time, or again after a silence. */
static bool is_new(struct cl_pkt *p)
{
	const struct cl_event *ev = p->ev;
	uint64_t key = cl_mix(cl_addr_hash(&ev->src, p->limits->hash_seed),
			      cl_addr_hash(&ev->dst, (uint64_t)ev->sport << 16 | ev->dport));
	struct slot *s = &p->quics->slots[key % CL_QUIC_SLOTS];
	bool seen = s->used && s->key == key && cl_since(p->frame->time_ns, s->last_ns) < CL_QUIC_SILENCE_NS;

	*s = (struct slot){ key, p->frame->time_ns, true };
	return !seen;
}

/* A client's Initial packet: opened for the name and the protocol that it asks for. */
static void client_initial(struct cl_pkt *p, struct cl_cur start, const struct initial *in)
{
	struct crypto k;
	struct cl_tls_said said = { .version = 0 };
	uint8_t clear[PACKET_MAX];
	bool fresh = !cl_pkt_quoted(p) && is_new(p);

	if (!fresh && p->detail == NULL)
		return;
	uint32_t n = open_initial(start, in, clear);
	if (n > 0) {
		memset(k.have, 0, sizeof k.have);
		read_frames(&k, cl_cur_make(clear, n, n));
		read_hello(p, &k, &said);
		if (said.sni.len > 0)
			cl_put_info(p->detail, "Client Hello (%.*s)", (int)said.sni.len,
				    (const char *)said.sni.ptr);
	}
	if (!fresh)
		return;
	enum cl_tls_kind kind = cl_tls_kind_of(true, p->ev->dport, said.alpn, said.sni);
	cl_tls_kind_count(p->ledger, kind);
	if (p->detail != NULL)
		cl_put_string(p->detail, CL_TLS_F(KIND), cl_tls_kind_names[kind]);
}

enum cl_next cl_quic(struct cl_pkt *p)
{
	struct cl_cur c = p->cur;
	struct initial in;
	uint16_t port = p->ev->dport;

	cl_pkt_fate(p, CL_FATE_OTHER);
	if (cl_cur_kept(&c) < 7 || (cl_cur_peek(&c) & 0x80) == 0)
		return CL_NEXT_DONE;
	if (p->detail == NULL && port != HTTPS_PORT && port != DOQ_PORT)
		return CL_NEXT_DONE;
	cl_pkt_layer(p, &quic_proto);
	cl_put_info(p->detail, "QUIC long header");
	if (read_initial(p, &c, &in) && (port == HTTPS_PORT || port == DOQ_PORT))
		client_initial(p, p->cur, &in);
	return CL_NEXT_DONE;
}
