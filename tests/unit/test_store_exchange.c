/* SPDX-License-Identifier: BSD-2-Clause */
/* Exchanges in a database: what was written is what is read, whatever it holds. */
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "stats/engine/openreq.h"
#include "stats/store/store.h"
#include "tests/unit/vectors.h"

#define SECOND INT64_C(1000000000)
#define START  (1780272000 * SECOND)
#define MANY   1500u

static const struct cl_store_config config = { .engine = { .timeout_ns = 10 * SECOND,
							   .step_ns = 60 * SECOND,
							   .window_ns = { 60 * SECOND },
							   .windows = 1,
							   .seed = 42 } };

/* Exchanges with all that they borrow. */
struct kept {
	struct cl_exchange x;
	struct cl_event event[2];
	struct cl_note note[2];
	int64_t source_id;
};

static char path[] = "/tmp/clientele-exchange-XXXXXX";
static uint64_t seed = 20261123;

static void fill(void *to, size_t n)
{
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(next_random(&seed) >> 24);
	if (next_random(&seed) >> 40 & 1)
		memset(to, 0, n);
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)(next_random(&seed) >> 32) % n;
}

static struct cl_addr some_addr(void)
{
	struct cl_addr a = { { 0x20, 0x01, 0x0d, 0xb8 } };
	uint8_t v4[4] = { 192, 0, 2, (uint8_t)below(4) };

	a.b[15] = (uint8_t)below(4);
	return below(2) ? cl_addr_from_v4(v4) : a;
}

/* Messages ---------------------------------------------------------------------- */

/* Any that a database may hold: the difference of two fits. */
static int64_t some_time(void)
{
	return (int64_t)(next_random(&seed) >> 2) - ((int64_t)1 << 61);
}

/* Every octet is random but for padding, and what is an index to others. */
static void make_event(struct cl_event *ev, enum cl_exchange_kind kind, int64_t time_ns)
{
	static const uint8_t kinds[CL_X_KINDS] = { CL_EV_NTP,  CL_EV_DNS,  CL_EV_NTP,
						   CL_EV_ICMP, CL_EV_CONN, CL_EV_PART };
	struct cl_ntp *ntp = &ev->u.ntp;
	struct cl_dns *dns = &ev->u.dns;
	struct cl_icmp *icmp = &ev->u.icmp;

	memset(ev, 0, sizeof *ev);
	fill(ev, offsetof(struct cl_event, u));
	ev->time_ns = time_ns;
	ev->file = below(3);
	ev->src = some_addr();
	ev->dst = some_addr();
	ev->kind = kinds[kind];
	ev->role = (uint8_t)below(3);
	ev->reserved = 0;
	switch (kind) {
	case CL_X_NTP:
	case CL_X_CONTROL:
		fill(ntp, offsetof(struct cl_ntp, flags) + 1);
		break;
	case CL_X_DNS:
	case CL_X_PART:
		fill(dns, offsetof(struct cl_dns, length));
		dns->first_ns = some_time();
		memset(&dns->transfer + 1, 0,
		       offsetof(struct cl_dns, soa_first) - offsetof(struct cl_dns, transfer) - 1);
		break;
	case CL_X_ICMP:
		fill(icmp, offsetof(struct cl_icmp, bits) + 1);
		icmp->src = some_addr();
		break;
	case CL_X_CONN:
	case CL_X_KINDS:
		break;
	}
}

enum { ANY, NTP, CONTROL, DNS, ICMP, CONN };

/* Which groups of note.def a kind has, and which pieces (dissect/note.h). */
static bool has(enum cl_exchange_kind kind, int group)
{
	static const int of[CL_X_KINDS] = { NTP, DNS, CONTROL, ICMP, CONN, ANY };

	return group == ANY || group == of[kind] || (kind == CL_X_CONTROL && group == NTP);
}

static const uint8_t piece_group[CL_PIECES] = { DNS, DNS, DNS, DNS, CONTROL, NTP, ICMP, CONN, CONN };

