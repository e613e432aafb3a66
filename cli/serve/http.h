/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_HTTP_H
#define CL_CLI_HTTP_H

#include <netinet/in.h>

#include "cli/options.h"

/* Names of this machine that a request may call it by, beside addresses and "localhost". */
#define CL_HTTP_NAMES 16u

struct cl_http_config {
	struct sockaddr_storage listen; /* port 0: one that is free */
	socklen_t listen_size;
	char *names[CL_HTTP_NAMES]; /* borrowed */
	size_t nnames;
	const struct cl_options *options; /* what answers are made with */
};

/* Serves until SIGTERM or SIGINT. The exit status; CL_EXIT_FAILED after a line on standard error. */
int cl_http_serve(const struct cl_http_config *config);

#endif
