/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options_rows.h"
#include "tests/unit/redirect.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_ARGS 24

static int run(const struct cl_command *c, const struct cl_options *o)
{
	(void)c;
	(void)o;
	return 0;
}

static const char *set_bow(void *kept, const char *value)
{
	if (strcmp(value, "wow") != 0)
		return "needs wow";
	*(int *)kept += 1;
	return NULL;
}

static const char *set_purr(void *kept, const char *value)
{
	assert_null(value);
	*(int *)kept += 10;
	return NULL;
}

static int own_sum;
static const struct cl_own_option own[] = { { 'b', "bow", "WOW", "says wow", set_bow },
					    { 0, "purr", NULL, "says nothing", set_purr } };

static const struct cl_command commands[] = {
	{ .name = "read",
	  .summary = "analyse captures and print the summary",
	  .usage = "[OPTION...] FILE...",
	  .example = "  clientele read -o may.db may-*.pcap\n",
	  .takes = CL_OPTS_VIEW | CL_OPT_OUTPUT | CL_OPT_SENSOR | CL_OPT_TOP,
	  .run = run },
	{ .name = "summary",
	  .summary = "totals",
	  .usage = "[OPTION...] INPUT...",
	  .example = "  clientele summary a.pcap\n",
	  .takes = CL_OPTS_VIEW,
	  .run = run },
	{ .name = "dog",
	  .summary = "with options of its own",
	  .usage = "[OPTION...]",
	  .example = "  clientele dog -b wow\n",
	  .takes = CL_OPTS_COMMON,
	  .run = run,
	  .own = own,
	  .nown = COUNT(own),
	  .kept = &own_sum,
	  .inputless = true },
};

/* A command line: words parted by one space each. */
struct line {
	char text[512];
	char *argv[MAX_ARGS + 1];
	int argc;
};

static void split(struct line *l, const char *words)
{
	char *save = NULL;

	snprintf(l->text, sizeof(l->text), "%s", words);
	l->argc = 0;
	for (char *p = strtok_r(l->text, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save)) {
		assert_true(l->argc < MAX_ARGS);
		l->argv[l->argc++] = p;
	}
	l->argv[l->argc] = NULL;
}

/* No two options share a bit: one would be taken for the other. */
static void bits_are_their_own(void **state)
{
	uint64_t seen = 0;

	(void)state;
	for (size_t i = 0; i < cl_option_rows_count; i++) {
		assert_int_equal(__builtin_popcountll(cl_option_rows[i].option), 1);
		assert_int_equal(seen & cl_option_rows[i].option, 0);
		seen |= cl_option_rows[i].option;
	}
}

static void defaults_stand(void **state)
{
	struct cl_options o;
	struct line l;

	(void)state;
	split(&l, "read a.pcap");
	assert_int_equal(cl_options_parse(&commands[0], l.argc, l.argv, &o), CL_GO_ON);
	assert_int_equal(o.given, 0);
	assert_null(o.output);
	assert_null(o.filter);
	assert_null(o.names);
	assert_null(o.labels);
	assert_string_equal(o.sensor, "default");
	assert_int_equal(o.nservers, 0);
	assert_int_equal(o.step_s, 300);
	assert_int_equal(o.nwindows, 2);
	assert_int_equal(o.windows_s[0], 300);
	assert_int_equal(o.windows_s[1], 1200);
	assert_true(o.timeout_ns == INT64_C(10000000000));
	assert_int_equal(o.pairing, CL_PAIRING_STANDARD);
	assert_int_equal(o.format, CL_FORMAT_TABLE);
	assert_int_equal(o.top, 10);
	assert_true(o.max_memory >= 64u << 20);
	assert_false(o.quiet || o.verbose || o.no_progress);
	assert_int_equal(o.ninputs, 1);
	assert_string_equal(o.inputs[0], "a.pcap");
	cl_options_free(&o);
}

