#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A capture that is written as it goes on, with a commit every few packets, against `read -o` of the same packets:
# the same rows in all tables, whatever the disk did meanwhile, however often it was killed.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
livewrite=$top_builddir/tests/tools/livewrite
monthload=$top_builddir/tests/tools/monthload
for program in "$livewrite" "$monthload"; do
	[ -x "$program" ] || { echo "Bail out! $program was not built: make check builds it"; exit 1; }
done

# rows DB: all tables, services by their names, without what differs from run to run (the seed, and what is hashed
# with it) and without files.
rows() {
	rm -f "$tmp"/rows.db*
	sqlite3 "$1" ".backup '$tmp/rows.db'"
	{
		echo "PRAGMA journal_mode = DELETE; CREATE TEMP TABLE map AS SELECT service_id AS old, 1000000 +
			row_number() OVER (ORDER BY proto, kind, addr) AS new FROM service;"
		for table in $(sqlite3 "$tmp/rows.db" "SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c
			WHERE m.type = 'table' AND c.name = 'service_id'"); do
			echo "UPDATE $table SET service_id = (SELECT new FROM map WHERE old = service_id);"
		done
		echo "DELETE FROM meta WHERE key IN ('seed', 'tool'); DELETE FROM file;
			DELETE FROM state WHERE typeof(value) = 'blob';"
	} | sqlite3 "$tmp/rows.db" >"$tmp/rows.log" 2>&1 || fail "rows of $1" "$tmp/rows.log"
	for table in $(sqlite3 "$tmp/rows.db" "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"); do
		sqlite3 "$tmp/rows.db" ".mode insert $table" "SELECT * FROM $table"
	done | sort
}

# From 29 June to 2 July 2026: days of two months, one after the other.
for day in 20633 20634 20635 20636; do
	"$monthload" $day 1 300 180 "$tmp/$day.list" >"$tmp/$day.pcap" || fail "the day $day is made"
done
{
	cat "$tmp/20633.pcap"
	for day in 20634 20635 20636; do tail -c +25 "$tmp/$day.pcap"; done
} >"$tmp/days.pcap"
"$clientele" read -q -o "$tmp/read.db" "$tmp/days.pcap" 2>"$err"
is "read: exit status" $? 0
rows "$tmp/read.db" >"$tmp/want"
total=$(sqlite3 "$tmp/read.db" "SELECT packets FROM source")
is "packets of all days are there" "$((total > 1500))" 1

# write NAME OPTION...: the same rows, in one file that is whole.
write() {
	what=$1
	shift
	rm -f "$tmp"/live.db*
	"$livewrite" "$@" "$tmp/days.pcap" "$tmp/live.db" >"$out" 2>"$err"
	is "$what: exit status" $? 0
	is "$what: all is kept" "$(sed -n 's/^kept //p' "$out")" "$total"
	is "$what: one file" "$(ls "$tmp"/live.db*)" "$tmp/live.db"
	rows "$tmp/live.db" >"$tmp/got"
	same "$what: rows" "$tmp/got" "$tmp/want"
}
write "commits" -n 37
write "commits, counted in a thread" -t -n 23

events() { sed 's/ at .*//' "$out" | grep -v '^kept' | tr '\n' ' '; }
write "no room on the disk for a day" -n 37 -l 5:22
is "no room on the disk: one event each" "$(events)" "failed again "
write "no room from the first commit to the second month" -n 37 -l 0:38
is "no room from the first commit: one event each" "$(events)" "failed again "
write "gone for two days" -n 37 -g 3:30
is "gone: one event each" "$(events)" "failed again "
is "gone: what is wrong" "$(sed -n 's/^failed at [0-9]*: //p' "$out")" \
	"is not where it was; what is counted waits in memory until it is back"

# With room for next to nothing while rows wait, what was given up is said.
rm -f "$tmp"/live.db*
"$livewrite" -n 37 -b 4096 -l 5:30 "$tmp/days.pcap" "$tmp/live.db" >"$out" 2>"$err"
is "little memory: exit status" $? 0
is "little memory: what was given up is counted" "$(grep -c '^given up [1-9]' "$out")" 1
is "little memory: the file is sound" "$(sqlite3 "$tmp/live.db" 'PRAGMA integrity_check')" ok

# Killed again and again: what was kept before is there, and what was not comes again.
rm -f "$tmp"/live.db*
at=0
sound=0
behind=0
for more in 61 204 7 333 150 44 298 90 120; do
	"$livewrite" -n 37 -k -s $((at + more)) "$tmp/days.pcap" "$tmp/live.db" >"$out" 2>"$err"
	[ "$(sqlite3 "$tmp/live.db" 'PRAGMA integrity_check')" = ok ] || sound=$((sound + 1))
	kept=$(sqlite3 "$tmp/live.db" "SELECT packets FROM source")
	[ $((at + more - kept)) -lt 37 ] || behind=$((behind + 1))
	at=$kept
done
is "killed nine times: the database is sound" "$sound" 0
is "killed nine times: less than a commit is missing" "$behind" 0
# A view reads what a killed writer has left, and while one writes.
run summary --format json "$tmp/live.db"
is "killed nine times: a view reads it" "$status" 0
"$livewrite" -n 37 "$tmp/days.pcap" "$tmp/live.db" >"$out" 2>"$err"
rows "$tmp/live.db" >"$tmp/got"
same "killed nine times, then to the end: rows" "$tmp/got" "$tmp/want"

# A file for each month: both together are the one.
months() {
	what=$1
	shift
	rm -f "$tmp"/m-*.db*
	"$livewrite" -m "$@" "$tmp/days.pcap" "$tmp/m.db" >"$out" 2>"$err"
	is "$what: exit status" $? 0
	is "$what: files" "$(ls "$tmp" | grep '^m-' | tr '\n' ' ')" "m-2026-06.db m-2026-07.db "
	counts='INTO (meta|schema_change|state|ledger|fact|service|source|open_at_end|zone_watch|sqlite_stat)'
	{ rows "$tmp/m-2026-06.db"; rows "$tmp/m-2026-07.db"; } | grep -Ev "$counts" | sort >"$tmp/got"
	grep -Ev "$counts" "$tmp/want" | sort >"$tmp/all"
	same "$what: rows of days, steps and clients" "$tmp/got" "$tmp/all"
	is "$what: packets" "$(for db in "$tmp"/m-*.db; do sqlite3 "$db" "SELECT packets FROM source"; done |
		awk '{ n += $1 } END { print n }')" "$total"
	is "$what: frames by fate" "$(for db in "$tmp"/m-*.db; do sqlite3 "$db" "SELECT sum(packets) FROM ledger"; done |
		awk '{ n += $1 } END { print n }')" "$total"
}
months "months" -n 37
months "months, and no room on the disk as one ends" -n 37 -l 10:33

# What is older than a day before the last goes.
rm -f "$tmp"/live.db*
"$livewrite" -n 37 -d 1 "$tmp/days.pcap" "$tmp/live.db" >"$out" 2>"$err"
is "a day is kept: days" "$(sqlite3 "$tmp/live.db" "SELECT group_concat(day) FROM (SELECT DISTINCT day FROM client_day ORDER BY day)")" \
	"20635,20636"
is "a day is kept: first step" "$(sqlite3 "$tmp/live.db" "SELECT min(t) > 20635 * 86400 FROM step")" 1
is "a day is kept: first sketch" "$(sqlite3 "$tmp/live.db" "SELECT min(t) > 20635 * 86400 FROM client_sketch")" 1
is "a day is kept: clients" "$(sqlite3 "$tmp/live.db" "SELECT count(*) FROM client_day")" \
	"$(sqlite3 "$tmp/read.db" "SELECT count(*) FROM client_day WHERE day >= 20635")"
is "a day is kept: room is given back" "$(sqlite3 "$tmp/live.db" "PRAGMA freelist_count")" 0
tap_done
