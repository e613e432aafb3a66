/* SPDX-License-Identifier: BSD-2-Clause */
/* Open requests against a plain list of them, in random work whose keys meet in few lines of the index. */
#include "stats/engine/openreq.h"

#include "tests/unit/vectors.h"

#define MS	((int64_t)1 << 20) /* what marks are as fine as */
#define TIMEOUT (1000 * MS)
#define HORIZON (6000 * MS)
#define ROUNDS	14u
#define STEPS	3000u
#define LINE	8u /* slots */

/* What the table should hold, as a list in the order the entries came. */
struct entry {
	uint64_t key, alias, later; /* the last two: 0 for none */
	int64_t since;
	bool response, gone;
	bool waits; /* `later` may be without a slot */
};

/* An answer: what it leaves behind is certain while nothing with the same tag comes. */
struct answer {
	uint32_t tag;
	int64_t since;
	bool certain;
};

struct model {
	struct cl_openreq o;
	struct entry entries[STEPS];
	struct answer answers[STEPS];
	uint32_t n, n_answers;
	uint32_t homes;	 /* of how many places in the index keys are */
	uint32_t spread; /* one key in so many is anywhere */
	int64_t now;
	uint64_t seed;
};

/* Keys that meet in one line of the index, wrap around its end, share their upper half, or are just spread.
 * Those that are listed later are nobody's first. */
static uint64_t random_key(struct model *m, bool later)
{
	static const uint64_t homes[] = { 0,	8,    7,    4088,	4094,	  4095,	 4096,
					  8191, 2048, 2055, 0xffffffff, 0x7ff000, 12288, 0xffff0007 };
	uint64_t r = next_random(&m->seed);

	if (r % m->spread == 0)
		return (r >> 3 & ~(uint64_t)16) | 1 | (later ? 16 : 0);
	return homes[r / 8 % (m->homes < COUNT(homes) ? m->homes : COUNT(homes))] << 32 |
	       (1 + (r >> 32 & 3) + (later ? 16 : 0));
}

/* A key that an entry has or had, or any. */
static uint64_t likely_key(struct model *m)
{
	uint64_t r = next_random(&m->seed);

	if (m->n == 0 || r % 4 == 0)
		return random_key(m, r / 4 % 2 == 0);
	const struct entry *e = &m->entries[r / 16 % m->n];
	return r / 4 % 4 == 0 && e->alias != 0	 ? e->alias
	       : r / 4 % 4 == 1 && e->later != 0 ? e->later
						 : e->key;
}

static void tag_is_taken(struct model *m, uint64_t key)
{
	for (uint32_t i = 0; i < m->n_answers; i++)
		if (m->answers[i].tag == key >> 32)
			m->answers[i].certain = false;
}

static void give_further_keys(struct model *m, struct entry *e, struct cl_req *r)
{
	uint64_t what = next_random(&m->seed);

	if (what % 4 == 0) {
		e->alias = random_key(m, false);
		if (e->alias == e->key)
			e->alias = 0;
		else
			cl_openreq_alias(&m->o, r, e->alias);
		tag_is_taken(m, e->alias);
	}
	if (what / 4 % 4 == 0)
		return;
	e->later = random_key(m, true);
	e->waits = true;
	cl_openreq_alias_later(&m->o, r, e->later);
	tag_is_taken(m, e->later);
}

static void model_add(struct model *m, bool response, bool late)
{
	struct entry *e = &m->entries[m->n];

	*e = (struct entry){ .key = random_key(m, false), .since = m->now, .response = response };
	struct cl_req *r = cl_openreq_add(&m->o, response ? CL_REQ_RESPONSE : CL_REQ_REQUEST, e->key,
					  m->now - late, m->now);
	assert_non_null(r);
	r->place = m->n++;
	tag_is_taken(m, e->key);
	give_further_keys(m, e, r);
}

static void model_list(struct model *m)
{
	cl_openreq_list(&m->o);
	for (uint32_t i = 0; i < m->n; i++)
		m->entries[i].waits = false;
}

