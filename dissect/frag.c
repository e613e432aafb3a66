/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/frag.h"

#include <stdlib.h>

#include "dissect/fragnote.h"
#include "dissect/fragtell.h"
#include "dissect/hash.h"
#include "dissect/pieces.h"

#define TIMEOUT_NS	60000000000u
#define DATAGRAM_MAX	65535u
#define DEFAULT_BYTES	(16u << 20)
#define DEFAULT_COUNT	65536u
#define PROTO_TCP	6u
#define TCP_FIRST_LEAST 16u /* RFC 1858 sec. 3.1.1: the flags are in it */

/* RFC 791 sec. 3.2, RFC 8200 sec. 4.5; and what the datagram came in. */
struct key {
	uint8_t src[16], dst[16];
	uint64_t within;
	uint32_t id;
	uint8_t proto; /* IPv4 only: of IPv6 it may differ */
	uint8_t version;
	uint16_t zero;
};

enum state {
	WAITS,
	REFUSED, /* contradicts itself: all of it is refused until it is forgotten */
	LOST,	 /* cannot come whole: cut by the capture, or memory was short */
	WHOLE	 /* was put together: its pieces are remembered for duplicates */
};

struct datagram {
	struct datagram *next;		/* in its bucket */
	struct datagram *older, *newer; /* by arrival */
	struct key key;
	uint64_t hash;
	int64_t first_ns;
	struct cl_pieces pieces;
	struct cl_fragnotes notes;
	struct cl_fragfirst first;
	uint32_t total; /* octets in all; 0: the last fragment has not come */
	uint32_t frames, packets, wire_bytes;
	size_t size; /* as accounted for */
	enum state state;
	enum cl_fate fate; /* WHOLE: what became of it */
	enum cl_undecoded undecoded;
	uint32_t undecoded_value;
	uint8_t proto;	     /* next header of the fragment at 0 */
	uint8_t first_proto; /* of the one that came first */
	bool admitted;	     /* at least one of its frames passed the capture filter */
	bool differs;	     /* next headers do */
	bool decoded;	     /* LOST: its first fragment was decoded for itself */
};

/* A datagram put together for the current packet. */
struct whole {
	struct whole *next;
	struct datagram *of; /* NULL: given up meanwhile */
	uint8_t octets[];
};

struct cl_frags {
	struct datagram **bucket;
	size_t buckets, count, bytes, bytes_max, count_max;
	uint64_t seed;
	struct datagram *oldest, *newest;
	struct whole *whole;
	bool last_wins;
};

struct cl_frags *cl_frags_new(const struct cl_limits *limits)
{
	struct cl_frags *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->bytes_max = limits->frag_bytes != 0 ? limits->frag_bytes : DEFAULT_BYTES;
	f->count_max = limits->frag_datagrams != 0 ? limits->frag_datagrams : DEFAULT_COUNT;
	f->last_wins = limits->frag_last_wins;
	f->seed = limits->hash_seed;
	return f;
}

static void free_datagram(struct datagram *e)
{
	cl_pieces_clear(&e->pieces);
	cl_fragnotes_clear(&e->notes);
	free(e);
}

static void free_wholes(struct cl_frags *f)
{
	while (f->whole != NULL) {
		struct whole *next = f->whole->next;

		free(f->whole);
		f->whole = next;
	}
}

void cl_frags_free(struct cl_frags *f)
{
	if (f == NULL)
		return;
	for (struct datagram *e = f->oldest; e != NULL;) {
		struct datagram *newer = e->newer;

		free_datagram(e);
		e = newer;
	}
	free_wholes(f);
	free(f->bucket);
	free(f);
}

/* The frames that wait get their fate. */
static void settle(struct datagram *e, struct cl_ledger *l, enum cl_fate fate)
{
	l->fate[e->admitted ? fate : CL_FATE_FILTERED] += e->frames;
	e->frames = 0;
}

/* Accounts for what it takes now. */
static void measure(struct cl_frags *f, struct datagram *e)
{
	size_t size = sizeof *e + e->notes.room * sizeof *e->notes.row + cl_pieces_size(&e->pieces);

	f->bytes = f->bytes - e->size + size;
	e->size = size;
}

