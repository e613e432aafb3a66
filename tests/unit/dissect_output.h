/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_DISSECT_OUTPUT_H
#define CL_TESTS_UNIT_DISSECT_OUTPUT_H

/* What holds of dissect's output whatever the packet: a cl_detail_fn that looks. */
#include <stdlib.h>

#include "cli/packet/dissect.h"

struct shown {
	struct cl_show_json *json;
	struct cl_show_tree *tree;
	struct cl_out out;
	const char *wrong; /* NULL, or the first thing that does not hold */
};

static inline void shown_open(struct shown *s)
{
	*s = (struct shown){ .json = cl_show_json_new(), .tree = cl_show_tree_new() };
	if (s->json == NULL || s->tree == NULL)
		abort();
}

static inline void shown_close(struct shown *s)
{
	cl_show_json_free(s->json);
	cl_show_tree_free(s->tree);
	cl_out_free(&s->out);
}

/* Brackets close what they opened, no text holds a control character, and one object is one line. */
static inline const char *shown_json(const char *p, size_t n)
{
	bool text = false;
	int depth = 0;

	if (n == 0 || p[n - 1] != '\n')
		return "JSON without its newline";
	for (size_t i = 0; i + 1 < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c == 0x7f)
			return "JSON with a control character";
		if (text && c == '\\')
			i++;
		else if (c == '"')
			text = !text;
		else if (!text)
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (depth < 0 || (depth == 0 && i + 2 < n))
			return "JSON that ends early";
	}
	return depth != 0 || text ? "JSON that does not end" : NULL;
}

/* Nothing that a terminal would obey. */
static inline const char *shown_text(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)p[i] < 0x20 && p[i] != '\n') || p[i] == 0x7f)
			return "text with a control character";
	return NULL;
}

static inline void shown_note(struct shown *s, const char *wrong)
{
	if (s->wrong == NULL)
		s->wrong = wrong;
}

static inline void shown_take(void *ctx, const struct cl_frame *f, const struct cl_detail *detail)
{
	struct shown *s = ctx;

	s->out.used = 0;
	cl_show_line(&s->out, f, detail);
	if (s->out.used == 0 || memchr(s->out.at, '\n', s->out.used - 1) != NULL)
		shown_note(s, "a line that is not one");
	cl_show_tree(s->tree, &s->out, f, detail);
	shown_note(s, shown_text(s->out.at, s->out.used));
	s->out.used = 0;
	if (cl_show_json(s->json, &s->out, f, detail, NULL))
		shown_note(s, shown_json(s->out.at, s->out.used));
	shown_note(s, cl_show_json_clash(s->json));
}

#endif
