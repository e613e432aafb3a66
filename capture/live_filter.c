/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel is to keep, as a program of its own: libpcap's language has no stack of tags of any depth.
 */
#include "capture/live_filter.h"

#include <stdlib.h>
#include <string.h>

#include "capture/linktype.h"
#include "capture/source.h"

#define TAGS_MOST   4u /* VLAN tags or labels that are looked behind; what has more passes */
#define LABELS_MOST 4u
#define FRAGMENT4   0x3fffu /* RFC 791: more fragments, offset */

/* A place that jumps go to before it is known where it is. */
enum label {
	OURS, /* to be passed on to the user's filter */
	PASS, /* in any case */
	REFUSE,
	IP4,
	IP6,
	BARE, /* IP of a version that is to be looked at */
	MPLS,
	PPPOE,
	UDP,
	TCP,
	LABELS
};

struct writer {
	struct bpf_insn *code;
	u_int n, room;
	u_int at[LABELS]; /* 0: not known yet */
	struct {
		u_int from;
		enum label to;
	} jumps[1024];
	u_int njumps;
	u_int header; /* octets of the link layer before a network layer without tags */
	bool failed;
};

static void put(struct writer *w, unsigned code, u_int k, unsigned jt, unsigned jf)
{
	if (w->n == w->room) {
		w->failed = true;
		return;
	}
	w->code[w->n++] = (struct bpf_insn){ (u_short)code, (u_char)jt, (u_char)jf, k };
}

static void put_jump(struct writer *w, enum label to)
{
	if (w->njumps == sizeof w->jumps / sizeof *w->jumps) {
		w->failed = true;
		return;
	}
	w->jumps[w->njumps].from = w->n;
	w->jumps[w->njumps++].to = to;
	put(w, BPF_JMP | BPF_JA, 0, 0, 0);
}

static void put_label(struct writer *w, enum label label)
{
	w->at[label] = w->n;
}

/* Jumps if A is `k`; goes on if not. */
static void if_equal(struct writer *w, u_int k, enum label to)
{
	put(w, BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1);
	put_jump(w, to);
}

static void if_bits(struct writer *w, u_int k, enum label to)
{
	put(w, BPF_JMP | BPF_JSET | BPF_K, k, 0, 1);
	put_jump(w, to);
}

/* Loads from `at` octets behind the start of the network layer; X: octets of tags before it. */
static void load(struct writer *w, unsigned size, u_int at)
{
	put(w, BPF_LD | size | BPF_IND, w->header + at, 0, 0);
}

/* X grows by so much; A is lost. */
static void advance(struct writer *w, u_int octets)
{
	put(w, BPF_MISC | BPF_TXA, 0, 0, 0);
	put(w, BPF_ALU | BPF_ADD | BPF_K, octets, 0, 0);
	put(w, BPF_MISC | BPF_TAX, 0, 0, 0);
}

/* Goes on if A is the type of a VLAN tag. */
static void put_tag_test(struct writer *w)
{
	static const u_int tags[] = { 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300 };
	const unsigned n = sizeof tags / sizeof *tags;

	for (unsigned i = 0; i < n; i++)
		put(w, BPF_JMP | BPF_JEQ | BPF_K, tags[i], n - i, 0);
	put_jump(w, PASS);
}

/* A: an EtherType. */
static void put_ethertype(struct writer *w)
{
	if_equal(w, 0x0800, IP4);
	if_equal(w, 0x86dd, IP6);
	if_equal(w, 0x8847, MPLS);
	if_equal(w, 0x8848, MPLS);
	if_equal(w, 0x8864, PPPOE);
	if_equal(w, 0x0806, REFUSE); /* ARP */
}

/* From an EtherType in A to what is behind all tags. */
static void put_tags(struct writer *w)
{
	for (unsigned i = 0; i < TAGS_MOST; i++) {
		put_ethertype(w);
		put_tag_test(w);
		put(w, BPF_LD | BPF_H | BPF_IND, w->header + 2, 0, 0);
		put(w, BPF_ST, 0, 0, 0);
		advance(w, 4);
		put(w, BPF_LD | BPF_MEM, 0, 0, 0);
	}
	put_ethertype(w);
	put_jump(w, PASS);
}

static void put_mpls(struct writer *w)
{
	put_label(w, MPLS);
	for (unsigned i = 0; i < LABELS_MOST; i++) {
		load(w, BPF_B, 2);
		put(w, BPF_ST, 0, 0, 0);
		advance(w, 4);
		put(w, BPF_LD | BPF_MEM, 0, 0, 0);
		if_bits(w, 1, BARE); /* bottom of the stack */
	}
	put_jump(w, PASS);
}

/* RFC 2516: a header of 6, the protocol of PPP. */
static void put_pppoe(struct writer *w)
{
	put_label(w, PPPOE);
	load(w, BPF_H, 6);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 0x0021, 2, 0);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 0x0057, 1, 0);
	put_jump(w, PASS);
	advance(w, 8);
}

/* By the version; falls into it from PPPoE and the labels. */
static void put_bare(struct writer *w)
{
	put_label(w, BARE);
	load(w, BPF_B, 0);
	put(w, BPF_ALU | BPF_RSH | BPF_K, 4, 0, 0);
	if_equal(w, 4, IP4);
	if_equal(w, 6, IP6);
	put_jump(w, PASS);
}

