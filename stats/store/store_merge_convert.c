/* SPDX-License-Identifier: BSD-2-Clause */
/* Inputs of older schemas: merged from copies, which are converted and then removed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stats/store/schema.h"
#include "stats/store/store_merge_state.h"

static bool make_copy(struct cl_merging *m, size_t input, sqlite3 *old)
{
	struct cl_store copy = { .path = m->converted[input] };

	if (sqlite3_open_v2(copy.path, &copy.db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		cl_store_fail_sqlite(&copy);
	else
		cl_store_guard(copy.db);
	if (cl_store_error(&copy) == NULL && cl_store_copy_converted(&copy, old))
		(void)cl_store_exec(&copy, "PRAGMA journal_mode = DELETE"); /* it may have been in a log */
	if (cl_store_error(&copy) != NULL)
		snprintf(m->out.error, sizeof m->out.error, "%s", cl_store_error(&copy));
	sqlite3_close(copy.db);
	return cl_merge_check(m, m->merge->paths[input]);
}

/* A name beside the output. */
static char *copy_name(const struct cl_merging *m, size_t input)
{
	size_t size = strlen(m->merge->out) + 32;
	char *name = malloc(size);

	if (name != NULL)
		snprintf(name, size, "%s.%zu", m->merge->out, input);
	return name;
}

static bool convert(struct cl_merging *m, size_t input)
{
	sqlite3 *old = NULL;
	struct cl_store s = { .path = m->out.path };
	bool ok = true;

	if (sqlite3_open_v2(m->merge->paths[input], &old, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
	    SQLITE_OK) {
		cl_store_guard(old);
		s.db = old;
		int64_t version = cl_store_number(&s, "PRAGMA user_version");

		if (version >= 1 && version < CL_SCHEMA_VERSION) {
			m->converted[input] = copy_name(m, input);
			ok = m->converted[input] != NULL && make_copy(m, input, old);
		}
	}
	sqlite3_close(old);
	return ok;
}

bool cl_merge_convert(struct cl_merging *m)
{
	bool ok = true;

	m->converted = calloc(m->merge->count, sizeof *m->converted);
	if (m->converted == NULL) {
		cl_store_fail(&m->out, CL_ENOMEM);
		return cl_merge_check(m, m->merge->out);
	}
	for (size_t i = 0; ok && i < m->merge->count; i++)
		ok = convert(m, i);
	return ok;
}

void cl_merge_convert_end(struct cl_merging *m)
{
	for (size_t i = 0; m->converted != NULL && i < m->merge->count; i++) {
		if (m->converted[i] != NULL)
			(void)unlink(m->converted[i]);
		free(m->converted[i]);
	}
	free(m->converted);
}
