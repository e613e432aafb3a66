/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunnels in the store: their tables (docs/schema.md), written whole and read back to go on. */
#include <stdio.h>
#include <string.h>

#include "stats/engine/tunnels_state.h"
#include "stats/store/store.h"

#define NS_PER_DAY 86400000000000

static const char *const way_names[CL_TUNNEL_WAYS] = { "ab", "ba" };

/* Columns of a way, and as many places to bind them; -1 is none where nothing is added up. */
#define COLUMN_SUM(name)  ", " name
#define COLUMN_MAX(name)  ", " name
#define COLUMN_MIN(name)  ", coalesce(" name ", -1)"
#define COLUMN_LAST(name) ", coalesce(" name ", -1)"
#define PLACE_SUM	  ", ?"
#define PLACE_MAX	  ", ?"
#define PLACE_MIN	  ", nullif(?, -1)"
#define PLACE_LAST	  ", nullif(?, -1)"

static const struct cl_addr none;

static void bind_addr(struct cl_query *q, int at, const struct cl_addr *a)
{
	bool v4 = cl_addr_is_v4(a), empty = memcmp(a, &none, sizeof none) == 0;

	cl_query_bind_blob(q, at, a->b + (v4 ? 12 : 0), empty ? 0 : v4 ? 4 : 16);
}

static void get_addr(struct cl_query *q, int column, struct cl_addr *a)
{
	if (!cl_query_addr(q, column, a))
		*a = none;
}

/* Places 2 to 5. */
static void bind_key(struct cl_query *q, const struct cl_tunnel_key *key)
{
	cl_query_bind_i64(q, 2, key->day);
	cl_query_bind_text(q, 3, cl_tunnel_kind_name(key->kind));
	bind_addr(q, 4, &key->a);
	bind_addr(q, 5, &key->b);
}

/* Columns 0 to 3. False: a kind that there is not. */
static bool get_key(struct cl_query *q, struct cl_tunnel_key *key)
{
	const char *kind = cl_query_text(q, 1);

	*key = (struct cl_tunnel_key){ .day = cl_query_day(q, 0) };
	get_addr(q, 2, &key->a);
	get_addr(q, 3, &key->b);
	while (key->kind < CL_TUNNEL_KINDS &&
	       (kind == NULL || strcmp(kind, cl_tunnel_kind_name(key->kind)) != 0))
		key->kind++;
	return key->kind < CL_TUNNEL_KINDS;
}

static unsigned get_way(struct cl_query *q, int column)
{
	const char *way = cl_query_text(q, column);

	return way != NULL && strcmp(way, way_names[CL_TUNNEL_BA]) == 0 ? CL_TUNNEL_BA : CL_TUNNEL_AB;
}

/* Writing --------------------------------------------------------------------- */

/* Whether a record is to be written: it is not in the store as it is, and of a day of its file. */
static bool is_due(struct cl_tunnel_table *table, size_t i, const struct cl_tunnel_key *key,
		   const struct cl_store *store)
{
	return key->day >= cl_store_first_day(store) && cl_stored_due(&table->stored, i, key, table->record);
}

static void write_ways(struct cl_query *q, const struct cl_tunnel_row *row)
{
	for (unsigned i = 0; i < CL_TUNNEL_WAYS; i++) {
		const struct cl_tunnel_way *way = &row->way[i];
		int at = 6;

		bind_key(q, &row->key);
		cl_query_bind_text(q, at++, way_names[i]);
#define X(merge, name, doc) cl_query_bind_i64(q, at++, way->name);
#include "stats/engine/tunnels.def"
#undef X
		cl_query_run(q);
	}
}

