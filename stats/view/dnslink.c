/* SPDX-License-Identifier: BSD-2-Clause */
/* What belongs together among DNS transactions. */
#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/view/dnslist.h"

#define NS_PER_S 1000000000
/* An ICMP error is about what was sent at most so long before. */
#define QUOTE_NS (60LL * NS_PER_S)
/* Earlier transactions of the same question, or of the same ports, that are looked at. */
#define LOOK_BACK     64u
#define SERVERS_MAX   1000000u
#define CLIENT_COOKIE 8u

/* Numbers of `n` records, to be sorted; owned by the caller. NULL when memory is short. */
static uint32_t *numbers(size_t n)
{
	uint32_t *list = malloc((n + 1) * sizeof *list);

	for (size_t i = 0; list != NULL && i < n; i++)
		list[i] = (uint32_t)i;
	return list;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_time(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Questions asked again ----------------------------------------------------------- */

static int compare_question(const struct cl_dnstx *p, const struct cl_dnstx *q)
{
	int c = compare_u64(p->name, q->name);

	if (c == 0)
		c = compare_u64((uint64_t)p->qtype << 16 | p->qclass, (uint64_t)q->qtype << 16 | q->qclass);
	return c != 0 ? c : cl_addr_cmp(&p->client, &q->client);
}

static int by_question(const void *a, const void *b, void *list)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct cl_dnstx *p = cl_dns_tx(list, x), *q = cl_dns_tx(list, y);
	int c = compare_question(p, q);

	if (c == 0)
		c = compare_time(p->time_ns, q->time_ns);
	return c != 0 ? c : compare_u64(x, y);
}

/* Whether two queries can be of one program that asks again: both with EDNS or neither, and of two cookies
 * the client's parts are the same (RFC 7873 sec. 5.1: by server). */
static bool alike(const struct cl_dns_list *l, const struct cl_dnstx *a, const struct cl_dnstx *b)
{
	static const struct cl_dnstx_options nothing = { .query = { .there = false } };
	const struct cl_dnstx_options *x = cl_dns_tx_options(l, a), *y = cl_dns_tx_options(l, b);
	size_t nx, ny;

	x = x != NULL ? x : &nothing;
	y = y != NULL ? y : &nothing;
	const uint8_t *p = cl_dns_piece(l, &x->query, CL_DNS_COOKIE_PIECE, &nx);
	const uint8_t *q = cl_dns_piece(l, &y->query, CL_DNS_COOKIE_PIECE, &ny);
	return x->query.there == y->query.there &&
	       (nx < CLIENT_COOKIE || ny < CLIENT_COOKIE || memcmp(p, q, CLIENT_COOKIE) == 0);
}

/* The query of `t` over TCP follows the truncated answer of `before` over UDP. */
static bool is_twin(const struct cl_dns_list *l, const struct cl_dnstx *before, const struct cl_dnstx *t)
{
	return (before->bits & (CL_TX_TCP | CL_TX_TC | CL_TX_RETRIED | CL_TX_QUERY)) ==
		       (CL_TX_TC | CL_TX_QUERY) &&
	       cl_addr_cmp(&before->server, &t->server) == 0 && before->end_ns <= t->query_ns &&
	       t->query_ns - before->end_ns <= l->timeout_ns && alike(l, before, t);
}

/* `t` repeats the query of `before`. */
static bool repeats(const struct cl_dns_list *l, const struct cl_dnstx *before, const struct cl_dnstx *t)
{
	return (before->bits & (CL_TX_QUERY | CL_TX_TCP)) == CL_TX_QUERY && before->opcode == t->opcode &&
	       t->query_ns - before->query_ns <= l->timeout_ns;
}

/* Whether it had its answer by then. */
static bool answered_by(const struct cl_dnstx *t, int64_t time_ns)
{
	return (t->bits & CL_TX_RESPONSE) != 0 && t->end_ns <= time_ns;
}

static void look_back(struct cl_dns_list *l, const uint32_t *sorted, size_t i)
{
	struct cl_dnstx *t = cl_dns_tx(l, sorted[i]);
	bool tcp = (t->bits & CL_TX_TCP) != 0;

	for (size_t k = i; k-- > 0 && i - k <= LOOK_BACK;) {
		struct cl_dnstx *before = cl_dns_tx(l, sorted[k]);

		if (compare_question(before, t) != 0 || t->time_ns - before->time_ns > 2 * l->timeout_ns)
			return;
		if (tcp && is_twin(l, before, t)) {
			t->twin = sorted[k] + 1;
			before->bits |= CL_TX_RETRIED;
			return;
		}
		if (!tcp && answered_by(before, t->query_ns))
			return; /* it is asked anew */
		if (!tcp && repeats(l, before, t)) {
			t->retry_of = sorted[k] + 1;
			return;
		}
	}
}

static bool link_questions(struct cl_dns_list *l)
{
	uint32_t *sorted = numbers(l->tx.count);

	if (sorted == NULL)
		return false;
	qsort_r(sorted, l->tx.count, sizeof *sorted, by_question, l);
	for (size_t i = 1; i < l->tx.count; i++) {
		const struct cl_dnstx *t = cl_dns_tx(l, sorted[i]);

		if (t->name != 0 && (t->bits & CL_TX_QUERY) != 0)
			look_back(l, sorted, i);
	}
	free(sorted);
	return true;
}

/* Connections ------------------------------------------------------------------- */

/* When it is first known of. */
static int64_t begun(const struct cl_dns_conn *c)
{
	return c->syn_ns != 0 ? c->syn_ns : c->open_ns != 0 ? c->open_ns : c->last_ns;
}

static int compare_pair(const struct cl_addr *client, const struct cl_addr *server,
			const struct cl_dns_conn *c)
{
	int order = cl_addr_cmp(client, &c->client);

	return order != 0 ? order : cl_addr_cmp(server, &c->server);
}

static int by_pair(const void *a, const void *b, void *list)
{
	const struct cl_dns_list *l = list;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct cl_dns_conn *p = cl_arena_at(&l->conns, x), *q = cl_arena_at(&l->conns, y);
	int c = compare_pair(&p->client, &p->server, q);

	if (c == 0)
		c = compare_time(begun(p), begun(q));
	return c != 0 ? c : compare_u64(x, y);
}

static int by_ports(const void *a, const void *b, void *list)
{
	const struct cl_dns_list *l = list;
	const struct cl_dns_conn *p = cl_arena_at(&l->conns, *(const uint32_t *)a),
				 *q = cl_arena_at(&l->conns, *(const uint32_t *)b);
	int c = compare_pair(&p->client, &p->server, q);

	if (c == 0)
		c = compare_u64((uint64_t)p->client_port << 16 | p->server_port,
				(uint64_t)q->client_port << 16 | q->server_port);
	return c != 0 ? c : compare_u64(p->stream, q->stream);
}

/* The connection + 1 that a transaction came over; 0: it was not told. */
static uint32_t conn_of(const struct cl_dns_list *l, const uint32_t *sorted, const struct cl_dnstx *t)
{
	size_t lo = 0, hi = l->conns.count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct cl_dns_conn *c = cl_arena_at(&l->conns, sorted[mid]);
		int order = compare_pair(&t->client, &t->server, c);

		if (order == 0)
			order = compare_u64((uint64_t)t->client_port << 16 | t->server_port,
					    (uint64_t)c->client_port << 16 | c->server_port);
		if (order == 0)
			order = compare_u64(t->stream, c->stream);
		if (order == 0)
			return sorted[mid] + 1;
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return 0;
}

static void link_conns(struct cl_dns_list *l, uint32_t *sorted)
{
	qsort_r(sorted, l->conns.count, sizeof *sorted, by_ports, l);
	for (size_t i = 0; i < l->tx.count; i++) {
		struct cl_dnstx *t = cl_dns_tx(l, i);

		if ((t->bits & CL_TX_TCP) == 0)
			continue;
		t->conn = conn_of(l, sorted, t);
		struct cl_dns_conn *c = t->conn != 0 ? cl_arena_at(&l->conns, t->conn - 1) : NULL;
		if (c != NULL && c->users++ == 0)
			t->bits |= CL_TX_FIRST;
	}
}

/* Why a truncated answer has no query over TCP behind it; `sorted` by pair and time. */
static enum cl_dns_why why_no_tcp(struct cl_dns_list *l, const uint32_t *sorted, const struct cl_dnstx *t)
{
	size_t lo = 0, hi = l->conns.count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct cl_dns_conn *c = cl_arena_at(&l->conns, sorted[mid]);
		int order = compare_pair(&t->client, &t->server, c);

		if (order < 0 || (order == 0 && begun(c) >= t->end_ns))
			hi = mid;
		else
			lo = mid + 1;
	}
	for (size_t i = lo; i < l->conns.count && i - lo < LOOK_BACK; i++) {
		struct cl_dns_conn *c = cl_arena_at(&l->conns, sorted[i]);

		if (compare_pair(&t->client, &t->server, c) != 0 || begun(c) - t->end_ns > l->timeout_ns)
			break;
		if (c->users > 0 || c->taken)
			continue;
		c->taken = true;
		if ((c->state & CL_CONN_REFUSED) != 0)
			return CL_WHY_TCP_REFUSED;
		return (c->state & CL_CONN_ANSWER) != 0 ? CL_WHY_TCP_EMPTY : CL_WHY_TCP_SILENT;
	}
	return CL_WHY_NO_TCP;
}

