/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_MODE6_STATE_H
#define CL_STATS_MODE6_STATE_H

#include "stats/table/keyed.h"
#include "stats/view/mode6.h"

/* What mode6.c and mode6_harvest.c share. */

/* Opcodes of mode 6 (RFC 9327 table 1), its R, E and M bits. */
enum {
	MODE6_READSTAT = 1,
	MODE6_READVAR = 2,
	MODE6_WRITEVAR = 3,
	MODE6_READCLOCK = 4,
	MODE6_WRITECLOCK = 5,
	MODE6_READ_MRU = 10
};
#define MODE6_OPCODE   0x1fu
#define MODE6_MORE     0x20u
#define MODE6_ERROR    0x40u
#define MODE6_RESPONSE 0x80u

/* An answer that comes in fragments. */
struct mode6_message {
	struct cl_addr server, client;
	uint16_t port, sequence, association;
	uint8_t opcode;
	bool used, ended, told; /* ended: its last fragment came; told: it was whole */
	int64_t first_ns, last_ns;
	uint32_t octets, end; /* that came; where the last fragment ends */
	uint32_t fragments;
	uint8_t data[CL_MODE6_MESSAGE_MAX], came[CL_MODE6_MESSAGE_MAX / 8];
};

struct cl_mode6 {
	struct cl_keyed sources, asked, operations, associations, series, states;
	struct cl_arena events, samples;
	bool has_events, has_samples;
	struct cl_mode6_totals all;
	struct cl_mode6_refused refused;
	bool settled;
	struct mode6_message message[CL_MODE6_MESSAGES];
};

/* A response's status word, and the variables of a whole answer. */
void cl_mode6_harvest_status(struct cl_mode6 *m, const struct cl_message *r);
void cl_mode6_harvest(struct cl_mode6 *m, const struct mode6_message *whole);

#endif
