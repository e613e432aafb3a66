/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/reasons.h"

#include <stdio.h>

void cl_undecoded_text(const struct cl_undecoded_row *row, char out[CL_REASON_LEN])
{
	switch (row->kind) {
	case CL_UND_LINKTYPE:
		snprintf(out, CL_REASON_LEN, "link type %u", row->value);
		break;
	case CL_UND_ETHERTYPE:
		snprintf(out, CL_REASON_LEN, "EtherType 0x%04x", row->value);
		break;
	case CL_UND_PPP:
		snprintf(out, CL_REASON_LEN, "PPP protocol 0x%04x", row->value);
		break;
	case CL_UND_NULL_AF:
		snprintf(out, CL_REASON_LEN, "loopback address family %u", row->value);
		break;
	case CL_UND_IP_PROTO:
		snprintf(out, CL_REASON_LEN, "tunnel, IP protocol %u", row->value);
		break;
	case CL_UND_WLAN:
		snprintf(out, CL_REASON_LEN, "802.11, %s",
			 row->value == 1   ? "encrypted"
			 : row->value == 2 ? "fragment"
					   : "several packets in one frame");
		break;
	case CL_UND_MPLS:
		snprintf(out, CL_REASON_LEN, "below MPLS, first octet 0x%02x", row->value);
		break;
	case CL_UND_REST:
		snprintf(out, CL_REASON_LEN, "other reasons");
		break;
	}
}
