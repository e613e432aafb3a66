/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_MSG_H
#define CL_DISSECT_DNS_MSG_H

/* The inside of the DNS detail: a message on its way through questions and records. */

#include "dissect/packet.h"

#define CL_DNS_HEADER 12u

/* Octets that the names of one message may expand to, the root labels included. A full message of 65,535
 * octets whose records each have a name of 160 octets stays below. */
#define CL_DNS_NAME_BUDGET 1048576u

/* Names that start with a label, by where they start: a pointer to one needs no second reading. */
#define CL_DNS_NAMES_KEPT 32u

/* A name as it is shown: presentation form (RFC 1035 sec. 5.1) without the last dot; "." for the root. */
struct cl_dns_shown {
	struct cl_span text;
	uint16_t octets; /* of its wire form, expanded: 1 to 255; 0: the name could not be read */
	uint16_t at;	 /* where it starts in the message */
	uint8_t labels;	 /* the root not */
};

enum cl_dns_section { CL_DNS_ANSWER, CL_DNS_AUTHORITY, CL_DNS_ADDITIONAL, CL_DNS_SECTIONS };

/* Which of the protocols that share the format it is. */
enum cl_dns_kind { CL_DNS_UNICAST, CL_DNS_MULTICAST, CL_DNS_LINK_LOCAL };

struct cl_dns_type;

/* The record that is being read. */
struct cl_dns_record {
	struct cl_dns_shown owner;
	struct cl_cur data; /* from the start of its RDATA; positions count from the start of the message */
	const struct cl_dns_type *row; /* NULL: an unknown type */
	uint32_t ttl;
	uint16_t type, class, length;
	uint8_t section;
	bool bad; /* it has been said of its RDATA what is wrong */
};

struct cl_dns_msg {
	struct cl_pkt *p;
	struct cl_detail *d;
	struct cl_cur whole; /* the message, from its start on */
	struct cl_dns_record rr;
	uint32_t budget;  /* octets that names may still expand to */
	uint32_t options; /* OPT records so far */
	uint16_t id, flags, rcode;
	uint16_t count[4];
	enum cl_dns_kind kind;
	bool cookie;   /* a cookie option was met */
	uint64_t seen; /* EDNS options met, by code up to 63 */
	struct cl_dns_shown kept[CL_DNS_NAMES_KEPT];
};

static inline bool cl_dns_is_response(const struct cl_dns_msg *m)
{
	return (m->flags & 0x8000u) != 0;
}

static inline unsigned cl_dns_opcode(const struct cl_dns_msg *m)
{
	return m->flags >> 11 & 15u;
}

static inline void cl_dns_anomaly(struct cl_dns_msg *m, enum cl_anomaly id)
{
	cl_pkt_anomaly(m->p, id);
}

/* Says what is wrong with the record's RDATA, once. */
void cl_dns_bad_rdata(struct cl_dns_msg *m, enum cl_anomaly id);

/* Whether a compression pointer may stand in a name (RFC 1035 sec. 4.1.4, RFC 3597 sec. 4). */
enum cl_dns_compression {
	CL_DNS_COMPRESSED, /* yes; also where it must not be sent and must be understood */
	CL_DNS_PLAIN	   /* no: malformed, and not followed */
};

/**
 * Reads a name at `c`, whose positions count from the start of the message, and keeps its text. False: the
 * cursor's error says that nothing behind it can be read; an anomaly has been said. True with octets 0: its
 * end is known, what it points to is not a name.
 */
bool cl_dns_show_name(struct cl_dns_msg *m, struct cl_cur *c, enum cl_dns_compression how,
		      struct cl_dns_shown *out);

/* The same, and puts it if it could be read. */
void cl_dns_put_name(struct cl_dns_msg *m, struct cl_cur *c, enum cl_dns_compression how,
		     const struct cl_field *f);

/* What a piece of RDATA is. Numbers are in network byte order. */
enum cl_dns_what {
	CL_DNS_U8,
	CL_DNS_U16,
	CL_DNS_U32,
	CL_DNS_U64,
	CL_DNS_BITS,   /* bits `n` of the number before */
	CL_DNS_TIME32, /* seconds since 1970, 32 bits; serial arithmetic is not applied (RFC 4034 sec. 3.1.5)
			*/
	CL_DNS_TIME48,
	CL_DNS_IP4,
	CL_DNS_IP6,
	CL_DNS_OCTETS, /* `n` of them, as octets or as an address */
	CL_DNS_NAME,   /* N and D: pointers are followed */
	CL_DNS_UNAME,  /* U: no pointers */
	CL_DNS_LEN8,   /* the number of octets of what is counted next */
	CL_DNS_LEN16,
	CL_DNS_COUNTED,
	CL_DNS_BASE32, /* counted; base32hex without padding (RFC 4648 sec. 7) */
	CL_DNS_STRING, /* an octet of length that has no field, and so many octets */
	CL_DNS_REST,   /* what is left, perhaps nothing */
	CL_DNS_SOME,   /* what is left, one octet or more */
	CL_DNS_BITMAP, /* of types, to the end (RFC 4034 sec. 4.1.2) */
	CL_DNS_UNAMES  /* names to the end */
};

