/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/dscsets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/exchange/dnsname.h"

const struct cl_dsc_set_row cl_dsc_sets[CL_DSC_SETS] = {
	[CL_DSC_QTYPE] = { "qtype", "All", "Qtype", 0 },
	[CL_DSC_RCODE] = { "rcode", "All", "Rcode", 0 },
	[CL_DSC_OPCODE] = { "opcode", "All", "Opcode", 0 },
	[CL_DSC_RCODE_VS_REPLYLEN] = { "rcode_vs_replylen", "Rcode", "ReplyLen", 0 },
	[CL_DSC_CLIENT_SUBNET] = { "client_subnet", "All", "ClientSubnet", 200 },
	[CL_DSC_QTYPE_VS_QNAMELEN] = { "qtype_vs_qnamelen", "Qtype", "QnameLen", 0 },
	[CL_DSC_QTYPE_VS_TLD] = { "qtype_vs_tld", "Qtype", "TLD", 200 },
	[CL_DSC_CERTAIN_QNAMES_VS_QTYPE] = { "certain_qnames_vs_qtype", "CertainQnames", "Qtype", 0 },
	[CL_DSC_CLIENT_SUBNET2] = { "client_subnet2", "Class", "ClientSubnet", 200 },
	[CL_DSC_CLIENT_ADDR_VS_RCODE] = { "client_addr_vs_rcode", "Rcode", "ClientAddr", 50 },
	[CL_DSC_CHAOS_TYPES_AND_NAMES] = { "chaos_types_and_names", "Qtype", "Qname", 0 },
	[CL_DSC_IDN_QNAME] = { "idn_qname", "All", "IDNQname", 0 },
	[CL_DSC_EDNS_VERSION] = { "edns_version", "All", "EDNSVersion", 0 },
	[CL_DSC_EDNS_BUFSIZ] = { "edns_bufsiz", "All", "EDNSBufSiz", 0 },
	[CL_DSC_DO_BIT] = { "do_bit", "All", "D0", 0 },
	[CL_DSC_RD_BIT] = { "rd_bit", "All", "RD", 0 },
	[CL_DSC_IDN_VS_TLD] = { "idn_vs_tld", "All", "TLD", 0 },
	[CL_DSC_IPV6_RSN_ABUSERS] = { "ipv6_rsn_abusers", "All", "ClientAddr", 50 },
	[CL_DSC_TRANSPORT_VS_QTYPE] = { "transport_vs_qtype", "Transport", "Qtype", 0 },
	[CL_DSC_CLIENT_PORT_RANGE] = { "client_port_range", "All", "PortRange", 0 },
};

enum { CLASS_IN = 1, CLASS_CHAOS = 3, TYPE_A = 1, TYPE_PTR = 12, TYPE_AAAA = 28, TYPE_A6 = 38 };

#define FIRST_CELLS 1024u

/* Cells ----------------------------------------------------------------------- */

void cl_dsc_init(struct cl_dsc_interval *d, uint64_t seed)
{
	*d = (struct cl_dsc_interval){ .seed = seed };
}

void cl_dsc_free(struct cl_dsc_interval *d)
{
	free(d->cell);
	free(d->text);
	*d = (struct cl_dsc_interval){ .cell = NULL };
}

static bool grow(struct cl_dsc_interval *d)
{
	size_t room = d->room == 0 ? FIRST_CELLS : d->room * 2;
	struct cl_dsc_cell *cell = calloc(room, sizeof *cell);

	if (cell == NULL)
		return false;
	for (size_t i = 0; i < d->room; i++) {
		size_t at = d->cell[i].hash & (room - 1);

		if (d->cell[i].n == 0)
			continue;
		while (cell[at].n != 0)
			at = (at + 1) & (room - 1);
		cell[at] = d->cell[i];
	}
	free(d->cell);
	d->cell = cell;
	d->room = room;
	return true;
}

/* Keeps the values of a cell. False: memory is short. */
static bool keep_text(struct cl_dsc_interval *d, const char *values, size_t n)
{
	if (d->text_used + n > d->text_room) {
		size_t room = d->text_room == 0 ? 16384 : d->text_room * 2;
		char *text = realloc(d->text, room);

		if (text == NULL)
			return false;
		d->text = text;
		d->text_room = room;
	}
	memcpy(d->text + d->text_used, values, n);
	d->text_used += n;
	return true;
}

