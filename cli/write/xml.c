/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/write/xml.h"

#include <string.h>

#include "cli/write/text.h"

static size_t put_rune(FILE *out, const char *s, size_t left)
{
	uint32_t rune;
	size_t n = cl_text_rune(s, left, &rune);

	if (n == 0 || cl_text_unsafe(rune) || rune == 0xfffe || rune == 0xffff)
		fputs("\xef\xbf\xbd", out);
	else if (rune == '<')
		fputs("&lt;", out);
	else if (rune == '>')
		fputs("&gt;", out);
	else if (rune == '&')
		fputs("&amp;", out);
	else if (rune == '"')
		fputs("&quot;", out);
	else
		fwrite(s, 1, n, out);
	return n == 0 ? 1 : n;
}

void cl_xml_text(FILE *out, const char *s)
{
	size_t left = strlen(s);

	while (left > 0) {
		size_t n = put_rune(out, s, left);

		s += n;
		left -= n;
	}
}
