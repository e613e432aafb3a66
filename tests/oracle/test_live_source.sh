#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Interfaces as a source: frames sent over veth pairs between two network namespaces of the test's own, which
# have no way out, are those received: same octets, in the order of time, whatever the kernel's filter keeps
# away; counters add up; an interface that goes and comes back is gone on with.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
livetap=$top_builddir/tests/tools/livetap
sendframes=$top_builddir/tests/tools/sendframes
a=clA$$
b=clB$$

[ "$(uname)" = Linux ] || skip_all "network namespaces are Linux's"
command -v ip >/dev/null 2>&1 || skip_all "ip (iproute2) is not installed"
ip netns add $a 2>"$err" || skip_all "network namespaces are not allowed here: $(cat "$err")"
pids=
tap_cleanup() {
	for p in $pids; do kill -KILL "$p" 2>/dev/null; done
	ip netns del $a 2>/dev/null
	ip netns del $b 2>/dev/null
}
ip netns add $b || skip_all "network namespaces are not allowed here"

# pair N: interfaces aN and bN, one in each namespace, up.
pair() {
	ip -n $a link add "a$1" type veth peer name "b$1" netns $b || return 1
	ip netns exec $a sysctl -qw "net.ipv6.conf.a$1.disable_ipv6=1" 2>/dev/null
	ip netns exec $b sysctl -qw "net.ipv6.conf.b$1.disable_ipv6=1" 2>/dev/null
	ip -n $a link set "a$1" up && ip -n $b link set "b$1" up
}
pair 1 2>"$err" && pair 2 2>>"$err" || skip_all "veth pairs are not allowed here: $(cat "$err")"

# tap NAME ARGUMENT...: captures in the background, with results in $tmp/NAME.out and .err.
tap() {
	name=$1
	shift
	: >"$tmp/$name.err"
	ip netns exec $b "$livetap" "$@" >"$tmp/$name.out" 2>>"$tmp/$name.err" &
	pids="$pids $!"
	eval "pid_$name=$!"
	await ready "$name"
}

# await EVENT NAME [TIMES]: waits until the event was told so often, for 20 s at most.
await() {
	i=0
	while [ "$(told "$1" "$2")" -lt "${3:-1}" ] && [ $i -lt 200 ]; do
		i=$((i + 1))
		sleep 0.1
	done
}
told() { grep -c "\"event\": \"$1\"" "$tmp/$2.err"; }

# finish NAME: ends it, and gives its status.
finish() {
	eval "p=\$pid_$1"
	kill -TERM "$p"
	wait "$p"
}
send() { ip netns exec $a "$sendframes" "$@"; }

# count NAME KEY [LINE]: a figure of the interface in that line (1) of the result.
count() { sed -n "${3:-1}p" "$tmp/$1.out" | sed -n "s/.*\"$2\": \"\{0,1\}\([^,\"}]*\).*/\1/p"; }

tap probe b1
if ! finish probe; then
	sed 's/^/# /' "$tmp/probe.err"
	skip_all "packets may not be captured here"
fi

