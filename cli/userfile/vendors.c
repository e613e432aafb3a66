/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/vendors.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/userfile/lines.h"

#define MAC_BITS 48u

struct block {
	uint64_t first; /* its lowest address */
	unsigned bits;
	unsigned long line;
	char *name;
};

struct cl_vendors {
	struct block *block; /* by length, then address */
	size_t n, room;
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Hexadecimal digits, perhaps with : or - between octets, up to `end` or the text's end; `/BITS` may follow.
 * False: something else. */
static bool parse_block(const char *text, const char *end, struct block *b)
{
	unsigned digits = 0;

	b->first = 0;
	for (; text < end && *text != '/'; text++) {
		if ((*text == ':' || *text == '-') && digits % 2 == 0 && digits > 0)
			continue;
		if (digit(*text) < 0 || ++digits > MAC_BITS / 4)
			return false;
		b->first = b->first << 4 | (unsigned)digit(*text);
	}
	b->bits = text < end ? (unsigned)strtoul(text + 1, NULL, 10) : digits * 4;
	b->first <<= MAC_BITS - digits * 4;
	return digits > 0 && (b->bits == 24 || b->bits == 28 || b->bits == 36) &&
	       b->first << (64 - MAC_BITS + b->bits) == 0;
}

/* The text between quotation marks, or up to a comma; it is cut there. */
static char *csv_field(char *text)
{
	char *to = text, *from = text + 1;

	if (*text != '"') {
		text[strcspn(text, ",")] = '\0';
		return text;
	}
	for (; *from != '\0' && (*from != '"' || from[1] == '"'); from += 1 + (*from == '"'))
		*to++ = *from;
	*to = '\0';
	return text;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* `MA-L,0050C2,Name,Address`. The name is made of the rest of the word and what follows: in `joined`. */
static char *csv_name(char *word, char *rest, struct block *b, char joined[2 * CL_LINE_MAX + 2])
{
	char *digits = strchr(word, ',');
	char *name = digits != NULL ? strchr(digits + 1, ',') : NULL;

	if (name == NULL || !parse_block(digits + 1, name, b))
		return NULL;
	strcpy(joined, name + 1); /* both are parts of one line, of CL_LINE_MAX at most */
	strcat(joined, " ");
	strcat(joined, rest);
	return csv_field(joined);
}

/* `00-50-C2   (hex)		Name`, or `00:50:C2	Short	Long name`: the long one if there is. */
static char *column_name(char *word, char *rest, struct block *b)
{
	if (!parse_block(word, word + strlen(word), b))
		return NULL;
	if (starts(rest, "(base 16)"))
		return NULL;
	if (starts(rest, "(hex)"))
		rest += strlen("(hex)");
	char *tab = strchr(rest, '\t');
	if (tab != NULL && tab != rest)
		rest = tab;
	return rest + strspn(rest, " \t");
}

/* A cl_line_fn. */
static const char *add_line(void *ctx, unsigned long number, char *word, char *rest)
{
	struct cl_vendors *v = ctx;
	char joined[2 * CL_LINE_MAX + 2];
	struct block b = { .line = number };
	char *name = starts(word, "MA-") || starts(word, "IAB,") ? csv_name(word, rest, &b, joined)
								 : column_name(word, rest, &b);

	if (name == NULL || *name == '\0')
		return NULL;
	if (v->n == CL_VENDORS_MAX)
		return "more than 1000000 blocks";
	if (v->n == v->room) {
		size_t room = v->room > 0 ? v->room * 2 : 1024;
		struct block *more = realloc(v->block, room * sizeof *more);

		if (more == NULL)
			return "not enough memory";
		v->block = more;
		v->room = room;
	}
	b.name = strdup(name);
	if (b.name == NULL)
		return "not enough memory";
	b.name[strcspn(b.name, "\r")] = '\0';
	v->block[v->n++] = b;
	return NULL;
}

static int compare(const void *x, const void *y)
{
	const struct block *a = x, *b = y;

	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

struct cl_vendors *cl_vendors_load(const char *path)
{
	struct cl_vendors *v = calloc(1, sizeof *v);

	if (v == NULL) {
		cl_error(path, "not enough memory");
		return NULL;
	}
	bool ok = cl_lines_read(path, add_line, v);
	if (ok && v->n == 0)
		cl_error(path, "holds no line of IEEE's oui.txt or oui.csv, or of Wireshark's manuf");
	if (!ok || v->n == 0) {
		cl_vendors_free(v);
		return NULL;
	}
	qsort(v->block, v->n, sizeof *v->block, compare);
	return v;
}

/* The first block that is not before `key`. */
static const struct block *lower(const struct cl_vendors *v, const struct block *key)
{
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (compare(&v->block[middle], key) < 0)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo < v->n ? &v->block[lo] : NULL;
}

const char *cl_vendors_find(const struct cl_vendors *v, uint64_t mac)
{
	static const unsigned lengths[] = { 36, 28, 24 };

	for (unsigned i = 0; v != NULL && i < sizeof lengths / sizeof *lengths; i++) {
		unsigned rest = MAC_BITS - lengths[i];
		struct block key = { .first = mac >> rest << rest, .bits = lengths[i] };
		const struct block *b = lower(v, &key);

		if (b != NULL && b->bits == key.bits && b->first == key.first)
			return b->name;
	}
	return NULL;
}

void cl_vendors_free(struct cl_vendors *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < v->n; i++)
		free(v->block[i].name);
	free(v->block);
	free(v);
}
