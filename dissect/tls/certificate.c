/* SPDX-License-Identifier: BSD-2-Clause */
/* As much of X.509 as leads to a subject's common name (RFC 5280 sec. 4.1, X.690 sec. 8.1). */
#include "dissect/tls/handshake.h"

#define DER_OID	     0x06u
#define DER_SEQUENCE 0x30u
#define DER_SET	     0x31u
#define DER_VERSION  0xa0u /* [0] of a TBSCertificate */

#define NAMES_MAX 64u /* parts of a name that are looked at */

/* The next element's tag and contents. */
static struct cl_cur der(struct cl_cur *c, uint8_t *tag)
{
	uint32_t n;

	*tag = cl_cur_u8(c);
	n = cl_cur_u8(c);
	if (n > 0x80) {
		unsigned octets = n & 0x7f;

		if (octets > 3)
			c->err = CL_EMALF;
		for (n = 0; octets > 0 && c->err == CL_OK; octets--)
			n = n << 8 | cl_cur_u8(c);
	}
	return cl_cur_sub(c, n);
}

/* The contents of a RelativeDistinguishedName's value, if it is a commonName (2.5.4.3). */
static struct cl_span common_name(struct cl_cur set)
{
	static const uint8_t oid[3] = { 0x55, 0x04, 0x03 };
	uint8_t tag;
	struct cl_cur pair = der(&set, &tag), type = der(&pair, &tag);
	struct cl_span s = cl_cur_take(&type, cl_cur_left(&type));

	if (tag != DER_OID || s.len != sizeof oid || memcmp(s.ptr, oid, sizeof oid) != 0)
		return (struct cl_span){ NULL, 0 };
	struct cl_cur value = der(&pair, &tag);
	return cl_cur_take(&value, cl_cur_left(&value));
}

struct cl_span cl_tls_common_name(struct cl_span certificate)
{
	struct cl_cur c = cl_cur_make(certificate.ptr, certificate.len, certificate.len);
	struct cl_span found = { NULL, 0 };
	uint8_t tag;
	struct cl_cur outer = der(&c, &tag), tbs = der(&outer, &tag);

	if (tag != DER_SEQUENCE)
		return found;
	der(&tbs, &tag);
	if (tag == DER_VERSION)
		der(&tbs, &tag); /* serialNumber */
	der(&tbs, &tag);	 /* signature */
	der(&tbs, &tag);	 /* issuer */
	der(&tbs, &tag);	 /* validity */
	struct cl_cur subject = der(&tbs, &tag);
	for (unsigned i = 0; i < NAMES_MAX && subject.err == CL_OK && cl_cur_left(&subject) > 0; i++) {
		struct cl_cur set = der(&subject, &tag);
		struct cl_span name = tag == DER_SET ? common_name(set) : found;

		if (name.len > 0)
			found = name; /* the last is the most specific */
	}
	return found;
}
