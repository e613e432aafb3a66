#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What holds for every view: its tables fit 100 columns, and the manual
# knows each key and column.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
manual=$top_srcdir/man/clientele.1

# Words of the manual, requests of mdoc and quotes aside.
tr -c 'a-zA-Z0-9_.-' '\n' <"$manual" | sed 's/[.]*$//' | sort -u >"$tmp/words"

# keys FILE: names of members of JSON. Numbers are places in arrays, # their lengths; some members are named by
# what was found.
keys() {
	"$jsonget" "$1" | cut -f1 | grep -vE '^(dns\.(qtypes|rcodes)|ntp\.(modes|versions)|tunnels|anomalies)\.' |
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
			sed -E 's/^(unique)_[0-9]+$/\1/; s/^(over)_[0-9.]+$/\1/; s/^ipv[46]_(.)/\1/' | sed "s/^/$view	/" >>"$tmp/columns"
	done
done
if [ -s "$tmp/wide" ]; then fail "tables fit 100 columns" "$tmp/wide"; else pass "tables fit 100 columns"; fi
sort -u "$tmp/keys" | awk -F'\t' 'NR == FNR { known[$1]; next } $2 != "" && !($2 in known)' "$tmp/words" - >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "the manual knows each key of JSON" "$tmp/wrong"; else pass "the manual knows each key of JSON"; fi
sort -u "$tmp/columns" | awk -F'\t' '
	NR == FNR { known[$1]; next }
	{ of = $2; sub(/_(n|min|p50|p90|p99|p999|max|mean)(_s)?$/, "", of) }
	$2 != "" && !($2 in known) && !(of in known) && !(of "_s" in known)' "$tmp/words" - >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "the manual knows each column of CSV" "$tmp/wrong"; else pass "the manual knows each column of CSV"; fi
is "there were keys" "$([ "$(wc -l <"$tmp/keys")" -gt 100 ] && echo yes)" yes
is "there were columns" "$([ "$(wc -l <"$tmp/columns")" -gt 50 ] && echo yes)" yes
tap_done
