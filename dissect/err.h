/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_ERR_H
#define CL_DISSECT_ERR_H

/* Every error of the library with its text; expanded here and in err.c. */
#define CL_ERRORS(X)                                                                                         \
	X(CL_OK, "no error")                                                                                 \
	X(CL_ETRUNC, "cut short by the capture's snapshot length")                                           \
	X(CL_EMALF, "contradicts itself")                                                                    \
	X(CL_ENOMEM, "out of memory")                                                                        \
	X(CL_EINVAL, "invalid argument")                                                                     \
	X(CL_ELIMIT, "a limit was reached")                                                                  \
	X(CL_EIO, "input or output failed")

enum cl_err {
#define X(name, text) name,
	CL_ERRORS(X)
#undef X
};

/* The text of an error; never NULL. */
const char *cl_err_text(enum cl_err err);

#endif
