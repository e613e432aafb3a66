/* SPDX-License-Identifier: BSD-2-Clause */
/* Exchanges in a database: what was written is what is read, whatever it holds. */
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/kept_exchanges.h"
#include "tests/unit/vectors.h"

#define MANY 1500u

static struct kept all[3 * MANY];
static const struct kept *sorted[3 * MANY];

static int by_time(const void *a, const void *b)
{
	const struct kept *x = *(const struct kept *const *)a, *y = *(const struct kept *const *)b;
	int64_t d = time_of(x) - time_of(y);

	if (d == 0)
		d = x->source_id - y->source_id;
	if (d == 0)
		d = (int64_t)x->x.number - (int64_t)y->x.number;
	return (d > 0) - (d < 0);
}

/* Two sensors; the first goes on after the second. */
static void write_sources(void)
{
	struct cl_store *s;

	begin();
	make_all(all, MANY, 1, 1, START);
	make_all(all + MANY, MANY, 2, 1, START);
	make_all(all + 2 * MANY, MANY, 1, MANY + 1, START + 2000 * SECOND);
	write_one(all, MANY);
	s = open_write("b");
	assert_int_equal(cl_store_file_base(s), 3);
	write_run(s, all + MANY, MANY);
	commit(s);
	write_one(all + 2 * MANY, MANY);
	for (size_t i = 0; i < 3 * MANY; i++)
		sorted[i] = &all[i];
	qsort(sorted, 3 * MANY, sizeof *sorted, by_time);
}

static void test_round_trip(void **state)
{
	(void)state;
	write_sources();
	is_read(&everything, sorted, 3 * MANY);
}

static bool is_one_of(const struct cl_addr *list, size_t n, const struct cl_addr *a)
{
	for (size_t i = 0; i < n; i++)
		if (cl_addr_cmp(&list[i], a) == 0)
			return true;
	return n == 0;
}

static bool is_server(const struct cl_exchange_filter *f, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event;
	const struct cl_addr *list = f->servers;
	size_t n = f->server_count;

	if (x->kind == CL_X_NTP || x->kind == CL_X_DNS)
		return is_one_of(list, n, q != NULL ? &q->dst : &x->response.event->src);
	if (is_one_of(list, n, &q->src) || is_one_of(list, n, &q->dst))
		return true;
	return x->kind == CL_X_ICMP &&
	       (is_one_of(list, n, &q->u.icmp.src) || is_one_of(list, n, &q->u.icmp.dst));
}

static void test_filters(void **state)
{
	const struct kept **want = calloc(3 * MANY, sizeof(*want));
	struct cl_addr servers[3];

	(void)state;
	write_sources();
	for (unsigned turn = 0; turn < 40; turn++) {
		struct cl_exchange_filter f = everything;
		size_t n = 0;

		for (unsigned i = 0; i < 3; i++)
			servers[i] = some_addr();
		f.kinds = turn % 2 ? below(CL_X_BIT(CL_X_KINDS)) : f.kinds;
		f.source_id = turn % 3 ? 0 : below(3);
		f.from_ns = turn % 5 ? time_of(sorted[below(3 * MANY)]) : INT64_MIN;
		f.to_ns = turn % 7 ? time_of(sorted[below(3 * MANY)]) : INT64_MAX;
		f.servers = servers;
		f.server_count = below(4);
		for (size_t i = 0; i < 3 * MANY; i++)
			if ((f.kinds & CL_X_BIT(sorted[i]->x.kind)) != 0 && time_of(sorted[i]) >= f.from_ns &&
			    time_of(sorted[i]) < f.to_ns &&
			    (f.source_id == 0 || f.source_id == sorted[i]->source_id) &&
			    is_server(&f, &sorted[i]->x))
				want[n++] = sorted[i];
		is_read(&f, want, n);
	}
	free(want);
}

/* Frames that came too late keep their place. */
static void test_order_is_of_numbers(void **state)
{
	static const int64_t late[] = { 5, 9, 3, 1 };
	static struct kept k[4];
	const struct kept *list[4];

	(void)state;
	begin();
	for (unsigned i = 0; i < 4; i++) {
		make_exchange(&k[i], i == 3 ? CL_X_NTP : CL_X_ICMP, START + late[i] * SECOND);
		k[i].x.number = i + 1;
		list[i] = &k[i];
	}
	write_one(k, 4);
	is_read(&everything, list, 4);
	struct cl_exchange_filter f = everything;
	f.from_ns = START + 2 * SECOND;
	f.to_ns = START + 9 * SECOND;
	list[1] = list[2];
	is_read(&f, list, 2);
}