/* Nothing more comes of it but refusals. */
static void give_up(struct cl_frags *f, struct datagram *e, struct cl_ledger *l, enum state state)
{
	settle(e, l, state == REFUSED ? CL_FATE_MALFORMED : CL_FATE_INCOMPLETE);
	e->state = state;
	cl_pieces_clear(&e->pieces);
	cl_fragnotes_clear(&e->notes);
	measure(f, e);
}

static void unlink_bucket(struct cl_frags *f, const struct datagram *e)
{
	struct datagram **at = &f->bucket[e->hash & (f->buckets - 1)];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
}

/* It is forgotten without ever having been whole: views of single messages want to know. */
static void tell(struct cl_pkt *p, const struct datagram *e)
{
	struct cl_addr src, dst;

	if (e->state != WAITS || !e->admitted || !e->first.known)
		return;
	memcpy(src.b, e->key.src, sizeof src.b);
	memcpy(dst.b, e->key.dst, sizeof dst.b);
	cl_fragfirst_tell(p, &e->first, &src, &dst, e->first_ns);
}

static void drop(struct cl_frags *f, struct datagram *e, struct cl_pkt *p)
{
	tell(p, e);
	settle(e, p->ledger, CL_FATE_INCOMPLETE);
	if (e->state != WHOLE && e->admitted)
		p->ledger->fact[CL_FACT_FRAGMENT_INCOMPLETE]++;
	unlink_bucket(f, e);
	*(e->older != NULL ? &e->older->newer : &f->oldest) = e->newer;
	*(e->newer != NULL ? &e->newer->older : &f->newest) = e->older;
	for (struct whole *w = f->whole; w != NULL; w = w->next)
		if (w->of == e)
			w->of = NULL;
	f->count--;
	f->bytes -= e->size;
	free_datagram(e);
}

/* Clocks may step back as well. */
static bool is_stale(const struct datagram *e, int64_t now)
{
	uint64_t age = now > e->first_ns ? (uint64_t)now - (uint64_t)e->first_ns
					 : (uint64_t)e->first_ns - (uint64_t)now;

	return age > TIMEOUT_NS;
}

static bool grow_table(struct cl_frags *f)
{
	size_t buckets = f->buckets == 0 ? 256 : f->buckets * 4;
	struct datagram **bucket = calloc(buckets, sizeof(struct datagram *));

	if (bucket == NULL)
		return f->buckets != 0;
	for (struct datagram *e = f->oldest; e != NULL; e = e->newer) {
		struct datagram **at = &bucket[e->hash & (buckets - 1)];

		e->next = *at;
		*at = e;
	}
	free(f->bucket);
	f->bucket = bucket;
	f->buckets = buckets;
	return true;
}

static struct key key_of(const struct cl_pkt *p, const struct cl_fragment *g)
{
	struct key k = { .within = p->within, .id = g->id, .version = p->ip_version };

	memcpy(k.src, p->ev->src.b, sizeof k.src);
	memcpy(k.dst, p->ev->dst.b, sizeof k.dst);
	if (p->ip_version == 4)
		k.proto = g->proto;
	return k;
}

static struct datagram *begin(struct cl_frags *f, const struct key *k, uint64_t hash, struct cl_pkt *p,
			      const struct cl_fragment *g)
{
	while (f->count >= f->count_max && f->oldest != NULL) {
		if (f->oldest->state == WAITS)
			p->ledger->fact[CL_FACT_FRAGMENT_EVICTED]++;
		drop(f, f->oldest, p);
	}
	if (f->count >= f->buckets && !grow_table(f))
		return NULL;
	struct datagram *e = calloc(1, sizeof *e);
	if (e == NULL)
		return NULL;
	e->key = *k;
	e->hash = hash;
	e->first_ns = p->first_ns;
	e->proto = e->first_proto = g->proto;
	e->next = f->bucket[hash & (f->buckets - 1)];
	f->bucket[hash & (f->buckets - 1)] = e;
	e->older = f->newest;
	*(f->newest != NULL ? &f->newest->newer : &f->oldest) = e;
	f->newest = e;
	f->count++;
	measure(f, e);
	return e;
}

