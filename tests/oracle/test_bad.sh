#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Damaged and impossible input, and databases that must not be touched: one clear line on standard
# error, the exit status of the interface, everything readable counted, nothing left half-written.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

one=$pcaps/windows-sort-1-us.pcap
two=$pcaps/windows-sort-2-ns.pcap

# expect NAME STATUS: what the last run gave; with 1 and 2 exactly one line on standard error.
expect() {
	{
		[ "$status" -eq "$2" ] || echo "exit status $status, expected $2"
		if [ "$2" -eq 0 ]; then
			[ ! -s "$err" ] || echo "something on standard error:"
		else
			one_line "$err" || echo "not one line on standard error:"
		fi
		[ "$2" -ne 2 ] || [ ! -s "$out" ] || echo "a result although there is none"
	} >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then
		head -n 5 "$err" >>"$tmp/wrong"
		fail "$1" "$tmp/wrong"
	else
		pass "$1"
	fi
}

# The files of testdata/bad/ by the table of its README; in its last column `path value` pairs
# that name a figure of the summary are figures too.
awk -F'|' '/^\| [^ ]+\.(pcap|pcapng|gz) +\|/ { gsub(/ /, "", $2); gsub(/ /, "", $3); gsub(/ /, "", $4)
	print $2, $3, $4 }' "$bad/README.md" >"$tmp/table"
while read -r name want packets; do
	run summary --format json "$bad/$name"
	if [ "$want" = open ]; then # the table allows two
		case $status,$(value input.packets) in
		0,3 | 1,2) pass "$name" ;;
		*) fail "$name" "$err" ;;
		esac
		continue
	fi
	expect "$name" "$want"
	[ "$packets" = - ] || figure "$name" input.packets "$packets"
	[ "$status" -eq 2 ] || {
		ledger "$out" >"$tmp/wrong"
		if [ -s "$tmp/wrong" ]; then fail "the ledger of $name" "$tmp/wrong"; else pass "the ledger of $name"; fi
		figure "$name" input.files.0.damaged "$([ "$want" -eq 1 ] && echo true || echo false)"
	}
	case $name in
	record-zero-length.pcap | record-one-octet.pcap)
		figure "$name" input.truncated 1
		figure "$name" input.counted 3
		;;
	record-empty.pcap)
		figure "$name" input.malformed 1
		figure "$name" input.counted 3
		;;
	time-back-hours.pcap)
		figure "$name" input.out_of_order 2
		figure "$name" ntp.packets 8
		;;
	time-back-ms.pcap)
		figure "$name" input.out_of_order 0
		figure "$name" ntp.matched 3
		figure "$name" ntp.delta_s.min 0.02
		figure "$name" ntp.delta_s.max 0.06
		;;
	before-1970.pcapng)
		figure "$name" input.first 1966-06-01T12:00:00Z
		figure "$name" ntp.matched 1
		;;
	after-2038.pcap)
		figure "$name" input.first 2040-01-01T00:00:00Z
		figure "$name" ntp.matched 1
		figure "$name" ntp.delta_s.max 0.02
		;;
	esac
done <"$tmp/table"
is "files in the table" "$(wc -l <"$tmp/table")" "$(ls "$bad" | grep -cv README)"

# What can be read, and nothing of it counted.
run summary --format json "$pcaps/snaplen-20.pcap"
expect "a snapshot length of 20" 1
figure "a snapshot length of 20:" input.truncated "$(value input.packets)"
run summary --format json "$pcaps/link-unknown.pcap"
expect "an unknown link type" 1
figure "an unknown link type:" input.undecoded.0.packets "$(value input.packets)"
run summary --format json -f 'port 123' "$pcaps/link-unknown.pcap"
is "a filter that cannot be had for its link type" "$status $(one_line "$err" && echo line)" "0 line"
figure "a filter that cannot be had for its link type:" input.filtered "$(value input.packets)"

# What cannot be opened.
run summary "$tmp"
expect "a directory" 2
run summary "$tmp/missing.pcap"
expect "a missing file" 2
run summary --format json "$tmp/missing.pcap" "$one"
expect "a missing file beside a sound one" 1
figure "a missing file beside a sound one:" input.packets 1040
is "every view says why" "$(for view in read $every_view; do run "$view" "$tmp/missing.pcap"; echo "$status"; done |
	sort -u)" 2
