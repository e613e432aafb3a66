#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# query: the offset and delay that programs printed, against the wire.
# A program whose t1 is the transmit timestamp differs from us only in t4, which it reads some time e after the
# packet was captured: its delay is longer by e, its offset smaller by e/2. offset + delay/2 has no t4 in it
# (it is t2 - t1): there the program and we agree to the digits it prints. One that sends another t1 than it
# uses (random, zero) reads it some time before the packet was captured too.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/kept.sh"
have python3 || skip_all "python3 is not installed"

cat >"$tmp/programs.py" <<'PYTHON'
import json, re, subprocess, sys
program, text, capture = sys.argv[1:]
out = subprocess.run([program, "query", "--format", "json", "--top", "100", capture], capture_output=True, text=True)
samples = {}
for c in json.loads(out.stdout)["clients"]:
    for s in c["servers"]:
        for x in s["samples"]:
            samples.setdefault(s["server"], []).append(x)

wrong, checked = [], {}
def say(what, ok, *figures):
    if not ok:
        wrong.append(what + ": " + " ".join(str(f) for f in figures))

def digits(printed):  # half of the last digit that is printed
    return 0.5 * 10 ** -len(printed.partition(".")[2]) if "e" not in printed else 1e-9

def seconds(t):
    import datetime
    whole, _, fraction = t.rstrip("Z").partition(".")
    d = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return d.timestamp() + float("0." + (fraction or "0"))

def in_run(server, begin, end, answered=True):
    return [x for x in samples.get(server, []) if begin <= seconds(x["t"]) < end and (x["offset_s"] is not None or not answered)]

