/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NOTE_H
#define CL_DISSECT_NOTE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dissect/addr.h"

/*
 * What views of single messages need of one beyond its event: a note beside each event, written only where
 * the room for events has notes too (struct cl_event_room). Its members are those of note.def, which says
 * what each means; numbers are in host byte order, all values are copies. A member that a message does not
 * have is 0.
 */

/* Pieces of octets that follow each other in `data`; a message has those of its kind. */
enum cl_note_piece {
	/* DNS */
	CL_PIECE_QNAME,	 /* of the first question, uncompressed wire form with its root label, as it was sent
			  */
	CL_PIECE_COOKIE, /* the option's octets: 8 of the client, then 8 to 32 of the server if there (RFC
			    7873) */
	CL_PIECE_NSID,	 /* RFC 5001 */
	CL_PIECE_EDE,	 /* extra text of the first extended error (RFC 8914), UTF-8 as it was sent */
	/* NTP */
	CL_PIECE_CONTROL, /* data of a mode 6 (RFC 9327) or mode 7 message */
	CL_PIECE_UID,	  /* body of the NTS unique identifier (RFC 8915 sec. 5.3) */
	/* ICMP errors */
	CL_PIECE_QUOTE, /* the first octets of the quoted message, behind UDP's or TCP's header */
	/* connections */
	CL_PIECE_SNI,  /* of the ClientHello (RFC 6066 sec. 3) */
	CL_PIECE_ALPN, /* first protocol that the client offers (RFC 7301) */
	CL_PIECES
};

/* What authenticates an NTP packet (clientele(1), DEFINITIONS). */
enum cl_ntp_auth {
	CL_NTP_AUTH_PLAIN, /* nothing */
	CL_NTP_AUTH_MAC,
	CL_NTP_AUTH_CRYPTO_NAK,
	CL_NTP_AUTH_AUTOKEY, /* fields of RFC 5906 before the MAC */
	CL_NTP_AUTH_NTS,
	CL_NTP_AUTHS
};

#define CL_NOTE_FIELDS_MAX 16u	/* extension fields, or EDNS options, that are listed */
#define CL_NOTE_DATA_MAX   768u /* of all pieces; what goes beyond is cut, and `data_cut` set */

/* Which service a TCP connection is of (cl_note.service). */
enum cl_conn_service {
	CL_CONN_DNS,
	CL_CONN_DOT,
	CL_CONN_DOH,
	CL_CONN_NTS_KE,
	CL_CONN_OTHER,
	CL_CONN_SERVICES
};

/* How a connection opened and ended (cl_note.state). */
#define CL_CONN_SYN	0x01u /* the client's SYN was seen */
#define CL_CONN_ANSWER	0x02u /* and the server's SYN-ACK */
#define CL_CONN_OPEN	0x04u /* and the ACK that completes the handshake */
#define CL_CONN_FIN	0x08u
#define CL_CONN_RST	0x10u
#define CL_CONN_REFUSED 0x20u /* RST instead of a SYN-ACK */
#define CL_CONN_HELLO	0x40u /* a ClientHello was seen */

/* A field's or option's type and the octets that it takes (NTP: with its header; EDNS: of its data). */
struct cl_note_field {
	uint16_t type, length;
};

struct cl_note {
#define X(group, type, name, doc) type name;
#include "dissect/note.def"
#undef X
	struct cl_note_field field[CL_NOTE_FIELDS_MAX]; /* the first `fields` of them, in their order */
	uint16_t piece_length[CL_PIECES];
	uint16_t data_length;
	_Alignas(8) uint8_t data[CL_NOTE_DATA_MAX]; /* so that what is before are whole words */
};

/* Makes it the note of a message of which nothing is known. */
static inline void cl_note_clear(struct cl_note *n)
{
	memset(n, 0, offsetof(struct cl_note, data));
}

/* Makes it the note of another message in the packet that `of` is of: what is the packet's stays. */
static inline void cl_note_again(struct cl_note *n, const struct cl_note *of)
{
	const struct cl_addr src = of->outer_src, dst = of->outer_dst;
	const uint32_t stream = of->stream;
	const uint8_t ttl = of->ip_ttl, tos = of->ip_tos, tunnel = of->tunnel, fragments = of->fragments;

	cl_note_clear(n);
	n->outer_src = src;
	n->outer_dst = dst;
	n->stream = stream;
	n->ip_ttl = ttl;
	n->ip_tos = tos;
	n->tunnel = tunnel;
	n->fragments = fragments;
}

/* Octets that a copy needs to take. */
static inline size_t cl_note_size(const struct cl_note *n)
{
	return offsetof(struct cl_note, data) + n->data_length;
}

/* Copies what is in use. `to` has room for cl_note_size octets at least. */
static inline void cl_note_copy(struct cl_note *to, const struct cl_note *n)
{
	memcpy(to, n, cl_note_size(n));
}

/* Puts a piece, each once and in the order of enum cl_note_piece. */
static inline void cl_note_put(struct cl_note *n, enum cl_note_piece piece, const void *octets, size_t length)
{
	size_t room = CL_NOTE_DATA_MAX - n->data_length;

	if (length > room) {
		length = room;
		n->data_cut = 1;
	}
	if (length > 0)
		memcpy(n->data + n->data_length, octets, length);
	n->piece_length[piece] = (uint16_t)length;
	n->data_length = (uint16_t)(n->data_length + length);
}

/* A piece's first octet, and how many they are; NULL if there is none. Borrowed from the note. */
static inline const uint8_t *cl_note_piece(const struct cl_note *n, enum cl_note_piece piece, size_t *length)
{
	size_t at = 0;

	*length = n->piece_length[piece];
	for (unsigned i = 0; i < (unsigned)piece; i++)
		at += n->piece_length[i];
	return *length > 0 ? n->data + at : NULL;
}

#endif
