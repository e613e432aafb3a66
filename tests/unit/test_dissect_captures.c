/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each capture of testdata/ and of ../shared/captures, once for counting and once with all of each packet,
 * and both with notes: the messages, fates and facts are the same, what is shown is whole, each field name
 * has one description, each note is whole and says the same at both depths. As a tree a packet reads the same
 * from bundles (cl_detail) and from the values themselves.
 */
#include <string.h>

#include "capture/input.h"
#include "dissect/hash.h"
#include "dissect/note.h"
#include "tests/unit/dissect_output.h"
#include "tests/unit/each_capture.h"
#include "tests/unit/test_cmocka.h"

/* All events, as one number: the order counts. */
struct sum {
	bool notes; /* are wanted */
	uint64_t events, hash;
	uint64_t ended, told; /* connections; all notes, as one number */
};

/* Makes the note's members and octets part of the sum. */
static void add_note(struct sum *s, const struct cl_note *n)
{
	static const struct cl_note zero;
	struct cl_note clean = zero; /* what lies between members is of no matter */
	size_t octets = 0;

#define X(group, type, name, doc) clean.name = n->name;
#include "dissect/note.def"
#undef X
	assert_true(n->fields <= CL_NOTE_FIELDS_MAX);
	for (unsigned i = 0; i < n->fields; i++)
		clean.field[i] = n->field[i];
	for (unsigned i = 0; i < CL_PIECES; i++)
		octets += clean.piece_length[i] = n->piece_length[i];
	assert_int_equal(octets, n->data_length);
	assert_true(octets <= CL_NOTE_DATA_MAX);
	memcpy(clean.data, n->data, octets);
	s->told = cl_hash(&clean, sizeof(clean), s->told);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * 0x9e3779b97f4a7c15u ^ h >> 29;
}

static struct cl_event_room take(void *ctx, size_t n)
{
	static struct cl_event evs[64];
	static struct cl_note notes[64];
	struct sum *s = ctx;

	for (size_t i = 0; i < n; i++) {
		const struct cl_event *e = &evs[i];

		if (s->notes)
			add_note(s, &notes[i]);
		if (e->kind == CL_EV_CONN || e->kind == CL_EV_PART) {
			assert_true(s->notes);
			s->ended += e->kind == CL_EV_CONN;
			continue;
		}
		s->events++;
		s->hash = mix(s->hash, e->frame_no);
		s->hash = mix(s->hash, (uint64_t)e->kind << 8 | e->role);
		s->hash = mix(s->hash, (uint64_t)e->sport << 16 | e->dport);
		s->hash = mix(s->hash, e->wire_len);
		for (unsigned b = 0; b < sizeof e->src.b; b++)
			s->hash = mix(s->hash, (uint64_t)e->src.b[b] << 8 | e->dst.b[b]);
		if (e->kind == CL_EV_NTP) {
			s->hash = mix(s->hash, e->u.ntp.org ^ e->u.ntp.xmt ^ e->u.ntp.uid);
			s->hash = mix(s->hash, (uint64_t)e->u.ntp.mode << 8 | e->u.ntp.flags);
		} else if (e->kind == CL_EV_DNS) {
			s->hash = mix(s->hash, e->u.dns.qhash ^ e->u.dns.id);
			s->hash = mix(s->hash, (uint64_t)e->u.dns.rcode << 8 | e->u.dns.bits);
		}
	}
	memset(notes, 0xa5, sizeof notes); /* nothing is left in them for later */
	return (struct cl_event_room){ .events = evs,
				       .count = sizeof(evs) / sizeof(*evs),
				       .notes = s->notes ? notes : NULL };
}

/* False: not a capture that can be read. */
static bool run(const char *path, struct shown *all, bool notes, struct sum *sum, struct cl_ledger *ledger)
{
	static const uint16_t ports[] = { 5300, 8053 };
	struct cl_limits limits = {
		.hash_seed = 1, .dns_ports = ports, .dns_port_count = 2, .streams = notes
	};
	struct cl_input_opts opts = { .hash = false };
	struct cl_input *in = cl_input_open(&path, 1, &opts);
	const struct cl_frame *frames;
	bool opened;
	size_t n;

	*sum = (struct sum){ .notes = notes };
	struct cl_dissector *d = cl_dissector_new(&limits, take, sum);
	assert_non_null(in);
	assert_non_null(d);
	if (all != NULL)
		assert_true(cl_dissector_detail(d, shown_take, all));
	while ((n = cl_input_next(in, &frames)) > 0)
		cl_dissector_feed(d, frames, n);
	cl_dissector_finish(d);
	*ledger = *cl_dissector_ledger(d);
	opened = cl_input_files(in, &n)->opened;
	cl_dissector_free(d);
	cl_input_close(in);
	return opened;
}

static unsigned captures;
static struct shown shown;

