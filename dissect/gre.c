/* SPDX-License-Identifier: BSD-2-Clause */
/* GRE (RFC 2784, RFC 2890). */
#include "dissect/packet.h"

enum cl_next cl_gre(struct cl_pkt *p)
{
	return cl_pkt_undecoded(p, CL_UND_IP_PROTO, 47);
}
