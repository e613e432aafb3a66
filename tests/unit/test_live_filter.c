/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel would keep from us, against what is counted: each capture of testdata/ and of
 * ../shared/captures gives the same messages, facts and counted packets with the frames that the filter keeps
 * as with all. And frames made by hand of which it is known that they must go, or must stay.
 */
#include "tests/unit/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "capture/fragment.h"
#include "capture/input.h"
#include "capture/linktype.h"
#include "capture/live_filter.h"
#include "dissect/dissect.h"
#include "tests/unit/each_capture.h"

static const uint16_t more_ports[] = { 5300, 8053 };
static const struct cl_limits limits = { .hash_seed = 1, .dns_ports = more_ports, .dns_port_count = 2 };
static uint16_t udp[512], tcp[512];
static struct cl_live_ports ports = { .udp = udp, .tcp = tcp };

static const uint16_t linktypes[] = { CL_LINKTYPE_ETHERNET, CL_LINKTYPE_RAW, CL_LINKTYPE_LINUX_SLL,
				      CL_LINKTYPE_LINUX_SLL2 };
#define LINKTYPES (sizeof linktypes / sizeof *linktypes)

/* Ours alone, the user's alone, both. */
struct programs {
	struct bpf_program ours, user, both;
};
static struct programs programs[LINKTYPES];
#define USER "udp port 53 and not net 192.0.2.0/30"

static int make_programs(void **state)
{
	(void)state;
	ports.udp_count = cl_udp_ports(&limits, udp, 512);
	ports.tcp_count = cl_tcp_ports(&limits, tcp, 512);
	for (size_t i = 0; i < LINKTYPES; i++) {
		struct programs *p = &programs[i];
		pcap_t *h = pcap_open_dead(cl_linktype_dlt(linktypes[i]), 262144);

		assert_int_equal(pcap_compile(h, &p->user, USER, 1, PCAP_NETMASK_UNKNOWN), 0);
		assert_true(cl_live_program(&p->ours, linktypes[i], &ports, NULL));
		assert_true(cl_live_program(&p->both, linktypes[i], &ports, &p->user));
		assert_true(bpf_validate(p->ours.bf_insns, (int)p->ours.bf_len));
		assert_true(bpf_validate(p->both.bf_insns, (int)p->both.bf_len));
		pcap_close(h);
	}
	return 0;
}

static int free_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < LINKTYPES; i++) {
		free(programs[i].ours.bf_insns);
		free(programs[i].both.bf_insns);
		pcap_freecode(&programs[i].user);
	}
	return 0;
}

static bool passes(const struct bpf_program *p, const uint8_t *octets, uint32_t cap, uint32_t wire)
{
	return bpf_filter(p->bf_insns, octets, wire, cap) != 0;
}

static struct programs *programs_for(uint16_t linktype)
{
	for (size_t i = 0; i < LINKTYPES; i++)
		if (linktypes[i] == linktype)
			return &programs[i];
	return NULL;
}

static bool frame_passes(const struct cl_frame *f)
{
	const struct programs *p = programs_for(f->linktype);

	return p == NULL || passes(&p->ours, f->data, f->cap_len, f->wire_len);
}

/* Captures ------------------------------------------------------------------------ */

struct sum {
	uint64_t events, hash;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * 0x9e3779b97f4a7c15u ^ h >> 29;
}

static struct cl_event_room take(void *ctx, size_t n)
{
	static struct cl_event events[64];
	struct sum *s = ctx;

	for (size_t i = 0; i < n; i++) {
		const struct cl_event *e = &events[i];

		s->events++;
		s->hash = mix(s->hash, e->frame_no);
		s->hash = mix(s->hash, (uint64_t)e->time_ns);
		s->hash = mix(s->hash, (uint64_t)e->kind << 40 | (uint64_t)e->role << 32 |
					       (uint64_t)e->sport << 16 | e->dport);
		for (unsigned b = 0; b < sizeof e->src.b; b++)
			s->hash = mix(s->hash, (uint64_t)e->src.b[b] << 8 | e->dst.b[b]);
		if (e->kind == CL_EV_NTP)
			s->hash = mix(s->hash, e->u.ntp.org ^ e->u.ntp.xmt);
		else if (e->kind == CL_EV_DNS)
			s->hash = mix(s->hash, e->u.dns.qhash ^ e->u.dns.id);
	}
	return (struct cl_event_room){ .events = events, .count = 64 };
}

