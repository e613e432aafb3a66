#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Unique clients of every window, step, day, month and network against a count the slow way:
# `sort -u` of the same slices of testdata/pcaps/windows-sort.txt, a list of the requests that was
# not made from the captures.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

one=$pcaps/windows-sort-1-us.pcap
two=$pcaps/windows-sort-2-ns.pcap

# The requests as `ns proto server client`, and again under the server `all`. The first file holds
# microseconds; its packets carry no more, so neither does the list.
awk '{ print; $3 = "all"; print }' "$pcaps/windows-sort.txt" >"$tmp/requests"
is "requests in the list" "$(wc -l <"$pcaps/windows-sort.txt")" 1600

# Times of 19 digits do not fit awk's doubles: whole seconds and the rest apart. A request at s.n is
# in the slice that ends at t if it is at or before t and after t - W.
# slow STEP WINDOWS FIRST LAST (in seconds, the first one rounded down) LIST: lines `t,server,proto,requests,unique...,warm`.
slow() {
	awk -v step="$1" -v windows="$2" -v first="$3" -v last="$4" '
		function ceil_s(ns) { return substr(ns, 1, length(ns) - 9) + (substr(ns, length(ns) - 8) + 0 > 0) }
		{ n++; at[n] = ceil_s($1); key[n] = $3 "," $2; client[n] = $4; keys[key[n]] = 1 }
		END {
			k = split(windows, w, ",")
			for (t = first - first % step + step; t <= last; t += step) {
				split("", requests); split("", seen); split("", unique)
				# "after t - W" of whole seconds t, W is "ceil(at) > t - W"; "up to t" is "ceil(at) <= t"
				for (i = 1; i <= n; i++) {
					if (at[i] > t) continue
					if (at[i] > t - step) requests[key[i]]++
					for (j = 1; j <= k; j++)
						if (at[i] > t - w[j] && !((j, key[i], client[i]) in seen)) {
							seen[j, key[i], client[i]] = 1
							unique[j, key[i]]++
						}
				}
				for (c in keys) {
					line = t "," c "," requests[c] + 0
					warm = ""
					for (j = 1; j <= k; j++) {
						line = line "," unique[j, c] + 0
						if (t - w[j] <= first) warm = warm " " w[j]
					}
					print line "," warm
				}
			}
		}' "$5" | sort
}

# Awk: seconds since 1970 of an RFC 3339 time in whole seconds; and an address as hex digits.
cat >"$tmp/words.awk" <<'AWK'
function seconds(t,    y, m, era, yoe, doy) {
	if (t !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z$/) return "bad time " t
	y = substr(t, 1, 4) + 0; m = substr(t, 6, 2) + 0
	if (m <= 2) y--
	era = int(y / 400); yoe = y - era * 400
	doy = int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + substr(t, 9, 2) - 1
	return (era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468) * 86400 \
		+ substr(t, 12, 2) * 3600 + substr(t, 15, 2) * 60 + substr(t, 18, 2)
}
function hex(address,    n, g, h, i, left, right, out) {
	if (address !~ /:/) {
		split(address, g, ".")
		return sprintf("%02x%02x%02x%02x", g[1], g[2], g[3], g[4])
	}
	n = split(address, h, "::")
	left = split(h[1], g, ":")
	for (i = 1; i <= left; i++) out = out substr("0000" g[i], length(g[i]) + 1)
	right = n == 2 ? split(h[2], g, ":") : 0
	for (i = left + right; n == 2 && i < 8; i++) out = out "0000"
	for (i = 1; i <= right; i++) out = out substr("0000" g[i], length(g[i]) + 1)
	return out
}
AWK

