/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/tcp_parts.h"

#include <stdlib.h>

#define SMALLEST  64u
#define TAKEN_MAX (1u << 28) /* how much of what was taken is remembered */
#define PART_COST ((uint32_t)(sizeof(struct cl_tcp_part) + sizeof(struct cl_tcp_frame)))

struct free_block {
	struct free_block *next;
};

/* 64, 256, 1024, 4096, 16384, 65536 */
static uint32_t class_size(unsigned size_class)
{
	return SMALLEST << 2 * size_class;
}

void cl_tcp_pool_trim(struct cl_tcp_pool *pool)
{
	for (unsigned i = 0; i < CL_TCP_CLASSES; i++)
		while (pool->blocks[i] != NULL) {
			struct free_block *b = pool->blocks[i];

			pool->blocks[i] = b->next;
			pool->allocated -= class_size(i);
			free(b);
		}
	while (pool->parts != NULL) {
		struct cl_tcp_part *p = pool->parts;

		pool->parts = p->next;
		pool->allocated -= sizeof *p;
		free(p);
	}
	while (pool->frames != NULL) {
		struct cl_tcp_frame *f = pool->frames;

		pool->frames = f->next;
		pool->allocated -= sizeof *f;
		free(f);
	}
}

static void *new_block(struct cl_tcp_pool *pool, uint32_t n, uint8_t *size_class)
{
	uint8_t c = 0;

	while (c < CL_TCP_CLASSES - 1 && class_size(c) < n)
		c++;
	*size_class = c;
	struct free_block *b = pool->blocks[c];
	if (b != NULL) {
		pool->blocks[c] = b->next;
		return b;
	}
	if (pool->allocated + class_size(c) > pool->limit)
		cl_tcp_pool_trim(pool);
	if (pool->allocated + class_size(c) > pool->limit)
		return NULL;
	b = malloc(class_size(c));
	if (b != NULL)
		pool->allocated += class_size(c);
	return b;
}

static struct cl_tcp_part *new_part(struct cl_tcp_pool *pool, struct cl_tcp_side *side,
				    struct cl_tcp_part *prev, uint32_t seq)
{
	struct cl_tcp_part *p = pool->parts;

	if (p != NULL) {
		pool->parts = p->next;
	} else {
		p = malloc(sizeof *p);
		if (p == NULL)
			return NULL;
		pool->allocated += sizeof *p;
	}
	pool->used += sizeof *p;
	*p = (struct cl_tcp_part){ .next = prev != NULL ? prev->next : side->first, .seq = seq };
	if (prev != NULL)
		prev->next = p;
	else
		side->first = p;
	if (side->last == prev)
		side->last = p;
	side->parts++;
	return p;
}

struct cl_tcp_part *cl_tcp_taken(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *prev,
				 uint32_t seq)
{
	struct cl_tcp_part *p = new_part(pool, side, prev, seq);

	if (p != NULL)
		p->synced = true;
	return p;
}

static void release_block(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *p)
{
	struct free_block *b = p->block;

	if (b == NULL)
		return;
	b->next = pool->blocks[p->size_class];
	pool->blocks[p->size_class] = b;
	pool->used -= class_size(p->size_class);
	side->waiting -= class_size(p->size_class) + PART_COST;
	p->block = NULL;
}

static void free_frame(struct cl_tcp_pool *pool, struct cl_tcp_frame *f)
{
	f->next = pool->frames;
	pool->frames = f;
	pool->used -= sizeof *f;
}

void cl_tcp_drop(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *prev)
{
	struct cl_tcp_part *p = prev != NULL ? prev->next : side->first;
	struct cl_tcp_frame *f = p->frame;

	if (prev != NULL)
		prev->next = p->next;
	else
		side->first = p->next;
	if (side->last == p)
		side->last = prev;
	side->parts--;
	bool borrows = p->block == NULL;
	release_block(pool, side, p);
	p->next = pool->parts;
	pool->parts = p;
	pool->used -= sizeof *p;
	if (f == NULL || --f->parts > 0 || borrows) /* who lends the octets sees to the frame */
		return;
	if (!f->done)
		pool->ledger->fate[f->fate] += f->frames;
	free_frame(pool, f);
}

