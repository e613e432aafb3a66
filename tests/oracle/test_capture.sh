#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# capture: what comes in is counted as what lies in files, across commits, signals, restarts and a database that
# goes away. Captures are replayed, so no rights are needed; test_live.sh has interfaces.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/service.sh"

# capture ARG...: leaves $status and $err.
capture() {
	"$clientele" capture "$@" >"$out" 2>"$err" </dev/null
	status=$?
}
ask() { sqlite3 -cmd '.timeout 5000' "$1" "$2"; }
whole() { is "$1: integrity" "$(ask "$2" 'PRAGMA integrity_check')" ok; }

# As files ---------------------------------------------------------------------
for name in dns-bind-tcp nts-clients tunnel-6in4; do
	for file in "$pcaps/$name".pcap*; do
		[ -f "$file" ] || continue
		for keep in "" "--keep transactions"; do
			rm -f "$tmp"/[ab].db
			# shellcheck disable=SC2086
			run read -q $keep -o "$tmp/b.db" "$file"
			# shellcheck disable=SC2086
			capture -q $keep --replay "$file" -o "$tmp/a.db"
			is "$name $keep: status" "$status" 0
			views "$name $keep" "$tmp/a.db" "$tmp/b.db"
		done
	done
done
is "one file of it" "$(ask "$tmp/a.db" 'SELECT count(*), count(hash) FROM file')" "1|0"
is "one run" "$(ask "$tmp/a.db" 'SELECT count(*) FROM capture_stretch JOIN source USING(source_id) WHERE
	from_ns = first_ns AND to_ns = last_ns')" 1
is "no journal is left" "$(ls "$tmp" | grep -c 'db-')" 0

# A day of 4000 requests and their responses.
"$monthload" 20633 1 4000 900 "$tmp/list" >"$tmp/day.pcap" || fail "the day is made"
run read -q -o "$tmp/day.db" "$tmp/day.pcap"
all=$(ask "$tmp/day.db" 'SELECT packets FROM source')
is "requests as on the list" "$(ask "$tmp/day.db" "SELECT sum(requests) FROM day JOIN service USING(service_id) WHERE
	kind = 'all'")" "$(wc -l <"$tmp/list" | tr -d ' ')"

# Commits, a reader and a status line beside it --------------------------------
begin --replay "$tmp/day.pcap" --replay-rate $((all / 3)) --commit 1 -o "$tmp/c.db"
until_is has_packets "$tmp/c.db" 1
before=$(ask "$tmp/c.db" 'SELECT sum(packets) FROM source')
run summary -q --format json "$tmp/c.db"
is "a view beside it" "$status" 0
is "its ledger adds up" "$(ledger "$out" | grep -v '^no JSON')" ""
kill -USR1 "$pid"
until_is grep -q '^clientele: status: ' "$said"
is "SIGUSR1: one line" "$(grep -c '^clientele: status: [0-9]* packets, [0-9]* a second; 0 dropped .*last commit 20' "$said")" 1
until_is has_packets "$tmp/c.db" $((before + 1)) && pass "commits go on" || fail "commits go on" "$said"
ended
is "its end" "$status" 0
views "committed each second" "$tmp/c.db" "$tmp/day.db"
whole "committed each second" "$tmp/c.db"
is "one run, however many commits" "$(ask "$tmp/c.db" 'SELECT (SELECT count(*) FROM capture_stretch), (SELECT
	count(*) FROM file), (SELECT sum(received) FROM capture_interval), max(t) <= 1782777600 AND min(t) = 1782691500 FROM
	capture_interval')" "1|1|$all|1"

