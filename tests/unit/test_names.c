/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/userfile/labels.h"
#include "cli/userfile/lines.h"
#include "cli/userfile/vendors.h"
#include "tests/unit/redirect.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *name_of(const struct cl_names *names, const char *addr)
{
	struct cl_addr a;

	assert_true(cl_addr_parse(addr, &a));
	return cl_names_find(names, &a);
}

static const char *label_of(const struct cl_labels *labels, const char *addr)
{
	struct cl_addr a;

	assert_true(cl_addr_parse(addr, &a));
	return cl_labels_find(labels, &a);
}

/* A list's lines of all kinds, and what is found of it. */
static void finds_the_longest_block(void **state)
{
	static const char text[] = "# comment\n"
				   "00:1B:C5\tIEEERegi\tIEEE Registration Authority\n"
				   "00:1B:C5:00:00:00/36\tConverge\tConverging Systems Inc.\n"
				   "00-1B-21   (hex)\t\tIntel Corporate\r\n"
				   "001B21     (base 16)\t\tsomebody else\r\n"
				   "\t\t\t\tLot 8, Jalan Hi-Tech 2/3\n"
				   "MA-M,70B3D5A,\"Comma, \"\"Ltd\"\"\",\"Street, 1\"\n"
				   "AA:BB:CC/25\tbad\tlength\n"
				   "AA:BB:CC:00:00:01\twhole\taddress\n"
				   "DD:EE:FF\tShort\n"
				   "DD:EE:FF\tSecond\n";
	char path[] = "/tmp/cl-names-XXXXXX";
	struct cl_vendors *v;

	(void)state;
	write_file(path, text, sizeof(text) - 1);
	v = cl_vendors_load(path);
	unlink(path);
	assert_non_null(v);
	assert_string_equal(cl_vendors_find(v, 0x001bc5000123), "Converging Systems Inc.");
	assert_string_equal(cl_vendors_find(v, 0x001bc5001123), "IEEE Registration Authority");
	assert_string_equal(cl_vendors_find(v, 0x001b21ffffff), "Intel Corporate");
	assert_string_equal(cl_vendors_find(v, 0x70b3d5a12345), "Comma, \"Ltd\"");
	assert_null(cl_vendors_find(v, 0x70b3d5b12345));
	assert_string_equal(cl_vendors_find(v, 0xddeeff000000), "Short");
	assert_null(cl_vendors_find(v, 0xaabbcc000001));
	assert_null(cl_vendors_find(NULL, 0x001b21ffffff));
	cl_vendors_free(v);
	cl_vendors_free(NULL);
}

static void finds_the_first_name(void **state)
{
	static const char text[] = "# comment\n"
				   "\n"
				   "192.0.2.1\tntp1.example ntp1 # first\r\n"
				   "  2001:db8::1 dns.example\n"
				   "2001:0DB8:0::2   no#comment\n"
				   "192.0.2.1 other.example\n"
				   "::ffff:192.0.2.9 mapped\n"
				   "198.51.100.1 last";
	char path[] = "/tmp/cl-names-XXXXXX";
	struct cl_names *names;

	(void)state;
	write_file(path, text, sizeof(text) - 1);
	names = cl_names_load(path);
	unlink(path);
	assert_non_null(names);
	assert_string_equal(name_of(names, "192.0.2.1"), "ntp1.example");
	assert_string_equal(name_of(names, "2001:db8::1"), "dns.example");
	assert_string_equal(name_of(names, "2001:db8::2"), "no#comment");
	assert_string_equal(name_of(names, "192.0.2.9"), "mapped");
	assert_string_equal(name_of(names, "198.51.100.1"), "last");
	assert_null(name_of(names, "192.0.2.2"));
	assert_null(name_of(NULL, "192.0.2.1"));
	cl_names_free(names);
	cl_names_free(NULL);
}

static void finds_the_longest_prefix(void **state)
{
	static const char text[] = "0.0.0.0/0 world\n"
				   "10.0.0.0/8 private net\n"
				   "10.1.0.0/16\tlab  # ours\n"
				   "10.1.2.3 host\n"
				   "192.0.2.77/24 masked\n"
				   "2001:db8::/32 docs\n"
				   "2001:db8:1::/48 docs one\n"
				   "2001:db8::1/128 router\n";
	char path[] = "/tmp/cl-labels-XXXXXX";
	struct cl_labels *labels;

	(void)state;
	write_file(path, text, sizeof(text) - 1);
	labels = cl_labels_load(path);
	unlink(path);
	assert_non_null(labels);
	assert_string_equal(label_of(labels, "10.1.2.3"), "host");
	assert_string_equal(label_of(labels, "10.1.2.4"), "lab");
	assert_string_equal(label_of(labels, "10.2.0.0"), "private net");
	assert_string_equal(label_of(labels, "192.0.2.255"), "masked");
	assert_string_equal(label_of(labels, "192.0.3.0"), "world");
	assert_string_equal(label_of(labels, "2001:db8::1"), "router");
	assert_string_equal(label_of(labels, "2001:db8::2"), "docs");
	assert_string_equal(label_of(labels, "2001:db8:1:ffff::"), "docs one");
	assert_null(label_of(labels, "2001:db9::"));
	assert_null(label_of(labels, "::1"));
	assert_null(label_of(NULL, "10.1.2.3"));
	cl_labels_free(labels);
	cl_labels_free(NULL);
}

