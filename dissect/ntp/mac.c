/* SPDX-License-Identifier: BSD-2-Clause */
/* Authenticators: symmetric keys (RFC 5905 sec. 7.3, RFC 1305 app. C, RFC 8573) and those of MS-SNTP. */
#include "dissect/ntp/keys.h"
#include "dissect/ntp/show.h"
#include "dissect/ntp/state.h"

#define AUTOKEY_MIN 65536u /* key identifiers from here on are session keys (RFC 5906) */

const struct cl_field cl_ntp_f_keyid = { "ntp.keyid", "Key ID", CL_V_BYTES, CL_DEC, 0, NULL };
const struct cl_field cl_ntp_f_mac = {
	"ntp.mac", "Message Authentication Code", CL_V_BYTES, CL_DEC, 0, NULL
};

enum kind {
	KIND_NAK,
	KIND_DES,
	KIND_16,
	KIND_20,
	KIND_32,
	KIND_48,
	KIND_64,
	KIND_MS,
	KIND_MS_EXTENDED,
	KIND_MS_ANSWER,
	KIND_OTHER
};

static const char *kind_name(uint64_t v)
{
	static const char *const names[] = {
		"crypto-NAK",
		"DES",
		"MD5 or AES-CMAC",
		"SHA-1, or a longer digest cut",
		"SHA-256",
		"SHA-384",
		"SHA-512",
		"MS-SNTP Authenticator, request",
		"MS-SNTP ExtendedAuthenticator",
		"MS-SNTP Authenticator, answer",
		"unknown",
	};

	return v < sizeof names / sizeof *names ? names[v] : NULL;
}

static const char *status_name(uint64_t v)
{
	static const char *const names[] = { "not verified", "good", "wrong", "no key with this number",
					     "the key is of another type" };

	return v < sizeof names / sizeof *names ? names[v] : NULL;
}

#define DERIVED(id, name, label, type, text)                                                                 \
	static const struct cl_field id = { name, label, type, CL_DEC, CL_FD_GENERATED, text }
DERIVED(f_kind, "ntp.mac.kind", "Authenticator", CL_V_UINT, kind_name);
DERIVED(f_status, "ntp.mac.status", "MAC status", CL_V_UINT, status_name);
DERIVED(f_type, "ntp.mac.type", "Key type", CL_V_TEXT, NULL);
DERIVED(f_autokey, "ntp.keyid.autokey", "Autokey session key", CL_V_BOOL, NULL);
DERIVED(f_number, "ntp.keyid.number", "Key number", CL_V_UINT, NULL);
DERIVED(f_rid, "ntp.mssntp.rid", "MS-SNTP relative identifier", CL_V_UINT, NULL);
DERIVED(f_selector, "ntp.mssntp.key_selector", "MS-SNTP key selector", CL_V_UINT, NULL);
static const struct cl_field f_ms_flags = {
	"ntp.mssntp.flags", "MS-SNTP flags", CL_V_UINT, CL_HEX8, 0, NULL
};
static const struct cl_field f_ms_old = { "ntp.mssntp.flags.old_key", "Old key", CL_V_BOOL, CL_DEC, 0, NULL };
static const struct cl_field f_ms_hints = {
	"ntp.mssntp.client_hash_hints", "ClientHashIDHints", CL_V_UINT, CL_HEX8, 0, NULL
};
static const struct cl_field f_ms_hash = {
	"ntp.mssntp.signature_hash", "SignatureHashID", CL_V_UINT, CL_HEX8, 0, NULL
};
static const struct cl_field f_ms_checksum = {
	"ntp.mssntp.checksum", "MS-SNTP checksum", CL_V_BYTES, CL_DEC, 0, NULL
};

static bool all_zero(struct cl_span s)
{
	struct cl_cur c = cl_cur_make(s.ptr, s.len, s.len);
	uint8_t any = 0;

	while (cl_cur_left(&c) > 0)
		any |= cl_cur_u8(&c);
	return any == 0;
}

