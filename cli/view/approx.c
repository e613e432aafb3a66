/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/view/approx.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/view/view.h"

static void run(struct cl_session *s, const char *sql)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	cl_query_run(q);
	cl_query_free(q);
}

void cl_approx_prepare(struct cl_session *s)
{
	struct cl_query *q =
		cl_query_new(s->store, "SELECT 1 FROM sqlite_master WHERE name = 'approximation'");
	bool has = cl_query_row(q);

	cl_query_free(q);
	if (has) {
		q = cl_query_new(s->store, "SELECT 1 FROM approximation LIMIT 1");
		s->approximate = cl_query_row(q);
		cl_query_free(q);
	}
	run(s, has ? "CREATE TEMP VIEW approx AS SELECT * FROM approximation"
		   : "CREATE TEMP TABLE approx(source_id, period, day, service_id, requests, ipv4, ipv6, "
		     "error, window_error)");
}

static void bind_subject(struct cl_query *q, int64_t id, const char *proto)
{
	if (proto != NULL)
		cl_query_bind_text(q, 1, proto);
	else
		cl_query_bind_i64(q, 1, id);
}

/* Of a number that is stored. */
static bool of_stored(struct cl_session *s, const char *which, int64_t id, const char *proto,
		      struct cl_approx *a)
{
	char sql[512];

	snprintf(sql, sizeof sql,
		 "SELECT a.requests, a.ipv4 + a.ipv6, a.error, a.window_error FROM counted JOIN approx AS a "
		 "USING(period, day) JOIN service USING(service_id) WHERE %s AND (SELECT count(DISTINCT "
		 "source_id) FROM client_count AS c WHERE c.period = counted.period AND c.day = counted.day) "
		 "= 1 "
		 "LIMIT 1",
		 which);
	struct cl_query *q = cl_query_new(s->store, sql);
	bind_subject(q, id, proto);
	bool found = cl_query_row(q);
	if (found) {
		*a = (struct cl_approx){ .any = true,
					 .estimated = !cl_query_null(q, 2),
					 .requests = cl_query_u64(q, 0),
					 .clients = cl_query_u64(q, 1) };
		if (a->estimated) {
			a->error = strtod(cl_query_word(q, 2), NULL);
			a->window_error = strtod(cl_query_word(q, 3), NULL);
		}
	}
	cl_query_free(q);
	return found;
}

/* Of one that was counted from the rows of clients: who has no row is not in it. */
static struct cl_approx of_recounted(struct cl_session *s, const char *which, int64_t id, const char *proto)
{
	struct cl_approx a = { .any = false };
	char sql[512];

	snprintf(sql, sizeof sql,
		 "SELECT coalesce(sum(requests), 0) FROM approx JOIN service USING(service_id) JOIN span ON "
		 "day BETWEEN day_from AND day_to WHERE period = 'day' AND %s",
		 which);
	struct cl_query *q = cl_query_new(s->store, sql);
	bind_subject(q, id, proto);
	if (cl_query_row(q))
		a.requests = cl_query_u64(q, 0);
	cl_query_free(q);
	a.any = a.requests > 0;
	return a;
}

struct cl_approx cl_approx_of(struct cl_session *s, int64_t service_id)
{
	struct cl_approx a = { .any = false };

	if (!s->approximate || of_stored(s, "service_id = ?1", service_id, NULL, &a))
		return a;
	return of_recounted(s, "service_id = ?1", service_id, NULL);
}

struct cl_approx cl_approx_of_all(struct cl_session *s, const char *proto, int via)
{
	struct cl_approx a = { .any = false };

	if (!s->approximate)
		return a;
	if (s->database && s->options->nservers > 0)
		return of_recounted(s, "service_id IN (SELECT service_id FROM chosen WHERE proto = ?1)", 0,
				    proto);
	if (of_stored(s, cl_view_all_kinds[via], 0, proto, &a))
		return a;
	return of_recounted(s, cl_view_all_kinds[via], 0, proto);
}

void cl_json_approx(struct cl_json *j, const char *key, const struct cl_approx *a)
{
	if (!a->any)
		return;
	cl_json_object(j, key);
	cl_json_u64(j, "requests", a->requests);
	if (a->estimated) {
		cl_json_u64(j, "clients", a->clients);
		cl_json_double(j, "error", a->error);
		cl_json_double(j, "window_error", a->window_error);
	} else {
		cl_json_null(j, "clients");
		cl_json_null(j, "error");
		cl_json_null(j, "window_error");
	}
	cl_json_end(j);
}

const char *cl_approx_word(const struct cl_approx *a)
{
	return !a->any ? "" : a->estimated ? "about" : "at least";
}

const char *cl_approx_label(char out[64], const char *label, const struct cl_approx *a)
{
	snprintf(out, 64, "%s%s%s", label, a->any ? ", " : "", cl_approx_word(a));
	return out;
}

void cl_approx_list(struct cl_tables *t, const char *of, const struct cl_approx *a)
{
	char path[80];

	if (!a->any)
		return;
	snprintf(path, sizeof path, "%s.requests", of);
	cl_list_count(t, "  requests of those beyond --max-memory", path, a->requests);
	if (!a->estimated)
		return;
	snprintf(path, sizeof path, "%s.clients", of);
	cl_list_count(t, "  who are, about", path, a->clients);
	snprintf(path, sizeof path, "%s.error", of);
	cl_list_share(t, "  with a standard error of", path, a->error);
}

void cl_approx_note(struct cl_tables *t, const char *whose, const struct cl_approx *a)
{
	char text[400];

	if (!a->any)
		return;
	if (a->estimated)
		snprintf(text, sizeof text,
			 "Clients %s are approximate: %llu requests came from clients beyond --max-memory. "
			 "These are about %llu, with a standard error of %.1f %% (%.1f %% in windows); "
			 "networks are estimated whole. All other totals are exact.",
			 whose, (unsigned long long)a->requests, (unsigned long long)a->clients,
			 a->error * 100, a->window_error * 100);
	else
		snprintf(text, sizeof text,
			 "Clients %s are at least so many: %llu requests came from others, beyond "
			 "--max-memory. All other totals are exact.",
			 whose, (unsigned long long)a->requests);
	cl_tables_note(t, text);
}
