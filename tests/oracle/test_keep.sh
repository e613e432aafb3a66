#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# read --keep transactions: every message that is counted is a row, with the fortune that it was counted by;
# reading in pieces keeps what reading at once keeps; each view says the same of the captures and of the
# database.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "sqlite3 is not installed"

# One row a figure of `summary`: how the tables of exchanges count it. Fortunes are enum cl_fortune.
cat >"$tmp/figures.sql" <<'SQL'
SELECT 'ntp.requests', count(q_time_ns) FROM ntp_exchange UNION ALL
SELECT 'ntp.responses', count(r_time_ns) FROM ntp_exchange UNION ALL
SELECT 'ntp.matched', count(*) FROM ntp_exchange WHERE fortune = 4 UNION ALL
SELECT 'ntp.unanswered', count(*) FROM ntp_exchange WHERE fortune IN (1, 2, 3) OR (fortune = 5 AND q_time_ns IS NOT NULL) UNION ALL
SELECT 'ntp.open_at_end', count(*) FROM ntp_exchange WHERE fortune = 2 UNION ALL
SELECT 'ntp.duplicates', count(*) FROM ntp_exchange WHERE fortune = 6 UNION ALL
SELECT 'ntp.late', count(*) FROM ntp_exchange WHERE fortune = 7 UNION ALL
SELECT 'ntp.backwards', count(*) FROM ntp_exchange WHERE fortune = 5 UNION ALL
SELECT 'ntp.bogus', count(*) FROM ntp_exchange WHERE fortune = 8 UNION ALL
SELECT 'ntp.guessed', sum(guessed) FROM ntp_exchange UNION ALL
SELECT 'ntp.interleaved', sum(interleaved) FROM ntp_exchange UNION ALL
SELECT 'ntp.packets', (SELECT count(*) FROM ntp_control) + (SELECT count(q_time_ns) + count(r_time_ns) FROM ntp_exchange) UNION ALL
SELECT 'ntp.clients.total', count(DISTINCT q_src) FROM ntp_exchange UNION ALL
SELECT 'dns.queries', count(q_time_ns) FROM dns_exchange UNION ALL
SELECT 'dns.responses', count(r_time_ns) FROM dns_exchange UNION ALL
SELECT 'dns.matched', count(*) FROM dns_exchange WHERE fortune = 4 UNION ALL
SELECT 'dns.duplicates', count(*) FROM dns_exchange WHERE fortune = 6 UNION ALL
SELECT 'dns.late', count(*) FROM dns_exchange WHERE fortune = 7 UNION ALL
SELECT 'dns.backwards', count(*) FROM dns_exchange WHERE fortune = 5 UNION ALL
SELECT 'dns.bogus', count(*) FROM dns_exchange WHERE fortune = 8 UNION ALL
SELECT 'dns.open_at_end', count(*) FROM dns_exchange WHERE fortune = 2 UNION ALL
SELECT 'dns.clients.total', count(DISTINCT q_src) FROM dns_exchange UNION ALL
SELECT 'icmp.errors', count(*) FROM icmp_error;
SQL

# kept NAME FILE: what is kept of a capture is what is counted of it.
kept() {
	rm -f "$tmp/k.db"
	run read -q --keep transactions -o "$tmp/k.db" "$2"
	if [ "$status" -eq 2 ]; then
		return
	fi
	run summary -q --format json "$tmp/k.db"
	"$jsonget" "$out" | awk -F'\t' '$2 != 0' | sort >"$tmp/counted"
	sqlite3 -separator '	' "$tmp/k.db" <"$tmp/figures.sql" | awk -F'\t' '$2 != 0 && $2 != ""' >"$tmp/rows"
	cut -f1 "$tmp/rows" | cat - "$tmp/keys" | sort -u >"$tmp/wanted"
	awk -F'\t' 'NR == FNR { wanted[$1]; next } $1 in wanted' "$tmp/wanted" "$tmp/counted" | sort >"$tmp/want"
	sort "$tmp/rows" >"$tmp/got"
	same "$1: rows are what is counted" "$tmp/got" "$tmp/want"
}
figures() {
	view=$1
	shift
	run "$view" --format json "$@"
	"$jsonget" "$out" | grep -v '^input\.'
}

