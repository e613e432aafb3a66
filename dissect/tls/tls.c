/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS records over TCP (RFC 8446 sec. 5, RFC 5246 sec. 6.2), opened where the secrets are known. */
#include <stdlib.h>

#include "dissect/tcp.h"
#include "dissect/tls/handshake.h"
#include "dissect/tls/keys.h"
#include "dissect/tls/kind.h"
#include "dissect/tls/nts_ke.h"

#define F CL_TLS_F

#define CLIENT 0u
#define SERVER 1u

#define HEADER	      5u
#define PLAIN_MAX     16384u		  /* RFC 8446 sec. 5.1 */
#define SEALED_MAX    (PLAIN_MAX + 2048u) /* RFC 5246 sec. 6.2.3; 256 in TLS 1.3 */
#define HANDSHAKE_MAX 65536u		  /* of a handshake message; its length could say 16 MiB */
#define CLEAR_MAX     16u /* opened application records of one packet, before they are decoded */

enum { CHANGE = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION = 23, CONTENT_LAST = 26 };

const struct cl_protocol cl_tls_proto = { "tls", "Transport Layer Security" };

/* One direction. */
struct flow {
	uint8_t *held; /* the beginning of a handshake message */
	uint32_t held_len;
	uint64_t sequence;
	bool began;	  /* a record was read */
	bool sealed;	  /* up to TLS 1.2: its cipher was changed */
	bool application; /* TLS 1.3: the secret of application data is in use */
	bool keyed, closed, lost;
	bool timed;	  /* the time of its first application data was said */
	uint32_t records; /* sealed ones so far, of TLS 1.3 */
};

/* What only the detail needs of a connection. */
struct deep {
	struct cl_tls_key key[2]; /* by direction */
	struct cl_nts_ke *ke;
	struct cl_span clear[CLEAR_MAX]; /* opened application data of this packet */
	unsigned clears;
};

/* A connection. */
struct cl_tls {
	struct flow flow[2];
	uint8_t random[32]; /* of the ClientHello */
	bool hello;
	bool answered; /* the server's first message was read; of the lean pass */
	bool settled;  /* the client's first octets were read: a ClientHello behind them does not count */
	uint16_t version, suite;
	int64_t hello_ns;
	enum cl_tls_kind kind;
	struct deep *deep;	    /* NULL in the lean pass */
	struct cl_streams *streams; /* what is held counts there */
};

static void *tls_open(void)
{
	return calloc(1, sizeof(struct cl_tls));
}

static void drop_held(struct cl_tls *t, struct flow *f)
{
	if (f->held_len > 0)
		cl_streams_release(t->streams, f->held_len);
	free(f->held);
	f->held = NULL;
	f->held_len = 0;
}

static void tls_close(void *state)
{
	struct cl_tls *t = state;

	if (t == NULL)
		return;
	drop_held(t, &t->flow[CLIENT]);
	drop_held(t, &t->flow[SERVER]);
	if (t->deep != NULL)
		cl_nts_ke_free(t->deep->ke);
	free(t->deep);
	free(t);
}

/* Handshake messages --------------------------------------------------------- */

static void put_since_hello(const struct cl_tls *t, const struct cl_pkt *p)
{
	if (t->hello)
		cl_put_int(p->detail, F(SINCE_HELLO), cl_since(p->frame->time_ns, t->hello_ns));
}

static void client_hello(struct cl_tls *t, struct cl_pkt *p, const struct cl_tls_said *said)
{
	uint16_t port = p->ev->dport;

	if (said->random.ptr == NULL)
		return;
	memcpy(t->random, said->random.ptr, sizeof t->random);
	if (t->hello) /* again, after a HelloRetryRequest or in TLS */
		return;
	t->hello = true;
	t->hello_ns = p->frame->time_ns;
	t->kind = cl_tls_kind_of(false, port, said->alpn, said->sni);
	if (p->history != NULL && !t->settled)
		cl_tcp_history_hello(p, (uint8_t)t->kind, said->sni, said->alpn);
	if (!t->settled)
		cl_tls_kind_count(p->ledger, t->kind);
	if (port == 4460 && !cl_tls_alpn_has(said->alpn, "ntske/1"))
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_NO_ALPN);
	if (p->detail != NULL)
		cl_put_string(p->detail, F(KIND), cl_tls_kind_names[t->kind]);
}