static void write_tunnels(struct cl_tunnel_table *table, struct cl_store *store)
{
	struct cl_query *days =
		cl_query_new(store, "INSERT OR REPLACE INTO tunnel_day VALUES(?1, ?2, ?3, ?4, "
				    "?5, iif(?6, ?7, NULL), iif(?6, ?8, NULL), ?9, ?10, ?11, "
				    "?12)");
	struct cl_query *ways =
		cl_query_new(store, "INSERT OR REPLACE INTO tunnel_way_day VALUES(?1, ?2, ?3, ?4, ?5, ?6"
#define X(merge, name, doc) PLACE_##merge
#include "stats/engine/tunnels.def"
#undef X
				    ")");

	cl_stored_begin(&table->stored, store);
	for (size_t i = 0; table->ready && i < table->rows.count; i++) {
		const struct cl_tunnel_row *row = cl_arena_at(&table->rows, i);

		if (!is_due(table, i, &row->key, store))
			continue;
		bind_key(days, &row->key);
		cl_query_bind_i64(days, 6, row->seen);
		cl_query_bind_i64(days, 7, row->first_ns);
		cl_query_bind_i64(days, 8, row->last_ns);
		cl_query_bind_i64(days, 9, (int64_t)row->prefixes_lost);
		cl_query_bind_i64(days, 10, (int64_t)row->protocols_lost);
		cl_query_bind_i64(days, 11, (int64_t)row->echoes_lost);
		cl_query_bind_i64(days, 12, (int64_t)row->errors_lost);
		cl_query_run(days);
		write_ways(ways, row);
	}
	cl_query_free(days);
	cl_query_free(ways);
}

static void write_prefixes(struct cl_tunnel_table *table, struct cl_store *store)
{
	struct cl_query *q =
		cl_query_new(store, "INSERT OR REPLACE INTO tunnel_prefix_day VALUES(?1, ?2, ?3, "
				    "?4, ?5, ?6, ?7, ?8, ?9, ?10)");

	cl_stored_begin(&table->stored, store);
	for (size_t i = 0; table->ready && i < table->rows.count; i++) {
		const struct cl_tunnel_prefix *p = cl_arena_at(&table->rows, i);

		if (!is_due(table, i, &p->key, store))
			continue;
		bool v4 = cl_addr_is_v4(&p->addr); /* ::/64 is a network like any other */

		bind_key(q, &p->key);
		cl_query_bind_blob(q, 6, p->addr.b + (v4 ? 12 : 0), v4 ? 4 : 16);
		cl_query_bind_i64(q, 7, p->length);
		cl_query_bind_i64(q, 8, (int64_t)p->packets);
		cl_query_bind_i64(q, 9, (int64_t)p->at_a);
		cl_query_bind_i64(q, 10, (int64_t)p->at_b);
		cl_query_run(q);
	}
	cl_query_free(q);
}

static void write_protocols(struct cl_tunnel_table *table, struct cl_store *store)
{
	struct cl_query *q =
		cl_query_new(store, "INSERT OR REPLACE INTO tunnel_protocol_day VALUES(?1, ?2, ?3, "
				    "?4, ?5, ?6, ?7, ?8, ?9, ?10)");

	cl_stored_begin(&table->stored, store);
	for (size_t i = 0; table->ready && i < table->rows.count; i++) {
		const struct cl_tunnel_protocol *p = cl_arena_at(&table->rows, i);

		if (!is_due(table, i, &p->key, store))
			continue;
		bind_key(q, &p->key);
		cl_query_bind_text(q, 6, p->name);
		for (int way = 0; way < CL_TUNNEL_WAYS; way++) {
			cl_query_bind_i64(q, 7 + way, (int64_t)p->packets[way]);
			cl_query_bind_i64(q, 9 + way, (int64_t)p->octets[way]);
		}
		cl_query_run(q);
	}
	cl_query_free(q);
}

static void write_errors(struct cl_tunnel_table *table, struct cl_store *store)
{
	struct cl_query *q = cl_query_new(store, "INSERT OR REPLACE INTO tunnel_error_day VALUES(?1, ?2, ?3, "
						 "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, nullif(?12, -1))");

	cl_stored_begin(&table->stored, store);
	for (size_t i = 0; table->ready && i < table->rows.count; i++) {
		const struct cl_tunnel_error *e = cl_arena_at(&table->rows, i);

		if (!is_due(table, i, &e->key, store))
			continue;
		bind_key(q, &e->key);
		cl_query_bind_text(q, 6, way_names[e->way]);
		cl_query_bind_i64(q, 7, e->family);
		cl_query_bind_i64(q, 8, e->type);
		cl_query_bind_i64(q, 9, e->code);
		bind_addr(q, 10, &e->sender);
		cl_query_bind_i64(q, 11, (int64_t)e->errors);
		cl_query_bind_i64(q, 12, e->mtu);
		cl_query_run(q);
	}
	cl_query_free(q);
}

