/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Holds `clientele dissect --json` against `tshark -T fields`, field for field.
 *
 *   fieldcompare --names OURS...
 *     each field name once, as it occurs in the files
 *   fieldcompare TYPES RULES CAPTURE OURS THEIRS
 *     TYPES: lines NAME <tab> FT_TYPE. RULES: capture, field, frames, kind, reason (field-differences.tsv).
 *     THEIRS: with a header; columns apart by octet 30, occurrences by octet 31; frame.number comes first.
 *     Prints lines: kind, capture, field, how many frames differ, the first of them, ours, theirs, which
 * frames, for what no rule names; `rule` and its line for each rule that was used; `shown` and a field for
 * each that tshark shows. Kinds: absent (tshark alone has it), extra (we alone have it), value.
 */
#include <fnmatch.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/samevalue.h"

#define SLOTS	   16384u /* of names; a power of two */
#define FRAMES_MAX 10000000u
#define OCCURRENCE 31
#define COLUMN	   30
#define SHOWN_MAX  200 /* octets of a value in a report */

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "fieldcompare: %s\n", what);
	exit(2);
}

static void *must(void *p)
{
	if (p == NULL)
		die("no memory");
	return p;
}

static char *read_file(const char *path, size_t *n)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	size_t room = 1 << 20, used = 0, got;
	char *text = must(malloc(room + 1));

	if (f == NULL)
		die(path);
	while ((got = fread(text + used, 1, room - used, f)) > 0) {
		used += got;
		if (used == room)
			text = must(realloc(text, (room *= 2) + 1));
	}
	text[used] = '\0';
	if (f != stdin)
		fclose(f);
	*n = used;
	return text;
}

/* Names ------------------------------------------------------------------------ */

struct name {
	const char *text; /* NULL: free */
	const char *type; /* FT_..., or NULL */
	bool ours;
	bool shown;   /* by tshark */
	char *values; /* ours of one frame, each behind an octet 31 */
	size_t used, room;
	uint64_t frame;	    /* whose they are */
	uint64_t differ[3]; /* frames without a rule, by kind */
	char *example[3];   /* of the first of them */
	struct frames *frames[3];
};

/* The frames that differ, as rules have them: 1,4-9; cut when it is too long. */
struct frames {
	uint64_t from, to;
	char text[SHOWN_MAX];
};

static struct name names[SLOTS];
static unsigned nnames;

static struct name *name_of(const char *text, size_t n)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)text[i]) * 1099511628211u;
	for (size_t at = (h ^ h >> 32) & (SLOTS - 1);; at = (at + 1) & (SLOTS - 1)) {
		struct name *x = &names[at];

		if (x->text == NULL) {
			if (++nnames > SLOTS / 2)
				die("too many names");
			x->text = must(strndup(text, n));
			return x;
		}
		if (strncmp(x->text, text, n) == 0 && x->text[n] == '\0')
			return x;
	}
}

static void read_types(const char *path)
{
	size_t n;
	char *text = read_file(path, &n);

	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *tab = strchr(line, '\t');

		if (tab != NULL && name_of(line, (size_t)(tab - line))->type == NULL)
			name_of(line, (size_t)(tab - line))->type = must(strdup(tab + 1));
	}
	free(text);
}

/* Rules ------------------------------------------------------------------------ */

enum kind { ABSENT, EXTRA, VALUE };
static const char *const kinds[] = { "absent", "extra", "value" };

struct rule {
	const char *capture, *field, *frames, *kind;
	unsigned line;
	bool used;
};

static char *rules_text;
static struct rule *rules; /* within rules_text */
static size_t nrules;

/* Keeps the rules for the capture. */
static void read_rules(const char *path, const char *capture)
{
	size_t n;
	char *rest = rules_text = read_file(path, &n), *row;

	for (unsigned line = 1; (row = strsep(&rest, "\n")) != NULL; line++) {
		struct rule r = { .line = line };

		if (*row == '#' || *row == '\0')
			continue;
		r.capture = strsep(&row, "\t");
		r.field = strsep(&row, "\t");
		r.frames = strsep(&row, "\t");
		r.kind = strsep(&row, "\t");
		if (row == NULL || *row == '\0') {
			fprintf(stderr, "fieldcompare: %s:%u: needs five columns\n", path, line);
			exit(2);
		}
		if (fnmatch(r.capture, capture, 0) != 0)
			continue;
		rules = must(realloc(rules, (nrules + 1) * sizeof(*rules)));
		rules[nrules++] = r;
	}
}