static void server_hello(struct cl_tls *t, struct cl_pkt *p, const struct cl_tls_said *said)
{
	if (!said->retry) {
		t->answered = true;
		if (p->history != NULL)
			cl_tcp_history_answer(p, said->version);
	}
	if (p->detail == NULL)
		return;
	put_since_hello(t, p);
	t->version = said->version;
	t->suite = said->suite;
	if (t->kind == CL_TLS_NTS_KE && t->version < CL_TLS_1_3)
		cl_pkt_anomaly(p, CL_ANOM_NTS_KE_OLD_TLS);
}

static void next_secret(struct flow *f)
{
	f->application = true;
	f->keyed = false;
	f->sequence = 0;
}

static void key_update(struct flow *f, struct cl_tls_key *key)
{
	f->sequence = 0;
	if (f->keyed && !cl_tls_key_next(key))
		f->closed = true;
}

/* What a message means for the connection. */
static void follow(struct cl_tls *t, struct cl_pkt *p, unsigned direction, uint8_t type,
		   const struct cl_tls_said *said)
{
	struct flow *f = &t->flow[direction];

	if (type == CL_TLS_CLIENT_HELLO && direction == CLIENT)
		client_hello(t, p, said);
	else if (type == CL_TLS_SERVER_HELLO && direction == SERVER)
		server_hello(t, p, said);
	else if (type == CL_TLS_FINISHED && t->version == CL_TLS_1_3)
		next_secret(f);
	else if (said->key_update)
		key_update(f, &t->deep->key[direction]);
}

static void put_message_info(struct cl_pkt *p, uint8_t type, const struct cl_tls_said *said)
{
	const char *name = cl_tls_handshake_name(type);

	if (type == CL_TLS_CLIENT_HELLO && said->sni.len > 0)
		cl_put_info(p->detail, "Client Hello (%.*s)", (int)said->sni.len,
			    (const char *)said->sni.ptr);
	else
		cl_put_info(p->detail, "%s", said->retry ? "Hello Retry Request" : name);
}

static void decode_message(struct cl_tls *t, struct cl_pkt *p, unsigned direction, uint8_t type,
			   struct cl_cur body)
{
	struct cl_tls_said said = { .version = 0 };
	struct cl_tls_ja ja;
	bool hello = type == CL_TLS_CLIENT_HELLO || type == CL_TLS_SERVER_HELLO;
	struct cl_tls_walk w = { .p = p, .d = p->detail, .said = &said, .type = type };

	w.silent = p->detail == NULL && direction == SERVER;

	w.version = t->version;
	w.suite = t->suite;
	if (p->detail != NULL) {
		cl_put_uint(p->detail, F(TYPE), type);
		cl_put_uint(p->detail, F(LENGTH), cl_cur_left(&body));
	}
	if (hello && p->detail != NULL) {
		for (unsigned i = 0; i < 4; i++) {
			ja.list[i].used = 0;
			ja.list[i].text[0] = '\0';
		}
		w.ja = &ja;
	}
	cl_tls_message(&w, body);
	follow(t, p, direction, type, &said);
	if (p->detail != NULL)
		put_message_info(p, type, &said);
}

/* A whole message with its header; its octets live as long as the packet. */
static void message(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur c)
{
	uint8_t type = cl_cur_u8(&c);
	const char *name = cl_tls_handshake_name(type);

	cl_cur_skip(&c, 3);
	if (p->detail != NULL)
		cl_put_group(p->detail, F(HANDSHAKE), "%s", name != NULL ? name : "unknown");
	if (p->detail != NULL || type == (direction == CLIENT ? CL_TLS_CLIENT_HELLO : CL_TLS_SERVER_HELLO))
		decode_message(t, p, direction, type, c);
	if (p->detail != NULL)
		cl_put_end(p->detail);
	if (direction == CLIENT)
		t->settled = true;
	else if (type != CL_TLS_SERVER_HELLO)
		t->answered = true;
}

static uint32_t message_size(struct cl_cur c)
{
	cl_cur_skip(&c, 1);
	uint32_t high = cl_cur_u8(&c), low = cl_cur_u16(&c);

	return c.err == CL_OK ? 4 + (high << 16 | low) : 0;
}

