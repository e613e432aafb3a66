/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_EACH_CAPTURE_H
#define CL_TESTS_UNIT_EACH_CAPTURE_H

/* The files of the tree's captures, and of those that may lie beside it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Gives each file of a folder and of three levels of folders below it, hidden ones aside; a folder that is
 * not there has none. */
static inline void each_file(const char *path, unsigned depth, void (*take)(const char *path))
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char name[4096];
		struct stat st;

		int n = snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		if ((size_t)n >= sizeof name || e->d_name[0] == '.' || stat(name, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < 3)
			each_file(name, depth + 1, take);
		else if (S_ISREG(st.st_mode))
			take(name);
	}
	if (d != NULL)
		closedir(d);
}

/* The same of a folder that is named from the source's. */
static inline void each_capture(const char *folder, void (*take)(const char *path))
{
	const char *top = getenv("top_srcdir");
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", top != NULL ? top : ".", folder);
	each_file(path, 0, take);
}

#endif
