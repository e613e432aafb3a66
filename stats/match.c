/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Request and response, by the rules of INTERFACE.md (Definitions). Every rule is a look-up by one 64-bit key: the
 * conversation mixed with the value that must be equal. Keys are seeded, so a peer cannot make them collide.
 */
#include "stats/match.h"

#include "dissect/hash.h"

/* A late answer is told from a bogus one for so many timeouts. */
#define HORIZON_TIMEOUTS 6

/* Entries of one key looked at for one response. */
#define SEARCH_BUDGET 256

/* What a key holds beside the conversation. */
enum { SALT_TRANSMIT = 0x11, SALT_RECEIVE = 0x22, SALT_UID = 0x33, SALT_DNS = 0x44, SALT_EARLY = 0x55, SALT_FLOW = 0x66 };

enum { MODE_SYMMETRIC_ACTIVE = 1, MODE_CLIENT = 3, MODE_SERVER = 4 };

bool cl_matcher_init(struct cl_matcher *m, enum cl_pairing pairing, int64_t timeout_ns, uint64_t seed)
{
	int64_t horizon_ns = timeout_ns > INT64_MAX / HORIZON_TIMEOUTS ? INT64_MAX : timeout_ns * HORIZON_TIMEOUTS;

	if (pairing == CL_PAIRING_WIRESHARK)
		timeout_ns = horizon_ns = INT64_MAX; /* it has no time limit */
	*m = (struct cl_matcher){ .pairing = pairing, .seed = seed };
	return cl_openreq_init(&m->open, timeout_ns, horizon_ns);
}

void cl_matcher_free(struct cl_matcher *m)
{
	cl_openreq_free(&m->open);
}

static uint64_t half(const struct cl_addr *a, unsigned at)
{
	uint64_t v;

	memcpy(&v, a->b + at, sizeof v);
	return v;
}

static uint64_t flow_hash(uint64_t seed, const struct cl_addr *client, const struct cl_addr *server, uint16_t cport,
                          uint16_t sport)
{
	uint64_t c = cl_mix(half(client, 0) ^ seed, half(client, 8) + ((uint64_t)cport << 16 | sport) * 0x9e3779b97f4a7c15u);
	uint64_t s = cl_mix(half(server, 0) + seed, half(server, 8) ^ seed);

	return cl_mix(c, s);
}

static uint64_t salted(uint64_t flow, unsigned salt, uint64_t value)
{
	return cl_mix(flow + salt * 0x9e3779b97f4a7c15u, value);
}

static uint64_t dns_key(uint64_t flow, const struct cl_dns *dns)
{
	return salted(flow, SALT_DNS, (uint64_t)(dns->bits & CL_DNS_TCP) << 16 | dns->id);
}

static uint64_t first_key(const struct cl_matcher *m, const struct cl_event *ev, uint64_t flow, bool response)
{
	if (ev->kind == CL_EV_DNS)
		return dns_key(flow, &ev->u.dns);
	if (m->pairing == CL_PAIRING_WIRESHARK)
		return salted(flow, SALT_FLOW, 0);
	return salted(flow, SALT_TRANSMIT, response ? ev->u.ntp.org : ev->u.ntp.xmt);
}

/* Interleaved mode (RFC 9769 sec. 2): the answer's origin is the request's receive stamp. */
static bool may_be_interleaved(const struct cl_ntp *ntp)
{
	return ntp->org != 0 && ntp->rec != 0 && ntp->xmt != ntp->rec;
}

struct cl_keys cl_match_keys(const struct cl_matcher *m, const struct cl_event *ev)
{
	bool response = ev->role == CL_ROLE_RESPONSE;
	struct cl_keys k;

	k.flow = response ? flow_hash(m->seed, &ev->dst, &ev->src, ev->dport, ev->sport)
	                  : flow_hash(m->seed, &ev->src, &ev->dst, ev->sport, ev->dport);
	k.key = first_key(m, ev, k.flow, response);
	k.second = 0;
	if (ev->kind == CL_EV_NTP && !response && m->pairing == CL_PAIRING_STANDARD && may_be_interleaved(&ev->u.ntp))
		k.second = salted(k.flow, SALT_RECEIVE, ev->u.ntp.rec);
	return k;
}

