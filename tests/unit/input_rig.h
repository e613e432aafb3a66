/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads files through an input, and keeps what it gave. */
#ifndef CL_TESTS_INPUT_RIG_H
#define CL_TESTS_INPUT_RIG_H

#include "tests/unit/test_cmocka.h"

#include <stdio.h>
#include <string.h>

#include "capture/input.h"
#include "tests/unit/test_image.h"

#define MICRO 0xa1b2c3d4u
#define NANO  0xa1b23c4du
#define S     INT64_C(1000000000)
#define MS    INT64_C(1000000)
#define MOST  30000

static struct image m;

/* What an input gave, and its files' facts as they were at the end. */
static struct {
	int64_t time[MOST];
	uint32_t file[MOST];
	uint64_t number[MOST];
	uint16_t flags[MOST];
	uint8_t octet[MOST];
	size_t n;
	struct cl_input_file files[16];
	char errors[16][200];
} got;

static inline void keep(const struct cl_frame *f)
{
	assert_true(got.n < MOST);
	got.time[got.n] = f->time_ns;
	got.file[got.n] = f->file;
	got.number[got.n] = f->number;
	got.flags[got.n] = f->flags;
	got.octet[got.n] = f->cap_len > 0 ? f->data[f->cap_len - 1] : 0;
	got.n++;
}

static inline void keep_files(const struct cl_input *in)
{
	size_t n;
	const struct cl_input_file *files = cl_input_files(in, &n);

	for (size_t i = 0; i < n && i < 16; i++) {
		got.files[i] = files[i];
		snprintf(got.errors[i], sizeof(got.errors[i]), "%s",
			 files[i].error != NULL ? files[i].error : "");
	}
}

static inline void read_opts(const char *const *paths, size_t n, const struct cl_input_opts *opts)
{
	struct cl_input *in = cl_input_open(paths, n, opts);
	const struct cl_frame *frames;
	size_t k;

	assert_non_null(in);
	got.n = 0;
	while ((k = cl_input_next(in, &frames)) > 0) {
		assert_true(k <= CL_BATCH);
		for (size_t i = 0; i < k; i++)
			keep(&frames[i]);
	}
	assert_int_equal(cl_input_next(in, &frames), 0);
	keep_files(in);
	cl_input_close(in);
}

static inline void read_all(const char *const *paths, size_t n)
{
	struct cl_input_opts opts = { .hash = true };

	read_opts(paths, n, &opts);
}

static inline void read_one(const char *path)
{
	read_all(&path, 1);
}

static inline void ns_record(int64_t ns, uint32_t cap, unsigned fill)
{
	pcap_record(&m, (uint32_t)(ns / S), (uint32_t)(ns % S), cap, cap, fill);
}

static inline size_t gzip_file(bool two_members)
{
	size_t middle;

	pcap_file(&m, false, NANO, 1);
	for (int i = 0; i < 100; i++)
		ns_record((100 + i) * S, 50, (unsigned)i * 7 % 251);
	if (!two_members) {
		gzip_from(&m, 0);
		return m.n;
	}
	gzip_from(&m, 0);
	middle = m.n;
	for (int i = 100; i < 200; i++)
		ns_record((100 + i) * S, 50, 0);
	gzip_from(&m, middle);
	return middle;
}

static inline int clean(void **state)
{
	(void)state;
	remove_files();
	return 0;
}

#endif
