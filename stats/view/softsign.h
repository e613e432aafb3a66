/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SOFTSIGN_H
#define CL_STATS_SOFTSIGN_H

#include <stdint.h>

#include "dissect/event.h"
#include "dissect/note.h"
#include "stats/view/xmtclass.h"

/*
 * The signature string (docs/signatures.md): what a request's header, port, type of service and length are
 * like, without what changes from one request to the next.
 */

/* What the string says of one request; without room between, to be compared and hashed whole. */
struct cl_softsign {
	uint8_t mode, version, leap;
	char stratum, poll, delay, dispersion, refid, ref, org, rec, port, tail;
	uint8_t precision; /* 0xff: what clocks have */
	uint8_t tos;
	uint8_t reserved;
	uint16_t length;
};

#define CL_SOFTSIGN_LEN 64

struct cl_softsign cl_softsign_of(const struct cl_event *e, const struct cl_note *n);

/* The string and its length. `class`: CL_XMT_CLASSES: none. */
unsigned cl_softsign_text(const struct cl_softsign *g, enum cl_xmt_class class, char out[CL_SOFTSIGN_LEN]);

/* What stands behind "unknown:" for a string: 32-bit FNV-1a. */
uint32_t cl_softsign_hash(const char *text);

#endif