# by_json FILE: the same lines from the view's JSON.
by_json() {
	"$jsonget" "$1" | awk -F'\t' -f "$tmp/words.awk" -f /dev/fd/3 3<<'AWK' | sort
		function flush() {
			if (t != "") print seconds(t) "," server "," proto "," requests unique "," warm
			t = ""; unique = ""; warm = ""
		}
		$1 !~ /^(servers|all)\./ { next }
		{
			k = split($1, p, ".")
			if (p[3] != "series") flush()
			if (p[1] == "all") server = "all"
		}
		k == 3 && p[3] == "server" { server = $2 }
		k == 3 && p[3] == "proto" { proto = $2 }
		p[3] != "series" { next }
		p[5] == "t" { flush(); t = $2 }
		p[5] == "requests" { requests = $2 }
		p[5] == "unique" && p[6] != "#" { unique = unique "," $2 }
		p[5] == "warmup" && p[6] ~ /^[0-9]+$/ { warm = warm " " $2 }
		END { flush() }
AWK
}

# by_csv FILE: the same lines from the table of the series in CSV, without what warms up.
by_csv() {
	awk -F, -f "$tmp/words.awk" -f /dev/fd/3 "$1" 3<<'AWK' | sort
		/^t,server,proto,requests,/ { on = 1; n = NF; next }
		$0 == "" { on = 0 }
		on {
			line = seconds($1)
			for (i = 2; i < n - 1; i++) line = line "," $i # but for those that are new
			print line
		}
AWK
}

# totals LIST: lines `server,proto,requests,total,ipv4,ipv6,v4_24,v6_64,v6_48`, the slow way.
totals() {
	awk -f "$tmp/words.awk" -f /dev/fd/3 "$1" 3<<'AWK' | sort
		function once(what, key) {
			if ((what, key) in seen) return
			seen[what, key] = 1
			n[what, key0]++
		}
		{
			key0 = $3 "," $2; keys[key0] = 1; h = hex($4)
			requests[key0]++
			once("total", key0 h)
			if (length(h) == 8) { once("ipv4", key0 h); once("v4_24", key0 substr(h, 1, 6)) }
			else { once("ipv6", key0 h); once("v6_64", key0 substr(h, 1, 16)); once("v6_48", key0 substr(h, 1, 12)) }
		}
		END {
			for (key in keys)
				print key "," requests[key] "," n["total", key] + 0 "," n["ipv4", key] + 0 "," n["ipv6", key] + 0 \
					"," n["v4_24", key] + 0 "," n["v6_64", key] + 0 "," n["v6_48", key] + 0
		}
AWK
}

by_csv_totals() { awk -F, '/^server,proto,requests,total,/ { on = 1; next } $0 == "" { on = 0 } on' "$1" | sort; }

by_json_totals() {
	"$jsonget" "$1" | awk -F'\t' '
		function flush() {
			if (proto != "") print server "," proto "," v["requests"] "," v["total"] "," v["ipv4"] "," v["ipv6"] \
				"," v["v4_24"] "," v["v6_64"] "," v["v6_48"]
			proto = ""
		}
		$1 !~ /^(servers|all)\.[0-9]+\./ { next }
		{
			k = split($1, p, ".")
			if (p[1] "." p[2] != now) { flush(); now = p[1] "." p[2]; server = "all" }
		}
		p[3] == "server" { server = $2 }
		p[3] == "proto" { proto = $2 }
		p[3] == "requests" || p[3] == "clients" { v[p[k]] = $2 }
		END { flush() }' | sort
}

# top LIST N: `client requests first last median-gap`, by requests and then address. Gaps in seconds
# from two halves of the nanoseconds; an even number of gaps has its lower median.
top() {
	grep -v ' all ' "$1" | awk -f "$tmp/words.awk" -f /dev/fd/3 3<<'AWK' | sort -k1,1nr -k2,2 | head -n "$2" | cut -d' ' -f1,3-
		{
			c = $4; s = substr($1, 1, length($1) - 9); ns = substr($1, length($1) - 8)
			if (!(c in n)) first[c] = $1
			else gap[c, n[c]] = (s - last_s[c]) + (ns - last_ns[c]) / 1e9
			n[c]++
			last[c] = $1; last_s[c] = s; last_ns[c] = ns
		}
		END {
			for (c in n) {
				m = n[c] - 1
				for (i = 2; i <= m; i++) # insertion sort
					for (j = i; j > 1 && gap[c, j - 1] > gap[c, j]; j--) {
						x = gap[c, j]; gap[c, j] = gap[c, j - 1]; gap[c, j - 1] = x
					}
				low = m > 0 ? gap[c, int((m + 1) / 2)] : "null"
				high = m > 0 ? gap[c, int(m / 2) + 1] : "null"
				h = hex(c)
				print n[c], (length(h) == 8 ? 4 : 6) h, c, first[c], last[c], low, high
			}
		}
AWK
}