/* Room for two values: a name in text is the longest. */
#define VALUES (CL_NAME_TEXT + 64u)

static void count(struct cl_dsc_interval *d, enum cl_dsc_set set, const char *first, const char *second)
{
	char values[VALUES];
	size_t a = strlen(first), b = strlen(second);

	if (a + b > sizeof values)
		return;
	memcpy(values, first, a);
	memcpy(values + a, second, b);
	if ((d->used + 1) * 4 > d->room * 3 && (d->used >= CL_DSC_CELLS_MAX || !grow(d))) {
		d->refused++;
		return;
	}
	uint64_t hash = cl_mix(cl_hash(values, a + b, d->seed), (uint64_t)set << 16 | a);
	size_t at = hash & (d->room - 1);
	for (; d->cell[at].n != 0; at = (at + 1) & (d->room - 1)) {
		struct cl_dsc_cell *c = &d->cell[at];

		if (c->hash == hash && c->set == set && c->first == a && c->second == b &&
		    memcmp(d->text + c->at, values, a + b) == 0) {
			c->n++;
			return;
		}
	}
	uint32_t place = (uint32_t)d->text_used;
	if (!keep_text(d, values, a + b)) {
		d->refused++;
		return;
	}
	d->cell[at] = (struct cl_dsc_cell){ 1, hash, place, (uint16_t)a, (uint16_t)b, (uint8_t)set };
	d->used++;
}

/* Values ---------------------------------------------------------------------- */

/* What a query asks, in the forms that sets want. */
struct question {
	char name[CL_NAME_TEXT]; /* lower case; "." the root */
	size_t length;		 /* of it */
	char tld[260], qtype[8];
	uint8_t wire[CL_NAME_OCTETS];
	size_t octets, labels;
	uint8_t label[CL_NAME_LABELS];
	bool idn;
};

static bool label_is(const struct question *q, size_t i, const char *text)
{
	size_t n = strlen(text);

	return q->wire[q->label[i]] == n && memcmp(q->wire + q->label[i] + 1, text, n) == 0;
}

/* Whether the name ends in these labels. */
static bool under(const struct question *q, const char *second, const char *top)
{
	size_t n = q->labels;

	if (second == NULL)
		return n >= 1 && label_is(q, n - 1, top);
	return n >= 2 && label_is(q, n - 1, top) && label_is(q, n - 2, second);
}

static void ask(struct question *q, const struct cl_message *m)
{
	size_t n;
	const uint8_t *name = cl_note_piece(m->note, CL_PIECE_QNAME, &n);
	char text[CL_NAME_TEXT];

	q->labels = q->octets = 0;
	q->idn = false;
	if (name != NULL && n <= sizeof q->wire) {
		cl_name_fold(name, n, q->wire);
		q->octets = n;
		q->labels = cl_name_labels(q->wire, n, q->label);
	}
	q->length = q->octets > 0 ? cl_name_text(q->wire, q->octets, q->name) : 0;
	if (q->octets == 0)
		q->name[0] = '\0';
	for (size_t i = 0; i < q->labels; i++)
		q->idn |= q->wire[q->label[i]] >= 4 && memcmp(q->wire + q->label[i] + 1, "xn--", 4) == 0;
	snprintf(q->tld, sizeof q->tld, ".");
	if (q->labels > 0) {
		size_t at = q->label[q->labels - 1];

		cl_name_text(q->wire + at, q->octets - at, text);
		snprintf(q->tld, sizeof q->tld, "%.255s", text);
	}
	snprintf(q->qtype, sizeof q->qtype, "%u", m->event->u.dns.qtype);
}

/* The network that a client is in: 24 bits of IPv4, 96 of IPv6. */
static void subnet(const struct cl_addr *client, char out[CL_ADDR_STRLEN])
{
	struct cl_addr net = *client;

	if (cl_addr_is_v4(client))
		net.b[15] = 0;
	else
		memset(net.b + 12, 0, 4);
	cl_addr_format(&net, out);
}

static bool is_ipv4_text(const char *name)
{
	unsigned part[4];
	int end = 0;

	return sscanf(name, "%3u.%3u.%3u.%3u%n", &part[0], &part[1], &part[2], &part[3], &end) == 4 &&
	       name[end] == '\0' && part[0] < 256 && part[1] < 256 && part[2] < 256 && part[3] < 256;
}

