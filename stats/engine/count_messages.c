/* SPDX-License-Identifier: BSD-2-Clause */
/* What is counted of each message by its server: a part of hotloop.c. */
#include "stats/engine/engine_state.h"

/* Where an event counts: in its step, which is added to the day when it ends; out of order in the day alone.
 */
static inline struct cl_tally *tally_of(struct cl_service *s, const struct cl_event *ev)
{
	return (ev->flags & CL_EVF_OUT_OF_ORDER) == 0 ? &s->step : &s->day;
}

static inline void add_delta(struct cl_engine *e, struct cl_tally *t, uint32_t service,
			     enum cl_delta_kind kind, int64_t ns)
{
	if (!cl_services_delta(&e->services, service, &t->delta[kind], kind, ns))
		cl_store_fail(e->store, CL_ENOMEM);
}

static bool less(const struct cl_worst *a, const struct cl_worst *b)
{
	if (a->delta_ns != b->delta_ns)
		return a->delta_ns < b->delta_ns;
	return a->time_ns != b->time_ns ? a->time_ns > b->time_ns : a->response_frame > b->response_frame;
}

/* Keeps the longest exchanges in a heap with the shortest of them in front. */
static void note_worst(struct cl_engine *e, const struct cl_worst *w)
{
	struct cl_worst *heap = e->worst;
	size_t at;

	if (e->worst_count < CL_WORST_MAX) {
		for (at = e->worst_count++; at > 0 && less(w, &heap[(at - 1) / 2]); at = (at - 1) / 2)
			heap[at] = heap[(at - 1) / 2];
		heap[at] = *w;
		if (e->worst_count == CL_WORST_MAX)
			e->worst_from_ns = heap[0].delta_ns;
		return;
	}
	if (!less(&heap[0], w))
		return;
	for (at = 0;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < CL_WORST_MAX && less(&heap[child + 1], &heap[child]))
			child++;
		if (child >= CL_WORST_MAX || !less(&heap[child], w))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = *w;
	e->worst_from_ns = heap[0].delta_ns;
}

/* The distribution that a message's time goes to, first or last. */
CL_IN_LINE enum cl_delta_kind delta_kind(const struct cl_event *ev, bool dns, bool first)
{
	bool tcp = dns && (ev->u.dns.bits & CL_DNS_TCP) != 0;

	return (enum cl_delta_kind)((tcp ? CL_DELTA_TCP_LAST : CL_DELTA_LAST) + first);
}
_Static_assert(CL_DELTA_FIRST == CL_DELTA_LAST + 1 && CL_DELTA_TCP_FIRST == CL_DELTA_TCP_LAST + 1,
	       "delta_kind adds");

/* The time to the end of a response. */
CL_IN_LINE void count_delta(struct cl_engine *e, struct cl_tally *t, uint32_t service,
			    const struct cl_event *ev, const struct cl_verdict *v, bool dns)
{
	add_delta(e, t, service, delta_kind(ev, dns, false), v->delta_ns);
	t->n[CL_C_OVER_1MS] += v->delta_ns > 1000000; /* which of these, nothing foresees */
	t->n[CL_C_OVER_10MS] += v->delta_ns > 10000000;
	t->n[CL_C_OVER_100MS] += v->delta_ns > 100000000;
	if (v->delta_ns >= e->worst_from_ns) {
		struct cl_worst w = { .time_ns = ev->time_ns,
				      .delta_ns = v->delta_ns,
				      .client = ev->dst,
				      .server = ev->src,
				      .request_frame = cl_req_frame(v->request_place),
				      .response_frame = ev->frame_no,
				      .request_file = cl_req_file(v->request_place),
				      .response_file = ev->file,
				      .service = service };
		note_worst(e, &w);
	}
}

CL_IN_LINE void count_matched(struct cl_engine *e, struct cl_tally *t, uint32_t service,
			      const struct cl_event *ev, const struct cl_verdict *v, bool dns)
{
	t->n[CL_C_MATCHED]++;
	if (dns) {
		add_delta(e, t, service, delta_kind(ev, dns, true), v->delta_first_ns);
	} else {
		t->n[CL_C_GUESSED] += v->guessed;
		t->n[CL_C_INTERLEAVED] += v->interleaved;
	}
	if (!dns || !v->more)
		count_delta(e, t, service, ev, v, dns);
}

/* The class of a request's source port. */
static inline uint32_t port_class(const struct cl_event *ev)
{
	return ev->sport == ev->dport ? CL_PORT_SAME : ev->sport < 1024 ? CL_PORT_LOW : CL_PORT_HIGH;
}