blocks = re.split(r"^\$ ", open(text).read(), flags=re.M)[1:]
starts = [seconds(re.search(r"# (\d{4}-\S+Z)$", b, flags=re.M)[1]) for b in blocks] + [4e9]
for block, begin, end in zip(blocks, starts, starts[1:]):
    command = block.split("#")[0].strip()
    name = command.split()[0].rsplit("/")[-1]
    body = block.split("\n", 1)[1]
    if name == "ntpdate" or name == "ntpdig" and "-d" not in command:
        lines = re.findall(r"([+-]\d+\.\d+) \+/- (\d+\.\d+) (\S+) s(\d+) (\S+)", body)
        lines += [(o, d, s, st, leap) for o, d, s, st, leap in re.findall(
            r'"offset":([-0-9.]+),"precision":([-0-9.]+),.*"ip":"([^"]+)","stratum":(\d+),"leap":"([^"]+)"', body)]
        for offset, around, server, stratum, leap in lines:
            got = in_run(server, begin, end)
            # of several samples (-p 4) it prints the one of least distance
            best = min(got, key=lambda x: abs(x["offset_s"] + x["distance_s"] - float(offset) - float(around)))
            # +/- is half the delay and 2^precision + 15 ppm of t4 - t1: e is in both
            say(command + " offset and +/-", abs(best["offset_s"] + best["distance_s"] - float(offset) - float(around))
                < 1e-6 + 15e-6 * 0.1, best["offset_s"], best["distance_s"], offset, around)
            e = 2 * (best["offset_s"] - float(offset))
            say(command + " time from the capture to its clock", -2e-6 <= e < 0.2, e)
            say(command + " t1", best["t1"] == "transmit", best["t1"])
            say(command + " stratum and leap", (str(best["stratum"]), best["leap"]) == (stratum, leap), best["stratum"], best["leap"])
            checked[name] = checked.get(name, 0) + 1
    elif name == "ntpdig":
        for server, r21, r34 in re.findall(r"querying (\S+) .*?rec-org t21: (\S+)  xmt-dst t34: (\S+)", body, flags=re.S):
            got = in_run(server, begin, end)[0]
            say(command + " t2 - t1", abs(got["offset_s"] + got["delay_s"] / 2 - float(r21)) < 1.5e-6, got["offset_s"], got["delay_s"], r21)
            e = got["offset_s"] - got["delay_s"] / 2 - float(r34)
            say(command + " t3 - t4", -2e-6 <= e < 0.2, e)
            checked["ntpdig -d"] = checked.get("ntpdig -d", 0) + 1
    elif "ntplib" in command:
        m = re.search(r"^offset (\S+) delay (\S+) stratum (\d+) leap (\d)", body, flags=re.M)
        server = command.split()[-1]
        got = in_run(server, begin, end)[0]
        say("ntplib t2 - t1 " + server, abs(got["offset_s"] + got["delay_s"] / 2 - float(m[1]) - float(m[2]) / 2) < 2e-6,
            got["offset_s"], got["delay_s"], m[1], m[2])
        e = float(m[2]) - got["delay_s"]
        say("ntplib time from the capture to its clock", -2e-6 <= e < 0.2, e)
        checked["ntplib"] = checked.get("ntplib", 0) + 1
    elif "busybox" in command:
        server = command.split()[-1]
        got = in_run(server, begin, end)
        replies = re.findall(r"offset:(\S+) delay:(\S+) .*strat:(\d+)", body)
        say("busybox replies " + server, len(got) >= len(replies), len(got), len(replies))
        for x, (offset, delay, stratum) in zip(got, replies):
            # it sends random numbers: its own t1 is before the capture's as well
            e = float(delay) - x["delay_s"]
            say("busybox delay " + server, -2e-6 <= e < 0.005, x["delay_s"], delay)
            say("busybox offset " + server, abs(float(offset) - x["offset_s"]) <= abs(e) / 2 + 1.5e-6, x["offset_s"], offset, e)
            say("busybox t1", x["t1"] == "capture" and stratum == str(x["stratum"]), x["t1"], x["stratum"])
            checked["busybox"] = checked.get("busybox", 0) + 1
    elif name == "check_ntp_time":
        server = command.split()[-1]
        got = in_run(server, begin, end)
        offsets = re.findall(r"response from peer 0: offset (\S+)", body)
        say("check_ntp_time answers " + server, len(got) == len(offsets), len(got), len(offsets))
        for x, offset in zip(got, offsets):
            # no delay is printed: e is that of a program in C that waits in poll(2)
            e = 2 * (x["offset_s"] - float(offset))
            say("check_ntp_time offset " + server, -2e-6 <= e < 0.005, x["offset_s"], offset)
            checked["check_ntp_time"] = checked.get("check_ntp_time", 0) + 1
    elif name == "rdate" and "adjust" in body:
        server = command.split()[-1]
        x = in_run(server, begin, end)[0]
        offset = float(re.search(r"by (\S+) seconds", body)[1])
        # its t1 and t4 are both its own: what they are off by has either sign
        say("rdate offset " + server, abs(x["offset_s"] - offset) < 0.0025, x["offset_s"], offset)
        checked["rdate"] = checked.get("rdate", 0) + 1
    elif name == "chronyd" and "wrong by" in body:
        server = command.split(" server ")[1].split()[0]
        got = in_run(server, begin, end)
        offset = float(re.search(r"wrong by (\S+) seconds", body)[1])
        # its estimate is a weighted mean of its samples
        lo, hi = min(x["offset_s"] for x in got), max(x["offset_s"] for x in got)
        say("chronyd -Q " + server, lo - 2e-4 <= offset <= hi + 2e-4, lo, hi, offset)
        kind = "nts" if " nts " in command else "mac" if " key " in command else "none"
        say("chronyd authentication", all(x["request_auth"]["kind"] == kind == x["response_auth"]["kind"] for x in got), kind)
        checked["chronyd " + kind] = checked.get("chronyd " + kind, 0) + 1
