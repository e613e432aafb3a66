#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The report: a made month with gaps, a burst and a half day, against a slow count of the generator's lists of
# requests; a day of genload against its truth; all forms against each other; months that hold next to nothing; the
# page in a browser.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have python3 || skip_all "python3 is not installed: nothing else counts the made month"
monthload=$top_builddir/tests/tools/monthload
[ -x "$monthload" ] || { echo "Bail out! $monthload was not built: make check builds it"; exit 1; }
reportcheck() { python3 "$top_srcdir/tests/tools/reportcheck.py" "$@"; }

# agree NAME ARG...: what reportcheck has to say is why it fails.
agree() {
	what=$1
	shift
	if reportcheck "$@" >"$tmp/wrong" 2>&1; then pass "$what"; else fail "$what" "$tmp/wrong"; fi
}

m=$tmp/made
mkdir "$m"
reportcheck make "$m" "$monthload" || fail "the month is made"
run read -q -o "$tmp/one.db" "$m"/20???.pcap
is "the month is read" "$status" 0

# report NAME ARG...: all four forms of a report.
report() {
	name=$1
	shift
	for form in json csv html txt; do
		run report -q -o "$tmp/$name.$form" "$@"
		is "$name, $form: exit status" "$status" 0
		[ ! -s "$err" ] || fail "$name, $form: says nothing else" "$err"
	done
	agree "$name: all forms have the same figures" forms "$tmp/$name.json" "$tmp/$name.csv" "$tmp/$name.html" "$tmp/$name.txt"
	grep -nEi '(^|[^a-z])-?(nan|inf)([^a-z]|$)' "$tmp/$name".json "$tmp/$name".csv "$tmp/$name".html "$tmp/$name".txt >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$name: every number is one" "$tmp/wrong"; else pass "$name: every number is one"; fi
	grep -nE 'https?:|<script|src=|@import|url\(' "$tmp/$name.html" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$name: the page loads nothing" "$tmp/wrong"; else pass "$name: the page loads nothing"; fi
	awk 'NF == 0 { if (blank) print NR ": two blank lines"; blank = 1; next } { blank = 0 }' "$tmp/$name.txt" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$name: no gaps" "$tmp/wrong"; else pass "$name: no gaps"; fi
	sed 's/[^ -~]/x/g' "$tmp/$name.txt" | awk 'length($0) > 100' >"$tmp/wrong" # LC_ALL=C draws with ASCII
	if [ -s "$tmp/wrong" ]; then fail "$name: 100 columns" "$tmp/wrong"; else pass "$name: 100 columns"; fi
}

report month --no-geo --month 2026-06 "$tmp/one.db"
agree "the month, against a slow count" truth "$m" "$tmp/month.json"

# A mistake of each kind is seen.
for change in 's/"new": [1-9][0-9]*/"new": 0/' 's/"v4_24": \([1-9][0-9]*\)/"v4_24": \11/' 's/"p99_s": 0/"p99_s": 1/' \
	's/"captured": "part"/"captured": "whole"/' 's/"requests": \([1-9][0-9]*\)7,/"requests": \18,/'; do
	sed "$change" "$tmp/month.json" >"$tmp/changed.json"
	if ! cmp -s "$tmp/changed.json" "$tmp/month.json" && ! reportcheck truth "$m" "$tmp/changed.json" >"$tmp/wrong" 2>&1 &&
		grep -q ': got ' "$tmp/wrong"; then
		pass "$change would be seen"
	else
		fail "$change would be seen" "$tmp/wrong"
	fi
done

# Two sensors that saw each client in turn, in two databases; then merged before.
for half in 0 1; do
	run read -q --sensor "half$half" -o "$tmp/half$half.db" "$m"/20*.half$half
