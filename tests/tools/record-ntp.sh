#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records NTP between real programs: chronyd (plain, with keys, interleaved, NTS), ntpd of NTPsec,
# ntpdig and ntpq. Beside each capture NAME.txt has what the programs themselves counted.
# usage: record-ntp.sh [FOLDER [PART...]]        default: testdata/pcaps, all parts
# Needs root, iproute2, ethtool, tcpdump, openssl, util-linux, chrony, ntpsec-ntpdig and
# wireshark-common; and, for the
# NTPsec part, the unpacked packages ntpsec and python3-ntp (ntpsec and chrony exclude each other):
#   apt-get download ntpsec python3-ntp && dpkg -x ntpsec_*.deb D && dpkg -x python3-ntp_*.deb D
#   NTPSEC_ROOT=D record-ntp.sh
set -eu
. "$(dirname "$0")/record-common.sh"
need ip ethtool tcpdump openssl setpriv chronyd chronyc ntpdig editcap

# chrony NS NAME: starts chronyd with $work/NAME.conf; it never touches the clock.
chrony() {
	cat >>"$work/$2.conf" <<-EOF
	cmdport 0
	bindcmdaddress $work/$2.sock
	pidfile $work/$2.pid
	EOF
	ip netns exec "$1" chronyd -x -d -u root -f "$work/$2.conf" 2>"$work/$2.log" &
	pids="$pids $!"
	eval "pid_$2=$!"
	tries=0
	until [ -S "$work/$2.sock" ]; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || { cat "$work/$2.log" >&2; exit 1; }
		sleep 0.1
	done
}

stop() {
	for name in "$@"; do
		eval "kill \$pid_$name && wait \$pid_$name || :"
	done
}

ask() { name=$1; shift; echo "\$ chronyc $*"; chronyc -n -h "$work/$name.sock" "$@" | sed "s|$work/||g"; echo; }

keys() {
	cat >"$work/keys" <<-EOF
	1 MD5 HEX:00112233445566778899AABBCCDDEEFF
	2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233
	20 MD5 HEX:102132435465768798A9BACBDCEDFE0F
	24 SHA1 HEX:FEEDFACE445566778899AABBCCDDEEFF00112233
	EOF
	chmod 600 "$work/keys"
}

# client NAME ADDRESS OPTIONS...: one chronyd that polls the server from ADDRESS.
client() {
	name=$1 from=$2; shift 2
	case $from in *:*) server=2001:db8::1 ;; *) server=192.0.2.1 ;; esac
	cat >"$work/$name.conf" <<-EOF
	server $server $*
	bindacqaddress $from
	keyfile $work/keys
	ntsdumpdir $work
	ntstrustedcerts $work/nts.crt
	EOF
	chrony "$C" "$name"
}

server() {
	cat >"$work/server.conf" <<-EOF
	local stratum 5
	allow 0/0
	allow ::/0
	keyfile $work/keys
	ntsserverkey $work/nts.key
	ntsservercert $work/nts.crt
	ntsdumpdir $work
	EOF
	chrony "$S" server
}

server_says() {
	ask server serverstats
	ask server clients
}

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=ntp.example \
		-addext subjectAltName=IP:192.0.2.1,IP:2001:db8::1 -keyout "$work/nts.key" -out "$work/nts.crt" \
		2>/dev/null
}

poll='iburst minpoll -1 maxpoll -1'

plain() {
	server
	record "$pcaps/ntp-chrony.pcap" 'udp port 123'
	client plain4 192.0.2.11 $poll
	client plain6 2001:db8::12 $poll
	client md5 192.0.2.13 $poll key 1
	client sha1 2001:db8::14 $poll key 2
	client key20 192.0.2.15 $poll key 20
	client key24 192.0.2.16 $poll key 24
	client v3 2001:db8::16 $poll version 3
	sleep 5
	for c in plain4 plain6 md5 sha1 key20 key24 v3; do ask $c ntpdata; done >"$work/tail"
	stop plain4 plain6 md5 sha1 key20 key24 v3
	recorded
	{ server_says; cat "$work/tail"; } >"$pcaps/ntp-chrony.txt"
	stop server
}

interleaved() {
	server
	record "$pcaps/ntp-chrony-interleaved.pcap" 'udp port 123'
	client x4 192.0.2.11 $poll xleave
	client x6 2001:db8::12 $poll xleave
	client p4 192.0.2.13 $poll
	sleep 9
	for c in x4 x6 p4; do ask $c ntpdata; done >"$work/tail"
	stop x4 x6 p4
	recorded
	{ server_says; cat "$work/tail"; } >"$pcaps/ntp-chrony-interleaved.txt"
	stop server
}

