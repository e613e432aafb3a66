/* SPDX-License-Identifier: BSD-2-Clause */
/* What a live capture needs no rights for: sums of counters that wrap, steps of clocks, order of interfaces.
 */
#include "tests/unit/test_cmocka.h"

#include <string.h>
#include <unistd.h>

#include "capture/live.h"
#include "capture/live_clock.h"
#include "capture/live_device.h"
#include "capture/reorder.h"
#include "capture/tap.h"

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

static void counters_wrap_and_begin_anew(void **state)
{
	struct cl_live_sums s = { 0 };

	(void)state;
	cl_live_sums_add(&s, 10, 4000000000u);
	assert_int_equal(s.dropped_kernel, 10);
	assert_int_equal(s.dropped_interface, 0); /* half the range in a second: the driver began anew */
	cl_live_sums_add(&s, 4294967290u, 4000000005u);
	assert_int_equal(s.dropped_kernel, 4294967290u);
	assert_int_equal(s.dropped_interface, 5);
	cl_live_sums_add(&s, 4, 4000000005u);
	assert_int_equal(s.dropped_kernel, UINT64_C(4294967300));
	cl_live_sums_add(&s, 4, 20);
	assert_int_equal(s.dropped_interface, 294967311 + 5);
	cl_live_sums_reopened(&s);
	cl_live_sums_add(&s, 7, 0);
	assert_int_equal(s.dropped_kernel, UINT64_C(4294967307));
	assert_int_equal(s.dropped_interface, 294967311 + 5);
}

/* A clock that is slewed by 500 ppm, read each second, then set. */
static void system_clock_steps(void **state)
{
	struct cl_live_clock c;
	int64_t monotonic = 5 * S, clock = 1000 * S;

	(void)state;
	cl_clock_begin(&c, true);
	for (int i = 0; i < 1000; i++) {
		monotonic += S;
		clock += S + S / 2000;
		assert_int_equal(cl_clock_step(&c, clock, monotonic), 0);
	}
	assert_int_equal(cl_clock_step(&c, clock + S + 3600 * S, monotonic + S), 3600 * S);
	assert_int_equal(cl_clock_step(&c, clock + 2 * S + 3600 * S, monotonic + 2 * S), 0);
	assert_int_equal(cl_clock_step(&c, clock + 3 * S, monotonic + 3 * S), -3600 * S);
	assert_int_equal(cl_clock_step(&c, clock + 4 * S, monotonic + 4 * S), 0);
}

/* A card's clock, of which frames tell that lay in the ring for up to 800 ms. */
static void card_clock_steps(void **state)
{
	struct cl_live_clock c;
	int64_t monotonic = 5 * S, frame;

	(void)state;
	cl_clock_begin(&c, false);
	for (int i = 0; i < 1000; i++) {
		monotonic += 900 * MS;
		frame = 70 * S + monotonic - (i * 37 % 800) * MS;
		assert_int_equal(cl_clock_step(&c, frame, monotonic), 0);
	}
	frame = 70 * S + 10 * S + monotonic + 900 * MS;
	assert_in_range(cl_clock_step(&c, frame, monotonic + 900 * MS), 10 * S - 50 * MS, 10 * S + 50 * MS);
	assert_int_equal(cl_clock_step(&c, frame + 100 * MS, monotonic + 1000 * MS), 0);
	assert_int_equal(cl_clock_step(&c, frame - 200 * MS, monotonic + 1001 * MS), -300 * MS);
	assert_int_equal(cl_clock_step(&c, frame - 190 * MS, monotonic + 1011 * MS), 0);
}

/* Interfaces of which a test plays the threads --------------------------------------- */

#define TAPS 2u

struct rig {
	struct cl_tap_hub hub;
	struct cl_tap taps[TAPS];
	struct cl_input_file files[TAPS];
	struct cl_pool pool;
	struct cl_reorder reorder;
	struct cl_batch batch;
};
static struct rig rig;