static void make_note(struct cl_note *n, enum cl_exchange_kind kind)
{
	uint8_t octets[300];

	memset(n, 0, sizeof *n);
#define X(group, type, name, doc)                                                                            \
	if (has(kind, group))                                                                                \
		fill(&n->name, sizeof n->name);
#include "dissect/note.def"
#undef X
	if (kind == CL_X_CONN) {
		n->syn_ns = some_time();
		n->open_ns = some_time();
		n->hello_ns = some_time();
		n->close_ns = some_time();
	}
	n->auth = (uint8_t)(n->auth % CL_NTP_AUTHS);
	n->service = (uint8_t)(n->service % CL_CONN_SERVICES);
	n->fields = (uint8_t)below(CL_NOTE_FIELDS_MAX + 1);
	fill(n->field, n->fields * sizeof *n->field);
	for (unsigned i = 0; i < CL_PIECES; i++) {
		size_t length = below(2) ? below(sizeof octets) : 0;
		uint8_t cut = n->data_cut;

		fill(octets, length);
		cl_note_put(n, (enum cl_note_piece)i, octets, has(kind, piece_group[i]) ? length : 0);
		n->data_cut |= cut;
	}
}

static void make_exchange(struct kept *k, enum cl_exchange_kind kind, int64_t time_ns)
{
	bool pair = kind == CL_X_NTP || kind == CL_X_DNS;

	memset(k, 0, sizeof *k);
	k->x.kind = kind;
	for (int i = 0; i < 2; i++) {
		make_event(&k->event[i], kind, time_ns);
		make_note(&k->note[i], kind);
	}
	if (pair) {
		k->x.fortune = (enum cl_fortune)below(CL_FORTUNES);
		k->x.interleaved = below(2);
		k->x.guessed = below(2);
		k->x.delta_ns = some_time();
		k->x.delta_first_ns = some_time();
	}
	if (!pair || k->x.fortune <= CL_FORTUNE_BACKWARDS)
		k->x.request = (struct cl_message){ &k->event[0], &k->note[0] };
	if (pair && (k->x.fortune >= CL_FORTUNE_MATCHED))
		k->x.response = (struct cl_message){ &k->event[1], &k->note[1] };
	if (k->x.request.event != NULL)
		k->event[1].time_ns += below(3) * SECOND;
}

static void make_all(struct kept *k, size_t n, int64_t source_id, uint64_t first_number, int64_t start_ns)
{
	int64_t t = start_ns;

	for (size_t i = 0; i < n; i++, t += below(3) * SECOND / 2) {
		make_exchange(&k[i], (enum cl_exchange_kind)below(CL_X_KINDS), t);
		k[i].source_id = source_id;
		k[i].x.number = first_number + i;
	}
}

/* Databases --------------------------------------------------------------------- */

static struct cl_store *open_write(const char *sensor)
{
	struct cl_store_config c = config;
	char err[CL_STORE_ERRLEN];
	bool existed;
	struct cl_store *s = cl_store_write(path, sensor, &c, &existed, err);

	assert_non_null(s);
	return s;
}

static struct cl_store *open_read(void)
{
	struct cl_store_config c;
	char err[CL_STORE_ERRLEN];
	struct cl_store *s = cl_store_read(path, &c, err);

	assert_non_null(s);
	return s;
}

static void commit(struct cl_store *s)
{
	assert_null(cl_store_error(s));
	assert_true(cl_store_commit(s));
	cl_store_close(s);
}

/* A capture of its own: its exchanges, and what their files are called; then `file` is what is read back. */
static void write_run(struct cl_store *s, struct kept *k, size_t n)
{
	int64_t base = cl_store_file_base(s);
	char name[32];

	for (size_t i = 0; i < n; i++) {
		struct cl_exchange x = k[i].x;

		x.number = 77; /* of no matter */
		cl_store_exchange(s, &x);
		for (int side = 0; side < 2; side++)
			k[i].event[side].file += (uint32_t)base + 1;
	}
	for (int64_t i = 1; i <= 3; i++) {
		snprintf(name, sizeof name, "file %lld", (long long)(base + i));
		cl_store_file(s, &(struct cl_file_row){ .number = base + i, .path = name });
	}
}

static void begin(void)
{
	struct cl_store *s;

	(void)unlink(path);
	s = open_write("a");
	assert_true(cl_store_keep_exchanges(s));
	commit(s);
}

