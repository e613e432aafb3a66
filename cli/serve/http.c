/* SPDX-License-Identifier: BSD-2-Clause */
/* serve: HTTP through libmicrohttpd, by one thread; answers are written by children (job.h). */
#include "cli/serve/http.h"

#include "cli/log.h"
#include "cli/session.h"

#ifndef HAVE_MHD

int cl_http_serve(const struct cl_http_config *config)
{
	(void)config;
	cl_error("serve", "was built without libmicrohttpd: --print writes one answer without it");
	return CL_EXIT_FAILED;
}

#else

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/serve/job.h"

#define NS_PER_S    INT64_C(1000000000)

/* Connections at once, octets of a request's header, seconds that it may take to come and to be taken. */
#define CONNECTIONS 128u
#define HEADER	    (16u << 10)
#define IDLE_S	    15
#define TAKE_S	    120

/* A connection, from when it was accepted: one that lets us wait is closed. */
struct peer {
	struct peer *next, **self;
	int fd;
	int64_t until_ns; /* 0: we let it wait */
};

enum stage { STAGE_NEW, STAGE_WAITING, STAGE_WORKING, STAGE_ENDED };

struct request {
	struct request *next, **self; /* of those whose answer is being made, or waits to be */
	struct server *server;
	struct MHD_Connection *connection;
	struct peer *peer;
	struct cl_reply answer;
	struct cl_job job;
	enum stage stage;
	enum cl_job_end end;
	uint64_t held; /* octets of its answer, which is being taken */
};

struct server {
	const struct cl_http_config *config;
	struct MHD_Daemon *daemon;
	struct request *requests, **last; /* in the order they came */
	struct peer *peers;
	unsigned jobs, heavy;
	uint64_t held;	    /* octets of all answers that are being taken */
	uint64_t held_most; /* beyond which no other is begun */
};

/* Signals ------------------------------------------------------------------------------- */

static int wake[2] = { -1, -1 };
static volatile sig_atomic_t stopping;

static void on_signal(int signal)
{
	int before = errno;

	if (signal != SIGCHLD)
		stopping = 1;
	(void)!write(wake[1], "", 1);
	errno = before;
}

static bool catch_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGCHLD };
	struct sigaction action = { .sa_handler = on_signal };

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	return true;
}

/* Answers --------------------------------------------------------------------------------- */

static void add_headers(struct MHD_Response *r, const char *type)
{
	static const char *const headers[][2] = {
		{ "Cache-Control", "no-store" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri "
					     "'none'; form-action 'none'; frame-ancestors 'none'" },
	};

	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		(void)MHD_add_response_header(r, headers[i][0], headers[i][1]);
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
}

static enum MHD_Result put(struct MHD_Connection *c, unsigned status, struct MHD_Response *r,
			   const char *type)
{
	if (r == NULL)
		return MHD_NO;
	add_headers(r, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "10");
	enum MHD_Result done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

/* {"error": "..."} */
static enum MHD_Result put_error(struct MHD_Connection *c, unsigned status, const char *words)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct cl_json *j = out != NULL ? cl_json_new(out) : NULL;

	if (j != NULL) {
		cl_json_object(j, NULL);
		cl_json_str(j, "error", words);
		cl_json_end(j);
		(void)cl_json_close(j);
	}
	if (out == NULL || fclose(out) != 0 || j == NULL) {
		free(text);
		return MHD_NO;
	}
	return put(c, status, MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE),
		   "application/json");
}

/* What the child made of it. */
static enum MHD_Result put_job(struct request *r)
{
	char text[512];
	const char *line = cl_job_line(&r->job, text);
	off_t size = lseek(r->job.body, 0, SEEK_END);

	switch (r->end) {
	case CL_JOB_DONE:
		break;
	case CL_JOB_ASKED:
		return put_error(r->connection, MHD_HTTP_BAD_REQUEST,
				 line != NULL ? line : "cannot be asked");
	case CL_JOB_FAILED:
		return put_error(r->connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				 line != NULL ? line : "the database does not answer");
	case CL_JOB_OVERDUE:
		return put_error(r->connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				 "takes too long: ask for less, or on the command line");
	case CL_JOB_BROKEN:
		return put_error(r->connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
				 "could not be answered: ask for less, or on the command line");
	}
	if (size < 0)
		return MHD_NO;
	struct MHD_Response *response = MHD_create_response_from_fd64((uint64_t)size, r->job.body);
	if (response != NULL) {
		r->job.body = -1; /* the response closes it */
		r->held = (uint64_t)size;
		r->server->held += r->held;
	}
	return put(r->connection, MHD_HTTP_OK, response, cl_reply_type(&r->answer));
}

/* Children ----------------------------------------------------------------------------------- */

static void unlink_request(struct request *r)
{
	if (r->self == NULL)
		return;
	*r->self = r->next;
	if (r->next != NULL)
		r->next->self = r->self;
	else
		r->server->last = r->self;
	r->self = NULL;
}

