/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_CAPTURE_OPTIONS_H
#define CL_CLI_LIVE_CAPTURE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/live/sandbox.h"
#include "cli/options.h"

/* Interfaces that one service listens on at most. */
#define CL_CAPTURE_INTERFACES_MAX 16

/* What the options that `clientele capture` alone has say. Texts are borrowed from argv. */
struct cl_capture_options {
	struct cl_sandbox_options sandbox;	     /* first: its rows set it */
	char *interfaces[CL_CAPTURE_INTERFACES_MAX]; /* owned, each once */
	size_t ninterfaces;
	bool list;	  /* only say which interfaces there are */
	uint64_t buffer;  /* octets, of each interface in the kernel; 0: the default */
	uint32_t snaplen; /* octets; 0: all */
	bool no_promiscuous, immediate;
	const char *timestamp; /* libpcap's name of the clock; NULL: the best there is */
	uint32_t commit_s;     /* 10 */
	bool keep_transactions;
	uint32_t keep_days, keep_months; /* how long rows stay; both 0: for ever */
	bool rotate;			 /* a file for each month */
	const char *save;		 /* a folder for the last packets, or NULL */
	uint64_t save_bytes;		 /* 0: not said */
	const char *replay;		 /* a capture to read as if it came in, or NULL */
	uint32_t rate;			 /* its packets a second; 0: as fast as it goes */
};

/* The options' rows (cl_command.own), and what they set. */
#define CL_CAPTURE_ROWS 19
extern const struct cl_own_option cl_capture_rows[CL_CAPTURE_ROWS];
extern struct cl_capture_options cl_capture_kept;

#endif
