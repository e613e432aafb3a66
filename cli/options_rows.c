/* SPDX-License-Identifier: BSD-2-Clause */
/* One function an option reads its value, and its row says all else about it. */
#include "cli/options_rows.h"

#include <stdlib.h>
#include <string.h>

#include "cli/memory.h"
#include "cli/write/timefmt.h"

#define STEP_MAX_S     86400u
#define WINDOW_MAX_S   2678400u /* 31 days */
#define TIMEOUT_MAX_NS INT64_C(3600000000000)
#define TOP_MAX	       1000000u
#define SENSOR_MAX     63u
#define WORKERS_MAX    1024u
#define TIMES_MAX      1000000u

static const char no_memory[] = "needs more memory than there is";

static const char *set_output(struct cl_options *o, const char *value)
{
	o->output = value;
	return *value != '\0' ? NULL : "needs the path of a database";
}

static const char *set_filter(struct cl_options *o, const char *value)
{
	o->filter = value;
	return NULL;
}

static const char *set_names(struct cl_options *o, const char *value)
{
	o->names = value;
	return NULL;
}

static const char *set_keylog(struct cl_options *o, const char *value)
{
	o->keylog = value;
	return NULL;
}

static const char *set_keys(struct cl_options *o, const char *value)
{
	o->keys = value;
	return NULL;
}

static const char *set_software(struct cl_options *o, const char *value)
{
	(void)value;
	o->software = true;
	return NULL;
}

static const char *set_signatures(struct cl_options *o, const char *value)
{
	o->signatures = value;
	return NULL;
}

static const char *set_labels(struct cl_options *o, const char *value)
{
	o->labels = value;
	return NULL;
}

static const char *set_vendors(struct cl_options *o, const char *value)
{
	o->vendors = value;
	return NULL;
}

/* Puts an address into the sorted array, once. */
static const char *add_address(struct cl_addr **list, size_t *n, const struct cl_addr *a)
{
	size_t i = *n;
	struct cl_addr *p;

	for (size_t k = 0; k < *n; k++) {
		int c = cl_addr_cmp(a, &(*list)[k]);

		if (c == 0)
			return NULL;
		if (c < 0) {
			i = k;
			break;
		}
	}
	if (*n == CL_SERVERS_MAX)
		return "needs at most 4096 addresses";
	p = realloc(*list, (*n + 1) * sizeof(*p));
	if (p == NULL)
		return no_memory;
	memmove(p + i + 1, p + i, (*n - i) * sizeof(*p));
	p[i] = *a;
	*list = p;
	++*n;
	return NULL;
}

/* Copies a list's next item; `*list` moves on to the one after, or to NULL. False if it is too long. */
static bool next_item(const char **list, char *item, size_t size)
{
	size_t len = strcspn(*list, ",");

	if (len >= size)
		return false;
	memcpy(item, *list, len);
	item[len] = '\0';
	*list = (*list)[len] == ',' ? *list + len + 1 : NULL;
	return true;
}

