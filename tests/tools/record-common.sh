# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# Read by record-ntp.sh, record-dns.sh and record-zones.sh: two network namespaces joined by a veth pair, and
# tcpdump at the server's end. Nothing leaves them. Everything goes when the script ends.

here=$(cd "$(dirname "$0")" && pwd)
pcaps=${1:-$here/../../testdata/pcaps}
S=clrec-s-$$
C=clrec-c-$$
remove_namespaces() {
	ip netns del "$S" 2>/dev/null || :
	ip netns del "$C" 2>/dev/null || :
}
. "$here/record/scratch.sh"

inS() { ip netns exec "$S" "$@"; }
inC() { ip netns exec "$C" "$@"; }

# Checksums are computed in software, or the capture would show the ones left to the hardware.
namespaces() {
	ip netns add "$S"
	ip netns add "$C"
	ip link add veth-s netns "$S" address 02:00:00:00:00:05 type veth \
		peer name veth-c netns "$C" address 02:00:00:00:00:0c
	for ns in "$S" "$C"; do
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
		ip -n "$ns" link set lo up
	done
	inS ethtool -K veth-s tx off rx off gso off tso off gro off >/dev/null 2>&1
	inC ethtool -K veth-c tx off rx off gso off tso off gro off >/dev/null 2>&1
	ip -n "$S" addr add 192.0.2.1/24 dev veth-s
	ip -n "$S" addr add 2001:db8::1/64 dev veth-s nodad
	ip -n "$S" link set veth-s up
	for k in 11 12 13 14 15 16; do
		ip -n "$C" addr add "192.0.2.$k/24" dev veth-c
		ip -n "$C" addr add "2001:db8::$k/64" dev veth-c nodad
	done
	ip -n "$C" link set veth-c up
	sleep 1
}

# record FILE FILTER: starts tcpdump; the variable `recorder` is its process.
record() {
	: >"$work/tcpdump.err"
	ip netns exec "$S" tcpdump -Z root -i veth-s -n --immediate-mode --time-stamp-precision=nano -s 0 -U -w "$1" "$2" \
		2>"$work/tcpdump.err" &
	recorder=$!
	pids="$pids $recorder"
	until grep -q listening "$work/tcpdump.err"; do
		kill -0 "$recorder" 2>/dev/null || { cat "$work/tcpdump.err" >&2; exit 1; }
		sleep 0.1
	done
}

recorded() {
	sleep 0.5
	kill "$recorder"
	wait "$recorder" || :
	sed -n '/packets/p' "$work/tcpdump.err" >&2
}
