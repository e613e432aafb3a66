/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of any octets: each is a link type's number, two octets of length on the wire beyond what was kept,
 * two of length kept, and the octets. Each lies in a heap block of its size. All go through one dissector for
 * counting, then through one that shows all, as a line, a tree and an object each: fates must be the same.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/linktype.h"
#include "cli/dissect.h"
#include "dissect/dissect.h"
#include "tests/fuzz/fuzz.h"

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
				      147 };

static void take(void *ctx, const struct cl_event *evs, size_t n)
{
	uint64_t *events = ctx;

	for (size_t i = 0; i < n; i++)
		if (evs[i].kind >= CL_EV_KINDS || evs[i].role > CL_ROLE_APART)
			abort();
	*events += n;
}

struct shown {
	struct cl_show_json *json;
	struct cl_out out;
};

/* Brackets close what they opened, no text holds a control character, and one object is one line. */
static void check_json(const char *p, size_t n)
{
	bool text = false;
	int depth = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c < 0x20 && i + 1 < n) || c == 0x7f)
			abort();
		if (text && c == '\\')
			i++;
		else if (c == '"')
			text = !text;
		else if (!text)
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (depth < 0 || (depth == 0 && i + 2 < n))
			abort();
	}
	if (depth != 0 || text || n == 0 || p[n - 1] != '\n')
		abort();
}

/* Nothing that a terminal would obey. */
static void check_text(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)p[i] < 0x20 && p[i] != '\n') || p[i] == 0x7f)
			abort();
}

static void show(void *ctx, const struct cl_frame *f, const struct cl_detail *detail)
{
	struct shown *s = ctx;

	s->out.used = 0;
	cl_show_line(&s->out, f, detail);
	cl_show_tree(&s->out, f, detail);
	check_text(s->out.at, s->out.used);
	s->out.used = 0;
	if (cl_show_json(s->json, &s->out, f, detail, NULL))
		check_json(s->out.at, s->out.used);
	if (cl_show_json_clash(s->json) != NULL)
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
	if (fates > frames || (end && fates != frames) || reasons != l->fate[CL_FATE_UNDECODED] ||
	    (events > 0 && l->fate[CL_FATE_COUNTED] == 0))
		abort();
}

static void feed(struct cl_dissector *d, const uint8_t *head, const uint8_t *octets, size_t kept,
		 uint64_t number)
{
	uint8_t *exact = malloc(kept > 0 ? kept : 1);
	struct cl_frame f = { .number = number, .data = exact, .cap_len = (uint32_t)kept };

	if (exact == NULL)
		return;
	if (kept > 0)
		memcpy(exact, octets, kept);
	f.linktype = linktypes[head[0] % (sizeof(linktypes) / sizeof(*linktypes))];
	f.wire_len = f.cap_len + ((uint32_t)head[1] << 8 | head[2]);
	cl_dissector_feed(d, &f, 1);
	free(exact);
}

/* All frames through a dissector; `all`: in detail. Leaves its ledger. */
static void run(const uint8_t *data, size_t size, struct shown *all, struct cl_ledger *ledger)
{
	struct cl_limits limits = { .hash_seed = 1 };
	uint64_t events = 0, frames = 0;
	struct cl_dissector *d = cl_dissector_new(&limits, take, &events);

	if (d == NULL || (all != NULL && !cl_dissector_detail(d, show, all)))
		abort();
	while (size >= HEADER) {
		size_t kept = (size_t)data[3] << 8 | data[4];

		kept = kept < size - HEADER ? kept : size - HEADER;
		feed(d, data, data + HEADER, kept, ++frames);
		check(cl_dissector_ledger(d), frames, events, false);
		data += HEADER + kept;
		size -= HEADER + kept;
	}
	cl_dissector_finish(d);
	check(cl_dissector_ledger(d), frames, events, true);
	*ledger = *cl_dissector_ledger(d);
	cl_dissector_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shown shown = { .json = cl_show_json_new() };
	struct cl_ledger lean, detailed;

	run(data, size, NULL, &lean);
	run(data, size, &shown, &detailed);
	if (memcmp(lean.fate, detailed.fate, sizeof lean.fate) != 0 ||
	    memcmp(lean.fact, detailed.fact, sizeof lean.fact) != 0)
		abort();
	cl_show_json_free(shown.json);
	cl_out_free(&shown.out);
	return 0;
}
