/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who asked is counted by the caller's thread or the engine's, whichever waits for the other: whoever is
 * ahead, and however often it changes, the numbers are the same.
 */
#include "stats/engine/worker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dissect/hash.h"
#include "stats/engine/engine_state.h"
#include "tests/unit/test_cmocka.h"

#define SECOND	1000000000ll
#define START	(1788220800 * SECOND)
#define CLIENTS 60000u
#define PHASE	160000u /* events: more than the 256 chunks of 512 after which it is settled anew */
#define PHASES	4u
#define EVENTS	(PHASE * PHASES)

static const struct cl_store_config config = { .engine = { .pairing = CL_PAIRING_STANDARD,
							   .timeout_ns = SECOND / 1000,
							   .step_ns = 300 * SECOND,
							   .seed = 99,
							   .count_only = true } };

/* Of event k: every fifth client is of IPv6, every seventh asks by DNS, every eleventh as a symmetric peer.
 */
static uint32_t client_of(uint32_t k)
{
	return (uint32_t)(cl_hash(&k, sizeof k, 1) >> 13) % CLIENTS;
}

static struct cl_event event_at(uint32_t k)
{
	uint32_t client = client_of(k);
	const uint8_t v4[4] = { 10, 1, (uint8_t)(client >> 8), (uint8_t)client };
	struct cl_event ev = { .time_ns = START + (int64_t)k * 1000,
			       .frame_no = k + 1,
			       .src = cl_addr_from_v4(v4),
			       .dst = cl_addr_from_v4((const uint8_t[4]){ 192, 0, 2, 1 }),
			       .wire_len = 90,
			       .sport = 40000,
			       .dport = client % 7 == 0 ? 53 : 123,
			       .kind = client % 7 == 0 ? CL_EV_DNS : CL_EV_NTP,
			       .role = CL_ROLE_REQUEST };

	if (client % 5 == 0)
		ev.src = (struct cl_addr){ { 0x20, 0x01, 0x0d, 0xb8, [14] = v4[2], v4[3] } };
	if (ev.kind == CL_EV_DNS)
		ev.u.dns = (struct cl_dns){ .id = (uint16_t)k, .first_ns = ev.time_ns };
	else
		ev.u.ntp = (struct cl_ntp){ .version = 4,
					    .mode = client % 11 == 0 ? 1 : 3,
					    .xmt = 1 + (uint64_t)k };
	return ev;
}

/* In every other phase the caller dawdles, so that the engine waits; in the rest it is faster. */
static void give_events(struct cl_worker *w)
{
	const struct timespec nap = { .tv_nsec = 100000 };
	struct cl_event_room room = cl_worker_room(w, 0);

	for (uint32_t k = 0; k < EVENTS;) {
		uint32_t n = room.count < 64 ? (uint32_t)room.count : 64;

		for (uint32_t i = 0; i < n; i++) {
			room.events[i] = event_at((k + i) % (EVENTS / 2));
			room.events[i].time_ns = START + (int64_t)(k + i) * 1000;
		}
		room = cl_worker_room(w, n);
		if (k / PHASE % 2 == 0 && k / 512 != (k + n) / 512)
			(void)nanosleep(&nap, NULL);
		k += n;
	}
}

static void counted_by_either(void **state)
{
	static bool seen[CLIENTS];
	uint64_t expected[CL_SCOPES][2] = { { 0 } };

	(void)state;
	for (uint32_t k = 0; k < EVENTS / 2; k++)
		seen[client_of(k)] = true;
	for (uint32_t i = 0; i < CLIENTS; i++) {
		expected[i % 7 == 0 ? CL_SCOPE_DNS : CL_SCOPE_NTP][i % 5 == 0] += seen[i];
		expected[CL_SCOPE_DNS_UDP][i % 5 == 0] += seen[i] && i % 7 == 0;
	}
	for (unsigned threaded = 0; threaded < 2; threaded++) {
		struct cl_store *store = cl_store_memory(&config);
		struct cl_engine *engine = cl_engine_new(&config.engine, store);
		struct cl_worker *w = cl_worker_new(engine, threaded != 0, false);

		assert_non_null(w);
		give_events(w);
		cl_worker_finish(w);
		cl_engine_finish(engine);
		for (unsigned scope = 0; scope < CL_SCOPES; scope++) {
			assert_int_equal(engine->askers->ipv4[scope], expected[scope][0]);
			assert_int_equal(engine->askers->ipv6[scope], expected[scope][1]);
		}
		cl_store_close(store);
		cl_engine_free(engine);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(counted_by_either) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
