/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/watch.h"

#include <stdlib.h>
#include <string.h>

#include "stats/engine/engine_state.h"

const char *const cl_server_event_names[CL_SERVER_EVENT_KINDS] = {
	"leap",	     "stratum", "refid",    "root_distance", "unsynchronised",
	"time_step", "silence", "servfail", "refused",
};

/* Writing --------------------------------------------------------------------- */

static void write_day(struct cl_engine *e, uint32_t number, struct cl_watch_numbers *v)
{
	v->stored = 1;
	if (v->day < cl_store_first_day(e->store)) /* in the file of the month before */
		return;
	cl_periods_name(e, number);
	cl_store_server_event_day(e->store, v->day, number, &v->counters);
}

/* A day of a server that is watched has a row, also one without events. */
static void begin_day(struct cl_engine *e, struct cl_watch_numbers *v)
{
	v->day = e->day;
	v->written = v->stored = 0;
	v->counters = (struct cl_server_event_day){ .left_out = 0 };
}

void cl_watch_recall(struct cl_engine *e)
{
	for (uint32_t i = CL_SERVICE_FIRST; e->watches.count > 0 && i < e->services.count; i++)
		if (cl_service_at(&e->services, i)->watch != NULL)
			cl_service_at(&e->services, i)->watch->v.stored = 0;
}

void cl_watch_write_days(struct cl_engine *e)
{
	for (uint32_t i = CL_SERVICE_FIRST; e->watches.count > 0 && i < e->services.count; i++) {
		struct cl_watch *w = cl_service_at(&e->services, i)->watch;

		if (w != NULL && w->v.stored == 0 && w->v.day == e->day)
			write_day(e, i, &w->v);
	}
}

static void put_event(struct cl_engine *e, uint32_t number, const struct cl_server_event *x)
{
	cl_periods_name(e, number);
	cl_store_server_event(e->store, cl_day_of(x->t_ns), number, x);
}

/* Whether there is room for one more on this day. */
static bool add_event(struct cl_engine *e, uint32_t number, struct cl_watch_numbers *v,
		      const struct cl_server_event *x)
{
	if (v->written >= CL_WATCH_EVENTS_MAX) {
		v->counters.left_out++;
		write_day(e, number, v);
		return false;
	}
	v->written++;
	put_event(e, number, x);
	return true;
}

/* Silence --------------------------------------------------------------------- */

static int64_t counted(const struct cl_service *s, enum cl_counter c)
{
	return s->part.n[c] + s->step.n[c];
}

/* Requests since the last answer. More answers should have come to them than chance keeps away. */
static bool is_silence(const struct cl_service *s, const struct cl_watch_numbers *v, int64_t now_ns,
		       int64_t *requests)
{
	double asked = (double)v->asked_at;

	*requests = v->asked + counted(s, CL_C_REQUESTS) - v->asked_at;
	return now_ns - v->last_ns >= CL_WATCH_SILENCE_NS && asked > 0 &&
	       (double)*requests * ((double)(v->matched + counted(s, CL_C_MATCHED)) / asked) >=
		       CL_WATCH_SILENCE;
}

static struct cl_server_event silence_of(const struct cl_watch_numbers *v, int64_t until_ns, int64_t requests)
{
	return (struct cl_server_event){ .kind = CL_SERVER_SILENCE,
					 .t_ns = v->last_ns,
					 .until_ns = until_ns,
					 .before = CL_WATCH_NULL,
					 .after = CL_WATCH_NULL,
					 .n = requests,
					 .total = CL_WATCH_NULL };
}

__attribute__((noinline)) static void end_silence(struct cl_engine *e, uint32_t number,
						  const struct cl_service *s, struct cl_watch_numbers *v,
						  int64_t now_ns)
{
	int64_t requests;

	if (!is_silence(s, v, now_ns, &requests))
		return;
	struct cl_server_event x = silence_of(v, now_ns, requests);
	if (!add_event(e, number, v, &x))
		cl_store_server_event_forget(e->store, cl_day_of(x.t_ns), number, &x);
}

