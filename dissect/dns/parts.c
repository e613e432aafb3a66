/* SPDX-License-Identifier: BSD-2-Clause */
/* RDATA by its description: one walker for all types (RFC 1035 sec. 3.3 and on). */

#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"

#define NS_PER_S   1000000000ll
#define BASE32_MAX 408u /* 255 octets */

void cl_dns_bad_rdata(struct cl_dns_msg *m, enum cl_anomaly id)
{
	if (!m->rr.bad)
		cl_dns_anomaly(m, id);
	m->rr.bad = true;
}

void cl_dns_put_word(struct cl_detail *d, const struct cl_field *f, const char *word, const char *prefix,
		     uint32_t number)
{
	if (d == NULL)
		return;
	if (word != NULL)
		cl_put_bytes(d, f, cl_dns_words(word));
	else
		cl_put_format(d, f, "%s%u", prefix, (unsigned)number);
}

/* Base32hex in lower case, as Wireshark has it (RFC 4648 sec. 7). */
static void put_base32(struct cl_detail *d, const struct cl_field *f, struct cl_span s)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	char text[BASE32_MAX];
	uint32_t used = 0, bits = 0, held = 0;

	if (d == NULL)
		return;
	for (uint32_t i = 0; i < s.len && used + 2 < BASE32_MAX; i++) {
		held = (held << 8 | s.ptr[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			text[used++] = digits[held >> (bits - 5) & 31];
	}
	if (bits > 0)
		text[used++] = digits[held << (5 - bits) & 31];
	cl_put_bytes(d, f, cl_detail_keep(d, text, used));
}

void cl_dns_put_bit(struct cl_dns_msg *m, uint32_t type)
{
	static const struct cl_field word = { "dns.rr.types", "Type in bitmap",
					      CL_V_TEXT,      0,
					      CL_FD_OBJECT,   NULL };

	if (m->d == NULL)
		return;
	cl_put_uint(m->d, &cl_dns_resp_type, type);
	cl_dns_put_word(m->d, &word, cl_dns_type_name(type), "TYPE", type);
}

/* One window; what is there of it, if its length lies. */
static void read_window(struct cl_dns_msg *m, struct cl_cur *c, uint32_t window, uint32_t length)
{
	uint8_t bits = 0;

	if (length == 0 || length > 32)
		cl_dns_bad_rdata(m, CL_ANOM_DNS_BITMAP);
	for (uint32_t i = 0; i < length && c->err == CL_OK; i++) {
		bits = cl_cur_u8(c);
		for (uint32_t bit = 0; bits != 0 && bit < 8 && i < 32; bit++)
			if ((bits & 0x80u >> bit) != 0)
				cl_dns_put_bit(m, window * 256 + i * 8 + bit);
	}
	if (length > 0 && bits == 0 && c->err == CL_OK)
		cl_dns_bad_rdata(m, CL_ANOM_DNS_BITMAP);
}

void cl_dns_read_bitmap(struct cl_dns_msg *m, struct cl_cur *c)
{
	int before = -1;

	while (cl_cur_left(c) > 0) { /* takes 2 octets or more a turn */
		int window = cl_cur_u8(c);
		uint8_t length = cl_cur_u8(c);

		if (c->err != CL_OK)
			return;
		if (window <= before)
			cl_dns_bad_rdata(m, CL_ANOM_DNS_BITMAP);
		before = window;
		read_window(m, c, (uint32_t)window, length);
	}
}

/* What is carried from one part to the next. */
struct state {
	uint64_t number;  /* of the last number */
	uint32_t counted; /* octets of what is counted next */
};

static void read_number(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_dns_part *p, struct state *s)
{
	switch (p->what) {
	case CL_DNS_U8:
	case CL_DNS_LEN8:
		s->number = cl_cur_u8(c);
		break;
	case CL_DNS_U16:
	case CL_DNS_LEN16:
		s->number = cl_cur_u16(c);
		break;
	case CL_DNS_U64:
		s->number = cl_cur_u64(c);
		break;
	default:
		s->number = cl_cur_u32(c);
		break;
	}
	if (c->err == CL_OK)
		cl_put_uint(m->d, &p->field, s->number);
	s->counted = (uint32_t)s->number;
}

static void put_octets(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_dns_part *p, uint32_t n)
{
	struct cl_span octets = cl_cur_take(c, n);

	if (c->err != CL_OK)
		return;
	if (p->what == CL_DNS_BASE32)
		put_base32(m->d, &p->field, octets);
	else
		cl_put_bytes(m->d, &p->field, octets);
}

static void put_time(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_dns_part *p)
{
	int64_t high = p->what == CL_DNS_TIME48 ? cl_cur_u16(c) : 0;
	int64_t seconds = high << 32 | cl_cur_u32(c);

	if (c->err == CL_OK) /* 48 bits of seconds are more than 63 bits of nanoseconds */
		cl_put_int(m->d, &p->field, seconds < INT64_MAX / NS_PER_S ? seconds * NS_PER_S : INT64_MAX);
}

static void read_part(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_dns_part *p, struct state *s)
{
	switch ((enum cl_dns_what)p->what) {
	case CL_DNS_U8:
	case CL_DNS_U16:
	case CL_DNS_U32:
	case CL_DNS_U64:
	case CL_DNS_IP4:
	case CL_DNS_LEN8:
	case CL_DNS_LEN16:
		read_number(m, c, p, s);
		return;
	case CL_DNS_BITS:
		cl_put_uint(m->d, &p->field, (s->number & p->n) >> __builtin_ctz(p->n));
		return;
	case CL_DNS_TIME32:
	case CL_DNS_TIME48:
		put_time(m, c, p);
		return;
	case CL_DNS_IP6:
		put_octets(m, c, p, 16);
		return;
	case CL_DNS_OCTETS:
		put_octets(m, c, p, p->n);
		return;
	case CL_DNS_NAME:
		cl_dns_put_name(m, c, CL_DNS_COMPRESSED, &p->field);
		return;
	case CL_DNS_UNAME: /* multicast DNS compresses these too (RFC 6762 sec. 18.14) */
		cl_dns_put_name(m, c, m->kind == CL_DNS_MULTICAST ? CL_DNS_COMPRESSED : CL_DNS_PLAIN,
				&p->field);
		return;
	case CL_DNS_COUNTED:
	case CL_DNS_BASE32:
		put_octets(m, c, p, s->counted);
		return;
	case CL_DNS_STRING:
		put_octets(m, c, p, cl_cur_u8(c));
		return;
	case CL_DNS_REST:
	case CL_DNS_SOME:
		if (p->what == CL_DNS_SOME || cl_cur_left(c) > 0)
			put_octets(m, c, p, cl_cur_left(c) > 0 ? cl_cur_left(c) : 1);
		return;
	case CL_DNS_BITMAP:
		cl_dns_read_bitmap(m, c);
		return;
	case CL_DNS_UNAMES:
		while (cl_cur_left(c) > 0) /* each takes an octet or more, or fails */
			cl_dns_put_name(m, c, CL_DNS_PLAIN, &p->field);
		return;
	}
}

void cl_dns_read_parts(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_dns_part *parts, size_t n)
{
	struct state s = { 0, 0 };

	for (size_t i = 0; i < n && c->err == CL_OK; i++) {
		if (parts[i].optional && cl_cur_left(c) == 0)
			return;
		read_part(m, c, &parts[i], &s);
	}
}