static uint64_t kept_away, kept_by_user, captures;

static bool run(const char *path, bool filtered, struct sum *sum, struct cl_ledger *ledger)
{
	struct cl_input_opts opts = { .hash = false };
	struct cl_input *in = cl_input_open(&path, 1, &opts);
	struct cl_dissector *d;
	const struct cl_frame *frames;
	bool opened;
	size_t n;

	*sum = (struct sum){ 0 };
	d = cl_dissector_new(&limits, take, sum);
	assert_non_null(in);
	assert_non_null(d);
	while ((n = cl_input_next(in, &frames)) > 0)
		for (size_t i = 0; i < n; i++) {
			if (!filtered || frame_passes(&frames[i]))
				cl_dissector_feed(d, &frames[i], 1);
			else
				kept_away++;
		}
	cl_dissector_finish(d);
	*ledger = *cl_dissector_ledger(d);
	opened = cl_input_files(in, &n)->opened;
	cl_dissector_free(d);
	cl_input_close(in);
	return opened;
}

/* The two programs in one keep what the user's alone keeps of ours, and all fragments. */
static void check_both(const char *path, const struct cl_frame *f)
{
	const struct programs *p = programs_for(f->linktype);
	bool ours, user, both, fragment;

	if (p == NULL)
		return;
	ours = passes(&p->ours, f->data, f->cap_len, f->wire_len);
	user = passes(&p->user, f->data, f->cap_len, f->wire_len);
	both = passes(&p->both, f->data, f->cap_len, f->wire_len);
	fragment = cl_frame_is_fragment(f);
	kept_by_user += ours && !both;
	if ((ours && user && !both) || (both && !ours) || (fragment && !both))
		fail_msg("%s: frame %llu: ours %d, user's %d, both %d, fragment %d", path,
			 (unsigned long long)f->number, ours, user, both, fragment);
}

static void check_user(const char *path)
{
	struct cl_input_opts opts = { .hash = false };
	struct cl_input *in = cl_input_open(&path, 1, &opts);
	const struct cl_frame *frames;
	size_t n;

	while ((n = cl_input_next(in, &frames)) > 0)
		for (size_t i = 0; i < n; i++)
			check_both(path, &frames[i]);
	cl_input_close(in);
}

static void check_capture(const char *path)
{
	static const enum cl_fate fates[] = { CL_FATE_COUNTED, CL_FATE_INCOMPLETE, CL_FATE_FILTERED };
	struct cl_ledger all, some;
	struct sum a, b;

	if (!run(path, false, &a, &all))
		return;
	run(path, true, &b, &some);
	captures++;
	if (a.events != b.events || a.hash != b.hash)
		fail_msg("%s: %llu messages, filtered %llu", path, (unsigned long long)a.events,
			 (unsigned long long)b.events);
	for (size_t i = 0; i < sizeof fates / sizeof *fates; i++)
		if (all.fate[fates[i]] != some.fate[fates[i]])
			fail_msg("%s: %s %llu, filtered %llu", path, cl_fate_names[fates[i]],
				 (unsigned long long)all.fate[fates[i]],
				 (unsigned long long)some.fate[fates[i]]);
	for (unsigned i = 0; i < CL_FACTS; i++)
		if (all.fact[i] != some.fact[i])
			fail_msg("%s: %s %llu, filtered %llu", path, cl_fact_names[i],
				 (unsigned long long)all.fact[i], (unsigned long long)some.fact[i]);
	check_user(path);
}

