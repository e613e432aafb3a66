# SPDX-License-Identifier: BSD-2-Clause
"""Forges a day of NOTIFY, SOA records and zone transfers, and says what RSSAC002's load-time and zone-size are of it.

forge FOLDER    writes FOLDER/zones.pcap, the same by server (a.pcap, b.pcap) and by time (0.pcap to 2.pcap), and
                FOLDER/want/METRIC-ZONE: the lines behind the head
"""
import ipaddress, os, struct, sys

DAY = 1767225600  # 2026-01-01
A, B = ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("2001:db8::1")
M4, M6 = ipaddress.ip_address("198.51.100.9"), ipaddress.ip_address("2001:db8::9")  # primary
C4, C6 = ipaddress.ip_address("203.0.113.7"), ipaddress.ip_address("2001:db8:7::7")  # asks
SOA, TXT, IXFR, AXFR, IN = 6, 16, 251, 252, 1
QR, AA = 0x8000, 0x0400
NOTIFY = 4 << 11


def wire(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".") if x) + b"\0"


def rr(name, rtype, data, rclass=IN):
    return wire(name) + struct.pack(">HHIH", rtype, rclass, 300, len(data)) + data


def soa(name, serial):
    return rr(name, SOA, wire("ns." + name) + wire("Host.Master." + name) + struct.pack(">5I", serial, 1, 2, 3, 4))


def txt(name, n):
    return rr(name, TXT, b"\xc8" + bytes(200)) * n


def message(ident, flags, question=None, answers=(), authority=(), extra=()):
    body = b"" if question is None else wire(question[0]) + struct.pack(">HH", question[1], IN)
    return struct.pack(">6H", ident, flags, int(question is not None), len(answers), len(authority), len(extra)) + \
        body + b"".join(answers) + b"".join(authority) + b"".join(extra)


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data + b"\0" * (len(data) % 2)) // 2), data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(src, dst, proto, head, payload, at):
    """`at`: where in the header the checksum stands."""
    pseudo = src.packed + dst.packed + (struct.pack(">BBH", 0, proto, len(head + payload)) if src.version == 4 else
                                        struct.pack(">II", len(head + payload), proto))
    head = head[:at] + struct.pack(">H", checksum(pseudo + head + payload) or 0xffff) + head[at + 2:]
    if src.version == 6:
        return struct.pack(">IHBB", 0x60000000, len(head + payload), proto, 64) + src.packed + dst.packed + head + payload
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(head + payload), 0, 0x4000, 64, proto, 0) + src.packed + dst.packed
    return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + head + payload


frames = []  # (time, octets, which servers)


def put(when, octets, servers):
    frames.append((when, octets, servers))


def udp(when, src, dst, sport, dport, payload):
    servers = {x for x in (A, B) if x in (src, dst)}
    put(when, packet(src, dst, 17, struct.pack(">HHHH", sport, dport, 8 + len(payload), 0), payload, 6), servers)


def notify(when, server, zone, serial=None, owner=None, flags=NOTIFY | AA):
    answers = [] if serial is None else [soa(zone if owner is None else owner, serial)]
    master = M4 if server.version == 4 else M6
    src, dst, sport, dport = (server, master, 53, 4000) if flags & QR else (master, server, 4000, 53)
    udp(when, src, dst, sport, dport, message(int(when) % 65536, flags, (zone, SOA), answers))


def ask(when, server, qname, qtype, answers=(), authority=(), flags=QR | AA, later=0.001):
    """The answer comes at `when`."""
    client = C4 if server.version == 4 else C6
    ident = int(when * 10) % 65536
    udp(when - later, client, server, 5000, 53, message(ident, 0, (qname, qtype)))
    udp(when, server, client, 53, 5000, message(ident, flags, (qname, qtype), answers, authority))


def has(when, server, zone, serial):
    ask(when, server, zone, SOA, [soa(zone, serial)])


def denies(when, server, zone, serial, **more):
    ask(when, server, "nothing." + zone, 1, [], [soa(zone, serial)], **dict(dict(flags=QR | AA | 3), **more))


