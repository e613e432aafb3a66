/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of clients, which SQLite hands to a function as it goes over them: what a row costs that is handed out
 * by sqlite3_step and fetched a column at a time is saved. */
#include <string.h>

#include "stats/store/store_state.h"
#include "stats/store/stored_clients.h"

static bool read_addr(struct cl_addr *out, const uint8_t *p, size_t n)
{
	if (p != NULL && n == 4)
		*out = cl_addr_from_v4(p);
	else if (p != NULL && n == sizeof out->b)
		memcpy(out->b, p, n);
	else
		return false;
	return true;
}

/* As cl_query_ns. */
static int64_t time_of(sqlite3_value *v)
{
	const int64_t most = ((int64_t)1 << 62) - 1, ns = sqlite3_value_int64(v);

	return ns > most ? most : ns < -most ? -most : ns;
}

/* The function: an aggregate, which has nothing to say at the end. */
static void take(sqlite3_context *context, int n, sqlite3_value **v)
{
	const struct cl_store *s = sqlite3_user_data(context);
	struct cl_stored_client row;

	(void)n;
	if (s->taker.fn == NULL) /* it stands in what the file says of its tables */
		return;
	const uint8_t *addr = sqlite3_value_blob(v[1]);
	if (!read_addr(&row.addr, addr, (size_t)sqlite3_value_bytes(v[1])))
		return;
	row.service_id = sqlite3_value_int64(v[0]);
	row.requests = (uint64_t)sqlite3_value_int64(v[2]);
	row.first_ns = time_of(v[3]);
	row.last_ns = time_of(v[4]);
	row.via = sqlite3_value_int64(v[5]);
	s->taker.fn(s->taker.ctx, &row);
}

static void end(sqlite3_context *context)
{
	sqlite3_result_null(context);
}

static bool make_function(struct cl_store *s)
{
	if (!s->taker.made && s->error[0] == '\0') {
		s->taker.made =
			sqlite3_create_function_v2(s->db, "stored_client", 6, SQLITE_UTF8 | SQLITE_DIRECTONLY,
						   s, NULL, take, end, NULL) == SQLITE_OK;
		if (!s->taker.made)
			cl_store_fail_sqlite(s);
	}
	return s->taker.made;
}

void cl_stored_clients(struct cl_store *s, const char *sql, int64_t a, int64_t b, cl_stored_client_fn *fn,
		       void *ctx)
{
	if (!make_function(s))
		return;
	struct cl_query *q = cl_query_new(s, sql);
	cl_query_bind_i64(q, 2, a);
	cl_query_bind_i64(q, 3, b);
	s->taker.fn = fn;
	s->taker.ctx = ctx;
	cl_query_run(q);
	s->taker.fn = NULL;
	cl_query_free(q);
}

/* A day --------------------------------------------------------------------------- */

/* Sources of a day that are read side by side; of more, SQLite sorts the rows. */
#define SIDES_MOST 16

/* A source's rows of the day, in the order of service and address. */
struct side {
	struct cl_query *q;
	struct cl_stored_client row;
	const void *addr; /* as it lies in the database, in whose order */
	size_t octets;
};

/* Its next row that has an address; false: there is none. */
static bool step(struct side *c)
{
	while (cl_query_row(c->q)) {
		c->addr = cl_query_blob(c->q, 1, &c->octets);
		if (!read_addr(&c->row.addr, c->addr, c->octets))
			continue;
		c->row.service_id = cl_query_i64(c->q, 0);
		c->row.requests = cl_query_u64(c->q, 2);
		c->row.first_ns = cl_query_ns(c->q, 3);
		c->row.last_ns = cl_query_ns(c->q, 4);
		c->row.via = cl_query_i64(c->q, 5);
		return true;
	}
	return false;
}

/* By service, then by address as SQLite orders octets. */
static int compare(const struct side *a, const struct side *b)
{
	if (a->row.service_id != b->row.service_id)
		return a->row.service_id < b->row.service_id ? -1 : 1;
	int c = memcmp(a->addr, b->addr, a->octets < b->octets ? a->octets : b->octets);
	return c != 0 ? c : (a->octets > b->octets) - (a->octets < b->octets);
}

