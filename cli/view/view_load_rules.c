/* SPDX-License-Identifier: BSD-2-Clause */
/* load: lines for servers and firewalls. */
#include <stdio.h>

#include "cli/view/view_load.h"

void load_chrony(const struct cl_load_limits *l, char *out, size_t size)
{
	snprintf(out, size, "ratelimit interval %d burst %u leak %u", l->interval, l->burst, l->leak);
}

struct set {
	load_line_fn *line;
	void *ctx;
};

static void put(const struct set *s, const char *text)
{
	s->line(s->ctx, text);
}

/* The network that is refused: an IPv4 address, or the /64 of an IPv6 address. */
static struct cl_prefix network(const struct cl_addr *a)
{
	return cl_prefix_of(a, cl_addr_is_v4(a) ? 32 : 64);
}

/* Whether one of those before is in the same network. */
static bool is_in(const struct load_shown *v, size_t at, const struct cl_prefix *p)
{
	for (size_t i = 0; i < at; i++) {
		const struct cl_prefix q = network(&v->abusive[i]->addr);

		if (cl_addr_cmp(&q.addr, &p->addr) == 0)
			return true;
	}
	return false;
}

static void elements(const struct set *s, const struct load_shown *v, bool v4)
{
	const size_t n = v->abusives < LOAD_SET_MAX ? v->abusives : LOAD_SET_MAX;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		const struct cl_prefix p = network(&v->abusive[i]->addr);
		char text[CL_ADDR_STRLEN], line[CL_ADDR_STRLEN + 16];

		if (cl_addr_is_v4(&p.addr) != v4 || is_in(v, i, &p))
			continue;
		if (!any)
			put(s, "    elements = {");
		any = true;
		cl_addr_format(&p.addr, text);
		snprintf(line, sizeof line, "      %s/%u,", text, (unsigned)p.len);
		put(s, line);
	}
	if (any)
		put(s, "    }");
}

static void named_set(const struct set *s, const struct load_shown *v, bool v4)
{
	put(s, v4 ? "  set abusive4 {" : "  set abusive6 {");
	put(s, v4 ? "    type ipv4_addr" : "    type ipv6_addr");
	put(s, "    flags interval");
	elements(s, v, v4);
	put(s, "  }");
	put(s, v4 ? "  set r4 {" : "  set r6 {");
	put(s, v4 ? "    type ipv4_addr" : "    type ipv6_addr");
	put(s, "    size 65536");
	put(s, "    flags dynamic,timeout");
	put(s, "    timeout 10m");
	put(s, "  }");
}

static void limit(const struct set *s, const struct cl_load_limits *l, bool v4)
{
	char line[160];

	/* no wider than a line of 100 */
	snprintf(line, sizeof line, "    update @r%c {%s limit rate over %u/hour burst %u packets} drop",
		 v4 ? '4' : '6', v4 ? "ip saddr" : "ip6 saddr & ffff:ffff:ffff:ffff::",
		 (3600u + (1u << l->interval) - 1) >> l->interval, l->burst);
	put(s, line);
}

void load_nftables(const struct load_shown *v, load_line_fn *line, void *ctx)
{
	const struct set s = { line, ctx };

	put(&s, "table inet ntp_load {");
	named_set(&s, v, true);
	named_set(&s, v, false);
	put(&s, "  chain asked {");
	put(&s, "    ip saddr @abusive4 drop");
	put(&s, "    ip6 saddr @abusive6 drop");
	limit(&s, &v->limits, true);
	limit(&s, &v->limits, false);
	put(&s, "  }");
	put(&s, "  chain input {");
	put(&s, "    type filter hook input priority filter; policy accept;");
	put(&s, "    udp dport 123 jump asked");
	put(&s, "  }");
	put(&s, "}");
}
