/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_ATLASFILE_H
#define CL_CLI_ATLASFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/store/store.h"
#include "stats/view/atlas.h"

/* Octets of a file at most. */
#define CL_ATLAS_FILE_MAX (UINT64_C(512) << 20)

/* A probe's country and network, as in "DE AS680". */
struct cl_atlas_place {
	int64_t probe;
	char word[24];
};

/* What files of RIPE Atlas say beside attempts. */
struct cl_atlas_file {
	uint64_t not_sent;	      /* attempts that the probe gives another error for */
	struct cl_atlas_place *place; /* by probe, rising; owned */
	size_t places;
};

/**
 * Reads the results of NTP measurements, a JSON array or an object a line as RIPE Atlas gives them, into
 * `atlas`. SQLite reads the JSON: `store` lends its connection and is not changed. False after a line on
 * standard error.
 */
bool cl_atlas_file_read(struct cl_atlas_file *f, struct cl_store *store, const char *path,
			struct cl_atlas *atlas);

/* Reads the list of probes: an object with an array `objects`, or that array. */
bool cl_atlas_file_probes(struct cl_atlas_file *f, struct cl_store *store, const char *path);

/* The words for a probe; "unknown" for one that is not listed. */
const char *cl_atlas_file_place(const struct cl_atlas_file *f, int64_t probe);

void cl_atlas_file_free(struct cl_atlas_file *f);

#endif
