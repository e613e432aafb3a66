#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# top: its figures against the views' JSON; the live screen in a terminal of our own (a pty): it fits 80x24, 100x40 and
# what is narrower, no octet of a name or a database reaches the terminal as a command, and the terminal is as it was
# after q and after signals.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

db=$tmp/one.db
"$clientele" read -q -o "$db" "$pcaps/windows-sort-1-us.pcap" "$pcaps/windows-sort-2-ns.pcap" || fail "a database"
LC_ALL=C.UTF-8
export LC_ALL

run top --once "$db"
is "--once" "$status $(wc -c <"$err" | tr -d ' ')" "0 0"
cp "$out" "$tmp/once"
run top "$db"
same "where standard output is no terminal: the same" "$out" "$tmp/once"
is "no escapes there" "$(tr -d '\n' <"$tmp/once" | LC_ALL=C grep -c "$(printf '\033')")" 0
LC_ALL=C sed 's/[^ -~][^ -~][^ -~]/#/g' "$tmp/once" | awk 'length($0) > 100' >"$tmp/wrong"
if [ -s "$tmp/wrong" ]; then fail "100 columns" "$tmp/wrong"; else pass "100 columns"; fi

if have jq; then
	"$clientele" clients --format json -q "$db" >"$tmp/clients.json" 2>/dev/null
	"$clientele" delta --format json -q "$db" >"$tmp/delta.json" 2>/dev/null
	for proto in ntp dns; do
		upper=$(echo $proto | tr a-z A-Z)
		is "$upper: unique clients of the last step" "$(awk -v p="$upper" '$1 == p && NF > 8 { print $6, $7; exit }' "$tmp/once")" \
			"$(jq -r --arg p $proto '.all[] | select(.proto == $p) | .series[-1].unique | "\(.["300"]) \(.["1200"])"' "$tmp/clients.json")"
		is "$upper: requests a second of the last step" "$(awk -v p="$upper" '$1 == p && NF > 8 { print $3; exit }' "$tmp/once")" \
			"$(jq -r --arg p $proto '.all[] | select(.proto == $p) | .series[-1].requests / 300' "$tmp/clients.json" | awk '{ printf "%.2f", $1 }')"
	done
	jq -r '.servers[] | select(.proto == "ntp" and .series[-1].requests > 0) | "\(.server) \(.series[-1].requests)"' "$tmp/delta.json" |
		awk '{ printf "%s %.2f\n", $1, $2 / 300 }' | sort >"$tmp/want"
	sed -n '/ Server /,/^$/p' "$tmp/once" | awk '$1 == "NTP" { print $2, $3 }' | sort >"$tmp/got"
	is "servers: there are some" "$([ -s "$tmp/got" ] && echo yes)" yes
	same "servers: requests a second" "$tmp/got" "$tmp/want"
else
	skip "figures" "no jq"
fi
if have sqlite3; then
	sqlite3 -separator ' ' "$db" "SELECT upper(proto), client, sum(requests) AS n FROM clients WHERE date = (SELECT max(date) FROM clients)
		GROUP BY proto, addr ORDER BY n DESC, proto DESC, addr LIMIT 10" >"$tmp/want"
	sed -n '/Client, this day/,$p' "$tmp/once" | awk '$1 == "NTP" || $1 == "DNS" { print $1, $2, $3 }' >"$tmp/got"
	same "who asks most on the last day" "$tmp/got" "$tmp/want"
fi
run top --once --top 3 "$db"
is "--top" "$(sed -n '/Client, this day/,$p' "$out" | tail -n +2 | wc -l | tr -d ' ')" 3
"$clientele" read -q -o "$tmp/live-2026-05.db" "$pcaps/ntp-kod.pcap"
cp "$db" "$tmp/live-2026-07.db"
run top --once "$tmp/live.db"
tail -n +2 "$out" >"$tmp/got"
tail -n +2 "$tmp/once" >"$tmp/want"
same "the newest month's database" "$tmp/got" "$tmp/want"

mistake() {
	run top "$@"
	if [ "$status" -eq 2 ] && one_line "$err" && [ ! -s "$out" ]; then pass "mistake: $*"; else fail "mistake: $*" "$err"; fi
}
mistake "$tmp/missing.db"
mistake "$pcaps/ntp-kod.pcap"
mistake "$db" "$db"
for interval in 0 -1 x 1e9 ''; do mistake --interval "$interval" "$db"; done

