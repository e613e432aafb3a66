# SPDX-License-Identifier: BSD-2-Clause
# TAP: each fuzz target built without libFuzzer runs over its seeds and over the inputs that once broke it.
set -u
set -- dissect input
echo "1..$#"
n=0
for target; do
	n=$((n + 1))
	folders="$top_srcdir/tests/fuzz/seeds/$target"
	[ -d "$top_srcdir/tests/fuzz/crashes/$target" ] && folders="$folders $top_srcdir/tests/fuzz/crashes/$target"
	if "$top_builddir/tests/fuzz/fuzz_$target" $folders; then
		echo "ok $n - $target"
	else
		echo "not ok $n - $target"
	fi
done
