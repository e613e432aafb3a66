/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_RAISED_H
#define CL_TESTS_UNIT_RAISED_H

/* What the tests' own packets raised, for tests/oracle/test_registry.sh. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissect/dissect.h"

/* The file to add names to, or NULL. */
static inline const char *raised_file(void)
{
	return getenv("CLIENTELE_RAISED");
}

/* Adds the names of a ledger's anomalies and facts to raised_file(). */
static inline void raised_note(const struct cl_ledger *l)
{
	FILE *f = raised_file() != NULL ? fopen(raised_file(), "a") : NULL;

	if (f == NULL)
		return;
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		if (l->anomaly[i] > 0)
			fprintf(f, "anomaly %s\n", cl_anomalies[i].name);
	for (unsigned i = 0; i < CL_FACTS; i++)
		if (l->fact[i] > 0)
			fprintf(f, "fact %s\n", cl_fact_names[i]);
	if (fclose(f) != 0)
		abort();
}

/* Frees a dissector, when what it raised has been noted. */
static inline void raised_free(struct cl_dissector *d)
{
	if (d != NULL)
		raised_note(cl_dissector_ledger(d));
	cl_dissector_free(d);
}

#endif
