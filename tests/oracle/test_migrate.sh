#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Databases of each older schema (testdata/db/): read as they are, converted, gone on with and merged, they say what a
# new database of the same captures says, but for what their version did not count.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
have jq || skip_all "jq is not installed"
old=$(cd "$top_srcdir" && pwd)/testdata/db
case $clientele in /*) ;; *) clientele=$(pwd)/$clientele ;; esac
pcaps=$(cd "$pcaps" && pwd)
cd "$pcaps" || exit 1
first="icmp-types.pcap windows-sort-1-us.pcap"
then=windows-sort-2-ns.pcap
fresh=$tmp/fresh.db
all=$tmp/all.db
kept=$tmp/kept.db
# shellcheck disable=SC2086
run read -q --step 3600 --window 3600 -o "$fresh" $first
cp "$fresh" "$all"
run read -q -o "$all" "$then"
run read -q --keep transactions --step 3600 --window 3600 -o "$kept" icmp-types.pcap ntp-kod.pcap client-chrony-nts.pcap \
	dns-edns.pcap

# What a schema did not count, as a filter of views.
lacks() {
	case $1 in
	1) echo 'del(.icmp, .facts, .anomalies, .tunnels, .fragments, .connections) | if .view == "icmp" then {} else . end
		| if .dns then .dns.tcp |= del(.connections) else . end' ;;
	*) echo . ;;
	esac
	case $1 in [123]) echo '| if .view == "icmp" then del(.series) else . end | walk(if type == "object" then del(.polls, .source_ports) else . end)' ;; esac
}
figures() { # SCHEMA VIEW DB
	run "$2" --format json "$3"
	[ "$status" = 0 ] || diag "$(cat "$err")"
	lacks "$1" >"$tmp/filter"
	jq -S "$(cat "$tmp/filter")" "$out"
}
views() { # NAME SCHEMA DB WANT
	for view in summary clients delta icmp tunnels; do
		figures "$2" $view "$3" >"$tmp/got"
		figures "$2" $view "$4" >"$tmp/want"
		same "$1: $view" "$tmp/got" "$tmp/want"
	done
}
schema_of() { sqlite3 "$1" 'SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2; PRAGMA user_version'; }
columns_of() {
	sqlite3 "$1" "SELECT m.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' ORDER BY 1, 2"
}
# Converted: as a new one in tables, columns, indexes and views; a column that came later may stand at the end.
converted() { # NAME DB WANT
	columns_of "$2" >"$tmp/got"
	columns_of "$3" >"$tmp/want"
	same "$1: tables and columns" "$tmp/got" "$tmp/want"
	schema_of "$2" | grep -v '^table|' >"$tmp/got"
	schema_of "$3" | grep -v '^table|' >"$tmp/want"
	same "$1: indexes, views, version" "$tmp/got" "$tmp/want"
	is "$1: integrity" "$(sqlite3 "$2" 'PRAGMA integrity_check')" ok
}

newest=0
for file in "$old"/schema-[0-9].db; do
	n=$(basename "$file" .db)
	n=${n#schema-}
	newest=$n
	db=$tmp/old.db
	cp "$file" "$db"
	is "schema $n: is one" "$(sqlite3 "$db" 'PRAGMA user_version')" "$n"
	views "schema $n, read as it is" "$n" "$db" "$fresh"
	cmp -s "$file" "$db" && pass "schema $n: is as it was" || fail "schema $n: is as it was"
	run summary "$db"
	is "schema $n: says what it may lack" \
		"$(grep -c "^clientele: .*old.db: was counted by an older clientele (schema $n) up to 2026-06-30T23:59:59Z" "$err")" 1
	run merge -o "$tmp/merged.db" "$db"
	is "schema $n, merged" "$status" 0
	views "schema $n, merged" "$n" "$tmp/merged.db" "$fresh"
	rm -f "$tmp/merged.db"
	# shellcheck disable=SC2086
	run read -o "$db" $first
	is "schema $n, known captures: status" "$status" 0
	is "schema $n, known captures: are known" "$(grep -c 'was read before' "$err")" 2
	converted "schema $n" "$db" "$fresh"
	is "schema $n: says when" "$(sqlite3 "$db" 'SELECT version, until_ns = last_ns FROM schema_change JOIN source USING(source_id)')" "$n|1"
	views "schema $n, converted" "$n" "$db" "$fresh"
	cp "$file" "$db"
	run read -q -o "$db" "$then"
	is "schema $n, goes on: status" "$status" 0
	views "schema $n, goes on" "$n" "$db" "$all"
	for table in client_month client_day client_count; do
		for side in "$db" "$all"; do
			sqlite3 "$side" "SELECT t.*, proto, kind, address FROM $table AS t JOIN service USING(service_id)" | cut -d'|' -f1,2,4- | sort
		done >"$tmp/rows"
		is "schema $n, goes on: rows of $table" "$(sort "$tmp/rows" | uniq -c | awk '$1 % 2' | wc -l | tr -d ' ')" 0
	done
done
is "each older schema has a sample" "$newest" "$(($(sqlite3 "$fresh" 'PRAGMA user_version') - 1))"

# Single messages of schema 4.
cp "$old/schema-4-kept.db" "$tmp/old.db"
for view in dns nts server query load clocks software; do
	for db in old kept; do
		run $view --format json "$tmp/$db.db"
		jq -S . "$out" >"$tmp/$db"
	done
	same "schema 4 with single messages: $view" "$tmp/old" "$tmp/kept"
done
run read -q -o "$tmp/old.db" ntp-kod.pcap
is "schema 4 with single messages, converted" "$status" 0
converted "schema 4 with single messages" "$tmp/old.db" "$kept"
columns="time, client, server, fortune, delta_s, request_file, request_frame"
for view in ntp_exchanges dns_exchanges; do
	for db in old kept; do sqlite3 "$tmp/$db.db" "SELECT $columns FROM $view ORDER BY number" >"$tmp/$db"; done
	same "schema 4 with single messages: $view" "$tmp/old" "$tmp/kept"
done

# A conversion that fails leaves the file as it was.
cp "$old/schema-2.db" "$tmp/old.db"
sqlite3 "$tmp/old.db" 'DROP TABLE client_day'
cp "$tmp/old.db" "$tmp/before.db"
run read -q -o "$tmp/old.db" "$then"
is "a database that lacks a table: status" "$status" 2
one_line "$err" && pass "a database that lacks a table: one line" || fail "a database that lacks a table: one line" "$err"
is "a database that lacks a table: is as it was" "$(sqlite3 "$tmp/old.db" 'PRAGMA user_version; SELECT count(*) FROM sqlite_master')" \
	"$(sqlite3 "$tmp/before.db" 'PRAGMA user_version; SELECT count(*) FROM sqlite_master')"

# Newer, foreign, empty.
cp "$fresh" "$tmp/newer.db"
sqlite3 "$tmp/newer.db" 'PRAGMA user_version = 999'
for what in "summary" "read -q -o"; do
	# shellcheck disable=SC2086
	case $what in read*) run $what "$tmp/newer.db" ntp-kod.pcap ;; *) run $what "$tmp/newer.db" ;; esac
	is "a newer database, $what" "$status $(grep -c '^clientele: .*newer.db: was written by a newer clientele (schema 999, this one knows' "$err")" "2 1"
done
sqlite3 "$tmp/zero.db" "PRAGMA application_id = $(sqlite3 "$fresh" 'PRAGMA application_id'); CREATE TABLE t(a)"
run summary "$tmp/zero.db"
is "a schema that no release wrote" "$status $(grep -c 'has a schema that no release wrote' "$err")" "2 1"
tap_done
