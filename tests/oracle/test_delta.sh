#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# delta --split against stamps that python reads from the octets that tshark gives: exchanges are paired anew, and
# inside, outside, the server's clock and its drift worked out from their definitions (clientele(1), DEFINITIONS).
# The same of a database that keeps single messages. Plots: what scripts and terminals may rely on.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
recorded=$pcaps/ntp-chrony-interleaved.pcap

# Plots -----------------------------------------------------------------------
svg=$tmp/plots.svg
COLUMNS=72 LC_ALL=C.UTF-8 run delta --step 1 --plot --svg "$svg" "$recorded"
is "--plot and --svg" "$status" 0
grep -q '█' "$out" && pass "blocks in a UTF-8 locale" || fail "blocks in a UTF-8 locale" "$out"
is "no colour in a file" "$(grep -c "$(printf '\033')" "$out")" 0
sed -n '/^How long answers took/,$p' "$out" >"$tmp/plots"
# a character of UTF-8 is one octet that does not go on one
is "no wider than COLUMNS" "$(LC_ALL=C tr -d '\200-\277' <"$tmp/plots" | LC_ALL=C awk 'length($0) > 72' | wc -l | tr -d ' ')" 0
run delta --format json "$recorded"
servers=$("$jsonget" "$out" | grep -c '^servers\.[0-9]*\.delta_s\.n	[1-9]')
is "a histogram of each server" "$(grep -c '^How long answers took: ' "$tmp/plots")" "$servers"
is "a series of each server" "$(grep -c '^Delta beside the load: ' "$tmp/plots")" "$servers"
is "servers there are" "$([ "$servers" -gt 0 ] && echo yes)" yes
COLUMNS=50 LC_ALL=C run delta --step 1 --plot "$recorded"
sed -n '/^How long answers took/,$p' "$out" >"$tmp/plots"
is "plain ASCII elsewhere" "$(LC_ALL=C grep -c '[^ -~]' "$tmp/plots")" 0
is "no wider than 50 either" "$(awk 'length($0) > 50' "$tmp/plots" | wc -l | tr -d ' ')" 0
if have xmllint; then
	xmllint --noout "$svg" 2>"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "the SVG is well-formed" "$tmp/wrong"; else pass "the SVG is well-formed"; fi
else
	skip "the SVG is well-formed" "xmllint is not installed"
fi
is "it loads nothing" "$(grep -c '<script\|href\|url(\|@import' "$svg")" 0
run delta --svg "$svg" --format json "$recorded"
is "--svg beside JSON" "$status $(value view)" "0 delta"
run delta --plot --format json "$recorded"
is "--plot with JSON" "$status $(one_line "$err" && echo line)" "2 line"
run delta --svg "$tmp/no/such" "$recorded"
is "a file that cannot be written: no result" "$status $(one_line "$err" && echo line) $(wc -c <"$out" | tr -d ' ')" "2 line 0"
cp "$recorded" "$tmp/copy.pcap"
run delta --svg "$tmp/copy.pcap" "$tmp/copy.pcap"
is "an input is not overwritten" "$status $(cmp "$recorded" "$tmp/copy.pcap" && echo same)" "2 same"
run delta --split family,nothing "$recorded"
is "--split with another word" "$status $(one_line "$err" && echo line)" "2 line"

