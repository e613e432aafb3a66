#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every row of dissect/anomaly.def and dissect/facts.def is well formed and has a test packet: a unit test names the
# row (tests/unit/: CL_ANOM_ID, CL_FACT_ID or the name in quotes, "!layer.what" in the text of a packet), and the
# packets that unit tests feed raise it. What changed octets of test vectors happen to raise does not count.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
unit=$top_srcdir/tests/unit
anomalies=$top_srcdir/dissect/anomaly.def
facts=$top_srcdir/dissect/facts.def
CLIENTELE_RAISED=$tmp/raised
export CLIENTELE_RAISED
: >"$CLIENTELE_RAISED"

# rows FILE: the columns, separated by tabs.
rows() {
	awk '/^X\(/ {
		sub(/^X\(/, ""); sub(/\)$/, "")
		out = ""
		for (line = $0; line != ""; ) {
			if (line ~ /^"/) match(line, /^"[^"]*"/)
			else match(line, /^[^,]*/)
			one = substr(line, 1, RLENGTH)
			gsub(/"/, "", one)
			out = out (out == "" ? "" : "\t") one
			line = substr(line, RLENGTH + 1)
			sub(/^, */, "", line)
		}
		print out
	}' "$1"
}

rows "$anomalies" >"$tmp/anomalies"
rows "$facts" | cut -f1,2 >"$tmp/facts"

# layers: what a layer of a packet may be called, and what stands for several.
{
	sed -n 's/.*struct cl_protocol [a-z0-9_]* = { "\([^"]*\)".*/\1/p' "$top_srcdir"/dissect/*.c "$top_srcdir"/dissect/*/*.c
	echo dns # one of several by transport
	echo frame
	echo tunnel # any
} | sort -u >"$tmp/layers"

awk -F'\t' '
	FILENAME == ARGV[1] { layer[$1]; next }
	NF != 5 { print "not five columns: " $0; next }
	$1 !~ /^[A-Z][A-Z0-9_]*$/ { print "id: " $1 }
	$2 !~ /^[a-z][a-z0-9_]*\.[a-z0-9_]+$/ { print "name: " $2 }
	seen[$2]++ { print "twice: " $2 }
	ids[$1]++ { print "twice: " $1 }
	!($3 in layer) { print $2 ": unknown layer " $3 }
	$4 !~ /^(RFC [0-9]+( (sec|app)\. [0-9A-Z.]+)?(, |$))+$/ && $4 !~ /^draft-[a-z0-9-]+( sec\. [0-9.]+)?$/ &&
		$4 !~ /^IEEE 802\.[0-9]+ sec\. [0-9.]+$/ &&
		$4 !~ /^(clientele\(1\)|ntp_request\.h|radiotap\.org)$/ { print $2 ": reference " $4 }
	length($5) < 8 || $5 ~ /\.$/ { print $2 ": words" }
	END { if (NR < 100) print "the table was not read" }' "$tmp/layers" "$tmp/anomalies" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "rows of anomaly.def" "$tmp/wrong"; else pass "rows of anomaly.def"; fi
cut -f2 "$tmp/facts" | sort | uniq -d >"$tmp/wrong"
[ -s "$tmp/facts" ] || echo "the table was not read" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "rows of facts.def" "$tmp/wrong"; else pass "rows of facts.def"; fi

# named PREFIX FILE: rows that no unit test names.
cat "$unit"/*.c "$unit"/*.h | grep -oE 'CL_(ANOM|FACT)_[A-Z0-9_]+|"!?[a-z0-9_]+(\.[a-z0-9_]+)?"' |
	sed -e 's/"//g' -e 's/^!//' | sort -u >"$tmp/names"
for kind in ANOM FACT; do
	file=$tmp/anomalies
	[ $kind = ANOM ] || file=$tmp/facts
	awk -F'\t' -v kind="CL_${kind}_" 'NR == FNR { named[$1]; next }
		!($2 in named) && !((kind $1) in named) { print $2 }' "$tmp/names" "$file" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "a unit test names each $kind" "$tmp/wrong"; else pass "a unit test names each $kind"; fi
done

ran=0
for source in "$unit"/test_*.c; do
	program=$top_builddir/tests/unit/$(basename "$source" .c)
	grep -qE 'raised_free|include "tests/unit/(vectors|frames|dnsmsg|ntp_payload|tls_rig|frag_rig|tcp_rig)\.h"' "$source" || continue
	[ -x "$program" ] || continue
	"$program" >"$tmp/log" 2>&1 || fail "$program" "$tmp/log"
	ran=$((ran + 1))
done
if [ $ran -eq 0 ]; then
	skip "raised by unit tests" "the unit tests were not built"
else
	sort -u "$CLIENTELE_RAISED" >"$tmp/raised.sorted"
	{ cut -f2 "$tmp/anomalies" | sed 's/^/anomaly /'; cut -f2 "$tmp/facts" | sed 's/^/fact /'; } | sort -u |
		comm -23 - "$tmp/raised.sorted" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "each is raised by a unit test's packet" "$tmp/wrong"; else pass "each is raised by a unit test's packet"; fi
fi
tap_done
