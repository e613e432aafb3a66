/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints what notes say of the messages of a capture: lines of frame, kind of message, member, value, with
 * tabs between; the members are those that the kind can have. All is hexadecimal but addresses.
 *
 * usage: notes [--detail] CAPTURE
 *
 * Exit status: 0; 1 for a usage error; 2 if it is no capture.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capture/input.h"
#include "dissect/dissect.h"
#include "dissect/note.h"

#define ROOM 3u /* few, so that it is often full */

static const char *const kinds[CL_EV_KINDS] = { "ntp", "dns", "mdns", "llmnr", "icmp", "conn" };
static const char *const pieces[CL_PIECES] = { "qname", "cookie", "nsid", "ede_text", "control",
					       "uid",	"quote",  "sni",  "alpn" };

/* Of so many octets. */
static void put_number(const char *where, const char *name, uint64_t v, size_t octets)
{
	if (octets < sizeof v)
		v &= (UINT64_C(1) << 8 * octets) - 1;
	printf("%s\t%s\t%" PRIx64 "\n", where, name, v);
}

static void put_addr(const char *where, const char *name, const struct cl_addr *a)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(a, text);
	printf("%s\t%s\t%s\n", where, name, text);
}

static void put_field(const char *where, const struct cl_note *n)
{
	for (unsigned i = 0; i < n->fields; i++)
		printf("%s\tfield\t%x:%x\n", where, n->field[i].type, n->field[i].length);
}

static void put_pieces(const char *where, const struct cl_note *n)
{
	for (unsigned i = 0; i < CL_PIECES; i++) {
		size_t length;
		const uint8_t *octets = cl_note_piece(n, (enum cl_note_piece)i, &length);

		if (octets == NULL)
			continue;
		printf("%s\t%s\t", where, pieces[i]);
		for (size_t at = 0; at < length; at++)
			printf("%02x", octets[at]);
		putchar('\n');
	}
}

static void put_note(const struct cl_event *ev, const struct cl_note *n)
{
	char where[64];
	bool control = ev->kind == CL_EV_NTP && ev->u.ntp.mode > 5;
	bool is_ANY = true, is_NTP = ev->kind == CL_EV_NTP && !control, is_CONTROL = control,
	     is_DNS = ev->kind == CL_EV_DNS, is_ICMP = ev->kind == CL_EV_ICMP,
	     is_CONN = ev->kind == CL_EV_CONN;

	snprintf(where, sizeof where, "%" PRIu64 "\t%s", ev->frame_no, control ? "control" : kinds[ev->kind]);
	put_number(where, "message", ev->role, 1);
#define IS_ADDR(member)	  _Generic(member, struct cl_addr : true, default : false)
#define AS_ADDR(member)	  _Generic(member, struct cl_addr : &(member), default : NULL)
#define AS_NUMBER(member) _Generic(member, struct cl_addr : 0, default : (member))
#define X(group, type, name, doc)                                                                            \
	if (is_##group && IS_ADDR(n->name))                                                                  \
		put_addr(where, #name, AS_ADDR(n->name));                                                    \
	else if (is_##group)                                                                                 \
		put_number(where, #name, (uint64_t)AS_NUMBER(n->name), sizeof n->name);
#include "dissect/note.def"
#undef X
	put_field(where, n);
	put_pieces(where, n);
}

static struct cl_event_room take(void *ctx, size_t n)
{
	static struct cl_event events[ROOM];
	static struct cl_note notes[ROOM];

	(void)ctx;
	for (size_t i = 0; i < n; i++)
		put_note(&events[i], &notes[i]);
	memset(notes, 0xa5, sizeof notes);
	return (struct cl_event_room){ .events = events, .count = ROOM, .notes = notes };
}

static void pass_by(void *ctx, const struct cl_frame *frame, const struct cl_detail *detail)
{
	(void)ctx;
	(void)frame;
	(void)detail;
}

int main(int argc, char **argv)
{
	struct cl_limits limits = { .hash_seed = 1, .streams = true };
	struct cl_input_opts opts = { .hash = false };
	bool detail = argc == 3 && strcmp(argv[1], "--detail") == 0;
	const struct cl_frame *frames;
	size_t n;

	if (argc != (detail ? 3 : 2))
		return 1;
	const char *path = argv[argc - 1];
	struct cl_input *in = cl_input_open(&path, 1, &opts);
	struct cl_dissector *d = cl_dissector_new(&limits, take, NULL);
	if (in == NULL || d == NULL || (detail && !cl_dissector_detail(d, pass_by, NULL)))
		return 2;
	while ((n = cl_input_next(in, &frames)) > 0)
		cl_dissector_feed(d, frames, n);
	cl_dissector_finish(d);
	bool opened = cl_input_files(in, &n)->opened;
	cl_dissector_free(d);
	cl_input_close(in);
	return opened ? 0 : 2;
}
