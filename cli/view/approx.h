/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_APPROX_H
#define CL_CLI_APPROX_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/write/writer.h"

struct cl_session;

/* What keeps a number of clients from being exact: clients that found no room within --max-memory. */
struct cl_approx {
	bool any;	   /* else it is exact, and the rest is 0 */
	bool estimated;	   /* else the number is a lower bound, and the errors are not known */
	uint64_t requests; /* of those clients */
	uint64_t clients;  /* how many they are, about: a part of the number */
	double error;	   /* relative standard error of that part; of networks, of the whole number */
	double window_error;
};

/* Makes the table that the others read, also where a database has none. */
void cl_approx_prepare(struct cl_session *s);

/* Of the numbers that cl_view_unique and cl_view_unique_all give. */
struct cl_approx cl_approx_of(struct cl_session *s, int64_t service_id);
struct cl_approx cl_approx_of_all(struct cl_session *s, const char *proto, int via);

/* An object under `key`; nothing where the number is exact. */
void cl_json_approx(struct cl_json *j, const char *key, const struct cl_approx *a);

/* "", "about" or "at least". */
const char *cl_approx_word(const struct cl_approx *a);

/* `label`, with the word behind it where there is one. */
const char *cl_approx_label(char out[64], const char *label, const struct cl_approx *a);

/* Lines of a list: what is below it in JSON, under the path `of`. None where the number is exact. */
void cl_approx_list(struct cl_tables *t, const char *of, const struct cl_approx *a);

/* A line below a table on what is approximate, and by how much. `whose`: "of NTP" and the like. */
void cl_approx_note(struct cl_tables *t, const char *whose, const struct cl_approx *a);

#endif