/* What a search among the entries of one key ends with. */
struct found {
	struct cl_req *open, *late, *matched, *behind; /* behind: up to 0.1 s after the response */
};

/* Whether an entry can belong to a response for all that its key does not say. */
static bool fits(const struct cl_req *e, const struct cl_event *ev)
{
	if (ev->kind == CL_EV_DNS) {
		bool both = e->aux != 0 && (ev->u.dns.bits & CL_DNS_QUESTION) != 0;

		return !both || e->aux == ev->u.dns.qhash;
	}
	bool both = e->aux != 0 && (ev->u.ntp.flags & CL_NTP_UID) != 0;
	return (!both || e->aux == ev->u.ntp.uid) && (ev->role != CL_ROLE_REQUEST || e->extra == MODE_SYMMETRIC_ACTIVE);
}

static void sort_in(struct found *f, struct cl_req *req, const struct cl_event *ev, const struct cl_openreq *o)
{
	int64_t age = ev->time_ns - req->time_ns;

	if (age < 0) {
		if (age >= -CL_REQ_EARLY_NS && req->state == CL_REQ_OPEN && f->behind == NULL)
			f->behind = req;
		return;
	}
	if (req->state == CL_REQ_OPEN && age <= o->timeout_ns) {
		if (f->open == NULL || req->time_ns < f->open->time_ns)
			f->open = req;
	} else if (req->state == CL_REQ_OPEN) {
		if (age <= o->horizon_ns && (f->late == NULL || req->time_ns < f->late->time_ns))
			f->late = req;
	} else if (age <= (req->state == CL_REQ_MATCHED ? o->timeout_ns : o->horizon_ns)) {
		f->matched = req;
	}
}

/* Moves the mark before which none is open past what is done with. */
static void skip_answered(struct cl_openreq *o, struct cl_req *head)
{
	while (head->open != CL_REQ_NONE) {
		const struct cl_req *target = cl_openreq_target(o, cl_req_at(o, head->open));

		if (target != NULL && target->state == CL_REQ_OPEN)
			break;
		head->open = cl_req_at(o, head->open)->next;
	}
}

static struct found search(struct cl_matcher *m, const struct cl_event *ev, uint64_t key)
{
	struct cl_openreq *o = &m->open;
	struct found f = { NULL, NULL, NULL, NULL };
	uint32_t first = cl_openreq_find(o, key);

	if (first == CL_REQ_NONE)
		return f;
	struct cl_req *head = cl_req_at(o, first);
	skip_answered(o, head);
	unsigned budget = SEARCH_BUDGET;
	for (uint32_t at = head->open; at != CL_REQ_NONE && f.open == NULL; at = cl_req_at(o, at)->next) {
		struct cl_req *target = cl_openreq_target(o, cl_req_at(o, at));

		if (budget-- == 0) {
			m->gave_up++;
			break;
		}
		if (target != NULL && fits(target, ev))
			sort_in(&f, target, ev, o);
	}
	if (f.open != NULL || f.late != NULL)
		return f;
	budget = SEARCH_BUDGET;
	for (uint32_t at = head->tail; at != CL_REQ_NONE && f.matched == NULL && budget-- > 0; at = cl_req_at(o, at)->prev) {
		struct cl_req *target = cl_openreq_target(o, cl_req_at(o, at));

		if (target != NULL && target->state != CL_REQ_OPEN && fits(target, ev))
			sort_in(&f, target, ev, o);
	}
	return f;
}

/* Ends the search if a rule applied. */
static bool settle(const struct found *f, const struct cl_event *ev, struct cl_verdict *v)
{
	struct cl_req *req = f->open != NULL ? f->open : f->late;

	if (req != NULL) {
		v->outcome = f->open != NULL ? CL_OUT_MATCHED : CL_OUT_LATE;
		v->delta_ns = ev->time_ns - req->time_ns;
		v->delta_first_ns = ev->kind == CL_EV_DNS ? ev->u.dns.first_ns - req->time_ns : v->delta_ns;
		v->request_frame = req->frame_no;
		v->request_file = req->file;
		req->state = f->open != NULL ? CL_REQ_MATCHED : CL_REQ_ANSWERED_LATE;
		return true;
	}
	if (f->matched != NULL)
		v->outcome = CL_OUT_DUPLICATE;
	else if (f->behind != NULL)
		v->outcome = CL_OUT_BACKWARDS;
	else
		return false;
	return true;
}

