/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_SOURCE_H
#define CL_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/block.h"
#include "capture/frame.h"

/* The octets of a record a capture may keep, as libpcap has it: more is damage. */
#define CL_RECORD_MAX 262144u

/* Room for one line of reason. */
#define CL_ERROR_SIZE 160

/* One capture file, record by record in its own order. Opaque. */
struct cl_source;

/**
 * Opens the capture at `path` ("-": standard input); frames borrow from blocks of `pool` and carry `file`.
 * NULL if it is none: one line of reason in `err` (of `size` octets). The caller closes.
 */
struct cl_source *cl_source_open(const char *path, struct cl_pool *pool, uint32_t file, char *err,
				 size_t size);

/* The same over `n` octets at `p`, borrowed until the close. */
struct cl_source *cl_source_open_memory(const uint8_t *p, size_t n, struct cl_pool *pool, uint32_t file,
					char *err, size_t size);

struct cl_run;
struct cl_tap;

/* What an interface gives (tap.h), borrowed; NULL when memory is short. It ends when the tap does. */
struct cl_source *cl_source_tap(struct cl_tap *tap, uint32_t file);

/**
 * Looks at up to `max` records, none older than the one before, and gives them as a run; a record older than
 * `newest` comes alone. False: the end, or damage, if cl_source_error says so. Reads on, and may wait for a
 * pipe, if what was read before is used up. Each frame of the run is to be released once. A pcapng simple
 * packet has no time: it gets that of the packet before it in its section, the first one 1970-01-01.
 */
bool cl_source_scout(struct cl_source *s, struct cl_run *run, size_t max, int64_t newest);

/* Whether what was read is used up, but for part of a record. */
bool cl_source_dry(const struct cl_source *s);

/**
 * A run of up to `max` frames, cut. Fewer: what was read is used up, the next call reads on, and may wait for
 * a pipe. 0: the end, or damage, if cl_source_error says so. Each frame is to be released once.
 */
size_t cl_source_next(struct cl_source *s, struct cl_frame *out, size_t max);

/**
 * Takes the secrets of a pcapng decryption secrets block (`type` CL_SECRETS_TLS: lines of a TLS key log) as
 * they are met, before the packets behind them; borrowed until it returns.
 */
typedef void (*cl_secrets_fn)(void *ctx, uint32_t type, const uint8_t *octets, size_t n);
#define CL_SECRETS_TLS 0x544c534bu

/* Hands over secrets from now on; without it these blocks are passed over. */
void cl_source_secrets(struct cl_source *s, cl_secrets_fn fn, void *ctx);

/* NULL, or what ended the records before the file's end; owned by `s`. */
const char *cl_source_error(const struct cl_source *s);

/* Sums of the interface statistics blocks' last isb_osdrop and isb_ifdrop so far. */
void cl_source_drops(const struct cl_source *s, uint64_t *kernel, uint64_t *interface);

/* Octets taken from the file so far, before inflating. */
uint64_t cl_source_raw(const struct cl_source *s);

/* Closes and frees; frames not yet released stay valid. NULL is accepted. */
void cl_source_close(struct cl_source *s);

#endif
