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

bool cl_filter_match(struct cl_filter *f, const struct cl_frame *frame)
{
	struct pcap_pkthdr h = { .caplen = frame->cap_len, .len = frame->wire_len };
	const struct program *p = &f->programs[f->last];

	if (p->linktype != frame->linktype)
		p = program_for(f, frame->linktype);
	return p != NULL && p->compiled && pcap_offline_filter(&p->bpf, &h, frame->data) != 0;
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
