#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Made months for the test of the report, what is in them, and whether a report says so.

make DIR MONTHLOAD        days of monthload with gaps, a burst and a half day; truth as lists of requests
truth DIR JSON [LISTS]    compares a report in JSON with the lists of requests, counted slowly
forms JSON CSV HTML TEXT  whether the four forms of a report have the same figures
mmdb OUT asn|country      a database in MaxMind's format that says where some clients are
generated TRUTH JSON      compares a report of a day with what genload says is in it
prefixes OUT              the same places as lines PREFIX LABEL
geo DIR JSON              compares places with Python's ipaddress
recorded DIR RECORDINGS   days of recorded clients and servers, for two sensors
recount JSON PCAP...      compares software, names, codes and EDNS with captures that are read again here
programs JSON RECORDINGS  compares software with what was recorded
"""
import csv
import ipaddress
import json
import math
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict

DAY = 86400
FIRST, LAST = 20605, 20634  # June 2026
GONE = (20614, 20615)  # not captured
HALF = 20624  # its first half
BURST = 20620
STEP = 300
failed = 0


def complain(what, got, want):
    global failed
    failed += 1
    if failed < 25:
        print(f"{what}: got {got!r}, want {want!r}")


def same(what, got, want):
    if got != want:
        complain(what, got, want)


def near(what, got, want, part=1e-9):
    if got is None or want is None:
        same(what, got, want)
    elif abs(got - want) > part * max(abs(want), 1e-12):
        complain(what, got, want)


# Making ------------------------------------------------------------------------------------------------


def frames(data):
    at = 24
    while at < len(data):
        s, ns, n = struct.unpack_from("<III", data, at)
        yield s, ns, data[at : at + 16 + n]
        at += 16 + n


def checksum(header):
    total = sum(struct.unpack(">10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def burst(template, directory):
    """One client that asks 192.0.2.1 for 150 times in five minutes, unanswered."""
    packets, rows = [], []
    for i in range(150):
        at = 43200 + 2 * i
        frame = bytearray(template)
        frame[26:30] = bytes([10, 255, 255, 254])
        frame[30:34] = bytes([192, 0, 2, 1])
        frame[24:26] = b"\0\0"
        frame[24:26] = struct.pack(">H", checksum(bytes(frame[14:34])))
        frame[40:42] = b"\0\0"  # no checksum of UDP
        frame[-8:] = struct.pack(">Q", 1000 + i)  # transmit time stamp
        packets.append(struct.pack("<IIII", BURST * DAY + at, 500, len(frame), len(frame)) + bytes(frame))
        rows.append(f"{BURST}\tntp\t192.0.2.1\t10.255.255.254\t{at:05d}.000000500\t{len(frame)}\t-\t0afffffe\n")
    return packets, rows


def make(directory, monthload):
    template = None
    for day in [FIRST - 1, *range(FIRST, LAST + 1)]:
        if day in GONE:
            continue
        listed = f"{directory}/{day}.list"
        data = subprocess.run(
            [monthload, str(day), "1", "700", "900", listed], check=True, stdout=subprocess.PIPE
        ).stdout
        kept = [f for s, _, f in frames(data) if day != HALF or s < day * DAY + DAY // 2]
        if template is None:
            template = next(f[16:] for f in kept if f[16 + 12 : 16 + 14] == b"\x08\0" and len(f) == 16 + 90)
        if day == BURST:
            packets, rows = burst(template, directory)
            kept += packets
            kept.sort(key=lambda f: struct.unpack_from("<II", f))
            open(listed, "a").writelines(rows)
        if day == HALF:
            rows = [r for r in open(listed) if int(r.split("\t")[4][:5]) < DAY // 2]
            open(listed, "w").writelines(rows)
        open(f"{directory}/{day}.pcap", "wb").write(data[:24] + b"".join(kept))
        halves = ([], [])
        for f in kept:  # two sensors that see a client in turn, an hour each
            ip = f[16 + 14 :]
            v4 = ip[0] >> 4 == 4
            ends = (ip[12:16], ip[16:20]) if v4 else (ip[8:24], ip[24:40])
            client = ends[0] if ends[0][0] in (10, 0xFD) else ends[1]
            hour = struct.unpack_from("<I", f)[0] // 3600
            halves[(sum(client) + hour) % 2].append(f)
        for i, half in enumerate(halves):
            open(f"{directory}/{day}.half{i}", "wb").write(data[:24] + b"".join(half))
    # one direction, one packet, nothing
    data = open(f"{directory}/{FIRST}.pcap", "rb").read()
    asked, answered = [], []
    for _, _, f in frames(data):
        ip = f[16 + 14 :]
        udp = ip[20:] if ip[0] >> 4 == 4 else ip[40:]
        (asked if struct.unpack(">H", udp[2:4])[0] in (53, 123) else answered).append(f)
    open(f"{directory}/asked.pcap", "wb").write(data[:24] + b"".join(asked))
    open(f"{directory}/answered.pcap", "wb").write(data[:24] + b"".join(answered))
    open(f"{directory}/single.pcap", "wb").write(data[:24] + asked[0])
    open(f"{directory}/empty.pcap", "wb").write(data[:24])


# Truth -------------------------------------------------------------------------------------------------


class Request:
    def __init__(self, line):
        day, proto, self.server, self.client, at, octets, delta, self.hex = line.rstrip("\n").split("\t")
        self.day, self.proto, self.octets = int(day), proto.upper(), int(octets)
        s, ns = at.split(".")
        self.t = self.day * DAY + int(s) + (1 if int(ns) > 0 else 0)  # seconds, rounded up: (t - W, t]
        self.ns = (self.day * DAY + int(s)) * 10**9 + int(ns)
        self.delta = None if delta == "-" else int(delta)


def read_lists(directory):
    rows = []
    for day in [FIRST - 1, *range(FIRST, LAST + 1)]:
        if day not in GONE:
            rows += [Request(line) for line in open(f"{directory}/{day}.list")]
    for r in rows:  # answers behind the end of the half day were not captured
        if r.day == HALF and r.delta is not None and r.ns + r.delta >= (HALF * DAY + DAY // 2) * 10**9:
            r.delta = None
    return rows


def networks(clients):
    v4 = {c for c in clients if len(c) == 8}
    v6 = {c for c in clients if len(c) == 32}
    return {
        "clients": len(clients),
        "ipv4": len(v4),
        "ipv6": len(v6),
        "v4_24": len({c[:6] for c in v4}),
        "v6_64": len({c[:16] for c in v6}),
        "v6_48": len({c[:12] for c in v6}),
    }


def row_of(report, chapter, table, **keys):
    found = [r for r in report[chapter][table] if all(r[k] == v for k, v in keys.items())]
    if len(found) != 1:
        complain(f"{chapter}.{table} {keys}", f"{len(found)} rows", "1")
        return defaultdict(lambda: None)
    return found[0]


def time_of(text):
    day = text[:10]
    return (
        int(subprocess_days(day)) * DAY + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    )


def subprocess_days(day):
    import datetime

    return (datetime.date.fromisoformat(day) - datetime.date(1970, 1, 1)).days


def date_of(day):
    import datetime

    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat() + "T00:00:00Z"


def check_server(report, name, proto, rows, captured_s):
    row = row_of(report, "traffic", "servers", server=name, proto=proto)
    answered = [r for r in rows if r.delta is not None]
    same(f"{name} {proto} requests", row["requests"], len(rows))
    same(f"{name} {proto} responses", row["responses"], len(answered))
    near(f"{name} {proto} answered", row["answered_share"], len(answered) / len(rows))
    same(f"{name} {proto} octets in", row["request_bytes"], sum(r.octets for r in rows))
    same(f"{name} {proto} octets out", row["response_bytes"], sum(r.octets for r in answered))
    row = row_of(report, "traffic", "server_rates", server=name, proto=proto)
    near(f"{name} {proto} mean rate", row["mean_rate"], len(rows) / captured_s)
    steps = Counter(-(-r.t // STEP) * STEP for r in rows)
    t, n = min(steps.items(), key=lambda x: (-x[1], x[0]))
    near(f"{name} {proto} peak", row["peak_rate"], n / STEP)
    near(f"{name} {proto} times", row["times"], n / STEP / (len(rows) / captured_s))
    same(f"{name} {proto} peak at", time_of(row["peak_t"]), t)
    unique = networks({r.hex for r in rows})
    row = row_of(report, "clients", "unique", server=name, proto=proto)
    for key, want in unique.items():
        same(f"{name} {proto} {key}", row[key], want)


def check_days(report, proto, rows, before):
    known, so_far = {r.hex for r in before if r.proto == proto}, set()
    for day in range(FIRST, LAST + 1):
        of_day = [r for r in rows if r.proto == proto and r.day == day]
        row = row_of(report, "clients", "days", t=date_of(day), proto=proto)
        what = f"{proto} {date_of(day)[:10]}"
        same(what + " captured", row["captured"], "none" if day in GONE else "part" if day == HALF else "whole")
        if day in GONE:
            for key in ("clients", "new", "returning", "cumulative"):
                same(f"{what} {key}", row[key], None)
            continue
        clients = {r.hex for r in of_day}
        so_far |= clients
        same(what + " clients", row["clients"], len(clients))
        same(what + " new", row["new"], len(clients - known))
        same(what + " returning", row["returning"], len(clients & known))
        same(what + " so far", row["cumulative"], len(so_far))
        same(what + " abusive", row["abusive"], 1 if day == BURST and proto == "NTP" else 0)
        known |= clients
        traffic = row_of(report, "traffic", "days", t=date_of(day), proto=proto)
        same(what + " requests", traffic["requests"], len(of_day))
        same(what + " responses", traffic["responses"], sum(r.delta is not None for r in of_day))
        same(what + " octets", traffic["request_bytes"], sum(r.octets for r in of_day))
        answered = [r for r in of_day if r.delta is not None]
        same(what + " octets out", traffic["response_bytes"], sum(r.octets for r in answered))
        near(what + " answered", traffic["answered_share"], len(answered) / len(of_day))
        deltas = sorted(r.delta for r in of_day if r.delta is not None)
        row = row_of(report, "delta", "days", t=date_of(day), proto=proto)
        same(what + " n", row["n"], len(deltas))
        near(what + " rate", row["rate"], len(of_day) / (DAY / 2 if day == HALF else DAY), 0.01)
        near(what + " max", row["max_s"], deltas[-1] / 1e9)
        for key, q in (("p50_s", 0.5), ("p90_s", 0.9), ("p99_s", 0.99)):
            near(f"{what} {key}", row[key], deltas[math.ceil(q * len(deltas)) - 1] / 1e9, 0.01)


def check_server_days(report, rows, before):
    known = {(r.server, r.proto, r.hex) for r in before}
    want = {}
    for day in range(FIRST, LAST + 1):
        of_day = {(r.server, r.proto, r.hex) for r in rows if r.day == day}
        clients, fresh = Counter(x[:2] for x in of_day), Counter(x[:2] for x in of_day - known)
        for who, n in clients.items():
            want[(*who, date_of(day))] = (n, fresh[who], n - fresh[who])
        known |= of_day
    got = {
        (r["server"], r["proto"], r["t"]): (r["clients"], r["new"], r["returning"])
        for r in report["clients"]["server_days"]
    }
    same("server_days", got, want)


def check_windows(report, proto, rows, server="all"):
    """Clients in (t - W, t], as sort -u of the slice would have them."""
    times = sorted((r.t, r.hex) for r in rows if r.proto == proto and server in ("all", r.server))
    for window in (300, 1200):
        counts = []
        low = high = 0
        inside = Counter()
        for t in range(FIRST * DAY + STEP, (LAST + 1) * DAY + 1, STEP):
            while high < len(times) and times[high][0] <= t:
                inside[times[high][1]] += 1
                high += 1
            while low < high and times[low][0] <= t - window:
                inside[times[low][1]] -= 1
                if inside[times[low][1]] == 0:
                    del inside[times[low][1]]
                low += 1
            day, at = divmod(t - 1, DAY)
            # the last instants of a stretch lie behind its last packet
            if day in GONE or (day == HALF and at >= DAY // 2):
                continue
            counts.append((t, len(inside)))
        row = row_of(report, "windows", "windows", server=server, proto=proto, window_s=window)
        most = max(counts, key=lambda x: (x[1], -x[0]))
        same(f"{server} {proto} {window} most", row["max"], most[1])
        same(f"{proto} {window} most at", time_of(row["max_t"]), most[0])
        if abs(row["instants"] - len(counts)) > 4:  # at the ends of stretches
            complain(f"{proto} {window} instants", row["instants"], len(counts))
        values = sorted(n for _, n in counts)
        same(f"{proto} {window} median", row["median"], values[(len(values) - 1) // 2])
        near(f"{proto} {window} mean", row["mean"], sum(values) / len(values), 0.002)
        if server != "all":
            continue
        series = {
            time_of(r["t"]): r["max"] for r in report["windows"]["series"] if r["proto"] == proto and r["window_s"] == window
        }
        want = defaultdict(int)
        for t, n in counts:
            part = -(-t // 7200) * 7200
            want[part] = max(want[part], n)
        wrong = {t: (series.get(t), n) for t, n in want.items() if series.get(t) != n}
        if len(wrong) > 2:  # parts that end with the capture
            complain(f"{proto} {window} series", dict(list(wrong.items())[:5]), {})


def check_rates(report, proto, rows):
    parts = Counter(-(-r.t // 7200) * 7200 for r in rows if r.proto == proto)
    steps = Counter(-(-r.t // STEP) * STEP for r in rows if r.proto == proto)
    peaks = defaultdict(int)
    for t, n in steps.items():
        part = -(-t // 7200) * 7200
        peaks[part] = max(peaks[part], n)
    got = {time_of(r["t"]): r for r in report["traffic"]["rates"] if r["proto"] == proto}
    same(f"{proto} parts", len(got), 30 * 12)
    for t, row in got.items():
        day = (t - 1) // DAY
        missing = day in GONE or (day == HALF and t > HALF * DAY + DAY // 2)
        same(f"{proto} part {t}", row["requests"], None if missing else parts[t])
        if not missing:
            near(f"{proto} part {t} peak", row["peak_rate"], peaks[t] / STEP)
            near(f"{proto} part {t} mean", row["mean_rate"], parts[t] / 7200, 0.05)


def check_load(report, rows):
    for proto in ("NTP", "DNS"):
        of = [r for r in rows if r.proto == proto]
        asked = Counter(r.hex for r in of)
        text = {r.hex: r.client for r in of}
        top = sorted(asked.items(), key=lambda x: (-x[1], len(x[0]), x[0]))[:10]
        got = [(r["client"], r["requests"]) for r in report["load"]["top"] if r["proto"] == proto]
        same(f"{proto} top", got, [(text[h], n) for h, n in top])
        row = row_of(report, "load", "abusive", proto=proto)
        same(f"{proto} abusive", (row["clients"], row["requests"]), (1, 150) if proto == "NTP" else (0, 0))
        classes = Counter()
        for n in asked.values():
            classes["1" if n == 1 else "2 to 4" if n < 5 else "5 to 10" if n < 11 else "11 to 100" if n < 101 else "101 to 1000"] += 1
        got = {r["requests"]: r["clients"] for r in report["clients"]["requests_per_client"] if r["proto"] == proto}
        same(f"{proto} requests per client", got, dict(classes))
        steps = Counter(-(-r.t // STEP) * STEP for r in of)
        peaks = sorted(steps.items(), key=lambda x: (-x[1], x[0]))[:5]
        got = [(time_of(r["t"]), r["requests"]) for r in report["load"]["peaks"] if r["proto"] == proto]
        same(f"{proto} peaks", got, peaks)
        for t, n in peaks:
            row = [r for r in report["load"]["peaks"] if r["proto"] == proto and time_of(r["t"]) == t]
            clients = len({r.hex for r in of if t - STEP < r.t <= t})
            if row and row[0]["clients"] is not None:
                same(f"{proto} clients of the peak", row[0]["clients"], clients)


def check_overlap(report, rows):
    asked = defaultdict(set)
    for r in rows:
        asked[(r.proto, r.server)].add(r.hex)
    for row in report["overlap"]["pairs"]:
        a, b = asked[(row["proto"], row["server"])], asked[(row["proto"], row["other"])]
        same(f"overlap {row['server']} {row['other']}", row["clients"], len(a & b))
        near("share", row["share"], len(a & b) / len(a))
        near("other share", row["other_share"], len(a & b) / len(b))
    pairs = {
        (proto, frozenset((a, b)))
        for proto, a in asked
        for other_proto, b in asked
        if proto == other_proto and a != b and (":" in a) == (":" in b)  # of one family
    }
    got = [(row["proto"], frozenset((row["server"], row["other"]))) for row in report["overlap"]["pairs"]]
    same("pairs", len(got), len(pairs))
    same("which pairs", set(got) == pairs, True)


def check_peaks(report, rows, before):
    """Of the clients on a peak's day, those that never asked before it."""
    for row in report["load"]["peaks"]:
        day = (time_of(row["t"]) - 1) // DAY
        mine = [r for r in before + rows if r.proto == row["proto"]]
        clients = {r.hex for r in mine if r.day == day}
        fresh = clients - {r.hex for r in mine if r.day < day}
        near(f"new on the day of the peak {row['t']}", row["new_share"], len(fresh) / len(clients))


