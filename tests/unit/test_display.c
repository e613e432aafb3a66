/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing on a thread of its own: the octets, and the errors, are those of writing at once. */
#include "cli/packet/display.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/redirect.h"
#include "tests/unit/test_cmocka.h"

#define PACKETS 1500u
#define LARGE	900000u /* octets: more than what is handed over at a time */

static const struct cl_protocol dns = { "dns", "Domain Name System" };
static const struct cl_field number = { "dns.id", "Number", CL_V_UINT, CL_HEX16, 0, NULL };
static const struct cl_field octets = { "dns.data", "Data", CL_V_BYTES, 0, 0, NULL };
static const struct cl_field name = { "dns.qry.name", "Name", CL_V_TEXT, 0, 0, NULL };
static const struct cl_field group = { NULL, "Group", CL_V_GROUP, 0, 0, NULL };
static const struct cl_field object = { "dns.rr", "Record", CL_V_OBJECT, 0, 0, NULL };

/* Standard output, sent elsewhere. */
struct elsewhere {
	int saved;
};

static struct elsewhere send_to(int fd)
{
	struct elsewhere e;

	fflush(stdout);
	e.saved = dup(STDOUT_FILENO);
	assert_true(e.saved >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
	return e;
}

static void send_back(struct elsewhere e)
{
	fflush(stdout);
	if (dup2(e.saved, STDOUT_FILENO) < 0)
		abort();
	close(e.saved);
}

static uint8_t large[LARGE];

/* The detail of packet `i`, of octets that change behind it. */
static void fill(struct cl_detail *d, unsigned i, uint8_t *borrowed, size_t n)
{
	cl_detail_clear(d);
	d->fate = CL_FATE_COUNTED;
	if (i % 11 == 0)
		return;
	memset(borrowed, (int)('a' + i % 26), n);
	cl_put_layer(d, &dns, 0);
	cl_put_group(d, &group, "of %u", i);
	for (unsigned v = 0; v < i * 7 % 200; v++) {
		cl_put_uint(d, &number, v);
		cl_put_bytes(d, &name, (struct cl_span){ borrowed, v % (uint32_t)n });
		cl_put_group(d, &object, v % 3 == 0 ? NULL : "x");
		cl_put_bytes(d, &octets, (struct cl_span){ borrowed, v % 5 });
		cl_put_end(d);
	}
	if (i % 500 == 499)
		cl_put_bytes(d, &octets, (struct cl_span){ large, LARGE });
	cl_put_end(d);
	if (i % 13 == 0)
		cl_put_finding(d, CL_ANOM_IP_BAD_LENGTH);
	cl_put_info(d, "packet %u", i);
}

/* Writes PACKETS packets; all that was written, which the caller frees. */
static char *written(enum cl_display_form form, bool threaded, size_t *n)
{
	const struct cl_input_file files[2] = { { .path = "one" }, { .path = "two" } };
	struct cl_display *s = cl_display_new(form, threaded);
	struct cl_detail *d = cl_detail_new();
	FILE *file = tmpfile();
	uint8_t borrowed[64];
	char *text;
	bool whole;

	assert_non_null(s);
	assert_non_null(d);
	assert_non_null(file);
	struct elsewhere e = send_to(fileno(file));
	cl_display_files(s, files, 2);
	for (unsigned i = 0; i < PACKETS; i++) {
		struct cl_frame f = {
			.number = i + 1, .time_ns = i * 1000, .wire_len = 90, .cap_len = 60, .file = i % 2
		};

		fill(d, i, borrowed, sizeof(borrowed));
		cl_display_take(s, &f, d);
		memset(borrowed, '!', sizeof(borrowed)); /* borrowed no longer */
		if (i % 97 == 0)
			cl_display_flush(s);
	}
	whole = cl_display_finish(s);
	send_back(e);
	assert_true(whole);
	*n = (size_t)lseek(fileno(file), 0, SEEK_END);
	text = malloc(*n);
	assert_non_null(text);
	assert_int_equal(pread(fileno(file), text, *n, 0), (ssize_t)*n);
	fclose(file);
	cl_detail_free(d);
	return text;
}

static void a_thread_writes_the_same(void **state)
{
	static const enum cl_display_form forms[] = { CL_DISPLAY_LINE, CL_DISPLAY_TREE, CL_DISPLAY_JSON };

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		size_t n, m;
		char *one = written(forms[i], false, &n), *two = written(forms[i], true, &m);

		assert_true(n > PACKETS * 20);
		assert_int_equal(n, m);
		assert_true(memcmp(one, two, n) == 0);
		free(one);
		free(two);
	}
}

/* What was taken comes out though the display goes on. */
static void a_flush_writes(void **state)
{
	struct cl_detail *d = cl_detail_new();
	struct cl_frame f = { .number = 1 };
	int ends[2];

	(void)state;
	assert_non_null(d);
	for (int threaded = 0; threaded < 2; threaded++) {
		struct cl_display *s = cl_display_new(CL_DISPLAY_LINE, threaded != 0);
		struct pollfd p = { .events = POLLIN };

		assert_non_null(s);
		assert_int_equal(pipe(ends), 0);
		struct elsewhere e = send_to(ends[1]);
		cl_display_take(s, &f, d);
		cl_display_flush(s);
		p.fd = ends[0];
		int ready = poll(&p, 1, 60000); /* at once, but for a mistake */
		bool whole = cl_display_finish(s);
		send_back(e);
		assert_int_equal(ready, 1);
		assert_true(whole);
		close(ends[0]);
		close(ends[1]);
	}
	cl_detail_free(d);
}

static void a_full_disk_is_told_once(void **state)
{
	int full = open("/dev/full", O_WRONLY);
	struct cl_detail *d = cl_detail_new();
	struct cl_frame f = { .number = 1 };
	static struct redirect r;

	(void)state;
	assert_non_null(d);
	if (full < 0) {
		left_out("no /dev/full");
		return;
	}
	for (int threaded = 0; threaded < 2; threaded++) {
		struct cl_display *s = cl_display_new(CL_DISPLAY_TREE, threaded != 0);
		unsigned taken = 0;

		assert_non_null(s);
		struct elsewhere e = send_to(full);
		redirect_begin(&r, stderr);
		for (; taken < 1000000 && !cl_display_failed(s); taken++) {
			cl_display_take(s, &f, d);
			cl_display_flush(s);
		}
		bool whole = cl_display_finish(s);
		const char *said = redirect_end(&r);
		send_back(e);
		assert_false(whole);
		assert_true(taken < 1000000);
		assert_non_null(strstr(said, "standard output"));
		assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	}
	close(full);
	cl_detail_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_writes_the_same),
		cmocka_unit_test(a_flush_writes),
		cmocka_unit_test(a_full_disk_is_told_once),
	};

	memset(large, 0xa5, sizeof(large));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
