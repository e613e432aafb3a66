#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The view `tunnels` against tshark's fields of the same captures, a database against captures, two files against one;
# --inner and --outer.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

forged=$pcaps/tunnels.pcap
real=$shared/captures/nDPI/6in4tunnel.pcap
gre=$shared/captures/zeek/gre-sample.pcap
captures="$pcaps/icmp-quotes.pcap $pcaps/ntp-chrony.pcap"
for file in "$real" "$gre" "$shared/captures/zeek/Teredo.pcap" "$shared/captures/PcapPlusPlus/GrePackets.pcap" \
	"$pcaps"/*tunnel-*.pcap "$pcaps"/*sit*.pcap; do
	if [ -r "$file" ]; then captures="$captures $file"; fi
done
[ -r "$real" ] || echo "$0: the real captures are not there: forged ones alone" >&2

# ours FILTER: what the view says of the tunnels whose kind passes, on lines of their own:
#	way FROM TO PACKETS BYTES TTL_MIN TTL_MAX DF INNER_MAX MSS_MAX
#	net PREFIX PACKETS
#	pings REQUESTS ANSWERED
ours() {
	"$jsonget" "$out" | awk -F'\t' -v kinds="^($1)\$" '
		{ v[$1] = $2 }
		$1 ~ /^tunnels\.[0-9]+\.kind$/ { n++ }
		$1 ~ /^tunnels\.[0-9]+\.inner\.[0-9]+\.prefix$/ { split($1, p, "."); inner[p[2]]++ }
		function known(x) { return x == "null" ? "-" : x }
		function way(t, w, from, to) {
			if (v[t w ".packets"] == 0) return
			print "way", from, to, v[t w ".packets"], v[t w ".bytes"], known(v[t w ".ttl.min"]), known(v[t w ".ttl.max"]), \
				v[t w ".dont_fragment"], known(v[t w ".inner_max"]), known(v[t w ".mss_max"])
		}
		END {
			for (i = 0; i < n; i++) {
				t = "tunnels." i "."
				if (v[t "kind"] !~ kinds) continue
				way(t, "ab", v[t "a"], v[t "b"])
				way(t, "ba", v[t "b"], v[t "a"])
				for (k = 0; k < inner[i]; k++) net[v[t "inner." k ".prefix"]] += v[t "inner." k ".packets"]
				requests += v[t "ab.pings.requests"] + v[t "ba.pings.requests"]
				answered += v[t "ab.pings.answered"] + v[t "ba.pings.answered"]
			}
			for (k in net) if (k ~ /:.*\/64$/) print "net", k, net[k]
			print "pings", requests + 0, answered + 0
		}' | sort
}

# tshark FILE: the same of protocol 41, the first of each field being the outer header's. Wireshark shows the inner
# addresses of such a packet in its columns; ip.src is the outer one.
oracle() {
	tshark -r "$1" -T fields -E occurrence=f -E separator=, -e ip.proto -e ip.src -e ip.dst \
		-e frame.len -e ip.ttl -e ip.flags.df -e ipv6.src -e ipv6.dst -e ipv6.plen -e tcp.options.mss_val -e tcp.flags.syn \
		-e icmpv6.type -e icmpv6.resp_to 2>/dev/null | awk -F, '
		# The first four groups of an address, in the form of RFC 5952 (whose zeros at the end are cut).
		function net64(a,  side, head, n, m, i, g) {
			n = split(a, side, "::")
			m = split(side[1], head, ":")
			if (n > 1 && m < 4) { # fewer are there: what is behind the gap is the interface, or zeros
				split(side[2], g, ":")
				for (i = length(g); i >= 1; i--) if (8 - length(g) + i <= 4) head[8 - length(g) + i] = g[i]
				for (i = m + 1; i <= 4; i++) if (!(i in head)) head[i] = "0"
			}
			a = head[1] ":" head[2] ":" head[3] ":" head[4]
			while (sub(/:0$/, "", a)) {}
			return (a == "0" ? "" : a) "::/64"
		}
		function least(k, x) { if (!(k in min) || x < min[k]) min[k] = x }
		function most(array, k, x) { if (!(k in array) || x > array[k]) array[k] = x }
		$1 != 41 { next }
		{
			k = $2 " " $3
			packets[k]++; bytes[k] += $4; least(k, $5 + 0); most(max, k, $5 + 0); df[k] += ($6 == "1" || $6 == "True")
			if ($9 != "") most(inner, k, $9 + 40)
			if ($10 != "" && ($11 == "1" || $11 == "True")) most(mss, k, $10 + 0)
			if ($7 != "") { from = net64($7); to = net64($8); nets[from]++; if (to != from) nets[to]++ }
			if ($12 == 128) requests++
			if ($13 != "") answered++
		}
		END {
			for (k in packets) print "way", k, packets[k], bytes[k], min[k], max[k], df[k], (k in inner ? inner[k] : "-"), \
				(k in mss ? mss[k] : "-")
			for (k in nets) print "net", k, nets[k]
			print "pings", requests + 0, answered + 0
		}' | sort
}

if have tshark; then
	for file in $captures; do # whose 6in4 is in no other tunnel: the first addresses are its own
		name=$(basename "$file")
		run tunnels --format json "$file"
		is "$name: exit status" "$status" 0
		ours 6in4 >"$tmp/got"
		oracle "$file" >"$tmp/want"
		same "$name: 6in4 as tshark has it" "$tmp/got" "$tmp/want"
	done
	run tunnels --format json "$real"
	if [ -r "$real" ]; then
		"$jsonget" "$out" >"$tmp/v"
		tshark -r "$real" -T fields -e icmpv6.resptime 2>/dev/null | awk '$1 != "" { n++; s += $1; if (n == 1 || $1 < min) min = $1
			if ($1 > max) max = $1 } END { printf "%d %.6f %.6f %.6f\n", n, min / 1000, s / n / 1000, max / 1000 }' >"$tmp/want"
		awk -F'\t' '{ v[$1] = $2 } END { p = "tunnels.0.ab.pings."; printf "%d %.6f %.6f %.6f\n", v[p "answered"], v[p "rtt_s.min"],
			v[p "rtt_s.mean"], v[p "rtt_s.max"] }' "$tmp/v" >"$tmp/got"
		same "round trips of pings as tshark has them" "$tmp/got" "$tmp/want"
		for protocol in 'TLS 443' 'HTTP 80' 'TCP/993 993'; do
			is "packets of ${protocol% *}" "$(awk -F'\t' -v p="tunnels.0.protocols.${protocol% *}.packets_" \
				'$1 == p "ab" || $1 == p "ba" { n += $2 } END { print n + 0 }' "$tmp/v")" \
				"$(tshark -r "$real" -Y "tcp.port == ${protocol#* } && !icmpv6" 2>/dev/null | wc -l)"
		done
		is "Packet Too Big" "$(value tunnels.0.ba.too_big) $(value tunnels.0.ba.too_big_mtu)" \
			"1 $(tshark -r "$real" -Y 'icmpv6.type == 2' -T fields -e icmpv6.mtu 2>/dev/null)"
		is "state" "$(value tunnels.0.state) $(value rest.packets)" "up 0"
	else
		skip "round trips of pings as tshark has them" "the real captures are not there"
	fi
	for file in $forged $captures; do
		run tunnels --format json "$file"
		tshark -r "$file" -T fields -e frame.protocols 2>/dev/null | awk '
			{ sub(/:icmp.*/, "") } # what it quotes is not there
			!/:(gre|teredo|vxlan|geneve|l2tp|ipv6:ipv6|ipv6:ip|ip:ip|ip:ipv6|udp:mpls|udp:ipv6|udp:ip)(:|$)/ { n++ }
			END { print n + 0 }' >"$tmp/want"
		echo "$(value rest.packets)" >"$tmp/got"
		same "$(basename "$file"): packets in no tunnel" "$tmp/got" "$tmp/want"
	done
