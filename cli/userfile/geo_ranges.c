/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/userfile/geo_parts.h"

/* Ranges of a file at most. */
#define RANGES_MOST 20000000u

struct range {
	struct cl_addr first, last;
	char country[4];
};

struct cl_georanges {
	struct range *range; /* rising */
	size_t n, room;
	char credit[256];
};

static bool read_address(const char *s, struct cl_addr *out)
{
	char *end;
	unsigned long v;

	if (strchr(s, ':') != NULL)
		return cl_addr_parse(s, out);
	if (!isdigit((unsigned char)s[0]))
		return false;
	errno = 0;
	v = strtoul(s, &end, 10);
	if (errno != 0 || *end != '\0' || v > UINT32_MAX)
		return false;
	const uint8_t octets[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	*out = cl_addr_from_v4(octets);
	return true;
}

/* Appends ", VALUE" of a line of the head such as "# License:   CC BY-SA 4.0". */
static void read_head(struct cl_georanges *g, const char *line)
{
	static const char *const keys[] = { "Vendor:", "License:", "Generated:" };
	size_t used = strlen(g->credit);

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *at = strstr(line, keys[i]);

		if (at == NULL || used + 4 >= sizeof g->credit)
			continue;
		at += strlen(keys[i]);
		at += strspn(at, " \t");
		snprintf(g->credit + used, sizeof g->credit - used, "%s%s", used > 0 ? ", " : "", at);
	}
}

static bool keep_range(struct cl_georanges *g, const struct range *r)
{
	if (g->n == g->room) {
		size_t room = g->room > 0 ? g->room * 2 : 4096;
		struct range *more = room <= RANGES_MOST * 2 ? realloc(g->range, room * sizeof *more) : NULL;

		if (more == NULL)
			return false;
		g->range = more;
		g->room = room;
	}
	g->range[g->n++] = *r;
	return true;
}

/* NULL, or what is wrong with the line. */
static const char *read_line(struct cl_georanges *g, char *line)
{
	char *rest = line, *first = strsep(&rest, ","), *last = strsep(&rest, ",");
	struct range r;

	if (last == NULL || rest == NULL || !read_address(first, &r.first) || !read_address(last, &r.last) ||
	    cl_addr_cmp(&r.first, &r.last) > 0 || strlen(rest) != 2)
		return "no range of addresses and country as FIRST,LAST,CC";
	memcpy(r.country, rest, 3);
	if (strcmp(r.country, "??") == 0) /* not known */
		return NULL;
	if (g->n > 0 && cl_addr_cmp(&g->range[g->n - 1].last, &r.first) >= 0)
		return "not behind the range of the line before";
	return keep_range(g, &r) ? NULL : "not enough memory";
}

static bool read_lines(struct cl_georanges *g, const char *path, FILE *in)
{
	char line[512], where[4096];
	unsigned long number = 0;
	const char *wrong = NULL;

	while (wrong == NULL && fgets(line, sizeof line, in) != NULL) {
		number++;
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '#')
			read_head(g, line);
		else if (line[0] != '\0')
			wrong = read_line(g, line);
	}
	snprintf(where, sizeof where, "%s:%lu", path, number);
	if (wrong != NULL)
		cl_error(where, "%s", wrong);
	else if (ferror(in))
		cl_error(path, "%s", strerror(errno));
	return wrong == NULL && !ferror(in);
}

struct cl_georanges *cl_georanges_load(const char *path)
{
	struct cl_georanges *g = calloc(1, sizeof *g);
	FILE *in = fopen(path, "r");
	bool ok = false;

	if (in == NULL)
		cl_error(path, "%s", strerror(errno));
	else if (g == NULL)
		cl_error(path, "not enough memory");
	else
		ok = read_lines(g, path, in);
	if (in != NULL)
		fclose(in);
	if (ok)
		return g;
	cl_georanges_free(g);
	return NULL;
}

void cl_georanges_free(struct cl_georanges *g)
{
	if (g == NULL)
		return;
	free(g->range);
	free(g);
}

bool cl_georanges_find(const struct cl_georanges *g, const struct cl_addr *a, char out[CL_GEO_STRLEN])
{
	size_t low = 0, high = g->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cl_addr_cmp(&g->range[middle].last, a) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == g->n || cl_addr_cmp(&g->range[low].first, a) > 0)
		return false;
	snprintf(out, CL_GEO_STRLEN, "%s", g->range[low].country);
	return true;
}

const char *cl_georanges_credit(const struct cl_georanges *g)
{
	return g->credit;
}
