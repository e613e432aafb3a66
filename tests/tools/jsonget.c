/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a JSON text strictly and prints its figures.
 *
 * usage: jsonget FILE           every figure, lines `path TAB value`
 *        jsonget FILE PATH...   the value of each path, or "absent"
 *        jsonget -t FILE        every value, groups too, lines `path TAB type`: string, integer, number,
 *                               boolean, null, object or array
 *
 * A path is `ntp.delta_s.max`; a number is an index of an array, `#` last is the length of an array
 * or object, a key with a dot stands in quotes: `over."0.001"`. Strings are printed as they stand
 * between their quotes, escapes kept. FILE `-` is standard input.
 * Exit status: 0; 1 some path is absent; 2 not JSON.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATH = 4096, MAX_DEPTH = 64 };

struct reader {
	const char *at;
	const char *text;
	char path[MAX_PATH];
	size_t path_len;
	unsigned depth;
	const char *const *wanted; /* NULL: print all */
	char **found;
	int n_wanted;
	bool types; /* print these instead of figures */
};

static void die(const struct reader *r, const char *why)
{
	fprintf(stderr, "jsonget: octet %zu: %s\n", (size_t)(r->at - r->text), why);
	exit(2);
}

static void emit(struct reader *r, const char *value, size_t len)
{
	if (r->types)
		return;
	if (!r->wanted) {
		printf("%s\t%.*s\n", r->path, (int)len, value);
		return;
	}
	for (int i = 0; i < r->n_wanted; i++) {
		if (strcmp(r->wanted[i], r->path) != 0)
			continue;
		if (r->found[i])
			die(r, "the same key twice in an object");
		r->found[i] = strndup(value, len);
		if (!r->found[i])
			die(r, "out of memory");
	}
}

/* Appends one part to the path; the result goes to pop(). */
static size_t push(struct reader *r, const char *part, size_t len)
{
	const size_t before = r->path_len;
	const bool quote = memchr(part, '.', len) != NULL;

	if (before + len + 4 > sizeof(r->path))
		die(r, "path too long");
	if (before > 0)
		r->path[r->path_len++] = '.';
	if (quote)
		r->path[r->path_len++] = '"';
	memcpy(r->path + r->path_len, part, len);
	r->path_len += len;
	if (quote)
		r->path[r->path_len++] = '"';
	r->path[r->path_len] = '\0';
	return before;
}

static void pop(struct reader *r, size_t before)
{
	r->path_len = before;
	r->path[before] = '\0';
}

static void blank(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')
		r->at++;
}

/* A string: *at stands on the first quote; gives the run between the quotes. */
static const char *string(struct reader *r, size_t *len)
{
	if (*r->at != '"')
		die(r, "no string where one must be");
	const char *first = ++r->at;

	while (*r->at != '"') {
		const unsigned char c = (unsigned char)*r->at;

		if (c < 0x20)
			die(r, "control character or end in a string");
		r->at++;
		if (c != '\\')
			continue;
		if (*r->at == '\0' || !strchr("\"\\/bfnrtu", *r->at))
			die(r, "unknown escape");
		if (*r->at++ == 'u') {
			for (int i = 0; i < 4; i++) {
				if (!isxdigit((unsigned char)*r->at))
					die(r, "escape of less than four digits");
				r->at++;
			}
		}
	}
	*len = (size_t)(r->at++ - first);
	return first;
}

static void digits(struct reader *r)
{
	if (!isdigit((unsigned char)*r->at))
		die(r, "no digit where one must be");
	while (isdigit((unsigned char)*r->at))
		r->at++;
}

static void number(struct reader *r)
{
	if (*r->at == '-')
		r->at++;
	if (*r->at == '0')
		r->at++;
	else
		digits(r);
	if (*r->at == '.') {
		r->at++;
		digits(r);
	}
	if (*r->at == 'e' || *r->at == 'E') {
		r->at++;
		if (*r->at == '+' || *r->at == '-')
			r->at++;
		digits(r);
	}
}

static void length(struct reader *r, size_t n)
{
	char text[24];
	const int len = snprintf(text, sizeof(text), "%zu", n);
	const size_t before = push(r, "#", 1);

	emit(r, text, (size_t)len);
	pop(r, before);
}

