/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/view/clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/write/timefmt.h"
#include "stats/table/index.h"

#define NS_PER_S   1000000000
#define NS_PER_DAY 86400000000000

static void *grow(struct cl_clients_view *v, void *rows, size_t count, size_t size)
{
	void *more = rows;

	if ((count & (count - 1)) == 0) /* room doubles at powers of two */
		more = realloc(rows, (count > 0 ? count * 2 : 1) * size);
	if (more == NULL)
		cl_store_fail(v->s->store, CL_ENOMEM);
	return more;
}

static enum cl_proto proto_of(const char *name)
{
	return strcmp(name, "dns") == 0 ? CL_PROTO_DNS : CL_PROTO_NTP;
}

/* Servers ---------------------------------------------------------------------- */

static bool add_subject(struct cl_clients_view *v, const struct cl_subject *u)
{
	struct cl_subject *more = grow(v, v->subject, v->count, sizeof *more);

	if (more == NULL)
		return false;
	v->subject = more;
	v->subject[v->count++] = *u;
	return true;
}

static bool read_subjects(struct cl_clients_view *v, const char *sql, bool servers)
{
	struct cl_query *q = cl_query_new(v->s->store, sql);
	bool ok = true;

	while (ok && cl_query_row(q)) {
		struct cl_subject u = { .service_id = cl_query_i64(q, 0),
					.proto = proto_of(cl_query_word(q, 1)),
					.is_server = servers,
					.requests = cl_query_u64(q, 3),
					.place = (uint32_t)v->count };

		u.has_address = cl_query_addr(q, 2, &u.addr);
		ok = u.requests == 0 || add_subject(v, &u);
	}
	cl_query_free(q);
	return ok;
}

/* The sum over servers; its series is stored for all of them together, and is that of the only one if it is
 * alone. */
static bool find_subjects(struct cl_clients_view *v)
{
	bool ok = read_subjects(
		v,
		"SELECT service_id, proto, addr, sum(requests) FROM chosen JOIN day USING(service_id) "
		"JOIN span ON day BETWEEN day_from AND day_to GROUP BY service_id ORDER BY rank",
		true);

	v->servers = v->count;
	ok = ok && read_subjects(v,
				 "SELECT CASE count(DISTINCT service_id) WHEN 1 THEN min(service_id) ELSE 0 "
				 "END, proto, NULL, sum(requests) FROM total JOIN day USING(service_id) JOIN "
				 "span ON day BETWEEN day_from AND day_to GROUP BY proto ORDER BY proto DESC",
				 false);
	for (size_t i = v->servers; i < v->count; i++)
		v->subject[i].place = (uint32_t)v->servers + v->subject[i].proto;
	return ok;
}

struct id_place {
	int64_t service_id;
	uint32_t place;
};

static int by_id(const void *a, const void *b)
{
	const struct id_place *x = a, *y = b;

	return (x->service_id > y->service_id) - (x->service_id < y->service_id);
}

/* Servers by the number of their service; to be freed. */
static struct id_place *places_of(struct cl_clients_view *v)
{
	struct id_place *p = malloc((v->servers + 1) * sizeof *p);

	if (p == NULL) {
		cl_store_fail(v->s->store, CL_ENOMEM);
		return NULL;
	}
	for (size_t i = 0; i < v->servers; i++)
		p[i] = (struct id_place){ v->subject[i].service_id, (uint32_t)i };
	if (v->servers > 0)
		qsort(p, v->servers, sizeof *p, by_id);
	return p;
}

struct places {
	const struct cl_clients_view *v;
	const struct id_place *id;
};

/* A cl_place_fn. */
static uint32_t find_place(void *ctx, int64_t service_id)
{
	const struct places *p = ctx;
	const struct id_place key = { .service_id = service_id };
	const struct id_place *found =
		p->v->servers > 0 ? bsearch(&key, p->id, p->v->servers, sizeof key, by_id) : NULL;

	return found != NULL ? found->place : CL_INDEX_NONE;
}

