#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Dependencies point one way: capture, dissect, stats, cli. Each layer may include only what is
# listed here; SQLite is known to the store alone; every source says its licence.
. "${top_srcdir:-$(dirname "$0")/..}/tests/tap.sh"
cd "$top_srcdir" || exit 1

# includes FOLDER: lines `file header` of its own includes, in quotes.
includes() {
	find "$1" -name '*.[ch]' | sort | while read -r file; do
		sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file" | sed "s|^|$file |"
	done
}

# may FOLDER ALLOWED: fails for an include that the extended expression does not cover whole.
may() {
	includes "$1" >"$tmp/includes"
	awk -v allowed="^($2)\$" '$2 !~ allowed { print $1 " includes " $2 }' "$tmp/includes" >"$tmp/wrong"
	if [ ! -s "$tmp/includes" ]; then
		fail "$1: no include was found"
	elif [ -s "$tmp/wrong" ]; then
		fail "$1 includes only what it may" "$tmp/wrong"
	else
		pass "$1 includes only what it may"
	fi
}
may capture 'capture/[^/]+'
may dissect 'capture/(frame|linktype)[.]h|dissect/.+'
may stats 'dissect/(event|note|tunnelnote|zonenote|addr|err|hash|inline|ledger|dns/codes)[.]h|dissect/note[.]def|stats/.+'
may cli '(capture|dissect|stats|cli)/.+'

# Within them: containers know nobody, what a view computes knows exchanges alone, writers no views.
may stats/table 'dissect/.+|stats/table/.+'
may stats/engine 'dissect/.+|stats/(table|engine|store)/.+|stats/exchange/dnsname[.]h'
may stats/exchange 'dissect/.+|stats/(table|engine|exchange)/.+'
may stats/view 'dissect/.+|stats/(table|exchange|view)/.+'
may cli/write 'dissect/.+|capture/frame[.]h|cli/(write|log)[/.].+'
may cli/plot 'stats/table/.+|cli/(write|plot)/.+'

# system NAME HEADERS FILES: a library's header, only where it belongs.
system() {
	grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($2)[>\"]" capture dissect stats cli |
		grep -vE "^($3)\$" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then fail "$1 in its place only" "$tmp/wrong"; else pass "$1 in its place only"; fi
}
system SQLite 'sqlite3[.]h' 'stats/store/store_[^/]+'
system libpcap 'pcap([./][^>]*)?' 'capture/[^/]+'
system zlib 'zlib[.]h' 'capture/[^/]+'
system sockets 'sys/socket[.]h|netdb[.]h' 'cli/live/[^/]+|cli/serve/http[.]c'
system libmicrohttpd 'microhttpd[.]h' 'cli/serve/http[.]c'

# No I/O, no clock, no environment, no exit in dissect/: texts are made in memory (dissect/format.h) at the most.
grep -nE '(^|[^a-z_>.])(fopen|fread|fwrite|fprintf|printf|puts|open|getenv|time|clock_gettime|gettimeofday|exit|abort|syslog)\(|<stdio[.]h>' \
	dissect/*.[ch] dissect/*/*.[ch] | grep -v 'format(printf' >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "dissect neither reads nor writes" "$tmp/wrong"; else pass "dissect neither reads nor writes"; fi

# A header stands by itself: whoever includes it first needs nothing before it.
: >"$tmp/wrong"
for header in capture/*.h dissect/*.h dissect/*/*.h stats/*/*.h cli/*.h cli/*/*.h; do
	printf '#include "%s"\n#include "%s"\nextern int cl_not_empty;\n' "$header" "$header" |
		${CC:-cc} -std=c11 -D_GNU_SOURCE -I. -fsyntax-only -x c - 2>>"$tmp/wrong" || echo "$header" >>"$tmp/wrong"
done
if [ -s "$tmp/wrong" ]; then fail "each header stands by itself" "$tmp/wrong"; else pass "each header stands by itself"; fi

find capture dissect stats cli tests bench man testdata -name '*.[ch]' -o -name '*.def' -o -name '*.sh' -o \
	-name 'Makefile.inc' -o -name '*.1' | sort >"$tmp/files"
echo Makefile.am >>"$tmp/files"
echo configure.ac >>"$tmp/files"
while read -r file; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || echo "$file"
done <"$tmp/files" >"$tmp/wrong"
is "sources were found" "$([ "$(wc -l <"$tmp/files")" -gt 100 ] && echo yes)" yes
if [ -s "$tmp/wrong" ]; then fail "each source says its licence" "$tmp/wrong"; else pass "each source says its licence"; fi
tap_done