static void captures_of_the_tree(void **state)
{
	(void)state;
	captures = kept_away = kept_by_user = 0;
	each_capture("testdata/pcaps", check_capture);
	each_capture("testdata/bad", check_capture);
	assert_true(captures > 50);
	assert_true(kept_away > 0);
	assert_true(kept_by_user > 0);
}

static void shared_captures(void **state)
{
	(void)state;
	captures = kept_away = 0;
	each_capture("../shared/captures", check_capture);
	if (captures == 0)
		left_out("no ../shared/captures beside this tree");
	else
		assert_true(kept_away > 1000);
}

/* By hand -------------------------------------------------------------------------- */

struct frame {
	uint8_t octets[256];
	uint32_t n;
};

static void add(struct frame *f, const void *octets, size_t n)
{
	memcpy(f->octets + f->n, octets, n);
	f->n += (uint32_t)n;
}

static void add16(struct frame *f, unsigned v)
{
	const uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	add(f, b, 2);
}

/* An IPv4 packet to a port, `words` of 4 octets of options before it. */
static void add_ip4(struct frame *f, unsigned proto, unsigned fragment, unsigned words, unsigned sport,
		    unsigned dport)
{
	const uint8_t head[20] = { [0] = (uint8_t)(0x45 + words),
				   [6] = (uint8_t)(fragment >> 8),
				   [7] = (uint8_t)fragment,
				   [8] = 64,
				   [9] = (uint8_t)proto },
		      options[40] = { 0 }, rest[16] = { 0 };

	add(f, head, 20);
	add(f, options, 4 * words);
	add16(f, sport);
	add16(f, dport);
	add(f, rest, 16);
}

static void add_ip6(struct frame *f, unsigned next, unsigned sport, unsigned dport)
{
	const uint8_t head[40] = { [0] = 0x60, [6] = (uint8_t)next, [7] = 64 }, rest[16] = { 0 };

	add(f, head, 40);
	add16(f, sport);
	add16(f, dport);
	add(f, rest, 16);
}

static void add_ether(struct frame *f, unsigned tags, unsigned type)
{
	static const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	f->n = 0;
	add(f, addresses, 12);
	for (unsigned i = 0; i < tags; i++) {
		add16(f, i % 2 == 0 ? 0x88a8 : 0x8100);
		add16(f, 7 + i);
	}
	add16(f, type);
}

static bool ethernet_passes(const struct frame *f)
{
	return passes(&programs_for(CL_LINKTYPE_ETHERNET)->ours, f->octets, f->n, f->n);
}

static void ports_below_any_tags(void **state)
{
	struct frame f;

	(void)state;
	for (unsigned tags = 0; tags < 7; tags++) {
		const bool sure = tags <= 4; /* more than these are not looked behind */

		for (unsigned words = 0; words < 11; words += 5) {
			add_ether(&f, tags, 0x0800);
			add_ip4(&f, 17, 0x4000, words, 40000, 123);
			assert_true(ethernet_passes(&f));
			add_ether(&f, tags, 0x0800);
			add_ip4(&f, 6, 0, words, 53, 40000);
			assert_true(ethernet_passes(&f));
			add_ether(&f, tags, 0x0800);
			add_ip4(&f, 17, 0, words, 40000, 40001);
			assert_int_equal(ethernet_passes(&f), !sure);
			add_ether(&f, tags, 0x0800);
			add_ip4(&f, 6, 0x4000, words, 40000, 80);
			assert_int_equal(ethernet_passes(&f), !sure);
			add_ether(&f, tags, 0x0800);
			add_ip4(&f, 17, 0x2000, words, 40000, 40001);
			assert_true(ethernet_passes(&f));
			add_ether(&f, tags, 0x0800);
			add_ip4(&f, 17, 0x0001, words, 40000, 40001);
			assert_true(ethernet_passes(&f));
		}
		add_ether(&f, tags, 0x86dd);
		add_ip6(&f, 17, 123, 123);
		assert_true(ethernet_passes(&f));
		add_ether(&f, tags, 0x86dd);
		add_ip6(&f, 6, 40000, 4460);
		assert_true(ethernet_passes(&f));
		add_ether(&f, tags, 0x86dd);
		add_ip6(&f, 17, 40000, 40001);
		assert_int_equal(ethernet_passes(&f), !sure);
		add_ether(&f, tags, 0x86dd);
		add_ip6(&f, 44, 40000, 40001);
		assert_true(ethernet_passes(&f));
		add_ether(&f, tags, 0x0806);
		add_ip4(&f, 17, 0, 0, 123, 123);
		assert_int_equal(ethernet_passes(&f), !sure);
	}
}

