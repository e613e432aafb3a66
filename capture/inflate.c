/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/inflate.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IN_SIZE	  (256u * 1024) /* compressed octets read at once */
#define OUT_COUNT 8u		/* blocks of inflated octets */

/* Who waits is woken when so many blocks are full, or free again: a waking costs a tenth of a block's
 * counting. */
#define OUT_HALF (OUT_COUNT / 2)

struct chunk {
	struct cl_block *block; /* the thread's from when it is emptied until it is filled */
	uint64_t raw;		/* compressed octets taken when it was full */
};

struct cl_inflate {
	/* the thread's */
	const struct cl_unpack *how;
	cl_inflate_source source;
	void *ctx, *state;
	struct cl_unpack_io io;
	uint64_t taken;
	bool in_member;
	char error[96];
	/* the reader's */
	struct cl_pool *pool;
	size_t pos; /* in the block at hand; 0: nothing is read of it */
	uint64_t raw;
	/* both */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned filled, emptied; /* chunks, counted up */
	bool idle;		  /* the thread waits for input */
	bool ended, stop;
	int pipe[2]; /* its end tells a thread that waits for input to stop */
	struct chunk chunk[OUT_COUNT];
	uint8_t in[IN_SIZE];
};

static bool fail(struct cl_inflate *x, const char *what, const char *before, const char *after)
{
	snprintf(x->error, sizeof(x->error), "%s%s%s%s", what, before, x->how->name, after);
	return false;
}

/* More input, unless that has to be waited for and there is no `stop_fd`. */
static bool fill(struct cl_inflate *x, int stop_fd)
{
	size_t n = x->source(x->ctx, x->in, IN_SIZE, stop_fd);

	if (n == CL_INFLATE_LATER)
		return false;
	x->taken += n;
	x->io.in = x->in;
	x->io.in_len = n;
	x->io.last = n == 0;
	return true;
}

static bool at_hand(struct cl_inflate *x)
{
	return x->io.in_len > 0 || x->io.last || fill(x, -1);
}

/* One step into the block; false at the end and on damage. */
static bool step(struct cl_inflate *x)
{
	size_t in = x->io.in_len, out = x->io.out_len;

	if (!x->in_member) {
		if (in == 0)
			return false;
		if (!cl_unpack_follows(x->how, *x->io.in))
			return fail(x, "octets that are not ", "", " follow the last member");
		x->how->reset(x->state);
		x->in_member = true;
	}
	switch (x->how->step(x->state, &x->io)) {
	case CL_UNPACK_END:
		x->in_member = false;
		return true;
	case CL_UNPACK_DAMAGED:
		return fail(x, "damaged in ", "", " data");
	case CL_UNPACK_NO_MEMORY:
		return fail(x, "not enough memory for ", "", " data");
	case CL_UNPACK_MORE:
		break;
	}
	if (x->io.last && x->io.in_len == in && x->io.out_len == out)
		return fail(x, "cut short in ", "", " data");
	return true;
}

/* Waits for an empty block; NULL when the reader is gone. */
static struct cl_block *empty_block(struct cl_inflate *x)
{
	bool stop;

	pthread_mutex_lock(&x->lock);
	if (x->filled - x->emptied == OUT_COUNT)
		while (x->filled - x->emptied > OUT_HALF && !x->stop)
			pthread_cond_wait(&x->changed, &x->lock);
	stop = x->stop;
	pthread_mutex_unlock(&x->lock);
	return stop ? NULL : x->chunk[x->filled % OUT_COUNT].block;
}

static void hand_over(struct cl_inflate *x, bool idle, bool ended)
{
	struct chunk *c = &x->chunk[x->filled % OUT_COUNT];

	c->block->used = c->block->size - x->io.out_len;
	c->raw = x->taken - x->io.in_len;
	pthread_mutex_lock(&x->lock);
	x->filled += c->block->used > CL_INFLATE_ROOM;
	x->idle = idle;
	x->ended = ended;
	if (idle || ended || x->filled - x->emptied == OUT_HALF)
		pthread_cond_signal(&x->changed);
	pthread_mutex_unlock(&x->lock);
}

