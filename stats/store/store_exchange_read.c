/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading exchanges: those of each source and kind come in the order of their numbers, and are merged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/engine/openreq.h"
#include "stats/store/store_exchange.h"

/* Sources times kinds; a hostile database cannot ask for more. */
#define CURSORS_MAX 4096u

/* The exchanges of one source and kind. */
struct cursor {
	sqlite3_stmt *st;
	enum cl_exchange_kind kind;
	int64_t source_id, id, time_ns;
	bool live; /* there is a row */
};

struct reading {
	struct cl_store *s;
	const struct cl_exchange_filter *filter;
	int64_t least_number, most_number;
	bool again; /* to be written again: files are as in this run */
	cl_exchange_fn fn;
	void *ctx;
	struct cursor *cursor;
	size_t cursors;
	struct cl_exchange_room room;
};

/* Values ------------------------------------------------------------------------ */

static void read_addr(sqlite3_stmt *st, int at, struct cl_addr *out)
{
	const uint8_t *p = sqlite3_column_blob(st, at);
	int n = sqlite3_column_bytes(st, at);

	if (n == 4)
		*out = cl_addr_from_v4(p);
	else if (n == 16)
		memcpy(out->b, p, 16);
}

static void read_member(sqlite3_stmt *st, int at, const struct cl_column *c, void *whole)
{
	uint8_t *p = (uint8_t *)whole + c->at;
	struct cl_addr addr = { { 0 } };

	if (c->type == CL_COLUMN_ADDR) {
		read_addr(st, at, &addr);
		memcpy(p, &addr, sizeof addr);
		return;
	}
	int64_t v = sqlite3_column_int64(st, at);
	const uint32_t u32 = (uint32_t)v;
	const uint16_t u16 = (uint16_t)v;
	switch ((enum cl_column_type)c->type) {
	case CL_COLUMN_U32:
		memcpy(p, &u32, sizeof u32);
		break;
	case CL_COLUMN_U16:
		memcpy(p, &u16, sizeof u16);
		break;
	case CL_COLUMN_U8:
	case CL_COLUMN_I8:
		*p = (uint8_t)v;
		break;
	case CL_COLUMN_64:
	case CL_COLUMN_ADDR:
	default:
		memcpy(p, &v, sizeof v);
		break;
	}
}

static int read_event(sqlite3_stmt *st, int at, enum cl_exchange_kind kind, struct cl_event *ev)
{
	memset(ev, 0, sizeof *ev);
	for (size_t i = 0; i < cl_event_column_count; i++)
		if (cl_exchange_has(kind, cl_event_columns[i].group))
			read_member(st, at++, &cl_event_columns[i], ev);
	return at;
}

static void read_fields(sqlite3_stmt *st, int at, struct cl_note *n)
{
	const uint8_t *p = sqlite3_column_blob(st, at);
	int octets = sqlite3_column_bytes(st, at);
	unsigned count = octets > 0 ? (unsigned)octets / 4 : 0;

	if (n->fields > CL_NOTE_FIELDS_MAX)
		n->fields = CL_NOTE_FIELDS_MAX;
	if (n->fields > count)
		n->fields = (uint8_t)count;
	for (unsigned i = 0; i < n->fields; i++, p += 4)
		n->field[i] =
			(struct cl_note_field){ (uint16_t)(p[0] << 8 | p[1]), (uint16_t)(p[2] << 8 | p[3]) };
}

static void read_note(sqlite3_stmt *st, int at, enum cl_exchange_kind kind, struct cl_note *n)
{
	cl_note_clear(n);
	for (size_t i = 0; i < cl_note_column_count; i++)
		if (cl_exchange_has(kind, cl_note_columns[i].group))
			read_member(st, at++, &cl_note_columns[i], n);
	read_fields(st, at++, n);
	for (unsigned i = 0; i < CL_PIECES; i++) {
		if (!cl_exchange_has(kind, cl_piece_columns[i].group))
			continue;
		const void *octets = sqlite3_column_blob(st, at);
		int length = sqlite3_column_bytes(st, at++);

		cl_note_put(n, (enum cl_note_piece)i, octets, octets != NULL ? (size_t)length : 0);
	}
}

