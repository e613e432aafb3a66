/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/atlas.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

#define NS_PER_S 1000000000
/* What a timestamp may differ by: a probe prints a double of seconds since 1900. 1 us of 2^-32 s. */
#define NEAR UINT64_C(4295)
/* About a result's time, its requests are looked for: before it, and behind it for each attempt. */
#define BEFORE_NS  (2LL * NS_PER_S)
#define ATTEMPT_NS (5LL * NS_PER_S)

/* A request to a server that results speak of, from a probe or with a timestamp of one. */
struct request {
	struct cl_addr client, server;
	uint64_t xmt, frame;
	int64_t time_ns, delta_ns; /* delta_ns: -1: not answered */
	bool taken;		   /* by an attempt */
};

/* A client, for candidates. */
struct source {
	struct cl_addr addr;
	bool alike; /* all its requests so far */
};

struct cl_atlas {
	struct cl_atlas_attempt *attempt;
	size_t attempts, room;
	size_t *by_origin; /* attempts that were answered, by server and origin; made with the first exchange
			    */
	size_t answered;
	struct cl_addr *from;	/* probes' addresses, rising, some more than once */
	struct cl_addr *server; /* servers asked, the same */
	bool *server_seen;	/* whether the capture has a request to it */
	bool ready, failed;
	struct cl_arena requests, sources;
	bool has_requests, has_sources;
	struct cl_index by_addr;
	uint64_t seed, refused;
	size_t candidates;
};

struct cl_atlas *cl_atlas_new(uint64_t seed)
{
	struct cl_atlas *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->seed = seed;
	a->has_requests = cl_arena_init(&a->requests, sizeof(struct request), CL_ATLAS_REQUESTS_MAX);
	a->has_sources = cl_arena_init(&a->sources, sizeof(struct source), CL_ATLAS_SOURCES_MAX);
	if (!a->has_requests || !a->has_sources || !cl_index_init(&a->by_addr)) {
		cl_atlas_free(a);
		return NULL;
	}
	return a;
}

void cl_atlas_free(struct cl_atlas *a)
{
	if (a == NULL)
		return;
	if (a->has_requests)
		cl_arena_free(&a->requests);
	if (a->has_sources)
		cl_arena_free(&a->sources);
	cl_index_free(&a->by_addr);
	free(a->attempt);
	free(a->by_origin);
	free(a->from);
	free(a->server);
	free(a->server_seen);
	free(a);
}

bool cl_atlas_attempt(struct cl_atlas *a, const struct cl_atlas_attempt *one)
{
	if (a->attempts == a->room) {
		size_t room = a->room == 0 ? 1024 : 2 * a->room;
		struct cl_atlas_attempt *more = realloc(a->attempt, room * sizeof *more);

		if (more == NULL)
			return false;
		a->attempt = more;
		a->room = room;
	}
	a->attempt[a->attempts] = *one;
	a->attempt[a->attempts].delta_ns = -1;
	a->attempt[a->attempts++].leg = CL_LEG_OUTSIDE;
	return true;
}

/* What is looked up -------------------------------------------------------------- */

static int compare_addr(const void *a, const void *b)
{
	return cl_addr_cmp(a, b);
}

static int compare_origin(const void *x, const void *y, void *ctx)
{
	const struct cl_atlas *a = ctx;
	const struct cl_atlas_attempt *p = &a->attempt[*(const size_t *)x],
				      *q = &a->attempt[*(const size_t *)y];
	int c = cl_addr_cmp(&p->server, &q->server);

	if (c != 0)
		return c;
	return (p->origin > q->origin) - (p->origin < q->origin);
}

static bool prepare(struct cl_atlas *a)
{
	size_t n = a->attempts + 1;

	a->ready = true;
	a->by_origin = malloc(n * sizeof *a->by_origin);
	a->from = malloc(n * sizeof *a->from);
	a->server = malloc(n * sizeof *a->server);
	a->server_seen = calloc(n, sizeof *a->server_seen);
	a->failed = a->by_origin == NULL || a->from == NULL || a->server == NULL || a->server_seen == NULL;
	if (a->failed)
		return false;
	for (size_t i = 0; i < a->attempts; i++) {
		a->from[i] = a->attempt[i].from;
		a->server[i] = a->attempt[i].server;
		if (a->attempt[i].origin != 0)
			a->by_origin[a->answered++] = i;
	}
	qsort(a->from, a->attempts, sizeof *a->from, compare_addr);
	qsort(a->server, a->attempts, sizeof *a->server, compare_addr);
	qsort_r(a->by_origin, a->answered, sizeof *a->by_origin, compare_origin, a);
	return true;
}

