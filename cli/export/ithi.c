/* SPDX-License-Identifier: BSD-2-Clause */
/* ITHI: month figures as ICANN's Identifier Technology Health Indicators have them, from the tables by day,
 * names by day and single messages, whichever the database has. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/export/export.h"
#include "cli/log.h"
#include "cli/view/view.h"
#include "config.h"
#include "dissect/dns/codes.h"
#include "stats/view/ithi.h"

#define NS_PER_DAY INT64_C(86400000000000)
#define FREQUENT   0.001 /* of the base: top-level domains from there on are told by name */
#define FEW	   8	 /* ... and when there are fewer in all */

/* A month, and how many of its days are to be exported. */
struct month {
	int64_t first, days;
	char name[8], last[12]; /* 2026-05, 2026-05-31 */
	int64_t given;
};

static struct {
	struct month *list; /* in their order; owned while `run` runs */
	size_t n;
} months;

struct writing {
	struct cl_export *e;
	const struct month *m;
	FILE *f;
	double q; /* responses with NOERROR and NXDOMAIN */
};

/* Months ----------------------------------------------------------------------- */

static struct month month_of(const struct cl_export_day *d)
{
	int year = atoi(d->date), in_year = atoi(d->date + 5), day = atoi(d->date + 8);
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	struct month m = { .first = d->day - (day - 1),
			   .days = in_year == 2							   ? 28 + leap
				   : in_year == 4 || in_year == 6 || in_year == 9 || in_year == 11 ? 30
												   : 31 };

	memcpy(m.name, d->date, 7);
	snprintf(m.last, sizeof m.last, "%s-%02d", m.name, (int)(m.days % 100));
	return m;
}

static bool take_day(struct cl_export *e, const struct cl_export_day *d)
{
	struct month m = month_of(d);

	(void)e;
	if (months.n == 0 || months.list[months.n - 1].first != m.first) {
		struct month *list = realloc(months.list, (months.n + 1) * sizeof *list);

		if (list == NULL) {
			cl_error("memory", "not enough for the months");
			return false;
		}
		months.list = list;
		months.list[months.n++] = m;
	}
	months.list[months.n - 1].given++;
	return true;
}

/* Lines ------------------------------------------------------------------------ */

/* METRIC,DAY,VERSION, KEY, VALUE, */
static void put(const struct writing *w, const char *metric, const char *key, double value)
{
	if (isfinite(value))
		fprintf(w->f, "%s,%s,v%s, %s, %.6f,\n", metric, w->m->last, PACKAGE_VERSION, key, value);
}

/* A number of messages. */
static void put_count(const struct writing *w, const char *metric, unsigned code, uint64_t n)
{
	fprintf(w->f, "%s,%s,v%s, %u, %llu,\n", metric, w->m->last, PACKAGE_VERSION, code,
		(unsigned long long)n);
}

static double part(double n, double of)
{
	return of > 0 ? n / of : (double)NAN;
}

/* A name as a key: what could end it is \DDD. */
static void put_name(const struct writing *w, const char *metric, const char *name, double value)
{
	char key[512];
	size_t n = 0;

	for (const char *p = name; *p != '\0' && n + 5 < sizeof key; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || strchr("-_.\\", *p) != NULL)
			key[n++] = *p;
		else
			n += (size_t)snprintf(key + n, sizeof key - n, "\\%03u", (unsigned)(unsigned char)*p);
	key[n] = '\0';
	put(w, metric, key, value);
}

static void put_code(const struct writing *w, const char *metric, unsigned code, double value)
{
	char key[16];

	snprintf(key, sizeof key, "%u", code);
	put(w, metric, key, value);
}

/* Tables by day ---------------------------------------------------------------- */

/* The month's rows of a table by service, of the chosen servers. */
#define OF_MONTH(table)                                                                                      \
	" FROM source CROSS JOIN chosen AS c CROSS JOIN " table                                              \
	" AS z ON z.source_id = source.source_id AND z.day BETWEEN ?2 AND ?3 AND z.service_id = "            \
	"c.service_id WHERE c.proto = 'dns' "

static struct cl_query *of_month(const struct writing *w, const char *sql)
{
	struct cl_query *q = cl_query_new(w->e->session->store, sql);

