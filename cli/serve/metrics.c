/* SPDX-License-Identifier: BSD-2-Clause */
/* A database's figures as metrics: which families there are, and what they say. */
#include "cli/serve/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/log.h"
#include "cli/serve/metrics_figures.h"
#include "cli/serve/metrics_text.h"
#include "dissect/dns/codes.h"

#define NS_PER_S 1000000000

struct writing {
	struct cl_metrics m;
	struct cl_metrics_figures f;
	const struct cl_metrics_ask *ask;
};

#define LABELS(...) ((const struct cl_metric_label[]){ __VA_ARGS__, { NULL, NULL } })

static const struct cl_metric_label none[] = { { NULL, NULL } };

/* Sums by server ---------------------------------------------------------------- */

/* A counter of servers: a column of `day`, or up to two of them together. */
struct summed {
	const char *name, *unit, *help;
	enum cl_counter counter;
};

static const struct summed ntp_sums[] = {
	{ "clientele_ntp_requests", NULL, "NTP requests (modes 3 and 1), each packet.", CL_C_REQUESTS },
	{ "clientele_ntp_request_bytes", "bytes", "Octets of the frames with NTP requests.",
	  CL_C_REQUEST_BYTES },
	{ "clientele_ntp_response_bytes", "bytes", "Octets of the frames with NTP responses.",
	  CL_C_RESPONSE_BYTES },
	{ "clientele_ntp_kod", NULL, "NTP packets of modes 4 and 2 with stratum 0: kiss-o'-death.",
	  CL_C_KOD },
	{ "clientele_ntp_mac_requests", NULL, "NTP requests with a message authentication code.", CL_C_MAC },
	{ "clientele_ntp_nts_requests", NULL, "NTP requests with NTS fields.", CL_C_NTS },
	{ "clientele_ntp_interleaved", NULL, "NTP requests answered in interleaved mode (RFC 9769).",
	  CL_C_INTERLEAVED },
	{ "clientele_ntp_other_packets", NULL, "NTP packets of other modes: neither request nor response.",
	  CL_C_APART },
};

static const struct summed dns_sums[] = {
	{ "clientele_dns_request_bytes", "bytes", "Octets of the frames with DNS queries.",
	  CL_C_REQUEST_BYTES },
	{ "clientele_dns_response_bytes", "bytes", "Octets of the frames with DNS responses.",
	  CL_C_RESPONSE_BYTES },
	{ "clientele_dns_edns_queries", NULL, "DNS queries with an OPT record.", CL_C_EDNS },
	{ "clientele_dns_dnssec_ok_queries", NULL, "DNS queries with the DO bit.", CL_C_DNSSEC_OK },
	{ "clientele_dns_client_subnet_queries", NULL, "DNS queries with a client subnet option (RFC 7871).",
	  CL_C_ECS },
	{ "clientele_dns_cookie_queries", NULL, "DNS queries with a cookie option (RFC 7873).", CL_C_COOKIE },
	{ "clientele_dns_truncated_responses", NULL, "DNS responses over UDP with TC.", CL_C_TRUNCATED },
};

static size_t servers_of(const struct writing *w, unsigned p)
{
	return w->f.of[p].count + w->f.of[p].others;
}

static void put_sums(struct writing *w, unsigned p, const struct summed *sums, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		cl_metric_family(&w->m, sums[i].name, CL_METRIC_COUNTER, sums[i].unit, sums[i].help);
		for (size_t k = 0; k < servers_of(w, p); k++) {
			const struct cl_metrics_server *s = &w->f.of[p].server[k];

			cl_metric_u64(&w->m, LABELS({ "server", s->label }, { "family", s->family }),
				      s->n[sums[i].counter]);
		}
	}
}

