/* SPDX-License-Identifier: BSD-2-Clause */
/* NTP: versions, modes, what follows the header, and packets too short to be one. */
#include "ntpsteps.h"

#define ASK    FG_ASK
#define ANSWER FG_ANSWER

/* Version 1 has no mode; the ports tell the roles (RFC 1059). */
static const struct ntp_step v1_mode0[] = {
	{ .at = 0, 1, ASK, 1, 0, 0, 0, 1 },
	{ .at = 10, 1, ANSWER, 1, 0, 1, 5, 6, .stratum = 1 },
	{ .at = 1000, 2, ASK, 1, 0, 0, 0, 1001, .port = 123 }, /* from port 123: a response nobody asked for
								*/
	{ .at = 2000, 3, ASK, 4, 0, 0, 0, 2001 },	       /* version 4: neither */
	{ .at = 30000, 4, ASK, 1, 0, 0, 0, 30001 },
	{ .at = 30020, 4, ANSWER, 1, 0, 30001, 30010, 30011, .stratum = 1 },
};

/* RFC 7822 section 3 and reference/ntp.md 2.3. Requests but for the last packet. */
static const struct ntp_step macs[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1 },
	{ .at = 100, 2, ASK, 4, 3, 0, 0, 101, TAIL_MAC, 1, 16 },
	{ .at = 200, 3, ASK, 4, 3, 0, 0, 201, TAIL_MAC, 2, 20 },
	{ .at = 300, 4, ASK, 4, 3, 0, 0, 301, TAIL_MAC, 20, 16 }, /* looks like a field of length 20 */
	{ .at = 400, 5, ASK, 4, 3, 0, 0, 401, TAIL_MAC, 24, 20 }, /* looks like a field of length 24 */
	{ .at = 500, 6, ASK, 4, 3, 0, 0, 501, TAIL_NAK },
	{ .at = 600, 7, ASK, 3, 3, 0, 0, 601, TAIL_MAC, 7, 16 },
	{ .at = 700, 8, ASK, 3, 3, 0, 0, 701, TAIL_MAC, 8, 20 },
	{ .at = 800, 9, ASK, 3, 3, 0, 0, 801, TAIL_MAC, 9, 64 }, /* SHA-512: 68 octets */
	{ .at = 900, 10, ASK, 3, 3, 0, 0, 901, TAIL_MAC, 10, 8 },
	{ .at = 1000, 11, ASK, 4, 3, 0, 0, 1001, TAIL_UID, 11 },
	{ .at = 1100, 12, ASK, 4, 3, 0, 0, 1101, TAIL_UID_MAC, 12 },
	{ .at = 1200, 13, ASK, 4, 3, 0, 0, 1201, TAIL_NTS, 13 },
	{ .at = 1250, 2, ANSWER, 4, 4, 101, 1240, 1241, TAIL_NAK },
};

NTP_FORGE(forge_v1_mode0, v1_mode0)
NTP_FORGE(forge_macs, macs)

static const struct fg_flow control = { "198.51.100.10", "192.0.2.1", 40010, 123 };

/* RFC 9327 section 2: read variables of the system, without and with data. */
static void mode6(struct fg_file *f, int64_t ms)
{
	static const char data[] = "version=\"ntpd\",stratum=2";
	struct fg_buf b = { .len = 0 };

	fg_u8(&b, 2 << 3 | 6);
	fg_u8(&b, 2);
	fg_u16(&b, 1);
	fg_zeros(&b, 8);
	fg_send(f, FG_MS(ms), &control, FG_ASK, &b);
	b.len = 0;
	fg_u8(&b, 2 << 3 | 6);
	fg_u8(&b, 0x82);
	fg_u16(&b, 1);
	fg_u32(&b, 0x06150000);
	fg_u16(&b, 0);
	fg_u16(&b, sizeof(data) - 1);
	fg_bytes(&b, data, sizeof(data) - 1);
	fg_send(f, FG_MS(ms + 10), &control, FG_ANSWER, &b);
}

/* ntpdc: implementation 3, request 0, and an error answer without items. */
static void mode7(struct fg_file *f, int64_t ms)
{
	struct fg_buf b = { .len = 0 };

	fg_u32(&b, 0x17000300);
	fg_zeros(&b, 44);
	fg_send(f, FG_MS(ms), &control, FG_ASK, &b);
	b.len = 0;
	fg_u32(&b, 0x97000300);
	fg_u32(&b, 0x30000000);
	fg_send(f, FG_MS(ms + 10), &control, FG_ANSWER, &b);
}

static void forge_versions(const char *path)
{
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	for (unsigned v = 1; v <= 4; v++) {
		const int64_t ms = 1000 * (int64_t)v;

		ntp_send_step(f, &(struct ntp_step){ .at = ms, v, ASK, v, 3, 0, 0, ms + 1 });
		ntp_send_step(
			f, &(struct ntp_step){ .at = ms + 10 * v, v, ANSWER, v, 4, ms + 1, ms + 5, ms + 6 });
	}
	ntp_send_step(f, &(struct ntp_step){ 6000, 255, ANSWER, 4, 5, 0, 0, 6000, .port = 123 });
	mode6(f, 7000);
	mode7(f, 8000);
	fg_close(f);
}

static void forge_short(const char *path)
{
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);
	const struct fg_flow w = { "198.51.100.1", "192.0.2.1", 40001, 123 };
	struct fg_buf b;

	fg_ntp_pair(f, 0, 25, &w);
	fg_ntp_ask(&b, 1001);
	b.len = 47;
	fg_send(f, FG_MS(1000), &w, FG_ASK, &b);
	b.len = 1;
	fg_send(f, FG_MS(2000), &w, FG_ASK, &b);
	b.len = 0;
	fg_u8(&b, 2 << 3 | 6); /* mode 6 without its 12 octets */
	fg_zeros(&b, 10);
	fg_send(f, FG_MS(3000), &w, FG_ASK, &b);
	fg_close(f);
}

const struct fg_case fg_ntp_more_cases[] = {
	{ "ntp-v1-mode0.pcap", forge_v1_mode0 },
	{ "ntp-mac.pcap", forge_macs },
	{ "ntp-versions.pcap", forge_versions },
	{ "ntp-short.pcap", forge_short },
	{ NULL, NULL },
};
