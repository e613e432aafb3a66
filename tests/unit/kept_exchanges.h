/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_KEPT_EXCHANGES_H
#define CL_TESTS_UNIT_KEPT_EXCHANGES_H

/* Random exchanges of all kinds, written to a database and read again. */
#include "stats/store/store.h"

#define SECOND INT64_C(1000000000)
#define START  (1780272000 * SECOND)

/* An exchange with all that it borrows. */
struct kept {
	struct cl_exchange x;
	struct cl_event event[2];
	struct cl_note note[2];
	int64_t source_id;
};

/* The database, a file of this run alone, and how it counts. */
extern char path[];
extern const struct cl_store_config config;
int kept_set_up(void **state);
int kept_tear_down(void **state);

/* A random number below n; one of a few addresses. */
uint32_t below(uint32_t n);
struct cl_addr some_addr(void);

/* An exchange that a database may hold; numbered ones that follow each other; one made anew until it has this
 * fortune. */
void make_exchange(struct kept *k, enum cl_exchange_kind kind, int64_t time_ns);
void make_all(struct kept *k, size_t n, int64_t source_id, uint64_t first_number, int64_t start_ns);
void make_fortune(struct kept *k, enum cl_fortune fortune);

int64_t time_of(const struct kept *k);

struct cl_store *open_write(const char *sensor);
struct cl_store *open_read(void);
void commit(struct cl_store *s); /* closes it too */

/* Makes an empty database that keeps exchanges. */
void begin(void);

/* A capture of its own: its exchanges, and what their files are called; then `file` is what is read back. */
void write_run(struct cl_store *s, struct kept *k, size_t n);

/* The same of sensor a, from opening to commit. */
void write_one(struct kept *k, size_t n);

/* Asserts that these are read, in this order and no others. */
extern const struct cl_exchange_filter everything;
void is_read(const struct cl_exchange_filter *f, const struct kept *const *list, size_t n);

#endif
