# SPDX-License-Identifier: BSD-2-Clause
"""Forges a day and a half of DNS at one service of two addresses and counts it by itself.

forge FOLDER    writes FOLDER/dns.pcap and what export has to make of it: FOLDER/want/...
check FOLDER    reads FOLDER/xml, FOLDER/json (DSC) and FOLDER/cbor (DNS Magnitude): a line for each that differs
"""
import base64, collections, glob, ipaddress, json, os, random, struct, sys
import xml.etree.ElementTree

DAY = 1767225600  # 2026-01-01
SERVICE = [ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("2001:db8::1")]
SETS = {"qtype", "rcode", "opcode", "rcode_vs_replylen", "client_subnet", "qtype_vs_qnamelen", "qtype_vs_tld",
        "certain_qnames_vs_qtype", "client_subnet2", "client_addr_vs_rcode", "chaos_types_and_names", "idn_qname",
        "edns_version", "edns_bufsiz", "do_bit", "rd_bit", "idn_vs_tld", "ipv6_rsn_abusers", "transport_vs_qtype",
        "client_port_range"}
LIMITS = {"client_subnet": 200, "client_subnet2": 200, "qtype_vs_tld": 200, "client_addr_vs_rcode": 50,
          "ipv6_rsn_abusers": 50}
POPULAR = {1, 2, 5, 6, 12, 15, 28, 33, 38, 255}
NAMES = [b"www.example.com", b"Example.COM", b"", b"localhost", b"a.root-servers.net", b"x y.z_z", b"b.xn--p1ai",
         b"4.3.2.10.in-addr.arpa", b"1.2.3.4", b"version.bind", b"a.b.example.org"]


def wire(name):
    return b"".join(bytes([len(x)]) + x for x in name.split(b".") if x) + b"\0"


def message(qr, name, qtype, qclass, rcode, length, edns, do, rd, ident):
    """Of exactly `length` octets if that is longer than it has to be: padded by an EDNS option."""
    flags = (0x8000 if qr else 0) | (0x0100 if rd else 0) | rcode & 15
    body = wire(name) + struct.pack(">HH", qtype, qclass)
    extra = b""
    if edns is not None:
        extra = b"\0" + struct.pack(">HHBBH", 41, edns, rcode >> 4, 0, 0x8000 if do else 0)
        room = length - 12 - len(body) - len(extra) - 2
        extra += struct.pack(">H", room) + struct.pack(">HH", 12, room - 4) + bytes(room - 4) if room >= 4 else b"\0\0"
    return struct.pack(">HHHHHH", ident, flags, 1, 0, 0, 1 if extra else 0) + body + extra


