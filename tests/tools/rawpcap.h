/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_TOOLS_RAWPCAP_H
#define CL_TESTS_TOOLS_RAWPCAP_H

/*
 * What poolday and peakday share: NTP over IPv4 in a classic pcap of raw IP. Checksums are 0: nobody looks at
 * them in these tests. Times are microseconds since T0. Nothing of the program under test is used.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0     INT64_C(1780272000) /* 2026-06-01T00:00:00Z */
#define US     INT64_C(1000000)
#define SERVER 0xc0000201u /* 192.0.2.1 */

struct packet {
	int64_t us;
	uint32_t src, dst;
	uint16_t sport, dport;
	uint16_t len;
	uint8_t protocol, octets[128];
};

static struct packet *packets;
static size_t packet_count, packet_room;

static inline void put(uint8_t *p, uint64_t v, unsigned octets)
{
	while (octets-- > 0)
		*p++ = (uint8_t)(v >> 8 * octets);
}

static inline struct packet *add(int64_t us, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport)
{
	if (packet_count == packet_room) {
		packet_room = 2 * packet_room + 1024;
		packets = realloc(packets, packet_room * sizeof *packets);
		if (packets == NULL)
			exit(2);
	}
	packets[packet_count] = (struct packet){ us, src, dst, sport, dport, 48, 17, { 0 } };
	return &packets[packet_count++];
}

/* A 32.32 time stamp. */
static inline uint64_t stamp(int64_t us)
{
	int64_t s = us >= 0 ? us / US : -((-us + US - 1) / US);

	return (uint64_t)(T0 + s + 2208988800) << 32 | (((uint64_t)(us - s * US) << 32) + US - 1) / US;
}

/* As monitors ask: 23 00 00 20, all else zero but the transmit time stamp. */
static inline void ask(int64_t us, uint32_t client, uint16_t port, uint64_t xmt)
{
	struct packet *p = add(us, client, port, SERVER, 123);

	put(p->octets, 0x23000020, 4);
	put(p->octets + 40, xmt, 8);
}

/* `first`: the first word, such as 0x240100e9; it arrived 40 us behind the request's capture. */
static inline void answer(int64_t asked_us, int64_t delta_us, int64_t theta_us, uint32_t client,
			  uint16_t port, uint64_t xmt, uint32_t first, uint32_t refid)
{
	struct packet *p = add(asked_us + delta_us, SERVER, 123, client, port);

	put(p->octets, first, 4);
	put(p->octets + 12, refid, 4);
	put(p->octets + 16, stamp(asked_us - 10 * US + theta_us), 8);
	put(p->octets + 24, xmt, 8);
	put(p->octets + 32, stamp(asked_us + 40 + theta_us), 8);
	put(p->octets + 40, stamp(asked_us + delta_us - 40 + theta_us), 8);
}

static inline int by_time(const void *a, const void *b)
{
	const struct packet *x = a, *y = b;

	return (x->us > y->us) - (x->us < y->us);
}

static inline void little(FILE *f, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		putc((int)(v >> 8 * i & 0xff), f);
}

/* The IPv4 header and, of UDP, its own. */
static inline size_t headers(const struct packet *p, uint8_t out[28])
{
	const unsigned udp = p->protocol == 17 ? 8 : 0;

	memset(out, 0, 28);
	put(out, 0x45, 1);
	put(out + 2, 20u + udp + p->len, 2);
	put(out + 8, 64, 1);
	put(out + 9, p->protocol, 1);
	put(out + 12, p->src, 4);
	put(out + 16, p->dst, 4);
	put(out + 20, p->sport, 2);
	put(out + 22, p->dport, 2);
	put(out + 24, 8u + p->len, 2);
	return 20 + udp;
}

static inline void write_all(const char *path)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL)
		exit(2);
	qsort(packets, packet_count, sizeof *packets, by_time);
	little(f, 0xa1b2c3d4);
	little(f, 0x00040002);
	little(f, 0);
	little(f, 0);
	little(f, 65535);
	little(f, 101);
	for (size_t i = 0; i < packet_count; i++) {
		const struct packet *p = &packets[i];
		uint8_t head[28];
		size_t n = headers(p, head);

		little(f, (uint32_t)(T0 + p->us / US));
		little(f, (uint32_t)(p->us % US));
		little(f, (uint32_t)(n + p->len));
		little(f, (uint32_t)(n + p->len));
		fwrite(head, 1, n, f);
		fwrite(p->octets, 1, p->len, f);
	}
	if (fclose(f) != 0)
		exit(2);
}

#endif
