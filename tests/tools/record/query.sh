#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records programs that ask the time once and print offset and delay, at their own host: near and
# far servers, servers whose clock is wrong, keys, NTS, and what goes wrong.
# usage: query.sh FOLDER|- [PART...]     -: testdata/pcaps; parts: ntpdate others keys nts failures
# Needs root, iproute2, ethtool, tcpdump, tshark, openssl, chrony, ntpsec-ntpdig, ntpsec-ntpdate, rdate,
# toybox, python3-ntplib, monitoring-plugins-basic; BUSYBOX (clients.sh) and NTPSEC_ROOT (card.sh).
set -eu
. "$(dirname "$0")/common.sh"
case ${1:--} in -) ;; *) pcaps=$1 ;; esac
[ $# -eq 0 ] || shift
need ip ethtool tcpdump tshark setpriv chronyd chronyc ntpdig openssl
: "${BUSYBOX:?a busybox with ntpd}"
[ -x "${NTPSEC_ROOT:-}/usr/sbin/ntpd" ] || { say "NTPSEC_ROOT has no usr/sbin/ntpd"; exit 2; }
places="192.0.2.1 (at once), 192.0.2.2 and 2001:db8::2 (25 ms to it, 10 ms from it: about +7.5 ms of offset are the path's), 192.0.2.3 and 2001:db8::3 (5 ms each way, its clock some seconds ahead)"

servers() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=ntp.example \
		-addext subjectAltName=IP:192.0.2.2,IP:2001:db8::2 -keyout "$work/nts.key" -out "$work/nts.crt" 2>/dev/null
	printf '1 MD5 HEX:00112233445566778899AABBCCDDEEFF\n2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233\n' >"$work/keys"
	printf '1 MD5 00112233445566778899AABBCCDDEEFF\n2 SHA1 00112233445566778899AABBCCDDEEFF00112233\n' >"$work/ntp.keys"
	printf '2 SHA1 FFEEDDCCBBAA99887766554433221100FFEEDDCC\n7 SHA1 00112233445566778899AABBCCDDEEFF00112233\n' >"$work/wrong.keys"
	chmod 600 "$work"/*keys
	printf 'keyfile %s\nntsserverkey %s\nntsservercert %s\nntsdumpdir %s\n' "$work/keys" "$work/nts.key" "$work/nts.crt" "$work" >"$work/b.more"
	source_of_time a 1
	source_of_time b 2
	source_of_time c 3
	chronyc -h "$work/c.sock" settime "$(date -d '+3 seconds' '+%b %d, %Y %H:%M:%S')" >/dev/null
	sleep 1
	printf 'allow 0/0\nallow ::/0\n' >"$work/d.conf" # never synchronised
	chrony d
	printf '%s\n' 'disable kernel' 'tos orphan 5 orphanwait 1' "keys $work/ntp.keys" 'trustedkey 1 2' 'restrict default' 'restrict 192.0.2.0/24' \
		'restrict 2001:db8::/32' >"$work/t.conf"
	spawn ntpd_t t /dev/null "$NTPSEC_ROOT/usr/sbin/ntpd" -n -c "$work/t.conf" -l "$work/t.log"
	sleep 5
}

all="192.0.2.1 192.0.2.2 2001:db8::2 192.0.2.3 2001:db8::3"
begin() { record q "$1" "${2:-udp port 123 or icmp or (icmp6 and ip6[40] < 128)}"; }

ntpdate() {
	begin query-ntpdate
	{
		for s in $all; do run q ntpdate -q $s; done
		for s in $all; do run q ntpdig $s; done
		for s in $all; do run q ntpdig -d $s; done
		run q ntpdig -j -p 4 192.0.2.2
		run q ntpdig 192.0.2.1 192.0.2.2 192.0.2.3
	} >"$pcaps/query-ntpdate.txt"
	recorded q
	about query-ntpdate 'udp port 123 or icmp' <<-END
	ntpdate -q and ntpdig ($(version_of ntpsec-ntpdig)) at 192.0.2.50, captured at their own host. Servers: $places. ntpdig prints the offset, and after +/- the synchronisation distance; with -d its four times as well; with -j JSON of four samples. It prints the fraction of a second without leading zeros (11:05:06.37000 is .037).
	END
}
others() {
	begin query-others
	{
		for s in $all; do run q rdate -n -p -v $s; done
		for s in $all; do run q toybox sntp $s; done
		for s in $all; do run q /usr/lib/nagios/plugins/check_ntp_time -v -H $s; done
		for s in $all; do
			run q /usr/bin/python3 -c 'import ntplib, sys
r = ntplib.NTPClient().request(sys.argv[1], version=4)
print("offset", r.offset, "delay", r.delay, "stratum", r.stratum, "leap", r.leap, "root_dispersion", r.root_dispersion)' $s
		done
		for s in $all; do
			run q timeout 3 "$BUSYBOX" ntpd -d -d -n -w -q -p $s
		done
		for s in 192.0.2.1 192.0.2.2 2001:db8::2 192.0.2.3; do
			run q chronyd -Q -x -t 10 -u root "server $s iburst" "pidfile $work/q.pid"
		done
	} >"$pcaps/query-others.txt"
	recorded q
	about query-others 'udp port 123 or icmp' <<-END
	Programs that print an offset, captured at their own host (192.0.2.50): rdate -n -p -v ($(version_of rdate)), toybox sntp ($(version_of toybox)), check_ntp_time ($(version_of monitoring-plugins-basic), four questions each and their mean), ntplib ($(version_of python3-ntplib)), BusyBox ntpd -q -w (v1.35.0, Debian's source with CONFIG_NTPD), chronyd -Q ($(version_of chrony), several questions and its estimate). Servers: $places. Signs differ between programs: some print what the clock must be moved by, chronyd's \`wrong by\` too.
	END
}
keys() {
	begin query-keys
	{
		for s in 192.0.2.2 2001:db8::2 192.0.2.5; do
			run q ntpdig -a 1 -k "$work/ntp.keys" $s
			run q ntpdig -a 2 -k "$work/ntp.keys" $s
			run q ntpdig -t 1 -a 2 -k "$work/wrong.keys" $s
			run q ntpdig -t 1 -a 7 -k "$work/wrong.keys" $s
		done
		echo "# a chronyd with a wrong key, at the ntpd"
		printf '2 SHA1 HEX:FFEEDDCCBBAA99887766554433221100FFEEDDCC\n' >"$work/wrong.chrony"
		chmod 600 "$work/wrong.chrony"
		run q chronyd -Q -x -t 5 -u root "server 192.0.2.5 iburst key 2" "keyfile $work/wrong.chrony" "pidfile $work/q.pid"
		run q chronyd -Q -x -t 8 -u root "server 192.0.2.2 iburst key 2" "keyfile $work/keys" "pidfile $work/q.pid"
	} >"$pcaps/query-keys.txt"
	recorded q
	about query-keys 'udp port 123 or icmp' <<-END
	ntpdig ($(version_of ntpsec-ntpdig)) with a key, captured at its host: MD5 (key 1) and SHA1 (key 2), a wrong secret for key 2, a key that the server does not know (7); at chronyd (192.0.2.2, 2001:db8::2) and at ntpd of NTPsec (192.0.2.5). Neither answers what is wrong: no crypto-NAK is to be had from the servers that Debian 12 packages. Then chronyd -Q with a wrong and a right key. The .txt has what each said.
	END
}
nts() {
	begin query-nts 'udp port 123 or tcp port 4460'
	{
		for s in 192.0.2.2 2001:db8::2; do
			run q chronyd -Q -x -t 10 -u root "server $s iburst nts" "ntstrustedcerts $work/nts.crt" "pidfile $work/q.pid"
		done
		run q chronyd -Q -x -t 6 -u root "server 192.0.2.3 iburst nts" "ntstrustedcerts $work/nts.crt" "pidfile $work/q.pid"
	} >"$pcaps/query-nts.txt"
	recorded q
	about query-nts 'udp port 123 or tcp port 4460' <<-END
	chronyd -Q with NTS ($(version_of chrony)), captured at its host: a server that knows NTS, IPv4 and IPv6 (25 ms to it, 10 ms from it), and one that does not (TCP refused). ntpdig has no NTS.
	END
}
failures() {
	begin query-failures
	{
		run q ntpdig -t 1 192.0.2.9
		run q ntpdig -t 1 192.0.2.8
		run q ntpdig -t 1 2001:db8::8
		run q ntpdig -t 1 192.0.2.4
		run q rdate -n -p -v 192.0.2.4
		run q toybox sntp 192.0.2.4
		run q /usr/lib/nagios/plugins/check_ntp_time -v -H 192.0.2.4
		run q chronyd -Q -x -t 4 -u root "server 192.0.2.4 iburst" "pidfile $work/q.pid"
		run q timeout 5 rdate -n -p -v 192.0.2.8
	} >"$pcaps/query-failures.txt"
	recorded q
	about query-failures 'udp port 123 or icmp' <<-END
	What goes wrong, captured at the client's host: a host that drops (192.0.2.9), hosts without a server (port unreachable), a chronyd that was never synchronised (192.0.2.4: leap 3, stratum 0) and what each program makes of it.
	END
}

hub
host a 1; far b 2 10 25; far c 3 5 5; host d 4; host t 5
host empty 8; host quiet 9; host q 50
on quiet nft 'table inet f { chain i { type filter hook input priority 0; udp dport 123 drop; }; }'
servers
for part in ${*:-ntpdate others keys nts failures}; do $part; done