static void open_rig(void)
{
	memset(&rig, 0, sizeof rig);
	pthread_mutex_init(&rig.hub.lock, NULL);
	pthread_cond_init(&rig.hub.news, NULL);
	cl_pool_init(&rig.pool, CL_BLOCK_SIZE);
	assert_true(cl_reorder_init(&rig.reorder, TAPS, &rig.pool, rig.files, false));
	rig.reorder.late_ns = 20 * MS;
	for (uint32_t i = 0; i < TAPS; i++) {
		struct cl_tap *t = &rig.taps[i];

		pthread_cond_init(&t->room, NULL);
		t->hub = &rig.hub;
		t->index = i;
		t->feed = (struct cl_feed){ .file = &rig.files[i],
					    .index = i,
					    .pool = &rig.pool,
					    .source = cl_source_tap(t, i),
					    .newest = INT64_MIN,
					    .opened = true };
		cl_reorder_add(&rig.reorder, &t->feed);
		cl_tap_supply(t, &rig.pool);
		assert_int_equal(t->empty_count, CL_TAP_BLOCKS);
	}
}

static void close_rig(void)
{
	cl_batch_release(&rig.batch);
	for (size_t i = 0; i < TAPS; i++)
		cl_tap_close(&rig.taps[i]);
	cl_reorder_free(&rig.reorder);
	for (size_t i = 0; i < TAPS; i++)
		cl_feed_close(&rig.taps[i].feed);
	cl_pool_free(&rig.pool);
}

static void post(struct cl_tap *t, const struct cl_tap_message *m)
{
	t->messages[t->tail++ % CL_TAP_MESSAGES] = *m;
}

/* Frames of 4 octets at these times, each not older than the one before, as one run. */
static void give(struct cl_tap *t, const int64_t *times, uint32_t n)
{
	struct cl_tap_message m = { .what = CL_TAP_RUN };

	if (t->block == NULL)
		t->block = t->empty[--t->empty_count];
	m.run = (struct cl_run){ .block = t->block,
				 .at = t->block->data + t->used,
				 .number = t->number + 1,
				 .last_ns = times[n - 1],
				 .octets = 60 * n,
				 .kept = 4 * n,
				 .n = n,
				 .linktype = 1,
				 .dense = true };
	for (uint32_t i = 0; i < n; i++) {
		cl_record_put(t->block->data + t->used, times[i], 4, 60);
		t->used += CL_RECORD_HEAD + 4;
	}
	t->number += n;
	post(t, &m);
}

static void pass(struct cl_tap *t, int64_t time_ns)
{
	const struct cl_tap_message m = { .what = CL_TAP_PASS, .pass_ns = time_ns };

	post(t, &m);
}

/* As cl_live_next does, without waiting. */
static void read_on(void)
{
	cl_batch_release(&rig.batch);
	for (;;) {
		struct cl_feed *f;
		struct cl_tap *t;

		cl_reorder_give(&rig.reorder, &rig.batch);
		f = cl_reorder_next(&rig.reorder);
		if (rig.batch.n == CL_BATCH || f == NULL)
			return;
		t = &rig.taps[f->index];
		switch (cl_tap_look(t, t->feed.newest)) {
		case CL_TAP_NOTHING:
			return;
		case CL_TAP_PASSED:
			cl_reorder_pass(&rig.reorder, t->pass_ns);
			break;
		case CL_TAP_SOMETHING:
			cl_reorder_read(&rig.reorder);
			break;
		}
	}
}

static void expect(const char *times_and_taps)
{
	char got[512] = "";

	read_on();
	for (size_t i = 0; i < rig.batch.n; i++) {
		const struct cl_frame *f = &rig.batch.frames[i];

		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%lld%c%s", i > 0 ? " " : "",
			 (long long)(f->time_ns / MS), 'a' + (int)f->file,
			 (f->flags & CL_FF_OUT_OF_ORDER) != 0 ? "!" : "");
	}
	assert_string_equal(got, times_and_taps);
}

