#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The database: read twice, read in pieces, read in the wrong order, asked instead of the capture,
# and looked at with the plain sqlite3 shell.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"

one=$pcaps/windows-sort-1-us.pcap
two=$pcaps/windows-sort-2-ns.pcap

# content DB: every row of every table as text, service by address, without the numbers that rows
# have, without what names files, and without the seed of the hash tables and all that is hashed
# with it. What is kept of open requests is compared by their times, sorted.
content() {
	sqlite3 "$1" "
		SELECT 'meta', key, value FROM meta WHERE key <> 'seed';
		SELECT 'source', * FROM source;
		SELECT 'ledger', * FROM ledger;
		SELECT 'fact', * FROM fact;
		SELECT 'anomaly', * FROM anomaly;
		SELECT 'icmp_day', source_id, day, proto, hex(server), family, type, code, errors, responses, from_client
			FROM icmp_day;
		SELECT 'icmp_address_day', source_id, day, proto, hex(server), family, type, code, role, hex(addr), errors
			FROM icmp_address_day;
		SELECT 'service', proto, kind, address, hex(addr) FROM service;
		SELECT 'open', source_id, proto, kind, address, requests FROM open_at_end JOIN service USING(service_id);
		SELECT 'worst', source_id, proto, kind, address, delta_ns, time_ns, hex(client), hex(server)
			FROM worst JOIN service USING(service_id);
		SELECT 'state', source_id, key, CASE typeof(value) WHEN 'blob' THEN length(value) ELSE value END FROM state;
		SELECT 'state_service', source_id, proto, hex(addr) FROM state_service;
		SELECT 'state_step', count(*), sum(n) FROM state_step;
		SELECT 'file', sum(packets), sum(bytes), min(first_ns), max(last_ns), sum(damaged) FROM file;"
	for table in step step_clients day day_code day_delta day_delta_bucket client_day client_month client_count; do
		columns=$(sqlite3 "$1" "SELECT group_concat(CASE type WHEN 'BLOB' THEN 'hex(t.' || name || ')' ELSE 't.' || name END)
			FROM pragma_table_info('$table') WHERE name <> 'service_id'")
		sqlite3 "$1" "SELECT '$table', proto, service.kind, address, $columns
			FROM $table AS t JOIN service USING(service_id)"
	done
	sqlite3 "$1" "SELECT 'a table that this test does not know', name FROM sqlite_master WHERE type = 'table'
		AND name NOT IN ('meta', 'source', 'ledger', 'service', 'open_at_end', 'worst', 'state', 'state_service',
		'state_step', 'file', 'fact', 'anomaly', 'icmp_day', 'icmp_address_day', 'step', 'step_clients', 'day', 'day_code', 'day_delta',
		'day_delta_bucket', 'client_day', 'client_month', 'client_count') AND name NOT LIKE 'sqlite%'"
}

dump() { content "$1" 2>&1 | sort; }

# figures VIEW FILE...: a view's JSON as lines, without `input`.
figures() {
	view=$1
	shift
	run "$view" --format json "$@"
	[ "$status" -eq 0 ] || cat "$err"
	"$jsonget" "$out" | grep -v '^input\.'
}

# Read once, read again.
db=$tmp/a.db
run read --format json -o "$db" "$one" "$two"
is "read into a new database" "$status" 0
cp "$out" "$tmp/read.json"
is "its files" "$(sqlite3 "$db" 'SELECT count(*) FROM file')" 2
is "integrity" "$(sqlite3 "$db" 'PRAGMA integrity_check')" ok
is "application id and version are set" \
	"$(sqlite3 "$db" 'SELECT application_id <> 0 AND user_version <> 0 FROM pragma_application_id, pragma_user_version')" 1
is "read prints the summary" "$("$jsonget" "$tmp/read.json" view)" summary
run summary --format json "$db"
"$jsonget" "$tmp/read.json" | grep -v '^input\.' >"$tmp/want"
"$jsonget" "$out" | grep -v '^input\.' >"$tmp/got"
same "and it is that of the database" "$tmp/got" "$tmp/want"
sqlite3 "$db" .dump >"$tmp/before"
again() { # NAME FILE...
	name=$1
	shift
	run read -o "$db" "$@"
	sqlite3 "$db" .dump >"$tmp/after"
	same "$name: nothing changed" "$tmp/after" "$tmp/before"
	is "$name: exit status" "$status" 0
	if grep -q '^clientele: .*nothing changed' "$err"; then pass "$name: says so"; else fail "$name: says so" "$err"; fi
}
again "both files again" "$one" "$two"
again "both files again, the other way" "$two" "$one"
again "the first file again" "$one"
gzip -c "$two" >"$tmp/two.pcap.gz"
again "the second file again, packed" "$tmp/two.pcap.gz"
run read --format json -o "$db" "$one"
is "duplicate_files" "$(value input.duplicate_files.0)" "$one"
if "$clientele" read -q -o "$db" - <"$two" >/dev/null 2>"$err"; then status=0; else status=$?; fi
# A pipe can be looked at only once, so it is refused as an overlap, with a line that says so.
sqlite3 "$db" .dump >"$tmp/after"
same "the second file again, from standard input: nothing changed" "$tmp/after" "$tmp/before"
is "the second file again, from standard input: exit status" "$status" 2
if one_line "$err"; then pass "the second file again, from standard input: says so"; else fail "one line" "$err"; fi

# Wrong order, overlap, other options: refused, and nothing changed.
db=$tmp/order.db
run read -o "$db" "$two"
sqlite3 "$db" .dump >"$tmp/before"
refused() { # NAME ARG...
	name=$1
	shift
	run "$@"
	sqlite3 "$db" .dump >"$tmp/after"
	is "$name: exit status" "$status" 2
	if one_line "$err"; then pass "$name: one line"; else fail "$name: one line" "$err"; fi
	if [ -s "$out" ]; then fail "$name: no result" "$out"; else pass "$name: no result"; fi
	same "$name: nothing changed" "$tmp/after" "$tmp/before"
}
refused "the earlier file after the later" read -o "$db" "$one"
gzip -c "$one" >"$tmp/one.pcap.gz"
refused "the earlier file after the later, packed" read -o "$db" "$tmp/one.pcap.gz"
"$cutpcap" "$two" "$tmp/o" 400 500 >/dev/null
refused "a part of a known file" read -o "$db" "$tmp/o2.pcap"
"$clientele" read -o "$db" - <"$one" >"$out" 2>"$err"
status=$?
sqlite3 "$db" .dump >"$tmp/after"
is "the earlier file from standard input: exit status" "$status" 2
same "the earlier file from standard input: nothing changed" "$tmp/after" "$tmp/before"
db=$tmp/grown.db
head -c 50000 "$one" >"$tmp/grown.pcap"
run read -q -o "$db" "$tmp/o1.pcap"
sqlite3 "$db" .dump >"$tmp/before"
refused "a grown version of a known file" read -o "$db" "$two"
refused "another step" read -o "$db" --step 60 "$tmp/o3.pcap"
refused "another window" read -o "$db" --window 300 "$tmp/o3.pcap"
refused "another timeout" read -o "$db" --timeout 5 "$tmp/o3.pcap"
refused "another filter" read -o "$db" -f 'port 123' "$tmp/o3.pcap"
refused "another pairing" read -o "$db" --pairing wireshark "$tmp/o3.pcap"
for view in summary clients delta; do
	refused "$view with another step" $view --step 60 "$db"
	refused "$view with another window" $view --window 60,300 "$db"
	refused "$view with another timeout" $view --timeout 5 "$db"
	refused "$view with another pairing" $view --pairing wireshark "$db"
	refused "$view with another filter" $view -f 'port 53' "$db"
done
refused "a database and a capture" summary "$db" "$one"
run summary --step 300 --window 300,1200 --timeout 10 --pairing standard "$db"
is "the options it was written with" "$status" 0

# A second sensor is a second source.
db=$tmp/sensors.db
run read -o "$db" "$two"
run read -o "$db" --sensor other "$one"
is "a second sensor may begin earlier" "$status" 0
is "sources" "$(sqlite3 "$db" "SELECT group_concat(sensor) FROM (SELECT sensor FROM source ORDER BY sensor)")" default,other
run summary --format json "$db"
is "counts of sensors add" "$(value ntp.requests)" 1104
is "clients of sensors unite" "$(value ntp.clients.total)" 274
run read -o "$db" --sensor other "$two"
is "each sensor goes on by itself" "$status" 0
if [ -s "$err" ]; then diag "$(cat "$err")"; fi

# Cut in pieces and read one by one, against read at once. `pieces NAME FILE PLACE...`
pieces() {
	cut=$1
	file=$2
	shift 2
	rm -f "$tmp"/whole.db* "$tmp"/parts.db* "$tmp"/piece*.pcap
	n=$("$cutpcap" "$file" "$tmp/piece" "$@") || n=0
	run read -q -o "$tmp/whole.db" "$file"
	i=0
	while [ $i -lt "$n" ]; do
		i=$((i + 1))
		run read -q -o "$tmp/parts.db" "$tmp/piece$i.pcap"
		[ "$status" -eq 0 ] || diag "piece $i: exit status $status: $(cat "$err")"
	done
	dump "$tmp/whole.db" >"$tmp/want"
	dump "$tmp/parts.db" >"$tmp/got"
	if [ "$n" -lt 2 ]; then
		fail "$cut: is not cut"
	elif [ "$(wc -l <"$tmp/want")" -lt 10 ]; then
		fail "$cut: the database is empty" "$tmp/want"
	else
		same "$cut: $n pieces as the whole" "$tmp/got" "$tmp/want"
	fi
	for view in summary clients delta; do
		figures $view "$tmp/whole.db" | grep -v '^worst\..*_frame' >"$tmp/want"
		figures $view "$tmp/parts.db" | grep -v '^worst\..*_frame' >"$tmp/got"
		cmp -s "$tmp/want" "$tmp/got" || same "$cut: $view" "$tmp/got" "$tmp/want"
	done
}
pieces "windows-sort-1, in two" "$one" /2
pieces "windows-sort-1, in seven" "$one" /7
pieces "windows-sort-1, at steps" "$one" @1782858900000000000 @1782859200000000000 @1782861000000000000
pieces "windows-sort-1, in the middle of steps" "$one" @1782858950000000000 @1782859350000000000 @1782859351000000000 \
	@1782862345678901234
pieces "windows-sort-2, in nine" "$two" /9
pieces "windows-sort-2, packet by packet at first" "$two" 2 3 4 5 6 7 8 9 10
for name in ntp-late ntp-duplicate-answer ntp-retransmit ntp-backwards ntp-interleaved ntp-open-at-end ntp-zero-cookie \
	ntp-uid ntp-kod ntp-symmetric ntp-forged-answer ntp-chrony ntp-chrony-interleaved ntp-chrony-nts ntp-ntpsec ntp-mac \
	ntp-versions ntp-v1-mode0 ntp-midnight dns-late dns-duplicate dns-retransmit dns-same-id dns-match dns-rcodes dns-edns \
	dns-multicast dns-backwards dns-bind-udp link-vlan ip-lengths-lie snaplen-60 icmp-types icmp-quotes; do
	pieces "$name, after the first packet" "$pcaps/$name.pcap" 2
	pieces "$name, in three" "$pcaps/$name.pcap" /3
done
# Midnight and month end: one capture of both files, cut there.
if have mergecap; then
	mergecap -F nsecpcap -w "$tmp/both.pcap" "$one" "$two"
	pieces "both files, at midnight and month end" "$tmp/both.pcap" @1782864000000000000
	pieces "both files, beside midnight" "$tmp/both.pcap" @1782863700000000000 @1782863999999999000 @1782864000000000001 \
		@1782864300000000000
	pieces "both files, in twenty" "$tmp/both.pcap" /20
else
	skip "both files, at midnight and month end" "mergecap is not installed"
fi
rm -f "$tmp"/whole.db* "$tmp"/parts.db*
run read -q -o "$tmp/whole.db" "$two" "$one"
run read -q -o "$tmp/parts.db" "$one"
run read -q -o "$tmp/parts.db" "$two"
dump "$tmp/whole.db" >"$tmp/want"
dump "$tmp/parts.db" >"$tmp/got"
same "June and July one by one as both at once" "$tmp/got" "$tmp/want"
if [ -f "$shared/bench/genload.c" ] && ${CC:-cc} -O2 -o "$tmp/genload" "$shared/bench/genload.c" -lm 2>"$err"; then
	"$tmp/genload" --preset=mix --packets=30000 --clients=3000 --seed=5 --rate=25 --dup=.05 --zeroxmt=.02 --response=.9 \
		--start=1767222000 --out="$tmp/load.pcap" --truth="$tmp/load.json" 2>/dev/null
	pieces "a load of half an hour, in five" "$tmp/load.pcap" /5
	pieces "a load of half an hour, at steps and beside" "$tmp/load.pcap" @1767222300000000000 @1767222601000000000 \
		@1767222601100000000
	rm -f "$tmp/load.pcap"
else
	skip "a generated load in pieces" "no ../shared/bench/genload.c beside this tree, or it does not compile"
fi

# The tables of CSV that a database has, too.
tables() { awk '/^client,label,/ || /^delta_s,t,client,/ { exit } $0 != ""'; }

# A view of the database says what the view of the captures says; the median gap and the frame
# numbers of the worst are not kept.
views() { # NAME FILE...
	what=$1
	shift
	rm -f "$tmp"/v.db*
	run read -q -o "$tmp/v.db" "$@"
	for view in summary clients delta; do
		figures $view "$@" | grep -v -e '^top\..*\.interval_s' -e '^worst' >"$tmp/want"
		figures $view "$tmp/v.db" | grep -v -e '^top\..*\.interval_s' -e '^worst' >"$tmp/got"
		same "$what: $view of the database" "$tmp/got" "$tmp/want"
		"$clientele" $view --format csv "$@" 2>&1 | tables >"$tmp/want"
		"$clientele" $view --format csv "$tmp/v.db" 2>&1 | tables >"$tmp/got"
		same "$what: $view of the database, CSV" "$tmp/got" "$tmp/want"
	done
}
views "windows-sort" "$one" "$two"
for name in ntp-chrony ntp-ntpsec ntp-late ntp-duplicate-answer ntp-zero-cookie ntp-v1-mode0 dns-bind-udp dns-rcodes link-vlan \
	dns-bind-fragments icmp-types icmp-quotes; do
	views $name "$pcaps/$name.pcap"
done
views dns-bind-tcp "$pcaps/dns-bind-tcp.pcapng"
views ntp-chrony-nts-ke "$pcaps/ntp-chrony-nts-ke.pcapng"
run summary --format json "$one" "$two"
"$jsonget" "$out" | grep '^input\.' | grep -v -e '^input\.files' -e '^input\.duplicate' >"$tmp/want"
run summary --format json "$tmp/a.db"
"$jsonget" "$out" | grep '^input\.' | grep -v -e '^input\.files' -e '^input\.duplicate' >"$tmp/got"
same "the ledger of the database" "$tmp/got" "$tmp/want"
ledger "$out" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "which adds up" "$tmp/wrong"; else pass "which adds up"; fi

# The plain sqlite3 shell.
sqlite3 "$tmp/a.db" "SELECT name FROM sqlite_master WHERE type = 'view'" >"$tmp/names"
is "there are views" "$([ "$(wc -l <"$tmp/names")" -ge 5 ] && echo yes)" yes
while read -r name; do
	case $name in
	icmp_errors_by_day | icmp_errors_by_step | fact_total | anomaly_total) mayempty=1 ;;
	tunnels_by_day | tunnel_prefixes_by_day | tunnel_protocols_by_day) mayempty=1 ;;
	ntp_exchanges | dns_exchanges | ntp_control_messages | icmp_errors | connections | message_parts) mayempty=1 ;; # not kept
	tunnel*_by_day) mayempty=1 ;; # test_tunnels.sh asks them
	server_events) mayempty=1 ;;   # test_server_events.sh asks it
	*) mayempty= ;;
	esac
	if sqlite3 "$tmp/a.db" "SELECT * FROM \"$name\"" >"$tmp/rows" 2>"$err" && [ -s "$tmp/rows" -o -n "$mayempty" ]; then
		pass "view $name"
	else
		fail "view $name" "$err"
	fi
