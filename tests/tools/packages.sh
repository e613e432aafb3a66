# SPDX-License-Identifier: BSD-2-Clause
# Debian packages that clientele needs; sourced by quickstart.sh and run-tests.sh.

# To build: compiler and autotools, then the libraries. libnet and cmocka are for the tests alone.
build_packages="gcc make pkg-config autoconf automake libpcap-dev libsqlite3-dev zlib1g-dev libzstd-dev liblzma-dev liblz4-dev libxxhash-dev libssl-dev libmicrohttpd-dev libseccomp-dev libmaxminddb-dev libnet1-dev libcmocka-dev"

# Those of "$@" that are not installed.
missing_packages() {
	for package in "$@"; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
		"install ok installed") ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		echo "$0: installing needs root: run it as root, or install sudo" >&2
		return 1
	fi
}

# Installs what is missing of "$@" and says what that is. Asks for no rights if nothing is missing.
install_packages() {
	if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
		echo "This is no Debian. Nothing is installed; the packages are called there: $*"
		return 0
	fi
	missing=$(missing_packages "$@")
	if [ -z "$missing" ]; then
		echo "Installed already: $*"
		return 0
	fi
	echo "Installing: $missing"
	as_root apt-get -q update &&
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
}
