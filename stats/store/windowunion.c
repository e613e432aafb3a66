/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/windowunion.h"

#include <stdlib.h>
#include <string.h>

#include "stats/store/store.h"
#include "stats/table/hll.h"

#define NS_PER_S 1000000000

/* Parts of the longest window, and sketches that are in memory, at most: beyond, nothing is estimated. */
#define CELLS_MAX    4096
#define SKETCHES_MAX 65536u

/* Standard errors by which a sensor's sketches may miss its own number. */
#define TOLERANCE (5 * CL_WINDOW_ERROR)

struct source {
	int64_t id;
	uint32_t sensor; /* its number, from 0 on */
};

/* The clients of a sensor in a cell. */
struct cell {
	int64_t t; /* its end */
	uint32_t sensor;
	struct cl_hll clients;
};

/* What the sources of a sensor say of a window: the largest, and the sum. */
struct claim {
	uint64_t least, most;
};

struct cl_window_union {
	struct cl_store *s;
	struct cl_windows windows;
	struct source *source; /* by id */
	size_t sources, sensors;
	bool sketches; /* there are any, of windows with few enough parts */
	struct cl_query *counts, *of_server, *of_all, *cells;
	int64_t longest_s, step_s, loaded_t;
	struct cell *cell; /* in the order of time */
	size_t count, room;
	struct claim *claim; /* by window and sensor */
};

/* Opening --------------------------------------------------------------------- */

static bool has_sketches(struct cl_store *s)
{
	struct cl_query *q = cl_query_new(s, "SELECT 1 FROM sqlite_master WHERE name = 'client_sketch'");
	bool found = cl_query_row(q);

	cl_query_free(q);
	return found;
}

static bool read_sources(struct cl_window_union *u)
{
	struct cl_query *q = cl_query_new(u->s, "SELECT source_id, dense_rank() OVER (ORDER BY sensor) FROM "
						"source ORDER BY source_id");

	while (cl_query_row(q)) {
		struct source *more = realloc(u->source, (u->sources + 1) * sizeof *more);

		if (more == NULL) {
			cl_store_fail(u->s, CL_ENOMEM);
			break;
		}
		u->source = more;
		u->source[u->sources] =
			(struct source){ cl_query_i64(q, 0), (uint32_t)cl_query_i64(q, 1) - 1 };
		if (u->source[u->sources].sensor >= u->sensors)
			u->sensors = (size_t)u->source[u->sources].sensor + 1;
		u->sources++;
	}
	cl_query_free(q);
	u->claim = calloc(u->sensors * CL_WINDOWS_MAX + 1, sizeof *u->claim);
	if (u->claim == NULL)
		cl_store_fail(u->s, CL_ENOMEM);
	return cl_store_error(u->s) == NULL;
}

#define SKETCHES_AT                                                                                          \
	"SELECT source_id, sketch FROM source CROSS JOIN client_sketch AS c USING(source_id) WHERE c.t = "   \
	"?2 AND "

static void make_queries(struct cl_window_union *u)
{
	u->counts = cl_query_new(u->s, "SELECT window_s, clients, source_id FROM source CROSS JOIN "
				       "step_clients USING(source_id) WHERE t = ?2 AND service_id = ?3");
	if (!u->sketches)
		return;
	u->of_server = cl_query_new(u->s, SKETCHES_AT "service_id = ?3");
	u->of_all =
		cl_query_new(u->s, SKETCHES_AT "service_id IN (SELECT service_id FROM service WHERE kind IN "
					       "('server', 'rest') AND proto = (SELECT proto FROM service "
					       "WHERE service_id = ?3))");
}

struct cl_window_union *cl_window_union_new(struct cl_store *s, const struct cl_engine_config *config)
{
	struct cl_window_union *u = calloc(1, sizeof *u);

	if (u == NULL) {
		cl_store_fail(s, CL_ENOMEM);
		return NULL;
	}
	u->s = s;
	cl_windows_init(&u->windows, config->step_ns, config->window_ns, config->windows, 0);
	for (uint32_t w = 0; w < config->windows; w++)
		if (config->window_ns[w] / NS_PER_S > u->longest_s)
			u->longest_s = config->window_ns[w] / NS_PER_S;
	u->step_s = config->step_ns / NS_PER_S;
	if (!read_sources(u)) {
		cl_window_union_free(u);
		return NULL;
	}
	u->sketches = u->sources > 1 && u->longest_s / u->step_s < CELLS_MAX / (int64_t)u->windows.phases &&
		      has_sketches(s);
	make_queries(u);
	return u;
}

