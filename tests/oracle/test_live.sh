#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The service at work, as another user and in its sandbox: real servers and clients and forged packets between
# two network namespaces, tcpdump beside it. Every view of its database equals the same view of tcpdump's file.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

sendpcap=$top_builddir/tests/tools/sendpcap
server_ns=cls$$
client_ns=clc$$
pids=

tap_cleanup() {
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	# shellcheck disable=SC2086
	[ -z "$pids" ] || wait $pids 2>/dev/null
	ip netns del "$server_ns" 2>/dev/null
	ip netns del "$client_ns" 2>/dev/null
}

[ "$(id -u)" -eq 0 ] || skip_all "network namespaces need root"
for tool in ip tcpdump; do have $tool || skip_all "$tool is not installed"; done
[ -x "$sendpcap" ] || skip_all "libnet is not installed"
ip netns add "$server_ns" 2>"$err" && ip netns add "$client_ns" 2>>"$err" &&
	ip link add vb netns "$server_ns" mtu 9000 type veth peer name va netns "$client_ns" mtu 9000 2>>"$err" ||
	skip_all "no network namespaces here: $(tail -n 1 "$err")"

inS() { ip netns exec "$server_ns" "$@"; }
inC() { ip netns exec "$client_ns" "$@"; }

# start NAME COMMAND...: in the background; its process is $NAME.
start() {
	name=$1
	shift
	"$@" >"$tmp/$name.out" 2>"$tmp/$name.err" </dev/null &
	eval "$name=\$!"
	pids="$pids $!"
}

# soon COMMAND...: waits until it succeeds, for 20 s at most.
soon() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.1
	done
}

addresses() {
	for ns in "$server_ns" "$client_ns"; do
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.all.router_solicitations=0 net.ipv6.conf.default.router_solicitations=0 2>/dev/null
		ip -n "$ns" link set lo up
	done
	ip -n "$server_ns" addr add 198.51.100.1/24 dev vb
	ip -n "$server_ns" addr add 2001:db8:77::1/64 dev vb nodad
	ip -n "$server_ns" link set vb up
	for k in 11 12 13; do
		ip -n "$client_ns" addr add "198.51.100.$k/24" dev va
		ip -n "$client_ns" addr add "2001:db8:77::$k/64" dev va nodad
	done
	ip -n "$client_ns" link set va up
}

# Servers ------------------------------------------------------------------------

start_chronyd() {
	cat >"$tmp/chrony.conf" <<-END
	local stratum 5
	allow all
	cmdport 0
	bindcmdaddress $tmp/chrony.sock
	pidfile $tmp/chrony.pid
	END
	start chronyd ip netns exec "$server_ns" chronyd -x -d -u root -f "$tmp/chrony.conf"
	soon test -S "$tmp/chrony.sock"
}

start_named() {
	mkdir -p "$tmp/named"
	cat >"$tmp/named/zone" <<-END
	\$TTL 300
	@ IN SOA ns1 hostmaster 1 3600 600 86400 300
	@ IN NS ns1
	ns1 IN A 198.51.100.1
	www IN A 198.51.100.80
	www IN AAAA 2001:db8:77::80
	END
	for k in 1 2 3 4 5 6 7 8 9; do printf 'big IN TXT "%s %0200d"\n' $k $k >>"$tmp/named/zone"; done
	cat >"$tmp/named.conf" <<-END
	options { directory "$tmp/named"; pid-file none; session-keyfile "$tmp/named/key"; listen-on { any; };
		listen-on-v6 { any; }; recursion no; notify no; max-udp-size 4096; edns-udp-size 4096; };
	controls { };
	zone "zone.example" { type primary; file "zone"; allow-transfer { any; }; };
	END
	start named ip netns exec "$server_ns" named -f -n 1 -c "$tmp/named.conf"
	soon inC dig +time=1 +tries=1 @198.51.100.1 ns1.zone.example
}

# Clients ------------------------------------------------------------------------

ask_ntp() {
	if have chronyd; then
		start asker4 ip netns exec "$client_ns" chronyd -Q -t 6 -u root "server 198.51.100.1 iburst maxsamples 4" \
			"cmdport 0" "pidfile $tmp/asker4.pid"
		start asker6 ip netns exec "$client_ns" chronyd -Q -t 6 -u root "server 2001:db8:77::1 iburst maxsamples 4" \
			"cmdport 0" "pidfile $tmp/asker6.pid"
		wait "$asker4" "$asker6"
	fi
	for tool in sntp ntpdig; do
		if have $tool; then inC timeout 10 $tool 198.51.100.1 >"$tmp/$tool.out" 2>&1; fi
	done
	if have ntpdate; then inC timeout 10 ntpdate -q 198.51.100.1 >"$tmp/ntpdate.out" 2>&1; fi
}