static const char *add_addresses(struct cl_addr **list, size_t *n, const char *value)
{
	while (value != NULL) {
		char item[CL_ADDR_STRLEN];
		const char *wrong;
		struct cl_addr a;

		if (!next_item(&value, item, sizeof(item)) || !cl_addr_parse(item, &a))
			return "needs IPv4 or IPv6 addresses with commas between";
		wrong = add_address(list, n, &a);
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

static const char *set_server(struct cl_options *o, const char *value)
{
	return add_addresses(&o->servers, &o->nservers, value);
}

static const char *set_resolver(struct cl_options *o, const char *value)
{
	return add_addresses(&o->resolvers, &o->nresolvers, value);
}

static const char *set_suffixes(struct cl_options *o, const char *value)
{
	o->suffixes = value;
	return NULL;
}

static const char *set_from(struct cl_options *o, const char *value)
{
	return cl_time_parse(value, &o->from_ns) ? NULL
						 : "needs a time such as 2024-05-01T00:00:00Z or 2024-05-01";
}

static const char *set_to(struct cl_options *o, const char *value)
{
	return cl_time_parse(value, &o->to_ns) ? NULL
					       : "needs a time such as 2024-05-01T00:00:00Z or 2024-05-01";
}

/* A whole string of digits from 1 to `max`. */
bool cl_option_number(const char *text, uint32_t max, uint32_t *out)
{
	uint32_t v = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		v = v * 10 + (uint32_t)(*text - '0');
		if (v > max)
			return false;
	}
	if (v == 0)
		return false;
	*out = v;
	return true;
}

static const char *set_step(struct cl_options *o, const char *value)
{
	return cl_option_number(value, STEP_MAX_S, &o->step_s)
		       ? NULL
		       : "needs a whole number of seconds from 1 to 86400";
}

static const char *add_window(struct cl_options *o, uint32_t s)
{
	size_t i = 0;

	while (i < o->nwindows && o->windows_s[i] < s)
		i++;
	if (i < o->nwindows && o->windows_s[i] == s)
		return NULL;
	if (o->nwindows == CL_WINDOWS_MAX)
		return "needs at most 8 windows";
	memmove(o->windows_s + i + 1, o->windows_s + i, (o->nwindows - i) * sizeof(o->windows_s[0]));
	o->windows_s[i] = s;
	o->nwindows++;
	return NULL;
}

static const char *set_window(struct cl_options *o, const char *value)
{
	if (!(o->given & CL_OPT_WINDOW))
		o->nwindows = 0;
	while (value != NULL) {
		const char *wrong;
		char item[16];
		uint32_t s;

		if (!next_item(&value, item, sizeof(item)) || !cl_option_number(item, WINDOW_MAX_S, &s))
			return "needs whole numbers of seconds from 1 to 2678400 with commas between";
		wrong = add_window(o, s);
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

/* Skips `ntp:` or `dns:`; whether it was the latter. */
static bool skip_proto(const char **value)
{
	bool dns = strncmp(*value, "dns:", 4) == 0;

	if (dns || strncmp(*value, "ntp:", 4) == 0)
		*value += 4;
	return dns;
}

static const char *set_plain(struct cl_options *o, const char *value)
{
	o->plain_dns = skip_proto(&value);
	o->nplain = 0;
	while (value != NULL) {
		char item[16];
		uint32_t s;

		if (o->nplain == CL_WINDOWS_MAX || !next_item(&value, item, sizeof(item)) ||
		    !cl_option_number(item, WINDOW_MAX_S, &s))
			return "needs at most 8 windows in seconds with commas between, of ntp: or dns:";
		o->plain_s[o->nplain++] = s;
	}
	if ((o->given & CL_OPT_WINDOW) == 0) { /* of captures these are counted */
		o->nwindows = 0;
		for (size_t i = 0; i < o->nplain; i++)
			add_window(o, o->plain_s[i]);
	}
	return NULL;
}

static const char *set_rrd(struct cl_options *o, const char *value)
{
	static const char *const names[] = { "ntp", "dns", NULL };
	int i = cl_option_choice(value, names);

	o->rrd = true;
	o->rrd_dns = i == 1;
	return i >= 0 ? NULL : "needs ntp or dns";
}

static const char *set_timeout(struct cl_options *o, const char *value)
{
	int64_t ns;

	if (!cl_seconds_parse(value, &ns) || ns < 1 || ns > TIMEOUT_MAX_NS)
		return "needs a number of seconds above 0 and up to 3600, with at most nine decimals";
	o->timeout_ns = ns;
	return NULL;
}

int cl_option_choice(const char *value, const char *const *names)
{
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(value, names[i]) == 0)
			return i;
	}
	return -1;
}

static const char *set_pairing(struct cl_options *o, const char *value)
{
	static const char *const names[] = { "standard", "wireshark", NULL };
	int i = cl_option_choice(value, names);

	if (i < 0)
		return "needs standard or wireshark";
	o->pairing = i == 0 ? CL_PAIRING_STANDARD : CL_PAIRING_WIRESHARK;
	return NULL;
}

static const char *set_sensor(struct cl_options *o, const char *value)
{
	size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	o->sensor = value;
	if (len == 0 || len > SENSOR_MAX || value[len] != '\0')
		return "needs a name of 1 to 63 letters, digits, points, hyphens and underscores";
	return NULL;
}

static const char *set_top(struct cl_options *o, const char *value)
{
	return cl_option_number(value, TOP_MAX, &o->top) ? NULL : "needs a whole number from 1 to 1000000";
}

static const char *set_format(struct cl_options *o, const char *value)
{
	static const char *const names[] = { "table", "json", "csv", NULL };
	static const enum cl_format formats[] = { CL_FORMAT_TABLE, CL_FORMAT_JSON, CL_FORMAT_CSV };
	int i = cl_option_choice(value, names);

	if (i < 0)
		return "needs table, json or csv";
	o->format = formats[i];
	return NULL;
}

/* Puts ports into a sorted array, each once. */
static const char *add_ports(const char *list, uint16_t ports[CL_PORTS_MAX], size_t *n)
{
	while (list != NULL) {
		uint32_t port;
		char item[8];
		size_t i = 0;

		if (!next_item(&list, item, sizeof(item)) || !cl_option_number(item, 65535, &port))
			return "needs port numbers from 1 to 65535 with commas between";
		while (i < *n && ports[i] < port)
			i++;
		if (i < *n && ports[i] == port)
			continue;
		if (*n == CL_PORTS_MAX)
			return "needs at most 64 ports";
		memmove(ports + i + 1, ports + i, (*n - i) * sizeof(*ports));
		ports[i] = (uint16_t)port;
		++*n;
	}
	return NULL;
}

static const char *set_dns_port(struct cl_options *o, const char *value)
{
	return add_ports(value, o->dns_ports, &o->ndns_ports);
}

static const char *set_ntp_port(struct cl_options *o, const char *value)
{
	return add_ports(value, o->ntp_ports, &o->nntp_ports);
}

static const char *set_tree(struct cl_options *o, const char *value)
{
	(void)value;
	o->tree = true;
	return NULL;
}

static const char *set_json(struct cl_options *o, const char *value)
{
	(void)value;
	o->json = true;
	return NULL;
}

static const char *set_count(struct cl_options *o, const char *value)
{
	uint32_t n;

	if (!cl_option_number(value, UINT32_C(4000000000), &n))
		return "needs a whole number from 1 to 4000000000";
	o->count = n;
	return NULL;
}

/* Octets: digits and a unit of 1024. False: something else, or beyond 64 bits. */
bool cl_option_octets(const char *text, uint64_t *out)
{
	static const char units[] = "KMGT";
	uint64_t v = 0;
	const char *unit, *at = text;

	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*at - '0'), &v))
			return false;
	if (at == text)
		return false;
	unit = *at != '\0' ? strchr(units, *at) : NULL;
	for (const char *u = units; unit != NULL && u <= unit; u++)
		if (__builtin_mul_overflow(v, 1024, &v))
			return false;
	*out = v;
	return at[unit != NULL] == '\0';
}

