/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/serve/months.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MONTH "-YYYY-MM"

/* Whether a name is `stem`, a month and `ending`. */
static bool is_month(const char *name, const char *stem, size_t stem_len, const char *ending)
{
	static const char form[] = MONTH;

	if (strncmp(name, stem, stem_len) != 0)
		return false;
	name += stem_len;
	for (size_t i = 0; i < sizeof form - 1; i++)
		if (form[i] == '-' ? name[i] != '-' : name[i] < '0' || name[i] > '9')
			return false;
	return strcmp(name + sizeof form - 1, ending) == 0;
}

const char *cl_months_newest(const char *base, char path[CL_MONTHS_PATH])
{
	const char *slash = strrchr(base, '/'), *stem = slash != NULL ? slash + 1 : base,
		   *dot = strrchr(stem, '.'), *ending = dot != NULL && dot > stem ? dot : stem + strlen(stem);
	char folder[CL_MONTHS_PATH], newest[256] = "";
	const struct dirent *e;

	if (access(base, F_OK) == 0)
		return base;
	int n = slash != NULL ? snprintf(folder, sizeof folder, "%.*s/", (int)(slash - base), base)
			      : snprintf(folder, sizeof folder, "./");
	DIR *d = n > 0 && (size_t)n < sizeof folder ? opendir(folder) : NULL;
	if (d == NULL)
		return base;
	while ((e = readdir(d)) != NULL)
		if (is_month(e->d_name, stem, (size_t)(ending - stem), ending) &&
		    strcmp(e->d_name, newest) > 0)
			snprintf(newest, sizeof newest, "%s", e->d_name);
	closedir(d);
	n = snprintf(path, CL_MONTHS_PATH, "%s%s", slash != NULL ? folder : "", newest);
	return newest[0] != '\0' && n > 0 && n < CL_MONTHS_PATH ? path : base;
}