/* Census ------------------------------------------------------------------------ */

/* The busiest of each protocol, most requests first, of equals the first one. */
static void choose_busiest(struct cl_clients_view *v)
{
	for (uint32_t i = 0; i < v->servers; i++) {
		const struct cl_subject *u = &v->subject[i];
		uint32_t *list = v->busiest[u->proto], *n = &v->slots[u->proto];
		uint32_t at = *n;

		while (at > 0 && v->subject[list[at - 1]].requests < u->requests)
			at--;
		if (at == CL_CENSUS_SERVERS)
			continue;
		*n += *n < CL_CENSUS_SERVERS;
		memmove(list + at + 1, list + at, (*n - at - 1) * sizeof *list);
		list[at] = i;
	}
	for (uint32_t i = 0; i < v->servers; i++)
		v->server[i] = (struct cl_census_server){ v->subject[i].proto, CL_CENSUS_NO_SLOT };
	for (unsigned p = 0; p < CL_PROTOS; p++)
		for (uint32_t i = 0; i < v->slots[p]; i++)
			v->server[v->busiest[p][i]].slot = (uint8_t)i;
}

/* Counts by label: a label is known by where it lies. */
struct labelling {
	const struct cl_labels *labels;
	struct cl_countmap counts[CL_PROTOS];
};

static void label_client(void *ctx, enum cl_proto proto, const struct cl_addr *addr,
			 const struct cl_asked *asked)
{
	struct labelling *l = ctx;

	cl_countmap_add(&l->counts[proto], (uint64_t)(uintptr_t)cl_labels_find(l->labels, addr),
			asked->requests);
}

static int by_clients(const void *a, const void *b)
{
	const struct cl_clients_name *x = a, *y = b;

	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if (x->sum.clients != y->sum.clients)
		return x->sum.clients < y->sum.clients ? 1 : -1;
	if (x->sum.requests != y->sum.requests)
		return x->sum.requests < y->sum.requests ? 1 : -1;
	if (x->name == NULL || y->name == NULL)
		return (x->name == NULL) - (y->name == NULL);
	return strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
	const struct cl_clients_name *x = a, *y = b;

	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if (x->name == NULL || y->name == NULL)
		return (x->name == NULL) - (y->name == NULL);
	return strcmp(x->name, y->name);
}

/* Makes equal names one, and puts them in order. */
static void settle_names(struct cl_clients_names *n)
{
	size_t kept = 0;

	if (n->count == 0)
		return;
	qsort(n->row, n->count, sizeof *n->row, by_name);
	for (size_t i = 0; i < n->count; i++) {
		if (kept > 0 && by_name(&n->row[kept - 1], &n->row[i]) == 0) {
			n->row[kept - 1].sum.clients += n->row[i].sum.clients;
			n->row[kept - 1].sum.requests += n->row[i].sum.requests;
		} else {
			n->row[kept++] = n->row[i];
		}
	}
	n->count = kept;
	qsort(n->row, n->count, sizeof *n->row, by_clients);
}

static void add_name(struct cl_clients_view *v, struct cl_clients_names *n, const char *name,
		     enum cl_proto proto, const struct cl_counted *c)
{
	struct cl_clients_name *more = grow(v, n->row, n->count, sizeof *more);

	if (more == NULL)
		return;
	n->row = more;
	n->row[n->count++] = (struct cl_clients_name){ name, proto, { c->n, c->weight } };
}

static void take_labels(struct cl_clients_view *v, struct labelling *l)
{
	for (unsigned p = 0; p < CL_PROTOS; p++) {
		size_t n = SIZE_MAX;
		struct cl_counted *top = cl_countmap_top(&l->counts[p], &n);

		for (size_t i = 0; top != NULL && i < n; i++)
			add_name(v, &v->labels, (const char *)(uintptr_t)top[i].key, (enum cl_proto)p,
				 &top[i]);
		free(top);
		cl_countmap_free(&l->counts[p]);
	}
	settle_names(&v->labels);
}

