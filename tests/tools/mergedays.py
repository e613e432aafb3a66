#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Captures for tests of merging.

mergedays.py make FOLDER SEED
    Four days over the end of a month, of three sensors: north.pcap, also in its two months as north-1.pcap and
    north-2.pcap, south.pcap and west.pcap; and of many servers that two sensors see on the last day, crowd-1.pcap
    and crowd-2.pcap. truth.txt and crowd.txt (of all five) say how many clients each server, and all of a protocol,
    had on each day and in each month: PERIOD|PROTO|SERVER|IPV4|IPV6|24|64|48, SERVER empty for all.
mergedays.py client IN OUT PARTS SEED
    Deals the exchanges of a capture out to OUT-0.pcap ... by their clients.
mergedays.py time IN OUT PARTS SEED
    Cuts it at random times into so many.
Raw IP (link type 101) in classic pcap files of this machine's order is written and read.
"""
import datetime
import ipaddress
import random
import struct
import sys
from collections import defaultdict

BEGIN = 1780099200  # 2026-05-30
DAYS = 4
JUNE = BEGIN + 2 * 86400
QUIET_S = 20  # around the end of the month: no exchange lies across it


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF or 0xFFFF


def packet(src, dst, sport, dport, payload):
    a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    length = 8 + len(payload)
    udp = struct.pack("!HHHH", sport, dport, length, 0) + payload
    pseudo = a.packed + b.packed + (struct.pack("!BBH", 0, 17, length) if a.version == 4 else struct.pack("!IHBB", length, 0, 0, 17))
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp)) + payload
    if a.version == 6:
        return struct.pack("!IHBB", 6 << 28, length, 17, 64) + a.packed + b.packed + udp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, 17, 0) + a.packed + b.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


def write(path, records):
    with open(path, "wb") as f:
        f.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101))
        for ns, octets in records:
            f.write(struct.pack("=IIII", ns // 10**9, ns % 10**9, len(octets), len(octets)) + octets)


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    scale = {0xA1B23C4D: 1, 0xA1B2C3D4: 1000}[struct.unpack_from("=I", data)[0]]
    at, records = 24, []
    while at < len(data):
        s, part, length, _ = struct.unpack_from("=IIII", data, at)
        records.append((s * 10**9 + part * scale, data[at + 16 : at + 16 + length]))
        at += 16 + length
    return records


def client_of(octets):
    """The side that does not have the port of the service."""
    v6 = octets[0] >> 4 == 6
    at = 40 if v6 else 20
    sport = struct.unpack_from("!H", octets, at)[0]
    src, dst = (octets[8:24], octets[24:40]) if v6 else (octets[12:16], octets[16:20])
    return dst if sport in (53, 123) else src


def clients(rng):
    v4 = [f"10.{rng.randrange(3)}.{rng.randrange(6)}.{rng.randrange(1, 255)}" for _ in range(160)]
    v6 = [f"2001:db8:{rng.randrange(4):x}:{rng.randrange(5):x}::{rng.randrange(1, 999):x}" for _ in range(120)]
    return v4, v6


def exchange(rng, ns, client, server, proto, records):
    port = rng.randrange(1024, 65536)
    if proto == "ntp":
        xmt = rng.randbytes(8)
        asked = bytes([0x23]) + bytes(39) + xmt
        answer = bytes([0x24, 2]) + bytes(22) + xmt + rng.randbytes(8) + rng.randbytes(8)
        service = 123
    else:
        tail = rng.randbytes(2), b"\1a\4test\0" + struct.pack("!HH", 1, 1)
        asked = tail[0] + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + tail[1]
        answer = tail[0] + struct.pack("!HHHHH", 0x8183, 1, 0, 0, 0) + tail[1]
        service = 53
    records.append((ns, packet(client, server, port, service, asked)))
    if rng.random() < 0.4:
        records.append((ns + rng.randrange(20000, 50000000), packet(server, client, service, port, answer)))


class Truth:
    def __init__(self):
        self.seen = defaultdict(set)

    def saw(self, second, client, server, proto):
        date = datetime.datetime.fromtimestamp(second, datetime.timezone.utc).strftime("%Y-%m-%d")
        for period in date, date[:7]:
            self.seen[period, proto, server].add(client)
            self.seen[period, proto, ""].add(client)

    def write(self, path):
        with open(path, "w") as f:
            for (period, proto, server), who in self.seen.items():
                a = [ipaddress.ip_address(w) for w in who]
                four, six = [x.packed for x in a if x.version == 4], [x.packed for x in a if x.version == 6]
                counts = len(four), len(six), len({x[:3] for x in four}), len({x[:8] for x in six}), len({x[:6] for x in six})
                f.write("|".join([period, proto, server, *map(str, counts)]) + "\n")


def make(folder, seed):
    rng, truth = random.Random(seed), Truth()
    v4, v6 = clients(rng)
    records = []

    def ask(second, server, proto):
        client = rng.choice(v4 if "." in server else v6)
        exchange(rng, second * 10**9 + rng.randrange(10**9), client, server, proto, records)
        truth.saw(second, client, server, proto)

    ours = {"north": ["192.0.2.1", "2001:db8:ff::1"], "south": ["192.0.2.1", "2001:db8:ff::2"], "west": ["192.0.2.3"]}
    for sensor, servers in ours.items():
        records.clear()
        for _ in range(1500):
            second = BEGIN + rng.randrange(DAYS * 86400)
            if abs(second - JUNE) > QUIET_S:
                ask(second, rng.choice(servers), rng.choice(("ntp", "ntp", "dns")))
        records.sort()
        write(f"{folder}/{sensor}.pcap", records)
        if sensor == "north":
            write(f"{folder}/north-1.pcap", [r for r in records if r[0] < JUNE * 10**9])
            write(f"{folder}/north-2.pcap", [r for r in records if r[0] >= JUNE * 10**9])
    truth.write(f"{folder}/truth.txt")
    for sensor in "crowd-1", "crowd-2":
        records.clear()
        for i in range(600):
            ask(BEGIN + 3 * 86400 + 40000 + i, f"198.51.{100 + i // 200}.{i % 200 + 1}", "ntp")
        records.sort()
        write(f"{folder}/{sensor}.pcap", records)
    truth.write(f"{folder}/crowd.txt")


def deal(path, out, parts, rng):
    hands, place = [[] for _ in range(parts)], {}
    for ns, octets in read(path):
        client = client_of(octets)
        hands[place.setdefault(client, rng.randrange(parts))].append((ns, octets))
    return hands


def cut(path, out, parts, rng):
    records = read(path)
    at = sorted(rng.sample(range(1, len(records)), parts - 1))
    return [records[a:b] for a, b in zip([0] + at, at + [len(records)])]


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3])
    else:
        how = {"client": deal, "time": cut}[sys.argv[1]]
        for number, part in enumerate(how(sys.argv[2], sys.argv[3], int(sys.argv[4]), random.Random(sys.argv[5]))):
            write(f"{sys.argv[3]}-{number}.pcap", part)