/* The same place for the same address each time; `n` where it is not among them. */
static size_t place_of(const struct cl_addr *sorted, size_t n, const struct cl_addr *one)
{
	const struct cl_addr *at = n > 0 ? bsearch(one, sorted, n, sizeof *sorted, compare_addr) : NULL;

	return at != NULL ? (size_t)(at - sorted) : n;
}

/* The first of the answered attempts whose timestamp is not below `xmt` by more than NEAR. */
static size_t first_near(const struct cl_atlas *a, const struct cl_addr *server, uint64_t xmt)
{
	uint64_t least = xmt > NEAR ? xmt - NEAR : 0;
	size_t lo = 0, hi = a->answered;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct cl_atlas_attempt *m = &a->attempt[a->by_origin[mid]];
		int c = cl_addr_cmp(&m->server, server);

		if (c < 0 || (c == 0 && m->origin < least))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The attempt with this timestamp that no request was found for; NULL if there is none. */
static struct cl_atlas_attempt *with_origin(struct cl_atlas *a, const struct cl_addr *server, uint64_t xmt)
{
	struct cl_atlas_attempt *best = NULL;
	uint64_t distance = NEAR + 1;

	for (size_t i = first_near(a, server, xmt); i < a->answered; i++) {
		struct cl_atlas_attempt *one = &a->attempt[a->by_origin[i]];
		uint64_t d = one->origin > xmt ? one->origin - xmt : xmt - one->origin;

		if (cl_addr_cmp(&one->server, server) != 0 || one->origin > xmt + NEAR)
			break;
		if (!one->seen && d < distance) {
			best = one;
			distance = d;
		}
	}
	return best;
}

/* Candidates --------------------------------------------------------------------- */

/* Whether a fraction of a second is a whole number of microseconds, as 32 bits have it. */
static bool is_microseconds(uint32_t fraction)
{
	uint64_t us = ((uint64_t)fraction * 1000000 + (UINT64_C(1) << 31)) >> 32;
	int64_t exact = (int64_t)((us << 32) / 1000000);

	return llabs((int64_t)fraction - exact) <= 1;
}

static bool looks_alike(const struct cl_message *m)
{
	const struct cl_ntp *ntp = &m->event->u.ntp;
	const struct cl_note *n = m->note;

	return ntp->version == 4 && ntp->mode == 3 && ntp->stratum == 0 && ntp->poll == 0 && ntp->org == 0 &&
	       ntp->rec == 0 && ntp->xmt != 0 && n->leap == 0 && n->precision == 0 && n->root_delay == 0 &&
	       n->root_dispersion == 0 && n->refid == 0 && n->ref == 0 && n->length == 48 &&
	       is_microseconds((uint32_t)ntp->xmt);
}

static bool same_source(const void *records, uint32_t number, const void *key)
{
	const struct source *s = records;

	return cl_addr_cmp(&s[number].addr, key) == 0;
}

static void note_source(struct cl_atlas *a, const struct cl_message *m)
{
	const struct cl_addr *client = &m->event->src;
	uint64_t hash = cl_addr_hash(client, a->seed);
	uint32_t at = cl_index_find(&a->by_addr, hash, same_source, a->sources.base, client);
	struct source *s = at != CL_INDEX_NONE ? cl_arena_at(&a->sources, at) : cl_arena_add(&a->sources);

	if (s == NULL) {
		a->refused++;
		return;
	}
	if (at == CL_INDEX_NONE) {
		s->addr = *client;
		s->alike = true;
		a->candidates++;
		if (!cl_index_add(&a->by_addr, hash, (uint32_t)(a->sources.count - 1)))
			a->refused++;
	}
	if (s->alike && !looks_alike(m)) {
		s->alike = false;
		a->candidates--;
	}
}

/* Joining ------------------------------------------------------------------------ */

static void found(struct cl_atlas_attempt *one, const struct request *r)
{
	one->seen = true;
	one->seen_ns = r->time_ns;
	one->delta_ns = r->delta_ns;
	one->frame = r->frame;
}

void cl_atlas_take(struct cl_atlas *a, const struct cl_exchange *x)
{
	if (x->request.event == NULL || (!a->ready && !prepare(a)) || a->failed)
		return;
	const struct cl_event *q = x->request.event;
	bool answered = x->fortune == CL_FORTUNE_MATCHED || x->fortune == CL_FORTUNE_BACKWARDS;
	struct request r = { .client = q->src,
			     .server = q->dst,
			     .xmt = q->u.ntp.xmt,
			     .frame = q->frame_no,
			     .time_ns = q->time_ns,
			     .delta_ns = answered ? x->delta_ns : -1 };

	note_source(a, &x->request);
	size_t server = place_of(a->server, a->attempts, &r.server);
	a->server_seen[server] = true;
	struct cl_atlas_attempt *one = with_origin(a, &r.server, r.xmt);
	if (one != NULL) {
		found(one, &r);
		return;
	}
	if (server == a->attempts || place_of(a->from, a->attempts, &r.client) == a->attempts)
		return;
	struct request *keep = cl_arena_add(&a->requests);
	if (keep != NULL)
		*keep = r;
	else
		a->refused++;
}

static int compare_request(const void *x, const void *y)
{
	const struct request *p = x, *q = y;
	int c = cl_addr_cmp(&p->client, &q->client);

	if (c == 0)
		c = cl_addr_cmp(&p->server, &q->server);
	return c != 0 ? c : (p->time_ns > q->time_ns) - (p->time_ns < q->time_ns);
}

/* The first request of the probe to the server at or behind a time. */
static size_t first_request(const struct cl_atlas *a, const struct cl_atlas_attempt *one, int64_t time_ns)
{
	struct request key = { .client = one->from, .server = one->server, .time_ns = time_ns };
	size_t lo = 0, hi = a->requests.count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare_request(cl_arena_at(&a->requests, mid), &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Looks for the request of an attempt that timed out, the first that none before it took. */
static void look_about(struct cl_atlas *a, struct cl_atlas_attempt *one, size_t attempts)
{
	int64_t until = one->time_ns + (int64_t)attempts * ATTEMPT_NS;

	for (size_t i = first_request(a, one, one->time_ns - BEFORE_NS); i < a->requests.count; i++) {
		struct request *r = cl_arena_at(&a->requests, i);

		if (r->time_ns > until || cl_addr_cmp(&r->client, &one->from) != 0 ||
		    cl_addr_cmp(&r->server, &one->server) != 0)
			return;
		if (r->taken)
			continue;
		r->taken = true;
		found(one, r);
		return;
	}
}

static enum cl_atlas_leg leg_of(const struct cl_atlas_attempt *one)
{
	if (!one->seen)
		return one->origin != 0 ? CL_LEG_UNSEEN_ANSWER : CL_LEG_NOT_SEEN;
	if (one->origin != 0)
		return CL_LEG_RECEIVED;
	return one->delta_ns >= 0 ? CL_LEG_LOST_ON_RETURN : CL_LEG_NOT_ANSWERED;
}

/* Attempts of the same result from `i` on. */
static size_t attempts_of(const struct cl_atlas *a, size_t i)
{
	size_t n = 1;

	while (i + n < a->attempts && a->attempt[i + n].result == a->attempt[i].result)
		n++;
	return n;
}

const struct cl_atlas_attempt *cl_atlas_join(struct cl_atlas *a, int64_t first_ns, int64_t last_ns, size_t *n)
{
	size_t in_result = 0;

	*n = a->attempts;
	if (a->requests.count > 0)
		qsort(a->requests.base, a->requests.count, a->requests.record, compare_request);
	for (size_t i = 0; i < a->attempts; i++) {
		struct cl_atlas_attempt *one = &a->attempt[i];

		if (i == 0 || one->result != one[-1].result)
			in_result = attempts_of(a, i);
		bool within = one->time_ns >= first_ns - BEFORE_NS && one->time_ns <= last_ns && a->ready &&
			      !a->failed && a->server_seen[place_of(a->server, a->attempts, &one->server)];
		if (one->origin == 0 && within)
			look_about(a, one, in_result);
		one->leg = one->seen || within ? leg_of(one) : CL_LEG_OUTSIDE;
	}
	return a->attempt;
}

size_t cl_atlas_candidates(const struct cl_atlas *a)
{
	return a->candidates;
}

uint64_t cl_atlas_refused(const struct cl_atlas *a)
{
	return a->refused;
}

bool cl_atlas_timestamp(const char *text, uint64_t *out)
{
	uint64_t seconds = 0, ns = 0, unit = NS_PER_S;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++) {
		seconds = seconds * 10 + (uint64_t)(*p - '0');
		if (seconds > UINT32_MAX)
			return false;
	}
	if (p == text)
		return false;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++) {
			if (unit > 1) {
				unit /= 10;
				ns += unit * (uint64_t)(*p - '0');
			} else if (unit == 1) {
				ns += *p >= '5';
				unit = 0;
			}
		}
	*out = (seconds << 32) + ((ns << 32) + NS_PER_S / 2) / NS_PER_S;
	return *p == '\0';
}
