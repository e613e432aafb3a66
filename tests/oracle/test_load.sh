#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# load: a crowd of clients whose ways are known; servers that limited rates, and what they counted
# themselves; NTS answers that a cable lost, by its own list; rules that nft accepts.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/kept.sh"

# figure PATH WANT: of the view that was run last.
figure() { is "$1" "$(value "$1")" "$2"; }
# part FILE: what a database must say as well.
part() { "$jsonget" "$1" | grep -v '^input\.'; }

# Servers that limit rates -----------------------------------------------------------------
# ntpd's sysstats and mrulist; its mrulist was printed after two more requests were answered.
run load --format json "$pcaps/kiss-ntpsec.pcap"
is "kiss-ntpsec: exit status" "$status" 0
kod=$(sed -n 's/^KoD responses: *\([0-9]*\) .*/\1/p' "$pcaps/kiss-ntpsec.txt" | head -n 1)
figure kisses.kisses "$kod"
figure kisses.by_code.0.code RATE
for client in 2001:db8::30 192.0.2.30; do
	count=$(awk -v a="$client" '$NF == a && $7 ~ /^[0-9]+$/ { print $7; exit }' "$pcaps/kiss-ntpsec.txt")
	got=$("$jsonget" "$out" | awk -F'\t' -v a="$client" '$1 ~ /^top\.[0-9]+\.client$/ && $2 == a { split($1, p, "."); k = "top." p[2] ".requests" }
		{ v[$1] = $2 } END { print v[k] }')
	is "requests of $client, by mrulist" "$got" "$count"
done
# chronyd's count of what it dropped, per client.
run load --format json "$pcaps/kiss-chrony.pcap"
received=$(sed -n 's/^NTP packets received *: *//p' "$pcaps/kiss-chrony.txt" | head -n 1)
dropped=$(sed -n 's/^NTP packets dropped *: *//p' "$pcaps/kiss-chrony.txt" | head -n 1)
figure requests "$received"
figure answered "$((received - dropped))"
figure kisses.kisses 0

# NTS: a cable between server and client lost answers and listed them. -----------------------
run load --format json "$pcaps/nts-lost.pcap"
lost=$(grep -c ' lost back ' "$pcaps/nts-lost.txt")
responses=$(value reached.responses)
is "what is not lost arrived" "$(value reached.arrived_cookies)" "$((responses - lost))"
# of each server's last answer no request speaks
figure reached.unknown 2
is "what is lost is lost, or unknown" "$(value reached.lost_cookies)" "$((lost - 2))"
figure reached.lost_origin 0

# A crowd -----------------------------------------------------------------------------------
if have python3; then
	cat >"$tmp/crowd.py" <<'PY'
import struct, sys
from ntpcrowd import *
c = Capture()
S = "203.0.113.1"
t0 = T0 * SECOND
n = 0

def pair(at, client, port=40000, server=S, code=None, silent=False, delay=MS, **f):
    """A request and its answer; what the answer's transmit timestamp was."""
    global n
    n += 1
    f.setdefault("xmt", (0xABCD << 48) + n * 0x10001)
    c.ask(t0 + at, client, server, port, **f)
    back = stamp(t0 + at + delay)
    if silent:
        return None
    if code:
        c.answer(t0 + at + delay, client, server, port, org=f["xmt"], rec=0, xmt=0, stratum=0, refid=code)
    else:
        c.answer(t0 + at + delay, client, server, port, org=f["xmt"], rec=stamp(t0 + at), xmt=back)
    return back

# RATE: honours, ignores, worse; one that asks each second and slows down to 8 s.
for host, before, after in (1, 16, 64), (2, 16, 16), (3, 64, 16), (4, 1, 8):
    at = host * 100 * MS
    for i in range(12):
        pair(at, "192.0.2.%d" % host, code=b"RATE" if i == 11 else None)
        at += before * SECOND if i < 11 else 0
    for i in range(6):
        at += after * SECOND
        pair(at, "192.0.2.%d" % host)
# DENY: one asks on for two hours, one stops.
for host, last in (5, 7200), (6, 0):
    pair(500 * MS, "192.0.2.%d" % host, code=b"DENY")
    if last:
        pair(1800 * SECOND, "192.0.2.%d" % host, code=b"DENY")
        pair(last * SECOND, "192.0.2.%d" % host, code=b"DENY")
# An abuser: 500 in 1000 s, one of four answered.
for i in range(500):
    pair(2000 * SECOND + i * 2 * SECOND + 1, "2001:db8:5::1", server="2001:db8::1", silent=i % 4 != 0)
# A burst: 300 in 0.6 s from ports that change, nothing else does.
for i in range(300):
    pair(4000 * SECOND + i * 2 * MS, "192.0.2.8", port=1024 + i, xmt=77 if i % 2 else 78)
# A herd at :00. 12:00:00 is at 0.
for host in range(40):
    for minute in 80, 81, 82:
        pair(minute * 60 * SECOND + host * MS, "198.51.100.%d" % (host + 1))
# Echoes: of 10 answers number 4, 5, 9 do not arrive; then one that nothing says anything of.
heard = 0
for i in range(11):
    back = pair(6000 * SECOND + i * 64 * SECOND, "192.0.2.9", port=123, org=heard)
    if i not in (4, 5, 9):
        heard = back
# An error about an answer.
pair(7100 * SECOND, "192.0.2.10", port=5555)
# header and first octets of the answer, as a router quotes it
quoted = c.packets[-1][2][:28]
body = struct.pack(">BBHI", 3, 3, 0, 0) + quoted
body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
c.put(t0 + 7100 * SECOND + 20 * MS, datagram("192.0.2.10", S, 1, body))
c.write(sys.argv[1])
PY
	PYTHONPATH=$top_srcdir/tests/tools PYTHONDONTWRITEBYTECODE=1 python3 "$tmp/crowd.py" "$tmp/crowd.pcap" || exit 1
	run load --format json --top 60 "$tmp/crowd.pcap"
	is "crowd: exit status" "$status" 0
	figure clients 50
	figure not_kept 0
	figure kisses.kisses 8
	# as many of each: by code
	figure kisses.by_code.0.code DENY
	figure kisses.by_code.0.clients 2
	figure kisses.by_code.0.kisses 4
	figure kisses.by_code.1.code RATE
	figure kisses.by_code.1.kisses 4
	figure kisses.by_code.1.clients 4
	figure kisses.rate.honours 2
	figure kisses.rate.ignores 1
	figure kisses.rate.worse 1
	figure kisses.rate.unknown 0
	figure kisses.refused.clients 2
	figure kisses.refused.after_an_hour 1
	figure kisses.refused.too_short 0
	figure kisses.refused.requests_after_an_hour 1
	# client 5 has 3, then 1, 2, 3, 4
	figure kisses.top.0.client 192.0.2.5
	figure kisses.top.1.client 192.0.2.1
	figure kisses.top.1.before_s 16
	figure kisses.top.1.after_s 64
	figure kisses.top.1.ratio 4
	figure kisses.top.1.gaps polls
	figure kisses.top.4.client 192.0.2.4
	figure kisses.top.4.gaps requests
	figure kisses.top.4.ratio 8
	figure top.0.client 2001:db8:5::1
	figure top.0.requests 500
	figure top.0.mean_s 2
	figure top.0.answered_share 0.25
	figure top.0.abusive true
	figure thresholds.abusive.clients 2
	figure thresholds.abusive.requests 800
	figure answer_ratio.up_to_30.clients 1
	figure answer_ratio.up_to_30.requests 500
	figure answer_ratio.all.clients 49
	figure bursts.bursts 1
	figure bursts.requests 300
	figure bursts.top.0.client 192.0.2.8
	figure bursts.top.0.length_s 0.598
	figure bursts.top.0.rate 500
	figure bursts.top.0.port_changes 1
	figure bursts.top.0.payload_changes 1
	# :00 to the second, counted by tshark
	if have tshark; then
		tshark -r "$tmp/crowd.pcap" -Y 'ntp.flags.mode == 3' -T fields -e frame.time_epoch 2>/dev/null |
			awk '{ s = int($1) % 60; n[s]++ } END { for (i = 0; i < 60; i++) print n[i] + 0 }' >"$tmp/want"
		for i in $(seq 0 59); do value "second_of_minute.requests.$i"; done >"$tmp/got"
		same "requests by second of the minute" "$tmp/got" "$tmp/want"
	else
		skip "requests by second of the minute" "tshark is not installed"
	fi
	figure peak.requests 300
	figure reached.arrived_origin 7
	figure reached.lost_origin 3
	figure reached.lost_icmp 1
	figure reached.by_client.0.address 192.0.2.9
	figure reached.by_client.0.responses 11
	figure reached.by_client.0.unknown 1
	figure reached.by_network.0.address 192.0.2.0
	figure reached.by_network.0.prefix 24
	figure reached.by_network.0.lost_icmp 1
	figure reached.by_size.0.octets 48
	# Ordinary: 40 of the herd, 1 to 5, 9. The quickest of them polls at 0, 19, 27 to 59 s: a mean of 9.8 s;
	# its first poll has 12 requests. 800 of 1008 requests are abusive.
	figure limits.ordinary 46
	figure limits.derived true
	figure limits.chrony "ratelimit interval 3 burst 12 leak 4"
	"$jsonget" "$out" | sed -n 's/^limits\.nftables\.[0-9]*	//p' >"$tmp/rules"
	is "the abuser's network is in the set" "$(grep -c '2001:db8:5::/64,' "$tmp/rules")" 1
	part "$out" >"$tmp/want"
	run read -q --keep transactions -o "$tmp/k.db" "$tmp/crowd.pcap"
	run load --format json --top 60 "$tmp/k.db"
	part "$out" >"$tmp/got"
	same "crowd: of the database" "$tmp/got" "$tmp/want"
	run load "$tmp/crowd.pcap"
	is "no line is wider than 100" "$(awk 'length($0) > 100' "$out")" ""
else
	skip "a crowd" "python3 is not installed"
	run load --format json "$pcaps/kiss-ntpsec.pcap"
	"$jsonget" "$out" | sed -n 's/^limits\.nftables\.[0-9]*	//p' >"$tmp/rules"
fi
# The rules, where nft may look at the kernel's tables.
if have nft && echo "table inet clientele_probe { }" | nft -c -f - 2>/dev/null; then
	nft -c -f "$tmp/rules" 2>"$tmp/nft"
	is "nft accepts the rules: $(head -n 1 "$tmp/nft")" "$?" 0
else
	skip "nft accepts the rules" "nft is not installed, or may not ask the kernel"
fi

not_kept load "$pcaps/kiss-ntpsec.pcap" reached
tap_done
