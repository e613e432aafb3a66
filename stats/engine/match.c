/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Request and response, by the rules of clientele(1), DEFINITIONS. Every rule is a look-up by one 64-bit key:
 * the conversation mixed with the value that must be equal. Keys are seeded, so a peer cannot make them
 * collide.
 */
#include "stats/engine/match.h"

#include "dissect/hash.h"

/* A late answer is told from a bogus one for so many timeouts: 5 minutes by default. */
#define HORIZON_TIMEOUTS 30

/* Wireshark's rule has no time limit; ours must end somewhere. */
#define WIRESHARK_NS (86400LL * 1000000000)

/* For so many requests after an interleaved answer the next one is expected. */
#define INTERLEAVED_RECENTLY 1024

/* Entries of one key looked at for one response. */
#define SEARCH_BUDGET 256

/* What a key holds beside the conversation. */
enum {
	SALT_TRANSMIT = 0x11,
	SALT_RECEIVE = 0x22,
	SALT_UID = 0x33,
	SALT_DNS = 0x44,
	SALT_EARLY = 0x100,
	SALT_FLOW = 0x66
};

enum { MODE_SYMMETRIC_ACTIVE = 1, MODE_CLIENT = 3, MODE_SERVER = 4 };

enum { QTYPE_IXFR = 251, QTYPE_AXFR = 252 };

/* What is kept of a zone transfer (cl_req.extra); once it has begun, cl_req.aux is its serial number. */
enum { TRANSFER_AXFR = 0x10, TRANSFER_IXFR = 0x20, TRANSFER_BEGUN = 0x40, TRANSFER_ODD = 0x80 };
#define TRANSFER_ASKED (TRANSFER_AXFR | TRANSFER_IXFR)

bool cl_matcher_init(struct cl_matcher *m, enum cl_pairing pairing, int64_t timeout_ns, uint64_t seed)
{
	int64_t horizon_ns =
		timeout_ns > INT64_MAX / HORIZON_TIMEOUTS ? INT64_MAX : timeout_ns * HORIZON_TIMEOUTS;

	*m = (struct cl_matcher){
		.pairing = pairing, .timeout_ns = timeout_ns, .horizon_ns = horizon_ns, .seed = seed
	};
	if (pairing == CL_PAIRING_WIRESHARK)
		timeout_ns = horizon_ns = WIRESHARK_NS; /* of NTP */
	return cl_openreq_init(&m->open, timeout_ns, horizon_ns);
}

void cl_matcher_free(struct cl_matcher *m)
{
	cl_openreq_free(&m->open);
}

/* `ports`: the client's in the upper half. */
static inline uint64_t flow_of(uint64_t client_hash, uint32_t ports, uint64_t server_hash)
{
	return cl_mix(client_hash + ports * 0x9e3779b97f4a7c15u, server_hash);
}

static inline uint64_t salted(uint64_t flow, unsigned salt, uint64_t value)
{
	return cl_mix(flow + salt * 0x9e3779b97f4a7c15u, value ^ flow);
}

static inline uint64_t dns_value(const struct cl_dns *dns)
{
	return (uint64_t)(dns->bits & CL_DNS_TCP) << 16 | dns->id;
}

/* Interleaved mode (RFC 9769 sec. 2): the answer's origin is the request's receive stamp. */
static inline bool may_be_interleaved(const struct cl_ntp *ntp)
{
	return (ntp->org != 0) & (ntp->rec != 0) & (ntp->xmt != ntp->rec);
}

/* What a request may be found by in interleaved mode too; 0: nothing. */
static inline uint64_t second_key(const struct cl_event *ev, const struct cl_keys *k)
{
	return may_be_interleaved(&ev->u.ntp) ? salted(k->flow, SALT_RECEIVE, ev->u.ntp.rec) : 0;
}

