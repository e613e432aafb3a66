#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# capture, killed (SIGKILL) again and again at moments that a generator of fixed seed draws: before a commit, between
# commits and as one is written. After each: the database is whole, it has exactly what `read -o` of as many packets
# has, nothing that was there is gone, and no more than a commit is missing.
# CLIENTELE_KILLS: how many of each kind (6).
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/service.sh"
kills=${CLIENTELE_KILLS:-6}

# From 29 June to 2 July: days of two months.
"$monthload" 20633 4 1500 900 "$tmp/list" >"$tmp/days.pcap" || fail "four days are made"
run read -q -o "$tmp/read.db" "$tmp/days.pcap"
all=$(sqlite3 "$tmp/read.db" 'SELECT packets FROM source')
rate=$((all / 8 + 1))

# rows DB: all rows, services by their names, without what tells of runs and files (a run is a file to the store), the
# seed and what is hashed with it.
tables=$(sqlite3 "$tmp/read.db" "SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c
	WHERE m.type = 'table' AND c.name = 'service_id'")
rows() {
	{
		echo "CREATE TEMP TABLE map AS SELECT service_id AS old, 1000000 + row_number() OVER (ORDER BY proto, kind, addr)
			AS new FROM service; BEGIN;"
		for table in $tables; do
			echo "UPDATE $table SET service_id = (SELECT new FROM map WHERE old = service_id);"
		done
		sqlite3 "$1" "SELECT 'UPDATE ' || m.name || ' SET ' || c.name || ' = 0;' FROM sqlite_master AS m,
			pragma_table_info(m.name) AS c WHERE m.type = 'table' AND
			(c.name GLOB '*hash' OR c.name GLOB '[qr]_file' OR c.name GLOB '[qr]_stream')"
		echo "DELETE FROM meta WHERE key IN ('seed', 'tool'); DELETE FROM file; DELETE FROM capture_stretch;
			DELETE FROM capture_interval; DELETE FROM state WHERE typeof(value) = 'blob';"
		echo ".dump"
	} | sqlite3 "$1" 2>&1 | grep -v '^INSERT INTO sqlite_' | sort
}
log_time() { stat -c %y "$tmp/$1-wal" 2>/dev/null; }
log_is_new() { [ "$(log_time "$1")" != "$2" ]; }
# draw MOST: leaves $drawn, seconds below it.
seed=20261123
draw() {
	seed=$(awk -v x="$seed" 'BEGIN { printf "%d", x * 16807 % 2147483647 }')
	drawn=$(awk -v x="$seed" -v most="$1" 'BEGIN { printf "%.3f", x / 2147483647 * most }')
}

# How a run is killed: at any moment; as the log is written; when it has said how many packets it took.
kill_any() {
	draw 2.2
	sleep "$drawn"
}
kill_log() {
	until_is log_is_new "$1" ""
	was=$(log_time "$1")
	draw 0.02
	for _ in $(seq 2000); do log_is_new "$1" "$was" && break; done
	sleep "$drawn"
}
kill_said() {
	until_is [ -e "$tmp/$1-wal" ]
	was=$(log_time "$1")
	until_is log_is_new "$1" "$was"
	draw 2.6
	sleep "$drawn"
	kill -USR1 "$pid" 2>/dev/null && until_is grep -q '^clientele: status' "$tmp/said"
}

# check DB BEFORE: what a kill has left, seen in a copy, so that the service itself finds its log. Leaves $at.
check() {
	rm -f "$tmp"/seen.db*
	for end in "" -wal; do [ ! -e "$tmp/$1$end" ] || cp "$tmp/$1$end" "$tmp/seen.db$end"; done
	at=0
	[ -s "$tmp/seen.db" ] || { idle=$((idle + 1)); return 0; }
	[ "$(sqlite3 "$tmp/seen.db" 'PRAGMA integrity_check')" = ok ] || echo "kill $i: integrity" >>"$tmp/wrong"
	at=$(packets "$tmp/seen.db")
	[ "$at" -ge "$2" ] || echo "kill $i: $2 packets had been kept, $at are there" >>"$tmp/wrong"
	told=$(sed -n 's/^clientele: status: \([0-9]*\) packets.*/\1/p' "$tmp/said")
	[ $((${told:-0} - at + $2)) -le $((rate * 5 / 4 + 64)) ] ||
		echo "kill $i: it had taken $told packets, and kept $((at - $2))" >>"$tmp/wrong"
	[ "$at" -gt "$2" ] || idle=$((idle + 1))
	[ "$at" -ne "$compared" ] && [ "$at" -gt 0 ] || return 0
	compared=$at
	[ "$(sqlite3 "$tmp/seen.db" 'SELECT sum(received) FROM capture_interval')" = "$at" ] ||
		echo "kill $i: packets by step" >>"$tmp/wrong"
	"$cutpcap" "$tmp/days.pcap" "$tmp/part" "$((at + 1))" >/dev/null
	rm -f "$tmp/part.db"
	# shellcheck disable=SC2086
	"$clientele" read -q $options -o "$tmp/part.db" "$tmp/part1.pcap" 2>>"$tmp/wrong"
	rows "$tmp/part.db" >"$tmp/want"
	rows "$tmp/seen.db" >"$tmp/got"
	cmp -s "$tmp/got" "$tmp/want" || { echo "kill $i: rows of $at packets"; diff "$tmp/want" "$tmp/got" | cut -c 1-200; } >>"$tmp/wrong"
}

# ends DB: the rest, and all of it is as `read` has it.
ends() {
	# shellcheck disable=SC2086
	run capture -q $options --replay "$tmp/days.pcap" -o "$tmp/$1"
	[ "$status" -eq 0 ] || { echo "the end: status $status"; cat "$err"; } >>"$tmp/wrong"
	rm -f "$tmp/part.db"
	# shellcheck disable=SC2086
	run read -q $options -o "$tmp/part.db" "$tmp/days.pcap"
	steps="SELECT t, sum(received), sum(dropped_kernel) FROM capture_interval GROUP BY t"
	sqlite3 "$tmp/$1" "$steps" >"$tmp/got.steps"
	same "$2: packets by step, of all runs" "$tmp/got.steps" "$tmp/want.steps"
	for view in $every_view; do # before `rows`, which changes what it reads
		for db in "$1" part.db; do
			"$clientele" "$view" -q --format json "$tmp/$db" 2>&1 | sed -e '/^  "input": {$/,/^  },\{0,1\}$/d' \
				-e 's/"replay:/"/g' -e "s|$tmp/[^\"]*pcap|PCAP|g" -e 's/"stream": [0-9]*, //g' >"$tmp/$db.view"
		done
		[ -s "$tmp/part.db.view" ] || echo "$view: nothing" >>"$tmp/wrong"
		cmp -s "$tmp/part.db.view" "$tmp/$1.view" ||
			{ echo "the end: $view"; diff "$tmp/part.db.view" "$tmp/$1.view"; } >>"$tmp/wrong"
	done
	rows "$tmp/part.db" >"$tmp/want"
	rows "$tmp/$1" >"$tmp/got"
	cmp -s "$tmp/got" "$tmp/want" || { echo "the end: rows"; diff "$tmp/want" "$tmp/got" | cut -c 1-200; } >>"$tmp/wrong"
	is "$2: no journal is left" "$(ls "$tmp" | grep -c "^$1-")" 0
	rm -f "$tmp/$1"
}

# Packets by step, when nothing is killed.
run capture -q --replay "$tmp/days.pcap" -o "$tmp/whole.db"
sqlite3 "$tmp/whole.db" "SELECT t, sum(received), sum(dropped_kernel) FROM capture_interval GROUP BY t" >"$tmp/want.steps"
is "packets by step" "$(awk -F'|' '{ n += $2 } END { print n }' "$tmp/want.steps")" "$all"

# many HOW OPTION...
many() {
	how=$1
	shift
	options=$* i=0 at=0 compared=0 idle=0 rounds=0
	: >"$tmp/wrong"
	while [ $i -lt "$kills" ]; do
		i=$((i + 1))
		: >"$tmp/said"
		"$clientele" capture "$@" --replay "$tmp/days.pcap" --replay-rate $rate --commit 1 -o "$tmp/k.db" \
			>"$tmp/said.out" 2>"$tmp/said" </dev/null &
		pid=$!
		before=$at
		"$how" k.db
		kill -9 "$pid" 2>/dev/null
		{ wait "$pid"; ended=$?; } 2>/dev/null
		pid=
		check k.db "$before"
		case $ended in
		137) ;;
		0) # the replay had ended: from its begin
			is "$how $*: round $rounds is complete" "$at" "$all"
			rounds=$((rounds + 1))
			rm -f "$tmp"/k.db*
			at=0 compared=0
			;;
		*) { echo "kill $i: status $ended"; cat "$tmp/said"; } >>"$tmp/wrong" ;;
		esac
	done
	diag "$how $*: $i kills, $idle of them before a run's first commit; $at of $all packets and $rounds times all"
	[ "$at" -gt 0 ] || [ $rounds -gt 0 ] && pass "$how $*: it goes on" || fail "$how $*: it goes on"
	ends k.db "$how $*"
	if [ -s "$tmp/wrong" ]; then fail "$how $*" "$tmp/wrong"; else pass "$how $*"; fi
}
many kill_any
many kill_log --keep transactions
many kill_said

