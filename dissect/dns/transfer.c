/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/dns/transfer.h"

#include "dissect/dns/name.h"

enum { TYPE_SOA = 6, TYPE_IXFR = 251, TYPE_AXFR = 252 };

bool cl_dns_soa_serial(struct cl_cur data, uint16_t length, uint32_t *serial)
{
	cl_cur_narrow(&data, length);
	cl_dns_name_skip(&data);
	cl_dns_name_skip(&data);
	*serial = cl_cur_u32(&data);
	return data.err == CL_OK;
}

void cl_dns_transfer(struct cl_cur c, uint32_t answers, struct cl_dns *dns)
{
	bool asked = dns->qtype == TYPE_AXFR || dns->qtype == TYPE_IXFR;

	if (answers == 0 || ((dns->bits & CL_DNS_QUESTION) != 0 && !asked))
		return;
	dns->transfer = answers == 1 ? CL_DNS_XFR_ANSWER | CL_DNS_XFR_ONE : CL_DNS_XFR_ANSWER;
	for (uint32_t i = 0; i < answers; i++) { /* takes 11 octets or more a turn */
		cl_dns_name_skip(&c);
		uint16_t type = cl_cur_u16(&c);
		bool may_be_soa = type == TYPE_SOA || c.err != CL_OK;
		cl_cur_skip(&c, 6); /* class, time to live */
		uint16_t length = cl_cur_u16(&c);
		struct cl_cur data = c;
		cl_cur_skip(&c, length);
		if (c.err == CL_ETRUNC && i == 0 && may_be_soa)
			dns->transfer |= CL_DNS_XFR_CUT;
		if (c.err != CL_OK)
			return;
		if (type != TYPE_SOA)
			continue;
		dns->transfer ^= CL_DNS_XFR_ODD;
		if (i == 0) {
			dns->transfer |= CL_DNS_XFR_FIRST;
			(void)cl_dns_soa_serial(data, length, &dns->soa_first);
		}
		if (i + 1 == answers) {
			dns->transfer |= CL_DNS_XFR_LAST;
			(void)cl_dns_soa_serial(data, length, &dns->soa_last);
		}
	}
}
