/* SPDX-License-Identifier: BSD-2-Clause */
/* RSSAC002: load-time and zone-size, from the serial numbers of a zone by server. */
#include <stdlib.h>
#include <string.h>

#include "cli/export/rssac.h"
#include "cli/log.h"
#include "cli/view/view.h"

#define NS_PER_S   INT64_C(1000000000)
#define NS_PER_DAY INT64_C(86400000000000)
#define NEVER	   INT64_MAX

/* ?2 and ?3: the day's first instant and that of the next; ?4: the zone; ?5: the day. */
static struct cl_query *of_zone(struct cl_export *e, const struct cl_export_day *d, const char *sql)
{
	struct cl_query *q = cl_query_new(e->session->store, sql);

	cl_query_bind_i64(q, 2, d->day * NS_PER_DAY);
	cl_query_bind_i64(q, 3, (d->day + 1) * NS_PER_DAY);
	cl_query_bind_text(q, 4, e->zone);
	cl_query_bind_i64(q, 5, d->day);
	return q;
}

static uint64_t number(struct cl_export *e, const struct cl_export_day *d, const char *sql)
{
	struct cl_query *q = of_zone(e, d, sql);
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;

	cl_query_free(q);
	return n;
}

#define OF_DAY                                                                                               \
	" FROM source AS s LEFT JOIN zone_watch AS w USING(source_id) WHERE s.first_ns < ?3 AND s.last_ns "  \
	">= ?2"

/* Whether zones were followed all day: databases of older versions have days on which they were not. */
static bool has_zones(struct cl_export *e, const struct cl_export_day *d)
{
	return number(e, d, "SELECT count(*) FROM sqlite_master WHERE name = 'zone_watch'") > 0 &&
	       number(e, d, "SELECT count(*)" OF_DAY " AND (w.source_id IS NULL OR w.since_ns > ?2)") == 0;
}

static FILE *begin(struct cl_export *e, const struct cl_export_day *d, const char *metric)
{
	FILE *f = cl_rssac_begin(e, d, metric);

	if (f != NULL && strcmp(e->zone, ".") != 0)
		fprintf(f, "# of the zone %s\n", e->zone);
	return f;
}

/* Zone size ------------------------------------------------------------------- */

/* Serials by the day on which a transfer of them first began, as the servers asked for sent it; or, where
 * they sent none whole, as any did. */
#define SIZES                                                                                                \
	"SELECT serial, sum(transfers), min(octets), max(octets_most), sum(unfinished) FROM (SELECT *, "     \
	"max(own AND transfers > 0) OVER (PARTITION BY serial) AS best FROM (SELECT z.*, z.addr IN (SELECT " \
	"addr FROM chosen WHERE proto = 'dns') AS own FROM source AS s CROSS JOIN zone_serial AS z ON "      \
	"z.source_id = s.source_id AND z.zone = ?4 WHERE z.transfer_ns IS NOT NULL)) WHERE own >= best "     \
	"GROUP BY serial HAVING min(transfer_ns) >= ?2 AND min(transfer_ns) < ?3 ORDER BY "                  \
	"min(transfer_ns), serial"

static void say_sizes(FILE *f, struct cl_query *q)
{
	cl_query_again(q);
	while (cl_query_row(q)) {
		const unsigned long long serial = cl_query_u64(q, 0), whole = cl_query_u64(q, 1),
					 least = cl_query_u64(q, 2), most = cl_query_u64(q, 3),
					 cut = cl_query_u64(q, 4);

		if (whole == 0)
			fprintf(f, "# %llu: no transfer of it was seen whole (%llu in part)\n", serial, cut);
		else if (most > least)
			fprintf(f, "# %llu: the least of %llu transfers; the most is %llu\n", serial, whole,
				most);
	}
}

