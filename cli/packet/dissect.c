/* SPDX-License-Identifier: BSD-2-Clause */
/* The command dissect: frames in, one text for each out. */
#include "cli/packet/dissect.h"
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/intake.h"
#include "cli/log.h"
#include "cli/packet/display.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/userfile/lines.h"
#include "dissect/ntp/keys.h"

#define KEYS_MAX (16u << 20) /* octets of a keys file */

struct dissection {
	const struct cl_options *options;
	struct cl_input *input;
	struct cl_dissector *dissector;
	struct cl_keylog *keylog;
	struct cl_ntp_keys *keys; /* NULL: none were given */
	struct cl_intake intake;
	struct cl_display *display;
	bool live; /* packets may still be coming */
	struct cl_event events[8];
	uint64_t shown;
	bool done; /* enough was shown, or it cannot be written */
	int status;
};

/* Messages are for those who count them. */
static struct cl_event_room ignore(void *ctx, size_t n)
{
	struct dissection *s = ctx;

	(void)n;
	return (struct cl_event_room){ .events = s->events, .count = sizeof s->events / sizeof *s->events };
}

static bool is_wanted(const struct dissection *s, const struct cl_detail *d)
{
	const struct cl_options *o = s->options;

	if ((o->given & CL_OPT_FATE) != 0)
		return d->fate == o->fate;
	/* of another server than --server's, or a fragment of a datagram of which none passed -f so far */
	return d->fate != CL_FATE_FILTERED;
}

static void show(void *ctx, const struct cl_frame *f, const struct cl_detail *d)
{
	struct dissection *s = ctx;

	if (s->done || !is_wanted(s, d))
		return;
	cl_display_take(s->display, f, d);
	if (++s->shown == s->options->count)
		s->done = true;
}

