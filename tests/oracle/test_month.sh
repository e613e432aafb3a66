#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A month in small: days of clients that come back, read one by one, against what sort and awk find in the
# generator's list of requests.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
monthload=$top_builddir/tests/tools/monthload
[ -x "$monthload" ] || { echo "Bail out! $monthload was not built: make check builds it"; exit 1; }

# From 29 June to 2 July 2026: days of two months.
for day in 20633 20634 20635 20636; do
	"$monthload" $day 1 1500 900 "$tmp/$day.list" >"$tmp/$day.pcap" || fail "the day $day is made"
done
cat "$tmp"/2063[3-6].list >"$tmp/list"
is "requests on the list" "$(wc -l <"$tmp/list" | tr -d ' ')" 6000

# pick FROM TO [SERVER] [LIST]: the requests of days.
pick() {
	awk -F'\t' -v from="$1" -v to="$2" -v server="${3:-}" \
		'$1 >= from && $1 <= to && (server == "" || $3 == server)' "${4:-$tmp/list}"
}

# Times end before their last zeros.
no_zeros() { sed 's/0*Z/Z/g'; }

# Clients that ask most: client, requests, first, last.
slow_top() {
	awk -F'\t' '
		function text(at, day, s) {
			day = substr(at, 1, 5)
			s = substr(at, 6, 5)
			return sprintf("%s-%02dT%02d:%02d:%02d.%sZ", day < 20635 ? "2026-06" : "2026-07", \
				day < 20635 ? day - 20604 : day - 20634, s / 3600, s / 60 % 60, s % 60, substr(at, 12))
		}
		{
			at = $1 $5
			if (n[$8]++ == 0 || at < first[$8]) first[$8] = at
			if (at > last[$8]) last[$8] = at
			client[$8] = $4
		}
		END {
			for (a in n) print n[a] "\t" length(a) "\t" a "\t" client[a] "\t" text(first[a]) "\t" text(last[a])
		}' | sort -t"$(printf '\t')" -k1,1nr -k2,2n -k3,3 | head -n "$1" | awk -F'\t' '{ print $4 "," $1 "," $5 "," $6 }' | no_zeros
}

# Unique clients: server, protocol, requests, total, IPv4, IPv6, /24, /64, /48.
slow_unique() {
	awk -F'\t' '
		function add(who) {
			requests[who]++
			if (seen[who, $8]++) return
			if (length($8) == 8) { v4[who]++; v24[who] += !net[who, substr($8, 1, 6)]++ }
			else {
				v6[who]++
				v64[who] += !net[who, substr($8, 1, 16)]++
				v48[who] += !net[who, substr($8, 1, 12)]++
			}
		}
		{ add($3 "," $2); add("all," $2) }
		END {
			for (w in requests)
				printf "%s,%d,%d,%d,%d,%d,%d,%d\n", w, requests[w], v4[w] + v6[w], v4[w], v6[w], v24[w], v64[w], v48[w]
		}' | sort
}

# clients NAME FROM TO SERVER DB [OPTION...]: the view against the list.
clients() {
	what=$1
	pick "$2" "$3" "$4" "$list" >"$tmp/picked"
	db=$5
	shift 5
	run clients --format csv --top 400 "$@" "$db"
	is "$what: exit status" "$status" 0
	slow_top 400 <"$tmp/picked" >"$tmp/want"
	awk -F, '/^client,label,/ { on = 1; next } on && NF > 5 { print $1 "," $3 "," $5 "," $6 }' "$out" | no_zeros >"$tmp/got"
	same "$what: who asks most" "$tmp/got" "$tmp/want"
	slow_unique <"$tmp/picked" >"$tmp/want"
	awk -F, 'NR > 1 && NF != 9 { exit } NR > 1' "$out" | sort >"$tmp/got"
	same "$what: unique clients" "$tmp/got" "$tmp/want"
	run summary --format json "$@" "$db"
	for proto in ntp dns; do
		is "$what: $proto clients of the summary" \
			"$(value $proto.clients.ipv4) $(value $proto.clients.ipv6)" \
			"$(awk -F, -v proto=$proto '$1 == "all" && $2 == proto { print $5, $6 }' "$tmp/want")"
	done
}

spans() { # NAME DB
	clients "$1, all days" 20633 20636 '' "$2"
	clients "$1, a month" 20633 20634 '' "$2" --to 2026-07-01T00:00:00Z
	clients "$1, a day" 20634 20634 '' "$2" --from 2026-06-30T00:00:00Z --to 2026-07-01T00:00:00Z
	clients "$1, parts of two months" 20634 20635 '' "$2" --from 2026-06-30T00:00:00Z --to 2026-07-02T00:00:00Z
	clients "$1, a month and a day" 20633 20635 '' "$2" --to 2026-07-02T00:00:00Z
	clients "$1, a server" 20633 20636 192.0.2.1 "$2" --server 192.0.2.1
	clients "$1, a server on a day" 20635 20635 2001:db8::2 "$2" --server 2001:db8::2 \
		--from 2026-07-01T00:00:00Z --to 2026-07-02T00:00:00Z
}

