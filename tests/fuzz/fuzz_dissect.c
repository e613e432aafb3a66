/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of any octets: each is an octet for link type and time, two octets of length on the wire beyond what
 * was kept, two of length kept, and the octets. Each lies in a heap block of its size. All go through one
 * dissector for counting, one with notes, and one that shows all as well, as a line, a tree and an object
 * each: fates must be the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/linktype.h"
#include "dissect/dissect.h"
#include "dissect/note.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/dissect_output.h"

#define HEADER 5u

static const uint16_t linktypes[] = { CL_LINKTYPE_ETHERNET,
				      CL_LINKTYPE_RAW,
				      CL_LINKTYPE_NULL,
				      CL_LINKTYPE_LOOP,
				      CL_LINKTYPE_PPP,
				      CL_LINKTYPE_PPP_HDLC,
				      CL_LINKTYPE_LINUX_SLL,
				      CL_LINKTYPE_LINUX_SLL2,
				      CL_LINKTYPE_IPV4,
				      CL_LINKTYPE_IPV6,
				      147,
				      CL_LINKTYPE_C_HDLC,
				      CL_LINKTYPE_PPP_ETHER,
				      CL_LINKTYPE_IEEE802_11,
				      CL_LINKTYPE_IEEE802_11_RADIOTAP,
				      CL_LINKTYPE_PPI,
				      CL_LINKTYPE_MPLS,
				      CL_LINKTYPE_NFLOG };

/* Nanoseconds since the frame before, by the first octet's upper three bits; times end at their type's
 * limits.
 */
static const int64_t steps[8] = { 0,
				  INT64_MAX,
				  -INT64_C(500000000),
				  INT64_C(300000000),
				  INT64_C(1100000000),
				  INT64_C(11000000000),
				  INT64_C(70000000000),
				  -INT64_MAX };

#define ROOM 5u

/* What comes out of a run. */
struct taken {
	uint64_t events; /* connections that ended not */
	uint64_t ended;
	bool notes; /* are wanted */
};

/* A note's pieces are within it, and so are its fields. */
static void check_note(const struct cl_note *n)
{
	size_t octets = 0;

	for (unsigned i = 0; i < CL_PIECES; i++)
		octets += n->piece_length[i];
	if (octets != n->data_length || octets > CL_NOTE_DATA_MAX || n->fields > CL_NOTE_FIELDS_MAX)
		abort();
}

static struct cl_event_room take(void *ctx, size_t n)
{
	static struct cl_event evs[ROOM];
	static struct cl_note notes[ROOM];
	struct taken *t = ctx;

	for (size_t i = 0; i < n; i++) {
		if (evs[i].kind >= CL_EV_KINDS || evs[i].role > CL_ROLE_APART)
			abort();
		if (t->notes)
			check_note(&notes[i]);
		*(evs[i].kind == CL_EV_CONN || evs[i].kind == CL_EV_PART ? &t->ended : &t->events) += 1;
	}
	memset(notes, 0xa5, sizeof(notes)); /* nothing is left in them for later */
	return (struct cl_event_room){ .events = evs, .count = ROOM, .notes = t->notes ? notes : NULL };
}

/* The name of a zone lies in octets that are its own. */
static void take_zone(void *ctx, const struct cl_zone_note *n)
{
	uint8_t wire[UINT8_MAX];

	(void)ctx;
	memcpy(wire, n->zone, n->zone_octets);
	if (n->what != CL_ZONE_TRANSFER && (n->zone_octets == 0 || wire[n->zone_octets - 1] != 0))
		abort();
}

static _Noreturn void give_up(const char *why)
{
	fprintf(stderr, "fuzz_dissect: %s\n", why);
	abort();
}

