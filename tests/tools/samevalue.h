/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_TOOLS_SAMEVALUE_H
#define CL_TESTS_TOOLS_SAMEVALUE_H

#include <stdbool.h>

/* Whether two values of a field are the same, whatever their notation: `ours` of `clientele dissect --json`,
 * without quotes, `theirs` of `tshark -T fields`. `type` is Wireshark's (FT_...), or NULL: not known. */
bool same_value(const char *type, const char *ours, const char *theirs);

/* Whether a value of ours is the object of an NTP stamp. */
bool is_stamp(const char *ours);

#endif
