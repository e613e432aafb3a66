#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The documents are true: docs/schema.md against the schema of a database, and what README.md, docs/schema.md and
# docs/questions.md show as output against the output.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
have sqlite3 || skip_all "the sqlite3 shell is not installed"
doc=$top_srcdir/docs/schema.md
one=$tmp/one.db

run read -q -o "$one" "$pcaps/windows-sort-1-us.pcap" "$pcaps/windows-sort-2-ns.pcap"
is "a database" "$status" 0
is "application_id" "$(sed -n 's/.*application_id` is \([0-9]*\).*/\1/p' "$doc")" "$(sqlite3 "$one" 'PRAGMA application_id')"
version=$(sqlite3 "$one" 'PRAGMA user_version')
is "user_version" "$(sed -n 's/.*`PRAGMA user_version` is the version of the schema: \([0-9]*\).*/\1/p' "$doc")" "$version"
is "user_version of the page" "$(sed -n 's/.*This page is about `PRAGMA user_version` \([0-9]*\).*/\1/p' "$doc")" "$version"

# `type name column` of all that there is.
sqlite3 -separator ' ' "$one" "SELECT m.type, m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
	WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid" >"$tmp/schema"
is "there is a schema" "$([ "$(wc -l <"$tmp/schema")" -gt 100 ] && echo yes)" yes

# What the page says of each table and view, on lines `name TAB words`: the section below `### name, name`, or the row
# of a table that begins with its name. A row that says "the same" has the words of the one above.
awk '
	function words(text) { gsub(/[^A-Za-z0-9_]+/, " ", text); return text }
	function say(names, text,  n, i, name) {
		n = split(names, name, / *, */)
		for (i = 1; i <= n; i++) print name[i] "\t" words(text)
	}
	/^## / { section = ""; rows = ($0 == "## Tables to go on with" || $0 == "## Views") }
	/^### / { section = substr($0, 5); say(section, ""); next }
	section != "" { say(section, $0) }
	rows && /^\| [a-z]/ && !/^\| (table|view) / {
		split($0, cell, / *\| */)
		text = $0
		if (text ~ /the same with/) text = text above
		above = text
		say(cell[2], text)
	}' "$doc" >"$tmp/said"

# What is there and not said. A view that has all of a table by name is as the table.
awk -F'\t' '
	FILENAME == ARGV[1] { said[$1]; n = split($2, w, " "); for (i = 1; i <= n; i++) word[$1, w[i]]; next }
	{
		split($0, s, " ")
		if (!(s[2] in said)) { print "not described: " s[1] " " s[2]; next }
		if ((s[2], s[3]) in word || s[3] == "source_id") next
		if (s[3] ~ /^[qr]_/ && (s[2], substr(s[3], 3)) in word) next # of a request, of a response
		if ((s[2], "day") in word && ("day", s[3]) in word) next
		if ((s[2], "client_day") in word && ("client_day", s[3]) in word) next
		print "not described: " s[2] "." s[3]
	}' "$tmp/said" "$tmp/schema" | sort -u >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "all of the schema is described" "$tmp/wrong"; else pass "all of the schema is described"; fi

# What is said and not there: names of tables and views, and first cells of the tables in their sections; of a section
# of several tables that have messages, one of them has it.
{
	cut -f1 "$tmp/said" | sort -u | sed 's/$/ -/'
	awk '/^## / { section = "" } /^### / { section = substr($0, 5); gsub(/ /, "", section); on = 0 }
		/^\| column \|/ { on = 1; next }
		section != "" && on && /^\| [a-z]/ { split($0, cell, / *\| */); n = split(cell[2], name, / *, */)
			for (i = 1; i <= n; i++) print section " " name[i] }
		!/^\|/ { on = 0 }' "$doc"
} | awk '
	FILENAME == ARGV[1] { is[$2 " -"]; is[$2 " " $3]; sub(/^[qr]_/, "", $3); is[$2 " " $3]; next }
	{
		there = 0
		n = split($1, table, ",")
		for (i = 1; i <= n; i++) if ((table[i] " " $2) in is) there = 1
		if (!there) print "is not there: " $0
	}' "$tmp/schema" - >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "all that is described is there" "$tmp/wrong"; else pass "all that is described is there"; fi
