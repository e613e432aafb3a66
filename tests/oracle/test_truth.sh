#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Generated workloads whose content is known exactly: ../shared/bench/genload writes them,
# ../shared/bench/truthcheck compares. Tunnels, TCP, fragments and ICMP errors are left out of them.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
bench=$shared/bench
[ -f "$bench/genload.c" ] && [ -f "$bench/truthcheck" ] || skip_all "no ../shared/bench beside this tree"
have python3 || skip_all "truthcheck needs python3"
${CC:-cc} -O2 -o "$tmp/genload" "$bench/genload.c" -lm 2>"$err" || skip_all "genload does not compile: $(head -n 1 "$err")"

load() { # OPTION...: writes $tmp/load.pcap and its truth
	"$tmp/genload" --sixin4=0 --icmp6=0 --icmp4=0 --tcp=0 --frag=0 --clients=2000 "$@" \
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
for preset in ntp dns mix; do
	only=ntp,dns
	[ $preset != ntp ] || only=ntp
	[ $preset != dns ] || only=dns
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
	check "duplicates, seed $seed" "$out" ntp,dns
done
# Requests without a transmit stamp: matched by a guess. The truth knows which answer belongs to
# which request; where one client has a single such request open at a time, so does the guess.
load --preset=mix --seed=6 --packets=$packets --zeroxmt=.01 --rate=200
run summary --format json "$tmp/load.pcap"
check "zero transmit stamps" "$out" ntp,dns
is "zero transmit stamps are guessed" "$([ "$(value ntp.guessed)" -gt 0 ] && echo yes)" yes
load --preset=mix --seed=7 --packets=$packets --vlan=.5 --qinq=.5 --edns=1 --ecs=.5 --cookie=.5 --badvers=.05 --kod=.1 \
	--mode6=.05 --ntpmac=.2 --nts=.2 --response=.6
run summary --format json "$tmp/load.pcap"
check "everything often" "$out" ntp,dns

# Cut in five, read one by one into a database; and all at once, named in another order.
for preset in ntp dns mix; do
	load --preset=$preset --seed=8 --ns=1 --packets=$packets --rate=20
	only=ntp,dns
	[ $preset != ntp ] || only=ntp
	[ $preset != dns ] || only=dns
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
