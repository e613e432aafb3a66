/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_FUZZ_FUZZ_H
#define CL_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer, or standalone.c, calls with each input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