else
	skip "tunnels as tshark has them" "tshark is not installed"
fi

# Each kind of the forger, four packets each but where it has more (testdata/pcaps/tunnels.md).
run tunnels --format json "$forged"
"$jsonget" "$out" | awk -F'\t' '$1 ~ /^tunnels\.[0-9]+\.(kind|packets_ab|packets_ba)$/ { split($1, p, "."); row[p[2]] = row[p[2]] " " $2 }
	END { for (i in row) print substr(row[i], 2) }' | sort >"$tmp/got"
sort >"$tmp/want" <<-END
	6in4 8 0
	4in4 4 0
	4in6 4 0
	6in6 4 0
	gre 16 0
	erspan 12 0
	pptp 4 0
	teredo 4 0
	vxlan 8 0
	geneve 4 0
	l2tp 4 0
	mpls 4 0
END
same "each kind as it was forged, one way" "$tmp/got" "$tmp/want"
is "half-open, and said" "$(grep -o '"half-open: 8 packets from A to B, none back; is protocol 41 blocked on the way?"' "$out" | wc -l)" 1
is "a mirror is none" "$(grep -c 'as a mirrored port has it' "$out")" 1
run tunnels --format json "$pcaps/icmp-quotes.pcap"
if grep -q '1 ICMP 3/3 (port unreachable) about A to B' "$out"; then pass "an error about a tunnel"; else fail "an error about a tunnel" "$out"; fi