cp "$one" "$tmp/closed.pcap"
chmod 0 "$tmp/closed.pcap"
mkdir "$tmp/closed"
chmod 555 "$tmp/closed"
chmod 755 "$tmp"
may_not_make() {
	expect "no permission to make a database" 2
	is "no permission to make a database: why" "$(sed 's/.*: //' "$err")" "Permission denied"
}
if [ "$(id -u)" -ne 0 ]; then
	run summary "$tmp/closed.pcap"
	expect "no permission" 2
	run read -o "$tmp/closed/x.db" "$one"
	may_not_make
elif have setpriv; then
	: >"$out"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$clientele" summary "$tmp/closed.pcap" \
		>"$out" 2>"$err" </dev/null
	status=$?
	if grep -q setpriv "$err" || [ "$status" -eq 126 ] || [ "$status" -eq 127 ]; then
		skip "no permission" "the program cannot be run as another user here"
	else
		expect "no permission" 2
		setpriv --reuid=65534 --regid=65534 --clear-groups "$clientele" read -o "$tmp/closed/x.db" "$one" \
			>"$out" 2>"$err" </dev/null
		status=$?
		may_not_make
	fi
else
	skip "no permission" "runs as root, without setpriv"
fi
rm -f "$tmp/closed.pcap"

# A file that grows and one that shrinks while it is read. The reader must outlast neither with a
# crash; what it gives must add up. Many packets, so that it is at work when the file changes.
tail -c +25 "$one" >"$tmp/records"
for i in 1 2 3 4 5 6 7 8; do cat "$tmp/records"; done >"$tmp/more"
{ head -c 24 "$one"; cat "$tmp/more"; } >"$tmp/grows.pcap"
(for i in 1 2 3 4 5 6 7 8 9 10; do cat "$tmp/more"; done) >>"$tmp/grows.pcap" &
run summary --format json "$tmp/grows.pcap"
wait $!
ledger "$out" >"$tmp/wrong"
if [ "$status" -le 1 ] && [ ! -s "$tmp/wrong" ] && [ "$(value input.packets)" -ge 8320 ]; then
	pass "a file that grows"
else
	cat "$err" >>"$tmp/wrong"
	fail "a file that grows (exit status $status)" "$tmp/wrong"
fi
{ head -c 24 "$one"; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do cat "$tmp/more"; done; } >"$tmp/big.pcap"
n=0
for wait in 0 0.01 0.02 0.04 0.08 0.12; do
	cp "$tmp/big.pcap" "$tmp/shrinks.pcap"
	(sleep $wait; head -c 100000 "$one" | head -c 90000 >"$tmp/shrinks.pcap") &
	run summary --format json "$tmp/shrinks.pcap"
	wait $!
	ledger "$out" >"$tmp/wrong"
	if [ "$status" -le 1 ] && [ ! -s "$tmp/wrong" ]; then
		n=$((n + 1))
	elif [ "$status" -eq 2 ] && one_line "$err"; then
		n=$((n + 1)) # it was empty for a moment
	else
		diag "exit status $status; $(head -n 3 "$err" | tr '\n' ' ')"
	fi
done
is "a file that shrinks, at six moments" "$n" 6
mkfifo "$tmp/fifo"
(cat "$one" >"$tmp/fifo") &
run summary --format json "$tmp/fifo"
wait $!
figure "a named pipe" input.packets 1040

# Standard input.
run summary --format json "$one"
"$jsonget" "$out" | grep -v '^input\.files' >"$tmp/want"
from_stdin() { # NAME
	"$jsonget" "$out" | grep -v '^input\.files' >"$tmp/got"
	if [ "$status" -eq 0 ] && [ ! -s "$err" ]; then same "$1" "$tmp/got" "$tmp/want"; else fail "$1" "$err"; fi
}
"$clientele" summary --format json - <"$one" >"$out" 2>"$err"
status=$?
from_stdin "standard input from a file"
cat "$one" | "$clientele" summary --format json - >"$out" 2>"$err"
status=$?
from_stdin "standard input through a pipe"
gzip -c "$one" | "$clientele" summary --format json - >"$out" 2>"$err"
status=$?
from_stdin "standard input through a pipe, gzip"
(dd bs=7 count=3; cat) <"$one" 2>/dev/null | "$clientele" summary --format json - >"$out" 2>"$err"
status=$?
from_stdin "standard input in crumbs"
"$clientele" summary --format json - <"$bad/cut-in-record.pcap" >"$out" 2>"$err"
status=$?
expect "standard input cut in a record" 1
figure "standard input cut in a record:" input.packets 2
"$clientele" summary --format json - </dev/null >"$out" 2>"$err"
status=$?
expect "empty standard input" 2

