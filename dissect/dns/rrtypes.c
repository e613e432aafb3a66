/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every type of resource record: a row each, and what its RDATA is made of. A further type is a row here, and
 * a function only where parts cannot say it. Numbers and names: IANA, Domain Name System Parameters.
 */
#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"

/* clang-format off */
#define PART(what, n, name, label, type, base, flags, text) \
	{ what, false, n, { name, label, type, base, flags, text } }
#define U8(f, l, t)	PART(CL_DNS_U8, 0, f, l, CL_V_UINT, CL_DEC, 0, t)
#define U16(f, l, t)	PART(CL_DNS_U16, 0, f, l, CL_V_UINT, CL_DEC, 0, t)
#define U32(f, l)	PART(CL_DNS_U32, 0, f, l, CL_V_UINT, CL_DEC, 0, NULL)
#define FLAG(f, l, n)	PART(CL_DNS_BITS, n, f, l, CL_V_BOOL, CL_DEC, 0, NULL)
#define TIME(f, l)	PART(CL_DNS_TIME32, 0, f, l, CL_V_TIME, 0, 0, NULL)
#define NAME(f, l)	PART(CL_DNS_NAME, 0, f, l, CL_V_TEXT, 0, 0, NULL)
#define UNAME(f, l)	PART(CL_DNS_UNAME, 0, f, l, CL_V_TEXT, 0, 0, NULL)
#define LEN8(f, l)	PART(CL_DNS_LEN8, 0, f, l, CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL)
#define LEN16(f, l)	PART(CL_DNS_LEN16, 0, f, l, CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL)
#define COUNTED(f, l)	PART(CL_DNS_COUNTED, 0, f, l, CL_V_BYTES, 0, 0, NULL)
#define TEXT(f, l)	PART(CL_DNS_COUNTED, 0, f, l, CL_V_TEXT, 0, 0, NULL)
#define STRING(f, l)	PART(CL_DNS_STRING, 0, f, l, CL_V_TEXT, 0, 0, NULL)
#define REST(f, l)	PART(CL_DNS_REST, 0, f, l, CL_V_BYTES, 0, 0, NULL)
#define SOME(f, l)	PART(CL_DNS_SOME, 0, f, l, CL_V_BYTES, 0, 0, NULL)
#define SOME_TEXT(f, l)	PART(CL_DNS_SOME, 0, f, l, CL_V_TEXT, 0, 0, NULL)
#define BITMAP		{ CL_DNS_BITMAP, false, 0, { 0 } }

