#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# serve: metrics against sums that sqlite3 makes of the store, /api/ against the views' own bytes, the page's numbers
# against the JSON of views, and what a server of HTTP has to refuse and to survive.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

server=
tap_cleanup() { [ -z "$server" ] || kill "$server" 2>/dev/null; }

db=$tmp/one.db
"$clientele" read -q -o "$db" "$pcaps/windows-sort-1-us.pcap" "$pcaps/windows-sort-2-ns.pcap" || fail "a database"
"$clientele" read -q -o "$tmp/icmp.db" "$pcaps/icmp-types.pcap" || fail "a database of ICMP errors"

# print PATH [DB]: what is there, without a server.
print() { run serve --print "$1" "${2:-$db}"; }
sql() { sqlite3 "${2:-$db}" "$1"; }

# metric NAME LABELS [FILE]: the value of one sample.
metric() {
	want=$1$2 awk '!/^#/ { name = $0; sub(/ [^ ]*$/, "", name); if (name == ENVIRON["want"]) print $NF }' "${3:-$tmp/metrics}"
}

# counters are of the last month, which began at midnight in the capture
july="day >= strftime('%s', '2026-07-01') / 86400"

# steps FILE TABLE: a table of the page as lines "time value value ..."
steps() {
	sed -n "/id=\"$2-steps\"/,/<\\/table>/p" "$1" | sed -n 's/^<tr><td><time datetime="\([^"]*\)".*/&/p' |
		sed 's/<tr><td><time datetime="\([^"]*\)"[^>]*>[^<]*<\/time><\/td>/\1/; s/<td>not known<\/td>/ null/g; s/<td><data value="\([^"]*\)">[^<]*<\/data><\/td>/ \1/g; s/<\/tr>//'
}