static void model_expire(struct model *m, int64_t before)
{
	if (m->now > cl_openreq_sweep_due(&m->o))
		cl_openreq_sweep(&m->o, before, m->now);
	cl_openreq_expire(&m->o, m->now);
	for (uint32_t i = 0; i < m->n; i++) {
		struct entry *e = &m->entries[i];

		e->gone |= m->now - e->since > (e->response ? CL_REQ_EARLY_NS : HORIZON);
	}
}

/* The entries with one key: the same as the model's, in their order, linked both ways. */
static void assert_chain(const struct model *m, uint64_t key)
{
	struct cl_req_found f = cl_openreq_find(&m->o, key, 0, m->now);
	struct cl_req *first = f.first, *at = first, *before = NULL;

	for (uint32_t i = 0; i < m->n; i++) {
		const struct entry *e = &m->entries[i];

		if (e->gone || (e->key != key && e->alias != key && e->later != key))
			continue;
		if (at == NULL && e->later == key && e->waits)
			return; /* nor are those behind it listed */
		assert_non_null(at);
		assert_true((f.second ? at->second : at->key) == key);
		assert_int_equal(f.second || at->kind == CL_REQ_ALIAS, e->key != key);
		assert_int_equal(cl_req_target(&m->o, at)->place, i);
		if (before != NULL)
			assert_ptr_equal(cl_req_at(&m->o, at->prev), before);
		before = at;
		at = cl_req_next(&m->o, &f, at);
	}
	assert_null(at);
	if (first != NULL && !f.second)
		assert_ptr_equal(cl_req_at(&m->o, first->prev), before);
}

/* Marks are known by 32 bits of the key, for the timeout. */
static void assert_mark(const struct model *m, uint64_t key)
{
	struct cl_req_found f = cl_openreq_find(&m->o, key, 0, m->now);
	bool certain = false, possible = false;

	for (uint32_t i = 0; i < m->n_answers; i++) {
		const struct answer *a = &m->answers[i];

		if (a->tag != key >> 32 || m->now - a->since > TIMEOUT)
			continue;
		possible = true;
		certain |= a->certain;
	}
	if (f.first == NULL && certain)
		assert_true(f.answered);
	if (!possible)
		assert_false(f.answered);
}

static void assert_full(const struct model *m, uint32_t line)
{
	for (uint32_t i = 0; i < LINE; i++)
		assert_true(m->o.slot[line * LINE + i] != 0);
}

/* Who looks for a slot's tag comes to it: lines from its home's to its own are full, and in its own so are
 * the slots from where the look at it begins. */
static void assert_slot(const struct model *m, uint32_t at)
{
	uint32_t tag = (uint32_t)(m->o.slot[at] >> 32), lines = (m->o.slot_mask + 1) / LINE;

	for (uint32_t line = tag / LINE % lines; line != at / LINE; line = (line + 1) % lines)
		assert_full(m, line);
	for (uint32_t i = tag % LINE; i != at % LINE; i = (i + 1) % LINE)
		assert_true(m->o.slot[at / LINE * LINE + i] != 0);
}

static void assert_slots(const struct model *m)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i <= m->o.slot_mask; i++)
		if (m->o.slot[i] != 0) {
			assert_slot(m, i);
			used++;
		}
	assert_int_equal(m->o.slots_used, used);
}

static void count_entry(void *ctx, const struct cl_req *req)
{
	struct model *m = ctx;
	const struct entry *e = &m->entries[req->place];
	uint64_t key[CL_REQ_KEYS_MAX];
	unsigned n = cl_openreq_further(&m->o, req, key);

	assert_int_not_equal(req->kind, CL_REQ_ALIAS);
	assert_false(e->gone);
	assert_int_equal(e->since, cl_req_since(req));
	assert_int_equal(n, (e->alias != 0) + (e->later != 0)); /* listed or not */
	for (unsigned i = 0; i < n; i++)
		assert_true(key[i] == e->alias || key[i] == e->later);
	assert_true(n < 2 || key[0] != key[1]);
	m->n_answers++;
}

