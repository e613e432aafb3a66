/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sends the Ethernet frames of captures on an interface, some 20,000 a second (libnet).
 *
 *	sendpcap INTERFACE MOST FILE...     at most MOST frames of each; prints how many were sent
 *
 * Captures of other link types, and frames that the interface refuses (longer than its MTU), are left out.
 */
#include <libnet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BURST	20
#define NS_EACH 50000

static unsigned long send_file(libnet_t *l, const char *path, unsigned long most)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline(path, why);
	struct pcap_pkthdr *head;
	const unsigned char *frame;
	unsigned long sent = 0, seen = 0;

	if (p == NULL)
		return 0;
	while (pcap_datalink(p) == DLT_EN10MB && seen++ < most && pcap_next_ex(p, &head, &frame) == 1) {
		if (head->caplen == head->len && libnet_adv_write_link(l, frame, head->caplen) > 0)
			sent++;
		if (seen % BURST == 0)
			nanosleep(&(struct timespec){ .tv_nsec = BURST * NS_EACH }, NULL);
	}
	pcap_close(p);
	return sent;
}

int main(int argc, char **argv)
{
	char why[LIBNET_ERRBUF_SIZE];
	unsigned long sent = 0;

	if (argc < 4) {
		fprintf(stderr, "usage: sendpcap INTERFACE MOST FILE...\n");
		return 2;
	}
	libnet_t *l = libnet_init(LIBNET_LINK_ADV, argv[1], why);
	if (l == NULL) {
		fprintf(stderr, "sendpcap: %s: %s\n", argv[1], why);
		return 2;
	}
	for (int i = 3; i < argc; i++)
		sent += send_file(l, argv[i], strtoul(argv[2], NULL, 10));
	printf("%lu\n", sent);
	libnet_destroy(l);
	return 0;
}
