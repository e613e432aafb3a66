/* SPDX-License-Identifier: BSD-2-Clause */
/* NTP: which answer belongs to which request (clientele(1), NTP matching). */
#include "ntpsteps.h"

#include <stdio.h>

static void extension(struct fg_buf *b, unsigned type, size_t body, unsigned seed)
{
	fg_u16(b, type);
	fg_u16(b, (unsigned)(4 + body));
	fg_fill(b, body, seed);
}

static void mac(struct fg_buf *b, uint32_t key, size_t digest)
{
	fg_u32(b, key);
	fg_fill(b, digest, key);
}

static void nts_request(struct fg_buf *b, unsigned seed)
{
	extension(b, 0x0104, 32, seed);	     /* unique identifier */
	extension(b, 0x0204, 100, seed + 1); /* cookie */
	fg_u16(b, 0x0404);		     /* authenticator: 16 octets each of nonce and ciphertext */
	fg_u16(b, 40);
	fg_u16(b, 16);
	fg_u16(b, 16);
	fg_fill(b, 32, seed + 2);
}

static void tail(struct fg_buf *b, const struct ntp_step *s)
{
	switch (s->tail) {
	case TAIL_NONE:
		break;
	case TAIL_MAC:
		mac(b, s->arg, s->size);
		break;
	case TAIL_NAK:
		fg_zeros(b, 4);
		break;
	case TAIL_UID:
		extension(b, 0x0104, 32, s->arg);
		break;
	case TAIL_UID_MAC:
		extension(b, 0x0104, 32, s->arg);
		mac(b, 1, 16);
		break;
	case TAIL_NTS:
		nts_request(b, s->arg);
		break;
	}
}

void ntp_send_step(struct fg_file *f, const struct ntp_step *s)
{
	const unsigned port = s->port != 0 ? s->port : 40000 + s->client;
	const int serves = s->mode == 4 || s->mode == 2 || s->mode == 5;
	struct fg_ntp n = {
		.version = s->version, .mode = s->mode, .org = s->org, .rec = s->rec, .xmt = s->xmt
	};
	struct fg_buf b;
	char client[32];

	snprintf(client, sizeof(client), "198.51.100.%u", s->client);
	n.refid = s->kiss;
	n.stratum = s->stratum;
	if (serves && s->kiss == 0) {
		n.stratum = s->stratum != 0 ? s->stratum : 1;
		n.refid = 0x47505300; /* GPS */
	}
	fg_ntp(&b, &n);
	tail(&b, s);
	fg_send(f, FG_MS(s->at), &(struct fg_flow){ client, "192.0.2.1", (uint16_t)port, 123 }, s->dir, &b);
}

void ntp_steps(const char *path, const struct ntp_step *steps, size_t n)
{
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	for (size_t i = 0; i < n; i++)
		ntp_send_step(f, &steps[i]);
	fg_close(f);
}

#define ASK    FG_ASK
#define ANSWER FG_ANSWER

/* Columns: at, client, direction, version, mode, origin, receive, transmit. */
static const struct ntp_step retransmit[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1 },
	{ .at = 1000, 1, ASK, 4, 3, 0, 0, 1001 },
	{ .at = 1500, 1, ANSWER, 4, 4, 1, 1450, 1460 },
	{ .at = 1600, 1, ANSWER, 4, 4, 1001, 1550, 1560 },
};

static const struct ntp_step forged_answer[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1 },
	{ .at = 5, 1, ANSWER, 4, 4, 777777777, 4, 5 },
	{ .at = 30, 1, ANSWER, 4, 4, 1, 20, 21 },
};

/* Client 1: mode 1, answered in mode 2. Client 2: the same, retransmitted. All from port 123. */
static const struct ntp_step symmetric[] = {
	{ .at = 0, 1, ASK, 4, 1, 0, 0, 1, .port = 123 },
	{ .at = 40, 1, ANSWER, 4, 2, 1, 30, 31, .port = 123 },
	{ .at = 1000, 2, ASK, 3, 1, 0, 0, 1001, .port = 123 },
	{ .at = 2000, 2, ASK, 3, 1, 0, 0, 2001, .port = 123 },
	{ .at = 2100, 2, ANSWER, 3, 2, 1001, 2050, 2051, .port = 123 },
	{ .at = 2200, 2, ANSWER, 3, 2, 2001, 2150, 2151, .port = 123 },
};

static const struct ntp_step symmetric_active[] = {
	{ .at = 0, 1, ASK, 4, 1, 0, 0, 1, .port = 123 },
	{ .at = 250, 1, ANSWER, 4, 1, 1, 20, 251, .port = 123 },
};

