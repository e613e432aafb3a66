/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of DNS values (IANA, Domain Name System Parameters). Each table rises by value. */
#include "dissect/dns/codes.h"

#include "dissect/attr.h"

#define FIND(table, value) cl_name_find(table, sizeof(table) / sizeof *(table), value)

/* RFC 6895 sec. 2.3. 16 is BADVERS in an OPT record; BADSIG (RFC 8945) has the same number in TSIG alone. */
static const struct cl_name rcodes[] = {
	{ 0, "NOERROR" },  { 1, "FORMERR" },	{ 2, "SERVFAIL" }, { 3, "NXDOMAIN" },  { 4, "NOTIMP" },
	{ 5, "REFUSED" },  { 6, "YXDOMAIN" },	{ 7, "YXRRSET" },  { 8, "NXRRSET" },   { 9, "NOTAUTH" },
	{ 10, "NOTZONE" }, { 11, "DSOTYPENI" }, { 16, "BADVERS" }, { 17, "BADKEY" },   { 18, "BADTIME" },
	{ 19, "BADMODE" }, { 20, "BADNAME" },	{ 21, "BADALG" },  { 22, "BADTRUNC" }, { 23, "BADCOOKIE" },
};

/* RFC 6895 sec. 3.2. */
static const struct cl_name classes[] = {
	{ 1, "IN" }, { 3, "CH" }, { 4, "HS" }, { 254, "NONE" }, { 255, "ANY" },
};

/* RFC 6895 sec. 2.2, RFC 8490 sec. 10.1. */
static const struct cl_name opcodes[] = {
	{ 0, "QUERY" }, { 1, "IQUERY" }, { 2, "STATUS" }, { 4, "NOTIFY" }, { 5, "UPDATE" }, { 6, "DSO" },
};

/* RFC 2930 sec. 2.5. */
static const struct cl_name tkey_modes[] = {
	{ 1, "server assignment" },   { 2, "Diffie-Hellman exchange" },
	{ 3, "GSS-API negotiation" }, { 4, "resolver assignment" },
	{ 5, "key deletion" },
};

/* RFC 8914 sec. 4 and later. */
static const struct cl_name extended_errors[] = {
	{ 0, "Other Error" },
	{ 1, "Unsupported DNSKEY Algorithm" },
	{ 2, "Unsupported DS Digest Type" },
	{ 3, "Stale Answer" },
	{ 4, "Forged Answer" },
	{ 5, "DNSSEC Indeterminate" },
	{ 6, "DNSSEC Bogus" },
	{ 7, "Signature Expired" },
	{ 8, "Signature Not Yet Valid" },
	{ 9, "DNSKEY Missing" },
	{ 10, "RRSIGs Missing" },
	{ 11, "No Zone Key Bit Set" },
	{ 12, "NSEC Missing" },
	{ 13, "Cached Error" },
	{ 14, "Not Ready" },
	{ 15, "Blocked" },
	{ 16, "Censored" },
	{ 17, "Filtered" },
	{ 18, "Prohibited" },
	{ 19, "Stale NXDomain Answer" },
	{ 20, "Not Authoritative" },
	{ 21, "Not Supported" },
	{ 22, "No Reachable Authority" },
	{ 23, "Network Error" },
	{ 24, "Invalid Data" },
	{ 25, "Signature Expired before Valid" },
	{ 26, "Too Early" },			      /* RFC 9250 */
	{ 27, "Unsupported NSEC3 Iterations Value" }, /* RFC 9276 */
	{ 28, "Unable to conform to policy" },
	{ 29, "Synthesized" },
	{ 30, "Invalid Query Type" }, /* RFC 9824 */
	{ 31, "Rate Limited" },
	{ 32, "Over Quota" },
	{ 33, "Negative Trust Anchor" },
	{ 34, "New Delegation Only" },
	{ 35, "Blocked by Upstream DNS Server" },
};

static const struct cl_name algorithms[] = {
	{ 0, "DELETE" },
	{ 1, "RSAMD5" },
	{ 2, "DH" },
	{ 3, "DSA" },
	{ 5, "RSASHA1" },
	{ 6, "DSA-NSEC3-SHA1" },
	{ 7, "RSASHA1-NSEC3-SHA1" },
	{ 8, "RSASHA256" },
	{ 10, "RSASHA512" },
	{ 12, "ECC-GOST" },
	{ 13, "ECDSAP256SHA256" },
	{ 14, "ECDSAP384SHA384" },
	{ 15, "ED25519" },
	{ 16, "ED448" },
	{ 17, "SM2SM3" },     /* RFC 9563 */
	{ 23, "ECC-GOST12" }, /* RFC 9558 */
	{ 252, "INDIRECT" },
	{ 253, "PRIVATEDNS" },
	{ 254, "PRIVATEOID" },
};

