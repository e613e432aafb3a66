/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_REORDER_H
#define CL_CAPTURE_REORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/block.h"
#include "capture/feed.h"
#include "capture/input.h"
#include "capture/late.h"
#include "capture/queue.h"

/* Packet time a frame may come late by and still be put in its place. */
#define CL_REORDER_NS 1000000000

/* Octets of frames (CL_FRAME_WEIGHT and what was kept of the packet) held at most. */
#define CL_REORDER_HELD (32u * 1024 * 1024)

/* Frames to be given out, and the blocks that they lie in. */
struct cl_batch {
	size_t n, nholds;
	struct cl_frame frames[CL_BATCH];
	struct {
		struct cl_block *block;
		uint32_t n;
	} holds[CL_BATCH];
};

void cl_batch_release(struct cl_batch *b);

/**
 * Several files in one order of time. The files' records wait as runs in their blocks, late frames in a heap;
 * a frame goes out when the newest seen is 1 s younger or too much is held, and is cut only then. Of frames
 * as old the first named file's goes first, those that came late behind. What goes out depends on the frames
 * alone, unless too much is held of several files. A frame older than one that is out gets CL_FF_OUT_OF_ORDER
 * and goes out next.
 */
struct cl_reorder {
	struct cl_queue reading; /* files that have not ended, by the newest record looked at */
	struct cl_queue giving;	 /* files with runs, by the next record */
	struct cl_late_heap late;
	int64_t last;  /* the newest time given */
	uint64_t held; /* weight of the frames looked at and not given */
	bool off, short_of_memory;
	size_t most;	 /* octets held at most: CL_REORDER_HELD unless set to less */
	int64_t late_ns; /* CL_REORDER_NS unless set */
	const struct cl_pool *pool;
	struct cl_input_file *files; /* counts out_of_order */
};

/* `off`: frames go out in the order of their file. Borrows `pool` and `files`. False: no memory. */
bool cl_reorder_init(struct cl_reorder *r, size_t n, const struct cl_pool *pool, struct cl_input_file *files,
		     bool off);

/* A file that has a record, looked at. Borrowed. */
void cl_reorder_add(struct cl_reorder *r, struct cl_feed *f);

/* Adds to the batch what is to go out now, as far as there is room. */
void cl_reorder_give(struct cl_reorder *r, struct cl_batch *b);

/* Looks at more records, after cl_reorder_give had room to spare. False: there are none, all has gone out. */
bool cl_reorder_read(struct cl_reorder *r);

/* The file to look at next, which all others wait for; NULL: all have ended. */
struct cl_feed *cl_reorder_next(const struct cl_reorder *r);

/* That file gives nothing older than this any more. */
void cl_reorder_pass(struct cl_reorder *r, int64_t time_ns);

/* Whether the next look has to read on, which may wait for a pipe. */
bool cl_reorder_waits(const struct cl_reorder *r);

/* Releases the late frames and frees; the runs are their feeds'. */
void cl_reorder_free(struct cl_reorder *r);

#endif