static struct datagram *find(const struct cl_frags *f, const struct key *k, uint64_t hash)
{
	struct datagram *e = f->buckets != 0 ? f->bucket[hash & (f->buckets - 1)] : NULL;

	while (e != NULL && (e->hash != hash || memcmp(&e->key, k, sizeof *k) != 0))
		e = e->next;
	return e;
}

/* Gives the oldest up until `more` octets fit; false if they do not though all others are gone. */
static bool make_room(struct cl_frags *f, const struct datagram *e, struct cl_pkt *p, size_t more)
{
	struct datagram *old = f->oldest;

	while (f->bytes + more > f->bytes_max && old != NULL) {
		struct datagram *newer = old->newer;

		if (old != e) {
			if (old->state == WAITS)
				p->ledger->fact[CL_FACT_FRAGMENT_EVICTED]++;
			drop(f, old, p);
		}
		old = newer;
	}
	return f->bytes + more <= f->bytes_max;
}

/* The datagram's facts count from its first frame on that passed the capture filter. */
static void count_packet(struct cl_pkt *p, struct datagram *e)
{
	uint64_t *fact = p->ledger->fact;

	e->packets++;
	if (p->barred != CL_FATE_FILTERED && !e->admitted) {
		e->admitted = true;
		fact[CL_FACT_FRAGMENT_PACKETS] += e->packets;
		fact[CL_FACT_FRAGMENT_DATAGRAMS]++;
	} else if (e->admitted) {
		fact[CL_FACT_FRAGMENT_PACKETS]++;
		if (p->barred == CL_FATE_FILTERED)
			p->barred = CL_FATE_COUNTED;
	}
}

/* Its frames wait for the others. */
static enum cl_next keep_waiting(struct cl_pkt *p, struct datagram *e)
{
	e->frames += 1 + p->held;
	e->wire_bytes += p->wire_bytes;
	if (p->first_ns < e->first_ns)
		e->first_ns = p->first_ns;
	return CL_NEXT_DONE;
}

/* Decodes the first fragment as a datagram of which the rest was not captured. */
static enum cl_next decode_part(struct cl_pkt *p, const struct cl_fragment *g)
{
	p->proto = g->proto;
	p->cur.len = p->cur.pos + DATAGRAM_MAX;
	return CL_NEXT_IP_PROTO;
}

/* A fragment like one that the whole datagram had. */
static enum cl_next late_duplicate(struct cl_pkt *p, const struct datagram *e)
{
	if (e->fate == CL_FATE_UNDECODED)
		return cl_pkt_undecoded(p, e->undecoded, e->undecoded_value);
	return cl_pkt_fate(p, e->fate);
}

static void note_fragments(struct cl_pkt *p, const struct datagram *e)
{
	if (p->note != NULL)
		p->note->fragments = e->packets < UINT8_MAX ? (uint8_t)e->packets : UINT8_MAX;
}

/* All pieces are there: the packet goes on with them. */
static enum cl_next put_together(struct cl_pkt *p, struct datagram *e)
{
	struct cl_frags *f = p->frags;
	struct whole *w = malloc(sizeof *w + e->total);

	if (w == NULL) {
		give_up(f, e, p->ledger, LOST);
		return cl_pkt_fate(p, CL_FATE_INCOMPLETE);
	}
	cl_pieces_join(&e->pieces, w->octets);
	w->next = f->whole;
	w->of = e;
	f->whole = w;
	p->held += e->frames;
	p->wire_bytes += e->wire_bytes;
	if (e->first_ns < p->first_ns)
		p->first_ns = e->first_ns;
	p->proto = e->proto;
	p->cur = cl_cur_make(w->octets, e->total, e->total);
	p->flags |= CL_LF_REASSEMBLED;
	note_fragments(p, e);
	e->frames = 0;
	e->state = WHOLE;
	e->fate = CL_FATE_OTHER;
	if (e->admitted)
		p->ledger->fact[CL_FACT_FRAGMENT_REASSEMBLED]++;
	if (p->detail != NULL)
		cl_fragnotes_put(p->detail, &e->notes, p->ip_version,
				 (struct cl_span){ w->octets, e->total });
	cl_fragnotes_clear(&e->notes);
	cl_pieces_forget(&e->pieces, f->seed);
	measure(f, e);
	return e->admitted ? CL_NEXT_IP_PROTO : cl_pkt_fate(p, CL_FATE_FILTERED);
}