def check_changes(report, proto, rows, before):
    def figures(of):
        clients = {r.hex for r in of}
        v4 = sum(len(c) == 8 for c in clients)
        return {"requests": len(of), "responses": sum(r.delta is not None for r in of), "clients": len(clients),
                "IPv4 clients": v4, "IPv6 clients": len(clients) - v4}

    now, then = figures(rows), figures(before)
    for figure in now:
        row = row_of(report, "compare", "changes", proto=proto, figure=figure)
        same(f"{proto} {figure} changed", (row["this"], row["before"], row["months"]), (now[figure], then[figure], 1))
        near(f"{proto} {figure} change", row["change"], now[figure] / then[figure] - 1)
        near(f"{proto} {figure} mean", row["mean"], then[figure])
        near(f"{proto} {figure} change to mean", row["change_to_mean"], now[figure] / then[figure] - 1)


def check_captured(report, rows):
    """Shares of days lie between the first and the last packet of what follows without a gap; sensors have all."""
    times = sorted(t for r in rows for t in ([r.ns] if r.delta is None else [r.ns, r.ns + r.delta]))
    captured = Counter()
    for a, b in zip(times, times[1:]):
        while b - a <= STEP * 10**9 and a < b:
            day = a // 10**9 // DAY
            end = min(b, (day + 1) * DAY * 10**9)
            captured[day] += end - a
            a = end
    got = {r["t"]: r["captured_share"] for r in report["ledger"]["days"]}
    same("days of the ledger", list(got), [date_of(day) for day in range(FIRST, LAST + 1)])
    for day in range(FIRST, LAST + 1):
        near(f"captured of {date_of(day)}", got[date_of(day)], captured[day] / DAY / 10**9, 1e-7)
    sensors = report["ledger"]["sensors"]
    same("packets of sensors", sum(r["packets"] for r in sensors), len(times))
    same("first and last", (min(time_of(r["first"]) for r in sensors), max(time_of(r["last"]) for r in sensors)),
         (times[0] // 10**9, times[-1] // 10**9))
    for r in sensors:
        same(r["sensor"], (r["dropped_kernel"], r["dropped_interface"], r["out_of_order"]), (0, 0, 0))


def truth(directory, path, windows):
    report = json.load(open(path))
    everything = read_lists(directory)
    rows = [r for r in everything if r.day >= FIRST]
    before = [r for r in everything if r.day < FIRST]
    captured_s = report["ledger"]["captured"]["share"] * 30 * DAY
    same("days", [report["ledger"]["captured"][k] for k in ("days", "days_whole", "days_part", "days_none")], [30, 27, 1, 2])
    near("captured", captured_s, 27.5 * DAY, 0.001)
    check_shares(report)
    check_parts(report)
    sums_of_days(report)
    check_codes(report, rows)
    check_top(report, rows)
    for proto in ("NTP", "DNS"):
        of = [r for r in rows if r.proto == proto]
        check_server(report, "all", proto, of, captured_s)
        check_delta(report, "all", proto, of)
        for server in {r.server for r in of}:
            check_server(report, server, proto, [r for r in of if r.server == server], captured_s)
            check_delta(report, server, proto, [r for r in of if r.server == server])
        check_days(report, proto, rows, before)
        check_rates(report, proto, rows)
        if windows:
            for server in ["all", *sorted({r.server for r in of})]:
                check_windows(report, proto, rows, server)
        # 31 May alone is there of the month before
        row = row_of(report, "compare", "changes", proto=proto, figure="requests")
        n = sum(r.proto == proto for r in before)
        same(f"{proto} before", (row["this"], row["before"], row["months"]), (len(of), n, 1))
        near(f"{proto} change", row["change"], len(of) / n - 1)
        near(f"{proto} change to mean", row["change_to_mean"], len(of) / n - 1)
        near(f"{proto} mean", row["mean"], n)
        for month, of_month in (("2026-05", before), ("2026-06", rows)):
            mine = [r for r in of_month if r.proto == proto]
            row = row_of(report, "compare", "months", proto=proto, month=month)
            answered = sum(r.delta is not None for r in mine)
            same(f"{proto} {month}", [row[k] for k in ("days", "requests", "responses", "clients", "ipv4")],
                 [len({r.day for r in mine}), len(mine), answered, len({r.hex for r in mine}),
                  len({r.hex for r in mine if len(r.hex) == 8})])
            near(f"{proto} {month} answered", row["answered_share"], answered / len(mine))
        check_changes(report, proto, of, [r for r in before if r.proto == proto])
    check_server_days(report, rows, before)
    check_load(report, rows)
    check_peaks(report, rows, before)
    check_captured(report, everything)
    check_overlap(report, rows)
    same("qtypes", sum(r["queries"] for r in report["dns"]["qtypes"]), sum(r.proto == "DNS" for r in rows))
    same("versions", sum(r["packets"] for r in report["ntp"]["versions"]),
         sum((r.delta is not None) + 1 for r in rows if r.proto == "NTP"))


def check_delta(report, name, proto, rows):
    deltas = sorted(r.delta for r in rows if r.delta is not None)
    row = row_of(report, "delta", "servers", server=name, proto=proto)
    same(f"{name} {proto} n", row["n"], len(deltas))
    near(f"{name} {proto} min", row["min_s"], deltas[0] / 1e9)
    near(f"{name} {proto} max", row["max_s"], deltas[-1] / 1e9)
    for key, q in (("p50_s", 0.5), ("p90_s", 0.9), ("p99_s", 0.99), ("p999_s", 0.999)):
        near(f"{name} {proto} {key}", row[key], deltas[math.ceil(q * len(deltas)) - 1] / 1e9, 0.01)
    for key, ns in (("over_1ms", 10**6), ("over_10ms", 10**7), ("over_100ms", 10**8)):
        same(f"{name} {proto} {key}", row[key], sum(d > ns for d in deltas))


# share, count, and whether the sum is over the rows of one protocol
SHARES = [
    ("ledger", "fates", "share", "packets", None),
    ("ntp", "versions", "share", "packets", None),
    ("ntp", "modes", "share", "packets", None),
    ("ntp", "polls", "share", "packets", None),
    ("dns", "qtypes", "share", "queries", None),
    ("dns", "rcodes", "share", "responses", None),
    ("dns", "sizes", "share", "messages", "kind"),
    ("clients", "requests_per_client", "share", "clients", "proto"),
    ("clients", "requests_per_client", "requests_share", "their_requests", "proto"),
]


def check_shares(report):
    for chapter, table, share, count, group in SHARES:
        rows = report.get(chapter, {}).get(table, [])
        for row in rows:
            whole = sum(r[count] for r in rows if group is None or r[group] == row[group])
            near(f"{chapter}.{table}.{share}", row[share], row[count] / whole if whole else None)


# a list's or a row's parts of one of its counts
PARTS = [
    ("ntp", "requests", {"nts_share": "nts"}, "requests"),
    ("ntp", "auth_days", {"mac_share": "mac", "nts_share": "nts"}, "requests"),
    ("dns", "queries", {"tcp_share": "tcp_queries", "edns_share": "edns", "do_share": "do", "ecs_share": "ecs",
                        "cookie_share": "cookie"}, "queries"),
    ("dns", "queries", {"truncated_share": "truncated"}, "udp_responses"),
    ("clients", "days", {"new_share": "new"}, "clients"),
    ("icmp", "families", {"sender_share": "senders", "affected_share": "affected_clients"}, "clients"),
]


def check_parts(report):
    for chapter, table, shares, whole in PARTS:
        rows = report.get(chapter, {}).get(table, [])
        for row in rows if isinstance(rows, list) else [rows]:
            for share, count in shares.items():
                want = row[count] / row[whole] if row[whole] else None
                near(f"{chapter}.{table}.{share}", row[share], want)


def sums_of_days(report):
    """What is said by day adds up to what is said of all days."""
    for chapter, table, keys, total in (
        ("ntp", "auth_days", ("requests", "plain", "mac", "nts"), report["ntp"]["requests"]),
        ("dns", "days", ("queries", "udp", "tcp", "truncated"),
         {"udp": report["dns"]["queries"]["udp_queries"], "tcp": report["dns"]["queries"]["tcp_queries"],
          **report["dns"]["queries"]}),
    ):
        for key in keys:
            same(f"{chapter}.{table}.{key}", sum(r[key] or 0 for r in report[chapter][table]), total[key])


def check_codes(report, rows):
    ntp = [r for r in rows if r.proto == "NTP"]
    dns = [r for r in rows if r.proto == "DNS"]
    answers = sum(r.delta is not None for r in ntp)
    got = {r["value"]: r["packets"] for r in report["ntp"]["modes"]}
    same("modes", got, {"3 client": len(ntp), "4 server": answers})
    same("polls", {r["value"]: r["packets"] for r in report["ntp"]["polls"]}, {"2^6 = 64 s": len(ntp)})
    same("ntp", (report["ntp"]["requests"]["requests"], report["ntp"]["requests"]["plain"]), (len(ntp), len(ntp)))
    same("dns", (report["dns"]["queries"]["queries"], report["dns"]["queries"]["udp_queries"]), (len(dns), len(dns)))
    n = sum(r.delta is not None for r in dns)
    same("rcodes", {r["rcode"]: r["responses"] for r in report["dns"]["rcodes"]}, {"NOERROR": n})
    same("dns responses", report["dns"]["queries"]["udp_responses"], n)
    # example.org, 29 octets
    sizes = {(r["kind"], r["octets"]): r["messages"] for r in report["dns"]["sizes"]}
    same("sizes", sizes, {("udp query", "0 to 63"): len(dns), ("udp response", "0 to 63"): n})
    families = {r["family"]: r for r in report["icmp"]["families"]}
    for family, length in (("IPv4", 8), ("IPv6", 32)):
        of = [r for r in rows if len(r.hex) == length]
        row = families[family]
        same(family, (row["requests"], row["clients"], row["errors"]), (len(of), len({r.hex for r in of}), 0))


def check_top(report, rows):
    for row in report["load"]["top"]:
        of = [r for r in rows if r.client == row["client"]]
        mine = [r for r in of if r.proto == row["proto"]]
        whole = sum(r.proto == row["proto"] for r in rows)
        near("top share", row["share"], len(mine) / whole)
        days = Counter((r.day, r.proto, r.server) for r in of)
        same(f"{row['client']} busiest day", row["busiest_day"], max(days.values()))
        span = (max(r.ns for r in of) - min(r.ns for r in of)) / 1e9
        near(f"{row['client']} rate", row["rate"], (len(of) - 1) / span)
        same(f"{row['client']} abusive", row["abusive"], "yes" if row["client"] == "10.255.255.254" else "no")
    for row in report["load"]["peaks"]:
        of = [r for r in rows if r.proto == row["proto"]]
        steps = sorted(Counter(-(-r.t // STEP) for r in of).values())
        near("peak rate", row["rate"], row["requests"] / STEP)
        near("peak times", row["times"], row["requests"] / steps[(len(steps) - 1) // 2])
    for row in report["load"]["abusive"]:
        of = [r for r in rows if r.proto == row["proto"]]
        near("abusive share", row["share"], row["clients"] / len({r.hex for r in of}))
        near("abusive requests", row["requests_share"], row["requests"] / len(of))


def generated(truth_path, path):
    """A day of genload against its truth."""
    want, report = json.load(open(truth_path)), json.load(open(path))
    ntp, dns = want["ntp"], want["dns"]
    for proto, side in (("NTP", "ntp"), ("DNS", "dns")):
        row = row_of(report, "clients", "unique", server="all", proto=proto)
        same(f"{proto} clients", [row["ipv4"], row["ipv6"], row["clients"]],
             [want["clients"][side][k] for k in ("ipv4", "ipv6", "total")])
    row = row_of(report, "traffic", "servers", server="all", proto="NTP")
    same("NTP", (row["requests"], row["responses"]), (ntp["requests"], ntp["responses"]))
    row = row_of(report, "traffic", "servers", server="all", proto="DNS")
    queries = dns["udp_queries"] + dns["tcp_queries"]
    same("DNS", (row["requests"], row["responses"]), (queries, dns["udp_responses"] + dns["tcp_responses"]))
    got = report["ntp"]["requests"]
    same("NTP requests", [got[k] for k in ("requests", "mac", "nts", "kod", "apart")],
         [ntp["requests"], ntp["mac_requests"], ntp["nts_requests"], ntp["kod"], ntp["mode6"]])
    same("versions", {r["value"]: r["packets"] for r in report["ntp"]["versions"]}, ntp["version"])
    same("modes", {r["value"].split()[0]: r["packets"] for r in report["ntp"]["modes"]}, ntp["mode"])
    row = row_of(report, "delta", "servers", server="all", proto="NTP")
    same("NTP n", row["n"], ntp["delta_ns"]["n"])
    for key in ("min", "p50", "p90", "p99", "max"):
        near(f"NTP {key}", row[key + "_s"], ntp["delta_ns"][key] / 1e9, 0.01)
    got = report["dns"]["queries"]
    same("DNS queries", [got[k] for k in ("queries", "udp_queries", "tcp_queries", "edns", "do", "ecs", "cookie",
                                          "udp_responses", "truncated")],
         [queries, dns["udp_queries"], dns["tcp_queries"], dns["edns_queries"], dns["do_queries"],
          dns["ecs_queries"], dns["cookie_queries"], dns["udp_responses"], dns["udp_truncated"]])
    names = {"1": "A", "2": "NS", "5": "CNAME", "6": "SOA", "12": "PTR", "15": "MX", "16": "TXT", "28": "AAAA",
             "33": "SRV", "43": "DS", "48": "DNSKEY", "65": "HTTPS", "255": "ANY", "257": "CAA"}
    same("qtypes", {r["qtype"]: r["queries"] for r in report["dns"]["qtypes"]},
         {names[k]: n for k, n in dns["qtype_queries"].items() if n})
    codes = {"0": "NOERROR", "1": "FORMERR", "2": "SERVFAIL", "3": "NXDOMAIN", "4": "NOTIMP", "5": "REFUSED", "16": "BADVERS"}
    same("rcodes", {r["rcode"]: r["responses"] for r in report["dns"]["rcodes"]},
         {codes[k]: n for k, n in dns["rcode"].items() if n})
    sizes = defaultdict(int)
    for r in report["dns"]["sizes"]:
        sizes[r["kind"]] += r["messages"]
    same("sizes", dict(sizes), {"udp query": dns["udp_queries"], "udp response": dns["udp_responses"],
                                "tcp query": dns["tcp_queries"], "tcp response": dns["tcp_responses"]})
    errors = {r["family"]: r["errors"] for r in report["icmp"]["families"]}
    same("ICMP", errors, {"IPv6": want["icmpv6"]["errors"], "IPv4": want["icmp"]["errors"]})
    same("ICMPv6 types", {r["type"].split()[1]: r["errors"] for r in report["icmp"]["types"] if r["type"].startswith("v6")},
         {k: n for k, n in want["icmpv6"]["type_code"].items() if n})
    check_shares(report)
    check_parts(report)
    sums_of_days(report)


# Recorded days -----------------------------------------------------------------------------------------

SHARED_CLIENT = bytes([192, 0, 2, 77])  # who runs one program after another
RECORDED = [  # sensor, day, recording, its program, whether its IPv4 client is that one
    ("a", FIRST, "client-chrony", "chrony", True),
    ("a", FIRST + 1, "client-timesyncd", "systemd-timesyncd", True),
    ("a", FIRST + 1, "client-openntpd", "OpenNTPD", False),
    ("b", FIRST, "client-ntpdate", "NTPsec ntpdig", False),
    ("b", FIRST + 1, "client-openntpd", "OpenNTPD", True),
    ("b", FIRST + 3, "client-chrony-xleave", "chrony", False),
    ("a", FIRST, "dns-bind-udp", None, False),
    ("a", FIRST + 2, "dns-dig-errors", None, False),
    ("b", FIRST, "dns-dig-extended-errors", None, False),
    ("b", FIRST + 3, "dns-bind-udp", None, False),
]


def ntp_client(frame):
    """Where the IPv4 address of the client is in an NTP packet, or 0."""
    if frame[12:14] != b"\x08\0" or frame[23] != 17:
        return 0
    ports = struct.unpack_from(">HH", frame, 14 + 4 * (frame[14] & 15))
    return 26 if ports[1] == 123 and frame[42] & 7 == 3 else 30 if ports[0] == 123 else 0


def moved(frame):
    """The packet as that of the client that many programs run on."""
    frame, at = bytearray(frame), ntp_client(frame)
    if at:
        frame[at : at + 4] = SHARED_CLIENT
        frame[24:26] = b"\0\0"
        frame[24:26] = struct.pack(">H", checksum(bytes(frame[14:34])))
        frame[40:42] = b"\0\0"
    return bytes(frame)


def recorded(directory, recordings):
    made = defaultdict(list)
    for sensor, day, name, _, one in RECORDED:
        data = open(f"{recordings}/{name}.pcap", "rb").read()
        same(f"{name}: nanoseconds", data[:4], b"\x4d\x3c\xb2\xa1")
        for s, ns, f in frames(data):
            frame = moved(f[16:]) if one else f[16:]
            at = day * DAY + s % DAY
            made[(sensor, at // DAY)].append(struct.pack("<IIII", at, ns, len(frame), len(frame)) + frame)
    for (sensor, day), packets in made.items():
        packets.sort(key=lambda f: struct.unpack_from("<II", f))
        open(f"{directory}/{sensor}.{day}.pcap", "wb").write(data[:24] + b"".join(packets))


class Message:
    """UDP of Ethernet, without fragments: what a second, plain parser makes of it."""

    def __init__(self, t, frame):
        self.day, self.payload = t // DAY, b""
        kind, ip = struct.unpack_from(">H", frame, 12)[0], frame[14:]
        if kind == 0x0800 and ip[9] == 17:
            self.ends, udp = (ip[12:16], ip[16:20]), ip[4 * (ip[0] & 15) :]
        elif kind == 0x86DD and ip[6] == 17:
            self.ends, udp = (ip[8:24], ip[24:40]), ip[40:]
        else:
            return
        self.ports = struct.unpack_from(">HH", udp)
        self.payload = udp[8 : struct.unpack_from(">H", udp, 4)[0]]

    def name(self, at):
        labels = []
        while self.payload[at]:
            n = self.payload[at]
            if n >= 0xC0:
                at = (n & 63) << 8 | self.payload[at + 1]
                continue
            labels.append(self.payload[at + 1 : at + 1 + n].decode("ascii").lower())
            at += 1 + n
        return labels

    def behind_name(self, at):
        while self.payload[at] and self.payload[at] < 0xC0:
            at += 1 + self.payload[at]
        return at + (2 if self.payload[at] else 1)

    def dns(self):
        m = self.payload
        flags, *counts = struct.unpack_from(">5H", m, 2)
        self.response, self.rcode, self.qtype, self.labels = flags >> 15, flags & 15, None, None
        self.edns = self.do = False
        at = 12
        if counts[0]:
            self.labels = self.name(at)
            at = self.behind_name(at)
            self.qtype = struct.unpack_from(">H", m, at)[0]
            at += 4
        for _ in range(sum(counts[1:])):
            at = self.behind_name(at)
            kind, _, ttl, n = struct.unpack_from(">HHIH", m, at)
            at += 10 + n
            if kind == 41:
                self.edns, self.do = True, ttl >> 15 & 1 == 1
                self.rcode |= ttl >> 24 << 4
        return self


def network(client):
    return client[:3] if len(client) == 4 else client[:6]


TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 43: "DS",
         48: "DNSKEY", 65: "HTTPS", 255: "ANY", 257: "CAA"}
CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 16: "BADVERS", 23: "BADCOOKIE"}


def check_names(report, queries, answers):
    def names(m):
        return {"top": ".".join(m.labels[-1:]) or ".", "second": ".".join(m.labels[-2:]) or "."}

    asked = defaultdict(list)
    missing = Counter()
    for m in queries:
        for level, name in names(m).items():
            asked[(level, name)].append(m)
    for m in answers:
        for level, name in names(m).items() if m.rcode == 3 else ():
            missing[(level, name)] += 1
    for level in ("top", "second"):
        want = sorted(((-len(v), k[1]) for k, v in asked.items() if k[0] == level))[:40]
        got = report["names"][level]
        same(f"names {level}", [(r["name"], r["queries"], r["nxdomain"]) for r in got],
             [(name, -n, missing[(level, name)]) for n, name in want])
        for r in got:
            near(f"names {r['name']} share", r["share"], r["queries"] / len(queries))
            clients = {network(m.ends[0]) for m in asked[(level, r["name"])]}
            if abs(r["networks"] - len(clients)) > 1 + 0.05 * len(clients):
                complain(f"names {r['name']} networks", r["networks"], len(clients))
    days = {}
    for row in report["names"]["days"]:
        day = subprocess_days(row["t"][:10])
        of = [m for m in queries if m.day == day]
        nx = sum(m.rcode == 3 for m in answers if m.day == day)
        days[day] = of
        what = f"names of {row['t'][:10]}"
        if not of:
            same(what, row["queries"], None)
            continue
        same(what, [row[k] for k in ("queries", "nxdomain", "top_names", "second_names")],
             [len(of), nx, *(len({names(m)[level] for m in of}) for level in ("top", "second"))])
        near(what + " share", row["nxdomain_share"], nx / len(of))
        clients = {network(m.ends[0]) for m in of}
        if abs(row["networks"] - len(clients)) > 1 + 0.05 * len(clients):
            complain(what + " networks", row["networks"], len(clients))
    got = report["names"]["name_days"]
    for row in got:
        of = [m for m in days[subprocess_days(row["t"][:10])] if names(m)[row["level"]] == row["name"]]
        same(f"names {row['t'][:10]} {row['name']}", row["queries"], len(of))
    same("names by day, rows", len(got), sum(len({names(m)[level] for m in of} & {r["name"] for r in report["names"][level][:10]})
                                             for of in days.values() for level in ("top", "second")))


def check_answers(report, queries, answers):
    pairs = Counter((TYPES[m.qtype], CODES[m.rcode]) for m in answers)
    got = report["dns"]["qtype_rcodes"]
    same("qtype and rcode", {(r["qtype"], r["rcode"]): r["responses"] for r in got}, dict(pairs))
    for r in got:
        near(f"{r['qtype']} {r['rcode']} share", r["share"],
             r["responses"] / sum(n for k, n in pairs.items() if k[0] == r["qtype"]))
    for row in report["dns"]["days"]:
        of = [m for m in queries if m.day == subprocess_days(row["t"][:10])]
        same(f"queries {row['t'][:10]}", row["queries"] or 0, len(of))
        near(f"EDNS {row['t'][:10]}", row["edns_share"], sum(m.edns for m in of) / len(of) if of else None)
        near(f"DO {row['t'][:10]}", row["do_share"], sum(m.do for m in of) / len(of) if of else None)


def check_ntp(report, ntp):
    """Responses in interleaved mode quote no transmit time stamp of a request, but a receive time stamp."""
    sent, received = set(), set()
    interleaved = kod = 0
    for m in ntp:
        if m.payload[0] & 7 == 3:
            sent.add(m.payload[40:48])
            received.add(m.payload[32:40])
        elif m.payload[0] & 7 == 4:
            origin = m.payload[24:32]
            interleaved += any(origin) and origin not in sent and origin in received
            kod += m.payload[1] == 0
    got = report["ntp"]["requests"]
    same("interleaved and kiss-o'-death", (got["interleaved"], got["kod"]), (interleaved, kod))


def check_software(report, files):
    """`files`: program and requests, of captures of which the program is known."""
    found = Counter()  # day, client, program
    for program, requests in files:
        for m in requests:
            found[(m.day, m.ends[0], program)] += 1

    def told(rows):
        of = defaultdict(Counter)
        for client, program, n in rows:
            of[client][program] += n
        clients, requests = Counter(), Counter()
        for programs in of.values():
            clients[min(programs, key=lambda x: (-programs[x], x))] += 1
            requests.update(programs)
        return clients, requests

    clients, requests = told((c, p, n) for (_, c, p), n in found.items())
    order = sorted(requests, key=lambda x: (-clients[x], -requests[x], x))
    got = report["software"]["software"]
    same("software", [(r["software"], r["kind"], r["clients"], r["requests"]) for r in got],
         [(p, "client", clients[p], requests[p]) for p in order])
    for r in got:
        near("software share", r["share"], r["clients"] / sum(clients.values()))
        near("software requests", r["requests_share"], r["requests"] / sum(requests.values()))
    want = {}
    for row in report["software"]["days"]:
        day = subprocess_days(row["t"][:10])
        clients, requests = told((c, p, n) for (d, c, p), n in found.items() if d == day)
        n = sum(clients.values()) or None
        same(f"software of {row['t'][:10]}", [row[k] for k in ("clients", "client", "tool", "scanner", "attack", "unknown")],
             [n, n, 0, 0, 0, 0] if n else [None] * 6)
        for p in requests:
            want[(row["t"], p)] = (clients[p], requests[p], clients[p] / n)
    got = {(r["t"], r["software"]): (r["clients"], r["requests"], r["share"]) for r in report["software"]["software_days"]}
    same("software by day", {k: v[:2] for k, v in got.items()}, {k: v[:2] for k, v in want.items()})
    for k in want:
        near(f"software {k}", got.get(k, (0, 0, 0))[2], want[k][2])


def read_messages(paths):
    out = []
    for path in paths:
        for s, _, f in frames(open(path, "rb").read()):
            m = Message(s, f[16:])
            if m.payload:
                out.append(m)
    return out


def recount(path, paths):
    report = json.load(open(path))
    messages = read_messages(paths)
    dns = [m.dns() for m in messages if 53 in m.ports]
    queries, answers = [m for m in dns if not m.response], [m for m in dns if m.response]
    check_names(report, queries, answers)
    check_answers(report, queries, answers)
    check_ntp(report, [m for m in messages if 123 in m.ports])
    check_shares(report)
    check_parts(report)


def programs(path, recordings):
    """Software of the recorded days."""
    files = []
    for _, day, name, program, one in RECORDED:
        requests = []
        for s, _, f in frames(open(f"{recordings}/{name}.pcap", "rb").read()):
            m = Message(day * DAY + s % DAY, moved(f[16:]) if one else f[16:])
            if program and m.payload and m.ports[1] == 123:
                requests.append(m)
        files.append((program, requests))
    check_software(json.load(open(path)), files)


# Forms -------------------------------------------------------------------------------------------------


def flat(report):
    """(chapter, table, row, key) to value."""
    out = {}
    for chapter, tables in report.items():
        if chapter in ("view", "version", "input", "period"):
            continue
        for table, rows in tables.items():
            for i, row in enumerate(rows if isinstance(rows, list) else [rows]):
                for key, value in row.items():
                    out[(chapter, table, i + 1, key)] = value
    return out


def as_text(value):
    """A value of JSON as CSV writes it; numbers as they stood there."""
    return "" if value is None else value


def forms(json_path, csv_path, html_path, text_path):
    report = json.load(open(json_path), parse_float=str, parse_int=str)
    want = {k: as_text(v) for k, v in flat(report).items()}
    with open(csv_path, newline="") as f:
        rows = list(csv.reader(f))
    same("heading", rows[0], ["chapter", "table", "row", "key", "value"])
    got = {(r[0], r[1], int(r[2]), r[3]): r[4] for r in rows[1:]}
    same("keys of CSV", sorted(set(want) ^ set(got))[:5], [])
    for k in want:
        if k in got:
            same(f"CSV {k}", got[k], want[k])
    text = open(text_path, encoding="utf-8").read()
    squeezed = {re.sub(r"\s+", " ", line).strip() for line in text.splitlines()}
    page = ET.parse(html_path).getroot()
    seen = shown = 0
    for section in page.iter("section"):
        chapter = section.get("id")
        folded = {id(t) for d in section.iter("details") for t in d.iter("table")}
        for table in section.iter("table"):
            keys = [th.get("data-key") for th in table.find("thead/tr")]
            for i, tr in enumerate(table.find("tbody")):
                cells = []
                for key, td in zip(keys, tr):
                    data = td.find("data")
                    value = data.get("value") if data is not None else (td.text or "")
                    show = data.text if data is not None else (td.text or "")
                    if show == "–":
                        value, show = "", "-"
                    cells.append(show)
                    same(f"HTML {chapter} {table.get('data-key')} {i + 1} {key}",
                         value, want.get((chapter, table.get("data-key"), i + 1, key)))
                    seen += 1
                if id(table) not in folded:
                    shown += 1
                    line = re.sub(r"\s+", " ", " ".join(cells)).strip()
                    if line not in squeezed and not wrapped(cells, squeezed):
                        complain("text", "no line", line)
        for dl in section.iter("dl"):
            for dt, dd in zip(dl.iter("dt"), dl.iter("dd")):
                data = dd.find("data")
                value = data.get("value") if data is not None else (dd.text or "")
                show = data.text if data is not None else (dd.text or "")
                same(f"HTML {chapter} {dl.get('data-key')} {dd.get('data-key')}",
                     "" if show == "–" else value, want.get((chapter, dl.get("data-key"), 1, dd.get("data-key"))))
                seen += 1
                if f"{dt.text} {'-' if show == '–' else show}" not in squeezed:
                    complain("text", "no line", f"{dt.text} {show}")
                shown += 1
    if seen < 100 or shown < 40:
        complain("figures compared", (seen, shown), "more")
    print(f"{len(want)} figures, {seen} in the page, {shown} rows in text", file=sys.stderr)


def wrapped(cells, lines):
    """Cells of text take several lines where the table is too wide."""
    numbers = [c for c in cells if re.fullmatch(r"[-0-9.,%TZ:]+|[0-9.]+ (s|ms|us|ns)", c)]
    return any(all(c in line for c in numbers) for line in lines)


# Places ------------------------------------------------------------------------------------------------

PLACES = {
    "10.0.0.0/9": ("AA", 64500, "First Example"),
    "10.128.0.0/10": ("BB", 64501, "Second <Example> & \"more\""),
    "10.192.0.0/12": ("AA", 64502, ""),
    "fd00:0:0:100::/56": ("CC", 64500, "First Example"),
}


def encode(value):
    """MaxMind DB data: maps, texts and unsigned numbers."""
    if isinstance(value, dict):
        return bytes([7 << 5 | len(value)]) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return bytes([0 << 5 | len(value), 11 - 7]) + b"".join(encode(v) for v in value)
    if isinstance(value, str):
        raw = value.encode()
        return (bytes([2 << 5 | len(raw)]) if len(raw) < 29 else bytes([2 << 5 | 29, len(raw) - 29])) + raw
    kind, number = value
    raw = number.to_bytes(8, "big").lstrip(b"\0")
    return (bytes([kind << 5 | len(raw)]) if kind < 8 else bytes([len(raw), kind - 7])) + raw


def mmdb(out, what):
    nodes, data, places = [[None, None]], b"", {}
    for prefix, (country, number, name) in PLACES.items():
        if what == "asn":
            entry = {"autonomous_system_number": (6, number)}
            if name:
                entry["autonomous_system_organization"] = name
        else:
            entry = {"country": {"iso_code": country}}
        network = ipaddress.ip_network(prefix)
        bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
        bits = "0" * 96 + bits if network.version == 4 else bits
        at = 0
        for bit in bits[:-1]:
            if nodes[at][int(bit)] is None:
                nodes.append([None, None])
                nodes[at][int(bit)] = len(nodes) - 1
            at = nodes[at][int(bit)]
        nodes[at][int(bits[-1])] = ("data", len(data))
        data += encode(entry)
    tree = b""
    for node in nodes:
        for side in node:
            value = len(nodes) if side is None else side if isinstance(side, int) else len(nodes) + 16 + side[1]
            tree += value.to_bytes(3, "big")
    meta = {
        "node_count": (6, len(nodes)),
        "record_size": (5, 24),
        "ip_version": (5, 6),
        "database_type": "Example-ASN" if what == "asn" else "Example-Country",
        "languages": ["en"],
        "binary_format_major_version": (5, 2),
        "binary_format_minor_version": (5, 0),
        "build_epoch": (9, 1767225600),
        "description": {"en": "made for a test"},
    }
    open(out, "wb").write(tree + b"\0" * 16 + data + b"\xab\xcd\xefMaxMind.com" + encode(meta))


def geo(directory, path):
    report = json.load(open(path))
    rows = [r for r in read_lists(directory) if r.day >= FIRST]
    nets = [(ipaddress.ip_network(p), v) for p, v in PLACES.items()]

    def place(client, of):
        address = ipaddress.ip_address(client)
        for net, value in nets:
            if address.version == net.version and address in net:
                return of(value)
        return "unknown"

    kinds = {
        "countries": lambda v: v[0],
        "networks": lambda v: f"AS{v[1]} {v[2]}".strip(),
        "labels": lambda v: f"label of {v[1]}",
    }
    for table, of in kinds.items():
        for proto in ("NTP", "DNS"):
            clients, requests, known = defaultdict(set), Counter(), {}
            for r in rows:
                if r.proto == proto:
                    name = known.setdefault(r.client, None) or place(r.client, of)
                    known[r.client] = name
                    clients[name].add(r.hex)
                    requests[name] += 1
            got = {r["place"]: (r["clients"], r["requests"]) for r in report["geo"][table] if r["proto"] == proto}
            same(f"{table} {proto}", got, {k: (len(v), requests[k]) for k, v in clients.items()})
            shares = sum(r["share"] for r in report["geo"][table] if r["proto"] == proto)
            near(f"{table} {proto} shares", shares, 1)


def prefixes(out):
    with open(out, "w") as f:
        f.write("# made for a test\n")
        for prefix, (_, number, _) in PLACES.items():
            f.write(f"{prefix} label of {number}\n")


if __name__ == "__main__":
    verb, *args = sys.argv[1:]
    if verb == "make":
        make(*args)
    elif verb == "truth":
        truth(args[0], args[1], len(args) < 3)
    elif verb == "forms":
        forms(*args)
    elif verb == "mmdb":
        mmdb(*args)
    elif verb == "prefixes":
        prefixes(*args)
    elif verb == "generated":
        generated(*args)
    elif verb == "recorded":
        recorded(*args)
    elif verb == "recount":
        recount(args[0], args[1:])
    elif verb == "programs":
        programs(*args)
    elif verb == "geo":
        geo(*args)
    sys.exit(failed > 0)
