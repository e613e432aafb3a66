#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What holds for every view: its tables fit 100 columns, the manual knows each key and column, and an input with
# nothing in it is said in words.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
manual=$top_srcdir/man/clientele.1

# Words of the manual, requests of mdoc and quotes aside.
tr -c 'a-zA-Z0-9_.-' '\n' <"$manual" | sed 's/[.]*$//' | sort -u >"$tmp/words"

# keys FILE: names of members of JSON. Numbers are places in arrays, # their lengths; some members are named by
# what was found.
keys() {
	"$jsonget" "$1" | cut -f1 | grep -vE '^(dns\.(qtypes|rcodes)|ntp\.(modes|versions)|tunnels|anomalies|(.*\.)?classes)\.' |
		sed 's/"[^"]*"//g' | tr '.' '\n' | grep -vE '^([0-9]*|#)$' | sort -u
}

captures="ntp-chrony.pcap ntp-chrony-nts-ke.pcapng ntp-ntpsec.pcap dns-bind-udp.pcap dns-bind-tcp.pcapng dns-bind-fragments.pcap
	icmp-types.pcap tunnel-6in4.pcap"
: >"$tmp/keys"
: >"$tmp/columns"
: >"$tmp/wide"
for name in $captures; do
	[ -f "$pcaps/$name" ] || continue
	for view in $every_view; do
		run $view "$pcaps/$name"
		LC_ALL=C.UTF-8 awk -v what="$view $name" 'length($0) > 100 { print what ": " length($0) ": " $0 }' "$out" |
			grep -v '^[^:]*: [0-9]*: .*/' >>"$tmp/wide"
		run $view --format json "$pcaps/$name"
		keys "$out" | sed "s/^/$view	/" >>"$tmp/keys"
		run $view --format csv "$pcaps/$name"
		# columns that JSON has as members of one object: a family's, a distribution's
		awk 'BEGIN { heading = 1 } /^$/ { heading = 1; next } heading { print; heading = 0 }' "$out" | tr ',' '\n' |
			sed -E 's/^(unique)_[0-9]+$/\1/; s/^(over)_[0-9.]+$/\1/; s/^ipv[46]_(.)/\1/; s/^s[0-9]$//' | sed "s/^/$view	/" >>"$tmp/columns"
	done
done
if [ -s "$tmp/wide" ]; then fail "tables fit 100 columns" "$tmp/wide"; else pass "tables fit 100 columns"; fi
sort -u "$tmp/keys" | awk -F'\t' 'NR == FNR { known[$1]; next } $2 != "" && !($2 in known)' "$tmp/words" - >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "the manual knows each key of JSON" "$tmp/wrong"; else pass "the manual knows each key of JSON"; fi
sort -u "$tmp/columns" | awk -F'\t' '
	NR == FNR { known[$1]; next }
	{ of = $2; sub(/_(n|min|p10|p50|p90|p99|p999|max|mean)(_s)?$/, "", of) }
	$2 != "" && !($2 in known) && !(of in known) && !(of "_s" in known)' "$tmp/words" - >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "the manual knows each column of CSV" "$tmp/wrong"; else pass "the manual knows each column of CSV"; fi
is "there were keys" "$([ "$(wc -l <"$tmp/keys")" -gt 100 ] && echo yes)" yes
is "there were columns" "$([ "$(wc -l <"$tmp/columns")" -gt 50 ] && echo yes)" yes

# What is no capture is refused in one line; what has nothing of ours is said in words, in no table.
mkdir "$tmp/folder"
: >"$tmp/nothing"
echo "some words" >"$tmp/words.txt"
printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\377\377\000\000\001\000\000\000' >"$tmp/header.pcap"
: >"$tmp/wrong"
refused=0
for view in $every_view; do
	for input in folder nothing words.txt missing; do
		run $view "$tmp/$input"
		[ "$status" -eq 2 ] && one_line "$err" && [ ! -s "$out" ] || echo "$view $input: $status: $(cat "$err")" >>"$tmp/wrong"
		refused=$((refused + 1))
	done
