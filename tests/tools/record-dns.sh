#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records DNS between BIND 9 (named, a small signed zone) and dig. Beside each capture NAME.txt has
# what dig printed and what named counted.
# usage: record-dns.sh [FOLDER]        default: testdata/pcaps
# Needs root, iproute2, ethtool, tcpdump, bind9, bind9-dnsutils and tshark (for editcap).
set -eu
. "$(dirname "$0")/record-common.sh"
need ip ethtool tcpdump named dig rndc editcap

zone() {
	cat <<-'EOF'
	$TTL 300
	@ IN SOA ns1 hostmaster 1 3600 600 86400 300
	@ IN NS ns1
	@ IN MX 10 mail
	@ IN TXT "a small zone"
	ns1 IN A 192.0.2.1
	ns1 IN AAAA 2001:db8::1
	www IN A 192.0.2.80
	www IN AAAA 2001:db8::80
	mail IN A 192.0.2.25
	alias IN CNAME www
	EOF
	for k in 1 2 3 4 5 6 7 8; do
		printf 'big IN TXT "%s %0200d"\n' "$k" "$k"
	done
	for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		printf 'huge IN TXT "%s %0200d"\n' "$k" "$k"
	done
}

configure() {
	zone >"$work/zone"
	cat >"$work/named.conf" <<-EOF
	options {
		directory "$work";
		pid-file none;
		session-keyfile "$work/session.key";
		listen-on { any; };
		listen-on-v6 { any; };
		recursion no;
		allow-query { any; };
		allow-transfer { any; };
		server-id "ns1.example";
		version "named";
		max-udp-size 4096;
		edns-udp-size 4096;
		statistics-file "$work/stats";
		notify no;
	};
	key rndc { algorithm hmac-sha256; secret "c2VjcmV0IG9mIHRoaXMgcmVjb3JkaW5n"; };
	controls { inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { rndc; }; };
	zone "zone.example" { type primary; file "zone"; dnssec-policy default; inline-signing yes; };
	EOF
	cat >"$work/rndc.conf" <<-EOF
	key rndc { algorithm hmac-sha256; secret "c2VjcmV0IG9mIHRoaXMgcmVjb3JkaW5n"; };
	options { default-key rndc; default-server 127.0.0.1; default-port 953; };
	EOF
}

start() {
	ip netns exec "$S" named -f -c "$work/named.conf" -n 1 >"$work/named.log" 2>&1 &
	pids="$pids $!"
	tries=0
	until inS dig +time=1 +tries=1 +short @127.0.0.1 zone.example DNSKEY 2>/dev/null | grep -q .; do
		tries=$((tries + 1))
		[ $tries -lt 20 ] || { cat "$work/named.log" >&2; exit 1; }
		sleep 0.5
	done
	sleep 2 # the signing
}

# ask ARGUMENTS...: dig without retries, its output kept.
ask() {
	echo "\$ dig $*"
	inC dig +tries=1 +time=3 "$@" || :
}

# The times that dig prints stay: an upper bound of what the capture shows.
udp() {
	record "$pcaps/dns-bind-udp.pcap" 'udp port 53'
	{
		for server in 192.0.2.1 2001:db8::1; do
			ask @$server www.zone.example A
			ask @$server www.zone.example AAAA
			ask @$server WWW.Zone.Example A +noedns
			ask @$server zone.example MX +noedns +nocookie
			ask @$server zone.example TXT +nocookie
			ask @$server alias.zone.example A
			ask @$server none.zone.example A
			ask @$server www.elsewhere.example A
			ask @$server www.zone.example A +subnet=203.0.113.0/24
			ask @$server www.zone.example A +nocookie +nsid
			ask @$server www.zone.example A +dnssec
			ask @$server none.zone.example A +dnssec
			ask @$server zone.example DNSKEY +dnssec
			ask @$server big.zone.example TXT +bufsize=512 +ignore
			ask @$server big.zone.example TXT +noedns +ignore
			ask @$server www.zone.example A +edns=1 +noednsneg
			ask @$server version.bind TXT CH
			ask @$server www.zone.example TYPE65
		done
		ask -b 192.0.2.12 @192.0.2.1 www.zone.example A
		ask -b 192.0.2.13 @192.0.2.1 www.zone.example A
		ask -b 2001:db8::14 @2001:db8::1 www.zone.example A
	} >"$work/dig"
	recorded
	count udp
}

tcp() {
	record "$work/tcp.pcap" 'port 53'
	{
		for server in 192.0.2.1 2001:db8::1; do
			ask @$server www.zone.example A +tcp
			ask @$server huge.zone.example TXT +bufsize=1232
			ask @$server zone.example AXFR
			ask @$server +tcp +keepopen www.zone.example A mail.zone.example A none.zone.example A
		done
	} >"$work/dig"
	recorded
	editcap -F pcapng "$work/tcp.pcap" "$pcaps/dns-bind-tcp.pcapng"
	count tcp
}

# The filter has no ports: only the first fragment of a datagram has them.
fragments() {
	record "$pcaps/dns-bind-fragments.pcap" 'udp port 53 or ip[6:2] & 0x1fff != 0 or ip6[6] = 44'
	{
		for server in 192.0.2.1 2001:db8::1; do
			ask @$server big.zone.example TXT +bufsize=4096
			ask @$server big.zone.example TXT +bufsize=4096 +dnssec
		done
	} >"$work/dig"
	recorded
	count fragments
}

# The counters of named, which has answered `start` too: the difference is what was recorded.
stats() {
	rm -f "$work/stats"
	inS rndc -c "$work/rndc.conf" stats
	tries=0
	until grep -q '^++ Zone Maint' "$work/stats" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || { say "named wrote no statistics"; exit 1; }
		sleep 0.1
	done
	echo "\$ rndc stats ($1)"
	sed -n '/^++ Name Server Statistics/,/^++ Zone Maintenance/p' "$work/stats" | sed '/^++/d'
	echo
}

count() {
	stats "after this recording" >"$work/after"
	cat "$work/dig" "$work/before" "$work/after" | sed "s|$work|.|g" >"$pcaps/dns-bind-$1.txt"
	sed 's/after this recording/before this recording/' "$work/after" >"$work/before"
}

namespaces
configure
start
stats "before this recording" >"$work/before"
udp
tcp
fragments
