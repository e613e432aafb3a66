/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/input_rig.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/block.h"

/* Order of time ---------------------------------------------------------------- */

static void milliseconds_back_are_mended(void **state)
{
	(void)state;
	pcap_file(&m, false, NANO, 1);
	for (int i = 0; i < 10000; i++) /* every third packet comes 5 ms late */
		ns_record(1000 * S + i * MS - (i % 3 == 2 ? 5 * MS : 0), 4, (unsigned)i & 0xffu);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 10000);
	for (size_t i = 0; i < got.n; i++) {
		assert_int_equal(got.flags[i], 0);
		assert_true(i == 0 || got.time[i - 1] < got.time[i] ||
			    (got.time[i - 1] == got.time[i] && got.number[i - 1] < got.number[i]));
		assert_int_equal(got.octet[i], (got.number[i] - 1) & 0xffu);
	}
	assert_int_equal(got.files[0].out_of_order, 0);
}

static void just_a_second_is_mended(void **state)
{
	(void)state;
	pcap_file(&m, false, NANO, 1);
	ns_record(10 * S, 4, 1);
	ns_record(11 * S - 1, 4, 2);
	ns_record(12 * S - 2, 4, 3); /* 10 s goes out: 11 s - 1 ns has not yet, by 1 ns */
	ns_record(10 * S + 1, 4, 5);
	ns_record(11 * S - 2, 4, 4);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 5);
	assert_int_equal(got.octet[1], 5);
	assert_int_equal(got.octet[2], 4);
	assert_int_equal(got.octet[3], 2);
	assert_int_equal(got.files[0].out_of_order, 0);
	ns_record(11 * S - 2, 4, 6); /* as old as one that must go out now: in time */
	ns_record(12 * S - 1, 4, 7);
	ns_record(11 * S - 2, 4, 8); /* 11 s - 1 ns is out: too late */
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 8);
	assert_int_equal(got.files[0].out_of_order, 1);
	for (size_t i = 0; i < got.n; i++)
		assert_int_equal(got.flags[i], got.octet[i] == 8 ? CL_FF_OUT_OF_ORDER : 0);
}

static void nothing_goes_out_early(void **state)
{
	(void)state;
	for (int step = 5000; step < 16000; step += 111) { /* so that 1 s ends at each place in a batch */
		const int n = 5 * CL_BATCH;

		pcap_file(&m, false, NANO, 1);
		for (int i = 0; i < n; i++)
			ns_record(1000 * S + i * INT64_C(1000) * step, 4, 0);
		ns_record(1000 * S + (n - 1) * INT64_C(1000) * step - 999999999, 4, 0);
		read_one(image_file(&m, 0));
		assert_int_equal(got.n, n + 1);
		assert_int_equal(got.files[0].out_of_order, 0);
		for (size_t i = 1; i < got.n; i++)
			assert_true(got.time[i - 1] < got.time[i]);
	}
}

static void as_late_as_each_other(void **state)
{
	(void)state;
	pcap_file(&m, false, NANO, 1);
	ns_record(1000 * S, 4, 0);
	for (int i = 0; i < 100; i++)
		ns_record(1000 * S - 1 - i % 3, 4, 0);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 101);
	for (size_t i = 1; i < got.n; i++)
		assert_true(got.time[i - 1] < got.time[i] ||
			    (got.time[i - 1] == got.time[i] && got.number[i - 1] < got.number[i]));
}

static void bursts_of_many_packets(void **state)
{
	(void)state;
	pcap_file(&m, false, NANO, 1);
	for (int i = 0; i < 3000; i++)
		ns_record(1000 * S + i * MS, 4, (unsigned)i & 0xffu);
	for (int i = 3000; i < 23000; i++) /* all within the same second */
		ns_record(1003 * S + i, 4, (unsigned)i & 0xffu);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 23000);
	for (size_t i = 0; i < got.n; i++)
		assert_true(got.number[i] == i + 1 && got.octet[i] == (i & 0xffu));
}

