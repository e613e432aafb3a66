/* SPDX-License-Identifier: BSD-2-Clause */
/* Unique clients over all sources: their rows lie in the order of addresses, and are read side by side. */
#include <stdlib.h>
#include <string.h>

#include "stats/store/store_merge_state.h"

/* Rows of clients in the order of addresses: of one service and source, or of all. */
struct cursor {
	sqlite3_stmt *st; /* addr, via, service_id */
	const uint8_t *addr;
	int octets;
};

/* More statements than this are not kept open: then SQLite sorts. */
#define CURSORS_MAX 1000

/* Different addresses and networks, of addresses that come in order. */
struct count {
	struct cl_unique u;
	uint8_t last4[4], last6[16];
	uint64_t told; /* the address that it was told last; from 1 */
};

struct uniting {
	struct cl_store *s;
	const char *period;
	int64_t day;
	struct cursor *cursor; /* a heap: the lowest address first */
	size_t cursors;
	struct count *service; /* by number of service */
	bool *is_dns;
	int64_t services;
	struct count scope[CL_SCOPES];
	uint64_t addresses;
};

/* Counting -------------------------------------------------------------------- */

static void count_address(struct count *c, const uint8_t *a, int octets, uint64_t number)
{
	if (c->told == number)
		return;
	c->told = number;
	if (octets == 4) {
		c->u.v4_24 += c->u.ipv4 == 0 || memcmp(a, c->last4, 3) != 0;
		c->u.ipv4++;
		memcpy(c->last4, a, 4);
		return;
	}
	c->u.v6_64 += c->u.ipv6 == 0 || memcmp(a, c->last6, 8) != 0;
	c->u.v6_48 += c->u.ipv6 == 0 || memcmp(a, c->last6, 6) != 0;
	c->u.ipv6++;
	memcpy(c->last6, a, 16);
}

static void count_row(struct uniting *u, const struct cursor *c)
{
	int64_t via = sqlite3_column_int64(c->st, 1), service = sqlite3_column_int64(c->st, 2);

	if (service < 1 || service > u->services)
		return;
	count_address(&u->service[service], c->addr, c->octets, u->addresses);
	if (!u->is_dns[service]) {
		count_address(&u->scope[CL_SCOPE_NTP], c->addr, c->octets, u->addresses);
		return;
	}
	count_address(&u->scope[CL_SCOPE_DNS], c->addr, c->octets, u->addresses);
	if ((via & 1) != 0)
		count_address(&u->scope[CL_SCOPE_DNS_UDP], c->addr, c->octets, u->addresses);
	if ((via & 2) != 0)
		count_address(&u->scope[CL_SCOPE_DNS_TCP], c->addr, c->octets, u->addresses);
}

/* The heap -------------------------------------------------------------------- */

/* As SQLite orders octets. */
static int compare(const struct cursor *a, const struct cursor *b)
{
	int c = memcmp(a->addr, b->addr, (size_t)(a->octets < b->octets ? a->octets : b->octets));

	return c != 0 ? c : a->octets - b->octets;
}

static void sift_down(struct uniting *u, size_t at)
{
	for (;;) {
		size_t least = at, left = 2 * at + 1;

		for (size_t i = left; i < left + 2 && i < u->cursors; i++)
			if (compare(&u->cursor[i], &u->cursor[least]) < 0)
				least = i;
		if (least == at)
			return;
		struct cursor c = u->cursor[at];
		u->cursor[at] = u->cursor[least];
		u->cursor[least] = c;
		at = least;
	}
}

/* The cursor's next row; false at its end. */
static bool step(struct uniting *u, struct cursor *c)
{
	int code = sqlite3_step(c->st);

	if (code == SQLITE_ROW) {
		c->addr = sqlite3_column_blob(c->st, 0);
		c->octets = sqlite3_column_bytes(c->st, 0);
		if (c->addr != NULL && (c->octets == 4 || c->octets == 16))
			return true;
		code = SQLITE_CORRUPT;
	}
	if (code != SQLITE_DONE)
		cl_store_fail_sqlite(u->s);
	sqlite3_finalize(c->st);
	c->st = NULL;
	return false;
}

static void walk(struct uniting *u)
{
	uint8_t last[16];
	int octets = 0;

	while (u->cursors > 0 && u->s->error[0] == '\0') {
		struct cursor *c = &u->cursor[0];

		if (c->octets != octets || memcmp(c->addr, last, (size_t)octets) != 0) {
			octets = c->octets;
			memcpy(last, c->addr, (size_t)octets);
			u->addresses++;
		}
		count_row(u, c);
		if (!step(u, c))
			*c = u->cursor[--u->cursors];
		sift_down(u, 0);
	}
}

