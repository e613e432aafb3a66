/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/openreq.h"

#include "tests/unit/vectors.h"

#define MS	((int64_t)1 << 20) /* what marks are as fine as */
#define TIMEOUT (1000 * MS)
#define HORIZON (6000 * MS)

static void count_one(void *ctx, const struct cl_req *req)
{
	uint32_t *n = ctx;

	(void)req;
	++*n;
}

static uint32_t live(const struct cl_openreq *o)
{
	uint32_t n = 0;

	cl_openreq_each(o, count_one, &n);
	return n;
}

static void growth_keeps_everything(void **state)
{
	struct cl_openreq o;
	uint64_t seed = 3, check = 3;

	(void)state;
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	for (uint32_t i = 0; i < 700; i++) /* some come and go before */
		cl_openreq_add(&o, CL_REQ_REQUEST, i, -20000 * MS, -20000 * MS);
	cl_openreq_expire(&o, 0);
	assert_int_equal(live(&o), 0);
	for (uint32_t i = 0; i < 100000; i++)
		cl_openreq_add(&o, CL_REQ_REQUEST, next_random(&seed), i / 200, i / 200)->place = i;
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(cl_openreq_find(&o, next_random(&check), 0, 500).first->place, i);
	for (uint32_t t = 0; t < 100; t++) { /* 200 came at each time from 0 on */
		cl_openreq_expire(&o, HORIZON + t);
		assert_int_equal(live(&o), 100000 - t * 200);
	}
	cl_openreq_expire(&o, HORIZON + 1000);
	assert_int_equal(live(&o), 0);
	for (uint32_t i = 0; i < 1000; i++) /* places are used again */
		cl_openreq_add(&o, CL_REQ_REQUEST, i, HORIZON + 1000, HORIZON + 1000);
	assert_int_equal(o.pool.count, 100000 + CL_REQ_LISTS);
	cl_openreq_free(&o);
}

/* An age of just the limit is kept; one more is not. */
static void limits_are_inclusive(void **state)
{
	static const struct {
		int64_t limit;
		enum cl_req_kind kind;
	} cases[] = { { HORIZON, CL_REQ_REQUEST }, { CL_REQ_EARLY_NS, CL_REQ_RESPONSE } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cl_openreq o;

		assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
		cl_openreq_alias(&o, cl_openreq_add(&o, cases[i].kind, 5, 77, 77), 6);
		cl_openreq_expire(&o, 77 + cases[i].limit);
		assert_non_null(cl_openreq_find(&o, 5, 0, 77).first);
		assert_non_null(cl_openreq_find(&o, 6, 0, 77).first);
		cl_openreq_expire(&o, 78 + cases[i].limit);
		assert_null(cl_openreq_find(&o, 5, 0, 77).first);
		assert_null(cl_openreq_find(&o, 6, 0, 77).first);
		cl_openreq_sweep(&o, 78 + cases[i].limit, 78 + cases[i].limit);
		assert_int_equal(o.slots_used, 0);
		cl_openreq_free(&o);
	}
}

struct stored {
	uint32_t tag[8], mark[8];
	int64_t since[8];
	size_t n;
};

static void store_mark(void *ctx, uint32_t tag, uint32_t mark, int64_t since_ns)
{
	struct stored *s = ctx;

	s->tag[s->n] = tag;
	s->mark[s->n] = mark;
	s->since[s->n++] = since_ns;
}

/* A second answer with another check is none; 0 agrees with all. */
static void a_mark_has_a_check(void **state)
{
	struct cl_openreq o;

	(void)state;
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	struct cl_req *req = cl_openreq_add(&o, CL_REQ_REQUEST, 7, 0, 0);
	cl_openreq_answer(&o, req, 7, 1000, 0);
	assert_true(cl_openreq_find(&o, 7, 1000, MS).answered);
	assert_true(cl_openreq_find(&o, 7, 0, MS).answered); /* says nothing */
	assert_false(cl_openreq_find(&o, 7, 1001, MS).answered);
	req = cl_openreq_add(&o, CL_REQ_REQUEST, UINT64_C(8) << 32, 0, 0);
	cl_openreq_answer(&o, req, UINT64_C(8) << 32, 0, 0);
	assert_true(cl_openreq_find(&o, UINT64_C(8) << 32, 1001, MS).answered);
	cl_openreq_free(&o);
}

