/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that a reader must survive: cut, lying, or with times that no clock gives. */
#include "forge.h"

#include <string.h>

static const struct fg_flow ntp = { "198.51.100.1", "192.0.2.1", 40001, 123 };

static struct fg_file *create(const char *path)
{
	return fg_create(path, FG_ETHERNET, 0, 262144);
}

/* The two packets that every damaged file begins with. */
static struct fg_file *create_with_pair(const char *path)
{
	struct fg_file *f = create(path);

	fg_ntp_pair(f, 0, 20, &ntp);
	return f;
}

static void request(struct fg_buf *frame, int64_t ms)
{
	struct fg_buf b;

	fg_ntp_ask(&b, ms);
	fg_ether(frame, &ntp, FG_ASK, &b);
}

static void answer(struct fg_buf *frame, int64_t asked, int64_t ms)
{
	struct fg_buf b;

	fg_ntp_answer(&b, asked, ms);
	fg_ether(frame, &ntp, FG_ANSWER, &b);
}

/* Little endian, for the insides of files. */
static void le32(struct fg_buf *b, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		fg_u8(b, (v >> 8 * i) & 0xff);
}

static void le16(struct fg_buf *b, unsigned v)
{
	fg_u8(b, v & 0xff);
	fg_u8(b, v >> 8);
}

/* Not captures. -------------------------------------------------------------------------- */

static void forge_empty(const char *path)
{
	fg_close(fg_create_raw(path));
}

static void forge_text(const char *path)
{
	static const char text[] = "This is a letter, not a capture.\n";
	struct fg_file *f = fg_create_raw(path);

	for (unsigned i = 0; i < 8; i++)
		fg_octets(f, text, sizeof(text) - 1);
	fg_close(f);
}

static void header(struct fg_buf *b, uint32_t magic)
{
	b->len = 0;
	le32(b, magic);
	le16(b, 2);
	le16(b, 4);
	le32(b, 0);
	le32(b, 0);
	le32(b, 262144);
	le32(b, FG_ETHERNET);
}

static void record(struct fg_buf *b, uint32_t usec, const struct fg_buf *frame)
{
	le32(b, FG_T0);
	le32(b, usec);
	le32(b, (uint32_t)frame->len);
	le32(b, (uint32_t)frame->len);
	fg_bytes(b, frame->at, frame->len);
}

/* A whole small capture in memory: two requests, then one more. */
static void capture(struct fg_buf *b, uint32_t magic)
{
	struct fg_buf frame;

	header(b, magic);
	for (unsigned i = 0; i < 3; i++) {
		request(&frame, 1 + i);
		record(b, 1000 * i, &frame);
	}
}

static void octets(const char *path, const struct fg_buf *b, size_t n)
{
	struct fg_file *f = fg_create_raw(path);

	fg_octets(f, b->at, n);
	fg_close(f);
}

static void forge_magic(const char *path)
{
	struct fg_buf b;

	capture(&b, 0xa1b2c3d5);
	octets(path, &b, b.len);
}

static void forge_cut_header(const char *path)
{
	struct fg_buf b;

	header(&b, 0xa1b2c3d4);
	octets(path, &b, 10);
}

static void forge_header_only(const char *path)
{
	fg_close(create(path));
}

/* Cut after two records. ----------------------------------------------------------------- */

static void forge_cut_record_header(const char *path)
{
	struct fg_buf b;

	capture(&b, 0xa1b2c3d4);
	octets(path, &b, 24 + 2 * (16 + 90) + 7);
}

static void forge_cut_record(const char *path)
{
	struct fg_buf b;

	capture(&b, 0xa1b2c3d4);
	octets(path, &b, 24 + 2 * (16 + 90) + 16 + 50);
}

/* RFC 1952 and one stored block (RFC 1951 section 3.2.4) that ends before its length. */
static void forge_cut_gzip(const char *path)
{
	struct fg_buf b, z = { .len = 0 };

	capture(&b, 0xa1b2c3d4);
	fg_u32(&z, 0x1f8b0800);
	fg_zeros(&z, 5);
	fg_u8(&z, 255);
	fg_u8(&z, 1);
	le16(&z, (unsigned)b.len);
	le16(&z, ~(unsigned)b.len & 0xffff);
	fg_bytes(&z, b.at, 24 + 2 * (16 + 90) + 16 + 50);
	octets(path, &z, z.len);
}

