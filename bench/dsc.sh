#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Has DSC collect clients, query types and response codes of a capture, and prints how many clients it named.
# usage: dsc.sh FILE        (writes a folder dsc.out here)
set -eu
rm -rf dsc.out
mkdir dsc.out
cat >dsc.out/dsc.conf <<EOT
local_address 192.0.2.1;
run_dir "$PWD/dsc.out";
minfree_bytes 1;
interface $PWD/$1;
no_wait_interval;
statistics_interval 86400;
dataset client dns All:null Client:client queries-only;
dataset qtype dns All:null Qtype:qtype queries-only;
dataset rcode dns All:null Rcode:rcode replies-only;
output_format JSON;
EOT
dsc -f dsc.out/dsc.conf
tries=0
while ! ls dsc.out/*.json >/dev/null 2>&1 && [ $tries -lt 3000 ]; do # a process that it leaves behind writes them
	sleep 0.02
	tries=$((tries + 1))
done
cat dsc.out/*.json | awk '
	/"name":/ { client = /"client"/ }
	client && /"val":/ && !/-:SKIPPED/ { n++ }
	END { print n + 0 }'
