/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of signatures as text. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "stats/view/signatures.h"
#include "stats/view/signatures_fields.h"
#include "stats/view/xmtclass.h"

/* The columns of a row. */
enum column {
	KIND,
	NAME,
	VERSIONS,
	CONFIDENCE,
	RANK,
	HEADER,
	XMT,
	PORT,
	TOS,
	LENGTH,
	FAMILY,
	BEHAVIOUR,
	REFERENCE,
	COLUMNS
};

static const char *const fields[CL_SIG_NAMED] = {
	"li",	      "vn",	  "mode",  "stratum", "poll",	"precision",
	"rootdelay",  "rootdisp", "refid", "ref",     "org",	"rec",
	"xmt",	      "keyid",	  "mac",   "auth",    "opcode", "implementation",
	"association"
};

static const char bad_number[] = "a value is neither a number nor four characters in quotes";
static const char too_many[] = "more terms than a row holds (32)";

static int find(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return (int)i;
	return -1;
}

/* Cuts *rest at `mark`; what stands before it, or NULL where nothing is left. */
static char *next_part(char **rest, char mark)
{
	char *part = *rest, *end;

	if (part == NULL)
		return NULL;
	end = strchr(part, mark);
	if (end != NULL)
		*end++ = '\0';
	*rest = end;
	return part;
}

/* One to four characters in quotes, as a reference identifier has them. */
static bool read_characters(const char *text, uint64_t *value)
{
	size_t len = strlen(text);

	if (len < 3 || len > 6 || text[len - 1] != '\'')
		return false;
	*value = 0;
	for (size_t i = 1; i <= 4; i++)
		*value = *value << 8 | (i + 1 < len ? (uint8_t)text[i] : 0);
	return true;
}

static bool read_number(const char *text, int base, uint64_t *value)
{
	char *end;

	if (*text == '\'')
		return read_characters(text, value);
	if (!isxdigit((unsigned char)*text))
		return false;
	*value = strtoull(text, &end, base);
	return *end == '\0';
}

/* `[!]VALUE[/MASK]` or `[!]LOW..HIGH`. */
static const char *read_term(char *text, int base, struct cl_sig_term *t)
{
	char *mask, *high;

	t->negated = *text == '!';
	text += t->negated;
	mask = strchr(text, '/');
	high = strstr(text, "..");
	if (mask != NULL)
		*mask++ = '\0';
	if (high != NULL) {
		*high = '\0';
		high += 2;
	}
	if (!read_number(text, base, &t->low) || (high != NULL && !read_number(high, base, &t->high)) ||
	    (mask != NULL && !read_number(mask, base, &t->mask)))
		return bad_number;
	if (high == NULL)
		t->high = t->low;
	return t->low <= t->high ? NULL : "a range ends before it begins";
}

/* Terms with | between. */
static const char *add_test(struct cl_signature *row, enum cl_sig_field field, char *values, int base,
			    uint64_t mask)
{
	const char *wrong = NULL;

	for (char *part; wrong == NULL && (part = next_part(&values, '|')) != NULL;) {
		if (row->terms == CL_SIG_TESTS_MAX)
			return too_many;
		struct cl_sig_term *t = &row->term[row->terms++];

		*t = (struct cl_sig_term){ .field = (uint8_t)field, .mask = mask, .more = values != NULL };
		wrong = read_term(part, base, t);
	}
	return wrong;
}

/* Words for several fields that are 0. */
static const char *add_zeros(struct cl_signature *row, enum cl_sig_field from, enum cl_sig_field to)
{
	for (unsigned f = from; f <= to; f++) {
		if (row->terms == CL_SIG_TESTS_MAX)
			return too_many;
		row->term[row->terms++] = (struct cl_sig_term){ .field = (uint8_t)f, .mask = UINT64_MAX };
	}
	return NULL;
}

