/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/memory.h"
#include "cli/timefmt.h"

#define EXIT_USAGE     2
#define STEP_MAX_S     86400u
#define WINDOW_MAX_S   2678400u /* 31 days */
#define TIMEOUT_MAX_NS INT64_C(3600000000000)
#define TOP_MAX	       1000000u
#define SENSOR_MAX     63u
#define WORKERS_MAX    1024u
#define LONG_ONLY      0x100 /* getopt's value for row i is its letter, or this and i */

/* Reads the value (NULL where the option has none). NULL, or what it needs: "needs ...". */
typedef const char *(*setter)(struct cl_options *o, const char *value);

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

static const char *set_labels(struct cl_options *o, const char *value)
{
	o->labels = value;
	return NULL;
}

/* Puts an address into the sorted array, once. */
static const char *add_server(struct cl_options *o, const struct cl_addr *a)
{
	size_t i = o->nservers;
	struct cl_addr *p;

	for (size_t k = 0; k < o->nservers; k++) {
		int c = cl_addr_cmp(a, &o->servers[k]);

		if (c == 0)
			return NULL;
		if (c < 0) {
			i = k;
			break;
		}
	}
	if (o->nservers == CL_SERVERS_MAX)
		return "needs at most 4096 addresses";
	p = realloc(o->servers, (o->nservers + 1) * sizeof(*p));
	if (p == NULL)
		return no_memory;
	memmove(p + i + 1, p + i, (o->nservers - i) * sizeof(*p));
	p[i] = *a;
	o->servers = p;
	o->nservers++;
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

static const char *set_server(struct cl_options *o, const char *value)
{
	while (value != NULL) {
		char item[CL_ADDR_STRLEN];
		const char *wrong;
		struct cl_addr a;

		if (!next_item(&value, item, sizeof(item)) || !cl_addr_parse(item, &a))
			return "needs IPv4 or IPv6 addresses with commas between";
		wrong = add_server(o, &a);
		if (wrong != NULL)
			return wrong;
	}
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
static bool parse_number(const char *text, uint32_t max, uint32_t *out)
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
	return parse_number(value, STEP_MAX_S, &o->step_s)
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

		if (!next_item(&value, item, sizeof(item)) || !parse_number(item, WINDOW_MAX_S, &s))
			return "needs whole numbers of seconds from 1 to 2678400 with commas between";
		wrong = add_window(o, s);
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

static const char *set_timeout(struct cl_options *o, const char *value)
{
	int64_t ns;

	if (!cl_seconds_parse(value, &ns) || ns < 1 || ns > TIMEOUT_MAX_NS)
		return "needs a number of seconds above 0 and up to 3600, with at most nine decimals";
	o->timeout_ns = ns;
	return NULL;
}

/* The place of the value among `names` (which NULL ends), or -1. */
static int choice(const char *value, const char *const *names)
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
	int i = choice(value, names);

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
	return parse_number(value, TOP_MAX, &o->top) ? NULL : "needs a whole number from 1 to 1000000";
}

static const char *set_format(struct cl_options *o, const char *value)
{
	static const char *const names[] = { "table", "json", "csv", NULL };
	static const enum cl_format formats[] = { CL_FORMAT_TABLE, CL_FORMAT_JSON, CL_FORMAT_CSV };
	int i = choice(value, names);

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

		if (!next_item(&list, item, sizeof(item)) || !parse_number(item, 65535, &port))
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

	if (!parse_number(value, UINT32_C(4000000000), &n))
		return "needs a whole number from 1 to 4000000000";
	o->count = n;
	return NULL;
}

/* Octets: digits and a unit of 1024. False: something else, or beyond 64 bits. */
static bool parse_octets(const char *text, uint64_t *out)
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
	if (!parse_octets(value, &o->max_memory))
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
	return parse_number(value, WORKERS_MAX, &o->workers) ? NULL : "needs a number from 1 to 1024";
}

