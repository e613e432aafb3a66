#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Unique clients of trailing windows over several sensors: captures, and what clientele may say of them.

sensorwindows.py make FOLDER SEED
    Three hours of requests, dealt out to three sensors: by their client (client-0.pcap ...), and one by one, some to
    two sensors (packet-0.pcap ...). The last sensor stops first, then the second one: at the end there is one alone.
    client.list and packet.list have all requests: NS PROTO SERVER CLIENT SENSOR, sensors as 01.
sensorwindows.py check LIST JSON STEP WINDOWS
    Holds `clients --format json` of the merged database against the sets of addresses of each window.
sensorwindows.py none JSON
    Checks that there is no estimate, and no number where several sensors have an instant, unless clients are few.
sensorwindows.py csv JSON CSV
    Checks that CSV says of estimates what JSON says.
"""
import csv
import datetime
import json
import random
import sys
from collections import defaultdict

sys.dont_write_bytecode = True
import mergedays  # noqa: E402

BEGIN = 1780178400  # 2026-05-30T22:00:00Z, over a midnight
LENGTH = 3 * 3600
ENDS = LENGTH, LENGTH - 1900, LENGTH - 3700  # of the sensors
SERVERS = ("ntp", "192.0.2.1", 14000, 4000), ("ntp", "192.0.2.2", 4000, 300), ("dns", "192.0.2.1", 1200, 60)
ERROR = 0.0325


def make(folder, seed):
    rng = random.Random(seed)
    requests = []
    for proto, server, count, crowd in SERVERS:
        first = rng.randrange(1 << 22)
        # those that come early in the list ask often
        who = [int(crowd * rng.random() ** 2) for _ in range(count)]
        for w in who:
            ns = BEGIN * 10**9 + rng.randrange(LENGTH * 10**9)
            n = first + w
            client = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" if n % 4 else f"2001:db8::{n >> 16:x}:{n & 65535:x}"
            requests.append((ns, proto, server, client))
    requests.sort()
    packets = {}
    for r in requests:
        if ":" in r[3]:
            server = "2001:db8:ff::" + r[2][-1]
        else:
            server = r[2]
        payload = bytes([0x23]) + bytes(39) + rng.randbytes(8)
        if r[1] == "dns":
            payload = rng.randbytes(2) + bytes([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]) + b"\1a\4test\0\0\1\0\1"
        packets[r] = server, mergedays.packet(r[3], server, rng.randrange(1024, 65536), 53 if r[1] == "dns" else 123, payload)
    owner = {}
    for how in "client", "packet":
        files = [[], [], []]
        with open(f"{folder}/{how}.list", "w") as out:
            for r in requests:
                server, octets = packets[r]
                if how == "client":
                    sensors = {owner.setdefault(r[3], rng.randrange(3))}
                else:
                    sensors = {rng.randrange(3)} | ({rng.randrange(3)} if rng.random() < 0.3 else set())
                sensors = {s if r[0] < (BEGIN + ENDS[s]) * 10**9 else 0 for s in sensors}
                for s in sensors:
                    files[s].append((r[0], octets))
                print(*r[:2], server, r[3], "".join(map(str, sorted(sensors))), file=out)
        for s in range(3):
            mergedays.write(f"{folder}/{how}-{s}.pcap", files[s])


def second(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def series(path):
    with open(path) as f:
        document = json.load(f)
    for subject in document["servers"] + document["all"]:
        for row in subject["series"]:
            yield subject["proto"], subject.get("server", ""), second(row["t"]), row


class Complaints:
    def __init__(self):
        self.lines = []

    def unless(self, ok, *words):
        if not ok:
            self.lines.append(" ".join(map(str, words)))

    def end(self):
        for line in self.lines[:20]:
            print(line)
        sys.exit(1 if self.lines else 0)


def check(path, view, step, windows):
    requests = defaultdict(list)
    last = [0, 0, 0]
    with open(path) as f:
        for line in f:
            ns, proto, server, client, sensors = line.split()
            for key in (proto, server), (proto, ""):
                requests[key].append((int(ns), client, sensors))
            for s in sensors:
                last[int(s)] = max(last[int(s)], int(ns))
    bad, estimates, inside, exact = Complaints(), 0, 0, 0
    for proto, server, t, row in series(view):
        # sensors with a row at t: those that go on, and the one whose open step ends there
        there = [s for s in range(3) if (t - step) * 10**9 < last[s]]
        for w in windows:
            where = proto, server, row["t"], w
            seen = [(c, s) for ns, c, s in requests[proto, server] if (t - w) * 10**9 < ns <= t * 10**9]
            of = [len({c for c, s in seen if str(k) in s}) for k in there]
            n = len({c for c, s in seen if any(str(k) in s for k in there)})
            said, between = row["unique"][str(w)], row.get("between", {}).get(str(w))
            if sum(k > 0 for k in of) < 2:
                bad.unless(said == n and between is None, "exact", *where, n, said, between)
                exact += n > 0
                continue
            bad.unless(between == [max(of), sum(of)], "bounds", *where, of, between)
            about = row.get("estimated", {}).get(str(w))
            if said is None or about is None:
                bad.unless(False, "no estimate", *where)
                continue
            estimates += 1
            inside += about["low"] <= n <= about["high"]
            bad.unless(abs(said - n) <= max(1, 4 * ERROR * n), "estimate", *where, n, said)
            bad.unless(abs(about["error"] - ERROR) < 0.0001, "error", *where, about)
            bad.unless(between[0] <= about["low"] <= said <= about["high"] <= between[1], "order", *where, between, about, said)
    bad.unless(estimates >= 150, "few estimates:", estimates)
    bad.unless(exact >= 10, "few exact numbers:", exact)
    bad.unless(inside >= 0.85 * estimates, "bounds hold", inside, "of", estimates)
    bad.end()


def none(view):
    bad, several = Complaints(), 0
    for proto, server, t, row in series(view):
        for w, bounds in row.get("between", {}).items():
            if bounds[1] < 60:
                continue  # of so few the sensor that is looked at may have none
            several += 1
            bad.unless(w not in row.get("estimated", {}), "estimate", proto, server, row["t"])
            bad.unless(row["unique"][w] is None, "number", proto, server, row["t"], w)
    bad.unless(several > 50, "few instants of several sensors:", several)
    bad.end()


def same_csv(view, path):
    want, got = [], []
    for proto, server, _, row in series(view):
        words = [row["t"], server or "all", proto]
        for w, n in row["unique"].items():
            bounds = row.get("between", {}).get(w, ["", ""])
            about = row.get("estimated", {}).get(w)
            words += ["" if n is None else n, *((about["low"], about["high"]) if about else bounds)]
        want.append([*map(str, words), "estimate" if "estimated" in row else ""])
    windows = list(row["unique"])
    with open(path, newline="") as f:
        head = None
        for line in csv.reader(f):
            if "estimated" in line:
                head = line
            elif head is not None and len(line) != len(head):
                break
            elif head is not None:
                cell = dict(zip(head, line))
                got.append([cell["t"], cell["server"], cell["proto"]])
                for w in windows:
                    got[-1] += [cell[f"unique_{w}"], cell[f"unique_{w}_low"], cell[f"unique_{w}_high"]]
                got[-1].append(cell["estimated"])
    bad = Complaints()
    bad.unless(len(want) == len(got), len(want), "rows in JSON,", len(got), "in CSV")
    for a, b in zip(want, got):
        bad.unless(a == b, a, b)
    bad.end()


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:4])
    elif sys.argv[1] == "check":
        check(sys.argv[2], sys.argv[3], int(sys.argv[4]), [int(w) for w in sys.argv[5].split(",")])
    elif sys.argv[1] == "none":
        none(sys.argv[2])
    else:
        same_csv(*sys.argv[2:4])
