/* SPDX-License-Identifier: BSD-2-Clause */
/* The writers of dissect, on details put together by hand. */
#include <stdlib.h>
#include <string.h>

#include "cli/packet/dissect.h"
#include "cli/packet/places.h"
#include "tests/unit/test_cmocka.h"

static const struct cl_protocol eth = { "eth", "Ethernet II" }, ip = { "ip", "Internet Protocol Version 4" },
				ipv6 = { "ipv6", "Internet Protocol Version 6" },
				dns = { "dns", "Domain Name System" };

static const char *mode_name(uint64_t v)
{
	return v == 3 ? "client" : NULL;
}

static const struct cl_field ttl = { "ip.ttl", "Time to Live", CL_V_UINT, CL_DEC, 0, NULL };
static const struct cl_field src = { "ip.src", "Source Address", CL_V_IP4, 0, 0, NULL };
static const struct cl_field dst = { "ip.dst", "Destination Address", CL_V_IP4, 0, 0, NULL };
static const struct cl_field src6 = { "ipv6.src", "Source Address", CL_V_IP6, 0, 0, NULL };
static const struct cl_field dst6 = { "ipv6.dst", "Destination Address", CL_V_IP6, 0, 0, NULL };
static const struct cl_field mac = { "eth.dst", "Destination", CL_V_ETHER, 0, 0, NULL };
static const struct cl_field flag = { "ip.flags.df", "Don't fragment", CL_V_BOOL, 0, 0, NULL };
static const struct cl_field mode = { "ntp.flags.mode", "Mode", CL_V_UINT, CL_HEX8, 0, mode_name };
static const struct cl_field precision = { "ntp.precision", "Precision", CL_V_INT, 0, 0, NULL };
static const struct cl_field stamp = { "ntp.xmt", "Transmit Timestamp", CL_V_NTP_TIME, 0, 0, NULL };
static const struct cl_field octets = { "dns.data", "Data", CL_V_BYTES, 0, 0, NULL };
static const struct cl_field note = { "dns.note", "Note", CL_V_TEXT, 0, CL_FD_GENERATED, NULL };
static const struct cl_field words = { NULL, "Nothing to say", CL_V_NONE, 0, 0, NULL };
static const struct cl_field delay = { "ntp.delay", "Delay", CL_V_DURATION, 0, 0, NULL };
static const struct cl_field real = { "ntp.real", "Real", CL_V_REAL, 0, 0, NULL };
static const struct cl_field instant = { "dns.time", "Time", CL_V_TIME, 0, 0, NULL };
static const struct cl_field group = { NULL, "Flags", CL_V_GROUP, 0, 0, NULL };
static const struct cl_field rr = { "dns.rr", "Record", CL_V_OBJECT, 0, 0, NULL };
static const struct cl_field data = { "dns.rr.data", "Data", CL_V_OBJECT, 0, CL_FD_OBJECT, NULL };
static const struct cl_field name = { "dns.resp.name", "Name", CL_V_TEXT, 0, 0, NULL };
static const struct cl_field section = { "dns.rr.section", "Section", CL_V_TEXT, 0, CL_FD_OBJECT, NULL };
static const struct cl_field type = { "dns.resp.type", "Type", CL_V_UINT, 0, 0, NULL };
static const struct cl_field type_name = { "dns.rr.type", "Type", CL_V_TEXT, 0, CL_FD_OBJECT, NULL };
static const struct cl_field type_flat = { "dns.rr.type.flat", "Type", CL_V_UINT, 0, CL_FD_FLAT, NULL };
static const struct cl_field txt = { "dns.txt", "TXT", CL_V_TEXT, 0, 0, NULL };
static const struct cl_field txt_length = { "dns.txt.length", "TXT Length", CL_V_UINT, 0, CL_FD_FLAT, NULL };

struct show {
	struct cl_detail *d;
	struct cl_frame f;
	struct cl_out out;
	struct cl_show_json *json;
	struct cl_show_tree *tree;
};