/* Cells before `first` go. */
static void drop(struct cl_window_union *u, size_t first)
{
	for (size_t i = 0; i < first; i++)
		cl_hll_free(&u->cell[i].clients);
	u->count -= first;
	if (first > 0)
		memmove(u->cell, u->cell + first, u->count * sizeof *u->cell);
}

void cl_window_union_free(struct cl_window_union *u)
{
	if (u == NULL)
		return;
	drop(u, u->count);
	cl_query_free(u->counts);
	cl_query_free(u->of_server);
	cl_query_free(u->of_all);
	free(u->cell);
	free(u->claim);
	free(u->source);
	free(u);
}

size_t cl_window_union_sources(const struct cl_window_union *u)
{
	return u->sources;
}

void cl_window_union_of(struct cl_window_union *u, int64_t service_id)
{
	struct cl_query *q =
		cl_query_new(u->s, "SELECT 1 FROM service WHERE service_id = ?2 AND kind = 'all'");

	cl_query_bind_i64(q, 2, service_id);
	u->cells = cl_query_row(q) ? u->of_all : u->of_server;
	cl_query_free(q);
	cl_query_bind_i64(u->counts, 3, service_id);
	cl_query_bind_i64(u->cells, 3, service_id);
	drop(u, u->count);
	u->loaded_t = INT64_MIN;
}

/* Reading --------------------------------------------------------------------- */

/* The sensor of a source; `sensors`: there is none. */
static uint32_t sensor_of(const struct cl_window_union *u, int64_t id)
{
	size_t lo = 0, hi = u->sources;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (u->source[middle].id < id)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo < u->sources && u->source[lo].id == id ? u->source[lo].sensor : (uint32_t)u->sensors;
}

/* The sketch of a cell and sensor, among the last ones; NULL: there is no room. */
static struct cl_hll *cell_of(struct cl_window_union *u, int64_t t, uint32_t sensor)
{
	for (size_t i = u->count; i > 0 && u->cell[i - 1].t == t; i--)
		if (u->cell[i - 1].sensor == sensor)
			return &u->cell[i - 1].clients;
	if (u->count == SKETCHES_MAX)
		return NULL;
	if (u->count == u->room) {
		size_t room = u->room > 0 ? u->room * 2 : 64;
		struct cell *more = realloc(u->cell, room * sizeof *more);

		if (more == NULL) {
			cl_store_fail(u->s, CL_ENOMEM);
			return NULL;
		}
		u->cell = more;
		u->room = room;
	}
	u->cell[u->count] = (struct cell){ t, sensor, { .bits = CL_SKETCH_BITS, .fine = CL_SKETCH_FINE } };
	return &u->cell[u->count++].clients;
}

/* What is damaged is missed where a sensor's sketches are held against its number. */
static void load_cell(struct cl_window_union *u, int64_t t)
{
	cl_query_again(u->cells);
	cl_query_bind_i64(u->cells, 2, t);
	while (cl_query_row(u->cells)) {
		uint32_t sensor = sensor_of(u, cl_query_i64(u->cells, 0));
		size_t n;
		const uint8_t *packed = cl_query_blob(u->cells, 1, &n);
		struct cl_hll *clients = sensor < u->sensors ? cell_of(u, t, sensor) : NULL;

		if (clients != NULL && packed != NULL && !cl_hll_unpack(clients, packed, n))
			cl_hll_clear(clients);
	}
	cl_query_again(u->cells);
}

/* The cells that end in the longest window at t. */
static void load_cells(struct cl_window_union *u, int64_t t)
{
	const struct cl_windows *w = &u->windows;
	int64_t from = t - u->longest_s;
	size_t old = 0;

	while (old < u->count && u->cell[old].t <= from)
		old++;
	drop(u, old);
	if (u->loaded_t > from)
		from = u->loaded_t;
	for (int64_t end = t - (t - from) / u->step_s * u->step_s; end <= t; end += u->step_s) {
		for (uint32_t phase = 1; phase < w->phases; phase++)
			if (end - u->step_s + w->boundary[phase] / NS_PER_S > from)
				load_cell(u, end - u->step_s + w->boundary[phase] / NS_PER_S);
		if (end > from)
			load_cell(u, end);
	}
	u->loaded_t = t;
}

