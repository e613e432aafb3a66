/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_INLINE_H
#define CL_DISSECT_INLINE_H

/* Part of each caller, with what is constant there: the protocol, and how much is wanted. Also what only asks
 * for lines of memory: a compiler sees no effect in a function of that, and would leave its calls out. */
#define CL_IN_LINE __attribute__((always_inline)) static inline

#endif