void cl_watch_write(struct cl_engine *e)
{
	for (uint32_t i = CL_SERVICE_FIRST; e->watches.count > 0 && i < e->services.count; i++) {
		const struct cl_service *s = cl_service_at(&e->services, i);
		int64_t requests;

		if (s->watch == NULL || !s->watch->v.any || s->watch->v.written >= CL_WATCH_EVENTS_MAX ||
		    !is_silence(s, &s->watch->v, e->now_ns, &requests))
			continue;
		struct cl_server_event x = silence_of(&s->watch->v, CL_WATCH_NULL, requests);
		put_event(e, i, &x);
	}
}

/* Answers of NTP -------------------------------------------------------------- */

#define REFID(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define REFID_INIT	  REFID('I', 'N', 'I', 'T')
#define REFID_STEP	  REFID('S', 'T', 'E', 'P')

/* A kiss that is meant for a client says nothing of the server. */
static bool is_kiss(const struct cl_ntp *ntp)
{
	return ntp->stratum == 0 && ntp->refid != 0 && ntp->refid != REFID_INIT && ntp->refid != REFID_STEP;
}

static bool is_unsynchronised(const struct cl_ntp *ntp)
{
	return ntp->leap == 3 || ntp->stratum == 0 || ntp->stratum > 15;
}

static struct cl_server_event run_of(const struct cl_watch_numbers *v, int64_t until_ns)
{
	return (struct cl_server_event){ .kind = CL_SERVER_UNSYNCHRONISED,
					 .t_ns = v->run_first_ns,
					 .until_ns = until_ns,
					 .before = CL_WATCH_NULL,
					 .after = v->run_refid,
					 .n = until_ns == CL_WATCH_NULL ? CL_WATCH_NULL : v->run,
					 .total = CL_WATCH_NULL };
}

static void take_unsynchronised(struct cl_engine *e, uint32_t number, struct cl_watch_numbers *v,
				const struct cl_event *ev)
{
	if (v->run == 0) {
		v->turns++;
		v->run_first_ns = ev->time_ns;
		v->run_refid = ev->u.ntp.refid;
		v->run_told = 0;
	}
	v->run++;
	v->run_last_ns = ev->time_ns;
	bool enough = v->run >= CL_WATCH_RUN ||
		      (v->run >= CL_WATCH_RUN_SHORT && v->run_last_ns - v->run_first_ns >= CL_WATCH_RUN_NS);
	if (!enough || v->run_told != 0 || v->turns > CL_WATCH_TURNS)
		return;
	struct cl_server_event x = run_of(v, CL_WATCH_NULL);
	v->run_told = add_event(e, number, v, &x) ? 1 : -1;
}

static void end_run(struct cl_engine *e, uint32_t number, struct cl_watch_numbers *v, int64_t now_ns)
{
	v->turns++;
	if (v->run_told > 0) {
		struct cl_server_event x = run_of(v, now_ns);

		put_event(e, number, &x);
	}
	v->run = v->run_told = 0;
}

/* Nanoseconds since 1970 of a timestamp between 1968 and 2104 (RFC 4330 section 3). */
static int64_t ntp_ns(uint64_t stamp)
{
	int64_t s = (int64_t)(stamp >> 32) + (stamp >> 63 == 0 ? INT64_C(1) << 32 : 0) - INT64_C(2208988800);

	return s * CL_NS_PER_S + (int64_t)(((stamp & 0xffffffff) * CL_NS_PER_S + (UINT64_C(1) << 31)) >> 32);
}

/* Farther off is no clock, and differences of less do not overflow. */
#define CLOCK_MAX_NS (INT64_MAX / 4)

/* The receive timestamp is right in interleaved mode too. */
static void take_clock(struct cl_watch_numbers *v, const struct cl_event *ev)
{
	int64_t at;

	if (ev->u.ntp.rec == 0 || __builtin_sub_overflow(ntp_ns(ev->u.ntp.rec), ev->time_ns, &at) ||
	    at > CLOCK_MAX_NS || at < -CLOCK_MAX_NS)
		return;
	int64_t moved = at - v->clock_last;
	if (v->clocks == 0 || at < v->clock_lo)
		v->clock_lo = at;
	if (v->clocks == 0 || at > v->clock_hi)
		v->clock_hi = at;
	if (v->clock_any == 0 || moved >= CL_WATCH_STEP_NS || moved <= -CL_WATCH_STEP_NS)
		v->jump_ns = ev->time_ns;
	v->clock_any = 1;
	v->clock_last = at;
	v->clocks++;
}

