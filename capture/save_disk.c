/* SPDX-License-Identifier: BSD-2-Clause */
/* The folder of saved packets: a thread writes, and removes what is too old. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "capture/save_impl.h"

#define NS_PER_S INT64_C(1000000000)

/* Names for one instant that are tried, a nanosecond apart. */
#define NAMES_TRIED 1000

/* What lies there ------------------------------------------------------------------ */

/* "clientele-20261123T143311.123456789Z.pcapng": 0 is any digit. */
static bool is_ours(const char *name)
{
	static const char form[] = "clientele-00000000T000000.000000000Z.pcapng";

	if (strlen(name) != sizeof form - 1)
		return false;
	for (size_t i = 0; i < sizeof form - 1; i++)
		if (form[i] == '0' ? name[i] < '0' || name[i] > '9' : name[i] != form[i])
			return false;
	return true;
}

static bool add_file(struct cl_save_disk *d, const char *name, uint64_t bytes)
{
	if (d->n == d->room) {
		const size_t room = d->room > 0 ? 2 * d->room : 64;
		struct cl_save_file *grown = realloc(d->files, room * sizeof *grown);

		if (grown == NULL)
			return false;
		d->files = grown;
		d->room = room;
	}
	snprintf(d->files[d->n].name, sizeof d->files->name, "%s", name);
	d->files[d->n++].bytes = bytes;
	d->total += bytes;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct cl_save_file *)a)->name, ((const struct cl_save_file *)b)->name);
}