static void hours_back_are_flagged(void **state)
{
	size_t flagged = 0;

	(void)state;
	pcap_file(&m, false, NANO, 1);
	for (int i = 0; i < 3000; i++)
		ns_record(100000 * S + i * MS * 10 - (i >= 1000 && i < 1500 ? 7200 * S : 0), 4, 0);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 3000);
	for (size_t i = 0; i < got.n; i++) {
		bool late = got.number[i] > 1000 && got.number[i] <= 1500;

		assert_int_equal(got.flags[i], late ? CL_FF_OUT_OF_ORDER : 0);
		flagged += late;
	}
	assert_int_equal(flagged, 500);
	assert_int_equal(got.files[0].out_of_order, 500);
	assert_true(got.files[0].first_ns == 100000 * S + 10000 * MS - 7200 * S);
}

static void hours_ahead_and_back(void **state)
{
	(void)state;
	pcap_file(&m, false, NANO, 1);
	for (int i = 0; i < 300; i++)
		ns_record(100000 * S + i * 100 * MS + (i == 100 ? 7200 * S : 0), 4, 0);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 300);
	for (size_t i = 0; i < 299; i++)
		assert_true(got.flags[i] == 0 && got.number[i] == i + (i < 100 ? 1u : 2u));
	assert_int_equal(got.number[299], 101);
}

static void order_of_the_file_if_asked(void **state)
{
	struct cl_input_opts opts = { .no_reorder = true };
	const char *path;

	(void)state;
	pcap_file(&m, false, NANO, 1);
	for (int i = 0; i < 5000; i++)
		ns_record(1000 * S - i * MS, 4, 0);
	path = image_file(&m, 0);
	read_opts(&path, 1, &opts);
	assert_int_equal(got.n, 5000);
	for (size_t i = 0; i < got.n; i++)
		assert_true(got.number[i] == i + 1 && got.flags[i] == 0);
}

static void held_frames_are_bounded(void **state)
{
	FILE *f;
	char name[] = "test_input.XXXXXX";
	const char *path = name;
	int fd = mkstemp(name);

	(void)state;
	f = fdopen(fd, "wb");
	assert_non_null(f);
	pcap_file(&m, false, NANO, 1);
	fwrite(m.data, 1, m.n, f);
	for (int i = 0; i < 500; i++) { /* 50 MB in half a millisecond, one of them 0.44 ms late */
		m.n = 0;
		ns_record(1000 * S + (i == 450 ? 10000 : i * 1000), 100000, (unsigned)i & 0xffu);
		fwrite(m.data, 1, m.n, f);
	}
	fclose(f);
	read_all(&path, 1);
	unlink(name);
	assert_int_equal(got.n, 500);
	assert_int_equal(got.files[0].out_of_order, 1);
	for (size_t i = 0; i < got.n; i++) {
		assert_int_equal(got.flags[i] != 0, got.number[i] == 451);
		assert_int_equal(got.octet[i], (got.number[i] - 1) & 0xffu);
	}
}

/* Slow and sure: what the rule says, one frame after the other. */
static size_t model(const int64_t *t, size_t n, bool *flagged)
{
	static bool out[MOST];
	int64_t newest = INT64_MIN, last = INT64_MIN;
	size_t late = 0;

	memset(out, 0, sizeof(out));
	for (size_t i = 0; i < n; i++) {
		flagged[i] = t[i] < last;
		late += flagged[i];
		newest = t[i] > newest ? t[i] : newest;
		for (size_t j = 0; j <= i; j++)
			if (!out[j] && t[j] <= newest - S) {
				out[j] = true;
				last = t[j] > last ? t[j] : last;
			}
	}
	return late;
}