/* All prefixes of many small addresses against a search one by one. */
static void agrees_with_a_plain_search(void **state)
{
	char path[] = "/tmp/cl-labels-XXXXXX", text[8192] = "";
	struct cl_prefix prefixes[100];
	struct cl_labels *labels;
	unsigned seed = 1;
	size_t n = 0;

	(void)state;
	while (n < COUNT(prefixes)) {
		const uint8_t octets[4] = { 10, 0, 0, (uint8_t)(seed >> 8) };
		struct cl_addr a = cl_addr_from_v4(octets);
		char addr[CL_ADDR_STRLEN];
		size_t len = strlen(text), i = 0;

		prefixes[n] = cl_prefix_of(&a, (uint8_t)(24 + seed % 9));
		while (memcmp(&prefixes[i], &prefixes[n], sizeof(prefixes[0])) != 0)
			i++;
		seed = seed * 1103515245u + 12345u;
		if (i < n)
			continue;
		cl_addr_format(&prefixes[n].addr, addr);
		snprintf(text + len, sizeof(text) - len, "%s/%u label%zu\n", addr, prefixes[n].len, n);
		n++;
	}
	write_file(path, text, strlen(text));
	labels = cl_labels_load(path);
	unlink(path);
	assert_non_null(labels);
	for (unsigned last = 0; last < 256; last++) {
		const uint8_t octets[4] = { 10, 0, 0, (uint8_t)last };
		struct cl_addr a = cl_addr_from_v4(octets);
		char expected[32] = "none";
		int longest = -1;
		const char *found;

		for (size_t i = 0; i < n; i++) {
			struct cl_prefix p = cl_prefix_of(&a, prefixes[i].len);

			if (cl_addr_cmp(&p.addr, &prefixes[i].addr) == 0 && prefixes[i].len > longest) {
				longest = prefixes[i].len;
				snprintf(expected, sizeof(expected), "label%zu", i);
			}
		}
		found = cl_labels_find(labels, &a);
		assert_string_equal(found != NULL ? found : "none", expected);
	}
	cl_labels_free(labels);
}

static void says_the_line_that_is_wrong(void **state)
{
	static const struct {
		const char *text;
		bool labels;
		const char *where, *why;
	} cases[] = {
		{ "192.0.2.1 a\nntp.example 192.0.2.1\n", false,
		  ":2: ", "the line does not begin with an IPv4 or IPv6 address\n" },
		{ "\n\n192.0.2.1\n", false, ":3: ", "no name behind the address\n" },
		{ "192.0.2.1 # gone\n", false, ":1: ", "no name behind the address\n" },
		{ "192.0.2.0/33 a\n", true,
		  ":1: ", "the line does not begin with an address or ADDRESS/LENGTH\n" },
		{ "192.0.2.0/24\n", true, ":1: ", "no label behind the prefix\n" },
		{ "192.0.2.0/24 a\n::/0 b\n192.0.2.1/24 c\n", true,
		  ":3: ", "the prefix stands in line 1 already\n" },
	};
	static struct redirect r;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char path[] = "/tmp/cl-bad-XXXXXX", expected[256];

		write_file(path, cases[i].text, strlen(cases[i].text));
		redirect_begin(&r, stderr);
		if (cases[i].labels)
			assert_null(cl_labels_load(path));
		else
			assert_null(cl_names_load(path));
		snprintf(expected, sizeof(expected), "clientele: %s%s%s", path, cases[i].where, cases[i].why);
		assert_string_equal(redirect_end(&r), expected);
		unlink(path);
	}
}

static void bounds_what_it_reads(void **state)
{
	static const char nul[] = "192.0.2.1 a\0b\n";
	char path[] = "/tmp/cl-long-XXXXXX", line[2 * CL_LINE_MAX], nul_path[] = "/tmp/cl-nul-XXXXXX";
	static struct redirect r;
	struct cl_labels *labels;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "10.0.0.0/8 ", 11);
	line[CL_LINE_MAX] = '\n';
	write_file(path, line, CL_LINE_MAX + 1);
	labels = cl_labels_load(path);
	assert_non_null(labels);
	assert_int_equal(strlen(label_of(labels, "10.0.0.1")), CL_LINE_MAX - 11);
	cl_labels_free(labels);
	unlink(path);

	memcpy(path, "/tmp/cl-long-XXXXXX", sizeof(path));
	line[CL_LINE_MAX] = 'x';
	line[CL_LINE_MAX + 1] = '\n';
	write_file(path, line, CL_LINE_MAX + 2);
	write_file(nul_path, nul, sizeof(nul) - 1);
	redirect_begin(&r, stderr);
	assert_null(cl_labels_load(path));
	assert_null(cl_names_load(nul_path));
	assert_null(cl_names_load("/nonexistent/file"));
	assert_null(cl_names_load("/tmp"));
	redirect_end(&r);
	assert_non_null(strstr(r.text, ":1: the line is longer than 1022 octets\n"));
	assert_non_null(strstr(r.text, ":1: the line has a NUL octet"));
	assert_non_null(strstr(r.text, "clientele: /nonexistent/file: No such file or directory\n"));
	assert_non_null(strstr(r.text, "clientele: /tmp: Is a directory\n"));
	unlink(path);
	unlink(nul_path);
}

static void an_empty_file_names_nobody(void **state)
{
	struct cl_names *names = cl_names_load("/dev/null");
	struct cl_labels *labels = cl_labels_load("/dev/null");

	(void)state;
	assert_non_null(names);
	assert_non_null(labels);
	assert_null(name_of(names, "192.0.2.1"));
	assert_null(label_of(labels, "192.0.2.1"));
	cl_names_free(names);
	cl_labels_free(labels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_longest_block),     cmocka_unit_test(finds_the_first_name),
		cmocka_unit_test(finds_the_longest_prefix),    cmocka_unit_test(agrees_with_a_plain_search),
		cmocka_unit_test(says_the_line_that_is_wrong), cmocka_unit_test(bounds_what_it_reads),
		cmocka_unit_test(an_empty_file_names_nobody),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
