#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# serve that runs out of descriptors or of its memory: what could not be answered takes no place of what comes after.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have curl || skip_all "curl is not installed"
server=
tap_cleanup() { [ -z "$server" ] || kill "$server" 2>/dev/null; }
"$clientele" read -q --keep transactions -o "$tmp/kept.db" "$pcaps/windows-sort-1-us.pcap" || fail "a database"

# begin DESCRIPTORS [ARGUMENT...]: a server that may have so many open; sets $url
begin() {
	descriptors=$1
	shift
	[ $# -gt 0 ] || set -- "$tmp/kept.db"
	: >"$tmp/serve.err" # the one before said where it was
	(
		ulimit -n "$descriptors"
		exec "$clientele" serve --listen 127.0.0.1:0 "$@"
	) </dev/null >"$tmp/serve.out" 2>"$tmp/serve.err" &
	server=$!
	tries=0
	until url=$(sed -n 's/^clientele: \(http:[^ ]*\)\/: serves .*/\1/p' "$tmp/serve.err") && [ -n "$url" ]; do
		tries=$((tries + 1))
		kill -0 "$server" 2>/dev/null && [ "$tries" -lt 100 ] || return 1
		sleep 0.1
	done
}
# The question that reads single messages, of which there is one at a time.
ask() { curl -s -m 5 -o "$out" -w '%{http_code}' "$url/api/query"; }

met=
n=7
while [ -z "$met" ] && [ "$n" -lt 24 ]; do
	if begin "$n"; then
		[ "$(ask)" = 500 ] && met=$n && break
		kill "$server"
		wait "$server" 2>/dev/null
	fi
	server=
	n=$((n + 1))
done
if grep -q 'without libmicrohttpd' "$tmp/serve.err"; then skip_all "built without libmicrohttpd"; fi
if [ -z "$met" ]; then
	skip "no room for an answer" "no number of descriptors lets a connection in and no answer out"
else
	is "no room for an answer: the next question is not told to wait for it" "$(ask) $(ask)" "500 500"
	is "no room for an answer: the server goes on" "$(curl -s -m 5 -o "$out" -w '%{http_code}' "$url/page.css?x=1")" 500
	kill "$server"
	wait "$server"
	is "no room for an answer: ends as it should" $? 0
	server=
fi

# Half a year with next to nothing in it: its series is longer than an answer may be, a sixteenth of what there is.
"$clientele" read -q --keep transactions -o "$tmp/long.db" "$pcaps/icmp-types.pcap" "$pcaps/client-chrony.pcap" || fail "a database"
get() { curl -s -m 60 -o "$out" -w '%{http_code}' "$url$1"; }
if begin 64 --max-memory 64M "$tmp/long.db"; then
	is "--max-memory: an answer that is too long" "$(get /api/clients)" 500
	is "--max-memory: it says what to do" "$(value error)" "could not be answered: ask for less, or on the command line"
	is "--max-memory: what needs little is answered" "$(get /metrics) $(get /api/summary)" "200 200"
	if grep -q __asan_init "$clientele"; then
		skip "--max-memory: a question that takes too much" "a sanitizer's address space has no limit"
	else
		is "--max-memory: a question that takes too much" "$(get /api/nts)" 503
		if value error | grep -q memory; then pass "--max-memory: and says so"; else fail "--max-memory: and says so" "$out"; fi
	fi
	is "--max-memory: the server goes on" "$(get /healthz)" 200
	kill "$server"
	wait "$server"
	is "--max-memory: ends as it should" $? 0
	server=
else
	fail "--max-memory: begins" "$tmp/serve.err"
fi
tap_done
