#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records how a secondary (BIND 9) is told of new serial numbers of a zone, and fetches them: NOTIFY, SOA, AXFR, and
# dig's questions before and after. Beside the capture dns-bind-notify.txt has what dig printed and named logged.
# usage: record-zones.sh [FOLDER]        default: testdata/pcaps
# Needs root, iproute2, ethtool, tcpdump, bind9 and bind9-dnsutils.
set -eu
. "$(dirname "$0")/record-common.sh"
need ip ethtool tcpdump named dig rndc

# zone SERIAL RECORDS
zone() {
	printf '$TTL 300\n@ IN SOA ns1 hostmaster %s 3600 600 86400 300\n@ IN NS ns1\nns1 IN A 192.0.2.1\n' "$1"
	k=0
	while [ $k -lt "$2" ]; do
		printf 'h%s IN TXT "%s %0100d"\n' $k $k $k
		k=$((k + 1))
	done
}

# The secondary is 192.0.2.1, its primary 192.0.2.11.
configure() {
	mkdir "$work/one" "$work/two"
	chmod 777 "$work" "$work/one" "$work/two"
	zone 4294967295 400 >"$work/one/zone"
	cat >"$work/one.conf" <<-EOF
	options {
		directory "$work/one";
		pid-file none;
		session-keyfile "$work/one.key";
		listen-on { 192.0.2.11; };
		listen-on-v6 { none; };
		recursion no;
		allow-transfer { any; };
		notify explicit;
		notify-delay 0;
		also-notify { 192.0.2.1; };
	};
	key rndc { algorithm hmac-sha256; secret "c2VjcmV0IG9mIHRoaXMgcmVjb3JkaW5n"; };
	controls { inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { rndc; }; };
	zone "zone.example" { type primary; file "zone"; };
	EOF
	cat >"$work/two.conf" <<-EOF
	options {
		directory "$work/two";
		pid-file none;
		session-keyfile "$work/two.key";
		listen-on { 192.0.2.1; };
		listen-on-v6 { none; };
		recursion no;
		notify no;
		request-ixfr no;
	};
	controls { };
	zone "zone.example" { type secondary; primaries { 192.0.2.11; }; file "zone.db"; };
	EOF
	cat >"$work/rndc.conf" <<-EOF
	key rndc { algorithm hmac-sha256; secret "c2VjcmV0IG9mIHRoaXMgcmVjb3JkaW5n"; };
	options { default-key rndc; default-server 127.0.0.1; default-port 953; };
	EOF
}

start() {
	inC named -f -c "$work/one.conf" -n 1 >/dev/null 2>&1 &
	pids="$pids $!"
	inS named -g -c "$work/two.conf" -n 1 >"$work/two.log" 2>&1 &
	pids="$pids $!"
	tries=0
	until grep -q 'transfer of .zone.example.*completed' "$work/two.log"; do
		tries=$((tries + 1))
		[ $tries -lt 40 ] || { cat "$work/two.log" >&2; exit 1; }
		sleep 0.5
	done
}

ask() {
	echo "\$ dig $*"
	inC dig -b 192.0.2.12 +tries=1 +time=3 @192.0.2.1 "$@" || :
}

# renew SERIAL RECORDS: the primary has another zone.
renew() {
	zone "$1" "$2" >"$work/one/zone"
	inC rndc -c "$work/rndc.conf" reload zone.example >/dev/null
}

namespaces
configure
start
record "$pcaps/dns-bind-notify.pcap" 'port 53'
{
	ask zone.example SOA
	renew 1 400
	sleep 3.2
	ask none.zone.example A
	renew 2 30
	sleep 1.6
	ask www.none.zone.example A
	ask zone.example SOA
} >"$work/dig"
recorded
{
	cat "$work/dig"
	echo "\$ named -g (the secondary)"
	grep -E 'notify|transfer of|Transfer|transferred serial' "$work/two.log"
} | sed "s|$work|.|g" >"$pcaps/dns-bind-notify.txt"
