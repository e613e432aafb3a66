#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# clocks: a crowd of clients whose clocks are known; what a client measured, from tshark's reading of its four
# timestamps.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/kept.sh"
have python3 || skip_all "python3 is not installed"

figure() { is "$1" "$(value "$1")" "$2"; }
part() { "$jsonget" "$1" | grep -v '^input\.'; }

# row CLIENT KEY: of the list of worst clocks.
row() {
	"$jsonget" "$out" | awk -F'\t' -v a="$1" -v k="$2" '
		{ v[$1] = $2 }
		$1 ~ /^worst\.[0-9]+\.client$/ && $2 == a { split($1, p, "."); at = p[2] }
		END { print at == "" ? "absent" : v["worst." at "." k] }'
}
# within NAME GOT WANT TOLERANCE
within() {
	is "$1 is $3 to $4" "$(awk -v g="$2" -v w="$3" -v t="$4" 'BEGIN { d = g - w; print (g != "" && g != "absent" && d <= t && d >= -t) ? "yes" : g }')" yes
}

cat >"$tmp/crowd.py" <<'PY'
import random, sys
from ntpcrowd import *
rng = random.Random(4711)
c = Capture()
S, S6 = "203.0.113.1", "2001:db8::1"
DAY = 86400 * SECOND

def polls(client, clock, n=16, poll=64, server=S, start=0, form=stamp, answer=True):
    """Requests that take 20 ms to the capture, each a little at random; clock(k, t): its error."""
    for k in range(n):
        t = T0 * SECOND + start + k * poll * SECOND + rng.randrange(SECOND)
        xmt = form(t + clock(k, t))
        c.ask(t + 20 * MS, client, server, xmt=xmt)
        if answer:
            c.answer(t + 21 * MS, client, server, org=xmt, rec=stamp(t + 20 * MS), xmt=stamp(t + 21 * MS))

def constant(ns):
    return lambda k, t: ns

