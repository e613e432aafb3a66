/* SPDX-License-Identifier: BSD-2-Clause */
/* A capture file of any octets: it is read to its end, once whole and once in small blocks, with one result.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/block.h"
#include "capture/rechash.h"
#include "capture/source.h"
#include "tests/fuzz/fuzz.h"

struct result {
	uint64_t packets, octets, hash[2];
	char error[CL_ERROR_SIZE];
};

static void count(struct result *r, const struct cl_frame *frames, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (frames[i].cap_len > CL_RECORD_MAX || frames[i].wire_len < frames[i].cap_len)
			abort();
		r->octets += frames[i].cap_len;
	}
	r->packets += n;
}

static void read_image(struct result *r, const uint8_t *data, size_t size, size_t block_size)
{
	struct cl_frame frames[5];
	struct cl_run run;
	struct cl_pool pool;
	struct cl_source *s;
	struct cl_rechash *h = cl_rechash_new();
	size_t n;

	memset(r, 0, sizeof(*r));
	cl_pool_init(&pool, block_size);
	s = cl_source_open_memory(data, size, &pool, 0, r->error, sizeof(r->error));
	while (s != NULL && cl_source_scout(s, &run, 7, INT64_MIN)) {
		if (h != NULL) /* looks at each octet, so that one too far is seen */
			cl_rechash_add(h, &run);
		while ((n = cl_run_cut(&run, frames, 5)) > 0) {
			count(r, frames, n);
			cl_frames_release(frames, n);
		}
	}
	if (s != NULL && cl_source_error(s) != NULL)
		memcpy(r->error, cl_source_error(s), strlen(cl_source_error(s)) + 1);
	if (h != NULL)
		cl_rechash_value(h, r->hash);
	cl_rechash_free(h);
	cl_source_close(s);
	if (pool.held != 0)
		abort();
	cl_pool_free(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result large, small;

	read_image(&large, data, size, 64 * 1024);
	read_image(&small, data, size, 32);
	if (large.packets != small.packets || large.octets != small.octets ||
	    large.hash[0] != small.hash[0] || large.hash[1] != small.hash[1] ||
	    strcmp(large.error, small.error) != 0)
		abort();
	return 0;
}
