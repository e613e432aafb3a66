/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/write/out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/test_cmocka.h"

static struct cl_out out;

/* What was written since the last look, as a string. */
static const char *text(void)
{
	assert_false(out.failed);
	cl_out_char(&out, '\0');
	out.used = 0;
	return out.at;
}

static struct cl_span span(const char *s)
{
	return (struct cl_span){ (const uint8_t *)s, (uint32_t)strlen(s) };
}

static void numbers(void **state)
{
	static const struct {
		uint64_t v;
		const char *decimal, *padded, *hex;
	} rows[] = {
		{ 0, "0", "00000", "0000" },
		{ 9, "9", "00009", "0009" },
		{ 10, "10", "00010", "000a" },
		{ 99, "99", "00099", "0063" },
		{ 100, "100", "00100", "0064" },
		{ 12345, "12345", "12345", "3039" },
		{ 987654, "987654", "987654", "f1206" },
		{ UINT64_MAX, "18446744073709551615", "18446744073709551615", "ffffffffffffffff" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cl_out_u64(&out, rows[i].v);
		assert_string_equal(text(), rows[i].decimal);
		cl_out_padded(&out, rows[i].v, 5);
		assert_string_equal(text(), rows[i].padded);
		cl_out_hex(&out, rows[i].v, 4);
		assert_string_equal(text(), rows[i].hex);
	}
	cl_out_i64(&out, INT64_MIN);
	assert_string_equal(text(), "-9223372036854775808");
	cl_out_i64(&out, INT64_MAX);
	assert_string_equal(text(), "9223372036854775807");
	cl_out_padded(&out, 7, 20);
	assert_string_equal(text(), "00000000000000000007");
}

static void reals_are_exact_where_32_places_do(void **state)
{
	static const struct {
		double v;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ -2.5, "-2.5" },
		{ 1.0 / 65536, "0.0000152587890625" },
		{ 65535 + 65535.0 / 65536, "65535.9999847412109375" },
		{ 1 / 4294967296.0, "0.00000000023283064365386962890625" },
		{ 4294967295.0, "4294967295" },
		{ 0.1, "0.10000000000000001" },
		{ 1e300, "1.0000000000000001e+300" },
		{ INFINITY, "null" },
		{ -INFINITY, "null" },
		{ NAN, "null" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cl_out_real(&out, rows[i].v);
		assert_string_equal(text(), rows[i].text);
	}
}

static void times(void **state)
{
	static const struct {
		int64_t ns;
		const char *seconds, *epoch, *time;
	} rows[] = {
		{ 0, "0", "0.000000000", "1970-01-01T00:00:00.000000000Z" },
		{ 1, "0.000000001", "0.000000001", "1970-01-01T00:00:00.000000001Z" },
		{ -1, "-0.000000001", "-0.000000001", "1969-12-31T23:59:59.999999999Z" },
		{ 1500000000, "1.5", "1.500000000", "1970-01-01T00:00:01.500000000Z" },
		{ 951782399999999999, "951782399.999999999", "951782399.999999999",
		  "2000-02-28T23:59:59.999999999Z" },
		{ 951782400000000000, "951782400", "951782400.000000000", "2000-02-29T00:00:00.000000000Z" },
		{ INT64_MAX, "9223372036.854775807", "9223372036.854775807",
		  "2262-04-11T23:47:16.854775807Z" },
		{ INT64_MIN, "-9223372036.854775808", "-9223372036.854775808",
		  "1677-09-21T00:12:43.145224192Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cl_out_seconds(&out, rows[i].ns);
		assert_string_equal(text(), rows[i].seconds);
		cl_out_epoch(&out, rows[i].ns);
		assert_string_equal(text(), rows[i].epoch);
		cl_out_time(&out, rows[i].ns);
		assert_string_equal(text(), rows[i].time);
	}
}

static void octets_and_addresses(void **state)
{
	static const uint8_t documentation[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };

	(void)state;
	cl_out_bytes(&out, span("\x01\xab\xff"), 0);
	assert_string_equal(text(), "01abff");
	cl_out_bytes(&out, span("\x01\xab\xff"), ':');
	assert_string_equal(text(), "01:ab:ff");
	cl_out_bytes(&out, (struct cl_span){ NULL, 0 }, ':');
	assert_string_equal(text(), "");
	cl_out_ip4(&out, 0xc00002ff);
	assert_string_equal(text(), "192.0.2.255");
	cl_out_ip6(&out, (struct cl_span){ documentation, 16 });
	assert_string_equal(text(), "2001:db8::1");
	cl_out_ip6(&out, (struct cl_span){ mapped, 16 });
	assert_string_equal(text(), "::ffff:192.0.2.1");
	cl_out_ip6(&out, (struct cl_span){ mapped + 8, 8 });
	assert_string_equal(text(), "0000ffffc0000201");
}

static void hostile_text(void **state)
{
	static const struct {
		const char *text, *json, *safe;
	} rows[] = {
		{ "", "\"\"", "" },
		{ "plain", "\"plain\"", "plain" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"", "a\"b\\c/" },
		{ "\x1b[31m\r\n\t\x07", "\"\\u001b[31m\\r\\n\\t\\u0007\"", "\\x1B[31m\\x0D\\x0A\\x09\\x07" },
		{ "\x7f", "\"\\u007f\"", "\\x7F" },
		{ "\xc2\x9b", "\"\\u009b\"", "\\xC2\\x9B" },	      /* CSI */
		{ "\xe2\x80\xae", "\"\\u202e\"", "\\xE2\\x80\\xAE" }, /* right-to-left override */
		{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"", "gr\xc3\xbc\xc3\x9f" },
		{ "\xff\xfe", "\"\\ufffd\\ufffd\"", "\\xFF\\xFE" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"", "\\xC0\\xAF" }, /* an overlong slash */
		{ "\xe2\x82", "\"\\ufffd\\ufffd\"", "\\xE2\\x82" }, /* cut */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cl_out_json(&out, rows[i].text, strlen(rows[i].text));
		assert_string_equal(text(), rows[i].json);
		cl_out_safe(&out, rows[i].text, strlen(rows[i].text));
		assert_string_equal(text(), rows[i].safe);
	}
	cl_out_json(&out, "a\0b", 3);
	assert_string_equal(text(), "\"a\\u0000b\"");
	cl_out_safe(&out, "a\0b", 3);
	assert_string_equal(text(), "a\\x00b");
}

/* What stops a text from being copied as it is, at each place of a long one: eight octets are looked at at
 * a time. */
static void each_octet_at_each_place(void **state)
{
	enum { LENGTH = 21 };

	(void)state;
	for (unsigned octet = 0; octet < 128; octet++)
		for (unsigned place = 0; place < LENGTH; place++) {
			char plain[LENGTH + 1] = "a~} |[z!#]^-a~} |[z!#", want[64], escaped[8];
			bool control = octet < 0x20 || octet == 0x7f;

			plain[place] = (char)octet;
			snprintf(escaped, sizeof(escaped), control ? "\\x%02X" : "%c", octet);
			snprintf(want, sizeof(want), "%.*s%s%s", (int)place, plain, escaped,
				 plain + place + 1);
			cl_out_safe(&out, plain, LENGTH);
			assert_string_equal(text(), want);
			if (octet == '\b' || octet == '\f' || octet == '\n' || octet == '\r' || octet == '\t')
				continue; /* hostile_text */
			bool quoted = octet == '"' || octet == '\\';
			snprintf(escaped, sizeof(escaped),
				 control  ? "\\u%04x"
				 : quoted ? "\\%c"
					  : "%c",
				 octet);
			snprintf(want, sizeof(want), "\"%.*s%s%s\"", (int)place, plain, escaped,
				 plain + place + 1);
			cl_out_json(&out, plain, LENGTH);
			assert_string_equal(text(), want);
		}
}

static void grows(void **state)
{
	struct cl_out o = { .at = NULL };

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		cl_out_padded(&o, i, 6);
	assert_int_equal(o.used, 600000);
	assert_memory_equal(o.at, "000000000001", 12);
	assert_memory_equal(o.at + 599988, "099998099999", 12);
	assert_null(cl_out_room(&o, SIZE_MAX - 1000000));
	assert_true(o.failed);
	cl_out_free(&o);
	assert_null(o.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(reals_are_exact_where_32_places_do),
		cmocka_unit_test(times),
		cmocka_unit_test(octets_and_addresses),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(grows),
		cmocka_unit_test(each_octet_at_each_place),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	cl_out_free(&out);
	return failed;
}
