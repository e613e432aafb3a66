#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Single messages in a database (read --keep transactions): against tshark, against the counters of the same capture,
# and in pieces against at once.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"

# keep DB FILE: a new database that keeps them.
keep() {
	rm -f "$1"
	run read -q --keep transactions -o "$1" "$2"
	[ "$status" -eq 0 ] || fail "$2 is kept" "$err"
}

# messages DB TABLE PAIR COLUMNS: the columns of all requests and responses, in which @ stands for q_ and r_.
messages() {
	sqlite3 -separator ' ' "$1" "$(for side in q_ r_; do
		printf 'SELECT %s FROM %s WHERE @time_ns IS NOT NULL;' "$3" "$2" | sed "s/@/$side/g"
	done)" | sort -n
}

if have tshark; then
	keep "$tmp/dns.db" "$pcaps/dns-bind-udp.pcap"
	tshark -r "$pcaps/dns-bind-udp.pcap" -Y 'dns && ip' -T fields -E separator=' ' -e frame.number -e frame.time_epoch \
		-e frame.len -e udp.srcport -e udp.dstport -e ip.ttl -e udp.stream -e dns.id -e dns.flags -e dns.qry.type \
		-e dns.count.answers -e dns.qry.name 2>"$err" | sort -n >"$tmp/want"
	messages "$tmp/dns.db" dns_exchange "@frame, printf('%d.%09d', @time_ns / 1000000000, @time_ns % 1000000000), @wire_len,
		@sport, @dport, @ip_ttl, @stream, printf('0x%04x', @id), printf('0x%04x', @flags), @qtype, @ancount, name" |
		awk -v file="$tmp/want" 'BEGIN { while ((getline line <file) > 0) { split(line, f, " "); is[f[1]] } } $1 in is' \
		>"$tmp/got"
	is "DNS: messages to compare" "$([ "$(wc -l <"$tmp/want")" -gt 20 ] && echo yes)" yes
	same "DNS: as tshark" "$tmp/got" "$tmp/want"

	keep "$tmp/ntp.db" "$pcaps/ntp-chrony.pcap"
	tshark -r "$pcaps/ntp-chrony.pcap" -Y 'ntp && ip' -T fields -E separator=' ' -e frame.number -e frame.time_epoch \
		-e frame.len -e udp.srcport -e udp.dstport -e ip.ttl -e udp.stream -e ntp.flags -e ntp.stratum -e ntp.ppoll \
		2>"$err" | sort -n >"$tmp/want"
	messages "$tmp/ntp.db" ntp_exchange "@frame, printf('%d.%09d', @time_ns / 1000000000, @time_ns % 1000000000), @wire_len,
		@sport, @dport, @ip_ttl, @stream, printf('0x%02x', @leap << 6 | @version << 3 | @mode), @stratum, @poll" |
		awk -v file="$tmp/want" 'BEGIN { while ((getline line <file) > 0) { split(line, f, " "); is[f[1]] } } $1 in is' \
		>"$tmp/got"
	is "NTP: messages to compare" "$([ "$(wc -l <"$tmp/want")" -gt 20 ] && echo yes)" yes
	same "NTP: as tshark" "$tmp/got" "$tmp/want"
else
	skip "the messages" "tshark is not installed"
fi

# What became of requests and responses is what was counted.
for name in ntp-late ntp-duplicate-answer ntp-retransmit ntp-backwards ntp-interleaved ntp-open-at-end ntp-zero-cookie \
	ntp-uid ntp-kod ntp-symmetric ntp-forged-answer ntp-chrony ntp-chrony-nts ntp-ntpsec ntp-v1-mode0 dns-late \
	dns-duplicate dns-retransmit dns-same-id dns-match dns-backwards dns-bind-udp windows-sort-1-us; do
	keep "$tmp/c.db" "$pcaps/$name.pcap"
	sqlite3 "$tmp/c.db" "SELECT proto, sum(requests), sum(responses), sum(matched), sum(duplicates), sum(late), sum(backwards),
		sum(bogus), sum(interleaved), sum(guessed) FROM day JOIN service USING(service_id) WHERE kind = 'all'
		GROUP BY proto HAVING sum(requests) + sum(responses) > 0 ORDER BY 1" >"$tmp/want"
	for proto in dns ntp; do
		sqlite3 "$tmp/c.db" "SELECT '$proto', count(q_time_ns), count(r_time_ns), sum(fortune = 4), sum(fortune = 6),
			sum(fortune = 7), sum(fortune = 5), sum(fortune = 8), sum(interleaved), sum(guessed) FROM ${proto}_exchange
			HAVING count(*) > 0"
	done >"$tmp/got"
	same "$name: as counted" "$tmp/got" "$tmp/want"
