/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/tunnels.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "dissect/ledger.h"
#include "stats/engine/tunnels_state.h"

#define NS_PER_DAY INT64_C(86400000000000)

_Static_assert(sizeof(struct cl_tunnel_key) == 48, "a key without holes");

#define OTHERS_MAX (CL_TUNNEL_KINDS * 366u) /* a kind and day each */

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMP6 = 58 };
enum { ECHO_REPLY = 0, ECHO_REQUEST = 8, ECHO6_REQUEST = 128, ECHO6_REPLY = 129 };
enum { UNREACHABLE = 3, FRAGMENTATION_NEEDED = 4, PACKET_TOO_BIG = 2 };

/* Tables ---------------------------------------------------------------------- */

struct looked_for {
	const void *key;
	size_t octets, record;
};

static bool same_key(const void *records, uint32_t number, const void *key)
{
	const struct looked_for *l = key;

	return memcmp((const uint8_t *)records + number * l->record, l->key, l->octets) == 0;
}

static bool make_ready(struct cl_tunnel_table *table)
{
	if (table->ready)
		return true;
	if (!cl_arena_init(&table->rows, table->record, table->room))
		return false;
	if (!cl_index_init(&table->by_key)) {
		cl_arena_free(&table->rows);
		return false;
	}
	table->ready = true;
	return true;
}

void *cl_tunnel_table_at(struct cl_tunnels *t, struct cl_tunnel_table *table, const void *key, bool *added)
{
	const struct looked_for l = { key, table->key_octets, table->record };
	const uint64_t hash = cl_hash(key, table->key_octets, t->seed);

	if (added != NULL)
		*added = false;
	if (!make_ready(table)) {
		t->failed = true;
		return NULL;
	}
	uint32_t number = cl_index_find(&table->by_key, hash, same_key, table->rows.base, &l);
	if (number != CL_INDEX_NONE)
		return cl_arena_at(&table->rows, number);
	if (table->rows.count >= table->limit)
		return NULL;
	number = (uint32_t)table->rows.count;
	void *record = cl_arena_add(&table->rows);
	if (record == NULL || !cl_index_add(&table->by_key, hash, number)) {
		table->rows.count = number;
		t->failed = true;
		return NULL;
	}
	memcpy(record, key, table->key_octets);
	if (added != NULL)
		*added = true;
	return record;
}

static void table_free(struct cl_tunnel_table *table)
{
	if (!table->ready)
		return;
	cl_arena_free(&table->rows);
	cl_index_free(&table->by_key);
	cl_stored_clear(&table->stored);
}

static const struct cl_tunnel_key *key_at(const struct cl_tunnel_table *table, size_t i)
{
	return cl_arena_at(&table->rows, i); /* records begin with it */
}

static void table_forget(struct cl_tunnels *t, struct cl_tunnel_table *table, int64_t before_day)
{
	struct cl_tunnel_table old = *table;
	size_t kept = 0;

	for (size_t i = 0; old.ready && i < old.rows.count; i++)
		kept += key_at(&old, i)->day >= before_day;
	if (!old.ready || kept == old.rows.count)
		return;
	table->ready = false;
	table->stored = (struct cl_stored){ .hash = NULL };
	for (size_t i = 0; i < old.rows.count; i++) {
		void *record = key_at(&old, i)->day >= before_day
				       ? cl_tunnel_table_at(t, table, key_at(&old, i), NULL)
				       : NULL;

		if (record != NULL)
			memcpy(record, key_at(&old, i), table->record);
	}
	table_free(&old);
}

void cl_tunnels_forget(struct cl_tunnels *t, int64_t before_day)
{
	table_forget(t, &t->tunnels, before_day);
	table_forget(t, &t->prefixes, before_day);
	table_forget(t, &t->protocols, before_day);
	table_forget(t, &t->errors, before_day);
}

struct cl_tunnels *cl_tunnels_new(uint64_t seed)
{
	struct cl_tunnels *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->seed = seed;
	t->tunnels = (struct cl_tunnel_table){ .key_octets = sizeof(struct cl_tunnel_key),
					       .record = sizeof(struct cl_tunnel_row),
					       .limit = CL_TUNNELS_MAX,
					       .room = CL_TUNNELS_MAX + OTHERS_MAX };
	t->prefixes = (struct cl_tunnel_table){ .key_octets = offsetof(struct cl_tunnel_prefix, packets),
						.record = sizeof(struct cl_tunnel_prefix),
						.limit = CL_TUNNEL_PREFIXES_MAX,
						.room = CL_TUNNEL_PREFIXES_MAX };
	t->protocols = (struct cl_tunnel_table){ .key_octets = offsetof(struct cl_tunnel_protocol, packets),
						 .record = sizeof(struct cl_tunnel_protocol),
						 .limit = CL_TUNNEL_PROTOCOLS_MAX,
						 .room = CL_TUNNEL_PROTOCOLS_MAX };
	t->errors = (struct cl_tunnel_table){ .key_octets = offsetof(struct cl_tunnel_error, errors),
					      .record = sizeof(struct cl_tunnel_error),
					      .limit = CL_TUNNEL_ERRORS_MAX,
					      .room = CL_TUNNEL_ERRORS_MAX };
	return t;
}