static enum cl_next refuse(struct cl_pkt *p, struct datagram *e, enum cl_anomaly why)
{
	give_up(p->frags, e, p->ledger, REFUSED);
	return cl_pkt_malformed(p, why);
}

/* RFC 5722 sec. 4 and RFC 8200 sec. 4.5 refuse IPv6 datagrams; IPv4 leaves it open (RFC 791 sec. 3.2). */
static bool overlaps(struct cl_pkt *p, enum cl_pieces_fit fit)
{
	if (fit != CL_FIT_OVERLAP && fit != CL_FIT_CONFLICT)
		return false;
	if (p->ip_version == 6)
		return true;
	cl_pkt_anomaly(p, fit == CL_FIT_CONFLICT ? CL_ANOM_FRAG_CONFLICT : CL_ANOM_FRAG_OVERLAP);
	return false;
}

/* Two fragments cannot both be the last, nor one be behind it. */
static bool ends_agree(const struct datagram *e, const struct cl_fragment *g, uint32_t to)
{
	if (e->total != 0)
		return to <= e->total && (g->more || to == e->total);
	return g->more || to >= cl_pieces_end(&e->pieces);
}

static void note_next_header(struct cl_pkt *p, struct datagram *e, const struct cl_fragment *g)
{
	if (g->from == 0)
		e->proto = g->proto;
	if (g->proto == e->first_proto || e->differs)
		return;
	e->differs = true;
	cl_pkt_anomaly(p, CL_ANOM_FRAG_NEXT_HEADER);
}

static enum cl_next add(struct cl_pkt *p, struct datagram *e, const struct cl_fragment *g, struct cl_span s)
{
	struct cl_frags *f = p->frags;
	uint32_t to = g->from + s.len;

	if (!ends_agree(e, g, to))
		return refuse(p, e, CL_ANOM_FRAG_TWO_ENDS);
	enum cl_pieces_fit fit = cl_pieces_fit(&e->pieces, g->from, to, s.ptr);
	if (overlaps(p, fit))
		return refuse(p, e, fit == CL_FIT_CONFLICT ? CL_ANOM_FRAG_CONFLICT : CL_ANOM_FRAG_OVERLAP);
	note_next_header(p, e, g);
	if (!g->more)
		e->total = to;
	if (fit != CL_FIT_DUPLICATE && (!make_room(f, e, p, s.len + 4 * sizeof(struct cl_piece)) ||
					!cl_pieces_add(&e->pieces, g->from, to, s.ptr, f->last_wins))) {
		p->ledger->fact[CL_FACT_FRAGMENT_EVICTED]++;
		give_up(f, e, p->ledger, LOST);
		return cl_pkt_fate(p, CL_FATE_INCOMPLETE);
	}
	if (p->detail != NULL)
		cl_fragnotes_add(&e->notes, &(struct cl_fragnote){ p->frame->number, g->from, s.len, fit });
	if (g->from == 0)
		cl_fragfirst_look(p, s, g->proto, &e->first);
	measure(f, e);
	make_room(f, e, p, 0);
	if (e->total != 0 && e->pieces.covered == e->total)
		return put_together(p, e);
	return keep_waiting(p, e);
}

/* The fragment's datagram, begun if need be; NULL when memory is short. */
static struct datagram *datagram_of(struct cl_pkt *p, const struct cl_fragment *g, struct cl_span s)
{
	struct cl_frags *f = p->frags;
	struct key k = key_of(p, g);
	uint64_t hash = cl_hash(&k, sizeof k, f->seed);

	while (f->oldest != NULL && is_stale(f->oldest, p->frame->time_ns))
		drop(f, f->oldest, p);
	struct datagram *e = find(f, &k, hash);
	if (e != NULL &&
	    (is_stale(e, p->frame->time_ns) ||
	     (e->state == WHOLE &&
	      (s.ptr == NULL || !cl_pieces_known(&e->pieces, g->from, g->from + s.len, s.ptr, f->seed))))) {
		drop(f, e, p); /* too old, or another datagram of the same identification */
		e = NULL;
	}
	return e != NULL ? e : begin(f, &k, hash, p, g);
}

