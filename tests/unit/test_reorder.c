/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of any size, several files and slow pipes against the plain rule: one order of time. */
#include "tests/unit/test_cmocka.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/reorder.h"
#include "tests/unit/test_image.h"

#define NANO  0xa1b23c4du
#define S     INT64_C(1000000000)
#define MS    INT64_C(1000000)
#define FILES 5u
#define MOST  1500u

static struct image m;
static uint32_t seed;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

/* A packet as the test wrote it. */
struct packet {
	int64_t time_ns;
	uint32_t file, number, cap;
	bool flagged, out, same_wire;
	uint16_t linktype;
};

/* Of the files, each in its own order; and what is to come out. */
static struct packet in_file[FILES][MOST], expected[FILES * MOST];
static size_t count[FILES], expected_count;

/* The rule, slow and sure --------------------------------------------------------- */

/* The files as one stream: always the file whose next packet is the oldest. */
static size_t merged(struct packet *to, size_t files)
{
	size_t at[FILES] = { 0 }, n = 0;

	for (;;) {
		size_t best = files;

		for (size_t f = 0; f < files; f++)
			if (at[f] < count[f] &&
			    (best == files || in_file[f][at[f]].time_ns < in_file[best][at[best]].time_ns))
				best = f;
		if (best == files)
			return n;
		to[n++] = in_file[best][at[best]++];
	}
}

/* Puts out what of the first `n` is not younger than `until`; the newest time put out. */
static int64_t put_out(struct packet *stream, size_t n, int64_t until, int64_t last)
{
	for (;;) {
		struct packet *oldest = NULL;

		for (size_t i = 0; i < n; i++)
			if (!stream[i].out && stream[i].time_ns <= until &&
			    (oldest == NULL || stream[i].time_ns < oldest->time_ns))
				oldest = &stream[i];
		if (oldest == NULL)
			return last;
		oldest->out = true;
		expected[expected_count++] = *oldest;
		last = oldest->time_ns > last ? oldest->time_ns : last;
	}
}

static void expect(size_t files, bool off)
{
	static struct packet stream[FILES * MOST];
	int64_t newest = INT64_MIN, last = INT64_MIN;
	size_t n = merged(stream, files);

	expected_count = 0;
	for (size_t i = 0; i < n; i++) {
		if (off) {
			expected[expected_count++] = stream[i];
			continue;
		}
		stream[i].flagged = stream[i].time_ns < last;
		newest = stream[i].time_ns > newest ? stream[i].time_ns : newest;
		last = put_out(stream, i + 1, newest - S, last);
	}
	if (!off)
		put_out(stream, n, INT64_MAX, last);
}

/* The files ----------------------------------------------------------------------- */

enum shape { IN_ORDER, SOME_LATE, MUCH_TOO_LATE, ALL_MIXED, STEPS_BACK, TIES, SHAPES };

static int64_t shaped(enum shape shape, int64_t now)
{
	switch (shape) {
	case SOME_LATE:
		return any(3) == 0 ? now - any(20) * MS : now;
	case MUCH_TOO_LATE:
		return any(20) == 0 ? now - any(4000) * MS : now;
	case ALL_MIXED:
		return now - any(3000) * MS;
	case STEPS_BACK:
		return now / (10 * S) % 2 == 0 ? now : now - 30 * S;
	case TIES:
		return now / (S / 2) * (S / 2) - (any(5) == 0 ? S : 0);
	default:
		return now;
	}
}

static void write_packet(const struct packet *p, bool ng)
{
	if (ng)
		ng_packet(&m, 0, (uint64_t)p->time_ns, p->cap, p->cap + 1, p->number & 0xffu);
	else
		pcap_record(&m, (uint32_t)(p->time_ns / S), (uint32_t)(p->time_ns % S), p->cap, p->cap + 1,
			    p->number & 0xffu);
}

