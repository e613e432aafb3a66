#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The real captures of ../shared/captures: each is read to its end without a report of a sanitizer,
# its ledger adds up, and NTP and plain UDP DNS are counted as tshark counts them, but for the
# differences in tshark-differences.tsv: file, key, ours, tshark's, why. A difference that is not
# listed fails, and so does one that is listed and no longer there.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
captures=$shared/captures
[ -d "$captures" ] || skip_all "no ../shared/captures beside this tree"
listed=$top_srcdir/tests/oracle/tshark-differences.tsv
grep -v '^#' "$listed" | cut -f1-4 >"$tmp/listed"
is "each listed difference has a reason" "$(grep -v '^#' "$listed" | awk -F'\t' 'NF != 5 || $5 == ""')" ""

tshark=no
if have tshark; then tshark=yes; else echo "$0: tshark is not installed: nothing is compared" >&2; fi

(cd "$captures" && find . -type f ! -name INDEX.tsv | sed 's|^\./||' | sort) >"$tmp/files"
is "captures were found" "$([ "$(wc -l <"$tmp/files")" -gt 50 ] && echo yes)" yes

# tshark takes most of the time: it counts beside.
mkdir "$tmp/counts"
[ $tshark = no ] || (
	n=0
	while read -r file; do
		n=$((n + 1))
		sh "$top_srcdir/tests/tools/tshark-counts.sh" "$captures/$file" >"$tmp/counts/$n" 2>/dev/null
		: >"$tmp/counts/$n.done"
	done <"$tmp/files"
) &
n=0
while read -r file; do
	n=$((n + 1))
	: >"$tmp/wrong"
	for view in $every_view; do
		run $view -q --format json "$captures/$file"
		grep -E 'Sanitizer|runtime error' "$err" >>"$tmp/wrong"
		case $status in
		0 | 1) "$jsonget" "$out" >"$tmp/figures" 2>>"$tmp/wrong" ;;
		2)
			grep -q "^$file	exit	2	" "$tmp/listed" || echo "$view: exit status 2: $(head -n 1 "$err")" >>"$tmp/wrong"
			one_line "$err" || echo "$view: not one line on standard error" >>"$tmp/wrong"
			;;
		*) echo "$view: exit status $status" >>"$tmp/wrong" ;;
		esac
		[ $view = summary ] || continue
		first=$status
		[ "$status" -eq 2 ] || ledger "$out" >>"$tmp/wrong"
		[ "$status" -ne 2 ] || : >"$tmp/figures"
		awk -F'\t' '$1 ~ /^(input\.packets|ntp\.packets|ntp\.(modes|versions)\.[0-9]+|dns\.udp\.(queries|responses))$/ &&
			$2 != 0 { print $1 "\t" $2 }' "$tmp/figures" | sort >"$tmp/ours"
	done
	[ "$first" = "$status" ] || echo "views end with different exit statuses" >>"$tmp/wrong"
	if [ $tshark = yes ]; then
		[ "$first" -ne 2 ] || echo "exit	2" >>"$tmp/ours"
		while [ ! -f "$tmp/counts/$n.done" ]; do sleep 0.1; done
		awk '$2 != 0 && $1 !~ /\.shown$/ { print $1 "\t" $2 }' "$tmp/counts/$n" | sort >"$tmp/theirs"
		sed 's/^/-	/' "$tmp/theirs" | cat - "$tmp/ours" | awk -F'\t' -v file="$file" '
			$1 == "-" { theirs[$2] = $3; keys[$2]; next }
			{ ours[$1] = $2; keys[$1] }
			END {
				for (k in keys) if (ours[k] + 0 != theirs[k] + 0)
					print file "\t" k "\t" ours[k] + 0 "\t" theirs[k] + 0
			}' | sort >"$tmp/differ"
		awk -F'\t' -v file="$file" '$1 == file' "$tmp/listed" | sort >"$tmp/known"
		diff "$tmp/known" "$tmp/differ" >"$tmp/diff" || {
			echo "other differences from tshark than listed (<), as file, key, ours, tshark's (>):"
			grep '^[<>]' "$tmp/diff"
		} >>"$tmp/wrong"
	fi
	if [ -s "$tmp/wrong" ]; then fail "$file" "$tmp/wrong"; else pass "$file"; fi
done <"$tmp/files"
cut -f1 "$tmp/listed" | sort -u | while read -r file; do
	grep -qxF "$file" "$tmp/files" || echo "$file"
done >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "each listed file is there" "$tmp/wrong"; else pass "each listed file is there"; fi
[ $tshark = yes ] || skip "counts against tshark" "tshark is not installed"
tap_done
