/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_INTERFACES_H
#define CL_CAPTURE_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>

/* Link types, or types of time stamps, of one interface. */
#define CL_INTERFACE_TYPES 16

/* An interface that packets can be captured on; borrowed until the receiver returns. */
struct cl_interface {
	const char *name;
	const char *description; /* or NULL */
	bool up;
	const char *link[CL_INTERFACE_TYPES]; /* libpcap's names, the one it has first; none where it may not
						 be opened */
	size_t links;
	const char *clock[CL_INTERFACE_TYPES]; /* types of time stamps: libpcap's names; none: "host" alone */
	size_t clocks;
};
typedef void (*cl_interface_fn)(void *ctx, const struct cl_interface *i);

/* Tells of each interface. False: `err` (of `size` octets) says why they are not known. */
bool cl_interfaces_each(cl_interface_fn fn, void *ctx, char *err, size_t size);

#endif