static void every_option_is_taken(void **state)
{
	struct cl_options o;
	struct line l;

	(void)state;
	split(&l, "read a.pcap -o x.db -f udp --server 192.0.2.2,2001:db8::1 --names n --labels=l --from "
		  "2024-05-01 "
		  "--to 2024-06-01T00:00:00.5Z --step 60 --window 600,60 --timeout 0.25");
	assert_int_equal(cl_options_parse(&commands[0], l.argc, l.argv, &o), CL_GO_ON);
	assert_string_equal(o.output, "x.db");
	assert_string_equal(o.filter, "udp");
	assert_string_equal(o.names, "n");
	assert_string_equal(o.labels, "l");
	assert_int_equal(o.nservers, 2);
	assert_true(cl_addr_is_v4(&o.servers[0]));
	assert_false(cl_addr_is_v4(&o.servers[1]));
	assert_true(o.from_ns == INT64_C(1714521600000000000));
	assert_true(o.to_ns == INT64_C(1717200000500000000));
	assert_int_equal(o.step_s, 60);
	assert_int_equal(o.nwindows, 2);
	assert_int_equal(o.windows_s[0], 60);
	assert_int_equal(o.windows_s[1], 600);
	assert_true(o.timeout_ns == 250000000);
	assert_int_equal(o.given, CL_OPT_OUTPUT | CL_OPT_FILTER | CL_OPT_SERVER | CL_OPT_NAMES |
					  CL_OPT_LABELS | CL_OPT_FROM | CL_OPT_TO | CL_OPT_STEP |
					  CL_OPT_WINDOW | CL_OPT_TIMEOUT);
	cl_options_free(&o);

	split(&l, "read --pairing wireshark --sensor ber-1 --top 3 --max-memory 3G --format csv -qv "
		  "--no-progress -");
	assert_int_equal(cl_options_parse(&commands[0], l.argc, l.argv, &o), CL_GO_ON);
	assert_int_equal(o.pairing, CL_PAIRING_WIRESHARK);
	assert_string_equal(o.sensor, "ber-1");
	assert_int_equal(o.top, 3);
	assert_true(o.max_memory == UINT64_C(3) << 30);
	assert_true(o.verbose && o.no_progress);
	assert_false(o.quiet);
	assert_int_equal(o.format, CL_FORMAT_CSV);
	assert_string_equal(o.inputs[0], "-");
	cl_options_free(&o);
}

static void inputs_stand_anywhere(void **state)
{
	struct cl_options o;
	struct line l;

	(void)state;
	split(&l, "summary a -q b --step 5 - c -- -d --step");
	assert_int_equal(cl_options_parse(&commands[1], l.argc, l.argv, &o), CL_GO_ON);
	assert_int_equal(o.ninputs, 6);
	assert_string_equal(o.inputs[0], "a");
	assert_string_equal(o.inputs[1], "b");
	assert_string_equal(o.inputs[2], "-");
	assert_string_equal(o.inputs[3], "c");
	assert_string_equal(o.inputs[4], "-d");
	assert_string_equal(o.inputs[5], "--step");
	assert_null(o.inputs[6]);
	cl_options_free(&o);
}

static void resolvers(void **state)
{
	static const struct cl_command dns = { .name = "dns",
					       .takes = CL_OPTS_VIEW | CL_OPT_RESOLVER | CL_OPT_SUFFIXES,
					       .usage = "INPUT..." };
	struct cl_options o;
	struct line l;

	(void)state;
	split(&l, "dns --resolver 192.0.2.2,::1 --resolver 192.0.2.1 --suffixes list a");
	assert_int_equal(cl_options_parse(&dns, l.argc, l.argv, &o), CL_GO_ON);
	assert_int_equal(o.nresolvers, 3);
	assert_int_equal(o.nservers, 0);
	for (size_t i = 1; i < o.nresolvers; i++)
		assert_true(cl_addr_cmp(&o.resolvers[i - 1], &o.resolvers[i]) < 0);
	assert_string_equal(o.suffixes, "list");
	cl_options_free(&o);
}