done <"$tmp/names"
awk '{ print $2 "|" $3 "|" $4 }' "$pcaps/windows-sort.txt" | sort | uniq -c | awk '{ print $2 "|" $1 }' | sort >"$tmp/want"
sqlite3 "$tmp/a.db" "SELECT proto, server, client, sum(requests) FROM clients GROUP BY 1, 2, 3" | sort >"$tmp/got"
same "view clients: addresses and requests" "$tmp/got" "$tmp/want"

# Schema 3 had no exchanges.
without_exchanges="DROP VIEW ntp_exchanges; DROP VIEW dns_exchanges; DROP VIEW ntp_control_messages; DROP VIEW icmp_errors;
	DROP VIEW connections; DROP VIEW message_parts; DROP TABLE ntp_exchange; DROP TABLE dns_exchange; DROP TABLE ntp_control; DROP TABLE icmp_error;
	DROP TABLE connection; DROP TABLE datagram_part;"
cp "$tmp/a.db" "$tmp/old.db"
sqlite3 "$tmp/old.db" "$without_exchanges PRAGMA user_version = 3"
run summary "$tmp/old.db"
is "schema 3, read" "$status" 0
is "schema 3, read: is as it was" "$(sqlite3 "$tmp/old.db" 'PRAGMA user_version')" 3
run read -q -o "$tmp/old.db" "$one"
is "schema 3, written" "$status" 0
sqlite3 "$tmp/a.db" 'SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2; PRAGMA user_version' >"$tmp/want"
sqlite3 "$tmp/old.db" 'SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2; PRAGMA user_version' >"$tmp/got"
same "schema 3, converted" "$tmp/got" "$tmp/want"

