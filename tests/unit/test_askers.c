/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/askers.h"

#include <stdlib.h>

#include "dissect/event.h"
#include "dissect/hash.h"
#include "tests/unit/test_cmocka.h"

#define SEED	0x5eedu
#define EVENTS	40000u
#define CLIENTS 5000u

static struct cl_addr client_at(uint32_t i)
{
	const uint8_t v4[4] = { 198, 51, (uint8_t)(i >> 8), (uint8_t)i };
	struct cl_addr a = { { 0x20, 0x01, 0x0d, 0xb8, [14] = (uint8_t)(i >> 8), (uint8_t)i } };

	return i % 2 == 0 ? cl_addr_from_v4(v4) : a;
}

/* What the client of event k is, and what it does. */
static uint32_t client_of(uint32_t k)
{
	return (uint32_t)(cl_hash(&k, sizeof k, 3) >> 20) % CLIENTS;
}

static struct cl_event event_at(uint32_t k)
{
	static const uint8_t kinds[] = { CL_EV_NTP, CL_EV_DNS, CL_EV_MDNS, CL_EV_ICMP };
	uint64_t random = cl_hash(&k, sizeof k, 5);
	struct cl_event ev = { .src = client_at(client_of(k)),
			       .kind = kinds[random % 8 < 4   ? 0
					     : random % 8 < 6 ? 1
							      : random % 8 - 4],
			       .role = random >> 8 & 3 };

	if (ev.role > CL_ROLE_APART)
		ev.role = CL_ROLE_REQUEST;
	if (ev.kind == CL_EV_NTP)
		ev.u.ntp.mode = (random >> 16) % 8 == 0 ? 1 : 3;
	else if (ev.kind == CL_EV_DNS)
		ev.u.dns.bits = (random >> 16) % 4 == 0 ? CL_DNS_TCP : 0;
	return ev;
}

struct numbers {
	uint64_t ipv4[CL_SCOPES], ipv6[CL_SCOPES];
};

/* By a table with a row a client, which knows no hashes. */
static struct numbers count_slowly(void)
{
	static bool seen[CL_SCOPES][CLIENTS];
	struct numbers n = { { 0 }, { 0 } };

	for (uint32_t k = 0; k < EVENTS; k++) {
		struct cl_event ev = event_at(k);
		uint32_t client = client_of(k);

		if (ev.role != CL_ROLE_REQUEST)
			continue;
		if (ev.kind == CL_EV_NTP && ev.u.ntp.mode == 3)
			seen[CL_SCOPE_NTP][client] = true;
		if (ev.kind != CL_EV_DNS)
			continue;
		seen[CL_SCOPE_DNS][client] = true;
		seen[ev.u.dns.bits != 0 ? CL_SCOPE_DNS_TCP : CL_SCOPE_DNS_UDP][client] = true;
	}
	for (unsigned scope = 0; scope < CL_SCOPES; scope++)
		for (uint32_t i = 0; i < CLIENTS; i++)
			(i % 2 == 0 ? n.ipv4 : n.ipv6)[scope] += seen[scope][i];
	return n;
}

/* The right clients, however many events are given at once; what it did not count keeps its hash. */
static void counts_who_asked(void **state)
{
	static const size_t batches[] = { 1, 7, 64, 512, EVENTS };
	struct cl_event *evs = malloc(EVENTS * sizeof *evs);
	struct cl_prepared *prepared = malloc(EVENTS * sizeof *prepared);
	const struct numbers n = count_slowly();

	(void)state;
	assert_true(evs != NULL && prepared != NULL);
	assert_true(n.ipv4[CL_SCOPE_NTP] > 1000 && n.ipv6[CL_SCOPE_DNS_TCP] > 100);
	for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
		struct cl_askers *a = cl_askers_new(SEED, 0);

		assert_non_null(a);
		for (uint32_t k = 0; k < EVENTS; k++) {
			evs[k] = event_at(k);
			prepared[k].client_hash = cl_addr_hash(&evs[k].src, SEED);
		}
		for (size_t at = 0; at < EVENTS; at += batches[b])
			cl_askers_take(a, evs + at, prepared + at,
				       EVENTS - at < batches[b] ? EVENTS - at : batches[b]);
		assert_memory_equal(a->ipv4, n.ipv4, sizeof n.ipv4);
		assert_memory_equal(a->ipv6, n.ipv6, sizeof n.ipv6);
		assert_int_equal(a->refused, 0);
		for (uint32_t k = 0; k < EVENTS; k++) {
			bool counted = evs[k].role == CL_ROLE_REQUEST &&
				       (evs[k].kind == CL_EV_DNS ||
					(evs[k].kind == CL_EV_NTP && evs[k].u.ntp.mode == 3));

			assert_int_equal(prepared[k].client_hash == 0, counted);
		}
		cl_askers_free(a);
	}
	free(evs);
	free(prepared);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(counts_who_asked) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