static void assert_same_ledger(const char *path, const char *how, const struct cl_ledger *lean,
			       const struct cl_ledger *other)
{
	for (unsigned i = 0; i < CL_FATES; i++)
		if (lean->fate[i] != other->fate[i])
			fail_msg("%s: %s %s: %llu, not %llu", path, cl_fate_names[i], how,
				 (unsigned long long)other->fate[i], (unsigned long long)lean->fate[i]);
	for (unsigned i = 0; i < CL_FACTS; i++)
		if (lean->fact[i] != other->fact[i])
			fail_msg("%s: %s %s: %llu, not %llu", path, cl_fact_names[i], how,
				 (unsigned long long)other->fact[i], (unsigned long long)lean->fact[i]);
}

static void assert_same_anomalies(const char *path, const struct cl_ledger *a, const struct cl_ledger *b)
{
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		if (a->anomaly[i] != b->anomaly[i])
			fail_msg("%s: %s: %llu, not %llu with notes", path, cl_anomalies[i].name,
				 (unsigned long long)a->anomaly[i], (unsigned long long)b->anomaly[i]);
}

static void assert_same_messages(const char *path, const char *how, const struct sum *lean,
				 const struct sum *other)
{
	if (lean->events != other->events || lean->hash != other->hash)
		fail_msg("%s: other messages %s: %llu, not %llu", path, how,
			 (unsigned long long)other->events, (unsigned long long)lean->events);
}

/* All packets of a capture as trees, as one number. */
struct trees {
	struct cl_show_tree *tree;
	struct cl_out out;
	bool bundled;
	unsigned bundles;
	uint64_t told;
};

static void take_tree(void *ctx, const struct cl_frame *f, const struct cl_detail *d)
{
	struct trees *t = ctx;

	assert_int_equal(d->bundled, t->bundled);
	for (uint32_t i = 0; i < d->attrs; i++)
		t->bundles += d->attr[i].field->type > CL_V_END;
	t->out.used = 0;
	cl_show_tree(t->tree, &t->out, f, d);
	t->told = cl_hash(t->out.at, t->out.used, t->told);
}

static void tell_trees(const char *path, struct trees *t)
{
	const struct cl_limits limits = { .hash_seed = 1 };
	struct cl_input_opts opts = { .hash = false };
	struct cl_input *in = cl_input_open(&path, 1, &opts);
	struct sum sum = { .notes = false };
	struct cl_dissector *d = cl_dissector_new(&limits, take, &sum);
	const struct cl_frame *frames;
	size_t n;

	t->told = 0;
	assert_non_null(in);
	assert_non_null(d);
	assert_true(cl_dissector_detail(d, take_tree, t));
	if (t->bundled)
		cl_dissector_bundle(d);
	while ((n = cl_input_next(in, &frames)) > 0)
		cl_dissector_feed(d, frames, n);
	cl_dissector_finish(d);
	cl_dissector_free(d);
	cl_input_close(in);
}

static struct trees plain, bundled; /* kept from one capture to the next, with what they remember */

static void check_trees(const char *path)
{
	tell_trees(path, &plain);
	tell_trees(path, &bundled);
	if (plain.told != bundled.told)
		fail_msg("%s: bundles say something else", path);
}

static uint64_t ended; /* connections */

static void check_capture(const char *path)
{
	struct cl_ledger lean, detailed, noted, both;
	struct sum some, same, with, all;

	if (!run(path, NULL, false, &some, &lean))
		return;
	assert_true(run(path, &shown, false, &same, &detailed));
	assert_true(run(path, NULL, true, &with, &noted));
	assert_true(run(path, &shown, true, &all, &both));
	captures++;
	ended += with.ended;
	if (shown.wrong != NULL)
		fail_msg("%s: %s", path, shown.wrong);
	assert_same_messages(path, "in detail", &some, &same);
	assert_same_messages(path, "with notes", &some, &with);
	assert_same_messages(path, "with both", &some, &all);
	assert_same_ledger(path, "in detail", &lean, &detailed);
	assert_same_ledger(path, "with notes", &lean, &noted);
	assert_same_ledger(path, "with both", &lean, &both);
	assert_same_anomalies(path, &lean, &noted);
	assert_same_anomalies(path, &detailed, &both);
	if (with.ended != all.ended || with.told != all.told)
		fail_msg("%s: other notes in detail", path);
	check_trees(path);
}

static void captures_of_the_tree(void **state)
{
	(void)state;
	captures = 0;
	each_capture("testdata/pcaps", check_capture);
	assert_true(captures > 50);
	each_capture("testdata/bad", check_capture);
	assert_int_equal(plain.bundles, 0);
	assert_true(bundled.bundles > 1000);
}

static void shared_captures(void **state)
{
	(void)state;
	captures = 0;
	each_capture("../shared/captures", check_capture);
	if (captures == 0)
		left_out("no ../shared/captures beside this tree");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captures_of_the_tree),
		cmocka_unit_test(shared_captures),
	};
	int failed;

	shown_open(&shown);
	plain.tree = cl_show_tree_new();
	bundled = (struct trees){ .tree = cl_show_tree_new(), .bundled = true };
	failed = plain.tree == NULL || bundled.tree == NULL || cmocka_run_group_tests(tests, NULL, NULL);
	cl_show_tree_free(plain.tree);
	cl_show_tree_free(bundled.tree);
	cl_out_free(&plain.out);
	cl_out_free(&bundled.out);
	shown_close(&shown);
	return failed;
}