# A database of schema 1 is converted when it is written, and not touched when it is read.
cp "$tmp/a.db" "$tmp/old.db"
sqlite3 "$tmp/old.db" "$without_exchanges"
sqlite3 "$tmp/old.db" 'DROP VIEW icmp_errors_by_day; DROP VIEW fact_total; DROP VIEW anomaly_total; DROP TABLE fact;
	DROP TABLE anomaly; DROP TABLE icmp_day; DROP TABLE icmp_address_day; DROP VIEW client_total; DROP VIEW clients_by_month;
	DROP VIEW client_month_total; ALTER TABLE source DROP COLUMN closed_day;
	DROP TABLE client_month; ALTER TABLE source DROP COLUMN lost_icmp; CREATE VIEW client_total AS SELECT * FROM client_day;
	PRAGMA user_version = 1'
run summary "$tmp/old.db"
is "schema 1, read" "$status" 0
is "schema 1, read: is as it was" "$(sqlite3 "$tmp/old.db" 'PRAGMA user_version')" 1
run read -q -o "$tmp/old.db" "$one"
is "schema 1, written" "$status" 0
sqlite3 "$tmp/a.db" 'SELECT type, name FROM sqlite_master ORDER BY 1, 2; PRAGMA user_version' >"$tmp/want"
sqlite3 "$tmp/old.db" 'SELECT type, name FROM sqlite_master ORDER BY 1, 2; PRAGMA user_version' >"$tmp/got"
same "schema 1, converted" "$tmp/got" "$tmp/want"
figures summary "$tmp/a.db" >"$tmp/want"
figures summary "$tmp/old.db" >"$tmp/got"
same "schema 1, converted: the same figures" "$tmp/got" "$tmp/want"

