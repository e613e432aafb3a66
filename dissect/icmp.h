/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_ICMP_H
#define CL_DISSECT_ICMP_H

#include "dissect/packet.h"

/* An ICMP message's beginning: type, code, checksum, and the four octets whose meaning the type gives. */
struct cl_icmp_head {
	struct cl_cur start; /* over the message */
	uint8_t type, code;
	uint16_t checksum;
	uint32_t rest;
};

/* Reads it; false when the packet is done for. The cursor is behind the eight octets then, or behind the
 * first four of a message that has no more. */
bool cl_icmp_head(struct cl_pkt *p, struct cl_icmp_head *h);

/**
 * Goes on with the packet that an error quotes. `length`: octets of the quote as RFC 4884 has them, 0 if the
 * error does not say and it fills the message; `next`: what it is.
 */
enum cl_next cl_icmp_error(struct cl_pkt *p, const struct cl_icmp_head *h, uint32_t length,
			   enum cl_next next);

/* Goes on with a packet that is quoted beside its purpose: for show, it makes nothing count. */
enum cl_next cl_icmp_shown(struct cl_pkt *p, const struct cl_cur *quote, enum cl_next next);

/* A field at a fixed place of a message; of a number the bits of `mask`, moved down (0: all). */
struct cl_icmp_row {
	const struct cl_field *field;
	uint8_t at, width; /* width 0: up to the end (BYTES) */
	uint32_t mask;
};

/* What is known of a type, or of a code of a type (type << 8 | code). */
struct cl_icmp_kind {
	uint16_t value;
	uint8_t count; /* of rows */
	const struct cl_icmp_row *rows;
	const char *name;
};

/* Puts the rows whose octets were kept. */
void cl_icmp_put(struct cl_detail *d, struct cl_cur c, const struct cl_icmp_row *rows, size_t n);

/* Sorted by value; NULL if it is not there. */
const struct cl_icmp_kind *cl_icmp_kind_find(const struct cl_icmp_kind *kinds, size_t n, unsigned value);

/* What a code means, for people. */
void cl_icmp_put_meaning(struct cl_detail *d, const char *type, const char *code);

/* The extensions behind the quote, or in an extended echo request (RFC 4884 sec. 7, RFC 8335). */
void cl_icmp_put_extensions(struct cl_pkt *p, struct cl_cur c);

/**
 * The options of neighbour discovery (RFC 4861 sec. 4.6); the cursor is over them. Gives a cursor over the
 * packet that a redirect carries, with nothing in it if there is none.
 */
struct cl_cur cl_icmp6_put_options(struct cl_pkt *p, struct cl_cur c);

/* "icmpv6.reserved", of many messages and options. */
extern const struct cl_field cl_icmp6_reserved;

#define CL_COUNT_OF(table) (sizeof(table) / sizeof *(table))

#endif
