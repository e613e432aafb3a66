/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/ntp/tail.h"

#define MAC_MAX_V4   24u /* key identifier and 20 octets (RFC 7822 sec. 3, 7.5.1.3) */
#define FIELD_MIN    16u /* RFC 7822 sec. 3, 7.5.1.4 */
#define FIELD_MIN_V5 4u

/* A single word: a crypto-NAK if it is 0 (RFC 5905 sec. 9.2). */
static void read_word(struct cl_cur *c, struct cl_ntp_tail *t)
{
	uint32_t word = cl_cur_u32(c);

	if (c->err != CL_OK)
		return;
	t->crypto_nak = word == 0;
	t->bad |= word != 0;
}

/* Up to version 3 the whole tail is an authenticator (RFC 1305 app. C; digests as servers send them). */
static void read_v3(struct cl_cur *c, struct cl_ntp_tail *t)
{
	static const uint8_t sizes[] = { 12, 20, 24, 36, 52, 68, 72 };
	uint32_t rest = cl_cur_left(c);

	if (rest == 4) {
		read_word(c, t);
		return;
	}
	for (unsigned i = 0; i < sizeof sizes; i++)
		t->mac |= rest == sizes[i];
	t->bad = !t->mac;
}

static void note_field(struct cl_ntp_tail *t, uint16_t type, struct cl_span body)
{
	t->fields++;
	if (type == CL_NTP_EF_UNIQUE_ID && t->uid.ptr == NULL)
		t->uid = body;
	else if (type == CL_NTP_EF_NTS_COOKIE)
		t->nts_cookie = true;
	else if (type == CL_NTP_EF_NTS_AUTH)
		t->nts_auth = true;
}

/* Each turn takes a field of 16 octets or more. */
static void read_v4(struct cl_cur *c, struct cl_ntp_tail *t)
{
	for (;;) {
		uint32_t rest = cl_cur_left(c);

		if (rest == 0) /* the last field was 28 octets or longer, or the next test had met it */
			return;
		if (rest == 4) {
			read_word(c, t);
			return;
		}
		if (rest <= MAC_MAX_V4) {
			t->mac = rest == 20 || rest == 24;
			t->bad |= !t->mac;
			return;
		}
		uint16_t type = cl_cur_u16(c), length = cl_cur_u16(c);
		if (c->err != CL_OK)
			return;
		if (length < FIELD_MIN || length % 4 != 0 || length > rest) {
			t->bad = true;
			return;
		}
		struct cl_span body = cl_cur_take(c, length - 4u);
		if (c->err != CL_OK)
			return;
		note_field(t, type, body);
	}
}

/* Version 5: fields alone, 4 octets or longer, padded to a multiple of 4 (draft-ietf-ntp-ntpv5). */
static void read_v5(struct cl_cur *c, struct cl_ntp_tail *t)
{
	for (uint32_t rest; (rest = cl_cur_left(c)) > 0;) {
		uint16_t type = cl_cur_u16(c), length = cl_cur_u16(c);

		if (c->err != CL_OK)
			return;
		if (length < FIELD_MIN_V5 || length > rest) {
			t->bad = true;
			return;
		}
		struct cl_span body = cl_cur_take(c, length - 4u);
		cl_cur_skip(c, -(uint32_t)length & 3u);
		if (c->err != CL_OK)
			return;
		note_field(t, type, body);
	}
}

struct cl_ntp_tail cl_ntp_tail_read(struct cl_cur *c, unsigned version)
{
	struct cl_ntp_tail t = { .uid = { NULL, 0 } };
	uint32_t rest = cl_cur_left(c);

	if (rest == 0)
		return t;
	if (rest % 4 != 0)
		t.bad = true;
	else if (version <= 3)
		read_v3(c, &t);
	else if (version == 5)
		read_v5(c, &t);
	else
		read_v4(c, &t);
	return t;
}
