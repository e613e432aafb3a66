#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A cable between two network namespaces with a delay each way, and with losses.

usage (in the namespace of the host): wire.py NAMESPACE INTERFACE OUT_MS BACK_MS [RULES]
Makes eth0 in this namespace and INTERFACE in NAMESPACE (TAP devices), and carries frames between
them. RULES is a file, read again when it changes, with lines `out|back EXPRESSION`: a frame that
goes that way and of which the expression (Python; f: its octets, n: how often the rule was asked
for a frame, udp: source and destination port and payload or None) is true is lost, and said so.
"""
import ctypes
import fcntl
import heapq
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP_NO_PI = 0x0002 | 0x1000


def tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP_NO_PI))
    return fd


def ports(f):
    """(source, destination, payload) of a plain UDP datagram, or None."""
    kind = f[12:14]
    if kind == b"\x08\x00" and f[23] == 17:
        at = 14 + (f[14] & 15) * 4
    elif kind == b"\x86\xdd" and f[20] == 17:
        at = 54
    else:
        return None
    return (*struct.unpack("!HH", f[at : at + 4]), f[at + 8 :])


class Rules:
    def __init__(self, path):
        self.path, self.read, self.rules = path, None, []

    def lose(self, way, f):
        if not self.path:
            return False
        try:
            when = os.stat(self.path).st_mtime_ns
            if when != self.read:
                with open(self.path) as text:
                    lines = [line.split(None, 1) for line in text if line.strip()]
                self.rules = [[w, compile(e.strip(), e, "eval"), 0] for w, e in lines]
                self.read = when
        except FileNotFoundError:
            self.rules, self.read = [], None
        udp = ports(f)
        for rule in self.rules:
            if rule[0] != way:
                continue
            rule[2] += 1
            if eval(rule[1], {"f": f, "n": rule[2], "udp": udp}):
                print(f"{time.time():.6f} lost {way} {len(f)} octets", file=sys.stderr, flush=True)
                return True
        return False


def main():
    out, back = float(sys.argv[3]) / 1e3, float(sys.argv[4]) / 1e3
    rules = Rules(sys.argv[5] if len(sys.argv) > 5 else None)
    here = tap("eth0")
    if ctypes.CDLL(None, use_errno=True).setns(os.open("/run/netns/" + sys.argv[1], os.O_RDONLY), 0):
        sys.exit("wire.py: setns: " + os.strerror(ctypes.get_errno()))
    there = tap(sys.argv[2])
    ways = {here: (there, out, "out"), there: (here, back, "back")}
    queue, order = [], 0
    while True:
        wait = max(0.0, queue[0][0] - time.monotonic()) if queue else None
        for fd in select.select([here, there], [], [], wait)[0]:
            frame, at = os.read(fd, 65536), time.monotonic()
            to, delay, way = ways[fd]
            if not rules.lose(way, frame):
                order += 1
                heapq.heappush(queue, (at + delay, order, to, frame))
        while queue and queue[0][0] <= time.monotonic():
            try:
                os.write(queue[0][2], queue[0][3])
            except OSError:  # the interface is down
                pass
            heapq.heappop(queue)


main()
