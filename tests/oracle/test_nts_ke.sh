#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# NTS key establishment in a recording of real programs: what is inside the TLS records is what the programs
# themselves say, and octet for octet what tshark opens.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
capture=$pcaps/ntp-chrony-nts-ke.pcapng
says=$pcaps/ntp-chrony-nts-ke.txt

run dissect --json "$capture"
! grep -q 'built without libcrypto' "$out" || skip_all "built without libcrypto: nothing is opened"
is "dissect ends well" "$status" 0
# values NAME: all values of a field, one on a line
values() {
	grep -o "\"$1\": *\(\[[^]]*\]\|[^,}]*\)" "$2" | sed 's/^[^:]*: *//; s/[][" ]//g' | tr ',' '\n'
}
accepted=$(sed -n 's/^NTS-KE connections accepted: *//p' "$says")
is "connections are those that the server accepted" "$(values tls.connection_kind "$out" | grep -c .)" "$accepted"
is "the one that offers ALPN dot is counted so" "$(values tls.connection_kind "$out" | sort | uniq -c | tr -s ' \n' ' ')" " 1 dot 4 nts-ke "
is "cookies of each client" "$(values nts-ke.cookies "$out" | tr '\n' ' ')" "8 8 "
cookies=$(awk '$2 == "NTS" { print $9, $10 }' "$says")
is "cookies by number and length" "$(values nts-ke.record.cookie "$out" | awk '{ n[length($0) / 2]++ } END { for (l in n) print n[l] / 2, l }')" "$cookies"
is "one connection had no ALPN protocol of NTS-KE" "$(grep -o nts_ke.no_alpn "$out" | sort | uniq | wc -l | tr -d ' ')" 1

# The same without the secrets: sizes and an estimate.
if have tcpdump; then
	tcpdump --time-stamp-precision=nano -r "$capture" -w "$tmp/closed.pcap" 2>/dev/null
	run dissect --json "$tmp/closed.pcap"
	is "nothing is opened without secrets" "$(grep -c '"nts-ke.record.type"' "$out")" 0
	is "the estimate is right" "$(values nts-ke.estimate.cookies "$out" | tr '\n' ' ')" "8 8 "
fi

if have tshark; then
	# octets as tshark opened them, put together from our records
	tshark -n -r "$capture" -Y 'tls.app_data' -T fields -e data.data 2>/dev/null | sed '/^$/d' >"$tmp/theirs"
	run dissect --json "$capture"
	grep '"nts-ke.record.type"' "$out" >"$tmp/frames"
	: >"$tmp/ours"
	while read -r line; do
		echo "$line" >"$tmp/line"
		for name in critical_bit type body_length; do values "nts-ke.record.$name" "$tmp/line" >"$tmp/$name"; done
		values nts-ke.record.cookie "$tmp/line" >"$tmp/cookie"
		paste "$tmp/critical_bit" "$tmp/type" "$tmp/body_length" | awk -v cookies="$tmp/cookie" '
			{ printf "%04x%04x", ($1 == "true" ? 32768 : 0) + $2, $3 }
			$2 == 1 { printf "0000" }
			$2 == 4 { printf "000f" }
			$2 == 5 { getline c <cookies; printf "%s", c }
			END { print "" }' >>"$tmp/ours"
	done <"$tmp/frames"
	cmp "$tmp/ours" "$tmp/theirs" >"$tmp/wrong" 2>&1
	if [ -s "$tmp/theirs" ] && [ ! -s "$tmp/wrong" ]; then pass "octets as tshark opens them"; else fail "octets as tshark opens them" "$tmp/wrong"; fi
fi
tap_done
