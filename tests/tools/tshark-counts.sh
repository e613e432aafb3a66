#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Counts what a summary counts, with tshark: lines `key value`, keys as in `clientele summary`.
# usage: tshark-counts.sh FILE       (pcap or pcapng; plain, gzip or zstd)
# NTP and DNS directly over UDP, no copies quoted in ICMP errors, no mDNS and LLMNR; a packet of a
# tunnel counts. `shown` counts messages that tshark shows without mode or QR bit (too short).
# What tshark gets wrong is told in testdata/pcaps/README.md.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FILE" >&2; exit 2; }
command -v tshark >/dev/null 2>&1 || { echo "$0: tshark is not installed" >&2; exit 2; }

file=$1
unpacked=
trap 'rm -f "$unpacked"' EXIT
case $(od -An -tx1 -N4 "$file" | tr -d ' ') in
28b52ffd)
	unpacked=$(mktemp)
	zstd -qdcf "$file" >"$unpacked"
	file=$unpacked
	;;
esac

# No heuristic goes first, and no other protocol claims our ports.
tshark -n -r "$file" -o udp.try_heuristic_first:FALSE \
	-o ip.defragment:TRUE -o ipv6.defragment:TRUE -d udp.port==53,dns -d udp.port==123,ntp \
	-T fields -E separator='|' -E occurrence=a -E aggregator=, \
	-e frame.protocols -e udp.port -e ntp.flags.mode -e ntp.flags.vn -e dns.flags.response \
	2>"${TSHARK_ERRORS:-/dev/null}" |
awk -F'|' '
	function count(key) { n[key]++ }
	{ frames++ }
	$1 ~ /:icmp/ { next } # also an error that is itself in a tunnel
	$1 ~ /:udp:ntp/ && "," $2 "," ~ /,123,/ {
		k = split($3, mode, ","); split($4, version, ",")
		if (k == 0) count("ntp.shown")
		for (i = 1; i <= k; i++) {
			count("ntp.packets"); count("ntp.modes." mode[i]); count("ntp.versions." version[i])
		}
	}
	$1 ~ /:udp:dns/ && "," $2 "," ~ /,53,/ {
		k = split($5, qr, ",")
		if (k == 0) count("dns.shown")
		for (i = 1; i <= k; i++)
			count(qr[i] == "1" || qr[i] == "True" ? "dns.udp.responses" : "dns.udp.queries")
	}
	END {
		print "input.packets", frames + 0
		for (key in n) print key, n[key] | "sort"
	}'
