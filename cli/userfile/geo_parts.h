/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_GEO_PARTS_H
#define CL_CLI_GEO_PARTS_H

#include "cli/userfile/geo.h"

/* The kinds of files behind geo.c; nobody else includes it. Loading: NULL after a line on standard error. */

/* Lines FIRST,LAST,COUNTRY of IPv4 addresses as numbers or IPv6 addresses as text, each range behind the one
 * before (geo_ranges.c): the files of Debian's tor-geoipdb. */
struct cl_georanges;
struct cl_georanges *cl_georanges_load(const char *path);
void cl_georanges_free(struct cl_georanges *g);
bool cl_georanges_find(const struct cl_georanges *g, const struct cl_addr *a, char out[CL_GEO_STRLEN]);
/* What the file's head says of itself: who made it, when, and its licence. */
const char *cl_georanges_credit(const struct cl_georanges *g);

/* Databases in MaxMind's format (geo_mmdb.c). */
struct cl_geommdb;
/* Whether the file ends as such databases do. */
bool cl_geommdb_is(const char *path);
struct cl_geommdb *cl_geommdb_load(const char *path);
void cl_geommdb_free(struct cl_geommdb *g);
bool cl_geommdb_says(const struct cl_geommdb *g, enum cl_geo_what what);
bool cl_geommdb_find(const struct cl_geommdb *g, enum cl_geo_what what, const struct cl_addr *a,
		     char out[CL_GEO_STRLEN]);
const char *cl_geommdb_credit(const struct cl_geommdb *g);

#endif
