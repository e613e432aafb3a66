/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/names.h"

#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/userfile/lines.h"

struct entry {
	struct cl_addr addr;
	unsigned long line;
	char *name;
};

struct cl_names {
	struct entry *entries; /* by address, each once */
	size_t n, room;
};

/* A cl_line_fn: keeps one line. */
static const char *add_line(void *ctx, unsigned long number, char *word, char *rest)
{
	struct cl_names *names = ctx;
	struct entry e = { .line = number };

	if (!cl_addr_parse(word, &e.addr))
		return "the line does not begin with an IPv4 or IPv6 address";
	rest[strcspn(rest, " \t\r\v\f")] = '\0';
	if (rest[0] == '\0')
		return "no name behind the address";
	if (names->n == CL_NAMES_MAX)
		return "more than 1000000 addresses";
	if (names->n == names->room) {
		size_t room = names->room > 0 ? names->room * 2 : 64;
		struct entry *p = realloc(names->entries, room * sizeof(*p));

		if (p == NULL)
			return "not enough memory";
		names->entries = p;
		names->room = room;
	}
	e.name = strdup(rest);
	if (e.name == NULL)
		return "not enough memory";
	names->entries[names->n++] = e;
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = cl_addr_cmp(&x->addr, &y->addr);

	return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

/* Sorts, and drops the later lines of an address that stands on several. */
static void settle(struct cl_names *names)
{
	size_t kept = 0;

	if (names->n == 0)
		return;
	qsort(names->entries, names->n, sizeof(*names->entries), compare);
	for (size_t i = 0; i < names->n; i++) {
		struct entry *e = &names->entries[i];

		if (kept > 0 && cl_addr_cmp(&names->entries[kept - 1].addr, &e->addr) == 0)
			free(e->name);
		else
			names->entries[kept++] = *e;
	}
	names->n = kept;
}

struct cl_names *cl_names_load(const char *path)
{
	struct cl_names *names = calloc(1, sizeof(*names));

	if (names == NULL) {
		cl_error(path, "not enough memory");
		return NULL;
	}
	if (!cl_lines_read(path, add_line, names)) {
		cl_names_free(names);
		return NULL;
	}
	settle(names);
	return names;
}

static int compare_addr(const void *key, const void *entry)
{
	return cl_addr_cmp(key, &((const struct entry *)entry)->addr);
}

const char *cl_names_find(const struct cl_names *names, const struct cl_addr *a)
{
	const struct entry *e;

	if (names == NULL || names->n == 0)
		return NULL;
	e = bsearch(a, names->entries, names->n, sizeof(*e), compare_addr);
	return e != NULL ? e->name : NULL;
}

void cl_names_free(struct cl_names *names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; i < names->n; i++)
		free(names->entries[i].name);
	free(names->entries);
	free(names);
}
