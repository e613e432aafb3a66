/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_LIVE_DEVICE_H
#define CL_CAPTURE_LIVE_DEVICE_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/live.h"

/* Milliseconds after which the kernel gives out a block of its ring that is not full. */
#define CL_LIVE_RETIRE_MS 20

/* What came of opening an interface; the texts are empty if there is nothing to say. */
struct cl_live_opened {
	enum cl_live_state state; /* CL_LIVE_GONE: not opened, `error` says why */
	bool absent;		  /* of CL_LIVE_GONE: there is none of that name, or it is down */
	bool denied;
	bool filtered;
	uint16_t linktype;
	unsigned index; /* the system's; 0: it is none of its interfaces ("any") */
	char clock[CL_LIVE_NAME];
	char no_filter[CL_ERROR_SIZE], other_clock[CL_ERROR_SIZE];
	char error[CL_ERROR_SIZE];
};

/* Opens an interface for non-blocking reads, and filters; NULL if it cannot be. */
pcap_t *cl_live_device_open(const char *interface, const struct cl_live_options *o,
			    struct cl_live_opened *out);

/* Whether the interface that was opened with this index is up, down or not there any more. */
enum cl_live_state cl_live_device_state(pcap_t *p, const char *interface, unsigned index);

/* Sums of a handle's counters, which have 32 bits and are zero when it is opened. */
struct cl_live_sums {
	uint64_t dropped_kernel, dropped_interface;
	uint32_t last_kernel, last_interface; /* of the handle that is open */
};

/* Adds what was counted since the last time. */
void cl_live_sums_add(struct cl_live_sums *s, uint32_t kernel, uint32_t interface);

/* A new handle begins to count. */
void cl_live_sums_reopened(struct cl_live_sums *s);

#endif
