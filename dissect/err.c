/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/err.h"

#include <stddef.h>

const char *cl_err_text(enum cl_err err)
{
	static const char *const texts[] = {
#define X(name, text) text,
		CL_ERRORS(X)
#undef X
	};
	return (size_t)err < sizeof texts / sizeof *texts ? texts[err] : "unknown error";
}