static bool try_rule(struct cl_matcher *m, const struct cl_event *ev, uint64_t key, struct cl_verdict *v)
{
	struct found f = search(m, ev, key);

	return settle(&f, ev, v);
}

static bool match_ntp(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k, struct cl_verdict *v)
{
	const struct cl_ntp *ntp = &ev->u.ntp;

	if ((ntp->flags & CL_NTP_UID) != 0 && try_rule(m, ev, salted(k->flow, SALT_UID, ntp->uid), v))
		return true;
	if (ntp->org == 0) {
		v->guessed = try_rule(m, ev, k->key, v);
		return v->guessed;
	}
	if (try_rule(m, ev, k->key, v))
		return true;
	v->interleaved = try_rule(m, ev, salted(k->flow, SALT_RECEIVE, ntp->org), v);
	return v->interleaved;
}

/*
 * Wireshark: the latest request of the conversation; its first response wins. No time limit. Modes 3 and 4 only: it
 * pairs neither symmetric modes nor version 1 without a mode.
 */
static bool match_wireshark(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
                            struct cl_verdict *v)
{
	uint32_t first = cl_openreq_find(&m->open, k->key);

	if (first == CL_REQ_NONE || ev->u.ntp.mode != MODE_SERVER)
		return false;
	struct cl_req *req = cl_req_at(&m->open, first);
	struct found f = { NULL, NULL, NULL, NULL };
	if (req->state == CL_REQ_OPEN)
		f.open = req;
	else
		f.matched = req;
	return settle(&f, ev, v);
}

/* A response that found nothing may turn out to be early: it waits under the keys its request will have. */
static void wait_for_request(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k, uint32_t service,
                             int64_t now_ns)
{
	struct cl_req what = { .time_ns = ev->time_ns, .frame_no = ev->frame_no, .file = ev->file, .service = service };

	if (ev->kind == CL_EV_DNS) {
		what.key = salted(k->key, SALT_EARLY, 0);
		what.aux = (ev->u.dns.bits & CL_DNS_QUESTION) != 0 ? ev->u.dns.qhash : 0;
	} else {
		what.key = salted(k->flow, SALT_EARLY, ev->u.ntp.org);
		what.aux = (ev->u.ntp.flags & CL_NTP_UID) != 0 ? ev->u.ntp.uid : 0;
	}
	what.kind = CL_REQ_RESPONSE;
	what.target = cl_openreq_add(&m->open, &what, now_ns);
	if (ev->kind == CL_EV_NTP && what.aux != 0 && what.target != CL_REQ_NONE) {
		what.kind = CL_REQ_RESPONSE_ALIAS;
		what.key = salted(k->flow, SALT_EARLY + SALT_UID, what.aux);
		cl_openreq_add(&m->open, &what, now_ns);
	}
}

struct cl_verdict cl_match_response(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k,
                                    uint32_t service, int64_t now_ns)
{
	struct cl_verdict v = { .outcome = CL_OUT_BOGUS };
	bool settled;

	if (ev->kind == CL_EV_DNS)
		settled = try_rule(m, ev, k->key, &v);
	else if (m->pairing == CL_PAIRING_WIRESHARK)
		settled = match_wireshark(m, ev, k, &v);
	else
		settled = match_ntp(m, ev, k, &v);
	if (!settled && m->pairing == CL_PAIRING_STANDARD)
		wait_for_request(m, ev, k, service, now_ns);
	return v;
}

bool cl_match_symmetric(struct cl_matcher *m, const struct cl_event *ev, struct cl_verdict *v)
{
	uint64_t flow = flow_hash(m->seed, &ev->dst, &ev->src, ev->dport, ev->sport);

	if (ev->u.ntp.org == 0 || m->pairing == CL_PAIRING_WIRESHARK)
		return false;
	struct found f = search(m, ev, salted(flow, SALT_TRANSMIT, ev->u.ntp.org));
	return f.open != NULL && settle(&f, ev, v);
}

