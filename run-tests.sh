#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs what is missing (Debian), builds anew with sanitizers and -Werror in ./build-tests, runs all tests.
# The last line is "N passed, N failed, N skipped"; the exit status is 0 only if some passed and none failed.
# usage: ./run-tests.sh        as root, or as a user with sudo; CC chooses the compiler
set -u
cd "$(dirname "$0")" || exit 1
. tests/tools/packages.sh

folder=build-tests
results=$folder/test-suite.log

build_and_check() {
	install_packages $build_packages || return 1
	install_packages sqlite3 tshark zstd xz-utils lz4 ||
		echo "sqlite3, tshark, zstd, xz and lz4 are not installed: the tests that use them are skipped."
	[ -x configure ] || autoreconf -fi || return 1
	rm -rf "$folder" # another compiler may have been there
	mkdir "$folder" || return 1
	jobs=$(nproc 2>/dev/null || echo 1)
	# one more than processors: tests of the live capture wait more than they compute
	(cd "$folder" && ../configure --enable-sanitizers --enable-werror && make -j"$jobs" && make -j"$((jobs + 1))" check)
}

# Automake's totals over all assertions of all tests; nothing ran if there is no file.
total() {
	sum=0
	for word in "$@"; do
		n=$(sed -n "s/^# $word: *\([0-9][0-9]*\)$/\1/p" "$results" 2>/dev/null | head -n 1)
		sum=$((sum + ${n:-0}))
	done
	echo "$sum"
}

rm -f "$results"
build_and_check
status=$?
passed=$(total PASS XFAIL) failed=$(total FAIL XPASS ERROR) skipped=$(total SKIP)
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
