/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_VECTORS_H
#define CL_TESTS_UNIT_VECTORS_H

/*
 * Frames typed as hexadecimal text, fed one by one to a dissector. Each is copied to a heap block of just its
 * size, so that the sanitizer sees one octet too far, and after each the ledger must add up.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/linktype.h"
#include "dissect/dissect.h"
#include "tests/unit/detail.h"
#include "tests/unit/raised.h"
#include "tests/unit/test_cmocka.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define FRAME_ROOM   70000u

struct rig {
	struct cl_dissector *d;
	struct cl_event last;	 /* of the frame fed last, if it was counted */
	struct cl_event room[3]; /* few, so that it is often full */
	size_t events;
	uint64_t frames;
	bool waits;		  /* frames may wait for others: fates come later */
	struct detail_text *text; /* of the frame fed last, if all is decoded */
};

/* A good frame, what becomes of it, and where its length fields are. */
struct vector {
	const char *name;
	const char *frame;
	uint16_t linktype;
	enum cl_fate fate;
	struct {
		uint16_t at;
		uint8_t octets;
	} lengths[4];
};

static inline struct cl_event_room rig_take(void *ctx, size_t n)
{
	struct rig *r = ctx;

	assert_true(n <= COUNT(r->room));
	r->events += n;
	if (n > 0)
		r->last = r->room[n - 1];
	memset(r->room, 0xa5, sizeof(r->room)); /* nothing is left in it for later */
	return (struct cl_event_room){ .events = r->room, .count = COUNT(r->room) };
}

static inline void rig_open(struct rig *r, const struct cl_addr *servers, size_t n)
{
	struct cl_limits limits = { .hash_seed = 7, .servers = servers, .server_count = n };

	memset(r, 0, sizeof(*r));
	r->d = cl_dissector_new(&limits, rig_take, r);
	assert_non_null(r->d);
}

/* Decodes all of each frame; r->text says what was found. */
static inline void rig_open_detail(struct rig *r)
{
	rig_open(r, NULL, 0);
	r->text = calloc(1, sizeof(*r->text));
	assert_non_null(r->text);
	assert_true(cl_dissector_detail(r->d, detail_take, r->text));
}

static inline void rig_close(struct rig *r)
{
	free(r->text);
	raised_free(r->d);
}

/* Every frame has one fate, and every undecoded one a reason. */
static inline void assert_ledger(const struct rig *r)
{
	const struct cl_ledger *l = cl_dissector_ledger(r->d);
	uint64_t fates = 0, reasons = 0;

	for (unsigned i = 0; i < CL_FATES; i++)
		fates += l->fate[i];
	for (size_t i = 0; i < l->reasons; i++)
		reasons += l->undecoded[i].packets;
	assert_int_equal(reasons, l->fate[CL_FATE_UNDECODED]);
	if (r->waits) {
		assert_true(fates <= r->frames);
		return;
	}
	assert_int_equal(fates, r->frames);
	assert_int_equal(r->events, l->fate[CL_FATE_COUNTED]);
}

/* Ends the input: nothing waits any more. */
static inline void rig_finish(struct rig *r)
{
	uint64_t fates = 0;

	cl_dissector_finish(r->d);
	for (unsigned i = 0; i < CL_FATES; i++)
		fates += cl_dissector_ledger(r->d)->fate[i];
	assert_int_equal(fates, r->frames);
}

/* Says which line is missing. */
static inline void assert_shows(const struct rig *r, const char *line)
{
	if (!detail_has(r->text, line))
		fail_msg("no %s in\n%s", line, r->text->text);
}