by_json_top() {
	"$jsonget" "$1" | awk -F'\t' -f "$tmp/words.awk" -f /dev/fd/3 3<<'AWK'
		function ns(t,    d) {
			d = t
			sub(/^[^.]*\.?/, "", d); sub(/Z$/, "", d)
			sub(/\..*/, "Z", t)
			return seconds(t) substr(d "000000000", 1, 9)
		}
		$1 !~ /^top\.[0-9]+\./ { next }
		{ split($1, p, "."); v[p[3]] = $2 }
		p[3] == "software" { print v["requests"], v["client"], ns(v["first"]), ns(v["last"]), v["interval_s"] }
AWK
}

# compare_top NAME GOT WANT: the median gap within 1 %.
compare_top() {
	if [ "$status" -ne 0 ] || [ -s "$err" ]; then
		fail "$1" "$err"
		return
	fi
	paste -d' ' "$2" "$3" | awk '
		{ ok = $1 == $6 && $2 == $7 && $3 == $8 && $4 == $9 }
		ok && $5 != "null" { ok = $5 >= 0.99 * $10 && $5 <= 1.01 * $11 }
		ok && $5 == "null" && !nulls { ok = $10 == "null" }
		!ok { print }' nulls="${4:-0}" >"$tmp/wrong"
	if [ -s "$2" ] && [ ! -s "$tmp/wrong" ]; then pass "$1"; else fail "$1" "$tmp/wrong"; fi
}

first=$(head -n 1 "$tmp/requests" | cut -c1-10)
# `first < t <= last packet`: the last packet of the captures is an answer at the time of a request,
# or the last request.
last=$(tail -n 1 "$tmp/requests" | cut -c1-10)

totals "$tmp/requests" >"$tmp/totals"
top "$tmp/requests" 1000 >"$tmp/top"
is "clients in the list" "$(wc -l <"$tmp/top" | tr -d ' ')" "$(cut -d' ' -f4 "$pcaps/windows-sort.txt" | sort -u | wc -l | tr -d ' ')"

