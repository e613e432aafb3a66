/* SPDX-License-Identifier: BSD-2-Clause */
/* load: who loads the servers, whether kisses are obeyed, and which responses reached their clients. */
#include <stdlib.h>

#include "cli/view/view_load.h"

#define CLIENTS_MAX ((size_t)1 << 21)
#define PAIRS_MAX   ((size_t)1 << 20)

static void end(void *kept)
{
	struct load_kept *k = kept;

	cl_load_free(k->load);
	cl_reached_free(k->reached);
	free(k);
}

static void *begin(const struct cl_session *s)
{
	struct load_kept *k = calloc(1, sizeof *k);

	(void)s;
	if (k == NULL)
		return NULL;
	k->load = cl_load_new(CLIENTS_MAX, cl_random_seed());
	k->reached = cl_reached_new(PAIRS_MAX, cl_random_seed());
	if (k->load != NULL && k->reached != NULL)
		return k;
	end(k);
	return NULL;
}

static void take(void *kept, const struct cl_exchange *x)
{
	struct load_kept *k = kept;

	cl_load_take(k->load, x);
	cl_reached_take(k->reached, x);
}

/* What is shown ------------------------------------------------------------------- */

const char *const load_obeyed_keys[CL_OBEYED_WAYS] = { "unknown", "gone",    "honours",
						       "slower",  "ignores", "worse" };
const char *const load_reach_keys[CL_REACHES] = { "unknown",	 "arrived_origin", "arrived_cookies",
						  "lost_origin", "lost_cookies",   "lost_icmp" };

static int by_kisses(const void *a, const void *b)
{
	const struct cl_kissed *p = *(const struct cl_kissed *const *)a,
			       *q = *(const struct cl_kissed *const *)b;

	if (p->kisses != q->kisses)
		return p->kisses < q->kisses ? 1 : -1;
	return cl_addr_cmp(&p->addr, &q->addr);
}

static int by_row(const void *a, const void *b)
{
	const struct cl_kiss_row *p = *(const struct cl_kiss_row *const *)a,
				 *q = *(const struct cl_kiss_row *const *)b;

	if (p->kisses != q->kisses)
		return p->kisses < q->kisses ? 1 : -1;
	const int c = cl_addr_cmp(&p->key.server, &q->key.server);
	return c != 0 ? c : (p->key.code > q->key.code) - (p->key.code < q->key.code);
}

static bool sort_kisses(struct load_shown *v)
{
	const struct cl_kisses *k = v->kisses;

	v->kissed_count = cl_intern_count(&k->clients);
	v->row_count = cl_intern_count(&k->rows);
	v->kissed = malloc((v->kissed_count + 1) * sizeof *v->kissed);
	v->row = malloc((v->row_count + 1) * sizeof *v->row);
	if (v->kissed == NULL || v->row == NULL)
		return false;
	for (size_t i = 0; i < v->kissed_count; i++)
		v->kissed[i] = cl_intern_at(&k->clients, i);
	for (size_t i = 0; i < v->row_count; i++)
		v->row[i] = cl_intern_at(&k->rows, i);
	qsort(v->kissed, v->kissed_count, sizeof *v->kissed, by_kisses);
	qsort(v->row, v->row_count, sizeof *v->row, by_row);
	return true;
}

static void count_obedience(struct load_shown *v)
{
	for (size_t i = 0; i < v->kissed_count; i++) {
		const struct cl_kissed *k = v->kissed[i];

		if (k->rate_ns != INT64_MIN) {
			v->rated++;
			v->obeyed[cl_kissed_obeyed(k, v->totals->last_ns).how]++;
		}
		if (k->refused_ns == INT64_MIN)
			continue;
		v->refused++;
		v->refused_still += k->requests_an_hour_after > 0;
		v->refused_requests += k->requests_an_hour_after;
		v->refused_untold +=
			k->requests_an_hour_after == 0 && v->totals->last_ns - k->refused_ns < CL_HOUR_NS;
	}
}

bool load_show(struct cl_session *s, struct load_shown *v)
{
	struct load_kept *k = s->kept;

	*v = (struct load_shown){ .kisses = NULL };
	if (k == NULL)
		return false;
	v->totals = cl_load_totals(k->load);
	v->kisses = cl_load_kisses(k->load);
	v->burst = cl_load_bursts(k->load, &v->bursts);
	v->client = cl_load_clients(k->load, false, &v->clients);
	v->abusive = cl_load_clients(k->load, true, &v->abusives);
	v->reach = cl_reached_all(k->reached);
	v->reach_not_kept = cl_reached_not_kept(k->reached);
	v->size = cl_reached_sizes(k->reached, &v->sizes);
	v->reach_client = cl_reached_places(k->reached, false, &v->reach_clients);
	v->reach_network = cl_reached_places(k->reached, true, &v->reach_networks);
	if (v->client != NULL && v->abusive != NULL && v->reach_client != NULL && v->reach_network != NULL &&
	    sort_kisses(v) && cl_load_limits(k->load, &v->limits)) {
		count_obedience(v);
		return true;
	}
	cl_store_fail(s->store, CL_ENOMEM);
	load_hide(v);
	return false;
}

void load_hide(struct load_shown *v)
{
	free(v->client);
	free(v->abusive);
	free(v->kissed);
	free(v->row);
	free(v->reach_client);
	free(v->reach_network);
}

const struct cl_view cl_view_load = {
	.name = "load",
	.summary = "who loads a server: rates, bursts, kisses obeyed, responses that arrived",
	.example = "  clientele load --top 20 monday.pcap\n",
	.takes = CL_OPT_TOP,
	.needs = { .exchanges = CL_X_BIT(CL_X_NTP) | CL_X_BIT(CL_X_ICMP) },
	.begin = begin,
	.take = take,
	.end = end,
	.json = load_json,
	.tables = load_tables,
};
