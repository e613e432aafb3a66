/* SPDX-License-Identifier: BSD-2-Clause */
/* NTS key establishment (RFC 8915 sec. 4): records by type, and the rules of a request and a response. */
#include "dissect/tls/nts_ke.h"

#include <stdlib.h>

#define CLIENT 0u

#define HELD_MAX 65539u /* a record's header and the longest body */
#define LIST_MAX 64u	/* identifiers of an offer that are remembered */

#define ERROR_RECORD 2u

#define PROTOCOL_NTPV4 0u

struct side {
	uint8_t *held;
	uint32_t held_len;
	uint32_t types; /* bit set of the records seen, by row */
	uint32_t cookies;
	uint16_t protocol[LIST_MAX], aead[LIST_MAX];
	uint32_t protocols, aeads; /* identifiers seen; the first LIST_MAX are kept */
	bool ended, error, lost;
};

struct cl_nts_ke {
	struct side side[2]; /* 0: request, 1: response */
};

static const struct cl_protocol nts_ke_proto = { "nts-ke", "NTS Key Establishment Protocol" };

/* Names ---------------------------------------------------------------------- */

static const struct cl_name type_names[] = {
	{ 0, "End of Message" },
	{ 1, "NTS Next Protocol Negotiation" },
	{ 2, "Error" },
	{ 3, "Warning" },
	{ 4, "AEAD Algorithm Negotiation" },
	{ 5, "New Cookie for NTPv4" },
	{ 6, "NTPv4 Server Negotiation" },
	{ 7, "NTPv4 Port Negotiation" },
	{ 8, "Keep Alive (draft)" },
	{ 9, "Supported Next Protocol List (draft)" },
	{ 10, "Supported Algorithm List (draft)" },
	{ 12, "Fixed Key Request (draft)" },
	{ 13, "NTP Server Deny (draft)" },
	{ 14, "Authentication Token (draft)" },
	{ 1024, "Compliant AES-128-GCM-SIV Exporter Context" },
	{ 16385, "NTPv5 draft name" },
};

static const char *type_name(uint64_t v)
{
	return cl_name_find(type_names, sizeof type_names / sizeof *type_names, v);
}

static const char *protocol_name(uint64_t v)
{
	if (v == PROTOCOL_NTPV4)
		return "NTPv4";
	if (v == 0x8001)
		return "NTPv5 (draft)";
	return v >= 32768 ? "private" : NULL;
}

static const char *error_name(uint64_t v)
{
	static const char *const names[] = { "Unrecognized Critical Record", "Bad Request",
					     "Internal Server Error" };

	return v < 3 ? names[v] : NULL;
}

/* IANA aead-parameters. */
static const struct cl_name aead_names[] = {
	{ 1, "AEAD_AES_128_GCM" },
	{ 2, "AEAD_AES_256_GCM" },
	{ 3, "AEAD_AES_128_CCM" },
	{ 4, "AEAD_AES_256_CCM" },
	{ 5, "AEAD_AES_128_GCM_8" },
	{ 6, "AEAD_AES_256_GCM_8" },
	{ 7, "AEAD_AES_128_GCM_12" },
	{ 8, "AEAD_AES_256_GCM_12" },
	{ 9, "AEAD_AES_128_CCM_SHORT" },
	{ 10, "AEAD_AES_256_CCM_SHORT" },
	{ 11, "AEAD_AES_128_CCM_SHORT_8" },
	{ 12, "AEAD_AES_256_CCM_SHORT_8" },
	{ 13, "AEAD_AES_128_CCM_SHORT_12" },
	{ 14, "AEAD_AES_256_CCM_SHORT_12" },
	{ 15, "AEAD_AES_SIV_CMAC_256" },
	{ 16, "AEAD_AES_SIV_CMAC_384" },
	{ 17, "AEAD_AES_SIV_CMAC_512" },
	{ 18, "AEAD_AES_128_CCM_8" },
	{ 19, "AEAD_AES_256_CCM_8" },
	{ 20, "AEAD_AES_128_OCB_TAGLEN128" },
	{ 21, "AEAD_AES_128_OCB_TAGLEN96" },
	{ 22, "AEAD_AES_128_OCB_TAGLEN64" },
	{ 23, "AEAD_AES_192_OCB_TAGLEN128" },
	{ 24, "AEAD_AES_192_OCB_TAGLEN96" },
	{ 25, "AEAD_AES_192_OCB_TAGLEN64" },
	{ 26, "AEAD_AES_256_OCB_TAGLEN128" },
	{ 27, "AEAD_AES_256_OCB_TAGLEN96" },
	{ 28, "AEAD_AES_256_OCB_TAGLEN64" },
	{ 29, "AEAD_CHACHA20_POLY1305" },
	{ 30, "AEAD_AES_128_GCM_SIV" },
	{ 31, "AEAD_AES_256_GCM_SIV" },
	{ 32, "AEAD_AEGIS128L" },
	{ 33, "AEAD_AEGIS256" },
};