nts() {
	server
	record "$pcaps/ntp-chrony-nts.pcap" 'udp port 123 or tcp port 4460'
	client n4 192.0.2.11 $poll nts
	client n6 2001:db8::12 $poll nts
	client p4 192.0.2.13 $poll
	sleep 9
	for c in n4 n6; do ask $c ntpdata; ask $c authdata; done >"$work/tail"
	stop n4 n6 p4
	recorded
	{ ask server serverstats; ask server clients -k; ask server clients; cat "$work/tail"; } \
		>"$pcaps/ntp-chrony-nts.txt"
	stop server
}

# NTS key establishments alone: two good ones, one by TLS 1.3 that asks for another protocol (ALPN), one of
# TLS 1.2, which the server refuses. The secrets of the connections are put into the capture.
nts_ke() {
	SSLKEYLOGFILE=$work/secrets server
	record "$work/ke.pcap" 'tcp port 4460'
	client k4 192.0.2.11 $poll nts
	client k6 2001:db8::12 $poll nts
	sleep 3
	ask k4 authdata >"$work/tail"
	stop k4 k6
	for options in '-tls1_3 -alpn ntske/1' '-tls1_3 -alpn dot' '-tls1_2 -alpn ntske/1'; do
		# shellcheck disable=SC2086
		inC openssl s_client -connect 192.0.2.1:4460 $options </dev/null >/dev/null 2>&1 || :
	done
	recorded
	editcap --inject-secrets "tls,$work/secrets" "$work/ke.pcap" "$pcaps/ntp-chrony-nts-ke.pcapng"
	{ ask server serverstats; cat "$work/tail"; } >"$pcaps/ntp-chrony-nts-ke.txt"
	stop server
}

digs() {
	for server in 192.0.2.1 2001:db8::1; do
		for _ in 1 2 3; do
			echo "\$ ntpdig $server"
			inC ntpdig "$server" 2>&1 || : # no answer is a result too
		done
	done
	echo
}

ntpdig_chrony() {
	server
	record "$pcaps/ntp-ntpdig-chrony.pcap" 'udp port 123'
	digs >"$work/tail"
	recorded
	{ server_says; cat "$work/tail"; } >"$pcaps/ntp-ntpdig-chrony.txt"
	stop server
}

ntpq() { echo "\$ ntpq $*"; inC "$python" "$NTPSEC_ROOT/usr/bin/ntpq" -n "$@" 192.0.2.1 2>&1 || :; echo; }

# ntpd may not set the clock: it runs without the capability to. It answers
# ntpq (mode 6) and serves its own time as an orphan of stratum 5.
ntpsec() {
	python=/usr/bin/python3
	export PYTHONPATH="$NTPSEC_ROOT/usr/lib/python3/dist-packages"
	cat >"$work/ntp.conf" <<-EOF
	tos orphan 5 orphanwait 1
	disable kernel
	restrict default
	restrict 192.0.2.0/24
	EOF
	ip netns exec "$S" setpriv --bounding-set=-sys_time --inh-caps=-sys_time \
		"$NTPSEC_ROOT/usr/sbin/ntpd" -n -c "$work/ntp.conf" -l "$work/ntpd.log" >/dev/null 2>&1 &
	ntpd=$!
	pids="$pids $ntpd"
	sleep 4 # until it takes itself for a source
	record "$pcaps/ntp-ntpsec.pcap" 'udp port 123'
	{ ntpq -c 'rv 0 stratum,leap,refid,version'; ntpq -c peers; digs; } >"$work/tail"
	client c4 192.0.2.11 iburst minpoll 0 maxpoll 0
	client c6 2001:db8::12 iburst minpoll -1 maxpoll -1
	sleep 7
	for c in c4 c6; do ask $c ntpdata; done >>"$work/tail"
	stop c4 c6
	ntpq -c sysstats >>"$work/tail"
	recorded
	cp "$work/tail" "$pcaps/ntp-ntpsec.txt"
	kill "$ntpd"
}

namespaces
keys
certificate
[ $# -eq 0 ] || shift
for part in ${*:-plain interleaved nts nts_ke ntpdig_chrony ntpsec}; do
	if [ "$part" = ntpsec ] && [ ! -x "${NTPSEC_ROOT:-}/usr/sbin/ntpd" ]; then
		say "NTPSEC_ROOT has no usr/sbin/ntpd: ntp-ntpsec.pcap not recorded"
		continue
	fi
	$part
done
