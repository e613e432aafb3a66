/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/labels.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/userfile/lines.h"

#define LENGTHS 129 /* prefix lengths from 0 to 128 */

struct entry {
	struct cl_prefix prefix;
	unsigned long line;
	char *label;
};

struct cl_labels {
	struct entry *entries; /* by family, length and address */
	size_t n, room;
	size_t begin[2][LENGTHS +
			1]; /* [is IPv4][length]: where its entries begin; they end where the next begin */
};

/* A cl_line_fn: keeps one line. */
static const char *add_line(void *ctx, unsigned long number, char *word, char *rest)
{
	struct cl_labels *labels = ctx;
	struct entry e = { .line = number };

	if (!cl_prefix_parse(word, &e.prefix))
		return "the line does not begin with an address or ADDRESS/LENGTH";
	if (rest[0] == '\0')
		return "no label behind the prefix";
	if (labels->n == CL_LABELS_MAX)
		return "more than 1000000 prefixes";
	if (labels->n == labels->room) {
		size_t room = labels->room > 0 ? labels->room * 2 : 64;
		struct entry *p = realloc(labels->entries, room * sizeof(*p));

		if (p == NULL)
			return "not enough memory";
		labels->entries = p;
		labels->room = room;
	}
	e.label = strdup(rest);
	if (e.label == NULL)
		return "not enough memory";
	labels->entries[labels->n++] = e;
	return NULL;
}

static int compare_prefix(const void *a, const void *b)
{
	const struct cl_prefix *x = a, *y = b;
	int by_family = (int)cl_addr_is_v4(&x->addr) - (int)cl_addr_is_v4(&y->addr);

	if (by_family != 0)
		return by_family;
	if (x->len != y->len)
		return (int)x->len - (int)y->len;
	return cl_addr_cmp(&x->addr, &y->addr);
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = compare_prefix(&x->prefix, &y->prefix);

	return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

/* Sorts and finds where each length begins; false, and said, if a prefix stands twice. */
static bool settle(struct cl_labels *labels, const char *path)
{
	size_t i = 0;

	if (labels->n > 0)
		qsort(labels->entries, labels->n, sizeof(*labels->entries), compare);
	for (size_t k = 1; k < labels->n; k++) {
		const struct entry *e = &labels->entries[k];
		char where[4096];

		if (compare_prefix(&e[-1].prefix, &e->prefix) != 0)
			continue;
		snprintf(where, sizeof(where), "%s:%lu", path, e->line);
		cl_error(where, "the prefix stands in line %lu already", e[-1].line);
		return false;
	}
	for (unsigned v4 = 0; v4 < 2; v4++) {
		for (unsigned len = 0; len <= LENGTHS; len++) {
			labels->begin[v4][len] = i;
			while (i < labels->n && cl_addr_is_v4(&labels->entries[i].prefix.addr) == (v4 == 1) &&
			       labels->entries[i].prefix.len == len)
				i++;
		}
	}
	return true;
}

struct cl_labels *cl_labels_load(const char *path)
{
	struct cl_labels *labels = calloc(1, sizeof(*labels));

	if (labels == NULL) {
		cl_error(path, "not enough memory");
		return NULL;
	}
	if (!cl_lines_read(path, add_line, labels) || !settle(labels, path)) {
		cl_labels_free(labels);
		return NULL;
	}
	return labels;
}

static int compare_key(const void *key, const void *entry)
{
	return compare_prefix(key, &((const struct entry *)entry)->prefix);
}

const char *cl_labels_find(const struct cl_labels *labels, const struct cl_addr *a)
{
	if (labels == NULL)
		return NULL;
	for (int len = cl_addr_is_v4(a) ? 32 : 128; len >= 0; len--) {
		const size_t *range = &labels->begin[cl_addr_is_v4(a)][len];
		struct cl_prefix key = cl_prefix_of(a, (uint8_t)len);
		const struct entry *e;

		if (range[0] == range[1])
			continue;
		e = bsearch(&key, labels->entries + range[0], range[1] - range[0], sizeof(*e), compare_key);
		if (e != NULL)
			return e->label;
	}
	return NULL;
}

void cl_labels_free(struct cl_labels *labels)
{
	if (labels == NULL)
		return;
	for (size_t i = 0; i < labels->n; i++)
		free(labels->entries[i].label);
	free(labels->entries);
	free(labels);
}