static void put_queries(struct writing *w)
{
	cl_metric_family(&w->m, "clientele_dns_queries", CL_METRIC_COUNTER, NULL,
			 "DNS queries, each message, by transport.");
	for (size_t k = 0; k < servers_of(w, CL_METRICS_DNS); k++) {
		const struct cl_metrics_server *s = &w->f.of[CL_METRICS_DNS].server[k];
		uint64_t tcp = s->n[CL_C_TCP_REQUESTS];

		cl_metric_u64(&w->m,
			      LABELS({ "server", s->label }, { "family", s->family }, { "proto", "udp" }),
			      s->n[CL_C_REQUESTS] - tcp);
		cl_metric_u64(&w->m,
			      LABELS({ "server", s->label }, { "family", s->family }, { "proto", "tcp" }),
			      tcp);
	}
}

/* A response first called bogus can turn out backwards: together they never fall. */
static void put_responses(struct writing *w, unsigned p)
{
	static const struct {
		const char *result;
		enum cl_counter a, b;
	} results[] = { { "matched", CL_C_MATCHED, CL_COUNTERS },
			{ "duplicate", CL_C_DUPLICATES, CL_COUNTERS },
			{ "late", CL_C_LATE, CL_COUNTERS },
			{ "unmatched", CL_C_BOGUS, CL_C_BACKWARDS } };

	cl_metric_family(&w->m, p == CL_METRICS_NTP ? "clientele_ntp_responses" : "clientele_dns_responses",
			 CL_METRIC_COUNTER, NULL,
			 "Responses, each packet: matched to a request, a further answer, older than the "
			 "timeout, or to no request seen before it.");
	for (size_t k = 0; k < servers_of(w, p); k++) {
		const struct cl_metrics_server *s = &w->f.of[p].server[k];

		for (size_t i = 0; i < sizeof results / sizeof *results; i++)
			cl_metric_u64(&w->m,
				      LABELS({ "server", s->label }, { "family", s->family },
					     { "result", results[i].result }),
				      s->n[results[i].a] +
					      (results[i].b < CL_COUNTERS ? s->n[results[i].b] : 0));
	}
}

/* Codes -------------------------------------------------------------------------- */

