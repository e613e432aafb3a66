/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/ledger.h"

const char *const cl_fate_names[CL_FATES] = { "counted",   "other",	"filtered",  "undecoded",
					      "truncated", "malformed", "incomplete" };

const char *const cl_fact_names[CL_FACTS] = {
#define X(id, name, doc) #name,
#include "dissect/facts.def"
#undef X
};

void cl_ledger_undecoded(struct cl_ledger *l, enum cl_undecoded kind, uint32_t value, uint64_t n)
{
	size_t i;

	l->fate[CL_FATE_UNDECODED] += n;
	for (i = 0; i < l->reasons; i++)
		if (l->undecoded[i].kind == kind && l->undecoded[i].value == value)
			break;
	if (i == l->reasons) {
		if (i >= CL_UNDECODED_MAX) {
			i = CL_UNDECODED_MAX;
			kind = CL_UND_REST;
			value = 0;
		}
		if (i == l->reasons)
			l->reasons++;
		l->undecoded[i].kind = kind;
		l->undecoded[i].value = value;
	}
	l->undecoded[i].packets += n;
}
