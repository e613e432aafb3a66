#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Speed and memory of clientele beside bare programs and other tools, on the same files in the same hour: what counts
# are ratios. Prints tables of medians as Markdown. What runs and what is compared: tables.sh.
#
# usage: bench/bench.sh [OPTION...] PROGRAM
#
#   PROGRAM         the clientele to measure, built with optimisation
#   --folder DIR    where workloads are made and kept, about 5 GB (/tmp/clientele-bench)
#   --runs N        of each row, in turn (5)
#   --only ERE      rows whose name matches
#   --skip ERE      but not these
#   --sizes         also 1 and 10 million clients, streamed
#   --huge          also 100 million: ten minutes, up to 14 GiB of memory with the generator
#   --whole         other tools too read the whole files, not slices: hours, and tshark's memory
#   --quick         small workloads, one run: shows that all rows run; its figures mean nothing
#   --list          names of the rows
#
# Needs the workload generator and the bare programs: their folder is ../shared/bench beside the checkout, or
# $BENCH_SOURCES. Each run is a process of its own; files are in the page cache. Other tools are taken from the PATH.
# Exit status 1: a row failed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/tables.sh"
folder=/tmp/clientele-bench
runs=5
only=.
skip='^$'
wanted=''
shrink=1
once=100000000 # a stream of more packets runs once, and its generator not by itself
list=''
whole=''
sources=${BENCH_SOURCES:-$here/../../shared/bench}
cc=${CC:-cc}
tab=$(printf '\t')

usage() {
	sed -n 's/^# *\(usage: .*\)/\1/p' "$0" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--folder) folder=$2; shift ;;
	--runs) runs=$2; shift ;;
	--only) only=$2; shift ;;
	--skip) skip=$2; shift ;;
	--sizes) wanted="$wanted --sizes" ;;
	--huge) wanted="$wanted --sizes --huge" ;;
	--quick) shrink=500 runs=1 ;;
	--whole) whole='/^[^ ]* *| *[0-9]/!{ s/ntp1m/ntp10m/g; s/dns1m/dns10m/g; s/mix500k/mix5m/g; }' ;;
	--list) list=yes ;;
	-*) usage ;;
	*) break ;;
	esac
	shift
done

# --- tables ---

# columns FUNCTION: a table's lines, columns trimmed and parted by tabs; the last one may hold bars.
columns() {
	"$1" | sed "$whole" | awk -v n="$2" '
		/^#/ || !NF { next }
		{
			out = ""
			for (i = 1; i <= n; i++) {
				at = i < n ? index($0, "|") : length($0) + 1
				field = substr($0, 1, at - 1)
				$0 = substr($0, at + 1)
				gsub(/^[ \t]+|[ \t]+$/, "", field)
				out = out (i > 1 ? "\t" : "") field
			}
			print out
		}'
}

# load_sizes: load, packets, clients of all that --quick leaves of them.
load_sizes() {
	columns loads_table 4 | awk -F'\t' -v OFS='\t' -v s="$shrink" '
		function least(n, m) { n = int(n / s); return n < m ? m : n }
		{ print $1, least($2, s > 1 ? 1000 : 1), least($3, s > 1 ? 100 : 1), $4 }'
}

# rows: row, packets, clients, needs, command; of files.
rows() {
	load_sizes >"$work/loads.tsv"
	columns rows_table 4 | awk -F'\t' -v OFS='\t' '
		NR == FNR { packets[$1] = $2; clients[$1] = $3; next }
		{
			n = split($2, loads, " ")
			for (i = 1; i <= n; i++) {
				row = $1; command = $4
				gsub(/LOAD/, loads[i], row)
				gsub(/LOAD/, loads[i], command)
				gsub(/CLIENTS/, clients[loads[i]], command)
				print row, packets[loads[i]], clients[loads[i]], $3 == "" ? "-" : $3, command
			}
		}' "$work/loads.tsv" -
}

# streams: row, packets, clients, needs, options of summary; of those that were asked for.
streams() {
	columns streams_table 6 | awk -F'\t' -v OFS='\t' -v wanted="$wanted " -v s="$shrink" '
		index(wanted, " " $4 " ") { print $1, int($2 / s), int(($3 + s - 1) / s), $5 == "" ? "-" : $5, $6 }'
}

chosen() { awk -F'\t' -v only="$only" -v skip="$skip" '$1 ~ only && $1 !~ skip'; }

# --- what there is ---

has() { # NEED: a program, or a word for what not every clientele or machine has
	case $1 in
	-) ;;
	workers | max-memory) "$clientele" summary --help | grep -q -e "--$1" ;;
	memory) # 11 GiB, and the generator's 2.5
		[ "$shrink" -gt 1 ] || awk '/^MemAvailable:/ { free = $2 } END { exit free < 14 * 1048576 }' /proc/meminfo
		;;
	inflate_gz) [ -n "$inflate_gz" ] ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