static bool look(struct cl_save_disk *d)
{
	const int fd = dup(d->dir);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	bool ok = true;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (ok && (e = readdir(dir)) != NULL) {
		struct stat st;

		if (is_ours(e->d_name) && fstatat(d->dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			ok = add_file(d, e->d_name, (uint64_t)st.st_size);
	}
	closedir(dir);
	if (d->n > 1)
		qsort(d->files, d->n, sizeof *d->files, by_name);
	return ok;
}

/* Removes the oldest files, as long as so many octets more do not fit; not the one that is written. False:
 * one could not be removed. */
static bool make_room(struct cl_save_disk *d, uint64_t more)
{
	size_t gone = 0;
	const size_t most = d->fd >= 0 ? d->n - 1 : d->n;

	for (; gone < most && d->total + more > d->limit; gone++) {
		if (unlinkat(d->dir, d->files[gone].name, 0) != 0 && errno != ENOENT)
			break;
		d->total -= d->files[gone].bytes;
	}
	if (gone > 0)
		memmove(d->files, d->files + gone, (d->n - gone) * sizeof *d->files);
	d->n -= gone;
	return d->total + more <= d->limit || gone == most;
}

/* Writing ---------------------------------------------------------------------------- */

static void fail(struct cl_save_disk *d, const char *what)
{
	const char *why = strerror(errno);

	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	pthread_mutex_lock(&d->lock);
	if (!d->failing)
		snprintf(d->why, sizeof d->why, "%s: %s", what, why);
	d->failing = true;
	atomic_fetch_add(&d->failures, 1);
	pthread_mutex_unlock(&d->lock);
}

static void name_of(int64_t time_ns, char name[CL_SAVE_NAME])
{
	const time_t s = (time_t)(time_ns / NS_PER_S);
	char text[32];
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL || strftime(text, sizeof text, "%Y%m%dT%H%M%S", &tm) != 15)
		snprintf(text, sizeof text, "99991231T235959");
	snprintf(name, CL_SAVE_NAME, "clientele-%.15s.%09luZ.pcapng", text,
		 (unsigned long)(time_ns % NS_PER_S));
}

/* A new file; one that has the name already stays. */
static bool begin_file(struct cl_save_disk *d, int64_t time_ns)
{
	char name[CL_SAVE_NAME];

	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	if (time_ns < 0)
		time_ns = 0;
	for (int i = 0; i < NAMES_TRIED && d->fd < 0; i++) {
		name_of(time_ns + i, name);
		d->fd = openat(d->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (d->fd < 0 && errno != EEXIST)
			break;
	}
	if (d->fd < 0) {
		fail(d, name);
		return false;
	}
	if (add_file(d, name, 0))
		return true;
	errno = ENOMEM;
	fail(d, name);
	return false;
}

/* Writes all or nothing: what did not fit whole is cut off, so that the file ends with a block. By offset:
 * the sandbox lets a process that has packet sockets write to files alone. */
static bool write_all(struct cl_save_disk *d, const struct cl_save_buffer *b)
{
	struct cl_save_file *f = &d->files[d->n - 1];
	size_t at = 0;

	while (at < b->used) {
		const ssize_t n = pwrite(d->fd, b->data + at, b->used - at, (off_t)(f->bytes + at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			const int why = errno;

			if (ftruncate(d->fd, (off_t)f->bytes) != 0) {
				f->bytes += at;
				d->total += at;
			}
			errno = why;
			return false;
		}
		at += (size_t)n;
	}
	f->bytes += at;
	d->total += at;
	return true;
}

static void write_buffer(struct cl_save_disk *d, const struct cl_save_buffer *b)
{
	bool ok = d->fd >= 0 || b->begins;

	if (ok && !make_room(d, b->used)) {
		fail(d, d->files[0].name);
		ok = false;
	}
	if (ok && b->begins)
		ok = begin_file(d, b->begins_ns);
	if (ok && !write_all(d, b)) {
		fail(d, d->files[d->n - 1].name);
		ok = false;
	}
	pthread_mutex_lock(&d->lock);
	if (ok) {
		d->counts.saved += b->frames;
		d->failing = false;
	} else {
		d->counts.missed += b->frames;
	}
	d->counts.files = d->n;
	d->counts.bytes = d->total;
	pthread_mutex_unlock(&d->lock);
}

static void *run(void *ctx)
{
	struct cl_save_disk *d = ctx;

	pthread_mutex_lock(&d->lock);
	for (;;) {
		struct cl_save_buffer *b;

		while (d->queued == 0 && !d->closing)
			pthread_cond_wait(&d->work, &d->lock);
		if (d->queued == 0)
			break;
		b = d->queue[d->head];
		d->head = (d->head + 1) % CL_SAVE_BUFFERS;
		d->queued--;
		pthread_mutex_unlock(&d->lock);
		write_buffer(d, b);
		pthread_mutex_lock(&d->lock);
		d->idle[d->idle_count++] = b;
		pthread_cond_signal(&d->done);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

/* Outside ------------------------------------------------------------------------------ */

struct cl_save_buffer *cl_save_disk_buffer(struct cl_save_disk *d, bool wait)
{
	struct cl_save_buffer *b = NULL;

	pthread_mutex_lock(&d->lock);
	while (wait && d->idle_count == 0)
		pthread_cond_wait(&d->done, &d->lock);
	if (d->idle_count > 0)
		b = d->idle[--d->idle_count];
	pthread_mutex_unlock(&d->lock);
	if (b != NULL) {
		b->used = 0;
		b->frames = 0;
		b->begins = false;
	}
	return b;
}

void cl_save_disk_write(struct cl_save_disk *d, struct cl_save_buffer *b)
{
	pthread_mutex_lock(&d->lock);
	d->queue[(d->head + d->queued++) % CL_SAVE_BUFFERS] = b;
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

static bool begin_thread(struct cl_save_disk *d)
{
	sigset_t all, before;

	for (unsigned i = 0; i < CL_SAVE_BUFFERS; i++) {
		struct cl_save_buffer *b = malloc(sizeof *b);

		if (b == NULL)
			return false;
		d->idle[d->idle_count++] = b;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	d->running = pthread_create(&d->thread, NULL, run, d) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return d->running;
}

bool cl_save_disk_open(struct cl_save_disk *d, const char *dir, uint64_t limit, char *err, size_t size)
{
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->work, NULL);
	pthread_cond_init(&d->done, NULL);
	d->limit = limit;
	d->fd = -1;
	d->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir < 0 || faccessat(d->dir, ".", W_OK | X_OK, AT_EACCESS) != 0 || !look(d)) {
		snprintf(err, size, "%s", strerror(errno));
	} else if (begin_thread(d)) {
		(void)make_room(d, 0); /* what cannot be removed is said when there is something to write */
		d->counts.files = d->n;
		d->counts.bytes = d->total;
		return true;
	} else {
		snprintf(err, size, "out of memory");
	}
	cl_save_disk_close(d);
	return false;
}

void cl_save_disk_close(struct cl_save_disk *d)
{
	pthread_mutex_lock(&d->lock);
	d->closing = true;
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
	if (d->running)
		pthread_join(d->thread, NULL);
	while (d->idle_count > 0)
		free(d->idle[--d->idle_count]);
	free(d->files);
	if (d->fd >= 0)
		close(d->fd);
	if (d->dir >= 0)
		close(d->dir);
}