/* Cut by the capture: its datagram cannot come whole, but the first part is good for itself. */
static enum cl_next take_cut(struct cl_pkt *p, struct datagram *e, const struct cl_fragment *g)
{
	if (e->state == WAITS)
		give_up(p->frags, e, p->ledger, LOST);
	if (e->state == REFUSED || g->from != 0 || e->decoded)
		return cl_pkt_fate(p, CL_FATE_TRUNCATED);
	e->decoded = true;
	note_fragments(p, e);
	return e->admitted ? decode_part(p, g) : cl_pkt_fate(p, CL_FATE_FILTERED);
}

/* A fragment that contradicts itself; it alone is refused (RFC 8200 sec. 4.5). */
static bool is_malformed(struct cl_pkt *p, const struct cl_fragment *g, enum cl_anomaly *why)
{
	uint32_t length = cl_cur_left(&p->cur);

	if (length == 0)
		*why = CL_ANOM_FRAG_EMPTY;
	else if (g->more && length % 8 != 0)
		*why = CL_ANOM_FRAG_BAD_LENGTH;
	else if (g->from + length + g->header > DATAGRAM_MAX)
		*why = CL_ANOM_FRAG_TOO_LONG;
	else
		return false;
	return true;
}

/* RFC 1858 sec. 3, RFC 3128: TCP's flags hidden from packet filters. */
static bool is_tiny(const struct cl_pkt *p, const struct cl_fragment *g)
{
	return p->ip_version == 4 && g->proto == PROTO_TCP &&
	       ((g->from == 0 && cl_cur_left(&p->cur) < TCP_FIRST_LEAST) || g->from == 8);
}

static enum cl_next take(struct cl_pkt *p, const struct cl_fragment *g)
{
	struct cl_cur c = p->cur;
	enum cl_anomaly why;

	if (cl_pkt_quoted(p))
		return g->from == 0 ? decode_part(p, g) : cl_pkt_fate(p, CL_FATE_OTHER);
	if (is_malformed(p, g, &why)) {
		p->ledger->fact[CL_FACT_FRAGMENT_PACKETS] += p->barred != CL_FATE_FILTERED;
		return cl_pkt_malformed(p, why);
	}
	if (is_tiny(p, g))
		cl_pkt_anomaly(p, CL_ANOM_FRAG_TINY);
	struct cl_span s = cl_cur_take(&c, cl_cur_left(&c)); /* NULL: not all was captured */
	struct datagram *e = datagram_of(p, g, s);
	if (e == NULL)
		return cl_pkt_fate(p, CL_FATE_INCOMPLETE);
	count_packet(p, e);
	if (e->state == WHOLE)
		return late_duplicate(p, e);
	if (s.ptr == NULL)
		return take_cut(p, e, g);
	if (e->state == REFUSED)
		return cl_pkt_fate(p, CL_FATE_MALFORMED);
	if (e->state == LOST)
		return cl_pkt_fate(p, CL_FATE_INCOMPLETE);
	return add(p, e, g, s);
}

enum cl_next cl_frags_take(struct cl_pkt *p, const struct cl_fragment *g)
{
	const uint32_t length = cl_cur_left(&p->cur);
	enum cl_next next = take(p, g);

	if (p->detail != NULL && next == CL_NEXT_DONE)
		cl_put_info(p->detail, "IPv%u fragment 0x%x, %u octets from %u", p->ip_version, g->id, length,
			    g->from);
	return next;
}

void cl_frags_release(struct cl_frags *f, const struct cl_pkt *p)
{
	for (struct whole *w = f->whole; w != NULL; w = w->next)
		if (w->of != NULL && p->fated) {
			w->of->fate = p->fate;
			w->of->undecoded = p->undecoded;
			w->of->undecoded_value = p->undecoded_value;
		}
	free_wholes(f);
}

void cl_frags_finish(struct cl_frags *f, struct cl_pkt *p)
{
	while (f->oldest != NULL)
		drop(f, f->oldest, p);
}
