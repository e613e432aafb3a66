/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_NOTE_H
#define CL_DISSECT_DNS_NOTE_H

#include "dissect/packet.h"

/* EDNS options (IANA, DNS EDNS0 Option Codes) that counting or a note reads. */
#define CL_DNS_OPTION_NSID   3u
#define CL_DNS_OPTION_ECS    8u	 /* RFC 7871 */
#define CL_DNS_OPTION_COOKIE 10u /* RFC 7873 */
#define CL_DNS_OPTION_EDE    15u /* RFC 8914 */

/* A message on its way to a note: pieces are put at its end, in their order. */
struct cl_dns_noting {
	struct cl_note *note;
	struct cl_cur question;		  /* at the name of the first question, if `has_question` */
	struct cl_span cookie, nsid, ede; /* the first of each kind */
	bool has_question;
};

/* Begins with the message at p->cur, whose 12 octets of header are given. */
void cl_dns_note_begin(struct cl_dns_noting *w, struct cl_pkt *p, const void *header);

/* `c` stands at the first question's name; positions count from the start of the message. */
static inline void cl_dns_note_question(struct cl_dns_noting *w, struct cl_cur c)
{
	w->question = c;
	w->has_question = true;
}

/* Class and time to live of the OPT record (RFC 6891 sec. 6.1.2). */
void cl_dns_note_opt(struct cl_dns_noting *w, uint16_t class, uint32_t ttl);

/* One of its options, at whose data `c` stands. */
void cl_dns_note_option(struct cl_dns_noting *w, uint16_t code, uint16_t length, struct cl_cur c);

void cl_dns_note_end(struct cl_dns_noting *w);

#endif