static void an_idle_interface_holds_none_up(void **state)
{
	(void)state;
	open_rig();
	give(&rig.taps[0], (const int64_t[]){ 1000 * MS, 1001 * MS, 1100 * MS }, 3);
	expect(""); /* the other may have older ones */
	pass(&rig.taps[1], 1050 * MS);
	expect("1000a 1001a");
	give(&rig.taps[1], (const int64_t[]){ 1090 * MS, 1120 * MS }, 2);
	pass(&rig.taps[0], 1110 * MS);
	expect("1090b");
	pass(&rig.taps[0], 2000 * MS);
	pass(&rig.taps[1], 2000 * MS);
	expect("1100a 1120b");
	assert_int_equal(rig.files[0].packets, 3);
	assert_int_equal(rig.files[1].packets, 2);
	assert_int_equal(rig.files[0].bytes, 180);
	close_rig();
}

static void late_frames_go_to_their_place(void **state)
{
	(void)state;
	open_rig();
	pass(&rig.taps[1], 9000 * MS);
	give(&rig.taps[0], (const int64_t[]){ 1000 * MS, 1010 * MS }, 2);
	give(&rig.taps[0], (const int64_t[]){ 1005 * MS, 1006 * MS, 1011 * MS, 1012 * MS }, 4);
	give(&rig.taps[0], (const int64_t[]){ 1100 * MS }, 1);
	expect("1000a 1005a 1006a 1010a 1011a 1012a");
	give(&rig.taps[0], (const int64_t[]){ 1050 * MS, 1140 * MS }, 2);
	expect("1050a 1100a");
	give(&rig.taps[0], (const int64_t[]){ 900 * MS }, 1);
	expect("900a!");
	assert_int_equal(rig.files[0].out_of_order, 1);
	pass(&rig.taps[0], 2000 * MS);
	expect("1140a");
	assert_int_equal(rig.files[0].packets, 10);
	assert_int_equal(rig.files[0].bytes, 600);
	close_rig();
}

/* The end of one leaves the others; the end of all gives all. */
static void what_ends_is_not_waited_for(void **state)
{
	(void)state;
	open_rig();
	give(&rig.taps[0], (const int64_t[]){ 1000 * MS, 1500 * MS }, 2);
	rig.taps[1].ended = true;
	expect("1000a");
	rig.taps[0].ended = true;
	expect("1500a");
	assert_null(cl_reorder_next(&rig.reorder));
	close_rig();
}

/* Blocks go round: the thread's due of them, no more, however many runs they hold. */
static void blocks_go_round(void **state)
{
	(void)state;
	open_rig();
	pass(&rig.taps[1], 100000 * MS);
	for (int64_t i = 1; i <= 200; i++) {
		struct cl_tap *t = &rig.taps[0];
		const struct cl_tap_message left = { .what = CL_TAP_LEFT, .block = t->block };

		if (left.block != NULL)
			post(t, &left);
		t->block = NULL;
		t->used = 0;
		assert_true(t->empty_count > 0);
		give(t, (const int64_t[]){ i * 100 * MS }, 1);
		read_on();
		assert_int_equal(rig.batch.n, i > 1);
		cl_tap_supply(t, &rig.pool);
		assert_int_equal(t->out, CL_TAP_BLOCKS);
	}
	close_rig();
}

static void what_cannot_be_opened_is_said(void **state)
{
	static const char *const none[] = { "no-such-if0" };
	const struct cl_live_options o = { .buffer = 1 << 20 };
	char err[CL_ERROR_SIZE] = "";

	(void)state;
	assert_null(cl_live_open(none, 1, &o, err, sizeof err));
	assert_non_null(strstr(err, "no-such-if0: "));
	assert_null(cl_live_open(none, 0, &o, err, sizeof err));
	assert_non_null(strstr(err, "interfaces"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_wrap_and_begin_anew),
		cmocka_unit_test(system_clock_steps),
		cmocka_unit_test(card_clock_steps),
		cmocka_unit_test(an_idle_interface_holds_none_up),
		cmocka_unit_test(late_frames_go_to_their_place),
		cmocka_unit_test(what_ends_is_not_waited_for),
		cmocka_unit_test(blocks_go_round),
		cmocka_unit_test(what_cannot_be_opened_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
