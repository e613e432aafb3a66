#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mode6: each value and status word that ntpq and nmap printed of the recorded servers is in the series, at the
# first sample after they were started; octets by operation are tshark's.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$top_srcdir/tests/oracle/kept.sh"

# compare.py JSON TEXT SERVER...: what ntpq printed and is not in the series; last, how much was compared.
cat >"$tmp/compare.py" <<'PY'
import json, re, sys
from datetime import datetime, timezone

got = json.load(open(sys.argv[1]))
series, words = {}, {}
for v in got["variables"]:
    series[v["server"], v["associd"], v["kind"], v["variable"]] = [(s["t"], s["value"]) for s in v["series"]]
for e in got["events"]:
    words[e["server"], e["associd"], e["kind"], e["status"]] = e["words"]
compared = 0

def stamp(text):  # lengths of fractions differ
    whole, _, fraction = text.rstrip("Z").partition(".")
    return whole, fraction.ljust(9, "0")

def number(name, text):
    if name == "reach":
        return int(text, 8)
    if name == "flash":
        return int(text, 16)
    return float(text)

def check(server, assoc, kind, name, text, since):
    global compared
    if name in ("keyid", "reftime") or not re.fullmatch(r"-?[0-9a-f]+(\.[0-9]+)?", text) or text.count(".") > 1:
        return
    try:
        want = number(name, text)
    except ValueError:
        return
    rows = [v for t, v in series.get((server, assoc, kind, name), []) if stamp(t) >= stamp(since)]
    compared += 1
    if not rows or abs(rows[0] - want) > 1e-9 * max(1, abs(want)):
        print(server, assoc, kind, name, "printed", text, "got", rows[:1])

server = since = None
block = []

def end_block():
    global block, compared
    text = " ".join(line.strip() for line in block)
    block = []
    m = re.match(r"associd=(\d+) status=([0-9a-f]{4}) (.*?), ?(?=\w+=)(.*)", text)
    if not m or server is None:
        return
    assoc, status, said, rest = int(m[1]), m[2], m[3], m[4]
    kind = "clock" if "clk_" in said else "peer" if assoc else "system"
    compared += 1
    if words.get((server, assoc, kind, status)) != said:
        print(server, assoc, kind, status, "printed", said, "got", words.get((server, assoc, kind, status)))
    for item in re.findall(r'(\w+)=((?:"[^"]*")|[^,]*)', rest):
        check(server, assoc, kind, item[0], item[1].strip().split(" ")[0], since)

stats = {"control requests": "ss_numctlreq", "packets received": "ss_received", "processed for time": "ss_processed",
         "kilobytes": "mru_mem", "peak addresses": "mru_deepest", "maximum addresses": "mru_maxdepth"}
for line in open(sys.argv[2]):
    line = line.rstrip("\n")
    head = re.match(r"\$ .*?([0-9a-f.:]+) +# (\S+)$", line)
    if head:
        end_block()
        server, since = head[1], head[2]
        continue
    if line.startswith("associd="):
        end_block()
        block = [line]
    elif block and line and not line.startswith("(exit"):
        block.append(line)
    else:
        end_block()
        m = re.match(r"([a-z ]+): +(\S+)", line)
        if m and m[1] in stats and server:
            check(server, 0, "system", stats[m[1]], m[2], since)
        m = re.match(r"\|[ _] +(\w+): (\S+)$", line)
        if m and server and m[1] in ("leap", "stratum", "precision", "rootdelay", "rootdisp", "tc", "peer", "offset",
                                     "frequency", "sys_jitter", "clk_jitter", "clk_wander", "mintc"):
            check(server, 0, "system", m[1], m[2], since)
end_block()
print(compared, file=sys.stderr)
PY