static void as_the_rule_says(void **state)
{
	static int64_t t[3000];
	static bool flagged[3000];
	uint32_t x = 1;

	(void)state;
	for (int round = 0; round < 8; round++) {
		pcap_file(&m, false, NANO, 1);
		for (int i = 0; i < 3000; i++) {
			x = x * 1664525u + 1013904223u;
			t[i] = 5000 * S + i * 10 * MS - (int64_t)(x >> 8) % (200 * (round + 1)) * 2 * MS;
			ns_record(t[i], 4, 0);
		}
		model(t, 3000, flagged);
		read_one(image_file(&m, 0));
		assert_int_equal(got.n, 3000);
		for (size_t i = 0; i < got.n; i++) {
			assert_int_equal(got.flags[i], flagged[got.number[i] - 1] ? CL_FF_OUT_OF_ORDER : 0);
			assert_true(got.time[i] == t[got.number[i] - 1]);
		}
	}
}

static void before_1970_and_after_2038(void **state)
{
	(void)state;
	m.n = 0;
	ng_section(&m, false);
	ng_interface(&m, 1, 0, 255, -4000000000);
	ng_interface(&m, 1, 0, 255, 4000000000);
	ng_packet(&m, 0, 1000000, 4, 4, 1);
	ng_packet(&m, 1, 1000000, 4, 4, 2);
	ng_packet(&m, 1, 2000000, 4, 4, 3);
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 3);
	assert_true(got.time[0] == -3999999999 * S);
	assert_true(got.time[2] == 4000000002 * S);
	assert_true(got.files[0].first_ns == got.time[0] && got.files[0].last_ns == got.time[2]);
	assert_int_equal(got.files[0].out_of_order, 0);
}

/* Several files ----------------------------------------------------------------- */

static void check_merged(size_t n)
{
	assert_int_equal(got.n, n);
	for (size_t i = 1; i < n; i++)
		assert_true(got.time[i - 1] < got.time[i] ||
			    (got.time[i - 1] == got.time[i] && got.file[i - 1] <= got.file[i]));
}

static void merged_whatever_order_named(void **state)
{
	const char *p[3], *order[3];
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					  { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	pcap_file(&m, false, NANO, 1);
	for (int i = 0; i < 1000; i++)
		ns_record(100 * S + i * 20 * MS, 10, 1);
	p[0] = image_file(&m, 0);
	pcap_file(&m, true, NANO, 113);
	for (int i = 0; i < 1000; i++)
		ns_record(110 * S + i * 10 * MS, 11, 2);
	p[1] = image_file(&m, 1);
	pcap_file(&m, true, MICRO, 1);
	for (uint32_t i = 0; i < 1000; i++)
		pcap_record(&m, 500 + i, 0, 12, 12, 3);
	p[2] = image_file(&m, 2);
	for (size_t k = 0; k < 6; k++) {
		for (size_t i = 0; i < 3; i++)
			order[i] = p[orders[k][i]];
		read_all(order, 3);
		check_merged(3000);
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(got.files[i].packets, 1000);
	}
}

static void many_files_one_after_the_other(void **state)
{
	const char *p[14];

	(void)state;
	for (unsigned k = 0; k < 14; k++) {
		pcap_file(&m, false, NANO, 1);
		for (int i = 0; i < 100; i++)
			ns_record(100 * S + (int64_t)(13 - k) * S + i * 10 * MS, 4, k);
		p[k] = image_file(&m, k);
	}
	read_all(p, 14);
	check_merged(1400);
	assert_int_equal(got.octet[0], 13);
}

static void the_same_records_twice(void **state)
{
	const char *p[5];

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		pcap_file(&m, k == 1, k == 2 ? MICRO : NANO, 1);
		for (uint32_t i = 0; i < 50; i++)
			pcap_record(&m, 10 + i, k == 2 ? 7 : 7000, 20, 30, i);
		if (k == 2)
			gzip_from(&m, 0);
		p[k] = image_file(&m, k);
	}
	pcap_file(&m, false, NANO, 1); /* begins the same */
	for (uint32_t i = 0; i < 50; i++)
		pcap_record(&m, 10 + i, 7000, 20, 30, i < 49 ? i : 200);
	p[3] = image_file(&m, 3);
	p[4] = p[0];
	read_all(p, 5);
	assert_int_equal(got.n, 100);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(got.files[i].duplicate, i == 1 || i == 2 || i == 4);
	assert_int_equal(got.files[1].packets, 0);
	assert_int_equal(got.files[3].packets, 50);
}

