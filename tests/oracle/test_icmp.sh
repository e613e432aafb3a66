#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The view icmp against what tests/tools/icmpday knows of the day that it forged, in the size of the day that
# was first counted by hand (166471 clients, 10923 errors from 5193 senders: 3.12 %), and mixed; against tshark
# on recorded errors; and that a database says the same.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
icmpday=$top_builddir/tests/tools/icmpday
[ -x "$icmpday" ] || { echo "Bail out! $icmpday was not built: make check builds it"; exit 1; }

# figures FILE: its members as `path value`, a type's row under types.FAMILY/TYPE/CODE.
figures() {
	"$jsonget" "$1" | awk -F'\t' '
		{ path[NR] = $1; value[NR] = $2 }
		$1 ~ /^types\.[0-9]+\.(family|type|code)$/ { split($1, p, "."); of[p[2], p[3]] = $2 }
		END {
			for (i = 1; i <= NR; i++) {
				if (path[i] ~ /^types\.[0-9]+\./) {
					split(path[i], p, ".")
					k = of[p[2], "family"] "/" of[p[2], "type"] "/" of[p[2], "code"]
					sub(/^types\.[0-9]+/, "types." k, path[i])
				}
				print path[i], value[i]
			}
		}'
}

# against TRUTH FIGURES: what differs; quantiles are within 1 %.
against() {
	awk '
		NR == FNR { got[$1] = $2; next }
		{
			n++
			if ($1 ~ /\.p50$/ ? got[$1] < $2 * 0.99 || got[$1] > $2 * 1.01 : ($2 ~ /\./ ? got[$1] + 0 != $2 + 0 : got[$1] != $2))
				print $1 ": " ($1 in got ? got[$1] : "absent") ", expected " $2
		}
		END { if (n < 100) print "the truth has " n " lines" }' "$2" "$1"
}

# day NAME CLIENTS ERRORS SENDERS MIXED: leaves $tmp/day.pcap, $tmp/truth, $tmp/figures.
day() {
	"$icmpday" "$tmp/day.pcap" "$2" "$3" "$4" "$5" >"$tmp/truth" || fail "$1: forged"
	run icmp --top 5 --format json "$tmp/day.pcap"
	is "$1: exit" "$status" 0
	cp "$out" "$tmp/day.json"
	figures "$out" >"$tmp/figures"
	against "$tmp/truth" "$tmp/figures" >"$tmp/wrong"
	[ ! -s "$tmp/wrong" ] && pass "$1: all that is known of it" || fail "$1: all that is known of it" "$tmp/wrong"
}

# all but the input, of a JSON file
answer() { sed '/^  "input": {/,/^  },/d' "$1"; }

day "the day in IPv6" 166471 10923 5193 0
is "senders to clients, in per cent" "$(value sender_share "$tmp/day.json" | awk '{ printf "%.2f", $1 * 100 }')" 3.12
is "types of errors" "$(grep -c '^types.*\.name ' "$tmp/figures")" 7

day "both families" 20000 3000 1500 1
answer "$tmp/day.json" >"$tmp/from_capture"
run read -q --keep transactions -o "$tmp/kept.db" "$tmp/day.pcap"
run icmp --top 5 --format json "$tmp/kept.db"
answer "$out" >"$tmp/from_database"
same "a database that keeps transactions says the same" "$tmp/from_database" "$tmp/from_capture"
run icmp --top 5 --format csv "$tmp/day.pcap"
cp "$out" "$tmp/csv"
run icmp --top 5 --format csv "$tmp/kept.db"
same "in CSV too" "$out" "$tmp/csv"

# Without single messages: the rest is the same, and what is lacking is null.
run read -q -o "$tmp/plain.db" "$tmp/day.pcap"
run icmp --top 5 --format json "$tmp/plain.db"
figures "$out" >"$tmp/plain"
grep -v -E '\.(unmatched|round_trip_s\..*) |^(quotes|closed_port|returning|hops_exceeded_networks)' "$tmp/truth" >"$tmp/counted"
against "$tmp/counted" "$tmp/plain" >"$tmp/wrong"
[ ! -s "$tmp/wrong" ] && pass "without transactions: what is counted" || fail "without transactions: what is counted" "$tmp/wrong"
is "without transactions: unmatched" "$(value unmatched) $(value families.ipv6.unmatched) $(value quotes)" "null null null"
run icmp "$tmp/plain.db"
grep -q 'keep transactions' "$out" && pass "and says so" || fail "and says so" "$out"

