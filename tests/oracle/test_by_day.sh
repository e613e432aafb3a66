#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The views software and dns of databases with software and names by day and no single messages: names against the
# same view of single messages and against the forger's own count; software against rows that are written here with
# what they add up to; and who keeps neither says so.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "sqlite3 is not installed"

# Names ------------------------------------------------------------------------------------------------------------
# names FILE: level, name, queries, NXDOMAIN of the last run.
names() {
	jq -r '.sums.names | to_entries[] | select(.key | IN("tlds", "second_level", "registered")) |
		[.key, .value.different], (.key as $k | .value.top[] | [$k, .name, .queries, .share, .nxdomain]) | @tsv' "$1" | LC_ALL=C sort
}
if have python3 && have jq; then
	mkdir "$tmp/t"
	python3 "$top_srcdir/tests/oracle/export_truth.py" forge "$tmp/t" >"$out" 2>&1 || fail "the truth is forged" "$out"
	run summary -q --format json "$tmp/t/dns.pcap"
	"$cutpcap" "$tmp/t/dns.pcap" "$tmp/half" $(($(value input.packets) / 2 + 7)) >/dev/null
	printf 'com\norg\narpa\nz_z\n' >"$tmp/suffixes"
	for half in "$tmp"/half*; do
		"$clientele" read -q --keep names --suffixes "$tmp/suffixes" -o "$tmp/n.db" "$half" 2>"$err" || fail "read $half" "$err"
	done
	run dns -q --top 100 --format json "$tmp/n.db"
	names "$out" >"$tmp/got"
	cp "$out" "$tmp/n.json"
	run dns -q --top 100 --suffixes "$tmp/suffixes" --format json "$tmp/t/dns.pcap"
	names "$out" >"$tmp/want"
	is "levels of names: rows" "$(awk 'END { print (NR > 30) }' "$tmp/want")" 1
	same "names by day as by single messages" "$tmp/got" "$tmp/want"
	# the forger: labels of the first day and the networks that asked for them (a list as long as this is exact
	# but for collisions: standard error 0.8 %)
	run dns -q --top 100 --format json --to 2026-01-02T00:00:00Z "$tmp/n.db"
	jq -r '.sums.names | (["", .queries, .networks], (.tlds.top[] | [.name, .queries, .networks])) | @tsv' "$out" | LC_ALL=C sort >"$tmp/got"
	python3 -c 'import json, sys
top = json.load(open(sys.argv[1]))["top"]
for k, (n, c) in sorted(top.items()): print(k, n, c, sep="\t")' "$tmp/t/want.json" >"$tmp/want"
	awk -F'\t' 'NR == FNR { n[$1] = $2; c[$1] = $3; rows++; next }
		!($1 in n) || n[$1] != $2 || $3 < c[$1] * 0.96 || $3 > c[$1] * 1.04 { print "got", $0, "want", n[$1], c[$1] }
		{ seen++ } END { if (rows < 5 || seen != rows) print seen " rows of " rows }' "$tmp/want" "$tmp/got" >"$tmp/differ"
	if [ -s "$tmp/differ" ]; then fail "a day's names as forged" "$tmp/differ"; else pass "a day's names as forged"; fi
	is "days add up" "$(jq '.sums.names | (.days | map(.queries) | add) == .queries and (.days | length) == 2' "$tmp/n.json")" true
	run dns -q --format json --server 192.0.2.1 "$tmp/n.db"
	figure "names are of all servers" sums null
	run dns -q "$tmp/n.db"
	is "table" "$(grep -c '^2026-01-0[12] ' "$out") $(grep -c '^Registered domains' "$out") $(awk 'length > 100' "$out" | wc -l | tr -d ' ')" "2 1 0"
	run dns -q --format csv "$tmp/n.db"
	is "CSV" "$(grep -c '^2026-01-01,965,226,' "$out")" "$(jq '[.sums.names.days[] | select(.day == "2026-01-01" and .queries == 965 and .nxdomain == 226)] | length' "$tmp/n.json")"
	sqlite3 "$tmp/n.db" "DELETE FROM name_day WHERE day = 20455"
	run dns -q --format json "$tmp/n.db"
	is "a day without" "$(value sums.names.days_without) $(value sums.names.days.0.day)" '1 2026-01-01'
	sqlite3 "$tmp/n.db" "UPDATE name_day SET name = char(27) || '[31m<b>' WHERE name = 'com'"
	run dns -q "$tmp/n.db"
	is "what a database says is not believed" "$(grep -c "$(printf '\033')" "$out")" 0
else
	skip "names by day" "python3 or jq is not installed"
fi

# Software ---------------------------------------------------------------------------------------------------------
one=$pcaps/client-chrony.pcap
"$clientele" read -q -o "$tmp/plain.db" "$one" "$pcaps/dns-match.pcap" 2>"$err" || "$clientele" read -q -o "$tmp/plain.db" "$one" 2>"$err"
run software -q --format json "$tmp/plain.db"
figure "neither kept" clients null
run dns -q --format json "$tmp/plain.db"
figure "neither kept" sums null
run software -q "$tmp/plain.db"
is "and says what it lacks" "$(tr '\n' ' ' <"$out" | grep -c -- '--keep software')" 1

