#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records rate limits: chronyd with `ratelimit` (drops) and ntpd of NTPsec with `restrict ...
# limited kod`, asked too fast by ntpdig, by chronyd and by ntpd.
# usage: kiss.sh FOLDER|- [PART...]     -: testdata/pcaps; parts: chrony ntpsec (both)
# Needs root, iproute2, ethtool, tcpdump, tshark, chrony, ntpsec-ntpdig, and NTPSEC_ROOT (card.sh).
set -eu
. "$(dirname "$0")/common.sh"
case ${1:--} in -) ;; *) pcaps=$1 ;; esac
[ $# -eq 0 ] || shift
need ip ethtool tcpdump tshark setpriv chronyd chronyc ntpdig
[ -x "${NTPSEC_ROOT:-}/usr/sbin/ntpd" ] || { say "NTPSEC_ROOT has no usr/sbin/ntpd"; exit 2; }
export PYTHONPATH="$NTPSEC_ROOT/usr/lib/python3/dist-packages"

fast() { # SERVER HOST: ntpdig as fast as it goes, then a pause
	for k in 1 2 3 4 5 6 7 8 9 10 11 12; do run "$2" ntpdig -t 1 "$1"; done
}
impatient() { # HOST SERVER: a chronyd that obeys a kiss, polling each second
	printf 'server %s iburst minpoll 0 maxpoll 0\n' "$2" >"$work/$1.conf"
	chrony "$1"
}
hasty_ntpd() { # HOST SERVER
	printf 'disable kernel\nrestrict default\nrestrict 127.0.0.1\nserver %s burst iburst minpoll 0 maxpoll 0\n' "$2" >"$work/$1.conf"
	spawn "ntpd_$1" "$1" /dev/null "$NTPSEC_ROOT/usr/sbin/ntpd" -n -c "$work/$1.conf" -l "$work/$1.log"
}
polite() { # HOST SERVER
	printf 'server %s minpoll 4 maxpoll 4\n' "$2" >"$work/$1.conf"
	chrony "$1"
}
clients_begin() {
	impatient e 2001:db8::"$1"
	hasty_ntpd f 192.0.2."$1"
	polite g 192.0.2."$1"
	{ fast 192.0.2."$1" d; fast 2001:db8::"$1" d; } >"$work/fast"
	sleep 45
}
clients_say() {
	cat "$work/fast"
	for what in sources ntpdata; do ask e $what; ask g $what; done
	echo "\$ ntpq -pn    # $(now)"
	still f /usr/bin/python3 "$NTPSEC_ROOT/usr/bin/ntpq" -pn 127.0.0.1 2>&1 || :
	echo "# log of the ntpd at 192.0.2.32"
	tidy <"$work/f.log"
	kill "$ntpd_f"
	stop e g
}
who="clients: ntpdig twelve times at once over IPv4 and over IPv6 (192.0.2.30, 2001:db8::30), a chronyd that asks each second (2001:db8::31) and obeys, an ntpd of NTPsec with burst and iburst (192.0.2.32), a chronyd that asks every 16 s (192.0.2.33)"

chrony_limits() {
	printf '%s\n' 'local stratum 1' 'allow 0/0' 'allow ::/0' 'ratelimit interval 3 burst 4 leak 2' >"$work/s.conf"
	chrony s
	record s kiss-chrony 'udp port 123'
	clients_begin 1
	clients_say >"$work/txt"
	recorded s
	{ ask s serverstats; ask s clients; cat "$work/txt"; } >"$pcaps/kiss-chrony.txt"
	about kiss-chrony 'udp port 123' <<-END
	chronyd $(version_of chrony | awk '{ print $2 }') with \`ratelimit interval 3 burst 4 leak 2\`, captured at its host; $who. It drops what is too fast (this version sends no kisses); its own count is the first thing in the .txt.
	END
}
ntpsec_limits() {
	printf '%s\n' 'disable kernel' 'tos orphan 5 orphanwait 1' 'restrict default limited kod' 'restrict 192.0.2.0/24 limited kod' \
		'restrict 2001:db8::/32 limited kod' 'restrict 127.0.0.1' 'limit average 0.2 burst 3 kod 1' >"$work/t.conf"
	spawn ntpd_t t /dev/null "$NTPSEC_ROOT/usr/sbin/ntpd" -n -c "$work/t.conf" -l "$work/t.log"
	sleep 5
	record t kiss-ntpsec 'udp port 123'
	clients_begin 2
	clients_say >"$work/txt"
	recorded t
	{
		for what in sysstats monstats mrulist; do
			echo "\$ ntpq -n -c $what    # $(now)"
			still t /usr/bin/python3 "$NTPSEC_ROOT/usr/bin/ntpq" -n -c $what 127.0.0.1 2>&1 || :
		done
		tidy <"$work/t.log"
		cat "$work/txt"
	} >"$pcaps/kiss-ntpsec.txt"
	about kiss-ntpsec 'udp port 123' <<-END
	ntpd of NTPsec 1.2.2 with \`restrict ... limited kod\` and \`limit average 0.2 burst 3 kod 1\`, captured at its host; $who. Its own counts (sysstats, monstats, mrulist) are the first things in the .txt.
	END
}

hub
host s 1; host t 2; host d 30; host e 31; host f 32; host g 33
for part in ${*:-chrony_limits ntpsec_limits}; do $part; done