/* Codes with a value of their own; all others are "other", so that senders cannot make series. */
static const uint16_t qtypes[] = {
	1, 2, 5, 6, 12, 15, 16, 28, 33, 35, 43, 46, 48, 64, 65, 251, 252, 255, 257
};
static const uint16_t rcodes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 22, 23 };
static const uint16_t modes[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
static const uint16_t versions[] = { 1, 2, 3, 4, 5 };

#define CODES_MAX 24u

struct coded {
	unsigned proto;
	const char *kind; /* of day_code */
	const char *name, *label, *help;
	const uint16_t *code;
	size_t n;
	const char *(*text)(uint32_t code); /* NULL: the number */
};

static const struct coded codes[] = {
	{ CL_METRICS_NTP, "mode", "clientele_ntp_packets", "mode", "NTP packets by association mode.", modes,
	  sizeof modes / sizeof *modes, NULL },
	{ CL_METRICS_NTP, "version", "clientele_ntp_version_packets", "version",
	  "NTP packets by version number.", versions, sizeof versions / sizeof *versions, NULL },
	{ CL_METRICS_DNS, "qtype", "clientele_dns_query_types", "type", "DNS queries by type.", qtypes,
	  sizeof qtypes / sizeof *qtypes, cl_dns_type_name },
	{ CL_METRICS_DNS, "rcode", "clientele_dns_response_codes", "rcode",
	  "DNS responses by response code, with the bits of EDNS.", rcodes, sizeof rcodes / sizeof *rcodes,
	  cl_dns_rcode_name },
};

static size_t place_of(const struct coded *c, int64_t code)
{
	size_t i = 0;

	while (i < c->n && c->code[i] != code)
		i++;
	return i;
}

static void put_codes(struct writing *w, const struct coded *c)
{
	uint64_t n[CODES_MAX + 1] = { 0 };
	struct cl_query *q = cl_query_new(
		w->f.store, "SELECT code, sum(n) FROM date CROSS JOIN day_code AS d ON d.source_id "
			    "= date.source_id AND d.day = date.day AND service_id = ?2 AND kind = "
			    "?3 GROUP BY code");

	cl_query_bind_i64(q, 2, w->f.of[c->proto].all.service_id);
	cl_query_bind_text(q, 3, c->kind);
	while (cl_query_row(q))
		n[place_of(c, cl_query_i64(q, 0))] += cl_query_u64(q, 1);
	cl_query_free(q);
	cl_metric_family(&w->m, c->name, CL_METRIC_COUNTER, NULL, c->help);
	for (size_t i = 0; i <= c->n; i++) {
		const char *text = i < c->n && c->text != NULL ? c->text(c->code[i]) : NULL;
		char number[8];

		if (i < c->n && text == NULL) {
			snprintf(number, sizeof number, "%u", c->code[i]);
			text = number;
		}
		cl_metric_u64(&w->m, LABELS({ c->label, i < c->n ? text : "other" }), n[i]);
	}
}

/* Answers' times ------------------------------------------------------------------ */

#define BOUNDS 22u

static void bounds_of(int64_t bound_ns[BOUNDS])
{
	static const int64_t digits[] = { 1, 2, 5 };
	int64_t decade = 1000;

	for (unsigned i = 0; i < BOUNDS; i++) {
		bound_ns[i] = digits[i % 3] * decade;
		if (i % 3 == 2)
			decade *= 10;
	}
}

/* Running totals: a bucket counts below a bound when it lies below it whole. */
static void put_histogram(struct writing *w, unsigned p, int64_t kind, const struct cl_metric_label *labels)
{
	int64_t bound_ns[BOUNDS];
	uint64_t total[BOUNDS] = { 0 }, n = 0, sum_ns = 0;
	struct cl_query *q = cl_query_new(
		w->f.store, "SELECT lt_ns, sum(n) FROM date CROSS JOIN day_delta_bucket AS d ON "
			    "d.source_id = date.source_id AND d.day = date.day AND service_id = ?2 "
			    "AND kind = ?3 GROUP BY bucket");

	bounds_of(bound_ns);
	cl_query_bind_i64(q, 2, w->f.of[p].all.service_id);
	cl_query_bind_i64(q, 3, kind);
	while (cl_query_row(q)) {
		unsigned i = 0;

		while (i < BOUNDS && cl_query_ns(q, 0) - 1 > bound_ns[i])
			i++;
		if (i < BOUNDS)
			total[i] += cl_query_u64(q, 1);
	}
	cl_query_free(q);
	for (unsigned i = 1; i < BOUNDS; i++)
		total[i] += total[i - 1];
	q = cl_query_new(w->f.store,
			 "SELECT sum(n), sum(sum_ns) FROM date CROSS JOIN day_delta AS d ON "
			 "d.source_id = date.source_id AND d.day = date.day AND service_id = ?2 AND "
			 "kind = ?3");
	cl_query_bind_i64(q, 2, w->f.of[p].all.service_id);
	cl_query_bind_i64(q, 3, kind);
	if (cl_query_row(q)) {
		n = cl_query_u64(q, 0);
		sum_ns = cl_query_u64(q, 1);
	}
	cl_query_free(q);
	cl_metric_histogram(&w->m, labels, bound_ns, total, BOUNDS, n, sum_ns);
}

/* The last step that is over, of all servers and of each with a label. */
static void put_step_quantiles(struct writing *w, unsigned p)
{
	static const char *const quantiles[] = { "50", "90", "99", "99.9" };
	struct cl_query *q = cl_query_new(
		w->f.store, "SELECT max(p50_ns), max(p90_ns), max(p99_ns), max(p999_ns) FROM source "
			    "CROSS JOIN step ON step.source_id = source.source_id AND t = ?2 AND "
			    "service_id = ?3 WHERE delta_n > 0");

	cl_metric_family(
		&w->m,
		p == CL_METRICS_NTP ? "clientele_ntp_step_delta_seconds" : "clientele_dns_step_delta_seconds",
		CL_METRIC_GAUGE, "seconds",
		"Quantiles of the time from request to response, as captured, in the last step that is "
		"over; within 1 %.");
	for (size_t k = 0; k <= w->f.of[p].count; k++) {
		const struct cl_metrics_server *s = k == 0 ? &w->f.of[p].all : &w->f.of[p].server[k - 1];

		cl_query_again(q);
		cl_query_bind_i64(q, 2, w->f.step_t);
		cl_query_bind_i64(q, 3, s->service_id);
		if (!cl_query_row(q) || cl_query_null(q, 0))
			continue;
		for (int i = 0; i < 4; i++)
			cl_metric_seconds(&w->m,
					  LABELS({ "server", k == 0 ? "all" : s->label },
						 { "percentile", quantiles[i] }),
					  cl_query_ns(q, i));
	}
	cl_query_free(q);
}

static void put_deltas(struct writing *w)
{
	if (w->f.of[CL_METRICS_NTP].known) {
		cl_metric_family(
			&w->m, "clientele_ntp_delta_seconds", CL_METRIC_HISTOGRAM, "seconds",
			"Time from NTP request to response, as captured, of all servers; bounds are met "
			"within 1.6 %.");
		put_histogram(w, CL_METRICS_NTP, CL_DELTA_LAST, none);
		put_step_quantiles(w, CL_METRICS_NTP);
	}
	if (w->f.of[CL_METRICS_DNS].known) {
		cl_metric_family(
			&w->m, "clientele_dns_delta_seconds", CL_METRIC_HISTOGRAM, "seconds",
			"Time from DNS query to the last packet of its response, as captured, of all "
			"servers; bounds are met within 1.6 %.");
		put_histogram(w, CL_METRICS_DNS, CL_DELTA_LAST, LABELS({ "proto", "udp" }));
		put_histogram(w, CL_METRICS_DNS, CL_DELTA_TCP_LAST, LABELS({ "proto", "tcp" }));
		put_step_quantiles(w, CL_METRICS_DNS);
	}
}

/* Clients -------------------------------------------------------------------------- */

/* "5m", "1h", "90s". */
static const char *window_text(int64_t s, char text[24])
{
	if (s % 3600 == 0)
		snprintf(text, 24, "%lldh", (long long)(s / 3600));
	else if (s % 60 == 0)
		snprintf(text, 24, "%lldm", (long long)(s / 60));
	else
		snprintf(text, 24, "%llds", (long long)s);
	return text;
}

static void put_windows(struct writing *w, unsigned p, const struct cl_metrics_server *s, bool label)
{
	struct cl_query *q =
		cl_query_new(w->f.store, "SELECT clients FROM source CROSS JOIN step_clients AS c ON "
					 "c.source_id = source.source_id AND t = ?2 AND service_id "
					 "= ?3 AND window_s = ?4");
	char text[24];

	for (uint32_t i = 0; i < w->f.config.engine.windows; i++) {
		int64_t window_s = w->f.config.engine.window_ns[i] / NS_PER_S;

		cl_query_again(q);
		cl_query_bind_i64(q, 2, w->f.step_t);
		cl_query_bind_i64(q, 3, s->service_id);
		cl_query_bind_i64(q, 4, window_s);
		uint64_t clients = cl_query_row(q) ? cl_query_u64(q, 0) : 0;
		cl_metric_u64(&w->m,
			      LABELS({ "protocol", cl_metrics_protos[p] },
				     { "server", label ? s->label : NULL },
				     { "window", window_text(window_s, text) }),
			      clients);
	}
	cl_query_free(q);
}

static void put_period(struct writing *w, const char *period, const char *name, const char *help)
{
	struct cl_query *q =
		cl_query_new(w->f.store, "SELECT ipv4, ipv6 FROM source CROSS JOIN client_count AS c ON "
					 "c.source_id = source.source_id AND period = ?2 AND service_id = ?3 "
					 "WHERE day = (SELECT max(day) FROM client_count WHERE period = ?2)");

	cl_metric_family(&w->m, name, CL_METRIC_GAUGE, NULL, help);
	for (unsigned p = 0; p < CL_METRICS_PROTOS; p++) {
		if (!w->f.of[p].known)
			continue;
		cl_query_again(q);
		cl_query_bind_text(q, 2, period);
		cl_query_bind_i64(q, 3, w->f.of[p].all.service_id);
		bool any = cl_query_row(q);
		for (int i = 0; i < 2; i++)
			cl_metric_u64(&w->m,
				      LABELS({ "protocol", cl_metrics_protos[p] },
					     { "family", i == 0 ? "ipv4" : "ipv6" }),
				      any ? cl_query_u64(q, i) : 0);
	}
	cl_query_free(q);
}

/* Unique clients of several sensors cannot be added: then nothing is said of them. */
static void put_clients(struct writing *w)
{
	if (!w->f.one_source || !w->f.any)
		return;
	cl_metric_family(
		&w->m, "clientele_clients", CL_METRIC_GAUGE, NULL,
		"Unique clients of all servers in the window that ends with the last step that is over.");
	for (unsigned p = 0; p < CL_METRICS_PROTOS; p++)
		if (w->f.of[p].known)
			put_windows(w, p, &w->f.of[p].all, false);
	cl_metric_family(
		&w->m, "clientele_server_clients", CL_METRIC_GAUGE, NULL,
		"Unique clients of a server in the window that ends with the last step that is over.");
	for (unsigned p = 0; p < CL_METRICS_PROTOS; p++)
		for (size_t k = 0; w->f.of[p].known && k < w->f.of[p].count; k++)
			put_windows(w, p, &w->f.of[p].server[k], true);
	put_period(w, "day", "clientele_day_clients", "Unique clients of the last UTC day, so far.");
	put_period(w, "month", "clientele_month_clients", "Unique clients of the last month in UTC, so far.");
}

/* Packets, losses, times ------------------------------------------------------------ */

static void put_fates(struct writing *w)
{
	struct cl_query *q = cl_query_new(w->f.store, "SELECT sum(packets) FROM ledger WHERE fate = ?2");

	cl_metric_family(&w->m, "clientele_packets", CL_METRIC_COUNTER, NULL,
			 "Packets read, by what became of them: the sum is all.");
	for (unsigned i = 0; i < CL_FATES; i++) {
		cl_query_again(q);
		cl_query_bind_text(q, 2, cl_fate_names[i]);
		cl_metric_u64(&w->m, LABELS({ "fate", cl_fate_names[i] }),
			      cl_query_row(q) ? cl_query_u64(q, 0) : 0);
	}
	cl_query_free(q);
}

struct column_of_source {
	const char *name, *unit, *help;
	const char *sql;
	const char *label, *value; /* beside the sensor; NULL: none. The family goes on if the name is NULL */
};

static void put_sources(struct writing *w)
{
	static const struct column_of_source columns[] = {
		{ "clientele_capture_packets", NULL, "Packets captured or read from files.",
		  "SELECT sensor, packets FROM source", NULL, NULL },
		{ "clientele_capture_bytes", "bytes", "Octets of these on the wire.",
		  "SELECT sensor, bytes FROM source", NULL, NULL },
		{ "clientele_capture_dropped_packets", NULL,
		  "Packets that were lost before they could be read, by who lost them.",
		  "SELECT sensor, dropped_kernel FROM source", "by", "kernel" },
		{ NULL, NULL, NULL, "SELECT sensor, dropped_interface FROM source", "by", "interface" },
		{ "clientele_capture_late_packets", NULL,
		  "Packets too old to be put in order: in totals, not in series.",
		  "SELECT sensor, out_of_order FROM source", NULL, NULL },
		{ "clientele_lost", NULL,
		  "What found no room in a table, by table: then figures are lower bounds or estimates.",
		  "SELECT sensor, lost_clients FROM source", "table", "clients" },
		{ NULL, NULL, NULL, "SELECT sensor, lost_services FROM source", "table", "servers" },
		{ NULL, NULL, NULL, "SELECT sensor, lost_open_requests FROM source", "table",
		  "open_requests" },
		{ NULL, NULL, NULL, "SELECT sensor, lost_icmp FROM source", "table", "icmp_errors" },
	};

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		struct cl_query *q = cl_query_new(w->f.store, columns[i].sql);

		if (columns[i].name != NULL)
			cl_metric_family(&w->m, columns[i].name, CL_METRIC_COUNTER, columns[i].unit,
					 columns[i].help);
		while (cl_query_row(q)) {
			struct cl_metric_label second = { columns[i].label, columns[i].value };

			cl_metric_u64(&w->m, LABELS({ "sensor", cl_query_word(q, 0) }, second),
				      cl_query_u64(q, 1));
		}
		cl_query_free(q);
	}
}

