#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Forges every capture of testdata/ again and compares octet by octet: what is stored is what the
# forger makes, on every machine.
set -eu
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir}
mkpcap=${MKPCAP:-$top_builddir/tests/tools/mkpcap}

skip() {
	echo "1..1"
	echo "ok 1 # SKIP $1"
	exit 0
}

[ -x "$mkpcap" ] || skip "mkpcap was not built: configure found no libnet"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/pcaps" "$dir/bad"
if ! "$mkpcap" --all "$dir" 2>"$dir/err"; then
	! grep -q '^mkpcap: libnet:' "$dir/err" || skip "libnet could not be opened: $(head -1 "$dir/err")"
	echo "Bail out! $(head -1 "$dir/err")"
	exit 1
fi
"$mkpcap" --list >"$dir/list"
echo "1..$(wc -l <"$dir/list")"
n=0
while read -r name; do
	n=$((n + 1))
	if cmp "$dir/$name" "$top_srcdir/testdata/$name" >"$dir/err" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$dir/err"
	fi
done <"$dir/list"