# ---- metrics, without a server
print /metrics
is "--print /metrics" "$status $(wc -c <"$err" | tr -d ' ')" "0 0"
cp "$out" "$tmp/metrics"
awk '
	/^# HELP / { help[$3] = 1; if (NF < 5) print "no words: " $0; if ($0 !~ /\.$/) print "no full stop: " $0; next }
	/^# TYPE / {
		if ($3 in type) print "twice: " $3
		if (!($3 in help)) print "no HELP: " $3
		type[$3] = $4
		if ($4 == "counter" && $3 !~ /_total$/) print "a counter without _total: " $3
		if ($4 != "counter" && $3 ~ /_total$/) print "_total of what is no counter: " $3
		next
	}
	/^#/ { print "a comment: " $0; next }
	{
		name = $0; sub(/[{ ].*/, "", name)
		if (name !~ /^clientele_[a-z0-9_]+$/) print "a name: " name
		if (name ~ /_(ms|us|ns|milliseconds|minutes|kilobytes)(_|$)/) print "no base unit: " name
		base = name; if (!(base in type)) sub(/_(bucket|sum|count)$/, "", base)
		if (!(base in type)) print "no TYPE: " name
		labels = $0; sub(/^[^{ ]*/, "", labels); sub(/ [^ ]*$/, "", labels)
		if (labels ~ /client=|address=|qname=|name=/) print "a label of many values: " $0
		if (($0 in seen) || ((name labels) in sample)) print "twice: " $0
		sample[name labels] = 1
		if ($NF !~ /^[0-9]+(\.[0-9]+)?$/) print "a value: " $0
		n++
	}
	END { if (n < 100) print n " samples" }' "$tmp/metrics" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "names, types, units and words of metrics" "$tmp/wrong"; else pass "names, types, units and words of metrics"; fi
if have promtool; then
	if promtool check metrics <"$tmp/metrics" >"$tmp/wrong" 2>&1; then pass "promtool check metrics"; else fail "promtool check metrics" "$tmp/wrong"; fi
	print /metrics "$tmp/icmp.db"
	if promtool check metrics <"$out" >"$tmp/wrong" 2>&1; then pass "promtool check metrics, ICMP"; else fail "promtool check metrics, ICMP" "$tmp/wrong"; fi
else
	skip "promtool check metrics" "no promtool"
fi

if have sqlite3; then
	# each server's sums over all days
	sql "SELECT 'clientele_' || proto || '_' || CASE proto WHEN 'ntp' THEN 'requests_total{server=\"' || address ||
		'\",family=\"' || CASE length(addr) WHEN 4 THEN 'ipv4' ELSE 'ipv6' END || '\"} ' || sum(requests) ELSE
		'queries_total{server=\"' || address || '\",family=\"' || CASE length(addr) WHEN 4 THEN 'ipv4' ELSE 'ipv6' END ||
		'\",proto=\"udp\"} ' || (sum(requests) - sum(tcp_requests)) END FROM day JOIN service USING(service_id)
		WHERE kind = 'server' AND $july GROUP BY proto, address ORDER BY 1" >"$tmp/want"
	grep -E '^clientele_(ntp_requests_total|dns_queries_total.*udp)' "$tmp/metrics" | LC_ALL=C sort >"$tmp/got"
	LC_ALL=C sort "$tmp/want" >"$tmp/want.sorted"
	is "requests of each server: as many as servers" "$(wc -l <"$tmp/want" | tr -d ' ')" "$(sql "SELECT count(*) FROM service WHERE kind = 'server'")"
	same "requests of each server" "$tmp/got" "$tmp/want.sorted"
	for result in matched:matched duplicate:duplicates late:late "unmatched:bogus + backwards"; do
		is "responses ${result%%:*}" \
			"$(grep "^clientele_ntp_responses_total.*result=\"${result%%:*}\"" "$tmp/metrics" | awk '{ s += $NF } END { print s }')" \
			"$(sql "SELECT sum(${result#*:}) FROM day JOIN service USING(service_id) WHERE proto = 'ntp' AND kind = 'server' AND $july")"
	done
	is "the results of responses are all of them" \
		"$(grep '^clientele_ntp_responses_total' "$tmp/metrics" | awk '{ s += $NF } END { print s }')" \
		"$(sql "SELECT sum(responses) FROM day JOIN service USING(service_id) WHERE proto = 'ntp' AND kind = 'server' AND $july")"
	is "packets by fate" "$(grep '^clientele_packets_total' "$tmp/metrics" | awk '{ s += $NF } END { print s }')" \
		"$(sql 'SELECT sum(packets) FROM source')"
	is "types of queries" "$(metric clientele_dns_query_types_total '{type="AAAA"}')" \
		"$(sql "SELECT coalesce(sum(n), 0) FROM day_code JOIN service USING(service_id) WHERE service.kind = 'all' AND $july AND day_code.kind = 'qtype' AND code = 28")"
	is "all types of queries" "$(grep '^clientele_dns_query_types_total' "$tmp/metrics" | awk '{ s += $NF } END { print s }')" \
		"$(sql "SELECT sum(n) FROM day_code JOIN service USING(service_id) WHERE service.kind = 'all' AND $july AND day_code.kind = 'qtype'")"

	# histogram: running totals; each bucket is under the first bound that it lies below whole
	sql "WITH RECURSIVE exponent(e) AS (SELECT 3 UNION ALL SELECT e + 1 FROM exponent WHERE e < 10),
		bound(b) AS (SELECT CAST(d * pow(10, e) AS INTEGER) FROM exponent, (SELECT 1 AS d UNION SELECT 2 UNION SELECT 5))
		SELECT b || ' ' || coalesce((SELECT sum(n) FROM day_delta_bucket AS d JOIN service USING(service_id) WHERE
		service.kind = 'all' AND proto = 'ntp' AND $july AND d.kind = 0 AND lt_ns - 1 <= b), 0) FROM bound WHERE b <= 10000000000
		ORDER BY b" >"$tmp/want" 2>"$tmp/no" || true
	sed -n 's/^clientele_ntp_delta_seconds_bucket{le="\([0-9.]*\)"} /\1 /p' "$tmp/metrics" | awk '{ printf "%.0f %d\n", $1 * 1e9, $2 }' >"$tmp/got"
	if [ -s "$tmp/no" ]; then skip "histogram" "sqlite3 without pow()"; else same "histogram" "$tmp/got" "$tmp/want"; fi
	is "histogram: count" "$(metric clientele_ntp_delta_seconds_count '')" \
		"$(sql "SELECT sum(n) FROM day_delta AS d JOIN service USING(service_id) WHERE service.kind = 'all' AND proto = 'ntp' AND $july AND d.kind = 0")"
	is "histogram: +Inf is the count" "$(metric clientele_ntp_delta_seconds_bucket '{le="+Inf"}')" "$(metric clientele_ntp_delta_seconds_count '')"
	is "histogram: sum" "$(metric clientele_ntp_delta_seconds_sum '' | awk '{ printf "%.9f", $1 }')" \
		"$(sql "SELECT printf('%.9f', sum(sum_ns) / 1e9) FROM day_delta AS d JOIN service USING(service_id) WHERE service.kind = 'all' AND proto = 'ntp' AND $july AND d.kind = 0")"

	# clients: of the last step that is over
	t=$(sql "SELECT max(t) FROM step JOIN source USING(source_id) WHERE t * 1000000000 <= last_ns")
	is "the last step" "$(metric clientele_step_end_timestamp_seconds '')" "$t"
	for window in 300:5m 1200:20m; do
		is "clients in ${window#*:}" "$(metric clientele_clients "{protocol=\"ntp\",window=\"${window#*:}\"}")" \
			"$(sql "SELECT clients FROM step_clients JOIN service USING(service_id) WHERE t = $t AND proto = 'ntp' AND kind = 'all' AND window_s = ${window%:*}")"
	done
	is "clients of the day" "$(metric clientele_day_clients '{protocol="ntp",family="ipv6"}')" \
		"$(sql "SELECT ipv6 FROM client_count JOIN service USING(service_id) WHERE period = 'day' AND proto = 'ntp' AND kind = 'all' ORDER BY day DESC LIMIT 1")"
	print /metrics "$tmp/icmp.db"
	is "ICMP errors" "$(grep '^clientele_icmp_errors_total' "$out" | awk '{ s += $NF } END { print s }')" \
		"$(sql 'SELECT sum(errors) FROM icmp_day' "$tmp/icmp.db")"
	is "ICMP errors: there are some" "$(grep -c '^clientele_icmp_errors_total.* [1-9]' "$out" | awk '{ print ($1 > 0) }')" 1
	# what interfaces lost: a ledger as a capture writes it
	cp "$db" "$tmp/lost.db"
	sqlite3 "$tmp/lost.db" "INSERT INTO capture_interval(source_id, t, interface, run_ns, received, dropped_kernel, dropped_interface, away_ns, clock)
		SELECT 1, $t - 10, 'eth<0>\"', 1, 1000, 7, 3, 0, 'adapter' UNION ALL SELECT 1, $t - 700, 'eth1', 1, 500, 0, 20, 0, 'adapter'"
	print /metrics "$tmp/lost.db"
	is "lost at an interface" "$(metric clientele_interface_dropped_packets_total '{sensor="default",interface="eth<0>\"",by="kernel"}' "$out") \
$(metric clientele_interface_dropped_packets_total '{sensor="default",interface="eth1",by="interface"}' "$out")" "7 20"
	is "received at interfaces" "$(grep '^clientele_interface_packets_total' "$out" | awk '{ s += $NF } END { print s }')" 1500
	print / "$tmp/lost.db"
	is "lost, on the page" "$(steps "$out" lost | awk '$2 > 0 { print $2 }' | tr '\n' ' ')" "10 20 "
	run top --once "$tmp/lost.db"
	is "lost, on the live screen" "$(grep -o 'Last hour: .*' "$out")" "Last hour: 1500 packets, 30 lost."
	some=$(sql "SELECT address FROM service WHERE kind = 'server' AND proto = 'ntp' ORDER BY service_id DESC LIMIT 1")
	run serve --print /metrics --server "$some" "$db"
	is "--server: the others are together" "$(metric clientele_ntp_requests_total '{server="other",family="other"}' "$out")" \
		"$(sql "SELECT sum(requests) FROM day JOIN service USING(service_id) WHERE kind = 'server' AND proto = 'ntp' AND $july AND address != '$some'")"