/* The client's port and then the server's in one word, without a jump. */
static inline uint32_t ports_of(const struct cl_event *ev, bool response)
{
	uint32_t ports = (uint32_t)ev->dport << 16 | ev->sport;
	unsigned turn = response ? 0 : 16;

	return ports << turn | ports >> (32 - turn) % 32;
}

/**
 * Keys of a message, of DNS or not. Requests and responses alternate as they please, which no processor
 * foresees: so what differs by role is chosen by masks.
 */
CL_IN_LINE struct cl_prepared prepare(const struct cl_key_rule *r, const struct cl_event *ev, bool dns)
{
	bool response = ev->role == CL_ROLE_RESPONSE;
	uint64_t mask = -(uint64_t)response;
	uint64_t src = cl_addr_hash(&ev->src, r->seed), dst = cl_addr_hash(&ev->dst, r->seed);
	uint64_t turned = (src ^ dst) & mask, own = src ^ turned;
	uint64_t flow = flow_of(own, ports_of(ev, response), dst ^ turned);
	struct cl_prepared p = { .client_hash = own & ~(mask & -(uint64_t)r->requests_only),
				 .keys = { .flow = flow } };

	if (dns) {
		p.keys.key = salted(flow, SALT_DNS, dns_value(&ev->u.dns));
	} else if (r->pairing == CL_PAIRING_WIRESHARK) {
		p.keys.key = salted(flow, SALT_FLOW, 0);
	} else {
		const struct cl_ntp *ntp = &ev->u.ntp;

		p.keys.key = salted(flow, SALT_TRANSMIT, ntp->xmt ^ ((ntp->xmt ^ ntp->org) & mask));
	}
	return p;
}

void cl_match_prepare(const struct cl_key_rule *r, const struct cl_event *evs, size_t n,
		      struct cl_prepared *out)
{
	const struct cl_key_rule rule = *r;

	for (size_t i = 0; i < n; i++)
		if (evs[i].kind == CL_EV_NTP)
			out[i] = prepare(&rule, &evs[i], false);
		else if (evs[i].kind == CL_EV_DNS)
			out[i] = prepare(&rule, &evs[i], true);
		else
			out[i] = (struct cl_prepared){ .client_hash = 0 };
}

/* What a search among the entries of one key ends with. */
struct found {
	struct cl_req *open, *late, *behind; /* behind: up to 0.1 s after the response */
	bool answered;
};

static uint32_t never_zero(uint64_t hash)
{
	uint32_t low = (uint32_t)hash;

	return low != 0 ? low : 1;
}

/* What a message says beside its key, by 32 bits of a hash: its question, its unique identifier; 0 for none.
 */
CL_IN_LINE uint32_t aux_of(const struct cl_event *ev, bool dns)
{
	if (dns)
		return (ev->u.dns.bits & CL_DNS_QUESTION) != 0 ? never_zero(ev->u.dns.qhash) : 0;
	return (ev->u.ntp.flags & CL_NTP_UID) != 0 ? never_zero(ev->u.ntp.uid) : 0;
}

/**
 * The check of an answered request's mark: of DNS the question, where a response without one agrees with any;
 * of NTP, whose keys say all, the half of the key that the mark does not hold.
 */
static inline uint32_t check_of(const struct cl_event *ev, uint32_t aux, uint64_t key)
{
	bool dns = ev->kind == CL_EV_DNS;

	if (dns && aux == 0)
		return 0;
	return (uint32_t)((uint64_t)(dns ? aux : (uint32_t)key) * CL_REQ_CHECK_MAX >> 32) + 1;
}

/* Distinguishes a host's connections between the same ports; 0: agrees with all. */
static uint16_t connection_of(const struct cl_event *ev)
{
	return ev->kind == CL_EV_DNS ? (uint16_t)ev->u.dns.connection : 0;
}

bool cl_match_is_answered(const struct cl_req *req)
{
	return (req->extra & TRANSFER_BEGUN) != 0;
}

