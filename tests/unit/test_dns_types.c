/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record of every type: RDATA made by BIND's named-rrchecker or typed from the RFC, values by tshark 4.0.17
 * where it knows the type and is right, by hand elsewhere.
 */
#include "dissect/dns/msg.h"
#include "tests/unit/dnsmsg.h"

/* clang-format off */
static const struct {
	uint16_t type;
	const char *rdata;
	const char *shows[40];
} rows[] = {
	{ 1, "c0000201", { "dns.a=192.0.2.1" } },
	{ 2, "026e73076578616d706c6500", { "dns.ns=ns.example" } },
	{ 3, "026d64076578616d706c6500", { "dns.md=md.example" } },
	{ 4, "026d66076578616d706c6500", { "dns.mf=mf.example" } },
	{ 5, "0163076578616d706c6500", { "dns.cname=c.example" } },
	{ 6, "026e73076578616d706c650004686f7374076578616d706c650078a3f17400001c2000000e10001275000000"
	  "012c", { "dns.soa.mname=ns.example", "dns.soa.rname=host.example",
	  "dns.soa.serial_number=2024010100", "dns.soa.refresh_interval=7200",
	  "dns.soa.retry_interval=3600", "dns.soa.expire_limit=1209600", "dns.soa.minimum_ttl=300" } },
	{ 7, "026d62076578616d706c6500", { "dns.mb=mb.example" } },
	{ 8, "026d67076578616d706c6500", { "dns.mg=mg.example" } },
	{ 9, "026d72076578616d706c6500", { "dns.mr=mr.example" } },
	{ 10, "01020304", { "dns.null=01020304" } },
	{ 11, "c00002010600000140000004", { "dns.wks.address=192.0.2.1", "dns.wks.protocol=6",
	  "dns.wks.bits=1", "dns.wks.bits=64", "dns.wks.bits=4" } },
	{ 12, "0170076578616d706c6500", { "dns.ptr.domain_name=p.example" } },
	{ 13, "025043054c696e7578", { "dns.hinfo.cpu_length=2", "dns.hinfo.cpu=PC",
	  "dns.hinfo.os_length=5", "dns.hinfo.os=Linux" } },
	{ 14, "0172076578616d706c65000165076578616d706c6500", { "dns.minfo.r=r.example",
	  "dns.minfo.e=e.example" } },
	{ 15, "000a046d61696c076578616d706c6500", { "dns.mx.preference=10",
	  "dns.mx.mail_exchange=mail.example" } },
	{ 16, "036162630464656667", { "dns.txt.length=3", "dns.txt=abc", "dns.txt.length=4",
	  "dns.txt=defg" } },
	{ 17, "016d076578616d706c65000174076578616d706c6500", { "dns.rp.mailbox=m.example",
	  "dns.rp.txt_rr=t.example" } },
	{ 18, "000103616673076578616d706c6500", { "dns.afsdb.subtype=1",
	  "dns.afsdb.hostname=afs.example" } },
	{ 19, "0c333131303631373030393536", { "dns.x25.length=12",
	  "dns.x25.psdn_address=311061700956" } },
	{ 20, "0f31353038363230323830303332313703303034", { "dns.idsn.length=15",
	  "dns.idsn.address=150862028003217", "dns.idsn.sa.length=3", "dns.idsn.sa.address=004" } },
	{ 21, "000a027274076578616d706c6500", { "dns.rt.subtype=10",
	  "dns.rt.intermediate_host=rt.example" } },
	{ 22, "47000580005a0000000001e133ffffff00016100",
	  { "dns.nsap.rdata=47000580005a0000000001e133ffffff00016100" } },
	{ 23, "03666f6f076578616d706c6500", { "dns.nsap_ptr.owner=foo.example" } },
	{ 24, "0001050200000e1070dbd8805e0be100085f076578616d706c650001020304",
	  { "dns.rrsig.type_covered=1", "dns.rrsig.algorithm=5", "dns.rrsig.labels=2",
	  "dns.rrsig.original_ttl=3600", "dns.rrsig.signature_expiration=1893456000000000000",
	  "dns.rrsig.signature_inception=1577836800000000000", "dns.rrsig.key_tag=2143",
	  "dns.rrsig.signers_name=example", "dns.rrsig.signature=01020304" } },
	{ 25, "020003050103d22a6ca77f35b893206fd35e4c506d8378843709b97e041647e1bff43d8d64c649af1e371973"
	  "c9e891fce3df519a8c840a63ee42a6d2ebddbb97035d215aa4e417b1fa45fa11a9741ea2098c1dfa5fb5feb3"
	  "32fd4bc8152089aef36ba644cce2413b3b72be18cbef8da253f4e93d2103866d9234a2e28df529a67d5468db"
	  "efe3", { "dns.key.flags=512", "dns.key.flags.authentication=0",
	  "dns.key.flags.confidentiality=0", "dns.key.flags.required=0",
	  "dns.key.flags.associated_user=0", "dns.key.flags.associated_named_entity=1",
	  "dns.key.flags.ipsec=0", "dns.key.flags.mime=0", "dns.key.flags.signatory=0",
	  "dns.key.protocol=3", "dns.key.algorithm=5", "dns.key.key_id=2898",
	  "dns.key.public_key=0103d22a6ca77f35b893206fd35e4c506d8378843709b97e041647e1bff43d8d64c649af1e371973c9e891fce3df519a8c840a63ee42a6d2ebddbb97035d215aa4e417b1fa45fa11a9741ea2098c1dfa5fb5feb332fd4bc8152089aef36ba644cce2413b3b72be18cbef8da253f4e93d2103866d9234a2e28df529a67d5468dbefe3" } },
	{ 26, "000a0161076578616d706c65000162076578616d706c6500", { "dns.px.preference=10",
	  "dns.px.map822=a.example", "dns.px.map400=b.example" } },
	{ 27, "082d33322e36383832083131362e383635320431302e30", { "dns.gpos.longitude_length=8",
	  "dns.gpos.longitude=-32.6882", "dns.gpos.latitude_length=8", "dns.gpos.latitude=116.8652",
	  "dns.gpos.altitude_length=4", "dns.gpos.altitude=10.0" } },
	{ 28, "20010db8000000000000000000000001", { "dns.aaaa=20010db8000000000000000000000001" } },
	{ 29, "0033161389172dd070be15f000988d20", { "dns.loc.version=0", "dns.loc.size=51",
	  "dns.loc.horizontal_precision=22", "dns.loc.vertical_precision=19",
	  "dns.loc.latitude=2299997648", "dns.loc.longitude=1891505648", "dns.loc.altitude=9997600",
	  "dns.loc.size_m=30", "dns.loc.horizontal_m=10000", "dns.loc.vertical_m=10",
	  "dns.loc.latitude_deg=42.365", "dns.loc.longitude_deg=-71.105", "dns.loc.altitude_m=-24" } },
	{ 30, "046e657874076578616d706c650040010082", { "dns.nxt.next_domain_name=next.example",
	  "dns.resp.type=1", "dns.resp.type=15", "dns.resp.type=24" } },
	{ 31, "12abcdef", { "dns.data=12abcdef" } },
	{ 32, "12abcdef", { "dns.data=12abcdef" } },
	{ 33, "0001000213c403736970076578616d706c6500", { "dns.srv.priority=1", "dns.srv.weight=2",
	  "dns.srv.port=5060", "dns.srv.target=sip.example" } },
	{ 34, "0131323334", { "dns.atma.format=1", "dns.atma.address=31323334" } },
	{ 35,
	  "00640032017310687474702b49324c2b4932432b49325200055f68747470045f746370076578616d706c6500",
	  { "dns.naptr.order=100", "dns.naptr.preference=50", "dns.naptr.flags_length=1",
	  "dns.naptr.flags=s", "dns.naptr.service_length=16", "dns.naptr.service=http+I2L+I2C+I2R",
	  "dns.naptr.regex_length=0", "dns.naptr.regex=", "dns.naptr.replacement_length=18",
	  "dns.naptr.replacement=_http._tcp.example" } },
	{ 36, "000a026b78076578616d706c6500", { "dns.kx.preference=10",
	  "dns.kx.key_exchange=kx.example" } },
	{ 37, "000130390801020304", { "dns.cert.type=1", "dns.cert.key_tag=12345",
	  "dns.cert.algorithm=8", "dns.cert.certificate=01020304" } },
	{ 38, "40123456780001000203707265076578616d706c6500", { "dns.a6.prefix_len=64",
	  "dns.a6.address_suffix=00000000000000001234567800010002",
	  "dns.a6.prefix_name=pre.example" } },
	{ 39, "0164076578616d706c6500", { "dns.dname=d.example" } },
	{ 40, "400102010203", { "dns.data=400102010203" } },
	{ 41, "000a00080001020304050607", { "dns.rr.udp_payload_size=1232", "dns.resp.ext_rcode=0",
	  "dns.resp.edns0_version=0", "dns.resp.z=32768", "dns.resp.z.do=1", "dns.resp.z.reserved=0",
	  "dns.opt.code=10", "dns.opt.len=8", "dns.opt.cookie.client=0001020304050607" } },
	{ 42, "00011503c0a82000011c83c0a8260002200420010db8", { "dns.apl.address_family=1",
	  "dns.apl.coded_prefix=21", "dns.apl.negation=0", "dns.apl.afdlength=3",
	  "dns.apl.afdpart.ipv4=192.168.32.0", "dns.apl.address_family=1", "dns.apl.coded_prefix=28",
	  "dns.apl.negation=1", "dns.apl.afdlength=3", "dns.apl.afdpart.ipv4=192.168.38.0",
	  "dns.apl.address_family=2", "dns.apl.coded_prefix=32", "dns.apl.negation=0",
	  "dns.apl.afdlength=4", "dns.apl.afdpart.ipv6=20010db8000000000000000000000000" } },
	{ 43, "ec4505012bb183af5f22588179a53b0a98631fad1a292118", { "dns.ds.key_id=60485",
	  "dns.ds.algorithm=5", "dns.ds.digest_type=1",
	  "dns.ds.digest=2bb183af5f22588179a53b0a98631fad1a292118" } },
	{ 44, "0201123456789abcdef67890123456789abcdef67890", { "dns.sshfp.algorithm=2",
	  "dns.sshfp.fingerprint.type=1",
	  "dns.sshfp.fingerprint=123456789abcdef67890123456789abcdef67890" } },
	{ 45, "0a0102c0000226010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0521af82ab7801",
	  { "dns.ipseckey.gateway_precedence=10", "dns.ipseckey.gateway_type=1",
	  "dns.ipseckey.gateway_algorithm=2", "dns.ipseckey.gateway_ipv4=192.0.2.38",
	  "dns.ipseckey.public_key=010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0521af82ab7801" } },
	{ 45, "0a0302026777076578616d706c6500010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0521"
	  "af82ab7801", { "dns.ipseckey.gateway_precedence=10", "dns.ipseckey.gateway_type=3",
	  "dns.ipseckey.gateway_algorithm=2", "dns.ipseckey.gateway_dns=gw.example",
	  "dns.ipseckey.public_key=010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0521af82ab7801" } },
	{ 45, "0a020220010db8000000000000000000000001010203", { "dns.ipseckey.gateway_precedence=10",
	  "dns.ipseckey.gateway_type=2", "dns.ipseckey.gateway_algorithm=2",
	  "dns.ipseckey.gateway_ipv6=20010db8000000000000000000000001",
	  "dns.ipseckey.public_key=010203" } },
	{ 45, "0a0002010203", { "dns.ipseckey.gateway_precedence=10", "dns.ipseckey.gateway_type=0",
	  "dns.ipseckey.gateway_algorithm=2", "dns.ipseckey.public_key=010203" } },
	{ 46, "00010503000151803e7c9dd73e5510d70a52076578616d706c6503636f6d0001020304",
	  { "dns.rrsig.type_covered=1", "dns.rrsig.algorithm=5", "dns.rrsig.labels=3",
	  "dns.rrsig.original_ttl=86400", "dns.rrsig.signature_expiration=1048354263000000000",
	  "dns.rrsig.signature_inception=1045762263000000000", "dns.rrsig.key_tag=2642",
	  "dns.rrsig.signers_name=example.com", "dns.rrsig.signature=01020304" } },
	{ 47, "04686f7374076578616d706c6503636f6d000006400100000003041b00000000000000000000000000000000"
	  "0000000000000000000020", { "dns.nsec.next_domain_name=host.example.com", "dns.resp.type=1",
	  "dns.resp.type=15", "dns.resp.type=46", "dns.resp.type=1234" } },
	{ 48, "0101030803010001a80020a95566ba42e886bb804cda84e47ef56dbd7aec612615552cec906d2116d0ef2070"
	  "28c51554144dfeafe7c7cb8f005dd18234133ac0710a81182ce1fd14ad2283bc83435f9df2f6313251931a17"
	  "6df0da51e54f42e604860dfb359580250f559cc543c4ffd51cbe3de8cfd06719237f9fc47ee729da06835fa4"
	  "52e825e9a18ebc2ecbcf563474652c33cf56a9033bcdf5d973121797ec8089041b6e03a1b72d0a735b984e03"
	  "687309332324f27c2dba85e9db15e83a0143382e974b0621c18e625ecec907577d9e7bade95241a81ebbe8a9"
	  "01d4d3276e40b114c0a2e6fc38d19c2e6aab02644b2813f575fc21601e0dee49cd9ee96a43103e524d62873d",
	  { "dns.dnskey.flags=257", "dns.dnskey.flags.zone_key=1", "dns.dnskey.flags.key_revoked=0",
	  "dns.dnskey.flags.secure_entry_point=1", "dns.dnskey.flags.reserved=0",
	  "dns.dnskey.protocol=3", "dns.dnskey.algorithm=8", "dns.dnskey.key_id=19036" } },
	{ 49, "000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40",
	  { "dns.dhcid.rdata=000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40" } },
	{ 50, "0101000c04aabbccdd14174eb2409fe28bcb4887a1836f957f0a8425e27b000722010000000290",
	  { "dns.nsec3.algo=1", "dns.nsec3.flags=1", "dns.nsec3.flags.opt_out=1",
	  "dns.nsec3.iterations=12", "dns.nsec3.salt_length=4", "dns.nsec3.salt_value=aabbccdd",
	  "dns.nsec3.hash_length=20", "dns.nsec3.hash_value=2t7b4g4vsa5smi47k61mv5bv1a22bojr",
	  "dns.resp.type=2", "dns.resp.type=6", "dns.resp.type=15", "dns.resp.type=46",
	  "dns.resp.type=48", "dns.resp.type=51" } },
	{ 51, "0100000c04aabbccdd", { "dns.nsec3.algo=1", "dns.nsec3.flags=0",
	  "dns.nsec3.iterations=12", "dns.nsec3.salt_length=4", "dns.nsec3.salt_value=aabbccdd" } },
	{ 52, "0301010c72ac70b745ac19998811b131d662c9ac69dbdbe7cb23e5b514b56664c5d3d6",
	  { "dns.tlsa.certificate_usage=3", "dns.tlsa.selector=1", "dns.tlsa.matching_type=1",
	  "dns.tlsa.certificate_association_data=0c72ac70b745ac19998811b131d662c9ac69dbdbe7cb23e5b514b56664c5d3d6" } },
	{ 53, "0301010c72ac70b745ac19998811b131d662c9ac69dbdbe7cb23e5b514b56664c5d3d6",
	  { "dns.smimea.certificate_usage=3", "dns.smimea.selector=1", "dns.smimea.matching_type=1",
	  "dns.smimea.certificate_association_data=0c72ac70b745ac19998811b131d662c9ac69dbdbe7cb23e5b514b56664c5d3d6" } },
	{ 55, "10020084200100107b1a74df365639cc39f1d57803010001b771ca136e4aeb5ce44333c53b3d2c13c2224385"
	  "1fc708bcce29f7e2eb5787b5f56ccad34f8223acc10904ddb56b2ec4a6d6232f3b50ea094f0914b3b941bbe5"
	  "29af582c36bbadefdaf2adaf9b4911906f5b2522603c615272b880ec8fb930cc6ee39c444daa75b1678f005a"
	  "4b2499d1da5433f805c7a5ad3237acc5dd5c5e430472767331076578616d706c65000472767332076578616d"
	  "706c6500", { "dns.hip.hit.length=16", "dns.hip.hit.pk.algo=2", "dns.hip.pk.length=132",
	  "dns.hip.hit=200100107b1a74df365639cc39f1d578",
	  "dns.hip.pk=03010001b771ca136e4aeb5ce44333c53b3d2c13c22243851fc708bcce29f7e2eb5787b5f56ccad34f8223acc10904ddb56b2ec4a6d6232f3b50ea094f0914b3b941bbe529af582c36bbadefdaf2adaf9b4911906f5b2522603c615272b880ec8fb930cc6ee39c444daa75b1678f005a4b2499d1da5433f805c7a5ad3237acc5dd5c5e43",
	  "dns.hip.rendezvous_server=rvs1.example", "dns.hip.rendezvous_server=rvs2.example" } },
	{ 56, "0b7a6f6e6520737461747573", { "dns.ninfo=zone status" } },
	{ 57, "0000030801020304", { "dns.rkey.flags=0", "dns.rkey.protocol=3", "dns.rkey.algorithm=8",
	  "dns.rkey.public_key=01020304" } },
	{ 58, "000161076578616d706c6500", { "dns.talink.previous=.", "dns.talink.next=a.example" } },
	{ 59, "ec4505012bb183af5f22588179a53b0a98631fad1a292118", { "dns.ds.key_id=60485",
	  "dns.ds.algorithm=5", "dns.ds.digest_type=1",
	  "dns.ds.digest=2bb183af5f22588179a53b0a98631fad1a292118" } },
	{ 59, "0000000000", { "dns.ds.key_id=0", "dns.ds.algorithm=0", "dns.ds.digest_type=0",
	  "dns.ds.digest=00" } },
	{ 60, "0000030000", { "dns.dnskey.flags=0", "dns.dnskey.flags.zone_key=0",
	  "dns.dnskey.flags.key_revoked=0", "dns.dnskey.flags.secure_entry_point=0",
	  "dns.dnskey.flags.reserved=0", "dns.dnskey.protocol=3", "dns.dnskey.algorithm=0",
	  "dns.dnskey.key_id=768", "dns.dnskey.public_key=00" } },
	{ 61, "01020304", { "dns.openpgpkey=01020304" } },
	{ 62, "000000420003000460000008", { "dns.csync.soa=66", "dns.csync.flags=3",
	  "dns.csync.flags.immediate=1", "dns.csync.flags.soaminimum=1",
	  "dns.csync.type_bitmap=000460000008", "dns.resp.type=1", "dns.resp.type=2",
	  "dns.resp.type=28" } },
	{ 63, "7848b78c0101c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5"
	  "cc27777f98b8e730044c", { "dns.zonemd.serial=2018031500", "dns.zonemd.scheme=1",
	  "dns.zonemd.hash_algo=1",
	  "dns.zonemd.digest=c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c" } },
	{ 64, "000103737663076578616d706c6500000000040003000400010006026832026833000200000003000220fb00"
	  "040008c0000201c0000202000500030040000006001020010db8000000000000000000000001000700102f64"
	  "6e732d71756572797b3f646e737dff350003657831", { "dns.svcb.svcpriority=1",
	  "dns.svcb.targetname=svc.example", "dns.svcb.svcparam.key=0",
	  "dns.svcb.svcparam.value.length=4", "dns.svcb.svcparam.mandatory.key=3",
	  "dns.svcb.svcparam.mandatory.key=4", "dns.svcb.svcparam.key=1",
	  "dns.svcb.svcparam.value.length=6", "dns.svcb.svcparam.alpn.length=2",
	  "dns.svcb.svcparam.alpn=h2", "dns.svcb.svcparam.alpn.length=2", "dns.svcb.svcparam.alpn=h3",
	  "dns.svcb.svcparam.key=2", "dns.svcb.svcparam.value.length=0", "dns.svcb.svcparam.key=3",
	  "dns.svcb.svcparam.value.length=2", "dns.svcb.svcparam.port=8443", "dns.svcb.svcparam.key=4",
	  "dns.svcb.svcparam.value.length=8", "dns.svcb.svcparam.ipv4hint.ip=192.0.2.1",
	  "dns.svcb.svcparam.ipv4hint.ip=192.0.2.2", "dns.svcb.svcparam.key=5",
	  "dns.svcb.svcparam.value.length=3", "dns.svcb.svcparam.echconfig=004000",
	  "dns.svcb.svcparam.key=6", "dns.svcb.svcparam.value.length=16",
	  "dns.svcb.svcparam.ipv6hint.ip=20010db8000000000000000000000001", "dns.svcb.svcparam.key=7",
	  "dns.svcb.svcparam.value.length=16",
	  "dns.svcb.svcparam.value=2f646e732d71756572797b3f646e737d", "dns.svcb.svcparam.key=65333",
	  "dns.svcb.svcparam.value.length=3", "dns.svcb.svcparam.value=657831" } },
	{ 65, "000005616c696173076578616d706c6500", { "dns.svcb.svcpriority=0",
	  "dns.svcb.targetname=alias.example" } },
	{ 66, "003b0114c5026e73076578616d706c6500", { "dns.dsync.type=59", "dns.dsync.scheme=1",
	  "dns.dsync.port=5317", "dns.dsync.target=ns.example" } },
	{ 67, "83182a4101", { "dns.data=83182a4101" } },
	{ 68, "8201182a", { "dns.data=8201182a" } },
	{ 69, "03616263000364656668656c6c6f", { "dns.external.registry=abc", "dns.external.value=",
	  "dns.external.code=def", "dns.external.descriptor=hello" } },
	{ 70, "016101620163", { "dns.external.registry=a", "dns.external.value=b",
	  "dns.external.code=c" } },
	{ 99, "0b763d73706631202d616c6c", { "dns.spf.length=11", "dns.spf=v=spf1 -all" } },
	{ 100, "0102", { "dns.data=0102" } },
	{ 101, "00000001", { "dns.data=00000001" } },
	{ 102, "00000001", { "dns.data=00000001" } },
	{ 103, "0102", { "dns.data=0102" } },
	{ 104, "000a00144fffff20ee64", { "dns.ilnp.nid.preference=10",
	  "dns.ilnp.nid=00144fffff20ee64" } },
	{ 105, "000a0a010200", { "dns.ilnp.l32.preference=10", "dns.ilnp.l32=10.1.2.0" } },
	{ 106, "000a20010db811401000", { "dns.ilnp.l64.preference=10",
	  "dns.ilnp.l64=20010db811401000" } },
	{ 107, "000a036c3634076578616d706c6500", { "dns.ilnp.lp.preference=10",
	  "dns.ilnp.lp=l64.example" } },
	{ 108, "00005e00532a", { "dns.eui48=00005e00532a" } },
	{ 109, "00005eef1000002a", { "dns.eui64=00005eef1000002a" } },
	{ 128, "", { "!dns.meta_type" } },
	{ 249, "086773732d74736967006553f1006553ff100003000000040102030400020102",
	  { "dns.tkey.algo_name=gss-tsig", "dns.tkey.signature_inception=1700000000000000000",
	  "dns.tkey.signature_expiration=1700003600000000000", "dns.tkey.mode=3", "dns.tkey.error=0",
	  "dns.tkey.key_size=4", "dns.tkey.key_data=01020304", "dns.tkey.other_size=2",
	  "dns.tkey.other_data=0102" } },
	{ 250, "0b686d61632d7368613235360000006553f100012c00040102030412340012000600006553f164",
	  { "dns.tsig.algorithm_name=hmac-sha256", "dns.tsig.time_signed=1700000000000000000",
	  "dns.tsig.fudge=300", "dns.tsig.mac_size=4", "dns.tsig.mac=01020304",
	  "dns.tsig.original_id=4660", "dns.tsig.error=18", "dns.tsig.other_len=6",
	  "dns.tsig.other_data=00006553f164" } },
	{ 251, "", { "!dns.meta_type" } },
	{ 252, "", { "!dns.meta_type" } },
	{ 253, "", { "!dns.meta_type" } },
	{ 254, "", { "!dns.meta_type" } },
	{ 255, "", { "!dns.meta_type" } },
	{ 256, "000a00016674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963",
	  { "dns.uri.priority=10", "dns.uri.weight=1",
	  "dns.uri.target=ftp://ftp1.example.com/public" } },
	{ 257, "0005697373756563612e6578616d706c652e6e6574", { "dns.caa.flags=0",
	  "dns.caa.flags.issuer_critical=0", "dns.caa.issue=ca.example.net", "dns.caa.tag_length=5",
	  "dns.caa.tag=issue", "dns.caa.value=ca.example.net" } },
	{ 257, "8009697373756577696c643b", { "dns.caa.flags=128", "dns.caa.flags.issuer_critical=1",
	  "dns.caa.issuewild=;", "dns.caa.tag_length=9", "dns.caa.tag=issuewild", "dns.caa.value=;" } },
	{ 257, "0005696f6465666d61696c746f3a61406578616d706c65", { "dns.caa.flags=0",
	  "dns.caa.flags.issuer_critical=0", "dns.caa.iodef=mailto:a@example", "dns.caa.tag_length=5",
	  "dns.caa.tag=iodef", "dns.caa.value=mailto:a@example" } },
	{ 257, "000374627378", { "dns.caa.flags=0", "dns.caa.flags.issuer_critical=0",
	  "dns.caa.unknown=x", "dns.caa.tag_length=3", "dns.caa.tag=tbs", "dns.caa.value=x" } },
	{ 258, "0b6170702d6e616d653a787c", { "dns.avc=app-name:x|" } },
	{ 259, "00000000000000010209746578742f68746d6c010203", { "dns.doa.enterprise=0",
	  "dns.doa.type=1", "dns.doa.location=2", "dns.doa.media_type=text/html",
	  "dns.doa.data=010203" } },
	{ 260, "0a01cb00710f", { "dns.amtrelay.precedence=10", "dns.amtrelay.discovery=0",
	  "dns.amtrelay.type=1", "dns.amtrelay.ipv4=203.0.113.15" } },
	{ 260, "0a830572656c6179076578616d706c6500", { "dns.amtrelay.precedence=10",
	  "dns.amtrelay.discovery=1", "dns.amtrelay.type=3", "dns.amtrelay.name=relay.example" } },
	{ 260, "0a0220010db8000000000000000000000015", { "dns.amtrelay.precedence=10",
	  "dns.amtrelay.discovery=0", "dns.amtrelay.type=2",
	  "dns.amtrelay.ipv6=20010db8000000000000000000000015" } },
	{ 261, "08716e616d656d696e0c6578746572723d31352d3137", { "dns.resinfo=qnamemin",
	  "dns.resinfo=exterr=15-17" } },
	{ 262, "034254430462633171", { "dns.wallet=BTC", "dns.wallet=bc1q" } },
	{ 263, "0354434c", { "dns.cla=TCL" } },
	{ 264, "000000000000007b", { "dns.ipn=123" } },
	{ 32768, "ec4505012bb183af5f22588179a53b0a98631fad1a292118", { "dns.ta.key_id=60485",
	  "dns.ta.algorithm=5", "dns.ta.digest_type=1",
	  "dns.ta.digest=2bb183af5f22588179a53b0a98631fad1a292118" } },
	{ 32769, "ec4505012bb183af5f22588179a53b0a98631fad1a292118", { "dns.ds.key_id=60485",
	  "dns.ds.algorithm=5", "dns.ds.digest_type=1",
	  "dns.ds.digest=2bb183af5f22588179a53b0a98631fad1a292118" } },
	{ 61440, "00010004c0000201", { "dns.deleg.key=1", "dns.deleg.server_ipv4=192.0.2.1" } },
	{ 65281, "00010000000000020000038400000001c0000201", { "dns.wins.local_flag=1",
	  "dns.wins.lookup_timeout=2", "dns.wins.cache_timeout=900", "dns.wins.nb_wins_servers=1",
	  "dns.wins.wins_server=192.0.2.1" } },
	{ 65282, "000100000000000200000384026e73076578616d706c6500", { "dns.winsr.local_flag=1",
	  "dns.winsr.lookup_timeout=2", "dns.winsr.cache_timeout=900",
	  "dns.winsr.name_result_domain=ns.example" } },
	{ 65401, "0161076578616d706c6500", { "dns.alias=a.example" } },
	{ 65422, "0411c0000201c000020230390035", { "dns.xpf.ip_version=4", "dns.xpf.protocol=17",
	  "dns.xpf.source_ipv4=192.0.2.1", "dns.xpf.destination_ipv4=192.0.2.2", "dns.xpf.sport=12345",
	  "dns.xpf.dport=53" } },
	{ 65422, "060620010db800000000000000000000000120010db800000000000000000000000230390035",
	  { "dns.xpf.ip_version=6", "dns.xpf.protocol=6",
	  "dns.xpf.source_ipv6=20010db8000000000000000000000001",
	  "dns.xpf.destination_ipv6=20010db8000000000000000000000002", "dns.xpf.sport=12345",
	  "dns.xpf.dport=53" } },
	{ 65433, "0002001020010db8000000000000000000000001", { "dns.deleg.key=2",
	  "dns.deleg.server_ipv6=20010db8000000000000000000000001" } },
	{ 65534, "0830390001", { "dns.signing.algorithm=8", "dns.signing.key_id=12345",
	  "dns.signing.removal=0", "dns.signing.complete=1" } },
};
/* clang-format on */

