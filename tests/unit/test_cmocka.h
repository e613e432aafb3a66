/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_TEST_CMOCKA_H
#define CL_TESTS_UNIT_TEST_CMOCKA_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
