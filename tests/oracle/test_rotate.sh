#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# capture --rotate month: the month ends while it runs, and both files together have what one has; a restart in the
# first minutes of a month knows what windows held; --keep removes old days and old files.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/service.sh"

sum() { for db in "$tmp/$1"-*.db; do sqlite3 "$db" "$2"; done | awk '{ n += $1 } END { print n }'; }
# The format that readers and writers are to use (sqlite.org/fileformat2.html, octets 18 and 19): 1, no log.
format() { od -An -j 18 -N 2 -tu1 "$1" | tr -d ' '; }

# rows DB ONE: rows of steps, days, months and clients; services have the numbers that they have in ONE.
rows() {
	cp "$1" "$tmp/rows.db"
	{
		echo "ATTACH '$2' AS one; CREATE TEMP TABLE map AS SELECT a.service_id AS old, 1000000 + b.service_id AS new FROM
			main.service AS a JOIN one.service AS b ON a.proto = b.proto AND a.kind = b.kind AND a.addr IS b.addr; BEGIN;"
		for table in $(sqlite3 "$1" "SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c
			WHERE m.type = 'table' AND c.name = 'service_id'"); do
			echo "UPDATE main.$table SET service_id = (SELECT new FROM map WHERE old = service_id);"
		done
		echo ".dump"
	} | sqlite3 "$tmp/rows.db" | grep '^INSERT INTO' |
		grep -Ev 'INTO (meta|file|schema_change|state[a-z_]*|ledger|fact|service|source|open_at_end|zone_watch|sqlite_[a-z0-9]*|capture_[a-z]*) '
}
# both NAME STEM DB: the two files are the one.
both() {
	{ rows "$tmp/$2-2026-06.db" "$3"; rows "$tmp/$2-2026-07.db" "$3"; } | sort >"$tmp/got"
	rows "$3" "$3" | sort >"$tmp/want"
	is "$1: there are rows" "$(($(wc -l <"$tmp/want") > 1000))" 1
	same "$1: rows" "$tmp/got" "$tmp/want"
	for figure in "packets FROM source" "sum(packets) FROM ledger" "sum(received) FROM capture_interval" \
		"sum(packets) FROM file"; do
		is "$1: $figure" "$(sum "$2" "SELECT $figure")" "$(sqlite3 "$3" "SELECT $figure")"
	done
	for counts in "name, n FROM fact" "fate || ' ' || reason, packets FROM ledger"; do
		for db in "$tmp/$2"-*.db; do sqlite3 "$db" "SELECT $counts"; done |
			awk -F'|' '{ n[$1] += $2 } END { for (i in n) if (n[i]) print i "|" n[i] }' | sort >"$tmp/got"
		sqlite3 "$3" "SELECT $counts" | awk -F'|' '$2' | sort >"$tmp/want"
		same "$1: $counts" "$tmp/got" "$tmp/want"
	done
	for db in "$tmp/$2"-*.db; do is "$1: ${db##*/} is whole, and has no log" "$(sqlite3 "$db" 'PRAGMA integrity_check') $(format "$db")" "ok 11"; done
	is "$1: files" "$(cd "$tmp" && echo "$2"-*)" "$2-2026-06.db $2-2026-07.db"
}

# 29 June to 2 July.
"$monthload" 20633 4 1500 900 "$tmp/list" >"$tmp/days.pcap" || fail "four days are made"
run capture -q --replay "$tmp/days.pcap" -o "$tmp/one.db"
all=$(packets "$tmp/one.db")
begin -q --rotate month --replay "$tmp/days.pcap" --replay-rate $((all / 10)) --commit 1 -o "$tmp/m.db"
until_is has_packets "$tmp/m-2026-07.db" 1
is "the old file has no log while the service writes the new one" \
	"$(format "$tmp/m-2026-06.db") $(format "$tmp/m-2026-07.db") $(cd "$tmp" && ls m-2026-06.db-* 2>/dev/null)" "11 22 "
kill -0 "$pid" && pass "it runs on" || fail "it runs on" "$tmp/said"
wait "$pid"
is "status" $? 0
pid=
both "a month ends" m "$tmp/one.db"

# Restarts before the month's end and in its first minutes: what windows of 20 minutes held is known.
end=$(awk '$1 <= 20634 { n += 1 + ($7 != "-") } END { print n }' "$tmp/list")
"$cutpcap" "$tmp/days.pcap" "$tmp/cut" $((end - 3)) $((end + 9)) $((end + 21)) >"$out" 2>&1 || fail "cut" "$out"
for i in 1 2 3 4; do
	run capture -q --rotate month --replay "$tmp/cut$i.pcap" -o "$tmp/r.db"
	[ "$status" -eq 0 ] || fail "part $i" "$err"
done
is "the restarts were in the first 20 minutes" "$(sqlite3 "$tmp/r-2026-07.db" "SELECT count(*) FROM (SELECT last_ns FROM file
	WHERE last_ns BETWEEN 1782864000000000000 AND 1782864000000000000 + 1200000000000)")" 2
both "restarts in the first minutes" r "$tmp/one.db"

# Killed there: ten packets a second come, from 20 packets before the month's end.
"$cutpcap" "$tmp/days.pcap" "$tmp/near" $((end - 19)) $((end + 400)) >"$out" 2>&1 || fail "cut" "$out"
run capture -q --replay "$tmp/near2.pcap" -o "$tmp/near.db"
begin -q --rotate month --replay "$tmp/near2.pcap" --replay-rate 10 --commit 1 -o "$tmp/k.db"
until_is has_packets "$tmp/k-2026-07.db" 5
kill -9 "$pid"
wait "$pid" 2>/dev/null
pid=
is "kill -9 in the first minutes" "$(sqlite3 "$tmp/k-2026-07.db" "SELECT last_ns < 1782864000000000000 + 1200000000000 FROM source")" 1
run capture -q --rotate month --replay "$tmp/near2.pcap" -o "$tmp/k.db"
both "kill -9 in the first minutes" k "$tmp/near.db"

# The disk is full when the month ends, and for a while after.
mkdir "$tmp/disk"
if mount -t tmpfs -o size=16m tmpfs "$tmp/disk" 2>"$err"; then
	mounted=yes
	begin --rotate month --replay "$tmp/days.pcap" --replay-rate $((all / 6)) --commit 1 -o "$tmp/disk/f.db"
	until_is has_packets "$tmp/disk/f-2026-06.db" $((all / 6))
	cat /dev/zero >"$tmp/disk/filler" 2>/dev/null
	until_is grep -q 'waits in memory' "$tmp/said"
	sleep 3
	is "a full disk: the month has ended meanwhile" "$(cd "$tmp" && echo disk/f-*.db) $(($(packets "$tmp/disk/f-2026-06.db") < end))" "disk/f-2026-06.db 1"
	rm "$tmp/disk/filler"
	wait "$pid"
	is "a full disk when the month ends: status" $? 0
	pid=
	both "a full disk when the month ends" disk/f "$tmp/one.db"
else
	skip "a full disk when the month ends" "a tmpfs may not be mounted here: $(cat "$err")"
fi

# What is older goes: days of one file, files of months. Three days far apart: 18 May, 29 June, 30 July.
for day in 20591 20633 20664; do "$monthload" $day 1 300 180 >"$tmp/$day.pcap"; done
{ cat "$tmp/20591.pcap"; tail -c +25 "$tmp/20633.pcap"; tail -c +25 "$tmp/20664.pcap"; } >"$tmp/far.pcap"
for keep in 1months:"06 07" 20d:"07" 100d:"05 06 07"; do
	rm -f "$tmp"/f-*
	run capture -q --keep "${keep%%:*}" --rotate month --replay "$tmp/far.pcap" -o "$tmp/f.db"
	is "files, --keep ${keep%%:*}" "$(cd "$tmp" && echo f-*)" "$(for m in ${keep#*:}; do printf 'f-2026-%s.db ' "$m"; done | sed 's/ $//')"
done
# Rows go a part at a time, with each commit.
for keep in 1months:20633,20664 20d:20664 100d:20591,20633,20664; do
	rm -f "$tmp/f.db"
	for day in 20591 20633; do run capture -q --keep "${keep%%:*}" --replay "$tmp/$day.pcap" -o "$tmp/f.db"; done
	run capture -q --keep "${keep%%:*}" --replay "$tmp/20664.pcap" --replay-rate 150 --commit 1 -o "$tmp/f.db"
	for table in day client_day; do
		is "$table, --keep ${keep%%:*}" "$(sqlite3 "$tmp/f.db" "SELECT group_concat(day) FROM (SELECT DISTINCT day FROM $table ORDER BY day)")" "${keep#*:}"
	done
	first=${keep#*:}
	first=${first%%,*}
	is "first step, --keep ${keep%%:*}" "$(sqlite3 "$tmp/f.db" "SELECT (min(t) - 1) / 86400 FROM step")" "$first"
done
tap_done