# stop_and_go NAME SIGNAL OPTION...: a service that is stopped, and goes on behind what the database has.
stop_and_go() {
	name=$1 signal=$2 db=$tmp/$2.db
	shift 2
	begin "$@" --replay "$tmp/day.pcap" --replay-rate $((all / 3)) --commit 1 -o "$db"
	until_is has_packets "$db" $((all / 4))
	kill "-$signal" "$pid"
	ended
	case $signal in KILL) is "$name: status" "$status" 137 ;; *) is "$name: status" "$status" 0 ;; esac
	whole "$name" "$db"
	some=$(ask "$db" 'SELECT packets FROM source')
	[ "$some" -lt "$all" ] && pass "$name: in the middle" || fail "$name: in the middle"
	is "$name: fates" "$(ask "$db" 'SELECT sum(packets) FROM ledger')" "$some"
	# what is there is what a file that ends there gives
	"$cutpcap" "$tmp/day.pcap" "$tmp/part" "$((some + 1))" >/dev/null
	rm -f "$tmp/part.db"
	run read -q "$@" -o "$tmp/part.db" "$tmp/part1.pcap"
	views "$name: so far" "$db" "$tmp/part.db"
	capture -q --replay "$tmp/day.pcap" -o "$db"
	is "$name: goes on" "$status" 0
	rm -f "$tmp/want.db"
	run read -q "$@" -o "$tmp/want.db" "$tmp/day.pcap"
	views "$name: the whole" "$db" "$tmp/want.db"
	run summary --format json "$db"
	is "$name: when it did not run" "$("$jsonget" "$out" | grep -c '^input.not_captured.0.from')" 1
	is "$name: once" "$("$jsonget" "$out" | grep -c '^input.not_captured.1.from')" 0
	run icmp "$db"
	is "$name: in words" "$(grep -c '^Not captured from 2026-06-29T' "$out")" 1
}
stop_and_go "SIGTERM" TERM
stop_and_go "SIGINT" INT --keep transactions
stop_and_go "kill -9" KILL
db=$tmp/KILL.db
capture -q --replay "$tmp/day.pcap" -o "$db"
is "nothing comes twice" "$(ask "$db" 'SELECT packets FROM source')" "$all"

mkdir "$tmp/saved"
ASAN_OPTIONS=$with_leaks "$clientele" capture -q --no-sandbox --keep transactions,400d --save "$tmp/saved" --save-bytes 8M \
	--replay "$tmp/day.pcap" -o "$tmp/leaks.db" 2>"$err"
