/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/dnslevels.h"

#include <stdlib.h>
#include <string.h>

#include "stats/exchange/dnsname.h"

static size_t level_of(const uint8_t *wire, size_t n, enum cl_dns_level_kind kind,
		       const struct cl_suffixes *suffixes)
{
	uint8_t at[CL_NAME_LABELS];
	size_t want = kind == CL_LEVEL_TOP ? 1 : 2, labels;

	if (kind == CL_LEVEL_REGISTERED)
		return cl_suffixes_domain(suffixes, wire, n);
	labels = cl_name_labels(wire, n, at);
	return labels == 0 ? 0 : at[labels > want ? labels - want : 0];
}

static int compare_name(const struct cl_dns_level *a, const struct cl_dns_level *b)
{
	int c = memcmp(a->wire, b->wire, a->length < b->length ? a->length : b->length);

	return c != 0 ? c : (a->length > b->length) - (a->length < b->length);
}

static int by_name(const void *a, const void *b)
{
	return compare_name(a, b);
}

static int by_queries(const void *a, const void *b)
{
	const struct cl_dns_level *x = a, *y = b;

	if (x->queries != y->queries)
		return x->queries < y->queries ? 1 : -1;
	return compare_name(x, y);
}

struct cl_dns_level *cl_dns_levels(const struct cl_dns_list *l, enum cl_dns_level_kind kind,
				   const struct cl_suffixes *suffixes, size_t *n)
{
	struct cl_dns_level *list = calloc(l->names.count + 1, sizeof *list);
	size_t kept = 0;

	if (list == NULL)
		return NULL;
	for (size_t i = 0; i < l->names.count; i++) {
		const struct cl_dns_asked *a = cl_arena_at(&l->names, i);
		const uint8_t *wire = l->octets + a->at;
		size_t from = level_of(wire, a->length, kind, suffixes);

		list[i] = (struct cl_dns_level){ .wire = wire + from,
						 .length = a->length - from,
						 .queries = a->queries,
						 .nxdomain = a->nxdomain,
						 .names = a->queries > 0 };
	}
	qsort(list, l->names.count, sizeof *list, by_name);
	for (size_t i = 0; i < l->names.count; i++) {
		if (list[i].queries == 0 && list[i].nxdomain == 0)
			continue;
		if (kept > 0 && compare_name(&list[kept - 1], &list[i]) == 0) {
			list[kept - 1].queries += list[i].queries;
			list[kept - 1].nxdomain += list[i].nxdomain;
			list[kept - 1].names += list[i].names;
		} else {
			list[kept++] = list[i];
		}
	}
	qsort(list, kept, sizeof *list, by_queries);
	*n = kept;
	return list;
}