/* As captures have them: the difference of two fits. */
static bool is_time(int64_t ns)
{
	return ns > -((int64_t)1 << 62) && ns < (int64_t)1 << 62;
}

/* Of the kind of the table; those of others are 0. */
static bool are_times(const struct cl_message *m, enum cl_exchange_kind kind)
{
	const struct cl_note *n = m->note;

	return is_time(m->event->time_ns) && (kind != CL_X_DNS || is_time(m->event->u.dns.first_ns)) &&
	       (kind != CL_X_CONN ||
		(is_time(n->syn_ns) && is_time(n->open_ns) && is_time(n->hello_ns) && is_time(n->close_ns)));
}

/* What others take as a place in a table. */
static bool makes_sense(const struct cl_message *m, enum cl_exchange_kind kind)
{
	return m->event == NULL ||
	       (are_times(m, kind) && m->event->kind < CL_EV_KINDS && m->event->role <= CL_ROLE_APART &&
		m->note->auth < CL_NTP_AUTHS && m->note->service < CL_CONN_SERVICES);
}

/* Whether it has the sides that its fortune speaks of. */
static bool is_whole(const struct cl_exchange *x)
{
	if (x->fortune == CL_FORTUNE_MATCHED)
		return x->request.event != NULL && x->response.event != NULL;
	return x->fortune >= CL_FORTUNE_BACKWARDS || x->request.event != NULL;
}

/* Rows -------------------------------------------------------------------------- */

/* A row's sides; its events alone. */
static bool read_events(struct reading *r, struct cursor *c, struct cl_exchange *x, int at[2])
{
	const struct cl_exchange_table *t = &cl_exchange_tables[c->kind];
	int first = 3 + (t->pair ? 5 : 0) + t->named;
	int columns = (cl_exchange_column_number(c->kind) - first) / (t->pair ? 2 : 1);

	*x = (struct cl_exchange){ .kind = c->kind, .fortune = CL_FORTUNE_ALONE };
	x->number = (uint64_t)(c->id - c->source_id * CL_EXCHANGES_PER_SOURCE);
	if (t->pair) {
		int64_t fortune = sqlite3_column_int64(c->st, 3);

		if (fortune < 0 || fortune >= CL_FORTUNES)
			return false;
		x->fortune = (enum cl_fortune)fortune;
		x->interleaved = sqlite3_column_int64(c->st, 4) != 0;
		x->guessed = sqlite3_column_int64(c->st, 5) != 0;
		x->delta_ns = sqlite3_column_int64(c->st, 6);
		x->delta_first_ns = sqlite3_column_int64(c->st, 7);
	}
	for (int side = 0; side <= t->pair; side++, first += columns) {
		struct cl_message *m = side == 0 ? &x->request : &x->response;

		if (sqlite3_column_type(c->st, first) == SQLITE_NULL)
			continue;
		at[side] = read_event(c->st, first, c->kind, &r->room.event[side]);
		m->event = &r->room.event[side];
		m->note = &r->room.note[side];
		if (r->again)
			r->room.event[side].file -= (uint32_t)(cl_store_file_base(r->s) + 1);
	}
	return x->request.event != NULL || x->response.event != NULL;
}

static bool asked(const struct cl_exchange_filter *f, const struct cl_addr *a)
{
	for (size_t i = 0; i < f->server_count; i++)
		if (memcmp(&f->servers[i], a, sizeof *a) == 0)
			return true;
	return false;
}

static bool is_of_servers(const struct cl_exchange_filter *f, const struct cl_exchange *x)
{
	if (f->server_count == 0)
		return true;
	if (x->kind == CL_X_NTP || x->kind == CL_X_DNS)
		return asked(f, cl_exchange_server(x)) ||
		       (f->asked && x->kind == CL_X_NTP && asked(f, cl_exchange_client(x)));
	const struct cl_event *ev = x->request.event;

	return asked(f, &ev->src) || asked(f, &ev->dst) ||
	       (x->kind == CL_X_ICMP && (asked(f, &ev->u.icmp.src) || asked(f, &ev->u.icmp.dst)));
}

