/* SPDX-License-Identifier: BSD-2-Clause */
/* From files to the dissector: which frames pass, and what was wrong. */
#include "cli/intake.h"

#include <string.h>

#include "capture/fragment.h"
#include "cli/log.h"
#include "cli/session.h"

bool cl_intake_open(struct cl_intake *in, const char *expression, const struct cl_options *o)
{
	char err[256];

	in->filter = NULL;
	in->ranged = (o->given & (CL_OPT_FROM | CL_OPT_TO)) != 0;
	in->from_ns = (o->given & CL_OPT_FROM) != 0 ? o->from_ns : INT64_MIN;
	in->to_ns = (o->given & CL_OPT_TO) != 0 ? o->to_ns : INT64_MAX;
	if (expression == NULL || expression[0] == '\0')
		return true;
	in->filter = cl_filter_new(expression, err, sizeof err);
	if (in->filter == NULL)
		cl_error("-f", "%s", err);
	return in->filter != NULL;
}

void cl_intake_close(struct cl_intake *in)
{
	cl_filter_free(in->filter);
	in->filter = NULL;
}

static bool passes_unfragmented(const struct cl_intake *in, const struct cl_frame *f)
{
	uint8_t room[CL_UNFRAGMENT_ROOM];
	struct cl_frame bare;

	return cl_frame_unfragment(f, room, &bare) && cl_filter_match(in->filter, &bare);
}

enum verdict { REFUSED, PASSED, WIDENED };

static enum verdict judge(const struct cl_intake *in, const struct cl_frame *f)
{
	if (in->ranged && (f->time_ns < in->from_ns || f->time_ns >= in->to_ns))
		return REFUSED;
	if (in->filter == NULL || cl_filter_match(in->filter, f) || passes_unfragmented(in, f))
		return PASSED;
	return cl_frame_is_fragment(f) ? WIDENED : REFUSED;
}

static void feed_widened(struct cl_dissector *d, const struct cl_frame *frame)
{
	struct cl_frame f = *frame;

	f.flags |= CL_FF_WIDENED;
	cl_dissector_feed(d, &f, 1);
}

void cl_intake_feed(const struct cl_intake *in, struct cl_dissector *d, const struct cl_frame *frames,
		    size_t n)
{
	size_t from = 0;

	for (size_t at = 0; at < n && (in->ranged || in->filter != NULL); at++) {
		enum verdict verdict = judge(in, &frames[at]);

		if (verdict == PASSED)
			continue;
		if (at > from)
			cl_dissector_feed(d, frames + from, at - from);
		if (verdict == WIDENED)
			feed_widened(d, &frames[at]);
		else
			cl_dissector_filtered(d, 1);
		from = at + 1;
	}
	if (n > from)
		cl_dissector_feed(d, frames + from, n - from);
}

static void raise_status(int *status)
{
	if (*status == CL_EXIT_OK)
		*status = CL_EXIT_PARTIAL;
}

bool cl_intake_report(const struct cl_intake *in, const struct cl_input *files, const char *not_again,
		      int *status)
{
	size_t n, at = 0, opened = 0;
	uint16_t linktype;
	const struct cl_input_file *file = cl_input_files(files, &n);

	for (const struct cl_input_file *f = file; f < file + n; f++) {
		const char *name = strcmp(f->path, "-") == 0 ? "standard input" : f->path;

		opened += f->opened || f->duplicate;
		if (f->duplicate)
			cl_warn(name, "holds the same packets as an earlier file: not %s again", not_again);
		if (f->opened)
			cl_info(name, "%llu packets, %llu octets on the wire", (unsigned long long)f->packets,
				(unsigned long long)f->bytes);
		if (f->error != NULL)
			cl_error(name, "%s", f->error);
		else if (n > 1 && f->packets > 0 && !f->linktypes && !cl_dissects(f->linktype))
			cl_error(name, "none of its %llu packets could be decoded: link type %u is not known",
				 (unsigned long long)f->packets, f->linktype);
		else
			continue;
		raise_status(status);
	}
	while (cl_filter_refused(in->filter, &at, &linktype))
		cl_warn("-f", "libpcap has no such filter for link type %u: none of its packets passes",
			linktype);
	return opened > 0;
}

void cl_intake_check(const struct cl_ledger *l, int *status)
{
	uint64_t all = 0, cut = l->fate[CL_FATE_TRUNCATED];

	for (unsigned i = 0; i < CL_FATES; i++)
		all += l->fate[i];
	if (all == 0 || l->fate[CL_FATE_UNDECODED] + cut != all)
		return;
	if (cut == all)
		cl_error("input",
			 "all of its %llu packets were cut too short to be counted: the snapshot "
			 "length of the capture is too small",
			 (unsigned long long)all);
	else
		cl_error("input", "none of its %llu packets could be decoded", (unsigned long long)all);
	raise_status(status);
}
