#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# One worker and many give the same octets: every view of every capture, and every row of the database.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

# views FILE WORKERS: all that is printed of it
views() {
	for view in summary clients delta; do
		"$clientele" "$view" -q --workers "$2" --format json "$1" 2>&1
		echo "exit $?"
	done
}

# rows FILE WORKERS: the database without its seed, of which the marks of answered requests are made
rows() {
	rm -f "$tmp/w.db"
	"$clientele" read -q --workers "$2" -o "$tmp/w.db" "$1" >/dev/null 2>&1 || true
	[ -f "$tmp/w.db" ] || return 0
	sqlite3 "$tmp/w.db" .dump | grep -v -e "INTO meta VALUES('seed'" -e "INTO state VALUES(1,'\(answered\|open_requests\)" | sort # waiting pings stand in the order of a hash
}

# check FILE
check() {
	views "$1" 1 >"$tmp/one"
	views "$1" 2 >"$tmp/two"
	cmp -s "$tmp/one" "$tmp/two" || echo "$1: views differ"
	have sqlite3 || return 0
	rows "$1" 1 >"$tmp/one"
	rows "$1" 2 >"$tmp/two"
	cmp -s "$tmp/one" "$tmp/two" || echo "$1: rows differ"
}

have sqlite3 || diag "sqlite3 is not installed: rows of databases are not compared"
checked=0
for file in "$pcaps"/*.pcap "$pcaps"/*.pcapng; do
	check "$file"
	checked=$((checked + 1))
done >"$tmp/ours"
is "our captures" "$(cat "$tmp/ours")" ""

if [ -d "$shared/captures" ]; then
	find "$shared/captures" -type f ! -name INDEX.tsv | sort >"$tmp/list"
	while read -r file; do
		check "$file"
	done <"$tmp/list" >"$tmp/theirs"
	is "$(wc -l <"$tmp/list") shared captures" "$(cat "$tmp/theirs")" ""
else
	skip "shared captures" "../shared/captures is away"
fi
tap_done