is "without a sandbox" "$? $(cat "$err")" "0 "
run read -q -o "$tmp/saved.db" "$tmp"/saved/*.pcapng
views "what was saved" "$tmp/saved.db" "$tmp/day.db"

# A database for each month: 29 June to 2 July -----------------------------------
"$monthload" 20633 4 1500 900 "$tmp/months" >"$tmp/months.pcap" || fail "four days are made"
capture -q --replay "$tmp/months.pcap" --rotate month -o "$tmp/r.db"
is "months: status" "$status" 0
is "months: files" "$(cd "$tmp" && ls r*.db | tr '\n' ' ')" "r-2026-06.db r-2026-07.db "
for month in 06:20633:20634 07:20635:20636; do
	db=$tmp/r-2026-${month%%:*}.db days=${month#*:}
	is "$month: requests" "$(ask "$db" "SELECT sum(requests) FROM day JOIN service USING(service_id) WHERE kind = 'all'")" \
		"$(awk -v a="${days%:*}" -v b="${days#*:}" '$1 >= a && $1 <= b' "$tmp/months" | wc -l | tr -d ' ')"
	run summary --format json "$db"
	is "$month: its ledger adds up" "$(ledger "$out")" ""
	is "$month: its file" "$(ask "$db" 'SELECT sum(f.packets) = s.packets AND min(f.last_ns) <= s.last_ns FROM file AS f,
		source AS s')" 1
done

# The database is moved away ---------------------------------------------------
begin --replay "$tmp/day.pcap" --replay-rate $((all / 3)) --commit 1 -o "$tmp/h.db"
until_is has_packets "$tmp/h.db" 1
mv "$tmp/h.db" "$tmp/first.db"
kill -HUP "$pid"
until_is has_packets "$tmp/h.db" 1
ended
is "SIGHUP: status" "$status" 0
is "SIGHUP: nothing is lost" "$(($(ask "$tmp/first.db" 'SELECT packets FROM source') + \
	$(ask "$tmp/h.db" 'SELECT packets FROM source')))" "$all"
is "SIGHUP: the open day is in the new one" "$(ask "$tmp/h.db" "SELECT sum(requests) FROM day JOIN service
	USING(service_id) WHERE kind = 'all'")" "$(wc -l <"$tmp/list" | tr -d ' ')"
whole "SIGHUP: first" "$tmp/first.db"

begin --replay "$tmp/day.pcap" --replay-rate $((all / 4)) --commit 1 -o "$tmp/m.db"
until_is has_packets "$tmp/m.db" 1
mkdir "$tmp/away"
mv "$tmp"/m.db* "$tmp/away"
until_is grep -q 'not where it was' "$said"
sleep 1.2
mv "$tmp/away"/m.db* "$tmp"
ended
is "away: status" "$status" 0
is "away: said once, and when it is well" "$(grep -c -e 'not where it was' -e 'written to again; nothing was lost' "$said")" 2
views "away for a while" "$tmp/m.db" "$tmp/day.db"

# Another program writes ---------------------------------------------------------
sqlite3 "$tmp/c.db" 'BEGIN IMMEDIATE; SELECT 1;' '.shell sleep 4' 'COMMIT' >/dev/null &
holder=$!
sleep 0.5
capture -q --replay "$tmp/day.pcap" -o "$tmp/c.db"
is "locked at the start: status" "$status" 2
is "locked at the start: a line" "$(one_line "$err" && grep -c locked "$err")" 1
wait "$holder"

begin -q --replay "$tmp/day.pcap" --replay-rate 50 --commit 1 -o "$tmp/l.db"
until_is has_packets "$tmp/l.db" 1
"$clientele" capture -q --replay "$tmp/day.pcap" -o "$tmp/l.db" 2>"$tmp/err2"
is "another service is refused" "$? $(grep -c 'is locked by another program' "$tmp/err2")" "2 1"
"$clientele" read -q -o "$tmp/l.db" "$tmp/day.pcap" 2>"$tmp/err2"
is "another writer is refused" "$? $(grep -c 'is locked by another program' "$tmp/err2")" "2 1"
kill -TERM "$pid"
ended
is "and does no harm" "$status" 0
whole "and does no harm" "$tmp/l.db"

# What is refused ----------------------------------------------------------------
# refused NAME WORDS ARG...: one line that has the words, and status 2.
refused() {
	name=$1 words=$2
	shift 2
	capture "$@"
	is "$name: status" "$status" 2
	if one_line "$err" && grep -q -- "$words" "$err"; then pass "$name: a line"; else fail "$name: a line" "$err"; fi
}
refused "no interface" 'needs an interface: -i' -o "$tmp/x.db"
refused "no database" 'needs a database: -o' --replay "$tmp/day.pcap"
refused "both" 'does not go with -i' -i lo --replay "$tmp/day.pcap" -o "$tmp/x.db"
refused "an input" 'too much' --replay "$tmp/day.pcap" -o "$tmp/x.db" "$tmp/day.pcap"
refused "a rate alone" 'needs --replay' -i lo --replay-rate 5 -o "$tmp/x.db"
refused "keep" 'transactions, a time such as 400d' --keep 400 --replay "$tmp/day.pcap" -o "$tmp/x.db"
refused "save" 'needs --save-bytes' --save "$tmp" --replay "$tmp/day.pcap" -o "$tmp/x.db"
refused "commit" 'whole number of seconds' --commit 0 --replay "$tmp/day.pcap" -o "$tmp/x.db"
refused "no capture" 'is not pcap' -q --replay "$0" -o "$tmp/x.db"
refused "another step" 'was written with --step 300' -q --step 60 --replay "$tmp/day.pcap" -o "$tmp/c.db"
refused "another filter" 'was written with -f (none)' -q -f 'port 53' --replay "$tmp/day.pcap" -o "$tmp/c.db"
"$monthload" 20632 1 10 5 >"$tmp/earlier.pcap"
refused "what comes before" 'precedes what' -q --replay "$tmp/earlier.pcap" -o "$tmp/c.db"
refused "a folder that is not there" 'No such file' -q --replay "$tmp/day.pcap" -o "$tmp/none/x.db"
[ ! -e "$tmp/x.db" ] && pass "nothing was made" || fail "nothing was made"

# Drops --------------------------------------------------------------------------
le32() {
	for shift in 0 8 16 24; do printf "\\$(printf %03o $(($1 >> shift & 255)))"; done
}
# A pcapng file of one packet, whose interface dropped 106 packets in the kernel and 7 before it.
packet=$(od -An -j 32 -N 4 -tu4 "$pcaps/client-busybox.pcap" | tr -d ' ')
padded=$(((packet + 3) / 4 * 4))
{
	le32 168627466; le32 28; le32 439041101; le32 1; le32 -1; le32 -1; le32 28
	le32 1; le32 20; le32 1; le32 0; le32 20
	le32 6; le32 $((32 + padded)); le32 0; le32 411510; le32 123456; le32 "$packet"; le32 "$packet"
	tail -c +41 "$pcaps/client-busybox.pcap" | head -c "$packet"
	head -c $((padded - packet)) /dev/zero
	le32 $((32 + padded))
	le32 5; le32 52; le32 0; le32 411510; le32 123456
	le32 $((5 + (8 << 16))); le32 7; le32 0
	le32 $((7 + (8 << 16))); le32 106; le32 0; le32 0
	le32 52
} >"$tmp/drops.pcapng"
run read -q -o "$tmp/e.db" "$tmp/drops.pcapng"
run summary --format json "$tmp/e.db"
figure "drops of a file" input.dropped.kernel 106
figure "drops of a file" input.dropped.interface 7
figure "drops of a file" input.dropped.from null
capture -q --replay "$tmp/drops.pcapng" -o "$tmp/d.db"
run summary --format json "$tmp/d.db"
figure "drops" input.dropped.kernel 106
figure "drops" input.dropped.interface 7
figure "drops by step" input.dropped.steps.0.kernel 106
figure "drops by step" input.dropped.steps.0.interface 7
figure "drops by step" input.dropped.steps.0.received 1
figure "interfaces" input.interfaces.0.kernel 106
from=$(value input.dropped.from)
run load "$tmp/d.db"
is "drops in words" "$(tr '\n' ' ' <"$out" | grep -c "113 packets were dropped between $from and .*: counts are too low *there")" 1
run load --from 2026-06-29 "$tmp/d.db"
is "not in another time" "$(grep -c dropped "$out")" 0
run summary --from 2026-06-29 --format json "$tmp/d.db"
figure "drops of another time" input.dropped.kernel 0
run summary --format csv "$tmp/d.db"
is "when, in the summary" "$(grep -c ",replay:$tmp/drops.pcapng,1,106,7$" "$out")" 1

# An interface that was away, of three runs
ask "$tmp/d.db" "UPDATE capture_interval SET away_ns = 2500000000;
	INSERT INTO capture_stretch SELECT source_id, to_ns + 5000000000, to_ns + 6000000000 FROM capture_stretch;
	INSERT INTO capture_stretch SELECT source_id, max(to_ns) + 9000000000, max(to_ns) + 9000000001 FROM capture_stretch"
run summary --format json "$tmp/d.db"
figure "away" input.away.0.away_s 2.5
is "times between runs" "$("$jsonget" "$out" | grep -c '^input.not_captured.*from')" 2
run summary "$tmp/d.db"
is "away in words" "$(grep -c 'was down or gone for 2.50 s between' "$out")" 1
is "times between runs in words" "$(tr '\n' ' ' <"$out" | grep -c 'Not captured 2 times, 14.0 s in all; the longest time is from')" 1

tap_done
