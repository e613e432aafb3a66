/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/memory.h"

#include <unistd.h>

#define MIB ((size_t)1 << 20)

/* Octets of a TCP connection with its place in the index, about. */
#define CONNECTION 512u

/* The program, its libraries, stacks, the batches between its threads and the blocks it reads into: measured
 * at 12 MiB; the rest is what allocation wastes. */
#define FIXED (16 * MIB)

static size_t between(size_t least, uint64_t v, size_t most)
{
	return v < least ? least : v > most ? most : (size_t)v;
}

struct cl_memory_plan cl_memory_plan(uint64_t limit)
{
	uint64_t share = limit / 32;

	if (limit == 0)
		return (struct cl_memory_plan){ .engine = 0 };
	struct cl_memory_plan p = {
		.held = between(4 * MIB, share, 32 * MIB),
		.frag_bytes = between(MIB, share, 16 * MIB),
		.tcp_octets = between(2 * MIB, share, 64 * MIB),
		.tcp_connections = (uint32_t)between(4096, share / CONNECTION, 131072),
		.cache = between(2 * MIB, share, 256 * MIB),
	};
	/* frames that wait keep the blocks that they lie in: up to twice as much */
	uint64_t other = FIXED + share + 2 * p.held + p.frag_bytes + p.tcp_octets +
			 (uint64_t)p.tcp_connections * CONNECTION + 2 * (uint64_t)p.cache;

	p.engine = between(16 * MIB, limit > other ? limit - other : 0, SIZE_MAX / 2);
	return p;
}

uint64_t cl_memory_default(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), octets = sysconf(_SC_PAGESIZE);

	if (pages <= 0 || octets <= 0)
		return 0;
	uint64_t most = (uint64_t)pages / 4 * 3 * (uint64_t)octets;
	return most > CL_MEMORY_LEAST ? most : CL_MEMORY_LEAST;
}
