#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Who the clients are: the figures of `clients` against a count the slow way, in Python, of the requests that
# tshark lists; from captures, from databases, and read in two parts. And what monitoring systems are given.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have python3 || skip_all "python3 is not installed"

# Requests as `ns proto client server source-port poll`, by tshark.
requests_of() {
	tshark -r "$1" -T fields -E separator=' ' -E occurrence=f -e frame.time_epoch -e ip.src -e ipv6.src -e ip.dst -e ipv6.dst \
		-e udp.srcport -e ntp.ppoll -Y '(ntp && ntp.flags.mode == 3) || (dns && dns.flags.response == 0 && udp.port == 53)' \
		2>/dev/null | sed 's/  */ /g'
}

# A capture of addresses of all kinds, forged: raw IP, times in nanoseconds, two midnights. The list of its
# requests is written beside it.
cat >"$tmp/forge.py" <<'PY'
import ipaddress, random, struct, sys

random.seed(7)
capture, listing = open(sys.argv[1], "wb"), open(sys.argv[2], "w")
capture.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
START = 1772315900  # 2026-02-28T21:58:20Z
clients = []
for i in range(40):
    net = f"2001:db8:{i % 5:x}:{i % 7:x}:"
    mac = [0x00, 0x1b, 0x21, i, 2, 3] if i % 2 else [0x70, 0xb3, 0xd5, 0x10 + i, 0x40, i]
    if i == 38:
        mac[0] = 0x02
    clients += [
        f"10.{i % 3}.{i % 4}.{i + 1}",
        net + f"{i + 1:x}:0:0:{i + 3:x}",
        net + ":%x" % (i + 1),
        net + "%02x%02x:%02xff:fe%02x:%02x%02x" % (mac[0] ^ 2, *mac[1:]),
        net + "".join(f"{random.randrange(0x1000, 0x10000):04x}:" for _ in range(4))[:-1],
        net + f"192:0:2:{i + 1}" if i < 20 else f"2001:db8:9::192.0.2.{i}",
        f"2002:c000:2{i:02x}::{i:x}",
        f"2001:0:4136:e378:8000:63bf:3f{i:02x}:fdd2",
        net + f"0:5efe:c000:2{i:02x}",
    ]
servers4 = [f"192.0.2.{i}" for i in range(1, 21)]
servers6 = [f"2001:db8:ffff::{i:x}" for i in range(1, 4)]


def packet(src, dst, sport, dport, payload):
    s, d = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    udp = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    pseudo = s.packed + d.packed + struct.pack(">IHBB", len(udp), 0, 0, 17)
    total = pseudo + udp + b"\0" * (len(udp) % 2)
    x = sum(struct.unpack(f">{len(total) // 2}H", total))
    while x >> 16:
        x = (x & 0xffff) + (x >> 16)
    udp = udp[:6] + struct.pack(">H", (~x & 0xffff) or 0xffff) + udp[8:]
    if s.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(udp), 17, 64) + s.packed + d.packed + udp
    ip = bytearray(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, s.packed, d.packed))
    x = sum(struct.unpack(">10H", ip))
    while x >> 16:
        x = (x & 0xffff) + (x >> 16)
    ip[10:12] = struct.pack(">H", ~x & 0xffff)
    return bytes(ip) + udp


asked = []
for i, client in enumerate(clients):
    family = 4 if "." in client and ":" not in client else 6
    interval = random.choice([1, 16, 64, 64, 90, 91, 1024, 5000])
    at = START * 10**9 + random.randrange(90000 * 10**9)
    for _ in range(random.choice([1, 1, 1, 2, 3, 4, 5, 9, 10, 30])):
        dns = random.random() < 0.2
        server = random.choice(servers4[: random.choice([2, 20])] if family == 4 else servers6)
        port = 53 if dns else 123
        sport = random.choice([port, 22, 1023, 1024, 50000])
        asked.append((at, client, server, sport, port, random.choice([0, 3, 6, 6, 10, 17, 18, 200])))
        at += int(interval * 10**9 * random.uniform(0.9, 1.1))
