/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_MEMORY_H
#define CL_CLI_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* The least that --max-memory takes: below it the program itself and what it reads leave no room to count. */
#define CL_MEMORY_LEAST ((uint64_t)64 << 20)

/* How a limit (octets) is divided. Zeros stand for each one's own default. */
struct cl_memory_plan {
	size_t engine;	     /* tables of clients, requests and servers */
	size_t held;	     /* frames that wait for earlier ones */
	uint64_t frag_bytes; /* fragments that wait */
	uint64_t tcp_octets; /* segments that wait */
	uint32_t tcp_connections;
	size_t cache; /* the store's; as much again for steps that it keeps beside */
};

/* The plan for a limit; for 0 (none) all is zero. */
struct cl_memory_plan cl_memory_plan(uint64_t limit);

/* Three quarters of the machine's memory, at least CL_MEMORY_LEAST; 0 where it is not known. */
uint64_t cl_memory_default(void);

#endif
