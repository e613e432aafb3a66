/* SPDX-License-Identifier: BSD-2-Clause */
/* An interface as a source: its records come as runs from the thread that takes them. */
#include <stdlib.h>

#include "capture/source_impl.h"
#include "capture/tap.h"

/* Only called where cl_tap_has says that there is a run, or the end. */
static void scout(struct cl_source *s, struct cl_run *run, size_t max)
{
	const int64_t newest = run->last_ns;
	struct cl_run *next = cl_tap_run(s->tap);

	if (next == NULL)
		return;
	*run = *next;
	run->file = s->file;
	if (cl_run_time(run) < newest || max == 1)
		cl_tap_cut(s->tap, run);
	else
		cl_tap_taken(s->tap);
	s->block = run->block; /* the tap's messages say when it is left */
}

struct cl_source *cl_source_tap(struct cl_tap *tap, uint32_t file)
{
	struct cl_source *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->scout = scout;
	s->tap = tap;
	s->file = file;
	return s;
}
