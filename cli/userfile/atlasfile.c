/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/atlasfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"

#define NS_PER_S 1000000000

/* The whole file, ended by a zero; owned by the caller. NULL after a line on standard error. */
static char *read_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	char *text = NULL;
	size_t used = 0, room = 0, n = 1;

	while (in != NULL && n > 0 && used < CL_ATLAS_FILE_MAX) {
		if (used + 1 >= room) {
			room = room == 0 ? 65536 : 2 * room;
			char *more = realloc(text, room);

			if (more == NULL) {
				errno = ENOMEM;
				break;
			}
			text = more;
		}
		n = fread(text + used, 1, room - used - 1, in);
		used += n;
	}
	bool ok = in != NULL && n == 0 && ferror(in) == 0;
	if (!ok)
		cl_error(path, "%s", used >= CL_ATLAS_FILE_MAX ? "is larger than 512 MiB" : strerror(errno));
	if (in != NULL)
		fclose(in);
	if (ok && memchr(text, '\0', used) != NULL) {
		cl_error(path, "is not JSON");
		ok = false;
	}
	if (ok)
		text[used] = '\0';
	else
		free(text);
	return ok ? text : NULL;
}

static bool is_json(struct cl_store *store, const char *text)
{
	struct cl_query *q = cl_query_new(store, "SELECT json_valid(?1)");

	cl_query_bind_text(q, 1, text);
	bool valid = cl_query_row(q) && cl_query_i64(q, 0) != 0;
	cl_query_free(q);
	return valid;
}

