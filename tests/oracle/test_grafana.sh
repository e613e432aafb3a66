#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# grafana/clientele.json: valid, importable, and every metric and label that it names is in /metrics.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have jq || skip_all "no jq"
board=$top_srcdir/grafana/clientele.json

if jq -e . "$board" >"$out" 2>"$err"; then pass "JSON"; else fail "JSON" "$err"; fi
is "id and uid are for Grafana to choose" "$(jq -c '[.id, .uid]' "$board")" "[null,null]"
is "the data source is asked for" "$(jq -r '.__inputs[0] | .name + " " + .pluginId' "$board")" "DS_PROMETHEUS prometheus"
is "and used everywhere" "$(jq -r '[.panels[], .panels[].targets[]] | map(.datasource.uid) | unique | join(" ")' "$board")" '${DS_PROMETHEUS}'
is "panels have numbers of their own" "$(jq '[.panels[].id] | length == (unique | length)' "$board")" true
jq -r '.panels[] | select(.gridPos.x + .gridPos.w > 24 or .gridPos.w < 1) | .title' "$board" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "panels fit the grid" "$tmp/wrong"; else pass "panels fit the grid"; fi

"$clientele" read -q -o "$tmp/one.db" "$pcaps/windows-sort-1-us.pcap" "$pcaps/windows-sort-2-ns.pcap" || fail "a database"
run serve --print /metrics "$tmp/one.db"
is "/metrics" "$status" 0
sed -n 's/^\(clientele_[a-z0-9_]*\).*/\1/p' "$out" | sort -u >"$tmp/have"
jq -r '(.panels[].targets[].expr), (.templating.list[].query.query)' "$board" >"$tmp/asked"
grep -o 'clientele_[a-z0-9_]*' "$tmp/asked" | sort -u >"$tmp/names"
is "it asks for metrics" "$([ "$(wc -l <"$tmp/names")" -gt 15 ] && echo yes)" yes
comm -23 "$tmp/names" "$tmp/have" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "every metric is there" "$tmp/wrong"; else pass "every metric is there"; fi
sed -n 's/^clientele_[a-z0-9_]*{\(.*\)}.*/\1/p' "$out" | tr ',' '\n' | sed 's/=.*//' | sort -u >"$tmp/labels"
echo instance >>"$tmp/labels"
sort -u -o "$tmp/labels" "$tmp/labels"
{
	grep -o 'by ([a-z_, ]*)' "$tmp/asked" | sed 's/by (//; s/)//' | tr ', ' '\n\n'
	jq -r '.panels[].targets[].legendFormat' "$board" | grep -o '{{[a-z]*}}' | tr -d '{}'
} | grep . | sort -u >"$tmp/used"
comm -23 "$tmp/used" "$tmp/labels" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "every label is there" "$tmp/wrong"; else pass "every label is there"; fi
# a rate is of a counter, and a counter is never shown bare
sed -n 's/^# TYPE \([a-z0-9_]*\) counter/\1/p' "$out" >"$tmp/counters"
while read -r name; do
	grep "$name" "$tmp/asked" | grep -vqE "(rate|increase)\\($name" && echo "$name"
done <"$tmp/counters" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "counters as rates" "$tmp/wrong"; else pass "counters as rates"; fi
tap_done