void cl_tcp_clear(struct cl_tcp_pool *pool, struct cl_tcp_side *side)
{
	while (side->first != NULL)
		cl_tcp_drop(pool, side, NULL);
}

/* From `offset` on, or from where the kept octets end. */
static struct cl_cur from(struct cl_cur c, uint32_t offset)
{
	cl_cur_skip(&c, offset < cl_cur_kept(&c) ? offset : cl_cur_kept(&c));
	return c;
}

static struct cl_cur part_cursor(const struct cl_tcp_part *p)
{
	return cl_cur_make(p->octets, p->kept, p->len);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static bool same_octets(struct cl_cur a, struct cl_cur b, uint32_t n)
{
	n = least(n, least(cl_cur_kept(&a), cl_cur_kept(&b)));
	struct cl_span x = cl_cur_take(&a, n), y = cl_cur_take(&b, n);
	return n == 0 || memcmp(x.ptr, y.ptr, n) == 0;
}

/* A part of n octets behind `prev` that borrows them. */
static struct cl_tcp_part *put_piece(struct cl_tcp_pool *pool, struct cl_tcp_side *side,
				     struct cl_tcp_part *prev, uint32_t seq, struct cl_cur octets, uint32_t n,
				     struct cl_tcp_frame *frame)
{
	struct cl_tcp_part *p = new_part(pool, side, prev, seq);

	if (p == NULL)
		return NULL;
	p->len = n;
	p->kept = least(cl_cur_kept(&octets), n);
	p->octets = cl_cur_take(&octets, p->kept).ptr;
	p->frame = frame;
	frame->parts++;
	return p;
}

struct cl_tcp_inserted cl_tcp_insert(struct cl_tcp_pool *pool, struct cl_tcp_side *side, uint32_t seq,
				     struct cl_cur octets, struct cl_tcp_frame *frame)
{
	struct cl_tcp_part *prev = NULL, *part = side->first;
	struct cl_tcp_inserted in = { 0, false, false };
	uint32_t n, done = 0, len = octets.len - octets.pos;

	if (side->last != NULL && cl_tcp_after(seq, cl_tcp_end(side->last)) >= 0) {
		prev = side->last;
		part = NULL;
	}
	if (side->from_start && side->first != NULL && cl_tcp_after(side->first->seq, seq) > 0)
		done = least(len, side->first->seq - seq); /* old */
	while (done < len) {
		uint32_t at = seq + done;

		if (part != NULL && cl_tcp_after(cl_tcp_end(part), at) <= 0) {
			prev = part;
			part = part->next;
			continue;
		}
		if (part != NULL && cl_tcp_after(part->seq, at) <= 0) {
			n = least(len - done, cl_tcp_end(part) - at);
			if (part->frame != NULL &&
			    !same_octets(from(octets, done), from(part_cursor(part), at - part->seq), n))
				in.differs = true;
			done += n;
			continue;
		}
		n = part != NULL ? least(len - done, part->seq - at) : len - done;
		prev = put_piece(pool, side, prev, at, from(octets, done), n, frame);
		if (prev == NULL) {
			in.failed = true;
			return in;
		}
		in.fresh += n;
		done += n;
	}
	return in;
}

uint32_t cl_tcp_run(const struct cl_tcp_part *part, uint32_t enough)
{
	uint32_t n = 0, at;

	if (part == NULL || part->frame == NULL)
		return 0;
	for (at = part->seq; part != NULL && part->frame != NULL && part->seq == at && n < enough;
	     part = part->next) {
		n += part->len;
		at += part->len;
	}
	return n;
}

uint32_t cl_tcp_gather(const struct cl_tcp_part *part, uint8_t *out, uint32_t n)
{
	uint32_t got = 0, at = part->seq;

	for (; got < n && part != NULL && part->frame != NULL && part->seq == at; part = part->next) {
		struct cl_cur c = part_cursor(part);
		uint32_t m = least(part->kept, n - got);

		if (m > 0)
			cl_cur_copy(&c, out + got, m);
		got += m;
		at += part->len;
		if (m < part->len)
			break;
	}
	return got;
}

static void cut_front(struct cl_tcp_part *p, uint32_t n)
{
	struct cl_cur c = from(part_cursor(p), n);

	p->kept = cl_cur_kept(&c);
	p->octets = cl_cur_take(&c, p->kept).ptr;
	p->seq += n;
	p->len -= n;
	p->scanned = p->tried = 0;
}

void cl_tcp_consume(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *taken, uint32_t n)
{
	while (n > 0) {
		struct cl_tcp_part *p = taken->next;
		uint32_t m = least(n, p->len);

		taken->len += m;
		n -= m;
		if (m < p->len)
			cut_front(p, m);
		else
			cl_tcp_drop(pool, side, taken);
	}
	if (taken == side->first && taken->len > TAKEN_MAX) {
		taken->seq += TAKEN_MAX / 2;
		taken->len -= TAKEN_MAX / 2;
		side->from_start = true;
	}
}

/* Gives a part a block of its own. */
static bool own(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *p,
		struct cl_cur octets)
{
	uint8_t *block = new_block(pool, p->kept, &p->size_class);