if ! have python3; then
	skip "the live screen" "no python3"
	tap_done
fi
if ! python3 -c 'import pty; pty.openpty()' 2>"$err"; then
	skip "the live screen" "no terminals to be had: $(tail -n 1 "$err")"
	tap_done
fi
# in_terminal.py COLUMNS LINES KEYS SIGNAL OUTPUT COMMAND...: runs it in a terminal, sends keys or a signal, and writes what it
# wrote; prints its exit status and whether the terminal's modes are what they were.
cat >"$tmp/in_terminal.py" <<'PY'
import fcntl, os, pty, select, signal, struct, sys, termios, time
columns, lines, keys, name, output = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.execvp(sys.argv[6], sys.argv[6:])
data, sent, begun, status = b"", 0, time.monotonic(), None
while time.monotonic() - begun < 60:
    ready, _, _ = select.select([master], [], [], 0.1)
    if ready:
        data += os.read(master, 65536)
    # the first screen is there; then what was asked for, one after the other
    if b"\033[J" in data and sent == 0:
        if name == "WINCH":
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 30, 0, 0))
            os.kill(pid, signal.SIGWINCH)
            time.sleep(1)
        elif name != "-":
            os.kill(pid, getattr(signal, "SIG" + name))
        os.write(master, keys.encode())
        sent = 1
    done, code = os.waitpid(pid, os.WNOHANG)
    if done == pid:
        status = code
        break
if status is None:
    os.kill(pid, signal.SIGKILL)
while select.select([master], [], [], 0.2)[0]:
    data += os.read(master, 65536)
open(output, "wb").write(data)
print(os.waitstatus_to_exitcode(status) if status is not None else "hangs", "same" if termios.tcgetattr(slave) == before else "changed")
PY
# screen FILE LINES COLUMNS: what is wrong with what was written: screens too large, escapes that are not ours
cat >"$tmp/screen.py" <<'PY'
import re, sys, unicodedata
data = open(sys.argv[1], "rb").read().decode("utf-8", "surrogateescape").replace("\r\r\n", "\r\n")  # as a terminal adds it
lines, columns = int(sys.argv[2]), int(sys.argv[3])
if not data.startswith("\033[?1049h"):
    print("does not take the other screen")
if "\033[?1049l" not in data or "\033[?25h" not in data or data.rfind("\033[?25h") < data.rfind("\033[?25l"):
    print("does not give the screen back")
body = data.split("\033[?1049h")[1].split("\033[?1049l")[0]
frames = [f for f in body.split("\033[H")[1:]]
if not frames:
    print("no screen")
for f in frames:
    rows = re.sub(r"\033\[[0-9;?]*[A-Za-z]", "", f.rstrip()).split("\r\n")
    if len(rows) > lines:
        print("%d lines" % len(rows))
    for r in rows:
        width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in r)
        if width > columns:
            print("%d columns: %r" % (width, r))
        for c in r:
            if ord(c) < 32 or 127 <= ord(c) < 160 or 0xd800 <= ord(c) < 0xe000 or c in "\u202e\u2066\u200f":
                print("a character that is obeyed: %r in %r" % (c, r))
for e in set(re.findall(r"\033(?:\[[0-9;?]*[A-Za-z]|.)", data)):
    if not re.fullmatch(r"\033\[(H|J|K|[0-9;]*m|\?(1049|25|7)[hl])", e):
        print("an escape: %r" % e)
PY
screen() {
	python3 "$tmp/screen.py" "$1" "$2" "$3" >"$tmp/wrong" 2>&1
	if [ -s "$tmp/wrong" ]; then fail "$4" "$tmp/wrong"; else pass "$4"; fi
}
in_pty() { python3 "$tmp/in_terminal.py" "$@" 2>"$tmp/pty.err" || tail -n 2 "$tmp/pty.err"; }