/* In the order of the help text. Rows without a setter end the run. */
static const struct row {
	enum cl_option option;
	char letter; /* or 0 */
	const char *name;
	const char *arg; /* or NULL */
	const char *help;
	setter set;
} rows[] = {
	{ CL_OPT_OUTPUT, 'o', "output", "DB", "keep everything in this SQLite database", set_output },
	{ CL_OPT_FILTER, 'f', "filter", "BPF", "only packets that pass this libpcap filter", set_filter },
	{ CL_OPT_SERVER, 0, "server", "ADDR[,ADDR...]", "only these are our servers; may be repeated",
	  set_server },
	{ CL_OPT_NAMES, 0, "names", "FILE", "names of addresses, in hosts format", set_names },
	{ CL_OPT_LABELS, 0, "labels", "FILE", "labels of client networks: lines PREFIX LABEL", set_labels },
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
	{ CL_OPT_TOP, 0, "top", "N", "how many clients to name (10)", set_top },
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
	{ CL_OPT_QUIET, 'q', "quiet", NULL, "no progress, no warnings; read -o: no summary", set_quiet },
	{ CL_OPT_VERBOSE, 'v', "verbose", NULL, "say which files are read", set_verbose },
	{ CL_OPT_NO_PROGRESS, 0, "no-progress", NULL, "no progress line on a terminal", set_no_progress },
	{ CL_OPT_HELP, 'h', "help", NULL, "show this text", NULL },
	{ CL_OPT_VERSION, 0, "version", NULL, "show the version", NULL },
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static void print_version(void)
{
	printf("clientele %s\n", PACKAGE_VERSION);
}

static void print_option(const struct row *r)
{
	char left[48];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", r->letter != 0 ? '-' : ' ',
		 r->letter != 0 ? r->letter : ' ', r->letter != 0 ? "," : " ", r->name,
		 r->arg != NULL ? " " : "", r->arg != NULL ? r->arg : "");
	printf("  %-27s %s\n", left, r->help);
}

static void print_help(const struct cl_command *command)
{
	printf("Usage: clientele %s %s\n%s\n\nOptions:\n", command->name, command->usage, command->summary);
	for (size_t i = 0; i < NROWS; i++) {
		if (command->takes & rows[i].option)
			print_option(&rows[i]);
	}
	printf("\nExample:\n%s", command->example);
}

static void print_commands(FILE *out, const struct cl_command *commands, size_t n)
{
	fprintf(out, "Usage: clientele COMMAND [OPTION...] INPUT...\n"
		     "Counts the clients of NTP and DNS servers and measures their answers, from "
		     "captures.\n\nCommands:\n");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\nINPUT is capture files (pcap or pcapng, also compressed; - is standard input) or one "
		     "database.\n"
		     "'clientele COMMAND --help' shows a command's options. Manual: man clientele\n");
}

static const struct cl_command *find(const struct cl_command *commands, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	cl_error(name, "no such command; 'clientele --help' lists them");
	return NULL;
}

const struct cl_command *cl_command_find(const struct cl_command *commands, size_t n, int argc, char **argv,
					 int *status)
{
	static const char *const words[] = { "--help", "-h", "help", "--version", NULL };
	const struct cl_command *command;
	int word = argc > 1 ? choice(argv[1], words) : 0;

	*status = argc > 1 ? 0 : EXIT_USAGE;
	if (word < 0) {
		command = find(commands, n, argv[1]);
		*status = command != NULL ? 0 : EXIT_USAGE;
		return command;
	}
	if (word == 2 && argc > 2) {
		command = find(commands, n, argv[2]);
		if (command != NULL)
			print_help(command);
		*status = command != NULL ? 0 : EXIT_USAGE;
	} else if (word == 3) {
		print_version();
	} else {
		print_commands(argc > 1 ? stdout : stderr, commands, n);
	}
	return NULL;
}

/* The row that getopt's value stands for, or NULL. */
static const struct row *row_of(int value)
{
	for (size_t i = 0; i < NROWS; i++) {
		if (value == (rows[i].letter != 0 ? rows[i].letter : LONG_ONLY + (int)i))
			return &rows[i];
	}
	return NULL;
}

/* Writes getopt's two tables for the options that the command takes. */
static void make_tables(unsigned takes, char letters[2 * NROWS + 3], struct option longs[NROWS + 1])
{
	char *p = letters;

	*p++ = '-'; /* inputs come back as they stand, as value 1 */
	*p++ = ':'; /* a missing value is told apart */
	for (size_t i = 0; i < NROWS; i++) {
		const struct row *r = &rows[i];

		if (!(takes & r->option))
			continue;
		longs->name = r->name;
		longs->has_arg = r->arg != NULL ? required_argument : no_argument;
		longs->flag = NULL;
		longs->val = r->letter != 0 ? r->letter : LONG_ONLY + (int)i;
		longs++;
		if (r->letter == 0)
			continue;
		*p++ = r->letter;
		if (r->arg != NULL)
			*p++ = ':';
	}
	*p = '\0';
	memset(longs, 0, sizeof(*longs));
}

