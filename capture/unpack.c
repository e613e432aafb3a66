/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/unpack.h"

#include <string.h>

/* Known by its magic; there is no reader for it. */
static const struct cl_unpack bzip2 = { .name = "bzip2", .magic_len = 3, .magic = { 'B', 'Z', 'h' } };

static const struct cl_unpack *const all[] = { &cl_unpack_gzip, &cl_unpack_zstd, &cl_unpack_xz,
					       &cl_unpack_lz4, &bzip2 };

const struct cl_unpack *cl_unpack_find(const uint8_t *head, size_t n)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (n >= all[i]->magic_len && memcmp(head, all[i]->magic, all[i]->magic_len) == 0)
			return all[i];
	return NULL;
}

bool cl_unpack_follows(const struct cl_unpack *u, uint8_t first)
{
	return first == u->magic[0] || (u->skippable && first >> 4 == 5);
}
