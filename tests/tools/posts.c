/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Captures whose figures follow from how they were made, for what test_posts.sh claims.
 *
 * usage: posts pollers FILE
 *        posts clock FILE
 *
 * `pollers` writes 44 hours of NTP requests, each answered after 1 ms, and prints them as lines `SECONDS
 * SERVER CLIENT`. 192.0.2.1 is asked by one client every 1024 s, 192.0.2.2 by one every 2048 s, 192.0.2.3 by
 * five every 64 s and, within one minute, once by each of 100 others. All ask half a second after a full one.
 * `clock` writes an answer of mode 6 to a question for a clock's variables, with clock status 0x0040: 4
 * events, code 0. Files are pcap, raw IP. Nothing of the program under test is used. Same arguments, same
 * octets.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0	UINT32_C(1780272000) /* 2026-06-01T00:00:00Z */
#define LONG	UINT32_C(158400)     /* twice 512 steps of 300 s, and some to warm up */
#define PEAK	UINT32_C(90060)	     /* a minute that lies within one step */
#define PEAKERS 100u
#define NTP_ERA UINT32_C(2208988800)

static FILE *out;

static void put(const void *octets, size_t n)
{
	if (fwrite(octets, 1, n, out) != n) {
		perror("posts");
		exit(1);
	}
}

static void set16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void set32(uint8_t *p, uint32_t v)
{
	set16(p, v >> 16);
	set16(p + 2, v & 0xffff);
}

static void put_header(void)
{
	const uint32_t magic = UINT32_C(0xa1b2c3d4), zero = 0, snaplen = 65535, raw = 101;
	const uint16_t version[2] = { 2, 4 };

	put(&magic, 4);
	put(version, 4);
	put(&zero, 4);
	put(&zero, 4);
	put(&snaplen, 4);
	put(&raw, 4);
}

/* A datagram of IPv4 and UDP without a UDP checksum. */
static void put_packet(uint32_t s, uint32_t us, uint32_t from, uint32_t to, uint32_t from_port,
		       uint32_t to_port, const uint8_t *payload, uint32_t n)
{
	const uint32_t record[4] = { s, us, 28 + n, 28 + n };
	uint8_t p[28] = { 0x45 };
	uint32_t sum = 0;

	set16(p + 2, 28 + n);
	p[8] = 64;
	p[9] = 17;
	set32(p + 12, from);
	set32(p + 16, to);
	for (size_t i = 0; i < 20; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	set16(p + 10, ~(sum + (sum >> 16)) & 0xffff);
	set16(p + 20, from_port);
	set16(p + 22, to_port);
	set16(p + 24, 8 + n);
	put(record, sizeof record);
	put(p, sizeof p);
	put(payload, n);
}

static void put_exchange(uint32_t s, unsigned server, uint32_t client, unsigned poll)
{
	const uint32_t at = UINT32_C(0xc0000200) + server; /* 192.0.2.0/24 */
	uint8_t ask[48] = { 0x23, 0, (uint8_t)poll, 0xe9 }, answer[48] = { 0x24, 1, (uint8_t)poll, 0xe9 };

	set32(ask + 40, s + NTP_ERA);
	set32(ask + 44, client * UINT32_C(2654435761) | 1);
	memcpy(answer + 12, "GPS", 3);
	memcpy(answer + 24, ask + 40, 8);
	set32(answer + 32, s + NTP_ERA);
	set32(answer + 36, UINT32_C(0x80000000));
	memcpy(answer + 40, answer + 32, 8);
	put_packet(s, 500000, client, at, 40000, 123, ask, sizeof ask);
	put_packet(s, 501000, at, client, 123, 40000, answer, sizeof answer);
	printf("%" PRIu32 ".5 192.0.2.%u 198.51.100.%u\n", s, server, (unsigned)(client & 0xff));
}

static void put_pollers(void)
{
	const uint32_t net = UINT32_C(0xc6336400); /* 198.51.100.0/24 */

	for (uint32_t s = 0; s < LONG; s++) {
		if (s % 1024 == 7)
			put_exchange(T0 + s, 1, net + 1, 10);
		if (s % 2048 == 11)
			put_exchange(T0 + s, 2, net + 2, 11);
		for (uint32_t i = 0; i < 5; i++)
			if (s % 64 == 10 * i)
				put_exchange(T0 + s, 3, net + 10 + i, 6);
		for (uint32_t i = 0; i < PEAKERS; i++)
			if (s == PEAK + i * 60 / PEAKERS)
				put_exchange(T0 + s, 3, net + 100 + i, 6);
	}
}

static void put_clock(void)
{
	static const char variables[] = "device=\"RAW DCF77\"";
	uint8_t ask[12] = { 0x16, 0x04, 0, 1, 0, 0, 0, 7 },
		answer[12 + 20] = { 0x16, 0x84, 0, 1, 0, 0x40, 0, 7 };

	set16(answer + 10, sizeof variables - 1);
	memcpy(answer + 12, variables, sizeof variables - 1);
	put_packet(T0, 0, UINT32_C(0xc6336401), UINT32_C(0xc0000201), 40000, 123, ask, sizeof ask);
	put_packet(T0, 1000, UINT32_C(0xc0000201), UINT32_C(0xc6336401), 123, 40000, answer, sizeof answer);
}

int main(int argc, char **argv)
{
	if (argc != 3 || (strcmp(argv[1], "pollers") != 0 && strcmp(argv[1], "clock") != 0)) {
		fprintf(stderr, "usage: posts pollers|clock FILE\n");
		return 2;
	}
	out = fopen(argv[2], "wb");
	if (out == NULL) {
		perror(argv[2]);
		return 1;
	}
	put_header();
	if (argv[1][0] == 'p')
		put_pollers();
	else
		put_clock();
	if (fclose(out) != 0) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