/* The number that a label of one to three digits is; 256 for another. */
static unsigned label_number(const struct question *q, size_t i)
{
	const uint8_t *at = q->wire + q->label[i];
	unsigned n = 0;

	if (at[0] < 1 || at[0] > 3)
		return 256;
	for (unsigned k = 1; k <= at[0]; k++) {
		if (at[k] < '0' || at[k] > '9')
			return 256;
		n = n * 10 + (at[k] - '0');
	}
	return n;
}

/* Below 10.in-addr.arpa, 16.172.in-addr.arpa to 31.172.in-addr.arpa, 168.192.in-addr.arpa. */
static bool is_private_ptr(const struct question *q)
{
	if (!under(q, "in-addr", "arpa") || q->labels < 3)
		return false;
	unsigned first = label_number(q, q->labels - 3);
	unsigned second = q->labels >= 4 ? label_number(q, q->labels - 4) : 256;
	return first == 10 || (first == 172 && second >= 16 && second <= 31) ||
	       (first == 192 && second == 168);
}

static const char *class_of(const struct cl_message *m, const struct question *q)
{
	const struct cl_dns *dns = &m->event->u.dns;
	unsigned t = dns->qtype, c = dns->qclass;

	if ((dns->bits & CL_DNS_BROKEN) != 0)
		return "malformed";
	if (m->event->sport == 0)
		return "src-port-zero";
	if (c != 1 && c != 3 && c != 4 && c != 254 && c != 255)
		return "funny-qclass";
	if (!((t >= 1 && t <= 35) || t == 38 || t == 41 || (t >= 251 && t <= 255)))
		return "funny-qtype";
	if (t == TYPE_A && is_ipv4_text(q->name))
		return "a-for-a";
	if (t == TYPE_A && q->labels == 0)
		return "a-for-root";
	if (under(q, NULL, "localhost"))
		return "localhost";
	if (under(q, "root-servers", "net"))
		return "root-servers.net";
	return t == TYPE_PTR && is_private_ptr(q) ? "rfc1918-ptr" : "ok";
}

static const char *certain(const struct question *q)
{
	if (q->labels == 1 && under(q, NULL, "localhost"))
		return "localhost";
	return q->labels == 3 && under(q, "root-servers", "net") && q->wire[q->label[0]] == 1
		       ? "X.root-servers.net"
		       : "else";
}

/* Messages -------------------------------------------------------------------- */

static bool is_popular(unsigned qtype)
{
	static const uint8_t popular[] = { 1, 2, 5, 6, 12, 15, 28, 33, 38, 255 };

	for (size_t i = 0; i < sizeof popular; i++)
		if (popular[i] == qtype)
			return true;
	return false;
}

static void take_edns(struct cl_dsc_interval *d, const struct cl_message *m)
{
	const struct cl_dns *dns = &m->event->u.dns;
	unsigned size = m->note->udp_size / 512u * 512u;
	char text[24];

	if ((dns->bits & CL_DNS_EDNS) == 0) {
		count(d, CL_DSC_EDNS_VERSION, "ALL", "none");
		count(d, CL_DSC_EDNS_BUFSIZ, "ALL", "None");
	} else {
		snprintf(text, sizeof text, "%u", m->note->edns_version);
		count(d, CL_DSC_EDNS_VERSION, "ALL", text);
		snprintf(text, sizeof text, "%u-%u", size, size + 511);
		count(d, CL_DSC_EDNS_BUFSIZ, "ALL", text);
	}
	count(d, CL_DSC_DO_BIT, "ALL", (dns->bits & CL_DNS_DO) != 0 ? "set" : "clr");
	count(d, CL_DSC_RD_BIT, "ALL", (m->note->flags & 0x0100u) != 0 ? "set" : "clr");
}

