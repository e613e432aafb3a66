#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a user is told: help with an example for each command, one line for each mistake, a manual
# that knows every option.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

run --help
is "--help" "$status" 0
sed -n '/^Commands:/,/^$/p' "$out" | awk '/^  / { print $1 }' >"$tmp/commands"
is "commands" "$(tr '\n' ' ' <"$tmp/commands")" "$(sed -n 's/^X(\([a-z0-9]*\))$/\1/p' "$top_srcdir/cli/commands.def" | tr '\n' ' ')$every_view"
cp "$out" "$tmp/overview"
for word in -h help; do
	run $word
	same "$word" "$out" "$tmp/overview"
done
run
is "nothing at all" "$status $(wc -c <"$out" | tr -d ' ')" "2 0"
same "nothing at all: the commands, on standard error" "$err" "$tmp/overview"
run --version
is "--version" "$status $(grep -c '^clientele [0-9]' "$out")" "0 1"

: >"$tmp/options"
while read -r command; do
	run "$command" --help
	is "$command --help" "$status" 0
	if [ -s "$err" ]; then fail "$command --help is silent on standard error" "$err"; fi
	is "$command --help: usage" "$(grep -c "^Usage: clientele $command " "$out")" 1
	is "$command --help: example" "$(sed -n '/^Example:/,$p' "$out" | grep -c "^  clientele $command ")" \
		"$(sed -n '/^Example:/,$p' "$out" | grep -c '^  ')"
	sed -n '/^Example:/,$p' "$out" | grep -q "^  clientele $command " || fail "$command --help: no example"
	awk 'length($0) > 80' "$out" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$command --help: 80 columns" "$tmp/wrong"; else pass "$command --help: 80 columns"; fi
	awk '/^Options:/ { on = 1; next } /^$/ { on = 0 } on { sub(/^ *(-., )?/, ""); print $1 }' "$out" >>"$tmp/options"
	cp "$out" "$tmp/one"
	run "$command" -h
	same "$command -h" "$out" "$tmp/one"
	run help "$command"
	same "help $command" "$out" "$tmp/one"
	run "$command"
	is "$command without input" "$status $(one_line "$err" && echo line)" "2 line"
	grep -q "^\\.It Cm $command\$" "$top_srcdir/man/clientele.1" || fail "the manual knows $command"
done <"$tmp/commands"
sort -u "$tmp/options" >"$tmp/each"
is "options were found" "$([ "$(wc -l <"$tmp/each")" -ge 18 ] && echo yes)" yes
while read -r option; do
	name=${option#--}
	if grep -q "^\\.It .*Fl Fl $name\\( \\|\$\\)" "$top_srcdir/man/clientele.1"; then
		pass "the manual knows $option"
	else
		fail "the manual knows $option"
	fi
done <"$tmp/each"
sed -n 's/^\.It .*Fl Fl \([a-z-]*\).*/--\1/p' "$top_srcdir/man/clientele.1" | sort -u >"$tmp/manual"
same "the manual knows no other option" "$tmp/manual" "$tmp/each"

# mistakes: exit 2, one line, no result.
capture=$pcaps/ntp-kod.pcap
echo '192.0.2.1' >"$tmp/bad-names"
echo 'not-a-prefix label' >"$tmp/bad-labels"
mistake() {
	run "$@"
	if [ "$status" -eq 2 ] && one_line "$err" && [ ! -s "$out" ]; then
		pass "mistake: $*"
	else
		head -n 3 "$out" >>"$err"
		fail "mistake: $* (exit status $status)" "$err"
	fi
}
mistake nonsense
mistake --nonsense
mistake help nonsense
mistake summary --nonsense "$capture"
mistake summary -x "$capture"
mistake summary --sensor x "$capture"
mistake summary -o x.db "$capture"
mistake delta --top 5 "$capture"
for value in 0 -1 86401 1.5 x '' 99999999999999999999; do mistake clients --step "$value" "$capture"; done
for value in 0 -1 2678401 x '' 300, ,300 '1,2,3,4,5,6,7,8,9' 300,x; do mistake clients --window "$value" "$capture"; done
for value in 0 -1 3601 x '' nan inf 1e400 1.0000000001; do mistake summary --timeout "$value" "$capture"; done
for value in 0 -1 1000001 x ''; do mistake clients --top "$value" "$capture"; done
for value in yesterday 2026-13-01 2026-02-30 2026-01-01T25:00:00Z 2026-01-01T00:00:00 '' 1767225600; do
	mistake summary --from "$value" "$capture"
	mistake summary --to "$value" "$capture"
done
mistake summary --from 2026-06-02 --to 2026-06-01 "$capture"
for value in xml JSON ''; do mistake summary --format "$value" "$capture"; done
for value in tshark ''; do mistake delta --pairing "$value" "$capture"; done
for value in host.example 192.0.2.256 2001:db8::g '' 192.0.2.1,; do mistake summary --server "$value" "$capture"; done
for value in 0 65536 -1 x '' 53, 1.5; do
	mistake dissect --dns-port "$value" "$capture"
	mistake summary --ntp-port "$value" "$capture"
done
for value in 0 -1 x '' 4000000001; do mistake dissect --count "$value" "$capture"; done
for value in filtered good ''; do mistake dissect --fate "$value" "$capture"; done
mistake dissect -V --json "$capture"
mistake dissect -f 'no such filter' "$capture"
mistake dissect "$tmp/missing"
mistake dissect "$top_srcdir/README.md"
mistake summary -V "$capture"
mistake summary -f 'no such filter' "$capture"
mistake summary -f 'port' "$capture"
mistake summary --names "$tmp/missing" "$capture"
mistake summary --labels "$tmp/missing" "$capture"
mistake clients --labels "$tmp/bad-labels" "$capture"
mistake summary --step
mistake read -o
run summary -q -- "$capture"
is "-- ends the options" "$status" 0
run summary "$capture" -q --format=json
is "options behind the input" "$status $(value ntp.kod)" "0 $(awk '$1 == "ntp.kod" { print $2 }' "$pcaps/ntp-kod.expect")"
tap_done
