/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cuts a classic pcap file between packets, or its packets.
 *
 * usage: cutpcap FILE PREFIX PLACE...
 *        cutpcap -s OCTETS FILE OUT
 *
 * A PLACE is the number of a packet, from 1, that begins a new piece; or @NS, the first packet at
 * or after that time in nanoseconds since 1970; or a single /N: N pieces of as many packets each.
 * Writes PREFIX1.pcap, PREFIX2.pcap and so on, each with the file's own header; a place that is
 * never reached gives no piece. Prints the number of pieces.
 *
 * With -s OUT has each packet as a capture of so many octets would have kept it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_HEADER = 24, RECORD_HEADER = 16, MAX_RECORD = 1 << 24 };

struct place {
	bool by_time;
	uint64_t at;
};

static uint8_t header[FILE_HEADER];
static bool big_endian;
static uint64_t fraction_ns;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "cutpcap: %s: %s\n", what, why);
	exit(2);
}

static uint32_t get32(const uint8_t *p)
{
	if (big_endian)
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint64_t get_number(const char *text)
{
	char *end;

	errno = 0;
	const unsigned long long v = strtoull(text, &end, 10);

	if (errno != 0 || end == text || *end != '\0')
		die(text, "not a place");
	return v;
}

static void read_header(FILE *in, const char *path)
{
	if (fread(header, 1, sizeof(header), in) != sizeof(header))
		die(path, "no file header");
	for (int i = 0; i < 2; i++) {
		big_endian = i == 1;
		const uint32_t magic = get32(header);

		if (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d) {
			fraction_ns = magic == 0xa1b23c4d ? 1 : 1000;
			return;
		}
	}
	die(path, "not a classic pcap file");
}

/* Reads one record into `at`; gives its length, 0 at the end. */
static size_t read_record(FILE *in, uint8_t *at, const char *path)
{
	const size_t got = fread(at, 1, RECORD_HEADER, in);

	if (got == 0)
		return 0;
	if (got != RECORD_HEADER)
		die(path, "cut in a record header");
	const size_t len = get32(at + 8);

	if (len > MAX_RECORD - RECORD_HEADER || fread(at + RECORD_HEADER, 1, len, in) != len)
		die(path, "cut in a record");
	return RECORD_HEADER + len;
}

static FILE *next_piece(FILE *out, const char *prefix, unsigned n)
{
	char path[4096];

	if (out && fclose(out) != 0)
		die(prefix, strerror(errno));
	if (snprintf(path, sizeof(path), "%s%u.pcap", prefix, n) >= (int)sizeof(path))
		die(prefix, "path too long");
	out = fopen(path, "wb");
	if (!out || fwrite(header, 1, sizeof(header), out) != sizeof(header))
		die(path, strerror(errno));
	return out;
}

static uint64_t count_packets(FILE *in, uint8_t *record, const char *path)
{
	uint64_t n = 0;

	while (read_record(in, record, path) > 0)
		n++;
	if (fseek(in, FILE_HEADER, SEEK_SET) != 0)
		die(path, strerror(errno));
	return n;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (big_endian ? 24 - 8 * i : 8 * i));
}

static int snap(const char *octets, const char *path, const char *out_path)
{
	const uint64_t most = get_number(octets);
	FILE *in = fopen(path, "rb");
	FILE *out = fopen(out_path, "wb");
	uint8_t *record = malloc(MAX_RECORD);
	size_t len;

	if (!in || !out || !record || most > UINT32_MAX)
		die(path, strerror(errno));
	read_header(in, path);
	put32(header + 16, (uint32_t)most);
	if (fwrite(header, 1, sizeof(header), out) != sizeof(header))
		die(out_path, strerror(errno));
	while ((len = read_record(in, record, path)) > 0) {
		if (len - RECORD_HEADER > most) {
			len = RECORD_HEADER + (size_t)most;
			put32(record + 8, (uint32_t)most);
		}
		if (fwrite(record, 1, len, out) != len)
			die(out_path, strerror(errno));
	}
	free(record);
	fclose(in);
	if (fclose(out) != 0)
		die(out_path, strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "-s") == 0)
		return snap(argv[2], argv[3], argv[4]);
	if (argc < 4)
		die("usage", "cutpcap FILE PREFIX PLACE...");
	FILE *in = fopen(argv[1], "rb");
	uint8_t *record = malloc(MAX_RECORD);
	struct place *places = NULL;
	size_t n_places = 0;

	if (!in || !record)
		die(argv[1], strerror(errno));
	read_header(in, argv[1]);
	if (argv[3][0] == '/') {
		const uint64_t pieces = get_number(argv[3] + 1);
		const uint64_t packets = count_packets(in, record, argv[1]);

		if (pieces == 0 || pieces > 1000)
			die(argv[3], "between 1 and 1000 pieces");
		places = calloc(pieces, sizeof(*places));
		for (uint64_t i = 1; places && i < pieces; i++)
			places[n_places++].at = packets * i / pieces + 1;
	} else {
		places = calloc((size_t)argc, sizeof(*places));
		for (int i = 3; places && i < argc; i++) {
			places[n_places].by_time = argv[i][0] == '@';
			places[n_places++].at = get_number(argv[i] + (argv[i][0] == '@' ? 1 : 0));
		}
	}
	if (!places)
		die(argv[1], "out of memory");
	unsigned pieces = 1;
	FILE *out = next_piece(NULL, argv[2], pieces);
	uint64_t number = 0;
	size_t next = 0;
	size_t len;

	while ((len = read_record(in, record, argv[1])) > 0) {
		const uint64_t ns = get32(record) * UINT64_C(1000000000) + get32(record + 4) * fraction_ns;
		bool cut = false;

		number++;
		while (next < n_places && (places[next].by_time ? ns : number) >= places[next].at) {
			next++;
			cut = true;
		}
		if (cut && number > 1)
			out = next_piece(out, argv[2], ++pieces);
		if (fwrite(record, 1, len, out) != len)
			die(argv[2], strerror(errno));
	}
	if (fclose(out) != 0)
		die(argv[2], strerror(errno));
	printf("%u\n", pieces);
	free(places);
	free(record);
	fclose(in);
	return 0;
}
