/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Headers that are taken at once say what the steps say that take them one by one, as the pass with notes
 * does: of a plain datagram of NTP and one of DNS, in IPv4 and in IPv6, with each octet of the headers as it
 * may be, and with each length that a capture may have kept or the wire had.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/linktype.h"
#include "dissect/dissect.h"
#include "dissect/note.h"
#include "tests/unit/test_cmocka.h"

#define HEADERS 62u /* Ethernet, IPv6, UDP */
#define LONGEST 128u

/* Ethernet, IPv4 (RFC 791) from 192.0.2.1 to 198.51.100.2, UDP. */
static const uint8_t in_ip4[] = {
	2,    0, 0, 0,	 0, 2,	2, 0, 0,  0,  0, 1, 8,	 0,			   /* Ethernet */
	0x45, 0, 0, 76,	 0, 1,	0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2, /* 20 + 8 + 48 octets */
	0xc0, 1, 0, 123, 0, 56, 1, 1						   /* from port 49153 */
};

/* From 2001:db8::1 to 2001:db8::2 (RFC 8200). */
static const uint8_t in_ip6[] = { 2,	0, 0,	 0,    0,    2,	   2,  0,   0, 0,  0, 1, 0x86, 0xdd,
				  0x60, 0, 0,	 0,    0,    56,   17, 64, /* 8 + 48 octets */
				  0x20, 1, 0xd,	 0xb8, 0,    0,	   0,  0,   0, 0,  0, 0, 0,    0,
				  0,	1, 0x20, 1,    0xd,  0xb8, 0,  0,   0, 0,  0, 0, 0,    0,
				  0,	0, 0,	 2,    0xc0, 1,	   0,  123, 0, 56, 1, 1 };

struct frame {
	uint8_t octets[LONGEST];
	uint32_t length;
};

/* The headers, with the port of the service and 48 octets that may be its message. */
static struct frame make(const uint8_t *headers, uint32_t n, bool dns)
{
	struct frame f = { .length = n + 48 };

	memcpy(f.octets, headers, n);
	if (dns) { /* a query of 48 octets: one question, a name of 32 octets */
		f.octets[n - 5] = 53;
		f.octets[n + 5] = 1;
		f.octets[n + 12] = 30;
		memset(f.octets + n + 13, 'a', 30);
		f.octets[n + 45] = 1; /* type A, behind the root */
		f.octets[n + 47] = 1;
	} else {
		f.octets[n] = 0x23; /* version 4, mode 3 */
		memset(f.octets + n + 40, 7, 8);
	}
	return f;
}

/* What a dissector gave. */
struct given {
	struct cl_event room[64], *event;
	struct cl_note *notes; /* NULL: none are wanted */
	size_t n;
};

#define MOST 40000u

static struct cl_event_room take(void *ctx, size_t n)
{
	struct given *g = ctx;

	assert_true(g->n + n <= MOST);
	memcpy(g->event + g->n, g->room, n * sizeof *g->room);
	g->n += n;
	memset(g->room, 0, sizeof g->room);
	return (struct cl_event_room){ .events = g->room,
				       .count = sizeof g->room / sizeof *g->room,
				       .notes = g->notes };
}

struct pair {
	struct cl_dissector *lean, *noted;
	struct given of_lean, of_noted;
	uint64_t number;
};

static void feed(struct pair *p, const uint8_t *octets, uint32_t kept, uint32_t wire)
{
	const struct cl_frame f = { .number = ++p->number,
				    .data = octets,
				    .cap_len = kept,
				    .wire_len = wire,
				    .linktype = CL_LINKTYPE_ETHERNET };

	cl_dissector_feed(p->lean, &f, 1);
	cl_dissector_feed(p->noted, &f, 1);
}

static void open_pair(struct pair *p)
{
	static const struct cl_limits limits = { .hash_seed = 1 };
	static struct cl_note notes[64];

	p->of_lean.event = calloc(MOST, sizeof *p->of_lean.event);
	p->of_noted.notes = notes;
	p->of_noted.event = calloc(MOST, sizeof *p->of_noted.event);
	p->lean = cl_dissector_new(&limits, take, &p->of_lean);
	p->noted = cl_dissector_new(&limits, take, &p->of_noted);
}