# Several files are one capture, in whatever order; the same file twice counts once.
! have mergecap || mergecap -F nsecpcap -w "$tmp/merged.pcap" "$one" "$two"
for view in $every_view; do
	run "$view" --format json "$one" "$two"
	"$jsonget" "$out" | grep -v -e '^input\.files' -e '^worst' >"$tmp/forward"
	run "$view" --format json "$two" "$one"
	"$jsonget" "$out" | grep -v -e '^input\.files' -e '^worst' >"$tmp/back"
	same "$view: two files in either order" "$tmp/back" "$tmp/forward"
	if have mergecap; then
		run "$view" --format json "$tmp/merged.pcap"
		# whose frames have other numbers
		"$jsonget" "$out" | grep -v -e '^input\.files' -e '^worst' -e '_frame	' -e '_file	' >"$tmp/got"
		grep -v -e '_frame	' -e '_file	' "$tmp/forward" >"$tmp/want"
		same "$view: two files as the merged one" "$tmp/got" "$tmp/want"
	else
		skip "$view: two files as the merged one" "mergecap is not installed"
	fi
done
pieces=$("$cutpcap" "$one" "$tmp/piece" /4)
is "cut in four" "$pieces" 4
run clients --format json "$one"
"$jsonget" "$out" | grep -v '^input\.files' >"$tmp/whole"
run clients --format json "$tmp/piece3.pcap" "$tmp/piece1.pcap" "$tmp/piece4.pcap" "$tmp/piece2.pcap"
"$jsonget" "$out" | grep -v '^input\.files' >"$tmp/got"
same "four pieces in any order as the whole" "$tmp/got" "$tmp/whole"
run summary --format json "$one" "$one"
figure "the same file twice:" input.duplicate_files.# 1
figure "the same file twice:" input.duplicate_files.0 "$one"
figure "the same file twice:" ntp.requests 565
gzip -c "$one" >"$tmp/one.pcap.gz"
run summary --format json "$one" "$tmp/one.pcap.gz"
figure "the same packets packed otherwise:" input.duplicate_files.# 1
figure "the same packets packed otherwise:" ntp.requests 565

# Databases.
dump() { sqlite3 "$1" .dump 2>&1; }
# unchanged NAME DB: the last run was refused and the database is what $tmp/before says.
unchanged() {
	expect "$1" 2
	dump "$2" >"$tmp/after"
	same "$1: nothing changed" "$tmp/after" "$tmp/before"
}
if have sqlite3; then
	sqlite3 "$tmp/foreign.db" 'CREATE TABLE t(a); INSERT INTO t VALUES (1)'
	dump "$tmp/foreign.db" >"$tmp/before"
	run summary "$tmp/foreign.db"
	unchanged "a foreign database, asked" "$tmp/foreign.db"
	run read -o "$tmp/foreign.db" "$one"
	unchanged "a foreign database, written" "$tmp/foreign.db"
	sqlite3 "$tmp/foreign.db" 'PRAGMA journal_mode = WAL' >"$tmp/mode"
	cp "$tmp/foreign.db" "$tmp/foreign-before.db"
	run read -o "$tmp/foreign.db" "$one"
	expect "a foreign database with a write-ahead log, written" 2
	is "a foreign database keeps its journal mode" "$(sqlite3 "$tmp/foreign.db" 'PRAGMA journal_mode')" wal

	run read -o "$tmp/newer.db" "$one"
	version=$(sqlite3 "$tmp/newer.db" 'PRAGMA user_version')
	sqlite3 "$tmp/newer.db" "PRAGMA user_version = $((version + 1))"
	dump "$tmp/newer.db" >"$tmp/before"
	run summary "$tmp/newer.db"
	unchanged "a database of a later version, asked" "$tmp/newer.db"
	run read -o "$tmp/newer.db" "$two"
	unchanged "a database of a later version, written" "$tmp/newer.db"

	run read -o "$tmp/locked.db" "$one"
	mkfifo "$tmp/hold"
	sqlite3 "$tmp/locked.db" <"$tmp/hold" >"$tmp/holding" 2>&1 &
	holder=$!
	exec 3>"$tmp/hold"
	echo 'BEGIN EXCLUSIVE; SELECT 1;' >&3
	while [ ! -s "$tmp/holding" ]; do sleep 0.05; done
	run read -o "$tmp/locked.db" "$two"
	expect "a locked database, written" 2
	exec 3>&-
	wait $holder
	run read -o "$tmp/locked.db" "$two"
	expect "and written when it is free" 0

	# Values that no clientele writes: refused in one line or passed over, never a crash.
	"$cutpcap" "$one" "$tmp/half" /2 >/dev/null
	run read -o "$tmp/sane.db" "$tmp/half1.pcap"
	while read -r view result sql; do
		cp "$tmp/sane.db" "$tmp/odd.db"
		sqlite3 "$tmp/odd.db" "PRAGMA ignore_check_constraints = 1; $sql"
		case $view in
		read) run read -o "$tmp/odd.db" "$tmp/half2.pcap" ;;
		*) run "$view" "$tmp/odd.db" ;;
		esac
		expect "$view: $sql" "$result"
	done <<'ODD'
