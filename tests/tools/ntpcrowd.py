# SPDX-License-Identifier: BSD-2-Clause
"""Captures of NTP clients whose ways are known, for tests: classic pcap of raw IP, nanoseconds.

Nothing of the program under test is used here.
"""
import ipaddress
import struct

EPOCH = 2208988800
T0 = 1780315200  # 2026-06-01T12:00:00Z
SECOND = 10**9
MS = 10**6


def stamp(ns):
    """Nanoseconds since 1970 as an NTP timestamp; eras wrap."""
    return ((ns // SECOND + EPOCH) % 2**32) << 32 | ((ns % SECOND) * 2**32) // SECOND


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(src, dst, proto, payload):
    a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if a.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(payload), proto, 64) + a.packed + b.packed + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, proto, 0) + a.packed + b.packed
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def udp(src, sport, dst, dport, payload):
    a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    head = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0)
    pseudo = a.packed + b.packed + struct.pack(">HH", 17, 8 + len(payload))
    head = head[:6] + struct.pack(">H", checksum(pseudo + head + payload) or 0xFFFF)
    return datagram(src, dst, 17, head + payload)


def ntp(mode, org=0, rec=0, xmt=0, stratum=0, refid=b"\0\0\0\0", version=4):
    return struct.pack(">BBbbII4sQQQQ", version << 3 | mode, stratum, 6, -20, 0, 0, refid, 0, org, rec, xmt)


class Capture:
    """Packets in any order; `write` sorts them."""

    def __init__(self):
        self.packets = []

    def put(self, t, packet):
        self.packets.append((t, len(self.packets), packet))

    def ask(self, t, client, server, port=123, **fields):
        self.put(t, udp(client, port, server, 123, ntp(3, **fields)))

    def answer(self, t, client, server, port=123, **fields):
        fields.setdefault("stratum", 2)
        self.put(t, udp(server, 123, client, port, ntp(4, **fields)))

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101))
            for t, _, packet in sorted(self.packets):
                f.write(struct.pack("<IIII", t // SECOND, t % SECOND, len(packet), len(packet)) + packet)
