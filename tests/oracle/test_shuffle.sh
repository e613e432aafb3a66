#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The order of fragments and segments does not matter: shuffled among those of their datagram or of their direction of a
# connection, within half a second (tests/tools/shufflepcap.c says which may change places), they give the same
# messages, the same datagrams, connections and fates of frames.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
shufflepcap=$top_builddir/tests/tools/shufflepcap
[ -x "$shufflepcap" ] || { echo "Bail out! $shufflepcap was not built"; exit 1; }
captures=$shared/captures
seeds=${CLIENTELE_SEEDS:-1 2 3}
shuffled=0

# counts FILE: what may not change.
counts() {
	run summary -q --format json "$1"
	echo "exit	$status"
	[ "$status" -gt 1 ] || "$jsonget" "$out" | awk -F'\t' '
		$1 ~ /^input\.(packets|counted|other|filtered|malformed|truncated|incomplete|undecoded\..*)$/ ||
		$1 ~ /^ntp\.(packets|requests|responses|versions\..*|modes\..*)$/ ||
		$1 ~ /^dns\.(queries|responses|qtypes\..*|rcodes\..*|edns|do|ecs|cookie|truncated)$/ ||
		$1 ~ /^dns\.(udp|tcp)\.(queries|responses|connections)$/ ||
		$1 ~ /^(fragments|tunnels|icmp)\./' | sort
}

# try NAME FILE
try() {
	rm -f "$tmp/plain"
	: >"$tmp/wrong"
	moved=0
	for seed in $seeds; do
		n=$("$shufflepcap" "$seed" "$2" "$tmp/shuffled" 2>/dev/null) || return 0 # a format it does not read
		[ "$n" -gt 0 ] || break # nothing may move
		moved=$((moved + n))
		[ -f "$tmp/plain" ] || counts "$2" >"$tmp/plain"
		counts "$tmp/shuffled" >"$tmp/other"
		diff "$tmp/plain" "$tmp/other" | sed -n "s/^[<>]/seed $seed: &/p" >>"$tmp/wrong"
	done
	[ $moved -gt 0 ] || return 0
	shuffled=$((shuffled + 1))
	if [ -s "$tmp/wrong" ]; then fail "$1" "$tmp/wrong"; else pass "$1"; fi
}

for capture in "$pcaps"/*.pcap "$pcaps"/*.pcapng; do
	name=$(basename "$capture")
	try "$name" "$capture"
done
is "captures here were shuffled" "$([ $shuffled -ge 5 ] && echo yes)" yes

if [ -d "$captures" ]; then
	shuffled=0
	(cd "$captures" && find . -type f ! -name INDEX.tsv ! -name '*.gz' | sed 's|^\./||' | sort) >"$tmp/files"
	while read -r file; do
		try "$file" "$captures/$file"
	done <"$tmp/files"
	is "real captures were shuffled" "$([ $shuffled -ge 10 ] && echo yes)" yes
else
	skip "the real captures" "no ../shared/captures beside this tree"
	echo "$0: the real captures are not here: only those of testdata/ are shuffled" >&2
fi
tap_done