static void plots_and_splits(void **state)
{
	static const struct cl_command delta = {
		.name = "delta", .takes = CL_OPTS_VIEW | CL_OPT_SPLIT | CL_OPT_PLOT | CL_OPT_SVG
	};
	static const char *const refused[] = {
		"delta --split all,more a", "delta --split , a",	   "delta --svg - a",
		"delta --svg= a",	    "delta --plot --format csv a", "delta --format json --plot a"
	};
	struct cl_options o;
	struct line l;

	(void)state;
	split(&l, "delta --split family,clock --split kod --svg x.svg --plot a");
	assert_int_equal(cl_options_parse(&delta, l.argc, l.argv, &o), CL_GO_ON);
	assert_int_equal(o.split, CL_SPLIT_BIT(CL_SPLIT_FAMILY) | CL_SPLIT_BIT(CL_SPLIT_CLOCK) |
					  CL_SPLIT_BIT(CL_SPLIT_KOD));
	assert_true(o.plot);
	assert_string_equal(o.svg, "x.svg");
	cl_options_free(&o);
	split(&l, "delta --split all --svg x.svg --format json a");
	assert_int_equal(cl_options_parse(&delta, l.argc, l.argv, &o), CL_GO_ON);
	assert_int_equal(o.split, (1u << CL_SPLITS) - 1);
	cl_options_free(&o);
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct redirect r;

		split(&l, refused[i]);
		redirect_begin(&r, stderr);
		assert_int_equal(cl_options_parse(&delta, l.argc, l.argv, &o), 2);
		redirect_end(&r);
		cl_options_free(&o);
	}
}

static void dissect_takes_its_own(void **state)
{
	static const struct cl_command dissect = { .name = "dissect",
						   .takes = CL_OPT_TREE | CL_OPT_JSON | CL_OPT_COUNT |
							    CL_OPT_FATE | CL_OPT_DNS_PORT | CL_OPT_NTP_PORT |
							    CL_OPT_KEYLOG | CL_OPT_KEYS };
	struct cl_options o;
	struct line l;

	(void)state;
	split(&l, "dissect -V -c 4000000000 --fate malformed --dns-port 5353,54 --dns-port 54,1 "
		  "--ntp-port 65535 --keylog keys.txt --keys ntp.keys a");
	assert_int_equal(cl_options_parse(&dissect, l.argc, l.argv, &o), CL_GO_ON);
	assert_true(o.tree);
	assert_false(o.json);
	assert_true(o.count == 4000000000u);
	assert_int_equal(o.fate, CL_FATE_MALFORMED);
	assert_int_equal(o.ndns_ports, 3);
	assert_int_equal(o.dns_ports[0], 1);
	assert_int_equal(o.dns_ports[1], 54);
	assert_int_equal(o.dns_ports[2], 5353);
	assert_string_equal(o.keylog, "keys.txt");
	assert_string_equal(o.keys, "ntp.keys");
	assert_int_equal(o.nntp_ports, 1);
	assert_int_equal(o.ntp_ports[0], 65535);
	cl_options_free(&o);
	split(&l, "dissect --json a");
	assert_int_equal(cl_options_parse(&dissect, l.argc, l.argv, &o), CL_GO_ON);
	assert_true(o.json && o.count == 0 && o.ndns_ports == 0);
	assert_int_equal(o.given, CL_OPT_JSON);
	cl_options_free(&o);
}

static void messages_in_tunnels_or_not(void **state)
{
	static const struct {
		const char *line;
		enum cl_only only;
	} rows[] = { { "summary a", CL_ONLY_ALL },
		     { "summary --inner a", CL_ONLY_INNER },
		     { "summary --outer a", CL_ONLY_OUTER } };
	struct cl_options o;
	struct line l;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		split(&l, rows[i].line);
		assert_int_equal(cl_options_parse(&commands[1], l.argc, l.argv, &o), CL_GO_ON);
		assert_int_equal(o.only, rows[i].only);
		cl_options_free(&o);
	}
}

static void lists_are_sorted_sets(void **state)
{
	struct cl_options o;
	struct line l;

	(void)state;
	split(&l, "summary --window 8,7,6,5 --window 4,3,2,1,8 --server ::1,10.0.0.9 --server "
		  "10.0.0.1,::1,10.0.0.9 a");
	assert_int_equal(cl_options_parse(&commands[1], l.argc, l.argv, &o), CL_GO_ON);
	assert_int_equal(o.nwindows, 8);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(o.windows_s[i], i + 1);
	assert_int_equal(o.nservers, 3);
	assert_int_equal(o.servers[0].b[15], 1);
	assert_int_equal(o.servers[1].b[15], 9);
	assert_false(cl_addr_is_v4(&o.servers[2]));
	cl_options_free(&o);
}