# ICMP errors: each answer by the plain shell is that of the views.
rm -f "$tmp/icmp.db"
run read -q -o "$tmp/icmp.db" "$pcaps/icmp-types.pcap"
is "ICMP: kinds" "$(sqlite3 "$tmp/icmp.db" 'SELECT count(*), sum(errors), sum(responses), sum(from_client) FROM icmp_day')" \
	"18|18|18|18"
is "ICMP: the view" "$(sqlite3 "$tmp/icmp.db" "SELECT family, type, code, errors, senders, affected_clients
	FROM icmp_errors_by_day WHERE type = 3 AND code < 2")" "4|3|0|1|1|1
4|3|1|1|1|1
6|3|0|1|1|1
6|3|1|1|1|1"
run summary --format json --server 192.0.2.1 "$tmp/icmp.db"
is "ICMP: about one server" "$(value icmp.errors) $(value icmp.senders) $(value icmp.affected_clients)" "10 1 1"

# Days of which answers belong to requests of the day before: nothing is below zero.
cp "$tmp/a.db" "$tmp/night.db"
sqlite3 "$tmp/night.db" 'UPDATE day SET requests = 0, bogus = -1'
run summary --format json "$tmp/night.db"
is "more answered than asked: unanswered" "$(value ntp.unanswered)" 0
is "more answered than asked: bogus" "$(value ntp.bogus)" 0
run delta --format json "$tmp/night.db"
is "more answered than asked: unanswered, of a server" "$(value servers.0.unanswered)" 0
is "more answered than asked: bogus, of a server" "$(value servers.0.bogus)" 0

