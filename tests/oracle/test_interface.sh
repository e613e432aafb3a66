#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What scripts rely on: each key of the JSON views is there, in each element of its array, and has its type;
# results are whole or not at all; frames are told by their file.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

# VIEW PATH TYPE[|TYPE...]. `#` is each element of an array, and each key of an object whose keys are data.
# A `number` may be an integer. A path below null is not asked for.
delta_s='n:integer min:number|null p50:number|null p90:number|null p99:number|null p999:number|null max:number|null
	mean:number|null'
# delta VIEW PATH: the members of a distribution.
delta() {
	echo "$1 $2 object"
	for member in $delta_s; do echo "$1 $2.${member%%:*} ${member#*:}"; done
}
# each VIEW PREFIX TYPE KEY...
each() {
	view=$1 prefix=$2 type=$3
	shift 3
	for key in "$@"; do echo "$view $prefix$key $type"; done
}
{
	for view in summary clients delta icmp tunnels dns; do
		each $view '' string view version
		each $view input. integer packets bytes counted other filtered malformed truncated incomplete out_of_order \
			dropped.kernel dropped.interface
		each $view input. 'string|null' first last
		each $view input. array files undecoded duplicate_files
		each $view input.files.#. integer packets bytes
		each $view input.files.#. 'string|null' first last error
		each $view input.files.#. string path
		each $view input.files.#. boolean damaged
		each $view input.undecoded.#. string reason
		each $view input.undecoded.#. integer packets
		each $view input.duplicate_files. string '#'
	done
	each summary ntp. integer packets requests responses matched unanswered open_at_end duplicates late backwards bogus \
		guessed interleaved kod mac nts clients.ipv4 clients.ipv6 clients.total 'versions.#' 'modes.#'
	each summary ntp. object versions modes
	delta summary ntp.delta_s
	each summary dns. integer queries responses matched unanswered open_at_end duplicates late backwards bogus \
		clients.ipv4 clients.ipv6 clients.total edns do ecs cookie truncated 'qtypes.#' 'rcodes.#' \
		udp.queries udp.responses udp.clients tcp.queries tcp.responses tcp.clients tcp.connections
	each summary dns. object qtypes rcodes
	for path in dns.delta_s dns.udp.delta_s dns.udp.delta_first_s dns.tcp.delta_s dns.tcp.delta_first_s; do
		delta summary $path
	done
	each summary icmp. integer errors senders affected_clients
	each summary '' object tunnels 'tunnels.#'
	each summary 'tunnels.#.' integer packets
	each summary fragments. integer packets datagrams reassembled incomplete
	each tunnels '' array tunnels
	each tunnels tunnels.#. string kind state
	each tunnels tunnels.#. 'string|null' a b
	each tunnels tunnels.#. integer packets_ab packets_ba bytes_ab bytes_ba
	each tunnels tunnels.#. array inner findings
	each tunnels tunnels.#.inner.#. string prefix
	each tunnels tunnels.#.inner.#. integer packets
	each tunnels tunnels.#. object protocols
	each tunnels '' object rest
	each dns '' array transactions
	each dns transactions.#. string t transport client server
	each dns transactions.#. 'string|null' qname qtype rcode
	each dns transactions.#. integer stream id
	each dns transactions.#. array flags
	each dns transactions.#. 'integer|null' query_bytes response_bytes fragments tcp_retry_of
	each dns transactions.#. 'number|null' delta_s
	each dns transactions.#. 'object|null' edns
	each clients '' array servers all top windows
	each clients '' integer step 'windows.#'
	each clients servers.#. 'string|null' server name
	for part in servers.#. all.#.; do
		each clients $part string proto
		each clients $part integer requests clients.ipv4 clients.ipv6 clients.total clients.v4_24 clients.v6_64 clients.v6_48
		each clients $part 'array|null' series
		each clients $part string series.#.t
		each clients $part integer series.#.requests series.#.warmup.#
		each clients $part 'integer|null' 'series.#.unique.#'
		each clients $part object series.#.unique
		each clients $part array series.#.warmup
	done
	each clients top.#. string client first last
	each clients top.#. 'string|null' label software
	each clients top.#. integer requests
	each clients top.#. number share
	each clients top.#. 'number|null' interval_s
	each delta '' array servers
	each delta '' 'array|null' worst
	each delta servers.#. 'string|null' server name
	each delta servers.#. string proto series.#.t
	each delta servers.#. integer requests responses matched unanswered open_at_end duplicates late backwards bogus guessed \
		interleaved 'over."0.001"' 'over."0.01"' 'over."0.1"' histogram.#.count series.#.requests
	each delta servers.#. array histogram series
	each delta servers.#. number histogram.#.ge_s histogram.#.lt_s
	delta delta servers.#.delta_s
	delta delta servers.#.series.#.delta_s
	each delta worst.#. string t client server
	each delta worst.#. number delta_s
	each delta worst.#. integer request_frame response_frame
	for path in '' families.ipv6. families.ipv4.; do
		each icmp "$path" integer requests clients errors senders affected_clients
		each icmp "$path" 'number|null' affected_share sender_share
		each icmp "$path" 'integer|null' unmatched
	done
	each icmp '' array types
	each icmp types.#. string family name
	each icmp types.#. integer type code errors senders affected_clients from_client from_router
} >"$tmp/contract"

