/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/packed.h"

#include "stats/table/hugemem.h"

#define GROUP 4u /* words that are looked at together */
#define WORDS (offsetof(struct cl_note, data) / 8)

_Static_assert(offsetof(struct cl_note, data) % 8 == 0, "a note's head is of whole words");
_Static_assert(WORDS <= 64, "with a bit for each");
_Static_assert(CL_PACKED_MAX + 256 <= CL_BLOCK_MAX, "a message fits a block, with what is kept beside it");

/* Regions grow from the least, so that little is little, to such as fill huge pages. */
#define REGION_LEAST ((size_t)64 << 10)
#define REGION_MOST  CL_HUGE_PAGE

struct cl_block {
	struct cl_block *next;
};

struct cl_block_region {
	struct cl_block_region *next;
	size_t size;
};

/* Octets of an event that are in use. */
static size_t event_octets(const struct cl_event *ev)
{
	const size_t head = offsetof(struct cl_event, u);

	if (ev->kind == CL_EV_NTP)
		return head + sizeof ev->u.ntp;
	return ev->kind == CL_EV_DNS ? head + sizeof ev->u.dns : sizeof *ev;
}

static inline uint64_t word_at(const unsigned char *head, size_t i)
{
	uint64_t w;

	memcpy(&w, head + 8 * i, sizeof w);
	return w;
}

/* Which words of a note are not 0, by bits. */
static inline uint64_t words_of(const unsigned char *head)
{
	uint64_t words = 0;

	for (size_t i = 0; i + GROUP <= WORDS; i += GROUP) {
		const uint64_t a = word_at(head, i), b = word_at(head, i + 1), c = word_at(head, i + 2),
			       d = word_at(head, i + 3);

		if ((a | b | c | d) == 0)
			continue;
		uint64_t four = (uint64_t)(a != 0) | (uint64_t)(b != 0) << 1 | (uint64_t)(c != 0) << 2 |
				(uint64_t)(d != 0) << 3;
		words |= four << i;
	}
	for (size_t i = WORDS / GROUP * GROUP; i < WORDS; i++)
		words |= (uint64_t)(word_at(head, i) != 0) << i;
	return words;
}

size_t cl_pack(void *to, const struct cl_message *m)
{
	const unsigned char *head = (const void *)m->note;
	struct cl_packed *p = to;
	size_t event = event_octets(m->event);
	unsigned char *at = (unsigned char *)&p->event;

	memcpy(at, m->event, event);
	at += event;
	p->words = words_of(head);
	for (uint64_t left = p->words; left != 0; left &= left - 1) {
		memcpy(at, head + 8 * (size_t)__builtin_ctzll(left), 8);
		at += 8;
	}
	memcpy(at, m->note->data, m->note->data_length);
	at += m->note->data_length;
	size_t size = (size_t)(at - (unsigned char *)to);
	return size > sizeof *p ? size : sizeof *p; /* whoever copies the event copies all of it */
}

struct cl_message cl_unpack(const struct cl_packed *p, struct cl_note *note)
{
	const unsigned char *from = (const unsigned char *)&p->event + event_octets(&p->event);
	unsigned char *head = (void *)note;

	cl_note_clear(note);
	for (uint64_t left = p->words; left != 0; left &= left - 1) {
		memcpy(head + 8 * (size_t)__builtin_ctzll(left), from, 8);
		from += 8;
	}
	memcpy(note->data, from, note->data_length);
	return (struct cl_message){ &p->event, note };
}

/* Blocks ------------------------------------------------------------------------- */

static size_t round_up(size_t size)
{
	return (size + CL_BLOCK_UNIT - 1) & ~(size_t)(CL_BLOCK_UNIT - 1);
}

static bool add_region(struct cl_block_pool *p)
{
	const size_t head = round_up(sizeof(struct cl_block_region));
	size_t size = p->regions == NULL ? REGION_LEAST : 2 * p->regions->size;

	if (size > REGION_MOST)
		size = REGION_MOST;
	struct cl_block_region *r = cl_huge_alloc(size);
	if (r == NULL)
		return false;
	r->next = p->regions;
	r->size = size;
	p->regions = r;
	p->at = (uint8_t *)r + head;
	p->end = (uint8_t *)r + size;
	return true;
}

void *cl_block_take(struct cl_block_pool *p, size_t size)
{
	size = round_up(size);
	struct cl_block **free = &p->free[size / CL_BLOCK_UNIT], *b = *free;

	if (b != NULL) {
		*free = b->next;
		p->octets += size;
		return b;
	}
	if ((size_t)(p->end - p->at) < size && !add_region(p))
		return NULL;
	void *fresh = p->at;
	p->at += size;
	p->octets += size;
	return fresh;
}

void cl_block_give(struct cl_block_pool *p, void *block, size_t size)
{
	struct cl_block *b = block;

	size = round_up(size);
	p->octets -= size;
	b->next = p->free[size / CL_BLOCK_UNIT];
	p->free[size / CL_BLOCK_UNIT] = b;
}

void cl_block_pool_free(struct cl_block_pool *p)
{
	while (p->regions != NULL) {
		struct cl_block_region *next = p->regions->next;

		cl_huge_free(p->regions, p->regions->size);
		p->regions = next;
	}
	*p = (struct cl_block_pool){ .octets = 0 };
}
