/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of services: the engine's numbers and the store's. */
#include <stdlib.h>
#include <string.h>

#include "stats/store/store_live.h"

/* Makes room for element `at`; what is new is zero. False: the store has failed. */
static bool reach(struct cl_store *s, void **table, size_t *room, size_t at, size_t size)
{
	if (at < *room)
		return true;
	size_t more = (at + 1) * 2;
	uint8_t *grown = realloc(*table, more * size);

	if (grown == NULL) {
		cl_store_fail(s, CL_ENOMEM);
		return false;
	}
	memset(grown + *room * size, 0, (more - *room) * size);
	*table = grown;
	*room = more;
	return true;
}

/* Rows of services that a database may have, over all its sources; a hostile one cannot ask for more memory.
 */
#define SERVICE_ROWS_MAX ((int64_t)1 << 24)

/* Both ways between the engine's numbers and the store's rows, which SQLite numbers from 1. */
static void map_service(struct cl_store *s, uint32_t number, int64_t service_id)
{
	void *ids = s->service_id, *numbers = s->service_number;
	bool ok = service_id > 0 && service_id <= SERVICE_ROWS_MAX &&
		  reach(s, &ids, &s->services, number, sizeof *s->service_id);

	s->service_id = ids;
	ok = ok && reach(s, &numbers, &s->service_rows, (size_t)service_id, sizeof *s->service_number);
	s->service_number = numbers;
	if (!ok) {
		cl_store_fail(s, CL_ELIMIT);
		return;
	}
	s->service_id[number] = service_id;
	s->service_number[service_id] = number + 1;
}

uint32_t cl_store_number_of(const struct cl_store *s, int64_t service_id)
{
	if (service_id <= 0 || (uint64_t)service_id >= s->service_rows || s->service_number[service_id] == 0)
		return CL_INDEX_NONE;
	return s->service_number[service_id] - 1;
}

static const char *kind_of(uint32_t number)
{
	static const char *const kinds[CL_SERVICE_FIRST] = { "all",	"all",	"all udp",
							     "all tcp", "rest", "rest" };

	return number < CL_SERVICE_FIRST ? kinds[number] : "server";
}

static void bind_service(struct cl_query *st, uint32_t number, const struct cl_service_name *service,
			 char *text)
{
	cl_query_bind_text(st, 1, cl_proto_names[service->proto]);
	cl_query_bind_text(st, 2, kind_of(number));
	cl_query_bind_null(st, 4);
	if (number < CL_SERVICE_FIRST)
		return;
	cl_addr_format(&service->addr, text);
	cl_query_bind_addr(st, 4, &service->addr);
}

/* Its row, if it has one. */
static bool find_service(struct cl_store *s, uint32_t number, const struct cl_service_name *name)
{
	struct cl_query *find = cl_store_statement(s, CL_ST_SERVICE_ID);
	char text[CL_ADDR_STRLEN];

	if (find == NULL)
		return false;
	bind_service(find, number, name, text);
	bool found = cl_query_row(find);
	if (found)
		map_service(s, number, cl_query_i64(find, 0));
	cl_query_again(find);
	return found;
}

static struct cl_service_name name_of(const struct cl_service *service)
{
	return (struct cl_service_name){ service->addr, (uint8_t)service->proto, true };
}

bool cl_store_find_service(struct cl_store *s, uint32_t number, const struct cl_service *service)
{
	struct cl_service_name name = name_of(service);

	return cl_live_name(s, number, &name) && find_service(s, number, &name);
}

static void add_service(struct cl_store *s, uint32_t number, const struct cl_service_name *name)
{
	struct cl_query *add = cl_store_statement(s, CL_ST_SERVICE);
	char text[CL_ADDR_STRLEN];

	if (add == NULL)
		return;
	bind_service(add, number, name, text);
	if (number >= CL_SERVICE_FIRST)
		cl_query_bind_text(add, 3, text);
	else
		cl_query_bind_null(add, 3);
	cl_query_run(add);
	if (!find_service(s, number, name))
		cl_store_fail_sqlite(s);
	cl_live_fresh(s, number);
}

void cl_store_service(struct cl_store *s, uint32_t number, const struct cl_service *service)
{
	struct cl_service_name name = name_of(service);

	if (!cl_live_name(s, number, &name))
		return;
	if (!cl_store_waits(s))
		add_service(s, number, &name);
	else if (!s->live->begun)
		(void)find_service(s, number, &name); /* rows are read back that have it */
}

int64_t cl_store_service_id(const struct cl_store *s, uint32_t number)
{
	return number < s->services ? s->service_id[number] : 0;
}

int64_t cl_store_service_row(struct cl_store *s, uint32_t number)
{
	struct cl_live *l = s->live;

	if (cl_store_waits(s))
		return CL_SERVICE_ROW(number);
	if (l != NULL && cl_store_service_id(s, number) == 0 && number < l->services &&
	    l->service[number].named)
		add_service(s, number, &l->service[number]);
	return cl_store_service_id(s, number);
}
