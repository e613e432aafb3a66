#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Unique clients of windows that several sensors saw: estimates from sketches, with their bounds, against sets of
# addresses counted by python; and none where the sketches are missing or do not bear out what the sensors counted.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
have python3 || skip_all "python3 is not installed"
tool=$top_srcdir/tests/tools/sensorwindows.py
seed=${WINDOWS_SEED:-$$}
echo "# WINDOWS_SEED=$seed"
cd "$tmp" || exit 1
python3 "$tool" make . "$seed" || exit 1

databases() { # NAME OPTION...: NAME-0.db ... of the sensors, and merged.db
	name=$1
	shift
	rm -f merged.db "$name"-?.db
	for sensor in 0 1 2; do
		run read -q -o "$name-$sensor.db" --sensor "s$sensor" "$@" "$name-$sensor.pcap"
		[ "$status" = 0 ] || fail "read $name-$sensor.pcap" "$err"
	done
	run merge -o merged.db "$name-2.db" "$name-0.db" "$name-1.db"
	is "$name $*: merged" "$status" 0
}
checked() { # NAME ARGUMENT...
	what=$1
	shift
	if python3 "$tool" "$@" >complaints; then pass "$what"; else fail "$what" complaints; fi
}
view() { # DB: view.json
	run clients --format json "$1"
	is "clients of $1: status" "$status" 0
	cp "$out" view.json
}

for how in client packet; do
	databases $how
	view merged.db
	checked "by $how: estimates and bounds" check $how.list view.json 300 300,1200
	run clients --format csv merged.db
	cp "$out" view.csv
	checked "by $how: CSV" csv view.json view.csv
done

# What people read, and what programs do.
run clients merged.db
is "text: marked" "$(grep -c '^2026.* estimate *$' "$out" | awk '{ print ($1 > 50) }')" 1
is "text: what it is" "$(grep -c '^estimate: of several sensors, from sketches; standard error 3.25 %, 19 of 20 within 6.4 %' "$out")" 1
is "text: columns" "$(awk 'length > 100' "$out" | wc -l)" 0
run clients --plain 300 --to 2026-05-30T23:00:00Z merged.db
is "plain: a number and a warning" "$status $(grep -c '^[0-9][0-9]*$' "$out") $(grep -c \
	'^clientele: --plain: clients in 300 s are an estimate over several sensors: 19 of 20 such lie between [0-9]* and [0-9]*$' "$err")" "0 1 1"
run clients --rrd ntp merged.db
is "rrd: said" "$(grep -c ':U' "$out" | awk '{ print ($1 < 5) }') $(grep -c '^clientele: --rrd: .*standard error of 3.25 %$' "$err")" "1 1"
run report --format json --from 2026-05-30 --to 2026-06-01 merged.db
if have jq; then
	is "report: instants that are estimates" "$(jq '[.windows.windows[] | .estimated > 10 and .estimated < .instants] | all' "$out")" true
	is "report: each is one of the series" "$(jq -c '[.windows.windows[] | select(.server == "all") | .estimated] | add' "$out")" \
		"$(jq -c '[.windows.series[].estimated] | add' "$out")"
else
	skip "report: instants that are estimates" "jq is not installed"
	skip "report: each is one of the series" "jq is not installed"
fi
for form in text html; do
	run report --format $form --from 2026-05-30 --to 2026-06-01 merged.db
	is "report, $form: what estimated means" "$(grep -c 'Estimated: that many instants' "$out")" 1
	is "report, $form: none is left out" "$(grep -c 'without sketches of their' "$out")" 0
done

# A sensor without sketches of some time, without any, and with those of other clients.
cp merged.db without.db
sqlite3 without.db "DELETE FROM client_sketch WHERE source_id = 2"
view without.db
checked "sketches of a sensor are missing" none view.json
run clients without.db
is "missing: said" "$(grep -c '^No number: several sensors, of which not all have sketches' "$out")" 1
# 256 octets of 0 behind 54: each register is 20, as if there were a billion clients
billion="x'54$(printf '%0512d' 0)'"
for forged in "x''" "$billion" "x'ff00ff'" "x'43'" "zeroblob(300)" "'text'" "randomblob(200)"; do
	sqlite3 without.db "UPDATE client_sketch SET sketch = $forged"
	view without.db
	checked "sketches that are $(echo "$forged" | cut -c 1-20)" none view.json
done
cp packet-1.db older.db
sqlite3 older.db "DROP TABLE client_sketch"
rm merged.db
run merge -o merged.db packet-0.db older.db packet-2.db
is "a database from before: merged" "$status" 0
view merged.db
is "a database from before: bounds" "$(grep -c '"between"' view.json | awk '{ print ($1 > 50) }')" 1
cp packet-0.db older.db
sqlite3 older.db "DROP TABLE client_sketch"
run clients --format json older.db
is "a database from before: a view" "$status" 0

# Parts of steps: windows that are no multiple of the step.
databases packet --window 420,1000
view merged.db
checked "other windows: estimates and bounds" check packet.list view.json 300 420,1000

# In two reads, and beyond --max-memory: the same sketches.
sketches() { sqlite3 "$1" "SELECT t, proto, address, hex(sketch) FROM client_sketch JOIN service USING(service_id) ORDER BY 1, 2, 3"; }
run read -q -o once.db client-0.pcap
python3 "$top_srcdir/tests/tools/mergedays.py" time client-0.pcap piece 3 "$seed"
for piece in 0 1 2; do
	run read -q -o pieces.db piece-$piece.pcap
	is "piece $piece: status" "$status" 0
done
sketches once.db >want
sketches pieces.db >got
same "in pieces: sketches" got want
rm -f pieces.db
run read -q -o pieces.db piece-0.pcap
seam=$(sqlite3 pieces.db "SELECT max(t) FROM client_sketch; DROP TABLE client_sketch")
for piece in 1 2; do run read -q -o pieces.db piece-$piece.pcap; done
sketches pieces.db >got
awk -F'|' -v seam="$seam" '$1 >= seam' want >later
same "going on from before there were any: sketches from the open step on" got later
is "in pieces: there are some" "$(wc -l <want | awk '{ print ($1 > 100) }')" 1
tap_done