def nanoseconds(ns):
    return (ns // SECOND + EPOCH) << 32 | ns % SECOND

def whole(ns):
    return (ns // SECOND + EPOCH) << 32

def milliseconds(ns):
    return stamp(ns // MS * MS)

# e1 = error - 20 ms
polls("192.0.2.1", constant(20 * MS + 300000))
polls("192.0.2.2", constant(-380 * MS))
polls("192.0.2.3", constant(1020 * MS))           # leap second, ahead
polls("192.0.2.4", constant(-300 * SECOND))
polls("192.0.2.5", constant(7 * 3600 * SECOND))
polls("192.0.2.6", constant(-1024 * 7 * DAY))
polls("192.0.2.7", constant(-(T0 * SECOND) + 40 * SECOND))  # 1970
polls("192.0.2.8", constant(-(T0 + EPOCH) * SECOND + 40 * SECOND))  # 1900
polls("192.0.2.9", constant(-EPOCH * SECOND))     # seconds since 1970
polls("192.0.2.10", constant(120 * MS), form=nanoseconds)
polls("192.0.2.11", constant(70 * SECOND), form=whole)
polls("192.0.2.12", constant(70 * MS), form=milliseconds)
polls("192.0.2.13", constant(3 * 365 * DAY))
# trends: to 1 ms behind in the end; growing
polls("192.0.2.20", lambda k, t: (500 if k < 8 else 19) * MS)
polls("192.0.2.21", lambda k, t: (-60 if k < 8 else -460) * MS)
polls("192.0.2.22", constant(500 * MS), answer=False)
# none
polls("198.51.100.1", constant(0), form=lambda ns: 0)
polls("198.51.100.2", constant(0), form=lambda ns: 0xC54F234B71B152F3)
polls("198.51.100.3", constant(0), form=lambda ns: rng.getrandbits(64))
polls("198.51.100.4", constant(0), form=lambda ns: rng.getrandbits(64) & 0x7FFFFFFF7FFFFFFF)
polls("198.51.100.5", constant(0), form=nanoseconds, n=1, start=300 * MS // 1000)

# Asked by cron, within the first 0.2 s of a second: a clock. Always at the same place of it: not known.
def early(client, at):
    for k in range(8):
        t = (T0 + 3600 * k) * SECOND + at(k)
        c.ask(t + 18 * MS + rng.randrange(4 * MS), client, S, xmt=stamp(t + 3 * SECOND))

early("192.0.2.14", lambda k: 20 * MS + rng.randrange(180 * MS))
early("198.51.100.6", lambda k: 100 * MS + rng.randrange(1000))

# Both ways: client ahead by `error`, 3 ms there, 9 ms back, the capture at the server.
def ntpd(client, server, error, n, lose=()):
    org = rec = 0
    for k in range(n):
        t = T0 * SECOND + k * 64 * SECOND + k * 397 * MS + 7123457
        xmt = stamp(t + error)
        c.ask(t + 3 * MS, client, server, org=org, rec=rec, xmt=xmt)
        back = stamp(t + 4 * MS)
        c.answer(t + 4 * MS, client, server, org=xmt, rec=stamp(t + 3 * MS), xmt=back)
        if k not in lose:
            org, rec = back, stamp(t + 13 * MS + error)

ntpd("2001:db8::10", S6, 250 * MS, 6)
ntpd("2001:db8::11", S6, -4 * MS, 10, (3,))
ntpd("2001:db8::12", S6, -1024 * 7 * DAY, 3)
c.write(sys.argv[1])
PY
PYTHONPATH=$top_srcdir/tests/tools PYTHONDONTWRITEBYTECODE=1 python3 "$tmp/crowd.py" "$tmp/crowd.pcap" || exit 1
run clocks --format json --top 40 "$tmp/crowd.pcap"
is "exit status" "$status" 0
figure clients 26
figure known 20
figure not_kept 0
figure excluded.zero 1
figure excluded.const 1
figure excluded.random 1
figure excluded.rand63 1
figure excluded.ns_or_clock 2
figure excluded.mixed 0
# one of them is not known to be
figure classes.clock-ns 2
figure classes.sec 1
figure classes.clock-ms 1
us=0.000001
within "below 1 ms" "$(row 192.0.2.1 error_s)" 0.0003 $us
is "its bucket" "$(row 192.0.2.1 bucket)" below_1ms
within "behind" "$(row 192.0.2.2 error_s)" -0.4 $us
is "leap second" "$(row 192.0.2.3 bucket)" leap
is "minutes" "$(row 192.0.2.4 bucket)" below_1h
is "a time zone" "$(row 192.0.2.5 bucket)" below_1d
is "GPS week" "$(row 192.0.2.6 bucket)" weeks_1024
is "1970" "$(row 192.0.2.7 bucket)" year_1970
is "1900" "$(row 192.0.2.8 bucket)" year_1900
is "Unix seconds" "$(row 192.0.2.9 bucket)" unix_seconds
within "nanoseconds" "$(row 192.0.2.10 error_s)" 0.1 $us
within "early in a second" "$(row 192.0.2.14 error_s)" 2.98 0.002
within "whole seconds" "$(row 192.0.2.11 error_s)" 70 0.5
is "their bucket" "$(row 192.0.2.11 bucket)" below_1h
within "milliseconds" "$(row 192.0.2.12 error_s)" 0.05 0.0005
is "three years" "$(row 192.0.2.13 bucket)" more
is "falls" "$(row 192.0.2.20 trend)" falls
is "grows" "$(row 192.0.2.21 trend)" grows
is "never answered" "$(row 192.0.2.22 trend)" unknown
is "stays" "$(row 192.0.2.2 trend)" stays
is "close" "$(row 192.0.2.1 trend)" close
# 5 are not told: one of whole seconds, two without answers, two ntpd with fewer than 8 requests; and 6 without
# an error
figure trend.unknown 11
figure trend.close 2
# Both ways: offset -error + (3 - 9) / 2 ms, delay 12 ms; of 6 requests 5 echo, of 10 with a loss 8, of 3 two.
figure measured.pairs 3
figure measured.samples 15
figure measured.implausible 0
within "weeks" "$(value measured.worst.0.offset_s)" "$((1024 * 7 * 86400))" 0.004
within "quarter second" "$(value measured.worst.1.offset_s)" -0.253 $us
within "its delay" "$(value measured.worst.1.delay_s)" 0.012 $us
within "milliseconds" "$(value measured.worst.2.offset_s)" 0.001 $us
figure measured.worst.2.samples 8
within "delay" "$(value measured.delay_s.p50)" 0.012 0.0002
figure servers.0.server 203.0.113.1
figure servers.0.clients 23
figure servers.0.known 17
figure servers.1.measured 3
part "$out" >"$tmp/want"
run read -q --keep transactions -o "$tmp/k.db" "$tmp/crowd.pcap"
run clocks --format json --top 40 "$tmp/k.db"
part "$out" >"$tmp/got"
same "of the database" "$tmp/got" "$tmp/want"
run clocks "$tmp/crowd.pcap"
is "no line is wider than 100" "$(awk 'length($0) > 100' "$out")" ""

# A real ntpd, whose requests have all four: least delay of the last eight measurements, by python from
# tshark's octets.
if have tshark; then
	capture=$pcaps/client-ntpsec-v3.pcap
	tshark -r "$capture" -Y ntp -T fields -e frame.time_epoch -e ip.src -e ipv6.src -e udp.payload 2>/dev/null |
		tr -d ':' >"$tmp/packets"
	tshark -r "$capture" -Y ntp -T fields -e udp.payload 2>/dev/null | tr -d ':' >"$tmp/payloads"
	tshark -r "$capture" -Y ntp -T fields -e ip.src -e ipv6.src -e ip.dst -e ipv6.dst 2>/dev/null >"$tmp/addresses"
	cat >"$tmp/want.py" <<'PY'
import sys
f = lambda v: v / 2**32
last, samples = {}, {}
for payload, addresses in zip(open(sys.argv[1]), open(sys.argv[2])):
    b = bytes.fromhex(payload.strip())
    org, rec, xmt = (int.from_bytes(b[i:i + 8], "big") for i in (24, 32, 40))
    src, dst = [a for a in addresses.split() if a]
    if b[0] & 7 == 3:
        if dst in last and last[dst][1] is not None and org == last[dst][1][1]:
            t1, (t2, t3), t4 = last[dst][0], last[dst][1], rec
            samples.setdefault(dst, []).append((f((t4 - t1) - (t3 - t2)), f((t2 - t1) + (t3 - t4)) / 2))
        last[dst] = (xmt, None)
    else:
        last[src] = (last[src][0], (rec, xmt))
for server in sorted(samples):
    delay, offset = min(samples[server][-8:])
    print("%s %d %.6f %.6f" % (server, len(samples[server]), offset, delay))
PY
	python3 "$tmp/want.py" "$tmp/payloads" "$tmp/addresses" >"$tmp/want"
	run clocks --format json "$capture"
	"$jsonget" "$out" | awk -F'\t' '{ v[$1] = $2 } END { for (i = 0; ("measured.worst." i ".server") in v; i++) {
		p = "measured.worst." i "."; printf "%s %d %.6f %.6f\n", v[p "server"], v[p "samples"], v[p "offset_s"], v[p "delay_s"] } }' |
		sort >"$tmp/got"
	is "both servers" "$(wc -l <"$tmp/want" | tr -d ' ')" 2
	same "an ntpd's own measurements" "$tmp/got" "$tmp/want"
else
	skip "an ntpd's own measurements" "tshark is not installed"
fi

not_kept clocks "$pcaps/client-ntpsec-v3.pcap" clients
tap_done