void cl_tunnels_free(struct cl_tunnels *t)
{
	if (t == NULL)
		return;
	table_free(&t->tunnels);
	table_free(&t->prefixes);
	table_free(&t->protocols);
	table_free(&t->errors);
	free(t->echo);
	free(t);
}

/* Names ----------------------------------------------------------------------- */

const char *cl_tunnel_kind_name(unsigned kind)
{
	return kind < CL_TUNNEL_KINDS ? cl_fact_names[CL_FACT_TUNNEL_6IN4 + kind] + strlen("tunnel_") : NULL;
}

static const char *name_of_ports(const struct cl_tunnel_note *n, char out[CL_TUNNEL_PROTOCOL_LENGTH])
{
	static const struct {
		uint8_t proto;
		uint16_t port;
		const char *name;
	} named[] = { { PROTO_TCP, 80, "HTTP" },     { PROTO_TCP, 443, "TLS" },
		      { PROTO_TCP, 853, "TLS" },     { PROTO_UDP, 514, "syslog" },
		      { PROTO_TCP, 514, "syslog" },  { PROTO_TCP, 6514, "syslog" },
		      { PROTO_UDP, 6514, "syslog" }, { PROTO_UDP, 443, "QUIC" },
		      { PROTO_UDP, 853, "QUIC" } };
	const char *transport = n->inner_proto == PROTO_TCP ? "TCP" : "UDP";

	if ((n->bits & CL_TUNNEL_PORTS) == 0)
		return transport;
	if (n->service == CL_TUNNEL_SERVICE_NTP)
		return "NTP";
	if (n->service == CL_TUNNEL_SERVICE_DNS)
		return n->inner_proto == PROTO_TCP ? "DNS/TCP" : "DNS/UDP";
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (named[i].proto == n->inner_proto &&
		    (named[i].port == n->sport || named[i].port == n->dport))
			return named[i].name;
	unsigned port = n->sport < n->dport ? n->sport : n->dport;
	if (port >= 1024)
		return transport;
	snprintf(out, CL_TUNNEL_PROTOCOL_LENGTH, "%s/%u", transport, port);
	return out;
}

static const char *name_of_icmp(const struct cl_tunnel_note *n)
{
	const bool six = n->inner_proto == PROTO_ICMP6, known = (n->bits & CL_TUNNEL_ICMP) != 0;

	if (six)
		return known && (n->icmp_type == ECHO6_REQUEST || n->icmp_type == ECHO6_REPLY) ? "ICMPv6 echo"
											       : "ICMPv6";
	return known && (n->icmp_type == ECHO_REQUEST || n->icmp_type == ECHO_REPLY) ? "ICMP echo" : "ICMP";
}

const char *cl_tunnel_protocol_of(const struct cl_tunnel_note *n, char out[CL_TUNNEL_PROTOCOL_LENGTH])
{
	if (n->carried != 0)
		return cl_tunnel_kind_name(n->carried - 1u);
	if (n->inner_version == 0)
		return "not IP";
	if ((n->bits & (CL_TUNNEL_INNER_FRAGMENT | CL_TUNNEL_INNER_WHOLE)) == CL_TUNNEL_INNER_FRAGMENT)
		return "fragment";
	if (n->inner_proto == PROTO_TCP || n->inner_proto == PROTO_UDP)
		return name_of_ports(n, out);
	if (n->inner_proto == PROTO_ICMP || n->inner_proto == PROTO_ICMP6)
		return name_of_icmp(n);
	snprintf(out, CL_TUNNEL_PROTOCOL_LENGTH, "protocol %u", n->inner_proto);
	return out;
}

/* Counting -------------------------------------------------------------------- */

static int64_t day_of(int64_t ns)
{
	return ns / NS_PER_DAY - (ns % NS_PER_DAY < 0);
}