/* By the first 36 bits of a MAC address, of which the longest block has no more. */
#define LOCAL_MAC UINT64_C(0x020000000000)

static void take_vendors(struct cl_clients_view *v)
{
	size_t n = SIZE_MAX;

	if (v->s->vendors == NULL)
		return;
	struct cl_counted *top = cl_census_macs(v->census, &n);
	for (size_t i = 0; top != NULL && i < n; i++) {
		uint64_t mac = top[i].key << 12;
		const char *name = (mac & LOCAL_MAC) != 0 ? "(locally administered)"
							  : cl_vendors_find(v->s->vendors, mac);

		add_name(v, &v->vendors, name, CL_PROTO_NTP, &top[i]);
	}
	free(top);
	settle_names(&v->vendors);
}

/* Networks of each length: of what the run may take, if it is limited, a part. */
static size_t networks_most(const struct cl_session *s)
{
	const size_t most = (size_t)1 << 20;
	uint64_t part = s->options->max_memory / 1024;

	return s->options->max_memory > 0 && part < most ? (size_t)part : most;
}

static void tell_from_memory(struct cl_clients_view *v)
{
	uint32_t numbers = 0;

	for (size_t i = 0; i < v->servers; i++) {
		uint32_t number = cl_store_number_of(v->s->store, v->subject[i].service_id);

		if (number != CL_INDEX_NONE && number >= numbers)
			numbers = number + 1;
	}
	uint32_t *place = malloc(((size_t)numbers + 1) * sizeof *place);
	if (place == NULL) {
		cl_store_fail(v->s->store, CL_ENOMEM);
		return;
	}
	memset(place, 0xff, ((size_t)numbers + 1) * sizeof *place);
	for (uint32_t i = 0; i < v->servers; i++) {
		uint32_t number = cl_store_number_of(v->s->store, v->subject[i].service_id);

		if (number != CL_INDEX_NONE)
			place[number] = i;
	}
	cl_store_census(v->s->store, v->census,
			&(struct cl_census_places){ v->server, place, numbers, (uint32_t)v->servers });
	free(place);
}

static bool take_census(struct cl_clients_view *v)
{
	struct cl_session *s = v->s;
	struct labelling l = { .labels = s->labels };
	struct places p = { v, places_of(v) };
	uint64_t seed = cl_random_seed();

	v->server = calloc(v->servers + 1, sizeof *v->server);
	bool ok = v->server != NULL && p.id != NULL;
	for (unsigned i = 0; i < CL_PROTOS && s->labels != NULL; i++)
		ok = cl_countmap_init(&l.counts[i], CL_LABELS_MAX, seed) && ok;
	if (ok) {
		choose_busiest(v);
		v->census = cl_census_new(
			&(struct cl_census_config){ .step_ns = s->config.engine.step_ns,
						    .servers = v->server,
						    .count = (uint32_t)v->servers,
						    .networks = networks_most(s),
						    .seed = seed,
						    .each = s->labels != NULL ? label_client : NULL,
						    .ctx = &l });
	}
	if (v->census != NULL && s->database)
		cl_view_recount_census(s, v->census, v->server, find_place, &p);
	else if (v->census != NULL)
		tell_from_memory(v);
	if (v->census == NULL || !cl_census_finish(v->census))
		cl_store_fail(s->store, CL_ENOMEM);
	if (s->labels != NULL)
		take_labels(v, &l);
	free((void *)(uintptr_t)p.id);
	return cl_store_error(s->store) == NULL;
}

/* What is stored ------------------------------------------------------------------ */

/* The subjects that a service's rows are of: the service, and all of its protocol if it stands for that. */
static uint32_t subject_at(struct cl_clients_view *v, const struct places *p, int64_t service_id)
{
	uint32_t place = find_place((void *)(uintptr_t)p, service_id);

	for (size_t i = v->servers; place == CL_INDEX_NONE && i < v->count; i++)
		if (v->subject[i].service_id == service_id)
			place = (uint32_t)i;
	return place;
}