/* The option as the user would type it. */
static void name_of(const struct row *r, char out[32])
{
	snprintf(out, 32, "--%s", r->name);
}

/* One line about what getopt did not like. */
static void complain(const struct cl_command *command, char **argv, int value)
{
	const struct row *r = optopt != 0 ? row_of(optopt) : NULL;
	char name[32];

	if (value == ':' && r != NULL) {
		name_of(r, name);
		cl_error(name, "needs a value: %s", r->arg);
	} else if (r != NULL && (command->takes & r->option)) {
		name_of(r, name);
		cl_error(name, "takes no value");
	} else if (optopt != 0) {
		snprintf(name, sizeof(name), "-%c", optopt);
		cl_error(name, "is not an option of 'clientele %s'; see 'clientele %s --help'", command->name,
			 command->name);
	} else {
		cl_error(argv[optind - 1], "is not an option of 'clientele %s'; see 'clientele %s --help'",
			 command->name, command->name);
	}
}

/* Sets one option; CL_GO_ON or an exit status. */
static int take_option(const struct cl_command *command, const struct row *r, struct cl_options *o)
{
	const char *wrong;
	char name[32];

	if (r->option == CL_OPT_HELP || r->option == CL_OPT_VERSION) {
		if (r->option == CL_OPT_HELP)
			print_help(command);
		else
			print_version();
		return 0;
	}
	wrong = r->set(o, optarg);
	o->given |= r->option;
	if (wrong == NULL)
		return CL_GO_ON;
	name_of(r, name);
	cl_error(name, "%s, not '%s'", wrong, optarg);
	return EXIT_USAGE;
}

/* What can only be judged when all is read. */
static int check_whole(const struct cl_command *command, const struct cl_options *o)
{
	if ((o->given & CL_OPT_FROM) && (o->given & CL_OPT_TO) && o->from_ns >= o->to_ns) {
		cl_error("--to", "needs a time after that of --from");
		return EXIT_USAGE;
	}
	if (o->tree && o->json) {
		cl_error("--json", "does not go with -V");
		return EXIT_USAGE;
	}
	if (o->ninputs == 0) {
		cl_error(command->name, "needs an input; see 'clientele %s --help'", command->name);
		return EXIT_USAGE;
	}
	return CL_GO_ON;
}

static void set_defaults(struct cl_options *o)
{
	memset(o, 0, sizeof(*o));
	o->sensor = "default";
	o->step_s = 300;
	o->windows_s[0] = 300;
	o->windows_s[1] = 1200;
	o->nwindows = 2;
	o->timeout_ns = INT64_C(10000000000);
	o->pairing = CL_PAIRING_STANDARD;
	o->format = CL_FORMAT_TABLE;
	o->top = 10;
	o->max_memory = cl_memory_default();
}

int cl_options_parse(const struct cl_command *command, int argc, char **argv, struct cl_options *o)
{
	char letters[2 * NROWS + 3];
	struct option longs[NROWS + 1];
	int value, status = CL_GO_ON;

	set_defaults(o);
	o->inputs = calloc((size_t)argc + 1, sizeof(*o->inputs));
	if (o->inputs == NULL) {
		cl_error(command->name, "not enough memory");
		return EXIT_USAGE;
	}
	make_tables(command->takes, letters, longs);
	opterr = 0;
	optind = 0; /* begins anew, in glibc and musl */
	while (status == CL_GO_ON && (value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct row *r = row_of(value);

		if (value == 1) {
			o->inputs[o->ninputs++] = optarg;
		} else if (r == NULL) {
			complain(command, argv, value);
			status = EXIT_USAGE;
		} else {
			status = take_option(command, r, o);
		}
	}
	while (status == CL_GO_ON && optind < argc)
		o->inputs[o->ninputs++] = argv[optind++];
	return status == CL_GO_ON ? check_whole(command, o) : status;
}

void cl_options_free(struct cl_options *o)
{
	free(o->servers);
	free(o->inputs);
	o->servers = NULL;
	o->inputs = NULL;
	o->nservers = 0;
	o->ninputs = 0;
}
