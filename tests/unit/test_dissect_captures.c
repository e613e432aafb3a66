/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each capture of testdata/ and of ../shared/captures, once for counting and once with all of each packet:
 * the messages, fates and facts are the same, what is shown is whole, and each field name has one
 * description.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/input.h"
#include "tests/unit/dissect_output.h"
#include "tests/unit/test_cmocka.h"

/* All events, as one number: the order counts. */
struct sum {
	uint64_t events, hash;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * 0x9e3779b97f4a7c15u ^ h >> 29;
}

static struct cl_event_room take(void *ctx, size_t n)
{
	static struct cl_event evs[64];
	struct sum *s = ctx;

	for (size_t i = 0; i < n; i++) {
		const struct cl_event *e = &evs[i];

		s->events++;
		s->hash = mix(s->hash, e->frame_no);
		s->hash = mix(s->hash, (uint64_t)e->kind << 8 | e->role);
		s->hash = mix(s->hash, (uint64_t)e->sport << 16 | e->dport);
		s->hash = mix(s->hash, e->wire_len);
		for (unsigned b = 0; b < sizeof e->src.b; b++)
			s->hash = mix(s->hash, (uint64_t)e->src.b[b] << 8 | e->dst.b[b]);
		if (e->kind == CL_EV_NTP) {
			s->hash = mix(s->hash, e->u.ntp.org ^ e->u.ntp.xmt ^ e->u.ntp.uid);
			s->hash = mix(s->hash, (uint64_t)e->u.ntp.mode << 8 | e->u.ntp.flags);
		} else if (e->kind == CL_EV_DNS) {
			s->hash = mix(s->hash, e->u.dns.qhash ^ e->u.dns.id);
			s->hash = mix(s->hash, (uint64_t)e->u.dns.rcode << 8 | e->u.dns.bits);
		}
	}
	return (struct cl_event_room){ .events = evs, .count = sizeof(evs) / sizeof(*evs) };
}

/* False: not a capture that can be read. */
static bool run(const char *path, struct shown *all, struct sum *sum, struct cl_ledger *ledger)
{
	static const uint16_t ports[] = { 5300, 8053 };
	struct cl_limits limits = { .hash_seed = 1, .dns_ports = ports, .dns_port_count = 2 };
	struct cl_input_opts opts = { .hash = false };
	struct cl_input *in = cl_input_open(&path, 1, &opts);
	const struct cl_frame *frames;
	bool opened;
	size_t n;

	*sum = (struct sum){ 0, 0 };
	struct cl_dissector *d = cl_dissector_new(&limits, take, sum);
	assert_non_null(in);
	assert_non_null(d);
	if (all != NULL)
		assert_true(cl_dissector_detail(d, shown_take, all));
	while ((n = cl_input_next(in, &frames)) > 0)
		cl_dissector_feed(d, frames, n);
	cl_dissector_finish(d);
	*ledger = *cl_dissector_ledger(d);
	opened = cl_input_files(in, &n)->opened;
	cl_dissector_free(d);
	cl_input_close(in);
	return opened;
}

static unsigned captures;
static struct shown shown;

static void check_capture(const char *path)
{
	struct cl_ledger lean, detailed;
	struct sum some, same;

	if (!run(path, NULL, &some, &lean))
		return;
	assert_true(run(path, &shown, &same, &detailed));
	captures++;
	if (shown.wrong != NULL)
		fail_msg("%s: %s", path, shown.wrong);
	if (some.events != same.events || some.hash != same.hash)
		fail_msg("%s: other messages in detail: %llu, not %llu", path,
			 (unsigned long long)same.events, (unsigned long long)some.events);
	for (unsigned i = 0; i < CL_FATES; i++)
		if (lean.fate[i] != detailed.fate[i])
			fail_msg("%s: %s in detail: %llu, not %llu", path, cl_fate_names[i],
				 (unsigned long long)detailed.fate[i], (unsigned long long)lean.fate[i]);
	for (unsigned i = 0; i < CL_FACTS; i++)
		if (lean.fact[i] != detailed.fact[i])
			fail_msg("%s: %s in detail: %llu, not %llu", path, cl_fact_names[i],
				 (unsigned long long)detailed.fact[i], (unsigned long long)lean.fact[i]);
}

static void check_folder(const char *path, unsigned depth)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char name[4096];
		struct stat st;

		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		if (e->d_name[0] == '.' || stat(name, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < 3)
			check_folder(name, depth + 1);
		else if (S_ISREG(st.st_mode))
			check_capture(name);
	}
	if (d != NULL)
		closedir(d);
}

static const char *source(void)
{
	const char *top = getenv("top_srcdir");

	return top != NULL ? top : ".";
}

static void captures_of_the_tree(void **state)
{
	char path[4096];

	(void)state;
	captures = 0;
	snprintf(path, sizeof path, "%s/testdata/pcaps", source());
	check_folder(path, 0);
	assert_true(captures > 50);
	snprintf(path, sizeof path, "%s/testdata/bad", source());
	check_folder(path, 0);
}

static void shared_captures(void **state)
{
	char path[4096];

	(void)state;
	captures = 0;
	snprintf(path, sizeof path, "%s/../shared/captures", source());
	check_folder(path, 0);
	if (captures == 0)
		left_out("no ../shared/captures beside this tree");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captures_of_the_tree),
		cmocka_unit_test(shared_captures),
	};
	int failed;

	shown_open(&shown);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	shown_close(&shown);
	return failed;
}
