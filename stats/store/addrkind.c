/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/addrkind.h"

#include "stats/table/sortkeys.h"

const char *const cl_addr_kind_names[CL_ADDR_KINDS] = { "6to4",	    "teredo",	     "isatap",	"eui64",
							"low_byte", "embedded_ipv4", "pattern", "random" };

#define NAT64_PREFIX 0x0064ff9b00000000u

/* Whether 16 bits, read as the digits they show as, are a decimal number up to 255. */
static bool is_decimal_octet(uint64_t word)
{
	uint64_t hundreds = word >> 8 & 0xf, tens = word >> 4 & 0xf, ones = word & 0xf;

	return word >> 12 == 0 && tens < 10 && ones < 10 && hundreds * 100 + tens * 10 + ones <= 255;
}

static bool has_ipv4(uint64_t prefix, uint64_t id)
{
	uint64_t first = id >> 24;

	if (prefix == NAT64_PREFIX && id >> 32 == 0)
		return true;
	if (id >> 32 == 0) /* written as an IPv4 address: its first octet is one that hosts have */
		return first > 0 && first < 224;
	return id >> 48 != 0 && is_decimal_octet(id >> 48) && is_decimal_octet(id >> 32 & 0xffff) &&
	       is_decimal_octet(id >> 16 & 0xffff) && is_decimal_octet(id & 0xffff);
}

static unsigned zero_octets(uint64_t id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 64; i += 8)
		n += (id >> i & 0xff) == 0;
	return n;
}

enum cl_addr_kind cl_addr_kind_of(const struct cl_addr *a)
{
	uint64_t prefix = cl_addr_half(a, 0), id = cl_addr_half(a, 1);

	if (prefix >> 48 == 0x2002)
		return CL_ADDR_6TO4;
	if (prefix >> 32 == 0x20010000)
		return CL_ADDR_TEREDO;
	if ((id >> 32 & ~UINT64_C(0x02000000)) == 0x00005efe)
		return CL_ADDR_ISATAP;
	if ((id >> 24 & 0xffff) == 0xfffe)
		return CL_ADDR_EUI64;
	if (prefix != NAT64_PREFIX && id >> 16 == 0)
		return CL_ADDR_LOW_BYTE;
	if (has_ipv4(prefix, id))
		return CL_ADDR_EMBEDDED_IPV4;
	return zero_octets(id) >= 4 ? CL_ADDR_PATTERN : CL_ADDR_RANDOM;
}

uint64_t cl_addr_mac(const struct cl_addr *a)
{
	uint64_t id =
		cl_addr_half(a, 1) ^ UINT64_C(0x0200000000000000); /* the bit that says who assigned it */

	return id >> 40 << 24 | (id & 0xffffff);
}
