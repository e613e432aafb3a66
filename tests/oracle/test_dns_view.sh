#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# dns: what dig printed of each answer (identifier, status, flags, size, cookie, NSID, extended error, client
# subnet, truncation) is in its transaction; streams are tshark's; sums are the summary's; what a resolver asked
# for its clients is what tshark shows between each question and its answer; a database prints the same.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

# The table of CSV that has these columns first.
named() { awk -v want="$1" '/^$/ { on = 0; head = 1; next } NR == 1 || head { head = 0; on = index($0, want) == 1 } on' "$2"; }

# columns NAMES FILE: these columns of CSV without quotes, with spaces between; empty ones are -.
columns() {
	awk -F, -v want="$1" '
		NR == 1 { n = split(want, w, " "); for (i = 1; i <= NF; i++) at[$i] = i; next }
		{
			line = ""
			for (i = 1; i <= n; i++) {
				v = (w[i] in at) ? $(at[w[i]]) : "no-such-column"
				gsub(/ /, "+", v)
				line = line (i > 1 ? " " : "") (v == "" ? "-" : v)
			}
			print line
		}' "$2"
}

# answers FILE: what dig printed, a line an answer: id transport qname qtype rcode flags bytes cookie nsid ede ecs.
answers() {
	awk '
		function put() {
			if (id != "") print id, transport, qname, qtype, rcode, flags, bytes, cookie, nsid, ede, ecs
			id = ""; cookie = nsid = ede = ecs = "-"
		}
		/->>HEADER<<-/ {
			put()
			rcode = $0; sub(/.*status: /, "", rcode); sub(/,.*/, "", rcode)
			id = $0; sub(/.*id: /, "", id)
		}
		/^;; flags:/ { flags = $0; sub(/.*flags: qr ?/, "", flags); sub(/;.*/, "", flags) }
		/^; EDNS:/ && /flags: do/ { flags = flags (flags == "" ? "" : " ") "do" }
		/^; COOKIE:/ { cookie = $3 }
		/^; NSID:/ { nsid = $0; sub(/^; NSID: /, "", nsid); sub(/ *\(.*/, "", nsid); gsub(/ /, "", nsid) }
		/^; EDE:/ && ede == "-" { ede = $3 }
		/^; CLIENT-SUBNET:/ { ecs = $3 }
		/^;[^ ;].*\tIN\t/ { qname = substr($1, 2); sub(/\.$/, "", qname); qtype = $NF; gsub(/ /, "+", flags) }
		/^;; SERVER:/ { transport = tolower($NF); gsub(/[()]/, "", transport) }
		/^;; MSG SIZE/ { bytes = $NF; put() }' "$1"
}

have_dig=0
for name in dns-dig-options dns-dig-badcookie dns-dig-truncation dns-dig-fragments dns-dig-errors dns-dig-extended-errors; do
	[ -f "$pcaps/$name.txt" ] || continue
	answers "$pcaps/$name.txt" | sort >"$tmp/want"
	run dns --format csv "$pcaps/$name.pcap"
	named number,t "$out" >"$tmp/list"
	columns "id transport qname qtype rcode flags response_bytes cookie_given nsid ede ecs" "$tmp/list" >"$tmp/all"
	# Only what dig printed: it throws away what it asks again for.
	awk 'NR == FNR { want[$1 " " $2]; next } ($1 " " $2) in want && $5 != "-"' "$tmp/want" "$tmp/all" | sort >"$tmp/got"
	same "$name: what dig printed of $(wc -l <"$tmp/want" | tr -d ' ') answers" "$tmp/got" "$tmp/want"
	have_dig=$((have_dig + $(wc -l <"$tmp/want")))
done
is "dig printed answers" "$([ $have_dig -gt 50 ] && echo yes)" yes

# Truncated answers that dig asked again over TCP, by the identifier that it prints of the last answer.
awk '/^;; Truncated, retrying/ { tc = 1 } /->>HEADER<<-/ { id = $0; sub(/.*id: /, "", id); if (tc) print id; tc = 0 }' \
	"$pcaps/dns-dig-truncation.txt" | sort >"$tmp/want"
run dns --format csv "$pcaps/dns-dig-truncation.pcap"
named number,t "$out" >"$tmp/list"
columns "id transport tcp_retry_of" "$tmp/list" | awk '$3 != "-" { print $1 }' | sort >"$tmp/got"
same "TC and its retry over TCP" "$tmp/got" "$tmp/want"
is "twins are truncated, over UDP, of the same question" "$(columns "stream transport qname flags tcp_retry_of client" "$tmp/list" |
	awk '$2 == "udp" { q[$1] = $3 " " $6; tc[$1] = $4 ~ /tc/ }
		$2 == "tcp" && $5 != "-" && (q[$5] != $3 " " $6 || !tc[$5]) { print "wrong", $0 }')" ""
is "why without a retry" "$(columns "reason flags" "$tmp/list" | awk '$1 != "-" { print $1 }' | sort | tr '\n' ' ')" \
	"no_tcp no_tcp tcp_refused tcp_unanswered "

# Cookies: dig asks again with the cookie that BADCOOKIE gave, and that is returned.
run dns --format csv "$pcaps/dns-dig-badcookie.pcap"
named number,t "$out" >"$tmp/list"
columns "id cookie_state cookie_sent cookie_given rcode" "$tmp/list" >"$tmp/all"
is "BADCOOKIE is the state of answers with that code" "$(awk '($5 == "BADCOOKIE") != ($2 == "BADCOOKIE")' "$tmp/all")" ""
is "BADCOOKIE as often as dig had it" "$(grep -c ' BADCOOKIE$' "$tmp/all")" \
	"$(grep -cE 'status: BADCOOKIE|^;; BADCOOKIE, retrying' "$pcaps/dns-dig-badcookie.txt")"
is "a returned cookie is the one that was given before" \
	"$(awk '$2 == "returned" && !($3 in given) { print "not given:", $0 } { given[$4] }' "$tmp/all")" ""
is "cookies were returned" "$(awk '$2 == "returned"' "$tmp/all" | wc -l | tr -d ' ')" \
	"$(grep -c '^;; BADCOOKIE, retrying' "$pcaps/dns-dig-badcookie.txt")"
run dns --format csv "$pcaps/dns-dig-options.pcap"
named number,t "$out" >"$tmp/list"
is "new, returned, and changed after a wrong one" "$(columns "qname cookie_state client" "$tmp/list" |
	awk '$1 == "mail.zone.example" && $3 == "192.0.2.30" { print $2 }' | tr '\n' ' ')" "new returned changed "

