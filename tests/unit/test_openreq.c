/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/openreq.h"

#include "tests/unit/vectors.h"

#define TIMEOUT 1000
#define HORIZON 6000
#define ROOM	20000u

/* What the table should hold, as a list in the order the entries came. */
struct entry {
	uint64_t key;
	int64_t since;
	uint32_t number, id;
	bool response, matched, old, gone;
};

struct model {
	struct cl_openreq o;
	struct entry entries[ROOM];
	uint32_t n, homes; /* of how many places in the index keys are */
	int64_t now;
	uint64_t seed;
};

/* Keys that meet in one place of the index, wrap around its end, share their upper half, or are just spread.
 */
static uint64_t random_key(uint64_t *seed, uint32_t homes_used)
{
	static const uint64_t homes[] = { 0, 1, 2, 4094, 4095, 4096, 8191, 0xffffffff, 0x7ff000 };
	uint64_t r = next_random(seed);

	if (r % 8 == 0)
		return r >> 3;
	return homes[r / 8 % (homes_used < COUNT(homes) ? homes_used : COUNT(homes))] << 32 | (r >> 32 & 1);
}

static void model_add(struct model *m, uint64_t key, bool response)
{
	struct entry *e = &m->entries[m->n];
	struct cl_req what = { .key = key, .frame_no = m->n, .time_ns = m->now };

	what.kind = response ? CL_REQ_RESPONSE : CL_REQ_REQUEST;
	*e = (struct entry){ .key = key, .since = m->now, .id = m->n++, .response = response };
	e->number = cl_openreq_add(&m->o, &what, m->now);
	assert_int_not_equal(e->number, CL_REQ_NONE);
}

static void model_expire(struct model *m)
{
	cl_openreq_expire(&m->o, m->now);
	for (uint32_t i = 0; i < m->n; i++) {
		struct entry *e = &m->entries[i];

		if (e->gone)
			continue;
		if (e->response) {
			e->gone = m->now - e->since > 100000000;
			continue;
		}
		if (!e->old && m->now - e->since > TIMEOUT) {
			e->old = true;
			e->gone = e->matched;
		}
		e->gone |= e->old && m->now - e->since > HORIZON;
	}
}

/* The entries with one key: the same as the model's, in their order, linked both ways. */
static void assert_chain(const struct model *m, uint64_t key)
{
	uint32_t at = cl_openreq_find(&m->o, key), before = CL_REQ_NONE, first = at;
	uint32_t mark = first != CL_REQ_NONE ? cl_req_at(&m->o, first)->open : CL_REQ_NONE;
	bool passed = false;

	for (uint32_t i = 0; i < m->n; i++) {
		const struct entry *e = &m->entries[i];

		if (e->gone || e->key != key)
			continue;
		assert_int_equal(at, e->number);
		const struct cl_req *r = cl_req_at(&m->o, at);
		assert_true(r->key == key);
		assert_int_equal(r->frame_no, e->id);
		assert_int_equal(r->prev, before);
		passed |= at == mark;
		assert_true(passed || e->matched); /* before the mark none is open */
		before = at;
		at = r->next;
	}
	assert_int_equal(at, CL_REQ_NONE);
	assert_true(passed || mark == CL_REQ_NONE);
	if (first != CL_REQ_NONE)
		assert_int_equal(cl_req_at(&m->o, first)->tail, before);
}

static void count_live(void *ctx, const struct cl_req *req, int64_t since_ns)
{
	uint64_t *live = ctx;

	(void)req;
	(void)since_ns;
	++*live;
}

static void assert_as_model(const struct model *m)
{
	uint64_t live = 0, visited = 0;

	for (uint32_t i = 0; i < m->n; i++) {
		live += !m->entries[i].gone;
		assert_chain(m, m->entries[i].key);
	}
	cl_openreq_each(&m->o, count_live, &visited);
	assert_int_equal(m->o.live, live);
	assert_int_equal(visited, live);
}

/* As the matcher does: an answered request, and the mark past those at the front. */
static void model_match(struct model *m, struct entry *e)
{
	struct cl_req *head = cl_req_at(&m->o, cl_openreq_find(&m->o, e->key));

	cl_req_at(&m->o, e->number)->state = CL_REQ_MATCHED;
	e->matched = true;
	while (head->open != CL_REQ_NONE && cl_req_at(&m->o, head->open)->state != CL_REQ_OPEN)
		head->open = cl_req_at(&m->o, head->open)->next;
}

/* A recent entry, or the first of a key, or the one at its mark; NULL if there is none. */
static struct entry *random_entry(struct model *m)
{
	uint64_t pick = next_random(&m->seed);
	uint32_t back = (uint32_t)(pick >> 32) % 60,
		 at = cl_openreq_find(&m->o, random_key(&m->seed, m->homes));

	if (pick % 3 == 0) {
		struct entry *e = m->n > back ? &m->entries[m->n - 1 - back] : NULL;

		return e != NULL && !e->gone ? e : NULL;
	}
	if (at != CL_REQ_NONE && pick % 3 == 1)
		at = cl_req_at(&m->o, at)->open;
	return at != CL_REQ_NONE ? &m->entries[cl_req_at(&m->o, at)->frame_no] : NULL;
}

static void step(struct model *m, bool forget)
{
	struct entry *e = random_entry(m);

	switch (next_random(&m->seed) % 8) {
	case 0:
		m->now += (int64_t)(next_random(&m->seed) % (next_random(&m->seed) % 10 == 0 ? 3000 : 200));
		model_expire(m);
		break;
	case 1:
		if (e != NULL && !e->response && !e->old)
			model_match(m, e);
		break;
	case 2:
		if (e != NULL && forget) {
			cl_openreq_forget(&m->o, e->number);
			e->gone = true;
		}
		break;
	default:
		model_add(m, random_key(&m->seed, m->homes), next_random(&m->seed) % 10 == 0);
	}
}