/* Seconds with nine digits behind the point. */
static int64_t nanoseconds(const char *text)
{
	bool negative = text != NULL && *text == '-';
	uint64_t v = 0;

	for (const char *p = text != NULL ? text + negative : ""; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9' && v < (uint64_t)INT64_MAX / 20)
			v = v * 10 + (uint64_t)(*p - '0');
	return negative ? -(int64_t)v : (int64_t)v;
}

#define SECONDS(of, key) "printf('%.9f', json_extract(" of ", '$.\"" key "\"'))"

static const char results_sql[] =
	"SELECT r.key, json_extract(r.value, '$.prb_id'), json_extract(r.value, '$.dst_addr'), "
	"json_extract(r.value, '$.from'), json_extract(r.value, '$.timestamp'), json_extract(a.value, "
	"'$.\"origin-ts\"') IS NOT NULL, " SECONDS("a.value", "origin-ts") ", " SECONDS(
		"a.value",
		"rtt") ", " SECONDS("a.value",
				    "offset") ", json_extract(a.value, '$.x') IS NOT NULL FROM "
					      "json_each(CASE json_type(?1) WHEN 'array' THEN ?1 ELSE "
					      "json_array(json(?1)) END) AS r JOIN json_each(r.value, "
					      "'$.result') AS a WHERE r.type = 'object' AND a.type "
					      "= 'object' AND coalesce(json_extract(r.value, '$.type'), "
					      "'ntp') = 'ntp'";

/* One row: an attempt. False: memory is short. */
static bool take_attempt(struct cl_atlas_file *f, struct cl_query *q, struct cl_atlas *atlas, int64_t before)
{
	const char *server = cl_query_text(q, 2), *from = cl_query_text(q, 3);
	struct cl_atlas_attempt one = { .result = before + cl_query_i64(q, 0) + 1,
					.probe = cl_query_i64(q, 1) };
	int64_t seconds = cl_query_i64(q, 4);
	bool answered = cl_query_i64(q, 5) != 0, timed_out = cl_query_i64(q, 9) != 0;

	if (server == NULL || !cl_addr_parse(server, &one.server) || (!answered && !timed_out) ||
	    seconds < 0 || seconds > INT64_MAX / NS_PER_S ||
	    (answered && !cl_atlas_timestamp(cl_query_text(q, 6), &one.origin))) {
		f->not_sent++;
		return true;
	}
	if (from != NULL)
		cl_addr_parse(from, &one.from);
	one.time_ns = seconds * NS_PER_S;
	one.rtt_ns = nanoseconds(cl_query_text(q, 7));
	one.offset_ns = nanoseconds(cl_query_text(q, 8));
	return cl_atlas_attempt(atlas, &one);
}

static bool read_document(struct cl_atlas_file *f, struct cl_store *store, const char *text,
			  struct cl_atlas *atlas, int64_t before)
{
	struct cl_query *q = cl_query_new(store, results_sql);
	bool ok = true;

	cl_query_bind_text(q, 1, text);
	while (ok && cl_query_row(q))
		ok = take_attempt(f, q, atlas, before);
	cl_query_free(q);
	return ok && cl_store_error(store) == NULL;
}

bool cl_atlas_file_read(struct cl_atlas_file *f, struct cl_store *store, const char *path,
			struct cl_atlas *atlas)
{
	char *text = read_file(path), *rest = text;
	bool whole = text != NULL && text[strspn(text, " \t\r\n")] == '[', ok = text != NULL;

	for (int64_t line = 0; ok && rest != NULL; line++) {
		char *one = whole ? rest : strsep(&rest, "\n");

		if (whole)
			rest = NULL;
		if (one[strspn(one, " \t\r")] == '\0')
			continue;
		if (!is_json(store, one)) {
			if (whole)
				cl_error(path, "is not JSON");
			else
				cl_error(path, "line %lld is not JSON", (long long)line + 1);
			ok = false;
		} else if (!read_document(f, store, one, atlas, line)) {
			cl_error(path, "not enough memory");
			ok = false;
		}
	}
	free(text);
	return ok;
}

static int compare_place(const void *a, const void *b)
{
	int64_t x = ((const struct cl_atlas_place *)a)->probe, y = ((const struct cl_atlas_place *)b)->probe;

	return (x > y) - (x < y);
}

bool cl_atlas_file_probes(struct cl_atlas_file *f, struct cl_store *store, const char *path)
{
	char *text = read_file(path);
	size_t room = 0;

	if (text == NULL)
		return false;
	if (!is_json(store, text)) {
		cl_error(path, "is not JSON");
		free(text);
		return false;
	}
	struct cl_query *q = cl_query_new(
		store,
		"SELECT json_extract(p.value, '$.id'), coalesce(json_extract(p.value, '$.country_code'), "
		"'unknown') || coalesce(' AS' || coalesce(json_extract(p.value, '$.asn_v4'), "
		"json_extract(p.value, "
		"'$.asn_v6')), '') FROM json_each(?1, CASE json_type(?1) WHEN 'array' THEN '$' ELSE "
		"'$.objects' END) AS p WHERE p.type = 'object' AND json_type(p.value, '$.id') = 'integer'");
	cl_query_bind_text(q, 1, text);
	while (cl_query_row(q)) {
		if (f->places == room) {
			room = 2 * room + 256;
			struct cl_atlas_place *more = realloc(f->place, room * sizeof *more);

			if (more == NULL) {
				cl_store_fail(store, CL_ENOMEM);
				break;
			}
			f->place = more;
		}
		struct cl_atlas_place *p = &f->place[f->places++];
		p->probe = cl_query_i64(q, 0);
		snprintf(p->word, sizeof p->word, "%s", cl_query_text(q, 1));
	}
	cl_query_free(q);
	free(text);
	if (f->places > 0)
		qsort(f->place, f->places, sizeof *f->place, compare_place);
	return cl_store_error(store) == NULL;
}

const char *cl_atlas_file_place(const struct cl_atlas_file *f, int64_t probe)
{
	const struct cl_atlas_place key = { .probe = probe };
	const struct cl_atlas_place *p =
		f->places > 0 ? bsearch(&key, f->place, f->places, sizeof key, compare_place) : NULL;

	return p != NULL ? p->word : "unknown";
}

void cl_atlas_file_free(struct cl_atlas_file *f)
{
	free(f->place);
	*f = (struct cl_atlas_file){ .places = 0 };
}
