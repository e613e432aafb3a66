#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records DNS questions of dig with all that a transaction list shows: client subnet, cookies (new,
# returned, wrong), NSID, truncation with and without TCP, fragments (one lost), extended errors,
# what is unanswered and why; and two resolvers (unbound, BIND) at work in a tree of servers.
# usage: dns.sh FOLDER|- [PART...]      -: testdata/pcaps; parts: options truncation fragments
#                                       errors extended resolver_unbound resolver_bind (all)
# Needs root, iproute2, ethtool, tcpdump, tshark, bind9, bind9-dnsutils, unbound.
set -eu
. "$(dirname "$0")/common.sh"
case ${1:--} in -) ;; *) pcaps=$1 ;; esac
[ $# -eq 0 ] || shift
need ip ethtool tcpdump tshark named dig unbound

zone() {
	cat <<-'END'
	$TTL 300
	@ IN SOA ns1 hostmaster 1 3600 600 86400 300
	@ IN NS ns1
	@ IN MX 10 mail
	ns1 IN A 192.0.2.1
	ns1 IN AAAA 2001:db8::1
	www IN A 192.0.2.80
	www IN AAAA 2001:db8::80
	mail IN A 192.0.2.25
	alias IN CNAME www
	END
	for k in 1 2 3 4 5 6 7 8; do printf 'big IN TXT "%s %0200d"\n' "$k" "$k"; done
	for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do printf 'huge IN TXT "%s %0200d"\n' "$k" "$k"; done
}

# name_server HOST [LINE...]: named with zone.example, signed, and more lines for its options.
name_server() {
	name=$1
	shift
	mkdir -p "$work/$name"
	zone >"$work/$name/zone"
	zone >"$work/$name/plain"
	cat >"$work/$name/named.conf" <<-END
	options {
		directory "$work/$name";
		pid-file none;
		session-keyfile "$work/$name/session.key";
		listen-on { any; };
		listen-on-v6 { any; };
		recursion no;
		server-id "ns1.example";
		max-udp-size 4096;
		edns-udp-size 4096;
		notify no;
		$*
	};
	zone "zone.example" { type primary; file "zone"; dnssec-policy default; inline-signing yes; };
	zone "secret.example" { type primary; file "plain"; allow-query { none; }; };
	END
	start_named "$name" zone.example DNSKEY
}

start_named() { # HOST NAME TYPE
	spawn "named_$1" "$1" "$work/$1/named.log" named -f -c "$work/$1/named.conf" -n 1
	tries=0
	until on "$1" dig +time=1 +tries=1 +short @127.0.0.1 "$2" "$3" 2>/dev/null | grep -q "^[^;]"; do
		tries=$((tries + 1))
		[ $tries -lt 20 ] || { cat "$work/$1/named.log" >&2; exit 1; }
		sleep 0.5
	done
	sleep 2 # the signing
}

ask_dig() { run c dig +tries=1 +time=2 "$@"; }
begin() { record c "$1" 'port 53 or (ip[6:2] & 0x1fff != 0) or ip6[6] == 44 or icmp or (icmp6 and ip6[40] < 128)'; }
end() {
	recorded c
	cat >"$pcaps/$1.txt"
}
filter='port 53, fragments, ICMP errors'

options() {
	begin dns-dig-options
	{
		for server in 192.0.2.1 2001:db8::1; do
			ask_dig @$server www.zone.example A
			ask_dig @$server www.zone.example AAAA +noedns
			ask_dig @$server www.zone.example A +nocookie +subnet=198.51.100.0/24
			ask_dig @$server www.zone.example A +subnet=2001:db8:1200::/40
			ask_dig @$server www.zone.example A +subnet=0.0.0.0/0
			ask_dig @$server www.zone.example A +nsid
			ask_dig @$server www.zone.example A +nsid +dnssec +subnet=198.51.100.77/32
			ask_dig @$server mail.zone.example A +cookie=0011223344556677 | tee "$work/first"
			good=$(sed -n 's/^; COOKIE: \([0-9a-f]*\).*/\1/p' "$work/first")
			ask_dig @$server mail.zone.example A +cookie="$good"
			ask_dig @$server mail.zone.example A +cookie=00112233445566770100000000000000aabbccddeeff0011
			ask_dig @$server none.zone.example A
			ask_dig @$server www.elsewhere.example A
			ask_dig @$server www.secret.example A
			ask_dig @$server www.zone.example A +edns=1 +noednsneg
			ask_dig @$server www.zone.example A +nocookie +ednsopt=65001:deadbeef
			ask_dig @$server www.zone.example HTTPS
			ask_dig @$server www.zone.example A +tcp +nsid
		done
	} >"$work/options"
	end dns-dig-options <"$work/options"
	about dns-dig-options "$filter" <<-END
	dig and named ($(version_of bind9 | awk '{ print $2 }')), IPv4 and IPv6, captured at dig's host: client subnet (IPv4 /24, /32, /0; IPv6 /40), NSID, cookies (a client cookie; the server's returned; a wrong one, answered with a new one), unknown option, no EDNS, EDNS version 1 (BADVERS), NXDOMAIN, REFUSED (with extended error 18 for a zone that is forbidden), TCP.
	END
	kill "$named_s"
	sleep 1
	name_server s 'require-server-cookie yes;'
	begin dns-dig-badcookie
	{
		for server in 192.0.2.1 2001:db8::1; do
			ask_dig @$server www.zone.example A +nobadcookie
			ask_dig @$server www.zone.example A
			ask_dig @$server mail.zone.example A +cookie=00112233445566770100000000000000aabbccddeeff0011 +nobadcookie
			ask_dig @$server mail.zone.example A +nocookie
			ask_dig @$server mail.zone.example A +nocookie +tcp
		done
	} >"$work/badcookie"
	end dns-dig-badcookie <"$work/badcookie"
	about dns-dig-badcookie "$filter" <<-END
	The same with \`require-server-cookie yes\`: BADCOOKIE without a server cookie and for a wrong one (dig's \`+nobadcookie\`: it stops there; without: it asks again at once with the new cookie), and what a client without cookies gets.
	END
	kill "$named_s"
	sleep 1
	name_server s
}

truncation() {
	begin dns-dig-truncation
	{
		for server in 192.0.2.1 2001:db8::1; do
			ask_dig @$server big.zone.example TXT +bufsize=512
			ask_dig @$server huge.zone.example TXT +bufsize=1232
			ask_dig @$server big.zone.example TXT +bufsize=512 +ignore
			ask_dig @$server big.zone.example TXT +noedns
			ask_dig @$server big.zone.example TXT +tcp
		done
		on s nft 'table inet f { chain i { type filter hook input priority 0; tcp dport 53 reject with tcp reset; }; }'
		echo "# the server refuses TCP"
		ask_dig @192.0.2.1 big.zone.example TXT +bufsize=512
		on s nft 'delete table inet f'
		on s nft 'table inet f { chain i { type filter hook input priority 0; tcp dport 53 drop; }; }'
		echo "# TCP to the server is dropped"
		ask_dig @2001:db8::1 big.zone.example TXT +bufsize=512
		on s nft 'delete table inet f'
	} >"$work/truncation"
	end dns-dig-truncation <"$work/truncation"
	about dns-dig-truncation "$filter" <<-END
	dig and named, IPv4 and IPv6: answers with TC, asked again over TCP (512 and 1232 octets, no EDNS), not asked again (\`+ignore\`), TCP at once, TC and the server refuses TCP (RST), TC and TCP is dropped (SYN three times and nothing).
	END
}

fragments() {
	ip -n "$lab-s" link set eth0 mtu 1280
	: >"$work/rules"
	begin dns-dig-fragments
	{
		for server in 192.0.2.1 2001:db8::1; do
			ask_dig @$server huge.zone.example TXT +bufsize=4096
			ask_dig @$server huge.zone.example TXT +bufsize=4096 +dnssec
			ask_dig @$server zone.example DNSKEY +bufsize=4096 +dnssec
		done
		printf '%s\n' 'back f[12:14] == b"\x08\x00" and (f[20] & 0x1f or f[21]) or f[12:14] == b"\x86\xdd" and f[20] == 44 and f[56:58] > b"\x00\x07"' >"$work/rules"
		echo "# every later fragment is lost on its way to dig"
		for server in 192.0.2.1 2001:db8::1; do ask_dig @$server huge.zone.example TXT +bufsize=4096 +retry=1; done
		rm "$work/rules"
	} >"$work/fragments"
	end dns-dig-fragments <"$work/fragments"
	about dns-dig-fragments "$filter" <<-END
	dig (4096 octets) and named behind an MTU of 1280, IPv4 and IPv6, captured at dig's host: answers in fragments, with and without signatures; then every fragment but the first is lost before it comes to dig (the capture has the first ones): timeouts.
	END
	ip -n "$lab-s" link set eth0 mtu 1500
}

errors() {
	begin dns-dig-errors
	{
		ask_dig @192.0.2.9 www.zone.example A +retry=2
		ask_dig @2001:db8::8 www.zone.example A
		ask_dig @192.0.2.8 www.zone.example A
		printf '%s\n' 'out udp and udp[1] == 53 and b"\x04lost" in udp[2]' >"$work/rules"
		echo "# questions for lost.zone.example are dropped behind the capture"
		ask_dig @192.0.2.1 lost.zone.example A
		ask_dig @2001:db8::1 lost.zone.example A +retry=1
		printf '%s\n' 'back udp and udp[0] == 53 and n == 1' >"$work/rules"
		echo "# the first answer is dropped before the capture"
		ask_dig @192.0.2.1 www.zone.example A +retry=1
		rm "$work/rules"
		ask_dig @192.0.2.1 www.zone.example A
	} >"$work/errors"
	end dns-dig-errors <"$work/errors"
	about dns-dig-errors "$filter" <<-END
	What stays unanswered, and why: a host that drops (192.0.2.9, asked three times), hosts without a server (192.0.2.8 and 2001:db8::8: port unreachable), questions lost on their way, an answer lost and the question asked again.
	END
}

# A tree: the root, example., zone.example. and deep.zone.example., each at its own distance.
tree_zone() { # HOST ZONE LINES...: one zone of a named
	mkdir -p "$work/$1"
	{
		printf '$TTL 3600\n@ IN SOA ns.%s. hostmaster.%s. 1 3600 600 86400 60\n' "$4" "$4"
		cat
	} >"$work/$1/$3"
	cat >"$work/$1/named.conf" <<-END
	options { directory "$work/$1"; pid-file none; session-keyfile "$work/$1/session.key"; listen-on { any; };
		listen-on-v6 { any; }; recursion no; notify no; };
	zone "$2" { type primary; file "$3"; };
	END
	start_named "$1" "$2" SOA
}
tree() {
	far root 40 5 5
	far tld 41 8 9
	far auth 42 14 12
	host r 20
	tree_zone root . root root-servers.example <<-'END'
	@ IN NS ns.root-servers.example.
	ns.root-servers.example. IN A 192.0.2.40
	ns.root-servers.example. IN AAAA 2001:db8::40
	example. IN NS ns.tld-servers.example.
	ns.tld-servers.example. IN A 192.0.2.41
	ns.tld-servers.example. IN AAAA 2001:db8::41
	END
	tree_zone tld example. tld tld-servers.example <<-'END'
	@ IN NS ns.tld-servers
	ns.tld-servers IN A 192.0.2.41
	ns.tld-servers IN AAAA 2001:db8::41
	ns.root-servers IN A 192.0.2.40
	zone IN NS ns.zone
	ns.zone IN A 192.0.2.42
	ns.zone IN AAAA 2001:db8::42
	other IN NS ns.zone
	dead IN NS ns.dead
	ns.dead IN A 192.0.2.42
	END
	tree_zone auth zone.example. auth zone.example <<-'END'
	@ IN NS ns
	ns IN A 192.0.2.42
	ns IN AAAA 2001:db8::42
	www IN A 192.0.2.80
	www IN AAAA 2001:db8::80
	alias IN CNAME www.other.example.
	END
	cat >>"$work/auth/named.conf" <<-END
	zone "other.example." { type primary; file "other"; };
	END
	printf '$TTL 3600\n@ IN SOA ns.zone.example. hostmaster.zone.example. 1 3600 600 86400 60\n@ IN NS ns.zone.example.\nwww IN A 192.0.2.81\n' >"$work/auth/other"
	kill "$named_auth"
	sleep 1
	start_named auth other.example SOA
	printf '. 3600000 NS ns.root-servers.example.\nns.root-servers.example. 3600000 A 192.0.2.40\nns.root-servers.example. 3600000 AAAA 2001:db8::40\n' >"$work/hints"
	tree_is_up=yes
}
ask_resolver() {
	ask_dig @192.0.2.20 www.zone.example A
	ask_dig @2001:db8::20 alias.zone.example A
	ask_dig @192.0.2.20 www.zone.example A
	ask_dig @192.0.2.20 www.zone.example AAAA
	ask_dig @192.0.2.20 none.zone.example A
	ask_dig @192.0.2.20 www.dead.example A +time=12
	sleep 6
}
resolver_unbound() {
	[ -n "${tree_is_up:-}" ] || tree
	cat >"$work/unbound.conf" <<-END
	server:
		username: ""
		chroot: ""
		directory: "$work"
		pidfile: ""
		use-syslog: no
		logfile: ""
		verbosity: 1
		log-queries: yes
		log-replies: yes
		log-servfail: yes
		log-time-ascii: no
		ede: yes
		interface: 192.0.2.20
		interface: 2001:db8::20
		access-control: 0.0.0.0/0 allow
		access-control: ::/0 allow
		root-hints: "$work/hints"
		module-config: "iterator"
		num-threads: 1
		extended-statistics: yes
	remote-control:
		control-enable: no
	END
	record r dns-resolver-unbound 'port 53 or icmp or (icmp6 and ip6[40] < 128)'
	spawn unbound r "$work/unbound.log" unbound -d -c "$work/unbound.conf"
	sleep 2
	ask_resolver >"$work/unbound.dig"
	kill $unbound
	wait $unbound || :
	recorded r
	{ cat "$work/unbound.dig"; echo "# the log of unbound"; tidy <"$work/unbound.log"; } >"$pcaps/dns-resolver-unbound.txt"
	about dns-resolver-unbound "$filter" <<-END
	A resolver, unbound $(version_of unbound | awk '{ print $2 }'), captured at its own host (192.0.2.20, 2001:db8::20) from a cold cache on: dig at 192.0.2.30 asks six times; the resolver asks the root (192.0.2.40, 10 ms), example. (192.0.2.41, 17 ms) and zone.example. and other.example. (192.0.2.42, 26 ms), also by IPv6. The second question is an alias into another zone, the third is answered from the cache, the last one's server refuses (SERVFAIL with an extended error). The resolver's log of queries and replies is in the .txt.
	END
}
resolver_bind() {
	[ -n "${tree_is_up:-}" ] || tree
	mkdir -p "$work/r"
	cat >"$work/r/named.conf" <<-END
	options { directory "$work/r"; pid-file none; session-keyfile "$work/r/session.key"; listen-on { 192.0.2.20; 127.0.0.1; };
		listen-on-v6 { 2001:db8::20; }; recursion yes; allow-recursion { any; }; allow-query { any; }; dnssec-validation no;
		querylog yes; empty-zones-enable no; };
	logging {
		channel out { stderr; print-time iso8601-utc; print-category yes; severity info; };
		category queries { out; }; category default { null; }; category query-errors { out; };
	};
	zone "." { type hint; file "../hints"; };
	END
	record r dns-resolver-bind 'port 53 or icmp or (icmp6 and ip6[40] < 128)'
	spawn named_r r "$work/r/named.log" named -f -c "$work/r/named.conf" -n 1
	sleep 3
	ask_resolver >"$work/bind.dig"
	kill $named_r
	wait $named_r || :
	recorded r
	{ cat "$work/bind.dig"; echo "# the query log of named"; tidy <"$work/r/named.log"; } >"$pcaps/dns-resolver-bind.txt"
	about dns-resolver-bind "$filter" <<-END
	The same questions in the same tree as [dns-resolver-unbound](dns-resolver-unbound.md), the resolver is named $(version_of bind9 | awk '{ print $2 }').
	END
}

# A validating resolver that is told a wrong key for zone.example, and refuses strangers.
extended() {
	host v 21
	cat >"$work/v.conf" <<-END
	server:
		username: ""
		chroot: ""
		directory: "$work"
		pidfile: ""
		use-syslog: no
		logfile: ""
		verbosity: 1
		log-queries: yes
		log-replies: yes
		val-log-level: 2
		ede: yes
		interface: 192.0.2.21
		interface: 2001:db8::21
		access-control: 192.0.2.0/24 allow
		access-control: ::/0 refuse
		do-not-query-localhost: no
		module-config: "validator iterator"
		trust-anchor: "zone.example. DS 1 13 2 00000000000000000000000000000000000000000000000000000000000000aa"
	stub-zone:
		name: "zone.example"
		stub-addr: 192.0.2.1
	remote-control:
		control-enable: no
	END
	spawn unbound_v v "$work/v.log" unbound -d -c "$work/v.conf"
	sleep 2
	begin dns-dig-extended-errors
	{
		ask_dig @192.0.2.21 www.zone.example A
		ask_dig @192.0.2.21 www.zone.example A +cdflag
		ask_dig @192.0.2.21 www.zone.example A +dnssec
		ask_dig @2001:db8::21 www.zone.example A
		ask_dig @192.0.2.1 www.secret.example A
		ask_dig @2001:db8::1 www.secret.example A
		echo "# the log of unbound"
		tidy <"$work/v.log"
	} >"$work/extended"
	kill "$unbound_v"
	end dns-dig-extended-errors <"$work/extended"
	about dns-dig-extended-errors "$filter" <<-END
	Extended DNS errors: unbound $(version_of unbound | awk '{ print $2 }') as a validating resolver with a wrong trust anchor for zone.example (SERVFAIL), the same question with CD (answered), strangers refused; named with a zone that is forbidden (REFUSED, error 18 Prohibited).
	END
}

hub
host s 1
far c 30 1 1 "$work/rules"
host quiet 9
on quiet nft 'table inet f { chain i { type filter hook input priority 0; meta l4proto { udp, tcp } th dport 53 drop; }; }'
host empty 8
name_server s
for part in ${*:-options truncation fragments errors extended resolver_unbound resolver_bind}; do $part; done
