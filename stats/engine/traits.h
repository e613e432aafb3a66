/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_TRAITS_H
#define CL_STATS_TRAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/event.h"

/*
 * What the messages of a day were like. What one message shows is one number, its trait, and messages are
 * counted by it; few different ones come, so this costs one look into a small table. When the table is full,
 * and when the day is written, each part of a trait goes to the codes of its kind (cl_tally_fold).
 */

struct cl_trait {
	uint64_t key; /* 0: a free place */
	uint64_t n;
};

/* Traits that wait to be taken apart, in the order in which they came: so which codes find room in the end
 * does not depend on what else a trait shows. */
struct cl_traits {
	struct cl_trait *slot;
	uint8_t *order;	     /* the used slots; allocated with them */
	uint32_t mask, used; /* slots less 1 */
};
#define CL_TRAITS_FIRST	 16u
#define CL_TRAITS_MAX	 256u					     /* slots; three quarters are used */
#define CL_TRAITS_OCTETS (sizeof(struct cl_trait) + sizeof(uint8_t)) /* of a slot */

/* Messages by their octets. */
enum cl_size_kind {
	CL_SIZE_UDP_QUERY, /* NTP: requests, by their UDP payload */
	CL_SIZE_UDP_RESPONSE,
	CL_SIZE_TCP_QUERY, /* without the two octets of length */
	CL_SIZE_TCP_RESPONSE,
	CL_SIZE_KINDS
};

/* Names in the order of enum cl_size_kind, as stored. */
extern const char *const cl_size_kind_names[CL_SIZE_KINDS];

#define CL_SIZE_OCTETS 16u  /* of a bin */
#define CL_SIZE_OPEN   256u /* the last bin: 4096 octets and more */

/* Counts by bin, of the range that was seen. */
struct cl_sizes {
	uint64_t *n; /* [lo, lo + count) */
	uint32_t lo, count;
};

static inline uint32_t cl_size_bin(uint32_t octets)
{
	return octets / CL_SIZE_OCTETS < CL_SIZE_OPEN ? octets / CL_SIZE_OCTETS : CL_SIZE_OPEN;
}

/* Whether the bin has memory. */
static inline bool cl_sizes_reach(const struct cl_sizes *s, uint32_t bin)
{
	return bin - s->lo < s->count;
}

/* Adds n to a bin. False when memory is short. */
bool cl_sizes_add(struct cl_sizes *s, uint32_t bin, uint64_t n);
bool cl_sizes_merge(struct cl_sizes *to, const struct cl_sizes *from);
void cl_sizes_clear(struct cl_sizes *s);
void cl_sizes_free(struct cl_sizes *s);

/* Parts of a trait: their lowest bit, and how many. */
#define CL_TRAIT(key, part)  ((uint32_t)((key) >> CL_TRAIT_##part & ((1u << CL_TRAIT_##part##_BITS) - 1)))
#define CL_TRAIT_OF(v, part) ((uint64_t)(v) << CL_TRAIT_##part)

#define CL_TRAIT_USED	   63
#define CL_TRAIT_KIND	   60 /* enum cl_trait_kind */
#define CL_TRAIT_KIND_BITS 3
#define CL_TRAIT_PORT	   58 /* of requests, enum cl_port_class; 0: not counted */
#define CL_TRAIT_PORT_BITS 2

#define CL_TRAIT_BROKEN		 57
#define CL_TRAIT_BROKEN_BITS	 1
#define CL_TRAIT_QTYPE		 0
#define CL_TRAIT_QTYPE_BITS	 16
#define CL_TRAIT_QUESTION	 16
#define CL_TRAIT_QUESTION_BITS	 1
#define CL_TRAIT_FLAGS		 17 /* AA TC RD RA Z AD CD: bits 10 to 4 of the header's second word */
#define CL_TRAIT_FLAGS_BITS	 7
#define CL_TRAIT_OPCODE		 24 /* queries: from here on */
#define CL_TRAIT_OPCODE_BITS	 4
#define CL_TRAIT_EDNS		 28
#define CL_TRAIT_EDNS_BITS	 1
#define CL_TRAIT_UDP_SIZE	 29
#define CL_TRAIT_UDP_SIZE_BITS	 16
#define CL_TRAIT_ECS_FAMILY	 45 /* 1, 2; 3: another, or cut off; 0: no such option */
#define CL_TRAIT_ECS_FAMILY_BITS 2
#define CL_TRAIT_ECS_SOURCE	 47
#define CL_TRAIT_ECS_SOURCE_BITS 8
#define CL_TRAIT_RCODE		 24 /* responses: from here on */
#define CL_TRAIT_RCODE_BITS	 12
#define CL_TRAIT_FURTHER	 36 /* a further message of a zone transfer: not a response of its own */
#define CL_TRAIT_FURTHER_BITS	 1

#define CL_TRAIT_AUTH	      0 /* enum cl_ntp_auth */
#define CL_TRAIT_AUTH_BITS    3
#define CL_TRAIT_STRATUM      3 /* of responses */
#define CL_TRAIT_STRATUM_BITS 8
#define CL_TRAIT_POLL	      3 /* of requests: the exponent; above CL_POLL_MOST: another */
#define CL_TRAIT_POLL_BITS    5