# A database from before there were errors by step.
if have sqlite3; then
	is "by step, for the sqlite3 shell" "$(sqlite3 "$tmp/plain.db" 'SELECT sum(errors) FROM icmp_errors_by_step')" 3000
	cp "$tmp/plain.db" "$tmp/older.db"
	sqlite3 "$tmp/older.db" 'DROP VIEW icmp_errors_by_step; DROP TABLE icmp_step'
	run icmp --format json "$tmp/older.db"
	is "a database without steps of errors" "$status $(value series) $(value errors)" "0 null 3000"
	run icmp "$tmp/older.db"
	grep -q 'before errors were counted by step' "$out" && pass "which says so" || fail "which says so" "$out"
else
	skip "by step, for the sqlite3 shell" "sqlite3 is not installed"
fi

# The same in two parts: steps and days go on where the first ended; and with a step that midnight cuts.
sum_of_hours() { "$jsonget" "$out" | awk -F'\t' '$1 ~ /^series\..*\.errors$/ { n += $2 } END { print n + 0 }'; }
if have editcap; then
	run summary --format json "$tmp/day.pcap"
	half=$(($(value input.packets) / 2))
	editcap -F pcap -r "$tmp/day.pcap" "$tmp/a.pcap" "1-$half" && editcap -F pcap "$tmp/day.pcap" "$tmp/b.pcap" "1-$half"
	run read -q -o "$tmp/two.db" "$tmp/a.pcap"
	run read -q -o "$tmp/two.db" "$tmp/b.pcap"
	run icmp --top 5 --format json "$tmp/two.db"
	answer "$out" >"$tmp/in_two"
	run icmp --top 5 --format json "$tmp/plain.db"
	answer "$out" >"$tmp/in_one"
	same "read in two parts" "$tmp/in_two" "$tmp/in_one"

	for part in day a b; do
		editcap -F pcap -t 43200 "$tmp/$part.pcap" "$tmp/$part-night.pcap"
	done
	run read -q --step 3601 -o "$tmp/night.db" "$tmp/day-night.pcap"
	run icmp --format json "$tmp/night.db"
	is "a step that midnight cuts: errors" "$(value errors) $(sum_of_hours)" "3000 3000"
	run read -q --step 3601 -o "$tmp/nights.db" "$tmp/a-night.pcap"
	run read -q --step 3601 -o "$tmp/nights.db" "$tmp/b-night.pcap"
	run icmp --format json "$tmp/nights.db"
	is "and read in two parts" "$(value errors) $(sum_of_hours)" "3000 3000"
else
	skip "read in two parts" "editcap is not installed"
fi

# What gives way for lack of room is counted, and nothing else is said of it.
"$icmpday" "$tmp/day.pcap" 20000 100 50 0 >/dev/null
run icmp --format json --max-memory 128M "$tmp/day.pcap"
is "with little memory" "$status $(value errors)" "0 100"

# Recorded programs and others' captures: tshark counts the errors that quote NTP or DNS.
if have tshark; then
	for f in "$pcaps"/*icmp*.pcap* "$pcaps"/query-failures.pcap "$pcaps"/dns-dig-errors.pcap \
		"$shared"/captures/arkime/v6.pcap "$shared"/captures/zeek/gre-sample.pcap "$shared"/captures/ipfixprobe/mixed.pcap; do
		[ -f "$f" ] || continue
		case $f in */icmp-quotes.pcap) continue ;; esac # cut quotes, of which tshark says less
		run icmp --format json "$f"
		"$jsonget" "$out" | awk -F'\t' '
			$1 ~ /^types\.[0-9]+\.(family|type|code|errors)$/ { split($1, p, "."); v[p[2], p[3]] = $2; n[p[2]] = 1 }
			END { for (i in n) print v[i, "family"], v[i, "type"] "/" v[i, "code"], v[i, "errors"] }' | sort >"$tmp/ours"
		tshark -n -r "$f" -Y '(icmp.type in {3,4,5,11,12} || icmpv6.type in {1..4}) && (udp.port in {53,123} || tcp.port == 53)' \
			-T fields -E occurrence=f -e icmp.type -e icmp.code -e icmpv6.type -e icmpv6.code 2>/dev/null |
			awk -F'\t' '$1 != "" { n["ipv4 " $1 "/" $2]++ } $1 == "" { n["ipv6 " $3 "/" $4]++ } END { for (i in n) print i, n[i] }' |
			sort >"$tmp/theirs"
		if [ -s "$tmp/theirs" ]; then
			same "$(basename "$f"): types as tshark counts them" "$tmp/ours" "$tmp/theirs"
		else
			fail "$(basename "$f"): tshark finds none"
		fi
	done