# A file for each month: killed in the second one, it goes on in it.
i=0
: >"$tmp/wrong"
for at in $((all / 3)) $((all * 3 / 5)) $((all * 4 / 5)); do
	i=$((i + 1))
	"$clientele" capture -q --rotate month --replay "$tmp/days.pcap" --replay-rate $rate --commit 1 -o "$tmp/m.db" \
		>"$tmp/said.out" 2>"$tmp/said" </dev/null &
	pid=$!
	month_packets() { echo $(($(packets "$tmp/m-2026-06.db") + $(packets "$tmp/m-2026-07.db"))); }
	reached() { [ "$(month_packets)" -ge "$at" ]; }
	until_is reached
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	pid=
	[ "$(month_packets)" -lt "$all" ] || echo "kill $i of months: too late, $(month_packets) packets" >>"$tmp/wrong"
done
run capture -q --rotate month --replay "$tmp/days.pcap" -o "$tmp/m.db"
is "months: status" "$status" 0
is "months: packets" "$(month_packets)" "$all"
is "months: packets by step" "$(for db in "$tmp"/m-2026-0[67].db; do sqlite3 "$db" "SELECT sum(received) FROM capture_interval"; done |
	awk '{ n += $1 } END { print n }')" "$all"
is "months: files" "$(cd "$tmp" && echo m-*)" "m-2026-06.db m-2026-07.db"
for month in 06:20633:20634 07:20635:20636; do
	db=$tmp/m-2026-${month%%:*}.db days=${month#*:}
	is "months: requests of $month" "$(sqlite3 "$db" "SELECT sum(requests) FROM day JOIN service USING(service_id) WHERE kind = 'all'")" \
		"$(awk -v a="${days%:*}" -v b="${days#*:}" '$1 >= a && $1 <= b' "$tmp/list" | wc -l | tr -d ' ')"
	is "months: $month is whole" "$(sqlite3 "$db" 'PRAGMA integrity_check; PRAGMA journal_mode' | tr '\n' ' ')" "ok delete "
done
if [ -s "$tmp/wrong" ]; then fail "months: killed in the middle" "$tmp/wrong"; else pass "months: killed in the middle"; fi
tap_done
