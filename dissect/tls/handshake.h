/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TLS_HANDSHAKE_H
#define CL_DISSECT_TLS_HANDSHAKE_H

#include "dissect/packet.h"
#include "dissect/tls/fields.h"

/* Handshake types (RFC 8446 sec. 4, RFC 5246 sec. 7.4). */
enum {
	CL_TLS_CLIENT_HELLO = 1,
	CL_TLS_SERVER_HELLO = 2,
	CL_TLS_TICKET = 4,
	CL_TLS_ENCRYPTED_EXTENSIONS = 8,
	CL_TLS_CERTIFICATE = 11,
	CL_TLS_SERVER_KEY = 12,
	CL_TLS_CERTIFICATE_REQUEST = 13,
	CL_TLS_CERTIFICATE_VERIFY = 15,
	CL_TLS_CLIENT_KEY = 16,
	CL_TLS_FINISHED = 20,
	CL_TLS_CERTIFICATE_STATUS = 22,
	CL_TLS_KEY_UPDATE = 24
};

extern const struct cl_protocol cl_tls_proto;

#define CL_TLS_1_2 0x0303u
#define CL_TLS_1_3 0x0304u

/* What a handshake message said; spans are borrowed from it. */
struct cl_tls_said {
	struct cl_span random; /* 32 octets of a hello, else none */
	struct cl_span sni;    /* the first host name of a ClientHello */
	struct cl_span alpn;   /* ProtocolNameList without its length (RFC 7301 sec. 3.1) */
	uint16_t version; /* of a ServerHello: chosen, by supported_versions if it is there; else legacy */
	uint16_t suite;	  /* of a ServerHello */
	bool retry;	  /* a HelloRetryRequest (RFC 8446 sec. 4.1.3) */
	bool key_update;
};

/* A message on its way through the decoders. */
struct cl_tls_walk {
	struct cl_pkt *p;
	struct cl_detail *d; /* NULL: the lean pass, in which only `said` is filled */
	struct cl_tls_said *said;
	struct cl_tls_ja *ja;	 /* NULL: none is wanted */
	uint16_t version, suite; /* agreed before; 0: not yet */
	uint8_t type;
	bool silent; /* what is wrong is not counted */
	bool bad;    /* a vector's length contradicts what is around it */
};

/* The lists a fingerprint is made of, as decimal numbers between dashes. */
struct cl_tls_ja {
	struct {
		char text[1200];
		unsigned used;
	} list[4]; /* suites, extensions, groups, point formats */
	uint16_t version;
};

/**
 * Decodes the body of a whole handshake message of type w->type, and counts what is wrong with it. The
 * message's group is the caller's.
 */
void cl_tls_message(struct cl_tls_walk *w, struct cl_cur body);

/* The extensions of the message, with their length (RFC 8446 sec. 4.2). */
void cl_tls_extensions(struct cl_tls_walk *w, struct cl_cur *c);

/* The length of `width` octets of a vector and a cursor over it; puts the length as `f`. */
struct cl_cur cl_tls_vector(struct cl_tls_walk *w, struct cl_cur *c, unsigned width,
			    const struct cl_field *f);

/* A vector of octets: its length as `f`, what is in it as `v`. */
struct cl_span cl_tls_opaque(struct cl_tls_walk *w, struct cl_cur *c, unsigned width,
			     const struct cl_field *f, const struct cl_field *v);

/* A list of signature schemes, with its length. */
void cl_tls_signatures(struct cl_tls_walk *w, struct cl_cur *c);
void cl_tls_signature(struct cl_tls_walk *w, uint16_t scheme);

/* Notes a part that is to end here: octets over, or too few, are bad. */
void cl_tls_end(struct cl_tls_walk *w, const struct cl_cur *c);

/* Adds a number to list i of the fingerprint. */
void cl_tls_ja_add(struct cl_tls_walk *w, unsigned i, uint16_t v);

/* The common name of a DER certificate's subject (RFC 5280 sec. 4.1); {NULL, 0} if it has none. */
struct cl_span cl_tls_common_name(struct cl_span certificate);

#endif