summary 2 UPDATE meta SET value = 9223372036854775807 WHERE key = 'step_s'
summary 2 UPDATE meta SET value = 9223372037 WHERE key = 'step_s'
clients 2 UPDATE meta SET value = '300,9223372036854775807' WHERE key = 'windows_s'
clients 0 UPDATE step_clients SET window_s = 9223372036854775807 WHERE window_s = 300
summary 0 UPDATE day SET requests = 9223372036854775807
summary 0 UPDATE day SET matched = -9223372036854775808
read 2 UPDATE meta SET value = CASE key WHEN 'step_s' THEN 1 ELSE '9000000000' END WHERE key IN ('step_s', 'windows_s')
read 2 UPDATE meta SET value = -9223372036854775808 WHERE key = 'timeout_ns'
read 2 UPDATE state SET value = 9223372036854775807 WHERE key = 'now_ns'
read 2 UPDATE state SET value = -9223372036854775808 WHERE key = 'now_ns'
read 0 UPDATE state SET value = zeroblob(4096) WHERE typeof(value) = 'blob'
read 0 UPDATE state SET value = CAST(printf('%4096s', '') AS BLOB) WHERE typeof(value) = 'blob'
read 0 UPDATE client_day SET day = day + 9000000
read 0 UPDATE client_day SET first_ns = -9223372036854775808, last_ns = 9223372036854775807
read 0 UPDATE client_day SET via = 3
read 0 UPDATE state_step SET n = 9223372036854775807
ODD

	printf 'SQLite format 3\000' >"$tmp/stub.db"
	run summary "$tmp/stub.db"
	expect "a database of 16 octets" 2
	run read -o "$tmp/cut.db" "$one"
	sqlite3 "$tmp/cut.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	head -c 10000 "$tmp/cut.db" >"$tmp/cut2.db"
	run summary "$tmp/cut2.db"
	expect "a database cut short" 2
else
	skip "foreign, newer and locked databases" "the sqlite3 shell is not installed"
fi
run read -o "$tmp/a-capture.pcap" "$one"
cp "$one" "$tmp/a-capture.pcap"
run read -o "$tmp/a-capture.pcap" "$two"
expect "a capture given as the database" 2
if cmp -s "$one" "$tmp/a-capture.pcap"; then pass "which stays as it was"; else fail "which stays as it was"; fi
run read -o "$tmp/none/x.db" "$one"
expect "a database in a folder that is not there" 2
# Names that SQLite would take for something else than a file.
for name in :memory: file:x.db?mode=memory; do
	(cd "$tmp" && "$clientele" read -q -o "$name" "$one") >"$out" 2>"$err"
	status=$?
	expect "a database called $name" 0
	if [ -s "$tmp/$name" ]; then pass "it is a file"; else fail "it is a file"; fi
