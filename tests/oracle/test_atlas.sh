#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# atlas: results made of a capture's own timestamps, as tshark reads them: which of them the probe is said to
# have got decides the leg, and rtt minus delta is the path.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have tshark || skip_all "tshark is not installed"
capture=$pcaps/ntp-chrony.pcap

# Requests of one client: time, server and transmit timestamp in seconds since 1900.
client=192.0.2.11
tshark -r "$capture" -Y "ntp.flags.mode == 3 && ip.src == $client" -T fields -e frame.number -e frame.time_epoch \
	-e ip.dst -e udp.payload 2>/dev/null | tr -d ':' | cut -c1-200 >"$tmp/requests"
requests=$(wc -l <"$tmp/requests" | tr -d ' ')
is "requests were found" "$([ "$requests" -gt 6 ] && echo yes)" yes
server=$(head -n 1 "$tmp/requests" | cut -f3)

# object N STATE: a result of request N: got, or lost.
object() {
	line=$(sed -n "$1p" "$tmp/requests")
	payload=$(printf '%s' "$line" | cut -f4)
	seconds=$((0x$(printf '%s' "$payload" | cut -c81-88)))
	fraction=$((0x$(printf '%s' "$payload" | cut -c89-96) * 1000000000 / 4294967296))
	time=$(printf '%s' "$line" | cut -f2 | cut -d. -f1)
	printf '{"type":"ntp","msm_id":1,"prb_id":%s,"from":"%s","src_addr":"10.0.0.2","dst_addr":"%s","timestamp":%s,"result":[' \
		"$3" "$client" "$server" "$time"
	case $2 in
	got) printf '{"origin-ts":%s.%09d,"receive-ts":0,"transmit-ts":0,"final-ts":0,"rtt":0.025,"offset":-0.5}' "$seconds" "$fraction" ;;
	lost) printf '{"x":"*"}' ;;
	unsent) printf '{"error":"no address"}' ;;
	esac
	printf ']}'
}
{
	printf '['
	object 1 got 7; printf ','
	object 2 got 7; printf ','
	object 3 lost 8; printf ','
	object 4 unsent 9
	printf ']'
} >"$tmp/results.json"
run atlas --format json --results "$tmp/results.json" "$capture"
is "exit status" "$status" 0
figure "two arrived:" legs.received 2
figure "one answer was lost on its way back:" legs.lost_on_return 1
figure "one was never sent:" not_sent 1
figure "attempts:" legs.attempts 3
figure "probes:" probes 2
figure "round trip:" rtt_s.max 0.025
figure "offset:" offset_s.p50 -0.5
figure "who lost:" failed.0.probe 8

# The same, an object a line, with the list of probes.
sed 's/^\[//; s/\]$//; s/},{"type"/}\n{"type"/g' "$tmp/results.json" >"$tmp/lines.json"
is "an object a line" "$(wc -l <"$tmp/lines.json" | tr -d ' ')" 3
printf '{"objects":[{"id":7,"country_code":"DE","asn_v4":680},{"id":8,"country_code":null}]}' >"$tmp/probes.json"
run atlas --format json --results "$tmp/lines.json" --probes "$tmp/probes.json" "$capture"
figure "lines: arrived:" legs.received 2
figure "the place that lost most" by_place.0.place unknown
figure "the other" by_place.1.place "DE AS680"
figure "its attempts" by_place.1.attempts 2

# What is no JSON is said in one line.
echo '[{' >"$tmp/broken.json"
run atlas --results "$tmp/broken.json" "$capture"
is "broken JSON: status and lines" "$status $(one_line "$err" && echo line)" "2 line"
run atlas --results "$tmp/missing.json" "$capture"
is "no such file: status and lines" "$status $(one_line "$err" && echo line)" "2 line"
tap_done