/* A mark stays for the timeout, goes with its time, and can be stored and put back. */
static void marks_last_for_the_timeout(void **state)
{
	struct stored s = { .n = 0 };
	struct cl_openreq o;

	(void)state;
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	for (uint64_t k = 1; k <= 3; k++)
		cl_openreq_answer(&o, cl_openreq_add(&o, CL_REQ_REQUEST, k << 32, 0, 0), k << 32, 0,
				  (int64_t)k * MS);
	assert_int_equal(live(&o), 0);
	cl_openreq_marks(&o, 3 * MS, store_mark, &s);
	cl_openreq_free(&o);
	assert_int_equal(s.n, 3);
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	for (size_t i = 0; i < s.n; i++)
		cl_openreq_mark(&o, s.tag[i], s.mark[i]);
	for (uint64_t k = 1; k <= 4; k++) {
		assert_int_equal(cl_openreq_find(&o, k << 32, 0, 0).answered, false); /* a mark of later */
		assert_int_equal(cl_openreq_find(&o, k << 32, 0, 3 * MS).answered, k <= 3);
		assert_int_equal(cl_openreq_find(&o, k << 32, 0, (int64_t)k * MS + TIMEOUT).answered, k <= 3);
		assert_false(cl_openreq_find(&o, k << 32, 0, (int64_t)(k + 1) * MS + TIMEOUT).answered);
	}
	cl_openreq_sweep(&o, TIMEOUT, TIMEOUT + 10 * MS);
	assert_int_equal(o.slots_used, 0);
	cl_openreq_free(&o);
}

/* A mark's coarse time comes round after some 64 timeouts: then it is gone, and not young again. */
static void marks_do_not_come_back(void **state)
{
	(void)state;
	for (int64_t pause = TIMEOUT / 2; pause < 300 * TIMEOUT; pause += TIMEOUT / 2) {
		struct cl_openreq o;
		int64_t now = 0;

		assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
		cl_openreq_sweep(&o, 0, 0);
		for (uint64_t k = 1; k <= 40; k++, now += TIMEOUT / 2) {
			if (now > cl_openreq_sweep_due(&o))
				cl_openreq_sweep(&o, now - TIMEOUT / 2, now);
			cl_openreq_answer(&o, cl_openreq_add(&o, CL_REQ_REQUEST, k << 32, now, now), k << 32,
					  0, now);
		}
		int64_t before = now - TIMEOUT / 2;
		now = before + pause;
		if (now > cl_openreq_sweep_due(&o))
			cl_openreq_sweep(&o, before, now);
		for (uint64_t k = 1; k <= 40; k++)
			assert_int_equal(cl_openreq_find(&o, k << 32, 0, now).answered,
					 now - (int64_t)(k - 1) * (TIMEOUT / 2) <= TIMEOUT);
		cl_openreq_free(&o);
	}
}

/* Without the records' room, requests give up the oldest; without slots' room void ones go first. */
static void void_slots_make_room(void **state)
{
	struct cl_openreq o;

	(void)state;
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	for (uint64_t i = 1; i <= 1000000; i++) { /* each leaves a mark and a void second key */
		int64_t now = (int64_t)i * MS;
		struct cl_req *r = cl_openreq_add(&o, CL_REQ_REQUEST, i * 0x9e3779b97f4a7c15u, now, now);

		cl_openreq_alias(&o, r, i * 0xe7037ed1a0b428dbu);
		cl_openreq_answer(&o, r, i * 0x9e3779b97f4a7c15u, 0, now);
		if (now > cl_openreq_sweep_due(&o))
			cl_openreq_sweep(&o, now, now);
	}
	assert_int_equal(o.slot_mask, 4095); /* a thousand marks at a time */
	assert_int_equal(o.pool.count, 1 + CL_REQ_LISTS);
	cl_openreq_free(&o);
}

/* Little memory ------------------------------------------------------------------ */

#define LITTLE ((size_t)8 << 20) /* 3.5 MiB of it are for open requests */
#define MANY   300000u

static uint64_t key_at(uint64_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15u;
}

/* Second keys that are listed later are listed in turn when their ring is full, and all of them when asked.
 */