if have python3; then
	for part in "card-ntpsec 1000" "client-ntpq 70" "client-nmap-scripts 20"; do
		name=${part% *}
		run mode6 --format json "$pcaps/$name.pcap"
		is "$name: exit status" "$status" 0
		python3 "$tmp/compare.py" "$out" "$pcaps/$name.txt" >"$tmp/differs" 2>"$tmp/compared"
		: >"$tmp/none"
		same "$name: values and words, as printed" "$tmp/differs" "$tmp/none"
		is "$name: of $(tail -n 1 "$tmp/compared") values at least ${part#* }" \
			"$([ "$(tail -n 1 "$tmp/compared")" -ge "${part#* }" ] && echo yes)" yes
	done
else
	skip "values and words" "python3 is not installed"
fi

# Octets by server, mode and operation.
operations() {
	"$jsonget" "$out" | awk -F'\t' '$1 ~ /^operations[.][0-9]+[.]/ { split($1, k, "."); v[k[2] k[3]] = $2; if (k[2] >= n) n = k[2] + 1 }
		END { for (i = 0; i < n; i++) print v[i "server"], v[i "mode"], v[i "opcode"], v[i "requests"], v[i "octets"], v[i "responses"], v[i "answered_octets"] }' | sort
}
if have tshark; then
	for file in "$pcaps"/card-ntpsec.pcap "$pcaps"/client-ntpq.pcap "$pcaps"/client-nmap-scripts.pcap "$pcaps"/client-zmap.pcap \
		"$pcaps"/client-masscan.pcap "$pcaps"/ntp-ntpsec.pcap "$shared"/captures/tcpdump/ntp-control.pcap; do
		name=$(basename "$file")
		[ -f "$file" ] || { skip "$name: octets" "no ../shared/captures beside this tree"; continue; }
		run mode6 --format json "$file"
		tshark -r "$file" -Y 'ntp.flags.mode == 6 || ntp.flags.mode == 7' -T fields -E separator=' ' -E occurrence=f \
			-e ip.src -e ipv6.src -e ip.dst -e ipv6.dst -e udp.length -e ntp.ctrl.flags2.opcode -e ntp.priv.reqcode -e udp.payload 2>/dev/null |
			awk '{ src = $1; dst = $2; length_ = $3 - 8; first = substr($NF, 1, 2)
				m7 = (index("7f", substr(first, 2)) > 0)
				hex = "0123456789abcdef"
				two = (index(hex, substr($NF, 3, 1)) - 1) * 16 + index(hex, substr($NF, 4, 1)) - 1
				if (m7) { r = index("89abcdef", substr(first, 1, 1)) > 0; op = $(NF - 1) }
				else { r = two >= 128; op = $(NF - 1) }
				s = (r ? src : dst) " " (m7 ? 7 : 6) " " op
				seen[s]
				if (r) { c[s]++; d[s] += length_ } else { a[s]++; b[s] += length_ } }
				END { for (s in seen) print s, a[s] + 0, b[s] + 0, c[s] + 0, d[s] + 0 }' | sort >"$tmp/want"
		operations >"$tmp/got"
		is "$name: operations to compare" "$([ -s "$tmp/want" ] && echo yes)" yes
		same "$name: octets by operation, as tshark" "$tmp/got" "$tmp/want"
	done
else
	skip "octets by operation" "tshark is not installed"
fi

# Who asks what.
run mode6 --format json "$pcaps/client-nmap-scripts.pcap"
is "a scan for versions, and for monlist" "$("$jsonget" "$out" | sed -n 's/^sources[.][0-9]*[.]kind	//p' | sort | tr '\n' ' ')" \
	"monlist version scan "
is "all are strangers" "$(value strangers.sources)" 2
printf '192.0.2.71 our own\n' >"$tmp/labels"
run mode6 --format json --labels "$tmp/labels" "$pcaps/client-nmap-scripts.pcap"
is "but those with a label" "$(value strangers.sources)" 1

as_kept mode6 "$pcaps/card-ntpsec.pcap" "Control messages"
not_kept mode6 "$pcaps/card-ntpsec.pcap" variables
tap_done
