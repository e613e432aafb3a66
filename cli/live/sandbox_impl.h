/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_SANDBOX_IMPL_H
#define CL_CLI_LIVE_SANDBOX_IMPL_H

#include <stdint.h>

#include "cli/live/sandbox.h"

/* Layers of the sandbox; used by sandbox.c alone. */

/* What leak and race detection of sanitizer builds needs beyond the service: stopping its own threads and
 * reading its own memory map. */
#if defined(__SANITIZE_ADDRESS__)
#define CL_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CL_SANITIZED 1
#endif
#endif
#ifndef CL_SANITIZED
#define CL_SANITIZED 0
#endif

/* The folder of a path, itself if it is one. False: longer than `size`. */
bool cl_sandbox_folder(char *folder, size_t size, const char *path);

/**
 * A ruleset for Landlock, as a file descriptor for landlock_restrict_self. -1: an error was said; -2: this
 * kernel has none. `*version` is the kernel's (ABI).
 */
int cl_landlock_ruleset(const struct cl_sandbox_plan *plan, int *version);

/* Loads the filter of system calls into all threads. 0, -1: an error was said, -2: not built in or not in
 * the kernel. */
int cl_seccomp_load(const struct cl_sandbox_plan *plan);

/* Gives up all capabilities but these (bits 1 << CAP_...), for good. False: an error was said. */
bool cl_sandbox_capabilities(uint64_t keep);

/* Bits of capabilities (1 << CAP_...) that a plan needs while it opens devices, and when it runs. */
#define CL_CAPS_OPENING(plan)	 ((plan)->devices ? 1ull << CAP_NET_RAW | 1ull << CAP_NET_ADMIN : 0ull)
#define CL_CAPS_RUNNING(plan, o) ((plan)->devices && !(o)->no_reopen ? 1ull << CAP_NET_RAW : 0ull)

#endif