const char *cl_nts_ke_aead_name(uint64_t id)
{
	return cl_name_find(aead_names, sizeof aead_names / sizeof *aead_names, id);
}

/* Fields --------------------------------------------------------------------- */

static const struct cl_field f_record = { NULL, "Record", CL_V_GROUP, 0, 0, NULL };
static const struct cl_field f_critical = {
	"nts-ke.record.critical_bit", "Critical Bit", CL_V_BOOL, 0, 0, NULL
};
static const struct cl_field f_type = {
	"nts-ke.record.type", "Record Type", CL_V_UINT, CL_DEC, 0, type_name
};
static const struct cl_field f_length = {
	"nts-ke.record.body_length", "Body Length", CL_V_UINT, CL_DEC, 0, NULL
};
static const struct cl_field f_body = { "nts-ke.record.body", "Body", CL_V_BYTES, 0, 0, NULL };
static const struct cl_field f_protocol = {
	"nts-ke.record.next_proto", "Next Protocol", CL_V_UINT, CL_DEC, 0, protocol_name
};
static const struct cl_field f_error = { "nts-ke.record.error", "Error", CL_V_UINT, CL_DEC, 0, error_name };
static const struct cl_field f_warning = { "nts-ke.record.warning", "Warning", CL_V_UINT, CL_DEC, 0, NULL };
static const struct cl_field f_aead = { "nts-ke.record.aead_algo", "AEAD Algorithm", CL_V_UINT, CL_DEC, 0,
					cl_nts_ke_aead_name };
static const struct cl_field f_cookie = { "nts-ke.record.cookie", "Cookie", CL_V_BYTES, 0, 0, NULL };
static const struct cl_field f_server = { "nts-ke.record.server", "Server", CL_V_TEXT, 0, 0, NULL };
static const struct cl_field f_port = { "nts-ke.record.port", "Port", CL_V_UINT, CL_DEC, 0, NULL };
static const struct cl_field f_text = { "nts-ke.record.text", "Text", CL_V_TEXT, 0, 0, NULL };
static const struct cl_field f_response = {
	"nts-ke.response", "Response", CL_V_BOOL, 0, CL_FD_GENERATED, NULL
};
static const struct cl_field f_cookies = { "nts-ke.cookies", "Cookies in this message", CL_V_UINT,
					   CL_DEC,	     CL_FD_GENERATED,		NULL };

/* Bodies --------------------------------------------------------------------- */

/* A record being decoded. */
struct record {
	struct cl_pkt *p;
	struct side *side;
	bool request, critical;
};

static void end_of_message(struct record *r, struct cl_cur *c)
{
	(void)c;
	r->side->ended = true;
}

static void remember(uint16_t *list, uint32_t *n, uint16_t v)
{
	if (*n < LIST_MAX)
		list[*n] = v;
	++*n;
}

