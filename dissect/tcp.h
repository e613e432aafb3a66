/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TCP_H
#define CL_DISSECT_TCP_H

#include "dissect/ledger.h"
#include "dissect/packet.h"

/* The connections on ports of ours and what waits in them. Opaque. */
struct cl_streams *cl_streams_new(void);
void cl_streams_free(struct cl_streams *s);

/* Ends the input: what waits is incomplete. */
void cl_streams_finish(struct cl_streams *s, struct cl_ledger *l);

#endif
