/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys and records of TLS 1.3 (RFC 8446 sec. 5.2, 7), with libcrypto's HMAC and AEADs. */
#include "dissect/tls/keys.h"

#include <string.h>

#ifdef HAVE_LIBCRYPTO
#include <openssl/evp.h>
#include <openssl/hmac.h>

bool cl_tls_can_open(void)
{
	return true;
}

struct cipher {
	uint16_t suite;
	uint8_t key_len, secret_len, tag_len;
	bool ccm;
	const EVP_CIPHER *(*cipher)(void);
};

/* The cipher suites of TLS 1.3 (RFC 8446 app. B.4). */
static const struct cipher ciphers[] = {
	{ 0x1301, 16, 32, 16, false, EVP_aes_128_gcm },	      { 0x1302, 32, 48, 16, false, EVP_aes_256_gcm },
	{ 0x1303, 32, 32, 16, false, EVP_chacha20_poly1305 }, { 0x1304, 16, 32, 16, true, EVP_aes_128_ccm },
	{ 0x1305, 16, 32, 8, true, EVP_aes_128_ccm },
};

static const struct cipher *cipher_of(uint16_t suite)
{
	for (unsigned i = 0; i < sizeof ciphers / sizeof *ciphers; i++)
		if (ciphers[i].suite == suite)
			return &ciphers[i];
	return NULL;
}

static bool hmac(const EVP_MD *md, struct cl_span key, const uint8_t *in, size_t n, uint8_t *out)
{
	unsigned len;

	return HMAC(md, key.ptr, (int)key.len, in, n, out, &len) != NULL;
}

bool cl_tls_expand(struct cl_span secret, const char *label, uint8_t *out, uint8_t n)
{
	uint8_t info[4 + 6 + 64 + 1] = { 0, n }, block[EVP_MAX_MD_SIZE];
	size_t len = strlen(label);

	if (len > 64 || n > secret.len)
		return false;
	info[2] = (uint8_t)(6 + len);
	memcpy(info + 3, "tls13 ", 6);
	memcpy(info + 9, label, len);
	info[9 + len] = 0;
	info[10 + len] = 1; /* HKDF-Expand's block number */
	if (!hmac(secret.len == 48 ? EVP_sha384() : EVP_sha256(), secret, info, len + 11, block))
		return false;
	memcpy(out, block, n);
	return true;
}

bool cl_tls_extract(struct cl_span salt, struct cl_span in, uint8_t *out)
{
	return hmac(EVP_sha256(), salt, in.ptr, in.len, out);
}

static bool make(struct cl_tls_key *k)
{
	const struct cipher *c = cipher_of(k->suite);
	struct cl_span secret = { k->secret, k->secret_len };

	return c != NULL && cl_tls_expand(secret, "key", k->key, c->key_len) &&
	       cl_tls_expand(secret, "iv", k->iv, 12);
}

bool cl_tls_key_set(struct cl_tls_key *k, uint16_t suite, struct cl_span secret)
{
	const struct cipher *c = cipher_of(suite);

	if (c == NULL || secret.len != c->secret_len)
		return false;
	k->suite = suite;
	k->secret_len = c->secret_len;
	memcpy(k->secret, secret.ptr, secret.len);
	return make(k);
}

bool cl_tls_key_next(struct cl_tls_key *k)
{
	uint8_t next[48];

	if (!cl_tls_expand((struct cl_span){ k->secret, k->secret_len }, "traffic upd", next, k->secret_len))
		return false;
	memcpy(k->secret, next, k->secret_len);
	return make(k);
}

static bool open_gcm(EVP_CIPHER_CTX *x, const struct cipher *c, const uint8_t *key, const uint8_t *nonce,
		     struct cl_span header, struct cl_span sealed, uint8_t *out)
{
	int n, inside = (int)(sealed.len - c->tag_len);
	uint8_t tag[CL_TLS_TAG];