# What ping printed, of the recordings: sent and received by the near end, whose addresses are the lower ones.
for name in tunnel-6in4 tunnel-6in4-half-open tunnel-6in4-too-big; do
	awk '/^[$] ping/ { near = !/ 2001:db8:a::1 / } near && /packets transmitted/ { sent += $1; got += $4 } END { print sent, got }' \
		"$pcaps/$name.txt" >"$tmp/want"
	run tunnels --format json "$pcaps/$name.pcap"
	echo "$(value tunnels.0.ab.pings.requests) $(value tunnels.0.ab.pings.answered)" >"$tmp/got"
	same "$name: pings as ping printed them" "$tmp/got" "$tmp/want"
done
run tunnels --format json "$pcaps/tunnel-6in4-too-big.pcap"
is "Packet Too Big as ping printed it" "$(value tunnels.0.ba.too_big) $(value tunnels.0.ba.too_big_mtu)" \
	"$(grep -c 'Packet too big' "$pcaps/tunnel-6in4-too-big.txt") $(sed -n 's/.*Packet too big: mtu=//p' "$pcaps/tunnel-6in4-too-big.txt")"
run tunnels --format json "$pcaps/tunnel-6in4.pcap"
is "a sound tunnel has no findings" "$(value tunnels.0.findings.#)" 0
# From when the far end's program was gone until its firewall dropped protocol 41.
gone=$(sed -n "s/^# \(.*Z\): the far end's program is gone.*/\1/p" "$pcaps/tunnel-6in4-half-open.txt")
drops=$(sed -n 's/^# \(.*Z\): the far end drops protocol 41.*/\1/p' "$pcaps/tunnel-6in4-half-open.txt")
run tunnels --format json --from "$gone" --to "$drops" "$pcaps/tunnel-6in4-half-open.pcap"
is "half-open while the far end is gone" "$(value tunnels.0.state)" half-open
if grep -q '"[0-9]* ICMP 3/2 (protocol unreachable) about A to B, from B"' "$out"; then pass "and the errors say why"; else fail "and the errors say why" "$out"; fi
run tunnels --format json "$pcaps/tunnel-6in4-half-open.pcap"
is "up over all" "$(value tunnels.0.state)" up
is "with a stretch of one way" "$(grep -c '"one_way_stretch"' "$out")" 1

# A database says the same, in each form; and without a packet of ours.
number=0
for file in $forged $captures; do
	number=$((number + 1))
	for format in json csv table; do
		run tunnels --format $format "$file"
		sed -n '/"tunnels": /,$p; /^tunnel,kind/,$p; /^Tunnels/,$p' "$out" >"$tmp/want"
		[ $format = json ] && "$clientele" read -q -o "$tmp/$number.db" "$file" 2>>"$tmp/log"
		run tunnels --format $format "$tmp/$number.db"
		sed -n '/"tunnels": /,$p; /^tunnel,kind/,$p; /^Tunnels/,$p' "$out" >"$tmp/got"
		[ -s "$tmp/want" ] || echo "nothing" >"$tmp/want"
		same "$(basename "$file"): $format, a database as the capture" "$tmp/got" "$tmp/want"
		[ $format != table ] || awk 'length($0) > 100' "$tmp/got" >"$tmp/wide"
	done
	if [ -s "$tmp/wide" ]; then fail "$(basename "$file"): within 100 columns" "$tmp/wide"; else pass "$(basename "$file"): within 100 columns"; fi
done

