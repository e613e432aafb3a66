#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# export: files of a day and a half that tests/oracle/export_truth.py forges and counts by itself (RSSAC002 to the
# octet; each cell of each of DSC's data sets, XML and JSON, and its XML by a schema; DNS Magnitude by a CBOR reader
# of its own), the same from databases as from captures; RSSAC002 of real captures against tshark; what is refused.
# What --keep software and --keep names put into a database: against the view `software` and the forger's counts.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have() { command -v "$1" >/dev/null 2>&1; }
truth=$top_srcdir/tests/oracle/export_truth.py
service=b.root-servers.net

# export_to FORMAT FOLDER ARGUMENT...
export_to() {
	format=$1 folder=$2
	shift 2
	run export -q --to "$format" -o "$folder" "$@"
}

# What is refused, in one line.
capture=$pcaps/dns-match.pcap
refused() {
	run "$@"
	is "refused: $*" "$status $(one_line "$err" && echo line)" "2 line"
}
refused export --to rssac002 -o "$tmp/no" "$capture"
refused export --to xml -o "$tmp/no" "$capture"
refused export --to dsc "$capture"
refused export -o "$tmp/no" "$capture"
refused export --to rssac002 --service ../x -o "$tmp/no" "$capture"
refused export --to dsc --day 2026-1-1 -o "$tmp/no" "$capture"
refused export --to dsc -o "$tmp/no/deep" "$capture"
"$clientele" read -q -o "$tmp/bare.db" "$capture"
refused export --to dsc -o "$tmp/dsc0" "$tmp/bare.db"
export_to rssac002 "$tmp/part" --service $service "$tmp/bare.db"
is "no day was captured whole" "$status $(find "$tmp/part" -type f | wc -l | tr -d ' ')" "2 0"
is "nothing is left behind" "$(find "$tmp" -name '.export*' -o -name '*.part' | wc -l | tr -d ' ')" 0

if have python3; then
	mkdir "$tmp/t"
	python3 "$truth" forge "$tmp/t" >"$out" 2>&1 || fail "the truth is forged" "$out"
	export_to rssac002 "$tmp/t/got" --service $service "$tmp/t/dns.pcap"
	is "RSSAC002 of a whole day; the half one is left out" "$status" 1
	if diff -r "$tmp/t/got" "$tmp/t/want" >"$tmp/differ"; then pass "RSSAC002 to the octet"; else fail "RSSAC002 to the octet" "$tmp/differ"; fi
	for format in dsc dsc-json magnitude; do
		case $format in dsc) folder=xml ;; dsc-json) folder=json ;; *) folder=cbor ;; esac
		export_to $format "$tmp/t/$folder" "$tmp/t/dns.pcap"
	done
	python3 "$truth" check "$tmp/t" >"$tmp/differ" 2>&1
	if [ -s "$tmp/differ" ]; then fail "DSC and DNS Magnitude as they were forged" "$tmp/differ"; else pass "DSC and DNS Magnitude as they were forged"; fi
	sed 's/count="1"/count="2"/' "$(ls "$tmp"/t/xml/* | head -n 1)" >"$tmp/one" && mkdir -p "$tmp/wrong/xml" &&
		cp "$tmp/one" "$tmp/wrong/xml/$(ls "$tmp/t/xml" | head -n 1)" && cp -r "$tmp/t/json" "$tmp/t/cbor" "$tmp/t/want.json" "$tmp/wrong"
	is "the check sees one that is wrong" "$(python3 "$truth" check "$tmp/wrong" 2>&1 | grep -c ^XML | awk '{ print ($1 > 0) }')" 1
	if have xmllint; then
		find "$tmp/t/xml" -name '*.xml' -exec xmllint --noout --relaxng "$top_srcdir/tests/oracle/dsc.rng" {} + >"$out" 2>&1
		is "DSC's XML by its schema" "$? $(grep -c ' validates$' "$out")" "0 $(ls "$tmp/t/xml" | wc -l | tr -d ' ')"
	else
		skip "DSC's XML by its schema" "xmllint is not installed"
	fi
	if python3 -c 'import yaml' 2>/dev/null; then
		python3 -c 'import sys, yaml
