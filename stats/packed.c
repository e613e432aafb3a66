/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/packed.h"

#include "stats/hugemem.h"

#define WORDS (offsetof(struct cl_note, data) / 8)
#define GROUP 4u /* words that are passed over together if all are 0 */

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
	return ev->kind == CL_EV_ICMP ? head + sizeof ev->u.icmp : head + sizeof ev->u.dns;
}

static inline uint64_t word_at(const unsigned char *head, size_t i)
{
	uint64_t w;

	memcpy(&w, head + 8 * i, sizeof w);
	return w;
}

/* Copies the words of a note that are not 0 to `to`. Which they are. */
static uint64_t pack_words(unsigned char **to, const struct cl_note *n)
{
	const unsigned char *head = (const void *)n;
	unsigned char *at = *to;
	uint64_t words = 0;

	for (size_t i = 0; i < WORDS; i += GROUP) {
		size_t end = i + GROUP < WORDS ? i + GROUP : WORDS;
		uint64_t any = 0;

		for (size_t j = i; j < end; j++)
			any |= word_at(head, j);
		if (any == 0)
			continue;
		for (size_t j = i; j < end; j++) {
			uint64_t w = word_at(head, j);

			memcpy(at, &w, sizeof w);
			at += w != 0 ? sizeof w : 0;
			words |= (uint64_t)(w != 0) << j;
		}
	}
	*to = at;
	return words;
}

size_t cl_pack(void *to, const struct cl_message *m)
{
	struct cl_packed *p = to;
	size_t event = event_octets(m->event);
	unsigned char *at = (unsigned char *)&p->event;

	memcpy(at, m->event, event);
	at += event;
	p->words = pack_words(&at, m->note);
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
