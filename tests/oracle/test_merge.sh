#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Merging: what several databases say together, against sets of addresses counted by python, and against reading the
# same packets at once; in any order the same file; what does not fit is refused.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
have python3 || skip_all "python3 is not installed"
days=$top_srcdir/tests/tools/mergedays.py
seed=${MERGE_SEED:-$$}
echo "# MERGE_SEED=$seed"
cd "$tmp" || exit 1
python3 "$days" make . "$seed" || exit 1

read_into() { # DB SENSOR OPTION-OR-FILE...
	database=$1 sensor=$2
	shift 2
	run read -q -o "$database" --sensor "$sensor" "$@"
	[ "$status" = 0 ] || fail "read into $database" "$err"
}
merged() { # NAME DB...: into merged.db
	name=$1
	shift
	rm -f merged.db
	run merge -o merged.db "$@"
	is "$name: status" "$status" 0
	[ "$status" = 0 ] || diag "$(cat "$err")"
	if [ -s "$err" ]; then fail "$name: says nothing" "$err"; fi
}
unique() {
	for period in day:date month:month; do
		sqlite3 "$1" "SELECT ${period#*:}, proto, coalesce(server, ''), ipv4, ipv6, v4_24, v6_64, v6_48
			FROM unique_clients_of_all_by_${period%:*} WHERE kind IN ('server', 'all') AND total > 0"
	done | LC_ALL=C sort
}
clients() {
	sqlite3 "$1" 'SELECT date, proto, server, client, sum(requests), sum(responses), sum(bytes) FROM clients
		GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4'
}
# Counts and response times; not of what may lie across the seam of two captures.
totals() {
	sqlite3 "$1" "SELECT date, proto, kind, server, sum(requests), sum(matched), sum(bogus), sum(request_bytes),
			sum(over_10ms) FROM totals_by_day GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
		SELECT date, proto, kind, server, delta, ge_s, sum(n) FROM delta_histogram GROUP BY 1, 2, 3, 4, 5, 6
			ORDER BY 1, 2, 3, 4, 5, 6;
		SELECT time, proto, kind, server, sum(requests), sum(responses) FROM requests_by_step GROUP BY 1, 2, 3, 4
			HAVING sum(requests) + sum(responses) > 0 ORDER BY 1, 2, 3, 4;
		SELECT fate, reason, sum(packets) FROM ledger_total GROUP BY 1, 2 HAVING sum(packets) > 0 ORDER BY 1, 2"
}
LC_ALL=C sort truth.txt >truth

# Three sensors that have clients in common, and one of them in two databases.
for sensor in north south west; do read_into $sensor.db $sensor $sensor.pcap; done
read_into north-1.db north north-1.pcap
read_into north-2.db north north-2.pcap
for file in north-1 north-2 south west; do read_into whole.db "${file%-*}" $file.pcap; done
merged "three sensors" south.db north.db west.db
unique merged.db >got
same "three sensors: clients of each day and month" got truth
for what in clients totals; do
	$what merged.db >got
	$what whole.db >want
	same "three sensors: $what" got want
done
is "three sensors: integrity" "$(sqlite3 merged.db 'PRAGMA integrity_check')" ok
cp merged.db three.db

# More servers at a time than statements are kept open for.
for sensor in crowd-1 crowd-2; do read_into $sensor.db $sensor $sensor.pcap; done
merged "many servers" crowd-2.db three.db crowd-1.db
unique merged.db >got
LC_ALL=C sort crowd.txt >want
same "many servers: clients of each day and month" got want

