#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each capture of testdata/pcaps/ gives what its .expect says; in each one the ledger adds up.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

# compare EXPECT FIGURES: prints what differs. Fractions to 1 ns, quantiles within 1 %.
compare() {
	awk -v status="$status" '
		function close_to(a, b, tolerance) { return a - b <= tolerance && b - a <= tolerance }
		NR == FNR { split($0, f, "\t"); v[f[1]] = f[2]; next }
		/^#/ || NF == 0 { next }
		{
			rows++
			key = $1; want = $2
			got = key == "exit" ? status : key in v ? v[key] : "absent"
			if (got == want) next
			number = got ~ /^-?[0-9]/ && want ~ /^-?[0-9]/
			if (number && key ~ /\.p(50|90|99|999)$/ && close_to(got, want, want / 100)) next
			if (number && want ~ /[.e]/ && close_to(got, want, 1.0000001e-9)) next
			print key ": " got ", expected " want
		}
		END { if (rows == 0) print "nothing is expected" }' "$2" "$1"
}

files() {
	found=no
	for f in "$pcaps/$1.pcap" "$pcaps/$1.pcapng"; do
		[ ! -f "$f" ] || { found=yes; echo "$f"; }
	done
	[ $found = yes ] || ls "$pcaps/$1"-*.pcap # one expectation of several files
}

for expect in "$pcaps"/*.expect; do
	name=$(basename "$expect" .expect)
	run summary --format json $(files "$name")
	"$jsonget" "$out" >"$tmp/figures" 2>"$tmp/wrong" || :
	compare "$expect" "$tmp/figures" >>"$tmp/wrong"
	cat "$err" >>"$tmp/wrong"
	if [ ! -s "$tmp/wrong" ] || { [ "$status" -ne 0 ] && one_line "$err" && cmp -s "$err" "$tmp/wrong"; }; then
		pass "$name"
	else
		fail "$name" "$tmp/wrong"
	fi
done

for capture in "$pcaps"/*.pcap "$pcaps"/*.pcapng; do
	name=$(basename "$capture")
	run summary --format json "$capture"
	ledger "$out" >"$tmp/wrong"
	if [ ! -s "$tmp/wrong" ]; then pass "the ledger of $name"; else fail "the ledger of $name" "$tmp/wrong"; fi
	[ -f "$pcaps/${name%.*}.expect" ] || fail "$name has no .expect"
done
tap_done
