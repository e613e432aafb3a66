#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a database has of a day's messages: day_size, day_qtype_rcode and the kinds of day_code against tshark's
# fields of the same capture, message by message; a capture read in two halves gives the same tables as at once;
# a database without the tables gets them when it is written to, and says nothing of what was before.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have() { command -v "$1" >/dev/null 2>&1; }
have sqlite3 || skip_all "sqlite3 is not installed"

# rows DB: one line a count: table, kind, code, n; sums over all servers.
rows() {
	sqlite3 -separator ' ' "$1" "
		CREATE TEMP TABLE s AS SELECT service_id, proto FROM service WHERE kind = 'all';
		SELECT 'size', proto, replace(kind, ' ', '_'), bin, sum(n) FROM day_size JOIN s USING(service_id) GROUP BY 2, 3, 4;
		SELECT 'answer', proto, qtype, rcode, sum(n) FROM day_qtype_rcode JOIN s USING(service_id) GROUP BY 2, 3, 4;
		SELECT 'code', proto, kind, code, sum(n) FROM day_code JOIN s USING(service_id)
			WHERE kind NOT IN ('port', 'version', 'mode') GROUP BY 2, 3, 4;" | LC_ALL=C sort
}

read_into() {
	rm -f "$1"
	"$clientele" read -q -o "$@" >"$out" 2>"$err" || { fail "read -o" "$err"; return 1; }
}

# by_tshark FILE: the same lines, of messages that tshark takes for well-formed; one message a frame.
by_tshark() {
	tshark -n -r "$1" -o ip.defragment:TRUE -Y '(dns || ntp) && !icmp && !icmpv6 && !mdns' -T fields -E separator='|' \
		-e udp.length -e dns.length -e dns.flags.response -e dns.flags -e dns.qry.type -e dns.resp.ext_rcode \
		-e dns.rr.udp_payload_size -e dns.opt.client.family -e dns.opt.client.netmask -e ntp.flags.mode \
		-e ntp.stratum -e ntp.ppoll -e tcp.stream 2>/dev/null |
	awk -F'|' '
		function hex(s, i, v) {
			v = 0
			for (i = 3; i <= length(s); i++) v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
			return v
		}
		function bin(octets) { return octets >= 4096 ? 256 : int(octets / 16) }
		function count(line) { n[line]++ }
		$10 != "" {
			request = $10 == 3 || $10 == 1
			if (!request && $10 != 4 && $10 != 2) next
			count("size ntp udp_" (request ? "query " : "response ") bin($1 - 8))
			if (request) count("code ntp poll " ($12 > 17 ? 255 : $12))
			else count("code ntp stratum " $11)
			next
		}
		$3 ~ /,/ { print "several messages in a frame"; exit }
		{
			flags = hex($4); qr = flags >= 32768; transport = $13 != "" ? "tcp" : "udp"
			rcode = flags % 16; ext = $6
			if (ext != "") rcode += 16 * hex(ext)
			shown = flags % 2048 - flags % 16
			count("size dns " transport (qr ? "_response " : "_query ") bin(transport == "tcp" ? $2 : $1 - 8))
			split($5, type, ","); qtype = $5 == "" ? -1 : type[1]
			if (qr) {
				count("answer dns " qtype " " rcode); count("code dns rcode " rcode)
				count("code dns response_flags " shown)
			} else {
				count("code dns opcode " int(flags / 2048) % 16)
				count("code dns query_flags " shown)
				if (qtype >= 0) count("code dns qtype " qtype)
				if ($7 != "") count("code dns udp_size " $7)
				if ($8 != "") count("code dns ecs " ($8 == 1 ? 0 : $8 == 2 ? 256 : 1024) + ($8 <= 2 ? $9 : 0))
			}
		}
		END { for (line in n) print line, n[line] }' | LC_ALL=C sort
}

if have tshark; then
	for name in dns-bind-udp.pcap dns-bind-fragments.pcap dns-dig-options.pcap dns-dig-errors.pcap \
		dns-dig-truncation.pcap dns-match.pcap dns-resolver-unbound.pcap ntp-chrony.pcap client-chrony.pcap; do
		[ -f "$pcaps/$name" ] || continue
		read_into "$tmp/db" "$pcaps/$name" || continue
		rows "$tmp/db" | grep -v ' auth\| response_auth' >"$tmp/got"
		by_tshark "$pcaps/$name" >"$tmp/want"
		[ -s "$tmp/want" ] || { fail "$name has messages"; continue; }
		if diff "$tmp/got" "$tmp/want" >"$tmp/differ"; then pass "$name as tshark counts it"; else fail "$name as tshark counts it" "$tmp/differ"; fi
	done
else
	skip "messages of a day" "tshark is not installed"
fi

# What authenticates requests: the programs were told (testdata/pcaps/*.md).
for row in "client-chrony-key.pcap 1" "client-chrony-nts.pcap 4" "client-chrony.pcap 0"; do
	set -- $row
	read_into "$tmp/db" "$pcaps/$1" || continue
	is "what authenticates requests in $1" "$(sqlite3 "$tmp/db" "SELECT group_concat(DISTINCT code) FROM day_code WHERE kind = 'auth'")" "$2"
	is "all requests in $1 are counted" "$(sqlite3 "$tmp/db" "SELECT sum(n) = (SELECT sum(requests) FROM day) FROM day_code WHERE kind = 'auth'")" 1
done

# Two halves, one after the other.
for name in dns-dig-options.pcap ntp-chrony.pcap; do
	read_into "$tmp/whole.db" "$pcaps/$name"
	packets=$(sqlite3 "$tmp/whole.db" "SELECT packets FROM source")
	"$cutpcap" "$pcaps/$name" "$tmp/half" $(((packets + 1) / 2)) >/dev/null
	rm -f "$tmp/halves.db"
	for half in "$tmp"/half*; do "$clientele" read -q -o "$tmp/halves.db" "$half" 2>"$err" || fail "half of $name" "$err"; done
	rows "$tmp/whole.db" >"$tmp/want"
	rows "$tmp/halves.db" >"$tmp/got"
	if [ -s "$tmp/want" ] && diff "$tmp/got" "$tmp/want" >"$tmp/differ"; then pass "halves of $name"; else fail "halves of $name" "$tmp/differ"; fi
	rm -f "$tmp"/half*
done

# Without the tables.
read_into "$tmp/old.db" "$pcaps/dns-dig-options.pcap"
sqlite3 "$tmp/old.db" "DROP TABLE day_size; DROP TABLE day_qtype_rcode"
run read -q -o "$tmp/old.db" "$pcaps/ntp-chrony.pcap"
run read -q --sensor other -o "$tmp/old.db" "$pcaps/ntp-chrony.pcap"
is "a database without the tables gets them" "$status $(sqlite3 "$tmp/old.db" "SELECT count(*) > 0 FROM day_size")" "0 1"
tap_done