for path in sys.argv[1:]:
	d = yaml.safe_load(open(path))
	print(path.split("-")[-2] + "-" + path.split("-")[-1], len(d), d["version"], d["service"], d["start-period"], sum(d["udp-request-sizes"].values()) if "udp-request-sizes" in d else "")' \
			$(find "$tmp/t/got" -name '*.yaml' | sort) >"$out" 2>"$err"
		is "YAML" "$(cut -d' ' -f1,3,4 "$out" | tr '\n' ' ')$(cat "$err")" \
			"load-time.yaml rssac002v5 $service rcode-volume.yaml rssac002v5 $service traffic-sizes.yaml rssac002v5 $service traffic-volume.yaml rssac002v5 $service unique-sources.yaml rssac002v5 $service zone-size.yaml rssac002v5 $service "
	else
		skip "YAML" "python3's yaml is not installed"
	fi

	# From a database, in two halves too; and of its names.
	if have sqlite3; then
		run summary -q --format json "$tmp/t/dns.pcap"
		packets=$(value input.packets)
		"$cutpcap" "$tmp/t/dns.pcap" "$tmp/half" $((packets / 2 + 7)) >/dev/null
		for half in "$tmp"/half*; do
			"$clientele" read -q --keep transactions,names -o "$tmp/t.db" "$half" >"$out" 2>"$err" || fail "read $half" "$err"
		done
		export_to rssac002 "$tmp/db" --service $service "$tmp/t.db"
		if diff -r "$tmp/db" "$tmp/t/want" >"$tmp/differ"; then pass "RSSAC002 of a database"; else fail "RSSAC002 of a database" "$tmp/differ"; fi
		export_to dsc "$tmp/dbxml" "$tmp/t.db"
		if diff -r "$tmp/dbxml" "$tmp/t/xml" >"$tmp/differ"; then pass "DSC of a database"; else fail "DSC of a database" "$tmp/differ"; fi
		export_to magnitude "$tmp/dbcbor" "$tmp/t.db"
		if diff -r "$tmp/dbcbor" "$tmp/t/cbor" >"$tmp/differ"; then pass "DNS Magnitude of a database"; else fail "DNS Magnitude of a database" "$tmp/differ"; fi
		sqlite3 "$tmp/t.db" "DELETE FROM day_size; DELETE FROM day_qtype_rcode"
		run export --to rssac002 --service $service -o "$tmp/old" "$tmp/t.db"
		is "what was not counted is not 0" "$status $(ls "$tmp/old/2026/01" | tr '\n' ' ')" "1 load-time rcode-volume traffic-volume unique-sources zone-size "
		is "and a line says so" "$(grep -c 'traffic-sizes is not written' "$err")" 1
		if diff -r "$tmp/old/2026/01/traffic-volume" "$tmp/t/want/2026/01/traffic-volume" >"$tmp/differ"; then pass "volume by day's totals"; else fail "volume by day's totals" "$tmp/differ"; fi
	fi
else
	skip "files of a day" "python3 is not installed"
fi