static void wrong_words_give_one_line(void **state)
{
	static const struct {
		const char *words, *said;
	} cases[] = {
		{ "summary", "summary: needs an input; see 'clientele summary --help'" },
		{ "summary a --step x", "--step: needs a whole number of seconds from 1 to 86400, not 'x'" },
		{ "summary a --step 0", "--step: needs a whole number of seconds from 1 to 86400, not '0'" },
		{ "summary a --step 86401",
		  "--step: needs a whole number of seconds from 1 to 86400, not '86401'" },
		{ "summary a --step=", "--step: needs a whole number of seconds from 1 to 86400, not ''" },
		{ "summary a --step 4294967297",
		  "--step: needs a whole number of seconds from 1 to 86400, not '4294967297'" },
		{ "summary a --step -5",
		  "--step: needs a whole number of seconds from 1 to 86400, not '-5'" },
		{ "summary a --window 300,",
		  "--window: needs whole numbers of seconds from 1 to 2678400 with commas "
		  "between, not '300,'" },
		{ "summary a --window 0",
		  "--window: needs whole numbers of seconds from 1 to 2678400 with commas "
		  "between, not '0'" },
		{ "summary a --window 1,2,3,4,5,6,7,8,9",
		  "--window: needs at most 8 windows, not '1,2,3,4,5,6,7,8,9'" },
		{ "summary a --timeout 0",
		  "--timeout: needs a number of seconds above 0 and up to 3600, with at most "
		  "nine decimals, not '0'" },
		{ "summary a --timeout 3600.000000001",
		  "--timeout: needs a number of seconds above 0 and up to 3600, "
		  "with at most nine decimals, not '3600.000000001'" },
		{ "summary a --server 192.0.2.0/24",
		  "--server: needs IPv4 or IPv6 addresses with commas between, not '192.0.2.0/24'" },
		{ "summary a --server ::1,,::2",
		  "--server: needs IPv4 or IPv6 addresses with commas between, not '::1,,::2'" },
		{ "summary a --from yesterday",
		  "--from: needs a time such as 2024-05-01T00:00:00Z or 2024-05-01, not 'yesterday'" },
		{ "summary a --from 2024-05-02 --to 2024-05-02", "--to: needs a time after that of --from" },
		{ "summary a --pairing both", "--pairing: needs standard or wireshark, not 'both'" },
		{ "summary a --format xml", "--format: needs table, json or csv, not 'xml'" },
		{ "read a --top 0", "--top: needs a whole number from 1 to 1000000, not '0'" },
		{ "read a --sensor a/b", "--sensor: needs a name of 1 to 63 letters, digits, points, hyphens "
					 "and underscores, not 'a/b'" },
		{ "read a -o", "--output: needs a value: DB" },
		{ "read a --names", "--names: needs a value: FILE" },
		{ "read a --quiet=3", "--quiet: takes no value" },
		{ "summary a --top 5",
		  "--top: is not an option of 'clientele summary'; see 'clientele summary --help'" },
		{ "summary a -o x",
		  "-o: is not an option of 'clientele summary'; see 'clientele summary --help'" },
		{ "summary a -qZ",
		  "-Z: is not an option of 'clientele summary'; see 'clientele summary --help'" },
		{ "summary --nonsense a",
		  "--nonsense: is not an option of 'clientele summary'; see 'clientele summary --help'" },
		{ "summary a --t 5",
		  "--t: is not an option of 'clientele summary'; see 'clientele summary --help'" },
	};
	static struct redirect r;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char expected[256];
		struct cl_options o;
		struct line l;
		int status;

		split(&l, cases[i].words);
		redirect_begin(&r, stderr);
		status = cl_options_parse(&commands[cases[i].words[0] == 's'], l.argc, l.argv, &o);
		redirect_end(&r);
		snprintf(expected, sizeof(expected), "clientele: %s\n", cases[i].said);
		assert_string_equal(r.text, expected);
		assert_int_equal(status, 2);
		cl_options_free(&o);
	}
}