	cl_query_bind_i64(q, 2, w->m->first);
	cl_query_bind_i64(q, 3, w->m->first + w->m->days - 1);
	return q;
}

static double number(const struct writing *w, const char *sql)
{
	struct cl_query *q = of_month(w, sql);
	double n = cl_query_row(q) ? (double)cl_query_u64(q, 0) : 0;

	cl_query_free(q);
	return n;
}

static const char *type_name(uint64_t code)
{
	return cl_dns_type_name((uint32_t)code);
}

static const char *rcode_name(uint64_t code)
{
	return cl_dns_rcode_name((uint32_t)code);
}

/* A registry: the share of its values that were seen, that of messages with others, and each value's number.
 */
static void put_registry(const struct writing *w, const char *metric, const char *sql, unsigned values,
			 const char *(*name)(uint64_t))
{
	struct cl_query *q = of_month(w, sql);
	double registered = 0, seen = 0, others = 0, all = 0;
	char text[24];

	for (unsigned i = 0; i < values; i++)
		registered += name(i) != NULL;
	while (cl_query_row(q)) {
		double n = (double)cl_query_u64(q, 1);
		bool known = name(cl_query_u64(q, 0)) != NULL;

		seen += known;
		others += known ? 0 : n;
		all += n;
	}
	snprintf(text, sizeof text, "%s.1", metric);
	if (all > 0)
		put(w, text, "", part(seen, registered));
	snprintf(text, sizeof text, "%s.2", metric);
	put(w, text, "", part(others, all));
	snprintf(text, sizeof text, "%s.3", metric);
	cl_query_again(q);
	while (cl_query_row(q))
		put_count(w, text, (unsigned)cl_query_i64(q, 0), cl_query_u64(q, 1));
	cl_query_free(q);
}

static void put_registries(const struct writing *w)
{
	double rest =
		number(w, "SELECT sum(n)" OF_MONTH("day_code") "AND z.kind = 'qtype' AND z.code = 65535");

	if (rest > 0)
		cl_warn(w->m->name, "%.0f queries with further types are not in M6.DNS.02", rest);
	put_registry(
		w, "M6.DNS.02",
		"SELECT code, sum(n)" OF_MONTH("day_code") "AND z.kind = 'qtype' AND z.code < 65535 GROUP "
							   "BY code ORDER BY code",
		65535, type_name);
	put_registry(w, "M6.DNS.03",
		     "SELECT code, sum(n)" OF_MONTH("day_code") "AND z.kind = 'opcode' AND z.code < 16 GROUP "
								"BY code ORDER BY code",
		     16, cl_dns_opcode_text);
	put_registry(
		w, "M6.DNS.04",
		"SELECT rcode, sum(n)" OF_MONTH("day_qtype_rcode") "AND z.rcode BETWEEN 0 AND 4095 GROUP "
								   "BY rcode ORDER BY rcode",
		4096, rcode_name);
}

/* Names by day ----------------------------------------------------------------- */

#define OF_NAMES " FROM name_day WHERE day BETWEEN ?2 AND ?3 "

static bool is_reserved(const char *tld)
{
	/* RFC 6761 sec. 6, RFC 6762 sec. 3, RFC 7686 */
	static const char *const names[] = { "example", "invalid", "local", "localhost", "onion", "test" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], tld) == 0)
			return true;
	return false;
}

/* Top-level domains that were asked for though nobody has them, at a server that knows all there are: those
 * that are reserved, or the others that are frequent. */
static void put_leaked(const struct writing *w, const char *metric, bool reserved)
{
	bool few =
		number(w,
		       "SELECT count(DISTINCT name)" OF_NAMES "AND level = 'top' AND nxdomain > 0 AND name "
		       "NOT IN ('', '.', 'example', 'invalid', 'local', 'localhost', 'onion', 'test')") < FEW;
	struct cl_query *q =
		of_month(w, "SELECT name, sum(nxdomain) AS n" OF_NAMES "AND level = 'top' AND name NOT "
			    "IN ('', '.') GROUP BY name HAVING n > 0 ORDER BY n DESC, name");

	while (cl_query_row(q)) {
		double share = part((double)cl_query_u64(q, 1), w->q);

		if (is_reserved(cl_query_text(q, 0)) == reserved && (reserved || few || share >= FREQUENT))
			put_name(w, metric, cl_query_text(q, 0), share);
	}
	cl_query_free(q);
}

