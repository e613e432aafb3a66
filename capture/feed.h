/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_FEED_H
#define CL_CAPTURE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/frame.h"
#include "capture/input.h"
#include "capture/rechash.h"
#include "capture/source.h"

/* One file of an input: looked at, then closed until its time comes, then read. */
struct cl_feed {
	struct cl_input_file *file; /* borrowed; filled while it is read */
	uint32_t index;		    /* in the order named */
	struct cl_pool *pool;	    /* borrowed */
	struct cl_source *source;   /* NULL: not opened yet, or no more */
	bool asked_hash;
	cl_secrets_fn secrets; /* NULL: not asked for */
	void *secrets_ctx;
	struct cl_rechash *hash;

	bool regular; /* a plain file, which can be opened again */
	dev_t dev;
	ino_t ino;
	uint64_t size, raw; /* octets of the file; read from it */

	bool has_record; /* the first record, as seen at the look */
	int64_t first_ns;
	uint32_t first_lengths[2];
	uint64_t first_hash[2];

	size_t at, n; /* frames at..n-1 are still to be given */
	struct cl_frame frames[CL_BATCH];
	char error[CL_ERROR_SIZE];
};

/* Looks at the file's first record; keeps it open if `keep` or it cannot be opened again. */
void cl_feed_look(struct cl_feed *f, bool keep);

/**
 * Brings frames at..n-1, opening the file if need be. False: there are no more; the file is closed and what
 * is known of it complete.
 */
bool cl_feed_fill(struct cl_feed *f);

/* Time of the next frame, or of the first record if the file is yet to be opened. */
int64_t cl_feed_time(const struct cl_feed *f);

/* Octets read from the file so far, before inflating. */
uint64_t cl_feed_raw(const struct cl_feed *f);

/* Ends the reading; frames still inside are released. */
void cl_feed_close(struct cl_feed *f);

#endif