/* A line of a key log, put together again. */
static const char *take_secret(void *ctx, unsigned long number, char *word, char *rest)
{
	char line[CL_LINE_MAX + 2];
	int n = snprintf(line, sizeof line, "%s %s", word, rest);

	(void)number;
	cl_keylog_add(ctx, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
	return NULL;
}

static void take_secrets(void *ctx, uint32_t type, const uint8_t *octets, size_t n)
{
	if (type == CL_SECRETS_TLS)
		cl_keylog_add(ctx, octets, n);
}

/* Secrets of --keylog; those in the files come as they are read. */
static bool read_keylog(struct dissection *s)
{
	const char *path = s->options->keylog;

	s->keylog = cl_keylog_new();
	if (s->keylog == NULL || path == NULL)
		return s->keylog != NULL;
	if (!cl_lines_read(path, take_secret, s->keylog))
		return false;
	if (cl_keylog_count(s->keylog) == 0)
		cl_warn(path, "has no secrets of TLS 1.3");
	if (cl_keylog_left_out(s->keylog) > 0)
		cl_warn(path, "has too many secrets: %llu were left out",
			(unsigned long long)cl_keylog_left_out(s->keylog));
	return true;
}

/* All of a file, up to `room` octets; its length, or -1 after a line on standard error. */
static long read_file(const char *path, char *text, size_t room)
{
	FILE *in = fopen(path, "r");
	size_t n = in != NULL ? fread(text, 1, room, in) : 0;
	bool failed = in == NULL || ferror(in) != 0;

	if (failed)
		cl_error(path, "%s", strerror(errno));
	else if (n == room)
		cl_error(path, "is too long for a keys file");
	if (in != NULL)
		fclose(in);
	return failed || n == room ? -1 : (long)n;
}

/* Keys of --keys; lines that cannot be read are passed over, as the programs do that they are for. */
static bool read_keys(struct dissection *s)
{
	const char *path = s->options->keys;
	struct cl_ntp_keys_trouble trouble;
	char *text;
	long n;

	if (path == NULL)
		return true;
	text = malloc(KEYS_MAX);
	n = text != NULL ? read_file(path, text, KEYS_MAX) : -1;
	if (n >= 0)
		s->keys = cl_ntp_keys_parse(text, (size_t)n, &trouble);
	free(text);
	if (text == NULL || (n >= 0 && s->keys == NULL))
		cl_error("memory", "not enough for %s", path);
	if (s->keys == NULL)
		return false;
	if (trouble.lines > 0)
		cl_warn(path, "line %zu: %s (%zu such line%s passed over)", trouble.first, trouble.why,
			trouble.lines, trouble.lines == 1 ? "" : "s");
	return true;
}

/* Packets are shown of captures; a database has none. */
static bool are_captures(const struct cl_options *o)
{
	for (size_t i = 0; i < o->ninputs; i++)
		if (strcmp(o->inputs[i], "-") != 0 && cl_file_kind(o->inputs[i]) == CL_FILE_SQLITE) {
			cl_error(o->inputs[i],
				 "is a database, which keeps no packets: dissect reads captures");
			return false;
		}
	return true;
}

/* Whether one of the inputs is no plain file: more of a pipe may come late. */
static bool is_live(const struct cl_options *o)
{
	struct stat st;

	for (size_t i = 0; i < o->ninputs; i++) {
		bool standard = strcmp(o->inputs[i], "-") == 0;

		if ((standard ? fstat(STDIN_FILENO, &st) : stat(o->inputs[i], &st)) == 0 &&
		    !S_ISREG(st.st_mode))
			return true;
	}
	return false;
}

/* Lines and trees cost less to write than to hand over. */
static struct cl_display *open_display(const struct cl_options *o)
{
	if (o->json)
		return cl_display_new(CL_DISPLAY_JSON, sysconf(_SC_NPROCESSORS_ONLN) > 1);
	return cl_display_new(o->tree ? CL_DISPLAY_TREE : CL_DISPLAY_LINE, false);
}

static bool begin(struct dissection *s)
{
	const struct cl_options *o = s->options;
	struct cl_limits limits = { .hash_seed = cl_random_seed(),
				    .servers = o->servers,
				    .server_count = o->nservers,
				    .dns_ports = o->dns_ports,
				    .dns_port_count = o->ndns_ports,
				    .ntp_ports = o->ntp_ports,
				    .ntp_port_count = o->nntp_ports };
	struct cl_input_opts opts = { .hash = false, .secrets = take_secrets };
	const struct cl_input_file *files;
	size_t nfiles;

	if (!are_captures(o))
		return false;
	if (!read_keylog(s)) {
		if (s->keylog == NULL)
			cl_error("memory", "not enough to begin");
		return false;
	}
	if (!read_keys(s))
		return false;
	limits.keylog = s->keylog;
	limits.ntp_keys = s->keys;
	opts.secrets_ctx = s->keylog;

	if (!cl_intake_open(&s->intake, o->filter, o))
		return false;
	s->input = cl_input_open(o->inputs, o->ninputs, &opts);
	s->dissector = cl_dissector_new(&limits, ignore, s);
	s->display = open_display(o);
	if (s->input == NULL || s->dissector == NULL || s->display == NULL ||
	    !cl_dissector_detail(s->dissector, show, s)) {
		cl_error("memory", "not enough to begin");
		return false;
	}
	if (o->tree && !o->json)
		cl_dissector_bundle(s->dissector);
	s->live = is_live(o);
	files = cl_input_files(s->input, &nfiles);
	cl_display_files(s->display, files, nfiles);
	return true;
}

static void end(struct dissection *s)
{
	cl_display_finish(s->display); /* before what it borrows: the files' names */
	cl_input_close(s->input);
	cl_dissector_free(s->dissector);
	cl_keylog_free(s->keylog);
	cl_ntp_keys_free(s->keys);
	cl_intake_close(&s->intake);
}

static void read_all(struct dissection *s)
{
	const struct cl_options *o = s->options;
	const struct cl_frame *frames;
	struct cl_progress progress;
	uint64_t packets = 0;
	size_t n;

	cl_progress_begin(&progress, !o->no_progress && !o->quiet && isatty(STDOUT_FILENO) == 0);
	while (!s->done && (n = cl_input_next(s->input, &frames)) > 0) {
		uint64_t done, total;

		cl_intake_feed(&s->intake, s->dissector, frames, n);
		if (s->live)
			cl_display_flush(s->display); /* somebody may look on */
		s->done = s->done || cl_display_failed(s->display);
		packets += n;
		cl_input_progress(s->input, &done, &total);
		cl_progress_update(&progress, done, total, packets);
	}
	cl_dissector_finish(s->dissector);
	cl_progress_end(&progress);
	if (!cl_display_finish(s->display)) {
		s->status = CL_EXIT_FAILED;
		s->done = true;
	}
	s->display = NULL;
}

static int run(const struct cl_command *c, const struct cl_options *o)
{
	(void)c;
	struct dissection s = { .options = o, .status = CL_EXIT_OK };

	if (begin(&s)) {
		read_all(&s);
		if (!cl_intake_report(&s.intake, s.input, "shown", &s.status))
			s.status = CL_EXIT_FAILED;
		else if (!s.done)
			cl_intake_check(cl_dissector_ledger(s.dissector), &s.status);
	} else {
		s.status = CL_EXIT_FAILED;
	}
	end(&s);
	return s.status;
}

const struct cl_command cl_command_dissect = {
	.name = "dissect",
	.summary = "packet by packet: one line each, -V the full tree, --json one object a line",
	.usage = "[OPTION...] FILE...",
	.example = "  clientele dissect -f 'port 123' monday.pcap\n"
		   "  clientele dissect -V -c 1 monday.pcap\n"
		   "  clientele dissect --json monday.pcap\n",
	.takes = CL_OPTS_COMMON | CL_OPT_FILTER | CL_OPT_SERVER | CL_OPT_FROM | CL_OPT_TO | CL_OPT_DNS_PORT |
		 CL_OPT_NTP_PORT | CL_OPT_TREE | CL_OPT_JSON | CL_OPT_COUNT | CL_OPT_FATE | CL_OPT_KEYLOG |
		 CL_OPT_KEYS,
	.run = run,
};