static void put_interfaces(struct writing *w)
{
	static const char *const names[] = { "clientele_interface_packets",
					     "clientele_interface_dropped_packets" };
	static const char *const help[] = { "Packets that an interface gave to the capture.",
					    "Packets that were lost at an interface, by who lost them." };

	for (unsigned i = 0; w->f.intervals && i < 2; i++) {
		struct cl_query *q = cl_query_new(
			w->f.store, "SELECT sensor, interface, sum(received), sum(c.dropped_kernel), "
				    "sum(c.dropped_interface) FROM capture_interval AS c JOIN source "
				    "USING(source_id) WHERE t > (SELECT first FROM month) * 86400 GROUP BY "
				    "sensor, interface");

		cl_metric_family(&w->m, names[i], CL_METRIC_COUNTER, NULL, help[i]);
		while (cl_query_row(q)) {
			const char *sensor = cl_query_word(q, 0), *interface = cl_query_word(q, 1);

			for (int c = i == 0 ? 2 : 3; c < (i == 0 ? 3 : 5); c++)
				cl_metric_u64(&w->m,
					      LABELS({ "sensor", sensor }, { "interface", interface },
						     { "by", c == 3   ? "kernel"
							     : c == 4 ? "interface"
								      : NULL }),
					      cl_query_u64(q, c));
		}
		cl_query_free(q);
	}
}