# Octets ------------------------------------------------------------------------
# All captures over Ethernet, twice: with all frames, and with what the kernel's filter leaves.
files=
for f in "$pcaps"/*.pcap; do
	[ "$(od -An -tx4 -j20 -N4 "$f" | tr -d ' ')" = 00000001 ] && files="$files $f"
done
tap all -F -w "$tmp/all.pcap" b1
tap some -w "$tmp/some.pcap" b1
sent=0
long=0
for f in $files; do
	n=$(send a1 "$f" 2>"$err") || { # a frame is longer than the interface takes
		long=$((long + 1))
		continue
	}
	sent=$((sent + n))
	kept="${kept:-} $f"
done
sleep 0.3
finish all
is "all frames: ends well" $? 0
finish some
is "filtered: ends well" $? 0
[ $sent -gt 1000 ] && pass "$sent frames were sent, of $(echo $kept | wc -w) captures ($long have longer ones)" ||
	fail "only $sent frames were sent"
if [ $long -eq 0 ]; then
	is "frames received are those sent" "$(count all received)" $sent
fi
is "none dropped" "$(count all dropped_kernel) $(count some dropped_kernel)" "0 0"
is "in order" "$(count all backwards 2) $(count all late 2)" "0 0"
is "in the kernel" "$(count all filtered) $(count some filtered)" "false true"
is "the clock" "$(count all clock)" host
[ "$(count some received)" -lt "$(count all received)" ] && pass "the filter keeps frames away" ||
	fail "the filter keeps nothing away: $(count some received) of $(count all received)"
for x in all some; do
	"$clientele" read --format json --no-progress "$tmp/$x.pcap" >"$tmp/$x.json" 2>"$err"
done
for key in ntp.packets ntp.requests ntp.responses ntp.matched ntp.clients.total ntp.mac ntp.nts dns.queries \
	dns.responses dns.matched dns.clients.total dns.udp.queries dns.tcp.queries dns.tcp.connections \
	icmp.errors icmp.senders fragments.packets fragments.datagrams fragments.reassembled input.counted \
	input.incomplete; do
	is "filtered or not: $key" "$("$jsonget" "$tmp/some.json" $key)" "$("$jsonget" "$tmp/all.json" $key)"
done
[ "$("$jsonget" "$tmp/all.json" ntp.packets)" -gt 100 ] && pass "there was NTP" || fail "there was no NTP"

# The same octets: what tcpdump prints of all that was sent is what it prints of all that came.
if command -v tcpdump >/dev/null 2>&1; then
	hex() { tcpdump -n -t -e -xx -r "$1" 2>/dev/null | grep '^	0x'; }
	tap octets -F -w "$tmp/octets.pcap" b1
	for f in $files; do
		case $f in
		*chrony.pcap | *bind-udp.pcap | *frag6.pcap | *tunnels.pcap | *vlan.pcap | *extensions.pcap)
			send a1 "$f" >/dev/null && hex "$f" >>"$tmp/sent.hex"
			;;
		esac
	done
	finish octets
	hex "$tmp/octets.pcap" >"$tmp/came.hex"
	same "frames come octet by octet, tags in their place" "$tmp/came.hex" "$tmp/sent.hex"
	[ "$(wc -l <"$tmp/sent.hex")" -gt 1000 ] || fail "nothing was compared"
else
	skip "frames come octet by octet" "tcpdump is not installed"
fi

# Two interfaces ------------------------------------------------------------------
tap two b1 b2
send -n 40 -p 8000 -s 0 -e 2 a1 "$pcaps/ntp-chrony.pcap" >"$tmp/n1" &
pids="$pids $!"
s=$!
send -n 40 -p 8000 -s 1 -e 2 a2 "$pcaps/ntp-chrony.pcap" >"$tmp/n2"
wait $s
finish two
is "each interface has its own" "$(count two received) $(count two received 2)" "$(cat "$tmp/n1") $(cat "$tmp/n2")"
is "both in one order" "$(count two given 3) $(count two backwards 3) $(count two late 3)" \
	"$(($(cat "$tmp/n1") + $(cat "$tmp/n2"))) 0 0"

# Drops -----------------------------------------------------------------------------
# Nobody reads for two seconds, and the ring is small.
tap slow -b 1048576 -p 2 b1
n=$(send -n 100 a1 "$pcaps/ntp-chrony.pcap")
sleep 2
finish slow
is "sent is received and dropped" "$(($(count slow received) + $(count slow dropped_kernel)))" "$n"
[ "$(count slow dropped_kernel)" -gt 0 ] && pass "$(count slow dropped_kernel) were dropped" || fail "none was dropped"

# Down, away and back -----------------------------------------------------------------
tap back b1
await up back
ups=$(told up back)
n=$(send a1 "$pcaps/ntp-chrony.pcap")
sleep 0.2
ip -n $b link set b1 down
await down back $(($(told down back) + 1))
ip -n $b link set b1 up
await up back $((ups + 1))
is "up again" "$(told up back)" $((ups + 1))
n=$((n + $(send a1 "$pcaps/ntp-chrony.pcap")))
sleep 0.2
ip -n $a link del a1
await gone back
sleep 3
is "gone is said once" "$(told gone back)" 1
pair 1
await up back $((ups + 2))
n=$((n + $(send a1 "$pcaps/ntp-chrony.pcap")))
sleep 0.2
ip -n $b link del b1
await gone back 2
pair 1
await up back $((ups + 3))
sleep 0.1
finish back
is "nothing of what came was lost" "$(count back received)" "$n"
is "opened three times" "$(count back opened) $(count back state)" "3 up"

# Not there yet -------------------------------------------------------------------------
ip netns exec $b "$livetap" b9 >"$out" 2>"$err"
is "an interface that is not there" "$? $(cat "$err")" "1 livetap: b9: there is no such interface"
tap later -a b9
await gone later
pair 9
await up later
n=$(send a9 "$pcaps/ntp-chrony.pcap")
sleep 0.2
finish later
is "one that is waited for" "$(count later received)" "$n"

# Saved ------------------------------------------------------------------------------------
mkdir "$tmp/ring"
tap ring -F -w "$tmp/ring.pcap" -S "$tmp/ring" b1 b2
send -n 20 a1 "$pcaps/ntp-chrony.pcap" >/dev/null
send -n 20 a2 "$pcaps/ntp-chrony.pcap" >/dev/null
finish ring
if command -v tshark >/dev/null 2>&1; then
	for x in "$tmp/ring.pcap" "$tmp"/ring/*.pcapng; do
		tshark -r "$x" -T fields -e frame.time_epoch -e frame.len -e frame.cap_len -e ntp.xmt -e udp.srcport 2>/dev/null
	done | sort | uniq -c | awk '$1 % 2 { odd++ } { n += $1 } END { print odd + 0, n }' >"$tmp/twice"
	is "tshark reads the same packets from the saved ones" "$(cat "$tmp/twice")" \
		"0 $((2 * $(count ring given 3)))"
	for x in "$tmp"/ring/*.pcapng; do
		tshark -r "$x" -X 'read_format:MIME Files Format' -V 2>/dev/null
	done | grep -E 'Option: (Interface Name|Number of Packets Delivered)' >"$tmp/blocks"
	if [ -s "$tmp/blocks" ]; then
		is "interfaces have their names" "$(sed -n 's/.*Interface Name = //p' "$tmp/blocks" | sort -u | tr '\n' ' ')" \
			"b1 b2 "
		is "statistics count all" \
			"$(awk '/Delivered/ { n += $NF } END { print n }' "$tmp/blocks")" "$(count ring given 3)"
	else
		skip "names and statistics of interfaces" "this tshark does not show blocks"
	fi
else
	skip "tshark reads the saved packets" "tshark is not installed"
fi
"$clientele" read --format json --no-progress "$tmp"/ring/*.pcapng >"$tmp/saved.json" 2>"$err"
"$clientele" read --format json --no-progress "$tmp/ring.pcap" >"$tmp/plain.json" 2>"$err"
for key in input.packets ntp.packets ntp.requests ntp.matched input.dropped.kernel; do
	is "read from the saved ones: $key" "$("$jsonget" "$tmp/saved.json" $key)" "$("$jsonget" "$tmp/plain.json" $key)"
done
tap_done
