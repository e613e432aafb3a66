/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes days of NTP and DNS traffic of a population of clients that comes back, as a busy server sees it:
 * for databases of the size of a month. The same numbers give the same octets.
 *
 * usage: monthload DAY DAYS REQUESTS POPULATION [LIST]
 *
 * DAY: the first, as days since 1970-01-01; REQUESTS: a day, at most 1000000; POPULATION: addresses that
 * clients are drawn from, some often and most seldom. The capture (pcap, nanoseconds, Ethernet) goes to
 * standard output. LIST gets a line for each request: day, protocol, server, client, nanoseconds since the
 * day's midnight, octets of the frame, nanoseconds to the response (-: none).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_DAY  UINT64_C(86400000000000)
#define HEAVY	    64u /* clients that send a twentieth of all requests */
#define SERVERS	    2u	/* of each family, each with both protocols */
#define DELTA_LEAST 20000u

struct endpoint {
	uint8_t addr[16];
	uint16_t port;
};

struct frame {
	uint8_t at[256];
	size_t len;
};

static uint64_t random_state;
static FILE *list;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "monthload: %s: %s\n", what, why);
	exit(2);
}

/* An odd multiplication and a fold, twice: each bit of v reaches each bit of the result. */
static uint64_t mix(uint64_t v)
{
	v = (v ^ v >> 32) * UINT64_C(0xd6e8feb86659fd93);
	v = (v ^ v >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return v ^ v >> 32;
}

static uint64_t draw(void)
{
	return mix(++random_state);
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)(((draw() & 0xffffffff) * n) >> 32);
}

/* Frames ---------------------------------------------------------------------- */

static void put(struct frame *f, const void *from, size_t n)
{
	if (n > sizeof f->at - f->len)
		die("frame", "too long");
	memcpy(f->at + f->len, from, n);
	f->len += n;
}

