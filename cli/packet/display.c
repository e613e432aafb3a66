/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/packet/display.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"

#define FLUSH_AT 262144u
#define PARCELS	 3u
#define PACKETS	 256u	 /* of a parcel */
#define ROOM	 786432u /* octets of a parcel: 3 KiB a packet */

struct packet {
	struct cl_frame frame;
	struct cl_detail detail; /* all it points at lies in the parcel */
};

struct parcel {
	size_t packets, used;
	struct packet packet[PACKETS];
	_Alignas(8) unsigned char room[ROOM];
};

struct cl_display {
	enum cl_display_form form;
	const struct cl_input_file *files; /* NULL: not named */
	struct cl_show_json *json;
	struct cl_show_tree *tree;
	struct cl_out out;
	int write_error;   /* an errno, or 0 */
	uint64_t short_at; /* number of a packet that memory was too short for, or 0 */
	atomic_bool failed;

	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	unsigned head, count;	/* parcels from head on are full; guarded by lock */
	bool idle;		/* the thread waits for a parcel, and touches nothing; guarded by lock */
	bool lent;		/* the caller writes, while the thread is idle; guarded by lock */
	bool ended;		/* no more will come; guarded by lock */
	struct parcel *filling; /* the caller's: not handed over yet */
	struct parcel *parcels; /* PARCELS of them, if threaded */
};

/* Of whoever writes at the time: the thread, or the caller while it is idle ----------- */

static void write_out(struct cl_display *s)
{
	if (s->out.used > 0 && !atomic_load(&s->failed) &&
	    (fwrite(s->out.at, 1, s->out.used, stdout) != s->out.used || fflush(stdout) != 0)) {
		s->write_error = errno;
		atomic_store(&s->failed, true);
	}
	s->out.used = 0;
}

static void show(struct cl_display *s, const struct cl_frame *f, const struct cl_detail *d)
{
	bool whole = true;

	if (atomic_load(&s->failed))
		return;
	if (s->form == CL_DISPLAY_JSON)
		whole = cl_show_json(s->json, &s->out, f, d,
				     s->files != NULL ? s->files[f->file].path : NULL);
	else if (s->form == CL_DISPLAY_TREE)
		cl_show_tree(s->tree, &s->out, f, d);
	else
		cl_show_line(&s->out, f, d);
	if (!whole || s->out.failed) {
		s->short_at = f->number;
		write_out(s);
		atomic_store(&s->failed, true);
	}
	if (s->out.used >= FLUSH_AT)
		write_out(s);
}

static void show_parcel(struct cl_display *s, const struct parcel *c)
{
	for (size_t i = 0; i < c->packets; i++)
		show(s, &c->packet[i].frame, &c->packet[i].detail);
}

/* Waits for a parcel, with the lock; NULL: no more will come. What was shown before is written first:
 * somebody may look on. */
static const struct parcel *next_parcel(struct cl_display *s)
{
	while (s->count == 0) {
		if (!s->lent && s->out.used > 0) {
			pthread_mutex_unlock(&s->lock);
			write_out(s);
			pthread_mutex_lock(&s->lock);
			continue;
		}
		if (s->ended)
			return NULL;
		s->idle = true;
		pthread_cond_signal(&s->emptied);
		pthread_cond_wait(&s->filled, &s->lock);
		s->idle = false;
	}
	return &s->parcels[s->head];
}

