/* SPDX-License-Identifier: BSD-2-Clause */
/* A database of exchanges is gone on with: what was open is given back, and what is appended then takes its
 * place. */
#include "stats/engine/openreq.h"
#include "tests/unit/kept_exchanges.h"
#include "tests/unit/vectors.h"

#define MOST 200u

static struct kept all[MOST + 1];

struct again {
	const struct kept *const *list;
	size_t n, at;
	struct cl_event event[MOST];
	int64_t base;
};

static void take_again(void *ctx, const struct cl_exchange *x)
{
	struct again *a = ctx;

	assert_true(a->at < a->n);

	const struct kept *want = a->list[a->at];
	const struct cl_event *ev = cl_exchange_first(x)->event;

	/* counted from this run's files: given to the store again it is the same file_id */
	assert_int_equal((uint32_t)(a->base + 1 + ev->file), cl_exchange_first(&want->x)->event->file);
	assert_int_equal(x->number, want->x.number);
	a->event[a->at++] = *ev;
}

static void reopened(size_t first, size_t n)
{
	static struct again a;
	struct cl_store *s = open_write("a");
	static const struct kept *list[MOST + 1];

	for (size_t i = 0; i < n; i++)
		list[i] = &all[i];
	a = (struct again){ .list = list + first, .n = n - first, .base = cl_store_file_base(s) };
	assert_true(cl_store_exchanges_reopen(s, take_again, &a));
	assert_int_equal(a.at, n - first);
	for (size_t i = first; i < n; i++) { /* as matched now, and one more */
		struct cl_exchange x = all[i].x;
		struct cl_event ev = a.event[i - first];

		if (x.request.event != NULL)
			x.request.event = &ev;
		else
			x.response.event = &ev;
		if (x.request.event != NULL && x.response.event != NULL) {
			struct cl_event other = *x.response.event;

			other.file -= (uint32_t)a.base + 1;
			x.response.event = &other;
			cl_store_exchange(s, &x);
		} else {
			cl_store_exchange(s, &x);
		}
	}
	write_run(s, all + n, 1);
	commit(s);
	list[n] = &all[n];
	is_read(&everything, list, n + 1);
}

static void set_end(int64_t now_ns)
{
	struct cl_store *s = open_write("a");
	struct cl_query *q = cl_query_new(s, "INSERT OR REPLACE INTO state VALUES(?1, 'now_ns', ?2)");

	cl_query_bind_i64(q, 2, now_ns);
	cl_query_run(q);
	cl_query_free(q);
	commit(s);
}

static void make_closed(size_t n)
{
	make_all(all, n + 1, 1, 1, START);
	for (size_t i = 0; i <= n; i++)
		if (all[i].x.fortune == CL_FORTUNE_OPEN_AT_END || all[i].x.fortune == CL_FORTUNE_BOGUS)
			make_fortune(&all[i], CL_FORTUNE_MATCHED);
}

static void test_reopen(void **state)
{
	(void)state;
	for (size_t first = 0; first < 200; first += 40) {
		begin();
		make_closed(200);
		make_fortune(&all[first], CL_FORTUNE_OPEN_AT_END);
		make_fortune(&all[199], CL_FORTUNE_OPEN_AT_END);
		write_one(all, 200);
		reopened(first, 200);
	}
}

static void test_nothing_to_reopen(void **state)
{
	(void)state;
	begin();
	make_closed(50);
	make_fortune(&all[49], CL_FORTUNE_BOGUS);
	write_one(all, 50);
	set_end(time_of(&all[49]) + CL_REQ_EARLY_NS + 1);
	reopened(50, 50);
}

/* A response without a request may get one within 0.1 s. */
static void test_early_response(void **state)
{
	(void)state;
	begin();
	make_closed(50);
	make_fortune(&all[49], CL_FORTUNE_BOGUS);
	write_one(all, 50);
	set_end(time_of(&all[49]) + CL_REQ_EARLY_NS);
	reopened(49, 50);
}

static void test_another_source_stays(void **state)
{
	struct cl_store *s;
	const struct kept *list[2] = { &all[0], &all[1] };
	struct again a = { .n = 0 };

	(void)state;
	begin();
	make_all(all, 2, 1, 1, START);
	make_fortune(&all[0], CL_FORTUNE_OPEN_AT_END);
	write_one(all, 1);
	s = open_write("b");
	all[1].x.number = 1;
	make_fortune(&all[1], CL_FORTUNE_MATCHED);
	write_run(s, all + 1, 1);
	commit(s);
	s = open_write("b");
	assert_true(cl_store_exchanges_reopen(s, take_again, &a));
	assert_int_equal(a.at, 0);
	commit(s);
	is_read(&everything, list, 2);
}

/* What is given is stored again there and then. */
static void store_again(void *ctx, const struct cl_exchange *x)
{
	cl_store_exchange(ctx, x);
}

static void test_written_while_reopened(void **state)
{
	const struct kept *list[101];
	struct cl_store *s;

	(void)state;
	begin();
	make_closed(100);
	make_fortune(&all[30], CL_FORTUNE_OPEN_AT_END);
	write_one(all, 100);
	s = open_write("a");
	assert_true(cl_store_exchanges_reopen(s, store_again, s));
	write_run(s, all + 100, 1);
	commit(s);
	for (size_t i = 0; i < 101; i++)
		list[i] = &all[i];
	is_read(&everything, list, 101);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_nothing_to_reopen),
		cmocka_unit_test(test_early_response),
		cmocka_unit_test(test_another_source_stays),
		cmocka_unit_test(test_written_while_reopened),
	};

	return cmocka_run_group_tests_name("a database of exchanges gone on with", tests, kept_set_up,
					   kept_tear_down);
}