/* A period -------------------------------------------------------------------- */

#define MONTH(day) "CAST(strftime('%s', " day " * 86400, 'unixepoch', 'start of month') AS INTEGER) / 86400"

/* Where rows of clients of the period lie. Of a month: those of months, and of days that are not over. */
static const char day_places[] =
	"INSERT INTO temp.place SELECT 0, source_id, day, service_id FROM day JOIN service "
	"USING(service_id) WHERE day = ?2 AND kind IN ('server', 'rest')";
static const char month_places[] =
	"INSERT INTO temp.place SELECT DISTINCT 1, source_id, ?2, service_id FROM day JOIN service "
	"USING(service_id) WHERE " MONTH(
		"day") " = ?2 AND kind IN ('server', 'rest') UNION ALL SELECT 0, source_id, day, service_id "
		       "FROM "
		       "day JOIN service USING(service_id) JOIN source USING(source_id) WHERE " MONTH(
			       "day") " = ?2 AND kind IN ('server', 'rest') AND (closed_day IS NULL OR day > "
				      "closed_day)";

static bool list_places(struct uniting *u)
{
	struct cl_query *q;

	if (!cl_store_exec(u->s, "DELETE FROM temp.place"))
		return false;
	q = cl_query_new(u->s, strcmp(u->period, "day") == 0 ? day_places : month_places);
	cl_query_bind_i64(q, 2, u->day);
	cl_query_run(q);
	cl_query_free(q);
	return u->s->error[0] == '\0';
}

/* Up to the top of the heap, from its end. */
static void sift_up(struct uniting *u)
{
	for (size_t at = u->cursors - 1; at > 0 && compare(&u->cursor[at], &u->cursor[(at - 1) / 2]) < 0;
	     at = (at - 1) / 2) {
		struct cursor c = u->cursor[at];

		u->cursor[at] = u->cursor[(at - 1) / 2];
		u->cursor[(at - 1) / 2] = c;
	}
}

/* Opens a cursor; what the statement takes is source, day and service. */
static bool open_cursor(struct uniting *u, const char *sql, struct cl_query *place)
{
	struct cursor c = { .st = NULL };

	if (sqlite3_prepare_v2(u->s->db, sql, -1, &c.st, NULL) != SQLITE_OK) {
		cl_store_fail_sqlite(u->s);
		return false;
	}
	for (int i = 1; place != NULL && i <= 3; i++)
		sqlite3_bind_int64(c.st, i, cl_query_i64(place, i));
	if (step(u, &c)) {
		u->cursor[u->cursors++] = c;
		sift_up(u);
	}
	return u->s->error[0] == '\0';
}

#define ROWS(table)                                                                                          \
	"SELECT addr, via, service_id FROM " table " WHERE source_id = ?1 AND day = ?2 AND service_id = ?3 " \
	"ORDER BY addr"
#define ALL_ROWS(table, monthly)                                                                             \
	"SELECT c.addr AS addr, c.via, p.service_id FROM temp.place AS p CROSS JOIN " table " AS c ON "      \
	"c.source_id = p.source_id AND c.day = p.day AND c.service_id = p.service_id WHERE p.monthly "       \
	"= " monthly

static bool open_cursors(struct uniting *u)
{
	static const char *const sql[] = { ROWS("client_day"), ROWS("client_month") };
	struct cl_query *q;
	bool ok = true;

	if (cl_store_number(u->s, "SELECT count(*) FROM temp.place") > CURSORS_MAX)
		return open_cursor(
			u,
			ALL_ROWS("client_day", "0") " UNION ALL " ALL_ROWS("client_month", "1") " ORDER "
												"BY addr",
			NULL);
	q = cl_query_new(u->s, "SELECT monthly, source_id, day, service_id FROM temp.place");
	while (ok && cl_query_row(q))
		ok = open_cursor(u, sql[cl_query_i64(q, 0) != 0], q);
	cl_query_free(q);
	return ok && u->s->error[0] == '\0';
}

static void close_cursors(struct uniting *u)
{
	while (u->cursors > 0)
		sqlite3_finalize(u->cursor[--u->cursors].st);
}