static const char *set_max_memory(struct cl_options *o, const char *value)
{
	o->max_memory = 0;
	if (strcmp(value, "none") == 0)
		return NULL;
	if (!cl_option_octets(value, &o->max_memory))
		return "needs a number of bytes, such as 500M or 2G, or none";
	return o->max_memory >= CL_MEMORY_LEAST ? NULL : "needs at least 64M";
}

static const char *set_fate(struct cl_options *o, const char *value)
{
	for (unsigned i = 0; i < CL_FATES; i++) {
		if (i != CL_FATE_FILTERED && strcmp(value, cl_fate_names[i]) == 0) {
			o->fate = (enum cl_fate)i;
			return NULL;
		}
	}
	return "needs counted, other, undecoded, truncated, malformed or incomplete";
}

static const char *set_quiet(struct cl_options *o, const char *value)
{
	(void)value;
	o->quiet = true;
	o->verbose = false;
	return NULL;
}

static const char *set_verbose(struct cl_options *o, const char *value)
{
	(void)value;
	o->verbose = true;
	o->quiet = false;
	return NULL;
}

static const char *set_no_progress(struct cl_options *o, const char *value)
{
	(void)value;
	o->no_progress = true;
	return NULL;
}

static const char *set_workers(struct cl_options *o, const char *value)
{
	return cl_option_number(value, WORKERS_MAX, &o->workers) ? NULL : "needs a number from 1 to 1024";
}

static const char *set_results(struct cl_options *o, const char *value)
{
	o->results = value;
	return NULL;
}

static const char *set_probes(struct cl_options *o, const char *value)
{
	o->probes = value;
	return NULL;
}

static const char *set_monitors(struct cl_options *o, const char *value)
{
	o->monitors = value;
	return NULL;
}

