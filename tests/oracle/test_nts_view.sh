#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# nts: held against what chronyd and ntpd printed of the recorded exchanges (packets sent and received, cookies,
# handshakes accepted, cookies refused), what the recorder's cable lost, and tshark's fields.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/kept.sh"

# printed LABEL FILE: the numbers behind `LABEL :` in a print-out, in their order.
printed() { sed -n "s/^$1 *: *\([0-9]*\) *$/\1/p" "$2"; }

# of SERVER PATH: a figure of one server; `handshakes` or `servers` is the list.
of() {
	"$jsonget" "$out" | awk -F'\t' -v list="$1" -v server="$2" -v key="$3" '
		$1 ~ "^" list "[.][0-9]+[.]server$" && $2 == server { n = $1; sub(/server$/, "", n) }
		{ v[$1] = $2 }
		END { print n == "" ? "absent" : v[n key] }'
}

# Three of four answers were lost on their way: by placeholders, chronyd tells.
text=$pcaps/nts-lost.txt
run nts --format json "$pcaps/nts-lost.pcap"
is "lost: exit status" "$status" 0
is "lost: requests to the second server, as chronyd sent" "$(of servers 192.0.2.2 nts)" "$(printed 'Total TX' "$text" | tail -n 1)"
is "lost: answers that arrived, as chronyd received" "$(of servers 192.0.2.2 arrived)" "$(printed 'Total RX' "$text" | tail -n 1)"
is "lost: of the first server none arrived" "$(of servers 192.0.2.1 arrived)" "$(printed 'Total RX' "$text" | head -n 1)"
is "lost: requests to the first server, as it counted" "$(of servers 192.0.2.1 nts)" "$(printed 'Authenticated NTP packets' "$text")"
is "lost: handshakes, as it counted" "$(of handshakes 192.0.2.1 shaken)" "$(printed 'NTS-KE connections accepted' "$text")"
is "lost: what the cable lost is what is lost or not told" "$(($(value all.lost_back) + $(value all.untold)))" \
	"$(grep -c ' lost back ' "$text")"
is "lost: all that is lost was seen" "$(value all.lost)" "$(value all.lost_back)"
is "lost: answers have room for what was asked" "$(value all.fit) $(value all.fewer) $(value all.more)" "$(value all.asked) 0 0"

# New keys at the server: it refused what it could not authenticate.
text=$pcaps/nts-restart.txt
run nts --format json "$pcaps/nts-restart.pcap"
is "restart: NTSN kisses, as the server counted" "$(value all.naks)" \
	"$(($(printed 'NTP packets received' "$text" | tail -n 1) - $(printed 'Authenticated NTP packets' "$text" | tail -n 1)))"
is "restart: handshakes before and after" "$(of handshakes 192.0.2.1 shaken)" \
	"$(printed 'NTS-KE connections accepted' "$text" | awk '{ n += $1 } END { print n }')"
is "restart: requests before and after" "$(value all.nts)" \
	"$(printed 'NTP packets received' "$text" | awk '{ n += $1 } END { print n }')"
is "restart: no cookie came twice" "$(value all.cookies) $(value all.reused)" "$(value all.nts) 0"

# Two clients, three servers.
text=$pcaps/nts-clients.txt
run nts --format json "$pcaps/nts-clients.pcap"
is "clients: requests to chronyd" "$(of servers 192.0.2.1 nts)" "$(printed 'Authenticated NTP packets' "$text")"
is "clients: handshakes with chronyd" "$(of handshakes 192.0.2.1 shaken)" "$(printed 'NTS-KE connections accepted' "$text")"
is "clients: cookies' lengths, as the clients say" \
	"$("$jsonget" "$out" | awk -F'\t' '$1 ~ /^fields[.][0-9]+[.]/ { split($1, k, "."); v[k[2] k[3]] = $2; n = k[2] }
		END { for (i = 0; i <= n; i++) if (v[i "in"] == "request" && v[i "type"] == 516) print v[i "length"] - 4 }' | sort -n | tr '\n' ' ')" \
	"$(sed -n 's/.*Got 8 cookies, length \([0-9]*\), aead.*/\1/p; s/^[0-9a-f.:]\{3,\} *NTS .* \([0-9]*\)$/\1/p' "$text" | sort -nu | tr '\n' ' ')"
run nts --format json -f 'host 192.0.2.31' "$pcaps/nts-clients.pcap"
is "clients: of ntpd, as it sent" "$(value all.nts)" "$(sed -n 's/^NTS client sends: *//p' "$text" | head -n 1)"
is "clients: answers with NTS, as ntpd received" "$(($(value all.answered) - $(value all.naks) - $(value all.plain_answers)))" \
	"$(sed -n 's/^NTS client recvs good: *//p' "$text" | head -n 1)"