# on midnight, and on the border of a step
asked += [(1772323200 * 10**9, "10.9.9.1", servers4[0], 123, 123, 6), (1772323200 * 10**9 - 1, "10.9.9.2", servers4[0], 123, 123, 6),
          (1772323200 * 10**9 + 1, "10.9.9.3", servers4[0], 123, 123, 6), (1772323500 * 10**9, "10.9.9.4", servers4[0], 123, 123, 6)]
for n, (at, client, server, sport, port, poll) in enumerate(sorted(asked)):
    if port == 123:
        payload = bytes([0x23, 0, poll, 0x20]) + bytes(36) + struct.pack(">Q", random.getrandbits(64))
    else:
        payload = struct.pack(">HHHHHH", n & 0xffff, 0x100, 1, 0, 0, 0) + b"\7example\3com\0" + struct.pack(">HH", 1, 1)
    data = packet(client, server, sport, port, payload)
    capture.write(struct.pack("<IIII", at // 10**9, at % 10**9, len(data), len(data)) + data)
    print(at, "ntp" if port == 123 else "dns", client, server, sport, poll, file=listing)
PY

# Figures as lines, from the requests; and the same lines from the view's JSON.
cat >"$tmp/slow.py" <<'PY'
import collections, datetime, ipaddress, json, math, sys

STEP, DAY = 300 * 10**9, 86400 * 10**9
RANKS = [1, 10, 100, 1000]


def date(ns):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(ns // DAY)).isoformat()


def kind(text):
    a = ipaddress.ip_address(text)
    if a.version == 4:
        return "ipv4"
    if a.sixtofour is not None:
        return "6to4"
    if a.teredo is not None:
        return "teredo"
    words = a.exploded.split(":")[4:]
    digits = "".join(words)
    if words[1] == "5efe" and words[0] in ("0000", "0200"):
        return "isatap"
    if digits[6:10] == "fffe":
        return "eui64"
    if digits[:12] == "0" * 12:
        return "low_byte"
    if digits[:8] == "0" * 8 and 0 < int(digits[8:10], 16) < 224:
        return "embedded_ipv4"
    short = [w.lstrip("0") or "0" for w in words]
    if short[0] != "0" and all(w.isdigit() and int(w) < 256 for w in short):
        return "embedded_ipv4"
    octets = [digits[i : i + 2] for i in range(0, 16, 2)]
    return "pattern" if octets.count("00") >= 4 else "random"


def classes(n):
    low = 1
    for high in (x * 10**e for e in range(12) for x in (2, 5, 10)):
        if n < high:
            return low, high - 1
        low = high


def slow(path):
    out, rows = [], []
    for line in open(path):
        at, proto, client, server, sport, poll = (line.split() + ["", ""])[:6]
        rows.append((int(at), proto, str(ipaddress.ip_address(client)), str(ipaddress.ip_address(server)), int(sport), poll))
    everyone = collections.Counter(r[2] for r in rows)
    for proto in sorted({r[1] for r in rows}):
        mine = [r for r in rows if r[1] == proto]
        count = collections.Counter(r[2] for r in mine)
        by = collections.defaultdict(list)
        for r in mine:
            by[r[3], r[2]].append(r[0])
        for who in sorted({r[3] for r in mine}) + ["all"]:
            part = [r for r in mine if who in ("all", r[3])]
            first, days = {}, collections.defaultdict(set)
            for r in part:
                first[r[2]] = min(first.get(r[2], r[0]), r[0])
                days[date(r[0])].add(r[2])
            steps = collections.Counter(-(-t // STEP) for t in first.values())
            for t, n in steps.items():
                if max(r[0] for r in rows) >= t * STEP:
                    out.append(f"{proto} {who} new in step {t * 300}: {n}")
            new = collections.Counter(date(t) for t in first.values())
            for d in days:
                out.append(f"{proto} {who} {d}: {len(days[d])} clients, {new[d]} new, {len(days[d]) - new[d]} returning")
            once = sum(1 for n in collections.Counter(r[2] for r in part).values() if n == 1)
            out.append(f"{proto} {who} one-shot: {once}")
            port = 123 if proto == "ntp" else 53
            ports = collections.Counter("same" if r[4] == port else "below_1024" if r[4] < 1024 else "from_1024" for r in part)
            for p in ("same", "below_1024", "from_1024"):
                out.append(f"{proto} {who} port {p}: {ports[p]}")
            if proto == "ntp":
                polls = collections.Counter(r[5] if int(r[5]) <= 17 else "other" for r in part)
                for p, n in polls.items():
                    out.append(f"{proto} {who} poll {p}: {n}")
        spread = collections.Counter()
        weight = collections.Counter()
        for n in count.values():
            spread[classes(n)] += 1
            weight[classes(n)] += n
        for c in spread:
            out.append(f"{proto} {c[0]} to {c[1]}: {spread[c]} clients, {weight[c]} requests")
        values = list(count.values())
        gini = sum(abs(a - b) for a in values for b in values) / (2 * len(values) * sum(values))
        out.append(f"{proto} gini {gini:.6f}")
        falling = sorted(values, reverse=True)
        for k in RANKS:
            out.append(f"{proto} top {k}: {sum(falling[:k])}")
        gaps = collections.Counter()
        for times in by.values():
            if len(times) > 1:
                mean = (max(times) - min(times)) // (len(times) - 1)
                gaps[max(-10, math.floor(math.log2(mean / 1e9) + 0.5) if mean > 0 else -10)] += 1
        for e, n in gaps.items():
            out.append(f"{proto} interval {2.0 ** e:g}: {n}")
        kinds, asked = collections.Counter(), collections.Counter()
        for c, n in count.items():
            kinds[kind(c)] += 1
            asked[kind(c)] += n
        for k in kinds:
            out.append(f"{proto} kind {k}: {kinds[k]} clients, {asked[k]} requests")
        per = collections.Counter(r[3] for r in mine)
        order = sorted(per, key=lambda s: (-per[s], ipaddress.ip_address(s).version, ipaddress.ip_address(s)))[:16]
        sets = {s: {r[2] for r in mine if r[3] == s} for s in order}
        for i, a in enumerate(order):
            for b in order[i + 1 :]:
                out.append(f"{proto} {a} and {b}: {len(sets[a])} {len(sets[b])} {len(sets[a] & sets[b])}")
    for key, version, bits in (("v4_24", 4, 24), ("v6_48", 6, 48), ("v6_64", 6, 64)):
        nets, asked = collections.Counter(), collections.Counter()
        for c, n in everyone.items():
            if ipaddress.ip_address(c).version == version:
                net = ipaddress.ip_network(f"{c}/{bits}", strict=False)
                nets[net] += 1
                asked[net] += n
        for net in nets:
            out.append(f"{key} {net}: {nets[net]} clients, {asked[net]} requests")
    total, so_far = len(rows), 0
    for c in sorted(everyone, key=lambda c: (-everyone[c], ipaddress.ip_address(c).version, ipaddress.ip_address(c))):
        times = [r[0] for r in rows if r[2] == c]
        so_far += everyone[c]
        span = max(times) - min(times)
        rate = f"{(len(times) - 1) / (span / 1e9):.6g}" if span else "none"
        out.append(f"top {c}: {everyone[c]} {so_far / total:.6f} {rate}")
    return out


def shown(path):
    out, v = [], json.load(open(path))
    epoch = lambda t: int(datetime.datetime.fromisoformat(t.replace("Z", "+00:00")).timestamp())
    for s in v["servers"] + v["all"]:
        proto, who = s["proto"], s.get("server", "all")
        for row in s["series"]:
            if row["new"]:
                out.append(f"{proto} {who} new in step {epoch(row['t'])}: {row['new']}")
        for d in s["days"]:
            out.append(f"{proto} {who} {d['day']}: {d['clients']} clients, {d['new']} new, {d['returning']} returning")
        out.append(f"{proto} {who} one-shot: {s['one_shot']}")
        for p, n in s["source_ports"].items():
            out.append(f"{proto} {who} port {p}: {n}")
        for p, n in (s["polls"] or {}).items():
            out.append(f"{proto} {who} poll {p}: {n}")
    for s in v["all"]:
        proto = s["proto"]
        for c in s["requests_per_client"]:
            if c["clients"]:
                out.append(f"{proto} {c['from']} to {c['to']}: {c['clients']} clients, {c['requests']} requests")
        out.append(f"{proto} gini {s['concentration']['gini']:.6f}")
        for t in s["concentration"]["top"]:
            out.append(f"{proto} top {t['clients']}: {t['requests']}")
        for i in s["intervals"]:
            out.append(f"{proto} interval {i['interval_s']:g}: {i['clients']}")
        for k, n in s["address_kinds"].items():
            out.append(f"{proto} kind {k}: {n['clients']} clients, {n['requests']} requests")
        for o in s["overlap"]:
            out.append(f"{proto} {o['a']} and {o['b']}: {o['clients_a']} {o['clients_b']} {o['clients']}")
    for key in ("v4_24", "v6_48", "v6_64"):
        for n in v["networks"][key]:
            out.append(f"{key} {n['prefix']}: {n['clients']} clients, {n['requests']} requests")
    for t in v["top"]:
        rate = "none" if t["rate"] is None else f"{t['rate']:.6g}"
        out.append(f"top {t['client']}: {t['requests']} {t['cumulative_share']:.6f} {rate}")
    return out


print("\n".join(sorted((slow if sys.argv[1] == "slow" else shown)(sys.argv[2]))))
PY

# compare NAME LIST FILE...
compare() {
	what=$1
	list=$2
	shift 2
	python3 "$tmp/slow.py" slow "$list" >"$tmp/want" 2>"$err" || diag "$(cat "$err")"
	run clients --format json --top 100000 "$@"
	python3 "$tmp/slow.py" shown "$out" >"$tmp/got" 2>"$err" || diag "$(cat "$err")"
	if [ "$(wc -l <"$tmp/want")" -lt 20 ]; then
		fail "$what: there is nothing to compare" "$tmp/want"
	else
		same "$what" "$tmp/got" "$tmp/want"
	fi
}

forged=$tmp/kinds.pcap
python3 "$tmp/forge.py" "$forged" "$tmp/kinds.txt" || exit 1
awk '{ print $0, "1024", ($2 == "ntp" ? "6" : "") }' "$pcaps/windows-sort.txt" | awk '{ print $1, $2, $4, $3, $5, $6 }' >"$tmp/sort.txt"
compare "forged addresses of all kinds" "$tmp/kinds.txt" "$forged"
is "each kind is there" "$("$jsonget" "$out" | grep -c '^all\.[0-9]*\.address_kinds\.[^.]*\.clients')" 18
compare "windows-sort, from its list" "$tmp/sort.txt" "$pcaps/windows-sort-1-us.pcap" "$pcaps/windows-sort-2-ns.pcap"
if have tshark; then
	for name in ntp-chrony ntp-ntpsec dns-bind-udp; do
		requests_of "$pcaps/$name.pcap" | awk '{
			# time, client, server, port, and the poll of NTP
			sub(/\./, "", $1)
			print $1, (NF > 4 ? "ntp" : "dns"), $2, $3, $4, $5
		}' >"$tmp/tshark.txt"
		compare "$name, as tshark lists it" "$tmp/tshark.txt" "$pcaps/$name.pcap"
	done
else
	skip "recorded captures" "tshark is not installed"
fi

# A database gives the same, whether it keeps requests, and however it was fed.
n=$("$cutpcap" "$forged" "$tmp/part" /3)
for db in whole parts keep; do
	case $db in
	whole) run read -q -o "$tmp/$db.db" "$forged" ;;
	keep) run read -q --keep transactions -o "$tmp/$db.db" "$forged" ;;
	parts) for i in $(seq "$n"); do run read -q -o "$tmp/$db.db" "$tmp/part$i.pcap"; done ;;
	esac
	compare "database $db" "$tmp/kinds.txt" "$tmp/$db.db"
	for format in json csv table; do
		"$clientele" clients --format $format "$forged" >"$tmp/capture.$format"
		"$clientele" clients --format $format "$tmp/$db.db" >"$tmp/database.$format"
		# without --keep the median gap is not known: a field of JSON, the seventh of CSV, a note in tables
		if [ $db != keep ]; then
			for side in capture database; do
				sed -i -E -e 's/"interval_s": [^,]*, "software/"software/' -e '/^Client .*Interval/,/^$/d' \
					-e '/^client,label/,/^$/s/^(([^,]*,){6})[^,]*/\1/' "$tmp/$side.$format"
			done
		fi
		for side in capture database; do # the files differ
			sed -i -E -e '/"(files|packets|bytes)":/d' -e '/\.pcap/d' -e '/^file,packets/d' -e '/^Input$/,/^$/d' "$tmp/$side.$format"
		done
		same "database $db: $format as of the capture" "$tmp/database.$format" "$tmp/capture.$format"
	done
done

# Labels.
printf '2001:db8::/32 documentation\n10.0.0.0/16 ten\n10.1.0.0/16 ten\n' >"$tmp/labels"
run clients --labels "$tmp/labels" --format json "$forged"
is "clients by label" "$("$jsonget" "$out" | awk -F'\t' '/^all\.0\.labels\.[0-9]+\.label/ { l = $2 } /^all\.0\.labels\.[0-9]+\.clients/ { print l, $2 }' | sort | tr '\n' ' ')" \
	"$(python3 - "$tmp/kinds.txt" <<'PY'
import collections, ipaddress, sys
count = collections.Counter()
for c in {l.split()[2] for l in open(sys.argv[1]) if " ntp " in l}:
    a = ipaddress.ip_address(c)
    in_ = lambda n: a.version == ipaddress.ip_network(n).version and a in ipaddress.ip_network(n)
    count["documentation" if in_("2001:db8::/32") else "ten" if in_("10.0.0.0/15") else "null"] += 1
print("".join(f"{k} {v} " for k, v in sorted(count.items())), end="")
PY
	)"

