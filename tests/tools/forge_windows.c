/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Some 300 clients over three hours, across a midnight that ends a month, and the list of their
 * requests that a test can sort and count by itself: `epoch_ns protocol server client` a line.
 */
#include "forge.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 300, REQUESTS = 1600, SPAN = 3 * 3600, STEP = 300 };

/* 2026-06-30T22:30:00Z, as seconds after FG_T0: July begins half way through. */
static const int64_t begin = 1782858600 - (int64_t)FG_T0;

struct request {
	int64_t t; /* nanoseconds after FG_T0 */
	unsigned client, server;
};

static const char *const servers[2][3] = { { "192.0.2.1", "192.0.2.2", "192.0.2.53" },
					   { "2001:db8::1", "2001:db8::2", "2001:db8::53" } };

/* A generator of our own (xorshift), so that every machine forges the same file. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 11;
}

/* Few busy clients and many rare ones; two fifths speak IPv6, several of one /64 and /48. */
static void client_name(char *out, size_t size, unsigned k)
{
	struct in6_addr a = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 1 } };

	if (k % 5 < 3) {
		snprintf(out, size, "198.51.%u.%u", 100 + k % 7, 1 + k % 250);
		return;
	}
	a.s6_addr[5] = (uint8_t)(1 + k % 3);
	a.s6_addr[7] = (uint8_t)(k % 40);
	a.s6_addr[14] = (uint8_t)(k >> 8);
	a.s6_addr[15] = (uint8_t)k;
	if (inet_ntop(AF_INET6, &a, out, (socklen_t)size) == NULL)
		fg_die("address", "does not fit");
}

/* A total order: qsort is not stable. */
static int by_time(const void *a, const void *b)
{
	const struct request *x = a, *y = b;

	if (x->t != y->t)
		return x->t > y->t ? 1 : -1;
	if (x->client != y->client)
		return x->client > y->client ? 1 : -1;
	return (x->server > y->server) - (x->server < y->server);
}

/* Microseconds in the first half, nanoseconds after; every twentieth exactly on a window's end. */
static void draw(struct request *r, uint64_t *state)
{
	const uint64_t n = next_random(state);
	const uint64_t k = next_random(state) % CLIENTS;

	r->client = (unsigned)(next_random(state) % 3 == 0 ? k : k * k / CLIENTS);
	r->server = (unsigned)(next_random(state) % 3);
	r->t = FG_S(begin) + (int64_t)(n % ((uint64_t)SPAN * 1000000000));
	if (next_random(state) % 20 == 0)
		r->t -= r->t % FG_S(STEP);
	else if (next_random(state) % 20 == 0)
		r->t += FG_S(STEP) - r->t % FG_S(STEP) - 1000; /* a microsecond before one */
	if (r->t < FG_S(begin) + FG_S(SPAN / 2))
		r->t -= r->t % 1000;
}

static void exchange(struct fg_file *f, const struct request *r, unsigned i)
{
	char client[INET6_ADDRSTRLEN];
	struct fg_flow w = { client, NULL, (uint16_t)(1024 + i), r->server == 2 ? 53 : 123 };
	struct fg_buf b, ip;
	const int64_t ms = r->t / 1000000;

	client_name(client, sizeof(client), r->client);
	w.server = servers[strchr(client, ':') != NULL][r->server];
	if (r->server == 2)
		fg_dns(&b, &(struct fg_dns){ .id = i, .flags = FG_RD, .qname = "a.b", .qtype = 1 });
	else
		fg_ntp_ask(&b, ms);
	fg_ip(&ip, &w, FG_ASK, &b);
	fg_write(f, r->t, &ip);
	if (i % 4 != 0)
		return;
	if (r->server == 2)
		fg_dns(&b,
		       &(struct fg_dns){ .id = i, .flags = FG_QR | FG_RD | 3, .qname = "a.b", .qtype = 1 });
	else
		fg_ntp_answer(&b, ms, ms);
	fg_ip(&ip, &w, FG_ANSWER, &b);
	fg_write(f, r->t,
		 &ip); /* at the same instant: the file stays in order, a request's answer after it */
}

static void list(FILE *out, const struct request *r)
{
	char client[INET6_ADDRSTRLEN];

	client_name(client, sizeof(client), r->client);
	fprintf(out, "%lld %s %s %s\n", (long long)FG_T0 * 1000000000 + (long long)r->t,
		r->server == 2 ? "dns" : "ntp", servers[strchr(client, ':') != NULL][r->server], client);
}

static struct request *requests(void)
{
	uint64_t state = 20260701;
	struct request *r = calloc(REQUESTS, sizeof(*r));

	if (r == NULL)
		fg_die("windows-sort", "out of memory");
	for (unsigned i = 0; i < REQUESTS; i++)
		draw(&r[i], &state);
	qsort(r, REQUESTS, sizeof(*r), by_time);
	return r;
}

static int is_nano(const struct request *r)
{
	return r->t >= FG_S(begin) + FG_S(SPAN / 2);
}

static void half(const char *path, int nano)
{
	struct fg_file *f = fg_create(path, FG_RAW, nano ? FG_NANO : 0, 262144);
	struct request *r = requests();

	for (unsigned i = 0; i < REQUESTS; i++)
		if (is_nano(&r[i]) == nano)
			exchange(f, &r[i], i);
	free(r);
	fg_close(f);
}

static void forge_micro(const char *path)
{
	half(path, 0);
}

static void forge_nano(const char *path)
{
	half(path, 1);
}

static void forge_list(const char *path)
{
	struct request *r = requests();
	FILE *out = fopen(path, "w");

	if (out == NULL)
		fg_die(path, "cannot be written");
	for (unsigned i = 0; i < REQUESTS; i++)
		list(out, &r[i]);
	if (fclose(out) != 0)
		fg_die(path, "cannot be written");
	free(r);
}

const struct fg_case fg_window_cases[] = {
	{ "windows-sort-1-us.pcap", forge_micro },
	{ "windows-sort-2-ns.pcap", forge_nano },
	{ "windows-sort.txt", forge_list },
	{ NULL, NULL },
};