"$clientele" read -q --keep software -o "$tmp/s.db" "$one" 2>"$err" || fail "read" "$err"
run software -q --format json "$one"
want=$(value software.0.software) clients=$(value software.0.clients.total) requests=$(value software.0.requests)
run software -q --format json "$tmp/s.db"
is "of a capture" "$(value software.0.software) $(value software.0.clients.total) $(value software.0.requests)" "$want $clients $requests"

# Rows: 10.0.0.1 is A with 5 requests on day 1, B with 9 on day 2: B, 14 requests. 10.0.0.2 is A on both (7 + 1), low
# and high: low. 10.0.0.3: A and B with 4 each: that of more confidence, A. 2001:db8::1 is B. 10.0.0.4 is a tool.
# Day 1: A 1 2 3; B of IPv6. Day 2: A 2; B 1 3.
sqlite3 "$tmp/s.db" "DELETE FROM client_software_day; DELETE FROM software;
	INSERT INTO software VALUES (1, 'A', 'client'), (2, 'B or C', 'client'), (3, 'T', 'tool');
	INSERT INTO day(source_id, day, service_id, requests, responses, matched, duplicates, late, backwards, bogus, guessed,
		interleaved, kod, mac, nts, apart, request_bytes, response_bytes, over_1ms, over_10ms, over_100ms, tcp_requests,
		tcp_responses, edns, dnssec_ok, ecs, cookie, truncated)
		SELECT source_id, v.day, service_id, 1, 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0
		FROM (SELECT DISTINCT source_id, service_id FROM day), (SELECT 30001 AS day UNION SELECT 30002 UNION SELECT 30003) AS v;
	INSERT INTO client_software_day(source_id, day, addr, software_id, requests, confidence) VALUES
		(1, 30001, x'0a000001', 1, 5, 2), (1, 30002, x'0a000001', 2, 9, 0),
		(1, 30001, x'0a000002', 1, 7, 0), (1, 30002, x'0a000002', 1, 1, 2),
		(1, 30001, x'0a000003', 1, 4, 2), (1, 30002, x'0a000003', 2, 4, 1),
		(1, 30001, x'0a000004', 3, 2, 1),
		(1, 30001, x'20010db8000000000000000000000001', 2, 3, 2)" 2>"$err" || fail "rows" "$err"
run software -q --format json --from 2052-02-21T00:00:00Z "$tmp/s.db"
is "days" "$(sqlite3 :memory: "SELECT date(30001 * 86400, 'unixepoch')") $(value days.0.day) $(value days.1.day)" \
	"2052-02-21 2052-02-21 2052-02-22"
is "clients" "$(value clients.ipv4) $(value clients.ipv6) $(value requests)" "3 1 33"
# A: 2 (8) and 3 (8); B: 1 (14) and v6 (3): as many clients, more requests
group() { echo "$(value "$1.software") $(value "$1.clients.ipv4") $(value "$1.clients.ipv6") $(value "$1.requests") $(value "$1.share") $(value "$1.confidence.high") $(value "$1.confidence.medium") $(value "$1.confidence.low") $(value "$1.ambiguous")"; }
is "B first" "$(group software.0)" 'B or C 1 1 17 0.5 1 0 1 true'
is "A" "$(group software.1) $(value software.2.software)" 'A 2 0 16 0.5 1 0 1 false absent'
is "the tool is apart" "$(value apart.0.name) $(value apart.0.kind) $(value apart.0.sources.total) $(value apart.0.packets)" 'T tool 1 2'
is "day 1" "$(group days.0.software.0)" 'A 3 0 16 0.75 2 0 1 false'
is "day 2" "$(group days.1.software.0)" 'B or C 2 0 13 0.6666666667 0 1 1 true'
is "the third day" "$(value days_without) $(value days.2.day)" "1 absent"
run software -q --from 2052-02-21T00:00:00Z --to 2052-02-22T00:00:00Z --format csv "$tmp/s.db"
is "one day's CSV" "$(sed -n 2p "$out")" "$(sed -n 's/^2052-02-21,\(A,.*\)/\1/p' "$out")"
run software -q "$tmp/s.db"
is "table" "$(grep -c '^2052-02-2[12] ' "$out") $(awk 'length > 100' "$out" | wc -l | tr -d ' ')" "2 0"


# Those that are no clients by all that they sent are kept as well, and take no other's place.
for name in link-carriers link-vlan; do
	"$clientele" read -q --keep software -o "$tmp/$name.db" "$pcaps/$name.pcap" 2>"$err" || fail "read $name" "$err"
	run software -q --top 1000 --format json "$pcaps/$name.pcap"
	is "all of $name are kept" "$(sqlite3 "$tmp/$name.db" "SELECT count(*), sum(kind = 'scanner') FROM client_software_day JOIN software USING(software_id)")" \
		"$("$jsonget" "$out" | grep -c '^top\.[0-9]*\.client')|1"
done
tap_done
