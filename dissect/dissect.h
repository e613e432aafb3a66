/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DISSECT_H
#define CL_DISSECT_DISSECT_H

#include <stddef.h>

#include "capture/frame.h"
#include "dissect/err.h"
#include "dissect/event.h"
#include "dissect/ledger.h"

struct cl_limits {
	uint64_t hash_seed;	       /* of names and identifiers: a secret of the process or of the store */
	const struct cl_addr *servers; /* borrowed; messages of others are filtered. NULL: all are wanted */
	size_t server_count;
};

/* Takes `n` events, borrowed until it returns. */
typedef void (*cl_events_fn)(void *ctx, const struct cl_event *evs, size_t n);

/* From frames to messages. Does no I/O, reads no clock. Opaque. */
struct cl_dissector;

/* NULL when memory is short. The caller frees with cl_dissector_free. */
struct cl_dissector *cl_dissector_new(const struct cl_limits *limits, cl_events_fn emit, void *ctx);

/* Dissects frames in their order: 0 to n events each, given on in batches; each frame gets its fate. */
void cl_dissector_feed(struct cl_dissector *d, const struct cl_frame *frames, size_t n);

/* Counts n frames that were kept from it (by a capture filter or a time range) as filtered. */
void cl_dissector_filtered(struct cl_dissector *d, size_t n);

/* What became of the frames fed so far; owned by the dissector. */
const struct cl_ledger *cl_dissector_ledger(const struct cl_dissector *d);

/* NULL is accepted. */
void cl_dissector_free(struct cl_dissector *d);

#endif
