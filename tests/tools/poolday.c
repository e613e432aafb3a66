/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Twelve hours of a server that joins the NTP Pool: two monitors whose rounds fail in every way, one that is
 * not listed, clients, and questions of mode 6.
 *
 * usage: poolday FILE MONITORS LABELS LOG
 *
 * Writes the capture, the list of monitors, the labels of known clients and the pool's log, and on standard
 * output lines `path value` as the view pool has them in JSON.
 */
#include <math.h>

#include "rawpcap.h"

#define ALPHA	 0xcb00710bu /* 203.0.113.11 */
#define BETA	 0xcb00710cu
#define UNLISTED 0xcb007163u
#define ROUTER	 0x0a000001u
#define HOUR	 (3600 * US)
#define LAST	 (12 * HOUR)

enum fate {
	GOOD,
	LOST,	  /* the whole round before the capture */
	ONE_LOST, /* one of its requests */
	SILENT,	  /* no answer */
	LATE,	  /* after 4 s */
	RATE,
	DENY,
	OFF_50MS,
	OFF_200MS,
	OFF_4S,
	UNREACHED, /* an ICMP error about each answer */
	BACK_LOST, /* answered; the log has nothing of it */
	UNSYNC,
	STRATUM_9
};

/* What the pool's rule gives: by hand. The score is at most `limit`. */
static const struct {
	const char *verdict;
	unsigned asked, answered;
	double step, limit;
} of[] = {
	[GOOD] = { "good", 3, 3, 1, 100 },
	[LOST] = { "not_seen", 0, 0, -5, 100 },
	[ONE_LOST] = { "partly", 2, 2, 1, 100 },
	[SILENT] = { "not_answered", 3, 0, -5, 100 },
	[LATE] = { "late", 3, 0, -5, 100 },
	[RATE] = { "kiss", 1, 1, -3.5, 100 },
	[DENY] = { "kiss", 1, 1, -10, -50 },
	[OFF_50MS] = { "offset", 3, 3, 0.83365, 100 }, /* 1.167 - 6.667 * 0.05 */
	[OFF_200MS] = { "offset", 3, 3, 0.2694, 100 }, /* 0.731 - 2.308 * 0.2 */
	[OFF_4S] = { "offset", 3, 3, -4, -20 },
	[UNREACHED] = { "good", 3, 3, 1, 100 },
	[BACK_LOST] = { "lost_on_return", 3, 3, 1, 100 },
	[UNSYNC] = { "unfit", 1, 1, -4, 100 },
	[STRATUM_9] = { "stratum", 3, 3, -4, 100 },
};

/* Round by round; those behind it are good. */
static const enum fate alpha_fates[] = { GOOD,	   GOOD, GOOD,	    GOOD, LOST,	     GOOD,	GOOD,
					 ONE_LOST, GOOD, SILENT,    GOOD, LATE,	     GOOD,	RATE,
					 GOOD,	   GOOD, OFF_50MS,  GOOD, OFF_200MS, GOOD,	OFF_4S,
					 GOOD,	   GOOD, UNREACHED, GOOD, BACK_LOST, STRATUM_9, UNSYNC,
					 GOOD,	   DENY, LOST,	    LOST, GOOD };
#define FATES (sizeof alpha_fates / sizeof *alpha_fates)

static void unreached(int64_t us, uint32_t client, uint16_t port)
{
	struct packet *p = add(us, ROUTER, 0, SERVER, 0);
	uint8_t *q = p->octets + 8;

	p->protocol = 1;
	p->len = 8 + 20 + 8;
	put(p->octets, 0x0301, 2); /* host unreachable */
	put(q, 0x4500004c, 4);
	put(q + 8, 64, 1);
	put(q + 9, 17, 1);
	put(q + 12, SERVER, 4);
	put(q + 16, client, 4);
	put(q + 20, 123, 2);
	put(q + 22, port, 2);
	put(q + 24, 56, 2);
}

