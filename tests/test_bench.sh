#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The benchmark works: its medians, ratios and verdicts on samples made up here, and, on small workloads, every row
# that this machine has the programs for. Times nothing.
. "${top_srcdir:-$(dirname "$0")/..}/tests/tap.sh"
report=$top_srcdir/bench/report.awk
tabs() { tr -s ' ' '\t' | tr '_' ' '; }

# row, packets, clients
tabs >"$tmp/sizes" <<'EOT'
bare_x 1000 100
fast_x 1000 100
half_x 500 100
slow_x 1000 100
small_x 1000 100
broken_x 1000 100
EOT
# round, row, wall, processor, peak, status, octets of database: each round twice as slow as the last one
tabs >"$tmp/samples" <<'EOT'
1 bare_x 1 1 1000 0 0
1 fast_x 2 3 3000 0 6000
1 half_x 1 1 1000 0 0
1 slow_x 4 4 1000 0 0
1 small_x .5 .5 1000 0 0
1 broken_x 9 9 1000 2 0
2 bare_x 2 2 1000 0 0
2 fast_x 4 6 3000 0 6000
2 half_x 2 2 1000 0 0
2 slow_x 8 8 1000 0 0
3 bare_x 4 4 1000 0 0
3 fast_x 10 12 3000 0 6000
3 half_x 4 4 1000 0 0
3 slow_x 16 16 1000 0 0
EOT
# kind, over, under, wanted, words
sed 's/  */ /g; s/ *| */\t/g' >"$tmp/ratios" <<'EOT'
wall | bare x | fast x | >= 0.5 | just met
wall | bare x | fast x | >= 0.51 | just not met
wall | fast x | bare x | <= 2 | most, met
wall | fast x | bare x | <= 1.9 | most, not met
cpu | fast x | bare x | <= 2.9 | by the processor
cpu | half x | bare x | | by the packet
sum | slow x | fast x + bare x | <= 1.5 | added
max | slow x | fast x + bare x | <= 1.5 | slower
wall | small x | bare x | | a single round
wall | broken x | bare x | <= 1 | a row that failed
wall | bare x | broken x | | unasked for
pair | fast x | bare x | <= 20480 | octets
disk | fast x | | <= 59 | database
EOT
awk -v verdicts=1 -f "$report" "$tmp/sizes" "$tmp/samples" "$tmp/ratios" >"$tmp/got" 2>&1
line() { is "$1" "$(grep -F "| $1 |" "$tmp/got")" "$2"; }
line 'fast x' '| fast x | 1000 | 4.00 | 6.00 | 6000000 | 2 |'
line 'half x' '| half x | 500 | 2.00 | 2.00 | 4000000 | 0 |'
line 'just met' '| just met | 0.50 (0.40 to 0.50) | 0.33 | >= 0.5 (wall) | met |'
line 'just not met' '| just not met | 0.50 (0.40 to 0.50) | 0.33 | >= 0.51 (wall) | **not met** |'
line 'most, met' '| most, met | 2.00 (2.00 to 2.50) | 3.00 | <= 2 (wall) | met |'
line 'most, not met' '| most, not met | 2.00 (2.00 to 2.50) | 3.00 | <= 1.9 (wall) | **not met** |'
line 'by the processor' '| by the processor | 2.00 | 3.00 (3.00 to 3.00) | <= 2.9 (processor) | **not met** |'
line 'by the packet' '| by the packet | 2.00 | 2.00 (2.00 to 2.00) |  |  |'
line 'added' '| added | 1.33 (1.14 to 1.33) | 1.00 | <= 1.5 (wall) | met |'
line 'slower' '| slower | 2.00 (1.60 to 2.00) | 1.33 | <= 1.5 (wall) | **not met** |'
line 'a single round' '| a single round | 0.50 | 0.50 |  |  |'
line 'a row that failed' '| a row that failed | | | <= 1 | not measured |'
line 'unasked for' ''
line 'octets' '| octets | 20480 (20480 to 20480) | | <= 20480 | met |'
line 'database' '| database | 60.0 (60.0 to 60.0) | | <= 59 | **not met** |'
is 'a row that failed has no figures' "$(grep -c '^| broken x' "$tmp/got")" 0

BENCH_SOURCES=$shared/bench
export BENCH_SOURCES
if [ ! -f "$BENCH_SOURCES/genload.c" ]; then
	skip 'small workloads' 'no ../shared/bench beside this tree'
	tap_done
fi

bench() { sh "$top_srcdir/bench/bench.sh" --quick --sizes --huge --folder "$tmp/bench" "$@"; }

peers='^(tshark|tcpdump|DSC|PacketQ|dnstop|nfdump) '
bench "$clientele" >"$out" 2>"$err"
[ ! -s "$err" ] || diag "$(head -n 20 "$err")"
sed -n 's/^- left out: \(.*: failed: .*\)/\1/p' "$out" >"$tmp/failed"
is 'no row of ours fails' "$(grep -vE -e "$peers" -e 'is not supported by this build' "$tmp/failed")" ''
grep -E "$peers" "$tmp/failed" | while read -r row; do diag "$row"; done
[ ! -s "$tmp/failed" ] || skip 'all other tools run' "$(head -n 1 "$tmp/failed")"
bench --list >"$tmp/rows"
is 'there are rows' "$([ "$(wc -l <"$tmp/rows")" -gt 40 ] && echo yes)" yes
while read -r row; do
	grep -qF -e "| $row |" -e "- left out: $row: " "$out" || echo "$row"
done <"$tmp/rows" >"$tmp/missing"
same 'each row has its figures, or says what it needs' "$tmp/missing" /dev/null
is 'no row of clientele is left out but for options' \
	"$(sed -n 's/^- left out: \(summary\|clients\|delta\|read\|dissect\|stream\).*: needs //p' "$out" |
		grep -vxE 'workers|max-memory|gzip|zstd|xz|lz4')" ''
is 'three workloads are held against their truth' "$(grep -c 'against its truth: [1-9][0-9]* passed, 0 failed$' "$out")" \
	"$(have python3 && echo 3 || echo 0)"
is 'no other tool answers nothing' "$(awk -F ' [|] ' '/^[|] row [|] question/ { on = 1 } on && $3 == 0' "$out")" ''

cat >"$tmp/clientele" <<'EOT'
#!/bin/sh
echo "planted" >&2
exit 3
EOT
chmod +x "$tmp/clientele"
bench --only '^summary mix5m$' "$tmp/clientele" >"$out" 2>"$err"
is 'a row that fails is an error' $? 1
is 'and says why' "$(grep '^- left out' "$out")" '- left out: summary mix5m: failed: planted'
tap_done