static void a_full_ring_lists_the_oldest(void **state)
{
	const uint64_t n = 3 * CL_REQ_UNLISTED;
	struct cl_openreq o;

	(void)state;
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	for (uint64_t i = 0; i < n; i++) {
		struct cl_req *r = cl_openreq_add(&o, CL_REQ_REQUEST, key_at(i), 0, 0);

		r->place = i;
		cl_openreq_alias_later(&o, r, ~key_at(i));
	}
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(cl_openreq_find(&o, ~key_at(i), 0, 0).first != NULL,
				 i < n - CL_REQ_UNLISTED);
	cl_openreq_list(&o);
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(cl_openreq_find(&o, ~key_at(i), 0, 0).first->place, i);
	cl_openreq_free(&o);
}

static void assert_within(const struct cl_openreq *o, const struct cl_budget *b)
{
	size_t slots = ((size_t)o->slot_mask + 1) * sizeof *o->slot;

	assert_true(b->used <= b->limit);
	assert_int_equal(b->part[CL_BUDGET_OPEN], slots + o->pool.committed_octets);
	assert_true(o->slots_used <= o->slot_mask / 4 * 3);
}

/* What came last is kept, and nothing is given up twice. */
static void the_oldest_are_given_up(void **state)
{
	struct cl_openreq o;
	struct cl_budget b;

	(void)state;
	for (unsigned further = 0; further < 2; further++) {
		cl_budget_init(&b, LITTLE);
		assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
		cl_openreq_limit(&o, &b);
		for (uint64_t i = 0; i < MANY; i++) {
			struct cl_req *r =
				cl_openreq_add(&o, CL_REQ_REQUEST, key_at(i), (int64_t)i, (int64_t)i);

			assert_non_null(r);
			if (further)
				cl_openreq_alias(&o, r, ~key_at(i));
			assert_within(&o, &b);
		}
		uint32_t kept = live(&o);
		assert_int_equal(kept + o.dropped, MANY);
		assert_true(kept > MANY / 20 && kept < MANY / 2);
		for (uint64_t i = 0; i < MANY; i++)
			assert_int_equal(cl_openreq_find(&o, key_at(i), 0, MANY).first != NULL,
					 i >= MANY - kept);
		cl_openreq_free(&o);
		assert_int_equal(b.used, 0);
	}
}

/* The oldest marks go first; requests that may be answered still are kept. */
static void old_marks_give_way(void **state)
{
	struct cl_openreq o;
	struct cl_budget b;
	const uint64_t open = 1000;
	int64_t now = 0;

	(void)state;
	cl_budget_init(&b, LITTLE);
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	cl_openreq_limit(&o, &b);
	for (uint64_t i = 0; i < open; i++)
		cl_openreq_add(&o, CL_REQ_REQUEST, ~key_at(i), now, now);
	for (uint64_t i = 0; i < MANY; i++, now += TIMEOUT / 2 / MANY) {
		struct cl_req *r = cl_openreq_add(&o, CL_REQ_REQUEST, key_at(i), now, now);

		cl_openreq_answer(&o, r, key_at(i), 0, now);
		assert_within(&o, &b);
	}
	assert_int_equal(o.dropped, 0);
	assert_int_equal(live(&o), open);
	for (uint64_t i = MANY - MANY / 10; i < MANY; i++)
		assert_true(cl_openreq_find(&o, key_at(i), 0, now).answered);
	assert_false(cl_openreq_find(&o, key_at(0), 0, now).answered);
	cl_openreq_free(&o);
	assert_int_equal(b.used, 0);
}

/* A late request is worth less than a mark. */
static void late_requests_give_way_to_marks(void **state)
{
	struct cl_openreq o;
	struct cl_budget b;
	const int64_t late = TIMEOUT + TIMEOUT / 4;
	uint64_t i = 0, marked;

	(void)state;
	cl_budget_init(&b, LITTLE);
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	cl_openreq_limit(&o, &b);
	for (; o.dropped == 0; i++) /* as many as there is room for */
		cl_openreq_alias(&o, cl_openreq_add(&o, CL_REQ_REQUEST, ~key_at(i), 0, 0), ~key_at(MANY + i));
	marked = o.slots_used / 4 * 3;
	for (i = 0; i < marked; i++) {
		struct cl_req *r = cl_openreq_add(&o, CL_REQ_REQUEST, key_at(i), late, late);

		cl_openreq_answer(&o, r, key_at(i), 0, late);
		assert_within(&o, &b);
	}
	for (i = 0; i < marked; i++)
		assert_true(cl_openreq_find(&o, key_at(i), 0, late).answered);
	assert_true(live(&o) > 0);
	cl_openreq_free(&o);
}

