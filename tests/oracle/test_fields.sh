#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Field for field with tshark: `clientele dissect --json` against `tshark -T fields`, over each capture of
# testdata/pcaps and ../shared/captures: in every frame, every field of ntp, dns, ip, ipv6, udp, tcp, icmp and
# icmpv6, and each of our other fields that Wireshark has too, has the same values in the same order, but for
# what field-differences.tsv names. Fields that only we have are in own-fields.tsv.
# Alone, with other captures, to see what differs: test_fields.sh CAPTURE... With FIELDS_REPORT=FILE, each field
# that differs is a line of FILE: kind, capture, field, number of frames, the first, both values, frames.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have tshark || skip_all "tshark is not installed: no field is compared"
fieldcompare=$top_builddir/tests/tools/fieldcompare
[ -x "$fieldcompare" ] || { echo "Bail out! $fieldcompare was not built: make check builds it"; exit 1; }
rules=$top_srcdir/tests/oracle/field-differences.tsv
own=$top_srcdir/tests/oracle/own-fields.tsv
protocols='ntp|dns|ip|ipv6|udp|tcp|icmp|icmpv6'

is "each rule has five columns" "$(grep -v '^#' "$rules" | awk -F'\t' 'NF != 5 || $5 == ""')" ""
is "each field of our own has a meaning" "$(grep -v '^#' "$own" | awk -F'\t' 'NF != 2 || $2 == ""')" ""

# Captures: a path, and the name that rules know.
whole=no
if [ $# -gt 0 ]; then
	for file; do printf '%s\t%s\n' "$file" "${file##*/}"; done >"$tmp/captures"
else
	{
		find "$pcaps" -type f -name '*.pcap*' | sort | while read -r file; do printf '%s\t%s\n' "$file" "${file##*/}"; done
		if [ -d "$shared/captures" ]; then
			whole=yes
			find "$shared/captures" -type f ! -name INDEX.tsv | sort | while read -r file; do
				printf '%s\t%s\n' "$file" "${file#"$shared/captures/"}"
			done
		else
			echo "$0: no ../shared/captures beside this tree: only testdata/pcaps is compared" >&2
		fi
	} >"$tmp/captures"
fi

# Ours first: what we carry decides what to ask tshark for.
mkdir "$tmp/ours" "$tmp/result"
n=0
while IFS='	' read -r file name; do
	n=$((n + 1))
	"$clientele" dissect -q --json "$file" >"$tmp/ours/$n" 2>"$tmp/result/$n.err" </dev/null
	echo $? >"$tmp/result/$n.status"
done <"$tmp/captures"
"$fieldcompare" --names "$tmp"/ours/* | sort >"$tmp/carried"
tshark -G fields 2>/dev/null | awk -F'\t' '$1 == "F" && !seen[$3]++ { print $3 "\t" $4 }' | sort >"$tmp/all"
cut -f1 "$tmp/all" >"$tmp/known"
{
	grep -E "^($protocols)\\." "$tmp/known"
	comm -12 "$tmp/carried" "$tmp/known"
} | grep -v '^tcp[.]checksum\(.status\|_calculated\)$' | sort -u >"$tmp/columns"
awk -F'\t' 'NR == FNR { column[$1]; next } $1 in column || $1 ~ /^tcp[.]checksum/' "$tmp/columns" "$tmp/all" >"$tmp/types"

# against FILE NAME N VERIFY COLUMNS: tshark's side, and the comparison; VERIFY: the checksums of TCP.
against() {
	# shellcheck disable=SC2046 # names of fields have no blanks
	tshark -n -r "$1" -o ip.defragment:TRUE -o ipv6.defragment:TRUE -o ip.check_checksum:TRUE \
		-o udp.check_checksum:TRUE -o tcp.check_checksum:"$4" -o udp.try_heuristic_first:FALSE \
		-o tcp.try_heuristic_first:FALSE -o eth.fcs:Never -d udp.port==53,dns -d udp.port==123,ntp \
		-T fields -E header=y -E occurrence=a -E "separator=$(printf '\036')" -E "aggregator=$(printf '\037')" \
		-e frame.number $(sed 's/^/-e /' "$5") 2>/dev/null |
		"$fieldcompare" "$tmp/types" "$rules" "$2" "$tmp/ours/$3" - >>"$tmp/result/$3" 2>>"$tmp/result/$3.err" ||
		echo failed >"$tmp/result/$3.status"
}

# theirs FILE NAME N
theirs() {
	file=$1
	case $(od -An -tx1 -N4 "$file" | tr -d ' ') in
	28b52ffd)
		zstd -qdcf "$file" >"$tmp/ours/$3.plain"
		file=$tmp/ours/$3.plain
		;;
	esac
	against "$file" "$2" "$3" FALSE "$tmp/columns"
	# with checksums verified, tshark puts no segments together whose checksum was left to the hardware
	if grep -q '"tcp.checksum.status"' "$tmp/ours/$3"; then
		printf 'tcp.checksum%s\n' .status _calculated >"$tmp/ours/$3.sums"
		against "$file" "$2" "$3" TRUE "$tmp/ours/$3.sums"
	fi
	rm -f "$tmp/ours/$3" "$tmp/ours/$3.plain" "$tmp/ours/$3.sums"
}
for side in 0 1; do
	n=0
	while IFS='	' read -r file name; do
		n=$((n + 1))
		[ $((n % 2)) -eq $side ] || continue
		[ "$(cat "$tmp/result/$n.status")" -gt 1 ] || theirs "$file" "$name" $n
	done <"$tmp/captures" &
done
wait

# A field that we carry nowhere is told once, not in each capture.
: >"$tmp/missing"
: >"$tmp/results"
n=0
while IFS='	' read -r file name; do
	n=$((n + 1))
	: >"$tmp/wrong"
	case $(cat "$tmp/result/$n.status") in
	0 | 1) ;;
	2)
		if grep -q "^$name	-	-	unread	" "$rules"; then
			grep -n "^$name	-	-	unread	" "$rules" | sed 's/:.*//; s/^/rule	/' >>"$tmp/results"
		elif grep -q 'not supported by this build' "$tmp/result/$n.err"; then
			skip "fields: $name" "this build cannot unpack it"
			continue
		else
			cat "$tmp/result/$n.err" >"$tmp/wrong"
		fi
		;;
	*)
		echo "comparing failed" >"$tmp/wrong"
		cat "$tmp/result/$n.err" >>"$tmp/wrong"
		;;
	esac
	if [ -s "$tmp/result/$n" ]; then
		cat "$tmp/result/$n" >>"$tmp/results"
		awk -F'\t' -v missing="$tmp/missing" 'NR == FNR { carried[$1]; next }
			$1 == "rule" || $1 == "shown" { next }
			$1 == "absent" && !($3 in carried) { print $3 "\t" $2 "\t" $5 "\t" $7 >>missing; next }
			{
				key = $1 "\t" $8
				if (!(key in fields)) keys[++nkeys] = key
				fields[key] = fields[key] " " $3
				count[key]++
				example[key] = " (frame " $5 ": ours \"" substr($6, 1, 60) "\", tshark \"" substr($7, 1, 60) "\")"
			}
			END {
				words["absent"] = "only tshark shows"
				words["extra"] = "only we show"
				words["value"] = "different values of"
				for (i = 1; i <= nkeys; i++) {
					split(keys[i], part, "\t")
					print "in frames " part[2] " " words[part[1]] fields[keys[i]] (count[keys[i]] == 1 ? example[keys[i]] : "")
				}
			}' \
			"$tmp/carried" "$tmp/result/$n" >>"$tmp/wrong"
	fi
	if [ -s "$tmp/wrong" ]; then
		[ -z "${FIELDS_REPORT:-}" ] || [ ! -f "$tmp/result/$n" ] || awk -F'\t' -v OFS='\t' 'NR == FNR { carried[$1]; next }
			$1 == "rule" || $1 == "shown" || ($1 == "absent" && !($3 in carried)) { next } { print }' \
			"$tmp/carried" "$tmp/result/$n" >>"$FIELDS_REPORT"
		fail "fields: $name" "$tmp/wrong"
	else
		pass "fields: $name"
	fi