static void begin(struct show *s)
{
	*s = (struct show){ .d = cl_detail_new(),
			    .f = { .number = 7, .time_ns = 1500000000, .wire_len = 90, .cap_len = 60 },
			    .json = cl_show_json_new(),
			    .tree = cl_show_tree_new() };
	assert_non_null(s->tree);
	assert_non_null(s->d);
	assert_non_null(s->json);
}

static void end(struct show *s)
{
	cl_detail_free(s->d);
	cl_out_free(&s->out);
	cl_show_json_free(s->json);
	cl_show_tree_free(s->tree);
}

static const char *text(struct show *s)
{
	assert_false(s->out.failed);
	cl_out_char(&s->out, '\0');
	s->out.used = 0;
	return s->out.at;
}

/* The object without its head, which is the same each time. */
static const char *layers(struct show *s)
{
	static const char head[] = "{\"frame.number\": 7, \"frame.time_epoch\": \"1.500000000\", "
				   "\"frame.len\": 90, \"frame.cap_len\": 60, \"fate\": \"counted\", "
				   "\"anomalies\": [], \"layers\": ";
	const char *all;

	assert_true(cl_show_json(s->json, &s->out, &s->f, s->d, NULL));
	all = text(s);
	assert_memory_equal(all, head, sizeof(head) - 1);
	return all + sizeof(head) - 1;
}

static struct cl_span span(const char *octets_of, uint32_t n)
{
	return (struct cl_span){ (const uint8_t *)octets_of, n };
}

static void put_values(struct cl_detail *d)
{
	static const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

	cl_put_layer(d, &dns, 0);
	cl_put_uint(d, &ttl, 64);
	cl_put_uint(d, &src, 0xc0000201);
	cl_put_bytes(d, &src6, (struct cl_span){ six, 16 });
	cl_put_bytes(d, &mac, span("\x02\0\0\0\0\x01", 6));
	cl_put_uint(d, &flag, 1);
	cl_put_uint(d, &mode, 3);
	cl_put_int(d, &precision, -23);
	cl_put_uint(d, &stamp, (uint64_t)(2208988800u + 1) << 32 | 0x80000000);
	cl_put_uint(d, &stamp, 0);
	cl_put_bytes(d, &octets, span("\xde\xad", 2));
	cl_put_string(d, &note, "\x1b[1m\"");
	cl_put_none(d, &words);
	cl_put_int(d, &delay, -1500000);
	cl_put_real(d, &real, 0.25);
	cl_put_int(d, &instant, 0);
}

static void each_type_as_json(void **state)
{
	struct show s;

	(void)state;
	begin(&s);
	put_values(s.d);
	assert_string_equal(
		layers(&s),
		"[{\"layer\": \"dns\", \"ip.ttl\": 64, \"ip.src\": \"192.0.2.1\", \"ipv6.src\": "
		"\"2001:db8::1\", \"eth.dst\": \"02:00:00:00:00:01\", \"ip.flags.df\": true, "
		"\"ntp.flags.mode\": 3, \"ntp.precision\": -23, \"ntp.xmt\": [{\"seconds\": 2208988801, "
		"\"fraction\": 2147483648, \"time\": \"1970-01-01T00:00:01.500000000Z\"}, {\"seconds\": 0, "
		"\"fraction\": 0, \"time\": null}], \"dns.data\": \"dead\", \"dns.note\": "
		"\"\\u001b[1m\\\"\", \"ntp.delay\": -0.0015, \"ntp.real\": 0.25, \"dns.time\": "
		"\"1970-01-01T00:00:00.000000000Z\"}]}\n");
	end(&s);
}