# load-time and zone-size: NOTIFY, serial numbers and zone transfers of a day that is forged with its truth.
zones=$tmp/zones
# bodies TO ZONE INPUT...: what is behind the head of both files.
bodies() {
	to=$1 zone=$2
	shift 2
	rm -rf "$tmp/zo"
	export_to rssac002 "$tmp/zo" --service $service --partial --zone "$zone" "$@"
	mkdir -p "$to"
	[ "$zone" != . ] || zone=root
	for metric in load-time zone-size; do
		grep -v '^---\|^# the day was\|^# of the zone\|^version\|^service\|^start\|^metric' "$tmp/zo/2026/01/$metric/b-root-20260101-$metric.yaml" >"$to/$metric-$zone"
	done
}
# as_forged WHAT INPUT...: of the root and another zone.
as_forged() {
	what=$1
	shift
	rm -rf "$tmp/zgot"
	for zone in . Example.ORG. com; do
		bodies "$tmp/zgot" "$zone" "$@"
	done
	for zone in load-time zone-size; do
		mv "$tmp/zgot/$zone-Example.ORG." "$tmp/zgot/$zone-example.org"
	done
	if diff -r "$tmp/zgot" "$zones/want" >"$tmp/differ"; then pass "$what"; else fail "$what" "$tmp/differ"; fi
}
serials() { sqlite3 "$1" "SELECT zone, serial, hex(addr), day, notified_ns, sent_ns, answered_ns, transfer_ns, transfers, octets, octets_most, unfinished FROM zone_serial ORDER BY 1, 2, 3"; }
if have python3; then
	mkdir "$zones"
	python3 "$top_srcdir/tests/oracle/zone_truth.py" forge "$zones" >"$out" 2>&1 || fail "zones are forged" "$out"
	as_forged "load-time and zone-size" "$zones/zones.pcap"
	sed 's/: 9$/: 8/' "$zones/want/load-time-root" | cmp -s - "$tmp/zgot/load-time-root"
	is "a second less is seen" $? 1
	head -n 7 "$tmp/zo/2026/01/load-time/b-root-20260101-load-time.yaml" | tail -n 2 >"$tmp/some"
	is "the head and an empty map" "$(tr '\n' ' ' <"$tmp/some")" "# of the zone com time: {} "
	if have tshark; then
		octets=$(tshark -n -r "$zones/zones.pcap" -Y 'dns && tcp.srcport == 53 && tcp.dstport == 6000' -T fields -e dns.length 2>/dev/null |
			tr ',' '\n' | awk '{ n += $1 } END { print n }')
		is "tshark's octets of a transfer" "$(sed -n 's/^  2026010100: //p' "$zones/want/zone-size-root")" "$octets"
	else
		skip "tshark's octets of a transfer" "tshark is not installed"
	fi
	if have sqlite3; then
		"$clientele" read -q -o "$tmp/zall.db" "$zones/zones.pcap" 2>"$err" || fail "read zones" "$err"
		for part in 0 1 2; do
			"$clientele" read -q -o "$tmp/zparts.db" "$zones/$part.pcap" 2>"$err" || fail "read a part of zones" "$err"
		done
		serials "$tmp/zall.db" >"$tmp/want"
		serials "$tmp/zparts.db" >"$tmp/got"
		is "serials of three files as of one" "$(wc -l <"$tmp/want" | tr -d ' ') $(cmp "$tmp/got" "$tmp/want" && echo same)" "23 same"
		as_forged "load-time and zone-size of a database" "$tmp/zparts.db"
		"$top_builddir/tests/tools/livewrite" -n 3 "$zones/zones.pcap" "$tmp/zlive.db" >"$out" 2>"$err"
		serials "$tmp/zlive.db" >"$tmp/got"
		if diff "$tmp/got" "$tmp/want" >"$tmp/differ"; then pass "serials of a capture with commits"; else fail "serials of a capture with commits" "$tmp/differ"; fi
		for server in a b; do
			"$clientele" read -q --sensor $server -o "$tmp/z$server.db" "$zones/$server.pcap" 2>"$err" || fail "read a server's zones" "$err"
		done
		run merge -q -o "$tmp/zab.db" "$tmp/za.db" "$tmp/zb.db"
		run merge -q -o "$tmp/zba.db" "$tmp/zb.db" "$tmp/za.db" "$tmp/zab.db"
		is "merged in any order, and again" "$(cmp "$tmp/zab.db" "$tmp/zba.db" && echo same)" same
		as_forged "load-time and zone-size of two sites" "$tmp/zba.db"
		bodies "$tmp/zone" . --server 192.0.2.1 "$tmp/zall.db"
		is "of one server" "$(grep -v '^#' "$tmp/zone/load-time-root" | tr '\n' ' ')" "time:   2026010100: 3   2026010101: 2   2026010102: 0   2026010103: 1 "
		run export --to rssac002 --service $service --partial -o "$tmp/zodd" "$tmp/zall.db" --zone 'a b'
		is "what is no zone" "$status $(one_line "$err" && echo line)" "2 line"
		sqlite3 "$tmp/zall.db" "DROP TABLE zone_serial; DROP TABLE zone_watch"
		run export --to rssac002 --service $service --partial -o "$tmp/zold" "$tmp/zall.db"
		is "where zones were not followed" "$status $(ls "$tmp/zold/2026/01" | grep -c 'load\|zone') $(grep -c 'zones were not followed' "$err")" "0 0 1"
		"$clientele" read -q -o "$tmp/zall.db" "$pcaps/dns-match.pcap" 2>"$err"
		run export --to rssac002 --service $service --partial -o "$tmp/zold" "$tmp/zall.db"
		is "nor are they of what was before the table" "$(ls "$tmp/zold/2026/01" | grep -c 'load\|zone') $(grep -c 'zones were not followed' "$err")" "0 1"
	else
		skip "serials in databases" "sqlite3 is not installed"
	fi