static uint64_t word_of(const struct cl_ntp *ntp)
{
	/* negative delays are of RFC 1305 */
	uint64_t delay = ntp->root_delay >> 31 != 0 ? 0 : ntp->root_delay;
	bool far = delay / 2 + ntp->root_dispersion > CL_WATCH_DISTANCE;

	return (uint64_t)ntp->leap << 48 | (uint64_t)far << 40 | (uint64_t)ntp->stratum << 32 | ntp->refid;
}

__attribute__((noinline)) static void take_word(struct cl_watch *w, uint64_t word, int64_t now_ns)
{
	for (uint32_t i = 0; i < w->words; i++)
		if (w->word[i].word == word) {
			w->word[i].n++;
			w->hit = i;
			return;
		}
	if (w->words == CL_WATCH_WORDS) {
		w->v.others++;
		return;
	}
	w->hit = w->words++;
	w->word[w->hit] = (struct cl_watch_word){ word, 1, now_ns };
	for (uint32_t i = 0; i < w->before; i++) /* it was there already */
		if (w->last[i].word == word)
			w->word[w->hit].first_ns = w->last[i].first_ns;
}

static inline void take_ntp(struct cl_engine *e, uint32_t number, struct cl_watch *w,
			    const struct cl_event *ev)
{
	const struct cl_ntp *ntp = &ev->u.ntp;

	if (is_kiss(ntp) || ntp->version == 0 || ntp->version > 4)
		return;
	if (is_unsynchronised(ntp)) {
		take_unsynchronised(e, number, &w->v, ev);
		return;
	}
	if (w->v.run != 0)
		end_run(e, number, &w->v, ev->time_ns);
	uint64_t word = word_of(ntp);
	if (w->words > 0 && w->word[w->hit].word == word)
		w->word[w->hit].n++;
	else
		take_word(w, word, ev->time_ns);
	take_clock(&w->v, ev);
}

/* A new server, while there is room. */
static struct cl_watch *begin(struct cl_engine *e, uint32_t number, struct cl_service *s)
{
	if (number < CL_SERVICE_FIRST || e->watches.count == CL_WATCH_MAX ||
	    (s->watch = calloc(1, sizeof *s->watch)) == NULL) {
		if (e->watches.day != e->day) {
			e->watches.day = e->day;
			memset(e->watches.unwatched, 0, sizeof e->watches.unwatched);
			memset(e->watches.stored, 0, sizeof e->watches.stored);
		}
		e->watches.unwatched[s->proto]++;
		return NULL;
	}
	e->watches.count++;
	for (unsigned i = 0; i < CL_WATCH_FIELDS; i++)
		s->watch->v.value[i] = s->watch->v.next[i] = -1;
	begin_day(e, &s->watch->v);
	return s->watch;
}

void cl_watch_take(struct cl_engine *e, uint32_t number, struct cl_service *s, const struct cl_event *ev)
{
	struct cl_watch *w = s->watch != NULL ? s->watch : begin(e, number, s);

	if (w == NULL)
		return;
	struct cl_watch_numbers *v = &w->v;
	if (v->day != e->day)
		begin_day(e, v);
	if (v->any != 0 && ev->time_ns - v->last_ns >= CL_WATCH_SILENCE_NS)
		end_silence(e, number, s, v, ev->time_ns);
	v->any = 1;
	v->last_ns = ev->time_ns;
	v->asked_at = v->asked + counted(s, CL_C_REQUESTS);
	if (ev->kind == CL_EV_NTP)
		take_ntp(e, number, w, ev);
	else if (ev->u.dns.rcode == 2 || ev->u.dns.rcode == 5)
		v->fail[ev->u.dns.rcode == 5]++;
}

/* Steps ----------------------------------------------------------------------- */

