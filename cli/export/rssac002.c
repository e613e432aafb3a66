/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSSAC002 (version 5 keys): a YAML file a day and metric, from the tables by day; the metrics of zone
 * transfers and NOTIFY in rssac002_zone.c.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/export/rssac.h"
#include "cli/log.h"
#include "cli/view/view.h"

/* Last bins of requests, which are open as in the files that are published; responses: as day_size has it. */
#define REQUEST_OPEN  18
#define RESPONSE_OPEN 256

static const char *const size_kinds[] = { "udp query", "udp response", "tcp query", "tcp response" };
static const char *const size_keys[] = { "udp-request-sizes", "udp-response-sizes", "tcp-request-sizes",
					 "tcp-response-sizes" };
#define KINDS 4u

/* What the files' names begin with: b-root of b.root-servers.net, else the name with hyphens. */
static void short_name(const char *service, char *out, size_t size)
{
	size_t n = strcspn(service, ".");

	if (n == 1 && strcmp(service + n, ".root-servers.net") == 0) {
		snprintf(out, size, "%c-root", tolower((unsigned char)service[0]));
		return;
	}
	snprintf(out, size, "%s", service);
	for (char *p = out; *p != '\0'; p++)
		if (*p == '.')
			*p = '-';
}

FILE *cl_rssac_begin(struct cl_export *e, const struct cl_export_day *d, const char *metric)
{
	char name[CL_EXPORT_PATH], prefix[256];

	short_name(e->service, prefix, sizeof prefix);
	snprintf(name, sizeof name, "%.4s/%.2s/%s/%s-%.4s%.2s%.2s-%s.yaml", d->date, d->date + 5, metric,
		 prefix, d->date, d->date + 5, d->date + 8, metric);
	FILE *f = cl_export_begin(e, name);
	if (f == NULL)
		return NULL;
	fprintf(f, "---\n");
	if (!d->whole)
		fprintf(f, "# the day was not captured whole\n");
	fprintf(f, "version: rssac002v5\nservice: %s\nstart-period: %sT00:00:00Z\nmetric: %s\n", e->service,
		d->date, metric);
	return f;
}

/* The day's rows of a table by service, of the chosen servers. */
#define OF_DAY(table)                                                                                        \
	" FROM source CROSS JOIN chosen AS c CROSS JOIN " table                                              \
	" AS z ON z.source_id = source.source_id AND z.day = ?2 AND z.service_id = c.service_id WHERE "      \
	"c.proto = 'dns' "

static struct cl_query *of_day(struct cl_export *e, const struct cl_export_day *d, const char *sql)
{
	struct cl_query *q = cl_query_new(e->session->store, sql);

	cl_query_bind_i64(q, 2, d->day);
	return q;
}

/* Whether all of the day's messages were counted by size: databases of older versions have days that were
 * not. */
static bool has_sizes(struct cl_export *e, const struct cl_export_day *d)
{
	struct cl_query *q = of_day(
		e, d,
		"SELECT 1" OF_DAY("day") "AND z.requests + z.responses > (SELECT coalesce(sum(n), 0) FROM "
					 "day_code AS b WHERE b.source_id = z.source_id AND b.day = z.day "
					 "AND b.service_id = z.service_id AND b.kind = 'broken') AND NOT "
					 "EXISTS(SELECT 1 FROM day_size AS s WHERE s.source_id = z.source_id "
					 "AND s.day = z.day AND s.service_id = z.service_id)");
	bool lacks = cl_query_row(q);

	cl_query_free(q);
	return !lacks;
}

static bool traffic_volume(struct cl_export *e, const struct cl_export_day *d, bool sizes)
{
	static const char *const keys[] = { "queries-received", "responses-sent" };
	uint64_t n[KINDS][2] = { { 0 } }; /* by kind, IPv6 second */
	struct cl_query *q;

	if (sizes) {
		q = of_day(e, d,
			   "SELECT z.kind, length(c.addr) = 16, sum(z.n)" OF_DAY("day_size") "GROUP BY 1, 2");
		while (cl_query_row(q))
			for (unsigned k = 0; k < KINDS; k++)
				if (strcmp(cl_query_word(q, 0), size_kinds[k]) == 0)
					n[k][cl_query_i64(q, 1)] = cl_query_u64(q, 2);
	} else {
		cl_warn(d->date, "was written before messages were counted by size: traffic-volume has "
				 "malformed ones too, and each zone transfer once");
		q = of_day(e, d,
			   "SELECT length(c.addr) = 16, sum(requests - tcp_requests), sum(responses - "
			   "tcp_responses), sum(tcp_requests), sum(tcp_responses)" OF_DAY("day") "GROUP BY "
												 "1");
		while (cl_query_row(q))
			for (int k = 0; k < (int)KINDS; k++)
				n[k][cl_query_i64(q, 0)] = cl_query_u64(q, k + 1);
	}
	cl_query_free(q);
	FILE *f = cl_rssac_begin(e, d, "traffic-volume");
	if (f == NULL)
		return false;
	for (unsigned way = 0; way < 2; way++)
		for (unsigned tcp = 0; tcp < 2; tcp++)
			for (unsigned v6 = 0; v6 < 2; v6++)
				fprintf(f, "dns-%s-%s-ipv%u: %llu\n", tcp != 0 ? "tcp" : "udp", keys[way],
					v6 != 0 ? 6u : 4u, (unsigned long long)n[tcp * 2 + way][v6]);
	return cl_export_end(e, f);
}

