# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# Read by the recorders of this folder: hosts (network namespaces) on one bridge, tcpdump on a
# host's own interface, and what a recording must have beside it. Nothing leaves the namespaces;
# everything goes when the script ends.

here=$(cd "$(dirname "$0")" && pwd)
pcaps=${pcaps:-$here/../../../testdata/pcaps}
lab=clr$$
hosts=

remove_namespaces() {
	for name in $hosts hub; do
		# shellcheck disable=SC2046
		kill $(ip netns pids "$lab-$name" 2>/dev/null) 2>/dev/null || :
		ip netns del "$lab-$name" 2>/dev/null || :
	done
}
. "$here/scratch.sh"

# on HOST COMMAND...; still HOST COMMAND...: the same without the right to set the clock.
on() { ns=$lab-$1; shift; ip netns exec "$ns" "$@"; }
still() { ns=$lab-$1; shift; ip netns exec "$ns" setpriv --bounding-set=-sys_time --inh-caps=-sys_time "$@"; }

# spawn VARIABLE HOST LOG COMMAND...: in the background, without the right to set the clock; the
# variable becomes its process.
spawn() {
	variable=$1 ns=$lab-$2 log=$3
	shift 3
	ip netns exec "$ns" setpriv --bounding-set=-sys_time --inh-caps=-sys_time "$@" >>"$log" 2>&1 &
	eval "$variable=$!"
	pids="$pids $!"
}

namespace() {
	ip netns add "$lab-$1"
	on "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 net.ipv4.ping_group_range='0 65535'
	ip -n "$lab-$1" link set lo up
}

hub() {
	namespace hub
	ip -n "$lab-hub" link add br0 type bridge
	ip -n "$lab-hub" link set br0 up
}

# pair HOST INTERFACE HOST INTERFACE: a cable. Checksums are computed in software, or a capture
# would show the ones left to the hardware.
pair() {
	ip link add "$2" netns "$lab-$1" type veth peer name "$4" netns "$lab-$3"
	on "$1" ethtool -K "$2" tx off rx off gso off tso off gro off >/dev/null 2>&1
	on "$3" ethtool -K "$4" tx off rx off gso off tso off gro off >/dev/null 2>&1
	ip -n "$lab-$1" link set "$2" up
	ip -n "$lab-$3" link set "$4" up
}

# host NAME N: 192.0.2.N and 2001:db8::N on eth0, by a cable on the bridge.
# far NAME N OUT BACK [RULES]: the same by a cable with a delay each way (milliseconds; OUT: what
# the host sends) and, if
# given, a file of rules for what is lost (wire.py).
host() {
	hosts="$hosts $1"
	namespace "$1"
	pair "$1" eth0 hub "h$2"
	address "$1" "$2"
}

far() {
	hosts="$hosts $1"
	namespace "$1"
	ip netns exec "$lab-$1" /usr/bin/python3 "$here/wire.py" "$lab-hub" "h$2" "$3" "$4" ${5:+"$5"} \
		2>"$work/wire-$1.log" &
	pids="$pids $!"
	until ip -n "$lab-hub" link show "h$2" >/dev/null 2>&1; do sleep 0.1; done
	address "$1" "$2"
}

address() {
	ip -n "$lab-hub" link set "h$2" master br0
	ip -n "$lab-hub" link set "h$2" up
	ip -n "$lab-$1" link set eth0 address "02:00:00:00:00:$(printf %02x "$2")"
	ip -n "$lab-$1" addr add "192.0.2.$2/24" dev eth0
	ip -n "$lab-$1" addr add "2001:db8::$2/64" dev eth0 nodad
	ip -n "$lab-$1" link set eth0 up
}

