/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_FRAMES_H
#define CL_TESTS_UNIT_FRAMES_H

/* Tables of frames with what they say in detail, and of frames that contradict themselves. */
#include "tests/unit/vectors.h"

#define LT(x) CL_LINKTYPE_##x

struct shown {
	struct vector v;
	const char *shows[24]; /* lines of detail.h; the rest is NULL */
	enum cl_fact fact;     /* the one fact that it adds to, for tables of tunnels */
};

struct broken {
	const char *name, *frame;
	uint16_t linktype;
	enum cl_anomaly why;
};

/* Fates and lines; nothing is said against a frame unless it is malformed. */
static inline void check_shown(const struct shown *rows, size_t n)
{
	struct rig r;

	rig_open_detail(&r);
	for (size_t i = 0; i < n; i++) {
		const struct vector *v = &rows[i].v;
		enum cl_fate fate = rig_hex(&r, v->linktype, v->frame);

		if (fate != v->fate)
			fail_msg("%s: %s\n%s", v->name, cl_fate_names[fate], r.text->text);
		for (size_t j = 0; j < COUNT(rows[i].shows) && rows[i].shows[j] != NULL; j++)
			if (!detail_has(r.text, rows[i].shows[j]))
				fail_msg("%s: no %s in\n%s", v->name, rows[i].shows[j], r.text->text);
		if (fate != CL_FATE_MALFORMED)
			assert_null(strchr(r.text->text, '!'));
	}
	rig_close(&r);
}

/* One anomaly each, counted once, in the lean pass as in detail. */
static inline void check_broken(const struct broken *rows, size_t n)
{
	for (size_t i = 0; i < 2 * n; i++) {
		const struct broken *b = &rows[i / 2];
		struct rig r;

		if (i % 2 != 0)
			rig_open_detail(&r);
		else
			rig_open(&r, NULL, 0);
		if (rig_hex(&r, b->linktype, b->frame) != CL_FATE_MALFORMED)
			fail_msg("%s", b->name);
		for (int a = 0; a < CL_ANOMALIES; a++)
			if (cl_dissector_ledger(r.d)->anomaly[a] != (a == (int)b->why))
				fail_msg("%s: %s", b->name, cl_anomalies[a].name);
		rig_close(&r);
	}
}

#endif
