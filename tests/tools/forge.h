/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_TOOLS_FORGE_H
#define CL_TESTS_TOOLS_FORGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the forgers of tests/tools/ share. Nothing here is used by the program under test, and
 * nothing of the program is used here: a mistake made in both places would not be seen.
 * Every failure ends the program with a line on standard error: these are tools for test data.
 */

/* Instants are nanoseconds after FG_T0, 2026-06-01T12:00:00Z. */
#define FG_T0	 1780315200
#define FG_MS(x) ((int64_t)(x)*1000000)
#define FG_S(x)	 ((int64_t)(x)*1000000000)

/* A growing run of octets. */
struct fg_buf {
	uint8_t at[4096];
	size_t len;
};

void fg_u8(struct fg_buf *b, unsigned v);
void fg_u16(struct fg_buf *b, unsigned v); /* big endian, like all that follow */
void fg_u32(struct fg_buf *b, uint32_t v);
void fg_u64(struct fg_buf *b, uint64_t v);
void fg_zeros(struct fg_buf *b, size_t n);
void fg_fill(struct fg_buf *b, size_t n, unsigned seed); /* octets that are not zero */
void fg_bytes(struct fg_buf *b, const void *src, size_t n);
void fg_insert(struct fg_buf *b, size_t pos, const struct fg_buf *what);
void fg_set16(struct fg_buf *b, size_t pos, unsigned v);
_Noreturn void fg_die(const char *what, const char *why);

/* Files: classic pcap, little endian. ---------------------------------------------------- */

enum fg_linktype {
	FG_NULL = 0,
	FG_ETHERNET = 1,
	FG_PPP = 9,
	FG_PPP_HDLC = 50,
	FG_RAW = 101,
	FG_LOOP = 108,
	FG_SLL = 113,
	FG_RADIOTAP = 127,
	FG_USER0 = 147,
	FG_IPV4 = 228,
	FG_IPV6 = 229,
	FG_SLL2 = 276
};

#define FG_NANO 0x01u /* nanosecond magic */
#define FG_BIG	0x02u /* big endian file */

struct fg_file;

struct fg_file *fg_create(const char *path, enum fg_linktype link, unsigned flags, uint32_t snaplen);
void fg_write(struct fg_file *f, int64_t t, const struct fg_buf *frame);
void fg_write_lengths(struct fg_file *f, int64_t t, const struct fg_buf *frame, uint32_t cap, uint32_t wire);
void fg_write_at(struct fg_file *f, uint32_t sec, uint32_t frac, const struct fg_buf *frame);
void fg_octets(struct fg_file *f, const void *src, size_t n); /* as they are, into the file */
void fg_close(struct fg_file *f);
struct fg_file *fg_create_raw(const char *path); /* no header: for broken files */

/* Packets, built by libnet. -------------------------------------------------------------- */

enum fg_dir { FG_ASK, FG_ANSWER };

struct fg_flow { /* addresses as text, both of one family */
	const char *client;
	const char *server;
	uint16_t cport, sport;
};

/* One UDP datagram in an IP packet, checksums right. Replaces what is in `out`. */
void fg_ip(struct fg_buf *out, const struct fg_flow *w, enum fg_dir d, const struct fg_buf *payload);
/* The same in an Ethernet frame without padding. */
void fg_ether(struct fg_buf *out, const struct fg_flow *w, enum fg_dir d, const struct fg_buf *payload);
/* Builds with fg_ether and writes. */
void fg_send(struct fg_file *f, int64_t t, const struct fg_flow *w, enum fg_dir d,
	     const struct fg_buf *payload);

struct fg_tcp {
	uint32_t seq, ack;
	unsigned flags; /* FG_SYN and so on */
};

#define FG_FIN	0x01u
#define FG_SYN	0x02u
#define FG_RST	0x04u
#define FG_PUSH 0x08u
#define FG_ACK	0x10u

/* One segment in an Ethernet frame, written. */
void fg_send_tcp(struct fg_file *f, int64_t t, const struct fg_flow *w, enum fg_dir d,
		 const struct fg_tcp *header, const struct fg_buf *payload);

/* Sets the header checksum of the IPv4 header at `pos`. */
void fg_ip4_checksum(struct fg_buf *b, size_t pos);

/* NTP. Time stamps are in milliseconds after FG_T0; 0 is the time stamp 0. */
struct fg_ntp {
	unsigned version, mode, stratum;
	uint32_t refid;
	int64_t org, rec, xmt;
};

void fg_ntp(struct fg_buf *b, const struct fg_ntp *n); /* replaces what is in `b`: 48 octets */
void fg_ntp_ask(struct fg_buf *b, int64_t ms);	       /* version 4, mode 3 */
void fg_ntp_answer(struct fg_buf *b, int64_t asked_ms, int64_t ms);

/* DNS. Names are dotted text. */
struct fg_dns {
	unsigned id, flags; /* FG_QR and so on, with the 4-bit RCODE */
	const char *qname;  /* NULL: no question */
	unsigned qtype;
	unsigned addresses; /* A records in the answer section */
	unsigned edns;	    /* 1: with an OPT record */
	unsigned ext_rcode, opt_flags;
	const struct fg_buf *options;
};

#define FG_QR 0x8000u
#define FG_RD 0x0100u
#define FG_TC 0x0200u
#define FG_DO 0x8000u /* in opt_flags */

void fg_dns(struct fg_buf *b, const struct fg_dns *d); /* replaces what is in `b` */

/* Sends one request and its answer `delta_ms` later. */
void fg_ntp_pair(struct fg_file *f, int64_t ms, int64_t delta_ms, const struct fg_flow *w);
void fg_dns_pair(struct fg_file *f, int64_t ms, int64_t delta_ms, const struct fg_flow *w, unsigned id);

/* Cases: mkpcap's table. ----------------------------------------------------------------- */

struct fg_case {
	const char *name; /* of the file, with its extension */
	void (*forge)(const char *path);
};

extern const struct fg_case fg_ntp_cases[], fg_ntp_more_cases[], fg_dns_cases[], fg_link_cases[],
	fg_ip_cases[], fg_frag_cases[], fg_icmp_cases[], fg_tcp_cases[], fg_tunnel_cases[], fg_window_cases[],
	fg_bad_cases[]; /* each ends with a NULL name */

#endif