static void put_ip4(struct writer *w)
{
	static const uint8_t ours[] = { 1, 4, 41, 47, 51, 58, 115, 137 };

	put_label(w, IP4);
	load(w, BPF_H, 6);
	if_bits(w, FRAGMENT4, PASS);
	load(w, BPF_B, 9);
	for (unsigned i = 0; i < sizeof ours; i++)
		if_equal(w, ours[i], OURS);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 17, 2, 0);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 6, 1, 0);
	put_jump(w, REFUSE);
	put(w, BPF_ST, 0, 0, 0);
	load(w, BPF_B, 0);
	put(w, BPF_ALU | BPF_AND | BPF_K, 0x0f, 0, 0);
	put(w, BPF_ALU | BPF_LSH | BPF_K, 2, 0, 0);
	put(w, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
	put(w, BPF_MISC | BPF_TAX, 0, 0, 0);
	put(w, BPF_LD | BPF_MEM, 0, 0, 0);
	if_equal(w, 17, UDP);
	put_jump(w, TCP);
}

/* Extension headers may hide a fragment: they pass. */
static void put_ip6(struct writer *w)
{
	static const uint8_t ours[] = { 1, 4, 41, 47, 58, 115, 137 },
			     extensions[] = { 0, 43, 44, 51, 60, 135, 139, 140 };

	put_label(w, IP6);
	load(w, BPF_B, 6);
	for (unsigned i = 0; i < sizeof ours; i++)
		if_equal(w, ours[i], OURS);
	for (unsigned i = 0; i < sizeof extensions; i++)
		if_equal(w, extensions[i], PASS);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 17, 2, 0);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 6, 1, 0);
	put_jump(w, REFUSE);
	put(w, BPF_ST, 0, 0, 0);
	advance(w, 40);
	put(w, BPF_LD | BPF_MEM, 0, 0, 0);
	if_equal(w, 17, UDP);
	put_jump(w, TCP);
}

/* X: octets of all before the ports but the link layer's. */
static void put_ports(struct writer *w, enum label label, const uint16_t *ports, size_t n)
{
	put_label(w, label);
	for (u_int at = 0; at <= 2; at += 2) {
		load(w, BPF_H, at);
		for (size_t i = 0; i < n; i++)
			if_equal(w, ports[i], OURS);
	}
	put_jump(w, REFUSE);
}

/* Where the type of the network layer stands, and it begins; false: not a link type that is known here. */
static bool put_start(struct writer *w, uint16_t linktype)
{
	u_int type = 0;

	switch (linktype) {
	case CL_LINKTYPE_ETHERNET:
		type = 12;
		w->header = 14;
		break;
	case CL_LINKTYPE_LINUX_SLL:
		type = 14;
		w->header = 16;
		break;
	case CL_LINKTYPE_LINUX_SLL2:
		type = 0;
		w->header = 20;
		break;
	case CL_LINKTYPE_RAW:
	case CL_LINKTYPE_IPV4:
	case CL_LINKTYPE_IPV6:
		w->header = 0;
		break;
	default:
		return false;
	}
	put(w, BPF_LDX | BPF_IMM, 0, 0, 0);
	if (w->header == 0) {
		put_jump(w, BARE);
		return true;
	}
	put(w, BPF_LD | BPF_H | BPF_ABS, type, 0, 0);
	put_tags(w);
	return true;
}

/* The user's program at the end: what may be ours goes on into it. */
static void put_end(struct writer *w, const struct bpf_program *then)
{
	put_label(w, REFUSE);
	put(w, BPF_RET | BPF_K, 0, 0, 0);
	put_label(w, PASS);
	put(w, BPF_RET | BPF_K, CL_RECORD_MAX, 0, 0);
	put_label(w, OURS);
	if (then == NULL)
		put(w, BPF_RET | BPF_K, CL_RECORD_MAX, 0, 0);
	for (u_int i = 0; then != NULL && i < then->bf_len; i++)
		put(w, then->bf_insns[i].code, then->bf_insns[i].k, then->bf_insns[i].jt,
		    then->bf_insns[i].jf);
}

static void resolve(struct writer *w)
{
	for (u_int i = 0; i < w->njumps; i++)
		w->code[w->jumps[i].from].k = w->at[w->jumps[i].to] - w->jumps[i].from - 1;
}

bool cl_live_program(struct bpf_program *out, uint16_t linktype, const struct cl_live_ports *ports,
		     const struct bpf_program *then)
{
	struct writer *w = calloc(1, sizeof *w);
	bool ok = false;

	if (w != NULL) {
		w->room = 2048 + (then != NULL ? then->bf_len : 0);
		w->code = calloc(w->room, sizeof *w->code);
	}
	if (w != NULL && w->code != NULL && put_start(w, linktype)) {
		put_mpls(w);
		put_pppoe(w);
		put_bare(w);
		put_ip4(w);
		put_ip6(w);
		put_ports(w, UDP, ports->udp, ports->udp_count);
		put_ports(w, TCP, ports->tcp, ports->tcp_count);
		put_end(w, then);
		resolve(w);
		ok = !w->failed;
	}
	if (ok)
		*out = (struct bpf_program){ .bf_len = w->n, .bf_insns = w->code };
	else if (w != NULL)
		free(w->code);
	free(w);
	return ok;
}
