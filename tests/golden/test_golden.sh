#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What dissect prints of a few captures, to the octet: NAME.line, NAME.tree and NAME.json beside this file. It is our
# own output, read through once: what is right is proved elsewhere (tests/unit, test_fields.sh); this shows what
# a change changes. To take over a change that was meant, from the build folder, and to look at it:
#   GOLDEN_UPDATE=1 make check TESTS=tests/golden/test_golden.sh && git diff
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
golden=$top_srcdir/tests/golden
cd "$pcaps" || exit 1

# form NAME WORD FILE OPTION...
form() {
	name=$1 word=$2 file=$3
	shift 3
	run dissect "$@" "$file"
	is "$name.$word: exit status" "$status" 0
	[ -z "${GOLDEN_UPDATE:-}" ] || cp "$out" "$golden/$name.$word"
	same "$name.$word" "$out" "$golden/$name.$word"
}
for file in ntp-kod.pcap ntp-mac.pcap dns-edns.pcap link-vlan.pcap ip6-extensions.pcap; do
	name=${file%.pcap}
	form "$name" line "$file"
	form "$name" tree "$file" -V -c 4
	form "$name" json "$file" --json -c 4
done
tap_done