/* The kinds that count as errors: few, whatever is sent. */
static const struct {
	int64_t family, type;
	const char *text, *type_text;
} icmp_kinds[] = {
	{ 4, 3, "ipv4", "3" },	 { 4, 4, "ipv4", "4" },	  { 4, 5, "ipv4", "5" },
	{ 4, 11, "ipv4", "11" }, { 4, 12, "ipv4", "12" }, { 6, 1, "ipv6", "1" },
	{ 6, 2, "ipv6", "2" },	 { 6, 3, "ipv6", "3" },	  { 6, 4, "ipv6", "4" },
};

#define ICMP_KINDS (sizeof icmp_kinds / sizeof *icmp_kinds)

static void put_icmp(struct writing *w)
{
	uint64_t n[CL_METRICS_PROTOS][ICMP_KINDS] = { { 0 } };
	struct cl_query *q =
		cl_query_new(w->f.store, "SELECT proto, family, type, sum(errors) FROM icmp_day WHERE day >= "
					 "(SELECT first FROM month) GROUP BY proto, family, type");

	while (cl_query_row(q))
		for (unsigned i = 0; i < ICMP_KINDS; i++)
			if (cl_query_i64(q, 1) == icmp_kinds[i].family &&
			    cl_query_i64(q, 2) == icmp_kinds[i].type)
				n[strcmp(cl_query_word(q, 0), "dns") == 0][i] += cl_query_u64(q, 3);
	cl_query_free(q);
	cl_metric_family(&w->m, "clientele_icmp_errors", CL_METRIC_COUNTER, NULL,
			 "ICMP errors that quote an NTP or DNS packet, by their type.");
	for (unsigned p = 0; p < CL_METRICS_PROTOS; p++)
		for (unsigned i = 0; i < ICMP_KINDS; i++)
			cl_metric_u64(&w->m,
				      LABELS({ "protocol", cl_metrics_protos[p] },
					     { "family", icmp_kinds[i].text },
					     { "type", icmp_kinds[i].type_text }),
				      n[p][i]);
}

