/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/dnsname.h"

#include <stdio.h>
#include <string.h>

size_t cl_name_labels(const uint8_t *wire, size_t n, uint8_t at[CL_NAME_LABELS])
{
	size_t count = 0;

	for (size_t i = 0; i < n && i <= UINT8_MAX && wire[i] != 0 && wire[i] < 64 && i + wire[i] < n &&
			   count < CL_NAME_LABELS;
	     i += 1u + wire[i])
		at[count++] = (uint8_t)i;
	return count;
}

size_t cl_name_text(const uint8_t *wire, size_t n, char out[CL_NAME_TEXT])
{
	uint8_t at[CL_NAME_LABELS];
	size_t labels = cl_name_labels(wire, n, at), used = 0;

	for (size_t k = 0; k < labels; k++) {
		if (k > 0)
			out[used++] = '.';
		for (size_t i = 1; i <= wire[at[k]]; i++) {
			uint8_t o = wire[at[k] + i];

			if (o == '.' || o == '\\')
				out[used++] = '\\';
			if (o > ' ' && o < 0x7f)
				out[used++] = (char)o;
			else
				used += (size_t)sprintf(out + used, "\\%03u", o);
		}
	}
	if (used == 0)
		out[used++] = '.';
	out[used] = '\0';
	return used;
}

/* The octet at *text, behind which *text ends (RFC 1035 sec. 5.1); -1: there is none. */
static int octet_of(const char **text)
{
	const char *at = *text;
	int value = 0;

	if (*at != '\\') {
		*text = at + 1;
		return (unsigned char)*at;
	}
	if (*++at < '0' || *at > '9') {
		*text = at + (*at != '\0');
		return *at != '\0' ? (unsigned char)*at : -1;
	}
	for (unsigned i = 0; i < 3; i++, at++) {
		if (*at < '0' || *at > '9')
			return -1;
		value = value * 10 + (*at - '0');
	}
	*text = at;
	return value <= UINT8_MAX ? value : -1;
}

size_t cl_name_wire(const char *text, uint8_t wire[CL_NAME_OCTETS])
{
	size_t used = 0;

	if (strcmp(text, ".") == 0)
		text++;
	while (*text != '\0') {
		size_t label = used++;

		while (*text != '\0' && *text != '.') {
			int octet = octet_of(&text);

			if (octet < 0 || used - label > 63 || used >= CL_NAME_OCTETS - 1)
				return 0;
			wire[used++] = (uint8_t)octet;
		}
		if (used == label + 1)
			return 0;
		wire[label] = (uint8_t)(used - label - 1);
		text += *text == '.';
	}
	wire[used++] = 0;
	return used;
}

bool cl_name_fold(const uint8_t *wire, size_t n, uint8_t *out)
{
	bool differs = false;

	for (size_t i = 0; i < n; i++) { /* lengths of labels are below 'A' */
		bool upper = wire[i] >= 'A' && wire[i] <= 'Z';

		out[i] = upper ? (uint8_t)(wire[i] | 0x20u) : wire[i];
		differs |= upper;
	}
	return differs;
}

size_t cl_name_common(const uint8_t *a, size_t na, const uint8_t *b, size_t nb)
{
	uint8_t at[CL_NAME_LABELS], bt[CL_NAME_LABELS];
	size_t la = cl_name_labels(a, na, at), lb = cl_name_labels(b, nb, bt), common = 0;

	while (common < la && common < lb) {
		const uint8_t *x = a + at[la - common - 1], *y = b + bt[lb - common - 1];

		if (x[0] != y[0] || memcmp(x + 1, y + 1, x[0]) != 0)
			break;
		common++;
	}
	return common;
}