static void help_shows_what_a_command_takes(void **state)
{
	static struct redirect r;
	struct cl_options o;
	struct line l;
	int status;

	(void)state;
	split(&l, "summary --step 5 --help a");
	redirect_begin(&r, stdout);
	status = cl_options_parse(&commands[1], l.argc, l.argv, &o);
	redirect_end(&r);
	assert_int_equal(status, 0);
	assert_ptr_equal(
		strstr(r.text, "Usage: clientele summary [OPTION...] INPUT...\ntotals\n\nOptions:\n"),
		r.text);
	assert_non_null(strstr(
		r.text, "\n  -f, --filter BPF            only packets that pass this libpcap filter\n"));
	assert_non_null(
		strstr(r.text, "\n      --step SECONDS          distance of the points of series (300)\n"));
	assert_null(strstr(r.text, "--output"));
	assert_null(strstr(r.text, "--sensor"));
	assert_non_null(strstr(r.text, "\nExample:\n  clientele summary a.pcap\n"));
	cl_options_free(&o);
}

static void lines_of_help_fit_a_terminal(void **state)
{
	static struct redirect r;
	struct cl_options o;
	struct line l;
	size_t n = 0;

	(void)state;
	split(&l, "read -h");
	redirect_begin(&r, stdout);
	assert_int_equal(cl_options_parse(&commands[0], l.argc, l.argv, &o), 0);
	redirect_end(&r);
	for (const char *p = r.text; *p != '\0'; p++) {
		n = *p == '\n' ? 0 : n + 1;
		assert_true(n <= 80);
	}
	cl_options_free(&o);
}

static void finds_commands(void **state)
{
	static const struct {
		const char *words;
		int command; /* index, or -1 */
		int status;
		const char *out, *err;
	} cases[] = {
		{ "clientele read a", 0, 0, "", "" },
		{ "clientele summary --help", 1, 0, "", "" },
		{ "clientele", -1, 2, "", "Usage: clientele COMMAND [OPTION...] INPUT...\n" },
		{ "clientele --help", -1, 0, "\n  read       analyse captures and print the summary\n", "" },
		{ "clientele -h", -1, 0, "Usage: clientele COMMAND", "" },
		{ "clientele help", -1, 0, "Usage: clientele COMMAND", "" },
		{ "clientele help summary", -1, 0, "Usage: clientele summary [OPTION...] INPUT...\n", "" },
		{ "clientele help nothing", -1, 2, "",
		  "clientele: nothing: no such command; 'clientele --help' lists "
		  "them\n" },
		{ "clientele --version", -1, 0, "clientele " PACKAGE_VERSION "\n", "" },
		{ "clientele sumary", -1, 2, "",
		  "clientele: sumary: no such command; 'clientele --help' lists them\n" },
		{ "clientele -x", -1, 2, "",
		  "clientele: -x: no such command; 'clientele --help' lists them\n" },
	};
	static struct redirect out, err;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct cl_command *found;
		struct line l;
		int status = -7;

		split(&l, cases[i].words);
		redirect_begin(&out, stdout);
		redirect_begin(&err, stderr);
		found = cl_command_find(commands, COUNT(commands), l.argc, l.argv, &status);
		redirect_end(&err);
		redirect_end(&out);
		assert_ptr_equal(found, cases[i].command >= 0 ? &commands[cases[i].command] : NULL);
		assert_int_equal(status, cases[i].status);
		assert_non_null(strstr(out.text, cases[i].out));
		assert_int_equal(err.text[0] == '\0', cases[i].err[0] == '\0');
		assert_ptr_equal(strstr(err.text, cases[i].err), err.text);
	}
}

static const struct cl_command clients = { .name = "clients",
					   .summary = "clients",
					   .usage = "INPUT...",
					   .example = "",
					   .takes = CL_OPTS_VIEW | CL_OPT_PLAIN | CL_OPT_RRD | CL_OPT_VENDORS,
					   .run = run };

