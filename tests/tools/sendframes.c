/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sends the frames of an Ethernet capture onto an interface, in the file's order.
 *
 *   sendframes [-n TIMES] [-p FRAMES-A-SECOND] [-s SKIP -e EVERY] IFACE FILE
 *
 * -s and -e: of every EVERY frames only the one behind SKIP others, so that two senders share a file. Prints
 * how many frames went out. For tests in network namespaces: it refuses where there is a default route, or
 * if the interface is none of the system's virtual ones.
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void guard(const char *interface)
{
	char path[128], line[512];
	FILE *f;

	snprintf(path, sizeof path, "/sys/devices/virtual/net/%.32s", interface);
	if (access(path, F_OK) != 0) {
		fprintf(stderr, "sendframes: %s is no virtual interface here\n", interface);
		exit(2);
	}
	f = fopen("/proc/net/route", "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		char name[64];
		unsigned destination;

		if (sscanf(line, "%63s %x", name, &destination) == 2 && destination == 0) {
			fprintf(stderr, "sendframes: there is a default route here\n");
			exit(2);
		}
	}
	if (f != NULL)
		fclose(f);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void pace(double begin, unsigned long sent, double rate)
{
	double wait = rate > 0 ? (double)sent / rate - (now() - begin) : 0;

	if (wait > 1e-3) {
		struct timespec t = { (time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9) };

		nanosleep(&t, NULL);
	}
}

int main(int argc, char **argv)
{
	unsigned long times = 1, skip = 0, every = 1, sent = 0, at = 0;
	char err[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	const u_char *octets;
	double rate = 0, begin;
	pcap_t *out;
	int c;

	while ((c = getopt(argc, argv, "n:p:s:e:")) != -1) {
		if (c == '?')
			return 2;
		*(c == 'n'   ? &times
		  : c == 's' ? &skip
		  : c == 'e' ? &every
			     : &sent) = strtoul(optarg, NULL, 0);
		if (c == 'p')
			rate = atof(optarg);
	}
	if (argc - optind != 2 || every == 0)
		return 2;
	guard(argv[optind]);
	sent = 0;
	out = pcap_open_live(argv[optind], 64, 0, 1, err);
	if (out == NULL) {
		fprintf(stderr, "sendframes: %s\n", err);
		return 1;
	}
	begin = now();
	for (unsigned long i = 0; i < times; i++) {
		pcap_t *in = pcap_open_offline(argv[optind + 1], err);

		if (in == NULL) {
			fprintf(stderr, "sendframes: %s\n", err);
			return 1;
		}
		while (pcap_next_ex(in, &h, &octets) == 1) {
			if (at++ % every != skip)
				continue;
			if (pcap_inject(out, octets, h->caplen) != (int)h->caplen) {
				fprintf(stderr, "sendframes: frame %lu: %s\n", at, pcap_geterr(out));
				return 1;
			}
			pace(begin, ++sent, rate);
		}
		pcap_close(in);
	}
	printf("%lu\n", sent);
	pcap_close(out);
	return 0;
}