static void one_request(int64_t us, uint32_t monitor, uint16_t port, enum fate fate)
{
	const uint64_t xmt = stamp(us) * UINT64_C(0x9e3779b97f4a7c15);
	const int64_t theta = fate == OFF_50MS	  ? 50000
			      : fate == OFF_200MS ? -200000
			      : fate == OFF_4S	  ? 4 * US
						  : 0;
	uint32_t first = 0x240100e9;

	ask(us, monitor, port, xmt);
	if (fate == SILENT)
		return;
	if (fate == RATE || fate == DENY)
		first = 0xe40000e9;
	else if (fate == STRATUM_9)
		first = 0x240900e9;
	else if (fate == UNSYNC)
		first = 0xe41000e9;
	answer(us, fate == LATE ? 4 * US : 100, theta, monitor, port, xmt, first,
	       fate == RATE   ? 0x52415445
	       : fate == DENY ? 0x44454e59
			      : 0x50505300);
	if (fate == UNREACHED)
		unreached(us + 20000, monitor, port);
}

/* A round; the time of its first request that is seen. */
static int64_t one_round(int64_t us, uint32_t monitor, unsigned number, enum fate fate)
{
	const int64_t gap = (fate == SILENT || fate == LATE ? 5 : 2) * US;
	int64_t first = us;

	for (unsigned i = 0, n = fate == ONE_LOST ? 3 : of[fate].asked; i < n; i++) {
		/* the first is lost: the monitor waits 3 s for it, and 2 s more */
		int64_t at = us + (int64_t)i * gap + (fate == ONE_LOST && i > 0 ? 3 * US : 0);

		if (fate == ONE_LOST && i == 0) {
			first = us + 5 * US;
			continue;
		}
		one_request(at, monitor, (uint16_t)(40000 + number * 3 + i), fate);
	}
	return first;
}

