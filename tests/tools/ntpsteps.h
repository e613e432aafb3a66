/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_TOOLS_NTPSTEPS_H
#define CL_TESTS_TOOLS_NTPSTEPS_H

#include "forge.h"

/* What may follow the 48 octets of a header. */
enum ntp_tail {
	TAIL_NONE,
	TAIL_MAC,     /* `arg` is the key identifier, `size` the octets of the digest */
	TAIL_NAK,     /* crypto-NAK: four zero octets */
	TAIL_UID,     /* NTS unique identifier, 36 octets, content by `arg` */
	TAIL_UID_MAC, /* the same, then a MAC of 4 + 16 octets */
	TAIL_NTS      /* unique identifier, cookie and authenticator: an NTS request */
};

/*
 * One packet. Times in milliseconds after FG_T0, time stamps likewise (0: the time stamp 0).
 * Client k is 198.51.100.k, port 40000 + k unless `port` says another; the server is 192.0.2.1.
 */
struct ntp_step {
	int64_t at;
	unsigned client;
	enum fg_dir dir;
	unsigned version, mode;
	int64_t org, rec, xmt;
	enum ntp_tail tail;
	uint32_t arg;
	unsigned size;
	unsigned port;
	unsigned stratum; /* of what a server sends: 0 means 1 unless `kiss` is set */
	uint32_t kiss;	  /* stratum 0 with this reference identifier */
};

void ntp_steps(const char *path, const struct ntp_step *steps, size_t n);
void ntp_send_step(struct fg_file *f, const struct ntp_step *s);

#define NTP_FORGE(name, steps)                                                                               \
	static void name(const char *path)                                                                   \
	{                                                                                                    \
		ntp_steps(path, steps, sizeof(steps) / sizeof((steps)[0]));                                  \
	}

#endif
