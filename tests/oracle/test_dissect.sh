#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The command dissect from outside: which packets, in which order, in which form, and how it ends.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
one=$pcaps/windows-sort-1-us.pcap
two=$pcaps/windows-sort-2-ns.pcap
kod=$pcaps/ntp-kod.pcap

# numbers: the packets of the last run, by the first word of each line.
numbers() { awk '{ print $1 }' "$out" | tr '\n' ' '; }

run dissect "$kod"
is "a line a packet" "$status $(numbers)" "0 1 2 3 4 5 6 7 8 "
run dissect -c 3 "$kod"
is "-c" "$status $(numbers)" "0 1 2 3 "
run dissect --from 2026-06-01T12:00:01Z --to 2026-06-01T12:00:02Z "$kod"
is "--from, --to" "$status $(numbers)" "0 3 4 "
run dissect -f 'src port 123 and src host 192.0.2.1' -c 2 "$kod"
is "-f" "$status $(numbers)" "0 2 4 "
run dissect --server 203.0.113.9 "$kod"
is "--server: messages of others are not shown" "$status $(numbers)" "0 "
run dissect --fate malformed "$pcaps/ip4-padding.pcap"
is "--fate" "$status $(grep -vc '\[malformed\]' "$out")" "0 0"
run dissect --dns-port 123 --json -c 1 "$pcaps/dns-edns.pcap"
is "--dns-port" "$status" 0

# A filter for ports passes first fragments alone: the others are shown with their datagram, and only then.
frags=$pcaps/dns-bind-fragments.pcap
run dissect "$frags"
all=$(numbers)
run dissect -f 'port 53' "$frags"
is "-f with ports: all fragments" "$status $(numbers)" "0 $all"
run dissect -f 'udp port 53 and ip' "$frags"
is "-f with ports: fragments of datagrams that pass" "$(numbers)" "$("$clientele" dissect -f ip "$frags" | awk '{ print $1 }' |
	tr '\n' ' ')"
is "-f with ports: messages in fragments" "$(grep -c 'TXT' "$out") $(grep -c 'incomplete' "$out")" "4 2"
run dissect -f 'port 54' "$frags"
is "-f with another port: no fragments" "$status $(numbers)" "0 "
run dissect -f 'ip6 and tcp' "$frags"
is "-f with another protocol: no fragments" "$status $(numbers)" "0 "

# several files: by time, each packet with its file
run dissect --json "$two" "$one"
is "two files" "$status" 0
sed 's/.*"frame.time_epoch": "\([0-9.]*\)".*"file": "\([^"]*\)".*/\1 \2/' "$out" >"$tmp/times"
is "two files: each packet" "$(grep -c '^{"frame.number": ' "$out")" "$(wc -l <"$tmp/times" | tr -d ' ')"
sort -s -k1,1 "$tmp/times" >"$tmp/sorted"
same "two files: in order of time" "$tmp/times" "$tmp/sorted"
is "two files: both" "$(cut -d' ' -f2 "$tmp/times" | sort -u | wc -l | tr -d ' ')" 2
run dissect --json "$kod"
is "one file is not named" "$(grep -c '"file"' "$out")" 0
is "an object a line" "$(grep -c '^{"frame.number": [0-9]*, "frame.time_epoch": "[0-9.]*", .*}$' "$out")" 8
while read -r line; do
	printf '%s\n' "$line" >"$tmp/object"
	"$jsonget" "$tmp/object" >"$tmp/flat" 2>"$tmp/why" || fail "JSON" "$tmp/why"
done <"$out"
run dissect -V "$kod"
is "-V" "$status $(grep -c '^Frame [0-9]*: ' "$out")" "0 8"

"$clientele" dissect - <"$kod" >"$out" 2>"$err"
is "standard input" "$? $(numbers)" "0 1 2 3 4 5 6 7 8 "
"$clientele" dissect "$two" 2>"$err" | head -n 1 >"$out"
is "a closed pipe is silent" "$(wc -l <"$out" | tr -d ' ') $(wc -c <"$err" | tr -d ' ')" "1 0"
if [ -w /dev/full ]; then
	"$clientele" dissect "$kod" >/dev/full 2>"$err"
	is "a full disk" "$? $(one_line "$err" && echo line)" "2 line"
fi

run dissect "$bad/cut-in-record.pcap"
is "a damaged file: status 1" "$status $(one_line "$err" && echo line)" "1 line"
[ -s "$out" ] && pass "a damaged file: what came before" || fail "a damaged file: what came before"
run dissect "$kod" "$tmp/missing"
is "a missing file: status 1" "$status $(numbers)" "1 1 2 3 4 5 6 7 8 "
run dissect "$tmp/missing"
is "no file: status 2" "$status $(one_line "$err" && echo line)" "2 line"
run dissect "$kod" "$kod"
is "the same file twice" "$status $(numbers)" "0 1 2 3 4 5 6 7 8 "
if have sqlite3; then
	sqlite3 "$tmp/some.db" 'CREATE TABLE t (x)'
	run dissect "$tmp/some.db"
	is "a database: status 2" "$status $(grep -c 'is a database' "$err")" "2 1"
else
	skip "a database" "sqlite3 is not installed"
fi
run dissect "$pcaps/link-unknown.pcap"
is "nothing but an unknown link type: status 1" "$status $(one_line "$err" && echo line)" "1 line"
tap_done