# Each fact that is stored is in the summary; where messages may be missing, the table says so.
cp "$tmp/a.db" "$tmp/facts.db"
sed -n 's/^X([A-Z0-9_]*, \([a-z0-9_]*\),.*/\1/p' "$top_srcdir/dissect/facts.def" >"$tmp/names"
awk '{ printf "INSERT INTO fact VALUES (1, \047%s\047, %d);\n", $1, 7000 + NR }' "$tmp/names" | sqlite3 "$tmp/facts.db"
figures summary "$tmp/facts.db" >"$tmp/figures"
awk -F'\t' 'NR == FNR { shown[$2] = 1; next } !(7000 + FNR in shown) { print $1 }' "$tmp/figures" "$tmp/names" >"$tmp/wrong"
is "there are facts" "$([ "$(wc -l <"$tmp/names")" -ge 24 ] && echo yes)" yes
if [ -s "$tmp/wrong" ]; then fail "each fact is in the summary" "$tmp/wrong"; else pass "each fact is in the summary"; fi
run summary "$tmp/facts.db"
is "given up: the table says so" "$(sed -n '/^Given up/,/^$/p' "$out" | grep -c -e ' 7[0-9,]*$' -e 'may be too low')" 5
run summary "$tmp/a.db"
is "nothing given up: the table has no such lines" "$(grep -c -e '^Given up' -e '^Encrypted' "$out")" 0
if have editcap && editcap -F pcap "$pcaps/dns-bind-tcp.pcapng" "$tmp/hole.pcap" 19 89-90 2>"$err"; then
	run summary --format json "$tmp/hole.pcap"
	is "a capture that lost segments: holes, and messages" "$(value tcp.holes) $(value dns.tcp.responses)" "2 10"
	views "a capture that lost segments" "$tmp/hole.pcap"
