#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Notes (dissect/note.h), as tests/tools/notes prints them, against the octets that tshark says it read for the
# field of that meaning: over each capture of testdata/pcaps and ../shared/captures, in each frame that has a
# message. note-differences.tsv says where tshark has it otherwise and why.
# Alone, with other captures, to see what differs: test_notes.sh CAPTURE...
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have tshark || skip_all "tshark is not installed: no note is compared"
notes=$top_builddir/tests/tools/notes
[ -x "$notes" ] || { echo "Bail out! $notes was not built: make check builds it"; exit 1; }
rules=$top_srcdir/tests/oracle/note-differences.tsv

if [ $# -gt 0 ]; then
	for file; do printf '%s\t%s\n' "$file" "${file##*/}"; done >"$tmp/captures"
else
	{
		find "$pcaps" -type f -name '*.pcap*' | sort | while read -r file; do printf '%s\t%s\n' "$file" "${file##*/}"; done
		if [ -d "$shared/captures" ]; then
			find "$shared/captures" -type f ! -name INDEX.tsv | sort | while read -r file; do
				printf '%s\t%s\n' "$file" "${file#"$shared/captures/"}"
			done
		else
			echo "$0: no ../shared/captures beside this tree: only testdata/pcaps is compared" >&2
		fi
	} >"$tmp/captures"
fi

# Member, kind, Wireshark's fields. All are compared as octets, as lists of what is not zero.
cat >"$tmp/members" <<'EOF'
leap ntp ntp.flags.li
precision ntp ntp.precision
root_delay ntp ntp.rootdelay
root_dispersion ntp ntp.rootdispersion
refid ntp ntp.refid
ref ntp ntp.reftime
key_id ntp ntp.keyid
field ntp ntp.ext.type:ntp.ext.length
uid ntp UID
mac_length ntp MAC
length ntp LENGTH
length control LENGTH
length dns LENGTH|dns.length
opcode control ntp.ctrl.flags2|ntp.priv.reqcode
sequence control ntp.ctrl.sequence|ntp.priv.seq
status control ntp.ctrl.status|ntp.priv.err
association control ntp.ctrl.associd|ntp.priv.numitems
offset control ntp.ctrl.offset|ntp.priv.itemsize
count control ntp.ctrl.count|PRIVATE
implementation control ntp.priv.impl
flags dns dns.flags
qdcount dns dns.count.queries|dns.count.zones
ancount dns dns.count.answers|dns.count.prerequisites
nscount dns dns.count.auth_rr|dns.count.updates
arcount dns dns.count.add_rr
qname dns dns.qry.name
udp_size dns dns.rr.udp_payload_size
edns_version dns dns.resp.edns0_version
edns_flags dns dns.resp.z
field dns dns.opt.code:dns.opt.len
ecs_family dns dns.opt.client.family
ecs_source dns dns.opt.client.netmask
ecs_scope dns dns.opt.client.scope
cookie dns dns.opt.cookie.client&dns.opt.cookie.server
ede dns dns.opt.ext_error.info_code
ede_text dns dns.opt.ext_error.extra_text
mtu icmp icmp.mtu|icmpv6.mtu
ip_ttl any TTL
ip_tos any TOS
quoted_ttl icmp QUOTED
stream any udp.stream|tcp.stream
EOF

# theirs FILE: lines of frame, field, value
theirs() {
	tshark -n -r "$1" -o ip.defragment:TRUE -o ipv6.defragment:TRUE -o udp.try_heuristic_first:FALSE \
		-o tcp.try_heuristic_first:FALSE -o eth.fcs:Never -d udp.port==53,dns -d udp.port==123,ntp -T pdml 2>/dev/null |
		awk '
		function attribute(name,   s) {
			if (!match($0, " " name "=\"[^\"]*\"")) return ""
			s = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
			return s
		}
		function put(field, value) { printf "%s\t%s\t%s\n", frame, field, value }
		/<packet>/ { frame = ""; quoted = 0; had = 0 }
		/<proto name="(icmp|icmpv6)"/ { quoted++ }
		/<proto name="_ws.(malformed|short)"/ { put("BAD", 1) }
		/<field name="_ws.(malformed|short)"/ { put("BAD", 1) }
		!/<field name="(ntp[.]|dns[.]|ip[.]|ipv6[.]|icmp|udp[.]|tcp[.]stream|frame.number)/ { next }
		{
			name = attribute("name")
			value = tolower(attribute("value"))
			show = attribute("show")
			if (name == "frame.number") { frame = show; next }
			if (name == "udp.stream" || name == "tcp.stream") value = sprintf("%x", show)
			if (name == "ip.ttl" || name == "ipv6.hlim" || name == "ip.dsfield" || name == "ipv6.tclass") {
				if (quoted == 1 && name ~ /ttl|hlim/ && !had++) put("QUOTED", value)
				if (quoted) next
				name = name ~ /ttl|hlim/ ? "TTL" : "TOS"
			}
			if (name == "udp.length" && !quoted) { octets = show - 8; put("LENGTH", sprintf("%x", octets)) }
			if (name == "ntp.priv.reqcode") put("PRIVATE", sprintf("%x", octets - 8))
			if (name == "ntp.priv.numitems" || name == "ntp.priv.itemsize") value = sprintf("%x", show)
			if (name == "ntp.priv.err") value = substr(show, 3)
			if (name == "ntp.ext.type") type = value
			if (name == "ntp.ext.value" && type == "0104") put("UID", value)
			if (name == "ntp.mac") put("MAC", sprintf("%x", length(value) / 2))
			put(name, value)
		}'
}

# compare NAME: $tmp/ours against $tmp/theirs
cat >"$tmp/compare.awk" <<'EOF'
function clean(v) { sub(/^0+/, "", v); return v }
function add(list, v) { return v == "" ? list : list == "" ? v : list "," v }
# The values of a field in a frame: those of `one` mean the same, those of `pair` stand side by side.
function value_of(frame, spec,   i, n, at, part, list, a, b, x, y) {
	n = split(spec, part, "|")
	if (n > 1) {
		for (i = 1; i <= n; i++) list = add(list, value_of(frame, part[i]))
		return list
	}
	n = split(spec, part, ":")
	if (n == 2) {
		a = split(all[frame, part[1]], x, ",")
		b = split(all[frame, part[2]], y, ",")
		for (i = 1; i <= a; i++) list = add(list, (clean(x[i]) == "" ? 0 : clean(x[i])) ":" (clean(y[i]) == "" ? 0 : clean(y[i])))
		return list
	}
	n = split(spec, part, "&")
	if (n == 2) {
		a = split(all[frame, part[1]], x, ",")
		split(all[frame, part[2]], y, ",")
		for (i = 1; i <= a; i++) list = add(list, clean(x[i] y[i]))
		return list
	}
	n = split(all[frame, spec], x, ",")
	for (i = 1; i <= n; i++) list = add(list, clean(x[i]))
	return list
}
function first(frame, spec,   i, n, part, x) {
	n = split(spec, part, "|")
	for (i = 1; i <= n; i++)
		if (all[frame, part[i]] != "") { split(all[frame, part[i]], x, ","); return x[1] }
	return ""
}
function n_of(v,   x) { return split(v, x, ",") }
function last(v,   x, n) { n = split(v, x, ","); return x[n] }
BEGIN { FS = "\t" }
FILENAME ~ /members$/ { split($0, m, " "); members++; member[members] = m[1]; kind[members] = m[2]; spec[members] = m[3]; next }
FILENAME ~ /theirs$/ {
	if (($1, $2) in all) all[$1, $2] = all[$1, $2] "," $3
	else all[$1, $2] = $3
	next
}
{
	if ($3 == "message") { kinds[$1] = $2; number[$1]++; if (!seen[$1]++) frames[++n] = $1 }
	if ($2 == "conn") next
	v = $3 == "field" ? $4 : clean($4)
	ours[$1, $3] = add(ours[$1, $3], v)
}
END {
	for (i = 1; i <= n; i++) {
		f = frames[i]
		if (kinds[f] == "conn" || (f, "BAD") in all) continue
		for (j = 1; j <= members; j++) {
			if (kind[j] != "any" && kind[j] != kinds[f]) continue
			a = ours[f, member[j]]
			b = value_of(f, spec[j])
			if (kind[j] == "any") { a = last(a); b = last(b) }
			if (kind[j] == "control") b = clean(first(f, spec[j])) # lists of associations follow
			if (member[j] == "length" && n_of(a) == 1) b = last(b) # tunnels
			if (member[j] == "ip_ttl" && a == "") continue # found by the other side's acknowledgement
			compared[member[j]]++
			if (a != b) printf "%s\t%s\t%s\t%s\t%s\t%s\n", capture, f, kinds[f], member[j], a == "" ? 0 : a, b == "" ? 0 : b
			else if (a != "") same[member[j] "/" kind[j]]++
		}
	}
	for (name in same) print "+\t" name "\t" same[name]
}
EOF

: >"$tmp/all"
while IFS='	' read -r file name; do
	"$notes" "$file" >"$tmp/ours" 2>/dev/null || continue
	[ -s "$tmp/ours" ] || continue
	plain=$file
	case $(od -An -tx1 -N4 "$file" | tr -d ' ') in
	28b52ffd)
		zstd -qdcf "$file" >"$tmp/plain" || continue
		plain=$tmp/plain
		;;
	esac
	theirs "$plain" >"$tmp/theirs"
	awk -v capture="$name" -f "$tmp/compare.awk" "$tmp/members" "$tmp/theirs" "$tmp/ours" >>"$tmp/all"