done
if [ -s "$tmp/wrong" ]; then fail "one line for what is no capture" "$tmp/wrong"; else pass "one line for what is no capture"; fi
is "refusals" "$([ $refused -ge 40 ] && echo yes)" yes
: >"$tmp/wrong"
for view in $every_view; do
	run $view "$tmp/header.pcap"
	grep -q '^No NTP or DNS in this capture\.$' "$out" || echo "$view of no packets does not say so" >>"$tmp/wrong"
	grep -n '^(none)$' "$out" | sed "s/^/$view of no packets: /" >>"$tmp/wrong"
	run $view -f 'host 203.0.113.99' "$pcaps/ntp-chrony.pcap"
	grep -q '^No NTP or DNS in what the filters let pass\.$' "$out" || echo "$view of nothing left does not say so" >>"$tmp/wrong"
done
if [ -s "$tmp/wrong" ]; then fail "nothing of ours is said" "$tmp/wrong"; else pass "nothing of ours is said"; fi

# Names may be as long as addresses are, and longer: tables break them.
cat >"$tmp/hosts" <<'HOSTS'
192.0.2.1 first-server-of-the-long-names.region-one.example.net
192.0.2.11 first-client-with-a-long-name.customers.example.net
192.0.2.15 other-client-with-a-long-name.customers.example.net
2001:db8::1 second-server-of-the-long-names.region-two.example.net
2001:db8::14 third-client-with-a-long-name.customers.example.net
2001:db8::16 2001:db8:1111:2222:3333:4444:5555:6666
HOSTS
: >"$tmp/wide"
named=0
for view in $every_view; do
	run $view --names "$tmp/hosts" "$pcaps/ntp-chrony.pcap"
	named=$((named + $(grep -c 'first-' "$out")))
	awk -v what="$view" 'length($0) > 100 { print what ": " length($0) ": " $0 }' "$out" >>"$tmp/wide"
done
if [ -s "$tmp/wide" ]; then fail "long names break" "$tmp/wide"; else pass "long names break"; fi
is "names were shown" "$([ $named -gt 5 ] && echo yes)" yes

# Labels: each list of clients says that of each client, by its longest prefix; tables as far as there is room.
cat >"$tmp/labels" <<'LABELS'
0.0.0.0/0 four
::/0 six
192.0.2.30 the laboratory with a long label that no column of a table holds in all its length
LABELS
: >"$tmp/wrong"
labelled=0
for what in "clients client-chrony" "delta client-chrony" "load kiss-chrony" "dns dns-dig-options" "icmp icmp-quotes"; do
	set -- $what
	run $1 --labels "$tmp/labels" --format json "$pcaps/$2.pcap"
	"$jsonget" "$out" | awk -F'\t' -v what="$what" '
		$1 ~ /\.client$/ && !/tree|cookie/ { sub(/\.client$/, "", $1); of[$1] = $2 ~ /:/ ? "six" : $2 == "192.0.2.30" ? "the laboratory with" : "four"; n++ }
		$1 ~ /\.label$/ { sub(/\.label$/, "", $1); label[$1] = $2 }
		END { if (n == 0) print what ": no clients"; for (k in of) if (index(label[k], of[k]) != 1) print what ": " k " is " label[k] ", not " of[k] }' >>"$tmp/wrong"
	run $1 --labels "$tmp/labels" "$pcaps/$2.pcap"
	awk -v what="$what" 'length($0) > 100 { print what ": " length($0) ": " $0 }' "$out" >>"$tmp/wrong"
	labelled=$((labelled + $(grep -c '(four)\|(six)\|(the lab' "$out")))
done
if [ -s "$tmp/wrong" ]; then fail "labels of clients" "$tmp/wrong"; else pass "labels of clients"; fi
is "tables show them" "$([ $labelled -ge 3 ] && echo yes)" yes
tap_done
