#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A capture filter for ports keeps or loses fragmented datagrams as a whole: 2 queries over each of IPv4 and IPv6,
# each answered in two fragments.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

# check NAME FILTER COUNTED FILTERED QUERIES RESPONSES
check() {
	run summary --format json -f "$2" "$pcaps/dns-bind-fragments.pcap"
	"$jsonget" "$out" | awk -v want="$3 $4 $5 $6" '
		{ v[$1] = $2 }
		END {
			got = v["input.counted"] " " v["input.filtered"] " " v["dns.udp.queries"] " " v["dns.udp.responses"]
			if (got != want) print "counted, filtered, queries, responses: " got ", expected " want
		}' FS='\t' >"$tmp/wrong"
	cat "$err" >>"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$1" "$tmp/wrong"; else pass "$1"; fi
}

check 'port 53 passes all fragments' 'port 53' 12 0 4 4
check 'of IPv4' 'ip and port 53' 6 6 2 2
check 'of IPv6' 'ip6 and port 53' 6 6 2 2
check 'another port passes none' 'port 123' 0 12 0 0
check 'the answers alone' 'src port 53' 8 4 0 4
check 'the queries alone' 'dst port 53' 4 8 4 0
check 'a filter that passes later fragments takes the first ones in' 'ip[6:2] & 0x1fff != 0' 4 8 0 2
tap_done