/* Each frame has one fate at the end; until then it may wait for others. */
static void check(const struct cl_ledger *l, uint64_t frames, uint64_t events, bool end)
{
	uint64_t fates = 0, reasons = 0;

	for (unsigned i = 0; i < CL_FATES; i++)
		fates += l->fate[i];
	for (size_t i = 0; i < l->reasons; i++)
		reasons += l->undecoded[i].packets;
	if (fates > frames || (end && fates != frames))
		give_up("fates do not add up");
	if (reasons != l->fate[CL_FATE_UNDECODED])
		give_up("reasons do not add up");
	if (events > 0 && l->fate[CL_FATE_COUNTED] == 0)
		give_up("a message of no frame");
}

static void feed(struct cl_dissector *d, const uint8_t *head, const uint8_t *octets, size_t kept,
		 uint64_t number, int64_t *now)
{
	uint8_t *exact = malloc(kept > 0 ? kept : 1);
	struct cl_frame f = { .number = number, .data = exact, .cap_len = (uint32_t)kept };

	if (exact == NULL)
		return;
	if (kept > 0)
		memcpy(exact, octets, kept);
	f.linktype = linktypes[head[0] % 32u % (sizeof(linktypes) / sizeof(*linktypes))];
	if (__builtin_add_overflow(*now, steps[head[0] / 32u], now))
		*now = steps[head[0] / 32u] > 0 ? INT64_MAX : INT64_MIN;
	f.time_ns = *now;
	f.wire_len = f.cap_len + ((uint32_t)head[1] << 8 | head[2]);
	cl_dissector_feed(d, &f, 1);
	free(exact);
}

/* All frames through a dissector; `all`: in detail. Leaves its ledger. */
static void run(const uint8_t *data, size_t size, struct shown *all, struct taken *taken,
		struct cl_ledger *ledger)
{
	struct cl_limits limits = { .hash_seed = 1, .streams = true };
	uint64_t frames = 0;
	int64_t now = INT64_C(1700000000000000000);
	struct cl_dissector *d = cl_dissector_new(&limits, take, taken);

	if (d == NULL || (all != NULL && !cl_dissector_detail(d, shown_take, all)))
		abort();
	if (taken->notes)
		cl_dissector_zones(d, take_zone, NULL, &taken->notes);
	while (size >= HEADER) {
		size_t kept = (size_t)data[3] << 8 | data[4];

		kept = kept < size - HEADER ? kept : size - HEADER;
		feed(d, data, data + HEADER, kept, ++frames, &now);
		check(cl_dissector_ledger(d), frames, taken->events, false);
		data += HEADER + kept;
		size -= HEADER + kept;
	}
	cl_dissector_finish(d);
	check(cl_dissector_ledger(d), frames, taken->events, true);
	*ledger = *cl_dissector_ledger(d);
	cl_dissector_free(d);
}

static void same(const struct cl_ledger *a, const struct cl_ledger *b)
{
	for (unsigned i = 0; i < CL_FATES; i++)
		if (a->fate[i] != b->fate[i])
			give_up(cl_fate_names[i]);
	for (unsigned i = 0; i < CL_FACTS; i++)
		if (a->fact[i] != b->fact[i])
			give_up(cl_fact_names[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taken lean = { .notes = false }, noted = { .notes = true }, detailed = { .notes = true };
	struct cl_ledger ledger[3];
	struct shown shown;

	shown_open(&shown);
	run(data, size, NULL, &lean, &ledger[0]);
	run(data, size, NULL, &noted, &ledger[1]);
	run(data, size, &shown, &detailed, &ledger[2]);
	if (shown.wrong != NULL)
		give_up(shown.wrong);
	same(&ledger[0], &ledger[1]);
	same(&ledger[0], &ledger[2]);
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		if (ledger[0].anomaly[i] != ledger[1].anomaly[i])
			give_up(cl_anomalies[i].name);
	if (lean.events != noted.events || lean.events != detailed.events || noted.ended != detailed.ended)
		give_up("other messages");
	shown_close(&shown);
	return 0;
}
