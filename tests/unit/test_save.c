/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets saved into a folder, read back by our own reader and counted by the file system. */
#include "tests/unit/test_cmocka.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/input.h"
#include "capture/save.h"

#define S INT64_C(1000000000)

static char dir[64];
static const char *const interfaces[] = { "eth0", "mirror1" };

static int make_folder(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/test_save.XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

/* The names in the folder, sorted. */
static char names[512][400];
static size_t name_count;
static uint64_t name_bytes;

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void list(const char *prefix)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	assert_non_null(d);
	name_count = 0;
	name_bytes = 0;
	while ((e = readdir(d)) != NULL) {
		struct stat st;

		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0 || e->d_name[0] == '.')
			continue;
		snprintf(names[name_count], sizeof *names, "%s/%s", dir, e->d_name);
		assert_int_equal(stat(names[name_count++], &st), 0);
		name_bytes += (uint64_t)st.st_size;
	}
	closedir(d);
	qsort(names, name_count, sizeof *names, by_text);
}

static int remove_folder(void **state)
{
	(void)state;
	list("");
	for (size_t i = 0; i < name_count; i++)
		unlink(names[i]);
	return rmdir(dir);
}

static uint8_t octets[2000];

/* Frame `i`: its length and octets follow from the number. */
static struct cl_frame frame(uint64_t i, int64_t time_ns)
{
	for (size_t k = 0; k < sizeof octets; k++)
		octets[k] = (uint8_t)(i * 31 + k);
	return (struct cl_frame){ .time_ns = time_ns,
				  .data = octets,
				  .cap_len = (uint32_t)(40 + i % 1000),
				  .wire_len = (uint32_t)(40 + i % 1000 + i % 3),
				  .file = i % 5 == 0,
				  .linktype = i % 5 == 0 ? 101 : 1 };
}

static struct cl_save *open_ring(uint64_t bytes)
{
	const struct cl_save_options o = { .bytes = bytes,
					   .interfaces = interfaces,
					   .interface_count = 2,
					   .filter = "udp port 123",
					   .wait = true };
	char err[160];
	struct cl_save *s = cl_save_open(dir, &o, err, sizeof err);

	if (s == NULL)
		fail_msg("%s", err);
	return s;
}

static void put(struct cl_save *s, uint64_t from, uint64_t to, int64_t begin_ns)
{
	for (uint64_t i = from; i < to; i++) {
		const struct cl_frame f = frame(i, begin_ns + (int64_t)i * 1000003);

		cl_save_put(s, &f, 1);
	}
}

/* Waits until the writer has dealt with so many frames. */
static void settle(struct cl_save *s, uint64_t frames)
{
	struct cl_save_counts c;

	cl_save_flush(s);
	for (unsigned i = 0; i < 3000; i++) {
		cl_save_counts(s, &c);
		if (c.saved + c.missed >= frames)
			break;
		usleep(10000);
	}
	assert_int_equal(c.saved + c.missed, frames);
}

/* Reads what lies in the folder: frames `from` to `to` of put(). */
static void read_back(uint64_t from, uint64_t to, int64_t begin_ns)
{
	const char *paths[512];
	const struct cl_input_opts opts = { .hash = false };
	const struct cl_frame *got;
	struct cl_input *in;
	uint64_t i = from;
	size_t n;

	list("clientele-");
	for (size_t k = 0; k < name_count; k++)
		paths[k] = names[k];
	in = cl_input_open(paths, name_count, &opts);
	assert_non_null(in);
	while ((n = cl_input_next(in, &got)) > 0)
		for (size_t k = 0; k < n; k++, i++) {
			const struct cl_frame want = frame(i, begin_ns + (int64_t)i * 1000003);

			assert_int_equal(got[k].time_ns, want.time_ns);
			assert_int_equal(got[k].cap_len, want.cap_len);
			assert_int_equal(got[k].wire_len, want.wire_len);
			assert_int_equal(got[k].linktype, want.linktype);
			assert_memory_equal(got[k].data, want.data, want.cap_len);
		}
	assert_int_equal(i, to);
	for (size_t k = 0; k < name_count; k++)
		assert_null(cl_input_files(in, &n)[k].error);
	cl_input_close(in);
}

static void what_is_saved_is_read_again(void **state)
{
	struct cl_save *s = open_ring(8 << 20);
	struct cl_save_counts c;

	(void)state;
	put(s, 0, 3000, 1700000000 * S);
	cl_save_close(s);
	read_back(0, 3000, 1700000000 * S);
	list("clientele-");
	assert_true(name_count >= 2); /* an eighth each */
	assert_non_null(strstr(names[0], "/clientele-20231114T221320.000000000Z.pcapng"));
	/* opened again, it goes on beside what is there */
	s = open_ring(8 << 20);
	cl_save_counts(s, &c);
	assert_int_equal(c.files, name_count);
	assert_int_equal(c.bytes, name_bytes);
	put(s, 3000, 4000, 1700000000 * S);
	cl_save_close(s);
	read_back(0, 4000, 1700000000 * S);
}