struct cl_dns_part {
	uint8_t what;
	bool optional; /* the RDATA may end before it */
	uint16_t n;
	struct cl_field field;
};

typedef void cl_dns_rdata_fn(struct cl_dns_msg *m, struct cl_cur *c);

/* Flags of a type. */
#define CL_DNS_T_RAW	 0x01u /* Wireshark has no fields: dns.data too */
#define CL_DNS_T_REPEAT	 0x02u /* its parts come once or more, to the end */
#define CL_DNS_T_META	 0x04u /* in questions alone (RFC 6895 sec. 3.1) */
#define CL_DNS_T_PRIVATE 0x08u /* not IANA's: TYPE123 where a name is a key */

/* All about an RR type. */
struct cl_dns_type {
	uint16_t code;
	uint8_t flags;
	uint8_t parts_count;
	const char *name;
	const char *reference;
	const struct cl_dns_part *parts;
	cl_dns_rdata_fn *more; /* what follows the parts, and what is to be checked; or NULL */
};

/* Rising by code. */
extern const struct cl_dns_type cl_dns_types[];
extern const size_t cl_dns_types_count;

const struct cl_dns_type *cl_dns_type_find(uint32_t code);

/* Reads parts in their order, until the cursor fails. */
void cl_dns_read_parts(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_dns_part *parts, size_t n);

/* Puts the types of a bitmap of windows, to the cursor's end. */
void cl_dns_read_bitmap(struct cl_dns_msg *m, struct cl_cur *c);

/* Fields of several users. */
extern const struct cl_field cl_dns_resp_type, cl_dns_data;

/* Puts one type of a bitmap. */
void cl_dns_put_bit(struct cl_dns_msg *m, uint32_t type);

/* Puts a mnemonic, or `prefix` and the number (RFC 3597 sec. 5). */
void cl_dns_put_word(struct cl_detail *d, const struct cl_field *f, const char *word, const char *prefix,
		     uint32_t number);

/* A span of a string that lasts. */
static inline struct cl_span cl_dns_words(const char *s)
{
	return (struct cl_span){ (const uint8_t *)s, (uint32_t)strlen(s) };
}

/* What is to be said about RDATA that parts alone cannot say; by subject. */
cl_dns_rdata_fn cl_dns_rr_a, cl_dns_rr_wks, cl_dns_rr_loc, cl_dns_rr_a6, cl_dns_rr_apl, cl_dns_rr_caa;
cl_dns_rdata_fn cl_dns_rr_ipseckey, cl_dns_rr_hip, cl_dns_rr_amtrelay, cl_dns_rr_xpf, cl_dns_rr_wins;
cl_dns_rdata_fn cl_dns_rr_key, cl_dns_rr_dnskey, cl_dns_rr_digest, cl_dns_rr_sshfp, cl_dns_rr_tlsa;
cl_dns_rdata_fn cl_dns_rr_zonemd, cl_dns_rr_nxt, cl_dns_rr_csync, cl_dns_rr_signing, cl_dns_rr_tsig;
cl_dns_rdata_fn cl_dns_rr_svcb, cl_dns_rr_deleg, cl_dns_rr_opt, cl_dns_rr_rrsig, cl_dns_rr_naptr,
	cl_dns_rr_nsec3;

/* The options of an OPT record. */
struct cl_dns_option {
	uint16_t code;
	uint8_t flags;
	uint16_t least, most; /* octets; what is between by `read` */
	const char *name;     /* as IANA has it */
	const char *reference;
	cl_dns_rdata_fn *read; /* its octets; NULL: shown as they are */
};

/* Flags of an option. */
#define CL_DNS_O_QUERY	  0x01u /* in queries alone */
#define CL_DNS_O_RESPONSE 0x02u /* in responses alone */
#define CL_DNS_O_EMPTY	  0x04u /* empty in queries */
#define CL_DNS_O_TCP	  0x08u /* never over UDP */
#define CL_DNS_O_FILLED	  0x10u /* in responses not empty */

extern const struct cl_dns_option cl_dns_options[];
extern const size_t cl_dns_options_count;

/* The TLVs of DNS stateful operations (RFC 8490 sec. 5.4). */
void cl_dns_read_dso(struct cl_dns_msg *m, struct cl_cur *c);

/**
 * Puts a layer with all of the message at p->cur; `rcode`: all 12 bits of it. Counts what is wrong with it.
 */
void cl_dns_detail(struct cl_pkt *p, enum cl_dns_kind kind, uint16_t rcode);

#endif