static bool zone_size(struct cl_export *e, const struct cl_export_day *d)
{
	FILE *f = begin(e, d, "zone-size");
	struct cl_query *q = of_zone(e, d, SIZES);
	bool any = false;

	if (f != NULL)
		fprintf(f, "size:");
	while (f != NULL && cl_query_row(q)) {
		if (cl_query_u64(q, 1) == 0)
			continue;
		fprintf(f, "%s  %llu: %llu\n", any ? "" : "\n", (unsigned long long)cl_query_u64(q, 0),
			(unsigned long long)cl_query_u64(q, 2));
		any = true;
	}
	if (f != NULL && !any)
		fprintf(f, " {}\n");
	if (f != NULL)
		say_sizes(f, q);
	cl_query_free(q);
	return f != NULL && cl_export_end(e, f);
}

/* Load time ------------------------------------------------------------------- */

/* A server's first answer with a serial. */
struct answer {
	int64_t ns;
	uint32_t instance; /* an address as one sensor sees it; from 1, rising */
	uint32_t serial;
};

/* In the order of instances and times. */
struct answers {
	struct answer *at;
	size_t count, room;
	uint32_t instances;
	int64_t *delay; /* for each instance */
	bool failed;
};

/* What is said of one serial. */
struct load {
	uint32_t serial;
	int64_t ns; /* NEVER: it cannot be said */
	uint32_t servers, missing, before;
};

/* Servers that sent responses on the day and answered with some serial of the zone, but for such as only tell
 * others of new ones. */
#define ANSWERS                                                                                              \
	"SELECT dense_rank() OVER (ORDER BY sensor, addr), serial, ns FROM (SELECT sensor, z.addr AS addr, " \
	"serial, min(answered_ns) AS ns FROM source AS s CROSS JOIN zone_serial AS z ON z.source_id = "      \
	"s.source_id AND z.zone = ?4 WHERE answered_ns IS NOT NULL AND (sensor, z.addr) IN (SELECT sensor, " \
	"c.addr FROM source AS o CROSS JOIN chosen AS c CROSS JOIN day AS y ON y.source_id = o.source_id "   \
	"AND y.day = ?5 AND y.service_id = c.service_id WHERE c.proto = 'dns' AND responses > 0) AND "       \
	"z.addr NOT IN (SELECT addr FROM source AS o CROSS JOIN zone_serial AS t ON t.source_id = "          \
	"o.source_id AND t.zone = ?4 GROUP BY addr HAVING count(sent_ns) > 0 AND count(notified_ns) = 0) "   \
	"GROUP BY sensor, z.addr, serial) ORDER BY 1, ns"

static bool add(struct answers *a, const struct answer *one)
{
	if (a->count == a->room) {
		size_t room = a->room == 0 ? 256 : 2 * a->room;
		struct answer *at = realloc(a->at, room * sizeof *at);

		if (at == NULL)
			return false;
		a->at = at;
		a->room = room;
	}
	a->at[a->count++] = *one;
	return true;
}

static void read_answers(struct cl_export *e, const struct cl_export_day *d, struct answers *a)
{
	struct cl_query *q = of_zone(e, d, ANSWERS);

	while (!a->failed && cl_query_row(q)) {
		const struct answer one = { .instance = (uint32_t)cl_query_u64(q, 0),
					    .serial = (uint32_t)cl_query_u64(q, 1),
					    .ns = cl_query_i64(q, 2) };

		a->failed = !add(a, &one);
		a->instances = one.instance;
	}
	cl_query_free(q);
	a->delay = calloc(a->instances + 1u, sizeof *a->delay);
	a->failed |= a->delay == NULL;
}

/* Not before another in the arithmetic of serial numbers (RFC 1982). */
static bool reaches(uint32_t serial, uint32_t other)
{
	return (int32_t)(serial - other) >= 0;
}

/* How long after `since` the instance whose answers begin at `i` had the serial; -1: it had it before. */
static int64_t delay_of(const struct answers *a, size_t i, uint32_t serial, int64_t since)
{
	const uint32_t instance = a->at[i].instance;
	size_t begin = i;

	while (i < a->count && a->at[i].instance == instance && a->at[i].ns < since)
		i++;
	if (i > begin && reaches(a->at[i - 1].serial, serial))
		return -1;
	for (; i < a->count && a->at[i].instance == instance; i++)
		if (reaches(a->at[i].serial, serial))
			return a->at[i].ns - since;
	return NEVER;
}

