/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_DISSECT_H
#define CL_CLI_DISSECT_H

#include "cli/options.h"
#include "cli/write/out.h"
#include "dissect/dissect.h"

/* A line a packet: number, time, from whom to whom, protocol, length, what it says, its fate, anomalies. */
void cl_show_line(struct cl_out *out, const struct cl_frame *f, const struct cl_detail *d);

/* All of a packet for people: a paragraph. Opaque: keeps the words before values. */
struct cl_show_tree;

/* NULL when memory is short. */
struct cl_show_tree *cl_show_tree_new(void);
void cl_show_tree_free(struct cl_show_tree *t);
void cl_show_tree(struct cl_show_tree *t, struct cl_out *out, const struct cl_frame *f,
		  const struct cl_detail *d);

/* All of a packet as one JSON object and a newline (clientele(1), DISSECTION). Opaque: knows the names it
 * met. */
struct cl_show_json;

/* NULL when memory is short. */
struct cl_show_json *cl_show_json_new(void);
void cl_show_json_free(struct cl_show_json *j);

/* `file`: its path, or NULL to leave it out. False: memory was short, and nothing was written. */
bool cl_show_json(struct cl_show_json *j, struct cl_out *out, const struct cl_frame *f,
		  const struct cl_detail *d, const char *file);

/* A name that two descriptions have, of those met so far; NULL: each name has one. For tests. */
const char *cl_show_json_clash(const struct cl_show_json *j);

/* A value for people: with the value's name, units, and what a terminal would obey made harmless. */
void cl_show_value(struct cl_out *out, const struct cl_attr *a, int64_t frame_ns);

/* The time of a raw NTP stamp near that of its frame (RFC 5905 sec. 6); false for "unknown". */
bool cl_show_ntp_time(uint64_t stamp, int64_t frame_ns, int64_t *ns);

/* Why a packet was not decoded, in words; only of one whose fate is that. */
void cl_show_reason(struct cl_out *out, const struct cl_detail *d);

#endif
