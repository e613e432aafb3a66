/* SPDX-License-Identifier: BSD-2-Clause */
/* Rounds out of requests, the missing ones, and the score that follows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/view/poolmon.h"
#include "stats/view/poolmon_state.h"

#define NS_PER_S INT64_C(1000000000)
/* An error comes within this of the answer that it is about. */
#define ERROR_NS (60 * NS_PER_S)
/* A row of the log is of a round that began up to 60 s before it; monitors' clocks may be 2 s behind. */
#define ROW_BEFORE_NS (2 * NS_PER_S)
#define ROW_BEHIND_NS (60 * NS_PER_S)
#define ROUNDS_MIN    4u
#define USUAL_MAX     16u

#define REFID(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* Requests into rounds -------------------------------------------------------------------- */

static int compare_pair(const struct cl_addr *s, const struct cl_addr *m, const struct cl_addr *t,
			const struct cl_addr *n)
{
	int c = cl_addr_cmp(s, t);

	return c != 0 ? c : cl_addr_cmp(m, n);
}

static int by_request(const void *a, const void *b)
{
	const struct cl_poolmon_request *x = a, *y = b;
	int c = compare_pair(&x->server, &x->monitor, &y->server, &y->monitor);

	if (c == 0)
		c = (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
	return c != 0 ? c : (x->number > y->number) - (x->number < y->number);
}

static int by_error(const void *a, const void *b)
{
	const struct cl_poolmon_error *x = a, *y = b;
	int c = compare_pair(&x->server, &x->monitor, &y->server, &y->monitor);

	return c != 0 ? c : (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

static int by_round(const void *a, const void *b)
{
	const struct cl_poolmon_round *x = a, *y = b;
	int c = compare_pair(&x->server, &x->monitor, &y->server, &y->monitor);

	return c != 0 ? c : (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

static struct cl_poolmon_round *add_round(struct cl_poolmon *p, const struct cl_addr *server,
					  const struct cl_addr *monitor, int64_t time_ns)
{
	void *rounds = p->round;
	bool ok = cl_poolmon_grow(&rounds, p->rounds, &p->round_room, sizeof *p->round);

	p->round = rounds;
	if (!ok)
		return NULL;
	p->round[p->rounds] = (struct cl_poolmon_round){
		.server = *server,
		.monitor = *monitor,
		.time_ns = time_ns,
		.last_ns = time_ns,
		.delta_ns = -1,
	};
	return &p->round[p->rounds++];
}

static enum cl_pool_reply reply_of_kiss(uint32_t code)
{
	switch (code) {
	case REFID('R', 'A', 'T', 'E'):
		return CL_POOL_RATE;
	case REFID('R', 'S', 'T', 'R'):
	case REFID('D', 'E', 'N', 'Y'):
		return CL_POOL_DENIED;
	case 0:
		return CL_POOL_NO_CODE;
	default:
		return CL_POOL_ERROR;
	}
}

static bool better_clock(const struct cl_poolmon_request *q, const struct cl_poolmon_round *r)
{
	return q->timed && (!r->timed || q->bound_ns < r->bound_ns);
}

/* A kiss code ends a monitor's round and decides it; else an answer that is fit does. */
static void add_answer(struct cl_poolmon_round *r, const struct cl_poolmon_request *q)
{
	if (q->delta_ns > CL_POOL_TIMEOUT_NS) {
		r->late++;
		return;
	}
	r->answered++;
	if (r->delta_ns < 0 || q->delta_ns < r->delta_ns)
		r->delta_ns = q->delta_ns;
	if (q->kiss) {
		r->reply = (uint8_t)reply_of_kiss(q->refid);
		r->kiss = q->refid;
		r->stratum = 0;
		return;
	}
	if (better_clock(q, r)) {
		r->timed = true;
		r->theta_ns = q->theta_ns;
		r->bound_ns = q->bound_ns;
	}
	bool fit = q->leap != 3 && q->stratum != 0;
	if (r->reply == CL_POOL_NO_RESPONSE || (r->reply == CL_POOL_ERROR && r->kiss == 0 && fit)) {
		r->reply = fit ? CL_POOL_TIME : CL_POOL_ERROR;
		r->stratum = q->stratum;
	}
}

static bool make_rounds(struct cl_poolmon *p)
{
	struct cl_poolmon_round *r = NULL;

	if (p->requests.count > 0)
		qsort(p->requests.base, p->requests.count, p->requests.record, by_request);
	for (size_t i = 0; i < p->requests.count; i++) {
		const struct cl_poolmon_request *q = cl_arena_at(&p->requests, i);

		if (r == NULL || compare_pair(&r->server, &r->monitor, &q->server, &q->monitor) != 0 ||
		    q->time_ns - r->last_ns > CL_POOL_ROUND_NS) {
			r = add_round(p, &q->server, &q->monitor, q->time_ns);
			if (r == NULL)
				return false;
			r->frame = q->frame;
			r->file = q->file;
		}
		r->requests++;
		r->last_ns = q->time_ns;
		if (q->delta_ns >= 0)
			add_answer(r, q);
	}
	return true;
}

/* ICMP errors are of the round whose last request came before them. */
static void join_errors(struct cl_poolmon *p)
{
	if (p->errors.count > 0)
		qsort(p->errors.base, p->errors.count, p->errors.record, by_error);
	for (size_t i = 0, k = 0; i < p->errors.count; i++) {
		const struct cl_poolmon_error *e = cl_arena_at(&p->errors, i);
		struct cl_poolmon_round *r;
		int c = 0;

		while (k + 1 < p->rounds &&
		       ((c = compare_pair(&p->round[k + 1].server, &p->round[k + 1].monitor, &e->server,
					  &e->monitor)) < 0 ||
			(c == 0 && p->round[k + 1].time_ns <= e->time_ns)))
			k++;
		if (k >= p->rounds)
			return;
		r = &p->round[k];
		if (compare_pair(&r->server, &r->monitor, &e->server, &e->monitor) != 0 ||
		    e->time_ns < r->time_ns || e->time_ns - r->last_ns > ERROR_NS)
			continue;
		if (r->icmp++ == 0) {
			r->icmp_family = e->family;
			r->icmp_type = e->type;
			r->icmp_code = e->code;
			r->icmp_sender = e->sender;
		}
	}
}

/* The log -------------------------------------------------------------------------------- */

static int by_row(const void *a, const void *b)
{
	const struct cl_poolmon_row *x = a, *y = b;

	if (x->monitor != y->monitor)
		return x->monitor < y->monitor ? -1 : 1;
	return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

/* Rows of the pair's monitor: [from, to). */
static void rows_of(const struct cl_poolmon *p, const struct cl_addr *monitor, size_t *from, size_t *to)
{
	const struct cl_poolmon_listed *m = cl_poolmon_find(p, monitor);

	*from = *to = 0;
	if (m == NULL || m->named == UINT32_MAX)
		return;
	while (*from < p->rows && p->row[*from].monitor < m->named)
		++*from;
	for (*to = *from; *to < p->rows && p->row[*to].monitor == m->named;)
		++*to;
}

/* Gives each row to the latest round that it can be of; a row of none is a round that was not seen. */
static bool join_rows(struct cl_poolmon *p, size_t first, size_t n, int64_t first_ns, int64_t last_ns)
{
	const struct cl_addr server = p->round[first].server, monitor = p->round[first].monitor;
	size_t from, to, k = first;

	rows_of(p, &monitor, &from, &to);
	for (size_t i = from; i < to; i++) {
		const struct cl_poolmon_row *row = &p->row[i];

		if (row->time_ns < first_ns || row->time_ns > last_ns + ROW_BEHIND_NS)
			continue;
		p->row_counts.within++;
		while (k + 1 < first + n && p->round[k + 1].time_ns <= row->time_ns + ROW_BEFORE_NS)
			k++;
		int64_t behind = row->time_ns - p->round[k].time_ns;
		if (p->round[k].row == NULL && behind >= -ROW_BEFORE_NS && behind <= ROW_BEHIND_NS) {
			p->round[k].row = row;
			p->row_counts.seen++;
			continue;
		}
		struct cl_poolmon_round *r = add_round(p, &server, &monitor, row->time_ns);
		if (r == NULL)
			return false;
		r->row = row;
	}
	return true;
}

/* Rounds that are missing ------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Whether a gap is a whole number of periods, a quarter of one more or less: lost rounds make it several. */
static bool fits(int64_t gap_ns, int64_t period_ns)
{
	int64_t times = (gap_ns + period_ns / 2) / period_ns;

	return times > 0 && 4 * llabs(gap_ns - times * period_ns) <= period_ns;
}

/* Median and tenths of the gaps between the pair's rounds. False: memory is short. */
static bool find_period(const struct cl_poolmon *p, size_t first, size_t n, struct cl_poolmon_pair *pair)
{
	int64_t *gap = n > 1 ? malloc((n - 1) * sizeof *gap) : NULL;

	if (n < ROUNDS_MIN) {
		free(gap);
		return true;
	}
	if (gap == NULL)
		return false;
	for (size_t i = 1; i < n; i++)
		gap[i - 1] = p->round[first + i].time_ns - p->round[first + i - 1].time_ns;
	qsort(gap, n - 1, sizeof *gap, by_value);
	pair->period_ns = gap[(n - 2) / 2];
	pair->early_ns = gap[(n - 1 + 9) / 10 - 1];
	pair->late_ns = gap[(9 * (n - 1) + 9) / 10 - 1];
	size_t fit = 0;
	for (size_t i = 0; i < n - 1; i++)
		fit += fits(gap[i], pair->period_ns);
	free(gap);
	pair->regular = 4 * fit >= 3 * (n - 1);
	return true;
}

/* Puts rounds into the gaps that are one and a half periods or longer, where the log does not tell. */
static bool infer(struct cl_poolmon *p, size_t first, size_t n, const struct cl_poolmon_pair *pair)
{
	const struct cl_addr server = pair->server, monitor = pair->monitor;
	size_t from = 0, to = 0;

	/* of the scored server alone: the capture may hold any number of others */
	if (p->has_scored && cl_addr_cmp(&p->scored, &server) == 0)
		rows_of(p, &monitor, &from, &to);
	bool logged = to > from;
	for (size_t i = 1; pair->regular && i < n; i++) {
		int64_t begin = p->round[first + i - 1].time_ns, gap = p->round[first + i].time_ns - begin,
			missing = (gap + pair->period_ns / 2) / pair->period_ns - 1;

		if (logged && begin + gap >= p->row[from].time_ns && begin <= p->row[to - 1].time_ns)
			continue;
		for (int64_t k = 1; k <= missing; k++) {
			if (p->rounds >= p->requests.count + p->rows + CL_POOL_INFERRED_MAX) {
				p->losses.inferred += (uint64_t)(missing - k + 1);
				break;
			}
			if (add_round(p, &server, &monitor, begin + gap / (missing + 1) * k) == NULL)
				return false;
		}
	}
	return true;
}

/* What it came to --------------------------------------------------------------------------- */

static enum cl_poolmon_verdict verdict_of(const struct cl_poolmon_round *r)
{
	if (r->requests == 0)
		return CL_POOL_NOT_SEEN;
	if (r->row != NULL && r->row->failed && r->answered > 0 && r->reply == CL_POOL_TIME)
		return CL_POOL_LOST_ON_RETURN;
	switch (r->reply) {
	case CL_POOL_NO_RESPONSE:
		return r->late > 0 ? CL_POOL_LATE : CL_POOL_NOT_ANSWERED;
	case CL_POOL_TIME:
		if (r->step.step < 1)
			return r->stratum >= 8 && fabs((double)r->theta_ns) <= 3e9 ? CL_POOL_STRATUM
										   : CL_POOL_OFFSET;
		return r->missing > 0 || r->answered < r->requests ? CL_POOL_PARTLY : CL_POOL_GOOD;
	case CL_POOL_ERROR:
		return CL_POOL_UNFIT;
	default:
		return CL_POOL_KISS;
	}
}

/* How many requests most rounds have, of equals the greater. */
static unsigned usual_of(const struct cl_poolmon_pair *pair)
{
	size_t count[USUAL_MAX + 1] = { 0 };
	unsigned usual = 0;

	for (size_t i = 0; i < pair->rounds; i++)
		if (pair->round[i].requests <= USUAL_MAX)
			count[pair->round[i].requests]++;
	for (unsigned i = 1; i <= USUAL_MAX; i++)
		if (count[i] > 0 && (usual == 0 || count[i] >= count[usual]))
			usual = i;
	return usual;
}

static void finish_round(struct cl_poolmon_round *r, struct cl_poolmon_pair *pair)
{
	if (r->requests > 0 && r->requests < pair->usual && r->reply != CL_POOL_RATE &&
	    r->reply != CL_POOL_DENIED && r->reply != CL_POOL_NO_CODE && r->reply != CL_POOL_ERROR &&
	    r->stratum < 16)
		r->missing = pair->usual - r->requests;
	r->step = cl_pool_step((enum cl_pool_reply)r->reply, r->timed ? (double)r->theta_ns / 1e9 : 0,
			       r->stratum);
	r->verdict = (uint8_t)verdict_of(r);
	pair->verdict[r->verdict]++;
	pair->seen += r->requests > 0;
	pair->requests += r->requests;
	pair->answered += r->answered;
	pair->late += r->late;
	pair->missing += r->missing;
	pair->icmp += r->icmp;
}

/* The score is known from the first row of the log on; before it lies between all that is possible. */
static void replay(struct cl_poolmon_round *round, size_t n)
{
	double low = CL_POOL_SCORE_MIN, high = CL_POOL_SCORE_MAX;
	bool known = false;

	for (size_t i = 0; i < n; i++) {
		low = cl_pool_score(low, &round[i].step);
		high = cl_pool_score(high, &round[i].step);
		if (!known && round[i].row != NULL) {
			known = true;
			low = high = round[i].row->score;
		}
		round[i].score_min = low;
		round[i].score_max = high;
	}
}

static void finish_pair(struct cl_poolmon *p, struct cl_poolmon_pair *pair, size_t first, int64_t last_ns)
{
	struct cl_poolmon_round *round = &p->round[first];
	const struct cl_poolmon_listed *m = cl_poolmon_find(p, &pair->monitor);

	pair->name = m != NULL && m->named != UINT32_MAX ? p->name[m->named] : NULL;
	pair->round = round;
	pair->usual = usual_of(pair);
	for (size_t i = 0; i < pair->rounds; i++)
		finish_round(&round[i], pair);
	replay(round, pair->rounds);
	int64_t silent = last_ns - round[pair->rounds - 1].last_ns;
	pair->silent_ns = silent > 0 ? silent : 0;
}

static struct cl_poolmon_pair *add_pair(struct cl_poolmon *p, const struct cl_poolmon_round *r)
{
	void *pairs = p->pair;
	bool ok = cl_poolmon_grow(&pairs, p->pairs, &p->pair_room, sizeof *p->pair);

	p->pair = pairs;
	if (!ok)
		return NULL;
	p->pair[p->pairs] = (struct cl_poolmon_pair){ .server = r->server, .monitor = r->monitor };
	return &p->pair[p->pairs++];
}

/* Pairs of the rounds that were seen, with the rounds that were not behind all of them. */
static bool make_pairs(struct cl_poolmon *p, int64_t first_ns, int64_t last_ns)
{
	const size_t seen = p->rounds;

	for (size_t i = 0, n; i < seen; i += n) {
		struct cl_poolmon_pair *pair = add_pair(p, &p->round[i]);

		if (pair == NULL)
			return false;
		for (n = 1; i + n < seen && compare_pair(&p->round[i + n].server, &p->round[i + n].monitor,
							 &pair->server, &pair->monitor) == 0;)
			n++;
		if (p->has_scored && cl_addr_cmp(&p->scored, &pair->server) == 0 &&
		    !join_rows(p, i, n, first_ns, last_ns))
			return false;
		if (!find_period(p, i, n, pair) || !infer(p, i, n, pair))
			return false;
	}
	return true;
}

/* Whether any address of a name has rounds of the server. */
static bool was_seen(const struct cl_poolmon *p, uint32_t named)
{
	for (size_t i = 0; i < p->pairs; i++) {
		if (cl_addr_cmp(&p->pair[i].server, &p->scored) != 0)
			continue;
		const struct cl_poolmon_listed *m = cl_poolmon_find(p, &p->pair[i].monitor);
		if (m != NULL && m->named == named)
			return true;
	}
	return false;
}

/* Monitors that the log has rows of, and the capture no request to the server. */
static bool make_unseen_pairs(struct cl_poolmon *p, int64_t first_ns, int64_t last_ns)
{
	for (size_t k = 0; p->has_scored && k < p->monitors; k++) {
		const struct cl_poolmon_listed *m = cl_poolmon_find(p, &p->listed[k].addr);
		struct cl_poolmon_round *r = NULL;
		size_t from, to;

		if (k > 0 && cl_addr_cmp(&m->addr, &p->listed[k - 1].addr) == 0)
			continue; /* listed twice, of which one is found */
		rows_of(p, &m->addr, &from, &to);
		if (from == to || cl_addr_is_v4(&m->addr) != cl_addr_is_v4(&p->scored) ||
		    was_seen(p, m->named))
			continue;
		for (size_t i = from; i < to; i++) {
			if (p->row[i].time_ns < first_ns || p->row[i].time_ns > last_ns)
				continue;
			r = add_round(p, &p->scored, &m->addr, p->row[i].time_ns);
			if (r == NULL)
				return false;
			r->row = &p->row[i];
			p->row_counts.within++;
		}
		if (r != NULL && add_pair(p, r) == NULL)
			return false;
	}
	return true;
}

static int by_pair(const void *a, const void *b)
{
	const struct cl_poolmon_pair *x = a, *y = b;

	return compare_pair(&x->server, &x->monitor, &y->server, &y->monitor);
}

static void choose_scored(struct cl_poolmon *p, const struct cl_addr *scored)
{
	p->has_scored = p->rows > 0;
	if (scored != NULL) {
		p->scored = *scored;
		return;
	}
	for (size_t i = 0; i < p->rounds; i++)
		if (i > 0 && cl_addr_cmp(&p->round[i].server, &p->scored) != 0)
			p->has_scored = false;
		else
			p->scored = p->round[i].server;
	p->has_scored = p->has_scored && p->rounds > 0;
}

static int by_candidate(const void *a, const void *b)
{
	const struct cl_poolmon_candidate *x = a, *y = b;
	int c = cl_addr_cmp(&x->server, &y->server);

	if (c == 0)
		c = (x->rounds < y->rounds) - (x->rounds > y->rounds);
	return c != 0 ? c : cl_addr_cmp(&x->source, &y->source);
}

static bool find_candidates(struct cl_poolmon *p)
{
	size_t room = 0;

	for (size_t i = 0; i < p->sources.count; i++) {
		const struct cl_poolmon_source *s = cl_arena_at(&p->sources, i);
		void *list = p->candidate;

		if (!s->alike || s->shown.full < 2 || 2 * s->shown.full < s->shown.rounds)
			continue;
		bool ok = cl_poolmon_grow(&list, p->candidates, &room, sizeof *p->candidate);
		p->candidate = list;
		if (!ok)
			return false;
		p->candidate[p->candidates++] = s->shown;
	}
	if (p->candidates > 0)
		qsort(p->candidate, p->candidates, sizeof *p->candidate, by_candidate);
	return true;
}

bool cl_poolmon_count(struct cl_poolmon *p, int64_t first_ns, int64_t last_ns, const struct cl_addr *scored)
{
	size_t at = 0;

	cl_poolmon_sort(p);
	if (p->rows > 0)
		qsort(p->row, p->rows, sizeof *p->row, by_row);
	p->row_counts.rows = p->rows;
	if (!make_rounds(p) || !find_candidates(p))
		return false;
	join_errors(p);
	choose_scored(p, scored);
	if (!make_pairs(p, first_ns, last_ns) || !make_unseen_pairs(p, first_ns, last_ns))
		return false;
	if (p->pairs > 0)
		qsort(p->pair, p->pairs, sizeof *p->pair, by_pair);
	if (p->rounds > 0)
		qsort(p->round, p->rounds, sizeof *p->round, by_round);
	for (size_t i = 0; i < p->pairs; i++) {
		struct cl_poolmon_pair *pair = &p->pair[i];
		size_t first = at;

		while (at < p->rounds && compare_pair(&p->round[at].server, &p->round[at].monitor,
						      &pair->server, &pair->monitor) == 0)
			at++;
		pair->rounds = at - first;
		finish_pair(p, pair, first, last_ns);
	}
	return true;
}

const struct cl_poolmon_pair *cl_poolmon_pairs(const struct cl_poolmon *p, size_t *n)
{
	*n = p->pairs;
	return p->pair;
}

const struct cl_addr *cl_poolmon_scored(const struct cl_poolmon *p)
{
	return p->has_scored ? &p->scored : NULL;
}

struct cl_poolmon_rows cl_poolmon_rows(const struct cl_poolmon *p)
{
	return p->row_counts;
}

const struct cl_poolmon_row *cl_poolmon_logged_overall(const struct cl_poolmon *p, size_t *n)
{
	size_t from = p->rows;

	while (from > 0 && p->row[from - 1].monitor == UINT32_MAX)
		from--;
	*n = p->rows - from;
	return *n > 0 ? &p->row[from] : NULL;
}
