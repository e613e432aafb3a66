/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_FRAME_H
#define CL_CAPTURE_FRAME_H

#include <stdint.h>

struct cl_block;

/* Flags of a frame. */
#define CL_FF_OUT_OF_ORDER 0x01u /* older than what the reorder buffer could mend: totals, not series */
#define CL_FF_WIDENED	   0x02u /* a fragment that the filter did not pass: it goes by its datagram's others */

/**
 * One captured frame. `data` borrows from `block`; both stay valid until the batch that holds
 * the frame is released (the next cl_input_next). `linktype` is a LINKTYPE_ value as files carry it.
 */
struct cl_frame {
	int64_t time_ns;     /* since 1970-01-01 UTC; may be negative */
	uint64_t number;     /* 1 for the first frame of its file, as Wireshark counts */
	const uint8_t *data; /* cap_len octets */
	struct cl_block *block;
	uint32_t cap_len;  /* kept by the capture */
	uint32_t wire_len; /* on the wire, without frame check sequence unless the capture holds it */
	uint32_t file;	   /* index into cl_input_files() */
	uint16_t linktype;
	uint16_t flags; /* CL_FF_ */
};

#endif