else
	skip "load-time and zone-size" "python3 is not installed"
fi
# recorded: as dig and named say how large their transfers were; times of frames 3, 80, 81 and 102 (tshark)
map() { sed -n '/^  /p' "$(find "$tmp/rec" -name "*-$1.yaml")" | tr -d ' ' | tr '\n' ' '; }
export_to rssac002 "$tmp/rec" --service example.net --partial --zone zone.example --server 192.0.2.1 "$pcaps/dns-bind-notify.pcap"
is "load-time of a secondary" "$(map load-time)" "1:3 2:2 "
is "what it did not send has no size" "$(map zone-size)" ""
export_to rssac002 "$tmp/rec" --service example.net --partial --zone zone.example "$pcaps/dns-bind-notify.pcap"
is "its primary is none of the servers" "$(map load-time)" "1:3 2:2 "
is "zone-size as named logged it" "$(map zone-size)" \
	"$(sed -n 's/.*Transfer completed:.* records, \([0-9]*\) bytes.*(serial \([0-9]*\))$/\2:\1/p' "$pcaps/dns-bind-notify.txt" | tail -n 2 | tr '\n' ' ')"
rm -rf "$tmp/rec"
export_to rssac002 "$tmp/rec" --service example.net --partial --zone zone.example "$pcaps/dns-bind-tcp.pcapng"
is "zone-size as dig printed it" "$(map zone-size)" "4:$(sed -n 's/^;; XFR size:.*bytes \([0-9]*\))$/\1/p' "$pcaps/dns-bind-tcp.txt" | sort -u) "