/* When the file or its log was written last. */
static bool modified_ns(const char *path, int64_t *ns)
{
	char log[4096];
	struct stat st;
	bool any = false;

	snprintf(log, sizeof log, "%s-wal", path);
	for (int i = 0; i < 2; i++) {
		if (stat(i == 0 ? path : log, &st) != 0)
			continue;
		int64_t at = (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;

		if (!any || at > *ns)
			*ns = at;
		any = true;
	}
	return any;
}

static void put_times(struct writing *w)
{
	int64_t ns = 0;

	cl_metric_family(&w->m, "clientele_build", CL_METRIC_INFO, NULL, "Version of the program.");
	cl_metric_u64(&w->m, LABELS({ "version", PACKAGE_VERSION }), 1);
	if (modified_ns(w->ask->path, &ns)) {
		cl_metric_family(&w->m, "clientele_database_modified_timestamp_seconds", CL_METRIC_GAUGE,
				 "seconds", "When the database was written last.");
		cl_metric_seconds(&w->m, none, ns);
	}
	if (!w->f.any)
		return;
	cl_metric_family(&w->m, "clientele_capture_last_timestamp_seconds", CL_METRIC_GAUGE, "seconds",
			 "Time stamp of the last packet.");
	cl_metric_seconds(&w->m, none, w->f.last_ns);
	cl_metric_family(&w->m, "clientele_step_end_timestamp_seconds", CL_METRIC_GAUGE, "seconds",
			 "End of the last step that is over: what gauges of clients and deltas are of.");
	cl_metric_seconds(&w->m, none, w->f.step_t * NS_PER_S);
}

/* ------------------------------------------------------------------------------------ */

static void put_protocols(struct writing *w)
{
	if (w->f.of[CL_METRICS_NTP].known) {
		put_sums(w, CL_METRICS_NTP, ntp_sums, sizeof ntp_sums / sizeof *ntp_sums);
		put_responses(w, CL_METRICS_NTP);
	}
	if (w->f.of[CL_METRICS_DNS].known) {
		put_queries(w);
		put_sums(w, CL_METRICS_DNS, dns_sums, sizeof dns_sums / sizeof *dns_sums);
		put_responses(w, CL_METRICS_DNS);
	}
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (w->f.of[codes[i].proto].known)
			put_codes(w, &codes[i]);
}

static bool write_all(struct writing *w)
{
	put_times(w);
	put_sources(w);
	put_interfaces(w);
	put_fates(w);
	put_protocols(w);
	put_deltas(w);
	put_clients(w);
	put_icmp(w);
	cl_metrics_end(&w->m);
	if (cl_store_error(w->f.store) == NULL)
		return true;
	cl_error(w->ask->path, "%s", cl_store_error(w->f.store));
	return false;
}

bool cl_metrics_write(FILE *out, const struct cl_metrics_ask *ask)
{
	struct writing *w = calloc(1, sizeof *w);
	bool ok = false;

	if (w == NULL) {
		cl_error("memory", "not enough for metrics");
		return false;
	}
	w->m.out = out;
	w->m.open = ask->open;
	w->ask = ask;
	if (cl_metrics_read(&w->f, ask))
		ok = write_all(w);
	cl_store_close(w->f.store);
	free(w);
	return ok;
}
