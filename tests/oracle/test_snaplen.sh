#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A capture that kept less of each packet tells less, and never something else: of any capture cut to a snap
# length neither the messages are more than those of the whole one, nor what is malformed, in either depth. But
# a first fragment that was cut is decoded for itself: its datagram counts then though others never came. And a
# zone transfer is known by its question: without it its further messages are responses.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

lengths='60 80 100'
large=4000000 # octets: of larger captures only the summary

# figures FILE: packets, messages counted, and malformed ones
figures() {
	run summary -q --format json "$1"
	"$jsonget" "$out" | awk -F'\t' '
		$1 == "input.packets" { packets = $2 }
		$1 == "input.malformed" { malformed = $2 }
		$1 == "input.counted" { counted = $2 }
		$1 == "ntp.packets" || $1 == "dns.queries" || $1 == "dns.responses" { messages += $2 }
		$1 == "fragments.datagrams" { alone = $2 }
		END { print packets + 0, counted + 0, messages + 0, malformed + 0, alone + 0 }'
}

# malformed FILE: frames that the detail calls so
malformed() {
	"$clientele" dissect -q --fate malformed "$1" 2>"$err" | wc -l
}

# further FILE: further messages of zone transfers, which have no question
further() {
	"$clientele" dissect -q "$1" 2>"$err" | grep -Ec ' octets, response 0x[0-9a-f]{4} [A-Z]+, [0-9]+ answer'
}

# more WHAT LENGTH CUT WHOLE: complains of a figure that rose
more() {
	[ "$3" -le "$4" ] || echo "$1: $3 of snap length $2, $4 of the whole"
}

# check FILE NAME: figures of the whole are $3 to $7
check() {
	"$cutpcap" -s 1000000 "$1" "$tmp/whole" 2>/dev/null || {
		have editcap && editcap -F pcap "$1" "$tmp/whole" 2>/dev/null || {
			diag "$2: left out: not a classic pcap file of one kind"
			return
		}
	}
	set -- "$1" "$2" $(figures "$tmp/whole")
	small=$(($(wc -c <"$tmp/whole") < large))
	[ "$small" -eq 0 ] || deep=$(malformed "$tmp/whole")
	transfers=0
	[ "$small" -eq 0 ] || transfers=$(further "$tmp/whole")
	for length in $lengths; do
		"$cutpcap" -s "$length" "$tmp/whole" "$tmp/cut"
		got=$(figures "$tmp/cut")
		more packets "$length" "${got%% *}" "$3"
		got=${got#* }
		more counted "$length" "${got%% *}" "$(($4 + $7))"
		got=${got#* }
		more messages "$length" "${got%% *}" "$(($5 + $7 + transfers))"
		got=${got#* }
		more malformed "$length" "${got%% *}" "$6"
		[ "$small" -eq 0 ] || more "malformed in detail" "$length" "$(malformed "$tmp/cut")" "$deep"
	done >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$2" "$tmp/wrong"; else pass "$2"; fi
}

for file in "$pcaps"/*.pcap "$pcaps"/*.pcapng; do
	check "$file" "$(basename "$file")"
done
if [ -d "$shared/captures" ]; then
	find -L "$shared/captures" -type f \( -name '*.pcap' -o -name '*.pcapng' -o -name '*.cap' \) |
		sort >"$tmp/list"
	while read -r file; do
		check "$file" "${file#"$shared"/captures/}"
	done <"$tmp/list"
else
	skip "recorded captures" "no $shared/captures"
	echo "$0: $shared/captures is not there: only our own captures are cut" >&2
fi
tap_done
