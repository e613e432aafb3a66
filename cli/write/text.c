/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/write/text.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t cl_text_rune(const char *s, size_t left, uint32_t *rune)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c;
	uint32_t r;
	size_t n;

	if (left == 0)
		return 0;
	c = (unsigned char)s[0];
	if (c < 0x80) {
		*rune = c;
		return 1;
	}
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc0 || c > 0xf7 || n > left)
		return 0;
	r = c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (!is_tail((unsigned char)s[i]))
			return 0;
		r = r << 6 | ((unsigned char)s[i] & 0x3fu);
	}
	if (r < least[n] || r > 0x10ffff || (r >= 0xd800 && r <= 0xdfff))
		return 0;
	*rune = r;
	return n;
}

bool cl_text_unsafe(uint32_t rune)
{
	return rune < 0x20 || (rune >= 0x7f && rune <= 0x9f) || rune == 0x61c || rune == 0x200e ||
	       rune == 0x200f || (rune >= 0x2028 && rune <= 0x202e) || (rune >= 0x2066 && rune <= 0x2069) ||
	       rune == 0xfeff;
}

static char *put_octet(char *p, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	*p++ = '\\';
	*p++ = 'x';
	*p++ = digits[c >> 4];
	*p++ = digits[c & 0xf];
	return p;
}

size_t cl_text_escape(char *out, const char *s, size_t len, size_t *columns)
{
	char *p = out;
	size_t shown = 0;

	for (size_t i = 0; i < len;) {
		uint32_t rune = 0;
		size_t n = cl_text_rune(s + i, len - i, &rune);
		size_t end = i + (n > 0 ? n : 1);

		if (n > 0 && !cl_text_unsafe(rune)) {
			while (i < end)
				*p++ = s[i++];
			shown++;
			continue;
		}
		for (; i < end; i++, shown += 4)
			p = put_octet(p, (unsigned char)s[i]);
	}
	*p = '\0';
	if (columns != NULL)
		*columns = shown;
	return (size_t)(p - out);
}