/* Whether a list such as 1,4-9 or * holds a frame. */
static bool holds(const char *list, uint64_t frame)
{
	char *end;

	if (strcmp(list, "*") == 0)
		return true;
	for (const char *p = list; *p != '\0'; p = *end == ',' ? end + 1 : end) {
		uint64_t from = strtoull(p, &end, 10), to = from;

		if (end == p)
			return false;
		if (*end == '-')
			to = strtoull(end + 1, &end, 10);
		if (frame >= from && frame <= to)
			return true;
	}
	return false;
}

static bool excused(const struct name *x, uint64_t frame, enum kind kind)
{
	for (size_t i = 0; i < nrules; i++) {
		struct rule *r = &rules[i];
		bool fits = strcmp(r->kind, kinds[kind]) == 0 || strcmp(r->kind, "any") == 0 ||
			    (kind == ABSENT && strcmp(r->kind, "not-carried") == 0);

		if (fits && holds(r->frames, frame) && fnmatch(r->field, x->text, 0) == 0) {
			r->used = true;
			return true;
		}
	}
	return false;
}

/* Our JSON --------------------------------------------------------------------- */

static void put(struct name *x, const char *s, size_t n)
{
	if (x->used + n + 1 > x->room)
		x->values = must(realloc(x->values, x->room = (x->used + n + 1) * 2));
	memcpy(x->values + x->used, s, n);
	x->used += n;
	x->values[x->used] = '\0';
}

