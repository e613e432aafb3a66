/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_RUN_H
#define CL_CAPTURE_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "capture/block.h"
#include "capture/frame.h"
#include "capture/octets.h"
#include "capture/source.h"

/**
 * Records of one block, one behind the other and none older than the one before: what a source has looked at
 * and nobody has cut into frames yet. It holds `n` frames of its block (block.h). A record is as the source
 * left it (cl_record_put), the same for all formats, so a run can be cut when its source is closed.
 */
struct cl_run {
	struct cl_block *block;
	const uint8_t *at; /* the next record */
	uint64_t number;   /* its number */
	int64_t last_ns;   /* time of the last one */
	uint64_t octets;   /* on the wire, of all when the source gave it */
	uint64_t kept;	   /* by the capture */
	uint32_t n;	   /* records from `at` on */
	uint32_t file;
	uint16_t linktype;
	bool dense; /* each record begins where the one before ends */
};

/*
 * A record in its block: time, octets kept with the distance to the next record above them, octets on the
 * wire, little-endian; then the packet. Without distance these are the octets that a file's hash is over.
 */
#define CL_RECORD_HEAD	   16u
#define CL_RECORD_KEPT	   0x7ffffu /* CL_RECORD_MAX fits */
#define CL_RECORD_GAP_BIT  19u
#define CL_RECORD_GAP_MOST 0x1fffu /* octets between a packet's end and the next record */

static inline void cl_record_put(uint8_t *p, int64_t time_ns, uint32_t kept_and_gap, uint32_t wire)
{
	cl_put64(p, (uint64_t)time_ns);
	cl_put32(p + 8, kept_and_gap);
	cl_put32(p + 12, wire);
}

static inline void cl_record_put_gap(uint8_t *p, uint32_t gap)
{
	cl_put32(p + 8, cl_get32(p + 8, CL_BIG_ENDIAN) | gap << CL_RECORD_GAP_BIT);
}

static inline int64_t cl_run_time(const struct cl_run *run)
{
	return (int64_t)cl_get64(run->at, CL_BIG_ENDIAN);
}

/* Cuts up to `max` frames, which take over the run's hold of the block. */
size_t cl_run_cut(struct cl_run *run, struct cl_frame *out, size_t max);

/* The same for frames not younger than `until_ns`, and only until those cut weigh `enough` (CL_FRAME_WEIGHT).
 */
size_t cl_run_cut_until(struct cl_run *run, struct cl_frame *out, size_t max, int64_t until_ns,
			uint64_t enough);

/* What a frame that is held counts as, beside its octets. */
#define CL_FRAME_WEIGHT sizeof(struct cl_frame)

#endif
