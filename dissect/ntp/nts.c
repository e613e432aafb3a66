/* SPDX-License-Identifier: BSD-2-Clause */
/* Network Time Security (RFC 8915 sec. 5): its fields, and the rules that a message has to keep. */
#include "dissect/hash.h"
#include "dissect/ntp/show.h"
#include "dissect/ntp/state.h"

#define UID_MIN		 32u /* octets of a body (sec. 5.3) */
#define PLACEHOLDERS_MAX 7u  /* sec. 5.7 */
#define NONCE_MAX	 16u /* octets that are asked of a nonce (sec. 5.6) */
#define NONCE_SHORT	 12u /* of AES-GCM-SIV */

#define FIELD(id, name, label, type) static const struct cl_field id = { name, label, type, CL_DEC, 0, NULL }
FIELD(f_uid, "ntp.nts.uid", "Unique identifier", CL_V_BYTES);
FIELD(f_cookie, "ntp.nts.cookie", "Cookie", CL_V_BYTES);
FIELD(f_nonce_length, "ntp.nts.nonce.length", "Nonce Length", CL_V_UINT);
FIELD(f_ciphertext_length, "ntp.nts.ciphertext.length", "Ciphertext Length", CL_V_UINT);
FIELD(f_nonce, "ntp.nts.nonce", "Nonce", CL_V_BYTES);
FIELD(f_ciphertext, "ntp.nts.ciphertext", "Ciphertext", CL_V_BYTES);
FIELD(f_padding, "ntp.nts.additional_padding", "Additional padding", CL_V_UINT);

static bool has_mode(const struct cl_ntp_show *s)
{
	return s->mode == 3 || s->mode == 4;
}

/* What every field of NTS has to keep. */
static void check_place(struct cl_ntp_show *s)
{
	if (!has_mode(s))
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_EXT_MODE);
}

/* All of the body; false if the capture cut it. */
static bool take_body(struct cl_cur *c, struct cl_span *body)
{
	*body = cl_cur_take(c, cl_cur_left(c));
	return c->err == CL_OK;
}

void cl_ntp_show_uid(struct cl_ntp_show *s, struct cl_cur c)
{
	struct cl_span body;

	check_place(s);
	if (cl_cur_left(&c) < UID_MIN)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_UID_SHORT);
	if (++s->uids == 2)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_UID_TWICE);
	if (take_body(&c, &body))
		cl_put_bytes(s->d, &f_uid, body);
}

void cl_ntp_show_cookie(struct cl_ntp_show *s, struct cl_cur c)
{
	struct cl_span body;

	check_place(s);
	s->cookie_length = cl_cur_left(&c);
	s->cookies++;
	if (s->mode == 4)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_COOKIE_CLEAR);
	else if (s->cookies == 2)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_COOKIE_TWICE);
	if (take_body(&c, &body))
		cl_put_bytes(s->d, &f_cookie, body);
}

static bool all_zero(struct cl_cur c)
{
	uint8_t any = 0;

	while (cl_cur_kept(&c) > 0)
		any |= cl_cur_u8(&c);
	return any == 0;
}

void cl_ntp_show_placeholder(struct cl_ntp_show *s, struct cl_cur c)
{
	s->placeholders++;
	if (s->mode != 3)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_PLACEHOLDER_ANSWER);
	else if (s->placeholders == PLACEHOLDERS_MAX + 1)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_PLACEHOLDER_MANY);
	if (s->placeholders == 1)
		s->placeholder_length = cl_cur_left(&c);
	else if (s->placeholder_length != cl_cur_left(&c))
		s->placeholders_differ = true;
	if (!all_zero(c))
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_PLACEHOLDER_FILLED);
}

static uint32_t padded(uint32_t n)
{
	return (n + 3) & ~3u;
}

/*
 * Padding that a request needs behind a nonce shorter than the algorithm's, so that the answer's fits (sec.
 * 5.6). The algorithm is not known here: 12 octets are what AES-GCM-SIV takes, other short ones are wrong.
 */
static bool lacks_padding(const struct cl_ntp_show *s, uint32_t nonce, uint32_t additional)
{
	uint32_t needed = padded(nonce) >= NONCE_SHORT ? 0 : NONCE_MAX - padded(nonce);

	return s->mode == 3 && additional < needed;
}

void cl_ntp_show_auth(struct cl_ntp_show *s, struct cl_cur c)
{
	uint32_t nonce = cl_cur_u16(&c), ciphertext = cl_cur_u16(&c);

	check_place(s);
	if (++s->auths == 2)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_AUTH_TWICE);
	if (c.err != CL_OK)
		return;
	cl_put_uint(s->d, &f_nonce_length, nonce);
	cl_put_uint(s->d, &f_ciphertext_length, ciphertext);
	if (padded(nonce) + padded(ciphertext) > cl_cur_left(&c)) {
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_AUTH_LENGTHS);
		return;
	}
	uint32_t additional = cl_cur_left(&c) - padded(nonce) - padded(ciphertext);
	if (lacks_padding(s, nonce, additional))
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_AUTH_PADDING);
	struct cl_span octets = cl_cur_take(&c, nonce);
	if (c.err == CL_OK)
		cl_put_bytes(s->d, &f_nonce, octets);
	cl_cur_skip(&c, padded(nonce) - nonce);
	octets = cl_cur_take(&c, ciphertext);
	if (c.err == CL_OK)
		cl_put_bytes(s->d, &f_ciphertext, octets);
	if (additional > 0)
		cl_put_uint(s->d, &f_padding, additional);
}

static void check_placeholders(struct cl_ntp_show *s)
{
	if (s->placeholders == 0 || s->mode != 3)
		return;
	if (s->cookies == 0)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_PLACEHOLDER_COOKIE);
	else if (s->placeholders_differ || s->placeholder_length != s->cookie_length)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_PLACEHOLDER_SIZE);
}

static void check_request(struct cl_ntp_show *s)
{
	if (s->auths > 0 && s->cookies == 0)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_COOKIE_MISSING);
	if (s->auths == 0 && s->cookies > 0)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_COOKIE_UNAUTHENTICATED);
}

static void check_nak(struct cl_ntp_show *s)
{
	if (s->uids == 0)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_NAK_UID);
	if (s->cookies + s->auths > 0)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_NAK_FIELDS);
}

/* An answer is not longer than its request: nobody is to be flooded by it. */
static void check_length(struct cl_ntp_show *s)
{
	uint32_t length = cl_cur_left(&s->start);

	if (s->tail.uid.ptr == NULL || s->p->ntp == NULL || cl_pkt_quoted(s->p))
		return;
	uint64_t uid = cl_hash(s->tail.uid.ptr, s->tail.uid.len, s->p->limits->hash_seed);
	if (s->mode == 3) {
		cl_ntp_recent_nts(&s->p->ntp->recent, uid, length);
		return;
	}
	uint32_t request = cl_ntp_recent_length(&s->p->ntp->recent, uid);
	if (s->mode == 4 && request != 0 && length > request)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_LONG_ANSWER);
}

void cl_ntp_check_nts(struct cl_ntp_show *s)
{
	check_length(s);
	if (s->nak) {
		check_nak(s);
		return;
	}
	if (s->auths > 0 && s->uids == 0 && has_mode(s))
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_UID_MISSING);
	if (s->after_auth)
		cl_pkt_anomaly(s->p, CL_ANOM_NTS_AFTER_AUTH);
	if (s->mode == 3)
		check_request(s);
	check_placeholders(s);
}