def tcp(when, server, port, asked, sent, lose=(), swap=False, again=False, until=None):
    """A connection to a server: what the client asks, and messages of the server. `lose`: segments of the
    server that the capture lacks."""
    client = C4 if server.version == 4 else C6
    stream = [b"".join(struct.pack(">H", len(m)) + m for m in x) for x in (asked, sent)]
    seq, out = [1000, 0xfffff000], []  # the server's numbers wrap

    def segment(way, flags, payload=b""):
        src, dst, sport, dport = (client, server, port, 53) if way == 0 else (server, client, 53, port)
        ack = seq[1 - way] if flags & 0x10 else 0
        head = struct.pack(">HHIIBBHHH", sport, dport, seq[way] & 0xffffffff, ack & 0xffffffff, 0x50, flags, 65535, 0, 0)
        seq[way] += len(payload) + (flags & 3 != 0)
        return packet(src, dst, 6, head, payload, 16)

    out += [segment(0, 2), segment(1, 0x12), segment(0, 0x10), segment(0, 0x18, stream[0])]
    data = [segment(1, 0x18, stream[1][i:i + 1400]) for i in range(0, len(stream[1]), 1400)]
    acks = segment(0, 0x10)
    if swap:
        data[1], data[2] = data[2], data[1]
    data = [x for i, x in enumerate(data) if i not in lose]
    if again:
        data.insert(3, data[1])
    out += data if until is None else data[:until]
    if until is None:
        out += [acks, segment(0, 0x11), segment(1, 0x11), segment(0, 0x10)]
    for i, x in enumerate(out):
        put(when + i * 0.0001, x, {server})
    return sum(map(len, sent))


def axfr(ident, zone, serial, records, question_again=False, end=True, extra=()):
    """The messages of a response: a question in the first alone, or in each."""
    q = (zone, AXFR)
    parts = [message(ident, QR | AA, q, [soa(zone, serial)] + [txt("a." + zone, 1)] * records, extra=extra)]
    parts += [message(ident, QR | AA, q if question_again else None, [txt("b." + zone, 1)] * records, extra=extra) for _ in range(3)]
    return parts + [message(ident, QR | AA, q if question_again else None, [soa(zone, serial)], extra=extra)] * end


def ask_axfr(ident, zone, qtype=AXFR):
    return message(ident, 0, (zone, qtype))