static const char *blanks(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

/* Behind the string at p. */
static const char *behind_string(const char *p)
{
	for (p++; *p != '"'; p++)
		if (*p == '\0' || (*p == '\\' && *++p == '\0'))
			die("a string does not end");
	return p + 1;
}

/* Behind any value at p. */
static const char *behind_value(const char *p)
{
	unsigned depth = 0;

	do {
		if (*p == '"') {
			p = behind_string(p);
			continue;
		}
		if (*p == '[' || *p == '{')
			depth++;
		if (*p == ']' || *p == '}') {
			if (depth == 0)
				return p;
			depth--;
		}
		if (*p == '\0')
			die("a value does not end");
		p++;
	} while (depth > 0 || (*p != ',' && *p != ']' && *p != '}' && *p != '\0'));
	return p;
}

static void put_utf8(struct name *x, uint32_t rune)
{
	char c[4];

	if (rune < 0x80) {
		c[0] = (char)rune;
		put(x, c, 1);
	} else if (rune < 0x800) {
		c[0] = (char)(0xc0 | rune >> 6);
		c[1] = (char)(0x80 | (rune & 63));
		put(x, c, 2);
	} else {
		c[0] = (char)(0xe0 | rune >> 12);
		c[1] = (char)(0x80 | (rune >> 6 & 63));
		c[2] = (char)(0x80 | (rune & 63));
		put(x, c, 3);
	}
}

/* A string without its quotes. */
static void put_string(struct name *x, const char *p)
{
	static const char named[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	for (p++; *p != '"'; p++) {
		if (*p != '\\') {
			put(x, p, 1);
			continue;
		}
		p++;
		if (*p == 'u') {
			char four[5] = { p[1], p[2], p[3], p[4], '\0' };

			put_utf8(x, (uint32_t)strtoul(four, NULL, 16));
			p += 4;
			continue;
		}
		for (size_t i = 0; i + 1 < sizeof(named); i += 2)
			if (*p == named[i])
				put(x, &named[i + 1], 1);
	}
}

/* One occurrence: a scalar as text; of an NTP stamp all of its object. */
static void put_scalar(struct name *x, const char *p)
{
	static const char mark = OCCURRENCE;

	put(x, &mark, 1);
	if (*p == '"')
		put_string(x, p);
	else if (*p != '{' || is_stamp(p))
		put(x, p, (size_t)(behind_value(p) - p));
}

/* The value of a field: a scalar, an array of such, or of objects, each of which is there and no more. */
static void take_field(struct name *x, const char *p, uint64_t frame)
{
	if (x->frame != frame) {
		x->frame = frame;
		x->used = 0;
	}
	x->ours = true;
	if (*p != '[') {
		put_scalar(x, p);
		return;
	}
	for (p = blanks(p + 1); *p != ']'; p = blanks(*p == ',' ? p + 1 : p)) {
		put_scalar(x, p);
		p = behind_value(p);
	}
}

/* The members of a layer that are fields: with a point in their name. */
static const char *take_layer(const char *p, uint64_t frame)
{
	for (p = blanks(p + 1); *p != '}'; p = blanks(*p == ',' ? p + 1 : p)) {
		const char *key = p + 1, *end;

		if (*p != '"')
			die("a key is missing");
		p = behind_string(p);
		end = p - 1;
		if (*p != ':')
			die("a colon is missing");
		p = blanks(p + 1);
		if (memchr(key, '.', (size_t)(end - key)) != NULL)
			take_field(name_of(key, (size_t)(end - key)), p, frame);
		p = behind_value(p);
	}
	return p + 1;
}

/* A line of ours. */
static void take_packet(const char *line, uint64_t frame)
{
	const char *p = strstr(line, "\"layers\": [");

	if (p == NULL)
		die("a line has no layers");
	for (p = blanks(p + 11); *p == '{'; p = blanks(*p == ',' ? p + 1 : p))
		p = take_layer(p, frame);
	if (*p != ']')
		die("layers do not end");
}

static char *ours_text;
static char **lines; /* ours by frame number, in ours_text */
static uint64_t nlines;

static void read_ours(const char *path)
{
	size_t n;
	char *rest = ours_text = read_file(path, &n), *line;

	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		uint64_t frame = strtoull(line + strlen("{\"frame.number\": "), NULL, 10);

		if (frame == 0 || frame > FRAMES_MAX)
			die("a line of ours has no frame number");
		if (frame >= nlines) {
			lines = must(realloc(lines, (size_t)(frame * 2) * sizeof(*lines)));
			memset(lines + nlines, 0, (size_t)(frame * 2 - nlines) * sizeof(*lines));
			nlines = frame * 2;
		}
		lines[frame] = line;
	}
}

/* Comparing -------------------------------------------------------------------- */

static char *shorten(const char *s)
{
	size_t n = strlen(s);
	char *out = must(strndup(s, n < SHOWN_MAX ? n : SHOWN_MAX));

	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = *p == OCCURRENCE ? '|' : '?';
	return out;
}

static void end_range(struct frames *f)
{
	size_t n = strlen(f->text);
	const char *comma = n > 0 ? "," : "";

	if (n + 50 > sizeof(f->text) || f->from == 0)
		return;
	if (f->from == f->to)
		snprintf(f->text + n, sizeof(f->text) - n, "%s%llu", comma, (unsigned long long)f->from);
	else
		snprintf(f->text + n, sizeof(f->text) - n, "%s%llu-%llu", comma, (unsigned long long)f->from,
			 (unsigned long long)f->to);
}

static void add_frame(struct frames *f, uint64_t frame)
{
	if (f->to + 1 != frame || f->from == 0) {
		end_range(f);
		f->from = frame;
	}
	f->to = frame;
}

static void differ(struct name *x, uint64_t frame, enum kind kind, const char *ours, const char *theirs)
{
	if (excused(x, frame, kind))
		return;
	if (x->differ[kind]++ == 0)
		x->frames[kind] = must(calloc(1, sizeof(struct frames)));
	add_frame(x->frames[kind], frame);
	if (x->differ[kind] > 1)
		return;
	char *a = shorten(ours), *b = shorten(theirs);
	int n = snprintf(NULL, 0, "%llu\t%s\t%s", (unsigned long long)frame, a, b);

	x->example[kind] = must(malloc((size_t)n + 1));
	snprintf(x->example[kind], (size_t)n + 1, "%llu\t%s\t%s", (unsigned long long)frame, a, b);
	free(a);
	free(b);
}

/* Both lists of occurrences, apart by octet 31. */
static bool same_lists(const char *type, const char *ours, const char *theirs)
{
	char *a = must(strdup(ours)), *b = must(strdup(theirs)), *arest = a, *brest = b;
	char mark[2] = { OCCURRENCE, '\0' };
	bool same = true;

	while (same && arest != NULL && brest != NULL)
		same = same_value(type, strsep(&arest, mark), strsep(&brest, mark));
	same = same && arest == NULL && brest == NULL;
	free(a);
	free(b);
	return same;
}

static void compare(struct name *x, uint64_t frame, const char *theirs)
{
	bool ours = x->frame == frame && x->used > 0;

	if (strcmp(theirs, "<MISSING>") == 0 && !ours) /* octets, none of them */
		theirs = "";
	x->shown = x->shown || *theirs != '\0';
	if (!ours && *theirs == '\0')
		return;
	if (!ours)
		differ(x, frame, ABSENT, "", theirs);
	else if (*theirs == '\0' &&
		 x->values[strspn(x->values, "\x1f")] != '\0') /* empty ones are not shown */
		differ(x, frame, EXTRA, x->values + 1, "");
	else if (*theirs != '\0' && !same_lists(x->type, x->values + 1, theirs))
		differ(x, frame, VALUE, x->values + 1, theirs);
}

static void compare_all(const char *path)
{
	static const char column[] = { COLUMN, '\0' };
	size_t n, ncolumns = 0;
	char *text = read_file(path, &n), *rest = text, *line = strsep(&rest, "\n"), *cell;
	struct name **columns = NULL;

	while (line != NULL && (cell = strsep(&line, column)) != NULL) {
		columns = must(realloc(columns, (ncolumns + 1) * sizeof(struct name *)));
		columns[ncolumns++] = name_of(cell, strlen(cell));
	}
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		uint64_t frame = strtoull(strsep(&line, column), NULL, 10);

		if (frame == 0)
			die("a line of theirs has no frame number");
		if (frame < nlines && lines[frame] != NULL)
			take_packet(lines[frame], frame);
		for (size_t i = 1; i < ncolumns && line != NULL; i++)
			compare(columns[i], frame, strsep(&line, column));
	}
	free(columns);
	free(text);
}

