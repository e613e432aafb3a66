#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records a 6in4 tunnel (protocol 41) between two hosts: NTP, DNS, ping and HTTP inside; ends that
# do not take the protocol or are forbidden to; Packet Too Big inside.
# usage: tunnel.sh FOLDER|- [PART...]     -: testdata/pcaps; parts: works half_open too_big
# Needs root, iproute2, ethtool, nftables, iputils-ping, curl, tcpdump, tshark, chrony, ntpsec-ntpdig,
# bind9, bind9-dnsutils. The tunnel's ends are sixinfour.py, as a kernel may be without sit.
set -eu
. "$(dirname "$0")/common.sh"
case ${1:--} in -) ;; *) pcaps=$1 ;; esac
[ $# -eq 0 ] || shift
need ip ethtool nft ping curl tcpdump tshark setpriv chronyd ntpdig named dig
filter='ip proto 41 or icmp'

tunnel_end() { # HOST LOCAL REMOTE INNER
	spawn "end_$1" "$1" "$work/end-$1.log" /usr/bin/python3 "$here/sixinfour.py" six "$2" "$3"
	until ip -n "$lab-$1" link show six 2>/dev/null | grep -q 'UP.*mtu 1480'; do sleep 0.1; done
	ip -n "$lab-$1" addr add "$4/64" dev six nodad
}
services() {
	mkdir "$work/named" "$work/www"
	printf '$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 300\n@ IN NS ns\nns IN AAAA 2001:db8:a::2\nwww IN AAAA 2001:db8:a::2\n' >"$work/named/zone"
	for k in 1 2 3 4 5 6 7 8; do printf 'big IN TXT "%s %0200d"\n' $k $k; done >>"$work/named/zone"
	cat >"$work/named/named.conf" <<-END
	options { directory "$work/named"; pid-file none; session-keyfile "$work/named/session.key"; listen-on { 127.0.0.1; };
		listen-on-v6 { any; }; recursion no; notify no; max-udp-size 4096; edns-udp-size 4096; };
	zone "zone.example" { type primary; file "zone"; };
	END
	spawn named far "$work/named/log" named -f -c "$work/named/named.conf" -n 1
	until on far dig +time=1 +tries=1 +short @127.0.0.1 zone.example SOA | grep -q '^[^;]'; do sleep 0.5; done
	source_of_time far 2
	seq 1 1500 >"$work/www/numbers"
	spawn www far "$work/www.log" /usr/bin/python3 -m http.server --bind 2001:db8:a::2 --directory "$work/www" 80
	sleep 1
}

works() {
	record near tunnel-6in4 "$filter"
	{
		for _ in 1 2 3 4; do run near ntpdig 2001:db8:a::2; done
		run near dig +tries=1 @2001:db8:a::2 www.zone.example AAAA
		run near dig +tries=1 @2001:db8:a::2 www.zone.example AAAA +tcp
		run near dig +tries=1 @2001:db8:a::2 big.zone.example TXT +bufsize=1232
		run near dig +tries=1 @2001:db8:a::2 big.zone.example TXT +bufsize=4096
		run near ping -6 -n -c 4 -i 0.3 2001:db8:a::2
		run near ping -6 -n -c 2 -i 0.3 -s 1800 2001:db8:a::2
		run near curl -sS -g -o /dev/null -w '%{size_download} octets, status %{http_code}\n' 'http://[2001:db8:a::2]/numbers'
	} >"$pcaps/tunnel-6in4.txt"
	recorded near
	about tunnel-6in4 "$filter" <<-END
	A 6in4 tunnel from 192.0.2.70 (inner 2001:db8:a::1) to 192.0.2.71 (2001:db8:a::2), MTU 1480, captured at the near end's Ethernet: ntpdig at a chronyd, dig over UDP and TCP at a named (one answer truncated and asked again by TCP, one in IPv6 fragments inside), ping of 56 and of 1800 octets (fragments inside), HTTP (curl at http.server; SYN with an MSS of 1420). The ends are \`tests/tools/record/sixinfour.py\` (a TUN device and a raw socket, as the machine's kernel has no sit); what is inside is from the kernel and the programs.
	END
}
half_open() {
	record near tunnel-6in4-half-open "$filter"
	{
		echo "# the far end works"
		run near ping -6 -n -c 2 -i 0.3 2001:db8:a::2
		kill "$end_far"
		echo "# $(now): the far end's program is gone: protocol unreachable"
		for _ in 1 2; do run near ntpdig -t 1 2001:db8:a::2; done
		run near ping -6 -n -c 3 -i 1.1 -W 1 2001:db8:a::2 || :
		tunnel_end far 192.0.2.71 192.0.2.70 2001:db8:a::2
		for why in admin-prohibited host-prohibited; do
			on far nft "table inet f { chain i { type filter hook input priority 0; ip protocol 41 counter reject with icmp type $why; }; }"
			echo "# $(now): the far end's firewall rejects protocol 41: $why"
			run near ntpdig -t 1 2001:db8:a::2
			run near ping -6 -n -c 3 -i 1.1 -W 1 2001:db8:a::2 || :
			on far nft list ruleset
			on far nft flush ruleset
		done
		on far nft "table inet f { chain i { type filter hook input priority 0; ip protocol 41 counter drop; }; }"
		echo "# $(now): the far end drops protocol 41 and still sends its own"
		run near ping -6 -n -c 3 -i 0.5 -W 1 2001:db8:a::2 || :
		run far ping -6 -n -c 3 -i 0.5 -W 1 2001:db8:a::1 || :
		run near dig +tries=1 +time=2 @2001:db8:a::2 www.zone.example AAAA +tcp
		on far nft list ruleset
		on far nft flush ruleset
		run near ping -6 -n -c 2 -i 0.3 2001:db8:a::2
	} >"$work/txt" 2>&1
	tidy <"$work/txt" >"$pcaps/tunnel-6in4-half-open.txt"
	recorded near
	about tunnel-6in4-half-open "$filter" <<-END
	The same tunnel, half open: after two good pings the far end's program is gone (its kernel answers protocol unreachable, type 3 code 2); then its firewall rejects protocol 41 (codes 13 and 10); then it drops it silently, but sends its own echo requests through the tunnel, and the near end answers into the void; then all is well again.
	END
}
too_big() {
	hosts="$hosts behind"
	namespace behind
	pair far lan behind eth0
	on far sysctl -qw net.ipv6.conf.all.forwarding=1
	ip -n "$lab-far" link set lan mtu 1280
	ip -n "$lab-behind" link set eth0 mtu 1280
	ip -n "$lab-far" addr add 2001:db8:b::1/64 dev lan nodad
	ip -n "$lab-behind" addr add 2001:db8:b::2/64 dev eth0 nodad
	ip -n "$lab-behind" route add default via 2001:db8:b::1
	ip -n "$lab-near" route add 2001:db8:b::/64 dev six
	ip -n "$lab-near" route add 2001:db8:c::/64 dev six
	record near tunnel-6in4-too-big "$filter"
	{
		run near ping -6 -n -c 3 -i 0.3 -s 1300 2001:db8:b::2
		ip -n "$lab-near" route flush cache
		run near ping -6 -n -c 2 -i 0.3 -s 56 2001:db8:b::2
		run near ntpdig -t 1 2001:db8:b::2
		run near ping -6 -n -c 2 -i 0.3 -W 1 2001:db8:c::1
		run near ping -6 -n -c 2 -i 0.3 -W 1 -t 1 2001:db8:b::2
	} >"$pcaps/tunnel-6in4-too-big.txt"
	recorded near
	about tunnel-6in4-too-big "$filter" <<-END
	The same tunnel to a network behind its far end with an MTU of 1280: the first ping of 1300 octets is answered by Packet Too Big from 2001:db8:a::2, inside the tunnel, the next ones go in fragments; NTP to a host without a server (port unreachable inside), a network that the far end has no route to (inside: no route), and hop limit exceeded.
	END
}

hub
host near 70
host far 71
tunnel_end near 192.0.2.70 192.0.2.71 2001:db8:a::1
tunnel_end far 192.0.2.71 192.0.2.70 2001:db8:a::2
services
for part in ${*:-works half_open too_big}; do $part; done