# The views for the sqlite3 shell, of the first database: the forger's tunnels.
if have sqlite3; then
	is "view tunnels_by_day" "$(sqlite3 "$tmp/1.db" "SELECT sensor, date, a, b, packets_ab, packets_ba, bytes_ab, bytes_ba
		FROM tunnels_by_day WHERE kind = '4in6'")" 'default|2026-06-01|2001:db8:ff::1|2001:db8:ff::2|4|0|498|0'
	is "view tunnel_prefixes_by_day" "$(sqlite3 "$tmp/1.db" "SELECT prefix, packets, at_a, at_b FROM tunnel_prefixes_by_day
		WHERE kind = '4in4' ORDER BY 1" | tr '\n' ' ')" '192.0.2.0/24|4|2|2 198.51.100.0/24|4|2|2 '
	is "view tunnel_protocols_by_day" "$(sqlite3 "$tmp/1.db" "SELECT protocol, packets_ab, packets_ba FROM tunnel_protocols_by_day
		WHERE kind = 'teredo' ORDER BY 1" | tr '\n' ' ')" 'DNS/UDP|2|0 NTP|2|0 '
else
	skip "views for the sqlite3 shell" "it is not installed"
fi

# Two files are one, wherever they are cut: pings across the seam too.
for file in "$real" "$forged"; do
	if [ ! -r "$file" ]; then
		skip "two files are one" "the real captures are not there"
		continue
	fi
	run tunnels --format csv "$file"
	cp "$out" "$tmp/want"
	for place in 7 12 40; do
		rm -f "$tmp/cut.db"
		"$cutpcap" "$file" "$tmp/part" $place >/dev/null
		for part in 1 2; do "$clientele" read -q -o "$tmp/cut.db" "$tmp/part$part.pcap" 2>>"$tmp/log"; done
		run tunnels --format csv "$tmp/cut.db"
		same "$(basename "$file"): cut at $place" "$out" "$tmp/want"
	done
done

# --inner and --outer part the messages: what one keeps the other filters.
figures='ntp.requests ntp.responses ntp.matched dns.queries dns.responses dns.matched'
say() { for key in $figures; do printf '%s ' "$(value $key)"; done; }
run summary --format json "$forged"
tunnelled=$(say)
run summary --format json "$pcaps/ntp-chrony.pcap"
plain=$(say)
run summary --format json --inner "$forged" "$pcaps/ntp-chrony.pcap"
is "--inner: what came in tunnels" "$(say)" "$tunnelled"
ledger "$out" >"$tmp/wrong"
inner=$(value input.filtered)
run summary --format json --outer "$forged" "$pcaps/ntp-chrony.pcap"
is "--outer: what did not" "$(say)" "$plain"
ledger "$out" >>"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "ledgers add up" "$tmp/wrong"; else pass "ledgers add up"; fi
outer=$(value input.filtered)
run summary --format json "$forged" "$pcaps/ntp-chrony.pcap"
is "what is kept out is filtered, once" "$((inner + outer))" "$(value input.counted)"
run clients --format json --inner "$forged"
is "tunnelled clients by their inner addresses" "$(grep -o '203\.0\.113\.[0-9]*\|2001:db8:ff::[0-9a-f]*' "$out" | wc -l) $(value top.#)" \
	"0 4"
for view in $every_view; do
	run $view --inner --outer "$forged"
	is "$view: both at once" "$status" 2
done
"$clientele" read -q --inner -o "$tmp/inner.db" "$forged" "$pcaps/ntp-chrony.pcap" 2>"$err"
run summary --format json "$tmp/inner.db"
is "a database of --inner" "$(say)" "$tunnelled"
run summary --format json --inner "$tmp/inner.db"
is "asked for what it has" "$status" 0
run summary --outer "$tmp/inner.db"
is "asked for the other" "$status $(sed 's/.*: //' "$err")" "2 was written with --inner; ask for that or leave --outer out"
run summary --inner "$tmp/1.db"
is "a database of all, asked for a part" "$status $(sed 's/.*: //' "$err")" \
	"2 was written with neither --inner nor --outer; ask for that or leave --inner out"
"$clientele" read -q -o "$tmp/inner.db" "$pcaps/windows-sort-1-us.pcap" 2>"$err"
run summary --format json "$tmp/inner.db"
is "it goes on as it was begun" "$(say)" "$tunnelled"
tap_done