# A real capture: tshark's lengths, codes and addresses.
if have tshark; then
	for name in dns-bind-udp.pcap dns-dig-errors.pcap dns-bind-fragments.pcap; do
		export_to rssac002 "$tmp/real" --service example.net --partial "$pcaps/$name"
		for metric in traffic-volume traffic-sizes rcode-volume unique-sources; do
			cat "$tmp"/real/*/*/$metric/example-net-*.yaml
		done | grep -v '^---\|^#\|^version\|^service\|^start\|^metric\|: {}$\|sizes:$\|: 0$' | LC_ALL=C sort >"$tmp/got"
		tshark -n -r "$pcaps/$name" -Y 'dns && !icmp && !icmpv6' -T fields -E separator='|' -e udp.length -e dns.length \
			-e dns.flags.response -e dns.flags.rcode -e dns.resp.ext_rcode -e ip.src -e ipv6.src 2>/dev/null |
		awk -F'|' '
			{
				tcp = $2 != ""; size = tcp ? $2 : $1 - 8; qr = $3 == 1 || $3 == "True"; v6 = $7 != ""; open = qr ? 4096 : 288
				n["dns-" (tcp ? "tcp" : "udp") "-" (qr ? "responses-sent" : "queries-received") "-ipv" (v6 ? 6 : 4)]++
				bin[(qr ? "r" : "q") tcp " " (size >= open ? open "-" : int(size / 16) * 16 "-" int(size / 16) * 16 + 15)]++
				if (qr) n[$4 + ($5 != "" ? 16 * (index("0123456789abcdef", substr($5, 3, 1)) - 1) * 16 + 16 * (index("0123456789abcdef", substr($5, 4, 1)) - 1) : 0)]++
				if (!qr && !((a = $6 $7) in seen)) { seen[a]; n["num-sources-ipv" (v6 ? 6 : 4)]++ }
			}
			END {
				for (k in n) print k ": " n[k]
				for (k in bin) { split(k, p, " "); print "  " p[2] ": " bin[k] }
			}' | LC_ALL=C sort >"$tmp/want"
		grep -v aggregate "$tmp/got" >"$tmp/some"
		if [ -s "$tmp/want" ] && diff "$tmp/some" "$tmp/want" >"$tmp/differ"; then pass "RSSAC002 of $name"; else fail "RSSAC002 of $name" "$tmp/differ"; fi
		rm -rf "$tmp/real"
	done
else
	skip "RSSAC002 of real captures" "tshark is not installed"
fi

# --keep software: each client as the view names it.
if have sqlite3; then
	set -- "$pcaps/client-chrony.pcap" "$pcaps/client-ntpdate.pcap" "$pcaps/client-busybox.pcap"
	for one in "$1" "$2" "$3"; do
		rm -f "$tmp/one.db"
		"$clientele" read -q --keep software -o "$tmp/one.db" "$one" 2>"$err" || fail "read --keep software" "$err"
		run software -q --format json "$one"
		n=$(value software.0.software)
		is "software of $(basename "$one")" "$(sqlite3 "$tmp/one.db" "SELECT count(DISTINCT name) || ' ' || min(name) FROM client_software_day JOIN software USING(software_id)")" "1 $n"
		is "its clients" "$(sqlite3 "$tmp/one.db" "SELECT count(DISTINCT addr) || ' ' || sum(requests) FROM client_software_day")" \
			"$(sqlite3 "$tmp/one.db" "SELECT count(DISTINCT addr) || ' ' || sum(requests) FROM client_day")"
	done
	for one in "$1" "$3" "$2"; do
		"$clientele" read -q --sensor "s$(basename "$one" .pcap)" --keep software,names -o "$tmp/$(basename "$one").db" "$one" 2>"$err" || fail "read" "$err"
	done
	run merge -q -o "$tmp/merged.db" "$tmp"/client-*.pcap.db
	for db in "$tmp"/client-*.pcap.db; do
		sqlite3 "$db" "SELECT sensor, hex(addr), name, client_software_day.requests, confidence FROM client_software_day JOIN software USING(software_id) JOIN source USING(source_id)"
	done | sort >"$tmp/want"
	sqlite3 "$tmp/merged.db" "SELECT sensor, hex(addr), name, client_software_day.requests, confidence FROM client_software_day JOIN software USING(software_id) JOIN source USING(source_id)" | sort >"$tmp/got"
	is "software of merged databases" "$status $(wc -l <"$tmp/got" | tr -d ' ') $(cmp -s "$tmp/got" "$tmp/want" && echo same)" "0 $(wc -l <"$tmp/want" | tr -d ' ') same"
	is "nobody asked" "$("$clientele" read -q -o "$tmp/plain.db" "$1" && sqlite3 "$tmp/plain.db" "SELECT (SELECT count(*) FROM client_software_day) + (SELECT count(*) FROM name_day)")" 0
else
	skip "--keep software" "sqlite3 is not installed"
fi
tap_done