static void each_type_in_the_tree(void **state)
{
	struct show s;

	(void)state;
	begin(&s);
	put_values(s.d);
	cl_show_tree(s.tree, &s.out, &s.f, s.d);
	assert_string_equal(
		text(&s),
		"Frame 7: 1970-01-01T00:00:01.500000000Z, 90 octets on the wire, 60 captured, counted\n"
		"Domain Name System\n"
		"    Time to Live: 64\n"
		"    Source Address: 192.0.2.1\n"
		"    Source Address: 2001:db8::1\n"
		"    Destination: 02:00:00:00:00:01\n"
		"    Don't fragment: yes\n"
		"    Mode: client (0x03)\n"
		"    Precision: -23\n"
		"    Transmit Timestamp: 1970-01-01T00:00:01.500000000Z\n"
		"    Transmit Timestamp: 00000000.00000000 (unknown)\n"
		"    Data: dead\n"
		"    [Note: \\x1B[1m\"]\n"
		"    Nothing to say\n"
		"    Delay: -0.0015 s\n"
		"    Real: 0.25\n"
		"    Time: 1970-01-01T00:00:00.000000000Z\n\n");
	end(&s);
}

/* A record: its members flat too, but for those that say otherwise. */
static void put_record(struct cl_detail *d, const char *owner, unsigned texts)
{
	cl_put_group(d, &rr, "%s", owner);
	cl_put_string(d, &section, "answer");
	cl_put_string(d, &name, owner);
	cl_put_group(d, &group, NULL);
	cl_put_uint(d, &type, 16);
	cl_put_end(d);
	cl_put_group(d, &data, NULL);
	for (unsigned i = 0; i < texts; i++) {
		cl_put_uint(d, &txt_length, i);
		cl_put_format(d, &txt, "t%u", i);
	}
	cl_put_end(d);
	cl_put_end(d);
}

static void objects_and_repeated_fields(void **state)
{
	struct show s;

	(void)state;
	begin(&s);
	cl_put_layer(s.d, &dns, 0);
	cl_put_uint(s.d, &ttl, 1);
	put_record(s.d, "a.example", 1);
	cl_put_uint(s.d, &ttl, 2);
	put_record(s.d, "b.example", 2);
	put_record(s.d, "c.example", 0);
	assert_string_equal(
		layers(&s),
		"[{\"layer\": \"dns\", \"ip.ttl\": [1, 2], \"dns.resp.name\": [\"a.example\", \"b.example\", "
		"\"c.example\"], \"dns.resp.type\": [16, 16, 16], \"dns.txt.length\": [0, 0, 1], "
		"\"dns.txt\": [\"t0\", \"t0\", \"t1\"], \"dns.rr\": "
		"[{\"section\": \"answer\", \"name\": \"a.example\", \"type\": 16, \"data\": {\"txt\": "
		"\"t0\"}}, "
		"{\"section\": \"answer\", \"name\": \"b.example\", \"type\": 16, \"data\": {\"txt\": "
		"[\"t0\", \"t1\"]}}, {\"section\": \"answer\", \"name\": \"c.example\", \"type\": 16, "
		"\"data\": {}}]}]}\n");
	assert_null(cl_show_json_clash(s.json));
	end(&s);
}

static void one_object_is_an_array_too(void **state)
{
	struct show s;

	(void)state;
	begin(&s);
	cl_put_layer(s.d, &dns, 0);
	cl_put_group(s.d, &rr, NULL);
	cl_put_uint(s.d, &type, 1); /* an object without its end */
	assert_string_equal(layers(&s), "[{\"layer\": \"dns\", \"dns.resp.type\": 1, \"dns.rr\": "
					"[{\"type\": 1}]}]}\n");
	cl_detail_clear(s.d);
	cl_put_layer(s.d, &dns, 0);
	cl_put_end(s.d); /* an end without its object */
	cl_put_uint(s.d, &type, 1);
	assert_string_equal(layers(&s), "[{\"layer\": \"dns\", \"dns.resp.type\": 1}]}\n");
	cl_detail_clear(s.d);
	cl_put_layer(s.d, &dns, 0);
	cl_put_group(s.d, &rr, NULL);
	for (unsigned i = 0; i < 20; i++)
		cl_put_group(s.d, &data, NULL);
	assert_true(cl_show_json(s.json, &s.out, &s.f, s.d, NULL));
	assert_non_null(strstr(text(&s), "\"data\": {}}}}"));
	end(&s);
}

