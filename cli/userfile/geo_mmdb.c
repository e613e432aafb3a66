/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/userfile/geo_parts.h"

/* The marker stands before the metadata, in the last 128 KiB (MaxMind DB specification 2.0). */
#define TAIL_MOST (128 * 1024)

bool cl_geommdb_is(const char *path)
{
	static const char marker[] = "\xab\xcd\xefMaxMind.com";
	FILE *in = fopen(path, "rb");
	char *tail = malloc(TAIL_MOST);
	bool found = false;

	if (in != NULL && tail != NULL && fseek(in, 0, SEEK_END) == 0) {
		long size = ftell(in), from = size > TAIL_MOST ? size - TAIL_MOST : 0;

		if (size > 0 && fseek(in, from, SEEK_SET) == 0) {
			size_t n = fread(tail, 1, TAIL_MOST, in);

			found = memmem(tail, n, marker, sizeof marker - 1) != NULL;
		}
	}
	free(tail);
	if (in != NULL)
		fclose(in);
	return found;
}

#ifdef HAVE_MAXMIND
#include <maxminddb.h>
#include <netinet/in.h>
#include <time.h>

struct cl_geommdb {
	MMDB_s db;
	bool open;
	char credit[256];
};

struct cl_geommdb *cl_geommdb_load(const char *path)
{
	struct cl_geommdb *g = calloc(1, sizeof *g);
	int status = g != NULL ? MMDB_open(path, MMDB_MODE_MMAP, &g->db) : MMDB_OUT_OF_MEMORY_ERROR;

	if (status != MMDB_SUCCESS) {
		cl_error(path, "%s", status == MMDB_IO_ERROR ? strerror(errno) : MMDB_strerror(status));
		free(g);
		return NULL;
	}
	g->open = true;
	time_t built = (time_t)g->db.metadata.build_epoch;
	struct tm date;
	if (gmtime_r(&built, &date) != NULL)
		snprintf(g->credit, sizeof g->credit, "%.100s of %04d-%02d-%02d",
			 g->db.metadata.database_type, date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
	return g;
}

void cl_geommdb_free(struct cl_geommdb *g)
{
	if (g == NULL)
		return;
	if (g->open)
		MMDB_close(&g->db);
	free(g);
}

/* A database is asked for what its type names; for both if that names neither. */
bool cl_geommdb_says(const struct cl_geommdb *g, enum cl_geo_what what)
{
	const char *type = g->db.metadata.database_type;
	bool network = strcasestr(type, "asn") != NULL || strcasestr(type, "isp") != NULL,
	     country = strcasestr(type, "country") != NULL || strcasestr(type, "city") != NULL;

	if (what == CL_GEO_COUNTRY)
		return country || !network;
	return what == CL_GEO_NETWORK && (network || !country);
}

/* Appends a text of the entry; false: there is none. */
static bool text_at(MMDB_entry_s *entry, char *out, size_t size, const char *const *path)
{
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
	    data.type != MMDB_DATA_TYPE_UTF8_STRING)
		return false;
	snprintf(out, size, "%.*s", (int)(data.data_size < size ? data.data_size : size - 1),
		 data.utf8_string);
	return out[0] != '\0';
}

static bool number_at(MMDB_entry_s *entry, uint32_t *out, const char *const *path)
{
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data)
		return false;
	if (data.type == MMDB_DATA_TYPE_UINT32)
		*out = data.uint32;
	else if (data.type == MMDB_DATA_TYPE_UINT16)
		*out = data.uint16;
	else
		return false;
	return true;
}

static bool country_of(MMDB_entry_s *entry, char out[CL_GEO_STRLEN])
{
	static const char *const iso[] = { "country", "iso_code", NULL },
				 *const code[] = { "country_code", NULL },
				 *const plain[] = { "country", NULL };

	return text_at(entry, out, CL_GEO_STRLEN, iso) || text_at(entry, out, CL_GEO_STRLEN, code) ||
	       text_at(entry, out, CL_GEO_STRLEN, plain);
}

static bool network_of(MMDB_entry_s *entry, char out[CL_GEO_STRLEN])
{
	static const char *const number[] = { "autonomous_system_number", NULL },
				 *const name[] = { "autonomous_system_organization", NULL },
				 *const text[] = { "asn", NULL };
	uint32_t as;

	if (!number_at(entry, &as, number))
		return text_at(entry, out, CL_GEO_STRLEN, text);
	size_t used = (size_t)snprintf(out, CL_GEO_STRLEN, "AS%u ", as);
	if (!text_at(entry, out + used, CL_GEO_STRLEN - used, name))
		out[used - 1] = '\0';
	return true;
}

bool cl_geommdb_find(const struct cl_geommdb *g, enum cl_geo_what what, const struct cl_addr *a,
		     char out[CL_GEO_STRLEN])
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	int error = MMDB_SUCCESS;
	bool is_v4 = cl_addr_is_v4(a);

	if (!is_v4 && g->db.metadata.ip_version == 4)
		return false;
	memcpy(&v4.sin_addr, a->b + 12, 4);
	memcpy(&v6.sin6_addr, a->b, 16);
	MMDB_lookup_result_s found =
		MMDB_lookup_sockaddr(&g->db, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, &error);
	if (error != MMDB_SUCCESS || !found.found_entry)
		return false;
	return what == CL_GEO_COUNTRY ? country_of(&found.entry, out) : network_of(&found.entry, out);
}

const char *cl_geommdb_credit(const struct cl_geommdb *g)
{
	return g->credit;
}

#else

struct cl_geommdb *cl_geommdb_load(const char *path)
{
	cl_error(path, "is a MaxMind database, and this program was built without libmaxminddb");
	return NULL;
}

void cl_geommdb_free(struct cl_geommdb *g)
{
	(void)g;
}

bool cl_geommdb_says(const struct cl_geommdb *g, enum cl_geo_what what)
{
	(void)g;
	(void)what;
	return false;
}

bool cl_geommdb_find(const struct cl_geommdb *g, enum cl_geo_what what, const struct cl_addr *a,
		     char out[CL_GEO_STRLEN])
{
	(void)g;
	(void)what;
	(void)a;
	(void)out;
	return false;
}

const char *cl_geommdb_credit(const struct cl_geommdb *g)
{
	(void)g;
	return "";
}
#endif