static int64_t field_of(uint64_t word, unsigned field)
{
	static const struct {
		unsigned shift, mask;
	} part[CL_WATCH_FIELDS] = { { 48, 3 }, { 32, 0xff }, { 0, UINT32_MAX }, { 40, 1 } };

	return (int64_t)(word >> part[field].shift & part[field].mask);
}

/* How many answers of the step have this value, and since when. */
static int64_t with_value(const struct cl_watch *w, unsigned field, int64_t value, int64_t *first_ns)
{
	int64_t n = 0;

	*first_ns = INT64_MAX;
	for (uint32_t i = 0; i < w->words; i++)
		if (field_of(w->word[i].word, field) == value) {
			n += w->word[i].n;
			if (w->word[i].first_ns < *first_ns)
				*first_ns = w->word[i].first_ns;
		}
	return n;
}

/* What more than half of the step's answers have; -1: nothing. */
static int64_t prevailing(const struct cl_watch *w, unsigned field, int64_t total, int64_t *first_ns)
{
	for (uint32_t i = 0; i < w->words; i++) {
		int64_t value = field_of(w->word[i].word, field);

		if (2 * with_value(w, field, value, first_ns) > total)
			return value;
	}
	return -1;
}

static void unsettled(struct cl_watch_numbers *v, unsigned field)
{
	v->counters.unsettled += v->next[field] >= 0;
	v->next[field] = -1;
}

/* A change counts when the new value prevails in a second step and the old one is nearly gone. */
static void step_field(struct cl_engine *e, uint32_t number, struct cl_watch *w, unsigned field,
		       int64_t total)
{
	struct cl_watch_numbers *v = &w->v;
	int64_t first_ns, old_ns, value = prevailing(w, field, total, &first_ns), old = v->value[field];

	if (value < 0) {
		unsettled(v, field);
		v->counters.mixed += field == CL_SERVER_REFID;
	} else if (old < 0) {
		v->value[field] = value;
	} else if (value == old) {
		unsettled(v, field);
	} else if (value != v->next[field]) {
		unsettled(v, field);
		v->next[field] = value;
		v->next_ns[field] = first_ns;
	} else if (with_value(w, field, old, &old_ns) * CL_WATCH_OLD_LEFT <= total) {
		struct cl_server_event x = { .kind = (enum cl_server_event_kind)field,
					     .t_ns = v->next_ns[field],
					     .until_ns = CL_WATCH_NULL,
					     .before = old,
					     .after = value,
					     .n = CL_WATCH_NULL,
					     .total = CL_WATCH_NULL };
		(void)add_event(e, number, v, &x);
		v->value[field] = value;
		v->next[field] = -1;
	}
}

static int64_t middle(int64_t lo, int64_t hi)
{
	return lo + (hi - lo) / 2;
}

/* A step whose answers all say the same time, more than CL_WATCH_STEP_NS from the last such step's. */
static void step_clock(struct cl_engine *e, uint32_t number, struct cl_watch_numbers *v)
{
	int64_t lo = v->clock_lo, hi = v->clock_hi, n = v->clocks;

	v->clocks = 0;
	if (n < CL_WATCH_STEP_LEAST || hi - lo >= CL_WATCH_STEP_NS)
		return;
	if (v->clock_known != 0 &&
	    (lo - v->known_hi >= CL_WATCH_STEP_NS || v->known_lo - hi >= CL_WATCH_STEP_NS)) {
		struct cl_server_event x = { .kind = CL_SERVER_TIME_STEP,
					     .t_ns = v->jump_ns,
					     .until_ns = CL_WATCH_NULL,
					     .before = middle(v->known_lo, v->known_hi),
					     .after = middle(lo, hi),
					     .n = CL_WATCH_NULL,
					     .total = CL_WATCH_NULL };
		(void)add_event(e, number, v, &x);
	}
	v->clock_known = 1;
	v->known_lo = lo;
	v->known_hi = hi;
}