static const struct ntp_step zero_cookie[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 0 },
	{ .at = 10, 1, ANSWER, 4, 4, 0, 5, 6 },
	{ .at = 1000, 1, ASK, 4, 3, 0, 0, 0 },
	{ .at = 1100, 1, ASK, 4, 3, 0, 0, 0 },
	{ .at = 1200, 1, ANSWER, 4, 4, 0, 1150, 1151 },
	{ .at = 1250, 1, ANSWER, 4, 4, 0, 1160, 1161 },
	{ .at = 2000, 2, ASK, 4, 3, 0, 0, 2001 }, /* not zero: an answer with origin 0 is not its own */
	{ .at = 2010, 2, ANSWER, 4, 4, 0, 2005, 2006 },
	{ .at = 30000, 3, ASK, 4, 3, 0, 0, 30001 },
	{ .at = 30020, 3, ANSWER, 4, 4, 30001, 30010, 30011 },
};

static const struct ntp_step duplicate_answer[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1 },
	{ .at = 20, 1, ANSWER, 4, 4, 1, 10, 11 },
	{ .at = 21, 1, ANSWER, 4, 4, 1, 10, 11 },
	{ .at = 500, 1, ANSWER, 4, 4, 1, 10, 11 },
};

static const struct ntp_step late[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1 },
	{ .at = 12000, 1, ANSWER, 4, 4, 1, 6000, 6001 },
	{ .at = 100000, 2, ASK, 4, 3, 0, 0, 100001 },
	{ .at = 170000, 2, ANSWER, 4, 4, 100001, 140000, 140001 },
	{ .at = 200000, 3, ASK, 4, 3, 0, 0, 200001 }, /* exactly the timeout is not older than it */
	{ .at = 210000, 3, ANSWER, 4, 4, 200001, 205000, 205001 },
};

static const struct ntp_step backwards[] = {
	{ .at = 950, 1, ANSWER, 4, 4, 1001, 990, 991 },
	{ .at = 1000, 1, ASK, 4, 3, 0, 0, 1001 },
	{ .at = 2850, 2, ANSWER, 4, 4, 3001, 2990, 2991 }, /* 150 ms before: too far */
	{ .at = 3000, 2, ASK, 4, 3, 0, 0, 3001 },
	{ .at = 30000, 3, ASK, 4, 3, 0, 0, 30001 },
	{ .at = 30020, 3, ANSWER, 4, 4, 30001, 30010, 30011 },
};

/* RFC 9769 section 2: an interleaved answer carries the request's receive time stamp as origin. */
static const struct ntp_step interleaved[] = {
	{ .at = 1000, 1, ASK, 4, 3, 0, 0, 1001 },
	{ .at = 1020, 1, ANSWER, 4, 4, 1001, 1010, 1011 },
	{ .at = 2000, 1, ASK, 4, 3, 1010, 1021, 1002 }, /* transmit: the corrected one of the first request */
	{ .at = 2030, 1, ANSWER, 4, 4, 1021, 2010, 1012 },
	{ .at = 3000, 1, ASK, 4, 3, 2010, 2031, 2002 }, /* the server has forgotten: it answers in basic mode
							 */
	{ .at = 3040, 1, ANSWER, 4, 4, 2002, 3010, 3011 },
	{ .at = 4000, 2, ASK, 4, 3, 3010, 4001, 4001 }, /* transmit equals receive: basic by the first rule */
	{ .at = 4050, 2, ANSWER, 4, 4, 4001, 4010, 4011 },
	{ .at = 5000, 3, ASK, 4, 3, 0, 4900, 5001 }, /* origin 0: may not be answered in interleaved mode */
	{ .at = 5010, 3, ANSWER, 4, 4, 4900, 5005, 5006 },
	{ .at = 30000, 4, ASK, 4, 3, 0, 0, 30001 },
	{ .at = 30060, 4, ANSWER, 4, 4, 30001, 30010, 30011 },
};

static const struct ntp_step uid[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1, TAIL_UID, 1 },
	{ .at = 10, 1, ANSWER, 4, 4, 1, 5, 6, TAIL_UID, 99 }, /* equal origin, other identifier */
	{ .at = 20, 1, ANSWER, 4, 4, 1, 15, 16, TAIL_UID, 1 },
	{ .at = 1000, 2, ASK, 4, 3, 0, 0, 1001, TAIL_UID, 2 },
	{ .at = 1030, 2, ANSWER, 4, 4, 555555, 1015, 1016, TAIL_UID, 2 }, /* odd origin, equal identifier */
	{ .at = 2000, 3, ASK, 4, 3, 0, 0, 2001, TAIL_UID, 3 },
	{ .at = 2040, 3, ANSWER, 4, 4, 2001, 2015, 2016 }, /* only the request has one */
	{ .at = 3000, 4, ASK, 4, 3, 0, 0, 3001 },
	{ .at = 3050, 4, ANSWER, 4, 4, 3001, 3015, 3016, TAIL_UID, 4 }, /* only the answer has one */
	{ .at = 4000, 5, ASK, 4, 3, 0, 0, 4001, TAIL_NTS, 5 },
	{ .at = 4060, 5, ANSWER, 4, 4, 4001, 4015, 4016, TAIL_UID, 5 },
};