static void stamp_text(int64_t us, char out[40])
{
	int64_t s = us / US;

	snprintf(out, 40, "2026-06-01T%02d:%02d:%02dZ", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
}

static void alpha(FILE *log)
{
	double score = 20, low = 20;
	unsigned count[sizeof of / sizeof *of] = { 0 };
	int64_t before = 0;

	for (unsigned i = 0; i < FATES; i++) {
		const enum fate fate = alpha_fates[i];
		const int64_t us = HOUR + (int64_t)i * 900 * US, at = one_round(us, ALPHA, i, fate);
		const double step = fate == BACK_LOST ? -5 : of[fate].step;
		char when[40];

		count[fate]++;
		low = of[fate].step + 0.95 * low;
		low = low > of[fate].limit ? of[fate].limit : low;
		score = step + 0.95 * score;
		score = score > of[fate].limit ? of[fate].limit : score;
		fprintf(log, "%" PRId64 ",\"2026-06-01 00:00:00\",%s,%.6g,%.10g,7,alpha,,%s\n",
			T0 + us / US + 16, of[fate].answered > 0 && fate != BACK_LOST ? "0.0001" : "", step,
			score, step == -5 ? "i/o timeout" : "");
		/* the log's times are the pool's: 16 s behind the round's begin */
		stamp_text(fate == LOST ? us + 16 * US : at, when);
		printf("servers.0.monitors.0.probes.%u.t %s\n", i, when);
		printf("servers.0.monitors.0.probes.%u.verdict %s\n", i, of[fate].verdict);
		printf("servers.0.monitors.0.probes.%u.requests %u\n", i, of[fate].asked);
		printf("servers.0.monitors.0.probes.%u.answered %u\n", i, of[fate].answered);
		printf("servers.0.monitors.0.probes.%u.step %.10g\n", i, of[fate].step);
		if (i == 0)
			low = score; /* from the log's first row on */
		printf("servers.0.monitors.0.probes.%u.score_min %.10g\n", i, low);
		printf("servers.0.monitors.0.probes.%u.score_max %.10g\n", i, low);
		before = us;
	}
	(void)before;
	printf("servers.0.monitors.0.name alpha\n");
	printf("servers.0.monitors.0.rounds %zu\n", FATES);
	printf("servers.0.monitors.0.missing %u\n", count[ONE_LOST]);
	printf("servers.0.monitors.0.icmp %u\n", 3 * count[UNREACHED]);
	printf("servers.0.monitors.0.verdicts.not_seen %u\n", count[LOST]);
	printf("servers.0.monitors.0.period_s 900\n");
	printf("log.within %zu\nlog.joined %zu\n", FATES, FATES - count[LOST]);
}

/* Without a log: lost rounds are told by the period alone. Each is 600 s, but for up to 20 s. */
static void beta(void)
{
	double low = -100, high = 20;
	unsigned lost = 0;

	for (unsigned i = 0; i < 60; i++) {
		const enum fate fate = i == 20 || i == 21 || i == 40 ? LOST : GOOD;
		const int64_t us = HOUR + 60 * US + (int64_t)i * 600 * US + (int64_t)(i * 7 % 20) * US;

		one_round(us, BETA, i, fate);
		lost += fate == LOST;
		low = of[fate].step + 0.95 * low;
		high = of[fate].step + 0.95 * high;
	}
	printf("servers.0.monitors.1.rounds 60\n");
	printf("servers.0.monitors.1.rounds_seen %u\n", 60 - lost);
	printf("servers.0.monitors.1.verdicts.not_seen %u\n", lost);
	printf("servers.0.monitors.1.verdicts.good %u\n", 60 - lost);
	printf("servers.0.monitors.1.score_min %.10g\n", low);
	printf("servers.0.monitors.1.score_max %.10g\n", high);
}

static void client(int64_t us, uint32_t addr, bool answered)
{
	const uint64_t xmt = stamp(us);

	ask(us, addr, 123, xmt);
	if (answered)
		answer(us, 200, 0, addr, 123, xmt, 0x240100e9, 0x50505300);
}

/* Mode 6: 12 octets ask, 92 answer. */
static void control(int64_t us, uint32_t addr)
{
	struct packet *p = add(us, addr, 50000, SERVER, 123);

	p->len = 12;
	put(p->octets, 0x16020001, 4);
	p = add(us + 300, SERVER, 123, addr, 50000);
	p->len = 92;
	put(p->octets, 0x16820001, 4);
	put(p->octets + 10, 80, 2);
}

static void clients(void)
{
	unsigned requests = 0;

	for (unsigned i = 0; i < 720; i++) { /* one known client each minute, all the time */
		client((int64_t)i * 60 * US + 500000, 0x0a010001, true);
		if (i >= 60 && i < 105)
			requests++;
	}
	client(600 * US, 0xc6336401, true); /* 198.51.100.1: a stranger before, and later */
	client(5000 * US, 0xc6336401, true);
	requests++;
	for (unsigned i = 0; i < 1000; i++) /* from 1:45 on strangers, every fourth without an answer */
		client(HOUR + 2700 * US + (int64_t)i * 10 * US, 0xc6120001 + i % 500, i % 4 != 0);
	control(100 * US, 0xc6120001);
	control(4 * HOUR, 0xc6120001);
	control(5 * HOUR, 0xc6120002);
	control(5 * HOUR + US, 0x0a010001); /* known */
	printf("joining.0.first_probe.t 2026-06-01T01:00:00Z\n");
	printf("joining.0.first_probe.monitor 203.0.113.11\n");
	printf("joining.0.before.requests 61\njoining.0.before.clients 2\n");
	printf("joining.0.before.mode6.requests 1\njoining.0.before.mode6.answers 1\n");
	printf("joining.0.joined.mode6.requests 2\njoining.0.joined.mode6.answers 2\n");
	printf("joining.0.joined.mode6.bytes_in 80\njoining.0.joined.mode6.bytes_out 240\n");
	printf("joining.0.joined.mode6.amplification 3\n");
	printf("watched %u\n", requests);
}

int main(int argc, char **argv)
{
	FILE *f;

	if (argc != 5)
		return 2;
	f = fopen(argv[4], "w");
	if (f == NULL)
		return 2;
	fprintf(f, "ts_epoch,ts,offset,step,score,monitor_id,monitor_name,leap,error\n");
	alpha(f);
	fprintf(f, "%" PRId64 ",\"2026-06-01 03:00:00\",,1,18.5,,,,\n", T0 + 3 * 3600);
	fprintf(f, "%" PRId64 ",\"2026-06-01 03:00:00\",0,1,18.5,99,gamma,,\n", T0 + 3 * 3600);
	if (fclose(f) != 0)
		return 2;
	beta();
	for (unsigned i = 0; i < 10; i++)
		one_round(2 * HOUR + (int64_t)i * 1100 * US, UNLISTED, i, GOOD);
	clients();
	f = fopen(argv[2], "w");
	if (f == NULL)
		return 2;
	fprintf(f, "# the pool's\n203.0.113.11 alpha\n203.0.113.12\n");
	if (fclose(f) != 0 || (f = fopen(argv[3], "w")) == NULL)
		return 2;
	fprintf(f, "10.0.0.0/8 ours\n");
	if (fclose(f) != 0)
		return 2;
	write_all(argv[1]);
	return 0;
}
