/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/geo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/log.h"
#include "cli/userfile/geo_parts.h"
#include "cli/userfile/labels.h"

/* Debian's tor-geoipdb. */
static const char *const debian[] = { "/usr/share/tor/geoip", "/usr/share/tor/geoip6" };

struct file {
	struct cl_geommdb *mmdb; /* one of the three */
	struct cl_georanges *ranges;
	struct cl_labels *labels;
	char source[512];
};

struct cl_geo {
	struct file file[CL_GEO_FILES_MAX];
	size_t n;
};

/* Whether the first line that is no comment has two commas. */
static bool is_ranges(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[512];
	bool is = false;

	if (in == NULL)
		return false;
	while (fgets(line, sizeof line, in) != NULL) {
		const char *comma = strchr(line, ',');

		if (line[0] == '#' || line[0] == '\n')
			continue;
		is = comma != NULL && strchr(comma + 1, ',') != NULL && strpbrk(line, "/ ") == NULL;
		break;
	}
	fclose(in);
	return is;
}

static bool load(struct file *f, const char *path)
{
	const char *credit = "lines PREFIX LABEL", *name = strrchr(path, '/');

	if (cl_geommdb_is(path)) {
		if ((f->mmdb = cl_geommdb_load(path)) == NULL)
			return false;
		credit = cl_geommdb_credit(f->mmdb);
	} else if (is_ranges(path)) {
		if ((f->ranges = cl_georanges_load(path)) == NULL)
			return false;
		credit = cl_georanges_credit(f->ranges);
	} else if ((f->labels = cl_labels_load(path)) == NULL) {
		return false;
	}
	snprintf(f->source, sizeof f->source, "%.200s%s%s%s", name != NULL ? name + 1 : path,
		 credit[0] != '\0' ? " (" : "", credit, credit[0] != '\0' ? ")" : "");
	return true;
}

bool cl_geo_open(struct cl_geo **out, const char *const *paths, size_t n)
{
	bool given = n > 0;

	*out = NULL;
	if (!given) {
		paths = debian;
		n = sizeof debian / sizeof *debian;
		if (access(debian[0], R_OK) != 0 || access(debian[1], R_OK) != 0)
			return true;
	}
	struct cl_geo *g = calloc(1, sizeof *g);
	if (g == NULL) {
		cl_error(paths[0], "not enough memory");
		return false;
	}
	for (; g->n < n && g->n < CL_GEO_FILES_MAX; g->n++)
		if (!load(&g->file[g->n], paths[g->n])) {
			cl_geo_close(g);
			return false;
		}
	*out = g;
	return true;
}

void cl_geo_close(struct cl_geo *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < CL_GEO_FILES_MAX; i++) {
		cl_geommdb_free(g->file[i].mmdb);
		cl_georanges_free(g->file[i].ranges);
		cl_labels_free(g->file[i].labels);
	}
	free(g);
}

static bool says(const struct file *f, enum cl_geo_what what)
{
	if (f->mmdb != NULL)
		return cl_geommdb_says(f->mmdb, what);
	return f->ranges != NULL ? what == CL_GEO_COUNTRY : what == CL_GEO_LABEL;
}

bool cl_geo_says(const struct cl_geo *g, enum cl_geo_what what)
{
	bool any = false;

	for (size_t i = 0; i < g->n; i++)
		any |= says(&g->file[i], what);
	return any;
}

static bool find_in(const struct file *f, enum cl_geo_what what, const struct cl_addr *a,
		    char out[CL_GEO_STRLEN])
{
	if (f->mmdb != NULL)
		return cl_geommdb_find(f->mmdb, what, a, out);
	if (f->ranges != NULL)
		return cl_georanges_find(f->ranges, a, out);
	const char *label = cl_labels_find(f->labels, a);
	if (label != NULL)
		snprintf(out, CL_GEO_STRLEN, "%s", label);
	return label != NULL;
}

bool cl_geo_find(const struct cl_geo *g, enum cl_geo_what what, const struct cl_addr *a,
		 char out[CL_GEO_STRLEN])
{
	for (size_t i = 0; i < g->n; i++)
		if (says(&g->file[i], what) && find_in(&g->file[i], what, a, out))
			return true;
	return false;
}

const char *cl_geo_source(const struct cl_geo *g, size_t i)
{
	return i < g->n ? g->file[i].source : NULL;
}