/* The count of a service of client_count. */
static const struct cl_unique *count_of(const struct uniting *u, int64_t service, const char *kind)
{
	static const struct cl_unique none;

	if (service < 1 || service > u->services)
		return &none;
	if (strcmp(kind, "all udp") == 0)
		return &u->scope[CL_SCOPE_DNS_UDP].u;
	if (strcmp(kind, "all tcp") == 0)
		return &u->scope[CL_SCOPE_DNS_TCP].u;
	if (strcmp(kind, "all") == 0)
		return &u->scope[u->is_dns[service] ? CL_SCOPE_DNS : CL_SCOPE_NTP].u;
	return &u->service[service].u;
}

static void write_counts(struct uniting *u)
{
	struct cl_query *services =
		cl_query_new(u->s, "SELECT DISTINCT service_id, kind FROM client_count JOIN "
				   "service USING(service_id) WHERE period = ?2 AND day = ?3");
	struct cl_query *add =
		cl_query_new(u->s, "INSERT INTO client_count_all VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");

	cl_query_bind_text(services, 2, u->period);
	cl_query_bind_i64(services, 3, u->day);
	cl_query_bind_text(add, 1, u->period);
	cl_query_bind_i64(add, 2, u->day);
	while (cl_query_row(services)) {
		int64_t service = cl_query_i64(services, 0);
		const struct cl_unique *c = count_of(u, service, cl_query_word(services, 1));
		const uint64_t v[] = { c->ipv4, c->ipv6, c->v4_24, c->v6_64, c->v6_48 };

		cl_query_bind_i64(add, 3, service);
		for (int i = 0; i < 5; i++)
			cl_query_bind_i64(add, i + 4, (int64_t)v[i]);
		cl_query_run(add);
	}
	cl_query_free(add);
	cl_query_free(services);
}

/* Where one source alone has the period its own counts stand. */
static bool unite_period(struct uniting *u)
{
	memset(u->service, 0, ((size_t)u->services + 1) * sizeof *u->service);
	memset(u->scope, 0, sizeof u->scope);
	u->addresses = 0;
	u->cursors = 0;
	if (list_places(u) && open_cursors(u))
		walk(u);
	close_cursors(u);
	if (u->s->error[0] == '\0')
		write_counts(u);
	return u->s->error[0] == '\0';
}

static bool prepare(struct uniting *u)
{
	struct cl_query *q;

	u->services = cl_store_number(u->s, "SELECT coalesce(max(service_id), 0) FROM service");
	if (u->services < 0)
		return false;
	u->service = calloc((size_t)u->services + 1, sizeof *u->service);
	u->is_dns = calloc((size_t)u->services + 1, sizeof *u->is_dns);
	u->cursor = calloc(CURSORS_MAX, sizeof *u->cursor);
	if (u->service == NULL || u->is_dns == NULL || u->cursor == NULL) {
		cl_store_fail(u->s, CL_ENOMEM);
		return false;
	}
	q = cl_query_new(u->s, "SELECT service_id FROM service WHERE proto = 'dns'");
	while (cl_query_row(q))
		u->is_dns[cl_query_i64(q, 0)] = true;
	cl_query_free(q);
	return cl_store_exec(
		u->s, "BEGIN; CREATE TEMP TABLE place(monthly, source_id, day, service_id); INSERT INTO "
		      "client_count_all SELECT period, day, service_id, ipv4, ipv6, v4_24, v6_64, v6_48 "
		      "FROM client_count WHERE (period, day) IN (SELECT period, day FROM client_count "
		      "GROUP BY period, day HAVING count(DISTINCT source_id) = 1)");
}

static void unite_periods(struct cl_merging *m, struct uniting *u)
{
	struct cl_query *q =
		cl_query_new(u->s, "SELECT period, day, count(*) OVER () FROM client_count GROUP "
				   "BY period, day HAVING count(DISTINCT source_id) > 1");

	while (cl_query_row(q)) {
		u->period = strcmp(cl_query_word(q, 0), "day") == 0 ? "day" : "month";
		u->day = cl_query_i64(q, 1);
		if (!unite_period(u))
			break;
		m->done += m->share / (double)cl_query_i64(q, 2);
	}
	cl_query_free(q);
}

bool cl_merge_counts(struct cl_merging *m)
{
	struct uniting u = { .s = &m->out };

	if (prepare(&u))
		unite_periods(m, &u);
	free(u.service);
	free(u.is_dns);
	free(u.cursor);
	return cl_store_exec(&m->out, "COMMIT");
}