static void damaged(struct cl_store *s)
{
	if (s->error[0] == '\0')
		snprintf(s->error, sizeof s->error, "has an exchange that makes no sense: it is damaged");
}

static void give(struct reading *r, struct cursor *c)
{
	struct cl_exchange x;
	int at[2] = { 0, 0 };

	if (!read_events(r, c, &x, at)) {
		damaged(r->s);
		return;
	}
	if (!is_of_servers(r->filter, &x))
		return;
	for (int side = 0; side < 2; side++)
		if (at[side] > 0)
			read_note(c->st, at[side], c->kind, &r->room.note[side]);
	if (is_whole(&x) && is_time(x.delta_ns) && is_time(x.delta_first_ns) &&
	    makes_sense(&x.request, c->kind) && makes_sense(&x.response, c->kind))
		r->fn(r->ctx, &x);
	else
		damaged(r->s);
}

/* Cursors ----------------------------------------------------------------------- */

static void advance(struct cl_store *s, struct cursor *c)
{
	int code = sqlite3_step(c->st);

	c->live = code == SQLITE_ROW;
	if (c->live) {
		c->id = sqlite3_column_int64(c->st, 0);
		c->time_ns = sqlite3_column_int64(c->st, sqlite3_column_count(c->st) - 1);
	} else if (code != SQLITE_DONE) {
		cl_store_fail_sqlite(s);
	}
}

const char *cl_exchange_time(enum cl_exchange_kind kind)
{
	return cl_exchange_tables[kind].pair ? "coalesce(q_time_ns, r_time_ns)" : "time_ns";
}

static sqlite3_stmt *prepare(struct cl_store *s, char *sql)
{
	sqlite3_stmt *st = NULL;

	if (sql == NULL)
		cl_store_fail(s, CL_ENOMEM);
	else if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK)
		cl_store_fail_sqlite(s);
	sqlite3_free(sql);
	return st;
}

static bool is_of_all_times(const struct cl_exchange_filter *f)
{
	return f->from_ns == INT64_MIN && f->to_ns == INT64_MAX;
}

/* The first and the last row that are asked for, by the index of times if only some times are. */
static bool limits(const struct reading *r, const struct cursor *c, int64_t *first, int64_t *last)
{
	const struct cl_exchange_filter *f = r->filter;
	const char *name = cl_exchange_tables[c->kind].name, *time = cl_exchange_time(c->kind);
	int64_t base = c->source_id * CL_EXCHANGES_PER_SOURCE;

	*first = base + r->least_number;
	*last = base + r->most_number;
	if (is_of_all_times(f))
		return true;
	sqlite3_stmt *st = prepare(
		r->s, sqlite3_mprintf(
			      "SELECT min(exchange_id), max(exchange_id) FROM %s INDEXED BY %s_time WHERE %s "
			      ">= %lld AND %s < %lld AND exchange_id BETWEEN %lld AND %lld",
			      name, name, time, f->from_ns, time, f->to_ns, *first, *last));
	bool any = st != NULL && sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL;

	if (any) {
		*first = sqlite3_column_int64(st, 0);
		*last = sqlite3_column_int64(st, 1);
	}
	sqlite3_finalize(st);
	return any;
}

static void open_cursor(struct reading *r, struct cursor *c)
{
	int64_t first, last;

	if (!limits(r, c, &first, &last))
		return;
	const char *time = cl_exchange_time(c->kind);
	char *columns = cl_exchange_column_list(c->kind, false);

	if (columns == NULL) {
		cl_store_fail(r->s, CL_ENOMEM);
		return;
	}
	sqlite3_str *text = sqlite3_str_new(r->s->db);

	sqlite3_str_appendf(text, "SELECT %s, %s FROM %s NOT INDEXED WHERE exchange_id BETWEEN %lld AND %lld",
			    columns, time, cl_exchange_tables[c->kind].name, first, last);
	if (!is_of_all_times(r->filter))
		sqlite3_str_appendf(text, " AND %s >= %lld AND %s < %lld", time, r->filter->from_ns, time,
				    r->filter->to_ns);
	sqlite3_str_appendall(text, " ORDER BY exchange_id");
	c->st = prepare(r->s, sqlite3_str_finish(text));
	sqlite3_free(columns);
	if (c->st != NULL)
		advance(r->s, c);
}