static void run(struct model *m, uint32_t steps, uint32_t homes, bool forget)
{
	m->homes = homes;
	m->n = 0;
	m->now = -5000;
	assert_true(cl_openreq_init(&m->o, TIMEOUT, HORIZON));
	for (uint32_t i = 0; i < steps; i++) {
		step(m, forget);
		if (i % 16 == 0 && m->n > 0)
			assert_chain(m, m->entries[next_random(&m->seed) % m->n].key);
		if (i % 200 == 0)
			assert_as_model(m);
	}
	assert_as_model(m);
	m->now += 200000000;
	model_expire(m);
	assert_as_model(m);
	assert_int_equal(m->o.live, 0);
	assert_int_equal(m->o.dropped, 0);
	assert_int_equal(m->o.slots_used, 0);
	cl_openreq_free(&m->o);
}

static void random_work_as_a_list_does(void **state)
{
	static struct model m = { .seed = 1 };

	(void)state;
	for (unsigned round = 0; round < 6; round++)
		run(&m, 3000, 1 + round * 2, false);
}

/* What was forgotten before its time is not forgotten again when its time comes. */
static void random_work_with_forgetting(void **state)
{
	static struct model m = { .seed = 2 };

	(void)state;
	for (unsigned round = 0; round < 6; round++)
		run(&m, 3000, 1 + round * 2, true);
}

static void growth_keeps_everything(void **state)
{
	struct cl_openreq o;
	uint64_t seed = 3, check = 3;

	(void)state;
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	for (uint32_t i = 0; i < 700; i++) /* the queues grow from anywhere in their rings */
		cl_openreq_add(&o, &(struct cl_req){ .key = i }, -20000);
	cl_openreq_expire(&o, 0);
	assert_int_equal(o.live, 0);
	for (uint32_t i = 0; i < 100000; i++) {
		struct cl_req what = { .key = next_random(&seed), .frame_no = i };

		assert_int_not_equal(cl_openreq_add(&o, &what, i / 200), CL_REQ_NONE);
	}
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(cl_req_at(&o, cl_openreq_find(&o, next_random(&check)))->frame_no, i);
	for (uint32_t t = 0; t < 100; t++) { /* 200 came at each time from 0 on */
		cl_openreq_expire(&o, HORIZON + t);
		assert_int_equal(o.live, 100000 - t * 200);
	}
	cl_openreq_expire(&o, 100000);
	assert_int_equal(o.live, 0);
	for (uint32_t i = 0; i < 1000; i++) /* places are used again */
		cl_openreq_add(&o, &(struct cl_req){ .key = i }, 100000);
	assert_int_equal(o.pool.count, 100000);
	cl_openreq_free(&o);
}

/* An age of just the limit is kept; one more is not. */
static void limits_are_inclusive(void **state)
{
	static const struct {
		int64_t limit;
		uint8_t kind, state;
	} cases[] = { { TIMEOUT, CL_REQ_REQUEST, CL_REQ_MATCHED },
		      { HORIZON, CL_REQ_REQUEST, CL_REQ_OPEN },
		      { HORIZON, CL_REQ_REQUEST, CL_REQ_ANSWERED_LATE },
		      { CL_REQ_EARLY_NS, CL_REQ_RESPONSE, CL_REQ_OPEN } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cl_openreq o;
		struct cl_req what = { .key = 5, .kind = cases[i].kind, .state = cases[i].state };

		assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
		cl_openreq_add(&o, &what, 77);
		cl_openreq_expire(&o, 77 + cases[i].limit);
		assert_int_equal(o.live, 1);
		cl_openreq_expire(&o, 78 + cases[i].limit);
		assert_int_equal(o.live, 0);
		cl_openreq_free(&o);
	}
}

/* An alias stands for its request, and for nothing once another has its place. */
static void aliases_lead_to_their_request(void **state)
{
	struct cl_openreq o;
	struct cl_req what = { .key = 1, .frame_no = 10, .kind = CL_REQ_REQUEST, .time_ns = 5 };

	(void)state;
	assert_true(cl_openreq_init(&o, TIMEOUT, HORIZON));
	uint32_t request = cl_openreq_add(&o, &what, 0);
	what.kind = CL_REQ_ALIAS;
	what.key = 2;
	what.target = request;
	uint32_t alias = cl_openreq_add(&o, &what, TIMEOUT);
	assert_int_equal(cl_openreq_find(&o, 2), alias);
	assert_ptr_equal(cl_openreq_target(&o, cl_req_at(&o, alias)), cl_req_at(&o, request));
	assert_ptr_equal(cl_openreq_target(&o, cl_req_at(&o, request)), cl_req_at(&o, request));
	cl_req_at(&o, request)->state = CL_REQ_MATCHED;
	cl_openreq_expire(&o, TIMEOUT + 1);
	assert_int_equal(o.live, 1);
	assert_null(cl_openreq_target(&o, cl_req_at(&o, alias)));
	assert_int_equal(
		cl_openreq_add(&o, &(struct cl_req){ .key = 9, .frame_no = 11, .time_ns = 5 }, TIMEOUT + 1),
		request);
	assert_null(cl_openreq_target(&o, cl_req_at(&o, alias)));
	cl_openreq_free(&o);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_work_as_a_list_does),
		cmocka_unit_test(random_work_with_forgetting),
		cmocka_unit_test(growth_keeps_everything),
		cmocka_unit_test(limits_are_inclusive),
		cmocka_unit_test(aliases_lead_to_their_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
