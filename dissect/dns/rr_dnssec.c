/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of DNSSEC and of transaction security: keys, signatures, digests, fingerprints. */
#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"

#define FIELD(what, name, label, type, base, flags, text)                                                    \
	static const struct cl_field what = { name, label, type, base, flags, text }

#define TYPE_SIG   24u
#define CLASS_ANY  255u
#define RSAMD5	   1u
#define KEY_HEADER 4u /* flags, protocol, algorithm */

/* The tag of the key that makes the RDATA (RFC 4034 App. B). False: it has none. */
static bool key_tag(struct cl_cur c, uint32_t *tag)
{
	uint32_t n = cl_cur_left(&c), sum = 0;
	struct cl_cur at = c;

	cl_cur_skip(&at, KEY_HEADER - 1);
	if (cl_cur_u8(&at) == RSAMD5) { /* App. B.1: of the modulus' last 24 bits the upper 16 */
		if (n < KEY_HEADER + 3)
			return false;
		cl_cur_skip(&c, n - 3);
		*tag = cl_cur_u16(&c);
		return c.err == CL_OK;
	}
	for (uint32_t i = 0; i + 1 < n; i += 2)
		sum += cl_cur_u16(&c);
	if (n % 2 != 0)
		sum += (uint32_t)cl_cur_u8(&c) << 8;
	*tag = (sum + (sum >> 16)) & 0xffff;
	return c.err == CL_OK && at.err == CL_OK;
}

static void put_key(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *tag_field,
		    const struct cl_field *key_field)
{
	uint32_t tag = 0, left = cl_cur_left(c);

	if (key_tag(m->rr.data, &tag))
		cl_put_uint(m->d, tag_field, tag);
	if (left == 0)
		return;
	struct cl_span key = cl_cur_take(c, left);
	if (c->err == CL_OK)
		cl_put_bytes(m->d, key_field, key);
}

void cl_dns_rr_key(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_tag, "dns.key.key_id", "Key ID", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL);
	FIELD(f_key, "dns.key.public_key", "Public Key", CL_V_BYTES, 0, 0, NULL);

	put_key(m, c, &f_tag, &f_key);
}

void cl_dns_rr_dnskey(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_tag, "dns.dnskey.key_id", "Key id", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL);
	FIELD(f_key, "dns.dnskey.public_key", "Public Key", CL_V_BYTES, 0, 0, NULL);

	put_key(m, c, &f_tag, &f_key);
}

/* What follows the key tag; the signer of a SIG record was compressed once (RFC 3597 sec. 4). */
void cl_dns_rr_rrsig(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_signer, "dns.rrsig.signers_name", "Signer's name", CL_V_TEXT, 0, 0, NULL);
	FIELD(f_signature, "dns.rrsig.signature", "Signature", CL_V_BYTES, 0, 0, NULL);
	bool pointers = m->rr.type == TYPE_SIG || m->kind == CL_DNS_MULTICAST;

	cl_dns_put_name(m, c, pointers ? CL_DNS_COMPRESSED : CL_DNS_PLAIN, &f_signer);
	uint32_t left = cl_cur_left(c);
	if (left == 0)
		return;
	struct cl_span signature = cl_cur_take(c, left);
	if (c->err == CL_OK)
		cl_put_bytes(m->d, &f_signature, signature);
}

/* The octets of a digest, by a number; 0: not known. */
struct length_row {
	uint8_t code, octets;
};

static void check_length(struct cl_dns_msg *m, const struct length_row *rows, size_t n, uint8_t code,
			 uint32_t octets)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].code == code && rows[i].octets != octets)
			cl_dns_bad_rdata(m, CL_ANOM_DNS_DIGEST);
}

#define CHECK(m, rows, code, octets) check_length(m, rows, sizeof(rows) / sizeof *(rows), code, octets)

/* DS and its kin: key tag, algorithm, digest type, digest. */
void cl_dns_rr_digest(struct cl_dns_msg *m, struct cl_cur *c)
{
	static const struct length_row rows[] = { { 1, 20 }, { 2, 32 }, { 3, 32 },
						  { 4, 48 }, { 5, 32 }, { 6, 32 } };
	struct cl_cur start = m->rr.data;

	(void)c;
	cl_cur_skip(&start, 3);
	uint8_t type = cl_cur_u8(&start);
	CHECK(m, rows, type, m->rr.length - 4u);
}

void cl_dns_rr_sshfp(struct cl_dns_msg *m, struct cl_cur *c)
{
	static const struct length_row rows[] = { { 1, 20 }, { 2, 32 } };
	struct cl_cur start = m->rr.data;

	(void)c;
	cl_cur_skip(&start, 1);
	uint8_t type = cl_cur_u8(&start);
	CHECK(m, rows, type, m->rr.length - 2u);
}