# possible: of rows or streams, those that can run here; the others go to left.tsv.
possible() {
	while IFS=$tab read -r row packets clients needs command; do
		if has "$needs"; then
			printf '%s\t%s\t%s\t%s\t%s\n' "$row" "$packets" "$clients" "$needs" "$command"
		else
			printf '%s\tneeds %s\n' "$row" "$needs" >>left.tsv
		fi
	done
}

# Inflating alone, with the library that this clientele uses: gunz of the sources, else our own reader.
choose_inflate_gz() {
	inflate_gz=
	library=zlib
	ldd "$clientele" 2>/dev/null | grep -q libisal && library=isal
	if $cc -O3 -o gunz "$sources/gunz.c" -lz -lisal -ldeflate 2>/dev/null; then
		inflate_gz="./gunz $library"
	elif [ -x "$(dirname "$clientele")/../bench/readbench" ]; then
		inflate_gz="$(cd "$(dirname "$clientele")/../bench" && pwd)/readbench"
	fi
	export inflate_gz
}

build() {
	$cc -O3 -march=native -o genload "$sources/genload.c" -lm
	$cc -O3 -march=native -o ceiling "$sources/ceiling.c" -lpcap -lpthread
	$cc -O3 -o sqlins "$sources/sqlins.c" -lsqlite3
	$cc -O2 -o timeit "$here/timeit.c"
	cp "$here/dsc.sh" dsc.sh
	choose_inflate_gz
}

# The captures that the chosen rows read.
make_loads() {
	load_sizes | while IFS=$tab read -r name packets clients options; do
		# shellcheck disable=SC2086 # several options
		if grep -qwF "$name.pcap" rows.tsv && ! grep -qF "\"packets\": $packets," "$name.json" 2>/dev/null; then
			./genload $options --packets="$packets" --clients="$clients" --out="$name.pcap" --truth="$name.json"
		fi
	done
	columns packed_table 2 | while IFS=$tab read -r file command; do
		if grep -qwF "$file" rows.tsv && { [ ! -s "$file" ] || [ -n "$(find "${file%.*}" -newer "$file")" ]; }; then
			sh -c "$command" >"$file.part" && mv "$file.part" "$file"
		fi
	done
}

# --- runs ---

