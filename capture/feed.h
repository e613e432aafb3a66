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
#include "capture/run.h"
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

	struct cl_run *runs;	   /* head..tail-1, each modulo the ring's size: looked at, not yet given */
	uint32_t head, tail, mask; /* mask 0: no ring yet */
	int64_t newest;		   /* of the records looked at */
	bool opened, ended;	   /* ended: no more will come */
	char error[CL_ERROR_SIZE];
};

/* Looks at the file's first record; keeps it open if `keep` or it cannot be opened again. */
void cl_feed_look(struct cl_feed *f, bool keep);

enum cl_feed_got {
	CL_FEED_RUN,  /* the last of the runs is new */
	CL_FEED_LATE, /* one frame that is older than the newest */
	CL_FEED_END,  /* the file is closed and what is known of it complete */
	CL_FEED_FULL  /* no memory: runs must go out before */
};

/* Looks at the next records, opening the file if need be. `ordered`: an older record is late, else it begins
 * a run. */
enum cl_feed_got cl_feed_read(struct cl_feed *f, bool ordered, struct cl_frame *late);

/* Whether the next look has to read on, which may wait for a pipe. */
bool cl_feed_waits(const struct cl_feed *f);

static inline bool cl_feed_empty(const struct cl_feed *f)
{
	return f->head == f->tail;
}

/* The run to be given next; there is one. */
static inline struct cl_run *cl_feed_run(const struct cl_feed *f)
{
	return &f->runs[f->head & f->mask];
}

/* The first run is cut to its end. */
static inline void cl_feed_next(struct cl_feed *f)
{
	f->head++;
}

/* Octets read from the file so far, before inflating. */
uint64_t cl_feed_raw(const struct cl_feed *f);

/* Ends the reading; what is still inside is released. */
void cl_feed_close(struct cl_feed *f);

#endif
