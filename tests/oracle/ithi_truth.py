# SPDX-License-Identifier: BSD-2-Clause
"""Forges a month of DNS and three days more, and counts ITHI's figures by itself.

forge FOLDER            writes FOLDER/month.pcap and FOLDER/ROLE.want: METRIC KEY VALUE, sorted
"""
import collections, ipaddress, os, random, struct, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from export_truth import packet, wire

FIRST = 1769904000  # 2026-02-01
SERVER = [ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("2001:db8::1")]
RESERVED = ["localhost", "test", "local", "invalid", "onion", "example"]
UNASSIGNED = 1000  # a QTYPE


def forge(folder):
    rng = random.Random(11)
    frames = []
    n = collections.Counter()
    uses = collections.defaultdict(set)    # of clients
    types, opcodes, rcodes, options = (collections.Counter() for _ in range(4))
    asked, missing = collections.Counter(), collections.Counter()
    pairs = {0: collections.Counter(), 3: collections.Counter()}

    def put(when, octets):
        frames.append((when, struct.pack("<IIII", int(when), int(round(when % 1 * 1e6)), len(octets), len(octets)) + octets))

    def message(qr, name, qtype, opcode, rcode, edns, do, rd, opts, ident):
        flags = (0x8000 if qr else 0) | opcode << 11 | (0x0100 if rd else 0) | rcode & 15
        extra = b""
        if edns:
            data = b"".join(struct.pack(">HH", c, len(d)) + d for c, d in opts)
            extra = b"\0" + struct.pack(">HHBBHH", 41, 1232, rcode >> 4, 0, 0x8000 if do else 0, len(data)) + data
        return struct.pack(">HHHHHH", ident, flags, 1, 0, 0, 1 if extra else 0) + wire(name) + struct.pack(">HH", qtype, 1) + extra

    days = 31
    for day in range(days):
        counts = day < 28
        for k in range(60):
            when = FIRST + day * 86400 + [10.25, 86390.5][k] if k < 2 else FIRST + day * 86400 + 30 + k * 1400 + rng.random() * 900
            server = rng.choice(SERVER)
            who = int(rng.random() ** 2 * 150)
            client = ipaddress.ip_address("198.51.%d.%d" % (who % 3, who + 1)) if server.version == 4 else ipaddress.ip_address("2001:db8:7::%x" % (who + 1))
            # what a client does is mostly its own
            edns = who % 4 != 0 and rng.random() < 0.4
            do = edns and who % 3 == 0
            rd = who % 5 == 0 and rng.random() < 0.5
            opts = [o for o in ((3, b""), (10, b"01234567"), (8, b"\0\1\x18\0\xc6\x33\x64"), (12, bytes(9))) if edns and rng.random() < 0.02 * (who % 7)]
            tld = rng.choice(["com", "net", "org", "COM", "lan", "home", "corp"] + RESERVED[:3] + (["rare%d" % who] if who < 4 else []))
            name = (rng.choice(["", "www.", "a.b."]) + tld).encode() if rng.random() < 0.97 else b""
            qtype = rng.choice([1, 28, 2, 65, 1, 1, UNASSIGNED if rng.random() < 0.1 else 15])
            opcode = 0 if rng.random() < 0.98 else 3 if rng.random() < 0.5 else 2
            gone = tld.lower() not in ("com", "net", "org") and name != b""
            rcode = rng.choice([3, 3, 0] if gone else [0, 0, 2, 23 if edns else 0])
            odd = 3 if rng.random() < 0.01 else 0  # RCODE of the query
            ident = rng.randrange(65536)
            port = rng.randrange(1024, 65536)
            broken = rng.random() < 0.02
            query = message(False, name, qtype, opcode, odd, edns, do, rd, opts, ident)
            put(when, packet(client, server, port, 53, query[:-3] if broken else query))
            answered = not broken and rng.random() < 0.9
            if answered:
                put(when + 0.01, packet(server, client, 53, port, message(True, name, qtype, opcode, rcode, edns, do, rd, [], ident)))
            if not counts:
                continue
            # tables by day have what a malformed query says before it breaks off: in its OPT record, else behind its name
            top = name.decode().lower().split(".")[-1] or "."
            opcodes[opcode] += 1
            asked[top] += 1
            if not broken or edns:
                types[qtype] += 1
            if broken:
                continue
            n["queries"] += 1
            n["rcode %d" % odd] += 1
            mine = uses[client]
            mine.add("any")
            mine.update(k for k, v in (("edns", edns), ("do", do), ("rd", rd)) if v)
            mine.update(c for c, _ in opts)
            options.update({c for c, _ in opts})
            if answered:
                n["rcode %d" % rcode] += 1
                rcodes[rcode] += 1
                if rcode == 3:
                    missing[top] += 1
                if rcode in pairs:
                    pairs[rcode][client, top] += 1
    frames.sort(key=lambda f: f[0])
    with open(folder + "/month.pcap", "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        f.write(b"".join(x for _, x in frames))

    q = rcodes[0] + rcodes[3]
    clients = len(uses)
    share = lambda what: sum(what in u for u in uses.values()) / clients
    again = lambda p: (sum(p.values()) - len(p)) / sum(p.values())
    other = [t for t in missing if t not in RESERVED and t != "."]
    want = {"root": {("M3.1", ""): rcodes[3] / q, ("M3.2", ""): again(pairs[0]), ("M3.3.5", ""): again(pairs[3]),
                     ("M3.4.1", ""): share("edns"), ("M3.5", ""): share("do"), ("M3.8", ""): share("rd")},
            "recursive": {("M4.5", ""): share("do")},
            "authoritative": {("M8.1", ""): n["rcode 3"] / ((n["rcode 0"] + n["rcode 3"]) / 2), ("M8.2.1", ""): share("edns"),
                              ("M8.3", ""): share("do")}}
    for t, k in missing.items():
        if t in RESERVED:
            want["root"]["M3.3.1", t] = k / q
        elif t != "." and (k / q >= 0.001 or len(other) < 8):
            want["root"]["M3.3.2", t] = k / q
    for t, k in asked.items():
        if t in RESERVED:
            want["recursive"]["M4.2", t] = k / sum(asked.values())
    for c, k in options.items():
        want["root"]["M3.4.2", str(c)] = share(c)
        want["authoritative"]["M8.2.2", str(c)] = k / n["queries"]
    # registered (IANA, DNS Parameters): opcodes 0 1 2 4 5 6, RCODEs 0 to 11 and 16 to 23
    m6 = {("M6.DNS.03.1", ""): len(set(opcodes) & {0, 1, 2, 4, 5, 6}) / 6, ("M6.DNS.03.2", ""): opcodes[3] / sum(opcodes.values()),
          ("M6.DNS.04.1", ""): len(rcodes) / 20, ("M6.DNS.04.2", ""): 0,
          ("M6.DNS.02.2", ""): types[UNASSIGNED] / sum(types.values())}
    for metric, counter in (("02", types), ("03", opcodes), ("04", rcodes)):
        for code, k in counter.items():
            m6["M6.DNS.%s.3" % metric, str(code)] = k
    want["M6"] = m6
    for role, figures in want.items():
        with open("%s/%s.want" % (folder, role), "w") as f:
            for (metric, key), v in sorted(figures.items()):
                f.write("%s %s %s\n" % (metric, key or "-", "%d" % v if metric.startswith("M6") and metric.endswith(".3") else "%.6f" % v))


if __name__ == "__main__":
    forge(sys.argv[2])