static enum kind kind_of(const struct cl_ntp_show *s, struct cl_span digest)
{
	switch (digest.len) {
	case 8:
		return KIND_DES;
	case 16:
		if (s->version == 3 && s->mode == 3 && s->keyid != 0 && all_zero(digest))
			return KIND_MS;
		if (s->version == 3 && s->mode == 4 && s->p->ntp != NULL &&
		    cl_ntp_recent_is_ms(&s->p->ntp->recent, s->org))
			return KIND_MS_ANSWER;
		return KIND_16;
	case 20:
		return KIND_20;
	case 32:
		return KIND_32;
	case 48:
		return KIND_48;
	case 64:
		return KIND_64;
	case 68:
		return KIND_MS_EXTENDED;
	default:
		return KIND_OTHER;
	}
}

/* MS-SNTP 2.2.1: the key identifier has its octets the other way round. */
static void show_ms_key(struct cl_ntp_show *s)
{
	uint32_t id = __builtin_bswap32(s->keyid);

	cl_put_uint(s->d, &f_rid, id & 0x7fffffff);
	cl_put_uint(s->d, &f_selector, id >> 31);
}

/* MS-SNTP 2.2.3. */
static void show_extended(struct cl_ntp_show *s, struct cl_span digest)
{
	struct cl_cur c = cl_cur_make(digest.ptr, digest.len, digest.len);

	cl_put_uint(s->d, &f_rid,
		    __builtin_bswap32(s->keyid)); /* all 32 bits: the selector is in the flags */
	cl_cur_skip(&c, 1);
	uint8_t flags = cl_cur_u8(&c);
	cl_put_uint(s->d, &f_ms_flags, flags);
	cl_put_uint(s->d, &f_ms_old, flags & 1);
	cl_put_uint(s->d, &f_ms_hints, cl_cur_u8(&c));
	cl_put_uint(s->d, &f_ms_hash, cl_cur_u8(&c));
	cl_put_bytes(s->d, &f_ms_checksum, cl_cur_take(&c, 64));
}

static enum cl_mac_status verify(struct cl_ntp_show *s, uint32_t keyid, uint32_t message_length,
				 struct cl_span digest, const char **type)
{
	struct cl_cur c = s->start;
	struct cl_span message = cl_cur_take(&c, message_length);

	if (s->p->limits->ntp_keys == NULL || c.err != CL_OK)
		return CL_MAC_UNVERIFIED;
	return cl_ntp_keys_verify(s->p->limits->ntp_keys, keyid, message, digest, type);
}

void cl_ntp_show_status(struct cl_ntp_show *s, uint32_t keyid, uint32_t message_length, struct cl_span digest)
{
	const char *type = NULL;
	enum cl_mac_status status = verify(s, keyid, message_length, digest, &type);

	cl_put_uint(s->d, &f_status, status);
	if (type != NULL)
		cl_put_string(s->d, &f_type, type);
	if (status == CL_MAC_WRONG)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_MAC_WRONG);
}

void cl_ntp_show_mac(struct cl_ntp_show *s, struct cl_cur c)
{
	uint32_t message_length = c.pos - s->start.pos;
	struct cl_cur id = c;
	struct cl_span keyid = cl_cur_take(&c, 4), digest;

	if (c.err != CL_OK)
		return;
	s->keyid = cl_cur_u32(&id);
	cl_put_bytes(s->d, &cl_ntp_f_keyid, keyid);
	cl_put_uint(s->d, &f_number, s->keyid);
	digest = cl_cur_take(&c, cl_cur_left(&c));
	if (c.err != CL_OK) /* the capture cut it */
		return;
	cl_put_bytes(s->d, &cl_ntp_f_mac, digest);
	enum kind kind = kind_of(s, digest);
	cl_put_uint(s->d, &f_kind, kind);
	if (kind == KIND_MS || kind == KIND_MS_ANSWER) {
		show_ms_key(s);
		if (kind == KIND_MS && s->p->ntp != NULL && !cl_pkt_quoted(s->p))
			cl_ntp_recent_ms(&s->p->ntp->recent, s->xmt);
	} else if (kind == KIND_MS_EXTENDED) {
		show_extended(s, digest);
	} else {
		if (s->keyid >= AUTOKEY_MIN)
			cl_put_uint(s->d, &f_autokey, 1);
		cl_ntp_show_status(s, s->keyid, message_length, digest);
	}
}

void cl_ntp_show_nak(struct cl_ntp_show *s)
{
	static const uint8_t zero[4];

	cl_put_bytes(s->d, &cl_ntp_f_keyid, (struct cl_span){ zero, 4 });
	cl_put_uint(s->d, &f_kind, KIND_NAK);
}