static void write_one(struct kept *k, size_t n)
{
	struct cl_store *s = open_write("a");

	write_run(s, k, n);
	commit(s);
}

/* What is read is compared with the list it should be. */
struct expected {
	const struct kept *const *list;
	size_t n, at;
};

static void same_message(const struct cl_message *a, const struct cl_message *b)
{
	assert_int_equal(a->event != NULL, b->event != NULL);
	if (a->event == NULL)
		return;
	assert_memory_equal(a->event, b->event, sizeof *a->event);
	assert_int_equal(cl_note_size(a->note), cl_note_size(b->note));
	assert_memory_equal(a->note, b->note, cl_note_size(b->note));
}

static void compare(void *ctx, const struct cl_exchange *x)
{
	struct expected *e = ctx;

	assert_true(e->at < e->n);
	const struct cl_exchange *want = &e->list[e->at++]->x;

	assert_int_equal(x->kind, want->kind);
	assert_int_equal(x->number, want->number);
	assert_int_equal(x->fortune, want->fortune);
	assert_int_equal(x->interleaved, want->interleaved);
	assert_int_equal(x->guessed, want->guessed);
	assert_int_equal(x->delta_ns, want->delta_ns);
	assert_int_equal(x->delta_first_ns, want->delta_first_ns);
	same_message(&x->request, &want->request);
	same_message(&x->response, &want->response);
}

static const struct cl_exchange_filter everything = { .kinds = CL_X_BIT(CL_X_KINDS) - 1,
						      .from_ns = INT64_MIN,
						      .to_ns = INT64_MAX };

static void is_read(const struct cl_exchange_filter *f, const struct kept *const *list, size_t n)
{
	struct cl_store *s = open_read();
	struct expected e = { list, n, 0 };

	assert_true(cl_store_keeps_exchanges(s));
	assert_true(cl_store_exchanges_each(s, f, compare, &e));
	assert_int_equal(e.at, n);
	cl_store_close(s);
}

static int64_t time_of(const struct kept *k)
{
	return cl_exchange_first(&k->x)->event->time_ns;
}

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

/* Tests ------------------------------------------------------------------------- */

static struct kept all[3 * MANY];
static const struct kept *sorted[3 * MANY];

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

/* Going on: what was open is given back, and what is appended then takes its place. */
struct again {
	struct expected e;
	struct cl_event event[2 * MANY];
	size_t events;
	int64_t base;
};

static void take_again(void *ctx, const struct cl_exchange *x)
{
	struct again *a = ctx;
	const struct kept *want = a->e.list[a->e.at];
	const struct cl_event *ev = cl_exchange_first(x)->event;

	/* counted from this run's files: given to the store again it is the same file_id */
	assert_int_equal((uint32_t)(a->base + 1 + ev->file), cl_exchange_first(&want->x)->event->file);
	assert_int_equal(x->number, want->x.number);
	a->event[a->e.at++] = *ev;
}

static void reopened(size_t first, size_t n)
{
	static struct again a;
	struct cl_store *s = open_write("a");
	static const struct kept *list[2 * MANY];

	for (size_t i = 0; i < n; i++)
		list[i] = &all[i];
	a = (struct again){ .e = { list + first, n - first, 0 }, .base = cl_store_file_base(s) };
	assert_true(cl_store_exchanges_reopen(s, take_again, &a));
	assert_int_equal(a.e.at, n - first);
	for (size_t i = first; i < n; i++) { /* as matched now, and one more */
		struct cl_exchange x = all[i].x;
		struct cl_event ev = a.event[i - first];

		if (x.request.event != NULL)
			x.request.event = &ev;
		else
			x.response.event = &ev;
		if (x.request.event != NULL && x.response.event != NULL) {
			struct cl_event other = *x.response.event;

			other.file -= (uint32_t)a.base + 1;
			x.response.event = &other;
			cl_store_exchange(s, &x);
		} else {
			cl_store_exchange(s, &x);
		}
	}
	write_run(s, all + n, 1);
	commit(s);
	list[n] = &all[n];
	is_read(&everything, list, n + 1);
}