static void one_hash_in_every_container(void **state)
{
	uint64_t first[2] = { 0, 0 };
	struct cl_input_file f;

	(void)state;
	for (unsigned k = 0; k < 9; k++) {
		m.n = 0;
		if (k < 3)
			pcap_file(&m, k == 1, k == 2 ? MICRO : NANO, 1);
		else
			ng_section(&m, k == 3);
		if (k >= 3)
			ng_interface(&m, 1, 0, 9, 0);
		for (uint32_t i = 0; i < 50; i++) {
			uint32_t wire = k == 7 && i == 30 ? 31 : 30;
			uint64_t ns = k == 8 && i == 30 ? 7001 : 7000;

			if (k < 3)
				pcap_record(&m, 10 + i, k == 2 ? 7 : 7000, 20, wire, i);
			else
				ng_packet(&m, 0, (UINT64_C(10) + i) * 1000000000 + ns, 20, wire, i);
			if (k == 6 && i == 30)
				m.data[m.n - 5]++; /* the record's last octet */
		}
		if (k == 5)
			gzip_from(&m, 0);
		assert_true(cl_file_hash(image_file(&m, 0), &f));
		read_one(image_file(&m, 0));
		assert_memory_equal(f.hash, got.files[0].hash, sizeof(f.hash));
		assert_int_equal(f.packets, 50);
		assert_true(f.first_ns == 10 * S + 7000 && f.last_ns == 59 * S + 7000);
		if (k == 0)
			memcpy(first, f.hash, sizeof(first));
		assert_int_equal(memcmp(first, f.hash, sizeof(first)) == 0, k < 6);
	}
}

/* What is no capture ---------------------------------------------------------------- */

static void others_are_still_read(void **state)
{
	const char *p[6];

	(void)state;
	m.n = 0;
	p[0] = image_file(&m, 0);
	put_fill(&m, 'A', 40);
	p[1] = image_file(&m, 1);
	p[2] = ".";
	p[3] = "no-such-file.pcap";
	pcap_file(&m, false, NANO, 1);
	ns_record(S, 4, 1);
	p[4] = image_file(&m, 4);
	ns_record(2 * S, 4, 2);
	ns_record(3 * S, 4, 2);
	m.n--;
	p[5] = image_file(&m, 5);
	read_all(p, 6);
	assert_int_equal(got.n, 3);
	assert_non_null(strstr(got.errors[0], "is empty"));
	assert_non_null(strstr(got.errors[1], "first octets are 41 41 41 41"));
	assert_non_null(strstr(got.errors[2], "is a directory"));
	assert_string_equal(got.errors[3], "No such file or directory");
	assert_string_equal(got.errors[4], "");
	assert_string_equal(got.errors[5], "cut short in the middle of record 3");
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(got.files[i].opened, i >= 4);
	assert_true(got.files[5].damaged);
	assert_int_equal(cl_file_kind(p[0]), CL_FILE_EMPTY);
	assert_int_equal(cl_file_kind(p[1]), CL_FILE_UNKNOWN);
	assert_int_equal(cl_file_kind(p[2]), CL_FILE_UNREADABLE);
	assert_int_equal(cl_file_kind(p[3]), CL_FILE_UNREADABLE);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(cl_file_kind(p[4]), CL_FILE_CAPTURE);
	m.n = 0;
	put_fill(&m, 0, 100);
	memcpy(m.data, "SQLite format 3", 16);
	assert_int_equal(cl_file_kind(image_file(&m, 0)), CL_FILE_SQLITE);
	gzip_file(false);
	assert_int_equal(cl_file_kind(image_file(&m, 0)), CL_FILE_CAPTURE);
}