# By tshark: fields and their lengths, requests by length, keys, names.
fields() {
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /^fields[.][0-9]+[.]/ { split($1, k, "."); v[k[2] k[3]] = $2; if (k[2] >= n) n = k[2] + 1 }
		END { for (i = 0; i < n; i++) print v[i "in"], v[i "type"], v[i "length"], v[i "fields"] }' | sort
}
lengths() {
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /^lengths[.][0-9]+[.]/ { split($1, k, "."); v[k[2] k[3]] = $2; if (k[2] >= n) n = k[2] + 1 }
		END { for (i = 0; i < n; i++) sum[v[i "length"]] += v[i "requests"]; for (l in sum) print l, sum[l] }' | sort
}
keys() {
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /^keys[.][0-9]+[.]/ { split($1, k, "."); v[k[2] k[3]] = $2; if (k[2] >= n) n = k[2] + 1 }
		END { for (i = 0; i < n; i++) print v[i "key_id"], v[i "digest_bytes"], v[i "requests"] }' | sort
}
tally() { sort | uniq -c | awk '{ n = $1; $1 = ""; sub(/^ /, ""); print $0, n }' | sort; }
if have tshark; then
	for name in nts-clients nts-lost nts-restart client-chrony-nts ntp-chrony-nts query-nts; do
		run nts --format json "$pcaps/$name.pcap"
		tshark -r "$pcaps/$name.pcap" -Y 'ntp && udp' -T fields -e ntp.flags.mode -e ntp.ext.type -e ntp.ext.length 2>/dev/null |
			while read -r mode types sizes; do
				i=1
				for type in $(echo "$types" | tr ',' ' '); do
					echo "$([ "$mode" = 3 ] && echo request || echo response) $((type)) $(echo "$sizes" | cut -d, -f$i)"
					i=$((i + 1))
				done
			done | tally >"$tmp/want"
		fields >"$tmp/got"
		is "$name: fields to compare" "$([ -s "$tmp/want" ] && echo yes)" yes
		same "$name: fields, as tshark" "$tmp/got" "$tmp/want"
		tshark -r "$pcaps/$name.pcap" -Y 'ntp.flags.mode == 3' -T fields -e udp.length 2>/dev/null |
			awk '{ print $1 - 8 }' | tally >"$tmp/want"
		lengths >"$tmp/got"
		same "$name: requests by length, as tshark" "$tmp/got" "$tmp/want"
	done
	for name in client-chrony-key client-ntpsec-key ntp-chrony query-keys; do
		run nts --format json --top 1000 "$pcaps/$name.pcap"
		# The octets themselves: tshark takes some keys for extension fields.
		tshark -r "$pcaps/$name.pcap" -Y 'ntp.flags.mode == 3 && udp.length > 56' -T fields -e udp.payload 2>/dev/null |
			tr -d ':' | while read -r octets; do
				echo "$((0x$(printf '%s' "$octets" | cut -c97-104))) $((${#octets} / 2 - 48 - 4))"
			done | tally >"$tmp/want"
		keys >"$tmp/got"
		is "$name: keys to compare" "$([ -s "$tmp/want" ] && echo yes)" yes
		same "$name: requests by key, as tshark" "$tmp/got" "$tmp/want"
	done
	name=ntp-chrony-nts-ke.pcapng
	run nts --format json "$pcaps/$name"
	tshark -r "$pcaps/$name" -Y 'tls.handshake.type == 1' -T fields -E separator=' ' -e tls.handshake.extensions_server_name \
		-e tls.handshake.extensions_alpn_str 2>/dev/null | sed 's/^ *//; s/ *$//' | tally >"$tmp/want"
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /[.]names[.][0-9]+[.][a-z]+$/ { k = $1; sub(/[.][a-z]*$/, "", k); c = $1; sub(/.*[.]/, "", c); v[k, c] = $2; seen[k] }
		END { for (k in seen) { w = (v[k, "sni"] == "null" ? "" : v[k, "sni"] " ") (v[k, "alpn"] == "null" ? "" : v[k, "alpn"]); n[w] += v[k, "connections"] }
			for (w in n) print w, n[w] }' | sort >"$tmp/got"
	is "names to compare" "$([ -s "$tmp/want" ] && echo yes)" yes
	same "SNI and ALPN, as tshark" "$tmp/got" "$tmp/want"
	is "connections, as the server counted" "$("$jsonget" "$out" | awk -F'\t' '$1 ~ /^handshakes[.][0-9]+[.]connections$/ { n += $2 } END { print n }')" \
		"$(printed 'NTS-KE connections accepted' "$pcaps/ntp-chrony-nts-ke.txt")"
	is "ServerHellos, as tshark" "$(of handshakes 192.0.2.1 shaken)" \
		"$(tshark -r "$pcaps/$name" -Y 'tls.handshake.type == 2 && ip.src == 192.0.2.1' 2>/dev/null | wc -l | tr -d ' ')"
else
	skip "fields, lengths, keys, names" "tshark is not installed"
fi

as_kept nts "$pcaps/nts-lost.pcap" "Network Time Security"
not_kept nts "$pcaps/nts-lost.pcap" all
tap_done
