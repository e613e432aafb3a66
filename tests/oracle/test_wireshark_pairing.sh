#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# `delta --pairing wireshark` gives what Wireshark's ntp.delta_time gives, on recorded captures and
# on three forged ones where that is wrong (and where the standard rule gives something else).
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

# Typed from the output of tshark 4.0.17, `tshark -2 -n -r FILE -Y 'ntp.flags.mode == 4 && ntp.delta_time'
# -T fields -e ip.src -e ipv6.src -e ntp.delta_time`, summed by server: capture, server, n, sum, min,
# max. Without -2 tshark prints none. It pairs neither symmetric modes nor the second of two answers;
# servers without a pair have no line.
cat >"$tmp/stored" <<'STORED'
ntp-chrony 192.0.2.1 53 0.014623809 0.000089399 0.004243313
ntp-chrony 2001:db8::1 38 0.007123522 0.000071963 0.000968263
ntp-ntpsec 192.0.2.1 13 0.003789765 0.000058908 0.002530120
ntp-ntpsec 2001:db8::1 19 0.001930985 0.000062032 0.000149102
ntp-retransmit 192.0.2.1 1 0.500000000 0.500000000 0.500000000
ntp-forged-answer 192.0.2.1 1 0.005000000 0.005000000 0.005000000
STORED

# ours FILE: `capture server n sum min max`; the sum is n times the mean, to a nanosecond each.
ours() {
	run delta --pairing wireshark --format json "$pcaps/$1.pcap"
	[ "$status" -eq 0 ] || diag "$1: exit status $status: $(cat "$err")"
	"$jsonget" "$out" | awk -F'\t' -v file="$1" '
		function flush() {
			if (proto == "ntp" && v["n"] > 0)
				printf "%s %s %d %.9f %.9f %.9f\n", file, server, v["n"], v["n"] * v["mean"], v["min"], v["max"]
		}
		$1 !~ /^servers\./ { next }
		{ k = split($1, p, ".") }
		k == 3 && p[3] == "server" { flush(); server = $2 }
		k == 3 && p[3] == "proto" { proto = $2 }
		k == 4 && p[3] == "delta_s" { v[p[4]] = $2 }
		END { flush() }' | sort
}

theirs() {
	tshark -2 -n -r "$pcaps/$1.pcap" -Y 'ntp.flags.mode == 4 && ntp.delta_time' -T fields -E separator=' ' \
		-e ip.src -e ipv6.src -e ntp.delta_time 2>/dev/null | awk -v file="$1" '
		{
			s = $1; d = $NF + 0
			if (!(s in n) || d < min[s]) min[s] = d
			if (!(s in n) || d > max[s]) max[s] = d
			n[s]++; sum[s] += d
		}
		END { for (s in n) printf "%s %s %d %.9f %.9f %.9f\n", file, s, n[s], sum[s], min[s], max[s] }' | sort
}

# compare NAME GOT WANT: the sum to a nanosecond for each 100, for the mean is rounded.
compare() {
	paste -d' ' "$2" "$3" | awk '
		{ d = $4 - $10; if (d < 0) d = -d }
		NF && (NF != 12 || $1 != $7 || $2 != $8 || $3 != $9 || $5 != $11 || $6 != $12 || d > 2e-9 + $4 * 1e-9)' >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$1" "$tmp/wrong"; else pass "$1"; fi
}

for name in ntp-chrony ntp-ntpsec ntp-retransmit ntp-forged-answer ntp-symmetric; do
	ours $name >"$tmp/ours"
	awk -v name=$name '$1 == name' "$tmp/stored" | sort >"$tmp/want"
	compare "$name: as stored" "$tmp/ours" "$tmp/want"
	if have tshark; then
		theirs $name >"$tmp/theirs"
		compare "$name: as tshark says now" "$tmp/ours" "$tmp/theirs"
	else
		skip "$name: as tshark says now" "tshark is not installed"
	fi
done
# Every other recorded or forged NTP capture, where tshark is there to say.
for file in "$pcaps"/ntp-*.pcap; do
	name=$(basename "$file" .pcap)
	case $name in
	ntp-chrony | ntp-ntpsec | ntp-retransmit | ntp-forged-answer | ntp-symmetric | ntp-short) continue ;;
	esac
	if have tshark; then
		ours "$name" >"$tmp/ours"
		theirs "$name" >"$tmp/theirs"
		compare "$name: as tshark says now" "$tmp/ours" "$tmp/theirs"
	else
		skip "$name: as tshark says now" "tshark is not installed"
	fi
done

# The three forged ones are right by the standard rule.
for name in ntp-retransmit ntp-forged-answer ntp-symmetric; do
	run delta --format json "$pcaps/$name.pcap"
	for key in n max; do
		want=$(awk -v key="ntp.delta_s.$key" '$1 == key { print $2 }' "$pcaps/$name.expect")
		[ -z "$want" ] || is "$name: standard, $key" "$(value servers.0.delta_s.$key)" "$want"
	done
	is "$name: standard, matched" "$(value servers.0.matched)" "$(awk '$1 == "ntp.matched" { print $2 }' "$pcaps/$name.expect")"
done
tap_done