# Any order, any grouping, any repetition: the same octets.
merged "another order" west.db south.db north.db
cmp -s merged.db three.db && pass "another order: the same file" || fail "another order: the same file"
run merge -o two.db north.db west.db
merged "a merged one" south.db two.db
cmp -s merged.db three.db && pass "a merged one: the same file" || fail "a merged one: the same file"
run merge -o two-too.db west.db south.db
merged "merged ones that share a source" two.db two-too.db north.db
cmp -s merged.db three.db && pass "sources are there once" || fail "sources are there once"
cp three.db again.db
run merge -v -o again.db west.db again.db south.db
is "into one of them: status" "$status" 0
cmp -s again.db three.db && pass "into one of them: nothing changed" || fail "into one of them: nothing changed"
is "into one of them: says so" "$(grep -c '^clientele: again.db: 2 sources were there more than once$' "$err")" 1

# Two stretches of a sensor, and the end of the month between them: only the windows across it are not known.
merged "stretches of a sensor" south.db north-2.db west.db north-1.db
is "stretches: sources" "$(sqlite3 merged.db 'SELECT group_concat(sensor) FROM (SELECT sensor FROM source ORDER BY source_id)')" \
	north,north,south,west
unique merged.db >got
same "stretches: clients of each day and month" got truth
for what in clients totals; do
	$what merged.db >got
	$what whole.db >want
	same "stretches: $what" got want
done
for view in summary clients; do
	have jq || { skip "stretches: view $view" "jq is not installed"; continue; }
	for span in "" "--from 2026-06-01 --to 2026-06-02" "--from 2026-05-01 --to 2026-06-01"; do
		for db in merged whole; do
			run $view --format json $span $db.db
			# what is of the seam: series, and requests that are open where a stretch ends; a database of several
			# sensors that was not merged does not know the clients of its days
			jq -S 'del(.input.files) | walk(if type == "object" then del(.series, .open_at_end, .days) else . end)' "$out" >$db.json
		done
		same "stretches: view $view $span" merged.json whole.json
	done
done

if have jq; then
	run clients --format json merged.db
	jq -r '.all[] | .proto as $p | .days[] | "\(.day)|\($p)|\(.clients)"' "$out" | sort >got
	awk -F'|' '$1 ~ /-..-/ && $3 == "" { print $1 "|" $2 "|" $4 + $5 }' truth | sort >want
	same "stretches: clients of days in the view" got want
	is "stretches: what a window across the seam may hold" "$(jq '[.all[].series[] | select(.between != null) |
		.between[] | .[0] <= .[1] and .[0] > 0] | all' "$out")" true
fi