for case in 300:300,1200 60:100,300,450,3600 7:300 8:4,300 3600:3600,86400 300:299,301; do
	step=${case%%:*}
	windows=${case#*:}
	name="step $step, windows $windows"
	slow "$step" "$windows" "$first" "$last" "$tmp/requests" >"$tmp/slow"
	sed 's/,[^,]*$//' "$tmp/slow" >"$tmp/slow.csv"
	is "$name: instants" "$(cut -d, -f1 "$tmp/slow" | sort -u | wc -l | tr -d ' ')" \
		"$((last / step - first / step))"
	rm -f "$tmp/db"*
	run read -q -o "$tmp/db" --step "$step" --window "$windows" "$two" "$one"
	is "$name: read into a database" "$status" 0
	for from in memory database; do
		if [ $from = memory ]; then
			set -- --step "$step" --window "$windows" "$one" "$two"
		else
			set -- "$tmp/db"
		fi
		run clients --format json --top 1000 "$@"
		by_json "$out" >"$tmp/got"
		same "$name: every instant, JSON, from $from" "$tmp/got" "$tmp/slow"
		by_json_totals "$out" >"$tmp/got"
		same "$name: totals, JSON, from $from" "$tmp/got" "$tmp/totals"
		by_json_top "$out" >"$tmp/got"
		compare_top "$name: top, from $from" "$tmp/got" "$tmp/top" "$([ $from = database ] && echo 1)"
		run clients --format csv "$@"
		by_csv "$out" >"$tmp/got"
		same "$name: every instant, CSV, from $from" "$tmp/got" "$tmp/slow.csv"
		by_csv_totals "$out" >"$tmp/got"
		same "$name: totals, CSV, from $from" "$tmp/got" "$tmp/totals"
	done
done
run clients --format json --top 5 "$one" "$two"
by_json_top "$out" >"$tmp/got"
head -n 5 "$tmp/top" >"$tmp/want"
compare_top "the five busiest" "$tmp/got" "$tmp/want"
is "of --top 5" "$(value top.#)" 5
run clients --format json "$one" "$two"
is "ten without --top" "$(value top.#)" 10

# One file alone, one server alone: the same question of a part of the list.
awk 'length($1) == 19 && substr($1, 1, 10) < 1782864000' "$tmp/requests" >"$tmp/part"
slow 300 300,1200 "$first" "$(tail -n 1 "$tmp/part" | cut -c1-10)" "$tmp/part" >"$tmp/slow"
run clients --format json "$one"
by_json "$out" >"$tmp/got"
same "the first file alone" "$tmp/got" "$tmp/slow"
awk '$3 == "192.0.2.1" { print; $3 = "all"; print }' "$pcaps/windows-sort.txt" >"$tmp/part"
totals "$tmp/part" >"$tmp/want"
run clients --server 192.0.2.1 --format json "$one" "$two"
by_json_totals "$out" >"$tmp/got"
same "--server 192.0.2.1" "$tmp/got" "$tmp/want"
slow 300 300,1200 "$first" "$last" "$tmp/part" >"$tmp/slow"
by_json "$out" >"$tmp/got"
same "--server 192.0.2.1, every instant" "$tmp/got" "$tmp/slow"
awk 'substr($1, 1, 10) >= 1782860400 && substr($1, 1, 10) < 1782864600' "$tmp/requests" >"$tmp/part"
totals "$tmp/part" >"$tmp/want"
run clients --from 2026-06-30T23:00:00Z --to 2026-07-01T00:10:00Z --format json "$one" "$two"
by_json_totals "$out" >"$tmp/got"
same "--from and --to" "$tmp/got" "$tmp/want"

# Days and months in the database.
if have sqlite3; then
	rm -f "$tmp/db"*
	run read -q -o "$tmp/db" "$one" "$two"
	for period in day month; do
		awk -v period=$period '{
			# the list crosses one midnight, at which a month begins
			when = substr($1, 1, 10) < 1782864000 ? (period == "day" ? "2026-06-30" : "2026-06") \
				: (period == "day" ? "2026-07-01" : "2026-07")
			print $1, when "," $2, $3, $4
		}' "$tmp/requests" >"$tmp/dated"
		totals "$tmp/dated" | awk -F, '{ print $2 "," $3 "," $1 "," $6 "," $7 "," $5 "," $8 "," $9 "," $10 }' |
			sort >"$tmp/want"
		column=$([ $period = day ] && echo date || echo month)
		sqlite3 -csv "$tmp/db" "SELECT $column, proto, coalesce(server, 'all'), ipv4, ipv6, total, v4_24, v6_64, v6_48
			FROM unique_clients_by_$period WHERE kind IN ('server', 'all')" | tr -d '\r"' | sort >"$tmp/got"
		same "unique_clients_by_$period" "$tmp/got" "$tmp/want"
	done
	sqlite3 -csv "$tmp/db" "SELECT CAST(strftime('%s', time) AS INTEGER), coalesce(server, 'all'), proto, window_s, clients
		FROM unique_clients_by_step WHERE kind IN ('server', 'all')" | tr -d '\r"' | awk -F, '$5 > 0' | sort >"$tmp/got"
	slow 300 300,1200 "$first" "$last" "$tmp/requests" | awk -F, '
		$5 > 0 { print $1 "," $2 "," $3 ",300," $5 }
		$6 > 0 { print $1 "," $2 "," $3 ",1200," $6 }' | sort >"$tmp/want"
	same "unique_clients_by_step" "$tmp/got" "$tmp/want"
else
	skip "days and months in the database" "the sqlite3 shell is not installed"
fi
# Nothing of ours comes before --to, and yet the windows empty as time goes on.
run clients --format csv --to 2026-06-02T00:35:00Z "$pcaps/ntp-midnight.pcap"
is "time goes on until --to" "$(awk -F, '$2 == "all" && $1 ~ /T00:/ { printf "%s ", $6 }' "$out")" "1 1 1 1 1 0 0 "
tap_done