static void put16(struct frame *f, unsigned v)
{
	const uint8_t o[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(f, o, 2);
}

static void put64(struct frame *f, uint64_t v)
{
	for (unsigned i = 4; i-- > 0;)
		put16(f, v >> 16 * i & 0xffff);
}

static void put_ethernet(struct frame *f, bool v6)
{
	static const uint8_t stations[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	put(f, stations, sizeof stations);
	put16(f, v6 ? 0x86dd : 0x0800);
}

static uint32_t add_up(uint32_t sum, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)at[i] << (i % 2 == 0 ? 8 : 0);
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void set16(struct frame *f, size_t at, unsigned v)
{
	f->at[at] = (uint8_t)(v >> 8);
	f->at[at + 1] = (uint8_t)v;
}

/* Ethernet, IP and UDP around a payload. */
static void wrap(struct frame *f, bool v6, const struct endpoint *from, const struct endpoint *to,
		 const struct frame *payload)
{
	size_t addr_len = v6 ? 16 : 4;
	unsigned udp_len = 8 + (unsigned)payload->len;

	f->len = 0;
	put_ethernet(f, v6);
	size_t ip = f->len;
	if (v6) {
		put16(f, 0x6000);
		put16(f, 0);
		put16(f, udp_len);
		put16(f, 17 << 8 | 64);
	} else {
		put16(f, 0x4500);
		put16(f, 20 + udp_len);
		put16(f, 0);
		put16(f, 0x4000);
		put16(f, 64 << 8 | 17);
		put16(f, 0);
	}
	put(f, from->addr, addr_len);
	put(f, to->addr, addr_len);
	if (!v6)
		set16(f, ip + 10, checksum(add_up(0, f->at + ip, 20)));
	size_t udp = f->len;
	put16(f, from->port);
	put16(f, to->port);
	put16(f, udp_len);
	put16(f, 0);
	put(f, payload->at, payload->len);
	uint32_t sum = add_up(17 + udp_len, f->at + udp - 2 * addr_len, 2 * addr_len + udp_len);
	uint16_t folded = checksum(sum);
	set16(f, udp + 6, folded != 0 ? folded : 0xffff); /* 0: there is none */
}

static void write_frame(const struct frame *f, uint64_t ns)
{
	const uint32_t header[4] = { (uint32_t)(ns / 1000000000), (uint32_t)(ns % 1000000000),
				     (uint32_t)f->len, (uint32_t)f->len };

	if (fwrite(header, sizeof header, 1, stdout) != 1 || fwrite(f->at, f->len, 1, stdout) != 1)
		die("standard output", strerror(errno));
}

/* Messages -------------------------------------------------------------------- */

static void ntp_message(struct frame *f, bool response, uint64_t transmit)
{
	f->len = 0;
	put16(f, response ? 0x2401 : 0x2300); /* version 4, mode 4 of stratum 1; mode 3 */
	put16(f, 0x06e9);
	put64(f, 0);
	put64(f, 0);
	put16(f, 0);
	put16(f, 0);
	put64(f, response ? transmit : 0);
	put64(f, response ? transmit + 1000 : 0);
	put64(f, response ? transmit + 2000 : transmit);
}

static void dns_message(struct frame *f, bool response, uint64_t random)
{
	static const uint8_t name[] = "\007example\003org";

	f->len = 0;
	put16(f, random & 0xffff);
	put16(f, response ? 0x8180 : 0x0100);
	put16(f, 1);
	put16(f, 0);
	put16(f, 0);
	put16(f, 0);
	put(f, name, sizeof name);
	put16(f, (random >> 16 & 1) != 0 ? 28 : 1);
	put16(f, 1);
}

/* Who ------------------------------------------------------------------------- */

static bool is_v6(uint32_t client)
{
	return mix(client ^ 0x600000000) % 10 < 3;
}

static void client_addr(uint32_t client, uint8_t addr[16])
{
	uint64_t v = mix(client);

	memset(addr, 0, 16);
	if (!is_v6(client)) { /* 10.0.0.0/8 in an order of its own: no two numbers are the same address */
		uint32_t at = client * 2654435761u & 0xffffff;

		addr[0] = 10;
		addr[1] = (uint8_t)(at >> 16);
		addr[2] = (uint8_t)(at >> 8);
		addr[3] = (uint8_t)at;
		return;
	}
	addr[0] = 0xfd;
	for (unsigned i = 0; i < 4; i++)
		addr[4 + i] = (uint8_t)(client >> (24 - 8 * i));
	for (unsigned i = 0; i < 8; i++)
		addr[8 + i] = (uint8_t)(v >> 8 * i);
}

static void server_addr(unsigned server, bool v6, uint8_t addr[16])
{
	static const uint8_t v4_prefix[4] = { 192, 0, 2 }, v6_prefix[4] = { 0x20, 0x01, 0x0d, 0xb8 };

	memset(addr, 0, 16);
	memcpy(addr, v6 ? v6_prefix : v4_prefix, 4);
	addr[v6 ? 15 : 3] = (uint8_t)(1 + server);
}

/* A client asks one server, seldom another; three in ten ask DNS, one both. */
static void choose(uint32_t client, bool *dns, unsigned *server)
{
	uint64_t habit = mix(client ^ 0x700000000);
	unsigned kind = (unsigned)(habit % 10);

	*dns = kind < 3 || (kind == 3 && below(2) == 0);
	*server = (unsigned)(habit >> 8 & 0xff) % SERVERS;
	if (below(20) == 0)
		*server = below(SERVERS);
}

/* The square root of an even draw's share: low numbers come often, high ones seldom. */
static uint32_t draw_client(uint32_t population)
{
	uint32_t heavy = population < HEAVY ? population : HEAVY;

	if (below(20) == 0)
		return below(heavy);
	uint64_t u = draw() >> 32;
	return (uint32_t)((u * u >> 32) * population >> 32);
}

/* Days ------------------------------------------------------------------------ */

static void list_request(uint64_t day, bool v6, bool dns, const struct endpoint *server,
			 const struct endpoint *client, uint64_t ns, size_t octets, int64_t delta)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN], text[24] = "-", hex[33];

	inet_ntop(v6 ? AF_INET6 : AF_INET, client->addr, from, sizeof from);
	inet_ntop(v6 ? AF_INET6 : AF_INET, server->addr, to, sizeof to);
	if (delta >= 0)
		snprintf(text, sizeof text, "%" PRId64, delta);
	for (unsigned i = 0; i < (v6 ? 16 : 4); i++)
		snprintf(hex + 2 * i, 3, "%02x", client->addr[i]);
	fprintf(list, "%" PRIu64 "\t%s\t%s\t%s\t%05" PRIu64 ".%09" PRIu64 "\t%zu\t%s\t%s\n", day,
		dns ? "dns" : "ntp", to, from, ns / 1000000000, ns % 1000000000, octets, text, hex);
}