ask_dns() {
	for how in "www A" "www AAAA" "nothing A" "big TXT +bufsize=4096" "big TXT +tcp" "big TXT +noedns" \
		"big TXT +bufsize=1232" "@ AXFR" "www A +ednsopt=3" "www A -b 198.51.100.12" "www A -x 192.0.2.1"; do
		for server in 198.51.100.1 2001:db8:77::1; do
			name=${how%% *}
			case $how in *-b*) [ $server = 198.51.100.1 ] || continue ;; esac
			[ "$name" = @ ] && name=zone.example || name=$name.zone.example
			# shellcheck disable=SC2086
			inC dig +time=1 +tries=1 "@$server" "$name" ${how#* } >>"$tmp/dig.out" 2>&1
		done
	done
	inC dig +time=1 +tries=1 -p 53 @198.51.100.99 www.zone.example >>"$tmp/dig.out" 2>&1 # nobody is there
	if have dnsperf; then
		printf 'www.zone.example A\nwww.zone.example AAAA\nnothing.zone.example MX\n' >"$tmp/questions"
		inC dnsperf -s 198.51.100.1 -d "$tmp/questions" -l 1 -Q 500 >"$tmp/dnsperf.out" 2>&1
		inC dnsperf -m tcp -s 198.51.100.1 -d "$tmp/questions" -l 1 -Q 200 >>"$tmp/dnsperf.out" 2>&1
	fi
}

