#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records what the card of a server is made of: ntpd of NTPsec, and chronyd, with three upstream
# servers, their clients, and ntpq over the network; one upstream changes its reference and
# stratum, one falls silent. Takes 11 minutes. usage: card.sh [FOLDER]   default: testdata/pcaps
# Needs root, iproute2, ethtool, tcpdump, tshark, nothing but chrony installed, and NTPSEC_ROOT:
#   apt-get download ntpsec python3-ntp && dpkg -x ntpsec_*.deb D && dpkg -x python3-ntp_*.deb D
#   NTPSEC_ROOT=D card.sh
set -eu
[ $# -eq 0 ] || pcaps=$1
. "$(dirname "$0")/common.sh"
need ip ethtool tcpdump setpriv chronyd chronyc tshark
[ -x "${NTPSEC_ROOT:-}/usr/sbin/ntpd" ] || { say "NTPSEC_ROOT has no usr/sbin/ntpd"; exit 2; }
export PYTHONPATH="$NTPSEC_ROOT/usr/lib/python3/dist-packages"

upstream_b() {
	printf '%s\n' 'allow 0/0' 'allow ::/0' "$@" >"$work/b.conf"
	chrony b
}

ntpd() {
	mkdir "$work/stats"
	cat >"$work/ntp.conf" <<-END
	disable kernel
	restrict default
	restrict 192.0.2.0/24
	restrict 2001:db8::/32
	server 192.0.2.1 minpoll 4 maxpoll 4 iburst
	server 2001:db8::2 minpoll 4 maxpoll 4 iburst
	server 192.0.2.3 minpoll 4 maxpoll 4
	refclock local stratum 12 noselect
	statistics peerstats
	statsdir $work/stats/
	filegen peerstats type none
	END
	spawn ntpd n /dev/null "$NTPSEC_ROOT/usr/sbin/ntpd" -n -c "$work/ntp.conf" -l "$work/ntpd.log"
}

chronyd_with_upstreams() {
	mkdir "$work/log"
	cat >"$work/m.conf" <<-END
	server 192.0.2.1 minpoll 4 maxpoll 4 iburst
	server 2001:db8::2 minpoll 4 maxpoll 4 iburst
	server 192.0.2.3 minpoll 4 maxpoll 4
	allow 0/0
	allow ::/0
	logdir $work/log
	log rawmeasurements
	END
	chrony m
}

# ntpq COMMAND...: over the network, each command as `-c`.
ntpq() {
	echo "\$ ntpq -n $* 192.0.2.10    # $(now)"
	ip netns exec "$lab-q" /usr/bin/python3 "$NTPSEC_ROOT/usr/bin/ntpq" -n "$@" 192.0.2.10 2>&1 || :
	echo
}

series() {
	associations=$(ip netns exec "$lab-q" /usr/bin/python3 "$NTPSEC_ROOT/usr/bin/ntpq" -n -c associations 192.0.2.10 2>/dev/null | awk '$1 ~ /^[0-9]+$/ { print $2 }')
	ntpq -c 'rv 0'
	for a in $associations; do ntpq -c "rv $a"; done
}

client() {
	printf 'server 192.0.2.10 minpoll 5 maxpoll 5 iburst\nserver 192.0.2.11 minpoll 5 maxpoll 5 iburst\n' >"$work/k.conf"
	chrony k
}

at() { until_second $((began + $1)); }

hub
far a 1 1 1; far b 2 10 25; far c 3 5 5
host n 10; host m 11; host q 20; host k 30
source_of_time a 1
source_of_time c 2
upstream_b 'server 192.0.2.1 minpoll 2 maxpoll 2 iburst'
record n card-ntpsec 'udp port 123 or icmp or (icmp6 and ip6[40] < 128)'
record m card-chrony 'udp port 123 or icmp or (icmp6 and ip6[40] < 128)'
began=$(date +%s)
ntpd
chronyd_with_upstreams
at 10
client
minute=60
while [ $minute -le 600 ]; do
	at $minute
	series >>"$work/series"
	case $minute in
	60) ntpq -c "clockvar $(echo "$associations" | tail -n 1)" >>"$work/series" ;;
	180)
		stop b
		echo "# $(now): chronyd of 2001:db8::2 starts again, its upstream is 192.0.2.3 now" >>"$work/series"
		upstream_b 'server 192.0.2.3 minpoll 2 maxpoll 2 iburst'
		;;
	360)
		stop b
		echo "# $(now): chronyd of 2001:db8::2 starts again with local stratum 6" >>"$work/series"
		upstream_b 'local stratum 6'
		;;
	540)
		stop c
		echo "# $(now): chronyd of 192.0.2.3 stops" >>"$work/series"
		;;
	esac
	minute=$((minute + 60))
done
{
	ntpq -p
	ntpq -c 'rv 0' -c associations
	ntpq -c sysstats
	cat "$work/series"
	echo "peerstats of ntpd: day (MJD), second of the day, address, status, offset, delay, dispersion, jitter"
	cat "$work/stats/"peerstats*
} | tidy >"$pcaps/card-ntpsec.txt"
{
	ask m sources -v
	for what in sources sourcestats tracking ntpdata serverstats clients activity; do ask m "$what"; done
	echo "rawmeasurements of chronyd"
	cat "$work/log/measurements.log"
} >"$pcaps/card-chrony.txt"
recorded n
recorded m
about card-ntpsec 'udp port 123 or icmp' <<END
ntpd of NTPsec 1.2.2 ($(version_of python3-ntp | awk '{ print $2 }')) at 192.0.2.10, without the right to set the clock, captured at its own host for ten minutes. Upstreams, polled every 16 s: 192.0.2.1 (chronyd 4.3, stratum 1), 2001:db8::2 (chronyd; 10 ms to us, 25 ms from us; synchronised to 192.0.2.1, then to 192.0.2.3, then alone with stratum 6: two restarts), 192.0.2.3 (chronyd, stratum 2; stopped in the last minute: no answers, port unreachable). A chronyd at 192.0.2.30 asks it every 32 s. ntpq at 192.0.2.20 reads over the network (mode 6) every minute; its last \`-p\` (first in the .txt) is what a card rebuilt from the wire must show. A clock of its own (local clock, noselect) is seen in mode 6 only.
END
about card-chrony 'udp port 123 or icmp' <<END
chronyd 4.3 at 192.0.2.11 with the same three upstreams as [card-ntpsec](card-ntpsec.md), at the same time, captured at its own host. What chronyc printed at the end: sources, sourcestats, tracking, ntpdata; then its own log of every measurement.
END