/* A block is handed over when it is full, and before input is waited for, which may take long. */
static void *run(void *arg)
{
	struct cl_inflate *x = arg;
	struct cl_block *b;
	bool more = true, idle;

	while (more && (b = empty_block(x)) != NULL) {
		x->io.out = b->data + CL_INFLATE_ROOM;
		x->io.out_len = b->size - CL_INFLATE_ROOM;
		while (more && x->io.out_len > 0 && at_hand(x))
			more = step(x);
		idle = more && x->io.out_len > 0;
		hand_over(x, idle, !more);
		if (idle)
			(void)fill(x, x->pipe[0]);
	}
	return NULL;
}

static void free_all(struct cl_inflate *x)
{
	if (x->state != NULL)
		x->how->close(x->state);
	for (unsigned i = 0; i < OUT_COUNT; i++)
		cl_block_leave(x->chunk[i].block);
	close(x->pipe[0]);
	if (x->pipe[1] >= 0)
		close(x->pipe[1]);
	pthread_cond_destroy(&x->changed);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

static struct cl_block *new_block(struct cl_pool *pool)
{
	return cl_pool_get(pool, 2 * CL_INFLATE_ROOM);
}

/* What the thread needs before it can begin; false if something is short. */
static bool prepare(struct cl_inflate *x)
{
	for (unsigned i = 0; i < OUT_COUNT; i++)
		if ((x->chunk[i].block = new_block(x->pool)) == NULL)
			return false;
	x->state = x->how->open();
	return x->state != NULL;
}

struct cl_inflate *cl_inflate_open(const struct cl_unpack *how, struct cl_pool *pool,
				   cl_inflate_source source, void *ctx)
{
	struct cl_inflate *x = malloc(sizeof(*x));

	if (x == NULL)
		return NULL;
	memset(x, 0, offsetof(struct cl_inflate, in));
	x->how = how;
	x->pool = pool;
	x->source = source;
	x->ctx = ctx;
	if (pipe2(x->pipe, O_CLOEXEC) != 0) {
		free(x);
		return NULL;
	}
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->changed, NULL);
	if (prepare(x) && pthread_create(&x->thread, NULL, run, x) == 0)
		return x;
	free_all(x);
	return NULL;
}

/* Waits for the block that is next; NULL at the end. */
static struct chunk *next_chunk(struct cl_inflate *x)
{
	bool any;

	pthread_mutex_lock(&x->lock);
	if (x->filled == x->emptied)
		while (x->filled - x->emptied < OUT_HALF && !x->ended &&
		       !(x->idle && x->filled != x->emptied))
			pthread_cond_wait(&x->changed, &x->lock);
	any = x->filled != x->emptied;
	pthread_mutex_unlock(&x->lock);
	return any ? &x->chunk[x->emptied % OUT_COUNT] : NULL;
}

static void give_back(struct cl_inflate *x)
{
	x->pos = 0;
	pthread_mutex_lock(&x->lock);
	x->emptied++;
	if (x->filled - x->emptied == OUT_HALF)
		pthread_cond_signal(&x->changed);
	pthread_mutex_unlock(&x->lock);
}

size_t cl_inflate_read(struct cl_inflate *x, uint8_t *buf, size_t n)
{
	struct chunk *c = next_chunk(x);
	size_t left;

	if (c == NULL)
		return 0;
	if (x->pos == 0)
		x->pos = CL_INFLATE_ROOM;
	left = c->block->used - x->pos;
	n = n < left ? n : left;
	memcpy(buf, c->block->data + x->pos, n);
	x->pos += n;
	x->raw = c->raw;
	if (n == left)
		give_back(x);
	return n;
}

struct cl_block *cl_inflate_take(struct cl_inflate *x)
{
	struct chunk *c = x->pos == 0 ? next_chunk(x) : NULL;
	struct cl_block *full, *empty;

	if (c == NULL || c->block->used < c->block->size)
		return NULL;
	empty = new_block(x->pool);
	if (empty == NULL)
		return NULL;
	full = c->block;
	c->block = empty;
	x->raw = c->raw;
	give_back(x);
	return full;
}

const char *cl_inflate_error(const struct cl_inflate *x)
{
	return x->error[0] != '\0' ? x->error : NULL;
}

uint64_t cl_inflate_raw(const struct cl_inflate *x)
{
	return x->raw;
}

void cl_inflate_close(struct cl_inflate *x)
{
	if (x == NULL)
		return;
	pthread_mutex_lock(&x->lock);
	x->stop = true;
	pthread_cond_signal(&x->changed);
	pthread_mutex_unlock(&x->lock);
	close(x->pipe[1]);
	x->pipe[1] = -1;
	pthread_join(x->thread, NULL);
	free_all(x);
}