done <"$tmp/captures"

if [ $# -gt 0 ]; then
	cat "$tmp/all"
	exit 0
fi
is "each rule has four columns" "$(grep -v '^#' "$rules" | awk -F'\t' 'NF != 4 || $4 == ""')" ""
# A rule names captures, a member or *, and frames as numbers and ranges with commas, or *.
awk -F'\t' '
	function within(frame, list,   n, i, part, x) {
		if (list == "*") return 1
		n = split(list, part, ",")
		for (i = 1; i <= n; i++) {
			if (split(part[i], x, "-") == 1) x[2] = x[1]
			if (frame + 0 >= x[1] + 0 && frame + 0 <= x[2] + 0) return 1
		}
		return 0
	}
	NR == FNR { if ($0 !~ /^#/) { n++; capture[n] = $1; member[n] = $2; frames[n] = $3; line[n] = $0 }; next }
	$1 == "+" { next }
	{
		for (i = 1; i <= n; i++)
			if ($1 == capture[i] && (member[i] == "*" || member[i] == $4) && within($2, frames[i])) { used[i]++; next }
		print > different
	}
	END { for (i = 1; i <= n; i++) if (!used[i]) print line[i] > unused }
' different="$tmp/different" unused="$tmp/unused" "$rules" "$tmp/all"
touch "$tmp/different" "$tmp/unused"
is "what differs is named: capture, frame, kind, member, ours, theirs" "$(head -40 "$tmp/different")" ""
if [ -d "$shared/captures" ]; then
	is "each rule is of use" "$(cat "$tmp/unused")" ""
	# Members that no capture has but for tests/unit/test_note.c.
	unmet="ecs_scope/dns "
	awk -F'\t' '$1 == "+" { print $2 }' "$tmp/all" | sort -u >"$tmp/met"
	is "each member was compared with a value other than 0" \
		"$(awk '{ print $1 "/" $2 }' "$tmp/members" | sort -u | comm -23 - "$tmp/met" | tr '\n' ' ')" "$unmet"
else
	skip "each rule is of use" "no ../shared/captures beside this tree"
	skip "each member was compared with a value other than 0" "no ../shared/captures beside this tree"
fi
tap_done
