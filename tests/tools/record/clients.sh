#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records NTP clients as Debian packages them, each alone in a capture of client-NAME.pcap, taken at
# the server, and what each printed. Clients that poll by themselves run side by side.
# usage: clients.sh FOLDER|- [PART...]      -: testdata/pcaps; parts: one-shot programs by name,
#   `daemons` (18 minutes: timesyncd's default poll is slow), or all
# Needs root, iproute2, ethtool, tcpdump, tshark, openssl, util-linux, curl, nodejs, and installed:
#   chrony ntpsec-ntpdig ntpsec-ntpdate rdate toybox nmap zmap masscan monitoring-plugins-basic
#   monitoring-plugins-standard prometheus-node-exporter python3-ntplib libnet-ntp-perl
# and, as they exclude each other, unpacked (apt-get download X; dpkg -x X_*.deb $CLIENTS/X):
#   ntpsec (python3-ntp into the same folder), openntpd, systemd-timesyncd, node-sntp;
# and BUSYBOX, a busybox with ntpd (the Debian package is built without: its source with CONFIG_NTPD).
set -eu
. "$(dirname "$0")/common.sh"
case ${1:--} in -) ;; *) pcaps=$1 ;; esac
[ $# -eq 0 ] || shift
need ip ethtool tcpdump setpriv chronyd chronyc tshark openssl
: "${CLIENTS:?folder of the unpacked packages}"
NTPSEC=$CLIENTS/ntpsec
python=/usr/bin/python3
export PYTHONPATH="$NTPSEC/usr/lib/python3/dist-packages"
dashed() { echo "$1" | tr _ -; }

# client NAME N COMMAND...: a host of its own, recorded at the server while the command runs.
begin() {
	host "$1" "$2"
	: >"$work/$1.txt"
	: >"$work/rec-$1.err"
	ip netns exec "$lab-s" tcpdump -Z root -i eth0 -n -B 4096 --immediate-mode --time-stamp-precision=nano -s 0 -U \
		-w "$pcaps/client-$(dashed $1).pcap" "(${3:-udp port 123}) and (host 192.0.2.$2 or host 2001:db8::$2)" 2>"$work/rec-$1.err" &
	eval "rec_$1=$!"
	pids="$pids $!"
	until grep -q listening "$work/rec-$1.err"; do sleep 0.1; done
}

end() {
	sleep 1
	eval "kill \$rec_$1 && wait \$rec_$1 || :"
	tidy <"$work/$1.txt" >"$pcaps/client-$(dashed $1).txt"
	about "client-$(dashed $1)" "${2:-udp port 123}"
}

note() { name=$1; shift; echo "$*" >>"$work/$name.txt"; }
shot() { name=$1; shift; run "$name" "$@" >>"$work/$name.txt"; }
deb() { dpkg-deb -f "$CLIENTS/debs/$1"_*.deb Package Version | awk '{ print $2 }' | paste -sd" "; }
both() { for server in 192.0.2.1 2001:db8::1; do "$@" $server; done; }
several() { for _ in 1 2 3 4; do both "$@"; sleep 1; done; }

keys() {
	printf '1 MD5 HEX:00112233445566778899AABBCCDDEEFF\n2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233\n' >"$work/keys"
	printf '1 MD5 00112233445566778899AABBCCDDEEFF00\n2 SHA1 00112233445566778899AABBCCDDEEFF00112233\n' >"$work/ntp.keys"
	chmod 600 "$work/keys" "$work/ntp.keys"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=ntp.example \
		-addext subjectAltName=IP:192.0.2.1,IP:2001:db8::1 -keyout "$work/nts.key" -out "$work/nts.crt" 2>/dev/null
	printf 'keyfile %s\nntsserverkey %s\nntsservercert %s\nntsdumpdir %s\n' "$work/keys" "$work/nts.key" "$work/nts.crt" "$work" >"$work/s.more"
}

# --- chrony -------------------------------------------------------------------------------------
chrony_client() { # NAME N OPTIONS...
	name=$1 number=$2
	shift 2
	begin "$name" "$number" "udp port 123 or tcp port 4460"
	printf 'server %s %s\nserver %s %s\nkeyfile %s\nntstrustedcerts %s\n' 192.0.2.1 "$*" 2001:db8::1 "$*" "$work/keys" "$work/nts.crt" >"$work/$name.conf"
	tidy <"$work/$name.conf" >>"$work/$name.txt"
	chrony "$name"
}
chrony_begin() {
	chrony_client chrony 30 minpoll 3 maxpoll 3
	chrony_client chrony_fast 31 iburst minpoll 0 maxpoll 0
	chrony_client chrony_xleave 32 minpoll 3 maxpoll 3 xleave
	chrony_client chrony_key 33 minpoll 3 maxpoll 3 key 2
	chrony_client chrony_nts 34 minpoll 3 maxpoll 3 nts
	chrony_client chrony_v3 35 minpoll 3 maxpoll 3 version 3
	chrony_began=$(date +%s)
}
chrony_end() {
	until_second $((chrony_began + 90))
	for what in chrony:'its defaults (IPv4 and IPv6)' chrony_fast:'iburst, a poll a second' chrony_xleave:'interleaved mode' \
		chrony_key:'a SHA1 key' chrony_nts:'NTS' chrony_v3:'NTP version 3'; do
		name=${what%%:*}
		for c in ntpdata sources; do ask "$name" $c >>"$work/$name.txt"; done
		stop "$name"
		end "$name" "udp port 123 or tcp port 4460" <<-END
		chronyd $(version_of chrony), ${what#*:}, polls a chronyd of the same version. Minimum poll 8 s but where said otherwise.
		END
	done
}

# --- ntpd of NTPsec -----------------------------------------------------------------------------
ntpsec_client() { # NAME N OPTIONS...
	name=$1 number=$2
	shift 2
	begin "$name" "$number"
	printf 'disable kernel\nrestrict default\nrestrict 127.0.0.1\nkeys %s\ntrustedkey 1 2\nserver %s %s\nserver %s %s\n' "$work/ntp.keys" 192.0.2.1 "$*" 2001:db8::1 "$*" >"$work/$name.conf"
	tidy <"$work/$name.conf" >>"$work/$name.txt"
	spawn "ntpd_$name" "$name" /dev/null "$NTPSEC/usr/sbin/ntpd" -n -c "$work/$name.conf" -l "$work/$name.log"
}
ntpsec_begin() {
	ntpsec_client ntpsec 40 minpoll 3 maxpoll 3
	ntpsec_client ntpsec_iburst 41 iburst minpoll 4 maxpoll 4
	ntpsec_client ntpsec_key 42 minpoll 3 maxpoll 3 key 2
	ntpsec_client ntpsec_v3 43 minpoll 3 maxpoll 3 version 3
	ntpsec_began=$(date +%s)
}
ntpsec_end() {
	until_second $((ntpsec_began + 100))
	for what in ntpsec:'poll 8 s' ntpsec_iburst:'iburst, poll 16 s' ntpsec_key:'a SHA1 key, poll 8 s' ntpsec_v3:'`version 3`, poll 8 s'; do
		name=${what%%:*}
		{
			echo "\$ ntpq -pn    # $(now)"
			ip netns exec "$lab-$name" $python "$NTPSEC/usr/bin/ntpq" -pn 127.0.0.1 2>&1 || :
			cat "$work/$name.log"
		} | tidy >>"$work/$name.txt"
		eval "kill \$ntpd_$name || :"
		end "$name" <<-END
		ntpd of $(deb ntpsec), ${what#*:}, without the right to set the clock, polls chronyd 4.3 over IPv4 and IPv6.
		END
	done
}

# --- OpenNTPD -----------------------------------------------------------------------------------
# Its user and its folders exist only in a mount namespace of its own.
openntpd_begin() {
	begin openntpd 45
	printf 'server 192.0.2.1\nserver 2001:db8::1\n' >"$work/openntpd.conf"
	note openntpd "\$ ntpd -d -s -v -f openntpd.conf   (server 192.0.2.1, server 2001:db8::1, no constraint)"
	{ cat /etc/passwd; echo '_ntp:x:64990:64990::/:/usr/sbin/nologin'; echo 'openntpd:x:64990:64990::/run/openntpd:/usr/sbin/nologin'; echo 'ntpd:x:64990:64990::/run/openntpd:/usr/sbin/nologin'; } >"$work/passwd"
	# shellcheck disable=SC2016
	spawn openntpd_pid openntpd "$work/openntpd.txt" sh -c 'mount --bind "$1/passwd" /etc/passwd; mount -t tmpfs none /run
		mount -t tmpfs none /var/lib; mkdir -p /run/openntpd /var/lib/openntpd/run /var/lib/openntpd/db
		exec "$2" -d -s -v -f "$1/openntpd.conf" -p "$1/openntpd.pid"' \
		sh "$work" "$CLIENTS/openntpd/usr/sbin/ntpd"
	openntpd_began=$(date +%s)
}
openntpd_end() {
	until_second $((openntpd_began + 420))
	kill $openntpd_pid || :
	end openntpd <<-END
	OpenNTPD $(deb openntpd), without the right to set the clock (so it goes on in its early polls), seven minutes, IPv4 and IPv6.
	END
}

# --- systemd-timesyncd --------------------------------------------------------------------------
timesyncd() { # NAME SERVER EXTRA
	mkdir "$work/etc-$1-$2"
	printf '[Time]\nNTP=%s\nFallbackNTP=\n%b' "$2" "$3" >"$work/etc-$1-$2/timesyncd.conf"
	# shellcheck disable=SC2016
	spawn "$4" "$1" "$work/$1-$2.log" sh -c 'mount -t tmpfs none /etc/systemd; cp "$1/timesyncd.conf" /etc/systemd/; chmod 755 /etc/systemd
		export SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console
		exec setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all "$2"' \
		sh "$work/etc-$1-$2" "$CLIENTS/systemd-timesyncd/lib/systemd/systemd-timesyncd"
}
timesyncd_begin() {
	begin timesyncd 46
	timesyncd timesyncd 192.0.2.1 '' timesyncd_4
	timesyncd timesyncd 2001:db8::1 '' timesyncd_6
	begin timesyncd_short 47
	timesyncd timesyncd_short 192.0.2.1 'PollIntervalMinSec=16\nPollIntervalMaxSec=20\n' timesyncd_short_4
	timesyncd timesyncd_short 2001:db8::1 'PollIntervalMinSec=16\nPollIntervalMaxSec=20\n' timesyncd_short_6
	timesyncd_began=$(date +%s)
}
timesyncd_end() { # NAME SECONDS WHAT
	until_second $((timesyncd_began + $2))
	eval "kill \$$1_4 \$$1_6 || :"
	for server in 192.0.2.1 2001:db8::1; do
		note "$1" "systemd-timesyncd with NTP=$server, debug log:"
		cat "$work/$1-$server.log" >>"$work/$1.txt"
	done
	end "$1" <<-END
	$(deb systemd-timesyncd), $3, one process for IPv4 and one for IPv6, without the right to set the clock.
	END
}
timesyncd_short_end() { timesyncd_end timesyncd_short 170 'PollIntervalMinSec=16, PollIntervalMaxSec=20'; }
timesyncd_long_end() { timesyncd_end timesyncd 1060 'default poll (32 s, doubling)'; }

# --- BusyBox ------------------------------------------------------------------------------------
busybox_begin() {
	begin busybox 48
	note busybox "\$ busybox ntpd -d -n -w -p 192.0.2.1 -p 2001:db8::1"
	spawn busybox_pid busybox "$work/busybox.txt" "$BUSYBOX" ntpd -d -n -w -p 192.0.2.1 -p 2001:db8::1
	busybox_began=$(date +%s)
}
busybox_end() {
	until_second $((busybox_began + 400))
	kill $busybox_pid || :
	end busybox <<-END
	BusyBox $("$BUSYBOX" | sed -n '1s/^BusyBox \(v[0-9.]*\).*/\1/p') ntpd, built from the source of Debian 12's package with CONFIG_NTPD (the package itself leaves ntpd out), with -w (asks, never sets the clock), IPv4 and IPv6.
	END
}

# --- one question at a time -----------------------------------------------------------------------
ntpdig() {
	begin ntpdig 50
	several shot ntpdig ntpdig
	end ntpdig <<-END
	ntpdig ($(version_of ntpsec-ntpdig)), eight times, IPv4 and IPv6. \`sntp\` and \`ntpdate\` of Debian 12 are this program too (transitional packages; the classic programs of ntp 4.2.8 are not in Debian 12).
	END
}
ntpdate() {
	begin ntpdate 51
	several shot ntpdate ntpdate -q
	end ntpdate <<-END
	ntpdate -q ($(version_of ntpsec-ntpdate)), a script around ntpdig, eight times.
	END
}
rdate() {
	begin rdate 52
	several shot rdate rdate -n -p -v
	end rdate <<-END
	rdate -n -p -v ($(version_of rdate)), SNTP, eight times.
	END
}
toybox() {
	begin toybox 53
	several shot toybox toybox sntp
	end toybox <<-END
	toybox sntp ($(version_of toybox)), eight times.
	END
}
ntplib() {
	begin ntplib 54
	several shot ntplib $python -c 'import ntplib, sys
for version in (2, 3):
	r = ntplib.NTPClient().request(sys.argv[1], version=version)
	print("version", version, "offset", r.offset, "delay", r.delay, "stratum", r.stratum)'
	end ntplib <<-END
	Python's ntplib ($(version_of python3-ntplib)), version 2 (its default) and 3, sixteen questions.
	END
}
perl_net_ntp() {
	begin perl_net_ntp 55
	several shot perl_net_ntp perl -MNet::NTP -e 'my %r = get_ntp_response($ARGV[0]);
print join("\n", map { "$_: " . ($r{$_} // "") } sort keys %r), "\n"'
	end perl_net_ntp <<-END
	Perl's Net::NTP ($(version_of libnet-ntp-perl)), eight runs; only the four over IPv4 ask (it takes no IPv6 address).
	END
}
node_sntp() {
	begin node_sntp 56
	export NODE_PATH="$CLIENTS/node-sntp/usr/share/nodejs"
	several shot node_sntp node -e 'require("@hapi/sntp").time({ host: process.argv[1], resolveReference: false }).then(r => console.log(r), e => console.log("error:", e.message))'
	end node_sntp <<-END
	@hapi/sntp of $(deb node-sntp) under Node.js $(node --version), eight runs; only the four over IPv4 ask (it takes no IPv6 address).
	END
}
beevik() {
	begin beevik 57
	for server in 192.0.2.1 2001:db8::1; do
		spawn exporter beevik "$work/exporter.log" prometheus-node-exporter --collector.disable-defaults --collector.ntp \
			--collector.ntp.server=$server --collector.ntp.server-is-local --collector.ntp.ip-ttl=64 --web.listen-address=127.0.0.1:9100
		sleep 2
		for _ in 1 2 3 4; do
			note beevik "# $(now) server $server"
			on beevik curl -s http://127.0.0.1:9100/metrics | grep '^node_ntp' >>"$work/beevik.txt" || :
			sleep 1
		done
		kill $exporter || :
	done
	tidy <"$work/exporter.log" | sed 's/^/exporter: /' >>"$work/beevik.txt"
	end beevik <<-END
	The Go library github.com/beevik/ntp in the ntp collector of $(version_of prometheus-node-exporter), a question for each of eight scrapes.
	END
}
check_ntp() {
	begin check_ntp 58
	several shot check_ntp /usr/lib/nagios/plugins/check_ntp_time -v -H
	end check_ntp <<-END
	check_ntp_time of $(version_of monitoring-plugins-basic), eight runs (several questions each).
	END
}
nmap() {
	begin nmap 60
	shot nmap nmap -n -Pn -sU -p123 192.0.2.1
	shot nmap nmap -n -Pn -6 -sU -p123 2001:db8::1
	shot nmap nmap -n -Pn -sU -p123 -sV --version-all 192.0.2.1
	end nmap <<-END
	nmap ($(version_of nmap)): UDP scan of port 123 (its NTP payload) over IPv4 and IPv6, and with service detection, at a chronyd.
	END
}
zmap() {
	begin zmap 61
	on zmap ping -c1 192.0.2.1 >/dev/null
	mac=$(on zmap ip neigh show 192.0.2.1 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
	for probe in ntp_123 ntp_123_monlist; do
		shot zmap zmap -q -M udp -p 123 --probe-args=file:/usr/share/doc/zmap/examples/udp-probes/$probe.pkt \
			-i eth0 -G "$mac" -S 192.0.2.61 -r 10 -c 2 -b /dev/null -f saddr,classification,sport,dport,success 192.0.2.1/32
	done
	end zmap <<-END
	zmap ($(version_of zmap)): its example probes ntp_123 and ntp_123_monlist at one address.
	END
}

masscan() {
	begin masscan 62
	on masscan ping -c1 192.0.2.1 >/dev/null
	mac=$(on masscan ip neigh show 192.0.2.1 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p' | tr : -)
	shot masscan timeout 8 masscan -pU:123 192.0.2.1 --rate 10 -e eth0 --adapter-ip 192.0.2.62 --adapter-mac 02-00-00-00-00-3e --router-mac "$mac" --wait 2
	sed -i 's/.*\r//' "$work/masscan.txt" # its progress
	end masscan <<-END
	masscan ($(version_of masscan)): UDP scan of port 123 of one address, with its own NTP payload (a mode 7 request, 48 octets; unanswered).
	END
}

# --- questions to ntpd of NTPsec (modes 6 and 7) --------------------------------------------------
control_server() {
	printf 'disable kernel\ntos orphan 5 orphanwait 1\nrestrict default\nrestrict 192.0.2.0/24\nrestrict 2001:db8::/32\nserver 192.0.2.1 minpoll 4 iburst\nrefclock local stratum 12 noselect\n' >"$work/control.conf"
	host t 2
	spawn ntpd_t t /dev/null "$NTPSEC/usr/sbin/ntpd" -n -c "$work/control.conf" -l "$work/control.log"
	sleep 15
}
control() { # NAME N TEXT COMMANDS on standard input, one a line
	record t "client-$(dashed $1)" "udp port 123 and (host 192.0.2.$2 or host 2001:db8::$2)"
	host "$1" "$2"
	: >"$work/$1.txt"
	while read -r line; do eval "shot $1 $line"; done
	recorded t
	tidy <"$work/$1.txt" >"$pcaps/client-$(dashed $1).txt"
	echo "$3" | about "client-$(dashed $1)" 'udp port 123'
}
modes() {
	control_server
	q="$python $NTPSEC/usr/bin/ntpq -n"
	control ntpq 70 "ntpq of $(deb ntpsec) (mode 6) reads an ntpd of the same package over IPv4 and IPv6: peers, associations, variables of the system, of each association and of a clock, mrulist, sysstats." <<-END
	$q -p 192.0.2.2
	$q -p 2001:db8::2
	$q -c associations -c 'rv 0' -c 'rv &1' -c 'rv &2' -c 'cv &2' 192.0.2.2
	$q -c mrulist -c sysstats -c monstats -c sysinfo 192.0.2.2
	$q -c 'rv 0 offset,sys_jitter,frequency' 2001:db8::2
	END
	control nmap_scripts 71 "nmap's scripts ntp-info (mode 3 and mode 6) and ntp-monlist (mode 7, unanswered by NTPsec) at an ntpd of NTPsec." <<-END
	nmap -n -Pn -sU -p123 --script ntp-info 192.0.2.2
	nmap -n -Pn -6 -sU -p123 --script ntp-info 2001:db8::2
	nmap -n -Pn -sU -p123 --script ntp-monlist 192.0.2.2
	END
	control check_ntp_peer 72 "check_ntp_peer of $(version_of monitoring-plugins-basic) (mode 6) at an ntpd of NTPsec." <<-END
	/usr/lib/nagios/plugins/check_ntp_peer -v -H 192.0.2.2
	/usr/lib/nagios/plugins/check_ntp_peer -v -H 2001:db8::2
	END
}

hub
host s 1
keys
source_of_time s 1
shots='ntpdig ntpdate rdate toybox ntplib perl_net_ntp node_sntp beevik check_ntp nmap zmap masscan modes'
case ${*:-all} in
all | daemons)
	timesyncd_begin; openntpd_begin; busybox_begin; chrony_begin; ntpsec_begin
	[ "${*:-all}" = daemons ] || for part in $shots; do $part; done
	chrony_end; ntpsec_end; timesyncd_short_end; busybox_end; openntpd_end; timesyncd_long_end
	;;
*) for part; do $part; done ;;
esac
