# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# Read by record-common.sh and record/common.sh, which define remove_namespaces: a folder, processes and network
# namespaces that go when the script ends.

work=$(mktemp -d "${TMPDIR:-/tmp}/clrec.XXXXXX")
pids=

say() { echo "${0##*/}: $*" >&2; }

# need TOOL...: and root.
need() {
	missing=
	for tool in "$@"; do
		command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
	done
	[ -z "$missing" ] || { say "missing:$missing"; exit 2; }
	[ "$(id -u)" = 0 ] || { say "network namespaces need root"; exit 2; }
}

cleanup() {
	for pid in $pids; do kill "$pid" 2>/dev/null || :; done
	wait 2>/dev/null || :
	remove_namespaces
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