/* One of the four maps; bins from `open` on are one. */
static void put_sizes(FILE *f, struct cl_query *q, unsigned kind)
{
	int64_t open = kind % 2 == 0 ? REQUEST_OPEN : RESPONSE_OPEN;
	uint64_t beyond = 0;
	bool any = false;

	fprintf(f, "%s:", size_keys[kind]);
	cl_query_bind_text(q, 3, size_kinds[kind]);
	while (cl_query_row(q)) {
		int64_t bin = cl_query_i64(q, 0);

		if (bin >= open)
			beyond += cl_query_u64(q, 1);
		else
			fprintf(f, "%s  %lld-%lld: %llu\n", any ? "" : "\n", (long long)bin * 16,
				(long long)bin * 16 + 15, (unsigned long long)cl_query_u64(q, 1));
		any |= bin < open;
	}
	if (beyond > 0)
		fprintf(f, "%s  %lld-: %llu\n", any ? "" : "\n", (long long)open * 16,
			(unsigned long long)beyond);
	if (!any && beyond == 0)
		fprintf(f, " {}\n");
	cl_query_again(q);
}

static bool traffic_sizes(struct cl_export *e, const struct cl_export_day *d)
{
	FILE *f = cl_rssac_begin(e, d, "traffic-sizes");
	struct cl_query *q = of_day(
		e, d,
		"SELECT bin, sum(n)" OF_DAY("day_size") "AND z.kind = ?3 AND n > 0 AND bin >= 0 GROUP BY "
							"bin ORDER BY bin");

	for (unsigned k = 0; f != NULL && k < KINDS; k++)
		put_sizes(f, q, k);
	cl_query_free(q);
	return f != NULL && cl_export_end(e, f);
}

static bool rcode_volume(struct cl_export *e, const struct cl_export_day *d, bool sizes)
{
	FILE *f = cl_rssac_begin(e, d, "rcode-volume");
	/* in the order of the published files: as texts */
	struct cl_query *q = of_day(
		e, d,
		sizes ? "SELECT rcode, sum(n)" OF_DAY("day_qtype_rcode") "GROUP BY rcode ORDER BY CAST(rcode "
									 "AS TEXT)"
		      : "SELECT code, sum(n)" OF_DAY("day_code") "AND z.kind = 'rcode' GROUP BY code ORDER "
								 "BY CAST(code AS TEXT)");

	while (f != NULL && cl_query_row(q)) {
		int64_t rcode = cl_query_i64(q, 0);

		if (rcode >= 0 && rcode < 4096)
			fprintf(f, "%lld: %llu\n", (long long)rcode, (unsigned long long)cl_query_u64(q, 1));
		else
			cl_warn(d->date,
				"has %llu responses with further response codes, which are in no "
				"row of rcode-volume",
				(unsigned long long)cl_query_u64(q, 1));
	}
	cl_query_free(q);
	return f != NULL && cl_export_end(e, f);
}

#define UNITED(what, length)                                                                                 \
	"SELECT count(*) FROM (SELECT DISTINCT " what OF_DAY("client_day") "AND length(z.addr) = " length ")"

static uint64_t count(struct cl_export *e, const struct cl_export_day *d, const char *sql)
{
	struct cl_query *q = of_day(e, d, sql);
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;

	cl_query_free(q);
	return n;
}

static bool unique_sources(struct cl_export *e, const struct cl_export_day *d)
{
	if (count(e, d, "SELECT count(*)" OF_DAY("approximation") "AND z.period = 'day'") > 0)
		cl_warn(d->date, "has clients that found no room in memory: unique-sources are too low");
	FILE *f = cl_rssac_begin(e, d, "unique-sources");
	if (f == NULL)
		return false;
	fprintf(f, "num-sources-ipv4: %llu\n", (unsigned long long)count(e, d, UNITED("z.addr", "4")));
	fprintf(f, "num-sources-ipv6: %llu\n", (unsigned long long)count(e, d, UNITED("z.addr", "16")));
	fprintf(f, "num-sources-ipv6-aggregate: %llu\n",
		(unsigned long long)count(e, d, UNITED("substr(z.addr, 1, 8)", "16")));
	return cl_export_end(e, f);
}

/* Messages of servers that found no place of their own have no address, and so no family. */
static void say_what_lacks(struct cl_export *e, const struct cl_export_day *d)
{
	struct cl_query *q = cl_query_new(
		e->session->store, "SELECT sum(requests + responses) FROM day JOIN service USING(service_id) "
				   "WHERE service.kind = 'rest' AND proto = 'dns' AND day = ?2");

	cl_query_bind_i64(q, 2, d->day);
	if (cl_query_row(q) && cl_query_u64(q, 0) > 0)
		cl_warn(d->date, "has %llu messages of servers that found no room: they are in no file",
			(unsigned long long)cl_query_u64(q, 0));
	cl_query_free(q);
}

static bool write_day(struct cl_export *e, const struct cl_export_day *d)
{
	bool sizes = has_sizes(e, d);

	say_what_lacks(e, d);
	if (!traffic_volume(e, d, sizes))
		return false;
	if (!sizes)
		cl_warn(d->date, "traffic-sizes is not written: messages were not counted by size");
	return (!sizes || traffic_sizes(e, d)) && rcode_volume(e, d, sizes) && unique_sources(e, d) &&
	       cl_rssac_zones(e, d);
}

static bool run(struct cl_export *e)
{
	if (e->session->options->nservers == 0 && e->session->config.servers[0] == '\0')
		cl_warn("--server", "not given: all servers seen are taken for %s", e->service);
	return cl_export_days(e, write_day);
}

const struct cl_export_format cl_export_rssac002 = { .name = "rssac002", .run = run, .service = true };
