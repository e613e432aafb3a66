/* SPDX-License-Identifier: BSD-2-Clause */
/* Who decodes which TCP port, DNS apart. */
#include "dissect/tcp.h"

/* Rows as { port, &app }, by port. */
static const struct {
	uint16_t port;
	const struct cl_tcp_app *app;
} apps[] = {
	{ 123, &cl_tls_app },  { 443, &cl_tls_app },  { 853, &cl_tls_app },
	{ 4430, &cl_tls_app }, { 4460, &cl_tls_app },
};

const struct cl_tcp_app *cl_tcp_app_find(uint16_t port)
{
	for (unsigned i = 0; i < sizeof apps / sizeof *apps; i++)
		if (apps[i].port == port)
			return apps[i].app;
	return NULL;
}