static bool is_burst(const struct cl_watch_numbers *v, unsigned i, int64_t responses)
{
	double n = (double)v->fail[i], of = (double)responses;

	return v->fail[i] >= CL_WATCH_BURST && n * CL_WATCH_BURST_PART >= of &&
	       v->responses[i] >= CL_WATCH_BURST_KNOWN &&
	       n * (double)v->responses[i] >= CL_WATCH_BURST_OVER * (double)v->fails[i] * of;
}

static void step_burst(struct cl_engine *e, uint32_t number, struct cl_watch_numbers *v, unsigned i,
		       int64_t end_ns, int64_t responses)
{
	int64_t begin_ns = end_ns - e->config.step_ns, fails = v->fail[i];

	if (!is_burst(v, i, responses)) {
		v->fail[i] = 0;
		v->fails[i] += fails;
		v->responses[i] += responses;
		return;
	}
	v->fail[i] = 0;
	if (v->burst_until_ns[i] != begin_ns) { /* a new one */
		v->burst[i] = v->burst_total[i] = 0;
		v->burst_ns[i] = begin_ns;
	}
	bool first = v->burst[i] == 0;
	v->burst[i] += fails;
	v->burst_total[i] += responses;
	v->burst_until_ns[i] = end_ns;
	struct cl_server_event x = { .kind = i == 0 ? CL_SERVER_SERVFAIL : CL_SERVER_REFUSED,
				     .t_ns = v->burst_ns[i],
				     .until_ns = end_ns,
				     .before = CL_WATCH_NULL,
				     .after = CL_WATCH_NULL,
				     .n = v->burst[i],
				     .total = v->burst_total[i] };
	if (first)
		v->burst_told[i] = add_event(e, number, v, &x);
	else if (v->burst_told[i] != 0)
		put_event(e, number, &x);
}

static void step_ntp(struct cl_engine *e, uint32_t number, struct cl_watch *w)
{
	int64_t total = w->v.others;

	for (uint32_t i = 0; i < w->words; i++)
		total += w->word[i].n;
	if (total > 0)
		for (unsigned i = 0; i < CL_WATCH_FIELDS; i++)
			step_field(e, number, w, i, total);
	step_clock(e, number, &w->v);
	w->before = w->words;
	memcpy(w->last, w->word, w->words * sizeof *w->last);
	w->words = w->hit = 0;
	w->v.others = w->v.turns = 0;
}

/* No older than this step: what was there before is carried on by a step. */
static void forget_older(struct cl_watch *w, int64_t begin_ns)
{
	for (uint32_t i = 0; i < w->before; i++)
		if (w->last[i].first_ns < begin_ns)
			w->last[i].first_ns = begin_ns;
}

void cl_watch_step(struct cl_engine *e, uint32_t number, int64_t t_s)
{
	struct cl_service *s = cl_service_at(&e->services, number);
	struct cl_watch *w = s->watch;

	if (w == NULL)
		return;
	struct cl_server_event_day before = w->v.counters;

	w->v.asked += s->part.n[CL_C_REQUESTS];
	w->v.matched += s->part.n[CL_C_MATCHED];
	if (s->proto == CL_PROTO_NTP) {
		step_ntp(e, number, w);
		forget_older(w, t_s * CL_NS_PER_S - e->config.step_ns);
	} else {
		for (unsigned i = 0; i < 2; i++)
			step_burst(e, number, &w->v, i, t_s * CL_NS_PER_S, s->part.n[CL_C_RESPONSES]);
	}
	if ((w->v.stored == 0 && w->v.day == e->day) || before.mixed != w->v.counters.mixed ||
	    before.unsettled != w->v.counters.unsettled)
		write_day(e, number, &w->v);
}

void cl_watch_steps_end(struct cl_engine *e)
{
	struct cl_watches *w = &e->watches;

	for (unsigned p = 0; p < CL_PROTOS && w->on; p++) {
		uint32_t rest = p == CL_PROTO_NTP ? CL_SERVICE_REST_NTP : CL_SERVICE_REST_DNS;
		const struct cl_server_event_day d = { .unwatched = w->unwatched[p] };

		if (w->unwatched[p] == w->stored[p])
			continue;
		w->stored[p] = w->unwatched[p];
		cl_periods_name(e, rest);
		cl_store_server_event_day(e->store, w->day, rest, &d);
	}
}
