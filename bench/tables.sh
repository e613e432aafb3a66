# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# What bench.sh runs and compares: tables of columns between bars, read by bench.sh. In a table with a column `loads`,
# a line stands once for each of them, LOAD being its name and CLIENTS how many clients it has.

# Captures that genload writes once. --quick makes them small.
loads_table() {
	cat <<'EOT'
# load    | packets  | clients | options of genload
ntp10m    | 10000000 | 1000000 | --preset=ntp --seed=1
dns10m    | 10000000 | 1000000 | --preset=dns --seed=2
mix5m     |  5000000 |  500000 | --preset=mix --seed=3
ntp1m     |  1000000 |  100000 | --preset=ntp --seed=11
dns1m     |  1000000 |  100000 | --preset=dns --seed=12
mix500k   |   500000 |   50000 | --preset=mix --seed=13
mix200k   |   200000 |   20000 | --preset=mix --seed=14
EOT
}

# Copies of a load, packed.
packed_table() {
	cat <<'EOT'
# file          | made by
mix5m.pcap.gz   | gzip -6 -c mix5m.pcap
mix5m.pcap.zst  | zstd -q -3 -c mix5m.pcap
mix5m.pcap.xz   | xz -1 -c mix5m.pcap
mix5m.pcap.lz4  | lz4 -q -c mix5m.pcap
EOT
}

# Rows on files. `needs`: programs, or a word that has() of bench.sh knows. What a row prints last is its answer.
rows_table() {
	cat <<'EOT'
# row                           | loads               | needs      | command
bare LOAD                       | ntp10m dns10m mix5m |            | ./ceiling fullb LOAD.pcap
bare LOAD, 2 threads            | ntp10m dns10m mix5m |            | ./ceiling full2 LOAD.pcap
summary LOAD                    | ntp10m dns10m mix5m |            | "$clientele" summary LOAD.pcap
summary LOAD, 1 worker          | ntp10m dns10m mix5m | workers    | "$clientele" summary --workers 1 LOAD.pcap
summary LOAD, 2 workers         | ntp10m dns10m mix5m | workers    | "$clientele" summary --workers 2 LOAD.pcap
clients LOAD                    | ntp10m dns10m mix5m |            | "$clientele" clients LOAD.pcap
delta LOAD                      | ntp10m dns10m mix5m |            | "$clientele" delta LOAD.pcap
read -o LOAD                    | ntp10m              |            | "$clientele" read -o out.db LOAD.pcap
SQLite, rows of LOAD            | ntp10m              |            | ./sqlins rows.db CLIENTS blob sorted wal normal
inflate LOAD.gz                 | mix5m               | inflate_gz | $inflate_gz LOAD.pcap.gz
summary LOAD.gz                 | mix5m               | gzip       | "$clientele" summary LOAD.pcap.gz
inflate LOAD.zst                | mix5m               | zstd       | zstd -q -dc LOAD.pcap.zst
summary LOAD.zst                | mix5m               | zstd       | "$clientele" summary LOAD.pcap.zst
inflate LOAD.xz                 | mix5m               | xz         | xz -dc LOAD.pcap.xz
summary LOAD.xz                 | mix5m               | xz         | "$clientele" summary LOAD.pcap.xz
inflate LOAD.lz4                | mix5m               | lz4        | lz4 -q -dc LOAD.pcap.lz4
summary LOAD.lz4                | mix5m               | lz4        | "$clientele" summary LOAD.pcap.lz4
dissect LOAD                    | mix200k             |            | "$clientele" dissect LOAD.pcap
dissect -V LOAD                 | mix200k             |            | "$clientele" dissect -V LOAD.pcap
dissect --json LOAD             | mix200k             |            | "$clientele" dissect --json LOAD.pcap
tshark LOAD                     | mix200k             | tshark     | tshark -n -r LOAD.pcap
tshark -V LOAD                  | mix200k             | tshark     | tshark -n -V -r LOAD.pcap
tshark -T json LOAD             | mix200k             | tshark     | tshark -n -T json -r LOAD.pcap
tshark clients LOAD             | ntp1m mix500k       | tshark     | tshark -n -r LOAD.pcap -Y 'ntp.flags.mode == 3' -T fields -e ip.src -e ipv6.src | sort -u | wc -l
tshark latency LOAD             | mix500k             | tshark     | tshark -n -r LOAD.pcap -Y dns.time -T fields -e dns.time | awk '{ n++; sum += $1 } END { print n + 0 }'
tshark NTP latency LOAD         | mix500k             | tshark     | tshark -n -2 -r LOAD.pcap -Y ntp.delta_time -T fields -e ntp.delta_time | awk '{ n++; sum += $1 } END { print n + 0 }'
tshark qtypes LOAD              | mix500k             | tshark     | tshark -n -r LOAD.pcap -Y 'dns.flags.response == 0 && !icmp && !icmpv6' -T fields -e dns.qry.type | sort | uniq -c | awk '{ n += $1 } END { print n + 0 }'
tcpdump awk sort LOAD           | ntp1m mix500k       | tcpdump    | tcpdump -n -r LOAD.pcap 'udp dst port 123' | awk '{ sub(/\.[0-9]+$/, "", $3); print $3 }' | sort -u | wc -l
DSC LOAD                        | dns10m mix500k      | dsc        | ./dsc.sh LOAD.pcap
PacketQ clients LOAD            | dns10m mix500k      | packetq    | packetq --csv -s 'select src_addr from dns where qr = 0 group by src_addr' LOAD.pcap | sed 1d | wc -l
PacketQ qtypes LOAD             | mix500k             | packetq    | packetq --csv -s 'select qtype, count(*) as n from dns where qr = 0 group by qtype' LOAD.pcap | awk -F, 'NR > 1 { n += $2 } END { print n + 0 }'
dnstop LOAD                     | dns1m mix500k       | dnstop     | dnstop -4 -6 -Q -l 1 LOAD.pcap | awk '$1 == "Query" && $2 ~ /^[0-9]+$/ { n = $2 } END { print n + 0 }'
nfdump LOAD                     | ntp1m mix500k       | nfpcapd    | rm -rf flows && mkdir flows && nfpcapd -r LOAD.pcap -w flows && nfdump -q -6 -R flows -A srcip -o 'fmt:%sa' 'proto udp and dst port 123' | sort -u | wc -l
EOT
}

