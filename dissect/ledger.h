/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_LEDGER_H
#define CL_DISSECT_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/anomaly.h"

/* What became of a frame: exactly one of these (clientele(1), DEFINITIONS). */
enum cl_fate {
	CL_FATE_COUNTED,
	CL_FATE_OTHER,
	CL_FATE_FILTERED,
	CL_FATE_UNDECODED,
	CL_FATE_TRUNCATED,
	CL_FATE_MALFORMED,
	CL_FATE_INCOMPLETE,
	CL_FATES
};

/* Names in the order of enum cl_fate, as the JSON keys have them. */
extern const char *const cl_fate_names[CL_FATES];

/* Kinds of what could not be decoded; `value` says which one. */
enum cl_undecoded {
	CL_UND_LINKTYPE,  /* value: LINKTYPE_ */
	CL_UND_ETHERTYPE, /* value: EtherType */
	CL_UND_PPP,	  /* value: PPP protocol */
	CL_UND_NULL_AF,	  /* value: address family of a BSD loopback header */
	CL_UND_IP_PROTO,  /* value: IP protocol of a tunnel */
	CL_UND_WLAN,	  /* value: 1 encrypted, 2 fragment, 3 aggregate of several */
	CL_UND_MPLS,	  /* what is below the labels; value: its first octet */
	CL_UND_REST	  /* reasons beyond CL_UNDECODED_MAX */
};

#define CL_UNDECODED_MAX 64

struct cl_undecoded_row {
	enum cl_undecoded kind;
	uint32_t value;
	uint64_t packets;
};

/* Facts about a capture beside fates: see facts.def. */
enum cl_fact {
#define X(id, name, doc) CL_FACT_##id,
#include "dissect/facts.def"
#undef X
	CL_FACTS
};

/* Names in the order of enum cl_fact, as stored. */
extern const char *const cl_fact_names[CL_FACTS];

/* Sum of fate[] is the number of frames. The rows' packets sum up to fate[CL_FATE_UNDECODED]. */
struct cl_ledger {
	uint64_t fate[CL_FATES];
	struct cl_undecoded_row undecoded[CL_UNDECODED_MAX + 1];
	size_t reasons;
	uint64_t fact[CL_FACTS];
	uint64_t anomaly[CL_ANOMALIES];
};

/* Counts n frames that could not be decoded. */
void cl_ledger_undecoded(struct cl_ledger *l, enum cl_undecoded kind, uint32_t value, uint64_t n);

#endif