def root():
    n = 2026010100
    time, size, notes, sizes = {}, {}, {}, {}
    denies(DAY + 10, A, "", n - 1)
    # Answers that say nothing of the zone: without authority, of another zone, an error, in another class.
    notify(DAY + 500, A, "")  # without its SOA: no serial
    notify(DAY + 600, A, "", n, owner="org")
    notify(DAY + 700, A, "", n, flags=NOTIFY | QR | AA)
    denies(DAY + 800, A, "", n, flags=QR | 3)
    notify(DAY + 1000, A, "", n)
    notify(DAY + 1000.4, B, "", n)
    denies(DAY + 1000.5, A, "", n, flags=QR | 3)
    denies(DAY + 1000.6, A, "", n, flags=QR | AA | 2)
    ask(DAY + 1000.7, A, "nothing.com", 1, [], [soa("com", n)], flags=QR | AA | 3)
    ask(DAY + 1000.8, A, "", SOA, [rr("", SOA, soa("", n)[11:], rclass=3)])
    denies(DAY + 1001, A, "", n - 1)
    notify(DAY + 1002, A, "", n)  # once more
    denies(DAY + 1002.5, B, "", n - 1)
    has(DAY + 1003, A, "", n)
    denies(DAY + 1008.6, B, "", n)
    time[n] = 9  # the slower of two: 8.6 s
    has(DAY + 1009, B, "", n)
    # B skips a serial.
    notify(DAY + 40000, B, "", n + 1)
    notify(DAY + 40000.2, A, "", n + 1)
    denies(DAY + 40002, A, "", n + 1)
    denies(DAY + 40003, B, "", n)
    # A had the next one before anyone was told.
    denies(DAY + 49990, A, "", n + 2)
    notify(DAY + 50000, A, "", n + 2)
    notify(DAY + 50000, B, "", n + 2)
    denies(DAY + 50007.4, B, "", n + 2)
    time[n + 1], time[n + 2] = 10007, 7
    notes[n + 2] = ": 1 of 2 servers answered with it before the first NOTIFY that was seen: 0 s each"
    # One never comes to be served by B.
    notify(DAY + 80000, A, "", n + 3)
    notify(DAY + 80000, B, "", n + 3)
    denies(DAY + 80001, A, "", n + 3)
    denies(DAY + 80100, B, "", n + 2)
    notes[n + 3] = ": 1 of 2 servers did not answer with it as long as they were seen"

    # Transfers: several segments a message, some sent twice or in another order; the larger one does not count.
    size[n] = tcp(DAY + 1100, A, 6000, [ask_axfr(7, "")], axfr(7, "", n, 20), swap=True, again=True)
    opt = b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0)
    more = tcp(DAY + 1200, B, 6001, [ask_axfr(8, "")], axfr(8, "", n, 20, question_again=True, extra=[opt]))
    sizes[n] = ": the least of 2 transfers; the most is %d" % more
    # A hole; an error at its end; what a whole one would have had is not known.
    tcp(DAY + 41000, A, 6002, [ask_axfr(9, "")], axfr(9, "", n + 1, 30), lose=[7])
    tcp(DAY + 41100, A, 6003, [ask_axfr(9, "")], axfr(9, "", n + 1, 3, end=False) + [message(9, QR | 2)])
    sizes[n + 1] = ": no transfer of it was seen whole (2 in part)"
    # Two at once over one connection, and a hole in another that belongs to a message of neither.
    one, two = axfr(1, "", n + 2, 5), axfr(2, "Example.ORG", 7, 9)
    size[n + 2] = sum(map(len, one))
    other = {7: sum(map(len, two))}
    tcp(DAY + 51000, A, 6004, [ask_axfr(1, ""), ask_axfr(2, "example.org")], [m for pair in zip(one, two) for m in pair])
    # Differences, and all of the zone as the answer to a question for them.
    tcp(DAY + 81000, A, 6005, [ask_axfr(3, "", IXFR)],
        [message(3, QR | AA, ("", IXFR), [soa("", n + 3), soa("", n + 2), txt("c", 1), soa("", n + 3), txt("c", 2), soa("", n + 3)])])
    tcp(DAY + 81100, A, 6006, [ask_axfr(4, "", IXFR)],
        [message(4, QR | AA, ("", IXFR), [soa("", n + 3), txt("c", 1)]), message(4, QR | AA, None, [txt("c", 2), soa("", n + 3)])])
    # The capture ends within one.
    tcp(DAY + 86399.9, A, 6007, [ask_axfr(5, "")], axfr(5, "", n + 3, 30), until=5)
    sizes[n + 3] = ": no transfer of it was seen whole (1 in part)"
    return time, notes, size, sizes, other


def example():
    """Serial numbers wrap; 5 is skipped."""
    last = 0xffffffff
    notify(DAY + 2000, A, "Example.ORG", 5)
    has(DAY + 2001, A, "example.org", last)
    denies(DAY + 2004, A, "EXAMPLE.org", 7)
    notify(DAY + 2010, A, "example.org", 7)
    return {5: 4, 7: 0}, {7: ": 1 of 1 servers answered with it before the first NOTIFY that was seen: 0 s each"}


def write(path, chosen):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        for when, octets, _ in chosen:
            us = int(round((when - DAY) * 1e6))
            f.write(struct.pack("<IIII", DAY + us // 1000000, us % 1000000, len(octets), len(octets)) + octets)


def forge(folder):
    time, notes, size, sizes, other = root()
    times, notes_of_other = example()
    frames.sort(key=lambda f: f[0])
    write(folder + "/zones.pcap", frames)
    for name, server in ("a", A), ("b", B):
        write(folder + "/%s.pcap" % name, [x for x in frames if server in x[2]])
    cuts = [0, DAY + 1002.1, DAY + 45000, DAY * 2]  # between a NOTIFY and answers; between days' halves
    for i in range(3):
        write(folder + "/%d.pcap" % i, [x for x in frames if cuts[i] <= x[0] < cuts[i + 1]])
    os.makedirs(folder + "/want")

    def want(name, key, numbers, said):
        with open(folder + "/want/" + name, "w") as f:
            f.write(key + ":" + ("".join("\n  %d: %d" % x for x in numbers.items()) or " {}") + "\n")
            f.write("".join("# %d%s\n" % x for x in said.items()))

    want("load-time-root", "time", time, notes)
    want("zone-size-root", "size", size, sizes)
    want("load-time-example.org", "time", times, notes_of_other)
    want("zone-size-example.org", "size", other, {})
    want("load-time-com", "time", {}, {})
    want("zone-size-com", "size", {}, {})


if __name__ == "__main__":
    forge(sys.argv[2])
