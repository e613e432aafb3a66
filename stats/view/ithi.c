/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/ithi.h"

#include "dissect/hash.h"
#include "stats/exchange/dnsname.h"

#define LIMIT	 ((size_t)1 << 22)
#define FLAG_RD	 0x0100u
#define NXDOMAIN 3u

struct client {
	struct cl_addr addr;
	uint64_t options; /* codes that it used, a bit each */
	uint64_t uses;	  /* 1 << enum cl_ithi_use */
};

struct pair {
	struct cl_addr client;
	uint64_t domain; /* hash of the top-level domain */
	uint64_t rcode;
};

bool cl_ithi_init(struct cl_ithi *h, size_t limit, uint64_t seed)
{
	*h = (struct cl_ithi){ .seed = seed };
	if (limit == 0)
		limit = LIMIT;
	return cl_keyed_init(&h->clients, sizeof(struct client), sizeof(struct cl_addr), limit, seed) &&
	       cl_keyed_init(&h->pairs, sizeof(struct pair), sizeof(struct pair), limit, seed);
}

void cl_ithi_free(struct cl_ithi *h)
{
	cl_keyed_free(&h->clients);
	cl_keyed_free(&h->pairs);
}

/* Counts the options of a query, and returns their codes. */
static uint64_t take_options(struct cl_ithi *h, const struct cl_note *n)
{
	uint64_t codes = 0;

	for (unsigned i = 0; i < n->fields; i++) {
		if (i >= CL_NOTE_FIELDS_MAX || n->field[i].type >= CL_ITHI_OPTIONS) {
			h->beyond++;
			continue;
		}
		codes |= UINT64_C(1) << n->field[i].type;
	}
	for (unsigned code = 0; code < CL_ITHI_OPTIONS; code++)
		h->option_queries[code] += codes >> code & 1;
	return codes;
}

static void take_query(struct cl_ithi *h, const struct cl_message *m)
{
	const struct cl_dns *dns = &m->event->u.dns;
	uint64_t uses = 0, options = 0;

	h->queries++;
	if ((dns->bits & CL_DNS_EDNS) != 0) {
		uses |= 1u << CL_ITHI_EDNS;
		options = take_options(h, m->note);
	}
	if ((dns->bits & CL_DNS_DO) != 0)
		uses |= 1u << CL_ITHI_DO;
	if ((m->note->flags & FLAG_RD) != 0)
		uses |= 1u << CL_ITHI_RD;
	struct client *c = cl_keyed_get(&h->clients, &m->event->src, NULL);
	if (c == NULL) {
		h->refused++;
		return;
	}
	for (unsigned i = 0; i < CL_ITHI_USES; i++)
		h->users[i] += (uses & ~c->uses) >> i & 1;
	for (unsigned i = 0; i < CL_ITHI_OPTIONS; i++)
		h->option_users[i] += (options & ~c->options) >> i & 1;
	c->uses |= uses;
	c->options |= options;
}

/* What a response to a question is about; false: no question, or another RCODE. */
static bool pair_of(const struct cl_ithi *h, const struct cl_message *m, struct pair *out)
{
	uint8_t wire[CL_NAME_OCTETS], at[CL_NAME_LABELS];
	uint16_t rcode = m->event->u.dns.rcode;
	size_t n;
	const uint8_t *name = cl_note_piece(m->note, CL_PIECE_QNAME, &n);

	if (name == NULL || n > sizeof wire || (rcode != 0 && rcode != NXDOMAIN))
		return false;
	cl_name_fold(name, n, wire);
	size_t labels = cl_name_labels(wire, n, at), top = labels > 0 ? at[labels - 1] : n - 1;
	*out = (struct pair){ .client = m->event->dst,
			      .domain = cl_hash(wire + top, n - top, h->seed),
			      .rcode = rcode };
	return true;
}

static void take_response(struct cl_ithi *h, const struct cl_message *m)
{
	struct pair p;
	bool fresh;

	if (!pair_of(h, m, &p))
		return;
	if (cl_keyed_get(&h->pairs, &p, &fresh) == NULL) {
		h->refused++;
		return;
	}
	struct cl_ithi_pairs *to = p.rcode == NXDOMAIN ? &h->missing : &h->found;
	to->first += fresh;
	to->further += !fresh;
}

static void take_message(struct cl_ithi *h, const struct cl_message *m, bool query)
{
	if (m->event == NULL || (m->event->u.dns.bits & CL_DNS_BROKEN) != 0)
		return;
	h->rcode0 += m->event->u.dns.rcode == 0;
	h->rcode3 += m->event->u.dns.rcode == NXDOMAIN;
	if (query)
		take_query(h, m);
	else
		take_response(h, m);
}

void cl_ithi_take(struct cl_ithi *h, const struct cl_exchange *x)
{
	if (x->kind != CL_X_DNS)
		return;
	take_message(h, &x->request, true);
	take_message(h, &x->response, false);
}