static void leave_job(struct request *r)
{
	if (r->stage == STAGE_WORKING)
		r->server->jobs--;
	if (r->stage == STAGE_WORKING || r->stage == STAGE_WAITING)
		r->server->heavy -= cl_reply_is_heavy(&r->answer);
	unlink_request(r);
}

static void resume(struct request *r, enum cl_job_end how)
{
	leave_job(r);
	r->stage = STAGE_ENDED;
	r->end = how;
	MHD_resume_connection(r->connection);
}

/* Ends those that are done, and begins as many of those that wait as there may be. */
static void look_after_jobs(struct server *s)
{
	struct request *next;
	enum cl_job_end how;

	for (struct request *r = s->requests; r != NULL; r = next) {
		next = r->next;
		if (r->stage == STAGE_WORKING && cl_job_ended(&r->job, &how))
			resume(r, how);
	}
	for (struct request *r = s->requests; r != NULL && s->jobs < CL_JOBS && s->held < s->held_most;
	     r = next) {
		next = r->next;
		if (r->stage != STAGE_WAITING)
			continue;
		if (!cl_job_begin(&r->job, &r->answer, s->config->options)) {
			resume(r, CL_JOB_BROKEN);
			continue;
		}
		r->stage = STAGE_WORKING;
		s->jobs++;
	}
}

/* Lets the connection wait until a child has made the answer. */
static enum MHD_Result begin_job(struct request *r)
{
	struct server *s = r->server;
	bool heavy = cl_reply_is_heavy(&r->answer);

	if (heavy && s->heavy == CL_JOBS_HEAVY)
		return put_error(r->connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				 "busy with another question about single messages: ask again");
	s->heavy += heavy;
	r->stage = STAGE_WAITING;
	r->self = s->last;
	r->next = NULL;
	*s->last = r;
	s->last = &r->next;
	MHD_suspend_connection(r->connection);
	return MHD_YES;
}

/* Requests ------------------------------------------------------------------------------------- */

/* A page of another site can have a name of its own point to this machine: it is not answered. */
static bool knows_host(const struct cl_http_config *config, const char *host)
{
	char name[256];
	struct cl_addr addr;
	size_t n;

	if (host == NULL)
		return true;
	n = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");
	if (n >= sizeof name)
		return false;
	memcpy(name, host + (host[0] == '['), n);
	name[n - (host[0] == '[')] = '\0';
	if (cl_addr_parse(name, &addr) || strcasecmp(name, "localhost") == 0)
		return true;
	for (size_t i = 0; i < config->nnames; i++)
		if (strcasecmp(name, config->names[i]) == 0)
			return true;
	return false;
}

static enum MHD_Result take_parameter(void *of, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	return cl_reply_ask(of, name, value != NULL ? value : "") ? MHD_YES : MHD_NO;
}

static bool accepts_open(struct MHD_Connection *c)
{
	const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	return accept != NULL && strstr(accept, "application/openmetrics-text") != NULL;
}

static enum MHD_Result begin(struct request *r, const char *url)
{
	struct MHD_Connection *c = r->connection;
	const char *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);

	if (!knows_host(r->server->config, host))
		return put_error(c, MHD_HTTP_FORBIDDEN,
				 "is not called by this name: use an address, or say --host NAME to serve");
	if (!cl_reply_find(url, &r->answer))
		return put_error(c, MHD_HTTP_NOT_FOUND, "nothing is here; /api/ lists what is");
	int asked = MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, NULL, NULL);
	(void)MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, take_parameter, &r->answer);
	if (asked < 0 || (size_t)asked != r->answer.parameters)
		return put_error(c, MHD_HTTP_BAD_REQUEST, "has too many parameters, or too long ones");
	r->answer.open = accepts_open(c);
	cl_info(url, "asked for");
	return begin_job(r);
}

static struct peer *peer_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static enum MHD_Result handle(void *of, struct MHD_Connection *c, const char *url, const char *method,
			      const char *version, const char *data, size_t *size, void **kept)
{
	struct request *r = *kept;

	(void)version;
	(void)data;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return put_error(c, MHD_HTTP_METHOD_NOT_ALLOWED, "takes GET and HEAD");
	if (r == NULL) {
		*kept = r = calloc(1, sizeof *r);
		if (r == NULL)
			return MHD_NO;
		*r = (struct request){ .server = of, .connection = c, .peer = peer_of(c) };
		r->job = (struct cl_job){ .pid = -1, .body = -1, .words = -1 };
		return MHD_YES;
	}
	if (*size > 0) { /* what no GET needs is not read on */
		*size = 0;
		return MHD_NO;
	}
	if (r->peer != NULL)
		r->peer->until_ns = 0;
	enum MHD_Result done = r->stage == STAGE_ENDED ? put_job(r) : begin(r, url);
	if (r->peer != NULL && r->stage != STAGE_WAITING)
		r->peer->until_ns = cl_job_clock_ns() + TAKE_S * NS_PER_S;
	return done;
}