/* Marks read back are as many as there is room for: searches end all the same. */
static void marks_read_back_leave_slots_empty(void **state)
{
	struct cl_openreq o;
	struct cl_budget b;

	(void)state;
	cl_budget_init(&b, LITTLE);
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	cl_openreq_limit(&o, &b);
	for (uint32_t i = 0; i < MANY; i++)
		cl_openreq_mark(&o, (uint32_t)(key_at(i) >> 32), 0x80000000u);
	assert_within(&o, &b);
	assert_true(o.slots_used > MANY / 10);
	assert_null(cl_openreq_find(&o, ~key_at(0), 0, 0).first);
	cl_openreq_sweep(&o, 0, 100 * TIMEOUT);
	assert_int_equal(o.slots_used, 0);
	cl_openreq_free(&o);
}

/* What came out of order is kept from when it came, however old it is; it holds up nothing behind it. */
static void late_entries_are_kept_from_when_they_came(void **state)
{
	const int64_t sent[] = { -5 * MS, -TIMEOUT, -HORIZON, INT64_MIN / 4, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(sent); i++) {
		struct cl_openreq o;

		assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
		struct cl_req *late = cl_openreq_add(&o, CL_REQ_REQUEST, 5, sent[i], 77);
		cl_openreq_alias(&o, late, 6);
		cl_openreq_add(&o, CL_REQ_REQUEST, 7, 78, 78);
		assert_int_equal(cl_req_since(late), 77);
		assert_ptr_equal(cl_req_target(&o, cl_openreq_find(&o, 6, 0, 78).first), late);
		uint64_t key[CL_REQ_KEYS_MAX];
		assert_int_equal(cl_openreq_further(&o, late, key), 1);
		assert_int_equal(key[0], 6);
		cl_openreq_expire(&o, 77 + HORIZON);
		assert_int_equal(live(&o), 2);
		cl_openreq_expire(&o, 78 + HORIZON);
		assert_int_equal(live(&o), 1);
		assert_null(cl_openreq_find(&o, 6, 0, 78).first);
		cl_openreq_expire(&o, 79 + HORIZON);
		assert_int_equal(live(&o), 0);
		cl_openreq_free(&o);
	}
}

/* A renewed request goes behind those that came since. */
static void a_renewed_request_is_young(void **state)
{
	struct cl_openreq o;

	(void)state;
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	struct cl_req *first = cl_openreq_add(&o, CL_REQ_REQUEST, 5, 0, 0);
	cl_openreq_add(&o, CL_REQ_REQUEST, 6, 1, 1);
	cl_openreq_renew(&o, first, 9, 10);
	assert_int_equal(cl_req_since(first), 10);
	cl_openreq_expire(&o, HORIZON + 2);
	assert_int_equal(live(&o), 1);
	assert_ptr_equal(cl_openreq_find(&o, 5, 0, 0).first, first);
	cl_openreq_expire(&o, HORIZON + 11);
	assert_int_equal(live(&o), 0);
	cl_openreq_free(&o);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_keeps_everything),
		cmocka_unit_test(limits_are_inclusive),
		cmocka_unit_test(a_mark_has_a_check),
		cmocka_unit_test(marks_last_for_the_timeout),
		cmocka_unit_test(late_entries_are_kept_from_when_they_came),
		cmocka_unit_test(a_renewed_request_is_young),
		cmocka_unit_test(marks_do_not_come_back),
		cmocka_unit_test(void_slots_make_room),
		cmocka_unit_test(a_full_ring_lists_the_oldest),
		cmocka_unit_test(the_oldest_are_given_up),
		cmocka_unit_test(old_marks_give_way),
		cmocka_unit_test(late_requests_give_way_to_marks),
		cmocka_unit_test(marks_read_back_leave_slots_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
