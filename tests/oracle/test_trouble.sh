#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# capture when the disk is full, another program holds the lock, and readers may not write where the database is: it
# goes on, says so once, says so when it is well again, and has what `read -o` has.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/service.sh"

whole() {
	is "$1: integrity" "$(sqlite3 "$2" 'PRAGMA integrity_check')" ok
	is "$1: packets" "$(packets "$2")" "$all"
}
# What it said, without the line about its user: WORDS once, and that it is well again, once.
once() {
	is "$1: said once" "$(grep -c "$2.*waits in memory" "$said")" 1
	is "$1: and when it was well again" "$(grep -c 'written to again; nothing was lost' "$said")" 1
	is "$1: nothing else" "$(grep -v -e '^clientele: privileges: ' -e 'waits in memory' -e 'nothing was lost' "$said")" ""
}

"$monthload" 20633 4 1500 900 "$tmp/list" >"$tmp/days.pcap" || fail "four days are made"
run read -q -o "$tmp/days.db" "$tmp/days.pcap"
all=$(packets "$tmp/days.db")
is "requests as on the list" "$(sqlite3 "$tmp/days.db" "SELECT sum(requests) FROM day JOIN service USING(service_id) WHERE
	kind = 'all'")" "$(wc -l <"$tmp/list" | tr -d ' ')"

# Another program holds the lock for three commits ---------------------------------
# The service has it from commit to commit: the other one takes it while the file is elsewhere.
begin --replay "$tmp/days.pcap" --replay-rate $((all / 7)) --commit 1 -o "$tmp/l.db"
until_is has_packets "$tmp/l.db" 1
mkdir "$tmp/away"
mv "$tmp"/l.db* "$tmp/away"
until_is grep -q 'not where it was' "$said"
sqlite3 -cmd '.timeout 5000' "$tmp/away/l.db" 'BEGIN IMMEDIATE' ".shell touch $tmp/held" ".shell sleep 4" \
	".shell touch $tmp/free" 'COMMIT' >/dev/null &
holder=$!
until_is [ -e "$tmp/held" ]
mv "$tmp"/away/l.db* "$tmp"
sleep 2.5
[ ! -e "$tmp/free" ] && [ "$(grep -c 'written to again' "$said")" -eq 0 ] && pass "locked: it waits" || fail "locked: it waits" "$said"
wait "$holder"
until_is grep -q 'written to again' "$said"
ended
is "locked: status" "$status" 0
once "locked" 'not where it was'
views "locked" "$tmp/l.db" "$tmp/days.db"
whole "locked" "$tmp/l.db"

# A disk of two megabytes, which another program fills -----------------------------
full() {
	name=$1
	shift
	begin "$@" --replay "$tmp/days.pcap" --replay-rate $((all / 6)) --commit 1 -o "$tmp/disk/f.db"
	until_is has_packets "$tmp/disk/f.db" 1
	# the last octets too
	cat /dev/zero >"$tmp/disk/filler" 2>"$tmp/filled"
	grep -q . "$tmp/filled" && pass "$name: it is full" || fail "$name: it is full"
	until_is grep -q 'waits in memory' "$said"
	before=$(packets "$tmp/disk/f.db")
	sleep 2.5 # commits fail meanwhile
	run summary -q --format json "$tmp/disk/f.db"
	is "$name: a view reads what was kept" "$status $(value input.packets)" "0 $before"
	rm "$tmp/disk/filler"
	until_is grep -q 'written to again' "$said"
	ended
	is "$name: status" "$status" 0
	once "$name" 'full'
	rm -f "$tmp/want.db"
	run read -q "$@" -o "$tmp/want.db" "$tmp/days.pcap"
	views "$name" "$tmp/disk/f.db" "$tmp/want.db"
	whole "$name" "$tmp/disk/f.db"
	is "$name: no journal is left" "$(ls "$tmp/disk")" f.db
	rm -f "$tmp/disk"/*
}
mkdir "$tmp/disk"
if mount -t tmpfs -o size=16m tmpfs "$tmp/disk" 2>"$err"; then
	mounted=yes
	full "a full disk"
	full "a full disk, single messages" --keep transactions
	# it was full to the end: what is lost is said, and what was kept is whole
	begin --replay "$tmp/days.pcap" --replay-rate $((all / 4)) --commit 1 -o "$tmp/disk/e.db"
	until_is has_packets "$tmp/disk/e.db" 1
	cat /dev/zero >"$tmp/disk/filler" 2>/dev/null
	ended
	is "full to the end: status" "$status" 2
	is "full to the end: said" "$(grep -c 'what came since the last commit is lost' "$said")" 1
	rm "$tmp/disk/filler"
	is "full to the end: integrity" "$(sqlite3 "$tmp/disk/e.db" 'PRAGMA integrity_check')" ok
	run capture -q --replay "$tmp/days.pcap" -o "$tmp/disk/e.db"
	whole "full to the end, then run again" "$tmp/disk/e.db"
else
	skip "a full disk" "a tmpfs may not be mounted here: $(cat "$err")"
fi

# Readers who may not write in the folder ------------------------------------------
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
mkdir "$tmp/folder"
chmod 755 "$tmp" "$tmp/folder"
if as_nobody "$clientele" --version >"$out" 2>"$err" && as_nobody test ! -w "$tmp/folder"; then
	# reads NAME: what the reader sees is what root sees in a copy
	reads() {
		as_nobody "$clientele" summary --format json "$tmp/folder/r.db" >"$out" 2>"$err"
		is "$1: status" "$?" 0
		is "$1: packets" "$(value input.packets)" "$2"
		is "$1: nothing is left there" "$(ls "$tmp/folder" | grep -v '^r.db')" ""
	}
	begin --replay "$tmp/days.pcap" --replay-rate $((all / 4)) --commit 1 -o "$tmp/folder/r.db"
	until_is has_packets "$tmp/folder/r.db" 1
	as_nobody "$clientele" summary --format json "$tmp/folder/r.db" >"$out" 2>"$err"
	is "a reader beside the service: status" "$?" 0
	is "a reader beside the service: packets" "$(($(value input.packets) > 0))" 1
	is "a reader beside the service: its ledger adds up" "$(ledger "$out")" ""
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	pid=
	cp "$tmp/folder/r.db" "$tmp/copy.db"
	cp "$tmp/folder/r.db-wal" "$tmp/copy.db-wal"
	kept=$(packets "$tmp/copy.db")
	reads "a reader after kill -9" "$kept"
	run capture -q --replay "$tmp/days.pcap" -o "$tmp/folder/r.db"
	is "the service goes on" "$status" 0
	reads "a reader when it has ended" "$all"
	whole "a reader did no harm" "$tmp/folder/r.db"
else
	skip "a reader who may not write" "this needs root, setpriv, and the program where others may read it"
fi
tap_done
