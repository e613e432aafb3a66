/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/linktype.h"

#include <pcap/pcap.h>
#include <stddef.h>

#ifndef DLT_LINUX_SLL2
#define DLT_LINUX_SLL2 276
#endif

/* Sorted by value. */
static const struct row {
	uint16_t linktype;
	int dlt;
} rows[] = {
	{ CL_LINKTYPE_NULL, DLT_NULL },
	{ CL_LINKTYPE_ETHERNET, DLT_EN10MB },
	{ CL_LINKTYPE_PPP, DLT_PPP },
	{ CL_LINKTYPE_PPP_HDLC, DLT_PPP_SERIAL },
	{ CL_LINKTYPE_PPP_ETHER, DLT_PPP_ETHER },
	{ CL_LINKTYPE_RAW, DLT_RAW },
	{ CL_LINKTYPE_C_HDLC, DLT_C_HDLC },
	{ CL_LINKTYPE_IEEE802_11, DLT_IEEE802_11 },
	{ CL_LINKTYPE_LOOP, DLT_LOOP },
	{ CL_LINKTYPE_LINUX_SLL, DLT_LINUX_SLL },
	{ CL_LINKTYPE_IEEE802_11_RADIOTAP, DLT_IEEE802_11_RADIO },
	{ CL_LINKTYPE_PPI, DLT_PPI },
	{ CL_LINKTYPE_MPLS, DLT_MPLS },
	{ CL_LINKTYPE_IPV4, DLT_IPV4 },
	{ CL_LINKTYPE_IPV6, DLT_IPV6 },
	{ CL_LINKTYPE_NFLOG, DLT_NFLOG },
	{ CL_LINKTYPE_LINUX_SLL2, DLT_LINUX_SLL2 },
};

static const struct row *find(uint16_t linktype)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].linktype == linktype)
			return &rows[i];
	return NULL;
}

uint16_t cl_linktype_of_file(uint32_t field)
{
	uint16_t type = (uint16_t)(field & 0xffffu);

	switch (type) {
	case 11: /* DLT_ATM_RFC1483 on BSD: LINKTYPE_ATM_RFC1483 */
		return 100;
	case 12: /* DLT_RAW on Linux and most BSD */
	case 14: /* DLT_RAW on OpenBSD */
		return CL_LINKTYPE_RAW;
	default:
		return type;
	}
}

int cl_linktype_dlt(uint16_t linktype)
{
	const struct row *r = find(linktype);

	return r != NULL ? r->dlt : linktype;
}