static void ports_are_of_their_protocol(void **state)
{
	struct frame f;

	(void)state;
	add_ether(&f, 0, 0x0800);
	add_ip4(&f, 6, 0, 0, 40000, 4789); /* VXLAN is over UDP alone */
	assert_false(ethernet_passes(&f));
	add_ether(&f, 0, 0x0800);
	add_ip4(&f, 17, 0, 0, 40000, 4789);
	assert_true(ethernet_passes(&f));
	add_ether(&f, 0, 0x0800);
	add_ip4(&f, 6, 0, 0, 40000, 8053);
	assert_true(ethernet_passes(&f));
}

static bool has(const uint16_t *list, size_t n, unsigned port)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == port)
			return true;
	return false;
}

/* Services, tunnels and encrypted DNS, as the manual names them. */
static void ports_that_are_looked_into(void **state)
{
	static const uint16_t over_udp[] = { 53,   123,	 443,  853,  1701, 3544, 4789, 4790,
					     5353, 5355, 6081, 6635, 8472, 5300, 8053 },
			      over_tcp[] = { 53, 123, 443, 853, 4430, 4460, 5300, 8053 };

	(void)state;
	for (size_t i = 0; i < sizeof over_udp / sizeof *over_udp; i++)
		assert_true(has(udp, ports.udp_count, over_udp[i]));
	for (size_t i = 0; i < sizeof over_tcp / sizeof *over_tcp; i++)
		assert_true(has(tcp, ports.tcp_count, over_tcp[i]));
	assert_int_equal(ports.udp_count, sizeof over_udp / sizeof *over_udp);
	assert_int_equal(ports.tcp_count, sizeof over_tcp / sizeof *over_tcp);
}

static void protocols(void **state)
{
	static const uint8_t ours[] = { 1, 4, 41, 47, 115, 137 }, others[] = { 2, 50, 89, 132 };
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof ours; i++) {
		add_ether(&f, 1, 0x0800);
		add_ip4(&f, ours[i], 0, 0, 0, 0);
		assert_true(ethernet_passes(&f));
		add_ether(&f, 1, 0x86dd);
		add_ip6(&f, ours[i], 0, 0);
		assert_true(ethernet_passes(&f));
	}
	for (size_t i = 0; i < sizeof others; i++) {
		add_ether(&f, 1, 0x0800);
		add_ip4(&f, others[i], 0, 0, 123, 123);
		assert_false(ethernet_passes(&f));
		add_ether(&f, 1, 0x86dd);
		add_ip6(&f, others[i], 123, 123);
		assert_false(ethernet_passes(&f));
	}
	add_ether(&f, 0, 0x86dd);
	add_ip6(&f, 58, 0, 0);
	assert_true(ethernet_passes(&f));
}

static void labels_and_pppoe(void **state)
{
	static const uint8_t upper[4] = { 0, 0, 0x10, 64 }, bottom[4] = { 0, 0, 0x11, 64 },
			     pppoe[6] = { 0x11, 0, 0, 1, 0, 40 };
	struct frame f;

	(void)state;
	for (unsigned labels = 1; labels < 6; labels++)
		for (unsigned port = 122; port <= 123; port++) {
			add_ether(&f, 1, 0x8847);
			for (unsigned i = 1; i < labels; i++)
				add(&f, upper, 4);
			add(&f, bottom, 4);
			add_ip4(&f, 17, 0, 0, 40000, port);
			assert_int_equal(ethernet_passes(&f), port == 123 || labels > 4);
		}
	for (unsigned port = 122; port <= 123; port++) {
		add_ether(&f, 2, 0x8864);
		add(&f, pppoe, 6);
		add16(&f, 0x0057);
		add_ip6(&f, 17, 40000, port);
		assert_int_equal(ethernet_passes(&f), port == 123);
	}
	add_ether(&f, 0, 0x8864);
	add(&f, pppoe, 6);
	add16(&f, 0xc021); /* not IP: what it is, is for the dissector */
	assert_true(ethernet_passes(&f));
}

