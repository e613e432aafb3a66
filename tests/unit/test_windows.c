/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/windows.h"

#include "tests/unit/vectors.h"

#define CLIENTS	 12u
#define REQUESTS 400u

struct request {
	int64_t ns;
	uint32_t client;
};

static const struct setting {
	int64_t step;
	int64_t window[CL_WINDOWS_MAX];
	uint32_t windows;
} settings[] = {
	{ 300, { 300, 1200 }, 2 },
	{ 300, { 100, 300, 450, 1200, 301 }, 5 },
	{ 300, { 1, 299, 301, 599, 600, 601, 150, 450 }, 8 },
	{ 1, { 1, 2, 17 }, 3 },
	{ 7, { 3, 7, 10, 100 }, 4 },
	{ 10, { 1, 2, 3, 4, 5, 6, 7, 8 }, 8 },
	{ 1000, { 100 }, 1 },
	{ 60, { 3600 }, 1 },
	{ 300, { 450, 450 }, 2 },
	{ 10, { 79, 70, 39, 159 }, 4 },
	{ 10, { 79 }, 1 },
	{ 10, { 39 }, 1 },
};

/* Different clients with a request in (t - window, t], counted from scratch. */
static uint32_t count_unique(const struct request *r, size_t n, int64_t t, int64_t window)
{
	bool seen[CLIENTS] = { false };
	uint32_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (r[i].ns > t - window && r[i].ns <= t && !seen[r[i].client]) {
			seen[r[i].client] = true;
			count++;
		}
	return count;
}