/* Requests that the next capture may still answer. */
static void write_echoes(const struct cl_tunnels *t, struct cl_store *store)
{
	struct cl_query *gone = cl_query_new(store, "DELETE FROM state_tunnel_echo WHERE source_id = ?1");
	struct cl_query *q = cl_query_new(
		store, "INSERT INTO state_tunnel_echo VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");

	cl_query_run(gone);
	for (size_t i = 0; t->echo != NULL && i < CL_TUNNEL_ECHOES; i++) {
		const struct cl_tunnel_echo *e = &t->echo[i];

		if (!e->waits || t->now_ns - e->time_ns > CL_TUNNEL_ECHO_NS)
			continue;
		cl_query_bind_text(q, 2, cl_tunnel_kind_name(e->kind));
		bind_addr(q, 3, &e->a);
		bind_addr(q, 4, &e->b);
		cl_query_bind_text(q, 5, way_names[e->way]);
		bind_addr(q, 6, &e->src);
		bind_addr(q, 7, &e->dst);
		cl_query_bind_i64(q, 8, e->version);
		cl_query_bind_i64(q, 9, e->rest);
		cl_query_bind_i64(q, 10, e->time_ns);
		cl_query_run(q);
	}
	cl_query_free(gone);
	cl_query_free(q);
}

/* A service runs for months: days that are over, and safe, need no room. */
static void forget_days(struct cl_tunnels *t, const struct cl_store *store)
{
	bool safe = cl_store_is_live(store) && t->wrote && t->undone == cl_store_undone(store);

	if (safe)
		cl_tunnels_forget(t, t->written_day - 1);
	t->wrote = true;
	t->undone = cl_store_undone(store);
	t->written_day = t->now_ns / NS_PER_DAY;
}

bool cl_tunnels_write(struct cl_tunnels *t, struct cl_store *store)
{
	forget_days(t, store);
	write_tunnels(&t->tunnels, store);
	write_prefixes(&t->prefixes, store);
	write_protocols(&t->protocols, store);
	write_errors(&t->errors, store);
	write_echoes(t, store);
	return !t->failed;
}

/* Going on -------------------------------------------------------------------- */

#define KEYS "SELECT day, kind, a, b"
#define OPEN                                                                                                 \
	" WHERE source_id = ?1 AND day >= (SELECT last_ns / 86400000000000 - 2 FROM source WHERE source_id " \
	"= ?1)"

static void load_tunnels(struct cl_tunnels *t, struct cl_store *store)
{
	struct cl_query *q = cl_query_new(store, KEYS ", first_ns, last_ns, prefixes_lost, protocols_lost, "
						      "echoes_lost, errors_lost FROM tunnel_day" OPEN);
	struct cl_tunnel_key key;

	while (cl_query_row(q)) {
		struct cl_tunnel_row *row = get_key(q, &key) ? cl_tunnels_row(t, &key) : NULL;

		if (row == NULL)
			continue;
		row->seen = !cl_query_null(q, 4);
		row->first_ns = cl_query_ns(q, 4);
		row->last_ns = cl_query_ns(q, 5);
		row->prefixes_lost = cl_query_u64(q, 6);
		row->protocols_lost = cl_query_u64(q, 7);
		row->echoes_lost = cl_query_u64(q, 8);
		row->errors_lost = cl_query_u64(q, 9);
	}
	cl_query_free(q);
}

static void load_ways(struct cl_tunnels *t, struct cl_store *store)
{
	struct cl_query *q = cl_query_new(store, KEYS ", way"
#define X(merge, name, doc) COLUMN_##merge(#name)
#include "stats/engine/tunnels.def"
#undef X
						      " FROM tunnel_way_day" OPEN);
	struct cl_tunnel_key key;

	while (cl_query_row(q)) {
		struct cl_tunnel_row *row = get_key(q, &key) ? cl_tunnels_row(t, &key) : NULL;
		int column = 5;

		if (row == NULL)
			continue;
		struct cl_tunnel_way *way = &row->way[get_way(q, 4)];
#define X(merge, name, doc) way->name = cl_query_held(q, column++);
#include "stats/engine/tunnels.def"
#undef X
	}
	cl_query_free(q);
}

