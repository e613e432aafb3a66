/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_INPUT_H
#define CL_CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/frame.h"
#include "capture/source.h"

/* Frames a batch holds at most. */
#define CL_BATCH 64

/* What is known of one file of an input. */
struct cl_input_file {
	const char *path;	   /* as the user named it; "-" is standard input */
	uint64_t packets;	   /* records read so far */
	uint64_t bytes;		   /* of packets, on the wire */
	int64_t first_ns, last_ns; /* smallest and largest time stamp; valid if packets > 0 */
	bool damaged;		   /* ends or breaks before its end: the reason is in `error` */
	bool duplicate;	   /* the same records as an earlier file of this input; not read, not `opened` */
	bool opened;	   /* it is a capture and is read, at least in part */
	uint16_t linktype; /* of its packets (LINKTYPE_), if all have the same; valid if packets > 0 */
	bool linktypes;	   /* they have several */
	uint64_t dropped_kernel;    /* from pcapng interface statistics blocks: isb_osdrop */
	uint64_t dropped_interface; /* isb_ifdrop */
	uint64_t out_of_order;	    /* frames flagged CL_FF_OUT_OF_ORDER */
	uint64_t hash[2];	    /* 128 bits over the records read (time, lengths, octets); if asked for */
	const char *error;	    /* NULL, or why it is damaged or was not opened: one line, no newline */
};

struct cl_input_opts {
	bool hash;	 /* compute the files' hashes */
	size_t held;	 /* octets of frames that wait for earlier ones; 0: 32 MiB */
	bool no_reorder; /* frames in the order of the file */
	cl_secrets_fn
		secrets; /* takes TLS secrets that are in the files, perhaps more than once; may be NULL */
	void *secrets_ctx;
};

/* A few capture files (or standard input) as one capture in time order. Opaque. */
struct cl_input;

/**
 * Opens the captures at `paths` (borrowed until cl_input_close). Looks at each file's first octets and
 * first record, whatever its name; files that are none are kept with their `error`.
 * Returns NULL only when memory is short. The caller closes.
 */
struct cl_input *cl_input_open(const char *const *paths, size_t n, const struct cl_input_opts *opts);

/**
 * Releases the batch given before and gives the next: at most CL_BATCH frames in time order, ties in
 * the order of the files and in them. 0: the end. `*frames` is an array owned by the input.
 */
size_t cl_input_next(struct cl_input *in, const struct cl_frame **frames);

/* The time stamp of the first record of file `i`. False if it has none, or is a duplicate. */
bool cl_input_first(const struct cl_input *in, size_t i, int64_t *first_ns);

/* The files in the order named; the array is owned by the input and filled while it is read. */
const struct cl_input_file *cl_input_files(const struct cl_input *in, size_t *n);

/* Octets read from the files and their sum if it is known, else 0: for a progress bar. */
void cl_input_progress(const struct cl_input *in, uint64_t *done, uint64_t *total);

/* Closes all and frees; NULL is accepted. */
void cl_input_close(struct cl_input *in);

/* What the first octets of a file say it is. */
enum cl_file_kind {
	CL_FILE_CAPTURE,    /* pcap or pcapng, perhaps compressed; or a pipe, which is not looked into */
	CL_FILE_SQLITE,	    /* an SQLite database */
	CL_FILE_UNKNOWN,    /* neither */
	CL_FILE_UNREADABLE, /* cannot be opened or read (errno is set), or is a directory */
	CL_FILE_EMPTY
};
enum cl_file_kind cl_file_kind(const char *path);

/**
 * The 128-bit hash over a whole file's records (as cl_input_file.hash), its record count and its first and
 * last time stamps, by reading it once. False if it is no readable capture.
 */
bool cl_file_hash(const char *path, struct cl_input_file *out);

/* The time stamp of a plain file's first record. False if it has none. */
bool cl_file_first(const char *path, int64_t *first_ns);

#endif
