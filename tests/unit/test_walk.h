/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_TEST_WALK_H
#define CL_TESTS_UNIT_TEST_WALK_H

#include <stdlib.h>
#include <string.h>

#include "capture/block.h"
#include "capture/source.h"
#include "tests/unit/test_image.h"

/* All frames of an image (100 at most) and what was said at the end. */
struct walk {
	struct cl_frame frames[100];
	uint8_t first_octet[100], last_octet[100];
	size_t n;
	char error[CL_ERROR_SIZE]; /* "" if none */
	uint64_t dropped_kernel, dropped_interface;
};

static inline void walk_keep(struct walk *w, const struct cl_frame *f)
{
	w->frames[w->n] = *f;
	w->first_octet[w->n] = f->cap_len > 0 ? f->data[0] : 0;
	w->last_octet[w->n] = f->cap_len > 0 ? f->data[f->cap_len - 1] : 0;
	w->n++;
}

/* Reads the first `len` octets of the image from a heap block of just that size, in blocks of `block_size`.
 */
static inline void walk_part(struct walk *w, const struct image *m, size_t len, size_t block_size)
{
	uint8_t *exact = malloc(len > 0 ? len : 1);
	struct cl_frame frames[3];
	struct cl_pool pool;
	struct cl_source *s;
	size_t n;

	memset(w, 0, sizeof(*w));
	memcpy(exact, m->data, len);
	cl_pool_init(&pool, block_size);
	s = cl_source_open_memory(exact, len, &pool, 7, w->error, sizeof(w->error));
	while (s != NULL && (n = cl_source_next(s, frames, 3)) > 0) {
		for (size_t i = 0; i < n; i++)
			walk_keep(w, &frames[i]);
		cl_frames_release(frames, n);
	}
	if (s != NULL && cl_source_error(s) != NULL)
		strcpy(w->error, cl_source_error(s));
	if (s != NULL)
		cl_source_drops(s, &w->dropped_kernel, &w->dropped_interface);
	cl_source_close(s);
	cl_pool_free(&pool);
	free(exact);
}

static inline void walk(struct walk *w, const struct image *m)
{
	walk_part(w, m, m->n, 4096);
}

#endif