# record HOST NAME FILTER [INTERFACE]: starts tcpdump; recorded HOST: ends it.
record() {
	: >"$work/tcpdump-$1.err"
	ip netns exec "$lab-$1" tcpdump -Z root -i "${4:-eth0}" -n -B 4096 --immediate-mode \
		--time-stamp-precision=nano -s 0 -U -w "$pcaps/$2.pcap" "$3" 2>"$work/tcpdump-$1.err" &
	eval "recorder_$1=$!"
	pids="$pids $!"
	until grep -q listening "$work/tcpdump-$1.err"; do
		kill -0 "$!" 2>/dev/null || { cat "$work/tcpdump-$1.err" >&2; exit 1; }
		sleep 0.1
	done
}

recorded() {
	sleep 0.5
	eval "kill \$recorder_$1 && wait \$recorder_$1 || :"
	! grep -E '^[1-9][0-9]* packets dropped' "$work/tcpdump-$1.err" >&2
}

# chrony HOST: starts chronyd on $work/HOST.conf; -x: it never touches the clock.
chrony() {
	cat >>"$work/$1.conf" <<-END
	cmdport 0
	bindcmdaddress $work/$1.sock
	pidfile $work/$1.pid
	END
	rm -f "$work/$1.sock"
	ip netns exec "$lab-$1" chronyd -x -d -u root -f "$work/$1.conf" >"$work/$1.log" 2>&1 &
	eval "chrony_$1=$!"
	pids="$pids $!"
	tries=0
	until [ -S "$work/$1.sock" ]; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || { cat "$work/$1.log" >&2; exit 1; }
		sleep 0.1
	done
}

stop() {
	for name in "$@"; do eval "kill \$chrony_$name && wait \$chrony_$name || :"; done
}

# source_of_time HOST [STRATUM [OFFSET]]: a chronyd that everybody may ask; its own clock, or that
# clock moved by OFFSET seconds (chronyd -x keeps the correction to itself and serves it).
source_of_time() {
	cat >"$work/$1.conf" <<-END
	local stratum ${2:-1}
	manual
	allow 0/0
	allow ::/0
	END
	[ ! -f "$work/$1.more" ] || cat "$work/$1.more" >>"$work/$1.conf"
	chrony "$1"
}

# ask HOST COMMAND: what chronyc prints, with the time of asking.
ask() { name=$1; shift; echo "\$ chronyc -n $*    # $(now)"; chronyc -n -h "$work/$name.sock" "$@" | tidy; echo; }

# until_second N: sleeps until that second of the epoch.
until_second() { wait=$(($1 - $(date +%s))); [ "$wait" -le 0 ] || sleep "$wait"; }

now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }

# tidy: without the names of this run's folders and namespaces.
tidy() {
	sed -e "s|$work/*||g" -e "s|$lab-||g" -e "s|${BUSYBOX:-/no/busybox}|busybox|g" -e "s|${CLIENTS:-/no/folder}/[a-z-]*/|/|g" \
		-e "s|${NTPSEC_ROOT:-/no/folder}/|/|g" -e "s|$here/||g"
}

# run HOST COMMAND...: prints the command, its time, what it says (both streams) and its status.
run() {
	host=$1; shift
	echo "\$ $*    # $(now)" | tidy
	{ still "$host" "$@" 2>&1 && echo "(exit 0)" || echo "(exit $?)"; } | tidy
	echo
}

version_of() { dpkg-query -W -f '${Package} ${Version}\n' "$@" 2>/dev/null; }

# about NAME TEXT: NAME.md; and NAME.expect, the counts that tshark makes of the capture.
about() {
	{
		echo "# $1.pcap"
		echo
		cat
		echo
		echo "Recorded for this project with \`tests/tools/record/${0##*/}\` in network namespaces of one machine, which makes it again (other times, ports and identifiers); BSD-2-Clause. Nanoseconds; only what the filter \`$2\` takes."
		echo "Beside it [$1.txt]($1.txt): what the programs printed. Expected: [$1.expect]($1.expect), counted by tshark."
	} >"$pcaps/$1.md"
	{ echo "exit 0"; "$here/../tshark-counts.sh" "$pcaps/$1.pcap" | grep -v shown; } >"$pcaps/$1.expect"
}
