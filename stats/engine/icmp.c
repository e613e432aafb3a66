/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/icmp.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/engine/services.h"
#include "stats/store/store.h"

#define NS_PER_S	1000000000
#define SECONDS_PER_DAY 86400

#define KEY_OCTETS offsetof(struct cl_icmp_row, errors)

_Static_assert(KEY_OCTETS == 40, "a key without holes");

/* Rows of servers beyond the limit: two protocols, nine types, all codes. */
#define REST_KINDS_MAX (2u * 9 * 256)

static const char *const role_names[] = { "", "sender", "affected" };

static bool is_zero(const struct cl_addr *a)
{
	static const struct cl_addr zero;

	return memcmp(a, &zero, sizeof zero) == 0;
}

static bool make_ready(struct cl_icmp_stats *s)
{
	if (s->ready)
		return true;
	if (!cl_arena_init(&s->rows, sizeof(struct cl_icmp_row),
			   CL_ICMP_ADDRESSES_MAX + CL_ICMP_KINDS_MAX + REST_KINDS_MAX))
		return false;
	if (!cl_index_init(&s->by_key)) {
		cl_arena_free(&s->rows);
		return false;
	}
	if (!cl_icmp_steps_init(&s->steps, s->budget)) {
		cl_index_free(&s->by_key);
		cl_arena_free(&s->rows);
		return false;
	}
	s->rows.part = s->by_key.budget_part = CL_BUDGET_ICMP;
	s->kinds = 0;
	s->ready = true;
	return true;
}

void cl_icmp_clear(struct cl_icmp_stats *s)
{
	if (!s->ready)
		return;
	s->rows.budget = s->by_key.budget = NULL;
	cl_arena_free(&s->rows);
	cl_index_free(&s->by_key);
	cl_icmp_steps_free(&s->steps);
	cl_stored_clear(&s->stored);
	cl_budget_give_all(s->budget, CL_BUDGET_ICMP);
	s->ready = false;
}

void cl_icmp_new_day(struct cl_icmp_stats *s, int64_t day)
{
	size_t n;
	struct cl_icmp_step *on = cl_icmp_steps_from(&s->steps, day * SECONDS_PER_DAY, &n);

	cl_icmp_clear(s);
	for (size_t i = 0; i < n; i++)
		s->refused += !make_ready(s) || !cl_icmp_steps_add(&s->steps, &on[i], s->seed);
	free(on);
}

static bool same_key(const void *records, uint32_t number, const void *key)
{
	return memcmp((const struct cl_icmp_row *)records + number, key, KEY_OCTETS) == 0;
}

/* The row with this key, added if there is room for its role; else NULL. */
static struct cl_icmp_row *row_of(struct cl_icmp_stats *s, const struct cl_icmp_row *key)
{
	uint64_t hash = cl_hash(key, KEY_OCTETS, s->seed);
	uint32_t number = cl_index_find(&s->by_key, hash, same_key, s->rows.base, key);
	bool kind = key->role == CL_ICMP_ROLE_NONE, rest = kind && is_zero(&key->server);

	if (number != CL_INDEX_NONE)
		return cl_arena_at(&s->rows, number);
	if (kind ? s->kinds >= CL_ICMP_KINDS_MAX && !rest : s->rows.count - s->kinds >= CL_ICMP_ADDRESSES_MAX)
		return NULL;
	/* the rows for servers beyond the limit are few, and no error goes uncounted for want of one */
	s->rows.budget = s->by_key.budget = rest ? NULL : s->budget;
	number = (uint32_t)s->rows.count;
	struct cl_icmp_row *row = cl_arena_add(&s->rows);
	if (row == NULL)
		return NULL;
	if (!cl_index_add(&s->by_key, hash, number)) {
		s->rows.count--;
		return NULL;
	}
	memcpy(row, key, KEY_OCTETS);
	s->kinds += kind;
	return row;
}

/* Adds to the row of a key what `from` counts. */
static bool add(struct cl_icmp_stats *s, struct cl_icmp_row *key)
{
	struct cl_icmp_row *row = row_of(s, key);

	if (row == NULL && key->role != CL_ICMP_ROLE_NONE) {
		s->refused++;
		return true;
	}
	if (row == NULL) { /* a server beyond the limit: with the others */
		memset(&key->server, 0, sizeof key->server);
		row = row_of(s, key);
	}
	if (row == NULL)
		return false;
	row->errors += key->errors;
	row->responses += key->responses;
	row->from_client += key->from_client;
	return true;
}

/* By the end of its step: (t - step, t]. What came out of order is in totals alone. */
static void count_step(struct cl_icmp_stats *s, const struct cl_event *ev, const struct cl_icmp_row *row)
{
	struct cl_icmp_step key = { .server = row->server,
				    .proto = row->proto,
				    .family = row->family,
				    .type = row->type,
				    .code = row->code,
				    .errors = 1 };
	int64_t step_ns = s->step_s * NS_PER_S;

	if (step_ns == 0 || (ev->flags & CL_EVF_OUT_OF_ORDER) != 0)
		return;
	key.t_s = (ev->time_ns / step_ns + (ev->time_ns % step_ns > 0)) * s->step_s;
	if (!cl_icmp_steps_add(&s->steps, &key, s->seed))
		s->refused++;
}