# Why queries stayed unanswered.
run dns --format json --timeout 1 "$pcaps/dns-dig-errors.pcap"
figure "a host without a server, IPv4:" sums.unanswered.icmp 2
# 192.0.2.9 three times; 2001:db8::1 answers nothing in this capture either; 192.0.2.1 does.
figure "servers that answer nobody:" sums.unanswered.server_silent 5
figure "lost, at a server that answers:" sums.unanswered.not_known 2
run dns --format json "$pcaps/dns-late.pcap"
figure "responses behind the timeout:" sums.unanswered.late 1

# Fragments, and those that did not come.
run dns --format json "$pcaps/dns-dig-fragments.pcap"
figure "fragments of the first answer:" transactions.0.fragments 3
figure "of one that came whole:" transactions.2.fragments 0
figure "datagrams with a part lost:" sums.incomplete_datagrams 4
# The same, with frame 3, in the middle of the first answer, taken away: its query says why it has no answer.
if have editcap; then
	editcap "$pcaps/dns-dig-fragments.pcap" "$tmp/lost.pcapng" 3
	run dns --format json "$tmp/lost.pcapng"
	figure "an answer without its second fragment:" transactions.0.reason fragment_lost
	figure "the next query is another:" transactions.1.fragments 3
	run dns --format json --server 192.0.2.1 "$tmp/lost.pcapng"
	figure "its server is asked for:" transactions.0.reason fragment_lost
	editcap "$pcaps/dns-dig-fragments.pcap" "$tmp/lost.pcapng" 2
	run dns --format json "$tmp/lost.pcapng"
	figure "without the first, nothing says whose they are:" transactions.0.reason null
	editcap "$pcaps/dns-dig-fragments.pcap" "$tmp/lost.pcapng" 4
	run read --keep transactions -o "$tmp/lost.db" "$tmp/lost.pcapng"
	run dns --format json "$tmp/lost.db"
	figure "from a database:" transactions.0.reason fragment_lost
	have sqlite3 && is "its first fragment is kept" \
		"$(sqlite3 "$tmp/lost.db" "SELECT printf('%x', id), source_port, frame FROM message_parts WHERE id = 0xc4ac")" "c4ac|53|2"
else
	skip "the reason fragment_lost: editcap is not installed"
