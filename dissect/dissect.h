/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DISSECT_H
#define CL_DISSECT_DISSECT_H

#include <stdbool.h>
#include <stddef.h>

#include "capture/frame.h"
#include "dissect/attr.h"
#include "dissect/err.h"
#include "dissect/event.h"
#include "dissect/keylog.h"
#include "dissect/ledger.h"
#include "dissect/tunnelnote.h"
#include "dissect/zonenote.h"

struct cl_ntp_keys;

struct cl_limits {
	uint64_t hash_seed;	       /* of names and identifiers: a secret of the process or of the store */
	const struct cl_addr *servers; /* borrowed; messages of others are filtered. NULL: all are wanted */
	size_t server_count;
	enum cl_only only;		       /* an ICMP error about a tunnelled message is inner, too */
	bool streams;			       /* notes number the conversations of UDP (cl_note.stream) */
	bool asked;			       /* NTP that these servers ask of others is wanted too */
	const uint16_t *dns_ports, *ntp_ports; /* borrowed; beside 53 and 123 */
	size_t dns_port_count, ntp_port_count;
	const struct cl_keylog *keylog; /* borrowed; secrets that open TLS records in detail; may be NULL */
	uint64_t frag_bytes;		/* memory for fragments that wait; 0: 16 MiB */
	uint32_t frag_datagrams;	/* their datagrams; 0: 65536 */
	bool frag_last_wins; /* where IPv4 fragments overlap, the last one's octets hold, not the first's */
	uint32_t tcp_connections; /* kept at most, on ports of ours; 0: 131072 */
	uint32_t tcp_side_octets; /* of memory for what waits in one direction of one, in 512 pieces at most;
				     0: 512 KiB */
	uint64_t tcp_octets;	  /* and in all, with what TLS holds; 0: 64 MiB */
	const struct cl_ntp_keys *ntp_keys; /* borrowed; NULL: MACs are not verified. Of the detail */
};

/**
 * Takes the first n events of the room that it gave last, and gives the next one; no event is copied on its
 * way. The first call has n = 0. The room before is not touched any more; what stands in it behind the n
 * events is nothing.
 */
typedef struct cl_event_room (*cl_events_fn)(void *ctx, size_t n);

/**
 * The ports whose datagrams, or connections, are looked into: of services, of `limits` too, and of tunnels.
 * For a filter in front of the dissector. How many; at most `room` of them are written.
 */
size_t cl_udp_ports(const struct cl_limits *limits, uint16_t *ports, size_t room);
size_t cl_tcp_ports(const struct cl_limits *limits, uint16_t *ports, size_t room);

/* From frames to messages. Does no I/O, reads no clock. Opaque. */
struct cl_dissector;

/* NULL when memory is short. The caller frees with cl_dissector_free. */
struct cl_dissector *cl_dissector_new(const struct cl_limits *limits, cl_events_fn emit, void *ctx);

/* Takes all of one packet, after its events; borrowed until it returns. */
typedef void (*cl_detail_fn)(void *ctx, const struct cl_frame *frame, const struct cl_detail *detail);

/* Decodes all of each packet from now on, and gives it on. False when memory is short. */
bool cl_dissector_detail(struct cl_dissector *d, cl_detail_fn fn, void *ctx);

/* Its details are bundled (cl_detail) from now on. After cl_dissector_detail. */
void cl_dissector_bundle(struct cl_dissector *d);

/* Tells of each packet that travels in a tunnel, from now on. False when memory is short. */
bool cl_dissector_tunnels(struct cl_dissector *d, cl_tunnel_fn fn, void *ctx);

/* Tells of what messages say of zones, from now on; of answers only while *answers, which is borrowed. */
void cl_dissector_zones(struct cl_dissector *d, cl_zone_fn fn, void *ctx, const bool *answers);

/* Dissects frames in their order: 0 to n events each, given on when the room is full and at the end; each
 * frame gets its fate. */
void cl_dissector_feed(struct cl_dissector *d, const struct cl_frame *frames, size_t n);

/* Counts n frames that were kept from it (by a capture filter or a time range) as filtered. */
void cl_dissector_filtered(struct cl_dissector *d, size_t n);

/* Ends the input: what waits for its other parts is incomplete. */
void cl_dissector_finish(struct cl_dissector *d);

/* Its TCP connections (dissect/tcp.h); for tests. */
struct cl_streams *cl_dissector_streams(struct cl_dissector *d);

/* What became of the frames fed so far; owned by the dissector. Adds up after cl_dissector_finish. */
const struct cl_ledger *cl_dissector_ledger(const struct cl_dissector *d);

/* NULL is accepted. */
void cl_dissector_free(struct cl_dissector *d);

/* Whether frames of this link type (LINKTYPE_) are looked into. */
bool cl_dissects(uint16_t linktype);

#endif