static void add(struct cl_stored_client *sum, const struct cl_stored_client *row)
{
	sum->requests += row->requests;
	if (row->first_ns < sum->first_ns)
		sum->first_ns = row->first_ns;
	if (row->last_ns > sum->last_ns)
		sum->last_ns = row->last_ns;
	sum->via |= row->via;
}

/* Takes away the row of `side[at]`; returns how many sides are left. */
static size_t pass(struct side *side, size_t n, size_t at)
{
	if (step(&side[at]))
		return n;
	struct cl_query *q = side[at].q;
	side[at] = side[n - 1];
	side[n - 1].q = q; /* to be freed with the others */
	return n - 1;
}

static void walk(struct side *side, size_t n, cl_stored_client_fn *fn, void *ctx)
{
	while (n > 0) {
		size_t least = 0, same[SIDES_MOST], count = 1;

		same[0] = 0;
		for (size_t i = 1; i < n; i++) {
			int c = compare(&side[i], &side[least]);

			if (c > 0)
				continue;
			if (c < 0)
				count = 0;
			same[count++] = i;
			least = c < 0 ? i : least;
		}
		struct cl_stored_client sum = side[least].row;
		for (size_t i = 1; i < count; i++)
			add(&sum, &side[same[i]].row);
		fn(ctx, &sum);
		while (count-- > 0) /* from the last: one that ends moves only those behind it */
			n = pass(side, n, same[count]);
	}
}

#define COLUMNS "service_id, addr, requests, first_ns, last_ns, via"

static void read_sides(struct cl_store *s, int64_t day, const int64_t *source, size_t n,
		       cl_stored_client_fn *fn, void *ctx)
{
	struct side side[SIDES_MOST];
	size_t open = 0;

	for (size_t i = 0; i < n; i++) {
		side[i].q = cl_query_new(s, "SELECT " COLUMNS
					    " FROM client_day WHERE source_id = ?2 AND day = ?3 ORDER BY "
					    "service_id, addr");
		cl_query_bind_i64(side[i].q, 2, source[i]);
		cl_query_bind_i64(side[i].q, 3, day);
	}
	for (size_t i = 0; i < n; i++)
		if (step(&side[i])) {
			struct side begun = side[i];

			side[i].q = side[open].q;
			side[open++] = begun;
		}
	walk(side, open, fn, ctx);
	for (size_t i = 0; i < n; i++)
		cl_query_free(side[i].q);
}

/* Writes the sources that have rows of the day, the first `most`; returns how many there are. */
static size_t sources_of(struct cl_store *s, int64_t day, int64_t *source, size_t most)
{
	struct cl_query *q = cl_query_new(s, "SELECT source_id FROM source WHERE EXISTS (SELECT 1 FROM "
					     "client_day AS c WHERE c.source_id = source.source_id AND c.day "
					     "= ?2)");
	size_t n = 0;

	cl_query_bind_i64(q, 2, day);
	while (cl_query_row(q)) {
		if (n < most)
			source[n] = cl_query_i64(q, 0);
		n++;
	}
	cl_query_free(q);
	return n;
}

void cl_stored_clients_of_day(struct cl_store *s, int64_t day, cl_stored_client_fn *fn, void *ctx)
{
	int64_t source[SIDES_MOST];
	size_t n = sources_of(s, day, source, SIDES_MOST);

	if (n == 1)
		cl_stored_clients(
			s,
			"SELECT " CL_STORED_CLIENT("service_id", "addr", "requests", "first_ns", "last_ns",
						   "via") " FROM client_day WHERE source_id = ?2 AND day = "
							  "?3",
			source[0], day, fn, ctx);
	else if (n <= SIDES_MOST)
		read_sides(s, day, source, n, fn, ctx);
	else
		cl_stored_clients(s,
				  "SELECT " CL_STORED_CLIENT(
					  "service_id", "addr", "n", "a", "b",
					  "v") " FROM (SELECT service_id, addr, sum(requests) AS n, "
					       "min(c.first_ns) AS a, max(c.last_ns) AS b, max(via & 1) | "
					       "max(via & 2) AS v FROM source CROSS JOIN client_day AS c ON "
					       "c.source_id = source.source_id AND c.day = ?2 GROUP BY "
					       "service_id, addr)",
				  day, 0, fn, ctx);
}