	if (block == NULL)
		return false;
	if (p->kept > 0)
		cl_cur_copy(&octets, block, p->kept);
	p->block = block;
	p->octets = block;
	pool->used += class_size(p->size_class);
	side->waiting += class_size(p->size_class) + PART_COST;
	return true;
}

bool cl_tcp_split(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *part,
		  uint32_t offset)
{
	struct cl_cur tail = from(part_cursor(part), offset);
	struct cl_tcp_part *p =
		put_piece(pool, side, part, part->seq + offset, tail, part->len - offset, part->frame);

	if (p == NULL)
		return false;
	if (part->block != NULL && !own(pool, side, p, tail)) {
		p->frame->parts--; /* never its last */
		p->frame = NULL;
		cl_tcp_drop(pool, side, part);
		return false;
	}
	part->len = offset;
	part->kept = least(part->kept, offset);
	part->scanned = offset;
	part->tried = 0;
	return true;
}

static struct cl_tcp_frame *keep_frame(struct cl_tcp_pool *pool, const struct cl_tcp_frame *frame)
{
	struct cl_tcp_frame *f = pool->frames;

	if (f != NULL) {
		pool->frames = f->next;
	} else {
		f = malloc(sizeof *f);
		if (f == NULL)
			return NULL;
		pool->allocated += sizeof *f;
	}
	pool->used += sizeof *f;
	*f = *frame;
	return f;
}

bool cl_tcp_keep(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_frame *frame)
{
	struct cl_tcp_part *prev = NULL, *p = side->first;
	struct cl_tcp_frame *kept = frame->parts > 0 ? keep_frame(pool, frame) : NULL;

	if (kept != NULL)
		kept->parts = 0;
	if (kept != NULL && frame->parts == 1 && side->last->frame == frame && /* mostly they come in order */
	    own(pool, side, side->last, part_cursor(side->last))) {
		side->last->frame = kept;
		kept->parts = 1;
		frame->parts = 0;
	}
	while (p != NULL && frame->parts > 0) {
		if (p->frame != frame) {
			prev = p;
		} else if (kept != NULL && own(pool, side, p, part_cursor(p))) {
			p->frame = kept;
			kept->parts++;
			frame->parts--;
			prev = p;
		} else {
			cl_tcp_drop(pool, side, prev);
		}
		p = prev != NULL ? prev->next : side->first;
	}
	if (kept == NULL || kept->parts > 0)
		return kept != NULL;
	free_frame(pool, kept);
	return false;
}