/* --plain says which windows are counted, unless --window does, before it or behind. */
static void plain_numbers(void **state)
{
	static const struct {
		const char *words;
		size_t nplain, nwindows;
		uint32_t plain, window; /* the first ones */
		bool dns;
	} cases[] = {
		{ "clients --plain 1200,300 a", 2, 2, 1200, 300, false },
		{ "clients --plain dns:600 a", 1, 1, 600, 600, true },
		{ "clients --plain ntp:600 --window 60 a", 1, 1, 600, 60, false },
		{ "clients --window 60,90 --plain 600 a", 1, 2, 600, 60, false },
		{ "clients --vendors v a", 0, 2, 0, 300, false },
	};
	struct cl_options o;
	struct line l;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		split(&l, cases[i].words);
		assert_int_equal(cl_options_parse(&clients, l.argc, l.argv, &o), CL_GO_ON);
		assert_int_equal(o.nplain, cases[i].nplain);
		assert_int_equal(o.plain_s[0], cases[i].plain);
		assert_int_equal(o.nwindows, cases[i].nwindows);
		assert_int_equal(o.windows_s[0], cases[i].window);
		assert_int_equal(o.plain_dns, cases[i].dns);
		cl_options_free(&o);
	}
	static const char *const wrong[] = {
		"clients --plain 0 a",	 "clients --plain icmp:300 a", "clients --plain 1,2,3,4,5,6,7,8,9 a",
		"clients --plain 3,, a", "clients --rrd icmp a",       "clients --rrd 300 a"
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		static struct redirect err;

		split(&l, wrong[i]);
		redirect_begin(&err, stderr);
		assert_int_equal(cl_options_parse(&clients, l.argc, l.argv, &o), 2);
		redirect_end(&err);
		assert_non_null(strstr(err.text, "clientele: --"));
		cl_options_free(&o);
	}
}

/* Options of one command: by letter and name, with and without values, beside the common ones. */
static void own_options(void **state)
{
	static const struct {
		const char *words;
		int status, sum;
		const char *err;
	} cases[] = {
		{ "dog", CL_GO_ON, 0, "" },
		{ "dog -b wow --bow=wow --purr -q", CL_GO_ON, 12, "" },
		{ "dog --purr=1", 2, 0, "clientele: --purr: takes no value\n" },
		{ "dog --bow", 2, 0, "clientele: --bow: needs a value: WOW\n" },
		{ "dog -b", 2, 0, "clientele: --bow: needs a value: WOW\n" },
		{ "dog -b miau", 2, 0, "clientele: --bow: needs wow, not 'miau'\n" },
		{ "dog --step 3", 2, 0, "clientele: --step: is not an option of 'clientele dog'" },
	};
	static struct redirect out, err;
	struct cl_options o;
	struct line l;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		own_sum = 0;
		split(&l, cases[i].words);
		redirect_begin(&err, stderr);
		assert_int_equal(cl_options_parse(&commands[2], l.argc, l.argv, &o), cases[i].status);
		redirect_end(&err);
		assert_int_equal(own_sum, cases[i].sum);
		assert_ptr_equal(strstr(err.text, cases[i].err), err.text);
		cl_options_free(&o);
	}
	split(&l, "dog --help");
	redirect_begin(&out, stdout);
	assert_int_equal(cl_options_parse(&commands[2], l.argc, l.argv, &o), 0);
	redirect_end(&out);
	assert_non_null(strstr(out.text, "  -b, --bow WOW               says wow\n"));
	cl_options_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_are_their_own),
		cmocka_unit_test(defaults_stand),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(inputs_stand_anywhere),
		cmocka_unit_test(resolvers),
		cmocka_unit_test(plots_and_splits),
		cmocka_unit_test(dissect_takes_its_own),
		cmocka_unit_test(messages_in_tunnels_or_not),
		cmocka_unit_test(lists_are_sorted_sets),
		cmocka_unit_test(wrong_words_give_one_line),
		cmocka_unit_test(help_shows_what_a_command_takes),
		cmocka_unit_test(lines_of_help_fit_a_terminal),
		cmocka_unit_test(finds_commands),
		cmocka_unit_test(own_options),
		cmocka_unit_test(plain_numbers),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
