#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the program claims to do better than what people did by hand: pairing of requests and responses, the clock
# status word, files of mixed link types, and counts of clients that polls of 1024 s do not hide. The counts are
# against sort -u and against what follows from how the captures were made (tests/tools/posts.c).
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
posts=$top_builddir/tests/tools/posts
[ -x "$posts" ] || { echo "Bail out! $posts was not built: make check builds it"; exit 1; }

# Two requests on one pair of ports, at 0.0 and 1.0 s; the first is answered at 1.5, the second at 1.6 s. (Other
# captures, and the counts of each: test_wireshark_pairing.sh.)
twice=$pcaps/ntp-retransmit.pcap
run delta --format json "$twice"
for i in 0 1; do printf '%s #%s #%s\n' "$(value "worst.$i.delta_s")" "$(value "worst.$i.request_frame")" "$(value "worst.$i.response_frame")"; done >"$tmp/pairs"
printf '1.5 #1 #3\n0.6 #2 #4\n' >"$tmp/want"
same "two requests, two answers: 1.5 s and 0.6 s" "$tmp/pairs" "$tmp/want"
run delta --pairing wireshark --format json "$twice"
is "Wireshark's rule: 0.5 s, and the other a second answer" \
	"$(value worst.0.delta_s) $(value worst.#) $(value servers.0.matched) $(value servers.0.duplicates)" "0.5 1 1 1"
if have tshark; then
	is "tshark prints 0.5 s and nothing" \
		"$(tshark -2 -n -r "$twice" -Y 'ntp.flags.mode == 4' -T fields -e frame.number -e ntp.delta_time 2>/dev/null | tr '\n\t' ', ')" \
		"3 0.500000000,4 ,"
else
	skip "tshark prints 0.5 s and nothing" "tshark is not installed"
fi

# A clock with 4 events, of which the last is code 0, sends status 0x0040: 8 bits, then 4 and 4.
"$posts" clock "$tmp/clock.pcap"
run dissect --json "$tmp/clock.pcap"
sed -n 2p "$out" >"$tmp/answer"
is "clock status 0x0040: 4 events, code 0" \
	"$(sed 's/.*"ntp.ctrl.clock_status.status": \([0-9]*\), "ntp.ctrl.clock_status.count": \([0-9]*\), "ntp.ctrl.clock_status.code": \([0-9]*\).*/\1 \2 \3/' "$tmp/answer")" "0 4 0"

# One pcapng of three link types: libpcap ends at the second, we read all.
links="link-ethernet link-raw link-sll2"
if have mergecap; then
	want=0
	files=
	for name in $links; do
		files="$files $pcaps/$name.pcap"
		want=$((want + $(awk '$1 == "ntp.requests" { print $2 }' "$pcaps/$name.expect")))
	done
	mergecap -a -w "$tmp/mixed.pcapng" $files 2>"$err" || fail "mergecap" "$err"
	run summary --format json "$tmp/mixed.pcapng"
	is "mixed link types: exit status, requests" "$status $(value ntp.requests)" "0 $want"
	is "mixed link types: all decoded" "$(value input.undecoded.#) $(value input.files.0.damaged)" "0 false"
	if have tcpdump; then
		if tcpdump -n -r "$tmp/mixed.pcapng" >/dev/null 2>"$err"; then
			skip "libpcap gives up" "this libpcap reads it"
		else
			pass "libpcap gives up"
		fi
	else
		skip "libpcap gives up" "tcpdump is not installed"
	fi
else
	skip "mixed link types" "mergecap is not installed"
fi

# Clients in trailing windows. Lines `SERVER T UNIQUE300 UNIQUE1200 UNIQUE3600`, T in seconds after the first day's start.
"$posts" pollers "$tmp/polls.pcap" >"$tmp/requests"
run clients --format json --window 300,1200,3600 "$tmp/polls.pcap"
"$jsonget" "$out" | awk -F'\t' '
	$1 ~ /^servers\.[0-9]*\.server$/ { server = $2 }
	$1 ~ /^servers\.[0-9]*\.series\.[0-9]*\.t$/ { split($2, p, /[-T:Z]/); t = (p[3] - 1) * 86400 + p[4] * 3600 + p[5] * 60 + p[6] }
	$1 ~ /^servers\..*\.unique\.300$/ { a = $2 }
	$1 ~ /^servers\..*\.unique\.1200$/ { b = $2 }
	$1 ~ /^servers\..*\.unique\.3600$/ { print server, t, a, b, $2 }' >"$tmp/series"
is "steps of each server" "$(awk '$1 == "192.0.2.1"' "$tmp/series" | wc -l | tr -d ' ')" 527

# seen SERVER FROM STEPS COLUMN: in how many of so many steps that client is seen.
seen() { awk -v server="$1" -v from="$2" -v steps="$3" -v column="$4" '
	$1 == server && $2 >= from && $2 < from + steps * 300 { n++; seen += $column > 0 } END { print seen + 0, "of", n + 0 }' "$tmp/series"; }
# 256 steps of 300 s are 75 polls of 1024 s: it is seen in 75, which is 300/1024 or 29.3 %; wherever one begins.
for from in 1500 30000 61200; do
	is "polls of 1024 s in 5 minutes, from $from s" "$(seen 192.0.2.1 $from 256 3)" "75 of 256"
	is "polls of 1024 s in 20 minutes, from $from s" "$(seen 192.0.2.1 $from 256 4)" "256 of 256"
done
# 512 steps are 75 polls of 2048 s, each of which is in one window of 5 minutes and in four of 20.
is "polls of 2048 s in 5 minutes" "$(seen 192.0.2.2 4200 512 3)" "75 of 512"
is "polls of 2048 s in 20 minutes" "$(seen 192.0.2.2 4200 512 4)" "300 of 512"
is "polls of 2048 s in an hour" "$(seen 192.0.2.2 4200 512 5)" "512 of 512"
# 100 that asked once, at 90060 to 90119 s, beside five that always ask.
awk '$1 == "192.0.2.3" && $2 >= 1500 { print $2, $3, $4 }' "$tmp/series" >"$tmp/line"
awk '{ print $1, ($1 == 90300 ? 105 : 5), ($1 >= 90300 && $1 <= 91200 ? 105 : 5) }' "$tmp/line" >"$tmp/want"
same "a peak is in one step of the 5-minute line, and for 20 minutes in the other" "$tmp/line" "$tmp/want"

# --plain: sort -u of the last slice, for captures that end at several times.
ends=0
for to in 2026-06-01T12:00:00Z 2026-06-02T01:05:00Z 2026-06-02T01:07:30Z 2026-06-02T01:26:00Z 2026-06-02T19:59:59Z; do
	for window in 300 1200; do
		awk -v to="$to" -v window=$window '
			BEGIN {
				split(to, p, /[-T:Z]/)
				to = 1780272000 + (p[3] - 1) * 86400 + p[4] * 3600 + p[5] * 60 + p[6]
			}
			$1 < to { at[++n] = $1 + 0; client[n] = $3 } # in order of time
			END {
				end = at[n] - at[n] % 300 # the last step that ends within the capture
				for (i = 1; i <= n; i++) if (at[i] > end - window && at[i] <= end) print client[i]
			}' "$tmp/requests" | sort -u | wc -l | tr -d ' ' >"$tmp/want"
		run clients --plain $window --to "$to" "$tmp/polls.pcap"
		same "--plain $window --to $to: as sort -u" "$out" "$tmp/want"
		ends=$((ends + 1))
	done
done
is "slices" $ends 10
tap_done
