/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SIGNATURES_H
#define CL_STATS_SIGNATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/event.h"
#include "dissect/note.h"

/*
 * The table of NTP signatures: what requests of known programs look like. Its rows are text
 * (stats/view/software.tsv; docs/signatures.md says what the columns mean), the compiled-in ones and those
 * that users add.
 */

/* Rows at most; a row is a bit of struct cl_sig_bits. */
#define CL_SIG_ROWS_MAX 256u

struct cl_sig_bits {
	uint64_t word[CL_SIG_ROWS_MAX / 64];
};

enum cl_sig_kind { CL_SIG_CLIENT, CL_SIG_TOOL, CL_SIG_SCANNER, CL_SIG_ATTACK, CL_SIG_KINDS };
enum cl_sig_confidence { CL_SIG_LOW, CL_SIG_MEDIUM, CL_SIG_HIGH, CL_SIG_CONFIDENCES };

extern const char *const cl_sig_kinds[CL_SIG_KINDS];
extern const char *const cl_sig_confidences[CL_SIG_CONFIDENCES];

/* How a client's source ports go from one request to the next. */
enum cl_sig_port { CL_SIG_PORT_ANY, CL_SIG_PORT_NEW, CL_SIG_PORT_KEPT };

#define CL_SIG_TESTS_MAX 32u /* terms of a row */
#define CL_SIG_GAPS_MAX	 4u

/* A term of a test on a field; terms joined by | follow each other with `more`. */
struct cl_sig_term {
	uint64_t low, high, mask; /* low <= (value & mask) <= high */
	uint8_t field;
	bool negated, more;
};

/* At least `share` percent of the gaps between requests lie in these buckets (cl_gap_bucket). */
struct cl_sig_gap {
	uint8_t low, high, share;
};

struct cl_signature {
	char *text;		     /* owned; the texts below lie in it */
	const char *name, *versions; /* versions: NULL: not known */
	const char *reference;
	uint8_t kind, confidence, rank;
	uint8_t port; /* enum cl_sig_port */
	uint16_t xmt; /* bits of enum cl_xmt_class; 0: any */
	bool added;   /* by the user */
	bool exact;   /* names a value of the transmit timestamp: one packet is proof */
	bool apart;   /* about messages by which nobody becomes a client (modes 6 and 7) */
	uint8_t terms, gaps;
	uint32_t rate; /* packets within one second at least; 0: any */
	struct cl_sig_term term[CL_SIG_TESTS_MAX];
	struct cl_sig_gap gap[CL_SIG_GAPS_MAX];
};

struct cl_signatures {
	struct cl_signature *row; /* owned */
	size_t rows;
};

/* The compiled-in rows. NULL when memory is short, and if a row is wrong. Free with cl_signatures_free. */
struct cl_signatures *cl_signatures_new(void);

/**
 * Adds a row of the user's: columns with tabs between. It replaces the compiled-in rows of its name. NULL, or
 * what is wrong with it (static text).
 */
const char *cl_signatures_add(struct cl_signatures *s, const char *row);

void cl_signatures_free(struct cl_signatures *s); /* NULL is accepted */

/* Rows that the header, the port, the type of service, the length and the family of a message fit. */
struct cl_sig_bits cl_signatures_match(const struct cl_signatures *s, const struct cl_event *e,
				       const struct cl_note *n);

static inline bool cl_sig_has(const struct cl_sig_bits *b, size_t row)
{
	return (b->word[row / 64] >> (row % 64) & 1) != 0;
}

static inline void cl_sig_set(struct cl_sig_bits *b, size_t row)
{
	b->word[row / 64] |= UINT64_C(1) << (row % 64);
}

/* Buckets of gaps between requests: 0 below 0.71 s, then 1, 2, 4, ... s, each to the next by its ratio; the
 * last holds all above. */
#define CL_GAP_BUCKETS 13u
unsigned cl_gap_bucket(int64_t gap_ns);

#endif
