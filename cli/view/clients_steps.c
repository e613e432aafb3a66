/* SPDX-License-Identifier: BSD-2-Clause */
/* clients, as tables: day by day and step by step. */
#include <stdio.h>

#include "cli/log.h"
#include "cli/view/clients_tables.h"

#define NS_PER_S 1000000000

static void put_known(struct cl_clients_ctx *c, bool known, uint64_t n)
{
	if (known)
		cl_cell_count(c->t, n);
	else
		cl_cell_null(c->t);
}

static void put_day(struct cl_clients_ctx *c, const struct cl_subject *u, const struct cl_clients_day *d)
{
	char day[32];
	uint64_t n;
	bool known = cl_census_new_on_day(c->v->census, u->place, d->day, &n);

	cl_clients_date(day, d->day);
	cl_cell_text(c->t, day);
	cl_clients_put_names(c, u);
	put_known(c, d->known, d->clients);
	put_known(c, known, n);
	put_known(c, known && d->known, d->clients > n ? d->clients - n : 0);
	cl_table_row_end(c->t);
}

static void put_days(struct cl_clients_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Day", "day", CL_COL_TEXT },	{ "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },	{ "Clients", "clients", CL_COL_COUNT },
		{ "New", "new", CL_COL_COUNT }, { "Returning", "returning", CL_COL_COUNT },
	};

	cl_clients_begin(c, "New and returning clients", columns, COLUMNS(columns));
	for (size_t i = 0; i < c->v->count; i++)
		for (size_t k = c->v->subject[i].days_from; k < c->v->subject[i].days_to; k++)
			put_day(c, &c->v->subject[i], &c->v->day[k]);
	cl_table_end(c->t);
	cl_tables_note(c->t, "New: its first request of all that was read is on this day.");
}

/* "estimate" if a window's number is one; of CSV the bounds of each. */
static void put_estimates(struct cl_clients_ctx *c, const struct cl_step_row *row)
{
	bool any = false;

	for (uint32_t w = 0; w < c->s->config.engine.windows; w++) {
		const struct cl_window_count *n = &row->unique[w];
		bool estimated = n->kind == CL_WINDOW_ESTIMATED, inexact = n->kind != CL_WINDOW_EXACT;

		any |= estimated;
		c->unknown |= n->kind == CL_WINDOW_UNKNOWN;
		if (c->people)
			continue;
		put_known(c, inexact, estimated ? n->low : n->at_least);
		put_known(c, inexact, estimated ? n->high : n->at_most);
	}
	cl_cell_text(c->t, any ? "estimate" : "");
	c->estimated |= any;
}

static void put_step(void *ctx, const struct cl_step_row *row)
{
	struct cl_clients_ctx *c = ctx;
	bool warmup = false;
	uint64_t n;

	cl_cell_time(c->t, row->t * NS_PER_S);
	cl_clients_put_names(c, c->subject);
	cl_cell_count(c->t, row->requests);
	for (uint32_t w = 0; w < c->s->config.engine.windows; w++) {
		put_known(c, row->unique[w].kind != CL_WINDOW_UNKNOWN, row->unique[w].n);
		warmup |= cl_is_warming_up(c->s, &c->v->instants, row->t, w);
	}
	bool known = cl_census_new_in_step(c->v->census, c->subject->place, row->t, &n);
	put_known(c, known, n);
	cl_cell_text(c->t, warmup ? "warm-up" : "");
	if (c->worst.any)
		cl_cell_text(c->t, cl_approx_word(&c->subject->approx));
	if (c->several)
		put_estimates(c, row);
	c->warmup |= warmup;
	cl_table_row_end(c->t);
}

static void put_all_steps(struct cl_clients_ctx *c)
{
	for (size_t i = 0; i < c->v->count; i++) {
		c->subject = &c->v->subject[i];
		if (c->subject->service_id != 0 && c->v->any &&
		    cl_series_read(&c->series, c->subject->service_id, put_step, c))
			cl_warn("series", "too long to list its empty steps: they are left out");
	}
}

/* Words of the columns of a window: its number, and the bounds of it. */
struct window_words {
	char title[40], key[40], low[48], high[48];
};

static void name_window(struct window_words *words, int64_t window_ns)
{
	long long window_s = (long long)(window_ns / NS_PER_S);

	if (window_s % 60 == 0)
		snprintf(words->title, sizeof words->title, "Clients %lld min", window_s / 60);
	else
		snprintf(words->title, sizeof words->title, "Clients %lld s", window_s);
	snprintf(words->key, sizeof words->key, "unique_%lld", window_s);
	snprintf(words->low, sizeof words->low, "unique_%lld_low", window_s);
	snprintf(words->high, sizeof words->high, "unique_%lld_high", window_s);
}

/* What is so of some number in the series. */
static void put_series_notes(struct cl_clients_ctx *c)
{
	char line[160];

	if (c->warmup)
		cl_tables_note(
			c->t,
			"warm-up: a window began before the capture did, and holds fewer than it might.");
	if (c->estimated) {
		snprintf(line, sizeof line,
			 "estimate: of several sensors, from sketches; standard error %.2f %%, 19 of 20 "
			 "within "
			 "%.1f %%.",
			 100 * CL_WINDOW_ERROR, 196 * CL_WINDOW_ERROR);
		cl_tables_note(c->t, line);
	}
	if (c->unknown)
		cl_tables_note(
			c->t, "No number: several sensors, of which not all have sketches of their clients.");
}

static void put_series(struct cl_clients_ctx *c)
{
	const struct cl_engine_config *config = &c->s->config.engine;
	struct cl_column columns[8 + 3 * CL_WINDOWS_MAX] = {
		{ "Until", "t", CL_COL_TIME },
		{ "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT },
	};
	struct window_words words[CL_WINDOWS_MAX];
	size_t n = 4;

	for (uint32_t w = 0; w < config->windows; w++) {
		name_window(&words[w], config->window_ns[w]);
		columns[n++] = (struct cl_column){ words[w].title, words[w].key, CL_COL_COUNT };
	}
	columns[n++] = (struct cl_column){ "New", "new", CL_COL_COUNT };
	columns[n++] = (struct cl_column){ "", "warmup", CL_COL_TEXT };
	if (c->worst.any)
		columns[n++] = (struct cl_column){ "", "approximate", CL_COL_TEXT };
	for (uint32_t w = 0; c->several && !c->people && w < config->windows; w++) {
		columns[n++] = (struct cl_column){ words[w].low, words[w].low, CL_COL_COUNT };
		columns[n++] = (struct cl_column){ words[w].high, words[w].high, CL_COL_COUNT };
	}
	if (c->several)
		columns[n++] = (struct cl_column){ "", "estimated", CL_COL_TEXT };
	cl_clients_begin(c, "Unique clients in trailing windows", columns, n);
	cl_view_no_steps(c->s, c->t, c->v->count > 0);
	put_all_steps(c);
	cl_table_end(c->t);
	put_series_notes(c);
}

void cl_clients_put_steps(struct cl_clients_ctx *c)
{
	put_days(c);
	put_series(c);
}
