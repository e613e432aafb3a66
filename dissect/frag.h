/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_FRAG_H
#define CL_DISSECT_FRAG_H

#include "dissect/ledger.h"
#include "dissect/packet.h"

/* Fragments that wait for the others of their datagram (RFC 791, RFC 8200 sec. 4.5). Opaque. */
struct cl_frags *cl_frags_new(void);
void cl_frags_free(struct cl_frags *f);

/* Frees what the packet before had put together: its octets were borrowed until now. */
void cl_frags_release(struct cl_frags *f);

/* Ends the input: what waits is incomplete. */
void cl_frags_finish(struct cl_frags *f, struct cl_ledger *l);

#endif
