/* SPDX-License-Identifier: BSD-2-Clause */
/* Who decodes which UDP port. */
#include "dissect/packet.h"
#include "dissect/tcp.h"

static const struct {
	uint16_t port, next;
} services[] = {
	{ 5353, CL_NEXT_MDNS },
	{ 5355, CL_NEXT_LLMNR },
};

/* Believed when what they carry is plausible; after all services. */
static const struct {
	uint16_t port, next;
} tunnels[] = {
	{ 1701, CL_NEXT_L2TP },	     /* RFC 2661 */
	{ 3544, CL_NEXT_TEREDO },    /* RFC 4380 */
	{ 4789, CL_NEXT_VXLAN },     /* RFC 7348 */
	{ 4790, CL_NEXT_VXLAN_GPE }, /* draft-ietf-nvo3-vxlan-gpe */
	{ 6081, CL_NEXT_GENEVE },    /* RFC 8926 */
	{ 6635, CL_NEXT_MPLS_OVER }, /* RFC 7510 */
	{ 8472, CL_NEXT_VXLAN },     /* Linux before it had a number */
};

static bool is_one(const uint16_t *ports, size_t n, uint16_t sport, uint16_t dport)
{
	for (size_t i = 0; i < n; i++)
		if (ports[i] == sport || ports[i] == dport)
			return true;
	return false;
}

enum cl_next cl_udp_service_other(const struct cl_limits *l, uint16_t sport, uint16_t dport)
{
	for (unsigned i = 0; i < sizeof services / sizeof *services; i++)
		if (dport == services[i].port || sport == services[i].port)
			return (enum cl_next)services[i].next;
	if (is_one(l->ntp_ports, l->ntp_port_count, sport, dport))
		return CL_NEXT_NTP;
	if (is_one(l->dns_ports, l->dns_port_count, sport, dport))
		return CL_NEXT_DNS;
	for (unsigned i = 0; i < sizeof tunnels / sizeof *tunnels; i++)
		if (dport == tunnels[i].port || sport == tunnels[i].port)
			return (enum cl_next)tunnels[i].next;
	return CL_NEXT_DONE;
}

static void put(struct cl_port_list *l, uint16_t port)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->port[i] == port)
			return;
	if (l->count < CL_PORT_LIST_MAX)
		l->port[l->count++] = port;
}

static void put_all(struct cl_port_list *l, const uint16_t *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(l, ports[i]);
}

void cl_ports_udp(const struct cl_limits *l, struct cl_port_list *out)
{
	static const uint16_t usual[] = { CL_PORT_NTP, CL_PORT_DNS, 443, 853 }; /* and QUIC's */

	out->count = 0;
	put_all(out, usual, sizeof usual / sizeof *usual);
	put_all(out, l->ntp_ports, l->ntp_port_count);
	put_all(out, l->dns_ports, l->dns_port_count);
	for (unsigned i = 0; i < sizeof services / sizeof *services; i++)
		put(out, services[i].port);
	for (unsigned i = 0; i < sizeof tunnels / sizeof *tunnels; i++)
		put(out, tunnels[i].port);
}

void cl_ports_tcp(const struct cl_limits *l, struct cl_port_list *out)
{
	out->count = 0;
	put(out, CL_PORT_DNS);
	put_all(out, l->dns_ports, l->dns_port_count);
	for (size_t i = 0; cl_tcp_app_port(i) != 0; i++)
		put(out, cl_tcp_app_port(i));
}

bool cl_tcp_is_dns(const struct cl_limits *l, uint16_t sport, uint16_t dport)
{
	return dport == CL_PORT_DNS || sport == CL_PORT_DNS ||
	       is_one(l->dns_ports, l->dns_port_count, sport, dport);
}
