#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# peaks: three forged hours with planted bursts, each minute against a plain count of what was planted.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
"$top_builddir/tests/tools/peakday" "$tmp/day.pcap" >"$tmp/truth" || { echo "Bail out! peakday"; exit 1; }
answer() { sed -n '/^  "times"/,$p' "$1"; }

# peaks FILE: its peaks as lines of the truth, by minute.
peaks() {
	for i in $(seq 0 "$(($(value 'servers.0.peaks.#' "$1") - 1))"); do
		p=servers.0.peaks.$i
		t=$(value $p.t "$1" | tr -d '"')
		h=${t#*T} && m=${h#*:}
		echo "$((${h%%:*} * 60 + 1${m%%:*} - 100)) $(value $p.requests "$1") $(value $p.answered "$1") $(value $p.clients "$1")" \
			"$(value $p.new.clients "$1") $(value $p.one_shot.clients "$1") $(value $p.returning.clients "$1")" \
			"$(value $p.network.requests "$1")"
	done | sort -n
}

run peaks --top 20 --format json "$tmp/day.pcap"
is "exit status" "$status" 0
# 400 is twice the median minute; of the run from 151 to 153 the first is shown.
awk '$2 > 400 && $1 != 152 && $1 != 153' "$tmp/truth" >"$tmp/want"
peaks "$out" >"$tmp/got"
same "the planted minutes, with all that was counted" "$tmp/got" "$tmp/want"
is "there are eleven" "$(wc -l <"$tmp/want" | tr -d ' ')" 11
is "median minute" "$(value servers.0.usual_requests)" \
	"$(cut -d' ' -f2 "$tmp/truth" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }')"
is "minutes above" "$(value servers.0.above)" "$(awk '$2 > 400' "$tmp/truth" | wc -l | tr -d ' ')"
is "period of the steady clients" "$(value servers.0.period_s)" 64
is "the highest: one client" "$(value servers.0.peaks.0.cause) $(value servers.0.peaks.0.client.requests)" "one_client 5000"
is "who asked before" "$(value servers.0.peaks.1.cause)" returning
is "asked once" "$(value servers.0.peaks.2.cause)" one_shot
is "comes again every 20 minutes" "$(value servers.0.peaks.2.recurs.period_s) $(value servers.0.peaks.2.recurs.found) $(value servers.0.peaks.2.recurs.of)" \
	"1200 7 8"
is "the others do not" "$(value servers.0.peaks.0.recurs) $(value servers.0.peaks.1.recurs)" "null null"
is "one network" "$(value servers.0.peaks.10.cause) $(value servers.0.peaks.10.network.address) $(value servers.0.peaks.10.network.clients)" \
	"one_network 198.18.7.0/24 250"
is "and its run" "$(value servers.0.peaks.10.run.minutes) $(value servers.0.peaks.10.run.requests)" \
	"3 $(awk '$1 >= 151 && $1 <= 153 { n += $2 } END { print n }' "$tmp/truth")"
is "source ports" "$(value servers.0.peaks.2.ports.123) $(value servers.0.peaks.2.ports.others)" "200 900"
software=$("$jsonget" "$out" | awk -F'\t' '$1 ~ /^servers\.0\.peaks\.2\.software\.[0-9]+\.clients$/ { n += $2 } END { print n }')
is "software of all its clients" "$software" 1100
answer "$out" >"$tmp/from_capture"

# Nothing is lost with fewer: the highest stay.
run peaks --top 2 --format json "$tmp/day.pcap"
is "the two highest" "$(value servers.0.peaks.0.requests) $(value servers.0.peaks.1.requests) $(value 'servers.0.peaks.#')" "5200 1200 2"
run peaks --times 5 --format json "$tmp/day.pcap"
is "above five times the median" "$(value 'servers.0.peaks.#') $(value servers.0.above)" \
	"$(awk '$2 > 1000' "$tmp/truth" | wc -l | tr -d ' ') $(awk '$2 > 1000' "$tmp/truth" | wc -l | tr -d ' ')"
run peaks --times 0 "$tmp/day.pcap"
is "zero times: status and lines" "$status $(one_line "$err" && echo line)" "2 line"

# In its first minutes a capture cannot tell who is new.
have editcap && {
	editcap -F pcap -A 1780273140 "$tmp/day.pcap" "$tmp/late.pcap" # 2026-06-01T00:19:00Z
	run peaks --top 20 --format json "$tmp/late.pcap"
	i=$("$jsonget" "$out" | awk -F'\t' '$2 ~ /T00:20:00Z/ && $1 ~ /peaks\.[0-9]+\.t$/ { split($1, p, "."); print p[4] }')
	is "warm-up" "$(value "servers.0.peaks.$i.warmup") $(value "servers.0.peaks.$i.cause") $(value "servers.0.peaks.$i.new_share")" "true null null"
}

# A database that keeps transactions says the same, in all forms.
run read -q --keep transactions -o "$tmp/kept.db" "$tmp/day.pcap"
run peaks --top 20 --format json "$tmp/kept.db"
answer "$out" >"$tmp/from_database"
same "from a database" "$tmp/from_database" "$tmp/from_capture"
run peaks --format csv "$tmp/day.pcap"
cp "$out" "$tmp/csv"
run peaks --format csv "$tmp/kept.db"
same "from a database, as CSV" "$out" "$tmp/csv"
is "CSV: peaks" "$(grep -c '^192.0.2.1,2026-06-01T01:45:00Z,5200,' "$tmp/csv")" 1
run read -q -o "$tmp/plain.db" "$tmp/day.pcap"
run peaks --format json "$tmp/plain.db"
is "without transactions" "$status $(value servers)" "0 null"
run peaks "$tmp/day.pcap"
is "100 columns" "$(awk 'length($0) > 100 && !/^\//' "$out" | wc -l | tr -d ' ')" 0
tap_done
