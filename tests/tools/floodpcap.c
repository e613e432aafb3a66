/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flood of requests as a capture on standard output.
 *
 * usage: floodpcap KIND PACKETS
 *
 * sources: NTP requests to one server, each from another address; two of three IPv4.
 * servers: the same, each also to another server.
 * answers: DNS queries of 200 types from random addresses to 65536 servers, each answered after a time
 *          from a microsecond to ten seconds.
 * errors:  ICMP errors about NTP responses, each from another router about another client.
 *
 * All within 20 minutes. Addresses are a permutation of numbers, so that there are just as many as packets.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM	  160u
#define ETHERNET  14u
#define STRETCH_S 1200u
#define QUEUE	  65536u

struct packet {
	uint8_t at[ROOM];
	unsigned len;
	uint64_t us;
};

static void put(struct packet *p, uint64_t v, unsigned octets)
{
	while (octets-- > 0)
		p->at[p->len++] = (uint8_t)(v >> 8 * octets);
}

static void put_little(uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		putchar((int)(v >> 8 * i & 0xff));
}

/* Each number once: an odd factor and a fold, which both can be undone. */
static uint32_t scatter(uint32_t i)
{
	i *= 0x9e3779b1u;
	i ^= i >> 15;
	return i * 0x85ebca77u;
}

/* An address for a number below 2^28: of 4 octets in 32.0.0.0 to 47.255.255.255, or of 16. */
static void put_addr(struct packet *p, uint32_t i, int v6)
{
	if (v6) {
		put(p, 0x20010db8, 4);
		put(p, scatter(i), 4);
		put(p, 0, 4);
	}
	put(p, v6 ? i : 0x20000000u + i, 4);
}

static void put_ip(struct packet *p, uint32_t from, uint32_t to, int v6, unsigned proto, unsigned payload)
{
	put(p, 0x020000000001, 6);
	put(p, 0x020000000002, 6);
	put(p, v6 ? 0x86dd : 0x0800, 2);
	if (v6) {
		put(p, 0x60000000, 4);
		put(p, payload, 2);
		put(p, proto, 1);
		put(p, 64, 1);
	} else {
		put(p, 0x4500, 2);
		put(p, 20 + payload, 2);
		put(p, 0, 4);
		put(p, 64, 1);
		put(p, proto, 1);
		put(p, 0, 2);
	}
	put_addr(p, from, v6);
	put_addr(p, to, v6);
}

static void put_udp(struct packet *p, unsigned from, unsigned to, unsigned payload)
{
	put(p, from, 2);
	put(p, to, 2);
	put(p, 8 + payload, 2);
	put(p, 0, 2);
}

static void put_ntp(struct packet *p, unsigned mode, uint64_t org, uint64_t xmt)
{
	put(p, 0x20 | mode, 1);
	put(p, 0x020600, 3);
	put(p, 0, 8);
	put(p, 0x01020304, 4);
	put(p, 0, 8);
	put(p, org, 8);
	put(p, org, 8);
	put(p, xmt, 8);
}

static void write_out(const struct packet *p)
{
	put_little((uint32_t)(1788000000u + p->us / 1000000));
	put_little((uint32_t)(p->us % 1000000));
	put_little(p->len);
	put_little(p->len);
	fwrite(p->at, 1, p->len, stdout);
}

static void request(struct packet *p, uint32_t i, int servers)
{
	int v6 = i % 3 == 0;

	put_ip(p, i, servers ? i : 0x0fffffff, v6, 17, 8 + 48);
	put_udp(p, 1024 + i % 60000, 123, 48);
	put_ntp(p, 3, 0, i + 1);
}

/* A query with one question, or its answer. */
static void message(struct packet *p, uint32_t i, int answer)
{
	uint32_t client = i, server = 0x0f000000 + scatter(i) % 65536, port = 1024 + i % 60000;

	put_ip(p, answer ? server : client, answer ? client : server, 0, 17, 8 + 19);
	put_udp(p, answer ? 53 : port, answer ? port : 53, 19);
	put(p, i & 0xffff, 2);
	put(p, answer ? 0x8180 : 0x0100, 2);
	put(p, 0x0001000000000000, 8);
	put(p, 0x016100, 3); /* a. */
	put(p, 1 + (scatter(i) >> 16) % 200, 2);
	put(p, 1, 2);
}

static void error(struct packet *p, uint32_t i)
{
	put_ip(p, 0x04000000 + i, 0x0fffffff, 0, 1, 8 + 28 + 48);
	put(p, 0x03030000, 4);
	put(p, 0, 4);
	struct packet quote = { .len = 0 };
	put_ip(&quote, 0x0fffffff, i, 0, 17, 8 + 48);
	memcpy(p->at + p->len, quote.at + ETHERNET, quote.len - ETHERNET);
	p->len += quote.len - ETHERNET;
	put_udp(p, 123, 1024 + i % 60000, 48);
	put_ntp(p, 4, i, i);
}

/* Answers wait for their time: a ring of lists by time would do; here a heap, the earliest in front. */
static struct packet *heap;
static uint32_t waiting;

static void push(const struct packet *p)
{
	uint32_t at = waiting++;

	for (; at > 0 && p->us < heap[(at - 1) / 2].us; at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = *p;
}

static void pop(void)
{
	struct packet last = heap[--waiting];
	uint32_t at = 0, child;

	write_out(&heap[0]);
	while ((child = 2 * at + 1) < waiting) {
		child += child + 1 < waiting && heap[child + 1].us < heap[child].us;
		if (heap[child].us >= last.us)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
}

/* From 1 us to 10 s, each magnitude as often. */
static uint64_t delay_of(uint32_t i)
{
	static const uint64_t least[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	uint32_t r = scatter(i ^ 0x5555);

	return least[r % 7] * (1 + r / 7 % 9);
}

int main(int argc, char **argv)
{
	const char *kind = argc > 2 ? argv[1] : "";
	unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	int answers = strcmp(kind, "answers") == 0, servers = strcmp(kind, "servers") == 0;

	heap = malloc((QUEUE + 1) * sizeof *heap);
	if (n == 0 || n > 0x03ffffff || heap == NULL) {
		fprintf(stderr, "usage: floodpcap sources|servers|answers|errors PACKETS\n");
		return 2;
	}
	put_little(0xa1b2c3d4);
	put_little(0x00040002);
	put_little(0);
	put_little(0);
	put_little(65535);
	put_little(1);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t i = k;
		struct packet p = { .us = (uint64_t)k * STRETCH_S * 1000000 / n };

		while (waiting > 0 && (heap[0].us <= p.us || waiting == QUEUE))
			pop();
		if (strcmp(kind, "errors") == 0)
			error(&p, i);
		else if (answers)
			message(&p, i, 0);
		else
			request(&p, i, servers);
		write_out(&p);
		if (!answers)
			continue;
		struct packet a = { .us = p.us + delay_of(i) };
		message(&a, i, 1);
		push(&a);
	}
	while (waiting > 0)
		pop();
	free(heap);
	return fflush(stdout) == 0 ? 0 : 1;
}
