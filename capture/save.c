/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames into files of pcapng: what is in which, and when the next begins. */
#include "capture/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/save_impl.h"
#include "capture/units.h"

#define FILES 8u /* that share the octets */

#define NS_PER_S INT64_C(1000000000)

/* Packet time after which what there is goes to the disk; and after which a failed one is tried again. */
#define FLUSH_NS NS_PER_S
#define RETRY_NS (10 * NS_PER_S)

/* An interface with a link type, as a file describes it. */
struct described {
	uint32_t interface;
	uint16_t linktype;
	uint64_t frames; /* in this file */
};

/* The same interface with another link type, after it came back, takes one more of these. */
#define DESCRIBED_MOST (2u * CL_LIVE_INTERFACES)

struct dropped {
	uint64_t kernel, by_interface;
};

struct cl_save {
	struct cl_save_options options;
	struct cl_save_disk disk;
	struct cl_save_buffer *buffer; /* NULL: none to be had, or no file */
	bool in_file;
	uint64_t file_bytes;
	int64_t first_ns, last_ns;  /* of the file's frames */
	int64_t flushed_ns, try_ns; /* try_ns: no file begins before */
	struct described described[DESCRIBED_MOST];
	unsigned described_count;
	unsigned failures;	     /* of the disk, that are known */
	struct dropped *now, *begun; /* by interface: at the last report; at the file's beginning */
};

/* Opening --------------------------------------------------------------------- */

struct cl_save *cl_save_open(const char *dir, const struct cl_save_options *o, char *err, size_t size)
{
	struct cl_save *s = calloc(1, sizeof *s);

	if (s == NULL) {
		snprintf(err, size, "out of memory");
		return NULL;
	}
	s->options = *o;
	s->flushed_ns = s->try_ns = -CL_TIME_LIMIT_NS;
	s->now = calloc(o->interface_count + 1, sizeof *s->now);
	s->begun = calloc(o->interface_count + 1, sizeof *s->begun);
	if (o->bytes < CL_SAVE_LEAST)
		snprintf(err, size, "takes %u octets at least", CL_SAVE_LEAST);
	else if (s->now == NULL || s->begun == NULL)
		snprintf(err, size, "out of memory");
	else if (cl_save_disk_open(&s->disk, dir, o->bytes, err, size))
		return s;
	free(s->now);
	free(s->begun);
	free(s);
	return NULL;
}

/* Buffers ----------------------------------------------------------------------- */

static void submit(struct cl_save *s)
{
	if (s->buffer != NULL)
		cl_save_disk_write(&s->disk, s->buffer);
	s->buffer = NULL;
}

/* Room for so many octets of the file; NULL if there is none. */
static uint8_t *room_for(struct cl_save *s, size_t n)
{
	if (s->buffer != NULL && CL_SAVE_BUFFER - s->buffer->used < n)
		submit(s);
	if (s->buffer == NULL)
		s->buffer = cl_save_disk_buffer(&s->disk, s->options.wait);
	return s->buffer != NULL ? s->buffer->data + s->buffer->used : NULL;
}

static void used(struct cl_save *s, size_t n)
{
	s->buffer->used += n;
	s->file_bytes += n;
}

/* Files --------------------------------------------------------------------------- */

/* Begins a file with this frame; false: not now. */
static bool begin_file(struct cl_save *s, const struct cl_frame *f)
{
	uint8_t *p;

	if (f->time_ns < s->try_ns && s->try_ns - f->time_ns <= RETRY_NS)
		return false;
	p = room_for(s, CL_SAVE_BLOCK);
	if (p == NULL)
		return false;
	s->file_bytes = 0;
	s->described_count = 0;
	s->buffer->begins = true;
	s->buffer->begins_ns = s->first_ns = s->last_ns = f->time_ns;
	used(s, cl_save_section(p));
	memcpy(s->begun, s->now, s->options.interface_count * sizeof *s->begun);
	s->in_file = true;
	return true;
}

/* The statistics of what the file described, over its own stretch. */
static void put_statistics(struct cl_save *s)
{
	for (uint32_t id = 0; id < s->described_count; id++) {
		const struct described *d = &s->described[id];
		struct cl_save_statistics st = { .first_ns = s->first_ns,
						 .last_ns = s->last_ns,
						 .delivered = d->frames };
		uint8_t *p = room_for(s, CL_SAVE_BLOCK);
		bool again = false;

		for (uint32_t i = id + 1; i < s->described_count; i++)
			again = again || s->described[i].interface == d->interface;
		if (p == NULL)
			return;
		if (!again && d->interface < s->options.interface_count) {
			const struct dropped *now = &s->now[d->interface], *begun = &s->begun[d->interface];

			st.dropped_kernel = now->kernel - begun->kernel;
			st.dropped_interface = now->by_interface - begun->by_interface;
		}
		st.received = st.delivered + st.dropped_kernel;
		used(s, cl_save_statistics(p, id, &st));
	}
}