# Vendors, from each kind of list.
mkdir "$tmp/v"
printf '# comment\n00:1B:21\tIntelCor\tIntel Corporate\n70:B3:D5:12:40:00/36\tOther\tOther Oy\n70:B3:D5\tIEEERegi\tIEEE Registration Authority\n' >"$tmp/v/manuf"
printf 'OUI/MA-L\t\tOrganization\ncompany_id\t\tOrganization\n\n00-1B-21   (hex)\t\tIntel Corporate\r\n001B21     (base 16)\t\tIntel Corporate\r\n\t\t\t\tLot 8, Jalan Hi-Tech 2/3\n70-B3-D5   (hex)\t\tIEEE Registration Authority\n' >"$tmp/v/oui.txt"
printf 'Registry,Assignment,Organization Name,Organization Address\nMA-L,001B21,Intel Corporate,Lot 8\nMA-S,70B3D5124,"Other ""Oy"", Ltd","Street, 1"\nMA-L,70B3D5,IEEE Registration Authority,US\n' >"$tmp/v/oui.csv"
cat >"$tmp/vendors.py" <<'PY'
import json, sys
print("".join(sorted("%s %d|" % (v["vendor"], v["clients"]) for v in json.load(open(sys.argv[1]))["vendors"])))
PY
eui64=$(python3 - "$tmp/kinds.txt" <<'PY'
import ipaddress, sys
macs = set()
for l in open(sys.argv[1]):
    a = ipaddress.ip_address(l.split()[2])
    if a.version == 6 and a.exploded.split(":")[5][2:] + a.exploded.split(":")[6][:2] == "fffe" and not a.sixtofour and not a.teredo:
        macs.add(a)
local = sum(1 for a in macs if not a.packed[8] & 2)
intel = sum(1 for a in macs if a.packed[8:11] == bytes([2, 0x1b, 0x21]))
small = sum(1 for a in macs if a.packed[8:11] == bytes([0x72, 0xb3, 0xd5]) and a.packed[13] == 0x12 and a.packed[14] >> 4 == 4)
print(local, intel, small, len(macs) - local - intel - small)
PY
)
set -- $eui64
for list in manuf oui.txt oui.csv; do
	case $list in
	manuf) want="(locally administered) $1|IEEE Registration Authority $4|Intel Corporate $2|Other Oy $3|" ;;
	oui.txt) want="(locally administered) $1|IEEE Registration Authority $(($3 + $4))|Intel Corporate $2|" ;;
	oui.csv) want="(locally administered) $1|IEEE Registration Authority $4|Intel Corporate $2|Other \"Oy\", Ltd $3|" ;;
	esac
	[ "$3" -gt 0 ] || want=$(printf '%s' "$want" | sed 's/|Other[^|]*|/|/')
	run clients --vendors "$tmp/v/$list" --format json "$forged"
	is "vendors of $list" "$(python3 "$tmp/vendors.py" "$out" 2>&1)" "$want"
