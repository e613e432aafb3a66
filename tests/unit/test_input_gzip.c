/* SPDX-License-Identifier: BSD-2-Clause */
/* Captures in gzip: members, cut short, of many blocks, through a pipe. */
#include "tests/unit/input_rig.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void gzip_members(void **state)
{
	(void)state;
	gzip_file(false);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 100);
	assert_string_equal(got.errors[0], "");
	gzip_file(true);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 200);
	assert_string_equal(got.errors[0], "");
	put_fill(&m, 'x', 9);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 200);
	assert_true(got.files[0].damaged);
	assert_string_equal(got.errors[0], "octets that are not gzip follow the last member");
}

static void gzip_cut_short(void **state)
{
	size_t all = gzip_file(false);

	(void)state;
	for (size_t n = 6; n < all; n += n < 60 ? 1 : 17) {
		m.n = n;
		read_one(image_file(&m, 0));
		assert_string_equal(got.errors[0], "cut short in gzip data");
		assert_true(got.n <= 100);
	}
	m.n = all - 1; /* but for its last octet of check sum all is there */
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 100);
	assert_true(got.files[0].damaged && got.files[0].opened);
	m.n = all;
	m.data[all - 6] ^= 1; /* check sum */
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 100);
	assert_string_equal(got.errors[0], "damaged in gzip data");
}

/* Packets of all lengths: some end a block, some lie across two, some are longer than what may be left of
 * one. */
static uint32_t long_length(unsigned i)
{
	if (i % 997 == 500)
		return 180000;
	if (i % 301 == 100)
		return 4000 + i % 200;
	return 20 + i * 31 % 1400;
}

#define LONG_PACKETS 6000u

/* Some 6 MB, in members of less than 1 MB. */
static void long_gzip_file(void)
{
	size_t from = 0;

	pcap_file(&m, false, NANO, 1);
	for (unsigned i = 0; i < LONG_PACKETS; i++) {
		ns_record(100 * S + i * MS, long_length(i), i * 7 % 251);
		if (m.n - from > 700000 || i == LONG_PACKETS - 1) {
			gzip_from(&m, from);
			from = m.n;
		}
	}
}

static void check_long(void)
{
	uint64_t octets = 0;

	assert_string_equal(got.errors[0], "");
	assert_int_equal(got.n, LONG_PACKETS);
	for (unsigned i = 0; i < LONG_PACKETS; i++) {
		assert_true(got.time[i] == 100 * S + i * MS && got.number[i] == i + 1);
		assert_int_equal(got.octet[i], i * 7 % 251);
		assert_int_equal(got.flags[i], 0);
		octets += long_length(i);
	}
	assert_int_equal(got.files[0].bytes, octets);
}

static void gzip_of_many_blocks(void **state)
{
	const char *p[70];

	(void)state;
	long_gzip_file();
	p[0] = image_file(&m, 0);
	read_one(p[0]);
	check_long();
	for (unsigned i = 1; i < 70; i++) /* smaller blocks */
		p[i] = "no-such-file.pcap";
	read_all(p, 70);
	check_long();
	for (size_t n = m.n - 1; n > m.n / 2; n -= m.n / 19) {
		assert_int_equal(truncate(p[0], (off_t)n), 0);
		read_one(p[0]);
		assert_string_equal(got.errors[0], "cut short in gzip data");
		assert_true(got.n > LONG_PACKETS / 3 && got.n <= LONG_PACKETS);
		for (size_t i = 0; i < got.n; i++)
			assert_int_equal(got.octet[i], i * 7 % 251);
	}
}

/* Writes the image in pieces and ends. */
static pid_t write_pieces(int fd, int other)
{
	static const size_t sizes[] = { 1, 3000, 7, 20000, 65536, 311 };
	pid_t pid = fork();
	size_t at = 0;

	if (pid != 0)
		return pid;
	close(other);
	for (unsigned i = 0; at < m.n; i++) {
		size_t n = sizes[i % 6] < m.n - at ? sizes[i % 6] : m.n - at;
		ssize_t done = write(fd, m.data + at, n);

		if (done <= 0)
			_exit(1);
		at += (size_t)done;
		sched_yield();
	}
	_exit(0);
}

static void gzip_through_a_pipe(void **state)
{
	int fd[2], child;
	char path[32];
	pid_t pid;

	(void)state;
	long_gzip_file();
	assert_int_equal(pipe(fd), 0);
	pid = write_pieces(fd[1], fd[0]);
	assert_true(pid > 0);
	close(fd[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
	read_one(path);
	check_long();
	close(fd[0]);
	assert_int_equal(waitpid(pid, &child, 0), pid);
	assert_int_equal(child, 0);
}

/* What has come is given before more is waited for. */
static void gzip_that_pauses(void **state)
{
	struct cl_input_opts opts = { .no_reorder = true };
	const struct cl_frame *frames;
	struct cl_input *in;
	const char *path;
	char name[32];
	size_t n = 0;
	int fd[2];

	(void)state;
	gzip_file(false);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], m.data, m.n), m.n);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd[0]);
	path = name;
	alarm(60);
	in = cl_input_open(&path, 1, &opts);
	assert_non_null(in);
	while (n < 100)
		n += cl_input_next(in, &frames);
	assert_int_equal(n, 100);
	close(fd[1]);
	assert_int_equal(cl_input_next(in, &frames), 0);
	alarm(0);
	cl_input_close(in);
	close(fd[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gzip_members),	       cmocka_unit_test(gzip_cut_short),
		cmocka_unit_test(gzip_of_many_blocks), cmocka_unit_test(gzip_through_a_pipe),
		cmocka_unit_test(gzip_that_pauses),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