static void no_permission(void **state)
{
	const char *path;

	(void)state;
	pcap_file(&m, false, NANO, 1);
	path = image_file(&m, 0);
	assert_int_equal(chmod(path, 0), 0);
	if (geteuid() == 0 && seteuid(65534) != 0)
		return; /* root, who may read everything, and cannot be another */
	read_one(path);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_string_equal(got.errors[0], "Permission denied");
	assert_false(got.files[0].opened);
}

static void no_files_no_frames(void **state)
{
	(void)state;
	read_all(NULL, 0);
	assert_int_equal(got.n, 0);
	pcap_file(&m, false, NANO, 1); /* a header alone */
	read_one(image_file(&m, 0));
	assert_int_equal(got.n, 0);
	assert_true(got.files[0].opened && !got.files[0].damaged);
	cl_input_close(NULL);
}

/* A file that changes -------------------------------------------------------------- */

static void closing_early(void **state)
{
	const char *p[2];
	struct cl_input *in;
	const struct cl_frame *frames;
	uint64_t done, total;

	(void)state;
	pcap_file(&m, false, NANO, 1);
	for (int i = 0; i < 5000; i++)
		ns_record(100 * S + i * MS * (i % 7 == 3 ? 0 : 1), 60, 0);
	p[0] = image_file(&m, 0);
	ns_record(1000 * S, 4, 4);
	p[1] = image_file(&m, 1);
	in = cl_input_open(p, 2, NULL);
	assert_non_null(in);
	assert_true(cl_input_next(in, &frames) > 0);
	assert_true(cl_input_next(in, &frames) > 0);
	cl_input_progress(in, &done, &total);
	assert_true(done > 0 && done <= total);
	assert_true(total == 2 * m.n - 20);
	cl_input_close(in);
}

static void shrunk_and_gone_after_the_look(void **state)
{
	const char *p[3];
	struct cl_input *in;
	const struct cl_frame *frames;
	size_t n, all = 0;

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		pcap_file(&m, false, NANO, 1);
		for (int i = 0; i < 10; i++)
			ns_record((100 + (int64_t)k * 100 + i) * S, 60, k);
		p[k] = image_file(&m, k);
	}
	in = cl_input_open(p, 3, NULL);
	assert_non_null(in);
	assert_int_equal(truncate(p[1], 24 + 76 + 10), 0);
	assert_int_equal(unlink(p[2]), 0);
	while ((n = cl_input_next(in, &frames)) > 0)
		all += n;
	keep_files(in);
	cl_input_close(in);
	assert_int_equal(all, 11);
	assert_string_equal(got.errors[1], "cut short in the middle of record 2");
	assert_string_equal(got.errors[2], "No such file or directory");
	assert_true(got.files[2].damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(milliseconds_back_are_mended),
		cmocka_unit_test(just_a_second_is_mended),
		cmocka_unit_test(nothing_goes_out_early),
		cmocka_unit_test(as_late_as_each_other),
		cmocka_unit_test(bursts_of_many_packets),
		cmocka_unit_test(hours_back_are_flagged),
		cmocka_unit_test(hours_ahead_and_back),
		cmocka_unit_test(order_of_the_file_if_asked),
		cmocka_unit_test(held_frames_are_bounded),
		cmocka_unit_test(as_the_rule_says),
		cmocka_unit_test(before_1970_and_after_2038),
		cmocka_unit_test(merged_whatever_order_named),
		cmocka_unit_test(many_files_one_after_the_other),
		cmocka_unit_test(the_same_records_twice),
		cmocka_unit_test(one_hash_in_every_container),
		cmocka_unit_test(others_are_still_read),
		cmocka_unit_test(no_permission),
		cmocka_unit_test(no_files_no_frames),
		cmocka_unit_test(closing_early),
		cmocka_unit_test(shrunk_and_gone_after_the_look),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