/* Lengths. ------------------------------------------------------------------------------- */

static void with_length(const char *path, uint32_t cap, uint32_t wire)
{
	struct fg_file *f = create_with_pair(path);
	struct fg_buf frame;

	request(&frame, 1001);
	fg_write_lengths(f, FG_MS(1000), &frame, cap, wire);
	request(&frame, 2001);
	fg_write(f, FG_MS(2000), &frame);
	fg_close(f);
}

static void forge_record_4gib(const char *path)
{
	with_length(path, UINT32_MAX, UINT32_MAX);
}

static void forge_record_zero(const char *path)
{
	with_length(path, 0, 90);
}

static void forge_record_one(const char *path)
{
	with_length(path, 1, 90);
}

static void forge_record_empty(const char *path)
{
	with_length(path, 0, 0);
}

/* pcapng (draft-ietf-opsawg-pcapng). ----------------------------------------------------- */

enum { SHB = 0x0a0d0d0a, IDB = 1, EPB = 6 };

static void block(struct fg_buf *out, uint32_t type, const struct fg_buf *body)
{
	const uint32_t len = (uint32_t)(12 + body->len);

	le32(out, type);
	le32(out, len);
	fg_bytes(out, body->at, body->len);
	le32(out, len);
}

/* Section and one Ethernet interface; `offset` is its if_tsoffset in seconds, 0 for none. */
static void section(struct fg_buf *out, int32_t offset)
{
	struct fg_buf b = { .len = 0 };

	out->len = 0;
	le32(&b, 0x1a2b3c4d);
	le16(&b, 1);
	le16(&b, 0);
	le32(&b, UINT32_MAX); /* section length: not given */
	le32(&b, UINT32_MAX);
	block(out, SHB, &b);
	b.len = 0;
	le16(&b, FG_ETHERNET);
	le16(&b, 0);
	le32(&b, 262144);
	if (offset != 0) {
		le16(&b, 14);
		le16(&b, 8);
		le32(&b, (uint32_t)offset);
		le32(&b, offset < 0 ? UINT32_MAX : 0);
		le32(&b, 0);
	}
	block(out, IDB, &b);
}

/* One enhanced packet block; the time stamp is in microseconds. */
static void packet(struct fg_buf *out, uint64_t usec, const struct fg_buf *frame)
{
	struct fg_buf b = { .len = 0 };

	le32(&b, 0);
	le32(&b, (uint32_t)(usec >> 32));
	le32(&b, (uint32_t)usec);
	le32(&b, (uint32_t)frame->len);
	le32(&b, (uint32_t)frame->len);
	fg_bytes(&b, frame->at, frame->len);
	fg_zeros(&b, (4 - frame->len % 4) % 4);
	block(out, EPB, &b);
}

static void pair(struct fg_buf *out, uint64_t usec)
{
	struct fg_buf frame;

	request(&frame, 1);
	packet(out, usec, &frame);
	answer(&frame, 1, 20);
	packet(out, usec + 20000, &frame);
}

/* A pair, and a third packet whose block lengths are made `leading` and `trailing`. */
static void lying_block(const char *path, uint32_t leading, uint32_t trailing)
{
	const uint64_t now = (uint64_t)FG_T0 * 1000000;
	struct fg_buf out, one = { .len = 0 }, b = { .len = 0 }, frame;

	section(&out, 0);
	pair(&out, now);
	request(&frame, 1001);
	packet(&one, now + 1000000, &frame);
	le32(&b, EPB);
	le32(&b, leading);
	le32(&b, trailing);
	memcpy(one.at, b.at, 8);
	memcpy(one.at + one.len - 4, b.at + 8, 4);
	fg_bytes(&out, one.at, one.len);
	octets(path, &out, out.len);
}

static void forge_block_lies(const char *path)
{
	lying_block(path, 124, 120);
}

static void forge_block_tiny(const char *path)
{
	lying_block(path, 8, 8);
}

static void forge_block_4gib(const char *path)
{
	lying_block(path, 0xfffffffc, 0xfffffffc);
}

