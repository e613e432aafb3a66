/* SPDX-License-Identifier: BSD-2-Clause */
/* Which message does an ICMP error quote? Its first octets are rebuilt from what is known of it. */
#include "stats/exchange/sent.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"

#define FIRST_ROOM 1024u
#define LEAST_ROOM 16u
#define NONE	   UINT32_MAX

_Static_assert(sizeof(struct cl_sent_message) <= 124, "a message's share of the memory");

struct cl_sent {
	struct cl_sent_message *ring;
	uint32_t *chain;    /* by key: number of the newest, its low bits */
	uint64_t count;	    /* messages so far: the number of the next one */
	size_t room, limit; /* powers of two */
	uint64_t seed, given_up;
	int64_t told_ns;    /* of the newest */
	int64_t longest_ns; /* from a first message to one of its exchange */
};

/* The ring -------------------------------------------------------------------- */

static bool make(struct cl_sent *r, size_t room)
{
	struct cl_sent_message *ring = malloc(room * sizeof *ring);
	uint32_t *chain = malloc(room * sizeof *chain);

	if (ring == NULL || chain == NULL) {
		free(ring);
		free(chain);
		return false;
	}
	memset(chain, 0xff, room * sizeof *chain);
	free(r->chain);
	r->ring = ring;
	r->chain = chain;
	r->room = room;
	return true;
}

struct cl_sent *cl_sent_new(size_t limit, uint64_t seed)
{
	struct cl_sent *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->seed = seed;
	r->told_ns = INT64_MIN;
	for (r->limit = LEAST_ROOM; r->limit * 2 <= limit; r->limit *= 2)
		;
	if (!make(r, r->limit < FIRST_ROOM ? r->limit : FIRST_ROOM)) {
		free(r);
		return NULL;
	}
	return r;
}

void cl_sent_free(struct cl_sent *r)
{
	if (r == NULL)
		return;
	free(r->ring);
	free(r->chain);
	free(r);
}

uint64_t cl_sent_given_up(const struct cl_sent *r)
{
	return r->given_up;
}

static void link_in(struct cl_sent *r, uint64_t number)
{
	struct cl_sent_message *m = &r->ring[number & (r->room - 1)];
	uint32_t *head = &r->chain[m->key & (r->room - 1)];

	m->older = *head;
	*head = (uint32_t)number;
}

/* Twice the room. False: at the limit, or memory is short. */
static bool grow(struct cl_sent *r)
{
	struct cl_sent_message *old = r->ring;
	size_t room = r->room;

	if (room >= r->limit || !make(r, room * 2))
		return false;
	for (uint64_t i = r->count - room; i < r->count; i++) {
		r->ring[i & (r->room - 1)] = old[i & (room - 1)];
		link_in(r, i);
	}
	free(old);
	return true;
}

/* A time so long before another. */
static int64_t before(int64_t ns, int64_t by_ns)
{
	return ns < INT64_MIN + by_ns ? INT64_MIN : ns - by_ns;
}

/* Whether an error that comes now may still quote it. */
static bool is_young(const struct cl_sent_message *m, int64_t now_ns)
{
	return m->time_ns >= before(now_ns, CL_SENT_NS);
}

static void put(struct cl_sent *r, const struct cl_sent_message *m)
{
	if (r->count >= r->room && is_young(&r->ring[r->count & (r->room - 1)], r->told_ns) && !grow(r))
		r->given_up++;
	r->ring[r->count & (r->room - 1)] = *m;
	link_in(r, r->count);
	r->count++;
}

/* The message with these low bits, if it was told before `below` and is still there; its number in *number.
 */
static struct cl_sent_message *at(struct cl_sent *r, uint32_t low, uint64_t below, uint64_t *number)
{
	uint64_t oldest = r->count > r->room ? r->count - r->room : 0;
	uint64_t n = (below & ~(uint64_t)UINT32_MAX) | low;

	if (low == NONE)
		return NULL;
	if (n >= below)
		n -= (uint64_t)1 << 32;
	if (n >= below || n < oldest)
		return NULL;
	*number = n;
	return &r->ring[n & (r->room - 1)];
}

/* What a message's first octets are -------------------------------------------- */

static void say(struct cl_sent_message *m, unsigned at, unsigned octets, uint64_t value)
{
	for (unsigned i = 0; i < octets; i++) {
		m->head[at + i] = (uint8_t)(value >> 8 * (octets - 1 - i));
		m->known |= UINT64_C(1) << (at + i);
	}
}

/* RFC 5905 sec. 7.3. */
static void say_ntp(struct cl_sent_message *m, const struct cl_ntp *ntp, const struct cl_note *note)
{
	say(m, 1, 1, ntp->stratum);
	say(m, 2, 1, ntp->poll);
	say(m, 24, 8, ntp->org);
	say(m, 32, 8, ntp->rec);
	say(m, 40, 8, ntp->xmt);
	if (note == NULL)
		return;
	say(m, 0, 1, (uint64_t)(note->leap & 3) << 6 | (uint64_t)(ntp->version & 7) << 3 | (ntp->mode & 7));
	say(m, 3, 1, (uint8_t)note->precision);
	say(m, 4, 4, note->root_delay);
	say(m, 8, 4, note->root_dispersion);
	say(m, 12, 4, note->refid);
	say(m, 16, 8, note->ref);
}