static int by_time(const void *a, const void *b)
{
	const struct request *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

/* Times from `first` on: close together, with pauses, often on the multiples of the step or just beside. */
static void make_requests(struct request *r, const struct setting *s, int64_t first, unsigned pace,
			  uint64_t *seed)
{
	int64_t at = first;

	for (size_t i = 0; i < REQUESTS; i++) {
		r[i].client = (uint32_t)(next_random(seed) % CLIENTS);
		r[i].ns = at;
		switch (next_random(seed) % 8) {
		case 0: /* the multiple itself, or one beside */
			r[i].ns = at - at % s->step + (int64_t)(next_random(seed) % 3) - 1 + s->step;
			break;
		case 1:
			at += next_random(seed) % 20 == 0 ? s->step * (int64_t)(next_random(seed) % 40) : 0;
			break;
		default:
			at += (int64_t)(next_random(seed) % (1 + (uint64_t)s->step * pace / 8));
		}
		if (r[i].ns < first)
			r[i].ns = first;
	}
	qsort(r, REQUESTS, sizeof(*r), by_time);
}

struct run {
	struct cl_windows w;
	struct cl_window_ring ring;
	uint32_t next; /* instant to pass */
	uint32_t cell[CLIENTS];
};

static void pass_until(struct run *run, uint32_t until, const struct request *r)
{
	for (; run->next < until; run->next++) {
		bool live = cl_windows_pass(&run->w, &run->ring, run->next), any = false;
		int64_t t = cl_windows_instant_ns(&run->w, run->next);

		for (uint32_t i = 0; i < run->w.n; i++) {
			uint32_t expected = count_unique(r, REQUESTS, t, run->w.window_ns[i]);

			if (run->ring.running[i] != expected)
				fail_msg("step %jd, window %jd, instant %jd: %u, not %u",
					 (intmax_t)run->w.step_ns, (intmax_t)run->w.window_ns[i], (intmax_t)t,
					 run->ring.running[i], expected);
			any |= expected != 0;
		}
		assert_int_equal(live, any);
	}
}

/* The moment is what the manual's (t - W, t] makes of the time. */
static void assert_moment(const struct run *run, const struct cl_moment *m, int64_t ns)
{
	int64_t t = cl_windows_instant_ns(&run->w, m->instant);

	assert_true(t >= ns && t - run->w.step_ns < ns);
	assert_true(m->cell != 0);
	assert_true(m->after_ns < ns && ns <= m->until_ns);
	assert_true(m->until_ns <= t && m->after_ns >= t - run->w.step_ns);
	struct cl_moment begin = cl_windows_at(&run->w, m->after_ns + 1),
			 end = cl_windows_at(&run->w, m->until_ns);
	struct cl_moment behind = cl_windows_at(&run->w, m->until_ns + 1);
	assert_true(begin.cell == m->cell && end.cell == m->cell && behind.cell == m->cell + 1);
}

static void check_setting(const struct setting *s, int64_t first, unsigned pace, uint64_t *seed)
{
	static struct request r[REQUESTS];
	struct run run = { .next = 1 };

	make_requests(r, s, first, pace, seed);
	cl_windows_init(&run.w, s->step, s->window, s->windows, first);
	assert_true(cl_window_ring_init(&run.w, &run.ring));
	for (size_t i = 0; i < REQUESTS; i++) {
		struct cl_moment m = cl_windows_at(&run.w, r[i].ns);

		assert_moment(&run, &m, r[i].ns);
		pass_until(&run, m.instant, r);
		cl_windows_count(&run.w, &run.ring, &m, &run.cell[r[i].client]);
		assert_int_equal(run.cell[r[i].client], m.cell);
	}
	pass_until(&run, run.next + run.w.ring + 5, r);
	cl_window_ring_free(&run.ring);
	assert_null(run.ring.diff);
}

static void windows_count_what_sets_would(void **state)
{
	static const int64_t firsts[] = { 1, 0, 300, 299, 301, -1, -300, -100000, 1788000000000000000 };
	uint64_t seed = 1;

	(void)state;
	for (size_t s = 0; s < COUNT(settings); s++)
		for (size_t f = 0; f < COUNT(firsts); f++)
			for (unsigned pace = 0; pace < 4; pace++)
				check_setting(&settings[s], firsts[f], pace, &seed);
}

/* One client, by hand: step 300, windows 300 and 1200. A request at 300 belongs to the instant 300, not to
 * 600. */
static void one_client_by_hand(void **state)
{
	static const struct {
		int64_t ns;
		int64_t first[2], last[2];
	} cases[] = { { 300, { 300, 300 }, { 300, 1200 } },
		      { 301, { 600, 600 }, { 600, 1500 } },
		      { 299, { 300, 300 }, { 300, 1200 } },
		      { 1, { 300, 300 }, { 300, 1200 } },
		      { 0, { 0, 0 }, { 0, 900 } },
		      { -299, { 0, 0 }, { 0, 900 } },
		      { -300, { -300, -300 }, { -300, 600 } } };
	static const int64_t windows[2] = { 300, 1200 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cl_windows w;
		struct cl_window_ring ring;
		uint32_t cell = 0;

		cl_windows_init(&w, 300, windows, 2, cases[i].ns);
		assert_true(cl_window_ring_init(&w, &ring));
		struct cl_moment m = cl_windows_at(&w, cases[i].ns);
		cl_windows_count(&w, &ring, &m, &cell);
		for (uint32_t instant = m.instant; instant < m.instant + 8; instant++) {
			int64_t t = cl_windows_instant_ns(&w, instant);

			cl_windows_pass(&w, &ring, instant);
			for (unsigned k = 0; k < 2; k++)
				assert_int_equal(ring.running[k],
						 t >= cases[i].first[k] && t <= cases[i].last[k]);
		}
		cl_window_ring_free(&ring);
	}
}

static void times_before_the_first_have_no_cell(void **state)
{
	static const int64_t window = 1200;
	struct cl_windows w;

	(void)state;
	cl_windows_init(&w, 300, &window, 1, 1000);
	assert_int_equal(cl_windows_at(&w, 1000).cell > 0, 1);
	assert_int_equal(cl_windows_at(&w, -100000).cell, 0);
	assert_int_equal(cl_windows_at(&w, INT64_MIN / 2).cell, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_count_what_sets_would),
		cmocka_unit_test(one_client_by_hand),
		cmocka_unit_test(times_before_the_first_have_no_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