static void set_end(int64_t now_ns)
{
	struct cl_store *s = open_write("a");
	struct cl_query *q = cl_query_new(s, "INSERT OR REPLACE INTO state VALUES(?1, 'now_ns', ?2)");

	cl_query_bind_i64(q, 2, now_ns);
	cl_query_run(q);
	cl_query_free(q);
	commit(s);
}

static void make_fortune(struct kept *k, enum cl_fortune fortune)
{
	uint64_t number = k->x.number;
	int64_t time_ns = time_of(k);

	do
		make_exchange(k, below(2) ? CL_X_NTP : CL_X_DNS, time_ns);
	while (k->x.fortune != fortune);
	k->x.number = number;
}

static void make_closed(size_t n)
{
	make_all(all, n + 1, 1, 1, START);
	for (size_t i = 0; i <= n; i++)
		if (all[i].x.fortune == CL_FORTUNE_OPEN_AT_END || all[i].x.fortune == CL_FORTUNE_BOGUS)
			make_fortune(&all[i], CL_FORTUNE_MATCHED);
}

static void test_reopen(void **state)
{
	(void)state;
	for (size_t first = 0; first < 200; first += 40) {
		begin();
		make_closed(200);
		make_fortune(&all[first], CL_FORTUNE_OPEN_AT_END);
		make_fortune(&all[199], CL_FORTUNE_OPEN_AT_END);
		write_one(all, 200);
		reopened(first, 200);
	}
}

static void test_nothing_to_reopen(void **state)
{
	(void)state;
	begin();
	make_closed(50);
	make_fortune(&all[49], CL_FORTUNE_BOGUS);
	write_one(all, 50);
	set_end(time_of(&all[49]) + CL_REQ_EARLY_NS + 1);
	reopened(50, 50);
}

/* A response without a request may get one within 0.1 s. */
static void test_early_response(void **state)
{
	(void)state;
	begin();
	make_closed(50);
	make_fortune(&all[49], CL_FORTUNE_BOGUS);
	write_one(all, 50);
	set_end(time_of(&all[49]) + CL_REQ_EARLY_NS);
	reopened(49, 50);
}

static void test_another_source_stays(void **state)
{
	struct cl_store *s;
	const struct kept *list[2] = { &all[0], &all[1] };
	struct again a = { .events = 0 };

	(void)state;
	begin();
	make_all(all, 2, 1, 1, START);
	make_fortune(&all[0], CL_FORTUNE_OPEN_AT_END);
	write_one(all, 1);
	s = open_write("b");
	all[1].x.number = 1;
	make_fortune(&all[1], CL_FORTUNE_MATCHED);
	write_run(s, all + 1, 1);
	commit(s);
	s = open_write("b");
	assert_true(cl_store_exchanges_reopen(s, take_again, &a));
	assert_int_equal(a.e.at, 0);
	commit(s);
	is_read(&everything, list, 2);
}

/* What is given is stored again there and then. */
static void store_again(void *ctx, const struct cl_exchange *x)
{
	cl_store_exchange(ctx, x);
}

static void test_written_while_reopened(void **state)
{
	const struct kept *list[101];
	struct cl_store *s;

	(void)state;
	begin();
	make_closed(100);
	make_fortune(&all[30], CL_FORTUNE_OPEN_AT_END);
	write_one(all, 100);
	s = open_write("a");
	assert_true(cl_store_exchanges_reopen(s, store_again, s));
	write_run(s, all + 100, 1);
	commit(s);
	for (size_t i = 0; i < 101; i++)
		list[i] = &all[i];
	is_read(&everything, list, 101);
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

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd) != 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_order_is_of_numbers),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_nothing_to_reopen),
		cmocka_unit_test(test_early_response),
		cmocka_unit_test(test_another_source_stays),
		cmocka_unit_test(test_written_while_reopened),
		cmocka_unit_test(test_not_kept),
		cmocka_unit_test(test_goes_on_keeping),
		cmocka_unit_test(test_nonsense_is_refused),
		cmocka_unit_test(test_lengths_lie),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_views),
	};

	return cmocka_run_group_tests_name("exchanges in a database", tests, set_up, tear_down);
}
