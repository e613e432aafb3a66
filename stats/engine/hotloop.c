/* SPDX-License-Identifier: BSD-2-Clause */
/* What runs for every message is compiled as one, so that the compiler sees across it. The parts are not
 * compiled by themselves: each uses in-line functions of those before it. */

#include "stats/engine/openreq_slots.c"

#include "stats/engine/openreq.c"

#include "stats/engine/match.c"

#include "stats/engine/count_messages.c"

#include "stats/engine/count_clients.c"

#include "stats/engine/engine.c"
