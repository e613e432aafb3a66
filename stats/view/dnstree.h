/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_DNSTREE_H
#define CL_STATS_DNSTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/view/dnslist.h"

/*
 * What a resolver asked because it was asked: for a capture at its host, each client's query with the
 * resolver's own queries from its arrival to its answer. Messages do not say which query they are sent for;
 * it is found by time and by names:
 *
 * A query of the resolver belongs to one of those that wait for their answer then; to the one that it is
 * closest to by name (enum cl_dns_bond), among these to the one with most labels in common, then of the same
 * type, then the oldest. Where another is as close, it is ambiguous. Where none waits, it is background:
 * priming, prefetching, validation that goes on.
 */

#define CL_TREE_WAITING 256u /* waiting queries that are looked at for each query of the resolver */
#define CL_TREE_NAMES	16u  /* names a query has caused that are remembered */

/* Why a query is held to be caused by another, rising. */
enum cl_dns_bond {
	CL_BOND_TIME,	/* nothing but that it waits: aliases and names of servers look so */
	CL_BOND_CHAIN,	/* the name is, is above or is below one that was asked for it before */
	CL_BOND_PARENT, /* the name is above or below the one that the client asked for */
	CL_BOND_NAME,	/* it is the name that the client asked for */
	CL_BONDS
};

/* A query of the resolver. */
struct cl_dns_cause {
	uint32_t tx;	 /* of the list */
	uint32_t client; /* the query that caused it: of the list + 1; 0: background */
	uint8_t bond;
	bool ambiguous;
};

struct cl_dns_tree {
	struct cl_addr *resolver; /* rising; owned */
	size_t resolvers;
	struct cl_dns_cause *cause; /* by client query, then in order; background first */
	size_t causes;
	uint32_t *client; /* client's queries in order, of the list */
	size_t clients;
	uint64_t ambiguous, background;
	uint64_t crowded; /* queries for which more were waiting than are looked at */
};

/**
 * Makes it of a list that is linked. `given`: addresses of one resolver; without any, they are found: those
 * that answer with RA and ask others themselves. An IPv4 and an IPv6 address are one host if there is one of
 * each and neither asks the other; else each address is for itself. False: memory is short.
 */
bool cl_dns_tree_make(struct cl_dns_tree *t, const struct cl_dns_list *l, const struct cl_addr *given,
		      size_t n);
void cl_dns_tree_free(struct cl_dns_tree *t);

/* Causes of a client's query: the first of `n`. */
const struct cl_dns_cause *cl_dns_tree_of(const struct cl_dns_tree *t, uint32_t client, size_t *n);

/* What all of them took together. */
struct cl_dns_cost {
	uint64_t queries, packets, bytes;
	int64_t ns; /* sum of the times to their answers */
};
struct cl_dns_cost cl_dns_tree_cost(const struct cl_dns_list *l, const struct cl_dns_cause *c, size_t n);

#endif
