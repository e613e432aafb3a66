/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_LIVE_H
#define CL_CAPTURE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/frame.h"
#include "capture/input.h"

/* Interfaces that are captured on at once, at most. */
#define CL_LIVE_INTERFACES 32

/* Octets of an interface's name, link type's name, clock's name, with the final NUL. */
#define CL_LIVE_NAME 32

/* Octets of the kernel's ring for each interface, unless asked for others. */
#define CL_LIVE_BUFFER (64u * 1024 * 1024)

/* Packet time a frame may come late by and still be put in its place. Frames of one interface come in order
 * but for those that two processors took at once; this long each waits. */
#define CL_LIVE_LATE_NS 20000000

/* Zero in a member asks for the default. What it points to is borrowed until the close. */
struct cl_live_options {
	size_t buffer;	  /* octets of the kernel's ring for each interface */
	uint32_t snaplen; /* octets kept of each packet; default: all */
	bool immediate;	  /* each packet at once (TPACKET_V2): for a trickle, not for a load */
	bool not_promiscuous;
	const char *clock;  /* time stamp type, as libpcap names it ("host", "adapter", "adapter_unsynced");
			       default: "adapter" where the interface has it, else "host" */
	const char *filter; /* libpcap expression; NULL: none. Frames that do not pass may still come */
	/* Service ports and tunnels' ports; the kernel keeps what cannot be theirs. NULL: it keeps nothing.
	 */
	const uint16_t *udp_ports, *tcp_ports;
	size_t udp_port_count, tcp_port_count;
	bool may_be_absent; /* an interface that is not there is waited for; default: an error */
	size_t held;	    /* octets of frames that wait for earlier ones */
};

enum cl_live_state {
	CL_LIVE_UP,
	CL_LIVE_DOWN, /* there, but taken down or without a carrier */
	CL_LIVE_GONE  /* not there, or cannot be opened; tried again once a second */
};

/* What happened, once each time. */
enum cl_live_what {
	CL_LIVE_CAME_UP, /* opened, or up again; `text`: link type */
	CL_LIVE_WENT_DOWN,
	CL_LIVE_WENT_AWAY,     /* `text`: why */
	CL_LIVE_CANNOT_OPEN,   /* it is there and cannot be opened (again); `text`: why */
	CL_LIVE_NO_FILTER,     /* the kernel keeps nothing from us; `text`: why */
	CL_LIVE_CLOCK_STEPPED, /* the capture clock was set; `step_ns`: by about so much */
	CL_LIVE_CLOCK_OTHER    /* time stamps are not of the type asked for; `text`: of which */
};

struct cl_live_event {
	enum cl_live_what what;
	uint32_t interface; /* index, as frames have it in `file` */
	int64_t time_ns;    /* of the system's clock */
	int64_t step_ns;
	char text[CL_ERROR_SIZE];
};

/* One interface. Sums run on over reopening. */
struct cl_live_counts {
	const char *interface;
	uint64_t received;	    /* frames that came to us */
	uint64_t bytes;		    /* of them, on the wire */
	uint64_t dropped_kernel;    /* passed the filter and found no room in the kernel's ring (ps_drop) */
	uint64_t dropped_interface; /* lost before the kernel saw them, as the interface tells (ps_ifdrop) */
	uint64_t out_of_order;	    /* flagged CL_FF_OUT_OF_ORDER */
	uint64_t opened;	    /* how often */
	enum cl_live_state state;
	uint16_t linktype; /* LINKTYPE_ value, of the last opening */
	bool filtered;	   /* in the kernel */
	char clock[CL_LIVE_NAME];
};

/**
 * Interfaces as one capture in time order. One thread uses it; a thread for each interface takes frames from
 * the kernel's ring. Opaque.
 */
struct cl_live;

/**
 * Opens interfaces, which begin to capture at once (names borrowed until the close). Threads begin with the
 * first cl_live_next: what takes rights away belongs between. NULL: one line of reason in `err` (of `size`
 * octets). To open again an interface that came back as another one CAP_NET_RAW is needed, and /sys/class/net
 * readable for what the interface dropped. The caller closes.
 */
struct cl_live *cl_live_open(const char *const *interfaces, size_t n, const struct cl_live_options *o,
			     char *err, size_t size);

/**
 * Releases the batch given before and gives the next: at most CL_BATCH frames in time order; their `file` is
 * the interface's index. 0: nothing came for about 100 ms, or all has come after cl_live_stop.
 */
size_t cl_live_next(struct cl_live *l, const struct cl_frame **frames);

/* No more frames than those that were there until now. Safe in a signal handler. */
void cl_live_stop(struct cl_live *l);

/* Whether all has come after cl_live_stop. */
bool cl_live_ended(const struct cl_live *l);

/* How far the capture clock has come: no frame older than this will come in order. INT64_MIN: not known. */
int64_t cl_live_clock_ns(const struct cl_live *l);

/* The next of what happened; false if there is no more. Of many at once the middle is left out. */
bool cl_live_event(struct cl_live *l, struct cl_live_event *out);

/* The counts of interface `i` < n, not older than a second; exact when all has come. */
void cl_live_counts(struct cl_live *l, size_t i, struct cl_live_counts *out);

size_t cl_live_interfaces(const struct cl_live *l);

/* Ends the threads, closes and frees; NULL is accepted. */
void cl_live_close(struct cl_live *l);

#endif