static void test_files(void **state)
{
	struct cl_store *s;

	(void)state;
	write_sources();
	s = open_read();
	assert_string_equal(cl_store_file_path(s, 1), "file 1");
	assert_string_equal(cl_store_file_path(s, 9), "file 9");
	assert_null(cl_store_file_path(s, 10));
	assert_null(cl_store_file_path(s, 0));
	assert_null(cl_store_file_path(s, -1));
	cl_store_close(s);
}

static void count(void *ctx, const struct cl_exchange *x)
{
	(void)x;
	++*(size_t *)ctx;
}

static void test_not_kept(void **state)
{
	struct cl_store *s;
	size_t n = 0;

	(void)state;
	(void)unlink(path);
	make_all(all, 5, 1, 1, START);
	s = open_write("a");
	assert_false(cl_store_keeps_exchanges(s));
	write_run(s, all, 5);
	assert_false(cl_store_keep_exchanges(s)); /* has a capture without */
	commit(s);
	s = open_write("a");
	assert_false(cl_store_keep_exchanges(s));
	assert_null(cl_store_error(s));
	assert_false(cl_store_keeps_exchanges(s));
	commit(s);
	s = open_read();
	assert_false(cl_store_keeps_exchanges(s));
	assert_true(cl_store_exchanges_each(s, &everything, count, &n));
	assert_int_equal(n, 0);
	cl_store_close(s);
	s = cl_store_memory(&config);
	assert_false(cl_store_keep_exchanges(s));
	cl_store_exchange(s, &all[0].x);
	assert_int_equal(cl_store_file_base(s), 0);
	assert_null(cl_store_error(s));
	cl_store_close(s);
}

static void test_goes_on_keeping(void **state)
{
	struct cl_store *s;

	(void)state;
	begin();
	make_all(all, 1, 1, 1, START);
	write_one(all, 1);
	s = open_write("a");
	assert_true(cl_store_keeps_exchanges(s));
	assert_true(cl_store_keep_exchanges(s));
	commit(s);
}

/* Changing the file behind the store's back ------------------------------------- */