static void read_unique(struct cl_clients_view *v, const struct places *p)
{
	struct cl_session *s = v->s;
	bool stored = !s->database || cl_view_counted(s);
	struct cl_query *q = cl_query_new(
		s->store, "SELECT service_id, ipv4, ipv6, v4_24, v6_64, v6_48 FROM counted CROSS JOIN "
			  "stored AS c ON c.period = counted.period AND c.day = counted.day");

	while (stored && cl_query_row(q)) {
		uint32_t at = find_place((void *)(uintptr_t)p, cl_query_i64(q, 0));

		if (at != CL_INDEX_NONE)
			v->subject[at].clients = (struct cl_unique){ cl_query_u64(q, 1),
								     cl_query_u64(q, 2),
								     cl_query_u64(q, 3),
								     cl_query_u64(q, 4),
								     cl_query_u64(q, 5),
								     false,
								     false };
	}
	cl_query_free(q);
	for (size_t i = 0; i < v->count; i++) {
		struct cl_subject *u = &v->subject[i];

		if (!u->is_server)
			u->clients = cl_view_unique_all(s, cl_proto_names[u->proto], 0);
		else if (!stored)
			u->clients = cl_view_recount_service(s, u->service_id);
		if (s->approximate)
			u->approx = u->is_server ? cl_approx_of(s, u->service_id)
						 : cl_approx_of_all(s, cl_proto_names[u->proto], 0);
	}
}

static void add_code(struct cl_clients_codes *c, const char *kind, uint32_t code, uint64_t n)
{
	if (strcmp(kind, cl_code_kind_names[CL_CODE_POLL]) == 0) {
		c->poll[code <= CL_POLL_MOST ? code : CL_CLIENTS_POLL_OTHER] += n;
		c->polls += n;
	} else {
		c->port[code <= CL_PORT_HIGH ? code : 0] += n;
		c->ports += n;
	}
}

static void read_codes(struct cl_clients_view *v, const struct places *p)
{
	struct cl_query *q =
		cl_query_new(v->s->store, "SELECT service_id, c.kind, code, sum(n) FROM dates CROSS JOIN "
					  "day_code AS c ON c.source_id = dates.source_id AND c.day = "
					  "dates.day WHERE c.kind IN ('poll', 'port') GROUP BY 1, 2, 3");

	while (cl_query_row(q)) {
		uint32_t at = find_place((void *)(uintptr_t)p, cl_query_i64(q, 0));

		if (at == CL_INDEX_NONE)
			continue;
		const char *kind = cl_query_word(q, 1);
		uint32_t code = (uint32_t)cl_query_i64(q, 2);
		add_code(&v->subject[at].codes, kind, code, cl_query_u64(q, 3));
		for (size_t i = v->servers; i < v->count; i++)
			if (v->subject[i].proto == v->subject[at].proto)
				add_code(&v->subject[i].codes, kind, code, cl_query_u64(q, 3));
	}
	cl_query_free(q);
}

static int by_subject(const void *a, const void *b)
{
	const struct cl_clients_day *x = a, *y = b;

	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	return (x->day > y->day) - (x->day < y->day);
}

static void add_day(struct cl_clients_view *v, const struct cl_clients_day *day)
{
	struct cl_clients_day *more = grow(v, v->day, v->days, sizeof *more);

	if (more == NULL)
		return;
	v->day = more;
	v->day[v->days++] = *day;
}

/* A total whose service is that of its only server has the days of that. */
static void share_days(struct cl_clients_view *v)
{
	size_t n = v->days;

	for (size_t i = 0; i < n; i++)
		for (size_t k = v->servers; k < v->count; k++)
			if (v->day[i].subject < v->servers &&
			    v->subject[v->day[i].subject].service_id == v->subject[k].service_id) {
				struct cl_clients_day day = v->day[i];

				day.subject = (uint32_t)k;
				add_day(v, &day);
			}
}