static const char *set_scores(struct cl_options *o, const char *value)
{
	o->scores = value;
	return NULL;
}

static const char *set_times(struct cl_options *o, const char *value)
{
	return cl_option_number(value, TIMES_MAX, &o->times) ? NULL : "needs a number from 1 to 1000000";
}

static const char *set_keep(struct cl_options *o, const char *value)
{
	while (value != NULL) {
		static const char *const names[] = { "transactions", "software", "names", NULL };
		char item[16];
		int i = next_item(&value, item, sizeof(item)) ? cl_option_choice(item, names) : -1;

		if (i < 0)
			return "needs transactions, software, names, with commas between";
		o->keep_transactions |= i == 0;
		o->keep_software |= i == 1;
		o->keep_names |= i == 2;
	}
	return NULL;
}

static const char *set_inner(struct cl_options *o, const char *value)
{
	(void)value;
	o->only = CL_ONLY_INNER;
	return NULL;
}

static const char *set_outer(struct cl_options *o, const char *value)
{
	(void)value;
	o->only = CL_ONLY_OUTER;
	return NULL;
}

static const char *set_plot(struct cl_options *o, const char *value)
{
	(void)value;
	o->plot = true;
	return NULL;
}

static const char *set_svg(struct cl_options *o, const char *value)
{
	o->svg = value;
	return *value != '\0' && strcmp(value, "-") != 0 ? NULL : "needs the path of a file";
}

static const char *set_split(struct cl_options *o, const char *value)
{
	static const char *const names[] = { "family", "auth",	 "mode",  "length", "tunnel", "pairing",
					     "kod",    "inside", "clock", "all",    NULL };
	_Static_assert(sizeof names / sizeof *names == CL_SPLITS + 2, "each split has a name");

	while (value != NULL) {
		char item[16];
		int i = next_item(&value, item, sizeof(item)) ? cl_option_choice(item, names) : -1;

		if (i < 0)
			return "needs family, auth, mode, length, tunnel, pairing, kod, inside, "
			       "clock or "
			       "all, "
			       "with commas between";
		o->split |= i == CL_SPLITS ? CL_SPLIT_BIT(CL_SPLITS) - 1 : CL_SPLIT_BIT(i);
	}
	return NULL;
}

