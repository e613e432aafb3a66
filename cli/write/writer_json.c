/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/write/text.h"
#include "cli/write/timefmt.h"
#include "cli/write/writer.h"

/* Containers up to this depth have a member a line. */
#define LINES_DEPTH 2

enum level {
	LEVEL_ARRAY = 1,  /* else an object */
	LEVEL_LINES = 2,  /* a member a line */
	LEVEL_FILLED = 4, /* has a member */
};

struct cl_json {
	FILE *out;
	size_t depth;
	int error; /* errno of the first failure, or 0 */
	unsigned char levels[CL_JSON_DEPTH];
};

struct cl_json *cl_json_new(FILE *out)
{
	struct cl_json *j = calloc(1, sizeof(*j));

	if (j != NULL)
		j->out = out;
	return j;
}

static void put(struct cl_json *j, const char *s, size_t len)
{
	if (j->error == 0 && fwrite(s, 1, len, j->out) != len)
		j->error = errno != 0 ? errno : EIO;
}

static void put_str(struct cl_json *j, const char *s)
{
	put(j, s, strlen(s));
}

/* A new line, indented for members of the container at the depth reached. */
static void put_line(struct cl_json *j)
{
	size_t lines = 0;

	for (size_t i = 0; i < j->depth; i++)
		lines += (j->levels[i] & LEVEL_LINES) != 0;
	put_str(j, "\n");
	for (; lines > 0; lines--)
		put_str(j, "  ");
}

/* One character, or one octet that is none, as JSON has it; returns the octets used. */
static size_t put_rune(struct cl_json *j, const char *s, size_t left)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	uint32_t rune;
	size_t n = cl_text_rune(s, left, &rune);
	char escape[8];

	if (n == 0) {
		put_str(j, "\\ufffd");
		return 1;
	}
	for (size_t i = 0; i + 1 < sizeof(named); i += 2) {
		if (rune == (unsigned char)named[i]) {
			escape[0] = '\\';
			escape[1] = named[i + 1];
			put(j, escape, 2);
			return n;
		}
	}
	if (cl_text_unsafe(rune)) {
		snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)rune & 0xffff);
		put_str(j, escape);
	} else {
		put(j, s, n);
	}
	return n;
}

static void put_quoted(struct cl_json *j, const char *s, size_t len)
{
	put_str(j, "\"");
	for (size_t i = 0; i < len;) {
		size_t plain = i;

		while (plain < len && s[plain] >= 0x20 && s[plain] < 0x7f && s[plain] != '"' &&
		       s[plain] != '\\')
			plain++;
		put(j, s + i, plain - i);
		i = plain;
		if (i < len)
			i += put_rune(j, s + i, len - i);
	}
	put_str(j, "\"");
}

/* What stands before each value: a comma, a line or a space, and the key. */
static void put_head(struct cl_json *j, const char *key)
{
	unsigned char *level;

	if (j->depth == 0)
		return;
	level = &j->levels[j->depth - 1];
	assert((key == NULL) == ((*level & LEVEL_ARRAY) != 0));
	if (*level & LEVEL_FILLED)
		put_str(j, *level & LEVEL_LINES ? "," : ", ");
	if (*level & LEVEL_LINES)
		put_line(j);
	*level |= LEVEL_FILLED;
	if (key != NULL) {
		put_quoted(j, key, strlen(key));
		put_str(j, ": ");
	}
}

static void begin(struct cl_json *j, const char *key, unsigned level)
{
	assert(j->depth < CL_JSON_DEPTH);
	put_head(j, key);
	put_str(j, level & LEVEL_ARRAY ? "[" : "{");
	if (j->depth < LINES_DEPTH)
		level |= LEVEL_LINES;
	j->levels[j->depth++] = (unsigned char)level;
}

void cl_json_object(struct cl_json *j, const char *key)
{
	begin(j, key, 0);
}

void cl_json_array(struct cl_json *j, const char *key)
{
	begin(j, key, LEVEL_ARRAY);
}

void cl_json_rows(struct cl_json *j, const char *key)
{
	begin(j, key, LEVEL_ARRAY | LEVEL_LINES);
}

void cl_json_end(struct cl_json *j)
{
	unsigned level;

	assert(j->depth > 0);
	level = j->levels[--j->depth];
	if ((level & LEVEL_LINES) && (level & LEVEL_FILLED))
		put_line(j);
	put_str(j, level & LEVEL_ARRAY ? "]" : "}");
}

static void put_value(struct cl_json *j, const char *key, const char *text)
{
	put_head(j, key);
	put_str(j, text);
}

void cl_json_u64(struct cl_json *j, const char *key, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, v);
	put_value(j, key, text);
}

void cl_json_i64(struct cl_json *j, const char *key, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, v);
	put_value(j, key, text);
}

void cl_json_bool(struct cl_json *j, const char *key, bool v)
{
	put_value(j, key, v ? "true" : "false");
}

void cl_json_null(struct cl_json *j, const char *key)
{
	put_value(j, key, "null");
}

void cl_json_double(struct cl_json *j, const char *key, double v)
{
	char text[32];

	snprintf(text, sizeof(text), "%.10g", v);
	put_value(j, key, isfinite(v) ? text : "null");
}

void cl_json_str(struct cl_json *j, const char *key, const char *s)
{
	if (s == NULL)
		cl_json_null(j, key);
	else
		cl_json_strn(j, key, s, strlen(s));
}

void cl_json_strn(struct cl_json *j, const char *key, const char *s, size_t len)
{
	put_head(j, key);
	put_quoted(j, s, len);
}

void cl_json_seconds(struct cl_json *j, const char *key, int64_t ns)
{
	char text[CL_TIME_STRLEN];

	cl_seconds_format(text, ns);
	put_value(j, key, text);
}

void cl_json_time(struct cl_json *j, const char *key, int64_t ns)
{
	char text[CL_TIME_STRLEN];
	size_t len = cl_time_format(text, ns, -1);

	cl_json_strn(j, key, text, len);
}

void cl_json_drop(struct cl_json *j)
{
	free(j);
}

int cl_json_close(struct cl_json *j)
{
	int error;

	assert(j->depth == 0);
	put_str(j, "\n");
	if (j->error == 0 && fflush(j->out) != 0)
		j->error = errno != 0 ? errno : EIO;
	error = j->error;
	free(j);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}