/* Feeds the first `cap` octets of a frame of `wire` octets; its fate, or CL_FATES while it waits. */
static inline enum cl_fate rig_feed(struct rig *r, uint16_t linktype, const uint8_t *octets, size_t cap,
				    size_t wire)
{
	struct cl_ledger before = *cl_dissector_ledger(r->d);
	struct cl_frame f = { .time_ns = 5000000000 + (int64_t)r->frames, .number = ++r->frames };
	uint8_t *exact = malloc(cap > 0 ? cap : 1);
	enum cl_fate fate = CL_FATES;

	assert_non_null(exact);
	memcpy(exact, octets, cap);
	f.data = exact;
	f.cap_len = (uint32_t)cap;
	f.wire_len = (uint32_t)wire;
	f.linktype = linktype;
	cl_dissector_feed(r->d, &f, 1);
	free(exact);
	assert_ledger(r);
	for (unsigned i = 0; i < CL_FATES; i++)
		if (cl_dissector_ledger(r->d)->fate[i] != before.fate[i])
			fate = (enum cl_fate)i;
	assert_true(r->waits || fate != CL_FATES);
	return fate;
}

static inline int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* Reads hexadecimal text, spaces passed over; the number of octets. */
static inline size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		int hi = hex_digit(text[0]), lo = hex_digit(text[1]);
		assert_true(hi >= 0 && lo >= 0 && n < FRAME_ROOM);
		out[n++] = (uint8_t)(hi << 4 | lo);
		text++;
	}
	return n;
}

static inline enum cl_fate rig_hex(struct rig *r, uint16_t linktype, const char *frame)
{
	static uint8_t octets[FRAME_ROOM];
	size_t n = unhex(frame, octets);

	return rig_feed(r, linktype, octets, n, n);
}

/* The packets of the reason's row; 0 if there is none. */
static inline uint64_t rig_reason(const struct rig *r, enum cl_undecoded kind, uint32_t value)
{
	const struct cl_ledger *l = cl_dissector_ledger(r->d);

	for (size_t i = 0; i < l->reasons; i++)
		if (l->undecoded[i].kind == kind && l->undecoded[i].value == value)
			return l->undecoded[i].packets;
	return 0;
}

/* A raw IPv4 datagram of 192.0.2.1 to 198.51.100.1 with a UDP payload; its length. */
static inline size_t wrap_udp(uint8_t *out, uint16_t sport, uint16_t dport, const uint8_t *payload, size_t n)
{
	static const uint8_t head[28] = { 0x45, 0, 0,	0,  0,	 1, 0, 0, 64, 17, 0, 0, 192, 0,
					  2,	1, 198, 51, 100, 1, 0, 0, 0,  0,  0, 0, 0,   0 };

	memcpy(out, head, sizeof(head));
	out[2] = (uint8_t)((n + 28) >> 8);
	out[3] = (uint8_t)(n + 28);
	out[20] = (uint8_t)(sport >> 8);
	out[21] = (uint8_t)sport;
	out[22] = (uint8_t)(dport >> 8);
	out[23] = (uint8_t)dport;
	out[24] = (uint8_t)((n + 8) >> 8);
	out[25] = (uint8_t)(n + 8);
	memcpy(out + 28, payload, n);
	return n + 28;
}

static inline enum cl_fate rig_udp(struct rig *r, uint16_t sport, uint16_t dport, const uint8_t *payload,
				   size_t n)
{
	static uint8_t frame[FRAME_ROOM];
	size_t size = wrap_udp(frame, sport, dport, payload, n);

	return rig_feed(r, CL_LINKTYPE_RAW, frame, size, size);
}

/* The same of `kept` octets of payload. */
static inline enum cl_fate rig_udp_cut(struct rig *r, uint16_t sport, uint16_t dport, const uint8_t *payload,
				       size_t n, size_t kept)
{
	static uint8_t frame[FRAME_ROOM];
	size_t size = wrap_udp(frame, sport, dport, payload, n);

	return rig_feed(r, CL_LINKTYPE_RAW, frame, size - n + kept, size);
}