static void assert_as_model(struct model *m)
{
	uint32_t live = 0, answers = m->n_answers;

	for (uint32_t i = 0; i < m->n; i++) {
		const struct entry *e = &m->entries[i];

		live += !e->gone;
		assert_chain(m, e->key);
		if (e->later != 0 && !e->gone)
			assert_chain(m, e->later);
	}
	m->n_answers = 0;
	cl_openreq_each(&m->o, count_entry, m);
	assert_int_equal(m->n_answers, live);
	m->n_answers = answers;
}

/* The first of a likely key, or the one behind it, or NULL; if it is an alias, what that stands for. */
static struct cl_req *random_req(struct model *m, uint64_t *key)
{
	*key = likely_key(m);
	struct cl_req_found f = cl_openreq_find(&m->o, *key, 0, m->now);
	struct cl_req *e = f.first;

	if (e != NULL && next_random(&m->seed) % 2 == 0 && cl_req_next(&m->o, &f, e) != NULL)
		e = cl_req_next(&m->o, &f, e);
	return e != NULL ? cl_req_target(&m->o, e) : NULL;
}

/* Whether a key that waits for its slot may take the mark's. */
static bool tag_will_be_taken(const struct model *m, uint64_t key)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (m->entries[i].waits && !m->entries[i].gone && m->entries[i].later >> 32 == key >> 32)
			return true;
	return false;
}

static void model_answer(struct model *m, struct cl_req *r, uint64_t key)
{
	struct cl_req_found f = cl_openreq_find(&m->o, key, 0, m->now);
	bool alone = cl_req_next(&m->o, &f, f.first) == NULL;

	m->entries[r->place].gone = true;
	cl_openreq_answer(&m->o, r, key, 0, m->now);
	if (alone)
		m->answers[m->n_answers++] =
			(struct answer){ (uint32_t)(key >> 32), m->now, !tag_will_be_taken(m, key) };
}

static void let_time_pass(struct model *m)
{
	uint64_t r = next_random(&m->seed);
	int64_t before = m->now;

	m->now += MS * (int64_t)(r / 16 % (r % 10 == 0 ? 3000 : 200));
	model_expire(m, before);
}

static void step(struct model *m)
{
	uint64_t key, r = next_random(&m->seed);
	struct cl_req *req = random_req(m, &key);

	switch (r % 10) {
	case 0:
		let_time_pass(m);
		break;
	case 1:
	case 2:
	case 3:
		if (req != NULL && req->kind == CL_REQ_REQUEST)
			model_answer(m, req, key);
		break;
	case 4:
		if (req != NULL) {
			m->entries[req->place].gone = true;
			cl_openreq_drop(&m->o, req);
		}
		break;
	default:
		model_add(m, r / 16 % 10 == 0, r / 160 % 8 == 0);
	}
	assert_mark(m, key);
	assert_mark(m, likely_key(m));
}

/* Second keys are listed after so many steps of each round, or when their ring is full. */
static uint32_t list_after(uint32_t round)
{
	static const uint32_t steps[] = { 4, 64, STEPS };

	return steps[round % COUNT(steps)];
}

static void all_comes_to_an_end(struct model *m)
{
	int64_t before = m->now;

	m->now += HORIZON + 2 * TIMEOUT;
	model_expire(m, before);
	assert_as_model(m);
	assert_int_equal(m->o.dropped, 0);
	cl_openreq_sweep(&m->o, m->now, m->now);
	assert_int_equal(m->o.slots_used, 0);
	assert_slots(m);
}

static void random_work_as_a_list_does(void **state)
{
	static struct model m = { .seed = 1 };

	(void)state;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		m.n = m.n_answers = 0;
		m.homes = 1 + round;
		m.spread = round < ROUNDS - 2 ? 8 : 1;
		m.now = -5000 * MS;
		assert_true(cl_openreq_init(&m.o, TIMEOUT, HORIZON));
		for (uint32_t i = 0; i < STEPS; i++) {
			step(&m);
			assert_chain(&m, likely_key(&m));
			if (i % list_after(round) == list_after(round) - 1)
				model_list(&m);
			if (i % 32 == 0)
				assert_slots(&m);
			if (i % 500 == 0)
				assert_as_model(&m);
		}
		model_list(&m);
		assert_as_model(&m);
		all_comes_to_an_end(&m);
		cl_openreq_free(&m.o);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_work_as_a_list_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
