/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of exchanges; poolround.c counts. */
#include "stats/view/poolmon.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/exchange/ntpmath.h"
#include "stats/view/poolmon_state.h"

#define NS_PER_MS INT64_C(1000000)
/* Between a monitor's requests: 2 s behind an answer, with what it takes to come; 5 s behind none. */
#define GAP_MIN_NS	(1900 * NS_PER_MS)
#define GAP_ANSWERED_NS (5000 * NS_PER_MS)
#define GAP_MAX_NS	(6000 * NS_PER_MS)
#define SILENCE_NS	(60000 * NS_PER_MS)
/* Of a monitor's request, as the program that it is built on sends it: 2^32 s, which is an octet of 0x20. */
#define PRECISION 32
#define HEADER	  48u
#define FULL	  3u

bool cl_poolmon_grow(void **array, size_t used, size_t *room, size_t size)
{
	if (used < *room)
		return true;
	size_t more = *room == 0 ? 256 : 2 * *room;
	void *p = realloc(*array, more * size);

	if (p == NULL)
		return false;
	*array = p;
	*room = more;
	return true;
}

struct cl_poolmon *cl_poolmon_new(uint64_t seed)
{
	struct cl_poolmon *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->seed = seed;
	if (!cl_arena_init(&p->requests, sizeof(struct cl_poolmon_request), CL_POOL_REQUESTS_MAX) ||
	    !cl_arena_init(&p->errors, sizeof(struct cl_poolmon_error), CL_POOL_ERRORS_MAX) ||
	    !cl_arena_init(&p->sources, sizeof(struct cl_poolmon_source), CL_POOL_SOURCES_MAX) ||
	    !cl_index_init(&p->by_source)) {
		cl_poolmon_free(p);
		return NULL;
	}
	return p;
}

void cl_poolmon_free(struct cl_poolmon *p)
{
	if (p == NULL)
		return;
	if (p->requests.map != NULL)
		cl_arena_free(&p->requests);
	if (p->errors.map != NULL)
		cl_arena_free(&p->errors);
	if (p->sources.map != NULL)
		cl_arena_free(&p->sources);
	cl_index_free(&p->by_source);
	for (size_t i = 0; i < p->names; i++)
		free(p->name[i]);
	free(p->name);
	free(p->listed);
	free(p->row);
	free(p->round);
	free(p->pair);
	free(p->candidate);
	free(p);
}

/* Monitors and the log ------------------------------------------------------------------ */

/* The number of a name; UINT32_MAX if it is not there. */
static uint32_t number_of(const struct cl_poolmon *p, const char *name)
{
	for (size_t i = 0; i < p->names; i++)
		if (strcmp(p->name[i], name) == 0)
			return (uint32_t)i;
	return UINT32_MAX;
}

static bool add_name(struct cl_poolmon *p, const char *name, uint32_t *number)
{
	*number = number_of(p, name);
	if (*number != UINT32_MAX)
		return true;
	void *names = p->name;
	bool ok = cl_poolmon_grow(&names, p->names, &p->name_room, sizeof *p->name);
	p->name = names;
	char *copy = ok ? strdup(name) : NULL;
	if (copy == NULL)
		return false;
	*number = (uint32_t)p->names;
	p->name[p->names++] = copy;
	return true;
}

bool cl_poolmon_monitor(struct cl_poolmon *p, const struct cl_addr *addr, const char *name)
{
	struct cl_poolmon_listed one = { .addr = *addr, .named = UINT32_MAX };
	void *listed = p->listed;

	if (p->monitors == CL_POOL_MONITORS_MAX || (name != NULL && !add_name(p, name, &one.named)))
		return false;
	bool ok = cl_poolmon_grow(&listed, p->monitors, &p->monitor_room, sizeof *p->listed);
	p->listed = listed;
	if (!ok)
		return false;
	p->listed[p->monitors++] = one;
	p->sorted = false;
	return true;
}

