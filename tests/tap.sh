#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Sourced by the tests in shell: TAP output, a scratch folder, and the program under test.
# A test ends with tap_done, which prints the plan.
set -u
if [ -z "${top_srcdir:-}" ]; then
	top_srcdir=$(cd "$(dirname "$0")/.." && pwd)
	[ -f "$top_srcdir/configure.ac" ] || top_srcdir=$(dirname "$top_srcdir")
fi
top_builddir=${top_builddir:-$top_srcdir}
clientele=${CLIENTELE:-$top_builddir/cli/clientele}
jsonget=$top_builddir/tests/tools/jsonget
cutpcap=$top_builddir/tests/tools/cutpcap
pcaps=$top_srcdir/testdata/pcaps
bad=$top_srcdir/testdata/bad
shared=${CLIENTELE_SHARED:-$top_srcdir/../shared}

# A sanitizer's report must not look like one of our exit statuses.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}exitcode=99:print_stacktrace=1
LSAN_OPTIONS=${LSAN_OPTIONS:+$LSAN_OPTIONS:}exitcode=99
export ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS

for program in "$clientele" "$jsonget" "$cutpcap"; do
	[ -x "$program" ] || { echo "Bail out! $program was not built: make check builds it"; exit 1; }
done

tap_n=0
tap_failed=0
tmp=$(mktemp -d) || exit 1
tap_cleanup() { :; } # a test may define its own
trap 'tap_cleanup; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
out=$tmp/out
err=$tmp/err

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

pass() {
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s\n' "$tap_n" "$1"
}

# fail NAME [FILE]: FILE says why.
fail() {
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_n" "$1"
	[ $# -lt 2 ] || [ ! -s "$2" ] || head -n 20 "$2" | sed 's/^/# /'
}

skip() {
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_n" "$1" "$2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	echo "$0: skipped: $1" >&2
	exit 0
}

tap_done() {
	echo "1..$tap_n"
	exit $((tap_failed > 0))
}

# is NAME GOT WANT
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		diag "got:  $2"
		diag "want: $3"
	fi
}

# same NAME GOT-FILE WANT-FILE
same() {
	if diff "$3" "$2" >"$tmp/diff" 2>&1; then
		pass "$1"
	else
		fail "$1" "$tmp/diff"
	fi
}

have() { command -v "$1" >/dev/null 2>&1; }

# run ARG...: the program; leaves $out, $err and $status.
run() {
	"$clientele" "$@" >"$out" 2>"$err" </dev/null
	status=$?
}

# value PATH [FILE]: one figure of a JSON file, "absent" if it is not there.
value() { "$jsonget" "${2:-$out}" "$1"; }

# one_line FILE: whether it is a single line `clientele: WHAT: WHY`.
one_line() { [ "$(wc -l <"$1")" -eq 1 ] && grep -q '^clientele: [^:].*: .' "$1"; }

# figure NAME PATH VALUE: what the last run wrote as JSON has this value there.
figure() { is "$1 $2" "$(value "$2" 2>&1)" "$3"; }

# The names of all views, in the order of the help text.
every_view=$(sed -n 's/^X(\([a-z0-9]*\))$/\1/p' "$top_srcdir/cli/view/views.def" | tr '\n' ' ')

# ledger FILE: prints what does not add up in a summary.
ledger() {
	"$jsonget" "$1" | awk -F'\t' '
		{ v[$1] = $2 }
		$1 ~ /^input\.undecoded\.[0-9]+\.packets$/ { undecoded += $2 }
		$1 ~ /^ntp\.modes\.[0-9]/ { modes += $2 }
		$1 ~ /^ntp\.versions\.[0-9]/ { versions += $2 }
		function need(key) {
			if (!(key in v) || v[key] !~ /^[0-9]+$/) { print key " is " (key in v ? v[key] : "absent"); return 0 }
			return v[key]
		}
		function equal(what, a, b) { if (a != b) print what ": " a " is not " b }
		function side(p, requests) {
			equal(p requests, need(p requests), need(p "matched") + need(p "unanswered"))
			equal(p "responses", need(p "responses"), need(p "matched") + need(p "duplicates") \
				+ need(p "late") + need(p "backwards") + need(p "bogus"))
			equal(p "clients.total", need(p "clients.total"), need(p "clients.ipv4") + need(p "clients.ipv6"))
			equal(p "delta_s.n", need(p "delta_s.n"), need(p "matched"))
			if (need(p "open_at_end") > need(p "unanswered")) print p "open_at_end is more than unanswered"
		}
		END {
			if (NR == 0) { print "no JSON"; exit }
			equal("input.packets", need("input.packets"), need("input.counted") + need("input.other") \
				+ need("input.filtered") + undecoded + need("input.truncated") + need("input.malformed") \
				+ need("input.incomplete"))
			side("ntp.", "requests")
			side("dns.", "queries")
			equal("sum of ntp.modes", modes + 0, need("ntp.packets"))
			equal("sum of ntp.versions", versions + 0, need("ntp.packets"))
		}' 2>&1
}