else
	skip "sums" "no sqlite3"
fi

# ---- views, the page
for view in $every_view; do
	run "$view" --format json -q "$db"
	cp "$out" "$tmp/view"
	print "/api/$view"
	same "/api/$view: the view's bytes" "$out" "$tmp/view"
done
"$clientele" clients --format json -q --from 2026-07-01 --server 192.0.2.1 --top 3 "$db" >"$tmp/view" 2>/dev/null
print "/api/clients?from=2026-07-01&server=192.0.2.1&top=3"
same "/api/clients with parameters" "$out" "$tmp/view"
is "and they change it" "$(value servers.1.server)" absent
for path in /api/nothing /nothing /api/delta?nothing=1 '/api/delta?top=3' '/api/delta?from=x' '/metrics?x=1' '/?day=1' '/?server=x' '/?x=y'; do
	print "$path"
	is "$path is refused" "$status $(one_line "$err" && echo line)" "2 line"
done
print /
cp "$out" "$tmp/page"
is "the page asks nothing from elsewhere, and has no script" \
	"$(grep -ciE '<script|javascript:|onclick|(src|href)="(https?:)?//|@import|url\(' "$tmp/page")" 0
is "one style sheet, which is ours" "$(grep -c '<link rel="stylesheet" href="/page.css">' "$tmp/page")" 1