else
	skip "a capture that lost segments" "editcap is not installed"
fi

# What is open at the end is of the day on which the capture ends.
cp "$tmp/a.db" "$tmp/night.db"
sqlite3 "$tmp/night.db" 'UPDATE open_at_end SET requests = 3'
last=$(sqlite3 "$tmp/night.db" "SELECT strftime('%Y-%m-%dT00:00:00Z', last_ns / 1000000000, 'unixepoch') FROM source")
run summary --format json --from "$last" "$tmp/night.db"
is "open at the end: of the last day" "$(value ntp.open_at_end)" 3
run summary --format json --to "$last" "$tmp/night.db"
is "open at the end: of the days before" "$(value ntp.open_at_end)" 0

# Addresses of every shape: each octet and group through the view, against RFC 5952 as typed here.
shapes() {
	sqlite3 "$tmp/shapes.db" "DELETE FROM client_day; INSERT INTO client_day SELECT 1, 1, 1, $1, 1, 1, 1, 1, 1, 1;
		SELECT address FROM client_text"
}
cp "$tmp/a.db" "$tmp/shapes.db"
while read -r hex text; do
	is "view client_text: $hex" "$(shapes "x'$hex'")" "$text"
done <<'SHAPES'
00000000 0.0.0.0
01020304 1.2.3.4
0a00ff09 10.0.255.9
7f64c8fa 127.100.200.250
ffffffff 255.255.255.255
00000000000000000000000000000000 ::
00000000000000000000000000000001 ::1
00010000000000000000000000000000 1::
20010db8000000000000000000000001 2001:db8::1
20010db8000100010001000100010001 2001:db8:1:1:1:1:1:1
20010db8000000010001000100010001 2001:db8:0:1:1:1:1:1
20010db8000000000001000000000001 2001:db8::1:0:0:1
20010db8000100000000000100000001 2001:db8:1::1:0:1
20010db8000000010000000000000001 2001:db8:0:1::1
00000001000200030004000500060007 0:1:2:3:4:5:6:7
00010002000300040005000600070000 1:2:3:4:5:6:7:0
00000000000200030004000500060007 ::2:3:4:5:6:7
00010002000300040005000600000000 1:2:3:4:5:6::
fe80000000000000abcdef0123450a00 fe80::abcd:ef01:2345:a00
ff020000000000000000000000000101 ff02::101
10001000100010001000100010001000 1000:1000:1000:1000:1000:1000:1000:1000
0fff00ff000f0000000000f00f000ff0 fff:ff:f::f0:f00:ff0
01001001000001000010001000000100 100:1001:0:100:10:10:0:100
SHAPES
# A database holds what was analysed: instants outside --from and --to are not zero but not there.
rm -f "$tmp/part.db"
run read -q -o "$tmp/part.db" --from 2026-06-02T00:00:00Z --to 2026-06-02T00:35:00Z "$pcaps/ntp-midnight.pcap"
run clients --format csv "$tmp/part.db"
is "instants of a part" "$(awk -F, '$2 == "all" && $1 ~ /^2026.*T/ { printf "%s ", substr($1, 12, 5) }' "$out")" \
	"00:05 00:10 00:15 00:20 00:25 00:30 "
is "its windows" "$(awk -F, '$2 == "all" && $1 ~ /^2026.*T/ { printf "%s ", $6 }' "$out")" "1 1 1 1 0 0 "
run read -q -o "$tmp/part.db" "$pcaps/ntp-midnight.pcap"
is "the same file again" "$(sqlite3 "$tmp/part.db" 'SELECT count(*) FROM file')" 1
tap_done
