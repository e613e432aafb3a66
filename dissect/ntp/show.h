/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_SHOW_H
#define CL_DISSECT_NTP_SHOW_H

#include "dissect/ntp/tail.h"
#include "dissect/packet.h"

extern const struct cl_protocol cl_ntp_protocol;

/* Fields that several headers have. */
extern const struct cl_field cl_ntp_f_keyid, cl_ntp_f_mac, cl_ntp_f_padding, cl_ntp_f_tail;
/* Stratum, poll, precision; root delay and dispersion; reference identifier, reference and origin time;
 * receive and transmit time. */
extern const struct cl_header_row cl_ntp_first_rows[4], cl_ntp_root_rows[2], cl_ntp_refid_rows[3],
	cl_ntp_stamp_rows[2];

/* A mode's name; NULL over 7. */
const char *cl_ntp_mode_name(uint64_t mode);

/* An NTP message of which all is put. */
struct cl_ntp_show {
	struct cl_pkt *p;
	struct cl_detail *d;
	struct cl_cur start;	 /* at the message's first octet */
	struct cl_ntp_tail tail; /* what the tail holds as a whole */
	uint32_t keyid;		 /* of its MAC; 0: none */
	uint8_t version, mode, stratum;
	uint64_t org, xmt; /* 0 if they were not captured */
	bool nak;	   /* an NTS NAK */
	bool last_is_complement, complement;
	bool draft; /* a draft identification (version 5) */

	/* of NTS (RFC 8915 sec. 5) */
	uint16_t type; /* of the field that is shown */
	unsigned uids, cookies, placeholders, auths;
	uint32_t cookie_length, placeholder_length; /* of bodies */
	bool placeholders_differ;
	bool after_auth; /* a field follows the authenticator */
};

/* Puts all of a message that stands at `start`, whatever its mode. For the detail alone. */
void cl_ntp_show(struct cl_pkt *p, struct cl_cur start);

/* header.c: the header of modes 0 to 5, and of version 5; octets that were cut off are left out. */
void cl_ntp_show_flags(struct cl_ntp_show *s);
void cl_ntp_show_header(struct cl_ntp_show *s);
void cl_ntp_show_v5(struct cl_ntp_show *s);

/* mac.c: an authenticator; a word of 0; what fits no rule. */
void cl_ntp_show_mac(struct cl_ntp_show *s, struct cl_cur octets);
void cl_ntp_show_nak(struct cl_ntp_show *s);
/* Whether a digest is that of the message's first octets. */
void cl_ntp_show_status(struct cl_ntp_show *s, uint32_t keyid, uint32_t message_length,
			struct cl_span digest);

/* extfields.c: a field, whose octets begin with its type. */
void cl_ntp_show_field(struct cl_ntp_show *s, uint16_t type, struct cl_cur octets);

/* nts.c: fields of NTS, and what RFC 8915 says of the message as a whole. */
void cl_ntp_show_uid(struct cl_ntp_show *s, struct cl_cur body);
void cl_ntp_show_cookie(struct cl_ntp_show *s, struct cl_cur body);
void cl_ntp_show_placeholder(struct cl_ntp_show *s, struct cl_cur body);
void cl_ntp_show_auth(struct cl_ntp_show *s, struct cl_cur body);
void cl_ntp_check_nts(struct cl_ntp_show *s);

/* control.c, private.c: modes 6 and 7. */
void cl_ntp_show_control(struct cl_ntp_show *s);
void cl_ntp_show_private(struct cl_ntp_show *s);

#endif