def packet(src, dst, sport, dport, payload):
    udp = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    if src.version == 4:
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, src.packed, dst.packed)
        total = sum(struct.unpack(">10H", head))
        total = (total & 0xffff) + (total >> 16)
        return head[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xffff) + head[12:] + udp
    pseudo = src.packed + dst.packed + struct.pack(">II", len(udp), 17)
    data = pseudo + udp + b"\0" * (len(udp) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    udp = udp[:6] + struct.pack(">H", ~total & 0xffff or 0xffff) + udp[8:]
    return struct.pack(">IHBB16s16s", 0x60000000, len(udp), 17, 64, src.packed, dst.packed) + udp


def label(size, last):
    return "%d-" % last if size >= last else "%d-%d" % (size // 16 * 16, size // 16 * 16 + 15)


def text(name):
    return ".".join("".join(chr(c) if 33 <= c < 127 else "\\%03d" % c for c in x.lower()) for x in name.split(b".")) or "."


def subnet(a):
    return str(ipaddress.ip_network((a, 24 if a.version == 4 else 96), strict=False).network_address)


def klass(name, qtype, qclass):
    n = text(name)
    if qclass not in (1, 3, 4, 254, 255): return "funny-qclass"
    if not (1 <= qtype <= 35 or qtype in (38, 41) or 251 <= qtype <= 255): return "funny-qtype"
    if qtype == 1 and n == "1.2.3.4": return "a-for-a"
    if qtype == 1 and n == ".": return "a-for-root"
    if n == "localhost": return "localhost"
    if n.endswith(".root-servers.net"): return "root-servers.net"
    return "rfc1918-ptr" if qtype == 12 and n == "4.3.2.10.in-addr.arpa" else "ok"


def forge(folder):
    rng = random.Random(7)
    sizes = collections.defaultdict(collections.Counter)
    volume, rcodes, sources = collections.Counter(), collections.Counter(), [set(), set()]
    dsc = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    top = collections.defaultdict(lambda: [0, set()])
    frames = []

    def put(when, octets):
        frames.append((when, struct.pack("<IIII", int(when), int(round(when % 1 * 1e6)), len(octets), len(octets)) + octets))

    when = DAY + 0.5
    while when < DAY + 86400 * 1.5:
        server = rng.choice(SERVICE)
        if server.version == 4:
            client = ipaddress.ip_address("198.%d.%d.%d" % (rng.randrange(2), rng.randrange(256), rng.randrange(4)))
        else:
            client = ipaddress.ip_address("2001:db8:%x:%x::%x" % (rng.randrange(40), rng.randrange(3), rng.randrange(1, 4)))
        name, qtype = rng.choice(NAMES), rng.choice([1, 1, 28, 2, 12, 65, 38])
        qclass = 3 if name == b"version.bind" else rng.choice([1, 1, 1, 7])
        edns, rd = rng.choice([None, 512, 1232, 1232, 4096, 65535]), rng.random() < 0.3
        do = edns is not None and rng.random() < 0.5
        rcode = rng.choice([0, 0, 0, 3, 3, 2, 5] + ([16, 23] if edns else []))
        port, ident = rng.randrange(1024, 65536), rng.randrange(65536)
        query = message(False, name, qtype, qclass, 0, rng.choice([0, 0, 287, 288, 500]), edns, do, rd, ident)
        answer = message(True, name, qtype, qclass, rcode, rng.choice([0, 0, 512, 4095, 4096, 9000]), edns, do, rd, ident)
        later = when + rng.choice([0.0005, 0.02, 1.9])
        answered = rng.random() < 0.9 and later < DAY + 86400 * 1.5
        put(when, packet(client, server, port, 53, query))
        if answered:
            put(later, packet(server, client, 53, port, answer))
        family = "ipv%d" % server.version
        if when < DAY + 86400:
            volume["dns-udp-queries-received-" + family] += 1
            sizes["udp-request-sizes"][(len(query) // 16 if len(query) < 288 else 18, label(len(query), 288))] += 1
            sources[server.version == 6].add(client)
            t = top[text(name).split(".")[-1] or "."]
            for one in (t, top[""]):
                one[0] += 1
                one[1].add(ipaddress.ip_network((client, 24 if client.version == 4 else 48), strict=False))
        if answered and later < DAY + 86400:
            volume["dns-udp-responses-sent-" + family] += 1
            sizes["udp-response-sizes"][(len(answer) // 16 if len(answer) < 4096 else 256, label(len(answer), 4096))] += 1
            rcodes[str(rcode)] += 1
        d = dsc[(int(when) // 60 + 1) * 60]
        n, q = text(name), str(qtype)
        last = n.split(".")[-1] or "."
        d["client_subnet2"][klass(name, qtype, qclass), subnet(client)] += 1
        d["opcode"]["ALL", "0"] += 1
        d["client_subnet"]["ALL", subnet(client)] += 1
        d["client_port_range"]["ALL", "%d-%d" % (port // 1024 * 1024, port // 1024 * 1024 + 1023)] += 1
        d["edns_version"]["ALL", "none" if edns is None else "0"] += 1
        d["edns_bufsiz"]["ALL", "None" if edns is None else "%d-%d" % (edns // 512 * 512, edns // 512 * 512 + 511)] += 1
        d["do_bit"]["ALL", "set" if do else "clr"] += 1
        d["rd_bit"]["ALL", "set" if rd else "clr"] += 1
        d["qtype"]["ALL", q] += 1
        d["transport_vs_qtype"]["udp", q] += 1
        d["qtype_vs_qnamelen"][q, str(len(n))] += 1
        if qtype in POPULAR: d["qtype_vs_tld"][q, last] += 1
        d["certain_qnames_vs_qtype"]["localhost" if n == "localhost" else "X.root-servers.net" if n == "a.root-servers.net" else "else", q] += 1
        if qclass == 3: d["chaos_types_and_names"][q, n] += 1
        idn = "xn--" in n
        d["idn_qname"]["ALL", "idn" if idn else "normal"] += 1
        if idn: d["idn_vs_tld"]["ALL", last] += 1
        if qtype in (28, 38) and n.endswith(".root-servers.net"): d["ipv6_rsn_abusers"]["ALL", str(client)] += 1
        if answered:
            d = dsc[(int(later) // 60 + 1) * 60]
            d["rcode"]["ALL", str(rcode)] += 1
            d["rcode_vs_replylen"][str(rcode), str(len(answer))] += 1
            d["client_addr_vs_rcode"][str(rcode), str(client)] += 1
        # most of it in one minute, the rest over the day
        when += 0.01 if DAY + 3600 <= when < DAY + 3630 else rng.uniform(50, 130)
    frames.sort(key=lambda f: f[0])
    with open(folder + "/dns.pcap", "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        f.write(b"".join(x for _, x in frames))
    head = "---\nversion: rssac002v5\nservice: %s\nstart-period: 2026-01-01T00:00:00Z\nmetric: %s\n"

    def want(metric, body):
        path = "%s/want/2026/01/%s" % (folder, metric)
        os.makedirs(path)
        with open("%s/b-root-20260101-%s.yaml" % (path, metric), "w") as f:
            f.write(head % ("b.root-servers.net", metric) + body)

    want("traffic-volume", "".join("dns-%s-%s-%s: %d\n" % (t, w, v, volume["dns-%s-%s-%s" % (t, w, v)]) for w in
                                   ("queries-received", "responses-sent") for t in ("udp", "tcp") for v in ("ipv4", "ipv6")))
    want("traffic-sizes", "".join(k + (":\n" + "".join("  %s: %d\n" % (b[1], n) for b, n in sorted(sizes[k].items())) if sizes[k] else ": {}\n")
                                  for k in ("udp-request-sizes", "udp-response-sizes", "tcp-request-sizes", "tcp-response-sizes")))
    want("rcode-volume", "".join("%s: %d\n" % x for x in sorted(rcodes.items())))
    want("unique-sources", "num-sources-ipv4: %d\nnum-sources-ipv6: %d\nnum-sources-ipv6-aggregate: %d\n" % (
        len(sources[0]), len(sources[1]), len({x.packed[:8] for x in sources[1]})))
    want("load-time", "time: {}\n")  # nobody tells of the root's serial
    want("zone-size", "size: {}\n")
    first, last = int(frames[0][0]), int(frames[-1][0])
    arrays = {}
    for stop, sets in dsc.items():
        for name, cells in sets.items():
            folded = collections.defaultdict(dict)
            for one in {a for a, _ in cells}:
                mine = sorted(((b, n) for (a, b), n in cells.items() if a == one), key=lambda x: (-x[1], x[0].encode()))
                most = LIMITS.get(name, len(mine))
                folded[one] = dict(mine[:most])
                if len(mine) > most:
                    folded[one]["-:SKIPPED:-"] = len(mine) - most
                    folded[one]["-:SKIPPED_SUM:-"] = sum(n for _, n in mine[most:])
            arrays["%d %d %s" % (max(stop - 60, first), min(stop, last), name)] = folded
    json.dump({"dsc": arrays, "top": {k: [v[0], len(v[1])] for k, v in top.items()}}, open(folder + "/want.json", "w"))


def plain(v, coded):
    if coded:
        v = base64.b64decode(v, validate=True).decode("latin-1")
        assert any(not (c.isascii() and (c.isalnum() or c in "._:-")) for c in v), v
    return v


def read_xml(folder):
    got = {}
    for path in glob.glob(folder + "/xml/*.dscdata.xml"):
        for a in xml.etree.ElementTree.parse(path).getroot():
            assert os.path.basename(path) == a.get("stop_time") + ".dscdata.xml"
            types = [x.get("type") for x in a.findall("dimension")]
            cells = {}
            for one in a.find("data"):
                assert one.tag == types[0]
                cells[plain(one.get("val"), one.get("base64"))] = {plain(x.get("val"), x.get("base64")): int(x.get("count")) for x in one}
                assert all(x.tag == types[1] for x in one)
            got["%s %s %s" % (a.get("start_time"), a.get("stop_time"), a.get("name"))] = cells
    return got


def read_json(folder):
    got = {}
    for path in glob.glob(folder + "/json/*.dscdata.json"):
        for a in json.load(open(path)):
            one, two = a["dimensions"]
            got["%d %d %s" % (a["start_time"], a["stop_time"], a["name"])] = {
                plain(x[one], x.get("base64")): {plain(y["val"], y.get("base64")): y["count"] for y in x[two]} for x in a["data"]}
    return got


def cbor(b, at):
    major, info = b[at] >> 5, b[at] & 31
    at += 1
    if info >= 24:
        n = 1 << info - 24
        info, at = int.from_bytes(b[at:at + n], "big"), at + n
    if major == 0: return info, at
    if major == 2: return b[at:at + info], at + info
    if major == 3: return b[at:at + info].decode(), at + info
    if major == 6:
        v, at = cbor(b, at)
        return (info, v), at
    assert major == 5
    out = {}
    for _ in range(info):
        k, at = cbor(b, at)
        out[k], at = cbor(b, at)
    return out, at


def check(folder):
    want = json.load(open(folder + "/want.json"))
    for name, got in (("XML", read_xml(folder)), ("JSON", read_json(folder))):
        if {k.split()[2] for k in got} != SETS: print(name, "has other sets:", sorted({k.split()[2] for k in got} ^ SETS))
        for key in sorted(set(got) | set(want["dsc"])):
            if got.get(key, {}) != want["dsc"].get(key, {}):
                print(name, key, "got", got.get(key), "want", want["dsc"].get(key))
    data = open(folder + "/cbor/2026-01-01-magnitude.cbor", "rb").read()
    m, at = cbor(data, 0)
    if at != len(data) or list(m) != ["version", "id", "generator", "date", "all_clients_hll", "all_clients_count", "all_queries_count", "domains"]:
        print("CBOR: keys", list(m))
    if m["version"] != 1 or m["date"] != (1004, "2026-01-01") or len(m["id"]) != 36: print("CBOR: head", m["version"], m["date"], m["id"])
    # a TLD of one letter, of digits, or with another character is no domain, but counts in all
    names = {k: v for k, v in want["top"].items() if len(k) > 1 and k[0].isalpha() and k.replace("-", "").isalnum() and k.isascii()}
    if set(m["domains"]) != set(names): print("CBOR: domains", sorted(m["domains"]), sorted(names))
    got = dict(m["domains"], **{"": {"queries_count": m["all_queries_count"], "clients_count": m["all_clients_count"], "clients_hll": m["all_clients_hll"]}})
    for k, v in list(names.items()) + [("", want["top"][""])]:
        one = got.get(k, {"queries_count": 0, "clients_count": 0, "clients_hll": b""})
        if one["queries_count"] != v[0] or abs(one["clients_count"] - v[1]) > 1 + v[1] * 0.03:
            print("CBOR:", k, one["queries_count"], one["clients_count"], "want", v)
        if one["clients_hll"][:3] not in (b"\x13\x8e\x40", b"\x14\x8e\x40"): print("CBOR: sketch of", k)


if __name__ == "__main__":
    {"forge": forge, "check": check}[sys.argv[1]](sys.argv[2])