	memcpy(tag, sealed.ptr + inside, c->tag_len);
	return EVP_DecryptInit_ex(x, c->cipher(), NULL, NULL, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_TAG, c->tag_len, tag) == 1 &&
	       EVP_DecryptInit_ex(x, NULL, NULL, key, nonce) == 1 &&
	       (!c->ccm || EVP_DecryptUpdate(x, NULL, &n, NULL, inside) == 1) &&
	       EVP_DecryptUpdate(x, NULL, &n, header.ptr, (int)header.len) == 1 &&
	       EVP_DecryptUpdate(x, out, &n, sealed.ptr, inside) == 1 &&
	       (c->ccm || EVP_DecryptFinal_ex(x, out + n, &n) == 1);
}

/* Opens with a key at hand; `out` is to be forgotten if it says no. */
static bool open_with(const struct cipher *c, const uint8_t *key, const uint8_t *nonce, struct cl_span header,
		      struct cl_span sealed, uint8_t *out)
{
	EVP_CIPHER_CTX *x = sealed.len > c->tag_len ? EVP_CIPHER_CTX_new() : NULL;
	bool opened = x != NULL && open_gcm(x, c, key, nonce, header, sealed, out);

	EVP_CIPHER_CTX_free(x);
	return opened;
}

uint32_t cl_tls_key_open(const struct cl_tls_key *k, uint64_t sequence, struct cl_span header,
			 struct cl_span sealed, uint8_t *out)
{
	const struct cipher *c = cipher_of(k->suite);
	uint8_t nonce[12];

	memcpy(nonce, k->iv, sizeof nonce);
	for (unsigned i = 0; i < 8; i++)
		nonce[11 - i] = (uint8_t)(nonce[11 - i] ^ (uint8_t)(sequence >> 8 * i));
	if (!open_with(c, k->key, nonce, header, sealed, out))
		return 0;
	return sealed.len - c->tag_len;
}

bool cl_tls_aes128_gcm(const uint8_t *key, const uint8_t *nonce, struct cl_span header, struct cl_span sealed,
		       uint8_t *out)
{
	return open_with(&ciphers[0], key, nonce, header, sealed, out);
}

bool cl_tls_aes128(const uint8_t *key, const uint8_t *in, uint8_t *out)
{
	EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
	int n;
	bool done = x != NULL && EVP_EncryptInit_ex(x, EVP_aes_128_ecb(), NULL, key, NULL) == 1 &&
		    EVP_CIPHER_CTX_set_padding(x, 0) == 1 && EVP_EncryptUpdate(x, out, &n, in, 16) == 1;

	EVP_CIPHER_CTX_free(x);
	return done;
}

bool cl_tls_md5(const void *octets, size_t n, uint8_t *out)
{
	return EVP_Digest(octets, n, out, NULL, EVP_md5(), NULL) == 1;
}

#else

bool cl_tls_can_open(void)
{
	return false;
}

bool cl_tls_key_set(struct cl_tls_key *k, uint16_t suite, struct cl_span secret)
{
	(void)k;
	(void)suite;
	(void)secret;
	return false;
}

bool cl_tls_key_next(struct cl_tls_key *k)
{
	(void)k;
	return false;
}

uint32_t cl_tls_key_open(const struct cl_tls_key *k, uint64_t sequence, struct cl_span header,
			 struct cl_span sealed, uint8_t *out)
{
	(void)k;
	(void)sequence;
	(void)header;
	(void)sealed;
	(void)out;
	return 0;
}

bool cl_tls_expand(struct cl_span secret, const char *label, uint8_t *out, uint8_t n)
{
	(void)secret;
	(void)label;
	(void)out;
	(void)n;
	return false;
}

bool cl_tls_extract(struct cl_span salt, struct cl_span in, uint8_t *out)
{
	(void)salt;
	(void)in;
	(void)out;
	return false;
}

bool cl_tls_aes128(const uint8_t *key, const uint8_t *in, uint8_t *out)
{
	(void)key;
	(void)in;
	(void)out;
	return false;
}

bool cl_tls_aes128_gcm(const uint8_t *key, const uint8_t *nonce, struct cl_span header, struct cl_span sealed,
		       uint8_t *out)
{
	(void)key;
	(void)nonce;
	(void)header;
	(void)sealed;
	(void)out;
	return false;
}

bool cl_tls_md5(const void *octets, size_t n, uint8_t *out)
{
	(void)octets;
	(void)n;
	(void)out;
	return false;
}

#endif
