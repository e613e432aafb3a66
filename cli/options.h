/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_OPTIONS_H
#define CL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/write/writer.h"
#include "dissect/addr.h"
#include "dissect/ledger.h"
#include "stats/engine/match.h"
#include "stats/engine/windows.h"
#include "stats/view/deltasplit.h"

/* Addresses that --server takes at most. */
#define CL_SERVERS_MAX 4096

/* Ports that --dns-port and --ntp-port take at most, each. */
#define CL_PORTS_MAX 64

/* One bit an option: which a command takes (cl_command.takes) and which the user gave (cl_options.given). */
#define CL_OPT(n)	   (UINT64_C(1) << (n))
#define CL_OPT_OUTPUT	   CL_OPT(0)
#define CL_OPT_FILTER	   CL_OPT(1)
#define CL_OPT_SERVER	   CL_OPT(2)
#define CL_OPT_NAMES	   CL_OPT(3)
#define CL_OPT_LABELS	   CL_OPT(4)
#define CL_OPT_FROM	   CL_OPT(5)
#define CL_OPT_TO	   CL_OPT(6)
#define CL_OPT_STEP	   CL_OPT(7)
#define CL_OPT_WINDOW	   CL_OPT(8)
#define CL_OPT_TIMEOUT	   CL_OPT(9)
#define CL_OPT_PAIRING	   CL_OPT(10)
#define CL_OPT_SENSOR	   CL_OPT(11)
#define CL_OPT_TOP	   CL_OPT(12)
#define CL_OPT_MAX_MEMORY  CL_OPT(13)
#define CL_OPT_FORMAT	   CL_OPT(14)
#define CL_OPT_QUIET	   CL_OPT(15)
#define CL_OPT_VERBOSE	   CL_OPT(16)
#define CL_OPT_NO_PROGRESS CL_OPT(17)
#define CL_OPT_HELP	   CL_OPT(18)
#define CL_OPT_VERSION	   CL_OPT(19)
#define CL_OPT_DNS_PORT	   CL_OPT(20)
#define CL_OPT_NTP_PORT	   CL_OPT(21)
#define CL_OPT_TREE	   CL_OPT(22)
#define CL_OPT_JSON	   CL_OPT(23)
#define CL_OPT_COUNT	   CL_OPT(24)
#define CL_OPT_FATE	   CL_OPT(25)
#define CL_OPT_WORKERS	   CL_OPT(26)
#define CL_OPT_KEYLOG	   CL_OPT(27)
#define CL_OPT_KEYS	   CL_OPT(28)
#define CL_OPT_KEEP	   CL_OPT(29)
#define CL_OPT_RESULTS	   CL_OPT(30)
#define CL_OPT_PROBES	   CL_OPT(31)
#define CL_OPT_SIGNATURES  CL_OPT(32)
#define CL_OPT_INNER	   CL_OPT(33)
#define CL_OPT_OUTER	   CL_OPT(34)
#define CL_OPT_VENDORS	   CL_OPT(35)
#define CL_OPT_PLAIN	   CL_OPT(36)
#define CL_OPT_RRD	   CL_OPT(37)
#define CL_OPT_PLOT	   CL_OPT(38)
#define CL_OPT_SVG	   CL_OPT(39)
#define CL_OPT_SPLIT	   CL_OPT(40)
#define CL_OPT_SOFTWARE	   CL_OPT(45)
#define CL_OPT_MONITORS	   CL_OPT(46)
#define CL_OPT_SCORES	   CL_OPT(47)
#define CL_OPT_TIMES	   CL_OPT(48)

#define CL_OPT_SUFFIXES CL_OPT(41)
#define CL_OPT_RESOLVER CL_OPT(42)

/* What every command takes, and what every view takes besides. */
#define CL_OPTS_COMMON (CL_OPT_QUIET | CL_OPT_VERBOSE | CL_OPT_NO_PROGRESS | CL_OPT_HELP | CL_OPT_VERSION)
#define CL_OPTS_VIEW                                                                                         \
	(CL_OPTS_COMMON | CL_OPT_FILTER | CL_OPT_SERVER | CL_OPT_NAMES | CL_OPT_LABELS | CL_OPT_FROM |       \
	 CL_OPT_TO | CL_OPT_STEP | CL_OPT_WINDOW | CL_OPT_TIMEOUT | CL_OPT_PAIRING | CL_OPT_FORMAT |         \
	 CL_OPT_DNS_PORT | CL_OPT_NTP_PORT | CL_OPT_WORKERS | CL_OPT_MAX_MEMORY | CL_OPT_INNER |             \
	 CL_OPT_OUTER)