# Rows whose capture is never stored: genload writes it, three packets a client, into the command's standard input.
streams_table() {
	cat <<'EOT'
# row                             | packets   | clients   | asked for by | needs      | options of summary
stream 1k clients                 |   3000000 |      1000 | --sizes      |            |
stream 1m clients                 |   3000000 |   1000000 | --sizes      |            |
stream 10m clients                |  30000000 |  10000000 | --sizes      |            |
stream 10m clients in half a GiB  |  30000000 |  10000000 | --sizes      | max-memory | --max-memory 512M
stream 100m clients               | 300000000 | 100000000 | --huge       | memory     |
EOT
}

# What is compared, always by the packet, in the rounds that have all rows of a line.
#   wall, cpu  seconds of `over` to those of `under`; both are printed, the one named is held against `wanted`
#   sum, max   wall seconds of `over` to those of the rows of `under` added, or of the slower of them
#   pair       octets of peak memory of `over` above that of `under`, by the client
#   gib        peak memory of `over`; disk: octets of its database by the client
ratios_table() {
	cat <<'EOT'
# loads               | ratio                                                       | kind | over                       | under                                    | wanted
  ntp10m dns10m mix5m | LOAD: speed of `summary` to the bare program                | wall | bare LOAD                  | summary LOAD                             |
  ntp10m dns10m mix5m | LOAD: speed of one worker to the bare program               | cpu  | bare LOAD                  | summary LOAD, 1 worker                   | >= 0.6
  ntp10m dns10m mix5m | LOAD: speed of two workers to the bare program              | wall | bare LOAD                  | summary LOAD, 2 workers                  | >= 1.0
  ntp10m dns10m mix5m | LOAD: two workers to the bare program of two threads        | wall | bare LOAD, 2 threads       | summary LOAD, 2 workers                  |
  ntp10m dns10m mix5m | LOAD: time of `clients` to `summary`                        | wall | clients LOAD               | summary LOAD                             | <= 1.5
  ntp10m dns10m mix5m | LOAD: time of `delta` to `summary`                          | wall | delta LOAD                 | summary LOAD                             | <= 1.5
  ntp10m              | LOAD: `read -o` to the sum of `summary` and SQLite's rows   | sum  | read -o LOAD               | summary LOAD + SQLite, rows of LOAD      | <= 1.3
  ntp10m              | LOAD: octets of database a client-day                       | disk | read -o LOAD               |                                          | <= 60
  mix5m               | LOAD.gz: to the slower of inflating and analysing           | max  | summary LOAD.gz            | inflate LOAD.gz + summary LOAD           | <= 1.1
  mix5m               | LOAD.zst: to the slower of inflating and analysing          | max  | summary LOAD.zst           | inflate LOAD.zst + summary LOAD          | <= 1.1
  mix5m               | LOAD.xz: to the slower of inflating and analysing           | max  | summary LOAD.xz            | inflate LOAD.xz + summary LOAD           | <= 1.1
  mix5m               | LOAD.lz4: to the slower of inflating and analysing          | max  | summary LOAD.lz4           | inflate LOAD.lz4 + summary LOAD          | <= 1.1
  mix200k             | speed of `dissect` to tshark                                | cpu  | tshark LOAD                | dissect LOAD                             |
  mix200k             | speed of `dissect -V` to tshark -V                          | cpu  | tshark -V LOAD             | dissect -V LOAD                          | >= 20
  mix200k             | speed of `dissect --json` to tshark -T json                 | cpu  | tshark -T json LOAD        | dissect --json LOAD                      | >= 20
  ntp1m               | NTP: speed of `summary` to tshark, clients                  | cpu  | tshark clients LOAD        | summary ntp10m                           | >= 100
  ntp1m               | NTP: to tcpdump, awk, sort, clients                         | cpu  | tcpdump awk sort LOAD      | summary ntp10m                           | >= 20
  ntp1m               | NTP: to nfdump, clients                                     | cpu  | nfdump LOAD                | summary ntp10m                           |
  dns10m              | DNS: to PacketQ, clients                                    | cpu  | PacketQ clients LOAD       | summary dns10m                           | >= 4
  dns10m              | DNS: to DSC, clients, qtypes, rcodes                        | cpu  | DSC LOAD                   | summary dns10m                           | >= 2.5
  dns1m               | DNS: to dnstop, busiest clients, qtypes                     | cpu  | dnstop LOAD                | summary dns10m                           |
  mix500k             | both: to tshark, clients                                    | cpu  | tshark clients LOAD        | summary mix5m                            | >= 100
  mix500k             | both: to tshark, DNS latency                                | cpu  | tshark latency LOAD        | summary mix5m                            | >= 100
  mix500k             | both: to tshark, NTP latency                                | cpu  | tshark NTP latency LOAD    | summary mix5m                            | >= 100
  mix500k             | both: to tshark, qtypes                                     | cpu  | tshark qtypes LOAD         | summary mix5m                            | >= 100
  mix500k             | both: to tcpdump, awk, sort, clients                        | cpu  | tcpdump awk sort LOAD      | summary mix5m                            | >= 20
  10m 100m            | octets of peak memory a pair, LOAD clients                  | pair | stream LOAD clients        | stream 1k clients                        | <= 96
  10m                 | GiB of peak memory, LOAD clients                            | gib  | stream LOAD clients        |                                          |
  100m                | GiB of peak memory, LOAD clients                            | gib  | stream LOAD clients        |                                          | <= 11
  10m                 | GiB of peak memory, LOAD clients and `--max-memory 512M`    | gib  | stream LOAD clients in half a GiB |                                    | <= 0.5
  10m                 | time a packet, LOAD clients to 1m                           | cpu  | stream LOAD clients        | stream 1m clients                        | <= 1.5
  100m                | time a packet, LOAD clients to 1m                           | cpu  | stream LOAD clients        | stream 1m clients                        | <= 2.5
  1m 10m 100m         | the generator's time a packet to clientele's, LOAD clients  | cpu  | generate LOAD clients      | stream LOAD clients                      |
EOT
}