/* Whether an entry can belong to a response for all that its key does not say. */
static inline bool fits(const struct cl_req *e, const struct cl_event *ev)
{
	uint32_t aux = aux_of(ev, ev->kind == CL_EV_DNS);
	uint16_t connection = connection_of(ev);

	if (e->connection != 0 && connection != 0 && e->connection != connection)
		return false;
	if (e->aux != 0 && aux != 0 && e->aux != aux && !cl_match_is_answered(e))
		return false;
	return ev->role != CL_ROLE_REQUEST || e->extra == MODE_SYMMETRIC_ACTIVE;
}

static void sort_in(struct found *f, struct cl_req *req, const struct cl_event *ev,
		    const struct cl_matcher *m)
{
	bool dns = ev->kind == CL_EV_DNS; /* whatever the pairing of NTP */
	int64_t timeout_ns = dns ? m->timeout_ns : m->open.timeout_ns;
	int64_t horizon_ns = dns ? m->horizon_ns : m->open.horizon_ns;
	int64_t age = ev->time_ns - req->time_ns;

	if (age < 0) {
		if (age >= -CL_REQ_EARLY_NS && f->behind == NULL)
			f->behind = req;
	} else if (age <= timeout_ns || cl_match_is_answered(req)) {
		if (f->open == NULL || req->time_ns < f->open->time_ns)
			f->open = req;
	} else if (age <= horizon_ns && (f->late == NULL || req->time_ns < f->late->time_ns)) {
		f->late = req;
	}
}

static struct found search(struct cl_matcher *m, const struct cl_event *ev, uint64_t key, int64_t now_ns)
{
	struct cl_req_found known =
		cl_openreq_find(&m->open, key, check_of(ev, aux_of(ev, ev->kind == CL_EV_DNS), key), now_ns);
	struct found f = { .answered = known.answered };
	unsigned budget = SEARCH_BUDGET;

	for (struct cl_req *e = known.first; e != NULL && f.open == NULL;
	     e = cl_req_next(&m->open, &known, e)) {
		struct cl_req *target = cl_req_target(&m->open, e);

		if (budget-- == 0) {
			m->gave_up++;
			break;
		}
		if (fits(target, ev))
			sort_in(&f, target, ev, m);
	}
	return f;
}

static inline uint8_t transfer_asked(const struct cl_event *ev)
{
	const struct cl_dns *dns = &ev->u.dns;

	if ((dns->bits & CL_DNS_TCP) == 0 || (dns->bits & CL_DNS_QUESTION) == 0)
		return 0;
	return dns->qtype == QTYPE_AXFR ? TRANSFER_AXFR : dns->qtype == QTYPE_IXFR ? TRANSFER_IXFR : 0;
}

/**
 * Whether a message is its response's last, and what is known of the response with it: an error or no answer
 * ends it; a transfer ends with the SOA it began with (RFC 5936 sec. 2.2), an incremental one when that SOA
 * has come at an even place among the SOAs (RFC 1995 sec. 4), or is alone. Of a response whose beginning was
 * cut off nobody knows the end: what follows is taken for a part of it.
 */
static bool is_last(struct cl_req *req, const struct cl_dns *dns)
{
	bool begun = cl_match_is_answered(req), one = (dns->transfer & CL_DNS_XFR_ONE) != 0;

	if (dns->rcode != 0 || (dns->transfer & CL_DNS_XFR_ANSWER) == 0)
		return true;
	if (!begun) {
		if ((dns->transfer & (CL_DNS_XFR_FIRST | CL_DNS_XFR_CUT)) == 0 ||
		    (one && (req->extra & TRANSFER_IXFR) != 0))
			return true;
		req->extra |= TRANSFER_BEGUN;
		req->aux = dns->soa_first;
	}
	if ((dns->transfer & CL_DNS_XFR_ODD) != 0)
		req->extra ^= TRANSFER_ODD;
	return (dns->transfer & CL_DNS_XFR_LAST) != 0 && dns->soa_last == req->aux &&
	       (req->extra & TRANSFER_ODD) == 0;
}