/* The block is sound; the length of the packet inside it is not. */
static void forge_packet_lies(const char *path)
{
	const uint64_t now = (uint64_t)FG_T0 * 1000000;
	struct fg_buf out, frame;
	const uint8_t lie[4] = { 0, 1, 0, 0 }; /* 256 octets in a block of 124 */

	section(&out, 0);
	pair(&out, now);
	request(&frame, 1001);
	packet(&out, now + 1000000, &frame);
	memcpy(out.at + out.len - 124 + 20, lie, 4);
	octets(path, &out, out.len);
}

static void forge_cut_block(const char *path)
{
	const uint64_t now = (uint64_t)FG_T0 * 1000000;
	struct fg_buf out, frame;

	section(&out, 0);
	pair(&out, now);
	request(&frame, 1001);
	packet(&out, now + 1000000, &frame);
	octets(path, &out, out.len - 60);
}

/* Inside the section's header: nothing can be read. */
static void forge_cut_section(const char *path)
{
	struct fg_buf out;

	section(&out, 0);
	octets(path, &out, 20);
}

/* Times. --------------------------------------------------------------------------------- */

static void forge_back_hours(const char *path)
{
	struct fg_file *f = create_with_pair(path);

	fg_ntp_pair(f, 10000, 20, &ntp);
	fg_ntp_pair(f, -7200000, 20, &ntp);
	fg_ntp_pair(f, 20000, 20, &ntp);
	fg_close(f);
}

static void forge_back_ms(const char *path)
{
	struct fg_file *f = create(path);
	struct fg_buf frame;

	for (unsigned i = 0; i < 3; i++) { /* each answer lies in the file before its request */
		answer(&frame, 1000 * i + 1, 1000 * i + 5);
		fg_write(f, FG_MS(1000 * i + 20 * (i + 1)), &frame);
		request(&frame, 1000 * i + 1);
		fg_write(f, FG_MS(1000 * i), &frame);
	}
	fg_close(f);
}

/* 2026-06-01T12:00:00Z less 60 years of 365.25 days is 1966-06-01T12:00:00Z. */
static void forge_before_1970(const char *path)
{
	struct fg_buf out;

	section(&out, -1893456000);
	pair(&out, (uint64_t)FG_T0 * 1000000);
	octets(path, &out, out.len);
}

/* 2040-01-01T00:00:00Z: past the signed 32 bits of time and in NTP's era 1. */
static void forge_after_2038(const char *path)
{
	struct fg_file *f = create(path);
	struct fg_buf frame;

	request(&frame, 1);
	fg_write_at(f, 2208988800u, 0, &frame);
	answer(&frame, 1, 20);
	fg_write_at(f, 2208988800u, 20000, &frame);
	fg_close(f);
}

/* The fraction of a second says two seconds. */
static void forge_long_fraction(const char *path)
{
	struct fg_file *f = create_with_pair(path);
	struct fg_buf frame;

	request(&frame, 1001);
	fg_write_at(f, FG_T0 + 1, 2000000, &frame);
	fg_close(f);
}

const struct fg_case fg_bad_cases[] = {
	{ "empty.pcap", forge_empty },
	{ "not-a-capture.pcap", forge_text },
	{ "unknown-magic.pcap", forge_magic },
	{ "cut-in-header.pcap", forge_cut_header },
	{ "header-only.pcap", forge_header_only },
	{ "cut-in-record-header.pcap", forge_cut_record_header },
	{ "cut-in-record.pcap", forge_cut_record },
	{ "cut-in-gzip.pcap.gz", forge_cut_gzip },
	{ "cut-in-block.pcapng", forge_cut_block },
	{ "cut-in-section.pcapng", forge_cut_section },
	{ "record-4gib.pcap", forge_record_4gib },
	{ "record-zero-length.pcap", forge_record_zero },
	{ "record-one-octet.pcap", forge_record_one },
	{ "record-empty.pcap", forge_record_empty },
	{ "block-length-lies.pcapng", forge_block_lies },
	{ "block-length-8.pcapng", forge_block_tiny },
	{ "block-length-4gib.pcapng", forge_block_4gib },
	{ "packet-length-lies.pcapng", forge_packet_lies },
	{ "time-back-hours.pcap", forge_back_hours },
	{ "time-back-ms.pcap", forge_back_ms },
	{ "before-1970.pcapng", forge_before_1970 },
	{ "after-2038.pcap", forge_after_2038 },
	{ "fraction-too-long.pcap", forge_long_fraction },
	{ NULL, NULL },
};
