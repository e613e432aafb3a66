#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# `dissect --keys` over what chronyd and ntpdig sent with keys (record-ntp.sh has them), with the right keys
# and with others.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

cat >"$tmp/keys" <<-EOF
1 MD5 HEX:00112233445566778899AABBCCDDEEFF
2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233
20 MD5 HEX:102132435465768798A9BACBDCEDFE0F
24 SHA1 HEX:FEEDFACE445566778899AABBCCDDEEFF00112233
EOF
sed 's/FF$/FE/; s/0F$/0E/; s/33$/34/' "$tmp/keys" >"$tmp/other"

# statuses FILE [OPTION...]: how often each status of a MAC is said.
statuses() {
	file=$1; shift
	run dissect --json "$@" "$pcaps/$file"
	grep -o '"ntp.mac.status": *[0-9]' "$out" | sed 's/.*[: ]//' | sort | uniq -c | awk '{ printf "%s:%s ", $2, $1 }'
}

is "without keys" "$(statuses ntp-chrony.pcap)" "0:104 "
if ldd "$clientele" 2>/dev/null | grep -q libcrypto || "$clientele" dissect --json --keys "$tmp/keys" "$pcaps/ntp-chrony.pcap" | grep -q '"ntp.mac.status": *1'; then
	is "with the keys" "$(statuses ntp-chrony.pcap --keys "$tmp/keys")" "1:104 "
	is "with others" "$(statuses ntp-chrony.pcap --keys "$tmp/other")" "2:104 "
else
	diag "built without libcrypto: no MAC is verified"
fi
head -1 "$tmp/keys" >"$tmp/one"
printf '2 MD9 x\nthree MD5 x\n' >>"$tmp/one"
run dissect --keys "$tmp/one" -c 1 "$pcaps/ntp-chrony.pcap"
is "lines that cannot be read" "$status $(cat "$err")" \
	"0 clientele: $tmp/one: line 2: unknown type (2 such lines passed over)"
run dissect --keys "$tmp/none" -c 1 "$pcaps/ntp-chrony.pcap"
is "no such file" "$status $(wc -l <"$err")" "2 1"
tap_done
