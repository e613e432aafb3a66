/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/suffix.h"

#include <stdlib.h>
#include <string.h>

#include "stats/exchange/dnsname.h"

#define PLAIN	  1u
#define WILDCARD  2u /* one label more than the name */
#define EXCEPTION 4u /* one label less */

/* A rule by its name in wire form, without "*" and "!". */
struct rule {
	uint8_t wire[CL_NAME_OCTETS + 1];
	uint8_t length, kind;
};

struct cl_suffixes {
	struct rule **rule;
	size_t rules, room;
};

struct cl_suffixes *cl_suffixes_new(void)
{
	return calloc(1, sizeof(struct cl_suffixes));
}

void cl_suffixes_free(struct cl_suffixes *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->rules; i++)
		free(s->rule[i]);
	free(s->rule);
	free(s);
}

/* A-labels ------------------------------------------------------------------------ */

/* The next code point of UTF-8 (RFC 3629), or UINT32_MAX. */
static uint32_t next_rune(const char **at, const char *end)
{
	static const uint8_t leads[] = { 0xc0, 0xe0, 0xf0 }, masks[] = { 0x1f, 0x0f, 0x07 };
	const uint8_t first = (uint8_t) * (*at)++;
	unsigned more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;

	if (more == 0)
		return first;
	uint32_t rune = first & masks[more - 1];
	if ((first & ~masks[more - 1] & 0xff) != leads[more - 1])
		return UINT32_MAX;
	for (; more > 0; more--) {
		if (*at == end || ((uint8_t) * *at & 0xc0) != 0x80)
			return UINT32_MAX;
		rune = rune << 6 | ((uint8_t) * (*at)++ & 0x3f);
	}
	return rune;
}

