/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lets packets of a capture change places whose order says nothing.
 *
 * usage: shufflepcap SEED FILE OUT
 *
 * FILE: classic pcap, or pcapng with enhanced packet blocks. Those that change places are, by the outermost
 * IP header: fragments of one datagram (addresses, identification, and in IPv4 protocol), and TCP segments of
 * one direction of one connection. Fragments that contradict each other stay, as the first to come decides:
 * two that overlap and are not the same, two ends, octets behind the end. A SYN with another sequence number
 * begins another connection; it stays first if its ports are used again. Places are changed within at most
 * WINDOW packets of a group and WINDOW_NS, by each seed in its own way; the time stamps stay where they are,
 * and so do all other packets. Prints how many packets have another place.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW	  12u
#define WINDOW_NS UINT64_C(500000000)
#define MAX_FILE  (64u << 20)
#define KEY	  48u

struct packet {
	uint8_t *record; /* with its header */
	size_t len;
	size_t at; /* of the captured octets in it */
	uint32_t kept;
	uint32_t interface;
	uint64_t ns;
	uint8_t key[KEY]; /* of its group; key[0] 0: it stays */
	bool syn, stays, more;
	uint32_t seq;	   /* of a SYN */
	uint32_t from, to; /* octets of its datagram that a fragment has, at `octets` of the record */
	size_t octets;
};

/* What stands before packet `before`: blocks that are no packets. */
struct other {
	const uint8_t *octets;
	size_t len, before;
};

