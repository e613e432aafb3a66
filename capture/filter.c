/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/linktype.h"
#include "capture/source.h"

/* The expression for one link type. */
struct program {
	uint16_t linktype;
	bool compiled; /* false: libpcap cannot for this link type */
	struct bpf_program bpf;
};

struct cl_filter {
	char *expr;
	struct program *programs;
	size_t n, last; /* `last`: the one used last */
};

static bool compile(const char *expr, uint16_t linktype, struct bpf_program *bpf, char *err, size_t size)
{
	pcap_t *p = pcap_open_dead(cl_linktype_dlt(linktype), (int)CL_RECORD_MAX);
	bool ok;

	if (p == NULL) {
		snprintf(err, size, "out of memory");
		return false;
	}
	ok = pcap_compile(p, bpf, expr, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!ok)
		snprintf(err, size, "%s", pcap_geterr(p));
	pcap_close(p);
	return ok;
}

/* The link type's program, compiled when it is first met; NULL when memory is short. */
static const struct program *program_for(struct cl_filter *f, uint16_t linktype)
{
	char err[PCAP_ERRBUF_SIZE];
	struct program *grown;

	for (size_t i = 0; i < f->n; i++)
		if (f->programs[i].linktype == linktype) {
			f->last = i;
			return &f->programs[i];
		}
	grown = realloc(f->programs, (f->n + 1) * sizeof(*grown));
	if (grown == NULL)
		return NULL;
	f->programs = grown;
	f->last = f->n++;
	grown[f->last].linktype = linktype;
	grown[f->last].compiled = compile(f->expr, linktype, &grown[f->last].bpf, err, sizeof(err));
	return &grown[f->last];
}

struct cl_filter *cl_filter_new(const char *expr, char *err, size_t size)
{
	struct cl_filter *f = calloc(1, sizeof(*f));
	struct program *first = malloc(sizeof(*first));
	char *copy = strdup(expr);

	if (f == NULL || first == NULL || copy == NULL) {
		snprintf(err, size, "out of memory");
	} else if (compile(expr, CL_LINKTYPE_ETHERNET, &first->bpf, err, size)) {
		first->linktype = CL_LINKTYPE_ETHERNET;
		first->compiled = true;
		*f = (struct cl_filter){ .expr = copy, .programs = first, .n = 1 };
		return f;
	}
	free(f);
	free(first);
	free(copy);
	return NULL;
}

bool cl_filter_refused(const struct cl_filter *f, size_t *at, uint16_t *linktype)
{
	while (f != NULL && *at < f->n) {
		const struct program *p = &f->programs[(*at)++];

		*linktype = p->linktype;
		if (!p->compiled)
			return true;
	}
	return false;
}

static bool is_ip(const uint8_t *p, uint32_t n, uint32_t at)
{
	return n > at && (p[at] >> 4 == 4 || p[at] >> 4 == 6);
}

/* Octets of a PPP header before IP (RFC 1661, RFC 1662: address and control may be left out, the protocol be
 * one octet), or of Cisco's, with an EtherType; 0 if it is not known to be IP. */
static uint32_t ppp_header(const uint8_t *p, uint32_t n)
{
	if (n > 4 && (p[0] == 0x0f || p[0] == 0x8f) && p[1] == 0)
		return (p[2] == 0x08 && p[3] == 0x00) || (p[2] == 0x86 && p[3] == 0xdd) ? 4 : 0;
	uint32_t at = n >= 2 && p[0] == 0xff && p[1] == 0x03 ? 2 : 0;

	if (n > at + 1 && p[at] == 0)
		at++;
	return n > at && (p[at] == 0x21 || p[at] == 0x57) ? at + 1 : 0;
}

/* Octets of an MPLS label stack before IP; 0 if what follows is not known to be IP. */
static uint32_t mpls_header(const uint8_t *p, uint32_t n)
{
	for (uint32_t at = 0; n - at > 4 && at < 64; at += 4)
		if ((p[at + 2] & 1) != 0)
			return is_ip(p, n, at + 4) ? at + 4 : 0;
	return 0;
}

/* Octets before the packet of NFLOG: a header of 4, then attributes of length and type, in the byte order of
 * the machine that captured, padded to 4; 0 if there is no packet. */
static uint32_t nflog_header(const uint8_t *p, uint32_t n)
{
	enum { PAYLOAD = 9 };
	const bool little = n > 6 && p[4] != 0;

	for (uint32_t at = 4, length; at < n && n - at > 4; at += (length + 3) & ~3u) {
		uint32_t type = little ? p[at + 2] : p[at + 3];

		length = little ? p[at] | (uint32_t)p[at + 1] << 8 : (uint32_t)p[at] << 8 | p[at + 1];
		if (length < 4)
			return 0;
		if (type == PAYLOAD)
			return is_ip(p, n, at + 4) ? at + 4 : 0;
	}
	return 0;
}

/**
 * Octets to pass over so that the expression can be matched as one over bare IP; 0: match the frame as it is.
 * libpcap takes NULL and LOOP to have this machine's byte order and number for IPv6, and PPP to begin with ff
 * 03; captures come from other machines too. For MPLS and NFLOG it has no programs.
 */
static uint32_t before_ip(const struct cl_frame *frame)
{
	switch (frame->linktype) {
	case CL_LINKTYPE_NULL:
	case CL_LINKTYPE_LOOP:
		return frame->cap_len >= 4 ? 4 : 0;
	case CL_LINKTYPE_PPP:
	case CL_LINKTYPE_PPP_HDLC:
		return ppp_header(frame->data, frame->cap_len);
	case CL_LINKTYPE_MPLS:
		return mpls_header(frame->data, frame->cap_len);
	case CL_LINKTYPE_NFLOG:
		return nflog_header(frame->data, frame->cap_len);
	default:
		return 0;
	}
}

bool cl_filter_match(struct cl_filter *f, const struct cl_frame *frame)
{
	const uint32_t skip = before_ip(frame);
	const uint16_t linktype = skip > 0 ? CL_LINKTYPE_RAW : frame->linktype;
	struct pcap_pkthdr h = { .caplen = frame->cap_len - skip, .len = frame->wire_len };
	const struct program *p = &f->programs[f->last];

	if (p->linktype != linktype)
		p = program_for(f, linktype);
	return p != NULL && p->compiled && pcap_offline_filter(&p->bpf, &h, frame->data + skip) != 0;
}

void cl_filter_free(struct cl_filter *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n; i++)
		if (f->programs[i].compiled)
			pcap_freecode(&f->programs[i].bpf);
	free(f->programs);
	free(f->expr);
	free(f);
}