/* The tunnel of a note; `way`: that the packet went. */
static struct cl_tunnel_key key_of(const struct cl_tunnel_note *n, unsigned *way)
{
	struct cl_tunnel_key key = { .day = day_of(n->time_ns), .kind = n->kind };
	const bool forward = cl_addr_cmp(&n->src, &n->dst) <= 0;

	*way = forward ? CL_TUNNEL_AB : CL_TUNNEL_BA;
	key.a = forward ? n->src : n->dst;
	key.b = forward ? n->dst : n->src;
	return key;
}

static void begin_way(struct cl_tunnel_way *way)
{
	enum { SUM = 0, MAX = 0, MIN = -1, LAST = -1 };
#define X(merge, name, doc) way->name = merge;
#include "stats/engine/tunnels.def"
#undef X
}

/* Beyond the limit there is a row for each kind and day. */
struct cl_tunnel_row *cl_tunnels_row(struct cl_tunnels *t, const struct cl_tunnel_key *key)
{
	struct cl_tunnel_key others = { .day = key->day, .kind = key->kind };
	bool added;

	t->tunnels.limit = CL_TUNNELS_MAX;
	struct cl_tunnel_row *row = cl_tunnel_table_at(t, &t->tunnels, key, &added);
	if (row == NULL && !t->failed) {
		t->tunnels.limit = t->tunnels.room;
		row = cl_tunnel_table_at(t, &t->tunnels, &others, &added);
	}
	if (row != NULL && added)
		for (unsigned i = 0; i < CL_TUNNEL_WAYS; i++)
			begin_way(&row->way[i]);
	return row;
}

static void raise_to(int64_t *max, int64_t v)
{
	if (v > *max)
		*max = v;
}

static void lower_to(int64_t *min, int64_t v)
{
	if (*min < 0 || v < *min)
		*min = v;
}

static void count_outer(struct cl_tunnel_way *w, const struct cl_tunnel_note *n)
{
	const bool fragments = (n->bits & CL_TUNNEL_FRAGMENTED) != 0;

	if (n->packets == 0)
		return;
	w->packets += n->packets;
	w->bytes += (int64_t)n->bytes;
	if (fragments)
		w->fragments += n->packets;
	if ((n->bits & CL_TUNNEL_DF) != 0)
		w->dont_fragment += n->packets;
	if (cl_addr_is_v4(&n->src) && n->ip_id == 0)
		w->id_zero += n->packets;
	if (n->level > 1)
		w->nested += n->packets;
	lower_to(&w->ttl_min, n->ttl);
	raise_to(&w->ttl_max, n->ttl);
	if (w->ttl_last >= 0 && w->ttl_last != n->ttl)
		w->ttl_changes++;
	w->ttl_last = n->ttl;
}

/* How long packets go one way alone. */
static void count_alone(struct cl_tunnel_row *row, unsigned way, int64_t ns)
{
	struct cl_tunnel_way *w = &row->way[way];

	row->way[!way].run_from_ns = -1;
	if (w->run_from_ns < 0)
		w->run_from_ns = ns;
	else
		raise_to(&w->alone_ns, ns - w->run_from_ns);
}

static void count_size(struct cl_tunnel_way *w, const struct cl_tunnel_note *n)
{
	const uint32_t headers = n->inner_version == 6 ? 60 : 40; /* IP's and TCP's */

	raise_to(&w->inner_max, n->inner_octets);
	raise_to(&w->overhead, n->overhead);
	if (n->mss == 0)
		return;
	w->syns++;
	raise_to(&w->mss_max, n->mss);
	if (n->overhead > 0 && n->overhead + headers + n->mss > CL_TUNNEL_LINK_MTU)
		w->syns_over++;
}

static void count_too_big(struct cl_tunnel_way *w, const struct cl_tunnel_note *n)
{
	bool six = n->inner_proto == PROTO_ICMP6 && n->icmp_type == PACKET_TOO_BIG;
	bool four = n->inner_proto == PROTO_ICMP && n->icmp_type == UNREACHABLE &&
		    n->icmp_code == FRAGMENTATION_NEEDED;
	int64_t mtu = six ? n->icmp_rest : n->icmp_rest & 0xffff;

	if (!six && !four)
		return;
	w->too_big++;
	if (mtu > 0) /* RFC 1191 sec. 4: old routers say none */
		lower_to(&w->too_big_mtu, mtu);
}

/* Pings ----------------------------------------------------------------------- */