static void the_tree_says_once_what_is_there_twice(void **state)
{
	struct show s;

	(void)state;
	begin(&s);
	cl_put_layer(s.d, &dns, 0);
	cl_put_group(s.d, &rr, "a.example");
	cl_put_string(s.d, &type_name, "A");
	cl_put_uint(s.d, &type_flat, 1);
	cl_put_string(s.d, &section, "answer");
	cl_put_end(s.d);
	cl_put_string(s.d, &type_name, "last");
	cl_show_tree(s.tree, &s.out, &s.f, s.d);
	assert_non_null(strstr(text(&s), "\nDomain Name System\n"
					 "    Record: a.example\n"
					 "        Type: 1\n"
					 "        Section: answer\n"
					 "    Type: last\n\n"));
	end(&s);
}

static void put_tunnel(struct cl_detail *d)
{
	static const uint8_t a[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	static const uint8_t b[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };

	cl_put_layer(d, &eth, 0);
	cl_put_layer(d, &ip, 0);
	cl_put_uint(d, &src, 0xc0000201);
	cl_put_uint(d, &dst, 0xc6336401);
	cl_put_layer(d, &ipv6, CL_LF_TUNNELLED);
	cl_put_bytes(d, &src6, (struct cl_span){ a, 16 });
	cl_put_bytes(d, &dst6, (struct cl_span){ b, 16 });
	cl_put_finding(d, CL_ANOM_IPV6_BAD_LENGTH);
	cl_put_layer(d, &ip, CL_LF_TUNNELLED | CL_LF_QUOTED);
	cl_put_uint(d, &src, 1);
	cl_put_uint(d, &dst, 2);
	cl_put_info(d, "Destination \x1b unreachable");
	d->fate = CL_FATE_UNDECODED;
	d->undecoded = CL_UND_LINKTYPE;
	d->undecoded_value = 147;
}

static void layers_have_flags_and_anomalies(void **state)
{
	struct show s;

	(void)state;
	begin(&s);
	put_tunnel(s.d);
	cl_show_line(&s.out, &s.f, s.d);
	assert_string_equal(
		text(&s),
		"     7 1970-01-01T00:00:01.500000000Z 2001:db8::1           -> 2001:db8::2           "
		"IPv6      90 Destination \\x1B unreachable [undecoded: link type 147] "
		"[!ipv6.bad_length]\n");
	cl_show_tree(s.tree, &s.out, &s.f, s.d);
	assert_non_null(strstr(text(&s),
			       "Internet Protocol Version 6 [tunnelled]\n"
			       "    Source Address: 2001:db8::1\n"
			       "    Destination Address: 2001:db8::2\n"
			       "    [Anomaly ipv6.bad_length: payload length over what the frame holds "
			       "(RFC 8200 sec. 3)]\n"
			       "Internet Protocol Version 4 [tunnelled] [quoted]\n"));
	assert_true(cl_show_json(s.json, &s.out, &s.f, s.d, "a\"b.pcap"));
	assert_string_equal(
		text(&s),
		"{\"frame.number\": 7, \"frame.time_epoch\": \"1.500000000\", \"frame.len\": 90, "
		"\"frame.cap_len\": 60, \"file\": \"a\\\"b.pcap\", \"fate\": \"undecoded\", \"reason\": "
		"\"link type 147\", \"anomalies\": [\"ipv6.bad_length\"], \"info\": \"Destination \\u001b "
		"unreachable\", \"layers\": [{\"layer\": \"eth\"}, {\"layer\": \"ip\", \"ip.src\": "
		"\"192.0.2.1\", \"ip.dst\": \"198.51.100.1\"}, {\"layer\": \"ipv6\", \"tunnelled\": true, "
		"\"anomalies\": [\"ipv6.bad_length\"], \"ipv6.src\": \"2001:db8::1\", \"ipv6.dst\": "
		"\"2001:db8::2\"}, {\"layer\": \"ip\", \"tunnelled\": true, \"quoted\": true, \"ip.src\": "
		"\"0.0.0.1\", \"ip.dst\": \"0.0.0.2\"}]}\n");
	end(&s);
}

static void two_descriptions_of_a_name_are_found(void **state)
{
	static const struct cl_field twin = { "ip.ttl", "Time to Live", CL_V_UINT, 0, 0, NULL };
	struct show s;

	(void)state;
	begin(&s);
	cl_put_layer(s.d, &ip, 0);
	cl_put_uint(s.d, &ttl, 1);
	(void)layers(&s);
	assert_null(cl_show_json_clash(s.json));
	cl_put_uint(s.d, &twin, 2);
	assert_string_equal(layers(&s), "[{\"layer\": \"ip\", \"ip.ttl\": [1, 2]}]}\n");
	assert_string_equal(cl_show_json_clash(s.json), "ip.ttl");
	end(&s);
}

/* Thousands of names and values: tables grow, and order stays. */
static void many_values(void **state)
{
	enum { FIELDS = 3000 };
	struct cl_field *fields = calloc(FIELDS, sizeof(*fields));
	char(*names)[16] = calloc(FIELDS, sizeof(*names));
	const char *all;
	struct show s;

	(void)state;
	begin(&s);
	assert_non_null(fields);
	assert_non_null(names);
	cl_put_layer(s.d, &ip, 0);
	for (unsigned i = 0; i < FIELDS * 2; i++) {
		struct cl_field *f = &fields[i % FIELDS];

		snprintf(names[i % FIELDS], sizeof(*names), "x.f%u", i % FIELDS);
		f->name = names[i % FIELDS];
		f->type = CL_V_UINT;
		cl_put_uint(s.d, f, i);
	}
	all = layers(&s);
	assert_non_null(strstr(all, "{\"layer\": \"ip\", \"x.f0\": [0, 3000], \"x.f1\": [1, 3001], "));
	assert_non_null(strstr(all, "\"x.f2998\": [2998, 5998], \"x.f2999\": [2999, 5999]}]}\n"));
	assert_null(cl_show_json_clash(s.json));
	end(&s);
	free(fields);
	free(names);
}

/* Descriptions whose addresses share a place (cli/packet/places.h) have words and keys of their own all the
 * same. */
static void descriptions_that_share_a_place(void **state)
{
	enum { APART = CL_PLACES * 16 / sizeof(struct cl_field) };
	struct cl_field *fields = calloc(APART + 1, sizeof(*fields));
	struct show s;

	(void)state;
	begin(&s);
	assert_non_null(fields);
	fields[0] = (struct cl_field){ "x.one", "One", CL_V_UINT, 0, 0, NULL };
	fields[APART] = (struct cl_field){ "x.two", "Two", CL_V_UINT, CL_HEX8, CL_FD_GENERATED, NULL };
	cl_put_layer(s.d, &ip, 0);
	for (unsigned i = 0; i < 3; i++) {
		cl_put_uint(s.d, &fields[0], i);
		cl_put_uint(s.d, &fields[APART], i);
	}
	cl_show_tree(s.tree, &s.out, &s.f, s.d);
	assert_non_null(strstr(text(&s), "    One: 0\n    [Two: 0x00]\n    One: 1\n    [Two: 0x01]\n"
					 "    One: 2\n    [Two: 0x02]\n\n"));
	assert_string_equal(layers(&s),
			    "[{\"layer\": \"ip\", \"x.one\": [0, 1, 2], \"x.two\": [0, 1, 2]}]}\n");
	end(&s);
	free(fields);
}

#define TEN "0123456789"
static const char *long_name(uint64_t v)
{
	return v == 1 ? TEN TEN TEN TEN TEN TEN TEN : v == 2 ? "two" : NULL;
}

/* What was kept of the packet before is that of its value alone; what is too long to be kept is whole. */
static void words_that_were_kept(void **state)
{
	static const struct cl_field named = { "x.n", "N", CL_V_UINT, CL_HEX8, 0, long_name },
				     truth = { "x.b", "B", CL_V_BOOL, 0, 0, long_name },
				     label = { "x." TEN TEN TEN TEN TEN TEN,
					       TEN TEN TEN TEN TEN TEN,
					       CL_V_UINT,
					       0,
					       CL_FD_GENERATED,
					       NULL };
	static const unsigned values[] = { 2, 2, 1, 3, 1, 2, 0 };
	static const char *const shown[] = { "two (0x02)",
					     "two (0x02)",
					     TEN TEN TEN TEN TEN TEN TEN " (0x01)",
					     "0x03",
					     TEN TEN TEN TEN TEN TEN TEN " (0x01)",
					     "two (0x02)",
					     "0x00" };
	char line[400];
	struct show s;

	(void)state;
	begin(&s);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		cl_detail_clear(s.d);
		cl_put_layer(s.d, &ip, 0);
		cl_put_uint(s.d, &named, values[i]);
		cl_put_uint(s.d, &truth, 0);
		cl_put_uint(s.d, &label, i);
		cl_show_tree(s.tree, &s.out, &s.f, s.d);
		snprintf(line, sizeof(line),
			 "Version 4\n    N: %s\n    B: no\n    [" TEN TEN TEN TEN TEN TEN ": %zu]\n\n",
			 shown[i], i);
		assert_non_null(strstr(text(&s), line));
		snprintf(line, sizeof(line), "\"x.b\": false, \"x." TEN TEN TEN TEN TEN TEN "\": %zu}]}\n",
			 i);
		assert_non_null(strstr(layers(&s), line));
	}
	end(&s);
}