/* Adds octets to what is held; false when memory is short. */
static bool hold(struct cl_tls *t, struct flow *f, struct cl_cur *c, uint32_t n)
{
	if (!cl_streams_hold(t->streams, n))
		return false;
	uint8_t *held = realloc(f->held, (size_t)f->held_len + n);
	if (held == NULL) {
		cl_streams_release(t->streams, n);
		return false;
	}
	f->held = held;
	if (cl_cur_copy(c, held + f->held_len, n))
		f->held_len += n;
	else
		cl_streams_release(t->streams, n);
	return true;
}

/* What is held and the next octets make a whole message, or wait. False: it is given up. */
static bool continue_held(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur *c)
{
	struct flow *f = &t->flow[direction];
	uint32_t left = cl_cur_left(c), need = 4;

	if (f->held_len < 4) {
		if (!hold(t, f, c, left < 4 - f->held_len ? left : 4 - f->held_len))
			return false;
		left = cl_cur_left(c);
	}
	if (f->held_len >= 4)
		need = message_size(cl_cur_make(f->held, f->held_len, f->held_len));
	if (need > HANDSHAKE_MAX) {
		if (p->detail != NULL || direction == CLIENT)
			cl_pkt_anomaly(p, CL_ANOM_TLS_LONG_HANDSHAKE);
		return false;
	}
	uint32_t more = need - f->held_len;
	if (more > 0 && !hold(t, f, c, left < more ? left : more))
		return false;
	if (f->held_len < need || f->held_len < 4)
		return true;
	struct cl_span all = { f->held, f->held_len };
	if (p->detail != NULL)
		all = cl_detail_keep(p->detail, f->held, f->held_len);
	message(t, p, direction, cl_cur_make(all.ptr, all.len, all.len));
	drop_held(t, f);
	return true;
}

/* A record's handshake messages: whole ones where they lie, the rest is held. */
static void handshake(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur c)
{
	struct flow *f = &t->flow[direction];

	while (c.err == CL_OK && cl_cur_left(&c) > 0) {
		uint32_t size = f->held_len == 0 && cl_cur_left(&c) >= 4 ? message_size(c) : 0;

		if (size > 0 && size <= cl_cur_left(&c)) {
			message(t, p, direction, cl_cur_sub(&c, size));
		} else if (!continue_held(t, p, direction, &c)) {
			drop_held(t, f);
			return;
		}
	}
}

/* Records ---------------------------------------------------------------------- */

static void alert(struct cl_pkt *p, struct cl_cur body)
{
	if (cl_cur_left(&body) != 2) {
		cl_pkt_anomaly(p, CL_ANOM_TLS_BAD_ALERT);
		return;
	}
	uint8_t level = cl_cur_u8(&body), what = cl_cur_u8(&body);
	const char *name = cl_tls_alert_name(what);
	cl_put_group(p->detail, F(ALERT), NULL);
	cl_put_uint(p->detail, F(ALERT_LEVEL), level);
	cl_put_uint(p->detail, F(ALERT_DESC), what);
	cl_put_end(p->detail);
	cl_put_info(p->detail, "Alert (%s)", name != NULL ? name : "unknown");
}

static void change(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur body)
{
	if (cl_cur_left(&body) != 1 || cl_cur_u8(&body) != 1)
		cl_pkt_anomaly(p, CL_ANOM_TLS_BAD_CHANGE);
	cl_put_none(p->detail, F(CCS));
	cl_put_info(p->detail, "Change Cipher Spec");
	if (t->version != CL_TLS_1_3)
		t->flow[direction].sealed = true;
}

/* The key in use, looked for while it is not there. */
static bool find_key(const struct cl_tls *t, struct cl_pkt *p, struct flow *f, unsigned direction)
{
	static const enum cl_secret which[2][2] = {
		{ CL_SECRET_CLIENT_HANDSHAKE, CL_SECRET_SERVER_HANDSHAKE },
		{ CL_SECRET_CLIENT_TRAFFIC, CL_SECRET_SERVER_TRAFFIC },
	};

	if (f->keyed || f->closed || f->lost || !t->hello || t->version != CL_TLS_1_3)
		return f->keyed && !f->closed;
	struct cl_span secret =
		cl_keylog_find(p->limits->keylog, which[f->application][direction], t->random);
	f->keyed = secret.len > 0 && cl_tls_key_set(&t->deep->key[direction], t->suite, secret);
	return f->keyed;
}