/* Estimating ------------------------------------------------------------------ */

static uint64_t tolerance_of(uint64_t n)
{
	uint64_t most = (uint64_t)(TOLERANCE * (double)n);

	return most > 0 ? most : 1;
}

/* Unites what a sensor has in the window that ends at t. False: that is not what it counted. */
static bool add_sensor(struct cl_window_union *u, struct cl_hll *all, uint32_t sensor,
		       const struct claim *claim, int64_t after_t)
{
	struct cl_hll own = { .bits = CL_SKETCH_BITS, .fine = CL_SKETCH_FINE };
	bool ok = true;

	for (size_t i = 0; ok && i < u->count; i++)
		if (u->cell[i].sensor == sensor && u->cell[i].t > after_t)
			ok = cl_hll_unite(&own, &u->cell[i].clients);
	uint64_t n = cl_hll_estimate(&own);
	ok = ok && cl_hll_unite(all, &own);
	if (!ok)
		cl_store_fail(u->s, CL_ENOMEM);
	cl_hll_free(&own);
	return ok && n > 0 && n + tolerance_of(claim->least) >= claim->least &&
	       n <= claim->most + tolerance_of(claim->most);
}

static uint64_t within(uint64_t n, uint64_t least, uint64_t most)
{
	return n < least ? least : n > most ? most : n;
}

static void estimate(struct cl_window_union *u, uint32_t w, int64_t t, struct cl_window_count *c)
{
	struct cl_hll all = { .bits = CL_SKETCH_BITS, .fine = CL_SKETCH_FINE };
	int64_t after_t = t - u->windows.window_ns[w] / NS_PER_S;
	bool ok = true;

	for (uint32_t i = 0; ok && i < u->sensors; i++) {
		const struct claim *claim = &u->claim[w * u->sensors + i];

		if (claim->most > 0)
			ok = add_sensor(u, &all, i, claim, after_t);
	}
	if (ok) {
		double n = (double)cl_hll_estimate(&all), far = 1.96 * CL_WINDOW_ERROR * n;

		c->kind = CL_WINDOW_ESTIMATED;
		c->n = within((uint64_t)n, c->at_least, c->at_most);
		c->low = within((uint64_t)(n - far), c->at_least, c->at_most);
		c->high = within((uint64_t)(n + far) + 1, c->at_least, c->at_most);
	}
	cl_hll_free(&all);
}

/* Adds the number of a source. */
static void take(struct cl_window_union *u, uint32_t w, uint64_t n, uint32_t sensor,
		 struct cl_window_count *c)
{
	struct claim *claim = &u->claim[w * u->sensors + sensor];

	c->at_least = n > c->at_least ? n : c->at_least;
	c->at_most += n;
	claim->least = n > claim->least ? n : claim->least;
	claim->most += n;
}

void cl_window_union_at(struct cl_window_union *u, int64_t t, struct cl_window_count count[CL_WINDOWS_MAX])
{
	uint32_t sources[CL_WINDOWS_MAX] = { 0 };
	bool several = false;

	memset(count, 0, CL_WINDOWS_MAX * sizeof *count);
	memset(u->claim, 0, u->sensors * CL_WINDOWS_MAX * sizeof *u->claim);
	cl_query_again(u->counts);
	cl_query_bind_i64(u->counts, 2, t);
	while (cl_query_row(u->counts)) {
		uint32_t sensor = sensor_of(u, cl_query_i64(u->counts, 2));

		for (uint32_t w = 0; w < u->windows.n && sensor < u->sensors; w++)
			if (u->windows.window_ns[w] / NS_PER_S == cl_query_i64(u->counts, 0)) {
				take(u, w, cl_query_u64(u->counts, 1), sensor, &count[w]);
				several |= ++sources[w] > 1;
			}
	}
	cl_query_again(u->counts);
	if (several && u->sketches)
		load_cells(u, t);
	for (uint32_t w = 0; w < u->windows.n; w++) {
		struct cl_window_count *c = &count[w];

		c->n = c->at_least;
		if (sources[w] <= 1 || c->at_most == c->at_least)
			continue; /* of one alone, or of none but one */
		c->kind = CL_WINDOW_UNKNOWN;
		if (u->sketches)
			estimate(u, w, t, c);
	}
}