if have jq; then
	"$clientele" clients --format json -q "$db" >"$tmp/clients.json" 2>/dev/null
	"$clientele" delta --format json -q "$db" >"$tmp/delta.json" 2>/dev/null
	jq -r '(.all[] | select(.proto == "ntp") | .series) as $n | (.all[] | select(.proto == "dns") | .series) as $d |
		range($n | length) | [$n[.].t, $n[.].unique["300"], $n[.].unique["1200"], $d[.].unique["300"], $d[.].unique["1200"]] |
		join(" ")' "$tmp/clients.json" | sort >"$tmp/want"
	steps "$tmp/page" clients | sort >"$tmp/got"
	is "unique clients: there are some" "$([ "$(wc -l <"$tmp/got")" -gt 10 ] && echo yes)" yes
	same "unique clients of the page: those of the view" "$tmp/got" "$tmp/want"
	jq -r '(.all[] | select(.proto == "ntp") | .series) as $n | (.all[] | select(.proto == "dns") | .series) as $d |
		range($n | length) | [$n[.].t, $n[.].requests, $d[.].requests] | join(" ")' "$tmp/clients.json" | sort >"$tmp/want"
	steps "$tmp/page" requests | awk '{ print $1, $2, $4 }' | sort >"$tmp/got"
	same "requests of the page: those of the view" "$tmp/got" "$tmp/want"
	one=$(jq -r '.servers[] | select(.proto == "ntp") | .server' "$tmp/delta.json" | head -n 1)
	print "/?server=$one"
	jq -r --arg s "$one" '.servers[] | select(.server == $s and .proto == "ntp") | .series[] |
		[.t, (.delta_s | if .n > 0 then .p50, .p90, .p99 else "null", "null", "null" end)] | join(" ")' "$tmp/delta.json" |
		awk '{ for (i = 2; i <= NF; i++) if ($i != "null") $i = sprintf("%.9f", $i); print }' | sort >"$tmp/want"
	steps "$out" ntp-delta | awk '{ for (i = 2; i <= NF; i++) if ($i != "null") $i = sprintf("%.9f", $i); print }' | sort >"$tmp/got"
	same "quantiles of the page of a server: those of the view" "$tmp/got" "$tmp/want"
else
	skip "numbers of the page" "no jq"
fi
printf '192.0.2.1 <script>alert(1)</script>&"x\n' >"$tmp/names"
run serve --names "$tmp/names" --print / "$db"
is "a name is escaped" "$(grep -c '<script>' "$out") $(grep -c '&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;x' "$out" | awk '{ print ($1 > 0) }')" "0 1"

# ---- mistakes
mistake() {
	run serve "$@"
	if [ "$status" -eq 2 ] && one_line "$err" && [ ! -s "$out" ]; then pass "mistake: $*"; else fail "mistake: $*" "$err"; fi
}
mistake "$tmp/missing.db"
mistake "$pcaps/ntp-kod.pcap"
mistake "$db" "$db"
for listen in x 127.0.0.1 127.0.0.1:x 127.0.0.1:70000 ::1:80 '[127.0.0.1]:80' localhost:80 ''; do mistake --listen "$listen" "$db"; done
mistake --host 'a b' "$db"
mistake --print metrics "$db"

# ---- HTTP
if ! have curl; then
	skip "HTTP" "no curl"
	tap_done
fi
start() {
	"$clientele" serve "$@" >"$tmp/serve.out" 2>"$tmp/serve.err" </dev/null &
	server=$!
	tries=0
	until url=$(sed -n 's/^clientele: \(http:[^ ]*\)\/: serves .*/\1/p' "$tmp/serve.err") && [ -n "$url" ]; do
		tries=$((tries + 1))
		kill -0 "$server" 2>/dev/null && [ "$tries" -lt 200 ] || return 1
		sleep 0.1
	done
}
if ! start --listen 127.0.0.1:0 "$db"; then
	if grep -q 'without libmicrohttpd' "$tmp/serve.err"; then
		skip "HTTP" "built without libmicrohttpd"
	else
		fail "serve begins" "$tmp/serve.err"
	fi
	server=
	tap_done
