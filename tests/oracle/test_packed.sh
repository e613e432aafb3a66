#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Compressed captures, packed by the formats' own programs: the same figures as from the plain file, also of
# several members, through a pipe, and of what is left of a file cut short or damaged.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

plain=$tmp/plain.pcap
cp "$pcaps/ntp-chrony.pcap" "$plain" || exit 1
size=$(wc -c <"$plain")

# figures of a capture, without its path
figures() {
	run summary -q --format json "$1"
	"$jsonget" "$out" | grep -v '^input\.files\.[0-9]*\.path'
}

figures "$plain" >"$tmp/want"
is "the plain file" "$status" 0

# pack NAME PROGRAM [ARG...]: tests one format
pack() {
	name=$1
	shift
	if ! have "$1"; then
		skip "$name" "$1 is not installed"
		return
	fi
	"$@" -c "$plain" >"$tmp/one.$name"
	figures "$tmp/one.$name" >"$tmp/got"
	if grep -q "$name compression is not supported by this build" "$err"; then
		skip "$name" "this build lacks the library"
		return
	fi
	is "$name" "$(diff "$tmp/want" "$tmp/got")" ""

	# several members
	head -c "$((size / 2))" "$plain" >"$tmp/a"
	tail -c "+$((size / 2 + 1))" "$plain" >"$tmp/b"
	{ "$@" -c "$tmp/a"; "$@" -c "$tmp/b"; } >"$tmp/two.$name"
	figures "$tmp/two.$name" >"$tmp/got"
	is "$name: two members" "$(diff "$tmp/want" "$tmp/got")" ""

	"$clientele" summary -q --format json - <"$tmp/one.$name" >"$out" 2>"$err"
	"$jsonget" "$out" | grep -v '^input\.files\.[0-9]*\.path' >"$tmp/got"
	is "$name: through standard input" "$(diff "$tmp/want" "$tmp/got")" ""

	packed=$(wc -c <"$tmp/one.$name")
	head -c "$((packed * 2 / 3))" "$tmp/one.$name" >"$tmp/cut.$name"
	run summary -q --format json "$tmp/cut.$name"
	case $status$(cat "$err") in
	[12]*"cut short in $name data"*) pass "$name: cut short" ;;
	*) fail "$name: cut short" "$err" ;;
	esac

	{ cat "$tmp/one.$name"; echo garbage; } >"$tmp/more.$name"
	run summary -q --format json "$tmp/more.$name"
	case $status$(cat "$err") in # xz itself takes it for a further stream that is cut short
	1*"octets that are not $name follow the last member"* | 1*"cut short in $name data"* | 1*"damaged in $name data"*) pass "$name: garbage behind" ;;
	*) fail "$name: garbage behind" "$err" ;;
	esac
}

pack gzip gzip
pack zstd zstd -q
pack xz xz
pack lz4 lz4 -q

# Damaged gzip whose codes are not all defined: what comes out of it does not depend on what memory held before.
once=
for octet in 1 77 200; do
	MALLOC_PERTURB_=$octet ASAN_OPTIONS=$ASAN_OPTIONS:max_malloc_fill_size=16777216:malloc_fill_byte=$octet \
		"$clientele" dissect -q --json "$top_srcdir/tests/fuzz/crashes/input/gzip-codes-missing" >"$out" 2>&1
	[ -n "$once" ] || { cp "$out" "$tmp/once"; once=1; }
	same "gzip: codes that are missing, memory of $octet" "$out" "$tmp/once"
done
tap_done