static void value(struct reader *r);

/* An object or an array, told apart by `close`. */
static void group(struct reader *r, char close)
{
	size_t n = 0;

	if (++r->depth > MAX_DEPTH)
		die(r, "too deep");
	r->at++;
	blank(r);
	while (*r->at != close) {
		char index[24];
		const char *part = index;
		size_t len;

		if (close == '}') {
			part = string(r, &len);
			blank(r);
			if (*r->at++ != ':')
				die(r, "no colon after a key");
		} else {
			len = (size_t)snprintf(index, sizeof(index), "%zu", n);
		}
		const size_t before = push(r, part, len);

		value(r);
		pop(r, before);
		n++;
		blank(r);
		if (*r->at == ',') {
			r->at++;
			blank(r);
			if (*r->at == close)
				die(r, "comma before the end");
		} else if (*r->at != close) {
			die(r, "neither comma nor end");
		}
	}
	r->at++;
	r->depth--;
	length(r, n);
}

/* By its first octet; a number with anything but digits behind its sign is no integer. */
static const char *type_of(const char *text, size_t len)
{
	switch (*text) {
	case '{':
		return "object";
	case '[':
		return "array";
	case '"':
		return "string";
	case 'n':
		return "null";
	case 't':
	case 'f':
		return "boolean";
	default:
		return strcspn(text, ".eE") < len ? "number" : "integer";
	}
}

static void any_value(struct reader *r)
{
	static const char *const words[] = { "null", "true", "false" };
	const char *first = r->at;

	if (*first == '{' || *first == '[') {
		group(r, *first == '{' ? '}' : ']');
	} else if (*first == '"') {
		size_t len;
		const char *text = string(r, &len);

		emit(r, text, len);
	} else if (*first == '-' || isdigit((unsigned char)*first)) {
		number(r);
		emit(r, first, (size_t)(r->at - first));
	} else {
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			const size_t len = strlen(words[i]);

			if (strncmp(first, words[i], len) == 0) {
				r->at += len;
				emit(r, first, len);
				return;
			}
		}
		die(r, "not a value");
	}
}

static void value(struct reader *r)
{
	blank(r);
	const char *first = r->at;

	any_value(r);
	if (r->types)
		printf("%s\t%s\n", r->path, type_of(first, (size_t)(r->at - first)));
}

static char *read_all(const char *path)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	size_t cap = 1 << 16;
	size_t len = 0;
	size_t got;

	if (!in) {
		perror(path);
		exit(2);
	}
	char *text = malloc(cap);

	while (text && (got = fread(text + len, 1, cap - len - 1, in)) > 0) {
		len += got;
		if (cap - len == 1) {
			char *more = realloc(text, cap *= 2);

			if (!more)
				free(text);
			text = more;
		}
	}
	if (!text) {
		fputs("jsonget: out of memory\n", stderr);
		exit(2);
	}
	text[len] = '\0';
	if (strlen(text) != len) {
		fputs("jsonget: a zero octet in the text\n", stderr);
		exit(2);
	}
	if (in != stdin)
		fclose(in);
	return text;
}

int main(int argc, char **argv)
{
	const bool types = argc == 3 && strcmp(argv[1], "-t") == 0;

	argc -= types;
	argv += types;
	if (argc < 2) {
		fputs("usage: jsonget FILE [PATH...], or jsonget -t FILE\n", stderr);
		return 2;
	}
	const int n = argc - 2;
	char *text = read_all(argv[1]);
	char **found = calloc((size_t)n + 1, sizeof(*found));
	struct reader r = { .at = text, .text = text, .found = found, .n_wanted = n, .types = types };
	int status = 0;

	if (!found)
		die(&r, "out of memory");
	if (n > 0)
		r.wanted = (const char *const *)(argv + 2);
	value(&r);
	blank(&r);
	if (*r.at != '\0')
		die(&r, "something after the end");
	for (int i = 0; i < n; i++) {
		puts(found[i] ? found[i] : "absent");
		if (!found[i])
			status = 1;
		free(found[i]);
	}
	free(found);
	free(text);
	return status;
}
