#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs what is missing (Debian), builds in ./build, and runs the main job on a capture of testdata/pcaps/.
# usage: ./quickstart.sh        as root, or as a user with sudo
set -eu
cd "$(dirname "$0")"
. tests/tools/packages.sh

capture=testdata/pcaps/ntp-chrony.pcap
database=build/example.db

install_packages $build_packages
[ -x configure ] || autoreconf -fi
mkdir -p build
(cd build && ../configure && make -j"$(nproc 2>/dev/null || echo 1)")

rm -f "$database"
printf '\n$ build/cli/clientele read -o %s %s\n' "$database" "$capture"
build/cli/clientele read -o "$database" "$capture"
cat <<TEXT

Built: build/cli/clientele. Next: build/cli/clientele delta $capture
The manual: man ./man/clientele.1
TEXT
