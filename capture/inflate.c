/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/inflate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_SIZE	  (256u * 1024) /* compressed octets read at once */
#define OUT_SIZE  (128u * 1024) /* inflated octets handed over at once */
#define OUT_COUNT 8u

struct chunk {
	size_t len;
	uint64_t raw; /* compressed octets taken when it was full */
	uint8_t octets[OUT_SIZE];
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
	size_t pos; /* in the chunk at hand */
	uint64_t raw;
	/* both */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned filled, emptied; /* chunks, counted up */
	bool ended, stop;
	struct chunk chunk[OUT_COUNT];
	uint8_t in[IN_SIZE];
};

static bool fail(struct cl_inflate *x, const char *what, const char *before, const char *after)
{
	snprintf(x->error, sizeof(x->error), "%s%s%s%s", what, before, x->how->name, after);
	return false;
}

/* Nothing of ours is held while the source waits: there alone the thread may be cancelled. */
static void fill(struct cl_inflate *x)
{
	int state;
	size_t n;

	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
	n = x->source(x->ctx, x->in, IN_SIZE);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	x->taken += n;
	x->io.in = x->in;
	x->io.in_len = n;
	x->io.last = n == 0;
}

/* One step into the chunk; false at the end and on damage. */
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

/* Waits for an empty chunk; NULL when the reader is gone. */
static struct chunk *empty_chunk(struct cl_inflate *x)
{
	bool stop;

	pthread_mutex_lock(&x->lock);
	while (x->filled - x->emptied == OUT_COUNT && !x->stop)
		pthread_cond_wait(&x->changed, &x->lock);
	stop = x->stop;
	pthread_mutex_unlock(&x->lock);
	return stop ? NULL : &x->chunk[x->filled % OUT_COUNT];
}

static void hand_over(struct cl_inflate *x, bool ended)
{
	struct chunk *c = &x->chunk[x->filled % OUT_COUNT];

	c->len = OUT_SIZE - x->io.out_len;
	c->raw = x->taken - x->io.in_len;
	pthread_mutex_lock(&x->lock);
	x->filled += c->len > 0;
	x->ended = ended;
	pthread_cond_signal(&x->changed);
	pthread_mutex_unlock(&x->lock);
}

/* A chunk is handed over when it is full, and before the source is asked, which may take long. */
static void *run(void *arg)
{
	struct cl_inflate *x = arg;
	struct chunk *c;
	bool more = true;
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	while (more && (c = empty_chunk(x)) != NULL) {
		x->io.out = c->octets;
		x->io.out_len = OUT_SIZE;
		if (x->io.in_len == 0 && !x->io.last)
			fill(x);
		do
			more = step(x);
		while (more && x->io.out_len > 0 && (x->io.in_len > 0 || x->io.last));
		hand_over(x, !more);
	}
	return NULL;
}

struct cl_inflate *cl_inflate_open(const struct cl_unpack *how, cl_inflate_source source, void *ctx)
{
	struct cl_inflate *x = malloc(sizeof(*x));

	if (x == NULL)
		return NULL;
	memset(x, 0, offsetof(struct cl_inflate, chunk));
	x->how = how;
	x->source = source;
	x->ctx = ctx;
	x->state = how->open();
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->changed, NULL);
	if (x->state != NULL && pthread_create(&x->thread, NULL, run, x) == 0)
		return x;
	if (x->state != NULL)
		how->close(x->state);
	pthread_cond_destroy(&x->changed);
	pthread_mutex_destroy(&x->lock);
	free(x);
	return NULL;
}

size_t cl_inflate_read(struct cl_inflate *x, uint8_t *buf, size_t n)
{
	struct chunk *c = &x->chunk[x->emptied % OUT_COUNT];
	bool any;

	pthread_mutex_lock(&x->lock);
	while (x->filled == x->emptied && !x->ended)
		pthread_cond_wait(&x->changed, &x->lock);
	any = x->filled != x->emptied;
	pthread_mutex_unlock(&x->lock);
	if (!any)
		return 0;
	n = n < c->len - x->pos ? n : c->len - x->pos;
	memcpy(buf, c->octets + x->pos, n);
	x->pos += n;
	x->raw = c->raw;
	if (x->pos == c->len) {
		x->pos = 0;
		pthread_mutex_lock(&x->lock);
		x->emptied++;
		pthread_cond_signal(&x->changed);
		pthread_mutex_unlock(&x->lock);
	}
	return n;
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
	pthread_cancel(x->thread);
	pthread_join(x->thread, NULL);
	x->how->close(x->state);
	pthread_cond_destroy(&x->changed);
	pthread_mutex_destroy(&x->lock);
	free(x);
}