done <"$tmp/captures"

# glob PATTERNS: those of its lines that hold a field, as an awk function needs them.
sort "$tmp/missing" | awk -F'\t' '{ n[$1]++ } n[$1] == 1 { first[$1] = $2 " frame " $3 ": " $4 }
	END { for (f in n) print f ": shown by tshark in " n[f] " captures, first " first[f] }' | sort >"$tmp/wrong"
[ -z "${FIELDS_REPORT:-}" ] || sed 's/^/missing	/' "$tmp/wrong" >>"$FIELDS_REPORT"
if [ -s "$tmp/wrong" ]; then
	fail "fields that tshark shows and we never carry are listed" "$tmp/wrong"
else
	pass "fields that tshark shows and we never carry are listed"
fi

awk -F'\t' 'NR == FNR { carried[$1]; next }
	/^#/ || $4 != "not-carried" { next }
	{
		pattern = "^" $2 "$"
		gsub(/\./, "[.]", pattern)
		gsub(/\*/, ".*", pattern)
		for (f in carried) if (f ~ pattern) print f " is carried, but " $2 " is listed as not carried"
	}' "$tmp/carried" "$rules" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "what is listed as not carried is not" "$tmp/wrong"; else pass "what is listed as not carried is not"; fi

comm -23 "$tmp/carried" "$tmp/known" >"$tmp/ourown"
grep -v '^#' "$own" | cut -f1 | sort >"$tmp/listed"
comm -23 "$tmp/ourown" "$tmp/listed" >"$tmp/wrong"
[ -z "${FIELDS_REPORT:-}" ] || sed 's/^/own	/' "$tmp/wrong" >>"$FIELDS_REPORT"
if [ -s "$tmp/wrong" ]; then fail "fields of our own are listed" "$tmp/wrong"; else pass "fields of our own are listed"; fi
comm -12 "$tmp/listed" "$tmp/known" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "none of them is Wireshark's" "$tmp/wrong"; else pass "none of them is Wireshark's"; fi

if [ $whole = yes ]; then
	awk -F'\t' '$1 == "rule" { print $2 }' "$tmp/results" | sort -u >"$tmp/used"
	awk -v used="$tmp/used" 'BEGIN { while ((getline line <used) > 0) seen[line] }
		!/^#/ && !(FNR in seen) { print FNR ": " $0 }' "$rules" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "each rule is needed" "$tmp/wrong"; else pass "each rule is needed"; fi
fi
tap_done
