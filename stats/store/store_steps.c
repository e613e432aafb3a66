/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps of a store in memory: kept as they come, and read as the tables `step` and `step_clients`. */
#include <stdlib.h>
#include <string.h>

#include "stats/store/store_state.h"
#include "stats/store/store_vtable.h"

#define STEPS_MAX ((size_t)1 << 31) /* address space is reserved, not memory */

/* Keeping --------------------------------------------------------------------- */

static const struct cl_step *step_at(const struct cl_steps *k, uint32_t row)
{
	return cl_arena_at(&k->rows, row);
}

/* The place of the first step of a service that is not before t. */
static uint32_t place_of(const struct cl_steps *k, const struct cl_steps_of *of, int64_t t)
{
	uint32_t lo = 0, hi = of->count;

	if (hi > 0 && step_at(k, of->row[hi - 1])->t < t)
		return hi; /* the common case: time goes on */
	while (lo < hi) {
		uint32_t middle = lo + (hi - lo) / 2;

		if (step_at(k, of->row[middle])->t < t)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

static struct cl_steps_of *steps_of(struct cl_steps *k, uint32_t service)
{
	if (service >= k->services) {
		size_t more = ((size_t)service + 1) * 2;
		struct cl_steps_of *grown = realloc(k->of, more * sizeof *grown);

		if (grown == NULL)
			return NULL;
		memset(grown + k->services, 0, (more - k->services) * sizeof *grown);
		k->of = grown;
		k->services = more;
	}
	return &k->of[service];
}

static bool make_room(struct cl_steps_of *of)
{
	if (of->count < of->room)
		return true;
	uint32_t room = of->room == 0 ? 16 : of->room * 2;
	uint32_t *row = realloc(of->row, room * sizeof *row);

	if (row == NULL)
		return false;
	of->row = row;
	of->room = room;
	return true;
}

static bool keep(struct cl_steps *k, const struct cl_step *step, size_t size)
{
	if (!k->ready && !cl_arena_init(&k->rows, size, STEPS_MAX))
		return false;
	k->ready = true;
	struct cl_steps_of *of = steps_of(k, step->service);
	if (of == NULL || !make_room(of))
		return false;
	uint32_t at = place_of(k, of, step->t);
	if (at < of->count && step_at(k, of->row[at])->t == step->t) {
		memcpy(cl_arena_at(&k->rows, of->row[at]), step, size);
		return true;
	}
	void *row = cl_arena_add(&k->rows);
	if (row == NULL)
		return false;
	memcpy(row, step, size);
	memmove(of->row + at + 1, of->row + at, (of->count - at) * sizeof *of->row);
	of->row[at] = (uint32_t)(k->rows.count - 1);
	of->count++;
	return true;
}

bool cl_steps_keep(struct cl_store *s, const struct cl_step *step)
{
	if (keep(&s->steps, step, CL_STEP_SIZE(s->config.engine.windows)))
		return true;
	cl_store_fail(s, CL_ENOMEM);
	return false;
}

bool cl_steps_full(const struct cl_store *s)
{
	return s->config.cache > 0 && s->steps.rows.count * s->steps.rows.record >= s->config.cache;
}

void cl_steps_free(struct cl_steps *k)
{
	for (size_t i = 0; i < k->services; i++)
		free(k->of[i].row);
	free(k->of);
	if (k->ready)
		cl_arena_free(&k->rows);
	*k = (struct cl_steps){ .ready = false };
}

/* Reading --------------------------------------------------------------------- */

/* The first columns of both tables. */
enum { COL_SOURCE, COL_T, COL_SERVICE, COL_WINDOW };

/* What a plan can know: bits of idxNum, and the order of argv. */
#define PLAN_SERVICE 1
#define PLAN_T	     2
#define PLAN_FROM    4
#define PLAN_TO	     8

struct step_cursor {
	const struct cl_steps_of *of; /* NULL: all steps as they lie */
	uint32_t next, end;
	int64_t to;
	const struct cl_step *step;
	uint32_t window; /* of step_clients */
};

/**
 * Steps of one service, from a time on, in the order of time. Other questions are answered step by step: no
 * view asks them.
 */
static void plan(struct cl_store *s, sqlite3_index_info *info)
{
	static const struct {
		int column, op, bit;
	} wanted[] = {
		{ COL_SERVICE, SQLITE_INDEX_CONSTRAINT_EQ, PLAN_SERVICE },
		{ COL_T, SQLITE_INDEX_CONSTRAINT_EQ, PLAN_T },
		{ COL_T, SQLITE_INDEX_CONSTRAINT_GE, PLAN_FROM },
		{ COL_T, SQLITE_INDEX_CONSTRAINT_LE, PLAN_TO },
	};
	int taken = 0;

	(void)s;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		int at = cl_vtable_find(info, wanted[i].column, wanted[i].op);

		if (at < 0 || (i > 0 && (info->idxNum & PLAN_SERVICE) == 0))
			continue;
		cl_vtable_take(info, at, &taken);
		info->idxNum |= wanted[i].bit;
	}
	if ((info->idxNum & PLAN_SERVICE) == 0)
		return;
	info->estimatedRows = (info->idxNum & PLAN_T) != 0 ? 4 : 10000;
	info->estimatedCost = (double)info->estimatedRows;
	/* by time, and the windows of one step rise */
	info->orderByConsumed = info->nOrderBy == 1 && info->aOrderBy[0].desc == 0 &&
				(info->aOrderBy[0].iColumn == COL_T ||
				 ((info->idxNum & PLAN_T) != 0 && info->aOrderBy[0].iColumn == COL_WINDOW));
}

static bool begin(struct cl_store *s, void *cursor, int plan, sqlite3_value **argv)
{
	static const struct cl_steps_of none;
	struct step_cursor *c = cursor;

	c->window = s->config.engine.windows; /* the first step's come first */
	c->to = INT64_MAX;
	if ((plan & PLAN_SERVICE) == 0) {
		c->end = (uint32_t)s->steps.rows.count;
		return true;
	}
	uint32_t service = cl_store_number_of(s, sqlite3_value_int64(*argv++));
	c->of = service < s->steps.services ? &s->steps.of[service] : &none;
	c->end = c->of->count;
	if ((plan & PLAN_T) != 0) {
		c->to = sqlite3_value_int64(*argv++);
		c->next = place_of(&s->steps, c->of, c->to);
	}
	if ((plan & PLAN_FROM) != 0) {
		uint32_t from = place_of(&s->steps, c->of, sqlite3_value_int64(*argv++));

		c->next = from > c->next ? from : c->next;
	}
	if ((plan & PLAN_TO) != 0) {
		int64_t to = sqlite3_value_int64(*argv);

		c->to = to < c->to ? to : c->to;
	}
	return true;
}

static bool next_step(struct cl_store *s, void *cursor)
{
	struct step_cursor *c = cursor;

	if (c->next >= c->end)
		return false;
	c->step = step_at(&s->steps, c->of != NULL ? c->of->row[c->next] : c->next);
	c->next++;
	return c->step->t <= c->to;
}

static void step_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	enum { REQUESTS = COL_SERVICE + 1, RESPONSES, MATCHED, DELTA_N, MIN, P50, P90, P99, P999, MAX, SUM };
	const struct cl_step *step = ((const struct step_cursor *)cursor)->step;

	if (i >= MIN && step->delta_n == 0)
		return; /* null */
	switch (i) {
	case COL_SOURCE:
		sqlite3_result_int64(out, s->source_id);
		break;
	case COL_T:
		sqlite3_result_int64(out, step->t);
		break;
	case COL_SERVICE:
		sqlite3_result_int64(out, cl_store_service_id(s, step->service));
		break;
	case REQUESTS:
		sqlite3_result_int64(out, (int64_t)step->requests);
		break;
	case RESPONSES:
		sqlite3_result_int64(out, (int64_t)step->responses);
		break;
	case MATCHED:
		sqlite3_result_int64(out, (int64_t)step->matched);
		break;
	case DELTA_N:
		sqlite3_result_int64(out, (int64_t)step->delta_n);
		break;
	case MIN:
		sqlite3_result_int64(out, step->min_ns);
		break;
	case MAX:
		sqlite3_result_int64(out, step->max_ns);
		break;
	case SUM:
		sqlite3_result_int64(out, (int64_t)step->sum_ns);
		break;
	case P50:
	case P90:
	case P99:
	case P999:
		sqlite3_result_int64(out, step->quantile_ns[i - P50]);
		break;
	default:
		break;
	}
}

