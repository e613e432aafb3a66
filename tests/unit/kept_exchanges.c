/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/kept_exchanges.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/unit/vectors.h"

const struct cl_store_config config = { .engine = { .timeout_ns = 10 * SECOND,
						    .step_ns = 60 * SECOND,
						    .window_ns = { 60 * SECOND },
						    .windows = 1,
						    .seed = 42 } };

char path[] = "/tmp/clientele-exchange-XXXXXX";
static uint64_t seed = 20261123;

static void fill(void *to, size_t n)
{
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(next_random(&seed) >> 24);
	if (next_random(&seed) >> 40 & 1)
		memset(to, 0, n);
}

uint32_t below(uint32_t n)
{
	return (uint32_t)(next_random(&seed) >> 32) % n;
}

struct cl_addr some_addr(void)
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

void make_exchange(struct kept *k, enum cl_exchange_kind kind, int64_t time_ns)
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

void make_all(struct kept *k, size_t n, int64_t source_id, uint64_t first_number, int64_t start_ns)
{
	int64_t t = start_ns;

	for (size_t i = 0; i < n; i++, t += below(3) * SECOND / 2) {
		make_exchange(&k[i], (enum cl_exchange_kind)below(CL_X_KINDS), t);
		k[i].source_id = source_id;
		k[i].x.number = first_number + i;
	}
}

/* Databases --------------------------------------------------------------------- */

struct cl_store *open_write(const char *sensor)
{
	struct cl_store_config c = config;
	char err[CL_STORE_ERRLEN];
	bool existed;
	struct cl_store *s = cl_store_write(path, sensor, &c, &existed, err);

	assert_non_null(s);
	return s;
}

struct cl_store *open_read(void)
{
	struct cl_store_config c;
	char err[CL_STORE_ERRLEN];
	struct cl_store *s = cl_store_read(path, &c, err);

	assert_non_null(s);
	return s;
}

void commit(struct cl_store *s)
{
	assert_null(cl_store_error(s));
	assert_true(cl_store_commit(s));
	cl_store_close(s);
}

/* A capture of its own: its exchanges, and what their files are called; then `file` is what is read back. */
void write_run(struct cl_store *s, struct kept *k, size_t n)
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

void begin(void)
{
	struct cl_store *s;

	(void)unlink(path);
	s = open_write("a");
	assert_true(cl_store_keep_exchanges(s));
	commit(s);
}

void write_one(struct kept *k, size_t n)
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

const struct cl_exchange_filter everything = { .kinds = CL_X_BIT(CL_X_KINDS) - 1,
					       .from_ns = INT64_MIN,
					       .to_ns = INT64_MAX };

void is_read(const struct cl_exchange_filter *f, const struct kept *const *list, size_t n)
{
	struct cl_store *s = open_read();
	struct expected e = { list, n, 0 };

	assert_true(cl_store_keeps_exchanges(s));
	assert_true(cl_store_exchanges_each(s, f, compare, &e));
	assert_int_equal(e.at, n);
	cl_store_close(s);
}

int64_t time_of(const struct kept *k)
{
	return cl_exchange_first(&k->x)->event->time_ns;
}

void make_fortune(struct kept *k, enum cl_fortune fortune)
{
	uint64_t number = k->x.number;
	int64_t time_ns = time_of(k);

	do
		make_exchange(k, below(2) ? CL_X_NTP : CL_X_DNS, time_ns);
	while (k->x.fortune != fortune);
	k->x.number = number;
}

int kept_set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd) != 0 ? -1 : 0;
}

int kept_tear_down(void **state)
{
	(void)state;
	return unlink(path);
}