/* RFC 5905 section 7.4. A request of stratum 0 with INIT is ntpd starting up, not a kiss. */
static const struct ntp_step kod[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1 },
	{ .at = 10, 1, ANSWER, 4, 4, 1, 1, 1, .kiss = 0x52415445 /* RATE */ },
	{ .at = 1000, 2, ASK, 4, 3, 0, 0, 1001, .kiss = 0x494e4954 /* INIT */ },
	{ .at = 1020, 2, ANSWER, 4, 4, 1001, 1001, 1001, .kiss = 0x44454e59 /* DENY */ },
	{ .at = 2000, 3, ASK, 4, 1, 0, 0, 2001, .port = 123 },
	{ .at = 2030, 3, ANSWER, 4, 2, 2001, 2001, 2001, .port = 123, .kiss = 0x52535452 /* RSTR */ },
	{ .at = 3000, 4, ASK, 4, 3, 0, 0, 3001 },
	{ .at = 3040, 4, ANSWER, 4, 4, 3001, 3010, 3011 },
};

static const struct ntp_step open_at_end[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1 },
	{ .at = 15000, 2, ASK, 4, 3, 0, 0, 15001 },
	{ .at = 18000, 3, ASK, 4, 3, 0, 0, 18001 },
	{ .at = 19900, 4, ASK, 4, 3, 0, 0, 19901 },
	{ .at = 20000, 4, ANSWER, 4, 4, 19901, 19950, 19951 },
};

/* The same transmit time stamp from two ports and two clients: each answer has its own request. */
static const struct ntp_step ports[] = {
	{ .at = 0, 1, ASK, 4, 3, 0, 0, 1 },
	{ .at = 100, 1, ASK, 4, 3, 0, 0, 1, .port = 50001 },
	{ .at = 200, 2, ASK, 4, 3, 0, 0, 1 },
	{ .at = 300, 2, ANSWER, 4, 4, 1, 250, 251 },
	{ .at = 350, 1, ANSWER, 4, 4, 1, 260, 261, .port = 50001 },
	{ .at = 400, 1, ANSWER, 4, 4, 1, 270, 271, .port = 50009 }, /* nobody asked from there */
	{ .at = 450, 1, ANSWER, 4, 4, 1, 280, 281 },
};

/* From noon on: a midnight between request and answer, then again, and one an hour later. */
static const struct ntp_step midnight[] = {
	{ .at = 43199500, 1, ASK, 4, 3, 0, 0, 1 }, { .at = 43201000, 1, ANSWER, 4, 4, 1, 250, 251 },
	{ .at = 43202000, 1, ASK, 4, 3, 0, 0, 2 }, { .at = 43202010, 1, ANSWER, 4, 4, 2, 350, 351 },
	{ .at = 46800000, 2, ASK, 4, 3, 0, 0, 3 },
};

NTP_FORGE(forge_midnight, midnight)
NTP_FORGE(forge_retransmit, retransmit)
NTP_FORGE(forge_forged_answer, forged_answer)
NTP_FORGE(forge_symmetric, symmetric)
NTP_FORGE(forge_symmetric_active, symmetric_active)
NTP_FORGE(forge_zero_cookie, zero_cookie)
NTP_FORGE(forge_duplicate_answer, duplicate_answer)
NTP_FORGE(forge_late, late)
NTP_FORGE(forge_backwards, backwards)
NTP_FORGE(forge_interleaved, interleaved)
NTP_FORGE(forge_uid, uid)
NTP_FORGE(forge_kod, kod)
NTP_FORGE(forge_open_at_end, open_at_end)
NTP_FORGE(forge_ports, ports)

const struct fg_case fg_ntp_cases[] = {
	{ "ntp-retransmit.pcap", forge_retransmit },
	{ "ntp-forged-answer.pcap", forge_forged_answer },
	{ "ntp-symmetric.pcap", forge_symmetric },
	{ "ntp-symmetric-active.pcap", forge_symmetric_active },
	{ "ntp-zero-cookie.pcap", forge_zero_cookie },
	{ "ntp-duplicate-answer.pcap", forge_duplicate_answer },
	{ "ntp-late.pcap", forge_late },
	{ "ntp-backwards.pcap", forge_backwards },
	{ "ntp-interleaved.pcap", forge_interleaved },
	{ "ntp-uid.pcap", forge_uid },
	{ "ntp-kod.pcap", forge_kod },
	{ "ntp-open-at-end.pcap", forge_open_at_end },
	{ "ntp-ports.pcap", forge_ports },
	{ "ntp-midnight.pcap", forge_midnight },
	{ NULL, NULL },
};