# Words -----------------------------------------------------------------------
for capture in "$recorded" "$pcaps/dns-bind-tcp.pcapng" "$pcaps/client-chrony-nts.pcap"; do
	[ -f "$capture" ] || continue
	run delta --split all "$capture"
	LC_ALL=C awk 'length($0) > 100' "$out" | grep -v "$capture" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "${capture##*/}: tables fit 100 columns" "$tmp/wrong"; else pass "${capture##*/}: tables fit 100 columns"; fi
	run delta --split all --format json "$capture"
	"$jsonget" "$out" | grep '^\(splits\|inside\|clock\)\.' | cut -f1 | tr '.' '\n' | grep -v '^[0-9#]*$' >"$tmp/words"
	run delta --split all --format csv "$capture"
	sed -n '/^by,/p; /^server,\(where\|basic\|n,median\)/p' "$out" | tr ',' '\n' >>"$tmp/words"
	tr -c 'a-zA-Z0-9_.-' '\n' <"$top_srcdir/man/clientele.1" | sort -u >"$tmp/known"
	sort -u "$tmp/words" | comm -23 - "$tmp/known" >"$tmp/wrong"
	[ "$(sort -u "$tmp/words" | wc -l)" -gt 30 ] || echo "words are missing" >>"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "${capture##*/}: the manual knows all keys" "$tmp/wrong"; else pass "${capture##*/}: the manual knows all keys"; fi
done

# Databases -------------------------------------------------------------------
# no_input FILE: without the lines that tell where it came from
no_input() { awk '/^  "input": \{$/ { skip = 1 } !skip { print } /^  \},?$/ { skip = 0 }' "$1"; }
for capture in "$pcaps"/ntp-*.pcap* "$pcaps"/client-*.pcap* "$pcaps"/dns-*.pcap* "$pcaps"/tunnels.pcap; do
	name=${capture##*/}
	rm -f "$tmp/keep.db"
	run delta --split all --format json "$capture"
	no_input "$out" >"$tmp/capture.json"
	run read -q --keep transactions -o "$tmp/keep.db" "$capture"
	run delta --split all --format json "$tmp/keep.db"
	no_input "$out" >"$tmp/database.json"
	[ "$(wc -l <"$tmp/capture.json")" -gt 8 ] || fail "$name: there is something to compare"
	same "$name: of a database as of the capture" "$tmp/database.json" "$tmp/capture.json"
done
run read -q -o "$tmp/plain.db" "$recorded"
run delta --split all --format json "$tmp/plain.db"
is "a database without: null" "$status $(value splits) $(value inside) $(value clock) $(value worst)" "0 null null null null"
run delta --split all "$tmp/plain.db"
is "a database without says so" "$(grep -c 'which this database does not keep' "$out")" 2

# Stamps ----------------------------------------------------------------------
have python3 || { skip "stamps" "python3 is not installed"; tap_done; }
have tshark || { skip "stamps" "tshark is not installed"; tap_done; }
cat >"$tmp/stamps.py" <<'PY'
import json, math, sys

fields, answer = sys.argv[1:3]
view = json.load(open(answer))
wrong = []

def near(what, got, want, tolerance):
    if got is None or want is None or abs(got - want) > tolerance:
        if got is not want:
            wrong.append("%s: %r is not %r" % (what, got, want))

def ns_of(epoch):
    whole, fraction = epoch.split(".")
    return int(whole) * 10**9 + int(fraction.ljust(9, "0")[:9])

def time_of(stamp, near_ns):
    era = min(range(-1, 3), key=lambda e: abs((((stamp >> 32) + (e << 32)) - 2208988800) * 10**9 - near_ns))
    return ((stamp >> 32) + (era << 32) - 2208988800) * 10**9 + (((stamp & 0xffffffff) * 10**9 + 2**31) >> 32)

class Packet:
    pass

exchanges, open_requests = [], {}
for line in open(fields):
    number, epoch, src4, src6, dst4, dst6, sport, dport, payload, types, keyid = line.rstrip("\n").split("\t")
    octets = bytes.fromhex(payload.split(",")[-1].replace(":", ""))
    if len(octets) < 48:
        continue
    p = Packet()
    p.ns, p.mode, p.stratum = ns_of(epoch), octets[0] & 7, octets[1]
    p.src, p.dst = src4 or src6, dst4 or dst6
    p.length = len(octets)
    p.org, p.rec, p.xmt = (int.from_bytes(octets[i:i + 8], "big") for i in (24, 32, 40))
    kinds = [int(t, 0) for t in types.split(",") if t]
    p.auth = "nts" if 0x0404 in kinds else "mac" if keyid else "plain"
    if p.mode in (1, 3):
        open_requests.setdefault((p.src, sport, p.dst, dport), []).append(p)
    elif p.mode in (2, 4):
        waiting = open_requests.get((p.dst, dport, p.src, sport), [])
        waiting = [q for q in waiting if p.ns - q.ns <= 10 * 10**9]
        rules = [("basic", lambda q: p.org and p.org == q.xmt),
                 ("interleaved", lambda q: p.org and p.org == q.rec and q.org and q.xmt != q.rec)]
        for rule, fits in rules:
            match = [q for q in waiting if fits(q)]
            if match:
                open_requests[(p.dst, dport, p.src, sport)].remove(match[0])
                exchanges.append((rule, match[0], p))
                break

def quantile(sorted_values, q):
    return sorted_values[max(1, math.ceil(q * len(sorted_values))) - 1]

def distribution(what, got, values):
    values = sorted(values)
    near(what + " n", got["n"], len(values), 0)
    if not values:
        return
    near(what + " min", got["min"], values[0] / 1e9, 1e-12)
    near(what + " max", got["max"], values[-1] / 1e9, 1e-12)
    near(what + " mean", got["mean"], sum(values) / len(values) / 1e9, abs(sum(values)) / 1e18 + 2e-9)
    for key, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
        want = quantile(values, q) / 1e9
        near(what + " " + key, got[key], want, abs(want) / 100)

# splits
for by, value_of in (("family", lambda r, q, p: "ipv6" if ":" in q.src else "ipv4"),
                     ("auth", lambda r, q, p: q.auth),
                     ("mode", lambda r, q, p: "%d/%d" % (q.mode, p.mode)),
                     ("length", lambda r, q, p: str(q.length)),
                     ("pairing", lambda r, q, p: r),
                     ("kod", lambda r, q, p: "yes" if p.stratum == 0 else "no")):
    groups = {}
    for r, q, p in exchanges:
        groups.setdefault(value_of(r, q, p), []).append(p.ns - q.ns)
    got = {s["value"]: s["delta_s"] for s in view["splits"] if s["by"] == by and s["proto"] == "ntp"}
    if set(got) != set(groups):
        wrong.append("%s: %s is not %s" % (by, sorted(got), sorted(groups)))
        continue
    for value in groups:
        distribution("%s %s" % (by, value), got[value], groups[value])

# stamps by server
servers, links = {}, {}
order = sorted(exchanges, key=lambda x: x[1].ns)
for r, q, p in order:
    s = servers.setdefault(p.src, {"basic": 0, "interleaved": 0, "no_stamps": 0, "unlinked": 0, "samples": []})
    if p.stratum == 0 or p.rec == 0 or p.xmt == 0:
        s["no_stamps"] += 1
    elif r == "basic":
        s["basic"] += 1
        s["samples"].append((q.ns, p.ns, p.rec, p.xmt))
    else:
        s["unlinked"] += 1
        before = links.pop((q.src, p.src, q.org), None)
        if before:
            s["unlinked"] -= 1
            s["interleaved"] += 1
            s["samples"].append(before + (p.xmt,))
        links[q.src, p.src, p.rec] = (q.ns, p.ns, p.rec)

inside = {s["server"]: s for s in view["inside"]}
clock = {s["server"]: s for s in view["clock"]}
if set(inside) != set(servers) or set(clock) != set(servers):
    wrong.append("servers: %s and %s are not %s" % (sorted(inside), sorted(clock), sorted(servers)))
    servers = {}
for server, s in servers.items():
    for key in ("basic", "interleaved", "unlinked", "no_stamps"):
        near(server + " " + key, inside[server][key], s[key], 0)
    within, rest, readings = [], [], []
    for t1, t4, rec, xmt in s["samples"]:
        t2, t3 = time_of(rec, t1), time_of(xmt, t4)
        within.append(t3 - t2)
        rest.append(t4 - t1 - (t3 - t2))
        if within[-1] >= 0 and rest[-1] >= 0:
            readings.append((t4, ((t2 - t1) + (t3 - t4)) / 2, rest[-1] / 2))
    distribution(server + " inside", inside[server]["inside_s"], within)
    distribution(server + " outside", inside[server]["outside_s"], rest)
    near(server + " negative inside", inside[server]["negative_inside"], sum(v < 0 for v in within), 0)
    near(server + " negative outside", inside[server]["negative_outside"], sum(v < 0 for v in rest), 0)
    got = clock[server]
    near(server + " clock n", got["n"], len(readings), 0)
    if not readings:
        continue
    first = readings[0]
    thetas = sorted(r[1] for r in readings)
    median = thetas[(len(thetas) + 1) // 2 - 1]
    near(server + " median", got["median_s"], median / 1e9, abs(median - first[1]) / 1e11 + 2e-9)
    best = min(readings, key=lambda r: r[2])
    near(server + " best bound", got["best"]["bound_s"], best[2] / 1e9, 2e-9)
    near(server + " best theta", got["best"]["theta_s"], best[1] / 1e9, 2e-9)
    # whatever the true offset of the clocks, each reading is off by its bound at most: they overlap in short captures
    length = 10**9
    while any((r[0] - first[0]) // length >= 128 for r in readings):
        length *= 2
    slots = {}
    for r in readings:
        at = max(0, r[0] - first[0]) // length
        if at not in slots or r[2] < slots[at][2]:
            slots[at] = r
    points = [slots[k] for k in sorted(slots)]
    near(server + " drift readings", got["drift_readings"], len(points), 0)
    if len(points) < 3:
        if got["drift_ppm"] is not None:
            wrong.append(server + ": a drift of fewer than three readings")
        continue
    t = [(r[0] - first[0]) / 1e9 for r in points]
    x = [(r[1] - first[1]) / 1e9 for r in points]
    mt, mx = sum(t) / len(t), sum(x) / len(x)
    stt = sum((a - mt) ** 2 for a in t)
    slope = sum((a - mt) * (b - mx) for a, b in zip(t, x)) / stt
    residue = sum((b - mx - slope * (a - mt)) ** 2 for a, b in zip(t, x))
    near(server + " drift", got["drift_ppm"], slope * 1e6, abs(slope) * 1e3 + 0.01)
    near(server + " drift error", got["drift_error_ppm"],
         math.sqrt(residue / (len(t) - 2) / stt) * 1e6, abs(got["drift_error_ppm"]) / 100 + 0.01)
    near(server + " span", got["drift_span_s"], (points[-1][0] - points[0][0]) / 1e9, 1e-9)
for line in wrong[:20]:
    print(line)
print(len(exchanges), sum(s["interleaved"] for s in servers.values()), file=sys.stderr)
PY
total=0 linked=0
for capture in "$pcaps"/ntp-chrony-*.pcap* "$pcaps"/ntp-ntpsec*.pcap* "$pcaps"/ntp-openntpd*.pcap* "$pcaps"/client-*.pcap* \
	"$shared"/captures/lab/*.pcapng "$shared"/captures/LeapSecond/*.pcap "$shared"/captures/zeek/ntp*.pcap \
	"$shared"/captures/zeek/NTP*.pcap; do
	[ -f "$capture" ] || continue
	name=${capture##*/}
	tshark -n -r "$capture" -Y 'ntp && udp && !icmp && !icmpv6' -T fields -e frame.number -e frame.time_epoch -e ip.src \
		-e ipv6.src -e ip.dst -e ipv6.dst -e udp.srcport -e udp.dstport -e udp.payload -e ntp.ext.type -e ntp.keyid \
		>"$tmp/fields" 2>/dev/null
	grep -q . "$tmp/fields" || continue
	run delta --split all --format json "$capture"
	python3 "$tmp/stamps.py" "$tmp/fields" "$out" >"$tmp/wrong" 2>"$tmp/counts"
	if [ -s "$tmp/wrong" ] || ! grep -q '^[0-9]* [0-9]*$' "$tmp/counts"; then
		cat "$tmp/counts" >>"$tmp/wrong"
		fail "$name: stamps" "$tmp/wrong"
	else
		pass "$name: stamps of $(cut -d' ' -f1 "$tmp/counts") exchanges"
		total=$((total + $(cut -d' ' -f1 "$tmp/counts")))
		linked=$((linked + $(cut -d' ' -f2 "$tmp/counts")))
	fi
done
is "there were exchanges, interleaved ones too" "$([ "$total" -gt 50 ] && [ "$linked" -gt 3 ] && echo yes)" yes
tap_done
