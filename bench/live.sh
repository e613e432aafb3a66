#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Live capture under load: frames lost and processor time for each, beside tcpdump in the same run, over a veth
# pair between two network namespaces made for it. Prints a table of medians as Markdown.
#
# usage: bench/live.sh [OPTION...] BUILD
#
#   BUILD           folder of an optimised build (with tests/tools/livetap)
#   --folder DIR    where the workload is made and kept (/tmp/clientele-bench)
#   --runs N        of each row, in turn (5)
#   --count N       packets a run (1000000)
#   --soak N        instead: one run of N million packets at 100000 a second, resident memory of the service each
#                   million; unanswered requests are kept for 30 timeouts, so the timeout is 1 s
#
# Rows: at the sender's highest rate, and at 80 % of it. Sender and receiver share the machine's processors, and
# what the kernel does for the receiver is charged to the sender: processor time is the receiving process's own,
# from start to end. Needs root, and the sources ../shared/bench beside the checkout, or $BENCH_SOURCES.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
sources=${BENCH_SOURCES:-$here/../../shared/bench}
folder=/tmp/clientele-bench
runs=5
count=1000000
soak=
cc=${CC:-cc}
while [ $# -gt 1 ]; do
	case $1 in
	--folder) folder=$2 ;;
	--runs) runs=$2 ;;
	--count) count=$2 ;;
	--soak) soak=$2 ;;
	*) set -- ;;
	esac
	shift 2 || break
done
[ $# -eq 1 ] || { sed -n 's/^# *\(usage: .*\)/\1/p' "$0" >&2; exit 2; }
build=$1
clientele=$build/cli/clientele
livetap=$build/tests/tools/livetap
for x in "$clientele" "$livetap" "$sources/genload.c" "$sources/blast.c"; do
	[ -e "$x" ] || { echo "live.sh: $x is not there" >&2; exit 2; }
done

mkdir -p "$folder"
tmp=$(mktemp -d "$folder/live.XXXXXX")
load=$folder/ntp1m-net10.pcap
[ -s "$load" ] || {
	$cc -O3 -o "$tmp/genload" "$sources/genload.c" -lm
	"$tmp/genload" --preset=ntp --packets=1000000 --clients=100000 --seed=16 --addr=net10 --ipv6=0 \
		--out="$tmp/load" --truth="$folder/ntp1m-net10.json" >&2
	mv "$tmp/load" "$load"
}
$cc -O3 -o "$tmp/blast" "$sources/blast.c"
$cc -O2 -o "$tmp/timeit" "$here/timeit.c"

a=blA$$
b=blB$$
p=
clean() {
	[ -z "$p" ] || kill "$p" 2>/dev/null || :
	ip netns del $a 2>/dev/null || :
	ip netns del $b 2>/dev/null || :
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
ip netns add $a
ip netns add $b
ip -n $a link add va type veth peer name vb netns $b
for x in "$a va" "$b vb"; do
	ip netns exec "${x% *}" sysctl -qw "net.ipv6.conf.${x#* }.disable_ipv6=1"
	ip -n "${x% *}" link set "${x#* }" up
done
sleep 1

# receiver NAME: the command, as words; figures it leaves behind are read by `received NAME`.
receiver() {
	case $1 in
	tcpdump) echo tcpdump -i vb -n -w /dev/null ;;
	livetap) echo "$livetap" vb ;;
	dissect) echo "$livetap" -d vb ;;
	clientele) echo "$clientele" capture -q ${soak:+--timeout 1} -i vb -o "$tmp/live.db" ;;
	esac
}
received() {
	case $1 in
	tcpdump) sed -n 's/^\([0-9]*\) packets captured.*/\1/p' "$tmp/err" ;;
	livetap | dissect) sed -n '1s/.*"received": \([0-9]*\).*/\1/p' "$tmp/out" ;;
	clientele) "$clientele" summary --format json "$tmp/live.db" |
		tr ',{' '\n\n' | sed -n 's/^ *"packets": *\([0-9]*\).*/\1/p' | sed -n '2p' ;;
	esac
}

# one NAME RATE COUNT: a line of the result: name, rate asked, rate sent, sent, received, processor seconds.
one() {
	rm -f "$tmp"/live.db*
	ip netns exec $b "$tmp/timeit" "$tmp/time" $(receiver "$1") >"$tmp/out" 2>"$tmp/err" &
	p=$!
	sleep 1.5
	ip netns exec $a "$tmp/blast" va "$load" "$2" "$3" >"$tmp/sent"
	sleep 1
	kill -TERM $(cat "/proc/$p/task/$p/children")
	wait $p || :
	p=
	sent=$(sed -n 's/.*sent \([0-9]*\) in.*/\1/p' "$tmp/sent")
	rate=$(sed -n 's/.* s, \([0-9]*\) pps.*/\1/p' "$tmp/sent")
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$rate" "$sent" "$(received "$1")" "$(cut -f 2 "$tmp/time")" |
		tee -a "$tmp/rows" >&2
}

if [ -n "$soak" ]; then
	ip netns exec $b $(receiver clientele) >"$tmp/out" 2>"$tmp/err" &
	p=$!
	sleep 1.5
	echo '| million packets | resident MiB |'
	echo '|---|---|'
	n=0
	while [ $n -lt "$soak" ]; do
		ip netns exec $a "$tmp/blast" va "$load" 100000 1000000 >/dev/null
		n=$((n + 1))
		printf '| %s | %s |\n' $n "$(awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$p/status")"
	done
	sleep 1
	kill -TERM "$p"
	wait "$p" || :
	p=
	echo "received: $(received clientele)"
	exit 0
fi

names='livetap dissect clientele'
! command -v tcpdump >/dev/null 2>&1 || names="tcpdump $names"
median() { sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "" }'; }
for _ in $(seq "$runs"); do
	for name in $names; do one "$name" 0 "$count"; done
done
high=$(cut -f 3 "$tmp/rows" | median)
for _ in $(seq "$runs"); do
	for name in $names; do one "$name" $((high * 8 / 10)) "$count"; done
done
echo '| receiver | rate sent (thousand/s) | lost | most lost | processor time (µs a packet) |'
echo '|---|---|---|---|---|'
for rate in 0 $((high * 8 / 10)); do
	for name in $names; do
		awk -F '\t' -v n="$name" -v r="$rate" '$1 == n && $2 == r' "$tmp/rows" >"$tmp/these"
		printf '| %s | %s | %s | %s | %s |\n' "$name" "$(awk '{ print int($3 / 1000 + 0.5) }' "$tmp/these" | median)" \
			"$(awk '{ printf "%.3f %%\n", 100 * ($4 - $5) / $4 }' "$tmp/these" | median)" \
			"$(awk '{ printf "%.3f %%\n", 100 * ($4 - $5) / $4 }' "$tmp/these" | sort -n | tail -n 1)" \
			"$(awk '{ printf "%.2f\n", 1e6 * $6 / ($5 > 0 ? $5 : 1) }' "$tmp/these" | median)"
	done
done