static void put_asked(const struct writing *w)
{
	double all = number(w, "SELECT sum(queries)" OF_NAMES "AND level = 'all'");
	struct cl_query *q =
		of_month(w, "SELECT name, sum(queries) AS n" OF_NAMES "AND level = 'top' GROUP BY name "
			    "HAVING n > 0 ORDER BY n DESC, name");

	while (cl_query_row(q))
		if (is_reserved(cl_query_text(q, 0)))
			put_name(w, "M4.2", cl_query_text(q, 0), part((double)cl_query_u64(q, 1), all));
	cl_query_free(q);
}

/* Single messages -------------------------------------------------------------- */

static void take(void *ctx, const struct cl_exchange *x)
{
	cl_ithi_take(ctx, x);
}

static bool read_messages(const struct writing *w, struct cl_ithi *h)
{
	const struct cl_options *o = w->e->session->options;
	const struct cl_exchange_filter f = { .kinds = CL_X_BIT(CL_X_DNS),
					      .from_ns = w->m->first * NS_PER_DAY,
					      .to_ns = (w->m->first + w->m->days) * NS_PER_DAY,
					      .servers = o->servers,
					      .server_count = o->nservers };

	if (!cl_ithi_init(h, 0, w->e->session->config.engine.seed)) {
		cl_error("memory", "not enough for the clients of a month");
		return false;
	}
	if (!cl_store_exchanges_each(w->e->session->store, &f, take, h))
		return false;
	if (h->refused > 0)
		cl_warn(w->m->name, "%llu messages of clients found no room: figures by client lack them",
			(unsigned long long)h->refused);
	if (h->beyond > 0)
		cl_warn(w->m->name, "%llu EDNS options of further codes are not counted",
			(unsigned long long)h->beyond);
	return true;
}

static void put_options(const struct writing *w, const char *metric, const uint64_t *n, double of)
{
	for (unsigned code = 0; code < CL_ITHI_OPTIONS; code++)
		if (n[code] > 0)
			put_code(w, metric, code, part((double)n[code], of));
}

static double users(const struct cl_ithi *h, enum cl_ithi_use use)
{
	return part((double)h->users[use], (double)cl_ithi_clients(h));
}

static double further(const struct cl_ithi_pairs *p)
{
	return part((double)p->further, (double)(p->first + p->further));
}

/* Kinds of servers -------------------------------------------------------------- */

/* h, names: NULL, false: the database does not keep single messages, names. */
static void put_root(const struct writing *w, const struct cl_ithi *h, bool names)
{
	put(w, "M3.1", "",
	    part(number(w, "SELECT sum(n)" OF_MONTH("day_qtype_rcode") "AND z.rcode = 3"), w->q));
	if (h != NULL)
		put(w, "M3.2", "", further(&h->found));
	if (names) {
		put_leaked(w, "M3.3.1", true);
		put_leaked(w, "M3.3.2", false);
	}
	if (h == NULL)
		return;
	put(w, "M3.3.5", "", further(&h->missing));
	put(w, "M3.4.1", "", users(h, CL_ITHI_EDNS));
	put_options(w, "M3.4.2", h->option_users, (double)cl_ithi_clients(h));
	put(w, "M3.5", "", users(h, CL_ITHI_DO));
	put(w, "M3.8", "", users(h, CL_ITHI_RD));
}

static void put_recursive(const struct writing *w, const struct cl_ithi *h, bool names)
{
	if (names)
		put_asked(w);
	if (h != NULL)
		put(w, "M4.5", "", users(h, CL_ITHI_DO));
}

static void put_authoritative(const struct writing *w, const struct cl_ithi *h, bool names)
{
	(void)names;
	if (h == NULL)
		return;
	put(w, "M8.1", "", part((double)h->rcode3, (double)(h->rcode0 + h->rcode3) / 2));
	put(w, "M8.2.1", "", users(h, CL_ITHI_EDNS));
	put_options(w, "M8.2.2", h->option_queries, (double)h->queries);
	put(w, "M8.3", "", users(h, CL_ITHI_DO));
}