static const char *make_file(uint32_t f, size_t n, enum shape shape, bool ng)
{
	int64_t now = (1000 + (int64_t)any(4)) * S;

	m.n = 0;
	if (ng) {
		ng_section(&m, any(2) == 0);
		ng_interface(&m, 1, 0, 9, 0);
	} else {
		pcap_file(&m, any(2) == 0, NANO, 1);
	}
	count[f] = n;
	for (uint32_t i = 0; i < n; i++) {
		now += any(40) * MS;
		in_file[f][i] = (struct packet){ shaped(shape, now), f, i + 1, any(200), .linktype = 1 };
		write_packet(&in_file[f][i], ng);
	}
	return image_file(&m, f);
}

/* Reading them -------------------------------------------------------------------- */

struct rig {
	struct cl_pool pool;
	struct cl_input_file files[FILES];
	struct cl_feed feeds[FILES];
	struct cl_reorder reorder;
	struct cl_batch batch;
};

static void rig_open(struct rig *g, const char *const *paths, size_t n, size_t block_size, bool off)
{
	memset(g, 0, sizeof(*g));
	cl_pool_init(&g->pool, block_size);
	assert_true(cl_reorder_init(&g->reorder, n, &g->pool, g->files, off));
	for (uint32_t i = 0; i < n; i++) {
		g->files[i].path = paths[i];
		g->feeds[i].file = &g->files[i];
		g->feeds[i].index = i;
		g->feeds[i].pool = &g->pool;
		cl_feed_look(&g->feeds[i], n == 1);
		if (g->feeds[i].has_record)
			cl_reorder_add(&g->reorder, &g->feeds[i]);
	}
}

static void check_batch(const struct cl_batch *b, size_t *at)
{
	for (size_t i = 0; i < b->n; i++, (*at)++) {
		const struct cl_frame *f = &b->frames[i];
		const struct packet *e = &expected[*at];

		assert_true(*at < expected_count);
		assert_true(f->time_ns == e->time_ns);
		assert_int_equal(f->file, e->file);
		assert_int_equal(f->number, e->number);
		assert_int_equal(f->linktype, e->linktype);
		assert_int_equal(f->flags, e->flagged ? CL_FF_OUT_OF_ORDER : 0);
		assert_int_equal(f->cap_len, e->cap);
		assert_int_equal(f->wire_len, e->cap + !e->same_wire);
		for (uint32_t k = 0; k < f->cap_len; k++)
			assert_int_equal(f->data[k], e->number & 0xffu);
	}
}

static void rig_close(struct rig *g, size_t n)
{
	cl_batch_release(&g->batch);
	cl_reorder_free(&g->reorder);
	for (size_t i = 0; i < n; i++)
		cl_feed_close(&g->feeds[i]);
	assert_int_equal(g->pool.held, 0); /* each frame was released once */
	cl_pool_free(&g->pool);
}

static void read_and_check(const char *const *paths, size_t n, size_t block_size, bool off)
{
	static struct rig g;
	size_t at = 0;

	rig_open(&g, paths, n, block_size, off);
	do {
		cl_batch_release(&g.batch);
		cl_reorder_give(&g.reorder, &g.batch);
		check_batch(&g.batch, &at);
	} while (g.batch.n > 0 || cl_reorder_read(&g.reorder));
	assert_int_equal(at, expected_count);
	assert_int_equal(g.reorder.held, 0);
	rig_close(&g, n);
}

static void rounds(size_t files, size_t most, bool off)
{
	static const size_t block_sizes[] = { 40, 300, 1000, 5000, 1 << 20 };
	const char *paths[FILES];

	for (uint32_t round = 0; round < 24; round++) {
		seed = round * 7919 + (uint32_t)files;
		for (uint32_t f = 0; f < files; f++)
			paths[f] =
				make_file(f, any((uint32_t)most), (round + f * any(2)) % SHAPES, any(2) == 0);
		expect(files, off);
		for (size_t k = 0; k < sizeof(block_sizes) / sizeof(*block_sizes); k++)
			read_and_check(paths, files, block_sizes[k], off);
	}
}

static void one_file(void **state)
{
	(void)state;
	rounds(1, 1000, false);
}

static void several_files(void **state)
{
	(void)state;
	rounds(2, 400, false);
	rounds(FILES, 200, false);
}

static void as_in_the_files(void **state)
{
	(void)state;
	rounds(1, 500, true);
	rounds(3, 300, true);
}