static int by_delay(const void *x, const void *y)
{
	const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/* The delay within which 95 % of the servers had it. */
static struct load load_of(const struct answers *a, uint32_t serial, int64_t since)
{
	struct load l = { .serial = serial, .ns = NEVER, .servers = a->instances };
	uint32_t n = 0;

	for (size_t i = 0; i < a->count; i++) {
		if (i > 0 && a->at[i].instance == a->at[i - 1].instance)
			continue;
		int64_t delay = delay_of(a, i, serial, since);

		l.before += delay < 0;
		l.missing += delay == NEVER;
		a->delay[n++] = delay < 0 ? 0 : delay;
	}
	if (n == 0)
		return l;
	qsort(a->delay, n, sizeof *a->delay, by_delay);
	l.ns = a->delay[((uint64_t)n * 95 + 99) / 100 - 1];
	return l;
}

/* Serials by the day of the first NOTIFY that one of the servers got, or where none of them did, any. */
#define NOTIFIED                                                                                             \
	"SELECT serial, coalesce(min(iif(z.addr IN (SELECT addr FROM chosen WHERE proto = 'dns'), "          \
	"notified_ns, NULL)), min(notified_ns)) AS since FROM source AS s CROSS JOIN zone_serial AS z ON "   \
	"z.source_id = s.source_id AND z.zone = ?4 GROUP BY serial HAVING since >= ?2 AND since < ?3 ORDER " \
	"BY since, serial"

static void say_load(FILE *f, const struct load *l)
{
	if (l->servers == 0)
		fprintf(f, "# %lu: no server's answer with a serial was seen\n", (unsigned long)l->serial);
	else if (l->missing > 0)
		fprintf(f, "# %lu: %lu of %lu servers did not answer with it as long as they were seen\n",
			(unsigned long)l->serial, (unsigned long)l->missing, (unsigned long)l->servers);
	if (l->before > 0)
		fprintf(f,
			"# %lu: %lu of %lu servers answered with it before the first NOTIFY that was "
			"seen: 0 s each\n",
			(unsigned long)l->serial, (unsigned long)l->before, (unsigned long)l->servers);
}

static void put_loads(FILE *f, struct cl_query *q, const struct answers *a)
{
	bool any = false;

	fprintf(f, "time:");
	while (cl_query_row(q)) {
		struct load l = load_of(a, (uint32_t)cl_query_u64(q, 0), cl_query_i64(q, 1));

		if (l.ns == NEVER)
			continue;
		fprintf(f, "%s  %lu: %lld\n", any ? "" : "\n", (unsigned long)l.serial,
			(long long)(l.ns / NS_PER_S + (l.ns % NS_PER_S >= NS_PER_S / 2)));
		any = true;
	}
	if (!any)
		fprintf(f, " {}\n");
	cl_query_again(q);
	while (cl_query_row(q)) {
		struct load l = load_of(a, (uint32_t)cl_query_u64(q, 0), cl_query_i64(q, 1));

		say_load(f, &l);
	}
}

static bool load_time(struct cl_export *e, const struct cl_export_day *d)
{
	struct answers a = { .at = NULL };

	read_answers(e, d, &a);
	FILE *f = a.failed ? NULL : begin(e, d, "load-time");
	if (a.failed)
		cl_error("memory", "not enough for the answers of zone %s", e->zone);
	if (f != NULL) {
		struct cl_query *q = of_zone(e, d, NOTIFIED);

		put_loads(f, q, &a);
		cl_query_free(q);
	}
	free(a.at);
	free(a.delay);
	return f != NULL && cl_export_end(e, f);
}

bool cl_rssac_zones(struct cl_export *e, const struct cl_export_day *d)
{
	if (!has_zones(e, d)) {
		cl_warn(d->date, "load-time and zone-size are not written: zones were not followed");
		return true;
	}
	uint64_t lost = number(e, d, "SELECT total(w.lost)" OF_DAY);
	if (lost > 0)
		cl_warn(d->date,
			"%llu messages about zones found no room: load-time and zone-size may lack serials",
			(unsigned long long)lost);
	return load_time(e, d) && zone_size(e, d);
}