static const struct cl_vtable step_table = {
	.name = "step",
	.columns = "CREATE TABLE step(source_id INTEGER, t INTEGER, service_id INTEGER, requests INTEGER, "
		   "responses INTEGER, matched INTEGER, delta_n INTEGER, min_ns INTEGER, p50_ns INTEGER, "
		   "p90_ns INTEGER, p99_ns INTEGER, p999_ns INTEGER, max_ns INTEGER, sum_ns INTEGER)",
	.cursor = sizeof(struct step_cursor),
	.plan = plan,
	.begin = begin,
	.next = next_step,
	.column = step_column,
};

static bool next_window(struct cl_store *s, void *cursor)
{
	struct step_cursor *c = cursor;

	if (++c->window < s->config.engine.windows)
		return true;
	c->window = 0;
	return s->config.engine.windows > 0 && next_step(s, cursor);
}

static void window_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	const struct step_cursor *c = cursor;

	if (i < COL_WINDOW)
		step_column(s, cursor, out, i);
	else if (i == COL_WINDOW)
		sqlite3_result_int64(out, s->config.engine.window_ns[c->window] / 1000000000);
	else
		sqlite3_result_int64(out, c->step->unique[c->window]);
}

static const struct cl_vtable step_clients = {
	.name = "step_clients",
	.columns = "CREATE TABLE step_clients(source_id INTEGER, t INTEGER, service_id INTEGER, window_s "
		   "INTEGER, clients INTEGER)",
	.cursor = sizeof(struct step_cursor),
	.plan = plan,
	.begin = begin,
	.next = next_window,
	.column = window_column,
};

bool cl_steps_tables(struct cl_store *s)
{
	return cl_vtable_add(s, &step_table) && cl_vtable_add(s, &step_clients);
}
