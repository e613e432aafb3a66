/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_SAVE_H
#define CL_CAPTURE_SAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/frame.h"

/* Octets that a ring takes at least. */
#define CL_SAVE_LEAST 1048576u

struct cl_save_options {
	uint64_t bytes;		       /* of all files together at most; CL_SAVE_LEAST or more */
	const char *const *interfaces; /* names, by the `file` of frames; borrowed */
	size_t interface_count;
	const char *filter; /* libpcap expression the frames passed; NULL: none. Borrowed */
	uint32_t snaplen;   /* of the capture; 0: all */
	bool wait;	    /* for the disk, if it is slow; default: frames are left out, and counted */
};

/* Sums since the opening. */
struct cl_save_counts {
	uint64_t saved;	 /* frames written */
	uint64_t missed; /* frames given and not written, for a slow disk or a failure */
	uint64_t files;	 /* in the folder now, with those of earlier runs */
	uint64_t bytes;	 /* of them */
	bool failing;	 /* since the last event of its */
};

/**
 * The last packets, in a folder: pcapng files "clientele-YYYYMMDDTHHMMSS.NNNNNNNNNZ.pcapng", named by the
 * time of their first packet in UTC, of an eighth of the octets each; the oldest gives way. Files of such
 * names that lie there count, whoever wrote them; no others are touched. Each ends with the interfaces'
 * statistics over its own stretch. A thread writes, 1 MiB at once, or what there is once a second of packet
 * time. Opaque; one thread uses it.
 */
struct cl_save;

/* NULL: one line of reason in `err`. The folder must be there. The caller closes. */
struct cl_save *cl_save_open(const char *dir, const struct cl_save_options *o, char *err, size_t size);

/* Takes copies of the frames. */
void cl_save_put(struct cl_save *s, const struct cl_frame *frames, size_t n);

/* What the kernel and the interface dropped since the capture began; goes into the statistics. */
void cl_save_drops(struct cl_save *s, size_t interface, uint64_t kernel, uint64_t by_interface);

/* Gives the writer what there is: for times without packets. */
void cl_save_flush(struct cl_save *s);

/* What happened to the writing, once each time: that it fails and why, that it goes again. False: nothing. */
bool cl_save_event(struct cl_save *s, char *text, size_t size);

void cl_save_counts(struct cl_save *s, struct cl_save_counts *out);

/* Ends the file, waits for the writer and frees; NULL is accepted. */
void cl_save_close(struct cl_save *s);

#endif
