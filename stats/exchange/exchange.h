/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_EXCHANGE_H
#define CL_STATS_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/event.h"
#include "dissect/note.h"
#include "stats/engine/match.h"

/*
 * Single messages, for the views that look at them: a request with what became of it, or what stands alone.
 * The same whether they come from a capture that is being read or from a database that keeps them (read
 * --keep transactions), and in the same order, so that what is made of them is the same.
 */

enum cl_exchange_kind {
	CL_X_NTP,     /* a request, its response, or both */
	CL_X_DNS,     /* the same */
	CL_X_CONTROL, /* an NTP packet of another mode (5, 6, 7, or 0), alone: `request` */
	CL_X_ICMP,    /* an ICMP error, alone: `request` */
	CL_X_CONN,    /* a TCP connection that has ended, alone: `request`, from its client to its server */
	CL_X_PART,    /* the first fragment of a DNS message whose others never came, alone: `request` */
	CL_X_KINDS
};

#define CL_X_BIT(kind) (1u << (kind))

/* What became of it. */
enum cl_fortune {
	CL_FORTUNE_ALONE,	/* of a kind that is not answered */
	CL_FORTUNE_UNANSWERED,	/* request alone: no response within the timeout */
	CL_FORTUNE_OPEN_AT_END, /* request alone: the capture ended before the timeout */
	CL_FORTUNE_GIVEN_UP,	/* request alone: there was no room to wait for its response */
	CL_FORTUNE_MATCHED,	/* both */
	CL_FORTUNE_BACKWARDS,	/* both: the response was captured up to 0.1 s before its request */
	CL_FORTUNE_DUPLICATE,	/* response alone: of a request that has one */
	CL_FORTUNE_LATE,	/* response alone: of a request older than the timeout, told before */
	CL_FORTUNE_BOGUS,	/* response alone: of nothing seen */
	CL_FORTUNES
};

/* One message; `event` NULL: there is none. */
struct cl_message {
	const struct cl_event *event;
	const struct cl_note *note;
};

/**
 * All is borrowed until the receiver returns. Exchanges come in the order of their first message in the
 * capture, with a number that rises.
 */
struct cl_exchange {
	uint64_t number; /* from 1 */
	enum cl_exchange_kind kind;
	enum cl_fortune fortune;
	bool interleaved, guessed; /* by which rule it was matched (clientele(1), DEFINITIONS) */
	struct cl_message request, response;
	/* Of matched and late ones: from the request's last packet to the response's last and first. */
	int64_t delta_ns, delta_first_ns;
};

typedef void (*cl_exchange_fn)(void *ctx, const struct cl_exchange *x);

/* Whoever wants exchanges: what is made of them is its own. */
struct cl_exchange_taker {
	unsigned kinds; /* CL_X_BIT of those that it wants; 0: none */
	cl_exchange_fn take;
	void *ctx;
};

/* The message that came first: of a request with a response, the request. */
static inline const struct cl_message *cl_exchange_first(const struct cl_exchange *x)
{
	return x->request.event != NULL ? &x->request : &x->response;
}

/* Addresses of the client and the server of an NTP or DNS exchange. */
static inline const struct cl_addr *cl_exchange_client(const struct cl_exchange *x)
{
	return x->request.event != NULL ? &x->request.event->src : &x->response.event->dst;
}

static inline const struct cl_addr *cl_exchange_server(const struct cl_exchange *x)
{
	return x->request.event != NULL ? &x->request.event->dst : &x->response.event->src;
}

#endif