/* Mode 6: RFC 9327 sec. 2. Of mode 7 the implementation and the request code. */
static void say_control(struct cl_sent_message *m, const struct cl_ntp *ntp, const struct cl_note *note)
{
	if (note == NULL)
		return;
	if (ntp->mode == 7) {
		say(m, 2, 1, note->implementation);
		say(m, 3, 1, note->opcode);
		return;
	}
	say(m, 1, 1, note->opcode);
	say(m, 2, 2, note->sequence);
	say(m, 4, 2, note->status);
	say(m, 6, 2, note->association);
	say(m, 8, 2, note->offset);
	say(m, 10, 2, note->count);
}

/* RFC 1035 sec. 4.1: header and first question. */
static void say_dns(struct cl_sent_message *m, const struct cl_dns *dns, const struct cl_note *note)
{
	size_t n;

	say(m, 0, 2, dns->id);
	if (note == NULL)
		return;
	say(m, 2, 2, note->flags);
	say(m, 4, 2, note->qdcount);
	say(m, 6, 2, note->ancount);
	say(m, 8, 2, note->nscount);
	say(m, 10, 2, note->arcount);
	const uint8_t *name = cl_note_piece(note, CL_PIECE_QNAME, &n);
	for (size_t i = 0; i < n && 12 + i < CL_SENT_HEAD; i++)
		say(m, (unsigned)(12 + i), 1, name[i]);
	if (n > 0 && (dns->bits & CL_DNS_QUESTION) != 0 && 12 + n + 4 <= CL_SENT_HEAD) {
		say(m, (unsigned)(12 + n), 2, dns->qtype);
		say(m, (unsigned)(12 + n + 2), 2, dns->qclass);
	}
}

/* What addresses, ports and protocol a packet has. */
static uint64_t key_of(const struct cl_sent *r, const struct cl_addr *src, const struct cl_addr *dst,
		       uint16_t sport, uint16_t dport, bool tcp)
{
	uint64_t ports = (uint64_t)tcp << 32 | (uint64_t)sport << 16 | dport;

	return cl_mix(cl_addr_hash(src, r->seed), cl_addr_hash(dst, r->seed ^ ports) + ports);
}

static void add_message(struct cl_sent *r, const struct cl_exchange *x, const struct cl_message *of,
			const struct cl_message *request)
{
	const struct cl_event *ev = of->event;
	bool dns = x->kind == CL_X_DNS, tcp = dns && (ev->u.dns.bits & CL_DNS_TCP) != 0;
	struct cl_sent_message m = { .key = key_of(r, &ev->src, &ev->dst, ev->sport, ev->dport, tcp),
				     .time_ns = ev->time_ns,
				     .told_ns = cl_exchange_first(x)->event->time_ns,
				     .frame = ev->frame_no,
				     .file = ev->file,
				     .ttl = of->note != NULL ? of->note->ip_ttl : 0,
				     .response = of == &x->response };

	if (request != NULL) {
		m.request_ns = request->event->time_ns;
		m.request_frame = request->event->frame_no;
		m.request_file = request->event->file;
	}
	if (dns && !tcp) /* a segment of TCP may begin anywhere */
		say_dns(&m, &ev->u.dns, of->note);
	else if (x->kind == CL_X_CONTROL && (ev->u.ntp.mode == 6 || ev->u.ntp.mode == 7))
		say_control(&m, &ev->u.ntp, of->note);
	else if (!dns)
		say_ntp(&m, &ev->u.ntp, of->note);
	if (m.told_ns > r->told_ns)
		r->told_ns = m.told_ns;
	if (m.time_ns > m.told_ns && m.time_ns - m.told_ns > r->longest_ns)
		r->longest_ns = m.time_ns - m.told_ns;
	put(r, &m);
}

void cl_sent_add(struct cl_sent *r, const struct cl_exchange *x)
{
	if (x->request.event != NULL)
		add_message(r, x, &x->request, NULL);
	if (x->response.event != NULL)
		add_message(r, x, &x->response, x->request.event != NULL ? &x->request : NULL);
}

/* Searching ------------------------------------------------------------------- */

static bool agrees(const struct cl_sent_message *m, const uint8_t *quote, size_t n)
{
	for (size_t i = 0; i < n && i < CL_SENT_HEAD; i++)
		if ((m->known >> i & 1) != 0 && m->head[i] != quote[i])
			return false;
	return true;
}

/* Exchanges are told in the order of their first message: none before this one can reach so far. */
static bool is_past(const struct cl_sent *r, const struct cl_sent_message *m, int64_t error_ns)
{
	return m->told_ns < before(before(error_ns, CL_SENT_NS), r->longest_ns);
}

struct cl_sent_found cl_sent_find(struct cl_sent *r, const struct cl_message *error)
{
	const struct cl_icmp *icmp = &error->event->u.icmp;
	int64_t error_ns = error->event->time_ns;
	uint64_t key =
		key_of(r, &icmp->src, &icmp->dst, icmp->sport, icmp->dport, (icmp->bits & CL_ICMP_TCP) != 0);
	struct cl_sent_found found = { .message = NULL };
	uint64_t number = r->count;
	size_t n = 0;
	const uint8_t *quote = error->note != NULL ? cl_note_piece(error->note, CL_PIECE_QUOTE, &n) : NULL;
	struct cl_sent_message *m = at(r, r->chain[key & (r->room - 1)], number, &number);

	for (unsigned steps = 0; m != NULL && !is_past(r, m, error_ns); steps++) {
		if (steps == CL_SENT_STEPS) {
			found.gave_up = true;
			break;
		}
		if (m->key == key && m->time_ns <= error_ns && is_young(m, error_ns)) {
			if (!agrees(m, quote, n)) {
				found.ports_agree = true;
			} else {
				found.several |= found.message != NULL;
				if (found.message == NULL || m->time_ns > found.message->time_ns)
					found.message = m;
			}
		}
		m = at(r, m->older, number, &number);
	}
	return found;
}
