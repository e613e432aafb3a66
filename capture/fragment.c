/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/fragment.h"

#include <string.h>

#include "capture/linktype.h"

#define HEADERS_MAX 32u /* tags, labels, extension headers */

/* What is left of a frame; `end` once too little was. */
struct rest {
	const uint8_t *at;
	uint32_t n;
	bool end;
};

static void skip(struct rest *r, uint32_t n)
{
	if (n > r->n) {
		r->end = true;
		n = r->n;
	}
	r->at += n;
	r->n -= n;
}

static uint32_t octet(const struct rest *r, uint32_t i)
{
	return i < r->n ? r->at[i] : 0;
}

static uint32_t two(const struct rest *r, uint32_t i)
{
	return octet(r, i) << 8 | octet(r, i + 1);
}

static bool is_extension(uint32_t next)
{
	return next == 0 || next == 43 || next == 51 || next == 60 || next == 135 || next == 139 ||
	       next == 140;
}

/* RFC 8200 sec. 4: the fragment header, behind others; not an atomic one (RFC 6946). */
static bool is_fragment6(struct rest r)
{
	uint32_t next = octet(&r, 6);

	skip(&r, 40);
	for (unsigned i = 0; i < HEADERS_MAX && !r.end && is_extension(next); i++) {
		uint32_t length = next == 51 ? (octet(&r, 1) + 2) * 4 : (octet(&r, 1) + 1) * 8;

		next = octet(&r, 0);
		skip(&r, length);
	}
	return !r.end && next == 44 && r.n >= 4 && (two(&r, 2) & 0xfff9) != 0;
}

static bool is_fragment(const struct rest *r)
{
	uint32_t version = octet(r, 0) >> 4;

	if (version == 6)
		return is_fragment6(*r);
	return version == 4 && r->n >= 8 && (two(r, 6) & 0x3fff) != 0; /* RFC 791 sec. 3.1 */
}

/* Passes over tags (IEEE 802.1Q, 802.1ad), labels (RFC 3032) and PPPoE (RFC 2516) from the type on. */
static bool behind_type(struct rest *r)
{
	for (unsigned i = 0; i < HEADERS_MAX && r->n >= 2; i++) {
		uint32_t type = two(r, 0);

		skip(r, 2);
		switch (type) {
		case 0x8100:
		case 0x88a8:
		case 0x9100:
		case 0x9200:
		case 0x9300:
			skip(r, 2);
			continue;
		case 0x8847:
		case 0x8848:
			for (bool bottom = false; !bottom && !r->end && r->n > 0; skip(r, 4))
				bottom = (octet(r, 2) & 1) != 0;
			return !r->end;
		case 0x8864:
			skip(r, 8);
			return !r->end;
		case 0x0800:
		case 0x86dd:
			return !r->end;
		default:
			return false;
		}
	}
	return false;
}

/* RFC 1661, RFC 1662: address and control may be left out, the protocol be one octet. */
static bool behind_ppp(struct rest *r)
{
	if (two(r, 0) == 0xff03)
		skip(r, 2);
	if (octet(r, 0) == 0)
		skip(r, 1);
	uint32_t proto = octet(r, 0);
	skip(r, 1);
	return (proto == 0x21 || proto == 0x57);
}

/* Leaves the outermost IP header. */
static bool find_ip(const struct cl_frame *frame, struct rest *r)
{
	*r = (struct rest){ frame->data, frame->cap_len, false };
	switch (frame->linktype) {
	case CL_LINKTYPE_ETHERNET:
		skip(r, 12);
		return behind_type(r);
	case CL_LINKTYPE_LINUX_SLL:
		skip(r, 14);
		return behind_type(r);
	case CL_LINKTYPE_LINUX_SLL2: {
		uint32_t type = two(r, 0);

		skip(r, 20);
		return type == 0x0800 || type == 0x86dd;
	}
	case CL_LINKTYPE_NULL:
	case CL_LINKTYPE_LOOP:
		skip(r, 4);
		return true;
	case CL_LINKTYPE_RAW:
	case CL_LINKTYPE_IPV4:
	case CL_LINKTYPE_IPV6:
		return true;
	case CL_LINKTYPE_PPP:
	case CL_LINKTYPE_PPP_HDLC:
		return behind_ppp(r);
	default:
		return false;
	}
}

bool cl_frame_is_fragment(const struct cl_frame *frame)
{
	struct rest r;

	return find_ip(frame, &r) && is_fragment(&r);
}

bool cl_frame_unfragment(const struct cl_frame *frame, uint8_t room[CL_UNFRAGMENT_ROOM], struct cl_frame *out)
{
	struct rest r;

	if (!find_ip(frame, &r) || octet(&r, 0) >> 4 != 6 || octet(&r, 6) != 44 || r.n < 48 ||
	    (two(&r, 42) & 0xfff8) != 0)
		return false;
	uint32_t before = frame->cap_len - r.n + 40, behind = r.n - 48, next = octet(&r, 40);
	if (before > CL_UNFRAGMENT_ROOM)
		return false;
	if (behind > CL_UNFRAGMENT_ROOM - before)
		behind = CL_UNFRAGMENT_ROOM - before;
	memcpy(room, frame->data, before);
	room[before - 34] = (uint8_t)next;
	memcpy(room + before, r.at + 48, behind);
	*out = *frame;
	out->data = room;
	out->cap_len = before + behind;
	out->wire_len = frame->wire_len - 8;
	return true;
}
