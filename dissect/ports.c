/* SPDX-License-Identifier: BSD-2-Clause */
/* Who decodes which UDP port. */
#include "dissect/packet.h"

#define DNS_PORT 53u

static const struct {
	uint16_t port, next;
} services[] = {
	{ 123, CL_NEXT_NTP },
	{ DNS_PORT, CL_NEXT_DNS },
	{ 5353, CL_NEXT_MDNS },
	{ 5355, CL_NEXT_LLMNR },
};

/* Either port tells; between two services the table's order decides. */
enum cl_next cl_udp_service(uint16_t sport, uint16_t dport)
{
	for (unsigned i = 0; i < sizeof services / sizeof *services; i++)
		if (dport == services[i].port || sport == services[i].port)
			return (enum cl_next)services[i].next;
	return CL_NEXT_DONE;
}

bool cl_tcp_is_dns(uint16_t sport, uint16_t dport)
{
	return dport == DNS_PORT || sport == DNS_PORT;
}