else
	skip "types as tshark counts them" "tshark is not installed"
fi

# Which frame left and drew which error: tshark shows the same fields of the response and of its quote. "port
# closed" is what the program was told.
for name in icmp-closed icmp-loop icmp-rejected; do
	f=$pcaps/$name.pcap
	run icmp --top 1000 --format json "$f"
	"$jsonget" "$out" | awk -F'\t' '
		$1 ~ /^slowest\.[0-9]+\.(frame|response_frame|request_frame)$/ { split($1, p, "."); v[p[2], p[3]] = $2; n[p[2]] = 1 }
		END { for (i in n) print v[i, "frame"], v[i, "response_frame"], v[i, "request_frame"] }' | sort -n >"$tmp/ours"
	if have tshark; then
		tshark -n -r "$f" -T fields -E occurrence=f -e frame.number -e icmp.type -e icmpv6.type -e udp.srcport \
			-e udp.dstport -e ntp.org -e ntp.rec -e ntp.xmt -e dns.id -e ntp.flags.mode -e dns.flags.response 2>/dev/null |
			awk -F'\t' '
				{ key = $4 "|" $5 "|" $6 "|" $7 "|" $8 "|" $9; back = $5 "|" $4 "|" $6 "|" $9 }
				$2 != "" || $3 != "" { if (key in sent) print $1, sent[key], asked[key]; next }
				$10 == 3 { request[$4 "|" $5 "|" $8 "|" $9] = $1; next }
				$9 != "" && $11 != 1 && $11 != "True" { request[$4 "|" $5 "||" $9] = $1; next }
				{ sent[key] = $1; asked[key] = request[back] }' | sort -n >"$tmp/theirs"
		[ -s "$tmp/theirs" ] || fail "$name: tshark pairs none"
		same "$name: errors, responses and requests as tshark pairs them" "$tmp/ours" "$tmp/theirs"
	else
		skip "$name: errors, responses and requests as tshark pairs them" "tshark is not installed"
	fi
	is "$name: unmatched" "$(value unmatched)" 0
	cp "$out" "$tmp/$name.json"
done
out=$tmp/icmp-closed.json
# Who is 20 ms away closes its port before the answer comes; who is next to the server gets it before.
asked() { grep -c "$1" "$pcaps/icmp-closed.txt"; }
is "closed ports, as their programs tell" "$(value errors) $(value from_client) $(value families.ipv6.errors)" \
	"$(asked '61 port closed') $(asked '61 port closed') $(asked '::61 port closed')"
is "closed ports: answers and clients" \
	"$("$jsonget" "$out" | awk -F'\t' '
		$1 ~ /\.by_wait$/ { w += $2 } $1 ~ /\.by_delta$/ { d += $2 } $1 ~ /\.exchanges$/ { x += $2 }
		$1 ~ /classes\.[0-9]+\.clients$/ { c += $2 } $1 ~ /classes\.[0-9]+\.responses$/ { r += $2 }
		END { print w, d, x, c, r }')" \
	"$(asked '61 port closed') $(asked '61 port closed') $(asked '^from') 2 $(asked ':*61 ')"
is "clients 20 ms away each way" "$("$jsonget" "$out" | awk -F'\t' '$1 ~ /^slowest.*round_trip_s$/ && $2 >= 0.04 && $2 < 0.06 { n++ } END { print n }')" \
	"$(grep -c '61 port closed' "$pcaps/icmp-closed.txt")"
out=$tmp/icmp-loop.json
is "loops" "$("$jsonget" "$out" | awk -F'\t' '$1 ~ /^hops_exceeded\..*\.(network|loop|hops_max)$/ { printf "%s ", $2 }')" \
	"198.51.100.0/24 63 true 2001:db8:1::/48 63 true "
out=$tmp/icmp-rejected.json
is "a firewall's word is not the client's" "$(value from_client) $("$jsonget" "$out" | awk -F'\t' '$1 ~ /by_wait$/ { n += $2 } END { print n }')" "0 0"
out=$tmp/out

run icmp "$tmp/day.pcap"
awk 'length($0) > 100' "$out" | grep -v "^$tmp" >"$tmp/wide"
[ ! -s "$tmp/wide" ] && pass "fits 100 columns" || fail "fits 100 columns" "$tmp/wide"
tap_done
