# SPDX-License-Identifier: BSD-2-Clause
# Medians of rows, and ratios of rows taken round by round: what changes from one hour to the next falls out of them.
# usage: awk [-v verdicts=1] -f report.awk SIZES SAMPLES RATIOS, tables with tabs:
#   SIZES    row, packets, clients
#   SAMPLES  round, row, wall s, processor s, peak KiB, exit status, octets of its databases
#   RATIOS   kind, over, under, wanted, words; kinds are explained in tables.sh
BEGIN { FS = "\t" }

FILENAME == ARGV[1] { packets[$1] = $2; clients[$1] = $3; next }
FILENAME == ARGV[2] {
	if ($6 != 0)
		next
	if (!($2 in seen))
		order[++rows] = $2
	seen[$2]++
	rounds = $1 > rounds ? $1 : rounds
	wall[$2, $1] = $3
	cpu[$2, $1] = $4
	peak[$2, $1] = $5
	disk[$2, $1] = $7
	next
}
{ ratio[++ratios] = $0 }

function median(v, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] < v[j - 1]; j--) {
			t = v[j]
			v[j] = v[j - 1]
			v[j - 1] = t
		}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function median_of(table, row,    v, n, r) {
	for (r = 1; r <= rounds; r++)
		if ((row, r) in table)
			v[++n] = table[row, r]
	return median(v, n)
}

# Seconds a packet; a row that took less than the clock can tell took its tick.
function each(table, row, r) { return (table[row, r] > 0 ? table[row, r] : 0.0001) / packets[row] }

function ran(list, r,    part, n, i) {
	n = split(list, part, " [+] ")
	for (i = 1; i <= n; i++)
		if (!((part[i], r) in wall))
			return 0
	return 1
}

# The rows of `list` in round r: added, or the slowest.
function together(table, list, r, slowest,    part, n, i, t, sum) {
	n = split(list, part, " [+] ")
	for (i = 1; i <= n; i++) {
		t = each(table, part[i], r)
		sum = slowest ? (t > sum ? t : sum) : sum + t
	}
	return sum
}

function value(kind, over, under, table, r) {
	if (kind == "gib")
		return peak[over, r] / 1048576
	if (kind == "disk")
		return disk[over, r] / clients[over]
	if (kind == "pair")
		return (peak[over, r] - peak[under, r]) * 1024 / clients[over]
	if (table == "cpu")
		return each(cpu, over, r) / together(cpu, under, r, kind == "max")
	return each(wall, over, r) / together(wall, under, r, kind == "max")
}

# Over the rounds that have all rows: the median, and its spread in `spread`.
function measured(kind, over, under, table,    v, n, r, m) {
	for (r = 1; r <= rounds; r++)
		if (ran(over, r) && ran(under, r))
			v[++n] = value(kind, over, under, table, r)
	spread = ""
	if (n == 0)
		return "none"
	m = median(v, n)
	if (n > 2)
		spread = sprintf(" (%s to %s)", short(v[1]), short(v[n]))
	return m
}

function short(x) { return sprintf(x < 10 ? "%.2f" : x < 100 ? "%.1f" : "%.0f", x) }

function verdict(m, wanted,    part) {
	if (wanted == "" || !verdicts)
		return ""
	split(wanted, part, " ")
	return (part[1] == ">=" ? m >= part[2] + 0 : m <= part[2] + 0) ? "met" : "**not met**"
}

function say_rows(    i, row, w, c) {
	print "| row | packets | wall s | processor s | processor ns a packet | peak MiB |"
	print "|---|---|---|---|---|---|"
	for (i = 1; i <= rows; i++) {
		row = order[i]
		w = median_of(wall, row)
		c = median_of(cpu, row)
		printf "| %s | %d | %.2f | %.2f | %d | %d |\n", row, packets[row], w, c, c * 1e9 / packets[row],
			median_of(peak, row) / 1024
	}
}

function say_missing(words, wanted) {
	if (wanted != "")
		printf "| %s | | | %s | not measured |\n", words, wanted
}

function say_ratio(line,    f, kind, decides, m, w, c) {
	split(line, f, "\t")
	kind = f[1]
	if (kind == "gib" || kind == "disk" || kind == "pair") {
		m = measured(kind, f[2], f[3], "")
		if (m == "none")
			return say_missing(f[5], f[4])
		printf "| %s | %s%s | | %s | %s |\n", f[5], short(m), spread, f[4], verdict(m, f[4])
		return
	}
	decides = kind == "cpu" ? "cpu" : "wall"
	c = measured(kind, f[2], f[3], "cpu")
	if (c == "none")
		return say_missing(f[5], f[4])
	c = short(m = c) (decides == "cpu" ? spread : "")
	w = measured(kind, f[2], f[3], "wall")
	m = decides == "cpu" ? m : w
	w = short(w) (decides == "wall" ? spread : "")
	printf "| %s | %s | %s | %s | %s |\n", f[5], w, c, f[4] == "" ? "" : f[4] " (" (decides == "cpu" ? "processor" : "wall") ")",
		verdict(m, f[4])
}

# Programs of one thread that only compute wait for nobody but other programs.
function say_quiet(    r, i, v, n, m) {
	for (i = 1; i <= rows; i++)
		if (order[i] ~ /^bare [^,]*$/)
			for (r = 1; r <= rounds; r++)
				if ((order[i], r) in wall && wall[order[i], r] > 0)
					v[++n] = cpu[order[i], r] / wall[order[i], r]
	if (n == 0)
		return
	m = 100 * median(v, n)
	printf "- the bare programs had a processor for %.0f %% of their time%s\n", m,
		m < 95 ? ": **others ran beside them**" : ""
}

END {
	say_quiet()
	print ""
	say_rows()
	print ""
	print "| ratio, by the packet | wall or size | processor | wanted | |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= ratios; i++)
		say_ratio(ratio[i])
}
