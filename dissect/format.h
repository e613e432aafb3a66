/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_FORMAT_H
#define CL_DISSECT_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/**
 * Writes a text to `room` of `size` octets (1 or more), ended by 0; what is too long for it is left out. The
 * octets it has, without the 0. Of printf's conversions there are %s (NULL: nothing), %.*s, %u, %x and %0Nx
 * with one digit.
 */
size_t cl_format(char *room, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t cl_format_args(char *room, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

#endif
