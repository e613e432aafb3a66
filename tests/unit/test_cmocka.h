/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_TEST_CMOCKA_H
#define CL_TESTS_UNIT_TEST_CMOCKA_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

/* Says that a test has nothing to do here; cmocka's own skip() ends as a failure in TAP. */
static inline void left_out(const char *why)
{
	printf("# left out: %s\n", why);
}

#endif
