/* SPDX-License-Identifier: BSD-2-Clause */
/* Words about tunnels. Lines of a table: at most 88 octets each. */
#include "cli/view/tunnel_findings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_ROOM 200

struct teller {
	cl_finding_fn *fn;
	void *ctx;
};

__attribute__((format(printf, 3, 4))) static void say(const struct teller *to, const char *finding,
						      const char *format, ...)
{
	char text[TEXT_ROOM];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	to->fn(to->ctx, finding, text);
}

static const char *end_of(unsigned way)
{
	return way == CL_TUNNEL_AB ? "A" : "B";
}

static const char *other_end(unsigned way)
{
	return end_of(!way);
}

/* What has to get through for the tunnel to work. */
static const char *carrier(const char *kind)
{
	static const struct {
		const char *kind, *carrier;
	} carriers[] = { { "6in4", "protocol 41" }, { "6in6", "protocol 41" },
			 { "4in4", "protocol 4" },  { "4in6", "protocol 4" },
			 { "gre", "protocol 47" },  { "erspan", "protocol 47" },
			 { "pptp", "protocol 47" }, { "mpls", "UDP or protocol 137" },
			 { "teredo", "UDP" },	    { "vxlan", "UDP" },
			 { "geneve", "UDP" },	    { "l2tp", "UDP or protocol 115" } };

	for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++)
		if (strcmp(carriers[i].kind, kind) == 0)
			return carriers[i].carrier;
	return "it";
}

const char *cl_tunnel_state(const struct cl_tunnel_shown *t)
{
	bool ab = t->way[CL_TUNNEL_AB].packets > 0, ba = t->way[CL_TUNNEL_BA].packets > 0;

	return ab && ba ? "up" : ab || ba ? "half-open" : "no packets";
}

static void state_finding(const struct cl_tunnel_shown *t, const struct teller *to)
{
	bool ab = t->way[CL_TUNNEL_AB].packets > 0, ba = t->way[CL_TUNNEL_BA].packets > 0;
	unsigned way = ab ? CL_TUNNEL_AB : CL_TUNNEL_BA;
	int64_t n = t->way[way].packets;

	if (t->others || (ab && ba))
		return;
	if (!ab && !ba)
		say(to, "no_packets",
		    "no packet of it was seen, only errors about it: forged, or another way");
	else if (strcmp(t->kind, "erspan") == 0)
		say(to, "one_way", "%" PRId64 " packets from %s to %s, none back: as a mirrored port has it",
		    n, end_of(way), other_end(way));
	else
		say(to, "half_open",
		    "half-open: %" PRId64 " packets from %s to %s, none back; is %s blocked on the way?", n,
		    end_of(way), other_end(way), carrier(t->kind));
}

static void fragment_finding(const struct cl_tunnel_shown *t, unsigned way, const struct teller *to)
{
	const struct cl_tunnel_way *w = &t->way[way];

	if (w->fragments > 0)
		say(to, "fragments", "%" PRId64 " of %" PRId64 " outer packets from %s are IP fragments",
		    w->fragments, w->packets, end_of(way));
}

/* Longer is worth a word, where packets go both ways in all. */
#define ALONE_NS INT64_C(10000000000)

static void alone_finding(const struct cl_tunnel_shown *t, unsigned way, const struct teller *to)
{
	const struct cl_tunnel_way *w = &t->way[way];

	if (w->alone_ns >= ALONE_NS && t->way[!way].packets > 0)
		say(to, "one_way_stretch",
		    "for %.1f s packets came from %s alone: half-open then, or none had to come back",
		    (double)w->alone_ns / 1e9, end_of(way));
}

static void ttl_finding(const struct cl_tunnel_shown *t, unsigned way, const struct teller *to)
{
	const struct cl_tunnel_way *w = &t->way[way];

	if (w->ttl_changes > 0)
		say(to, "ttl",
		    "the outer TTL from %s changes %" PRId64 " times, between %" PRId64 " and %" PRId64
		    ": more than one path or sender",
		    end_of(way), w->ttl_changes, w->ttl_min, w->ttl_max);
}

/* Octets of IP's and TCP's headers inside; 0: of either version. */
static int64_t headers_of(const char *kind)
{
	if (kind[0] == '6' || strcmp(kind, "teredo") == 0)
		return 60;
	return kind[0] == '4' ? 40 : 0;
}

static void mss_finding(const struct cl_tunnel_shown *t, unsigned way, const struct teller *to)
{
	const struct cl_tunnel_way *w = &t->way[way];
	const int64_t mtu = (int64_t)CL_TUNNEL_LINK_MTU - w->overhead, headers = headers_of(t->kind);
	char fit[64];

	if (w->syns_over == 0)
		return;
	if (headers > 0)
		snprintf(fit, sizeof fit, "%" PRId64, mtu - headers);
	else
		snprintf(fit, sizeof fit, "%" PRId64 " (IPv6 %" PRId64 ")", mtu - 40, mtu - 60);
	say(to, "mss",
	    "MSS up to %" PRId64 " in %" PRId64 " of %" PRId64 " SYNs from %s; links of %u leave %s",
	    w->mss_max, w->syns_over, w->syns, end_of(way), CL_TUNNEL_LINK_MTU, fit);
}