size_t cl_poolmon_monitors(const struct cl_poolmon *p)
{
	return p->monitors;
}

int cl_poolmon_log(struct cl_poolmon *p, const char *name, const struct cl_poolmon_row *row)
{
	uint32_t number = name != NULL ? number_of(p, name) : UINT32_MAX;
	void *rows = p->row;

	if (name != NULL && number == UINT32_MAX)
		return 0;
	bool ok = p->rows < CL_POOL_ROWS_MAX && cl_poolmon_grow(&rows, p->rows, &p->row_room, sizeof *p->row);
	p->row = rows;
	if (!ok)
		return -1;
	p->row[p->rows] = *row;
	p->row[p->rows++].monitor = number;
	return 1;
}

static int by_addr(const void *a, const void *b)
{
	return cl_addr_cmp(&((const struct cl_poolmon_listed *)a)->addr,
			   &((const struct cl_poolmon_listed *)b)->addr);
}

const struct cl_poolmon_listed *cl_poolmon_find(const struct cl_poolmon *p, const struct cl_addr *addr)
{
	const struct cl_poolmon_listed key = { .addr = *addr };

	if (!p->sorted)
		return NULL;
	return bsearch(&key, p->listed, p->monitors, sizeof key, by_addr);
}

bool cl_poolmon_is_monitor(const struct cl_poolmon *p, const struct cl_addr *addr)
{
	return cl_poolmon_find(p, addr) != NULL;
}

/* Candidates ---------------------------------------------------------------------------- */

static bool source_is(const void *records, uint32_t number, const void *key)
{
	const struct cl_poolmon_source *s = cl_arena_at(records, number);
	const struct cl_event *e = key;

	return memcmp(&s->shown.source, &e->src, sizeof e->src) == 0 &&
	       memcmp(&s->shown.server, &e->dst, sizeof e->dst) == 0;
}

static struct cl_poolmon_source *source_of(struct cl_poolmon *p, const struct cl_event *q)
{
	uint64_t hash = cl_mix(cl_addr_hash(&q->src, p->seed), cl_addr_hash(&q->dst, p->seed));
	uint32_t at = cl_index_find(&p->by_source, hash, source_is, &p->sources, q);

	if (at != CL_INDEX_NONE)
		return cl_arena_at(&p->sources, at);
	struct cl_poolmon_source *s = cl_arena_add(&p->sources);
	if (s == NULL || !cl_index_add(&p->by_source, hash, (uint32_t)p->sources.count - 1)) {
		p->losses.candidates++;
		return NULL;
	}
	s->shown.source = q->src;
	s->shown.server = q->dst;
	s->shown.first_ns = q->time_ns;
	s->alike = true;
	return s;
}

static bool looks_alike(const struct cl_message *m)
{
	const struct cl_ntp *n = &m->event->u.ntp;

	return n->version == 4 && n->mode == 3 && n->stratum == 0 && n->poll == 0 && n->org == 0 &&
	       n->rec == 0 && n->xmt != 0 && m->note->leap == 0 && m->note->precision == PRECISION &&
	       m->note->root_delay == 0 && m->note->root_dispersion == 0 && m->note->refid == 0 &&
	       m->note->ref == 0 && m->note->length == HEADER;
}

/* Whether a request fits behind the one before it. */
static bool goes_on(const struct cl_poolmon_source *s, int64_t gap_ns)
{
	if (gap_ns >= SILENCE_NS)
		return true;
	return s->in_round < FULL && gap_ns >= GAP_MIN_NS &&
	       gap_ns <= (s->answered ? GAP_ANSWERED_NS : GAP_MAX_NS);
}

