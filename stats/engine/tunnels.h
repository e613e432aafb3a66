/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_TUNNELS_H
#define CL_STATS_TUNNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/tunnelnote.h"

struct cl_store;

/* Rows that a run keeps; what goes beyond is counted where it can be, see struct cl_tunnel_row. */
#define CL_TUNNELS_MAX		16384u /* tunnels, each day anew; further ones together, by kind */
#define CL_TUNNEL_PREFIXES_MAX	131072u
#define CL_TUNNEL_PROTOCOLS_MAX 65536u
#define CL_TUNNEL_ERRORS_MAX	16384u
#define CL_TUNNEL_ECHOES	4096u /* requests that wait for their reply */

/* An echo request is answered by a reply within this time. */
#define CL_TUNNEL_ECHO_NS INT64_C(10000000000)

/* The packets that links are taken to hold where nothing says otherwise (RFC 894). */
#define CL_TUNNEL_LINK_MTU 1500u

/* A tunnel on a UTC day: its two ends, the lower address first. All zero: those beyond the limit. */
struct cl_tunnel_key {
	int64_t day; /* since the epoch */
	struct cl_addr a, b;
	uint8_t kind; /* of struct cl_tunnel_note */
	uint8_t zero[7];
};

struct cl_tunnel_way {
#define X(merge, name, doc) int64_t name;
#include "stats/engine/tunnels.def"
#undef X
};

enum { CL_TUNNEL_AB, CL_TUNNEL_BA, CL_TUNNEL_WAYS };

struct cl_tunnel_row {
	struct cl_tunnel_key key;
	int64_t first_ns, last_ns;
	/* Given up: packets whose inner network or protocol found no room; echo requests that gave way. */
	uint64_t prefixes_lost, protocols_lost, echoes_lost;
	uint64_t errors_lost; /* errors that found no room */
	bool seen;	      /* a packet: the times hold */
	struct cl_tunnel_way way[CL_TUNNEL_WAYS];
};

/* A network that inner addresses lie in, and at which end. */
struct cl_tunnel_prefix {
	struct cl_tunnel_key key;
	struct cl_addr addr; /* the first address */
	uint8_t length, zero[7];
	uint64_t packets;    /* with an address of it on either side */
	uint64_t at_a, at_b; /* of these, that came from it, or went to it, at this end */
};

#define CL_TUNNEL_PROTOCOL_LENGTH 24u

struct cl_tunnel_protocol {
	struct cl_tunnel_key key;
	char name[CL_TUNNEL_PROTOCOL_LENGTH];
	uint64_t packets[CL_TUNNEL_WAYS], octets[CL_TUNNEL_WAYS]; /* of inner packets */
};

/* ICMP errors that quote a packet of the tunnel. */
struct cl_tunnel_error {
	struct cl_tunnel_key key;
	struct cl_addr sender;
	uint8_t way; /* that the quoted packet went */
	uint8_t family, type, code;
	uint8_t zero[4];
	uint64_t errors;
	int64_t mtu; /* the least that they say; -1: none */
};

/* Tunnels of a capture, by UTC day. Opaque. One thread at a time. */
struct cl_tunnels;

/* NULL when memory is short. Takes memory as tunnels come. */
struct cl_tunnels *cl_tunnels_new(uint64_t seed);
void cl_tunnels_free(struct cl_tunnels *t);

/* Counts a note: a cl_tunnel_fn. */
void cl_tunnels_note(void *tunnels, const struct cl_tunnel_note *note);

/* Reads back the days that may go on: the store's last and the one before. False when memory is short. */
bool cl_tunnels_load(struct cl_tunnels *t, struct cl_store *store);

/* Writes all rows; those of the same keys are replaced. False when memory was short: rows are missing. */
bool cl_tunnels_write(struct cl_tunnels *t, struct cl_store *store);

/* What the inner packet is, by its protocol and ports (clientele(1)); the name, in `out`. */
const char *cl_tunnel_protocol_of(const struct cl_tunnel_note *note, char out[CL_TUNNEL_PROTOCOL_LENGTH]);

/* "6in4", "gre", ...; NULL beyond the kinds. */
const char *cl_tunnel_kind_name(unsigned kind);

#endif