static void protocols(struct record *r, struct cl_cur *c)
{
	while (c->err == CL_OK && cl_cur_left(c) >= 2) {
		uint16_t v = cl_cur_u16(c);

		cl_put_uint(r->p->detail, &f_protocol, v);
		remember(r->side->protocol, &r->side->protocols, v);
	}
}

static void error(struct record *r, struct cl_cur *c)
{
	uint16_t v = cl_cur_u16(c);

	r->side->error = true;
	if (c->err == CL_OK)
		cl_put_uint(r->p->detail, &f_error, v);
}

static void warning(struct record *r, struct cl_cur *c)
{
	uint16_t v = cl_cur_u16(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(r->p->detail, &f_warning, v);
	cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_UNKNOWN_WARNING); /* none is defined */
}

static void aeads(struct record *r, struct cl_cur *c)
{
	while (c->err == CL_OK && cl_cur_left(c) >= 2) {
		uint16_t v = cl_cur_u16(c);

		cl_put_uint(r->p->detail, &f_aead, v);
		remember(r->side->aead, &r->side->aeads, v);
	}
}

static void cookie(struct record *r, struct cl_cur *c)
{
	r->side->cookies++;
	cl_put_bytes(r->p->detail, &f_cookie, cl_cur_take(c, cl_cur_left(c)));
}

/* Letters, digits and what an address or a domain name has between them. */
static bool is_name(struct cl_cur c)
{
	while (cl_cur_left(&c) > 0) {
		uint8_t o = cl_cur_u8(&c), letter = o | 0x20;
		bool good = (letter >= 'a' && letter <= 'z') || (o >= '0' && o <= '9') || o == '.' ||
			    o == '-' || o == ':' || o == '_';

		if (!good)
			return false;
	}
	return true;
}

static void server(struct record *r, struct cl_cur *c)
{
	if (cl_cur_left(c) == 0 || !is_name(*c))
		cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_BAD_SERVER);
	cl_put_bytes(r->p->detail, &f_server, cl_cur_take(c, cl_cur_left(c)));
}

static void port(struct record *r, struct cl_cur *c)
{
	uint16_t v = cl_cur_u16(c);

	if (c->err == CL_OK)
		cl_put_uint(r->p->detail, &f_port, v);
}

static void text(struct record *r, struct cl_cur *c)
{
	cl_put_bytes(r->p->detail, &f_text, cl_cur_take(c, cl_cur_left(c)));
}

static void nothing(struct record *r, struct cl_cur *c)
{
	(void)r;
	(void)c;
}

static void octets(struct record *r, struct cl_cur *c)
{
	struct cl_span s = cl_cur_take(c, cl_cur_left(c));

	if (s.len > 0)
		cl_put_bytes(r->p->detail, &f_body, s);
}

/* Records ---------------------------------------------------------------------- */

/* What a type's critical bit must be. */
enum critical { FREE, MUST, SHOULD_NOT, CLIENT_SHOULD_NOT, ZERO };

#define ONCE   0x01u /* at most one in a message */
#define SERVER 0x02u /* never in a request */

/* The types with a rule of their own, sorted; `at` of at most 32 rows is the bit in side.types. */
static const struct row {
	uint16_t type;
	uint8_t critical, flags;
	void (*decode)(struct record *r, struct cl_cur *c);
} rows[] = {
	{ 0, MUST, ONCE, end_of_message },	/* RFC 8915 sec. 4.1.1 */
	{ 1, MUST, ONCE, protocols },		/* sec. 4.1.2 */
	{ 2, MUST, SERVER, error },		/* sec. 4.1.3 */
	{ 3, MUST, SERVER, warning },		/* sec. 4.1.4 */
	{ 4, FREE, ONCE, aeads },		/* sec. 4.1.5 */
	{ 5, SHOULD_NOT, SERVER, cookie },	/* sec. 4.1.6 */
	{ 6, CLIENT_SHOULD_NOT, ONCE, server }, /* sec. 4.1.7 */
	{ 7, CLIENT_SHOULD_NOT, ONCE, port },	/* sec. 4.1.8 */
	{ 1024, ZERO, ONCE, nothing },		/* IANA nts */
	{ 16385, ZERO, ONCE, text },		/* draft-ietf-ntp-ntpv5 */
};