fi

# Public suffixes: none, a wildcard, and its exception.
suffix() { # RULES: registered domains of the capture's names
	printf '// a comment\n%b\n' "$1" >"$tmp/suffixes"
	run dns --format csv --top 100 --suffixes "$tmp/suffixes" "$pcaps/dns-dig-options.pcap"
	awk '/^name,queries/ { n++ } /^$/ { next } n == 3 && !/^name/ { print }' "$out" | sed -n '1,/^[a-z_]*,[a-z_]*,/p' |
		grep -v '^udp_size' | cut -d, -f1 | sort -u | tr '\n' ' '
}
is "no rule: the last two labels" "$(suffix other)" "elsewhere.example secret.example zone.example "
is "a wildcard: one label more" "$(suffix '*.example')" \
	"mail.zone.example none.zone.example www.elsewhere.example www.secret.example www.zone.example "
is "an exception: one less" "$(suffix '*.example\n!zone.example')" \
	"www.elsewhere.example www.secret.example zone.example "
printf 'a..b\n' >"$tmp/suffixes"
run dns --suffixes "$tmp/suffixes" "$pcaps/dns-dig-options.pcap"
is "what is no rule: status and lines" "$status $(one_line "$err" && echo line)" "2 line"

# Sums are the summary's; a database prints the same.
: >"$tmp/wrong"
for name in dns-dig-options.pcap dns-dig-badcookie.pcap dns-dig-truncation.pcap dns-dig-fragments.pcap dns-dig-errors.pcap \
	dns-resolver-bind.pcap dns-resolver-unbound.pcap dns-bind-udp.pcap dns-bind-tcp.pcapng dns-bind-fragments.pcap \
	dns-late.pcap dns-duplicate.pcap dns-backwards.pcap dns-match.pcap dns-rcodes.pcap dns-same-id.pcap dns-edns.pcap \
	dns-retransmit.pcap tcp-pipelined.pcap tcp-reuse.pcap tcp-hole.pcap icmp-types.pcap; do
	file=$pcaps/$name
	run summary --format json "$file"
	"$jsonget" "$out" >"$tmp/summary"
	run dns --format json "$file"
	sed -n '/^  "transactions"/,$p' "$out" >"$tmp/of-capture"
	"$jsonget" "$out" >"$tmp/dns"
	awk -F'\t' -v name="$name" '
		FILENAME == ARGV[1] { s[$1] = $2; next }
		{ d[$1] = $2 }
		$1 ~ /^sums\.unanswered\.[a-z]/ { unanswered += $2 }
		$1 ~ /^sums\.rcodes\.[0-9]+\.responses/ { rcodes += $2 }
		$1 ~ /^transactions\.[0-9]+\.query_bytes/ && $2 != "null" { listed++ }
		function equal(what, a, b) { if (a + 0 != b + 0) print name ": " what ": " a " is not " b }
		END {
			t = "sums.transports."
			equal("queries", d[t "0.queries"] + d[t "1.queries"], s["dns.queries"])
			equal("listed", listed, s["dns.queries"])
			equal("responses", d[t "0.responses"] + d[t "1.responses"], s["dns.responses"])
			equal("matched", d[t "0.matched"] + d[t "1.matched"], s["dns.matched"])
			equal("of tcp", d[t "1.queries"], s["dns.tcp.queries"])
			equal("truncated", d[t "0.truncated"], s["dns.truncated"])
			equal("rcodes", rcodes, s["dns.responses"])
			equal("unanswered", unanswered, s["dns.unanswered"])
			equal("clients", d["sums.clients.total"], s["dns.clients.total"])
			for (i = split("edns do ecs cookie", key, " "); i > 0; i--)
				equal(key[i], d["sums.messages." key[i]], s["dns." key[i]])
			for (i = split("n min p50 p99 max", key, " "); i > 0; i--)
				equal("udp delta " key[i], d[t "0.delta_s." key[i]], s["dns.udp.delta_s." key[i]])
		}' "$tmp/summary" "$tmp/dns" >>"$tmp/wrong"
	rm -f "$tmp/kept.db"
	run read -q --keep transactions -o "$tmp/kept.db" "$file"
	run dns --format json "$tmp/kept.db"
	sed -n '/^  "transactions"/,$p' "$out" >"$tmp/of-database"
	cmp -s "$tmp/of-capture" "$tmp/of-database" || echo "$name: a database prints something else" >>"$tmp/wrong"
	[ -s "$tmp/of-capture" ] || echo "$name: no transactions" >>"$tmp/wrong"