/* A message of the response to a query for a zone transfer. */
static void settle_transfer(struct cl_matcher *m, struct cl_req *req, const struct cl_event *ev, uint64_t key,
			    int64_t now_ns, struct cl_verdict *v)
{
	bool begun = cl_match_is_answered(req), last = is_last(req, &ev->u.dns);

	v->outcome = begun ? CL_OUT_TRANSFER : CL_OUT_MATCHED;
	v->more = !begun && !last;
	v->ended = begun && last;
	if (last)
		cl_openreq_answer(&m->open, req, key, 0, now_ns);
}

/* Ends the search if a rule applied. */
static bool settle(struct cl_matcher *m, const struct found *f, const struct cl_event *ev, uint64_t key,
		   int64_t now_ns, struct cl_verdict *v)
{
	struct cl_req *req = f->open != NULL ? f->open : f->late;

	if (req != NULL) {
		v->outcome = f->open != NULL ? CL_OUT_MATCHED : CL_OUT_LATE;
		v->delta_ns = ev->time_ns - req->time_ns;
		v->delta_first_ns = ev->kind == CL_EV_DNS ? ev->u.dns.first_ns - req->time_ns : v->delta_ns;
		v->request_place = req->place;
		if (f->open != NULL && (req->extra & TRANSFER_ASKED) != 0) {
			settle_transfer(m, req, ev, key, now_ns, v);
			return true;
		}
		cl_openreq_answer(&m->open, req, key, check_of(ev, req->aux, key), now_ns);
		return true;
	}
	if (f->answered)
		v->outcome = CL_OUT_DUPLICATE;
	else if (f->behind != NULL)
		v->outcome = CL_OUT_BACKWARDS;
	else
		return false;
	return true;
}

static bool try_rule(struct cl_matcher *m, const struct cl_event *ev, uint64_t key, int64_t now_ns,
		     struct cl_verdict *v)
{
	struct found f = search(m, ev, key, now_ns);

	return settle(m, &f, ev, key, now_ns, v);
}

/**
 * The usual case of try_rule: one open request with the key, young enough, and nothing to settle but the
 * answer. False: nothing is decided.
 */
CL_IN_LINE bool match_quickly(struct cl_matcher *m, const struct cl_event *ev, uint64_t key, int64_t now_ns,
			      struct cl_verdict *v, bool dns)
{
	uint32_t at;
	struct cl_req *req = quick_find(&m->open, key, &at);

	if (req == NULL || (dns && (!fits(req, ev) || (req->extra & TRANSFER_ASKED) != 0)))
		return false; /* of NTP the key says all: without an identifier, which first_key_first asks */
	int64_t age = ev->time_ns - req->time_ns;
	if (age < 0 || age > (dns ? m->timeout_ns : m->open.timeout_ns))
		return false;
	v->outcome = CL_OUT_MATCHED;
	v->delta_ns = age;
	v->delta_first_ns = dns ? ev->u.dns.first_ns - req->time_ns : age;
	v->request_place = req->place;
	quick_answer(&m->open, req, at, check_of(ev, req->aux, key), now_ns);
	return true;
}

static bool match_ntp(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
		      int64_t now_ns, struct cl_verdict *v)
{
	const struct cl_ntp *ntp = &ev->u.ntp;

	if ((ntp->flags & CL_NTP_UID) != 0 && try_rule(m, ev, salted(k->flow, SALT_UID, ntp->uid), now_ns, v))
		return true;
	if (ntp->org == 0) {
		bool found = try_rule(m, ev, k->key, now_ns, v);

		v->guessed = found && v->outcome == CL_OUT_MATCHED;
		return found;
	}
	if (try_rule(m, ev, k->key, now_ns, v))
		return true;
	cl_openreq_list(&m->open);
	bool found = try_rule(m, ev, salted(k->flow, SALT_RECEIVE, ntp->org), now_ns, v);
	v->interleaved = found && v->outcome == CL_OUT_MATCHED;
	if (v->interleaved)
		m->interleaved = INTERLEAVED_RECENTLY;
	return found;
}

