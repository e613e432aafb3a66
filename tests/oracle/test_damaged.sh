#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Databases that somebody else wrote: null, text and the largest numbers where they do not belong. No command dies of it,
# and no octet that a terminal or a browser obeys comes out.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
"$clientele" read -q -o "$tmp/good.db" --step 3600 --window 3600 "$pcaps/icmp-types.pcap" "$pcaps/dns-edns.pcap" || fail "a database"
# what a table forbids is no hindrance to who writes the file
sqlite3 "$tmp/good.db" ".dbconfig defensive off" "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql =
	replace(replace(sql, ' NOT NULL', ''), 'CHECK(', 'CHECK(1 OR ') WHERE type = 'table'" >"$tmp/said" 2>&1

# damaged NAME SQL: all that reads a database
damaged() {
	cp "$tmp/good.db" "$tmp/bad.db"
	sqlite3 "$tmp/bad.db" "$2" || fail "$1: is written"
	: >"$tmp/wrong"
	for command in summary clients icmp dns load "serve --print /" "serve --print /metrics" "top --once" \
		"report --format html --from 2026-06-01 --to 2026-06-02" "merge -o $tmp/merged.db" \
		"export --partial --to rssac002 --service x.example -o $tmp/export"; do
		rm -f "$tmp/merged.db"
		run $command "$tmp/bad.db"
		[ "$status" -le 2 ] || { echo "$command: $status"; head -n 3 "$err"; } >>"$tmp/wrong"
		if grep -q "$(printf '\033')" "$out" "$err"; then echo "$command: an escape" >>"$tmp/wrong"; fi
		case $command in *html* | *"print /") if grep -q '<s>' "$out"; then echo "$command: an element" >>"$tmp/wrong"; fi ;; esac
	done
	if [ -s "$tmp/wrong" ]; then fail "$1" "$tmp/wrong"; else pass "$1"; fi
}
# keys cannot be null: tables of the same columns without one
null="PRAGMA legacy_alter_table = ON; UPDATE source SET sensor = NULL"
for column in icmp_step.proto icmp_day.proto day_size.kind day_code.kind client_count.period; do
	table=${column%.*}
	null="$null; CREATE TABLE new AS SELECT * FROM $table; DROP TABLE $table; ALTER TABLE new RENAME TO $table;
		UPDATE $table SET ${column#*.} = NULL"
done
damaged "null for texts" "$null"
damaged "the first of all times" "UPDATE source SET first_ns = -9223372036854775807 - 1; UPDATE file SET first_ns = -9223372036854775807 - 1"
damaged "the last of all times" "UPDATE source SET last_ns = 9223372036854775807; UPDATE day SET day = 9223372036854775807"
damaged "losses at the end of time" "INSERT INTO capture_interval SELECT source_id, 9223372036854775807, 'eth0', 0, 1, 1, 1, 1, '' FROM source"
damaged "what terminals and browsers obey" "UPDATE source SET sensor = char(27) || '[31m<s>\"&'; UPDATE file SET path = char(27) || '[31m<s>', error = path || char(27) || '[31m'"

# What a schema says is not obeyed. refused NAME SQL WORD: by one line with this word.
refused() {
	cp "$tmp/good.db" "$tmp/bad.db"
	sqlite3 "$tmp/bad.db" "$2" || fail "$1: is written"
	for command in summary "report --month 2026-06 --no-geo" "serve --print /metrics" "merge -o $tmp/merged.db" "read -q -o"; do
		more=
		[ "$command" != "read -q -o" ] || more=$pcaps/dns-edns.pcap
		run $command "$tmp/bad.db" $more
		if [ "$status" -eq 2 ] && one_line "$err" && grep -q "$3" "$err"; then continue; fi
		{ echo "$command: $status"; cat "$err"; } >>"$tmp/wrong"
	done
	if [ -s "$tmp/wrong" ]; then fail "$1" "$tmp/wrong"; else pass "$1"; fi
	: >"$tmp/wrong"
}
: >"$tmp/wrong"
endless="WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x"
refused "a trigger is refused" "CREATE TRIGGER t AFTER UPDATE ON source BEGIN DELETE FROM client_day; END" "triggers"
refused "a virtual table is refused" "PRAGMA writable_schema = ON; INSERT INTO sqlite_master VALUES('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING fts5(a)')" "virtual tables"
refused "a view in place of a table is refused" "DROP TABLE source; CREATE VIEW source AS SELECT * FROM file" "view"
cp "$tmp/good.db" "$tmp/bad.db"
sqlite3 "$tmp/bad.db" "DROP VIEW client_total; CREATE VIEW client_total AS $endless AS addr, x AS service_id, x AS requests FROM r"
run icmp "$tmp/bad.db"
is "a view of ours that says something else is not asked" "$status" 0
"$clientele" icmp "$tmp/good.db" >"$tmp/want" 2>/dev/null
sed "s/bad\.db/good.db/" "$out" >"$tmp/got"
same "a view of ours that says something else: the same figures" "$tmp/got" "$tmp/want"

# Any value in any column, any octet of the file: some of them; all that tests/tools/hostile.py knows take hours:
# hostile.py CLIENTELE GOOD.db --more PCAP --every --pages 1000, with GOOD.db as here.
if have python3 && python3 -c 'import sqlite3' 2>/dev/null; then
	"$clientele" read -q --keep transactions,software,names -o "$tmp/whole.db" --step 3600 --window 3600 "$pcaps/icmp-types.pcap" \
		"$pcaps/dns-edns.pcap" "$pcaps/tunnels.pcap" "$pcaps/ntp-interleaved.pcap" "$pcaps/query-failures.pcap" || fail "a database"
	if python3 "$top_srcdir/tests/tools/hostile.py" "$clientele" "$tmp/whole.db" --more "$pcaps/dns-edns.pcap" --values 9 --pages 6 \
		--commands 3 --seed "${HOSTILE_SEED:-1}" >"$tmp/wrong" 2>&1; then
		pass "any value, any octet"
	else
		fail "any value, any octet" "$tmp/wrong"
	fi
else
	skip "any value, any octet" "python3 with its sqlite3 is not installed"
fi
tap_done
