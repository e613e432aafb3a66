# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# Sourced after tap.sh by tests of views of single messages.

# figures FORM HEADING: what a view printed, without where from; of a table, what follows the line that begins so.
figures() {
	case $1 in
	table) sed "1,/^$2/d" "$out" ;;
	*) grep -v '^    "\(path\|files\)\|"path"' "$out" ;;
	esac
}

# as_kept VIEW FILE [HEADING]: a database that keeps single messages says what the capture says, in each form (with
# HEADING as a table too).
as_kept() {
	rm -f "$tmp/kept.db"
	run read -q --keep transactions -o "$tmp/kept.db" "$2"
	for form in json csv ${3:+table}; do
		run "$1" --format $form "$2"
		figures $form "${3:-}" >"$tmp/want"
		run "$1" --format $form "$tmp/kept.db"
		figures $form "${3:-}" >"$tmp/got"
		is "${2##*/}: there is something as $form" "$([ "$(wc -l <"$tmp/want")" -gt 10 ] && echo yes)" yes
		same "${2##*/}: database as capture, $form" "$tmp/got" "$tmp/want"
	done
}

# not_kept VIEW FILE MEMBER: a database that does not says what it lacks; in JSON the member is null.
not_kept() {
	rm -f "$tmp/plain.db"
	run read -q -o "$tmp/plain.db" "$2"
	run "$1" "$tmp/plain.db"
	is "without single messages: it says so" "$status $(grep -c 'does not keep single messages' "$out")" "0 1"
	run "$1" --format json "$tmp/plain.db"
	is "without single messages: $3" "$(value "$3")" null
}
