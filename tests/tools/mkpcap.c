/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forges the captures of testdata/ that no server sends.
 *
 *	mkpcap --list            names of all files
 *	mkpcap NAME FILE         one of them
 *	mkpcap --all DIR         all of them, as DIR/pcaps/NAME and DIR/bad/NAME
 *
 * Same program, same octets. Needs no privilege: libnet only lays out packets here.
 */
#include "forge.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *folder;
	const struct fg_case *cases;
} tables[] = {
	{ "pcaps", fg_ntp_cases },  { "pcaps", fg_ntp_more_cases }, { "pcaps", fg_dns_cases },
	{ "pcaps", fg_link_cases }, { "pcaps", fg_ip_cases },	    { "pcaps", fg_window_cases },
	{ "pcaps", fg_frag_cases }, { "pcaps", fg_icmp_cases },	    { "pcaps", fg_tunnel_cases },
	{ "pcaps", fg_tcp_cases },  { "bad", fg_bad_cases },
};

enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static int list(void)
{
	for (size_t t = 0; t < TABLES; t++)
		for (const struct fg_case *c = tables[t].cases; c->name != NULL; c++)
			printf("%s/%s\n", tables[t].folder, c->name);
	return 0;
}

static int all(const char *dir)
{
	char path[4096];

	for (size_t t = 0; t < TABLES; t++)
		for (const struct fg_case *c = tables[t].cases; c->name != NULL; c++) {
			const int n =
				snprintf(path, sizeof(path), "%s/%s/%s", dir, tables[t].folder, c->name);

			if (n < 0 || (size_t)n >= sizeof(path))
				fg_die(dir, "path too long");
			c->forge(path);
		}
	return 0;
}

static int one(const char *name, const char *path)
{
	for (size_t t = 0; t < TABLES; t++)
		for (const struct fg_case *c = tables[t].cases; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0) {
				c->forge(path);
				return 0;
			}
	fg_die(name, "no such case (see mkpcap --list)");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc == 3 && strcmp(argv[1], "--all") == 0)
		return all(argv[2]);
	if (argc == 3)
		return one(argv[1], argv[2]);
	fputs("usage: mkpcap --list | --all DIR | NAME FILE\n", stderr);
	return 2;
}