fi
pass "serve begins"
# get PATH [CURL-OPTION...]: the body in $out, the headers in $tmp/head, prints the status
get() {
	path=$1
	shift
	curl -s -m 60 -o "$out" -D "$tmp/head" -w '%{http_code}' "$@" "$url$path"
}
is "/healthz" "$(get /healthz) $(cat "$out")" "200 ok"
is "/metrics" "$(get /metrics) $(grep -ci '^content-type: text/plain; version=0.0.4' "$tmp/head")" "200 1"
same "/metrics: as --print has it" "$out" "$tmp/metrics"
is "/metrics, OpenMetrics" "$(get /metrics -H 'Accept: application/openmetrics-text; version=1.0.0,text/plain;q=0.5') \
$(grep -ci '^content-type: application/openmetrics-text; version=1.0.0' "$tmp/head") $(tail -n 1 "$out")" "200 1 # EOF"
is "OpenMetrics: the same samples" "$(grep -v '^#' "$out" | sed 's/^clientele_build_info/x/' | wc -l)" "$(grep -v '^#' "$tmp/metrics" | wc -l)"
is "OpenMetrics: counters are named without _total" "$(grep -c '^# TYPE [a-z_]*_total counter' "$out")" 0
for view in summary clients delta; do
	"$clientele" "$view" --format json -q "$db" >"$tmp/view"
	is "/api/$view" "$(get "/api/$view")" 200
	same "/api/$view: the view's bytes, over HTTP" "$out" "$tmp/view"
done
is "/api/ lists all views" "$(get /api/) $(grep -c '"path": "/api/' "$out")" "200 $(echo $every_view | wc -w | tr -d ' ')"
is "/" "$(get /) $(grep -ci "^content-security-policy: default-src 'none'" "$tmp/head")" "200 1"
same "/: as --print has it" "$out" "$tmp/page"
is "/page.css" "$(get /page.css) $(grep -ci '^content-type: text/css' "$tmp/head")" "200 1"
is "/icon.svg" "$(get /icon.svg)" 200
is "HEAD" "$(get /metrics -I)" 200
for path in /nothing /api/nothing /api/../page.css /..%2f..%2fetc/passwd "/api/delta%00x"; do
	code=$(get "$path" --path-as-is)
	is "$path: not found" "$([ "$code" = 404 ] || [ "$code" = 400 ] && echo no)" no
done
for path in '/api/clients?from=yesterday' '/api/clients?--names=/etc/passwd' '/api/clients?names=/etc/passwd' '/?server=x' \
	'/api/clients?top=0' '/api/clients?server=-x' "/api/clients?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9"; do
	is "$path: a bad request" "$(get "$path") $(value error | grep -c .)" "400 1"
done
for method in POST PUT DELETE OPTIONS; do
	is "$method" "$(get / -X $method) $(grep -ci '^allow: GET, HEAD' "$tmp/head")" "405 1"
done
is "POST with a body" "$(get / -d x=1)" 405
is "a name of somebody else's" "$(get /api/clients -H 'Host: example.org')" 403
is "localhost is ours" "$(get /healthz -H 'Host: localhost:1')" 200
head -c 40000 /dev/zero | tr '\0' a >"$tmp/long"
code=$(get /metrics -H "X: $(cat "$tmp/long")")
is "a header of 40 kB" "$([ "$code" = 431 ] || [ "$code" = 413 ] || [ "$code" = 000 ] && echo refused)" refused
is "and goes on" "$(get /healthz)" 200

# a hundred at once: all are answered, with the same bytes
i=0
while [ $i -lt 100 ]; do
	curl -s -m 100 -o "$tmp/p$i" "$url/api/summary" &
	pids="${pids:-} $!"
	i=$((i + 1))
done
for pid in $pids; do wait "$pid"; done
"$clientele" summary --format json -q "$db" >"$tmp/view"
i=0
equal=0
while [ $i -lt 100 ]; do
	cmp -s "$tmp/p$i" "$tmp/view" && equal=$((equal + 1))
	i=$((i + 1))
done
is "a hundred requests at once" "$equal" 100

# a database that is replaced is followed; one that is gone is said to be
"$clientele" read -q -o "$tmp/two.db" "$pcaps/ntp-chrony.pcap"
mv "$db" "$tmp/away.db"
is "gone" "$(get /metrics) $(value error | grep -c 'No such file')" "503 1"
is "gone: not healthy" "$(get /healthz)" 503
mv "$tmp/two.db" "$db"
"$clientele" summary --format json -q "$db" >"$tmp/view"
is "replaced" "$(get /api/summary)" 200
same "replaced: the new one's bytes" "$out" "$tmp/view"
cp "$pcaps/ntp-kod.pcap" "$db"
is "a capture in its place is not read" "$(get /api/summary)" 503
mv "$tmp/away.db" "$db"