const struct cl_option_row cl_option_rows[] = {
	{ CL_OPT_OUTPUT, 'o', "output", "DB", "keep everything in this SQLite database", set_output },
	{ CL_OPT_FILTER, 'f', "filter", "BPF", "only packets that pass this libpcap filter", set_filter },
	{ CL_OPT_SERVER, 0, "server", "ADDR[,ADDR...]", "only these are our servers; may be repeated",
	  set_server },
	{ CL_OPT_INNER, 0, "inner", NULL, "only messages that came in a tunnel", set_inner },
	{ CL_OPT_OUTER, 0, "outer", NULL, "only messages that came in no tunnel", set_outer },
	{ CL_OPT_NAMES, 0, "names", "FILE", "names of addresses, in hosts format", set_names },
	{ CL_OPT_LABELS, 0, "labels", "FILE", "labels of client networks: lines PREFIX LABEL", set_labels },
	{ CL_OPT_VENDORS, 0, "vendors", "FILE", "names of network cards' makers (IEEE, Wireshark)",
	  set_vendors },
	{ CL_OPT_FROM, 0, "from", "TIME", "nothing before this time (RFC 3339)", set_from },
	{ CL_OPT_TO, 0, "to", "TIME", "nothing from this time on (RFC 3339)", set_to },
	{ CL_OPT_STEP, 0, "step", "SECONDS", "distance of the points of series (300)", set_step },
	{ CL_OPT_WINDOW, 0, "window", "SECONDS[,...]", "windows in which clients are counted (300,1200)",
	  set_window },
	{ CL_OPT_TIMEOUT, 0, "timeout", "SECONDS", "a later response is late (10)", set_timeout },
	{ CL_OPT_PAIRING, 0, "pairing", "RULE", "standard, or wireshark for ntp.delta_time's rule",
	  set_pairing },
	{ CL_OPT_MAX_MEMORY, 0, "max-memory", "BYTES", "memory to stay within, such as 2G (3/4 of all)",
	  set_max_memory },
	{ CL_OPT_SENSOR, 0, "sensor", "NAME", "who captured this, in the database (default)", set_sensor },
	{ CL_OPT_KEEP, 0, "keep", "WHAT[,...]", "transactions; software, names: by day", set_keep },
	{ CL_OPT_RESULTS, 0, "results", "FILE", "results of RIPE Atlas measurements, JSON", set_results },
	{ CL_OPT_PROBES, 0, "probes", "FILE", "RIPE Atlas's list of probes, JSON", set_probes },
	{ CL_OPT_MONITORS, 0, "monitors", "FILE", "the NTP Pool's monitors: lines ADDRESS [NAME]",
	  set_monitors },
	{ CL_OPT_SCORES, 0, "scores", "FILE", "the NTP Pool's log of a server's scores, CSV", set_scores },
	{ CL_OPT_TIMES, 0, "times", "K", "peaks: above K times the median minute (2)", set_times },
	{ CL_OPT_SUFFIXES, 0, "suffixes", "FILE", "public suffixes, as publicsuffix.org lists them",
	  set_suffixes },
	{ CL_OPT_RESOLVER, 0, "resolver", "ADDR[,ADDR...]", "all addresses of the resolver; may be repeated",
	  set_resolver },
	{ CL_OPT_TOP, 0, "top", "N", "how many clients to name (10)", set_top },
	{ CL_OPT_SOFTWARE, 0, "software", NULL, "name the NTP software of each client", set_software },
	{ CL_OPT_SIGNATURES, 0, "signatures", "FILE", "more signatures of NTP software", set_signatures },
	{ CL_OPT_PLAIN, 0, "plain", "WINDOW[,...]", "only the last number of clients, for monitoring",
	  set_plain },
	{ CL_OPT_RRD, 0, "rrd", "PROTO", "only update lines for rrdtool: ntp or dns", set_rrd },
	{ CL_OPT_SPLIT, 0, "split", "WHAT[,...]", "by family, auth, mode ...; inside, clock; all",
	  set_split },
	{ CL_OPT_DNS_PORT, 0, "dns-port", "PORT[,...]", "ports of DNS beside 53; may be repeated",
	  set_dns_port },
	{ CL_OPT_NTP_PORT, 0, "ntp-port", "PORT[,...]", "ports of NTP beside 123; may be repeated",
	  set_ntp_port },
	{ CL_OPT_TREE, 'V', "tree", NULL, "all of each packet, layer by layer", set_tree },
	{ CL_OPT_JSON, 0, "json", NULL, "all of each packet as a JSON object on a line", set_json },
	{ CL_OPT_COUNT, 'c', "count", "N", "stop after N packets", set_count },
	{ CL_OPT_FATE, 0, "fate", "FATE", "only packets that became this", set_fate },
	{ CL_OPT_KEYLOG, 0, "keylog", "FILE", "secrets of TLS connections: opens NTS-KE", set_keylog },
	{ CL_OPT_KEYS, 0, "keys", "FILE", "symmetric keys of NTP: verifies MACs", set_keys },
	{ CL_OPT_WORKERS, 0, "workers", "N", "threads that analyse (as there are processors)", set_workers },
	{ CL_OPT_FORMAT, 0, "format", "FORMAT", "table, json or csv (table)", set_format },
	{ CL_OPT_PLOT, 0, "plot", NULL, "draw plots below the tables", set_plot },
	{ CL_OPT_SVG, 0, "svg", "FILE", "draw plots into an SVG file", set_svg },
	{ CL_OPT_QUIET, 'q', "quiet", NULL, "no progress, no warnings; read -o: no summary", set_quiet },
	{ CL_OPT_VERBOSE, 'v', "verbose", NULL, "say which files are read", set_verbose },
	{ CL_OPT_NO_PROGRESS, 0, "no-progress", NULL, "no progress line on a terminal", set_no_progress },
	{ CL_OPT_HELP, 'h', "help", NULL, "show this text", NULL },
	{ CL_OPT_VERSION, 0, "version", NULL, "show the version", NULL },
};

_Static_assert(sizeof cl_option_rows / sizeof *cl_option_rows <= CL_OPTION_ROWS_MAX,
	       "getopt's tables have room");

const size_t cl_option_rows_count = sizeof cl_option_rows / sizeof *cl_option_rows;