done
# A first run that was killed leaves an empty database at most: the next one goes on with it.
if have sqlite3; then
	sqlite3 "$tmp/killed.db" 'PRAGMA journal_mode = WAL' >"$tmp/mode"
	run summary "$tmp/killed.db"
	expect "an empty database, asked" 2
	run read -q -o "$tmp/killed.db" "$one"
	expect "an empty database, written" 0
	run summary --format json "$tmp/killed.db"
	figure "an empty database, written:" input.packets 1040
else
	skip "an empty database" "the sqlite3 shell is not installed"
fi
run read -o "$tmp/never.db" "$bad/not-a-capture.pcap"
expect "no capture into a new database" 2
if [ -e "$tmp/never.db" ]; then fail "no database is left"; else pass "no database is left"; fi
run read -o "$tmp/partial.db" --format json "$bad/cut-in-record.pcap"
expect "a damaged capture into a database" 1
run summary --format json "$tmp/partial.db"
figure "its sound packets are in the database:" input.packets 2
figure "and that it was damaged:" input.files.0.damaged true

# A full disk: a small file system of our own.
disk=$tmp/disk
mkdir "$disk"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=128k tmpfs "$disk" 2>"$tmp/mount"; then
	tap_cleanup() { umount "$disk" 2>/dev/null; }
	run read -o "$disk/new.db" "$one"
	expect "a full disk" 2
	is "a full disk: nothing is left" "$(ls -A "$disk")" ""
	umount "$disk"
	if have sqlite3; then
		mount -t tmpfs -o size=2m tmpfs "$disk"
		run read -o "$disk/old.db" "$one"
		expect "a database on a small disk" 0
		dump "$disk/old.db" >"$tmp/before"
		dd if=/dev/zero of="$disk/ballast" bs=4096 2>/dev/null
		run read -o "$disk/old.db" "$two"
		unchanged "a disk that fills up under a database" "$disk/old.db"
		rm "$disk/ballast"
		run read -o "$disk/old.db" "$two"
		expect "which is written when there is room" 0
		umount "$disk"
	else
		skip "a disk that fills up under a database" "the sqlite3 shell is not installed"
	fi
else
	skip "a full disk" "no tmpfs can be mounted here"
fi

# Standard output that cannot be written.
if [ -c /dev/full ]; then
	for format in table json csv; do
		"$clientele" clients --format $format "$one" >/dev/full 2>"$err"
		status=$?
		: >"$out"
		expect "a full standard output, $format" 2
	done
	"$clientele" read -o "$tmp/full.db" "$one" >/dev/full 2>"$err"
	is "a full standard output of read -o" "$?" 2
	"$clientele" clients --help >/dev/full 2>"$err"
	is "a full standard output of --help" "$?" 2
else
	skip "a full standard output" "no /dev/full"
fi
{ "$clientele" clients --step 1 --format csv "$one" 2>"$err"; echo $? >"$tmp/status"; } | head -n 1 >"$out"
if [ ! -s "$err" ]; then pass "a closed pipe is silent"; else fail "a closed pipe is silent" "$err"; fi
is "a closed pipe ends it by its signal" "$(cat "$tmp/status")" 141
"$clientele" clients "$one" >&- 2>"$err"
is "no standard output at all" "$?" 2

# A capture of a link type that nobody knows (147: LINKTYPE_USER0), alone and beside a good one.
cp "$pcaps/link-raw.pcap" "$tmp/user0.pcap"
printf '\223\000\000\000' | dd of="$tmp/user0.pcap" bs=1 seek=20 conv=notrunc 2>"$err"
run summary "$tmp/user0.pcap"
is "of no known link type: status, lines" "$status $(wc -l <"$err" | tr -d ' ')" "1 1"
run summary "$tmp/user0.pcap" "$pcaps/link-ipv6.pcap"
is "the same beside a good capture: status" "$status" 1
if grep -q '^clientele: .*user0.pcap: none of its [0-9]* packets could be decoded: link type 147 is not known$' "$err"; then
	pass "and which it is"
else
	fail "and which it is" "$err"
fi
run summary "$pcaps/link-raw.pcap" "$pcaps/link-ipv6.pcap"
is "two good ones of different link types: status" "$status" 0
tap_done
