/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/format.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

struct text {
	char *at;
	size_t n, most;
};

static void append(struct text *t, const char *s, size_t n)
{
	if (n > t->most - t->n)
		n = t->most - t->n;
	if (n > 0)
		memcpy(t->at + t->n, s, n);
	t->n += n;
}

static void append_number(struct text *t, unsigned v, unsigned base, unsigned digits)
{
	char text[16], *p = text + sizeof text, *end = p;

	do {
		*--p = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);
	while (end - p < (int)digits)
		*--p = '0';
	append(t, p, (size_t)(end - p));
}

size_t cl_format_args(char *room, size_t size, const char *format, va_list args)
{
	struct text t = { .at = room, .most = size - 1 };

	for (const char *f = format; *f != '\0'; f++) {
		const char *plain = f;

		while (*f != '%' && *f != '\0')
			f++;
		append(&t, plain, (size_t)(f - plain));
		if (*f == '\0')
			break;
		f++;
		if (*f == 's') {
			const char *s = va_arg(args, const char *);

			append(&t, s, s != NULL ? strlen(s) : 0);
		} else if (strncmp(f, ".*s", 3) == 0) {
			int most = va_arg(args, int);
			const char *s = va_arg(args, const char *);

			append(&t, s, most > 0 ? strnlen(s, (size_t)most) : 0);
			f += 2;
		} else if (*f == 'u') {
			append_number(&t, va_arg(args, unsigned), 10, 1);
		} else if (*f == 'x') {
			append_number(&t, va_arg(args, unsigned), 16, 1);
		} else if (f[0] == '0' && f[1] >= '1' && f[1] <= '9' && f[2] == 'x') {
			append_number(&t, va_arg(args, unsigned), 16, (unsigned)(f[1] - '0'));
			f += 2;
		} else {
			assert(false && "a conversion that is not among ours");
			break;
		}
	}
	t.at[t.n] = '\0';
	return t.n;
}

size_t cl_format(char *room, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	size_t n = cl_format_args(room, size, format, args);
	va_end(args);
	return n;
}
