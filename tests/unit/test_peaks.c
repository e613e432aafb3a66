/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/peaks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define START  (30000000 * MINUTE)

static struct cl_addr v4(uint32_t a)
{
	struct cl_addr out = { .b = { [10] = 0xff, [11] = 0xff } };

	for (unsigned i = 0; i < 4; i++)
		out.b[15 - i] = (uint8_t)(a >> 8 * i);
	return out;
}

static void send(struct cl_peaks *p, uint32_t client, uint8_t server, int64_t time_ns)
{
	struct cl_event q = { .kind = CL_EV_NTP,
			      .src = v4(client),
			      .dst = v4(0xc0000200u + server),
			      .time_ns = time_ns,
			      .sport = client % 2 != 0 ? 123 : 50000 };
	struct cl_note note;
	struct cl_exchange x = { .kind = CL_X_NTP,
				 .fortune = CL_FORTUNE_UNANSWERED,
				 .request = { &q, &note } };

	cl_note_clear(&note);
	cl_peaks_take(p, &x);
}

static struct cl_peaks *new_peaks(unsigned most)
{
	struct cl_peaks *p = cl_peaks_new(&(struct cl_peaks_config){ .seed = 1, .most = most, .times = 2 });

	assert_non_null(p);
	return p;
}

/* Ten clients each minute for an hour; in minutes 30 and 31 something more. */
static void make_up(void **state)
{
	struct cl_peaks *p = new_peaks(3);
	size_t n;

	(void)state;
	for (int m = 0; m < 60; m++) {
		for (uint32_t i = 0; i < 10; i++)
			send(p, 0x0a000001 + i * 256, 1, START + m * MINUTE + i * SECOND);
		for (uint32_t i = 0; m == 30 && i < 40; i++) /* 15 of them come back */
			send(p, 0xc6336401 + i, 1, START + m * MINUTE + (int64_t)(20 + i / 2) * SECOND);
		for (uint32_t i = 0; m == 31 && i < 15; i++)
			send(p, 0xc6336401 + i, 1, START + m * MINUTE + 50 * SECOND);
	}
	const struct cl_peak_server *const *v = cl_peaks_count(p, START, START + 60 * MINUTE, &n);
	assert_int_equal(n, 1);
	assert_true(v[0]->usual == 10 && v[0]->usual_clients == 10 && v[0]->usual_fresh == 0);
	assert_true(fabs(v[0]->threshold - (10 + 5 * sqrt(10))) < 1e-9); /* more than twice 10 */
	assert_int_equal(v[0]->above, 1);
	assert_int_equal(v[0]->peaks, 1);
	const struct cl_peak *peak = &v[0]->peak[0];
	assert_int_equal(peak->minute, START / MINUTE + 30);
	assert_int_equal(peak->requests, 50);
	assert_int_equal(peak->clients, 50);
	assert_int_equal(peak->fresh.clients, 40);
	assert_int_equal(peak->one_shot.clients, 25);
	assert_int_equal(peak->returning.clients, 10);
	assert_int_equal(peak->network.clients, 40);
	assert_int_equal(peak->network.len, 24);
	assert_int_equal(peak->ports[CL_PEAK_PORT_NTP], 10 + 20);
	assert_int_equal(peak->second[20], 2);
	assert_int_equal(peak->before_ns, 30 * MINUTE);
	assert_int_equal(peak->behind_ns, 29 * MINUTE);
	assert_int_equal(peak->again.period_s, 0);
	cl_peaks_free(p);
}

/* The highest minutes are kept whatever their order; of a run only the highest is shown. */
static void highest(void **state)
{
	struct cl_peaks *p = new_peaks(2);
	size_t n;

	(void)state;
	for (uint32_t m = 0; m < 200; m++) {
		uint32_t requests = m % 10 == 5 ? 20 + m : 1;

		if (m == 196 || m == 194)
			requests = 100; /* beside 195 */
		for (uint32_t i = 0; i < requests; i++)
			send(p, 0x0a000001 + i, 1, START + m * MINUTE + i * SECOND / 10);
	}
	send(p, 0x0a000001, 1, START + 100 * MINUTE); /* of a minute that is over */
	const struct cl_peak_server *const *v = cl_peaks_count(p, START, START + 200 * MINUTE, &n);
	assert_int_equal(v[0]->peaks, 2);
	assert_int_equal(v[0]->peak[0].minute, START / MINUTE + 195);
	assert_int_equal(v[0]->peak[0].run_first, START / MINUTE + 194);
	assert_int_equal(v[0]->peak[0].run_last, START / MINUTE + 196);
	assert_int_equal(v[0]->peak[0].run_requests, 415);
	assert_int_equal(v[0]->peak[1].minute, START / MINUTE + 185);
	assert_int_equal(v[0]->peak[1].again.period_s, 600);
	assert_int_equal(v[0]->peak[1].again.of, 19);
	assert_int_equal(v[0]->peak[1].again.found, 19);
	assert_int_equal(cl_peaks_losses(p).late, 1);
	cl_peaks_free(p);
}

/* Servers apart: a client that is known at one is new at the other. */
static void servers(void **state)
{
	struct cl_peaks *p = new_peaks(1);
	size_t n;

	(void)state;
	for (uint32_t m = 0; m < 30; m++)
		for (uint32_t i = 0; i < (m == 25 ? 30u : 1u); i++) {
			send(p, 0x0a000001 + i, 1, START + m * MINUTE);
			if (m > 20)
				send(p, 0x0a000001, 2, START + m * MINUTE + SECOND);
		}
	const struct cl_peak_server *const *v = cl_peaks_count(p, START, START + 30 * MINUTE, &n);
	assert_int_equal(n, 2);
	assert_int_equal(v[0]->server.b[15], 1);
	assert_int_equal(v[0]->requests, 59);
	assert_int_equal(v[1]->minutes, 9);
	assert_int_equal(v[1]->peak[0].returning.clients, 1);
	assert_int_equal(v[1]->peak[0].client.requests, 30);
	cl_peaks_free(p);
}

/* Strength: of a course that repeats, of noise, of one great burst. */
static void strength(void **state)
{
	enum { N = 64 * 100 };
	uint16_t *count = calloc(N, sizeof *count);
	uint32_t dice = 1;

	(void)state;
	assert_non_null(count);
	for (int i = 0; i < N; i++)
		count[i] = i % 64 < 5 ? 100 : 3;
	assert_true(cl_peak_strength(count, N, 64) > 0.99);
	assert_true(cl_peak_strength(count, N, 60) < 0.5);
	assert_true(isnan(cl_peak_strength(count, 64 * 4 - 1, 64)));
	for (int i = 0; i < N; i++) {
		dice = dice * 1664525 + 1013904223;
		count[i] = (uint16_t)(dice >> 28);
	}
	assert_true(fabs(cl_peak_strength(count, N, 64)) < 0.5);
	for (int i = 3000; i < 3020; i++)
		count[i] = 60000;
	assert_true(fabs(cl_peak_strength(count, N, 64)) < 0.5);
	memset(count, 0, N * sizeof *count);
	assert_true(isnan(cl_peak_strength(count, N, 64)));
	free(count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(make_up),
		cmocka_unit_test(highest),
		cmocka_unit_test(servers),
		cmocka_unit_test(strength),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
