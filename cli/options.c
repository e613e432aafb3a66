/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/memory.h"
#include "cli/options_rows.h"

#define EXIT_USAGE 2
#define LONG_ONLY  0x100 /* getopt's value for row i is its letter, or this and i */
#define OWN	   0x200 /* for the command's own row i, this and i */

static void print_version(void)
{
	printf("clientele %s\n", PACKAGE_VERSION);
}

static void print_option(char letter, const char *name, const char *arg, const char *help)
{
	char left[48];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", letter != 0 ? '-' : ' ', letter != 0 ? letter : ' ',
		 letter != 0 ? "," : " ", name, arg != NULL ? " " : "", arg != NULL ? arg : "");
	printf("  %-27s %s\n", left, help);
}

static void print_help(const struct cl_command *command)
{
	printf("Usage: clientele %s %s\n%s\n\nOptions:\n", command->name, command->usage, command->summary);
	for (size_t i = 0; i < command->nown; i++) {
		const struct cl_own_option *r = &command->own[i];

		print_option(r->letter, r->name, r->arg, r->help);
	}
	for (size_t i = 0; i < cl_option_rows_count; i++) {
		const struct cl_option_row *r = &cl_option_rows[i];

		if (command->takes & r->option)
			print_option(r->letter, r->name, r->arg, r->help);
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
	int word = argc > 1 ? cl_option_choice(argv[1], words) : 0;

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

/* The command's own row that getopt's value stands for, or NULL. */
static const struct cl_own_option *own_of(const struct cl_command *command, int value)
{
	for (size_t i = 0; i < command->nown; i++) {
		if (value == OWN + (int)i || (command->own[i].letter != 0 && value == command->own[i].letter))
			return &command->own[i];
	}
	return NULL;
}

/* The row that getopt's value stands for, or NULL. */
static const struct cl_option_row *row_of(int value)
{
	for (size_t i = 0; i < cl_option_rows_count; i++) {
		if (value == (cl_option_rows[i].letter != 0 ? cl_option_rows[i].letter : LONG_ONLY + (int)i))
			return &cl_option_rows[i];
	}
	return NULL;
}

/* Getopt's two tables. */
struct tables {
	char letters[2 * CL_OPTION_ROWS_MAX + 3];
	struct option longs[CL_OPTION_ROWS_MAX + 1];
	size_t nletters, nlongs;
};

static void add_row(struct tables *t, char letter, const char *name, const char *arg, int value)
{
	if (t->nlongs == CL_OPTION_ROWS_MAX)
		return;
	t->longs[t->nlongs++] = (struct option){ name, arg != NULL ? required_argument : no_argument, NULL,
						 letter != 0 ? letter : value };
	if (letter == 0)
		return;
	t->letters[t->nletters++] = letter;
	if (arg != NULL)
		t->letters[t->nletters++] = ':';
}

/* Writes them for the options that the command takes. */
static void make_tables(const struct cl_command *command, struct tables *t)
{
	memset(t, 0, sizeof *t);
	t->letters[t->nletters++] = '-'; /* inputs come back as they stand, as value 1 */
	t->letters[t->nletters++] = ':'; /* a missing value is told apart */
	for (size_t i = 0; i < command->nown; i++)
		add_row(t, command->own[i].letter, command->own[i].name, command->own[i].arg, OWN + (int)i);
	for (size_t i = 0; i < cl_option_rows_count; i++) {
		const struct cl_option_row *r = &cl_option_rows[i];

		if (command->takes & r->option)
			add_row(t, r->letter, r->name, r->arg, LONG_ONLY + (int)i);
	}
}

/* The option as the user would type it. */
static void name_of(const char *name, char out[32])
{
	snprintf(out, 32, "--%s", name);
}

/* One line about what getopt did not like. */
static void complain(const struct cl_command *command, char **argv, int value)
{
	const struct cl_option_row *r = optopt != 0 ? row_of(optopt) : NULL;
	const struct cl_own_option *own = optopt != 0 ? own_of(command, optopt) : NULL;
	bool takes = own != NULL || (r != NULL && (command->takes & r->option));
	char name[32] = "";

	if (takes)
		name_of(own != NULL ? own->name : r->name, name);
	else if (optopt != 0 && optopt < LONG_ONLY)
		snprintf(name, sizeof name, "-%c", optopt);
	if (takes && value == ':')
		cl_error(name, "needs a value: %s", own != NULL ? own->arg : r->arg);
	else if (takes)
		cl_error(name, "takes no value");
	else
		cl_error(name[0] != '\0' ? name : argv[optind - 1],
			 "is not an option of 'clientele %s'; see 'clientele %s --help'", command->name,
			 command->name);
}

/* A value that an option did not take; CL_GO_ON if it did. */
static int judge(const char *option, const char *wrong)
{
	char name[32];

	if (wrong == NULL)
		return CL_GO_ON;
	name_of(option, name);
	cl_error(name, "%s, not '%s'", wrong, optarg);
	return EXIT_USAGE;
}

/* Sets one option; CL_GO_ON or an exit status. */
static int take_option(const struct cl_command *command, const struct cl_option_row *r, struct cl_options *o)
{
	if (r->option == CL_OPT_HELP || r->option == CL_OPT_VERSION) {
		if (r->option == CL_OPT_HELP)
			print_help(command);
		else
			print_version();
		return 0;
	}
	const char *wrong = r->set(o, optarg);
	o->given |= r->option;
	return judge(r->name, wrong);
}

/* What can only be judged when all is read. */
static int check_whole(const struct cl_command *command, const struct cl_options *o)
{
	if ((o->given & CL_OPT_FROM) && (o->given & CL_OPT_TO) && o->from_ns >= o->to_ns) {
		cl_error("--to", "needs a time after that of --from");
		return EXIT_USAGE;
	}
	if ((o->given & CL_OPT_INNER) != 0 && (o->given & CL_OPT_OUTER) != 0) {
		cl_error("--outer", "does not go with --inner");
		return EXIT_USAGE;
	}
	if (o->tree && o->json) {
		cl_error("--json", "does not go with -V");
		return EXIT_USAGE;
	}
	if (o->plot && o->format != CL_FORMAT_TABLE) {
		cl_error("--plot", "goes with --format table alone; --svg draws into a file");
		return EXIT_USAGE;
	}
	if ((o->given & CL_OPT_KEEP) && o->output == NULL) {
		cl_error("--keep", "needs a database to keep them in: -o DB");
		return EXIT_USAGE;
	}
	if (o->ninputs == 0 && !command->inputless) {
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
	o->times = 2;
	o->max_memory = cl_memory_default();
}

int cl_options_parse(const struct cl_command *command, int argc, char **argv, struct cl_options *o)
{
	struct tables tables;
	int value, status = CL_GO_ON;

	set_defaults(o);
	o->inputs = calloc((size_t)argc + 1, sizeof(*o->inputs));
	if (o->inputs == NULL) {
		cl_error(command->name, "not enough memory");
		return EXIT_USAGE;
	}
	make_tables(command, &tables);
	opterr = 0;
	optind = 0; /* begins anew, in glibc and musl */
	while (status == CL_GO_ON &&
	       (value = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		const struct cl_own_option *own = own_of(command, value);
		const struct cl_option_row *r = row_of(value);

		if (value == 1) {
			o->inputs[o->ninputs++] = optarg;
		} else if (own != NULL) {
			status = judge(own->name, own->set(command->kept, optarg));
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
	free(o->resolvers);
	free(o->inputs);
	o->servers = NULL;
	o->inputs = NULL;
	o->nservers = 0;
	o->ninputs = 0;
}
