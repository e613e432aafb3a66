/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of a key log, and a table of its secrets by client random. */
#include "dissect/keylog.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM	   32u
#define SECRET_MAX 48u /* of SHA-384 */

struct row {
	uint8_t random[RANDOM];
	uint8_t len[CL_SECRETS];
	uint8_t secret[CL_SECRETS][SECRET_MAX];
};

struct cl_keylog {
	struct row *rows;
	uint32_t *slots; /* number of a row plus 1, 0: free; open addressing, at most half full */
	size_t n, room, mask;
	uint64_t left_out;
};

static const struct {
	const char *name;
	enum cl_secret which;
} labels[] = {
	{ "CLIENT_HANDSHAKE_TRAFFIC_SECRET", CL_SECRET_CLIENT_HANDSHAKE },
	{ "CLIENT_TRAFFIC_SECRET_0", CL_SECRET_CLIENT_TRAFFIC },
	{ "EXPORTER_SECRET", CL_SECRET_EXPORTER },
	{ "SERVER_HANDSHAKE_TRAFFIC_SECRET", CL_SECRET_SERVER_HANDSHAKE },
	{ "SERVER_TRAFFIC_SECRET_0", CL_SECRET_SERVER_TRAFFIC },
};

struct cl_keylog *cl_keylog_new(void)
{
	return calloc(1, sizeof(struct cl_keylog));
}

void cl_keylog_free(struct cl_keylog *k)
{
	if (k == NULL)
		return;
	free(k->rows);
	free(k->slots);
	free(k);
}

size_t cl_keylog_count(const struct cl_keylog *k)
{
	return k->n;
}

uint64_t cl_keylog_left_out(const struct cl_keylog *k)
{
	return k->left_out;
}

/* The random is random: its first octets will do as a hash. */
static size_t slot_of(const struct cl_keylog *k, const uint8_t *random)
{
	uint64_t h;

	memcpy(&h, random, sizeof h);
	for (size_t at = h & k->mask;; at = (at + 1) & k->mask)
		if (k->slots[at] == 0 || memcmp(k->rows[k->slots[at] - 1].random, random, RANDOM) == 0)
			return at;
}

static bool grow(struct cl_keylog *k)
{
	size_t room = k->room == 0 ? 64 : 2 * k->room;
	uint32_t *slots = calloc(2 * room, sizeof *slots);
	struct row *rows = realloc(k->rows, room * sizeof *rows);

	if (rows != NULL)
		k->rows = rows;
	if (slots == NULL || rows == NULL) {
		free(slots);
		return false;
	}
	free(k->slots);
	k->slots = slots;
	k->room = room;
	k->mask = 2 * room - 1;
	for (size_t i = 0; i < k->n; i++)
		k->slots[slot_of(k, k->rows[i].random)] = (uint32_t)i + 1;
	return true;
}

/* The row of a connection, made if need be. */
static struct row *row_of(struct cl_keylog *k, const uint8_t *random)
{
	if (k->n == k->room && (k->n >= CL_KEYLOG_MAX || !grow(k))) {
		k->left_out++;
		return NULL;
	}
	size_t at = slot_of(k, random);
	if (k->slots[at] == 0) {
		memset(&k->rows[k->n], 0, sizeof *k->rows);
		memcpy(k->rows[k->n].random, random, RANDOM);
		k->slots[at] = (uint32_t)++k->n;
	}
	return &k->rows[k->slots[at] - 1];
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Up to `max` octets of hexadecimal text at *at; their number. */
static size_t unhex(const char *text, size_t n, size_t *at, uint8_t *out, size_t max)
{
	size_t got = 0;

	while (got < max && *at + 2 <= n && digit(text[*at]) >= 0 && digit(text[*at + 1]) >= 0) {
		out[got++] = (uint8_t)(digit(text[*at]) << 4 | digit(text[*at + 1]));
		*at += 2;
	}
	return got;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_spaces(const char *text, size_t n, size_t *at)
{
	while (*at < n && is_space(text[*at]))
		++*at;
}

/* The secret at *at, up to the line's end. */
static bool add_secret(struct cl_keylog *k, enum cl_secret which, const char *text, size_t n, size_t at)
{
	uint8_t random[RANDOM], secret[SECRET_MAX];

	skip_spaces(text, n, &at);
	if (unhex(text, n, &at, random, RANDOM) != RANDOM)
		return false;
	skip_spaces(text, n, &at);
	size_t len = unhex(text, n, &at, secret, SECRET_MAX);
	skip_spaces(text, n, &at);
	if (at != n || (len != 32 && len != 48))
		return false;
	struct row *r = row_of(k, random);
	if (r == NULL)
		return false;
	if (r->len[which] == 0) {
		memcpy(r->secret[which], secret, len);
		r->len[which] = (uint8_t)len;
	}
	return true;
}

static bool add_line(struct cl_keylog *k, const char *text, size_t n)
{
	size_t at = 0;

	while (at < n && !is_space(text[at]))
		at++;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (strlen(labels[i].name) == at && memcmp(labels[i].name, text, at) == 0)
			return add_secret(k, labels[i].which, text, n, at);
	return false;
}

size_t cl_keylog_add(struct cl_keylog *k, const void *text, size_t n)
{
	const char *from = text;
	size_t taken = 0;

	while (n > 0) {
		const char *end = memchr(from, '\n', n);
		size_t line = end != NULL ? (size_t)(end - from) : n;

		taken += add_line(k, from, line);
		line += end != NULL;
		from += line;
		n -= line;
	}
	return taken;
}

struct cl_span cl_keylog_find(const struct cl_keylog *k, enum cl_secret which, const uint8_t *client_random)
{
	struct cl_span none = { NULL, 0 };

	if (k == NULL || k->n == 0)
		return none;
	uint32_t i = k->slots[slot_of(k, client_random)];
	if (i == 0 || k->rows[i - 1].len[which] == 0)
		return none;
	return (struct cl_span){ k->rows[i - 1].secret[which], k->rows[i - 1].len[which] };
}