for size in 80x24 100x40 30x10 200x60 10x3 1x1; do
	is "$size: q ends it" "$(in_pty "${size%x*}" "${size#*x}" q - "$tmp/tty" "$clientele" top "$db")" "0 same"
	screen "$tmp/tty" "${size#*x}" "${size%x*}" "$size: fits"
done
is "80x24: what is on it" "$(in_pty 80 24 q - "$tmp/tty" "$clientele" top "$db") $(grep -ac 'quit' "$tmp/tty" | awk '{ print ($1 > 0) }') \
$(grep -ac 'Client, this day' "$tmp/tty" | awk '{ print ($1 > 0) }')" "0 same 1 1"
for name in TERM INT HUP; do
	is "SIG$name: exit status 0, the terminal as it was" "$(in_pty 80 24 '' $name "$tmp/tty" "$clientele" top "$db")" "0 same"
	screen "$tmp/tty" 24 80 "SIG$name: the screen is given back"
done
is "keys: pause, read, others, quit" "$(in_pty 80 24 ' rx q' - "$tmp/tty" "$clientele" top "$db")" "0 same"
is "a smaller terminal" "$(in_pty 100 40 q WINCH "$tmp/tty" "$clientele" top "$db")" "0 same"
python3 - "$tmp/tty" >"$tmp/wrong" <<'PY'
import re, sys
data = open(sys.argv[1], encoding="utf-8", newline="").read().replace("\r\r\n", "\r\n")
last = data.split("\033[?1049l")[0].split("\033[H")[-1]
rows = re.sub(r"\033\[[0-9;?]*[A-Za-z]", "", last).split("\r\n")
if len(rows) > 12 or max(map(len, rows)) > 30:
    print(len(rows), max(map(len, rows)))
PY
if [ -s "$tmp/wrong" ]; then fail "drawn at its new size" "$tmp/wrong"; else pass "drawn at its new size"; fi
TERM=xterm NO_COLOR=1
export TERM NO_COLOR
is "NO_COLOR" "$(in_pty 80 24 q - "$tmp/tty" "$clientele" top "$db") $(grep -aoE "$(printf '\033')\\[[0-9;]+m" "$tmp/tty" | grep -vc '\[0m')" "0 same 0"
unset NO_COLOR

# names that would be commands: of servers, of a sensor, of the file
printf '192.0.2.1 \033[2J\033]0;x\007evil\033[31m\n192.0.2.2 \342\200\256gnol\303\n' >"$tmp/names"
evil="$tmp/$(printf 'a\033[2Jb').db"
"$clientele" read -q --sensor "$(printf 's\033[7m\234\302\233m')" -o "$evil" "$pcaps/windows-sort-1-us.pcap" "$pcaps/windows-sort-2-ns.pcap" 2>"$err" ||
	"$clientele" read -q -o "$evil" "$pcaps/windows-sort-1-us.pcap" "$pcaps/windows-sort-2-ns.pcap"
is "names that would be commands" "$(in_pty 100 40 q - "$tmp/tty" "$clientele" top --names "$tmp/names" "$evil")" "0 same"
screen "$tmp/tty" 40 100 "names that would be commands: as text"
run top --once --names "$tmp/names" "$evil"
is "and without a terminal" "$(tr -d '\n' <"$out" | LC_ALL=C grep -c "$(printf '\033')") $(grep -c 'evil' "$out" | awk '{ print ($1 > 0) }')" "0 1"

# An interface, through a capture of its own that is gone with it.
run top -i no-such-interface
is "no such interface: status, and one line" "$status $(grep -c '^clientele: ' "$err")" "2 1"
run top
is "neither database nor interface: status" "$status" 2
if [ "$(id -u)" -eq 0 ] && have python3 && [ -e /sys/class/net/lo ]; then
	python3 - <<'PY' &
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(60):
    s.sendto(b"\x23" + bytes(39) + i.to_bytes(8, "big"), ("127.0.0.1", 123))
    time.sleep(0.1)
PY
	sender=$!
	run top --once --interval 3 -i lo
	kill $sender 2>/dev/null
	wait $sender 2>/dev/null

	if [ "$status" -eq 2 ] && grep -q ermi "$err"; then
		skip "-i lo" "no capture is allowed here"
	else
		is "-i lo: its client" "$(grep -c '127\.0\.0\.1' "$out" | awk '{ print ($1 > 0) }')" 1
		is "-i lo: named" "$(head -n 1 "$out" | grep -c ' lo ')" 1
	fi
	is "-i lo: nothing stays" "$(find /tmp -maxdepth 1 -name 'clientele-top-*' -newer "$tmp" 2>/dev/null | wc -l | tr -d ' ')" 0
else
	skip "-i lo" "needs root, python3 and a loopback interface"
fi
tap_done