/* The octets of a sealed record, kept with the packet; {NULL, 0}: it stays closed. */
static struct cl_span open_record(struct cl_tls *t, struct cl_pkt *p, unsigned direction,
				  struct cl_cur header, struct cl_cur body, bool *broken)
{
	struct flow *f = &t->flow[direction];
	struct cl_span none = { NULL, 0 }, sealed = cl_cur_take(&body, cl_cur_left(&body));
	uint8_t out[SEALED_MAX];

	*broken = false;
	if (sealed.len > SEALED_MAX || !find_key(t, p, f, direction))
		return none;
	uint32_t n = cl_tls_key_open(&t->deep->key[direction], f->sequence, cl_cur_take(&header, HEADER),
				     sealed, out);
	if (n > 0) {
		f->sequence++;
		return cl_detail_keep(p->detail, out, n);
	}
	/* What a client sends early is sealed with another secret (RFC 8446 sec. 4.2.10): it is let pass. */
	if (direction == CLIENT && !f->application)
		return none;
	f->closed = *broken = true;
	return none;
}

/* An opened record's content without its type and padding (RFC 8446 sec. 5.4). 0: it has none. */
static uint8_t inner_type(struct cl_span *s)
{
	struct cl_cur c = cl_cur_make(s->ptr, s->len, s->len);
	uint32_t n = 0;
	uint8_t type = 0;

	for (uint32_t i = 0; i < s->len; i++) {
		uint8_t o = cl_cur_u8(&c);

		if (o != 0) {
			type = o;
			n = i;
		}
	}
	s->len = n;
	return type;
}

static void content(struct cl_tls *t, struct cl_pkt *p, unsigned direction, uint8_t type, struct cl_cur body)
{
	switch (type) {
	case CHANGE:
		change(t, p, direction, body);
		break;
	case ALERT:
		alert(p, body);
		break;
	case HANDSHAKE:
		handshake(t, p, direction, body);
		break;
	default:
		break;
	}
}

static void put_application(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur body)
{
	struct flow *f = &t->flow[direction];

	if (cl_cur_left(&body) > 0)
		cl_put_bytes(p->detail, F(APP_DATA), cl_cur_take(&body, cl_cur_left(&body)));
	if (!f->timed)
		put_since_hello(t, p);
	f->timed = true;
}

/* What the sizes of closed records tell: a response comes after the client's Finished and request. */
static void put_estimate(const struct cl_tls *t, struct cl_pkt *p, unsigned direction, uint32_t size)
{
	static const struct cl_field estimate = { "nts-ke.estimate.cookies",
						  "Cookies, estimated by the size",
						  CL_V_UINT,
						  CL_DEC,
						  CL_FD_GENERATED,
						  NULL };

	if (t->kind != CL_TLS_NTS_KE || t->version != CL_TLS_1_3 || size <= CL_TLS_TAG + 1)
		return;
	cl_put_uint(p->detail, F(INNER_LENGTH), size - CL_TLS_TAG - 1);
	unsigned cookies = cl_nts_ke_estimate(size - CL_TLS_TAG - 1);
	if (direction == SERVER && t->flow[CLIENT].records >= 2 && cookies > 0)
		cl_put_uint(p->detail, &estimate, cookies);
}

static const char *why_closed(const struct cl_tls *t, unsigned direction)
{
	if (!cl_tls_can_open())
		return "built without libcrypto";
	if (t->flow[direction].lost)
		return "octets before it are missing";
	return t->version == CL_TLS_1_3 ? "no secret for it" : "only TLS 1.3 is opened";
}

/* Sealed records of TLS 1.3, and all application data. */
static void application(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur header,
			struct cl_cur body)
{
	struct flow *f = &t->flow[direction];
	bool broken;
	struct cl_span clear = open_record(t, p, direction, header, body, &broken);

