/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys files and message authentication codes (RFC 5905 sec. 7.3, RFC 8573; ntp.keys(5), chrony.keys). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "dissect/ntp/keys.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#ifdef HAVE_LIBCRYPTO
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#endif

#define CUT_TO	    20u /* octets of a longer digest that version 4 has room for (RFC 7822 sec. 3) */
#define ASCII_MAX   20u /* characters that ntpd takes as they are */
#define CMAC_128    16u
#define CMAC_256    32u
#define CMAC_DIGEST 16u
#define TOKEN_MAX   256u

struct type {
	const char *name;
	const char *algorithm; /* libcrypto's name */
	uint8_t digest;	       /* octets */
	uint8_t key;	       /* octets of a CMAC's key; 0: a hash */
	bool fit;	       /* ntpd: a key of another length is cut or filled with zeros */
};

static const struct type types[] = {
	{ "MD5", "MD5", 16, 0, false },
	{ "M", "MD5", 16, 0, false },
	{ "SHA1", "SHA1", 20, 0, false },
	{ "SHA", "SHA1", 20, 0, false },
	{ "SHA256", "SHA256", 32, 0, false },
	{ "SHA384", "SHA384", 48, 0, false },
	{ "SHA512", "SHA512", 64, 0, false },
	{ "AES128CMAC", "AES-128-CBC", CMAC_DIGEST, CMAC_128, true },
	{ "AES-CMAC", "AES-128-CBC", CMAC_DIGEST, CMAC_128, true },
	{ "AES-128", "AES-128-CBC", CMAC_DIGEST, CMAC_128, true },
	{ "AES", "AES-128-CBC", CMAC_DIGEST, CMAC_128, true },
	{ "AES128", "AES-128-CBC", CMAC_DIGEST, CMAC_128, false },
	{ "AES256", "AES-256-CBC", CMAC_DIGEST, CMAC_256, false },
};

struct key {
	uint32_t id;
	uint8_t length;
	const struct type *type;
	uint8_t octets[CL_NTP_KEY_MAX];
};

struct cl_ntp_keys {
	size_t count, room;
	struct key *row; /* by id */
};

void cl_ntp_keys_free(struct cl_ntp_keys *k)
{
	if (k == NULL)
		return;
	free(k->row);
	free(k);
}