done
run report -q --no-geo --month 2026-06 -o "$tmp/two.json" "$tmp/half0.db" "$tmp/half1.db"
is "two databases: exit status" "$status" 0
agree "two databases, against a slow count" truth "$m" "$tmp/two.json" without-windows
run merge -q -o "$tmp/both.db" "$tmp/half0.db" "$tmp/half1.db"
run report -q --no-geo --month 2026-06 -o "$tmp/both.json" "$tmp/both.db"
sed '/^  "input"/d' "$tmp/both.json" >"$tmp/both"
sed '/^  "input"/d' "$tmp/two.json" >"$tmp/two"
same "two databases, merged before" "$tmp/two" "$tmp/both"
run report -q --no-geo --month 2026-06 "$tmp/both.db"
if grep -q '^Sensors were added' "$out"; then pass "sensors are said to be added"; else fail "sensors are said to be added" "$out"; fi
if grep -q 'sensors have packets' "$out"; then fail "all sensors have packets of all days" "$out"; else pass "all sensors have packets of all days"; fi
run read -q --sensor half1 -o "$tmp/short.db" "$m/20609.half1"
run report -q --no-geo --month 2026-06 --format json "$tmp/half0.db" "$tmp/short.db"
days=$(find "$m" -name '206*.half0' | sed 's:.*/::' | awk '$1 + 0 >= 20605' | wc -l | tr -d ' ')
sed -n '/^  "ledger"/,/^  }/p' "$out" | grep -o '"sensors": [0-9]*' | sort | uniq -c >"$tmp/got"
is "days of one sensor, and of two" "$(awk '$3 == 1 { one = $1 } $3 == 2 { two = $1 } END { print one, two }' "$tmp/got")" "$((days - 1)) 1"
run report -q --no-geo --month 2026-06 "$tmp/half0.db" "$tmp/short.db"
is "days that a sensor lacks are said" "$(grep -c "^On $((days - 1)) of the $days days that were captured not all of the 2 sensors have packets" "$out")" 1
is "nothing is left behind" "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'clientele-report-*' -newer "$tmp/both.db" 2>/dev/null | wc -l | tr -d ' ')" 0

# Days and stretches of days are counted like the month.
run report -q --no-geo --from 2026-06-01 --to 2026-06-30 --format json "$tmp/one.db"
sed -n '/^  "traffic"/,/^  }/p' "$out" >"$tmp/got"
sed -n '/^  "traffic"/,/^  }/p' "$tmp/month.json" >"$tmp/want"
same "--from and --to: the same servers" "$tmp/got" "$tmp/want"
run report -q --no-geo --day 2026-06-05 --format json "$tmp/one.db"
is "--day: exit status" "$status" 0
is "--day: requests" "$(value traffic.servers.0.requests)" \
	"$(awk -F'\t' '$2 == "ntp"' "$m/20609.list" | wc -l | tr -d ' ')"
is "--day: clients" "$(value clients.unique.0.clients)" \
	"$(awk -F'\t' '$2 == "ntp" { print $8 }' "$m/20609.list" | sort -u | wc -l | tr -d ' ')"
