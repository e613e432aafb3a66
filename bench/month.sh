#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A database of a month of a busy server, made day by day, and how long each view takes to answer from it: wall
# and processor seconds, medians. Prints Markdown tables.
#
# usage: bench/month.sh PROGRAM MONTHLOAD [FOLDER [RUNS]]
#
#   PROGRAM    the clientele to measure, built with optimisation
#   MONTHLOAD  the generator (make tests/tools/monthload)
#   FOLDER     where the database is made and kept, half a gigabyte (default /tmp/clientele-month)
#   RUNS       of each row, in turn (default 5)
#
# $REQUESTS a day (230000) and $POPULATION (600000) make 5 million rows of client_day in June 2026. Each run is a
# process of its own; the database is in the page cache.
set -eu

program=${1:?usage: bench/month.sh PROGRAM MONTHLOAD [FOLDER [RUNS]]}
monthload=${2:?usage: bench/month.sh PROGRAM MONTHLOAD [FOLDER [RUNS]]}
folder=${3:-/tmp/clientele-month}
runs=${4:-5}
first=20605
last=20634
case $program in /*) ;; *) program=$PWD/$program ;; esac
case $monthload in /*) ;; *) monthload=$PWD/$monthload ;; esac
mkdir -p "$folder"
cd "$folder"

# measure ROW COMMAND...: wall and processor seconds and peak MiB into rows.tsv.
measure() {
	row=$1
	shift
	/usr/bin/time -o time.txt -f '%e %U %S %M' "$@" >/dev/null 2>error.txt || { cat error.txt >&2; exit 1; }
	awk -v row="$row" '{ printf "%s\t%.2f\t%.2f\t%.0f\n", row, $1, $2 + $3, $4 / 1024 }' time.txt >>rows.tsv
}

# table TITLE: the rows in the order they came first, medians of each column.
table() {
	echo "| $1 | wall s | processor s | MiB |"
	echo "|---|---|---|---|"
	awk -F'\t' '!($1 in at) { at[$1] = ++n } { print at[$1] "\t" $0 }' rows.tsv | sort -t"$(printf '\t')" -k1,1n -k3,3n |
		awk -F'\t' '
			function flush() { if (c) printf "| %s | %s |\n", name, line[int((c + 1) / 2)] }
			$1 != was { flush(); c = 0; was = $1; name = $2 }
			{ line[++c] = $3 " | " $4 " | " $5 }
			END { flush() }'
	echo
}

: >rows.tsv
if [ ! -s month.db ]; then
	rm -f part.db*
	day=$first
	while [ "$day" -le "$last" ]; do
		"$monthload" "$day" 1 "${REQUESTS:-230000}" "${POPULATION:-600000}" >day.pcap
		measure "reading day $((day - first + 1))" "$program" read -q --no-progress -o part.db day.pcap
		day=$((day + 1))
	done
	rm -f day.pcap
	mv part.db month.db
	grep -e 'day 1	' -e 'day 2	' -e 'day 15	' -e 'day 30	' rows.tsv >some.tsv
	mv some.tsv rows.tsv
	table "going on"
fi

sqlite3 month.db "
	SELECT 'client-days: ' || count(*) FROM client_day;
	SELECT 'octets of the file for each: ' || round(1.0 * page_count * page_size / (SELECT count(*) FROM client_day), 1)
		FROM pragma_page_count, pragma_page_size"
echo
if sqlite3 month.db "SELECT 1 FROM dbstat LIMIT 1" >/dev/null 2>&1; then
	echo "| table | octets | for each client-day |"
	echo "|---|---|---|"
	sqlite3 month.db "SELECT '| ' || name || ' | ' || sum(pgsize) || ' | ' ||
		round(1.0 * sum(pgsize) / (SELECT count(*) FROM client_day), 2) || ' |' FROM dbstat GROUP BY name
		HAVING sum(pgsize) > 100000 ORDER BY sum(pgsize) DESC"
	echo
fi

day="--from 2026-06-10T00:00:00Z --to 2026-06-11T00:00:00Z"
week="--from 2026-06-08T00:00:00Z --to 2026-06-15T00:00:00Z"
cat month.db >/dev/null
: >rows.tsv
i=0
while [ "$i" -lt "$runs" ]; do
	measure "clients --top 100" "$program" clients --top 100 month.db
	for view in summary clients delta; do
		for options in "" "--format json" "--format csv" "--step 300" "--server 192.0.2.1" "$day" "$week"; do
			# shellcheck disable=SC2086 # options are words
			measure "$view $options" "$program" $view $options month.db
		done
	done
	i=$((i + 1))
done
table "view"

: >rows.tsv
i=0
while [ "$i" -lt "$runs" ]; do
	while IFS= read -r sql; do
		measure "\`$sql\`" sqlite3 month.db "$sql"
	done <<'SQL'
SELECT * FROM unique_clients_by_month
SELECT * FROM unique_clients_by_day
SELECT time, clients FROM unique_clients_by_step WHERE server = '192.0.2.1' AND window_s = 1200 ORDER BY clients DESC LIMIT 3
SELECT * FROM totals_by_day
SELECT * FROM requests_by_step
SELECT server, sum(n), sum(CASE WHEN ge_s >= 0.0005 THEN n ELSE 0 END) FROM delta_histogram WHERE kind = 'server' GROUP BY server
SELECT addr, sum(requests) AS n FROM client_month GROUP BY addr ORDER BY n DESC, addr LIMIT 10
SELECT count(*), sum(requests) FROM clients WHERE date = '2026-06-10' AND server = '192.0.2.1' AND proto = 'ntp'
SELECT * FROM clients WHERE addr = x'0A000000'
SELECT count(DISTINCT addr) FROM client_day WHERE day IN (20613, 20614)
SQL
	i=$((i + 1))
done
table "question to the sqlite3 shell"
