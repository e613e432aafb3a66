/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/live/notify.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/test_cmocka.h"

#define S_NS INT64_C(1000000000)

static int manager = -1;
static char path[64];

/* A manager that listens at the name; '@' outside the file system. */
static void listen_at(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	memcpy(at.sun_path, name, len);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(manager, (struct sockaddr *)&at,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static const char *heard(void)
{
	static char text[2048];
	ssize_t n = recv(manager, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int begin(void **state)
{
	(void)state;
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	unsetenv("NOTIFY_SOCKET");
	snprintf(path, sizeof path, "/tmp/notify.%ld", (long)getpid());
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (manager >= 0)
		close(manager);
	manager = -1;
	(void)unlink(path);
	return 0;
}

static void tells(const char *name)
{
	struct cl_notify n;

	listen_at(name);
	assert_true(cl_notify_open(&n));
	cl_notify(&n, "READY=1\nSTATUS=%d packets", 7);
	assert_string_equal(heard(), "READY=1\nSTATUS=7 packets");
	cl_notify_reloading(&n);
	assert_int_equal(strncmp(heard(), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	cl_notify_alive(&n, 5 * S_NS); /* no watchdog asked */
	assert_string_equal(heard(), "");
	cl_notify_close(&n);
	cl_notify(&n, "STOPPING=1");
	assert_string_equal(heard(), "");
}

static void by_path(void **state)
{
	(void)state;
	tells(path);
}

static void by_abstract_name(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof name, "@clientele-test-%ld", (long)getpid());
	tells(name);
}

/* Half of the time that it waits, by the caller's clock, however often it is asked. */
static void watchdog(void **state)
{
	struct cl_notify n;
	unsigned said = 0;

	(void)state;
	listen_at(path);
	setenv("WATCHDOG_USEC", "20000000", 1);
	assert_true(cl_notify_open(&n));
	for (int64_t t = 0; t < 100 * S_NS; t += S_NS / 10) {
		cl_notify_alive(&n, t);
		said += strcmp(heard(), "WATCHDOG=1") == 0;
	}
	assert_int_equal(said, 10);
	cl_notify_close(&n);
}

static void watchdog_of_another(void **state)
{
	struct cl_notify n;

	(void)state;
	listen_at(path);
	setenv("WATCHDOG_USEC", "20000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	assert_true(cl_notify_open(&n));
	cl_notify_alive(&n, S_NS);
	assert_string_equal(heard(), "");
	cl_notify_close(&n);
	setenv("WATCHDOG_USEC", "20000000 and more", 1);
	unsetenv("WATCHDOG_PID");
	assert_true(cl_notify_open(&n));
	cl_notify_alive(&n, S_NS);
	assert_string_equal(heard(), "");
	cl_notify_close(&n);
}

/* A manager that does not take what it is sent must not stop the packets. */
static void never_waits(void **state)
{
	struct cl_notify n;

	(void)state;
	listen_at(path);
	assert_true(cl_notify_open(&n));
	for (int i = 0; i < 10000; i++)
		cl_notify(&n, "STATUS=%d", i);
	assert_string_equal(heard(), "STATUS=0");
	cl_notify_close(&n);
}

static void nobody_or_nonsense(void **state)
{
	static const char *const bad[] = {
		"relative", "/", "@", "/nowhere/at/all",
		("/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
		 "0123456789/0123456789/0123456789/0123456789")
	};
	struct cl_notify n;

	(void)state;
	assert_true(cl_notify_open(&n));
	cl_notify(&n, "READY=1");
	cl_notify_alive(&n, S_NS);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		setenv("NOTIFY_SOCKET", bad[i], 1);
		assert_false(cl_notify_open(&n));
		assert_int_equal(n.fd, -1);
		cl_notify(&n, "READY=1");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_path, begin, end),
		cmocka_unit_test_setup_teardown(by_abstract_name, begin, end),
		cmocka_unit_test_setup_teardown(watchdog, begin, end),
		cmocka_unit_test_setup_teardown(watchdog_of_another, begin, end),
		cmocka_unit_test_setup_teardown(never_waits, begin, end),
		cmocka_unit_test_setup_teardown(nobody_or_nonsense, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
