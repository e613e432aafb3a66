/* SPDX-License-Identifier: BSD-2-Clause */
/* What a note has of an NTP message beside its event. */
#include "dissect/hash.h"
#include "dissect/ntp/lean.h"
#include "dissect/ntp/tail.h"

#define FIELD_HEAD   4u
#define KEY_ID	     4u
#define SESSION_KEYS 65535u  /* their identifiers are above (RFC 5906 sec. 4) */
#define AUTOKEY	     0x0200u /* version 2 in the type of its fields (RFC 5906 sec. 10), */
#define AUTOKEY_MASK 0x3f00u /* in which the two highest bits are the response's and the error's */

void cl_ntp_note_header(struct cl_note *n, const void *header)
{
	CL_HEAD(48) *h = header;

	n->leap = CL_HEAD_U8(h, 0) >> 6;
	n->precision = (int8_t)CL_HEAD_U8(h, 3);
	n->root_delay = CL_HEAD_U32(h, 4);
	n->root_dispersion = CL_HEAD_U32(h, 8);
	n->refid = CL_HEAD_U32(h, 12);
	n->ref = CL_HEAD_U64(h, 16);
}

/* What was kept of what is left, up to `most` octets. */
static void put_rest(struct cl_note *n, enum cl_note_piece piece, struct cl_cur *c, uint32_t most)
{
	uint32_t kept = cl_cur_kept(c);
	struct cl_span s = cl_cur_take(c, kept < most ? kept : most);

	cl_note_put(n, piece, s.ptr, s.len);
}

/* RFC 9327 sec. 2. */
static void note_control(struct cl_note *n, struct cl_cur c)
{
	CL_HEAD(12) *h = cl_cur_head(&c, sizeof *h, "\1\1\2\2\2\2\2");

	if (h == NULL)
		return;
	n->opcode = CL_HEAD_U8(h, 1);
	n->sequence = CL_HEAD_U16(h, 2);
	n->status = CL_HEAD_U16(h, 4);
	n->association = CL_HEAD_U16(h, 6);
	n->offset = CL_HEAD_U16(h, 8);
	n->count = CL_HEAD_U16(h, 10);
	put_rest(n, CL_PIECE_CONTROL, &c, n->count);
}

/* ntp_request.h; no RFC. */
void cl_ntp_note_private(struct cl_note *n, struct cl_cur c, unsigned mode)
{
	if (mode == CL_NTP_CONTROL) {
		note_control(n, c);
		return;
	}
	CL_HEAD(8) *h = cl_cur_head(&c, sizeof *h, "\1\1\1\1\2\2");
	if (h == NULL)
		return;
	n->response = CL_HEAD_U8(h, 0) & 0xc0;
	n->sequence = CL_HEAD_U8(h, 1) & 0x7f;
	n->implementation = CL_HEAD_U8(h, 2);
	n->opcode = CL_HEAD_U8(h, 3);
	n->status = CL_HEAD_U16(h, 4) >> 12;
	n->association = CL_HEAD_U16(h, 4) & 0xfff;
	n->offset = CL_HEAD_U16(h, 6) & 0xfff;
	uint32_t left = cl_cur_left(&c);
	n->count = left < UINT16_MAX ? (uint16_t)left : UINT16_MAX;
	put_rest(n, CL_PIECE_CONTROL, &c, n->count);
}

/* A tail on its way to a note. */
struct tail {
	struct cl_note *n;
	struct cl_span cookie; /* body of the first field that may be one */
	unsigned cookies;
	bool nts, autokey; /* a field that can be nothing else */
};

static void note_field(struct tail *t, uint16_t type, struct cl_cur octets)
{
	struct cl_note *n = t->n;
	const uint16_t length = (uint16_t)cl_cur_left(&octets);

	if (n->fields < CL_NOTE_FIELDS_MAX)
		n->field[n->fields++] = (struct cl_note_field){ type, length };
	switch (type) {
	case CL_NTP_EF_NTS_COOKIE: /* or Autokey's cookie request: what else is there tells */
		cl_cur_skip(&octets, FIELD_HEAD);
		if (t->cookies++ == 0)
			t->cookie = cl_cur_take(&octets, cl_cur_left(&octets));
		return;
	case CL_NTP_EF_NTS_PLACEHOLDER:
		if (n->placeholders < UINT8_MAX)
			n->placeholders++;
		t->nts = true;
		return;
	case CL_NTP_EF_NTS_AUTH:
		if (n->auth_length == 0)
			n->auth_length = length;
		t->nts = true;
		return;
	case CL_NTP_EF_UNIQUE_ID:
		t->nts = true;
		return;
	default:
		t->autokey = t->autokey || (type & AUTOKEY_MASK) == AUTOKEY;
	}
}

static void note_mac(struct cl_note *n, struct cl_cur octets)
{
	n->key_id = cl_cur_u32(&octets);
	n->mac_length = (uint16_t)cl_cur_left(&octets);
}

static void note_part(void *ctx, const struct cl_ntp_part *part)
{
	struct tail *t = ctx;

	if (part->kind == CL_NTP_PART_FIELD)
		note_field(t, part->type, part->octets);
	else if (part->kind == CL_NTP_PART_MAC)
		note_mac(t->n, part->octets);
}

static enum cl_ntp_auth auth_of(const struct cl_ntp_tail *read, bool autokey)
{
	if (read->nts_auth || (read->nts_cookie && read->uid.ptr != NULL))
		return CL_NTP_AUTH_NTS;
	if (read->crypto_nak)
		return CL_NTP_AUTH_CRYPTO_NAK;
	if (!read->mac)
		return CL_NTP_AUTH_PLAIN;
	return autokey ? CL_NTP_AUTH_AUTOKEY : CL_NTP_AUTH_MAC;
}

struct cl_ntp_tail cl_ntp_note_tail(struct cl_note *n, struct cl_cur *c, unsigned version, uint64_t seed)
{
	struct tail t = { .n = n };
	const struct cl_ntp_tail read = cl_ntp_tail_walk(c, version, note_part, &t);

	/* as dissect shows it: beside the MAC of a session key it is Autokey's */
	if (t.cookies > 0 && (t.nts || !read.mac || n->key_id <= SESSION_KEYS)) {
		n->cookies = t.cookies < UINT8_MAX ? (uint8_t)t.cookies : UINT8_MAX;
		n->cookie_length = (uint16_t)t.cookie.len;
		if (t.cookie.ptr != NULL)
			n->cookie = cl_hash(t.cookie.ptr, t.cookie.len, seed);
	} else if (t.cookies > 0) {
		t.autokey = true;
	}
	n->auth = (uint8_t)auth_of(&read, t.autokey);
	if (read.uid.ptr != NULL)
		cl_note_put(n, CL_PIECE_UID, read.uid.ptr, read.uid.len);
	return read;
}
