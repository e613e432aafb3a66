#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Events of servers in a database, and in the report: against the list of what the forger did; the same whether a
# capture is read at once, in parts, or written live with many commits.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have python3 || skip_all "python3 is not installed: nothing else forges the servers"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
livewrite=$top_builddir/tests/tools/livewrite
eventday() { python3 "$top_srcdir/tests/tools/eventday.py" "$@"; }
eventday "$tmp/day.pcap" >"$tmp/truth" || fail "the servers are forged"

# events DB, days DB: as the truth has them; unsettled changes of two machines behind one address are chance.
events() {
	sqlite3 -nullvalue - -separator "	" "$1" "SELECT address, e.kind, t_ns, until_ns, before, after, n, total
		FROM server_event AS e JOIN service USING(service_id) ORDER BY address, t_ns, e.kind"
}
days() {
	sqlite3 -nullvalue - -separator "	" "$1" "SELECT 'day', address, left_out, mixed,
		CASE address WHEN '192.0.2.2' THEN NULL ELSE unsettled END
		FROM server_event_day JOIN service USING(service_id) ORDER BY address"
}
# all rows, with servers by name: a live store may number them otherwise
rows() {
	events "$1"
	sqlite3 -nullvalue - -separator "	" "$1" "SELECT address, day, left_out, mixed, unsettled, unwatched
		FROM server_event_day JOIN service USING(service_id) ORDER BY address, day"
}
grep -v '^day' "$tmp/truth" >"$tmp/events"
grep '^day' "$tmp/truth" | LC_ALL=C sort >"$tmp/days"

run read -q -o "$tmp/one.db" "$tmp/day.pcap"
is "read: exit status" "$status" 0
events "$tmp/one.db" >"$tmp/got"
same "events" "$tmp/got" "$tmp/events"
days "$tmp/one.db" | LC_ALL=C sort >"$tmp/got"
same "days: left out, mixed, unsettled" "$tmp/got" "$tmp/days"
rows "$tmp/one.db" >"$tmp/want"

# In parts that end within a change, a run, a silence, a burst: the same rows.
eventday cut "$tmp/day.pcap" 1781139750 1781143390 1781144960 1781145030 1781147000 1781150840
for part in 0 1 2 3 4 5 6; do
	run read -q -o "$tmp/parts.db" "$tmp/day.pcap.$part"
	is "part $part is read" "$status" 0
	[ $part != 2 ] || events "$tmp/parts.db" >"$tmp/silent"
done
rows "$tmp/parts.db" >"$tmp/got"
same "read in seven parts: the same rows" "$tmp/got" "$tmp/want"
# 1781144960 is in the silence: it is there, and has no end.
is "the silence that lasts" "$(grep 192.0.2.1.silence "$tmp/silent" | cut -f3-4,7)" "1781144695001000000	-	26"

# Written live.
for how in "-n 397 -t" "-n 211 -l 20:60"; do
	rm -f "$tmp"/live.db*
	# shellcheck disable=SC2086
	"$livewrite" $how "$tmp/day.pcap" "$tmp/live.db" >"$out" 2>"$err"
	rows "$tmp/live.db" >"$tmp/got"
	same "written live, $how: the same rows" "$tmp/got" "$tmp/want"
done
# Stopped anywhere: what read -o says of the packets so far.
for stop in 26500 30000; do
	rm -f "$tmp"/live.db* "$tmp"/head.db
	"$livewrite" -n 397 -s $stop "$tmp/day.pcap" "$tmp/live.db" >"$out" 2>"$err"
	run read -q --to "$(sqlite3 "$tmp/live.db" "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', last_ns / 1000000000 + 1, 'unixepoch') FROM source")" \
		-o "$tmp/head.db" "$tmp/day.pcap"
	rows "$tmp/live.db" >"$tmp/got"
	rows "$tmp/head.db" >"$tmp/head"
	same "written live up to frame $stop: the same rows" "$tmp/got" "$tmp/head"
done

# Merged: events of each source.
run merge -q -o "$tmp/merged.db" "$tmp/one.db"
is "merge: exit status" "$status" 0
events "$tmp/merged.db" >"$tmp/got"
same "merged: events" "$tmp/got" "$tmp/events"

tap_done