# What peers answer, held against what the capture is known to hold.
answers_table() {
	cat <<'EOT'
# row                      | question              | truth        | why they differ
tshark clients ntp1m       | NTP clients           | ntp.clients  |
tshark clients mix500k     | NTP clients           | ntp.clients  |
tshark latency mix500k     | DNS answers timed     | dns.matched  |
tshark NTP latency mix500k | NTP answers timed     | ntp.matched  | pairs by another rule; nothing without a second pass (-2)
tshark qtypes mix500k      | DNS queries by type   | dns.queries  |
tcpdump awk sort ntp1m     | NTP clients           | ntp.clients  | mode 6 is taken for a client
tcpdump awk sort mix500k   | NTP clients           | ntp.clients  | sees nothing behind a VLAN tag or in 6in4
DSC dns10m                 | DNS clients           | dns.clients  |
DSC mix500k                | DNS clients           | dns.clients  | 6in4 and QinQ are not seen
PacketQ clients dns10m     | DNS clients           | dns.clients  |
PacketQ clients mix500k    | DNS clients           | dns.clients  | 6in4 and QinQ are not seen
PacketQ qtypes mix500k     | DNS queries by type   | dns.queries  | 6in4 and QinQ are not seen
dnstop dns1m               | DNS queries           | dns.queries  | no TCP; names the busiest clients only
dnstop mix500k             | DNS queries           | dns.queries  | no TCP, no VLAN, no 6in4; names the busiest clients only
nfdump ntp1m               | NTP clients           | ntp.clients  | mode 6 is taken for a client
nfdump mix500k             | NTP clients           | ntp.clients  | QinQ is not seen; mode 6 is taken for a client
EOT
}
