/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TCP_H
#define CL_DISSECT_TCP_H

#include "dissect/ledger.h"
#include "dissect/packet.h"

/* The connections on ports of ours and what waits in them; `limits` says how much. Opaque. */
struct cl_streams *cl_streams_new(const struct cl_limits *limits);
void cl_streams_free(struct cl_streams *s);

/* All conversations, for numbering; made when first asked for. NULL when memory is short. */
struct cl_conversations *cl_streams_conversations(struct cl_streams *s);

/* Ends the input for those who want notes: an event for each connection that did not end, the one idle
 * longest first. Before cl_streams_finish. */
void cl_streams_tell(struct cl_streams *s, struct cl_pkt *p);

/* Ends the input: what waits is incomplete. */
void cl_streams_finish(struct cl_streams *s, struct cl_ledger *l);

/* What `take` returns when it wants no more of a direction: nothing of it is kept from then on. */
#define CL_TCP_ENOUGH UINT32_MAX

/**
 * A protocol over TCP other than DNS. `open` makes the state of a connection (NULL when memory is short: the
 * connection is let pass) and `close` frees it. `take` is given the octets of one direction, in order, that
 * nobody has taken yet (0: towards the service's port); it returns how many it has done with, and what it
 * leaves is given again with more behind it. `gap`: octets before these are missing. Octets that the capture
 * cut off are missing too. In `p`: addresses and ports of the frame, p->connection, p->first_ns (of the first
 * octet given). The frame's fate is `other` unless `take` sets one. Octets are borrowed until the packet's
 * callback returns.
 */
struct cl_tcp_app {
	const char *name;
	void *(*open)(void);
	void (*close)(void *state);
	uint32_t (*take)(void *state, struct cl_pkt *p, unsigned direction, struct cl_cur octets, bool gap);
};

/* NTS-KE, DoT and the like (dissect/tls/tls.c). */
extern const struct cl_tcp_app cl_tls_app;

/* What TLS tells of a connection, p->history not being NULL: its ClientHello, `alpn` being the list without
 * its length; and the version that the ServerHello chose, now. */
void cl_tcp_history_hello(struct cl_pkt *p, uint8_t kind, struct cl_span sni, struct cl_span alpn);
void cl_tcp_history_answer(struct cl_pkt *p, uint16_t version);

/* The application of a port, or NULL. */
const struct cl_tcp_app *cl_tcp_app_find(uint16_t port);

/* Makes `app` that of `port` for these streams (for tests). */
void cl_streams_app(struct cl_streams *s, uint16_t port, const struct cl_tcp_app *app);

/**
 * Counts `n` octets that an application holds from one packet to the next with those that wait: 64 MiB in
 * all, then the connections idle longest are let pass. False: there is no room for them. Who closes releases.
 */
bool cl_streams_hold(struct cl_streams *s, uint32_t n);
void cl_streams_release(struct cl_streams *s, uint32_t n);

#endif