# Fragments, tunnels, ICMP errors and all else that the forgers made, from the clients' side.
send_forged() { inC "$sendpcap" va 500 "$pcaps"/*.pcap >"$tmp/sent" 2>"$tmp/sendpcap.err"; }

# The service -----------------------------------------------------------------------

# A folder that the other user may write into, below folders that he may enter.
user=nobody
getent passwd $user >/dev/null 2>&1 || user=root
chmod 755 "$tmp"
mkdir "$tmp/state" "$tmp/saved"
chown $user "$tmp/state" "$tmp/saved"

# counted DATABASE: what a reader finds there while the service runs.
counted() { "$clientele" summary --format json "$1" >"$tmp/now" 2>/dev/null && value input.packets "$tmp/now"; }
counts_more() { now=$(counted "$1") && [ "$now" -gt "$2" ]; }

service() { # NAME DATABASE OPTION...
	name=$1 database=$2
	shift 2
	start "$name" ip netns exec "$server_ns" "$clientele" capture -i vb --commit 1 --user $user -o "$database" "$@"
}

# flat VIEW INPUT: its figures but for those of the input, and the names of files.
flat() {
	"$clientele" "$1" --format json "$2" >"$tmp/json" 2>"$tmp/flat.err"
	[ $? -le 1 ] || { cat "$tmp/flat.err"; return; }
	"$jsonget" "$tmp/json" | grep -vE '^input[.]|^([^	]*[._])?file	'
}

# What two sockets do not see alike. The kernel leaves the time stamp of a TCP segment that came by a veth pair
# to each socket (some microseconds apart), so times of TCP differ, and figures made of them. What the service
# has the kernel keep from it (neither NTP nor DNS nor about them) has no frame number, and no anomaly: headers
# so broken that no port can be found.
apart='[._](t|first|last)	|_s(\.[^	]*)?	|histogram|slowest|worst|(^|[._])frame	|^rest[.]packets	|over[.]|^servers[.][0-9]*[.]series|bad_header_length'

addresses
service live "$tmp/state/live.db" --keep transactions --save "$tmp/saved" --save-bytes 1G
if ! soon test -s "$tmp/state/live.db" && ! kill -0 "$live" 2>/dev/null; then
	if grep -q "live interfaces are not in this build" "$tmp/live.err"; then skip_all "capture has no interfaces yet"; fi
	fail "the service starts" "$tmp/live.err"
	tap_done
fi
start recorder ip netns exec "$server_ns" tcpdump -Z root -i vb -n -B 65536 --time-stamp-precision=nano -s 0 -U -w "$tmp/wire.pcap"
soon grep -q listening "$tmp/recorder.err"

if have chronyd; then start_chronyd; fi
if have named && have dig; then start_named; fi
ask_ntp
if have dig; then ask_dns; fi
send_forged
sleep 1

# What it may and may not, while it runs.
of_status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$live/status"; }
is "runs as $user" "$(of_status Uid | cut -f 1)" "$(id -u $user)"
is "has the right to open packet sockets alone" "$(of_status CapEff) $(of_status CapPrm) $(of_status CapBnd)" \
	"0000000000002000 0000000000002000 0000000000000000"
is "has no new privileges" "$(of_status NoNewPrivs)" 1
if "$clientele" capture --replay "$pcaps/ntp-kod.pcap" -o "$tmp/layers.db" -v 2>&1 | grep -q 'seccomp: limits'; then
	is "has a filter of system calls" "$(of_status Seccomp)" 2
else
	skip "has a filter of system calls" "built without libseccomp"
fi
sent=$(cat "$tmp/sent")
is "frames were sent" "$([ "${sent:-0}" -gt 1000 ] && echo yes)" yes

before=$(counted "$tmp/state/live.db")
is "a reader finds packets while it runs" "$([ "${before:-0}" -gt 0 ] && echo yes)" yes
kill -TERM "$live"
wait "$live"
is "SIGTERM ends it, with status" $? 0
sleep 1.2 # tcpdump has a packet a second later at most
kill -TERM "$recorder"
wait "$recorder"
is "nothing is said but by a reader" "$(cat "$tmp/live.err")" ""
dropped=$(sed -n 's/ packets dropped by kernel//p' "$tmp/recorder.err")
is "tcpdump says what it lost" "$([ -n "$dropped" ] && echo yes)" yes
for ending in -wal -shm -journal; do [ ! -e "$tmp/state/live.db$ending" ] || echo "$ending"; done >"$tmp/left"
is "the database stands alone" "$(cat "$tmp/left")" ""
is "the database is $user's" "$(stat -c %U "$tmp/state/live.db")" $user

run read -q --keep transactions -o "$tmp/saved.db" "$tmp/saved"/*.pcapng
is "the packets that it saved are read" "$status" 0
run read -q --keep transactions -o "$tmp/wire.db" "$tmp/wire.pcap"
is "tcpdump's file is read" "$([ $status -le 1 ] && echo yes)" yes
for view in $every_view; do
	flat $view "$tmp/state/live.db" >"$tmp/got"
	flat $view "$tmp/saved.db" >"$tmp/want"
	is "$view: has figures" "$([ "$(wc -l <"$tmp/got")" -gt 2 ] && echo yes)" yes
	same "$view: as read from the packets that it saved" "$tmp/got" "$tmp/want"
	[ "$dropped" -eq 0 ] || continue
	flat $view "$tmp/wire.db" | grep -vE "$apart" >"$tmp/want"
	grep -vE "$apart" "$tmp/got" >"$tmp/counts"
	same "$view: as read from what tcpdump saved, but for times of TCP" "$tmp/counts" "$tmp/want"
done

if [ "$dropped" -gt 0 ]; then
	skip "as read from what tcpdump saved" "tcpdump lost $dropped packets: the machine is too busy"
	echo "$0: left out: tcpdump lost $dropped packets, nothing can be compared with it" >&2
fi

# An interface that goes down, away, and comes back.
service second "$tmp/state/second.db"
soon counts_more "$tmp/state/second.db" -1
ask() { inC dig +time=1 +tries=1 "@198.51.100.1" www.zone.example >/dev/null 2>&1; }
if have named && have dig; then
	ask
	soon counts_more "$tmp/state/second.db" 1
	is "counts" $? 0
	ip -n "$server_ns" link set vb down
	sleep 1.5
	ip -n "$server_ns" link set vb up
	soon ask
	soon counts_more "$tmp/state/second.db" 3
	is "counts on after the interface was down" $? 0
	ip -n "$server_ns" link del vb
	sleep 1.5
	now=$(counted "$tmp/state/second.db")
	ip link add vb netns "$server_ns" mtu 9000 type veth peer name va netns "$client_ns" mtu 9000
	addresses
	sleep 2 # it looks once a second
	soon ask
	soon counts_more "$tmp/state/second.db" "${now:-0}"
	is "counts on after the interface was removed and added" $? 0
fi
kill -TERM "$second"
wait "$second"
is "ends with status" $? 0
sed 's/^/# /' "$tmp/second.err"
is "says each thing once" "$(sort "$tmp/second.err" | uniq -d)" ""
tap_done