#define TYPE_OPT  41
#define TYPE_TSIG 250

/* A response with the record: OPT and TSIG are additional ones. */
static const char *message(size_t i)
{
	static char text[20000];
	bool additional = rows[i].type == TYPE_OPT || rows[i].type == TYPE_TSIG;
	const char *owner = rows[i].type == TYPE_OPT ? "00" : "c00c";
	const char *middle = rows[i].type == TYPE_OPT	 ? "04d0 00008000"
			     : rows[i].type == TYPE_TSIG ? "00ff 00000000"
							 : "0001 0000003c";

	snprintf(text, sizeof text, "1234 8180 0001 %s" EXAMPLE_A "%s %04x %s %04x %s",
		 additional ? "0000 0000 0001" : "0001 0000 0000", owner, (unsigned)rows[i].type, middle,
		 (unsigned)strlen(rows[i].rdata) / 2, rows[i].rdata);
	return text;
}

static void values_are_shown(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char type[40];
		bool clean = true;

		feed_dns(&r, message(i));
		snprintf(type, sizeof type, "dns.resp.type=%u", (unsigned)rows[i].type);
		assert_shows(&r, type);
		for (size_t k = 0; rows[i].shows[k] != NULL; k++) {
			assert_shows(&r, rows[i].shows[k]);
			clean = clean && rows[i].shows[k][0] != '!';
		}
		if (clean && strstr(r.text->text, "\n!") != NULL)
			fail_msg("type %u: %s", (unsigned)rows[i].type, strstr(r.text->text, "\n!"));
	}
	rig_close(&r);
}

