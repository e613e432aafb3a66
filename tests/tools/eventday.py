#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Six hours of a few servers to which something happens, and what it is.

eventday.py PCAP             writes the capture (pcap, nanoseconds) and prints the events that a database has to
                             have of it, a line each: server, kind, time, until, before, after, n, total (-:
                             null); lines "day" have server, left out, mixed, unsettled
eventday.py peaks PCAP       writes four days of two servers with peaks of four kinds; prints the requests, a line
                             each: server, client, second
eventday.py check LIST JSON  compares the peaks of a report with that list, counted slowly
eventday.py cut PCAP S...    cuts a capture before seconds since 1970 into PCAP.0, PCAP.1 and so on
"""
import calendar
import collections
import json
import random
import struct
import sys
import time



def cut(path, ends):
    data = open(path, "rb").read()
    at, kept = 24, [[] for _ in range(len(ends) + 1)]
    while at < len(data):
        s, n = struct.unpack_from("<I4xI", data, at)
        kept[sum(s >= end for end in ends)].append(data[at : at + 16 + n])
        at += 16 + n
    for i, part in enumerate(kept):
        with open(f"{path}.{i}", "wb") as out:
            out.write(data[:24] + b"".join(part))



START = 1781136000  # 2026-06-11T00:00:00Z
STEP, END = 300, 6 * 3600
CLIENT = bytes([10, 0, 0, 1])
NTP_ERA = 2208988800
frames, events, days = [], [], []
rng = random.Random(7)


def frame(at_ns, src, dst, sport, dport, payload):
    udp = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, src, dst)
    total = sum(struct.unpack(">10H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    head = head[:10] + struct.pack(">H", ~total & 0xFFFF) + head[12:]
    ether = bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0])
    frames.append((START * 10**9 + at_ns, ether + head + udp))


def stamp(at_ns):
    s, ns = divmod(START * 10**9 + at_ns, 10**9)
    return ((s + NTP_ERA) & 0xFFFFFFFF) << 32 | (ns << 32) // 10**9


def ntp(server, at, answer=True, leap=0, stratum=2, refid=0x0A0A0A0A, delay=0x100, dispersion=0x200, off_ns=0,
        client=CLIENT):
    """A request at so many seconds, and its answer a millisecond later."""
    at_ns = int(at * 10**9)
    sport = 20000 + len(frames) % 20000
    org = stamp(at_ns) ^ len(frames)
    q = struct.pack(">BBbbIIIQQQQ", 0x23, 0, 6, -20, 0, 0, 0, 0, 0, 0, org)
    frame(at_ns, client, server, sport, 123, q)
    if answer:
        then = at_ns + 10**6
        r = struct.pack(">BBbbIIIQQQQ", leap << 6 | 0x24, stratum, 6, -20, delay, dispersion, refid,
                        stamp(then - 10**9), org, stamp(then + off_ns), stamp(then + off_ns))
        frame(then, server, client, 123, sport, r)


def dns(server, at, rcode=0, answer=True):
    at_ns = int(at * 10**9)
    number = len(frames)
    sport = 20000 + number % 20000
    question = b"\7example\3com\0" + struct.pack(">HH", 1, 1)
    frame(at_ns, CLIENT, server, sport, 53, struct.pack(">HHHHHH", number & 0xFFFF, 0x100, 1, 0, 0, 0) + question)
    if answer:
        frame(at_ns + 10**6, server, CLIENT, 53, sport,
              struct.pack(">HHHHHH", number & 0xFFFF, 0x8180 | rcode, 1, 0, 0, 0) + question)


def write(path):
    frames.sort(key=lambda f: f[0])
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for at, octets in frames:
            out.write(struct.pack("<IIII", at // 10**9, at % 10**9, len(octets), len(octets)) + octets)


# Peaks -------------------------------------------------------------------------------------------------

DAY = 86400


def forge_peaks(path):
    """Regular clients that ask every five minutes, and what makes peaks."""
    requests = []

    def ask(server, client, at):
        requests.append((server, client, at))

    for k, server in enumerate(("192.0.2.1", "192.0.2.2")):
        for c in range(20):
            for at in range(7 * c + 1 + k, 4 * DAY, STEP):
                ask(server, f"10.0.{k}.{c + 1}", at)
    noon = DAY // 2
    for i in range(80):  # the second day: many new ones, of as many networks
        ask("192.0.2.1", f"10.1.{i}.7", DAY + noon + 3 * i + 2)
    for i in range(200):  # the third: one alone
        ask("192.0.2.1", "10.2.0.1", 2 * DAY + noon + i + 20)
    for c in range(20):  # the fourth: all of them ask often
        for i in range(4):
            ask("192.0.2.2", f"10.0.1.{c + 1}", 3 * DAY + noon + 60 * i + 3 * c + 30)
    for i in range(60):  # and in the evening some of one network
        ask("192.0.2.2", f"10.3.0.{i + 1}", 3 * DAY + 18 * 3600 + 4 * i + 4)
    for server, client, at in sorted(requests, key=lambda r: r[2]):
        octets = bytes(int(v) for v in server.split("."))
        ntp(octets, at, client=bytes(int(v) for v in client.split(".")))
        print(server, client, at)
    write(path)


def check(listed, path):
    rows = [line.split() for line in open(listed)]
    report = json.load(open(path))["peaks"]
    failed = False

    def near(what, got, want):
        nonlocal failed
        if got is None or want is None or abs(got - want) > 1e-6 * max(1, abs(want)):
            if got != want:
                print(f"{what}: got {got!r}, want {want!r}")
                failed = True

    captured = max(int(r[2]) for r in rows) - min(int(r[2]) for r in rows) + 0.001
    seen = set()
    for row in report["values"]:
        t = calendar.timegm(time.strptime(row["t"][:19], "%Y-%m-%dT%H:%M:%S")) - START
        mine = [(c, int(at)) for s, c, at in rows if s == row["server"]]
        inside = collections.Counter(c for c, at in mine if t - STEP < at <= t)
        day, n = (t - 1) // DAY, sum(inside.values())
        today = [(c, at) for c, at in mine if day * DAY <= at < (day + 1) * DAY]
        earlier = {c for c, at in today if at <= t - STEP}
        only = {c for c in inside if all(t - STEP < at <= t for k, at in today if k == c)}
        fresh = set(inside) - earlier
        what = f"{row['server']} {row['t']}"
        near(f"{what} requests", row["requests"], n)
        near(f"{what} clients", row["clients"], len(inside))
        near(f"{what} times the mean", row["times_mean"], n / STEP / (len(mine) / captured))
        hour = (t - 1) % DAY // 3600
        others = [at for c, at in mine if (at - 1) // DAY != day and (at - 1) % DAY // 3600 == hour]
        near(f"{what} times the hour", row["times_hour"], n / (len(others) / (3 * 3600 / STEP)))
        near(f"{what} new", row["new_share"], len(fresh) / len(inside))
        if day > 1:  # the first day is whole but for its first second
            near(f"{what} unseen", row["unseen_share"],
                 len(fresh - {c for c, at in mine if (day - 1) * DAY <= at < day * DAY}) / len(inside))
        near(f"{what} per client", row["per_client"], n / len(inside))
        near(f"{what} one, at least", row["top_least"], max([inside[c] for c in only] + [0]) / n)
        most = max(inside.values()) / n
        if not most - 1e-9 <= row["top_most"] <= 1:
            near(f"{what} one, at most", row["top_most"], most)
        networks = collections.Counter(c.rpartition(".")[0] for c in fresh)
        near(f"{what} network", row["network_share"], max(networks.values()) / len(fresh) if fresh else None)
        seen.add((row["server"], t))
    words = {(r["server"], calendar.timegm(time.strptime(r["t"][:19], "%Y-%m-%dT%H:%M:%S")) - START): r["what"]
             for r in report["peaks"]}
    for server, t, said in (
        ("192.0.2.1", DAY + DAY // 2 + STEP, "80 % of its clients had not been seen that day nor the day before: "
         "many new clients, no single one"),
        ("192.0.2.1", 2 * DAY + DAY // 2 + STEP, "one client sent 91 % of the requests, and asked at no other time that day"),
        ("192.0.2.2", 3 * DAY + DAY // 2 + STEP, "5.0 requests of each client, "),
        ("192.0.2.2", 3 * DAY + 18 * 3600 + STEP, "75 % of its clients had not been seen that day nor the day "
         "before, and 100 % of the new ones are in one /24"),
    ):
        if said not in words.get((server, t), ""):
            print(f"{server} {t}: {words.get((server, t))!r} lacks {said!r}")
            failed = True
    return failed


# Events ------------------------------------------------------------------------------------------------


def event(server, kind, at, until=None, before=None, after=None, n=None, total=None):
    def ns(v):
        return None if v is None else START * 10**9 + int(round(v * 10**9))

    events.append([server, kind, ns(at), ns(until), before, after, n, total])


def day(server, left_out=0, mixed=0, unsettled=0):
    days.append([server, left_out, mixed, unsettled])


def forge_events():
    # A server that answers every ten seconds, and to which much happens.
    S = bytes([192, 0, 2, 1])
    INIT, OTHER = 0x494E4954, 0x0B0B0B0B
    for i in range(END // 10):
        t = 10 * i + 5
        state = {"stratum": 3 if t >= 3730 else 2, "refid": OTHER if t >= 3730 else 0x0A0A0A0A}
        if 6000 <= t < 6120 or 6300 <= t < 6600:  # two minutes of a step: nothing; a step: it did not stay
            state["refid"] = 0x0C0C0C0C
        state["leap"] = 1 if t >= 7200 else 0
        state["dispersion"] = 0x20000 if 10800 <= t < 12600 else 0x200
        state["off_ns"] = 5 * 10**8 if t >= 14820 else 0
        answer = not 8700 <= t < 9000
        if 9000 <= t < 9100:
            state.update(leap=3, stratum=0, refid=INIT)
        ntp(S, t, answer, **state)
    event("192.0.2.1", "stratum", 3735.001, before=2, after=3)
    event("192.0.2.1", "refid", 3735.001, before=0x0A0A0A0A, after=OTHER)
    event("192.0.2.1", "leap", 7205.001, before=0, after=1)
    event("192.0.2.1", "silence", 8695.001, 9005.001, n=31)  # and the request that was answered
    event("192.0.2.1", "unsynchronised", 9005.001, 9105.001, after=INIT, n=10)
    event("192.0.2.1", "root_distance", 10805.001, before=0, after=1)
    event("192.0.2.1", "root_distance", 12605.001, before=1, after=0)
    event("192.0.2.1", "time_step", 14825.001, before=0, after=5 * 10**8)
    day("192.0.2.1", unsettled=1)

    # Two machines behind one address, one of them now and then unsynchronised: nothing happens to the server.
    S = bytes([192, 0, 2, 2])
    mixed = 0
    for step in range(END // STEP):
        tell = [0, 0]
        for i in range(100):
            t = step * STEP + 3 * i + 1
            other = i % 2 if i % 20 else rng.randrange(2)
            if i in (5, 25, 45, 55, 65, 85, 95) and 20 <= step < 30:
                ntp(S, t, leap=3, stratum=16, refid=0)
                continue
            tell[other] += 1
            ntp(S, t, refid=0x0D0D0D0D + other)
        mixed += step < END // STEP - 1 and tell[0] == tell[1]
    # how many steps are mixed depends on chance: more than half of the answers is all that decides
    day("192.0.2.2", mixed=mixed, unsettled=None)

    # One that changes its source every other step: more than a day keeps.
    S = bytes([192, 0, 2, 3])
    changes = []
    for i in range(END // 20):
        t = 20 * i + 2
        which = t // (2 * STEP) % 2
        if i and which != (t - 20) // (2 * STEP) % 2:
            changes.append((t + 0.001, which))
        ntp(S, t, refid=0x0E0E0E0E + which)
    changes = changes[: (END // STEP - 3) // 2]  # the last one's second step is not over
    for at, which in changes[:32]:
        event("192.0.2.3", "refid", at, before=0x0E0E0E0E + 1 - which, after=0x0E0E0E0E + which)
    day("192.0.2.3", left_out=len(changes) - 32)

    # A client is kissed, and one in twenty requests is answered: nothing happens.
    S = bytes([192, 0, 2, 4])
    for i in range(END // 5):
        ntp(S, 5 * i + 3, answer=i % 20 == 0)
        if i % 10 == 0:
            ntp(S, 5 * i + 4, leap=3, stratum=0, refid=0x52415445)
    day("192.0.2.4")

    # One that is silent in the end.
    S = bytes([192, 0, 2, 5])
    for i in range(END // 10):
        ntp(S, 10 * i + 7, answer=10 * i + 7 < END - 1000)
    event("192.0.2.5", "silence", END - 1010 + 7.001, n=100)
    day("192.0.2.5")

    # A resolver: bursts, and a silence of a minute and a half.
    S = bytes([192, 0, 2, 53])
    failed, refused, whole = 0, 0, [0, 0]
    for i in range(END // 2):
        t, rcode = 2 * i + 0.5, 0
        if i % 100 == 50:
            rcode = 2
        if 10800 <= t < 11400 and i % 5 < 2:
            rcode = 2
        if 18000 <= t < 18300 and i % 4 == 0:
            rcode = 5
        if 10800 <= t < 11400:
            failed += rcode == 2
            whole[0] += 1
        if 18000 <= t < 18300:
            refused += rcode == 5
            whole[1] += 1
        dns(S, t, rcode, not 14400 <= t < 14490)
    event("192.0.2.53", "servfail", 10800, 11400, n=failed, total=whole[0])
    event("192.0.2.53", "refused", 18000, 18300, n=refused, total=whole[1])
    event("192.0.2.53", "silence", 14398.501, 14490.501, n=46)
    day("192.0.2.53")


if sys.argv[1] == "cut":
    cut(sys.argv[2], [int(v) for v in sys.argv[3:]])
elif sys.argv[1] == "peaks":
    forge_peaks(sys.argv[2])
elif sys.argv[1] == "check":
    sys.exit(check(sys.argv[2], sys.argv[3]))
else:
    forge_events()
    write(sys.argv[1])
    for line in sorted(events, key=lambda e: (e[0], e[2], e[1])):
        print("\t".join("-" if v is None else str(v) for v in line))
    for line in days:
        print("\t".join(["day"] + ["-" if v is None else str(v) for v in line]))