static void look_at(struct cl_poolmon *p, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event;
	struct cl_poolmon_source *s = source_of(p, q);

	if (s == NULL || !s->alike)
		return;
	int64_t gap_ns = q->time_ns - s->shown.last_ns;
	s->alike = looks_alike(&x->request) && (s->in_round == 0 || goes_on(s, gap_ns));
	if (s->in_round == 0 || gap_ns >= SILENCE_NS) {
		s->shown.rounds++;
		s->in_round = 0;
	}
	s->in_round++;
	s->shown.full += s->in_round == FULL;
	s->shown.last_ns = q->time_ns;
	s->answered = x->fortune == CL_FORTUNE_MATCHED;
}

/* Exchanges ----------------------------------------------------------------------------- */

/* The server's clock, from stamps of the request's arrival and the response's departure. */
static void read_clock(struct cl_poolmon_request *r, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event, *a = x->response.event;
	int64_t t2, t3;

	if (x->interleaved || x->guessed || r->kiss || !cl_stamp_time(a->u.ntp.rec, q->time_ns, &t2) ||
	    !cl_stamp_time(a->u.ntp.xmt, a->time_ns, &t3))
		return;
	const struct cl_onwire w = { .t1 = q->time_ns, .t2 = t2, .t3 = t3, .t4 = a->time_ns };
	r->theta_ns = cl_onwire_offset(&w);
	r->bound_ns = cl_onwire_delay(&w) / 2;
	r->timed = t3 >= t2 && r->bound_ns >= 0;
}

static void take_request(struct cl_poolmon *p, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event;
	struct cl_poolmon_request *r;

	if (cl_poolmon_find(p, &q->src) == NULL)
		return;
	r = cl_arena_add(&p->requests);
	if (r == NULL) {
		p->losses.requests++;
		return;
	}
	*r = (struct cl_poolmon_request){ .server = q->dst,
					  .monitor = q->src,
					  .time_ns = q->time_ns,
					  .number = x->number,
					  .delta_ns = -1,
					  .frame = q->frame_no,
					  .file = q->file,
					  .port = q->sport };
	if (x->response.event == NULL)
		return;
	r->delta_ns = x->fortune == CL_FORTUNE_MATCHED ? x->delta_ns : 0;
	r->stratum = x->response.event->u.ntp.stratum;
	r->kiss = (x->response.event->u.ntp.flags & CL_NTP_KOD) != 0;
	r->leap = x->response.note->leap;
	r->refid = x->response.note->refid;
	read_clock(r, x);
}

static void take_error(struct cl_poolmon *p, const struct cl_event *e)
{
	const struct cl_icmp *i = &e->u.icmp;
	struct cl_poolmon_error *keep;

	if ((i->bits & CL_ICMP_RESPONSE) == 0 || (i->bits & CL_ICMP_DNS) != 0 ||
	    cl_poolmon_find(p, &i->dst) == NULL)
		return;
	keep = cl_arena_add(&p->errors);
	if (keep == NULL) {
		p->losses.errors++;
		return;
	}
	*keep = (struct cl_poolmon_error){ .server = i->src,
					   .monitor = i->dst,
					   .sender = e->src,
					   .time_ns = e->time_ns,
					   .port = i->dport,
					   .family = i->family,
					   .type = i->type,
					   .code = i->code };
}

void cl_poolmon_sort(struct cl_poolmon *p)
{
	if (!p->sorted && p->monitors > 0) {
		qsort(p->listed, p->monitors, sizeof *p->listed, by_addr);
		p->sorted = true;
	}
}

void cl_poolmon_take(struct cl_poolmon *p, const struct cl_exchange *x)
{
	cl_poolmon_sort(p);
	if (x->kind == CL_X_ICMP) {
		take_error(p, x->request.event);
	} else if (x->kind == CL_X_NTP && x->request.event != NULL) {
		take_request(p, x);
		look_at(p, x);
	}
}

const struct cl_poolmon_candidate *cl_poolmon_candidates(const struct cl_poolmon *p, size_t *n)
{
	*n = p->candidates;
	return p->candidate;
}

struct cl_poolmon_losses cl_poolmon_losses(const struct cl_poolmon *p)
{
	return p->losses;
}
