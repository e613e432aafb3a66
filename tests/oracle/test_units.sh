#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The service files: systemd finds nothing wrong with them, they leave little open, and their commands exist.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

most=2.0 # exposure, as systemd-analyze security counts it
units="capture serve"

# A unit of an instance, with a program that verify finds.
for unit in $units; do
	sed "s|^ExecStart=[^ ]*/clientele |ExecStart=$clientele |" "$top_builddir/systemd/clientele-$unit@.service" \
		>"$tmp/clientele-$unit@eth0.service"
	grep -q "^ExecStart=$clientele $unit " "$tmp/clientele-$unit@eth0.service"
	is "clientele-$unit@: starts $unit" $? 0

	# Each option of ExecStart is one of the command's.
	if "$clientele" "$unit" --help >"$tmp/help" 2>/dev/null; then
		missing=$(sed -n "s|^ExecStart=[^ ]* $unit||p" "$tmp/clientele-$unit@eth0.service" | tr ' ' '\n' |
			grep '^-' | while read -r option; do grep -q -e "$option[ ,]" "$tmp/help" || echo "$option"; done)
		is "clientele-$unit@: its options are there" "$missing" ""
	else
		skip "clientele-$unit@: its options are there" "this build has no $unit"
	fi

	# What the program limits itself with, which systemd 252 has in no set.
	for call in landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp; do
		grep -qE "^SystemCallFilter=([^~].* )?$call( |\$)" "$tmp/clientele-$unit@eth0.service" || echo "$call"
	done >"$tmp/missing"
	is "clientele-$unit@: may limit itself further" "$(cat "$tmp/missing")" ""
done

if have systemd-analyze; then
	for unit in $units; do
		file=$tmp/clientele-$unit@eth0.service
		systemd-analyze --man=no verify "$file" >"$out" 2>&1
		if [ $? -eq 0 ] && ! grep -q "clientele-$unit@" "$out"; then
			pass "clientele-$unit@: verified"
		else
			fail "clientele-$unit@: verified" "$out"
		fi
		systemd-analyze --no-pager security --offline=yes "$file" >"$out" 2>&1
		exposure=$(sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p' "$out")
		is "clientele-$unit@: exposure $exposure is at most $most" \
			"$(awk -v e="$exposure" -v most="$most" 'BEGIN { print (e != "" && e <= most) }')" 1
		sed "s/^ProtectSystem=.*//; s/^SystemCallFilter=.*//; s/^ProtectHome=.*//; s/^CapabilityBoundingSet=.*//" "$file" >"$tmp/open@eth0.service"
		exposure=$(systemd-analyze --no-pager security --offline=yes "$tmp/open@eth0.service" 2>&1 |
			sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p')
		is "without its limits clientele-$unit@ is more exposed ($exposure)" \
			"$(awk -v e="$exposure" -v most="$most" 'BEGIN { print (e != "" && e > most) }')" 1
	done
else
	skip "verified, and exposure at most $most" "systemd-analyze is not installed"
	echo "$0: left out: systemd-analyze is not installed" >&2
fi

# The user and the folder, as systemd makes them in an empty system; the OpenRC sample is a shell script.
if have systemd-sysusers && have systemd-tmpfiles && [ "$(id -u)" -eq 0 ]; then
	mkdir -p "$tmp/root/etc" "$tmp/root/usr/lib/sysusers.d" "$tmp/root/usr/lib/tmpfiles.d"
	cp "$top_srcdir/systemd/clientele.sysusers" "$tmp/root/usr/lib/sysusers.d/clientele.conf"
	cp "$top_srcdir/systemd/clientele.tmpfiles" "$tmp/root/usr/lib/tmpfiles.d/clientele.conf"
	systemd-sysusers --root="$tmp/root" >"$out" 2>&1
	is "sysusers makes the user" "$(grep -c '^clientele:.*:/var/lib/clientele:' "$tmp/root/etc/passwd" 2>"$err")" 1
	systemd-tmpfiles --root="$tmp/root" --create clientele.conf >>"$out" 2>&1
	is "tmpfiles makes the folder" "$(stat -c %a "$tmp/root/var/lib/clientele" 2>"$err")" 750
else
	skip "sysusers and tmpfiles" "they are not installed, or this is not root"
fi
sh -n "$top_builddir/openrc/clientele-capture" 2>"$err"
is "the sample for OpenRC is a shell script" $? 0
tap_done