/* What a frame cut short may say: no more than the whole, and nothing against it. */
static inline void assert_counted_alike(const struct cl_event *cut, const struct cl_event *whole)
{
	assert_int_equal(cut->kind, whole->kind);
	assert_int_equal(cut->role, whole->role);
	assert_memory_equal(&cut->src, &whole->src, sizeof(cut->src));
	assert_memory_equal(&cut->dst, &whole->dst, sizeof(cut->dst));
	assert_int_equal(cut->sport, whole->sport);
	assert_int_equal(cut->dport, whole->dport);
	if (cut->kind == CL_EV_NTP) {
		assert_int_equal(cut->u.ntp.xmt, whole->u.ntp.xmt);
		assert_int_equal(cut->u.ntp.flags & ~whole->u.ntp.flags, 0);
	} else if (cut->kind == CL_EV_DNS) {
		assert_int_equal(cut->u.dns.id, whole->u.dns.id);
		assert_int_equal(cut->u.dns.bits & ~whole->u.dns.bits, 0);
	}
}

static inline void open_at(struct rig *r, bool depth)
{
	if (depth)
		rig_open_detail(r);
	else
		rig_open(r, NULL, 0);
	r->waits = true; /* a changed octet can make a fragment of it */
}

/* Every prefix as capture: truncated, or as the whole. */
static inline void check_prefixes(const struct vector *v, const uint8_t *octets, size_t n, bool depth)
{
	struct rig r;

	open_at(&r, depth);
	r.waits = false;
	enum cl_fate fate = rig_feed(&r, v->linktype, octets, n, n);
	struct cl_event whole = r.last;
	if (fate != v->fate)
		fail_msg("%s: %s", v->name, cl_fate_names[fate]);
	for (size_t cap = 0; cap < n; cap++) {
		fate = rig_feed(&r, v->linktype, octets, cap, n);
		if (fate != CL_FATE_TRUNCATED && fate != v->fate)
			fail_msg("%s cut to %zu: %s", v->name, cap, cl_fate_names[fate]);
		if (fate == CL_FATE_COUNTED)
			assert_counted_alike(&r.last, &whole);
	}
	rig_close(&r);
}

/* Any octet changed in any bit: one fate, and nothing read past the frame. */
static inline void check_flips(const struct vector *v, uint8_t *octets, size_t n, bool depth)
{
	struct rig r;

	if (raised_file() != NULL) /* what a flipped bit happens to raise has no test packet by that */
		return;
	open_at(&r, depth);
	for (size_t i = 0; i < n; i++)
		for (unsigned change = 0; change < 9; change++) {
			uint8_t mask = (uint8_t)(change == 8 ? 0xffu : 1u << change);

			octets[i] = (uint8_t)(octets[i] ^ mask);
			rig_feed(&r, v->linktype, octets, n, n);
			octets[i] = (uint8_t)(octets[i] ^ mask);
		}
	rig_close(&r);
}

/* A length that lies by one: one fate. */
static inline void check_lengths(const struct vector *v, uint8_t *octets, size_t n, bool depth)
{
	struct rig r;

	if (raised_file() != NULL)
		return;
	open_at(&r, depth);
	for (size_t i = 0; i < COUNT(v->lengths) && v->lengths[i].octets != 0; i++)
		for (unsigned step = 1; step <= 0xffff; step += 0xfffe) { /* 1 and -1 */
			size_t at = v->lengths[i].at;
			uint8_t saved[2] = { octets[at], octets[at + 1] };
			unsigned value =
				v->lengths[i].octets == 2 ? (unsigned)saved[0] << 8 | saved[1] : saved[0];

			value += step;
			octets[at] = (uint8_t)(v->lengths[i].octets == 2 ? value >> 8 : value);
			if (v->lengths[i].octets == 2)
				octets[at + 1] = (uint8_t)value;
			rig_feed(&r, v->linktype, octets, n, n);
			memcpy(octets + at, saved, 2);
		}
	rig_close(&r);
}

static inline void check_vectors(const struct vector *v, size_t count)
{
	static uint8_t octets[FRAME_ROOM];

	for (; count > 0; count--, v++) {
		size_t n = unhex(v->frame, octets);

		for (int depth = 0; depth < 2; depth++) {
			check_prefixes(v, octets, n, depth != 0);
			check_flips(v, octets, n, depth != 0);
			check_lengths(v, octets, n, depth != 0);
		}
	}
}

/* Numbers that are the same in each run (splitmix64). */
static inline uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

#endif
