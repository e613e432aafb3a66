/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_TAP_H
#define CL_CAPTURE_TAP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/block.h"
#include "capture/feed.h"
#include "capture/live.h"
#include "capture/live_clock.h"
#include "capture/live_device.h"
#include "capture/run.h"

/* Blocks that lie between the thread of an interface and who reads it, at most; then the kernel's ring fills.
 */
#define CL_TAP_BLOCKS 32u

#define CL_TAP_MESSAGES 256u /* a power of two */
#define CL_TAP_EVENTS	64u

/* What a thread tells, in its order. */
struct cl_tap_message {
	enum { CL_TAP_RUN, CL_TAP_LEFT, CL_TAP_PASS } what;
	struct cl_run run;	/* RUN */
	struct cl_block *block; /* LEFT: no more runs of it will come */
	int64_t pass_ns;	/* PASS: no frame older than this will come in order */
};

/* What all interfaces of a capture share. */
struct cl_tap_hub {
	pthread_mutex_t lock;
	pthread_cond_t news;  /* for the reader; the system's monotonic clock */
	atomic_bool stopping; /* no more than what is there */
	atomic_bool closing;  /* nothing more */
	int wake;	      /* eventfd: readable once one of them is set */
	uint32_t taps;
	struct cl_live_event events[CL_TAP_EVENTS];
	uint32_t first_event, event_count;
};

/* An interface: its handle, the thread that takes its frames, and what lies between it and the reader. */
struct cl_tap {
	const char *interface;
	const struct cl_live_options *options;
	struct cl_tap_hub *hub;
	uint32_t index;
	pthread_t thread;
	bool running;

	/* the thread's own */
	pcap_t *handle; /* NULL: gone */
	struct cl_live_opened opened;
	struct cl_block *block; /* filled up to `used`; may be NULL */
	size_t used;
	struct cl_run run; /* being made; n 0: none */
	uint64_t number, bytes, openings;
	int64_t newest;	   /* time of the last frame */
	int64_t offset_ns; /* of the capture clock before the system's, if it is another */
	struct cl_live_clock clock;
	struct cl_live_sums sums;
	int64_t tick_ns, stop_ns, stop_clock_ns; /* monotonic; when the stop was seen, by both clocks */
	bool told_error;			 /* why it cannot be opened */

	/* under hub->lock */
	pthread_cond_t room; /* a block or a message's place came free */
	struct cl_tap_message messages[CL_TAP_MESSAGES];
	uint32_t head, tail;
	struct cl_block *empty[CL_TAP_BLOCKS];
	uint32_t empty_count, out; /* `out`: blocks with the thread and in the messages */
	bool ended;
	struct cl_live_counts counts;

	/* the reader's */
	struct cl_feed feed;
	struct cl_run next; /* n 0: none */
	int64_t pass_ns;
};

/* Begins the thread of an opened tap. False if the system has none to give. */
bool cl_tap_start(struct cl_tap *t);

/* Says what happened. The lock is not held. */
void cl_tap_tell(struct cl_tap *t, enum cl_live_what what, int64_t step_ns, const char *text);

/* Opens the interface and tells of it; false if it cannot be. */
bool cl_tap_open(struct cl_tap *t);

/* The reader: takes messages up to the next run. Returns what there is: a run or the end to be read, a pass
 * time that is new, or nothing. */
enum cl_tap_got { CL_TAP_NOTHING, CL_TAP_SOMETHING, CL_TAP_PASSED };
enum cl_tap_got cl_tap_look(struct cl_tap *t, int64_t newest);

/* The run that cl_tap_look found; NULL: the end. */
struct cl_run *cl_tap_run(struct cl_tap *t);

/* All of it is taken; or only its first record: `run` becomes that. */
void cl_tap_taken(struct cl_tap *t);
void cl_tap_cut(struct cl_tap *t, struct cl_run *run);

/* Gives the thread blocks to fill, as many as are its due. */
void cl_tap_supply(struct cl_tap *t, struct cl_pool *pool);

/* Waits for the thread's end, and gives back all that it had. */
void cl_tap_close(struct cl_tap *t);

#endif
