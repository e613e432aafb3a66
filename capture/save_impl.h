/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_SAVE_IMPL_H
#define CL_CAPTURE_SAVE_IMPL_H

/* For save.c and save_*.c alone. */

#include <pthread.h>
#include <stdatomic.h>

#include "capture/live.h"
#include "capture/save.h"

#define CL_SAVE_BUFFER	1048576u
#define CL_SAVE_BUFFERS 4u

/* Octets of a file's name, with the final NUL. */
#define CL_SAVE_NAME sizeof "clientele-20261123T143311.123456789Z.pcapng"

/* Whole blocks of one file, on their way to it. */
struct cl_save_buffer {
	size_t used;
	uint64_t frames;
	int64_t begins_ns; /* time of the file's first frame */
	bool begins;	   /* the file, and ends the one before */
	uint8_t data[CL_SAVE_BUFFER];
};

/* A file in the folder. */
struct cl_save_file {
	char name[CL_SAVE_NAME];
	uint64_t bytes;
};

/* The folder and the thread that writes into it. */
struct cl_save_disk {
	int dir; /* descriptors */
	int fd;	 /* -1: no file */
	uint64_t limit, total;
	struct cl_save_file *files; /* oldest first; the last is being written if fd >= 0 */
	size_t n, room;
	pthread_t thread;
	bool running;

	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct cl_save_buffer *queue[CL_SAVE_BUFFERS], *idle[CL_SAVE_BUFFERS];
	unsigned head, queued, idle_count;
	bool closing;
	atomic_uint failures; /* after one nothing is written until a file begins */
	bool failing, told_failing;
	char why[CL_ERROR_SIZE];
	struct cl_save_counts counts;
};

/* Opens the folder, looks at what is in it, begins the thread. */
bool cl_save_disk_open(struct cl_save_disk *d, const char *dir, uint64_t limit, char *err, size_t size);

/* An idle buffer, empty; NULL if there is none, after waiting for one if asked. */
struct cl_save_buffer *cl_save_disk_buffer(struct cl_save_disk *d, bool wait);

/* Gives the buffer to the thread, which gives it back. */
void cl_save_disk_write(struct cl_save_disk *d, struct cl_save_buffer *b);

/* Waits until all is written, and frees. */
void cl_save_disk_close(struct cl_save_disk *d);

/* pcapng (draft-ietf-opsawg-pcapng), little-endian. Each writes one block at `p` and returns its octets; the
 * caller has room: CL_SAVE_BLOCK and the texts, or the packet. */
#define CL_SAVE_BLOCK 160u
#define CL_SAVE_TEXT  1024u /* of a text more is cut off */

size_t cl_save_section(uint8_t *p);
size_t cl_save_interface(uint8_t *p, uint16_t linktype, uint32_t snaplen, const char *name,
			 const char *filter);
size_t cl_save_packet(uint8_t *p, uint32_t id, const struct cl_frame *f);

struct cl_save_statistics {
	int64_t first_ns, last_ns;
	uint64_t received, dropped_interface, dropped_kernel, delivered;
};
size_t cl_save_statistics(uint8_t *p, uint32_t id, const struct cl_save_statistics *st);

#endif
