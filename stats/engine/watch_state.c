/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of watched servers where a capture ends, as numbers of 8 octets, little endian. */
#include <stdlib.h>
#include <string.h>

#include "stats/engine/engine_state.h"

#define NUMBERS (sizeof(struct cl_watch_numbers) / sizeof(int64_t))
#define WORDS	(sizeof(struct cl_watch_word) / sizeof(int64_t))

_Static_assert(sizeof(struct cl_watch_numbers) % sizeof(int64_t) == 0, "numbers alone");
_Static_assert(sizeof(struct cl_watch_word) == 3 * sizeof(int64_t), "numbers alone");

/* A record: its length, the service, the words of the step and of the one before, the numbers, the words. */
#define HEAD	   4u
#define RECORD_MAX (HEAD + NUMBERS + 2 * CL_WATCH_WORDS * WORDS)

struct out {
	uint8_t *at;
	size_t used;
};

static void put(struct out *o, int64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		o->at[o->used++] = (uint8_t)((uint64_t)v >> 8 * i);
}

static void put_all(struct out *o, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t v;

		memcpy(&v, (const char *)from + i * sizeof v, sizeof v);
		put(o, v);
	}
}

static void put_watch(struct out *o, uint32_t number, const struct cl_watch *w)
{
	put(o, (int64_t)(HEAD + NUMBERS + (w->words + w->before) * WORDS));
	put(o, number);
	put(o, w->words);
	put(o, w->before);
	put_all(o, &w->v, NUMBERS);
	put_all(o, w->word, w->words * WORDS);
	put_all(o, w->last, w->before * WORDS);
}

static void save(struct cl_engine *e, const struct out *o)
{
	struct cl_query *q =
		cl_query_new(e->store, "INSERT OR REPLACE INTO state VALUES(?1, '" CL_WATCH_STATE ".0', ?2)");

	cl_query_bind_blob(q, 2, o->at, o->used);
	cl_query_run(q);
	cl_query_free(q);
}

/* The first record is that of servers that are not watched. */
static void put_unwatched(struct out *o, const struct cl_watches *w)
{
	put(o, w->day);
	for (unsigned p = 0; p < CL_PROTOS; p++) {
		put(o, w->unwatched[p]);
		put(o, w->stored[p]);
	}
}
#define FIRST (1u + 2 * CL_PROTOS)

void cl_watch_save(struct cl_engine *e)
{
	struct out o = { .at = NULL };

	if (!e->watches.on)
		return;
	o.at = malloc((FIRST + e->watches.count * RECORD_MAX) * 8);
	if (o.at == NULL) {
		cl_store_fail(e->store, CL_ENOMEM);
		return;
	}
	put_unwatched(&o, &e->watches);
	for (uint32_t i = CL_SERVICE_FIRST; i < e->services.count; i++) {
		const struct cl_watch *w = cl_service_at(&e->services, i)->watch;

		if (w != NULL)
			put_watch(&o, i, w);
	}
	save(e, &o);
	free(o.at);
}

/* Restoring ------------------------------------------------------------------- */

/* Beyond this nothing that was counted or timed lies: differences do not overflow. */
#define MOST (INT64_MAX / 2)

static int64_t get(const uint8_t *at, size_t i)
{
	uint64_t v = 0;

	for (unsigned k = 8; k-- > 0;)
		v = v << 8 | at[8 * i + k];
	return (int64_t)v;
}

/* False: damaged. */
static bool get_all(void *to, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t v = get(at, i);

		if (v > MOST || v < -MOST)
			return false;
		memcpy((char *)to + i * sizeof v, &v, sizeof v);
	}
	return true;
}

/* The words of a record with so many; NULL: damaged, or there is no memory. To be freed. */
static struct cl_watch *read_watch(const uint8_t *at, uint64_t words, uint64_t before)
{
	struct cl_watch *w = calloc(1, sizeof *w);
	const uint8_t *numbers = at + HEAD * 8, *word = numbers + NUMBERS * 8,
		      *last = word + words * WORDS * 8;

	if (w != NULL && get_all(&w->v, numbers, NUMBERS) && get_all(w->word, word, words * WORDS) &&
	    get_all(w->last, last, before * WORDS)) {
		w->words = (uint32_t)words;
		w->before = (uint32_t)before;
		return w;
	}
	free(w);
	return NULL;
}

void cl_watch_load(struct cl_engine *e, const uint8_t *at, size_t octets)
{
	struct cl_watches *to = &e->watches;
	size_t n = octets / 8;

	if (!to->on || n < FIRST)
		return;
	to->day = get(at, 0);
	for (unsigned p = 0; p < CL_PROTOS; p++) {
		to->unwatched[p] = get(at, 1 + 2 * p);
		to->stored[p] = get(at, 2 + 2 * p);
	}
	for (size_t i = FIRST; n - i >= HEAD;) {
		uint64_t length = (uint64_t)get(at, i), number = (uint64_t)get(at, i + 1),
			 words = (uint64_t)get(at, i + 2), before = (uint64_t)get(at, i + 3);

		if (words > CL_WATCH_WORDS || before > CL_WATCH_WORDS || length > n - i ||
		    length != HEAD + NUMBERS + (words + before) * WORDS || number < CL_SERVICE_FIRST ||
		    number >= e->services.count || to->count == CL_WATCH_MAX)
			return; /* damaged */
		struct cl_service *s = cl_service_at(&e->services, (uint32_t)number);
		if (s->watch == NULL && (s->watch = read_watch(at + 8 * i, words, before)) != NULL)
			to->count++;
		i += length;
	}
}