static void report(const char *capture)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct name *x = &names[i];

		if (x->text != NULL && x->shown)
			printf("shown\t%s\n", x->text);
		for (unsigned k = 0; x->text != NULL && k < 3; k++)
			if (x->differ[k] > 0) {
				end_range(x->frames[k]);
				printf("%s\t%s\t%s\t%llu\t%s\t%s\n", kinds[k], capture, x->text,
				       (unsigned long long)x->differ[k], x->example[k], x->frames[k]->text);
			}
	}
	for (size_t i = 0; i < nrules; i++)
		if (rules[i].used)
			printf("rule\t%u\n", rules[i].line);
}

static int list_names(int n, char **paths)
{
	for (int i = 0; i < n; i++) {
		read_ours(paths[i]);
		for (uint64_t f = 0; f < nlines; f++)
			if (lines[f] != NULL)
				take_packet(lines[f], f);
		free(ours_text);
		free(lines);
		lines = NULL;
		nlines = 0;
	}
	for (unsigned i = 0; i < SLOTS; i++)
		if (names[i].text != NULL)
			puts(names[i].text);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "--names") == 0)
		return list_names(argc - 2, argv + 2);
	if (argc != 6)
		die("usage: fieldcompare TYPES RULES CAPTURE OURS THEIRS");
	read_types(argv[1]);
	read_rules(argv[2], argv[3]);
	read_ours(argv[4]);
	compare_all(argv[5]);
	report(argv[3]);
	free(rules_text);
	free(rules);
	free(ours_text);
	free(lines);
	return 0;
}
