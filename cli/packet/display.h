/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_DISPLAY_H
#define CL_CLI_DISPLAY_H

#include "capture/input.h"
#include "cli/packet/dissect.h"

/**
 * Writes packets to standard output, in the order they are given. On a thread of its own, if one is to be
 * had: the caller decodes while the display turns into text what came before. The octets are the same.
 * Opaque.
 */
struct cl_display;

enum cl_display_form { CL_DISPLAY_LINE, CL_DISPLAY_TREE, CL_DISPLAY_JSON };

/* `threaded`: with a thread of its own. NULL when memory is short. */
struct cl_display *cl_display_new(enum cl_display_form form, bool threaded);

/* Names files in JSON (borrowed), if there is more than one. */
void cl_display_files(struct cl_display *s, const struct cl_input_file *files, size_t n);

/* Takes a copy of a packet; blocks while the display is far behind. */
void cl_display_take(struct cl_display *s, const struct cl_frame *f, const struct cl_detail *d);

/* What was taken is written soon, though no more may come for a while. Else it is when there is enough. */
void cl_display_flush(struct cl_display *s);

/* More is of no use: it cannot be written, or memory was short. */
bool cl_display_failed(const struct cl_display *s);

/* Waits until all is written, says on standard error what went wrong, and frees; NULL is accepted. False:
 * something is missing. */
bool cl_display_finish(struct cl_display *s);

#endif
