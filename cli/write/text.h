/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_TEXT_H
#define CL_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many octets the escaped form of one octet takes at most. */
#define CL_TEXT_GROWTH 4

/**
 * The first character of `left` octets of UTF-8 (RFC 3629) and the octets it takes; 0 if they do not begin
 * with a well-formed character.
 */
size_t cl_text_rune(const char *s, size_t left, uint32_t *rune);

/* Whether a terminal would obey the character instead of showing it: controls, line and direction marks. */
bool cl_text_unsafe(uint32_t rune);

/**
 * Copies the `len` octets of `s` with a NUL behind, octets of unsafe characters and of what is not UTF-8 as
 * \xNN. `out` has room for CL_TEXT_GROWTH * len + 1. Returns the octets written without the NUL; `*columns`,
 * if not NULL, is the characters they show as.
 */
size_t cl_text_escape(char *out, const char *s, size_t len, size_t *columns);

#endif
