#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records ICMP and ICMPv6 errors that the answers of a chronyd and a named provoke, at their host:
# clients that close their port before the answer comes, routers that reject answers for each
# reason, a client that is gone, a routing loop. The kernel's own counts are the expected values.
# usage: icmp.sh FOLDER|- [PART...]     -: testdata/pcaps; parts: closed rejected loop
# Needs root, iproute2, ethtool, nftables, tcpdump, tshark, chrony, bind9, python3.
set -eu
. "$(dirname "$0")/common.sh"
case ${1:--} in -) ;; *) pcaps=$1 ;; esac
[ $# -eq 0 ] || shift
need ip ethtool nft nstat tcpdump tshark setpriv chronyd named
filter='udp port 123 or udp port 53 or icmp or (icmp6 and ip6[40] < 128)'

# A plain NTP or DNS question; MODE: close at once, or wait for the answer first.
cat >"$work/oneshot.py" <<'END'
import os, socket, struct, sys, time

mode, server, port, source = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
family = socket.AF_INET6 if ":" in server else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.bind((source, 0))
if port == 123:
    question = bytes([0x23]) + bytes(39) + os.urandom(8)
else:
    question = os.urandom(2) + b"\1\0\0\1\0\0\0\0\0\0\3www\4zone\7example\0\0\1\0\1"
s.sendto(question, (server, port))
if mode == "wait":
    s.settimeout(2)
    try:
        print("from", source, "answer of", len(s.recv(4096)), "octets")
    except OSError as e:
        print("from", source, e)
else:
    s.close()
    print("from", source, "port closed")
END
ask_once() { on "$1" /usr/bin/python3 "$work/oneshot.py" "$2" "$3" "$4" "$5" 2>&1 || :; }
name_server() {
	mkdir "$work/named"
	printf '$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 300\n@ IN NS ns\nns IN A 192.0.2.1\nwww IN A 192.0.2.80\n' >"$work/named/zone"
	cat >"$work/named/named.conf" <<-END
	options { directory "$work/named"; pid-file none; session-keyfile "$work/named/session.key"; listen-on { any; };
		listen-on-v6 { any; }; recursion no; notify no; };
	zone "zone.example" { type primary; file "zone"; };
	END
	spawn named s "$work/named/log" named -f -c "$work/named/named.conf" -n 1
	until on s dig +time=1 +tries=1 +short @127.0.0.1 zone.example SOA | grep -q '^[^;]'; do sleep 0.5; done
}
begin() {
	on s nstat -n
	record s "$1" "$filter"
}
end() {
	recorded s
	{
		cat
		echo "# the kernel's counts at the server's host since the recording began"
		on s nstat -z 'Icmp*' 'Udp*' 'Ip6*' | awk '$2 > 0'
	} | tidy >"$pcaps/$1.txt"
}

closed() {
	begin icmp-closed
	for round in 1 2 3; do
		for mode in close wait; do
			ask_once near $mode 192.0.2.1 123 192.0.2.60
			ask_once near $mode 2001:db8::1 123 2001:db8::60
			ask_once c $mode 192.0.2.1 123 192.0.2.61
			ask_once c $mode 2001:db8::1 123 2001:db8::61
			ask_once c $mode 192.0.2.1 53 192.0.2.61
			ask_once c $mode 2001:db8::1 53 2001:db8::61
		done
	done >"$work/txt"
	sleep 1
	end icmp-closed <"$work/txt"
	about icmp-closed "$filter" <<-END
	Clients that send a question and close their port at once (a few lines of Python), NTP and DNS, IPv4 and IPv6, captured at the server's host: one 20 ms away each way (192.0.2.61, 2001:db8::61: every answer meets a closed port, the error comes about 40 ms after the answer left), one next to the server (192.0.2.60, 2001:db8::60). After each such question the same one with a client that waits for the answer.
	END
}

# The clients' network behind a router: 198.51.100.0/24, 2001:db8:1::/64.
routers() {
	for r in r1 r2 in; do hosts="$hosts $r"; namespace $r; done
	pair r1 wan hub hr1
	ip -n "$lab-hub" link set hr1 master br0
	pair r1 lan in eth0
	pair r1 side r2 side
	ip -n "$lab-r1" addr add 192.0.2.100/24 dev wan
	ip -n "$lab-r1" addr add 2001:db8::100/64 dev wan nodad
	ip -n "$lab-r1" addr add 198.51.100.1/24 dev lan
	ip -n "$lab-r1" addr add 2001:db8:1::1/64 dev lan nodad
	ip -n "$lab-r1" addr add 203.0.113.1/30 dev side
	ip -n "$lab-r1" addr add 2001:db8:2::1/64 dev side nodad
	ip -n "$lab-r2" addr add 203.0.113.2/30 dev side
	ip -n "$lab-r2" addr add 2001:db8:2::2/64 dev side nodad
	for r in r1 r2; do
		on $r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 \
			net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.rp_filter=0
	done
	for k in 11 12 13 14 15 16 17 18 130; do
		ip -n "$lab-in" addr add 198.51.100.$k/24 dev eth0
		ip -n "$lab-in" addr add 2001:db8:1::$k/64 dev eth0 nodad
	done
	on in sysctl -qw net.ipv4.conf.all.arp_ignore=1
	ip -n "$lab-in" addr add 198.51.100.19/32 dev lo
	ip -n "$lab-in" addr add 2001:db8:1::19/128 dev lo nodad
	ip -n "$lab-in" route add default via 198.51.100.1
	ip -n "$lab-in" route add default via 2001:db8:1::1
	ip -n "$lab-s" route add 198.51.100.0/24 via 192.0.2.100
	ip -n "$lab-s" route add 2001:db8:1::/64 via 2001:db8::100
	ip -n "$lab-s" route add 203.0.113.0/24 via 192.0.2.100
	ip -n "$lab-s" route add 2001:db8:2::/64 via 2001:db8::100
	ip -n "$lab-r2" route add default via 203.0.113.1
	ip -n "$lab-r2" route add default via 2001:db8:2::1
}

rejected() {
	{
		echo 'table inet f {'
		echo ' chain c {'
		echo '  type filter hook forward priority 0;'
		k=11
		for why in net-unreachable host-unreachable prot-unreachable port-unreachable net-prohibited host-prohibited admin-prohibited; do
			echo "  ip daddr 198.51.100.$k udp sport { 53, 123 } counter reject with icmp type $why"
			k=$((k + 1))
		done
		k=11
		for why in no-route admin-prohibited addr-unreachable port-unreachable policy-fail reject-route; do
			echo "  ip6 daddr 2001:db8:1::$k udp sport { 53, 123 } counter reject with icmpv6 type $why"
			k=$((k + 1))
		done
		echo ' }'
		echo '}'
	} >"$work/rules.nft"
	on r1 nft -f "$work/rules.nft"
	begin icmp-rejected
	for round in 1 2 3; do
		for k in 11 12 13 14 15 16 17 18; do
			ask_once in wait 192.0.2.1 123 198.51.100.$k &
			ask_once in wait 2001:db8::1 123 2001:db8:1::$k &
		done
		ask_once in wait 192.0.2.1 53 198.51.100.17 &
		ask_once in wait 2001:db8::1 53 2001:db8:1::12 &
		sleep 3
	done >"$work/txt" 2>&1
	echo "# the router's rules and how often each rejected" >>"$work/txt"
	on r1 nft list ruleset >>"$work/txt"
	echo "# nobody in the clients' network says that 198.51.100.19 and 2001:db8:1::19 are his" >>"$work/txt"
	ask_once in wait 192.0.2.1 123 198.51.100.19 >>"$work/txt"
	ask_once in wait 2001:db8::1 123 2001:db8:1::19 >>"$work/txt"
	sleep 5
	end icmp-rejected <"$work/txt"
	on r1 nft flush ruleset
	about icmp-rejected "$filter" <<-END
	A router's firewall rejects the answers to each client for another reason, captured at the server's host: IPv4 198.51.100.11 to .17 with codes 0, 1, 2, 3, 9, 10, 13 of type 3, IPv6 2001:db8:1::11 to ::16 with codes 0, 1, 3, 4, 5, 6 of type 1; .18 and ::18 (and ::17) are let through. NTP, and DNS to .17 and ::12. The errors are from the router (192.0.2.100, 2001:db8::100), also the port unreachable ones. At the end 198.51.100.19 and 2001:db8:1::19 ask, but nobody answers when the router looks for them (host and address unreachable after its three tries).
	END
}
loop() {
	for r in r1 r2; do
		case $r in r1) v4=203.0.113.2 v6=2001:db8:2::2 ;; *) v4=203.0.113.1 v6=2001:db8:2::1 ;; esac
		ip -n "$lab-$r" route add 198.51.100.128/25 via $v4
		ip -n "$lab-$r" route add 2001:db8:1::130/128 via $v6
	done
	begin icmp-loop
	for round in 1 2 3 4; do
		ask_once in wait 192.0.2.1 123 198.51.100.130
		ask_once in wait 2001:db8::1 123 2001:db8:1::130
		ask_once in wait 192.0.2.1 53 198.51.100.130
		ask_once in wait 192.0.2.1 123 198.51.100.18
	done >"$work/txt" 2>&1
	end icmp-loop <"$work/txt"
	about icmp-loop "$filter" <<-END
	A routing loop: the router of 198.51.100.130 and 2001:db8:1::130 sends what is for them to a second router, which sends it back, until the TTL of 64 is used up (time exceeded). Captured at the server's host; NTP over IPv4 and IPv6, DNS over IPv4; 198.51.100.18 beside them gets its answers.
	END
}

hub
host s 1
host near 60
far c 61 20 20
source_of_time s 1
name_server
routers
for part in ${*:-closed rejected loop}; do $part; done
