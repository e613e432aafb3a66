/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_GEO_H
#define CL_CLI_GEO_H

#include <stdbool.h>
#include <stddef.h>

#include "dissect/addr.h"

/* Files that say where addresses are, at most. */
#define CL_GEO_FILES_MAX 16u

/* Where addresses are, looked up in files alone. Opaque. */
struct cl_geo;

/* What an address is looked up for. */
enum cl_geo_what {
	CL_GEO_COUNTRY, /* MaxMind's country.iso_code, Debian's tor-geoipdb: "AT" */
	CL_GEO_NETWORK, /* MaxMind's autonomous_system_...: "AS64500 Example" */
	CL_GEO_LABEL,	/* lines PREFIX LABEL */
	CL_GEO_WHATS
};

/**
 * Opens files: databases in MaxMind's format (where libmaxminddb is built in), or lines `PREFIX LABEL`. Of
 * none, Debian's files of tor-geoipdb if they are installed; else *out is NULL and nothing is wrong. False
 * after a line on standard error. Of several files that say the same thing, the first that knows an address
 * is heard.
 */
bool cl_geo_open(struct cl_geo **out, const char *const *paths, size_t n);
void cl_geo_close(struct cl_geo *g); /* NULL is accepted */

/* Whether any file says this of addresses. */
bool cl_geo_says(const struct cl_geo *g, enum cl_geo_what what);

/* Longest text of a place, its NUL included; longer ones are cut. */
#define CL_GEO_STRLEN 64

/* False: not known. */
bool cl_geo_find(const struct cl_geo *g, enum cl_geo_what what, const struct cl_addr *a,
		 char out[CL_GEO_STRLEN]);

/* The files, from 0, and where they come from in words; NULL behind the last. */
const char *cl_geo_source(const struct cl_geo *g, size_t i);

#endif
