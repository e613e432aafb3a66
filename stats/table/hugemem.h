/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_HUGEMEM_H
#define CL_STATS_HUGEMEM_H

#include <stddef.h>

/* Size of a huge page, to which tables that are read at random are aligned: fewer address translations miss.
 */
#define CL_HUGE_PAGE ((size_t)2 << 20)

/* `size` zeroed octets, on huge pages where they fill one and the system has them. NULL when memory is short.
 */
void *cl_huge_alloc(size_t size);

/* What an allocation of `size` takes. */
size_t cl_huge_octets(size_t size);

/* Gives back what cl_huge_alloc gave for the same size; NULL is accepted. */
void cl_huge_free(void *p, size_t size);

#endif