static void end_file(struct cl_save *s)
{
	if (!s->in_file)
		return;
	put_statistics(s);
	s->in_file = false;
	submit(s);
}

/* Frames -------------------------------------------------------------------------- */

/* The number by which the file knows the frame's interface; false: there are too many, or no room. */
static bool describe(struct cl_save *s, const struct cl_frame *f, uint32_t *id)
{
	const struct cl_save_options *o = &s->options;
	uint8_t *p;

	for (uint32_t i = 0; i < s->described_count; i++)
		if (s->described[i].interface == f->file && s->described[i].linktype == f->linktype) {
			*id = i;
			return true;
		}
	if (s->described_count == DESCRIBED_MOST)
		return false;
	p = room_for(s, CL_SAVE_BLOCK + 2 * CL_SAVE_TEXT);
	if (p == NULL)
		return false;
	used(s, cl_save_interface(p, f->linktype, o->snaplen,
				  f->file < o->interface_count ? o->interfaces[f->file] : "", o->filter));
	*id = s->described_count++;
	s->described[*id] = (struct described){ .interface = f->file, .linktype = f->linktype };
	return true;
}

static bool put(struct cl_save *s, const struct cl_frame *f)
{
	uint8_t *p;
	uint32_t id;

	if (s->in_file && s->file_bytes >= s->options.bytes / FILES)
		end_file(s);
	if ((!s->in_file && !begin_file(s, f)) || !describe(s, f, &id))
		return false;
	p = room_for(s, CL_SAVE_BLOCK + f->cap_len);
	if (p == NULL)
		return false;
	used(s, cl_save_packet(p, id, f));
	s->buffer->frames++;
	s->described[id].frames++;
	s->last_ns = f->time_ns > s->last_ns ? f->time_ns : s->last_ns;
	return true;
}

/* What went wrong is known: the file is not gone on with. */
static void give_up_file(struct cl_save *s)
{
	s->in_file = false;
	s->try_ns = s->last_ns + RETRY_NS;
	submit(s);
}

static void count_missed(struct cl_save *s, uint64_t n)
{
	pthread_mutex_lock(&s->disk.lock);
	s->disk.counts.missed += n;
	pthread_mutex_unlock(&s->disk.lock);
}

void cl_save_put(struct cl_save *s, const struct cl_frame *frames, size_t n)
{
	uint64_t missed = 0;

	const unsigned failures = atomic_load(&s->disk.failures);

	if (s->in_file && failures != s->failures)
		give_up_file(s);
	s->failures = failures;
	for (size_t i = 0; i < n; i++)
		missed += !put(s, &frames[i]);
	if (missed > 0)
		count_missed(s, missed);
	if (n == 0)
		return;
	if (s->flushed_ns > frames[n - 1].time_ns || frames[n - 1].time_ns - s->flushed_ns >= FLUSH_NS) {
		s->flushed_ns = frames[n - 1].time_ns;
		submit(s);
	}
}

void cl_save_drops(struct cl_save *s, size_t interface, uint64_t kernel, uint64_t by_interface)
{
	if (interface < s->options.interface_count)
		s->now[interface] = (struct dropped){ kernel, by_interface };
}

void cl_save_flush(struct cl_save *s)
{
	submit(s);
}

bool cl_save_event(struct cl_save *s, char *text, size_t size)
{
	struct cl_save_disk *d = &s->disk;
	bool news;

	pthread_mutex_lock(&d->lock);
	news = d->failing != d->told_failing;
	d->told_failing = d->failing;
	if (news)
		snprintf(text, size, "%s", d->failing ? d->why : "packets are saved again");
	pthread_mutex_unlock(&d->lock);
	return news;
}

void cl_save_counts(struct cl_save *s, struct cl_save_counts *out)
{
	pthread_mutex_lock(&s->disk.lock);
	*out = s->disk.counts;
	out->failing = s->disk.failing;
	pthread_mutex_unlock(&s->disk.lock);
}

void cl_save_close(struct cl_save *s)
{
	if (s == NULL)
		return;
	end_file(s);
	cl_save_disk_close(&s->disk);
	free(s->now);
	free(s->begun);
	free(s);
}