static uint64_t echo_hash(const struct cl_tunnels *t, const struct cl_tunnel_echo *e)
{
	uint64_t h = cl_addr_hash(&e->src, t->seed);

	h = cl_mix(h, cl_addr_hash(&e->dst, t->seed ^ e->rest));
	h = cl_mix(h, cl_addr_hash(&e->a, t->seed + e->kind));
	return cl_mix(h, cl_addr_hash(&e->b, t->seed + e->way));
}

static bool same_echo(const struct cl_tunnel_echo *x, const struct cl_tunnel_echo *y)
{
	return x->rest == y->rest && x->kind == y->kind && x->way == y->way && x->version == y->version &&
	       memcmp(&x->a, &y->a, 4 * sizeof x->a) == 0;
}
_Static_assert(offsetof(struct cl_tunnel_echo, rest) ==
		       offsetof(struct cl_tunnel_echo, a) + 4 * sizeof(struct cl_addr),
	       "four addresses in a row");

/* A place of few: an older request may have to give way. */
#define ECHO_PLACES 4u

static struct cl_tunnel_echo *places_of(struct cl_tunnels *t, const struct cl_tunnel_echo *e)
{
	if (t->echo == NULL)
		t->echo = calloc(CL_TUNNEL_ECHOES, sizeof *t->echo);
	if (t->echo == NULL) {
		t->failed = true;
		return NULL;
	}
	return t->echo + echo_hash(t, e) % (CL_TUNNEL_ECHOES / ECHO_PLACES) * ECHO_PLACES;
}

/* Captures can hold any times. */
static int64_t age_of(const struct cl_tunnel_echo *e, int64_t now_ns)
{
	int64_t age;

	return __builtin_sub_overflow(now_ns, e->time_ns, &age) ? INT64_MAX : age;
}

static bool still_waits(const struct cl_tunnel_echo *e, int64_t now_ns)
{
	return e->waits && age_of(e, now_ns) <= CL_TUNNEL_ECHO_NS;
}

bool cl_tunnels_wait(struct cl_tunnels *t, const struct cl_tunnel_echo *echo)
{
	struct cl_tunnel_echo *places = places_of(t, echo), *at = places;

	if (places == NULL)
		return true;
	for (unsigned i = 0; i < ECHO_PLACES; i++) {
		if (!places[i].waits || same_echo(&places[i], echo)) {
			at = &places[i];
			break;
		}
		if (places[i].time_ns < at->time_ns)
			at = &places[i];
	}
	bool lost = still_waits(at, echo->time_ns) && !same_echo(at, echo);
	*at = *echo;
	at->waits = true;
	return lost;
}

/* The request that a reply answers is taken off; its age, or -1. */
static int64_t answer(struct cl_tunnels *t, const struct cl_tunnel_echo *asked)
{
	struct cl_tunnel_echo *places = places_of(t, asked);

	for (unsigned i = 0; places != NULL && i < ECHO_PLACES; i++) {
		int64_t age = age_of(&places[i], asked->time_ns);

		if (!still_waits(&places[i], asked->time_ns) || !same_echo(&places[i], asked) || age < 0)
			continue;
		places[i].waits = false;
		return age;
	}
	return -1;
}

static void count_echo(struct cl_tunnels *t, struct cl_tunnel_row *row, const struct cl_tunnel_note *n,
		       unsigned way)
{
	const bool six = n->inner_proto == PROTO_ICMP6;
	const bool request = n->icmp_type == (six ? ECHO6_REQUEST : ECHO_REQUEST);
	const bool reply = n->icmp_type == (six ? ECHO6_REPLY : ECHO_REPLY);
	struct cl_tunnel_echo e = { .time_ns = n->time_ns,
				    .a = row->key.a,
				    .b = row->key.b,
				    .src = request ? n->inner_src : n->inner_dst,
				    .dst = request ? n->inner_dst : n->inner_src,
				    .rest = n->icmp_rest,
				    .kind = n->kind,
				    .way = (uint8_t)(request ? way : !way),
				    .version = n->inner_version };
	struct cl_tunnel_way *w = &row->way[e.way];

	if (request) {
		w->echo_requests++;
		row->echoes_lost += cl_tunnels_wait(t, &e);
	} else if (reply) {
		int64_t age = answer(t, &e);

		if (age < 0)
			return;
		w->echo_answered++;
		w->rtt_sum_ns += age;
		lower_to(&w->rtt_min_ns, age);
		raise_to(&w->rtt_max_ns, age);
	}
}

/* Networks and protocols ------------------------------------------------------ */