/* RFC 3492 sec. 6.1, with sec. 5's parameters. */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / points;
	for (; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static char digit(uint32_t v)
{
	return (char)(v < 26 ? 'a' + v : '0' + (v - 26));
}

/* Writes a variable-length integer (RFC 3492 sec. 3.3). False: beyond the room. */
static bool put_delta(char out[64], size_t *used, uint32_t delta, uint32_t bias)
{
	for (uint32_t k = 36;; k += 36) {
		uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;

		if (*used == 63)
			return false;
		if (delta < t)
			break;
		out[(*used)++] = digit(t + (delta - t) % (36 - t));
		delta = (delta - t) / (36 - t);
	}
	out[(*used)++] = digit(delta);
	return true;
}

/* A label as it stands in the DNS; its length, or 0: it cannot be one. */
static size_t ascii_label(const char *label, size_t n, char out[64])
{
	uint32_t rune[63], code = 128, delta = 0, bias = 72;
	size_t runes = 0, basic = 0, used = 0;

	for (const char *at = label; at < label + n;) {
		if (runes == 63 || (rune[runes] = next_rune(&at, label + n)) > 0x10ffff)
			return 0;
		basic += rune[runes++] < 128;
	}
	if (basic < runes) {
		memcpy(out, "xn--", 4);
		used = 4;
	}
	for (size_t i = 0; i < runes && used < 63; i++)
		if (rune[i] < 128)
			out[used++] = (char)(rune[i] >= 'A' && rune[i] <= 'Z' ? rune[i] | 0x20 : rune[i]);
	if (used == 63 && basic < runes)
		return 0;
	if (basic > 0 && basic < runes)
		out[used++] = '-';
	for (size_t done = basic; done < runes; delta++, code++) {
		uint32_t least = UINT32_MAX;

		for (size_t i = 0; i < runes; i++)
			if (rune[i] >= code && rune[i] < least)
				least = rune[i];
		delta += (least - code) * (uint32_t)(done + 1);
		code = least;
		for (size_t i = 0; i < runes; i++) {
			delta += rune[i] < code;
			if (rune[i] != code)
				continue;
			if (!put_delta(out, &used, delta, bias))
				return 0;
			bias = adapt(delta, (uint32_t)done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
	return used;
}

/* Rules ---------------------------------------------------------------------------- */

static bool add_label(struct rule *r, const char *label, size_t n)
{
	char ascii[64];
	size_t octets = ascii_label(label, n, ascii);

	if (octets == 0 || octets > 63 || r->length + octets + 2 > CL_NAME_OCTETS)
		return false;
	r->wire[r->length] = (uint8_t)octets;
	memcpy(r->wire + r->length + 1, ascii, octets);
	r->length = (uint8_t)(r->length + 1 + octets);
	return true;
}

const char *cl_suffixes_add(struct cl_suffixes *s, const char *rule)
{
	static const char wrong[] = "no rule of a public suffix list";
	struct rule r = { .kind = PLAIN };

	if (rule[0] == '!')
		r.kind = EXCEPTION;
	else if (rule[0] == '*' && rule[1] == '.')
		r.kind = WILDCARD;
	for (const char *at = rule + (r.kind == EXCEPTION ? 1 : r.kind == WILDCARD ? 2 : 0);;) {
		size_t n = strcspn(at, ".");

		if (!add_label(&r, at, n))
			return strcmp(rule, "*") == 0 ? NULL : wrong; /* "*" is what holds anyway */
		at += n;
		if (*at == '\0')
			break;
		at++;
	}
	r.length++; /* the root's label */
	if (s->rules == CL_SUFFIXES_MAX)
		return "more than 1000000 rules";
	if (s->rules == s->room) {
		size_t room = s->room == 0 ? 1024 : 2 * s->room;
		struct rule **more = realloc(s->rule, room * sizeof(struct rule *));

		if (more == NULL)
			return "not enough memory";
		s->rule = more;
		s->room = room;
	}
	s->rule[s->rules] = malloc(sizeof r);
	if (s->rule[s->rules] == NULL)
		return "not enough memory";
	*s->rule[s->rules++] = r;
	return NULL;
}

static int compare_wire(const uint8_t *a, size_t na, const uint8_t *b, size_t nb)
{
	int c = memcmp(a, b, na < nb ? na : nb);

	return c != 0 ? c : (na > nb) - (na < nb);
}

static int by_wire(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a, *y = *(const struct rule *const *)b;

	return compare_wire(x->wire, x->length, y->wire, y->length);
}

void cl_suffixes_settle(struct cl_suffixes *s)
{
	size_t kept = 0;

	if (s->rules > 0)
		qsort(s->rule, s->rules, sizeof(struct rule *), by_wire);
	for (size_t i = 0; i < s->rules; i++) {
		if (kept > 0 && by_wire(&s->rule[kept - 1], &s->rule[i]) == 0) {
			s->rule[kept - 1]->kind |= s->rule[i]->kind;
			free(s->rule[i]);
		} else {
			s->rule[kept++] = s->rule[i];
		}
	}
	s->rules = kept;
}

/* Kinds of the rules that there are for exactly this name. */
static unsigned kinds_of(const struct cl_suffixes *s, const uint8_t *wire, size_t n)
{
	size_t lo = 0, hi = s->rules;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct rule *r = s->rule[mid];
		int c = compare_wire(wire, n, r->wire, r->length);

		if (c == 0)
			return r->kind;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return 0;
}

size_t cl_suffixes_domain(const struct cl_suffixes *s, const uint8_t *wire, size_t n)
{
	uint8_t at[CL_NAME_LABELS];
	size_t labels = cl_name_labels(wire, n, at), suffix = 1; /* labels of the suffix */

	if (labels == 0)
		return 0;
	for (size_t k = 1; k <= labels; k++) { /* the last k labels: longer ones prevail */
		size_t from = at[labels - k];
		unsigned kinds = kinds_of(s, wire + from, n - from);

		if ((kinds & EXCEPTION) != 0) {
			suffix = k - 1;
			break;
		}
		if ((kinds & WILDCARD) != 0 && k < labels)
			suffix = k + 1;
		if ((kinds & PLAIN) != 0 && k > suffix)
			suffix = k;
	}
	return at[labels - (suffix < labels ? suffix + 1 : labels)];
}