static void completed(void *of, struct MHD_Connection *c, void **kept, enum MHD_RequestTerminationCode how)
{
	struct request *r = *kept;

	(void)of;
	(void)c;
	(void)how;
	if (r == NULL)
		return;
	leave_job(r);
	r->server->held -= r->held;
	cl_job_free(&r->job);
	cl_reply_free(&r->answer);
	if (r->peer != NULL)
		r->peer->until_ns = cl_job_clock_ns() + IDLE_S * NS_PER_S;
	free(r);
	*kept = NULL;
}

/* Connections ------------------------------------------------------------------------------------- */

static void connected(void *of, struct MHD_Connection *c, void **kept,
		      enum MHD_ConnectionNotificationCode what)
{
	struct server *s = of;
	struct peer *p = *kept;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

		*kept = p = calloc(1, sizeof *p);
		if (p == NULL || info == NULL)
			return;
		*p = (struct peer){ s->peers, &s->peers, info->connect_fd,
				    cl_job_clock_ns() + IDLE_S * NS_PER_S };
		if (p->next != NULL)
			p->next->self = &p->next;
		s->peers = p;
	} else if (p != NULL) {
		if (p->self != NULL) {
			*p->self = p->next;
			if (p->next != NULL)
				p->next->self = p->self;
		}
		free(p);
		*kept = NULL;
	}
}

/* Closes those that have not said their request, or not taken their answer, in time. */
static void close_slow(struct server *s)
{
	int64_t now_ns = cl_job_clock_ns();

	for (struct peer *p = s->peers; p != NULL; p = p->next) {
		if (p->until_ns == 0 || now_ns < p->until_ns)
			continue;
		(void)shutdown(p->fd, SHUT_RDWR);
		p->until_ns = now_ns + NS_PER_S;
	}
}

/* Decodes %XX in place; what holds an octet 0, which would end a text before its end, becomes what is
 * nowhere. */
static size_t decode(void *of, struct MHD_Connection *c, char *s)
{
	size_t n = MHD_http_unescape(s);

	(void)of;
	(void)c;
	if (strlen(s) == n)
		return n;
	s[0] = '\x01';
	s[1] = '\0';
	return 1;
}

/* Serving -------------------------------------------------------------------------------------------- */

static void no_words(void *of, const char *format, va_list arguments)
{
	(void)of;
	(void)format;
	(void)arguments;
}

static bool start(struct server *s)
{
	s->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			(s->config->listen.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0),
		0, NULL, NULL, handle, s, MHD_OPTION_EXTERNAL_LOGGER, no_words, NULL, MHD_OPTION_SOCK_ADDR,
		(const struct sockaddr *)&s->config->listen, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
		connected, s, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, decode, NULL,
		MHD_OPTION_END);
	return s->daemon != NULL;
}

/* "http://127.0.0.1:12353/" of what is listened on. */
static void say_where(const struct server *s)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
	unsigned port = info != NULL ? info->port : 0;
	bool v6 = s->config->listen.ss_family == AF_INET6;
	char text[INET6_ADDRSTRLEN] = "", url[INET6_ADDRSTRLEN + 32];
	const void *addr = v6 ? (const void *)&((const struct sockaddr_in6 *)&s->config->listen)->sin6_addr
			      : (const void *)&((const struct sockaddr_in *)&s->config->listen)->sin_addr;

	(void)inet_ntop(s->config->listen.ss_family, addr, text, sizeof text);
	snprintf(url, sizeof url, v6 ? "http://[%s]:%u/" : "http://%s:%u/", text, port);
	cl_warn(url, "serves %s", s->config->options->inputs[0]);
}

static void wait_for(struct server *s, int epoll)
{
	struct pollfd fds[2] = { { epoll, POLLIN, 0 }, { wake[0], POLLIN, 0 } };
	unsigned long long most;
	int timeout = 1000;
	char drain[64];

	if (MHD_get_timeout(s->daemon, &most) == MHD_YES && most < 1000)
		timeout = (int)most;
	(void)poll(fds, 2, timeout);
	while (read(wake[0], drain, sizeof drain) > 0)
		;
}

static void serve(struct server *s)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int epoll = info != NULL ? info->epoll_fd : -1;

	while (!stopping) {
		wait_for(s, epoll);
		look_after_jobs(s);
		close_slow(s);
		(void)MHD_run(s->daemon);
		look_after_jobs(s);
	}
}

/* Nobody is left waiting: a suspended connection cannot be closed. */
static void stop(struct server *s)
{
	while (s->requests != NULL) {
		struct request *r = s->requests;

		cl_job_free(&r->job);
		resume(r, CL_JOB_FAILED);
	}
	(void)MHD_run(s->daemon);
	MHD_stop_daemon(s->daemon);
}

int cl_http_serve(const struct cl_http_config *config)
{
	struct server s = { .config = config,
			    .held_most = 2 * cl_job_limits(config->options->max_memory).answer };

	s.last = &s.requests;
	errno = 0;
	if (!catch_signals() || !start(&s)) {
		cl_error("--listen", "%s", errno != 0 ? strerror(errno) : "cannot be listened on");
		return CL_EXIT_FAILED;
	}
	say_where(&s);
	serve(&s);
	stop(&s);
	return CL_EXIT_OK;
}

#endif