#define ROWS (sizeof rows / sizeof *rows)

size_t cl_nts_ke_types(const uint16_t **types)
{
	static const uint16_t all[ROWS] = { 0, 1, 2, 3, 4, 5, 6, 7, 1024, 16385 };

	*types = all;
	return ROWS;
}

static const struct row *row_of(uint16_t type)
{
	for (unsigned i = 0; i < ROWS; i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

static bool has(const struct side *s, uint16_t type)
{
	const struct row *row = row_of(type);

	return row != NULL && (s->types >> (row - rows) & 1) != 0;
}

static void check_critical(const struct record *r, const struct row *row)
{
	bool client_only = row->critical == CLIENT_SHOULD_NOT && r->request;

	if (row->critical == MUST && !r->critical)
		cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_NOT_CRITICAL);
	else if (r->critical && (row->critical == SHOULD_NOT || row->critical == ZERO || client_only))
		cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_CRITICAL);
}

static void decode(struct record *r, uint16_t type, struct cl_cur body)
{
	const struct row *row = row_of(type);

	if (r->side->ended)
		cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_AFTER_END);
	if (row == NULL) {
		if (r->critical)
			cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_UNKNOWN_CRITICAL);
		octets(r, &body);
		return;
	}
	check_critical(r, row);
	if ((row->flags & ONCE) != 0 && has(r->side, type))
		cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_REPEATED);
	if ((row->flags & SERVER) != 0 && r->request)
		cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_SERVER_RECORD);
	r->side->types |= 1u << (row - rows);
	row->decode(r, &body);
	if (body.err != CL_OK || cl_cur_left(&body) > 0)
		cl_pkt_anomaly(r->p, CL_ANOM_NTS_KE_BAD_BODY);
}

/* One record; false: it is not there as a whole yet. */
static bool take_record(struct record *r, struct cl_cur *c)
{
	struct cl_cur at = *c;
	uint16_t type = cl_cur_u16(&at), n = cl_cur_u16(&at);
	struct cl_detail *d = r->p->detail;

	if (at.err != CL_OK || cl_cur_left(&at) < n)
		return false;
	r->critical = type >> 15 != 0;
	type &= 0x7fff;
	const char *name = type_name(type);
	cl_put_group(d, &f_record, "%s", name != NULL ? name : "unknown");
	cl_put_uint(d, &f_critical, r->critical);
	cl_put_uint(d, &f_type, type);
	cl_put_uint(d, &f_length, n);
	decode(r, type, cl_cur_sub(&at, n));
	cl_put_end(d);
	*c = at;
	return true;
}

/* Messages --------------------------------------------------------------------- */

static bool offers(const uint16_t *list, uint32_t n, uint16_t v)
{
	for (uint32_t i = 0; i < n && i < LIST_MAX; i++)
		if (list[i] == v)
			return true;
	return n > LIST_MAX; /* not known */
}

static void check_request(const struct side *s, struct cl_pkt *p)
{
	if (!has(s, 1))
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_NO_PROTOCOL);
	else if (s->protocols == 0)
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_EMPTY_OFFER);
	if (!offers(s->protocol, s->protocols, PROTOCOL_NTPV4))
		return;
	if (!has(s, 4))
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_NO_AEAD);
	else if (s->aeads == 0)
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_EMPTY_OFFER);
}

/* Whether all of the answer was offered. */
static bool is_subset(const uint16_t *list, uint32_t n, const uint16_t *offer, uint32_t offered)
{
	for (uint32_t i = 0; i < n && i < LIST_MAX; i++)
		if (!offers(offer, offered, list[i]))
			return false;
	return true;
}

