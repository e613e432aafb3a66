#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records Network Time Security between chronyd and ntpd of NTPsec, each as server and as client:
# handshakes and polls; answers lost on their way (placeholders); a server with new keys (NTSN).
# usage: nts.sh FOLDER|- [PART...]     -: testdata/pcaps; parts: clients lost restart
# Needs root, iproute2, ethtool, tcpdump, tshark, openssl, chrony and NTPSEC_ROOT (card.sh).
set -eu
. "$(dirname "$0")/common.sh"
case ${1:--} in -) ;; *) pcaps=$1 ;; esac
[ $# -eq 0 ] || shift
need ip ethtool tcpdump tshark setpriv chronyd chronyc openssl
[ -x "${NTPSEC_ROOT:-}/usr/sbin/ntpd" ] || { say "NTPSEC_ROOT has no usr/sbin/ntpd"; exit 2; }
export PYTHONPATH="$NTPSEC_ROOT/usr/lib/python3/dist-packages"
filter='udp port 123 or tcp port 4460'

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=ntp.example \
		-addext subjectAltName=IP:192.0.2.1,IP:2001:db8::1,IP:192.0.2.2,IP:2001:db8::2 \
		-keyout "$work/nts.key" -out "$work/nts.crt" 2>/dev/null
}
chrony_server() { # keys of cookies are kept in a folder: another folder, other keys
	[ -z "${chrony_s:-}" ] || stop s
	mkdir -p -m 700 "$work/$1"
	printf 'local stratum 1\nallow 0/0\nallow ::/0\nntsserverkey %s\nntsservercert %s\nntsdumpdir %s\n' \
		"$work/nts.key" "$work/nts.crt" "$work/$1" >"$work/s.conf"
	chrony s
}
ntpsec_conf() { # HOST LINES...
	name=$1
	shift
	printf '%s\n' 'disable kernel' 'restrict default' 'restrict 192.0.2.0/24' 'restrict 2001:db8::/32' 'restrict 127.0.0.1' "$@" >"$work/$name.conf"
	spawn "ntpd_$name" "$name" /dev/null "$NTPSEC_ROOT/usr/sbin/ntpd" -n -c "$work/$name.conf" -l "$work/$name.log"
}
ntpsec_server() {
	ntpsec_conf t 'tos orphan 1 orphanwait 1' 'nts enable' "nts cert $work/nts.crt" "nts key $work/nts.key" "nts cookie $work/cookie.keys"
	sleep 5
}
chrony_client() { # HOST SERVER...
	name=$1
	shift
	{ echo "ntstrustedcerts $work/nts.crt"; for s; do echo "server $s nts minpoll 3 maxpoll 3"; done; } >"$work/$name.conf"
	chrony "$name"
}
ntpsec_client() { # HOST SERVER...
	name=$1
	shift
	lines=
	for s; do lines="$lines
server $s nts noval minpoll 3 maxpoll 3"; done
	ntpsec_conf "$name" "$lines"
}
chrony_says() { for what in sources authdata ntpdata; do ask "$1" $what; done; }
ntpsec_says() {
	for what in ntsinfo ntskeinfo peers 'rv &1' 'rv &2'; do
		echo "\$ ntpq -n -c '$what'    # $(now), at $1"
		still "$1" /usr/bin/python3 "$NTPSEC_ROOT/usr/bin/ntpq" -n -c "$what" 127.0.0.1 2>&1 || :
	done
	tidy <"$work/$1.log"
}

clients() {
	chrony_server keys1
	ntpsec_server
	record hub nts-clients "$filter" br0
	chrony_client c 192.0.2.1 2001:db8::2
	ntpsec_client n 192.0.2.1 192.0.2.2
	sleep 75
	{
		chrony_says c
		ntpsec_says n
		for what in serverstats 'clients -k'; do
			# shellcheck disable=SC2086
			ask s $what
		done
		ntpsec_says t
	} >"$pcaps/nts-clients.txt"
	stop c
	kill "$ntpd_n"
	recorded hub
	about nts-clients "$filter" <<-END
	A chronyd $(version_of chrony | awk '{ print $2 }') at 192.0.2.30 and an ntpd of NTPsec 1.2.2 at 192.0.2.31 as clients with NTS of a chronyd (192.0.2.1) and an ntpd of NTPsec (192.0.2.2, 2001:db8::2), captured on the bridge between them: four associations with their handshakes (TLS 1.3), polls of 8 s.
	END
}
lost() {
	chrony_server keys1
	[ -n "${ntpd_t:-}" ] || ntpsec_server
	echo 'back udp and udp[0] == 123 and n % 4 != 0' >"$work/rules"
	record hub nts-lost "$filter" br0
	chrony_client f 192.0.2.1 192.0.2.2
	sleep 130
	chrony_says f >"$work/txt"
	stop f
	recorded hub
	{ cat "$work/txt"; ask s serverstats; echo "# what the cable lost"; cat "$work/wire-f.log"; } >"$pcaps/nts-lost.txt"
	rm "$work/rules"
	about nts-lost "$filter" <<-END
	A chronyd at 192.0.2.33 as client with NTS of a chronyd and of an ntpd of NTPsec, captured at the bridge between them: three of four answers are lost between the bridge and the client. As the two take turns, that is every answer of 192.0.2.1 (its questions ask for one cookie more each time, by placeholders, until none is left after the eighth; no new handshake before the recording ends) and some of 192.0.2.2. The .txt says which frames were lost.
	END
}
restart() {
	chrony_server keys1
	record s nts-restart "$filter"
	chrony_client c 192.0.2.1
	ntpsec_client n 192.0.2.1
	sleep 32
	ask s serverstats >"$work/txt"
	echo "# $(now): the server starts again with other keys" >>"$work/txt"
	chrony_server keys2
	sleep 75
	ask s serverstats >>"$work/txt"
	{ cat "$work/txt"; chrony_says c; ntpsec_says n; } >"$pcaps/nts-restart.txt"
	stop c
	kill "$ntpd_n"
	recorded s
	about nts-restart "$filter" <<-END
	A chronyd and an ntpd of NTPsec as clients with NTS of a chronyd (192.0.2.1), captured at the server, which starts again with other keys after 32 seconds: the cookies that clients hold are no good (NTSN kisses), then handshakes again.
	END
}

hub
host s 1; host t 2; host c 30; host n 31; far f 33 1 1 "$work/rules"
certificate
for part in ${*:-clients lost restart}; do $part; done