/* Deep in groups: each level four blanks more, up to 64. */
static void deep_groups_are_indented(void **state)
{
	char line[100];
	struct show s;

	(void)state;
	begin(&s);
	cl_put_layer(s.d, &ip, 0);
	for (unsigned i = 0; i < 20; i++) {
		cl_put_uint(s.d, &ttl, i);
		cl_put_group(s.d, &group, "g");
	}
	cl_show_tree(s.tree, &s.out, &s.f, s.d);
	const char *all = text(&s);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(line, sizeof(line), "\n%*sTime to Live: %u\n", i < 15 ? (int)(4 * i + 4) : 64, "",
			 i);
		assert_non_null(strstr(all, line));
	}
	end(&s);
}

/* Long octets are for programs: the tree shows the first 128. */
static void octets_of_the_tree_end(void **state)
{
	static uint8_t many[129];
	struct cl_attr a = { .field = &octets, .v.bytes = { many, 128 } };
	struct cl_out out = { .at = NULL };

	(void)state;
	cl_show_value(&out, &a, 0);
	assert_int_equal(out.used, 256);
	out.used = 0;
	a.v.bytes.len = 129;
	cl_show_value(&out, &a, 0);
	assert_int_equal(out.used, 256 + strlen("... (129 octets)"));
	assert_memory_equal(out.at + 256, "... (129 octets)", strlen("... (129 octets)"));
	cl_out_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_of_the_tree_end),
		cmocka_unit_test(each_type_as_json),
		cmocka_unit_test(each_type_in_the_tree),
		cmocka_unit_test(objects_and_repeated_fields),
		cmocka_unit_test(one_object_is_an_array_too),
		cmocka_unit_test(the_tree_says_once_what_is_there_twice),
		cmocka_unit_test(layers_have_flags_and_anomalies),
		cmocka_unit_test(two_descriptions_of_a_name_are_found),
		cmocka_unit_test(many_values),
		cmocka_unit_test(descriptions_that_share_a_place),
		cmocka_unit_test(words_that_were_kept),
		cmocka_unit_test(deep_groups_are_indented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
