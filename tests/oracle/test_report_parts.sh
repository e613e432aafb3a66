#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Chapters of the report that a made month lacks: events of servers and peaks, against what was forged; drops and the
# days that plots mark, against rows that are put there; tunnels, against tshark.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have python3 || skip_all "python3 is not installed: nothing else forges the servers"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
eventday() { python3 "$top_srcdir/tests/tools/eventday.py" "$@"; }

# forms NAME DB ARG...: four forms with the same figures.
forms() {
	name=$1
	shift
	for form in json csv html txt; do
		run report -q --no-geo -o "$tmp/$name.$form" "$@"
		is "$name, $form: exit status" "$status" 0
	done
	python3 "$top_srcdir/tests/tools/reportcheck.py" forms "$tmp/$name.json" "$tmp/$name.csv" "$tmp/$name.html" "$tmp/$name.txt" \
		>"$tmp/wrong" 2>&1 || { fail "$name: all forms have the same figures" "$tmp/wrong"; return; }
	pass "$name: all forms have the same figures"
	sed 's/[^ -~]/x/g' "$tmp/$name.txt" | awk 'length($0) > 100' >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$name: 100 columns" "$tmp/wrong"; else pass "$name: 100 columns"; fi
}
said() { # NAME WORDS
	if tr -s '\n ' ' ' <"$tmp/$1.txt" | grep -qF -e "$2"; then pass "$1: $2"; else fail "$1: $2" "$tmp/$1.txt"; fi
}

# Peaks.
eventday peaks "$tmp/peaks.pcap" >"$tmp/peaks.list"
run read -q -o "$tmp/peaks.db" "$tmp/peaks.pcap"
is "peaks: read" "$status" 0
forms peaks --month 2026-06 "$tmp/peaks.db"
if eventday check "$tmp/peaks.list" "$tmp/peaks.json" >"$tmp/wrong" 2>&1; then
	pass "peaks, against a slow count"
else
	fail "peaks, against a slow count" "$tmp/wrong"
fi
for change in 's/"new_share": 0.8,/"new_share": 0.79,/' 's/"top_least": 0.90/"top_least": 0.80/' 's/"times_hour": 5/"times_hour": 6/' \
	's/, no single one//' 's/one \/24/one \/48/'; do
	sed "$change" "$tmp/peaks.json" >"$tmp/changed.json"
	if ! cmp -s "$tmp/changed.json" "$tmp/peaks.json" && ! eventday check "$tmp/peaks.list" "$tmp/changed.json" >"$tmp/wrong" 2>&1; then
		pass "$change would be seen"
	else
		fail "$change would be seen" "$tmp/wrong"
	fi
done

# Events: times, kinds and values of the forger's list, as far as they are listed.
eventday "$tmp/day.pcap" >"$tmp/truth"
run read -q -o "$tmp/day.db" "$tmp/day.pcap"
forms day --month 2026-06 "$tmp/day.db"
python3 - "$tmp/truth" "$tmp/day.json" >"$tmp/wrong" 2>&1 <<'CHECK'
import collections, json, sys, time
want, listed = [], collections.Counter()
for line in open(sys.argv[1]):
    server, kind, t, until, before, after, n, total = (line.rstrip("\n").split("\t") + [None] * 3)[:8]
    if server == "day":
        continue
    listed[server, kind] += 1
    if listed[server, kind] > 10:
        continue
    if kind == "refid":
        before, after = (".".join(str(int(v) >> s & 255) for s in (24, 16, 8, 0)) for v in (before, after))
    if kind == "unsynchronised":
        after = {"1229867348": "INIT"}[after]
    lasted = None if until == "-" else (int(until) - int(t)) / 1e9
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(t) // 10**9))
    if kind == "time_step":
        before, after = (f"{int(v) / 1e9:.9f}" for v in (before, after))
    want.append((at, server, kind, before, after, lasted, n, total))