static const struct cl_dns_part ns[] = { NAME("dns.ns", "Name Server") };
static const struct cl_dns_part md[] = { NAME("dns.md", "Mail Destination") };
static const struct cl_dns_part mf[] = { NAME("dns.mf", "Mail Forwarder") };
static const struct cl_dns_part cname[] = { NAME("dns.cname", "CNAME") };
static const struct cl_dns_part soa[] = {
	NAME("dns.soa.mname", "Primary name server"),
	NAME("dns.soa.rname", "Responsible authority's mailbox"),
	U32("dns.soa.serial_number", "Serial Number"),
	U32("dns.soa.refresh_interval", "Refresh Interval"),
	U32("dns.soa.retry_interval", "Retry Interval"),
	U32("dns.soa.expire_limit", "Expire limit"),
	U32("dns.soa.minimum_ttl", "Minimum TTL"),
};
static const struct cl_dns_part mb[] = { NAME("dns.mb", "Mailbox Domain") };
static const struct cl_dns_part mg[] = { NAME("dns.mg", "Mail Group member") };
static const struct cl_dns_part mr[] = { NAME("dns.mr", "Mail Rename domain") };
static const struct cl_dns_part null[] = { REST("dns.null", "Null (data)") };
static const struct cl_dns_part wks[] = {
	PART(CL_DNS_IP4, 0, "dns.wks.address", "Address", CL_V_IP4, 0, 0, NULL),
	U8("dns.wks.protocol", "Protocol", cl_dns_protocol_text),
};
static const struct cl_dns_part ptr[] = { NAME("dns.ptr.domain_name", "Domain Name") };
static const struct cl_dns_part hinfo[] = {
	LEN8("dns.hinfo.cpu_length", "CPU Length"), TEXT("dns.hinfo.cpu", "CPU"),
	LEN8("dns.hinfo.os_length", "OS Length"), TEXT("dns.hinfo.os", "OS"),
};
static const struct cl_dns_part minfo[] = {
	NAME("dns.minfo.r", "Responsible Mailbox"), NAME("dns.minfo.e", "Error Mailbox"),
};
static const struct cl_dns_part mx[] = {
	U16("dns.mx.preference", "Preference", NULL), NAME("dns.mx.mail_exchange", "Mail Exchange"),
};
static const struct cl_dns_part txt[] = { LEN8("dns.txt.length", "TXT Length"), TEXT("dns.txt", "TXT") };
static const struct cl_dns_part rp[] = {
	NAME("dns.rp.mailbox", "Mailbox"), NAME("dns.rp.txt_rr", "TXT RR"),
};
static const struct cl_dns_part afsdb[] = {
	U16("dns.afsdb.subtype", "Subtype", NULL), NAME("dns.afsdb.hostname", "Hostname"),
};
static const struct cl_dns_part x25[] = {
	LEN8("dns.x25.length", "Length"), TEXT("dns.x25.psdn_address", "PSDN-Address"),
};
static const struct cl_dns_part isdn[] = {
	LEN8("dns.idsn.length", "Length"), TEXT("dns.idsn.address", "ISDN Address"),
	{ CL_DNS_LEN8, true, 0, { "dns.idsn.sa.length", "Length", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL } },
	TEXT("dns.idsn.sa.address", "Sub Address"),
};
static const struct cl_dns_part rt[] = {
	U16("dns.rt.subtype", "Preference", NULL), NAME("dns.rt.intermediate_host", "Intermediate Hostname"),
};
static const struct cl_dns_part nsap[] = { REST("dns.nsap.rdata", "NSAP Data") };
static const struct cl_dns_part nsap_ptr[] = { NAME("dns.nsap_ptr.owner", "Owner") };
static const struct cl_dns_part rrsig[] = {
	U16("dns.rrsig.type_covered", "Type Covered", cl_dns_type_text),
	U8("dns.rrsig.algorithm", "Algorithm", cl_dns_algorithm_text),
	U8("dns.rrsig.labels", "Labels", NULL),
	U32("dns.rrsig.original_ttl", "Original TTL"),
	TIME("dns.rrsig.signature_expiration", "Signature Expiration"),
	TIME("dns.rrsig.signature_inception", "Signature Inception"),
	U16("dns.rrsig.key_tag", "Key Tag", NULL),
};
static const struct cl_dns_part key[] = {
	PART(CL_DNS_U16, 0, "dns.key.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL),
	FLAG("dns.key.flags.authentication", "Not for authentication", 0x8000),
	FLAG("dns.key.flags.confidentiality", "Not for confidentiality", 0x4000),
	FLAG("dns.key.flags.required", "Key required", 0x2000),
	FLAG("dns.key.flags.associated_user", "Key of a user", 0x0400),
	FLAG("dns.key.flags.associated_named_entity", "Key of the named entity", 0x0200),
	FLAG("dns.key.flags.ipsec", "For IPSEC", 0x0080),
	FLAG("dns.key.flags.mime", "For MIME security multiparts", 0x0040),
	PART(CL_DNS_BITS, 0x000f, "dns.key.flags.signatory", "Signatory", CL_V_UINT, CL_DEC, 0, NULL),
	U8("dns.key.protocol", "Protocol", NULL),
	U8("dns.key.algorithm", "Algorithm", cl_dns_algorithm_text),
};
static const struct cl_dns_part px[] = {
	U16("dns.px.preference", "Preference", NULL), NAME("dns.px.map822", "MAP822"),
	NAME("dns.px.map400", "MAPX400"),
};
static const struct cl_dns_part gpos[] = {
	LEN8("dns.gpos.longitude_length", "Longitude length"), TEXT("dns.gpos.longitude", "Longitude"),
	LEN8("dns.gpos.latitude_length", "Latitude length"), TEXT("dns.gpos.latitude", "Latitude"),
	LEN8("dns.gpos.altitude_length", "Altitude length"), TEXT("dns.gpos.altitude", "Altitude"),
};
static const struct cl_dns_part aaaa[] = {
	PART(CL_DNS_IP6, 0, "dns.aaaa", "AAAA Address", CL_V_IP6, 0, 0, NULL),
};
static const struct cl_dns_part nxt[] = { NAME("dns.nxt.next_domain_name", "Next Domain Name") };
static const struct cl_dns_part srv[] = {
	U16("dns.srv.priority", "Priority", NULL), U16("dns.srv.weight", "Weight", NULL),
	U16("dns.srv.port", "Port", NULL), NAME("dns.srv.target", "Target"),
};
static const struct cl_dns_part atma[] = {
	U8("dns.atma.format", "Format", NULL), SOME("dns.atma.address", "Address"),
};
static const struct cl_dns_part naptr[] = {
	U16("dns.naptr.order", "Order", NULL), U16("dns.naptr.preference", "Preference", NULL),
	LEN8("dns.naptr.flags_length", "Flags Length"), TEXT("dns.naptr.flags", "Flags"),
	LEN8("dns.naptr.service_length", "Service Length"), TEXT("dns.naptr.service", "Service"),
	LEN8("dns.naptr.regex_length", "Regex Length"), TEXT("dns.naptr.regex", "Regex"),
};
static const struct cl_dns_part kx[] = {
	U16("dns.kx.preference", "Preference", NULL), UNAME("dns.kx.key_exchange", "Key Exchange"),
};
static const struct cl_dns_part cert[] = {
	U16("dns.cert.type", "Type", cl_dns_cert_text),
	PART(CL_DNS_U16, 0, "dns.cert.key_tag", "Key Tag", CL_V_UINT, CL_HEX16, 0, NULL),
	U8("dns.cert.algorithm", "Algorithm", cl_dns_algorithm_text),
	REST("dns.cert.certificate", "Certificate (or CRL)"),
};
static const struct cl_dns_part dname[] = { UNAME("dns.dname", "Dname") };
static const struct cl_dns_part ds[] = {
	PART(CL_DNS_U16, 0, "dns.ds.key_id", "Key id", CL_V_UINT, CL_HEX16, 0, NULL),
	U8("dns.ds.algorithm", "Algorithm", cl_dns_algorithm_text),
	U8("dns.ds.digest_type", "Digest Type", cl_dns_digest_text), SOME("dns.ds.digest", "Digest"),
};
static const struct cl_dns_part ta[] = {
	PART(CL_DNS_U16, 0, "dns.ta.key_id", "Key id", CL_V_UINT, CL_HEX16, 0, NULL),
	U8("dns.ta.algorithm", "Algorithm", cl_dns_algorithm_text),
	U8("dns.ta.digest_type", "Digest Type", cl_dns_digest_text), SOME("dns.ta.digest", "Digest"),
};
static const struct cl_dns_part sshfp[] = {
	U8("dns.sshfp.algorithm", "Algorithm", cl_dns_ssh_text),
	U8("dns.sshfp.fingerprint.type", "Fingerprint type", NULL),
	REST("dns.sshfp.fingerprint", "Fingerprint"),
};
static const struct cl_dns_part ipseckey[] = { U8("dns.ipseckey.gateway_precedence", "Precedence", NULL) };
static const struct cl_dns_part nsec[] = {
	UNAME("dns.nsec.next_domain_name", "Next Domain Name"), BITMAP,
};
static const struct cl_dns_part dnskey[] = {
	PART(CL_DNS_U16, 0, "dns.dnskey.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL),
	FLAG("dns.dnskey.flags.zone_key", "Zone Key", 0x0100),
	FLAG("dns.dnskey.flags.key_revoked", "Key Revoked", 0x0080),
	FLAG("dns.dnskey.flags.secure_entry_point", "Key Signing Key", 0x0001),
	PART(CL_DNS_BITS, 0xfe7e, "dns.dnskey.flags.reserved", "Reserved", CL_V_UINT, CL_HEX16, 0, NULL),
	U8("dns.dnskey.protocol", "Protocol", NULL),
	U8("dns.dnskey.algorithm", "Algorithm", cl_dns_algorithm_text),
};
static const struct cl_dns_part rkey[] = {
	PART(CL_DNS_U16, 0, "dns.rkey.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL),
	U8("dns.rkey.protocol", "Protocol", NULL), U8("dns.rkey.algorithm", "Algorithm", cl_dns_algorithm_text),
	REST("dns.rkey.public_key", "Public Key"),
};
static const struct cl_dns_part dhcid[] = { REST("dns.dhcid.rdata", "DHCID Data") };
static const struct cl_dns_part nsec3[] = { /* and NSEC3PARAM */
	U8("dns.nsec3.algo", "Hash algorithm", NULL), U8("dns.nsec3.flags", "NSEC3 flags", NULL),
	U16("dns.nsec3.iterations", "NSEC3 iterations", NULL),
	LEN8("dns.nsec3.salt_length", "Salt length"), COUNTED("dns.nsec3.salt_value", "Salt value"),
};
static const struct cl_dns_part tlsa[] = {
	U8("dns.tlsa.certificate_usage", "Certificate Usage", cl_dns_tlsa_text),
	U8("dns.tlsa.selector", "Selector", NULL), U8("dns.tlsa.matching_type", "Matching Type", NULL),
	SOME("dns.tlsa.certificate_association_data", "Certificate Association Data"),
};
static const struct cl_dns_part smimea[] = {
	U8("dns.smimea.certificate_usage", "Certificate Usage", cl_dns_tlsa_text),
	U8("dns.smimea.selector", "Selector", NULL), U8("dns.smimea.matching_type", "Matching Type", NULL),
	SOME("dns.smimea.certificate_association_data", "Certificate Association Data"),
};
static const struct cl_dns_part ninfo[] = { STRING("dns.ninfo", "Zone status") };
static const struct cl_dns_part talink[] = {
	UNAME("dns.talink.previous", "Previous"), UNAME("dns.talink.next", "Next"),
};
static const struct cl_dns_part openpgpkey[] = { REST("dns.openpgpkey", "OpenPGP Key") };
static const struct cl_dns_part csync[] = {
	U32("dns.csync.soa", "SOA"),
	PART(CL_DNS_U16, 0, "dns.csync.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL),
	FLAG("dns.csync.flags.immediate", "immediate", 0x0001),
	FLAG("dns.csync.flags.soaminimum", "soaminimum", 0x0002),
};
static const struct cl_dns_part zonemd[] = {
	U32("dns.zonemd.serial", "Serial"), U8("dns.zonemd.scheme", "Scheme", NULL),
	U8("dns.zonemd.hash_algo", "Hash Algorithm", NULL), SOME("dns.zonemd.digest", "Digest"),
};
static const struct cl_dns_part svcb[] = {
	U16("dns.svcb.svcpriority", "SvcPriority", NULL), UNAME("dns.svcb.targetname", "TargetName"),
};
static const struct cl_dns_part dsync[] = {
	U16("dns.dsync.type", "Type", cl_dns_type_text), U8("dns.dsync.scheme", "Scheme", NULL),
	U16("dns.dsync.port", "Port", NULL), UNAME("dns.dsync.target", "Target"),
};
static const struct cl_dns_part external[] = {
	STRING("dns.external.registry", "Registry"), STRING("dns.external.value", "Value"),
	STRING("dns.external.code", "Code"),
	PART(CL_DNS_REST, 0, "dns.external.descriptor", "Descriptor", CL_V_TEXT, 0, 0, NULL),
};
static const struct cl_dns_part spf[] = { LEN8("dns.spf.length", "SPF Length"), TEXT("dns.spf", "SPF") };
static const struct cl_dns_part nid[] = {
	U16("dns.ilnp.nid.preference", "Preference", NULL),
	PART(CL_DNS_OCTETS, 8, "dns.ilnp.nid", "NodeID", CL_V_BYTES, 0, 0, NULL),
};
static const struct cl_dns_part l32[] = {
	U16("dns.ilnp.l32.preference", "Preference", NULL),
	PART(CL_DNS_IP4, 0, "dns.ilnp.l32", "Locator32", CL_V_IP4, 0, 0, NULL),
};
static const struct cl_dns_part l64[] = {
	U16("dns.ilnp.l64.preference", "Preference", NULL),
	PART(CL_DNS_OCTETS, 8, "dns.ilnp.l64", "Locator64", CL_V_BYTES, 0, 0, NULL),
};
static const struct cl_dns_part lp[] = {
	U16("dns.ilnp.lp.preference", "Preference", NULL), UNAME("dns.ilnp.lp", "Locator FQDN"),
};
static const struct cl_dns_part eui48[] = {
	PART(CL_DNS_OCTETS, 6, "dns.eui48", "EUI48 Address", CL_V_ETHER, 0, 0, NULL),
};
static const struct cl_dns_part eui64[] = {
	PART(CL_DNS_OCTETS, 8, "dns.eui64", "EUI64 Address", CL_V_ETHER, 0, 0, NULL),
};
static const struct cl_dns_part tkey[] = {
	UNAME("dns.tkey.algo_name", "Algorithm name"),
	TIME("dns.tkey.signature_inception", "Signature Inception"),
	TIME("dns.tkey.signature_expiration", "Signature Expiration"),
	U16("dns.tkey.mode", "Mode", cl_dns_tkey_text), U16("dns.tkey.error", "Error", cl_dns_tsig_text),
	LEN16("dns.tkey.key_size", "Key Size"), COUNTED("dns.tkey.key_data", "Key Data"),
	LEN16("dns.tkey.other_size", "Other Size"), COUNTED("dns.tkey.other_data", "Other Data"),
};
static const struct cl_dns_part tsig[] = {
	UNAME("dns.tsig.algorithm_name", "Algorithm Name"),
	PART(CL_DNS_TIME48, 0, "dns.tsig.time_signed", "Time Signed", CL_V_TIME, 0, 0, NULL),
	U16("dns.tsig.fudge", "Fudge", NULL),
	LEN16("dns.tsig.mac_size", "MAC Size"), COUNTED("dns.tsig.mac", "MAC"),
	U16("dns.tsig.original_id", "Original Id", NULL), U16("dns.tsig.error", "Error", cl_dns_tsig_text),
	LEN16("dns.tsig.other_len", "Other Len"), COUNTED("dns.tsig.other_data", "Other Data"),
};
static const struct cl_dns_part uri[] = {
	U16("dns.uri.priority", "Priority", NULL), U16("dns.uri.weight", "Weight", NULL),
	SOME_TEXT("dns.uri.target", "Target"),
};
static const struct cl_dns_part caa[] = {
	PART(CL_DNS_U8, 0, "dns.caa.flags", "CAA Flags", CL_V_UINT, CL_HEX8, 0, NULL),
	FLAG("dns.caa.flags.issuer_critical", "Issuer Critical", 0x80),
};
static const struct cl_dns_part avc[] = { STRING("dns.avc", "Application visibility") };
static const struct cl_dns_part doa[] = {
	U32("dns.doa.enterprise", "Enterprise"), U32("dns.doa.type", "Type"),
	U8("dns.doa.location", "Location", NULL), STRING("dns.doa.media_type", "Media type"),
	REST("dns.doa.data", "Data"),
};
static const struct cl_dns_part amtrelay[] = {
	U8("dns.amtrelay.precedence", "Precedence", NULL),
};
static const struct cl_dns_part resinfo[] = { STRING("dns.resinfo", "Resolver information") };
static const struct cl_dns_part wallet[] = { STRING("dns.wallet", "Wallet") };
static const struct cl_dns_part cla[] = { STRING("dns.cla", "Convergence layer adapter") };
static const struct cl_dns_part ipn[] = {
	PART(CL_DNS_U64, 0, "dns.ipn", "Node number", CL_V_UINT, CL_DEC, 0, NULL),
};
static const struct cl_dns_part alias[] = { UNAME("dns.alias", "Alias") };

#define RAW	CL_DNS_T_RAW
#define MANY	CL_DNS_T_REPEAT
#define META	CL_DNS_T_META
#define OURS	CL_DNS_T_PRIVATE
#define ROW(code, name, reference, flags, parts, more) \
	{ code, flags, sizeof(parts) / sizeof *(parts), name, reference, parts, more }
#define OPAQUE(code, name, reference) { code, RAW, 0, name, reference, NULL, NULL }
#define ASKED(code, name, reference) { code, META | RAW, 0, name, reference, NULL, NULL }

const struct cl_dns_type cl_dns_types[] = {
	{ 1, 0, 0, "A", "RFC 1035 sec. 3.4.1", NULL, cl_dns_rr_a },
	ROW(2, "NS", "RFC 1035 sec. 3.3.11", 0, ns, NULL),
	ROW(3, "MD", "RFC 1035 sec. 3.3.4", 0, md, NULL),
	ROW(4, "MF", "RFC 1035 sec. 3.3.5", 0, mf, NULL),
	ROW(5, "CNAME", "RFC 1035 sec. 3.3.1", 0, cname, NULL),
	ROW(6, "SOA", "RFC 1035 sec. 3.3.13", 0, soa, NULL),
	ROW(7, "MB", "RFC 1035 sec. 3.3.3", 0, mb, NULL),
	ROW(8, "MG", "RFC 1035 sec. 3.3.6", 0, mg, NULL),
	ROW(9, "MR", "RFC 1035 sec. 3.3.8", 0, mr, NULL),
	ROW(10, "NULL", "RFC 1035 sec. 3.3.10", 0, null, NULL),
	ROW(11, "WKS", "RFC 1035 sec. 3.4.2", 0, wks, cl_dns_rr_wks),
	ROW(12, "PTR", "RFC 1035 sec. 3.3.12", 0, ptr, NULL),
	ROW(13, "HINFO", "RFC 1035 sec. 3.3.2", 0, hinfo, NULL),
	ROW(14, "MINFO", "RFC 1035 sec. 3.3.7", 0, minfo, NULL),
	ROW(15, "MX", "RFC 1035 sec. 3.3.9", 0, mx, NULL),
	ROW(16, "TXT", "RFC 1035 sec. 3.3.14", MANY, txt, NULL),
	ROW(17, "RP", "RFC 1183 sec. 2.2", 0, rp, NULL),
	ROW(18, "AFSDB", "RFC 1183 sec. 1", 0, afsdb, NULL),
	ROW(19, "X25", "RFC 1183 sec. 3.1", 0, x25, NULL),
	ROW(20, "ISDN", "RFC 1183 sec. 3.2", 0, isdn, NULL),
	ROW(21, "RT", "RFC 1183 sec. 3.3", 0, rt, NULL),
	ROW(22, "NSAP", "RFC 1706 sec. 5", 0, nsap, NULL),
	ROW(23, "NSAP-PTR", "RFC 1348", 0, nsap_ptr, NULL),
	ROW(24, "SIG", "RFC 2931 sec. 3", 0, rrsig, cl_dns_rr_rrsig),
	ROW(25, "KEY", "RFC 2535 sec. 3", 0, key, cl_dns_rr_key),
	ROW(26, "PX", "RFC 2163 sec. 4", 0, px, NULL),
	ROW(27, "GPOS", "RFC 1712 sec. 3", 0, gpos, NULL),
	ROW(28, "AAAA", "RFC 3596 sec. 2.2", 0, aaaa, NULL),
	{ 29, 0, 0, "LOC", "RFC 1876 sec. 2", NULL, cl_dns_rr_loc },
	ROW(30, "NXT", "RFC 2535 sec. 5.2", 0, nxt, cl_dns_rr_nxt),
	OPAQUE(31, "EID", "draft-ietf-nimrod-dns-00"),
	OPAQUE(32, "NIMLOC", "draft-ietf-nimrod-dns-00"),
	ROW(33, "SRV", "RFC 2782", 0, srv, NULL),
	ROW(34, "ATMA", "AF-DANS-0152", RAW, atma, NULL),
	ROW(35, "NAPTR", "RFC 3403 sec. 4.1", 0, naptr, cl_dns_rr_naptr),
	ROW(36, "KX", "RFC 2230 sec. 3", 0, kx, NULL),
	ROW(37, "CERT", "RFC 4398 sec. 2", 0, cert, NULL),
	{ 38, 0, 0, "A6", "RFC 2874 sec. 3.1", NULL, cl_dns_rr_a6 },
	ROW(39, "DNAME", "RFC 6672 sec. 2.1", 0, dname, NULL),
	OPAQUE(40, "SINK", "draft-eastlake-kitchen-sink-02"),
	{ 41, 0, 0, "OPT", "RFC 6891 sec. 6.1.2", NULL, cl_dns_rr_opt },
	{ 42, 0, 0, "APL", "RFC 3123 sec. 4", NULL, cl_dns_rr_apl },
	ROW(43, "DS", "RFC 4034 sec. 5.1", 0, ds, cl_dns_rr_digest),
	ROW(44, "SSHFP", "RFC 4255 sec. 3.1", 0, sshfp, cl_dns_rr_sshfp),
	ROW(45, "IPSECKEY", "RFC 4025 sec. 2", 0, ipseckey, cl_dns_rr_ipseckey),
	ROW(46, "RRSIG", "RFC 4034 sec. 3.1", 0, rrsig, cl_dns_rr_rrsig),
	ROW(47, "NSEC", "RFC 4034 sec. 4.1", 0, nsec, NULL),
	ROW(48, "DNSKEY", "RFC 4034 sec. 2.1", 0, dnskey, cl_dns_rr_dnskey),
	ROW(49, "DHCID", "RFC 4701 sec. 3.1", 0, dhcid, NULL),
	ROW(50, "NSEC3", "RFC 5155 sec. 3.2", 0, nsec3, cl_dns_rr_nsec3),
	ROW(51, "NSEC3PARAM", "RFC 5155 sec. 4.2", 0, nsec3, NULL),
	ROW(52, "TLSA", "RFC 6698 sec. 2.1", 0, tlsa, cl_dns_rr_tlsa),
	ROW(53, "SMIMEA", "RFC 8162 sec. 2", RAW, smimea, cl_dns_rr_tlsa),
	{ 55, 0, 0, "HIP", "RFC 8005 sec. 5", NULL, cl_dns_rr_hip },
	ROW(56, "NINFO", "draft-reid-dnsext-zs-01", MANY | RAW, ninfo, NULL),
	ROW(57, "RKEY", "draft-reid-dnsext-rkey-00", RAW, rkey, NULL),
	ROW(58, "TALINK", "draft-ietf-dnsop-dnssec-trust-history-02", RAW, talink, NULL),
	ROW(59, "CDS", "RFC 7344 sec. 3.1", 0, ds, cl_dns_rr_digest),
	ROW(60, "CDNSKEY", "RFC 7344 sec. 3.2", 0, dnskey, cl_dns_rr_dnskey),
	ROW(61, "OPENPGPKEY", "RFC 7929 sec. 2", 0, openpgpkey, NULL),
	ROW(62, "CSYNC", "RFC 7477 sec. 2.1", 0, csync, cl_dns_rr_csync),
	ROW(63, "ZONEMD", "RFC 8976 sec. 2.2", 0, zonemd, cl_dns_rr_zonemd),
	ROW(64, "SVCB", "RFC 9460 sec. 2.2", 0, svcb, cl_dns_rr_svcb),
	ROW(65, "HTTPS", "RFC 9460 sec. 9", 0, svcb, cl_dns_rr_svcb),
	ROW(66, "DSYNC", "RFC 9859 sec. 2.1", RAW, dsync, NULL),
	OPAQUE(67, "HHIT", "RFC 9886 sec. 5.1"),
	OPAQUE(68, "BRID", "RFC 9886 sec. 5.2"),
	ROW(69, "UNECE", "draft-woodcock-faltstrom-external-registry-rrtypes-01", RAW, external, NULL),
	ROW(70, "ISO", "draft-woodcock-faltstrom-external-registry-rrtypes-01", RAW, external, NULL),
	ROW(99, "SPF", "RFC 7208 sec. 3.1", MANY, spf, NULL),
	OPAQUE(100, "UINFO", "IANA"),
	OPAQUE(101, "UID", "IANA"),
	OPAQUE(102, "GID", "IANA"),
	OPAQUE(103, "UNSPEC", "IANA"),
	ROW(104, "NID", "RFC 6742 sec. 2.1", 0, nid, NULL),
	ROW(105, "L32", "RFC 6742 sec. 2.2", 0, l32, NULL),
	ROW(106, "L64", "RFC 6742 sec. 2.3", 0, l64, NULL),
	ROW(107, "LP", "RFC 6742 sec. 2.4", 0, lp, NULL),
	ROW(108, "EUI48", "RFC 7043 sec. 3.1", 0, eui48, NULL),
	ROW(109, "EUI64", "RFC 7043 sec. 4.1", 0, eui64, NULL),
	ASKED(128, "NXNAME", "RFC 9824 sec. 2"),
	ROW(249, "TKEY", "RFC 2930 sec. 2", 0, tkey, NULL),
	ROW(250, "TSIG", "RFC 8945 sec. 4.2", 0, tsig, cl_dns_rr_tsig),
	ASKED(251, "IXFR", "RFC 1995 sec. 3"),
	ASKED(252, "AXFR", "RFC 5936 sec. 2.1"),
	ASKED(253, "MAILB", "RFC 1035 sec. 3.2.3"),
	ASKED(254, "MAILA", "RFC 1035 sec. 3.2.3"),
	ASKED(255, "ANY", "RFC 8482 sec. 2"),
	ROW(256, "URI", "RFC 7553 sec. 4.5", RAW, uri, NULL),
	ROW(257, "CAA", "RFC 8659 sec. 4.1", 0, caa, cl_dns_rr_caa),
	ROW(258, "AVC", "IANA", MANY | RAW, avc, NULL),
	ROW(259, "DOA", "draft-durand-doa-over-dns-03 sec. 3", RAW, doa, NULL),
	ROW(260, "AMTRELAY", "RFC 8777 sec. 4.2", RAW, amtrelay, cl_dns_rr_amtrelay),
	ROW(261, "RESINFO", "RFC 9606 sec. 4", MANY | RAW, resinfo, NULL),
	ROW(262, "WALLET", "IANA", MANY | RAW, wallet, NULL),
	ROW(263, "CLA", "draft-johnson-dns-ipn-cla-07", MANY | RAW, cla, NULL),
	ROW(264, "IPN", "draft-johnson-dns-ipn-cla-07", RAW, ipn, NULL),
	ROW(32768, "TA", "draft-weiler-dnssec-dlv-iana", RAW, ta, cl_dns_rr_digest),
	ROW(32769, "DLV", "RFC 4431 sec. 2", 0, ds, cl_dns_rr_digest),
	{ 61440, RAW | OURS, 0, "DELEG", "draft-ietf-deleg", NULL, cl_dns_rr_deleg },
	{ 65281, OURS, 0, "WINS", "MS-DNSP sec. 2.2.2.2.4.18", NULL, cl_dns_rr_wins },
	{ 65282, OURS, 0, "WINS-R", "MS-DNSP sec. 2.2.2.2.4.19", NULL, cl_dns_rr_wins },
	ROW(65401, "ALIAS", "Knot DNS", RAW | OURS, alias, NULL),
	{ 65422, OURS, 0, "XPF", "draft-bellis-dnsop-xpf-04", NULL, cl_dns_rr_xpf },
	{ 65433, RAW | OURS, 0, "DELEGPARAM", "draft-ietf-deleg", NULL, cl_dns_rr_deleg },
	{ 65534, RAW | OURS, 0, "SIGNING", "BIND 9 ARM", NULL, cl_dns_rr_signing },
};
/* clang-format on */

const size_t cl_dns_types_count = sizeof cl_dns_types / sizeof *cl_dns_types;

const struct cl_dns_type *cl_dns_type_find(uint32_t code)
{
	size_t from = 0, to = cl_dns_types_count;

	while (from < to) {
		size_t at = (from + to) / 2;

		if (cl_dns_types[at].code == code)
			return &cl_dns_types[at];
		if (cl_dns_types[at].code < code)
			from = at + 1;
		else
			to = at;
	}
	return NULL;
}

const char *cl_dns_type_name(uint32_t type)
{
	const struct cl_dns_type *row = cl_dns_type_find(type);

	return row != NULL && (row->flags & CL_DNS_T_PRIVATE) == 0 ? row->name : NULL;
}

const char *cl_dns_type_text(uint64_t type)
{
	const struct cl_dns_type *row = cl_dns_type_find((uint32_t)type);

	return row != NULL ? row->name : NULL;
}