static void open_source(struct reading *r, int64_t source_id)
{
	for (unsigned kind = 0; kind < CL_X_KINDS && r->s->error[0] == '\0'; kind++) {
		struct cursor c = { .kind = (enum cl_exchange_kind)kind, .source_id = source_id };

		if ((r->filter->kinds & CL_X_BIT(kind)) == 0)
			continue;
		if (r->cursors == CURSORS_MAX) {
			cl_store_fail(r->s, CL_ELIMIT);
			return;
		}
		open_cursor(r, &c);
		if (c.live)
			r->cursor[r->cursors++] = c;
		else
			sqlite3_finalize(c.st);
	}
}

static void open_sources(struct reading *r)
{
	struct cl_query *q = cl_query_new(
		r->s, "SELECT source_id FROM source WHERE ?2 IN (0, source_id) AND source_id BETWEEN 1 "
		      "AND 9000000 ORDER BY source_id");

	cl_query_bind_i64(q, 2, r->filter->source_id);
	while (cl_query_row(q))
		open_source(r, cl_query_i64(q, 0));
	cl_query_free(q);
}

/* The one that is next: of a source the smallest number, of sources the earliest of these. Cursors of a
 * source follow each other. */
static struct cursor *next_cursor(struct reading *r)
{
	struct cursor *best = NULL, *end = r->cursor + r->cursors;

	for (struct cursor *c = r->cursor; c < end;) {
		struct cursor *head = NULL;
		int64_t source_id = c->source_id;

		for (; c < end && c->source_id == source_id; c++)
			if (c->live && (head == NULL || c->id < head->id))
				head = c;
		if (head != NULL && (best == NULL || head->time_ns < best->time_ns))
			best = head;
	}
	return best;
}

static bool read_all(struct reading *r)
{
	struct cursor *c;

	r->cursor = calloc(CURSORS_MAX, sizeof *r->cursor);
	if (r->cursor == NULL) {
		cl_store_fail(r->s, CL_ENOMEM);
		return false;
	}
	open_sources(r);
	while (r->s->error[0] == '\0' && (c = next_cursor(r)) != NULL) {
		give(r, c);
		advance(r->s, c);
	}
	for (size_t i = 0; i < r->cursors; i++)
		sqlite3_finalize(r->cursor[i].st);
	free(r->cursor);
	return r->s->error[0] == '\0';
}

bool cl_store_exchanges_each(struct cl_store *s, const struct cl_exchange_filter *f, cl_exchange_fn fn,
			     void *ctx)
{
	struct reading r = {
		.s = s, .filter = f, .most_number = CL_EXCHANGES_PER_SOURCE - 1, .fn = fn, .ctx = ctx
	};

	if (s->error[0] != '\0' || !cl_store_keeps_exchanges(s))
		return s->error[0] == '\0';
	return read_all(&r);
}

/* Going on ---------------------------------------------------------------------- */

/* The least number of the kind's rows that may change, or `least`. A bogus response changes if its request is
 * captured soon after it; `state` says when the capture ended. */
static int64_t first_open(struct cl_store *s, enum cl_exchange_kind kind, int64_t least)
{
	const char *name = cl_exchange_tables[kind].name, *time = cl_exchange_time(kind);
	sqlite3_stmt *st = prepare(
		s,
		sqlite3_mprintf(
			"SELECT min(number) FROM (SELECT min(number) AS number FROM %s WHERE fortune = %d "
			"AND source_id = ?1 UNION ALL SELECT min(number) FROM %s INDEXED BY %s_time WHERE "
			"fortune = %d AND source_id = ?1 AND %s >= (SELECT value - %d FROM state WHERE "
			"source_id = ?1 AND key = 'now_ns'))",
			name, CL_FORTUNE_OPEN_AT_END, name, name, CL_FORTUNE_BOGUS, time, CL_REQ_EARLY_NS));

	if (st == NULL)
		return least;
	sqlite3_bind_int64(st, 1, s->source_id);
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL &&
	    sqlite3_column_int64(st, 0) < least)
		least = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return least < 0 ? 0 : least;
}