	f->records += t->version == CL_TLS_1_3;
	if (clear.len == 0) {
		cl_put_uint(p->detail, t->version == CL_TLS_1_3 ? F(OPAQUE_TYPE) : F(CONTENT_TYPE),
			    APPLICATION);
		f->sealed = f->sealed || t->version != CL_TLS_1_3;
		put_application(t, p, direction, body);
		if (broken)
			cl_pkt_anomaly(p, CL_ANOM_TLS_BAD_SEAL);
		else
			cl_put_string(p->detail, F(CLOSED), why_closed(t, direction));
		put_estimate(t, p, direction, cl_cur_left(&body));
		cl_put_info(p->detail, "Application Data");
		return;
	}
	uint8_t type = inner_type(&clear);
	cl_put_uint(p->detail, F(OPAQUE_TYPE), APPLICATION);
	cl_put_uint(p->detail, F(CONTENT_TYPE), type);
	if (type == 0)
		cl_pkt_anomaly(p, CL_ANOM_TLS_NO_CONTENT);
	if (type == APPLICATION) {
		put_application(t, p, direction, body);
		t->deep->clear[t->deep->clears++] = clear;
	} else {
		content(t, p, direction, type, cl_cur_make(clear.ptr, clear.len, clear.len));
	}
}

/* Whether a record can be read as what it says it is: of a connection seen from its middle on, ciphers may be
 * in use already. */
static bool is_readable(const struct cl_tls *t, const struct flow *f, uint8_t type, struct cl_cur body)
{
	bool sure = f->began && t->hello;

	if (f->sealed)
		return false;
	if (type == ALERT && !sure)
		return cl_cur_left(&body) == 2;
	if (type != HANDSHAKE || f->held_len > 0)
		return true;
	if (cl_tls_handshake_name(cl_cur_peek(&body)) == NULL)
		return false;
	return sure || cl_cur_left(&body) < 4 || message_size(body) <= HANDSHAKE_MAX;
}

/* Whether a record may hold the hello of its side: of the client, one that counts. */
static bool may_hold_hello(const struct cl_tls *t, unsigned direction, uint8_t type, struct cl_cur body)
{
	return type == HANDSHAKE && cl_cur_left(&body) > 0 && is_readable(t, &t->flow[direction], type, body);
}

static void put_header(struct cl_pkt *p, uint8_t type, uint16_t version, uint16_t n)
{
	const char *name = cl_tls_content_name(type), *v = cl_tls_version_name(version);

	cl_put_group(p->detail, F(RECORD), "%s, %s", v != NULL ? v : "unknown",
		     name != NULL ? name : "unknown");
	if (type != APPLICATION)
		cl_put_uint(p->detail, F(CONTENT_TYPE), type);
	cl_put_uint(p->detail, F(RECORD_VERSION), version);
	cl_put_uint(p->detail, F(RECORD_LENGTH), n);
}

static void check_length(const struct cl_tls *t, struct cl_pkt *p, uint8_t type, uint16_t n)
{
	uint32_t most = t->version == CL_TLS_1_3 ? PLAIN_MAX + 256 : SEALED_MAX;

	if (n > most || (n == 0 && type != APPLICATION))
		cl_pkt_anomaly(p, CL_ANOM_TLS_BAD_RECORD_LENGTH);
}

/* The record at the cursor, which is there as a whole. */
static void record(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur *c)
{
	struct cl_cur header = *c;
	struct flow *f = &t->flow[direction];
	uint8_t type = cl_cur_u8(c);
	uint16_t version = cl_cur_u16(c), n = cl_cur_u16(c);
	struct cl_cur body = cl_cur_sub(c, n);

	put_header(p, type, version, n);
	check_length(t, p, type, n);
	if (direction == CLIENT && !may_hold_hello(t, CLIENT, type, body))
		t->settled = true;
	if (type == APPLICATION) {
		application(t, p, direction, header, body);
	} else if (is_readable(t, f, type, body)) {
		content(t, p, direction, type, body);
	} else {
		cl_put_format(p->detail, F(ENCRYPTED), "%u octets", n);
		cl_put_info(p->detail, "Encrypted %s", type == ALERT ? "Alert" : "Handshake Message");
	}
	f->began = true;
	cl_put_end(p->detail);
}

/* The stream --------------------------------------------------------------------- */

/* Whether a record can begin here. */
static bool is_record(struct cl_cur c)
{
	uint8_t type = cl_cur_u8(&c), major = cl_cur_u8(&c);

	cl_cur_skip(&c, 1);
	uint16_t n = cl_cur_u16(&c);
	return c.err == CL_OK && type >= CHANGE && type <= CONTENT_LAST && major == 3 && n <= SEALED_MAX;
}

