/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunnels that carried packets on these days. */
#include <string.h>

#include "cli/report/report.h"

static const struct cl_column columns[] = {
	{ "Kind", "kind", CL_COL_TEXT },
	{ "A", "a", CL_COL_TEXT },
	{ "B", "b", CL_COL_TEXT },
	{ "Packets A to B", "packets_ab", CL_COL_COUNT },
	{ "B to A", "packets_ba", CL_COL_COUNT },
	{ "Octets A to B", "bytes_ab", CL_COL_COUNT },
	{ "B to A", "bytes_ba", CL_COL_COUNT },
	{ "Ways", "state", CL_COL_TEXT },
};

static void end_cell(const struct cl_report *r, struct cl_doc_table *t, struct cl_query *q, int column)
{
	struct cl_addr a;
	char text[CL_REPORT_CLIENT_STRLEN];

	if (!cl_query_addr(q, column, &a)) {
		cl_doc_text(t, "others");
		return;
	}
	cl_report_client(r, &a, text);
	cl_doc_text(t, text);
}

void cl_report_tunnels(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT kind, a, b, sum(packets) FILTER (WHERE way = "
						       "'ab'), sum(packets) FILTER (WHERE way = 'ba'), "
						       "sum(bytes) FILTER (WHERE way = 'ab'), sum(bytes) "
						       "FILTER (WHERE way = 'ba') FROM tunnel_way_day "
						       "JOIN span ON day BETWEEN day_from AND day_to GROUP "
						       "BY kind, a, b ORDER BY sum(packets) DESC, "
						       "kind, a, b");
	struct cl_doc_table *t = NULL;
	size_t more = 0;

	while (cl_query_row(q)) {
		uint64_t ab = cl_query_u64(q, 3), ba = cl_query_u64(q, 4);

		if (t == NULL) {
			cl_doc_chapter(r->d, "tunnels", "Tunnels");
			t = cl_doc_table(r->d, "tunnels", "Tunnels", columns, 8, CL_DOC_SHOWN);
		}
		if (ab + ba == 0 || cl_doc_rows(t) == r->s->options->top) {
			more += ab + ba > 0;
			continue;
		}
		cl_doc_text(t, cl_query_text(q, 0));
		end_cell(r, t, q, 1);
		end_cell(r, t, q, 2);
		cl_doc_count(t, ab);
		cl_doc_count(t, ba);
		cl_doc_count(t, cl_query_u64(q, 5));
		cl_doc_count(t, cl_query_u64(q, 6));
		cl_doc_text(t, ab > 0 && ba > 0 ? "both" : "one");
	}
	cl_query_free(q);
	if (t == NULL)
		return;
	if (more > 0)
		cl_doc_say(r->d, "And %zu more: --top says how many are shown.", more);
	cl_doc_say(r->d, "A packet in a tunnel counts once, under its inner addresses. A tunnel is that of "
			 "each packet "
			 "seen, also of one that carried no NTP or DNS.");
}