/* What came on the same ports ------------------------------------------------------ */

/* Addresses and ports of both sides. */
struct flow {
	const struct cl_addr *client, *server;
	uint16_t client_port, server_port;
	bool tcp;
};

static struct flow flow_of(const struct cl_dnstx *t)
{
	return (struct flow){ &t->client, &t->server, t->client_port, t->server_port,
			      (t->bits & CL_TX_TCP) != 0 };
}

static int compare_flow(const struct flow *a, const struct flow *b)
{
	int c = cl_addr_cmp(a->client, b->client);

	if (c == 0)
		c = cl_addr_cmp(a->server, b->server);
	return c != 0 ? c
		      : compare_u64((uint64_t)a->client_port << 17 | (uint64_t)a->server_port << 1 | a->tcp,
				    (uint64_t)b->client_port << 17 | (uint64_t)b->server_port << 1 | b->tcp);
}

static int by_flow(const void *a, const void *b, void *list)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct flow p = flow_of(cl_dns_tx(list, x)), q = flow_of(cl_dns_tx(list, y));
	int c = compare_flow(&p, &q);

	return c != 0 ? c : compare_u64(x, y);
}

/* The place behind the last transaction of a flow that is not after a time. */
static size_t behind(const struct cl_dns_list *l, const uint32_t *sorted, const struct flow *f,
		     int64_t time_ns)
{
	size_t lo = 0, hi = l->tx.count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct cl_dnstx *t = cl_dns_tx(l, sorted[mid]);
		const struct flow g = flow_of(t);
		int order = compare_flow(&g, f);

		if (order > 0 || (order == 0 && t->time_ns > time_ns))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* IPv4's and IPv6's "fragment reassembly time exceeded" (RFC 792, RFC 4443 sec. 3.3). */
static bool is_reassembly(const struct cl_dns_error *e)
{
	return e->code == 1 && e->type == (e->family == 4 ? 11 : 3);
}

/* Whether an error can be about this transaction. */
static bool about(const struct cl_dns_error *e, const struct cl_dnstx *t)
{
	bool answered = (t->bits & CL_TX_RESPONSE) != 0;

	if (t->error != 0 || e->time_ns - t->time_ns > QUOTE_NS)
		return false;
	if (e->part)
		return e->response && t->id == e->id && !answered;
	if (!e->response)
		return (t->bits & CL_TX_QUERY) != 0 && !answered;
	return answered ? t->end_ns <= e->time_ns : is_reassembly(e);
}

static void link_error(struct cl_dns_list *l, const uint32_t *sorted, uint32_t number)
{
	const struct cl_dns_error *e = cl_arena_at(&l->errors, number);
	const struct flow f = { &e->client, &e->server, e->client_port, e->server_port, e->tcp };
	size_t from = behind(l, sorted, &f, e->time_ns);

	for (size_t k = from; k-- > 0 && from - k <= LOOK_BACK;) {
		struct cl_dnstx *t = cl_dns_tx(l, sorted[k]);
		const struct flow g = flow_of(t);

		if (compare_flow(&g, &f) != 0)
			return;
		if (about(e, t)) {
			if (!e->part)
				t->error = number + 1;
			if ((t->bits & CL_TX_RESPONSE) == 0)
				t->why = e->response ? CL_WHY_FRAGMENT : CL_WHY_ICMP;
			return;
		}
	}
}

/* The query of a late response. */
static void link_late(struct cl_dns_list *l, const uint32_t *sorted, const struct cl_dnstx *late)
{
	const struct flow f = flow_of(late);
	size_t from = behind(l, sorted, &f, late->time_ns);

	for (size_t k = from; k-- > 0 && from - k <= LOOK_BACK;) {
		struct cl_dnstx *t = cl_dns_tx(l, sorted[k]);
		const struct flow g = flow_of(t);

		if (compare_flow(&g, &f) != 0)
			return;
		if (t->fortune == CL_FORTUNE_UNANSWERED && t->id == late->id && t->why == CL_WHY_NONE &&
		    t->query_ns == late->end_ns - late->delta_ns) {
			t->why = CL_WHY_LATE;
			return;
		}
	}
}

static bool link_flows(struct cl_dns_list *l)
{
	uint32_t *sorted = numbers(l->tx.count);

	if (sorted == NULL)
		return false;
	qsort_r(sorted, l->tx.count, sizeof *sorted, by_flow, l);
	for (size_t i = 0; i < l->errors.count; i++)
		link_error(l, sorted, (uint32_t)i);
	for (size_t i = 0; i < l->tx.count; i++) {
		const struct cl_dnstx *t = cl_dns_tx(l, i);

		if (t->fortune == CL_FORTUNE_LATE)
			link_late(l, sorted, t);
	}
	free(sorted);
	return true;
}

/* Why ---------------------------------------------------------------------------- */

/* Servers that answered at all. */
struct answering {
	struct cl_arena addrs;
	struct cl_index by_addr;
	uint64_t seed;
};

static bool same_addr(const void *records, uint32_t number, const void *key)
{
	return cl_addr_cmp((const struct cl_addr *)records + number, key) == 0;
}

static bool answers(const struct answering *a, const struct cl_addr *server)
{
	return cl_index_find(&a->by_addr, cl_addr_hash(server, a->seed), same_addr, a->addrs.base, server) !=
	       CL_INDEX_NONE;
}

/* Beyond the limit servers count as silent. */
static bool add_answering(struct answering *a, const struct cl_addr *server)
{
	if (answers(a, server))
		return true;
	struct cl_addr *one = cl_arena_add(&a->addrs);
	if (one == NULL)
		return a->addrs.count > 0;
	*one = *server;
	return cl_index_add(&a->by_addr, cl_addr_hash(server, a->seed), (uint32_t)(a->addrs.count - 1));
}

static enum cl_dns_why why_unanswered(const struct cl_dns_list *l, const struct answering *a,
				      const struct cl_dnstx *t)
{
	const struct cl_dns_conn *c = t->conn != 0 ? cl_arena_at(&l->conns, t->conn - 1) : NULL;

	if (c != NULL && c->close_ns != 0)
		return CL_WHY_CLOSED;
	return answers(a, &t->server) ? CL_WHY_UNKNOWN : CL_WHY_SILENT;
}

static void explain(struct cl_dns_list *l, const struct answering *a, const uint32_t *conns)
{
	for (size_t i = l->tx.count; i-- > 0;) { /* a connection is the last truncated answer's before it */
		struct cl_dnstx *t = cl_dns_tx(l, i);

		if (t->fortune == CL_FORTUNE_UNANSWERED && t->why == CL_WHY_NONE)
			t->why = (uint8_t)why_unanswered(l, a, t);
		else if ((t->bits & (CL_TX_TC | CL_TX_QUERY | CL_TX_TCP | CL_TX_RETRIED)) ==
			 (CL_TX_TC | CL_TX_QUERY))
			t->why = (uint8_t)why_no_tcp(l, conns, t);
		else if (t->fortune != CL_FORTUNE_UNANSWERED && t->fortune != CL_FORTUNE_OPEN_AT_END)
			t->why = CL_WHY_NONE;
	}
}

static bool link_whys(struct cl_dns_list *l, uint32_t *conns)
{
	struct answering a = { .seed = l->seed };
	bool ok = cl_arena_init(&a.addrs, sizeof(struct cl_addr), SERVERS_MAX);
	bool indexed = ok && cl_index_init(&a.by_addr);

	qsort_r(conns, l->conns.count, sizeof *conns, by_pair, l);
	for (size_t i = 0; indexed && i < l->tx.count; i++) {
		const struct cl_dnstx *t = cl_dns_tx(l, i);

		if ((t->bits & CL_TX_RESPONSE) != 0)
			indexed = add_answering(&a, &t->server);
	}
	if (indexed)
		explain(l, &a, conns);
	if (ok)
		cl_arena_free(&a.addrs);
	cl_index_free(&a.by_addr);
	return indexed;
}

bool cl_dns_list_link(struct cl_dns_list *l)
{
	uint32_t *conns = numbers(l->conns.count);
	bool ok = conns != NULL;

	if (ok)
		link_conns(l, conns);
	ok = ok && link_questions(l) && link_flows(l) && link_whys(l, conns);
	free(conns);
	return ok;
}