static const char *read_header(struct cl_signature *row, char *text)
{
	const char *wrong = NULL;

	for (char *word; wrong == NULL && (word = next_part(&text, ' ')) != NULL;) {
		char *values = strchr(word, '=');
		int field;

		if (strcmp(word, "*") == 0 || *word == '\0')
			continue;
		if (strcmp(word, "empty") == 0) {
			wrong = add_zeros(row, CL_SIG_ROOTDELAY, CL_SIG_REC);
			continue;
		}
		if (strcmp(word, "unstamped") == 0) {
			wrong = add_zeros(row, CL_SIG_REF, CL_SIG_REC);
			continue;
		}
		if (values == NULL)
			return "a word of the header is not FIELD=VALUE";
		*values++ = '\0';
		field = find(word, fields, CL_SIG_NAMED);
		if (field < 0)
			return "the header has no such field";
		row->exact = row->exact || (field == CL_SIG_XMT && values[0] != '!');
		row->apart = row->apart || (field == CL_SIG_MODE && (*values == '6' || *values == '7'));
		wrong = add_test(row, (enum cl_sig_field)field, values, 0, UINT64_MAX);
	}
	return wrong;
}

static const char *read_xmt(struct cl_signature *row, char *text)
{
	if (strcmp(text, "*") == 0)
		return NULL;
	for (char *part; (part = next_part(&text, '|')) != NULL;) {
		int class = find(part, cl_xmt_names, CL_XMT_CLASSES);

		if (class < 0)
			return "no such class of transmit timestamps";
		row->xmt = (uint16_t)(row->xmt | 1u << class);
	}
	return NULL;
}

static const char *read_port(struct cl_signature *row, char *text)
{
	static const char *const words[] = { "*", "new", "kept", "ephemeral" };
	static char ephemeral[] = "1024..65535";
	int word = find(text, words, sizeof words / sizeof *words);
	char range[sizeof ephemeral];

	if (word < 0)
		return add_test(row, CL_SIG_PORT, text, 10, UINT64_MAX);
	if (word == 0)
		return NULL;
	row->port = word == 1 ? CL_SIG_PORT_NEW : word == 2 ? CL_SIG_PORT_KEPT : CL_SIG_PORT_ANY;
	memcpy(range, ephemeral, sizeof range);
	return add_test(row, CL_SIG_PORT, range, 10, UINT64_MAX);
}

/* The bucket of a number of seconds, 0 and powers of 2 up to 2048. */
static bool read_seconds(const char *text, uint8_t *bucket)
{
	uint64_t s;

	if (!read_number(text, 10, &s) || s > 2048 || (s & (s - 1)) != 0)
		return false;
	*bucket = (uint8_t)cl_gap_bucket((int64_t)s * 1000000000);
	return true;
}

/* `LOW..HIGH>=SHARE%`. */
static const char *read_gap(struct cl_signature *row, char *text)
{
	static const char wrong[] = "a gap is not LOW..HIGH>=SHARE%, of seconds 0, 1, 2, 4 to 2048";
	char *high = strstr(text, ".."), *share = strstr(text, ">=");
	struct cl_sig_gap *gap = &row->gap[row->gaps];
	uint64_t percent;

	if (row->gaps == CL_SIG_GAPS_MAX)
		return "more gaps than a row holds (4)";
	if (high == NULL || share == NULL || share < high || text[strlen(text) - 1] != '%')
		return wrong;
	share[strlen(share) - 1] = '\0';
	*high = *share = '\0';
	if (!read_seconds(text, &gap->low) || !read_seconds(high + 2, &gap->high) ||
	    !read_number(share + 2, 10, &percent) || percent < 1 || percent > 100 || gap->low > gap->high)
		return wrong;
	gap->share = (uint8_t)percent;
	row->gaps++;
	return NULL;
}

static const char *read_behaviour(struct cl_signature *row, char *text)
{
	const char *wrong = NULL;

	for (char *word; wrong == NULL && (word = next_part(&text, ' ')) != NULL;) {
		uint64_t n;

		if (strcmp(word, "*") == 0)
			continue;
		if (strncmp(word, "gap=", 4) == 0) {
			wrong = read_gap(row, word + 4);
		} else if (strncmp(word, "rate>=", 6) == 0 && read_number(word + 6, 10, &n) && n > 0 &&
			   n <= UINT32_MAX) {
			row->rate = (uint32_t)n;
		} else {
			wrong = "a behaviour is neither gap=LOW..HIGH>=SHARE% nor rate>=N";
		}
	}
	return wrong;
}