done
run clients --vendors "$tmp/labels" "$forged"
is "what is no list of vendors" "$status" 2
if one_line "$err"; then pass "is said in one line"; else fail "is said in one line" "$err"; fi

# One number, and lines for rrdtool.
run clients --format json --window 300,1200 "$forged"
last=$("$jsonget" "$out" 'all.0.series.#')
for window in 300 1200; do
	"$jsonget" "$out" "all.0.series.$((last - 1)).unique.$window"
done >"$tmp/want"
for from in "$forged" "$tmp/whole.db"; do
	run clients --plain 300,1200 "$from"
	same "--plain 300,1200: ${from##*.}" "$out" "$tmp/want"
	is "--plain: exit status" "$status" 0
	run clients --plain 1200 -q "$from"
	is "--plain 1200: ${from##*.}" "$(cat "$out")" "$(sed -n 2p "$tmp/want")"
done
run clients --plain 600 "$forged"
is "--plain counts another window of a capture" "$status $(wc -l <"$out" | tr -d ' ')" "0 1"
run clients --plain 600 "$tmp/whole.db"
is "a database knows its own windows alone" "$status" 2
if one_line "$err" && [ ! -s "$out" ]; then pass "and says so"; else fail "and says so" "$err"; fi
run clients --plain dns:300 "$tmp/whole.db"
is "--plain dns:300" "$status $(wc -l <"$out" | tr -d ' ')" "0 1"
run clients --format json "$forged"
python3 - "$out" >"$tmp/want" <<'PY'
import datetime, json, sys
for row in [s for s in json.load(open(sys.argv[1]))["all"] if s["proto"] == "ntp"][0]["series"]:
    t = int(datetime.datetime.fromisoformat(row["t"].replace("Z", "+00:00")).timestamp())
    print(t, row["requests"], *("U" if w in row["warmup"] else row["unique"][str(w)] for w in (300, 1200)), sep=":")