static void load_prefixes(struct cl_tunnels *t, struct cl_store *store)
{
	struct cl_query *q =
		cl_query_new(store, KEYS ", prefix, length, packets, at_a, at_b FROM tunnel_prefix_day" OPEN);

	while (cl_query_row(q)) {
		struct cl_tunnel_prefix key = { .length = (uint8_t)cl_query_u64(q, 5) }, *p;

		if (!get_key(q, &key.key) || !cl_query_addr(q, 4, &key.addr) ||
		    (p = cl_tunnel_table_at(t, &t->prefixes, &key, NULL)) == NULL)
			continue;
		p->packets = cl_query_u64(q, 6);
		p->at_a = cl_query_u64(q, 7);
		p->at_b = cl_query_u64(q, 8);
	}
	cl_query_free(q);
}

static void load_protocols(struct cl_tunnels *t, struct cl_store *store)
{
	struct cl_query *q =
		cl_query_new(store, KEYS ", protocol, packets_ab, packets_ba, octets_ab, octets_ba "
					 "FROM tunnel_protocol_day" OPEN);

	while (cl_query_row(q)) {
		struct cl_tunnel_protocol key = { .name = "" }, *p;
		const char *name = cl_query_text(q, 4);

		snprintf(key.name, sizeof key.name, "%s", name != NULL ? name : "");
		if (!get_key(q, &key.key) || (p = cl_tunnel_table_at(t, &t->protocols, &key, NULL)) == NULL)
			continue;
		for (int way = 0; way < CL_TUNNEL_WAYS; way++) {
			p->packets[way] = cl_query_u64(q, 5 + way);
			p->octets[way] = cl_query_u64(q, 7 + way);
		}
	}
	cl_query_free(q);
}

static void load_errors(struct cl_tunnels *t, struct cl_store *store)
{
	struct cl_query *q =
		cl_query_new(store, KEYS ", way, family, type, code, sender, errors, coalesce(mtu, "
					 "-1) FROM tunnel_error_day" OPEN);

	while (cl_query_row(q)) {
		struct cl_tunnel_error key = { .way = (uint8_t)get_way(q, 4),
					       .family = (uint8_t)cl_query_u64(q, 5),
					       .type = (uint8_t)cl_query_u64(q, 6),
					       .code = (uint8_t)cl_query_u64(q, 7) },
				       *e;

		get_addr(q, 8, &key.sender);
		if (!get_key(q, &key.key) || (e = cl_tunnel_table_at(t, &t->errors, &key, NULL)) == NULL)
			continue;
		e->errors = cl_query_u64(q, 9);
		e->mtu = cl_query_held(q, 10);
	}
	cl_query_free(q);
}

static void load_echoes(struct cl_tunnels *t, struct cl_store *store)
{
	struct cl_query *q =
		cl_query_new(store, "SELECT 0, kind, a, b, way, src, dst, version, rest, time_ns FROM "
				    "state_tunnel_echo WHERE source_id = ?1 ORDER BY time_ns");
	struct cl_tunnel_key key;

	while (cl_query_row(q)) {
		struct cl_tunnel_echo e = { .time_ns = cl_query_ns(q, 9),
					    .rest = (uint32_t)cl_query_u64(q, 8),
					    .way = (uint8_t)get_way(q, 4),
					    .version = (uint8_t)cl_query_u64(q, 7) };

		if (!get_key(q, &key))
			continue;
		e.a = key.a;
		e.b = key.b;
		e.kind = key.kind;
		get_addr(q, 5, &e.src);
		get_addr(q, 6, &e.dst);
		(void)cl_tunnels_wait(t, &e);
	}
	cl_query_free(q);
}

bool cl_tunnels_load(struct cl_tunnels *t, struct cl_store *store)
{
	load_tunnels(t, store);
	load_ways(t, store);
	load_prefixes(t, store);
	load_protocols(t, store);
	load_errors(t, store);
	load_echoes(t, store);
	return !t->failed;
}