got = json.load(open(sys.argv[2]))["server_events"]
rows = []
for v in got["values"]:
    text = lambda x: "-" if x is None else str(x)
    before, after = text(v["before"]), text(v["after"])
    if v["kind"] == "time_step":
        before, after = (f"{float(x):.9f}" for x in (before, after))
    rows.append((v["t"][:19] + "Z", v["server"], v["kind"], before, after, v["lasted_s"], text(v["n"]), text(v["total"])))
ok = sorted(rows, key=str) == sorted(want, key=str)
for r in set(rows) ^ set(want):
    print("only", "got" if r in rows else "wanted", r)
for s in got["servers"]:
    mine = {k: c for (server, k), c in listed.items() if server == s["server"]}
    changes = sum(mine.get(k, 0) for k in ("leap", "stratum", "refid", "root_distance"))
    sums = (s["silences"], s["unsynchronised"], s["changes"], s["time_steps"], s["failures"])
    of = (mine.get("silence", 0), mine.get("unsynchronised", 0), changes, mine.get("time_step", 0),
          mine.get("servfail", 0) + mine.get("refused", 0))
    if sums != of:
        print(s["server"], sums, of)
        ok = False
sys.exit(not ok)
CHECK
if [ $? = 0 ]; then pass "events, against what was forged"; else fail "events, against what was forged" "$tmp/wrong"; fi
for words in "31 requests in 310 s and no answer" "100 requests and no answer up to the end" "leap indicator no-leap, now add-leap" \
	"10 answers in a row that it is not synchronised after a silence: restarted" "120 of 300 responses SERVFAIL" \
	"clock 500 ms ahead, or that of the capture the other way" "refid 10.10.10.10, now 11.11.11.11"; do
	is "$words" "$(grep -cF "\"what\": \"$words\"" "$tmp/day.json")" 1
done
said day "And 22 more, in the sums above"
sqlite3 "$tmp/day.db" "DELETE FROM server_event; DELETE FROM server_event_day"
run report -q --no-geo -o "$tmp/old.txt" --month 2026-06 "$tmp/day.db"
said old "Not known: these days were read by a version that did not look for it."

# Drops: what a live capture would have written.
run read -q -o "$tmp/drops.db" "$tmp/peaks.pcap"
sqlite3 "$tmp/drops.db" "UPDATE source SET dropped_kernel = 12, dropped_interface = 3;
	INSERT INTO capture_stretch SELECT source_id, first_ns, last_ns FROM source;
	INSERT INTO capture_interval SELECT source_id, 1781136000 + 300, 'live:eth0', first_ns, 1000, 0, 0, 0, '' FROM source;
	INSERT INTO capture_interval SELECT source_id, 1781136000 + 86400 + 300, 'live:eth0', first_ns, 2000, 5, 3, 1500000000, '' FROM source;
	INSERT INTO capture_interval SELECT source_id, 1781136000 + 86400 + 600, 'live:eth0', first_ns, 1500, 7, 0, 0, '' FROM source"
forms drops --month 2026-06 "$tmp/drops.db"
is "drops: of the sensor" "$(value ledger.sensors.0.dropped_kernel "$tmp/drops.json") $(value ledger.sensors.0.dropped_interface "$tmp/drops.json")" "12 3"
is "drops: days" "$(value ledger.drops.0.t "$tmp/drops.json") $(value ledger.drops.1.t "$tmp/drops.json") $(value ledger.drops.2.t "$tmp/drops.json")" \
	"2026-06-11T00:00:00Z 2026-06-12T00:00:00Z absent"
is "drops: by day" "$(for i in 0 1; do for key in received dropped_kernel dropped_interface away_s; do
	value "ledger.drops.$i.$key" "$tmp/drops.json"; done; done | tr '\n' ' ')" "1000 0 0 0 3500 12 3 1.5 "