static void *run(void *arg)
{
	struct cl_display *s = arg;
	const struct parcel *c;

	pthread_mutex_lock(&s->lock);
	while ((c = next_parcel(s)) != NULL) {
		pthread_mutex_unlock(&s->lock);
		show_parcel(s, c);
		pthread_mutex_lock(&s->lock);
		s->head = (s->head + 1) % PARCELS;
		s->count--;
		pthread_cond_signal(&s->emptied);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* Of the caller ------------------------------------------------------------------------ */

struct cl_display *cl_display_new(enum cl_display_form form, bool threaded)
{
	struct cl_display *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->form = form;
	s->json = cl_show_json_new();
	s->tree = cl_show_tree_new();
	s->parcels = threaded ? malloc(PARCELS * sizeof *s->parcels) : NULL;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->filled, NULL);
	pthread_cond_init(&s->emptied, NULL);
	if (s->parcels != NULL) {
		s->filling = s->parcels;
		s->filling->packets = s->filling->used = 0;
		s->threaded = pthread_create(&s->thread, NULL, run, s) == 0;
	}
	if (s->json != NULL && s->tree != NULL)
		return s;
	cl_display_finish(s);
	return NULL;
}

void cl_display_files(struct cl_display *s, const struct cl_input_file *files, size_t n)
{
	s->files = n > 1 ? files : NULL;
}

/* Copies n octets into the parcel; NULL: no room is left. */
static void *pack(struct parcel *c, const void *octets, size_t n)
{
	unsigned char *to = c->room + c->used;

	if (n > ROOM - c->used)
		return NULL;
	if (n > 0)
		memcpy(to, octets, n);
	c->used += n;
	return to;
}

static void *pack_rows(struct parcel *c, const void *rows, size_t n)
{
	c->used = (c->used + 7) / 8 * 8;
	return pack(c, rows, n);
}

static inline bool pack_span(struct parcel *c, struct cl_span *s)
{
	if (s->len > 0)
		s->ptr = pack(c, s->ptr, s->len);
	return s->len == 0 || s->ptr != NULL;
}

/* Whether values of a type are octets that lie elsewhere. */
static inline bool is_span(uint8_t type)
{
	return (1u << type & (1u << CL_V_BYTES | 1u << CL_V_TEXT | 1u << CL_V_IP6 | 1u << CL_V_ETHER |
			      1u << CL_V_GROUP | 1u << CL_V_OBJECT)) != 0;
}

static bool pack_detail(struct parcel *c, struct cl_detail *to, const struct cl_detail *d)
{
	*to = *d;
	to->text = NULL;
	to->layer = pack_rows(c, d->layer, d->layers * sizeof *d->layer);
	to->attr = pack_rows(c, d->attr, d->attrs * sizeof *d->attr);
	to->finding = pack_rows(c, d->finding, d->findings * sizeof *d->finding);
	if (to->layer == NULL || to->attr == NULL || to->finding == NULL || !pack_span(c, &to->info))
		return false;
	for (struct cl_attr *a = to->attr; a < to->attr + to->attrs; a++)
		if (is_span(a->field->type) && !pack_span(c, &a->v.bytes))
			return false;
	return true;
}

static bool pack_packet(struct parcel *c, const struct cl_frame *f, const struct cl_detail *d)
{
	size_t before = c->used;

	if (c->packets == PACKETS)
		return false;
	struct packet *p = &c->packet[c->packets];
	p->frame = *f;
	p->frame.data = NULL;
	p->frame.block = NULL;
	if (pack_detail(c, &p->detail, d)) {
		c->packets++;
		return true;
	}
	c->used = before;
	return false;
}

/* Gives the parcel to the thread and takes the next free one. */
static void hand_over(struct cl_display *s)
{
	if (s->filling->packets == 0)
		return;
	pthread_mutex_lock(&s->lock);
	s->count++;
	pthread_cond_signal(&s->filled);
	while (s->count == PARCELS) /* the next one is being shown */
		pthread_cond_wait(&s->emptied, &s->lock);
	s->filling = &s->parcels[(s->head + s->count) % PARCELS];
	pthread_mutex_unlock(&s->lock);
	s->filling->packets = s->filling->used = 0;
}

/* A packet that fills more than a parcel is shown by the caller, after all before it. */
static void show_alone(struct cl_display *s, const struct cl_frame *f, const struct cl_detail *d)
{
	pthread_mutex_lock(&s->lock);
	while (s->count > 0 || !s->idle)
		pthread_cond_wait(&s->emptied, &s->lock);
	s->lent = true;
	pthread_mutex_unlock(&s->lock);
	show(s, f, d);
	write_out(s);
	pthread_mutex_lock(&s->lock);
	s->lent = false;
	pthread_mutex_unlock(&s->lock);
}

void cl_display_take(struct cl_display *s, const struct cl_frame *f, const struct cl_detail *d)
{
	if (!s->threaded) {
		show(s, f, d);
		return;
	}
	if (pack_packet(s->filling, f, d))
		return;
	hand_over(s);
	if (!pack_packet(s->filling, f, d))
		show_alone(s, f, d);
}

void cl_display_flush(struct cl_display *s)
{
	if (s->threaded)
		hand_over(s);
	else
		write_out(s);
}

bool cl_display_failed(const struct cl_display *s)
{
	return atomic_load(&s->failed);
}

static void end_thread(struct cl_display *s)
{
	hand_over(s);
	pthread_mutex_lock(&s->lock);
	s->ended = true;
	pthread_cond_signal(&s->filled);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
}

bool cl_display_finish(struct cl_display *s)
{
	bool whole;

	if (s == NULL)
		return true;
	if (s->threaded)
		end_thread(s);
	write_out(s);
	if (s->short_at > 0)
		cl_error("memory", "not enough for packet %llu", (unsigned long long)s->short_at);
	if (s->write_error != 0 && s->write_error != EPIPE)
		cl_error("standard output", "%s", strerror(s->write_error));
	whole = !atomic_load(&s->failed);
	pthread_cond_destroy(&s->emptied);
	pthread_cond_destroy(&s->filled);
	pthread_mutex_destroy(&s->lock);
	cl_show_json_free(s->json);
	cl_show_tree_free(s->tree);
	cl_out_free(&s->out);
	free(s->parcels);
	free(s);
	return whole;
}