static void read_days(struct cl_clients_view *v, const struct places *p)
{
	struct cl_query *q = cl_query_new(
		v->s->store,
		v->s->merged
			? "SELECT service_id, day, ipv4 + ipv6, 1 FROM client_count_all JOIN span ON day "
			  "BETWEEN day_from AND day_to WHERE period = 'day'"
			: "SELECT service_id, day, sum(ipv4 + ipv6), count(*) FROM client_count JOIN span ON "
			  "day BETWEEN day_from AND day_to WHERE period = 'day' GROUP BY 1, 2");

	while (cl_query_row(q)) {
		uint32_t at = subject_at(v, p, cl_query_i64(q, 0));

		if (at != CL_INDEX_NONE)
			add_day(v, &(struct cl_clients_day){ at, cl_query_i64(q, 1), cl_query_u64(q, 2),
							     cl_query_i64(q, 3) == 1 });
	}
	cl_query_free(q);
	share_days(v);
	if (v->days > 0)
		qsort(v->day, v->days, sizeof *v->day, by_subject);
	for (size_t i = 0; i < v->days; i++) {
		struct cl_subject *u = &v->subject[v->day[i].subject];

		if (i == 0 || v->day[i].subject != v->day[i - 1].subject)
			u->days_from = i;
		u->days_to = i + 1;
	}
}

bool cl_clients_open(struct cl_clients_view *v, struct cl_session *s)
{
	*v = (struct cl_clients_view){ .s = s };
	v->any = cl_instants_of(s, &v->instants);
	if (!find_subjects(v) || !take_census(v))
		return false;
	take_vendors(v);
	struct places p = { v, places_of(v) };
	if (p.id == NULL)
		return false;
	read_unique(v, &p);
	read_codes(v, &p);
	read_days(v, &p);
	free((void *)(uintptr_t)p.id);
	for (size_t i = 0; i < v->count; i++) {
		struct cl_subject *u = &v->subject[i];

		u->one_shot = u->is_server ? cl_census_one_shot(v->census, u->place)
					   : cl_census_proto(v->census, u->proto)->class[0].clients;
	}
	return cl_store_error(s->store) == NULL;
}

void cl_clients_close(struct cl_clients_view *v)
{
	free(v->vendors.row);
	free(v->labels.row);
	free(v->day);
	free(v->server);
	free(v->subject);
	cl_census_free(v->census);
	*v = (struct cl_clients_view){ .s = NULL };
}

/* Words ------------------------------------------------------------------------- */

#define DATE_LENGTH    10 /* of 2026-05-31T00:00:00Z */
#define DAYS_OF_A_TIME 106751

void cl_clients_date(char out[32], int64_t day)
{
	if (day < -DAYS_OF_A_TIME || day > DAYS_OF_A_TIME) { /* no time in nanoseconds is */
		snprintf(out, 32, "%lld", (long long)day);
		return;
	}
	cl_time_format(out, day * NS_PER_DAY, 0);
	out[DATE_LENGTH] = '\0';
}

double cl_clients_interval(unsigned i)
{
	double s = 1;

	for (unsigned k = CL_CENSUS_SECOND; k < i; k++)
		s *= 2;
	for (unsigned k = i; k < CL_CENSUS_SECOND; k++)
		s /= 2;
	return s;
}

void cl_clients_prefix(char out[CL_CLIENTS_PREFIX_STRLEN], const struct cl_prefix *p)
{
	size_t len = cl_addr_format(&p->addr, out);

	snprintf(out + len, CL_CLIENTS_PREFIX_STRLEN - len, "/%u", p->len);
}

uint64_t cl_clients_refused(const struct cl_clients_view *v)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < CL_CENSUS_LENGTHS; i++)
		n += cl_census_networks_refused(v->census, (enum cl_census_length)i);
	return n;
}