static void what_is_unknown_passes(void **state)
{
	struct bpf_program none;
	struct frame f;

	(void)state;
	add_ether(&f, 0, 0x1234);
	assert_true(ethernet_passes(&f));
	add_ether(&f, 0, 0x0026); /* a length: LLC */
	assert_true(ethernet_passes(&f));
	assert_false(cl_live_program(&none, CL_LINKTYPE_IEEE802_11_RADIOTAP, &ports, NULL));
}

static void other_link_types(void **state)
{
	struct frame f = { .n = 0 };

	(void)state;
	add_ip4(&f, 17, 0, 0, 40000, 123);
	assert_true(passes(&programs_for(CL_LINKTYPE_RAW)->ours, f.octets, f.n, f.n));
	f.octets[23] = 122;
	assert_false(passes(&programs_for(CL_LINKTYPE_RAW)->ours, f.octets, f.n, f.n));
	for (unsigned port = 122; port <= 123; port++) {
		f.n = 0;
		add(&f, (const uint8_t[14]){ 0 }, 14);
		add16(&f, 0x86dd);
		add_ip6(&f, 17, 40000, port);
		assert_int_equal(passes(&programs_for(CL_LINKTYPE_LINUX_SLL)->ours, f.octets, f.n, f.n),
				 port == 123);
		f.n = 0;
		add16(&f, 0x0800);
		add(&f, (const uint8_t[18]){ 0 }, 18);
		add_ip4(&f, 17, 0, 0, 40000, port);
		assert_int_equal(passes(&programs_for(CL_LINKTYPE_LINUX_SLL2)->ours, f.octets, f.n, f.n),
				 port == 123);
	}
}

/* As many ports as may be asked for still make a program that the kernel takes. */
static void many_ports(void **state)
{
	static uint16_t many[160];
	const struct cl_live_ports all = { .udp = many, .tcp = many, .udp_count = 160, .tcp_count = 90 };
	struct bpf_program p;

	(void)state;
	for (uint16_t i = 0; i < 160; i++)
		many[i] = (uint16_t)(20000 + i);
	assert_true(cl_live_program(&p, CL_LINKTYPE_ETHERNET, &all, &programs[0].user));
	assert_true(bpf_validate(p.bf_insns, (int)p.bf_len));
	assert_true(p.bf_len < 4096);
	for (unsigned port = 20158; port <= 20161; port++) {
		struct frame f;

		add_ether(&f, 0, 0x0800);
		add_ip4(&f, 17, 0x2000, 0, 1, port);
		assert_true(passes(&p, f.octets, f.n, f.n));
		add_ether(&f, 0, 0x0800);
		add_ip4(&f, 17, 0, 0, 53, port);
		assert_int_equal(passes(&p, f.octets, f.n, f.n), port < 20160);
	}
	free(p.bf_insns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captures_of_the_tree),	      cmocka_unit_test(shared_captures),
		cmocka_unit_test(ports_below_any_tags),	      cmocka_unit_test(ports_are_of_their_protocol),
		cmocka_unit_test(ports_that_are_looked_into), cmocka_unit_test(protocols),
		cmocka_unit_test(labels_and_pppoe),	      cmocka_unit_test(what_is_unknown_passes),
		cmocka_unit_test(other_link_types),	      cmocka_unit_test(many_ports),
	};

	return cmocka_run_group_tests(tests, make_programs, free_programs);
}
