/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/traits.h"

#include <stdlib.h>
#include <string.h>

const char *const cl_size_kind_names[CL_SIZE_KINDS] = { "udp query", "udp response", "tcp query",
							"tcp response" };

bool cl_traits_grow(struct cl_traits *t)
{
	uint32_t slots = t->slot == NULL ? CL_TRAITS_FIRST : (t->mask + 1) * 2;
	struct cl_traits grown = { .mask = slots - 1 };

	if (slots > CL_TRAITS_MAX || (grown.slot = calloc(slots, CL_TRAITS_OCTETS)) == NULL)
		return false;
	grown.order = (uint8_t *)(grown.slot + slots);
	for (uint32_t i = 0; i < t->used; i++) {
		const struct cl_trait *old = &t->slot[t->order[i]];
		uint32_t at = (uint32_t)(old->key * 0x9e3779b97f4a7c15u >> 40);

		while (grown.slot[at & grown.mask].key != 0)
			at++;
		grown.slot[at & grown.mask] = *old;
		grown.order[grown.used++] = (uint8_t)(at & grown.mask);
	}
	free(t->slot);
	*t = grown;
	return true;
}

void cl_traits_clear(struct cl_traits *t)
{
	if (t->used > 0)
		memset(t->slot, 0, ((size_t)t->mask + 1) * sizeof *t->slot);
	t->used = 0;
}

void cl_traits_free(struct cl_traits *t)
{
	free(t->slot);
	*t = (struct cl_traits){ .slot = NULL };
}

bool cl_sizes_add(struct cl_sizes *s, uint32_t bin, uint64_t n)
{
	if (!cl_sizes_reach(s, bin)) {
		uint32_t lo = s->count == 0 || bin < s->lo ? bin : s->lo;
		uint32_t hi = s->count == 0 || bin >= s->lo + s->count ? bin + 1 : s->lo + s->count;
		uint64_t *grown = calloc(hi - lo, sizeof *grown);

		if (grown == NULL)
			return false;
		if (s->count > 0)
			memcpy(grown + (s->lo - lo), s->n, s->count * sizeof *grown);
		free(s->n);
		*s = (struct cl_sizes){ grown, lo, hi - lo };
	}
	s->n[bin - s->lo] += n;
	return true;
}

bool cl_sizes_merge(struct cl_sizes *to, const struct cl_sizes *from)
{
	for (uint32_t i = 0; i < from->count; i++)
		if (from->n[i] != 0 && !cl_sizes_add(to, from->lo + i, from->n[i]))
			return false;
	return true;
}

void cl_sizes_clear(struct cl_sizes *s)
{
	if (s->count > 0)
		memset(s->n, 0, s->count * sizeof *s->n);
}

void cl_sizes_free(struct cl_sizes *s)
{
	free(s->n);
	*s = (struct cl_sizes){ .n = NULL };
}