/* What the user asked for. Texts are borrowed from argv; NULL where nothing was given. */
struct cl_options {
	uint64_t given; /* bits CL_OPT_: said by the user, not a default */
	const char *output;
	const char *filter;
	const char *names;
	const char *labels;
	const char *keylog;		  /* a TLS key log file */
	const char *keys;		  /* symmetric keys of NTP */
	const char *sensor;		  /* "default" */
	const char *results;		  /* of RIPE Atlas measurements */
	const char *probes;		  /* of RIPE Atlas: who they are */
	const char *monitors;		  /* of the NTP Pool: their addresses */
	const char *scores;		  /* the NTP Pool's log of a server */
	const char *signatures;		  /* rows of NTP software beside those built in */
	const char *vendors;		  /* of MAC addresses */
	uint32_t plain_s[CL_WINDOWS_MAX]; /* windows whose last numbers are printed alone, as they were given
					   */
	size_t nplain;
	bool rrd;		   /* lines for rrdtool alone */
	bool plain_dns, rrd_dns;   /* of DNS; else of NTP */
	const char *suffixes;	   /* a list of public suffixes */
	struct cl_addr *resolvers; /* owned, sorted, each once: one resolver's addresses */
	size_t nresolvers;
	bool keep_transactions;
	bool keep_software, keep_names; /* tables by day */
	bool software;	   /* name that of the clients */
	enum cl_only only; /* of messages in tunnels or not; all */
	const char *svg;   /* a file for the view's plots */
	bool plot;
	unsigned split;		 /* CL_SPLIT_BIT */
	struct cl_addr *servers; /* owned, sorted, each once */
	size_t nservers;
	int64_t from_ns, to_ns;		    /* since 1970; see `given`; from < to where both are */
	uint32_t step_s;		    /* 300 */
	uint32_t windows_s[CL_WINDOWS_MAX]; /* rising; 300 and 1200 */
	size_t nwindows;
	int64_t timeout_ns; /* 10 s */
	enum cl_pairing pairing;
	enum cl_format format;
	uint32_t top;						   /* 10 */
	uint32_t times;						   /* 2 */
	uint16_t dns_ports[CL_PORTS_MAX], ntp_ports[CL_PORTS_MAX]; /* rising, beside 53 and 123 */
	size_t ndns_ports, nntp_ports;
	uint32_t workers;    /* threads that analyse; 0: as many as there are processors for */
	uint64_t count;	     /* 0: all */
	uint64_t max_memory; /* octets; 0: no limit */
	enum cl_fate fate;
	bool tree, json;
	bool quiet, verbose, no_progress;
	const char **inputs; /* owned array: at least one */
	size_t ninputs;
};

/* An option that one command alone has; it is set in what the command keeps. */
struct cl_own_option {
	char letter; /* or 0; none that the command also `takes` */
	const char *name;
	const char *arg; /* or NULL */
	const char *help;
	/* Reads the value (NULL where there is none) into cl_command.kept: NULL, or what it needs, "needs
	 * ...". */
	const char *(*set)(void *kept, const char *value);
};

/* A row of the table of commands. */
struct cl_command {
	const char *name;
	const char *summary; /* one line */
	const char *usage;   /* what follows the name: "[OPTION...] INPUT..." */
	const char *example; /* whole lines */
	uint64_t takes;	     /* bits CL_OPT_ */
	int (*run)(const struct cl_command *c, const struct cl_options *o);
	const void *of; /* what `run` knows of it; may be NULL */
	const struct cl_own_option *own;
	size_t nown;
	void *kept;	/* of `own`: static, with the defaults */
	bool inputless; /* it needs none */
};

/* Go on: anything else is an exit status. */
#define CL_GO_ON (-1)

/**
 * Finds the command that argv[1] names. NULL where there is none to run: help (--help, -h, help [COMMAND]) or
 * the version was written to standard output, or a line to standard error; `*status` is then the exit status.
 */
const struct cl_command *cl_command_find(const struct cl_command *commands, size_t n, int argc, char **argv,
					 int *status);

/**
 * Reads a command's arguments, argv[0] being the command itself; options and inputs in any order, "--" ends
 * the options. CL_GO_ON, or the exit status to leave with: 0 after help or version on standard output, 2
 * after one line on standard error. Uses getopt's state; texts in `o` are borrowed from argv. Sets `o` whole,
 * whatever it returns: free it with cl_options_free.
 */
int cl_options_parse(const struct cl_command *command, int argc, char **argv, struct cl_options *o);

/* Frees what `o` owns. */
void cl_options_free(struct cl_options *o);

#endif