print("\n".join(wrong) or "same")
print(" ".join(f"{k}:{v}" for k, v in sorted(checked.items())))
PYTHON
# check NAME WANTED: the programs of one recording.
check() { is "$1" "$(python3 "$tmp/programs.py" "$clientele" "$pcaps/$1.txt" "$pcaps/$1.pcap")" "same
$2"; }
check query-ntpdate "ntpdate:5 ntpdig:7 ntpdig -d:5"
check query-others "busybox:12 check_ntp_time:20 chronyd none:4 ntplib:5 rdate:5"
check query-keys "chronyd mac:1 ntpdig:6"
check query-nts "chronyd nts:2"

# chronyd's log of every measurement: its timestamps are the kernel's, as ours; but it reads its clock corrected
# by what it has learnt (without the right to set it), 60 us RMS by its tracking report, and more in its first two
# minutes, while it learns.
cat >"$tmp/chronyd.py" <<'PYTHON'
import datetime, json, re, subprocess, sys
program, text, capture = sys.argv[1:]
out = subprocess.run([program, "query", "--format", "json", "--top", "100", capture], capture_output=True, text=True)
when = lambda t: datetime.datetime.fromisoformat(t[:19].replace(" ", "T") + "+00:00").timestamp()
samples = {}
for c in json.loads(out.stdout)["clients"]:
    if c["client"] in ("192.0.2.11", "2001:db8::11"):
        for s in c["servers"]:
            samples.setdefault(s["server"], []).extend(s["samples"])
wrong, n, unfit = [], 0, 0
for line in open(text):
    m = re.match(r"(2026-\S+ \S+) (\S+) +(\S) +\d+ \S+ \S+ \S+ +\S+ +\S+ \S+ +(\S+) +(\S+)", line)
    if not m:
        continue
    # it logs a second that lies at the answer or just behind
    got = [x for x in samples[m[2]] if -1.1 <= when(x["t"]) - when(m[1]) <= 1]
    if len(got) != 1:
        wrong.append(f"{len(got)} samples for {line}")
    elif m[3] == "?":
        unfit += not got[0]["good"]
    else:
        n += 1
        offset, delay = float(m[4]) - got[0]["offset_s"], float(m[5]) - got[0]["delay_s"]
        learning = n <= 20
        if not learning and not -2e-4 <= offset <= 2e-4 or not -1e-4 <= delay <= 1e-4:
            wrong.append(f"{line.strip()}: {offset:.6f} {delay:.6f}")
print("\n".join(wrong) or "same", n, unfit)
PYTHON
is "chronyd's measurements, and one of a server that is not synchronised" \
	"$(python3 "$tmp/chronyd.py" "$clientele" "$pcaps/card-chrony.txt" "$pcaps/card-chrony.pcap")" "same 114 1"

# What goes wrong: no answer; no sample of a server that is not synchronised (192.0.2.4).
run query --format json --top 100 "$pcaps/query-failures.pcap"
"$jsonget" "$out" | awk -F'\t' '
	{ n = split($1, p, "."); pair = p[2] "." p[4] }
	p[3] == "servers" && p[5] == "server" { server[pair] = $2 }
	p[5] == "answers" { answers[pair] = $2 }
	p[5] == "best" && n == 5 { best[pair] = $2 }
	p[7] == "good" && $2 == "true" { good[pair]++ }
	p[7] == "leap" { leap[pair] = $2 }
	END { for (k in server) print server[k], (answers[k] > 0 ? "answered" : "silent"), best[k], good[k] + 0, leap[k] }' |
	sort >"$tmp/got"
cat >"$tmp/want" <<'END'
192.0.2.4 answered null 0 unsync
192.0.2.8 silent null 0 
192.0.2.9 silent null 0 
2001:db8::8 silent null 0 
END
same "servers that fail" "$tmp/got" "$tmp/want"

# An interleaved answer is about the exchange before it: taken with another one it would be off by some tenths
# of a second, half of the poll interval. chronyc's ntpdata has microseconds.
run query --format json "$pcaps/ntp-chrony-interleaved.pcap"
is "interleaved: offsets and delays below 0.1 ms" "$("$jsonget" "$out" | awk -F'\t' '
	$1 ~ /samples\.[0-9]+\.(offset|delay)_s$/ && $2 != "null" { n++; if ($2 > 1e-4 || $2 < -1e-4) far++ }
	END { print n, far + 0 }')" "124 0"

for file in query-ntpdate query-keys query-nts query-failures ntp-chrony-interleaved; do
	as_kept query "$pcaps/$file.pcap"
done
not_kept query "$pcaps/query-ntpdate.pcap" clients

echo '192.0.2.2 a-name-of-a-server-that-is-much-too-long-for-any-table.example.net' >"$tmp/hosts"
run query --names "$tmp/hosts" "$pcaps/query-keys.pcap"
sed '1,/^Packets/d' "$out" | grep -v ' asks ' | awk 'length($0) > 100' >"$tmp/wide"
is "columns" "$(cat "$tmp/wide")" ""
tap_done
