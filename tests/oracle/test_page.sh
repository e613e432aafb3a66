#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The page of serve in a browser: nothing on its console, all plots drawn, its style taken, and the numbers of its tables
# as they were sent (tests/oracle/test_serve.sh holds those against the JSON of the views).
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

browser=
for name in chromium chromium-browser google-chrome; do
	have $name && browser=$name && break
done
[ -n "$browser" ] || skip_all "no chromium"
have curl || skip_all "no curl"
server=
tap_cleanup() { [ -z "$server" ] || kill "$server" 2>/dev/null; }

db=$tmp/one.db
"$clientele" read -q -o "$db" "$pcaps/windows-sort-1-us.pcap" "$pcaps/windows-sort-2-ns.pcap" || fail "a database"
"$clientele" serve --listen 127.0.0.1:0 "$db" >"$tmp/serve.out" 2>"$tmp/serve.err" </dev/null &
server=$!
tries=0
until url=$(sed -n 's/^clientele: \(http:[^ ]*\)\/: serves .*/\1/p' "$tmp/serve.err") && [ -n "$url" ]; do
	tries=$((tries + 1))
	if ! kill -0 "$server" 2>/dev/null || [ "$tries" -gt 200 ]; then
		server=
		grep -q 'without libmicrohttpd' "$tmp/serve.err" && skip_all "built without libmicrohttpd"
		fail "serve begins" "$tmp/serve.err"
		tap_done
	fi
	sleep 0.1
done

# browse URL WIDTH [OPTION...]: what the page has become in $tmp/dom, the browser's messages in $tmp/log
browse() {
	page=$1
	width=$2
	shift 2
	mkdir -p "$tmp/profile"
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --user-data-dir="$tmp/profile" --window-size="$width,900" \
		--enable-logging=stderr --v=0 "$@" --dump-dom "$page" >"$tmp/dom" 2>"$tmp/log"
}
printf '<!DOCTYPE html><title>x</title><script>console.error("planted")</script><p>here</p>' >"$tmp/planted.html"
browse "file://$tmp/planted.html" 800
if ! grep -q here "$tmp/dom"; then
	fail "the browser runs" "$tmp/log"
	tap_done
fi
is "an error on the console is seen" "$(grep -c 'CONSOLE.*planted' "$tmp/log")" 1

values() { grep -o '<data value="[^"]*">[^<]*</data>' "$1"; }
for path in / "/?day=2026-06-30" "/?server=192.0.2.1&refresh=off"; do
	curl -s -o "$tmp/sent" "$url$path"
	for width in 400 1400; do
		browse "$url$path" $width
		if grep -E 'CONSOLE|Refused' "$tmp/log" >"$tmp/wrong"; then fail "$path at $width: the console" "$tmp/wrong"; else pass "$path at $width: the console"; fi
		values "$tmp/sent" >"$tmp/want"
		values "$tmp/dom" >"$tmp/got"
		is "$path at $width: there are numbers" "$([ "$(wc -l <"$tmp/got")" -gt 50 ] && echo yes)" yes
		same "$path at $width: the numbers that were sent" "$tmp/got" "$tmp/want"
		is "$path at $width: plots" "$(grep -c '<svg[^>]*class="cl-plot"' "$tmp/dom")" "$(grep -c '<svg[^>]*class="cl-plot"' "$tmp/sent")"
	done
done
browse "$url/?refresh=off" 800 --blink-settings=preferredColorScheme=0
if grep -E 'CONSOLE|Refused' "$tmp/log" >"$tmp/wrong"; then fail "dark: the console" "$tmp/wrong"; else pass "dark: the console"; fi
kill -TERM "$server"
wait "$server"
is "SIGTERM" $? 0
server=
tap_done
