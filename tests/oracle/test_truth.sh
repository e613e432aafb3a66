#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Generated workloads whose content is known exactly: ../shared/bench/genload writes them,
# ../shared/bench/truthcheck compares every figure that it knows.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
bench=$shared/bench
[ -f "$bench/genload.c" ] && [ -f "$bench/truthcheck" ] || skip_all "no ../shared/bench beside this tree"
have python3 || skip_all "truthcheck needs python3"
${CC:-cc} -O2 -o "$tmp/genload" "$bench/genload.c" -lm 2>"$err" || skip_all "genload does not compile: $(head -n 1 "$err")"

load() { # OPTION...: writes $tmp/load.pcap and its truth
	"$tmp/genload" --clients=2000 "$@" \
		--out="$tmp/load.pcap" --truth="$tmp/load.json" 2>"$err" || diag "genload: $(cat "$err")"
}

check() { # NAME SUMMARY PROTOCOLS
	python3 "$bench/truthcheck" "$tmp/load.json" "$2" --only "$3" >"$tmp/verdict" 2>&1
	if [ $? -eq 0 ] && grep -q '^[1-9][0-9]* passed, 0 failed$' "$tmp/verdict"; then
		pass "$1"
	else
		fail "$1" "$tmp/verdict"
	fi
	ledger "$2" >"$tmp/wrong"
	[ ! -s "$tmp/wrong" ] || fail "$1: ledger" "$tmp/wrong"
}

packets=12000
all=ntp,dns,tcp,frag,tunnels,icmp
for preset in ntp dns mix; do
	only=$all
	[ $preset != ntp ] || only=ntp
	[ $preset != dns ] || only=dns,tcp,frag,icmp
	for seed in 1 2 3; do
		for ns in 0 1; do
			name="$preset, seed $seed, $([ $ns = 1 ] && echo nano || echo micro)seconds"
			load --preset=$preset --seed=$seed --ns=$ns --packets=$packets
			run summary --format json "$tmp/load.pcap"
			check "$name" "$out" $only
			gzip -1 -c "$tmp/load.pcap" >"$tmp/load.pcap.gz"
			run summary --format json "$tmp/load.pcap.gz"
			check "$name, gzip" "$out" $only
		done
	done
done

# Requests sent again: the truth takes the first copy's time, as does the oldest open request.
for seed in 4 5; do
	load --preset=mix --seed=$seed --packets=$packets --dup=.01
	run summary --format json "$tmp/load.pcap"
	check "duplicates, seed $seed" "$out" $all
done
# Requests without a transmit stamp: matched by a guess. The truth knows which answer belongs to
# which request; where one client has a single such request open at a time, so does the guess.
load --preset=mix --seed=6 --packets=$packets --zeroxmt=.01 --rate=200
run summary --format json "$tmp/load.pcap"
check "zero transmit stamps" "$out" $all
is "zero transmit stamps are guessed" "$([ "$(value ntp.guessed)" -gt 0 ] && echo yes)" yes
load --preset=mix --seed=7 --packets=$packets --vlan=.5 --qinq=.5 --edns=1 --ecs=.5 --cookie=.5 --badvers=.05 --kod=.1 \
	--mode6=.05 --ntpmac=.2 --nts=.2 --response=.6 --icmp6=.2 --icmp4=.2 --sixin4=.5 --tcp=.2 --frag=.1
run summary --format json "$tmp/load.pcap"
check "everything often" "$out" $all
for seed in 9 10 11; do
	load --preset=mix --seed=$seed --packets=$packets --icmp6=.05 --sixin4=.2 --tcp=.05 --frag=.02 --qinq=.3 --badvers=.01 \
		--kod=.02 --mode6=.01
	run summary --format json "$tmp/load.pcap"
	check "shares of everything, seed $seed" "$out" $all
done

# Cut in five, read one by one into a database; and all at once, named in another order. A datagram in fragments
# or a message over TCP that a cut goes through is lost when the pieces are read one by one: there are none here.
for preset in ntp dns mix; do
	load --sixin4=.2 --icmp6=.05 --icmp4=.05 --tcp=0 --frag=0 --preset=$preset --seed=8 --ns=1 --packets=$packets --rate=20
	only=ntp,dns,tunnels,icmp
	[ $preset != ntp ] || only=ntp,tunnels,icmp
	[ $preset != dns ] || only=dns,tunnels,icmp
	rm -f "$tmp"/cut*.pcap "$tmp"/db*
	is "$preset: five pieces" "$("$cutpcap" "$tmp/load.pcap" "$tmp/cut" /5)" 5
	for i in 1 2 3 4 5; do
		run read -q -o "$tmp/db" "$tmp/cut$i.pcap"
		[ $status -eq 0 ] || fail "$preset: piece $i" "$err"
	done
	run summary --format json "$tmp/db"
	check "$preset: in five, read one by one" "$out" $only
	run summary --format json "$tmp/cut3.pcap" "$tmp/cut1.pcap" "$tmp/cut5.pcap" "$tmp/cut2.pcap" "$tmp/cut4.pcap"
	check "$preset: in five, read together" "$out" $only
done
tap_done