static void exchange(uint64_t day, uint64_t ns, uint32_t population, uint32_t gap_ns)
{
	uint32_t client = draw_client(population);
	bool v6 = is_v6(client), dns;
	unsigned server;
	struct endpoint from = { .port = (uint16_t)(1024 + below(64000)) }, to;
	struct frame message, frame;
	uint64_t random = draw() | 1;
	int64_t delta = below(20) == 0 ? -1 : (int64_t)DELTA_LEAST + below(1u << below(24)) % gap_ns;

	choose(client, &dns, &server);
	client_addr(client, from.addr);
	server_addr(server, v6, to.addr);
	to.port = dns ? 53 : 123;
	(dns ? dns_message : ntp_message)(&message, false, random);
	wrap(&frame, v6, &from, &to, &message);
	write_frame(&frame, day * NS_PER_DAY + ns);
	if (list != NULL)
		list_request(day, v6, dns, &to, &from, ns, frame.len, delta);
	if (delta < 0)
		return;
	(dns ? dns_message : ntp_message)(&message, true, random);
	wrap(&frame, v6, &to, &from, &message);
	write_frame(&frame, day * NS_PER_DAY + ns + (uint64_t)delta);
}

/* Requests keep a distance in which each response comes: the file is in order. */
static void write_day(uint64_t day, uint32_t requests, uint32_t population)
{
	uint32_t slot = (uint32_t)(NS_PER_DAY / requests < 1000000000 ? NS_PER_DAY / requests : 1000000000);

	random_state = mix(day) << 20;
	for (uint32_t i = 0; i < requests; i++)
		exchange(day, NS_PER_DAY / requests * i + below(slot / 2), population, slot / 4);
}

int main(int argc, char **argv)
{
	static const uint32_t header[6] = { 0xa1b23c4d, 2 | 4 << 16, 0, 0, 262144, 1 };

	if (argc < 5 || argc > 6)
		die("usage", "monthload DAY DAYS REQUESTS POPULATION [LIST]");
	uint64_t day = strtoull(argv[1], NULL, 10), days = strtoull(argv[2], NULL, 10);
	uint64_t requests = strtoull(argv[3], NULL, 10), population = strtoull(argv[4], NULL, 10);
	if (requests == 0 || requests > 1000000 || population == 0 || population > 1 << 24 ||
	    day + days > 40000)
		die("usage", "a number is out of its range");
	if (argc == 6 && (list = fopen(argv[5], "w")) == NULL)
		die(argv[5], strerror(errno));
	if (fwrite(header, sizeof header, 1, stdout) != 1)
		die("standard output", strerror(errno));
	for (uint64_t i = 0; i < days; i++)
		write_day(day + i, (uint32_t)requests, (uint32_t)population);
	if (fflush(stdout) != 0 || (list != NULL && fclose(list) != 0))
		die("standard output", strerror(errno));
	return 0;
}
