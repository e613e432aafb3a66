/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_DETAIL_H
#define CL_TESTS_UNIT_DETAIL_H

/*
 * All of a packet as lines of plain text, for tests: `layer`, then `name=value` for each field with a name
 * (numbers in decimal, flags 0 or 1, octets in hexadecimal, texts as they are), `!name` for each anomaly. An
 * object is `name{`, its members, `}`. Reads every octet that a value borrows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dissect/attr.h"

#define DETAIL_ROOM 400000u

struct detail_text {
	size_t used;
	char text[DETAIL_ROOM];
};

static inline void detail_add(struct detail_text *t, const char *s, size_t n)
{
	if (n > sizeof(t->text) - 1 - t->used)
		n = sizeof(t->text) - 1 - t->used;
	memcpy(t->text + t->used, s, n);
	t->used += n;
	t->text[t->used] = '\0';
}

static inline void detail_word(struct detail_text *t, const char *s)
{
	detail_add(t, s, strlen(s));
}

static inline void detail_hex(struct detail_text *t, struct cl_span s)
{
	char two[3];

	for (uint32_t i = 0; i < s.len; i++) {
		snprintf(two, sizeof(two), "%02x", s.ptr[i]);
		detail_add(t, two, 2);
	}
}

static inline void detail_value(struct detail_text *t, const struct cl_attr *a)
{
	char text[400];

	switch (a->field->type) {
	case CL_V_BYTES:
	case CL_V_IP6:
	case CL_V_ETHER:
		detail_hex(t, a->v.bytes);
		return;
	case CL_V_TEXT:
		if (a->v.bytes.len > 0)
			detail_add(t, (const char *)a->v.bytes.ptr, a->v.bytes.len);
		return;
	case CL_V_INT:
	case CL_V_TIME:
	case CL_V_DURATION:
		snprintf(text, sizeof(text), "%" PRId64, a->v.i);
		break;
	case CL_V_REAL:
		snprintf(text, sizeof(text), "%.9g", a->v.f);
		break;
	case CL_V_IP4:
		snprintf(text, sizeof(text), "%u.%u.%u.%u", (unsigned)(a->v.u >> 24 & 255),
			 (unsigned)(a->v.u >> 16 & 255), (unsigned)(a->v.u >> 8 & 255),
			 (unsigned)(a->v.u & 255));
		break;
	case CL_V_NTP_TIME:
		snprintf(text, sizeof(text), "%016" PRIx64, a->v.u);
		break;
	case CL_V_NONE:
		text[0] = '\0';
		break;
	default:
		snprintf(text, sizeof(text), "%" PRIu64, a->v.u);
		break;
	}
	detail_word(t, text);
}

static inline void detail_attr(struct detail_text *t, const struct cl_attr *a)
{
	if (a->field->type == CL_V_END) {
		detail_word(t, "}\n");
		return;
	}
	if (a->field->name != NULL)
		detail_word(t, a->field->name);
	if (a->field->type == CL_V_GROUP || a->field->type == CL_V_OBJECT) {
		detail_word(t, "{\n");
		return;
	}
	detail_word(t, "=");
	detail_value(t, a);
	detail_word(t, "\n");
}

/* A cl_detail_fn; `ctx` is a struct detail_text. */
static inline void detail_take(void *ctx, const struct cl_frame *f, const struct cl_detail *d)
{
	struct detail_text *t = ctx;
	uint32_t finding = 0;

	(void)f;
	t->used = 0;
	t->text[0] = '\0';
	for (uint32_t i = 0; i < d->layers; i++) {
		detail_word(t, d->layer[i].proto->name);
		detail_word(t, "\n");
		for (uint32_t j = 0; j < d->layer[i].attrs; j++)
			detail_attr(t, &d->attr[d->layer[i].attr + j]);
	}
	for (; finding < d->findings; finding++) {
		detail_word(t, "!");
		detail_word(t, cl_anomalies[d->finding[finding].id].name);
		detail_word(t, "\n");
	}
}

/* Whether a line is there just so. */
static inline bool detail_has(const struct detail_text *t, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = t->text; (at = strstr(at, line)) != NULL; at++)
		if ((at == t->text || at[-1] == '\n') && at[n] == '\n')
			return true;
	return false;
}

#endif
