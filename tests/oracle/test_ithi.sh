#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# export --to ithi: each figure of a month that tests/oracle/ithi_truth.py forges and counts by itself, from captures and
# from a database of several parts; what is left out of databases that keep less; months that are not whole.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

run export -q --to ithi --role king -o "$tmp/no" "$pcaps/dns-match.pcap"
is "no such role" "$status $(one_line "$err" && echo line)" "2 line"
run export -q --to ithi --day 2026-02-01 -o "$tmp/no" "$pcaps/dns-match.pcap"
is "no days" "$status $(grep -c -- --day "$err")" "2 1"
if ! have python3; then
	skip "figures of a month" "python3 is not installed"
	tap_done
fi

python3 "$top_srcdir/tests/oracle/ithi_truth.py" forge "$tmp" >"$out" 2>&1 || fail "the truth is forged" "$out"

# figures FILE...: METRIC KEY VALUE, sorted as the truth is; lines that do not look as they have to come out whole
figures() {
	cat "$@" | sed 's/^\(M[0-9A-Z.]*\),2026-02-28,v[0-9.]*, \([a-z0-9\\._-]*\), \([0-9.]*\),$/\1 \2 \3/; s/  / - /' | LC_ALL=C sort
}

# check WHAT FILE FOLDER TRUTH
check() {
	figures "$3/$2-2026-02-28.csv" | grep -v '^M6\.DNS\.02\.1 ' >"$tmp/got"
	LC_ALL=C sort "$tmp/$4.want" >"$tmp/want"
	if [ -s "$tmp/want" ]; then same "$1: $2" "$tmp/got" "$tmp/want"; else fail "$1: $2"; fi
}

for role in root recursive authoritative; do
	case $role in root) file=M3 ;; recursive) file=M4 ;; *) file=M8 ;; esac
	run export --to ithi --role $role -o "$tmp/$role" "$tmp/month.pcap"
	is "$role: a whole month, and three days left out" "$status $(ls "$tmp/$role" | tr '\n' ' ')$(grep -c '2026-03: has [23] of 31 days' "$err")" \
		"1 $(printf '%s\n' $file-2026-02-28.csv M6-2026-02-28.csv | sort | tr '\n' ' ')1"
	check "$role" $file "$tmp/$role" $role
	is "$role: a line says what is not there" "$(grep -c '^clientele: 2026-02: not available: M' "$err")" 1
done
check "registries" M6 "$tmp/root" M6
# 90 to 110 types are registered
seen=$(grep -c '^M6\.DNS\.02\.3 [0-9]' "$tmp/M6.want")
is "types" "$(sed -n 's/^M6\.DNS\.02\.1,.*, , \(.*\),$/\1/p' "$tmp/root/M6-2026-02-28.csv" | awk -v n=$((seen - 1)) '{ print (n / $1 > 90 && n / $1 < 110) }')" 1

# From a database in two parts: the same octets. Without single messages or names: only the rest, and a line.
run summary -q --format json "$tmp/month.pcap"
"$cutpcap" "$tmp/month.pcap" "$tmp/half" $(($(value input.packets) / 2 + 7)) >/dev/null
for keep in transactions,names names none; do
	for half in "$tmp"/half*; do
		if [ $keep = none ]; then set --; else set -- --keep $keep; fi
		"$clientele" read -q "$@" -o "$tmp/$keep.db" "$half" >"$out" 2>"$err" || fail "read --keep $keep" "$err"
	done
	run export --to ithi --role root -o "$tmp/of-$keep" "$tmp/$keep.db"
	cp "$err" "$tmp/$keep.err"
done
if diff -r "$tmp/of-transactions,names" "$tmp/root" >"$tmp/differ"; then pass "of a database"; else fail "of a database" "$tmp/differ"; fi
is "without single messages" "$(figures "$tmp/of-names/M3-2026-02-28.csv")" "$(grep '^M3\.1 \|^M3\.3\.[12] ' "$tmp/root.want" | LC_ALL=C sort)"
is "and says so" "$(grep -c 'M3.8 (--keep transactions)' "$tmp/names.err")" 1
is "without names" "$(figures "$tmp/of-none/M3-2026-02-28.csv")" "$(grep '^M3\.1 ' "$tmp/root.want")"
is "and says so" "$(grep -c 'M3.3.2 (--keep names)' "$tmp/none.err")" 1
run export -q --to ithi -o "$tmp/m8" "$tmp/none.db"
is "nothing to say of clients" "$(ls "$tmp/m8" | tr '\n' ' ')" "M6-2026-02-28.csv "
run export -q --partial --to ithi -o "$tmp/part" "$tmp/none.db"
is "part of a month" "$(ls "$tmp/part" | tr '\n' ' ')" "M6-2026-02-28.csv M6-2026-03-31.csv "
tap_done