static void put_simple(const struct packet *p)
{
	ng_begin(&m, 3);
	put32(&m, p->cap);
	put_fill(&m, p->number, p->cap);
	put_fill(&m, 0, (4 - p->cap % 4) % 4);
	ng_end(&m);
}

static void put_unknown(size_t n)
{
	ng_begin(&m, 0xbad);
	put_fill(&m, 0, n);
	ng_end(&m);
}

/* Other interfaces and gaps that a run cannot span, simple packets, which have no room for a record. */
static void runs_of_all_kinds(void **state)
{
	const char *path;

	(void)state;
	m.n = 0;
	ng_section(&m, false);
	ng_interface(&m, 1, 0, 9, 0);
	ng_interface(&m, 101, 0, 9, 0);
	count[0] = 200;
	for (uint32_t i = 0; i < count[0]; i++) {
		const bool simple = i % 5 == 4; /* of the time of the one before */
		struct packet p = { 1000 * S + (i - simple) * MS, 0, i + 1, any(120), .linktype = 1 };

		in_file[0][i] = p;
		in_file[0][i].same_wire = simple;
		if (!simple && i / 2 % 2 == 1)
			in_file[0][i].linktype = 101;
		if (simple)
			put_simple(&p);
		else
			ng_packet(&m, i / 2 % 2, (uint64_t)p.time_ns, p.cap, p.cap + 1, p.number);
		if (i % 7 == 0)
			put_unknown(8100 + 4 * (size_t)any(60));
	}
	path = image_file(&m, 0);
	expect(1, false);
	for (size_t block = 40; block < 20000; block += 997)
		read_and_check(&path, 1, block, false);
}

/* Pipes --------------------------------------------------------------------------- */

static void write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n < 77 ? n : 77);

		if (k <= 0)
			_exit(1);
		p += k;
		n -= (size_t)k;
	}
}

/* Writes the first part of the image, waits to be told, writes the rest. */
static pid_t start_writer(const char *fifo, size_t part, int told[2])
{
	pid_t pid;
	uint8_t word;

	assert_int_equal(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(fifo, O_WRONLY);

		close(told[1]);
		write_all(fd, m.data, part);
		if (read(told[0], &word, 1) == 1)
			write_all(fd, m.data + part, m.n - part);
		_exit(0);
	}
	close(told[0]);
	assert_true(pid > 0);
	return pid;
}

/* Octets of the file up to the end of packet `n`, and how many of those are a second older than it. */
static size_t part_until(size_t n, size_t *ripe)
{
	size_t octets = 24;

	*ripe = 0;
	for (size_t i = 0; i < n; i++) {
		octets += 16 + in_file[0][i].cap;
		*ripe += in_file[0][i].time_ns <= in_file[0][n - 1].time_ns - S;
	}
	return octets;
}

/* All that is a second old comes out although the pipe has no more for now. */
static void pipes_are_not_waited_for(void **state)
{
	char fifo[64];
	const char *path = fifo;
	const struct cl_frame *frames;
	size_t n, part, ripe, all = 0;
	struct cl_input *in;
	int told[2], status;
	pid_t pid;

	(void)state;
	seed = 3;
	make_file(0, 900, IN_ORDER, false);
	part = part_until(600, &ripe);
	assert_true(ripe > 0 && ripe % CL_BATCH != 0);
	snprintf(fifo, sizeof(fifo), "test_reorder.%ld.fifo", (long)getpid());
	assert_int_equal(mkfifo(fifo, 0600), 0);
	pid = start_writer(fifo, part, told);
	alarm(60); /* a reader that waits would wait for ever */
	in = cl_input_open(&path, 1, NULL);
	while ((n = cl_input_next(in, &frames)) > 0) {
		all += n;
		if (all - n < ripe && all >= ripe)
			assert_int_equal(write(told[1], "", 1), 1);
	}
	alarm(0);
	cl_input_close(in);
	close(told[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	unlink(fifo);
	assert_int_equal(all, 900);
}

static int clean(void **state)
{
	(void)state;
	remove_files();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_file),
		cmocka_unit_test(several_files),
		cmocka_unit_test(as_in_the_files),
		cmocka_unit_test(runs_of_all_kinds),
		cmocka_unit_test(pipes_are_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