enum cl_trait_kind {
	CL_TRAIT_DNS_QUERY,
	CL_TRAIT_DNS_RESPONSE,
	CL_TRAIT_NTP_REQUEST,
	CL_TRAIT_NTP_RESPONSE,
	CL_TRAIT_QTYPE_ALONE, /* of a DNS query that has a question */
	CL_TRAIT_RCODE_ALONE, /* of a DNS response */
};

/* Counts a message. False: there is no free place for its trait. */
static inline bool cl_traits_add(struct cl_traits *t, uint64_t key)
{
	if (t->slot == NULL)
		return false;
	for (uint32_t at = (uint32_t)(key * 0x9e3779b97f4a7c15u >> 40);; at++) {
		struct cl_trait *slot = &t->slot[at & t->mask];

		if (slot->key == key) {
			slot->n++;
			return true;
		}
		if (slot->key != 0)
			continue;
		if (t->used >= (t->mask + 1) / 4 * 3)
			return false;
		t->order[t->used++] = (uint8_t)(at & t->mask);
		*slot = (struct cl_trait){ key, 1 };
		return true;
	}
}

/* Makes room for twice as many. False: there are CL_TRAITS_MAX slots, or memory is short. */
bool cl_traits_grow(struct cl_traits *t);
void cl_traits_clear(struct cl_traits *t);
void cl_traits_free(struct cl_traits *t);

/* The trait of a DNS query, of a port class or 0. */
static inline uint64_t cl_trait_query(const struct cl_dns *dns, uint32_t port)
{
	uint64_t key =
		CL_TRAIT_OF(1, USED) | CL_TRAIT_OF(CL_TRAIT_DNS_QUERY, KIND) | CL_TRAIT_OF(port, PORT) |
		dns->qtype | CL_TRAIT_OF((dns->bits & CL_DNS_QUESTION) != 0, QUESTION) |
		CL_TRAIT_OF(dns->flags >> 4 & 0x7fu, FLAGS) | CL_TRAIT_OF(dns->opcode & 15u, OPCODE) |
		CL_TRAIT_OF((dns->bits & CL_DNS_BROKEN) != 0, BROKEN) |
		CL_TRAIT_OF((dns->bits & CL_DNS_EDNS) != 0, EDNS) | CL_TRAIT_OF(dns->udp_size, UDP_SIZE);

	if ((dns->bits & CL_DNS_ECS) != 0)
		key |= CL_TRAIT_OF(dns->ecs_family == 1 || dns->ecs_family == 2 ? dns->ecs_family : 3u,
				   ECS_FAMILY) |
		       CL_TRAIT_OF(dns->ecs_source, ECS_SOURCE);
	return key;
}

static inline uint64_t cl_trait_response(const struct cl_dns *dns, bool further)
{
	return CL_TRAIT_OF(1, USED) | CL_TRAIT_OF(CL_TRAIT_DNS_RESPONSE, KIND) | dns->qtype |
	       CL_TRAIT_OF((dns->bits & CL_DNS_QUESTION) != 0, QUESTION) |
	       CL_TRAIT_OF(dns->flags >> 4 & 0x7fu, FLAGS) | CL_TRAIT_OF(dns->rcode & 0xfffu, RCODE) |
	       CL_TRAIT_OF((dns->bits & CL_DNS_BROKEN) != 0, BROKEN) | CL_TRAIT_OF(further, FURTHER);
}

/* The same where nobody asks for more: few are different then. */
static inline uint64_t cl_trait_qtype(const struct cl_dns *dns)
{
	return CL_TRAIT_OF(1, USED) | CL_TRAIT_OF(CL_TRAIT_QTYPE_ALONE, KIND) | dns->qtype;
}

static inline uint64_t cl_trait_rcode(const struct cl_dns *dns)
{
	return CL_TRAIT_OF(1, USED) | CL_TRAIT_OF(CL_TRAIT_RCODE_ALONE, KIND) |
	       CL_TRAIT_OF(dns->rcode & 0xfffu, RCODE);
}

/* What the flags of a lean message say; Autokey counts as what carries it, a message authentication code. */
static inline uint32_t cl_trait_auth(const struct cl_ntp *ntp)
{
	return (ntp->flags & CL_NTP_NTS) != 0	? 4u
	       : (ntp->flags & CL_NTP_NAK) != 0 ? 2u
						: (ntp->flags & CL_NTP_MAC);
}

static inline uint64_t cl_trait_ntp_request(const struct cl_ntp *ntp, uint32_t port)
{
	return CL_TRAIT_OF(1, USED) | CL_TRAIT_OF(CL_TRAIT_NTP_REQUEST, KIND) | CL_TRAIT_OF(port, PORT) |
	       cl_trait_auth(ntp) | CL_TRAIT_OF(ntp->poll < 31 ? ntp->poll : 31u, POLL);
}

static inline uint64_t cl_trait_ntp_response(const struct cl_ntp *ntp)
{
	return CL_TRAIT_OF(1, USED) | CL_TRAIT_OF(CL_TRAIT_NTP_RESPONSE, KIND) | cl_trait_auth(ntp) |
	       CL_TRAIT_OF(ntp->stratum, STRATUM);
}

#endif