# months LIST: rows of client_month as they should be.
months() {
	awk -F'\t' '
		function at(t) { return sprintf("%d%s", $1 * 86400 + substr(t, 1, 5), substr(t, 7)) }
		{
			k = ($1 < 20635 ? "2026-06" : "2026-07") "|" $2 "|" $3 "|" $8
			t = at($5)
			if (n[k]++ == 0 || t < first[k]) first[k] = t
			if (t > last[k]) last[k] = t
			octets[k] += $6
			answers[k] += $7 != "-"
		}
		END { for (k in n) print k "|" n[k] "|" answers[k] "|" octets[k] "|" first[k] "|" last[k] }' "$1" | sort
}

month_rows() {
	sqlite3 "$1" "SELECT strftime('%Y-%m', day * 86400, 'unixepoch'), proto, address, lower(hex(c.addr)), requests, responses,
		bytes, first_ns, last_ns FROM client_month_total AS c JOIN service USING(service_id)" | sort
}

list=$tmp/list
for day in 20633 20634 20635 20636; do
	run read -q -o "$tmp/parts.db" "$tmp/$day.pcap"
	[ "$status" -eq 0 ] || fail "the day $day is read" "$err"
done
run read -q -o "$tmp/whole.db" "$tmp"/2063[3-6].pcap
months "$tmp/list" >"$tmp/months"

# In the middle of days, too: the open day is opened again and again.
"$monthload" 20633 4 1500 900 >"$tmp/all.pcap"
n=$("$cutpcap" "$tmp/all.pcap" "$tmp/piece" /11) || n=0
i=0
while [ $i -lt "$n" ]; do
	i=$((i + 1))
	run read -q -o "$tmp/cut.db" "$tmp/piece$i.pcap"
	[ "$status" -eq 0 ] || fail "piece $i is read" "$err"
done
is "pieces" "$n" 11
for db in parts whole cut; do
	month_rows "$tmp/$db.db" >"$tmp/got"
	same "client_month, $db" "$tmp/got" "$tmp/months"
done
spans "day by day" "$tmp/parts.db"

# Schema 2 had no months of clients.
cp "$tmp/parts.db" "$tmp/old.db"
sqlite3 "$tmp/old.db" 'DROP VIEW ntp_exchanges; DROP VIEW dns_exchanges; DROP VIEW ntp_control_messages; DROP VIEW icmp_errors;
	DROP VIEW connections; DROP VIEW message_parts; DROP TABLE ntp_exchange; DROP TABLE dns_exchange; DROP TABLE ntp_control; DROP TABLE icmp_error;
	DROP TABLE connection; DROP TABLE datagram_part;'
sqlite3 "$tmp/old.db" 'DROP VIEW clients_by_month; DROP VIEW client_month_total; DROP VIEW client_total; DROP TABLE client_month;
	ALTER TABLE source DROP COLUMN closed_day;
	CREATE VIEW client_total AS SELECT addr, service_id, sum(requests) AS requests, sum(responses) AS responses,
	sum(bytes) AS bytes, min(day * 86400000000000 + first_ns) AS first_ns, max(day * 86400000000000 + last_ns) AS
	last_ns FROM client_day GROUP BY service_id, addr; PRAGMA user_version = 2'
run clients "$tmp/old.db"
is "schema 2, read" "$status" 0
run read -q -o "$tmp/old.db" "$tmp/20634.pcap"
is "schema 2, written" "$status" 0
month_rows "$tmp/old.db" >"$tmp/got"
same "schema 2, converted" "$tmp/got" "$tmp/months"
sqlite3 "$tmp/parts.db" 'SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2; PRAGMA user_version' >"$tmp/want"
sqlite3 "$tmp/old.db" 'SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2; PRAGMA user_version' >"$tmp/got"
same "schema 2, converted: tables and views" "$tmp/got" "$tmp/want"

# Two sensors, of which the second begins and ends a day later: requests add, clients unite.
for day in 20633 20634 20635; do
	run read -q -o "$tmp/two.db" --sensor one "$tmp/$day.pcap"
	run read -q -o "$tmp/two.db" --sensor two "$tmp/$((day + 1)).pcap"
done
list=$tmp/two.list
cat "$tmp"/2063[345].list "$tmp"/2063[456].list >"$list"
spans "two sensors" "$tmp/two.db"
tap_done