done
if [ -s "$tmp/wrong" ]; then fail "sums are the summary's, a database prints the same" "$tmp/wrong"; else pass "sums are the summary's, a database prints the same"; fi

# Without --keep the view says what it lacks.
run read -q -o "$tmp/lean.db" "$pcaps/dns-dig-options.pcap"
run dns --format json "$tmp/lean.db"
figure "without --keep:" transactions null
run dns "$tmp/lean.db"
is "and says so" "$(grep -c 'does not keep single messages' "$out")" 1

have tshark || { skip "streams and resolvers" "tshark is not installed"; tap_done; }

# Streams of the queries.
: >"$tmp/got"
: >"$tmp/want"
for name in dns-dig-options.pcap dns-dig-truncation.pcap dns-dig-fragments.pcap dns-dig-badcookie.pcap dns-bind-tcp.pcapng \
	dns-resolver-unbound.pcap tcp-pipelined.pcap; do
	tshark -r "$pcaps/$name" -Y 'dns && dns.flags.response == 0 && !icmp && !icmpv6' -T fields -e dns.id -e udp.stream \
		-e tcp.stream 2>/dev/null | awk -F'\t' '{ n = split($1, id, ","); for (i = 1; i <= n; i++) print id[i], $2 != "" ? "udp " $2 : "tcp " $3 }' |
		while read -r id rest; do echo "$name $((id)) $rest"; done >>"$tmp/want"
	run dns --format csv "$pcaps/$name"
	named number,t "$out" >"$tmp/list"
	columns "id transport stream query_bytes" "$tmp/list" | awk -v name="$name" '$4 != "-" { print name, $1, $2, $3 }' >>"$tmp/got"
done
sort "$tmp/got" -o "$tmp/got"
sort "$tmp/want" -o "$tmp/want"
same "streams of $(wc -l <"$tmp/want" | tr -d ' ') queries" "$tmp/got" "$tmp/want"

# A resolver: dig asks one question after another, so that all between one and its answer belongs to it; by client
# query, the number of upstream queries, their packets and their octets.
for name in dns-resolver-bind dns-resolver-unbound; do
	tshark -r "$pcaps/$name.pcap" -Y 'dns && udp' -T fields -E separator=' ' -e ip.src -e ipv6.src -e ip.dst -e ipv6.dst \
		-e udp.srcport -e udp.dstport -e dns.id -e dns.flags.response -e udp.length 2>/dev/null |
		awk -v own='^(192.0.2.20|2001:db8::20)$' '
			{ from = $1; to = $2; sport = $3; dport = $4; id = $5; qr = $6 ~ /1|True/; octets = $7 - 8 }
			to ~ own && !qr { open = ++n; next }
			from ~ own && qr { open = 0; next }
			from ~ own && !qr { of[sport, id, to] = open; if (open) q[open]++ }
			from ~ own && !qr { k = open }
			to ~ own && qr { k = of[dport, id, from] }
			k { p[k]++; b[k] += octets }
			END { for (i = 1; i <= n; i++) print q[i] + 0, p[i] + 0, b[i] + 0 }' >"$tmp/want"
	run dns --format json "$pcaps/$name.pcap"
	"$jsonget" "$out" | awk -F'\t' '
		match($1, /^resolver\.queries\.[0-9]+\.upstream_sum\./) {
			split($1, part, "."); v[part[3], part[5]] = $2; if (part[3] + 1 > n) n = part[3] + 1
		}
		END { for (i = 0; i < n; i++) print v[i, "queries"], v[i, "packets"], v[i, "bytes"] }' >"$tmp/got"
	same "$name: what each of $(wc -l <"$tmp/want" | tr -d ' ') questions caused" "$tmp/got" "$tmp/want"
	is "$name: there was something" "$(awk '{ n += $1 } END { print (n > 8) }' "$tmp/want")" 1
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /^resolver\.addresses\.[0-9]/ { print $2 }' | sort | tr '\n' ' ' >"$tmp/got"
	is "$name: its addresses were found" "$(cat "$tmp/got")" "192.0.2.20 2001:db8::20 "
	run dns --format json --resolver 2001:db8::20,192.0.2.20 "$pcaps/$name.pcap"
	is "$name: the same if they are said" "$("$jsonget" "$out" | grep -c '^resolver.queries.*upstream_sum.queries')" 6
done
tap_done
