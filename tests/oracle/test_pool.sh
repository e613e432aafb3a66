#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pool: a forged half day in which two monitors' rounds fail in every way, against what the forger planted and
# the score that it worked out by the published rule.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
poolday=$top_builddir/tests/tools/poolday
day=$tmp/day.pcap
"$poolday" "$day" "$tmp/monitors" "$tmp/labels" "$tmp/log" >"$tmp/truth" || { echo "Bail out! poolday"; exit 1; }

# against TRUTH JSON: prints what differs; numbers by value.
against() {
	"$jsonget" "$2" | awk -F'\t' 'NR == FNR { got[$1] = $2; next }
		{ n = index($0, " "); key = substr($0, 1, n - 1); want = substr($0, n + 1); have = got[key]; gsub(/"/, "", have)
		  if (want ~ /^-?[0-9.]+(e-?[0-9]+)?$/ && have ~ /^-?[0-9.]+(e-?[0-9]+)?$/) {
			d = want - have; if (d > 1e-6 || d < -1e-6) print key ": " have ", not " want
		  } else if (have != want) print key ": " have ", not " want }' - "$1"
}
answer() { sed -n '/^  "monitors_file"/,$p' "$1"; }

run pool --monitors "$tmp/monitors" --labels "$tmp/labels" --scores "$tmp/log" --format json "$day"
is "exit status" "$status" 0
grep -v '^watched' "$tmp/truth" >"$tmp/want"
against "$tmp/want" "$out" >"$tmp/wrong"
[ ! -s "$tmp/wrong" ] && pass "$(wc -l <"$tmp/want" | tr -d ' ') planted figures" || fail "planted figures" "$tmp/wrong"
sed 's/not_seen/good/' "$tmp/want" >"$tmp/planted"
against "$tmp/planted" "$out" >"$tmp/wrong"
is "a planted mistake is seen" "$([ -s "$tmp/wrong" ] && echo yes)" yes
is "requests between the first monitor and the first stranger" "$(value joining.0.watched.requests)" "$(sed -n 's/^watched //p' "$tmp/truth")"
is "first stranger" "$(value joining.0.first_stranger.client) $(value joining.0.first_stranger.t)" \
	"198.18.0.1 2026-06-01T01:45:00Z"
is "the log's rows of nobody listed" "$(value log.unlisted)" 1
is "the log's rows of all monitors" "$(value log.score.0.score)" 18.5
is "the monitor that is not listed" "$(value 'candidates.#') $(value candidates.2.source) $(value candidates.2.listed)" \
	"3 203.0.113.99 false"
answer "$out" >"$tmp/from_capture"

# Without the log the score lies between bounds, and lost rounds are told by the period.
run pool --monitors "$tmp/monitors" --format json "$day"
is "without a log: rounds that never came" "$(value servers.0.monitors.0.verdicts.not_seen)" 3
is "without a log: nothing was lost on return" "$(value servers.0.monitors.0.verdicts.lost_on_return)" 0
is "without a log: bounds" "$(value servers.0.monitors.0.probes.0.score_min) $(value servers.0.monitors.0.probes.0.score_max)" "-94 20"

# Without a list nobody is a monitor.
run pool --format json "$day"
is "without a list" "$(value 'servers.#') $(value 'joining.#') $(value listed)" "0 0 0"
is "without a list: candidates" "$(value candidates.2.source) $(value candidates.2.of_three)" "203.0.113.99 10"

# The tables have the same figures.
run pool --monitors "$tmp/monitors" --labels "$tmp/labels" --scores "$tmp/log" --format csv "$day"
cp "$out" "$tmp/csv"
is "CSV: rounds of both" "$(grep -c '^192.0.2.1,203.0.113.1[12],2026.*,' "$tmp/csv")" 93
run pool --monitors "$tmp/monitors" --labels "$tmp/labels" --scores "$tmp/log" "$day"
grep -q 'never came here' "$out" && grep -q 'kiss RATE' "$out" && pass "evidence in words" || fail "evidence in words" "$out"
is "100 columns" "$(awk 'length($0) > 100 && !/^\//' "$out" | wc -l | tr -d ' ')" 0

# A database that keeps transactions says the same; one that does not says what it lacks.
run read -q --keep transactions -o "$tmp/kept.db" "$day"
run pool --monitors "$tmp/monitors" --labels "$tmp/labels" --scores "$tmp/log" --format json "$tmp/kept.db"
answer "$out" >"$tmp/from_database"
same "from a database" "$tmp/from_database" "$tmp/from_capture"
run pool --monitors "$tmp/monitors" --labels "$tmp/labels" --scores "$tmp/log" --format csv "$tmp/kept.db"
same "from a database, as CSV" "$out" "$tmp/csv"
run read -q -o "$tmp/plain.db" "$day"
run pool --monitors "$tmp/monitors" --format json "$tmp/plain.db"
is "without transactions" "$status $(value servers) $(value drops)" "0 null null"
run pool "$tmp/plain.db"
grep -q 'does not keep single messages' "$out" && pass "which it says" || fail "which it says" "$out"

# What is no list, and no log, is said in one line.
refused() {
	run pool --monitors "$tmp/monitors" "$@" "$day"
	is "$what: status and lines" "$status $(one_line "$err" && echo line)" "2 line"
}
what="no address" && echo 'pool.example.org alpha' >"$tmp/bad" && refused --monitors "$tmp/bad"
what="no heading" && echo '1,2,3' >"$tmp/bad" && refused --scores "$tmp/bad"
what="no time" && printf 'ts_epoch,step,score\nx,1,2\n' >"$tmp/bad" && refused --scores "$tmp/bad"
what="no score" && printf 'ts_epoch,step,score\n1,1,nan\n' >"$tmp/bad" && refused --scores "$tmp/bad"
what="no file" && refused --scores "$tmp/missing"

# Columns in another order, a name in quotes, and the number instead of the name.
awk -F, 'NR == 1 { print "error,score,monitor_name,step,ts_epoch,offset" ; next } $7 == "alpha" { print $9 "," $5 ",\"alpha\"," $4 "," $1 "," $3 }' \
	"$tmp/log" >"$tmp/other"
run pool --monitors "$tmp/monitors" --labels "$tmp/labels" --scores "$tmp/other" --format json "$day"
is "columns in another order" "$(value log.joined)" 30
sed 's/alpha/7/' "$tmp/monitors" >"$tmp/numbers"
run pool --monitors "$tmp/numbers" --scores "$tmp/log" --format json "$day"
is "by the monitor's number" "$(value log.joined) $(value servers.0.monitors.0.name)" "30 7"
tap_done