bool cl_icmp_count(struct cl_icmp_stats *s, const struct cl_event *ev)
{
	const struct cl_icmp *icmp = &ev->u.icmp;
	bool response = (icmp->bits & CL_ICMP_RESPONSE) != 0;
	const struct cl_addr *client = response ? &icmp->dst : &icmp->src;
	struct cl_icmp_row key = { .server = response ? icmp->src : icmp->dst,
				   .proto = (icmp->bits & CL_ICMP_DNS) != 0 ? CL_PROTO_DNS : CL_PROTO_NTP,
				   .family = icmp->family,
				   .type = icmp->type,
				   .code = icmp->code,
				   .errors = 1,
				   .responses = response,
				   .from_client = memcmp(&ev->src, client, sizeof *client) == 0 };

	if (!make_ready(s))
		return false;
	count_step(s, ev, &key);
	if (!add(s, &key))
		return false;
	key.role = CL_ICMP_ROLE_SENDER;
	key.addr = ev->src;
	if (!add(s, &key))
		return false;
	if (!response)
		return true;
	key.role = CL_ICMP_ROLE_AFFECTED;
	key.addr = *client;
	return add(s, &key);
}

/* Storing --------------------------------------------------------------------- */

static void bind_addr(struct cl_query *q, int at, const struct cl_addr *a)
{
	bool v4 = cl_addr_is_v4(a);

	cl_query_bind_blob(q, at, a->b + (v4 ? 12 : 0), is_zero(a) ? 0 : v4 ? 4 : 16);
}

void cl_icmp_write(struct cl_icmp_stats *s, struct cl_store *store, int64_t day)
{
	if (!s->ready)
		return;
	cl_icmp_steps_write(&s->steps, store);
	struct cl_query *kinds = cl_query_new(store, "INSERT OR REPLACE INTO icmp_day VALUES(?1, ?2, ?3, ?4, "
						     "?5, ?6, ?7, ?8, ?9, ?10)");
	struct cl_query *addresses = cl_query_new(store, "INSERT OR REPLACE INTO icmp_address_day VALUES(?1, "
							 "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
	cl_stored_begin(&s->stored, store);
	for (size_t i = 0; i < s->rows.count; i++) {
		const struct cl_icmp_row *row = cl_arena_at(&s->rows, i);

		if (!cl_stored_due(&s->stored, i, row, sizeof *row))
			continue;
		bool kind = row->role == CL_ICMP_ROLE_NONE;
		struct cl_query *q = kind ? kinds : addresses;

		cl_query_bind_i64(q, 2, day);
		cl_query_bind_text(q, 3, cl_proto_names[row->proto]);
		bind_addr(q, 4, &row->server);
		cl_query_bind_i64(q, 5, row->family);
		cl_query_bind_i64(q, 6, row->type);
		cl_query_bind_i64(q, 7, row->code);
		if (kind) {
			cl_query_bind_i64(q, 8, (int64_t)row->errors);
			cl_query_bind_i64(q, 9, (int64_t)row->responses);
			cl_query_bind_i64(q, 10, (int64_t)row->from_client);
		} else {
			cl_query_bind_text(q, 8, role_names[row->role]);
			bind_addr(q, 9, &row->addr);
			cl_query_bind_i64(q, 10, (int64_t)row->errors);
		}
		cl_query_run(q);
	}
	cl_query_free(kinds);
	cl_query_free(addresses);
}

/* The columns that both tables have; zero for a server beyond the limit. */
static struct cl_icmp_row key_of(struct cl_query *q)
{
	const char *proto = cl_query_text(q, 0);
	struct cl_icmp_row key = { .proto = proto != NULL && strcmp(proto, cl_proto_names[CL_PROTO_DNS]) == 0
						    ? CL_PROTO_DNS
						    : CL_PROTO_NTP,
				   .family = cl_query_i64(q, 2) == 4 ? 4 : 6,
				   .type = (uint8_t)cl_query_u64(q, 3),
				   .code = (uint8_t)cl_query_u64(q, 4) };

	(void)cl_query_addr(q, 1, &key.server);
	return key;
}

static bool load_kinds(struct cl_icmp_stats *s, struct cl_store *store, int64_t day)
{
	struct cl_query *q =
		cl_query_new(store, "SELECT proto, server, family, type, code, errors, responses, "
				    "from_client FROM icmp_day WHERE source_id = ?1 AND day = ?2");
	bool ok = true;

	cl_query_bind_i64(q, 2, day);
	while (ok && cl_query_row(q)) {
		struct cl_icmp_row key = key_of(q);

		key.errors = cl_query_u64(q, 5);
		key.responses = cl_query_u64(q, 6);
		key.from_client = cl_query_u64(q, 7);
		ok = make_ready(s) && add(s, &key);
	}
	cl_query_free(q);
	return ok;
}

bool cl_icmp_load(struct cl_icmp_stats *s, struct cl_store *store, int64_t day)
{
	bool ok = load_kinds(s, store, day);
	struct cl_query *q = cl_query_new(store, "SELECT proto, server, family, type, code, errors, role, "
						 "addr FROM icmp_address_day WHERE source_id = ?1 AND "
						 "day = ?2");

	cl_query_bind_i64(q, 2, day);
	while (ok && cl_query_row(q)) {
		struct cl_icmp_row key = key_of(q);
		const char *role = cl_query_text(q, 6);

		key.role = role != NULL && strcmp(role, role_names[CL_ICMP_ROLE_AFFECTED]) == 0
				   ? CL_ICMP_ROLE_AFFECTED
				   : CL_ICMP_ROLE_SENDER;
		key.errors = cl_query_u64(q, 5);
		if (cl_query_addr(q, 7, &key.addr))
			ok = make_ready(s) && add(s, &key);
	}
	cl_query_free(q);
	return ok && make_ready(s) && cl_icmp_steps_load(&s->steps, store, day * SECONDS_PER_DAY, s->seed);
}