static void change(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void test_nonsense_is_refused(void **state)
{
	static const char *const wrong[] = {
		"UPDATE ntp_exchange SET fortune = 9", "UPDATE ntp_exchange SET fortune = -1",
		"UPDATE ntp_exchange SET q_role = 3",  "UPDATE ntp_exchange SET q_event_kind = 200",
		"UPDATE ntp_exchange SET q_auth = 5",  "UPDATE ntp_exchange SET q_time_ns = NULL"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		size_t n = 0;
		struct cl_store *s;

		begin();
		make_all(all, 1, 1, 1, START);
		make_fortune(&all[0], CL_FORTUNE_UNANSWERED);
		while (all[0].x.kind != CL_X_NTP)
			make_fortune(&all[0], CL_FORTUNE_UNANSWERED);
		write_one(all, 1);
		change(wrong[i]);
		s = open_read();
		assert_false(cl_store_exchanges_each(s, &everything, count, &n));
		assert_int_equal(n, 0);
		assert_non_null(strstr(cl_store_error(s), "damaged"));
		cl_store_close(s);
	}
}

/* Touches all that it is given, for the sanitizers. */
static void touch(void *ctx, const struct cl_exchange *x)
{
	const struct cl_message *m[2] = { &x->request, &x->response };

	for (int i = 0; i < 2; i++) {
		struct cl_note copy;

		if (m[i]->event == NULL)
			continue;
		assert_true(m[i]->note->fields <= CL_NOTE_FIELDS_MAX);
		assert_true(m[i]->note->data_length <= CL_NOTE_DATA_MAX);
		cl_note_copy(&copy, m[i]->note);
		for (unsigned p = 0; p < CL_PIECES; p++) {
			size_t n;
			const uint8_t *octets = cl_note_piece(m[i]->note, (enum cl_note_piece)p, &n);

			assert_true(octets == NULL ||
				    octets + n <= m[i]->note->data + m[i]->note->data_length);
		}
	}
	++*(size_t *)ctx;
}

static void test_lengths_lie(void **state)
{
	struct cl_store *s;
	size_t n = 0;

	(void)state;
	write_sources();
	change("UPDATE dns_exchange SET q_qname = zeroblob(5000), r_nsid = 'text', q_src = x'01', r_dst = "
	       "17, "
	       "q_fields = 255, r_fields = -1, r_field_list = x'010203', q_ecs_addr = zeroblob(17), r_sport "
	       "= 1 << 40, "
	       "q_frame = 'x'");
	change("UPDATE connection SET sni = zeroblob(700), alpn = zeroblob(700), fields = 200, field_list = "
	       "zeroblob(4000)");
	change("UPDATE ntp_control SET data = 1e300, uid = '', src = NULL, mode = x''");
	s = open_read();
	assert_true(cl_store_exchanges_each(s, &everything, touch, &n));
	assert_int_equal(n, 3 * MANY);
	cl_store_close(s);
}

/* What the plain shell shows ----------------------------------------------------- */

static void shows(const char *sql, const char *want)
{
	sqlite3 *db;
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal(sqlite3_column_text(st, 0), want);
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static void show_name(const void *wire, size_t n, const char *want)
{
	begin();
	make_all(all, 1, 1, 1, START + 5);
	do
		make_fortune(&all[0], CL_FORTUNE_UNANSWERED);
	while (all[0].x.kind != CL_X_DNS);
	cl_note_clear(&all[0].note[0]);
	cl_note_put(&all[0].note[0], CL_PIECE_QNAME, wire, n);
	write_one(all, 1);
	shows("SELECT coalesce(qname, 'null') FROM dns_exchanges", want);
}

static void test_names(void **state)
{
	uint8_t longest[255] = { 0 };
	char want[4 * 255] = "";

	(void)state;
	show_name("\3www\7Example\0", 13, "www.Example");
	show_name("\0", 1, ".");
	show_name("\3a.b\4 \\\xff\0\0", 10, "a\\.b.\\032\\\\\\255\\000");
	show_name("", 0, "null");
	for (unsigned i = 0, at = 0; i < 4; i++) {
		unsigned n = i < 3 ? 63 : 61;

		longest[at++] = (uint8_t)n;
		memset(longest + at, 1, n);
		at += n;
		strcat(want, i > 0 ? "." : "");
		for (unsigned k = 0; k < n; k++)
			strcat(want, "\\001");
	}
	show_name(longest, sizeof longest, want);
}

static void test_views(void **state)
{
	struct cl_addr v6;

	(void)state;
	begin();
	make_all(all, 1, 1, 1, START + 1234567);
	do
		make_fortune(&all[0], CL_FORTUNE_LATE);
	while (all[0].x.kind != CL_X_NTP);
	assert_true(cl_addr_parse("2001:db8::53", &v6));
	all[0].event[1].time_ns = START + 1234567;
	all[0].event[1].src = v6;
	all[0].event[1].dst = cl_addr_from_v4((const uint8_t[]){ 192, 0, 2, 7 });
	all[0].event[1].u.ntp.version = 4;
	all[0].event[1].frame_no = 12;
	all[0].event[1].file = 2;
	all[0].x.delta_ns = 2500000000;
	all[0].note[1].auth = CL_NTP_AUTH_NTS;
	all[0].note[1].root_delay = 0x18000;
	write_one(all, 1);
	shows("SELECT sensor || ' ' || number || ' ' || time || ' ' || client || ' ' || server || ' ' || "
	      "fortune || ' ' || "
	      "delta_s || ' ' || version || ' ' || response_auth || ' ' || root_delay_s || ' ' || "
	      "response_file || ' ' || "
	      "response_frame FROM ntp_exchanges WHERE request_file IS NULL AND request_frame IS NULL",
	      "a 1 2026-06-01T00:00:00.001234567Z 192.0.2.7 2001:db8::53 late 2.5 4 nts 1.5 file 3 12");
	shows("SELECT count(*) FROM ntp_control_messages, icmp_errors, connections, dns_exchanges", "0");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_order_is_of_numbers),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_not_kept),
		cmocka_unit_test(test_goes_on_keeping),
		cmocka_unit_test(test_nonsense_is_refused),
		cmocka_unit_test(test_lengths_lie),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_views),
	};

	return cmocka_run_group_tests_name("exchanges in a database", tests, kept_set_up, kept_tear_down);
}
