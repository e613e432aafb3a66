/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* As many octets as are asked for, exactly: what is read or written beyond them is seen by the sanitizers. */
struct block {
	size_t size;
	struct cl_packed *at;
};

static struct block packed(const struct cl_message *m)
{
	static _Alignas(16) unsigned char room[CL_PACKED_MAX];
	struct block b = { .size = cl_pack(room, m) };

	assert_true(b.size <= sizeof room);
	b.at = malloc(b.size);
	assert_non_null(b.at);
	memcpy(b.at, room, b.size);
	return b;
}

/* Packs and unpacks it into a note that another message has used before: nothing of that is left. */
static void assert_comes_back(const struct cl_event *ev, size_t event_octets, const struct cl_note *note)
{
	struct block b = packed(&(struct cl_message){ ev, note });
	struct cl_note *back = malloc(sizeof *back);

	assert_non_null(back);
	memset(back, 0xa5, sizeof *back);
	struct cl_message m = cl_unpack(b.at, back);
	assert_ptr_equal(m.note, back);
	assert_memory_equal(m.event, ev, event_octets);
	assert_memory_equal(m.note, note, cl_note_size(note));
	free(back);
	free(b.at);
}

static void fill(void *to, size_t n, unsigned seed)
{
	unsigned char *octets = to;

	for (size_t i = 0; i < n; i++)
		octets[i] = (unsigned char)(1 + (seed + i * 7) % 255);
}

#define KIND(which, member)                                                                                  \
	{                                                                                                    \
		which, offsetof(struct cl_event, u) + sizeof(((struct cl_event *)NULL)->u.member)            \
	}
static const struct {
	uint8_t kind;
	size_t octets;
} kinds[] = { KIND(CL_EV_NTP, ntp),
	      KIND(CL_EV_DNS, dns),
	      KIND(CL_EV_ICMP, icmp),
	      { CL_EV_CONN, sizeof(struct cl_event) } };

/* Each kind of event with notes of no, all, and each single word, without data and with all of it. */
static void any_message(void **state)
{
	const size_t words = offsetof(struct cl_note, data) / 8;

	(void)state;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (size_t word = 0; word < words + 2; word++) {
			struct cl_event ev;
			struct cl_note note;

			fill(&ev, sizeof ev, (unsigned)k);
			ev.kind = kinds[k].kind;
			cl_note_clear(&note);
			if (word < words)
				fill((unsigned char *)&note + 8 * word, 8, (unsigned)word);
			else if (word == words)
				fill(&note, offsetof(struct cl_note, data), 3);
			for (unsigned full = 0; full < 2; full++) {
				note.data_length = full ? CL_NOTE_DATA_MAX : 0;
				fill(note.data, note.data_length, 9);
				assert_comes_back(&ev, kinds[k].octets, &note);
			}
		}
}

/* A message of which little is known takes little. */
static void little_is_little(void **state)
{
	struct cl_event ev = { .kind = CL_EV_NTP };
	struct cl_note note;

	(void)state;
	cl_note_clear(&note);
	note.ip_ttl = 64;
	note.refid = 7;
	struct block b = packed(&(struct cl_message){ &ev, &note });
	assert_true(b.size <= sizeof(struct cl_packed) + 2 * 8); /* the words that are not 0 */
	free(b.at);
}

/* Blocks do not overlap, are aligned, and come back when they are given back; of each size its own. */
static void blocks(void **state)
{
	enum { N = 3000 };
	static unsigned char *at[N];
	struct cl_block_pool p = { .octets = 0 };
	size_t size[N], all = 0;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		size[i] = 1 + i * 37 % CL_BLOCK_MAX;
		at[i] = cl_block_take(&p, size[i]);
		assert_non_null(at[i]);
		assert_int_equal((uintptr_t)at[i] % CL_BLOCK_UNIT, 0);
		memset(at[i], (int)(i % 251), size[i]);
		all += size[i];
	}
	assert_true(p.octets >= all && p.octets < all + N * CL_BLOCK_UNIT);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < size[i]; j++)
			assert_int_equal(at[i][j], i % 251);
	cl_block_give(&p, at[5], size[5]);
	unsigned char *larger = cl_block_take(&p, size[5] + CL_BLOCK_UNIT);
	assert_ptr_not_equal(larger, at[5]);
	cl_block_give(&p, larger, size[5] + CL_BLOCK_UNIT);
	assert_ptr_equal(cl_block_take(&p, size[5]), at[5]);
	for (size_t i = 0; i < N; i++)
		cl_block_give(&p, at[i], size[i]);
	assert_int_equal(p.octets, 0);
	cl_block_pool_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_message),
		cmocka_unit_test(little_is_little),
		cmocka_unit_test(blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