/* A response that found nothing may turn out to be early: it waits under the keys its request will have. */
static void wait_for_request(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
			     uint32_t service, int64_t now_ns)
{
	bool dns = ev->kind == CL_EV_DNS;
	uint64_t key = dns ? salted(k->key, SALT_EARLY, 0) : salted(k->flow, SALT_EARLY, ev->u.ntp.org);
	struct cl_req *r = cl_openreq_add(&m->open, CL_REQ_RESPONSE, key, ev->time_ns, now_ns);

	if (r == NULL)
		return;
	r->aux = aux_of(ev, ev->kind == CL_EV_DNS);
	r->place = cl_req_place(ev->file, ev->frame_no);
	r->service = service;
	r->extra = 0;
	r->connection = connection_of(ev);
	if (!dns && r->aux != 0)
		cl_openreq_alias(&m->open, r, salted(k->flow, SALT_EARLY + SALT_UID, ev->u.ntp.uid));
}

/* Wireshark pairs modes 3 and 4 only: neither symmetric modes nor version 1 without a mode. */
CL_IN_LINE bool outside_the_rule(const struct cl_matcher *m, const struct cl_event *ev, bool dns)
{
	return !dns && m->pairing == CL_PAIRING_WIRESHARK &&
	       ev->u.ntp.mode != (ev->role == CL_ROLE_RESPONSE ? MODE_SERVER : MODE_CLIENT);
}

static void match_slowly(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
			 uint32_t service, int64_t now_ns, struct cl_verdict *v)
{
	bool settled;

	if (ev->kind == CL_EV_DNS || m->pairing == CL_PAIRING_WIRESHARK)
		settled = try_rule(m, ev, k->key, now_ns, v);
	else
		settled = match_ntp(m, ev, k, now_ns, v);
	if (!settled && (ev->kind == CL_EV_DNS || m->pairing == CL_PAIRING_STANDARD))
		wait_for_request(m, ev, k, service, now_ns);
}

/* Whether the rule of the first key comes first, and decides alone. */
CL_IN_LINE bool first_key_first(const struct cl_matcher *m, const struct cl_event *ev, bool dns)
{
	return dns || (m->pairing == CL_PAIRING_STANDARD && ev->u.ntp.org != 0 &&
		       (ev->u.ntp.flags & CL_NTP_UID) == 0);
}

CL_IN_LINE void match_response(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
			       uint32_t service, int64_t now_ns, struct cl_verdict *v, bool dns)
{
	*v = (struct cl_verdict){ .outcome = CL_OUT_BOGUS };
	if (outside_the_rule(m, ev, dns) ||
	    (first_key_first(m, ev, dns) && match_quickly(m, ev, k->key, now_ns, v, dns)))
		return;
	match_slowly(m, ev, k, service, now_ns, v);
}

struct cl_verdict cl_match_response(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
				    uint32_t service, int64_t now_ns)
{
	struct cl_verdict v;

	match_response(m, ev, k, service, now_ns, &v, ev->kind == CL_EV_DNS);
	return v;
}

bool cl_match_symmetric(struct cl_matcher *m, const struct cl_event *ev, int64_t now_ns, struct cl_verdict *v)
{
	uint64_t flow =
		flow_of(cl_addr_hash(&ev->dst, m->seed), ports_of(ev, true), cl_addr_hash(&ev->src, m->seed));
	uint64_t key = salted(flow, SALT_TRANSMIT, ev->u.ntp.org);

	if (ev->u.ntp.org == 0 || m->pairing == CL_PAIRING_WIRESHARK)
		return false;
	struct found f = search(m, ev, key, now_ns);
	return f.open != NULL && settle(m, &f, ev, key, now_ns, v);
}

