/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/rechash.h"

#include <xxhash.h>

/* An XXH3 state needs more than malloc's alignment, so the library makes it. */
struct cl_rechash;

static XXH3_state_t *state(struct cl_rechash *h)
{
	return (XXH3_state_t *)(void *)h;
}

struct cl_rechash *cl_rechash_new(void)
{
	XXH3_state_t *s = XXH3_createState();

	if (s != NULL)
		XXH3_128bits_reset(s);
	return (struct cl_rechash *)(void *)s;
}

static void put(uint8_t *p, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

void cl_rechash_add(struct cl_rechash *h, const struct cl_frame *frames, size_t n)
{
	uint8_t head[16];

	for (size_t i = 0; i < n; i++) {
		put(head, (uint64_t)frames[i].time_ns, 8);
		put(head + 8, frames[i].cap_len, 4);
		put(head + 12, frames[i].wire_len, 4);
		XXH3_128bits_update(state(h), head, sizeof(head));
		XXH3_128bits_update(state(h), frames[i].data, frames[i].cap_len);
	}
}

void cl_rechash_value(const struct cl_rechash *h, uint64_t value[2])
{
	XXH128_hash_t v = XXH3_128bits_digest((const XXH3_state_t *)(const void *)h);

	value[0] = v.high64;
	value[1] = v.low64;
}

void cl_rechash_free(struct cl_rechash *h)
{
	if (h != NULL)
		XXH3_freeState(state(h));
}