/* Every prefix, octet and length, the RDATA's too. */
static void vectors_cut_flipped_and_lied(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_dns(message(i), rows[i].type == TYPE_OPT ? 38 : 39);
}

/* Types whose last part ends where the RDATA does: an octet more or less is content, or seen by chance. */
static bool is_open(uint16_t type)
{
	static const uint16_t open[] = { 10,  11,  16,	20,    22,    24,    25,    30,	  31,  32,  34,
					 37,  40,  41,	42,    43,    44,    45,    46,	  47,  48,  49,
					 50,  52,  53,	55,    56,    57,    59,    60,	  61,  62,  63,
					 64,  65,  67,	68,    69,    70,    99,    100,  101, 102, 103,
					 128, 251, 252, 253,   254,   255,   256,   257,  258, 259, 260,
					 261, 262, 263, 61440, 65433, 65534, 32768, 32769 };

	for (size_t i = 0; i < COUNT(open); i++)
		if (open[i] == type)
			return true;
	return false;
}

static void assert_seen(struct rig *r, size_t i, int step)
{
	static uint8_t octets[FRAME_ROOM];
	size_t n = unhex(message(i), octets), at = rows[i].type == TYPE_OPT ? 38 : 39;
	size_t length = strlen(rows[i].rdata) / 2 + (size_t)step;

	octets[at] = (uint8_t)(length >> 8);
	octets[at + 1] = (uint8_t)length;
	octets[n] = 0;
	rig_udp(r, 53, 40000, octets, n + (size_t)step);
	if (strstr(r->text->text, "\n!dns.rdata_") == NULL && strstr(r->text->text, "\n!dns.name_") == NULL)
		fail_msg("type %u, %d octets: nothing in\n%s", (unsigned)rows[i].type, step, r->text->text);
}