# What is not of sources alone: every row of every table, with names instead of numbers.
rows() { # DB TABLE
	columns=$(sqlite3 "$1" "SELECT group_concat(CASE name
		WHEN 'source_id' THEN '(SELECT sensor || first_ns FROM source AS x WHERE x.source_id = t.source_id)'
		WHEN 'service_id' THEN '(SELECT proto || kind || coalesce(address, '''') FROM service AS x WHERE x.service_id = t.service_id)'
		WHEN 'software_id' THEN '(SELECT name || kind FROM software AS x WHERE x.software_id = t.software_id)'
		WHEN 'file_id' THEN 'path' WHEN 'exchange_id' THEN '0'
		WHEN 'file' THEN '(SELECT path FROM file WHERE file_id = t.file)'
		WHEN 'q_file' THEN '(SELECT path FROM file WHERE file_id = t.q_file)'
		WHEN 'r_file' THEN '(SELECT path FROM file WHERE file_id = t.r_file)'
		ELSE 'quote(' || name || ')' END) FROM pragma_table_info('$2')")
	sqlite3 "$1" "SELECT $columns FROM $2 AS t"
}
all_rows() { # NAME DB...: merged.db has what they have
	name=$1
	shift
	filled=0
	: >wrong
	for table in $(sqlite3 merged.db "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"); do
		case $table in
		meta | service | software | client_count_all | worst) continue ;;
		state | state_*)
			[ "$(sqlite3 merged.db "SELECT count(*) FROM $table")" = 0 ] || echo "$table is not empty" >>wrong
			continue ;;
		esac
		rows merged.db "$table" | sort >got
		for db in "$@"; do rows "$db" "$table"; done | sort >want
		cmp -s got want || { echo "$table"; diff got want | head -3; } >>wrong
		[ ! -s want ] || filled=$((filled + 1))
	done
	if [ -s wrong ]; then fail "$name: every row" wrong; else pass "$name: every row"; fi
	diag "$filled tables with rows"
}
all_rows "stretches" north-1.db north-2.db south.db west.db

# The same of single messages, ICMP errors, tunnels and TCP; frames by the names of their files.
read_into kept-a.db a --keep transactions,software,names "$pcaps/ntp-chrony.pcap" "$pcaps/dns-bind-tcp.pcapng" "$pcaps/client-ntpq.pcap"
number=0
for file in "$pcaps"/icmp-*.pcap "$pcaps"/tunnel*.pcap; do
	number=$((number + 1))
	read_into kept-b.db "b$number" --keep transactions "$file"
done
read_into kept-c.db c --keep transactions,software,names "$pcaps/dns-bind-tcp.pcapng"
merged "single messages" kept-b.db kept-a.db kept-c.db
all_rows "single messages" kept-a.db kept-b.db kept-c.db
is "single messages: there are some" "$(sqlite3 merged.db 'SELECT count(*) > 0 FROM dns_exchange')" 1
for table in ntp_exchange dns_exchange icmp_error connection ntp_control; do
	is "$table: numbers" "$(sqlite3 merged.db "SELECT count(*) FROM $table WHERE exchange_id <> source_id * 1000000000000 + number")" 0
done
merged "the same packets" kept-a.db kept-c.db
for period in day month; do
	for kind in all 'all udp' 'all tcp'; do
		counts="ipv4, ipv6, v4_24, v6_64, v6_48 FROM service JOIN"
		of="proto = 'dns' AND kind = '$kind' AND period = '$period' AND day = (SELECT max(day) FROM client_count JOIN source
			USING(source_id) WHERE sensor = 'c' AND period = '$period')"
		is "two sensors of the same packets: clients by $period, $kind" \
			"$(sqlite3 merged.db "SELECT $counts client_count_all USING(service_id) WHERE $of")" \
			"$(sqlite3 kept-c.db "SELECT $counts client_count USING(service_id) WHERE $of")"
	done
done
read_into lean.db lean "$pcaps/ntp-kod.pcap"
rm merged.db
run merge -o merged.db kept-a.db lean.db
is "one keeps no messages: status" "$status" 0
is "one keeps no messages: says so" "$(grep -c '^clientele: lean.db: .*single messages are left out' "$err")" 1
is "one keeps no messages" "$(sqlite3 merged.db "SELECT count(*), (SELECT count(*) FROM meta WHERE key = 'keep') FROM dns_exchange")" "0|0"
cp merged.db other.db
rm merged.db
run merge -o merged.db lean.db kept-a.db
cmp -s merged.db other.db && pass "in the other order: the same file" || fail "in the other order: the same file"

# More databases than SQLite attaches: by clients, each a sensor; by time, all one sensor.
python3 "$days" client south.pcap hand 12 "$seed"
list=
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
	read_into hand-$i.db hand-$i hand-$i.pcap
	list="$list hand-$i.db"
done
merged "dealt out by client" $list
unique merged.db >got
unique south.db >want
same "dealt out by client: clients of each day and month" got want
clients merged.db >got
clients south.db >want
same "dealt out by client: clients" got want
totals merged.db >got
totals south.db >want
same "dealt out by client: totals, response times, steps" got want

python3 "$days" time south.pcap piece 12 "$seed"
list=
for i in 7 2 11 0 5 9 1 3 10 4 8 6; do
	read_into piece-$i.db south piece-$i.pcap
	list="$list piece-$i.db"
done
merged "cut by time" $list
is "cut by time: sources" "$(sqlite3 merged.db 'SELECT count(*), count(DISTINCT sensor) FROM source')" "12|1"
unique merged.db >got
unique south.db >want
same "cut by time: clients of each day and month" got want
requests="SELECT date, proto, server, client, sum(requests), sum(bytes) FROM clients GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
	SELECT time, proto, kind, server, sum(requests), sum(responses) FROM requests_by_step GROUP BY 1, 2, 3, 4
	HAVING sum(requests) + sum(responses) > 0 ORDER BY 1, 2, 3, 4"
sqlite3 merged.db "$requests" >got
sqlite3 south.db "$requests" >want
same "cut by time: requests of clients and steps" got want
run merge -o five.db piece-0.db piece-1.db piece-2.db piece-3.db piece-4.db
cp merged.db pieces.db
merged "overlapping sets of pieces" five.db piece-11.db piece-10.db piece-9.db piece-8.db piece-7.db piece-6.db piece-5.db piece-3.db
cmp -s merged.db pieces.db && pass "overlapping sets: the same file" || fail "overlapping sets: the same file"

# Refused: status 2, one line that names the database, and nothing is left behind.
refused() { # NAME PATTERN DB...
	name=$1 pattern=$2
	shift 2
	ls >before
	run merge -o refused.db "$@"
	is "$name: status" "$status" 2
	if one_line "$err" && grep -q "$pattern" "$err"; then pass "$name: says so"; else fail "$name: says so" "$err"; fi
	ls >after
	same "$name: leaves nothing" after before
}
: >after
: >before
python3 "$days" time south.pcap other 3 "$seed-too"
read_into overlap.db south other-1.pcap
refused "a stretch that overlaps" '^clientele: \(south\|overlap\).db: sensor south begins at 2026-.*, before it ends in \(south\|overlap\).db, at 2026-' \
	north.db overlap.db south.db
refused "pieces with one of another cut" 'sensor south begins' piece-0.db piece-1.db overlap.db piece-2.db piece-3.db piece-4.db \
	piece-5.db piece-6.db piece-7.db piece-8.db piece-9.db piece-10.db piece-11.db
for difference in "--step 60" "--window 300" "--timeout 5" "--pairing wireshark" "--server 192.0.2.1" "--ntp-port 1123" \
	"--dns-port 5300" "--inner"; do
	rm -f differs.db
	# shellcheck disable=SC2086
	read_into differs.db south $difference south.pcap
	refused "another ${difference%% *}" "^clientele: differs.db: was written with .*${difference%% *}" north.db differs.db
done
rm -f differs.db
read_into differs.db south -f 'udp port 123' south.pcap
refused "another -f" '^clientele: differs.db: was written with -f udp port 123, and north.db with (none)' north.db differs.db
refused "no database" '^clientele: south.pcap: is not an SQLite database' north.db south.pcap
refused "a file that is not there" '^clientele: nowhere.db: No such file' north.db nowhere.db
head -c 6000 north.db >torn.db
refused "a torn database" '^clientele: torn.db: ' north.db torn.db
sqlite3 foreign.db 'CREATE TABLE t(a)'
refused "a foreign database" '^clientele: foreign.db: is an SQLite database of another program' north.db foreign.db
cp south.db newer.db
sqlite3 newer.db 'PRAGMA user_version = 999'
refused "a newer database" '^clientele: newer.db: was written by a newer clientele (schema 999' north.db newer.db
run merge -o three.db north.db
is "an output that is there: status" "$status" 2
is "an output that is there: says so" "$(grep -c '^clientele: three.db: is there already; ' "$err")" 1
run merge north.db
is "no output" "$status $(grep -c '^clientele: merge: needs -o' "$err")" "2 1"
run read -q -o three.db "$pcaps/ntp-kod.pcap"
is "captures into a merged one" "$status $(grep -c '^clientele: three.db: was merged: ' "$err")" "2 1"
run merge -o one.db north.db
is "one alone" "$status" 0
unique one.db >got
unique north.db >want
same "one alone: clients" got want
tap_done
