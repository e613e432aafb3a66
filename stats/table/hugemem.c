/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/hugemem.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static size_t round_up(size_t n)
{
	return (n + CL_HUGE_PAGE - 1) / CL_HUGE_PAGE * CL_HUGE_PAGE;
}

size_t cl_huge_octets(size_t size)
{
	return size < CL_HUGE_PAGE ? size : round_up(size);
}

void *cl_huge_alloc(size_t size)
{
	if (size < CL_HUGE_PAGE)
		return calloc(1, size);
	size = round_up(size);
	uint8_t *p =
		mmap(NULL, size + CL_HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	size_t before = (CL_HUGE_PAGE - (uintptr_t)p % CL_HUGE_PAGE) % CL_HUGE_PAGE;
	if (before > 0)
		(void)munmap(p, before);
	(void)munmap(p + before + size, CL_HUGE_PAGE - before);
#ifdef MADV_HUGEPAGE
	(void)madvise(p + before, size, MADV_HUGEPAGE); /* advice: it may be refused */
#endif
	return p + before;
}

void cl_huge_free(void *p, size_t size)
{
	if (size < CL_HUGE_PAGE)
		free(p);
	else if (p != NULL)
		(void)munmap(p, round_up(size));
}