static const char *read_words(struct cl_signature *row, char *column[COLUMNS])
{
	int kind = find(column[KIND], cl_sig_kinds, CL_SIG_KINDS);
	static const char *const letters[] = { "L", "M", "H" };
	int confidence = find(column[CONFIDENCE], letters, CL_SIG_CONFIDENCES);
	uint64_t rank;

	if (kind < 0)
		return "the kind is not client, tool, scanner or attack";
	if (column[NAME][0] == '\0')
		return "no name";
	if (confidence < 0)
		return "the confidence is not H, M or L";
	if (!read_number(column[RANK], 10, &rank) || rank > 9)
		return "the rank is not a digit";
	row->kind = (uint8_t)kind;
	row->name = column[NAME];
	row->versions = strcmp(column[VERSIONS], "-") != 0 ? column[VERSIONS] : NULL;
	row->confidence = (uint8_t)confidence;
	row->rank = (uint8_t)rank;
	row->reference = column[REFERENCE];
	return NULL;
}

static const char *read_tests(struct cl_signature *row, char *column[COLUMNS])
{
	const char *wrong = read_header(row, column[HEADER]);

	if (wrong == NULL)
		wrong = read_xmt(row, column[XMT]);
	if (wrong == NULL)
		wrong = read_port(row, column[PORT]);
	if (wrong == NULL && strcmp(column[TOS], "*") != 0)
		wrong = add_test(row, CL_SIG_TOS, column[TOS], 16, 0xfc);
	if (wrong == NULL && strcmp(column[LENGTH], "*") != 0)
		wrong = add_test(row, CL_SIG_LENGTH, column[LENGTH], 10, UINT64_MAX);
	if (wrong == NULL && strcmp(column[FAMILY], "*") != 0)
		wrong = add_test(row, CL_SIG_FAMILY, column[FAMILY], 10, UINT64_MAX);
	return wrong != NULL ? wrong : read_behaviour(row, column[BEHAVIOUR]);
}

/* `row->text` becomes its columns. */
static const char *read_row(struct cl_signature *row)
{
	char *column[COLUMNS], *rest = row->text;
	const char *wrong;

	for (unsigned i = 0; i < COLUMNS; i++) {
		column[i] = i + 1 < COLUMNS ? next_part(&rest, '\t') : rest;
		if (column[i] == NULL)
			return "fewer than 13 columns with tabs between";
	}
	wrong = read_words(row, column);
	return wrong != NULL ? wrong : read_tests(row, column);
}

/* Takes the compiled-in rows of a name away; the others keep their order. */
static void drop(struct cl_signatures *s, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->rows; i++) {
		if (!s->row[i].added && strcmp(s->row[i].name, name) == 0)
			free(s->row[i].text);
		else
			s->row[kept++] = s->row[i];
	}
	s->rows = kept;
}

static const char *add(struct cl_signatures *s, const char *text, bool added)
{
	struct cl_signature row = { .text = strdup(text), .added = added };
	const char *wrong = row.text != NULL ? read_row(&row) : "not enough memory";

	if (wrong == NULL && added)
		drop(s, row.name);
	if (wrong == NULL && s->rows == CL_SIG_ROWS_MAX)
		wrong = "more than 256 rows of signatures";
	if (wrong == NULL)
		s->row[s->rows++] = row;
	else
		free(row.text);
	return wrong;
}

const char *cl_signatures_add(struct cl_signatures *s, const char *row)
{
	return add(s, row, true);
}

/* The rows of software.tsv, as strings. */
static const char *const built_in[] = {
#include "stats/view/software_rows.h"
};

struct cl_signatures *cl_signatures_new(void)
{
	struct cl_signatures *s = calloc(1, sizeof *s);
	bool ok = s != NULL && (s->row = calloc(CL_SIG_ROWS_MAX, sizeof *s->row)) != NULL;

	for (size_t i = 0; ok && i < sizeof built_in / sizeof *built_in; i++)
		ok = add(s, built_in[i], false) == NULL;
	if (ok)
		return s;
	cl_signatures_free(s);
	return NULL;
}