/* Takes the waiting response with this key, if it is this request's and at most 0.1 s before it. */
static bool claim(struct cl_matcher *m, const struct cl_event *ev, uint64_t key, uint64_t aux)
{
	struct cl_openreq *o = &m->open;
	unsigned budget = SEARCH_BUDGET;

	for (uint32_t at = cl_openreq_find(o, key); at != CL_REQ_NONE && budget-- > 0; at = cl_req_at(o, at)->next) {
		struct cl_req *r = cl_openreq_target(o, cl_req_at(o, at));
		int64_t ahead = r != NULL ? ev->time_ns - r->time_ns : -1;

		if (r != NULL && r->state == CL_REQ_OPEN && ahead >= 0 && ahead <= CL_REQ_EARLY_NS &&
		    (aux == 0 || r->aux == 0 || r->aux == aux)) {
			r->state = CL_REQ_CLAIMED;
			return true;
		}
	}
	return false;
}

static bool claim_ntp(struct cl_matcher *m, const struct cl_event *ev, uint64_t flow, uint64_t uid)
{
	const struct cl_ntp *ntp = &ev->u.ntp;

	if (uid != 0 && claim(m, ev, salted(flow, SALT_EARLY + SALT_UID, uid), uid))
		return true;
	if (claim(m, ev, salted(flow, SALT_EARLY, ntp->xmt), uid))
		return true;
	return may_be_interleaved(ntp) && claim(m, ev, salted(flow, SALT_EARLY, ntp->rec), uid);
}

static void add_alias(struct cl_matcher *m, struct cl_req *what, uint64_t key, int64_t now_ns)
{
	what->kind = CL_REQ_ALIAS;
	what->key = key;
	cl_openreq_add(&m->open, what, now_ns);
}

/* Only the latest request of a conversation counts. */
static void open_wireshark(struct cl_matcher *m, const struct cl_req *what, int64_t now_ns)
{
	uint32_t first = cl_openreq_find(&m->open, what->key);

	if (first == CL_REQ_NONE) {
		cl_openreq_add(&m->open, what, now_ns);
		return;
	}
	struct cl_req *req = cl_req_at(&m->open, first);
	req->time_ns = what->time_ns;
	req->frame_no = what->frame_no;
	req->file = what->file;
	req->state = CL_REQ_OPEN;
}

static void open_ntp(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k, struct cl_req *what,
                     int64_t now_ns)
{
	const struct cl_ntp *ntp = &ev->u.ntp;

	what->extra = ntp->mode;
	if (m->pairing == CL_PAIRING_WIRESHARK) {
		if (ntp->mode == MODE_CLIENT)
			open_wireshark(m, what, now_ns);
		return;
	}
	what->aux = (ntp->flags & CL_NTP_UID) != 0 ? ntp->uid : 0;
	what->target = cl_openreq_add(&m->open, what, now_ns);
	if (what->target == CL_REQ_NONE)
		return;
	if (what->aux != 0)
		add_alias(m, what, salted(k->flow, SALT_UID, what->aux), now_ns);
	if (k->second != 0)
		add_alias(m, what, k->second, now_ns);
}

bool cl_match_request(struct cl_matcher *m, const struct cl_event *ev, const struct cl_keys *k, uint32_t service,
                      int64_t now_ns)
{
	struct cl_req what = { .key = k->key, .time_ns = ev->time_ns, .frame_no = ev->frame_no, .file = ev->file,
		               .service = service, .kind = CL_REQ_REQUEST };
	bool waiting = m->open.early.count > 0, claimed = false;

	if (ev->kind == CL_EV_DNS) {
		what.aux = (ev->u.dns.bits & CL_DNS_QUESTION) != 0 ? ev->u.dns.qhash : 0;
		claimed = waiting && claim(m, ev, salted(k->key, SALT_EARLY, 0), what.aux);
		cl_openreq_add(&m->open, &what, now_ns);
	} else {
		uint64_t uid = (ev->u.ntp.flags & CL_NTP_UID) != 0 ? ev->u.ntp.uid : 0;

		claimed = waiting && claim_ntp(m, ev, k->flow, uid);
		open_ntp(m, ev, k, &what, now_ns);
	}
	return claimed;
}
