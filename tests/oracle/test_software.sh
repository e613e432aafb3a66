#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# software: each recorded program gets its name and no other's; what is no client is apart; signatures of the user.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
tab=$(printf '\t')

# What was recorded (the captures' own notes): capture, name. One row a name that it must get, and no others; clients
# by all of `top`, what is apart by `apart`.
cat >"$tmp/expected" <<'END'
client-beevik	Go beevik/ntp
client-busybox	BusyBox ntpd
client-check-ntp	check_ntp_time
client-check-ntp-peer	mode 6 query
client-chrony	chrony
client-chrony-fast	chrony
client-chrony-key	chrony
client-chrony-nts	chrony
client-chrony-v3	chrony
client-chrony-xleave	chrony
client-nmap	nmap, zmap or Metasploit
client-nmap-scripts	nmap, zmap or Metasploit
client-nmap-scripts	mode 6 version scan
client-nmap-scripts	monlist
client-masscan	monlist
client-node-sntp	hapi/sntp
client-ntpdate	NTPsec ntpdig
client-ntpdig	NTPsec ntpdig
client-ntplib	Python ntplib
client-ntpq	mode 6 query
client-ntpsec	NTPsec ntpd
client-ntpsec-iburst	NTPsec ntpd
client-ntpsec-key	NTPsec ntpd
client-ntpsec-v3	NTPsec ntpd or ntp.org ntpd
client-openntpd	OpenNTPD
client-perl-net-ntp	Perl Net::NTP
client-rdate	minimised-unknown
client-timesyncd	systemd-timesyncd
client-timesyncd-short	systemd-timesyncd
client-toybox	toybox sntp
client-zmap	nmap, zmap or Metasploit
client-zmap	monlist
ntp-chrony	chrony
ntp-chrony-interleaved	chrony
ntp-chrony-nts	chrony
ntp-ntpdig-chrony	NTPsec ntpdig
ntp-ntpsec	chrony
ntp-ntpsec	NTPsec ntpdig
ntp-ntpsec	mode 6 query
END

# names FILE: what the last run's JSON names.
names() {
	"$jsonget" "$1" | awk -F'\t' '$1 ~ /^top\.[0-9]+\.software$/ || $1 ~ /^apart\.[0-9]+\.name$/ { gsub(/^"|"$/, "", $2); print $2 }' |
		sort -u
}

# The matrix: every recording against every name.
recorded=0
: >"$tmp/got"
cut -f1 "$tmp/expected" | sort -u >"$tmp/captures"
while read -r name; do
	file=$pcaps/$name.pcap
	if [ ! -f "$file" ]; then
		skip "$name" "it is not in testdata/pcaps"
		grep -v "^$name$tab" "$tmp/expected" >"$tmp/rest"
		mv "$tmp/rest" "$tmp/expected"
		continue
	fi
	recorded=$((recorded + 1))
	run software --format json --top 1000 "$file"
	[ "$status" -eq 0 ] || fail "$name: exit status $status"
	names "$out" | sed "s/^/$name$tab/" >>"$tmp/got"
done <"$tmp/captures"
is "there are recordings" "$([ $recorded -ge 30 ] && echo yes)" yes
cut -f2 "$tmp/expected" | sort -u >"$tmp/names"
awk -F'\t' '
	FILENAME == ARGV[1] { captures[$1]; next }
	FILENAME == ARGV[2] { names[$1]; next }
	FILENAME == ARGV[3] { want[$1, $2]; next }
	{ got[$1, $2]; if (!($2 in names)) print $1 ": got a name that was not recorded: " $2 }
	END {
		for (c in captures) for (n in names) {
			if (((c, n) in want) && !((c, n) in got)) print c ": is not named " n
			if (!((c, n) in want) && ((c, n) in got)) print c ": is named " n
			cells++
		}
		if (cells < 400) print "only " cells " cells"
	}' "$tmp/captures" "$tmp/names" "$tmp/expected" "$tmp/got" | sort >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then
	fail "each recording has its name, and no other has it" "$tmp/wrong"
else
	pass "each recording has its name, and no other has it"
fi
for file in "$pcaps"/client-*.pcap; do
	name=$(basename "$file" .pcap)
	grep -q "^$name$tab" "$tmp/expected" || echo "$name"
done >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "each recording is in the matrix" "$tmp/wrong"; else pass "each recording is in the matrix"; fi

# Captures of others, with what is known of them: a Windows XP, ntpd of 2005 to 2019, Android, timesyncd, chrony.
captures=$shared/captures
if [ -d "$captures" ]; then
	while read -r file name; do
		[ -f "$captures/$file" ] || { skip "$file" "is not there"; continue; }
		run software --format json --top 1000 "$captures/$file"
		is "$file" "$(names "$out")" "$name"
	done <<'END'
zeek/NTP_sync.pcap Windows time
zeek/NTP-digest.pcap ntp.org ntpd
zeek/ntp-ntp.pcap ntp.org ntpd
zeek/gre-sample.pcap ntp.org ntpd
LeapSecond/ntp.pcap ntp.org ntpd
arkime/ospf.pcap ntp.org ntpd
nDPI/NTPv4.pcap ntp.org ntpd
nDPI/android.pcap Android SntpClient
pcap-parser/wireshark_samples-test.pcapng systemd-timesyncd
lab/chrony43-lab.pcapng chrony
tcpdump/ntp-time-ef.pcap chrony
tcpdump/ntp-control.pcap mode 6 query
END
else
	skip "captures of others" "$captures is not there"
	echo "$0: captures of others are not there" >&2
fi

