#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# --max-memory: where all fits nothing changes; floods of clients, servers, answers and errors (tests/tools/floodpcap.c)
# stay within the limit, by the largest resident size of the process; totals are exact all the same, the number of
# clients is within five standard errors, and every form of output says so.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
floodpcap=$top_builddir/tests/tools/floodpcap
peak=$top_builddir/tests/tools/peak
for program in "$floodpcap" "$peak"; do
	[ -x "$program" ] || { echo "Bail out! $program was not built"; exit 1; }
done
limit=64M
limit_kib=65536
sanitized=
grep -q __asan_init "$clientele" && sanitized=yes
n=1000000
[ -z "$sanitized" ] || n=300000
many=1000000 # more than `summary`, which keeps little of a client, has room for
[ -z "$sanitized" ] || many=700000

# What is refused, in one line that says the least.
for value in 63M 65535K 1 0; do
	run summary --max-memory $value "$pcaps/ntp-kod.pcap"
	is "$value is refused" "$status $(cat "$err")" "2 clientele: --max-memory: needs at least 64M, not '$value'"
done
for value in "" M 64X 64MB -64M 99999999999999999999 17179869184G " 64M"; do
	run summary --max-memory "$value" "$pcaps/ntp-kod.pcap"
	is "'$value' is no size" "$status" 2
done
for value in 64M 65536K 67108864 1G 1T none; do
	run summary --max-memory $value "$pcaps/ntp-kod.pcap"
	is "$value is a size" "$status" 0
done

# Where all fits.
: >"$tmp/wrong"
for capture in "$pcaps"/*.pcap "$pcaps"/*.pcapng; do
	for view in summary clients delta; do
		run $view -q --format json --max-memory none "$capture"
		cp "$out" "$tmp/plain"
		run $view -q --format json --max-memory $limit "$capture"
		cmp -s "$out" "$tmp/plain" || echo "$view $capture" >>"$tmp/wrong"
	done
done
if [ -s "$tmp/wrong" ]; then fail "a limit that holds all changes nothing" "$tmp/wrong"; else
	pass "a limit that holds all changes nothing"; fi

# value_of PATH: of what flood wrote.
value_of() { value "$1" "$tmp/json"; }

# near NAME GOT WANTED ERROR
near() {
	is "$1: $2 is about $3" "$(awk -v a="$2" -v b="$3" -v e="$4" 'BEGIN { d = a - b; if (d < 0) d = -d
		print (a != "" && d <= 5 * e * b) ? "yes" : "no" }')" yes
}

within() {
	if [ -n "$sanitized" ]; then
		skip "$1 stays within $limit" "a sanitizer takes memory of its own"
	else
		is "$1 stays within $limit" "$([ "$(cat "$tmp/peak")" -le $limit_kib ] && echo yes || cat "$tmp/peak")" yes
	fi
}

# flood KIND PACKETS ARGUMENT...: the result in $tmp/json.
flood() {
	kind=$1 packets=$2
	shift 2
	"$floodpcap" "$kind" "$packets" | "$peak" "$tmp/peak" "$clientele" "$@" -q --max-memory $limit - >"$tmp/json" 2>"$err"
	is "$1 of $kind" "$? $(cat "$err")" "0 "
	within "$1 of $kind"
}

flood sources $many summary --format json
for key in requests unanswered; do is "$key of sources" "$(value_of ntp.$key)" $many; done
near "clients of sources" "$(value_of ntp.clients.total)" $many 0.0081
near "IPv4 clients of sources" "$(value_of ntp.clients.ipv4)" $((many * 2 / 3)) 0.0081
is "the error is said" "$(value_of ntp.clients.approximate.error)" 0.0081
is "the requests of those beyond are said" "$(value_of ntp.clients.approximate.requests)" "$(value_of input.lost.clients)"
is "DNS is exact" "$(value_of dns.clients.approximate.error)" absent

flood sources $n clients --format json
near "clients of sources" "$(value_of all.0.clients.total)" $n 0.0081
near "/64 of sources" "$(value_of all.0.clients.v6_64)" $((n / 3)) 0.0081
near "a window of sources" "$(value_of all.0.series.1.unique.300)" $((n / 4)) 0.0163
flood sources $many summary --format table
is "the table says about" "$(grep -c '^unique clients, about' "$tmp/json")" 1
is "and below it by how much" "$(grep -c 'standard error of 0.8 %' "$tmp/json")" 1
flood sources $many summary --format csv
is "CSV says it" "$(grep -c '^ntp.clients.approximate' "$tmp/json")" 3

flood servers $n summary --format json
is "requests to servers" "$(value_of ntp.requests)" $n
near "clients of servers" "$(value_of ntp.clients.total)" $n 0.0081
is "servers beyond are said" "$([ "$(value_of input.lost.servers)" -gt 0 ] && echo yes)" yes

flood answers $((n / 2)) summary --format json
for key in queries responses matched; do is "$key of answers" "$(value_of dns.$key)" $((n / 2)); done
is "all answers are in the distribution" "$(value_of dns.delta_s.n) $(value_of dns.delta_s.min) $(value_of dns.delta_s.max)" "$((n / 2)) 0.000001 9"
near "the median of answers" "$(value_of dns.delta_s.p50)" 0.005 0.003

flood sources $n summary --timeout 3600 --format json
is "open requests given up are said" "$([ "$(value_of input.lost.open_requests)" -gt $((n / 2)) ] && echo yes)" yes
for key in requests unanswered; do is "$key of sources, all open" "$(value_of ntp.$key)" $n; done
flood servers $n clients --step 1 --format json

flood errors $n summary --format json
is "errors" "$(value_of icmp.errors)" $n

# A database: each half stays within the limit, and what it holds says what is approximate.
"$floodpcap" sources $n >"$tmp/all.pcap"
"$cutpcap" "$tmp/all.pcap" "$tmp/half" $((n / 2)) >/dev/null
for half in 1 2; do
	"$peak" "$tmp/peak" "$clientele" read -q --max-memory $limit -o "$tmp/db" "$tmp/half$half.pcap" >/dev/null 2>"$err"
	is "read -o of half $half" "$? $(cat "$err")" "0 "
	within "read -o of half $half"
done
run clients -q --format json "$tmp/db"
cp "$out" "$tmp/json"
is "requests in the database" "$(value_of all.0.requests)" $n
near "clients in the database" "$(value_of all.0.clients.total)" $n 0.0081
is "the error in the database" "$(value_of all.0.clients.approximate.error)" 0.0081
run clients -q "$tmp/db"
is "the table of the database says about" "$([ "$(grep -c ' about$' "$out")" -ge 2 ] && echo yes)" yes
tap_done