static void assert_same(const struct cl_event *a, const struct cl_event *b)
{
	if (a->frame_no != b->frame_no || a->kind != b->kind || a->role != b->role || a->sport != b->sport ||
	    a->dport != b->dport || a->wire_len != b->wire_len ||
	    memcmp(&a->src, &b->src, sizeof a->src) != 0 || memcmp(&a->dst, &b->dst, sizeof a->dst) != 0)
		fail_msg("frame %llu of the lean pass, %llu of the one with notes",
			 (unsigned long long)a->frame_no, (unsigned long long)b->frame_no);
	if (a->kind == CL_EV_NTP && (a->u.ntp.length != b->u.ntp.length || a->u.ntp.xmt != b->u.ntp.xmt))
		fail_msg("NTP of frame %llu", (unsigned long long)a->frame_no);
	if (a->kind == CL_EV_DNS && (a->u.dns.length != b->u.dns.length || a->u.dns.qhash != b->u.dns.qhash ||
				     a->u.dns.bits != b->u.dns.bits))
		fail_msg("DNS of frame %llu", (unsigned long long)a->frame_no);
}

static void close_pair(struct pair *p)
{
	cl_dissector_finish(p->lean);
	cl_dissector_finish(p->noted);
	const struct cl_ledger *a = cl_dissector_ledger(p->lean), *b = cl_dissector_ledger(p->noted);

	for (size_t i = 0; i < p->of_lean.n && i < p->of_noted.n; i++)
		assert_same(&p->of_lean.event[i], &p->of_noted.event[i]);
	assert_int_equal(p->of_lean.n, p->of_noted.n);
	assert_memory_equal(a->fate, b->fate, sizeof a->fate);
	assert_memory_equal(a->fact, b->fact, sizeof a->fact);
	assert_memory_equal(a->anomaly, b->anomaly, sizeof a->anomaly);
	cl_dissector_free(p->lean);
	cl_dissector_free(p->noted);
	free(p->of_lean.event);
	free(p->of_noted.event);
}

static void each_octet(struct frame f, uint32_t headers)
{
	static struct pair p;

	p = (struct pair){ .number = 0 };
	open_pair(&p);
	feed(&p, f.octets, f.length, f.length);
	for (uint32_t at = 12; at < headers; at++) {
		const uint8_t before = f.octets[at];

		for (unsigned value = 0; value < 256; value++) {
			f.octets[at] = (uint8_t)value;
			feed(&p, f.octets, f.length, f.length);
		}
		f.octets[at] = before;
	}
	memset(f.octets + headers - 2, 0, 2); /* no checksum */
	feed(&p, f.octets, f.length, f.length);
	close_pair(&p);
	assert_true(p.of_lean.n > 3000); /* each octet of an address, and more */
}

static void each_length(struct frame f)
{
	static struct pair p;

	p = (struct pair){ .number = 0 };
	open_pair(&p);
	for (uint32_t wire = 0; wire <= LONGEST; wire++)
		for (uint32_t kept = 0; kept <= wire; kept++) {
			uint8_t *octets =
				malloc(kept + 1u); /* one that reads further is seen by a sanitizer */

			memcpy(octets, f.octets, kept);
			feed(&p, octets, kept, wire);
			free(octets);
		}
	close_pair(&p);
	assert_true(p.of_lean.n > 100);
}

static void try_all(bool dns)
{
	each_octet(make(in_ip4, sizeof in_ip4, dns), sizeof in_ip4);
	each_octet(make(in_ip6, sizeof in_ip6, dns), sizeof in_ip6);
	each_length(make(in_ip4, sizeof in_ip4, dns));
	each_length(make(in_ip6, sizeof in_ip6, dns));
}

static void of_ntp(void **state)
{
	(void)state;
	try_all(false);
}

static void of_dns(void **state)
{
	(void)state;
	try_all(true);
}

int main(void)
{
	_Static_assert(sizeof in_ip6 == HEADERS, "the longest headers that are taken at once");
	const struct CMUnitTest tests[] = { cmocka_unit_test(of_ntp), cmocka_unit_test(of_dns) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
