/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/frag.h"

#include <stdlib.h>

struct cl_frags {
	int nothing;
};

struct cl_frags *cl_frags_new(void)
{
	return calloc(1, sizeof(struct cl_frags));
}

void cl_frags_free(struct cl_frags *f)
{
	free(f);
}

void cl_frags_release(struct cl_frags *f)
{
	(void)f;
}

void cl_frags_finish(struct cl_frags *f, struct cl_ledger *l)
{
	(void)f;
	(void)l;
}