# measure ROUND ROW COMMAND: one line of samples; standard input is the command's.
measure() {
	rm -rf ./*.db ./*.db-*
	./timeit time.txt sh -c "$3" >"$(asked "$2" && echo out.txt || echo /dev/null)" 2>err.txt
	disk=$(cat ./*.db ./*.db-* 2>/dev/null | wc -c)
	printf '%d\t%s\t%s\t%d\n' "$1" "$2" "$(cat time.txt)" "$disk" >>samples.tsv
	if [ "$1" -eq 1 ] && asked "$2"; then
		printf '%s\t%s\n' "$2" "$(tail -n 1 out.txt)" >>answers.tsv
	fi
	case $(cut -f4 time.txt) in
	0) ;;
	*) printf '%s\tfailed: %s\n' "$2" "$(head -n 1 err.txt)" >>left.tsv ;;
	esac
	rm -rf ./*.db ./*.db-* flows dsc.out
}

# asked ROW: whether its answer is held against the truth.
asked() { columns answers_table 4 | cut -f1 | grep -qxF -e "$1"; }

# failed ROW: whether an earlier run of it did.
failed() { cut -f1 left.tsv | grep -qxF -e "$1"; }

say_progress() {
	[ ! -t 2 ] || printf '\r\033[K%s' "$1" >&2
}

one_round() { # ROUND
	while IFS=$tab read -r row packets clients needs command; do
		failed "$row" && continue
		say_progress "round $1: $row"
		files=$(printf '%s\n' "$command" | grep -o '[a-z0-9]*\.pcap[.a-z0-9]*' || :)
		# shellcheck disable=SC2086 # several files
		cat $files </dev/null >/dev/null # into the page cache
		measure "$1" "$row" "$command" </dev/null
	done <rows.tsv
	while IFS=$tab read -r row packets clients needs options; do
		if failed "$row" || { [ "$1" -gt 1 ] && [ "$packets" -gt "$once" ]; }; then
			continue
		fi
		say_progress "round $1: $row"
		generate="./genload --preset=ntp --seed=1 --packets=$packets --clients=$clients --out="
		[ "$packets" -gt "$once" ] || [ -n "$options" ] ||
			measure "$1" "generate${row#stream}" "exec $generate/dev/null" </dev/null
		# shellcheck disable=SC2016,SC2086 # the command's own variable; a command with its options
		$generate- | measure "$1" "$row" '"$clientele" summary '"$options -"
	done <streams.tsv
	say_progress ''
}

# --- report ---

# truth LOAD: lines `key number` of what its truth says.
truth() {
	awk '
		function number(key) {
			return match($0, "\"" key "\": [0-9]+") ? substr($0, RSTART + length(key) + 4, RLENGTH - length(key) - 4) + 0 : 0
		}
		/^    "(all|ntp|dns)": [{]"ipv4"/ { split($0, name, "\""); print name[2] ".clients", number("total") }
		/^  "[a-z0-9]+": [{]/ { split($0, name, "\""); section = name[2] }
		section == "ntp" && /"delta_ns"/ { print "ntp.matched", number("n") }
		section == "dns" { queries += number("udp_queries") + number("tcp_queries") }
		section == "dns" && /_delta_last_ns/ { matched += number("n") }
		END { print "dns.queries", queries + 0; print "dns.matched", matched + 0 }' "$1.json"
}

# answers: a line for each question that a peer was asked.
say_answers() {
	columns answers_table 4 | while IFS=$tab read -r row question key why; do
		answer=$(awk -F'\t' -v row="$row" '$1 == row { print $2 }' answers.tsv)
		[ -n "$answer" ] || continue
		known=$(truth "${row##* }" | awk -v key="$key" '$1 == key { print $2 }')
		[ "$answer" != "$known" ] || why=
		printf '| %s | %s | %s | %s | %s |\n' "$row" "$question" "$answer" "$known" "$why"
	done
}

# ratios: kind, over, under, wanted, words of each load.
ratios() {
	columns ratios_table 6 | awk -F'\t' -v OFS='\t' '
		{
			n = split($1, loads, " ")
			for (i = 1; i <= n; i++) {
				line = $3 OFS $4 OFS $5 OFS $6 OFS $2
				gsub(/LOAD/, loads[i], line)
				print line
			}
		}'
}

say_truths() {
	[ -f "$sources/truthcheck" ] && command -v python3 >/dev/null 2>&1 || return 0
	cut -f1 rows.tsv | sed -n 's/^summary \([^ ,.]*\)$/\1/p' | while read -r load; do
		"$clientele" summary --format json "$load.pcap" >out.txt 2>/dev/null || :
		echo "- \`summary $load\` against its truth: $(python3 "$sources/truthcheck" "$load.json" out.txt | tail -n 1)"
	done
}

load_average() { uptime | sed 's/.*averages\{0,1\}: *//; s/,* .*//'; }

say_machine() {
	echo "- $(date -u '+%Y-%m-%d %H:%M') UTC, $(uname -sr), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1), $(getconf _NPROCESSORS_ONLN) processors"
	echo "- $("$clientele" --version | head -n 1), $($cc --version | head -n 1)"
	echo "- medians of $runs runs in turn; load average at the start: $1"
	[ "$shrink" -eq 1 ] || echo "- workloads are 1/$shrink of their size, one run: these figures mean nothing"
	awk -v load="$1" 'BEGIN { exit !(load > 0.5) }' &&
		echo "- **warning: the machine was not quiet: times mean little**"
	echo "- gzip alone is inflated by: ${inflate_gz:-nothing here: gunz does not build and bench/readbench was not made}"
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
if [ -n "$list" ]; then
	{ rows; streams; } | chosen | cut -f1
	exit 0
fi
if [ $# -ne 1 ] || [ ! -x "$1" ]; then
	usage
fi
if [ ! -f "$sources/genload.c" ]; then
	echo "bench.sh: $sources: holds no genload.c; set BENCH_SOURCES" >&2
	exit 2
fi
clientele=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
sources=$(cd "$sources" && pwd)
export clientele
load=$(load_average)
[ "$shrink" -eq 1 ] || folder=$folder/quick
mkdir -p "$folder"
cd "$folder"
build
for table in samples answers left; do
	: >$table.tsv
done
rows | chosen | possible >rows.tsv
streams | chosen | possible >streams.tsv
make_loads
i=1
while [ "$i" -le "$runs" ]; do
	one_round "$i"
	i=$((i + 1))
done
{
	cut -f1-3 rows.tsv streams.tsv
	cut -f1-3 streams.tsv | sed 's/^stream/generate/'
} >sizes.tsv
ratios >ratios.tsv

say_machine "$load"
say_truths
awk -v verdicts=$((shrink == 1)) -f "$here/report.awk" sizes.tsv samples.tsv ratios.tsv
say_answers >said.md
if [ -s said.md ]; then
	printf '\n| row | question | its answer | the truth | why |\n|---|---|---|---|---|\n'
	cat said.md
fi
if [ -s left.tsv ]; then
	echo
	sed "s/^\([^$tab]*\)$tab/- left out: \1: /" left.tsv
fi
! grep -q "${tab}failed: " left.tsv