static const struct cl_name digests[] = {
	{ 1, "SHA-1" },	  { 2, "SHA-256" }, { 3, "GOST R 34.11-94" },
	{ 4, "SHA-384" }, { 5, "GOST12" },  { 6, "SM3" },
};

/* RFC 4398 sec. 2.1. */
static const struct cl_name certificates[] = {
	{ 1, "PKIX" }, { 2, "SPKI" },	{ 3, "PGP" },	  { 4, "IPKIX" }, { 5, "ISPKI" },
	{ 6, "IPGP" }, { 7, "ACPKIX" }, { 8, "IACPKIX" }, { 253, "URI" }, { 254, "OID" },
};

/* RFC 4255 sec. 3.1.1 and later. */
static const struct cl_name ssh_algorithms[] = {
	{ 1, "RSA" }, { 2, "DSA" }, { 3, "ECDSA" }, { 4, "Ed25519" }, { 5, "XMSS" }, { 6, "Ed448" },
};

/* RFC 7218 sec. 2.1. */
static const struct cl_name usages[] = {
	{ 0, "PKIX-TA" }, { 1, "PKIX-EE" }, { 2, "DANE-TA" }, { 3, "DANE-EE" }, { 255, "PrivCert" },
};

/* RFC 9460 sec. 14.3.2 and later. */
static const struct cl_name service_keys[] = {
	{ 0, "mandatory" },	  { 1, "alpn" },
	{ 2, "no-default-alpn" }, { 3, "port" },
	{ 4, "ipv4hint" },	  { 5, "ech" },
	{ 6, "ipv6hint" },	  { 7, "dohpath" },
	{ 8, "ohttp" },		  { 9, "tls-supported-groups" },
	{ 10, "docpath" },	  { 11, "pvd" },
	{ 12, "oots" },		  { 32769, "odohconfig" },
};

static const struct cl_name families[] = { { 1, "IPv4" }, { 2, "IPv6" } };
static const struct cl_name protocols[] = { { 6, "TCP" }, { 17, "UDP" } };

/* RFC 4025 sec. 2.3, RFC 8777 sec. 4.2.3. */
static const struct cl_name gateways[] = { { 0, "none" }, { 1, "IPv4" }, { 2, "IPv6" }, { 3, "name" } };

/* RFC 8490 sec. 10.3, RFC 8765 sec. 8. */
static const struct cl_name dso_types[] = {
	{ 1, "KeepAlive" }, { 2, "RetryDelay" },     { 3, "EncryptionPadding" }, { 0x40, "SUBSCRIBE" },
	{ 0x41, "PUSH" },   { 0x42, "UNSUBSCRIBE" }, { 0x43, "RECONFIRM" },
};

const char *cl_dns_rcode_name(uint32_t rcode)
{
	return FIND(rcodes, rcode);
}

const char *cl_dns_rcode_text(uint64_t rcode)
{
	return FIND(rcodes, rcode);
}

const char *cl_dns_class_text(uint64_t class)
{
	return FIND(classes, class);
}

const char *cl_dns_opcode_text(uint64_t opcode)
{
	return FIND(opcodes, opcode);
}

const char *cl_dns_tsig_text(uint64_t error)
{
	return error == 16 ? "BADSIG" : FIND(rcodes, error);
}

const char *cl_dns_tkey_text(uint64_t mode)
{
	return FIND(tkey_modes, mode);
}

const char *cl_dns_ede_text(uint64_t code)
{
	return FIND(extended_errors, code);
}

const char *cl_dns_algorithm_text(uint64_t algorithm)
{
	return FIND(algorithms, algorithm);
}

const char *cl_dns_digest_text(uint64_t type)
{
	return FIND(digests, type);
}

const char *cl_dns_cert_text(uint64_t type)
{
	return FIND(certificates, type);
}

const char *cl_dns_ssh_text(uint64_t algorithm)
{
	return FIND(ssh_algorithms, algorithm);
}

const char *cl_dns_tlsa_text(uint64_t usage)
{
	return FIND(usages, usage);
}

const char *cl_dns_svc_text(uint64_t key)
{
	return FIND(service_keys, key);
}

const char *cl_dns_family_text(uint64_t family)
{
	return FIND(families, family);
}

const char *cl_dns_protocol_text(uint64_t protocol)
{
	return FIND(protocols, protocol);
}

const char *cl_dns_gateway_text(uint64_t type)
{
	return FIND(gateways, type);
}

const char *cl_dns_dso_text(uint64_t type)
{
	return FIND(dso_types, type);
}