static uint8_t *file;
static size_t size;
static bool big_endian, ng;
static struct packet *packets;
static struct other *others;
static size_t n_packets, n_others;
static uint16_t linktypes[64];
static uint64_t units[64]; /* per second */
static uint32_t interfaces;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "shufflepcap: %s: %s\n", what, why);
	exit(2);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t get32(const uint8_t *p)
{
	return big_endian ? be32(p)
			  : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void add_packet(const uint8_t *record, size_t len, size_t at, uint32_t kept, uint32_t interface,
		       uint64_t ns)
{
	struct packet *p = &packets[n_packets++];

	p->record = malloc(len);
	if (p->record == NULL)
		die("memory", strerror(errno));
	memcpy(p->record, record, len);
	p->len = len;
	p->at = at;
	p->kept = kept;
	p->interface = interface;
	p->ns = ns;
}

static void add_other(const uint8_t *octets, size_t len)
{
	others[n_others++] = (struct other){ octets, len, n_packets };
}

static void read_classic(const char *path)
{
	uint32_t magic = get32(file);

	const uint64_t fraction_ns = magic == 0xa1b23c4d ? 1 : 1000;

	if (magic != 0xa1b2c3d4 && magic != 0xa1b23c4d)
		die(path, "not a classic pcap file");
	linktypes[0] = (uint16_t)get32(file + 20);
	add_other(file, 24);
	for (size_t at = 24; at < size;) {
		if (size - at < 16 || get32(file + at + 8) > size - at - 16)
			die(path, "cut in a record");
		const uint8_t *r = file + at;
		uint32_t kept = get32(r + 8);

		add_packet(r, 16 + (size_t)kept, 16, kept, 0,
			   get32(r) * UINT64_C(1000000000) + get32(r + 4) * fraction_ns);
		at += 16 + (size_t)kept;
	}
}

static uint64_t unit_of(const uint8_t *block, uint32_t len)
{
	for (uint32_t at = 16; at + 4 <= len - 4;) {
		uint16_t code = get16(block + at), n = get16(block + at + 2);

		if (code == 0)
			break;
		if (code == 9 && n == 1) {
			uint64_t unit = 1;
			uint8_t v = block[at + 4];

			for (unsigned i = 0; i < (v & 0x7fu) && unit < (UINT64_C(1) << 60); i++)
				unit *= (v & 0x80) != 0 ? 2 : 10;
			return unit;
		}
		at += 4u + ((n + 3u) & ~3u);
	}
	return 1000000;
}

static void read_ng(const char *path)
{
	for (size_t at = 0; at < size;) {
		const uint8_t *b = file + at;

		if (size - at < 12)
			die(path, "cut in a block");
		if (be32(b) == 0x0a0d0d0a) {
			big_endian = b[8] == 0x1a;
			interfaces = 0;
		}
		uint32_t type = get32(b), len = get32(b + 4);
		if (len < 12 || len % 4 != 0 || len > size - at)
			die(path, "cut in a block");
		if (type == 1 && len >= 20 && interfaces < 64) {
			linktypes[interfaces] = get16(b + 8);
			units[interfaces++] = unit_of(b, len);
		}
		if (type == 6 && len >= 32 && get32(b + 8) < interfaces && get32(b + 20) <= len - 32) {
			uint64_t ticks = (uint64_t)get32(b + 12) << 32 | get32(b + 16);
			uint64_t unit = units[get32(b + 8)];

			add_packet(b, len, 28, get32(b + 20), get32(b + 8),
				   ticks / unit * 1000000000 +
					   (uint64_t)((double)(ticks % unit) * 1e9 / (double)unit));
		} else {
			add_other(b, len);
		}
		at += len;
	}
}

/* Where IP begins; `n` if not known. */
static uint32_t ip_offset(uint16_t linktype, const uint8_t *p, uint32_t n)
{
	uint32_t at = 14;

	switch (linktype) {
	case 0:
	case 108:
		return 4;
	case 12:
	case 14:
	case 101:
	case 228:
	case 229:
		return 0;
	case 113:
		return 16;
	case 276:
		return 20;
	case 1:
		while (at + 4 <= n && (be16(p + at - 2) == 0x8100 || be16(p + at - 2) == 0x88a8))
			at += 4;
		return at <= n && (be16(p + at - 2) == 0x0800 || be16(p + at - 2) == 0x86dd) ? at : n;
	default:
		return n;
	}
}

static void key_of_tcp(struct packet *k, const uint8_t *tcp, uint32_t n)
{
	if (n < 14)
		return;
	k->key[0] = 6;
	memcpy(k->key + 40, tcp, 4);
	k->syn = (tcp[13] & 2u) != 0;
	k->seq = be32(tcp + 4);
}

static void note_fragment(struct packet *k, uint32_t from, const uint8_t *octets, uint32_t n)
{
	k->from = from;
	k->to = from + n;
	k->octets = (size_t)(octets - k->record);
	k->stays = n > 65535 || k->octets + n > k->at + k->kept; /* not all of it is here */
}

static void key_of_4(struct packet *k, const uint8_t *ip, uint32_t n)
{
	uint32_t header = (ip[0] & 15u) * 4;

	memcpy(k->key + 8, ip + 12, 8);
	if ((be16(ip + 6) & 0x3fff) != 0) {
		k->key[0] = 4;
		k->key[1] = ip[9];
		memcpy(k->key + 4, ip + 4, 2);
		k->more = (ip[6] & 0x20) != 0;
		note_fragment(k, (be16(ip + 6) & 0x1fffu) * 8, ip + header, be16(ip + 2) - header);
	} else if (ip[9] == 6 && header >= 20 && header < n) {
		key_of_tcp(k, ip + header, n - header);
	}
}

static void key_of_6(struct packet *k, const uint8_t *ip, uint32_t n)
{
	uint8_t next = ip[6];
	uint32_t at = 40;

	memcpy(k->key + 8, ip + 8, 32);
	while ((next == 0 || next == 43 || next == 60) && at + 8 <= n) {
		next = ip[at];
		at += 8u + ip[at + 1] * 8u;
	}
	if (next == 44 && at + 8 <= n) {
		k->key[0] = 7;
		memcpy(k->key + 4, ip + at + 4, 4);
		k->more = (ip[at + 3] & 1) != 0;
		note_fragment(k, be16(ip + at + 2) & 0xfff8u, ip + at + 8, be16(ip + 4) + 40u - at - 8);
	} else if (next == 6 && at < n) {
		key_of_tcp(k, ip + at, n - at);
	}
}

static void find_key(struct packet *k)
{
	const uint8_t *p = k->record + k->at;
	uint32_t at = ip_offset(linktypes[k->interface], p, k->kept);

	if (at + 20 > k->kept)
		return;
	if (p[at] >> 4 == 4)
		key_of_4(k, p + at, k->kept - at);
	else if (p[at] >> 4 == 6 && at + 40 <= k->kept)
		key_of_6(k, p + at, k->kept - at);
	k->key[2] = (uint8_t)k->interface;
}

static int by_group(const void *a, const void *b)
{
	const size_t i = *(const size_t *)a, j = *(const size_t *)b;
	const int c = memcmp(packets[i].key, packets[j].key, KEY);

	return c != 0 ? c : (i > j) - (i < j);
}

static bool contradict(const struct packet *a, const struct packet *b)
{
	if (a->stays || b->stays)
		return true;
	if (a->from == b->from && a->to == b->to && a->more == b->more)
		return memcmp(a->record + a->octets, b->record + b->octets, a->to - a->from) != 0;
	return (a->from < b->to && b->from < a->to) || (!a->more && b->to > a->from) ||
	       (!b->more && a->to > b->from);
}

/* Fragments of datagrams that contradict themselves stay. */
static void hold_back(const size_t *order)
{
	for (size_t i = 0, n; i < n_packets; i += n) {
		const uint8_t *key = packets[order[i]].key;
		bool bad = packets[order[i]].stays;

		for (n = 1; i + n < n_packets && memcmp(packets[order[i + n]].key, key, KEY) == 0; n++)
			for (size_t k = 0; (key[0] == 4 || key[0] == 7) && k < n; k++)
				bad |= contradict(&packets[order[i + n]], &packets[order[i + k]]);
		for (size_t k = 0; k < n; k++)
			packets[order[i + k]].stays = bad || key[0] == 0;
	}
}

/* How many of those from order[i] on change places with each other. */
static size_t window(const size_t *order, size_t i, size_t limit)
{
	const struct packet *first = &packets[order[i]];
	const struct packet *syn = NULL;
	size_t n = 0;

	if (first->syn && i > 0 && memcmp(packets[order[i - 1]].key, first->key, KEY) == 0)
		return 1; /* of ports used again: without it what follows is of the connection before */
	for (; i + n < n_packets && n < limit; n++) {
		const struct packet *p = &packets[order[i + n]];
		const uint64_t d = p->ns > first->ns ? p->ns - first->ns : first->ns - p->ns;

		if (memcmp(p->key, first->key, KEY) != 0 || d > WINDOW_NS)
			break;
		if (p->syn && n > 0 && (syn == NULL || syn->seq != p->seq)) /* another connection */
			break;
		if (p->syn)
			syn = p;
	}
	return n;
}

/* from[i]: the packet that comes at place i. */
static size_t shuffle(size_t *from, uint64_t seed)
{
	size_t *order = calloc(n_packets + 1, sizeof(*order));
	size_t moved = 0;

	if (order == NULL)
		die("memory", strerror(errno));
	for (size_t i = 0; i < n_packets; i++)
		order[i] = from[i] = i;
	qsort(order, n_packets, sizeof(*order), by_group);
	hold_back(order);
	for (size_t i = 0, n; i < n_packets; i += n) {
		n = window(order, i, 2 + next_random(&seed) % (WINDOW - 1));
		for (size_t k = n; !packets[order[i]].stays && k > 1; k--) {
			const size_t j = next_random(&seed) % k, was = from[order[i + k - 1]];

			from[order[i + k - 1]] = from[order[i + j]];
			from[order[i + j]] = was;
		}
	}
	for (size_t i = 0; i < n_packets; i++)
		moved += from[i] != i;
	free(order);
	return moved;
}

static void write_all(const char *path, const size_t *from)
{
	const size_t time_at = ng ? 12 : 0;
	size_t o = 0;
	FILE *out = fopen(path, "wb");

	if (out == NULL)
		die(path, strerror(errno));
	for (size_t i = 0; i <= n_packets; i++) {
		for (; o < n_others && others[o].before == i; o++)
			fwrite(others[o].octets, 1, others[o].len, out);
		if (i == n_packets)
			break;
		const struct packet *p = &packets[from[i]];

		fwrite(p->record, 1, time_at, out);
		fwrite(packets[i].record + time_at, 1, 8, out);
		fwrite(p->record + time_at + 8, 1, p->len - time_at - 8, out);
	}
	if (ferror(out) || fclose(out) != 0)
		die(path, "cannot write");
}

int main(int argc, char **argv)
{
	if (argc != 4)
		die("usage", "shufflepcap SEED FILE OUT");
	FILE *in = fopen(argv[2], "rb");

	file = malloc(MAX_FILE);
	if (in == NULL || file == NULL)
		die(argv[2], strerror(errno));
	size = fread(file, 1, MAX_FILE, in);
	if (fclose(in) != 0 || size < 24 || size == MAX_FILE)
		die(argv[2], "too small or too large");
	packets = calloc(size / 16, sizeof(*packets));
	others = calloc(size / 12 + 1, sizeof(*others));
	size_t *from = calloc(size / 16, sizeof(*from));
	if (packets == NULL || others == NULL || from == NULL)
		die("memory", strerror(errno));
	ng = be32(file) == 0x0a0d0d0a;
	big_endian = file[0] == 0xa1;
	(ng ? read_ng : read_classic)(argv[2]);
	for (size_t i = 0; i < n_packets; i++)
		find_key(&packets[i]);
	printf("%zu\n", shuffle(from, strtoull(argv[1], NULL, 10)));
	write_all(argv[3], from);
	for (size_t i = 0; i < n_packets; i++)
		free(packets[i].record);
	free(from);
	free(others);
	free(packets);
	free(file);
	return 0;
}