static void check_response(const struct side *s, const struct side *request, struct cl_pkt *p)
{
	if (s->error)
		return;
	if (!has(s, 1))
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_NO_PROTOCOL);
	if (request->ended && (!is_subset(s->protocol, s->protocols, request->protocol, request->protocols) ||
			       !is_subset(s->aead, s->aeads, request->aead, request->aeads)))
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_NOT_OFFERED);
	if (s->aeads > 1)
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_MANY_AEADS);
	if (s->protocols == 0 || !offers(s->protocol, s->protocols, PROTOCOL_NTPV4))
		return;
	if (!has(s, 4))
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_NO_AEAD);
	else if (s->aeads > 0 && s->cookies == 0)
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_NO_COOKIE);
	else if (s->aeads > 0 && s->cookies < 8)
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_FEW_COOKIES);
}

static void finish_message(struct cl_nts_ke *k, struct cl_pkt *p, unsigned direction)
{
	const struct side *s = &k->side[direction];

	if (direction == CLIENT) {
		check_request(s, p);
		cl_put_info(p->detail, "NTS-KE request");
		return;
	}
	cl_put_uint(p->detail, &f_cookies, s->cookies);
	check_response(s, &k->side[CLIENT], p);
	cl_put_info(p->detail, s->error ? "NTS-KE error" : "NTS-KE response, %u cookies", s->cookies);
}

struct cl_nts_ke *cl_nts_ke_new(void)
{
	return calloc(1, sizeof(struct cl_nts_ke));
}

void cl_nts_ke_free(struct cl_nts_ke *k)
{
	if (k == NULL)
		return;
	free(k->side[0].held);
	free(k->side[1].held);
	free(k);
}

/* What is held and what is new, as one; borrowed until the packet's callback returns. */
static struct cl_span joined(struct side *s, struct cl_pkt *p, struct cl_span octets_new)
{
	if (s->held_len == 0)
		return octets_new;
	uint8_t *all = realloc(s->held, (size_t)s->held_len + octets_new.len);
	if (all == NULL)
		return (struct cl_span){ NULL, 0 };
	memcpy(all + s->held_len, octets_new.ptr, octets_new.len);
	s->held = all;
	return cl_detail_keep(p->detail, all, (size_t)s->held_len + octets_new.len);
}

static bool hold(struct side *s, struct cl_cur c)
{
	uint32_t n = cl_cur_left(&c);

	free(s->held);
	s->held = n > 0 && n < HELD_MAX ? malloc(n) : NULL;
	s->held_len = s->held != NULL ? n : 0;
	if (s->held != NULL)
		cl_cur_copy(&c, s->held, n);
	return n == 0 || s->held != NULL;
}

void cl_nts_ke_take(struct cl_nts_ke *k, struct cl_pkt *p, unsigned direction, struct cl_span octets_new)
{
	struct side *s = &k->side[direction];
	struct record r = { .p = p, .side = s, .request = direction == CLIENT };

	if (s->lost)
		return;
	struct cl_span all = joined(s, p, octets_new);
	struct cl_cur c = cl_cur_make(all.ptr, all.len, all.len);
	bool ended = s->ended, began = false;

	while (cl_cur_left(&c) >= 4) {
		struct cl_cur before = c;

		if (!began) {
			cl_pkt_layer(p, &nts_ke_proto);
			cl_put_uint(p->detail, &f_response, direction != CLIENT);
			began = true;
		}
		if (!take_record(&r, &c)) {
			c = before;
			break;
		}
	}
	if (!ended && s->ended)
		finish_message(k, p, direction);
	s->lost = !hold(s, c);
}

unsigned cl_nts_ke_estimate(uint32_t n)
{
	const uint32_t others = 6 + 6 + 4;

	for (unsigned cookies = 8; cookies > 0 && n > others; cookies--) {
		uint32_t each = (n - others) / cookies;

		if ((n - others) % cookies == 0 && each % 4 == 0 && each >= 64 && each <= 260)
			return cookies;
	}
	return 0;
}
