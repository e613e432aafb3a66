#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# server: what ntpq printed each minute of ntpd's associations, against the card at that minute. reach, stratum
# and refid are equal. ntpd reads t1 before it sends, we when the packet passes: its delay is longer by that
# time e, its offset by e/2. So the offsets differ by half of what the delays differ by, to the digits that
# ntpq prints, and e is that of a program's way to its interface. Until ntpd has its frequency (freq_mode) it
# takes the newest sample, not the one of least delay: then the last ones are compared.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/kept.sh"
have python3 || skip_all "python3 is not installed"
capture=$pcaps/card-ntpsec.pcap

cat >"$tmp/ntpq.py" <<'PYTHON'
import json, re, subprocess, sys
program, text, capture = sys.argv[1:]
def compare(at, v, freq_mode):
    """What differs from the card at that time."""
    out = subprocess.run([program, "server", "--format", "json", "--server", "192.0.2.10,2001:db8::10", "--to", at,
                          capture], capture_output=True, text=True)
    card = json.loads(out.stdout)
    u = [u for s in card["servers"] for u in s["upstreams"] if u["remote"] == v["srcadr"]][0]
    wrong = []

    def same(what, got, want):
        if got != want:
            wrong.append(f"{at} {v['srcadr']}: {what} is {got}, ntpq printed {want}")

    def near(what, got, want, least, most):
        if not least <= want - got <= most:
            wrong.append(f"{at} {v['srcadr']}: {what} is {got}, ntpq printed {want}")

    same("reach", u["reach"], v["reach"])
    same("stratum", str(u["stratum"]), v["stratum"])
    if v["refid"] != "....":  # what ntpq makes of four octets that are no letters
        same("refid", u["refid"], v["refid"])
    same("poll", u["poll_s"], 2 ** int(v["hpoll"]))
    delay, offset, jitter = (float(v[k]) for k in ("delay", "offset", "jitter"))
    if freq_mode:
        got_delay, got_offset = u["last_delay_s"] * 1e3, u["last_offset_s"] * 1e3
    else:
        got_delay, got_offset = u["delay_s"] * 1e3, u["offset_s"] * 1e3
        # each of the samples has its own e: the jitter is off by half of the largest at most
        near("jitter", u["jitter_s"] * 1e3, jitter, -0.1, 0.1)
    e = delay - got_delay
    near("delay", got_delay, delay, 0, 0.2)
    near("offset, but for half of the delay's difference", got_offset + e / 2, offset, -0.0002, 0.0002)
    return wrong

blocks = re.split(r"^\$ ", open(text).read(), flags=re.M)[1:]
times = [re.search(r"# (\d{4}-\S+)$", b, flags=re.M) for b in blocks]
wrong, seen, filtered, freq_mode = [], 0, 0, True
for i, block in enumerate(blocks):
    head, _, body = block.partition("\n")
    m = re.match(r"ntpq -n -c rv (\d+) 192\.0\.2\.10 +# (\S+)", head)
    if not m:
        continue
    if m[1] == "0":
        freq_mode = "freq_mode" in body
        continue
    v = dict(re.findall(r"(\w+)=([^,\s]+)", body))
    if v["srcadr"].startswith("127.127."):
        continue
    seen += 1
    filtered += not freq_mode
    # ntpd answered between this command and the next: a poll in between may be in it or not
    first, then = compare(m[2], v, freq_mode), compare(times[i + 1][1], v, freq_mode)
    if first and then:
        wrong += first + then
print("\n".join(wrong) or "same", seen, filtered)
PYTHON
is "ntpq's associations, each minute" \
	"$(python3 "$tmp/ntpq.py" "$clientele" "$pcaps/card-ntpsec.txt" "$capture")" "same 30 15"

# The line of ntpq -p at the end: when, and the one that it follows.
run server --format json --server 192.0.2.10,2001:db8::10 --to 2026-11-23T11:25:22.46Z "$capture"
is "exit status" "$status" 0
sed -n '/^\$ ntpq -n -p/,/^$/p' "$pcaps/card-ntpsec.txt" | sed -n 's/^\([*+ ]\)\([0-9].*\)/\1 \2/p' |
	awk '{ tally = ($1 == "*" || $1 == "+") ? $1 : "x"; i = tally == "x" ? 1 : 2; print tally == "*" ? "true" : "false", $i, $(i + 4), $(i + 5), $(i + 6) }' >"$tmp/want"
is "lines of ntpq -p were found" "$(wc -l <"$tmp/want" | tr -d ' ')" 3
for place in servers.0.upstreams.0 servers.1.upstreams.0 servers.0.upstreams.1; do
	printf '%s %s %.0f %s %s\n' "$(value $place.selected)" "$(value $place.remote)" "$(value $place.when_s)" \
		"$(value $place.poll_s)" "$(value $place.reach)"
done >"$tmp/got"
# ntpq asked some tenths of a second behind the last packet: `when` may be one more
awk 'NR == FNR { want[FNR] = $0; when[FNR] = $3; next } { d = when[FNR] - $3; if (d >= -1 && d <= 1) $3 = when[FNR]; print }' \
	"$tmp/want" "$tmp/got" >"$tmp/rounded"
