/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_TLS_RIG_H
#define CL_TESTS_UNIT_TLS_RIG_H

/*
 * One TLS connection without TCP below: octets of either direction go straight to cl_tls_app, each time in a
 * heap block of just their size, so that the sanitizer sees one octet too far.
 */
#include "dissect/tcp.h"
#include "tests/unit/vectors.h"

struct tls_rig {
	struct cl_ledger ledger;
	struct cl_limits limits;
	struct cl_streams *streams; /* where what is held counts */
	struct cl_detail *detail;   /* NULL: lean */
	struct cl_event ev;
	struct cl_frame frame;
	void *state;
	uint8_t *held[2]; /* what was not taken yet */
	size_t len[2];
	bool enough[2];
	uint16_t port;
	struct detail_text text; /* of the octets fed last, or of all if `all` */
	bool all;
};

static inline struct tls_rig *tls_open(bool lean, uint16_t port, const struct cl_keylog *keys)
{
	struct tls_rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->limits.keylog = keys;
	r->port = port;
	r->detail = lean ? NULL : cl_detail_new();
	r->state = cl_tls_app.open();
	assert_non_null(r->state);
	r->streams = cl_streams_new(&r->limits);
	assert_non_null(r->streams);
	return r;
}

static inline void tls_close(struct tls_rig *r)
{
	raised_note(&r->ledger);
	cl_tls_app.close(r->state);
	cl_streams_free(r->streams);
	cl_detail_free(r->detail);
	free(r->held[0]);
	free(r->held[1]);
	free(r);
}

static inline void tls_show(struct tls_rig *r)
{
	static struct detail_text one;

	if (r->detail == NULL)
		return;
	detail_take(&one, &r->frame, r->detail);
	if (!r->all)
		r->text.used = 0;
	detail_add(&r->text, one.text, one.used);
}

static inline void tls_feed_gap(struct tls_rig *r, unsigned dir, const uint8_t *octets, size_t n, bool gap)
{
	size_t all = r->len[dir] + n, used = 0;
	uint8_t *exact = malloc(all > 0 ? all : 1);
	struct cl_pkt p = { .ev = &r->ev,
			    .frame = &r->frame,
			    .ledger = &r->ledger,
			    .limits = &r->limits,
			    .detail = r->detail,
			    .streams = r->streams,
			    .connection = 1 };

	assert_non_null(exact);
	if (r->len[dir] > 0)
		memcpy(exact, r->held[dir], r->len[dir]);
	memcpy(exact + r->len[dir], octets, n);
	r->ev.sport = dir == 0 ? 50000 : r->port;
	r->ev.dport = dir == 0 ? r->port : 50000;
	r->frame.number++;
	r->frame.time_ns += 1000000;
	if (r->detail != NULL)
		cl_detail_clear(r->detail);
	while (used < all && !r->enough[dir]) {
		uint32_t left = (uint32_t)(all - used);
		uint32_t took =
			cl_tls_app.take(r->state, &p, dir, cl_cur_make(exact + used, left, left), gap);

		r->enough[dir] = took == CL_TCP_ENOUGH;
		if (took == 0 || r->enough[dir])
			break;
		assert_true(took <= left);
		used += took;
		gap = false;
	}
	tls_show(r);
	r->len[dir] = r->enough[dir] ? 0 : all - used;
	free(r->held[dir]);
	r->held[dir] = malloc(r->len[dir] + 1);
	assert_non_null(r->held[dir]);
	memcpy(r->held[dir], exact + used, r->len[dir]);
	free(exact);
}

static inline void tls_feed(struct tls_rig *r, unsigned dir, const uint8_t *octets, size_t n)
{
	tls_feed_gap(r, dir, octets, n, false);
}

static inline void tls_hex(struct tls_rig *r, unsigned dir, const char *hex)
{
	static uint8_t octets[FRAME_ROOM];

	tls_feed(r, dir, octets, unhex(hex, octets));
}

static inline void tls_shows(const struct tls_rig *r, const char *line)
{
	if (!detail_has(&r->text, line))
		fail_msg("no %s in\n%s", line, r->text.text);
}

/* The lines of `expect`, each ended by a newline, are there in their order, with nothing of their names
 * between them. */
static inline void tls_shows_all(const struct tls_rig *r, const char *expect)
{
	char line[4096];

	while (*expect != '\0') {
		size_t n = strcspn(expect, "\n");

		assert_true(n < sizeof(line));
		memcpy(line, expect, n);
		line[n] = '\0';
		tls_shows(r, line);
		expect += n + (expect[n] == '\n');
	}
}

/* A conversation: records in the order of the wire. */
struct tls_turn {
	unsigned dir;
	const char *hex;
};

static inline struct tls_rig *tls_play(const struct tls_turn *turns, size_t n, bool lean, uint16_t port,
				       const struct cl_keylog *keys)
{
	struct tls_rig *r = tls_open(lean, port, keys);

	r->all = true;
	for (size_t i = 0; i < n; i++)
		tls_hex(r, turns[i].dir, turns[i].hex);
	return r;
}

/* Every octet of one turn changed in any bit, or the turn cut there, and the rest of the conversation
 * behind it: nothing is read past the end. `step`: each how-manieth octet. */
static inline void tls_damage(const struct tls_turn *turns, size_t n, uint16_t port,
			      const struct cl_keylog *keys, size_t step)
{
	static uint8_t octets[FRAME_ROOM];

	if (raised_file() != NULL)
		return;
	for (size_t t = 0; t < n; t++) {
		size_t len = unhex(turns[t].hex, octets);

		for (size_t i = 0; i < len; i += step)
			for (unsigned change = 0; change < 11; change++) {
				struct tls_rig *r = tls_open(change % 4 == 3, port, keys);
				uint8_t saved = octets[i];

				for (size_t before = 0; before < t; before++)
					tls_hex(r, turns[before].dir, turns[before].hex);
				unhex(turns[t].hex, octets);
				if (change < 8)
					octets[i] = (uint8_t)(saved ^ 1u << change);
				else if (change == 8)
					octets[i]++;
				else if (change == 9)
					octets[i]--;
				tls_feed(r, turns[t].dir, octets, change == 10 ? i : len);
				octets[i] = saved;
				for (size_t after = t + 1; after < n; after++)
					tls_hex(r, turns[after].dir, turns[after].hex);
				unhex(turns[t].hex, octets);
				tls_close(r);
			}
	}
}

#endif