/* What was opened goes to its protocol, in a layer of its own behind that of the records. */
static void give_clear(struct cl_tls *t, struct cl_pkt *p, unsigned direction)
{
	struct deep *deep = t->deep;

	if (t->kind == CL_TLS_NTS_KE && deep->clears > 0 && deep->ke == NULL)
		deep->ke = cl_nts_ke_new();
	for (unsigned i = 0; i < deep->clears && deep->ke != NULL; i++)
		cl_nts_ke_take(deep->ke, p, direction, deep->clear[i]);
	deep->clears = 0;
}

/* Octets that are no record: nothing of this direction is read from here on. */
static uint32_t give_up(struct cl_tls *t, struct cl_pkt *p, unsigned direction, bool missing)
{
	if (!missing) {
		cl_pkt_layer(p, &cl_tls_proto);
		cl_put_none(p->detail, F(UNKNOWN_RECORD));
		cl_pkt_anomaly(p, CL_ANOM_TLS_NO_RECORD);
	}
	drop_held(t, &t->flow[direction]);
	t->settled = t->settled || direction == CLIENT;
	return CL_TCP_ENOUGH;
}

static uint32_t take_all(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur c)
{
	struct flow *f = &t->flow[direction];
	const uint32_t start = c.pos;
	bool layered = false;

	while (cl_cur_kept(&c) >= HEADER) {
		struct cl_cur at = c;

		if (!is_record(c)) {
			if (f->lost) { /* after a hole, a record may begin with a later segment */
				c.pos = c.end;
				break;
			}
			return give_up(t, p, direction, false);
		}
		cl_cur_skip(&at, 3);
		if (cl_cur_kept(&at) - 2 < cl_cur_u16(&at))
			break;
		if (!layered)
			cl_pkt_layer(p, &cl_tls_proto);
		layered = true;
		record(t, p, direction, &c);
		if (t->deep->clears == CLEAR_MAX) {
			give_clear(t, p, direction);
			layered = false;
		}
	}
	give_clear(t, p, direction);
	return c.pos - start;
}

/* The lean pass reads the client's octets up to its ClientHello, with notes the server's up to its
 * ServerHello, and no more. What is wrong with the server's is not counted, so that notes change no count. */
static uint32_t take_hello(struct cl_tls *t, struct cl_pkt *p, unsigned direction, struct cl_cur c, bool gap)
{
	const uint32_t start = c.pos;
	bool *done = direction == CLIENT ? &t->settled : &t->answered;

	if (*done || gap || (direction == SERVER && p->history == NULL))
		return CL_TCP_ENOUGH;
	while (!*done && cl_cur_kept(&c) >= HEADER) {
		struct cl_cur at = c;
		uint8_t type = cl_cur_u8(&at);

		if (!is_record(c) && direction == CLIENT)
			cl_pkt_anomaly(p, CL_ANOM_TLS_NO_RECORD);
		cl_cur_skip(&at, 2);
		uint16_t n = cl_cur_u16(&at);
		if (is_record(c) && cl_cur_kept(&at) < n)
			break;
		struct cl_cur body = cl_cur_sub(&at, n);
		if (is_record(c) && may_hold_hello(t, direction, type, body))
			handshake(t, p, direction, body);
		else if (direction == CLIENT || !is_record(c) || type != CHANGE)
			*done = true; /* CHANGE: between HelloRetryRequest and ServerHello (RFC 8446 D.4) */
		c = at;
	}
	return *done ? CL_TCP_ENOUGH : c.pos - start;
}

static uint32_t tls_take(void *state, struct cl_pkt *p, unsigned direction, struct cl_cur octets, bool gap)
{
	struct cl_tls *t = state;

	t->streams = p->streams;
	if (p->detail == NULL)
		return take_hello(t, p, direction, octets, gap);
	if (t->deep == NULL)
		t->deep = calloc(1, sizeof *t->deep);
	if (t->deep == NULL)
		return CL_TCP_ENOUGH;
	if (gap) {
		t->flow[direction].lost = true;
		t->flow[direction].keyed = false;
		drop_held(t, &t->flow[direction]);
		t->settled = t->settled || direction == CLIENT;
	}
	return take_all(t, p, direction, octets);
}

const struct cl_tcp_app cl_tls_app = { "tls", tls_open, tls_close, tls_take };