# Requests, clients and answers as tshark counts them.
capture=$pcaps/client-ntpq.pcap
run software --format json "$capture"
if have tshark; then
	requests=$(tshark -r "$capture" -Y 'ntp.flags.mode == 6 && ntp.ctrl.flags2.r == 0' -T fields -e udp.length 2>/dev/null |
		awk '{ n++; octets += $1 - 8 } END { print n + 0, octets + 0 }')
	answers=$(tshark -r "$capture" -Y 'ntp.flags.mode == 6 && ntp.ctrl.flags2.r == 1' -T fields -e udp.length 2>/dev/null |
		awk '{ n++; octets += $1 - 8 } END { print n + 0, octets + 0 }')
	is "ntpq: packets and octets, as tshark" "$(value apart.0.packets) $(value apart.0.octets)" "$requests"
	is "ntpq: answers and octets, as tshark" "$(value apart.0.answers) $(value apart.0.answer_octets)" "$answers"
	capture=$pcaps/ntp-ntpsec.pcap
	run software --format json "$capture"
	is "requests, as tshark" "$(value requests)" \
		"$(tshark -r "$capture" -Y 'ntp.flags.mode == 3' 2>/dev/null | wc -l | tr -d ' ')"
	is "clients, as tshark" "$(value clients.ipv4) $(value clients.ipv6)" "$(tshark -r "$capture" -Y 'ntp.flags.mode == 3' \
		-T fields -e ip.src -e ipv6.src 2>/dev/null | sort -u | awk -F'\t' '$1 != "" { a++ } $2 != "" { b++ } END { print a + 0, b + 0 }')"
else
	skip "counts" "tshark is not installed"
fi

# The same figures in all forms: clients of the tables and of the servers add up.
capture=$pcaps/ntp-ntpsec.pcap
run software --format csv "$capture"
awk -F, '/^$/ { table++; next } table == 0 && $1 != "software" { print $1 "\t" $3 "\t" $7 }' "$out" | sort >"$tmp/csv"
run software --format json "$capture"
"$jsonget" "$out" | awk -F'\t' '{ gsub(/^"|"$/, "", $2); v[$1] = $2 }
	END { for (i = 0; ("software." i ".software") in v; i++)
		print v["software." i ".software"] "\t" v["software." i ".clients.total"] "\t" v["software." i ".requests"] }' | sort >"$tmp/json"
same "CSV and JSON" "$tmp/csv" "$tmp/json"
is "rows" "$(wc -l <"$tmp/json" | tr -d ' ')" 2
is "requests of the groups" "$(awk -F'\t' '{ n += $3 } END { print n }' "$tmp/json")" "$(value requests)"

# Signatures of the user: a new name, a name replaced, and what is wrong with a file.
capture=$pcaps/ntp-versions.pcap
run software --format json "$capture"
unknown=$(value software.0.signature)
is "nobody knows them" "$(value software.0.unknown) $(value software.0.software | cut -c1-8)" "true unknown:"
printf '# mine\nclient\tForged\t1.0\tH\t5\tmode=3 poll=6 rootdisp=!0\tclock-ms\t*\t*\t48\t4\t*\tours\n' >"$tmp/mine.tsv"
run software --format json --signatures "$tmp/mine.tsv" "$capture"
is "a row of the user's" "$(value software.0.software) $(value software.0.versions) $(value software.0.clients.total) $(value software.1.software)" \
	"Forged 1.0 4 absent"
is "the signature is the same" "$(echo "$unknown" | cut -c1-2)" "c2"
printf 'client\tchrony\t-\tH\t9\tvn=1 mode=3\t*\t*\t*\t*\t*\t*\tours\n' >"$tmp/mine.tsv"
run software --format json --signatures "$tmp/mine.tsv" "$pcaps/client-chrony.pcap"
is "a name replaced" "$(names "$out" | grep -c '^chrony$')" 0
printf '\nclient\tMine\t-\tH\t9\tvn=one\t*\t*\t*\t*\t*\t*\tours\n' >"$tmp/mine.tsv"
run software --signatures "$tmp/mine.tsv" "$capture"
is "a wrong row: status and line" "$status $(one_line "$err" && echo line)" "2 line"
is "a wrong row: where" "$(grep -c "mine.tsv:2: " "$err")" 1
run software --signatures "$tmp/absent.tsv" "$capture"
is "no such file: status and line" "$status $(one_line "$err" && echo line)" "2 line"

# The signature of a string can be told without this program: 32-bit FNV-1a.
if have python3; then
	run software --format json "$capture"
	is "unknown:HASH" "$(value software.0.software)" "$(python3 -c "
h = 0x811c9dc5
for c in b'$unknown': h = ((h ^ c) * 0x01000193) & 0xffffffff
print('unknown:%08x' % h)")"
fi

# clients --software names the clients as software does; without it, nothing is looked at.
for capture in "$pcaps/ntp-ntpsec.pcap" "$pcaps/client-openntpd.pcap"; do
	[ -f "$capture" ] || continue
	run software --format json --top 100 "$capture"
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /^top\.[0-9]+\.(client|software)$/ { print $1, $2 }' >"$tmp/want"
	run clients --software --format json --top 100 "$capture"
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /^top\.[0-9]+\.(client|software)$/ { print $1, $2 }' >"$tmp/got"
	same "clients --software $(basename "$capture")" "$tmp/got" "$tmp/want"
	is "names of clients" "$([ "$(wc -l <"$tmp/got")" -ge 4 ] && echo yes)" yes
	run clients --format json "$capture"
	is "without --software" "$(value top.0.software)" null
done
capture=$pcaps/ntp-versions.pcap

# A database says what it lacks.
run read -q -o "$tmp/k.db" "$capture"
run software "$tmp/k.db"
is "without single messages" "$status $(grep -c 'does not keep' "$out")" "0 1"
run software --format json "$tmp/k.db"
is "without single messages, JSON" "$(value software) $(value top)" "null null"
tap_done