run report -q --no-geo --no-addresses --month 2026-06 --format json "$tmp/one.db"
is "--no-addresses: who asks most" "$(value load.top.0.client | grep -cE '\.0/24$|/48$')" 1
cut -f4 "$m"/*.list | sort -u | awk '{ print "\"" $1 "\"" }' >"$tmp/clients"
is "--no-addresses: no client's address" "$(grep -cFf "$tmp/clients" "$out")" 0
run report -q --no-geo --month 2026-06 --server 192.0.2.1 --format json "$tmp/one.db"
is "--server: requests" "$(value traffic.servers.0.requests)" \
	"$(cat "$m"/206*.list | awk -F'\t' '$1 > 20604 && $2 == "ntp" && $3 == "192.0.2.1"' | wc -l | tr -d ' ')"

# Software, names, codes and EDNS by day: recorded clients on days and sensors, read again by another parser.
mkdir "$tmp/recorded"
reportcheck recorded "$tmp/recorded" "$pcaps" || fail "the recorded days are made"
for sensor in a b; do
	run read -q --sensor $sensor --keep software,names -o "$tmp/kept-$sensor.db" "$tmp/recorded/$sensor".*
	is "recorded days of $sensor are read" "$status" 0
done
report kept --no-geo --month 2026-06 "$tmp/kept-a.db" "$tmp/kept-b.db"
agree "recorded days: names, codes, EDNS, interleaved" recount "$tmp/kept.json" "$tmp"/recorded/*.pcap
agree "recorded days: client software" programs "$tmp/kept.json" "$pcaps"
run report -q --no-geo --month 2026-06 -o "$tmp/kept-a.json" "$tmp/kept-a.db"
agree "recorded days of one sensor: names, codes, EDNS" recount "$tmp/kept-a.json" "$tmp"/recorded/a.*.pcap
for change in 's/"interleaved": [1-9][0-9]*/"interleaved": 0/' 's/"software": "chrony"/"software": "OpenNTPD"/' \
	's/"do_share": 0\.[0-9]*/"do_share": 0.5/' 's/"rcode": "NXDOMAIN"/"rcode": "NOERROR"/' 's/"second_names": 3/"second_names": 4/'; do
	sed "$change" "$tmp/kept.json" >"$tmp/changed.json"
	if ! cmp -s "$tmp/changed.json" "$tmp/kept.json" && {
		! reportcheck recount "$tmp/changed.json" "$tmp"/recorded/*.pcap ||
			! reportcheck programs "$tmp/changed.json" "$pcaps"
	} >"$tmp/wrong" 2>&1 && grep -q ': got ' "$tmp/wrong"; then
		pass "$change would be seen"
	else
		fail "$change would be seen" "$tmp/wrong"
	fi
done
for how in "--keep software" "--keep names"; do
	if tr '\n' ' ' <"$tmp/month.txt" | grep -qF -e "$how"; then pass "not kept: $how is said"; else fail "not kept: $how is said" "$tmp/month.txt"; fi
done

# Where clients are.
reportcheck prefixes "$tmp/prefixes"
reportcheck mmdb "$tmp/asn.mmdb" asn
reportcheck mmdb "$tmp/country.mmdb" country
if have mmdblookup; then
	is "the made database, by libmaxminddb's own tool" \
		"$(mmdblookup --file "$tmp/asn.mmdb" --ip 10.130.0.1 autonomous_system_number | tr -dc 0-9 | cut -c1-5)" 64501
else
	skip "the made database, by libmaxminddb's own tool" "mmdblookup is not installed"
fi
if grep -q '^#define HAVE_MAXMIND' "$top_builddir/config.h"; then
	report places --geo "$tmp/asn.mmdb" --geo "$tmp/country.mmdb" --geo "$tmp/prefixes" --month 2026-06 "$tmp/one.db"
	agree "places, against Python's ipaddress" geo "$m" "$tmp/places.json"
	head -c 700 "$tmp/asn.mmdb" >"$tmp/cut.mmdb"
	tail -c 60 "$tmp/asn.mmdb" >>"$tmp/cut.mmdb"
	run report -q --geo "$tmp/cut.mmdb" --month 2026-06 --format json "$tmp/one.db"
	is "a damaged database of places does not crash" "$([ "$status" -eq 0 ] || [ "$status" -eq 2 ] && echo yes)" yes
else
	skip "places of MaxMind databases" "libmaxminddb is not built in"
	run report -q --geo "$tmp/asn.mmdb" --month 2026-06 "$tmp/one.db"
	is "a MaxMind database without libmaxminddb" "$status" 2
fi
printf '# Vendor: Example\n# License: free\n%s\n%s\n' '167772160,176160767,AA' '176160768,180355071,BB' >"$tmp/ranges"
run report -q --geo "$tmp/ranges" --geo "$tmp/prefixes" --month 2026-06 --format json "$tmp/one.db"
is "ranges of addresses" "$(value geo.countries.0.place)" AA
run report -q --geo "$tmp/ranges" --month 2026-06 "$tmp/one.db"
if grep -q '^Source: ranges (Example, free)' "$out"; then pass "the file's credit"; else fail "the file's credit" "$out"; fi
printf '5,4,AA\n' >"$tmp/wrong-ranges"
run report -q --geo "$tmp/wrong-ranges" --month 2026-06 "$tmp/one.db"
is "ranges that are none: exit status" "$status" 2
if one_line "$err"; then pass "ranges that are none: said"; else fail "ranges that are none: said" "$err"; fi

# Next to nothing. said NAME WORDS: stands in the text, whatever the lines.
said() {
	if tr '\n' ' ' <"$tmp/$1.txt" | grep -qF "$2"; then pass "$1: $2"; else fail "$1: $2" "$tmp/$1.txt"; fi
}
quiet_forms() { # NAME ARG...: as report, without what needs many figures
	name=$1
	shift
	for form in json csv html txt; do
		run report -q --no-geo -o "$tmp/$name.$form" "$@"
		is "$name, $form: exit status" "$status" 0
	done
	python3 -c 'import json, sys, xml.etree.ElementTree as E; json.load(open(sys.argv[1])); E.parse(sys.argv[2])' \
		"$tmp/$name.json" "$tmp/$name.html" 2>"$err"
	is "$name: well-formed" $? 0
	grep -nEi '(^|[^a-z])-?(nan|inf)([^a-z]|$)' "$tmp/$name".* >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$name: every number is one" "$tmp/wrong"; else pass "$name: every number is one"; fi
}
quiet_forms next --month 2026-07 "$tmp/one.db"
said next "Nothing was captured on these days: there is nothing to report."
is "an empty month: no plot" "$(grep -c '<svg' "$tmp/next.html")" 0
for what in empty single asked answered; do
	run read -q -o "$tmp/$what.db" "$m/$what.pcap"
	quiet_forms $what --month 2026-06 "$tmp/$what.db"
done
said empty "Nothing was captured on these days"
said empty "No NTP or DNS messages on these days."
said asked "the capture holds requests and not one response."
said asked "No request was seen answered: there is no response time."
said answered "it saw one direction alone. Clients are those that ask, so there are none to count."
said answered "No request was captured: clients are those that ask."
is "requests only: no answered share" "$(value traffic.servers.0.answered_share "$tmp/asked.json")" null
is "responses only: no clients" "$(value clients.unique.0.clients "$tmp/answered.json")" absent
is "one packet: requests" "$(value traffic.servers.0.requests "$tmp/single.json")" 1
is "one packet: no rate of no time" "$(value traffic.server_rates.0.mean_rate "$tmp/single.json")" null
is "one packet: days" "$(value ledger.captured.days_part "$tmp/single.json")" 1
# A server that does not answer beside one that does.
run read -q -o "$tmp/silent.db" -f "not (src host 192.0.2.2)" "$m/20605.pcap"
quiet_forms silent --month 2026-06 "$tmp/silent.db"
said silent "1 server was asked and never seen to answer."

# What cannot be asked.
refused() { # WORDS ARG...
	words=$1
	shift
	run report "$@"
	is "report $*: exit status" "$status" 2
	if one_line "$err" && grep -qF -e "$words" "$err"; then pass "report $*: $words"; else fail "report $*: $words" "$err"; fi
}
refused "needs one of --month" "$tmp/one.db"
refused "needs a month as YYYY-MM" --month 2026-13 "$tmp/one.db"
refused "needs a month as YYYY-MM" --month 2026-6 "$tmp/one.db"
refused "needs a day as YYYY-MM-DD" --day 2026-06-31 "$tmp/one.db"
refused "needs one of --month" --from 2026-06-01 "$tmp/one.db"
refused "needs one of --month" --month 2026-06 --day 2026-06-01 "$tmp/one.db"
refused "not before" --from 2026-06-02 --to 2026-06-01 "$tmp/one.db"
refused "is no database" --month 2026-06 "$m/single.pcap"
refused "is an input: it is not overwritten" --month 2026-06 -o "$tmp/one.db" "$tmp/one.db"
refused "needs text, html, json or csv" --month 2026-06 --format pdf "$tmp/one.db"
refused "No such file" --month 2026-06 -o "$tmp/no/where.html" "$tmp/one.db"

# A day whose content is known exactly.
bench=$shared/bench
if [ -f "$bench/genload.c" ] && ${CC:-cc} -O2 -o "$tmp/genload" "$bench/genload.c" -lm 2>"$err"; then
	"$tmp/genload" --preset=mix --packets=20000 --clients=2000 --seed=5 --start=1780272000 --rate=0.2 \
		--out="$tmp/load.pcap" --truth="$tmp/truth.json" 2>"$err"
	run read -q -o "$tmp/load.db" "$tmp/load.pcap"
	report load --no-geo --month 2026-06 "$tmp/load.db"
	agree "a day of genload, against its truth" generated "$tmp/truth.json" "$tmp/load.json"
else
	skip "a day of genload, against its truth" "no ../shared/bench beside this tree"
fi

# In a browser.
have chromium || { skip "the page in a browser" "chromium is not installed"; tap_done; }
browse() { # ARG...
	HOME=$tmp timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync --user-data-dir="$tmp/chromium" \
		--enable-logging=stderr "$@" 2>"$tmp/log" >"$out"
}
if browse --dump-dom "file://$tmp/month.html" && grep -q '</html>' "$out"; then
	is "the page in a browser: all plots" "$(grep -c '<svg' "$out")" "$(grep -c '<svg' "$tmp/month.html")"
	grep CONSOLE "$tmp/log" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "the page in a browser: the console is clean" "$tmp/wrong"; else pass "the page in a browser: the console is clean"; fi
	# a page that breaks its policy does show there
	sed 's|</body>|<img src="http://127.0.0.1:9/x"/></body>|' "$tmp/month.html" >"$tmp/bad.html"
	browse --dump-dom "file://$tmp/bad.html"
	if grep CONSOLE "$tmp/log" | grep -q 'Content Security Policy'; then
		pass "the page may load nothing: the browser sees to it"
	else
		fail "the page may load nothing: the browser sees to it" "$tmp/log"
	fi
else
	skip "the page in a browser" "chromium does not run here: $(head -n 1 "$tmp/log")"
fi
tap_done