# contract VIEW: what of the last run's JSON is not as the contract says; notes what was met.
contract() {
	"$jsonget" -t "$out" >"$tmp/types" 2>&1 || { cat "$tmp/types"; return; }
	awk -v view="$1" -v met="$tmp/met.$1" '
		function general(path) {
			while (sub(/\.[0-9]+\./, ".#.", path));
			sub(/\.[0-9]+$/, ".#", path)
			sub(/^tunnels\.[^.]+/, "tunnels.#", path)
			sub(/^dns\.qtypes\.[^.]+/, "dns.qtypes.#", path)
			sub(/^dns\.rcodes\.[^.]+/, "dns.rcodes.#", path)
			return path
		}
		FILENAME == ARGV[1] { if ($1 == view) want[$2] = $3; next }
		{
			type = $NF
			path = general(NF == 2 ? $1 : "")
			have[path]++
			if (type == "object") objects[path]++
			if (!(path in want)) next
			print path >met
			if (type == "integer" && want[path] ~ /number/) next
			if (index("|" want[path] "|", "|" type "|") == 0) wrong[path] = type
		}
		END {
			for (path in wrong) print path ": is " wrong[path] ", not " want[path]
			for (path in want) {
				parent = path
				if (path ~ /"$/) sub(/\."[^"]*"$/, "", parent)
				else if (!sub(/\.[^.]*$/, "", parent)) parent = ""
				if (path !~ /#$/ && have[path] + 0 != objects[parent] + 0)
					print path ": is in " have[path] + 0 " of " objects[parent] + 0
			}
		}' "$tmp/contract" "$tmp/types"
	sort -u "$tmp/met.$1" >>"$tmp/all.$1"
}
check() { # NAME VIEW ARG...
	name=$1
	view=$2
	shift 2
	run "$view" --format json "$@"
	contract "$view" >"$tmp/wrong"
	if [ "$status" -le 1 ] && [ ! -s "$tmp/wrong" ]; then pass "$name: $view"; else fail "$name: $view" "$tmp/wrong"; fi
}
run read -q -o "$tmp/a.db" "$pcaps/ntp-chrony.pcap"
is "read -q -o: exit status" "$status" 0
if [ -s "$out" ] || [ -s "$err" ]; then fail "read -q -o says nothing" "$out"; else pass "read -q -o says nothing"; fi
run read -q "$pcaps/ntp-chrony.pcap"
is "read -q without a database prints the summary" "$(grep -c '^NTP$' "$out")" 1
gzip -c "$pcaps/ntp-kod.pcap" >"$tmp/again.pcap.gz"
for view in summary clients delta icmp tunnels; do
	check "NTP" $view "$pcaps"/ntp-chrony.pcap
	check "DNS" $view "$pcaps"/dns-bind-udp.pcap "$pcaps"/dns-bind-tcp.pcapng
	check "forged" $view "$pcaps"/tunnels.pcap "$pcaps"/icmp-types.pcap "$pcaps"/frag6.pcap
	check "series" $view "$pcaps/windows-sort-1-us.pcap"
	check "no packet" $view "$bad/header-only.pcap"
	check "damaged" $view "$bad/cut-in-record.pcap"
	check "not decoded, and twice" $view "$pcaps/link-unknown.pcap" "$pcaps/ntp-kod.pcap" "$tmp/again.pcap.gz"
	check "a database" $view "$tmp/a.db"
	awk -v view=$view '$1 == view { print $2 }' "$tmp/contract" | sort -u >"$tmp/asked"
	sort -u "$tmp/all.$view" | comm -13 - "$tmp/asked" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$view: each key was met" "$tmp/wrong"; else pass "$view: each key was met"; fi
done
check "DNS" dns "$pcaps"/dns-bind-udp.pcap "$pcaps"/dns-bind-tcp.pcapng
check "TC and TCP" dns "$pcaps/dns-dig-truncation.pcap"
check "options" dns "$pcaps/dns-dig-options.pcap"
check "no packet" dns "$bad/header-only.pcap"
check "NTP" dns "$pcaps/ntp-chrony.pcap"
awk '$1 == "dns" { print $2 }' "$tmp/contract" | sort -u >"$tmp/asked"
sort -u "$tmp/all.dns" | comm -13 - "$tmp/asked" | grep -v '^input\.' >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "dns: each key was met" "$tmp/wrong"; else pass "dns: each key was met"; fi

# The slowest exchanges are told by file and frame, also behind a file that was left out.
run delta --format json "$pcaps/ntp-kod.pcap" "$tmp/again.pcap.gz" "$pcaps/dns-late.pcap" "$pcaps/ntp-late.pcap"
is "the slowest of several files" "$(for i in 0 1 2; do
	value worst.$i.response_file | sed 's/.*\///'; value worst.$i.response_frame; done | tr '\n' ' ')" \
	"dns-late.pcap 4 ntp-late.pcap 6 ntp-kod.pcap 8 "
run delta --format csv "$pcaps/ntp-kod.pcap" "$tmp/again.pcap.gz" "$pcaps/dns-late.pcap"
is "the slowest of several files, CSV" "$(sed -n '/^delta_s,t,/{n;s/.*,3,4,.*dns-late.pcap,.*dns-late.pcap$/yes/p;}' "$out")" yes

# A database that fails in the middle of a view gives no half of a result.
if have sqlite3; then
	for table in step_clients client_day day_delta_bucket; do
		cp "$tmp/a.db" "$tmp/hole.db"
		sqlite3 "$tmp/hole.db" "DROP TABLE $table"
		case $table in day_delta_bucket) view=delta ;; *) view=clients ;; esac
		for format in table json csv; do
			run $view --format $format "$tmp/hole.db"
			is "$view without $table, $format" \
				"$status $(one_line "$err" && echo line) $(wc -c <"$out" | tr -d ' ')" "2 line 0"
		done
	done
else
	skip "a database that fails in the middle" "the sqlite3 shell is not installed"
fi
tap_done