void cl_dns_rr_tlsa(struct cl_dns_msg *m, struct cl_cur *c)
{
	static const struct length_row rows[] = { { 1, 32 }, { 2, 64 } };
	struct cl_cur start = m->rr.data;

	(void)c;
	cl_cur_skip(&start, 2);
	uint8_t type = cl_cur_u8(&start);
	CHECK(m, rows, type, m->rr.length - 3u);
}

void cl_dns_rr_zonemd(struct cl_dns_msg *m, struct cl_cur *c)
{
	static const struct length_row rows[] = { { 1, 48 }, { 2, 64 } };
	struct cl_cur start = m->rr.data;

	(void)c;
	cl_cur_skip(&start, 5);
	uint8_t type = cl_cur_u8(&start);
	CHECK(m, rows, type, m->rr.length - 6u);
	if (m->rr.length < 6 + 12) /* RFC 8976 sec. 2.2.4 */
		cl_dns_bad_rdata(m, CL_ANOM_DNS_DIGEST);
}

/* What follows the salt; the flag has no meaning in NSEC3PARAM (RFC 5155 sec. 4.1.2). */
void cl_dns_rr_nsec3(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_opt_out, "dns.nsec3.flags.opt_out", "Opt-out", CL_V_BOOL, 0, 0, NULL);
	static const struct cl_dns_part parts[] = {
		{ CL_DNS_LEN8,
		  false,
		  0,
		  { "dns.nsec3.hash_length", "Hash length", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL } },
		{ CL_DNS_BASE32,
		  false,
		  0,
		  { "dns.nsec3.hash_value", "Next hashed owner", CL_V_TEXT, 0, 0, NULL } },
		{ CL_DNS_BITMAP, false, 0, { NULL, NULL, CL_V_NONE, 0, 0, NULL } },
	};
	struct cl_cur start = m->rr.data;

	cl_cur_skip(&start, 1);
	cl_put_uint(m->d, &f_opt_out, cl_cur_u8(&start) & 1);
	cl_dns_read_parts(m, c, parts, sizeof parts / sizeof *parts);
}

/* One bitmap of the types 0 to 127, without windows. */
void cl_dns_rr_nxt(struct cl_dns_msg *m, struct cl_cur *c)
{
	uint32_t left = cl_cur_left(c);

	if (left > 16)
		cl_dns_bad_rdata(m, CL_ANOM_DNS_BITMAP);
	for (uint32_t i = 0; i < left && c->err == CL_OK; i++) {
		uint8_t bits = cl_cur_u8(c);

		for (uint32_t bit = 0; bit < 8; bit++)
			if ((bits & 0x80u >> bit) != 0)
				cl_dns_put_bit(m, i * 8 + bit);
	}
}

void cl_dns_rr_csync(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_bitmap, "dns.csync.type_bitmap", "Type Bitmap", CL_V_BYTES, 0, CL_FD_FLAT, NULL);
	struct cl_cur all = *c;
	struct cl_span octets = cl_cur_take(&all, cl_cur_left(c));

	if (octets.len > 0)
		cl_put_bytes(m->d, &f_bitmap, octets);
	cl_dns_read_bitmap(m, c);
}

/* BIND's private record of how far the signing of a zone is; 0 first: a pending NSEC3PARAM record. */
void cl_dns_rr_signing(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_algorithm, "dns.signing.algorithm", "Algorithm", CL_V_UINT, CL_DEC, 0, cl_dns_algorithm_text);
	FIELD(f_key, "dns.signing.key_id", "Key id", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_removal, "dns.signing.removal", "Removal", CL_V_BOOL, 0, 0, NULL);
	FIELD(f_complete, "dns.signing.complete", "Complete", CL_V_BOOL, 0, 0, NULL);
	FIELD(f_chain, "dns.signing.nsec3param", "NSEC3PARAM", CL_V_BYTES, 0, 0, NULL);

	if (cl_cur_peek(c) == 0) {
		struct cl_span chain = cl_cur_take(c, cl_cur_left(c) > 0 ? cl_cur_left(c) : 1);
		if (c->err == CL_OK)
			cl_put_bytes(m->d, &f_chain, chain);
		return;
	}
	uint8_t algorithm = cl_cur_u8(c);
	uint16_t key = cl_cur_u16(c);
	uint8_t removal = cl_cur_u8(c), complete = cl_cur_u8(c);
	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f_algorithm, algorithm);
	cl_put_uint(m->d, &f_key, key);
	cl_put_uint(m->d, &f_removal, removal != 0);
	cl_put_uint(m->d, &f_complete, complete != 0);
}

void cl_dns_rr_tsig(struct cl_dns_msg *m, struct cl_cur *c)
{
	(void)c;
	if (m->rr.class != CLASS_ANY || m->rr.ttl != 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_TSIG_FIELDS);
}