done

# content DB: all columns but those that depend on the run: what names files and flows, and hashes by their seed.
content() {
	for table in ntp_exchange dns_exchange ntp_control icmp_error connection; do
		sqlite3 -separator ' ' "$1" "$(sqlite3 "$1" "SELECT 'SELECT ' || group_concat('quote(' || name || ')') || ' FROM $table;'
			FROM pragma_table_info('$table') WHERE ltrim(ltrim(name, 'qr'), '_') NOT IN ('file', 'frame', 'stream', 'connection',
			'qhash', 'hash', 'uid_hash', 'payload') AND NOT ('$table' LIKE 'ntp%' AND name LIKE '%cookie')")" |
			sed "s/^/$table /"
	done
}

pieces() {
	file=$pcaps/$1.pcap
	shift
	rm -f "$tmp"/parts.db* "$tmp"/piece*.pcap
	n=$("$cutpcap" "$file" "$tmp/piece" "$@") || n=0
	keep "$tmp/whole.db" "$file"
	i=0
	keeping='--keep transactions' # the database goes on without being told
	while [ $i -lt "$n" ]; do
		i=$((i + 1))
		run read -q $keeping -o "$tmp/parts.db" "$tmp/piece$i.pcap"
		keeping=
		[ "$status" -eq 0 ] || diag "piece $i: exit status $status: $(cat "$err")"
	done
	content "$tmp/whole.db" >"$tmp/want"
	content "$tmp/parts.db" >"$tmp/got"
	if [ "$n" -lt 2 ] || [ ! -s "$tmp/want" ]; then
		fail "$(basename "$file"): is not cut"
	else
		same "$(basename "$file"): $n pieces as the whole" "$tmp/got" "$tmp/want"
	fi
	is "$(basename "$file"): each message is named by its file" "$(sqlite3 "$tmp/parts.db" "SELECT count(*) FROM
		(SELECT q_file AS f, q_time_ns AS t FROM ntp_exchange UNION ALL SELECT r_file, r_time_ns FROM ntp_exchange UNION ALL
		SELECT q_file, q_time_ns FROM dns_exchange UNION ALL SELECT r_file, r_time_ns FROM dns_exchange) LEFT JOIN file
		ON file_id = f WHERE f IS NOT NULL AND (first_ns IS NULL OR t NOT BETWEEN first_ns AND last_ns)")" 0
}
for name in ntp-late ntp-duplicate-answer ntp-retransmit ntp-backwards ntp-interleaved ntp-open-at-end ntp-zero-cookie \
	ntp-uid ntp-kod ntp-symmetric ntp-forged-answer ntp-chrony ntp-chrony-nts ntp-ntpsec ntp-v1-mode0 dns-late \
	dns-duplicate dns-retransmit dns-same-id dns-match dns-backwards dns-bind-udp icmp-quotes; do
	[ $name = ntp-chrony-nts ] || pieces $name 2 # within a connection, which is two then
	pieces $name /3
done
pieces windows-sort-1-us /7

# A database keeps them from its first capture on, or not at all.
run read -q -o "$tmp/without.db" "$pcaps/ntp-late.pcap"
is "without: is not said" "$(sqlite3 "$tmp/without.db" "SELECT count(*) FROM meta WHERE key = 'keep'")" 0
is "without: holds none" "$(sqlite3 "$tmp/without.db" 'SELECT count(*) FROM ntp_exchange')" 0
run read -q --keep transactions -o "$tmp/without.db" "$pcaps/dns-late.pcap"
is "without: refuses to begin" "$status" 2
if grep -q 'without.db: .*--keep' "$err"; then pass "without: says so"; else fail "without: says so" "$err"; fi
is "with: is said" "$(sqlite3 "$tmp/whole.db" "SELECT value FROM meta WHERE key = 'keep'")" transactions
tap_done