/* Removes the current source's numbers from `first` to `last`; those behind, written meanwhile, close up. */
static void remove_numbers(struct cl_store *s, int64_t first, int64_t last)
{
	int64_t base = s->source_id * CL_EXCHANGES_PER_SOURCE, gap = last + 1 - first;

	for (unsigned kind = 0; kind < CL_X_KINDS; kind++) {
		const char *name = cl_exchange_tables[kind].name;
		char *sql = sqlite3_mprintf(
			"DELETE FROM %s WHERE exchange_id BETWEEN %lld AND %lld; UPDATE %s SET "
			"exchange_id = exchange_id - %lld, number = number - %lld WHERE "
			"exchange_id BETWEEN %lld AND %lld",
			name, base + first, base + last, name, gap, gap, base + last + 1,
			base + CL_EXCHANGES_PER_SOURCE - 1);

		if (sql == NULL)
			cl_store_fail(s, CL_ENOMEM);
		else
			(void)cl_store_exec(s, sql);
		sqlite3_free(sql);
	}
	s->exchanges->last -= gap;
}

bool cl_store_exchanges_reopen(struct cl_store *s, cl_exchange_fn fn, void *ctx)
{
	const struct cl_exchange_filter all = { .kinds = CL_X_BIT(CL_X_KINDS) - 1,
						.source_id = s->source_id,
						.from_ns = INT64_MIN,
						.to_ns = INT64_MAX };
	struct reading r = { .s = s, .filter = &all, .again = true, .fn = fn, .ctx = ctx };

	if (s->error[0] != '\0' || !cl_store_keeps_exchanges(s))
		return s->error[0] == '\0';
	r.most_number = cl_exchange_last(s);
	r.least_number = first_open(s, CL_X_DNS, first_open(s, CL_X_NTP, r.most_number + 1));
	if (s->live != NULL) { /* the next transaction removes them */
		s->exchanges->last = s->exchanges->safe = r.least_number - 1;
		return r.least_number > r.most_number || read_all(&r);
	}
	if (r.least_number <= r.most_number && read_all(&r))
		remove_numbers(s, r.least_number, r.most_number);
	return s->error[0] == '\0';
}

/* Files -------------------------------------------------------------------------- */

static bool load_files(struct cl_store *s, struct cl_exchanges *x)
{
	struct cl_query *q = cl_query_new(s, "SELECT file_id, path FROM file ORDER BY file_id");
	size_t room = 0;

	while (cl_query_row(q)) {
		if (x->file_count == room) {
			struct cl_file_name *more = realloc(x->files, (room * 2 + 16) * sizeof *more);

			if (more == NULL)
				break;
			x->files = more;
			room = room * 2 + 16;
		}
		const char *path = cl_query_text(q, 1);
		char *copy = strdup(path != NULL ? path : "");

		if (copy == NULL)
			break;
		x->files[x->file_count++] = (struct cl_file_name){ cl_query_i64(q, 0), copy };
	}
	cl_query_free(q);
	return x->files != NULL;
}

static int by_file_id(const void *key, const void *element)
{
	int64_t a = *(const int64_t *)key, b = ((const struct cl_file_name *)element)->file_id;

	return (a > b) - (a < b);
}

const char *cl_store_file_path(struct cl_store *s, int64_t file_id)
{
	if (s->exchanges == NULL)
		s->exchanges = calloc(1, sizeof *s->exchanges);
	struct cl_exchanges *x = s->exchanges;

	if (x == NULL || (x->files == NULL && !load_files(s, x)))
		return NULL;
	const struct cl_file_name *f = bsearch(&file_id, x->files, x->file_count, sizeof *f, by_file_id);

	return f != NULL ? f->path : NULL;
}