static void put_none(const struct writing *w, const struct cl_ithi *h, bool names)
{
	(void)h;
	(void)names;
	put_registries(w);
}

/* What is written, by file; what is not, and what needs single messages or names. */
static const struct part_of {
	const char *role, *file;
	void (*put)(const struct writing *w, const struct cl_ithi *h, bool names);
	const char *never, *messages, *names;
} parts[] = {
	{ "root", "M3", put_root, "M3.3.3, M3.3.4, M3.6, M3.7, M3.9, M3.10",
	  "M3.2, M3.3.5, M3.4.1, M3.4.2, M3.5, M3.8", "M3.3.1, M3.3.2" },
	{ "recursive", "M4", put_recursive, "M4.1, M4.3, M4.4", "M4.5", "M4.2" },
	{ "authoritative", "M8", put_authoritative, "M8.4", "M8.1, M8.2.1, M8.2.2, M8.3", NULL },
	{ NULL, "M6", put_none, "M6.DNS.01, M6.DNS.05 to 12, M6.DNSSEC, M6.DANE", NULL, NULL },
};

#define PARTS (sizeof parts / sizeof *parts)

/* One line on what no file has, and why. */
static void say_what_lacks(const struct writing *w, const char *role, bool messages, bool names)
{
	char text[512];
	size_t n = 0;

	for (size_t i = 0; i < PARTS && n < sizeof text; i++) {
		const struct part_of *p = &parts[i];

		if (p->role != NULL && strcmp(p->role, role) != 0)
			continue;
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n > 0 ? ", " : "", p->never);
		if (!messages && p->messages != NULL && n < sizeof text)
			n += (size_t)snprintf(text + n, sizeof text - n, ", %s (--keep transactions)",
					      p->messages);
		if (!names && p->names != NULL && n < sizeof text)
			n += (size_t)snprintf(text + n, sizeof text - n, ", %s (--keep names)", p->names);
	}
	cl_warn(w->m->name, "not available: %s", text);
}

static bool write_part(struct writing *w, const struct part_of *p, const struct cl_ithi *h, bool names)
{
	char name[64];

	if (p->put == put_authoritative && h == NULL)
		return true;
	if (p->put == put_recursive && h == NULL && !names)
		return true;
	snprintf(name, sizeof name, "%s-%s.csv", p->file, w->m->last);
	w->f = cl_export_begin(w->e, name);
	if (w->f == NULL)
		return false;
	p->put(w, h, names);
	return cl_export_end(w->e, w->f);
}

static bool write_month(struct cl_export *e, const struct month *m)
{
	struct writing w = { .e = e, .m = m };
	struct cl_ithi h = { .seed = 0 };
	bool messages = cl_store_keeps_exchanges(e->session->store), ok = true;

	w.q = number(&w, "SELECT sum(n)" OF_MONTH("day_qtype_rcode") "AND z.rcode IN (0, 3)");
	bool names = number(&w, "SELECT count(*)" OF_NAMES "AND level = 'all'") > 0;
	if (messages)
		ok = read_messages(&w, &h);
	if (ok)
		say_what_lacks(&w, e->role, messages, names);
	for (size_t i = 0; ok && i < PARTS; i++)
		if (parts[i].role == NULL || strcmp(parts[i].role, e->role) == 0)
			ok = write_part(&w, &parts[i], messages ? &h : NULL, names);
	cl_ithi_free(&h);
	return ok;
}

static bool run(struct cl_export *e)
{
	bool ok;

	if (e->one_day) {
		cl_error("--day", "is not for ithi, whose figures are of months");
		return false;
	}
	if (e->session->options->nservers > 0)
		cl_warn("--server", "names of a database are of all its servers");
	ok = cl_export_days(e, take_day);
	for (size_t i = 0; ok && i < months.n; i++) {
		const struct month *m = &months.list[i];

		if (m->given < m->days && !e->partial) {
			cl_warn(m->name, "has %lld of %lld days: left out; --partial takes it as it is",
				(long long)m->given, (long long)m->days);
			e->status = CL_EXIT_PARTIAL;
			continue;
		}
		ok = write_month(e, m);
	}
	free(months.list);
	months.list = NULL;
	months.n = 0;
	return ok;
}

const struct cl_export_format cl_export_ithi = { .name = "ithi", .run = run };