static void lengths_that_lie_are_seen(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!is_open(rows[i].type)) {
			assert_seen(&r, i, 1);
			assert_seen(&r, i, -1);
		}
	rig_close(&r);
}

static void unknown_types_are_octets(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	feed_dns(&r, "1234 8180 0001 0001 0000 0000" EXAMPLE_A "c00c ff32 0001 0000003c 0003 0102c0");
	assert_shows(&r, "dns.rr.type=TYPE65330");
	assert_shows(&r, "dns.data=0102c0");
	assert_shows(&r, "dns.rr.rdata=0102c0");
	rig_close(&r);
}

/* Rows rise, have a name and a reference, and a vector here. */
static void rows_rise_and_have_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < cl_dns_types_count; i++) {
		const struct cl_dns_type *t = &cl_dns_types[i];
		bool found = false;

		assert_true(i == 0 || t->code > cl_dns_types[i - 1].code);
		assert_true(t->name != NULL && t->name[0] != '\0');
		assert_true(t->reference != NULL && t->reference[0] != '\0');
		assert_ptr_equal(cl_dns_type_find(t->code), t);
		for (size_t k = 0; k < COUNT(rows); k++)
			found = found || rows[k].type == t->code;
		if (!found)
			fail_msg("no vector of type %u", (unsigned)t->code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_shown),	      cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(lengths_that_lie_are_seen),  cmocka_unit_test(unknown_types_are_octets),
		cmocka_unit_test(rows_rise_and_have_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
