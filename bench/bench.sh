#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Speed and memory of the main job against a bare program on the same machine in the same hour: what counts is the
# ratio. Prints a Markdown table of medians.
#
# usage: bench/bench.sh PROGRAM [FOLDER [RUNS]]
#
#   PROGRAM   the clientele to measure, built with optimisation
#   FOLDER    where workloads are made and kept, about 5 GB (default /tmp/clientele-bench)
#   RUNS      of each row, in turn (default 5)
#
# Needs the workload generator and the bare program: their folder is ../shared/bench beside the checkout, or
# $BENCH_SOURCES. Each run is a process of its own; files are in the page cache.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
program=${1:?usage: bench/bench.sh PROGRAM [FOLDER [RUNS]]}
folder=${2:-/tmp/clientele-bench}
runs=${3:-5}
sources=${BENCH_SOURCES:-$here/../../shared/bench}
cc=${CC:-cc}

if [ ! -f "$sources/genload.c" ]; then
	echo "bench.sh: $sources: holds no genload.c; set BENCH_SOURCES" >&2
	exit 2
fi
case $program in
/*) ;;
*) program=$PWD/$program ;;
esac
mkdir -p "$folder"
cd "$folder"
$cc -O3 -march=native -o genload "$sources/genload.c" -lm
$cc -O3 -march=native -o ceiling "$sources/ceiling.c" -lpcap -lpthread
$cc -O3 -o sqlins "$sources/sqlins.c" -lsqlite3

workload() {
	name=$1
	shift
	[ -s "$name.json" ] || ./genload "$@" --out="$name.pcap" --truth="$name.json"
	cat "$name.pcap" >/dev/null
}

# One run: wall and processor seconds and peak KiB into rows.tsv.
measure() {
	row=$1
	shift
	/usr/bin/time -o time.txt -f '%e %U %S %M' "$@" >/dev/null 2>/dev/null
	awk -v row="$row" '{ printf "%s\t%s\t%s\t%s\n", row, $1, $2 + $3, $4 }' time.txt >>rows.tsv
}

workload ntp10m --preset=ntp --packets=10000000 --clients=1000000 --seed=1
workload dns10m --preset=dns --packets=10000000 --clients=1000000 --seed=2
workload mix5m --preset=mix --packets=5000000 --clients=500000 --seed=3
: >rows.tsv
i=0
while [ "$i" -lt "$runs" ]; do
	for load in ntp10m dns10m mix5m; do
		measure "$load bare" ./ceiling fullb "$load.pcap"
		measure "$load summary" "$program" summary --no-progress "$load.pcap"
	done
	measure "ntp10m clients" "$program" clients --no-progress ntp10m.pcap
	rm -f out.db
	measure "ntp10m read -o" "$program" read --no-progress -o out.db ntp10m.pcap
	rm -f rows.db rows.db-*
	measure "1000000 rows" ./sqlins rows.db 1000000 blob sorted wal normal
	i=$((i + 1))
done
rm -f out.db rows.db rows.db-* time.txt

# Medians of each row, then the ratios that the project has set itself.
sort -t"$(printf '\t')" -k1,1 -s rows.tsv | awk -F'\t' -v runs="$runs" '
function median(v, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] < v[j - 1]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
	return v[int((n + 1) / 2)]
}
function flush_row() {
	if (n == 0)
		return
	wall[row] = median(w, n); cpu[row] = median(c, n); peak[row] = median(m, n)
	printf "| %s | %.2f | %.2f | %d |\n", row, wall[row], cpu[row], peak[row] / 1024
}
BEGIN { print "| row | wall s | processor s | peak MiB |"; print "|---|---|---|---|" }
$1 != row { flush_row(); row = $1; n = 0 }
{ n++; w[n] = $2 + 0; c[n] = $3 + 0; m[n] = $4 + 0 }
END {
	flush_row()
	print ""
	print "| ratio | measured | wanted |"
	print "|---|---|---|"
	printf "| ntp10m: speed of summary to the bare program (wall) | %.2f | 0.4 or more |\n", wall["ntp10m bare"] / wall["ntp10m summary"]
	printf "| dns10m: the same | %.2f | |\n", wall["dns10m bare"] / wall["dns10m summary"]
	printf "| mix5m: the same | %.2f | |\n", wall["mix5m bare"] / wall["mix5m summary"]
	printf "| ntp10m: read -o to the sum of summary and a million rows (wall) | %.2f | 1.5 or less |\n", wall["ntp10m read -o"] / (wall["ntp10m summary"] + wall["1000000 rows"])
	printf "| octets of peak memory a pair above 64 MiB, summary | %.0f | 160 or less |\n", (peak["ntp10m summary"] - 65536) * 1024 / 1e6
	printf "| the same, read -o | %.0f | 160 or less |\n", (peak["ntp10m read -o"] - 65536) * 1024 / 1e6
	printf "\nMedians of %d runs in turn.\n", runs
}'