static void take_name(struct cl_dsc_interval *d, const struct cl_message *m, const struct question *q)
{
	const struct cl_dns *dns = &m->event->u.dns;
	char text[24], client[CL_ADDR_STRLEN];

	snprintf(text, sizeof text, "%zu", q->length);
	count(d, CL_DSC_QTYPE_VS_QNAMELEN, q->qtype, text);
	if (is_popular(dns->qtype))
		count(d, CL_DSC_QTYPE_VS_TLD, q->qtype, q->tld);
	count(d, CL_DSC_CERTAIN_QNAMES_VS_QTYPE, certain(q), q->qtype);
	if (dns->qclass == CLASS_CHAOS)
		count(d, CL_DSC_CHAOS_TYPES_AND_NAMES, q->qtype, q->name);
	count(d, CL_DSC_IDN_QNAME, "ALL", q->idn ? "idn" : "normal");
	if (q->idn)
		count(d, CL_DSC_IDN_VS_TLD, "ALL", q->tld);
	cl_addr_format(&m->event->src, client);
	if ((dns->qtype == TYPE_AAAA || dns->qtype == TYPE_A6) && under(q, "root-servers", "net"))
		count(d, CL_DSC_IPV6_RSN_ABUSERS, "ALL", client);
}

static void take_query(struct cl_dsc_interval *d, const struct cl_message *m)
{
	const struct cl_event *ev = m->event;
	char network[CL_ADDR_STRLEN], text[24];
	struct question q;

	ask(&q, m);
	subnet(&ev->src, network);
	count(d, CL_DSC_CLIENT_SUBNET2, class_of(m, &q), network);
	if ((ev->u.dns.bits & CL_DNS_BROKEN) != 0)
		return;
	snprintf(text, sizeof text, "%u", ev->u.dns.opcode);
	count(d, CL_DSC_OPCODE, "ALL", text);
	count(d, CL_DSC_CLIENT_SUBNET, "ALL", network);
	snprintf(text, sizeof text, "%u-%u", ev->sport / 1024u * 1024u, ev->sport / 1024u * 1024u + 1023u);
	count(d, CL_DSC_CLIENT_PORT_RANGE, "ALL", text);
	take_edns(d, m);
	if ((ev->u.dns.bits & CL_DNS_QUESTION) == 0)
		return;
	count(d, CL_DSC_QTYPE, "ALL", q.qtype);
	count(d, CL_DSC_TRANSPORT_VS_QTYPE, (ev->u.dns.bits & CL_DNS_TCP) != 0 ? "tcp" : "udp", q.qtype);
	take_name(d, m, &q);
}

static void take_reply(struct cl_dsc_interval *d, const struct cl_message *m)
{
	char rcode[8], text[24], client[CL_ADDR_STRLEN];

	if ((m->event->u.dns.bits & CL_DNS_BROKEN) != 0)
		return;
	snprintf(rcode, sizeof rcode, "%u", m->event->u.dns.rcode);
	snprintf(text, sizeof text, "%u", m->note->length);
	cl_addr_format(&m->event->dst, client);
	count(d, CL_DSC_RCODE, "ALL", rcode);
	count(d, CL_DSC_RCODE_VS_REPLYLEN, rcode, text);
	count(d, CL_DSC_CLIENT_ADDR_VS_RCODE, rcode, client);
}

void cl_dsc_take(struct cl_dsc_interval *d, const struct cl_message *m)
{
	if (m->event->kind == CL_EV_DNS && m->event->role == CL_ROLE_REQUEST)
		take_query(d, m);
	else if (m->event->kind == CL_EV_DNS && m->event->role == CL_ROLE_RESPONSE)
		take_reply(d, m);
}

/* Results --------------------------------------------------------------------- */

static _Thread_local const struct cl_dsc_interval *sorted;

static int by_value(const char *a, size_t na, const char *b, size_t nb)
{
	int c = memcmp(a, b, na < nb ? na : nb);

	return c != 0 ? c : (na > nb) - (na < nb);
}

static int by_cell(const void *a, const void *b)
{
	const struct cl_dsc_cell *x = *(const struct cl_dsc_cell *const *)a,
				 *y = *(const struct cl_dsc_cell *const *)b;
	int c = by_value(cl_dsc_first(sorted, x), x->first, cl_dsc_first(sorted, y), y->first);

	if (c == 0 && x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return c != 0 ? c
		      : by_value(cl_dsc_second(sorted, x), x->second, cl_dsc_second(sorted, y), y->second);
}

size_t cl_dsc_cells(const struct cl_dsc_interval *d, enum cl_dsc_set set, const struct cl_dsc_cell **out)
{
	size_t n = 0;

	for (size_t i = 0; i < d->room; i++)
		if (d->cell[i].n != 0 && d->cell[i].set == set)
			out[n++] = &d->cell[i];
	sorted = d;
	if (n > 1)
		qsort(out, n, sizeof *out, by_cell);
	return n;
}
