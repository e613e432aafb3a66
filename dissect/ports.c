/* SPDX-License-Identifier: BSD-2-Clause */
/* Who decodes which UDP port. */
#include "dissect/packet.h"
#include "dissect/tcp.h"
#include "dissect/tls/quic.h"

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

bool cl_tcp_is_dns(const struct cl_limits *l, uint16_t sport, uint16_t dport)
{
	return dport == CL_PORT_DNS || sport == CL_PORT_DNS ||
	       is_one(l->dns_ports, l->dns_port_count, sport, dport);
}

static bool udp_is_ours(const struct cl_limits *l, uint16_t port)
{
	return cl_udp_service(l, port, port) != CL_NEXT_DONE || cl_quic_port(port, port);
}

static bool tcp_is_ours(const struct cl_limits *l, uint16_t port)
{
	return cl_tcp_is_dns(l, port, port) || cl_tcp_app_find(port) != NULL;
}

static size_t list(bool (*is_ours)(const struct cl_limits *l, uint16_t port), const struct cl_limits *l,
		   uint16_t *ports, size_t room)
{
	size_t n = 0;

	for (uint32_t port = 0; port <= UINT16_MAX; port++)
		if (is_ours(l, (uint16_t)port) && n++ < room)
			ports[n - 1] = (uint16_t)port;
	return n;
}

size_t cl_udp_ports(const struct cl_limits *limits, uint16_t *ports, size_t room)
{
	return list(udp_is_ours, limits, ports, room);
}

size_t cl_tcp_ports(const struct cl_limits *limits, uint16_t *ports, size_t room)
{
	return list(tcp_is_ours, limits, ports, room);
}