# a database that a capture is writing: every question is answered, and counters only rise
if run capture --help && grep -q -- --replay "$out"; then
	"$clientele" capture --replay "$pcaps/windows-sort-1-us.pcap" --replay-rate 400 --commit 1 -o "$tmp/written.db" >"$tmp/capture.out" 2>&1 </dev/null &
	writer=$!
	mv "$db" "$tmp/away.db"
	tries=0
	until [ -s "$tmp/written.db" ] || [ $tries -gt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
	: >"$tmp/seen"
	while kill -0 "$writer" 2>/dev/null && [ "$(wc -l <"$tmp/seen")" -lt 60 ]; do
		"$clientele" serve --print /metrics "$tmp/written.db" >"$tmp/live" 2>"$tmp/live.err" ||
			grep -q 'empty database' "$tmp/live.err" || { echo failed; cat "$tmp/live.err"; } >>"$tmp/seen"
		awk '/^clientele_ntp_requests_total/ { s += $NF } END { print s + 0 }' "$tmp/live" >>"$tmp/seen"
		sleep 0.1
	done
	wait "$writer"
	"$clientele" serve --print /metrics "$tmp/written.db" | awk '/^clientele_ntp_requests_total/ { s += $NF } END { print s + 0 }' >>"$tmp/seen"
	awk '$1 == "failed" || $1 + 0 < last + 0 { print "after " last ": " $0 } { last = $1 }' "$tmp/seen" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "while a capture writes it" "$tmp/wrong"; else pass "while a capture writes it"; fi
	is "while a capture writes it: the end" "$(tail -n 1 "$tmp/seen")" "$(awk '$1 == "ntp.requests" { print $2 }' "$pcaps/windows-sort-1-us.expect")"
	mv "$tmp/away.db" "$db"
else
	skip "while a capture writes it" "no capture --replay"
fi

# those that let us wait are closed (15 s); nobody else waits for them
if have python3; then
	cat >"$tmp/slow.py" <<'PY'
import socket, sys, time
port = int(sys.argv[1])
slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
for s in slow:
    s.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
begun = time.monotonic()
closed = set()
while len(closed) < len(slow) and time.monotonic() - begun < 45:
    for s in slow:
        if s in closed:
            continue
        try:
            s.sendall(b"a")
            s.settimeout(0.001)
            if s.recv(4096) == b"":
                closed.add(s)
        except (TimeoutError, socket.timeout):
            pass
        except OSError:
            closed.add(s)
    time.sleep(0.5)
print(len(closed))
PY
	python3 "$tmp/slow.py" "${url##*:}" >"$tmp/slow" &
	slow=$!
	sleep 1
	is "others are served meanwhile" "$(get /healthz)" 200
	wait "$slow"
	is "sixty that send an octet now and then are closed" "$(cat "$tmp/slow")" 60
else
	skip "slow requests" "no python3"
fi

if have ss; then
	is "it listens at 127.0.0.1 alone" "$(ss -Hltn "sport = :${url##*:}" | awk '{ print $4 }')" "127.0.0.1:${url##*:}"
fi
is "it says nothing but where it listens" "$(wc -l <"$tmp/serve.err" | tr -d ' ') $(wc -c <"$tmp/serve.out" | tr -d ' ')" "1 0"
if ! timeout 20 "$clientele" serve --listen "127.0.0.1:${url##*:}" "$db" >"$out" 2>"$err" && one_line "$err"; then
	pass "a port that is taken"
else
	fail "a port that is taken" "$err"
fi
kill -TERM "$server"
wait "$server"
is "SIGTERM: exit status" $? 0
server=
if [ "$(wc -l <"$tmp/serve.err")" -eq 1 ]; then pass "and silent"; else fail "and silent" "$tmp/serve.err"; fi
if start --listen 0.0.0.0:0 --host stats.example.net "$db"; then
	is "others can reach it: a warning" "$(grep -c '^clientele: --listen: .*no password' "$tmp/serve.err")" 1
	url=$(echo "$url" | sed 's/0\.0\.0\.0/127.0.0.1/')
	is "--host: its name" "$(get /healthz -H 'Host: stats.example.net')" 200
	kill -INT "$server"
	kill -TERM "$server"
	wait "$server"
	is "SIGINT: exit status" $? 0
	server=
else
	fail "0.0.0.0" "$tmp/serve.err"
fi
tap_done
