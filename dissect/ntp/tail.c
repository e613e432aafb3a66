/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/ntp/tail.h"

#define MAC_MAX_V4   24u /* key identifier and 20 octets (RFC 7822 sec. 3, 7.5.1.3) */
#define FIELD_MIN    16u /* RFC 7822 sec. 3, 7.5.1.4 */
#define FIELD_MIN_V5 4u

/* A walk over the tail. */
struct walk {
	struct cl_ntp_tail t;
	struct cl_cur *c;
	cl_ntp_part_fn *fn;
	void *ctx;
};

/* Gives the `n` octets at `at` to whoever wants all parts. */
static void give(const struct walk *w, enum cl_ntp_part_kind kind, uint16_t type, struct cl_cur at,
		 uint32_t n)
{
	if (w->fn == NULL)
		return;
	cl_cur_narrow(&at, n);
	w->fn(w->ctx, &(struct cl_ntp_part){ .kind = kind, .type = type, .octets = at });
}

static void give_rest(const struct walk *w, enum cl_ntp_part_kind kind, struct cl_cur at)
{
	give(w, kind, 0, at, cl_cur_left(&at));
}

/* The rest, from `at` on, fits no rule. */
static void bad(struct walk *w, enum cl_anomaly why, struct cl_cur at)
{
	w->t.bad = true;
	w->t.why = why;
	give_rest(w, CL_NTP_PART_BAD, at);
}

/* A single word: a crypto-NAK if it is 0 (RFC 5905 sec. 9.2). */
static void read_word(struct walk *w)
{
	struct cl_cur at = *w->c;
	uint32_t word = cl_cur_u32(w->c);

	if (w->c->err != CL_OK)
		return;
	if (word != 0) {
		bad(w, CL_ANOM_NTP_TAIL_WORD, at);
		return;
	}
	w->t.crypto_nak = true;
	give_rest(w, CL_NTP_PART_NAK, at);
}

static void read_mac(struct walk *w)
{
	w->t.mac = true;
	give_rest(w, CL_NTP_PART_MAC, *w->c);
}

/* Up to version 3 the whole tail is an authenticator (RFC 1305 app. C; digests as servers send them). */
static void read_v3(struct walk *w)
{
	static const uint8_t sizes[] = { 12, 20, 24, 36, 52, 68, 72 };
	uint32_t rest = cl_cur_left(w->c);

	if (rest == 4) {
		read_word(w);
		return;
	}
	for (unsigned i = 0; i < sizeof sizes; i++)
		if (rest == sizes[i]) {
			read_mac(w);
			return;
		}
	bad(w, CL_ANOM_NTP_TAIL_AUTHENTICATOR, *w->c);
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

/* No field by its length: as long as a MAC that some servers sent before RFC 7822, or just wrong. */
static void no_field(struct walk *w, struct cl_cur at)
{
	uint32_t rest = cl_cur_left(&at);
	bool digest = w->t.fields == 0 && (rest == 36 || rest == 52 || rest == 68);

	bad(w, digest ? CL_ANOM_NTP_LONG_MAC : CL_ANOM_NTP_EXT_LENGTH, at);
}

/* Each turn takes a field of 16 octets or more. */
static void read_v4(struct walk *w)
{
	struct cl_cur *c = w->c;

	for (;;) {
		uint32_t rest = cl_cur_left(c);

		if (rest == 0) /* the last field was 28 octets or longer, or the next test had met it */
			return;
		if (rest == 4) {
			read_word(w);
			return;
		}
		if (rest == 20 || rest == 24) {
			read_mac(w);
			return;
		}
		if (rest <= MAC_MAX_V4) {
			bad(w, CL_ANOM_NTP_TAIL_RUNT, *c);
			return;
		}
		struct cl_cur at = *c;
		uint16_t type = cl_cur_u16(c), length = cl_cur_u16(c);
		if (c->err != CL_OK)
			return;
		if (length < FIELD_MIN || length % 4 != 0 || length > rest) {
			no_field(w, at);
			return;
		}
		struct cl_span body = cl_cur_take(c, length - 4u);
		give(w, CL_NTP_PART_FIELD, type, at, length);
		if (c->err != CL_OK)
			return;
		note_field(&w->t, type, body);
	}
}

/* Version 5: fields alone, 4 octets or longer, padded to a multiple of 4 (draft-ietf-ntp-ntpv5). */
static void read_v5(struct walk *w)
{
	struct cl_cur *c = w->c;

	for (uint32_t rest; (rest = cl_cur_left(c)) > 0;) {
		struct cl_cur at = *c;
		uint16_t type = cl_cur_u16(c), length = cl_cur_u16(c);

		if (c->err != CL_OK)
			return;
		if (length < FIELD_MIN_V5 || length > rest) {
			bad(w, CL_ANOM_NTP_EXT_LENGTH, at);
			return;
		}
		struct cl_span body = cl_cur_take(c, length - 4u);
		cl_cur_skip(c, -(uint32_t)length & 3u);
		give(w, CL_NTP_PART_FIELD, type, at, length);
		if (c->err != CL_OK)
			return;
		note_field(&w->t, type, body);
	}
}

struct cl_ntp_tail cl_ntp_tail_walk(struct cl_cur *c, unsigned version, cl_ntp_part_fn *fn, void *ctx)
{
	struct walk w = { .t = { .uid = { NULL, 0 } }, .c = c, .fn = fn, .ctx = ctx };
	uint32_t rest = cl_cur_left(c);

	if (rest == 0)
		return w.t;
	if (rest % 4 != 0)
		bad(&w, CL_ANOM_NTP_TAIL_LENGTH, *c);
	else if (version <= 3)
		read_v3(&w);
	else if (version == 5)
		read_v5(&w);
	else
		read_v4(&w);
	return w.t;
}
