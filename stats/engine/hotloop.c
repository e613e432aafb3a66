/* SPDX-License-Identifier: BSD-2-Clause */
/* What runs for every message is compiled as one, so that the compiler sees across it. The parts are not
 * compiled by themselves: each uses in-line functions of those before it. */

/* Part of each caller, with what is constant there: the protocol, and how much is wanted. */
#define IN_LINE __attribute__((always_inline)) static inline

#include "stats/engine/openreq_slots.c"

#include "stats/engine/openreq.c"

#include "stats/engine/match.c"

#include "stats/engine/count_messages.c"

#include "stats/engine/count_clients.c"

#include "stats/engine/engine.c"
