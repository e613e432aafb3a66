/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/store_backlog.h"

#include <stdlib.h>
#include <string.h>

#include "stats/exchange/packed.h"
#include "stats/store/store_exchange.h"
#include "stats/store/store_live.h"

#define BLOCK_OCTETS ((size_t)256 << 10)
#define ALIGNMENT    16u

enum entry_kind { ENTRY_ROW, ENTRY_CLIENTS, ENTRY_EXCHANGE, ENTRY_MONTH };

struct entry {
	uint64_t octets; /* with this head: a multiple of ALIGNMENT */
	uint64_t kind;
};

struct clients_entry {
	struct entry head;
	int64_t day;
	uint32_t service, count;
};

struct client_row {
	struct cl_addr addr;
	struct cl_seen seen;
	uint32_t via;
};

struct exchange_entry {
	struct entry head;
	int64_t number, delta_ns, delta_first_ns;
	uint32_t request, response; /* octets of its messages, which follow */
	uint8_t kind, fortune;
	bool interleaved, guessed;
};

struct month_entry {
	struct entry head;
	int64_t day;
};

/* Room -------------------------------------------------------------------------- */

static size_t aligned(size_t octets)
{
	return (octets + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static struct cl_backlog_block *add_block(struct cl_backlog *q, size_t octets)
{
	size_t room = octets > BLOCK_OCTETS ? octets : BLOCK_OCTETS;
	struct cl_backlog_block *b = aligned_alloc(ALIGNMENT, aligned(sizeof *b + room));

	if (b == NULL)
		return NULL;
	*b = (struct cl_backlog_block){ .room = room };
	if (q->last != NULL)
		q->last->next = b;
	else
		q->first = b;
	q->last = b;
	return b;
}

/* A new entry, of `octets` with its head. NULL: no room, counted as `rows` given up. */
static void *add_entry(struct cl_backlog *q, enum entry_kind kind, size_t octets, uint64_t rows)
{
	struct cl_backlog_block *b = q->last;

	octets = aligned(octets);
	if (q->octets + octets > q->limit && kind != ENTRY_MONTH) {
		q->given_up += rows;
		return NULL;
	}
	if (b == NULL || b->room - b->used < octets)
		b = add_block(q, octets);
	if (b == NULL) {
		q->given_up += rows;
		return NULL;
	}
	struct entry *e = (struct entry *)(void *)(b->octets + b->used);
	*e = (struct entry){ octets, kind };
	b->used += octets;
	q->octets += octets;
	return e;
}

void cl_backlog_clear(struct cl_backlog *q)
{
	while (q->first != NULL) {
		struct cl_backlog_block *next = q->first->next;

		free(q->first);
		q->first = next;
	}
	q->last = NULL;
	q->from = q->octets = 0;
}

void cl_backlog_end(struct cl_backlog *q)
{
	for (uint32_t i = 0; i < q->texts; i++) {
		sqlite3_finalize(q->text[i].st);
		q->text[i].st = NULL;
	}
}

void cl_backlog_free(struct cl_backlog *q)
{
	cl_backlog_clear(q);
	cl_backlog_end(q);
	for (uint32_t i = 0; i < q->texts; i++)
		free(q->text[i].sql);
	free(q->text);
	free(q->note);
	*q = (struct cl_backlog){ .first = NULL };
}

/* Writing ----------------------------------------------------------------------- */

uint32_t cl_backlog_statement(struct cl_backlog *q, const char *sql)
{
	for (uint32_t i = 0; i < q->texts; i++)
		if (strcmp(q->text[i].sql, sql) == 0)
			return i;
	struct cl_backlog_text *text = realloc(q->text, ((size_t)q->texts + 1) * sizeof *text);
	if (text == NULL)
		return UINT32_MAX;
	q->text = text;
	text[q->texts] = (struct cl_backlog_text){ .sql = strdup(sql) };
	return text[q->texts].sql != NULL ? q->texts++ : UINT32_MAX;
}

static bool has_octets(const struct cl_value *v)
{
	return v->type == CL_VALUE_TEXT || v->type == CL_VALUE_BLOB;
}

void cl_backlog_row(struct cl_backlog *q, uint32_t statement, const struct cl_value *value, int values)
{
	size_t octets = sizeof(struct entry) + 2 * sizeof(uint64_t);

	for (int i = 0; i < values; i++)
		octets += 2 * sizeof(uint64_t) + (has_octets(&value[i]) ? (value[i].n + 7) / 8 * 8 : 0);
	struct entry *e = add_entry(q, ENTRY_ROW, octets, 1);
	if (e == NULL)
		return;
	uint64_t *at = (uint64_t *)(void *)(e + 1);
	*at++ = statement;
	*at++ = (uint64_t)values;
	for (int i = 0; i < values; i++) {
		const struct cl_value *v = &value[i];

		*at++ = (uint64_t)v->type;
		*at++ = has_octets(v) ? v->n : (uint64_t)v->i;
		if (!has_octets(v) || v->n == 0)
			continue;
		memcpy(at, v->octets, v->n);
		at += (v->n + 7) / 8;
	}
}

#define CLIENTS_AT_ONCE 1024u

void cl_backlog_clients(struct cl_backlog *q, int64_t day, uint32_t service,
			const struct cl_client_rows *rows)
{
	struct clients_entry *e = NULL;
	const struct cl_addr *addr;
	const struct cl_seen *seen;
	unsigned via;

	while ((addr = rows->next(rows->ctx, &seen, &via)) != NULL) {
		if (e == NULL || e->count == CLIENTS_AT_ONCE) {
			e = add_entry(q, ENTRY_CLIENTS,
				      sizeof *e + CLIENTS_AT_ONCE * sizeof(struct client_row), 0);
			if (e != NULL) {
				e->day = day;
				e->service = service;
				e->count = 0;
			}
		}
		if (e == NULL) {
			q->given_up++;
			continue;
		}
		struct client_row *row = (struct client_row *)(void *)(e + 1) + e->count++;
		*row = (struct client_row){ *addr, *seen, via };
	}
	if (e != NULL &&
	    e->count < CLIENTS_AT_ONCE) { /* it is the last entry: what it has too much goes back */
		size_t octets = aligned(sizeof *e + e->count * sizeof(struct client_row));

		q->last->used -= e->head.octets - octets;
		q->octets -= e->head.octets - octets;
		e->head.octets = octets;
	}
}

void cl_backlog_exchange(struct cl_backlog *q, const struct cl_exchange *x, int64_t number)
{
	_Alignas(16) unsigned char request[CL_PACKED_MAX], response[CL_PACKED_MAX];
	struct exchange_entry head = { .number = number,
				       .delta_ns = x->delta_ns,
				       .delta_first_ns = x->delta_first_ns,
				       .kind = (uint8_t)x->kind,
				       .fortune = (uint8_t)x->fortune,
				       .interleaved = x->interleaved,
				       .guessed = x->guessed };

	if (x->request.event != NULL)
		head.request = (uint32_t)aligned(cl_pack(request, &x->request));
	if (x->response.event != NULL)
		head.response = (uint32_t)aligned(cl_pack(response, &x->response));
	size_t begin = aligned(sizeof head);
	struct exchange_entry *e = add_entry(q, ENTRY_EXCHANGE, begin + head.request + head.response, 1);
	if (e == NULL)
		return;
	head.head = e->head;
	*e = head;
	memcpy((uint8_t *)e + begin, request, head.request);
	memcpy((uint8_t *)e + begin + head.request, response, head.response);
}

bool cl_backlog_month(struct cl_backlog *q, int64_t day)
{
	struct month_entry *e = add_entry(q, ENTRY_MONTH, sizeof *e, 0);

	if (e != NULL)
		e->day = day;
	return e != NULL;
}

/* Playing ----------------------------------------------------------------------- */

static sqlite3_stmt *statement_of(struct cl_store *s, uint64_t number)
{
	struct cl_backlog *q = &s->live->backlog;

	if (number >= q->texts) { /* memory was short when the row came */
		cl_store_fail(s, CL_ENOMEM);
		return NULL;
	}
	struct cl_backlog_text *text = &q->text[number];
	if (text->st == NULL &&
	    sqlite3_prepare_v3(s->db, text->sql, -1, SQLITE_PREPARE_PERSISTENT, &text->st, NULL) != SQLITE_OK)
		cl_store_fail_sqlite(s);
	return text->st;
}

static int64_t number_of(struct cl_store *s, int64_t v)
{
	return v < CL_SERVICE_ROW(UINT32_MAX) ? cl_store_service_row(s, (uint32_t)(v - CL_SERVICE_ROW(0)))
					      : v;
}

static void play_row(struct cl_store *s, const uint64_t *at)
{
	sqlite3_stmt *st = statement_of(s, *at++);
	int values = (int)*at++;

	for (int i = 1; st != NULL && i <= values; i++) {
		uint64_t type = *at++, v = *at++;

		if (i == 1 && type == CL_VALUE_INT) /* the source: in another file its row may be another */
			v = (uint64_t)s->source_id;
		if (type == CL_VALUE_NULL)
			sqlite3_bind_null(st, i);
		else if (type == CL_VALUE_INT)
			sqlite3_bind_int64(st, i, number_of(s, (int64_t)v));
		else if (type == CL_VALUE_TEXT)
			sqlite3_bind_text64(st, i, (const char *)at, v, SQLITE_STATIC, SQLITE_UTF8);
		else
			sqlite3_bind_blob64(st, i, at, v, SQLITE_STATIC);
		if (type == CL_VALUE_TEXT || type == CL_VALUE_BLOB)
			at += (v + 7) / 8;
	}
	if (st == NULL)
		return;
	if (sqlite3_step(st) != SQLITE_DONE)
		cl_store_fail_sqlite(s);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
}

struct clients_at {
	const struct client_row *row;
	uint32_t at, count;
};

static const struct cl_addr *next_client(void *ctx, const struct cl_seen **seen, unsigned *via)
{
	struct clients_at *c = ctx;

	if (c->at == c->count)
		return NULL;
	const struct client_row *row = &c->row[c->at++];
	*seen = &row->seen;
	*via = row->via;
	return &row->addr;
}

static void play_exchange(struct cl_store *s, const struct exchange_entry *e)
{
	struct cl_backlog *q = &s->live->backlog;
	struct cl_exchange x = { .number = (uint64_t)e->number,
				 .kind = (enum cl_exchange_kind)e->kind,
				 .fortune = (enum cl_fortune)e->fortune,
				 .interleaved = e->interleaved,
				 .guessed = e->guessed,
				 .delta_ns = e->delta_ns,
				 .delta_first_ns = e->delta_first_ns };
	const uint8_t *at = (const uint8_t *)e + aligned(sizeof *e);

	s->exchanges->played = e->number;
	if (q->note == NULL && (q->note = calloc(2, sizeof *q->note)) == NULL) {
		cl_store_fail(s, CL_ENOMEM);
		return;
	}
	if (e->request > 0)
		x.request = cl_unpack((const struct cl_packed *)(const void *)at, &q->note[0]);
	if (e->response > 0)
		x.response =
			cl_unpack((const struct cl_packed *)(const void *)(at + e->request), &q->note[1]);
	cl_exchange_write(s, &x, e->number);
}

static void play_entry(struct cl_store *s, const struct entry *e)
{
	if (e->kind == ENTRY_ROW) {
		play_row(s, (const uint64_t *)(const void *)(e + 1));
	} else if (e->kind == ENTRY_CLIENTS) {
		const struct clients_entry *c = (const void *)e;
		struct clients_at at = { (const void *)(c + 1), 0, c->count };

		cl_store_clients(s, c->day, c->service, &(struct cl_client_rows){ &at, next_client });
	} else if (e->kind == ENTRY_EXCHANGE) {
		play_exchange(s, (const void *)e);
	}
}

/* Forgets the entries before an offset of a block: they are safe. */
static void forget_before(struct cl_backlog *q, struct cl_backlog_block *b, size_t at)
{
	while (q->first != b) {
		struct cl_backlog_block *next = q->first->next;

		q->octets -= q->first->used - q->from;
		q->from = 0;
		free(q->first);
		q->first = next;
	}
	q->octets -= at - q->from;
	q->from = at;
}

/* The month's file ends here, and the entries before are safe in it; those behind are of the next one. */
static bool play_month(struct cl_store *s, struct cl_backlog_block *b, size_t at, const struct month_entry *e)
{
	if (!cl_live_has_month(s, e->day)) {
		if (!cl_live_end_month(s, e->day))
			return false;
		forget_before(&s->live->backlog, b, at);
		if (!cl_live_next_month(s, e->day))
			return false;
		forget_before(&s->live->backlog, b, at + e->head.octets);
	}
	s->live->rotated = true;
	s->live->month_day = e->day;
	return true;
}

bool cl_backlog_play(struct cl_store *s)
{
	struct cl_backlog *q = &s->live->backlog;
	size_t at = q->from;

	for (struct cl_backlog_block *b = q->first; b != NULL; b = b->next, at = 0)
		while (at < b->used) {
			const struct entry *e = (const struct entry *)(const void *)(b->octets + at);

			if (e->kind != ENTRY_MONTH)
				play_entry(s, e);
			else if (!play_month(s, b, at, (const void *)e))
				return false;
			if (s->error[0] != '\0')
				return false;
			at += e->octets;
		}
	return true;
}