sed -n "s/^SELECT '\([^']*\)'.*/\1/p" "$tmp/figures.sql" >"$tmp/keys"
for file in "$top_srcdir"/testdata/pcaps/*.pcap "$top_srcdir"/testdata/pcaps/*.pcapng; do
	kept "$(basename "$file")" "$file"
done

# Views of captures and of a database that keeps single messages.
for name in ntp-chrony.pcap ntp-ntpsec.pcap ntp-late.pcap dns-bind-udp.pcap dns-bind-tcp.pcapng icmp-types.pcap ntp-chrony-nts-ke.pcapng; do
	file=$top_srcdir/testdata/pcaps/$name
	rm -f "$tmp/k.db"
	run read -q --keep transactions -o "$tmp/k.db" "$file"
	for view in $every_view; do
		figures $view "$file" | grep -v -e '^top\..*\.interval_s' -e '^worst' >"$tmp/want"
		figures $view "$tmp/k.db" | grep -v -e '^top\..*\.interval_s' -e '^worst' >"$tmp/got"
		same "$name: $view of the database" "$tmp/got" "$tmp/want"
		for format in table csv; do
			run "$view" -q --format $format "$file"
			sed "s|$top_srcdir/testdata/pcaps/||g" "$out" >"$tmp/want"
			run "$view" -q --format $format "$tmp/k.db"
			sed "s|$top_srcdir/testdata/pcaps/||g" "$out" >"$tmp/got"
			same "$name: $view of the database, as $format" "$tmp/got" "$tmp/want"
		done
	done
done

# A database is begun with it or without.
rm -f "$tmp/k.db"
one=$top_srcdir/testdata/pcaps/ntp-chrony.pcap
run read -q -o "$tmp/k.db" "$one"
run read -q --keep transactions -o "$tmp/k.db" "$one"
is "not in a database begun without: status and lines" "$status $(one_line "$err" && echo line)" "2 line"
run read --keep nothing "$one"
is "--keep knows one word" "$status $(one_line "$err" && echo line)" "2 line"
run read --keep transactions "$one"
is "--keep needs a database" "$status $(one_line "$err" && echo line)" "2 line"

# In pieces: a capture cut in the midst of exchanges.
columns="SELECT 'ntp', number, fortune, delta_ns, q_time_ns, hex(q_src), q_xmt, r_time_ns, hex(r_src), r_org FROM ntp_exchange
	UNION ALL SELECT 'dns', number, fortune, delta_ns, q_time_ns, hex(q_src), q_id, r_time_ns, hex(r_src), r_id
	FROM dns_exchange ORDER BY 2"
for name in ntp-chrony ntp-ntpsec ntp-late ntp-duplicate-answer dns-bind-udp dns-backwards; do
	for place in 2 3 /2 /3; do
		rm -f "$tmp/a.db" "$tmp/b.db" "$tmp"/piece*
		pieces=$("$cutpcap" "$pcaps/$name.pcap" "$tmp/piece" $place)
		run read -q --keep transactions -o "$tmp/a.db" "$tmp"/piece*.pcap
		for i in $(seq "$pieces"); do
			run read -q --keep transactions -o "$tmp/b.db" "$tmp/piece$i.pcap"
		done
		sqlite3 "$tmp/a.db" "$columns" >"$tmp/want"
		sqlite3 "$tmp/b.db" "$columns" >"$tmp/got"
		same "$name: in $pieces pieces, $place" "$tmp/got" "$tmp/want"
	done
done

# The real captures.
if [ -d "$shared/captures" ]; then
	(cd "$shared/captures" && find . -type f ! -name INDEX.tsv | sed 's|^\./||' | sort) >"$tmp/files"
	while read -r file; do kept "$file" "$shared/captures/$file"; done <"$tmp/files"
else
	skip "the real captures" "no ../shared/captures beside this tree"
fi
tap_done