static void the_oldest_give_way(void **state)
{
	const uint64_t limit = CL_SAVE_LEAST;
	struct cl_save *s = open_ring(limit);
	struct cl_save_counts c;
	char other[128];
	FILE *f;

	(void)state;
	snprintf(other, sizeof other, "%s/clientele-of-mine.pcapng", dir);
	f = fopen(other, "wb");
	assert_non_null(f);
	fputs("mine", f);
	fclose(f);
	for (uint64_t i = 0; i < 20; i++) {
		put(s, i * 1000, (i + 1) * 1000, 1700000000 * S);
		settle(s, (i + 1) * 1000); /* the writer removes files: a listing beside it counts what is gone */
		list("clientele-2");
		assert_in_range(name_bytes, 1, limit);
	}
	cl_save_close(s);
	list("clientele-2");
	assert_in_range(name_bytes, limit / 2, limit);
	assert_in_range(name_count, 6, 9);
	assert_int_equal(access(other, F_OK), 0);
	unlink(other);
	/* the last ones are there, without a gap */
	s = open_ring(limit);
	cl_save_counts(s, &c);
	cl_save_close(s);
	assert_int_equal(c.bytes, name_bytes);
	uint64_t frames = 0;
	for (size_t k = 0; k < name_count; k++) {
		struct cl_input_file file;

		assert_true(cl_file_hash(names[k], &file));
		frames += file.packets;
	}
	read_back(20000 - frames, 20000, 1700000000 * S);
}

/* What was dropped stands in the statistics of the file it was dropped in, so that their sum is right. */
static void drops_are_in_the_statistics(void **state)
{
	struct cl_save *s = open_ring(8 << 20);
	const struct cl_input_opts opts = { .hash = false };
	const char *paths[512];
	const struct cl_frame *got;
	uint64_t kernel = 0, interface = 0;
	struct cl_input *in;
	size_t n;

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		put(s, i * 400, (i + 1) * 400, 1700000000 * S);
		cl_save_drops(s, 0, 100 * (i + 1), 10 * (i + 1));
		cl_save_drops(s, 1, 7 * (i + 1), 0);
	}
	cl_save_close(s);
	list("clientele-");
	assert_true(name_count > 1);
	for (size_t k = 0; k < name_count; k++)
		paths[k] = names[k];
	in = cl_input_open(paths, name_count, &opts);
	while (cl_input_next(in, &got) > 0)
		;
	for (size_t k = 0; k < name_count; k++) {
		kernel += cl_input_files(in, &n)[k].dropped_kernel;
		interface += cl_input_files(in, &n)[k].dropped_interface;
	}
	cl_input_close(in);
	assert_int_equal(kernel, 1070);
	assert_int_equal(interface, 100);
}

/* A disk that takes no more: said once, counted, and taken up again; what is there ends with a whole block.
 */
static void a_full_disk_is_said_once(void **state)
{
	struct rlimit before, small = { 300000, 300000 };
	struct cl_save *s = open_ring(8 << 20);
	struct cl_save_counts c;
	char text[160];
	unsigned told = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	put(s, 0, 100, 1700000000 * S);
	cl_save_flush(s);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (uint64_t i = 0; i < 40; i++) {
		put(s, 100 + i * 100, 200 + i * 100, 1700000000 * S);
		cl_save_flush(s);
		told += cl_save_event(s, text, sizeof text);
	}
	settle(s, 4100);
	told += cl_save_event(s, text, sizeof text);
	assert_int_equal(told, 1);
	assert_non_null(strstr(text, "File too large"));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	/* ten seconds of packet time later */
	put(s, 4100, 5000, 1700000020 * S);
	settle(s, 5000);
	assert_true(cl_save_event(s, text, sizeof text));
	assert_string_equal(text, "packets are saved again");
	assert_false(cl_save_event(s, text, sizeof text));
	cl_save_counts(s, &c);
	assert_false(c.failing);
	assert_in_range(c.saved, 1400, 4999); /* 300000 octets of frames before it, all behind it */
	cl_save_close(s);
	list("clientele-");
	uint64_t frames = 0;
	for (size_t k = 0; k < name_count; k++) {
		struct cl_input_file file;

		assert_true(cl_file_hash(names[k], &file));
		assert_false(file.damaged);
		frames += file.packets;
	}
	assert_int_equal(frames, c.saved);
}

static void refusals(void **state)
{
	struct cl_save_options o = { .bytes = CL_SAVE_LEAST - 1, .interfaces = interfaces };
	char err[160];

	(void)state;
	assert_null(cl_save_open(dir, &o, err, sizeof err));
	assert_non_null(strstr(err, "octets"));
	o.bytes = CL_SAVE_LEAST;
	assert_null(cl_save_open("/nonexistent/folder", &o, err, sizeof err));
	assert_string_equal(err, "No such file or directory");
}

int main(void)
{
#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_is_saved_is_read_again),
		IN_FOLDER(the_oldest_give_way),
		IN_FOLDER(drops_are_in_the_statistics),
		IN_FOLDER(a_full_disk_is_said_once),
		IN_FOLDER(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
