/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/dns/name.h"

static bool malformed(struct cl_cur *c)
{
	cl_cur_fail(c, UINT32_MAX);
	return false;
}

static bool append_label(struct cl_cur *c, uint8_t length, bool fold, struct cl_dns_name *out)
{
	if (out->len + 1u + length >= CL_DNS_NAME_MAX)
		return malformed(c);
	struct cl_span label = cl_cur_take(c, length);
	if (c->err != CL_OK)
		return false;
	out->wire[out->len++] = length;
	for (uint32_t i = 0; i < label.len; i++) {
		uint8_t o = label.ptr[i];
		out->wire[out->len++] = fold && o >= 'A' && o <= 'Z' ? (uint8_t)(o | 0x20) : o;
	}
	return true;
}

static bool read_name(struct cl_cur *c, bool fold, struct cl_dns_name *out)
{
	struct cl_cur at = *c; /* jumps; `c` itself ends behind the first pointer */
	uint32_t lowest = c->pos, resume = 0;

	out->len = 0;
	for (;;) {
		uint8_t length = cl_cur_u8(&at);

		if (at.err != CL_OK)
			break;
		if (length == 0) {
			out->wire[out->len++] = 0;
			c->pos = resume != 0 ? resume : at.pos;
			return true;
		}
		if (length <= CL_DNS_LABEL_MAX) {
			if (!append_label(&at, length, fold, out))
				break;
			continue;
		}
		uint32_t target = (length & 0x3fu) << 8 | cl_cur_u8(&at);
		if (at.err != CL_OK)
			break;
		if ((length & CL_DNS_POINTER) != CL_DNS_POINTER || target >= lowest) {
			malformed(&at);
			break;
		}
		if (resume == 0)
			resume = at.pos;
		lowest = at.pos = target;
	}
	if (c->err == CL_OK) {
		c->err = at.err;
		c->end = c->pos;
	}
	return false;
}

bool cl_dns_name_read(struct cl_cur *c, struct cl_dns_name *out)
{
	return read_name(c, true, out);
}

bool cl_dns_name_as_sent(struct cl_cur *c, struct cl_dns_name *out)
{
	return read_name(c, false, out);
}

static uint64_t folded(struct cl_span wire, uint32_t at)
{
	return cl_dns_fold(cl_span_word(wire, at));
}

uint64_t cl_dns_name_mix(struct cl_span wire, uint64_t seed)
{
	uint32_t last = wire.len > 8 ? wire.len - 8 : 0, within = last < 8 ? last : 8; /* as cl_cur_words */
	uint64_t h = cl_dns_name_begin(wire.len, seed);

	h = cl_dns_name_round(h, folded(wire, 0), folded(wire, within), seed);
	for (uint32_t at = 16; at + 16 < wire.len; at += 16)
		h = cl_dns_name_round(h, folded(wire, at), folded(wire, at + 8), seed);
	return cl_dns_name_round(h, folded(wire, last - within), folded(wire, last), seed);
}

struct cl_cur cl_dns_name_hash_other(struct cl_cur c, uint32_t plain, uint64_t seed, uint64_t *hash)
{
	struct cl_dns_name name;

	if (plain > 0)
		*hash = cl_dns_name_mix(cl_cur_take(&c, plain), seed);
	else if (cl_dns_name_read(&c, &name))
		*hash = cl_dns_name_mix((struct cl_span){ name.wire, name.len }, seed);
	return c;
}