said drops "Packets were dropped before they could be counted"
python3 - "$tmp/drops.html" >"$tmp/wrong" <<'MARKED'
import re, sys
plots = [p for p in re.findall(r"<svg.*?</svg>", open(sys.argv[1]).read(), re.S) if "UTC<" in p]
for p in plots:
    panels = len(set(re.findall(r'class="shade" x="[^"]*" y="([^"]*)"', p)))
    if panels == 0 or len(re.findall(r'class="shade"[^>]*><title>packets were dropped', p)) != panels:
        print(re.search(r"<title[^>]*>(.*?)<", p).group(1), panels)
print(len(plots) if len(plots) > 8 else "few plots")
MARKED
is "drops: each plot over time marks the day, and nothing else does" "$(grep -c . "$tmp/wrong")" 1
said drops "; packets were dropped"
run report -q --no-geo -o "$tmp/whole.html" --month 2026-06 "$tmp/peaks.db"
is "without drops: no plot says so" "$(grep -c 'packets were dropped' "$tmp/whole.html")" 0

# Tunnels.
if have tshark; then
	for name in tunnel-6in4 tunnel-6in4-half-open; do
		file=$pcaps/$name.pcap
		run read -q -o "$tmp/$name.db" "$file"
		run report -q --no-geo -o "$tmp/$name.json" --day 2026-11-23 "$tmp/$name.db"
		is "$name: exit status" "$status" 0
		ways() { tshark -r "$file" -Y 'ip.proto == 41 && !icmp.type' -T fields -E occurrence=f -e ip.src -e ip.dst -e frame.len 2>/dev/null; }
		a=$(value tunnels.tunnels.0.a "$tmp/$name.json")
		b=$(value tunnels.tunnels.0.b "$tmp/$name.json")
		is "$name: ends" "$(printf '%s\n' "$a" "$b" | sort | tr '\n' ' ')" "$(ways | cut -f1,2 | tr '\t' '\n' | sort -u | tr '\n' ' ')"
		is "$name: packets and octets" \
			"$(for key in packets_ab bytes_ab packets_ba bytes_ba; do value tunnels.tunnels.0.$key "$tmp/$name.json"; done | tr '\n' ' ')" \
			"$(ways | awk -v a="$a" '{ w = $1 == a; n[w]++; o[w] += $3 } END { print n[1] + 0, o[1] + 0, n[0] + 0, o[0] + 0 " " }')"
		is "$name: ways" "$(value tunnels.tunnels.0.state "$tmp/$name.json")" \
			"$(ways | cut -f1 | sort -u | wc -l | awk '{ print $1 == 2 ? "both" : "one" }')"
	done
else
	skip "tunnels as tshark has them" "tshark is not installed"
fi
# Each kind of the forger has its row.
run read -q -o "$tmp/kinds.db" "$pcaps/tunnels.pcap"
forms kinds --top 100 --day 2026-06-01 "$tmp/kinds.db" # the chapter in all forms
run tunnels --format json "$pcaps/tunnels.pcap"
"$jsonget" "$out" | awk -F'\t' '$1 ~ /^tunnels\.[0-9]+\.(kind|a|b|packets_ab|packets_ba|bytes_ab|bytes_ba)$/ { split($1, p, "."); r[p[2]] = r[p[2]] " " $2 }
	END { for (i in r) print r[i] }' | sort >"$tmp/want"
"$jsonget" "$tmp/kinds.json" | awk -F'\t' '$1 ~ /^tunnels\.tunnels\.[0-9]+\.(kind|a|b|packets_ab|packets_ba|bytes_ab|bytes_ba)$/ { split($1, p, "."); r[p[3]] = r[p[3]] " " $2 }
	END { for (i in r) print r[i] }' | sort >"$tmp/got"
same "each kind of tunnel, as the view of the capture has it" "$tmp/got" "$tmp/want"
run report -q --no-geo --no-addresses --top 1 --day 2026-06-01 -o "$tmp/few.txt" "$tmp/kinds.db"
said few "And $(($(wc -l <"$tmp/want") - 1)) more: --top says how many are shown."
tap_done