static bool count_prefix(struct cl_tunnels *t, const struct cl_tunnel_row *row, struct cl_prefix prefix,
			 bool from, bool to, unsigned way)
{
	const struct cl_tunnel_prefix key = { .key = row->key, .addr = prefix.addr, .length = prefix.len };
	struct cl_tunnel_prefix *p = cl_tunnel_table_at(t, &t->prefixes, &key, NULL);

	if (p == NULL)
		return false;
	p->packets++;
	p->at_a += way == CL_TUNNEL_AB ? from : to;
	p->at_b += way == CL_TUNNEL_AB ? to : from;
	return true;
}

static void count_prefixes(struct cl_tunnels *t, struct cl_tunnel_row *row, const struct cl_tunnel_note *n,
			   unsigned way)
{
	static const uint8_t four[] = { 24 }, six[] = { 64, 48 };
	const bool v4 = n->inner_version == 4;
	const uint8_t *lengths = v4 ? four : six;
	bool ok = true;

	for (unsigned i = 0; i < (v4 ? 1u : 2u); i++) {
		struct cl_prefix from = cl_prefix_of(&n->inner_src, lengths[i]);
		struct cl_prefix to = cl_prefix_of(&n->inner_dst, lengths[i]);
		bool both = memcmp(&from.addr, &to.addr, sizeof from.addr) == 0;

		ok = count_prefix(t, row, from, true, both, way) && ok;
		if (!both)
			ok = count_prefix(t, row, to, false, true, way) && ok;
	}
	row->prefixes_lost += !ok;
}

static void count_protocol(struct cl_tunnels *t, struct cl_tunnel_row *row, const struct cl_tunnel_note *n,
			   unsigned way)
{
	struct cl_tunnel_protocol key = { .key = row->key }, *p;
	char text[CL_TUNNEL_PROTOCOL_LENGTH];

	snprintf(key.name, sizeof key.name, "%s", cl_tunnel_protocol_of(n, text));
	p = cl_tunnel_table_at(t, &t->protocols, &key, NULL);
	if (p == NULL) {
		row->protocols_lost++;
		return;
	}
	p->packets[way]++;
	p->octets[way] += n->inner_octets;
}

static void count_error(struct cl_tunnels *t, struct cl_tunnel_row *row, const struct cl_tunnel_note *n,
			unsigned way)
{
	const struct cl_tunnel_error key = { .key = row->key,
					     .sender = n->inner_src,
					     .way = (uint8_t)way,
					     .family = n->family,
					     .type = n->icmp_type,
					     .code = n->icmp_code };
	bool added,
		four = n->family == 4 && n->icmp_type == UNREACHABLE && n->icmp_code == FRAGMENTATION_NEEDED,
		six = n->family == 6 && n->icmp_type == PACKET_TOO_BIG;
	struct cl_tunnel_error *e = cl_tunnel_table_at(t, &t->errors, &key, &added);
	int64_t mtu = four ? n->icmp_rest & 0xffff : n->icmp_rest;

	if (e == NULL) {
		row->errors_lost++;
		return;
	}
	if (added)
		e->mtu = -1;
	e->errors++;
	if ((four || six) && mtu > 0)
		lower_to(&e->mtu, mtu);
}

static void count_time(struct cl_tunnels *t, struct cl_tunnel_row *row, int64_t ns)
{
	if (!row->seen || ns < row->first_ns)
		row->first_ns = ns;
	if (!row->seen || ns > row->last_ns)
		row->last_ns = ns;
	row->seen = true;
	if (!t->any || ns > t->now_ns)
		t->now_ns = ns;
	t->any = true;
}

void cl_tunnels_note(void *tunnels, const struct cl_tunnel_note *n)
{
	struct cl_tunnels *t = tunnels;
	unsigned way;
	const struct cl_tunnel_key key = key_of(n, &way);
	struct cl_tunnel_row *row = cl_tunnels_row(t, &key);

	if (row == NULL)
		return;
	if (n->what == CL_TUNNEL_ERROR) {
		count_error(t, row, n, way);
		return;
	}
	count_time(t, row, n->time_ns);
	count_outer(&row->way[way], n);
	if (n->packets > 0 && n->time_ns >= 0)
		count_alone(row, way, n->time_ns);
	if (n->what != CL_TUNNEL_PACKET)
		return;
	count_protocol(t, row, n, way);
	if (n->inner_version == 0)
		return;
	count_size(&row->way[way], n);
	count_prefixes(t, row, n, way);
	if ((n->bits & CL_TUNNEL_ICMP) == 0)
		return;
	count_too_big(&row->way[way], n);
	count_echo(t, row, n, way);
}