same "selected, remote, when, poll, reach as ntpq -p" "$tmp/rounded" "$tmp/want"

# What the server said of itself, as its rv 0 has it (milliseconds, to the microsecond).
rv=$(sed -n '/^\$ ntpq -n -c rv 0 -c associations/,/^$/p' "$pcaps/card-ntpsec.txt" | tr '\n' ' ')
rv() { printf '%s' "$rv" | sed "s/.*[ ,]$1=\([^, ]*\).*/\1/"; }
is "stratum" "$(value servers.0.says.stratum)" "$(rv stratum)"
is "refid" "$(value servers.0.says.refid)" "$(rv refid)"
is "precision" "$(value servers.0.says.precision_s)" 0.00000006 # 2^-24 s
is "root delay" "$(value servers.0.says.root_delay_s | awk '{ printf "%.2f", $1 * 1000 }')" \
	"$(rv rootdelay | awk '{ printf "%.2f", $1 - 0.01 }')"
is "reference time" "$(value servers.0.says.reference_time | cut -c1-23)" \
	"$(printf '%s' "$rv" | sed 's/.*reftime=[0-9a-f.]* \([^,]*\)Z.*/\1/')"
# RFC 5905: a dispersion grows by 15 ppm
is "root dispersion grows by" "$(value servers.0.says.root_dispersion_slope_ppm | awk '{ printf "%.0f", $1 }')" 15
is "answered" "$(value servers.0.answered_share)" 1

# The restarts of 2001:db8::2, as the recording's page tells them; times by tshark, of the first answers with
# another stratum.
if have tshark; then
	tshark -r "$capture" -Y 'ipv6.src == 2001:db8::2 && ntp.flags.mode == 4' -T fields -e frame.time_epoch \
		-e ntp.stratum 2>/dev/null | awk 'NR > 1 && $2 != last { printf "%s>%s %s\n", last, $2, $1 } { last = $2 }' >"$tmp/want"
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /^servers\.1\.upstreams\.0\.changes\.[0-9]+\.(t|what|from|to)$/ { split($1, p, "."); v[p[6], p[7]] = $2; if (p[6] + 0 > n) n = p[6] + 0 }
		END { for (i = 0; i <= n; i++) if (v[i, "what"] == "stratum") print v[i, "from"] ">" v[i, "to"], v[i, "t"] }' >"$tmp/got"
	while read -r what t; do
		printf '%s %s\n' "$what" "$(date -u -d "$t" +%s.%N)"
	done <"$tmp/got" >"$tmp/epochs"
	is "changes of stratum were found" "$([ "$(wc -l <"$tmp/want")" -ge 3 ] && echo yes)" yes
	same "changes of stratum, and when" "$tmp/epochs" "$tmp/want"
else
	skip "changes of stratum, and when" "tshark is not installed"
fi

# chronyd's register: a request that still waits is not in it.
run server --format json --server 192.0.2.11,2001:db8::11 --to 2026-11-23T11:25:22.747Z "$pcaps/card-chrony.pcap"
for place in servers.0.upstreams.0 servers.1.upstreams.0 servers.0.upstreams.1; do
	printf '%s %s %s\n' "$(value $place.remote)" "$(value $place.stratum)" "$(value $place.reach_chrony)"
done >"$tmp/got"
sed -n '/^\$ chronyc -n sources    /,/^$/p' "$pcaps/card-chrony.txt" | awk '/^\^/ { print $2, $3, $5 }' >"$tmp/want"
is "lines of chronyc sources were found" "$(wc -l <"$tmp/want" | tr -d ' ')" 3
same "reach as chronyc prints it" "$tmp/got" "$tmp/want"

for file in card-chrony ntp-chrony-interleaved kiss-chrony ntp-kod card-ntpsec; do
	as_kept server "$pcaps/$file.pcap"
done
# What a server asks is on its card in both, though it is nobody's answer that was chosen.
run server --format json --server 192.0.2.10,2001:db8::10 "$capture"
sed -n '/"as_of"/,$p' "$out" >"$tmp/want"
is "upstreams with --server" "$(grep -c '"reach"' "$tmp/want")" 3
run server --format json --server 192.0.2.10,2001:db8::10 "$tmp/kept.db"
sed -n '/"as_of"/,$p' "$out" >"$tmp/got"
same "database as capture, with --server" "$tmp/got" "$tmp/want"
not_kept server "$capture" servers.0.upstreams
is "without single messages: counts" "$(value servers.0.requests)" 41

# A table keeps within 100 columns, whatever the names.
echo '2001:db8::2 a-name-of-a-server-that-is-much-too-long-for-any-table.example.net' >"$tmp/hosts"
run server --names "$tmp/hosts" --server 192.0.2.10,2001:db8::10 "$capture"
sed '1,/^Packets/d' "$out" | awk 'length($0) > 100' >"$tmp/wide"
is "columns" "$(cat "$tmp/wide")" ""
tap_done
