/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Three hours of clients that ask every 64 s, with planted bursts, and what there is to count in them.
 *
 * usage: peakday FILE
 *
 * Every 20 minutes 900 clients ask once, each of a network of its own; at minute 105 one client asks 5000
 * times and gets no answer; at minute 131 all who asked before ask 5 times more; at minutes 151 to 153 the
 * 250 addresses of one network ask three times a minute. Writes FILE and, on standard output, lines `MINUTE
 * REQUESTS ANSWERED CLIENTS NEW ONE-SHOT RETURNING NETWORK-REQUESTS`, for each minute from what was planted.
 */
#include "rawpcap.h"

#define MINUTES 180
#define MINUTE	(60 * US)
#define STEADY	200u

static uint32_t steady(unsigned i)
{
	return 0x0a000001u + i * 256;
}

static void one(int64_t us, uint32_t client, uint16_t port, bool answered)
{
	const uint64_t xmt = stamp(us) ^ (uint64_t)client << 20;

	ask(us, client, port, xmt);
	if (answered)
		answer(us, 50, 0, client, port, xmt, 0x240100e9, 0x50505300);
}

static void plant(void)
{
	for (unsigned i = 0; i < STEADY; i++)
		for (int64_t us = (int64_t)(i % 8) * US + i * 1000; us < MINUTES * MINUTE; us += 64 * US)
			one(us, steady(i), 123, true);
	for (unsigned burst = 1; burst < MINUTES / 20; burst++)
		for (unsigned i = 0; i < 900; i++)
			one(burst * 20 * MINUTE + (int64_t)i * 50000 + 7,
			    0x64400001u + (burst * 900 + i) * 256, (uint16_t)(30000 + i), true);
	for (unsigned i = 0; i < 5000; i++)
		one(105 * MINUTE + (int64_t)i * 10000 + 11, 0xc6336409u, 55555, false);
	for (unsigned i = 0; i < STEADY * 5; i++)
		one(131 * MINUTE + (int64_t)i * 50000 + 13, steady(i % STEADY), 123, true);
	for (unsigned i = 0; i < 250 * 9; i++)
		one(151 * MINUTE + (int64_t)i * 80000 + 17, 0xc6120701u + i % 250, (uint16_t)(i % 1000),
		    true);
}

/* Counting, as plainly as can be: requests are sorted by client, then time. */
static int by_client(const void *a, const void *b)
{
	const struct packet *x = *(const struct packet *const *)a, *y = *(const struct packet *const *)b;

	if (x->src != y->src)
		return x->src < y->src ? -1 : 1;
	return (x->us > y->us) - (x->us < y->us);
}

struct truth {
	unsigned requests, answered, clients, fresh, one_shot, returning, network;
};

/* Of one minute: a client's requests are list[0] to list[n - 1]. */
static void count_client(struct truth *t, const struct packet *const *list, size_t n, int64_t minute,
			 uint32_t *network, unsigned *in_network)
{
	unsigned here = 0;

	for (size_t i = 0; i < n; i++)
		here += list[i]->us / MINUTE == minute;
	if (here == 0)
		return;
	t->clients++;
	t->requests += here;
	if (list[0]->us / MINUTE == minute) {
		t->fresh++;
		t->one_shot += here == n;
	} else {
		t->returning++;
	}
	if (*network != list[0]->src >> 8)
		*in_network = 0;
	*network = list[0]->src >> 8;
	*in_network += here;
	t->network = *in_network > t->network ? *in_network : t->network;
}

int main(int argc, char **argv)
{
	const struct packet **list;
	size_t n = 0;

	if (argc != 2)
		return 2;
	plant();
	write_all(argv[1]);
	list = calloc(packet_count, sizeof *list);
	if (list == NULL)
		return 2;
	for (size_t i = 0; i < packet_count; i++)
		if (packets[i].dst == SERVER)
			list[n++] = &packets[i];
	qsort(list, n, sizeof *list, by_client);
	for (int64_t minute = 0; minute < MINUTES; minute++) {
		struct truth t = { 0 };
		uint32_t network = 0;
		unsigned in_network = 0;

		for (size_t i = 0, k; i < n; i += k) {
			for (k = 1; i + k < n && list[i + k]->src == list[i]->src;)
				k++;
			count_client(&t, list + i, k, minute, &network, &in_network);
		}
		t.answered = minute == 105 ? t.requests - 5000 : t.requests;
		printf("%d %u %u %u %u %u %u %u\n", (int)minute, t.requests, t.answered, t.clients, t.fresh,
		       t.one_shot, t.returning, t.network);
	}
	free(list);
	return 0;
}
