# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# Sourced after tap.sh by the tests that replay days of monthload to `clientele capture`: the service in the
# background, and what its database has.
have sqlite3 || skip_all "the sqlite3 shell is not installed"
monthload=$top_builddir/tests/tools/monthload
[ -x "$monthload" ] || { echo "Bail out! $monthload was not built: make check builds it"; exit 1; }
said=$tmp/said # by the service in the background
# A sanitizer cannot look for leaks from within the sandbox: what runs without that may.
with_leaks=$ASAN_OPTIONS
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
pid=
mounted=
tap_cleanup() {
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	[ -z "$mounted" ] || umount -l "$tmp/disk"
}

# begin ARG...: in the background, as $pid.
begin() {
	"$clientele" capture "$@" >"$tmp/said.out" 2>"$said" </dev/null &
	pid=$!
}
# ended: waits for it; leaves $status.
ended() {
	wait "$pid"
	status=$?
	pid=
}
# until_is COMMAND...: tries it for half a minute.
until_is() {
	for _ in $(seq 600); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	return 1
}

# packets DB: how many it has; has_packets DB N: whether there are so many.
packets() {
	{ [ -s "$1" ] && sqlite3 -cmd '.timeout 5000' "$1" 'SELECT coalesce(sum(packets), 0) FROM source' 2>/dev/null; } ||
		echo 0
}
has_packets() { [ "$(packets "$1")" -ge "$2" ]; }

# bare VIEW DB FILE: the view as JSON without what it says of its input.
bare() {
	"$clientele" "$1" -q --format json "$2" 2>&1 | sed -e '/^  "input": {$/,/^  },\{0,1\}$/d' -e 's/"replay:/"/g' \
		-e "s|$tmp/[^\"]*pcap|PCAP|g" -e 's/"stream": [0-9]*, //g' >"$3"
}
# views NAME DB DB: all views are the same.
views() {
	: >"$tmp/differ"
	for view in $every_view; do
		bare "$view" "$2" "$tmp/got"
		bare "$view" "$3" "$tmp/want"
		[ -s "$tmp/got" ] || echo "$view: nothing" >>"$tmp/differ"
		cmp -s "$tmp/got" "$tmp/want" || { echo "$view"; diff "$tmp/want" "$tmp/got"; } >>"$tmp/differ"
	done
	if [ -s "$tmp/differ" ]; then fail "$1: views" "$tmp/differ"; else pass "$1: views"; fi
}