size_t cl_ntp_keys_count(const struct cl_ntp_keys *k)
{
	return k->count;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Takes the line's next word into `out`; false if there is none or it is too long. */
static bool take_word(const char **at, const char *end, char out[TOKEN_MAX])
{
	size_t n = 0;

	while (*at < end && is_space(**at))
		++*at;
	while (*at < end && !is_space(**at)) {
		if (n == TOKEN_MAX - 1)
			return false;
		out[n++] = *(*at)++;
	}
	out[n] = '\0';
	return n > 0;
}

static const struct type *find_type(const char *name)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcasecmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

/* 1 to 4294967295; 0 if it is no such number. */
static uint32_t number_of(const char *s)
{
	uint64_t v = 0;

	if (*s == '\0')
		return 0;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return 0;
		v = v * 10 + (uint64_t)(*s - '0');
		if (v > UINT32_MAX)
			return 0;
	}
	return (uint32_t)v;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False if it is no hexadecimal text of whole octets, or too long. */
static bool from_hex(const char *s, struct key *k)
{
	size_t n = strlen(s);

	if (n == 0 || n % 2 != 0 || n / 2 > CL_NTP_KEY_MAX)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		int hi = digit_of(s[i]), lo = digit_of(s[i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		k->octets[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	k->length = (uint8_t)(n / 2);
	return true;
}

static bool from_ascii(const char *s, struct key *k)
{
	size_t n = strlen(s);

	if (n == 0 || n > CL_NTP_KEY_MAX)
		return false;
	memcpy(k->octets, s, n);
	k->length = (uint8_t)n;
	return true;
}

/* A CMAC's key has one length: ntpd makes it so, chronyd refuses others. */
static bool fits(struct key *k)
{
	const struct type *t = k->type;

	if (t->key == 0 || k->length == t->key)
		return true;
	if (!t->fit)
		return false;
	if (k->length < t->key)
		memset(k->octets + k->length, 0, t->key - (size_t)k->length);
	k->length = t->key;
	return true;
}

static bool add(struct cl_ntp_keys *ks, const struct key *k)
{
	if (ks->count == ks->room) {
		size_t room = ks->room == 0 ? 16 : ks->room * 2;
		struct key *row = realloc(ks->row, room * sizeof *row);

		if (row == NULL)
			return false;
		ks->row = row;
		ks->room = room;
	}
	ks->row[ks->count++] = *k;
	return true;
}

/* The readings of a key's text: by chronyd's rule and by ntpd's, where they differ; how many. */
static unsigned read_key(const char *s, const struct key *k, struct key out[2])
{
	unsigned n = 0;

	out[0] = out[1] = *k;
	if (strncasecmp(s, "HEX:", 4) == 0) {
		n += from_hex(s + 4, &out[n]);
	} else if (strncasecmp(s, "ASCII:", 6) == 0) {
		n += from_ascii(s + 6, &out[n]);
	} else if (strlen(s) <= ASCII_MAX) {
		n += from_ascii(s, &out[n]);
	} else {
		n += from_hex(s, &out[n]);
		n += from_ascii(s, &out[n]);
	}
	if (n > 0 && !fits(&out[0])) {
		out[0] = out[1];
		n--;
		return n > 0 && fits(&out[0]) ? 1 : 0;
	}
	return n == 2 && !fits(&out[1]) ? 1 : n;
}

enum line { LINE_READ, LINE_BAD, LINE_NO_MEMORY };

static enum line read_line(struct cl_ntp_keys *ks, const char *at, const char *end, const char **why)
{
	char id[TOKEN_MAX], type[TOKEN_MAX], text[TOKEN_MAX];
	struct key k = { 0 }, readings[2];
	unsigned n;

	if (!take_word(&at, end, id))
		return LINE_READ;
	*why = "no key number";
	k.id = number_of(id);
	if (k.id == 0)
		return LINE_BAD;
	*why = "no key";
	if (!take_word(&at, end, type))
		return LINE_BAD;
	if (!take_word(&at, end, text)) { /* chronyd: without a type */
		memcpy(text, type, sizeof text);
		memcpy(type, "MD5", sizeof "MD5");
	}
	*why = "unknown type";
	k.type = find_type(type);
	if (k.type == NULL)
		return LINE_BAD;
	*why = "the key cannot be read";
	n = read_key(text, &k, readings);
	if (n == 0)
		return LINE_BAD;
	*why = "too many keys";
	for (unsigned i = 0; i < n; i++) {
		if (ks->count == CL_NTP_KEYS_MAX)
			return LINE_BAD;
		if (!add(ks, &readings[i]))
			return LINE_NO_MEMORY;
	}
	return LINE_READ;
}

static int by_id(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

struct cl_ntp_keys *cl_ntp_keys_parse(const char *text, size_t n, struct cl_ntp_keys_trouble *trouble)
{
	struct cl_ntp_keys *ks = calloc(1, sizeof *ks);
	const char *at = text, *end = text + n;

	*trouble = (struct cl_ntp_keys_trouble){ 0 };
	if (ks == NULL)
		return NULL;
	for (size_t number = 1; at < end; number++) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		const char *next = line_end != NULL ? line_end + 1 : end, *why = NULL;

		if (line_end == NULL)
			line_end = end;
		const char *comment = memchr(at, '#', (size_t)(line_end - at));
		switch (read_line(ks, at, comment != NULL ? comment : line_end, &why)) {
		case LINE_READ:
			break;
		case LINE_BAD:
			if (trouble->lines++ == 0) {
				trouble->first = number;
				trouble->why = why;
			}
			break;
		case LINE_NO_MEMORY:
			cl_ntp_keys_free(ks);
			return NULL;
		}
		at = next;
	}
	if (ks->count > 1)
		qsort(ks->row, ks->count, sizeof *ks->row, by_id);
	return ks;
}

/* The first row of a number; `count` if there is none. */
static size_t find(const struct cl_ntp_keys *k, uint32_t id)
{
	size_t from = 0, to = k->count;

	while (from < to) {
		size_t at = (from + to) / 2;

		if (k->row[at].id < id)
			from = at + 1;
		else
			to = at;
	}
	return from < k->count && k->row[from].id == id ? from : k->count;
}

static bool has_length(const struct type *t, uint32_t n)
{
	return n == t->digest || (n == CUT_TO && t->digest > CUT_TO);
}

#ifdef HAVE_LIBCRYPTO
static bool hash(const struct key *k, struct cl_span message, unsigned char *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *md = EVP_get_digestbyname(k->type->algorithm);
	bool ok = ctx != NULL && md != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
		  EVP_DigestUpdate(ctx, k->octets, k->length) == 1 &&
		  EVP_DigestUpdate(ctx, message.ptr, message.len) == 1 &&
		  EVP_DigestFinal_ex(ctx, out, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

static bool cmac(const struct key *k, struct cl_span message, unsigned char *out)
{
	char cipher[16];
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	OSSL_PARAM params[2];
	size_t n;

	memcpy(cipher, k->type->algorithm, strlen(k->type->algorithm) + 1);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0);
	params[1] = OSSL_PARAM_construct_end();
	bool ok = ctx != NULL && EVP_MAC_init(ctx, k->octets, k->length, params) == 1 &&
		  EVP_MAC_update(ctx, message.ptr, message.len) == 1 &&
		  EVP_MAC_final(ctx, out, &n, EVP_MAX_MD_SIZE) == 1 && n == CMAC_DIGEST;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return ok;
}

static enum cl_mac_status verify(const struct key *k, struct cl_span message, struct cl_span digest)
{
	unsigned char out[EVP_MAX_MD_SIZE];
	bool made = k->type->key != 0 ? cmac(k, message, out) : hash(k, message, out);

	if (!made)
		return CL_MAC_UNVERIFIED;
	return memcmp(out, digest.ptr, digest.len) == 0 ? CL_MAC_GOOD : CL_MAC_WRONG;
}
#else
static enum cl_mac_status verify(const struct key *k, struct cl_span message, struct cl_span digest)
{
	(void)k;
	(void)message;
	(void)digest;
	return CL_MAC_UNVERIFIED;
}
#endif

enum cl_mac_status cl_ntp_keys_verify(const struct cl_ntp_keys *k, uint32_t id, struct cl_span message,
				      struct cl_span digest, const char **type)
{
	size_t at = find(k, id);
	enum cl_mac_status status = CL_MAC_OTHER_TYPE;

	if (at == k->count)
		return CL_MAC_NO_KEY;
	for (; at < k->count && k->row[at].id == id; at++) {
		if (type != NULL && status != CL_MAC_WRONG)
			*type = k->row[at].type->name;
		if (!has_length(k->row[at].type, digest.len))
			continue;
		status = verify(&k->row[at], message, digest);
		if (status != CL_MAC_WRONG)
			return status;
	}
	return status;
}
