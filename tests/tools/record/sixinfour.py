#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""One end of a 6in4 tunnel (RFC 4213), for a kernel without sit: protocol 41 by a raw socket.

usage (in the namespace of the host): sixinfour.py INTERFACE LOCAL REMOTE [MTU]
Makes the TUN device INTERFACE; what is routed there goes to REMOTE in protocol 41, and back. The
outer header is the kernel's (TTL 64, don't fragment).
"""
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
IP_MTU_DISCOVER, IP_PMTUDISC_DO = 10, 2

name, local, remote = sys.argv[1:4]
mtu = sys.argv[4] if len(sys.argv) > 4 else "1480"
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, 41)
wire.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
wire.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 64)
wire.bind((local, 0))
wire.connect((remote, 0))
subprocess.run(["ip", "link", "set", name, "mtu", mtu, "up"], check=True)
while True:
    for fd in select.select([tun, wire], [], [])[0]:
        try:
            if fd == tun:
                packet = os.read(tun, 65536)
                if packet[0] >> 4 == 6:
                    wire.send(packet)
            else:
                packet = wire.recv(65536)
                os.write(tun, packet[(packet[0] & 15) * 4 :])
        except OSError as e:  # an ICMP error, or an interface that is down
            print("sixinfour.py:", e, file=sys.stderr, flush=True)
