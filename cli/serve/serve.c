/* SPDX-License-Identifier: BSD-2-Clause */
/* The command `serve`: its options. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/serve/http.h"
#include "cli/serve/months.h"
#include "cli/serve/reply.h"
#include "cli/session.h"
#include "stats/store/store.h"

#define PORT 12353 /* NTP's and DNS's one after the other */

static struct {
	struct cl_http_config http;
	bool listen;
	const char *print; /* a path */
} serve;

static void listen_on(const struct cl_addr *a, uint16_t port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&serve.http.listen;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&serve.http.listen;

	memset(&serve.http.listen, 0, sizeof serve.http.listen);
	if (cl_addr_is_v4(a)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, a->b + 12, 4);
		serve.http.listen_size = sizeof *v4;
	} else {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		memcpy(&v6->sin6_addr, a->b, 16);
		serve.http.listen_size = sizeof *v6;
	}
	serve.listen = true;
}

static const struct cl_addr *loopback(void)
{
	static struct cl_addr a;

	(void)cl_addr_parse("127.0.0.1", &a);
	return &a;
}

/* ADDRESS:PORT, [ADDRESS]:PORT or PORT. */
static const char *set_listen(void *kept, const char *value)
{
	static const char needs[] = "needs ADDRESS:PORT such as 127.0.0.1:12353 or [::1]:12353";
	const char *colon = strrchr(value, ':'), *port = colon != NULL ? colon + 1 : value;
	size_t n = colon != NULL ? (size_t)(colon - value) : 0;
	struct cl_addr a = *loopback();
	char text[CL_ADDR_STRLEN + 2], *end;
	unsigned long number = strtoul(port, &end, 10);

	(void)kept;
	if (port[0] < '0' || port[0] > '9' || *end != '\0' || number > UINT16_MAX || n >= sizeof text)
		return needs;
	memcpy(text, value, n);
	text[n] = '\0';
	bool brackets = n > 2 && text[0] == '[' && text[n - 1] == ']';
	if (brackets)
		text[n - 1] = '\0';
	if (colon != NULL && !cl_addr_parse(text + brackets, &a))
		return needs;
	if (colon != NULL && brackets == cl_addr_is_v4(&a))
		return needs;
	listen_on(&a, (uint16_t)number);
	return NULL;
}

static const char *set_host(void *kept, const char *value)
{
	(void)kept;
	if (value[0] == '\0' || strlen(value) > 253 || strpbrk(value, ":/[] ") != NULL)
		return "needs a name such as stats.example.net";
	if (serve.http.nnames == CL_HTTP_NAMES)
		return "needs at most 16 names";
	serve.http.names[serve.http.nnames++] = (char *)(uintptr_t)value;
	return NULL;
}

static const char *set_print(void *kept, const char *value)
{
	(void)kept;
	if (value[0] != '/')
		return "needs a path such as /metrics";
	serve.print = value;
	return NULL;
}

static const struct cl_own_option own[] = {
	{ 0, "listen", "ADDRESS:PORT", "where to listen (127.0.0.1:12353)", set_listen },
	{ 0, "host", "NAME", "a name that browsers call this by; several times", set_host },
	{ 0, "print", "PATH", "write what is at PATH, such as /metrics, and end", set_print },
};

/* /PATH?NAME=VALUE&... as it stands, nothing decoded. */
static int print_one(const struct cl_options *o)
{
	char *path = strdup(serve.print), *rest = path, *one;
	struct cl_reply a;
	int status = CL_EXIT_FAILED;

	if (path == NULL)
		return status;
	(void)strsep(&rest, "?");
	if (!cl_reply_find(path, &a)) {
		cl_error(path, "nothing is there; /api/ lists what is");
		free(path);
		return status;
	}
	while ((one = strsep(&rest, "&")) != NULL) {
		char *value = one, *name = strsep(&value, "=");

		if (!cl_reply_ask(&a, name, value != NULL ? value : ""))
			break;
	}
	if (one != NULL)
		cl_error("--print", "has too many parameters, or too long ones");
	else
		status = cl_reply_write(&a, o);
	cl_reply_free(&a);
	free(path);
	return status == CL_EXIT_ASKED ? CL_EXIT_FAILED : status;
}

static bool is_loopback(void)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&serve.http.listen;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&serve.http.listen;

	if (serve.http.listen.ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* What is wrong from the start is said at once. */
static bool looks_right(const char *base)
{
	char newest[CL_MONTHS_PATH];
	const char *path = cl_months_newest(base, newest);
	struct cl_store_config config;
	char err[CL_STORE_ERRLEN];
	struct cl_store *s = cl_store_read(path, &config, err);

	if (s == NULL)
		cl_error(path, "%s", err);
	cl_store_close(s);
	return s != NULL;
}

static int run(const struct cl_command *c, const struct cl_options *o)
{
	(void)c;
	if (o->ninputs != 1) {
		cl_error("serve", "needs one database");
		return CL_EXIT_FAILED;
	}
	if (serve.print != NULL)
		return print_one(o);
	if (!looks_right(o->inputs[0]))
		return CL_EXIT_FAILED;
	if (!serve.listen)
		listen_on(loopback(), PORT);
	if (!is_loopback())
		cl_warn("--listen",
			"others can reach this: there is no password, and clients' addresses are shown");
	serve.http.options = o;
	return cl_http_serve(&serve.http);
}

const struct cl_command cl_command_serve = {
	.name = "serve",
	.summary = "a live page, /metrics and JSON of every view, over HTTP, from a database",
	.usage = "[OPTION...] DB",
	.example = "  clientele serve live.db\n"
		   "  clientele serve --listen 127.0.0.1:9123 --server 192.0.2.1 live.db\n"
		   "  clientele serve --print /metrics live.db\n",
	.takes = CL_OPTS_COMMON | CL_OPT_SERVER | CL_OPT_NAMES | CL_OPT_LABELS | CL_OPT_MAX_MEMORY,
	.run = run,
	.own = own,
	.nown = sizeof own / sizeof *own,
};