static inline void count_query(struct cl_engine *e, uint32_t service, struct cl_tally *t,
			       const struct cl_event *ev)
{
	const struct cl_dns *dns = &ev->u.dns;

	if (e->config.codes)
		cl_services_trait(&e->services, service, cl_trait_query(dns, port_class(ev)));
	else if ((dns->bits & CL_DNS_QUESTION) != 0)
		cl_services_trait(&e->services, service, cl_trait_qtype(dns));
	t->n[CL_C_TCP_REQUESTS] += (dns->bits & CL_DNS_TCP) != 0;
	t->n[CL_C_EDNS] += (dns->bits & CL_DNS_EDNS) != 0;
	t->n[CL_C_DNSSEC_OK] += (dns->bits & CL_DNS_DO) != 0;
	t->n[CL_C_ECS] += (dns->bits & CL_DNS_ECS) != 0;
	t->n[CL_C_COOKIE] += (dns->bits & CL_DNS_COOKIE) != 0;
}

static inline void count_answer(struct cl_engine *e, uint32_t service, struct cl_tally *t,
				const struct cl_event *ev)
{
	const struct cl_dns *dns = &ev->u.dns;
	bool tcp = (dns->bits & CL_DNS_TCP) != 0;

	cl_services_trait(&e->services, service,
			  e->config.codes ? cl_trait_response(dns, false) : cl_trait_rcode(dns));
	t->n[CL_C_TCP_RESPONSES] += tcp;
	t->n[CL_C_TRUNCATED] += !tcp && (dns->bits & CL_DNS_TC) != 0;
}

/* A further message of a zone transfer. */
static void count_transfer(struct cl_engine *e, struct cl_tally *t, uint32_t service,
			   const struct cl_event *ev, const struct cl_verdict *v)
{
	if (v->ended)
		count_delta(e, t, service, ev, v, true);
	if (e->config.codes)
		cl_services_trait(&e->services, service, cl_trait_response(&ev->u.dns, true));
}

CL_IN_LINE void count_outcome(struct cl_engine *e, struct cl_tally *t, uint32_t service,
			      const struct cl_event *ev, const struct cl_verdict *v, bool dns)
{
	static const enum cl_counter counters[] = {
		[CL_OUT_DUPLICATE] = CL_C_DUPLICATES,
		[CL_OUT_LATE] = CL_C_LATE,
		[CL_OUT_BACKWARDS] = CL_C_BACKWARDS,
		[CL_OUT_BOGUS] = CL_C_BOGUS,
	};

	t->n[CL_C_RESPONSE_BYTES] += ev->wire_len;
	if (dns && v->outcome == CL_OUT_TRANSFER) {
		count_transfer(e, t, service, ev, v);
		return;
	}
	t->n[CL_C_RESPONSES]++;
	if (dns)
		count_answer(e, service, t, ev);
	if (v->outcome == CL_OUT_MATCHED)
		count_matched(e, t, service, ev, v, dns);
	else
		t->n[counters[v->outcome]]++;
}

static inline void count_ntp(struct cl_tally *t, const struct cl_event *ev)
{
	const struct cl_ntp *ntp = &ev->u.ntp;
	bool request = ev->role == CL_ROLE_REQUEST;

	t->version_mode[(ntp->version << 3 | ntp->mode) & 63]++;
	if ((ntp->flags & (CL_NTP_KOD | CL_NTP_MAC | CL_NTP_NTS)) == 0)
		return;
	t->n[CL_C_KOD] += (ntp->flags & CL_NTP_KOD) != 0;
	t->n[CL_C_MAC] += ((ntp->flags & CL_NTP_MAC) != 0) & request;
	t->n[CL_C_NTS] += ((ntp->flags & CL_NTP_NTS) != 0) & request;
}

/* What databases have of each message: its octets, and of NTP what else it shows. In memory it is of NTP
 * requests, whose polls and ports are shown. */
static inline void count_message(struct cl_engine *e, uint32_t service, const struct cl_event *ev)
{
	bool response = ev->role == CL_ROLE_RESPONSE;

	if (!e->config.by_day) {
		if (ev->kind == CL_EV_NTP && !response)
			cl_services_trait(&e->services, service,
					  cl_trait_ntp_request(&ev->u.ntp, port_class(ev)));
		return;
	}
	if (ev->kind == CL_EV_DNS) {
		const struct cl_dns *dns = &ev->u.dns;
		unsigned tcp = (dns->bits & CL_DNS_TCP) != 0 ? CL_SIZE_TCP_QUERY : CL_SIZE_UDP_QUERY;

		if ((dns->bits & CL_DNS_BROKEN) == 0)
			cl_services_size(&e->services, service, (enum cl_size_kind)(tcp + response),
					 dns->length);
		return;
	}
	cl_services_size(&e->services, service, (enum cl_size_kind)(CL_SIZE_UDP_QUERY + response),
			 ev->u.ntp.length);
	cl_services_trait(&e->services, service,
			  response ? cl_trait_ntp_response(&ev->u.ntp)
				   : cl_trait_ntp_request(&ev->u.ntp, port_class(ev)));
}