sqlite3 "$one" 'SELECT key FROM meta' | while read -r key; do
	grep -q "^| [^|]*\<$key\>" "$doc" || echo "meta: $key"
done >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "each key of meta is described" "$tmp/wrong"; else pass "each key of meta is described"; fi

# The questions of the page: `SELECT ...;` and, in the next block, the answer.
sed -n '/^## Questions/,$p' "$doc" | awk -v folder="$tmp" '
	/ntp-chrony\.pcap/ { other = 1 }
	/^    SELECT/ { asking = 1; n++; file = folder "/q" n; print (other ? "other" : "one") >(file ".db") }
	/^    / && n > 0 { print substr($0, 5) >(file (asking ? ".sql" : ".want")) }
	asking && /;$/ { asking = 0 }'
run read -q -o "$tmp/other.db" "$pcaps/ntp-chrony.pcap"
asked=0
for sql in "$tmp"/q*.sql; do
	question=${sql%.sql}
	sqlite3 -header -column "$tmp/$(cat "$question.db").db" <"$sql" 2>&1 | sed 's/ *$//' >"$tmp/got"
	same "docs/schema.md: $(head -n 1 "$sql")" "$tmp/got" "$question.want"
	asked=$((asked + 1))
done
is "questions" "$([ $asked -ge 5 ] && echo yes)" yes

# README.md and docs/questions.md: each command whose captures are in the tree prints what stands below it; "..." is
# any lines.
ln -s "$top_srcdir/testdata" "$tmp/testdata"
commands_of() {
	rm -f "$tmp"/r*.sh "$tmp"/r*.want
	awk -v folder="$tmp" '
		/^    \$ / { n++; empty = ""; file = folder "/r" n; print substr($0, 7) >(file ".sh"); open = gsub(/"/, "&") % 2; next }
		/^    / && n > 0 && open { print substr($0, 5) >(file ".sh"); if (gsub(/"/, "&") % 2) open = 0; next }
		/^    / && file != "" { printf "%s%s\n", empty, substr($0, 5) >(file ".want"); empty = ""; next }
		/^$/ { empty = empty "\n"; next }
		{ file = "" }' "$top_srcdir/$1"
	shown=0
	for script in "$tmp"/r*.sh; do
		name=${script%.sh}
		command=$(head -n 1 "$script")
		case $command in
		"clientele "*testdata/* | sqlite3\ *) ;;
		*) continue ;;
		esac
		(cd "$tmp" && PATH=$(dirname "$clientele"):$PATH && export PATH && sh "$script") 2>&1 |
			sed 's/ *$//' >"$tmp/got"
		[ -f "$name.want" ] || continue # it makes what the next one asks
		awk '
			FILENAME == ARGV[1] { got[++n] = $0; next }
			$0 == "..." { any = 1; next }
			{
				line = $0
				for (at++; any && at <= n && got[at] != line; at++);
				any = 0
				if (got[at] != line) { print "in the text: " line; print "printed:     " got[at]; bad = 1; exit }
			}
			END { if (!bad && !any && at != n) print "printed too: " got[at + 1] }' "$tmp/got" "$name.want" >"$tmp/wrong"
		if [ -s "$tmp/wrong" ]; then fail "$1: $command" "$tmp/wrong"; else pass "$1: $command"; fi
		shown=$((shown + 1))
	done
	is "commands of $1" "$([ $shown -ge "$2" ] && echo yes)" yes
}
commands_of README.md 5
commands_of docs/questions.md 15

# Each question of the table of docs/questions.md has its section, with a command and what cannot be known.
grep -c '^## [0-9]' "$top_srcdir/docs/questions.md" >"$tmp/got"
is "questions" "$(cat "$tmp/got")" 15
awk '
	/^\| \[[0-9]/ { split($0, p, /[][]/); asked[p[2]] }
	/^## / { if (title != "" && !(command && unknown)) print "lacks something: " title; title = substr($0, 4); command = unknown = 0
		if (!(title in asked)) print "not in the table: " title }
	/^    \$ clientele / { command = 1 }
	/^Cannot be known/ { unknown = 1 }
	END { if (!(command && unknown)) print "lacks something: " title }' "$top_srcdir/docs/questions.md" >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "each question has its answer" "$tmp/wrong"; else pass "each question has its answer"; fi
tap_done