static void too_big_finding(const struct cl_tunnel_shown *t, unsigned way, const struct teller *to)
{
	const struct cl_tunnel_way *w = &t->way[way];

	if (w->too_big > 0 && w->too_big_mtu >= 0)
		say(to, "packet_too_big",
		    "%" PRId64 " Packet Too Big inside, from the side of %s: MTU %" PRId64 " at the least",
		    w->too_big, end_of(way), w->too_big_mtu);
	else if (w->too_big > 0)
		say(to, "packet_too_big", "%" PRId64 " Packet Too Big inside, from the side of %s",
		    w->too_big, end_of(way));
}

static void echo_finding(const struct cl_tunnel_shown *t, unsigned way, const struct teller *to)
{
	const struct cl_tunnel_way *w = &t->way[way];

	if (w->echo_requests > w->echo_answered)
		say(to, "pings_unanswered",
		    "%" PRId64 " of %" PRId64 " pings from the side of %s have no reply within %d s",
		    w->echo_requests - w->echo_answered, w->echo_requests, end_of(way),
		    (int)(CL_TUNNEL_ECHO_NS / 1000000000));
}

static void lost_finding(const struct cl_tunnel_shown *t, const struct teller *to)
{
	if (t->others)
		say(to, "others", "tunnels beyond the first %u of a run, together", CL_TUNNELS_MAX);
	if (t->prefixes_lost > 0)
		say(to, "given_up", "networks of %" PRId64 " packets found no room", t->prefixes_lost);
	if (t->protocols_lost > 0)
		say(to, "given_up", "protocols of %" PRId64 " packets found no room", t->protocols_lost);
	if (t->echoes_lost > 0)
		say(to, "given_up", "%" PRId64 " pings gave way to later ones: they may have had a reply",
		    t->echoes_lost);
	if (t->errors_lost > 0)
		say(to, "given_up", "%" PRId64 " ICMP errors found no room", t->errors_lost);
}

void cl_tunnel_findings(const struct cl_tunnel_shown *t, cl_finding_fn *fn, void *ctx)
{
	const struct teller to = { fn, ctx };
	typedef void finding(const struct cl_tunnel_shown *shown, unsigned way, const struct teller *to);
	static finding *const findings[] = { alone_finding,    too_big_finding, mss_finding,
					     fragment_finding, ttl_finding,	echo_finding };

	state_finding(t, &to);
	for (size_t i = 0; i < sizeof findings / sizeof *findings; i++)
		for (unsigned way = 0; way < CL_TUNNEL_WAYS; way++)
			findings[i](t, way, &to);
	lost_finding(t, &to);
}

/* RFC 792, RFC 1812 sec. 5.2.7, RFC 4443. */
static const char *name_of(const struct cl_tunnel_error_shown *e)
{
	static const struct {
		uint8_t family, type, code;
		const char *name;
	} names[] = { { 4, 3, 0, "network unreachable" },
		      { 4, 3, 1, "host unreachable" },
		      { 4, 3, 2, "protocol unreachable" },
		      { 4, 3, 3, "port unreachable" },
		      { 4, 3, 4, "fragmentation needed" },
		      { 4, 3, 9, "network administratively prohibited" },
		      { 4, 3, 10, "host administratively prohibited" },
		      { 4, 3, 13, "administratively prohibited" },
		      { 4, 11, 0, "TTL exceeded" },
		      { 4, 11, 1, "reassembly time exceeded" },
		      { 6, 1, 0, "no route" },
		      { 6, 1, 1, "administratively prohibited" },
		      { 6, 1, 3, "address unreachable" },
		      { 6, 1, 4, "port unreachable" },
		      { 6, 2, 0, "Packet Too Big" },
		      { 6, 3, 0, "hop limit exceeded" },
		      { 6, 4, 1, "unrecognized next header" } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].family == e->family && names[i].type == e->type && names[i].code == e->code)
			return names[i].name;
	return NULL;
}

void cl_tunnel_error_finding(const struct cl_tunnel_shown *t, const struct cl_tunnel_error_shown *e,
			     cl_finding_fn *fn, void *ctx)
{
	const struct teller to = { fn, ctx };
	const char *name = name_of(e), *from;
	char address[CL_ADDR_STRLEN], mtu[32] = "", words[48] = "";

	cl_addr_format(&e->sender, address);
	from = cl_addr_cmp(&e->sender, &t->a) == 0   ? "A"
	       : cl_addr_cmp(&e->sender, &t->b) == 0 ? "B"
						     : address;
	if (name != NULL)
		snprintf(words, sizeof words, " (%s)", name);
	if (e->mtu >= 0)
		snprintf(mtu, sizeof mtu, ", MTU %" PRId64, e->mtu);
	say(&to, "icmp_error", "%" PRId64 " ICMP%s %u/%u%s about %s to %s%s, from %s", e->errors,
	    e->family == 6 ? "v6" : "", e->type, e->code, words, end_of(e->way), other_end(e->way), mtu,
	    from);
}
