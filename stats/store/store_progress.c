/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run has seen so far, added up in the store: each transaction adds what is new since the last one. */
#include "stats/store/store_live.h"

#define NS_PER_DAY 86400000000000

static struct cl_source_row source_since(const struct cl_source_row *now, const struct cl_source_row *kept)
{
	struct cl_source_row d = *now;

	d.packets -= kept->packets;
	d.bytes -= kept->bytes;
	d.out_of_order -= kept->out_of_order;
	d.dropped_kernel -= kept->dropped_kernel;
	d.dropped_interface -= kept->dropped_interface;
	d.mdns -= kept->mdns;
	d.llmnr -= kept->llmnr;
	d.losses.clients -= kept->losses.clients;
	d.losses.services -= kept->losses.services;
	d.losses.open_requests -= kept->losses.open_requests;
	d.losses.gaps -= kept->losses.gaps;
	d.losses.icmp -= kept->losses.icmp;
	return d;
}

static void add_source(struct cl_store *s, const struct cl_source_row *d)
{
	struct cl_query *q = cl_query_new(
		s,
		"UPDATE source SET packets = packets + ?2, bytes = bytes + ?3, out_of_order = out_of_order + "
		"?4, dropped_kernel = dropped_kernel + ?5, dropped_interface = dropped_interface + ?6, mdns "
		"= mdns + ?7, llmnr = llmnr + ?8, lost_clients = lost_clients + ?9, lost_services = "
		"lost_services + ?10, lost_open_requests = lost_open_requests + ?11, lost_gaps = lost_gaps + "
		"?12, lost_icmp = lost_icmp + ?13 WHERE source_id = ?1");
	const uint64_t v[] = {
		d->packets,	d->bytes,      d->out_of_order,	  d->dropped_kernel,  d->dropped_interface,
		d->mdns,	d->llmnr,      d->losses.clients, d->losses.services, d->losses.open_requests,
		d->losses.gaps, d->losses.icmp
	};

	for (int i = 0; i < (int)(sizeof v / sizeof *v); i++)
		cl_query_bind_i64(q, 2 + i, (int64_t)v[i]);
	cl_query_run(q);
	cl_query_free(q);
}

/* From the first packet to the last: a month's file knows of none before it. */
static void add_stretch(struct cl_store *s, int64_t first_ns, int64_t last_ns)
{
	struct cl_query *q =
		cl_query_new(s, "UPDATE source SET first_ns = min(coalesce(first_ns, ?2), ?2), last_ns = "
				"max(coalesce(last_ns, ?3), ?3) WHERE source_id = ?1");
	int64_t begin_ns = s->live->month_day * NS_PER_DAY;

	if (s->live->rotated && first_ns < begin_ns)
		first_ns = begin_ns;
	cl_query_bind_i64(q, 2, first_ns);
	cl_query_bind_i64(q, 3, last_ns > first_ns ? last_ns : first_ns);
	cl_query_run(q);
	cl_query_free(q);
}

static struct cl_ledger ledger_since(const struct cl_ledger *now, const struct cl_ledger *kept)
{
	struct cl_ledger d = *now;

	d.reasons = 0;
	for (unsigned i = 0; i < CL_FATES; i++)
		d.fate[i] -= kept->fate[i];
	for (size_t i = 0; i < now->reasons; i++) { /* rows are only added, and stay where they are */
		struct cl_undecoded_row row = now->undecoded[i];

		row.packets -= i < kept->reasons ? kept->undecoded[i].packets : 0;
		if (row.packets > 0)
			d.undecoded[d.reasons++] = row;
	}
	for (unsigned i = 0; i < CL_FACTS; i++)
		d.fact[i] -= kept->fact[i];
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		d.anomaly[i] -= kept->anomaly[i];
	return d;
}

void cl_store_progress(struct cl_store *s, const struct cl_source_row *run, const struct cl_ledger *ledger)
{
	struct cl_live *l = s->live;

	if (l == NULL || !l->open || l->progress)
		return;
	struct cl_source_row source = source_since(run, &l->run_kept);
	struct cl_ledger more = ledger_since(ledger, &l->ledger_kept);

	add_source(s, &source);
	if (source.packets > 0)
		add_stretch(s, run->first_ns, run->last_ns);
	cl_store_ledger(s, &more);
	l->run = *run;
	l->ledger = *ledger;
	l->progress = true;
}
