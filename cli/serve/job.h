/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_JOB_H
#define CL_CLI_JOB_H

#include <stdint.h>
#include <sys/types.h>

#include "cli/serve/reply.h"

/**
 * An answer that is being written by a child process into a file in memory. So a question that takes long,
 * much memory or the process with it stops nobody else, and a database is opened for each question alone.
 */
struct cl_job {
	pid_t pid;
	int body, words;  /* files in memory: the answer, and what was said on standard error */
	int64_t until_ns; /* when it is ended, by the clock that only goes forward */
	bool overdue;
};

/* Seconds that an answer may take. */
#define CL_JOB_S 60

/* Children at once; of those that read single messages. */
#define CL_JOBS	      4u
#define CL_JOBS_HEAVY 1u

/* How `--max-memory` (octets; 0: none) is divided. */
struct cl_job_limits {
	uint64_t light, heavy; /* what a child may take beside what the server has; 0: no limit */
	uint64_t answer;       /* octets that an answer may have */
};

/* All children that may be there at once stay within it. */
struct cl_job_limits cl_job_limits(uint64_t max_memory);

enum cl_job_end {
	CL_JOB_DONE,
	CL_JOB_ASKED,	/* the question was wrong */
	CL_JOB_FAILED,	/* the database did not answer */
	CL_JOB_OVERDUE, /* it took too long */
	CL_JOB_BROKEN	/* it died, or its answer was too long */
};

/* Now, by the clock that only goes forward. */
int64_t cl_job_clock_ns(void);

/* Begins. False: no process could be made (errno says why). `answer` and `o` are copied with the process. */
bool cl_job_begin(struct cl_job *j, const struct cl_reply *answer, const struct cl_options *o);

/* Whether it has ended by now; then how. Ends it when it is overdue. */
bool cl_job_ended(struct cl_job *j, enum cl_job_end *how);

/* Ends it, and frees what is left of it: the files unless they were taken (-1). */
void cl_job_free(struct cl_job *j);

/* The line that it said, without "clientele: ", or NULL; in `text`. */
const char *cl_job_line(const struct cl_job *j, char text[512]);

#endif