PY
run clients --rrd ntp "$tmp/whole.db"
same "--rrd ntp" "$out" "$tmp/want"
if have rrdtool; then
	from=$(head -n 1 "$out" | cut -d: -f1)
	rrdtool create "$tmp/c.rrd" --start $((from - 300)) --step 300 DS:requests:GAUGE:600:0:U DS:u300:GAUGE:600:0:U \
		DS:u1200:GAUGE:600:0:U RRA:LAST:0:1:10000
	xargs rrdtool update "$tmp/c.rrd" <"$out" 2>"$err"
	is "rrdtool takes them" "$?" 0
	rrdtool fetch "$tmp/c.rrd" LAST --start $((from - 300)) --end "$(tail -n 1 "$out" | cut -d: -f1)" |
		awk '$2 != "" && $1 ~ /:$/ { sub(":", "", $1); if ($2 !~ /nan/) printf "%d:%d:%s:%s\n", $1, $2, ($3 ~ /nan/ ? "U" : $3 + 0), ($4 ~ /nan/ ? "U" : $4 + 0) }' >"$tmp/got"
	same "and gives them back" "$tmp/got" "$tmp/want"
	xargs rrdtool update --skip-past-updates "$tmp/c.rrd" <"$out" 2>"$err"
	is "a second time, too" "$?" 0
else
	skip "rrdtool takes them" "rrdtool is not installed"
fi

# A poll of -1 (0.5 s) in one of the 24 requests has no row, and that is said.
cp "$pcaps/client-chrony.pcap" "$tmp/poll.pcap"
printf '\377' | dd of="$tmp/poll.pcap" bs=1 seek=84 conv=notrunc 2>"$err"
run clients "$tmp/poll.pcap"
if grep -q '^In no row: 4.17 % of the requests state an exponent below 0 or above 17\.$' "$out"; then
	pass "stated polls that have no row"
else
	fail "stated polls that have no row" "$out"
fi
tap_done