/* Takes the waiting response with this key, if it is this request's and at most 0.1 s before it. */
static bool claim(struct cl_matcher *m, const struct cl_event *ev, uint64_t key, uint32_t aux, int64_t now_ns)
{
	struct cl_openreq *o = &m->open;
	struct cl_req_found known = cl_openreq_find(o, key, 0, now_ns);
	unsigned budget = SEARCH_BUDGET;

	for (struct cl_req *e = known.first; e != NULL && budget-- > 0; e = cl_req_next(o, &known, e)) {
		struct cl_req *r = cl_req_target(o, e);
		int64_t ahead = ev->time_ns - r->time_ns;

		if (r->connection != 0 && connection_of(ev) != 0 && r->connection != connection_of(ev))
			continue;
		if (ahead >= 0 && ahead <= CL_REQ_EARLY_NS && (aux == 0 || r->aux == 0 || r->aux == aux)) {
			cl_openreq_drop(o, r);
			return true;
		}
	}
	return false;
}

static bool claim_ntp(struct cl_matcher *m, const struct cl_event *ev, uint64_t flow, uint32_t aux,
		      int64_t now_ns)
{
	const struct cl_ntp *ntp = &ev->u.ntp;

	if (aux != 0 && claim(m, ev, salted(flow, SALT_EARLY + SALT_UID, ntp->uid), aux, now_ns))
		return true;
	if (claim(m, ev, salted(flow, SALT_EARLY, ntp->xmt), aux, now_ns))
		return true;
	return may_be_interleaved(ntp) && claim(m, ev, salted(flow, SALT_EARLY, ntp->rec), aux, now_ns);
}

/* With Wireshark's rule only the latest request of a conversation counts. */
CL_IN_LINE struct cl_req *open_request(struct cl_matcher *m, const struct cl_event *ev, uint64_t key,
				       int64_t now_ns, bool dns)
{
	if (!dns && m->pairing == CL_PAIRING_WIRESHARK) {
		struct cl_req *before = cl_openreq_find(&m->open, key, 0, now_ns).first;

		if (before != NULL) {
			cl_openreq_renew(&m->open, before, ev->time_ns, now_ns);
			return before;
		}
	}
	return add_entry(&m->open, CL_REQ_REQUEST, key, ev->time_ns, now_ns);
}

/* Takes the response that came before its request, if there is one. */
static bool claim_early(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
			uint32_t aux, int64_t now_ns, bool dns)
{
	return dns ? claim(m, ev, salted(k->key, SALT_EARLY, 0), aux, now_ns)
		   : claim_ntp(m, ev, k->flow, aux, now_ns);
}

CL_IN_LINE bool match_request(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
			      uint32_t service, int64_t now_ns, bool dns)
{
	bool waiting = cl_req_oldest(&m->open, CL_REQ_LIST_EARLY) != CL_REQ_LIST_EARLY;
	uint32_t aux = dns || m->pairing == CL_PAIRING_STANDARD ? aux_of(ev, dns) : 0;

	if (outside_the_rule(m, ev, dns))
		return false;
	bool claimed = waiting && claim_early(m, ev, k, aux, now_ns, dns);
	struct cl_req *req = open_request(m, ev, k->key, now_ns, dns);
	if (req == NULL)
		return claimed;
	req->aux = aux;
	req->place = cl_req_place(ev->file, ev->frame_no);
	req->service = service;
	req->extra = dns ? transfer_asked(ev) : ev->u.ntp.mode;
	req->connection = dns ? connection_of(ev) : 0;
	if (!dns && aux != 0)
		cl_openreq_alias(&m->open, req, salted(k->flow, SALT_UID, ev->u.ntp.uid));
	if (!dns && m->pairing == CL_PAIRING_STANDARD && may_be_interleaved(&ev->u.ntp))
		give_alias_later(&m->open, req, second_key(ev, k));
	m->interleaved -= m->interleaved > 0;
	return claimed;
}

bool cl_match_request(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
		      uint32_t service, int64_t now_ns)
{
	return match_request(m, ev, k, service, now_ns, ev->kind == CL_EV_DNS);
}
